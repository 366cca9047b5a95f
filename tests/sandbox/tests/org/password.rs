//! Username and password, on one page and on two; and the five ways a sign-in can end.

use serde_json::json;

use crate::support::{Org, claims};

#[tokio::test]
async fn a_name_and_a_password_on_one_page_give_tokens() {
    let org = Org::start().await;
    let mut sign_in = org.begin().await;
    assert_eq!(sign_in.steps(), ["identify", "select-enroll-profile", "unlock-account"]);
    sign_in.identify("password@example.com", "Sandbox-1234").await;
    assert_eq!(sign_in.status, 200);
    let tokens = sign_in.tokens().await;
    let id_token = claims(&tokens["id_token"]);
    assert_eq!(id_token["groups"], json!(["staff", "admins"]));
    assert_eq!(id_token["preferred_username"], "password@example.com");
    assert_eq!(id_token["nonce"], "nonce-of-a-test");
    assert_eq!(id_token["amr"], json!(["pwd"]));
    assert_eq!(id_token["iss"], org.0.issuer());
}

#[tokio::test]
async fn identifier_first_asks_for_the_password_on_a_page_of_its_own() {
    let org = Org::start().await;
    org.control("policies", json!({ "first_page": "identifier" })).await;
    let mut sign_in = org.begin().await;
    sign_in.proceed("identify", json!({ "identifier": "password@example.com" })).await;
    assert_eq!(sign_in.steps(), ["challenge-authenticator", "select-authenticator-authenticate"]);
    assert_eq!(sign_in.page["currentAuthenticatorEnrollment"]["value"]["key"], "okta_password");
    sign_in.passcode("wrong").await;
    assert_eq!((sign_in.status, sign_in.messages()), (401, vec!["incorrectPassword".to_owned()]));
    sign_in.passcode("Sandbox-1234").await;
    sign_in.tokens().await;
}

#[tokio::test]
async fn wrong_passwords_unknown_people_and_locked_accounts_are_told_the_same() {
    let org = Org::start().await;
    let mut pages = Vec::new();
    for (login, password) in [
        ("password@example.com", "wrong"),
        ("nobody@example.com", "Sandbox-1234"),
        ("locked@example.com", "Sandbox-1234"),
    ] {
        let mut sign_in = org.begin().await;
        sign_in.identify(login, password).await;
        assert_eq!(sign_in.status, 401, "{login}");
        assert_eq!(sign_in.messages(), ["errors.E0000004"], "{login}");
        pages.push(sign_in.steps().join(" "));
    }
    pages.dedup();
    assert_eq!(pages.len(), 1);
}

#[tokio::test]
async fn without_prevention_unknown_people_are_told_so() {
    let org = Org::start().await;
    org.control("policies", json!({ "enumeration_prevention": false })).await;
    let mut sign_in = org.begin_as("nobody@example.com").await;
    assert_eq!((sign_in.status, sign_in.messages()), (200, vec!["idx.unknown.user".to_owned()]));
    org.control("policies", json!({ "self_registration": false })).await;
    sign_in.look().await;
    sign_in.identify("nobody@example.com", "x").await;
    assert_eq!((sign_in.status, sign_in.messages()), (403, vec!["security.access_denied".to_owned()]));
    assert_eq!(sign_in.step(), "identify");
}

#[tokio::test]
async fn an_unknown_person_is_asked_for_a_password_that_is_never_right() {
    let org = Org::start().await;
    org.control("policies", json!({ "first_page": "identifier" })).await;
    let mut unknown = org.begin().await;
    unknown.proceed("identify", json!({ "identifier": "nobody@example.com" })).await;
    let mut known = org.begin().await;
    known.proceed("identify", json!({ "identifier": "password@example.com" })).await;
    assert_eq!(unknown.steps(), known.steps());
    let members = |page: &serde_json::Value| page.as_object().map(|page| page.keys().cloned().collect::<Vec<_>>());
    assert_eq!(members(&unknown.page), members(&known.page));
    unknown.passcode("Sandbox-1234").await;
    assert_eq!((unknown.status, unknown.messages()), (401, vec!["incorrectPassword".to_owned()]));
}

#[tokio::test]
async fn too_many_wrong_passwords_lock_the_account() {
    let org = Org::start().await;
    org.control("policies", json!({ "lockout_after": 2 })).await;
    let mut sign_in = org.begin_as("password@example.com").await;
    assert_eq!(sign_in.status, 200);
    for _ in 0..2 {
        sign_in = org.begin().await;
        sign_in.identify("password@example.com", "wrong").await;
    }
    sign_in.identify("password@example.com", "Sandbox-1234").await;
    assert_eq!((sign_in.status, sign_in.messages()), (401, vec!["errors.E0000004".to_owned()]));
}

#[tokio::test]
async fn somebody_who_is_denied_reads_so_and_finds_no_form() {
    let org = Org::start().await;
    let mut sign_in = org.begin_as("denied@example.com").await;
    assert_eq!((sign_in.status, sign_in.messages()), (403, vec!["security.access_denied".to_owned()]));
    assert!(sign_in.steps().is_empty());
    sign_in.look().await;
    assert_eq!(sign_in.status, 403);
}

#[tokio::test]
async fn cancelling_starts_again_under_a_handle_of_its_own() {
    let org = Org::start().await;
    let mut sign_in = org.begin_as("totp@example.com").await;
    let before = sign_in.page["stateHandle"].clone();
    let href = sign_in.page["cancel"]["href"].as_str().expect("a way out").to_owned();
    sign_in.post(&href, json!({})).await;
    assert_eq!((sign_in.status, sign_in.step()), (200, "identify"));
    assert_ne!(sign_in.page["stateHandle"], before);
    let reply = org.idx("introspect", &json!({ "stateHandle": before })).await;
    assert_eq!(reply.status, 401);
    assert_eq!(org.verdict().await, "a handle was used after its end");
}

#[tokio::test]
async fn looking_again_changes_nothing() {
    let org = Org::start().await;
    let mut sign_in = org.begin_as("password-email@example.com").await;
    let page = sign_in.page.clone();
    sign_in.look().await;
    assert_eq!(sign_in.page, page);
    assert!(org.inbox().await.is_empty());
}
