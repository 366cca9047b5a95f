//! Forward auth as proxies ask it: one line of questions and answers for each of the three dialects.

use std::fmt::Write as _;

use crate::upstream::{ask, status};
use crate::visitor::Visitor;
use crate::world::World;

const ROUTES: &str = "trusted_proxies = [\"127.0.0.1\"]\n[[route]]\nname = \"app\"\nheaders = { assertion = true }\n\
     [[route]]\nname = \"open\"\npath = \"/public\"\nallow = \"public\"\n\
     [[route]]\nname = \"here\"\npath = \"/here\"\nupstream = \"APP\"\nheaders = { assertion = true }\n\
     [[route]]\nname = \"admin\"\npath = \"/admin\"\nallow = { groups = [\"auditors\"] }\n";

/// One question: its path, method and headers.
fn question(world: &World, method: &str, path: &str, headers: &[(&str, &str)]) -> String {
    let mut request = format!("{method} {path} HTTP/1.1\r\nConnection: close\r\n");
    if !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("host")) {
        request.push_str("Host: gateway.internal:8080\r\n");
    }
    for (name, value) in headers {
        let _ = write!(request, "{name}: {value}\r\n");
    }
    ask(world.port, &format!("{request}\r\n"))
}

/// The same about `target` of the public host, in each dialect.
fn questions(world: &World, target: &str, more: &[(&str, &str)]) -> [String; 3] {
    let host = format!("localhost:{}", world.port);
    let url = format!("http://{host}{target}");
    let with = |own: &[(&'static str, &str)], method: &str, path: &str| {
        let headers: Vec<(&str, &str)> = own.iter().copied().chain(more.iter().copied()).collect();
        question(world, method, path, &headers)
    };
    [
        with(&[("X-Original-URL", &url), ("X-Original-Method", "GET")], "GET", "/.gateway/auth"),
        with(
            &[
                ("X-Forwarded-Proto", "http"),
                ("X-Forwarded-Host", &host),
                ("X-Forwarded-Uri", target),
                ("X-Forwarded-Method", "GET"),
            ],
            "HEAD",
            "/.gateway/auth/redirect",
        ),
        with(&[("X-Forwarded-Proto", "http"), ("Host", &host)], "GET", &format!("/.gateway/auth/envoy{target}")),
    ]
}

fn header(answer: &str, name: &str) -> Option<String> {
    let head = answer.split("\r\n\r\n").next()?;
    let mut lines = head.lines().filter_map(|line| line.split_once(':'));
    lines.find(|(given, _)| given.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim().to_owned())
}

const PAGE: (&str, &str) = ("Accept", "text/html,*/*;q=0.8");

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_is_signed_out_is_sent_to_sign_in_or_told() {
    let world = World::with(ROUTES, &[]).await;
    let sign_in = format!("http://localhost:{}/.gateway/sign-in?return=%2Fa%2Fb%3Fx%3D1%26y%3D%2526z", world.port);
    for (answer, expected) in questions(&world, "/a/b?x=1&y=%26z", &[PAGE]).iter().zip([401, 303, 303]) {
        assert_eq!(status(answer), expected, "{answer}");
        assert_eq!(header(answer, "location"), Some(sign_in.clone()), "{answer}");
        assert_eq!(header(answer, "cache-control").as_deref(), Some("no-store"), "{answer}");
        assert!(!header(answer, "www-authenticate").unwrap_or_default().to_lowercase().contains("basic"), "{answer}");
    }
    for answer in questions(&world, "/a", &[("Accept", "application/json")]) {
        assert_eq!((status(&answer), header(&answer, "location")), (401, None), "{answer}");
        assert_eq!(header(&answer, "content-type").as_deref(), Some("application/problem+json"));
    }
    for answer in questions(&world, "/public/x", &[]) {
        assert_eq!(status(&answer), 200, "{answer}");
        for name in ["user", "email", "groups", "preferred-username"] {
            assert_eq!(header(&answer, &format!("x-forwarded-{name}")).as_deref(), Some(""), "{answer}");
        }
    }
}

/// H-03, T-01.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_is_signed_in_is_named_in_every_header_and_may_go_where_they_may() {
    let world = World::with(ROUTES, &[]).await;
    let mut visitor = Visitor::new(&world);
    visitor.sign_in("/here", "password@example.com").await;
    let cookie = visitor.cookie_line();
    for answer in questions(&world, "/a", &[("Cookie", &cookie), ("X-Forwarded-User", "forged")]) {
        assert_eq!(status(&answer), 200, "{answer}");
        assert_eq!(header(&answer, "x-forwarded-email").as_deref(), Some("password@example.com"), "{answer}");
        assert_eq!(header(&answer, "content-length").as_deref(), Some("0"), "{answer}");
        assert!(answer.split("\r\n\r\n").next().is_some_and(|head| head.len() < 4096), "{answer}");
        assert!(!answer.contains("forged") && header(&answer, "set-cookie").is_none(), "{answer}");
    }
    // What speaks for somebody elsewhere is for applications to which no proxy but this one forwards.
    for (target, is_told) in [("/a", true), ("/here", false)] {
        for answer in questions(&world, target, &[("Cookie", &cookie)]) {
            assert_eq!(header(&answer, "x-forwarded-email").as_deref(), Some("password@example.com"), "{answer}");
            assert_eq!(header(&answer, "x-gateway-assertion").map(|text| !text.is_empty()), Some(is_told), "{answer}");
        }
    }
    for target in ["/admin", "/public/..;/admin", "/public/%2e%2e/admin", "//admin"] {
        for answer in questions(&world, target, &[("Cookie", &cookie), PAGE]) {
            assert_eq!(status(&answer), 403, "{target}: {answer}");
        }
    }
    let metrics = world.metrics().await;
    assert!(metrics.contains("gateway_decisions_total{decision=\"pass_signed_in\",route=\"app\"} 6"), "{metrics}");
    // As proxies forward it that resolve encoded dots and slashes before they look whether they keep visitors from an address.
    let host = format!("localhost:{}", world.port);
    let headers = [("X-Forwarded-Proto", "http"), ("Host", host.as_str()), ("Cookie", cookie.as_str())];
    for target in ["/a/..%2f..%2f..%2fx", "/%2E%2e/%2e%2e/x", "//..%2f..%2fx"] {
        let answer = question(&world, "GET", &format!("/.gateway/auth/envoy{target}"), &headers);
        assert_eq!(status(&answer), 403, "{target}: {answer}");
        assert!(header(&answer, "x-forwarded-email").is_none(), "{target}: {answer}");
    }
    // The body of the request that is asked about is none of ours: it is neither waited for nor too large.
    for more in [("Content-Length", "50000000"), ("Transfer-Encoding", "chunked"), ("Expect", "100-continue")] {
        let proto = ("X-Forwarded-Proto", "http");
        let host = format!("localhost:{}", world.port);
        let headers = [proto, ("Host", &host), ("Cookie", &cookie), ("Content-Length", "7"), more];
        let headers = if more.0 == "Expect" { &headers[..] } else { &[proto, headers[1], headers[2], more] };
        let answer = question(&world, "PUT", "/.gateway/auth/envoy/a", headers);
        assert_eq!(status(&answer), 200, "{more:?}: {answer}");
    }

    // What only answers questions forwards nothing.
    assert_eq!(visitor.visit("/a").await.status, 404);
    let explained = crate::explain::explain(&world, &["GET", "/a", "-H", "Accept: text/html"]);
    for line in ["anybody   404: ", "visitor   nobody: 303: ", "visitor   signed in: 200: "] {
        assert!(explained.contains(line), "{line}: {explained}");
    }
    assert!(
        crate::explain::explain(&world, &["GET", "/.gateway/auth"]).contains("ours      a question of another proxy")
    );
    assert_eq!(visitor.visit("/here").await.status, 200);
}

