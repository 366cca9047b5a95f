//! Passwords that are forgotten, expired or about to be; accounts that are locked.

use serde_json::json;

use super::{PASSWORD, is_in, past_the_password, world};
use crate::visitor::{View, Visitor};
use crate::world::World;

const NEW: &str = "Another-5678";

async fn asked_for_a_new_password(world: &World, visitor: &mut Visitor) -> View {
    let view = visitor.visit("/app?x=1").await;
    let view = visitor.choose(&view, "Forgot your password?").await;
    assert_eq!(view.page.headings, ["Reset your password"]);
    let view = visitor.answer(&view, &[("identifier", "password@example.com")]).await;
    let view = match view.page.button("Email").is_some() {
        true => visitor.choose(&view, "Email").await,
        false => view,
    };
    let view = match view.page.button("Send me an email").is_some() {
        true => visitor.choose(&view, "Send me an email").await,
        false => view,
    };
    assert!(!view.page.text.contains("p***"), "no masked address before anything is proven: {}", view.page.text);
    let code = world.code_for("password@example.com").await;
    visitor.answer(&view, &[("code", &code)]).await
}

#[tokio::test]
async fn a_forgotten_password_is_replaced() {
    let (world, mut visitor) = world().await;
    let view = asked_for_a_new_password(&world, &mut visitor).await;
    assert_eq!(view.page.headings, ["Choose a new password"]);
    assert!(view.page.text.contains("at least 8 characters"), "{}", view.page.text);
    let before = world.calls("/challenge/answer").await;
    let view = visitor.answer(&view, &[("password", "short"), ("confirm", "short")]).await;
    assert_eq!(view.page.problems, ["Your password doesn’t meet all the requirements."]);
    let view = visitor.answer(&view, &[("password", NEW), ("confirm", "Another-5679")]).await;
    assert_eq!(view.page.problems, ["The two passwords are different."]);
    assert_eq!(world.calls("/challenge/answer").await, before, "what is plainly wrong costs no call");
    is_in(&visitor.answer(&view, &[("password", NEW), ("confirm", NEW)]).await);

    let mut again = Visitor::new(&world);
    let view = again.visit("/app?x=1").await;
    let view = again.answer(&view, &[("identifier", "password@example.com"), ("password", PASSWORD)]).await;
    assert_eq!(view.page.problems.len(), 1, "the old password still works");
    is_in(&again.answer(&view, &[("password", NEW)]).await);
}

#[tokio::test]
async fn recovery_has_an_entrance_of_its_own() {
    for first_page in ["password", "identifier"] {
        let (world, mut visitor) = world().await;
        world.tell("policies", json!({"first_page": first_page})).await;
        let view = visitor.visit("/.gateway/recover?return=/app?x=1").await;
        assert_eq!(view.page.headings, ["Reset your password"], "{first_page}");
        let view = visitor.answer(&view, &[("identifier", "password@example.com")]).await;
        assert!(!view.page.text.contains("Enter your password"), "{first_page}: {}", view.page.text);
        let view = match view.page.button("Email").is_some() {
            true => visitor.choose(&view, "Email").await,
            false => view,
        };
        let view = match view.page.button("Send me an email").is_some() {
            true => visitor.choose(&view, "Send me an email").await,
            false => view,
        };
        let code = world.code_for("password@example.com").await;
        let view = visitor.answer(&view, &[("code", &code)]).await;
        is_in(&visitor.answer(&view, &[("password", NEW), ("confirm", NEW)]).await);
    }
}

#[tokio::test]
async fn a_recovery_token_waits_for_a_button() {
    let (world, mut visitor) = world().await;
    world.tell("users", json!({"login": "password@example.com", "recovery_token": true})).await;
    let token = world.code_for("password@example.com").await;
    let view = visitor.visit(&format!("/.gateway/recover?recoveryToken={token}&return=/app?x=1")).await;
    assert!(!view.url.as_str().contains(&token), "the token stays in the address");
    assert_eq!(world.calls("/v1/interact").await, 0, "nothing is used before the button is pressed");
    let mut view = visitor.answer_or_press(&view).await;
    if view.page.main().is_none_or(|form| form.control("password").is_none()) {
        view = visitor.answer_or_press(&view).await;
    }
    is_in(&visitor.answer(&view, &[("password", NEW), ("confirm", NEW)]).await);
    assert!(!world.log().contains(&token), "the log holds the token");
}

#[tokio::test]
async fn a_locked_account_is_unlocked() {
    let (world, mut visitor) = world().await;
    let view = visitor.visit("/.gateway/unlock").await;
    assert_eq!(view.page.headings, ["Unlock your account"]);
    let form = view.page.main().expect("a form").clone();
    let button = form.buttons.iter().position(|(_, _, text)| text.contains("Email")).unwrap_or(0);
    let view = visitor.press(&view, &form, &[("identifier", "locked@example.com")], button).await;
    let code = world.code_for("locked@example.com").await;
    let view = visitor.answer(&view, &[("code", &code)]).await;
    assert!(view.page.text.contains("If the account was locked, it is open now."), "{}", view.page.text);
    let view = past_the_password(&mut visitor, "locked").await;
    is_in(&view);
}

#[tokio::test]
async fn an_expired_password_is_changed_on_the_way_in() {
    let (_world, mut visitor) = world().await;
    let view = past_the_password(&mut visitor, "expired").await;
    assert_eq!(view.page.headings, ["Your password has expired"]);
    let control = view.page.main().and_then(|form| form.control("password")).expect("a password box").clone();
    assert_eq!(control.autocomplete, "new-password");
    is_in(&visitor.answer(&view, &[("password", NEW), ("confirm", NEW)]).await);
}

#[tokio::test]
async fn a_password_that_expires_soon_may_be_kept() {
    let (world, mut visitor) = world().await;
    let view = past_the_password(&mut visitor, "expiring").await;
    assert_eq!(view.page.headings, ["Your password expires in 4 days"]);
    is_in(&visitor.choose(&view, "Remind me later").await);
    let mut other = Visitor::new(&world);
    let view = past_the_password(&mut other, "expiring").await;
    is_in(&other.answer(&view, &[("password", NEW), ("confirm", NEW)]).await);
}
