//! Exchanges a refresh token for new tokens (RFC 6749 6, OpenID Connect Core 12.2).
//!
//! Providers may replace the refresh token each time and revoke the old one. The new one is therefore returned even
//! where the ID token beside it is not valid: it must be kept although nothing else of the reply is used.

use std::time::Duration;

use reqwest::header::HeaderMap;
use serde_json::Value;

use super::client::Client;
use super::exchange::{TokenReply, Tokens};
use super::{Failure, VerifiedClaims};
use crate::secret::Secret;
use crate::time::Instant;

/// What a refresh sends and compares.
#[derive(Clone, Copy, Debug)]
pub struct RefreshRequest<'a> {
    /// The token.
    pub refresh_token: &'a Secret,
    /// The scope that the sign-in was granted, separated by blanks.
    pub scope: &'a str,
    /// The `nonce` of the sign-in.
    pub nonce: &'a Secret,
}

/// The outcome of a refresh.
pub struct Refreshed {
    /// The new refresh token; none where the old one stays valid.
    pub refresh_token: Option<Secret>,
    /// How long the new access token is valid, where the provider says so.
    pub life: Option<Duration>,
    /// The tokens; none where the reply has no ID token; a failure where the ID token is not valid.
    pub tokens: Result<Option<Tokens>, Failure>,
}

impl Client {
    /// Requests new tokens, and verifies the ID token if there is one. The caller compares its `sub` with the
    /// session's.
    ///
    /// # Errors
    /// The provider cannot be reached or refuses the refresh token. As far as can be known, the old token is still
    /// valid.
    pub async fn refresh(&self, request: RefreshRequest<'_>, now: Instant) -> Result<Refreshed, Failure> {
        let endpoint = self.metadata().await?.token.clone();
        let form = vec![
            ("grant_type", "refresh_token".to_owned()),
            ("refresh_token", request.refresh_token.expose().to_owned()),
            ("scope", request.scope.to_owned()),
        ];
        let reply = self.post_form("refresh", &endpoint, form, HeaderMap::new(), now).await?;
        let reply = TokenReply::read(&reply)?;
        let (refresh_token, life) = (reply.refresh_token.clone(), reply.life);
        let tokens = match &reply.id_token {
            None => Ok(None),
            Some(_) => self.verified(reply, None, now).await.and_then(|tokens| {
                check_nonce(&tokens.claims, request.nonce)?;
                Ok(Some(tokens))
            }),
        };
        Ok(Refreshed { refresh_token, life, tokens })
    }
}

/// The `nonce` may be missing; one that is there must be that of the sign-in (Core 12.2).
fn check_nonce(claims: &VerifiedClaims, nonce: &Secret) -> Result<(), Failure> {
    match claims.claim("nonce") {
        None | Some(Value::Null) => Ok(()),
        Some(Value::String(said)) if Secret::new(said.as_str()) == *nonce => Ok(()),
        Some(_) => Err(Failure::Token("its `nonce` is that of another sign-in")),
    }
}
