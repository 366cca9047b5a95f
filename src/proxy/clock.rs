//! How long the client or the upstream is waited for.
//!
//! Nearly all waits are over long before their time. So the timer of one is kept for the next, and runs on in between: a
//! wait that ends after it has another timer made only when this one has run out.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use pingora::time::fast_timeout;

use super::connection::Failure;

type Timer = Pin<Box<dyn Future<Output = ()> + Send + Sync>>;

/// The time limit of one connection, or of one stream of HTTP/2.
#[derive(Default)]
pub(super) struct Clock {
    /// What is waited for, and until when.
    wait: Option<(Failure, Instant)>,
    /// When the timer runs out, at the earliest.
    timer: Option<(Instant, Timer)>,
}

impl Clock {
    /// What was waited for has come, or is waited for no more.
    pub(super) fn stop(&mut self) {
        self.wait = None;
    }

    /// Ready when `failure` has been waited for so long without a [`Clock::stop`].
    pub(super) fn poll(&mut self, context: &mut Context<'_>, failure: Failure, time: Duration) -> Poll<()> {
        let ends = match self.wait {
            Some((waits_for, ends)) if waits_for == failure => ends,
            _ => Instant::now() + time,
        };
        self.wait = Some((failure, ends));
        loop {
            match &mut self.timer {
                Some((runs_out, timer)) if *runs_out <= ends => ready!(timer.as_mut().poll(context)),
                _ => {}
            }
            let left = ends.saturating_duration_since(Instant::now());
            if left.is_zero() {
                (self.wait, self.timer) = (None, None);
                return Poll::Ready(());
            }
            self.timer = Some((ends, Box::pin(fast_timeout::fast_sleep(left))));
        }
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Clock").field("wait", &self.wait).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The timer of an earlier wait neither ends a later one nor holds it up.
    #[tokio::test]
    async fn a_wait_has_its_own_time_whatever_was_waited_for_before() {
        let mut clock = Clock::default();
        for (earlier, pause) in [(60, 30), (30, 60), (3_600_000, 0)] {
            let earlier = Duration::from_millis(earlier);
            let is_over = std::future::poll_fn(|context| {
                Poll::Ready(clock.poll(context, Failure::SilentUpstream, earlier).is_ready())
            });
            assert!(!is_over.await);
            clock.stop();
            tokio::time::sleep(Duration::from_millis(pause)).await;
            let (began, time) = (Instant::now(), Duration::from_millis(60));
            std::future::poll_fn(|context| clock.poll(context, Failure::SlowBody, time)).await;
            let took = began.elapsed();
            assert!(took >= time && took < Duration::from_secs(30), "{took:?} after {earlier:?}");
        }
    }
}
