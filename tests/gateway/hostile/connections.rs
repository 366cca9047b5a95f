//! D-07, D-13, S-07: what strangers hold open is bounded, and others do not notice.

use std::time::{Duration, Instant};

use tokio::io::AsyncReadExt as _;

use crate::raw::{Raw, status};
use crate::world::World;

const GET: &str = "GET /public HTTP/1.1\r\nHost: localhost\r\n\r\n";

/// Whether the other end closes with nothing said, sooner than it does where it waits for a head (ten seconds).
async fn is_closed(raw: &mut Raw) -> bool {
    let mut byte = [0; 1];
    matches!(tokio::time::timeout(Duration::from_secs(8), raw.0.read(&mut byte)).await, Ok(Ok(0) | Err(_)))
}

#[tokio::test]
async fn an_address_has_so_many_connections_and_others_have_theirs() {
    let world = World::with("max_connections_per_address = 5\nmax_connections = 20\n", &[]).await;
    // The gateway's own check that it listens may still be closing.
    let nobody = async {
        while !world.metrics().await.contains("gateway_connections 0\n") {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), nobody).await.expect("the check ends");
    let mut held = Vec::new();
    for _ in 0..5 {
        let mut raw = Raw::to(world.port).await;
        raw.send(GET).await;
        assert_eq!(status(&raw.answer().await), "200");
        held.push(raw);
    }
    for _ in 0..3 {
        assert!(is_closed(&mut Raw::to(world.port).await).await, "a sixth connection is served");
    }
    for other in 2..5 {
        for _ in 0..5 {
            let mut raw = Raw::from(&format!("127.0.0.{other}"), world.port).await;
            raw.send(GET).await;
            assert_eq!(status(&raw.answer().await), "200", "127.0.0.{other} has its own share");
            held.push(raw);
        }
    }
    assert!(is_closed(&mut Raw::from("127.0.0.9", world.port).await).await, "more than all are served");
    // Nothing of this is the admin listener's, or that of connections that are open.
    let metrics = world.metrics().await;
    assert!(metrics.contains("gateway_connections 20\n"), "{metrics}");
    assert!(metrics.contains("gateway_connections_refused_total{reason=\"of_address\"} 3\n"), "{metrics}");
    assert!(metrics.contains("gateway_connections_refused_total{reason=\"in_all\"} 1\n"), "{metrics}");
    for raw in &mut held {
        raw.send(GET).await;
        assert_eq!(status(&raw.answer().await), "200");
    }
    held.clear();
    let had_again = async {
        loop {
            let mut raw = Raw::to(world.port).await;
            raw.send(GET).await;
            if status(&raw.answer().await) == "200" {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), had_again).await.expect("what was given back can be had again");
    assert_eq!(world.log().matches("server.max_connections").count(), 1, "each refusal has a line: {}", world.log());
}

/// D-07: each of them has 64 KiB at most, and each byte is looked at once.
#[tokio::test]
async fn unfinished_heads_take_little_and_end() {
    let world = World::new().await;
    let mut over = Raw::to(world.port).await;
    over.send(format!("GET /public HTTP/1.1\r\nHost: localhost\r\nX: {}", "x".repeat(70_000))).await;
    assert_eq!(status(&over.rest().await), "431");
    let before = world.resident_kib();
    let mut open = Vec::new();
    for _ in 0..150 {
        let mut raw = Raw::to(world.port).await;
        raw.send(format!("GET /public HTTP/1.1\r\nHost: localhost\r\nX: {}", "x".repeat(60_000))).await;
        open.push(raw);
    }
    let began = Instant::now();
    for raw in &mut open {
        for _ in 0..20 {
            raw.send("x").await;
        }
    }
    let mut other = Raw::to(world.port).await;
    other.send(GET).await;
    assert_eq!(status(&other.answer().await), "200");
    let grown = world.resident_kib().saturating_sub(before);
    // They hold 9 MiB.
    assert!(grown < 80 * 1024, "{grown} KiB more for 150 unfinished heads");
    for raw in &mut open[..4] {
        assert_eq!(status(&raw.rest().await), "408");
    }
    assert!(began.elapsed() < Duration::from_secs(30), "they were held for {:?}", began.elapsed());
}

#[tokio::test]
async fn who_goes_away_in_the_middle_writes_no_error() {
    let world = World::new().await;
    for part in ["", "G", "GET /public HTTP/1.1\r\nHost: loc", "\r\n"] {
        Raw::to(world.port).await.send(part).await;
    }
    let mut raw = Raw::to(world.port).await;
    raw.send("POST /public HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nabc").await;
    drop(raw);
    tokio::time::sleep(Duration::from_millis(500)).await;
    let log = world.log();
    assert!(!log.contains("ERROR"), "{log}");
    assert!(!log.contains(" WARN"), "{log}");
}
