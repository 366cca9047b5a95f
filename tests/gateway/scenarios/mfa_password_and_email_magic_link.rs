//! Feature file `mfa-password-and-email-magic-link`.

use super::*;

/// Scenario: 2FA login with an e-mail magic link, in the same browser.
#[tokio::test]
async fn two_factor_login_with_email_magic_link_on_the_same_browser() {
    let (world, mut visitor) = world().await;
    world.tell("policies", json!({"magic_link": true})).await;
    mary(&world, json!({"needs": password_and("okta_email")})).await;
    let view = past_the_password(&mut visitor, "mary").await;
    have_it_mailed(&mut visitor, &view).await;
    let link = link_in_mail(&world).await;
    is_in(&visitor.visit(&link).await);
}
