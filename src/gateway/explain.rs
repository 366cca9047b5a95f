//! What would become of a request, and why: the text of `idx-gateway explain`.
//!
//! It uses the routes, readings, policies and header rules that a request is decided by. Nothing is sent. The outcome is
//! told for several made-up visitors, one for each kind that the policies tell apart. Whether the store of sessions and the
//! issuers of tokens answer is not known here: nothing is said of the 503 where they do not.

use std::fmt::Write as _;

use http::StatusCode;
use http::header::{CONNECTION, COOKIE, HOST, HeaderName};

use super::authenticate::is_from_elsewhere;
use super::bearer::{Brought, WEAK_TOKEN, brought};
use super::{Gateway, RouteEntry, facts, is_sent_to_sign_in, is_service_worker};
use crate::access::{
    Action, Credential, Decision, Matched, NoRoute, Policy, Probe, RequestFacts, Route, Routes, visitors_to_explain,
};
use crate::signin::{KEPT_BYTES, is_kept};
use crate::time::Instant;
use crate::web::{Request, Site, list_items};

impl Gateway {
    /// What would become of `request` at `now`, as lines for a person to read.
    pub fn explain(&self, request: &Request<'_>, now: Instant) -> String {
        let mut explained = Explained { gateway: self, request, now, text: String::new() };
        explained.explain();
        explained.text
    }
}

/// What is said of a request, line by line.
struct Explained<'g> {
    gateway: &'g Gateway,
    request: &'g Request<'g>,
    now: Instant,
    text: String,
}

