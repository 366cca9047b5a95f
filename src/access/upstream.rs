//! Upstreams as they are configured: a server, and the servers of a route.

use std::borrow::Cow;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::net::IpAddr;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use zeroize::Zeroizing;

use crate::secret::sha256_of_list;
use crate::web::addresses_of;

/// An application server that requests are forwarded to. Routes that name the same one share its connections.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Upstream {
    /// Its host name or address, an IPv6 address without brackets; `localhost` for a socket.
    pub host: String,
    /// Its port; 0 for a socket.
    pub port: u16,
    /// Whether it is spoken to with TLS.
    pub tls: bool,
    /// The path of the Unix socket where it listens, instead of host and port.
    pub socket: Option<PathBuf>,
    /// Whether HTTP/2 is spoken.
    pub http2: Http2,
    /// Settings of TLS, where they are not the defaults.
    pub identity: Option<Arc<UpstreamTls>>,
    /// How its health is checked; never where there is none.
    pub health_check: Option<HealthCheck>,
    /// When it is left out for a while.
    pub ejection: Ejection,
}

/// Whether HTTP/2 is spoken with an upstream.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Http2 {
    /// Never.
    #[default]
    Never,
    /// Over TLS, if the server agrees (ALPN).
    Offered,
    /// Always, without TLS (h2c with prior knowledge).
    Only,
}

/// Settings of TLS towards an upstream.
pub struct UpstreamTls {
    /// Certificate authorities, in DER, that are trusted instead of the system's.
    pub authorities: Vec<Vec<u8>>,
    /// The name for SNI and for the check of its certificate, instead of its host.
    pub server_name: Option<String>,
    /// Whether its certificate is verified.
    pub is_verified: bool,
    /// Our client certificate and its chain, in DER; empty where there is none.
    pub certificates: Vec<Vec<u8>>,
    /// The private key of the first of `certificates`, in DER.
    pub key: Zeroizing<Vec<u8>>,
    /// SHA-256 of all other fields: two settings are equal when these are.
    digest: [u8; 32],
}

/// A certificate with its chain, and its private key, in DER.
type ClientCertificate = (Vec<Vec<u8>>, Zeroizing<Vec<u8>>);

impl UpstreamTls {
    /// `client` is the certificate that we present, with its key.
    pub fn new(
        authorities: Vec<Vec<u8>>,
        server_name: Option<String>,
        is_verified: bool,
        client: Option<ClientCertificate>,
    ) -> Self {
        let (certificates, key) = client.unwrap_or_default();
        let name = server_name.as_deref().unwrap_or_default().as_bytes();
        let flags = [u8::from(is_verified), u8::from(authorities.is_empty())];
        let parts = authorities.iter().chain(&certificates).map(Vec::as_slice);
        let digest = sha256_of_list(parts.chain([key.as_slice(), name, &flags]));
        Self { authorities, server_name, is_verified, certificates, key, digest }
    }
}

impl PartialEq for UpstreamTls {
    fn eq(&self, other: &Self) -> bool {
        self.digest == other.digest
    }
}

impl Eq for UpstreamTls {}

impl Hash for UpstreamTls {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.digest.hash(state);
    }
}

impl fmt::Debug for UpstreamTls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "UpstreamTls({:?}, verified: {})", self.server_name, self.is_verified)
    }
}

/// How the health of an upstream is checked.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct HealthCheck {
    /// The path that is requested.
    pub path: String,
    /// The time between two checks.
    pub interval: Duration,
    /// The longest time that a check may take.
    pub timeout: Duration,
    /// The status of a healthy server; any from 200 to 399 where none is set.
    pub status: Option<u16>,
    /// After so many failed checks in a row it gets no requests.
    pub failures: u32,
    /// After so many successful checks in a row it gets requests again.
    pub successes: u32,
}

/// When an upstream is left out because requests to it failed (passive health check).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Ejection {
    /// After so many requests in a row that could not be sent or were not answered.
    pub failures: u32,
    /// How long it is left out.
    pub span: Duration,
}

