//! A reply of the org: what can be done next, and messages.

use std::time::Duration;

use serde_json::Value;
use url::Url;

use super::authenticator::{Authenticator, AuthenticatorKey, PasswordRules};
use super::kind::Kind;
use super::remediation::{Message, Remediation, messages};
use super::wire;

/// A reply whose version is known.
#[derive(Clone, Debug, PartialEq)]
pub struct Reply {
    /// What can be done next; the first is the step to show, the others are alternatives to it.
    pub remediations: Vec<Remediation>,
    /// What can be done besides: `cancel`, `currentAuthenticator-resend`, `…-recover`, `…-poll`.
    pub actions: Vec<Action>,
    /// The messages about the whole reply.
    pub messages: Vec<Message>,
    /// `LOGIN`, `CREDENTIAL_RECOVERY`, …, in upper case.
    pub intent: Option<String>,
    /// The authenticator that is being used or set up.
    pub authenticator: Option<Authenticator>,
    /// The authenticators that the person has set up.
    pub enrollments: Vec<Authenticator>,
    /// Whether a credential is being recovered.
    pub recovering: bool,
    /// The rules for a new password, from the first place in the reply that has them.
    pub password_rules: Option<PasswordRules>,
    /// The user name of the person who is signing in, or what they typed.
    pub user: Option<String>,
    /// The application's name.
    pub app: Option<String>,
    /// The title and the button of a profile form, as an administrator wrote them.
    pub display: (Option<String>, Option<String>),
    /// WebAuthn options for passkeys in the autofill of the user name.
    pub passkey_autofill: Option<Value>,
    /// Whether the device must be enrolled first.
    pub device_enrollment: bool,
    /// Where the request for a code came from: `browser`, `system` or `place`, and its value.
    pub asked_from: Vec<(&'static str, String)>,
    /// An address of the org that the browser must go to, after a success or a failure.
    pub leave: Option<Url>,
    /// Whether the org accepted the last post (HTTP 2xx).
    pub accepted: bool,
    /// How long the org asks to wait, when its rate limit is used up.
    pub retry_after: Option<Duration>,
}

/// Something that can be done besides the step.
#[derive(Clone, Debug, PartialEq)]
pub struct Action {
    /// `cancel`, or the name of its container and its own, as `currentAuthenticatorEnrollment-resend`.
    pub name: String,
    /// Its form.
    pub form: Remediation,
}

impl Action {
    /// Whether it sends a code or a link again.
    pub fn is_resend(&self) -> bool {
        self.name.ends_with("-resend")
    }
}

/// The containers of actions and of the current authenticator.
const CURRENT: [&str; 2] = ["currentAuthenticatorEnrollment", "currentAuthenticator"];

impl Reply {
    /// Reads an envelope. `org` is the origin that every address must have; `accepted` is whether the status was 2xx.
    pub(super) fn parse(root: &Value, org: &Url, accepted: bool) -> Self {
        let authenticator = CURRENT.iter().filter_map(|name| root.get(*name)).find_map(Authenticator::parse);
        let rules = |name: &str| Authenticator::parse(root.get(name)?)?.password;
        let own_rules =
            || authenticator.as_ref().and_then(|authenticator: &Authenticator| authenticator.password.clone());
        let display = wire::object(&root["uiDisplay"]);
        Self {
            actions: actions(root, org),
            messages: messages(root.get("messages")),
            intent: wire::words(root, "intent").map(|intent| intent.to_ascii_uppercase()),
            enrollments: wire::list(root.get("authenticatorEnrollments"), Authenticator::parse),
            recovering: root.get("recoveryAuthenticator").is_some()
                || wire::words(root, "intent").is_some_and(|intent| intent.eq_ignore_ascii_case("CREDENTIAL_RECOVERY")),
            password_rules: rules("recoveryAuthenticator")
                .or_else(|| rules("enrollmentAuthenticator"))
                .or_else(own_rules),
            user: wire::filled(wire::object(&root["user"]), "identifier"),
            app: wire::filled(wire::object(&root["app"]), "label"),
            display: (wire::words(display, "label"), wire::words(display, "buttonLabel")),
            passkey_autofill: wire::object(&root["webauthnAutofillUIChallenge"])
                .get("challengeData")
                .filter(|data| data.is_object())
                .cloned(),
            device_enrollment: root.get("deviceEnrollment").is_some(),
            asked_from: asked_from(wire::object(&root["client"])),
            leave: ["success", "failure"]
                .iter()
                .filter_map(|name| wire::words(root.get(*name)?, "href"))
                .find_map(|href| Url::parse(&href).ok().filter(|url| url.origin() == org.origin())),
            accepted,
            retry_after: None,
            remediations: wire::list(root.get("remediation"), |form| {
                Some(Remediation::parse(form, &wire::words(form, "name")?, root, org))
            }),
            authenticator,
        }
    }

