//! The transcript: every call of the protocol, with the org's verdict on it.
//!
//! `GET /sandbox/transcript` gives the entries, oldest first. `verdict` is `ok`, or the rule that the
//! caller broke; a wrong password is no broken rule. Values are not kept, only the names of fields.

use serde_json::{Value, json};

use crate::clock::Moment;
use crate::http::Call;

/// One call.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) at: Moment,
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) status: u16,
    /// The sign-in that it was about: the same text for every call of one.
    pub(crate) about: Option<String>,
    /// The rule that was broken; `None` when all was well.
    pub(crate) rule: Option<String>,
    /// The faults that were asked for and struck this call.
    pub(crate) faults: Vec<&'static str>,
    pub(crate) fields: Vec<String>,
    pub(crate) headers: Value,
}

/// The request headers that say something of a client.
const TOLD: [&str; 9] = [
    "accept",
    "accept-language",
    "content-type",
    "cookie",
    "origin",
    "user-agent",
    "x-device-token",
    "x-forwarded-for",
    "x-okta-user-agent-extended",
];

impl Entry {
    pub(crate) fn of(call: &Call, status: u16, rule: Option<String>, faults: Vec<&'static str>) -> Self {
        let told = TOLD.iter().filter_map(|name| Some(((*name).to_owned(), call.header(name)?.into())));
        Self {
            at: call.at,
            method: call.method.to_string(),
            path: call.path.clone(),
            status,
            about: None,
            rule,
            faults,
            fields: fields(call),
            headers: Value::Object(told.collect()),
        }
    }

    pub(crate) fn value(&self) -> Value {
        json!({
            "at": self.at.iso(),
            "method": self.method,
            "path": self.path,
            "status": self.status,
            "sign_in": self.about,
            "verdict": self.rule.as_deref().unwrap_or("ok"),
            "faults": self.faults,
            "fields": self.fields,
            "headers": self.headers,
        })
    }
}

/// The names of what was posted or asked: members of JSON by their paths, fields of a form.
fn fields(call: &Call) -> Vec<String> {
    let mut names: Vec<_> = call.query.iter().map(|(name, _)| name.clone()).collect();
    match serde_json::from_slice::<Value>(&call.body) {
        Ok(body) => members(&body, "", &mut names),
        Err(_) if call.body.is_empty() => {}
        Err(_) => names.extend(call.form().names().map(str::to_owned)),
    }
    names
}

fn members(value: &Value, path: &str, names: &mut Vec<String>) {
    match value.as_object() {
        Some(object) if path.matches('.').count() < 4 => {
            for (name, value) in object {
                let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                members(value, &path, names);
            }
        }
        _ => names.push(path.to_owned()),
    }
}
