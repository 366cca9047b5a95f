//! Sessions that are refreshed: family F of the attacks, through every door, with and without a store.
//!
//! Access tokens live two seconds here unless a test says otherwise, so a session is due after one and past after two.

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::double::{self, Double};
use crate::raw::{Raw, WEBSOCKET};
use crate::sign_in::is_at;
use crate::store::{Replica, Store, asked, status};
use crate::visitor::{View, Visitor, cookie_line};
use crate::world::World;

/// The part of a configuration that has the org give refresh tokens.
pub(crate) const OFFLINE: &str = "OKTA scopes = [\"openid\", \"profile\", \"email\", \"offline_access\"]\n";

/// An account that is asked for a password and nothing else.
pub(crate) const JANE: &str = "password@example.com";

async fn world(more: &str) -> World {
    with_short_tokens(World::with(&format!("{OFFLINE}{more}"), &[]).await).await
}

async fn with_store(store: &Store) -> World {
    let more = format!("{OFFLINE}{}", store.section());
    with_short_tokens(World::with(&more, &[("GATEWAY__SESSION__STORE", "redis")]).await).await
}

async fn with_short_tokens(world: World) -> World {
    tokens_live(&world, 2).await;
    world
}

/// Sets how long access tokens live that the org gives from now on.
async fn tokens_live(world: &World, seconds: u32) {
    world.tell("policies", json!({"access_token_lifetime_s": seconds})).await;
}

async fn signed_in(world: &World, account: &str) -> Visitor {
    let mut visitor = Visitor::new(world);
    is_at(&visitor.sign_in("/reports", account).await, "/reports");
    visitor
}

async fn in_groups(world: &World, login: &str, groups: &[&str]) {
    world.tell("users", json!({"login": login, "password": "Sandbox-1234", "groups": groups})).await;
}

/// How often the org was asked for new tokens.
pub(crate) async fn refreshes(world: &World) -> usize {
    let transcript = world.sandbox("transcript").await;
    let has_token = |call: &&Value| {
        let fields = call["fields"].as_array().expect("a list");
        call["path"].as_str().is_some_and(|path| path.ends_with("/v1/token"))
            && fields.contains(&json!("refresh_token"))
    };
    transcript.as_array().expect("a list").iter().filter(has_token).count()
}

/// Waits until an access token that was issued just now has expired.
async fn until_past() {
    tokio::time::sleep(Duration::from_millis(2200)).await;
}

/// How many refreshes were over and kept.
pub(crate) async fn refreshed(world: &World) -> usize {
    let metrics = world.metrics().await;
    let counted = "gateway_session_refreshes_total{outcome=\"refreshed\",";
    let line = metrics.lines().find_map(|line| line.strip_prefix(counted));
    line.and_then(|line| line.rsplit(' ').next()?.parse().ok()).unwrap_or(0)
}

