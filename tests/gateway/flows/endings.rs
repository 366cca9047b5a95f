//! Ends of a sign-in that let nobody in: each says what happened, and what can be done now.

use serde_json::{Value, json};

use super::{PASSWORD, is_in, past_the_password, world};
use crate::visitor::{View, Visitor};
use crate::world::World;

/// What stands at the end: the heading, words, and whether there is a way back to the first page.
fn ends(view: &View, heading: &str, words: &str, back: bool) {
    assert_eq!(view.page.headings, [heading], "{}", view.page.text);
    assert!(view.page.text.contains(words), "{words}: {}", view.page.text);
    assert_eq!(view.page.link("Back to sign in").is_some(), back, "{:?}", view.page.links);
}

/// Goes back to the first page, where nothing is in the way any more, and signs in.
async fn starts_again(world: &World, visitor: &mut Visitor, view: &View, change: Value) {
    world.tell("policies", change).await;
    let view = visitor.choose(view, "Back to sign in").await;
    assert_eq!(view.page.headings, ["Sign in"], "{}", view.page.text);
    is_in(&visitor.answer(&view, &[("identifier", "password@example.com"), ("password", PASSWORD)]).await);
}

#[tokio::test]
async fn an_end_that_the_org_comes_to_at_once_says_what_it_is() {
    let (world, mut visitor) = world().await;
    for (end, heading, words, back) in [
        ("link_expired", "This link no longer works", "Go back to the page where you started", true),
        ("link_stale", "This link no longer works", "Go back to the page where you started", true),
        ("link_failed", "This link no longer works", "Go back to the page where you started", true),
        ("other_tab", "You continued in another tab", "You can close this one.", false),
        ("code", "Your verification code", "123456", false),
        ("activation_unknown", "This link doesn’t work", "", true),
        ("suspended", "This account is suspended", "", true),
    ] {
        world.tell("policies", json!({"ends_with": end})).await;
        let view = visitor.visit("/app?x=1").await;
        ends(&view, heading, words, back);
        assert!(!visitor.jar().keys().any(|name| name.contains("session")), "{end}");
        if end == "code" {
            for words in ["FIREFOX", "Android", "Toronto"] {
                assert!(view.page.text.contains(words), "{words}: {}", view.page.text);
            }
        }
        if back {
            let mut other = Visitor::new(&world);
            let view = other.visit("/app?x=1").await;
            starts_again(&world, &mut other, &view, json!({"ends_with": null})).await;
        }
    }
}

#[tokio::test]
async fn a_device_that_is_not_registered_is_told() {
    let (world, mut visitor) = world().await;
    world.tell("policies", json!({"ends_with": "device_unregistered"})).await;
    let view = visitor.visit("/app?x=1").await;
    assert_eq!(view.page.headings, ["Your device needs attention"], "{}", view.page.text);
    world.tell("policies", json!({"ends_with": null})).await;
    let view = visitor.choose(&view, "Start again").await;
    is_in(&visitor.answer(&view, &[("identifier", "password@example.com"), ("password", PASSWORD)]).await);
}

#[tokio::test]
async fn where_nothing_can_be_set_up_that_is_said() {
    let (world, mut visitor) = world().await;
    world.tell("policies", json!({"set_up_unavailable": true})).await;
    let view = past_the_password(&mut visitor, "optional").await;
    assert_eq!(view.page.headings, ["You can’t set up methods right now"], "{}", view.page.text);
    assert!(view.page.button("Back to sign in").is_some(), "{}", view.page.text);
    world.tell("users", json!({"login": "grace@example.com", "grace_skips": 0})).await;
    let mut other = Visitor::new(&world);
    let view = past_the_password(&mut other, "grace").await;
    starts_again(&world, &mut other, &view, json!({"set_up_unavailable": false})).await;
}

#[tokio::test]
async fn an_app_that_is_not_theirs_is_named_to_whoever_is_not_let_in() {
    let (_world, mut visitor) = world().await;
    let view = past_the_password(&mut visitor, "unassigned").await;
    assert_eq!(view.page.headings, ["You don’t have access to Sandbox App"], "{}", view.page.text);
    for words in ["unassigned@example.com", "Reference: "] {
        assert!(view.page.text.contains(words), "{words}: {}", view.page.text);
    }
    let view = visitor.choose(&view, "Sign in with another account").await;
    is_in(&visitor.answer(&view, &[("identifier", "password@example.com"), ("password", PASSWORD)]).await);
}

#[tokio::test]
async fn a_policy_that_denies_or_cannot_be_met_says_so() {
    let (world, mut visitor) = world().await;
    let view = past_the_password(&mut visitor, "denied").await;
    ends(&view, "You can’t sign in here", "Contact support if you think that is wrong.", true);
    starts_again(&world, &mut visitor, &view, json!({})).await;

    let needs = json!([["okta_password"], ["tac"]]);
    world.tell("users", json!({"login": "phone@example.com", "needs": needs})).await;
    let mut other = Visitor::new(&world);
    let view = past_the_password(&mut other, "phone").await;
    ends(&view, "You have no sign-in method this app accepts", "Contact support", true);
}

#[tokio::test]
async fn a_recovery_that_ends_in_a_message_leads_to_the_first_page() {
    let (world, mut visitor) = world().await;
    world.tell("policies", json!({"recovery_lands": "message"})).await;
    let view = visitor.visit("/.gateway/recover?return=/app?x=1").await;
    let view = visitor.answer(&view, &[("identifier", "password@example.com")]).await;
    let view = visitor.answer_or_press(&view).await;
    let code = world.code_for("password@example.com").await;
    let view = visitor.answer(&view, &[("code", &code)]).await;
    let new = [("password", "Another-5678"), ("confirm", "Another-5678")];
    let view = visitor.answer(&view, &new).await;
    assert_eq!(view.page.headings, ["Password changed"], "{}", view.page.text);
    let view = visitor.choose(&view, "ign in").await;
    is_in(&visitor.answer(&view, &[("identifier", "password@example.com"), ("password", "Another-5678")]).await);
}

#[tokio::test]
async fn an_account_that_cannot_be_unlocked_here_leads_to_support() {
    let (world, mut visitor) = world().await;
    world.tell("policies", json!({"recovery_methods": []})).await;
    let view = visitor.visit("/app?x=1").await;
    let view = visitor.choose(&view, "Unlock your account").await;
    assert_eq!(view.page.problems.len(), 1, "{}", view.page.text);
    assert!(view.page.text.contains("Contact support."), "{}", view.page.text);
    is_in(&visitor.answer(&view, &[("identifier", "password@example.com"), ("password", PASSWORD)]).await);
}
