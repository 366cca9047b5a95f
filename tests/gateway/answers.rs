//! Responses of upstreams: the gateway frames them, sends one final response, logs none of their bytes, retries at most
//! once, and waits with one time limit.

use std::io::{Read as _, Write as _};
use std::time::{Duration, Instant};

use crate::raw::Raw;
use crate::upstream::{Upstream, ask, connect, head_of};
use crate::world::World;

const CANARY: &str = "appsession=canary-7421";

fn get(world: &World, path: &str, more: &str) -> String {
    ask(
        world.port,
        &format!("GET {path} HTTP/1.1\r\nHost: localhost:{}\r\n{more}Connection: close\r\n\r\n", world.port),
    )
}

/// S-09, C-05, D-03.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_that_an_upstream_says_stands_in_the_log() {
    let head = format!("HTTP/1.1 200 OK\r\nSet-Cookie: {CANARY}\r\n");
    let fields: String = (0..300).map(|number| format!("X-{number}: 1\r\n")).collect();
    let faults: Vec<String> = vec![
        format!("{head}X: a\0b\r\n\r\n"),
        format!("{head}X: a\rb\r\n\r\n"),
        format!("{head}{fields}\r\n"),
        format!("HTTP/1.1 2x0 OK\r\nSet-Cookie: {CANARY}\r\n\r\n"),
        format!("HTTP/1.1 999999 {CANARY}\r\n\r\n"),
        format!("{head}X: {}\r\n", "y".repeat(900_000)),
        format!("{head}X: {}\r\n", "y".repeat(2_000_000)),
        format!("{head}Content-Length: 2\r\nContent-Length: 3\r\n\r\n"),
        format!("{head}Content-Length: {CANARY}\r\n\r\n"),
        format!("{head}Transfer-Encoding: x{CANARY}\r\n\r\n"),
        format!("{head}Transfer-Encoding: chunked\r\n\r\n{CANARY}\r\n"),
        format!("{head}Content-Length: 100\r\n\r\n{CANARY}"),
        head.clone(),
        CANARY.to_owned(),
        String::new(),
    ];
    for format in ["text", "json"] {
        let upstreams: Vec<Upstream> = faults.iter().map(|fault| Upstream::saying(fault.as_bytes())).collect();
        let routes: String =
            upstreams.iter().enumerate().map(|(number, upstream)| upstream.route(&format!("/{number}"), "")).collect();
        let world = World::with(&routes, &[("GATEWAY__SERVER__LOG_FORMAT", format)]).await;
        for (number, upstream) in upstreams.iter().enumerate() {
            let answer = get(&world, &format!("/{number}"), "");
            let is_cut = answer.starts_with("HTTP/1.1 200 ");
            assert!(answer.starts_with("HTTP/1.1 502 ") || is_cut, "{number}: {}", &answer[..answer.len().min(200)]);
            assert!(!upstream.heads().is_empty());
        }
        let log = world.log();
        assert!(log.contains("a request failed") && log.len() < 100_000, "{} bytes", log.len());
        for canary in ["canary-7421", "Set-Cookie", "yyyyyyyy"] {
            let line = log.lines().find(|line| line.contains(canary));
            assert!(line.is_none(), "{canary}: {}", line.map_or("", |line| &line[..line.len().min(400)]));
        }
    }
}

