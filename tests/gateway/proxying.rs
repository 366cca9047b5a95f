//! What reaches the app: who is asking, as only we may say; paths as they were decided about; bytes as they came.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::Value;

use crate::raw::WEBSOCKET;
use crate::sign_in::{app_sees, header};
use crate::visitor::Visitor;
use crate::world::World;

/// Sends bytes as they are, and gives what comes back until the connection rests for five seconds; the first byte may
/// take twenty. It blocks: a test in which the app must answer meanwhile needs a second thread.
pub(crate) fn raw(world: &World, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", world.port)).expect("a connection");
    stream.set_read_timeout(Some(Duration::from_secs(20))).expect("a timeout");
    stream.write_all(bytes).expect("the bytes are sent");
    let mut answer = Vec::new();
    let mut buffer = [0; 65536];
    while let Ok(count @ 1..) = stream.read(&mut buffer) {
        answer.extend_from_slice(&buffer[..count]);
        stream.set_read_timeout(Some(Duration::from_secs(5))).expect("a timeout");
    }
    String::from_utf8_lossy(&answer).into_owned()
}

pub(crate) fn report(answer: &str) -> Value {
    let (_, body) = answer.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no answer: {answer}"));
    let start = body.find('{').unwrap_or_else(|| panic!("no report: {answer}"));
    let end = body.rfind('}').expect("a whole report");
    serde_json::from_str(&body[start..=end]).unwrap_or_else(|_| panic!("no report: {answer}"))
}

