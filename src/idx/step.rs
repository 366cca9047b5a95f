//! The five faces of a reply: SUCCESS, PENDING, TERMINAL, FAILURE, CANCELED.
//!
//! The body decides first and the HTTP status second: a 401 with a form is the same step with a message.
//! Four families of bodies come from any endpoint: an IDX envelope (has `version`), an Okta API error
//! (`errorCode`), an OAuth error (`error`, RFC 6749 5.2), and what is not JSON at all.

use std::fmt;
use std::time::Duration;

use serde_json::Value;
use url::Url;

use super::reply::Reply;
use super::wire;
use crate::secret::Secret;

/// What the org said.
#[derive(Debug)]
pub enum Step {
    /// Signed in: redeem this.
    Success(Code),
    /// Something is asked.
    Pending(Box<Reply>),
    /// Something is said, and nothing asked.
    Terminal(Box<Reply>),
    /// The reply cannot be acted on.
    Failure(Failure),
    /// The sign-in was given up.
    Canceled,
}

/// A code to redeem for tokens: once, and within a minute. Only a reply or a callback makes one.
#[derive(Debug)]
pub struct Code {
    code: Secret,
    grant: Grant,
}

/// What a code is redeemed as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grant {
    /// Of the embedded flow.
    Interaction,
    /// Of the org's own sign-in page (RFC 6749, 4.1).
    Authorization,
}

impl Code {
    /// Takes the code that came back to the callback, beside a `state` that was checked.
    pub fn from_callback(code: &str, grant: Grant) -> Option<Self> {
        (!code.is_empty() && code.len() <= 512).then(|| Self { code: Secret::new(code), grant })
    }

    /// The grant type, the parameter that holds the code, and the code.
    pub(super) fn redeem(self) -> (&'static str, &'static str, Secret) {
        match self.grant {
            Grant::Interaction => ("interaction_code", "interaction_code", self.code),
            Grant::Authorization => ("authorization_code", "code", self.code),
        }
    }
}

/// Why a reply cannot be acted on. `Display` is for the log: nothing secret stands in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The org could not be reached, or hung up.
    Unreachable(String),
    /// The org took too long.
    TimedOut,
    /// Asked too often; wait so long, where it is said.
    RateLimited(Option<Duration>),
    /// An OAuth error.
    OAuth {
        /// As `invalid_grant`.
        error: String,
        /// At length.
        description: String,
    },
    /// An error of Okta's management interface, which also comes from other endpoints.
    Api {
        /// As `E0000047`.
        code: String,
        /// At length.
        summary: String,
    },
    /// The org failed: HTTP 500 and above, whatever the body says.
    Server {
        /// HTTP's.
        status: u16,
        /// What it says of it.
        said: String,
    },
    /// No JSON, an empty body, or JSON too deep or too long; with the HTTP status.
    Unreadable(u16),
    /// An envelope of a version that is not `1.0.0`.
    UnknownVersion(String),
    /// The form's address is not on the org's origin, or it has none.
    Elsewhere,
    /// A token does not hold, and why.
    Token(&'static str),
    /// The org's own documents (discovery, keys) cannot be used, and why.
    Documents(&'static str),
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreachable(why) => write!(f, "the org cannot be reached: {why}"),
            Self::TimedOut => f.write_str("the org took too long to answer"),
            Self::RateLimited(Some(wait)) => write!(f, "the org asks to wait {} s", wait.as_secs()),
            Self::RateLimited(None) => f.write_str("the org was asked too often"),
            Self::OAuth { error, description } => write!(f, "the org answered `{error}`: {description}"),
            Self::Api { code, summary } => write!(f, "the org answered {code}: {summary}"),
            Self::Server { status, said } => write!(f, "the org failed (HTTP {status}): {said}"),
            Self::Unreadable(status) => write!(f, "the org's reply (HTTP {status}) cannot be read"),
            Self::UnknownVersion(version) => write!(f, "the org speaks IDX version `{version}`, not 1.0.0"),
            Self::Elsewhere => f.write_str("a form of the org's leads elsewhere"),
            Self::Token(why) => write!(f, "a token does not hold: {why}"),
            Self::Documents(why) => write!(f, "the org's documents cannot be used: {why}"),
        }
    }
}

