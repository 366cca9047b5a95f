//! Token revocation (RFC 7009).

use reqwest::header::HeaderMap;

use super::Failure;
use super::client::Client;
use crate::secret::Secret;
use crate::time::Instant;

impl Client {
    /// Revokes a refresh token, and with it the tokens that were issued for it. Does nothing where the provider has no
    /// revocation endpoint.
    ///
    /// # Errors
    /// The provider cannot be reached or refuses.
    pub async fn revoke(&self, refresh_token: &Secret, now: Instant) -> Result<(), Failure> {
        let Some(endpoint) = self.metadata().await?.revocation.clone() else { return Ok(()) };
        let form = vec![("token", refresh_token.expose().to_owned()), ("token_type_hint", "refresh_token".to_owned())];
        self.post_form("revoke", &endpoint, form, HeaderMap::new(), now).await.map(|_| ())
    }
}
