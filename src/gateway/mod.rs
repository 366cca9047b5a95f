//! The life of a request, top to bottom.
//!
//! ```text
//! Request ─ another proxy's question? ────► forward_auth ─► Respond
//!    │ of a site? ─► no: 421 ─────────────────────────────► Respond
//!    │ ours? ──────────────────────────────────► signin ──► Respond
//!    │ route (every reading of the path) ─► closed: 503 ──► Respond
//!    │ access token, where the route takes them; else the session (one cookie, opened once)
//!    │ policy ─► SignIn: 303 or 401 · Refuse: 403 ────────► Respond
//!    ▼ Permit ─► identity headers ────────────────────────► Forward, or what the route answers itself
//! ```
//!
//! A request waits for the session store and for an issuer of access tokens where it needs one, and a request of a sign-in
//! for the provider; nothing else here waits. Nothing here knows of sockets, and the time is an argument. Every outcome is
//! counted once, under the route it belongs to.

mod authenticate;
mod balancer;
mod bearer;
mod cross_origin;
mod destination;
mod error_pages;
mod explain;
mod forward_auth;
mod identity;
mod policy_test;
mod pool;
mod principal;
mod sticky;
mod widening;

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use data_encoding::HEXLOWER;
use http::header::{ALLOW, AUTHORIZATION, HeaderName, LOCATION, WWW_AUTHENTICATE};
use http::{HeaderValue, Method, StatusCode};
use tracing::info;

use crate::access::{
    Action, AuthnRequirement, Credential, Decision, FailedCondition, Matched, NoRoute, Permit, PermitReason, Refusal,
    RequestFacts, Route, Routes, Sites, UnauthenticatedAction, Upstream,
};
use crate::headers::assertion::Assertions;
use crate::headers::{HeaderContract, IdentityHeaders};
use crate::metrics::{DecisionLabel, Metrics, RouteMetrics};
use crate::secret::sha256;
use crate::session::{Identity, KeyRing, LastOpened, Session, SessionLookup, Sessions};
use crate::signin::{AskedByRoute, SignIn, is_kept};
use crate::time::Instant;
use crate::web::{CookieChanges, Request, Response, Site, split_absolute};

use authenticate::Visitor;
use error_pages::Ways;

pub use balancer::{Balancer, Choice};
pub use bearer::BearerIssuer;
pub use error_pages::{FORWARDED_METHODS, Notice, Notices};
pub use forward_auth::{ALIASES, ForwardAuth};
pub use identity::Remembered;
pub use policy_test::{Expected, PolicyTest, TestVisitor};
pub use pool::{UnderWay, UpstreamPool};
pub use principal::Principal;
pub use widening::{Opening, openings};

/// A route, with what requests that take it need.
pub struct RouteEntry {
    /// What the configuration says.
    pub route: Route,
    /// Where it goes, if it goes anywhere.
    pub balancer: Option<Arc<Balancer>>,
    /// Where it is counted.
    pub metrics: RouteMetrics,
    /// Whose access tokens are taken.
    pub bearer: Vec<Arc<BearerIssuer>>,
    /// The audience (`aud`) of signed assertions that go there.
    audience: Option<String>,
    /// A hash of its policy: assertions name the policy by which something was decided.
    policy: String,
    /// The short name of the cookie that says which of its upstreams a browser has, where one stays.
    member_cookie: Option<String>,
}

impl RouteEntry {
    /// A route, with the pools of its upstreams if it has any.
    pub fn new(route: Route, balancer: Option<Arc<Balancer>>, metrics: &Metrics) -> Self {
        let audience = route.audience.clone().or_else(|| route.action.upstreams().next().map(Upstream::origin));
        let policy = HEXLOWER.encode(&sha256(format!("{:?}", route.policy))[..8]);
        let metrics = metrics.route(&route.name);
        let member_cookie = sticky::member_cookie(&route);
        Self { route, balancer, metrics, bearer: Vec::new(), audience, policy, member_cookie }
    }
}

