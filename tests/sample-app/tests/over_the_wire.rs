//! The sample app as a client sees it: bytes in, bytes out, by hand.

use std::net::SocketAddr;

use sample_app::SampleApp;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

async fn app() -> SampleApp {
    SampleApp::start(SocketAddr::from(([127, 0, 0, 1], 0))).await.expect("a free port")
}

/// Everything the app says to `bytes`, until it closes.
async fn say(app: &SampleApp, bytes: &str) -> String {
    let mut stream = TcpStream::connect(app.address()).await.expect("it listens");
    stream.write_all(bytes.as_bytes()).await.expect("it reads");
    let mut said = String::new();
    stream.read_to_string(&mut said).await.expect("it answers");
    said
}

fn body(said: &str) -> &str {
    said.split_once("\r\n\r\n").expect("a head").1
}

#[tokio::test]
async fn headers_are_shown_as_they_arrived() {
    let app = app().await;
    let said = say(
        &app,
        "GET /a%2Fb//c?x=1&x=2 HTTP/1.1\r\nhOsT: a.example\r\nX-Twice: 1\r\nx_twice: 2\r\nX-TWICE:  3 \r\nAccept: application/json\r\nConnection: close\r\n\r\n",
    )
    .await;
    assert_eq!(
        body(&said),
        r#"{"method":"GET","target":"/a%2Fb//c?x=1&x=2","headers":[["hOsT","a.example"],["X-Twice","1"],["x_twice","2"],["X-TWICE","3"],["Accept","application/json"],["Connection","close"]],"body_bytes":0}"#
    );
    assert_eq!(app.requests()[0].values("x-twice"), ["1", "3"]);
    assert!(app.requests()[0].head.starts_with(b"GET /a%2Fb//c?x=1&x=2 HTTP/1.1\r\nhOsT: a.example\r\n"));
}

#[tokio::test]
async fn bodies_are_counted_however_they_are_framed() {
    let app = app().await;
    let said = say(
        &app,
        "POST /1 HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello\
         POST /2 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nA;ext=1\r\n0123456789\r\n0\r\nTrailer: x\r\n\r\n\
         GET /3 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
    )
    .await;
    assert_eq!(said.matches("HTTP/1.1 200 OK").count(), 3);
    let received: Vec<_> = app.requests().into_iter().map(|one| (one.target, one.body_bytes)).collect();
    assert_eq!(received, [("/1".into(), Some(5)), ("/2".into(), Some(13)), ("/3".into(), Some(0))]);
}

#[tokio::test]
async fn a_body_in_doubt_is_refused_and_seen() {
    for doubtful in [
        "Content-Length: 5\r\nTransfer-Encoding: chunked",
        "Content-Length: 5\r\nContent-Length: 6",
        "Content-Length: +5",
        "Content-Length: 5, 5",
        "Transfer-Encoding: gzip, chunked",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
    ] {
        let app = app().await;
        let said = say(&app, &format!("POST / HTTP/1.1\r\nHost: a\r\n{doubtful}\r\n\r\nhello")).await;
        assert!(said.starts_with("HTTP/1.1 400 "), "{doubtful}: {said}");
        let seen = app.requests();
        assert_eq!((seen.len(), seen[0].body_bytes), (1, None), "{doubtful}");
    }
}

#[tokio::test]
async fn what_is_no_http_is_refused_and_seen() {
    let app = app().await;
    let said = say(&app, "GET /\0 HTTP/1.1\r\n\r\n").await;
    assert!(said.starts_with("HTTP/1.1 400 "), "{said}");
    assert_eq!(app.requests()[0].head, b"GET /\0 HTTP/1.1\r\n\r\n");
}

