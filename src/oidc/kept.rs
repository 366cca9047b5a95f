//! One document of a provider's, kept: fetched once for everybody who waits, used while it is being renewed and
//! while it cannot be.
//!
//! ```text
//!   no copy, or past MOST_STALE:  wait for the one fetch; after failures it begins when the pause is over
//!   older than RENEW_AFTER:       the copy, at once; one fetch in the background, unless a pause is on
//!   younger:                      the copy
//! ```
//!
//! Fetches are tasks of their own: a caller that gives up waiting does not end one. A failure is answered from memory until its
//! pause is nearly over ([`limits::LONGEST_WAIT`]). What a copy's age counts from is when it was asked for.

use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::watch;

use super::{Failure, limits};

/// A document, or why there is none.
type Outcome<T> = Result<Arc<T>, Failure>;

/// A fetch that is under way; all that wait for it get its result.
type Fetch<T> = watch::Receiver<Option<Outcome<T>>>;

/// The document and the one fetch of it.
pub(super) struct Kept<T>(Mutex<State<T>>);

struct State<T> {
    /// The last copy and when it was asked for.
    copy: Option<(Arc<T>, Instant)>,
    fetch: Option<Fetch<T>>,
    failures: Option<Failures>,
    /// When the fetches that were demanded will have been paid for (GCRA's theoretical arrival time).
    demanded: Option<Instant>,
}

/// The fetches that failed since the last that did not.
struct Failures {
    last: Failure,
    count: u32,
    /// When the next may begin.
    next: Instant,
}

/// What is to be done for somebody who asks.
enum Next<T> {
    Use(Arc<T>),
    /// Use the copy, and fetch another.
    Renew(Arc<T>),
    Join(Fetch<T>),
    /// Fetch, after this pause.
    Fetch(Duration),
    Refuse(Failure),
}

impl<T> Default for Kept<T> {
    fn default() -> Self {
        Self(Mutex::new(State { copy: None, fetch: None, failures: None, demanded: None }))
    }
}

impl<T: Send + Sync + 'static> Kept<T> {
    /// The document.
    pub(super) async fn get<F>(self: &Arc<Self>, now: Instant, fetch: impl FnOnce() -> F) -> Outcome<T>
    where
        F: Future<Output = Result<T, Failure>> + Send + 'static,
    {
        let waits = {
            let mut state = self.lock();
            match state.next(now) {
                Next::Use(copy) => return Ok(copy),
                Next::Renew(copy) => {
                    self.begin(&mut state, now, Duration::ZERO, fetch());
                    return Ok(copy);
                }
                Next::Refuse(failure) => return Err(failure),
                Next::Join(waits) => waits,
                Next::Fetch(pause) => self.begin(&mut state, now, pause, fetch()),
            }
        };
        ended(waits).await
    }

    /// A copy that will do, or else one that was asked for at `since` or later; none where too many were demanded
    /// of late.
    pub(super) async fn newer<F>(
        self: &Arc<Self>,
        since: Instant,
        will_do: impl Fn(&T) -> bool,
        fetch: impl FnOnce() -> F,
    ) -> Result<Option<Arc<T>>, Failure>
    where
        F: Future<Output = Result<T, Failure>> + Send + 'static,
    {
        // What is under way may have been asked for earlier; the next is not.
        let under_way = self.lock().under_way();
        if let Some(waits) = under_way {
            ended(waits).await?;
        }
        let waits = {
            let mut state = self.lock();
            match state.newer(since, will_do) {
                Next::Use(copy) | Next::Renew(copy) => return Ok(Some(copy)),
                Next::Refuse(failure) => return Err(failure),
                Next::Join(waits) => waits,
                Next::Fetch(_) if !state.may_demand(since) => return Ok(None),
                Next::Fetch(pause) => self.begin(&mut state, since, pause, fetch()),
            }
        };
        ended(waits).await.map(Some)
    }

    /// Fetches, in a task of its own.
    fn begin<F>(self: &Arc<Self>, state: &mut State<T>, now: Instant, pause: Duration, fetch: F) -> Fetch<T>
    where
        F: Future<Output = Result<T, Failure>> + Send + 'static,
    {
        let (tells, waits) = watch::channel(None);
        state.fetch = Some(waits.clone());
        let (kept, began) = (Arc::clone(self), Instant::now());
        tokio::spawn(async move {
            tokio::time::sleep(pause).await;
            let outcome = fetch.await.map(Arc::new);
            kept.lock().record(&outcome, now + pause, now + began.elapsed());
            tells.send_replace(Some(outcome));
        });
        waits
    }

    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How a fetch ended.