impl AsRef<Route> for RouteEntry {
    fn as_ref(&self) -> &Route {
        &self.route
    }
}

impl fmt::Debug for RouteEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RouteEntry({})", self.route.name)
    }
}

/// Decides about requests.
pub struct Gateway {
    /// Every host that is answered for.
    pub sites: Arc<Sites>,
    /// Where requests go, and who may.
    pub routes: Routes<RouteEntry>,
    /// Who is signed in.
    pub sessions: Arc<Sessions>,
    /// How one signs in.
    pub sign_in: SignIn,
    /// Which headers pass, and which tell upstreams who is asking.
    pub headers: HeaderContract,
    /// What signs the proof of a decision.
    pub assertions: Assertions,
    /// How other proxies ask.
    pub forward_auth: ForwardAuth,
    /// The answers to requests that go no further.
    pub notices: Notices,
    /// What is counted.
    pub metrics: Arc<Metrics>,
    /// What seals which upstream a browser stays with.
    pub keys: Arc<KeyRing>,
    /// The counters of requests for the gateway's own pages.
    pub own: RouteMetrics,
    /// The counters of requests without a route.
    pub none: RouteMetrics,
}

/// What becomes of a request.
#[derive(Debug)]
pub enum Verdict {
    /// It goes to an upstream, and is counted under the route that leads there.
    Forward(Forward),
    /// It ends here.
    Respond(Response, Counted),
    /// It ends here, before anything was decided about it, and is counted as refused for this reason.
    Refuse(Response, &'static str),
    /// It ends here, and its body is a form that the visitor's browser may keep ([`Gateway::keep_form`]).
    KeepForm(Box<LateForm>, Counted),
}

/// A form whose session has ended, or does not do.
#[derive(Debug)]
pub struct LateForm {
    /// What is answered where it cannot be kept.
    pub otherwise: Response,
    sign_in: String,
    session: Option<Arc<Session>>,
}

/// Who forwards what may pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Serves {
    /// The gateway.
    Requests,
    /// Another proxy, by forward auth.
    Questions,
}

/// Where a request that ends here is counted; see [`Gateway::counters`].
#[derive(Clone, Debug)]
pub enum Counted {
    /// Under the route it would have taken.
    Route(Arc<RouteEntry>),
    /// As one for a page of our own.
    Own,
    /// As one without a route.
    None,
}

/// A request that may pass, and what has to be changed about it. It holds the [`Permit`] without which there is none.
#[derive(Debug)]
pub struct Forward {
    /// The route it takes.
    pub route: Arc<RouteEntry>,
    /// Where it may go.
    pub balancer: Arc<Balancer>,
    /// Where it goes.
    pub pool: Arc<UpstreamPool>,
    /// The path to forward, where it is not the one that was sent.
    pub rewritten: Option<String>,
    /// The headers that say who is asking.
    pub identity: IdentityHeaders,
    /// What becomes of our cookies, with the upstream's response.
    pub cookies: CookieChanges,
    /// Who is asking.
    pub principal: Option<Principal>,
    /// When their session is too old for the route.
    pub session_end: Option<Instant>,
    permit: Permit,
}

/// What may pass, whoever is to forward it.
struct Allowed<'g> {
    matched: Matched<'g, RouteEntry>,
    permit: Permit,
    identity: IdentityHeaders,
    cookies: CookieChanges,
    principal: Option<Principal>,
}

/// What was decided about a request.
enum Decided<'g> {
    Allow(Allowed<'g>),
    Respond(Response, Counted),
    KeepForm(Box<LateForm>, Counted),
}

/// Who asks, and whether a form that they post is kept for after a sign-in.
struct Asking {
    visitor: Visitor,
    keeps_form: bool,
}

impl Forward {
    fn new(balancer: Arc<Balancer>, allowed: Allowed<'_>) -> Self {
        let pool = Arc::clone(balancer.first());
        let Allowed { matched, permit, identity, cookies, principal } = allowed;
        let route = Arc::clone(matched.entry);
        let session = principal.as_ref().and_then(Principal::session);
        let session_end = session.and_then(|session| matched.session_end(session.signed_in));
        Self { route, balancer, pool, rewritten: matched.rewritten, identity, cookies, principal, session_end, permit }
    }