impl Explained<'_> {
    fn line(&mut self, name: &str, value: &str) {
        // Writing to a String cannot fail.
        let _ = writeln!(self.text, "{name:<10}{value}");
    }

    fn explain(&mut self) {
        let (gateway, request) = (self.gateway, self.request);
        self.line("host", request.host());
        if gateway.ping(request.method(), request.path()).is_some() {
            return self.line("anybody", "200: says nothing, to any host");
        }
        if gateway.asked_by(request).is_some() {
            return self.line(
                "ours",
                "a question of another proxy, answered where server.trusted_proxies has it: docs/forward-auth.md",
            );
        }
        let Some(site) = gateway.site_of(request) else {
            self.line("site", "none: neither server.public_url nor a route names this host");
            return self.line("anybody", "421: no request for this host is answered");
        };
        let at =
            if site.is_sign_in() { String::new() } else { format!(" (people sign in at {})", gateway.site().origin()) };
        self.line("site", &format!("{}{at}", site.public_url()));
        self.line("path", &request.path().escape_debug().to_string());
        if site.owns(request.path()) {
            let what = if is_service_worker(request) { "404: no service worker runs there" } else { "answered there" };
            return self.line("ours", &format!("the gateway's own: {what}"));
        }
        if let Some(response) = gateway.resource_metadata(request) {
            let told = format!("{}: says who issues access tokens for this, to GET", response.status.as_u16());
            return self.line("anybody", &told);
        }
        if let Some((response, _)) = gateway.preflight(request) {
            let told = match response.status {
                StatusCode::NO_CONTENT => "204: tells a browser that the script may call",
                _ => "403: tells a browser that the script may not call",
            };
            return self.line("anybody", told);
        }
        let candidates = gateway.routes.candidates(request.host(), request.path());
        for (rank, entry) in candidates.iter().enumerate() {
            self.line("asked", &format!("{}. {}: {}", rank + 1, entry.route.name, matches(&entry.route)));
        }
        match gateway.matched_by(request) {
            Ok(matched) => self.route(&site, &matched),
            Err(why) => self.line("anybody", &no_route(&why)),
        }
    }

    /// The same from the route on that a request takes.
    fn route(&mut self, site: &Site, matched: &Matched<'_, RouteEntry>) {
        let (request, route) = (self.request, matched.route());
        self.readings(request.path(), route);
        self.line("route", &format!("{} → {}", route.name, leads_to(request, route)));
        if let Some(path) = &matched.rewritten {
            self.line("forwarded", &format!("{}, and decided about as that too", path.escape_debug()));
            self.readings(path, route);
        }
        for entry in matched.entries().skip(1) {
            self.line("also", &format!("{}: its policy must be satisfied too", entry.route.name));
        }
        for entry in matched.entries() {
            self.line("allow", &format!("{}: {}", entry.route.name, entry.route.policy));
        }
        let issuers = Gateway::issuers_taken(matched);
        if !matched.entry.bearer.is_empty() {
            let names: Vec<&str> = issuers.iter().map(|issuer| issuer.name()).collect();
            let names =
                if names.is_empty() { "nobody: another route takes none of them".to_owned() } else { names.join(", ") };
            self.line("bearer", &format!("access tokens of {names}, where one is brought"));
        }
        if let Some(cors) = &route.cors {
            self.line("cors", &format!("scripts of {cors}"));
        }
        if let (Some(most), Action::Forward(_)) = (route.max_body, &route.action) {
            self.line("body", &format!("at most {most} bytes; 413 beyond that, to whoever may"));
        }
        if matches!(route.action, Action::Forward(_) | Action::ForwardAuth) {
            let names = self.gateway.identity_map(route).spelled();
            let names = if names.is_empty() { "nothing of who asks".to_owned() } else { names.join(", ") };
            self.line("told", &names);
        }
        self.visitors(site, matched);
        for name in request.head.headers.keys() {
            let fate = fate_of(self.gateway, name, request, route);
            self.line("header", &fate);
        }
    }

    /// Every reading of a path whose routes are asked.
    fn readings(&mut self, path: &str, route: &Route) {
        let (routes, kind) = (&self.gateway.routes, route.upstream_kind);
        for reading in Routes::<RouteEntry>::readings(path.as_bytes(), kind).unwrap_or_default() {
            self.line("reading", &shown(&reading));
            for (guess, why) in routes.guesses(self.request.host(), &reading, kind) {
                self.line("reading", &format!("{}, {why}", shown(&guess)));
            }
        }
    }

    /// What becomes of each visitor worth telling about. Where a token is brought, it alone decides.
    fn visitors(&mut self, site: &Site, matched: &Matched<'_, RouteEntry>) {
        if matched.route().action == Action::ForwardAuth {
            let text = "404: where the request comes here itself; a proxy that asks about it is told this, and nginx a 401 for a 303 and a 403 for a 400:";
            self.line("anybody", text);
        }
        if matched.route().maintenance {
            return self.line("anybody", "503: the route is closed for maintenance");
        }
        let takes_none = matched.entry.bearer.is_empty();
        let (headers, query) = (&self.request.head.headers, self.request.query());
        let brought = if takes_none { Brought::Nothing } else { brought(headers, query) };
        match brought {
            Brought::Nothing => {}
            Brought::Malformed => {
                let text = "400: the Authorization header holds no token, or there is another one, or one in the query";
                return self.line("anybody", text);
            }
            Brought::Token(_) => {
                let text = "401: where the token does not hold, or 403: where it lacks what its [[bearer_issuer]] asks for; whatever cookie is beside it";
                self.line("anybody", text);
            }
        }
        let policies: Vec<&Policy> = matched.policies().collect();
        let takes_tokens = !Gateway::issuers_taken(matched).is_empty();
        for probe in visitors_to_explain(&policies, takes_tokens, self.request.peer, self.now) {
            if brought == Brought::Nothing || probe.credential == Credential::Token {
                let outcome = self.outcome(site, matched, &probe);
                self.line("visitor", &format!("{}: {outcome}", probe.name));
            }
        }
    }

    fn outcome(&self, site: &Site, matched: &Matched<'_, RouteEntry>, probe: &Probe) -> String {
        let (request, route) = (self.request, matched.route());
        let counts_as_nobody = probe.credential != Credential::Token && is_from_elsewhere(request, site);
        let (identity, credential) = match counts_as_nobody {
            true => (None, Credential::Nothing),
            false => (probe.identity.as_ref(), probe.credential),
        };
        let facts = facts(request, credential);
        let facts = RequestFacts { client: probe.client, scopes: &probe.scopes, ..facts };
        let keeps_form = route.keep_post
            && route.action != Action::ForwardAuth
            && request.content_length() <= KEPT_BYTES as u64
            && is_kept(request, site);
        match matched.decide(identity, facts, self.now) {
            Decision::Pass(permit) => match &route.action {
                Action::Forward(_) if !route.takes_body(request.content_length()) => {
                    "413: its body is larger than the route takes".to_owned()
                }
                Action::Forward(_) => format!("forwarded: {}", permit.reason().as_str()),
                Action::Redirect(to) => format!("{}: {}", to.status().as_u16(), permit.reason().as_str()),
                Action::Respond(fixed) => format!("{}: {}", fixed.status.as_u16(), permit.reason().as_str()),
                Action::ForwardAuth => format!("200: {}", permit.reason().as_str()),
            },
            Decision::Refuse(why) => format!("403: {}", why.as_str()),
            Decision::StepUp(_) if probe.credential == Credential::Token => format!("401: {WEAK_TOKEN}"),
            Decision::SignIn | Decision::StepUp(_) if keeps_form => {
                "401: a page that keeps the form until they have signed in".to_owned()
            }
            Decision::SignIn if is_sent_to_sign_in(request, route) => "303: to the sign-in page".to_owned(),
            Decision::SignIn => "401: somebody must sign in".to_owned(),
            Decision::StepUp(_) if request.is_navigation() => {
                "303: to sign in again, stronger or more recently".to_owned()
            }
            Decision::StepUp(_) => "401: a stronger or more recent sign-in is asked for".to_owned(),
        }
    }
}

