//! What is allowed in a configuration and unwise all the same: each is a warning of `check`, and of the log at start.

use std::collections::BTreeSet;
use std::net::SocketAddr;

use url::Url;

use super::Server;
use super::listeners::leads_to;
use super::reader::Section;
use crate::access::{Condition, HostPattern, PathPattern, Policy, Route, Routes, Upstream};
use crate::oidc::Issuer;
use crate::oidc::discovery::is_loopback;
use crate::proxy::Address;

/// `[admin]` answers everybody who can reach it.
pub(super) fn admin(section: &Section<'_>, admin: SocketAddr) {
    if admin.ip().is_unspecified() {
        section.warn("listen", "is open to every network of this machine: an address of its own would be better");
    }
}

/// `[server]`: trusted proxies that include everybody.
pub(super) fn trusted_proxies(section: &Section<'_>, server: &Server) {
    if server.trusted_proxies.are_everybody() {
        section.warn("trusted_proxies", "trusts everybody, or nearly: visitors can say where a request comes from");
    }
}

/// `[okta] issuer`: addresses that people copy instead of the issuer's.
pub(super) fn issuer(section: &Section<'_>, issuer: &str) {
    let Ok(issuer) = Url::parse(issuer) else { return };
    let (host, path) = (issuer.host_str().unwrap_or_default(), issuer.path());
    if let Some((before, _)) = path.split_once("/.well-known/") {
        let of = issuer.origin().ascii_serialization();
        section.warn("issuer", format!("is the address of its metadata: the issuer is \"{of}{before}\""));
    } else if let Some((before, _)) = path.split_once("/v1/") {
        let of = issuer.origin().ascii_serialization();
        section.warn("issuer", format!("is an endpoint of the issuer, which is \"{of}{before}\""));
    } else if host.split('.').next().is_some_and(|org| org.ends_with("-admin")) {
        section.warn("issuer", "is the host of the admin console: the issuer's has no `-admin`");
    }
}

/// `[[provider]]`: what Cognito, Google and Entra ID, whose documents do not say so, refuse or cannot do.
pub(super) fn provider(section: &Section<'_>, issuer: Option<&Issuer>, scopes: &[String]) {
    let host = issuer.and_then(|issuer| issuer.url().host_str()).unwrap_or_default();
    if host.starts_with("cognito-idp.") && !section.given("logout") {
        let text =
            "is missing: Cognito's sign-out is none of OpenID Connect's (\"cognito\", with logout_url, or \"none\")";
        section.warn("logout", text);
    }
    if host == "accounts.google.com" && scopes.iter().any(|scope| scope == "offline_access") {
        let text = "names \"offline_access\", which Google refuses: parameters = { access_type = \"offline\" } does what it is for";
        section.warn("scopes", text);
    }
    let is_for_api = |scope: &String| scope.contains("://") && !scope.starts_with("https://graph.microsoft.com/");
    if host == "login.microsoftonline.com" && scopes.iter().any(is_for_api) && section.flag("userinfo", true) {
        let text = "is asked with an access token that is for the API in `scopes`, which Entra ID refuses there: \
            `userinfo = false` takes all claims from the ID token";
        section.warn("userinfo", text);
    }
}

/// `[[route]] host`: over plain http, the session cookies of another machine's host can be read on the way.
pub(super) fn host(section: &Section<'_>, host: &HostPattern, policy: &Policy, server: &Server) {
    let (HostPattern::Exactly(name) | HostPattern::Below(name)) = host else { return };
    let is_local = Url::parse(&format!("http://{}", name.trim_start_matches('.'))).is_ok_and(|url| is_loopback(&url));
    if server.public_url.scheme() == "http" && !policy.is_open() && !is_local {
        section
            .warn("host", "is a site of plain http, as server.public_url is: sessions are readable on the way there");
    }
}

/// `[[route]] allow`: a name that one provider gives, another may give too.
pub(super) fn names_of_any_provider(section: &Section<'_>, policy: &Policy, providers: usize) {
    if providers > 1 && policy.condition().is_some_and(Condition::is_of_any_provider) {
        let text = "names groups or people of any provider, and there are several: whoever runs one of them can give somebody \
            such a name. Say `providers` beside it";
        section.warn("allow", text);
    }
}

/// `[[route]]`: a closed path that a more exact host, or an earlier expression, takes to the same server for more people;
/// and a path that is changed into one of another host's.
pub(super) fn ways_around(read: &[(&Section<'_>, Route)], server: &Server) {
    let routes = Routes::new(read.iter().map(|(_, route)| route.clone()));
    let named = read.iter().filter_map(|(_, route)| match &route.host {
        HostPattern::Exactly(host) => Some(host.clone()),
        HostPattern::Below(end) => Some(format!("x{end}")),
        HostPattern::Any => None,
    });
    let hosts: BTreeSet<String> = server.public_url.host_str().map(str::to_owned).into_iter().chain(named).collect();
    let is_stricter = |one: &Policy, other: &Policy| {
        !one.is_open() && other.is_open() || one.condition().is_some() && *other == Policy::SignedIn
    };
    for (section, route) in read {
        let path = match &route.path {
            PathPattern::Matching(regex) => regex.example(),
            path => Some(path.as_str()),
        };
        // One host for most, so that many routes of many hosts are compared in time.
        let own: Vec<&String> = match &route.host {
            _ if route.policy.is_open() => Vec::new(),
            HostPattern::Exactly(host) => hosts.get(host).into_iter().collect(),
            wide => hosts.iter().filter(|host| wide.matches(host)).collect(),
        };
        let taken = own.into_iter().find_map(|host| {
            let other = routes.candidates(host, path?).into_iter().next()?;
            let is_around = is_stricter(&route.policy, &other.policy) && route.shares_a_server_with(other);
            Some((host, other)).filter(|_| is_around)
        });
        if let Some((host, other)) = taken {
            let text = format!(
                "is not asked about {} at {host}: `{}` goes before it there, leads to the same server, and lets in more",
                path.unwrap_or_default(),
                other.name
            );
            section.warn(route.path.setting(), text);
        }
        let is_beside = |other: &&Route| {
            other.host != route.host && is_stricter(&other.policy, &route.policy) && route.shares_a_server_with(other)
        };
        if route.rewrite.is_some()
            && route.preserve_host
            && let Some(other) = read.iter().map(|(_, other)| other).find(is_beside)
        {
            let text = format!(
                "is of a server that answers for another host too, where `{}` lets in fewer: if it does not tell its hosts \
                 apart, what is closed there is open here by the path that is forwarded",
                other.name
            );
            section.warn("upstream", text);
        }
    }
}

/// `[[route]] upstream`: a request that is forwarded to the gateway comes back until a limit ends it, and the admin
/// listener answers whoever may use the route. `hosts` are those that the gateway is reached by.
pub(super) fn upstream(
    section: &Section<'_>,
    upstream: &Upstream,
    server: &Server,
    hosts: &[&str],
    admin: Option<SocketAddr>,
) {
    let host = upstream.host.trim_end_matches('.');
    let is_site = hosts.iter().any(|site| site.trim_matches(['[', ']']).eq_ignore_ascii_case(host))
        && server.public_url.port_or_known_default() == Some(upstream.port);
    if is_site || server.listen.iter().any(|listener| leads_to(upstream, &listener.address)) {
        section.warn("upstream", "is the gateway itself: requests would go round in a circle");
    } else if admin.is_some_and(|admin| leads_to(upstream, &Address::Internet(admin))) {
        section.warn("upstream", "is the gateway's own admin listener: whoever may use the route would read /metrics");
    }
}
