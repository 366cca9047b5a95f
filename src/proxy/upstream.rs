//! Where requests go: the addresses of upstreams, and connections to them.
//!
//! Names are looked up in the background, every [`AGAIN`] and more often while that fails; a request
//! never waits for DNS. While a name has no address the upstream cannot be reached (502). Addresses
//! take turns; one that refuses the connection is passed over within the same request.

use std::any::Any;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use pingora::server::ShutdownWatch;
use pingora::services::background::BackgroundService;
use pingora::upstreams::peer::HttpPeer;
use pingora::utils::tls::{CertKey, WrappedX509, parse_x509};
use tracing::{info, warn};

use super::runtime::{Current, Runtime};
use super::upgrade_connection;
use crate::access::{Http2, Upstream, UpstreamTls};
use crate::gateway::UpstreamPool;

/// How often names are looked up again.
const AGAIN: Duration = Duration::from_secs(30);
/// How often a name without an address is.
const SOON: Duration = Duration::from_secs(2);
/// How long one look-up may take.
const LOOK_UP: Duration = Duration::from_secs(10);

/// How long a connection is kept for the next request: less than what servers commonly allow (5 s), so
/// that none is closed under a request that cannot be sent twice.
const KEPT: Duration = Duration::from_secs(4);

/// How long a request may wait for its upstream.
#[derive(Clone, Copy)]
pub(super) struct Waits {
    /// For a connection, and as long again until TLS is spoken.
    pub(super) connect: Duration,
    /// For the next byte.
    pub(super) silence: Option<Duration>,
    /// While it is written.
    pub(super) blocked: Option<Duration>,
}

/// What TLS is spoken with to an upstream, in pingora's types; made once.
struct PeerTls {
    authorities: Option<Arc<[WrappedX509]>>,
    client: Option<Arc<CertKey>>,
}

impl PeerTls {
    /// Of what the configuration has checked: pingora panics where a certificate cannot be read.
    fn new(tls: &UpstreamTls) -> Self {
        let authority = |der: &Vec<u8>| WrappedX509::new(der.clone(), parse_x509);
        let authorities: Arc<[WrappedX509]> = tls.authorities.iter().map(authority).collect();
        let client = (!tls.certificates.is_empty()).then(|| CertKey::new(tls.certificates.clone(), tls.key.to_vec()));
        Self { authorities: (!authorities.is_empty()).then_some(authorities), client: client.map(Arc::new) }
    }
}

/// A connection to `pool`; none while it has no address. `is_http1` where HTTP/2 would not do.
pub(super) fn peer(pool: &UpstreamPool, waits: Waits, is_http1: bool) -> Option<HttpPeer> {
    let Upstream { host, tls, socket, http2, identity, .. } = pool.upstream();
    let name = identity.as_ref().and_then(|identity| identity.server_name.as_ref()).unwrap_or(host);
    let name = if *tls { name.clone() } else { String::new() };
    let mut peer = match socket {
        Some(socket) => HttpPeer::new_uds(socket.to_str()?, *tls, name).ok()?,
        None => HttpPeer::new(pool.next_address()?, *tls, name),
    };
    // Connections are never shared between upstreams, even of the same address.
    peer.group_key = pool.id();
    match http2 {
        Http2::Only => peer.options.set_http_version(2, 2),
        Http2::Offered if !is_http1 => peer.options.set_http_version(2, 1),
        Http2::Offered | Http2::Never => {}
    }
    if let Some(identity) = identity {
        let made = || Arc::new(PeerTls::new(identity)) as Arc<dyn Any + Send + Sync>;
        let found = pool.edge.get_or_init(made).downcast_ref::<PeerTls>()?;
        peer.options.ca.clone_from(&found.authorities);
        peer.client_cert_key.clone_from(&found.client);
        peer.options.verify_cert = identity.is_verified;
        peer.options.verify_hostname = identity.is_verified;
    }
    peer.options.connection_timeout = Some(waits.connect);
    peer.options.total_connection_timeout = Some(waits.connect * 2);
    peer.options.read_timeout = waits.silence;
    peer.options.write_timeout = waits.blocked;
    peer.options.idle_timeout = Some(KEPT);
    peer.options.max_h2_streams = 100;
    Some(peer)
}

