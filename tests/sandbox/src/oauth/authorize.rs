//! `GET /v1/authorize`: the org's own sign-in page, and the authorization code that it ends in
//! (RFC 6749 §4.1, with PKCE).
//!
//! The page asks for a name and a password and stands for whatever the org would ask besides: whoever
//! knows the password has done everything that they need. A POST of the same parameters with `username`
//! and `password` sends the browser back with `code` and `state`; `answer=deny` sends `error` back.

use crate::authenticator::Key;
use crate::broken::Broken;
use crate::http::{Answered, Call, Form, Reply, escape};
use crate::oauth::client::Client;
use crate::oauth::grant::Earned;
use crate::oauth::interact::{self, Asked};
use crate::oauth::{Server, post};
use crate::state::State;
use crate::user::Standing;

/// What the page carries from its address to its form.
const CARRIED: [&str; 10] = [
    "client_id",
    "response_type",
    "scope",
    "redirect_uri",
    "state",
    "nonce",
    "code_challenge",
    "code_challenge_method",
    "acr_values",
    "max_age",
];

pub(crate) fn answer(state: &mut State, server: Server, call: &Call) -> Answered {
    let posted = call.method == hyper::Method::POST;
    let form = if posted { post(call)? } else { crate::oauth::get(call).map(|()| call.asked_form())? };
    if form.field("response_type") != Some("code") {
        return Err(Broken::oauth(400, "unsupported_response_type", "The response type must be 'code'."));
    }
    let client = form.field("client_id").and_then(Client::with_id);
    let client = client.ok_or_else(|| Broken::oauth(400, "invalid_client", "Invalid value for 'client_id'."))?;
    let asked = interact::asked(state, server, client, &form)?;
    if form.field("answer") == Some("deny") {
        let denied = [("error", "access_denied"), ("error_description", "The resource owner denied the request.")];
        return back(&asked, denied);
    }
    let login = form.field("username").unwrap_or_default();
    let user = state.user(login).filter(|user| user.standing == Standing::Active);
    let user = user.filter(|user| user.password.is_some() && user.password.as_deref() == form.field("password"));
    let Some(user) = user.cloned() else { return Ok(page(&form, posted)) };
    let code = crate::random::handle();
    let mut verified = vec![Key::Password];
    verified.extend(user.needs.iter().filter_map(|set| set.first().copied()).filter(|key| *key != Key::Password));
    let earned = Earned {
        asked: asked.clone(),
        login: user.login,
        authenticated: call.at,
        verified,
        expires: call.at.plus(state.policies.interaction_code_lifetime_s),
        state_handle: String::new(),
        grant_type: "authorization_code",
    };
    state.grants.codes.insert(code.clone(), earned);
    back(&asked, [("code", code.as_str())])
}

fn back<'v>(asked: &Asked, parameters: impl IntoIterator<Item = (&'static str, &'v str)>) -> Answered {
    let mut url = url::Url::parse(&asked.redirect_uri)
        .map_err(|_| Broken::api(400, "E0000001", "The redirect URI is not an address."))?;
    url.query_pairs_mut().extend_pairs(parameters).append_pair("state", &asked.state);
    Ok(Reply::redirect(url.as_str()))
}

fn page(form: &Form, wrong: bool) -> Reply {
    let carried: String = CARRIED
        .iter()
        .filter_map(|name| Some((name, form.field(name)?)))
        .map(|(name, value)| format!("<input type=hidden name={name} value=\"{}\">", escape(value)))
        .collect();
    let told = if wrong { "<p role=alert>Unable to sign in." } else { "" };
    Reply::page(format!(
        "<!doctype html><html lang=en><meta charset=utf-8><title>Sandbox org - Sign in</title><h1>Sandbox org</h1>{told}\
         <form method=post>{carried}\
         <p><label>Username <input name=username autocomplete=username></label>\
         <p><label>Password <input name=password type=password autocomplete=current-password></label>\
         <p><button>Sign in</button> <button name=answer value=deny>Cancel</button></form>",
    ))
}
