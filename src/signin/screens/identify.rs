//! The first page: who is it, perhaps with the password.

use super::Entry;
use super::screen::{Asked, Screen};
use crate::idx::Kind;
use crate::pages::{Text, strings};

/// Who is it? What for, the heading says.
pub(super) fn screen(asked: &Asked<'_>) -> Screen {
    let screen = match asked.view.entry {
        Entry::Recover => Screen::new(strings::RESET_PASSWORD).lead(strings::RECOVER_LEAD),
        Entry::Unlock => Screen::new(strings::UNLOCK_ACCOUNT),
        Entry::SignIn | Entry::Register => {
            let screen = Screen::new(strings::SIGN_IN);
            match &asked.reply.app {
                Some(app) => screen.lead(Text::ours(strings::TO_CONTINUE_TO).with("app", app.as_str())),
                None => screen,
            }
        }
    };
    match asked.form.field("credentials") {
        Some(_) => screen.form(asked, strings::SIGN_IN, strings::SIGNING_IN),
        None => screen.form(asked, strings::NEXT, strings::BUSY),
    }
}

/// A method that the first page begins with.
pub(super) fn launch(asked: &Asked<'_>) -> Screen {
    let button =
        if asked.form.kind == Kind::LaunchWebauthn { strings::SIGN_IN_WITH_PASSKEY } else { strings::CONTINUE };
    Screen::new(strings::SIGN_IN).form(asked, button, strings::BUSY)
}

/// Back from a registration.
pub(super) fn back_from_registration(asked: &Asked<'_>) -> Screen {
    let button = if asked.form.asks() { strings::NEXT } else { strings::HAVE_AN_ACCOUNT };
    Screen::new(strings::SIGN_IN).form(asked, button, strings::BUSY)
}
