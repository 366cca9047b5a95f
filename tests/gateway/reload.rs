//! SIGHUP: a changed configuration is taken whole or not at all, and nobody notices but by what it says.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use sample_app::SampleApp;
use tokio::io::AsyncReadExt as _;

use crate::flows::{PASSWORD, is_in};
use crate::raw::{Raw, WEBSOCKET, status};
use crate::sign_in::is_at;
use crate::visitor::Visitor;
use crate::world::{World, private};

/// The line of a metric without labels.
async fn metric(world: &World, name: &str) -> String {
    let metrics = world.metrics().await;
    let line = metrics.lines().find(|line| line.split([' ', '{']).next() == Some(name));
    line.unwrap_or_else(|| panic!("{name} is not in {metrics}")).to_owned()
}

/// One request on a connection that stays open: the status and the body.
fn ask(stream: &mut TcpStream, world: &World, path: &str, cookies: &str) -> (String, String) {
    let port = world.port;
    let request =
        format!("GET {path} HTTP/1.1\r\nHost: localhost:{port}\r\nAccept: text/html\r\nCookie: {cookies}\r\n\r\n");
    stream.set_read_timeout(Some(Duration::from_secs(20))).expect("a timeout");
    stream.write_all(request.as_bytes()).expect("the request is sent");
    let (mut head, mut byte) = (Vec::new(), [0]);
    while !head.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte).expect("a head");
        head.push(byte[0]);
    }
    let head = String::from_utf8(head).expect("text").to_ascii_lowercase();
    let length = head.split("content-length: ").nth(1).and_then(|rest| rest.lines().next()?.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    stream.read_exact(&mut body).expect("a body");
    (head.split(' ').nth(1).unwrap_or_default().to_owned(), String::from_utf8_lossy(&body).into_owned())
}

#[tokio::test]
async fn what_a_changed_file_says_counts_from_then_on() {
    let world = World::with("\n[branding]\nname = \"Before\"\n", &[]).await;
    let other = SampleApp::start(SocketAddr::from(([127, 0, 0, 1], 0))).await.expect("another app");
    let mut visitor = Visitor::new(&world);
    assert!(visitor.visit("/app").await.body.contains("Before"));
    assert_eq!(visitor.visit("/public").await.status, 200);
    let before = metric(&world, "gateway_config_info").await;

    world.edit("name = \"Before\"", "name = \"After\"");
    world.edit("path = \"/public\"", "path = \"/free\"");
    world.edit(
        "[[route]]",
        &format!(
            "[[route]]\npath = \"/new\"\nupstream = \"http://{}\"\nallow = \"public\"\n[[route]]",
            other.address()
        ),
    );
    assert!(world.reload().await, "{}", world.log());

    let view = visitor.visit("/app").await;
    assert!(view.body.contains("After") && !view.body.contains("Before"), "{}", view.page.text);
    assert!(visitor.visit("/public").await.url.path().starts_with("/.gateway/"), "it is not public any more");
    assert_eq!(visitor.visit("/free").await.status, 200);
    assert_eq!((visitor.visit("/new").await.status.as_u16(), other.requests().len()), (200, 1));
    assert_eq!(
        metric(&world, "gateway_config_last_reload_successful").await,
        "gateway_config_last_reload_successful 1"
    );
    assert_ne!(metric(&world, "gateway_config_info").await, before);
    let counted = "gateway_requests_total{route=\"open\",status=\"2xx\"} 2";
    assert!(world.metrics().await.contains(counted), "a route's counters go on: {}", world.metrics().await);
}

