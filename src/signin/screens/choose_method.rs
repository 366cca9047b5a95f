//! A list of methods to prove who one is.

use super::methods;
use super::screen::{Asked, Screen, Waits};
use crate::pages::strings;

pub(super) fn screen(asked: &Asked<'_>) -> Screen {
    let heading = if asked.reply.recovering { strings::RESET_PASSWORD } else { strings::VERIFY_IT_IS_YOU };
    let screen = Screen { waits: Waits::Not, ..Screen::new(heading) };
    screen.lead(strings::CHOOSE_HOW_TO_VERIFY).with(methods::list(asked))
}
