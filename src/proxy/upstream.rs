//! Where requests go: upstreams, their addresses, and connections to them.
//!
//! Names are looked up in the background, every [`AGAIN`] and more often while that fails; a request
//! never waits for DNS. While a name has no address the upstream cannot be reached (502). Addresses
//! take turns; one that refuses the connection is passed over within the same request.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use arc_swap::ArcSwap;
use async_trait::async_trait;
use bytes::Bytes;
use http::HeaderValue;
use pingora::server::ShutdownWatch;
use pingora::services::background::BackgroundService;
use pingora::upstreams::peer::HttpPeer;
use tracing::{info, warn};

use crate::access::UpstreamId;

const AGAIN: Duration = Duration::from_secs(30);
const SOON: Duration = Duration::from_secs(2);
const LOOK_UP: Duration = Duration::from_secs(10);
const CONNECT: Duration = Duration::from_secs(5);
const CONNECT_AND_SHAKE_HANDS: Duration = Duration::from_secs(10);

/// How long a connection is kept for the next request: less than what servers commonly allow (5 s), so
/// that none is closed under a request that cannot be sent twice.
const KEPT: Duration = Duration::from_secs(4);

/// One upstream as it is configured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upstream {
    /// Its host name or address, an IPv6 address without brackets.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// Whether it speaks TLS; its certificate is checked against `host`.
    pub tls: bool,
}

impl Upstream {
    /// What it is called in `Host`.
    pub fn authority(&self) -> String {
        let host = if self.host.contains(':') { format!("[{}]", self.host) } else { self.host.clone() };
        match (self.tls, self.port) {
            (false, 80) | (true, 443) => host,
            (_, port) => format!("{host}:{port}"),
        }
    }
}

struct Known {
    upstream: Upstream,
    /// What it is called in `Host`; it lives as long as the process, like everything that each request writes.
    authority: Option<HeaderValue>,
    addresses: ArcSwap<Vec<SocketAddr>>,
    turn: AtomicUsize,
}

/// Every upstream, and the addresses they have now.
pub struct Upstreams(Vec<Known>);

impl Upstreams {
    /// Addresses are known at once; names once they are looked up.
    pub fn new(upstreams: Vec<Upstream>) -> Arc<Self> {
        let known = |upstream: Upstream| {
            let literal = upstream.host.parse::<IpAddr>().map(|address| SocketAddr::new(address, upstream.port));
            Known {
                authority: HeaderValue::from_maybe_shared(Bytes::from_static(upstream.authority().leak().as_bytes()))
                    .ok(),
                addresses: ArcSwap::from_pointee(literal.into_iter().collect()),
                turn: AtomicUsize::new(0),
                upstream,
            }
        };
        Arc::new(Self(upstreams.into_iter().map(known).collect()))
    }

    /// A connection to that upstream, for a request that may wait for `silence`; none while it has no
    /// address. Writing is given a time where there is a body to write.
    pub(super) fn peer(&self, id: UpstreamId, silence: Option<Duration>, has_body: bool) -> Option<HttpPeer> {
        let known = self.0.get(id.0)?;
        let addresses = known.addresses.load();
        let address = match addresses.as_slice() {
            [only] => *only,
            several => {
                let turn = known.turn.fetch_add(1, Ordering::Relaxed);
                *several.get(turn.checked_rem(several.len())?)?
            }
        };
        let Upstream { host, tls, .. } = &known.upstream;
        let mut peer = HttpPeer::new(address, *tls, if *tls { host.clone() } else { String::new() });
        // Connections are never shared between upstreams, whatever their addresses are.
        peer.group_key = id.0 as u64 + 1;
        peer.options.connection_timeout = Some(CONNECT);
        peer.options.total_connection_timeout = Some(CONNECT_AND_SHAKE_HANDS);
        peer.options.read_timeout = silence;
        peer.options.write_timeout = silence.filter(|_| has_body);
        peer.options.idle_timeout = Some(KEPT);
        peer.options.max_h2_streams = 100;
        Some(peer)
    }

