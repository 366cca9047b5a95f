//! Signing out at the provider, in the browser (OpenID Connect RP-Initiated Logout 1.0).

use url::Url;

use super::client::Client;
use crate::secret::Secret;

impl Client {
    /// Where the browser ends its session at the provider, to come back to `back_to`; none where the provider has no
    /// such endpoint, or its documents cannot be had.
    pub async fn logout_url(&self, id_token: &Secret, back_to: &str) -> Option<Url> {
        let mut address = self.metadata().await.ok()?.end_session.clone()?;
        address
            .query_pairs_mut()
            .append_pair("id_token_hint", id_token.expose())
            .append_pair("post_logout_redirect_uri", back_to);
        Some(address)
    }
}
