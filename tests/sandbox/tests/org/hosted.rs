//! Steps that Okta usually shows on pages of its own, and authenticators that a form cannot answer.

use serde_json::{Value, json};

use crate::passkey::{Authenticator, answer, challenge};
use crate::support::{Org, SignIn, claims};

const EMAIL: &str = "autsandboxemail00000";

/// Where an identity provider's link leads when its page is answered: the query of the app's address.
async fn answered_at(org: &Org, link: &Value, with: &str) -> Vec<(String, String)> {
    let path = link.as_str().expect("a link").strip_prefix(&org.0.origin()).expect("the org's own").to_owned();
    let page = org.get(&path).await;
    assert!(page.text.contains("<form method=post"), "{}", page.text);
    let there = org.get(&format!("{path}&answer={with}")).await;
    assert_eq!(there.status, 302, "{}", there.text);
    let url = url::Url::parse(&there.headers["location"]).expect("an address");
    url.query_pairs().map(|(name, value)| (name.into_owned(), value.into_owned())).collect()
}

fn has(query: &[(String, String)], name: &str) -> bool {
    query.iter().any(|(given, _)| given == name)
}

#[tokio::test]
async fn a_password_kept_elsewhere_cannot_be_changed_here() {
    let org = Org::start().await;
    let mut sign_in = org.begin_as("expired-elsewhere@example.com").await;
    assert_eq!(sign_in.steps(), ["reenroll-custom-password-expiry"]);
    let form = sign_in.remediation("reenroll-custom-password-expiry");
    assert_eq!(form["customExpiredPasswordName"], "Atko Directory");
    assert_eq!(form["customExpiredPasswordURL"], "https://passwords.example/change");
    sign_in.passcode("Sandbox-5678").await;
    assert_eq!((sign_in.status, sign_in.step()), (403, "reenroll-custom-password-expiry"));

    let mut sign_in = org.begin_as("expiring-elsewhere@example.com").await;
    assert_eq!(sign_in.steps(), ["reenroll-custom-password-expiry-warning", "skip"]);
    assert_eq!(sign_in.messages(), ["idx.password.expiring.message"]);
    assert_eq!(sign_in.page["currentAuthenticator"]["value"]["settings"]["daysToExpiry"], 4);
    sign_in.proceed("skip", json!({})).await;
    sign_in.tokens().await;
}

#[tokio::test]
async fn an_activation_that_is_too_old_is_asked_for_again() {
    let org = Org::start().await;
    org.control("policies", json!({ "activation_expired": true })).await;
    let person = org.control("users", json!({ "login": "new@example.com", "activation_token": true })).await;
    let token: &'static str = person["activation_token"].as_str().expect("a token").to_owned().leak();
    let mut sign_in = org.begin_with(&[("activation_token", token)]).await;
    assert_eq!(sign_in.steps(), ["request-activation-email"]);
    assert_eq!(sign_in.messages(), ["idx.expired.activation.token"]);
    assert!(sign_in.page.get("user").is_none(), "a link that is too old says nothing of whose it was");
    sign_in.proceed("request-activation-email", json!({})).await;
    assert_eq!((sign_in.status, sign_in.messages()), (200, vec!["idx.request.activation.email".to_owned()]));
    assert!(sign_in.steps().is_empty());
    sign_in.post("/idp/idx/request-activation", json!({})).await;
    assert_eq!(sign_in.status, 400, "once is enough");

    org.control("policies", json!({ "activation_expired": false })).await;
    let again: &'static str = org.code().await.leak();
    assert_ne!(again, token);
    let sign_in = org.begin_with(&[("activation_token", again)]).await;
    assert_eq!(sign_in.steps(), ["select-authenticator-enroll"]);
}

/// Signs in with a mailed code, up to the question whose mail it was.
async fn mailed<'o>(org: &'o Org, policy: &str) -> SignIn<'o> {
    org.control("policies", json!({ "email_consent": policy })).await;
    let mut sign_in = org.begin_as("password-email@example.com").await;
    let body = json!({ "authenticator": { "id": EMAIL, "methodType": "email" } });
    sign_in.proceed("authenticator-verification-data", body).await;
    sign_in.passcode(&org.code().await).await;
    assert_eq!((sign_in.steps(), sign_in.page["intent"].as_str()), (vec!["email-challenge-consent"], Some("CONSENT")));
    sign_in
}

