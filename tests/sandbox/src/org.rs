//! The org as one function from calls to replies: it applies the faults that are set, finds the endpoint, and writes
//! the transcript.

use std::sync::{Mutex, MutexGuard, PoisonError};

use hyper::Method;
use serde_json::{Value, json};

use crate::broken::{Broken, api_body};
use crate::clock::Moment;
use crate::faults::{ConnectionFaults, Kind, Operation};
use crate::http::{Answered, Call, Payload, Reply};
use crate::oauth::{self, Server};
use crate::state::State;
use crate::transcript::Entry;
use crate::{Settings, control, idp, idx};

/// What a huge reply measures.
const HUGE: usize = 11 * 1024 * 1024;

/// A running org's memory, behind its one lock.
pub(crate) struct Org(Mutex<State>);

impl Org {
    pub(crate) fn new(settings: Settings) -> Self {
        Self(Mutex::new(State::new(settings)))
    }

    /// The org's clock.
    pub(crate) fn now(&self) -> Moment {
        Moment::now(self.lock().policies.clock_offset_s)
    }

    /// Whether scripts of this origin may call: it is that of a registered redirect URI (a "trusted origin" of Okta's).
    pub(crate) fn trusts(&self, origin: &str) -> bool {
        let state = self.lock();
        let mut registered = state.redirect_uris().filter_map(|uri| url::Url::parse(uri).ok());
        registered.any(|uri| uri.origin().ascii_serialization() == origin)
    }

    /// Answers a call. What happens to the connection besides is in the [`ConnectionFaults`].
    pub(crate) fn answer(&self, call: &Call) -> (Reply, ConnectionFaults) {
        if call.method == Method::OPTIONS {
            return (Reply::of(204, Payload::Empty), ConnectionFaults::default());
        }
        let state = &mut *self.lock();
        match Operation::at(&call.path) {
            Some(operation) => protocol(state, operation, call),
            None => (aside(state, call).unwrap_or_else(|broken| *broken.reply), ConnectionFaults::default()),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A call of the protocol: faults before, the endpoint, faults after, the transcript.
fn protocol(state: &mut State, operation: Operation, call: &Call) -> (Reply, ConnectionFaults) {
    state.struck = state.faults.strike(operation);
    let instead = state.struck.iter().find_map(|kind| replaced(*kind, operation, call));
    let (mut reply, rule) = match instead {
        Some(reply) => (reply, None),
        None => match endpoint(state, call) {
            Ok(reply) => (reply, None),
            Err(broken) => (*broken.reply, Some(broken.rule)),
        },
    };
    let struck = std::mem::take(&mut state.struck);
    let mut connection = ConnectionFaults::default();
    for kind in &struck {
        match kind {
            Kind::Down => connection.close = true,
            Kind::Cut => connection.cut = true,
            Kind::Slow { ms } => connection.pause = Some(*ms),
            Kind::UnknownVersion => {
                if let Payload::Ion(body) | Payload::Json(body) = &mut reply.payload {
                    body["version"] = "9.9.9".into();
                }
            }
            _ => {}
        }
    }
    let faults = struck.into_iter().map(Kind::name).collect();
    let about = state.about.take();
    let entry = Entry::of(call, reply.status, rule, faults);
    state.record(Entry { about, ..entry });
    (reply, connection)
}

/// The reply that a fault gives in place of an endpoint's.
fn replaced(kind: Kind, operation: Operation, call: &Call) -> Option<Reply> {
    Some(match kind {
        Kind::Down => Reply::of(503, Payload::Empty),
        Kind::Status { code } => {
            let body = api_body("E0000009", "A fault was asked for.");
            Reply::of(code, Payload::Json(body))
        }
        Kind::NotJson => Reply::page("<!doctype html><title>Not JSON</title><p>This was to be JSON.".to_owned()),
        Kind::Huge => Reply::json(json!({ "version": "1.0.0", "padding": "x".repeat(HUGE) })),
        Kind::RateLimited { reset_s } => rate_limited(operation, reset_s, call),
        Kind::Expired => expired(operation),
        _ => return None,
    })
}

fn rate_limited(operation: Operation, reset_s: i64, call: &Call) -> Reply {
    let body = match operation.is_idx() {
        true => idx::only_message(idx::Message::error("tooManyRequests", "Too many requests")),
        false => api_body("E0000047", "API call exceeded rate limit due to too many requests."),
    };
    Reply::of(429, Payload::Json(body))
        .with("retry-after", reset_s.to_string())
        .with("x-rate-limit-limit", "60")
        .with("x-rate-limit-remaining", "0")
        .with("x-rate-limit-reset", call.at.plus(reset_s).seconds().to_string())
}

fn expired(operation: Operation) -> Reply {
    let broken = match operation {
        Operation::Userinfo => oauth::userinfo::refused(401, "invalid_token", "The token has expired."),
        Operation::Token => Broken::oauth(400, "invalid_grant", "The interaction code is invalid or has expired."),
        _ => idx::session_expired("a fault was asked for"),
    };
    *broken.reply
}

fn endpoint(state: &mut State, call: &Call) -> Answered {
    let path = call.path.as_str();
    if let Some(step) = path.strip_prefix("/idp/idx/") {
        return idx::answer(state, step, call);
    }
    match path {
        "/.well-known/openid-configuration" | "/.well-known/oauth-authorization-server" => {
            oauth::discovery::answer(state, Server::Org, call)
        }
        "/oauth2/default/.well-known/openid-configuration"
        | "/oauth2/default/.well-known/oauth-authorization-server" => {
            oauth::discovery::answer(state, Server::Custom, call)
        }
        _ => match (path.strip_prefix("/oauth2/default/v1/"), path.strip_prefix("/oauth2/v1/")) {
            (Some(name), _) => oauth::answer(state, Server::Custom, name, call),
            (_, Some(name)) => oauth::answer(state, Server::Org, name, call),
            _ => Err(Broken::api(404, "E0000007", format!("Not found: {path}"))),
        },
    }
}

/// What is not the protocol's: the control API, links, the identity provider, the browser's session.
fn aside(state: &mut State, call: &Call) -> Answered {
    let path = call.path.as_str();
    if path == "/" {
        return Ok(Reply::redirect("/sandbox/"));
    }
    if let Some(name) = path.strip_prefix("/sandbox") {
        return control::answer(state, name.trim_start_matches('/'), call);
    }
    if path == "/idp/identity-verification" {
        return idp::answer(state, idx::IDENTITY_PROVIDER, call);
    }
    if let Some(id) = path.strip_prefix("/sso/idps/") {
        return idp::answer(state, id, call);
    }
    if path.starts_with("/email/verify/") {
        return idx::activation_link(state, call);
    }
    let session: Option<Value> = path.starts_with("/api/v1/sessions/me").then(|| {
        api_body("E0000007", "Not found: Resource not found: me (Session)") // nobody has a session here
    });
    match session {
        Some(body) => Ok(Reply::of(404, Payload::Json(body))),
        None => Err(Broken::api(404, "E0000007", format!("Not found: {path}"))),
    }
}
