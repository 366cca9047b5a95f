//! Sessions in Redis or Valkey: the browser holds a ticket, the store a sealed record.
//!
//! | key | value | lives |
//! |---|---|---|
//! | `gw:s:{id}` | `version.last seen-longest idle.sealed session`, with what refreshes it | the idle lifetime after each use; whoever reads it looks at its absolute end |
//! | `gw:l:{id}` | random: who refreshes the session | 30 s |
//! | `gw:u:<person>` | sorted set of ids, by the end of their absolute lifetime | as its longest member |
//! | `gw:i:<session of the org>` | set of ids | the absolute lifetime |
//! | `gw:a:<e-mail address>` | sorted set of ids, as `gw:u:`; only where it is asked who has an address | as its longest member |
//! | `gw:n:<person>` | Unix seconds: what began up to then has ended | the absolute lifetime |
//! | `gw:e` | sorted set of endings, numbered, the last 100,000: what replicas read to learn of them | the absolute lifetime |
//! | `gw:j:<token>` | a token that may come once only | as long as it would be taken |
//! | `gw:h:<ticket>` | a ticket between hosts that was used | as long as it would count |
//!
//! `id`, `person` and `session of the org` are SHA-256 in base64url: who reads the store learns no id that opens
//! anything. The ticket is sealed too, so a forged cookie costs no command; and the record says which session it is,
//! so that records cannot be exchanged. Braces keep what belongs to one session in one slot of a cluster.
//!
//! A copy of what was read is kept for [`RedisSettings::cache`], so that most requests need no command. What ends is read from
//! `gw:e` every [`endings::POLL`], and no copy opens a session that has ended. While the store is away, copies count for
//! [`RedisSettings::outage`]; sessions without one are [`Unavailable`]. Commands have a time-out, and once one has
//! failed all others fail at once until the connection is back (`link`).

mod endings;
mod link;
mod settings;
mod store;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use quick_cache::sync::Cache;
use redis::{Cmd, Script};

use super::opened::Opened;
use super::revocations::{Digest, id_digest};
use super::{Revocations, Session, SessionId, Unavailable};
use crate::metrics::Metrics;

use endings::Endings;
use link::Link;

pub use endings::Announcements;
pub use settings::{Password, RedisSettings, Servers};
pub(super) use store::{Lock, RedisStore, TOUCH_INTERVAL};

/// How many sessions have a copy; about 1 KB each.
const CACHED: usize = 20_000;

/// A store's connection, and what is kept of it in this process. Outlives a configuration.
pub struct Redis {
    settings: RedisSettings,
    link: Link,
    cache: Cache<SessionId, Arc<Opened>>,
    revocations: Arc<Revocations>,
    metrics: Arc<Metrics>,
    endings: Endings,
}

impl fmt::Debug for Redis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Redis").field("settings", &self.settings).finish_non_exhaustive()
    }
}

impl Redis {
    /// Not connected before [`Redis::start`]. Of ended sessions it tells what these announcements are, also where they wait since
    /// an earlier one.
    pub fn new(
        settings: RedisSettings,
        revocations: Arc<Revocations>,
        metrics: Arc<Metrics>,
        announcements: Arc<Announcements>,
    ) -> Self {
        let link = Link::new(settings.clone(), Arc::clone(&metrics));
        let endings = Endings::new(announcements);
        Self { settings, link, cache: Cache::new(CACHED), revocations, metrics, endings }
    }

    /// Connects, and stays connected until this is dropped. A second call does nothing.
    pub fn start(self: &Arc<Self>) {
        link::start(self);
    }

    /// What it was made of.
    pub fn settings(&self) -> &RedisSettings {
        &self.settings
    }

    /// Whether it ever was connected, and what had ended was read.
    pub fn has_been_connected(&self) -> bool {
        self.endings.are_caught_up()
    }

    fn key(&self, kind: &str, name: &str) -> String {
        format!("{}{kind}{name}", self.settings.prefix)
    }

    fn session_key(&self, session: SessionId) -> String {
        self.slot_key("s:", &text_of(&id_digest(session)))
    }

    /// One in the slot of the session that is so called in lists.
    fn slot_key(&self, kind: &str, id: &str) -> String {
        self.key(kind, &format!("{{{id}}}"))
    }

    async fn ask<T: redis::FromRedisValue>(&self, command: &Cmd) -> Result<T, Unavailable> {
        self.link.ask(|mut connection| async move { command.query_async(&mut connection).await }).await
    }

    /// Sets a key for that long; whether it was not there.
    async fn set_new(&self, key: &str, value: &str, span: Duration) -> Result<bool, Unavailable> {
        let mut set = redis::cmd("SET");
        set.arg(key).arg(value).arg("NX").arg("PX").arg(milliseconds(span));
        Ok(self.ask::<Option<String>>(&set).await?.is_some())
    }

    async fn run(
        &self,
        script: &Script,
        key: &str,
        arguments: &[impl redis::ToRedisArgs + Sync],
    ) -> Result<u64, Unavailable> {
        self.link
            .ask(|mut connection| async move {
                let mut call = script.prepare_invoke();
                call.key(key);
                for argument in arguments {
                    call.arg(argument);
                }
                call.invoke_async(&mut connection).await
            })
            .await
    }
}

/// What a session is called in lists, and in a form.
pub(super) fn name_of(session: &Session) -> String {
    text_of(&id_digest(session.id))
}

fn text_of(digest: &Digest) -> String {
    URL_SAFE_NO_PAD.encode(digest)
}

/// At least one: nothing is kept for ever.
fn milliseconds(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX).max(1)
}

#[cfg(test)]
mod tests;
