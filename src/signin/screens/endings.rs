//! The ends of a sign-in: replies with a message and no form, and replies that cannot be acted on.

use http::StatusCode;

use super::{device, messages};
use crate::idx::{Failure, Message, MessageClass, Reply};
use crate::pages::{Link, MessagePage, StringId, Text, To, strings};

/// Keys after which there is nothing to do on this page: the person goes on elsewhere.
const NOTHING_TO_DO: [&str; 5] = [
    "idx.return.to.original.tab",
    "idx.enter.otp.in.original.tab",
    "idx.transferred.to.new.tab",
    "idx.operation.cancelled.on.other.device",
    "idx.device.activated",
];

/// The page of a reply with messages and no form. `again` is where a new sign-in starts.
pub fn terminal(reply: &Reply, again: &str, request_access: Option<&str>, reference: &str) -> MessagePage {
    if messages::NO_ACCESS.iter().any(|key| reply.says(key)) {
        return no_access(reply, again, request_access, reference);
    }
    if reply.says("idx.session.expired") {
        return expired(again);
    }
    if let Some(device) = device::attention(&reply.messages) {
        let again = Link::href(strings::TRY_AGAIN, again);
        let actions = [again].into_iter().chain(device.help).collect();
        let page = MessagePage::new(strings::DEVICE_ATTENTION, device.explanations);
        return MessagePage { steps: device.options, actions, ..page };
    }
    let mut shown: Vec<&Message> = reply.messages.iter().collect();
    // What went wrong comes first; it names the page.
    shown.sort_by_key(|message| message.class != MessageClass::Error);
    let otp =
        reply.authenticator.as_ref().and_then(|about| about.context.otp.clone()).filter(|otp| looks_like_a_code(otp));
    let heading = shown.first().and_then(|message| {
        let alone = shown.len() == 1 && message.text.chars().count() <= 80;
        messages::heading(message, if alone { &message.text } else { "" })
    });
    let mut paragraphs: Vec<Text> = Vec::new();
    for text in shown.iter().map(|message| messages::text(message)) {
        if !paragraphs.contains(&text) {
            paragraphs.push(text);
        }
    }
    if shown.is_empty() && reply.device_enrollment {
        return simple(strings::DEVICE_ATTENTION, vec![Text::ours(strings::DEVICE_NOT_REGISTERED_TEXT)], again, None);
    }
    if otp.is_some() {
        paragraphs.push(Text::ours(strings::YOUR_CODE_WARNING));
    }
    let nothing = shown.iter().any(|message| message.key.as_deref().is_some_and(|key| NOTHING_TO_DO.contains(&key)));
    let links = shown.iter().flat_map(|message| &message.links);
    let mut actions: Vec<Link> = match nothing || otp.is_some() {
        true => Vec::new(),
        false => {
            let text = if reply.says("idx.recovery.completed") { strings::SIGN_IN } else { strings::BACK_TO_SIGN_IN };
            vec![Link::href(text, again)]
        }
    };
    actions.extend(links.map(|(label, url)| Link { text: link_text(label), to: To::Href(url.as_str().to_owned()) }));
    let facts = reply.asked_from.iter().map(|(name, value)| {
        let label = match *name {
            "browser" => strings::FACT_BROWSER,
            "system" => strings::FACT_DEVICE,
            _ => strings::FACT_PLACE,
        };
        (Text::ours(label), value.clone())
    });
    let heading = heading.unwrap_or_else(|| Text::ours(strings::CANT_CONTINUE));
    MessagePage { code: otp, facts: facts.collect(), actions, ..MessagePage::new(heading, paragraphs) }
}

/// Who they are, where they may ask, and another account to try.
fn no_access(reply: &Reply, again: &str, request_access: Option<&str>, reference: &str) -> MessagePage {
    let app = reply.app.as_deref().unwrap_or_default();
    let heading = match app {
        "" => Text::ours(strings::NO_ACCESS),
        app => Text::ours(strings::NO_ACCESS_TO).with("app", app),
    };
    let who = reply.user.as_deref().map(|who| Text::ours(strings::SIGNED_IN_AS).with("user", who));
    let paragraphs = who.into_iter().chain([Text::ours(strings::NO_ACCESS_TEXT)]).collect();
    let escaped: String = url::form_urlencoded::byte_serialize(app.as_bytes()).collect();
    let ask = request_access.map(|address| (strings::REQUEST_ACCESS, address.replace("{app}", &escaped)));
    let ways = ask.into_iter().chain([(strings::SIGN_IN_AS_SOMEONE_ELSE, again.to_owned())]);
    let actions = ways.map(|(text, href)| Link::href(text, href)).collect();
    MessagePage { actions, reference: Some(reference.to_owned()), ..MessagePage::new(heading, paragraphs) }
}

