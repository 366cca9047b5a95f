//! One configuration, whole: [`Runtime`]; and what outlives it: [`Shared`].
//!
//! Nothing in a [`Runtime`] changes. A reload builds another one beside it and puts that in its place ([`Current`]);
//! requests under way go on with the one that they began with, which goes when the last of them ends. What must
//! survive that, such as counters, sign-ins under way and the addresses of upstreams, is in [`Shared`], and handed
//! from runtime to runtime.

use std::collections::HashMap;
use std::sync::{Arc, Weak};
use std::time::Duration;

use arc_swap::ArcSwap;
use http::HeaderValue;
use parking_lot::Mutex;

use super::tls::Tls;
use crate::access::Upstream;
use crate::gateway::{Gateway, UpstreamPool};
use crate::headers::CertificateHeaders;
use crate::limits::{ConnectionLimits, Limits};
use crate::log::AccessLog;
use crate::metrics::Metrics;
use crate::oidc::Documents;
use crate::session::{Announcements, Redis, RedisSettings, Refreshes, Revocations};
use crate::signin::{FlowCache, UsedTickets};
use crate::web::TrustedProxies;

/// What one configuration says.
pub struct Runtime {
    /// What becomes of requests.
    pub gateway: Gateway,
    /// Every upstream that a route leads to, once.
    pub pools: Vec<Arc<UpstreamPool>>,
    /// How many connections may be open.
    pub connections: ConnectionLimits,
    /// Whose `X-Forwarded-For` and PROXY protocol are believed.
    pub trusted_proxies: TrustedProxies,
    /// What TLS listeners use; none where there is no TLS listener.
    pub tls: Option<Arc<Tls>>,
    /// How upstreams are told of a client's certificate.
    pub certificate_headers: CertificateHeaders,
    /// Whether listeners without TLS answer with nothing but the address over https.
    pub redirects_http: bool,
    /// Whether HTTP/2 is spoken without TLS, to clients that begin with it.
    pub h2c: bool,
    /// What browsers are told of https, where it is spoken.
    pub hsts: Option<HeaderValue>,
    /// The session store, if there is one.
    pub store: Option<Arc<Redis>>,
    /// Whether each request has a line in the log.
    pub access_log: Option<AccessLog>,
    /// How long clients are asked to use other connections before the listeners close.
    pub drain: Duration,
    /// How long requests under way may take after that.
    pub grace: Duration,
}

/// What outlives a configuration.
#[derive(Default)]
pub struct Shared {
    /// What is counted.
    pub metrics: Arc<Metrics>,
    /// What is remembered of sign-ins under way.
    pub flows: Arc<FlowCache>,
    /// What visitors did.
    pub limits: Arc<Limits>,
    /// Which hand-overs between hosts were used.
    pub tickets: Arc<UsedTickets>,
    /// Which sessions have ended before their time.
    pub revocations: Arc<Revocations>,
    /// Which sessions are being refreshed.
    pub refreshes: Arc<Refreshes>,
    /// The connection to the session store.
    pub stores: Stores,
    /// What providers say of themselves and of their keys.
    pub documents: Documents,
    /// Addresses and connections of upstreams.
    pub pools: Pools,
}

/// The pools of the runtimes that there are: the next one gets the same as the one before for the same upstream. A
/// pool goes with the last runtime that has it.
#[derive(Default)]
pub struct Pools(Mutex<KnownPools>);

#[derive(Default)]
struct KnownPools {
    by_upstream: HashMap<Upstream, Weak<UpstreamPool>>,
    /// How many there may be before those that are gone are removed: removing seldom keeps thousands cheap.
    full: usize,
}

impl Pools {
    /// The pool of this upstream.
    pub fn of(&self, upstream: &Upstream) -> Arc<UpstreamPool> {
        let mut known = self.0.lock();
        if let Some(pool) = known.by_upstream.get(upstream).and_then(Weak::upgrade) {
            return pool;
        }
        if known.by_upstream.len() >= known.full {
            known.by_upstream.retain(|_, pool| pool.strong_count() > 0);
            known.full = 2 * known.by_upstream.len() + 16;
        }
        let pool = Arc::new(UpstreamPool::new(upstream.clone()));
        known.by_upstream.insert(upstream.clone(), Arc::downgrade(&pool));
        pool
    }
}

/// The session store of the runtimes that there are: the next one gets the same as the one before for the same settings. What is
/// to be told to a store is kept here, since the store of a configuration that is refused goes at once.
#[derive(Default)]
pub struct Stores {
    last: Mutex<Weak<Redis>>,
    announcements: Arc<Announcements>,
}

