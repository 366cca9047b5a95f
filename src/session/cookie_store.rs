//! Sessions that the browser keeps, and nobody else: the handle is the session itself, sealed.
//!
//! Sealed is a version byte and the session in postcard; the stamp is sealed as well, and says which session it
//! belongs to.

use tracing::warn;

use super::cookie::{HANDLE_BYTES, PART_BYTES};
use super::{KeyRing, Purpose, Session, SessionId, SessionStore, Stored};
use crate::time::Instant;

use std::sync::Arc;

/// The payload's own version, so that a later gateway knows what it opens.
const FORMAT: u8 = 1;

/// Keeps sessions in browsers.
#[derive(Debug)]
pub(super) struct CookieStore {
    keys: Arc<KeyRing>,
}

impl CookieStore {
    pub(super) fn new(keys: Arc<KeyRing>) -> Self {
        Self { keys }
    }

    fn seal(&self, session: &Session) -> String {
        let plain = postcard::to_extend(session, vec![FORMAT]).expect("a session has a length");
        self.keys.seal(Purpose::Session, &zeroize::Zeroizing::new(plain))
    }

    /// The session in a handle, if it is one.
    fn open(&self, handle: &str) -> Option<Session> {
        let plain = self.keys.open(Purpose::Session, handle).ok()?;
        let (&FORMAT, session) = plain.split_first()? else { return None };
        postcard::from_bytes(session).ok()
    }

    /// When the session was last used, by a stamp of its own.
    fn stamped(&self, session: &Session, stamp: &str) -> Option<Instant> {
        let plain = self.keys.open(Purpose::Seen, stamp).ok()?;
        let (owner, at): (SessionId, Instant) = postcard::from_bytes(&plain).ok()?;
        (owner == session.id).then_some(at)
    }
}

impl SessionStore for CookieStore {
    async fn create(&self, mut session: Session) -> (Session, String) {
        loop {
            let sealed = self.seal(&session);
            if sealed.len() <= HANDLE_BYTES {
                return (session, sealed);
            }
            make_smaller(&mut session);
        }
    }

    async fn load(&self, handle: &str, stamp: &str) -> Option<Stored> {
        let session = self.open(handle)?;
        let last_seen = self.stamped(&session, stamp).unwrap_or(session.signed_in);
        Some(Stored { session, last_seen })
    }

    async fn touch(&self, session: &Session, at: Instant) -> Option<String> {
        let plain = postcard::to_stdvec(&(session.id, at)).expect("a stamp has a length");
        Some(self.keys.seal(Purpose::Seen, &plain))
    }
}

/// What can be done without goes first: claims, then groups from the last on. Less is never more than the person may do.
fn make_smaller(session: &mut Session) {
    let identity = &mut session.identity;
    if !identity.claims.is_empty() {
        warn!(claims = identity.claims.len(), "the session is too large for its cookie: kept without mapped claims");
        identity.claims.clear();
    } else if !identity.groups.is_empty() {
        let kept = identity.groups.len() / 2;
        warn!(groups = identity.groups.len(), kept, "the session is too large for its cookie: kept with fewer groups");
        identity.groups.truncate(kept);
    } else {
        warn!("the session is too large for its cookie: kept with the subject only");
        (identity.name, identity.email, identity.username) = (None, None, None);
        identity.amr.clear();
        identity.acr = None;
        identity.subject.truncate(identity.subject.floor_char_boundary(PART_BYTES / 2));
    }
}

#[cfg(test)]
mod tests {
    use super::super::{store, tests};
    use super::*;

    #[tokio::test]
    async fn it_keeps_its_promises() {
        store::keeps_its_promises(&CookieStore::new(tests::keys(1))).await;
    }
}
