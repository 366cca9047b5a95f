//! Getting a forgotten password replaced: who is it?

use super::screen::{Asked, Screen};
use crate::pages::{StringId, strings};

/// Who is it?
pub(super) fn screen(asked: &Asked<'_>) -> Screen {
    Screen::new(strings::RESET_PASSWORD).lead(strings::RECOVER_LEAD).form(asked, strings::CONTINUE, strings::BUSY)
}

/// What the visitor came for, and the org does not offer.
pub(super) fn not_offered(heading: StringId) -> Screen {
    Screen { parts: None, ..Screen::new(heading).lead(strings::CONTACT_SUPPORT_TEXT) }
}
