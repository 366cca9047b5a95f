//! Feature file `mfa-password-and-email`.

use super::*;

async fn mailed() -> (World, Visitor, View) {
    let (world, mut visitor) = world().await;
    mary(&world, json!({"needs": password_and("okta_email")})).await;
    let view = past_the_password(&mut visitor, "mary").await;
    let view = have_it_mailed(&mut visitor, &view).await;
    (world, visitor, view)
}

/// Scenario: 2FA login with e-mail, and a wrong code.
#[tokio::test]
async fn two_factor_login_with_email_and_a_wrong_code() {
    let (_world, mut visitor, view) = mailed().await;
    let view = visitor.answer(&view, &[("code", "000000")]).await;
    assert_eq!(view.page.problems, [WRONG_CODE]);
    assert!(view.page.main().is_some_and(|form| form.control("code").is_some()), "{}", view.page.text);
}

/// Scenario: 2FA login with e-mail.
#[tokio::test]
async fn two_factor_login_with_email() {
    let (world, mut visitor, view) = mailed().await;
    is_in(&with_the_code(&world, &mut visitor, &view, MARY).await);
}
