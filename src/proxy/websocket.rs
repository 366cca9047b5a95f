//! Where the frames of a WebSocket begin and end (RFC 6455 §5.2), so that the gateway can send a close frame between two of
//! them when the process or the session ends.

use std::fmt;
use std::pin::Pin;

use http::HeaderValue;
use http::header::SEC_WEBSOCKET_PROTOCOL;
use pingora::http::ResponseHeader;
use pingora::server::ShutdownWatch;

/// "Going away" (RFC 6455 7.4.1).
const GOING_AWAY: u16 = 1001;

/// "Policy violation" (RFC 6455 7.4.1).
const POLICY_VIOLATION: u16 = 1008;

/// What applications make of 401, among the statuses that are theirs (RFC 6455 7.4.2).
const UNAUTHORIZED: u16 = 4401;

/// "Going away" from a client: status 1001 (RFC 6455 §7.4.1). A client's frames are masked; with a mask of zeros.
pub(super) const CLOSE_MASKED: [u8; 8] = [0x88, 0x82, 0, 0, 0, 0, 0x03, 0xe9];

/// Why a WebSocket is closed from here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    /// The process ends.
    Shutdown,
    /// The session that it was opened with has ended; the status that says so.
    Session(u16),
}

impl Ending {
    /// The frame that tells the client: a status, and perhaps a reason for who looks at it.
    pub(super) fn frame(self) -> Vec<u8> {
        let (code, reason) = match self {
            Self::Shutdown => (GOING_AWAY, ""),
            Self::Session(code) => (code, "session ended"),
        };
        let length = u8::try_from(2 + reason.len()).expect("a reason is short");
        [&[0x88, length][..], &code.to_be_bytes(), reason.as_bytes()].concat()
    }
}

/// With what status a WebSocket is closed whose session has ended: 4401 where its own protocol has that for whoever is not
/// signed in, and "policy violation" elsewhere.
pub(super) fn session_end_code(opened: &ResponseHeader) -> u16 {
    // https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md
    let is_graphql = |protocol: &HeaderValue| protocol.as_bytes().trim_ascii() == b"graphql-transport-ws";
    if opened.headers.get(SEC_WEBSOCKET_PROTOCOL).is_some_and(is_graphql) { UNAUTHORIZED } else { POLICY_VIOLATION }
}

/// One direction of a WebSocket.
#[derive(Debug, Default)]
pub(super) struct Frames {
    /// What is there of a frame's head: two bytes, and up to eight of a length and four of a mask.
    head: Vec<u8>,
    /// How many bytes are left of its payload.
    left: u64,
}

impl Frames {
    /// `bytes` pass.
    pub(super) fn pass(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let payload = usize::try_from(self.left).unwrap_or(usize::MAX).min(bytes.len());
            bytes = &bytes[payload..];
            self.left -= payload as u64;
            if self.left > 0 {
                return;
            }
            while let [first, rest @ ..] = bytes {
                self.head.push(*first);
                bytes = rest;
                if let Some(length) = self.payload() {
                    self.head.clear();
                    self.left = length;
                    break;
                }
            }
        }
    }

    /// Whether the next byte begins a frame.
    pub(super) fn is_between(&self) -> bool {
        self.head.is_empty() && self.left == 0
    }

    /// The length of the payload, once the head is whole.
    fn payload(&self) -> Option<u64> {
        let [_, second, rest @ ..] = &self.head[..] else { return None };
        let length_bytes = match second & 0x7f {
            126 => 2,
            127 => 8,
            _ => 0,
        };
        let mask_bytes = if second & 0x80 == 0 { 0 } else { 4 };
        if rest.len() < length_bytes + mask_bytes {
            return None;
        }
        let length = rest[..length_bytes].iter().fold(0, |length, byte| length << 8 | u64::from(*byte));
        Some(if length_bytes == 0 { u64::from(second & 0x7f) } else { length })
    }
}

/// A WebSocket between a client and an upstream.
pub(super) struct Tunnel {
    /// From the gateway to the client: what is left of the end of the 101's head, and frames after it.
    to_client: Frames,
    head_end: &'static [u8],
    pub(super) from_client: Frames,
    /// Ready when the process is about to end.
    pub(super) ends: Pin<Box<dyn Future<Output = ()> + Send + Sync>>,
    pub(super) ending: Option<Ending>,
    pub(super) is_closed: bool,
}

impl Tunnel {
    pub(super) fn new(shutdown: Option<ShutdownWatch>) -> Self {
        let ends = async {
            let Some(mut shutdown) = shutdown else { return std::future::pending().await };
            // A sender that is gone ends the process too.
            let _ = shutdown.wait_for(|ends| *ends).await;
        };
        Self {
            to_client: Frames::default(),
            head_end: b"\r\n\r\n",
            from_client: Frames::default(),
            ends: Box::pin(ends),
            ending: None,
            is_closed: false,
        }
    }

    /// `bytes` went to the client.
    pub(super) fn sent(&mut self, mut bytes: &[u8]) {
        while let [expected, ..] = self.head_end
            && let [first, rest @ ..] = bytes
        {
            self.head_end = match first == expected {
                true => &self.head_end[1..],
                false if *first == b'\r' => b"\n\r\n",
                false => b"\r\n\r\n",
            };
            bytes = rest;
        }
        self.to_client.pass(bytes);
    }

    /// Why both sides are to be told now that it ends.
    pub(super) fn closes(&self) -> Option<Ending> {
        let may_close = !self.is_closed && self.head_end.is_empty() && self.to_client.is_between();
        self.ending.filter(|_| may_close)
    }
}

impl fmt::Debug for Tunnel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tunnel").field("is_closed", &self.is_closed).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_ends_where_its_length_says() {
        let frames = [
            vec![0x81, 0],
            [&[0x81, 5][..], b"hello"].concat(),
            [&[0x82, 126, 1, 0][..], &[7; 256]].concat(),
            [&[0x82, 127, 0, 0, 0, 0, 0, 1, 0, 0][..], &[7; 65536]].concat(),
            [&[0x81, 0x85, 1, 2, 3, 4][..], b"hello"].concat(),
            [&[0x81, 0xfe, 0, 200, 1, 2, 3, 4][..], &[7; 200]].concat(),
            Ending::Shutdown.frame(),
            Ending::Session(POLICY_VIOLATION).frame(),
            Ending::Session(UNAUTHORIZED).frame(),
            CLOSE_MASKED.to_vec(),
        ];
        let ends: Vec<usize> = frames
            .iter()
            .scan(0, |at, frame| {
                Some({
                    *at += frame.len();
                    *at
                })
            })
            .collect();
        let stream = frames.concat();
        for step in [1, 3, 7, 1000, stream.len()] {
            let (mut direction, mut at) = (Frames::default(), 0);
            for bytes in stream.chunks(step) {
                direction.pass(bytes);
                at += bytes.len();
                assert_eq!(direction.is_between(), ends.contains(&at), "{at} in steps of {step}");
            }
        }
    }
}
