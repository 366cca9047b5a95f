//! `[session]`: keys, lifetimes, and where sessions are kept.

use std::time::Duration;

use super::reader::Section;
use super::redis;
use super::secrets::{KeySource, NewKeys};
use crate::session::{Deployment, KeyRing, Lifetimes, RedisSettings};

/// `[session]`
#[derive(Debug)]
pub struct SessionSettings {
    /// The newest first; at least one.
    keys: Vec<KeySource>,
    /// How long sessions last.
    pub lifetimes: Lifetimes,
    /// How long a provider's claims count before a session is refreshed; none where the provider says it.
    pub refresh: Option<Duration>,
    /// Whether browsers keep the cookies of people who asked for it when they are closed.
    pub persistent: bool,
    /// Whether an order to revoke that is about nobody with a session is answered with 404.
    pub strict_404: bool,
    /// How the session store is reached; none where browsers keep their sessions.
    pub redis: Option<RedisSettings>,
}

impl SessionSettings {
    /// The keys; one that is to be made is made now.
    pub fn key_ring(&self, deployment: Deployment<'_>, new_keys: NewKeys) -> Result<KeyRing, String> {
        let mut keys = Vec::with_capacity(self.keys.len());
        for source in &self.keys {
            keys.push(source.key(new_keys)?);
        }
        let newest = if keys.is_empty() { return Err("no session key".to_owned()) } else { keys.remove(0) };
        Ok(KeyRing::new(deployment, newest, keys))
    }
}

pub(super) fn read(section: &Section<'_>) -> Option<SessionSettings> {
    let keys = section.keys("keys");
    let idle = section.minutes("idle_minutes", 1..=525_600, 60);
    let absolute = Duration::from_secs(3600 * section.number("absolute_hours", 1..=8_760, 12));
    let lifetimes = Lifetimes::new(idle, absolute);
    if lifetimes.is_none() {
        section.problem("idle_minutes", "must not be longer than session.absolute_hours");
    }
    let refresh = section.given("refresh_minutes").then(|| section.minutes("refresh_minutes", 1..=525_600, 60));
    let redis = redis::read(section);
    let persistent = section.flag("persistent", false);
    let strict_404 = section.flag("strict_404", false);
    if strict_404 && redis.as_ref().is_some_and(Option::is_none) {
        section
            .problem("strict_404", "needs session.store = \"redis\": without a store nobody knows who has a session");
    }
    Some(SessionSettings { keys, lifetimes: lifetimes?, refresh, persistent, strict_404, redis: redis? })
}
