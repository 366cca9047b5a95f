//! Sending: codes by e-mail, SMS and voice call, and how often.

use crate::authenticator::Key;
use crate::http::Call;
use crate::idx::transaction::{Enrolling, Sent, Step, Transaction, Who};
use crate::idx::{Message, Outcome};
use crate::inbox::{Channel, Letter};
use crate::state::State;
use crate::totp::TotpSecret;
use crate::user::User;

/// Sends a code, or gives the one that was sent a moment ago. Fails when the quota is used up.
pub(crate) fn code(
    state: &mut State,
    transaction: &mut Transaction,
    method: &str,
    to: &str,
    call: &Call,
) -> Result<Sent, Outcome> {
    let fresh =
        |sent: &&Sent| sent.method == method && sent.to == to && call.at.since(sent.at) < state.policies.resend_wait_s;
    match transaction.sent.iter().rev().find(fresh) {
        Some(sent) => Ok(sent.clone()),
        None => anew(state, transaction, method, to, call),
    }
}

/// Sends a code again, which needs some time since the last. Fails when it is too early.
pub(crate) fn again(
    state: &mut State,
    transaction: &mut Transaction,
    method: &str,
    to: &str,
    call: &Call,
) -> Result<Sent, Outcome> {
    let last = transaction.sent.iter().rev().find(|sent| sent.method == method && sent.to == to);
    if last.is_some_and(|sent| call.at.since(sent.at) < state.policies.resend_wait_s) {
        return Err(Outcome::told(429, Message::too_many_requests()));
    }
    anew(state, transaction, method, to, call)
}

fn anew(
    state: &mut State,
    transaction: &mut Transaction,
    method: &str,
    to: &str,
    call: &Call,
) -> Result<Sent, Outcome> {
    let channel = match method {
        "sms" => Channel::Sms,
        "voice" => Channel::Voice,
        _ => Channel::Email,
    };
    let before = transaction.sent.iter().filter(|sent| sent.method == method).count();
    if channel != Channel::Email && before >= usize::try_from(state.policies.message_quota).unwrap_or(usize::MAX) {
        return Err(Outcome::told(
            429,
            match channel {
                Channel::Sms => Message::error(
                    "errors.E0000150",
                    "You have reached the limit of sms requests, please try again later.",
                ),
                _ => Message::error(
                    "errors.E0000151",
                    "You have reached the limit of call requests, please try again later.",
                ),
            },
        ));
    }
    let code = crate::random::digits();
    let sent = Sent { method: method.to_owned(), to: to.to_owned(), code: Some(code.clone()), at: call.at };
    transaction.sent.push(sent.clone());
    // To somebody who does not exist nothing goes out.
    if !matches!(transaction.who, Who::Unknown { .. }) {
        let link = (channel == Channel::Email && state.policies.magic_link).then(|| magic_link(transaction, &code));
        state.send(Letter { to: to.to_owned(), channel, code: Some(code), link, at: call.at });
    }
    Ok(sent)
}

/// The link of a mail: back to the app, with the code and the `state` of its sign-in.
fn magic_link(transaction: &Transaction, code: &str) -> String {
    let asked = &transaction.asked;
    let Ok(mut url) = url::Url::parse(&asked.redirect_uri) else {
        return asked.redirect_uri.clone();
    };
    url.query_pairs_mut().append_pair("otp", code).append_pair("state", &asked.state);
    url.into()
}

/// Sends a code to an address that is to be enrolled, and gives the step that asks for it.
pub(crate) fn enrol_email(state: &mut State, transaction: &mut Transaction, user: &User, call: &Call) -> Step {
    let code = code(state, transaction, "email", &user.email, call).ok().and_then(|sent| sent.code);
    Step::Enrol(Enrolling { code, ..enrolling(Key::Email, "email", call) })
}

/// An authenticator that begins to be set up.
pub(crate) fn enrolling(key: Key, method: &str, call: &Call) -> Enrolling {
    Enrolling {
        key,
        method: method.to_owned(),
        code: None,
        sent: call.at,
        wrong: 0,
        number: None,
        secret: TotpSecret::fresh(),
        challenge: crate::random::handle(),
    }
}
