//! Exchanges a code for tokens (RFC 6749 4.1.3, OpenID Connect Core 3.1.3).

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

/// A code, which can be redeemed once, and for about a minute.
#[derive(Debug)]
pub struct Code {
    grant_type: &'static str,
    parameter: &'static str,
    code: Secret,
}

impl Code {
    /// The code of a callback, whose `state` the caller has checked; none when it is empty or too long.
    pub fn authorization(code: &str) -> Option<Self> {
        Self::of_grant("authorization_code", "code", code)
    }

    /// Whether it is an authorization code.
    pub(crate) fn is_authorization(&self) -> bool {
        self.grant_type == "authorization_code"
    }

    /// The code of another grant, and the parameter in which it is sent; none when it is empty or too long.
    pub(crate) fn of_grant(grant_type: &'static str, parameter: &'static str, code: &str) -> Option<Self> {
        let usable = !code.is_empty() && code.len() <= limits::CODE_BYTES;
        usable.then(|| Self { grant_type, parameter, code: Secret::new(code) })
    }
}

/// The tokens of a sign-in or a refresh.
pub struct Tokens {
    /// The ID token in its compact form, for `id_token_hint` at the sign-out.
    pub id_token: Secret,
    /// The access token, for `userinfo` and for routes that forward it.
    pub access_token: Secret,
    /// The refresh token; providers give one where the scope `offline_access` was granted.
    pub refresh_token: Option<Secret>,
    /// How long the access token is valid, where the provider says so.
    pub life: Option<Duration>,
    /// The scope that was granted, where the provider says so; it may be less than was requested.
    pub scope: Option<String>,
    /// The claims of the ID token.
    pub claims: VerifiedClaims,
}

/// The reply of the token endpoint, before the ID token is verified (RFC 6749 5.1).
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
            return Err(Failure::Token("its `token_type` is not Bearer"));
        }
        // The standard has a number; some providers send a string of digits.
        let seconds = reply.get("expires_in");
        let seconds = seconds.and_then(|said| said.as_u64().or_else(|| said.as_str()?.parse().ok()));
        Ok(Self {
            id_token: text("id_token").map(Secret::new),
            access_token: Secret::new(text("access_token").ok_or(Failure::Token("the reply has no `access_token`"))?),
            refresh_token: text("refresh_token").map(Secret::new),
            life: seconds.map(Duration::from_secs),
            scope: text("scope").map(str::to_owned),
        })
    }
}

impl Client {
    /// Exchanges a code for tokens, and verifies the ID token. `headers` are about the browser that signs in.
    ///
    /// # Errors
    /// The provider cannot be reached or refuses the code, or the ID token is not valid.
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
        self.verified(TokenReply::read(&reply)?, Some(nonce), now).await
    }

    /// The tokens of a reply, once its ID token is verified.
    pub(super) async fn verified(
        &self,
        reply: TokenReply,
        nonce: Option<&str>,
        now: Instant,
    ) -> Result<Tokens, Failure> {
        let TokenReply { id_token, access_token, refresh_token, life, scope } = reply;
        let id_token = id_token.ok_or(Failure::Token("the reply has no `id_token`"))?;
        let token = Unverified::parse(id_token.expose(), &self.registration.algorithms).map_err(Failure::Token)?;
        let (issuer, keys) = self.issuer_and_keys(&token).await?;
        let expected = Expected {
            issuer: &issuer,
            client_id: &self.registration.client_id,
            nonce,
            access_token: Some(access_token.expose()),
        };
        let claims = id_token::check(&token, &expected, &keys, now).map_err(Failure::Token)?;
        Ok(Tokens { id_token, access_token, refresh_token, life, scope, claims })
    }
}
