//! A client's connection as pingora sees it: one message at a time, and only what may be part of one.
//!
//! ```text
//! socket or TLS ──► Wire ──► pingora
//!                    │ between requests   a head is read, judged and handed over whole
//!                    │ in a request       as many bytes as its body has; chunks are checked as they pass
//!                    │ after its end      nothing: what the client sends early waits for its turn
//!                    │ after a 101        everything
//!                    │ in HTTP/2          everything, until there is a flood of frames (`frames`)
//! ```
//!
//! So pingora never reads past a message: requests that were sent ahead are answered in order, one at a time
//! (RFC 9112 §9.3.2). Written bytes pass untouched. Between requests a connection holds no buffer.

use std::io;
use std::mem::MaybeUninit;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use bytes::BytesMut;
use pingora::http::ResponseHeader;
use pingora::prelude::Result;
use pingora::protocols::raw_connect::ProxyDigest;
use pingora::protocols::tls::{SslDigest, TlsRef};
use pingora::protocols::{
    ALPN, GetProxyDigest, GetSocketDigest, GetTimingDigest, Peek, Shutdown, SocketDigest, Ssl, Stream, TimingDigest,
    UniqueID, UniqueIDType,
};
use pingora::server::ShutdownWatch;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::time::error::Elapsed;
use tokio::time::timeout;

use super::chunks::Chunks;
use super::clock::Clock;
use super::connection::{Connection, Failure};
use super::frames;
use super::head::{Framing, Head, Scan};
use super::limits::{BODY_TIME, HEAD_TIME, IDLE_TIME, LINGER_BYTES, LINGER_TIME};
use super::refusal::Refusal;
use super::websocket::{CLOSE_MASKED, Ending, Tunnel};

/// How much is read at once while a head arrives. Most heads need one read.
const READ_BYTES: usize = 8 * 1024;

/// Where in the stream of requests the next byte stands.
#[derive(Debug)]
enum Position {
    /// In a body with that many bytes left; after its end where there are none.
    Body { left: u64 },
    /// In a body of chunks.
    Chunks(Chunks),
    /// In HTTP/2.
    Frames(Box<frames::Frames>),
}

/// What comes next on a connection.
pub(super) enum Next {
    /// The head of a request, judged.
    Request(BytesMut),
    /// HTTP/2 without TLS, recognised by its first bytes.
    Http2,
    /// The client is gone, or has asked for nothing for too long.
    Closed,
    /// Something that is refused, and the bytes that were there.
    Refused(Refusal, BytesMut),
}

/// A client's connection.
#[derive(Debug)]
pub(super) struct Wire {
    io: Stream,
    position: Position,
    may_upgrade: bool,
    /// Read, and not handed on yet.
    ahead: BytesMut,
    connection: Arc<Connection>,
    digest: Arc<ProxyDigest>,
    socket: Option<Arc<SocketDigest>>,
    clock: Clock,
    shutdown: Option<ShutdownWatch>,
    tunnel: Option<Box<Tunnel>>,
}

impl Wire {
    /// Over `io`, before its first byte. A WebSocket is closed when `shutdown` says so.
    pub(super) fn new(io: Stream, connection: Arc<Connection>, shutdown: Option<ShutdownWatch>) -> Result<Self> {
        // pingora has this place for what a proxy in front said; every request of the connection can look there.
        let nothing = Box::new(ResponseHeader::build(200, Some(0))?);
        let digest = Arc::new(ProxyDigest::new(nothing, Some(Box::new(Arc::clone(&connection)))));
        let socket = io.get_socket_digest();
        let ahead = BytesMut::new();
        Ok(Self {
            io,
            position: Position::Body { left: 0 },
            may_upgrade: false,
            ahead,
            connection,
            digest,
            socket,
            clock: Clock::default(),
            shutdown,
            tunnel: None,
        })
    }

