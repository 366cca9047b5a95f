//! Leaving for a page that is not ours: another identity provider's, or the org's own sign-in page.
//!
//! Both are links and not forms, since a form's post may not end on another site (CSP 3, `form-action`),
//! and both come back to the callback. Their addresses hold the org's state: they are never logged.

use tracing::info;

use super::SignIn;
use super::request::SignInRequest;
use super::transaction::{Entry, FlowId, Transaction};
use crate::access::AuthnRequirement;
use crate::idx::{Kind, Reply};
use crate::oidc::AuthorizationRequest;
use crate::web::Response;

impl SignIn {
    /// Leaves for another identity provider.
    pub(super) async fn provider(&self, request: &SignInRequest<'_>, id: &str, index: &str) -> Response {
        let Some(transaction) = self.find(request, id) else { return self.over(request, FlowId::parse(id)) };
        let flow = self.flows.of(&transaction.flow);
        let mut flow = flow.lock().await;
        let reply = match self.current(request, &transaction, &mut flow).await {
            Ok(reply) => reply,
            Err(step) => return self.respond(request, &transaction, &mut flow, step, &[], false).await,
        };
        let chosen = index.parse().ok().and_then(|index: usize| reply.remediations.get(index));
        let leads_away =
            chosen.filter(|chosen| matches!(chosen.kind, Kind::RedirectIdp | Kind::PivIdp | Kind::RedirectIdVerify));
        match leads_away.and_then(|chosen| chosen.href.as_ref()) {
            Some(address) => Response::see_other(address.as_str()),
            None => Response::see_other(&self.flow_url(&transaction.flow)),
        }
    }

    /// Where to go at once, when one other identity provider is all that the org offers. Only the first
    /// look at a sign-in does this: whoever comes back without having signed in sees the page.
    pub(super) fn only_provider<'r>(
        &self,
        request: &SignInRequest<'_>,
        transaction: &Transaction,
        reply: &'r Reply,
    ) -> Option<&'r str> {
        let first_look = request.is_first_look() && transaction.entry == Entry::SignIn && reply.messages.is_empty();
        match reply.remediations.as_slice() {
            [only] if self.settings.offers.auto_redirect_single_idp && first_look && only.kind == Kind::RedirectIdp => {
                only.href.as_ref().map(url::Url::as_str)
            }
            _ => None,
        }
    }

    /// Leaves for the org's own sign-in page, to go on with the same `state`, nonce and proof key there.
    pub(super) async fn hosted(&self, request: &SignInRequest<'_>, id: &str) -> Response {
        let Some(transaction) = self.find(request, id).filter(|_| self.settings.offers.hosted_fallback) else {
            return request.lost();
        };
        let wanted = AuthorizationRequest {
            verifier: &transaction.verifier,
            state: transaction.state.expose(),
            nonce: transaction.nonce.expose(),
            acr_values: transaction.requirement.as_ref().and_then(AuthnRequirement::acr_values),
            max_age: transaction.requirement.as_ref().and_then(AuthnRequirement::max_age).map(|age| age.as_secs()),
        };
        match self.client.oidc().authorization_url(&wanted).await {
            Ok(address) => {
                info!("a sign-in goes on at the org's own page");
                Response::see_other(address.as_str())
            }
            Err(failure) => self.failed(request, Some(&transaction), &failure),
        }
    }
}
