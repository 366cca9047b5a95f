//! S-05, S-06, S-15, P-15, K-13 over HTTP/2: what is cheap to send and expensive to answer ends the connection; the rest
//! is answered as over HTTP/1.1.

use std::io::{Read as _, Write as _};
use std::time::Duration;

use http::Request;
use tokio::io::{AsyncRead, AsyncWrite};

use crate::certificates::{Authority, Client};
use crate::raw::{Raw, status};
use crate::upstream::Upstream;
use crate::visitor::Visitor;
use crate::world::{World, free_port};

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

const DATA: u8 = 0;
const HEADERS: u8 = 1;
const PRIORITY: u8 = 2;
const RESET: u8 = 3;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const WINDOW: u8 = 8;
const CONTINUATION: u8 = 9;

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let mut bytes = u32::try_from(payload.len()).expect("short").to_be_bytes()[1..].to_vec();
    bytes.extend([kind, flags]);
    bytes.extend(stream.to_be_bytes());
    bytes.extend(payload);
    bytes
}

/// What a client sends first: its settings, and a request with this head.
pub(super) fn first_request(flags: u8, head: &[u8]) -> Vec<u8> {
    [PREFACE, &frame(SETTINGS, 0, 0, &[]), &frame(HEADERS, flags, 1, head)].concat()
}

/// How many requests were refused for each reason.
fn refusals(metrics: &str) -> Vec<(&str, usize)> {
    let lines = metrics.lines().filter_map(|line| line.strip_prefix("gateway_requests_refused_total{reason=\""));
    let counts = lines.filter_map(|line| line.split_once("\"} "));
    counts.map(|(reason, count)| (reason, count.parse().expect("a number"))).collect()
}

/// `:method GET`, `:scheme http`, `:path /`, `:authority localhost`, as HPACK has them (RFC 7541 A, 6.2.2).
const GET: &[u8] = b"\x82\x86\x84\x01\x09localhost";

/// Worlds whose plain listener takes HTTP/2 too, and one with TLS.
pub(super) struct Both {
    pub(super) world: World,
    pub(super) authority: Authority,
    pub(super) tls: u16,
    pub(super) plain: u16,
    _folder: tempfile::TempDir,
}

async fn both() -> Both {
    both_with(
        "[[route]]\nupstream = \"APP\"\n[[route]]\npath = \"/public\"\nupstream = \"APP\"\nallow = \"public\"\n\
         [[route]]\nhost = \"one.example\"\nupstream = \"APP\"\nallow = \"public\"\n",
    )
    .await
}

/// The same with routes of its own.
pub(super) async fn both_with(routes: &str) -> Both {
    let (authority, folder) = (Authority::new(), tempfile::tempdir().expect("a folder"));
    let issued = authority.issue(folder.path(), "server", &["localhost", "one.example"], 2040);
    let (tls, plain) = (free_port(), free_port());
    let listen = format!("[\"127.0.0.1:{plain}\", \"https://127.0.0.1:{tls}\"]");
    let more = format!("h2c = true\n\n[tls]\ncertificates = [{}]\n{routes}", issued.setting());
    let world = World::with(&more, &[("GATEWAY__SERVER__LISTEN", &listen)]).await;
    Both { world, authority, tls, plain, _folder: folder }
}

