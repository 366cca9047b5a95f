//! A device that breaks a rule: what to do is told, and it is let in for as long as the org says, or not at all.

use serde_json::json;

use super::{PASSWORD, is_in, past_the_password, world};
use crate::visitor::View;

/// Both ways out of it are told, each with its steps and where they are explained.
fn tells_what_to_do(view: &View) {
    for words in ["Option 1", "Option 2", "Enable lock screen", "cannot be rooted"] {
        assert!(view.page.text.contains(words), "{words}: {}", view.page.text);
    }
    assert_eq!(view.page.link("Update to Android 100"), Some("https://okta.example/upgrade"));
    assert!(view.body.contains("https://okta.example/help"));
}

#[tokio::test]
async fn a_device_that_is_refused_learns_why() {
    let (world, mut visitor) = world().await;
    world.tell("policies", json!({"device_assurance": "denied"})).await;
    let view = past_the_password(&mut visitor, "password").await;
    assert_eq!(view.page.headings[0], "Your device needs attention");
    tells_what_to_do(&view);
    assert!(!visitor.jar().keys().any(|name| name.contains("session")));

    world.tell("policies", json!({"device_assurance": null})).await;
    let again = visitor.choose(&view, "Try again").await;
    is_in(&visitor.answer(&again, &[("identifier", "password@example.com"), ("password", PASSWORD)]).await);
}

#[tokio::test]
async fn a_device_with_time_left_goes_on() {
    let (world, mut visitor) = world().await;
    world.tell("policies", json!({"device_assurance": "grace"})).await;
    let view = past_the_password(&mut visitor, "password").await;
    assert_eq!(view.page.headings[0], "Your device needs attention");
    assert!(view.page.text.contains("5 September 2030"), "{}", view.page.text);
    tells_what_to_do(&view);
    is_in(&visitor.choose(&view, "Continue to the app").await);
}
