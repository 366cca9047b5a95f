//! Ending without cutting anybody off, and what each signal means.
//!
//! | phase | begins with | meanwhile |
//! |---|---|---|
//! | starting | the process | nothing is under way: SIGTERM, SIGINT and SIGQUIT end it at once; SIGHUP waits until it runs |
//! | running | all listeners open | |
//! | draining | SIGTERM or SIGQUIT | `/readyz` is 503, connections close after the request they have, those of HTTP/2 are told to go elsewhere (GOAWAY); `server.drain_seconds` |
//! | grace | its end | listeners are closed, WebSockets are told to close (1001), requests under way end, refresh tokens that wait for it are revoked; `server.grace_seconds` at most |
//!
//! SIGINT ends at once, in every phase, and so does a second SIGTERM or SIGQUIT. SIGUSR1 and SIGUSR2 do nothing
//! (no file of ours is ever reopened), nor does SIGXFSZ: a log that may not grow loses lines. SIGHUP reads the
//! configuration again, in every phase but the first. The exit status is 0. All that holds from the first thing that
//! `idx-gateway run` does; before it, while the kernel and the loader begin the process, each signal does what the system
//! says, and so do all others always.

use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use parking_lot::Mutex;
use pingora::server::{ShutdownSignal, ShutdownSignalWatch, ShutdownWatch};
use pingora::services::background::BackgroundService;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::{Notify, mpsc};
use tracing::{info, warn};

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

/// Listens for signals that ask the process to end. While it starts they end it.
pub struct EndSignals {
    received: mpsc::UnboundedReceiver<ShutdownSignal>,
    is_running: Arc<AtomicBool>,
}

impl EndSignals {
    /// From now on; `leave` ends the process. Signals that mean nothing to us do nothing from now on either.
    ///
    /// # Errors
    /// The system has no thread or descriptor left.
    pub fn listen(leave: fn()) -> io::Result<Self> {
        let tasks = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (mut terminate, mut interrupt, mut quit) = {
            let _tasks = tasks.enter();
            for kind in [SignalKind::user_defined1(), SignalKind::user_defined2(), SignalKind::from_raw(FILE_SIZE)] {
                // Listened to once, a signal never goes back to what it does by itself.
                drop(signal(kind)?);
            }
            (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?, signal(SignalKind::quit())?)
        };
        let (sender, received) = mpsc::unbounded_channel();
        let is_running = Arc::new(AtomicBool::new(false));
        let runs = Arc::clone(&is_running);
        let listen = async move {
            loop {
                let signal = tokio::select! {
                    _ = terminate.recv() => ShutdownSignal::GracefulTerminate,
                    _ = quit.recv() => ShutdownSignal::GracefulTerminate,
                    _ = interrupt.recv() => ShutdownSignal::FastShutdown,
                };
                if !runs.load(Ordering::SeqCst) {
                    leave();
                }
                if sender.send(signal).is_err() {
                    return;
                }
            }
        };
        std::thread::Builder::new().name("signals".to_owned()).spawn(move || tasks.block_on(listen))?;
        Ok(Self { received, is_running })
    }

    /// The next one; from the first call on they do not end the process by themselves.
    async fn next(&mut self) -> ShutdownSignal {
        self.is_running.store(true, Ordering::SeqCst);
        // Its sender lives as long as the process.
        self.received.recv().await.unwrap_or(ShutdownSignal::FastShutdown)
    }
}

/// Waits for a signal to end, and for the drain time after it.
pub struct Signals {
    /// Those that ask to end, until they are waited for.
    pub ends: Mutex<Option<EndSignals>>,
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
        let ends = self.ends.lock().take();
        let Some(mut ends) = ends else { return ShutdownSignal::FastShutdown };
        if let signal @ ShutdownSignal::FastShutdown = ends.next().await {
            return signal;
        }
        let drain = self.current.get().drain;
        info!(seconds = drain.as_secs(), "asked to end: connections may go elsewhere for so long");
        self.draining.begin();
        let mut again = Box::pin(async move { ends.next().await });
        tokio::select! {
            _ = &mut again => return ShutdownSignal::FastShutdown,
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
