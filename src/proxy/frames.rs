//! HTTP/2 frames, counted as they arrive (RFC 9113 §4.1).
//!
//! A frame that is part of no request costs its sender nine bytes and the gateway work: a stream that is reset as soon
//! as it is opened (CVE-2023-44487), a header in a thousand pieces (CVE-2024-27316), pings and settings to be
//! acknowledged (CVE-2019-9512, -9515), empty data (-9518), priorities (-9513). A client has [`FRAMES_COST`] of such
//! cost, given back at [`FRAMES_COST_A_SECOND`]; beyond that the connection ends. Windows are enlarged as we write, so those
//! frames are counted against what was written.
//!
//! The h2 crate (0.4.20) looks after the rest: streams at once, the size of a header list however many frames it
//! comes in, resets that a client provokes (MadeYouReset, CVE-2025-8671), acknowledgements that are not read.

use std::collections::BTreeSet;
use std::time::Instant;

use super::limits::{BYTES_A_WINDOW, FRAME_RESET_COST, FRAMES_COST, FRAMES_COST_A_SECOND, HTTP2_STREAMS};
use super::refusal::Refusal;

/// The bytes with which a client begins (RFC 9113 §3.4).
pub(super) const PREFACE: &[u8; 24] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

const FRAME_HEAD: usize = 9;

// Kinds of frames (RFC 9113 §6).
const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RESET: u8 = 3;
const GOAWAY: u8 = 7;
const WINDOW: u8 = 8;

/// The flag of DATA and HEADERS after which a side says nothing more on the stream.
const END_STREAM: u8 = 1;

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
    answers: Answers,
}

/// Frames to the client. What the h2 crate refuses by itself can be seen in no other place.
#[derive(Debug, Default)]
struct Answers {
    /// The head of the frame, and the first bytes of what it carries.
    beginning: [u8; FRAME_HEAD + GOAWAY_BYTES],
    there: usize,
    /// Bytes until the next frame begins.
    left: usize,
    /// The stream that was last refused with a status. It may be reset as well.
    refused_head: Option<[u8; 4]>,
    /// Whether 431 was answered before, and may be an index of the dynamic table by now.
    knows_431: bool,
    /// Streams whose answer has begun: what has no more to say than an index there is a trailer, as gRPC's status.
    begun: BTreeSet<[u8; 4]>,
}

/// How many streams are remembered whose answers go on. Not so many answers can be under way at once, but one whose client
/// resets it just when it leaves is not known to have ended.
const STREAMS: usize = 4 * HTTP2_STREAMS as usize;

/// The last stream, and the error.
const GOAWAY_BYTES: usize = 8;

/// `:status: 431` spelled out, as no static table has it: in Huffman's code, and without.
const STATUS_431: [&[u8]; 2] = [b"\x48\x83\x69\x90\xff", b"\x48\x03431"];

impl Answers {
    /// Goes over `bytes`, and tells `refused` each refusal in them.
    fn pass(&mut self, mut bytes: &[u8], mut refused: impl FnMut(Refusal)) {
        while !bytes.is_empty() {
            if self.there == 0 && self.left > 0 {
                let here = self.left.min(bytes.len());
                self.left -= here;
                bytes = &bytes[here..];
                continue;
            }
            let wanted = if self.there < FRAME_HEAD { FRAME_HEAD } else { FRAME_HEAD + self.left.min(GOAWAY_BYTES) };
            let here = (wanted - self.there).min(bytes.len());
            self.beginning[self.there..self.there + here].copy_from_slice(&bytes[..here]);
            self.there += here;
            bytes = &bytes[here..];
            if self.there == FRAME_HEAD {
                let [high, middle, low, kind, flags, stream @ .., _, _, _, _, _, _, _, _] = self.beginning;
                self.left = u32::from_be_bytes([0, high, middle, low]) as usize;
                if kind == RESET || kind == DATA && flags & END_STREAM != 0 {
                    self.begun.remove(&stream);
                }
                let is_looked_into = matches!(kind, HEADERS | RESET | GOAWAY) && self.left > 0;
                self.there = if is_looked_into { FRAME_HEAD } else { 0 };
            } else if self.there == wanted {
                self.refusal().into_iter().for_each(&mut refused);
                self.left -= wanted - FRAME_HEAD;
                self.there = 0;
            }
        }
    }

