//! Sessions that are to be refreshed: who does it, and what becomes of what it brought.
//!
//! ```text
//! find ─► Due ─► begin_refresh ─► lock ─► current ─► (the provider is asked) ─► replace ─► unlock
//! ```
//!
//! In one process a session is refreshed once at a time; among replicas that share a store, a lock in the store sees to
//! that. Without a store replicas know nothing of each other: there the provider must take a refresh token twice.

use std::sync::Arc;
use std::time::Duration;

use super::cookie::{self, Held};
use super::opened::Opened;
use super::redis::Lock;
use super::store::{NoSession, Replaced, SessionStore as _, Stored, Unavailable};
use super::{FailureOf, LastOpened, RefreshState, RefreshTurn, Session, Sessions, Store};
use crate::secret::Secret;
use crate::time::Instant;
use crate::web::{Cookies, SetCookie};

/// A session that is to be refreshed.
#[derive(Debug)]
pub struct Due {
    handle: String,
    opened: Arc<Opened>,
    /// Whether what the session says counts no longer.
    pub is_past: bool,
}

impl Due {
    /// A session under that handle, past.
    #[cfg(test)]
    pub(super) fn of(handle: &str, opened: Arc<Opened>) -> Self {
        Self { handle: handle.to_owned(), opened, is_past: true }
    }

    /// The session as it is.
    pub fn session(&self) -> &Session {
        &self.opened.session
    }

    /// What it is refreshed with.
    pub fn state(&self) -> &RefreshState {
        self.opened.refresh.as_ref().expect("only what is refreshed is due")
    }

    /// The newest refresh token.
    pub fn refresh_token(&self) -> &Secret {
        self.state().refresh_token.as_ref().expect("only what has a token is due")
    }
}

/// The right to refresh a session among all replicas, until it is given back.
pub struct RefreshLock(Option<Lock>);

/// What became of a session that a refresh has changed.
#[derive(Debug, PartialEq, Eq)]
pub enum Kept {
    /// It is what everybody gets from now on, or something newer is.
    Newest,
    /// The same, without the refresh token, for which its browser has no room.
    WithoutToken,
    /// It has ended meanwhile.
    Ended,
    /// Its browser has no room for what has changed.
    TooLarge,
}

impl Sessions {
    /// Whether this session is to be refreshed now.
    pub(super) fn due(&self, held: &Held<'_>, opened: &Arc<Opened>, now: Instant) -> Option<Due> {
        let state =
            opened.refresh.as_ref().filter(|state| state.due(&opened.session.id).is_some_and(|due| now >= due))?;
        self.refreshes.may_begin(&opened.session, now).then(|| Due {
            handle: held.handle.clone().into_owned(),
            opened: Arc::clone(opened),
            is_past: now >= state.past(),
        })
    }

    /// The newest that this process knows of a session, and the cookie by which a browser learns of it.
    pub(super) async fn newest(
        &self,
        opened: Arc<Opened>,
        held: &Held<'_>,
        last: &mut LastOpened,
        now: Instant,
    ) -> (Arc<Opened>, Option<SetCookie>) {
        let newest = opened.refresh.as_ref().and_then(|state| self.refreshes.newer(opened.session.id, state.version));
        let Some(newest) = newest else { return (opened, None) };
        newest.opened.was_used(opened.usage());
        if let (Store::Redis(store), Some(state)) = (&self.store, &newest.opened.refresh) {
            if opened.was_read_after(state.had) {
                // A store that failed over has lost what it had said to have kept.
                let _ = store.replace(&held.handle, Session::clone(&newest.opened.session), state.clone()).await;
                store.keep_copy(&newest.opened);
            }
            last.keep(held, &newest.opened);
        }
        let stays = self.stays(&newest.opened.session, now);
        let cookie = newest.cookie.map(|sealed| self.site.set_cookie(cookie::REFRESH, &sealed, stays));
        (newest.opened, cookie)
    }

    /// Who is to refresh this session.
    pub fn begin_refresh(&self, due: &Due) -> RefreshTurn {
        self.refreshes.begin(due.session().id)
    }

