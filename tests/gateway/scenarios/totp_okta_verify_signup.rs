//! Feature file `totp-okta-verify-signup`.

use super::totp_okta_verify_signin::{by_link, on_the_phone, picture};
use super::*;

/// Given: who registers sets up Okta Verify. Mary has registered with a password.
async fn given() -> (World, Visitor, View) {
    let (world, mut visitor) = world().await;
    registration_asks(&world, &["okta_verify"]).await;
    let view = registered_with_password(&mut visitor).await;
    (world, visitor, view)
}

/// Scenario: Mary signs up and enrols Okta Verify with a QR code.
#[tokio::test]
async fn mary_enrolls_okta_verify_at_sign_up_with_a_qr_code() {
    let (world, mut visitor, view) = given().await;
    let view = picture(&mut visitor, &view).await;
    is_in(&on_the_phone(&world, &mut visitor, &view).await);
}

/// Scenario: Mary signs up and enrols Okta Verify with an SMS link.
#[tokio::test]
async fn mary_enrolls_okta_verify_at_sign_up_with_an_sms_link() {
    let (world, mut visitor, view) = given().await;
    is_in(&by_link(&world, &mut visitor, &view, "sms", PHONE).await);
}

/// Scenario: Mary signs up and enrols Okta Verify with an e-mail link.
#[tokio::test]
async fn mary_enrolls_okta_verify_at_sign_up_with_an_email_link() {
    let (world, mut visitor, view) = given().await;
    is_in(&by_link(&world, &mut visitor, &view, "email", MARY).await);
}
