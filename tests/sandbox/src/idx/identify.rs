//! `identify`: who is signing in, with a password or without; and whose password was forgotten.
//!
//! With enumeration prevention somebody who does not exist is treated as somebody whose answers are
//! wrong. Without it they are told: `idx.unknown.user` where they could register, else
//! `security.access_denied`.

use serde_json::Value;

use crate::authenticator::Key;
use crate::http::Call;
use crate::idx::transaction::{Intent, Step, Transaction, Who};
use crate::idx::{Message, Outcome, engine};
use crate::policies::FirstPage;
use crate::state::State;
use crate::user::Standing;

pub(crate) fn answer(state: &mut State, transaction: &mut Transaction, body: &Value, call: &Call) -> Outcome {
    let login = body["identifier"].as_str().unwrap_or_default().trim();
    if transaction.step == Step::IdentifyRecovery {
        return for_recovery(state, transaction, login, call);
    }
    let password = (state.policies.first_page == FirstPage::Password).then(|| body["credentials"]["passcode"].as_str());
    match password {
        Some(password) => with_password(state, transaction, login, password.unwrap_or_default(), call),
        None => alone(state, transaction, login, call),
    }
}

fn with_password(
    state: &mut State,
    transaction: &mut Transaction,
    login: &str,
    password: &str,
    call: &Call,
) -> Outcome {
    let prevention = state.policies.enumeration_prevention;
    let lockout_after = state.policies.lockout_after;
    let failed = || Outcome::told(401, Message::authentication_failed());
    let Some(user) = state.user_mut(login) else {
        return if prevention { failed() } else { unknown(state, login) };
    };
    if matches!(user.standing, Standing::Active | Standing::Denied | Standing::Unassigned) {
        if user.password.as_deref() == Some(password) {
            user.wrong_passwords = 0;
            transaction.who = Who::Known { login: user.login.clone() };
            transaction.verified.push(Key::Password);
            engine::advance(state, transaction, call);
            return Outcome::ok();
        }
        user.wrong_passwords += 1;
        if user.wrong_passwords >= lockout_after {
            user.standing = Standing::Locked;
        }
    }
    failed()
}

fn alone(state: &mut State, transaction: &mut Transaction, login: &str, call: &Call) -> Outcome {
    match state.user(login) {
        Some(user) if !matches!(user.standing, Standing::Staged) => {
            transaction.who = Who::Known { login: user.login.clone() };
        }
        _ if state.policies.enumeration_prevention => transaction.who = unknown_person(login),
        _ => return unknown(state, login),
    }
    engine::advance(state, transaction, call);
    Outcome::ok()
}

fn for_recovery(state: &mut State, transaction: &mut Transaction, login: &str, call: &Call) -> Outcome {
    match state.user(login) {
        Some(user) => transaction.who = Who::Known { login: user.login.clone() },
        None if state.policies.enumeration_prevention => transaction.who = unknown_person(login),
        None => return Outcome::told(200, Message::unknown_user(login)),
    }
    transaction.intent = Intent::Recovery;
    engine::advance(state, transaction, call);
    Outcome::ok()
}

/// Somebody who does not exist, to be treated as if they did.
pub(crate) fn unknown_person(login: &str) -> Who {
    Who::Unknown { id: crate::random::id("00u"), login: login.to_owned() }
}

fn unknown(state: &State, login: &str) -> Outcome {
    match state.policies.self_registration {
        true => Outcome::told(200, Message::unknown_user(login)),
        false => Outcome::told(403, Message::access_denied()),
    }
}
