//! Feature file `self-service-registration-password-optional`.

use super::*;

/// Given: the e-mail address is required, a password is offered. Mary has confirmed her address.
async fn confirmed() -> (World, Visitor, View) {
    let (world, mut visitor) = world().await;
    let policies = json!({"registration_required": ["okta_email"], "registration_optional": ["okta_password"]});
    world.tell("policies", policies).await;
    let view = names_given(&mut visitor, MARY).await;
    assert_eq!(view.page.headings, ["Check your email"], "the code is asked for at once: {}", view.page.text);
    let view = with_the_code(&world, &mut visitor, &view, MARY).await;
    assert_eq!(view.page.headings, ["Set up security methods"], "{}", view.page.text);
    (world, visitor, view)
}

/// Scenario: Mary signs up and skips the password.
#[tokio::test]
async fn mary_signs_up_and_skips_the_password() {
    let (_world, mut visitor, view) = confirmed().await;
    is_in(&visitor.choose(&view, "Remind me later").await);
}

/// Scenario: Mary signs up and enrols a password.
#[tokio::test]
async fn mary_signs_up_and_enrolls_a_password() {
    let (world, mut visitor, view) = confirmed().await;
    is_in(&new_password(&mut visitor, &view).await);
    let mut again = Visitor::new(&world);
    let view = again.visit("/app?x=1").await;
    is_in(&again.answer(&view, &[("identifier", MARY), ("password", NEW)]).await);
}
