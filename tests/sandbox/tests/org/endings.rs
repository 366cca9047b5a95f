//! What comes after the factors: consent, staying signed in, attributes; identity providers, devices,
//! step-up, and what nobody has heard of.

use serde_json::{Value, json};

use crate::support::{Org, SignIn, claims};

#[tokio::test]
async fn consent_is_given_or_not() {
    let org = Org::start().await;
    let mut sign_in = org.begin_as("consent@example.com").await;
    assert_eq!(sign_in.remediation("consent")["scopes"][1]["name"], "profile");
    sign_in.proceed("consent", json!({ "consent": false })).await;
    assert_eq!((sign_in.status, sign_in.messages()), (403, vec!["idx.operation.cancelled.by.user".to_owned()]));
    let mut sign_in = org.begin_as("consent@example.com").await;
    sign_in.proceed("consent", json!({ "consent": true })).await;
    sign_in.tokens().await;
}

#[tokio::test]
async fn granular_consent_takes_scopes_away_also_dotted_ones() {
    let org = Org::start().await;
    org.control("users", json!({ "login": "consent@example.com", "consent": "granular" })).await;
    let mut sign_in = org.begin_with(&[("scope", "openid email custom1 custom1.custom2")]).await;
    sign_in.identify("consent@example.com", "Sandbox-1234").await;
    let opted = json!({ "openid": true, "email": true, "custom1": true, "custom1.custom2": false });
    sign_in.proceed("granular-consent", json!({ "consent": true, "optedScopes": opted })).await;
    assert_eq!(sign_in.tokens().await["scope"], "openid email custom1");
}

#[tokio::test]
async fn staying_signed_in_is_asked_once() {
    let org = Org::start().await;
    let mut sign_in = org.begin_as("stay@example.com").await;
    sign_in.proceed("keep-me-signed-in", json!({ "keepMeSignedIn": true })).await;
    sign_in.tokens().await;
}

#[tokio::test]
async fn a_missing_attribute_is_asked_for_and_kept() {
    let org = Org::start().await;
    let mut sign_in = org.begin_as("profile@example.com").await;
    assert_eq!(sign_in.steps(), ["enroll-profile"]);
    sign_in.proceed("enroll-profile", json!({ "userProfile": { "nickname": "Pro" } })).await;
    assert_eq!(sign_in.status, 400);
    sign_in.proceed("enroll-profile", json!({ "userProfile": { "department": "Sand" } })).await;
    sign_in.tokens().await;
    org.begin_as("profile@example.com").await.tokens().await;
}

#[tokio::test]
async fn attributes_that_are_all_optional_may_be_skipped() {
    let org = Org::start().await;
    let fields = json!([{ "name": "secondEmail", "label": "Second email", "kind": "text" }]);
    org.control("users", json!({ "login": "profile@example.com", "missing_profile": fields })).await;
    let mut sign_in = org.begin_as("profile@example.com").await;
    assert_eq!(sign_in.steps(), ["profile-update", "skip"]);
    let mut other = org.begin_as("profile@example.com").await;
    sign_in.proceed("skip", json!({})).await;
    sign_in.tokens().await;
    other.proceed("profile-update", json!({ "userProfile": { "secondEmail": "" } })).await;
    other.tokens().await;
}

#[tokio::test]
async fn an_expired_password_is_changed_and_not_for_the_same() {
    let org = Org::start().await;
    let mut sign_in = org.begin_as("expired@example.com").await;
    assert_eq!(sign_in.steps(), ["reenroll-authenticator"]);
    let complexity = &sign_in.page["currentAuthenticator"]["value"]["settings"]["complexity"];
    assert_eq!(complexity["minLength"], 8);
    for password in ["short", "Sandbox-1234", "expired-Sand-1"] {
        sign_in.passcode(password).await;
        assert_eq!((sign_in.status, sign_in.messages()), (400, vec!["password.passwordRequirementsNotMet".to_owned()]));
    }
    sign_in.passcode("Sandbox-5678").await;
    sign_in.tokens().await;
    let mut old = org.begin_as("expired@example.com").await;
    assert_eq!(old.status, 401);
    old.identify("expired@example.com", "Sandbox-5678").await;
    old.tokens().await;
}