impl std::error::Error for Failure {}

impl Failure {
    /// Whether it may go away by itself, so that the same can be asked again later.
    pub fn is_passing(&self) -> bool {
        matches!(
            self,
            Self::Unreachable(_) | Self::TimedOut | Self::RateLimited(_) | Self::Server { .. } | Self::Documents(_)
        ) || matches!(self, Self::Unreadable(status) if *status >= 500)
    }
}

impl Step {
    /// Reads a reply. `status` is HTTP's, `wait` what its headers ask to wait, `org` the issuer's origin.
    pub fn parse(status: u16, wait: Option<Duration>, body: &[u8], org: &Url) -> Self {
        let Some(root) = wire::read(body).filter(Value::is_object) else {
            return Self::Failure(if status == 429 { Failure::RateLimited(wait) } else { Failure::Unreadable(status) });
        };
        let Some(version) = wire::words(&root, "version") else {
            return Self::Failure(failure(&root, status, wait));
        };
        if version != "1.0.0" {
            return Self::Failure(Failure::UnknownVersion(version.chars().take(20).collect()));
        }
        if let Some(code) = interaction_code(&root) {
            return Self::Success(code);
        }
        let mut reply = Reply::parse(&root, org, (200..300).contains(&status));
        if status == 429 {
            reply.retry_after = Some(wait.unwrap_or(Duration::from_secs(60)));
        }
        let nothing = reply.messages.is_empty() && reply.leave.is_none() && root.get("deviceEnrollment").is_none();
        match reply.remediations.is_empty() {
            true if nothing && status == 429 => Self::Failure(Failure::RateLimited(wait)),
            true => Self::Terminal(Box::new(reply)),
            false => Self::Pending(Box::new(reply)),
        }
    }
}

/// Reads a body that is no envelope.
pub(super) fn failure(root: &Value, status: u16, wait: Option<Duration>) -> Failure {
    let short = |member| wire::words(root, member).unwrap_or_default().chars().take(300).collect::<String>();
    let code: Option<String> = wire::words(root, "errorCode").map(|code| code.chars().take(60).collect());
    match (status, code) {
        (429, _) => Failure::RateLimited(wait),
        (_, Some(code)) if code == "E0000047" => Failure::RateLimited(wait),
        (500.., code) => Failure::Server { status, said: code.unwrap_or_else(|| short("error")) },
        (_, Some(code)) => Failure::Api { code, summary: short("errorSummary") },
        _ if root.get("error").is_some() => {
            Failure::OAuth { error: short("error"), description: short("error_description") }
        }
        _ => Failure::Unreadable(status),
    }
}