/// S-01, S-09, S-14.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_framing_towards_the_client_is_ours() {
    let cases = [
        ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nok", Some("content-length: 2")),
        ("HTTP/1.1 200 OK\r\nContent-Length: 2, 2\r\n\r\nok", Some("content-length: 2")),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: xchunked\r\n\r\n2\r\nok\r\n0\r\n\r\n", None),
        ("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n", None),
        ("HTTP/1.0 200 OK\r\n\r\nok", Some("transfer-encoding: chunked")),
        ("HTTP/1.1 204 No Content\r\nContent-Length: 2\r\n\r\n", Some("")),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nKeep-Alive: timeout=9\r\nProxy-Authenticate: Basic\r\nUpgrade: h2c\r\n\
             Trailer: X\r\nConnection: X-Hop\r\nX-Hop: 1\r\n\r\nok",
            Some("content-length: 2"),
        ),
        ("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\nraw", None),
        ("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n", None),
    ];
    let upstreams: Vec<Upstream> = cases.iter().map(|(bytes, _)| Upstream::saying(bytes.as_bytes())).collect();
    let routes: String =
        upstreams.iter().enumerate().map(|(number, upstream)| upstream.route(&format!("/{number}"), "")).collect();
    let world = World::with(&routes, &[]).await;
    for (number, (bytes, framing)) in cases.into_iter().enumerate() {
        let whole = get(&world, &format!("/{number}"), "Accept: text/html\r\n");
        let answer = whole
            .split_once("HTTP/1.1 103 Early Hints\r\n")
            .map_or(&*whole, |(_, rest)| rest.split_once("\r\n\r\n").expect("the end of its head").1);
        let (head, _) = answer.split_once("\r\n\r\n").unwrap_or_else(|| panic!("{bytes:?}: {whole}"));
        let Some(framing) = framing else {
            assert!(head.starts_with("HTTP/1.1 502 "), "{bytes:?}: {whole}");
            continue;
        };
        assert!(head.starts_with("HTTP/1.1 20"), "{bytes:?}: {whole}");
        let head = head.to_ascii_lowercase();
        let lines = head.lines().filter(|line| line.starts_with("content-length:") || line.starts_with("transfer-"));
        assert_eq!(lines.collect::<Vec<_>>().join("; "), framing, "{bytes:?}");
        for gone in ["keep-alive:", "proxy-authenticate", "upgrade", "trailer", "x-hop"] {
            assert!(!head.contains(gone), "{gone} in {head}");
        }
    }
    let log = world.log();
    let last = log.lines().rfind(|line| line.contains(" access: ") && line.contains("path=/8 "));
    assert!(last.is_some_and(|line| line.contains("status=502")), "{last:?}");
    assert!(world.metrics().await.contains("gateway_requests_total{route=\"u/8\",status=\"5xx\"} 1"));
}

/// S-09, S-14.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn interim_answers_are_few_and_for_those_who_know_them() {
    let few = Upstream::saying(
        b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
    );
    let endless = Upstream::new(|stream, _, _| {
        while stream.write_all(&b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n".repeat(100)).is_ok() {}
        false
    });
    let world = World::with(&(few.route("/few", "") + &endless.route("/endless", "")), &[]).await;
    let answer = get(&world, "/few", "");
    assert!(answer.starts_with("HTTP/1.1 103 Early Hints\r\n") && answer.ends_with("ok"), "{answer}");
    let old = ask(world.port, &format!("GET /few HTTP/1.0\r\nHost: localhost:{}\r\n\r\n", world.port));
    assert!(old.starts_with("HTTP/1.1 200 OK\r\n") && old.ends_with("ok"), "{old}");
    assert!(!answer.to_ascii_lowercase().contains("cache-control"), "{answer}");
    let answer = get(&world, "/endless", "");
    assert!(answer.matches("HTTP/1.1 103").count() <= 8 && answer.contains("HTTP/1.1 502 "), "{answer}");
}