#[tokio::test]
async fn whoever_read_a_mail_is_asked_whether_it_was_theirs() {
    let org = Org::start().await;
    let mut sign_in = mailed(&org, "go_on").await;
    let facts = &sign_in.remediation("email-challenge-consent")["requestInfo"];
    assert_eq!((facts[0]["name"].as_str(), facts[1]["value"].as_str()), (Some("appName"), Some("FIREFOX")));
    for bad in [json!({}), json!({ "consent": "yes" })] {
        sign_in.proceed("email-challenge-consent", bad).await;
        assert_eq!((sign_in.status, sign_in.step()), (400, "email-challenge-consent"));
    }
    sign_in.proceed("email-challenge-consent", json!({ "consent": true })).await;
    sign_in.tokens().await;
    for (policy, consent, key) in [
        ("go_on", false, "idx.operation.cancelled.by.user"),
        ("return", true, "idx.return.to.original.tab"),
        ("return", false, "idx.operation.cancelled.on.other.device"),
    ] {
        let mut sign_in = mailed(&org, policy).await;
        sign_in.proceed("email-challenge-consent", json!({ "consent": consent })).await;
        assert_eq!((sign_in.messages(), sign_in.steps().len()), (vec![key.to_owned()], 0));
    }
}

#[tokio::test]
async fn a_device_is_connected_by_the_code_that_it_shows() {
    let org = Org::start().await;
    for (fails, key) in [(false, "idx.device.activated"), (true, "idx.device.not.activated.internal.error")] {
        org.control("policies", json!({ "device_code": { "code": "WDJB-MJHT", "fails": fails } })).await;
        let mut sign_in = org.begin().await;
        assert_eq!(sign_in.steps(), ["user-code"]);
        sign_in.proceed("user-code", json!({ "userCode": "AAAA-AAAA" })).await;
        assert_eq!((sign_in.status, sign_in.messages()), (401, vec!["api.authn.error.PASSCODE_INVALID".to_owned()]));
        sign_in.proceed("user-code", json!({ "userCode": "wdjbmjht" })).await;
        sign_in.identify("password@example.com", "Sandbox-1234").await;
        assert_eq!((sign_in.messages(), sign_in.steps().len()), (vec![key.to_owned()], 0));
        assert!(sign_in.page.get("successWithInteractionCode").is_none(), "the app gets nothing");
    }
    let mut sign_in = org.begin().await;
    sign_in.proceed("user-code", json!({ "userCode": "WDJB-MJHT" })).await;
    sign_in.identify("consent@example.com", "Sandbox-1234").await;
    sign_in.proceed("consent", json!({ "consent": false })).await;
    assert_eq!(sign_in.messages(), ["idx.device.not.activated.consent.denied"]);

    org.control("policies", json!({ "wrong_codes": 2 })).await;
    let mut sign_in = org.begin().await;
    sign_in.proceed("user-code", json!({ "userCode": "AAAA-AAAA" })).await;
    sign_in.proceed("user-code", json!({ "userCode": "AAAA-AAAA" })).await;
    assert_eq!((sign_in.messages(), sign_in.steps().len()), (vec!["idx.invalid.device.code".to_owned()], 0));
}

#[tokio::test]
async fn an_identity_is_checked_elsewhere_by_whoever_was_sent_there() {
    let org = Org::start().await;
    let mut sign_in = org.begin_as("identity@example.com").await;
    let link = sign_in.remediation("redirect-idverify").clone();
    assert_eq!((link["type"].as_str(), link["idp"]["name"].as_str()), (Some("ID_PROOFING"), Some("Persona")));
    let elsewhere = org.begin_as("consent@example.com").await;
    assert_eq!(elsewhere.step(), "consent");
    let refused = org.get("/idp/identity-verification?stateTokenExternalId=guessed&answer=approve").await;
    assert_eq!(refused.status, 404);
    assert!(has(&answered_at(&org, &link["href"], "deny").await, "error"));
    sign_in.look().await;
    assert_eq!(sign_in.step(), "redirect-idverify");
    assert!(has(&answered_at(&org, &link["href"], "approve").await, "interaction_code"));
    let twice = link["href"].as_str().and_then(|href| href.strip_prefix(&org.0.origin())).expect("a link").to_owned();
    assert_eq!(org.get(&twice).await.status, 404, "once is enough");
}

