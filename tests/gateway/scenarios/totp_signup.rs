//! Feature file `totp-signup`.

use super::totp_signin::app_set_up;
use super::*;

/// Scenario: Mary signs up and enrols Google Authenticator.
#[tokio::test]
async fn mary_signs_up_and_enrolls_google_authenticator() {
    let (world, mut visitor) = world().await;
    registration_asks(&world, &["google_otp"]).await;
    let view = registered_with_password(&mut visitor).await;
    is_in(&app_set_up(&mut visitor, &view).await);
}