async fn ended<T>(mut waits: Fetch<T>) -> Outcome<T> {
    match waits.wait_for(Option::is_some).await {
        Ok(outcome) => outcome.clone().unwrap_or(Err(Failure::TimedOut)),
        Err(_) => Err(Failure::Unreachable("the call was given up".to_owned())),
    }
}

impl<T> State<T> {
    fn next(&self, now: Instant) -> Next<T> {
        match &self.copy {
            Some((copy, asked)) if now.saturating_duration_since(*asked) < limits::RENEW_AFTER => {
                Next::Use(Arc::clone(copy))
            }
            Some((copy, asked)) if now.saturating_duration_since(*asked) < limits::MOST_STALE => {
                match self.fetch(now) {
                    Next::Fetch(Duration::ZERO) => Next::Renew(Arc::clone(copy)),
                    _ => Next::Use(Arc::clone(copy)),
                }
            }
            _ => self.fetch(now),
        }
    }

    fn newer(&self, since: Instant, will_do: impl Fn(&T) -> bool) -> Next<T> {
        match &self.copy {
            Some((copy, asked)) if *asked >= since || will_do(copy) => Next::Use(Arc::clone(copy)),
            _ => self.fetch(since),
        }
    }

    /// For whom no copy will do.
    fn fetch(&self, now: Instant) -> Next<T> {
        if let Some(waits) = self.under_way() {
            return Next::Join(waits);
        }
        let pause = self.failures.as_ref().map_or(Duration::ZERO, |failed| failed.next.saturating_duration_since(now));
        match &self.failures {
            Some(failed) if pause > limits::LONGEST_WAIT => Next::Refuse(failed.last.clone()),
            _ => Next::Fetch(pause),
        }
    }

    /// A fetch whose task is still there.
    fn under_way(&self) -> Option<Fetch<T>> {
        self.fetch.clone().filter(|waits| waits.has_changed().is_ok())
    }

    fn record(&mut self, outcome: &Outcome<T>, asked: Instant, now: Instant) {
        self.fetch = None;
        match outcome {
            Ok(copy) => {
                self.copy = Some((Arc::clone(copy), asked));
                self.failures = None;
            }
            Err(failure) => {
                let count = self.failures.as_ref().map_or(0, |failed| failed.count.saturating_add(1));
                self.failures = Some(Failures { last: failure.clone(), count, next: now + pause(count, jitter()) });
            }
        }
    }

    /// Counts a fetch that is demanded, if there was not one too many: so many in a row, then one now and then.
    fn may_demand(&mut self, now: Instant) -> bool {
        let every = limits::KEY_FETCH_EVERY;
        let paid = self.demanded.map_or(now, |paid| paid.max(now));
        let may = paid.saturating_duration_since(now) <= every * (limits::KEY_FETCHES - 1);
        if may {
            self.demanded = Some(paid + every);
        }
        may
    }
}

/// How long to leave a provider alone after this many failures before the last; `jitter` of 255 takes half off, so
/// that replicas that failed together do not come back together.
fn pause(failures: u32, jitter: u8) -> Duration {
    let whole = limits::FIRST_PAUSE.saturating_mul(1 << failures.min(16)).min(limits::LONGEST_PAUSE);
    whole - whole / 2 * u32::from(jitter) / 255
}

fn jitter() -> u8 {
    let [jitter] = crate::secret::random();
    jitter
}

#[cfg(test)]
mod tests;