/// S-10.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_is_sent_twice_at_most_and_only_where_that_does_no_harm() {
    // It answers the first request of a connection, and closes on the second.
    let upstream = Upstream::new(|stream, head, before| {
        let is_first = before == 0 && !head.contains(" /u/dead ");
        if !is_first && head.contains(" /u/half ") {
            let _ = stream.write_all(b"HTTP/1.1 2");
        }
        is_first && stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok").is_ok()
    });
    let world = World::with(&upstream.route("/u", ""), &[]).await;
    let request = |method: &str, path: &str| {
        let length = if matches!(method, "POST" | "PUT") { "Content-Length: 0\r\n" } else { "" };
        let head =
            format!("{method} {path} HTTP/1.1\r\nHost: localhost:{}\r\n{length}Connection: close\r\n\r\n", world.port);
        ask(world.port, &head)
    };
    let sent = |path: &str| upstream.heads().iter().filter(|head| head.contains(path)).count();
    for (method, path, status, times) in [
        ("GET", "/u/get", "200", 2),
        ("DELETE", "/u/delete", "200", 2),
        ("POST", "/u/post", "502", 1),
        ("GET", "/u/dead", "502", 2),
        ("PUT", "/u/half", "502", 1),
    ] {
        // A connection for the request to fail on; what was sent twice is not kept.
        assert!(request("GET", "/u/first").starts_with("HTTP/1.1 200 "));
        let answer = request(method, path);
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{method} {path}: {answer}");
        assert_eq!(sent(&format!(" {path} ")), times, "{method} {path}");
    }
    let log = world.log();
    let warnings = log.lines().filter(|line| line.contains(" WARN ")).count();
    assert_eq!(warnings, 3, "only what failed in the end is a warning:\n{log}");
    let metrics = world.metrics().await;
    let retries = metrics.lines().find(|line| line.starts_with("gateway_upstream_retries_total{"));
    assert!(retries.is_some_and(|line| line.ends_with(" 3")), "{retries:?}");
}

