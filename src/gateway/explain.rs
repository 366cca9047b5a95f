//! What would become of a request, and why: the text of `idx-gateway explain`.
//!
//! It uses the routes, readings, policies and header rules that a request is decided by. Nothing is sent. The outcome is
//! told for several made-up visitors, one for each kind that the policies tell apart.

use std::fmt::Write as _;

use http::header::HeaderName;

use super::authenticate::is_from_elsewhere;
use super::bearer::{Brought, brought};
use super::{Gateway, RouteEntry, facts, is_sent_to_sign_in, is_service_worker};
use crate::access::{
    Action, Credential, Decision, Matched, NoRoute, Policy, Probe, RequestFacts, Route, Routes, visitors_to_explain,
};
use crate::time::Instant;
use crate::web::{Request, Site};

impl Gateway {
    /// What would become of `request` at `now`, as lines for a person to read.
    pub fn explain(&self, request: &Request<'_>, now: Instant) -> String {
        let mut text = String::new();
        let mut line = |name: &str, value: &str| {
            // Writing to a String cannot fail.
            let _ = writeln!(text, "{name:<10}{value}");
        };
        line("host", request.host());
        if self.ping(request.method(), request.path()).is_some() {
            line("anybody", "200: says nothing, to any host");
            return text;
        }
        if self.asked_by(request).is_some() {
            line(
                "ours",
                "a question of another proxy, answered where server.trusted_proxies has it: docs/forward-auth.md",
            );
            return text;
        }
        let Some(site) = self.site_of(request) else {
            line("site", "none: neither server.public_url nor a route names this host");
            line("anybody", "421: no request for this host is answered");
            return text;
        };
        let at =
            if site.is_sign_in() { String::new() } else { format!(" (people sign in at {})", self.site().origin()) };
        line("site", &format!("{}{at}", site.public_url()));
        line("path", &request.path().escape_debug().to_string());
        if site.owns(request.path()) {
            let what = if is_service_worker(request) { "404: no service worker runs there" } else { "answered there" };
            line("ours", &format!("the gateway's own: {what}"));
            return text;
        }
        if self.resource_metadata(request).is_some() {
            line("anybody", "200: says who issues access tokens for this");
            return text;
        }
        if self.preflight(request).is_some() {
            line("anybody", "204: tells a browser that the script may call");
            return text;
        }
        let candidates = self.routes.candidates(request.host(), request.path());
        for (rank, entry) in candidates.iter().enumerate() {
            line("asked", &format!("{}. {}: {}", rank + 1, entry.route.name, matches(&entry.route)));
        }
        let matched = match self.routes.find(request.host(), request.method(), request.path()) {
            Ok(matched) => matched,
            Err(why) => {
                line("anybody", &no_route(&why));
                return text;
            }
        };
        self.explain_route(request, &site, &matched, now, &mut line);
        text
    }

    /// The same from the route on that a request takes.
    fn explain_route(
        &self,
        request: &Request<'_>,
        site: &Site,
        matched: &Matched<'_, RouteEntry>,
        now: Instant,
        line: &mut impl FnMut(&str, &str),
    ) {
        let kind = matched.route().upstream_kind;
        for reading in Routes::<RouteEntry>::readings(request.path().as_bytes(), kind).unwrap_or_default() {
            line("reading", &String::from_utf8_lossy(&reading).escape_debug().to_string());
        }
        line("route", &format!("{} → {}", matched.route().name, leads_to(request, matched.route())));
        if let Some(path) = &matched.rewritten {
            line("forwarded", &format!("{}, and decided about as that too", path.escape_debug()));
        }
        for entry in matched.entries().skip(1) {
            line("also", &format!("{}: its policy must be satisfied too", entry.route.name));
        }
        for entry in matched.entries() {
            line("allow", &format!("{}: {}", entry.route.name, entry.route.policy));
        }
        let issuers = Self::issuers_taken(matched);
        if !matched.entry.bearer.is_empty() {
            let names: Vec<&str> = issuers.iter().map(|issuer| issuer.name()).collect();
            let names =
                if names.is_empty() { "nobody: another route takes none of them".to_owned() } else { names.join(", ") };
            line("bearer", &format!("access tokens of {names}, where one is brought"));
        }
        if let Some(cors) = &matched.route().cors {
            line("cors", &format!("scripts of {cors}"));
        }
        self.explain_visitors(request, site, matched, now, line);
        for name in request.head.headers.keys() {
            line("header", &self.fate_of(name, matched.route()));
        }
    }

