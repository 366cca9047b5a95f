//! Recovery, unlocking, activation.

use serde_json::json;

use crate::support::{Org, SignIn};

const EMAIL: &str = "autsandboxemail00000";

/// Goes from the first page to the code that recovers a password.
async fn recovering<'o>(org: &'o Org, login: &str) -> SignIn<'o> {
    let mut sign_in = org.begin().await;
    sign_in.act("currentAuthenticator", "recover").await;
    assert_eq!(sign_in.step(), "identify-recovery");
    sign_in.proceed("identify-recovery", json!({ "identifier": login })).await;
    sign_in
}

async fn by_email(sign_in: &mut SignIn<'_>) {
    assert_eq!(sign_in.page["recoveryAuthenticator"]["value"]["type"], "password");
    let body = json!({ "authenticator": { "id": EMAIL, "methodType": "email" } });
    sign_in.proceed("authenticator-verification-data", body).await;
    let code = sign_in.org.code().await;
    sign_in.passcode(&code).await;
}

#[tokio::test]
async fn a_forgotten_password_is_reset_by_email() {
    let org = Org::start().await;
    let mut sign_in = recovering(&org, "password@example.com").await;
    by_email(&mut sign_in).await;
    assert_eq!(sign_in.steps(), ["reset-authenticator"]);
    sign_in.passcode("weak").await;
    assert_eq!((sign_in.status, sign_in.messages()), (400, vec!["password.passwordRequirementsNotMet".to_owned()]));
    let body = json!({ "credentials": { "passcode": "Sandbox-5678", "revokeSessions": true } });
    sign_in.proceed("reset-authenticator", body).await;
    sign_in.tokens().await;
    let mut again = org.begin().await;
    again.identify("password@example.com", "Sandbox-5678").await;
    again.tokens().await;
}

#[tokio::test]
async fn revoking_sessions_ends_the_tokens_of_before() {
    let org = Org::start().await;
    let before = org.begin_as("password@example.com").await.tokens().await;
    let mut sign_in = recovering(&org, "password@example.com").await;
    by_email(&mut sign_in).await;
    let body = json!({ "credentials": { "passcode": "Sandbox-5678", "revokeSessions": true } });
    sign_in.proceed("reset-authenticator", body).await;
    let bearer = format!("Bearer {}", before["access_token"].as_str().expect("a token"));
    let headers = [("authorization", bearer.as_str()), ("accept", "application/json")];
    let reply = org.send("GET", "/oauth2/default/v1/userinfo", &headers, String::new()).await.expect("a reply");
    assert_eq!(reply.status, 401);
}

#[tokio::test]
async fn a_phone_recovers_too_and_a_question_can_be_asked_besides() {
    let org = Org::start().await;
    org.control("policies", json!({ "recovery_question": true })).await;
    let mut sign_in = recovering(&org, "many@example.com").await;
    assert_eq!(sign_in.step(), "select-authenticator-authenticate");
    sign_in.choose("select-authenticator-authenticate", "Phone", json!({ "methodType": "sms" })).await;
    sign_in.passcode(&org.code().await).await;
    assert_eq!(sign_in.step(), "challenge-authenticator");
    let credentials = json!({ "questionKey": "disliked_food", "answer": "Sandbox-1234" });
    sign_in.proceed("challenge-authenticator", json!({ "credentials": credentials })).await;
    assert_eq!(sign_in.step(), "reset-authenticator");
}

#[tokio::test]
async fn recovery_can_end_in_a_message() {
    let org = Org::start().await;
    org.control("policies", json!({ "recovery_lands": "message" })).await;
    let mut sign_in = recovering(&org, "password@example.com").await;
    by_email(&mut sign_in).await;
    sign_in.passcode("Sandbox-5678").await;
    assert_eq!((sign_in.status, sign_in.messages()), (200, vec!["idx.recovery.completed".to_owned()]));
    assert!(sign_in.steps().is_empty());
}

#[tokio::test]
async fn a_recovery_that_nothing_allows_says_so() {
    let org = Org::start().await;
    let sign_in = recovering(&org, "enroll@example.com").await;
    assert_eq!(
        (sign_in.status, sign_in.messages()),
        (403, vec!["oie.selfservice.reset.password.not.allowed".to_owned()])
    );
}

