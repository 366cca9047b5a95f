//! Codes: by e-mail, SMS and voice call, from apps and tokens; and the security question.

use serde_json::json;

use crate::support::{Org, SignIn, claims};

/// Begins with an e-mail code on its way.
async fn mailed(org: &Org) -> SignIn<'_> {
    let mut sign_in = org.begin_as("password-email@example.com").await;
    assert_eq!(sign_in.steps(), ["authenticator-verification-data", "select-authenticator-authenticate"]);
    choose_method(&mut sign_in, "email").await;
    sign_in
}

/// Answers `authenticator-verification-data` with a method.
async fn choose_method(sign_in: &mut SignIn<'_>, method: &str) {
    let fields = sign_in.remediation("authenticator-verification-data")["value"][0]["form"]["value"].clone();
    let mut chosen = json!({});
    for field in fields.as_array().expect("fields") {
        if let Some(value) = field.get("value") {
            chosen[field["name"].as_str().expect("a name")] = value.clone();
        }
    }
    chosen["methodType"] = method.into();
    sign_in.proceed("authenticator-verification-data", json!({ "authenticator": chosen })).await;
}

#[tokio::test]
async fn a_code_by_email_after_the_password() {
    let org = Org::start().await;
    let mut sign_in = mailed(&org).await;
    assert_eq!(sign_in.step(), "challenge-authenticator");
    let about = &sign_in.page["currentAuthenticatorEnrollment"]["value"];
    assert_eq!(about["profile"]["email"], "p************l@e*****e.com");
    assert_eq!(about["poll"]["refresh"], 4000);
    sign_in.passcode("000000x").await;
    assert_eq!((sign_in.status, sign_in.messages()), (401, vec!["api.authn.error.PASSCODE_INVALID".to_owned()]));
    sign_in.passcode(&org.code().await).await;
    assert_eq!(claims(&sign_in.tokens().await["id_token"])["amr"], json!(["pwd", "email", "mfa"]));
}

#[tokio::test]
async fn email_alone_is_enough_for_who_needs_no_password() {
    let org = Org::start().await;
    org.control("policies", json!({ "first_page": "identifier" })).await;
    let mut sign_in = org.begin().await;
    sign_in.proceed("identify", json!({ "identifier": "email@example.com" })).await;
    assert_eq!(sign_in.step(), "authenticator-verification-data");
    assert!(org.inbox().await.is_empty());
    choose_method(&mut sign_in, "email").await;
    sign_in.passcode(&org.code().await).await;
    assert_eq!(claims(&sign_in.tokens().await["id_token"])["amr"], json!(["email"]));
}

#[tokio::test]
async fn the_magic_link_returns_to_the_app_with_the_code_and_the_state() {
    let org = Org::start().await;
    let mut sign_in = mailed(&org).await;
    let letter = org.inbox().await[0].clone();
    let code = letter["code"].as_str().expect("a code");
    assert_eq!(letter["to"], "password-email@example.com");
    assert_eq!(letter["channel"], "email");
    assert_eq!(letter["link"], format!("http://localhost:8080/login/callback?otp={code}&state=state-of-a-test"));
    // The tab that waits notices once the link's tab has answered.
    let waiting = sign_in.page.clone();
    sign_in.act("currentAuthenticatorEnrollment", "poll").await;
    assert_eq!(sign_in.page, waiting);
    sign_in.passcode(code).await;
    sign_in.post("x/idp/idx/challenge/poll", json!({})).await;
    sign_in.tokens().await;
}

#[tokio::test]
async fn without_magic_links_a_mail_has_only_a_code() {
    let org = Org::start().await;
    org.control("policies", json!({ "magic_link": false })).await;
    let sign_in = mailed(&org).await;
    assert_eq!(org.inbox().await[0]["link"], json!(null));
    let about = &sign_in.page["currentAuthenticatorEnrollment"]["value"];
    assert_eq!(about["contextualData"]["useEmailMagicLink"], false);
}