#[tokio::test]
async fn a_file_that_is_wrong_changes_nothing_and_every_problem_is_logged() {
    let world = World::with("\n[branding]\nname = \"Before\"\n", &[]).await;
    let before = metric(&world, "gateway_config_info").await;
    world.edit("name = \"Before\"", "name = \"After\"");
    world.edit("path = \"/public\"", "path = \"/a/../b\"");
    world.edit("path = \"/admin\"", "pth = \"/admin\"");
    assert!(!world.reload().await);
    let log = world.log();
    for said in ["route[1].path: must be a plain path", "route[2].pth: unknown setting; did you mean `path`?"] {
        let line = log.lines().find(|line| line.contains(said)).unwrap_or_else(|| panic!("{said} is not in {log}"));
        assert!(line.contains("gateway.toml:"), "without its place: {line}");
    }
    let mut visitor = Visitor::new(&world);
    assert!(visitor.visit("/app").await.body.contains("Before"));
    assert_eq!(visitor.visit("/public").await.status, 200);
    assert_eq!(
        metric(&world, "gateway_config_last_reload_successful").await,
        "gateway_config_last_reload_successful 0"
    );
    assert_eq!(metric(&world, "gateway_config_info").await, before);

    // What is found out only when everything is put together counts as well.
    world.edit("path = \"/a/../b\"", "path = \"/public\"");
    world.edit("pth = \"/admin\"", "path = \"/admin\"");
    world.edit("name = \"After\"", "name = \"After\"\nlogo = \"nowhere.svg\"");
    assert!(!world.reload().await);
    let log = world.log();
    let line = log.lines().find(|line| line.contains("nowhere.svg")).unwrap_or_else(|| panic!("{log}"));
    assert!(line.contains("gateway.toml:") && line.contains("branding.logo: "), "{line}");
    assert!(visitor.visit("/app").await.body.contains("Before"));

    world.edit("\nlogo = \"nowhere.svg\"", "");
    assert!(world.reload().await, "{}", world.log());
    assert!(visitor.visit("/app").await.body.contains("After"));
}

#[tokio::test]
async fn listeners_and_threads_need_a_restart() {
    let world = World::new().await;
    for (from, to, key) in [
        (format!("listen = \"127.0.0.1:{}\"", world.port), "listen = \"127.0.0.1:1\"".to_owned(), "server.listen"),
        (format!("listen = \"127.0.0.1:{}\"", world.admin), "listen = \"127.0.0.1:1\"".to_owned(), "admin.listen"),
        ("[server]\n".to_owned(), "[server]\nthreads = 7\n".to_owned(), "server.threads"),
        ("[server]\n".to_owned(), "[server]\nlog_format = \"json\"\n".to_owned(), "server.log_format"),
    ] {
        world.edit(&from, &to);
        world.edit("allow = \"public\"", "allow = \"signed-in\"");
        assert!(!world.reload().await, "{key}");
        assert!(world.log().contains(&format!("{key}: has changed, which needs a restart")), "{}", world.log());
        assert_eq!(Visitor::new(&world).visit("/public").await.status, 200, "nothing of it is taken");
        world.edit(&to, &from);
        world.edit("allow = \"signed-in\"", "allow = \"public\"");
    }
    assert!(world.reload().await);
}

