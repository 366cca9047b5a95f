//! The org's messages → our words.
//!
//! A message carries a key and its text in the page's language. Ours is used where the catalogue has the
//! key (`okta-<key>`), the org's otherwise. Where a person says who they are, whatever depends on whether
//! the account exists is one neutral sentence, so that nobody can find accounts by trying.

use crate::idx::{Kind, Message, MessageClass, Remediation, Reply};
use crate::pages::{Family, Notice, NoticeKind, Problem, Text, strings};

use super::fields::{BoundField, bound};

/// Families of keys of what a device must change: the org's, an administrator's own, the grace period.
pub(super) const OF_DEVICES: [&str; 3] = [
    "idx.error.code.access_denied.device_assurance.remediation.",
    "device.assurance.custom.remediation.",
    "idx.device_assurance.grace_period.warning.title",
];

/// Keys that say: signed in, and not let into this application.
pub(super) const NO_ACCESS: [&str; 2] = ["idx.error.code.user_not_assigned", "idx.error.user.not.assigned.to.app"];

/// Keys that tell an account from no account, a locked one from an open one, or one password from another.
const REVEALS_ACCOUNT: [&str; 10] = [
    "errors.E0000004",
    "errors.E0000006",
    "errors.E0000069",
    "errors.E0000095",
    "errors.E0000119",
    "errors.E0000207",
    "error.auth.lockedOut",
    "idx.unknown.user",
    "incorrectPassword",
    "security.access_denied",
];

/// Parts of keys that are about the post and not about whoever was named in it.
const OF_THE_POST: [&str; 6] =
    ["tooManyRequests", "E0000047", "E0000009", "username.required", "field_required", "captcha"];

/// A message in our words, or the org's where we have none.
pub(super) fn text(message: &Message) -> Text {
    let Some(key) = message.key.as_deref() else { return Text::Theirs(message.text.clone()) };
    // An administrator's own words stand.
    if key.ends_with("custom_message") || key.starts_with("device.assurance.custom") {
        return Text::Theirs(message.text.clone());
    }
    let suffix = match (key.starts_with("registration.error."), message.params.first().map(String::as_str)) {
        (true, Some("Email")) => ".Email",
        (true, Some(_)) => ".custom",
        _ => "",
    };
    // Without any words, the key is better than nothing.
    let or = if message.text.is_empty() { key } else { message.text.as_str() };
    let mut text = Text::named(Family::Message, &format!("{key}{suffix}"), or);
    for (index, param) in message.params.iter().enumerate() {
        text = match param.parse::<i64>() {
            Ok(number) => text.with(&format!("p{index}"), number),
            Err(_) => text.with(&format!("p{index}"), param.as_str()),
        };
    }
    text
}

/// The heading of a page that a message fills; `or` where the catalogue has none for its key.
pub(super) fn heading(message: &Message, or: &str) -> Option<Text> {
    Some(Text::named(Family::MessageHeading, message.key.as_deref()?, or))
}

/// Whether a message is one of what a device must change.
pub(super) fn is_about_device(message: &Message) -> bool {
    let key = message.key.as_deref().unwrap_or_default();
    OF_DEVICES.iter().any(|family| key.starts_with(family))
}

/// A message on the page of a step. What went wrong is said with its heading: "Contact support." alone says nothing.
fn whole(message: &Message, shown: &Remediation, reply: &Reply) -> Text {
    let sentence = text(message);
    let key = message.key.as_deref();
    if key.is_some_and(|key| NO_ACCESS.contains(&key))
        && let Some(app) = &reply.app
    {
        return sentence.headed(Text::ours(strings::NO_ACCESS_TO).with("app", app.as_str()));
    }
    if let (Kind::RedirectIdp | Kind::PivIdp, Some("errors.E0000004")) = (&shown.kind, key) {
        // No user name and no password was given here.
        return Text::ours(strings::PROVIDER_FAILED_TEXT).headed(match &shown.provider {
            Some(provider) => Text::ours(strings::PROVIDER_FAILED).with("name", provider.name.as_str()),
            None => Text::ours(strings::PROVIDER_FAILED_UNNAMED),
        });
    }
    match (message.class, heading(message, "")) {
        (MessageClass::Error | MessageClass::Warning, Some(heading)) => sentence.headed(heading),
        _ => sentence,
    }
}

