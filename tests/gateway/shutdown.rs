//! How the gateway stops: what each signal does in every phase, and that no request in flight is lost.

use std::io::{Read as _, Write as _};
use std::process::Command;
use std::time::Duration;

use crate::raw::WEBSOCKET;
use crate::upstream::{Upstream, connect, head_of, rest_of};
use crate::world::World;

const SHORT: [(&str, &str); 2] = [("GATEWAY__SERVER__DRAIN_SECONDS", "2"), ("GATEWAY__SERVER__GRACE_SECONDS", "40")];
const LONG: [(&str, &str); 2] = [("GATEWAY__SERVER__DRAIN_SECONDS", "60"), ("GATEWAY__SERVER__GRACE_SECONDS", "60")];

fn slow() -> Upstream {
    Upstream::new(|stream, head, _| {
        if head.contains("/u/slow") {
            std::thread::sleep(Duration::from_millis(2500));
        }
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ndone").is_ok()
    })
}

fn begin(world: &World, path: &str) -> std::net::TcpStream {
    let mut stream = connect(world.port);
    let head = format!("GET {path} HTTP/1.1\r\nHost: localhost:{}\r\n\r\n", world.port);
    stream.write_all(head.as_bytes()).expect("the request is sent");
    stream
}

/// Waits until it is known to those who balance requests that this one ends.
async fn until_it_says_so(world: &World) {
    let says_so = async {
        while world.ready_status().await != 503 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), says_so).await.expect("it is not ready any more");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn asked_to_end_it_lets_go_of_connections_and_finishes_what_is_under_way() {
    for signal in ["TERM", "QUIT"] {
        let upstream = slow();
        let mut world = World::with(&upstream.route("/u", ""), &SHORT).await;
        let mut idle = begin(&world, "/u/one");
        assert!(head_of(&mut idle).expect("an answer").contains("keep-alive"));
        let mut under_way = begin(&world, "/u/slow");
        upstream.until_asked(2).await;
        world.signal(signal);
        until_it_says_so(&world).await;
        let mut fresh = begin(&world, "/u/two");
        let answer = rest_of(&mut fresh);
        assert!(
            answer.starts_with("HTTP/1.1 200 ") && answer.to_ascii_lowercase().contains("connection: close"),
            "{answer}"
        );
        assert!(rest_of(&mut under_way).ends_with("done"), "{signal}");
        let status = world.end(Duration::from_secs(20)).await;
        assert!(status.is_some_and(|status| status.success()), "{signal}: {status:?}\n{}", world.log());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_signal_ends_at_once_in_every_phase() {
    for (first, second) in [(None, "INT"), (Some("TERM"), "TERM"), (Some("TERM"), "INT"), (Some("QUIT"), "TERM")] {
        let upstream = slow();
        let mut world = World::with(&upstream.route("/u", ""), &LONG).await;
        let _under_way = begin(&world, "/u/slow");
        upstream.until_asked(1).await;
        if let Some(first) = first {
            world.signal(first);
            until_it_says_so(&world).await;
        }
        world.signal(second);
        let status = world.end(Duration::from_secs(20)).await;
        assert!(status.is_some_and(|status| status.success()), "{first:?}, {second}: {status:?}\n{}", world.log());
    }
    for second in ["TERM", "INT", "QUIT"] {
        let upstream = Upstream::new(|_, _, _| {
            loop {
                std::thread::sleep(Duration::from_secs(60));
            }
        });
        let environment = [LONG[1], ("GATEWAY__SERVER__DRAIN_SECONDS", "0")];
        let mut world = World::with(&upstream.route("/u", ""), &environment).await;
        let _under_way = begin(&world, "/u");
        upstream.until_asked(1).await;
        world.signal("TERM");
        assert!(world.end(Duration::from_millis(700)).await.is_none(), "the request under way was not waited for");
        world.signal(second);
        let status = world.end(Duration::from_secs(20)).await;
        assert!(status.is_some_and(|status| status.success()), "grace, {second}: {status:?}\n{}", world.log());
    }
}

/// The start waits for a secret that nobody writes, for as long as the test wants.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_it_starts_what_asks_it_to_end_ends_it_and_the_rest_waits() {
    use std::os::unix::process::ExitStatusExt as _;
    let mut world = World::new().await;
    let secret = world.path("secret");
    world
        .edit(&format!("client_secret = \"{}\"", okta_sandbox::CLIENT_SECRET), "client_secret = { file = \"secret\" }");
    assert!(Command::new("mkfifo").arg(&secret).status().is_ok_and(|status| status.success()));
    // The first does what it does by itself until it is caught: by then all are.
    let catches = |pid: u32, number: u32| {
        let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
        let mask = status.lines().find_map(|line| line.strip_prefix("SigCgt:\t")).unwrap_or_default();
        u64::from_str_radix(mask, 16).is_ok_and(|mask| mask >> (number - 1) & 1 == 1)
    };
    for signal in ["TERM", "INT", "QUIT"] {
        world.restart_until(|process| catches(process.id(), 1)).await;
        for means_nothing in ["USR1", "USR2", "XFSZ", "HUP"] {
            world.signal(means_nothing);
        }
        assert!(world.end(Duration::from_millis(200)).await.is_none(), "{}", world.log());
        world.signal(signal);
        let status = world.end(Duration::from_secs(20)).await.unwrap_or_else(|| panic!("{signal}: {}", world.log()));
        assert_eq!((status.code(), status.signal(), status.core_dumped()), (Some(0), None, false), "{signal}");
    }
    world.restart_until(|process| catches(process.id(), 1)).await;
    world.signal("HUP");
    // What the hang-up asked for reads a file.
    let mut waited_for = std::fs::OpenOptions::new().write(true).open(&secret).expect("the start reads it");
    std::fs::write(world.path("file"), okta_sandbox::CLIENT_SECRET).expect("written");
    std::fs::rename(world.path("file"), &secret).expect("it is there");
    waited_for.write_all(okta_sandbox::CLIENT_SECRET.as_bytes()).expect("written");
    drop(waited_for);
    world.until_ready().await;
    let is_reloaded = async {
        while !world.log().contains("was read again and taken") {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), is_reloaded).await.unwrap_or_else(|_| panic!("{}", world.log()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn signals_that_mean_nothing_change_nothing() {
    let upstream = slow();
    let mut world = World::with(&upstream.route("/u", ""), &LONG).await;
    for signal in ["USR1", "USR2", "XFSZ", "PIPE"] {
        world.signal(signal);
    }
    assert!(world.end(Duration::from_millis(300)).await.is_none(), "{}", world.log());
    assert!(head_of(&mut begin(&world, "/u/one")).is_some_and(|head| head.starts_with("HTTP/1.1 200 ")));
    assert_eq!(world.ready_status().await, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_was_let_in_is_answered() {
    let upstream = slow();
    let mut world = World::with(&upstream.route("/u", ""), &SHORT).await;
    let head = format!("GET /u/one HTTP/1.1\r\nHost: localhost:{}\r\nConnection: close\r\n\r\n", world.port);
    let port = world.port;
    let clients: Vec<_> = (0..64)
        .map(|_| {
            let head = head.clone();
            // How many requests were not answered, until nobody listens any more.
            std::thread::spawn(move || {
                for answered in 0.. {
                    let Ok(mut stream) = std::net::TcpStream::connect(("127.0.0.1", port)) else {
                        return (answered, 0);
                    };
                    let is_answered =
                        stream.write_all(head.as_bytes()).is_ok() && rest_of(&mut stream).ends_with("done");
                    if !is_answered {
                        return (answered, 1);
                    }
                }
                (0, 1)
            })
        })
        .collect();
    upstream.until_asked(200).await;
    world.signal("TERM");
    assert!(world.end(Duration::from_secs(30)).await.is_some_and(|status| status.success()), "{}", world.log());
    let ends: Vec<(usize, usize)> = clients.into_iter().map(|client| client.join().expect("it ends")).collect();
    let (answered, lost) = ends.iter().fold((0, 0), |(all, lost), end| (all + end.0, lost + end.1));
    // Between the last look into the queue and its end the kernel may let one more in.
    assert!(answered >= 200 - 64 && lost <= 1, "{answered} answered, {lost} lost");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_websocket_is_told_to_close() {
    let (close_came, upstream_saw) = std::sync::mpsc::channel();
    let upstream = Upstream::new(move |stream, _, _| {
        let _ = stream.write_all(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n\x81\x05hello",
        );
        let mut close = [0; 8];
        let _ = close_came.send(stream.read_exact(&mut close).map(|()| close));
        false
    });
    let environment = [("GATEWAY__SERVER__DRAIN_SECONDS", "0"), ("GATEWAY__SERVER__GRACE_SECONDS", "30")];
    let mut world = World::with(&upstream.route("/u", ""), &environment).await;
    let mut stream = connect(world.port);
    let head = format!("GET /u HTTP/1.1\r\nHost: localhost:{}\r\n{WEBSOCKET}\r\n", world.port);
    stream.write_all(head.as_bytes()).expect("sent");
    assert!(head_of(&mut stream).expect("an answer").starts_with("HTTP/1.1 101 "));
    let mut hello = [0; 7];
    stream.read_exact(&mut hello).expect("a message");
    world.signal("TERM");
    let mut close = [0; 4];
    stream.read_exact(&mut close).expect("a close");
    assert_eq!(close, [0x88, 2, 0x03, 0xe9]);
    stream.write_all(&[0x88, 0x82, 0, 0, 0, 0, 0x03, 0xe9]).expect("the answer to it");
    let status = world.end(Duration::from_secs(20)).await;
    assert!(status.is_some_and(|status| status.success()), "{status:?}\n{}", world.log());
    let close = upstream_saw.recv_timeout(Duration::from_secs(20)).expect("the upstream was reached");
    assert_eq!(close.expect("a close"), [0x88, 0x82, 0, 0, 0, 0, 0x03, 0xe9], "the client's own, passed on");
}
