//! Codes by e-mail, text message and call.

use serde_json::json;

use super::{is_in, past_the_password, world};
use crate::page::{Control, Form};

const PHONE: &str = "+15555550123";

#[tokio::test]
async fn a_code_by_text_message() {
    let (world, mut visitor) = world().await;
    let view = past_the_password(&mut visitor, "phone").await;
    assert_eq!(view.page.headings, ["Verify with your phone"]);
    assert!(
        world.sandbox("inbox").await.as_array().expect("a list").is_empty(),
        "nothing is sent before a button is pressed"
    );
    let view = visitor.choose(&view, "Send a text message").await;
    assert_eq!(view.page.headings, ["Check your phone"]);
    let code = view.page.main().and_then(|form| form.control("code")).expect("a code box").clone();
    assert_eq!(code.autocomplete, "one-time-code");
    let wrong = visitor.answer(&view, &[("code", "000000")]).await;
    assert_eq!(wrong.page.problems, ["That code is not right. Check it and try again."]);
    assert_eq!(wrong.page.main().and_then(|form| form.value("code")), Some(""), "a code is not kept");
    let code = world.code_for(PHONE).await;
    let spaced = format!(" {}-{} ", &code[..3], &code[3..]);
    is_in(&visitor.answer(&wrong, &[("code", &spaced)]).await);
}

#[tokio::test]
async fn a_code_by_call_where_both_are_offered_and_where_only_calls_are() {
    let (world, mut visitor) = world().await;
    let view = past_the_password(&mut visitor, "phone").await;
    let view = visitor.choose(&view, "Call me instead").await;
    assert_eq!(view.page.headings, ["Answer the call"]);
    let message = world.newest_to(PHONE).await;
    assert_eq!(message["channel"], "voice");
    is_in(&visitor.answer(&view, &[("code", message["code"].as_str().expect("a code"))]).await);

    let mut visitor = crate::visitor::Visitor::new(&world);
    let view = past_the_password(&mut visitor, "voice").await;
    assert!(view.page.button("Send a text message").is_none());
    let view = visitor.choose(&view, "Call me").await;
    let code = world.code_for(PHONE).await;
    is_in(&visitor.answer(&view, &[("code", &code)]).await);
}

#[tokio::test]
async fn a_new_code_is_not_sent_within_half_a_minute() {
    let (world, mut visitor) = world().await;
    let view = past_the_password(&mut visitor, "phone").await;
    let view = visitor.choose(&view, "Send a text message").await;
    let before = world.calls("/challenge/resend").await;
    let view = visitor.choose(&view, "Send a new code").await;
    assert!(view.page.text.contains("We just sent one. Wait"), "{}", view.page.text);
    assert_eq!(world.calls("/challenge/resend").await, before);
    assert_eq!(world.sandbox("inbox").await.as_array().map(Vec::len), Some(1));
    let code = world.code_for(PHONE).await;
    is_in(&visitor.answer(&view, &[("code", &code)]).await);
}

#[tokio::test]
async fn a_new_code_is_sent_and_said() {
    let (mut world, mut visitor) = world().await;
    world.tell("policies", json!({"resend_wait_s": 0})).await;
    let view = past_the_password(&mut visitor, "phone").await;
    let view = visitor.choose(&view, "Send a text message").await;
    // A gateway that has just begun does not know when the last code was sent; the org does.
    world.restart().await;
    let view = visitor.choose(&view, "Send a new code").await;
    assert!(view.page.text.contains("We sent a new code."), "{}", view.page.text);
    assert_eq!(world.sandbox("inbox").await.as_array().map(Vec::len), Some(2));
    let code = world.code_for(PHONE).await;
    is_in(&visitor.answer(&view, &[("code", &code)]).await);
}

#[tokio::test]
async fn too_many_wrong_codes_are_told_and_lead_to_a_new_start() {
    let (world, mut visitor) = world().await;
    let view = past_the_password(&mut visitor, "phone").await;
    let mut view = visitor.choose(&view, "Send a text message").await;
    for _ in 0..5 {
        if view.page.main().is_none_or(|form| form.control("code").is_none()) {
            break;
        }
        view = visitor.answer(&view, &[("code", "000000")]).await;
    }
    assert!(
        view.page.text.contains("Too many attempts") || view.page.text.contains("too many"),
        "{} {}",
        view.status,
        view.page.text
    );
    assert_eq!(world.calls("/v1/token").await, 0);
}

#[tokio::test]
async fn an_email_code_after_the_password() {
    let (world, mut visitor) = world().await;
    let view = past_the_password(&mut visitor, "password-email").await;
    assert_eq!(view.page.headings, ["Get an email"]);
    let view = visitor.answer_or_press(&view).await;
    assert_eq!(view.page.headings, ["Check your email"]);
    let wrong = visitor.answer(&view, &[("code", "000000")]).await;
    assert_eq!(wrong.page.problems, ["That code is not right. Check it and try again."]);
    let code = world.code_for("password-email@example.com").await;
    is_in(&visitor.answer(&wrong, &[("code", &code)]).await);
}

