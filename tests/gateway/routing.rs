//! Which route a request takes, what a route does with it, and that `explain` says the same.

use std::io::Write as _;

use http::HeaderValue;

use crate::explain::explain;
use crate::proxying::{raw, report};
use crate::raw::Raw;
use crate::sign_in::header;
use crate::upstream::{connect, rest_of};
use crate::world::World;

/// One route: its name, what it matches, and what else it says.
fn route(name: &str, more: &str) -> String {
    format!("\n[[route]]\nname = \"{name}\"\n{more}\n")
}

/// A public route to the app.
fn open(name: &str, more: &str) -> String {
    route(name, &format!("upstream = \"APP\"\nallow = \"public\"\n{more}"))
}

fn request(world: &World, line: &str, headers: &str) -> String {
    let port = world.port;
    raw(world, format!("{line} HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: close\r\n{headers}\r\n").as_bytes())
}

fn location(answer: &str) -> Option<&str> {
    answer.lines().find_map(|line| line.strip_prefix("Location: ").or(line.strip_prefix("location: ")))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_most_exact_route_is_taken_and_explain_says_which() {
    let fixed = |name: &str, more: &str| {
        route(name, &format!("allow = \"public\"\nrespond = {{ status = 200, body = \"this is {name}\" }}\n{more}"))
    };
    let routes = [
        fixed("home", ""),
        fixed("api", "path = \"/api\""),
        fixed("api-writes", "path = \"/api\"\nmethods = [\"POST\", \"PUT\"]"),
        fixed("exact", "path_exact = \"/api/v1\""),
        fixed("users", "path_regex = \"/api/users/[0-9]+\""),
        fixed("scripts", "path_regex = '.*\\.js'"),
        fixed("reads", "path = \"/reads\"\nmethods = [\"GET\"]"),
        fixed("host", "host = \"localhost\"\npath = \"/api/host\""),
        fixed("below", "host = \"*.localhost\"\npath = \"/api\""),
    ];
    let world = World::with(&routes.concat(), &[]).await;
    for (method, host, path, name) in [
        ("GET", "localhost", "/", "home"),
        ("GET", "localhost", "/apiary", "home"),
        ("GET", "localhost", "/api", "api"),
        ("GET", "localhost", "/api/x", "api"),
        ("POST", "localhost", "/api/x", "api-writes"),
        ("GET", "localhost", "/api/v1", "exact"),
        ("GET", "localhost", "/api/v1/x", "api"),
        ("GET", "localhost", "/api/users/7", "users"),
        ("GET", "localhost", "/api/users/7/x", "api"),
        ("GET", "localhost", "/api/users/seven", "api"),
        ("GET", "localhost", "/a.js", "scripts"),
        ("GET", "localhost", "/api/a.js", "api"),
        ("HEAD", "localhost", "/reads", "reads"),
        ("GET", "localhost", "/api/host", "host"),
    ] {
        let answer = raw(
            &world,
            format!("{method} {path} HTTP/1.1\r\nHost: {host}:{}\r\nConnection: close\r\n\r\n", world.port).as_bytes(),
        );
        assert!(answer.starts_with("HTTP/1.1 200"), "{method} {path}: {answer}");
        assert!(method == "HEAD" || answer.ends_with(&format!("this is {name}")), "{method} {host}{path}: {answer}");
        let text = explain(&world, &[method, &format!("http://{host}:{}{path}", world.port)]);
        assert!(text.contains(&format!("route     {name} → 200, as configured")), "{method} {host}{path}: {text}");
        assert!(
            text.contains(&format!("asked     1. {name}: ")) || name == "api-writes",
            "{method} {host}{path}: {text}"
        );
    }
    let refused = request(&world, "POST /reads", "Content-Length: 0\r\n");
    assert!(
        refused.starts_with("HTTP/1.1 405") && refused.to_ascii_lowercase().contains("\r\nallow: get, head\r\n"),
        "{refused}"
    );
    let text = explain(&world, &["POST", "/reads"]);
    assert!(text.contains("anybody   405: no route takes that method there; GET, HEAD would be"), "{text}");
}

/// P-10, P-12.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_forwarded_is_what_was_decided_about() {
    let routes = [
        open("stripped", "path = \"/stripped\"\nstrip_prefix = true"),
        open("replaced", "path = \"/old\"\nrewrite = { regex = \"/old/(.*)\", replacement = \"/new/$1\" }"),
        open("deep", "path = \"/deep/er\"\nstrip_prefix = \"/deep\""),
        open("scripts", "path_regex = '.*\\.js'"),
        route("admin", "upstream = \"APP\"\npath = \"/admin\"\nallow = { groups = [\"admins\"] }"),
        route("news", "upstream = \"APP\"\npath = \"/new/secret\"\nallow = { groups = [\"admins\"] }"),
        // Another server: what it asks for at the same path is its own matter.
        route("else", "upstream = \"http://127.0.0.1:9\"\npath = \"/elsewhere\"\nallow = { groups = [\"admins\"] }"),
    ];
    let world = World::with(&routes.concat(), &[]).await;
    for (path, forwarded, prefix) in [
        ("/stripped/x?a=%2F", "/x?a=%2F", Some("/stripped")),
        ("/stripped", "/", Some("/stripped")),
        ("/stripped/elsewhere", "/elsewhere", Some("/stripped")),
        ("/stripped//x", "//x", Some("/stripped")),
        ("/old/a/b?c", "/new/a/b?c", None),
        ("/deep/er/x", "/er/x", Some("/deep")),
    ] {
        let answer =
            request(&world, &format!("GET {path}"), "Accept: application/json\r\nX-Forwarded-Prefix: /forged\r\n");
        let report = report(&answer);
        assert_eq!(report["target"], forwarded, "{path}: {report}");
        let told: Vec<&str> = prefix.into_iter().collect();
        assert_eq!(header(&report, "x-forwarded-prefix"), told, "{path}");
    }
    let reached = world.app.requests().len();
    for path in [
        "/stripped/admin",
        "/stripped/admin/x",
        "/stripped/%61dmin",
        "/stripped/ADMIN",
        "/stripped//admin",
        "/stripped//x/admin",
        "/stripped/\\x/admin",
        "/stripped/x/../admin",
        "/stripped/x/..;/admin",
        "/old/secret",
        "/old/x/%2e%2e/secret",
        "/admin/x.js",
        "/admin;.js",
        "/admin%3f.js",
    ] {
        let answer = request(&world, &format!("GET {path}"), "Accept: application/json\r\n");
        assert!(answer.starts_with("HTTP/1.1 401"), "{path}: {answer}");
        let text = explain(&world, &["GET", path]);
        assert!(text.contains("visitor   nobody: 401"), "{path}: {text}");
    }
    assert_eq!(world.app.requests().len(), reached, "the app was reached");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_route_without_an_upstream_answers_itself_and_only_whom_it_may() {
    let routes = [
        route("moved", "path = \"/moved\"\nallow = \"public\"\nredirect = \"https://new.example.com{uri}\""),
        route(
            "there",
            "path = \"/there\"\nallow = \"public\"\nredirect = { to = \"/here?from={path}\", status = 308 }",
        ),
        route("gone", "path = \"/gone\"\nallow = \"public\"\nrespond = { status = 410, body = \"It is gone.\\n\" }"),
        route("closed", "path = \"/closed\"\nredirect = \"https://new.example.com/\""),
        open("app", ""),
    ];
    let world = World::with(&routes.concat(), &[]).await;
    let moved = request(&world, "GET /moved//evil.example?a=b", "");
    assert!(moved.starts_with("HTTP/1.1 302"), "{moved}");
    assert_eq!(location(&moved), Some("https://new.example.com/moved//evil.example?a=b"));
    let there = request(&world, "POST /there/x?y", "Content-Length: 0\r\n");
    assert_eq!((&there[..12], location(&there)), ("HTTP/1.1 308", Some("/here?from=/there/x")));
    let gone = request(&world, "GET /gone", "");
    assert!(gone.starts_with("HTTP/1.1 410") && gone.ends_with("It is gone.\n"), "{gone}");
    let closed = request(&world, "GET /closed", "Accept: application/json\r\n");
    assert!(closed.starts_with("HTTP/1.1 401") && !closed.contains("new.example.com"), "{closed}");
    assert!(world.app.requests().is_empty());
}

/// No length is told of a body that the status does not have (RFC 9110 8.6), and the connection goes on after it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_status_without_a_body_ends_its_answer_in_http_1_and_in_http_2() {
    let fixed = |status: u16| {
        route(
            &status.to_string(),
            &format!("path = \"/{status}\"\nallow = \"public\"\nrespond = {{ status = {status} }}"),
        )
    };
    let world = World::with(&format!("h2c = true\n{}", [204, 205, 304].map(fixed).concat()), &[]).await;
    let (mut http1, http2) = (Raw::to(world.port).await, Raw::to(world.port).await);
    let (mut http2, connection) = h2::client::handshake(http2.0).await.expect("HTTP/2");
    tokio::spawn(connection);
    for (status, length) in [(204_u16, None), (304, None), (205, Some("0")), (204, None)] {
        let target = format!("http://localhost:{}/{status}", world.port);
        let request = http::Request::get(&target).body(()).expect("a request");
        http2 = http2.ready().await.expect("the connection goes on");
        let (head, mut body) =
            http2.send_request(request, true).expect("sent").0.await.expect("an answer").into_parts();
        assert_eq!(
            (head.status.as_u16(), head.headers.get("content-length")),
            (status, length.map(HeaderValue::from_static).as_ref())
        );
        assert!(body.data().await.is_none_or(|data| data.is_ok()), "{status}: the stream ends without an error");
        http1.send(format!("GET /{status} HTTP/1.1\r\nHost: localhost:{}\r\n\r\n", world.port)).await;
        let head = http1.answer().await.to_ascii_lowercase();
        assert!(head.starts_with(&format!("http/1.1 {status} ")), "{head}");
        let told = head.lines().find_map(|line| line.strip_prefix("content-length: "));
        assert!(told == length && !head.contains("transfer-encoding"), "{head}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_has_no_more_bytes_than_its_route_takes() {
    let world = World::with(&open("app", "max_body = \"1 KiB\""), &[]).await;
    let body = |size: usize| "a".repeat(size);
    let length = |size: usize| format!("Content-Length: {size}\r\n\r\n{}", body(size));
    let chunked = |size: usize| format!("Transfer-Encoding: chunked\r\n\r\n{size:x}\r\n{}\r\n0\r\n\r\n", body(size));
    for (framed, status) in [(length(1024), 200), (length(1025), 413), (chunked(1024), 200), (chunked(1025), 413)] {
        let mut stream = connect(world.port);
        let head = format!("POST /x HTTP/1.1\r\nHost: localhost:{}\r\nConnection: close\r\n", world.port);
        stream.write_all((head + &framed).as_bytes()).expect("the request is sent");
        let answer = rest_of(&mut stream);
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{status}: {answer}");
    }
    let metrics = world.metrics().await;
    assert!(metrics.contains("gateway_requests_refused_total{reason=\"body_too_large\"} 2"), "{metrics}");
}
