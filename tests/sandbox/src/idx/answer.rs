//! `challenge/answer`: what the person typed, or what their authenticator signed.
//!
//! A right answer leads on; a wrong one keeps the step and says so, and after too many the code is
//! spent. What is answered, each has a file: an authenticator that is set up ([`proving`]), one that is
//! being set up ([`setting_up`]), a new password ([`renewing`]).

use serde_json::Value;

use crate::clock::Moment;
use crate::http::Call;
use crate::idx::transaction::{Step, Transaction};
use crate::idx::{Message, Outcome, engine, hosted, proving, renewing, setting_up};
use crate::state::State;

pub(crate) fn answer(state: &mut State, transaction: &mut Transaction, body: &Value, call: &Call) -> Outcome {
    let credentials = &body["credentials"];
    let checked = match transaction.step.clone() {
        Step::Answer(challenge) => proving::answer(state, transaction, challenge, credentials, call),
        Step::Enrol(begun) => setting_up::answer(state, transaction, begun, credentials, call),
        Step::NewPassword(why) => renewing::answer(state, transaction, why, credentials, call),
        // Kept elsewhere: the form is there, but it changes nothing.
        Step::PasswordElsewhere { .. } => Err(hosted::not_now()),
        _ => Ok(()),
    };
    match checked {
        Err(wrong) => wrong,
        Ok(()) if matches!(transaction.step, Step::Ended(_)) => Outcome::ok(),
        Ok(()) => {
            engine::advance(state, transaction, call);
            Outcome::ok()
        }
    }
}

/// A text member of what was answered.
pub(super) fn text<'a>(credentials: &'a Value, name: &str) -> &'a str {
    credentials[name].as_str().unwrap_or_default().trim()
}

pub(super) fn too_many() -> Outcome {
    Outcome::bare(429, Message::error("oie.tooManyRequests", "Too many attempts. Try again later."))
}

/// A code that was sent: the last one, in its time.
pub(super) fn sent_code(
    state: &State,
    code: Option<&str>,
    sent: Moment,
    credentials: &Value,
    now: Moment,
) -> Result<(), Outcome> {
    let alive = now.since(sent) < state.policies.code_lifetime_s;
    match alive && code.is_some() && code == credentials["passcode"].as_str().map(str::trim) {
        true => Ok(()),
        false => Err(Outcome::at_field(401, "passcode", Message::invalid_code())),
    }
}

/// Origins of the apps that may return here.
pub(super) fn origins(state: &State) -> Vec<String> {
    let origin = |uri: &String| url::Url::parse(uri).ok().map(|uri| uri.origin().ascii_serialization());
    state.redirect_uris().filter_map(origin).collect()
}
