//! Tokens made worthless before their time (RFC 7009).

use reqwest::header::HeaderMap;

use super::Failure;
use super::client::Client;
use crate::secret::Secret;
use crate::time::Instant;

impl Client {
    /// Makes a refresh token worthless, and what was issued for it. A provider without such an endpoint is not asked.
    ///
    /// # Errors
    /// The provider cannot be reached or does not do it.
    pub async fn revoke(&self, refresh_token: &Secret, now: Instant) -> Result<(), Failure> {
        let Some(endpoint) = self.metadata().await?.revocation.clone() else { return Ok(()) };
        let form = vec![("token", refresh_token.expose().to_owned()), ("token_type_hint", "refresh_token".to_owned())];
        self.post_form("revoke", &endpoint, form, HeaderMap::new(), now).await.map(|_| ())
    }
}
