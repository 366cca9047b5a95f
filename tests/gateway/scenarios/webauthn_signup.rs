//! Feature file `webauthn-signup`.

use super::*;
use crate::flows::passkeys::{Authenticator, options};

/// Sets a passkey up with an authenticator in software.
pub(super) async fn passkey_made(world: &World, visitor: &mut Visitor, view: &View) -> View {
    let view = set_up(visitor, view, "Passkey or security key").await;
    assert_eq!(view.page.headings, ["Create a passkey"]);
    let mut authenticator = Authenticator::new(format!("http://localhost:{}", world.port));
    let (client_data, attestation) = authenticator.create(&options(&view));
    let form = view.page.form("enroll-authenticator").expect("a form").clone();
    let answers = [("clientData", client_data.as_str()), ("attestation", &attestation), ("transports", "[\"usb\"]")];
    visitor.submit(&view, &form, &answers).await
}

/// Scenario: Mary signs up and enrols WebAuthn.
#[tokio::test]
async fn mary_signs_up_and_enrolls_webauthn() {
    let (world, mut visitor) = world().await;
    registration_asks(&world, &["webauthn"]).await;
    let view = registered_with_password(&mut visitor).await;
    is_in(&passkey_made(&world, &mut visitor, &view).await);
}
