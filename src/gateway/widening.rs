//! What a new configuration opens that the one before did not, and to whom.
//!
//! Requests for every route of both configurations are tried, with addresses and methods that tell the routes apart and
//! with one made-up visitor for each kind that the policies tell apart. That finds what a change of routes, hosts, methods
//! or policies opens; for expressions it is no proof, since one path of each is tried. What no visitor can be made up for
//! is compared as a setting: how paths are read, where they lead, which server is taken for the upstream, what it is told of
//! who asks, what tokens must be, what scripts may do.

use std::collections::BTreeSet;
use std::sync::Arc;

use http::Method;

use super::{BearerIssuer, Gateway, RouteEntry};
use crate::access::{
    Action, Condition, Decision, HostPattern, Matched, PathPattern, Policy, Probe, RequestFacts, Route, Upstream,
    UpstreamKind, visitors_told_apart,
};
use crate::headers::{NamePattern, Source};
use crate::time::Instant;

/// Something that the old configuration refused somebody and the new one allows, or may allow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opening {
    /// The name of the route that opens it, or the key of a setting that belongs to no route.
    pub name: String,
    /// What, and to whom, in words that begin with where it stands.
    pub what: String,
}

/// What `new` opens that `old` does not, at `now`: of each route one example for each address.
pub fn openings(old: &Gateway, new: &Gateway, now: Instant) -> Vec<Opening> {
    let mut asked: BTreeSet<(String, String, String)> = BTreeSet::new();
    let mut found = Vec::new();
    let routes = old.routes.iter().chain(new.routes.iter()).map(|entry| &entry.route);
    for (host, method, path) in routes.flat_map(|route| requests(route, new.site().host())) {
        if asked.insert((host.clone(), method.to_string(), path.clone())) {
            let opening = opening(old, new, (&host, &method, &path), now);
            found.extend(opening.filter(|opening| !found.contains(opening)));
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
        .or_else(|| opens_to_scripts(before.as_ref(), &after));
    let name = after.route().name.clone();
    let what = match (whom, before) {
        (Some(whom), _) => format!("{method} {host}{path} is open to {whom}, which it was not before"),
        (None, Some(before)) => {
            let keys = [
                leads_elsewhere(old, before.route(), after.route()),
                says_more((old, before.route()), (new, after.route())),
            ];
            let keys = keys.concat();
            let has = match keys.len() {
                0 => return None,
                1 => "has",
                _ => "have",
            };
            format!("{} {has} changed for {host}{path}, which may open what was not open before", keys.join(" and "))
        }
        (None, None) => return None,
    };
    Some(Opening { what: format!("route `{name}`: {what}"), name })
}

/// The settings by which requests for one address may reach something that they did not reach before.
fn leads_elsewhere(old: &Gateway, before: &Route, after: &Route) -> Vec<&'static str> {
    let forwards = |route: &Route| route.action.upstreams().next().is_some();
    if let (Action::Redirect(was), Action::Redirect(is)) = (&before.action, &after.action)
        && was != is
    {
        return vec!["redirect"];
    }
    if !forwards(after) {
        return Vec::new();
    }
    let same = |route: &'_ Route, upstream: &Upstream| {
        route.action.upstreams().find(|other| other.to_string() == upstream.to_string()).cloned()
    };
    // A server that no route led to is a new application, or the old one at a new address.
    let is_opened = |upstream: &Upstream| {
        let routes = old.routes.iter().map(|entry| &entry.route);
        let mut led = routes.filter(|route| same(route, upstream).is_some()).peekable();
        led.peek().is_some() && !led.any(|route| route.policy == after.policy)
    };
    // Whoever is between may answer for a server that is no longer spoken to with TLS.
    let is_bare = |upstream: &Upstream| {
        let mut were = before.action.upstreams();
        !upstream.tls && were.any(|was| was.tls && was.host.eq_ignore_ascii_case(&upstream.host))
    };
    let is_new = |upstream: &Upstream| same(before, upstream).is_none() && (is_opened(upstream) || is_bare(upstream));
    let trusted = after.action.upstreams().find_map(|is| is.trusts_more_than(&same(before, is)?));
    let is_new_header = |pattern: &NamePattern| !before.pass_headers.contains(pattern);
    // Every reading that another kind knows is tried for the kind that is not known.
    let kind = before.upstream_kind != after.upstream_kind && after.upstream_kind != UpstreamKind::Generic;
    let changed = [
        ("upstream", !forwards(before) || after.action.upstreams().any(is_new)),
        (trusted.unwrap_or_default(), trusted.is_some()),
        ("upstream_kind", forwards(before) && kind),
        ("strip_prefix or rewrite", forwards(before) && before.rewrite != after.rewrite),
        // By the host a server tells its applications apart.
        ("preserve_host", forwards(before) && before.preserve_host != after.preserve_host),
        ("pass_headers", after.pass_headers.iter().any(is_new_header)),
        ("websocket", forwards(before) && after.websocket && !before.websocket),
    ];
    changed.into_iter().filter(|(_, is_changed)| *is_changed).map(|(key, _)| key).collect()
}

