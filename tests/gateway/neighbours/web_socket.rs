//! A client of WebSockets (RFC 6455), as far as the applications of the tests need one: messages of less than 64 KiB are
//! said, and messages of any length heard, in one frame or several. It panics where something else comes or nothing does.

use std::time::Duration;

use tokio::io::AsyncReadExt as _;

use crate::raw::{Raw, WEBSOCKET, status};

/// How long an answer or a message may take: JupyterLab answers a request for a WebSocket once the kernel has started, and
/// the machine may do much else meanwhile.
const MESSAGE_TIME: Duration = Duration::from_secs(90);

/// What a frame is (RFC 6455 5.2).
const TEXT: u8 = 1;
const BINARY: u8 = 2;
const CLOSE: u8 = 8;
const PING: u8 = 9;
const PONG: u8 = 10;

/// An open WebSocket.
pub(super) struct WebSocket(Raw);

impl WebSocket {
    /// Opened by a page of the site at this port, with these lines in its head besides.
    pub(super) async fn open(port: u16, path: &str, lines: &str) -> Self {
        let mut raw = Raw::to(port).await;
        let head =
            format!("GET {path} HTTP/1.1\r\nHost: localhost:{port}\r\nOrigin: http://localhost:{port}\r\n{WEBSOCKET}");
        raw.send(format!("{head}{lines}\r\n")).await;
        let mut answer = Vec::new();
        let all = async {
            while !answer.ends_with(b"\r\n\r\n") {
                answer.push(raw.0.read_u8().await.expect("a head"));
            }
        };
        tokio::time::timeout(MESSAGE_TIME, all).await.expect("it is answered");
        let answer = String::from_utf8_lossy(&answer);
        assert_eq!(status(&answer), "101", "{path}: {answer}");
        Self(raw)
    }

    /// Sends a message of text.
    pub(super) async fn say(&mut self, text: &str) {
        self.send(TEXT, text.as_bytes()).await;
    }

    /// Sends a message of bytes.
    pub(super) async fn say_bytes(&mut self, bytes: &[u8]) {
        self.send(BINARY, bytes).await;
    }

    /// A client's frames are masked, here with zeros.
    async fn send(&mut self, kind: u8, payload: &[u8]) {
        let mut frame = vec![0x80 | kind];
        match u8::try_from(payload.len()) {
            Ok(length @ ..126) => frame.push(0x80 | length),
            _ => {
                frame.push(0x80 | 126);
                frame.extend(u16::try_from(payload.len()).expect("a short message").to_be_bytes());
            }
        }
        frame.extend([0; 4]);
        frame.extend(payload);
        self.0.send(frame).await;
    }

    /// The next frame: what it is and what it holds.
    async fn frame(&mut self) -> std::io::Result<(u8, Vec<u8>)> {
        let (kind, length) = (self.0.0.read_u8().await? & 0x0f, self.0.0.read_u8().await?);
        assert!(length < 0x80, "a server's frames are not masked");
        let length = match length {
            126 => self.0.0.read_u16().await?.into(),
            127 => self.0.0.read_u64().await?,
            length => length.into(),
        };
        let mut payload = vec![0; usize::try_from(length).expect("a length")];
        self.0.0.read_exact(&mut payload).await?;
        Ok((kind, payload))
    }

    /// Reads on until what came holds each of these, in whatever frames.
    pub(super) async fn until(&mut self, wanted: &[&str]) -> String {
        let mut heard = String::new();
        let all = async {
            while !wanted.iter().all(|part| heard.contains(part)) {
                let (kind, payload) = self.frame().await.expect("the connection stays open");
                match kind {
                    CLOSE => panic!("it was closed: {}", String::from_utf8_lossy(&payload)),
                    PING => self.send(PONG, &payload).await,
                    _ => heard.push_str(&String::from_utf8_lossy(&payload)),
                }
            }
        };
        let came = tokio::time::timeout(MESSAGE_TIME, all).await;
        assert!(came.is_ok(), "not all of {wanted:?} in {heard}");
        heard
    }

    /// Why it was closed, which must happen.
    pub(super) async fn end(mut self) -> String {
        let closed = async {
            loop {
                match self.frame().await.expect("a frame that closes") {
                    (CLOSE, payload) => {
                        return String::from_utf8_lossy(payload.get(2..).unwrap_or_default()).into_owned();
                    }
                    (PING, payload) => self.send(PONG, &payload).await,
                    _ => {}
                }
            }
        };
        tokio::time::timeout(MESSAGE_TIME, closed).await.expect("it is closed")
    }
}
