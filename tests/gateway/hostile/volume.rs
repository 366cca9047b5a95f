//! C-07, D-02, D-13, S-07, S-09: much of something leaves nothing behind, and what is at its limit ends nothing else.

use std::collections::BTreeSet;
use std::io::{Read as _, Write as _};
use std::net::SocketAddr;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use sample_app::SampleApp;

use crate::raw::{Raw, status};
use crate::upstream::{Upstream, connect, head_of};
use crate::world::World;

/// The names and labels of all metrics.
pub(super) fn series(metrics: &str) -> BTreeSet<&str> {
    metrics
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.rsplit_once(' '))
        .map(|(name, _)| name)
        .collect()
}

/// D-02.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_strangers_make_up_leaves_nothing_behind() {
    let world = World::with("access_log = false\n", &[("GATEWAY__SERVER__LOG", "info")]).await;
    let send = |round: usize, count: usize| {
        let port = world.port;
        std::thread::spawn(move || {
            let mut stream = connect(port);
            for number in 0..count {
                let sign = round * count + number;
                let request = format!(
                    "GET /x{sign} HTTP/1.1\r\nHost: h{sign}.example\r\nCookie: gw_session=v1.{sign}; gw_tx_{sign:022}=junk\r\n\
                     Authorization: Bearer {sign}\r\nX-Made-Up-{sign}: {sign:04000}\r\n\r\n"
                );
                stream.write_all(request.as_bytes()).expect("sent");
                let head = head_of(&mut stream).expect("an answer");
                assert!(head.starts_with("HTTP/1.1 4") || head.starts_with("HTTP/1.1 3"), "{head}");
                let length = head
                    .to_ascii_lowercase()
                    .split("content-length: ")
                    .nth(1)
                    .and_then(|rest| rest.lines().next()?.parse().ok());
                stream.read_exact(&mut vec![0; length.unwrap_or(0)]).expect("the body");
            }
        })
    };
    for _ in 0..2 {
        send(0, 1000).join().expect("answered");
    }
    let (memory, metrics) = (world.resident_kib(), world.metrics().await);
    for round in 1..11 {
        send(round, 2000).join().expect("answered");
    }
    let grown = world.resident_kib().saturating_sub(memory);
    // All of them together are 80 MiB.
    assert!(grown < 40 * 1024, "{grown} KiB more after 20,000 hosts, paths and cookies that nobody has");
    let after = world.metrics().await;
    let new: Vec<_> = series(&after).difference(&series(&metrics)).map(|name| (*name).to_owned()).collect();
    assert!(new.is_empty(), "{new:?}");
    assert!(world.app.requests().is_empty());
}

