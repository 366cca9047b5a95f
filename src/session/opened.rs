//! What the last request of a connection opened.
//!
//! Browsers send the same cookie with every request of a connection, and to open it would be most of
//! what a request costs us. So the connection, and nothing that outlives it, keeps the cookie beside
//! the session that was in it. Only the very same text counts, and whether the session still lives is
//! asked anew each time. Memory is used by connections, not by people who are signed in.

use std::sync::Arc;

use super::{KeyRing, Session, cookie};

/// What a connection remembers of its last request with a session.
#[derive(Clone, Default)]
pub struct LastOpened(Option<Arc<Opened>>);

struct Opened {
    sealed: String,
    session: Arc<Session>,
}

impl LastOpened {
    /// The session in `sealed`, if it is one.
    pub(super) fn open(&mut self, keys: &KeyRing, sealed: &str) -> Option<Arc<Session>> {
        if let Some(last) = self.0.as_deref()
            && last.sealed == sealed
        {
            return Some(Arc::clone(&last.session));
        }
        let session = Arc::new(cookie::open(keys, sealed)?);
        self.0 = Some(Arc::new(Opened { sealed: sealed.to_owned(), session: Arc::clone(&session) }));
        Some(session)
    }
}
