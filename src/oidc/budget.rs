//! A budget of calls to one provider, for all visitors together: a crowd of them must not use up the provider's rate
//! limit, or nobody could finish a sign-in that has begun.
//!
//! | | |
//! |---|---|
//! | [`CallBudget::new`] | a token bucket (the generic cell rate algorithm, ITU-T I.371) of [`BUDGET_BURST_SECONDS`], for every call. Calls that begin something may use half of it only; the other half is for calls that go on. Two calls at the same instant may both take the last place |
//! | [`CallBudget::of_one`] | so many calls of one operation in any second, and no more; others are not counted |

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use super::limits::BUDGET_BURST_SECONDS;

/// The calls that were made, as far as they count.
#[derive(Debug)]
pub struct CallBudget(Kind);

#[derive(Debug)]
enum Kind {
    Bucket(Bucket),
    Second(Second),
}

/// A token bucket, for every call.
#[derive(Debug)]
struct Bucket {
    began: Instant,
    /// Microseconds of the budget that one call takes.
    cost: u64,
    /// When the bucket will be full again, in microseconds after `began`.
    free_at: AtomicU64,
    /// The operations that begin something.
    beginnings: &'static [&'static str],
}

/// The calls of one operation in the last second.
#[derive(Debug)]
struct Second {
    operation: &'static str,
    most: usize,
    /// When the last `most` of them were made.
    made: Mutex<VecDeque<Instant>>,
}

impl CallBudget {
    /// A budget of so many calls a second; none for 0, which means no limit.
    pub fn new(a_second: u32, beginnings: &'static [&'static str]) -> Option<Arc<Self>> {
        let cost = 1_000_000_u64.checked_div(a_second.into())?;
        let bucket = Bucket { began: Instant::now(), cost, free_at: AtomicU64::new(0), beginnings };
        Some(Arc::new(Self(Kind::Bucket(bucket))))
    }

    /// The same for one operation, exactly.
    pub fn of_one(operation: &'static str, a_second: u32) -> Option<Arc<Self>> {
        let most = usize::try_from(a_second).ok().filter(|most| *most > 0)?;
        Some(Arc::new(Self(Kind::Second(Second { operation, most, made: Mutex::default() }))))
    }

    /// Takes one call from the budget, or says how long to wait until there is room for it.
    pub(super) fn take(&self, operation: &str, now: Instant) -> Result<(), Duration> {
        match &self.0 {
            Kind::Bucket(bucket) => bucket.take(operation, now),
            Kind::Second(second) if second.operation == operation => second.take(now),
            Kind::Second(_) => Ok(()),
        }
    }
}

impl Bucket {
    fn take(&self, operation: &str, now: Instant) -> Result<(), Duration> {
        let now = u64::try_from(now.saturating_duration_since(self.began).as_micros()).unwrap_or(u64::MAX);
        // A call costs one second at most, which is less than half of the bucket, so the first is never refused.
        let room = BUDGET_BURST_SECONDS * 1_000_000;
        let room = if self.beginnings.contains(&operation) { room / 2 } else { room };
        let free_at = self.free_at.load(Ordering::Relaxed).max(now) + self.cost;
        if free_at - now > room {
            return Err(Duration::from_micros(free_at - now - room));
        }
        self.free_at.store(free_at, Ordering::Relaxed);
        Ok(())
    }
}

impl Second {
    fn take(&self, now: Instant) -> Result<(), Duration> {
        let mut made = self.made.lock();
        if made.len() == self.most {
            let since = made.front().map_or(Duration::MAX, |first| now.saturating_duration_since(*first));
            if let Some(wait) = Duration::from_secs(1).checked_sub(since).filter(|wait| !wait.is_zero()) {
                return Err(wait);
            }
            made.pop_front();
        }
        made.push_back(now);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn those_who_go_on_are_left_half_of_it() {
        let budget = CallBudget::new(10, &["begin"]).expect("a budget");
        let Kind::Bucket(Bucket { began: now, .. }) = budget.0 else { panic!("a bucket") };
        let most = 10 * BUDGET_BURST_SECONDS;
        let begun = (0..1000).filter(|_| budget.take("begin", now).is_ok()).count() as u64;
        assert_eq!(begun, most / 2);
        let gone_on = (0..1000).filter(|_| budget.take("go on", now).is_ok()).count() as u64;
        assert_eq!(gone_on, most / 2);
        let wait = budget.take("go on", now).expect_err("nothing is left");
        assert_eq!(wait, Duration::from_millis(100), "what one call takes");
        assert_eq!(budget.take("go on", now + wait), Ok(()));
        assert!(budget.take("begin", now + wait).is_err(), "who begins waits longer");
        assert_eq!(budget.take("begin", now + Duration::from_secs(60)), Ok(()));
    }

    #[test]
    fn of_one_operation_there_are_so_many_in_any_second() {
        let budget = CallBudget::of_one("ask", 5).expect("a budget");
        let (began, mut made) = (Instant::now(), Vec::new());
        for milliseconds in (0..5_000).step_by(7) {
            let at = began + Duration::from_millis(milliseconds);
            match budget.take("ask", at) {
                Ok(()) => made.push(at),
                Err(wait) => assert!(wait <= Duration::from_secs(1) && !wait.is_zero(), "{wait:?}"),
            }
            assert_eq!(budget.take("fetch keys", at), Ok(()), "others are not counted");
        }
        assert_eq!(made.iter().take_while(|at| **at < began + Duration::from_millis(40)).count(), 5, "all at once");
        let fewest = made.windows(6).map(|six| six[5] - six[0]).min();
        assert!(fewest >= Some(Duration::from_secs(1)), "{fewest:?}");
        assert_eq!(made.len(), 25, "in five seconds");
        let budget = CallBudget::of_one("ask", 1).expect("a budget");
        assert_eq!(budget.take("ask", began), Ok(()));
        assert_eq!(budget.take("ask", began + Duration::from_millis(300)), Err(Duration::from_millis(700)));
        assert_eq!(budget.take("ask", began + Duration::from_secs(1)), Ok(()));
    }

    #[test]
    fn without_a_number_there_is_none() {
        assert!(CallBudget::new(0, &[]).is_none());
        assert!(CallBudget::of_one("ask", 0).is_none());
    }
}