/// D-13.
#[tokio::test]
async fn at_the_limit_of_descriptors_what_is_open_and_the_admin_listener_live_on() {
    const GET: &str = "GET /public HTTP/1.1\r\nHost: localhost\r\n\r\n";
    let world = World::new().await;
    let mut kept = Raw::to(world.port).await;
    kept.send(GET).await;
    assert_eq!(status(&kept.answer().await), "200");
    let limit = Command::new("prlimit").args(["--nofile=400:400", "--pid", &world.pid().to_string()]).status();
    assert!(limit.is_ok_and(|status| status.success()), "prlimit");
    assert!(world.reload().await, "{}", world.log());
    let mut open = Vec::new();
    let (mut answered, mut refused) = (0, 0);
    for number in 0..200_u8 {
        let mut raw = Raw::from(&format!("127.0.1.{number}"), world.port).await;
        raw.send(GET).await;
        match status(&raw.answer().await) {
            "200" => answered += 1,
            "" => refused += 1,
            other => panic!("{other}"),
        }
        open.push(raw);
    }
    assert!(answered > 50 && refused > 50, "{answered} answered, {refused} refused");
    assert_eq!(world.ready_status().await, 200, "the admin listener has its own");
    kept.send(GET).await;
    assert_eq!(status(&kept.answer().await), "200");
    drop(open);
    for _ in 0..200 {
        let mut raw = Raw::to(world.port).await;
        raw.send(GET).await;
        if status(&raw.answer().await) == "200" {
            assert!(!world.log().contains("ERROR"), "{}", world.log());
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("nobody is let in again:\n{}", world.log());
}

/// D-13: connections to upstreams have a share of the descriptors as well, and what does not fit is told so.
#[tokio::test]
async fn requests_to_upstreams_leave_descriptors_for_everything_else() {
    let world = World::new().await;
    let limit = Command::new("prlimit").args(["--nofile=400:400", "--pid", &world.pid().to_string()]).status();
    assert!(limit.is_ok_and(|status| status.success()), "prlimit");
    assert!(world.reload().await, "{}", world.log());
    let mut open = Vec::new();
    for number in 0..60_u8 {
        let mut raw = Raw::from(&format!("127.0.1.{number}"), world.port).await;
        raw.send("GET /public/slow?ms=4000 HTTP/1.1\r\nHost: localhost\r\n\r\n").await;
        open.push(raw);
    }
    assert_eq!(world.ready_status().await, 200);
    let (mut forwarded, mut told) = (0, 0);
    for raw in &mut open {
        match status(&raw.answer().await) {
            "200" => forwarded += 1,
            "502" => told += 1,
            other => panic!("{other}"),
        }
    }
    // A third of 400 but for 256.
    assert_eq!((forwarded, told), (48, 12));
    assert!(world.log().contains("no descriptor is left"), "{}", world.log());
    let mut again = Raw::to(world.port).await;
    again.send("GET /public HTTP/1.1\r\nHost: localhost\r\n\r\n").await;
    assert_eq!(status(&again.answer().await), "200", "a place was not given back");
}

/// S-07, S-09: an answer without end, to somebody who does not read it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_without_end_waits_at_the_upstream() {
    let written = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&written);
    let upstream = Upstream::new(move |stream, _, _| {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 10000000000\r\n\r\n");
        while stream.write_all(&[b'x'; 65_536]).is_ok() {
            counted.fetch_add(65_536, Ordering::Relaxed);
        }
        false
    });
    let world = World::with(&upstream.route("/u", ""), &[]).await;
    let before = world.resident_kib();
    let mut readers: Vec<_> = (0..20).map(|_| connect(world.port)).collect();
    for stream in &mut readers {
        write!(stream, "GET /u HTTP/1.1\r\nHost: localhost:{}\r\n\r\n", world.port).expect("sent");
        assert!(head_of(stream).expect("an answer").starts_with("HTTP/1.1 200 "));
    }
    // What is written fills the buffers of sockets, which are the kernel's, and then the upstream has to wait.
    let mut last = (0, Instant::now());
    let began = Instant::now();
    while last.1.elapsed() < Duration::from_secs(2) {
        assert!(began.elapsed() < Duration::from_secs(60), "{last:?}: the upstream writes and writes");
        tokio::time::sleep(Duration::from_millis(100)).await;
        let now = written.load(Ordering::Relaxed);
        if now != last.0 {
            last = (now, Instant::now());
        }
    }
    let more = world.resident_kib().saturating_sub(before);
    assert!(more < 128 * 1024, "{more} KiB more for twenty answers that nobody reads");
    // Whoever reads gets as much as they read.
    let mut megabytes = vec![0; 20 * 1024 * 1024];
    readers[0].read_exact(&mut megabytes).expect("the answer goes on");
}

/// C-07: of two configurations one opens the first app to everybody, the other the second app to nobody. Whoever
/// reached the second app without being let in would have been decided about by the one and forwarded by the other.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_request_is_answered_by_halves_of_two_configurations() {
    let second = SampleApp::start(SocketAddr::from(([127, 0, 0, 1], 0))).await.expect("another app");
    let open = "\n[[route]]\nname = \"a\"\nupstream = \"APP\"\nallow = \"public\"\n";
    let world = World::with(open, &[("GATEWAY__SERVER__LOG", "info")]).await;
    let first = format!("upstream = \"http://{}\"\nallow = \"public\"", world.app.address());
    let closed = format!("upstream = \"http://{}\"\nallow = {{ groups = [\"admins\"] }}", second.address());
    let done = Arc::new(AtomicBool::new(false));
    let clients: Vec<_> = (0..8)
        .map(|_| {
            let (done, port) = (Arc::clone(&done), world.port);
            tokio::spawn(async move {
                let mut seen = BTreeSet::new();
                let mut raw = Raw::to(port).await;
                while !done.load(Ordering::Relaxed) {
                    raw.send(format!("GET /x HTTP/1.1\r\nHost: localhost:{port}\r\n\r\n")).await;
                    seen.insert(status(&raw.answer().await).to_owned());
                }
                seen
            })
        })
        .collect();
    for round in 0..10 {
        let (from, to) = if round % 2 == 0 { (&first, &closed) } else { (&closed, &first) };
        world.edit(from, to);
        assert!(world.reload().await, "{}", world.log());
    }
    done.store(true, Ordering::Relaxed);
    for client in clients {
        let seen = client.await.expect("a client");
        assert_eq!(seen.iter().map(String::as_str).collect::<Vec<_>>(), ["200", "401"]);
    }
    assert!(second.requests().is_empty(), "{:?}", second.requests());
}