const FORGED: [&str; 14] = [
    "X-Forwarded-User",
    "x-forwarded-user",
    "X_Forwarded_User",
    "X-Forwarded_User",
    "X.Forwarded.User",
    "X!Forwarded~User",
    "X-FORWARDED-GROUPS",
    "X_Forwarded_Groups",
    "X-Forwarded-Email",
    "X-Forwarded-Preferred_Username",
    "Remote-User",
    "X-Original-URL",
    "X-Rewrite-URL",
    "Forwarded",
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_can_name_themselves() {
    let world = World::new().await;
    let mut visitor = Visitor::new(&world);
    visitor.sign_in("/", "password@example.com").await;
    let cookies = visitor.cookie_line();
    for cookie in [String::new(), format!("Cookie: {cookies}; theirs=1\r\n")] {
        let path = if cookie.is_empty() { "/public/x" } else { "/x" };
        for name in FORGED {
            let request = format!(
                "GET {path} HTTP/1.1\r\nHost: localhost:{}\r\nAccept: application/json\r\n{name}: forged-value\r\n{cookie}Connection: close\r\n\r\n",
                world.port
            );
            let answer = raw(&world, request.as_bytes());
            assert!(answer.starts_with("HTTP/1.1 200") || answer.starts_with("HTTP/1.1 400"), "{name}: {answer}");
            assert!(!answer.contains("forged-value"), "{name} reached the app: {answer}");
            if answer.starts_with("HTTP/1.1 200") && !cookie.is_empty() {
                let report = report(&answer);
                assert_eq!(header(&report, "x-forwarded-email"), ["password@example.com"], "{name}");
                assert_eq!(header(&report, "cookie"), ["theirs=1"], "{name}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_nominated_in_connection_still_reaches_the_app() {
    let world = World::new().await;
    let mut visitor = Visitor::new(&world);
    visitor.sign_in("/", "password@example.com").await;
    let cookies = visitor.cookie_line();
    let request = format!(
        "GET /x HTTP/1.1\r\nHost: localhost:{}\r\nAccept: application/json\r\nCookie: {}\r\nConnection: close, X-Forwarded-User, X-Forwarded-Email\r\n\r\n",
        world.port, cookies
    );
    let answer = raw(&world, request.as_bytes());
    assert_eq!(header(&report(&answer), "x-forwarded-email"), ["password@example.com"]);
}

#[tokio::test]
async fn no_spelling_of_a_path_gets_around_a_rule() {
    let world = World::new().await;
    for path in [
        "/admin",
        "/public/../admin",
        "/public/%2e%2e/admin",
        "/public/.%2e/admin",
        "/public/..%2fadmin",
        "/public/..%5cadmin",
        "/public/..;/admin",
        "/public;x/../admin",
        "/public/%252e%252e/admin",
        "//admin",
        "/./admin",
        "/public//../admin",
        "/%61dmin",
        "/public/..\\admin",
        "/public/%2e%2e%2fadmin",
        "/public/x/../../admin",
    ] {
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: localhost:{}\r\nAccept: application/json\r\nConnection: close\r\n\r\n",
            world.port
        );
        let answer = raw(&world, request.as_bytes());
        assert!(answer.starts_with("HTTP/1.1 401") || answer.starts_with("HTTP/1.1 400"), "{path}: {answer}");
    }
    let received = world.app.requests();
    assert!(received.is_empty(), "the app was reached: {}", received.len());
}

#[tokio::test]
async fn what_is_framed_twice_is_refused() {
    let world = World::new().await;
    for framing in [
        "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
        "Content-Length: 5\r\nContent-Length: 6\r\n",
        "Content-Length: +5\r\n",
        "Transfer-Encoding: chunked, identity\r\n",
        "Transfer-Encoding: xchunked\r\n",
        "Transfer-Encoding: gzip, chunked\r\n",
        "Transfer-Encoding : chunked\r\n",
    ] {
        let request = format!(
            "POST /public HTTP/1.1\r\nHost: localhost:{}\r\n{framing}\r\n0\r\n\r\nGET /admin HTTP/1.1\r\nHost: localhost\r\n\r\n",
            world.port
        );
        let answer = raw(&world, request.as_bytes());
        assert!(answer.starts_with("HTTP/1.1 400"), "{framing}: {answer}");
        assert_eq!(answer.matches("HTTP/1.1").count(), 1, "{framing}: {answer}");
    }
    assert!(world.app.requests().is_empty());
}

#[tokio::test]
async fn odd_heads_are_refused() {
    let world = World::new().await;
    let large = format!("GET /public HTTP/1.1\r\nHost: localhost\r\nX-Large: {}\r\n\r\n", "a".repeat(70 * 1024));
    for (request, status) in [
        (large.as_str(), "431"),
        ("GET /public HTTP/1.1\r\n\r\n", "400"),
        ("GET /public HTTP/1.1\r\nHost: a, b\r\n\r\n", "400"),
        ("GET /public HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", "400"),
        ("TRACE /public HTTP/1.1\r\nHost: localhost\r\n\r\n", "405"),
        ("OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n", "400"),
    ] {
        let answer = raw(&world, request.as_bytes());
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{}: {answer}", &request[..request.len().min(60)]);
    }
    assert!(world.app.requests().is_empty());
}

#[tokio::test]
async fn bodies_stream_both_ways() {
    let world = World::new().await;
    let mut visitor = Visitor::new(&world);
    visitor.sign_in("/", "password@example.com").await;
    let report = app_sees(&mut visitor, "/upload").await;
    assert_eq!(report["body_bytes"], 0);
    let size = 20 * 1024 * 1024;
    let url: url::Url = format!("http://localhost:{}/bytes?n={size}", world.port).parse().expect("an address");
    let response = visitor.send(reqwest::Method::GET, url, None, "none").await;
    assert_eq!(response.bytes().await.expect("a body").len(), size);
    visitor.headers = vec![("accept".to_owned(), "application/json".to_owned())];
    let url: url::Url = format!("http://localhost:{}/upload", world.port).parse().expect("an address");
    let response = visitor.send(reqwest::Method::POST, url, Some("a".repeat(size)), "same-origin").await;
    let report: Value = serde_json::from_str(&response.text().await.expect("a body")).expect("a report");
    assert_eq!(report["body_bytes"], size);
}

#[tokio::test]
async fn an_app_that_is_gone_is_told_with_502() {
    let world =
        World::with("\n[[route]]\nname = \"gone\"\nupstream = \"http://127.0.0.1:9\"\nallow = \"public\"\n", &[]).await;
    let mut visitor = Visitor::new(&world);
    let view = visitor.visit("/").await;
    assert_eq!(view.status, 502);
    assert_eq!(view.page.headings, ["The service is not answering"]);
    assert!(!view.body.contains("127.0.0.1"), "the page tells where the app is");
}

#[tokio::test]
async fn a_route_that_is_closed_says_so_to_everybody_and_asks_nobody_to_sign_in() {
    let world = World::with("\n[[route]]\nname = \"closed\"\nupstream = \"APP\"\nmaintenance = true\n", &[]).await;
    let mut visitor = Visitor::new(&world);
    let view = visitor.visit("/reports?x=1").await;
    assert_eq!((view.status.as_u16(), &*view.page.headings[0]), (503, "Down for maintenance"));
    assert_eq!(view.page.link("Try again"), Some("/reports?x=1"));
    let script = [("accept", "application/json"), ("sec-fetch-mode", "cors")];
    visitor.headers = script.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
    let view = visitor.visit("/reports").await;
    assert_eq!((view.status.as_u16(), view.body.contains("down for maintenance")), (503, true), "{}", view.body);
    assert!(world.app.requests().is_empty());
    assert!(world.metrics().await.contains("gateway_decisions_total{decision=\"maintenance\",route=\"closed\"} 2"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_websocket_of_another_site_s_page_is_nobody_s() {
    let world = World::new().await;
    let mut visitor = Visitor::new(&world);
    visitor.sign_in("/", "password@example.com").await;
    let cookies = visitor.cookie_line();
    let port = world.port;
    for (origin, status) in [
        (format!("Origin: http://localhost:{port}\r\n"), "101"),
        (String::new(), "101"),
        ("Origin: http://evil.example\r\n".to_owned(), "401"),
        ("Origin: http://localhost:9999\r\n".to_owned(), "401"),
        ("Origin: null\r\n".to_owned(), "401"),
    ] {
        let request =
            format!("GET /ws HTTP/1.1\r\nHost: localhost:{port}\r\nCookie: {}\r\n{origin}{WEBSOCKET}\r\n", cookies);
        let answer = raw(&world, request.as_bytes());
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{origin}: {answer}");
    }
}

#[tokio::test]
async fn a_target_that_is_none_is_refused() {
    let world = World::new().await;
    for target in ["?x", "public", " /public", "ftp://localhost/public", ":", "%"] {
        let request = format!("GET {target} HTTP/1.1\r\nHost: localhost:{}\r\nConnection: close\r\n\r\n", world.port);
        let answer = raw(&world, request.as_bytes());
        assert!(answer.starts_with("HTTP/1.1 400"), "{target}: {answer}");
    }
    assert!(world.app.requests().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_knows_no_chunks_gets_none() {
    let world = World::with("\n[[route]]\nname = \"open\"\nupstream = \"APP\"\nallow = \"public\"\n", &[]).await;
    let request = format!("GET /bytes?n=10 HTTP/1.0\r\nHost: localhost:{}\r\n\r\n", world.port);
    let answer = raw(&world, request.as_bytes());
    let (head, body) = answer.split_once("\r\n\r\n").expect("a head");
    assert!(!head.to_ascii_lowercase().contains("transfer-encoding"), "{answer}");
    assert_eq!(body.len(), 10, "{answer}");
}

#[tokio::test]
async fn a_session_cookie_that_is_no_text_is_cleared() {
    let world = World::new().await;
    let mut request =
        format!("GET / HTTP/1.1\r\nHost: localhost:{}\r\nConnection: close\r\nCookie: gw_session=", world.port)
            .into_bytes();
    request.extend(b"\xff\xfe\r\n\r\n");
    let answer = raw(&world, &request);
    assert!(answer.contains("gw_session=;"), "{answer}");
}

#[tokio::test]
async fn a_websocket_without_a_session_is_not_opened() {
    let world = World::new().await;
    let request = format!("GET /socket HTTP/1.1\r\nHost: localhost:{}\r\n{WEBSOCKET}\r\n", world.port);
    let answer = raw(&world, request.as_bytes());
    assert!(answer.starts_with("HTTP/1.1 401"), "{answer}");
    assert!(world.app.requests().is_empty());
}

/// P-16: what nobody who may has sent is not asked for, not waited for, and reaches nobody.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_upload_of_somebody_without_a_session_goes_nowhere() {
    let upstream = crate::upstream::Upstream::saying(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    let route = format!("\n[[route]]\nupstream = \"http://{}\"\n", upstream.address());
    let world = World::with(&route, &[]).await;
    for (method, more) in [
        ("POST", "Content-Length: 5000000000\r\nExpect: 100-continue\r\n"),
        ("POST", "Content-Length: 5000000000\r\n"),
        ("PUT", "Transfer-Encoding: chunked\r\nExpect: 100-continue\r\n"),
        ("GET", "Content-Length: 5000000000\r\n"),
    ] {
        let request =
            format!("{method} /x HTTP/1.1\r\nHost: localhost:{}\r\nAccept: application/json\r\n{more}\r\n", world.port);
        let answer = raw(&world, request.as_bytes());
        assert!(answer.starts_with("HTTP/1.1 401 "), "{method} {more}: {answer}");
        assert!(answer.to_ascii_lowercase().contains("\r\nconnection: close"), "the rest is not read: {answer}");
    }
    assert_eq!(upstream.heads(), [""; 0]);
}
