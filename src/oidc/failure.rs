//! Why a call to the provider brought nothing, and how a reply says so (RFC 6749 5.2).

use std::fmt;
use std::time::Duration;

use serde_json::Value;

/// Why a call brought nothing that can be acted on. `Display` is for the log: nothing secret stands in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The provider could not be reached, or hung up.
    Unreachable(String),
    /// The provider took too long.
    TimedOut,
    /// Asked too often; wait so long, where it is said.
    RateLimited(Option<Duration>),
    /// It was not asked: as many calls were made as we allow ourselves; one more in so long.
    OverBudget(Duration),
    /// An OAuth error.
    OAuth {
        /// As `invalid_grant`.
        error: String,
        /// At length.
        description: String,
    },
    /// An error in the form of the provider's own interface, which is not OAuth's.
    Api {
        /// As `E0000047`.
        code: String,
        /// At length.
        summary: String,
    },
    /// The provider failed: HTTP 500 and above, whatever the body says.
    Server {
        /// HTTP's.
        status: u16,
        /// What it says of it.
        said: String,
    },
    /// No JSON, an empty body, or JSON too deep or too long; with the HTTP status.
    Unreadable(u16),
    /// The reply is of a version of the protocol that is not spoken here.
    UnknownVersion(String),
    /// What is to be called next is not on the provider's origin, or has no address.
    Elsewhere,
    /// A token does not hold, and why.
    Token(&'static str),
    /// The provider has said who somebody is, and why they may not sign in.
    NotAllowed(&'static str),
    /// The provider's own documents (discovery, keys) cannot be used, and why.
    Documents(&'static str),
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreachable(why) => write!(f, "the provider cannot be reached: {why}"),
            Self::TimedOut => f.write_str("the provider took too long to answer"),
            Self::RateLimited(Some(wait)) => write!(f, "the provider asks to wait {} s", wait.as_secs()),
            Self::RateLimited(None) => f.write_str("the provider was asked too often"),
            Self::OverBudget(wait) => {
                write!(f, "the provider was not asked: calls_a_second were made; one more in {} ms", wait.as_millis())
            }
            Self::OAuth { error, description } => write!(f, "the provider answered `{error}`: {description}"),
            Self::Api { code, summary } => write!(f, "the provider answered {code}: {summary}"),
            Self::Server { status, said } => write!(f, "the provider failed (HTTP {status}): {said}"),
            Self::Unreadable(status) => write!(f, "the provider's reply (HTTP {status}) cannot be read"),
            Self::UnknownVersion(version) => {
                write!(f, "the provider speaks version `{version}`, which is not known here")
            }
            Self::Elsewhere => f.write_str("a form of the provider's leads elsewhere"),
            Self::Token(why) => write!(f, "a token does not hold: {why}"),
            Self::NotAllowed(why) => write!(f, "the person may not sign in: {why}"),
            Self::Documents(why) => write!(f, "the provider's documents cannot be used: {why}"),
        }
    }
}

impl std::error::Error for Failure {}

impl Failure {
    /// What a reply says that brought nothing. `wait` is how long its headers ask to wait.
    pub(crate) fn said(reply: &Value, status: u16, wait: Option<Duration>) -> Self {
        let short = |member: &str| {
            let text = reply.get(member).and_then(Value::as_str).unwrap_or_default();
            text.chars().take(300).collect::<String>()
        };
        match status {
            429 => Self::RateLimited(wait),
            500.. => Self::Server { status, said: short("error") },
            _ if reply.get("error").is_some() => {
                Self::OAuth { error: short("error"), description: short("error_description") }
            }
            _ => Self::Unreadable(status),
        }
    }

    /// The OAuth error, where it is one.
    pub fn error(&self) -> Option<&str> {
        if let Self::OAuth { error, .. } = self { Some(error) } else { None }
    }

    /// Whether it may go away by itself, so that the same can be asked again later.
    pub fn is_passing(&self) -> bool {
        matches!(
            self,
            Self::Unreachable(_)
                | Self::TimedOut
                | Self::RateLimited(_)
                | Self::OverBudget(_)
                | Self::Server { .. }
                | Self::Documents(_)
        ) || matches!(self, Self::Unreadable(status) if *status >= 500)
    }
}
