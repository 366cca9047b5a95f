//! Two replicas with the same keys, asked in turns: every request of a sign-in reaches the other one.

use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::json;
use tokio::net::{TcpListener, TcpStream};

use crate::flows::{PASSWORD, is_in};
use crate::visitor::Visitor;
use crate::world::{World, free_port};

/// The other replica, gone with the test.
pub(crate) struct Replica(Child);

impl Drop for Replica {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A world whose public port leads to two gateways in turns, one connection each.
pub(crate) async fn world(settings: &str) -> (World, Replica, Arc<AtomicUsize>) {
    let ports = [free_port(), free_port()];
    let listen = ports.map(|port| format!("127.0.0.1:{port}"));
    let world = World::with(settings, &[("GATEWAY__SERVER__LISTEN", &listen[0])]).await;
    let admin = free_port();
    let child = Command::new(env!("CARGO_BIN_EXE_idx-gateway"))
        .args(["run", "--config"])
        .arg(world.path("gateway.toml"))
        .env("GATEWAY__SERVER__LISTEN", &listen[1])
        .env("GATEWAY__ADMIN__LISTEN", format!("127.0.0.1:{admin}"))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the other replica starts");
    let replica = Replica(child);
    while TcpStream::connect(("127.0.0.1", ports[1])).await.is_err() {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let balancer = TcpListener::bind(("127.0.0.1", world.port)).await.expect("the public port is free");
    let connections = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&connections);
    tokio::spawn(async move {
        for port in ports.into_iter().cycle() {
            let Ok((mut visitor, _)) = balancer.accept().await else { return };
            count.fetch_add(1, Ordering::Relaxed);
            tokio::spawn(async move {
                let mut gateway = TcpStream::connect(("127.0.0.1", port)).await.expect("a replica");
                let _ = tokio::io::copy_bidirectional(&mut visitor, &mut gateway).await;
            });
        }
    });
    (world, replica, connections)
}

/// A browser that opens a connection for each request.
pub(crate) fn visitor(world: &World) -> Visitor {
    let mut visitor = Visitor::new(world);
    visitor.headers.push(("connection".to_owned(), "close".to_owned()));
    visitor
}

#[tokio::test]
async fn a_sign_in_goes_on_whichever_replica_is_asked() {
    for rotate in [false, true] {
        let (world, _replica, connections) = world("").await;
        world.tell("policies", json!({"rotate_state_handle": rotate, "first_page": "identifier"})).await;
        // One request more or less, so that each request reaches the one replica and the other.
        for requests_before in 0..2 {
            let mut visitor = visitor(&world);
            for _ in 0..requests_before {
                visitor.visit("/public").await;
            }
            let view = visitor.visit("/app?x=1").await;
            let view = visitor.answer(&view, &[("identifier", "question@example.com")]).await;
            let view = visitor.answer(&view, &[("password", "Wrong-1234")]).await;
            assert_eq!(view.page.problems.len(), 1, "{}", view.page.text);
            let view = visitor.answer(&view, &[("password", PASSWORD)]).await;
            assert_eq!(view.page.headings, ["Answer your security question"], "{}", view.page.text);
            let view = visitor.answer(&view, &[("answer", "wrong")]).await;
            assert_eq!(view.page.problems.len(), 1, "{}", view.page.text);
            let view = visitor.visit(view.url.path()).await;
            assert_eq!(view.page.headings, ["Answer your security question"], "{}", view.page.text);
            is_in(&visitor.answer(&view, &[("answer", PASSWORD)]).await);
        }
        assert!(connections.load(Ordering::Relaxed) > 20, "each request has a connection of its own");
    }
}
