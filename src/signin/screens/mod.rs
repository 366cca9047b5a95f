//! The translator between the org and the pages: a [`Reply`] becomes a page, posted fields become answers.
//!
//! The page is chosen by the remediation and the authenticator it is about; one that nobody has heard of is
//! laid out from its own description. Nothing here does I/O.

mod answers;
mod app_code;
mod by_method;
mod choose_method;
mod classify;
mod consent;
mod device;
mod email;
mod endings;
mod fields;
mod identify;
mod links;
mod messages;
mod methods;
mod okta_verify;
mod other;
mod passkey;
mod passkey_ceremony;
mod password;
mod password_rules;
mod phone;
mod profile;
mod provider;
mod question;
mod recovery;
mod screen;
mod set_up_methods;
mod token;
mod unlock;
mod user_code;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

pub use answers::{Posted, read, stays, value};
pub use endings::{expired, failed, looks_like_a_code, refused, terminal};
pub(super) use messages::{ends_transaction, is_too_often, with_wait};
pub use passkey_ceremony::Passkeys;
pub(super) use provider::leads_away;

use screen::{Asked, Screen, Waits};

use super::flow_url::FlowUrl;
use super::form_action::FormAction;
use super::transaction::Entry;
use crate::idx::{Authenticator, AuthenticatorKey, Field, Kind, Remediation, Reply, Shape};
use crate::pages::{
    Control, Focus, Link, Notice, Part, Poll, Post, Problem, Provider, StepPage, StringId, Text, TextKind, strings,
};
use crate::secret::sha256;

/// How often a page asks by itself where the org does not say.
const POLL_MILLISECONDS: u64 = 4000;

/// What a step's page depends on besides the reply.
pub struct View<'a> {
    /// What the visitor came for.
    pub entry: Entry,
    /// Where forms are posted and what they carry.
    pub post: Post,
    /// What was posted last, to be kept where it is no secret.
    pub typed: &'a Posted,
    /// What we found wrong ourselves.
    pub problems: Vec<Problem>,
    /// What else there is to say.
    pub notices: Vec<Notice>,
    /// Where passkeys are offered.
    pub passkeys: &'a Passkeys,
    /// Whether the page is looked at on a phone, which cannot scan itself.
    pub on_phone: bool,
    /// What the request is called in the log, for pages on which nothing can be done.
    pub reference: String,
    /// Whether the org's own sign-in page is offered where this one cannot go on.
    pub hosted: bool,
    /// Who else signs people in, beside the org's first form.
    pub providers: Vec<Provider>,
}

/// The page of a reply: `shown` is the first remediation, or another one that was asked for.
pub fn page(shown: &Remediation, reply: &Reply, view: View<'_>) -> StepPage {
    let asked = &Asked::new(shown, reply, &view);
    let mut screen = Screen::classify(asked);
    let mut links = links::of(asked, &mut screen);
    let (mut problems, mut notices) = messages::feedback(shown, reply);
    let device = device::attention(&reply.messages).unwrap_or_default();
    notices.extend(device.warning);
    problems.splice(0..0, view.problems.iter().cloned());
    notices.extend(view.notices.iter().cloned());
    let mut parts = parts(asked, &mut screen);
    if !device.options.is_empty() {
        parts.insert(0, Part::Steps { options: device.options });
    }
    let Screen { heading, mut lead, .. } = screen;
    if parts.iter().any(passkey_ceremony::is_elsewhere) {
        lead.clear();
    }
    for control in parts.iter_mut().flat_map(controls_of) {
        if let Control::Text { kind: TextKind::Identifier { passkey }, .. } = control {
            *passkey &= view.passkeys.autofill(reply);
        }
        remember(control, view.typed);
        point_out(control, &problems);
    }
    let typed = parts.iter_mut().flat_map(controls_of).filter(|control| is_typed(control)).count();
    // A new password has a second box where no script runs: which of the two was wrong, the summary says.
    let twice = parts.iter_mut().flat_map(controls_of).any(|control| matches!(control, Control::NewPassword { .. }));
    let typed = if twice && !problems.is_empty() { typed + 1 } else { typed };
    let focus = match (problems.is_empty(), typed) {
        (_, 1) if shown.kind != Kind::Identify || !problems.is_empty() => Focus::First,
        (false, 0) => Focus::Nothing,
        (false, _) => Focus::Problems,
        (true, _) => Focus::Nothing,
    };
    let identified = !matches!(shown.kind, Kind::Identify | Kind::IdentifyRecovery | Kind::UnlockAccount)
        && !matches!(view.entry, Entry::Recover | Entry::Unlock)
        && !reply.is_recovery_or_unlock();
    let user = reply.user.clone().filter(|_| identified);
    links.splice(0..0, device.help);
    if is_stuck(shown, &parts) {
        let reference = Text::ours(strings::REFERENCE).with("id", view.reference.as_str());
        parts.push(Part::Paragraph { text: reference });
        if view.hosted {
            let address = FlowUrl::posted_to(&view.post.action).hosted();
            links.insert(0, Link::href(strings::USE_HOSTED_PAGE, address));
        }
    }
    StepPage { heading, lead, user, problems, notices, post: view.post, parts, links, focus }
}