/// A question of nginx about this address.
fn of_nginx(url: &str) -> [(&'static str, &str); 2] {
    [("X-Original-URL", url), ("X-Original-Method", "GET")]
}

/// A question of Traefik about `/public/x` at this host.
fn of_traefik(host: &str) -> [(&'static str, &str); 4] {
    [
        ("X-Forwarded-Proto", "http"),
        ("X-Forwarded-Host", host),
        ("X-Forwarded-Uri", "/public/x"),
        ("X-Forwarded-Method", "GET"),
    ]
}

/// T-05.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_question_that_is_none_names_nobody() {
    let world = World::with(ROUTES, &[]).await;
    let host = format!("localhost:{}", world.port);
    let url = format!("http://{host}/public/x");
    let elsewhere = format!("http://{host}/.gateway/sign-in");
    let nginx = of_nginx(&url);
    let traefik = of_traefik(&host);
    let (auth, redirect) = ("/.gateway/auth", "/.gateway/auth/redirect");
    for (path, headers, expected) in [
        (auth, nginx.to_vec(), 200),
        (auth, vec![nginx[0]], 400),
        (auth, vec![nginx[1]], 400),
        (auth, vec![], 400),
        (auth, vec![nginx[0], nginx[0], nginx[1]], 403),
        (auth, vec![nginx[0], nginx[1], nginx[1]], 403),
        (auth, vec![("X-Original-URL", "/public/x"), nginx[1]], 400),
        (auth, vec![("X-Original-URL", "ftp://localhost/public"), nginx[1]], 400),
        (auth, vec![("X-Original-URL", "http://localhost@evil.example/public"), nginx[1]], 400),
        (auth, vec![("X-Original-URL", "http://localhost/public#x"), nginx[1]], 400),
        (auth, vec![("X-Original-URL", "http://localhost/public x"), nginx[1]], 400),
        (auth, vec![("X-Original-URL", "wss://localhost/public"), nginx[1]], 200),
        (auth, vec![nginx[0], ("X-Original-Method", "get")], 400),
        (auth, vec![nginx[0], ("X-Original-Method", "G ET")], 400),
        (auth, vec![nginx[0], nginx[1], ("X-Forwarded-Uri", "/admin")], 403),
        (auth, vec![nginx[0], nginx[1], ("X-Forwarded-Uri", "/public/x")], 200),
        (auth, vec![nginx[0], nginx[1], ("X-Forwarded-Host", "evil.example")], 403),
        (auth, vec![("X-Original-URL", &elsewhere), nginx[1]], 403),
        ("/.gateway/auth?x=1", nginx.to_vec(), 200),
        (redirect, traefik.to_vec(), 200),
        (redirect, traefik[1..].to_vec(), 400),
        (redirect, traefik[..3].to_vec(), 400),
        (redirect, vec![traefik[0], traefik[1], ("X-Forwarded-Uri", "public"), traefik[3]], 400),
        (redirect, [&traefik[..], &[traefik[2]]].concat(), 403),
        (redirect, [&traefik[..], &[("X-Original-URL", "http://evil.example/x")]].concat(), 403),
        (redirect, nginx.to_vec(), 400),
        ("/.gateway/auth/envoy/public/x", vec![("X-Forwarded-Proto", "https"), ("Host", "localhost")], 200),
        ("/.gateway/auth/envoy/public/x", vec![("Host", "localhost")], 400),
        ("/.gateway/auth/envoy", vec![("X-Forwarded-Proto", "https"), ("Host", "localhost")], 400),
    ] {
        let answer = question(&world, "GET", path, &headers);
        assert_eq!(status(&answer), expected, "{path} {headers:?}: {answer}");
        assert_eq!(header(&answer, "x-forwarded-user").is_some(), expected == 200, "{answer}");
    }
    assert!(world.log().contains("it does not say which request it is about"), "{}", world.log());
}

/// T-05. At each address, what the others read must say the same where it is there.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_question_that_contradicts_itself_names_nobody() {
    let world = World::with(ROUTES, &[]).await;
    let host = format!("localhost:{}", world.port);
    let (url, secure) = (format!("http://{host}/public/x"), format!("https://{host}/public/x"));
    let nginx = of_nginx(&url);
    let traefik = of_traefik(&host);
    let (auth, envoy) = ("/.gateway/auth", "/.gateway/auth/envoy/public/x");
    let asked = [traefik[0], ("Host", host.as_str())];
    let contradicted = |header| [&asked[..], &[header]].concat();
    for (path, headers, expected) in [
        (auth, vec![nginx[0], nginx[1], ("X-Forwarded-Proto", "https")], 403),
        (auth, vec![nginx[0], nginx[1], ("X-Forwarded-Proto", "gopher")], 403),
        (auth, vec![nginx[0], nginx[1], ("X-Forwarded-Proto", "WS")], 200),
        // Where nginx took another host for the request's than `Host`.
        ("/.gateway/auth?host=LOCALHOST", nginx.to_vec(), 200),
        ("/.gateway/auth?host=evil.example", nginx.to_vec(), 403),
        ("/.gateway/auth?host=localhost&host=evil.example", nginx.to_vec(), 403),
        ("/.gateway/auth/redirect", [&traefik[..], &[("X-Original-URL", secure.as_str())]].concat(), 403),
        (envoy, [&asked[..], &traefik[1..], &nginx].concat(), 200),
        (envoy, contradicted(("X-Original-URL", "/public/x")), 403),
        (envoy, contradicted(("X-Original-URL", &secure)), 403),
        (envoy, contradicted(("X-Original-URL", "http://evil.example/public/x")), 403),
        (envoy, contradicted(("X-Original-Method", "POST")), 403),
        (envoy, contradicted(("X-Forwarded-Uri", "/admin")), 403),
        (envoy, contradicted(("X-Forwarded-Host", "evil.example")), 403),
        (envoy, contradicted(("X-Forwarded-Method", "POST")), 403),
    ] {
        let answer = question(&world, "GET", path, &headers);
        assert_eq!(status(&answer), expected, "{path} {headers:?}: {answer}");
        assert_eq!(header(&answer, "x-forwarded-user").is_some(), expected == 200, "{answer}");
    }
}

