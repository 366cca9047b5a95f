//! Lists of authenticators: to verify with, to set up, to unlock with; and the objects that the
//! options of those lists relate to.

use serde_json::{Value, json};

use crate::authenticator::{Key, methods};
use crate::idx::engine;
use crate::idx::form::{View, choice, fixed, several};
use crate::idx::page::Page;
use crate::user::{Enrolment, Proof, User, masked_email, masked_phone};

/// An enrolment as an object of a reply.
pub(crate) fn enrolment(enrolment: &Enrolment, user: &User) -> Value {
    let proof = &enrolment.proof;
    let mut value = proof.key().value();
    value["id"] = enrolment.id.as_str().into();
    value["methods"] = methods(proof.methods().into_iter());
    match proof {
        Proof::Email if !user.email.is_empty() => value["profile"] = json!({ "email": masked_email(&user.email) }),
        Proof::Phone { number, .. } => value["profile"] = json!({ "phoneNumber": masked_phone(number) }),
        Proof::Question { question_key, question, .. } => {
            value["profile"] = json!({ "questionKey": question_key, "question": question });
        }
        Proof::OktaVerify { .. } => value["profile"] = json!({ "deviceName": "Sandbox phone" }),
        Proof::Webauthn { credential_id, transports, .. } => {
            value["credentialId"] = credential_id.as_str().into();
            value["transports"] = json!(transports);
        }
        _ => {}
    }
    value
}

/// Adds `select-authenticator-authenticate` and the enrolments it speaks of.
pub(crate) fn to_verify(view: &View<'_>, user: &User, page: &mut Page) {
    let candidates = engine::candidates(view.policies, user, view.transaction);
    if candidates.is_empty() {
        return;
    }
    let options = candidates.iter().enumerate().map(|(place, candidate)| {
        let key = candidate.proof.key();
        let mut fields = vec![fixed("id", key.facts().id)];
        fields.extend(method_field(&candidate.proof.methods(), false));
        if key == Key::Phone {
            fields.push(optional(fixed("enrollmentId", candidate.id.as_str())));
        }
        option(key, fields, &format!("$.authenticatorEnrollments.value[{place}]"))
    });
    page.remediations.push(view.form(
        "select-authenticator-authenticate",
        "challenge",
        vec![json!({
            "name": "authenticator", "type": "object", "options": options.collect::<Vec<_>>(),
        })],
    ));
    let known = candidates.iter().map(|candidate| enrolment(candidate, user)).collect();
    page.put("authenticatorEnrollments", several(known));
}

/// Adds `select-authenticator-enroll`, the authenticators it speaks of, and `skip` where it is allowed.
pub(crate) fn to_enrol(view: &View<'_>, user: &User, page: &mut Page) {
    let keys = engine::to_set_up(view.policies, user, view.transaction);
    let options = keys.iter().enumerate().map(|(place, key)| {
        let mut fields = vec![fixed("id", key.facts().id)];
        match key {
            Key::Phone => {
                fields.extend(method_field(key.facts().methods, false));
                fields.push(
                    json!({ "name": "phoneNumber", "label": "Phone number", "required": false, "type": "string" }),
                );
            }
            Key::OktaVerify => fields.push(channel(false)),
            Key::SecurityQuestion => {}
            _ => fields.extend(method_field(key.facts().methods, false)),
        }
        option(*key, fields, &format!("$.authenticators.value[{place}]"))
    });
    page.remediations.push(view.form(
        "select-authenticator-enroll",
        "credential/enroll",
        vec![json!({
            "name": "authenticator", "type": "object", "required": true, "options": options.collect::<Vec<_>>(),
        })],
    ));
    let required = engine::required(view.policies, user);
    let offered = keys.iter().map(|key| {
        let mut value = key.value();
        value["allowedFor"] = "any".into();
        if let Some(period) = grace(user).filter(|_| required.contains(key)) {
            value["gracePeriod"] = period;
        }
        value
    });
    page.put("authenticators", several(offered.collect()));
    if engine::unmet(user, view.transaction).is_none() && engine::may_skip(view.policies, user) {
        page.remediations.push(view.form("skip", "skip", Vec::new()));
    }
}

fn grace(user: &User) -> Option<Value> {
    match &user.grace_until {
        Some(expiry) => Some(json!({ "type": "BY_DATE_TIME", "expiry": expiry })),
        None if user.grace_skips > 0 => Some(json!({ "type": "BY_SKIP_COUNT", "remainingSkips": user.grace_skips })),
        None => None,
    }
}

/// Adds `select-authenticator-unlock-account`: the same for everybody, known or not.
pub(crate) fn to_unlock(view: &View<'_>, page: &mut Page) {
    let keys: Vec<_> = view.policies.recovery_methods.iter().filter(|key| **key != Key::SecurityQuestion).collect();
    let options = keys.iter().enumerate().map(|(place, key)| {
        let mut fields = vec![fixed("id", key.facts().id)];
        fields.extend(method_field(key.facts().methods, true));
        option(**key, fields, &format!("$.authenticators.value[{place}]"))
    });
    page.remediations.push(view.form("select-authenticator-unlock-account", "challenge", vec![
        json!({ "name": "identifier", "label": "Username", "required": true }),
        json!({ "name": "authenticator", "type": "object", "required": true, "options": options.collect::<Vec<_>>() }),
    ]));
    page.put("authenticators", several(keys.iter().map(|key| key.value()).collect()));
}

fn option(key: Key, fields: Vec<Value>, about: &str) -> Value {
    json!({ "label": key.facts().name, "value": { "form": { "value": fields } }, "relatesTo": about })
}

/// `methodType`: fixed where there is one, else a choice; none where a method has no say.
fn method_field(methods: &[&str], required: bool) -> Option<Value> {
    match methods {
        [] => None,
        [only] => {
            let field = fixed("methodType", *only);
            Some(if required { field } else { optional(field) })
        }
        several => Some(choice("methodType", required, several.iter().map(|method| (*method, method_label(method))))),
    }
}

fn optional(mut field: Value) -> Value {
    field["required"] = false.into();
    field
}

pub(crate) fn method_label(method: &str) -> &str {
    match method {
        "email" => "Email",
        "sms" => "SMS",
        "voice" => "Voice call",
        "push" => "Get a push notification",
        "totp" => "Enter a code",
        other => other,
    }
}

/// How Okta Verify is to be set up.
pub(crate) fn channel(required: bool) -> Value {
    choice("channel", required, [("qrcode", "QR code"), ("email", "Email"), ("sms", "SMS")].into_iter())
}