    /// Whether the response is for this visitor alone, unless the upstream says otherwise.
    pub fn is_personal(&self) -> bool {
        self.permit.is_personal()
    }
}

impl Gateway {
    /// What becomes of `request`, which came at `now` over a connection that remembers its last request.
    pub async fn answer(&self, request: &Request<'_>, now: Instant, remembered: &mut Remembered) -> Verdict {
        if let Some(dialect) = self.asked_by(request) {
            // A proxy names its own address, or the visitor's. Boxed, as below.
            return Box::pin(self.answer_proxy(request, dialect, now, remembered)).await;
        }
        let Some(site) = self.sites.find(request.host()) else {
            return Verdict::Refuse(self.notices.tell(request, &Notice::UnknownHost), "unknown_host");
        };
        if site.owns(request.path()) {
            if is_service_worker(request) {
                // A script that ran between the browser and our pages would read what is typed there.
                return Verdict::Respond(self.notices.tell(request, &Notice::NotFound), Counted::Own);
            }
            if request.path().strip_prefix(site.prefix()) == Some("/jwks.json") {
                return Verdict::Respond(self.key_set(request.method(), now), Counted::Own);
            }
            // Boxed: signing in needs far more room than forwarding, and every connection pays for both.
            let response = Box::pin(self.answer_ours(request, &site, now, &mut remembered.opened)).await;
            return Verdict::Respond(response, Counted::Own);
        }
        if let Some(response) = self.resource_metadata(request) {
            return Verdict::Respond(response, Counted::Own);
        }
        if let Some((response, counted)) = self.preflight(request) {
            return Verdict::Respond(response, counted);
        }
        match self.decide(request, &site, Serves::Requests, now, remembered).await {
            Decided::Respond(response, counted) => {
                let response = match &counted {
                    Counted::Route(entry) => self.readable(response, entry, request),
                    Counted::None => self.readable_without_route(response, request),
                    Counted::Own => response,
                };
                Verdict::Respond(response, counted)
            }
            Decided::KeepForm(form, counted) => Verdict::KeepForm(form, counted),
            Decided::Allow(allowed) => match &allowed.matched.entry.balancer {
                Some(balancer) => Verdict::Forward(Forward::new(Arc::clone(balancer), allowed)),
                None => {
                    let response = self.here(request, &allowed.matched).with_cookies(allowed.cookies);
                    let response = self.readable(response, allowed.matched.entry, request);
                    Verdict::Respond(response, Counted::Route(Arc::clone(allowed.matched.entry)))
                }
            },
        }
    }

    /// The route of a request, and every policy that it must satisfy.
    fn matched_by(&self, request: &Request<'_>) -> Result<Matched<'_, RouteEntry>, NoRoute> {
        let mut matched = self.routes.find(request.host(), request.method(), request.path())?;
        destination::add_policies(&self.routes, request, &mut matched)?;
        Ok(matched)
    }

    /// What becomes of a request for an application, whoever is to forward it.
    async fn decide(
        &self,
        request: &Request<'_>,
        site: &Site,
        serves: Serves,
        now: Instant,
        remembered: &mut Remembered,
    ) -> Decided<'_> {
        let matched = match self.matched_by(request) {
            Ok(matched) if serves == Serves::Requests && matched.route().action == Action::ForwardAuth => {
                return self.without_route(request, NoRoute::NotFound);
            }
            Ok(matched) => matched,
            Err(why) => return self.without_route(request, why),
        };
        let counters = &matched.entry.metrics;
        let respond = |response: Response| Decided::Respond(response, Counted::Route(Arc::clone(matched.entry)));
        if matched.route().maintenance {
            counters.decided(DecisionLabel::Maintenance);
            return respond(self.notices.tell(request, &Notice::Maintenance));
        }

        let visitor = match self.authenticate(request, site, &matched, now, &mut remembered.opened).await {
            Ok(visitor) => visitor,
            Err(response) => {
                counters.decided(DecisionLabel::Unauthorized);
                return respond(response);
            }
        };
        let keeps_form = serves == Serves::Requests && matched.route().keep_post && is_kept(request, site);
        self.decide_about(request, site, matched, Asking { visitor, keeps_form }, now, remembered)
    }