impl Both {
    /// Waits until so many requests were refused: what HTTP/2 refuses by itself is counted when the connection is looked
    /// at again.
    async fn until_refused(&self, count: usize) {
        for _ in 0..600 {
            let metrics = self.world.metrics().await;
            if refusals(&metrics).iter().map(|(_, count)| count).sum::<usize>() >= count {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("{}", self.world.metrics().await);
    }
}

/// The frames that are sent at that turn.
type Flood = fn(u32) -> Vec<u8>;

/// Begins HTTP/2, and sends `flood` over and over until the connection ends, as it must.
async fn until_ended<S: AsyncRead + AsyncWrite + Unpin>(raw: &mut Raw<S>, name: &str, flood: Flood) {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    raw.send([PREFACE, &frame(SETTINGS, 0, 0, &[])].concat()).await;
    let (mut reads, mut writes) = tokio::io::split(&mut raw.0);
    // Far fewer are looked at; the rest is in the kernel's buffers. An id has 31 bits.
    let sending = async {
        for count in 0..u32::MAX / 4 {
            if writes.write_all(&flood(count)).await.is_err() {
                return;
            }
        }
    };
    let reading = async {
        let mut bytes = [0; 16_384];
        while matches!(reads.read(&mut bytes).await, Ok(1..)) {}
    };
    let ended = tokio::time::timeout(Duration::from_secs(20), async {
        tokio::select! { () = sending => {}, () = reading => {} }
    });
    assert!(ended.await.is_ok(), "{name}: the connection stays open");
}

#[tokio::test]
async fn floods_end_their_connection_and_nobody_else_s() {
    let both = both().await;
    let floods: [(&str, Flood); 8] = [
        ("rapid reset", |count| {
            let stream = 2 * count + 1;
            [frame(HEADERS, 5, stream, GET), frame(RESET, 0, stream, &[0, 0, 0, 8])].concat()
        }),
        ("made you reset", |count| {
            let stream = 2 * count + 1;
            [frame(HEADERS, 5, stream, GET), frame(WINDOW, 0, stream, &[0; 4])].concat()
        }),
        ("continuation", |count| match count {
            0 => frame(HEADERS, 0, 1, GET),
            _ => frame(CONTINUATION, 0, 1, b"\0\x01x\x01y"),
        }),
        ("settings", |_| frame(SETTINGS, 0, 0, &[0, 4, 0, 1, 0, 0])),
        ("ping", |_| frame(PING, 0, 0, &[0; 8])),
        ("priority", |count| frame(PRIORITY, 0, 2 * count + 1, &[0, 0, 0, 0, 1])),
        ("window", |_| frame(WINDOW, 0, 0, &[0, 0, 0, 1])),
        ("unknown", |_| frame(0x42, 0, 0, &[])),
    ];
    for (name, flood) in floods {
        let mut plain = Raw::to(both.plain).await;
        until_ended(&mut plain, name, flood).await;
        let mut tls = Client::http2(&both.authority).connect("localhost", both.tls).await.expect("a connection");
        until_ended(&mut tls, name, flood).await;
        let mut other = Raw::to(both.plain).await;
        other.send("GET /public HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").await;
        assert_eq!(status(&other.rest().await), "200", "{name}");
    }
    let metrics = both.world.metrics().await;
    assert!(metrics.contains("gateway_requests_refused_total{reason=\"flood\"}"), "{metrics}");
    assert!(!both.world.log().contains("ERROR"), "{}", both.world.log());
}

#[tokio::test]
async fn who_does_not_begin_as_http_2_does_is_closed() {
    let both = both().await;
    for bytes in [&b""[..], b"PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n", b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"] {
        let mut tls = Client::http2(&both.authority).connect("localhost", both.tls).await.expect("a connection");
        tls.send(bytes).await;
        assert_eq!(tls.rest().await, "");
    }
    assert!(!both.world.log().contains("ERROR"), "{}", both.world.log());
    // Without the setting it is not spoken at all.
    let world = World::new().await;
    let mut raw = Raw::to(world.port).await;
    raw.send(PREFACE).await;
    assert_eq!(status(&raw.rest().await), "505");
}

/// S-01, S-05: how a stream of unknown length ends, as curl's and many proxies' do. One byte more would be the beginning of
/// the next visitor's request.
#[tokio::test]
async fn a_body_that_ends_with_an_empty_frame_ends_once() {
    let upstream = Upstream::new(|stream, head, _| {
        let mut body = Vec::new();
        while head.starts_with("POST ") && !body.ends_with(b"0\r\n\r\n") {
            let mut byte = [0];
            if stream.read_exact(&mut byte).is_err() {
                return false;
            }
            body.push(byte[0]);
        }
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok").is_ok()
    });
    let both = both_with(&upstream.route("/", "")).await;
    let (client, connection) = h2::client::handshake(Raw::to(both.plain).await.0).await.expect("HTTP/2");
    tokio::spawn(connection);
    for pieces in [&[""][..], &["abc", ""], &["", "abc", "", ""], &["abc"]] {
        let request = Request::post(format!("http://localhost:{}/x", both.plain)).body(()).expect("a request");
        let mut client = client.clone().ready().await.expect("ready");
        let (response, mut body) = client.send_request(request, false).expect("sent");
        for (at, piece) in pieces.iter().enumerate() {
            body.send_data(piece.as_bytes().into(), at + 1 == pieces.len()).expect("sent");
        }
        assert_eq!(response.await.expect("an answer").status(), 200, "{pieces:?}");
        // On the same connection to the upstream.
        let mut other = Raw::to(both.plain).await;
        other.send("GET /next HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").await;
        assert_eq!(status(&other.rest().await), "200", "{pieces:?}");
    }
    let heads = upstream.heads();
    let begins = |head: &String| head.starts_with("POST /x ") || head.starts_with("GET /next ");
    assert!(heads.len() == 8 && heads.iter().all(begins), "{heads:?}");
}

#[tokio::test]
async fn requests_are_answered_as_over_http_1() {
    let both = both().await;
    let raw = Client::http2(&both.authority).connect("localhost", both.tls).await.expect("a connection");
    let (client, connection) = h2::client::handshake(raw.0).await.expect("HTTP/2");
    tokio::spawn(connection);
    let ask = async |uri: &str, headers: &[(&str, &str)]| {
        let mut request = Request::builder().uri(uri).header("accept", "application/json");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let mut client = client.clone().ready().await.expect("ready");
        let (response, _) = client.send_request(request.body(()).expect("a request"), true).expect("sent");
        let response = response.await?;
        let status = response.status().as_u16();
        let mut body = response.into_body();
        let mut text = Vec::new();
        while let Some(Ok(bytes)) = body.data().await {
            text.extend_from_slice(&bytes);
        }
        Ok::<_, h2::Error>((status, String::from_utf8_lossy(&text).into_owned()))
    };
    let port = both.tls;
    let (status, body) = ask(
        &format!("https://localhost:{port}/public"),
        &[("cookie", "a=1"), ("cookie", "gw_session=x"), ("cookie", "b=2")],
    )
    .await
    .expect("an answer");
    assert_eq!(status, 200);
    assert!(body.contains("a=1; b=2") && !body.contains("gw_session"), "crumbs are joined, and ours kept: {body}");
    for (uri, headers, expect) in [
        ("https://localhost/private", &[][..], 401),
        ("https://one.example/public", &[], 200),
        ("https://other.example/public", &[], 421),
        ("https://localhost/public", &[("x-forwarded-user", "evil")], 200),
    ] {
        let (status, body) = ask(uri, headers).await.unwrap_or_else(|error| panic!("{uri}: {error}"));
        assert_eq!(status, expect, "{uri}: {body}");
        assert!(!body.contains("evil"), "{body}");
    }
    // A host that is another's than the authority, and a header list that is too large.
    assert!(
        ask("https://localhost/public", &[("host", "other.example")]).await.map_or(400, |(status, _)| status) == 400
    );
    let large = "x".repeat(70_000);
    let (status, _) = ask("https://localhost/public", &[("x-large", &large)]).await.unwrap_or((431, String::new()));
    assert_eq!(status, 431);
    // Nobody is told that WebSockets would work here (RFC 8441 §3).
    assert!(!client.is_extended_connect_protocol_enabled());
}

/// A field that goes into no table (RFC 7541 6.2.2), its lengths as 5.1 has them.
pub(super) fn literal(name: &str, value: &str) -> Vec<u8> {
    let mut bytes = vec![0];
    for text in [name, value] {
        let mut length = text.len();
        if length < 127 {
            bytes.push(u8::try_from(length).expect("short"));
        } else {
            bytes.push(127);
            length -= 127;
            while length >= 128 {
                bytes.push(u8::try_from(length % 128 + 128).expect("a byte"));
                length /= 128;
            }
            bytes.push(u8::try_from(length).expect("a byte"));
        }
        bytes.extend(text.as_bytes());
    }
    bytes
}

/// S-05. Sent as frames, because no library would. (The h2 crate cuts a fragment off a path before anybody sees it: the
/// request is decided about and forwarded without.)
#[tokio::test]
async fn a_head_that_http_2_forbids_reaches_nobody() {
    let both = both().await;
    let with = |more: &[(&str, &str)]| {
        let more: Vec<u8> = more.iter().flat_map(|(name, value)| literal(name, value)).collect();
        [b"\x82\x86", &literal(":path", "/public")[..], b"\x01\x09localhost", &more].concat()
    };
    let path = |path: &str| [b"\x82\x86", &literal(":path", path)[..], b"\x01\x09localhost"].concat();
    let connect = [literal(":method", "CONNECT"), literal(":authority", "localhost:443")].concat();
    let extended = [
        literal(":method", "CONNECT"),
        literal(":protocol", "websocket"),
        literal(":scheme", "https"),
        literal(":path", "/public"),
        literal(":authority", "localhost"),
    ]
    .concat();
    for (name, head, flags) in [
        ("an upper-case name", with(&[("X-Upper", "x")]), 5),
        ("connection", with(&[("connection", "keep-alive")]), 5),
        ("transfer-encoding", with(&[("transfer-encoding", "chunked")]), 5),
        ("te", with(&[("te", "gzip")]), 5),
        ("upgrade", with(&[("upgrade", "websocket")]), 5),
        ("CRLF in a value", with(&[("x", "a\r\nx-forwarded-user: evil")]), 5),
        ("NUL in a value", with(&[("x", "a\0b")]), 5),
        ("a pseudo-field after a field", with(&[("x", "y"), (":path", "/admin")]), 5),
        ("a pseudo-field twice", with(&[(":path", "/admin")]), 5),
        ("an unknown pseudo-field", with(&[(":other", "x")]), 5),
        ("another host", with(&[("host", "other.example")]), 5),
        ("a length, and no body", with(&[("content-length", "5")]), 5),
        ("a blank in the path", path("/public x"), 5),
        ("an absolute path", path("http://other/public"), 5),
        ("no path", path(""), 5),
        ("an asterisk", path("*"), 5),
        ("no path at all", b"\x82\x86\x01\x09localhost".to_vec(), 5),
        ("CONNECT", connect, 4),
        ("extended CONNECT", extended, 4),
    ] {
        let mut raw = Raw::to(both.plain).await;
        raw.send(first_request(flags, &head)).await;
        let ended = raw.ended_stream().await;
        assert!(ended != Some(200), "{name}: {ended:?}");
    }
    assert!(both.world.app.requests().is_empty(), "{:?}", both.world.app.requests());
    let (log, metrics) = (both.world.log(), both.world.metrics().await);
    assert!(!log.contains("ERROR"), "{log}");
    // Each is counted once, by HTTP/2 or by what comes after it, and has its line.
    let counts = refusals(&metrics);
    let all: usize = counts.iter().map(|(_, count)| count).sum();
    assert_eq!(all, 19, "{counts:?}\n{log}");
    let of_http2 = counts.iter().find(|(reason, _)| *reason == "http2").map_or(0, |(_, count)| *count);
    assert!(of_http2 >= 12 && log.matches("refused=http2\n").count() == of_http2, "{counts:?}\n{log}");
}

/// S-06: four thousand bytes that stand for sixty million.
#[tokio::test]
async fn a_table_of_headers_is_no_lever() {
    let both = both().await;
    let before = both.world.resident_kib();
    for _ in 0..20 {
        let mut head = GET.to_vec();
        head.extend(b"\x40\x01x\x7f\x9d\x1e"); // a field of 3,996 bytes into the table
        head.extend([b'x'; 3996]);
        head.extend([0xbe; 12_000]); // and from there, again and again
        let mut raw = Raw::to(both.plain).await;
        raw.send(first_request(5, &head)).await;
        assert_ne!(raw.ended_stream().await, Some(200));
    }
    let grown = both.world.resident_kib().saturating_sub(before);
    // Written out they are more than a gigabyte.
    assert!(grown < 128 * 1024, "{grown} KiB more");
    assert!(both.world.app.requests().is_empty());
}

/// S-01: no upstream is left to choose between two lengths, even where they are equal.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_length_is_said_once_over_http_2() {
    let both = both().await;
    let post = |lengths: &[&str]| {
        let mut head = [literal(":method", "POST"), literal(":scheme", "http"), literal(":path", "/public")].concat();
        head.extend(literal(":authority", "localhost"));
        head.extend(lengths.iter().flat_map(|length| literal("content-length", length)));
        [first_request(4, &head), frame(DATA, 1, 1, b"abc")].concat()
    };
    // Where one of them is not the body's, HTTP/2 may reset the stream first.
    for (lengths, statuses) in [
        (&["3"][..], &[Some(200)][..]),
        (&["3", "3"], &[Some(400)]),
        (&["3", "100"], &[Some(400), None]),
        (&["100", "3"], &[Some(400), None]),
    ] {
        let mut plain = Raw::to(both.plain).await;
        plain.send(post(lengths)).await;
        let status = plain.ended_stream().await;
        assert!(statuses.contains(&status), "{lengths:?}: {status:?}");
        let mut tls = Client::http2(&both.authority).connect("localhost", both.tls).await.expect("a connection");
        tls.send(post(lengths)).await;
        let status = tls.ended_stream().await;
        assert!(statuses.contains(&status), "{lengths:?} over TLS: {status:?}");
    }
    for request in both.world.app.requests() {
        assert_eq!(request.values("content-length"), ["3"], "{request:?}");
    }
    assert_eq!(both.world.app.requests().len(), 2);
}

/// S-05: what an upstream of HTTP/1 would read in another way.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_http_2_lets_through_and_http_1_would_not_is_refused() {
    let both = both().await;
    let of_scheme = |scheme: &str| {
        let path = [literal(":method", "GET"), literal(":path", "/public")].concat();
        [path, literal(":scheme", scheme), literal(":authority", "localhost")].concat()
    };
    let with = |value: &str| [of_scheme("http"), literal("x-odd", value)].concat();
    for (head, status) in [
        (of_scheme("http"), 200),
        (of_scheme("https"), 200),
        (of_scheme("ftp"), 400),
        (with("a b"), 200),
        (with(""), 200),
        (with(" a"), 400),
        (with("a "), 400),
        (with("\ta"), 400),
        (with("a\t"), 400),
    ] {
        let mut raw = Raw::to(both.plain).await;
        raw.send(first_request(5, &head)).await;
        assert_eq!(raw.ended_stream().await, Some(status), "{}", String::from_utf8_lossy(&head));
    }
    assert_eq!(both.world.app.requests().len(), 4);
    // Around a value blanks are part of no value over HTTP/1.1 (RFC 9110 §5.5).
    let mut raw = Raw::to(both.plain).await;
    raw.send("GET /public HTTP/1.1\r\nHost: localhost\r\nX-Odd: \t a \t\r\nConnection: close\r\n\r\n").await;
    assert_eq!(status(&raw.rest().await), "200");
}