#[tokio::test]
async fn a_body_that_never_ends_has_no_length() {
    let app = app().await;
    let mut stream = TcpStream::connect(app.address()).await.expect("it listens");
    stream.write_all(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhe").await.expect("it reads");
    stream.shutdown().await.expect("it is told");
    let mut said = String::new();
    stream.read_to_string(&mut said).await.expect("it closes");
    assert_eq!((said.as_str(), app.requests()[0].body_bytes), ("", None));
}

#[tokio::test]
async fn a_head_without_an_end_is_too_long() {
    let app = app().await;
    let said = say(&app, &format!("GET / HTTP/1.1\r\nX: {}", "x".repeat(140 * 1024))).await;
    assert!(said.starts_with("HTTP/1.1 431 "), "{said}");
}

#[tokio::test]
async fn bytes_come_in_the_framing_asked_for() {
    let app = app().await;
    let said = say(&app, "GET /bytes?n=40000 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").await;
    assert!(said.contains("\r\nTransfer-Encoding: chunked\r\n") && said.ends_with("\r\n0\r\n\r\n"));
    assert_eq!(body(&said).matches('x').count(), 40_000);
    let said = say(&app, "GET /bytes?n=40000&framing=length HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").await;
    assert!(said.contains("\r\nContent-Length: 40000\r\n"));
    assert_eq!(body(&said), "x".repeat(40_000));
}

#[tokio::test]
async fn head_is_answered_with_a_head() {
    let app = app().await;
    let said = say(&app, "HEAD /bytes?n=9&framing=length HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").await;
    assert!(said.contains("\r\nContent-Length: 9\r\n"));
    assert_eq!(body(&said), "");
}

#[tokio::test]
async fn a_client_that_waits_to_send_is_told_to_go_on() {
    let app = app().await;
    let mut stream = TcpStream::connect(app.address()).await.expect("it listens");
    let head = b"POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\nConnection: close\r\n\r\n";
    stream.write_all(head).await.expect("it reads");
    let mut go_on = [0; 25];
    stream.read_exact(&mut go_on).await.expect("it answers");
    assert_eq!(&go_on, b"HTTP/1.1 100 Continue\r\n\r\n");
    stream.write_all(b"ok").await.expect("it reads on");
    let mut said = String::new();
    stream.read_to_string(&mut said).await.expect("it answers");
    assert!(said.starts_with("HTTP/1.1 200 OK"));
}

#[tokio::test]
async fn the_page_says_who_and_trusts_no_markup() {
    let app = app().await;
    let said = say(
        &app,
        "GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-User: 00u1\r\nX-Forwarded-Preferred-Username: <b>&\"\r\nConnection: close\r\n\r\n",
    )
    .await;
    assert!(said.contains("<h1>Hello, &lt;b&gt;&amp;&quot;</h1>") && said.contains("<td>00u1</td>"));
    assert!(!said.contains("<b>"));
}

#[tokio::test]
async fn a_web_socket_is_echoed() {
    let app = app().await;
    let mut stream = TcpStream::connect(app.address()).await.expect("it listens");
    let head = b"GET /ws HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
    stream.write_all(head).await.expect("it reads");
    // "Hello" masked, as RFC 6455 §5.7 has it, a ping, and a close.
    stream.write_all(&[0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58]).await.expect("it reads");
    stream.write_all(&[0x89, 0x81, 0, 0, 0, 0, b'p', 0x88, 0x80, 0, 0, 0, 0]).await.expect("it reads");
    let mut said = Vec::new();
    stream.read_to_end(&mut said).await.expect("it closes");
    let frames = said.windows(4).position(|four| four == b"\r\n\r\n").expect("a head") + 4;
    assert_eq!(&said[frames..], b"\x81\x05Hello\x8a\x01p\x88\x00");
}

#[tokio::test]
async fn dropping_it_closes_the_port_and_every_connection() {
    let app = app().await;
    let address = app.address();
    let mut open = TcpStream::connect(address).await.expect("it listens");
    open.write_all(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n").await.expect("it reads");
    let mut first = [0; 1];
    open.read_exact(&mut first).await.expect("it answers");
    drop(app);
    let mut rest = Vec::new();
    let _ = open.read_to_end(&mut rest).await; // ends, one way or the other
    assert!(TcpStream::connect(address).await.is_err());
}
