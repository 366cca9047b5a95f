//! Leaving for a page that is not ours: another identity provider's, or the org's own sign-in page.
//!
//! Both are links and not forms, since a form's post may not end on another site (CSP 3, `form-action`),
//! and both come back to the callback. Their addresses hold the org's state: they are never logged.

use tracing::info;

use super::flow_url::FlowView;
use super::screens;
use super::transaction::Entry;
use super::turn::{Cause, SignInTurn};
use crate::access::AuthnRequirement;
use crate::idx::{Kind, Reply};
use crate::oidc::AuthorizationRequest;
use crate::web::Response;

impl SignInTurn<'_> {
    /// Leaves for another identity provider.
    pub(super) async fn provider(mut self, index: &str) -> Response {
        let reply = match self.current().await {
            Ok(reply) => reply,
            Err(step) => return self.respond(step, Cause::Visit).await,
        };
        let chosen = index.parse().ok().and_then(|index: usize| reply.remediations.get(index));
        match chosen.filter(|chosen| screens::leads_away(&chosen.kind)).and_then(|chosen| chosen.href.as_ref()) {
            Some(address) => Response::see_other(address.as_str()),
            None => self.redirect(&FlowView::Current),
        }
    }

    /// Where to go at once, when one other identity provider is all that the org offers. Only the first
    /// look at a sign-in does this: whoever comes back without having signed in sees the page.
    pub(super) fn only_provider<'r>(&self, reply: &'r Reply) -> Option<&'r str> {
        let first_look = self.request.flow_view() == FlowView::First
            && self.transaction.entry == Entry::SignIn
            && reply.messages.is_empty();
        match reply.remediations.as_slice() {
            [only]
                if self.signin.settings.offers.auto_redirect_single_idp
                    && first_look
                    && only.kind == Kind::RedirectIdp =>
            {
                only.href.as_ref().map(url::Url::as_str)
            }
            _ => None,
        }
    }

    /// Leaves for the org's own sign-in page, to go on with the same `state`, nonce and proof key there.
    pub(super) async fn hosted(self) -> Response {
        let transaction = &self.transaction;
        let requirement = transaction.requirement.as_ref();
        let wanted = AuthorizationRequest {
            verifier: &transaction.verifier,
            state: transaction.state.expose(),
            nonce: transaction.nonce.expose(),
            acr_values: requirement.and_then(AuthnRequirement::acr_values),
            max_age: requirement.and_then(AuthnRequirement::max_age).map(|age| age.as_secs()),
        };
        match self.signin.client.oidc().authorization_url(&wanted).await {
            Ok(address) => {
                info!("a sign-in goes on at the org's own page");
                Response::see_other(address.as_str())
            }
            Err(failure) => self.failed(&failure),
        }
    }
}
