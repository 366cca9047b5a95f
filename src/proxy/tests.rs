//! The adapter, over memory instead of sockets: bytes in, bytes out, and what an upstream would be sent.

use std::time::Duration;

use pingora::http::RequestHeader;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream};

use super::*;
use crate::access::policy::tests::member_of;
use crate::gateway::tests::{cookie_of, gateway};
use crate::limits::ConnectionLimits;

pub(crate) fn runtime() -> Runtime {
    Runtime {
        gateway: gateway(),
        pools: Vec::new(),
        connections: ConnectionLimits { in_all: 10, of_address: 10, to_upstreams: 10 },
        trusted_proxies: crate::web::TrustedProxies::default(),
        access_log: None,
        tls: None,
        certificate_headers: crate::headers::CertificateHeaders::None,
        redirects_http: false,
        h2c: false,
        store: None,
        hsts: None,
        drain: Duration::ZERO,
        grace: Duration::ZERO,
    }
}

fn proxy() -> Proxy {
    Proxy::new(Current::new(runtime()), Arc::default(), Draining::default())
}

/// A session that has read `bytes`, and the other end of its connection.
async fn session(bytes: &str) -> (Session, DuplexStream) {
    let (ours, mut theirs) = tokio::io::duplex(256 * 1024);
    theirs.write_all(bytes.as_bytes()).await.expect("written");
    let mut session = Session::new_h1(Box::new(ours));
    assert!(session.read_request().await.expect("a request"));
    (session, theirs)
}

/// What is answered to `bytes`; none when they would be forwarded.
async fn answered(proxy: &Proxy, bytes: &str) -> Option<String> {
    let (mut session, mut theirs) = session(bytes).await;
    let mut flight = proxy.new_ctx();
    proxy.early_request_filter(&mut session, &mut flight).await.expect("filtered");
    let done = proxy.request_filter(&mut session, &mut flight).await.expect("filtered");
    drop(session);
    let mut answer = String::new();
    theirs.read_to_string(&mut answer).await.expect("text");
    done.then_some(answer)
}

/// The head that an upstream would be sent for `bytes`.
async fn forwarded(proxy: &Proxy, bytes: &str) -> RequestHeader {
    let (mut session, _theirs) = session(bytes).await;
    let mut flight = proxy.new_ctx();
    assert!(!proxy.request_filter(&mut session, &mut flight).await.expect("filtered"), "it would be answered");
    let mut head = session.req_header().clone();
    proxy.upstream_request_filter(&mut session, &mut head, &mut flight).await.expect("filtered");
    head
}

fn values<'h>(head: &'h RequestHeader, name: &str) -> Vec<&'h str> {
    head.headers.get_all(name).iter().map(|value| value.to_str().expect("text")).collect()
}

async fn signed_in(proxy: &Proxy, groups: &[&str]) -> String {
    cookie_of(&proxy.current.get().gateway, member_of(groups), crate::time::now()).await
}

#[tokio::test]
async fn a_page_visit_without_a_session_is_redirected() {
    let answer =
        answered(&proxy(), "GET /reports?x=1 HTTP/1.1\r\nHost: localhost:8080\r\nAccept: text/html\r\n\r\n").await;
    let answer = answer.expect("answered");
    assert!(answer.starts_with("HTTP/1.1 303 See Other\r\n"), "{answer}");
    assert!(answer.contains("/.gateway/sign-in?return=%2Freports%3Fx%3D1\r\n"), "{answer}");
    assert!(!answer.to_lowercase().contains("\r\nserver:"), "{answer}");
}

#[tokio::test]
async fn an_upstream_is_told_who_asks_and_nothing_that_was_forged() {
    let proxy = proxy();
    let cookie = signed_in(&proxy, &["staff", "admins"]).await;
    let head = forwarded(
        &proxy,
        &format!(
            "GET /reports HTTP/1.1\r\nHost: localhost:8080\r\nX-Forwarded-User: evil\r\nx_forwarded_user: evil\r\n\
             X.Forwarded.Groups: evil\r\nX-Forwarded-For: 6.6.6.6\r\nX-Real-IP: 6.6.6.6\r\nForwarded: for=6.6.6.6\r\n\
             X-Original-URL: /admin\r\nX-Request-Id: evil\r\nReferer: http://localhost:8080/.gateway/flow/abc?x\r\n\
             Cookie: a=1; {cookie}; b=2\r\nAuthorization: Bearer theirs\r\n\r\n"
        ),
    )
    .await;
    assert_eq!(values(&head, "x-forwarded-user"), ["00u1"]);
    assert_eq!(values(&head, "x-forwarded-groups"), ["staff,admins"]);
    assert_eq!(values(&head, "cookie"), ["a=1; b=2"]);
    assert_eq!(values(&head, "x-forwarded-proto"), ["http"]);
    assert_eq!(values(&head, "x-forwarded-port"), ["8080"]);
    assert_eq!(values(&head, "x-forwarded-host"), ["localhost:8080"]);
    assert_eq!(values(&head, "host"), ["localhost:8080"]);
    assert_eq!(values(&head, "authorization"), ["Bearer theirs"], "the application's own business");
    for gone in [
        "x_forwarded_user",
        "x.forwarded.groups",
        "forwarded",
        "x-original-url",
        "referer",
        "x-forwarded-for",
        "x-real-ip",
    ] {
        assert!(!head.headers.contains_key(gone), "{gone}");
    }
    assert!(head.headers.iter().all(|(_, value)| !value.as_bytes().windows(4).any(|part| part == b"evil")), "{head:?}");
}