/// Requests of which each is refused for another reason, by a gateway of this public port.
fn refused_over_http_1(port: u16) -> [String; 7] {
    let (large, form) = ("x".repeat(5000), "x".repeat(120_000));
    [
        "GET / HTTP/1.1\r\nConnection: close\r\n\r\n".to_owned(),
        "TRACE / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".to_owned(),
        "GET / HTTP/1.1\r\nHost: other.example\r\nConnection: close\r\n\r\n".to_owned(),
        "POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n".to_owned(),
        format!("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5000\r\nConnection: close\r\n\r\n{large}"),
        format!(
            "POST /.gateway/sign-in HTTP/1.1\r\nHost: localhost\r\nOrigin: http://localhost:{port}\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 120000\r\nConnection: close\r\n\r\n{form}"
        ),
        "GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1, 1\r\n\r\n".to_owned(),
    ]
}

#[tokio::test]
async fn a_byte_that_no_target_holds_is_refused_as_over_http_1() {
    let both = both().await;
    for path in ["/public/\"x\"", "/public/x\""] {
        let head = [&b"\x82\x86"[..], &literal(":path", path), &literal(":authority", "localhost")].concat();
        let mut raw = Raw::to(both.plain).await;
        raw.send(first_request(5, &head)).await;
        assert_eq!(raw.ended_stream().await, Some(400), "{path}");
    }
    assert_eq!(refusals(&both.world.metrics().await), [("target", 2)]);
}

