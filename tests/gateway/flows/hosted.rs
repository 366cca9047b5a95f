//! Pages that an org usually shows itself, and methods that a page of forms cannot do: each is reached, says what
//! it is, and has a way on or a way out.

use serde_json::json;

use super::passkeys::{Authenticator, options};
use super::{PASSWORD, is_in, past_the_password, world};
use crate::page::Form;
use crate::visitor::{View, Visitor};
use crate::world::World;

/// The ways out of a page are there.
fn leads_back(view: &View) {
    let form = view.page.form("cancel").or(view.page.button("Back to sign in"));
    assert!(form.is_some(), "no way out: {}", view.page.text);
}

/// Signs in on the first page that this view is.
async fn signs_in(visitor: &mut Visitor, view: &View, account: &str) -> View {
    let login = format!("{account}@example.com");
    visitor.answer(view, &[("identifier", &login), ("password", PASSWORD)]).await
}

/// Presses this button on a page of the org.
async fn press(visitor: &mut Visitor, there: &View, answers: &[(&str, &str)], words: &str) -> View {
    let form: &Form = there.page.forms.first().unwrap_or_else(|| panic!("no form: {}", there.page.text));
    let button = form.buttons.iter().position(|(_, _, text)| text == words).expect("a button");
    visitor.press(there, &form.clone(), answers, button).await
}

/// Nobody is signed in.
fn nobody_is_in(visitor: &mut Visitor) {
    assert!(!visitor.jar().keys().any(|name| name.contains("session")), "{:?}", visitor.jar());
}

#[tokio::test]
async fn a_password_kept_elsewhere_is_changed_there() {
    let (world, mut visitor) = world().await;
    let view = past_the_password(&mut visitor, "expired-elsewhere").await;
    assert_eq!(view.page.headings, ["Change your password"]);
    assert!(view.page.text.contains("Your password is kept by Atko Directory"), "{}", view.page.text);
    assert_eq!(view.page.link("Go to Atko Directory"), Some("https://passwords.example/change"));
    assert!(view.page.main().is_none(), "there is nothing to fill in: {}", view.page.text);
    leads_back(&view);
    nobody_is_in(&mut visitor);
    world.tell("users", json!({"login": "expired-elsewhere@example.com", "password_expired": false})).await;
    let view = visitor.choose(&view, "Back to sign in").await;
    is_in(&signs_in(&mut visitor, &view, "expired-elsewhere").await);
}

#[tokio::test]
async fn a_password_kept_elsewhere_that_soon_expires_can_wait() {
    let (_world, mut visitor) = world().await;
    let view = past_the_password(&mut visitor, "expiring-elsewhere").await;
    assert_eq!(view.page.headings, ["Your password expires in 4 days"]);
    assert_eq!(view.page.link("Go to Atko Directory"), Some("https://passwords.example/change"));
    leads_back(&view);
    is_in(&visitor.choose(&view, "Remind me later").await);
}

#[tokio::test]
async fn a_new_link_is_sent_in_place_of_one_that_has_expired() {
    let (world, mut visitor) = world().await;
    world.tell("policies", json!({"activation_expired": true})).await;
    world.tell("users", json!({"login": "new@example.com", "activation_token": true})).await;
    let old = world.code_for("new@example.com").await;
    let address = |token: &str| format!("/.gateway/register?activationToken={token}&return=/app?x=1");
    let view = visitor.visit(&address(&old)).await;
    let view = visitor.answer_or_press(&view).await;
    assert_eq!(view.page.headings, ["This link has expired"]);
    leads_back(&view);
    let view = visitor.choose(&view, "Send a new link").await;
    assert_eq!(view.page.headings, ["Request received"]);
    assert!(
        view.page.text.contains("If your details match an account, a new link is on its way."),
        "{}",
        view.page.text
    );

    world.tell("policies", json!({"activation_expired": false})).await;
    let new = world.code_for("new@example.com").await;
    assert_ne!(new, old);
    let view = visitor.visit(&address(&new)).await;
    let view = visitor.answer_or_press(&view).await;
    assert_eq!(view.page.headings, ["Set up security methods"]);
    let view = visitor.choose(&view, "Password").await;
    is_in(&visitor.answer(&view, &[("password", "Sandbox-5678"), ("confirm", "Sandbox-5678")]).await);
}

