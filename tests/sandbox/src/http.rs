//! A call and its reply as plain values, so that no endpoint knows of sockets.
//!
//! [`Call`] is a request read to its end; [`Reply`] is what goes back. Paths are compared as they
//! arrive, names of headers without case, and a form is read by [`Call::form`] alone.

use bytes::Bytes;
use hyper::{HeaderMap, Method};
use serde_json::Value;

use crate::broken::Broken;
use crate::clock::Moment;
use crate::delivery::Delivery;

/// One request, whole.
pub(crate) struct Call {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    /// The origin under which this org was called; replies name their hrefs with it.
    pub(crate) origin: String,
    pub(crate) at: Moment,
}

impl Call {
    /// A header's value, when it is there and is text.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// A member of the query string.
    pub(crate) fn asked(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The body as a form, `application/x-www-form-urlencoded`.
    pub(crate) fn form(&self) -> Form {
        Form(url::form_urlencoded::parse(&self.body).into_owned().collect())
    }

    /// The query, as if it had been posted.
    pub(crate) fn asked_form(&self) -> Form {
        Form(self.query.clone())
    }

    /// Whether the caller would rather have JSON than a page.
    pub(crate) fn wants_json(&self) -> bool {
        self.header("accept").is_some_and(|accept| accept.contains("application/json"))
    }
}

/// A posted form: names and values in the order they came.
pub(crate) struct Form(Vec<(String, String)>);

impl Form {
    /// The value of a field that is there and is not empty.
    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, value)| key == name && !value.is_empty()).map(|(_, value)| value.as_str())
    }

    /// The first name that was posted more than once (RFC 6749 §3.2 forbids it).
    pub(crate) fn repeated(&self) -> Option<&str> {
        let mut seen = std::collections::HashSet::new();
        self.0.iter().map(|(key, _)| key.as_str()).find(|key| !seen.insert(*key))
    }

    /// The names of all fields, for the transcript.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(key, _)| key.as_str())
    }
}

/// What is sent back as body.
#[derive(Clone, Debug)]
pub(crate) enum Payload {
    Empty,
    Json(Value),
    /// JSON under `application/ion+json; okta-version=1.0.0`, as IDX answers when all is well.
    Ion(Value),
    Html(String),
    /// What somebody else says to this; the socket's side asks them.
    Delivery(Box<Delivery>),
}

impl Payload {
    /// The media type and the bytes.
    pub(crate) fn encode(&self) -> (Option<&'static str>, Bytes) {
        match self {
            Self::Empty | Self::Delivery(_) => (None, Bytes::new()),
            Self::Json(value) => (Some("application/json"), value.to_string().into()),
            Self::Ion(value) => (Some("application/ion+json; okta-version=1.0.0"), value.to_string().into()),
            Self::Html(page) => (Some("text/html; charset=utf-8"), page.clone().into()),
        }
    }
}

/// A response.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) payload: Payload,
}

impl Reply {
    /// 200 with JSON.
    pub(crate) fn json(value: Value) -> Self {
        Self::of(200, Payload::Json(value))
    }

    /// 200 with a page.
    pub(crate) fn page(html: String) -> Self {
        Self::of(200, Payload::Html(html))
    }

    /// A status with a body.
    pub(crate) fn of(status: u16, payload: Payload) -> Self {
        Self { status, headers: Vec::new(), payload }
    }

    /// 302 to another address.
    pub(crate) fn redirect(location: &str) -> Self {
        Self::of(302, Payload::Empty).with("location", location)
    }

    /// The same with one more header.
    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}

/// What an endpoint gives: a reply, or the rule that the caller broke.
pub(crate) type Answered = Result<Reply, Broken>;

/// Text made safe for HTML, in content and in quoted attributes.
pub(crate) fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
