//! The control API.

use serde_json::json;

use crate::support::{Org, claims};

#[tokio::test]
async fn the_page_lists_every_account() {
    let org = Org::start().await;
    let page = org.get("/sandbox/").await;
    assert_eq!(page.headers["content-type"], "text/html; charset=utf-8");
    for person in org.get("/sandbox/users").await.json.as_array().expect("people") {
        let login = person["login"].as_str().expect("a login");
        assert!(page.text.contains(login), "{login}");
    }
    for word in ["password_elsewhere", "passkey_promotion"] {
        assert!(page.text.contains(&format!("<td><code>{word}</code><td>")), "{word}");
    }
    let root = org.get("/").await;
    assert_eq!((root.status, root.headers["location"].as_str()), (302, "/sandbox/"));
}

#[tokio::test]
async fn the_inbox_is_a_page_for_people() {
    let org = Org::start().await;
    let mut sign_in = org.begin_as("password-email@example.com").await;
    let body = json!({ "authenticator": { "id": "autsandboxemail00000", "methodType": "email" } });
    sign_in.proceed("authenticator-verification-data", body).await;
    let page = org.send("GET", "/sandbox/inbox", &[("accept", "text/html")], String::new()).await.expect("a page");
    assert!(page.text.contains(&org.code().await));
    assert!(page.text.contains("&amp;state=state-of-a-test"));
}

#[tokio::test]
async fn resetting_forgets_everything() {
    let org = Org::start().await;
    org.control("policies", json!({ "first_page": "identifier" })).await;
    org.control("users", json!({ "login": "mary@example.com", "password": "Sandbox-1234" })).await;
    org.control("faults", json!([{ "at": "any", "fault": "down" }])).await;
    org.control("reset", json!({})).await;
    assert_eq!(org.get("/sandbox/transcript").await.json, json!([]));
    assert_eq!(org.get("/sandbox/policies").await.json["first_page"], "password");
    let mut sign_in = org.begin().await;
    sign_in.identify("mary@example.com", "Sandbox-1234").await;
    assert_eq!(sign_in.status, 401);
}

#[tokio::test]
async fn an_account_is_the_same_person_after_a_reset() {
    let org = Org::start().await;
    for login in ["password@example.com", "phone@example.com"] {
        let mut subjects = Vec::new();
        for _ in 0..2 {
            let mut sign_in = org.begin_as(login).await;
            if login.starts_with("phone") {
                let body = json!({ "authenticator": { "id": "autsandboxphone00000", "methodType": "sms" } });
                sign_in.proceed("select-authenticator-authenticate", body).await;
                sign_in.passcode(&org.code().await).await;
            }
            subjects.push(claims(&sign_in.tokens().await["access_token"])["uid"].clone());
            org.control("reset", json!({})).await;
        }
        assert_eq!(subjects[0].as_str().map(str::len), Some(20), "{subjects:?}");
        assert_eq!(subjects[0], subjects[1], "{login}");
    }
    let people = [("a@example.com", ""), ("a@example.com", "delete"), ("a@example.com", "")];
    let mut ids = Vec::new();
    for (login, act) in people {
        let mut body = json!({ "login": login });
        if !act.is_empty() {
            body[act] = true.into();
        }
        ids.extend(org.control("users", body).await["id"].as_str().map(str::to_owned));
    }
    assert_ne!(ids[0], ids[1], "somebody new is somebody else");
}

#[tokio::test]
async fn people_can_be_made_changed_and_removed() {
    let org = Org::start().await;
    let mary = json!({
        "login": "mary@example.com", "password": "Mary-12345", "groups": ["staff", "ops"],
        "needs": [["okta_password"], ["google_otp"]], "enrolled": [{ "key": "google_otp", "secret": "JBSWY3DPEHPK3PXP" }],
    });
    org.control("users", mary).await;
    let mut sign_in = org.begin().await;
    sign_in.identify("mary@example.com", "Mary-12345").await;
    sign_in.passcode(&org.shown("mary@example.com").await).await;
    sign_in.tokens().await;
    org.control("users", json!({ "login": "mary@example.com", "needs": [["okta_password"]] })).await;
    let mut sign_in = org.begin().await;
    sign_in.identify("mary@example.com", "Mary-12345").await;
    sign_in.tokens().await;
    org.control("users", json!({ "login": "mary@example.com", "delete": true })).await;
    let mut sign_in = org.begin().await;
    sign_in.identify("mary@example.com", "Mary-12345").await;
    assert_eq!(sign_in.status, 401);
}

