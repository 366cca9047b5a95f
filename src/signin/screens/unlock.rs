//! Unlocking an account: who is it, and how to prove it.

use super::methods;
use super::screen::{Asked, Screen};
use crate::idx::Kind;
use crate::pages::strings;

/// The name, or the methods, or both at once.
pub(super) fn screen(asked: &Asked<'_>) -> Screen {
    let screen = Screen::new(strings::UNLOCK_ACCOUNT);
    if asked.form.kind == Kind::UnlockAccount {
        return screen.form(asked, strings::CONTINUE, strings::BUSY);
    }
    let lead = match asked.form.field("identifier") {
        Some(_) => strings::UNLOCK_LEAD,
        None => strings::CHOOSE_HOW_TO_VERIFY,
    };
    screen.lead(lead).with(methods::list(asked))
}
