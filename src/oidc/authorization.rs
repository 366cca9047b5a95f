//! What a sign-in is begun with (OpenID Connect Core 3.1.2.1, RFC 7636 4.3).

use url::Url;

use super::client::Client;
use super::pkce::Verifier;
use super::{Failure, Registration};

/// What is asked of the provider in one sign-in.
#[derive(Clone, Debug)]
pub struct AuthorizationRequest<'a> {
    /// The PKCE verifier whose challenge is sent.
    pub verifier: &'a Verifier,
    /// Comes back in callbacks.
    pub state: &'a str,
    /// Comes back in the ID token.
    pub nonce: &'a str,
    /// How strong the sign-in must be.
    pub acr_values: Option<&'a str>,
    /// How recent the sign-in must be, in seconds.
    pub max_age: Option<u64>,
}

impl AuthorizationRequest<'_> {
    /// Its parameters, but for who asks and what comes back.
    pub(crate) fn parameters(&self, registration: &Registration) -> Vec<(&'static str, String)> {
        let mut parameters = vec![
            ("scope", registration.scopes.join(" ")),
            ("redirect_uri", registration.redirect_uri.clone()),
            ("code_challenge", self.verifier.challenge()),
            ("code_challenge_method", "S256".to_owned()),
            ("state", self.state.to_owned()),
            ("nonce", self.nonce.to_owned()),
        ];
        parameters.extend(self.acr_values.map(|values| ("acr_values", values.to_owned())));
        parameters.extend(self.max_age.map(|seconds| ("max_age", seconds.to_string())));
        parameters
    }
}

impl Client {
    /// Where the browser signs in at the provider (RFC 6749 4.1.1).
    ///
    /// # Errors
    /// The provider's documents cannot be had.
    pub async fn authorization_url(&self, request: &AuthorizationRequest<'_>) -> Result<Url, Failure> {
        let mut address = self.metadata().await?.authorization.clone();
        address
            .query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("client_id", &self.registration.client_id)
            .extend_pairs(request.parameters(&self.registration));
        Ok(address)
    }
}
