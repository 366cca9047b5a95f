//! Ending without cutting anybody off, and what each signal means.
//!
//! | phase | begins with | meanwhile |
//! |---|---|---|
//! | starting | the process | nothing is under way: SIGTERM, SIGINT and SIGQUIT end it by themselves |
//! | running | all listeners open | |
//! | draining | SIGTERM or SIGQUIT | `/readyz` is 503, connections close after the request they have, those of HTTP/2 are told to go elsewhere (GOAWAY); `server.drain_seconds` |
//! | grace | its end | listeners are closed, WebSockets are told to close (1001), requests under way end, refresh tokens that wait for it are revoked; `server.grace_seconds` at most |
//!
//! SIGINT ends at once, in every phase, and so does a second SIGTERM or SIGQUIT. SIGUSR1 and SIGUSR2 do nothing
//! (no file of ours is ever reopened), nor does SIGXFSZ: a log that may not grow loses lines; from the start on. SIGHUP is the
//! configuration's. The exit status is 0.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use pingora::server::{ShutdownSignal, ShutdownSignalWatch, ShutdownWatch};
use pingora::services::background::BackgroundService;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::Notify;
use tracing::{error, info, warn};

use super::runtime::Current;
use crate::metrics::Metrics;

/// The longest grace period that can be configured, in seconds.
pub const GRACE_AT_MOST: u64 = 3600;

/// Whether the process is about to end.
#[derive(Clone, Debug, Default)]
pub struct Draining(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    is_on: AtomicBool,
    begins: Notify,
}

impl Draining {
    /// Whether it is.
    pub fn is_on(&self) -> bool {
        self.0.is_on.load(Ordering::Relaxed)
    }

    /// From now on it is.
    pub fn begin(&self) {
        self.0.is_on.store(true, Ordering::SeqCst);
        self.0.begins.notify_waiters();
    }

    /// Waits until it is.
    pub(super) async fn begun(&self) {
        let mut begins = pin!(self.0.begins.notified());
        // Before looking: what begins between would be missed.
        begins.as_mut().enable();
        if !self.is_on() {
            begins.await;
        }
    }
}

/// Waits for a signal to end, and for the drain time after it.
pub struct Signals {
    /// Turned on by the first signal that asks to end.
    pub draining: Draining,
    /// Says how long connections are asked to go elsewhere before the listeners close.
    pub current: Arc<Current>,
    /// Ends the process.
    pub leave: fn(),
}

#[async_trait]
impl ShutdownSignalWatch for Signals {
    async fn recv(&self) -> ShutdownSignal {
        let kinds = [SignalKind::terminate(), SignalKind::interrupt(), SignalKind::quit()];
        let [Some(mut terminate), Some(mut interrupt), Some(mut quit)] = kinds.map(listen) else {
            return ShutdownSignal::FastShutdown;
        };
        ignore_signals();
        tokio::select! {
            _ = interrupt.recv() => return ShutdownSignal::FastShutdown,
            _ = terminate.recv() => {}
            _ = quit.recv() => {}
        }
        let drain = self.current.get().drain;
        info!(seconds = drain.as_secs(), "asked to end: connections may go elsewhere for so long");
        self.draining.begin();
        let again = async move {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
                _ = quit.recv() => {}
            }
        };
        let mut again = Box::pin(again);
        tokio::select! {
            () = &mut again => return ShutdownSignal::FastShutdown,
            () = tokio::time::sleep(drain) => {}
        }
        // pingora listens to nothing while the grace period lasts.
        let leave = self.leave;
        tokio::spawn(async move {
            again.await;
            info!("asked to end at once");
            leave();
        });
        ShutdownSignal::GracefulTerminate
    }
}

/// SIGXFSZ, which has the same number on every Linux but MIPS.
const FILE_SIZE: i32 = 25;

/// From now on, signals that mean nothing to us do nothing: by themselves they end the process. Within a runtime of tokio,
/// which never gives a signal back to the system that somebody has listened to.
pub fn ignore_signals() {
    let kinds = [SignalKind::user_defined1(), SignalKind::user_defined2(), SignalKind::from_raw(FILE_SIZE)];
    kinds.into_iter().for_each(|kind| drop(listen(kind)));
}

fn listen(kind: SignalKind) -> Option<Signal> {
    signal(kind).map_err(|cause| error!(%cause, "signals cannot be listened to")).ok()
}

/// Ends the process when the listeners are closed and nothing is under way any more, or the grace period is over.
/// pingora by itself sleeps through its own, and cannot be given another one while it runs.
pub struct ExitWhenIdle {
    /// Knows what is under way.
    pub metrics: Arc<Metrics>,
    /// Says how long that may take.
    pub current: Arc<Current>,
    /// Ends the process.
    pub leave: fn(),
}

#[async_trait]
impl BackgroundService for ExitWhenIdle {
    async fn start(&self, mut shutdown: ShutdownWatch) {
        if shutdown.changed().await.is_err() {
            return;
        }
        let end = tokio::time::Instant::now() + self.current.get().grace;
        loop {
            tokio::time::sleep(Duration::from_millis(100)).await;
            // Connections without a request are closed at once; new ones have a moment to send their first.
            let (connections, revocations) = (self.metrics.open_connections(), self.metrics.revocations_waiting());
            if (connections > 0 || revocations > 0) && tokio::time::Instant::now() < end {
                continue;
            }
            match connections {
                0 if revocations == 0 => info!("nothing is under way any more"),
                0 => {}
                connections => warn!(connections, "the grace period is over, and connections are still open"),
            }
            if revocations > 0 {
                warn!(revocations, "the grace period is over, and refresh tokens of ended sessions are not revoked");
            }
            (self.leave)();
            return;
        }
    }
}
