//! Every limit on what a client may send, and on how long it may take, in one place.
//!
//! How many connections may be open is the configuration's to say (`server.max_connections`); what visitors may do, and
//! how often, is counted by [`crate::limits`]; the largest form is [`crate::web::FORM_BYTES`].

use std::time::Duration;

// Connections

/// How long a connection may be without a request: longer than most clients keep one that they do not use.
pub(super) const IDLE_TIME: Duration = Duration::from_secs(75);
/// How long a connection that was accepted may take to send its first request once the process ends.
pub(super) const LAST_REQUEST_TIME: Duration = Duration::from_secs(1);
/// How long a client may leave unread, or unacknowledged, what was written to it.
pub(super) const UNREAD_TIME: Duration = Duration::from_secs(60);
/// How long a handshake may take.
pub(super) const HANDSHAKE_TIME: Duration = Duration::from_secs(10);
/// How long a proxy in front may take to send its header of the PROXY protocol.
pub(super) const PROXY_HEADER_TIME: Duration = Duration::from_secs(3);
/// The longest header of version 1, its CRLF included.
pub(super) const PROXY_LINE_BYTES: usize = 107;
/// The longest addresses and extensions of version 2 that are taken.
pub(super) const PROXY_REST_BYTES: usize = 4096;

// Heads

/// The largest head, in bytes: request line, fields and the empty line.
pub(super) const HEAD_BYTES: usize = 64 * 1024;
/// The most fields a head may have; over HTTP/1.1 pingora parses no more either.
pub(super) const FIELDS: usize = 256;
/// The longest method, in bytes. The longest registered one has 17 (UPDATEREDIRECTREF).
pub(super) const METHOD_BYTES: usize = 32;
/// How long a head may take from its first byte to its last.
pub(super) const HEAD_TIME: Duration = Duration::from_secs(10);

// Bodies

/// How long the client may pause within a body.
pub(super) const BODY_TIME: Duration = Duration::from_secs(60);
/// How long the body of a form for our own pages may take.
pub(super) const FORM_TIME: Duration = Duration::from_secs(10);
/// For how long, and how much, of a body that is too large is read before the answer to it.
pub(super) const FORM_LINGER_TIME: Duration = Duration::from_secs(2);
pub(super) const FORM_LINGER_BYTES: usize = 16 * 1024 * 1024;
/// For how long, and how much, is read and thrown away after a refusal: closing under a client that is sending
/// would take the answer from it (RFC 9112 §9.6).
pub(super) const LINGER_TIME: Duration = Duration::from_secs(1);
pub(super) const LINGER_BYTES: usize = 256 * 1024;

// HTTP/2

/// How long an HTTP/2 connection may be without a stream.
pub(super) const HTTP2_IDLE_TIME: Duration = Duration::from_secs(75);
/// How long a client may take to acknowledge that an HTTP/2 connection without a stream ends.
pub(super) const HTTP2_END_TIME: Duration = Duration::from_secs(5);
/// Requests of a connection that cannot be read as HTTP/2 has them, before it ends.
pub(super) const HTTP2_MALFORMED: usize = 32;
/// Streams at once on an HTTP/2 connection.
pub(super) const HTTP2_STREAMS: u32 = 100;
/// Streams of a connection that we had to reset for what the client sent (MadeYouReset, CVE-2025-8671).
pub(super) const HTTP2_FAULTS: usize = 64;
/// What a client may send ahead on an HTTP/2 connection, in all and on one stream, and what waits for it to read.
pub(super) const HTTP2_CONNECTION_WINDOW: u32 = 1024 * 1024;
pub(super) const HTTP2_STREAM_WINDOW: u32 = 256 * 1024;
pub(super) const HTTP2_SEND_BUFFER: usize = 64 * 1024;
/// The cost of frames that a client may cause at once; most frames that are part of no request cost 1.
pub(super) const FRAMES_COST: f64 = 1000.0;
/// How much of that is given back in a second.
pub(super) const FRAMES_COST_A_SECOND: f64 = 100.0;
/// A reset cancels work that has begun.
pub(super) const FRAME_RESET_COST: f64 = 5.0;
/// For so many bytes written a client may enlarge a window once more.
pub(super) const BYTES_A_WINDOW: u64 = 512;
