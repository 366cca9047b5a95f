//! The log: lines on stderr, as text or as JSON, which each thread gathers and one thread writes.
//!
//! A line is appended to a buffer of the thread that logs ([`gather`]), which takes no system call and wakes no other
//! thread. Every [`gather::EVERY`] a thread of its own takes the buffers and writes them. So the lines of one thread
//! are in order, those of different threads may be out of order by as much time, and a process that is killed loses
//! that much. [`flush`] waits until all is written.
//!
//! A thread's buffer holds [`gather::MOST_WAITING`] bytes. Lines beyond that, and lines that cannot be written (the
//! disk is full, the pipe is closed), are dropped, counted in `gateway_log_lines_dropped_total`, and reported in a line
//! of their own as soon as one can be written.
//!
//! No value can leave its line or its quotes ([`mod@line`]), so nothing that visitors, upstreams or the org send can
//! write a line or imitate one. A value is cut after [`line::MOST_VALUE`] bytes.
//!
//! The cost of a line of the access log to the thread that logs it, beside the usual way (`fmt` of tracing-subscriber
//! 0.3.23, lossless through tracing-appender 0.2), measured over 200,000 lines on x86-64:
//!
//! | | instructions | µs | system calls for 2,000 lines, one at a time |
//! |---|---|---|---|
//! | text | 2,500 | 0.2 | 11 futex, 9 write |
//! | JSON | 2,800 | 0.2 | |
//! | text, tracing-appender | 15,800 | 1.6 | 3,755 futex, 2,001 write |
//! | JSON, tracing-appender | 24,900 | 3.4 | |
//!
//! `fmt` also writes line ends within messages unchanged.
//!
//! Our own messages are logged from the configured level on. Those of other crates are logged from `warn` on where it is
//! `info`, and from `info` on at most: at `debug` and below these log whole requests, cookies included.

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

/// Starts the log. Fails when this process has started one already.
pub fn start(level: Level, format: Format) -> Result<(), String> {
    gather::start(format).map_err(|error| format!("the log cannot begin: {error}"))?;
    events::listen(level, format).map_err(|error| format!("the log cannot begin: {error}"))?;
    // The hook of the standard library would write lines of another form.
    std::panic::set_hook(Box::new(panicked));
    Ok(())
}

fn panicked(panic: &PanicHookInfo<'_>) {
    let at = panic.location().map(ToString::to_string).unwrap_or_default();
    tracing::error!(at, cause = panic.payload_as_str().unwrap_or_default(), "the gateway panicked");
}
