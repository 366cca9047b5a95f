//! The life of a request, top to bottom.
//!
//! ```text
//! Request ─ ours? ───────────────────────────► signin ─► Respond
//!    │ route (every reading of the path) ─► closed: 503 ► Respond
//!    │ session (one cookie, opened once)
//!    │ policy ─► SignIn: 303 or 401 · Refuse: 403 ─────► Respond
//!    ▼ Permit ─► identity headers ─────────────────────► Forward
//! ```
//!
//! Nothing here waits for anybody, except the sign-in itself. Nothing here knows of sockets, and the
//! time is an argument. Every outcome is counted once, under the route it belongs to.

mod error_pages;

use std::sync::Arc;
use std::time::Duration;

use http::header::WWW_AUTHENTICATE;
use http::{HeaderValue, StatusCode};

use crate::access::{
    AuthnRequirement, Decision, Matched, NoRoute, Permit, PermitReason, Refusal, Routes, SignedOut, UpstreamId,
};
use crate::headers::Managed;
use crate::metrics::{DecisionLabel, Metrics, RouteMetrics};
use crate::pages::Pages;
use crate::session::{Identity, LastOpened, Session, SessionLookup, Sessions};
use crate::signin::SignIn;
use crate::time::Instant;
use crate::web::{CookieChanges, Request, Response, Site};

pub use error_pages::{Notice, Notices};

/// What a [`Gateway`] is made of.
pub struct Parts {
    /// The public side.
    pub site: Arc<Site>,
    /// Where requests go, and who may.
    pub routes: Routes,
    /// Who is signed in.
    pub sessions: Arc<Sessions>,
    /// How one signs in.
    pub sign_in: SignIn,
    /// What upstreams are told of people.
    pub managed: Managed,
    /// What is said where a request goes no further.
    pub pages: Arc<Pages>,
    /// What is counted.
    pub metrics: Arc<Metrics>,
}

/// Decides about requests.
pub struct Gateway {
    site: Arc<Site>,
    routes: Routes,
    sessions: Arc<Sessions>,
    sign_in: SignIn,
    managed: Managed,
    notices: Notices,
    metrics: Arc<Metrics>,
    counters: Vec<RouteMetrics>,
}

/// What becomes of a request.
#[derive(Debug)]
pub enum Answer {
    /// It goes to an upstream.
    Forward(Forward),
    /// It ends here.
    Respond(Response),
}

/// An [`Answer`], and under which route it is counted.
#[derive(Debug)]
pub struct Answered {
    /// The route's counters; see [`Gateway::counters`].
    pub route: RouteIndex,
    /// The answer.
    pub answer: Answer,
}

/// Whose counters a request belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RouteIndex(usize);

/// What a connection remembers of its last request, so that the next one need not work it out again.
#[derive(Clone, Default)]
pub struct Remembered {
    opened: LastOpened,
    told: Option<(Arc<Session>, Told)>,
}

