//! A password: typing it, choosing one, one that has expired or soon will.

use super::screen::{Asked, Screen};
use crate::idx::Kind;
use crate::pages::{Part, Text, strings};

/// The present one, or a first one.
pub(super) fn screen(asked: &Asked<'_>) -> Screen {
    let screen = Screen::new(if asked.is_enrolling() { strings::CHOOSE_A_PASSWORD } else { strings::ENTER_PASSWORD });
    match asked.form.kind {
        Kind::ChallengeAuthenticator => screen.form(asked, strings::SIGN_IN, strings::SIGNING_IN),
        Kind::EnrollAuthenticator => screen.form(asked, strings::SAVE_PASSWORD, strings::SAVING),
        _ => screen.method_form(asked),
    }
}

/// A new one, after a recovery.
pub(super) fn reset(asked: &Asked<'_>) -> Screen {
    Screen::new(strings::CHOOSE_A_NEW_PASSWORD).form(asked, strings::SAVE_PASSWORD, strings::SAVING)
}

/// A new one, since it has expired.
pub(super) fn expired(asked: &Asked<'_>) -> Screen {
    Screen::new(strings::PASSWORD_EXPIRED).lead(strings::PASSWORD_EXPIRED_TEXT).form(
        asked,
        strings::SAVE_PASSWORD,
        strings::SAVING,
    )
}

/// A new one, since it will soon.
pub(super) fn expires(asked: &Asked<'_>) -> Screen {
    let screen = Screen { skip: strings::REMIND_ME_LATER, ..Screen::titled(expiry(asked)) };
    screen.form(asked, strings::SAVE_PASSWORD, strings::SAVING)
}

/// The same, where it is kept and changed elsewhere.
pub(super) fn elsewhere(asked: &Asked<'_>) -> Screen {
    let screen = match asked.form.kind {
        Kind::ReenrollCustomPasswordWarning => {
            Screen { skip: strings::REMIND_ME_LATER, ..Screen::titled(expiry(asked)) }
        }
        _ => Screen::new(strings::PASSWORD_ELSEWHERE),
    };
    let Some((name, url)) = &asked.form.elsewhere else { return screen };
    screen.with([
        Part::Paragraph { text: Text::ours(strings::PASSWORD_ELSEWHERE_TEXT).with("name", name.as_str()) },
        Part::Leave { href: url.as_str().to_owned(), text: Text::ours(strings::GO_TO).with("name", name.as_str()) },
    ])
}

fn expiry(asked: &Asked<'_>) -> Text {
    match asked.reply.password_rules.as_ref().and_then(|rules| rules.days_to_expiry) {
        Some(0) => Text::ours(strings::PASSWORD_EXPIRES_TODAY),
        Some(days) if days > 0 => Text::ours(strings::PASSWORD_EXPIRES_IN).with("n", days),
        _ => Text::ours(strings::PASSWORD_EXPIRES_SOON),
    }
}
