//! One sign-in, many hosts: how a host other than the sign-in host gets a session.
//!
//! ```text
//! host                                      sign-in host
//! GET  <prefix>/sign-in?return=…
//! 303, cookie hop_<id>  ──────────────────► GET <prefix>/sign-in?hop=…   a sign-in, unless there is a session
//! GET  <prefix>/arrive?ticket=…  ◄───────── 303
//! 303, cookie session, to where it was to lead
//! ```
//!
//! Where to go in the end stands in the host's own cookie, never in an address, and the hosts that may ask are those of
//! the configuration, so the sign-in host redirects to no other. A ticket without its cookie makes no session, and ends in
//! a page: another try without a press could repeat for ever.

use http::header::REFERRER_POLICY;
use http::{Method, StatusCode};
use serde::{Deserialize, Serialize};

use super::SignIn;
use super::begin::starts_nothing;
use super::hop::{self, DEPARTED_TIME, Departure, HopRequest, TICKET_TIME, Ticket};
use super::parameters::EntryParameters;
use super::request::SignInRequest;
use super::return_to::ReturnTo;
use super::transaction::{Entry, OpenCookies};
use crate::pages::strings;
use crate::secret::sha256;
use crate::session::Purpose;
use crate::time::Instant;
use crate::web::Response;

/// How often a host asks for a session to reach one page, within [`HOP_COUNT_TIME`], before a page says to turn cookies on.
const MOST_HOPS: u8 = 3;
const HOP_COUNT_TIME: std::time::Duration = std::time::Duration::from_secs(60);
/// The short name of the cookie that counts them.
const HOP_COUNT_COOKIE: &str = "hops";

/// How often a host has asked for a session to reach one page.
#[derive(Serialize, Deserialize)]
struct HopCount {
    target: [u8; 8],
    count: u8,
    since: Instant,
}

impl SignIn {
    /// At a host that is not the sign-in host: leaves for it.
    pub(super) fn depart(&self, request: &SignInRequest<'_>, entry: Entry) -> Response {
        let EntryParameters { return_to, requirement, requested } = match entry {
            Entry::SignIn => request.sign_in_parameters(),
            Entry::Register | Entry::Recover | Entry::Unlock => request.entry_parameters(),
        };
        let has_session = request.visitor.is_some_and(|session| !session.is_due(request.now));
        if has_session && requirement.is_none() && entry == Entry::SignIn {
            return request.go_to(&return_to);
        }
        if let Some(response) = starts_nothing(request) {
            return response;
        }
        let Some(hop_count) = self.count_hop(request, &return_to) else {
            let again = request.entry_url(entry, &return_to);
            let (heading, text) = (strings::TURN_ON_COOKIES, strings::TURN_ON_COOKIES_TEXT);
            let page = request.message(StatusCode::BAD_REQUEST, heading, text, strings::TRY_AGAIN, &again);
            return page.with_cookies([self.site.clear_cookie(HOP_COUNT_COOKIE)]);
        };
        let departure = Departure::new(request.site.host(), return_to, request.now);
        let hop = departure.request(requirement, requested.by_route.clone()).seal(&self.keys);
        let cookie = self.site.set_cookie(&departure.id.cookie(), &departure.seal(&self.keys), Some(DEPARTED_TIME));
        let mut changes = [cookie].into_iter().collect();
        let started = |value: &str| {
            Departure::open(&self.keys, value, request.site.host(), request.now).map(|departure| departure.at)
        };
        let kind = OpenCookies { site: &self.site, sessions: &self.sessions, prefix: hop::COOKIE };
        let dropped = kind.make_room(request.http, &departure.id.cookie(), &changes, started);
        changes.extend(dropped);
        changes.push(hop_count);
        let mut at = requested.added_to(&self.site.url(&format!("{}/{}?hop={hop}", self.site.prefix(), entry.page())));
        for name in ["provider", "door", "lang", "ui_locales"] {
            let value = request.query(name).filter(|value| value.len() <= 64 && requested.of_visitor(name).is_none());
            if let Some(value) = value {
                let value: String = url::form_urlencoded::byte_serialize(value.as_bytes()).collect();
                at = format!("{at}&{name}={value}");
            }
        }
        let mut response = Response::see_other(&at);
        response.take_cookies(changes);
        response
    }

