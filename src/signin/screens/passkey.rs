//! A passkey: using one, making one.

use super::screen::{Asked, Screen};
use crate::pages::{Text, strings};

/// Using a passkey, or making one.
pub(super) fn screen(asked: &Asked<'_>) -> Screen {
    let name = asked.method_name();
    let screen = match (asked.is_enrolling(), name.as_str()) {
        (true, _) => Screen::new(strings::CREATE_A_PASSKEY).lead(strings::CREATE_PASSKEY_LEAD),
        // The org's own names for it are technical; one that an administrator gave stands.
        (false, "" | "Security Key or Biometric" | "Passkeys") => {
            Screen::new(strings::USE_YOUR_PASSKEY).lead(strings::PASSKEY_LEAD)
        }
        (false, _) => Screen::titled(Text::Theirs(name)).lead(strings::PASSKEY_LEAD),
    };
    screen.method_form(asked)
}
