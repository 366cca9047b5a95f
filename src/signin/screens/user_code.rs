//! The code that a device shows, to connect it.

use super::screen::{Asked, Screen};
use crate::pages::strings;

pub(super) fn screen(asked: &Asked<'_>) -> Screen {
    Screen::new(strings::CONNECT_DEVICE).lead(strings::CONNECT_DEVICE_LEAD).form(asked, strings::NEXT, strings::BUSY)
}
