//! Sessions that the browser keeps, and nobody else: the handle is the session itself, sealed.
//!
//! Sealed is a version byte and the session in postcard; the stamp is sealed as well, and says which session it
//! belongs to.
//!
//! A browser has room for [`HANDLE_BYTES`], an address that hands a lease over for [`LEASE_BYTES`]. What is too large
//! leaves out whole claims, the largest first, and says so in [`Identity::left_out`]; of groups, those that rules name
//! stay.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use super::cookie::{HANDLE_BYTES, LEASE_BYTES};
use super::store::{NoSession, Unavailable, Usage};
use super::{ClaimValue, GROUPS, Identity, KeyRing, Purpose, Session, SessionId, SessionStore, Stored};
use crate::time::Instant;

/// The payload's own version, so that a later gateway knows what it opens.
const FORMAT: u8 = 3;

/// Keeps sessions in browsers.
#[derive(Debug)]
pub(super) struct CookieStore {
    keys: Arc<KeyRing>,
    needed: BTreeSet<String>,
}

impl CookieStore {
    pub(super) fn new(keys: Arc<KeyRing>, needed: BTreeSet<String>) -> Self {
        Self { keys, needed }
    }

    fn seal(&self, session: &Session) -> String {
        let plain = postcard::to_extend(session, vec![FORMAT]).expect("a session has a length");
        self.keys.seal(Purpose::Session, &zeroize::Zeroizing::new(plain))
    }

    fn leave_out_the_largest(&self, identity: &mut Identity) {
        let bytes = |names: &[String]| names.iter().map(|name| name.len() + 1).sum::<usize>();
        let claim_bytes = |value: &ClaimValue| match value {
            ClaimValue::Text(text) => text.len(),
            ClaimValue::List(items) => bytes(items),
        };
        let largest = identity.claims.iter().map(|(name, value)| (claim_bytes(value), name.clone())).max();
        let is_needed = |name: &String| self.needed.contains(name);
        let spare: usize = identity.groups.iter().filter(|name| !is_needed(name)).map(|name| name.len() + 1).sum();
        let left_out = match largest {
            Some((size, name)) if size > spare => {
                identity.claims.remove(&name);
                name
            }
            _ if spare > 0 => {
                identity.groups.retain(is_needed);
                GROUPS.to_owned()
            }
            // More groups are named by rules than fit: whoever is in all of them may do less than they should.
            _ if identity.groups.pop().is_some() => GROUPS.to_owned(),
            _ => {
                (identity.name, identity.email, identity.username, identity.acr) = (None, None, None, None);
                identity.amr.clear();
                "name".to_owned()
            }
        };
        if !identity.left_out.contains(&left_out) {
            identity.left_out.push(left_out);
        }
    }

    /// The session in a handle, if it is one.
    fn open(&self, handle: &str) -> Option<Session> {
        let plain = self.keys.open(Purpose::Session, handle).ok()?;
        let (&FORMAT, session) = plain.split_first()? else { return None };
        postcard::from_bytes(session).ok()
    }

    /// How the session was used, by a stamp of its own; one of an earlier gateway says only when.
    fn stamped(&self, session: &Session, stamp: &str) -> Option<Usage> {
        let whole = self.keys.open_value::<(SessionId, Instant, u64)>(Purpose::Seen, stamp);
        let earlier = || self.keys.open_value(Purpose::Seen, stamp).map(|(owner, seen)| (owner, seen, 0));
        let (owner, last_seen, idle) = whole.or_else(earlier)?;
        (owner == session.id).then_some(Usage { last_seen, longest_idle: Duration::from_secs(idle) })
    }
}

impl SessionStore for CookieStore {
    async fn create(&self, mut session: Session) -> Result<(Session, String), Unavailable> {
        // Nobody can list the sessions of a person, so nobody asks from where they were begun.
        session.device = None;
        let room = if session.lease.is_some() { LEASE_BYTES } else { HANDLE_BYTES };
        loop {
            let sealed = self.seal(&session);
            if sealed.len() <= room {
                return Ok((session, sealed));
            }
            self.leave_out_the_largest(&mut session.identity);
        }
    }

    async fn load(&self, handle: &str, stamp: &str) -> Result<Stored, NoSession> {
        let session = self.open(handle).ok_or(NoSession::Unreadable)?;
        let usage = self.stamped(&session, stamp).unwrap_or_else(|| Usage::begun(&session));
        Ok(Stored { session, usage })
    }

    async fn touch(&self, session: &Session, usage: Usage) -> Result<Option<String>, Unavailable> {
        let stamp = (session.id, usage.last_seen, usage.longest_idle.as_secs());
        Ok(Some(self.keys.seal_value(Purpose::Seen, &stamp)))
    }

    async fn end(&self, _: &Session) -> Result<(), Unavailable> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::{store, tests};
    use super::*;

    #[tokio::test]
    async fn it_keeps_its_promises() {
        store::keeps_its_promises(&CookieStore::new(tests::keys(1), BTreeSet::new())).await;
    }
}
