//! Upstreams as they are configured: one server, and the servers of a route.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use zeroize::Zeroizing;

use crate::secret::sha256_of_list;
use crate::web::is_this_machine;

/// An application server that requests are forwarded to. Two routes that name the same one share its connections.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Upstream {
    /// Its host name or address, an IPv6 address without brackets; `localhost` for a socket.
    pub host: String,
    /// Its port; 0 for a socket.
    pub port: u16,
    /// Whether it speaks TLS.
    pub tls: bool,
    /// The socket in the file system where it listens, instead of host and port.
    pub socket: Option<PathBuf>,
    /// Whether HTTP/2 is spoken.
    pub http2: Http2,
    /// What TLS is spoken with, where that is not the usual.
    pub identity: Option<Arc<UpstreamTls>>,
    /// How it is asked whether it is well.
    pub health_check: Option<HealthCheck>,
    /// When it is left alone for a while.
    pub ejection: Ejection,
}

/// Whether HTTP/2 is spoken with an upstream.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Http2 {
    /// No.
    #[default]
    Never,
    /// Where it agrees to, over TLS (ALPN).
    Offered,
    /// From the first byte, without TLS.
    Only,
}

/// TLS towards an upstream.
pub struct UpstreamTls {
    /// Authorities, in DER, that its certificate may be signed by instead of the system's.
    pub authorities: Vec<Vec<u8>>,
    /// The name that is asked for, and that its certificate must be for, instead of its host's.
    pub server_name: Option<String>,
    /// Whether its certificate is looked at.
    pub is_verified: bool,
    /// What we show it, in DER; with `key`.
    pub certificates: Vec<Vec<u8>>,
    /// The key of the first of `certificates`, in DER.
    pub key: Zeroizing<Vec<u8>>,
    /// SHA-256 of all of that.
    digest: [u8; 32],
}

/// A chain of certificates and the key of the first, in DER.
type ClientCertificate = (Vec<Vec<u8>>, Zeroizing<Vec<u8>>);

impl UpstreamTls {
    /// The usual, but for what is given. `client` is what we show, and its key.
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

/// How an upstream is asked whether it is well.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct HealthCheck {
    /// The path that is asked for.
    pub path: String,
    /// How often.
    pub interval: Duration,
    /// How long the answer may take.
    pub timeout: Duration,
    /// The status that is good; any from 200 to 399 unless one is said.
    pub status: Option<u16>,
    /// After so many bad answers in a row it gets no requests.
    pub failures: u32,
    /// After so many good ones it does again.
    pub successes: u32,
}

/// When an upstream is left alone, by what became of requests.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Ejection {
    /// After so many requests in a row that could not be sent or were not answered.
    pub failures: u32,
    /// For how long.
    pub span: Duration,
}

impl Default for Ejection {
    fn default() -> Self {
        Self { failures: 3, span: Duration::from_secs(10) }
    }
}

impl Upstream {
    /// A server with nothing else said of it.
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

    /// Whether both are the same server to a request. Names of this machine are one.
    pub fn shares_a_server_with(&self, other: &Self) -> bool {
        let is_same =
            self.host.eq_ignore_ascii_case(&other.host) || is_this_machine(&self.host) && is_this_machine(&other.host);
        is_same && self.port == other.port && self.socket == other.socket
    }

    /// What it is called in `Host`.
    pub fn authority(&self) -> String {
        let host = if self.host.contains(':') { format!("[{}]", self.host) } else { self.host.clone() };
        match (self.tls, self.port) {
            (_, 0) | (false, 80) | (true, 443) => host,
            (_, port) => format!("{host}:{port}"),
        }
    }
}

/// As the configuration writes it.
impl fmt::Display for Upstream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = match (self.tls, self.http2) {
            (true, _) => "https",
            (false, Http2::Only) => "h2c",
            (false, _) => "http",
        };
        match &self.socket {
            Some(socket) => write!(f, "unix:{}", socket.display()),
            None if self.host.contains(':') => write!(f, "{scheme}://[{}]:{}", self.host, self.port),
            None => write!(f, "{scheme}://{}:{}", self.host, self.port),
        }
    }
}

/// The servers of a route, at least one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upstreams {
    /// Each, and how many requests it gets beside the others.
    pub members: Vec<(Upstream, u32)>,
    /// Which of them is next.
    pub balance: Balance,
    /// Whether a browser stays with the one that it got first.
    pub sticky: bool,
}

/// Which of several servers is next.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Balance {
    /// Each in its turn.
    #[default]
    RoundRobin,
    /// The one with the fewest requests under way.
    LeastConnections,
    /// The same for the same client's address.
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
}
