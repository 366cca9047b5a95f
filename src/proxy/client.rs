//! The client of a request: its address, which a trusted proxy may tell, and a number for balancing by address.

use std::net::{IpAddr, SocketAddr};
use std::sync::Once;

use pingora::proxy::Session;
use tracing::warn;

use super::{InFlight, Proxy};
use crate::web::{Oddity, client_address};

impl Proxy {
    /// Where the request comes from, which a trusted proxy may say.
    pub(super) fn find_client(&self, session: &Session, flight: &mut InFlight) {
        let peer = session.client_addr().and_then(|address| address.as_inet()).map(SocketAddr::ip);
        let Some(peer) = peer else { return };
        let trusted = &self.runtime(flight).trusted_proxies;
        let is_from_proxy = trusted.contain(peer);
        let found = client_address(peer, &session.req_header().headers, trusted);
        self.oddities.warn_once(peer, found.oddity);
        (flight.client, flight.is_from_proxy) = (Some(found.address), is_from_proxy);
    }
}

/// Which warnings about `X-Forwarded-For` were logged: each once in the life of the process, since it would come with
/// every request.
pub(super) struct Oddities {
    untrusted: Once,
    unreadable: Once,
}

impl Default for Oddities {
    fn default() -> Self {
        Self { untrusted: Once::new(), unreadable: Once::new() }
    }
}

impl Oddities {
    fn warn_once(&self, peer: IpAddr, oddity: Option<Oddity>) {
        match oddity {
            None => {}
            Some(Oddity::Untrusted) => self.untrusted.call_once(|| {
                warn!(%peer, "X-Forwarded-For came from a peer that is not among server.trusted_proxies and is not looked at; further ones are not reported");
            }),
            Some(Oddity::Unreadable(element)) => self.unreadable.call_once(|| {
                warn!(%peer, ?element, "X-Forwarded-For of a trusted proxy holds what is no address, where reading it stops; further ones are not reported");
            }),
        }
    }
}

/// An address as a number, for what is the same for the same client; of IPv6 its first 64 bits.
pub(super) fn client_number(client: IpAddr) -> u64 {
    match client.to_canonical() {
        IpAddr::V4(address) => u32::from(address).into(),
        IpAddr::V6(address) => (u128::from(address) >> 64) as u64,
    }
}
