//! Session keys whose moment comes while the process runs, and how old the one is that seals: looked at every
//! [`LOOK_TIME`].

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use pingora::server::ShutdownWatch;
use pingora::services::background::BackgroundService;
use tracing::warn;

use super::runtime::Current;
use crate::metrics::Metrics;
use crate::time::{Instant, now};

/// How often keys are looked at.
const LOOK_TIME: Duration = Duration::from_secs(2);

/// Takes keys out of use whose moment has come, until the process ends.
pub struct WatchKeys {
    /// Whose keys.
    pub current: Arc<Current>,
    /// Where it is shown how old the one is that seals.
    pub metrics: Arc<Metrics>,
}

#[async_trait]
impl BackgroundService for WatchKeys {
    async fn start(&self, mut shutdown: ShutdownWatch) {
        // When a key was made is known of keys in files only; any other is as old as its first use here.
        let mut first_seen: HashMap<String, Instant> = HashMap::new();
        loop {
            self.look(&mut first_seen);
            tokio::select! {
                () = tokio::time::sleep(LOOK_TIME) => {}
                _ = shutdown.changed() => return,
            }
        }
    }
}

impl WatchKeys {
    fn look(&self, first_seen: &mut HashMap<String, Instant>) {
        let (now, runtime) = (now(), self.current.get());
        let keys = &runtime.gateway.keys;
        for key in keys.all().filter(|key| !key.is_over() && key.not_after.is_some_and(|end| now >= end)) {
            warn!(key = key.id(), "a session key is past its not_after: what it sealed does not open any more");
        }
        let key = keys.retire(now);
        let made = key.made.unwrap_or_else(|| *first_seen.entry(key.id().to_owned()).or_insert(now));
        self.metrics.session_key_age(now.since(made));
    }
}