fn shown(path: &[u8]) -> String {
    String::from_utf8_lossy(path).escape_debug().to_string()
}

/// Whether a header of a request reaches the application, in words.
fn fate_of(gateway: &Gateway, name: &HeaderName, request: &Request<'_>, route: &Route) -> String {
    if let Some(fate) = of_the_connection(name, request, route) {
        return format!("{name}: {fate}");
    }
    match gateway.headers.requests.check(name, &route.pass_headers) {
        Ok(()) if !gateway.passes(route, name) => format!("{name}: dropped: the gateway writes it itself"),
        Ok(()) if *name == COOKIE => format!("{name}: passes, without the gateway's own cookies"),
        Ok(()) if *name == HOST && !route.preserve_host => format!("{name}: the upstream's own instead"),
        Ok(()) => format!("{name}: passes"),
        Err(why) => format!("{name}: dropped: {why}"),
    }
}

/// What becomes of a header that is about the connection it came over and no further (RFC 9110 §7.6.1); none of any other.
fn of_the_connection(name: &HeaderName, request: &Request<'_>, route: &Route) -> Option<&'static str> {
    let mut nominated = list_items(&request.head.headers, &CONNECTION);
    // The rest of the handshake is the upstream's to check.
    let asks_for_websocket = request.is_websocket();
    match name.as_str() {
        "connection" | "upgrade" if asks_for_websocket && route.websocket => Some("passes: it asks for a WebSocket"),
        "upgrade" if asks_for_websocket => Some("dropped: the route has no WebSockets (`websocket = false`)"),
        "transfer-encoding" => Some("written anew: the body is framed again for the upstream"),
        "te" => Some(
            "dropped: it is about this connection; an upstream of HTTP/2 is told `trailers`, as it came over HTTP/2",
        ),
        "connection" | "upgrade" | "keep-alive" | "trailer" | "http2-settings" => {
            Some("dropped: it is about this connection, not for the upstream")
        }
        name if nominated.any(|other| other.eq_ignore_ascii_case(name.as_bytes())) => {
            Some("dropped: `Connection` names it")
        }
        _ => None,
    }
}

/// Why a request has no route.
pub(super) fn no_route(why: &NoRoute) -> String {
    match why {
        NoRoute::NotFound => "404: no route, or one reading of the path falls under none".to_owned(),
        NoRoute::Ambiguous => {
            "400: the path can be read in too many ways, or in one that only an attack uses".to_owned()
        }
        NoRoute::Method { allow } => format!("405: no route takes that method there; {allow} would be"),
    }
}

/// What a route is for, in the order in which that decides.
fn matches(route: &Route) -> String {
    let methods: Vec<&str> = route.methods.iter().map(http::Method::as_str).collect();
    let methods = if methods.is_empty() { "*".to_owned() } else { methods.join(", ") };
    let (host, path) = (route.host.to_text(), route.path.as_str());
    format!("host {host}, {} {path}, methods {methods}", route.path.setting())
}

/// What becomes of a request that may pass.
fn leads_to(request: &Request<'_>, route: &Route) -> String {
    match &route.action {
        Action::Forward(to) => {
            let names: Vec<String> = to.members.iter().map(|(upstream, _)| upstream.to_string()).collect();
            names.join(", ")
        }
        Action::Redirect(redirect) => {
            format!("{} {}", redirect.status().as_u16(), redirect.location(request.path(), request.query()))
        }
        Action::Respond(fixed) => format!("{}, as configured", fixed.status.as_u16()),
        Action::ForwardAuth => "forward auth only; 404 to requests that come here".to_owned(),
    }
}
