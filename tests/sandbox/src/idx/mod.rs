//! IDX: the sign-in itself, step by step.
//!
//! ```text
//! POST /idp/idx/{step}  →  media, state handle, lifetime, rate  →  fit: does the body follow a form
//! that the current step offers?  →  the step's own file  →  engine: what comes next  →  page → reply
//! ```
//!
//! A success is `application/ion+json; okta-version=1.0.0`, an error `application/json`. An error
//! leaves the step as it was, and shows it again with messages unless it is a bare one.

mod answer;
mod challenge;
mod choosing;
mod credential;
mod device;
mod endings;
mod engine;
mod enrolling;
mod envelope;
mod fit;
mod form;
mod hosted;
mod identify;
mod message;
mod page;
mod passwords;
mod polling;
mod profile;
mod proving;
mod renewing;
mod sending;
mod setting_up;
mod tasks;
mod transaction;

pub(crate) use engine::advance;
pub(crate) use envelope::only_message;
pub(crate) use hosted::IDENTITY_PROVIDER;
pub(crate) use message::{Message, Outcome};
pub(crate) use tasks::activation_link;
pub(crate) use transaction::{PushAnswer, Step, Transaction, Who};

use hyper::Method;
use serde_json::Value;

use crate::broken::Broken;
use crate::faults::Kind;
use crate::http::{Answered, Call, Payload, Reply};
use crate::state::State;

/// Media types in which IDX is spoken; parameters other than a version are not looked at.
const MEDIA: [&str; 3] = ["application/json", "application/ion+json", "application/vnd.okta.v1+json"];

/// Begins a sign-in: puts it at its first step and remembers it.
pub(crate) fn begin(state: &mut State, mut transaction: Transaction, call: &Call) {
    engine::advance(state, &mut transaction, call);
    state.about = Some(transaction.id.clone());
    let lifetime = state.policies.handle_lifetime_s;
    state.transactions.retain(|earlier| call.at.since(earlier.started) < lifetime);
    state.transactions.push(transaction);
}

/// Answers `POST /idp/idx/{step}`.
pub(crate) fn answer(state: &mut State, step: &str, call: &Call) -> Answered {
    if call.method != Method::POST {
        return Err(Broken::method("POST"));
    }
    check_media(step, call)?;
    let body: Value = serde_json::from_slice(&call.body).ok().filter(Value::is_object).ok_or_else(|| {
        Broken::api(400, "E0000003", "The request body was not well-formed: it must be a JSON object.")
    })?;
    let place = find(state, step, &body, call)?;
    let mut transaction = state.transactions.swap_remove(place);
    state.about = Some(transaction.id.clone());
    let answered = step_answered(state, &mut transaction, step, &body, call);
    state.transactions.push(transaction);
    answered
}

fn step_answered(state: &mut State, transaction: &mut Transaction, step: &str, body: &Value, call: &Call) -> Answered {
    check_rate(state, transaction, call)?;
    transaction.last_seen = call.at;
    let outcome = match step {
        "introspect" => Outcome::ok(),
        "cancel" => {
            state.ended.insert(transaction.start_again(call.at));
            engine::advance(state, transaction, call);
            Outcome::ok()
        }
        // A page may be polled for a moment after its step is over.
        "challenge/poll" | "authenticators/poll" | "poll" => polling::poll(state, transaction, call),
        "context" => Outcome::ok(),
        _ => {
            check_fit(state, transaction, step, body, call)?;
            let outcome = dispatch(state, transaction, step, body, call);
            if state.policies.rotate_state_handle {
                state.ended.insert(transaction.rotate());
            }
            outcome
        }
    };
    let already = matches!(transaction.step, Step::Unheard { .. });
    if state.struck_by(Kind::UnknownRemediation) && !already {
        let then = Box::new(std::mem::replace(&mut transaction.step, Step::Identify));
        transaction.step = Step::Unheard { then };
    }
    let status = outcome.status;
    let reply = envelope::reply(state, transaction, &outcome, call);
    // As Okta does, for browsers; a client on a server keeps no cookie of the org's.
    let reply = reply.with("set-cookie", format!("JSESSIONID={}; Path=/; HttpOnly", crate::random::id("js")));
    transaction.notice = None;
    Ok(if status == 429 { reply.with("retry-after", state.policies.resend_wait_s.to_string()) } else { reply })
}