    /// A stream or a connection that ends for an error of the client, or an answer that is a status and nothing else.
    fn refusal(&mut self) -> Option<Refusal> {
        // PROTOCOL_ERROR, FLOW_CONTROL_ERROR, FRAME_SIZE_ERROR, REFUSED_STREAM, COMPRESSION_ERROR, ENHANCE_YOUR_CALM
        const CLIENTS: [u32; 6] = [1, 3, 6, 7, 9, 11];
        let number = |at: usize| {
            let bytes = self.beginning.get(FRAME_HEAD + at..FRAME_HEAD + at + 4);
            bytes.and_then(|bytes| bytes.try_into().ok()).map(u32::from_be_bytes)
        };
        let [_, _, _, kind, flags, stream @ .., _, _, _, _, _, _, _, _] = self.beginning;
        let is_refusal = match kind {
            HEADERS => {
                let block = without_size(&self.beginning[FRAME_HEAD..FRAME_HEAD + self.left.min(GOAWAY_BYTES)]);
                self.knows_431 |= STATUS_431.iter().any(|status| block.starts_with(status));
                let ends = flags & END_STREAM != 0;
                let is_all = ends && self.left <= GOAWAY_BYTES && !self.begun.contains(&stream);
                let refusal = bare_status(block, self.knows_431).filter(|_| is_all);
                self.answer_goes_on(stream, !ends);
                self.refused_head = refusal.map(|_| stream).or(self.refused_head);
                return refusal;
            }
            RESET => self.refused_head != Some(stream) && number(0).is_some_and(|reason| CLIENTS.contains(&reason)),
            GOAWAY => number(4).is_some_and(|reason| reason != 0),
            _ => false,
        };
        is_refusal.then_some(Refusal::Http2)
    }

    /// The answer on a stream has begun, or has ended.
    fn answer_goes_on(&mut self, stream: [u8; 4], goes_on: bool) {
        if !goes_on {
            self.begun.remove(&stream);
        } else if self.begun.insert(stream) && self.begun.len() > STREAMS {
            self.begun.pop_first();
        }
    }
}

/// A block of fields without the changes of the table's size that may come first: each is a number of one byte or several
/// (RFC 7541 §6.3).
fn without_size(mut block: &[u8]) -> &[u8] {
    while let [size @ 0x20..=0x3f, rest @ ..] = block {
        let is_continued = size & 0x1f == 0x1f;
        let more =
            rest.iter().take_while(|byte| is_continued && **byte & 0x80 != 0).count() + usize::from(is_continued);
        block = rest.get(more..).unwrap_or_default();
    }
    block
}

/// What is refused with a head that holds a status and nothing else (RFC 7541 §6): the gateway's own heads and those of
/// applications have a date at least, of which only an index is left where it was said before.
///
/// h2 refuses a head that is too large so, with 431: an index may mean that where `knows_431`. pingora refuses hosts that
/// contradict each other so, with the 400 of the static table.
fn bare_status(block: &[u8], knows_431: bool) -> Option<Refusal> {
    match block {
        [0x8c] => Some(Refusal::Host),
        [0xbe..=0xff] if knows_431 => Some(Refusal::HeadTooLarge),
        _ if STATUS_431.contains(&block) => Some(Refusal::HeadTooLarge),
        _ => None,
    }
}

