//! An upstream's state: the addresses it has now, which of them is next, and whether it is available.
//!
//! A pool outlives a configuration when the next one names the same upstream. The edge looks names up and
//! keeps the connections, apart for each pool by its [`id`](UpstreamPool::id). Times are since 1970, told by the edge.

use std::any::Any;
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use arc_swap::ArcSwap;
use http::HeaderValue;

use crate::access::Upstream;
use crate::secret::sha256;

/// One upstream and its addresses.
pub struct UpstreamPool {
    id: u64,
    member: u64,
    upstream: Upstream,
    authority: Option<HeaderValue>,
    addresses: ArcSwap<Vec<SocketAddr>>,
    turn: AtomicUsize,
    under_way: AtomicUsize,
    failures: AtomicU32,
    /// Milliseconds since 1970.
    ejected_until: AtomicU64,
    checks: AtomicU32,
    is_down: AtomicBool,
    /// What the edge works out of the configuration once.
    pub edge: OnceLock<Arc<dyn Any + Send + Sync>>,
}

impl UpstreamPool {
    /// An upstream that is an address has it at once; one that is a name has none until it is looked up.
    pub fn new(upstream: Upstream) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let literal = upstream.host.parse::<IpAddr>().map(|address| SocketAddr::new(address, upstream.port));
        let member = sha256(upstream.to_string()).first_chunk().copied().map(u64::from_le_bytes).unwrap_or_default();
        Self {
            id: NEXT.fetch_add(1, Ordering::Relaxed),
            member,
            authority: HeaderValue::try_from(upstream.authority()).ok(),
            addresses: ArcSwap::from_pointee(literal.into_iter().collect()),
            turn: AtomicUsize::new(0),
            under_way: AtomicUsize::new(0),
            failures: AtomicU32::new(0),
            ejected_until: AtomicU64::new(0),
            checks: AtomicU32::new(0),
            is_down: AtomicBool::new(false),
            edge: OnceLock::new(),
            upstream,
        }
    }

    /// A number that no other pool of this process ever has; not 0.
    pub fn id(&self) -> u64 {
        self.id
    }

    /// A number that the same upstream has in every process.
    pub fn member(&self) -> u64 {
        self.member
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
        self.upstream.socket.is_none() && self.upstream.host.parse::<IpAddr>().is_err()
    }

    /// How many addresses it has.
    pub fn addresses(&self) -> usize {
        if self.upstream.socket.is_some() { 1 } else { self.addresses.load().len() }
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

    /// Whether requests should go there, as far as checks and earlier requests say.
    pub fn is_available(&self, now: Duration) -> bool {
        !self.is_down.load(Ordering::Relaxed)
            && self.ejected_until.load(Ordering::Relaxed) <= milliseconds(now)
            && self.addresses() > 0
    }

    /// A request could not be sent, or was not answered. Whether the upstream is ejected from now on.
    pub fn failed(&self, now: Duration) -> bool {
        let failures = self.failures.fetch_add(1, Ordering::Relaxed) + 1;
        if failures < self.upstream.ejection.failures {
            return false;
        }
        self.failures.store(0, Ordering::Relaxed);
        let until = milliseconds(now + self.upstream.ejection.span);
        self.ejected_until.swap(until, Ordering::Relaxed) <= milliseconds(now)
    }

    /// Whether its ejection has ended since this was asked last.
    pub fn comes_back(&self, now: Duration) -> bool {
        let until = self.ejected_until.load(Ordering::Relaxed);
        let is_over = (1..=milliseconds(now)).contains(&until);
        is_over && self.ejected_until.compare_exchange(until, 0, Ordering::Relaxed, Ordering::Relaxed).is_ok()
    }

    /// A request was answered.
    pub fn succeeded(&self) {
        if self.failures.load(Ordering::Relaxed) > 0 {
            self.failures.store(0, Ordering::Relaxed);
        }
    }

    /// A check has succeeded or failed. Whether the upstream is healthy now, where that changes.
    pub fn checked(&self, is_good: bool) -> Option<bool> {
        let check = self.upstream.health_check.as_ref()?;
        let is_down = self.is_down.load(Ordering::Relaxed);
        if is_good != is_down {
            self.checks.store(0, Ordering::Relaxed);
            return None;
        }
        let needed = if is_good { check.successes } else { check.failures };
        if self.checks.fetch_add(1, Ordering::Relaxed) + 1 < needed {
            return None;
        }
        self.checks.store(0, Ordering::Relaxed);
        self.is_down.store(!is_good, Ordering::Relaxed);
        Some(is_good)
    }

    /// How many requests are under way.
    pub fn under_way(&self) -> usize {
        self.under_way.load(Ordering::Relaxed)
    }
}

fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

/// A request that is under way to an upstream.
#[derive(Debug)]
pub struct UnderWay(Arc<UpstreamPool>);

impl UnderWay {
    /// From now on.
    pub fn to(pool: &Arc<UpstreamPool>) -> Self {
        pool.under_way.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(pool))
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.under_way.fetch_sub(1, Ordering::Relaxed);
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
    use crate::access::{Ejection, HealthCheck};

    fn pool(host: &str) -> UpstreamPool {
        UpstreamPool::new(Upstream::new(host, 9001, false))
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
        assert_eq!(one.member(), other.member());
    }

    #[test]
    fn whoever_fails_again_and_again_is_left_alone_for_a_while() {
        let ejection = Ejection { failures: 2, span: Duration::from_secs(10) };
        let pool = UpstreamPool::new(Upstream { ejection, ..Upstream::new("127.0.0.1", 1, false) });
        let at = Duration::from_secs;
        assert!(!pool.failed(at(1)));
        pool.succeeded();
        assert!(!pool.failed(at(1)) && pool.is_available(at(1)));
        assert!(pool.failed(at(2)) && !pool.is_available(at(3)) && pool.is_available(at(12)));
        let said = [3, 12, 13].map(|seconds| pool.comes_back(at(seconds)));
        assert_eq!(said, [false, true, false]);
    }

    #[test]
    fn checks_take_a_pool_out_and_in_again() {
        let check = HealthCheck {
            path: "/".to_owned(),
            interval: Duration::from_secs(1),
            timeout: Duration::from_secs(1),
            status: None,
            failures: 2,
            successes: 2,
        };
        let upstream = Upstream { health_check: Some(check), ..Upstream::new("127.0.0.1", 1, false) };
        let pool = UpstreamPool::new(upstream);
        let said: Vec<Option<bool>> = [true, false, true, false, false, false, true, false, true, true]
            .map(|is_good| pool.checked(is_good))
            .into();
        assert_eq!(said, [None, None, None, None, Some(false), None, None, None, None, Some(true)]);
        assert!(pool.is_available(Duration::ZERO));
    }
}
