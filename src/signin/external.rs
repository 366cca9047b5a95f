//! Leaving for the page of another identity provider that the org offers.
//!
//! It is a link and not a form, since a form's post may not end on another site (CSP 3, `form-action`), and comes back
//! to the callback. Its address holds the org's state: it is never logged.

use super::flow_url::FlowView;
use super::screens;
use super::transaction::Entry;
use super::turn::{Cause, SignInTurn};
use crate::idx::{Kind, Reply};
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
    /// view of a sign-in does this: after coming back without a sign-in there the visitor sees the page.
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
}
