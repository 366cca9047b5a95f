//! The form in which a method is used or set up: its button.

use super::screen::{Asked, Screen};
use crate::idx::Kind;
use crate::pages::strings;

/// The screen with that form.
pub(super) fn form(asked: &Asked<'_>, screen: Screen) -> Screen {
    match asked.form.kind {
        Kind::ChallengeAuthenticator | Kind::EnrollAuthenticator => {
            screen.form(asked, strings::VERIFY, strings::CHECKING)
        }
        Kind::EnrollPromotion => {
            Screen { skip: strings::NOT_NOW, ..screen.form(asked, strings::CONTINUE, strings::BUSY) }
        }
        _ => screen.form(asked, strings::CONTINUE, strings::BUSY),
    }
}