/// What ends everybody's session is told by its key, and nothing else is.
#[tokio::test]
async fn a_reload_that_ends_sessions_says_by_what() {
    const ENDS: &str = "is not what it was: sessions from before may open no more";
    let world = World::new().await;
    world.edit("allow = \"public\"", "allow = \"signed-in\"");
    assert!(world.reload().await, "{}", world.log());
    assert!(!world.log().contains(ENDS), "{}", world.log());
    for (from, to, what) in [
        ("client_id = \"", "client_id = \"another-", "the provider `okta`"),
        ("[session]\n", "[session]\nstore = \"redis\"\nredis = { url = \"redis://127.0.0.1:9\" }\n", "session.store"),
        ("127.0.0.1:9\"", "127.0.0.1:9\", prefix = \"other\"", "session.redis.prefix"),
    ] {
        world.edit(from, to);
        assert!(world.reload().await, "{what}: {}", world.log());
        assert_eq!(world.log().matches(&format!("{what} {ENDS}")).count(), 1, "{what}: {}", world.log());
    }
    assert_eq!(world.log().matches(ENDS).count(), 3, "{}", world.log());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sessions_live_on_under_a_newer_key_and_end_with_their_own() {
    let world = World::new().await;
    let mut visitor = Visitor::new(&world);
    visitor.sign_in("/", "password@example.com").await;
    let cookies = visitor.cookie_line();
    let mut stream = TcpStream::connect(("127.0.0.1", world.port)).expect("a connection");
    assert_eq!(ask(&mut stream, &world, "/x", &cookies).0, "200");

    let key = Command::new(env!("CARGO_BIN_EXE_idx-gateway")).arg("keygen").output().expect("keygen runs");
    std::fs::write(world.path("newer"), key.stdout).expect("the key is written");
    private(&world.path("newer"));
    world.edit("{ file = \"key\" }", "{ file = \"newer\" }, { file = \"key\" }");
    assert!(world.reload().await, "{}", world.log());
    assert_eq!(ask(&mut stream, &world, "/x", &cookies).0, "200", "an older key opens what it sealed");
    let mut other = Visitor::new(&world);
    other.sign_in("/", "password@example.com").await;

    // What the connection remembers must not outlive the key.
    world.edit(", { file = \"key\" }", "");
    assert!(world.reload().await, "{}", world.log());
    assert_eq!(ask(&mut stream, &world, "/x", &cookies).0, "303", "without its key a session is none");
    assert_eq!(other.visit("/x").await.url.path(), "/x", "what the newer key sealed opens");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_and_a_header_are_read_again_from_where_they_stand() {
    let world = World::new().await;
    let mut visitor = Visitor::new(&world);
    visitor.sign_in("/", "password@example.com").await;
    let cookies = visitor.cookie_line();
    let mut stream = TcpStream::connect(("127.0.0.1", world.port)).expect("a connection");
    let (_, report) = ask(&mut stream, &world, "/x", &cookies);
    assert!(!report.contains("Hello, stranger"), "{report}");
    world.edit("[session]", "[headers]\npreset = \"remote\"\n[session]");
    assert!(world.reload().await, "{}", world.log());
    let (_, report) = ask(&mut stream, &world, "/x", &cookies);
    assert!(report.contains("<code>Remote-User</code>") && report.contains("Hello, stranger"), "{report}");
    // The same name of a file, and another key in it.
    let key = Command::new(env!("CARGO_BIN_EXE_idx-gateway")).arg("keygen").output().expect("keygen runs");
    std::fs::write(world.path("key"), key.stdout).expect("the key is written");
    assert!(world.reload().await, "{}", world.log());
    assert_eq!(ask(&mut stream, &world, "/x", &cookies).0, "303");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_reloads_under_load_lose_no_request_and_sign_nobody_out() {
    const PEOPLE: usize = 24;
    let world = World::with("access_log = false\n", &[("GATEWAY__SERVER__LOG", "info")]).await;
    let (done, answered) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let mut people = Vec::new();
    for _ in 0..PEOPLE {
        let mut visitor = Visitor::new(&world);
        visitor.sign_in("/", "password@example.com").await;
        let (done, answered) = (Arc::clone(&done), Arc::clone(&answered));
        people.push(tokio::spawn(async move {
            while !done.load(Ordering::Relaxed) {
                let view = visitor.visit("/work").await;
                assert_eq!((view.status.as_u16(), view.url.path()), (200, "/work"), "{}", view.page.text);
                answered.fetch_add(1, Ordering::Relaxed);
            }
        }));
    }
    for reload in 0..20 {
        let (from, to) = if reload % 2 == 0 {
            ("[[route]]\nname = \"app\"", "[[route]]\ntimeout_seconds = 59\nname = \"app\"")
        } else {
            ("timeout_seconds = 59\n", "")
        };
        world.edit(from, to);
        let before = answered.load(Ordering::Relaxed);
        assert!(world.reload().await, "{}", world.log());
        while answered.load(Ordering::Relaxed) < before + PEOPLE {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
    done.store(true, Ordering::Relaxed);
    for person in people {
        person.await.expect("every request was answered, and nobody was signed out");
    }
    assert!(answered.load(Ordering::Relaxed) >= 20 * PEOPLE);
    assert!(world.metrics().await.contains("gateway_requests_in_flight 0\n"));
}

#[tokio::test]
async fn a_sign_in_half_way_goes_on() {
    let world = World::new().await;
    let mut visitor = Visitor::new(&world);
    let view = visitor.visit("/app?x=1").await;
    let view = visitor.answer(&view, &[("identifier", "question@example.com"), ("password", PASSWORD)]).await;
    let calls = world.calls("introspect").await;
    world.edit("[[route]]", "[[route]]\npath = \"/new\"\nupstream = \"http://127.0.0.1:1\"\n[[route]]");
    assert!(world.reload().await, "{}", world.log());
    is_in(&visitor.answer(&view, &[("answer", PASSWORD)]).await);
    assert_eq!(world.calls("introspect").await, calls, "what was remembered of it was handed on");
    assert_eq!(world.calls("openid-configuration").await, 1, "and what the org says of itself");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_websocket_stays_open() {
    let world = World::new().await;
    let mut visitor = Visitor::new(&world);
    visitor.sign_in("/", "password@example.com").await;
    let mut stream = TcpStream::connect(("127.0.0.1", world.port)).expect("a connection");
    stream.set_read_timeout(Some(Duration::from_secs(20))).expect("a timeout");
    let request = format!(
        "GET /ws HTTP/1.1\r\nHost: localhost:{}\r\nCookie: {}\r\n{WEBSOCKET}\r\n",
        world.port,
        visitor.cookie_line()
    );
    stream.write_all(request.as_bytes()).expect("sent");
    let (mut head, mut byte) = (Vec::new(), [0]);
    while !head.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte).expect("a head");
        head.push(byte[0]);
    }
    assert!(head.starts_with(b"HTTP/1.1 101"));
    // A frame of text, masked with zeros, and the same as it comes back (RFC 6455, 5.2).
    let mut echo = || {
        stream.write_all(b"\x81\x82\0\0\0\0hi").expect("a frame is sent");
        let mut frame = [0; 4];
        stream.read_exact(&mut frame).expect("a frame comes back");
        assert_eq!(&frame, b"\x81\x02hi");
    };
    echo();
    // Its route is gone afterwards, and the connection still there.
    world.edit("upstream = ", "maintenance = true\nupstream = ");
    assert!(world.reload().await, "{}", world.log());
    assert_eq!(visitor.visit("/x").await.status, 503);
    echo();
}

#[tokio::test]
async fn a_hang_up_before_the_gateway_listens_does_not_end_it() {
    let mut world = World::new().await;
    world
        .restart_when(|process| {
            let status = format!("/proc/{}/status", process.id());
            // From when it catches the signal (bit 0 of the mask) on.
            let catches = || {
                let status = std::fs::read_to_string(&status).unwrap_or_default();
                let mask = status.lines().find_map(|line| line.strip_prefix("SigCgt:\t")).unwrap_or_default();
                u64::from_str_radix(mask, 16).is_ok_and(|mask| mask & 1 == 1)
            };
            while !catches() {
                std::thread::yield_now();
            }
            for signal in ["-HUP", "-USR1", "-USR2", "-XFSZ"] {
                assert!(
                    Command::new("kill").args([signal, &process.id().to_string()]).status().expect("kill").success()
                );
            }
        })
        .await;
    assert_eq!(Visitor::new(&world).visit("/public").await.status, 200);
}

/// What `idx-gateway check` says of the configuration: on standard output, and beside it.
fn checked(world: &World) -> (bool, String) {
    let check = Command::new(env!("CARGO_BIN_EXE_idx-gateway"))
        .args(["check", "--config"])
        .arg(world.path("gateway.toml"))
        .output()
        .expect("it runs");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (check.status.success(), text(&check.stdout) + &text(&check.stderr))
}

/// K-04: nobody is signed out by an exchange of keys, and nobody comes in with a key that is over.
#[tokio::test]
async fn session_keys_are_exchanged_by_reloading_and_end_when_they_say_so() {
    let world = World::new().await;
    let mut earlier = Visitor::new(&world);
    is_at(&earlier.sign_in("/reports", "password@example.com").await, "/reports");
    let fresh = Command::new(env!("CARGO_BIN_EXE_idx-gateway")).arg("keygen").output();
    std::fs::write(world.path("next"), fresh.expect("a key").stdout).expect("written");
    private(&world.path("next"));

    world.edit("[{ file = \"key\" }]", "[{ file = \"next\" }, { file = \"key\", not_after = \"2100-01-31\" }]");
    assert!(world.reload().await, "{}", world.log());
    is_at(&earlier.visit("/reports").await, "/reports");
    let mut later = Visitor::new(&world);
    is_at(&later.sign_in("/reports", "password@example.com").await, "/reports");
    assert_ne!(key_of(&mut earlier), key_of(&mut later), "the first one seals");
    let (is_good, said) = checked(&world);
    assert!(is_good && !said.contains("not_after") && said.contains("a session's cookie has about "), "{said}");
    assert!(!said.contains("What refreshes it"), "nothing does: {said}");

    world.edit("2100-01-31", "2024-02-29T12:00:00Z");
    let (is_good, said) = checked(&world);
    assert!(is_good && said.contains("is past its not_after: it can go (a warning)"), "{said}");
    assert!(world.reload().await, "{}", world.log());
    assert_eq!(earlier.visit("/reports").await.page.headings, ["Sign in"]);
    is_at(&later.visit("/reports").await, "/reports");
    let metrics = world.metrics().await;
    let age = metrics.lines().find_map(|line| line.strip_prefix("gateway_session_key_age_seconds "));
    assert!(age.is_some_and(|age| age.parse::<u64>().is_ok_and(|age| age < 3600)), "{metrics}");

    world.edit("{ file = \"next\" }", "{ file = \"next\", not_after = 2024-02-29 }");
    let (is_good, said) = checked(&world);
    assert!(!is_good && said.contains("session.keys: every key is past its not_after"), "{said}");
    assert!(!world.reload().await, "nothing would open");
    is_at(&later.visit("/reports").await, "/reports");
}

/// S-04, K-04: at the key's own moment, and by a reload that takes it away. Whoever has another key goes on. A connection that
/// had the session before has it no more.
#[tokio::test]
async fn a_websocket_ends_with_the_key_that_sealed_its_session() {
    let world = World::new().await;
    let keygen = |name: &str| {
        let fresh = Command::new(env!("CARGO_BIN_EXE_idx-gateway")).arg("keygen").output();
        std::fs::write(world.path(name), fresh.expect("a key").stdout).expect("written");
        private(&world.path(name));
    };
    keygen("next");
    keygen("last");
    let (mut earlier, cookies) = opened_socket(&world).await;
    world.edit("[{ file = \"key\" }]", "[{ file = \"next\" }, { file = \"key\" }]");
    assert!(world.reload().await, "{}", world.log());
    let (mut later, _) = opened_socket(&world).await;
    let soon = std::time::SystemTime::now() + Duration::from_secs(3);
    let soon = soon.duration_since(std::time::UNIX_EPOCH).expect("it is after 1970").as_secs();
    let moment = Command::new("date").args(["-u", "+%FT%TZ", "-d", &format!("@{soon}")]).output().expect("a moment");
    let moment = String::from_utf8(moment.stdout).expect("text");
    world.edit("{ file = \"key\" }", &format!("{{ file = \"key\", not_after = \"{}\" }}", moment.trim()));
    assert!(world.reload().await, "{}", world.log());
    let mut kept = Raw::to(world.port).await;
    let asks = format!(
        "GET /reports HTTP/1.1\r\nHost: localhost:{}\r\nAccept: application/json\r\nCookie: {cookies}\r\n\r\n",
        world.port
    );
    kept.send(&asks).await;
    let before = status(&kept.answer().await).to_owned();
    let is_over = std::time::SystemTime::now() >= std::time::UNIX_EPOCH + Duration::from_secs(soon);
    assert!(before == "200" || is_over, "{before}");
    assert!(earlier.rest().await.ends_with("session ended"), "it is closed when the key is over");
    let mut still = String::new();
    for _ in 0..100 {
        kept.send(&asks).await;
        still = status(&kept.answer().await).to_owned();
        if still != "200" {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(still, "401", "what a connection remembers opens nothing either");
    let nothing_comes = tokio::time::timeout(Duration::from_millis(100), later.0.read_u8()).await.is_err();
    assert!(nothing_comes, "the other key is not over");
    world.edit("{ file = \"next\" }, ", "{ file = \"last\" }, ");
    assert!(world.reload().await, "{}", world.log());
    assert!(later.rest().await.ends_with("session ended"), "nobody comes in with a key that is gone");
    assert_eq!(world.log().matches("a stream was closed: its session's key is over").count(), 2);
}

/// Somebody signs in and opens a WebSocket; and their cookies.
async fn opened_socket(world: &World) -> (Raw, String) {
    let mut visitor = Visitor::new(world);
    is_at(&visitor.sign_in("/reports", "password@example.com").await, "/reports");
    let mut socket = Raw::to(world.port).await;
    let (host, cookies) = (format!("localhost:{}", world.port), visitor.cookie_line());
    socket.send(format!("GET /ws HTTP/1.1\r\nHost: {host}\r\nCookie: {cookies}\r\n{WEBSOCKET}\r\n")).await;
    assert_eq!(status(&socket.answer().await), "101");
    (socket, cookies)
}

/// Which key sealed a visitor's session.
fn key_of(visitor: &mut Visitor) -> String {
    visitor.jar()["gw_session"].split('.').nth(1).expect("a key's id").to_owned()
}
