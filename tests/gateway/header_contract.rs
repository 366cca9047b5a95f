//! The header contract on every path: what of a visitor's headers reaches the app, and what of the app's the visitor.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;

use crate::proxying::raw;
use crate::raw::WEBSOCKET;
use crate::visitor::Visitor;
use crate::world::World;

/// One of each rule and family; the value is what must not arrive.
pub(crate) const FORGED: [&str; 52] = [
    "SCRIPT_NAME",
    "PATH_INFO",
    "X_Forwarded_User",
    "X.Forwarded.User",
    "X!Forwarded~User",
    "X'Forwarded^User",
    "$WSRU",
    "SM_USER",
    "OAM_REMOTE_USER",
    "X-Forwarded-User",
    "x-forwarded-groups",
    "X-FORWARDED-FOR",
    "X-Real-IP",
    "X-Request-Id",
    "X-Forwarded",
    "X-Forwarded-Path",
    "X-Forwarded-Context",
    "X-Forwarded-Name",
    "X-Forwarded-Roles",
    "X-Forwarded-Client-Cert",
    "X-Forwarded-Prefix",
    "Forwarded",
    "Forwarded-For",
    "Client-IP",
    "True-Client-IP",
    "WL-Proxy-Client-IP",
    "WL-Proxy-Client-Cert",
    "X-SSL-Client-Verify",
    "X-Script-Name",
    "X-Original-URL",
    "X-Rewrite-URL",
    "X-HTTP-Method-Override",
    "Remote-User",
    "Remote-Groups",
    "Remote-Email",
    "X-WebAuth-User",
    "X-Auth-Request-User",
    "iv-user",
    "Impersonate-User",
    "X-Pomerium-Jwt-Assertion",
    "Cf-Access-Jwt-Assertion",
    "X-SSO-User",
    "X-UserId",
    "Shib-Session-ID",
    "X-Vercel-Forwarded-For",
    "X-Middleware-Subrequest",
    "X-Ingress-Path",
    "X-Base-URL",
    "X-Backend-Host",
    "TLS-Client-Cert",
    "X-SPIFFE-ID",
    "Proxy",
];

async fn cookies_of(world: &World) -> String {
    let mut visitor = Visitor::new(world);
    visitor.sign_in("/", "password@example.com").await;
    visitor.cookie_line()
}

/// H-01, H-02, H-04, H-05, H-07, H-11, H-14, T-01: twice each, before and after, on every kind of request that is forwarded.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_can_say_what_only_the_gateway_or_a_proxy_may() {
    let world = World::new().await;
    let cookies = cookies_of(&world).await;
    let before = world.app.requests().len();
    let lines = |name: &&str| format!("{name}: forged-value\r\n{name}: forged-value, forged-value\r\n");
    let forged: String = FORGED.iter().map(lines).collect();
    for (line, more) in [
        ("GET /public/x HTTP/1.1", "Connection: close\r\n".to_owned()),
        ("OPTIONS /public/x HTTP/1.1", "Connection: close, X-Forwarded-User, x-forwarded-email\r\n".to_owned()),
        ("GET /x HTTP/1.1", format!("Connection: close\r\nCookie: {cookies}\r\n")),
        ("GET /ws HTTP/1.1", format!("{WEBSOCKET}Cookie: {cookies}\r\n")),
    ] {
        let request = format!("{line}\r\nHost: localhost:{}\r\n{forged}{more}{forged}\r\n", world.port);
        let answer = raw(&world, request.as_bytes());
        assert!(answer.starts_with("HTTP/1.1 200") || answer.starts_with("HTTP/1.1 101"), "{line}: {answer}");
        assert!(!answer.contains("forged-value"), "{line}: {answer}");
    }
    let received = world.app.requests();
    assert_eq!(received.len() - before, 4, "all of them reached the app");
    for request in &received[before..] {
        let head = String::from_utf8_lossy(&request.head);
        assert!(!head.contains("forged-value"), "{head}");
        let someone = request.target != "/public/x";
        assert_eq!(request.values("x-forwarded-email").len(), usize::from(someone), "{head}");
        assert_eq!(request.values("x-forwarded-for"), ["127.0.0.1"], "{head}");
    }
}

/// H-04: where nothing is forwarded, nothing of it comes back either.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_of_our_own_do_not_repeat_what_was_forged() {
    let world = World::new().await;
    for path in ["/admin", "/login/callback?state=x", "/.gateway/nothing", "/.gateway/signed-out", "/%c0%af"] {
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: localhost:{}\r\nAccept: text/html\r\nX-Forwarded-User: forged-value\r\n\
             X-Forwarded-Host: forged-value\r\nX-Forwarded-Prefix: /forged-value\r\nConnection: close\r\n\r\n",
            world.port
        );
        let answer = raw(&world, request.as_bytes());
        assert!(answer.starts_with("HTTP/1.1") && !answer.contains("forged-value"), "{path}: {answer}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_route_and_a_list_say_what_passes() {
    let world = World::with(
        "\n[headers]\npass = \"listed\"\nlisted = [\"Accept\", \"X-Ours-*\"]\n\
         [[route]]\nname = \"open\"\nupstream = \"APP\"\nallow = \"public\"\npass_headers = [\"X-Auth-Token\"]\n",
        &[],
    )
    .await;
    let request = format!(
        "GET / HTTP/1.1\r\nHost: localhost:{}\r\nConnection: close\r\nAccept: application/json\r\nX-Ours-One: passes\r\n\
         X-Auth-Token: passes\r\nX-Auth-User: forged-value\r\nUser-Agent: forged-value\r\nX_Ours_Two: forged-value\r\n\
         Cookie: theirs=forged-value; gw_session=x\r\n\r\n",
        world.port
    );
    let answer = raw(&world, request.as_bytes());
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let received = world.app.requests().pop().expect("a request");
    assert_eq!(received.values("x-ours-one"), ["passes"]);
    assert_eq!(received.values("x-auth-token"), ["passes"]);
    assert!(!String::from_utf8_lossy(&received.head).contains("forged-value"), "{received:?}");
}

