//! A passcode that a device or the help desk gives: tokens, YubiKeys, temporary access codes.

use super::screen::{Asked, Screen};
use crate::idx::AuthenticatorKey as Key;
use crate::pages::strings;

pub(super) fn screen(asked: &Asked<'_>) -> Screen {
    let lead = match asked.key() {
        Some(Key::Yubikey) => strings::PRESS_YOUR_KEY,
        Some(Key::TemporaryCode) => strings::ACCESS_CODE_FROM_SUPPORT,
        _ => strings::PASSCODE_FROM_TOKEN,
    };
    let heading = match asked.key() {
        Some(Key::TemporaryCode) => strings::ENTER_ACCESS_CODE,
        _ if asked.is_enrolling() => strings::SET_UP_TOKEN,
        _ => strings::ENTER_PASSCODE,
    };
    Screen::new(heading).lead(lead).method_form(asked)
}
