//! The buffers of threads, and the thread that writes them.
//!
//! A thread gets a buffer with its first line, and the writer knows all buffers. Both hold a buffer's lock only while
//! they append a line or take the bytes away, so they seldom wait for each other.

use std::cell::Cell;
use std::io::{self, Write};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, OnceLock};
use std::thread::{self, Thread};
use std::time::Duration;

use parking_lot::Mutex;
use tracing::Level;

use super::line::{Calendar, Format, Line, Time};
use crate::metrics;

/// How often the buffers are written.
pub(super) const EVERY: Duration = Duration::from_millis(50);

/// The most bytes that a buffer holds: about five thousand lines.
pub(super) const MOST_WAITING: usize = 1024 * 1024;

/// When a buffer reaches this size the writer is woken early.
const MANY_WAITING: usize = MOST_WAITING / 4;

/// The longest that [`flush`] waits for the reader of the log.
const FLUSH: Duration = Duration::from_secs(1);

/// Whole lines that wait to be written.
type Waiting = Arc<Mutex<Vec<u8>>>;

static BUFFERS: Mutex<Vec<Waiting>> = Mutex::new(Vec::new());
static FLUSHES: Mutex<Vec<SyncSender<()>>> = Mutex::new(Vec::new());
static WRITER: OnceLock<Thread> = OnceLock::new();

thread_local! {
    static OWN: (Waiting, Cell<Calendar>) = {
        let waiting = Waiting::default();
        BUFFERS.lock().push(Arc::clone(&waiting));
        (waiting, Cell::default())
    };
}

/// Starts the thread that writes.
pub(super) fn start(format: Format) -> io::Result<()> {
    let write = move || {
        let mut writer = Writer::new(io::stderr(), format);
        loop {
            thread::park_timeout(EVERY);
            round(&mut writer);
        }
    };
    let writer = thread::Builder::new().name("log".to_owned()).spawn(write)?;
    WRITER.set(writer.thread().clone()).map_err(|_| io::Error::other("it has begun before"))
}

/// Appends one whole line, which `write` makes; it gets the present time.
pub(super) fn append(write: impl FnOnce(&mut Vec<u8>, &Time)) {
    let appended = OWN.try_with(|(waiting, calendar)| {
        let mut known = calendar.get();
        let time = *known.write(crate::time::since_1970());
        calendar.set(known);
        let (before, after) = {
            let mut waiting = waiting.lock();
            let before = waiting.len();
            if before >= MOST_WAITING {
                return false;
            }
            write(&mut waiting, &time);
            (before, waiting.len())
        };
        if before < MANY_WAITING && after >= MANY_WAITING {
            wake();
        }
        true
    });
    // A thread that is ending has lost its buffer.
    if !appended.unwrap_or(false) {
        metrics::log_lines_dropped().inc();
    }
}

/// Waits until everything logged so far is written, for at most a second.
pub fn flush() {
    let (done, written) = sync_channel(1);
    FLUSHES.lock().push(done);
    wake();
    let _ = written.recv_timeout(FLUSH);
}

fn wake() {
    if let Some(writer) = WRITER.get() {
        writer.unpark();
    }
}

fn round(writer: &mut Writer<impl Write>) {
    let flushes = std::mem::take(&mut *FLUSHES.lock());
    let buffers = BUFFERS.lock().clone();
    for waiting in &buffers {
        // The buffers are swapped, so that the lock is not held while writing.
        std::mem::swap(&mut *waiting.lock(), &mut writer.batch);
        writer.write_batch();
    }
    drop(buffers);
    // The buffer of a thread that has ended is removed once it is empty.
    BUFFERS.lock().retain(|waiting| Arc::strong_count(waiting) > 1 || !waiting.lock().is_empty());
    writer.tell_dropped();
    for done in flushes {
        let _ = done.try_send(());
    }
}

struct Writer<W> {
    out: W,
    format: Format,
    /// The lines that are being written; empty between rounds.
    batch: Vec<u8>,
    /// Whether the last write ended in the middle of a line.
    is_torn: bool,
    /// How many dropped lines have been reported.
    told: u64,
}

impl<W: Write> Writer<W> {
    fn new(out: W, format: Format) -> Self {
        Self { out, format, batch: Vec::new(), is_torn: false, told: metrics::log_lines_dropped().get() }
    }

