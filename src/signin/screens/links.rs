//! The ways out of a step: sending again, another method, leaving it out, going back.

use super::screen::{Asked, Resend, Screen};
use super::{Entry, Passkeys, is_proven, methods};
use crate::idx::{AuthenticatorKey as Key, Kind, Remediation};
use crate::pages::{Link, StringId, Text, To, strings};
use crate::signin::flow_url::FlowView;
use crate::signin::form_action::FormAction;

/// All of them, in order.
pub(super) fn of(asked: &Asked<'_>, screen: &mut Screen) -> Vec<Link> {
    let reply = asked.reply;
    let mut links = Vec::new();
    if let Some(text) = resend(asked, &screen.resend)
        && let Some(action) = reply.resend()
    {
        links.push(post(text, &action.name));
    }
    if let Some(action) = reply.recover() {
        links.push(post(strings::FORGOT_PASSWORD, &action.name));
    }
    let others = reply.remediations.iter().filter(|other| other.kind != asked.form.kind);
    let others = others.filter(|other| other.href.is_some() && !other.navigates);
    links.extend(others.filter_map(|other| to_form(other, asked, screen.skip)));
    links.append(&mut screen.links);
    links.dedup_by(|one, other| one.to == other.to);
    if asked.form.kind != Kind::Identify || asked.view.entry != Entry::SignIn {
        links.push(post(strings::BACK_TO_SIGN_IN, FormAction::CANCEL));
    }
    links
}

fn resend(asked: &Asked<'_>, resend: &Resend) -> Option<StringId> {
    match resend {
        _ if !is_first(asked.form, asked) => None,
        Resend::Not => None,
        Resend::Words(text) => Some(*text),
        Resend::Usual if asked.reply.is_about(&Key::Email) => Some(strings::SEND_AGAIN),
        Resend::Usual => Some(strings::SEND_NEW_CODE),
    }
}

/// The link to another form of the step; `skip` is what one says that leaves the step out.
fn to_form(other: &Remediation, asked: &Asked<'_>, skip: StringId) -> Option<Link> {
    let page = || page_of(other, asked);
    // What has to be filled in first has a page of its own.
    let page_or_post = || if other.asks() { page() } else { To::Post(other.kind.name().to_owned()) };
    let link = |text: StringId, to: To| Some(Link { text: Text::ours(text), to });
    match &other.kind {
        Kind::SelectAuthenticatorAuthenticate | Kind::SelectAuthenticatorEnroll => {
            // The list is also the way back to the number that a code was sent to.
            let mistyped = asked.form.kind == Kind::EnrollAuthenticator && asked.reply.is_about(&Key::Phone);
            match methods::others(other, asked.reply) {
                // What an account has would tell that there is one.
                more if more || !is_proven(asked.reply, asked.view.entry) => link(strings::TRY_ANOTHER_WAY, page()),
                _ if mistyped => link(strings::USE_ANOTHER_NUMBER, page()),
                _ => None,
            }
        }
        Kind::Skip => Some(post(skip, other.kind.name())),
        Kind::UnlockAccount => link(strings::UNLOCK_ACCOUNT, page_or_post()),
        Kind::SelectEnrollProfile => link(strings::CREATE_ACCOUNT, page_or_post()),
        Kind::SelectIdentify => link(strings::HAVE_AN_ACCOUNT, page_or_post()),
        Kind::LaunchWebauthn if *asked.view.passkeys != Passkeys::Off => {
            Some(post(strings::SIGN_IN_WITH_PASSKEY, other.kind.name()))
        }
        Kind::SelectEnrollmentChannel => link(strings::SET_UP_ANOTHER_WAY, page()),
        Kind::Resend => link(strings::SEND_ANOTHER_PUSH, page()),
        Kind::AuthenticatorVerificationData => link(strings::GET_CODE_ANOTHER_WAY, page()),
        Kind::Identify if !is_first(other, asked) => link(strings::SIGN_IN_WITH_USERNAME, page()),
        Kind::ChallengeAuthenticator | Kind::EnrollAuthenticator | Kind::Identify if !is_first(asked.form, asked) => {
            link(back_to(other, asked), To::Href(asked.url().view(&FlowView::Current)))
        }
        Kind::Other(_) => to_unknown(other, asked),
        _ => None,
    }
}

/// The link to a form that nobody has heard of, in its own words.
fn to_unknown(other: &Remediation, asked: &Asked<'_>) -> Option<Link> {
    let words = |text: StringId| other.label.clone().map_or_else(|| Text::ours(text), Text::Theirs);
    match (other.asks(), other.needs_script()) {
        (true, true) => None,
        (true, false) => Some(Link { text: words(strings::TRY_ANOTHER_WAY), to: page_of(other, asked) }),
        (false, _) => Some(Link { text: words(strings::CONTINUE), to: To::Post(other.kind.name().to_owned()) }),
    }
}

/// What leads back to a step that was left for another form of the same reply.
fn back_to(step: &Remediation, asked: &Asked<'_>) -> StringId {
    match (&step.kind, asked.reply.about(step).map(|about| &about.key)) {
        (Kind::Identify, _) => strings::SIGN_IN_WITH_USERNAME,
        (Kind::ChallengeAuthenticator, Some(Key::Password)) => strings::ENTER_PASSWORD,
        (Kind::ChallengeAuthenticator, Some(Key::Question)) => strings::ANSWER_QUESTION,
        (Kind::ChallengeAuthenticator, Some(Key::Webauthn)) => strings::USE_YOUR_PASSKEY,
        (Kind::EnrollAuthenticator, Some(Key::Password)) => strings::CHOOSE_A_PASSWORD,
        (Kind::EnrollAuthenticator, Some(Key::Question)) => strings::CHOOSE_QUESTION,
        (Kind::EnrollAuthenticator, Some(Key::Webauthn)) => strings::CREATE_A_PASSKEY,
        _ => strings::ENTER_CODE,
    }
}

/// Whether a form is of the kind that the org asks for first.
fn is_first(form: &Remediation, asked: &Asked<'_>) -> bool {
    asked.reply.first().is_some_and(|first| first.kind == form.kind)
}

fn page_of(form: &Remediation, asked: &Asked<'_>) -> To {
    let step = asked.view.post.step.clone();
    To::Href(asked.url().view(&FlowView::Form(form.kind.clone(), Some(step))))
}

fn post(text: StringId, name: &str) -> Link {
    Link { text: Text::ours(text), to: To::Post(name.to_owned()) }
}