/// Every request that was refused stands in the log with its reason and its host, however far it came.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_refusal_has_its_reason_in_the_metrics_and_in_the_log() {
    let both = both_with(
        "\n[[route]]\nupstream = \"APP\"\nallow = \"public\"\nmax_body = \"1 KiB\"\n\
         [[route]]\nhost = \"one.example\"\nupstream = \"APP\"\nallow = \"public\"\n",
    )
    .await;
    for request in refused_over_http_1(both.world.port) {
        let mut raw = Raw::to(both.plain).await;
        raw.send(request).await;
        raw.rest().await;
    }
    let head = |method: &str, more: Vec<u8>| {
        let mut head = [literal(":method", method), literal(":authority", "localhost")].concat();
        if method != "CONNECT" {
            head = [literal(":scheme", "http"), literal(":path", "/"), head].concat();
        }
        first_request(5, &[head, more].concat())
    };
    for bytes in [
        head("GET", literal("a", "b").repeat(300)),
        head("GET", literal("connection", "close")),
        head("CONNECT", Vec::new()),
    ] {
        let mut raw = Raw::to(both.plain).await;
        raw.send(bytes).await;
        raw.ended_stream().await;
    }
    let mut raw = Client::of(&both.authority).connect("localhost", both.tls).await.expect("a connection");
    raw.send("GET / HTTP/1.1\r\nHost: one.other\r\nConnection: close\r\n\r\n").await;
    raw.rest().await;
    let expected = [
        ("bad_request", 1),
        ("body_too_large", 1),
        ("chunk", 1),
        ("content_length", 1),
        ("form_too_large", 1),
        ("head_too_large", 1),
        ("http2", 1),
        ("method", 2),
        ("misdirected", 1),
        ("unknown_host", 1),
    ];
    both.until_refused(expected.iter().map(|(_, count)| count).sum()).await;
    let metrics = both.world.metrics().await;
    assert_eq!(refusals(&metrics), expected);
    let log = both.world.log();
    for (reason, count) in expected {
        assert_eq!(log.matches(&format!(" refused={reason}\n")).count(), count, "{reason}: {log}");
    }
}