#[tokio::test]
async fn a_change_that_makes_no_sense_is_refused_with_its_name() {
    let org = Org::start().await;
    for (name, body, problem) in [
        ("users", json!({ "login": "a@example.com", "hat": 1 }), "nothing about a person is called `hat`"),
        ("users", json!({ "password": "x" }), "`login` is missing"),
        ("policies", json!({ "hat": 1 }), "no policy is called `hat`"),
        ("push", json!({ "to": "a@example.com", "answer": "maybe" }), "`answer` is `approve` or `reject`"),
    ] {
        let reply = org.send("POST", &format!("/sandbox/{name}"), &[], body.to_string()).await.expect("a reply");
        assert_eq!((reply.status, reply.json["problem"].clone()), (400, json!(problem)));
    }
}

#[tokio::test]
async fn redirect_uris_can_be_added() {
    let org = Org::start().await;
    org.control("policies", json!({ "redirect_uris": ["http://localhost:9999/cb"] })).await;
    org.begin_with(&[("redirect_uri", "http://localhost:9999/cb")]).await;
    org.begin().await;
}

#[tokio::test]
async fn dropping_the_org_frees_its_port_and_ends_its_connections() {
    let org = Org::start().await;
    let address = org.0.address();
    drop(org);
    for _ in 0..100 {
        if tokio::net::TcpListener::bind(address).await.is_ok() {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("{address} is still taken");
}

/// One request to a receiver of this test's own: its head and body, once the order was answered.
async fn received(org: &Org, order: &str, mut body: serde_json::Value) -> (String, serde_json::Value) {
    use std::io::{Read as _, Write as _};
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    body["to"] = format!("http://{}", listener.local_addr().expect("an address")).into();
    let receive = tokio::task::spawn_blocking(move || {
        let (mut stream, _) = listener.accept().expect("a connection");
        let (mut text, mut bytes) = (String::new(), [0; 4096]);
        loop {
            let length = text.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse::<usize>().ok());
            if text.split_once("\r\n\r\n").is_some_and(|(_, rest)| Some(rest.len()) == length) {
                stream.write_all(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 2\r\n\r\nno").expect("sent");
                return text;
            }
            let count = stream.read(&mut bytes).expect("bytes");
            assert!(count > 0, "{text}");
            text += &String::from_utf8_lossy(&bytes[..count]);
        }
    });
    let json = [("content-type", "application/json")];
    let said = org.send("POST", &format!("/sandbox/{order}"), &json, body.to_string()).await.expect("an answer").json;
    (receive.await.expect("a request"), said)
}

/// The claims of a token in compact form.
fn said_by(token: &str) -> serde_json::Value {
    claims(&json!(token))
}

#[tokio::test]
async fn the_org_sends_logout_tokens_and_orders_to_revoke_and_says_what_was_said_to_them() {
    let org = Org::start().await;
    let (logout, said) = received(&org, "backchannel-logout", json!({ "login": "password@example.com" })).await;
    assert!(logout.starts_with("POST /.gateway/backchannel-logout HTTP/1.1\r\n"), "{logout}");
    assert_eq!((said["status"].as_u64(), said["body"].as_str()), (Some(400), Some("no")));
    let token = logout.split("logout_token=").nth(1).expect("a token");
    let said = said_by(token);
    for (name, value) in [("aud", json!("0oasandboxgateway")), ("iss", json!(org.0.issuer()))] {
        assert_eq!(said[name], value);
    }
    assert!(
        said["events"]["http://schemas.openid.net/event/backchannel-logout"].is_object() && said["nonce"].is_null()
    );
    let change = json!({ "nonce": "n", "exp": null, "header": { "typ": "JWT" } });
    let order = json!({ "login": "password@example.com", "change": change });
    let (logout, _) = received(&org, "backchannel-logout", order).await;
    let said = said_by(logout.split("logout_token=").nth(1).expect("a token"));
    assert!(said["nonce"] == "n" && said.get("exp").is_none());

    let order = json!({ "login": "password@example.com", "format": "iss_sub" });
    let (revoke, _) = received(&org, "global-token-revocation", order).await;
    assert!(revoke.contains(r#"{"sub_id":{"format":"iss_sub","iss":""#), "{revoke}");
    let token = revoke.lines().find_map(|line| line.strip_prefix("authorization: Bearer ")).expect("a token");
    let said = said_by(token);
    assert_eq!(said["sub"], "0oasandboxgateway");
    assert!(said["aud"].as_str().is_some_and(|to| to.ends_with("/.gateway/global-token-revocation")), "{said}");
    let abroad = json!({ "login": "password@example.com", "to": "http://example.com" }).to_string();
    let json = [("content-type", "application/json")];
    let refused = org.send("POST", "/sandbox/backchannel-logout", &json, abroad).await.expect("an answer");
    assert_eq!(refused.status, 400);
}