/// T-05.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_question_of_a_stranger_names_nobody() {
    let world = World::with("trusted_proxies = [\"192.0.2.1\"]\n[[route]]\nupstream = \"APP\"\n", &[]).await;
    let mut visitor = Visitor::new(&world);
    visitor.sign_in("/", "password@example.com").await;
    let cookie = visitor.cookie_line();
    for answer in questions(&world, "/", &[("Cookie", &cookie), PAGE]) {
        assert_eq!(status(&answer), 403, "{answer}");
        assert!(header(&answer, "x-forwarded-email").is_none() && !answer.contains("password@"), "{answer}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn addresses_of_other_gateways_are_answered_where_they_are_switched_on() {
    let aliases = "[forward_auth]\naliases = [\"/oauth2/auth\", \"/api/authz/forward-auth\"]\n";
    let world = World::with(&format!("{ROUTES}{aliases}"), &[]).await;
    let url = format!("http://localhost:{}/public/x", world.port);
    let nginx = of_nginx(&url);
    assert_eq!(status(&question(&world, "GET", "/oauth2/auth", &nginx)), 200);
    assert_eq!(status(&question(&world, "GET", "/oauth2/auth?x=1", &nginx)), 200);
    // What oauth2-proxy would have refused to others must not pass unread.
    for query in ["allowed_groups=admins", "x=1&allowed_emails=", "allowed%5Femail_domains=example.com"] {
        let answer = question(&world, "GET", &format!("/oauth2/auth?{query}"), &nginx);
        assert_eq!(status(&answer), 400, "{query}: {answer}");
        assert!(header(&answer, "x-forwarded-user").is_none(), "{answer}");
    }
    assert!(world.log().contains("its address says who may pass"), "{}", world.log());
    assert_eq!(status(&question(&world, "GET", "/api/authz/forward-auth", &nginx)), 400);
    assert_eq!(status(&question(&world, "GET", "/api/authz/auth-request", &nginx)), 421);
    assert_eq!(status(&question(&world, "GET", "/outpost.goauthentik.io/auth/nginx", &nginx)), 421);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_preflight_passes_where_a_route_for_it_says_so_and_cors_alone_opens_nothing() {
    let cors = "cors = { origins = [\"https://spa.example.com\"], credentials = true, methods = [\"GET\", \"PUT\"] }";
    let routes = format!(
        "{ROUTES}[[route]]\nname = \"api\"\npath = \"/api\"\n{cors}\n\
         [[route]]\nname = \"preflights\"\npath = \"/api/open\"\nmethods = [\"OPTIONS\"]\nallow = \"public\"\n\
         [[route]]\npath = \"/elsewhere\"\nallow = {{ networks = [\"192.0.2.0/24\"] }}\n{cors}\n\
         [[route]]\npath = \"/closed\"\nmaintenance = true\n{cors}\n"
    );
    let world = World::with(&routes, &[]).await;
    let host = format!("localhost:{}", world.port);
    let ask = |target: &str, origin: &str, called: &str| {
        let url = format!("http://{host}{target}");
        let asks = [("Origin", origin), ("Access-Control-Request-Method", called), ("X-Forwarded-User", "forged")];
        let nginx = [("X-Original-URL", url.as_str()), ("X-Original-Method", "OPTIONS")];
        let caddy = [
            ("X-Forwarded-Proto", "http"),
            ("X-Forwarded-Host", host.as_str()),
            ("X-Forwarded-Uri", target),
            ("X-Forwarded-Method", "OPTIONS"),
        ];
        let envoy = [("X-Forwarded-Proto", "http"), ("Host", host.as_str())];
        [
            question(&world, "GET", "/.gateway/auth", &[&nginx[..], &asks].concat()),
            question(&world, "GET", "/.gateway/auth/redirect", &[&caddy[..], &asks].concat()),
            question(&world, "OPTIONS", &format!("/.gateway/auth/envoy{target}"), &[&envoy[..], &asks].concat()),
        ]
    };
    let spa = "https://spa.example.com";
    for answer in ask("/api/open/x", spa, "PUT") {
        assert_eq!(status(&answer), 200, "{answer}");
        assert_eq!(header(&answer, "x-forwarded-user").as_deref(), Some(""), "{answer}");
    }
    for (target, origin, called, expected) in [
        ("/api/x", spa, "PUT", 401),
        ("/api/x", "https://evil.example", "PUT", 401),
        ("/api/open/..;/x", spa, "PUT", 401),
        ("/api/..;/admin", spa, "PUT", 401),
        ("/admin", spa, "PUT", 401),
        ("/elsewhere", spa, "PUT", 403),
        ("/closed", spa, "PUT", 503),
    ] {
        for answer in ask(target, origin, called) {
            assert_eq!(status(&answer), expected, "{target} {origin} {called}: {answer}");
        }
    }
    // What is told instead of a yes can be read by the script that asked.
    for answer in questions(&world, "/api/x", &[("Origin", spa), ("Accept", "application/json")]) {
        assert_eq!(status(&answer), 401, "{answer}");
        assert_eq!(header(&answer, "access-control-allow-origin").as_deref(), Some(spa), "{answer}");
    }
}