#[tokio::test]
async fn an_expiring_password_may_be_changed_or_kept() {
    let org = Org::start().await;
    let mut sign_in = org.begin_as("expiring@example.com").await;
    assert_eq!(sign_in.steps(), ["reenroll-authenticator-warning", "skip"]);
    assert_eq!(sign_in.messages(), ["idx.password.expiring.message"]);
    assert_eq!(sign_in.page["currentAuthenticator"]["value"]["settings"]["daysToExpiry"], 4);
    sign_in.proceed("skip", json!({})).await;
    sign_in.tokens().await;
    let mut sign_in = org.begin_as("expiring@example.com").await;
    sign_in.passcode("Sandbox-5678").await;
    sign_in.tokens().await;
}

/// Answers the provider's page; gives where the browser is sent.
async fn at_the_provider(org: &Org, sign_in: &SignIn<'_>, answer: &str) -> String {
    let href = sign_in.remediation("redirect-idp")["href"].as_str().expect("an href").to_owned();
    let path = href.strip_prefix(&org.0.origin()).expect("an address of the org").to_owned();
    assert!(org.get(&path).await.text.contains("Sandbox IdP"));
    let reply = org.get(&format!("{path}&answer={answer}")).await;
    assert_eq!(reply.status, 302, "{}", reply.text);
    reply.headers["location"].clone()
}

#[tokio::test]
async fn an_identity_provider_sends_back_with_a_code() {
    let org = Org::start().await;
    let mut sign_in = org.begin_as("idp@example.com").await;
    assert_eq!(sign_in.steps(), ["redirect-idp"]);
    let back = at_the_provider(&org, &sign_in, "approve").await;
    sign_in.look().await;
    let code = sign_in.code();
    assert_eq!(back, format!("http://localhost:8080/login/callback?interaction_code={code}&state=state-of-a-test"));
    assert_eq!(claims(&sign_in.tokens().await["id_token"])["preferred_username"], "idp@example.com");
}

#[tokio::test]
async fn an_identity_provider_may_refuse_or_leave_more_to_do() {
    let org = Org::start().await;
    let sign_in = org.begin_as("idp@example.com").await;
    let back = at_the_provider(&org, &sign_in, "deny").await;
    assert!(back.starts_with("http://localhost:8080/login/callback?error=access_denied&"), "{back}");
    org.control("users", json!({ "login": "idp@example.com", "needs": [["okta_email"]] })).await;
    let back = at_the_provider(&org, &sign_in, "approve").await;
    assert!(back.contains("error=interaction_required&"), "{back}");
    assert!(back.ends_with("&state=state-of-a-test"), "{back}");
    let mut sign_in = sign_in;
    sign_in.look().await;
    assert_eq!(sign_in.step(), "authenticator-verification-data");
}

#[tokio::test]
async fn providers_can_stand_on_the_first_page_or_be_all_of_it() {
    let org = Org::start().await;
    org.control("policies", json!({ "idps": ["sandbox", "other"] })).await;
    let sign_in = org.begin().await;
    assert_eq!(
        sign_in.steps(),
        ["identify", "redirect-idp", "redirect-idp", "select-enroll-profile", "unlock-account"]
    );
    org.control("policies", json!({ "idps": ["sandbox"], "idp_only": true })).await;
    let sign_in = org.begin().await;
    assert_eq!(sign_in.steps(), ["redirect-idp"]);
    let back = at_the_provider(&org, &sign_in, "approve&login=password@example.com").await;
    assert!(back.contains("interaction_code="), "{back}");
}

#[tokio::test]
async fn a_device_challenge_that_is_cancelled_gives_way_to_other_methods() {
    let org = Org::start().await;
    for (device, step, object) in [
        ("loopback", "device-challenge-poll", "authenticatorChallenge"),
        ("custom_uri", "device-challenge-poll", "authenticatorChallenge"),
        ("signed_nonce", "challenge-poll", "currentAuthenticator"),
    ] {
        org.control("users", json!({ "login": "device@example.com", "device": device })).await;
        let mut sign_in = org.begin_as("device@example.com").await;
        assert_eq!(sign_in.step(), step);
        sign_in.proceed(step, json!({})).await;
        assert_eq!(sign_in.step(), step);
        let href = sign_in.page[object]["value"]["cancel"]["href"].as_str().expect("a way out").to_owned();
        sign_in.post(&href, json!({ "reason": "OV_UNREACHABLE_BY_LOOPBACK", "statusCode": null })).await;
        assert_eq!((sign_in.status, sign_in.step()), (200, "authenticator-verification-data"));
    }
    org.control("users", json!({ "login": "device@example.com", "device": "sso_extension" })).await;
    let mut sign_in = org.begin_as("device@example.com").await;
    assert_eq!(sign_in.steps(), ["device-apple-sso-extension", "cancel-transaction"]);
    sign_in.proceed("cancel-transaction", json!({})).await;
    assert_eq!(sign_in.step(), "authenticator-verification-data");
}

