//! A rule that a caller broke: what the caller is told, and what the transcript says.
//!
//! Three families of error bodies, as an Okta org has them: OAuth (`error`, `error_description`;
//! RFC 6749 §5.2), Okta's API (`errorCode`, `errorSummary`) and IDX (`version`, `messages`). The
//! text names the rule in each of them.

use serde_json::{Value, json};

use crate::http::{Payload, Reply};
use crate::idx::Message;

/// Why a call was refused.
#[derive(Debug)]
pub(crate) struct Broken {
    /// The rule, in words; the transcript's verdict.
    pub(crate) rule: String,
    pub(crate) reply: Box<Reply>,
}

impl Broken {
    /// An OAuth error. The rule is its description.
    pub(crate) fn oauth(status: u16, error: &str, description: impl Into<String>) -> Self {
        let description = description.into();
        let body = json!({ "error": error, "error_description": description });
        Self { rule: description, reply: Box::new(Reply::of(status, Payload::Json(body))) }
    }

    /// An error in the shape of Okta's API.
    pub(crate) fn api(status: u16, code: &str, summary: impl Into<String>) -> Self {
        let summary = summary.into();
        let body = api_body(code, &summary);
        Self { rule: summary, reply: Box::new(Reply::of(status, Payload::Json(body))) }
    }

    /// An IDX error with nothing but a message: no way on from this reply.
    pub(crate) fn idx(status: u16, message: Message, rule: impl Into<String>) -> Self {
        let body = json!({ "version": "1.0.0", "messages": { "type": "array", "value": [message.value()] } });
        Self { rule: rule.into(), reply: Box::new(Reply::of(status, Payload::Json(body))) }
    }

    /// 405, with the method that is allowed.
    pub(crate) fn method(allowed: &'static str) -> Self {
        let mut broken = Self::api(
            405,
            "E0000022",
            format!("The endpoint does not support the provided HTTP method; use {allowed}"),
        );
        broken.reply.headers.push(("allow", allowed.to_owned()));
        broken
    }

    /// 400 of the control API (`/sandbox/…`), in words.
    pub(crate) fn asked_wrongly(problem: impl Into<String>) -> Self {
        let problem = problem.into();
        Self { reply: Box::new(Reply::of(400, Payload::Json(json!({ "problem": problem })))), rule: problem }
    }

    /// The same with one more header.
    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.reply.headers.push((name, value.into()));
        self
    }
}

/// The body of an error of Okta's API.
pub(crate) fn api_body(code: &str, summary: &str) -> Value {
    json!({
        "errorCode": code,
        "errorSummary": summary,
        "errorLink": code,
        "errorId": crate::random::id("oae"),
        "errorCauses": [],
    })
}