#[tokio::test]
async fn codes_by_sms_and_by_voice_call() {
    let org = Org::start().await;
    for method in ["sms", "voice"] {
        let mut sign_in = org.begin_as("phone@example.com").await;
        choose_method(&mut sign_in, method).await;
        let letter = org.inbox().await[0].clone();
        assert_eq!((letter["to"].clone(), letter["channel"].clone()), (json!("+15555550123"), json!(method)));
        sign_in.passcode(&org.code().await).await;
        sign_in.tokens().await;
    }
    let sign_in = org.begin_as("voice@example.com").await;
    let methods = &sign_in.remediation("authenticator-verification-data")["value"][0]["form"]["value"][1]["options"];
    assert_eq!(*methods, json!([{ "label": "Voice call", "value": "voice" }]));
}

#[tokio::test]
async fn the_list_of_authenticators_leads_there_as_well() {
    let org = Org::start().await;
    let mut sign_in = org.begin_as("phone@example.com").await;
    sign_in.choose("select-authenticator-authenticate", "Phone", json!({})).await;
    assert_eq!(sign_in.step(), "authenticator-verification-data");
    sign_in.choose("select-authenticator-authenticate", "Phone", json!({ "methodType": "sms" })).await;
    assert_eq!(sign_in.step(), "challenge-authenticator");
    sign_in.passcode(&org.code().await).await;
    sign_in.tokens().await;
}

#[tokio::test]
async fn a_code_is_not_sent_again_within_thirty_seconds() {
    let org = Org::start().await;
    let mut sign_in = mailed(&org).await;
    sign_in.act("currentAuthenticatorEnrollment", "resend").await;
    assert_eq!((sign_in.status, sign_in.messages()), (429, vec!["tooManyRequests".to_owned()]));
    // Chosen again, it is the same code.
    sign_in.choose("select-authenticator-authenticate", "Email", json!({})).await;
    assert_eq!((sign_in.status, org.inbox().await.len()), (200, 1));
    let first = org.code().await;
    org.control("policies", json!({ "clock_offset_s": 30 })).await;
    sign_in.act("currentAuthenticatorEnrollment", "resend").await;
    assert_eq!((sign_in.status, org.inbox().await.len()), (200, 2));
    let second = org.code().await;
    if first != second {
        sign_in.passcode(&first).await;
        assert_eq!(sign_in.status, 401);
    }
    sign_in.passcode(&second).await;
    sign_in.tokens().await;
}

#[tokio::test]
async fn text_messages_and_calls_have_a_quota() {
    let org = Org::start().await;
    org.control("policies", json!({ "message_quota": 1, "resend_wait_s": 0 })).await;
    for (method, key) in [("sms", "errors.E0000150"), ("voice", "errors.E0000151")] {
        let mut sign_in = org.begin_as("phone@example.com").await;
        choose_method(&mut sign_in, method).await;
        assert_eq!(sign_in.status, 200);
        sign_in.act("currentAuthenticatorEnrollment", "resend").await;
        assert_eq!((sign_in.status, sign_in.messages()), (429, vec![key.to_owned()]));
    }
}

#[tokio::test]
async fn after_five_wrong_codes_the_right_one_is_spent() {
    let org = Org::start().await;
    let mut sign_in = mailed(&org).await;
    for _ in 0..4 {
        sign_in.passcode("wrong").await;
        assert_eq!(sign_in.status, 401);
    }
    let href = sign_in.remediation("challenge-authenticator")["href"].as_str().expect("an href").to_owned();
    for code in ["wrong".to_owned(), org.code().await] {
        sign_in.post(&href, json!({ "credentials": { "passcode": code } })).await;
        assert_eq!((sign_in.status, sign_in.messages()), (429, vec!["oie.tooManyRequests".to_owned()]));
        assert!(sign_in.steps().is_empty());
    }
    // The sign-in is alive; chosen again, the spent code stays spent.
    sign_in.look().await;
    sign_in.choose("select-authenticator-authenticate", "Email", json!({})).await;
    sign_in.passcode(&org.code().await).await;
    assert_eq!(sign_in.status, 401);
}

#[tokio::test]
async fn a_code_dies_of_age() {
    let org = Org::start().await;
    let mut sign_in = mailed(&org).await;
    org.control("policies", json!({ "clock_offset_s": 300 })).await;
    sign_in.passcode(&org.code().await).await;
    assert_eq!((sign_in.status, sign_in.messages()), (401, vec!["api.authn.error.PASSCODE_INVALID".to_owned()]));
}

