//! What a new configuration opens that the one before did not, and to whom.
//!
//! Requests for every route of both configurations are tried, with addresses and methods that tell the routes apart and
//! with one made-up visitor for each kind that the policies tell apart. That finds what a change of routes, hosts, methods
//! or policies opens; for expressions it is no proof, since one path of each is tried.

use std::collections::BTreeSet;
use std::sync::Arc;

use http::Method;

use super::{BearerIssuer, Gateway, RouteEntry};
use crate::access::{
    Condition, Decision, HostPattern, Matched, PathPattern, Policy, Probe, RequestFacts, Route, visitors_told_apart,
};
use crate::time::Instant;

/// Something that the old configuration refused somebody and the new one allows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opening {
    /// The route that opens it.
    pub route: String,
    /// What, and to whom.
    pub what: String,
}

/// What `new` opens that `old` does not, at `now`: of each route one example for each address.
pub fn openings(old: &Gateway, new: &Gateway, now: Instant) -> Vec<Opening> {
    let mut asked: BTreeSet<(String, String, String)> = BTreeSet::new();
    let mut found = Vec::new();
    let routes = old.routes.iter().chain(new.routes.iter()).map(|entry| &entry.route);
    for (host, method, path) in routes.flat_map(|route| requests(route, new.site().host())) {
        if asked.insert((host.clone(), method.to_string(), path.clone())) {
            found.extend(opening(old, new, (&host, &method, &path), now));
        }
    }
    found
}

fn opening(old: &Gateway, new: &Gateway, (host, method, path): (&str, &Method, &str), now: Instant) -> Option<Opening> {
    let after = new.matched(host, method, path)?;
    let before = old.matched(host, method, path);
    let is: Vec<&Policy> = after.policies().collect();
    let was: Option<Vec<&Policy>> = before.as_ref().map(|before| before.policies().collect());
    // The same rules let the same people in: most routes need not be looked at any closer.
    let asked = if was.as_ref() == Some(&is) { Vec::new() } else { [is, was.unwrap_or_default()].concat() };
    let passes = |matched: &Matched<'_, RouteEntry>, probe: &Probe| {
        let credential = probe.credential;
        let facts = RequestFacts { method, client: probe.client, credential, scopes: &probe.scopes };
        matches!(matched.decide(probe.identity.as_ref(), facts, now), Decision::Pass(_))
    };
    let opens = |probe: &Probe| passes(&after, probe) && !before.as_ref().is_some_and(|before| passes(before, probe));
    let who =
        visitors_told_apart(&asked, now).into_iter().find(opens).map(|who| format!("somebody who is {}", who.name));
    let whom = who
        .or_else(|| opens_to_programs(before.as_ref(), &after))
        .or_else(|| opens_to_scripts(before.as_ref(), &after))?;
    let route = after.route().name.clone();
    Some(Opening { what: format!("{method} {host}{path} is open to {whom}"), route })
}

/// Whose access tokens are taken that were not, or that had to be more.
fn opens_to_programs(before: Option<&Matched<'_, RouteEntry>>, after: &Matched<'_, RouteEntry>) -> Option<String> {
    let takes = |entry: &RouteEntry, issuer: &BearerIssuer| {
        entry.bearer.iter().any(|other| other.name() == issuer.name() && !issuer.rules().admit_more_than(other.rules()))
    };
    let is_new = |issuer: &&Arc<BearerIssuer>| {
        let is_taken = after.entries().all(|entry| entry.bearer.iter().any(|other| other.name() == issuer.name()));
        is_taken && !before.is_some_and(|before| before.entries().all(|entry| takes(entry, issuer)))
    };
    let issuer = after.entry.bearer.iter().find(is_new)?;
    Some(format!("programs with access tokens of {}", issuer.name()))
}

/// Which site's scripts may call that could not.
fn opens_to_scripts(before: Option<&Matched<'_, RouteEntry>>, after: &Matched<'_, RouteEntry>) -> Option<String> {
    let before = before.and_then(|before| before.route().cors.as_ref());
    let site = after.route().cors.as_ref()?.opens_more_than(before)?;
    Some(format!("scripts of {site}"))
}

impl Gateway {
    fn matched(&self, host: &str, method: &Method, path: &str) -> Option<Matched<'_, RouteEntry>> {
        self.sites.find(host)?;
        self.routes.find(host, method, path).ok()
    }
}

/// Requests that a route is for, and that tell it from others.
fn requests(route: &Route, any_host: &str) -> Vec<(String, Method, String)> {
    let host = match &route.host {
        HostPattern::Exactly(host) => host.clone(),
        HostPattern::Below(suffix) => format!("x{suffix}"),
        HostPattern::Any => any_host.to_owned(),
    };
    let below = |path: &str| [path.to_owned(), format!("{}/x-y-z", path.trim_end_matches('/'))];
    let paths: Vec<String> = match &route.path {
        PathPattern::Exactly(path) => below(path.as_str()).into(),
        PathPattern::Below(prefix) => below(prefix.as_str()).into(),
        PathPattern::Matching(regex) => regex
            .example()
            .map(str::to_owned)
            .into_iter()
            .chain(below(&format!("{}/", route.path.beginning())))
            .collect(),
    };
    let mut methods: Vec<Method> =
        vec![Method::GET, Method::POST, Method::PUT, Method::DELETE, Method::PATCH, Method::OPTIONS];
    methods.extend(route.methods.iter().cloned());
    route.policy.walk(|condition| {
        if let Condition::Methods(more) = condition {
            methods.extend(more.iter().cloned());
        }
    });
    let named =
        |path: &String| methods.iter().map(|method| (host.clone(), method.clone(), path.clone())).collect::<Vec<_>>();
    paths.iter().flat_map(named).collect()
}
