//! Moments, in whole seconds since 1970 (Unix time), and what can be asked of two of them.
//!
//! The clock is read once a request, at the edge ([`now`]); everything behind it takes `now` as an
//! argument. Sums stop at the largest value and differences at zero, so a clock that was set back
//! makes nothing negative.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

/// How far another machine's clock may be from ours, wherever a moment of theirs is held against ours.
pub const CLOCK_SKEW: Duration = Duration::from_secs(60);

/// How far ahead of our clock a moment may lie that was sealed by us: by a replica, or before our clock was set back.
pub const SEALED_AHEAD: Duration = Duration::from_secs(300);

/// A moment: Unix seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Instant(u64);

impl Instant {
    /// The moment `seconds` after 1970 began.
    pub const fn from_seconds(seconds: u64) -> Self {
        Self(seconds)
    }

    /// Seconds since 1970 began.
    pub const fn seconds(self) -> u64 {
        self.0
    }

    /// The moment `span` later; parts of a second do not count.
    #[must_use]
    pub const fn after(self, span: Duration) -> Self {
        Self(self.0.saturating_add(span.as_secs()))
    }

    /// Whether `now` lies in the span that began at this moment. The span ends at its end, not after it, and one that
    /// begins further ahead than [`SEALED_AHEAD`] has not been: no clock that we know gave it.
    pub fn began_within(self, span: Duration, now: Self) -> bool {
        self <= now.after(SEALED_AHEAD) && now < self.after(span)
    }

    /// How long ago `earlier` was; nothing when it lies ahead.
    pub const fn since(self, earlier: Self) -> Duration {
        Duration::from_secs(self.0.saturating_sub(earlier.0))
    }
}

/// The present moment, from the system's clock. Only the edge asks.
pub fn now() -> Instant {
    Instant(since_1970().as_secs())
}

/// The present moment to a fraction of a second, for the log.
pub fn since_1970() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_set_back_makes_nothing_negative() {
        let (early, late) = (Instant::from_seconds(100), Instant::from_seconds(160));
        assert_eq!(late.since(early), Duration::from_secs(60));
        assert_eq!(early.since(late), Duration::ZERO);
    }

    #[test]
    fn a_span_has_a_beginning_and_an_end() {
        let (began, hour) = (Instant::from_seconds(10_000), Duration::from_secs(3600));
        for (now, within) in [(9_699, false), (9_700, true), (10_000, true), (13_599, true), (13_600, false)] {
            assert_eq!(began.began_within(hour, Instant::from_seconds(now)), within, "{now}");
        }
    }

    #[test]
    fn the_end_of_time_is_not_passed() {
        assert_eq!(Instant::from_seconds(u64::MAX).after(Duration::from_secs(1)).seconds(), u64::MAX);
        // 2^32 seconds is February 2106; 2^31, January 2038, is nothing special either.
        assert_eq!(Instant::from_seconds(1 << 32).after(Duration::from_secs(1)).seconds(), 4_294_967_297);
    }
}
