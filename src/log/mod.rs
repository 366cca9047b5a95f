//! The log: lines on stderr, as text or as JSON, gathered by each thread and written by one.
//!
//! A line is bytes appended to a buffer of the thread that says it ([`gather`]): no system call, no
//! other thread woken. Every [`gather::EVERY`] a thread of its own collects the buffers and writes
//! them. So lines of one thread stand in order, those of different threads may be that much out of
//! it, and a process that is killed loses as much. [`flush`] writes what there is.
//!
//! A thread keeps [`gather::MOST_WAITING`] bytes that nobody reads; lines beyond that, and lines that
//! cannot be written (a full disk, a closed pipe), are left out, counted in
//! `gateway_log_lines_dropped_total`, and told in a line of their own as soon as there is room.
//!
//! Whatever a value holds, it stays within its line and within its quotes ([`mod@line`]): what visitors,
//! upstreams and the org say cannot write lines, nor look like ours. A value ends after
//! [`line::MOST_VALUE`] bytes.
//!
//! What a line of the access log costs the thread that says it, beside the usual way (lines of `fmt` from
//! tracing-subscriber 0.3.23, lossless through tracing-appender 0.2), 200,000 lines on x86-64:
//!
//! | | instructions | µs | system calls for 2,000 lines that come singly |
//! |---|---|---|---|
//! | text | 2,500 | 0.2 | 11 futex, 9 write |
//! | JSON | 2,800 | 0.2 | |
//! | text, tracing-appender | 15,800 | 1.6 | 3,755 futex, 2,001 write |
//! | JSON, tracing-appender | 24,900 | 3.4 | |
//!
//! `fmt` also leaves line ends in messages as they are.
//!
//! Our own messages come from the configured level on. Those of other crates come from `info` on at
//! most, whatever is configured: below that they write down whole requests, cookies included.

mod access;
mod events;
mod gather;
mod line;

use std::panic::PanicHookInfo;

use tracing::Level;

pub use access::{AccessLine, AccessLog};
pub use events::set_level;
pub use gather::flush;
pub use line::Format;

/// Begins to log. Fails when this process logs already.
pub fn start(level: Level, format: Format) -> Result<(), String> {
    gather::start(format).map_err(|error| format!("the log cannot begin: {error}"))?;
    events::listen(level, format).map_err(|error| format!("the log cannot begin: {error}"))?;
    // The hook of the standard library would write lines of its own making.
    std::panic::set_hook(Box::new(panicked));
    Ok(())
}

fn panicked(panic: &PanicHookInfo<'_>) {
    let at = panic.location().map(ToString::to_string).unwrap_or_default();
    tracing::error!(at, cause = panic.payload_as_str().unwrap_or_default(), "something of ours panicked");
}