#[tokio::test]
async fn google_authenticator_goes_straight_to_its_code_which_is_good_once() {
    let org = Org::start().await;
    let mut sign_in = org.begin_as("totp@example.com").await;
    assert_eq!(sign_in.step(), "challenge-authenticator");
    assert_eq!(sign_in.page["currentAuthenticator"]["value"]["key"], "google_otp");
    sign_in.passcode("000000x").await;
    assert_eq!(sign_in.messages(), ["authfactor.challenge.soft_token.invalid_passcode"]);
    let code = org.shown("totp@example.com").await;
    sign_in.passcode(&code).await;
    sign_in.tokens().await;
    let mut again = org.begin_as("totp@example.com").await;
    again.passcode(&code).await;
    assert_eq!(again.messages(), ["authfactor.challenge.soft_token.used_passcode"]);
    again.passcode(&org.shown("totp@example.com").await).await;
    again.tokens().await;
}

#[tokio::test]
async fn a_code_of_okta_verify_is_called_totp() {
    let org = Org::start().await;
    let mut sign_in = org.begin_as("push@example.com").await;
    choose_method(&mut sign_in, "totp").await;
    assert_eq!(sign_in.remediation("challenge-authenticator")["value"][0]["form"]["value"][0]["name"], "totp");
    let code = org.shown("push@example.com").await;
    sign_in.proceed("challenge-authenticator", json!({ "credentials": { "passcode": code } })).await;
    assert_eq!(sign_in.status, 400);
    sign_in.proceed("challenge-authenticator", json!({ "credentials": { "totp": code } })).await;
    sign_in.tokens().await;
}

#[tokio::test]
async fn every_token_kind_takes_the_code_it_shows() {
    let org = Org::start().await;
    for name in ["tac", "rsa", "onprem", "symantec", "yubikey", "custom-otp"] {
        let login = format!("{name}@example.com");
        let mut sign_in = org.begin_as(&login).await;
        sign_in.passcode("wrong").await;
        assert_eq!(sign_in.status, 401, "{name}");
        sign_in.passcode(&org.shown(&login).await).await;
        assert_eq!(sign_in.status, 200, "{name} {}", sign_in.page);
        sign_in.tokens().await;
    }
}

#[tokio::test]
async fn who_has_everything_may_choose_anything() {
    let org = Org::start().await;
    let labels = [
        "Google Authenticator",
        "RSA SecurID",
        "Atko On-Prem",
        "Symantec VIP",
        "YubiKey",
        "Atko Token",
        "Temporary Access Code",
    ];
    for label in labels {
        let mut sign_in = org.begin_as("many@example.com").await;
        assert_eq!(sign_in.step(), "select-authenticator-authenticate");
        sign_in.choose("select-authenticator-authenticate", label, json!({})).await;
        sign_in.passcode(&org.shown("many@example.com").await).await;
        assert_eq!(sign_in.status, 200, "{label}");
        sign_in.tokens().await;
    }
}

#[tokio::test]
async fn the_security_question_is_asked_with_its_key() {
    let org = Org::start().await;
    let mut sign_in = org.begin_as("question@example.com").await;
    let about = sign_in.page["currentAuthenticatorEnrollment"]["value"]["contextualData"].clone();
    assert_eq!(about["enrolledQuestion"]["questionKey"], "disliked_food");
    for (key, answer, status) in
        [("disliked_food", "wrong", 401), ("another", "Sandbox-1234", 400), ("disliked_food", "Sandbox-1234", 200)]
    {
        let body = json!({ "credentials": { "questionKey": key, "answer": answer } });
        sign_in.proceed("challenge-authenticator", body).await;
        assert_eq!(sign_in.status, status);
    }
    sign_in.tokens().await;
}

#[tokio::test]
async fn nothing_is_sent_to_somebody_who_does_not_exist() {
    let org = Org::start().await;
    let mut sign_in = org.begin().await;
    sign_in.act("currentAuthenticator", "recover").await;
    assert_eq!(sign_in.step(), "identify-recovery");
    sign_in.proceed("identify-recovery", json!({ "identifier": "nobody@example.com" })).await;
    assert_eq!(sign_in.step(), "authenticator-verification-data");
    choose_method(&mut sign_in, "email").await;
    assert_eq!(sign_in.step(), "challenge-authenticator");
    assert!(org.inbox().await.is_empty());
    sign_in.passcode("123456").await;
    assert_eq!((sign_in.status, sign_in.messages()), (401, vec!["api.authn.error.PASSCODE_INVALID".to_owned()]));
}