impl Default for Ejection {
    fn default() -> Self {
        Self { failures: 3, span: Duration::from_secs(10) }
    }
}

impl Upstream {
    /// A server with the defaults for everything else.
    pub fn new(host: &str, port: u16, tls: bool) -> Self {
        Self {
            host: host.to_owned(),
            port,
            tls,
            socket: None,
            http2: Http2::Never,
            identity: None,
            health_check: None,
            ejection: Ejection::default(),
        }
    }

    /// Whether requests to both reach the same server, as far as their addresses say so: all names of this machine count
    /// as one, and so do the spellings of an address, of a name, and of a socket's path.
    pub(super) fn shares_a_server_with(&self, other: &Self) -> bool {
        if self.socket.is_some() || other.socket.is_some() {
            return self.socket.as_deref().map(without_detours) == other.socket.as_deref().map(without_detours);
        }
        self.port == other.port && is_same_host(&self.host, &other.host)
    }

    /// The setting of TLS by which a server may be taken for this one that `before` would not have spoken to.
    pub fn trusts_more_than(&self, before: &Self) -> Option<&'static str> {
        let usual = UpstreamTls::new(Vec::new(), None, true, None);
        let is = self.identity.as_deref().unwrap_or(&usual);
        let was = before.identity.as_deref().unwrap_or(&usual);
        let name = |tls: &'_ UpstreamTls, of: &Self| tls.server_name.clone().unwrap_or_else(|| of.host.clone());
        let is_new = |authority: &Vec<u8>| !was.authorities.contains(authority);
        // Without a file the system's count, which are more.
        let has_more = is.authorities.is_empty() && !was.authorities.is_empty();
        let changed = [
            ("insecure", !is.is_verified),
            ("ca_file", is.authorities.iter().any(is_new) || has_more),
            ("server_name", name(is, self) != name(was, before)),
        ];
        let counts = self.tls && was.is_verified;
        changed.into_iter().find(|(_, is_changed)| counts && *is_changed).map(|(key, _)| key)
    }

    /// What it is called as the audience of assertions: its origin, always with the port, or its socket.
    pub fn origin(&self) -> String {
        match &self.socket {
            Some(socket) => format!("unix:{}", socket.display()),
            None => format!("{}://{}:{}", if self.tls { "https" } else { "http" }, self.bracketed(), self.port),
        }
    }

    /// Its value of `Host`: the port is left out where it is the default of the scheme.
    pub fn authority(&self) -> String {
        match (self.tls, self.port) {
            (_, 0) | (false, 80) | (true, 443) => self.bracketed().into_owned(),
            (_, port) => format!("{}:{port}", self.bracketed()),
        }
    }

    /// The host as an address has it.
    fn bracketed(&self) -> Cow<'_, str> {
        if self.host.contains(':') { Cow::Owned(format!("[{}]", self.host)) } else { Cow::Borrowed(&self.host) }
    }
}

fn is_same_host(one: &str, other: &str) -> bool {
    let plain = |host: &'_ str| host.strip_suffix('.').unwrap_or(host).len();
    let (one, other) = (&one[..plain(one)], &other[..plain(other)]);
    // Whatever listens at one loopback address may listen at all of them.
    let is_same = |address: IpAddr| {
        addresses_of(other).any(|other| address == other || other.is_loopback() && address.is_loopback())
    };
    one.eq_ignore_ascii_case(other) || addresses_of(one).any(is_same)
}

/// A path without `.` and `..`, as far as no link is followed.
pub(crate) fn without_detours(path: &Path) -> PathBuf {
    path.components().fold(PathBuf::new(), |mut plain, part| {
        match part {
            Component::ParentDir => drop(plain.pop()),
            part => plain.push(part),
        }
        plain
    })
}

/// As the configuration writes it, with the port.
impl fmt::Display for Upstream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = match (self.tls, self.http2) {
            (true, _) => "https",
            (false, Http2::Only) => "h2c",
            (false, _) => "http",
        };
        match &self.socket {
            Some(socket) => write!(f, "unix:{}", socket.display()),
            None => write!(f, "{scheme}://{}:{}", self.bracketed(), self.port),
        }
    }
}

