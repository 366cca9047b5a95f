//! Feature file `basic-auth`.

use super::*;
use crate::sign_in::{app_sees, header};

/// Scenario: Mary logs in with a password.
#[tokio::test]
async fn mary_logs_in_with_a_password() {
    let (world, mut visitor) = world().await;
    mary(&world, json!({})).await;
    is_in(&past_the_password(&mut visitor, "mary").await);
    let report = app_sees(&mut visitor, "/app").await;
    assert_eq!(header(&report, "x-forwarded-email"), [MARY]);
    let account = visitor.visit("/.gateway/account").await;
    assert!(account.page.text.contains(MARY), "{}", account.page.text);
}

/// Scenario: Mary doesn't know her username. The org would say so; the gateway says of nobody whether they exist.
#[tokio::test]
async fn mary_doesnt_know_her_username() {
    let (world, mut visitor) = world().await;
    world.tell("policies", json!({"enumeration_prevention": false})).await;
    mary(&world, json!({})).await;
    let view = past_the_password(&mut visitor, "mory").await;
    assert_eq!(view.page.problems, [NEUTRAL]);
    assert_eq!(view.page.headings, ["Sign in"]);
    assert_eq!(view.page.main().and_then(|form| form.value("identifier")), Some("mory@example.com"));
    is_in(&visitor.answer(&view, &[("identifier", MARY), ("password", PASSWORD)]).await);
}

/// Scenario: Mary doesn't know her password.
#[tokio::test]
async fn mary_doesnt_know_her_password() {
    let (world, mut visitor) = world().await;
    mary(&world, json!({})).await;
    let view = visitor.visit("/app?x=1").await;
    let view = visitor.answer(&view, &[("identifier", MARY), ("password", "Wrong-1234")]).await;
    assert_eq!(view.page.problems, [NEUTRAL]);
    assert_eq!(view.page.headings, ["Sign in"]);
}
