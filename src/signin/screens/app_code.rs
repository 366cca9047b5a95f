//! A code that an app makes: setting the app up, typing the code.

use super::screen::{Asked, Screen};
use crate::idx::Kind;
use crate::pages::{Text, strings};

/// Scan, then type the first code.
pub(super) fn set_up(asked: &Asked<'_>) -> Screen {
    let screen = Screen::new(strings::SET_UP_APP).lead(strings::SET_UP_APP_LEAD);
    match asked.form.kind {
        Kind::ResetAuthenticator => screen.form(asked, strings::VERIFY, strings::CHECKING),
        _ => screen.method_form(asked),
    }
}

/// The code.
pub(super) fn screen(asked: &Asked<'_>) -> Screen {
    let app = asked.method_name();
    let screen = Screen::titled(Text::ours(strings::ENTER_CODE_FROM).with("app", app.as_str()))
        .lead(Text::ours(strings::OPEN_APP_FOR_CODE).with("app", app));
    screen.method_form(asked)
}
