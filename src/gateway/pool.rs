//! An upstream as requests find it: the addresses it has now, and which of them is next.
//!
//! A pool outlives a configuration when the next one names the same upstream. The edge looks names up and
//! keeps the connections, apart for each pool by its [`id`](UpstreamPool::id).

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use arc_swap::ArcSwap;
use http::HeaderValue;

use crate::access::Upstream;

/// One upstream and its addresses.
pub struct UpstreamPool {
    id: u64,
    upstream: Upstream,
    authority: Option<HeaderValue>,
    addresses: ArcSwap<Vec<SocketAddr>>,
    turn: AtomicUsize,
}

impl UpstreamPool {
    /// An upstream that is an address has it at once; one that is a name has none until it is looked up.
    pub fn new(upstream: Upstream) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let literal = upstream.host.parse::<IpAddr>().map(|address| SocketAddr::new(address, upstream.port));
        Self {
            id: NEXT.fetch_add(1, Ordering::Relaxed),
            authority: HeaderValue::try_from(upstream.authority()).ok(),
            addresses: ArcSwap::from_pointee(literal.into_iter().collect()),
            turn: AtomicUsize::new(0),
            upstream,
        }
    }

    /// What no other pool of this process is called, ever; not 0.
    pub fn id(&self) -> u64 {
        self.id
    }

    /// As it is configured.
    pub fn upstream(&self) -> &Upstream {
        &self.upstream
    }

    /// What it is called in `Host`.
    pub fn authority(&self) -> Option<&HeaderValue> {
        self.authority.as_ref()
    }

    /// Whether its addresses have to be looked up.
    pub fn is_named(&self) -> bool {
        self.upstream.host.parse::<IpAddr>().is_err()
    }

    /// How many addresses it has.
    pub fn addresses(&self) -> usize {
        self.addresses.load().len()
    }

    /// The address whose turn it is; none while there is none.
    pub fn next_address(&self) -> Option<SocketAddr> {
        let addresses = self.addresses.load();
        match addresses.as_slice() {
            [] => None,
            [only] => Some(*only),
            several => {
                let turn = self.turn.fetch_add(1, Ordering::Relaxed);
                Some(several[turn % several.len()])
            }
        }
    }

    /// What was looked up. Whether it differs from before; nothing found changes nothing.
    pub fn found(&self, mut addresses: Vec<SocketAddr>) -> bool {
        addresses.sort_unstable();
        addresses.dedup();
        let differs = !addresses.is_empty() && **self.addresses.load() != addresses;
        if differs {
            self.addresses.store(Arc::new(addresses));
        }
        differs
    }
}

impl fmt::Debug for UpstreamPool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "UpstreamPool({} {})", self.id, self.upstream.authority())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pool(host: &str) -> UpstreamPool {
        UpstreamPool::new(Upstream { host: host.to_owned(), port: 9001, tls: false })
    }

    #[test]
    fn addresses_take_turns_and_a_look_up_that_finds_nothing_changes_nothing() {
        let named = pool("app.internal");
        assert!(named.is_named() && named.next_address().is_none());
        let (one, other) = (SocketAddr::from(([10, 0, 0, 1], 9001)), SocketAddr::from(([10, 0, 0, 2], 9001)));
        assert!(named.found(vec![other, one, other]));
        assert_eq!([named.next_address(), named.next_address(), named.next_address()], [one, other, one].map(Some));
        assert!(!named.found(vec![one, other]) && !named.found(Vec::new()));
        assert_eq!(named.addresses(), 2);
    }

    #[test]
    fn no_two_pools_share_connections() {
        let (one, other) = (pool("127.0.0.1"), pool("127.0.0.1"));
        assert!(!one.is_named() && one.addresses() == 1);
        assert_ne!(one.id(), other.id());
    }
}
