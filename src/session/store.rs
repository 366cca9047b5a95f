//! The trait of session stores, and what every store promises.
//!
//! What a browser holds of a session is its *handle*, text that may stand in a cookie, and perhaps a *stamp*, which
//! says when the session was last used. The handle of a session never changes, so an answer that comes late cannot
//! bring back an older session: it carries a stamp at most, and a stamp counts only beside the handle it belongs to. What
//! refreshes a session, and what that has changed, is kept in the same way where the store does not keep it itself; a
//! session that is refreshed does not open without it.
//!
//! `tests::keeps_its_promises` is what every store is held to.

use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use super::cookie::Held;
use super::{RefreshState, Session, SessionId};
use crate::secret::Secret;
use crate::time::Instant;

/// A session as it was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Stored {
    pub session: Session,
    pub usage: Usage,
    /// What refreshes it.
    pub refresh: Option<RefreshState>,
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
    /// Of a session that was not used since it began.
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

/// A session as it was kept when it began.
#[derive(Debug)]
pub(super) struct Created {
    pub session: Session,
    pub handle: String,
    /// What refreshes it, where that could be kept.
    pub refresh: Option<RefreshState>,
}

/// What became of a session that was to be kept as a refresh made it.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Replaced {
    /// It is kept.
    Kept {
        /// The session, without claims for which there is no room.
        session: Box<Session>,
        /// What refreshes it, without a token for which there is no room.
        refresh: RefreshState,
        /// What the browser is to hold beside its handle, where the store does not keep that.
        beside: Option<String>,
    },
    /// As new a state, or a newer one, is there already.
    Overtaken,
    /// The session is not there any more.
    Gone,
    /// There is no room for what has changed.
    TooLarge,
}

/// The store does not answer, or cannot do now what is asked. Nothing is known of any session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the session store does not answer")]
pub struct Unavailable;

/// What is left of sessions that have ended together.
#[must_use]
#[derive(Debug)]
pub struct EndedTogether {
    /// Whose sessions were found, each by the provider's name for them (`sub`).
    pub people: BTreeSet<String>,
    /// The refresh tokens of the sessions that could be found: nobody needs them any more.
    pub refresh_tokens: Vec<Secret>,
    /// Whether every replica learns of it now; where not, it is told as soon as the store answers.
    pub told: Result<(), Unavailable>,
}

/// Sessions that end together, each as the newest that was found of it: whose it is, and what refreshes it.
#[derive(Default)]
pub(super) struct Found(HashMap<SessionId, (String, Option<RefreshState>)>);

impl Found {
    pub(super) fn add(&mut self, session: &Session, refresh: Option<&RefreshState>) {
        let known = self.0.get(&session.id).and_then(|(_, refresh)| refresh.as_ref());
        if refresh.map(|state| state.version) >= known.map(|state| state.version) {
            self.0.insert(session.id, (session.identity.subject.clone(), refresh.cloned()));
        }
    }

    pub(super) fn ended(self, told: Result<(), Unavailable>) -> EndedTogether {
        let (people, states): (_, Vec<_>) = self.0.into_values().unzip();
        let refresh_tokens = states.into_iter().flatten().filter_map(|state| state.refresh_token).collect();
        EndedTogether { people, refresh_tokens, told }
    }
}

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
pub(super) trait SessionStore {
    /// Keeps a session that has just begun, and what refreshes it. It may begin later than was asked, where all sessions
    /// of that person up to then have ended.
    fn create(
        &self,
        session: Session,
        refresh: Option<RefreshState>,
    ) -> impl Future<Output = Result<Created, Unavailable>> + Send;

    /// The session behind a handle. A stamp that means nothing is as good as none.
    fn load(&self, held: &Held<'_>) -> impl Future<Output = Result<Stored, NoSession>> + Send;

    /// Keeps a session as a refresh made it, under the handle that it has, in place of an older state and of nothing
    /// else: what has ended or was refreshed meanwhile stays so.
    fn replace(
        &self,
        handle: &str,
        session: Session,
        refresh: RefreshState,
    ) -> impl Future<Output = Result<Replaced, Unavailable>> + Send;

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
pub(super) mod tests;
