//! Steps that need a script or a device, and steps of kinds that the gateway does not know.

use serde_json::json;

use super::{is_in, past_the_password, world};
use crate::visitor::Visitor;

#[tokio::test]
async fn a_device_that_cannot_answer_a_server_is_declined_and_the_other_ways_come_up() {
    for device in ["loopback", "custom_uri", "signed_nonce", "sso_extension"] {
        let (world, mut visitor) = world().await;
        world.tell("users", json!({"login": "device@example.com", "device": device})).await;
        let view = past_the_password(&mut visitor, "device").await;
        let view = match view.page.main() {
            Some(_) => view,
            None => visitor.answer_or_press(&view).await,
        };
        assert_eq!(view.page.headings, ["Check your email"], "{device}: {}", view.page.text);
        let code = world.code_for("device@example.com").await;
        is_in(&visitor.answer(&view, &[("code", &code)]).await);
    }
}

#[tokio::test]
async fn a_device_that_is_asked_before_the_first_page_is_declined() {
    for device in ["loopback", "custom_uri", "sso_extension"] {
        let (world, mut visitor) = world().await;
        world.tell("policies", json!({"device": device})).await;
        let view = visitor.visit("/app?x=1").await;
        assert_eq!(view.page.headings, ["Sign in"], "{device}: {}", view.page.text);
        is_in(&visitor.answer(&view, &[("identifier", "password@example.com"), ("password", super::PASSWORD)]).await);
    }
}

#[tokio::test]
async fn a_step_that_nobody_has_heard_of_says_so_and_offers_the_other_ways() {
    let (world, mut visitor) = world().await;
    let view = past_the_password(&mut visitor, "unknown").await;
    assert_eq!(view.status, 200);
    assert!(view.page.form("cancel").is_some(), "{}", view.page.text);
    let view = visitor.choose(&view, "Try another way").await;
    let view = visitor.choose(&view, "Email").await;
    let view = match view.page.main() {
        Some(_) => view,
        None => visitor.answer_or_press(&view).await,
    };
    let code = world.code_for("unknown@example.com").await;
    is_in(&visitor.answer(&view, &[("code", &code)]).await);
}

#[tokio::test]
async fn a_field_or_a_method_that_nobody_has_heard_of_is_laid_out_from_its_description() {
    for unheard in ["authenticator", "field"] {
        let (world, mut visitor) = world().await;
        world.tell("users", json!({"login": "unknown@example.com", "unheard": unheard})).await;
        let view = past_the_password(&mut visitor, "unknown").await;
        assert_eq!(view.status, 200);
        assert!(view.page.main().is_some() || view.page.form("cancel").is_some(), "{unheard}: {}", view.page.text);
    }
}

#[tokio::test]
async fn the_org_s_limit_of_ten_calls_in_five_seconds_is_kept() {
    let (world, mut visitor) = world().await;
    world.tell("policies", json!({"rate_limit": 10})).await;
    let mut view = visitor.visit("/app?x=1").await;
    for attempt in 0..14 {
        let Some(form) = view.page.main().cloned() else { break };
        view = visitor
            .submit(&view, &form, &[("identifier", "password@example.com"), ("password", &format!("Wrong-{attempt}"))])
            .await;
    }
    let transcript = world.sandbox("transcript").await;
    let refused = transcript.as_array().expect("a list").iter().filter(|call| call["status"] == 429).count();
    assert_eq!(refused, 0, "the org had to refuse");
    assert_eq!(view.status, 429, "{}", view.page.text);
}

#[tokio::test]
async fn a_sign_in_goes_on_whatever_the_org_does_with_its_handles() {
    let (world, _) = world().await;
    world.tell("policies", json!({"rotate_state_handle": true})).await;
    let mut visitor = Visitor::new(&world);
    let view = past_the_password(&mut visitor, "question").await;
    is_in(&visitor.answer(&view, &[("answer", super::PASSWORD)]).await);
}
