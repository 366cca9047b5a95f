//! A session that was opened, and what a connection keeps of its last request.
//!
//! Browsers send the same cookie with every request of a connection, and to open it would be most of
//! what a request costs us. So the connection keeps the cookies beside the session that was in them. Only the very same
//! texts count, and whether the session still lives is asked anew each time. Without a store, memory is used by
//! connections, not by people who are signed in; with one, connections share what the store's cache holds.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::cookie::Held;
use super::{RefreshState, Revocations, Session, Stored, Usage};
use crate::time::Instant;

/// What a connection remembers of its last request with a session.
#[derive(Clone, Default)]
pub struct LastOpened(Option<Arc<LastCookies>>);

/// Cookies, and what was in them.
struct LastCookies {
    handle: String,
    stamp: String,
    refresh: String,
    opened: Arc<Opened>,
}

/// A session that was opened.
#[derive(Debug)]
pub(super) struct Opened {
    pub(super) session: Arc<Session>,
    /// What refreshes it.
    pub(super) refresh: Option<RefreshState>,
    /// Unix seconds: when it was last used, as far as that was written down.
    last_seen: AtomicU64,
    /// Seconds: [`Usage::longest_idle`].
    longest_idle: AtomicU64,
    /// Unix seconds: when the store was last asked about it.
    read_at: AtomicU64,
    /// The epoch of the revocations in which it was last found not to have ended.
    stood: AtomicU64,
}

impl Opened {
    pub(super) fn new(found: Stored, read_at: Instant) -> Self {
        let Stored { session, usage, refresh } = found;
        Self {
            session: Arc::new(session),
            refresh,
            last_seen: AtomicU64::new(usage.last_seen.seconds()),
            longest_idle: AtomicU64::new(usage.longest_idle.as_secs()),
            read_at: AtomicU64::new(read_at.seconds()),
            // No epoch is the largest number, so the first question is asked.
            stood: AtomicU64::new(u64::MAX),
        }
    }

    pub(super) fn usage(&self) -> Usage {
        let last_seen = Instant::from_seconds(self.last_seen.load(Ordering::Acquire));
        let longest_idle = Duration::from_secs(self.longest_idle.load(Ordering::Relaxed));
        Usage { last_seen, longest_idle }
    }

    /// It was used so, as far as another copy of it knows.
    pub(super) fn was_used(&self, usage: Usage) {
        self.longest_idle.fetch_max(usage.longest_idle.as_secs(), Ordering::Relaxed);
        self.last_seen.fetch_max(usage.last_seen.seconds(), Ordering::Release);
    }

    /// Whether the store was asked about it after that moment.
    pub(super) fn was_read_after(&self, moment: Instant) -> bool {
        self.read_at.load(Ordering::Relaxed) > moment.seconds()
    }

    /// Whether its use at `now` is this caller's to write down: of several that ask at once, only the first is told so.
    pub(super) fn is_seen_first(&self, now: Instant, interval: Duration) -> bool {
        let before = self.last_seen.load(Ordering::Relaxed);
        let idle = now.since(Instant::from_seconds(before));
        if idle < interval {
            return false;
        }
        // Before `last_seen`: whoever reads that it was used must read this too.
        self.longest_idle.fetch_max(idle.as_secs(), Ordering::Relaxed);
        self.last_seen.compare_exchange(before, now.seconds(), Ordering::Release, Ordering::Relaxed).is_ok()
    }

    /// Whether the store was asked about it less than `span` ago.
    pub(super) fn was_read_within(&self, span: Duration, now: Instant) -> bool {
        let read_at = Instant::from_seconds(self.read_at.load(Ordering::Relaxed));
        read_at <= now && now < read_at.after(span)
    }

    /// The store was asked again, and has the same.
    pub(super) fn read_again(&self, usage: Usage, now: Instant) {
        self.was_used(usage);
        self.read_at.store(now.seconds(), Ordering::Relaxed);
    }

    /// Whether it has ended before its time.
    pub(super) fn has_ended(&self, revocations: &Revocations) -> bool {
        let epoch = revocations.epoch();
        if self.stood.load(Ordering::Relaxed) == epoch {
            return false;
        }
        let has_ended = revocations.has_ended(&self.session);
        if !has_ended {
            self.stood.store(epoch, Ordering::Relaxed);
        }
        has_ended
    }
}

impl LastOpened {
    /// What was opened last, where it was of the same texts.
    pub(super) fn of(&self, held: &Held<'_>) -> Option<&Arc<Opened>> {
        let is_same = |last: &&Arc<LastCookies>| {
            last.handle == held.handle && last.stamp == held.stamp && last.refresh == held.refresh
        };
        self.0.as_ref().filter(is_same).map(|last| &last.opened)
    }

    /// Keeps what was opened for the next request.
    pub(super) fn keep(&mut self, held: &Held<'_>, opened: &Arc<Opened>) {
        let (handle, stamp, refresh) =
            (held.handle.clone().into_owned(), held.stamp.to_owned(), held.refresh.to_owned());
        self.0 = Some(Arc::new(LastCookies { handle, stamp, refresh, opened: Arc::clone(opened) }));
    }
}