fn interaction_code(root: &Value) -> Option<Code> {
    let form = root.get("successWithInteractionCode")?;
    let field = wire::items(form.get("value"))
        .iter()
        .find(|field| wire::words(field, "name").as_deref() == Some("interaction_code"))?;
    wire::words(field, "value")
        .filter(|code| !code.is_empty())
        .and_then(|code| Code::from_callback(&code, Grant::Interaction))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::idx::MessageClass;

    fn parsed(status: u16, body: &Value) -> Step {
        let org = Url::parse("https://org.example/oauth2/default").expect("an address");
        Step::parse(status, Some(Duration::from_secs(7)), body.to_string().as_bytes(), &org)
    }

    #[test]
    fn each_family_of_bodies_is_told_apart() {
        let api = |code: &str| json!({"errorCode": code, "errorSummary": "so it is"});
        for (status, body, told) in [
            (200, json!({"version": "9.9.9"}), "the org speaks IDX version `9.9.9`, not 1.0.0"),
            (200, json!([]), "the org's reply (HTTP 200) cannot be read"),
            (502, json!({}), "the org failed (HTTP 502): "),
            (503, api("E0000009"), "the org failed (HTTP 503): E0000009"),
            (500, json!({"error": "server_error"}), "the org failed (HTTP 500): server_error"),
            (429, api("E0000009"), "the org asks to wait 7 s"),
            (429, json!({}), "the org asks to wait 7 s"),
            (429, json!("slow down"), "the org asks to wait 7 s"),
            (429, json!({"version": "1.0.0"}), "the org asks to wait 7 s"),
            (400, api("E0000047"), "the org asks to wait 7 s"),
            (400, api("E0000003"), "the org answered E0000003: so it is"),
            (429, json!({"error": "slow_down"}), "the org asks to wait 7 s"),
            (400, json!({"error": "invalid_grant", "error_description": "no"}), "the org answered `invalid_grant`: no"),
        ] {
            match parsed(status, &body) {
                Step::Failure(failure) => assert_eq!(failure.to_string(), told, "{body}"),
                other => panic!("{body}: {other:?}"),
            }
        }
        for (failure, told) in [
            (Failure::RateLimited(None), "the org was asked too often"),
            (Failure::Elsewhere, "a form of the org's leads elsewhere"),
            (Failure::Documents("they are not there"), "the org's documents cannot be used: they are not there"),
        ] {
            assert_eq!(failure.to_string(), told);
        }
    }

    #[test]
    fn what_is_said_is_kept_with_its_weight_and_its_place() {
        let message = |class: &str| {
            json!({"message": format!("<b>{class}</b>"), "class": class, "i18n": {"key": class, "params": [1, true, ""]},
            "links": [{"label": "Help", "url": "https://help.example/"}, {"label": "No", "url": "javascript:alert(1)"}]})
        };
        let messages = ["ERROR", "INFO", "SUCCESS", "WARNING", "INFO"].map(message);
        let step = parsed(
            200,
            &json!({"version": "1.0.0", "messages": {"value": messages},
                "client": {"value": {"browser": "Firefox", "os": "Linux", "location": {"city": "Ulm", "country": 49}}},
                "success": {"href": "https://evil.example/"}, "failure": {"href": "https://org.example/back"}}),
        );
        let Step::Terminal(reply) = step else { panic!("{step:?}") };
        let classes: Vec<_> = reply.messages.iter().map(|message| message.class).collect();
        use MessageClass::{Error, Info, Success, Warning};
        assert_eq!(classes, [Error, Info, Success, Warning], "each once");
        assert_eq!(
            (&reply.messages[0].text[..], &reply.messages[0].params[..]),
            ("ERROR", &["1".to_owned(), "true".to_owned()][..])
        );
        assert_eq!(reply.messages[0].links.len(), 1);
        assert!(reply.asked_from.iter().any(|(_, value)| value == "Ulm, 49"), "{:?}", reply.asked_from);
        assert_eq!(reply.leave.as_ref().map(Url::as_str), Some("https://org.example/back"));
    }

    #[test]
    fn numbers_and_truths_may_be_written_as_words() {
        let field = json!({"name": "pin", "required": "true", "mutable": "false", "value": 7, "secret": "perhaps"});
        let form = json!({"name": "new-step", "href": "https://org.example/x", "refresh": "2000", "value": [field]});
        let Step::Pending(reply) = parsed(200, &json!({"version": "1.0.0", "remediation": {"value": [form]}})) else {
            panic!("not pending");
        };
        let form = reply.first().expect("a form");
        let field = form.field("pin").expect("a field");
        assert_eq!((field.required, field.mutable, field.secret), (true, false, false));
        assert_eq!(form.refresh, Some(Duration::from_secs(2)));
        assert_eq!((form.kind.name(), reply.action("cancel")), ("new-step", None));
    }
}
