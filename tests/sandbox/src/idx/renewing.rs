//! Renewing: a new password in place of one that was forgotten, has expired or soon will.

use serde_json::Value;

use crate::authenticator::Key;
use crate::http::Call;
use crate::idx::transaction::{Ending, Intent, NewPassword, Step, Transaction};
use crate::idx::{Message, Outcome, passwords};
use crate::policies::Landing;
use crate::state::State;
use crate::user::Standing;

/// Takes a new password. One that was forgotten ends the recovery too.
pub(super) fn answer(
    state: &mut State,
    transaction: &mut Transaction,
    why: NewPassword,
    credentials: &Value,
    call: &Call,
) -> Result<(), Outcome> {
    let login = transaction.login().unwrap_or_default().to_owned();
    let password = credentials["passcode"].as_str().unwrap_or_default();
    let before = state.user(&login).and_then(|user| user.password.clone());
    good_enough(state, &login, password, before.as_deref())?;
    if let Some(user) = state.user_mut(&login) {
        user.set_password(password);
    }
    if why != NewPassword::Forgotten {
        return Ok(());
    }
    if credentials["revokeSessions"] == true {
        let mine = state.grants.grants.iter_mut().filter(|grant| grant.login == login);
        mine.for_each(|grant| grant.ended = true);
    }
    if let Some(user) = state.user_mut(&login)
        && user.standing == Standing::Locked
    {
        user.standing = Standing::Active;
    }
    transaction.intent = Intent::Login;
    transaction.verified.push(Key::Password);
    transaction.verified.append(&mut transaction.proven);
    transaction.last_seen = call.at;
    if state.policies.recovery_lands == Landing::Message {
        let told = "You can now sign in with your existing username and new password.";
        let message = Message::info("idx.recovery.completed", told);
        transaction.step = Step::Ended(Ending { status: 200, messages: vec![message] });
    }
    Ok(())
}

/// A password that may be set: strong enough, and not the one before.
pub(super) fn good_enough(state: &State, login: &str, password: &str, before: Option<&str>) -> Result<(), Outcome> {
    if let Some(message) = passwords::too_weak(&state.policies.password, password, login) {
        return Err(Outcome::at_field(400, "passcode", message));
    }
    if before == Some(password) {
        let told = "Password requirements were not met. Your password cannot be any of your last 1 passwords.";
        let message = Message::error("password.passwordRequirementsNotMet", told)
            .about("Your password cannot be any of your last 1 passwords.");
        return Err(Outcome::at_field(400, "passcode", message));
    }
    Ok(())
}
