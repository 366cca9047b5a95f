//! Setting methods up: each kind, required, optional, put off.

use serde_json::json;

use super::{PASSWORD, is_in, past_the_password, shown_code, world};
use crate::visitor::{View, Visitor};

async fn at(visitor: &mut Visitor, method: &str) -> View {
    let view = past_the_password(visitor, "enroll").await;
    assert_eq!(view.page.headings, ["Set up security methods"]);
    assert!(view.page.form("skip").is_none(), "it is required");
    visitor.choose(&view, method).await
}

#[tokio::test]
async fn a_phone() {
    let (world, mut visitor) = world().await;
    let view = at(&mut visitor, "Phone").await;
    assert_eq!(view.page.headings, ["Add your phone"]);
    let wrong = visitor.answer(&view, &[("phone", "12")]).await;
    assert!(
        wrong.page.problems[0].starts_with("Enter a phone number with its country code"),
        "{:?}",
        wrong.page.problems
    );
    let view = visitor.answer(&wrong, &[("phone", "+1 (555) 010-9999"), ("methodType", "sms")]).await;
    assert_eq!(view.page.headings, ["Check your phone"], "{}", view.page.text);
    let code = world.code_for("+15550109999").await;
    is_in(&visitor.answer(&view, &[("code", &code)]).await);
}

#[tokio::test]
async fn an_authenticator_app() {
    let (world, mut visitor) = world().await;
    let view = at(&mut visitor, "Google Authenticator").await;
    assert_eq!(view.page.headings, ["Set up an authenticator app"]);
    assert!(view.body.contains("src=\"data:image/png;base64,"), "the picture is there");
    assert!(
        view.headers["content-security-policy"].to_str().is_ok_and(|policy| policy.contains("img-src 'self' data:"))
    );
    let wrong = visitor.answer(&view, &[("code", "000000")]).await;
    assert_eq!(wrong.page.problems.len(), 1);
    let code = shown_code(&world, "enroll").await;
    is_in(&visitor.answer(&wrong, &[("code", &code)]).await);
}

#[tokio::test]
async fn a_security_question_of_the_list_and_one_of_ones_own() {
    for (key, own) in [("disliked_food", ""), ("custom", "What is my cat called?")] {
        let (_world, mut visitor) = world().await;
        let view = at(&mut visitor, "Security question").await;
        assert_eq!(view.page.headings, ["Choose a security question"]);
        let short = visitor.answer(&view, &[("questionKey", key), ("customQuestion", own), ("answer", "x")]).await;
        assert_eq!(short.page.problems.len(), 1, "{:?}", short.page.problems);
        is_in(&visitor.answer(&short, &[("questionKey", key), ("customQuestion", own), ("answer", PASSWORD)]).await);
    }
}

#[tokio::test]
async fn an_email_address() {
    let (world, mut visitor) = world().await;
    let view = at(&mut visitor, "Email").await;
    let view = match view.page.main() {
        Some(_) => view,
        None => visitor.answer_or_press(&view).await,
    };
    assert_eq!(view.page.headings, ["Check your email"]);
    let code = world.code_for("enroll@example.com").await;
    is_in(&visitor.answer(&view, &[("code", &code)]).await);
}

#[tokio::test]
async fn okta_verify_by_picture_by_email_and_by_text() {
    for (channel, field, to) in
        [("qrcode", "", ""), ("email", "email", "enroll@example.com"), ("sms", "phone", "+15550109999")]
    {
        let (world, mut visitor) = world().await;
        let mut view = at(&mut visitor, "Okta Verify").await;
        assert_eq!(view.page.headings, ["Set up Okta Verify"]);
        assert!(view.body.contains("data:image/png"), "{}", view.page.text);
        if channel != "qrcode" {
            let list = visitor.choose(&view, "Try another way").await;
            let list = match list.page.main().is_some_and(|form| form.control("channel").is_some()) {
                true => list,
                false => visitor.follow(&view, &format!("{}?show=select-enrollment-channel", view.url.path())).await,
            };
            let asked = visitor.answer(&list, &[("channel", channel)]).await;
            view = visitor.answer(&asked, &[(field, to)]).await;
            assert!(view.page.text.contains("We sent"), "{}", view.page.text);
            world.newest_to(to).await;
        }
        world.tell("push", json!({"to": "enroll@example.com", "answer": "approve"})).await;
        is_in(&visitor.choose(&view, "I’ve set it up").await);
    }
}

#[tokio::test]
async fn tokens() {
    for (method, code_field) in [("RSA", "code"), ("YubiKey", "code"), ("Symantec", "code")] {
        let (world, mut visitor) = world().await;
        let view = at(&mut visitor, method).await;
        let form = view.page.main().unwrap_or_else(|| panic!("{method}: {}", view.page.text)).clone();
        let code = shown_code(&world, "enroll").await;
        let mut answers = vec![(code_field, code.as_str())];
        // What the token shows half a minute later.
        world.tell("policies", json!({"clock_offset_s": 30})).await;
        let next = shown_code(&world, "enroll").await;
        world.tell("policies", json!({"clock_offset_s": 0})).await;
        for (name, value) in
            [("clientData", "enroll"), ("credentialId", "VSMT12345678"), ("nextPasscode", next.as_str())]
        {
            if form.control(name).is_some() {
                answers.push((name, value));
            }
        }
        let view = visitor.submit(&view, &form, &answers).await;
        is_in(&view);
    }
}

#[tokio::test]
async fn what_is_optional_may_be_left_out() {
    let (_world, mut visitor) = world().await;
    let view = past_the_password(&mut visitor, "optional").await;
    assert!(view.page.text.contains("Optional"), "{}", view.page.text);
    is_in(&visitor.choose(&view, "Remind me later").await);
}

#[tokio::test]
async fn what_may_wait_says_until_when() {
    let (_world, mut visitor) = world().await;
    let view = past_the_password(&mut visitor, "grace").await;
    assert!(view.page.text.contains("Required soon"), "{}", view.page.text);
    is_in(&visitor.choose(&view, "Remind me later").await);
}
