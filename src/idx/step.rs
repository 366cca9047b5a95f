//! What a reply means: SUCCESS, PENDING, TERMINAL, FAILURE or CANCELED.
//!
//! The body decides first and the HTTP status second: a 401 with a form is the same step with a message. Any endpoint
//! may answer with an IDX envelope (it has `version`), an Okta API error (`errorCode`), an OAuth error (`error`, RFC
//! 6749 5.2), or something that is not JSON.

use std::time::Duration;

use serde_json::Value;
use url::Url;

use super::reply::Reply;
use super::wire;
use crate::oidc::{Code, Failure, json};

/// The outcome of a call to the org.
#[derive(Debug)]
pub enum Step {
    /// The person is signed in, and the code can be exchanged.
    Success(Code),
    /// The org asks for something.
    Pending(Box<Reply>),
    /// The org says something, and asks for nothing.
    Terminal(Box<Reply>),
    /// The reply cannot be acted on.
    Failure(Failure),
    /// The sign-in was canceled.
    Canceled,
}

impl Step {
    /// Reads a reply. `status` is the HTTP status, `wait` how long its headers ask to wait, `org` the org's origin.
    pub fn parse(status: u16, wait: Option<Duration>, body: &[u8], org: &Url) -> Self {
        let Some(root) = json::read(body).filter(Value::is_object) else {
            return Self::Failure(if status == 429 { Failure::RateLimited(wait) } else { Failure::Unreadable(status) });
        };
        let Some(version) = wire::words(&root, "version") else {
            return Self::Failure(failure(&root, status, wait));
        };
        if version != "1.0.0" {
            return Self::Failure(Failure::UnknownVersion(version.chars().take(20).collect()));
        }
        if let Some(code) = success(&root) {
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

/// The failure that a body without an envelope reports.
fn failure(root: &Value, status: u16, wait: Option<Duration>) -> Failure {
    let short = |member, most| wire::words(root, member).map(|words| words.chars().take(most).collect::<String>());
    match (status, short("errorCode", 60)) {
        (429, _) | (_, None) => Failure::said(root, status, wait, &[""; 0]),
        (_, Some(code)) if code == "E0000047" => Failure::RateLimited(wait),
        (500.., Some(said)) => Failure::Server { status, said },
        (_, Some(code)) => Failure::Api { code, summary: short("errorSummary", 300).unwrap_or_default() },
    }
}

/// A code of the embedded flow: from a reply, or from a callback whose `state` the caller has checked.
pub fn interaction_code(code: &str) -> Option<Code> {
    Code::of_grant("interaction_code", "interaction_code", code)
}

fn success(root: &Value) -> Option<Code> {
    let form = root.get("successWithInteractionCode")?;
    let field = wire::items(form.get("value"))
        .iter()
        .find(|field| wire::words(field, "name").as_deref() == Some("interaction_code"))?;
    interaction_code(&wire::words(field, "value")?)
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
            (200, json!({"version": "9.9.9"}), "the provider's reply has version `9.9.9`, which is not supported"),
            (200, json!([]), "the provider's reply (HTTP 200) cannot be read"),
            (502, json!({}), "the provider failed (HTTP 502): "),
            (503, api("E0000009"), "the provider failed (HTTP 503): E0000009"),
            (500, json!({"error": "server_error"}), "the provider failed (HTTP 500): server_error"),
            (429, api("E0000009"), "the provider asks to wait 7 s"),
            (429, json!({}), "the provider asks to wait 7 s"),
            (429, json!("slow down"), "the provider asks to wait 7 s"),
            (429, json!({"version": "1.0.0"}), "the provider asks to wait 7 s"),
            (400, api("E0000047"), "the provider asks to wait 7 s"),
            (400, api("E0000003"), "the provider answered E0000003: so it is"),
            (429, json!({"error": "slow_down"}), "the provider asks to wait 7 s"),
            (
                400,
                json!({"error": "invalid_grant", "error_description": "no"}),
                "the provider answered `invalid_grant`: no",
            ),
        ] {
            match parsed(status, &body) {
                Step::Failure(failure) => assert_eq!(failure.to_string(), told, "{body}"),
                other => panic!("{body}: {other:?}"),
            }
        }
        for (failure, told) in [
            (Failure::RateLimited(None), "the provider's rate limit is used up"),
            (Failure::Elsewhere, "a form of the provider's has no address on its origin"),
            (Failure::Documents("they are not there"), "the provider's documents cannot be used: they are not there"),
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
        assert_eq!((form.kind.name(), reply.cancel()), ("new-step", None));
    }
}