    /// How many addresses that upstream has.
    pub(super) fn addresses(&self, id: UpstreamId) -> usize {
        self.0.get(id.0).map_or(0, |known| known.addresses.load().len())
    }

    /// What that upstream is called in `Host`.
    pub(super) fn authority(&self, id: UpstreamId) -> Option<HeaderValue> {
        self.0.get(id.0)?.authority.clone()
    }

    /// Whether every upstream has an address.
    pub fn are_known(&self) -> bool {
        self.0.iter().all(|known| !known.addresses.load().is_empty())
    }

    async fn look_up(&self) {
        for known in self.0.iter().filter(|known| known.upstream.host.parse::<IpAddr>().is_err()) {
            let Upstream { host, port, .. } = &known.upstream;
            let found = tokio::time::timeout(LOOK_UP, tokio::net::lookup_host((host.as_str(), *port))).await;
            let mut addresses: Vec<SocketAddr> = match found {
                Ok(Ok(found)) => found.collect(),
                Ok(Err(error)) => {
                    warn!(host, "the address of `{host}` cannot be looked up: {error}");
                    continue;
                }
                Err(_) => {
                    warn!(host, "looking up the address of `{host}` takes too long");
                    continue;
                }
            };
            addresses.sort_unstable();
            addresses.dedup();
            if **known.addresses.load() != addresses && !addresses.is_empty() {
                info!(host, addresses = addresses.len(), "`{host}` has {} address(es)", addresses.len());
                known.addresses.store(Arc::new(addresses));
            }
        }
    }
}

/// Looks names up until the process ends.
pub struct LookUp(pub Arc<Upstreams>);

#[async_trait]
impl BackgroundService for LookUp {
    async fn start(&self, mut shutdown: ShutdownWatch) {
        loop {
            self.0.look_up().await;
            let pause = if self.0.are_known() { AGAIN } else { SOON };
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                _ = shutdown.changed() => return,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn upstream(host: &str, port: u16, tls: bool) -> Upstream {
        Upstream { host: host.to_owned(), port, tls }
    }

    #[test]
    fn an_upstream_is_called_by_its_host_and_port() {
        for (given, authority) in [
            (upstream("10.0.0.5", 8080, false), "10.0.0.5:8080"),
            (upstream("wiki.internal", 80, false), "wiki.internal"),
            (upstream("wiki.internal", 443, true), "wiki.internal"),
            (upstream("::1", 9001, false), "[::1]:9001"),
        ] {
            assert_eq!(given.authority(), authority);
        }
    }

    #[tokio::test]
    async fn names_get_their_addresses_in_the_background() {
        let upstreams = Upstreams::new(vec![upstream("127.0.0.1", 9001, false), upstream("localhost", 9001, false)]);
        assert!(upstreams.peer(UpstreamId(0), None, false).is_some());
        assert!(upstreams.peer(UpstreamId(1), None, false).is_none() && !upstreams.are_known());
        upstreams.look_up().await;
        assert!(upstreams.peer(UpstreamId(1), None, false).is_some() && upstreams.are_known());
    }

    #[test]
    fn every_wait_has_an_end_and_no_connection_is_shared() {
        let upstreams = Upstreams::new(vec![upstream("127.0.0.1", 9001, false), upstream("127.0.0.1", 9001, false)]);
        let peer = |id| upstreams.peer(UpstreamId(id), Some(Duration::from_secs(60)), true).expect("an address");
        let (one, other) = (peer(0), peer(1));
        assert_ne!(one.group_key, other.group_key);
        let options = &one.options;
        assert!(
            [
                options.connection_timeout,
                options.total_connection_timeout,
                options.read_timeout,
                options.write_timeout,
                options.idle_timeout
            ]
            .iter()
            .all(Option::is_some)
        );
    }
}