/// The page of a sign-in that took too long, was finished elsewhere, or is not this browser's.
pub fn expired(again: &str) -> MessagePage {
    simple(strings::SESSION_EXPIRED, vec![Text::ours(strings::SESSION_EXPIRED_TEXT)], again, None)
}

/// The page of a failure, its status, and how long to wait in seconds where that is worth telling.
pub fn failed(failure: &Failure, again: &str, reference: String) -> (StatusCode, MessagePage, Option<u64>) {
    let page = |heading: StringId, text, reference| simple(heading, vec![text], again, reference);
    let passing = |heading, text, reference| {
        // The same step may be shown in a moment: nothing starts again.
        let actions = vec![Link::href(strings::TRY_AGAIN, again)];
        MessagePage { actions, reference, ..MessagePage::new(heading, vec![text]) }
    };
    match failure {
        Failure::RateLimited(wait) => {
            let seconds = wait.map_or(60, |wait| wait.as_secs().max(1));
            let text = Text::ours(strings::TOO_MANY_ATTEMPTS_WAIT).with("n", i64::try_from(seconds).unwrap_or(60));
            (StatusCode::TOO_MANY_REQUESTS, passing(strings::TOO_MANY_ATTEMPTS, text, None), Some(seconds))
        }
        failure if failure.is_passing() => {
            let text = Text::ours(strings::SIGN_IN_UNAVAILABLE_TEXT);
            let seconds = match failure {
                Failure::OverBudget(wait) => wait.as_secs() + 1,
                _ => 30,
            };
            let page = passing(strings::SIGN_IN_UNAVAILABLE, text, Some(reference));
            (StatusCode::SERVICE_UNAVAILABLE, page, Some(seconds))
        }
        Failure::OAuth { description, .. } if description.contains("token is invalid") => (
            StatusCode::BAD_REQUEST,
            page(strings::LINK_NO_LONGER_WORKS, Text::ours(strings::LINK_NO_LONGER_WORKS_TEXT), None),
            None,
        ),
        // A code that came too late, or a second time.
        Failure::OAuth { error, .. } if error == "invalid_grant" => (StatusCode::BAD_REQUEST, expired(again), None),
        Failure::NotAllowed(_) => (
            StatusCode::FORBIDDEN,
            page(strings::CANT_SIGN_IN_HERE, Text::ours(strings::CANT_SIGN_IN_HERE_TEXT), Some(reference)),
            None,
        ),
        Failure::OAuth { .. } | Failure::Api { .. } => (
            StatusCode::BAD_GATEWAY,
            page(strings::NOT_SET_UP, Text::ours(strings::NOT_SET_UP_TEXT), Some(reference)),
            None,
        ),
        _ => (
            StatusCode::BAD_GATEWAY,
            page(strings::SOMETHING_WENT_WRONG, Text::ours(strings::SOMETHING_WENT_WRONG_TEXT), Some(reference)),
            None,
        ),
    }
}

/// The page of a provider that signed nobody in.
pub fn refused(heading: Text, text: StringId, again: &str, reference: String) -> MessagePage {
    simple(heading, vec![Text::ours(text)], again, Some(reference))
}

fn simple(heading: impl Into<Text>, paragraphs: Vec<Text>, again: &str, reference: Option<String>) -> MessagePage {
    let actions = vec![Link::href(strings::START_AGAIN, again)];
    MessagePage { actions, reference, ..MessagePage::new(heading, paragraphs) }
}

/// Whether something that came in an address may be shown as a code.
pub fn looks_like_a_code(otp: &str) -> bool {
    (4..=16).contains(&otp.len()) && otp.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// What a link of the org's says; some come without words.
fn link_text(label: &str) -> Text {
    if label.is_empty() { Text::ours(strings::HELP) } else { Text::Theirs(label.to_owned()) }
}