/// The settings by which an application may take somebody for more than it did.
fn says_more((old, before): (&Gateway, &Route), (new, after): (&Gateway, &Route)) -> Vec<&'static str> {
    let says = |route: &Route| matches!(route.action, Action::Forward(_) | Action::ForwardAuth);
    let (was, is) = (old.identity_map(before), new.identity_map(after));
    // Without the setting it is the application's own address, or the gateway's.
    let is_for_another = is.wants(&Source::Assertion) && before.audience != after.audience;
    let changed = [("headers", is.says_more_than(was)), ("audience", is_for_another)];
    changed.into_iter().filter(|(_, is_changed)| *is_changed && says(after)).map(|(key, _)| key).collect()
}

/// Whose access tokens are taken that were not, or that had to be more.
fn opens_to_programs(before: Option<&Matched<'_, RouteEntry>>, after: &Matched<'_, RouteEntry>) -> Option<String> {
    let of = |entry: &RouteEntry, name: &str| entry.bearer.iter().find(|issuer| issuer.name() == name).map(Arc::clone);
    let new = |issuer: &Arc<BearerIssuer>| {
        let name = issuer.name();
        if !after.entries().all(|entry| of(entry, name).is_some()) {
            return None;
        }
        let Some(before) = before else { return Some(format!("programs with access tokens of {name}")) };
        let widened = |entry: &Arc<RouteEntry>| match of(entry, name) {
            None => Some("bearer".to_owned()),
            Some(was) => issuer.widened(&was).map(|key| format!("bearer_issuer \"{name}\": {key}")),
        };
        let key = before.entries().find_map(widened)?;
        Some(format!("programs with access tokens of {name} ({key})"))
    };
    after.entry.bearer.iter().find_map(new)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::{FixedResponse, PathPrefix, Redirect, Replacement, Rewrite, Routes, UpstreamTls};
    use crate::gateway::tests::gateway;
    use crate::headers::{IdentityMap, Mapping, Style};

    const NOW: Instant = Instant::from_seconds(1_800_000_000);

    fn route(path: &str, policy: Policy, port: u16) -> Route {
        let path = PathPrefix::parse(path).expect("a path");
        let to = Action::Forward(Upstream::new("127.0.0.1", port, false).into());
        Route::new(path.as_str(), PathPattern::Below(path.clone()), policy, to)
    }

    fn with(routes: Vec<Route>) -> Gateway {
        let mut gateway = gateway();
        let metrics = Arc::clone(&gateway.metrics);
        gateway.routes = Routes::new(routes.into_iter().map(|route| RouteEntry::new(route, None, &metrics)));
        gateway
    }

    /// What replacing the first route's settings opens, in words; beside it, only admins reach port 2.
    fn told(old: Route, new: Route) -> String {
        let strict = || route("/adm", Policy::in_groups(["admins"]).expect("a group"), 2);
        let found = openings(&with(vec![old, strict()]), &with(vec![new, strict()]), NOW);
        found.into_iter().map(|opening| opening.what).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn how_paths_are_read_and_where_they_lead_is_told() {
        let open = || route("/p", Policy::Public, 1);
        let closed = || Route { websocket: false, ..open() };
        let kind = |upstream_kind| Route { upstream_kind, ..open() };
        let said =
            FixedResponse { status: http::StatusCode::OK, content_type: "text/plain".to_owned(), body: String::new() };
        let says = Route { action: Action::Respond(said), ..open() };
        let asks = Route { action: Action::ForwardAuth, ..open() };
        let leads =
            |to: &str| Route { action: Action::Redirect(Redirect::new(to, 302).expect("a redirect")), ..open() };
        let strips = Route { rewrite: Some(Rewrite::Strip(PathPrefix::parse("/p").expect("a path"))), ..open() };
        let replaces = |to: &str| {
            let rewrite = Rewrite::Replace(Replacement::new("/p/(.*)", to).expect("a replacement"));
            Route { rewrite: Some(rewrite), ..open() }
        };
        for (old, new, key) in [
            (replaces("/a/$1"), replaces("/b/$1"), "route `/p`: strip_prefix or rewrite has changed"),
            (
                open(),
                Route { preserve_host: false, upstream_kind: UpstreamKind::Tomcat, ..open() },
                "route `/p`: upstream_kind and preserve_host have changed",
            ),
            (open(), kind(UpstreamKind::Tomcat), "route `/p`: upstream_kind has changed"),
            (open(), route("/p", Policy::Public, 2), "route `/p`: upstream has changed"),
            (says.clone(), open(), "route `/p`: upstream has changed"),
            (asks, open(), "route `/p`: upstream has changed"),
            (closed(), open(), "route `/p`: websocket has changed"),
            (leads("https://a.example"), leads("https://b.example"), "route `/p`: redirect has changed"),
            (open(), strips, "route `/p`: strip_prefix or rewrite has changed"),
        ] {
            assert!(told(old, new).contains(key), "{key}");
        }
        for (old, new) in [
            (open(), open()),
            (replaces("/a/$1"), replaces("/a/$1")),
            (kind(UpstreamKind::Tomcat), open()),
            (open(), closed()),
            (leads("https://a.example"), leads("https://a.example")),
            (open(), route("/p", Policy::Public, 3)),
            (open(), says),
            (Route { maintenance: true, ..open() }, open()),
        ] {
            assert_eq!(told(old, new), "");
        }
    }

    #[test]
    fn another_server_that_would_be_taken_for_the_upstream_is_told() {
        let to =
            |upstream: Upstream| Route { action: Action::Forward(upstream.into()), ..route("/p", Policy::Public, 1) };
        let with = |authorities: &[&str], name: Option<&str>, is_verified: bool| {
            let authorities = authorities.iter().map(|one| one.as_bytes().to_vec()).collect();
            let tls = UpstreamTls::new(authorities, name.map(str::to_owned), is_verified, None);
            to(Upstream { identity: Some(Arc::new(tls)), ..Upstream::new("app.internal", 443, true) })
        };
        let usual = || to(Upstream::new("app.internal", 443, true));
        let plain = || to(Upstream::new("app.internal", 80, false));
        for (old, new, key) in [
            (usual(), with(&[], None, false), "insecure has changed"),
            (with(&["a"], None, true), with(&["a", "b"], None, true), "ca_file has changed"),
            (with(&["a"], None, true), usual(), "ca_file has changed"),
            (usual(), with(&["a"], None, true), "ca_file has changed"),
            (usual(), with(&[], Some("other.internal"), true), "server_name has changed"),
            (usual(), plain(), "upstream has changed"),
        ] {
            assert!(told(old, new).contains(&format!("route `/p`: {key}")), "{key}");
        }
        for (old, new) in [
            (with(&["a", "b"], None, true), with(&["a"], None, true)),
            (with(&[], None, false), usual()),
            (with(&[], Some("app.internal"), true), usual()),
            (plain(), usual()),
        ] {
            assert_eq!(told(old, new), "");
        }
    }

    #[test]
    fn what_an_application_is_told_besides_is_told_and_what_it_is_no_longer_told_is_not() {
        let says = |mappings: &[(&str, &str)]| {
            let mapping = |(header, source): &(&str, &str)| Mapping::new(header, source).expect("a mapping");
            let map = IdentityMap::new(mappings.iter().map(mapping).collect(), Style::default(), Vec::new(), None);
            Route { identity: Some(Arc::new(map)), ..route("/p", Policy::Public, 1) }
        };
        let audience = |route: Route, audience: &str| Route { audience: Some(audience.to_owned()), ..route };
        let (user, asserts) = (("X-User", "sub"), [("X-Proof", "assertion")]);
        for (old, new, key) in [
            (says(&[user]), says(&[("X-User", "email")]), "headers has changed"),
            (says(&[user]), says(&[user, ("X-Role", "literal:admin")]), "headers has changed"),
            (audience(says(&asserts), "one"), audience(says(&asserts), "two"), "audience has changed"),
            (audience(says(&asserts), "one"), says(&asserts), "audience has changed"),
            (says(&asserts), audience(says(&asserts), "one"), "audience has changed"),
        ] {
            assert!(told(old, new).contains(key), "{key}");
        }
        for (old, new) in [
            (says(&[user, ("X-Role", "role")]), says(&[user])),
            (audience(says(&[user]), "one"), audience(says(&[user]), "two")),
        ] {
            assert_eq!(told(old, new), "");
        }
    }
}
