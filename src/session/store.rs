//! The trait of session stores, and what every store promises.
//!
//! What a browser holds of a session is its *handle*, text that may stand in a cookie, and perhaps a *stamp*, which
//! says when the session was last used. The handle of a session never changes, so an answer that comes late cannot
//! bring back an older session: it carries a stamp at most, and a stamp counts only beside the handle it belongs to. What
//! refreshes a session, and what that has changed, is kept in the same way where the store does not keep it itself; a
//! session that is refreshed does not open without it.
//!
//! `keeps_its_promises` is what every store is held to.

use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use super::cookie::Held;
use super::{RefreshState, Session, SessionId};
use crate::secret::Secret;
use crate::time::Instant;

/// A session as it was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Stored {
    /// The session.
    pub session: Session,
    /// How it was used.
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
    /// The session.
    pub session: Session,
    /// Its handle.
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
        let version = |state: Option<&RefreshState>| state.map(|state| state.version);
        let known = self.0.get(&session.id).and_then(|(_, refresh)| version(refresh.as_ref()));
        if version(refresh) >= known {
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

/// A handle with nothing beside it.
#[cfg(test)]
pub(super) fn held(handle: &str) -> Held<'_> {
    Held { handle: handle.into(), ..Held::default() }
}

#[cfg(test)]
pub(super) async fn keeps_its_promises(store: &impl SessionStore) {
    use super::tests::{START, jane, session_of};

    let created = store.create(session_of(jane()), None).await.expect("it is kept");
    let (one, handle) = (created.session, created.handle);
    let created = store.create(session_of(jane()), None).await.expect("it is kept");
    let (other, other_handle) = (created.session, created.handle);
    assert_eq!(one.identity, jane(), "what fits is kept whole");
    assert_ne!(handle, other_handle, "every session has a handle of its own");
    let found = store.load(&held(&handle)).await.expect("what was kept is there");
    assert_eq!(found, Stored { session: one.clone(), usage: Usage::begun(&one), refresh: None });

    for nothing in ["", "x", &handle[1..], &handle[..handle.len() - 1], &format!("{handle}A")] {
        assert_eq!(store.load(&held(nothing)).await, Err(NoSession::Unreadable), "{nothing}");
    }

    let later = Usage { last_seen: START.after(Duration::from_secs(600)), longest_idle: Duration::from_secs(540) };
    let stamp = store.touch(&one, later).await.expect("it answers").unwrap_or_default();
    let stamped = |handle: &'_ str, stamp: &'_ str| {
        let (handle, stamp) = (handle.to_owned(), stamp.to_owned());
        async move { store.load(&Held { handle: handle.into(), stamp: &stamp, refresh: "" }).await }
    };
    assert_eq!(stamped(&handle, &stamp).await.expect("still there").usage, later);
    assert_eq!(
        stamped(&other_handle, &stamp).await,
        Ok(Stored { session: other.clone(), usage: Usage::begun(&other), refresh: None })
    );
    let cut = &stamp[..stamp.len().saturating_sub(1)];
    assert_eq!(stamped(&handle, cut).await.map(|found| found.session), Ok(one.clone()), "a bad stamp ends nothing");

    store.end(&one).await.expect("it answers");
    store.end(&one).await.expect("what has ended may end again");
    let found = store.load(&held(&other_handle)).await;
    assert_eq!(found.map(|found| found.session), Ok(other), "nobody else's ends");
    keeps_what_refreshes(store).await;
}

/// F-05, F-06: a session as a refresh made it is what is found from then on, and an older state never comes after it.
#[cfg(test)]
async fn keeps_what_refreshes(store: &impl SessionStore) {
    use super::tests::{START, jane, refresh_state, session_of};

    let later = START.after(Duration::from_secs(600));
    let created = store.create(session_of(jane()), Some(refresh_state())).await.expect("it is kept");
    let (session, handle) = (created.session, created.handle);
    let first = RefreshState { room: 1000, ..created.refresh.expect("there is room") };
    let with = |text: &'_ str| {
        let (handle, refresh) = (handle.clone(), text.to_owned());
        async move { store.load(&Held { handle: handle.into(), stamp: "", refresh: &refresh }).await }
    };
    let mut renamed = session.clone();
    renamed.identity.groups = vec!["owners".to_owned()];
    let second = first.next(Some(Secret::new("two")), Some((later, Duration::from_secs(600))));
    let third = second.next(Some(Secret::new("three")), None);

    let kept = store.replace(&handle, session.clone(), second.clone()).await.expect("it answers");
    let Replaced::Kept { refresh, beside, .. } = kept else { panic!("{kept:?}") };
    assert_eq!(refresh, second);
    let text = beside.unwrap_or_default();
    let found = with(&text).await.expect("it is there");
    assert_eq!((&found.session, found.refresh.as_ref()), (&session, Some(&second)));

    let kept = store.replace(&handle, renamed.clone(), third.clone()).await.expect("it answers");
    let Replaced::Kept { session: as_kept, refresh, beside } = kept else { panic!("{kept:?}") };
    assert_eq!((&*as_kept, &refresh), (&renamed, &third));
    let text = beside.unwrap_or_default();
    let found = with(&text).await.expect("it is there");
    assert_eq!((&found.session, found.refresh.as_ref()), (&renamed, Some(&third)));
    assert_eq!(found.session.signed_in, session.signed_in, "the absolute end stays where it was");
    for older in [&second, &third] {
        let replaced = store.replace(&handle, session.clone(), older.clone()).await.expect("it answers");
        assert!(matches!(replaced, Replaced::Overtaken | Replaced::Kept { .. }), "{replaced:?}");
        let found = with(&text).await.expect("it is there");
        assert_eq!(found.refresh.as_ref(), Some(&third), "an older state does not come back");
    }
    let used = Usage { last_seen: later, longest_idle: Duration::from_secs(600) };
    let stamp = store.touch(&session, used).await.expect("it answers").unwrap_or_default();
    let held = Held { handle: handle.as_str().into(), stamp: &stamp, refresh: &text };
    let found = store.load(&held).await.expect("it is there");
    assert_eq!((found.usage, found.refresh.as_ref()), (used, Some(&third)));

    store.end(&session).await.expect("it answers");
    let fourth = third.next(None, None);
    let replaced = store.replace(&handle, session, fourth).await.expect("it answers");
    // Where nothing is kept but by the browser, what has ended is known elsewhere (`revocations`).
    assert!(matches!(replaced, Replaced::Gone | Replaced::Kept { beside: Some(_), .. }), "{replaced:?}");
}