    /// The same of each visitor worth telling about. Where a token is brought, it alone decides.
    fn explain_visitors(
        &self,
        request: &Request<'_>,
        site: &Site,
        matched: &Matched<'_, RouteEntry>,
        now: Instant,
        line: &mut impl FnMut(&str, &str),
    ) {
        if matched.route().action == Action::ForwardAuth {
            line("anybody", "404: where the request comes here itself; a proxy that asks about it is told:");
        }
        if matched.route().maintenance {
            line("anybody", "503: the route is closed for maintenance");
            return;
        }
        let takes_none = matched.entry.bearer.is_empty();
        let brought = if takes_none { Brought::Nothing } else { brought(&request.head.headers) };
        match brought {
            Brought::Nothing => {}
            Brought::Malformed => {
                line("anybody", "400: the Authorization header holds no token, or there is more than one");
                return;
            }
            Brought::Token(_) => line("anybody", "401: where the token does not hold, whatever cookie is beside it"),
        }
        let policies: Vec<&Policy> = matched.policies().collect();
        for probe in visitors_to_explain(&policies, !Self::issuers_taken(matched).is_empty(), now) {
            if brought == Brought::Nothing || probe.credential == Credential::Token {
                line("visitor", &format!("{}: {}", probe.name, outcome(request, site, matched, &probe, now)));
            }
        }
    }

    /// Whether a header of a request reaches the application, in words.
    fn fate_of(&self, name: &HeaderName, route: &Route) -> String {
        match self.headers.requests.check(name, &route.pass_headers) {
            Ok(()) => format!("{name}: passes"),
            Err(why) => format!("{name}: dropped: {why}"),
        }
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

fn outcome(
    request: &Request<'_>,
    site: &Site,
    matched: &Matched<'_, RouteEntry>,
    probe: &Probe,
    now: Instant,
) -> String {
    let is_program = probe.credential == Credential::Token;
    let counts_as_nobody = !is_program && is_from_elsewhere(request, site);
    let (identity, credential) = match counts_as_nobody {
        true => (None, Credential::Nothing),
        false => (probe.identity.as_ref(), probe.credential),
    };
    let facts = facts(request, credential);
    let facts = RequestFacts { client: facts.client.or(probe.client), scopes: &probe.scopes, ..facts };
    match matched.decide(identity, facts, now) {
        Decision::Pass(permit) => match &matched.route().action {
            Action::Forward(_) => format!("forwarded: {}", permit.reason().as_str()),
            Action::Redirect(_) | Action::Respond(_) => format!("answered: {}", permit.reason().as_str()),
            Action::ForwardAuth => format!("200: {}", permit.reason().as_str()),
        },
        Decision::Refuse(why) => format!("403: {}", why.as_str()),
        // A program is never asked to sign in.
        Decision::SignIn | Decision::StepUp(_) if is_program => {
            "403: its token does not say that it signed in strongly or recently enough".to_owned()
        }
        Decision::SignIn if is_sent_to_sign_in(request, matched.route()) => "303: to the sign-in page".to_owned(),
        Decision::SignIn => "401: somebody must sign in".to_owned(),
        Decision::StepUp(_) if request.is_navigation() => "303: to sign in again, stronger or more recently".to_owned(),
        Decision::StepUp(_) => "401: a stronger or more recent sign-in is asked for".to_owned(),
    }
}
