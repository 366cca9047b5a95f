//! The address for signing out at the provider in the browser (OpenID Connect RP-Initiated Logout 1.0), or for a
//! provider that has one of its own.

use url::Url;

use super::client::{Client, Logout};
use crate::secret::Secret;

impl Client {
    /// Where the browser signs out of the provider and then returns to `back_to`. None where the provider has no such
    /// address, its documents cannot be had, or there is no ID token for `id_token_hint`.
    pub async fn logout_url(&self, id_token: Option<&Secret>, back_to: &str) -> Option<Url> {
        match &self.registration.logout {
            Logout::Nowhere => None,
            Logout::At { address, back_to: name } => {
                let mut address = address.clone();
                address
                    .query_pairs_mut()
                    .append_pair("client_id", &self.registration.client_id)
                    .append_pair(name, back_to);
                Some(address)
            }
            Logout::Discovered => {
                let mut address = self.metadata().await.ok()?.end_session.clone()?;
                address
                    .query_pairs_mut()
                    .append_pair("id_token_hint", id_token?.expose())
                    .append_pair("post_logout_redirect_uri", back_to);
                Some(address)
            }
        }
    }
}
