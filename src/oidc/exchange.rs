//! A code becomes tokens, once (RFC 6749 4.1.3, OpenID Connect Core 3.1.3).

use std::time::Duration;

use reqwest::header::HeaderMap;
use serde_json::Value;

use super::client::Client;
use super::id_token::{self, Expected};
use super::jws::Unverified;
use super::pkce::Verifier;
use super::{Failure, VerifiedClaims, limits};
use crate::secret::Secret;
use crate::time::Instant;

/// A code to redeem: once, and within a minute or so. Only a reply or a callback makes one.
#[derive(Debug)]
pub struct Code {
    grant_type: &'static str,
    parameter: &'static str,
    code: Secret,
}

impl Code {
    /// The code that came back to the callback, beside a `state` that was checked.
    pub fn authorization(code: &str) -> Option<Self> {
        Self::of_grant("authorization_code", "code", code)
    }

    /// Whether an authorization endpoint gave it.
    pub(crate) fn is_authorization(&self) -> bool {
        self.grant_type == "authorization_code"
    }

    /// A code of another grant, and the parameter that it is redeemed as.
    pub(crate) fn of_grant(grant_type: &'static str, parameter: &'static str, code: &str) -> Option<Self> {
        let usable = !code.is_empty() && code.len() <= limits::CODE_BYTES;
        usable.then(|| Self { grant_type, parameter, code: Secret::new(code) })
    }
}

/// What a sign-in or a refresh brought.
pub struct Tokens {
    /// The ID token as it came, for the logout.
    pub id_token: Secret,
    /// For `userinfo`.
    pub access_token: Secret,
    /// Where `offline_access` was asked for.
    pub refresh_token: Option<Secret>,
    /// For how long the access token counts, where that is said.
    pub life: Option<Duration>,
    /// What was granted, where that is said: it may be less than was asked for.
    pub scope: Option<String>,
    /// What the ID token says.
    pub claims: VerifiedClaims,
}

/// What the token endpoint answered, before any of it is believed (RFC 6749 5.1).
pub(super) struct TokenReply {
    pub(super) id_token: Option<Secret>,
    access_token: Secret,
    pub(super) refresh_token: Option<Secret>,
    pub(super) life: Option<Duration>,
    scope: Option<String>,
}

impl TokenReply {
    pub(super) fn read(reply: &Value) -> Result<Self, Failure> {
        let text = |member: &str| reply.get(member).and_then(Value::as_str).filter(|text| !text.is_empty());
        if text("token_type").is_some_and(|kind| !kind.eq_ignore_ascii_case("bearer")) {
            return Err(Failure::Token("the access token is of a kind that is not known"));
        }
        // A number by the standard, and a text of digits at some.
        let seconds = reply.get("expires_in");
        let seconds = seconds.and_then(|said| said.as_u64().or_else(|| said.as_str()?.parse().ok()));
        Ok(Self {
            id_token: text("id_token").map(Secret::new),
            access_token: Secret::new(text("access_token").ok_or(Failure::Token("there is no access token"))?),
            refresh_token: text("refresh_token").map(Secret::new),
            life: seconds.map(Duration::from_secs),
            scope: text("scope").map(str::to_owned),
        })
    }
}

impl Client {
    /// Redeems a code for tokens, and verifies the ID token. `headers` tell of the browser it is done for.
    ///
    /// # Errors
    /// The provider cannot be reached or refuses the code, or the ID token does not hold.
    pub async fn exchange(
        &self,
        code: Code,
        verifier: &Verifier,
        nonce: &str,
        headers: HeaderMap,
        now: Instant,
    ) -> Result<Tokens, Failure> {
        let endpoint = self.metadata().await?.token.clone();
        let form = vec![
            ("grant_type", code.grant_type.to_owned()),
            (code.parameter, code.code.expose().to_owned()),
            ("redirect_uri", self.registration.redirect_uri.clone()),
            ("code_verifier", verifier.expose().to_owned()),
        ];
        let reply = self.post_form("token", &endpoint, form, headers, now).await?;
        self.believed(TokenReply::read(&reply)?, Some(nonce), now).await
    }

    /// The tokens of an answer, once the ID token among them holds.
    pub(super) async fn believed(
        &self,
        reply: TokenReply,
        nonce: Option<&str>,
        now: Instant,
    ) -> Result<Tokens, Failure> {
        let TokenReply { id_token, access_token, refresh_token, life, scope } = reply;
        let id_token = id_token.ok_or(Failure::Token("there is no ID token"))?;
        let expected = Expected {
            issuer: self.issuer().as_str(),
            client_id: &self.registration.client_id,
            nonce,
            access_token: Some(access_token.expose()),
        };
        let claims = self.verify(id_token.expose(), expected, now).await?;
        Ok(Tokens { id_token, access_token, refresh_token, life, scope, claims })
    }

    async fn verify(&self, id_token: &str, expected: Expected<'_>, now: Instant) -> Result<VerifiedClaims, Failure> {
        let token = Unverified::parse(id_token, &self.registration.algorithms).map_err(Failure::Token)?;
        // What it says of itself only picks one of the names that this provider may have; that one must then hold.
        let issuer = token.named_issuer(self.issuer()).ok_or(Failure::Token("another tenant issued it"))?;
        let at = std::time::Instant::now();
        let keys = self.documents.keys(&self.http, self.issuer(), &token.header, at).await?;
        id_token::check(&token, &Expected { issuer: &issuer, ..expected }, &keys, now).map_err(Failure::Token)
    }
}
