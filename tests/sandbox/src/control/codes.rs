//! What a person's phone and tokens do: `push` answers a push, `totp` reads a code, `okta-verify` is
//! the page that a phone opens to set up the app.

use serde_json::{Value, json};

use crate::authenticator::Key;
use crate::broken::Broken;
use crate::http::{Answered, Call, Reply};
use crate::idx::{PushAnswer, Step, Transaction};
use crate::state::{Link, State};

/// `POST /sandbox/push` `{"to", "answer", "number"?}`. With a number challenge, approving needs the
/// number that is shown; another one rejects.
pub(super) fn push(state: &mut State, body: &Value) -> Answered {
    let to = body["to"].as_str().ok_or_else(|| Broken::asked_wrongly("`to` is missing: whose phone?"))?;
    let approve = match body["answer"].as_str() {
        Some("approve") => true,
        Some("reject") => false,
        _ => return Err(Broken::asked_wrongly("`answer` is `approve` or `reject`")),
    };
    let number = body["number"].as_u64().or_else(|| body["number"].as_str()?.parse().ok());
    let theirs = |transaction: &&mut Transaction| {
        transaction.login().is_some_and(|login| login.eq_ignore_ascii_case(to))
            && match &transaction.step {
                Step::Push(push) => push.answer.is_none(),
                Step::EnrolApp(setup) => !setup.done,
                _ => false,
            }
    };
    let newest = state.transactions.iter_mut().filter(theirs).max_by_key(|transaction| transaction.last_seen);
    let Some(transaction) = newest else {
        return Err(Broken::api(404, "E0000007", format!("No push waits for {to}.")));
    };
    match &mut transaction.step {
        Step::Push(push) => {
            let right = push.number.is_none_or(|shown| number == Some(u64::from(shown)));
            push.answer = Some(if approve && right { PushAnswer::Approved } else { PushAnswer::Rejected });
            let told = if approve && !right { "rejected: that is not the number shown" } else { "answered" };
            Ok(Reply::json(json!({ "ok": true, "push": told })))
        }
        Step::EnrolApp(setup) => {
            setup.done = approve;
            Ok(super::done())
        }
        _ => Ok(super::done()),
    }
}

/// `GET /sandbox/totp?user=…[&authenticator=…]`: `{"code", "next"}`, of what the person sets up or is
/// asked for just now, else of what they have.
pub(super) fn shown(state: &State, call: &Call) -> Answered {
    let login = call.asked("user").ok_or_else(|| Broken::asked_wrongly("`user` is missing"))?;
    let user = state.user(login).ok_or_else(|| Broken::api(404, "E0000007", format!("Nobody is called {login}.")))?;
    let wanted = call.asked("authenticator").map(|name| serde_json::from_value::<Key>(name.into()));
    let wanted = wanted.transpose().map_err(|_| Broken::asked_wrongly("`authenticator` is none of this org's"))?;
    let mut theirs: Vec<_> =
        state.transactions.iter().filter(|transaction| transaction.login() == Some(&user.login)).collect();
    theirs.sort_by_key(|transaction| std::cmp::Reverse(transaction.last_seen));
    let now = theirs.iter().find_map(|transaction| match &transaction.step {
        Step::Enrol(begun) if begun.key.shows_codes() && wanted.is_none_or(|key| key == begun.key) => {
            Some(Found::SettingUp(begun.key, &begun.secret))
        }
        Step::Answer(challenge) if challenge.key.shows_codes() && wanted.is_none() => Some(Found::Asked(challenge.key)),
        _ => None,
    });
    let key = match now {
        Some(Found::SettingUp(key, secret)) => {
            let code = secret.current(key, call.at, &[]);
            return Ok(Reply::json(json!({ "code": code, "next": secret.current(key, call.at.plus(30), &[]) })));
        }
        Some(Found::Asked(key)) => Some(key),
        None => wanted,
    };
    let fits = |proof: &crate::user::Proof| key.is_none_or(|key| proof.key() == key);
    let found = user.enrolled.iter().filter(|enrolment| fits(&enrolment.proof));
    let found = found.filter_map(|enrolment| Some((enrolment, enrolment.proof.secret()?))).next();
    let (enrolment, secret) =
        found.ok_or_else(|| Broken::api(404, "E0000007", format!("{login} has nothing that shows codes.")))?;
    let key = enrolment.proof.key();
    Ok(Reply::json(json!({
        "code": secret.current(key, call.at, &enrolment.used),
        "next": secret.current(key, call.at.plus(30), &enrolment.used),
    })))
}

/// Whose code is meant.
enum Found<'a> {
    SettingUp(Key, &'a crate::totp::TotpSecret),
    Asked(Key),
}

/// `GET /sandbox/okta-verify?token=…`, the link in a QR code, a mail or a text message.
pub(super) fn set_up_app(state: &mut State, call: &Call) -> Answered {
    let token = call.asked("token").unwrap_or_default();
    let gone = || Broken::api(404, "E0000007", "This link has expired or was used.");
    let Some(Link::OktaVerify { state_handle }) = state.links.remove(token) else {
        return Err(gone());
    };
    let transaction = state.transactions.iter_mut().find(|transaction| transaction.is_called(&state_handle));
    match transaction.map(|transaction| &mut transaction.step) {
        Some(Step::EnrolApp(setup)) if setup.link.ends_with(token) => {
            setup.done = true;
            Ok(Reply::page(
                "<!doctype html><title>Okta Verify</title><p>Okta Verify is set up on this phone.".to_owned(),
            ))
        }
        _ => Err(gone()),
    }
}
