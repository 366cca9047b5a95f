//! `POST /v1/introspect` (RFC 7662): whether a token is alive, and what it stands for.

use serde_json::{Value, json};

use crate::broken::Broken;
use crate::http::{Answered, Call, Form, Reply};
use crate::oauth::grant::Issued;
use crate::oauth::{client, jwt};
use crate::state::State;

pub(crate) fn answer(state: &mut State, call: &Call, form: &Form) -> Answered {
    let client = client::authenticate(state, call, form)?;
    let token = form.field("token");
    let token = token.ok_or_else(|| Broken::oauth(400, "invalid_request", "The 'token' parameter is required."))?;
    let dead = || json!({ "active": false });
    let grants = &state.grants;
    let alive = |issued: &&Issued| !issued.ended && !grants.grants[issued.grant].ended && call.at < issued.expires;
    let of = |issued: &Issued| {
        let grant = &grants.grants[issued.grant];
        json!({
            "active": true,
            "scope": grant.scopes.join(" "),
            "username": grant.login,
            "exp": issued.expires.seconds(),
            "sub": grant.login,
            "token_type": "Bearer",
            "client_id": grant.client.id(),
        })
    };
    if let Some(issued) = grants.access.get(token).or_else(|| grants.refresh.get(token)) {
        let ours = grants.grants[issued.grant].client == client;
        return Ok(Reply::json(Some(issued).filter(alive).filter(|_| ours).map_or_else(dead, of)));
    }
    let claims = jwt::ours(token, state.policies.signing_key);
    let claims = claims.filter(|claims| claims.get("aud").and_then(Value::as_str) == Some(client.id()));
    let claims = claims.filter(|claims| claims["exp"].as_i64().is_some_and(|end| call.at.seconds() < end));
    Ok(Reply::json(claims.map_or_else(dead, |mut claims| {
        claims["active"] = true.into();
        claims
    })))
}
