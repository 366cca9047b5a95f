//! What the org tells a client of its own accord: that a session is over (OpenID Connect Back-Channel Logout 1.0), and
//! that everything of a person is to be revoked (Okta Universal Logout, draft-parecki-oauth-global-token-revocation).
//!
//! `POST /sandbox/backchannel-logout` and `POST /sandbox/global-token-revocation`, with
//!
//! | member | what |
//! |---|---|
//! | `login` | whose; needed |
//! | `to` | the receiver's address; one without a path gets the usual one; the gateway's unless said otherwise |
//! | `session` | back-channel logout: which of the person's sign-ins, by its `sid`; the latest unless said otherwise |
//! | `format` | revocation: `email`, `iss_sub` or `opaque` |
//! | `change` | what to get wrong: an object of claims to replace, or to leave out (`null`) |
//!
//! `change` also takes `header` (the same for the JWS header), `body` (text in place of the whole body), `content_type`,
//! `authorization`, and `signature`: `"bad"`, `"none"` or `"hs256"`. The reply is `{"status", "headers", "body"}` of what
//! the receiver said.

use serde_json::{Map, Value, json};
use url::Url;

use crate::broken::Broken;
use crate::delivery::Delivery;
use crate::faults::TokenFault;
use crate::http::{Answered, Call, Payload, Reply};
use crate::oauth::Server;
use crate::oauth::jwt;
use crate::oauth::keys::signing_key;
use crate::state::State;
use crate::user::User;

/// The event that a logout token is about.
const LOGGED_OUT: &str = "http://schemas.openid.net/event/backchannel-logout";

pub(super) fn backchannel_logout(state: &State, order: &Value, call: &Call) -> Answered {
    let asked = Asked::read(state, order, call, "/.gateway/backchannel-logout")?;
    let sid = text(order, "session").map(str::to_owned).or_else(|| asked.latest_sid(state));
    let mut claims = json!({
        "iss": asked.server.issuer(&call.origin),
        "sub": asked.user.id,
        "aud": crate::CLIENT_ID,
        "iat": call.at.seconds(),
        "exp": call.at.plus(120).seconds(),
        "jti": crate::random::id("logout."),
        "events": { LOGGED_OUT: {} },
    });
    if let Some(sid) = sid {
        claims["sid"] = sid.into();
    }
    let token = asked.signed(state, "logout+jwt", claims);
    let form = url::form_urlencoded::Serializer::new(String::new()).append_pair("logout_token", &token).finish();
    Ok(asked.reply("application/x-www-form-urlencoded", None, form))
}

pub(super) fn global_token_revocation(state: &State, order: &Value, call: &Call) -> Answered {
    let asked = Asked::read(state, order, call, "/.gateway/global-token-revocation")?;
    let issuer = asked.server.issuer(&call.origin);
    let subject = match text(order, "format").unwrap_or("email") {
        "email" => json!({ "format": "email", "email": asked.user.email }),
        "iss_sub" => json!({ "format": "iss_sub", "iss": issuer, "sub": asked.user.id }),
        "opaque" => json!({ "format": "opaque", "id": asked.user.id }),
        other => return Err(Broken::asked_wrongly(format!("there is no format `{other}`"))),
    };
    let claims = json!({
        "iss": issuer,
        "sub": crate::CLIENT_ID,
        "aud": asked.to.as_str(),
        "iat": call.at.seconds(),
        "nbf": call.at.plus(-300).seconds(),
        "exp": call.at.plus(300).seconds(),
        "jti": crate::random::id("revoke."),
    });
    let token = asked.signed(state, "global-token-revocation+jwt", claims);
    let body = json!({ "sub_id": subject }).to_string();
    Ok(asked.reply("application/json", Some(format!("Bearer {token}")), body))
}

/// An order that can be carried out.
struct Asked<'a> {
    user: &'a User,
    server: Server,
    to: Url,
    change: Map<String, Value>,
}

impl<'a> Asked<'a> {
    fn read(state: &'a State, order: &Value, call: &Call, path: &str) -> Result<Self, Broken> {
        let login = text(order, "login").ok_or_else(|| Broken::asked_wrongly("`login` is missing"))?;
        let user = state.users.iter().find(|user| user.login.eq_ignore_ascii_case(login));
        let user = user.ok_or_else(|| Broken::asked_wrongly(format!("there is nobody called `{login}`")))?;
        let gateway = state.redirect_uris().next().map(String::as_str).unwrap_or(&call.origin);
        let to = Url::parse(gateway).and_then(|gateway| gateway.join("/")?.join(text(order, "to").unwrap_or("/")));
        let mut to = to.map_err(|error| Broken::asked_wrongly(format!("`to` is not an address: {error}")))?;
        if to.path() == "/" {
            to.set_path(path);
        }
        if to.scheme() != "http" || !crate::server::is_loopback(&to) {
            return Err(Broken::asked_wrongly("`to` must be an http address of this machine"));
        }
        let change = match order.get("change") {
            None | Some(Value::Null) => Map::new(),
            Some(Value::Object(change)) => change.clone(),
            Some(_) => return Err(Broken::asked_wrongly("`change` is a JSON object")),
        };
        let latest = state.grants.grants.iter().rev().find(|grant| grant.login == user.login);
        Ok(Self { user, server: latest.map_or(Server::Custom, |grant| grant.server), to, change })
    }

    fn latest_sid(&self, state: &State) -> Option<String> {
        let latest = state.grants.grants.iter().rev().find(|grant| grant.login == self.user.login);
        latest.map(|grant| grant.sid.clone())
    }

    fn signed(&self, state: &State, kind: &str, mut claims: Value) -> String {
        const ASIDE: [&str; 5] = ["header", "body", "content_type", "authorization", "signature"];
        let changed = self.change.iter().filter(|(name, _)| !ASIDE.contains(&name.as_str()));
        replace(&mut claims, changed);
        let key = signing_key(state.policies.signing_key);
        let fault = match self.change.get("signature").and_then(Value::as_str) {
            Some("bad") => Some(TokenFault::BadSignature),
            Some("none") => Some(TokenFault::AlgNone),
            Some("hs256") => Some(TokenFault::Hs256),
            _ => None,
        };
        let mut header = json!({ "typ": kind });
        replace(&mut header, self.change.get("header").and_then(Value::as_object).into_iter().flatten());
        jwt::signed_with(key, &header, &claims, fault)
    }

    fn reply(&self, kind: &str, authorization: Option<String>, body: String) -> Reply {
        let changed = |name: &str| self.change.get(name).map(|value| value.as_str().map(str::to_owned));
        let mut headers = Vec::new();
        let kind = changed("content_type").unwrap_or_else(|| Some(kind.to_owned()));
        headers.extend(kind.map(|kind| ("content-type", kind)));
        let authorization = changed("authorization").unwrap_or(authorization);
        headers.extend(authorization.map(|value| ("authorization", value)));
        let body = changed("body").flatten().unwrap_or(body);
        Reply::of(200, Payload::Delivery(Box::new(Delivery { to: self.to.clone(), headers, body })))
    }
}

/// Puts these members in place of those that are there; null takes one out.
fn replace<'v>(object: &mut Value, members: impl Iterator<Item = (&'v String, &'v Value)>) {
    for (name, value) in members {
        match value {
            Value::Null => drop(object.as_object_mut().and_then(|object| object.remove(name))),
            value => object[name] = value.clone(),
        }
    }
}

fn text<'v>(order: &'v Value, name: &str) -> Option<&'v str> {
    order.get(name).and_then(Value::as_str)
}
