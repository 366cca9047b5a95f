//! The client of a request: its address and whether it came with TLS, which a trusted proxy may tell; and a number for
//! balancing by address.

use std::net::{IpAddr, SocketAddr};
use std::sync::Once;

use http::{HeaderMap, HeaderName};
use pingora::proxy::Session;
use tracing::warn;

use super::connection::Connection;
use super::{InFlight, Proxy};
use crate::web::{Oddity, client_address, list_items};

const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// Whether the last proxy says that somebody on the way spoke plain http.
fn tells_plain_http(headers: &HeaderMap) -> bool {
    list_items(headers, &FORWARDED_PROTO).any(|proto| !proto.is_empty() && !proto.eq_ignore_ascii_case(b"https"))
}

impl Proxy {
    /// Where the request comes from, and whether with TLS, which a trusted proxy may say.
    pub(super) fn find_client(&self, session: &Session, flight: &mut InFlight) {
        let peer = session.client_addr().and_then(|address| address.as_inet()).map(SocketAddr::ip);
        let Some(peer) = peer else { return };
        let trusted = &self.runtime(flight).trusted_proxies;
        let is_from_proxy = trusted.contain(peer);
        let found = client_address(peer, &session.req_header().headers, trusted);
        flight.is_client_known = !matches!(found.oddity, Some(Oddity::Unreadable(_)));
        found.oddity.iter().for_each(|oddity| warn_once(peer, oddity));
        (flight.client, flight.is_from_proxy) = (Some(found.address), is_from_proxy);
        let connection = Connection::of(session);
        // A proxy that says nothing is one of those behind which public_url is.
        flight.came_with_tls = connection.is_some_and(|connection| connection.handshake.is_some())
            || is_from_proxy && !tells_plain_http(&session.req_header().headers)
            || connection.is_some_and(|connection| connection.is_from_proxy);
    }
}

/// Warns of it once in the life of the process: it would come with every request.
fn warn_once(peer: IpAddr, oddity: &Oddity) {
    static UNTRUSTED: Once = Once::new();
    static UNREADABLE: Once = Once::new();
    match oddity {
        Oddity::Untrusted => UNTRUSTED.call_once(|| {
            warn!(%peer, "X-Forwarded-For came from a peer that is not among server.trusted_proxies and is not looked at; further ones are not reported");
        }),
        Oddity::Unreadable(element) => UNREADABLE.call_once(|| {
            warn!(%peer, ?element, "X-Forwarded-For of a trusted proxy holds what is no address, where reading it stops; further ones are not reported");
        }),
    }
}

/// An address as a number, for what is the same for the same client; of IPv6 its first 64 bits.
pub(super) fn client_number(client: IpAddr) -> u64 {
    match client.to_canonical() {
        IpAddr::V4(address) => u32::from(address).into(),
        IpAddr::V6(address) => (u128::from(address) >> 64) as u64,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proxy_tells_of_plain_http_anywhere_on_the_way() {
        for (lines, is_plain) in [
            (&[][..], false),
            (&["https"], false),
            (&["HTTPS", " https , https"], false),
            (&["http"], true),
            (&["https, http"], true),
            (&["http", "https"], true),
            (&["wss"], true),
            (&["", ","], false),
        ] {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append(FORWARDED_PROTO, line.parse().expect("a value"));
            }
            assert_eq!(tells_plain_http(&headers), is_plain, "{lines:?}");
        }
    }
}
