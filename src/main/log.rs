//! The log: lines on stderr, written by a thread of their own.
//!
//! A request never waits for whoever reads the log. Up to [`WAITING`] lines wait; beyond that lines are
//! left out and counted, and the count is written as soon as there is room.
//!
//! Our own messages come from the configured level on. Those of other crates come from `info` on at
//! most, whatever is configured: below that they write down whole requests, cookies included.

use std::io::{self, Write as _};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, LazyLock, OnceLock};
use std::time::Duration;

use arc_swap::ArcSwap;
use tracing::level_filters::LevelFilter;
use tracing::subscriber::Interest;
use tracing::{Level, Metadata, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::Context;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

const WAITING: usize = 8192;

static QUEUE: OnceLock<SyncSender<Message>> = OnceLock::new();
static LEFT_OUT: AtomicU64 = AtomicU64::new(0);
static LEVELS: LazyLock<ArcSwap<Targets>> = LazyLock::new(ArcSwap::default);

enum Message {
    Line(Vec<u8>),
    Flush(SyncSender<()>),
}

/// Begins to log. Later calls change nothing.
pub(crate) fn start(level: Level, json: bool) {
    let (queue, lines) = sync_channel(WAITING);
    if QUEUE.set(queue).is_err() {
        return;
    }
    // Without the thread lines are left out; there is nowhere to say so.
    let _ = std::thread::Builder::new().name("log".to_owned()).spawn(move || write(&lines));
    LEVELS.store(Arc::new(levels(level)));
    let subscriber = tracing_subscriber::registry().with(Levels);
    let lines = tracing_subscriber::fmt::layer().with_writer(Lines).with_ansi(false);
    let started = match json {
        true => subscriber.with(lines.json().flatten_event(true)).try_init(),
        false => subscriber.with(lines.compact()).try_init(),
    };
    if let Err(error) = started {
        eprintln!("the log cannot begin: {error}");
    }
}

/// Logs from another level on.
pub(crate) fn set_level(level: Level) {
    LEVELS.store(Arc::new(levels(level)));
    tracing::callsite::rebuild_interest_cache();
}

fn levels(level: Level) -> Targets {
    let others = LevelFilter::from_level(level).min(LevelFilter::INFO);
    Targets::new().with_default(others).with_target("idx_gateway", level).with_target("access", Level::INFO)
}

/// [`LEVELS`], as they are now. They are asked once for each place that logs, and again when they change:
/// `tracing_subscriber::reload` would take a lock for every line.
struct Levels;

impl<S: Subscriber> Layer<S> for Levels {
    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> Interest {
        Layer::<S>::register_callsite(&**LEVELS.load(), metadata)
    }

    fn enabled(&self, metadata: &Metadata<'_>, context: Context<'_, S>) -> bool {
        Layer::<S>::enabled(&**LEVELS.load(), metadata, context)
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Layer::<S>::max_level_hint(&**LEVELS.load())
    }
}

/// Waits until everything said so far is written, a second at most.
pub(crate) fn flush() {
    let (done, written) = sync_channel(1);
    if QUEUE.get().is_some_and(|queue| queue.try_send(Message::Flush(done)).is_ok()) {
        let _ = written.recv_timeout(Duration::from_secs(1));
    }
}

fn write(lines: &Receiver<Message>) {
    let mut out = io::BufWriter::with_capacity(64 * 1024, io::stderr());
    while let Ok(first) = lines.recv() {
        let mut next = Some(first);
        while let Some(message) = next {
            match message {
                Message::Line(line) => drop(out.write_all(&line)),
                Message::Flush(done) => {
                    let _ = out.flush();
                    let _ = done.try_send(());
                }
            }
            next = lines.try_recv().ok();
        }
        let left_out = LEFT_OUT.swap(0, Ordering::Relaxed);
        if left_out > 0 {
            let _ = writeln!(out, "{left_out} lines of the log were left out: whoever reads it is too slow");
        }
        let _ = out.flush();
    }
}

struct Lines;

/// One line, sent when it is complete.
struct Line(Vec<u8>);

impl<'a> MakeWriter<'a> for Lines {
    type Writer = Line;

    fn make_writer(&'a self) -> Line {
        Line(Vec::with_capacity(256))
    }
}

impl io::Write for Line {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        let line = std::mem::take(&mut self.0);
        if QUEUE.get().is_none_or(|queue| queue.try_send(Message::Line(line)).is_err()) {
            LEFT_OUT.fetch_add(1, Ordering::Relaxed);
        }
    }
}
