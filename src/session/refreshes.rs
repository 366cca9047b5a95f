//! Refreshes of this process: one at a time for each session, what they brought, and pauses after those that failed.
//!
//! A refresh is of a session, by its id: never of a token, which changes, nor of a person, who has several sessions. Other
//! requests that need it wait for its end, and then look at the session again. Its result is kept here beside the store:
//! a browser that still sends an older state gets the newest, of the last [`MOST_KEPT`] sessions.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use quick_cache::sync::Cache;
use tokio::sync::watch;

use super::opened::Opened;
use super::{RefreshState, Session, SessionId, Whose};
use crate::time::Instant;

/// How many refreshes may be under way; further sessions go on as they are.
const MOST_UNDER_WAY: usize = 256;

/// How many sessions' newest states are kept; about 3 KB each where browsers keep sessions, and less with a store.
const MOST_KEPT: usize = 10_000;

/// How many sessions' pauses are kept.
const MOST_PAUSES: usize = 20_000;

/// How long no refresh is tried after the first, second, … failure in a row; the last one from then on.
const PAUSES: [Duration; 4] =
    [Duration::from_secs(30), Duration::from_secs(60), Duration::from_secs(120), Duration::from_secs(300)];

/// How long none of a provider's sessions is refreshed after it has failed for one.
const PROVIDER_PAUSE: Duration = Duration::from_secs(2);

/// The refreshes of this process.
#[derive(Debug)]
pub struct Refreshes {
    under_way: Arc<Mutex<HashMap<SessionId, watch::Receiver<()>>>>,
    newest: Cache<SessionId, Newest>,
    pauses: Cache<SessionId, Pause>,
    providers: Mutex<HashMap<String, Instant>>,
}

/// The newest state of a session, and what a browser keeps of it.
#[derive(Clone)]
pub(super) struct Newest {
    pub(super) opened: Arc<Opened>,
    pub(super) cookie: Option<Arc<str>>,
}

#[derive(Clone, Copy)]
struct Pause {
    until: Instant,
    /// How many refreshes in a row have failed.
    failures: usize,
}

/// Who refreshes a session that is due.
pub enum RefreshTurn {
    /// The caller does, for as long as it holds this.
    Mine(Refreshing),
    /// Another request does; this tells of the end.
    Others(RefreshEnd),
    /// As many are under way as may be.
    Full,
}

/// What a failed refresh says something about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailureOf {
    /// One session: others may be refreshed.
    Session,
    /// The provider, for all of its sessions.
    Provider {
        /// How long it wants no further request, where it says so.
        asks: Option<Duration>,
    },
}

/// A refresh that is under way, until this is dropped.
pub struct Refreshing {
    under_way: Arc<Mutex<HashMap<SessionId, watch::Receiver<()>>>>,
    session: SessionId,
    end: watch::Sender<()>,
}

impl Drop for Refreshing {
    fn drop(&mut self) {
        self.under_way.lock().remove(&self.session);
    }
}

impl Refreshing {
    /// Tells of the end.
    pub fn end(&self) -> RefreshEnd {
        RefreshEnd(self.end.subscribe())
    }
}

/// The end of a refresh.
pub struct RefreshEnd(watch::Receiver<()>);

impl RefreshEnd {
    /// Waits for it.
    pub async fn wait(mut self) {
        // Nothing is ever sent: the end is that the sender is gone.
        let _ = self.0.changed().await;
    }
}

impl Default for Refreshes {
    fn default() -> Self {
        Self {
            under_way: Arc::default(),
            newest: Cache::new(MOST_KEPT),
            pauses: Cache::new(MOST_PAUSES),
            providers: Mutex::default(),
        }
    }
}

impl Refreshes {
    /// Begins a refresh of this session, unless one is under way.
    pub(super) fn begin(&self, session: SessionId) -> RefreshTurn {
        let mut under_way = self.under_way.lock();
        if let Some(end) = under_way.get(&session) {
            return RefreshTurn::Others(RefreshEnd(end.clone()));
        }
        if under_way.len() >= MOST_UNDER_WAY {
            return RefreshTurn::Full;
        }
        let (sender, end) = watch::channel(());
        under_way.insert(session, end);
        RefreshTurn::Mine(Refreshing { under_way: Arc::clone(&self.under_way), session, end: sender })
    }

    /// The newest state of a session, where it is newer than that of this version.
    pub(super) fn newer(&self, session: SessionId, version: u32) -> Option<Newest> {
        let newest = self.newest.get(&session)?;
        let is_newer = newest.opened.refresh.as_ref().is_some_and(|state| state.version > version);
        is_newer.then_some(newest)
    }

    /// The newest state of a session that this process knows.
    pub(super) fn newest(&self, session: SessionId) -> Option<RefreshState> {
        self.newest.get(&session)?.opened.refresh.clone()
    }

    /// Keeps the newest state of a session.
    pub(super) fn keep(&self, opened: Arc<Opened>, cookie: Option<String>) {
        let session = opened.session.id;
        self.newest.insert(session, Newest { opened, cookie: cookie.map(Into::into) });
        self.pauses.remove(&session);
    }

    /// Nothing more is known of a session.
    pub(super) fn forget(&self, session: SessionId) {
        self.newest.remove(&session);
        self.pauses.remove(&session);
    }

