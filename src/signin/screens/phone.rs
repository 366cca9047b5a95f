//! A phone: adding a number, having a code sent or said, typing it.

use super::by_method;
use super::screen::{Asked, Screen, to};
use crate::pages::strings;

/// Which number?
pub(super) fn add(asked: &Asked<'_>) -> Screen {
    Screen::new(strings::ADD_YOUR_PHONE).form(asked, strings::SEND_CODE, strings::SENDING)
}

/// By text or by call? Nothing is sent until that is pressed.
pub(super) fn send(asked: &Asked<'_>) -> Screen {
    let screen = Screen::new(strings::VERIFY_WITH_PHONE)
        .lead(to(strings::CAN_SEND_CODE_TO, strings::CAN_SEND_CODE, asked.masked("phoneNumber")))
        .lead(strings::CARRIER_CHARGES);
    by_method::form(asked, screen, strings::CONTINUE, strings::BUSY)
}

/// The code.
pub(super) fn screen(asked: &Asked<'_>) -> Screen {
    let phone = asked.masked("phoneNumber");
    let screen = match asked.about.is_some_and(|about| about.is_by("voice")) {
        true => Screen::new(strings::ANSWER_THE_CALL).lead(to(
            strings::CODE_SENT_VOICE,
            strings::CODE_SENT_VOICE_UNKNOWN,
            phone,
        )),
        false => Screen::new(strings::CHECK_YOUR_PHONE).lead(to(
            strings::CODE_SENT_SMS,
            strings::CODE_SENT_SMS_UNKNOWN,
            phone,
        )),
    };
    screen.method_form(asked)
}
