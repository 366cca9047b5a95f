//! Messages of IDX replies: text, key, class.

use serde_json::{Value, json};

/// A message; clients show its text or translate its key.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Message {
    pub(crate) key: String,
    pub(crate) text: String,
    class: &'static str,
    params: Vec<Value>,
    link: Option<&'static str>,
}

impl Message {
    pub(crate) fn error(key: &str, text: impl Into<String>) -> Self {
        Self { key: key.to_owned(), text: text.into(), class: "ERROR", params: Vec::new(), link: None }
    }

    pub(crate) fn info(key: &str, text: impl Into<String>) -> Self {
        Self { class: "INFO", ..Self::error(key, text) }
    }

    /// A message that does not say how grave it is.
    pub(crate) fn unclassed(key: &str, text: impl Into<String>) -> Self {
        Self { class: "", ..Self::error(key, text) }
    }

    /// The same with what its key's text is filled with.
    pub(crate) fn about(mut self, param: impl Into<Value>) -> Self {
        self.params.push(param.into());
        self
    }

    /// The same in other words.
    pub(crate) fn saying(mut self, text: &str) -> Self {
        text.clone_into(&mut self.text);
        self
    }

    /// The same with a page that helps.
    pub(crate) fn linking(mut self, link: &'static str) -> Self {
        self.link = Some(link);
        self
    }

    pub(crate) fn value(&self) -> Value {
        let mut value = json!({
            "message": self.text,
            "i18n": { "key": self.key, "params": self.params },
            "class": self.class,
        });
        if self.class.is_empty()
            && let Some(members) = value.as_object_mut()
        {
            members.remove("class");
        }
        if let Some(link) = self.link {
            value["links"] = json!([{ "url": link }]);
        }
        value
    }

    // What several endpoints say.

    pub(crate) fn invalid_code() -> Self {
        Self::error("api.authn.error.PASSCODE_INVALID", "Invalid code. Try again.")
    }

    pub(crate) fn too_many_requests() -> Self {
        Self::error("tooManyRequests", "Too many requests")
    }

    pub(crate) fn authentication_failed() -> Self {
        Self::error("errors.E0000004", "Authentication failed")
    }

    pub(crate) fn access_denied() -> Self {
        Self::error("security.access_denied", "You do not have permission to perform the requested action.")
    }

    pub(crate) fn unknown_user(login: &str) -> Self {
        Self::info("idx.unknown.user", format!("There is no account with the Username {login}."))
    }

    pub(crate) fn required(field: &str) -> Self {
        Self::error("api.error.field_required", format!("'{field}' is required.")).about(field)
    }
}

/// How a step's answer went: the status, and what is said on the page that is shown then.
#[derive(Clone, Debug)]
pub(crate) struct Outcome {
    pub(crate) status: u16,
    pub(crate) top: Vec<Message>,
    /// Messages of fields, by the field's own name.
    pub(crate) fields: Vec<(String, Message)>,
    /// Whether only the messages are sent: the step stays, but is not shown.
    pub(crate) bare: bool,
}

impl Outcome {
    /// All is well; the step that is current now is shown.
    pub(crate) fn ok() -> Self {
        Self { status: 200, top: Vec::new(), fields: Vec::new(), bare: false }
    }

    /// The current step is shown with a message above it.
    pub(crate) fn told(status: u16, message: Message) -> Self {
        Self { status, top: vec![message], ..Self::ok() }
    }

    /// The current step is shown with a message at a field.
    pub(crate) fn at_field(status: u16, field: &str, message: Message) -> Self {
        Self { status, fields: vec![(field.to_owned(), message)], ..Self::ok() }
    }

    /// Nothing but the message is sent.
    pub(crate) fn bare(status: u16, message: Message) -> Self {
        Self { bare: true, ..Self::told(status, message) }
    }
}
