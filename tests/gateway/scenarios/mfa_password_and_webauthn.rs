//! Feature file `mfa-password-and-webauthn`.

use super::webauthn_signup::passkey_made;
use super::*;

/// Scenario: Mary enrols WebAuthn when she logs in.
#[tokio::test]
async fn enroll_in_webauthn_when_prompted_for_authenticator() {
    let (world, mut visitor) = world().await;
    world.tell("policies", json!({"required_enrolments": ["webauthn"]})).await;
    mary(&world, json!({})).await;
    let view = past_the_password(&mut visitor, "mary").await;
    let view = passkey_made(&world, &mut visitor, &view).await;
    is_in(&view);
    assert!(view.page.text.contains(MARY), "{}", view.page.text);
}