/// Up to the question whose mail it was.
async fn mailed(world: &World, visitor: &mut Visitor, policy: &str) -> View {
    world.tell("policies", json!({"email_consent": policy, "resend_wait_s": 0})).await;
    let view = past_the_password(visitor, "password-email").await;
    let view = visitor.answer_or_press(&view).await;
    let code = world.code_for("password-email@example.com").await;
    let view = visitor.answer(&view, &[("code", &code)]).await;
    assert_eq!(view.page.headings, ["Are you trying to sign in?"], "{}", view.page.text);
    for words in ["Sandbox App", "FIREFOX"] {
        assert!(view.page.text.contains(words), "{words}: {}", view.page.text);
    }
    nobody_is_in(visitor);
    view
}

#[tokio::test]
async fn whoever_opened_a_mail_says_whether_it_was_theirs() {
    let (world, mut visitor) = world().await;
    let view = mailed(&world, &mut visitor, "go_on").await;
    is_in(&visitor.choose(&view, "Yes, it’s me").await);
    for (policy, words, heading) in [
        ("go_on", "No, it’s not me", "Sign-in stopped"),
        ("return", "Yes, it’s me", "That worked"),
        ("return", "No, it’s not me", "Sign-in stopped"),
    ] {
        let mut other = Visitor::new(&world);
        let view = mailed(&world, &mut other, policy).await;
        let view = other.choose(&view, words).await;
        assert_eq!(view.page.headings, [heading], "{policy}, {words}: {}", view.page.text);
        nobody_is_in(&mut other);
    }
}

#[tokio::test]
async fn a_device_is_connected_by_its_code() {
    let (world, mut visitor) = world().await;
    world.tell("policies", json!({"device_code": {"code": "WDJB-MJHT"}})).await;
    let view = visitor.visit("/app?x=1").await;
    assert_eq!(view.page.headings, ["Connect your device"]);
    leads_back(&view);
    let view = visitor.answer(&view, &[("userCode", "AAAA-AAAA")]).await;
    assert_eq!(view.page.headings, ["Connect your device"]);
    assert_eq!(view.page.problems, ["That code is not right. Check it and try again."]);
    let view = visitor.answer(&view, &[("userCode", "wdjb mjht")]).await;
    assert_eq!(view.page.headings, ["Sign in"], "{}", view.page.text);
    let view = signs_in(&mut visitor, &view, "password").await;
    assert_eq!(view.page.headings, ["Your device is connected"], "{}", view.page.text);
    assert!(view.page.button("Back to sign in").is_none(), "there is nothing left to do: {}", view.page.text);
    nobody_is_in(&mut visitor);
}

#[tokio::test]
async fn a_device_that_is_not_connected_is_told_apart_from_one_that_is() {
    let (world, mut visitor) = world().await;
    for (fails, account, refuses) in [(true, "password", false), (false, "consent", true)] {
        world.tell("policies", json!({"device_code": {"code": "WDJB-MJHT", "fails": fails}})).await;
        let view = visitor.visit("/app?x=1").await;
        let view = visitor.answer(&view, &[("userCode", "WDJB-MJHT")]).await;
        let mut view = signs_in(&mut visitor, &view, account).await;
        if refuses {
            view = visitor.choose(&view, "Don’t allow").await;
        }
        assert_eq!(view.page.headings, ["Your device is not connected"], "{account}: {}", view.page.text);
    }
}

#[tokio::test]
async fn a_smart_card_is_shown_at_the_org_from_the_first_page() {
    for only in [false, true] {
        let (world, mut visitor) = world().await;
        world.tell("policies", json!({"idps": ["piv"], "idp_only": only})).await;
        let view = visitor.visit("/app?x=1").await;
        assert_eq!(view.page.headings, [if only { "Use your smart card" } else { "Sign in" }]);
        let there = visitor.choose(&view, "Continue with Smart card").await;
        assert!(there.url.path().starts_with("/sso/idps/"), "{}", there.url);
        let back = press(&mut visitor, &there, &[], "Deny").await;
        assert!(back.page.text.contains("We couldn’t sign you in with"), "{}", back.page.text);
        let there = visitor.choose(&back, "Continue with Smart card").await;
        is_in(&press(&mut visitor, &there, &[("login", "password@example.com")], "Approve").await);
    }
}

#[tokio::test]
async fn a_smart_card_is_a_second_factor() {
    let (world, mut visitor) = world().await;
    let view = past_the_password(&mut visitor, "smart-card").await;
    assert_eq!(view.page.headings, ["Use your smart card"]);
    leads_back(&view);
    let there = visitor.choose(&view, "Continue with Smart card").await;
    is_in(&press(&mut visitor, &there, &[], "Approve").await);
    let mut other = Visitor::new(&world);
    let view = past_the_password(&mut other, "smart-card").await;
    is_in(&by_email(&world, &mut other, &view, "smart-card").await);
}