fn dispatch(state: &mut State, transaction: &mut Transaction, step: &str, body: &Value, call: &Call) -> Outcome {
    if state.policies.captcha
        && matches!(transaction.step, Step::Identify | Step::IdentifyRecovery | Step::Register)
        && matches!(step, "identify" | "enroll/new")
        && let Err(unsolved) = hosted::captcha_is_solved(body)
    {
        return unsolved;
    }
    match step {
        "identify" => identify::answer(state, transaction, body, call),
        "identify/select" => {
            transaction.step = Step::Identify;
            Outcome::ok()
        }
        "enroll" => profile::begin(state, transaction),
        "enroll/new" | "enroll/update" => profile::submit(state, transaction, body, call),
        "challenge" => challenge::answer(state, transaction, body, call),
        "challenge/answer" | "wave" => answer::answer(state, transaction, body, call),
        "challenge/answer/webauthn-autofillui" => proving::first_by_passkey(state, transaction, body, call),
        "challenge/resend" => challenge::resend(state, transaction, call),
        "challenge/send" => credential::send_link(state, transaction, body, call),
        "credential/enroll" => match transaction.step.clone() {
            Step::Promotion(begun) => hosted::promoted(state, transaction, begun, body, call),
            _ => credential::answer(state, transaction, body, call),
        },
        "recover" => tasks::recover(state, transaction, call),
        "unlock-account" => tasks::unlock(state, transaction),
        "skip" => tasks::skip(state, transaction, call),
        "device/activate" => hosted::activate(state, transaction, body, call),
        "request-activation" => hosted::request_activation(state, transaction, call),
        "consent" if transaction.step == Step::EmailConsent => {
            hosted::answer_email_consent(state, transaction, body, call)
        }
        "consent" => tasks::consent(state, transaction, body, call),
        "keep-me-signed-in" => {
            transaction.stay_answered = true;
            engine::advance(state, transaction, call);
            Outcome::ok()
        }
        "rite/perform" => {
            if let Step::Unheard { then } = std::mem::replace(&mut transaction.step, Step::Identify) {
                transaction.step = *then;
            }
            Outcome::ok()
        }
        // The rest are the devices' endpoints; each of them gives up on the device.
        _ => {
            transaction.device_asked = true;
            engine::advance(state, transaction, call);
            Outcome::ok()
        }
    }
}

/// JSON in, JSON out; `introspect` is where the version is learnt, so there it must be named.
fn check_media(step: &str, call: &Call) -> Result<(), Broken> {
    for (name, code) in [("content-type", "E0000021"), ("accept", "E0000019")] {
        let Some(value) = call.header(name) else {
            return Err(Broken::api(400, "E0000018", format!("Bad request. The {name} header is missing.")));
        };
        let spoken = |part: &str| MEDIA.contains(&part.split(';').next().unwrap_or_default().trim());
        if !value.split(',').any(|part| spoken(part.trim())) {
            return Err(Broken::api(400, code, format!("Bad request. The {name} `{value}` is none that IDX speaks.")));
        }
        if step == "introspect" && !value.replace(' ', "").contains("application/ion+json;okta-version=1") {
            let told =
                format!("Bad request. The {name} of introspect must be application/ion+json; okta-version=1.0.0.");
            return Err(Broken::api(400, code, told));
        }
    }
    Ok(())
}