#[tokio::test]
async fn identifier_first_the_password_page_leads_to_recovery() {
    let org = Org::start().await;
    org.control("policies", json!({ "first_page": "identifier" })).await;
    let mut sign_in = org.begin().await;
    assert!(sign_in.page.get("currentAuthenticator").is_none());
    sign_in.proceed("identify", json!({ "identifier": "password@example.com" })).await;
    sign_in.act("currentAuthenticatorEnrollment", "recover").await;
    assert_eq!(sign_in.step(), "authenticator-verification-data");
    by_email(&mut sign_in).await;
    assert_eq!(sign_in.step(), "reset-authenticator");
}

#[tokio::test]
async fn an_account_is_unlocked_by_email_and_then_lets_in() {
    let org = Org::start().await;
    let mut sign_in = org.begin_as("locked@example.com").await;
    assert_eq!(sign_in.status, 401);
    sign_in.proceed("unlock-account", json!({})).await;
    assert_eq!(sign_in.steps(), ["select-authenticator-unlock-account"]);
    let body = json!({ "identifier": "locked@example.com", "authenticator": { "id": EMAIL, "methodType": "email" } });
    sign_in.proceed("select-authenticator-unlock-account", body).await;
    sign_in.passcode(&org.code().await).await;
    assert_eq!(sign_in.messages(), ["oie.selfservice.unlock_user.success.message"]);
    assert!(sign_in.steps().is_empty());
    org.begin_as("locked@example.com").await.tokens().await;
}

#[tokio::test]
async fn unlocking_can_go_on_into_the_app() {
    let org = Org::start().await;
    org.control("policies", json!({ "unlock_lands": "app" })).await;
    let mut sign_in = org.begin().await;
    sign_in.proceed("unlock-account", json!({})).await;
    let phone = json!({ "id": "autsandboxphone00000", "methodType": "voice" });
    let body = json!({ "identifier": "locked@example.com", "authenticator": phone });
    sign_in.proceed("select-authenticator-unlock-account", body).await;
    sign_in.passcode(&org.code().await).await;
    assert_eq!(sign_in.messages(), ["oie.selfservice.unlock_user.landing.to.app.success.message"]);
    assert_eq!(sign_in.step(), "challenge-authenticator");
    sign_in.passcode("Sandbox-1234").await;
    sign_in.tokens().await;
}

#[tokio::test]
async fn unlocking_somebody_unknown_looks_the_same_and_sends_nothing() {
    let org = Org::start().await;
    let mut sign_in = org.begin().await;
    sign_in.proceed("unlock-account", json!({})).await;
    let body = json!({ "identifier": "nobody@example.com", "authenticator": { "id": EMAIL, "methodType": "email" } });
    sign_in.proceed("select-authenticator-unlock-account", body).await;
    assert_eq!((sign_in.status, sign_in.step()), (200, "challenge-authenticator"));
    assert!(org.inbox().await.is_empty());
}

#[tokio::test]
async fn a_recovery_token_leads_straight_to_a_new_password() {
    let org = Org::start().await;
    let person = org.control("users", json!({ "login": "password@example.com", "recovery_token": true })).await;
    let token: &'static str = person["recovery_token"].as_str().expect("a token").to_owned().leak();
    let mut sign_in = org.begin_with(&[("recovery_token", token)]).await;
    assert_eq!(sign_in.steps(), ["reset-authenticator"]);
    sign_in.passcode("Sandbox-5678").await;
    sign_in.tokens().await;
}

#[tokio::test]
async fn an_activation_token_leads_to_setting_up_and_only_confidential_clients_have_it() {
    let org = Org::start().await;
    let person = org.control("users", json!({ "login": "new@example.com", "activation_token": true })).await;
    let token: &'static str = person["activation_token"].as_str().expect("a token").to_owned().leak();
    let mut fields = crate::support::interact_fields();
    fields.retain(|(name, _)| !name.starts_with("client_"));
    fields.extend([("client_id", okta_sandbox::SPA_CLIENT_ID), ("activation_token", token)]);
    let refused = org.form("/v1/interact", &fields).await;
    assert_eq!(refused.json["error_description"], "Only confidential clients can use the activation token flow");
    let mut sign_in = org.begin_with(&[("activation_token", token)]).await;
    assert_eq!(sign_in.steps(), ["select-authenticator-enroll"]);
    sign_in.choose("select-authenticator-enroll", "Password", json!({})).await;
    sign_in.passcode("Sandbox-1234").await;
    sign_in.tokens().await;
    org.begin_as("new@example.com").await.tokens().await;
}
