//! S-01, S-08, S-12 to S-14, H-12: where one request ends and the next begins is read in one way only, and what
//! could be read in another is refused, counted and logged.

use std::time::Duration;

use crate::raw::{Raw, WEBSOCKET, status};
use crate::world::World;

fn request(world: &World, line: &str, fields: &str, body: &str) -> String {
    format!("{line}\r\nHost: localhost:{}\r\n{fields}\r\n{body}", world.port)
}

/// A second request that must not be found.
const SMUGGLED: &str = "GET /public/smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n";

/// Heads that others read otherwise than they are meant, with the status and the reason they are refused with.
fn read_otherwise(world: &World) -> Vec<(String, &'static str, &'static str)> {
    let post = |fields: &str, body: &str| request(world, "POST /public HTTP/1.1", fields, body);
    let line = |line: &str| request(world, line, "", "");
    let long = "M".repeat(5000);
    vec![
        (post("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"), "400", "transfer_encoding"),
        (post("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", "0\r\n\r\n"), "400", "transfer_encoding"),
        (post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", ""), "400", "transfer_encoding"),
        (post("Transfer-Encoding: chunked, identity\r\n", ""), "400", "transfer_encoding"),
        (post("Transfer-Encoding: gzip, chunked\r\n", ""), "400", "transfer_encoding"),
        (post("Transfer-Encoding: xchunked\r\n", ""), "400", "transfer_encoding"),
        (post("Transfer-Encoding: chunked\x0b\r\n", ""), "400", "field"),
        (post("Transfer-Encoding : chunked\r\n", ""), "400", "field"),
        (post("Content-Length: 5\r\nContent-Length: 5\r\n", "01234"), "400", "content_length"),
        (post("Content-Length: 5\r\nContent-Length: 6\r\n", "01234"), "400", "content_length"),
        (post("Content-Length: 5, 5\r\n", "01234"), "400", "content_length"),
        (post("Content-Length: +5\r\n", "01234"), "400", "content_length"),
        (post("Content-Length: 0x5\r\n", "01234"), "400", "content_length"),
        (post("Content-Length: 9223372036854775808\r\n", ""), "400", "content_length"),
        (post("X: a\r\n folded: b\r\n", ""), "400", "field"),
        (post("X: a\0b\r\n", ""), "400", "field"),
        (post("X: a\rb\r\n", ""), "400", "field"),
        (post("X: a\nY: b\r\n", ""), "400", "line_end"),
        (post("Host: localhost\r\n", ""), "400", "host"),
        ("GET /public HTTP/1.1\nHost: localhost\n\n".to_owned(), "400", "line_end"),
        (request(world, "POST /public HTTP/1.0", "Transfer-Encoding: chunked\r\n", ""), "400", "transfer_encoding"),
        (line("GET /public HTTP/1.2"), "505", "version"),
        (line("GET /public HTTP/2.0"), "505", "version"),
        (line("GET /public/a\0b HTTP/1.1"), "400", "target"),
        (line("GET /public/a b HTTP/1.1"), "400", "request_line"),
        (line("GET /public/a#b HTTP/1.1"), "400", "target"),
        (line("GET http://other/public HTTP/1.1"), "400", "host"),
        (line(&format!("{long} /public HTTP/1.1")), "400", "request_line"),
        (line("CONNECT localhost:443 HTTP/1.1"), "405", "method"),
        (line("get /public HTTP/1.1"), "405", "method"),
        (post("", "").replace("POST", "Post"), "405", "method"),
        ("\u{16}\u{3}\u{1}\u{2}\0\u{1}\0\u{1}".to_owned(), "400", "request_line"),
        (post(&format!("X: {}\r\n", "x".repeat(70 * 1024)), ""), "431", "head_too_large"),
        (post(&"a: b\r\n".repeat(300), ""), "431", "head_too_large"),
    ]
}

#[tokio::test]
async fn a_head_that_others_read_otherwise_is_refused() {
    let world = World::new().await;
    let mut expected: Vec<(&str, usize)> = Vec::new();
    for (bytes, expect, reason) in &read_otherwise(&world) {
        let mut raw = Raw::to(world.port).await;
        raw.send(format!("{bytes}{SMUGGLED}")).await;
        let answer = raw.rest().await;
        let shown = &bytes[..bytes.len().min(120)];
        assert_eq!(status(&answer), *expect, "{shown:?}: {answer}");
        assert_eq!(answer.matches("HTTP/1.1 ").count(), 1, "{shown:?}: {answer}");
        assert!(answer.contains("\r\nConnection: close\r\n") && !answer.contains("Pingora"), "{shown:?}: {answer}");
        match expected.iter_mut().find(|(known, _)| known == reason) {
            Some((_, count)) => *count += 1,
            None => expected.push((reason, 1)),
        }
    }
    assert!(world.app.requests().is_empty(), "the app was reached");
    // Lines of the log are gathered for a moment.
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    let (metrics, log) = (world.metrics().await, world.log());
    for (reason, count) in expected {
        let line = format!("gateway_requests_refused_total{{reason=\"{reason}\"}} {count}\n");
        assert!(metrics.contains(&line), "{line} is not in {metrics}");
        assert_eq!(log.matches(&format!("refused={reason}\n")).count(), count, "{reason}: {log}");
    }
}

/// S-13. The head is good, so the app may be asked; a body that is malformed is never whole for it.
#[tokio::test]
async fn chunks_that_others_read_otherwise_are_refused() {
    let world = World::new().await;
    for body in [
        "3;a\nb\r\nabc\r\n0\r\n\r\n",
        "\r\n\r\n",
        "3\nabc\n0\n\n",
        "+3\r\nabc\r\n0\r\n\r\n",
        "3\r\nabcX0\r\n\r\n",
        "0\r\nX: a\n\r\n\r\n",
        "fffffffffffffffff\r\nabc\r\n",
    ] {
        for (path, fields) in
            [("/public/echo", ""), ("/.gateway/sign-out", "Content-Type: application/x-www-form-urlencoded\r\n")]
        {
            let fields = format!("Transfer-Encoding: chunked\r\n{fields}");
            let mut raw = Raw::to(world.port).await;
            raw.send(request(&world, &format!("POST {path} HTTP/1.1"), &fields, &format!("{body}{SMUGGLED}"))).await;
            let answer = raw.rest().await;
            assert_eq!(status(&answer), "400", "{path} {body:?}: {answer}");
            assert_eq!(answer.matches("HTTP/1.1 ").count(), 1, "{path} {body:?}: {answer}");
        }
    }
    assert!(world.app.requests().iter().all(|request| !request.target.contains("smuggled")));
    assert!(world.metrics().await.contains("gateway_requests_refused_total{reason=\"chunk\"} 14\n"));
}

#[tokio::test]
async fn chunks_as_they_should_be_arrive() {
    let world = World::new().await;
    let mut raw = Raw::to(world.port).await;
    let fields = "Transfer-Encoding: chunked\r\nAccept: application/json\r\nConnection: close\r\n";
    raw.send(request(&world, "POST /public HTTP/1.1", fields, "")).await;
    for piece in ["3;name=\"va", "lue\"\r", "\nab", "c\r\n", "0A\r\n0123456789\r\n0\r\nTrail", "er: x\r\n", "\r\n"] {
        raw.send(piece).await;
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let answer = raw.rest().await;
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("\"body_bytes\":13"), "{answer}");
    assert!(!answer.to_ascii_lowercase().contains("trailer"), "trailers are not passed on: {answer}");
}

/// S-12, S-14.
#[tokio::test]
async fn requests_that_were_sent_ahead_are_answered_in_order() {
    let world = World::new().await;
    let get = |path: &str| request(&world, &format!("GET {path} HTTP/1.1"), "Accept: application/json\r\n", "");
    let post = request(&world, "POST /public/2 HTTP/1.1", "Content-Length: 5\r\nAccept: application/json\r\n", "01234");
    let mut raw = Raw::to(world.port).await;
    // An empty line after a body is overlooked (RFC 9112 §2.2).
    raw.send(format!("{}{post}\r\n{}{}", get("/public/1"), get("/.gateway/nothing"), get("/admin/4"))).await;
    for (expect, says) in [("200", "/public/1"), ("200", "/public/2"), ("404", ""), ("401", "")] {
        let answer = raw.answer().await;
        assert_eq!(status(&answer), expect, "{answer}");
        assert!(answer.contains(says), "{answer}");
    }
    // And one that comes while another is under way.
    raw.send(get("/slow?ms=300").replace("/slow", "/public/slow")).await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    raw.send(get("/public/after")).await;
    assert_eq!(status(&raw.answer().await), "200");
    assert!(raw.answer().await.contains("/public/after"));
}

#[tokio::test]
async fn a_client_of_http_1_0_that_does_not_ask_for_more_is_closed() {
    let world = World::new().await;
    for path in ["/public", "/.gateway/nothing", "/"] {
        let mut raw = Raw::to(world.port).await;
        raw.send(format!("GET {path} HTTP/1.0\r\nHost: localhost:{}\r\n\r\n", world.port)).await;
        let answer = raw.rest().await;
        assert!(answer.starts_with("HTTP/1."), "{path}: {answer}");
    }
    // A health check without anything.
    let mut raw = Raw::to(world.port).await;
    raw.send("GET / HTTP/1.0\r\n\r\n").await;
    assert_eq!(status(&raw.rest().await), "400");
}

/// What was sent before the 101 was there, too.
#[tokio::test]
async fn after_an_upgrade_bytes_pass_as_they_are() {
    let world = World::with("\n[[route]]\nname = \"open\"\nupstream = \"APP\"\nallow = \"public\"\n", &[]).await;
    // Masked with zeros: "hello", "GET / HTTP/1.1\r\n\r\n", and the closing frame.
    let hello = b"\x81\x85\0\0\0\0hello";
    let request_like = b"\x81\x92\0\0\0\0GET / HTTP/1.1\r\n\r\n";
    let mut raw = Raw::to(world.port).await;
    let mut bytes = request(&world, "GET /ws HTTP/1.1", WEBSOCKET, "").into_bytes();
    bytes.extend(hello);
    raw.send(bytes).await;
    assert_eq!(status(&raw.answer().await), "101");
    raw.send(request_like).await;
    raw.send(b"\x88\x80\0\0\0\0").await;
    let echoed = raw.rest().await;
    assert!(echoed.contains("\x05hello") && echoed.contains("\x12GET / HTTP/1.1\r\n\r\n"), "{echoed:?}");
}

/// S-02, S-03: only a WebSocket is asked for upstream, and what follows a request that asked for something else is a
/// request like any other.
#[tokio::test]
async fn an_upgrade_that_is_not_agreed_to_opens_nothing() {
    let world = World::new().await;
    for protocol in ["foo", "h2c", "websocket/99, h2c"] {
        let fields = format!(
            "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: {protocol}\r\nHTTP2-Settings: AAMAAABk\r\nAccept: application/json\r\n"
        );
        let first = request(&world, "GET /public HTTP/1.1", &fields, "");
        let mut raw = Raw::to(world.port).await;
        raw.send(format!("{first}{}", request(&world, "GET /admin HTTP/1.1", "Connection: close\r\n", ""))).await;
        let answer = raw.answer().await;
        assert_eq!(status(&answer), "200", "{protocol}: {answer}");
        assert!(!answer.to_ascii_lowercase().contains("http2-settings"), "{protocol}: {answer}");
        assert_eq!(status(&raw.rest().await), "401", "{protocol}");
    }
    let received = world.app.requests();
    assert!(received.iter().all(|request| request.values("upgrade").is_empty()), "{received:?}");
    assert_eq!(received.len(), 3);
}

/// The lines of one field are one list (RFC 9110 5.3), and after `close` no further request counts (RFC 9112 9.6).
#[tokio::test]
async fn a_connection_is_closed_whichever_line_says_so() {
    let world = World::new().await;
    for lines in
        ["Connection: keep-alive\r\nConnection: close", "Connection: te\r\nconnection: x, Close", "Connection: close"]
    {
        let request = format!("GET /public HTTP/1.1\r\nHost: localhost\r\n{lines}\r\n\r\n");
        let mut raw = Raw::to(world.port).await;
        raw.send(request.repeat(2)).await;
        let answers = raw.rest().await.to_ascii_lowercase();
        assert_eq!(answers.matches("http/1.1 ").count(), 1, "{lines}: {answers}");
        assert!(answers.contains("\r\nconnection: close\r\n"), "{lines}: {answers}");
    }
}
