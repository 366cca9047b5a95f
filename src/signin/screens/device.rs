//! What a device must change before the org lets it in: a flat list of messages → options of steps.
//!
//! ```text
//! …remediation.title · …explanation_… · ( …option_index · step · step )* · …additional_help_…
//! ```
//!
//! The steps are in our words where the catalogue has them, else in the org's; an administrator's own stand. With a
//! grace period a warning stands first, with the day on which it ends, and the person may go on.

use crate::idx::Message;
use crate::pages::{Fix, Link, Notice, NoticeKind, Text, strings};

use super::messages::{self, OF_DEVICES};
use super::screen::{Asked, Resend, Screen};

const OURS: &str = OF_DEVICES[0];
const GRACE: &str = OF_DEVICES[2];

/// A device is to answer the browser by itself, which it cannot do through a server.
pub(super) fn silent() -> Screen {
    let screen = Screen { parts: None, resend: Resend::Not, ..Screen::new(strings::METHOD_NOT_USABLE) };
    screen.lead(strings::METHOD_NOT_USABLE_UNNAMED)
}

/// The device needs attention, but not today.
pub(super) fn grace(asked: &Asked<'_>) -> Screen {
    let screen = Screen { skip: strings::CONTINUE_TO_APP, ..Screen::new(strings::DEVICE_ATTENTION) };
    screen.form(asked, strings::CONTINUE_TO_APP, strings::BUSY)
}

/// What is to be done to a device.
#[derive(Default)]
pub(super) struct Attention {
    /// Until when, where there is time.
    pub(super) warning: Option<Notice>,
    /// What it is about.
    pub(super) explanations: Vec<Text>,
    /// One of these is enough.
    pub(super) options: Vec<Vec<Fix>>,
    /// Pages that help.
    pub(super) help: Vec<Link>,
}

/// The list, if the messages are one.
pub(super) fn attention(messages: &[Message]) -> Option<Attention> {
    let mut found = Attention::default();
    let mut any = false;
    for message in messages.iter().filter(|message| messages::is_about_device(message)) {
        any = true;
        let link = message.links.first().map(|(_, address)| address.as_str().to_owned());
        match message.key.as_deref().unwrap_or_default().strip_prefix(OURS) {
            _ if message.key.as_deref().is_some_and(|key| key.starts_with(GRACE)) => {
                let text = match message.params.first() {
                    Some(date) => messages::text(message).with("date", date.as_str()),
                    None => Text::ours(strings::DEVICE_GRACE_UNDATED),
                };
                found.warning = Some(Notice { kind: NoticeKind::Warn, text });
            }
            Some("title") => {}
            Some(rest) if rest.starts_with("explanation") => found.explanations.push(messages::text(message)),
            Some("option_index") => found.options.push(Vec::new()),
            Some(rest) if rest.starts_with("additional_help") => match link {
                Some(href) => found.help.push(Link::href(strings::DEVICE_HELP, href)),
                None => found.explanations.push(messages::text(message)),
            },
            _ => {
                let fix = Fix { text: messages::text(message), href: link };
                match found.options.last_mut() {
                    Some(option) => option.push(fix),
                    None => found.options.push(vec![fix]),
                }
            }
        }
    }
    if found.explanations.is_empty() && found.warning.is_none() && !found.options.is_empty() {
        found.explanations.push(Text::ours(strings::DEVICE_ATTENTION_TEXT));
    }
    found.options.retain(|option| !option.is_empty());
    any.then_some(found)
}
