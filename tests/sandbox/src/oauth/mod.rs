//! OAuth 2.0 and OpenID Connect: discovery, keys, interact, token, userinfo, introspect, revoke,
//! logout. One endpoint a file; what several share is [`client`], [`jwt`], [`grant`].
//!
//! Two authorization servers share this code: the custom one, `{origin}/oauth2/default`, and the
//! org's own, whose issuer is the origin itself and whose endpoints are under `{origin}/oauth2`.

pub(crate) mod authorize;
pub(crate) mod client;
pub(crate) mod discovery;
pub(crate) mod grant;
pub(crate) mod interact;
pub(crate) mod introspect;
pub(crate) mod jwt;
pub(crate) mod keys;
pub(crate) mod logout;
pub(crate) mod revoke;
pub(crate) mod token;
pub(crate) mod userinfo;

use crate::broken::Broken;
use crate::http::{Answered, Call, Form, Reply};
use crate::state::State;

/// Which authorization server was called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Server {
    /// The custom one, `default`.
    Custom,
    /// The org's own.
    Org,
}

impl Server {
    pub(crate) fn issuer(self, origin: &str) -> String {
        match self {
            Self::Custom => format!("{origin}/oauth2/default"),
            Self::Org => origin.to_owned(),
        }
    }

    /// Under which its endpoints `/v1/…` are.
    pub(crate) fn base(self, origin: &str) -> String {
        match self {
            Self::Custom => format!("{origin}/oauth2/default"),
            Self::Org => format!("{origin}/oauth2"),
        }
    }
}

/// Answers a call under `/oauth2/…`, where `name` is what follows the server's `/v1/`.
pub(crate) fn answer(state: &mut State, server: Server, name: &str, call: &Call) -> Answered {
    match name {
        "keys" => get(call).map(|()| keys::answer(state)),
        "interact" => post(call).and_then(|form| interact::answer(state, server, call, &form)),
        "token" => post(call).and_then(|form| token::answer(state, server, call, &form)),
        "introspect" => post(call).and_then(|form| introspect::answer(state, call, &form)),
        "revoke" => post(call).and_then(|form| revoke::answer(state, call, &form)),
        "userinfo" => userinfo::answer(state, call),
        "logout" => logout::answer(state, call),
        "authorize" => authorize::answer(state, server, call),
        _ => Err(Broken::api(404, "E0000022", format!("Not found: there is no endpoint /v1/{name}"))),
    }
}

/// Lets only GET through.
pub(crate) fn get(call: &Call) -> Result<(), Broken> {
    if call.method == hyper::Method::GET { Ok(()) } else { Err(Broken::method("GET")) }
}

/// Lets only a well-formed form post through (RFC 6749 §3.2), and reads the form.
fn post(call: &Call) -> Result<Form, Broken> {
    if call.method != hyper::Method::POST {
        return Err(Broken::method("POST"));
    }
    let kind = call.header("content-type").unwrap_or_default();
    if kind.split(';').next().map(str::trim) != Some("application/x-www-form-urlencoded") {
        return Err(Broken::oauth(
            400,
            "invalid_request",
            format!("The content type must be application/x-www-form-urlencoded, not `{kind}`."),
        ));
    }
    let accept = call.header("accept").unwrap_or("*/*");
    if !["application/json", "application/*", "*/*"].iter().any(|kind| accept.contains(kind)) {
        return Err(Broken::oauth(
            400,
            "invalid_request",
            format!("The reply is application/json; `{accept}` does not accept it."),
        ));
    }
    let form = call.form();
    match form.repeated() {
        Some(name) => {
            let told = format!("The request contains the parameter '{name}' more than once.");
            Err(Broken::oauth(400, "invalid_request", told))
        }
        None => Ok(form),
    }
}

/// 200 with no body, as revocation answers.
fn nothing() -> Reply {
    Reply::of(200, crate::http::Payload::Empty)
}
