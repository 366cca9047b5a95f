//! Where sessions are kept, and what every such place promises.
//!
//! What a browser holds of a session is its *handle*, text that may stand in a cookie, and perhaps a *stamp*, which
//! says when the session was last used. The handle of a session never changes, so an answer that comes late cannot
//! bring back an older session: it carries a stamp at most, and a stamp counts only beside the handle it belongs to.
//!
//! `keeps_its_promises` is what every store is held to.

use super::Session;
use crate::time::Instant;

/// A session as it was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// The session.
    pub session: Session,
    /// When it was last used, as far as that was written down.
    pub last_seen: Instant,
}

/// A place where sessions are kept. It knows no HTTP.
pub trait SessionStore {
    /// Keeps a session that has just begun: the session as it was kept, and its handle.
    fn create(&self, session: Session) -> impl Future<Output = (Session, String)> + Send;

    /// The session behind a handle; none where the handle means nothing. A stamp that means nothing is as good as none.
    fn load(&self, handle: &str, stamp: &str) -> impl Future<Output = Option<Stored>> + Send;

    /// Writes down that the session was used at `at`: the stamp that the browser must keep from now on, where the
    /// store does not keep it itself.
    fn touch(&self, session: &Session, at: Instant) -> impl Future<Output = Option<String>> + Send;
}

#[cfg(test)]
pub(super) async fn keeps_its_promises(store: &impl SessionStore) {
    use super::tests::{START, jane, session_of};

    let (one, handle) = store.create(session_of(jane())).await;
    let (other, other_handle) = store.create(session_of(jane())).await;
    assert_eq!(one.identity, jane(), "what fits is kept whole");
    assert_ne!(handle, other_handle, "every session has a handle of its own");
    let found = store.load(&handle, "").await.expect("what was kept is there");
    assert_eq!(found, Stored { session: one.clone(), last_seen: START });

    for nothing in ["", "x", &handle[1..], &handle[..handle.len() - 1], &format!("{handle}A")] {
        assert_eq!(store.load(nothing, "").await, None, "{nothing}");
    }

    let later = START.after(std::time::Duration::from_secs(600));
    let stamp = store.touch(&one, later).await.unwrap_or_default();
    assert_eq!(store.load(&handle, &stamp).await.expect("still there").last_seen, later);
    assert_eq!(store.load(&other_handle, &stamp).await, Some(Stored { session: other, last_seen: START }));
    let cut = &stamp[..stamp.len().saturating_sub(1)];
    assert_eq!(store.load(&handle, cut).await.map(|found| found.session), Some(one), "a bad stamp ends nothing");
}
