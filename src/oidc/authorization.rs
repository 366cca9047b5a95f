//! What a sign-in is begun with (OpenID Connect Core 3.1.2.1, RFC 7636 4.3), and who answers (RFC 9207).
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

/// Parameters that the protocol sets, and that no setting and no address may.
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

    /// The same strength as a claim that the sign-in cannot do without: `acr_values` alone is only wished for, and a
    /// provider that has a session already may answer at once without it (Core 5.5.1.1).
    fn essential_acr(&self) -> Option<String> {
        let values: Vec<&str> = self.acr_values?.split_whitespace().collect();
        Some(json!({ "id_token": { "acr": { "essential": true, "values": values } } }).to_string())
    }
}

impl Client {
    /// Where the browser signs in at the provider (RFC 6749 4.1.1), with `more` parameters. Where the provider requires
    /// it, the request is left there beforehand; `headers` tell of the browser that is done for.
    ///
    /// # Errors
    /// The provider's documents cannot be had, or it does not take the request.
    pub async fn authorization_url(
        &self,
        request: &AuthorizationRequest<'_>,
        more: &[(String, String)],
        headers: HeaderMap,
        now: Instant,
    ) -> Result<Url, Failure> {
        let metadata = self.metadata().await?;
        let mut asked = request.parameters(&self.registration);
        // One of both: of a request that has both, some take the wish for the whole (oidc-provider).
        if let Some(claims) = request.essential_acr().filter(|_| metadata.takes_claims) {
            asked.retain(|(name, _)| *name != "acr_values");
            asked.push(("claims", claims));
        }
        let set = |name: &str| {
            (name == "acr_values" && request.acr_values.is_some())
                || asked.iter().any(|(asked, _)| *asked == name)
                || PROTOCOL_PARAMETERS.contains(&name)
        };
        // What a route asks for counts more than what is always asked.
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

    /// Whether an answer to an authorization request comes from this provider, by its `iss` (RFC 9207 2.4). Where the
    /// provider announces that it names itself, an answer that does not is another's.
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
