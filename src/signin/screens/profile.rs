//! Attributes of a profile: registering, filling in what is missing.

use super::screen::{Asked, Screen};
use crate::idx::Kind;
use crate::pages::{Text, strings};

/// The registration form, or attributes that are missing.
pub(super) fn screen(asked: &Asked<'_>) -> Screen {
    let (title, button) = &asked.reply.display;
    let registers = asked.form.kind == Kind::EnrollProfile;
    let updates = asked.form.href.as_ref().is_some_and(|href| href.path().ends_with("/enroll/update"));
    let screen = match title {
        _ if !registers || updates => Screen::new(strings::MORE_DETAILS).lead(strings::MORE_DETAILS_LEAD),
        Some(title) => Screen::titled(Text::Theirs(title.clone())),
        None => Screen::new(strings::REGISTER).lead(strings::ALL_REQUIRED),
    };
    let button = match button {
        _ if !registers => Text::ours(strings::SAVE),
        Some(label) => Text::Theirs(label.clone()),
        None => Text::ours(strings::REGISTER_BUTTON),
    };
    screen.form_with(asked, button, strings::SAVING)
}

/// The link of the activation e-mail came too late: another one?
pub(super) fn link_expired(asked: &Asked<'_>) -> Screen {
    Screen::new(strings::LINK_EXPIRED).lead(strings::LINK_EXPIRED_TEXT).form(
        asked,
        strings::SEND_NEW_LINK,
        strings::SENDING,
    )
}