#[tokio::test]
async fn email_only() {
    let (world, mut visitor) = world().await;
    world.tell("policies", json!({"first_page": "identifier"})).await;
    let view = visitor.visit("/app?x=1").await;
    let view = visitor.answer(&view, &[("identifier", "email@example.com")]).await;
    let view = visitor.choose(&view, "Send me an email").await;
    let code = world.code_for("email@example.com").await;
    is_in(&visitor.answer(&view, &[("code", &code)]).await);
}

#[tokio::test]
async fn another_way_may_be_chosen_in_the_middle() {
    let (world, mut visitor) = world().await;
    let view = past_the_password(&mut visitor, "many").await;
    assert_eq!(view.page.headings, ["Verify it’s you"]);
    let view = visitor.choose(&view, "Security question").await;
    assert_eq!(view.page.headings, ["Answer your security question"]);
    let before = world.calls("/idp/idx/").await;
    let view = visitor.choose(&view, "Try another way").await;
    assert_eq!(world.calls("/idp/idx/").await, before, "showing the list costs no call");
    let view = visitor.choose(&view, "Text message").await;
    assert_eq!(view.page.headings, ["Check your phone"]);
    let code = world.code_for(PHONE).await;
    is_in(&visitor.answer(&view, &[("code", &code)]).await);
}

#[tokio::test]
async fn an_older_page_is_not_acted_on() {
    let (world, mut visitor) = world().await;
    let older = past_the_password(&mut visitor, "phone").await;
    let view = visitor.choose(&older, "Send a text message").await;
    let again = visitor.choose(&older, "Send a text message").await;
    assert_eq!(again.page.headings, view.page.headings);
    assert_eq!(world.sandbox("inbox").await.as_array().map(Vec::len), Some(1), "no code is sent twice");
    assert!(again.page.text.contains("You already finished that step."), "{}", again.page.text);
    let reloaded = visitor.follow(&again, again.url.as_str()).await;
    assert_eq!(reloaded.page.headings, ["Check your phone"]);
    let code = world.code_for(PHONE).await;
    is_in(&visitor.answer(&reloaded, &[("code", &code)]).await);
}

/// L-13: what comes after the second factor, asked for before it.
#[tokio::test]
async fn no_request_skips_a_step() {
    let (world, mut visitor) = world().await;
    let view = past_the_password(&mut visitor, "phone").await;
    let flow = view.url.path().to_owned();
    let is_of_step = |form: &&Form| form.buttons.iter().any(|(_, _, text)| text.contains("Send a text message"));
    let mut form = view.page.forms.iter().find(is_of_step).expect("a form").clone();
    let mut later = form.clone();
    later.controls.iter_mut().filter(|control| control.name == "do").for_each(|control| {
        control.value = "challenge-authenticator".to_owned();
    });
    let code = Control { name: "code".to_owned(), value: "123456".to_owned(), on: true, ..Control::default() };
    later.controls.push(code);
    visitor.submit(&view, &later, &[]).await;
    assert!(!visitor.jar().contains_key("gw_session"), "a code before it was sent");
    form.action = format!("{flow}/arrive");
    visitor.submit(&view, &form, &[]).await;
    assert!(!visitor.jar().contains_key("gw_session"), "the end before its time");
    for query in
        ["interaction_code=guessed&state=guessed", "code=guessed&state=guessed", "otp=123456&state=guessed", ""]
    {
        visitor.visit(&format!("/login/callback?{query}")).await;
        assert!(!visitor.jar().contains_key("gw_session"), "{query}");
    }
    assert_eq!(world.calls("/v1/token").await, 0);
    let view = visitor.visit(&flow).await;
    let view = match view.page.headings.first().map(String::as_str) {
        Some("Check your phone") => view,
        _ => visitor.choose(&view, "Send a text message").await,
    };
    let code = world.code_for(PHONE).await;
    is_in(&visitor.answer(&view, &[("code", &code)]).await);
}

#[tokio::test]
async fn a_page_costs_one_call_and_a_post_one() {
    let (world, mut visitor) = world().await;
    let view = visitor.visit("/app?x=1").await;
    assert_eq!(world.calls("/idp/idx/introspect").await, 1);
    let view = visitor.answer(&view, &[("identifier", "phone@example.com"), ("password", super::PASSWORD)]).await;
    let view = visitor.choose(&view, "Send a text message").await;
    visitor.follow(&view, view.url.as_str()).await;
    let paths: Vec<_> = ["introspect", "identify", "challenge"].iter().map(|path| format!("/idp/idx/{path}")).collect();
    let mut calls = Vec::new();
    for path in &paths {
        calls.push(world.calls(path).await);
    }
    assert_eq!(calls, [2, 1, 1], "a reload asks the org, since another replica may have gone on: {paths:?}");
}
