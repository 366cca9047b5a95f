//! The client: who we are to a provider, and one method a call, each in the file of its name.
//!
//! `now` is an argument where a time counts; the age of documents is counted by the machine's own clock, which
//! nobody sets back. Nothing is kept but the provider's documents.

use std::sync::Arc;

use reqwest::header::HeaderMap;
use serde_json::Value;
use url::Url;

use super::algorithm::Algorithm;
use super::discovery::Metadata;
use super::documents::IssuerDocuments;
use super::http::{Http, Observer};
use super::{CallBudget, ClientAuthentication, Documents, Failure, Issuer};
use crate::time::Instant;

/// A provider, and who we are to it.
pub struct Registration {
    /// The provider.
    pub issuer: Issuer,
    /// Our client id.
    pub client_id: String,
    /// How we prove it.
    pub authentication: ClientAuthentication,
    /// How ID tokens may be signed.
    pub algorithms: Vec<Algorithm>,
    /// What we ask for, `openid` among it.
    pub scopes: Vec<String>,
    /// Where sign-ins come back to; registered at the provider.
    pub redirect_uri: String,
    /// Where browsers sign out.
    pub logout: Logout,
    /// A PEM file's content with authorities to trust besides the system's.
    pub authority: Option<Vec<u8>>,
    /// How often it may be called, where that is limited.
    pub budget: Option<Arc<CallBudget>>,
}

/// Where browsers sign out at a provider.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Logout {
    /// At its `end_session_endpoint`, where it names one.
    #[default]
    Discovered,
    /// Nowhere.
    Nowhere,
    /// At an address that takes `client_id`, and under another name where to come back to.
    At {
        /// The address.
        address: Url,
        /// How it calls where to come back to, as `logout_uri`.
        back_to: &'static str,
    },
}

/// The client of one provider.
pub struct Client {
    pub(super) registration: Registration,
    pub(super) http: Http,
    pub(super) documents: Arc<IssuerDocuments>,
}

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

    /// The provider.
    pub fn issuer(&self) -> &Issuer {
        &self.registration.issuer
    }

    /// Who we are to it.
    pub(crate) fn registration(&self) -> &Registration {
        &self.registration
    }

    /// What calls are made with.
    pub(crate) fn http(&self) -> &Http {
        &self.http
    }

    /// Where the provider's endpoints are: the provider is who the configuration says, and may know S256.
    pub(super) async fn metadata(&self) -> Result<Arc<Metadata>, Failure> {
        self.documents.metadata(&self.http, self.issuer(), std::time::Instant::now()).await
    }

    /// Whether the provider is who the configuration says, before anything is sent to it.
    pub(crate) async fn is_known(&self) -> Result<(), Failure> {
        self.metadata().await.map(|_| ())
    }

    /// Posts a form with our credentials; the reply is JSON, or null where there is nothing to say. `headers` are
    /// what else the call is to say, as of the browser it is made for.
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
        self.http.send(operation, request.form(&form)).await?.json()
    }
}

#[cfg(test)]
mod tests;
