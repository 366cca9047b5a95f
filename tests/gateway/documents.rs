//! The org's documents, discovery and keys: asked for once for everybody, used while they cannot be had, followed
//! when they change.

use std::time::{Duration, Instant};

use serde_json::json;
use tokio::task::JoinSet;

use crate::sign_in::is_at;
use crate::visitor::{View, Visitor};
use crate::world::World;

const DISCOVERY: &str = "/.well-known/openid-configuration";
const KEYS: &str = "/v1/keys";
const ACCOUNT: &str = "password@example.com";

/// So many at once, each in a browser of their own.
async fn crowd<F>(world: &World, size: usize, act: impl Fn(Visitor) -> F) -> Vec<View>
where
    F: Future<Output = View> + Send + 'static,
{
    let mut crowd: JoinSet<_> = (0..size).map(|_| act(Visitor::new(world))).collect();
    let mut views = Vec::new();
    while let Some(view) = crowd.join_next().await {
        views.push(view.expect("a visitor"));
    }
    views
}

async fn signs_in(mut visitor: Visitor) -> View {
    visitor.sign_in("/reports", ACCOUNT).await
}

/// Which of the org's keys signs from now on; gives how often it was asked for keys so far.
async fn roll_over(world: &World, key: u8) -> usize {
    world.tell("policies", json!({ "signing_key": key })).await;
    world.make_keys().await;
    world.calls(KEYS).await
}

#[tokio::test]
async fn fifty_sign_ins_at_a_cold_start_ask_once() {
    let world = World::new().await;
    let before = (world.calls(DISCOVERY).await, world.calls(KEYS).await);
    let slow = |at| json!({"at": at, "fault": "slow", "ms": 500, "times": 50});
    world.faults(json!([slow("discovery"), slow("keys")])).await;
    for view in crowd(&world, 50, signs_in).await {
        is_at(&view, "/reports");
    }
    assert_eq!(world.calls("/v1/token").await, 50);
    assert_eq!((world.calls(DISCOVERY).await, world.calls(KEYS).await), (before.0 + 1, before.1 + 1));
}

#[tokio::test]
async fn whoever_gives_up_waiting_does_not_end_it_for_the_others() {
    let world = World::new().await;
    world.faults(json!([{"at": "discovery", "fault": "slow", "ms": 2000, "times": 1}])).await;
    let mut first = Visitor::new(&world);
    let gives_up = tokio::time::timeout(Duration::from_millis(500), first.visit("/reports")).await;
    assert!(gives_up.is_err(), "discovery was not slow");
    let view = Visitor::new(&world).sign_in("/reports", ACCOUNT).await;
    is_at(&view, "/reports");
    assert_eq!(world.calls(DISCOVERY).await, 1);
}

#[tokio::test]
async fn a_dead_org_is_not_asked_for_every_visitor() {
    let world = World::new().await;
    world.faults(json!([{"at": "any", "fault": "down"}])).await;
    let began = Instant::now();
    for _ in 0..3 {
        for view in crowd(&world, 30, async |mut visitor: Visitor| visitor.visit("/reports").await).await {
            assert_eq!(view.status, 503, "{}", view.page.text);
        }
    }
    // At once, after half a second at most, after a second at most, and then ever more rarely.
    let calls = world.calls(DISCOVERY).await;
    let most = 4 + usize::try_from(began.elapsed().as_secs() / 2).expect("a number");
    assert!((2..=most).contains(&calls), "{calls} in {:?}", began.elapsed());
    assert_eq!(world.calls("/v1/interact").await, 0);
}

#[tokio::test]
async fn what_is_there_serves_while_the_org_cannot_say_it_again() {
    let world = World::new().await;
    is_at(&Visitor::new(&world).sign_in("/reports", ACCOUNT).await, "/reports");
    let hanging = json!({"at": "discovery", "fault": "slow", "ms": 30_000});
    world.faults(json!([hanging, {"at": "keys", "fault": "down"}])).await;
    let began = Instant::now();
    is_at(&Visitor::new(&world).sign_in("/reports", ACCOUNT).await, "/reports");
    assert!(began.elapsed() < Duration::from_secs(25), "{:?}", began.elapsed());
}

