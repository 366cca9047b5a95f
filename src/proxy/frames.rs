//! HTTP/2 frames, counted as they arrive (RFC 9113 §4.1).
//!
//! A frame that carries nothing for anybody costs its sender nine bytes and us work: a stream that is reset as soon
//! as it is opened (CVE-2023-44487), a header in a thousand pieces (CVE-2024-27316), pings and settings to be
//! acknowledged (CVE-2019-9512, -9515), empty data (-9518), priorities (-9513). A client has [`FRAMES_COST`] of such
//! cost, given back at [`FRAMES_COST_A_SECOND`]; beyond that the connection ends. Windows are enlarged as we write, so those
//! frames are counted against what was written.
//!
//! The h2 crate (0.4.20) looks after the rest: streams at once, the size of a header list however many frames it
//! comes in, resets that a client provokes (MadeYouReset, CVE-2025-8671), acknowledgements that are not read.

use std::time::Instant;

use super::limits::{BYTES_A_WINDOW, FRAME_RESET_COST, FRAMES_COST, FRAMES_COST_A_SECOND};
use super::refusal::Refusal;

/// The bytes with which a client begins (RFC 9113 §3.4).
pub(super) const PREFACE: &[u8; 24] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

const FRAME_HEAD: usize = 9;

/// The frames of one connection, from the client.
#[derive(Debug)]
pub(super) struct Frames {
    head: [u8; FRAME_HEAD],
    /// How much of `head` is there.
    there: usize,
    /// Bytes until the next frame begins.
    left: u32,
    allowance: f64,
    since: Instant,
    windows: u64,
    written: u64,
}

impl Frames {
    /// Before the preface, which is known to be right.
    pub(super) fn new(now: Instant) -> Self {
        let left = PREFACE.len() as u32;
        Self { head: [0; FRAME_HEAD], there: 0, left, allowance: FRAMES_COST, since: now, windows: 0, written: 0 }
    }

    /// Goes over `bytes`. `now` is asked for only where something is charged.
    pub(super) fn pass(&mut self, mut bytes: &[u8], now: impl Fn() -> Instant) -> Result<(), Refusal> {
        while !bytes.is_empty() {
            if self.left > 0 {
                let here = usize::try_from(self.left).unwrap_or(usize::MAX).min(bytes.len());
                self.left -= u32::try_from(here).unwrap_or(self.left);
                bytes = &bytes[here..];
                continue;
            }
            let here = (FRAME_HEAD - self.there).min(bytes.len());
            self.head[self.there..self.there + here].copy_from_slice(&bytes[..here]);
            self.there += here;
            bytes = &bytes[here..];
            if self.there == FRAME_HEAD {
                self.there = 0;
                let [high, middle, low, kind, flags, ..] = self.head;
                self.left = u32::from_be_bytes([0, high, middle, low]);
                self.charge(kind, flags, &now)?;
            }
        }
        Ok(())
    }

    /// So many bytes were written to the client.
    pub(super) fn wrote(&mut self, bytes: usize) {
        self.written = self.written.saturating_add(bytes as u64);
    }

    fn charge(&mut self, kind: u8, flags: u8, now: impl Fn() -> Instant) -> Result<(), Refusal> {
        const END_STREAM: u8 = 1;
        let cost = match kind {
            // DATA with something in it, or the end of it; HEADERS: how many streams there are has a limit of its own.
            0 if self.left > 0 || flags & END_STREAM != 0 => return Ok(()),
            1 => return Ok(()),
            3 => FRAME_RESET_COST,
            8 if self.windows < self.written / BYTES_A_WINDOW => {
                self.windows += 1;
                return Ok(());
            }
            // PRIORITY, SETTINGS, PUSH_PROMISE, PING, GOAWAY, WINDOW_UPDATE, CONTINUATION and what is unknown.
            _ => 1.0,
        };
        let now = now();
        let back = now.saturating_duration_since(self.since).as_secs_f64() * FRAMES_COST_A_SECOND;
        (self.allowance, self.since) = ((self.allowance + back).min(FRAMES_COST) - cost, now);
        if self.allowance < 0.0 { Err(Refusal::Flood) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const DATA: u8 = 0;
    const HEADERS: u8 = 1;
    const PRIORITY: u8 = 2;
    const RESET: u8 = 3;
    const SETTINGS: u8 = 4;
    const PING: u8 = 6;
    const WINDOW: u8 = 8;
    const CONTINUATION: u8 = 9;

    fn frame(kind: u8, flags: u8, payload: usize) -> Vec<u8> {
        let mut bytes = u32::try_from(payload).expect("small").to_be_bytes()[1..].to_vec();
        bytes.extend([kind, flags, 0, 0, 0, 1]);
        bytes.resize(FRAME_HEAD + payload, 0xff);
        bytes
    }

    /// How many of these frames pass, a thousandth of a second apart, in pieces of `step` bytes.
    fn passes(frame: &[u8], most: usize, step: usize) -> usize {
        let began = Instant::now();
        let mut frames = Frames::new(began);
        assert!(frames.pass(PREFACE, || began).is_ok());
        for count in 0..most {
            let now = began + Duration::from_millis(count as u64);
            if frame.chunks(step).any(|piece| frames.pass(piece, || now).is_err()) {
                return count;
            }
        }
        most
    }

    /// S-06, S-15.
    #[test]
    fn floods_end_and_work_does_not() {
        for (kind, flags, payload, most) in [
            (RESET, 0, 4, 205),
            (SETTINGS, 0, 6, 1120),
            (SETTINGS, 1, 0, 1120),
            (PING, 0, 8, 1120),
            (PRIORITY, 0, 5, 1120),
            (CONTINUATION, 0, 1, 1120),
            (DATA, 0, 0, 1120),
            (WINDOW, 0, 4, 1120),
            (0x42, 0, 3, 1120),
        ] {
            for step in [1, 5, 1000] {
                let passed = passes(&frame(kind, flags, payload), 10_000, step);
                assert!(passed <= most && passed > 190, "{kind}: {passed}");
            }
        }
        for (kind, flags, payload) in [(DATA, 0, 1), (DATA, 1, 0), (HEADERS, 4, 20), (DATA, 0, 16_384)] {
            assert_eq!(passes(&frame(kind, flags, payload), 10_000, 1000), 10_000, "{kind}");
        }
    }

    #[test]
    fn who_keeps_to_a_pace_goes_on_for_ever() {
        let began = Instant::now();
        let mut frames = Frames::new(began);
        assert!(frames.pass(PREFACE, || began).is_ok());
        for count in 0..5000 {
            let now = began + Duration::from_millis(count * 11);
            assert!(frames.pass(&frame(PING, 0, 8), || now).is_ok(), "{count}");
        }
    }

    #[test]
    fn windows_are_enlarged_as_much_as_is_written() {
        let now = Instant::now();
        let mut frames = Frames::new(now);
        assert!(frames.pass(PREFACE, || now).is_ok());
        for _ in 0..100_000 {
            frames.wrote(16_384);
            for _ in 0..2 {
                assert!(frames.pass(&frame(WINDOW, 0, 4), || now).is_ok());
            }
        }
    }
}
