//! Connections whose every byte the test chooses, since a client library would correct them.

use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};

/// How long an answer may take.
const ANSWER_TIME: Duration = Duration::from_secs(15);

/// The fields with which a request asks for a WebSocket (RFC 6455 1.2).
pub(crate) const WEBSOCKET: &str = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
    Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

/// One connection.
pub(crate) struct Raw<S = TcpStream>(pub(crate) S);

impl Raw {
    /// To this port.
    pub(crate) async fn to(port: u16) -> Self {
        Self(TcpStream::connect(("127.0.0.1", port)).await.expect("a connection"))
    }

    /// To this port, from this address of this machine.
    pub(crate) async fn from(address: &str, port: u16) -> Self {
        let socket = TcpSocket::new_v4().expect("a socket");
        socket.bind(format!("{address}:0").parse().expect("an address")).expect("the address is ours");
        Self(socket.connect(([127, 0, 0, 1], port).into()).await.expect("a connection"))
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Raw<S> {
    /// Sends bytes as they are. A peer that has closed already is not an error: what it answered can be read.
    pub(crate) async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        let _ = self.0.write_all(bytes.as_ref()).await;
        let _ = self.0.flush().await;
    }

    /// Everything up to the end of the connection, which must come.
    pub(crate) async fn rest(&mut self) -> String {
        let mut all = Vec::new();
        let read = tokio::time::timeout(ANSWER_TIME, self.0.read_to_end(&mut all)).await;
        let text = String::from_utf8_lossy(&all).into_owned();
        assert!(read.is_ok(), "the connection stays open after {text:?}");
        text
    }

    /// One answer: its head, and the body that its `Content-Length` or chunks say.
    pub(crate) async fn answer(&mut self) -> String {
        let mut bytes = Vec::new();
        // One that ends early is given as far as it came.
        let read = tokio::time::timeout(ANSWER_TIME, self.read_answer(&mut bytes)).await;
        let text = String::from_utf8_lossy(&bytes).into_owned();
        assert!(read.is_ok(), "no whole answer: {text:?}");
        text
    }

    async fn read_answer(&mut self, bytes: &mut Vec<u8>) -> std::io::Result<()> {
        while !bytes.ends_with(b"\r\n\r\n") {
            bytes.push(self.0.read_u8().await?);
        }
        let head = String::from_utf8_lossy(bytes).to_ascii_lowercase();
        if let Some((_, length)) = head.split_once("\r\ncontent-length: ") {
            let length = length.split("\r\n").next().and_then(|digits| digits.parse().ok()).unwrap_or(0);
            (&mut self.0).take(length).read_to_end(bytes).await?;
        } else if head.contains("transfer-encoding: chunked") {
            while !bytes.ends_with(b"0\r\n\r\n") {
                bytes.push(self.0.read_u8().await?);
            }
        }
        Ok(())
    }

    /// Over HTTP/2: the status of the first answer; none where the stream or the connection ends without one.
    pub(crate) async fn ended_stream(&mut self) -> Option<u16> {
        let read = async {
            loop {
                let mut head = [0; 9];
                self.0.read_exact(&mut head).await.ok()?;
                let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
                let mut payload = vec![0; usize::try_from(length).ok()?];
                self.0.read_exact(&mut payload).await.ok()?;
                match head[3] {
                    // HEADERS: a status of the static table, or one that is spelled out (RFC 7541 A).
                    1 => {
                        return Some(match payload.first()? {
                            0x88 => 200,
                            0x8c => 400,
                            0x8d => 404,
                            0x8e => 500,
                            // "431" in Huffman's code (RFC 7541 B).
                            _ if payload.ends_with(&[0x83, 0x69, 0x90, 0xff]) => 431,
                            _ => payload
                                .windows(3)
                                .find_map(|part| std::str::from_utf8(part).ok()?.parse().ok())
                                .unwrap_or(0),
                        });
                    }
                    3 | 7 => return None,
                    _ => {}
                }
            }
        };
        tokio::time::timeout(ANSWER_TIME, read).await.expect("the stream ends")
    }
}

/// The status of an answer.
pub(crate) fn status(answer: &str) -> &str {
    answer.split(' ').nth(1).unwrap_or_default()
}
