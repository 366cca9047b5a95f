//! A security question: choosing one, answering it.

use super::screen::{Asked, Screen};
use crate::idx::Kind;
use crate::pages::strings;

pub(super) fn screen(asked: &Asked<'_>) -> Screen {
    let screen = Screen::new(if asked.is_enrolling() { strings::CHOOSE_QUESTION } else { strings::ANSWER_QUESTION });
    match asked.form.kind {
        Kind::EnrollAuthenticator => screen.form(asked, strings::SAVE, strings::SAVING),
        _ => screen.method_form(asked),
    }
}