/// Bodies are passed on as they come: large ones, and a client that pauses, need no more memory than small ones.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_large_body_passes_in_constant_memory() {
    passes_in_constant_memory(300 << 20, 100 << 10).await;
}

/// The stage `volume` of tests/run: a minute of an unoptimised build, more on a busy machine.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn five_gigabytes_pass_in_constant_memory() {
    if std::env::var_os("VOLUME").is_none() {
        eprintln!("passed over: it is tried by the stage volume of tests/run");
        return;
    }
    passes_in_constant_memory(5 << 30, 40 << 10).await;
}

/// A download of so many bytes, within which the client pauses, and then an upload, let the gateway's memory grow by no
/// more KiB than told.
async fn passes_in_constant_memory(bytes: usize, most_kib: usize) {
    let upstream = Upstream::new(move |stream, head, _| {
        let mut block = vec![b'x'; 1 << 20];
        if head.starts_with("PUT ") {
            let mut left = bytes;
            while left > 0 {
                let most = block.len().min(left);
                let Ok(count @ 1..) = stream.read(&mut block[..most]) else { return false };
                left -= count;
            }
            return stream.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").is_ok();
        }
        let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {bytes}\r\n\r\n");
        let mut sent = stream.write_all(head.as_bytes());
        for _ in 0..bytes / block.len() {
            sent = sent.and_then(|()| stream.write_all(&block));
        }
        sent.is_ok()
    });
    let world = World::with(&upstream.route("/", ""), &[("GATEWAY__SERVER__LOG", "info")]).await;
    let mut block = vec![b'x'; 1 << 20];
    let mut stream = connect(world.port);
    stream.set_read_timeout(Some(Duration::from_secs(60))).expect("a timeout");
    let host = format!("Host: localhost:{}", world.port);
    let (before, began) = (world.resident_kib(), Instant::now());
    stream.write_all(format!("GET /x HTTP/1.1\r\n{host}\r\n\r\n").as_bytes()).expect("sent");
    head_of(&mut stream).expect("an answer");
    let (mut got, mut most_seen) = (0, 0);
    while got < bytes {
        let most = block.len().min(bytes - got);
        stream.read_exact(&mut block[..most]).expect("the body");
        got += most;
        if got == 100 << 20 {
            // The upstream would send on: what nobody reads must not be kept.
            std::thread::sleep(Duration::from_millis(500));
        }
        if got % (100 << 20) == 0 {
            most_seen = most_seen.max(world.resident_kib());
        }
    }
    let downloaded = began.elapsed();
    stream.write_all(format!("PUT /x HTTP/1.1\r\n{host}\r\nContent-Length: {bytes}\r\n\r\n").as_bytes()).expect("sent");
    for number in 0..bytes / block.len() {
        stream.write_all(&block).expect("sent");
        if number % 100 == 0 {
            most_seen = most_seen.max(world.resident_kib());
        }
    }
    let answer = head_of(&mut stream).expect("an answer");
    assert!(answer.starts_with("HTTP/1.1 204 "), "{answer}");
    most_seen = most_seen.max(world.resident_kib());
    let uploaded = began.elapsed() - downloaded;
    println!(
        "{} MiB down in {:.1} s and up in {:.1} s: {before} KiB before, {most_seen} KiB at most",
        bytes >> 20,
        downloaded.as_secs_f64(),
        uploaded.as_secs_f64()
    );
    assert!(most_seen < before + most_kib, "{before} KiB before, {most_seen} KiB at most");
}
