//! The authorization request (OpenID Connect Core 3.1.2.1, RFC 7636 4.3), and the check of who answers it (RFC 9207).
//!
//! ```text
//!   AuthorizationRequest ─► parameters ─┬─► authorization_endpoint?…                              the browser goes there
//!                                       └─► pushed (RFC 9126), where the provider requires it ─► …?client_id&request_uri
//! ```

use reqwest::header::HeaderMap;
use serde_json::{Value, json};
use url::Url;

use super::client::Client;
use super::pkce::Verifier;
use super::{Failure, Registration, limits};
use crate::time::Instant;

/// What one sign-in asks of the provider.
#[derive(Clone, Debug)]
pub struct AuthorizationRequest<'a> {
    /// The PKCE verifier whose challenge is sent.
    pub verifier: &'a Verifier,
    /// Comes back in the callback.
    pub state: &'a str,
    /// Comes back in the ID token.
    pub nonce: &'a str,
    /// Values of `acr`, separated by spaces, one of which the sign-in must have.
    pub acr_values: Option<&'a str>,
    /// The greatest age of the authentication, in seconds.
    pub max_age: Option<u64>,
}

/// Parameters that the protocol sets, and that neither a setting nor an address may set.
pub const PROTOCOL_PARAMETERS: [&str; 14] = [
    "response_type",
    "response_mode",
    "client_id",
    "client_secret",
    "redirect_uri",
    "scope",
    "state",
    "nonce",
    "code_challenge",
    "code_challenge_method",
    "request",
    "request_uri",
    "registration",
    "claims",
];

impl AuthorizationRequest<'_> {
    /// The parameters, without `client_id` and `response_type`.
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

    /// The parameter `claims` that demands the `acr_values`: as `acr_values` alone they are voluntary, and a provider
    /// with a live session may answer at once without them (Core 5.5.1.1).
    fn essential_acr(&self) -> Option<String> {
        let values: Vec<&str> = self.acr_values?.split_whitespace().collect();
        Some(json!({ "id_token": { "acr": { "essential": true, "values": values } } }).to_string())
    }
}

impl Client {
    /// The address at which the browser signs in (RFC 6749 4.1.1), with the additional parameters `more`. Where the
    /// provider requires pushed requests (RFC 9126), the request is sent to it first, with `headers` about the browser.
    ///
    /// # Errors
    /// The provider's documents cannot be had, or it refuses the pushed request.
    pub async fn authorization_url(
        &self,
        request: &AuthorizationRequest<'_>,
        more: &[(String, String)],
        headers: HeaderMap,
        now: Instant,
    ) -> Result<Url, Failure> {
        let metadata = self.metadata().await?;
        let mut asked = request.parameters(&self.registration);
        // Only one of the two: given both, oidc-provider treats `acr` as voluntary.
        if let Some(claims) = request.essential_acr().filter(|_| metadata.takes_claims) {
            asked.retain(|(name, _)| *name != "acr_values");
            asked.push(("claims", claims));
        }
        let set = |name: &str| {
            (name == "acr_values" && request.acr_values.is_some())
                || asked.iter().any(|(asked, _)| *asked == name)
                || PROTOCOL_PARAMETERS.contains(&name)
        };
        // A parameter of the route replaces one that is set for every sign-in.
        let more: Vec<_> = more.iter().filter(|(name, _)| !set(name)).cloned().collect();
        let mut address = metadata.authorization.clone();
        let client_id = &self.registration.client_id;
        if let Some(pushed) = &metadata.pushed {
            let form = [("response_type", "code".to_owned())].into_iter().chain(asked);
            let form = form.chain(more.iter().map(|(name, value)| (name.as_str(), value.clone()))).collect();
            let reply = self.post_form("pushed_request", pushed, form, headers, now).await?;
            let kept = reply.get("request_uri").and_then(Value::as_str);
            let kept = kept.filter(|kept| (1..=limits::CODE_BYTES).contains(&kept.len()));
            let kept = kept.ok_or(Failure::Unreadable(201))?;
            address.query_pairs_mut().append_pair("client_id", client_id).append_pair("request_uri", kept);
            return Ok(address);
        }
        address
            .query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("client_id", client_id)
            .extend_pairs(asked)
            .extend_pairs(more);
        Ok(address)
    }

    /// Whether the answer to an authorization request comes from this provider, by its `iss` (RFC 9207 2.4). An answer
    /// without `iss` does not, where the provider's metadata announce that it always sends one.
    ///
    /// # Errors
    /// The provider's documents cannot be had.
    pub async fn is_answered_by(&self, iss: Option<&str>) -> Result<bool, Failure> {
        match iss {
            Some(iss) => Ok(self.issuer().is_meant_by(iss)),
            None => Ok(!self.metadata().await?.names_issuer),
        }
    }
}
