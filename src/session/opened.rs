//! What the last request of a connection opened.
//!
//! Browsers send the same cookie with every request of a connection, and to open it would be most of
//! what a request costs us. So the connection, and nothing that outlives it, keeps the cookies beside
//! the session that was in it. Only the very same texts count, and whether the session still lives is
//! asked anew each time. Memory is used by connections, not by people who are signed in.

use std::sync::Arc;

use super::{Session, SessionStore};
use crate::time::Instant;

/// What a connection remembers of its last request with a session.
#[derive(Clone, Default)]
pub struct LastOpened(Option<Arc<Opened>>);

struct Opened {
    handle: String,
    stamp: String,
    session: Arc<Session>,
    last_seen: Instant,
}

impl LastOpened {
    /// The session behind `handle` and when it was last used, if there is one.
    pub(super) async fn open(
        &mut self,
        store: &impl SessionStore,
        handle: &str,
        stamp: &str,
    ) -> Option<(Arc<Session>, Instant)> {
        if let Some(last) = self.0.as_deref()
            && last.handle == handle
            && last.stamp == stamp
        {
            return Some((Arc::clone(&last.session), last.last_seen));
        }
        let found = store.load(handle, stamp).await?;
        let (session, last_seen) = (Arc::new(found.session), found.last_seen);
        let opened =
            Opened { handle: handle.to_owned(), stamp: stamp.to_owned(), session: Arc::clone(&session), last_seen };
        self.0 = Some(Arc::new(opened));
        Some((session, last_seen))
    }
}