/// The content of a step, in order: what any screen may have, around what this one asks.
fn parts(asked: &Asked<'_>, screen: &mut Screen) -> Vec<Part> {
    let Some(own) = screen.parts.take() else { return Vec::new() };
    let mut parts = Vec::new();
    if let Some(context) = asked.about.map(|about| &about.context)
        && let Some(image) = &context.qr
    {
        let secret = context.shared_secret.as_ref().map(|secret| in_fours(secret));
        parts.push(Part::Qr { image: image.clone(), secret, secret_first: asked.view.on_phone });
    }
    parts.append(&mut screen.before);
    if !asked.form.facts.is_empty() {
        let facts = asked.form.facts.iter().map(|(label, value)| (Text::Theirs(label.clone()), value.clone()));
        parts.push(Part::Facts { facts: facts.collect() });
    }
    parts.extend(poll(asked, &screen.waits));
    parts.extend(own);
    parts.extend(passkey_ceremony::beside_the_name(asked.form, asked.reply, asked.view.passkeys));
    parts.extend(provider::links(asked));
    parts
}

/// The place where the page waits, where the org lets it.
fn poll(asked: &Asked<'_>, waits: &Waits) -> Option<Part> {
    let (waiting, button) = match waits {
        Waits::Not => return None,
        // An e-mail without a link is not waited for.
        Waits::ForLink if asked.reply.authenticator.as_ref().is_some_and(is_code_only_email) => return None,
        Waits::ForLink => (strings::WAITING_FOR_LINK, strings::OPENED_THE_LINK),
        Waits::For(waiting, button) => (*waiting, *button),
        Waits::ForOrg => (strings::BUSY, strings::TRY_AGAIN),
    };
    let is_first = asked.reply.first().is_some_and(|first| first.kind == asked.form.kind);
    let form = asked.reply.poll().filter(|_| is_first)?;
    Some(Part::Poll(Poll {
        url: asked.url().poll(),
        refresh: form.refresh.map_or(POLL_MILLISECONDS, |refresh| refresh.as_millis().clamp(1000, 60_000) as u64),
        waiting: Text::ours(waiting),
        button: Text::ours(button),
        stopped: Text::ours(strings::STOPPED_CHECKING),
        act: FormAction::POLL.to_owned(),
        countdown: matches!(waits, Waits::ForOrg),
    }))
}

fn is_code_only_email(about: &Authenticator) -> bool {
    about.key == AuthenticatorKey::Email && !about.context.magic_link
}

fn in_fours(secret: &str) -> String {
    let characters: Vec<char> = secret.chars().filter(|character| !character.is_whitespace()).collect();
    characters.chunks(4).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join(" ")
}

/// Whether a person can do nothing here but go back: a vendor's frame, a CAPTCHA, a step of an unknown kind.
fn is_stuck(shown: &Remediation, parts: &[Part]) -> bool {
    let acts = |part: &Part| {
        matches!(part, Part::Form(_) | Part::Choices(_) | Part::Providers { .. } | Part::Leave { .. } | Part::Poll(_))
    };
    shown.field("captchaVerify").is_some() || !parts.iter().any(acts)
}

/// Whether a device is to answer the browser by itself, which it cannot do through a server.
pub fn is_by_device(shown: &Remediation, reply: &Reply) -> bool {
    match shown.kind {
        Kind::DeviceChallengePoll | Kind::AppleSsoExtension => true,
        Kind::ChallengePoll => reply.about(shown).is_some_and(Authenticator::is_by_device),
        // Nothing else would be asked if this were sent.
        Kind::AuthenticatorVerificationData => match shown.method() {
            Some(Shape::Fixed(value)) => value == "signed_nonce",
            Some(Shape::Choice(options, _)) => options.iter().all(|(_, value)| value == "signed_nonce"),
            _ => false,
        },
        _ => false,
    }
}

