//! Where sessions are kept, and what every such place promises.
//!
//! What a browser holds of a session is its *handle*, text that may stand in a cookie, and perhaps a *stamp*, which
//! says when the session was last used. The handle of a session never changes, so an answer that comes late cannot
//! bring back an older session: it carries a stamp at most, and a stamp counts only beside the handle it belongs to.
//!
//! `keeps_its_promises` is what every store is held to.

use std::time::Duration;

use super::Session;
use crate::time::Instant;

/// A session as it was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// The session.
    pub session: Session,
    /// How it was used.
    pub usage: Usage,
}

/// How a session was used, as far as that was written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Usage {
    /// When it was last used.
    pub last_seen: Instant,
    /// The longest that it went unused before that. It only grows: a route that takes no session which was left alone for
    /// so long does not take it after a visit elsewhere.
    pub longest_idle: Duration,
}

impl Usage {
    /// Of a session that nobody used since it began.
    pub(super) fn begun(session: &Session) -> Self {
        match &session.lease {
            Some(lease) => Self { last_seen: lease.taken, longest_idle: lease.longest_idle },
            None => Self { last_seen: session.signed_in, longest_idle: Duration::ZERO },
        }
    }

    /// The same once it is used at `now`.
    #[must_use]
    pub(super) fn at(self, now: Instant) -> Self {
        Self { last_seen: now, longest_idle: self.longest_idle.max(now.since(self.last_seen)) }
    }
}

/// The store does not answer, or cannot do now what is asked. Nothing is known of any session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the session store does not answer")]
pub struct Unavailable;

/// Why there is no session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoSession {
    /// The handle, or what the store keeps under it, is not sealed by us.
    #[error("it does not open")]
    Unreadable,
    /// The store has nothing: it ended, was evicted, or the store was emptied.
    #[error("it is not there")]
    Missing,
    /// The store does not answer.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

/// A place where sessions are kept. It knows no HTTP.
pub trait SessionStore {
    /// Keeps a session that has just begun: the session as it was kept, and its handle. It may begin later than was
    /// asked, where all sessions of that person up to then have ended.
    fn create(&self, session: Session) -> impl Future<Output = Result<(Session, String), Unavailable>> + Send;

    /// The session behind a handle. A stamp that means nothing is as good as none.
    fn load(&self, handle: &str, stamp: &str) -> impl Future<Output = Result<Stored, NoSession>> + Send;

    /// Writes down how the session was used: the stamp that the browser must keep from now on, where the
    /// store does not keep it itself.
    fn touch(
        &self,
        session: &Session,
        usage: Usage,
    ) -> impl Future<Output = Result<Option<String>, Unavailable>> + Send;

    /// The session has ended: it is not kept any longer, where the store is what keeps it.
    fn end(&self, session: &Session) -> impl Future<Output = Result<(), Unavailable>> + Send;
}

#[cfg(test)]
pub(super) async fn keeps_its_promises(store: &impl SessionStore) {
    use super::tests::{START, jane, session_of};

    let (one, handle) = store.create(session_of(jane())).await.expect("it is kept");
    let (other, other_handle) = store.create(session_of(jane())).await.expect("it is kept");
    assert_eq!(one.identity, jane(), "what fits is kept whole");
    assert_ne!(handle, other_handle, "every session has a handle of its own");
    let found = store.load(&handle, "").await.expect("what was kept is there");
    assert_eq!(found, Stored { session: one.clone(), usage: Usage::begun(&one) });

    for nothing in ["", "x", &handle[1..], &handle[..handle.len() - 1], &format!("{handle}A")] {
        assert_eq!(store.load(nothing, "").await, Err(NoSession::Unreadable), "{nothing}");
    }

    let later = Usage { last_seen: START.after(Duration::from_secs(600)), longest_idle: Duration::from_secs(540) };
    let stamp = store.touch(&one, later).await.expect("it answers").unwrap_or_default();
    assert_eq!(store.load(&handle, &stamp).await.expect("still there").usage, later);
    assert_eq!(
        store.load(&other_handle, &stamp).await,
        Ok(Stored { session: other.clone(), usage: Usage::begun(&other) })
    );
    let cut = &stamp[..stamp.len().saturating_sub(1)];
    assert_eq!(store.load(&handle, cut).await.map(|found| found.session), Ok(one.clone()), "a bad stamp ends nothing");

    store.end(&one).await.expect("it answers");
    store.end(&one).await.expect("what has ended may end again");
    assert_eq!(store.load(&other_handle, "").await.map(|found| found.session), Ok(other), "nobody else's ends");
}