/// A head that is too large is refused by HTTP/2 itself, with 431: so it is counted and logged, once, whether or not a body
/// follows. What ends without a status has none in the log either.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_head_that_is_too_large_is_logged_and_counted_as_what_it_was_answered() {
    let both = both().await;
    let large = [GET.to_vec(), literal("x", &"y".repeat(70_000))].concat();
    let request = |ends: u8| {
        let (first, rest) = large.split_at(16_000);
        let mut bytes = [PREFACE, &frame(SETTINGS, 0, 0, &[]), &frame(HEADERS, ends, 1, first)].concat();
        let pieces: Vec<&[u8]> = rest.chunks(16_000).collect();
        for (at, piece) in pieces.iter().enumerate() {
            bytes.extend(frame(CONTINUATION, if at + 1 == pieces.len() { 4 } else { 0 }, 1, piece));
        }
        bytes
    };
    for ends in [0, 1] {
        let mut plain = Raw::to(both.plain).await;
        plain.send(request(ends)).await;
        assert_eq!(plain.ended_stream().await, Some(431));
        let mut tls = Client::http2(&both.authority).connect("localhost", both.tls).await.expect("a connection");
        tls.send(request(ends)).await;
        assert_eq!(tls.ended_stream().await, Some(431));
    }
    let mut raw = Raw::to(both.plain).await;
    raw.send(first_request(5, &[GET.to_vec(), literal("connection", "close")].concat())).await;
    raw.ended_stream().await;
    drop(raw);
    let expected = [("head_too_large", 4), ("http2", 1)];
    both.until_refused(5).await;
    assert_eq!(refusals(&both.world.metrics().await), expected);
    let log = both.world.log();
    assert_eq!(log.matches(" status=431 ").count(), 4, "{log}");
    assert_eq!(log.matches(" refused=head_too_large\n").count(), 4, "{log}");
    let without_status = log.lines().filter(|line| line.ends_with("refused=http2") && line.contains(" status=0 "));
    assert_eq!(without_status.count(), 1, "{log}");
}

