//! The client of one provider: our registration, and a method for each call, in the file named after it.
//!
//! `now` is an argument where a time is compared with a token's. The age of documents is measured with the monotonic
//! clock, which nobody can set back. The client keeps nothing but the provider's documents.

use std::sync::Arc;

use reqwest::header::HeaderMap;
use serde_json::Value;
use url::Url;

use super::algorithm::Algorithm;
use super::discovery::Metadata;
use super::documents::IssuerDocuments;
use super::http::{Http, Observer};
use super::jwks::KeySet;
use super::jws::Unverified;
use super::{CallBudget, ClientAuthentication, Documents, Failure, Issuer};
use crate::time::Instant;

/// A provider, and our registration there.
pub struct Registration {
    /// The provider.
    pub issuer: Issuer,
    /// Our client id.
    pub client_id: String,
    /// How we authenticate at its endpoints.
    pub authentication: ClientAuthentication,
    /// The algorithms that may sign its tokens.
    pub algorithms: Vec<Algorithm>,
    /// The scopes of an authorization request, `openid` among them.
    pub scopes: Vec<String>,
    /// Whether its userinfo endpoint is asked for claims, where it has one.
    pub asks_userinfo: bool,
    /// The redirect URI; it is registered at the provider.
    pub redirect_uri: String,
    /// Where browsers sign out of the provider.
    pub logout: Logout,
    /// The content of a PEM file with certificate authorities that are trusted besides the system's.
    pub authority: Option<Vec<u8>>,
    /// A limit to how often it is called; none where it is not limited.
    pub budget: Option<Arc<CallBudget>>,
}

/// Where browsers sign out of a provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Logout {
    /// At its `end_session_endpoint`, where it names one.
    Discovered {
        /// Whether `client_id` is sent too, and alone where the session has no ID token: most providers then ask the person,
        /// and Auth0 looks up by it where it may lead back to. Okta requires the token.
        names_client: bool,
    },
    /// Nowhere.
    Nowhere,
    /// At this address, with `client_id` and the address to come back to.
    At {
        /// The address.
        address: Url,
        /// The parameter for the address to come back to, as `logout_uri`.
        back_to: &'static str,
    },
}

/// The client of one provider.
pub struct Client {
    pub(super) registration: Registration,
    pub(super) http: Http,
    pub(super) documents: Arc<IssuerDocuments>,
}

/// The parameters of calls whose values are no secrets.
const PUBLIC: [&str; 8] = [
    "grant_type",
    "client_id",
    "redirect_uri",
    "scope",
    "response_type",
    "token_type_hint",
    "client_assertion_type",
    "acr_values",
];

impl Client {
    /// A client that has made no call yet.
    ///
    /// # Errors
    /// The authorities are not PEM, or the TLS library cannot start.
    pub fn new(registration: Registration, documents: &Documents, observer: Observer) -> Result<Self, reqwest::Error> {
        let http = Http::new(registration.authority.as_deref(), registration.budget.clone(), observer)?;
        let documents = documents.of(&registration.issuer);
        Ok(Self { registration, http, documents })
    }

    /// The provider's issuer.
    pub fn issuer(&self) -> &Issuer {
        &self.registration.issuer
    }

    /// Our registration at the provider.
    pub(crate) fn registration(&self) -> &Registration {
        &self.registration
    }

    /// The HTTP client for its endpoints.
    pub(crate) fn http(&self) -> &Http {
        &self.http
    }

    /// The provider's endpoints, from a discovery document of the configured issuer.
    pub(super) async fn metadata(&self) -> Result<Arc<Metadata>, Failure> {
        self.documents.metadata(&self.http, self.issuer(), std::time::Instant::now()).await
    }

    /// Makes sure, before anything is sent, that the discovery document is that of the configured issuer.
    pub(crate) async fn is_known(&self) -> Result<(), Failure> {
        self.metadata().await.map(|_| ())
    }

    /// What a token of the provider's is held against: the `iss` that it must have exactly, for which its own `iss` and `tid`
    /// only choose among the names that this provider may have, and the provider's keys. The algorithm must be one that the
    /// provider lists, of logout tokens as of ID tokens (Core 3.1.3.7, Back-Channel Logout 1.0, 2.6).
    pub(super) async fn issuer_and_keys(&self, token: &Unverified<'_>) -> Result<(String, Arc<KeySet>), Failure> {
        let issuer = token.named_issuer(self.issuer());
        let issuer = issuer.ok_or(Failure::Token("its `tid` is not one of the configured tenants"))?;
        if !self.metadata().await?.signs_with(token.header.algorithm) {
            return Err(Failure::Token("its `alg` is not one that the provider says it signs with"));
        }
        let now = std::time::Instant::now();
        Ok((issuer, self.documents.keys(&self.http, self.issuer(), &token.header, now).await?))
    }

    /// Posts a form with our credentials, and returns the JSON of the reply, null for an empty one. `headers` are
    /// further headers, such as those about the browser that the call is made for.
    pub(crate) async fn post_form(
        &self,
        operation: &'static str,
        endpoint: &Url,
        mut form: Vec<(&str, String)>,
        headers: HeaderMap,
        now: Instant,
    ) -> Result<Value, Failure> {
        let Registration { authentication, client_id, .. } = &self.registration;
        let request = self.http.post(endpoint.clone()).header("accept", "application/json").headers(headers);
        let request = authentication.add(request, &mut form, client_id, endpoint, now);
        let request = request.form(&form);
        let secrets = form.into_iter().filter(|(name, _)| !PUBLIC.contains(name)).map(|(_, value)| value);
        let secrets: Vec<String> = secrets.chain(authentication.secret().map(str::to_owned)).collect();
        self.http.send(operation, request).await?.json(&secrets)
    }
}

#[cfg(test)]
mod tests;
