//! The reply as a whole: the page of the current step, the messages, and what stands in every reply
//! (`version`, `stateHandle`, `expiresAt`, `intent`, `cancel`, `app`, `user`).

use serde_json::{Value, json};

use crate::http::{Call, Reply};
use crate::idx::form::{View, one, several};
use crate::idx::transaction::{Intent, NewPassword, Step, Transaction, Who};
use crate::idx::{Message, Outcome, device, endings, page, payload};
use crate::state::State;

/// What stands in a reply that shows no step.
const BARE: [&str; 5] = ["version", "stateHandle", "expiresAt", "intent", "cancel"];

/// The reply to a call.
pub(crate) fn reply(state: &State, transaction: &mut Transaction, outcome: &Outcome, call: &Call) -> Reply {
    if !outcome.bare
        && let Step::Ended(ending) = &transaction.step
    {
        let status = ending.status;
        return payload(status, envelope(state, transaction, call));
    }
    reply_as_it_is(state, transaction, outcome, call)
}

/// The current step under an outcome's status and messages.
pub(crate) fn reply_as_it_is(state: &State, transaction: &Transaction, outcome: &Outcome, call: &Call) -> Reply {
    let mut body = envelope(state, transaction, call);
    if outcome.bare
        && let Some(members) = body.as_object_mut()
    {
        members.retain(|name, _| BARE.contains(&name.as_str()));
    }
    for message in &outcome.top {
        add_message(&mut body, message);
    }
    for (field, message) in &outcome.fields {
        if !at_field(&mut body["remediation"]["value"][0]["value"], field, message) {
            add_message(&mut body, message);
        }
    }
    payload(outcome.status, body)
}

/// A body that holds nothing but a message.
pub(crate) fn only_message(message: Message) -> Value {
    json!({ "version": "1.0.0", "messages": several(vec![message.value()]) })
}

fn add_message(body: &mut Value, message: &Message) {
    match body["messages"]["value"].as_array_mut() {
        Some(messages) => messages.push(message.value()),
        None => body["messages"] = several(vec![message.value()]),
    }
}

/// Puts a message at every field of that name, in all alternatives. Tells whether there was one.
fn at_field(fields: &mut Value, name: &str, message: &Message) -> bool {
    let mut found = false;
    for field in fields.as_array_mut().into_iter().flatten() {
        if field["name"] == name {
            match field["messages"]["value"].as_array_mut() {
                Some(messages) => messages.push(message.value()),
                None => field["messages"] = several(vec![message.value()]),
            }
            found = true;
        }
        if field.get("form").is_some() {
            found |= at_field(&mut field["form"]["value"], name, message);
        }
        if field["value"].get("form").is_some() {
            found |= at_field(&mut field["value"]["form"]["value"], name, message);
        }
        for option in field.get_mut("options").and_then(Value::as_array_mut).into_iter().flatten() {
            if option["value"].get("form").is_some() {
                found |= at_field(&mut option["value"]["form"]["value"], name, message);
            }
        }
    }
    found
}

/// The reply to an introspection: the current step with the messages that belong to it.
pub(crate) fn envelope(state: &State, transaction: &Transaction, call: &Call) -> Value {
    let user = transaction.login().and_then(|login| state.user(login));
    let view = View { origin: &call.origin, policies: &state.policies, user, transaction };
    let mut page = page::page(&view);
    let mut body = json!({
        "version": "1.0.0",
        "stateHandle": transaction.state_handle,
        "expiresAt": transaction.started.plus(state.policies.handle_lifetime_s).iso(),
        "intent": match transaction.intent {
            _ if transaction.step == Step::EmailConsent => "CONSENT",
            Intent::Recovery => "CREDENTIAL_RECOVERY",
            Intent::Unlock => "UNLOCK_ACCOUNT",
            Intent::Login | Intent::Enrolment => "LOGIN",
        },
        "cancel": view.form("cancel", "cancel", Vec::new()),
        "app": one(json!({
            "name": "oidc_client",
            "label": transaction.asked.client.label(),
            "id": transaction.asked.client.id(),
        })),
    });
    match (&transaction.who, user) {
        (_, Some(user)) => {
            body["user"] = one(json!({
                "id": user.id,
                "identifier": user.login,
                "profile": { "firstName": user.first_name, "lastName": user.last_name, "locale": "en_US" },
            }))
        }
        // The profile is left out for unknown and known people alike until somebody has proven something.
        (Who::Unknown { id, login }, None) => body["user"] = one(json!({ "id": id, "identifier": login })),
        _ => {}
    }
    if transaction.verified.is_empty()
        && let Some(user) = body.pointer_mut("/user/value").and_then(Value::as_object_mut)
    {
        user.remove("profile");
    }
    if let Step::Done { code } = &transaction.step {
        body["successWithInteractionCode"] = success(&view, code);
    } else if !page.remediations.is_empty() {
        body["remediation"] = several(std::mem::take(&mut page.remediations));
    }
    if let Some(members) = body.as_object_mut() {
        members.extend(page.members);
    }
    for message in transaction.notice.iter().chain(&own_messages(&transaction.step)) {
        add_message(&mut body, message);
    }
    body
}

/// What a step says of itself.
fn own_messages(step: &Step) -> Vec<Message> {
    let message = match step {
        Step::Ended(ending) => return ending.messages.clone(),
        Step::DeviceGrace => return std::iter::once(device::until()).chain(device::to_do()).collect(),
        Step::AwaitActivation => {
            Some(Message::info("idx.email.verification.required", "To finish signing in, check your email."))
        }
        Step::Met(end) => endings::message(*end),
        Step::SetUpUnavailable => Some(endings::set_up_unavailable()),
        Step::ActivationExpired => Some(Message::error(
            "idx.expired.activation.token",
            "Your account activation link is no longer valid. Contact your administrator to request a new activation link.",
        )),
        Step::NewPassword(NewPassword::Expiring { .. }) | Step::PasswordElsewhere { days: Some(_) } => Some(
            Message::info(
                "idx.password.expiring.message",
                "When your password expires, you will have to change your password before you can login to your Sandbox Org account.",
            )
            .about("Sandbox Org"),
        ),
        Step::PushRejected { .. } => {
            Some(Message::error("api.authn.poll.error.push_rejected", "You have chosen to reject this login."))
        }
        _ => None,
    };
    message.into_iter().collect()
}

/// `successWithInteractionCode`: the code, and where to redeem it.
fn success(view: &View<'_>, code: &str) -> Value {
    let asked = &view.transaction.asked;
    let mut fields = vec![
        json!({ "name": "grant_type", "required": true, "value": "interaction_code" }),
        json!({ "name": "interaction_code", "required": true, "value": code }),
        json!({ "name": "client_id", "required": true, "value": asked.client.id() }),
    ];
    if asked.client == crate::oauth::client::Client::Confidential {
        fields.push(json!({ "name": "client_secret", "required": true }));
    }
    fields.push(json!({ "name": "code_verifier", "required": true }));
    json!({
        "rel": ["create-form"],
        "name": "issue",
        "href": format!("{}/v1/token", asked.server.base(view.origin)),
        "method": "POST",
        "value": fields,
        "accepts": "application/x-www-form-urlencoded",
    })
}
