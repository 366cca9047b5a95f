//! One connection, from its first request to its last.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::answer::{self, Answer};
use crate::incoming::{Broken, Framing, Incoming};
use crate::{Received, Requests, websocket};

/// `/slow` waits no longer than this.
const LONGEST: u64 = 10 * 60 * 1_000;

/// How long a refused client is listened to.
const LINGER: Duration = Duration::from_secs(1);

/// Serves a connection until either side ends it.
pub(crate) async fn serve(mut stream: TcpStream, requests: Arc<Requests>) {
    let _ = stream.set_nodelay(true);
    let (from, mut to) = stream.split();
    let mut incoming = Incoming::new(from);
    let ended = loop {
        let head = match incoming.head().await {
            Ok(Some(head)) => head,
            Ok(None) => break Ok(()),
            Err(broken) => {
                if !incoming.unread().is_empty() {
                    requests.head_arrived(Received::unreadable(incoming.unread()));
                }
                break Err(broken);
            }
        };
        let mut received = head.received;
        let place = requests.head_arrived(received.clone());
        let Some(framing) = head.framing else {
            break Err(Broken::Malformed("a body whose end is in doubt"));
        };

        if let Some(key) = websocket::key(&received) {
            requests.body_arrived(place, 0);
            let _ = websocket::echo(&key, &mut incoming, &mut to).await;
            break Ok(());
        }

        let awaited = received.values("expect").iter().any(|value| value.eq_ignore_ascii_case("100-continue"));
        if awaited && framing != Framing::Length(0) && to.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").await.is_err() {
            break Ok(());
        }
        let body_bytes = match incoming.count(framing).await {
            Ok(bytes) => bytes,
            Err(broken) => break Err(broken),
        };
        requests.body_arrived(place, body_bytes);
        received.body_bytes = Some(body_bytes);

        let last = head.old || wants_to_close(&received);
        if respond(&received, head.old, last, &mut to).await.is_err() || last {
            break Ok(());
        }
    };
    let refusal = match ended {
        Err(Broken::Malformed(why)) => answer::refusal("400 Bad Request", why),
        Err(Broken::TooLong) => answer::refusal("431 Request Header Fields Too Large", "a head without an end"),
        Err(Broken::Gone) | Ok(()) => return,
    };
    if refusal.write(&mut to, Answer::WHOLE_AND_CLOSE).await.is_ok() && to.shutdown().await.is_ok() {
        // What still comes is read for a moment: closing over unread bytes would reset the
        // connection, and the refusal could be lost with it.
        let _ = tokio::time::timeout(LINGER, incoming.count(Framing::Length(u64::MAX))).await;
    }
}

async fn respond<W: AsyncWriteExt + Unpin>(received: &Received, old: bool, last: bool, to: &mut W) -> io::Result<()> {
    let (path, query) = received.target.split_once('?').unwrap_or((&received.target, ""));
    if path.ends_with("/slow") {
        let ms = number(query, "ms").unwrap_or(1_000).min(LONGEST);
        tokio::time::sleep(Duration::from_millis(ms)).await;
    }
    let answer = match number(query, "n") {
        Some(n) if path == "/bytes" => Answer::bytes(n, old || query.contains("framing=length")),
        _ => answer::about(received),
    };
    answer.write(to, answer::Manner { body: received.method != "HEAD", close: last }).await
}

fn wants_to_close(received: &Received) -> bool {
    received
        .values("connection")
        .iter()
        .any(|value| value.split(',').any(|word| word.trim().eq_ignore_ascii_case("close")))
}

/// The number under `key` in a query.
fn number(query: &str, key: &str) -> Option<u64> {
    query.split('&').filter_map(|pair| pair.split_once('=')).find(|(name, _)| *name == key)?.1.parse().ok()
}
