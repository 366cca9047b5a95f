//! The client: one method a call.
//!
//! Every call takes the [`Visitor`] it is made for, so that the org's policies see the person's browser,
//! address and language rather than the gateway's, and `now` where a time counts. Nothing is kept but the
//! org's documents: discovery and signing keys.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwapOption;
use reqwest::RequestBuilder;
use serde_json::{Value, json};
use url::Url;

use super::answers::Answers;
use super::authentication::ClientAuthentication;
use super::keys::KeySet;
use super::metadata::{self, Metadata};
use super::pkce::Verifier;
use super::remediation::Remediation;
use super::step::{self, Code, Failure, Step};
use super::tokens::{self, Expected, VerifiedClaims};
use super::{http, limits, wire};
use crate::secret::Secret;
use crate::time::Instant;

/// The org, and who we are to it.
pub struct Org {
    /// As configured and as tokens say it, without a trailing slash.
    pub issuer: Url,
    /// Our client id.
    pub client_id: String,
    /// How we prove it.
    pub authentication: ClientAuthentication,
    /// What we ask for, `openid` among it.
    pub scopes: Vec<String>,
    /// Where providers and links come back to; registered at the org.
    pub redirect_uri: String,
    /// A PEM file's content with authorities to trust besides the system's.
    pub authority: Option<Vec<u8>>,
}

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

/// How a sign-in begins (`/v1/interact`).
#[derive(Clone, Debug)]
pub struct Beginning<'a> {
    /// The PKCE verifier whose challenge is sent.
    pub verifier: &'a Verifier,
    /// Comes back in callbacks and magic links.
    pub state: &'a str,
    /// Comes back in the ID token.
    pub nonce: &'a str,
    /// Starts an activation or a recovery from a token that somebody was sent.
    pub token: Option<(TokenKind, &'a str)>,
    /// How strong the sign-in must be.
    pub acr_values: Option<&'a str>,
    /// How recent the sign-in must be, in seconds.
    pub max_age: Option<u64>,
}

/// What a token that somebody was sent starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenKind {
    /// The activation of an account.
    Activation,
    /// The recovery of a password.
    Recovery,
}

/// What a sign-in brought.
pub struct Tokens {
    /// The ID token as it came, for the logout.
    pub id_token: Secret,
    /// For `userinfo`.
    pub access_token: Secret,
    /// Where `offline_access` was asked for.
    pub refresh_token: Option<Secret>,
    /// What the ID token says.
    pub claims: VerifiedClaims,
}

/// A call that was made, for whoever counts.
pub struct Call {
    /// `interact`, `introspect`, `proceed`, `cancel`, `token`, `userinfo`, `revoke`, `discovery`, `keys`.
    pub operation: &'static str,
    /// The HTTP status, or why there is none.
    pub outcome: Result<u16, Failure>,
    /// How long it took.
    pub elapsed: Duration,
}

/// Told of every call.
pub type Observer = Arc<dyn Fn(&Call) + Send + Sync>;

/// The client of one org.
pub struct Client {
    org: Org,
    http: reqwest::Client,
    observer: Observer,
    metadata: ArcSwapOption<Kept<Metadata>>,
    keys: ArcSwapOption<Kept<KeySet>>,
}

/// A document of the org's and when it was fetched.
struct Kept<T> {
    document: T,
    fetched: Instant,
}

impl<T> Kept<T> {
    fn is_fresh(&self, now: Instant) -> bool {
        now.since(self.fetched) < limits::DOCUMENT_AGE
    }
}

impl Client {
    /// A client that has not called anybody yet.
    ///
    /// # Errors
    /// The authorities are not PEM, or the TLS library cannot start.
    pub fn new(org: Org, observer: Observer) -> Result<Self, reqwest::Error> {
        let http = http::client(org.authority.as_deref())?;
        Ok(Self { org, http, observer, metadata: ArcSwapOption::empty(), keys: ArcSwapOption::empty() })
    }

    /// The issuer's origin, which every address in a reply must keep to.
    pub fn issuer(&self) -> &Url {
        &self.org.issuer
    }

    /// Begins a sign-in: the interaction handle, which can be shown again for the current step at any time.
    pub async fn begin(&self, beginning: &Beginning<'_>, visitor: &Visitor, now: Instant) -> Result<Secret, Failure> {
        // Before anything is sent: the org is who the config says, and knows S256.
        self.metadata(now).await?;
        let endpoint = metadata::interact(&self.org.issuer)?;
        let mut form = self.asked(beginning);
        if let Some((kind, token)) = beginning.token {
            let name = match kind {
                TokenKind::Activation => "activation_token",
                TokenKind::Recovery => "recovery_token",
            };
            form.push((name, token.to_owned()));
        }
        let reply = self.post_form("interact", &endpoint, form, Some(visitor), now).await?;
        let handle = wire::words(&reply, "interaction_handle").filter(|handle| !handle.is_empty());
        handle.map(Secret::new).ok_or(Failure::Unreadable(200))
    }

