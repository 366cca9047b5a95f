//! What is allowed in a configuration and unwise all the same: each is a warning of `check`, and of the log at start.

use std::net::SocketAddr;

use url::Url;

use super::Server;
use super::listeners::leads_to;
use super::reader::Section;
use crate::access::{Condition, HostPattern, Policy, Upstream};
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