#[tokio::test]
async fn a_passkey_is_offered_at_the_end_and_may_be_had_or_not() {
    let org = Org::start().await;
    org.control("policies", json!({ "passkey_promotion": true })).await;
    let mut sign_in = org.begin_as("password@example.com").await;
    assert_eq!(sign_in.steps(), ["enroll-authenticator-promotion", "skip"]);
    sign_in.proceed("skip", json!({})).await;
    sign_in.tokens().await;

    let mut authenticator = Authenticator::es256();
    let mut sign_in = org.begin_as("password@example.com").await;
    let made = authenticator.create("another-challenge");
    answer(&mut sign_in, made).await;
    assert_eq!((sign_in.status, sign_in.step()), (400, "enroll-authenticator-promotion"));
    let made = authenticator.create(&challenge(&sign_in, "activationData"));
    answer(&mut sign_in, made).await;
    sign_in.tokens().await;
    org.begin_as("password@example.com").await.tokens().await;
}

#[tokio::test]
async fn a_captcha_must_be_solved_where_it_is_asked_for() {
    let org = Org::start().await;
    org.control("policies", json!({ "captcha": true })).await;
    let mut sign_in = org.begin().await;
    let captcha = sign_in.page["captcha"]["value"].clone();
    assert_eq!(captcha["type"], "HCAPTCHA");
    sign_in.identify("password@example.com", "Sandbox-1234").await;
    assert_eq!((sign_in.status, sign_in.step()), (400, "identify"));
    for (id, token, status) in [
        (captcha["id"].clone(), "", 400),
        (captcha["id"].clone(), "guessed", 400),
        (json!("another"), "20000000-aaaa-bbbb-cccc-000000000002", 400),
        (captcha["id"].clone(), "20000000-aaaa-bbbb-cccc-000000000002", 200),
    ] {
        let body = json!({
            "identifier": "password@example.com", "credentials": { "passcode": "Sandbox-1234" },
            "captchaVerify": { "captchaId": id, "captchaToken": token },
        });
        sign_in.proceed("identify", body).await;
        assert_eq!(sign_in.status, status, "{id} {token}");
    }
    sign_in.tokens().await;
    let mut sign_in = org.begin().await;
    sign_in.proceed("select-enroll-profile", json!({})).await;
    let asked = sign_in.remediation("enroll-profile")["value"].to_string();
    assert!(asked.contains("captchaVerify"), "{asked}");
    let mut sign_in = org.begin().await;
    sign_in.act("currentAuthenticator", "recover").await;
    sign_in.proceed("identify-recovery", json!({ "identifier": "password@example.com" })).await;
    assert_eq!((sign_in.status, sign_in.step()), (400, "identify-recovery"));
}

#[tokio::test]
async fn duo_s_frame_a_pin_and_a_card_are_judged() {
    let org = Org::start().await;
    let mut sign_in = org.begin_as("duo@example.com").await;
    assert_eq!(sign_in.steps(), ["challenge-authenticator", "select-authenticator-authenticate"]);
    let about = sign_in.page["currentAuthenticatorEnrollment"]["value"].clone();
    assert_eq!(
        (about["key"].as_str(), about["contextualData"]["integrationType"].as_str()),
        (Some("duo"), Some("IFRAME"))
    );
    let signed = about["contextualData"]["signedToken"].as_str().expect("a token").replacen("TX", "AUTH", 1);
    for (made, status) in [("AUTH|sandbox:APP|guessed", 400), (signed.as_str(), 200)] {
        sign_in.proceed("challenge-authenticator", json!({ "credentials": { "signatureData": made } })).await;
        assert_eq!(sign_in.status, status, "{made}");
    }
    sign_in.tokens().await;

    let mut sign_in = org.begin_as("nfc-pin@example.com").await;
    assert_eq!(sign_in.page["currentAuthenticator"]["value"]["key"], "nfc_pin");
    sign_in.passcode("4321").await;
    assert_eq!(
        (sign_in.status, sign_in.messages()),
        (401, vec!["api.authenticator.error.nfc.pin_incorrect".to_owned()])
    );
    sign_in.passcode("1234").await;
    assert_eq!(claims(&sign_in.tokens().await["id_token"])["amr"], json!(["pwd", "pin", "mfa"]));

    let sign_in = org.begin_as("smart-card@example.com").await;
    assert_eq!(sign_in.steps(), ["piv-idp", "select-authenticator-authenticate"]);
    assert_eq!(sign_in.page["currentAuthenticatorEnrollment"]["value"]["key"], "smart_card_idp");
    let link = sign_in.remediation("piv-idp");
    assert_eq!(link["type"], "X509");
    assert!(has(&answered_at(&org, &link["href"], "approve").await, "interaction_code"));

    let card = json!({ "key": "smart_card_idp", "by_script": true });
    let email = json!({ "key": "okta_email" });
    org.control(
        "users",
        json!({ "login": "smart-card@example.com", "enrolled": [{ "key": "okta_password" }, email, card] }),
    )
    .await;
    let mut sign_in = org.begin_as("smart-card@example.com").await;
    sign_in.proceed("challenge-authenticator", json!({ "credentials": { "signatureData": "anything" } })).await;
    assert_eq!((sign_in.status, sign_in.step()), (401, "challenge-authenticator"));
}