/// The sign-in that a body speaks of, alive.
fn find(state: &mut State, step: &str, body: &Value, call: &Call) -> Result<usize, Broken> {
    let names: &[&str] = match step {
        "introspect" => &["interactionHandle", "stateToken", "stateHandle"],
        _ => &["stateHandle"],
    };
    let handle = names.iter().find_map(|name| body.get(*name)?.as_str()).ok_or_else(|| {
        let told = format!("'{}' is required.", names[0]);
        Broken::idx(400, Message::required(names[0]), told)
    })?;
    let is_it = |transaction: &Transaction| match step {
        "introspect" if body.get("interactionHandle").is_some() => transaction.interaction_handle == handle,
        _ => transaction.state_handle == handle,
    };
    let Some(place) = state.transactions.iter().position(is_it) else {
        return Err(session_expired(match state.ended.contains(handle) {
            true => "a handle was used after its end",
            false => "the handle is none of this org's",
        }));
    };
    let transaction = &state.transactions[place];
    let policies = &state.policies;
    let over = call.at.since(transaction.started) >= policies.handle_lifetime_s
        || call.at.since(transaction.last_seen) >= policies.idle_lifetime_s;
    if over {
        let handle = transaction.state_handle.clone();
        state.end_transaction(&handle);
        return Err(session_expired("the sign-in took too long"));
    }
    Ok(place)
}

/// 401 `idx.session.expired`.
pub(crate) fn session_expired(rule: &str) -> Broken {
    let told = "You have been logged out due to inactivity. Refresh or return to the sign in screen.";
    Broken::idx(401, Message::error("idx.session.expired", told), rule)
}

fn check_rate(state: &State, transaction: &mut Transaction, call: &Call) -> Result<(), Broken> {
    transaction.calls.retain(|earlier| call.at.0 - earlier.0 < 5000);
    transaction.calls.push(call.at);
    let limit = state.policies.rate_limit;
    if limit == 0 || transaction.calls.len() <= limit {
        return Ok(());
    }
    let rule = format!("more than {limit} calls of one sign-in in five seconds");
    Err(Broken::idx(429, Message::too_many_requests(), rule)
        .with("retry-after", "5")
        .with("x-rate-limit-reset", call.at.plus(5).seconds().to_string()))
}

/// The body must follow one of the forms that the current step offers at this address.
fn check_fit(state: &State, transaction: &Transaction, step: &str, body: &Value, call: &Call) -> Result<(), Broken> {
    let shown = envelope::envelope(state, transaction, call);
    let href = format!("{}/idp/idx/{step}", call.origin);
    let mut forms = Vec::new();
    collect_forms(&shown, &href, &mut forms);
    fit::check(forms.into_iter(), body).map_err(|mismatch| {
        let message = match mismatch.field.is_empty() {
            true => {
                Message::error("errors.E0000079", "This operation is not allowed in the current authentication state.")
            }
            false => Message::required(&mismatch.field).saying(&mismatch.rule),
        };
        let name = mismatch.field.rsplit('.').next().unwrap_or_default();
        let outcome = match name {
            "" | "stateHandle" => Outcome::told(400, message),
            _ => Outcome::at_field(400, name, message),
        };
        let reply = envelope::reply_as_it_is(state, transaction, &outcome, call);
        Broken { rule: format!("/idp/idx/{step}: {}", mismatch.rule), reply: Box::new(reply) }
    })
}

/// Every form and action of a reply that goes to `href`.
fn collect_forms<'a>(value: &'a Value, href: &str, forms: &mut Vec<&'a Value>) {
    if value["href"] == href && value["rel"].is_array() {
        forms.push(value);
    }
    match value {
        Value::Object(members) => members.values().for_each(|member| collect_forms(member, href, forms)),
        Value::Array(members) => members.iter().for_each(|member| collect_forms(member, href, forms)),
        _ => {}
    }
}

/// A reply with a status: ion for a success, plain JSON for an error.
fn payload(status: u16, body: Value) -> Reply {
    let payload = if status < 400 { Payload::Ion(body) } else { Payload::Json(body) };
    Reply::of(status, payload)
}
