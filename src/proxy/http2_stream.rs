//! A stream of HTTP/2 as pingora's proxy sees it: one request, with the same clocks as one over HTTP/1.1.
//!
//! pingora 0.9.1 has no clock for the body of such a request (`pingora-core/src/protocols/http/v2/server.rs`,
//! `read_body_bytes`: "TODO: timeout"), and the one for the upstream is set before its answer is known and cannot be
//! taken back (`pingora-proxy/src/proxy_h1.rs`, `proxy_1to1`). So the proxy is given a session of our own
//! (`ServerSession::Custom`) around pingora's: reading ends with [`Failure::SlowBody`] when the client pauses, and with
//! [`Failure::SilentUpstream`] when the upstream does, unless its answer may go on for ever; writing ends when a client
//! does not take any of it for [`UNREAD_TIME`], as TCP sees to over HTTP/1.1.
//!
//! What pingora does for its own sessions only is done by [`complete`]: `Host` is written from `:authority`, and
//! `te: trailers`, without which some gRPC servers do not answer, stays for upstreams of HTTP/2.

use std::future::poll_fn;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::Stream;
use http::header::{HOST, TE};
use http::{HeaderMap, Version};
use pingora::http::{RequestHeader, ResponseHeader};
use pingora::prelude::Result;
use pingora::protocols::Digest;
use pingora::protocols::http::HttpTask;
use pingora::protocols::http::custom::CustomMessageWrite;
use pingora::protocols::http::custom::server::Session;
use pingora::protocols::http::v2::server::HttpSession;
use pingora::protocols::l4::socket::SocketAddr;
use pingora::{Error, ErrorType};

use super::clock::Clock;
use super::connection::{Connection, Failure};
use super::limits::{BODY_TIME, LINGER_TIME, UNREAD_TIME};

/// What a frame holds unless a client asks for larger ones (RFC 9113 §4.2).
const FRAME_BYTES: usize = 16 * 1024;

/// One stream, and what it knows.
pub(super) struct Http2Stream {
    session: HttpSession,
    stream: Arc<Connection>,
    /// Whether the whole answer was written.
    is_answered: bool,
    /// Runs while the client or the upstream is waited for, across calls: pingora drops and repeats a call after every
    /// other event.
    clock: Clock,
}

impl Http2Stream {
    /// `session`, of which `stream` knows what its request brings about.
    pub(super) fn new(mut session: HttpSession, stream: Arc<Connection>) -> Self {
        session.set_write_timeout(Some(UNREAD_TIME));
        Self { session, stream, is_answered: false, clock: Clock::default() }
    }

    /// What `wait` gives, if it comes before `time` has passed.
    async fn in_time<T>(
        &mut self,
        waits_for: Failure,
        time: Duration,
        wait: impl AsyncFnOnce(&mut HttpSession) -> Result<T>,
    ) -> Result<T> {
        let Self { session, stream, clock, .. } = self;
        let done = tokio::select! {
            biased;
            done = wait(session) => done,
            () = poll_fn(|context| clock.poll(context, waits_for, time)) => {
                let cause = stream.fail(waits_for, std::io::ErrorKind::TimedOut);
                Error::e_because(ErrorType::ReadTimedout, "nothing came on a stream", cause)
            }
        };
        clock.stop();
        done
    }
}

/// A body in parts that fit into a frame each: a client has [`UNREAD_TIME`] for every one of them.
fn in_frames(task: HttpTask) -> Vec<HttpTask> {
    let HttpTask::Body(Some(mut data), ends) = task else { return vec![task] };
    let mut parts = Vec::with_capacity(data.len() / FRAME_BYTES + 1);
    while data.len() > FRAME_BYTES {
        parts.push(HttpTask::Body(Some(data.split_to(FRAME_BYTES)), false));
    }
    parts.push(HttpTask::Body(Some(data), ends));
    parts
}

/// Writes into the head that goes out what pingora adds or keeps for sessions of its own only.
pub(super) fn complete(sent: &RequestHeader, forwarded: &mut RequestHeader) -> Result<()> {
    if let Some(authority) = sent.uri.authority() {
        forwarded.insert_header(HOST, authority.as_str())?;
    }
    // The only value that HTTP/2 knows (RFC 9113 §8.2.2).
    if forwarded.version == Version::HTTP_2 && sent.headers.contains_key(TE) {
        forwarded.insert_header(TE, "trailers")?;
    }
    Ok(())
}

/// Methods that are those of pingora's own session.
macro_rules! delegate {
    (&self: $(fn $name:ident() -> $returned:ty;)*) => {
        $(fn $name(&self) -> $returned {
            self.session.$name()
        })*
    };
    (&mut self: $(fn $name:ident($($argument:ident: $type:ty)?) $(-> $returned:ty)?;)*) => {
        $(fn $name(&mut self, $($argument: $type)?) $(-> $returned)? {
            self.session.$name($($argument)?)
        })*
    };
}