/// Has `peer` connected to anew, and the connection closed after the one request.
pub(super) fn connect_afresh(peer: &mut HttpPeer) {
    // Kept connections are found by this key, and nothing else has one of these.
    static NEXT: AtomicU64 = AtomicU64::new(u64::MAX);
    peer.group_key = NEXT.fetch_sub(1, Ordering::Relaxed);
    peer.options.idle_timeout = Some(Duration::ZERO);
}

/// Has `peer` connected to, within `time`, for a request that may become a WebSocket.
pub(super) fn connect_to_upgrade(peer: &mut HttpPeer, time: Duration) {
    connect_afresh(peer);
    peer.options.custom_l4 = Some(Arc::new(upgrade_connection::Connect(time)));
}

/// Looks up the addresses of `pools`, one after the other. What cannot be found keeps the addresses it had.
async fn look_up(pools: impl Iterator<Item = &Arc<UpstreamPool>>) {
    for pool in pools.filter(|pool| pool.is_named()) {
        let Upstream { host, port, .. } = pool.upstream();
        match tokio::time::timeout(LOOK_UP, tokio::net::lookup_host((host.as_str(), *port))).await {
            Ok(Ok(found)) => {
                if pool.found(found.collect()) {
                    info!(host, addresses = pool.addresses(), "`{host}` has {} address(es)", pool.addresses());
                }
            }
            Ok(Err(error)) => warn!(host, cause = %error, "the address of an upstream cannot be looked up"),
            Err(_) => warn!(host, "looking up the address of `{host}` takes too long"),
        }
    }
}

impl Runtime {
    /// Looks up what has no address yet, so that a new configuration begins with all of them where they can be had.
    pub async fn look_up_new_names(&self) {
        look_up(self.pools.iter().filter(|pool| pool.addresses() == 0)).await;
    }
}

/// Looks up names again and again: every [`AGAIN`], and those without an address every [`SOON`].
pub struct LookUp(pub Arc<Current>);

#[async_trait]
impl BackgroundService for LookUp {
    async fn start(&self, mut shutdown: ShutdownWatch) {
        let mut last: Option<tokio::time::Instant> = None;
        loop {
            let runtime = self.0.get();
            if last.is_none_or(|last| last.elapsed() >= AGAIN) {
                look_up(runtime.pools.iter()).await;
                last = Some(tokio::time::Instant::now());
            } else {
                runtime.look_up_new_names().await;
            }
            drop(runtime);
            tokio::select! {
                () = tokio::time::sleep(SOON) => {}
                _ = shutdown.changed() => return,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WAITS: Waits = {
        let minute = Duration::from_secs(60);
        Waits { connect: minute, silence: Some(minute), blocked: Some(minute) }
    };

    fn pool(host: &str) -> Arc<UpstreamPool> {
        Arc::new(UpstreamPool::new(Upstream::new(host, 9001, false)))
    }

    #[tokio::test]
    async fn names_get_their_addresses_in_the_background() {
        let pools = [pool("127.0.0.1"), pool("localhost"), pool("nowhere.invalid")];
        let peer = |pool: &UpstreamPool| peer(pool, WAITS, false);
        assert!(peer(&pools[0]).is_some() && peer(&pools[1]).is_none());
        look_up(pools.iter()).await;
        assert_eq!(pools.map(|pool| peer(&pool).is_some()), [true, true, false]);
    }

    #[test]
    fn every_wait_has_an_end_and_no_connection_is_shared() {
        let peer = |pool: &UpstreamPool| peer(pool, WAITS, false).expect("an address");
        let (one, other) = (peer(&pool("127.0.0.1")), peer(&pool("127.0.0.1")));
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