    /// Waits for the next request. What pingora left unread of the last one ends the connection.
    pub(super) async fn next(&mut self) -> Next {
        if !self.is_at_end() {
            return Next::Closed;
        }
        let mut scan = Scan::default();
        // RFC 9112 §2.2: one empty line before a request is overlooked; some clients send one after a form.
        let mut empty_lines = 1;
        if self.ahead.is_empty() && !matches!(timeout(IDLE_TIME, self.read_ahead()).await, Ok(Ok(1..))) {
            return Next::Closed;
        }
        let head = async {
            loop {
                if empty_lines > 0 && self.ahead.starts_with(b"\r\n") {
                    let _ = self.ahead.split_to(2);
                    empty_lines -= 1;
                }
                let is_half_a_line = empty_lines > 0 && self.ahead[..] == *b"\r";
                if !self.ahead.is_empty() && !is_half_a_line {
                    match scan.advance(&self.ahead) {
                        Ok(Some(length)) => return Ok(Some(length)),
                        Ok(None) => {}
                        Err(refusal) => return Err(refusal),
                    }
                }
                if !matches!(self.read_ahead().await, Ok(1..)) {
                    return Ok(None);
                }
            }
        };
        let refusal = match within(HEAD_TIME, head).await {
            Ok(Ok(Some(length))) => match Head::read(&self.ahead[..length]) {
                Ok(head) => return self.begin(head, length),
                Err(refusal) => refusal,
            },
            // Closed in the middle of a head.
            Ok(Ok(None)) => return Next::Closed,
            Ok(Err(refusal)) => refusal,
            Err(_) if self.ahead.is_empty() => return Next::Closed,
            Err(_) => Refusal::HeadTimeout,
        };
        Next::Refused(refusal, std::mem::take(&mut self.ahead))
    }

    fn begin(&mut self, head: Head, length: usize) -> Next {
        let Head::Request { body, upgrades } = head else { return Next::Http2 };
        self.position = match body {
            Framing::Length(left) => Position::Body { left },
            Framing::Chunked => Position::Chunks(Chunks::new()),
        };
        self.may_upgrade = upgrades;
        self.clock.stop();
        self.connection.begin_request();
        // Splitting where nothing is left would cost an allocation.
        let rest = if length < self.ahead.len() { self.ahead.split_off(length) } else { BytesMut::new() };
        Next::Request(std::mem::replace(&mut self.ahead, rest))
    }

    /// From here on HTTP/2 is spoken, if the client begins as it must. pingora would wait for that without end, and
    /// write a line of the log for whoever begins otherwise.
    pub(super) async fn begin_http2(&mut self) -> bool {
        let preface =
            async { while self.ahead.len() < frames::PREFACE.len() && matches!(self.read_ahead().await, Ok(1..)) {} };
        let _ = timeout(HEAD_TIME, preface).await;
        if !self.ahead.starts_with(frames::PREFACE) {
            return false;
        }
        self.position = Position::Frames(Box::new(frames::Frames::new(Instant::now())));
        true
    }

    /// Answers a refusal, and closes when the client has had a moment to read it.
    pub(super) async fn refuse(mut self, refusal: Refusal) {
        let told = async {
            self.io.write_all(&refusal.answer()).await?;
            self.io.flush().await?;
            AsyncWriteExt::shutdown(&mut self.io).await?;
            let mut thrown_away = 0;
            while thrown_away < LINGER_BYTES {
                match self.read_ahead().await? {
                    0 => break,
                    more => thrown_away += more,
                }
                self.ahead.clear();
            }
            Ok::<_, io::Error>(())
        };
        // Whichever comes first; the client may have closed the connection by now.
        let _ = timeout(LINGER_TIME, told).await;
    }

    /// Reads what there is, and waits where there is nothing. Between calls no buffer is held.
    async fn read_ahead(&mut self) -> io::Result<usize> {
        std::future::poll_fn(|context| {
            let mut bytes = [const { MaybeUninit::uninit() }; READ_BYTES];
            let mut read = ReadBuf::uninit(&mut bytes);
            ready!(Pin::new(&mut self.io).poll_read(context, &mut read))?;
            self.ahead.extend_from_slice(read.filled());
            Poll::Ready(Ok(read.filled().len()))
        })
        .await
    }

    /// `bytes` went to the client.
    fn sent(&mut self, bytes: &[u8]) {
        if let Position::Frames(frames) = &mut self.position {
            frames.wrote(bytes, |refusal| self.connection.refused_unseen(refusal));
        }
        if self.is_tunnel() {
            let shutdown = &self.shutdown;
            self.tunnel.get_or_insert_with(|| Box::new(Tunnel::new(shutdown.clone()))).sent(bytes);
        }
    }

    fn is_at_end(&self) -> bool {
        matches!(self.position, Position::Body { left: 0 } | Position::Chunks(Chunks::Done))
    }

    fn is_tunnel(&self) -> bool {
        self.may_upgrade && self.connection.is_upgraded()
    }

