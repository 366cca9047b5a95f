//! Ending without cutting anybody off.
//!
//! On SIGTERM readiness turns to 503 and connections close after the request they have, for a while
//! (the lame duck), so that a load balancer goes elsewhere; then the listeners close, and the process
//! ends with the last request under way, or when the grace period is over. SIGINT ends at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use pingora::server::{ShutdownSignal, ShutdownSignalWatch, ShutdownWatch};
use pingora::services::background::BackgroundService;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tracing::{error, info, warn};

use super::runtime::Current;
use crate::metrics::Metrics;

/// The longest grace period that can be configured, in seconds.
pub const GRACE_AT_MOST: u64 = 3600;

/// Whether the process is about to end.
#[derive(Clone, Debug, Default)]
pub struct Draining(Arc<AtomicBool>);

impl Draining {
    /// Whether it is.
    pub fn is_on(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// From now on it is.
    pub fn begin(&self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Waits for a signal to end, and for the lame duck.
pub struct Signals {
    /// Turned on by SIGTERM.
    pub draining: Draining,
    /// Says how long connections are asked to go elsewhere before the listeners close.
    pub current: Arc<Current>,
}

#[async_trait]
impl ShutdownSignalWatch for Signals {
    async fn recv(&self) -> ShutdownSignal {
        let (Some(mut terminate), Some(mut interrupt)) =
            (listen(SignalKind::terminate()), listen(SignalKind::interrupt()))
        else {
            return ShutdownSignal::FastShutdown;
        };
        tokio::select! {
            _ = interrupt.recv() => return ShutdownSignal::FastShutdown,
            _ = terminate.recv() => {}
        }
        let lame_duck = self.current.get().drain;
        info!("asked to end: {} s in which connections may go elsewhere", lame_duck.as_secs());
        self.draining.begin();
        tokio::select! {
            _ = interrupt.recv() => ShutdownSignal::FastShutdown,
            () = tokio::time::sleep(lame_duck) => ShutdownSignal::GracefulTerminate,
        }
    }
}

fn listen(kind: SignalKind) -> Option<Signal> {
    signal(kind).map_err(|cause| error!(%cause, "signals cannot be listened to")).ok()
}

/// Ends the process when the listeners are closed and nothing is under way any more, or the grace period is over.
/// pingora by itself sleeps through its own, and cannot be given another one while it runs.
pub struct LeaveWhenQuiet {
    /// Knows what is under way.
    pub metrics: Arc<Metrics>,
    /// Says how long that may take.
    pub current: Arc<Current>,
    /// Ends the process.
    pub leave: fn(),
}

#[async_trait]
impl BackgroundService for LeaveWhenQuiet {
    async fn start(&self, mut shutdown: ShutdownWatch) {
        if shutdown.changed().await.is_err() {
            return;
        }
        let end = tokio::time::Instant::now() + self.current.get().grace;
        loop {
            tokio::time::sleep(Duration::from_millis(100)).await;
            match self.metrics.requests_in_flight() {
                0 => info!("nothing is under way any more"),
                _ if tokio::time::Instant::now() < end => continue,
                requests => warn!(requests, "the grace period is over with {requests} requests under way"),
            }
            (self.leave)();
            return;
        }
    }
}