/// A client that speaks HTTP/2 as it should.
async fn client(
    both: &Both,
) -> (h2::client::SendRequest<bytes::Bytes>, tokio::task::JoinHandle<Result<(), h2::Error>>) {
    let raw = Client::http2(&both.authority).connect("localhost", both.tls).await.expect("a connection");
    let (client, connection) = h2::client::handshake(raw.0).await.expect("HTTP/2");
    (client, tokio::spawn(connection))
}

/// S-04: an event stream over HTTP/2 ends with its session, and the connection goes on.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_ends_with_the_session_it_was_opened_with_and_the_others_go_on() {
    let events = Upstream::of_events();
    let route = events.route("/events", "").replace("\"public\"", "\"signed-in\"");
    let more = "[[route]]\npath = \"/public\"\nupstream = \"APP\"\nallow = \"public\"\n[[route]]\nupstream = \"APP\"\n";
    let world = World::with(&format!("h2c = true\n{route}{more}"), &[]).await;
    let mut visitor = Visitor::new(&world);
    visitor.sign_in("/reports", "password@example.com").await;
    let cookies = visitor.cookie_line();
    let (client, connection) = h2::client::handshake(Raw::to(world.port).await.0).await.expect("HTTP/2");
    tokio::spawn(connection);
    let get = |path: &str| {
        let uri = format!("http://localhost:{}{path}", world.port);
        Request::builder().uri(uri).header("cookie", &cookies).body(()).expect("a request")
    };
    let mut sender = client.clone().ready().await.expect("ready");
    let (response, _) = sender.send_request(get("/events"), true).expect("sent");
    let response = response.await.expect("an answer");
    assert_eq!(response.status(), 200);
    let mut body = response.into_body();
    assert!(body.data().await.is_some_and(|data| data.is_ok()), "it goes on while the session lives");
    let view = visitor.visit("/.gateway/sign-out").await;
    visitor.choose(&view, "Sign out").await;
    let ends = async {
        while let Some(Ok(data)) = body.data().await {
            let _ = body.flow_control().release_capacity(data.len());
        }
    };
    assert!(tokio::time::timeout(Duration::from_secs(15), ends).await.is_ok(), "the stream goes on");
    let mut sender = client.ready().await.expect("ready");
    let (response, _) = sender.send_request(get("/public"), true).expect("sent");
    assert_eq!(response.await.expect("an answer").status(), 200);
}