/// What the visitor came for and the org does not offer: what to say of it.
fn not_offered(shown: &Remediation, reply: &Reply, entry: Entry) -> Option<StringId> {
    let recovers = reply.recovering || reply.recover().is_some();
    match (entry, &shown.kind) {
        (Entry::Recover, Kind::Identify) if !recovers && shown.field("credentials").is_some() => {
            Some(strings::CANT_RESET_HERE)
        }
        (Entry::Recover, Kind::ChallengeAuthenticator) if !recovers && reply.is_about(&AuthenticatorKey::Password) => {
            Some(strings::CANT_RESET_HERE)
        }
        (Entry::Unlock, Kind::Identify) if reply.remediation(&Kind::UnlockAccount).is_none() => {
            Some(strings::CANT_UNLOCK)
        }
        _ => None,
    }
}

/// Whether addresses and numbers may be shown, masked as they are: whoever gets back in has proven nothing, and
/// what an account has tells that there is one.
fn is_proven(reply: &Reply, entry: Entry) -> bool {
    entry == Entry::SignIn && !reply.is_recovery_or_unlock()
}

fn controls_of(part: &mut Part) -> &mut [Control] {
    match part {
        Part::Form(form) => &mut form.controls,
        Part::Choices(choices) => &mut choices.controls,
        _ => &mut [],
    }
}

fn is_typed(control: &Control) -> bool {
    matches!(control, Control::Text { .. } | Control::Secret { .. } | Control::NewPassword { .. })
}

/// Keeps what was typed, except secrets and codes.
fn remember(control: &mut Control, typed: &Posted) {
    let Some(said) = control.labelled().and_then(|at| value(typed, &at.name)).map(str::to_owned) else { return };
    use TextKind::{Digits, Letters, Passcode, TokenCode};
    match control {
        Control::Text { kind: Digits | Letters | Passcode | TokenCode, .. } => {}
        Control::Text { value, .. } => *value = said,
        Control::Check { checked, .. } => *checked = true,
        Control::Radios { value, options, .. } | Control::Select { value, options, .. }
            if options.iter().any(|(option, _)| *option == said) =>
        {
            *value = said;
        }
        _ => {}
    }
}

/// Says at a control what is wrong with it. The front door's sentence is about no box in particular.
fn point_out(control: &mut Control, problems: &[Problem]) {
    let about = |id: &str| {
        problems
            .iter()
            .find(|problem| problem.field.as_deref() == Some(id))
            .map(|problem| problem.text.clone())
            .filter(|text| *text != crate::pages::Text::ours(strings::BAD_CREDENTIALS))
    };
    if let Control::NewPassword { confirm_error, .. } = control {
        *confirm_error = about("confirm");
    }
    if let Some(at) = control.labelled_mut() {
        at.error = about(&at.id);
    }
}

/// Which step a page shows: its names, authenticator and options, but nothing that changes between two
/// looks at the same step. A post from an older page carries an older one.
pub fn fingerprint(reply: &Reply) -> String {
    let mut text = String::new();
    for remediation in &reply.remediations {
        text.push_str(remediation.kind.name());
        if let Some(about) = &remediation.about {
            text.push_str(&format!("@{:?}/{}/{}", about.key, about.id, about.methods.join("+")));
        }
        outline(&remediation.fields, &mut text);
        text.push('\n');
    }
    URL_SAFE_NO_PAD.encode(&sha256(text)[..12])
}

fn outline(fields: &[Field], text: &mut String) {
    for field in fields.iter().filter(|field| field.name != "stateHandle") {
        text.push_str(&format!(",{}", field.name));
        match &field.shape {
            Shape::Fixed(value) => text.push_str(&format!("={value}")),
            Shape::Group(members) => outline(members, text),
            Shape::Alternatives(sets) => sets.iter().for_each(|set| outline(&set.fields, text)),
            Shape::Choice(options, _) => options.iter().for_each(|(_, value)| text.push_str(&format!("|{value}"))),
            Shape::Text(_) | Shape::Boolean(_) => {}
        }
    }
}

/// Whether two replies show the same step, so that a page that waits need not change.
pub(super) fn is_same_step(one: &Reply, other: &Reply) -> bool {
    let number = |reply: &Reply| reply.authenticator.as_ref().and_then(|about| about.context.correct_answer.clone());
    let keys = |reply: &Reply| reply.messages.iter().map(|message| message.key.clone()).collect::<Vec<_>>();
    fingerprint(one) == fingerprint(other)
        && number(one) == number(other)
        && (keys(other).is_empty() || keys(one) == keys(other))
}

/// The method of this kind in a list, as answers that choose it.
pub fn choose(form: &Remediation, key: &AuthenticatorKey) -> Option<crate::idx::Answers> {
    let row = methods::all(form).into_iter().find(|row| row.is_for(key))?;
    let mut answers = crate::idx::Answers::default();
    row.answer(&mut answers);
    Some(answers)
}

#[cfg(test)]
mod tests;
