//! Failures of calls to a provider, and how they are read from replies (RFC 6749 5.2).

use std::time::Duration;

use serde_json::Value;

/// Texts that are shorter are words, and stay in what is told.
const SHORTEST_SECRET: usize = 6;

/// Why a call has no usable result. `Display` is for the log, and holds no secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// The provider could not be reached, or closed the connection.
    #[error("the provider cannot be reached: {0}")]
    Unreachable(String),
    /// The provider took longer than a call may take.
    #[error("the provider took too long to answer")]
    TimedOut,
    /// The provider refused because of its rate limit; how long to wait, where it says so.
    #[error("{}", rate_limited(*.0))]
    RateLimited(Option<Duration>),
    /// The provider was not called, because our own budget of calls is used up; when the next call has room.
    #[error("the provider was not called: calls_a_second is used up; the next call may be made in {} ms", .0.as_millis())]
    OverBudget(Duration),
    /// An OAuth error response.
    #[error("the provider answered `{error}`: {description}")]
    OAuth {
        /// The code, as `invalid_grant`.
        error: String,
        /// The description, shortened.
        description: String,
    },
    /// An error of Okta's own API, which is not OAuth's.
    #[error("the provider answered {code}: {summary}")]
    Api {
        /// The code, as `E0000047`.
        code: String,
        /// The summary, shortened.
        summary: String,
    },
    /// The provider failed: HTTP 500 and above, whatever the body says.
    #[error("the provider failed (HTTP {status}): {said}")]
    Server {
        /// The HTTP status.
        status: u16,
        /// What the body says, shortened.
        said: String,
    },
    /// The reply is not JSON, too deep, too long, lacks what it must have, or is a document with another status than
    /// 200; with the HTTP status.
    #[error("the provider's reply (HTTP {0}) cannot be read")]
    Unreadable(u16),
    /// The reply has a version of the protocol that is not supported.
    #[error("the provider's reply has version `{0}`, which is not supported")]
    UnknownVersion(String),
    /// The next address is not on the provider's origin, or missing.
    #[error("a form of the provider's has no address on its origin")]
    Elsewhere,
    /// A token is not valid, and why.
    #[error("a token is not valid: {0}")]
    Token(&'static str),
    /// The provider has said who somebody is, and why they may not sign in.
    #[error("the person may not sign in: {0}")]
    NotAllowed(&'static str),
    /// The provider's documents (discovery, keys) cannot be used, and why.
    #[error("the provider's documents cannot be used: {0}")]
    Documents(&'static str),
}

impl Failure {
    /// The failure that a reply reports. `wait` is how long its headers ask to wait; `secrets` are what was sent and must not
    /// be told, which some providers repeat.
    pub(crate) fn said<S: AsRef<str>>(reply: &Value, status: u16, wait: Option<Duration>, secrets: &[S]) -> Self {
        let secrets = secrets.iter().map(S::as_ref).filter(|secret| secret.len() >= SHORTEST_SECRET);
        let short = |member: &str| {
            let text = reply.get(member).and_then(Value::as_str).unwrap_or_default().to_owned();
            let text = secrets.clone().fold(text, |text, secret| text.replace(secret, "…"));
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

    /// The code of an OAuth error.
    pub fn error(&self) -> Option<&str> {
        if let Self::OAuth { error, .. } = self { Some(error) } else { None }
    }

    /// Whether the failure may be temporary, so that the same call may succeed later.
    pub fn is_passing(&self) -> bool {
        matches!(
            self,
            Self::Unreachable(_)
                | Self::TimedOut
                | Self::RateLimited(_)
                | Self::OverBudget(_)
                | Self::Server { .. }
                | Self::Documents(_)
                | Self::Unreadable(500..)
        )
    }
}

fn rate_limited(wait: Option<Duration>) -> String {
    match wait {
        Some(wait) => format!("the provider asks to wait {} s", wait.as_secs()),
        None => "the provider's rate limit is used up".to_owned(),
    }
}