    /// Where the org's own sign-in page begins the same sign-in (RFC 6749, 4.1.1; RFC 7636, 4.3).
    pub async fn authorize_url(&self, beginning: &Beginning<'_>, now: Instant) -> Result<Url, Failure> {
        let page = self.metadata(now).await?.document.authorization.clone();
        let mut address = page.ok_or(Failure::Documents("the org names no sign-in page of its own"))?;
        address
            .query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("client_id", &self.org.client_id)
            .extend_pairs(self.asked(beginning));
        Ok(address)
    }

    /// What every way to begin a sign-in asks for.
    fn asked(&self, beginning: &Beginning<'_>) -> Vec<(&'static str, String)> {
        let mut asked = vec![
            ("scope", self.org.scopes.join(" ")),
            ("redirect_uri", self.org.redirect_uri.clone()),
            ("code_challenge", beginning.verifier.challenge()),
            ("code_challenge_method", "S256".to_owned()),
            ("state", beginning.state.to_owned()),
            ("nonce", beginning.nonce.to_owned()),
        ];
        asked.extend(beginning.acr_values.map(|values| ("acr_values", values.to_owned())));
        asked.extend(beginning.max_age.map(|seconds| ("max_age", seconds.to_string())));
        asked
    }

    /// The current step of a sign-in. Nothing is used up, no code is sent again.
    pub async fn introspect(&self, handle: &Secret, visitor: &Visitor) -> Step {
        const ION: &str = "application/ion+json; okta-version=1.0.0";
        let endpoint = match metadata::introspect(&self.org.issuer) {
            Ok(endpoint) => endpoint,
            Err(failure) => return Step::Failure(failure),
        };
        let request = self.http.post(endpoint).header("content-type", ION).header("accept", ION);
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
        let request = self.http.post(href).header("content-type", "application/json").header("accept", accept);
        self.step(operation, request, &answers.body(&form.fields), visitor).await
    }

    /// Gives a sign-in up. The org is told if it can be; either way it is over.
    pub async fn cancel(&self, form: &Remediation, visitor: &Visitor) -> Step {
        self.submit(form, &Answers::default(), visitor).await;
        Step::Canceled
    }

    /// Redeems a code for tokens, and verifies the ID token.
    pub async fn exchange(
        &self,
        code: Code,
        verifier: &Verifier,
        nonce: &str,
        visitor: &Visitor,
        now: Instant,
    ) -> Result<Tokens, Failure> {
        let endpoint = self.metadata(now).await?.document.token.clone();
        let (grant_type, parameter, code) = code.redeem();
        let form = vec![
            ("grant_type", grant_type.to_owned()),
            (parameter, code.expose().to_owned()),
            ("redirect_uri", self.org.redirect_uri.clone()),
            ("code_verifier", verifier.expose().to_owned()),
        ];
        let reply = self.post_form("token", &endpoint, form, Some(visitor), now).await?;
        let token = |member: &str| wire::words(&reply, member).filter(|token| !token.is_empty());
        let id_token = token("id_token").ok_or(Failure::Token("there is no ID token"))?;
        let access_token = token("access_token").ok_or(Failure::Token("there is no access token"))?;
        let expected = Expected {
            issuer: metadata::issuer_text(&self.org.issuer),
            client_id: &self.org.client_id,
            nonce: Some(nonce),
            access_token: Some(&access_token),
        };
        let keys = self.keys_for(&id_token, now).await?;
        let claims = tokens::verify(&id_token, &expected, &keys.document, now).map_err(Failure::Token)?;
        Ok(Tokens {
            id_token: Secret::new(id_token),
            access_token: Secret::new(access_token),
            refresh_token: token("refresh_token").map(Secret::new),
            claims,
        })
    }

    /// What the org says of the person now; refused when it is about somebody else (Core 5.3.2).
    pub async fn userinfo(&self, tokens: &Tokens, now: Instant) -> Result<Value, Failure> {
        let endpoint = self.metadata(now).await?.document.userinfo.clone();
        let request =
            self.http.get(endpoint).header("accept", "application/json").bearer_auth(tokens.access_token.expose());
        let raw = self.send("userinfo", request).await?;
        let info = wire::read(&raw.body).ok_or(Failure::Unreadable(raw.status))?;
        if raw.status != 200 {
            return Err(step::failure(&info, raw.status, raw.wait));
        }
        match info.get("sub").and_then(Value::as_str) {
            Some(subject) if subject == tokens.claims.subject() => Ok(info),
            _ => Err(Failure::Token("userinfo is about somebody else")),
        }
    }

    /// Makes a refresh token worthless (RFC 7009), and what was issued for it.
    pub async fn revoke(&self, refresh_token: &Secret, now: Instant) -> Result<(), Failure> {
        let Some(endpoint) = self.metadata(now).await?.document.revocation.clone() else { return Ok(()) };
        let form = vec![("token", refresh_token.expose().to_owned()), ("token_type_hint", "refresh_token".to_owned())];
        self.post_form("revoke", &endpoint, form, None, now).await.map(|_| ())
    }

