//! The address for signing out at the provider in the browser (OpenID Connect RP-Initiated Logout 1.0), or for a
//! provider that has one of its own.

use url::Url;

use super::client::{Client, Logout};
use crate::secret::Secret;

impl Client {
    /// Where the browser signs out of the provider and then returns to `back_to` with `state`. None where the provider has
    /// no such address, its documents cannot be had, or it wants an ID token for `id_token_hint` and there is none.
    /// [`Logout::At`] is not sent the state, which is no parameter there.
    pub async fn logout_url(&self, id_token: Option<&Secret>, back_to: &str, state: &str) -> Option<Url> {
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
            Logout::Discovered { names_client } => {
                let mut address = self.metadata().await.ok()?.end_session.clone()?;
                let client_id = names_client.then_some(("client_id", self.registration.client_id.as_str()));
                let hint = id_token.map(|token| ("id_token_hint", token.expose()));
                if hint.is_none() && client_id.is_none() {
                    return None;
                }
                address
                    .query_pairs_mut()
                    .extend_pairs(hint.into_iter().chain(client_id))
                    .append_pair("post_logout_redirect_uri", back_to)
                    .append_pair("state", state);
                Some(address)
            }
        }
    }
}