/// What went wrong and what else there is to know, for the page of a step.
pub(super) fn feedback(shown: &Remediation, reply: &Reply) -> (Vec<Problem>, Vec<Notice>) {
    let controls = bound(shown, reply);
    let (mut problems, mut notices): (Vec<Problem>, Vec<Notice>) = (Vec::new(), Vec::new());
    for message in reply.messages.iter().filter(|message| !is_about_device(message)) {
        match neutral(shown, message) {
            Some(text) => add(&mut problems, Problem { field: first_field(&controls), text }),
            None if message.class == MessageClass::Error => {
                add(
                    &mut problems,
                    Problem { text: whole(message, shown, reply), field: only_field(&controls, message) },
                );
            }
            None => add(&mut notices, Notice { kind: notice(message), text: whole(message, shown, reply) }),
        }
    }
    for (path, message) in shown.field_messages() {
        let field = controls
            .iter()
            .find(|control| control.path == path)
            .or(controls.iter().find(|control| control.path.starts_with(&path)));
        let text = neutral(shown, &message).unwrap_or_else(|| whole(&message, shown, reply));
        let field = field.and_then(|control| control.control.labelled()).map(|at| at.id.clone());
        // The org says several things about one bad value; the first of them is enough.
        let of_a_family = message.key.as_deref().is_some_and(|key| key.starts_with("registration.error."));
        if of_a_family && field.is_some() && problems.iter().any(|problem| problem.field == field) {
            continue;
        }
        add(&mut problems, Problem { text, field });
    }
    (problems, notices)
}

fn add<T: PartialEq>(list: &mut Vec<T>, item: T) {
    if !list.contains(&item) {
        list.push(item);
    }
}

/// The one sentence for everything that depends on whether there is such an account.
fn neutral(shown: &Remediation, message: &Message) -> Option<Text> {
    let key = message.key.as_deref();
    let reveals = key.is_some_and(|key| REVEALS_ACCOUNT.contains(&key));
    // Where a person gets back in, any other refusal may depend on what the account has.
    let may_reveal = message.class == MessageClass::Error
        && !key.is_some_and(|key| OF_THE_POST.iter().any(|part| key.contains(part)));
    match shown.kind {
        Kind::Identify | Kind::SelectIdentify if reveals => Some(Text::ours(strings::BAD_CREDENTIALS)),
        Kind::IdentifyRecovery | Kind::UnlockAccount | Kind::SelectAuthenticatorUnlock if reveals || may_reveal => {
            Some(Text::ours(strings::RECOVER_SENT))
        }
        _ => None,
    }
}

fn notice(message: &Message) -> NoticeKind {
    match message.class {
        _ if message.key.as_deref() == Some("idx.password.expiring.message") => NoticeKind::Warn,
        MessageClass::Success => NoticeKind::Ok,
        MessageClass::Warning | MessageClass::Error => NoticeKind::Warn,
        MessageClass::Info => NoticeKind::Info,
    }
}

fn first_field(controls: &[BoundField]) -> Option<String> {
    controls.iter().find_map(|control| control.control.labelled()).map(|at| at.id.clone())
}

/// The box that a message on top is about, where there is only one it can mean.
fn only_field(controls: &[BoundField], message: &Message) -> Option<String> {
    let about_the_whole = message.key.as_deref().is_some_and(|key| {
        ["tooMany", "suspended", "E00001", "rejected", "expired.session"].iter().any(|part| key.contains(part))
            || ["oie.", "security.", "idx.error."].iter().any(|family| key.starts_with(family))
    });
    let mut typed = controls.iter().filter_map(|control| control.control.labelled());
    match (typed.next(), typed.next()) {
        (Some(at), None) if !about_the_whole => Some(at.id.clone()),
        _ => None,
    }
}

/// Whether it says that the org was asked too often.
pub(in crate::signin) fn is_too_often(message: &Message) -> bool {
    message.key.as_deref().is_some_and(|key| matches!(key, "tooManyRequests" | "oie.tooManyRequests" | "E0000047"))
}

/// The org's "too often" does not say how long; its header does. The reply without those words, and the wait instead.
pub(in crate::signin) fn with_wait(reply: &Reply) -> Option<(Reply, Problem)> {
    let wait = reply.retry_after.filter(|_| reply.messages.iter().any(is_too_often))?;
    let mut reply = reply.clone();
    reply.messages.retain(|message| !is_too_often(message));
    let seconds = i64::try_from(wait.as_secs().max(1)).unwrap_or(60);
    Some((reply, Problem { text: Text::ours(strings::TOO_MANY_ATTEMPTS_WAIT).with("n", seconds), field: None }))
}

/// Whether the transaction cannot go on after this message.
pub(in crate::signin) fn ends_transaction(message: &Message) -> bool {
    const KEYS: [&str; 12] = [
        "idx.session.expired",
        "tooManyRequests",
        "oie.tooManyRequests",
        "core.system.transaction_resource_not_found",
        "security.access_denied",
        "security.access_denied_custom_message",
        "oie.assurance.unsatisfiable",
        "idx.recovery.completed",
        "idx.email.verification.required",
        "oie.selfservice.unlock_user.success.message",
        "oie.selfservice.user.unlock.not.allowed",
        "api.users.auth.error.POST_PASSWORD_UPDATE_AUTH_FAILURE",
    ];
    message
        .key
        .as_deref()
        .is_some_and(|key| KEYS.contains(&key) || key.starts_with("idx.return") || key.starts_with("idx.error.code"))
}