/// The headers that tell who is asking, as they are spelled.
pub type Told = Arc<[(&'static str, HeaderValue)]>;

/// A request that may pass, and what has to be changed about it. Only a [`Permit`] makes one.
#[derive(Debug)]
pub struct Forward {
    /// Where to.
    pub upstream: UpstreamId,
    /// The headers that tell who is asking.
    pub identity: Told,
    /// What becomes of our cookies, with the upstream's response.
    pub cookies: CookieChanges,
    /// Whether the response is for this visitor alone, unless the upstream says otherwise.
    pub is_personal: bool,
    /// How long the upstream may be silent.
    pub timeout: Duration,
    /// Whether the upstream is told the host that was asked for.
    pub preserve_host: bool,
    /// Whether the connection may become a WebSocket.
    pub websocket: bool,
    reason: PermitReason,
}

impl Forward {
    fn new(permit: &Permit<'_>, matched: &Matched<'_>, identity: Told) -> Self {
        let route = matched.route;
        Self {
            upstream: route.upstream,
            identity,
            cookies: CookieChanges::default(),
            is_personal: permit.visitor().is_some(),
            timeout: route.timeout,
            preserve_host: route.preserve_host,
            websocket: route.websocket,
            reason: permit.reason(),
        }
    }

    /// Why it may pass.
    pub fn reason(&self) -> PermitReason {
        self.reason
    }
}

impl Gateway {
    /// With everything it needs.
    pub fn new(parts: Parts) -> Self {
        let Parts { site, routes, sessions, sign_in, managed, pages, metrics } = parts;
        let names = routes.iter().map(|route| route.name.as_str()).chain(["gateway", "none"]);
        let counters = names.map(|name| metrics.route(name)).collect();
        let notices = Notices::new(Arc::clone(&site), pages);
        Self { site, routes, sessions, sign_in, managed, notices, metrics, counters }
    }

    /// What becomes of `request`, which came at `now` over a connection that remembers its last request.
    pub async fn answer(&self, request: &Request<'_>, now: Instant, remembered: &mut Remembered) -> Answered {
        if self.owns(request) {
            // Boxed: signing in needs far more room than forwarding, and every connection pays for both.
            let response = Box::pin(self.answer_ours(request, now, &mut remembered.opened)).await;
            return Answered { route: self.own(), answer: Answer::Respond(response) };
        }
        let matched = match self.routes.find(request.host(), request.path()) {
            Ok(matched) => matched,
            Err(why) => return self.without_route(request, why),
        };
        let route = RouteIndex(matched.index);
        let counters = &self.counters[matched.index];
        if matched.route.maintenance {
            counters.decided(DecisionLabel::Maintenance);
            return Answered { route, answer: Answer::Respond(self.notices.tell(request, &Notice::Maintenance)) };
        }

        let (session, cookies) = self.visitor(request, now, &mut remembered.opened).await;
        let visitor = session.as_ref().map(|session| &session.identity);
        let answer = match matched.decide(visitor, now) {
            Decision::Pass(permit) => {
                counters.decided(counted_as(permit.reason()));
                let mut forward = Forward::new(&permit, &matched, self.told(session.as_ref(), remembered));
                forward.cookies = cookies;
                Answer::Forward(forward)
            }
            Decision::SignIn => {
                let response = self.ask_to_sign_in(request, &matched, counters);
                Answer::Respond(response.with_cookies(cookies))
            }
            Decision::StepUp(asked) => {
                counters.decided(DecisionLabel::StepUp);
                Answer::Respond(self.ask_for_more(request, &asked).with_cookies(cookies))
            }
            Decision::Refuse(Refusal::NotInGroup) => {
                counters.decided(DecisionLabel::NotInGroup);
                let notice = Notice::NoPermission(visitor.map(shown_name).unwrap_or_default());
                Answer::Respond(self.notices.tell(request, &notice).with_cookies(cookies))
            }
        };
        Answered { route, answer }
    }

    /// Whether we answer `request` ourselves, and therefore read its body.
    pub fn owns(&self, request: &Request<'_>) -> bool {
        self.site.owns(request.path())
    }

    /// Tells why a request goes no further.
    pub fn tell(&self, request: &Request<'_>, notice: &Notice) -> Response {
        self.notices.tell(request, notice)
    }

    /// Whether a header of that name is taken out of what a visitor sends.
    pub fn is_managed(&self, name: &str) -> bool {
        self.managed.is_managed(name)
    }

    /// The public side.
    pub fn site(&self) -> &Site {
        &self.site
    }

    /// What is counted.
    pub fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    /// A route's counters.
    pub fn counters(&self, route: RouteIndex) -> &RouteMetrics {
        &self.counters[route.0]
    }

    /// A route's name, as it stands in logs and metrics.
    pub fn route_name(&self, route: RouteIndex) -> &str {
        let own = if route == self.own() { "gateway" } else { "none" };
        self.routes.iter().nth(route.0).map_or(own, |route| route.name.as_str())
    }

    /// Where requests for our own pages are counted.
    pub fn own(&self) -> RouteIndex {
        RouteIndex(self.counters.len() - 2)
    }

    /// Where requests without a route are counted.
    pub fn none(&self) -> RouteIndex {
        RouteIndex(self.counters.len() - 1)
    }

    async fn answer_ours(&self, request: &Request<'_>, now: Instant, last: &mut LastOpened) -> Response {
        // The use of a session is not written down here: signing out must have the last word.
        match self.sessions.find(request.cookies(), now, last).await {
            SessionLookup::Active { session, .. } => self.sign_in.answer(request, Some(&session), now).await,
            SessionLookup::None => self.sign_in.answer(request, None, now).await,
            SessionLookup::Invalid { mut changes } => {
                self.metrics.unreadable_session();
                let mut response = self.sign_in.answer(request, None, now).await;
                // What is answered counts more: it may set a new session.
                changes.extend(response.cookies);
                response.cookies = changes;
                response
            }
        }
    }

    /// What the upstream is told of whoever this session belongs to.
    fn told(&self, session: Option<&Arc<Session>>, remembered: &mut Remembered) -> Told {
        let Some(session) = session else { return Told::default() };
        match &remembered.told {
            Some((whom, told)) if Arc::ptr_eq(whom, session) => Arc::clone(told),
            _ => {
                let told: Told = self.managed.identity(&session.identity, &self.metrics).into();
                remembered.told = Some((Arc::clone(session), Arc::clone(&told)));
                told
            }
        }
    }

    async fn visitor(
        &self,
        request: &Request<'_>,
        now: Instant,
        last: &mut LastOpened,
    ) -> (Option<Arc<Session>>, CookieChanges) {
        if request.is_websocket() && !request.is_of_this_origin() {
            // Another site's page has this one's cookies, and may read what such a connection says.
            return (None, CookieChanges::default());
        }
        match self.sessions.find(request.cookies(), now, last).await {
            SessionLookup::Active { session, changes } => (Some(session), changes),
            SessionLookup::None => (None, CookieChanges::default()),
            SessionLookup::Invalid { changes } => {
                self.metrics.unreadable_session();
                (None, changes)
            }
        }
    }

    fn without_route(&self, request: &Request<'_>, why: NoRoute) -> Answered {
        let notice = match why {
            NoRoute::NotFound => Notice::NotFound,
            NoRoute::Ambiguous => Notice::BadRequest,
        };
        Answered { route: self.none(), answer: Answer::Respond(self.notices.tell(request, &notice)) }
    }

    /// A page visit goes to the sign-in page and comes back; anything else is told where that page is.
    fn ask_to_sign_in(&self, request: &Request<'_>, matched: &Matched<'_>, counters: &RouteMetrics) -> Response {
        let redirect = match matched.route.signed_out {
            SignedOut::Fitting => request.is_navigation(),
            SignedOut::SignIn => !request.is_websocket(),
            SignedOut::Unauthorized => false,
        };
        if redirect {
            counters.decided(DecisionLabel::SignIn);
            // Sessions belong to the public host: whoever came by another name goes there.
            let sign_in = self.sign_in.sign_in_url(request);
            let location = if request.host() == self.site.host() { sign_in } else { self.site.url(&sign_in) };
            return Response::see_other(&location);
        }
        counters.decided(DecisionLabel::Unauthorized);
        let sign_in = self.sign_in_address(request);
        let more = [("sign_in", sign_in.as_str())];
        Response::problem(StatusCode::UNAUTHORIZED, "Unauthorized", "Sign in to use this address.", &more)
            .with_header(WWW_AUTHENTICATE, &self.challenge())
    }

    /// A page visit goes to the sign-in page to prove more, or again; anything else is told what is asked
    /// (RFC 9470 §3).
    fn ask_for_more(&self, request: &Request<'_>, asked: &AuthnRequirement) -> Response {
        if request.is_navigation() {
            return Response::see_other(&self.sign_in.step_up_url(&self.sign_in.sign_in_url(request), asked));
        }
        let sign_in = self.sign_in.step_up_url(&self.sign_in_address(request), asked);
        let more = [("error", "insufficient_user_authentication"), ("sign_in", sign_in.as_str())];
        let detail = "This address asks for a stronger or a more recent sign-in.";
        Response::problem(StatusCode::UNAUTHORIZED, "Unauthorized", detail, &more)
            .with_header(WWW_AUTHENTICATE, &self.challenge())
    }

    /// Where a script sends its visitor, to come back to the page that the script runs on.
    fn sign_in_address(&self, request: &Request<'_>) -> String {
        let referer =
            request.header(http::header::REFERER).and_then(|referer| referer.strip_prefix(&self.site.origin()));
        let page = referer.filter(|path| path.starts_with('/')).unwrap_or("/");
        let page: String = url::form_urlencoded::byte_serialize(page.as_bytes()).collect();
        self.site.url(&format!("{}/sign-in?return={page}", self.site.prefix()))
    }

    /// A 401 must say how to authenticate (RFC 9110 §11.6.1). No browser acts on this scheme, so none
    /// opens a password box of its own over the page that asked.
    fn challenge(&self) -> String {
        format!("Cookie realm=\"{}\", form-action=\"{}/sign-in\"", self.site.origin(), self.site.prefix())
    }
}

fn counted_as(reason: PermitReason) -> DecisionLabel {
    match reason {
        PermitReason::Public => DecisionLabel::Public,
        PermitReason::SignedIn => DecisionLabel::SignedIn,
        PermitReason::InGroup => DecisionLabel::InGroup,
    }
}

/// How to address somebody on a page.
fn shown_name(identity: &Identity) -> String {
    let name = identity.username.as_ref().or(identity.email.as_ref()).or(identity.name.as_ref());
    name.unwrap_or(&identity.subject).clone()
}

#[cfg(test)]
pub(crate) mod tests;
