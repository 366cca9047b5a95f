//! A list of methods to set up: those that must be, those that must be soon, those that may.

use super::methods;
use super::screen::{Asked, Screen, Waits};
use crate::pages::strings;

pub(super) fn screen(asked: &Asked<'_>) -> Screen {
    let screen = Screen { waits: Waits::Not, skip: strings::REMIND_ME_LATER, ..Screen::new(strings::SET_UP_METHODS) };
    screen.lead(strings::SET_UP_METHODS_LEAD).with(methods::list(asked))
}