/// Says one thing at once and another after four seconds: `/u/events` as events of this media type, everything else as
/// text, and `/u/late` only after fifteen seconds.
fn silent_between(events: &'static str) -> Upstream {
    Upstream::new(move |stream, head, _| {
        let media_type = if head.contains("/u/events") { events } else { "text/plain" };
        if head.contains("/u/late") {
            std::thread::sleep(Duration::from_secs(15));
        }
        let _ = stream.write_all(format!("HTTP/1.1 200 OK\r\nContent-Type: {media_type}\r\n\r\none ").as_bytes());
        std::thread::sleep(Duration::from_secs(4));
        let _ = stream.write_all(b"two");
        false
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn streams_may_be_silent_and_nothing_else_may() {
    let upstream = silent_between("text/event-stream; charset=utf-8");
    let world = World::with(&upstream.route("/u", "timeout_seconds = 1"), &[]).await;
    let events = get(&world, "/u/events", "Accept: application/json, text/event-stream\r\n");
    assert!(events.contains("one ") && events.contains("two"), "{events}");
    let cut = get(&world, "/u/text", "Accept: text/event-stream\r\n");
    assert!(cut.starts_with("HTTP/1.1 200 ") && cut.contains("one ") && !cut.contains("two"), "{cut}");
    for more in ["", "Upgrade: foo\r\n", "Upgrade: websocket\r\n"] {
        let began = Instant::now();
        let connection = if more.is_empty() { "" } else { "Connection: Upgrade\r\n" };
        let head = format!("GET /u/late HTTP/1.1\r\nHost: localhost:{}\r\n{more}{connection}\r\n", world.port);
        let mut stream = connect(world.port);
        stream.write_all(head.as_bytes()).expect("sent");
        let answer = head_of(&mut stream).expect("an answer");
        assert!(answer.starts_with("HTTP/1.1 504 ") && began.elapsed() < Duration::from_secs(10), "{more}: {answer}");
    }
    drop(events);
    let log = world.log();
    let failed: Vec<&str> = log.lines().filter(|line| line.contains("a request failed")).collect();
    assert!(!failed.is_empty(), "{log}");
    for line in failed {
        assert!(line.contains(" upstream=http://127.0.0.1:") && !line.contains("Downstream"), "{line}");
        assert!(line.contains("cause=\"Upstream ReadTimedout"), "{line}");
    }
}

/// The same over HTTP/2, where streams share a connection and each has its own clock.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn over_http_2_event_streams_may_be_silent_and_nothing_else_may() {
    let upstream = silent_between("text/event-stream");
    let world = World::with(&format!("h2c = true\n{}", upstream.route("/u", "timeout_seconds = 1")), &[]).await;
    let (client, connection) = h2::client::handshake(Raw::to(world.port).await.0).await.expect("HTTP/2");
    tokio::spawn(connection);
    let get = async |path: &str| {
        let mut sender = client.clone().ready().await.expect("ready");
        let uri = format!("http://localhost:{}{path}", world.port);
        let request = http::Request::builder().uri(uri).header("accept", "*/*").body(()).expect("a request");
        let (response, _) = sender.send_request(request, true).expect("sent");
        let response = response.await.expect("an answer");
        let (status, mut body, mut text) = (response.status(), response.into_body(), Vec::new());
        while let Some(data) = body.data().await {
            match data {
                Ok(data) => text.extend_from_slice(&data),
                Err(error) => return (status, text, error.reason()),
            }
        }
        (status, text, None)
    };
    let ((events, all, cut), (text, some, reset), (late, ..)) =
        tokio::join!(get("/u/events"), get("/u/text"), get("/u/late"));
    assert_eq!((events.as_u16(), &all[..], cut), (200, &b"one two"[..], None));
    assert_eq!((text.as_u16(), &some[..], reset.is_some()), (200, &b"one "[..], true), "{reset:?}");
    assert_eq!(late, 504);
}

/// S-14.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_that_comes_before_the_upload_is_done_is_told_at_once() {
    let upstream = Upstream::new(|stream, _, _| {
        let _ = stream.write_all(b"HTTP/1.1 413 Content Too Large\r\nContent-Length: 8\r\n\r\ntoo much");
        std::thread::sleep(Duration::from_secs(20));
        false
    });
    let world = World::with(&upstream.route("/u", "timeout_seconds = 60"), &[]).await;
    let mut stream = connect(world.port);
    let head =
        format!("POST /u HTTP/1.1\r\nHost: localhost:{}\r\nContent-Length: 1000000\r\n\r\nbeginning", world.port);
    let began = Instant::now();
    stream.write_all(head.as_bytes()).expect("sent");
    let head = head_of(&mut stream).expect("an answer");
    assert!(head.starts_with("HTTP/1.1 413 ") && head.to_ascii_lowercase().contains("connection: close"), "{head}");
    let mut body = [0; 8];
    stream.read_exact(&mut body).expect("the body");
    assert_eq!((&body, began.elapsed() < Duration::from_secs(15)), (b"too much", true), "{:?}", began.elapsed());
}

/// S-14: over HTTP/2 the client is told that the rest of its upload is not wanted (RFC 9113 8.1).
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn over_http_2_an_upload_that_nobody_wants_any_more_is_stopped() {
    let upstream = Upstream::new(|stream, _, _| {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nearly");
        std::thread::sleep(Duration::from_secs(40));
        false
    });
    let world = World::with(&format!("h2c = true\n\n{}", upstream.route("/u", "timeout_seconds = 60")), &[]).await;
    let io = tokio::net::TcpStream::connect(("127.0.0.1", world.port)).await.expect("a connection");
    let (mut client, connection) = h2::client::handshake(io).await.expect("HTTP/2");
    tokio::spawn(connection);
    let request = http::Request::post(format!("http://localhost:{}/u", world.port)).body(()).expect("a request");
    let (answer, mut sending) = client.send_request(request, false).expect("sent");
    sending.send_data(bytes::Bytes::from_static(b"beginning"), false).expect("sent");
    let mut reading = answer.await.expect("an answer").into_body();
    assert_eq!(reading.data().await.expect("a body").expect("the body"), "early");
    let reset = std::future::poll_fn(|context| sending.poll_reset(context));
    let reason = tokio::time::timeout(Duration::from_secs(30), reset).await.expect("it is reset");
    assert_eq!(reason.expect("a reason"), h2::Reason::NO_ERROR);
}
