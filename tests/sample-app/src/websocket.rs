//! A WebSocket that says everything back (RFC 6455), so that upgrades can be tried.
//!
//! A frame goes out with the kind, the length and the final bit it came with, unmasked; a ping
//! becomes a pong, and a close is answered and ends it. Payloads are passed on as they come.

use std::io;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};

use crate::Received;
use crate::incoming::Incoming;

const CLOSE: u8 = 0x8;
const PING: u8 = 0x9;
const PONG: u8 = 0xA;

/// The key of a WebSocket handshake, if the request is one.
pub(crate) fn key(received: &Received) -> Option<String> {
    let says = |name: &str, word: &str| {
        received.values(name).iter().any(|value| value.split(',').any(|one| one.trim().eq_ignore_ascii_case(word)))
    };
    let asked = received.method == "GET" && says("upgrade", "websocket") && says("connection", "upgrade");
    match received.values("sec-websocket-key")[..] {
        [key] if asked => Some(key.to_owned()),
        _ => None,
    }
}

/// Answers the handshake and echoes frames until one closes.
pub(crate) async fn echo<R, W>(key: &str, from: &mut Incoming<R>, to: &mut W) -> io::Result<()>
where
    R: AsyncRead + Unpin,
    W: AsyncWrite + Unpin,
{
    let accept = accept(key);
    let head = format!(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\n\r\n"
    );
    to.write_all(head.as_bytes()).await?;
    while echo_frame(from, to).await? != CLOSE {}
    Ok(())
}

/// Passes one frame back and says of which kind it was.
async fn echo_frame<R, W>(from: &mut Incoming<R>, to: &mut W) -> io::Result<u8>
where
    R: AsyncRead + Unpin,
    W: AsyncWrite + Unpin,
{
    let [first, second] = exactly(from).await?;
    if second & 0x80 == 0 {
        return Err(io::ErrorKind::InvalidData.into()); // a client masks (§5.1)
    }
    let kind = first & 0x0F;
    let answered = if kind == PING { first & 0xF0 | PONG } else { first };
    let short = second & 0x7F;
    let mut left = match short {
        126 => {
            let length: [u8; 2] = exactly(from).await?;
            to.write_all(&[&[answered, short], &length[..]].concat()).await?;
            u64::from(u16::from_be_bytes(length))
        }
        127 => {
            let length: [u8; 8] = exactly(from).await?;
            to.write_all(&[&[answered, short], &length[..]].concat()).await?;
            u64::from_be_bytes(length)
        }
        _ => {
            to.write_all(&[answered, short]).await?;
            u64::from(short)
        }
    };
    let mask: [u8; 4] = exactly(from).await?;
    let mut turn = 0;
    while left > 0 {
        let mut piece = from.up_to(usize::try_from(left).unwrap_or(usize::MAX)).await?;
        if piece.is_empty() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        for byte in piece.iter_mut() {
            *byte ^= mask[turn % 4];
            turn += 1;
        }
        to.write_all(&piece).await?;
        left -= piece.len() as u64;
    }
    to.flush().await?;
    Ok(kind)
}

async fn exactly<const N: usize, R: AsyncRead + Unpin>(from: &mut Incoming<R>) -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    let mut filled = 0;
    while filled < N {
        let piece = from.up_to(N - filled).await?;
        if piece.is_empty() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        bytes[filled..filled + piece.len()].copy_from_slice(&piece);
        filled += piece.len();
    }
    Ok(bytes)
}

/// `Sec-WebSocket-Accept` (§4.2.2).
fn accept(key: &str) -> String {
    let text = format!("{key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11");
    BASE64_STANDARD.encode(digest(&SHA1_FOR_LEGACY_USE_ONLY, text.as_bytes()))
}

#[cfg(test)]
mod tests {
    #[test]
    fn rfc_6455_section_1_3() {
        assert_eq!(super::accept("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    }
}
