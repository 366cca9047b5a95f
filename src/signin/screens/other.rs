//! Screens with no method of their own, and the one for what nobody has heard of: laid out from its own description.

use super::screen::{Asked, Screen, Waits};
use crate::idx::Kind;
use crate::pages::{Text, strings};

/// A step that nobody has heard of, or one that has nothing of its own to say.
pub(super) fn screen(asked: &Asked<'_>) -> Screen {
    let asks = asked.form.asks();
    let screen = match &asked.form.label {
        Some(label) if asks => Screen::titled(Text::Theirs(label.clone())),
        _ if asks && !asked.form.needs_script() => Screen::new(strings::VERIFY_IT_IS_YOU),
        _ => Screen::new(strings::CANT_CONTINUE).lead(strings::CANT_CONTINUE_TEXT),
    };
    match asked.form.kind {
        Kind::SelectEnrollProfile => screen.form(asked, strings::CREATE_ACCOUNT, strings::BUSY),
        Kind::LaunchWebauthn => screen.form(asked, strings::SIGN_IN_WITH_PASSKEY, strings::BUSY),
        _ => screen.method_form(asked),
    }
}

/// The org is busy: the page asks again.
pub(super) fn busy(_: &Asked<'_>) -> Screen {
    Screen { waits: Waits::ForOrg, ..Screen::new(strings::BUSY_NOW) }
}

/// Nothing can be done but leave the step out.
pub(super) fn only_skip(asked: &Asked<'_>) -> Screen {
    Screen::new(strings::CANT_SET_UP_NOW).form(asked, strings::SKIP, strings::BUSY)
}

/// A method that no page of ours can use.
pub(super) fn not_usable(asked: &Asked<'_>) -> Screen {
    let name = asked.method_name();
    let text = Text::ours(strings::METHOD_NOT_USABLE_TEXT).with("name", name);
    Screen::new(strings::METHOD_NOT_USABLE).lead(text).method_form(asked)
}

/// A method that nobody has heard of.
pub(super) fn method(asked: &Asked<'_>) -> Screen {
    if asked.form.needs_script() || !asked.form.asks() {
        return not_usable(asked);
    }
    let own = asked.form.label.clone().or_else(|| asked.about.and_then(|about| about.display_name.clone()));
    let heading = own.map_or_else(|| Text::ours(strings::VERIFY_IT_IS_YOU), Text::Theirs);
    Screen::titled(heading).method_form(asked)
}
