//! Sessions that only the browser keeps: the handle is the session itself, sealed.
//!
//! Sealed is a version byte and the session in postcard; the stamp is sealed as well, and says which session it
//! belongs to. So is what refreshes the session, with whatever a refresh has changed; the version byte says that it must
//! be there, so that leaving it out does not bring back groups that a refresh took away.
//!
//! A browser has room for [`HANDLE_BYTES`], an address that hands a lease over for [`LEASE_BYTES`]. What is too large
//! leaves out whole claims, the largest first, and says so in [`Identity::left_out`]; of groups, those that rules name
//! stay.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use tracing::warn;

use super::changes::Changes;
use super::cookie::{HANDLE_BYTES, Held, LEASE_BYTES, PART_BYTES, room_beside};
use super::store::{Created, NoSession, Replaced, SessionStore, Stored, Unavailable, Usage};
use super::{ClaimValue, GROUPS, Identity, KeyRing, Owner, Purpose, RefreshState, Session, SessionId};

/// The payload's own version, so that a later gateway knows what it opens.
const FORMAT: u8 = 5;

/// The same of a session that is refreshed.
const REFRESHED: u8 = 6;

/// How much larger the text with what refreshes a session may become, at least.
pub(super) const GROWTH: usize = 300;

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

    /// The handle of a session that nothing refreshes, however long.
    pub(super) fn handle(&self, session: &Session) -> String {
        self.seal(session, FORMAT)
    }

    fn seal(&self, session: &Session, format: u8) -> String {
        let plain = postcard::to_extend(session, vec![format]).expect("a session has a length");
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

    /// The session in a handle, if it is one, and whether it is refreshed.
    fn open(&self, handle: &str) -> Option<(Session, bool)> {
        let plain = self.keys.open(Purpose::Session, handle).ok()?;
        let (&format, session) = plain.split_first()?;
        let is_refreshed = format == REFRESHED;
        (is_refreshed || format == FORMAT).then_some(())?;
        Some((postcard::from_bytes(session).ok()?, is_refreshed))
    }

    /// Whose session that is.
    pub(super) fn owner(&self, handle: &str) -> Option<Owner> {
        self.open(handle).map(|(session, _)| Owner::of(&session))
    }

    /// What a browser keeps of a state of this session, of which no refresh has changed anything.
    pub(super) fn seal_refresh(&self, session: &Session, state: &RefreshState) -> String {
        self.sealed(session.id, state, &Changes::between(session, session))
    }

    fn sealed(&self, session: SessionId, state: &RefreshState, changes: &Changes) -> String {
        self.keys.seal_value(Purpose::Refresh, &(session, state, changes))
    }

    /// What stands in such a text, where it is of this session.
    pub(super) fn open_refresh(&self, session: SessionId, sealed: &str) -> Option<(RefreshState, Changes)> {
        let (owner, state, changes): (SessionId, _, _) = self.keys.open_value(Purpose::Refresh, sealed)?;
        (owner == session).then_some((state, changes))
    }

    /// Keeps a session as a refresh made it, with as many claims as there is room for beside this state; none where there is
    /// none for the state.
    fn fit(&self, earlier: &Session, mut session: Session, refresh: RefreshState) -> Option<Replaced> {
        loop {
            let changes = Changes::between(earlier, &session);
            let sealed = self.sealed(session.id, &refresh, &changes);
            if sealed.len() <= refresh.room.into() {
                let mut kept = Box::new(earlier.clone());
                changes.apply(&mut kept);
                return Some(Replaced::Kept { session: kept, refresh, beside: Some(sealed) });
            }
            if session.identity.groups.is_empty() && session.identity.claims.is_empty() {
                return None;
            }
            self.leave_out_the_largest(&mut session.identity);
        }
    }

    /// How the session was used, by a stamp of its own.
    fn stamped(&self, session: &Session, stamp: &str) -> Option<Usage> {
        let (owner, last_seen, idle): (SessionId, _, _) = self.keys.open_value(Purpose::Seen, stamp)?;
        (owner == session.id).then_some(Usage { last_seen, longest_idle: Duration::from_secs(idle) })
    }
}

impl SessionStore for CookieStore {
    async fn create(&self, mut session: Session, refresh: Option<RefreshState>) -> Result<Created, Unavailable> {
        // Sessions without a store cannot be listed, and the device is shown in that list alone.
        session.device = None;
        let room = if session.lease.is_some() { LEASE_BYTES } else { HANDLE_BYTES };
        let format = if refresh.is_some() { REFRESHED } else { FORMAT };
        let mut handle = self.seal(&session, format);
        while handle.len() > room {
            self.leave_out_the_largest(&mut session.identity);
            handle = self.seal(&session, format);
        }
        let fits = |state: &RefreshState| {
            self.seal_refresh(&session, state).len() + GROWTH <= room_beside(&handle).min(PART_BYTES)
        };
        let refresh = match refresh {
            Some(state) if !fits(&state) => {
                warn!("the refresh token is too large for a cookie: the session is not refreshed");
                handle = self.seal(&session, FORMAT);
                None
            }
            refresh => refresh,
        };
        Ok(Created { session, handle, refresh })
    }

    async fn load(&self, held: &Held<'_>) -> Result<Stored, NoSession> {
        let (mut session, is_refreshed) = self.open(&held.handle).ok_or(NoSession::Unreadable)?;
        let mut refresh = None;
        if is_refreshed {
            let (state, changes) = self.open_refresh(session.id, held.refresh).ok_or(NoSession::Unreadable)?;
            changes.apply(&mut session);
            refresh = Some(state);
        }
        let usage = self.stamped(&session, held.stamp).unwrap_or_else(|| Usage::begun(&session));
        Ok(Stored { session, usage, refresh })
    }

    async fn replace(&self, handle: &str, session: Session, refresh: RefreshState) -> Result<Replaced, Unavailable> {
        let Some((earlier, true)) = self.open(handle) else { return Ok(Replaced::Gone) };
        if let Some(kept) = self.fit(&earlier, session.clone(), refresh.clone()) {
            return Ok(kept);
        }
        warn!("the refresh token has become too large for a cookie: the session is not refreshed any more");
        let without_token = RefreshState { refresh_token: None, ..refresh };
        Ok(self.fit(&earlier, session, without_token).unwrap_or(Replaced::TooLarge))
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
        store::tests::keeps_its_promises(&CookieStore::new(tests::keys(1), BTreeSet::new())).await;
    }

    /// By its verified address a session is ended.
    #[tokio::test]
    async fn what_refreshes_a_session_takes_nothing_from_it() {
        let store = CookieStore::new(tests::keys(1), BTreeSet::new());
        for has_verified_email in [true, false] {
            let session = Session { has_verified_email, ..tests::session_of(tests::jane()) };
            let created = store.create(session, Some(tests::refresh_state())).await.expect("it is kept");
            let sealed = store.seal_refresh(&created.session, &created.refresh.expect("it fits"));
            let held = Held { handle: created.handle.into(), refresh: &sealed, ..Held::default() };
            assert_eq!(store.load(&held).await.expect("it opens").session, created.session);
        }
    }
}