    /// What becomes of a request of whoever is asking, by the policies of its route.
    fn decide_about<'g>(
        &'g self,
        request: &Request<'_>,
        site: &Site,
        matched: Matched<'g, RouteEntry>,
        asking: Asking,
        now: Instant,
        remembered: &mut Remembered,
    ) -> Decided<'g> {
        let Asking { visitor: Visitor { principal, credential, cookies, is_known }, keeps_form } = asking;
        let session = principal.as_ref().and_then(Principal::session);
        let counters = &matched.entry.metrics;
        let counted = || Counted::Route(Arc::clone(matched.entry));
        let respond = |response: Response| Decided::Respond(response, counted());
        let ask = |otherwise: Response, sign_in: &dyn Fn() -> String, session: Option<Arc<Session>>| match keeps_form {
            true => Decided::KeepForm(Box::new(LateForm { otherwise, sign_in: sign_in(), session }), counted()),
            false => respond(otherwise),
        };
        let identity = principal.as_ref().map(Principal::identity);
        let scopes = principal.as_ref().map(Principal::scopes).unwrap_or_default();
        let facts = RequestFacts { scopes, ..facts(request, credential) };
        let decision = matched.decide(identity, facts, now);
        // A route that needs no session is decided about all the same; for any other this is a 503 that clears no cookie.
        let needs_nobody = matches!(&decision, Decision::Pass(permit) if permit.reason() != PermitReason::Optional);
        if !is_known && !needs_nobody {
            counters.decided(DecisionLabel::Unavailable);
            return respond(self.notices.tell(request, &Notice::NoSessions));
        }
        match decision {
            Decision::Pass(permit) => {
                counters.decided(counted_as(permit.reason()));
                let identity =
                    self.identity_headers(matched.entry, principal.as_ref(), permit.reason(), now, remembered);
                Decided::Allow(Allowed { matched, permit, identity, cookies, principal })
            }
            Decision::Refuse(why) if credential == Credential::Token => {
                respond(self.refuse_program(request, &matched, principal.as_ref(), why))
            }
            Decision::StepUp(asked) if credential == Credential::Token => {
                respond(self.step_up_program(request, &matched, principal.as_ref(), &asked))
            }
            Decision::SignIn => {
                let otherwise = self.ask_to_sign_in(request, site, matched.entry).with_cookies(cookies);
                ask(otherwise, &|| self.sign_in.sign_in_url(page_behind(request, site)), None)
            }
            Decision::StepUp(asked) => {
                counters.decided(DecisionLabel::StepUp);
                let Some(session) = session else {
                    return respond(self.ask_to_sign_in(request, site, matched.entry).with_cookies(cookies));
                };
                let sign_in = |to: &str| self.sign_in.step_up_url(to, session, &asked, Some(matched.route()), now);
                let otherwise = ask_for_more(request, site, &sign_in).with_cookies(cookies);
                ask(otherwise, &|| sign_in(page_behind(request, site)), Some(Arc::clone(session)))
            }
            Decision::Refuse(why) => {
                counters.decided(refused_as(why));
                respond(self.refuse(request, &matched, session, facts, why, now).with_cookies(cookies))
            }
        }
    }

    /// Tells somebody that they may not, and why.
    fn refuse(
        &self,
        request: &Request<'_>,
        matched: &Matched<'_, RouteEntry>,
        session: Option<&Arc<Session>>,
        facts: RequestFacts<'_>,
        why: Refusal,
        now: Instant,
    ) -> Response {
        let ways = self.ways(request, matched, session, facts, now);
        info!(
            id = %request.id, route = matched.route().name, rule = %matched.route().policy,
            why = ways.reasons().as_deref().unwrap_or(why.as_str()),
            "a request was refused by the policy of its route"
        );
        let message = matched.entries().find_map(|entry| entry.route.deny_message.clone());
        let ways = Box::new(ways);
        let user = session.map(|session| shown_name(&session.identity));
        self.notices.tell(request, &Notice::NoPermission { user, message, ways })
    }

    /// The answer to a form that came too late, with its body.
    pub fn keep_form(&self, request: &Request<'_>, form: LateForm, now: Instant) -> Response {
        let LateForm { otherwise, sign_in, session } = form;
        let page = self
            .sites
            .find(request.host())
            .and_then(|site| self.sign_in.keep_form(request, &site, session.as_deref(), &sign_in, now));
        match page {
            Some(page) => page.with_cookies(otherwise.cookies),
            None => otherwise,
        }
    }

    /// Whether we answer `request` ourselves, and therefore read its body. That of another proxy's question is of no
    /// interest: it is the request's that is asked about.
    pub fn owns(&self, request: &Request<'_>) -> bool {
        // Most paths are no site's: the sign-in site owns every path that any other site owns, and is looked at first.
        let is_ours = || {
            self.site().owns(request.path())
                && self.sites.find(request.host()).is_some_and(|site| site.owns(request.path()))
        };
        is_ours() && self.asked_by(request).is_none()
    }

    /// The answer to a load balancer's check: 200 and nothing else, whatever the host, since a check names an address or no
    /// host at all.
    pub fn ping(&self, method: &Method, path: &str) -> Option<Response> {
        let is_ping = path.strip_prefix(self.site().prefix()) == Some("/ping");
        let asks = matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS);
        is_ping.then(|| match asks {
            true => Response::empty(StatusCode::OK),
            false => Response::empty(StatusCode::METHOD_NOT_ALLOWED).with_header(ALLOW, "GET, HEAD, OPTIONS"),
        })
    }

    /// Whether a visitor's header of that name reaches the upstream of this route.
    pub fn passes(&self, route: &Route, name: &HeaderName) -> bool {
        let is_written = *name == AUTHORIZATION && self.identity_map(route).writes_authorization();
        !is_written && self.headers.requests.check(name, &route.pass_headers).is_ok()
    }

    /// Whether the session or the token that was found before has ended since.
    pub fn has_ended(&self, principal: &Principal, now: Instant) -> bool {
        match principal {
            Principal::Person(session) => self.sessions.has_ended(session, now),
            Principal::Machine(machine) => now >= machine.ends,
        }
    }

    /// The site where people sign in.
    pub fn site(&self) -> &Site {
        self.sites.sign_in()
    }

    /// Whether an absolute address, as a browser writes it, is that of a page of our own, at whatever host.
    pub fn is_own_page(&self, address: &[u8]) -> bool {
        let address = std::str::from_utf8(address).ok().and_then(split_absolute);
        let Some((scheme, authority, target)) = address else { return false };
        let Some(site) = crate::web::read_host(authority).ok().and_then(|host| self.sites.find(&host)) else {
            return false;
        };
        let path = target.split(['?', '#']).next().unwrap_or_default();
        site.origin().split_once("://") == Some((scheme, authority)) && site.owns(path)
    }

    /// The site that a request is for; none where nothing names its host.
    pub fn site_of(&self, request: &Request<'_>) -> Option<Cow<'_, Site>> {
        self.sites.find(request.host())
    }

    /// The routes of the most exact host and path that an address has; they differ by method.
    fn most_exact(&self, host: &str, path: &str) -> impl Iterator<Item = &Arc<RouteEntry>> {
        let place = |entry: &Arc<RouteEntry>| (entry.route.host.to_text(), entry.route.path.as_str().to_owned());
        let candidates = self.routes.candidates(host, path);
        let first = candidates.first().map(|first| place(first));
        candidates.into_iter().take_while(move |entry| Some(place(entry)) == first)
    }

    /// The counters, which know the name that stands in logs.
    pub fn counters<'c>(&'c self, counted: &'c Counted) -> &'c RouteMetrics {
        match counted {
            Counted::Route(entry) => &entry.metrics,
            Counted::Own => &self.own,
            Counted::None => &self.none,
        }
    }

    async fn answer_ours(&self, request: &Request<'_>, site: &Site, now: Instant, last: &mut LastOpened) -> Response {
        // The use of a session is not written down here: signing out must have the last word. It is refreshed where
        // somebody looks at a page, since hosts that only have a lease of it get what it says.
        let refreshes = *request.method() == Method::GET && !self.sign_in.needs_no_session(request);
        let lookup = match refreshes {
            true => self.find(site, request, now, last).await,
            false => self.sessions.find(site, request.cookies(), now, last).await,
        };
        let route_at = |host: &str, path: &str| {
            let matched = self.routes.find(host, &Method::GET, path).ok()?;
            Some(AskedByRoute::new(matched.route()))
        };
        match lookup {
            SessionLookup::Active { session, changes, .. } => {
                let mut response = self.sign_in.answer(request, site, Some(&session), now, &route_at).await;
                let own = response.cookies.clone();
                if refreshes {
                    response.precede_cookies(changes);
                }
                if !response.fits() {
                    // The use of the session is known in this process, and its cookie comes with a later answer.
                    response.cookies = own;
                }
                response
            }
            SessionLookup::None | SessionLookup::Over => self.sign_in.answer(request, site, None, now, &route_at).await,
            SessionLookup::Unavailable => match self.sign_in.needs_no_session(request) {
                true => self.sign_in.answer(request, site, None, now, &route_at).await,
                false => self.notices.tell(request, &Notice::NoSessions),
            },
            SessionLookup::Invalid { changes, is_missing } => {
                self.count_invalid(is_missing);
                let mut response = self.sign_in.answer(request, site, None, now, &route_at).await;
                response.precede_cookies(authenticate::cleared(request, changes));
                response
            }
        }
    }

    /// What somebody who may not can do.
    fn ways(
        &self,
        request: &Request<'_>,
        matched: &Matched<'_, RouteEntry>,
        session: Option<&Arc<Session>>,
        facts: RequestFacts<'_>,
        now: Instant,
    ) -> Ways {
        let visitor = session.map(|session| &session.identity);
        let mut failed: Vec<FailedCondition> = Vec::new();
        for one in matched.policies().flat_map(|policy| policy.failed(visitor, facts, now)) {
            // Two lists of groups are two conditions, and the same of two routes is one.
            if !failed.contains(&one) {
                failed.push(one);
            }
        }
        // Whoever signs in again may do so as somebody else.
        let again = AuthnRequirement::new(None, Some(std::time::Duration::ZERO));
        let again = session.zip(again).filter(|_| *request.method() == Method::GET);
        let switch = |(session, again): (&Arc<Session>, AuthnRequirement)| {
            self.sign_in.step_up_url(request.target(), session, &again, None, now)
        };
        Ways { app: matched.route().name.clone(), failed, switch_account: again.map(switch) }
    }

    fn without_route(&self, request: &Request<'_>, why: NoRoute) -> Decided<'_> {
        let response = match why {
            NoRoute::NotFound => self.notices.tell(request, &Notice::NotFound),
            NoRoute::Ambiguous => self.notices.tell(request, &Notice::BadRequest),
            NoRoute::Method { allow } => {
                self.notices.tell(request, &Notice::MethodNotAllowed).with_header(ALLOW, &allow)
            }
        };
        Decided::Respond(response, Counted::None)
    }

    /// The answer of a route that leads to no upstream.
    fn here(&self, request: &Request<'_>, matched: &Matched<'_, RouteEntry>) -> Response {
        match &matched.route().action {
            Action::Redirect(redirect) => {
                let location = redirect.location(request.path(), request.query());
                Response::empty(redirect.status()).with_header(LOCATION, &location)
            }
            // These have no body, so nothing is said about one either.
            Action::Respond(fixed) if matches!(fixed.status.as_u16(), 204 | 205 | 304) => Response::empty(fixed.status),
            Action::Respond(fixed) => Response::text(fixed.status, &fixed.content_type, fixed.body.clone()),
            Action::Forward(_) | Action::ForwardAuth => self.notices.tell(request, &Notice::Failed),
        }
    }

    /// A page visit goes to the sign-in page and comes back; anything else is told where that page is.
    fn ask_to_sign_in(&self, request: &Request<'_>, site: &Site, entry: &RouteEntry) -> Response {
        let RouteEntry { route, metrics, .. } = entry;
        if is_sent_to_sign_in(request, route) {
            metrics.decided(DecisionLabel::SignIn);
            return Response::see_other(&self.sign_in.sign_in_url_of(route, request.target()));
        }
        metrics.decided(DecisionLabel::Unauthorized);
        let mut response = self.unauthorized(request, site);
        if !entry.bearer.is_empty()
            && let Ok(challenge) = HeaderValue::from_str(&self.bearer_challenge(request, entry))
        {
            response.headers.append(WWW_AUTHENTICATE, challenge);
        }
        response
    }

    /// Somebody must sign in, for whoever cannot be sent there.
    fn unauthorized(&self, request: &Request<'_>, site: &Site) -> Response {
        let sign_in = site.url(&self.sign_in.sign_in_url(page_behind(request, site)));
        let more = [("sign_in", sign_in.as_str())];
        Response::problem(StatusCode::UNAUTHORIZED, "Unauthorized", "Sign in to use this address.", &more)
            .with_header(WWW_AUTHENTICATE, &site.challenge())
    }
}

/// A page visit goes to the sign-in page to prove more, or again; anything else is told what is asked (RFC 9470 §3).
/// `sign_in` says where that is done, to come back to a target.
fn ask_for_more(request: &Request<'_>, site: &Site, sign_in: &dyn Fn(&str) -> String) -> Response {
    if request.is_navigation() {
        return Response::see_other(&sign_in(request.target()));
    }
    let sign_in = site.url(&sign_in(page_behind(request, site)));
    let more = [("error", "insufficient_user_authentication"), ("sign_in", sign_in.as_str())];
    let detail = "This address asks for a stronger or a more recent sign-in.";
    Response::problem(StatusCode::UNAUTHORIZED, "Unauthorized", detail, &more)
        .with_header(WWW_AUTHENTICATE, &site.challenge())
}

/// The page of `site` that a script runs on: where its visitor comes back to.
fn page_behind<'r>(request: &'r Request<'_>, site: &Site) -> &'r str {
    let referer = request.header(http::header::REFERER).and_then(|referer| referer.strip_prefix(site.origin()));
    referer.filter(|path| path.starts_with('/')).unwrap_or("/")
}

fn refused_as(why: Refusal) -> DecisionLabel {
    match why {
        Refusal::NotInGroup => DecisionLabel::NotInGroup,
        _ => DecisionLabel::ConditionsNotMet,
    }
}

/// What policies are told of a request.
fn facts<'r>(request: &'r Request<'_>, credential: Credential) -> RequestFacts<'r> {
    let client = request.peer.filter(|_| request.is_client_known);
    RequestFacts { method: request.method(), client, credential, scopes: &[] }
}

/// Whether a script is asked for that would stand between the browser and other pages (Service Workers §4.1).
fn is_service_worker(request: &Request<'_>) -> bool {
    request.header("service-worker").is_some()
}

/// Whether somebody without a session gets the sign-in page rather than a 401.
fn is_sent_to_sign_in(request: &Request<'_>, route: &Route) -> bool {
    match route.signed_out {
        UnauthenticatedAction::Auto => request.is_navigation(),
        UnauthenticatedAction::SignIn => !request.is_websocket(),
        UnauthenticatedAction::Unauthorized => false,
    }
}

fn counted_as(reason: PermitReason) -> DecisionLabel {
    match reason {
        PermitReason::Public => DecisionLabel::Public,
        PermitReason::Optional => DecisionLabel::Optional,
        PermitReason::Conditions => DecisionLabel::Conditions,
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