#[tokio::test]
async fn keys_that_change_twice_within_a_minute_are_followed_at_once() {
    let world = World::new().await;
    // The third signs with another algorithm; with the first again, the keys before are still there.
    for (key, fetches) in [(1, 1), (2, 1), (3, 1), (1, 0)] {
        let before = roll_over(&world, key).await;
        is_at(&Visitor::new(&world).sign_in("/reports", ACCOUNT).await, "/reports");
        assert_eq!(world.calls(KEYS).await, before + fetches);
    }
}

#[tokio::test]
async fn a_crowd_follows_a_new_key_together() {
    let world = World::new().await;
    is_at(&Visitor::new(&world).sign_in("/reports", ACCOUNT).await, "/reports");
    let before = roll_over(&world, 2).await;
    world.faults(json!([{"at": "keys", "fault": "slow", "ms": 300}])).await;
    for view in crowd(&world, 20, signs_in).await {
        is_at(&view, "/reports");
    }
    assert_eq!(world.calls(KEYS).await, before + 1);
}

#[tokio::test]
async fn keys_that_nobody_has_cause_a_few_fetches_and_no_more() {
    let world = World::new().await;
    is_at(&Visitor::new(&world).sign_in("/reports", ACCOUNT).await, "/reports");
    let before = world.calls(KEYS).await;
    let began = Instant::now();
    world.faults(json!([{"at": "token", "fault": "unknown_kid"}])).await;
    for _ in 0..15 {
        let mut visitor = Visitor::new(&world);
        let view = visitor.sign_in("/reports", ACCOUNT).await;
        assert_eq!(view.status, 502, "{}", view.page.text);
        assert!(!visitor.jar().keys().any(|name| name.contains("session")));
    }
    let fetched = world.calls(KEYS).await - before;
    let more = usize::try_from(began.elapsed().as_secs() / 15).expect("a number");
    assert!((4..=4 + more).contains(&fetched), "{fetched} in {:?}", began.elapsed());
    world.faults(json!([])).await;
    is_at(&Visitor::new(&world).sign_in("/reports", ACCOUNT).await, "/reports");
}

#[tokio::test]
async fn a_new_key_that_cannot_be_had_is_no_forgery() {
    let world = World::new().await;
    is_at(&Visitor::new(&world).sign_in("/reports", ACCOUNT).await, "/reports");
    roll_over(&world, 2).await;
    world.faults(json!([{"at": "keys", "fault": "down"}])).await;
    let view = Visitor::new(&world).sign_in("/reports", ACCOUNT).await;
    assert_eq!(view.status, 503, "{}", view.page.text);
    assert!(view.headers.contains_key("retry-after"));
    world.faults(json!([])).await;
    is_at(&Visitor::new(&world).sign_in("/reports", ACCOUNT).await, "/reports");
}

#[tokio::test]
async fn a_document_of_another_issuer_is_logged_with_both_names() {
    let world = World::new().await;
    world.faults(json!([{"at": "discovery", "fault": "wrong_iss", "times": 1}])).await;
    assert_eq!(Visitor::new(&world).visit("/reports").await.status, 503);
    let log = world.log();
    let line = log.lines().find(|line| line.contains("names another issuer")).expect("a line of the log");
    assert!(line.contains("https://issuer-of-somebody-else.example"), "{line}");
    assert!(line.contains(&world.org.issuer()), "{line}");
}

#[tokio::test]
async fn a_changed_configuration_asks_for_nothing_again() {
    let world = World::new().await;
    is_at(&Visitor::new(&world).sign_in("/reports", ACCOUNT).await, "/reports");
    let before = (world.calls(DISCOVERY).await, world.calls(KEYS).await);
    world.edit("client_id", "groups_claim = \"groups\"\nclient_id");
    assert!(world.reload().await, "{}", world.log());
    is_at(&Visitor::new(&world).sign_in("/reports", ACCOUNT).await, "/reports");
    assert_eq!((world.calls(DISCOVERY).await, world.calls(KEYS).await), before);
}
