//! A budget of calls to one provider, for all visitors together: a crowd of them must not use up the provider's rate
//! limit, or nobody could finish a sign-in that has begun.
//!
//! A token bucket (the generic cell rate algorithm, ITU-T I.371) of [`BUDGET_BURST_SECONDS`]. Calls that begin
//! something may use half of it only; the other half is for calls that go on. Two calls at the same instant may both
//! take the last place.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use super::limits::BUDGET_BURST_SECONDS;

/// The state of the bucket.
#[derive(Debug)]
pub struct CallBudget {
    began: Instant,
    /// Microseconds of the budget that one call takes.
    cost: u64,
    /// When the bucket will be full again, in microseconds after `began`.
    free_at: AtomicU64,
    /// The operations that begin something.
    beginnings: &'static [&'static str],
}

impl CallBudget {
    /// A budget of so many calls a second; none for 0, which means no limit.
    pub fn new(a_second: u32, beginnings: &'static [&'static str]) -> Option<Arc<Self>> {
        let cost = 1_000_000_u64.checked_div(a_second.into())?;
        Some(Arc::new(Self { began: Instant::now(), cost, free_at: AtomicU64::new(0), beginnings }))
    }

    /// Takes one call from the budget, or says how long to wait until there is room for it.
    pub(super) fn take(&self, operation: &str, now: Instant) -> Result<(), Duration> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn those_who_go_on_are_left_half_of_it() {
        let budget = CallBudget::new(10, &["begin"]).expect("a budget");
        let now = budget.began;
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
    fn without_a_number_there_is_none() {
        assert!(CallBudget::new(0, &[]).is_none());
    }
}