impl Frames {
    /// Before the preface, which is known to be right.
    pub(super) fn new(now: Instant) -> Self {
        let left = PREFACE.len() as u32;
        Self {
            head: [0; FRAME_HEAD],
            there: 0,
            left,
            allowance: FRAMES_COST,
            since: now,
            windows: 0,
            written: 0,
            answers: Answers::default(),
        }
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

    /// These bytes were written to the client. Tells `refused` each refusal of HTTP/2 itself that they hold.
    pub(super) fn wrote(&mut self, bytes: &[u8], refused: impl FnMut(Refusal)) {
        self.written = self.written.saturating_add(bytes.len() as u64);
        self.answers.pass(bytes, refused);
    }

    fn charge(&mut self, kind: u8, flags: u8, now: impl Fn() -> Instant) -> Result<(), Refusal> {
        let cost = match kind {
            // DATA with something in it, or the end of it; HEADERS: how many streams there are has a limit of its own.
            DATA if self.left > 0 || flags & END_STREAM != 0 => return Ok(()),
            HEADERS => return Ok(()),
            RESET => {
                let [_, _, _, _, _, stream @ ..] = self.head;
                self.answers.begun.remove(&stream);
                FRAME_RESET_COST
            }
            WINDOW if self.windows < self.written / BYTES_A_WINDOW => {
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

    const PRIORITY: u8 = 2;
    const SETTINGS: u8 = 4;
    const PING: u8 = 6;
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
            frames.wrote(&[0; 16_384], |_| ());
            for _ in 0..2 {
                assert!(frames.pass(&frame(WINDOW, 0, 4), || now).is_ok());
            }
        }
    }

    #[test]
    fn what_http_2_refuses_by_itself_is_seen_in_its_answers() {
        let answer = |kind, flags, payload: &[u8]| {
            let mut bytes = u32::try_from(payload.len()).expect("small").to_be_bytes()[1..].to_vec();
            bytes.extend([kind, flags, 0, 0, 0, 1]);
            bytes.extend(payload);
            bytes
        };
        const HEAD: Refusal = Refusal::HeadTooLarge;
        const OTHER: Refusal = Refusal::Http2;
        let on = |stream, mut frame: Vec<u8>| {
            frame[8] = stream;
            frame
        };
        let cases = [
            // A trailer that was said before.
            (answer(HEADERS, 5, &[0xbe]), &[][..]),
            (answer(HEADERS, 5, b"\x48\x83\x68\x0c\xff"), &[]),
            (answer(HEADERS, 5, b"\x48\x03431"), &[HEAD]),
            (answer(HEADERS, 5, b"\x3f\xe1\x1f\x48\x83\x69\x90\xff"), &[HEAD]),
            (answer(HEADERS, 5, &[0xbe]), &[HEAD]),
            (answer(HEADERS, 5, &[0x20, 0x8c]), &[Refusal::Host]),
            // An answer to HEAD whose fields were all said before.
            (answer(HEADERS, 5, &[0x88, 0xbe, 0xbf, 0xc0]), &[]),
            (answer(HEADERS, 5, &[0x8b, 0xbe]), &[]),
            (answer(HEADERS, 5, &[0x89]), &[]),
            // Its stream is reset as well where a body may follow; another's is another refusal.
            (answer(RESET, 0, &[0, 0, 0, 1]), &[]),
            (on(3, answer(RESET, 0, &[0, 0, 0, 1])), &[OTHER]),
            (answer(HEADERS, 4, &[0x88]), &[]),
            // A trailer that was said before, after the head on the same stream; and the same on the next stream, as a head.
            (answer(HEADERS, 5, &[0xbe]), &[]),
            (on(3, answer(HEADERS, 5, &[0xbe])), &[HEAD]),
            (on(7, answer(HEADERS, 4, &[0x88])), &[]),
            (on(7, answer(DATA, 1, b"x")), &[]),
            (on(7, answer(HEADERS, 5, &[0xbf])), &[HEAD]),
            (answer(HEADERS, 5, &[0x88; 40]), &[]),
            (on(5, answer(RESET, 0, &[0, 0, 0, 8])), &[]),
            (answer(GOAWAY, 0, &[0, 0, 0, 1, 0, 0, 0, 11, b'x', b'y']), &[OTHER]),
            (answer(GOAWAY, 0, &[0x7f, 0xff, 0xff, 0xff, 0, 0, 0, 0]), &[]),
            (answer(DATA, 0, &[0, 0, 0, 1, 3, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1]), &[]),
            (answer(SETTINGS, 1, &[]), &[]),
        ];
        let all: Vec<u8> = cases.iter().flat_map(|(bytes, _)| bytes.clone()).collect();
        for step in [1, 3, 9, 10, 1000] {
            let (mut answers, mut found) = (Answers::default(), Vec::new());
            for (bytes, refusals) in &cases {
                found.clear();
                bytes.chunks(step).for_each(|bytes| answers.pass(bytes, |refusal| found.push(refusal)));
                assert_eq!(found, *refusals, "{bytes:?} in steps of {step}");
            }
            let (mut answers, mut found) = (Answers::default(), Vec::new());
            all.chunks(step).for_each(|bytes| answers.pass(bytes, |refusal| found.push(refusal)));
            assert_eq!(found, [HEAD, HEAD, HEAD, Refusal::Host, OTHER, HEAD, HEAD, OTHER], "in steps of {step}");
        }
    }
}
