//! Okta Verify's push: with and without a number, rejected, timed out, sent again; with and without script. And an org
//! that is busy, which is polled too.

use reqwest::Method;
use serde_json::{Value, json};

use super::{is_in, past_the_password, world};
use crate::visitor::{View, Visitor};
use crate::world::World;

async fn push_sent(visitor: &mut Visitor, account: &str) -> View {
    let view = past_the_password(visitor, account).await;
    let view = visitor.choose(&view, "push").await;
    match view.page.headings[0].as_str() {
        "Get a push notification" => visitor.answer_or_press(&view).await,
        _ => view,
    }
}

/// Asks as the page's script does.
pub(crate) async fn polled(visitor: &mut Visitor, view: &View) -> (u16, Value) {
    let data = |name: &str| view.page.data.iter().find(|(found, _)| found == name).map(|(_, value)| value.clone());
    let url = view.url.join(&data("data-poll").expect("the page polls")).expect("an address");
    visitor.headers = vec![
        ("x-csrf-token".to_owned(), data("data-csrf").expect("a token")),
        ("accept".to_owned(), "application/json".to_owned()),
        ("sec-fetch-mode".to_owned(), "cors".to_owned()),
    ];
    let response = visitor.send(Method::POST, url, Some(String::new()), "same-origin").await;
    visitor.headers.clear();
    (response.status().as_u16(), serde_json::from_str(&response.text().await.expect("a body")).expect("JSON"))
}

async fn answer(world: &World, account: &str, answer: &str) {
    world.tell("push", json!({"to": format!("{account}@example.com"), "answer": answer})).await;
}

#[tokio::test]
async fn approved_without_script() {
    let (world, mut visitor) = world().await;
    let view = push_sent(&mut visitor, "push").await;
    assert_eq!(view.page.headings, ["Check your phone"]);
    let waiting = visitor.choose(&view, "I’ve approved it").await;
    assert_eq!(waiting.page.headings, ["Check your phone"]);
    answer(&world, "push", "approve").await;
    is_in(&visitor.choose(&waiting, "I’ve approved it").await);
}

#[tokio::test]
async fn approved_with_script() {
    let (world, mut visitor) = world().await;
    let view = push_sent(&mut visitor, "push").await;
    let (status, reply) = polled(&mut visitor, &view).await;
    assert_eq!((status, reply["refresh"].is_number(), reply["next"].is_null()), (200, true, true), "{reply}");
    answer(&world, "push", "approve").await;
    let (_, reply) = polled(&mut visitor, &view).await;
    assert_eq!(reply["next"], "/app?x=1");
    is_in(&visitor.visit("/app?x=1").await);
}

#[tokio::test]
async fn a_number_is_shown_and_must_be_tapped() {
    let (world, mut visitor) = world().await;
    let view = push_sent(&mut visitor, "push-number").await;
    let waiting = match view.page.text.contains("tap this number") {
        true => view,
        false => visitor.choose(&view, "I’ve approved it").await,
    };
    let number =
        waiting.page.text.split("The number is").nth(1).expect("a number").split_whitespace().next().expect("a number");
    world.tell("push", json!({"to": "push-number@example.com", "answer": "approve", "number": number})).await;
    is_in(&visitor.choose(&waiting, "I’ve approved it").await);
}

#[tokio::test]
async fn rejected_and_sent_again() {
    let (world, mut visitor) = world().await;
    let view = push_sent(&mut visitor, "push").await;
    answer(&world, "push", "reject").await;
    let view = visitor.choose(&view, "I’ve approved it").await;
    assert!(view.page.text.contains("The request was turned down on your phone."), "{}", view.page.text);
    let view = visitor.choose(&view, "Send another notification").await;
    answer(&world, "push", "approve").await;
    is_in(&visitor.choose(&view, "I’ve approved it").await);
}

#[tokio::test]
async fn a_rejection_is_told_to_a_page_that_polls() {
    let (world, mut visitor) = world().await;
    let view = push_sent(&mut visitor, "push").await;
    answer(&world, "push", "reject").await;
    let (_, reply) = polled(&mut visitor, &view).await;
    let view = visitor.visit(reply["next"].as_str().expect("somewhere to go")).await;
    assert!(view.page.text.contains("The request was turned down on your phone."), "{}", view.page.text);
}

