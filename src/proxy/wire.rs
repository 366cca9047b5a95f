//! A client's connection as pingora sees it: one message at a time, and only what may be part of one.
//!
//! ```text
//! socket or TLS ──► Wire ──► pingora
//!                    │ between requests   a head is read, judged and handed over whole
//!                    │ in a request       as many bytes as its body has; chunks are checked as they pass
//!                    │ after its end      nothing: what the client sends early waits for its turn
//!                    │ after a 101        everything
//! ```
//!
//! So pingora never reads past a message: requests that were sent ahead are answered in order, one at a time
//! (RFC 9112 §9.3.2). Written bytes pass untouched. While nothing is asked, a connection holds no buffer.

use std::io;
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use async_trait::async_trait;
use bytes::BytesMut;
use pingora::http::ResponseHeader;
use pingora::prelude::Result;
use pingora::protocols::http::ServerSession;
use pingora::protocols::raw_connect::ProxyDigest;
use pingora::protocols::tls::{SslDigest, TlsRef};
use pingora::protocols::{
    ALPN, GetProxyDigest, GetSocketDigest, GetTimingDigest, Peek, Shutdown, SocketDigest, Ssl, Stream, TimingDigest,
    UniqueID, UniqueIDType,
};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::time::timeout;

use super::chunks::Chunks;
use super::head::{Framing, Head, Scan};
use super::refusal::Refusal;

/// Longer than most clients keep a connection that they do not use.
const IDLE_TIME: Duration = Duration::from_secs(75);

/// From the first byte of a head to its last.
const HEAD_TIME: Duration = Duration::from_secs(10);

/// How much is read at once while a head arrives. Most heads need one read.
const READ_BYTES: usize = 8 * 1024;

/// For how long, and how much, is read and thrown away after a refusal: closing under a client that is sending
/// would take the answer from it (RFC 9112 §9.6).
const LINGER_TIME: Duration = Duration::from_secs(1);
const LINGER_BYTES: usize = 256 * 1024;

/// What every request of a connection knows of it.
#[derive(Debug, Default)]
pub(super) struct Connection {
    /// A body was malformed; whoever reads it is told only that reading failed.
    has_bad_body: AtomicBool,
    /// The upstream agreed to another protocol.
    is_upgraded: AtomicBool,
    /// The current request was parsed by pingora too, and is the proxy's to answer.
    is_parsed: AtomicBool,
}

impl Connection {
    /// The connection that `session` came over; none in tests that go without.
    pub(super) fn of(session: &ServerSession) -> Option<&Self> {
        let data = session.digest()?.proxy_digest.as_ref()?.user_data.as_ref()?;
        data.downcast_ref::<Arc<Self>>().map(Arc::as_ref)
    }

    /// Whether the body of its current request was malformed.
    pub(super) fn has_bad_body(&self) -> bool {
        self.has_bad_body.load(Ordering::Relaxed)
    }

    /// The proxy has the current request.
    pub(super) fn parsed(&self) {
        self.is_parsed.store(true, Ordering::Relaxed);
    }

    /// Whether the proxy had the request that ended just now; forgets it.
    pub(super) fn take_parsed(&self) -> bool {
        self.is_parsed.swap(false, Ordering::Relaxed)
    }

    /// From here on bytes pass as they are: a 101 is about to be written.
    pub(super) fn upgrade(&self) {
        self.is_upgraded.store(true, Ordering::Relaxed);
    }
}

/// Where in the stream of requests the next byte stands.
#[derive(Debug)]
enum Position {
    /// In a body with that many bytes left; after its end where there are none.
    Body { left: u64 },
    /// In a body of chunks.
    Chunks(Chunks),
}

/// What comes next on a connection.
pub(super) enum Next {
    /// The head of a request, judged.
    Request(BytesMut),
    /// HTTP/2, announced by nothing but its first bytes.
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
}

