//! `GET /v1/logout` (OpenID Connect RP-Initiated Logout): sends the browser on to a registered
//! address. There is no browser session at this org, so nothing else is to be done. An ID token that
//! has expired is still taken as a hint.

use serde_json::Value;

use crate::broken::Broken;
use crate::http::{Answered, Call, Reply};
use crate::oauth::client::Client;
use crate::oauth::jwt;
use crate::state::State;

pub(crate) fn answer(state: &State, call: &Call) -> Answered {
    if call.method != hyper::Method::GET && call.method != hyper::Method::POST {
        return Err(Broken::method("GET"));
    }
    let form = call.form();
    let given = |name: &str| call.asked(name).or_else(|| form.field(name)).map(str::to_owned);
    let hint = given("id_token_hint")
        .ok_or_else(|| Broken::oauth(400, "invalid_request", "The 'id_token_hint' parameter is required."))?;
    let claims = jwt::ours(&hint, state.policies.signing_key)
        .ok_or_else(|| Broken::oauth(401, "invalid_token", "The id token is invalid."))?;
    if claims.get("aud").and_then(Value::as_str).and_then(Client::with_id).is_none() {
        return Err(Broken::oauth(401, "invalid_token", "The id token is invalid."));
    }
    let Some(target) = given("post_logout_redirect_uri") else {
        return Ok(Reply::page("<!doctype html><title>Signed out</title><p>You are signed out.".to_owned()));
    };
    let registered = state.post_logout_redirect_uris().any(|uri| *uri == target);
    let mut url = url::Url::parse(&target).ok().filter(|_| registered).ok_or_else(|| {
        let told = "The 'post_logout_redirect_uri' parameter must be a Logout redirect URI in the client app settings.";
        Broken::oauth(400, "invalid_request", told)
    })?;
    if let Some(state) = given("state") {
        url.query_pairs_mut().append_pair("state", &state);
    }
    Ok(Reply::redirect(url.as_str()))
}
