//! Misbehaviour on request.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::{Org, claims, header, interact_fields, token_fields};

async fn set(org: &Org, at: &str, fault: &str) {
    org.control("faults", json!([{ "at": at, "fault": fault, "times": 1 }])).await;
}

#[tokio::test]
async fn the_connection_is_closed_before_or_midway() {
    let org = Org::start().await;
    for fault in ["down", "cut"] {
        set(&org, "discovery", fault).await;
        let path = "/oauth2/default/.well-known/openid-configuration";
        assert!(org.send("GET", path, &[], String::new()).await.is_err(), "{fault}");
        assert_eq!(org.get(path).await.status, 200);
    }
}

#[tokio::test]
async fn a_reply_comes_late() {
    let org = Org::start().await;
    org.control("faults", json!([{ "at": "keys", "fault": "slow", "ms": 300 }])).await;
    let began = Instant::now();
    assert_eq!(org.get("/oauth2/default/v1/keys").await.status, 200);
    assert!(began.elapsed() >= Duration::from_millis(300));
}

#[tokio::test]
async fn a_reply_is_not_what_was_expected() {
    let org = Org::start().await;
    org.control("faults", json!([{ "at": "any", "fault": "status", "code": 503, "times": 1 }])).await;
    assert_eq!(org.form("/v1/interact", &interact_fields()).await.status, 503);
    set(&org, "interact", "not_json").await;
    let page = org.form("/v1/interact", &interact_fields()).await;
    assert_eq!((page.status, page.json), (200, Value::Null));
    set(&org, "interact", "huge").await;
    assert!(org.form("/v1/interact", &interact_fields()).await.text.len() > 10 * 1024 * 1024);
    set(&org, "interact", "rate_limited").await;
    let limited = org.form("/v1/interact", &interact_fields()).await;
    assert_eq!((limited.status, limited.headers["retry-after"].as_str()), (429, "30"));
    assert_eq!(limited.json["errorCode"], "E0000047");
    assert_eq!(org.form("/v1/interact", &interact_fields()).await.status, 200);
}

#[tokio::test]
async fn idx_has_faults_of_its_own() {
    let org = Org::start().await;
    let mut sign_in = org.begin().await;
    set(&org, "introspect", "unknown_version").await;
    sign_in.look().await;
    assert_eq!(sign_in.page["version"], "9.9.9");
    sign_in.look().await;
    assert_eq!(sign_in.page["version"], "1.0.0");
    set(&org, "identify", "expired").await;
    sign_in.identify("password@example.com", "Sandbox-1234").await;
    assert_eq!((sign_in.status, sign_in.messages()), (401, vec!["idx.session.expired".to_owned()]));
    sign_in.look().await;
    set(&org, "identify", "unknown_remediation").await;
    sign_in.identify("totp@example.com", "Sandbox-1234").await;
    assert_eq!(sign_in.steps(), ["perform-a-rite"]);
    sign_in.proceed("perform-a-rite", json!({ "incantation": "abracadabra" })).await;
    assert_eq!(sign_in.step(), "challenge-authenticator");
}

#[tokio::test]
async fn what_nobody_has_heard_of_stands_once_before_the_real_step() {
    let org = Org::start().await;
    let mut sign_in = org.begin().await;
    org.control("faults", json!([{ "at": "introspect", "fault": "unknown_remediation" }])).await;
    sign_in.look().await;
    sign_in.look().await;
    assert_eq!(sign_in.steps(), ["perform-a-rite"]);
    sign_in.proceed("perform-a-rite", json!({})).await;
    assert_eq!(sign_in.step(), "identify");
}

#[tokio::test]
async fn id_tokens_are_bad_in_the_way_that_was_asked_for() {
    let org = Org::start().await;
    let spoilt = async |fault: &str| {
        let sign_in = org.begin_as("password@example.com").await;
        set(&org, "token", fault).await;
        sign_in.tokens().await["id_token"].clone()
    };
    let good = org.begin_as("password@example.com").await.tokens().await["id_token"].clone();
    for (fault, claim) in [("wrong_nonce", "nonce"), ("wrong_aud", "aud"), ("wrong_iss", "iss"), ("wrong_sub", "sub")] {
        assert_ne!(claims(&spoilt(fault).await)[claim], claims(&good)[claim], "{fault}");
    }
    assert!(claims(&spoilt("stale").await)["exp"].as_i64() < claims(&good)["iat"].as_i64());
    let proven_before = claims(&spoilt("proven_before").await);
    assert!(proven_before["auth_time"].as_i64() < claims(&good)["auth_time"].as_i64(), "{proven_before}");
    assert!(proven_before["exp"].as_i64() > claims(&good)["iat"].as_i64(), "{proven_before}");
    assert_eq!(header(&spoilt("alg_none").await)["alg"], "none");
    assert_eq!(header(&spoilt("hs256").await)["alg"], "HS256");
    let unknown = header(&spoilt("unknown_kid").await)["kid"].clone();
    assert!(unknown.as_str().is_some_and(|kid| kid.starts_with("key-of-nobody-")), "{unknown}");
    assert_ne!(header(&spoilt("unknown_kid").await)["kid"], unknown);
    assert_eq!(claims(&spoilt("bad_signature").await)["sub"], claims(&good)["sub"]);
}

#[tokio::test]
async fn userinfo_speaks_of_somebody_else() {
    let org = Org::start().await;
    let tokens = org.begin_as("password@example.com").await.tokens().await;
    let bearer = format!("Bearer {}", tokens["access_token"].as_str().expect("a token"));
    let headers = [("authorization", bearer.as_str())];
    set(&org, "userinfo", "wrong_sub").await;
    let path = "/oauth2/default/v1/userinfo";
    let reply = org.send("GET", path, &headers, String::new()).await.expect("a reply");
    assert_ne!(reply.json["sub"], claims(&tokens["id_token"])["sub"]);
    let reply = org.send("GET", path, &headers, String::new()).await.expect("a reply");
    assert_eq!(reply.json["sub"], claims(&tokens["id_token"])["sub"]);
}

#[tokio::test]
async fn a_fault_that_does_not_carry_the_call_out_leaves_the_code_alone() {
    let org = Org::start().await;
    let code = org.begin_as("password@example.com").await.code();
    set(&org, "token", "expired").await;
    assert_eq!(org.form("/v1/token", &token_fields(&code)).await.json["error"], "invalid_grant");
    assert_eq!(org.form("/v1/token", &token_fields(&code)).await.status, 200);
}

#[tokio::test]
async fn a_bad_array_changes_nothing() {
    let org = Org::start().await;
    org.control("faults", json!([{ "at": "keys", "fault": "not_json" }])).await;
    let body = json!([{ "at": "keys", "fault": "nonsense" }]).to_string();
    let reply = org.send("POST", "/sandbox/faults", &[], body).await.expect("a reply");
    assert_eq!((reply.status, reply.json["problem"].clone()), (400, json!("entry 0: no fault is called `nonsense`")));
    assert_eq!(org.get("/oauth2/default/v1/keys").await.json, Value::Null);
    org.control("faults", json!([])).await;
    assert!(org.get("/oauth2/default/v1/keys").await.json["keys"].is_array());
}
