//! The client: what Okta's embedded flow adds to OAuth, one method a call.
//!
//! Every call takes the [`Visitor`] it is made for, so that the org's policies see the person's browser,
//! address and language rather than the gateway's.

use std::net::IpAddr;
use std::sync::Arc;

use reqwest::RequestBuilder;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use serde_json::{Value, json};
use url::Url;

use super::answers::Answers;
use super::remediation::Remediation;
use super::step::Step;
use super::wire;
use crate::oidc::{self, AuthorizationRequest, Failure};
use crate::secret::Secret;
use crate::time::Instant;

/// On whose behalf a call is made.
#[derive(Clone, Debug, Default)]
pub struct Visitor {
    /// Their browser's `User-Agent`.
    pub user_agent: Option<String>,
    /// Their address.
    pub address: Option<IpAddr>,
    /// The language of the page they see, as `Accept-Language`.
    pub language: String,
    /// A random id of their browser, at most 32 characters.
    pub device: Option<String>,
}

/// What a token that somebody was sent starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenKind {
    /// The activation of an account.
    Activation,
    /// The recovery of a password.
    Recovery,
}

/// The client of one org.
pub struct Client {
    oidc: Arc<oidc::Client>,
    /// Where a sign-in begins.
    interact: Url,
    /// Where a handle is shown for the current step.
    introspect: Url,
}

impl Client {
    /// What Okta adds to a client of its OAuth.
    ///
    /// # Errors
    /// The issuer is not one that addresses can be built on.
    pub fn new(oidc: Arc<oidc::Client>) -> Result<Self, Failure> {
        let issuer = oidc.issuer();
        // Under the OAuth base, which is the issuer itself or the issuer's `/oauth2`.
        let base = if issuer.as_str().contains("/oauth2") { "" } else { "/oauth2" };
        let interact = issuer.below(&format!("{base}/v1/interact"))?;
        // At the org's root.
        let introspect = issuer.url().join("/idp/idx/introspect");
        let introspect = introspect.map_err(|_| Failure::Documents("the issuer is not a base address"))?;
        Ok(Self { oidc, interact, introspect })
    }

    /// Begins a sign-in: the interaction handle, which can be shown again for the current step at any time. `token`
    /// starts an activation or a recovery from what somebody was sent.
    ///
    /// # Errors
    /// The org cannot be reached, is not who the configuration says, or refuses.
    pub async fn begin(
        &self,
        request: &AuthorizationRequest<'_>,
        token: Option<(TokenKind, &str)>,
        visitor: &Visitor,
        now: Instant,
    ) -> Result<Secret, Failure> {
        // Before anything is sent: the org is who the configuration says.
        self.oidc.is_known().await?;
        let mut form = request.parameters(self.oidc.registration());
        form.extend(token.map(|(kind, token)| {
            let name = match kind {
                TokenKind::Activation => "activation_token",
                TokenKind::Recovery => "recovery_token",
            };
            (name, token.to_owned())
        }));
        let reply = self.oidc.post_form("interact", &self.interact, form, visitor.headers(), now).await?;
        let handle = wire::words(&reply, "interaction_handle").filter(|handle| !handle.is_empty());
        handle.map(Secret::new).ok_or(Failure::Unreadable(200))
    }

    /// The current step of a sign-in. Nothing is used up, no code is sent again.
    pub async fn introspect(&self, handle: &Secret, visitor: &Visitor) -> Step {
        const ION: &str = "application/ion+json; okta-version=1.0.0";
        let request = self.post(self.introspect.clone()).header("content-type", ION).header("accept", ION);
        self.step("introspect", request, &json!({ "interactionHandle": handle.expose() }), visitor).await
    }

    /// Posts a form of the current step.
    pub async fn submit(&self, form: &Remediation, answers: &Answers, visitor: &Visitor) -> Step {
        let operation = match form.kind.name() {
            "cancel" => "cancel",
            name if name == "poll" || name.ends_with("-poll") => "poll",
            "identify" => "identify",
            _ => "proceed",
        };
        let Some(href) = form.href.clone().filter(|_| !form.navigates) else {
            return Step::Failure(Failure::Elsewhere);
        };
        let accept = form.accepts.as_deref().unwrap_or("application/ion+json");
        let request = self.post(href).header("content-type", "application/json").header("accept", accept);
        self.step(operation, request, &answers.body(&form.fields), visitor).await
    }

    /// Gives a sign-in up. The org is told if it can be; either way it is over.
    pub async fn cancel(&self, form: &Remediation, visitor: &Visitor) -> Step {
        self.submit(form, &Answers::default(), visitor).await;
        Step::Canceled
    }

    fn post(&self, address: Url) -> RequestBuilder {
        self.oidc.http().post(address)
    }

    async fn step(&self, operation: &'static str, request: RequestBuilder, body: &Value, visitor: &Visitor) -> Step {
        let request = request.headers(visitor.headers()).body(body.to_string());
        match self.oidc.http().send(operation, request).await {
            Ok(raw) => Step::parse(raw.status, raw.wait, &raw.body, self.oidc.issuer().url()),
            Err(failure) => Step::Failure(failure),
        }
    }
}

impl Visitor {
    /// What the org may know of the person's browser. It counts the address only from clients that it trusts to say so.
    pub fn headers(&self) -> HeaderMap {
        let address = self.address.map(|address| address.to_string());
        let told = [
            ("user-agent", self.user_agent.as_deref()),
            ("x-forwarded-for", address.as_deref()),
            ("accept-language", Some(self.language.as_str()).filter(|language| !language.is_empty())),
            ("x-device-token", self.device.as_deref()),
        ];
        let header = |(name, value): (&'static str, Option<&str>)| {
            Some((HeaderName::from_static(name), HeaderValue::from_str(value?).ok()?))
        };
        told.into_iter().filter_map(header).collect()
    }
}
