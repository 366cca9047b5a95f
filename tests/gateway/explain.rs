//! `idx-gateway explain` says what a request then meets.

use std::io::Write as _;
use std::process::Command;

use crate::proxying::raw;
use crate::upstream::connect;
use crate::world::World;

pub(crate) fn explain(world: &World, arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_idx-gateway"))
        .arg("explain")
        .args(arguments)
        .arg("--config")
        .arg(world.path("gateway.toml"))
        .output()
        .expect("explain runs");
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_explained_is_what_happens() {
    let world = World::new().await;
    for (path, header, said, status) in [
        ("/public/x", "Accept: text/html", "visitor   nobody: forwarded: everybody may", "200"),
        ("/reports", "Accept: text/html", "visitor   nobody: 303: to the sign-in page", "303"),
        ("/reports", "Accept: application/json", "visitor   nobody: 401: somebody must sign in", "401"),
        ("/public/..;/admin", "Accept: application/json", "visitor   nobody: 401: somebody must sign in", "401"),
        ("/public/%c0%af", "Accept: */*", "anybody   400: ", "400"),
        ("/public", "Host: evil.example", "anybody   421: no request for this host", "421"),
        ("/.gateway/ping", "Accept: */*", "anybody   200: says nothing", "200"),
        ("/.gateway/nothing", "Service-Worker: script", "ours      the gateway's own: 404", "404"),
    ] {
        let host = header.strip_prefix("Host: ").map_or(format!("localhost:{}", world.port), str::to_owned);
        let (address, header) = match header.starts_with("Host") {
            true => (format!("http://{host}{path}"), "Accept: */*"),
            false => (path.to_owned(), header),
        };
        let text = explain(&world, &["GET", &address, "-H", header]);
        assert!(text.contains(said), "{path}: {text}");
        let request = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\n{header}\r\nConnection: close\r\n\r\n");
        let answer = raw(&world, request.as_bytes());
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{path}: {answer}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn readings_routes_visitors_and_headers_are_explained() {
    let world = World::new().await;
    let address = format!("http://localhost:{}/public/..;/admin", world.port);
    let headers = ["-H", "X-Foo: 1", "-H", "X_Foo: 1", "-H", "X-Forwarded-User: 1", "-H", "X-Original-URL: /admin"];
    let text = explain(&world, &[&["GET", address.as_str()][..], &headers].concat());
    for line in [
        "path      /public/..;/admin",
        "reading   /public/..;/admin",
        "reading   /admin",
        "route     open → http://127.0.0.1:",
        "also      admin: its policy must be satisfied too",
        "visitor   signed in: 403: they are in none of the groups that may",
        "visitor   in admins: forwarded: they are in a group that may",
        "header    x-foo: passes",
        "header    x_foo: dropped: its name has a character",
        "header    x-forwarded-user: dropped: the gateway writes it itself",
        "header    x-original-url: dropped: a visitor may not tell a path, method, host or scheme",
    ] {
        assert!(text.lines().any(|found| found.starts_with(line)), "{line}\n{text}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn readings_without_a_suffix_and_bodies_that_are_too_large_are_explained() {
    let routes = "[[route]]\npath_regex = \".*\\\\.css\"\nname = \"styles\"\nupstream = \"APP\"\nallow = \"public\"\n\
                  [[route]]\npath = \"/users\"\nname = \"users\"\nupstream = \"APP\"\n\
                  [[route]]\npath_exact = \"/only\"\nname = \"only\"\nupstream = \"APP\"\nallow = \"public\"\nmax_body = \"1 KiB\"\n\
                  [[route]]\nname = \"rest\"\nupstream = \"APP\"\nallow = \"public\"\nheaders = { authorization = { basic = \"sub\", password = \"p\" } }\n";
    let world = World::with(routes, &[]).await;
    let text = explain(&world, &["GET", "/x", "-H", "Authorization: Basic dTpw"]);
    assert!(text.contains("header    authorization: dropped: the gateway writes it itself"), "{text}");
    for (method, path, length, lines, status) in [
        (
            "GET",
            "/users.tar.css",
            0,
            &[
                "reading   /users.tar.css",
                "reading   /users.tar, where suffixes are mapped",
                "reading   /users, where suffixes are mapped",
                "also      users: its policy must be satisfied too",
                "visitor   nobody: 401: ",
            ][..],
            "401",
        ),
        ("GET", "/only/", 0, &["reading   /only, where a slash at the end is overlooked", "also      only: "], "200"),
        ("POST", "/only", 1025, &["body      at most 1024 bytes", "visitor   nobody: 413: "], "413"),
        ("POST", "/only", 1024, &["visitor   nobody: forwarded: "], "200"),
    ] {
        let header = format!("Content-Length: {length}");
        let text = explain(&world, &[method, path, "-H", &header, "-H", "Accept: application/json"]);
        for line in lines {
            assert!(text.lines().any(|found| found.starts_with(line)), "{line}\n{text}");
        }
        let body = "a".repeat(length);
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: localhost:{}\r\nAccept: application/json\r\n{header}\r\nConnection: close\r\n\r\n{body}",
            world.port
        );
        let answer = raw(&world, request.as_bytes());
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{path}: {answer}");
    }
}

/// What is about one connection goes no further, but for the question for a WebSocket; and so it is said.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn headers_of_a_connection_are_told_apart_from_those_that_pass() {
    let routes = "[[route]]\npath = \"/public\"\nupstream = \"APP\"\nallow = \"public\"\n\
                  [[route]]\npath = \"/still\"\nupstream = \"APP\"\nallow = \"public\"\nwebsocket = false\n";
    let world = World::with(routes, &[]).await;
    let plain = [
        "Connection: keep-alive, X-Named",
        "X-Named: 1",
        "TE: trailers",
        "Keep-Alive: timeout=5",
        "Trailer: X-T",
        "Upgrade: h2c",
    ];
    let socket = [
        "Connection: Upgrade",
        "Upgrade: websocket",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        "Sec-WebSocket-Version: 13",
    ];
    // The application is asked too where the rest of the handshake is missing.
    let half = &socket[..2];
    for (path, headers) in
        [("/public", &plain[..]), ("/public", &socket), ("/public", half), ("/still", &socket), ("/still", half)]
    {
        let address = format!("http://localhost:{}{path}", world.port);
        let arguments: Vec<&str> = headers.iter().flat_map(|header| ["-H", header]).collect();
        let text = explain(&world, &[&["GET", address.as_str()][..], &arguments].concat());
        let request =
            format!("GET {path} HTTP/1.1\r\nHost: localhost:{}\r\n{}\r\n\r\n", world.port, headers.join("\r\n"));
        let asked = world.app.requests().len();
        let mut stream = connect(world.port);
        stream.write_all(request.as_bytes()).expect("sent");
        world.until_asked(asked + 1).await;
        let arrived = world.app.requests().pop().expect("a request");
        for header in headers {
            let name = header.split(':').next().unwrap_or_default().to_ascii_lowercase();
            let line = text.lines().find(|line| line.starts_with(&format!("header    {name}: "))).unwrap_or(&text);
            assert_eq!(line.contains(": passes"), !arrived.values(&name).is_empty(), "{path}: {line}\n{arrived:?}");
        }
    }
}

/// The same for whoever is sent away before anybody is asked who they are: by network, by method, by what a form meets.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_comes_first_is_explained_first() {
    let routes = "[[route]]\npath = \"/office\"\nupstream = \"APP\"\nallow = { networks = [\"10.0.0.0/8\"] }\n\
                  [[route]]\npath = \"/form\"\nupstream = \"APP\"\nkeep_post = true\n\
                  [[route]]\npath = \"/moved\"\nredirect = { to = \"/form\", status = 308 }\nallow = \"public\"\n\
                  [[route]]\npath = \"/said\"\nrespond = { status = 418, body = \"tea\" }\nallow = \"public\"\n";
    let world = World::with(routes, &[]).await;
    let origin = format!("Origin: http://localhost:{}", world.port);
    let form = ["Content-Type: application/x-www-form-urlencoded", "Sec-Fetch-Mode: navigate", &origin];
    for (method, path, headers, line, status) in [
        ("GET", "/office", &[][..], "visitor   nobody: 403: ", 403),
        ("POST", "/form", &form, "visitor   nobody: 401: a page that keeps the form", 401),
        ("POST", "/form", &form[..2], "visitor   nobody: 303: ", 303),
        ("GET", "/moved", &[], "visitor   nobody: 308: ", 308),
        ("GET", "/said", &[], "visitor   nobody: 418: ", 418),
        ("TRACE", "/said", &[], "anybody   405: ", 405),
        ("GET", "/said", &["Content-Length: 1", "Content-Length: 1"], "anybody   400: ", 400),
    ] {
        let arguments: Vec<&str> = headers.iter().flat_map(|header| ["-H", header]).collect();
        let text = explain(&world, &[&[method, path, "--from", "127.0.0.1"][..], &arguments].concat());
        assert!(text.contains(line), "{method} {path}: {text}");
        let headers: String = headers.iter().map(|header| format!("{header}\r\n")).collect();
        let body = if method == "POST" {
            "Content-Length: 3\r\nConnection: close\r\n\r\na=1"
        } else {
            "Connection: close\r\n\r\n"
        };
        let request = format!("{method} {path} HTTP/1.1\r\nHost: localhost:{}\r\n{headers}{body}", world.port);
        let answer = raw(&world, request.as_bytes());
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{method} {path}: {answer}");
    }
    // Where nothing says from where, both are told.
    let text = explain(&world, &["GET", "/office", "-H", "Accept: text/html"]);
    for line in ["visitor   nobody from 10.0.0.0: 303: ", "visitor   nobody from another network: 403: "] {
        assert!(text.contains(line), "{line}: {text}");
    }
}
