//! Setting up authenticators: required, optional, with grace; each kind of them.

use serde_json::{Value, json};

use crate::support::{Org, SignIn};

/// Begins to set something up as somebody who needs any second factor.
async fn begin<'o>(org: &'o Org, label: &str, more: Value) -> SignIn<'o> {
    let mut sign_in = org.begin_as("enroll@example.com").await;
    assert_eq!(sign_in.steps(), ["select-authenticator-enroll"]);
    sign_in.choose("select-authenticator-enroll", label, more).await;
    sign_in
}

#[tokio::test]
async fn a_phone_asks_for_its_number_and_then_for_the_code() {
    let org = Org::start().await;
    let mut sign_in = begin(&org, "Phone", json!({})).await;
    assert_eq!(sign_in.step(), "authenticator-enrollment-data");
    let id = "autsandboxphone00000";
    for (number, status) in [("+123", 400), ("+15551234567", 200)] {
        let chosen = json!({ "id": id, "methodType": "sms", "phoneNumber": number });
        sign_in.proceed("authenticator-enrollment-data", json!({ "authenticator": chosen })).await;
        assert_eq!(sign_in.status, status);
    }
    assert_eq!(org.inbox().await[0]["to"], "+15551234567");
    sign_in.passcode("wrong").await;
    assert_eq!(sign_in.status, 401);
    sign_in.passcode(&org.code().await).await;
    sign_in.tokens().await;
    // Next time it is asked for.
    let again = org.begin_as("enroll@example.com").await;
    assert_eq!(again.step(), "authenticator-verification-data");
}

#[tokio::test]
async fn a_phones_number_may_come_with_the_choice() {
    let org = Org::start().await;
    let more = json!({ "methodType": "voice", "phoneNumber": "+15551234567" });
    let mut sign_in = begin(&org, "Phone", more).await;
    assert_eq!((sign_in.step(), org.inbox().await[0]["channel"].clone()), ("enroll-authenticator", json!("voice")));
    sign_in.passcode(&org.code().await).await;
    sign_in.tokens().await;
}

#[tokio::test]
async fn an_invalid_number_is_told() {
    let org = Org::start().await;
    let sign_in = begin(&org, "Phone", json!({ "methodType": "sms", "phoneNumber": "5551234" })).await;
    assert_eq!((sign_in.status, sign_in.step()), (400, "authenticator-enrollment-data"));
    assert_eq!(sign_in.messages(), ["api.factors.error.sms.invalid_phone"]);
}

#[tokio::test]
async fn google_authenticator_shows_a_qr_code_and_the_same_secret() {
    let org = Org::start().await;
    let mut sign_in = begin(&org, "Google Authenticator", json!({})).await;
    let context = sign_in.page["currentAuthenticator"]["value"]["contextualData"].clone();
    assert!(context["qrcode"]["href"].as_str().expect("an image").starts_with("data:image/png;base64,iVBORw0KGgo"));
    assert_eq!(context["sharedSecret"].as_str().map(str::len), Some(32));
    sign_in.passcode("wrong").await;
    assert_eq!(sign_in.status, 401);
    assert_eq!(
        sign_in.page["currentAuthenticator"]["value"]["contextualData"]["sharedSecret"],
        context["sharedSecret"]
    );
    sign_in.passcode(&org.shown("enroll@example.com").await).await;
    sign_in.tokens().await;
}

#[tokio::test]
async fn tokens_are_proven_by_a_code_they_show() {
    let org = Org::start().await;
    for (label, fields) in [
        ("YubiKey", vec![]),
        ("RSA SecurID", vec![("id", "autsandboxrsa0000000"), ("methodType", "otp"), ("clientData", "mary")]),
        ("Atko On-Prem", vec![("id", "autsandboxonprem0000"), ("methodType", "otp"), ("clientData", "mary")]),
        ("Symantec VIP", vec![("credentialId", "VSST1234")]),
    ] {
        org.control("reset", json!({})).await;
        let mut sign_in = begin(&org, label, json!({})).await;
        let shown = org.get("/sandbox/totp?user=enroll@example.com").await.json;
        let mut credentials = json!({ "passcode": shown["code"] });
        for (name, value) in fields {
            credentials[name] = value.into();
        }
        if label == "Symantec VIP" {
            credentials["nextPasscode"] = shown["next"].clone();
        }
        sign_in.proceed("enroll-authenticator", json!({ "credentials": credentials })).await;
        assert_eq!(sign_in.status, 200, "{label} {}", sign_in.page);
        sign_in.tokens().await;
    }
}