/// H-13: a trailer is not a header; over HTTP/1.1 none is passed on.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_trailer_names_nobody() {
    let world = World::new().await;
    let request = format!(
        "POST /public/x HTTP/1.1\r\nHost: localhost:{}\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\
         Trailer: X-Forwarded-User\r\n\r\n1\r\na\r\n0\r\nX-Forwarded-User: forged-value\r\n\r\n",
        world.port
    );
    let answer = raw(&world, request.as_bytes());
    assert!(!answer.contains("forged-value"), "{answer}");
    for received in world.app.requests() {
        assert!(!String::from_utf8_lossy(&received.head).contains("forged-value"), "{received:?}");
    }
}

/// An application that says what only others may: each such value is `planted`.
pub(crate) const PLANTING: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\
     Set-Cookie: theirs=1; Path=/\r\nSet-Cookie: __Secure-gw_tokens=planted; Path=/.gateway\r\n\
     Set-Cookie: =__Host-gw_session=planted\r\nSet-Cookie: =gw_session=planted\r\nSet-Cookie: __host-GW_x=planted\r\n\
     Set-Cookie: gw_session=planted\r\nSet-Cookie: gw_tx_AAAAAAAAAAAAAAAAAAAAAA=planted; Path=/\r\n\
     X-Accel-Redirect: /planted\r\nX-Sendfile: /planted\r\nX-Forwarded-User: planted\r\n\
     Service-Worker-Allowed: /planted\r\nX-Accel-Buffering: no\r\nX-Theirs: 1\r\n\r\nok";

/// H-15.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_app_cannot_set_our_cookies_or_command_what_is_in_front() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let upstream = listener.local_addr().expect("an address");
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let _ = stream.read(&mut [0; 4096]);
            let _ = stream.write_all(PLANTING.as_bytes());
        }
    });
    let route = format!("\n[[route]]\nname = \"open\"\nupstream = \"http://{upstream}\"\nallow = \"public\"\n");
    let world = World::with(&route, &[]).await;
    let request = format!("GET / HTTP/1.1\r\nHost: localhost:{}\r\nConnection: close\r\n\r\n", world.port);
    let answer = raw(&world, request.as_bytes());
    assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("ok"), "{answer}");
    assert!(!answer.contains("planted"), "{answer}");
    for kept in ["Set-Cookie: theirs=1", "X-Accel-Buffering: no", "X-Theirs: 1"] {
        assert!(answer.to_lowercase().contains(&kept.to_lowercase()), "{kept} is gone: {answer}");
    }
}

/// W: no script of an application may stand between the browser and the pages where passwords are typed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_under_our_prefix_is_a_service_worker() {
    let world = World::new().await;
    let mut visitor = Visitor::new(&world);
    let page = visitor.visit("/").await;
    let script =
        page.body.split('"').find(|part| part.contains("/static/") && part.ends_with(".js")).map(str::to_owned);
    for path in [script.as_deref().unwrap_or("/.gateway/static/x.js"), "/.gateway/sign-in", "/login/callback"] {
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: localhost:{}\r\nService-Worker: script\r\nConnection: close\r\n\r\n",
            world.port
        );
        let answer = raw(&world, request.as_bytes());
        assert!(answer.starts_with("HTTP/1.1 404"), "{path}: {answer}");
    }
}

/// T-02, T-03: the log says once what is wrong with addresses, and the app is told one that is right.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_odd_about_addresses_is_logged_once() {
    let world = World::with("trusted_proxies = [\"127.0.0.0/8\"]\n", &[]).await;
    for (forwarded, address) in [
        ("203.0.113.9:51234", "203.0.113.9"),
        ("\"[2001:db8::1]:4711\"", "2001:db8::1"),
        ("198.51.100.7, , 127.0.0.2", "198.51.100.7"),
        ("198.51.100.8, unknown, 127.0.0.2", "127.0.0.2"),
    ] {
        let request = format!(
            "GET /public/x HTTP/1.1\r\nHost: localhost:{}\r\nX-Forwarded-For: {forwarded}\r\nConnection: close\r\n\r\n",
            world.port
        );
        let answer = raw(&world, request.as_bytes());
        assert!(answer.starts_with("HTTP/1.1 200"), "{forwarded}: {answer}");
        assert_eq!(world.app.requests().pop().expect("a request").values("x-forwarded-for"), [address], "{forwarded}");
    }
    let log = world.log();
    assert_eq!(log.matches("X-Forwarded-For of a trusted proxy").count(), 1, "{log}");

    let world = World::new().await;
    for _ in 0..3 {
        let request = format!(
            "GET /public/x HTTP/1.1\r\nHost: localhost:{}\r\nX-Forwarded-For: 198.51.100.7\r\nConnection: close\r\n\r\n",
            world.port
        );
        raw(&world, request.as_bytes());
    }
    assert_eq!(world.log().matches("not among server.trusted_proxies").count(), 1, "{}", world.log());
}
