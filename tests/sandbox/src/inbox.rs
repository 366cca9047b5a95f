//! The inbox: every e-mail, text message and call that the org has made. Codes and links in it are
//! the only way to learn them.

use serde_json::{Value, json};

use crate::clock::Moment;

/// How a message went out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Channel {
    Email,
    Sms,
    Voice,
}

impl Channel {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Sms => "sms",
            Self::Voice => "voice",
        }
    }
}

/// One message.
#[derive(Clone, Debug)]
pub(crate) struct Letter {
    /// An address, or a number in E.164.
    pub(crate) to: String,
    pub(crate) channel: Channel,
    pub(crate) code: Option<String>,
    pub(crate) link: Option<String>,
    pub(crate) at: Moment,
}

impl Letter {
    /// As `GET /sandbox/inbox` gives it.
    pub(crate) fn value(&self) -> Value {
        json!({
            "to": self.to,
            "channel": self.channel.name(),
            "code": self.code,
            "link": self.link,
            "at": self.at.iso(),
        })
    }
}