#[tokio::test]
async fn a_security_question_may_be_the_orgs_or_ones_own() {
    let org = Org::start().await;
    for (credentials, status) in [
        (json!({ "questionKey": "disliked_food", "answer": "abc" }), 400),
        (json!({ "questionKey": "custom", "question": "<b>Atko?</b>", "answer": "Okta" }), 400),
        (json!({ "questionKey": "nonsense", "answer": "Okta" }), 400),
        (json!({ "questionKey": "custom", "question": "Atko?", "answer": "Okta" }), 200),
        (json!({ "questionKey": "disliked_food", "answer": "Okta" }), 200),
    ] {
        org.control("reset", json!({})).await;
        let mut sign_in = begin(&org, "Security Question", json!({})).await;
        sign_in.proceed("enroll-authenticator", json!({ "credentials": credentials })).await;
        assert_eq!(sign_in.status, status, "{credentials}");
    }
}

#[tokio::test]
async fn a_short_answer_is_told_at_both_alternatives() {
    let org = Org::start().await;
    let mut sign_in = begin(&org, "Security Question", json!({})).await;
    let credentials = json!({ "questionKey": "disliked_food", "answer": "abc" });
    sign_in.proceed("enroll-authenticator", json!({ "credentials": credentials })).await;
    let options = sign_in.remediation("enroll-authenticator")["value"][0]["options"].clone();
    for option in options.as_array().expect("alternatives") {
        let fields = option["value"]["form"]["value"].as_array().expect("fields");
        let answer = fields.iter().find(|field| field["name"] == "answer").expect("an answer");
        assert_eq!(answer["messages"]["value"][0]["i18n"]["key"], "securityQuestion.answer.tooShort.arg");
    }
}

#[tokio::test]
async fn okta_verify_is_set_up_by_qr_code_mail_or_text_message() {
    let org = Org::start().await;
    for channel in ["qrcode", "email", "sms"] {
        org.control("reset", json!({})).await;
        let mut sign_in = begin(&org, "Okta Verify", json!({})).await;
        assert_eq!(sign_in.steps(), ["enroll-poll", "select-enrollment-channel", "select-authenticator-enroll"]);
        if channel != "qrcode" {
            let chosen = json!({ "id": "autsandboxverify0000", "channel": channel });
            sign_in.proceed("select-enrollment-channel", json!({ "authenticator": chosen })).await;
            let (member, to) =
                if channel == "email" { ("email", "mary@acme.test") } else { ("phoneNumber", "+15551234567") };
            sign_in.proceed("enrollment-channel-data", json!({ member: to })).await;
            let context = &sign_in.page["currentAuthenticator"]["value"]["contextualData"];
            assert_eq!((&context["selectedChannel"], &context[member]), (&json!(channel), &json!(to)));
            let link = org.inbox().await[0]["link"].as_str().expect("a link").to_owned();
            let path = link.split_once("/sandbox/").expect("a link of ours").1.to_owned();
            assert_eq!(org.get(&format!("/sandbox/{path}")).await.status, 200);
            assert_eq!(org.get(&format!("/sandbox/{path}")).await.status, 404);
        } else {
            sign_in.proceed("enroll-poll", json!({})).await;
            assert_eq!(sign_in.step(), "enroll-poll");
            org.control("push", json!({ "to": "enroll@example.com", "answer": "approve" })).await;
        }
        sign_in.proceed("enroll-poll", json!({})).await;
        sign_in.tokens().await;
    }
}

#[tokio::test]
async fn email_is_set_up_with_a_code() {
    let org = Org::start().await;
    let mut sign_in = begin(&org, "Email", json!({})).await;
    assert_eq!(sign_in.page["currentAuthenticator"]["value"]["poll"]["name"], "poll");
    sign_in.passcode(&org.code().await).await;
    sign_in.tokens().await;
}

#[tokio::test]
async fn what_is_optional_may_be_skipped_or_taken_one_after_the_other() {
    let org = Org::start().await;
    let mut sign_in = org.begin_as("optional@example.com").await;
    assert_eq!(sign_in.steps(), ["select-authenticator-enroll", "skip"]);
    let credentials = json!({ "credentials": { "questionKey": "disliked_food", "answer": "Okta" } });
    sign_in.choose("select-authenticator-enroll", "Security Question", json!({})).await;
    sign_in.proceed("enroll-authenticator", credentials).await;
    assert_eq!(sign_in.steps(), ["select-authenticator-enroll", "skip"]);
    sign_in.proceed("skip", json!({})).await;
    sign_in.tokens().await;
}

#[tokio::test]
async fn grace_ends_after_as_many_skips_as_it_has() {
    let org = Org::start().await;
    for left in [3, 2, 1] {
        let mut sign_in = org.begin_as("grace@example.com").await;
        let offered = &sign_in.page["authenticators"]["value"][0]["gracePeriod"];
        assert_eq!(*offered, json!({ "type": "BY_SKIP_COUNT", "remainingSkips": left }));
        sign_in.proceed("skip", json!({})).await;
        sign_in.tokens().await;
    }
    let sign_in = org.begin_as("grace@example.com").await;
    assert_eq!(sign_in.steps(), ["select-authenticator-enroll"]);
}