/// The servers of a route, at least one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upstreams {
    /// Each server and its weight; one of weight 0 gets no requests.
    pub members: Vec<(Upstream, u32)>,
    /// How the next of them is chosen.
    pub balance: Balance,
    /// Whether a browser stays with the server that it got first.
    pub sticky: bool,
}

/// How the next of several servers is chosen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Balance {
    /// Each in its turn, as often as its weight says.
    #[default]
    RoundRobin,
    /// The one with the fewest requests under way.
    LeastConnections,
    /// By a hash of the client's address, so that a client keeps its server.
    Hash,
}

impl From<Upstream> for Upstreams {
    fn from(upstream: Upstream) -> Self {
        Self { members: vec![(upstream, 1)], balance: Balance::RoundRobin, sticky: false }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_upstream_is_called_by_its_host_and_port() {
        for (host, port, tls, authority) in [
            ("10.0.0.5", 8080, false, "10.0.0.5:8080"),
            ("wiki.internal", 80, false, "wiki.internal"),
            ("wiki.internal", 443, true, "wiki.internal"),
            ("::1", 9001, false, "[::1]:9001"),
            ("localhost", 0, false, "localhost"),
        ] {
            assert_eq!(Upstream::new(host, port, tls).authority(), authority);
        }
    }

    /// P-10: an application is protected under every address that leads to it.
    #[test]
    fn a_server_is_known_under_other_spellings_of_its_address() {
        let tcp = |host: &str| Upstream::new(host, 9001, false);
        let socket = |path: &str| Upstream { socket: Some(path.into()), ..Upstream::new("localhost", 0, false) };
        for host in [
            "LOCALHOST",
            "127.0.0.2",
            "::1",
            "0.0.0.0",
            "::",
            "localhost.",
            "app.localhost",
            "ip6-localhost",
            "::ffff:127.0.0.1",
        ] {
            assert!(tcp("localhost").shares_a_server_with(&tcp(host)), "{host}");
        }
        for (one, other, is_same) in [
            (tcp("app.internal"), tcp("App.internal."), true),
            (tcp("10.0.0.1"), tcp("::ffff:10.0.0.1"), true),
            (tcp("10.0.0.1"), tcp("10.0.0.2"), false),
            (tcp("10.0.0.1"), tcp("localhost"), false),
            (tcp("app.internal"), tcp("internal"), false),
            (tcp("notlocalhost"), tcp("localhost"), false),
            (tcp("localhost"), Upstream::new("localhost", 9002, false), false),
            (socket("/run/app.sock"), socket("/run/x/../app.sock"), true),
            (socket("/run/app.sock"), socket("/run/./app.sock"), true),
            (socket("/run/app.sock"), socket("/run/other.sock"), false),
            (socket("/run/app.sock"), Upstream::new("localhost", 0, false), false),
        ] {
            assert_eq!(one.shares_a_server_with(&other), is_same, "{one} {other}");
            assert_eq!(other.shares_a_server_with(&one), is_same, "{other} {one}");
        }
    }

    /// Two applications whose assertions were for the same audience could pass them on to each other.
    #[test]
    fn no_two_servers_are_the_same_audience() {
        let socket = |path: &str| Upstream { socket: Some(path.into()), ..Upstream::new("localhost", 0, false) };
        for (upstream, origin) in [
            (Upstream::new("10.0.0.5", 80, false), "http://10.0.0.5:80"),
            (Upstream::new("wiki.internal", 443, true), "https://wiki.internal:443"),
            (Upstream::new("::1", 9001, false), "http://[::1]:9001"),
            (socket("/run/one.sock"), "unix:/run/one.sock"),
            (socket("/run/two.sock"), "unix:/run/two.sock"),
        ] {
            assert_eq!(upstream.origin(), origin);
        }
    }
}
