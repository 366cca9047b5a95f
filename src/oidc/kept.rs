//! One document of a provider, kept: fetched once for all callers, and used while it is being renewed and while it
//! cannot be fetched.
//!
//! ```text
//!   no copy, or past MOST_STALE:  wait for the one fetch; after failures it begins when the pause is over
//!   older than RENEW_AFTER:       the copy, at once; one fetch in the background, unless a pause is on
//!   younger:                      the copy
//! ```
//!
//! A fetch is a task of its own, so a caller that gives up does not end it. After a failed fetch, callers without a
//! copy get its failure until the pause is nearly over ([`limits::LONGEST_WAIT`]). The age of a copy counts from when
//! it was requested.

use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use tokio::sync::watch;

use super::{Failure, limits};

/// A document, or why there is none.
type Outcome<T> = Result<Arc<T>, Failure>;

/// A fetch that is under way; all callers that wait for it get its outcome.
type Fetch<T> = watch::Receiver<Option<Outcome<T>>>;

/// The document, and the one fetch of it.
pub(super) struct Kept<T>(Mutex<State<T>>);

struct State<T> {
    /// The last copy, and when it was requested.
    copy: Option<(Arc<T>, Instant)>,
    fetch: Option<Fetch<T>>,
    failures: Option<Failures>,
    /// When the bucket of demanded fetches will be full again (the theoretical arrival time of GCRA); see `may_demand`.
    demanded: Option<Instant>,
}

/// The fetches that failed since the last success.
struct Failures {
    last: Failure,
    count: u32,
    /// When the next fetch may begin.
    next: Instant,
}

/// What to do for a caller.
enum Next<T> {
    Use(Arc<T>),
    /// Use the copy, and begin a fetch.
    Renew(Arc<T>),
    Join(Fetch<T>),
    /// Begin a fetch, after this pause.
    Fetch(Duration),
    Refuse(Failure),
}

impl<T> Default for Kept<T> {
    fn default() -> Self {
        Self(Mutex::new(State { copy: None, fetch: None, failures: None, demanded: None }))
    }
}

impl<T: Send + Sync + 'static> Kept<T> {
    /// The document: a copy that is new enough, or the outcome of a fetch.
    pub(super) async fn get<F>(self: &Arc<Self>, now: Instant, fetch: impl FnOnce() -> F) -> Outcome<T>
    where
        F: Future<Output = Result<T, Failure>> + Send + 'static,
    {
        let waits = {
            let mut state = self.0.lock();
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

    /// A copy that `suffices`, or one that was requested at `since` or later; none when too many fetches were demanded.
    pub(super) async fn newer<F>(
        self: &Arc<Self>,
        since: Instant,
        suffices: impl Fn(&T) -> bool,
        fetch: impl FnOnce() -> F,
    ) -> Result<Option<Arc<T>>, Failure>
    where
        F: Future<Output = Result<T, Failure>> + Send + 'static,
    {
        // A fetch under way may have been requested before `since`; the next one is not.
        let under_way = self.0.lock().under_way();
        if let Some(waits) = under_way {
            ended(waits).await?;
        }
        let waits = {
            let mut state = self.0.lock();
            match state.newer(since, suffices) {
                Next::Use(copy) | Next::Renew(copy) => return Ok(Some(copy)),
                Next::Refuse(failure) => return Err(failure),
                Next::Join(waits) => waits,
                Next::Fetch(_) if !state.may_demand(since) => return Ok(None),
                Next::Fetch(pause) => self.begin(&mut state, since, pause, fetch()),
            }
        };
        ended(waits).await.map(Some)
    }

    /// Begins a fetch, as a task of its own.
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
            kept.0.lock().record(&outcome, now + pause, now + began.elapsed());
            tells.send_replace(Some(outcome));
        });
        waits
    }
}

/// Waits for the outcome of a fetch.
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

    fn newer(&self, since: Instant, suffices: impl Fn(&T) -> bool) -> Next<T> {
        match &self.copy {
            Some((copy, asked)) if *asked >= since || suffices(copy) => Next::Use(Arc::clone(copy)),
            _ => self.fetch(since),
        }
    }

    /// What to do for a caller for whom no copy suffices.
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

    /// The fetch that is under way, if its task still exists.
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

    /// Counts a demanded fetch if one is allowed: [`limits::KEY_FETCHES`] in a row, then one every
    /// [`limits::KEY_FETCH_EVERY`].
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

/// The pause after the last of `failures + 1` failures in a row. A `jitter` of 255 halves it, so that replicas whose
/// fetches failed together do not retry together.
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