#[tokio::test]
async fn an_identity_is_checked_at_a_provider() {
    let (_world, mut visitor) = world().await;
    let view = past_the_password(&mut visitor, "identity").await;
    assert_eq!(view.page.headings, ["Prove who you are"]);
    assert!(view.page.text.contains("Persona will check your identity"), "{}", view.page.text);
    leads_back(&view);
    nobody_is_in(&mut visitor);
    let there = visitor.choose(&view, "Continue with Persona").await;
    assert_eq!(there.url.path(), "/idp/identity-verification");
    let back = press(&mut visitor, &there, &[], "Deny").await;
    assert!(back.page.text.contains("We couldn’t sign you in with"), "{}", back.page.text);
    let there = visitor.choose(&back, "Continue with Persona").await;
    is_in(&press(&mut visitor, &there, &[], "Approve").await);
}

#[tokio::test]
async fn a_passkey_offered_at_the_end_is_had_or_not() {
    let (world, mut visitor) = world().await;
    world.tell("policies", json!({"passkey_promotion": true})).await;
    let view = past_the_password(&mut visitor, "password").await;
    assert_eq!(view.page.headings, ["Create a passkey"]);
    assert!(view.page.text.contains("This step needs JavaScript"), "{}", view.page.text);
    leads_back(&view);
    is_in(&visitor.choose(&view, "Not now").await);

    let mut other = Visitor::new(&world);
    let view = past_the_password(&mut other, "password").await;
    let mut authenticator = Authenticator::new(format!("http://localhost:{}", world.port));
    let (client_data, attestation) = authenticator.create(&options(&view));
    let form = view.page.form("enroll-authenticator-promotion").expect("a form").clone();
    let answers = [("clientData", client_data.as_str()), ("attestation", &attestation), ("transports", "[\"usb\"]")];
    is_in(&other.submit(&view, &form, &answers).await);
    let mut again = Visitor::new(&world);
    is_in(&past_the_password(&mut again, "password").await);
}

/// Goes the other way that such an account has: a code by e-mail.
async fn by_email(world: &World, visitor: &mut Visitor, view: &View, account: &str) -> View {
    let view = visitor.choose(view, "Try another way").await;
    let view = visitor.choose(&view, "Email").await;
    let view = match view.page.main() {
        Some(_) => view,
        None => visitor.answer_or_press(&view).await,
    };
    let code = world.code_for(&format!("{account}@example.com")).await;
    visitor.answer(&view, &[("code", &code)]).await
}

#[tokio::test]
async fn a_method_that_no_form_can_do_is_named_and_another_leads_in() {
    for (account, name) in [("duo", "Duo Security"), ("nfc-pin", "NFC"), ("smart-card", "Smart Card IdP")] {
        let (world, mut visitor) = world().await;
        if account == "smart-card" {
            let read_here = json!({"key": "smart_card_idp", "by_script": true});
            let enrolled = json!([{"key": "okta_password"}, {"key": "okta_email"}, read_here]);
            world.tell("users", json!({"login": "smart-card@example.com", "enrolled": enrolled})).await;
        }
        let view = past_the_password(&mut visitor, account).await;
        assert_eq!(view.page.headings, ["This method can’t be used here"], "{account}");
        let said = format!("{name} doesn’t work on this page. Try another way.");
        assert!(view.page.text.contains(&said), "{account}: {}", view.page.text);
        leads_back(&view);
        nobody_is_in(&mut visitor);
        is_in(&by_email(&world, &mut visitor, &view, account).await);
    }
}

#[tokio::test]
async fn where_a_captcha_is_asked_for_the_org_s_own_page_leads_in() {
    let world = World::with("[ui]\nhosted_fallback = true\n", &[]).await;
    world.tell("policies", json!({"captcha": true})).await;
    let mut visitor = Visitor::new(&world);
    let view = visitor.visit("/app?x=1").await;
    assert!(
        view.page.text.contains("This sign-in asks for a puzzle that this page doesn’t show."),
        "{}",
        view.page.text
    );
    assert!(view.page.text.contains("Reference: "), "{}", view.page.text);
    let refused = signs_in(&mut visitor, &view, "password").await;
    assert_eq!(refused.page.problems.len(), 1, "{}", refused.page.text);
    nobody_is_in(&mut visitor);
    let there = visitor.choose(&refused, "Use the standard sign-in page").await;
    assert!(there.url.path().ends_with("/v1/authorize"), "{}", there.url);
    let answers = [("username", "password@example.com"), ("password", PASSWORD)];
    is_in(&press(&mut visitor, &there, &answers, "Sign in").await);
}