/// What an application makes links of is not for a visitor to choose.
#[tokio::test]
async fn another_port_reaches_no_upstream() {
    let head = forwarded(&proxy(), "GET /public HTTP/1.1\r\nHost: localhost:1\r\n\r\n").await;
    assert_eq!(values(&head, "x-forwarded-host"), ["localhost:8080"]);
    assert_eq!(values(&head, "host"), ["localhost:8080"]);
}

/// H-03, H-04.
#[tokio::test]
async fn what_was_forged_goes_on_public_routes_and_without_a_session_too() {
    let proxy = proxy();
    for method in ["GET", "OPTIONS"] {
        let head = forwarded(&proxy, &format!("{method} /public HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-User: evil\r\nX_Forwarded_Groups: evil\r\n\r\n")).await;
        assert!(
            !head.headers.contains_key("x-forwarded-user") && !head.headers.contains_key("x_forwarded_groups"),
            "{method}"
        );
    }
}

/// P-08.
#[tokio::test]
async fn the_absolute_form_goes_out_as_the_path_that_was_decided_about() {
    let head = forwarded(&proxy(), "GET http://localhost/public?x=1 HTTP/1.1\r\nHost: localhost\r\n\r\n").await;
    assert_eq!(head.raw_path(), b"/public?x=1");
}