/// Waits for the end of a connection: by a GOAWAY that is no error, or, where this process stood still meanwhile, because
/// the other side did not wait for its answer to that.
async fn told_to_go(connection: tokio::task::JoinHandle<Result<(), h2::Error>>) {
    if let Err(error) = connection.await.expect("it ends") {
        assert!(error.is_io(), "{error}");
    }
}

/// Before the listeners close, clients are told to go elsewhere, and what is under way ends.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn asked_to_end_it_sends_clients_elsewhere_and_finishes_their_streams() {
    let mut both = both().await;
    let (client, connection) = client(&both).await;
    let (idle, idle_connection) = self::client(&both).await;
    let mut sender = client.ready().await.expect("ready");
    let slow = Request::builder().uri("https://localhost/public/slow?ms=2000").body(()).expect("a request");
    let (response, _) = sender.send_request(slow.map(|()| ()), true).expect("sent");
    both.world.until_asked(1).await;
    both.world.signal("TERM");
    told_to_go(idle_connection).await;
    let is_listening = std::net::TcpStream::connect(("127.0.0.1", both.tls)).is_ok();
    assert!(is_listening, "clients are told before the listeners close");
    drop(idle);
    assert_eq!(response.await.expect("an answer").status(), 200);
    drop(sender);
    told_to_go(connection).await;
    assert!(both.world.end(Duration::from_secs(20)).await.is_some_and(|status| status.success()));
}