    /// Where the browser ends its session at the org (OpenID Connect RP-Initiated Logout 1.0, 2).
    pub async fn logout_url(&self, id_token: &Secret, back_to: &str, now: Instant) -> Option<Url> {
        let mut address = self.metadata(now).await.ok()?.document.end_session.clone()?;
        address
            .query_pairs_mut()
            .append_pair("id_token_hint", id_token.expose())
            .append_pair("post_logout_redirect_uri", back_to);
        Some(address)
    }

    async fn step(&self, operation: &'static str, request: RequestBuilder, body: &Value, visitor: &Visitor) -> Step {
        let request = for_visitor(request, visitor).body(body.to_string());
        match self.send(operation, request).await {
            Ok(raw) => Step::parse(raw.status, raw.wait, &raw.body, &self.org.issuer),
            Err(failure) => Step::Failure(failure),
        }
    }

    /// Posts a form with our credentials; the reply is JSON, or empty where there is nothing to say.
    async fn post_form(
        &self,
        operation: &'static str,
        endpoint: &Url,
        mut form: Vec<(&'static str, String)>,
        visitor: Option<&Visitor>,
        now: Instant,
    ) -> Result<Value, Failure> {
        let request = self.http.post(endpoint.clone()).header("accept", "application/json");
        let mut request = self.org.authentication.add(request, &mut form, &self.org.client_id, endpoint, now);
        if let Some(visitor) = visitor {
            request = for_visitor(request, visitor);
        }
        let raw = self.send(operation, request.form(&form)).await?;
        let succeeded = (200..300).contains(&raw.status);
        match wire::read(&raw.body) {
            Some(reply) if succeeded && reply.get("error").is_none() => Ok(reply),
            Some(reply) => Err(step::failure(&reply, raw.status, raw.wait)),
            None if succeeded && raw.body.is_empty() => Ok(Value::Null),
            None if raw.status == 429 => Err(Failure::RateLimited(raw.wait)),
            None => Err(Failure::Unreadable(raw.status)),
        }
    }

    async fn send(&self, operation: &'static str, request: RequestBuilder) -> Result<http::Raw, Failure> {
        let began = tokio::time::Instant::now();
        let result = http::send(request).await;
        let outcome = result.as_ref().map(|raw| raw.status).map_err(Clone::clone);
        (self.observer)(&Call { operation, outcome, elapsed: began.elapsed() });
        result
    }

    /// The org's description, a day old at most; an older one where a new one cannot be had.
    async fn metadata(&self, now: Instant) -> Result<Arc<Kept<Metadata>>, Failure> {
        let kept = self.metadata.load_full();
        if let Some(fresh) = kept.as_ref().filter(|kept| kept.is_fresh(now)) {
            return Ok(Arc::clone(fresh));
        }
        let fetched = match self.document("discovery", metadata::discovery(&self.org.issuer)?).await {
            Ok(document) => Metadata::parse(&document, &self.org.issuer),
            Err(failure) => Err(failure),
        };
        match (fetched, kept) {
            (Ok(document), _) => {
                let new = Arc::new(Kept { document, fetched: now });
                self.metadata.store(Some(Arc::clone(&new)));
                Ok(new)
            }
            (Err(_), Some(stale)) => Ok(stale),
            (Err(failure), None) => Err(failure),
        }
    }

    /// The org's keys, with the one this token names if the org has it. A key id that we do not know
    /// causes a fetch, but only one in a while, so that forged tokens cannot cause a storm.
    async fn keys_for(&self, token: &str, now: Instant) -> Result<Arc<Kept<KeySet>>, Failure> {
        let wanted = tokens::key_id(token).unwrap_or_default();
        let kept = self.keys.load_full();
        if let Some(kept) = &kept {
            let waited = now.since(kept.fetched) >= limits::KEY_REFETCH;
            if kept.is_fresh(now) && (kept.document.has(&wanted) || !waited) {
                return Ok(Arc::clone(kept));
            }
        }
        let address = self.metadata(now).await?.document.keys.clone();
        let document = self.document("keys", address).await?;
        let document = KeySet::parse(&document).ok_or(Failure::Documents("the signing keys are not JSON"))?;
        let new = Arc::new(Kept { document, fetched: now });
        self.keys.store(Some(Arc::clone(&new)));
        Ok(new)
    }

    async fn document(&self, operation: &'static str, address: Url) -> Result<bytes::Bytes, Failure> {
        let raw = self.send(operation, self.http.get(address).header("accept", "application/json")).await?;
        match raw.status {
            200 => Ok(raw.body),
            429 => Err(Failure::RateLimited(raw.wait)),
            status => Err(Failure::Unreadable(status)),
        }
    }
}

/// What the org may know of the person's browser. It counts the address only from clients that it trusts to say so.
fn for_visitor(mut request: RequestBuilder, visitor: &Visitor) -> RequestBuilder {
    if let Some(agent) = &visitor.user_agent {
        request = request.header("user-agent", agent);
    }
    if let Some(address) = visitor.address {
        request = request.header("x-forwarded-for", address.to_string());
    }
    if !visitor.language.is_empty() {
        request = request.header("accept-language", &visitor.language);
    }
    if let Some(device) = &visitor.device {
        request = request.header("x-device-token", device);
    }
    request
}