impl Wire {
    /// Over `io`, before its first byte.
    pub(super) fn new(io: Stream, connection: Arc<Connection>) -> Result<Self> {
        // pingora has this place for what a proxy in front said; every request of the connection can look there.
        let nothing = Box::new(ResponseHeader::build(200, Some(0))?);
        let digest = Arc::new(ProxyDigest::new(nothing, Some(Box::new(Arc::clone(&connection)))));
        let socket = io.get_socket_digest();
        let ahead = BytesMut::new();
        Ok(Self { io, position: Position::Body { left: 0 }, may_upgrade: false, ahead, connection, digest, socket })
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
        let refusal = match timeout(HEAD_TIME, head).await {
            Ok(Ok(Some(length))) => match Head::read(&self.ahead[..length]) {
                Ok(head) => return self.begin(head, length),
                Err(refusal) => refusal,
            },
            // Gone in the middle: there is nobody to be told.
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
        // Splitting where nothing is left would cost an allocation.
        let rest = if length < self.ahead.len() { self.ahead.split_off(length) } else { BytesMut::new() };
        Next::Request(std::mem::replace(&mut self.ahead, rest))
    }

    /// Answers a refusal, and closes when the client has had a moment to read it.
    pub(super) async fn refuse(mut self, refusal: Refusal) {
        let told = async {
            self.io.write_all(refusal.answer().as_bytes()).await?;
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
        // Whichever comes first; there is nobody left to be told of an error.
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

    fn is_at_end(&self) -> bool {
        matches!(self.position, Position::Body { left: 0 } | Position::Chunks(Chunks::Done))
    }

    fn is_tunnel(&self) -> bool {
        self.may_upgrade && self.connection.is_upgraded.load(Ordering::Relaxed)
    }

    /// How many of `bytes`, the next on the connection, belong to the current body.
    fn pass(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.position {
            Position::Body { left } => {
                let here = usize::try_from(*left).unwrap_or(usize::MAX).min(bytes.len());
                *left -= here as u64;
                Ok(here)
            }
            Position::Chunks(chunks) => chunks.pass(bytes).map_err(|_| {
                self.connection.has_bad_body.store(true, Ordering::Relaxed);
                io::Error::new(io::ErrorKind::InvalidData, "the body's chunks are malformed")
            }),
        }
    }

    /// After the end of a request: waits for the client to go away, or for bytes that have to wait.
    fn poll_end(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if !self.ahead.is_empty() {
            // Its turn comes when this request has been answered; until then there is nothing to tell.
            return Poll::Pending;
        }
        let mut bytes = [const { MaybeUninit::uninit() }; READ_BYTES];
        let mut read = ReadBuf::uninit(&mut bytes);
        ready!(Pin::new(&mut self.io).poll_read(context, &mut read))?;
        if read.filled().is_empty() {
            return Poll::Ready(Ok(()));
        }
        self.ahead.extend_from_slice(read.filled());
        Poll::Pending
    }
}

impl AsyncRead for Wire {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, out: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let is_tunnel = self.is_tunnel();
        if !is_tunnel && self.is_at_end() {
            return self.poll_end(context);
        }
        if !self.ahead.is_empty() {
            let length = self.ahead.len().min(out.remaining());
            let mut bytes = self.ahead.split_to(length);
            let belong = if is_tunnel { length } else { self.pass(&bytes)? };
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
        ready!(Pin::new(&mut self.io).poll_read(context, out))?;
        if !is_tunnel {
            let belong = self.pass(&out.filled()[before..]).inspect_err(|_| out.set_filled(before))?;
            self.ahead.extend_from_slice(&out.filled()[before + belong..]);
            out.set_filled(before + belong);
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Wire {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write(context, bytes)
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
        Pin::new(&mut self.io).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }
}

// What pingora wants to know of a connection: the one below knows, but for the digests.

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
        self.io.selected_alpn_proto()
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