#[async_trait]
impl Session for Http2Stream {
    async fn read_body_bytes(&mut self) -> Result<Option<Bytes>> {
        // What nobody needs any more keeps no stream open: it is reset, with NO_ERROR (RFC 9113 §8.1).
        let time = if self.is_answered { LINGER_TIME } else { BODY_TIME };
        self.in_time(Failure::SlowBody, time, async |session| session.read_body_bytes().await).await
    }

    /// Waits for more of the body; after its end for the client to go away, or the upstream to be silent too long.
    async fn read_body_or_idle(&mut self, no_body_expected: bool) -> Result<Option<Bytes>> {
        if !no_body_expected && !self.session.is_body_done() {
            return self.read_body_bytes().await;
        }
        match self.stream.silence() {
            None => {
                self.clock.stop();
                self.session.read_body_or_idle(true).await
            }
            Some(silence) => {
                let idle = async |session: &mut HttpSession| session.read_body_or_idle(true).await;
                self.in_time(Failure::SilentUpstream, silence, idle).await
            }
        }
    }

    async fn drain_request_body(&mut self) -> Result<()> {
        self.in_time(Failure::SlowBody, BODY_TIME, async |session| session.drain_request_body().await).await
    }

    async fn write_response_header(&mut self, head: Box<ResponseHeader>, end: bool) -> Result<()> {
        self.clock.stop();
        self.session.write_response_header(head, end)
    }

    async fn write_response_header_ref(&mut self, head: &ResponseHeader, end: bool) -> Result<()> {
        self.clock.stop();
        self.session.write_response_header_ref(head, end)
    }

    async fn write_body(&mut self, data: Bytes, end: bool) -> Result<()> {
        self.clock.stop();
        self.session.write_body(data, end).await
    }

    async fn write_trailers(&mut self, trailers: HeaderMap) -> Result<()> {
        self.clock.stop();
        self.session.write_trailers(trailers)
    }

    async fn response_duplex_vec(&mut self, tasks: Vec<HttpTask>) -> Result<bool> {
        self.clock.stop();
        self.is_answered = self.session.response_duplex_vec(tasks.into_iter().flat_map(in_frames).collect()).await?;
        Ok(self.is_answered)
    }

    async fn finish(&mut self) -> Result<()> {
        self.session.finish()
    }

    async fn shutdown(&mut self, _: u32, _: &str) {
        self.session.shutdown();
    }

    delegate! { &self:
        fn req_header() -> &RequestHeader;
        fn request_summary() -> String;
        fn response_written() -> Option<&ResponseHeader>;
        fn body_bytes_sent() -> usize;
        fn body_bytes_read() -> usize;
        fn digest() -> Option<&Digest>;
        fn client_addr() -> Option<&SocketAddr>;
        fn server_addr() -> Option<&SocketAddr>;
        fn pseudo_raw_h1_request_header() -> Bytes;
        fn retry_buffer_truncated() -> bool;
        fn get_retry_buffer() -> Option<Bytes>;
        fn get_write_timeout() -> Option<Duration>;
        fn get_total_drain_timeout() -> Option<Duration>;
    }

    delegate! { &mut self:
        fn req_header_mut() -> &mut RequestHeader;
        fn is_body_done() -> bool;
        fn is_body_empty() -> bool;
        fn digest_mut() -> Option<&mut Digest>;
        fn enable_retry_buffering();
        fn set_write_timeout(timeout: Option<Duration>);
        fn set_total_drain_timeout(timeout: Option<Duration>);
    }

    // What only other protocols have.

    fn set_read_timeout(&mut self, _: Option<Duration>) {}

    fn get_read_timeout(&self) -> Option<Duration> {
        None
    }

    async fn finish_custom(&mut self) -> Result<()> {
        Ok(())
    }

    fn take_custom_message_reader(
        &mut self,
    ) -> Option<Box<dyn Stream<Item = Result<Bytes>> + Unpin + Send + Sync + 'static>> {
        None
    }

    fn restore_custom_message_reader(
        &mut self,
        _: Box<dyn Stream<Item = Result<Bytes>> + Unpin + Send + Sync + 'static>,
    ) -> Result<()> {
        Ok(())
    }

    fn take_custom_message_writer(&mut self) -> Option<Box<dyn CustomMessageWrite>> {
        None
    }

    fn restore_custom_message_writer(&mut self, _: Box<dyn CustomMessageWrite>) -> Result<()> {
        Ok(())
    }
}
