//! What the last request of a connection opened.
//!
//! Browsers send the same cookie with every request of a connection, and to open it would be most of
//! what a request costs us. So the connection, and nothing that outlives it, keeps the cookies beside
//! the session that was in it. Only the very same texts count, and whether the session still lives is
//! asked anew each time. Memory is used by connections, not by people who are signed in.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::{Revocations, Session, SessionStore};
use crate::time::Instant;

/// What a connection remembers of its last request with a session.
#[derive(Clone, Default)]
pub struct LastOpened(Option<Arc<Opened>>);

/// A session that was opened.
pub(super) struct Opened {
    handle: String,
    stamp: String,
    pub(super) session: Arc<Session>,
    pub(super) last_seen: Instant,
    /// As of which epoch of the revocations it had not ended.
    stood: AtomicU64,
}

impl Opened {
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
    /// The session behind `handle`, if there is one.
    pub(super) async fn open(&mut self, store: &impl SessionStore, handle: &str, stamp: &str) -> Option<&Opened> {
        let is_same = |last: &Arc<Opened>| last.handle == handle && last.stamp == stamp;
        if !self.0.as_ref().is_some_and(is_same) {
            let found = store.load(handle, stamp).await?;
            let (session, last_seen) = (Arc::new(found.session), found.last_seen);
            // No epoch is the largest number, so the first question is asked.
            let stood = AtomicU64::new(u64::MAX);
            let opened = Opened { handle: handle.to_owned(), stamp: stamp.to_owned(), session, last_seen, stood };
            self.0 = Some(Arc::new(opened));
        }
        self.0.as_deref()
    }
}
