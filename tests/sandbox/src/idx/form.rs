//! The building blocks of IDX replies: forms and actions, which are written alike, and their fields.

use serde_json::{Value, json};

use crate::idx::Transaction;
use crate::policies::Policies;
use crate::user::User;

/// What a page is drawn from.
pub(crate) struct View<'a> {
    pub(crate) origin: &'a str,
    pub(crate) policies: &'a Policies,
    /// The person, when there is one who exists.
    pub(crate) user: Option<&'a User>,
    pub(crate) transaction: &'a Transaction,
}

impl View<'_> {
    pub(crate) fn href(&self, path: &str) -> String {
        format!("{}/idp/idx/{path}", self.origin)
    }

    /// A form, or an action: where it goes and what it takes, the state handle last.
    pub(crate) fn form(&self, name: &str, path: &str, mut fields: Vec<Value>) -> Value {
        fields.push(self.state_field());
        json!({
            "rel": ["create-form"],
            "name": name,
            "href": self.href(path),
            "method": "POST",
            "produces": "application/ion+json; okta-version=1.0.0",
            "value": fields,
            "accepts": "application/json; okta-version=1.0.0",
        })
    }

    /// A form about an object of the reply.
    pub(crate) fn form_about(&self, name: &str, path: &str, about: &str, fields: Vec<Value>) -> Value {
        let mut form = self.form(name, path, fields);
        form["relatesTo"] = json!([format!("$.{about}")]);
        form
    }

    /// A form that is to be posted again and again.
    pub(crate) fn poll(&self, name: &str, path: &str, every_ms: u32) -> Value {
        let mut form = self.form(name, path, Vec::new());
        form["refresh"] = every_ms.into();
        form
    }

    fn state_field(&self) -> Value {
        json!({
            "name": "stateHandle",
            "required": true,
            "value": self.transaction.state_handle,
            "visible": false,
            "mutable": false,
        })
    }
}

/// A field of text.
pub(crate) fn text(name: &str, label: &str, required: bool) -> Value {
    json!({ "name": name, "label": label, "required": required })
}

/// A field of text that is not to be seen.
pub(crate) fn secret(name: &str, label: &str) -> Value {
    json!({ "name": name, "label": label, "required": true, "secret": true })
}

/// A field that the org fills.
pub(crate) fn fixed(name: &str, value: impl Into<Value>) -> Value {
    json!({ "name": name, "required": true, "value": value.into(), "mutable": false, "visible": false })
}

/// A field that a script fills.
pub(crate) fn scripted(name: &str, required: bool) -> Value {
    json!({ "name": name, "label": name, "required": required, "visible": false, "hint": "webauthn" })
}

/// A field of yes or no.
pub(crate) fn boolean(name: &str, label: &str, required: bool) -> Value {
    json!({ "name": name, "type": "boolean", "label": label, "required": required })
}

/// A field with alternatives, each a value and its label.
pub(crate) fn choice<'a>(name: &str, required: bool, options: impl Iterator<Item = (&'a str, &'a str)>) -> Value {
    let options: Vec<_> = options.map(|(value, label)| json!({ "label": label, "value": value })).collect();
    json!({ "name": name, "type": "string", "required": required, "options": options })
}

/// A nested object, as `form`.
pub(crate) fn object(name: &str, fields: Vec<Value>) -> Value {
    json!({ "name": name, "type": "object", "form": { "value": fields }, "required": true })
}

/// A container of one object.
pub(crate) fn one(value: Value) -> Value {
    json!({ "type": "object", "value": value })
}

/// A container of several.
pub(crate) fn several(values: Vec<Value>) -> Value {
    json!({ "type": "array", "value": values })
}
