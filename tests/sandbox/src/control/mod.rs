//! The control API, `/sandbox/…`: people and tests see and change the org there. It is not part of the protocol, so its calls
//! are neither judged nor in the transcript; a call that it does not understand gets a 400 with `{"problem"}`.

mod codes;
mod orders;
mod page;
mod people;

use hyper::Method;
use serde_json::{Value, json};

use crate::broken::Broken;
use crate::faults::Faults;
use crate::http::{Answered, Call, Reply, escape};
use crate::state::State;

pub(crate) fn answer(state: &mut State, name: &str, call: &Call) -> Answered {
    match (&call.method, name) {
        (&Method::GET, "") => Ok(page::overview(state, &escape(&call.origin))),
        (&Method::GET, "inbox") if call.wants_json() => Ok(inbox(state)),
        (&Method::GET, "inbox") => Ok(page::inbox(state)),
        (&Method::GET, "transcript") => {
            Ok(Reply::json(state.transcript.iter().map(crate::transcript::Entry::value).collect()))
        }
        (&Method::POST, "reset") => {
            state.reset();
            Ok(done())
        }
        (&Method::POST, "faults") => {
            state.faults = Faults::read(&body(call)?).map_err(Broken::asked_wrongly)?;
            Ok(done())
        }
        (&Method::GET, "policies") => Ok(Reply::json(json!(state.policies))),
        (&Method::POST, "policies") => {
            state.policies = state.policies.changed(&body(call)?).map_err(Broken::asked_wrongly)?;
            Ok(Reply::json(json!(state.policies)))
        }
        (&Method::GET, "users") => Ok(Reply::json(json!(state.users))),
        (&Method::POST, "users") => people::change(state, &body(call)?, call),
        (&Method::POST, "backchannel-logout") => orders::backchannel_logout(state, &body(call)?, call),
        (&Method::POST, "global-token-revocation") => orders::global_token_revocation(state, &body(call)?, call),
        (&Method::POST, "push") => codes::push(state, &body(call)?),
        (&Method::GET, "totp") => codes::shown(state, call),
        (&Method::GET, "okta-verify") => codes::set_up_app(state, call),
        _ => Err(Broken::api(404, "E0000022", format!("Not found: {} /sandbox/{name}", call.method))),
    }
}

fn done() -> Reply {
    Reply::json(json!({ "ok": true }))
}

fn body(call: &Call) -> Result<Value, Broken> {
    serde_json::from_slice(&call.body).map_err(|error| Broken::asked_wrongly(format!("the body is not JSON: {error}")))
}

fn inbox(state: &State) -> Reply {
    Reply::json(state.inbox.iter().rev().map(crate::inbox::Letter::value).collect())
}