#[tokio::test]
async fn a_smart_card_is_a_way_in_from_the_first_page() {
    let org = Org::start().await;
    org.control("policies", json!({ "idps": ["piv", "sandbox"] })).await;
    let sign_in = org.begin().await;
    assert_eq!(sign_in.steps()[..3], ["identify", "piv-idp", "redirect-idp"]);
    let path = sign_in.remediation("piv-idp")["href"].as_str().expect("a link").replace(&org.0.origin(), "");
    let there = org.get(&format!("{path}&answer=approve&login=password@example.com")).await;
    assert!(there.headers["location"].contains("interaction_code="), "{}", there.headers["location"]);
}

#[tokio::test]
async fn a_message_can_stand_in_place_of_the_first_page() {
    let org = Org::start().await;
    for (end, key, class) in [
        ("link_expired", "idx.return.link.expired", Some("INFO")),
        ("link_stale", "idx.return.stale", None),
        ("link_failed", "idx.return.error", Some("ERROR")),
        ("other_tab", "idx.transferred.to.new.tab", Some("INFO")),
        ("code", "idx.enter.otp.in.original.tab", Some("INFO")),
        ("activation_unknown", "idx.missing.activation.token", Some("ERROR")),
        ("suspended", "idx.activating.inactive.user", Some("ERROR")),
    ] {
        org.control("policies", json!({ "ends_with": end })).await;
        let sign_in = org.begin().await;
        assert_eq!((sign_in.messages(), sign_in.steps().len()), (vec![key.to_owned()], 0), "{end}");
        assert_eq!(sign_in.page["messages"]["value"][0]["class"].as_str(), class, "{end}");
    }
    org.control("policies", json!({ "ends_with": "device_unregistered" })).await;
    let sign_in = org.begin().await;
    assert_eq!(sign_in.page["deviceEnrollment"]["value"]["name"], "mdm");
    assert!(sign_in.messages().is_empty() && sign_in.steps().is_empty());
}

#[tokio::test]
async fn where_nothing_can_be_set_up_what_is_optional_is_skipped() {
    let org = Org::start().await;
    org.control("policies", json!({ "set_up_unavailable": true })).await;
    let key = "idx.error.server.safe.mode.enrollment.unavailable";
    let mut sign_in = org.begin_as("optional@example.com").await;
    assert_eq!((sign_in.steps(), sign_in.messages()), (vec!["skip"], vec![key.to_owned()]));
    sign_in.proceed("skip", json!({})).await;
    sign_in.tokens().await;
    org.control("users", json!({ "login": "grace@example.com", "grace_skips": 0 })).await;
    let sign_in = org.begin_as("grace@example.com").await;
    assert_eq!((sign_in.status, sign_in.steps().len(), sign_in.messages()), (403, 0, vec![key.to_owned()]));
}

#[tokio::test]
async fn somebody_to_whom_the_app_is_not_assigned_is_told() {
    let org = Org::start().await;
    let sign_in = org.begin_as("unassigned@example.com").await;
    assert_eq!((sign_in.status, sign_in.messages()), (403, vec!["idx.error.code.user_not_assigned".to_owned()]));
}