    /// Writes the batch and empties it; what cannot be written is dropped and counted.
    fn write_batch(&mut self) {
        let mut batch = std::mem::take(&mut self.batch);
        let written = self.write(&batch);
        let lost = batch[written..].iter().filter(|byte| **byte == b'\n').count();
        metrics::log_lines_dropped().inc_by(lost as u64);
        batch.clear();
        self.batch = batch;
    }

    /// Writes `bytes` until an error; returns how many were written.
    fn write(&mut self, bytes: &[u8]) -> usize {
        if self.is_torn && !bytes.is_empty() {
            self.is_torn = !matches!(self.out.write(b"\n"), Ok(1));
        }
        let mut written = 0;
        while written < bytes.len() {
            match self.out.write(&bytes[written..]) {
                Ok(0) => break,
                Ok(count) => written += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                // Another process that shares stderr may have made it non-blocking.
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => thread::park_timeout(EVERY),
                Err(_) => break,
            }
        }
        self.is_torn |= written < bytes.len() && written > 0 && bytes[written - 1] != b'\n';
        written
    }

    /// Reports how many lines were dropped since the last report.
    fn tell_dropped(&mut self) {
        let dropped = metrics::log_lines_dropped().get();
        if dropped == self.told {
            return;
        }
        let (mut told, mut calendar) = (Vec::new(), Calendar::default());
        let time = calendar.write(crate::time::since_1970());
        let mut line = Line::begin(&mut told, self.format, time, Level::WARN, "idx_gateway::log");
        line.message("lines of the log were dropped: they could not be written, or not fast enough");
        line.number("lines", dropped - self.told);
        line.end();
        if self.write(&told) == told.len() {
            self.told = dropped;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A disk that takes `room` bytes and then fails.
    #[derive(Default)]
    struct Disk {
        holds: Vec<u8>,
        room: usize,
    }

    impl Write for Disk {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let count = bytes.len().min(self.room);
            if count == 0 {
                return Err(io::ErrorKind::StorageFull.into());
            }
            self.room -= count;
            self.holds.extend_from_slice(&bytes[..count]);
            Ok(count)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn what_a_full_disk_loses_is_counted_and_told_when_there_is_room() {
        let mut writer = Writer::new(Disk { room: 9, ..Disk::default() }, Format::Text);
        let before = metrics::log_lines_dropped().get();
        writer.batch.extend_from_slice(b"one\ntwo\nthree\nfour\n");
        writer.write_batch();
        writer.tell_dropped();
        assert_eq!(writer.out.holds, b"one\ntwo\nt");
        assert!(metrics::log_lines_dropped().get() >= before + 2);
        writer.out.room = 10_000;
        writer.batch.extend_from_slice(b"five\n");
        writer.write_batch();
        writer.tell_dropped();
        let holds = String::from_utf8(writer.out.holds).expect("text");
        let lines: Vec<&str> = holds.lines().collect();
        assert_eq!(lines[..4], ["one", "two", "t", "five"]);
        assert!(lines[4].contains(" WARN idx_gateway::log: lines of the log were dropped"), "{holds}");
        assert!(!lines[4].ends_with("lines=0") && lines.len() == 5, "{holds}");
    }

    #[test]
    fn a_thread_keeps_so_much_and_leaves_its_lines_when_it_ends() {
        let thread = thread::spawn(|| {
            append(|out, time| out.extend_from_slice(&[&time[..], b" left behind\n"].concat()));
            append(|out, _| out.resize(MOST_WAITING, b'\n'));
            let before = metrics::log_lines_dropped().get();
            append(|out, _| out.extend_from_slice(b"too much\n"));
            (metrics::log_lines_dropped().get() - before, OWN.with(|(waiting, _)| Arc::downgrade(waiting)))
        });
        let (dropped, waiting) = thread.join().expect("it ends");
        assert!(dropped >= 1 && waiting.upgrade().is_some());
        let mut writer = Writer::new(Disk { room: usize::MAX, ..Disk::default() }, Format::Text);
        round(&mut writer);
        let holds = String::from_utf8_lossy(&writer.out.holds);
        assert!(holds.contains(" left behind\n") && !holds.contains("too much"), "{}", &holds[..100]);
        assert!(waiting.upgrade().is_none(), "its buffer is kept");
    }
}