#[tokio::test]
async fn timed_out() {
    let (world, mut visitor) = world().await;
    world.tell("policies", json!({"push_lifetime_s": 0})).await;
    let view = push_sent(&mut visitor, "push").await;
    tokio::time::sleep(std::time::Duration::from_millis(1100)).await;
    let view = visitor.choose(&view, "I’ve approved it").await;
    assert!(view.page.text.contains("in time") || view.page.text.contains("Send another"), "{}", view.page.text);
    assert!(view.status.is_success(), "{}", view.status);
}

#[tokio::test]
async fn a_poll_must_know_its_token() {
    let (_world, mut visitor) = world().await;
    let view = push_sent(&mut visitor, "push").await;
    let url = view.url.join(&format!("{}/poll", view.url.path())).expect("an address");
    visitor.headers = vec![("x-csrf-token".to_owned(), "AAAA".to_owned())];
    assert_eq!(visitor.send(Method::POST, url, Some(String::new()), "same-origin").await.status(), 403);
}

#[tokio::test]
async fn a_page_that_waits_bears_an_org_that_stumbles() {
    let (mut world, mut visitor) = world().await;
    let view = push_sent(&mut visitor, "push").await;
    let (_, quiet) = polled(&mut visitor, &view).await;
    world.faults(json!([{"at": "any", "fault": "down", "times": 1}])).await;
    let (status, reply) = polled(&mut visitor, &view).await;
    assert_eq!((status, reply["refresh"].as_u64()), (200, quiet["refresh"].as_u64().map(|wait| wait * 2)), "{reply}");
    world.faults(json!([{"at": "any", "fault": "rate_limited", "reset_s": 20, "times": 1}])).await;
    assert_eq!(polled(&mut visitor, &view).await.0, 429);
    world.faults(json!([{"at": "introspect", "fault": "down", "times": 1}])).await;
    world.restart().await;
    let (_, reply) = polled(&mut visitor, &view).await;
    assert_eq!(reply["next"], view.url.path(), "what to show is asked again, on the page");
    let mut waits = Vec::new();
    for _ in 0..12 {
        waits.push(polled(&mut visitor, &view).await.1["refresh"].as_u64().unwrap_or_default());
    }
    assert_eq!(waits.last(), Some(&5000), "ten calls in five seconds are enough: {waits:?}");
}

#[tokio::test]
async fn an_approval_without_a_token_that_holds_signs_nobody_in() {
    let (world, mut visitor) = world().await;
    let view = push_sent(&mut visitor, "push").await;
    answer(&world, "push", "approve").await;
    world.faults(json!([{"at": "token", "fault": "wrong_nonce"}])).await;
    let cookies = visitor.cookies.clone();
    let data = |name: &str| view.page.data.iter().find(|(found, _)| found == name).expect("data").1.clone();
    visitor.headers = vec![("x-csrf-token".to_owned(), "guessed".to_owned())];
    let url = view.url.join(&data("data-poll")).expect("an address");
    let response = visitor.send(Method::POST, url.clone(), Some(String::new()), "same-origin").await;
    assert_eq!(response.status(), 403);
    visitor.headers = vec![("x-csrf-token".to_owned(), data("data-csrf"))];
    let response = visitor.send(Method::POST, url.clone(), Some(String::new()), "same-origin").await;
    assert_eq!(response.status(), 502);
    visitor.cookies.clear();
    let response = visitor.send(Method::POST, url, Some(String::new()), "same-origin").await;
    assert!(response.text().await.expect("a body").contains(view.url.path()), "the page itself says what is wrong");
    assert!(cookies.values().flatten().all(|(name, _)| !name.contains("session")));
}

#[tokio::test]
async fn a_busy_org_is_asked_again() {
    let (world, mut visitor) = world().await;
    world.tell("policies", json!({"busy_polls": 2})).await;
    let view = past_the_password(&mut visitor, "password").await;
    assert_eq!(view.page.headings, ["We can’t finish this right now"]);
    let again = visitor.choose(&view, "Try again").await;
    assert_eq!(again.page.headings, ["We can’t finish this right now"]);
    is_in(&visitor.choose(&again, "Try again").await);
}
