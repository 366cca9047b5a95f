//! Who is asking: a program by its access token, where the route takes them, else somebody by the session of their browser.

use super::{Gateway, Principal, RouteEntry, facts};
use crate::access::{Credential, Decision, Matched};
use crate::session::{LastOpened, Session, SessionLookup};
use crate::time::Instant;
use crate::web::{CookieChanges, Request, Response, Site};

/// Who asks, as far as the request shows.
pub(super) struct Visitor {
    /// Nobody where there is neither a session nor a token.
    pub(super) principal: Option<Principal>,
    pub(super) credential: Credential,
    pub(super) cookies: CookieChanges,
    /// Whether that could be told: the store of sessions answered.
    pub(super) is_known: bool,
}

impl Visitor {
    fn nobody(cookies: CookieChanges) -> Self {
        Self { principal: None, credential: Credential::Nothing, cookies, is_known: true }
    }
}

impl Gateway {
    /// Who asks for what a route leads to; or why their access token does not do.
    pub(super) async fn authenticate(
        &self,
        request: &Request<'_>,
        site: &Site,
        matched: &Matched<'_, RouteEntry>,
        now: Instant,
        last: &mut LastOpened,
    ) -> Result<Visitor, Response> {
        if let Some(machine) = self.machine(request, matched, now).await {
            // A session cookie beside a token is not looked at.
            let principal = Some(Principal::Machine(machine?));
            return Ok(Visitor {
                principal,
                credential: Credential::Token,
                ..Visitor::nobody(CookieChanges::default())
            });
        }
        if is_from_elsewhere(request, site) {
            return Ok(Visitor::nobody(CookieChanges::default()));
        }
        Ok(match self.find(site, request, now, last).await {
            SessionLookup::Active { session, changes, .. } if self.renews(request, &session, matched, now) => {
                Visitor::nobody(changes)
            }
            SessionLookup::Active { session, usage, changes, .. } => {
                let age = now.since(session.signed_in);
                let credential = Credential::Session { age, longest_idle: usage.longest_idle };
                Visitor { principal: Some(Principal::Person(session)), credential, ..Visitor::nobody(changes) }
            }
            SessionLookup::None | SessionLookup::Over => Visitor::nobody(CookieChanges::default()),
            SessionLookup::Unavailable => Visitor { is_known: false, ..Visitor::nobody(CookieChanges::default()) },
            SessionLookup::Invalid { changes, is_missing } => {
                self.count_invalid(is_missing);
                Visitor::nobody(cleared(request, changes))
            }
        })
    }

    /// Who is signed in; a session that is due is refreshed first.
    pub(super) async fn find(
        &self,
        site: &Site,
        request: &Request<'_>,
        now: Instant,
        last: &mut LastOpened,
    ) -> SessionLookup {
        let mut found = self.sessions.find(site, request.cookies(), now, last).await;
        let due = if let SessionLookup::Active { due, .. } = &mut found { due.take() } else { None };
        if let Some(due) = due
            // Boxed: few requests need it, and every connection would pay for its room.
            && Box::pin(self.sign_in.refresh(*due, now)).await
        {
            found = self.sessions.find(site, request.cookies(), now, last).await;
        }
        found
    }

    /// Whether this visit goes by way of the sign-in host, because the session is a lease that is due; a page that needs no
    /// session does not, nor does any while no lease can be had: the one that there is counts a while longer.
    fn renews(
        &self,
        request: &Request<'_>,
        session: &Session,
        matched: &Matched<'_, RouteEntry>,
        now: Instant,
    ) -> bool {
        session.is_due(now)
            && request.is_page_visit()
            && self.sessions.can_begin()
            && matches!(matched.decide(None, facts(request, Credential::Nothing), now), Decision::SignIn)
    }

    pub(super) fn count_invalid(&self, is_missing: bool) {
        match is_missing {
            true => self.metrics.missing_session(),
            false => self.metrics.unreadable_session(),
        }
    }
}

/// The changes that take from a browser a session that does not count: with the answer to a page visit. One to a script may
/// reach the browser after that of a sign-in has put another session there.
pub(super) fn cleared(request: &Request<'_>, changes: CookieChanges) -> CookieChanges {
    match request.header("sec-fetch-mode").is_none_or(|mode| mode == "navigate") {
        true => changes,
        false => CookieChanges::default(),
    }
}

/// Whether another site's page opens a WebSocket: it has this one's cookies, and may read what such a connection says.
/// Whoever is signed in counts as signed out there.
pub(super) fn is_from_elsewhere(request: &Request<'_>, site: &Site) -> bool {
    request.is_websocket() && !site.is_same_origin(request)
}