    /// Counts another try to reach this page; none when there were too many.
    fn count_hop(&self, request: &SignInRequest<'_>, return_to: &ReturnTo) -> Option<crate::web::SetCookie> {
        let target = sha256(return_to.as_str())[..8].try_into().expect("a digest is longer");
        let sealed = request.http.cookie(&self.site.cookie_name(HOP_COUNT_COOKIE)).unwrap_or_default();
        let before = self.keys.open_value::<HopCount>(Purpose::HopCount, sealed);
        let before = before.filter(|it| it.target == target && it.since.began_within(HOP_COUNT_TIME, request.now));
        let (count, since) = before.map_or((1, request.now), |before| (before.count.saturating_add(1), before.since));
        (count <= MOST_HOPS).then(|| {
            let sealed = self.keys.seal_value(Purpose::HopCount, &HopCount { target, count, since });
            self.site.set_cookie(HOP_COUNT_COOKIE, &sealed, Some(HOP_COUNT_TIME))
        })
    }

    /// At the sign-in host: another host asks for a session.
    pub(super) async fn receive(&self, request: &SignInRequest<'_>, entry: Entry, sealed: &str) -> Response {
        let opened = HopRequest::open(&self.keys, sealed);
        let opened = opened.and_then(|(hop, time)| Some((self.sites.find(&hop.host)?, hop, time)));
        let Some((site, hop, time)) = opened.filter(|(site, ..)| !site.is_sign_in()) else {
            return request.expired(&self.site.url("/"));
        };
        if !hop.at.began_within(time, request.now) {
            return request.expired(&site.url("/"));
        }
        if let Some(response) = starts_nothing(request) {
            return response;
        }
        let is_enough = |identity: &crate::session::Identity| {
            let check = |asked: &crate::access::AuthnRequirement| {
                asked.check(identity.acr.as_deref(), identity.auth_time, request.now).is_ok()
            };
            hop.requirement.as_ref().is_none_or(check)
        };
        let Some(session) = request.visitor.filter(|session| is_enough(&session.identity)) else {
            let requested = request.requested(hop.parameters.clone());
            let (requirement, is_cut) = (hop.requirement.clone(), hop.is_cut);
            let begun = hop.seal_begun(&self.keys, request.now);
            let return_to = ReturnTo::hand_over(&begun, site.host(), is_cut, &self.site);
            return self.open_door(request, entry, EntryParameters { return_to, requirement, requested }).await;
        };
        let Ok((handle, changes)) = self.sessions.lend(session, &hop.host, request.http.cookies(), request.now).await
        else {
            return request.no_store(request.http.target());
        };
        let ticket = hop.ticket(&handle, request.now).seal(&self.keys);
        let mut response = Response::see_other(&site.url(&format!("{}/arrive?ticket={ticket}", site.prefix())))
            .with_header(REFERRER_POLICY, "no-referrer");
        // The session goes on all the same where this has no room.
        response.take_cookies(changes);
        response
    }

    /// Back at the host that asked, with a ticket.
    pub(super) async fn take_ticket(&self, request: &SignInRequest<'_>) -> Response {
        if *request.http.method() == Method::HEAD || request.http.is_prefetch() {
            return Response::empty(StatusCode::NO_CONTENT);
        }
        let host = request.site.host();
        let ticket = request.query("ticket").and_then(|sealed| Ticket::open(&self.keys, sealed, host));
        let departure = ticket.as_ref().and_then(|ticket| {
            let sealed = request.http.cookie(&self.site.cookie_name(&ticket.hop.cookie()))?;
            Departure::open(&self.keys, sealed, host, request.now).filter(|departure| departure.fits(ticket))
        });
        let (Some(ticket), Some(departure)) = (ticket, departure) else { return request.lost() };
        let is_taken = ticket.is_in_time(request.now)
            && self.tickets.take(&ticket, request.now)
            && self.sessions.use_ticket(ticket.id, TICKET_TIME).await.unwrap_or(false);
        let arrived = match is_taken {
            true => self.sessions.arrive(request.site, &ticket.handle(), request.http.cookies(), request.now).await,
            false => None,
        };
        let Some((_, mut changes)) = arrived else {
            return match request.visitor {
                Some(_) => request.go_to(&departure.return_to),
                None => request.expired(&request.entry_url(Entry::SignIn, &departure.return_to)),
            };
        };
        changes.push(self.site.clear_cookie(&self.site.cookie_name(&departure.id.cookie())));
        let mut response = request.go_to(&departure.return_to);
        if !response.take_cookies(changes.clone()).is_empty() {
            // Address and cookies together are more than a head may have. What has no room beside the session, which comes
            // first, ends by itself.
            response = request.hand_over(strings::SIGNING_YOU_IN, departure.return_to.as_str());
            let _ = response.take_cookies(changes);
        }
        response.with_header(REFERRER_POLICY, "no-referrer")
    }
}