/// S-07: a body that stops coming is a 408, whoever would be waited for, over HTTP/2 as over HTTP/1.1.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_upload_that_pauses_and_an_answer_that_nobody_reads_end() {
    let routes = "\n[[route]]\npath = \"/short\"\nupstream = \"APP\"\nallow = \"public\"\ntimeout_seconds = 2\n\
         [[route]]\nupstream = \"APP\"\nallow = \"public\"\n";
    let both = both_with(routes).await;
    let http1 = async {
        let mut raw = Raw::to(both.plain).await;
        let fields = "Content-Type: text/plain\r\nContent-Length: 100\r\n";
        raw.send(format!("POST /short HTTP/1.1\r\nHost: localhost\r\n{fields}\r\nbeginning")).await;
        let began = std::time::Instant::now();
        let answer = tokio::time::timeout(Duration::from_secs(80), async {
            let mut text = String::new();
            tokio::io::AsyncReadExt::read_to_string(&mut raw.0, &mut text).await.map(|_| text)
        });
        (answer.await.expect("an answer").expect("text"), began.elapsed())
    };
    let http2 = async {
        let (client, _connection) = client(&both).await;
        let mut sender = client.ready().await.expect("ready");
        let post = Request::builder().method("POST").uri("https://localhost/short").body(()).expect("a request");
        let (response, mut body) = sender.send_request(post, false).expect("sent");
        let began = std::time::Instant::now();
        body.send_data(bytes::Bytes::from_static(b"beginning"), false).expect("sent");
        (response.await.expect("an answer").status(), began.elapsed())
    };
    // And an answer that nobody reads, while the connection lives.
    let unread = async {
        let (client, _connection) = client(&both).await;
        let mut sender = client.ready().await.expect("ready");
        let get = Request::builder().uri("https://localhost/bytes?n=10000000").body(()).expect("a request");
        let (response, _) = sender.send_request(get, true).expect("sent");
        let mut body = response.await.expect("an answer").into_body();
        while let Some(data) = body.data().await {
            if let Err(error) = data {
                return error.reason();
            }
        }
        panic!("the answer had an end");
    };
    let unread = tokio::time::timeout(Duration::from_secs(100), unread);
    let ((answer, took), (status, took_http2), reset) = tokio::join!(http1, http2, unread);
    assert!(reset.expect("the stream ends").is_some());
    assert_eq!(self::status(&answer), "408", "{answer}");
    assert_eq!(status, 408);
    for took in [took, took_http2] {
        assert!(took > Duration::from_secs(55), "the upstream's two seconds are not the client's: {took:?}");
    }
    let metrics = both.world.metrics().await;
    assert!(metrics.contains("gateway_requests_refused_total{reason=\"body_timeout\"} 2\n"), "{metrics}");
}
