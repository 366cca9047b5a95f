//! Tasks beside signing in: `recover`, `unlock-account`, `skip`, `consent`, and the link that activates a new account.

use serde_json::Value;

use crate::authenticator::Key;
use crate::broken::Broken;
use crate::http::{Answered, Call, Reply};
use crate::idx::transaction::{Ending, Intent, NewPassword, Step, Transaction, Who};
use crate::idx::{Message, Outcome, engine, hosted};
use crate::state::{Link, State};
use crate::user::Proof;

/// `recover`: the password was forgotten.
pub(crate) fn recover(state: &mut State, transaction: &mut Transaction, call: &Call) -> Outcome {
    transaction.intent = Intent::Recovery;
    if transaction.who == Who::Nobody {
        transaction.step = Step::IdentifyRecovery;
    } else {
        engine::advance(state, transaction, call);
    }
    Outcome::ok()
}

/// `unlock-account`: whose, and by what.
pub(crate) fn unlock(state: &State, transaction: &mut Transaction) -> Outcome {
    if state.policies.recovery_methods.is_empty() {
        return Outcome::told(
            403,
            Message::error(
                "oie.selfservice.user.unlock.not.allowed",
                "Self Service Unlock is not allowed at this time. Please contact support for assistance.",
            ),
        );
    }
    transaction.step = Step::ChooseUnlock;
    Outcome::ok()
}

/// `skip`: not now.
pub(crate) fn skip(state: &mut State, transaction: &mut Transaction, call: &Call) -> Outcome {
    match transaction.step {
        Step::NewPassword(NewPassword::Expiring { .. }) | Step::PasswordElsewhere { .. } => {
            transaction.expiry_skipped = true;
        }
        Step::Promotion(_) => transaction.promotion_skipped = true,
        Step::Profile => transaction.profile_skipped = true,
        Step::DeviceGrace => transaction.device_warned = true,
        _ => {
            transaction.enrolment_skipped = true;
            if let Some(user) = transaction.login().map(str::to_owned).and_then(|login| state.user_mut(&login)) {
                user.grace_skips = user.grace_skips.saturating_sub(1);
            }
        }
    }
    engine::advance(state, transaction, call);
    Outcome::ok()
}

/// `consent`: yes or no, and to which scopes.
pub(crate) fn consent(state: &mut State, transaction: &mut Transaction, body: &Value, call: &Call) -> Outcome {
    if body["consent"] != true && transaction.connecting {
        transaction.step = Step::Ended(hosted::not_connected());
        return Outcome::ok();
    }
    if body["consent"] != true {
        let message = Message::error("idx.operation.cancelled.by.user", "Operation cancelled by user.");
        transaction.step = Step::Ended(Ending { status: 403, messages: vec![message] });
        return Outcome::ok();
    }
    if let Some(opted) = body["optedScopes"].as_object() {
        transaction.asked.scopes.retain(|scope| opted.get(scope) != Some(&Value::Bool(false)));
    }
    transaction.consented = true;
    engine::advance(state, transaction, call);
    Outcome::ok()
}

/// `GET /email/verify/{client}?token=`: confirms a new account's address, and sends the browser back
/// to the app that waits for it.
pub(crate) fn activation_link(state: &mut State, call: &Call) -> Answered {
    let gone = || Broken::api(404, "E0000007", "This email link has expired or was used.");
    let token = call.asked("token").unwrap_or_default();
    let Some(Link::Activate { state_handle }) = state.links.get(token).cloned() else {
        return Err(gone());
    };
    state.links.remove(token);
    let waits =
        |transaction: &Transaction| transaction.is_called(&state_handle) && transaction.step == Step::AwaitActivation;
    let place = state.transactions.iter().position(waits).ok_or_else(gone)?;
    let mut transaction = state.transactions.swap_remove(place);
    if let Some(user) = transaction.login().map(str::to_owned).and_then(|login| state.user_mut(&login)) {
        user.enrol(Proof::Email);
    }
    transaction.verified.push(Key::Email);
    engine::advance(state, &mut transaction, call);
    let asked = &transaction.asked;
    let target = url::Url::parse(&asked.redirect_uri).map(|mut url| {
        url.query_pairs_mut().append_pair("otp", &crate::random::digits()).append_pair("state", &asked.state);
        String::from(url)
    });
    let target = target.unwrap_or_else(|_| asked.redirect_uri.clone());
    state.transactions.push(transaction);
    Ok(Reply::redirect(&target))
}
