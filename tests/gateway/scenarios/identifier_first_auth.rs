//! Feature file `identifier-first-auth`.

use super::*;

/// Given: any one factor is enough, and the user name is asked first. Mary has given hers.
async fn identified() -> (World, Visitor, View) {
    let (world, mut visitor) = world().await;
    world.tell("policies", json!({"first_page": "identifier", "magic_link": true})).await;
    mary(&world, json!({"needs": [["okta_email", "okta_password"]]})).await;
    let view = visitor.visit("/app?x=1").await;
    assert!(view.page.main().is_some_and(|form| form.control("password").is_none()), "{}", view.page.text);
    let view = visitor.answer(&view, &[("identifier", MARY)]).await;
    (world, visitor, view)
}

/// Scenario: Mary logs in with an e-mail OTP.
#[tokio::test]
async fn mary_logs_in_with_email_otp() {
    let (world, mut visitor, view) = identified().await;
    let view = confirm_by(&mut visitor, &view, "Email").await;
    assert_eq!(view.page.headings, ["Check your email"]);
    is_in(&with_the_code(&world, &mut visitor, &view, MARY).await);
}

/// Scenario: Mary logs in with an e-mail magic link, in the same browser.
#[tokio::test]
async fn mary_logs_in_with_email_magic_link_on_the_same_browser() {
    let (world, mut visitor, view) = identified().await;
    confirm_by(&mut visitor, &view, "Email").await;
    let link = link_in_mail(&world).await;
    is_in(&visitor.visit(&link).await);
}

/// Scenario: Mary logs in with her password.
#[tokio::test]
async fn mary_logs_in_with_a_password() {
    let (_world, mut visitor, view) = identified().await;
    let view = confirm_by(&mut visitor, &view, "Password").await;
    is_in(&visitor.answer(&view, &[("password", PASSWORD)]).await);
}