    /// How many of `bytes`, the next on the connection, belong to the current body.
    fn pass(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.position {
            Position::Body { left } => {
                let here = usize::try_from(*left).unwrap_or(usize::MAX).min(bytes.len());
                *left -= here as u64;
                Ok(here)
            }
            Position::Chunks(chunks) => {
                chunks.pass(bytes).map_err(|_| self.connection.fail(Failure::Body, io::ErrorKind::InvalidData))
            }
            Position::Frames(frames) => match frames.pass(bytes, Instant::now) {
                Ok(()) => Ok(bytes.len()),
                Err(_) => Err(self.connection.fail(Failure::Flood, io::ErrorKind::InvalidData)),
            },
        }
    }

    /// After the end of a request: waits for the client to go away, or for bytes that have to wait; not for ever
    /// for the upstream.
    fn poll_end(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        // What is there already has its turn when this request has been answered.
        if self.ahead.is_empty() {
            let mut bytes = [const { MaybeUninit::uninit() }; READ_BYTES];
            let mut read = ReadBuf::uninit(&mut bytes);
            if let Poll::Ready(ended) = Pin::new(&mut self.io).poll_read(context, &mut read) {
                ended?;
                if read.filled().is_empty() {
                    return Poll::Ready(Ok(()));
                }
                self.ahead.extend_from_slice(read.filled());
            }
        }
        match self.connection.silence() {
            None => {
                self.clock.stop();
                Poll::Pending
            }
            Some(silence) => self.poll_clock(context, Failure::SilentUpstream, silence),
        }
    }

    /// Waits for the rest of a body, with what was written on its way: the client may wait for an answer to go on.
    fn poll_body(&mut self, context: &mut Context<'_>, out: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if let Poll::Ready(read) = Pin::new(&mut self.io).poll_read(context, out) {
            self.clock.stop();
            return Poll::Ready(read);
        }
        if let Poll::Ready(Err(error)) = Pin::new(&mut self.io).poll_flush(context) {
            return Poll::Ready(Err(error));
        }
        self.poll_clock(context, Failure::SlowBody, BODY_TIME)
    }

    /// The client's side of a WebSocket. When the process or its session ends, both sides are told so between two frames,
    /// and the client is given a moment to answer.
    fn poll_tunnel(&mut self, context: &mut Context<'_>, out: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let shutdown = &self.shutdown;
        let tunnel = self.tunnel.get_or_insert_with(|| Box::new(Tunnel::new(shutdown.clone())));
        if tunnel.ending.is_none() {
            tunnel.ending = self.connection.session_end().map(Ending::Session);
        }
        if tunnel.ending.is_none() && tunnel.ends.as_mut().poll(context).is_ready() {
            tunnel.ending = Some(Ending::Shutdown);
        }
        if let Some(ending) = tunnel.closes() {
            tunnel.is_closed = true;
            let close = ending.frame();
            self.clock.stop();
            // A client whose connection does not take these few bytes gets no close frame.
            let told = Pin::new(&mut self.io).poll_write(context, &close);
            let flushed = Pin::new(&mut self.io).poll_flush(context);
            if tunnel.from_client.is_between() && out.remaining() >= CLOSE_MASKED.len() {
                out.put_slice(&CLOSE_MASKED);
            }
            let is_told = matches!(told, Poll::Ready(Ok(length)) if length == close.len());
            return match flushed {
                Poll::Pending | Poll::Ready(Ok(())) if is_told && !out.filled().is_empty() => Poll::Ready(Ok(())),
                _ if is_told => self.poll_goodbye(context),
                _ => Poll::Ready(Ok(())),
            };
        }
        if tunnel.is_closed {
            return self.poll_goodbye(context);
        }
        let before = out.filled().len();
        if self.ahead.is_empty() {
            ready!(Pin::new(&mut self.io).poll_read(context, out))?;
        } else {
            let length = self.ahead.len().min(out.remaining());
            out.put_slice(&self.ahead.split_to(length));
        }
        tunnel.from_client.pass(&out.filled()[before..]);
        Poll::Ready(Ok(()))
    }

    /// Whether the client was told that a WebSocket ends: nothing follows the frame that says so (RFC 6455 5.5.1), not even
    /// the application's answer to the one that it was sent.
    fn is_closed_tunnel(&self) -> bool {
        self.tunnel.as_ref().is_some_and(|tunnel| tunnel.is_closed)
    }

    /// The end, as soon as the client has said anything more, or has had its moment.
    fn poll_goodbye(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut bytes = [0; 256];
        let mut read = ReadBuf::new(&mut bytes);
        if Pin::new(&mut self.io).poll_read(context, &mut read).is_pending() {
            let _ = ready!(self.poll_clock(context, Failure::SlowBody, LINGER_TIME));
        }
        Poll::Ready(Ok(()))
    }

    /// Ready, with the failure, when what is waited for has not come in time.
    fn poll_clock(&mut self, context: &mut Context<'_>, waits_for: Failure, time: Duration) -> Poll<io::Result<()>> {
        ready!(self.clock.poll(context, waits_for, time));
        Poll::Ready(Err(self.connection.fail(waits_for, io::ErrorKind::TimedOut)))
    }
}

