//! `challenge`: chooses an authenticator to verify, and begins with it: sends a code or a push, or
//! asks for what the person knows. `challenge/resend`: sends the code again.

use serde_json::Value;

use crate::authenticator::Key;
use crate::http::Call;
use crate::idx::transaction::{Challenge, Intent, Push, Step, Transaction, Who};
use crate::idx::{Message, Outcome, engine, identify, sending};
use crate::state::State;
use crate::user::{Enrolment, Proof, User};

pub(crate) fn answer(state: &mut State, transaction: &mut Transaction, body: &Value, call: &Call) -> Outcome {
    let chosen = &body["authenticator"];
    let Some(key) = chosen["id"].as_str().and_then(Key::with_id) else {
        return Outcome::told(400, Message::required("authenticator.id"));
    };
    if transaction.step == Step::ChooseUnlock {
        identify_to_unlock(state, transaction, body["identifier"].as_str().unwrap_or_default().trim(), key);
    }
    let user = transaction.login().and_then(|login| state.user(login)).cloned().unwrap_or_default();
    let candidates = engine::candidates(&state.policies, &user, transaction);
    let wanted = chosen["enrollmentId"].as_str();
    let fits =
        |candidate: &&Enrolment| candidate.proof.key() == key && wanted.is_none_or(|wanted| wanted == candidate.id);
    let Some(enrolment) = candidates.iter().find(fits).cloned() else {
        return Outcome::told(400, Message::error("errors.E0000007", "Not found: the authenticator is not enrolled"));
    };
    let methods = enrolment.proof.methods();
    let method = chosen["methodType"].as_str().filter(|method| methods.contains(method));
    match (method, &enrolment.proof) {
        (None, Proof::Email | Proof::Phone { .. } | Proof::OktaVerify { .. }) => {
            transaction.step = Step::Method { enrolment: enrolment.id };
            Outcome::ok()
        }
        (method, _) => begin(state, transaction, &user, &enrolment, method.unwrap_or(methods[0]), call),
    }
}

/// Who wants to unlock their account. Somebody unknown, or without that authenticator, is treated as [`Who::Unknown`].
fn identify_to_unlock(state: &State, transaction: &mut Transaction, login: &str, key: Key) {
    transaction.intent = Intent::Unlock;
    transaction.who = match state.user(login).filter(|user| user.has(key)) {
        Some(user) => Who::Known { login: user.login.clone() },
        None => identify::unknown_person(login),
    };
}

fn begin(
    state: &mut State,
    transaction: &mut Transaction,
    user: &User,
    enrolment: &Enrolment,
    method: &str,
    call: &Call,
) -> Outcome {
    let challenge = engine::challenge(enrolment, method, call);
    transaction.step = match (&enrolment.proof, method) {
        (Proof::OktaVerify { number_challenge, .. }, "push") => Step::Push(Push {
            enrolment: enrolment.id.clone(),
            number: number_challenge.then(crate::random::two_digits),
            sent: call.at,
            answer: None,
        }),
        _ => match address(&transaction.who, user, &enrolment.proof) {
            None => Step::Answer(challenge),
            Some(to) => match sending::code(state, transaction, method, &to, call) {
                Ok(sent) => Step::Answer(Challenge { code: sent.code, sent: sent.at, ..challenge }),
                Err(refused) => {
                    transaction.step = Step::Method { enrolment: enrolment.id.clone() };
                    return refused;
                }
            },
        },
    };
    Outcome::ok()
}

/// Where a code for an enrolment goes.
fn address(who: &Who, user: &User, proof: &Proof) -> Option<String> {
    match (proof, who) {
        (Proof::Email, Who::Unknown { login, .. }) => Some(login.clone()),
        (Proof::Email, _) => Some(user.email.clone()),
        (Proof::Phone { number, .. }, _) => Some(number.clone()),
        _ => None,
    }
}

/// `challenge/resend`.
pub(crate) fn resend(state: &mut State, transaction: &mut Transaction, call: &Call) -> Outcome {
    let user = transaction.login().and_then(|login| state.user(login)).cloned().unwrap_or_default();
    let again = match &transaction.step {
        Step::Answer(challenge) => {
            let known = user.enrolled.iter().find(|known| known.id == challenge.enrolment).map(|known| &known.proof);
            let proof = known.cloned().unwrap_or(Proof::Email);
            address(&transaction.who, &user, &proof).map(|to| (challenge.method.clone(), to))
        }
        Step::Enrol(begun) => {
            let to = begun.number.clone().unwrap_or_else(|| user.email.clone());
            Some((begun.method.clone(), to))
        }
        Step::EnrolApp(setup) => {
            return crate::idx::credential::resend_link(state, &setup.clone(), transaction, call);
        }
        _ => None,
    };
    let Some((method, to)) = again else {
        return Outcome::ok();
    };
    let sent = match sending::again(state, transaction, &method, &to, call) {
        Ok(sent) => sent,
        Err(refused) => return refused,
    };
    match &mut transaction.step {
        Step::Answer(challenge) => {
            *challenge = Challenge { code: sent.code, sent: sent.at, wrong: 0, ..challenge.clone() };
        }
        Step::Enrol(begun) => {
            begun.code = sent.code;
            begun.sent = sent.at;
            begun.wrong = 0;
        }
        _ => {}
    }
    Outcome::ok()
}