#[tokio::test]
async fn a_device_can_be_probed_before_the_first_page() {
    let org = Org::start().await;
    org.control("policies", json!({ "device": "loopback" })).await;
    let mut sign_in = org.begin().await;
    assert_eq!(sign_in.step(), "device-challenge-poll");
    let href =
        sign_in.page["authenticatorChallenge"]["value"]["cancel"]["href"].as_str().expect("a way out").to_owned();
    sign_in.post(&href, json!({ "reason": "USER_CANCELED", "statusCode": null })).await;
    assert_eq!(sign_in.step(), "identify");
}

#[tokio::test]
async fn step_up_asks_for_a_second_factor_and_says_so_in_the_token() {
    let org = Org::start().await;
    let acr = "urn:okta:loa:2fa:any";
    let mut sign_in = org.begin_with(&[("acr_values", acr), ("max_age", "0")]).await;
    sign_in.identify("password@example.com", "Sandbox-1234").await;
    sign_in.choose("select-authenticator-authenticate", "Email", json!({})).await;
    let chosen = json!({ "authenticator": { "id": "autsandboxemail00000", "methodType": "email" } });
    if sign_in.step() == "authenticator-verification-data" {
        sign_in.proceed("authenticator-verification-data", chosen).await;
    }
    sign_in.passcode(&org.code().await).await;
    let id_token = claims(&sign_in.tokens().await["id_token"]);
    assert_eq!(id_token["acr"], acr);
    assert!(id_token["auth_time"].as_i64() <= id_token["iat"].as_i64());
}

#[tokio::test]
async fn what_nobody_has_heard_of_has_a_way_out_by_email() {
    let org = Org::start().await;
    for (unheard, step) in [
        ("remediation", "wave-hand"),
        ("authenticator", "challenge-authenticator"),
        ("field", "challenge-authenticator"),
        ("ceremony", "challenge-authenticator"),
    ] {
        org.control("users", json!({ "login": "unknown@example.com", "unheard": unheard })).await;
        let mut sign_in = org.begin_as("unknown@example.com").await;
        assert_eq!(sign_in.steps(), [step, "select-authenticator-authenticate"]);
        assert_eq!(sign_in.page["currentAuthenticatorEnrollment"]["value"]["key"], "wave_token");
        if unheard == "ceremony" {
            sign_in.choose("select-authenticator-authenticate", "Email", json!({ "methodType": "email" })).await;
            sign_in.passcode(&org.code().await).await;
        } else {
            let code = org.shown("unknown@example.com").await;
            sign_in.passcode(&code).await;
        }
        sign_in.tokens().await;
    }
}

#[tokio::test]
async fn no_reference_in_a_reply_dangles() {
    let org = Org::start().await;
    let people = org.get("/sandbox/users").await.json;
    for person in people.as_array().expect("people") {
        let sign_in = org.begin_as(person["login"].as_str().expect("a login")).await;
        let mut references = Vec::new();
        collect(&sign_in.page, &mut references);
        for reference in references {
            let pointer = reference.trim_start_matches("$.").replace(['.', '['], "/").replace(']', "");
            assert!(sign_in.page.pointer(&format!("/{pointer}")).is_some(), "{reference} of {}", person["login"]);
        }
    }
}

fn collect(value: &Value, references: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                match (name.as_str(), member) {
                    ("relatesTo", Value::String(reference)) => references.push(reference.clone()),
                    ("relatesTo", Value::Array(several)) => {
                        references.extend(several.iter().filter_map(Value::as_str).map(str::to_owned));
                    }
                    _ => collect(member, references),
                }
            }
        }
        Value::Array(values) => values.iter().for_each(|value| collect(value, references)),
        _ => {}
    }
}
