//! What is allowed in a configuration and unwise all the same: each is a warning of `check`, and of the log at start; and
//! addresses that cannot be listened at beside each other.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use url::Url;

use super::Server;
use super::reader::Section;
use crate::access::{HostPattern, Policy, Upstream};
use crate::oidc::Issuer;
use crate::oidc::discovery::is_loopback;
use crate::proxy::Address;

/// `[admin]` answers everybody who can reach it.
pub(super) fn admin(section: &Section<'_>, admin: SocketAddr, server: &Server) {
    let public = server.listen.iter().find(|public| meet(&public.address, &Address::Internet(admin)));
    if let Some(public) = public {
        section.problem(
            "listen",
            format!("is a public listener too ({} in server.listen): give it a port of its own", public.address),
        );
    } else if admin.ip().is_unspecified() {
        section.warn("listen", "is open to every network of this machine: an address of its own would be better");
    }
}

/// `[server] listen`: addresses of which one takes what the other is for, however they are written.
pub(super) fn listeners(section: &Section<'_>, server: &Server) {
    for (at, listener) in server.listen.iter().enumerate() {
        let earlier = server.listen[..at].iter().find(|earlier| meet(&earlier.address, &listener.address));
        if let Some(earlier) = earlier {
            let (one, other) = (&earlier.address, &listener.address);
            let text = match one == other {
                true => format!("names {one} twice, and what is spoken there can be one thing only"),
                false => format!("names {one} and {other}, of which one takes the connections of the other"),
            };
            section.problem("listen", text);
        }
    }
}

/// Whether both cannot be listened at, because one is within the other: `[::]` takes IPv4 too, as Linux has it unless
/// `net.ipv6.bindv6only` is set (ipv6(7)).
fn meet(one: &Address, other: &Address) -> bool {
    let takes = |one: IpAddr, other: IpAddr| match one {
        IpAddr::V4(one) => one.is_unspecified() && other.is_ipv4(),
        IpAddr::V6(one) => one.is_unspecified(),
    };
    match (one, other) {
        (Address::Internet(one), Address::Internet(other)) => {
            let (ip, other_ip) = (one.ip().to_canonical(), other.ip().to_canonical());
            one.port() == other.port() && (ip == other_ip || takes(ip, other_ip) || takes(other_ip, ip))
        }
        (Address::Unix(one), Address::Unix(other)) => one == other,
        _ => false,
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

/// `[[route]] upstream`: a request that is forwarded to the gateway comes back until a limit ends it, and the admin
/// listener answers whoever may use the route.
pub(super) fn upstream(section: &Section<'_>, upstream: &Upstream, server: Option<&Server>, admin: Option<SocketAddr>) {
    let is_public = server.is_some_and(|server| {
        server.public_url.host_str() == Some(&upstream.host)
            && server.public_url.port_or_known_default() == Some(upstream.port)
    });
    let listeners = server.map(|server| server.listen.as_slice()).unwrap_or_default();
    if is_public || listeners.iter().any(|listener| leads_to(upstream, &listener.address)) {
        section.warn("upstream", "is the gateway itself: requests would go round in a circle");
    } else if admin.is_some_and(|admin| leads_to(upstream, &Address::Internet(admin))) {
        section.warn("upstream", "is the gateway's own admin listener: whoever may use the route would read /metrics");
    }
}

/// Whether a connection to the upstream would be one to what listens at `listen`, as far as its name says so.
fn leads_to(upstream: &Upstream, listen: &Address) -> bool {
    const LOOPBACK: [IpAddr; 2] = [IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)];
    let listen = match (listen, &upstream.socket) {
        (Address::Internet(listen), None) if listen.port() == upstream.port => listen.ip().to_canonical(),
        (Address::Unix(listen), Some(socket)) => return listen == socket,
        _ => return false,
    };
    let is_it = |address: IpAddr| {
        // A connection to 0.0.0.0 or [::] is one to this machine (ip(7)).
        let address = match address.to_canonical() {
            IpAddr::V4(address) if address.is_unspecified() => LOOPBACK[0],
            IpAddr::V6(address) if address.is_unspecified() => LOOPBACK[1],
            address => address,
        };
        address == listen || listen.is_unspecified() && address.is_loopback() && (listen.is_ipv6() || address.is_ipv4())
    };
    let host = upstream.host.trim_matches(['[', ']']).trim_end_matches('.').to_ascii_lowercase();
    // One of the two, as resolvers have it (RFC 6761 §6.3).
    if host == "localhost" || host.ends_with(".localhost") {
        return LOOPBACK.into_iter().any(is_it);
    }
    host.parse().is_ok_and(is_it)
}