impl Stores {
    /// The store of these settings. No connection is made yet.
    pub fn of(&self, settings: RedisSettings, revocations: &Arc<Revocations>, metrics: &Arc<Metrics>) -> Arc<Redis> {
        let mut last = self.last.lock();
        match last.upgrade() {
            Some(store) if *store.settings() == settings => store,
            _ => {
                let (revocations, metrics) = (Arc::clone(revocations), Arc::clone(metrics));
                let store = Arc::new(Redis::new(settings, revocations, metrics, Arc::clone(&self.announcements)));
                *last = Arc::downgrade(&store);
                store
            }
        }
    }
}

/// The runtime that new requests get.
pub struct Current(ArcSwap<Runtime>);

impl Current {
    /// `runtime`, until another takes its place.
    pub fn new(runtime: Runtime) -> Arc<Self> {
        Arc::new(Self(ArcSwap::from_pointee(runtime)))
    }

    /// The runtime as it is now.
    pub fn get(&self) -> Arc<Runtime> {
        self.0.load_full()
    }

    /// From now on new requests get `runtime`.
    pub fn replace(&self, runtime: Runtime) {
        self.0.store(Arc::new(runtime));
    }

    /// Holds the runtime for a new connection.
    pub(super) fn pin(&self) -> Pinned {
        Pinned::new(self.get())
    }

    /// Whether `pinned` is still the one that new requests get.
    pub(super) fn is(&self, pinned: &Pinned) -> bool {
        Arc::ptr_eq(&self.0.load(), &pinned.0.runtime)
    }
}

/// A runtime as one connection holds it, and what it writes into every request. The requests of a connection share
/// this, so that their reference counts are in memory that no other connection writes to.
#[derive(Clone)]
pub(super) struct Pinned(Arc<PinnedRuntime>);

struct PinnedRuntime {
    runtime: Arc<Runtime>,
    port: HeaderValue,
}

impl Pinned {
    fn new(runtime: Arc<Runtime>) -> Self {
        let port = runtime.gateway.site().public_url().port_or_known_default().unwrap_or_default().into();
        Self(Arc::new(PinnedRuntime { runtime, port }))
    }

    /// `X-Forwarded-Port`
    pub(super) fn port(&self) -> HeaderValue {
        self.0.port.clone()
    }

    /// `X-Forwarded-Proto`
    pub(super) fn proto(&self) -> HeaderValue {
        HeaderValue::from_static(if self.gateway.site().secure() { "https" } else { "http" })
    }
}

impl std::ops::Deref for Pinned {
    type Target = Runtime;

    fn deref(&self) -> &Runtime {
        &self.0.runtime
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::Secret;
    use crate::session::Servers;

    #[test]
    fn an_upstream_that_two_runtimes_name_has_one_pool_which_goes_with_the_last_of_them() {
        let upstream = |port| Upstream::new("127.0.0.1", port, false);
        let pools = Pools::default();
        let (first, next, other) = (pools.of(&upstream(1)), pools.of(&upstream(1)), pools.of(&upstream(2)));
        assert!(Arc::ptr_eq(&first, &next) && !Arc::ptr_eq(&first, &other));
        let id = first.id();
        drop((first, next));
        assert_ne!(pools.of(&upstream(1)).id(), id);
        for port in 3..1_000 {
            assert_eq!(pools.of(&upstream(port)).addresses(), 1);
        }
        let known = pools.0.lock().by_upstream.len();
        assert!(known < 40, "what nobody has is forgotten: {known}");
        assert!(Arc::ptr_eq(&other, &pools.of(&upstream(2))), "and nothing else");
    }

    #[test]
    fn what_waits_for_a_store_outlives_the_store_of_a_configuration_that_is_refused() {
        let stores = Stores::default();
        let store = |seconds| {
            let settings = RedisSettings {
                servers: Servers::One(Secret::new("redis://127.0.0.1:1")),
                username: None,
                password: None,
                authority: None,
                prefix: "gw:".to_owned(),
                connect: Duration::from_secs(1),
                command: Duration::from_secs(seconds),
                cache: Duration::from_secs(10),
                outage: Duration::from_secs(300),
            };
            stores.of(settings, &Arc::default(), &Arc::default())
        };
        let in_use = store(1);
        assert!(Arc::ptr_eq(&in_use, &store(1)));
        drop(store(2));
        let next = store(3);
        assert!(!Arc::ptr_eq(&in_use, &next));
        assert_eq!(Arc::strong_count(&stores.announcements), 3, "both tell what is kept here");
    }
}