    /// Keeps other replicas from refreshing this session; none where another one does.
    ///
    /// # Errors
    /// The store does not answer.
    pub async fn lock(&self, due: &Due) -> Result<Option<RefreshLock>, Unavailable> {
        match &self.store {
            Store::Cookie(_) => Ok(Some(RefreshLock(None))),
            Store::Redis(store) => Ok(store.lock(due.session().id).await?.map(|lock| RefreshLock(Some(lock)))),
        }
    }

    /// Other replicas may refresh it again.
    pub async fn unlock(&self, lock: RefreshLock) {
        if let (Store::Redis(store), Some(lock)) = (&self.store, lock.0) {
            // A lock that is not given back expires.
            let _ = store.unlock(lock).await;
        }
    }

    /// Whether another request or replica has refreshed this session meanwhile; from now on its result is used.
    ///
    /// # Errors
    /// It has ended, or the store does not answer.
    pub async fn was_refreshed(&self, due: &Due, now: Instant) -> Result<bool, NoSession> {
        let (session, version) = (due.session(), due.state().version);
        if self.refreshes.newer(session.id, version).is_some() {
            return Ok(true);
        }
        let found = match &self.store {
            Store::Cookie(_) => return Ok(false),
            Store::Redis(store) => store.current(session).await?,
        };
        let is_newer = found.refresh.as_ref().is_some_and(|state| state.version > version);
        if is_newer {
            self.make_newest(due, found, None, now);
        }
        Ok(is_newer)
    }

    /// Keeps a session as a refresh made it, for whoever asks from now on.
    ///
    /// # Errors
    /// The store does not answer.
    pub async fn replace(
        &self,
        due: &Due,
        session: Session,
        state: RefreshState,
        now: Instant,
    ) -> Result<Kept, Unavailable> {
        if self.has_ended(&session, now) {
            return Ok(Kept::Ended);
        }
        let replaced = match &self.store {
            Store::Cookie(store) => store.replace(&due.handle, session, state).await?,
            Store::Redis(store) => store.replace(&due.handle, session, state).await?,
        };
        match replaced {
            Replaced::Kept { session, refresh, beside } => {
                let kept = if refresh.refresh_token.is_some() { Kept::Newest } else { Kept::WithoutToken };
                let found = Stored { session: *session, usage: due.opened.usage(), refresh: Some(refresh) };
                self.make_newest(due, found, beside, now);
                Ok(kept)
            }
            Replaced::Overtaken => match self.was_refreshed(due, now).await {
                Ok(_) => Ok(Kept::Newest),
                Err(NoSession::Unavailable(away)) => Err(away),
                Err(_) => Ok(Kept::Ended),
            },
            Replaced::Gone => Ok(Kept::Ended),
            Replaced::TooLarge => Ok(Kept::TooLarge),
        }
    }

    fn make_newest(&self, due: &Due, found: Stored, cookie: Option<String>, now: Instant) {
        let opened = Arc::new(Opened::new(found, now));
        opened.was_used(due.opened.usage());
        if let Store::Redis(store) = &self.store {
            store.keep_copy(&opened);
        }
        self.refreshes.keep(opened, cookie);
    }

    /// This session could not be refreshed.
    pub fn refresh_failed(&self, due: &Due, of: FailureOf, now: Instant) {
        self.refreshes.failed(due.session(), of, now);
    }

    /// The provider was not asked: the session is not refreshed for `span`.
    pub fn put_refresh_off(&self, due: &Due, span: Duration, now: Instant) {
        self.refreshes.put_off(due.session().id, span, now);
    }

    /// What refreshes this session now, or the one that it is a lease of, as far as that can be told.
    pub(super) async fn refresh_state(&self, cookies: Cookies<'_>, session: &Session) -> Option<RefreshState> {
        match &self.store {
            Store::Redis(store) => store.current(session).await.ok()?.refresh,
            Store::Cookie(store) => {
                let known = self.refreshes.newest(session.root());
                let held = store.open_refresh(session.root(), self.names.refresh(cookies)).map(|(state, _)| state);
                known.into_iter().chain(held).max_by_key(|state| state.version)
            }
        }
    }
}
