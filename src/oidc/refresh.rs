//! A refresh token becomes new tokens (RFC 6749 6, OpenID Connect Core 12.2).
//!
//! The provider may give another refresh token each time and take the old one away. So the new one is handed on whatever
//! becomes of the ID token beside it: it must be kept even where nothing else of the answer can be believed.

use std::time::Duration;

use reqwest::header::HeaderMap;
use serde_json::Value;

use super::client::Client;
use super::exchange::{TokenReply, Tokens};
use super::{Failure, VerifiedClaims};
use crate::secret::Secret;
use crate::time::Instant;

/// What is asked for with a refresh token.
#[derive(Clone, Copy, Debug)]
pub struct RefreshRequest<'a> {
    /// The token.
    pub refresh_token: &'a Secret,
    /// What the sign-in was granted, separated by blanks.
    pub scope: &'a str,
    /// What the sign-in's ID token had as `nonce`.
    pub nonce: &'a Secret,
}

/// What a refresh brought.
pub struct Refreshed {
    /// What takes the place of the token that was shown; none where that one goes on.
    pub refresh_token: Option<Secret>,
    /// For how long the access token counts, where that is said.
    pub life: Option<Duration>,
    /// The tokens, where the ID token among them holds; none where there is none; or why it does not.
    pub tokens: Result<Option<Tokens>, Failure>,
}

impl Client {
    /// Asks for new tokens, and verifies the ID token if one comes. Who it is about is for the caller to compare.
    ///
    /// # Errors
    /// The provider cannot be reached or refuses the refresh token: nothing has changed, as far as can be told.
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
            Some(_) => self.believed(reply, None, now).await.and_then(|tokens| {
                check_nonce(&tokens.claims, request.nonce)?;
                Ok(Some(tokens))
            }),
        };
        Ok(Refreshed { refresh_token, life, tokens })
    }
}

/// A `nonce` need not come back; one that does is the sign-in's (Core 12.2).
fn check_nonce(claims: &VerifiedClaims, nonce: &Secret) -> Result<(), Failure> {
    match claims.claim("nonce") {
        None | Some(Value::Null) => Ok(()),
        Some(Value::String(said)) if Secret::new(said.as_str()) == *nonce => Ok(()),
        Some(_) => Err(Failure::Token("it belongs to another sign-in")),
    }
}