/// Waits until so many are.
async fn until_refreshed(world: &World, count: usize) {
    for _ in 0..800 {
        if refreshed(world).await >= count {
            return;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("nothing was refreshed:\n{}", world.log());
}

/// Waits until the org has been asked more often than that.
async fn until_asked(world: &World, before: usize) {
    for _ in 0..800 {
        if refreshes(world).await > before {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("nobody was asked:\n{}", world.log());
}

/// What the app was told in that header by the last request.
fn told(world: &World, header: &str) -> String {
    world.app.requests().last().expect("a request").values(header).join(", ")
}

#[tokio::test]
async fn groups_of_now_are_what_policies_and_apps_see_and_neither_token_nor_scope_is_shown_to_anybody() {
    let world = world("").await;
    in_groups(&world, JANE, &["staff"]).await;
    let mut visitor = signed_in(&world, JANE).await;
    assert_eq!(visitor.visit("/admin").await.status, 403);
    let cookies = visitor.jar().clone();
    let kept = cookies["gw_refresh"].clone();
    assert!(!cookies.values().any(|value| value.contains("offline_access") || value.contains("openid")), "{cookies:?}");
    in_groups(&world, JANE, &["staff", "admins"]).await;
    until_past().await;
    tokens_live(&world, 60).await;
    assert_eq!(visitor.visit("/admin").await.status, 200);
    assert_eq!(told(&world, "x-forwarded-groups"), "staff,admins");
    tokens_live(&world, 2).await;
    let account = visitor.visit("/.gateway/account").await;
    assert!(account.page.text.contains("admins"), "{}", account.page.text);
    assert_eq!(
        visitor.jar()["gw_session"],
        cookies["gw_session"],
        "what it was stays, and what changed stands beside it"
    );
    assert_ne!(visitor.jar()["gw_refresh"], kept);
    let metrics = world.metrics().await;
    for line in [
        "gateway_session_refreshes_total{outcome=\"refreshed\",provider=\"okta\"} ",
        "gateway_idp_calls_total{operation=\"refresh\",provider=\"okta\",status=\"2xx\"} ",
    ] {
        assert!(metrics.contains(line), "{line}: {metrics}");
    }
    let mut visitor = signed_in(&world, JANE).await;
    in_groups(&world, JANE, &["staff"]).await;
    until_past().await;
    assert_eq!(visitor.visit("/admin").await.status, 403, "and taken away as well");

    // K-01, K-15: a session that is refreshed does not open without what refreshes it, nor with another's.
    let mut other = signed_in(&world, JANE).await;
    for (cookie, value) in [("gw_refresh", None), ("gw_refresh", Some(other.jar()["gw_refresh"].clone()))] {
        let mut thief = Visitor::new(&world);
        *thief.jar() = visitor.jar().clone();
        thief.jar().remove(cookie);
        thief.jar().extend(value.map(|value| (cookie.to_owned(), value)));
        assert_eq!(thief.visit("/reports").await.page.headings, ["Sign in"]);
    }
    let log = world.log();
    assert!(!log.contains(&kept) && !log.contains("offline_access") && !log.contains("refresh_token="), "{log}");
}

/// F-01, F-03.
#[tokio::test]
async fn many_requests_at_once_cause_one_refresh_and_everybody_gets_their_own() {
    let world = world("").await;
    in_groups(&world, "other@example.com", &["owners"]).await;
    let mut jane = signed_in(&world, JANE).await;
    let mut other = signed_in(&world, "other@example.com").await;
    let jars = [jane.jar().clone(), other.jar().clone()];
    until_past().await;
    tokens_live(&world, 60).await;
    let before = refreshes(&world).await;
    world.faults(json!([{"at": "token", "fault": "slow", "ms": 500}])).await;
    let answers = join_all((0..50).map(|at| asked(world.port, &jars[at % 2]))).await;
    let bodies = join_all(answers.into_iter().map(|answer| async {
        assert_eq!(answer.status(), 200);
        answer.text().await.expect("a body")
    }))
    .await;
    for (at, body) in bodies.iter().enumerate() {
        let (own, foreign) = [(JANE, "other@example.com"), ("other@example.com", JANE)][at % 2];
        assert!(body.contains(own) && !body.contains(foreign), "{at}: {body}");
    }
    assert_eq!(refreshes(&world).await, before + 2, "one of each session");
}

/// F-02, F-06: the provider takes the old token away with every refresh, so a result that is lost ends the session.
#[tokio::test]
async fn a_slow_refresh_whose_visitor_leaves_is_kept_all_the_same() {
    let world = world("").await;
    let mut visitor = signed_in(&world, JANE).await;
    let jar = visitor.jar().clone();
    until_past().await;
    // A token that has ended by the time it comes is good for no claims.
    tokens_live(&world, 60).await;
    let (before, kept) = (refreshes(&world).await, refreshed(&world).await);
    world.faults(json!([{"at": "token", "fault": "slow", "ms": 6000, "times": 1}])).await;
    let mut leaves = Raw::to(world.port).await;
    let (host, cookies) = (format!("localhost:{}", world.port), cookie_line(&jar));
    leaves.send(format!("GET /reports HTTP/1.1\r\nhost: {host}\r\ncookie: {cookies}\r\n\r\n")).await;
    // The org writes a call down before it answers late.
    until_asked(&world, before).await;
    drop(leaves);
    assert_eq!(status(world.port, &jar).await, 200, "who waited long enough goes on with what there is");
    until_refreshed(&world, kept + 1).await;
    let answer = asked(world.port, &jar).await;
    let newest = answer.headers()["set-cookie"].to_str().expect("text");
    assert_eq!((answer.status().as_u16(), refreshes(&world).await), (200, before + 1), "what came is what counts");
    assert!(newest.starts_with("gw_refresh=v2."), "{newest}");
}

/// F-04: what the provider says of the person, and what it says of itself.
#[tokio::test]
async fn a_grant_that_is_over_ends_the_session_and_a_provider_that_fails_does_not() {
    let world = world("").await;
    let faults = [
        json!({"fault": "down"}),
        json!({"fault": "status", "code": 503}),
        json!({"fault": "alg_none"}),
        json!({"fault": "rate_limited", "reset_s": 1}),
    ];
    let mut visitors = join_all(faults.iter().map(|_| signed_in(&world, JANE))).await;
    for (mut fault, visitor) in faults.into_iter().zip(&mut visitors) {
        // And the provider is asked again for others.
        until_past().await;
        fault["at"] = json!("token");
        world.faults(json!([fault])).await;
        let before = refreshes(&world).await;
        for _ in 0..5 {
            assert_eq!(status(world.port, visitor.jar()).await, 200, "{fault}");
        }
        // A call whose connection was closed before an answer is made once more by the client's library.
        let calls = refreshes(&world).await - before;
        assert!((1..=2).contains(&calls), "{calls} calls: no storm: {fault}");
        world.faults(json!([])).await;
    }
    let metrics = world.metrics().await;
    assert!(metrics.contains("gateway_session_refreshes_total{outcome=\"failed\",provider=\"okta\"} 4"), "{metrics}");

    for (why, change) in [
        ("refused", json!({"login": JANE, "standing": "denied"})),
        ("somebody else", json!({"login": JANE, "standing": "active"})),
        ("somebody else, and userinfo of the person", json!({"login": JANE, "standing": "active"})),
    ] {
        world.tell("users", json!({"login": JANE, "standing": "active"})).await;
        let mut visitor = signed_in(&world, JANE).await;
        let jar = visitor.jar().clone();
        until_past().await;
        world.tell("users", change).await;
        match why {
            "somebody else" => world.faults(json!([{"at": "any", "fault": "wrong_sub"}])).await,
            "refused" => {}
            _ => world.faults(json!([{"at": "token", "fault": "wrong_sub"}])).await,
        }
        assert_eq!(visitor.visit("/reports").await.page.headings, ["Sign in"], "{why}");
        assert!(!visitor.jar().contains_key("gw_session") && !visitor.jar().contains_key("gw_refresh"), "{why}");
        world.faults(json!([])).await;
        assert_eq!(status(world.port, &jar).await, 401, "a copy of its cookies has ended too: {why}");
    }
    let log = world.log();
    assert!(log.contains("a session has ended, since it could not be refreshed"), "{log}");
    until_revoked(&world, 2, "what was given to somebody else; what was refused is worth nothing").await;
}

/// F-05: replicas that share nothing need a provider that takes a token twice for a while.
#[tokio::test]
async fn two_replicas_without_a_store_refresh_with_one_token_within_the_provider_s_leeway() {
    let world = world("").await;
    let replica = Replica::of(&world, "cookie").await;
    world.tell("policies", json!({"refresh_leeway_s": 30})).await;
    let mut visitor = signed_in(&world, JANE).await;
    for round in 1..=2 {
        until_past().await;
        let before = refreshes(&world).await;
        let jar = visitor.jar().clone();
        let answers = join_all([asked(world.port, &jar), asked(replica.port, &jar)]).await;
        for answer in &answers {
            assert_eq!(answer.status(), 200, "round {round}");
        }
        // The browser keeps whichever came last.
        let kept = answers[round - 1].headers()["set-cookie"].to_str().expect("text");
        let (name, value) = kept.split(';').next().and_then(|pair| pair.split_once('=')).expect("a cookie");
        visitor.jar().insert(name.to_owned(), value.to_owned());
        assert_eq!(refreshes(&world).await, before + 2);
    }
}

/// F-05, F-06: with a store one replica refreshes, and every other has what came of it.
#[tokio::test]
async fn two_replicas_with_a_store_refresh_once_and_both_know() {
    let Some(store) = Store::start() else { return };
    let world = with_store(&store).await;
    let replica = Replica::of(&world, "redis").await;
    let mut visitor = signed_in(&world, JANE).await;
    let jar = visitor.jar().clone();
    assert!(!jar.contains_key("gw_refresh"), "the store has it");
    in_groups(&world, JANE, &["staff", "admins"]).await;
    until_past().await;
    tokens_live(&world, 60).await;
    let before = refreshes(&world).await;
    world.faults(json!([{"at": "token", "fault": "slow", "ms": 700}])).await;
    let ports = [world.port, replica.port];
    let answers = join_all((0..20).map(|at| asked(ports[at % 2], &jar))).await;
    for answer in answers {
        assert_eq!(answer.status(), 200);
        assert!(answer.text().await.expect("a body").contains("staff,admins"));
    }
    assert_eq!(refreshes(&world).await, before + 1);

    // The one shows the token that the other one got: an older one would end the session.
    world.faults(json!([])).await;
    tokens_live(&world, 2).await;
    let mut visitor = signed_in(&world, JANE).await;
    for port in [ports[0], ports[1], ports[0]] {
        until_past().await;
        let before = refreshes(&world).await;
        assert_eq!(status(port, visitor.jar()).await, 200);
        assert!(refreshes(&world).await > before);
    }
}

/// The store goes while the provider is being asked, which has taken the old token away.
#[tokio::test]
async fn what_a_refresh_brought_outlives_a_store_that_is_away_for_a_moment() {
    let Some(store) = Store::start() else { return };
    let world = with_store(&store).await;
    let mut visitor = signed_in(&world, JANE).await;
    let jar = visitor.jar().clone();
    until_past().await;
    let (before, kept) = (refreshes(&world).await, refreshed(&world).await);
    world.faults(json!([{"at": "token", "fault": "slow", "ms": 700, "times": 1}])).await;
    let waits = tokio::spawn({
        let (port, jar) = (world.port, jar.clone());
        async move { status(port, &jar).await }
    });
    until_asked(&world, before).await;
    store.signal("STOP");
    assert_eq!(waits.await.expect("an answer"), 200, "with a copy of what there was");
    store.signal("CONT");
    until_refreshed(&world, kept + 1).await;
    for _ in 0..2 {
        let before = refreshes(&world).await;
        until_past().await;
        assert_eq!(status(world.port, &jar).await, 200, "the new token was kept");
        assert!(refreshes(&world).await > before);
    }
}

/// Many people go on while the store is frozen and back, with a provider that takes a refresh token once.
#[tokio::test]
async fn a_store_that_freezes_under_load_loses_no_session_and_brings_none_back() {
    let Some(store) = Store::start() else { return };
    let world = with_store(&store).await;
    let mut visitors = join_all((0..30).map(|_| signed_in(&world, JANE))).await;
    let jars: Vec<_> = visitors.iter_mut().map(|visitor| visitor.jar().clone()).collect();
    let (ended, live) = jars.split_at(3);
    for visitor in &mut visitors[..3] {
        let view = visitor.visit("/.gateway/sign-out").await;
        visitor.choose(&view, "Sign out").await;
    }
    let (before, began) = (refreshes(&world).await, std::time::Instant::now());
    for is_frozen in [false, true, false] {
        store.signal(if is_frozen { "STOP" } else { "CONT" });
        let round = std::time::Instant::now();
        while round.elapsed() < Duration::from_secs(2) {
            let answers = join_all(live.iter().map(|jar| status(world.port, jar))).await;
            assert!(answers.iter().all(|answer| *answer == 200), "frozen: {is_frozen}: {answers:?}");
            let answers = join_all(ended.iter().map(|jar| status(world.port, jar))).await;
            assert!(answers.iter().all(|answer| [401, 503].contains(answer)), "frozen: {is_frozen}: {answers:?}");
        }
    }
    let spent = began.elapsed().as_secs() as usize + 1;
    let calls = refreshes(&world).await - before;
    assert!(
        (live.len()..=live.len() * spent).contains(&calls),
        "{calls} calls in {spent} s: each is due once a second"
    );
    store.signal("CONT");
    until_past().await;
    let answers = join_all(live.iter().map(|jar| status(world.port, jar))).await;
    assert!(answers.iter().all(|answer| *answer == 200), "{answers:?}");
    assert!(!world.log().contains("a session has ended"));
}

#[tokio::test]
async fn signing_out_takes_the_newest_refresh_token_with_it() {
    let stores = [None, Store::start()];
    for (at, store) in stores.iter().enumerate() {
        let world = match store {
            Some(store) => with_store(store).await,
            None if at > 0 => return,
            None => world("").await,
        };
        let mut visitor = signed_in(&world, JANE).await;
        until_past().await;
        tokens_live(&world, 60).await;
        is_at(&visitor.visit("/reports").await, "/reports");
        let (jar, before) = (visitor.jar().clone(), refreshes(&world).await);
        let view = visitor.visit("/.gateway/sign-out").await;
        let view = visitor.choose(&view, "Sign out").await;
        assert_eq!(view.page.headings, ["You have signed out"], "{}", view.page.text);
        until_revoked(&world, 1, "that of the session").await;
        assert_eq!((status(world.port, &jar).await, refreshes(&world).await), (401, before));
    }
}

/// Waits until the org was asked to revoke so many tokens, and no more.
pub(crate) async fn until_revoked(world: &World, count: usize, why: &str) {
    for _ in 0..800 {
        if world.calls("/v1/revoke").await >= count {
            break;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    assert_eq!(world.calls("/v1/revoke").await, count, "{why}\n{}", world.log());
}

/// With a store, whatever ends a session elsewhere takes its refresh token with it, and nobody else's.
#[tokio::test]
async fn sessions_that_end_elsewhere_take_their_refresh_tokens_with_them() {
    let Some(store) = Store::start() else { return };
    let more = format!("{OFFLINE}{}", store.section());
    let world = World::with(&more, &[("GATEWAY__SESSION__STORE", "redis")]).await;
    in_groups(&world, "other@example.com", &["staff"]).await;
    let mut other = signed_in(&world, "other@example.com").await;
    let mut revoked = 0;
    for (why, tokens) in [
        ("Sign out on all devices", 2),
        ("End all other sessions", 1),
        ("sid", 1),
        ("sub", 2),
        ("email", 2),
        ("iss_sub", 2),
        ("opaque", 2),
    ] {
        let mut visitors = Vec::new();
        for _ in 0..2 {
            visitors.push(signed_in(&world, JANE).await);
        }
        match why {
            "Sign out on all devices" => {
                let view = visitors[0].visit("/.gateway/sign-out").await;
                visitors[0].choose(&view, why).await;
            }
            "End all other sessions" => {
                let view = visitors[0].visit("/.gateway/sessions").await;
                visitors[0].choose(&view, why).await;
            }
            "sid" => world.tell("backchannel-logout", json!({"login": JANE})).await,
            "sub" => {
                let order = json!({"login": JANE, "change": {"sid": null}});
                world.tell("backchannel-logout", order).await;
            }
            format => {
                world.tell("global-token-revocation", json!({"login": JANE, "format": format})).await;
            }
        }
        revoked += tokens;
        until_revoked(&world, revoked, why).await;
        if tokens < 2 {
            // So that each turn begins signed out.
            let order = json!({"login": JANE, "format": "opaque"});
            world.tell("global-token-revocation", order).await;
            revoked += 2 - tokens;
            until_revoked(&world, revoked, why).await;
        }
    }
    assert_eq!(status(world.port, other.jar()).await, 200, "nobody else's");
    assert!(world.log().contains("refresh tokens of ended sessions were revoked"));
}

/// What waits when the process is asked to end is still sent, for as long as its grace period lasts.
#[tokio::test]
async fn tokens_that_wait_when_the_process_ends_are_revoked_in_its_grace_period() {
    let Some(store) = Store::start() else { return };
    let more = format!("{OFFLINE}{}", store.section());
    for (grace, milliseconds, are_sent) in [("60", 500, true), ("1", 20_000, false)] {
        let environment = [
            ("GATEWAY__SESSION__STORE", "redis"),
            ("GATEWAY__SERVER__DRAIN_SECONDS", "0"),
            ("GATEWAY__SERVER__GRACE_SECONDS", grace),
        ];
        let mut world = World::with(&more, &environment).await;
        for _ in 0..3 {
            signed_in(&world, JANE).await;
        }
        world.faults(json!([{"at": "revoke", "fault": "slow", "ms": milliseconds}])).await;
        world.tell("global-token-revocation", json!({"login": JANE, "format": "iss_sub"})).await;
        world.signal("TERM");
        assert!(world.end(Duration::from_secs(40)).await.is_some_and(|status| status.success()), "{}", world.log());
        let (sent, left) = ("refresh tokens of ended sessions were revoked", "ended sessions are not revoked");
        let log = world.log();
        assert_eq!((log.contains(sent), log.contains(left)), (are_sent, !are_sent), "{log}");
        assert_eq!(world.calls("/v1/revoke").await == 3, are_sent, "{log}");
    }
}

/// Nobody waits for the revocation endpoint, and what it does not do is said.
#[tokio::test]
async fn a_revocation_endpoint_that_hangs_or_fails_holds_up_no_end() {
    let Some(store) = Store::start() else { return };
    let more = format!("{OFFLINE}{}", store.section());
    let world = World::with(&more, &[("GATEWAY__SESSION__STORE", "redis")]).await;
    let mut visitors = Vec::new();
    for _ in 0..5 {
        visitors.push(signed_in(&world, JANE).await);
    }
    let counted = "gateway_idp_calls_total{operation=\"revoke\"";
    // A call may take ten seconds.
    let hangs = json!({"at": "revoke", "fault": "slow", "ms": 20_000, "times": 1});
    world.faults(json!([hangs, {"at": "revoke", "fault": "status", "code": 503}])).await;
    world.tell("global-token-revocation", json!({"login": JANE, "format": "opaque"})).await;
    assert!(!world.metrics().await.contains(counted), "the order is answered before any token is revoked");
    for visitor in &mut visitors {
        assert_eq!(status(world.port, visitor.jar()).await, 401);
    }
    let failed = async {
        while !world.log().contains("refresh tokens of ended sessions could not be revoked") {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), failed).await.expect("it is said");
    let metrics = world.metrics().await;
    let count = |status: &str| format!("{counted},provider=\"okta\",status=\"{status}\"}} ");
    // On a machine that stands still the second kind may look like the first.
    assert!(metrics.contains(&count("timeout")), "{metrics}");
    assert!(world.log().contains("left=5"), "after three that fail the rest is left: {}", world.log());
}

/// Each provider has its own queue: one whose endpoint hangs keeps nobody else's tokens good.
#[tokio::test]
async fn a_provider_that_hangs_does_not_hold_up_the_others_revocations() {
    let Some(store) = Store::start() else { return };
    let hangs = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let double = Double::start().await;
    let endpoint = format!("http://{}/revoke", hangs.local_addr().expect("an address"));
    double.plan().document = json!({ "revocation_endpoint": endpoint });
    double.plan().reply = json!({"refresh_token": "r", "expires_in": 3600, "scope": "openid offline_access"});
    let section = double.section("double", "scopes = [\"openid\", \"offline_access\"]");
    let more = format!("{OFFLINE}{section}{}", store.section());
    let world = World::with(&more, &[("GATEWAY__SESSION__STORE", "redis")]).await;
    let mut there = Vec::new();
    for _ in 0..4 {
        let mut visitor = Visitor::new(&world);
        let address = double::leaves(&mut visitor, "/.gateway/sign-in?return=/app&provider=double").await;
        let (code, state) = double.agree(&address);
        double::is_in(&double::comes_back(&mut visitor, &[("code", &code), ("state", &state)]).await);
        there.push(visitor);
    }
    for _ in 0..2 {
        signed_in(&world, JANE).await;
    }
    let list = there[0].visit("/.gateway/sessions").await;
    there[0].choose(&list, "End all other sessions").await;
    let (_hanging, _) =
        tokio::time::timeout(Duration::from_secs(20), hangs.accept()).await.expect("a call").expect("one");
    world.tell("global-token-revocation", json!({"login": JANE, "format": "opaque"})).await;
    until_revoked(&world, 2, "beside a call that hangs").await;
    // Three calls, each of which is given up after ten seconds.
    assert!(!world.log().contains("refresh tokens of ended sessions could not be revoked"), "{}", world.log());
}

/// Without a store nobody has the records of other sessions: what this process has refreshed is revoked, and what it has
/// not cannot be refreshed any more.
#[tokio::test]
async fn without_a_store_a_session_that_ended_elsewhere_is_not_refreshed_again() {
    let world = world("").await;
    tokens_live(&world, 3600).await;
    let mut here = signed_in(&world, JANE).await;
    tokens_live(&world, 2).await;
    let (mut there, mut untouched) = (signed_in(&world, JANE).await, signed_in(&world, JANE).await);
    until_past().await;
    // A token that has ended by the time it comes is good for no claims.
    tokens_live(&world, 60).await;
    is_at(&there.visit("/reports").await, "/reports");
    until_refreshed(&world, 1).await;
    let copies = [there.jar().clone(), untouched.jar().clone()];
    until_past().await;
    let view = here.visit("/.gateway/sign-out").await;
    here.choose(&view, "Sign out on all devices").await;
    until_revoked(&world, 2, "its own, and the one that was refreshed").await;
    let before = refreshes(&world).await;
    for copy in &copies {
        assert_eq!(status(world.port, copy).await, 401);
    }
    assert_eq!(refreshes(&world).await, before);
}

/// B-04: whether or not this process has refreshed the session that the order is about.
#[tokio::test]
async fn without_a_store_an_order_by_address_ends_sessions_that_are_refreshed() {
    let world = world("").await;
    let mut refreshed = signed_in(&world, JANE).await;
    until_past().await;
    tokens_live(&world, 3600).await;
    is_at(&refreshed.visit("/reports").await, "/reports");
    until_refreshed(&world, 1).await;
    let mut untouched = signed_in(&world, JANE).await;
    let mut socket = Raw::to(world.port).await;
    let (port, cookies) = (world.port, untouched.cookie_line());
    socket.send(format!("GET /ws HTTP/1.1\r\nHost: localhost:{port}\r\nCookie: {cookies}\r\n{WEBSOCKET}\r\n")).await;
    assert!(socket.answer().await.contains(" 101 "), "a WebSocket is open");
    for jar in [refreshed.jar(), untouched.jar()] {
        assert_eq!(status(port, jar).await, 200);
    }
    world.tell("global-token-revocation", json!({"login": JANE, "format": "email"})).await;
    for jar in [refreshed.jar(), untouched.jar()] {
        assert_eq!(status(port, jar).await, 401);
    }
    until_revoked(&world, 1, "of the one that was refreshed here").await;
    let last = socket.rest().await;
    assert!(last.ends_with("session ended"), "{last:?}");
}

/// What a browser has no room for nobody can use again, neither to refresh the session nor to sign out. At Okta it is revoked;
/// at a provider that ends with one token whatever else the person has there it is left.
#[tokio::test]
async fn a_refresh_token_that_finds_no_room_is_revoked() {
    for is_okta in [true, false] {
        let double = Double::start().await;
        let token = "r".repeat(6000);
        double.plan().document = json!({ "revocation_endpoint": format!("{}/revoke", double.origin) });
        double.plan().reply = json!({"refresh_token": token, "expires_in": 3600, "scope": "openid offline_access"});
        let mut section = double.section("double", "scopes = [\"openid\", \"offline_access\"]");
        if is_okta {
            section = section.replace("[[provider]]\nname = \"double\"", "[okta]");
            section += "[sign_in]\ndoor = \"redirect\"\n";
        }
        let world = World::without_org(&section).await;
        let mut visitor = Visitor::new(&world);
        double::is_in(&double::signs_in(&double, &mut visitor).await);
        if is_okta {
            let revoked = async {
                while double.calls("/revoke") == 0 {
                    tokio::time::sleep(Duration::from_millis(25)).await;
                }
            };
            tokio::time::timeout(Duration::from_secs(60), revoked).await.expect("it is revoked");
            assert!(double.plan().asked.iter().any(|(path, body)| path == "/revoke" && body.contains(&token)));
        } else {
            none_waits(&world).await;
            assert_eq!(double.calls("/revoke"), 0);
        }
        is_at(&visitor.visit("/app").await, "/app");
        assert!(!visitor.jar().contains_key("gw_refresh"), "{}", world.log());
    }
}

/// No token is about to be revoked: one that is waits until the call is over.
async fn none_waits(world: &World) {
    let metrics = world.metrics().await;
    assert!(metrics.lines().any(|line| line == "gateway_revocations_waiting 0"), "{metrics}");
}

/// A sign-in whose session cannot be kept leaves no token behind.
#[tokio::test]
async fn the_refresh_token_of_a_sign_in_that_a_store_cannot_keep_is_revoked() {
    let Some(store) = Store::start() else { return };
    let more = format!("{OFFLINE}{}", store.section());
    let world = World::with(&more, &[("GATEWAY__SESSION__STORE", "redis")]).await;
    signed_in(&world, JANE).await;
    for words in [["CONFIG", "SET", "maxmemory-policy", "noeviction"], ["CONFIG", "SET", "maxmemory", "1"]] {
        assert_eq!(store.says(&words).trim(), "+OK");
    }
    let view = Visitor::new(&world).sign_in("/reports", JANE).await;
    assert_eq!(view.status, 503, "{}", view.page.text);
    until_revoked(&world, 1, "what nobody keeps").await;
}

/// Signed out while the provider is being asked: what comes then brings nobody back.
#[tokio::test]
async fn a_session_that_ends_while_it_is_refreshed_stays_so() {
    let world = world("").await;
    let mut visitor = signed_in(&world, JANE).await;
    let jar = visitor.jar().clone();
    until_past().await;
    let page = visitor.visit("/.gateway/sign-out").await;
    until_past().await;
    let before = refreshes(&world).await;
    world.faults(json!([{"at": "token", "fault": "slow", "ms": 1500, "times": 1}])).await;
    let waits = tokio::spawn({
        let (port, jar) = (world.port, visitor.jar().clone());
        async move { asked(port, &jar).await }
    });
    until_asked(&world, before).await;
    visitor.choose(&page, "Sign out").await;
    let late = waits.await.expect("an answer");
    assert_eq!(late.status(), 401);
    assert!(!late.headers().get_all("set-cookie").iter().any(|cookie| {
        let cookie = cookie.to_str().expect("text");
        cookie.starts_with("gw_refresh=v2") || cookie.starts_with("gw_session=v2")
    }));
    assert_eq!(status(world.port, &jar).await, 401);
    until_revoked(&world, 2, "what the session had, and what came late").await;
}

/// With a `[[provider]]` that refreshes, beside no `[okta]`.
async fn with_staff() -> World {
    let world = World::without_org(&format!(
        "[[provider]]\nname = \"staff\"\nissuer = \"ISSUER\"\nclient_id = \"{}\"\nclient_secret = \"{}\"\n\
         scopes = [\"openid\", \"profile\", \"email\", \"offline_access\"]\n",
        okta_sandbox::CLIENT_ID,
        okta_sandbox::CLIENT_SECRET,
    ))
    .await;
    with_short_tokens(world).await
}

/// Signs in on a page of the provider's own.
async fn sign_in_there(visitor: &mut Visitor, page: &View) -> View {
    let form = page.page.forms.first().expect("a form").clone();
    visitor.submit(page, &form, &[("username", JANE), ("password", okta_sandbox::PASSWORD)]).await
}

/// Through a provider's own page as through the pages of ours; `every_door_s_sessions_are_refreshed` has the widget.
#[tokio::test]
async fn sessions_of_every_provider_are_refreshed() {
    let world = with_staff().await;
    let mut visitor = Visitor::new(&world);
    let there = visitor.visit("/reports").await;
    is_at(&sign_in_there(&mut visitor, &there).await, "/reports");
    in_groups(&world, JANE, &["admins"]).await;
    until_past().await;
    assert_eq!(visitor.visit("/admin").await.status, 200);
    assert!(refreshes(&world).await >= 1 && refreshed(&world).await >= 1);
}

/// In two tabs, the same person: what the refresh of the session before brings is not revoked where the new session's grant would
/// end with it.
#[tokio::test]
async fn a_refresh_that_comes_after_another_sign_in_takes_nothing_from_it() {
    let world = with_staff().await;
    let mut visitor = Visitor::new(&world);
    let tab = visitor.visit("/z").await;
    let there = visitor.visit("/reports").await;
    is_at(&sign_in_there(&mut visitor, &there).await, "/reports");
    until_past().await;
    let before = refreshes(&world).await;
    world.faults(json!([{"at": "token", "fault": "slow", "ms": 2500, "times": 1}])).await;
    let late = tokio::spawn({
        let (port, jar) = (world.port, visitor.jar().clone());
        async move { asked(port, &jar).await }
    });
    until_asked(&world, before).await;
    is_at(&sign_in_there(&mut visitor, &tab).await, "/z");
    late.await.expect("an answer");
    none_waits(&world).await;
    assert_eq!(world.calls("/v1/revoke").await, 0, "{}", world.log());
    is_at(&visitor.visit("/reports").await, "/reports");
}

#[tokio::test]
async fn without_offline_access_and_before_refresh_minutes_nobody_is_asked() {
    let plain = with_short_tokens(World::new().await).await;
    let hourly = World::with(OFFLINE, &[("GATEWAY__SESSION__REFRESH_MINUTES", "60")]).await;
    let hourly = with_short_tokens(hourly).await;
    let mut visitors = [signed_in(&plain, JANE).await, signed_in(&hourly, JANE).await];
    assert!(!visitors[0].jar().contains_key("gw_refresh") && visitors[1].jar().contains_key("gw_refresh"));
    until_past().await;
    for (world, visitor) in [&plain, &hourly].into_iter().zip(&mut visitors) {
        assert_eq!((status(world.port, visitor.jar()).await, refreshes(world).await), (200, 0));
    }
}