    /// The sessions that began up to `now` and are among those, of which nothing more is known from now on.
    pub(super) fn forget_all(&self, provider: &str, whose: Whose<'_>, now: Instant) -> Vec<Arc<Opened>> {
        let is_meant = |session: &Session| session.signed_in <= now && whose.includes(provider, session);
        let known = self.newest.iter().map(|(_, newest)| newest.opened);
        let meant: Vec<_> = known.filter(|opened| is_meant(&opened.session)).collect();
        for opened in &meant {
            self.forget(opened.session.id);
        }
        meant
    }

    /// Whether this session may be refreshed now, as far as earlier failures say.
    pub(super) fn may_begin(&self, session: &Session, now: Instant) -> bool {
        let is_paused = |until: Instant| now < until && until <= now.after(Duration::from_secs(3600));
        let provider = &session.identity.provider;
        let providers = self.providers.lock();
        !self.pauses.get(&session.id).is_some_and(|pause| is_paused(pause.until))
            && !providers.get(provider).copied().is_some_and(is_paused)
    }

    /// A refresh has failed: none is tried for this session for a while, longer each time; where the provider itself
    /// failed, none for its other sessions for as long as it `asks`, or [`PROVIDER_PAUSE`].
    pub(super) fn failed(&self, session: &Session, of: FailureOf, now: Instant) {
        let failures = self.pauses.get(&session.id).map_or(0, |pause| pause.failures);
        let mut pause = PAUSES[failures.min(PAUSES.len() - 1)];
        if let FailureOf::Provider { asks } = of {
            pause = pause.max(asks.unwrap_or_default());
            let until = now.after(asks.unwrap_or(PROVIDER_PAUSE));
            let mut providers = self.providers.lock();
            let known = providers.entry(session.identity.provider.clone()).or_insert(until);
            *known = until.max(*known);
        }
        self.pauses.insert(session.id, Pause { until: now.after(pause), failures: failures + 1 });
    }

    /// The provider was not asked, for a reason of ours: no refresh is tried for `span`, and that does not count as a
    /// failure.
    pub(super) fn put_off(&self, session: SessionId, span: Duration, now: Instant) {
        let failures = self.pauses.get(&session).map_or(0, |pause| pause.failures);
        self.pauses.insert(session, Pause { until: now.after(span), failures });
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{START, jane, session_of};
    use super::super::{Identity, random};
    use super::*;

    fn is_mine(turn: &RefreshTurn) -> bool {
        matches!(turn, RefreshTurn::Mine(_))
    }

    /// F-03: of a session, and of nobody else's.
    #[tokio::test]
    async fn one_refresh_of_a_session_is_under_way_and_others_do_not_wait_for_it() {
        let refreshes = Refreshes::default();
        let first = refreshes.begin([1; 16]);
        assert!(is_mine(&first));
        let RefreshTurn::Others(end) = refreshes.begin([1; 16]) else { panic!("a second one") };
        assert!(is_mine(&refreshes.begin([2; 16])), "another session's");
        let waits = tokio::spawn(end.wait());
        drop(first);
        waits.await.expect("it ends with the refresh");
        assert!(is_mine(&refreshes.begin([1; 16])));
    }

    #[test]
    fn only_so_many_are_under_way() {
        let refreshes = Refreshes::default();
        let held: Vec<RefreshTurn> = (0..MOST_UNDER_WAY).map(|_| refreshes.begin(random())).collect();
        assert!(held.iter().all(is_mine));
        assert!(matches!(refreshes.begin(random()), RefreshTurn::Full));
        drop(held);
        assert!(is_mine(&refreshes.begin(random())));
    }

    /// F-04: no storm.
    #[test]
    fn after_a_failure_a_session_is_left_alone_for_longer_each_time_and_its_provider_for_a_moment() {
        let refreshes = Refreshes::default();
        let (one, other) = (session_of(jane()), session_of(jane()));
        let elsewhere = session_of(Identity { provider: "entra".to_owned(), ..jane() });
        let mut now = START;
        for pause in [30, 60, 120, 300, 300] {
            refreshes.failed(&one, FailureOf::Provider { asks: None }, now);
            let after = |seconds| now.after(Duration::from_secs(seconds));
            assert!(!refreshes.may_begin(&one, after(pause - 1)) && refreshes.may_begin(&one, after(pause)), "{pause}");
            assert!(!refreshes.may_begin(&other, after(1)) && refreshes.may_begin(&other, after(2)), "{pause}");
            assert!(refreshes.may_begin(&elsewhere, now));
            now = after(pause);
        }
        refreshes.failed(&one, FailureOf::Provider { asks: Some(Duration::from_secs(900)) }, now);
        assert!(!refreshes.may_begin(&other, now.after(Duration::from_secs(899))), "as long as the provider asks");
        assert!(refreshes.may_begin(&one, now.after(Duration::from_secs(900))));
        let set_back = Instant::from_seconds(START.seconds() - 10_000);
        assert!(refreshes.may_begin(&one, set_back), "a clock that jumps leaves nobody alone for ever");
    }

    #[test]
    fn what_fails_for_one_session_holds_up_no_other_one() {
        let refreshes = Refreshes::default();
        let (one, other) = (session_of(jane()), session_of(jane()));
        refreshes.failed(&one, FailureOf::Session, START);
        assert!(!refreshes.may_begin(&one, START) && refreshes.may_begin(&other, START));
        refreshes.failed(&one, FailureOf::Provider { asks: None }, START);
        assert!(!refreshes.may_begin(&other, START));
    }
}