    /// The step to show.
    pub fn first(&self) -> Option<&Remediation> {
        self.remediations.first()
    }

    /// The first remediation of this kind.
    pub fn remediation(&self, kind: &Kind) -> Option<&Remediation> {
        self.remediations.iter().find(|remediation| remediation.kind == *kind)
    }

    /// The action whose name ends so.
    fn action(&self, ending: &str) -> Option<&Action> {
        self.actions.iter().find(|action| action.name.ends_with(ending))
    }

    /// The action that sends a code or a link again.
    pub fn resend(&self) -> Option<&Action> {
        self.actions.iter().find(|action| action.is_resend())
    }

    /// The action that begins the recovery of the current credential.
    pub fn recover(&self) -> Option<&Action> {
        self.action("-recover")
    }

    /// The action that cancels the transaction.
    pub fn cancel(&self) -> Option<&Action> {
        self.actions.iter().find(|action| action.name == "cancel")
    }

    /// The action that gives up waiting for a device.
    pub fn decline(&self) -> Option<&Action> {
        self.action("-cancel")
    }

    /// Whether a message about the whole reply has this key.
    pub fn says(&self, key: &str) -> bool {
        self.messages.iter().any(|message| message.key.as_deref() == Some(key))
    }

    /// Whether this is a recovery or an unlocking, where the person may have proven nothing yet.
    pub fn is_recovery_or_unlock(&self) -> bool {
        let intent = self.intent.as_deref();
        self.recovering
            || matches!(intent, Some("RECOVERY" | "UNLOCK_ACCOUNT"))
            || self.remediation(&Kind::SelectAuthenticatorUnlock).is_some()
    }

    /// The form that is posted in the background of this step: the step's own, or an action's.
    pub fn poll(&self) -> Option<&Remediation> {
        let first = self.first()?;
        let polls =
            matches!(first.kind, Kind::ChallengePoll | Kind::EnrollPoll | Kind::DeviceChallengePoll | Kind::Poll)
                || first.refresh.is_some();
        if polls { Some(first) } else { self.action("-poll").map(|action| &action.form) }
    }

    /// The authenticator that a form of this reply is about.
    pub fn about<'r>(&'r self, form: &'r Remediation) -> Option<&'r Authenticator> {
        form.about.as_ref().or(self.authenticator.as_ref())
    }

    /// The rules for a password that is chosen in a form of this reply.
    pub fn password_rules_of<'r>(&'r self, form: &'r Remediation) -> Option<&'r PasswordRules> {
        self.password_rules.as_ref().or_else(|| form.about.as_ref()?.password.as_ref())
    }

    /// Whether the current authenticator is this one.
    pub fn is_about(&self, key: &AuthenticatorKey) -> bool {
        self.authenticator.as_ref().is_some_and(|authenticator| authenticator.key == *key)
    }
}

fn actions(root: &Value, org: &Url) -> Vec<Action> {
    let is_form = |value: &Value| value.get("rel").is_some() && value.get("href").is_some();
    let mut found = Vec::new();
    let Some(members) = root.as_object() else { return found };
    for (name, member) in members {
        if is_form(member) {
            found.push(Action { name: name.clone(), form: Remediation::parse(member, name, root, org) });
        } else if let Some(inner) = wire::object(member).as_object() {
            for (inner_name, form) in inner.iter().filter(|(_, form)| is_form(form)) {
                let form = Remediation::parse(form, inner_name, root, org);
                found.push(Action { name: format!("{name}-{inner_name}"), form });
            }
        }
    }
    found
}

fn asked_from(client: &Value) -> Vec<(&'static str, String)> {
    let part = |part: &&str| wire::words(&client["location"], part);
    let place: Vec<_> = ["city", "state", "country"].iter().filter_map(part).collect();
    let place = (!place.is_empty()).then(|| place.join(", "));
    [("browser", wire::words(client, "browser")), ("system", wire::words(client, "os")), ("place", place)]
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)))
        .collect()
}
