//! What comes over the wire: heads as they are, bodies counted and let go.
//!
//! Framing is RFC 9112 §6, read strictly: `Content-Length` and `Transfer-Encoding` together, two
//! lengths, or a coding other than `chunked` leave a body whose end is in doubt. A proxy in front of this
//! app should have refused them; the app would rather stop than guess.

use std::io;

use bytes::{Buf, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt};

use crate::Received;

/// The longest head taken.
const HEAD: usize = 128 * 1024;
/// The longest line of a chunked body: a size, its extensions, or a trailer.
const LINE: usize = 8 * 1024;
/// How much is asked of the socket at a time.
const PIECE: usize = 16 * 1024;

/// Bytes from a client, and what of them has not been used yet.
pub(crate) struct Incoming<R> {
    from: R,
    unread: BytesMut,
}

/// How a body's end is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Framing {
    Length(u64),
    Chunked,
}

/// A request head and what it says about the connection.
pub(crate) struct Head {
    pub(crate) received: Received,
    /// How its body ends; `None` when that is in doubt.
    pub(crate) framing: Option<Framing>,
    /// HTTP/1.0: no chunks, no keep-alive.
    pub(crate) old: bool,
}

/// Why no more requests can be read from a connection.
#[derive(Debug)]
pub(crate) enum Broken {
    /// The connection ended in the middle.
    Gone,
    /// What came is not HTTP/1, or cannot be framed for certain.
    Malformed(&'static str),
    /// The head has no end within [`HEAD`].
    TooLong,
}

impl From<io::Error> for Broken {
    fn from(_: io::Error) -> Self {
        Self::Gone
    }
}

impl<R: AsyncRead + Unpin> Incoming<R> {
    pub(crate) fn new(from: R) -> Self {
        Self { from, unread: BytesMut::with_capacity(PIECE) }
    }

    /// The next request's head; `None` when the client has closed between requests.
    pub(crate) async fn head(&mut self) -> Result<Option<Head>, Broken> {
        loop {
            // An empty line before a request is let pass (RFC 9112 §2.2).
            while self.unread.starts_with(b"\r\n") {
                self.unread.advance(2);
            }
            if let Some(head) = parse(&self.unread)? {
                self.unread.advance(head.received.head.len());
                return Ok(Some(head));
            }
            if self.unread.len() > HEAD {
                return Err(Broken::TooLong);
            }
            if self.more().await? == 0 {
                return if self.unread.is_empty() { Ok(None) } else { Err(Broken::Gone) };
            }
        }
    }

    /// What has come and could not be read, for the record.
    pub(crate) fn unread(&self) -> &[u8] {
        &self.unread
    }

    /// Reads a body to its end and says how long it was.
    pub(crate) async fn count(&mut self, framing: Framing) -> Result<u64, Broken> {
        match framing {
            Framing::Length(length) => {
                self.skip(length).await?;
                Ok(length)
            }
            Framing::Chunked => self.count_chunks().await,
        }
    }

    /// The next `some` bytes or fewer, at least one; empty at the end.
    pub(crate) async fn up_to(&mut self, some: usize) -> io::Result<BytesMut> {
        if self.unread.is_empty() {
            self.more().await?;
        }
        Ok(self.unread.split_to(some.min(self.unread.len())))
    }

    async fn count_chunks(&mut self) -> Result<u64, Broken> {
        let mut total = 0_u64;
        loop {
            let line = self.line().await?;
            let size = match httparse::parse_chunk_size(&line) {
                Ok(httparse::Status::Complete((_, size))) => size,
                _ => return Err(Broken::Malformed("a chunk without a size")),
            };
            if size == 0 {
                while *self.line().await? != *b"\r\n" {} // trailers
                return Ok(total);
            }
            self.skip(size).await?;
            if *self.line().await? != *b"\r\n" {
                return Err(Broken::Malformed("a chunk longer than it said"));
            }
            total = total.saturating_add(size);
        }
    }

    async fn skip(&mut self, mut bytes: u64) -> Result<(), Broken> {
        while bytes > 0 {
            let piece = self.up_to(usize::try_from(bytes).unwrap_or(usize::MAX)).await?;
            if piece.is_empty() {
                return Err(Broken::Gone);
            }
            bytes -= piece.len() as u64;
        }
        Ok(())
    }

    /// A line with its end, `\r\n`.
    async fn line(&mut self) -> Result<BytesMut, Broken> {
        loop {
            if let Some(end) = self.unread.iter().position(|byte| *byte == b'\n') {
                return Ok(self.unread.split_to(end + 1));
            }
            if self.unread.len() > LINE {
                return Err(Broken::Malformed("a line without an end"));
            }
            if self.more().await? == 0 {
                return Err(Broken::Gone);
            }
        }
    }

    async fn more(&mut self) -> io::Result<usize> {
        self.unread.reserve(PIECE);
        self.from.read_buf(&mut self.unread).await
    }
}

/// A head, if `bytes` begins with a whole one.
fn parse(bytes: &[u8]) -> Result<Option<Head>, Broken> {
    if bytes.is_empty() {
        return Ok(None);
    }
    let mut slots = vec![httparse::EMPTY_HEADER; 1_024];
    let mut request = httparse::Request::new(&mut slots);
    let end = match request.parse(bytes) {
        Ok(httparse::Status::Complete(end)) => end,
        Ok(httparse::Status::Partial) => return Ok(None),
        Err(_) => return Err(Broken::Malformed("not an HTTP/1 head")),
    };
    let headers: Vec<_> = request.headers.iter().map(|header| (header.name.to_owned(), text(header.value))).collect();
    let received = Received {
        method: request.method.unwrap_or_default().to_owned(),
        target: request.path.unwrap_or_default().to_owned(),
        headers,
        body_bytes: None,
        head: bytes[..end].to_vec(),
    };
    let framing = framing(&received);
    Ok(Some(Head { received, framing, old: request.version == Some(0) }))
}

fn framing(received: &Received) -> Option<Framing> {
    match (&received.values("transfer-encoding")[..], &received.values("content-length")[..]) {
        ([], []) => Some(Framing::Length(0)),
        ([], [length]) if length.bytes().all(|byte| byte.is_ascii_digit()) => length.parse().map(Framing::Length).ok(),
        ([coding], []) if coding.eq_ignore_ascii_case("chunked") => Some(Framing::Chunked),
        _ => None,
    }
}

/// The bytes as text, none lost: UTF-8 where they are, else Latin-1.
fn text(bytes: &[u8]) -> String {
    str::from_utf8(bytes).map_or_else(|_| bytes.iter().copied().map(char::from).collect(), str::to_owned)
}
