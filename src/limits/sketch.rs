//! Rates for very many keys, in memory of a fixed size.
//!
//! A count-min sketch (Cormode and Muthukrishnan, 2005) of token buckets: a key belongs to one cell of each of [`ROWS`]
//! rows, by a hash that is drawn when the process starts, and its count is that of its emptiest cell. So a key is never
//! counted too low, and too high only where each of its cells is shared with other busy keys. Nothing is evicted or
//! cleaned up: a cell holds the time at which it will be empty (the generic cell rate algorithm, ITU-T I.371), so it
//! empties as time passes.
//!
//! What is refused is not counted, so a visitor who keeps trying is let in again as soon as the rate allows. Requests
//! at the same instant may each take the last place, so a limit may be exceeded by the number of threads.

use std::hash::{BuildHasher as _, Hash, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::time::Instant;

const ROWS: usize = 4;
/// Cells in a row. With [`ROWS`] rows of eight bytes a cell that is 2 MiB, of which only used pages take memory. Of
/// 10,000 keys that are busy at once, one in 2,500 shares all its cells with others.
const CELLS: usize = 1 << 16;

/// How often something may be done: once every `interval` in the long run, and up to `burst` times at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Rate {
    burst: u32,
    interval: Duration,
}

impl Rate {
    /// `times` within `span`, which may be all at once; at least one.
    pub(super) const fn new(times: u32, span: Duration) -> Self {
        let times = if times == 0 { 1 } else { times };
        Self { burst: times, interval: Duration::from_millis(span.as_millis() as u64 / times as u64) }
    }

    /// The size of a bucket, in milliseconds.
    const fn room(self) -> u64 {
        self.interval.as_millis() as u64 * self.burst as u64
    }
}

/// Counts what keys do, each by itself. When a rate changes, so does what is left of each bucket.
pub(super) struct Sketch {
    /// When each cell is empty, in milliseconds of Unix time.
    cells: Box<[AtomicU64]>,
    hashers: [RandomState; ROWS],
}

impl Default for Sketch {
    fn default() -> Self {
        Self {
            cells: std::iter::repeat_with(AtomicU64::default).take(ROWS * CELLS).collect(),
            hashers: std::array::from_fn(|_| RandomState::new()),
        }
    }
}

impl Sketch {
    /// Counts one more for `key`.
    ///
    /// # Errors
    /// The rate allows no more; how long until it does, in whole seconds, at least one.
    pub(super) fn take(&self, key: impl Hash, rate: Rate, now: Instant) -> Result<(), Duration> {
        self.wait(&key, rate, now).map_or(Ok(()), Err)?;
        let (now, one) = (milliseconds(now), rate.interval.as_millis() as u64);
        for cell in self.cells_of(&key) {
            cell.update(Ordering::Relaxed, Ordering::Relaxed, |empty_at| empty_at.max(now) + one);
        }
        Ok(())
    }

    /// How long until `key` may do one more; none when it may now. Does not count.
    pub(super) fn wait(&self, key: impl Hash, rate: Rate, now: Instant) -> Option<Duration> {
        let empty_at = self.empty_at(&key, rate, now);
        let over = (empty_at + rate.interval.as_millis() as u64).saturating_sub(milliseconds(now) + rate.room());
        (over > 0).then(|| Duration::from_secs(over.div_ceil(1000)))
    }

    /// Whether something of `key` is still counted.
    pub(super) fn has_any(&self, key: impl Hash, rate: Rate, now: Instant) -> bool {
        self.empty_at(&key, rate, now) > milliseconds(now)
    }

    /// When the bucket of `key` is empty, in milliseconds; `now` at the earliest.
    fn empty_at(&self, key: &impl Hash, rate: Rate, now: Instant) -> u64 {
        let now = milliseconds(now);
        let fullest = now + rate.room();
        let cells = self.cells_of(key).map(|cell| {
            // A bucket cannot be fuller than full, unless the clock was set back.
            if cell.load(Ordering::Relaxed) > fullest {
                cell.store(fullest, Ordering::Relaxed);
            }
            cell.load(Ordering::Relaxed)
        });
        cells.min().unwrap_or_default().clamp(now, fullest)
    }

    fn cells_of(&self, key: &impl Hash) -> impl Iterator<Item = &AtomicU64> {
        self.hashers.iter().enumerate().map(move |(row, hasher)| {
            let column = hasher.hash_one(key) as usize % CELLS;
            &self.cells[row * CELLS + column]
        })
    }
}

fn milliseconds(now: Instant) -> u64 {
    now.seconds().saturating_mul(1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: Rate = Rate::new(20, Duration::from_secs(60));

    fn at(seconds: u64) -> Instant {
        Instant::from_seconds(1_000_000 + seconds)
    }

    #[test]
    fn a_burst_is_allowed_and_then_one_an_interval() {
        let sketch = Sketch::default();
        assert!((0..20).all(|_| sketch.take("a", RATE, at(0)).is_ok()));
        assert_eq!(sketch.take("a", RATE, at(0)), Err(Duration::from_secs(3)));
        assert_eq!(sketch.take("a", RATE, at(2)), Err(Duration::from_secs(1)));
        assert_eq!(sketch.take("a", RATE, at(3)), Ok(()));
        assert_eq!(sketch.take("a", RATE, at(3)), Err(Duration::from_secs(3)));
        assert!((0..20).all(|_| sketch.take("a", RATE, at(100)).is_ok()));
    }

    #[test]
    fn what_is_refused_is_not_counted() {
        let sketch = Sketch::default();
        for _ in 0..1000 {
            let _ = sketch.take("a", RATE, at(0));
        }
        assert_eq!(sketch.wait("a", RATE, at(0)), Some(Duration::from_secs(3)));
        assert_eq!(sketch.wait("a", RATE, at(3)), None);
    }

    /// With 30,000 addresses that begin two sign-ins each at once, 1,000 others can still begin ten each.
    #[test]
    fn a_crowd_refuses_nobody_else() {
        let sketch = Sketch::default();
        for stranger in 0..30_000_u32 {
            assert!((0..2).all(|_| sketch.take(stranger, RATE, at(0)).is_ok()));
        }
        for neighbour in 100_000..101_000_u32 {
            for time in 0..10 {
                assert_eq!(sketch.take(neighbour, RATE, at(0)), Ok(()), "{neighbour}, the {time}th time");
            }
        }
    }

    #[test]
    fn a_clock_that_is_set_back_costs_one_bucket_and_no_more() {
        let sketch = Sketch::default();
        assert!((0..20).all(|_| sketch.take("a", RATE, at(600)).is_ok()));
        assert_eq!(sketch.wait("a", RATE, at(0)), Some(Duration::from_secs(3)));
        assert_eq!(sketch.take("a", RATE, at(3)), Ok(()));
        assert_eq!(sketch.wait("b", RATE, at(0)), None);
    }
}
