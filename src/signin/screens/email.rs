//! E-mail: having a link or a code sent, and typing the code.

use super::screen::{Asked, Screen, to};
use crate::pages::{Text, strings};

/// Nothing is sent until the button is pressed.
pub(super) fn send(asked: &Asked<'_>) -> Screen {
    Screen::new(strings::GET_AN_EMAIL)
        .lead(to(strings::CAN_EMAIL, strings::CAN_EMAIL_UNKNOWN, asked.masked("email")))
        .form(asked, strings::SEND_EMAIL, strings::SENDING)
}

/// The code, while the page waits for the link to be opened.
pub(super) fn screen(asked: &Asked<'_>) -> Screen {
    let (email, other) = (asked.masked("email"), asked.masked("secondaryEmail"));
    let lead = match (asked.about.is_some_and(|about| about.context.magic_link), email, other) {
        (true, Some(email), Some(other)) => {
            Text::ours(strings::EMAIL_SENT_TO_BOTH).with("to", email).with("other", other)
        }
        (true, email, _) => to(strings::EMAIL_SENT_LINK_OR_CODE, strings::EMAIL_SENT_LINK_OR_CODE_UNKNOWN, email),
        (false, email, _) => to(strings::EMAIL_SENT_CODE, strings::EMAIL_SENT_CODE_UNKNOWN, email),
    };
    Screen::new(strings::CHECK_YOUR_EMAIL).lead(lead).method_form(asked)
}
