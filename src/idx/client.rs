//! The client for Okta's embedded flow, with a method for each call.
//!
//! Every call takes the [`Visitor`] for whom it is made, so that the org's policies see the address, browser and
//! language of the person, and not those of the gateway.

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

/// The person for whom a call is made.
#[derive(Clone, Debug, Default)]
pub struct Visitor {
    /// Their browser's `User-Agent`.
    pub user_agent: Option<String>,
    /// Their address.
    pub address: Option<IpAddr>,
    /// The language of the page that they see, for `Accept-Language`.
    pub language: String,
    /// A random id of their browser, of at most 32 characters.
    pub device: Option<String>,
}

/// What a token that somebody was sent by mail begins.
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
    /// The endpoint that begins a sign-in.
    interact: Url,
    /// The endpoint that gives the current step for a handle.
    introspect: Url,
}

impl Client {
    /// A client for the embedded flow of the org of `oidc`.
    ///
    /// # Errors
    /// No addresses can be built on the issuer.
    pub fn new(oidc: Arc<oidc::Client>) -> Result<Self, Failure> {
        let issuer = oidc.issuer();
        // `interact` lies below the OAuth base, which is the issuer itself or the issuer's `/oauth2`.
        let base = if issuer.as_str().contains("/oauth2") { "" } else { "/oauth2" };
        let interact = issuer.below(&format!("{base}/v1/interact"))?;
        // `introspect` lies at the root of the org.
        let introspect = issuer.url().join("/idp/idx/introspect");
        let introspect = introspect.map_err(|_| Failure::Documents("the issuer is not a base address"))?;
        Ok(Self { oidc, interact, introspect })
    }

    /// Begins a sign-in, and returns its interaction handle, with which the current step can be asked for at any time.
    /// With `token` it begins an activation or a recovery.
    ///
    /// # Errors
    /// The org cannot be reached, its discovery document is another issuer's, or it refuses.
    pub async fn begin(
        &self,
        request: &AuthorizationRequest<'_>,
        token: Option<(TokenKind, &str)>,
        visitor: &Visitor,
        now: Instant,
    ) -> Result<Secret, Failure> {
        // Nothing is sent to an org that is not the configured one.
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

    /// The current step of a sign-in. Asking does not change it, and sends no code again.
    pub async fn introspect(&self, handle: &Secret, visitor: &Visitor) -> Step {
        const ION: &str = "application/ion+json; okta-version=1.0.0";
        let request = self.post(self.introspect.clone()).header("content-type", ION).header("accept", ION);
        self.step("introspect", request, &json!({ "interactionHandle": handle.expose() }), visitor).await
    }

    /// Posts a form of the current step, and returns the next step.
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

    /// Cancels a sign-in. It counts as canceled even when the org cannot be told.
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
    /// The headers about the person's browser. The org uses the address only from clients that it trusts to forward it.
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