#[tokio::test]
async fn what_can_be_read_in_two_ways_is_refused_and_the_connection_closed() {
    let proxy = proxy();
    for (request, status) in [
        ("GET /public HTTP/1.1\r\nHost: x, y\r\n\r\n", "400"),
        ("GET /public HTTP/1.1\r\n\r\n", "400"),
        ("TRACE /public HTTP/1.1\r\nHost: localhost\r\n\r\n", "405"),
        ("OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n", "400"),
        ("GET /public/%c0%af HTTP/1.1\r\nHost: localhost\r\n\r\n", "400"),
    ] {
        let answer = answered(&proxy, request).await.unwrap_or_default();
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{request}\n{answer}");
    }
    let answer = answered(&proxy, "TRACE / HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap_or_default();
    assert!(answer.contains("\r\nConnection: close\r\n"), "{answer}");
}

#[tokio::test]
async fn a_form_of_ours_has_a_size() {
    let proxy = proxy();
    let form = |length: usize| {
        format!(
            "POST /.gateway/sign-out HTTP/1.1\r\nHost: localhost:8080\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {length}\r\n\r\n"
        )
    };
    let told = answered(&proxy, &(form(10_000_000) + &"a".repeat(100_000))).await.unwrap_or_default();
    assert!(told.starts_with("HTTP/1.1 413 ") && told.contains("\r\nConnection: close\r\n"), "{told}");
    let chunked = form(0).replace("Content-Length: 0", "Transfer-Encoding: chunked")
        + "19000\r\n"
        + &"a".repeat(0x19000)
        + "\r\n0\r\n\r\n";
    let told = answered(&proxy, &chunked).await.unwrap_or_default();
    assert!(told.starts_with("HTTP/1.1 413 "), "{told}");
    let told = answered(&proxy, &(form(3) + "a=1")).await.unwrap_or_default();
    assert!(told.starts_with("HTTP/1.1 403 "), "a form from nowhere: {told}");
}

#[tokio::test(start_paused = true)]
async fn a_form_that_does_not_come_is_not_waited_for() {
    let request = "POST /.gateway/sign-out HTTP/1.1\r\nHost: localhost:8080\r\nContent-Length: 10\r\n\r\nabc";
    let told = answered(&proxy(), request).await.unwrap_or_default();
    assert!(told.starts_with("HTTP/1.1 408 "), "{told}");
}

#[tokio::test]
async fn whoever_waits_to_send_a_form_is_told_to_go_on() {
    let request = "POST /.gateway/sign-out HTTP/1.1\r\nHost: localhost:8080\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\na=1";
    let told = answered(&proxy(), request).await.unwrap_or_default();
    assert!(told.starts_with("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 403 "), "{told}");
}

fn response(headers: &[(&'static str, &str)]) -> ResponseHeader {
    let mut response = ResponseHeader::build(200, None).expect("a response");
    for (name, value) in headers {
        response.append_header(*name, *value).expect("a header");
    }
    response
}

async fn flight(proxy: &Proxy, bytes: &str) -> (Session, Box<InFlight>) {
    let (mut session, _theirs) = session(bytes).await;
    let mut flight = proxy.new_ctx();
    assert!(!proxy.request_filter(&mut session, &mut flight).await.expect("filtered"));
    (session, flight)
}

/// H-15.
#[tokio::test]
async fn an_upstream_sets_its_own_cookies_and_not_ours() {
    let proxy = proxy();
    let (mut session, mut flight) = flight(&proxy, "GET /public HTTP/1.1\r\nHost: localhost\r\n\r\n").await;
    let mut response = response(&[("Set-Cookie", "a=1"), ("Set-Cookie", "gw_session=x"), ("Set-Cookie", "b=2")]);
    proxy.response_filter(&mut session, &mut response, &mut flight).await.expect("filtered");
    let cookies: Vec<&[u8]> = response.headers.get_all("set-cookie").iter().map(|value| value.as_bytes()).collect();
    assert_eq!(cookies, [&b"a=1"[..], b"b=2"]);
}

/// W-01.
#[tokio::test]
async fn what_was_made_for_one_visitor_is_kept_for_nobody_else() {
    let proxy = proxy();
    let fresh = signed_in(&proxy, &[]).await;
    let hour_old = cookie_of(
        &proxy.current.get().gateway,
        member_of(&[]),
        crate::time::Instant::from_seconds(crate::time::now().seconds() - 1800),
    )
    .await;
    let targeted = ["CDN-Cache-Control", "Cloudflare-CDN-Cache-Control", "Surrogate-Control", "Edge-Control"]
        .map(|name| (name, "max-age=600"));
    for (cookie, headers, control) in [
        ("a=1", &[][..], None),
        (fresh.as_str(), &[], Some("private")),
        (&fresh, &[("Cache-Control", "max-age=60")], Some("private, max-age=60")),
        (&fresh, &[("Cache-Control", "public, max-age=60")], Some("public, max-age=60")),
        (&hour_old, &[("Cache-Control", "public, max-age=60")], Some("private, no-cache")),
        (&hour_old, &targeted, Some("private, no-cache")),
        (&fresh, &targeted, Some("private")),
    ] {
        let request = format!("GET /public HTTP/1.1\r\nHost: localhost\r\nCookie: {cookie}\r\n\r\n");
        let (mut session, mut flight) = flight(&proxy, &request).await;
        let mut response = response(headers);
        proxy.response_filter(&mut session, &mut response, &mut flight).await.expect("filtered");
        let told = response.headers.get("cache-control").and_then(|value| value.to_str().ok());
        assert_eq!(told, control, "{cookie}");
        // RFC 9213 §2.2: a cache that one of these is for looks at no other field.
        let is_kept = targeted.map(|(name, _)| response.headers.contains_key(name));
        assert_eq!(is_kept, [headers == targeted && cookie == fresh; 4], "{cookie}");
    }
}

/// D-05.
#[tokio::test]
async fn a_panic_is_one_answer_that_failed() {
    let later = async {
        tokio::task::yield_now().await;
        panic!("on purpose");
    };
    assert!(AssertUnwindSafe(later).catch_unwind().await.is_err());
}

#[tokio::test]
async fn without_a_permit_nothing_is_forwarded() {
    let proxy = proxy();
    let (mut session, _theirs) = session("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n").await;
    let mut flight = proxy.new_ctx();
    assert!(proxy.upstream_peer(&mut session, &mut flight).await.is_err());
    let mut head = session.req_header().clone();
    assert!(proxy.upstream_request_filter(&mut session, &mut head, &mut flight).await.is_err());
}

#[tokio::test]
async fn an_upstream_that_fails_is_told_on_a_page() {
    let proxy = proxy();
    for (error, status) in [
        (Error::explain(ErrorType::ConnectRefused, "x").into_up(), "502"),
        (Error::explain(ErrorType::ReadTimedout, "x").into_up(), "504"),
        (Error::explain(ErrorType::ConnectTimedout, "x").into_up(), "504"),
        (Error::explain(ErrorType::InvalidHTTPHeader, "x"), "400"),
        (Error::explain(ErrorType::ReadTimedout, "x"), "408"),
        (Error::explain(ErrorType::InternalError, "x"), "500"),
    ] {
        let (mut session, mut theirs) =
            session("GET /public HTTP/1.1\r\nHost: localhost\r\nAccept: text/html\r\n\r\n").await;
        let mut flight = proxy.new_ctx();
        proxy.fail_to_proxy(&mut session, &error, &mut flight).await;
        drop(session);
        let mut answer = String::new();
        theirs.read_to_string(&mut answer).await.expect("text");
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")) && answer.contains("text/html"), "{answer}");
        assert!(!answer.contains("127.0.0.1:9001"), "W-08: {answer}");
    }
}