/// What the future gives within `time`. Unlike tokio's own, no timer is made for what is ready at once, as most heads are.
async fn within<F: Future>(time: Duration, future: F) -> std::result::Result<F::Output, Elapsed> {
    let mut future = pin!(future);
    match std::future::poll_fn(|context| Poll::Ready(future.as_mut().poll(context))).await {
        Poll::Ready(done) => Ok(done),
        Poll::Pending => timeout(time, future).await,
    }
}

impl AsyncRead for Wire {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, out: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if self.is_tunnel() {
            return self.poll_tunnel(context, out);
        }
        if self.is_at_end() {
            return self.poll_end(context);
        }
        if !self.ahead.is_empty() {
            let length = self.ahead.len().min(out.remaining());
            let mut bytes = self.ahead.split_to(length);
            let belong = self.pass(&bytes)?;
            out.put_slice(&bytes[..belong]);
            if belong < length {
                // Of the next request: back to where it was.
                bytes = bytes.split_off(belong);
                bytes.unsplit(std::mem::take(&mut self.ahead));
                self.ahead = bytes;
            }
            return Poll::Ready(Ok(()));
        }
        let before = out.filled().len();
        if matches!(self.position, Position::Frames(_)) {
            // HTTP/2 has clocks of its own.
            ready!(Pin::new(&mut self.io).poll_read(context, out))?;
        } else {
            ready!(self.poll_body(context, out))?;
        }
        let belong = self.pass(&out.filled()[before..]).inspect_err(|_| out.set_filled(before))?;
        self.ahead.extend_from_slice(&out.filled()[before + belong..]);
        out.set_filled(before + belong);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Wire {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.clock.stop();
        if self.is_closed_tunnel() {
            return Poll::Ready(Ok(bytes.len()));
        }
        let written = ready!(Pin::new(&mut self.io).poll_write(context, bytes))?;
        self.sent(&bytes[..written]);
        Poll::Ready(Ok(written))
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.clock.stop();
        if self.is_closed_tunnel() {
            return Poll::Ready(Ok(slices.iter().map(|slice| slice.len()).sum()));
        }
        let written = ready!(Pin::new(&mut self.io).poll_write_vectored(context, slices))?;
        let mut left = written;
        for slice in slices {
            let here = left.min(slice.len());
            self.sent(&slice[..here]);
            left -= here;
        }
        Poll::Ready(Ok(written))
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }
}

// What pingora asks of a connection is answered by the one below; the digests are our own.

#[async_trait]
impl Shutdown for Wire {
    async fn shutdown(&mut self) {
        // Not pingora's, which writes a line of the log for every client that does not close as TLS would have it.
        let _ = AsyncWriteExt::shutdown(&mut self.io).await;
    }
}

impl UniqueID for Wire {
    fn id(&self) -> UniqueIDType {
        self.io.id()
    }
}

impl Ssl for Wire {
    fn get_ssl(&self) -> Option<&TlsRef> {
        self.io.get_ssl()
    }

    fn get_ssl_digest(&self) -> Option<Arc<SslDigest>> {
        self.io.get_ssl_digest()
    }

    fn selected_alpn_proto(&self) -> Option<ALPN> {
        if matches!(self.position, Position::Frames(_)) { Some(ALPN::H2) } else { None }
    }
}

impl GetTimingDigest for Wire {
    fn get_timing_digest(&self) -> Vec<Option<TimingDigest>> {
        self.io.get_timing_digest()
    }
}

impl GetProxyDigest for Wire {
    fn get_proxy_digest(&self) -> Option<Arc<ProxyDigest>> {
        Some(Arc::clone(&self.digest))
    }
}

impl GetSocketDigest for Wire {
    fn get_socket_digest(&self) -> Option<Arc<SocketDigest>> {
        self.socket.clone()
    }
}

impl Peek for Wire {}
