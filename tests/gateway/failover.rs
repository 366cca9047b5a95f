//! A store whose server dies and whose replica takes its place, by Sentinel and in a cluster, while many people use sessions
//! that are being refreshed: nobody who should be signed in is signed out, nobody who was signed out comes back, and the org
//! is not stormed.
//!
//! `GATEWAY_PEOPLE` has it tried with more people than the suite has time for.

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::json;

use crate::redis_server::RedisServer;
use crate::refresh::{JANE, OFFLINE, refreshed, refreshes};
use crate::store::{Replica, asked, status};
use crate::visitor::Visitor;
use crate::world::{World, free_port};

async fn signed_in(world: &World) -> Visitor {
    let mut visitor = Visitor::new(world);
    let view = visitor.sign_in("/reports", JANE).await;
    assert_eq!((view.url.path(), view.status.as_u16()), ("/reports", 200), "{}", view.page.text);
    visitor
}

/// People use a store, and its server dies: `kill` does that, and comes back with the others once one has taken its place.
async fn nobody_notices(section: &str, kill: impl FnOnce() -> Vec<RedisServer> + Send + 'static) {
    let people = std::env::var("GATEWAY_PEOPLE").ok().and_then(|count| count.parse().ok()).unwrap_or(20);
    let more = format!("{OFFLINE}[session.redis]\n{section}cache_seconds = 1\n");
    let world = World::with(&more, &[("GATEWAY__SESSION__STORE", "redis")]).await;
    world.tell("policies", json!({"access_token_lifetime_s": 2})).await;
    let mut visitors = Vec::new();
    while visitors.len() < people {
        visitors.extend(join_all((0..20).map(|_| signed_in(&world))).await);
    }
    let jars: Vec<_> = visitors.iter_mut().map(|visitor| visitor.jar().clone()).collect();
    let (ended, live) = jars.split_at(people / 10);
    for visitor in &mut visitors[..ended.len()] {
        let view = visitor.visit("/.gateway/sign-out").await;
        visitor.choose(&view, "Sign out").await;
    }
    let (sign_ins, before, began) =
        (world.calls("/v1/interact").await, refreshes(&world).await, std::time::Instant::now());
    let killing = tokio::task::spawn_blocking(kill);
    let mut is_over = false;
    while !is_over {
        // Looked at first: what is asked after that is asked of the new server.
        is_over = killing.is_finished() && world.metrics().await.contains("gateway_store_up 1");
        assert!(began.elapsed() < Duration::from_secs(120), "nobody takes its place:\n{}", world.log());
        let answers = join_all(live.iter().map(|jar| status(world.port, jar))).await;
        assert!(answers.iter().all(|answer| *answer == 200), "{answers:?}\n{}", world.log());
        let answers = join_all(ended.iter().map(|jar| status(world.port, jar))).await;
        assert!(answers.iter().all(|answer| [401, 503].contains(answer)), "{answers:?}");
    }
    let _servers = killing.await.expect("it was killed");

    // What the new server has is good for another refresh, by whichever replica.
    let kept = refreshed(&world).await;
    let replica = Replica::of(&world, "redis").await;
    let all_again = async {
        while refreshed(&world).await < kept + live.len() {
            let answers = join_all(live.iter().map(|jar| status(world.port, jar))).await;
            assert!(answers.iter().all(|answer| *answer == 200), "{answers:?}\n{}", world.log());
        }
    };
    tokio::time::timeout(Duration::from_secs(120), all_again).await.expect("all are refreshed");
    for (jars, is_live) in [(live, true), (ended, false)] {
        let answers = join_all(jars.iter().map(|jar| asked(replica.port, jar))).await;
        let answers: Vec<u16> = answers.iter().map(|answer| answer.status().as_u16()).collect();
        assert!(answers.iter().all(|answer| (*answer == 200) == is_live), "elsewhere: {answers:?}");
    }
    assert_eq!(world.calls("/v1/interact").await, sign_ins, "nobody is sent to sign in");
    let (calls, spent) = (refreshes(&world).await - before, began.elapsed().as_secs() as usize + 2);
    assert!(calls <= live.len() * spent, "{calls} calls in {spent} s: each is due once a second");
    assert!(!world.log().contains("a session has ended, since"), "{}", world.log());
    eprintln!("{people} people, {calls} refreshes in {spent} s");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_primary_that_dies_and_sentinel_s_next_one_are_not_noticed() {
    let folder = tempfile::tempdir().expect("a folder");
    let [first, second, third] = [free_port(), free_port(), free_port()];
    let Some(primary) = RedisServer::at(first, folder.path(), &[]) else { return };
    let follows = format!("127.0.0.1 {first}");
    let replica = RedisServer::at(second, folder.path(), &["--replicaof", &follows]).expect("as the first");
    let config = format!(
        "port {third}\nsentinel monitor gw 127.0.0.1 {first} 1\nsentinel down-after-milliseconds gw 1000\n\
         sentinel failover-timeout gw 3000\n"
    );
    std::fs::write(folder.path().join("sentinel.conf"), config).expect("written");
    let sentinel = RedisServer::at(third, folder.path(), &["sentinel.conf", "--sentinel"]).expect("as the first");
    replica.until(&["INFO", "replication"], "master_link_status:up");
    sentinel.until(&["SENTINEL", "REPLICAS", "gw"], &second.to_string());
    let section = format!("url = [\"redis://127.0.0.1:{third}\"]\nsentinel_primary = \"gw\"\n");
    nobody_notices(&section, move || {
        drop(primary);
        replica.until(&["ROLE"], "master");
        vec![replica, sentinel]
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_of_a_cluster_that_dies_and_its_replica_are_not_noticed() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut nodes = Vec::new();
    let (mut first, first_bus) = (None, free_port());
    for number in 0..4 {
        let (port, bus) = (free_port(), if number == 0 { first_bus } else { free_port() });
        let (bus_text, file) = (bus.to_string(), format!("nodes-{port}.conf"));
        let cluster = ["--cluster-enabled", "yes", "--cluster-node-timeout", "1500", "--cluster-config-file", &file];
        let more: Vec<&str> = cluster.into_iter().chain(["--cluster-port", &bus_text]).collect();
        let Some(node) = RedisServer::at(port, folder.path(), &more) else { return };
        let first = *first.get_or_insert(port);
        if number > 0 {
            node.says(&["CLUSTER", "MEET", "127.0.0.1", &first.to_string(), &first_bus.to_string()]);
        }
        nodes.push(node);
    }
    for (node, range) in nodes.iter().zip([["0", "5460"], ["5461", "10922"], ["10923", "16383"]]) {
        node.says(&["CLUSTER", "ADDSLOTSRANGE", range[0], range[1]]);
    }
    let replica = nodes.pop().expect("the fourth");
    for node in &nodes {
        node.until(&["CLUSTER", "INFO"], "cluster_state:ok");
        node.until(&["CLUSTER", "INFO"], "cluster_known_nodes:4");
    }
    let first = nodes[0].says(&["CLUSTER", "MYID"]).lines().last().expect("its id").to_owned();
    replica.until(&["CLUSTER", "NODES"], &first);
    replica.until(&["CLUSTER", "REPLICATE", &first], "OK");
    replica.until(&["INFO", "replication"], "master_link_status:up");
    let addresses: Vec<String> = nodes.iter().map(|node| format!("\"{}\"", node.url())).collect();
    let section = format!("url = [{}]\n", addresses.join(", "));
    nobody_notices(&section, move || {
        drop(nodes.remove(0));
        replica.until(&["ROLE"], "master");
        for node in &nodes {
            node.until(&["CLUSTER", "INFO"], "cluster_state:ok");
        }
        nodes.push(replica);
        nodes
    })
    .await;
}
