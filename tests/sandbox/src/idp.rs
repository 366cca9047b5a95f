//! An external identity provider, simulated by a page: `GET /sso/idps/{id}?stateToken=…`; likewise a reader of smart
//! cards and an identity verification vendor (`/idp/identity-verification?stateTokenExternalId=…`).
//!
//! The person says yes or no; the browser goes back to the app's redirect URI with
//! `interaction_code` and `state`, or with `error` (`interaction_required` when the org wants more).
//! A POST of `answer` and, where nobody was named before, `login` does the same without the page.

use crate::authenticator::Key;
use crate::broken::Broken;
use crate::http::{Answered, Call, Reply, escape};
use crate::idx::{self, IDENTITY_PROVIDER, Step, Transaction, Who};
use crate::state::State;

/// What people call a provider.
pub(crate) fn name(id: &str) -> String {
    match id {
        "sandbox" => "Sandbox IdP".to_owned(),
        "piv" => "Smart card".to_owned(),
        IDENTITY_PROVIDER => "Persona".to_owned(),
        other => other.to_owned(),
    }
}

pub(crate) fn answer(state: &mut State, id: &str, call: &Call) -> Answered {
    let form = call.form();
    let given = |name: &str| call.asked(name).or_else(|| form.field(name)).map(str::to_owned);
    let place = state.transactions.iter().position(|transaction| match id {
        IDENTITY_PROVIDER => {
            transaction.step == Step::ProveIdentity && given("stateTokenExternalId").as_ref() == Some(&transaction.id)
        }
        _ => given("stateToken").as_ref() == Some(&transaction.state_handle),
    });
    let place = place.ok_or_else(|| Broken::api(404, "E0000007", "The sign-in that led here is over."))?;
    match given("answer") {
        None => Ok(page(state, &state.transactions[place], id, call)),
        Some(answer) => {
            let mut transaction = state.transactions.swap_remove(place);
            let query = decide(state, &mut transaction, id, &answer, given("login"), call);
            let asked = transaction.asked.clone();
            state.transactions.push(transaction);
            let mut url = url::Url::parse(&asked.redirect_uri)
                .map_err(|_| Broken::api(400, "E0000001", "The redirect URI is not an address."))?;
            url.query_pairs_mut().extend_pairs(query).append_pair("state", &asked.state);
            Ok(Reply::redirect(url.as_str()))
        }
    }
}

/// What goes back to the app.
fn decide(
    state: &mut State,
    transaction: &mut Transaction,
    id: &str,
    answer: &str,
    login: Option<String>,
    call: &Call,
) -> Vec<(&'static str, String)> {
    let error = |error: &str, told: &str| vec![("error", error.to_owned()), ("error_description", told.to_owned())];
    match answer {
        "deny" => return error("access_denied", "User canceled the social login request."),
        "approve" => {}
        other => return error(other, "The identity provider could not sign the person in."),
    }
    if transaction.who == Who::Nobody {
        match login.as_deref().and_then(|login| state.user(login)) {
            Some(user) => transaction.who = Who::Known { login: user.login.clone() },
            None => {
                return error("access_denied", "Could not match social profile to an Okta user.");
            }
        }
    }
    match &transaction.step {
        _ if id == IDENTITY_PROVIDER => transaction.identity_proven = true,
        Step::Answer(challenge) if challenge.key == Key::SmartCard => transaction.prove(Key::SmartCard),
        _ => transaction.verified.push(Key::ExternalIdp),
    }
    idx::advance(state, transaction, call);
    match &transaction.step {
        Step::Done { code } => vec![("interaction_code", code.clone())],
        Step::Ended(ending) => {
            let first = ending.messages.first().map_or("", |message| &message.text);
            error("access_denied", first)
        }
        _ => error(
            "interaction_required",
            "Your client is configured to use the interaction code flow and user interaction is required to complete the request.",
        ),
    }
}

fn page(state: &State, transaction: &Transaction, id: &str, call: &Call) -> Reply {
    let (token, value) = match id {
        IDENTITY_PROVIDER => ("stateTokenExternalId", &transaction.id),
        _ => ("stateToken", &transaction.state_handle),
    };
    let who = match transaction.login() {
        Some(login) => format!("<p>Sign in to {} as <b>{}</b>?", escape(&name(id)), escape(login)),
        None => {
            let options: String =
                state.users.iter().map(|user| format!("<option>{}</option>", escape(&user.login))).collect();
            format!("<p><label>Sign in to {} as <select name=login>{options}</select></label>", escape(&name(id)))
        }
    };
    let answers = [
        ("approve", "Approve"),
        ("deny", "Deny"),
        ("server_error", "Fail with an error"),
        ("interaction_required", "Say that interaction is required"),
    ];
    let buttons: String =
        answers.iter().map(|(answer, label)| format!("<button name=answer value={answer}>{label}</button> ")).collect();
    Reply::page(format!(
        "<!doctype html><html lang=en><meta charset=utf-8><title>{name}</title><h1>{name}</h1>\
         <form method=post action=\"{path}\"><input type=hidden name={token} value=\"{value}\">{who}<p>{buttons}</form>",
        name = escape(&name(id)),
        path = escape(&call.path),
        value = escape(value),
    ))
}
