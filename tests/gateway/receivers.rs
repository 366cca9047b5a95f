//! What the org sends on its own: that a session has ended, or that all tokens of a person are revoked.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use crate::redis_server::RedisServer;
use crate::store::{self, Store};
use crate::visitor::{View, Visitor};
use crate::world::World;

/// What the receiver said to the org.
async fn told(world: &World, what: &str, order: Value) -> Value {
    let address = format!("{}/sandbox/{what}", world.org.origin());
    let client = reqwest::Client::builder().no_proxy().build().expect("a client");
    let request = client.post(address).header("content-type", "application/json").body(order.to_string());
    let answer = request.send().await.expect("the org answers");
    assert_eq!(answer.status(), 200, "the org does not send it");
    serde_json::from_str(&answer.text().await.expect("a body")).expect("JSON")
}

async fn log_out(world: &World, order: Value) -> u64 {
    told(world, "backchannel-logout", order).await["status"].as_u64().expect("a status")
}

async fn revoke(world: &World, order: Value) -> u64 {
    told(world, "global-token-revocation", order).await["status"].as_u64().expect("a status")
}

async fn signed_in(world: &World, account: &str) -> Visitor {
    let mut visitor = Visitor::new(world);
    assert!(is_in(&visitor.sign_in("/reports", account).await));
    visitor
}

fn is_in(view: &View) -> bool {
    view.url.path() == "/reports" && view.status == 200
}

async fn is_still_in(visitor: &mut Visitor) -> bool {
    is_in(&visitor.visit("/reports").await)
}

const JANE: &str = "password@example.com";

/// A person's latest sign-in ends, then every one; with and without a store.
async fn a_logout_at_the_org_ends_what_it_names(world: World) {
    let (mut first, mut latest) = (signed_in(&world, JANE).await, signed_in(&world, JANE).await);
    world.tell("users", json!({"login": "other@example.com", "password": "Sandbox-1234"})).await;
    let mut other = signed_in(&world, "other@example.com").await;
    let said = told(&world, "backchannel-logout", json!({"login": JANE})).await;
    assert_eq!(said["status"], 200, "{said}");
    assert_eq!(said["headers"]["cache-control"], "no-store", "{said}");
    assert!(said["headers"].get("set-cookie").is_none());
    assert!(!is_still_in(&mut latest).await, "named by its sid");
    assert!(is_still_in(&mut first).await && is_still_in(&mut other).await);
    let not_hers = json!({"login": "other@example.com", "session": "102nobody", "change": {"sid": "102nobody"}});
    assert_eq!(log_out(&world, not_hers).await, 200, "nobody learns whether there is such a session");
    assert_eq!(log_out(&world, json!({"login": JANE, "change": {"sid": null}})).await, 200);
    assert!(!is_still_in(&mut first).await, "all of the person's");
    assert!(is_still_in(&mut other).await);
    let mut again = signed_in(&world, JANE).await;
    assert!(is_still_in(&mut again).await, "and the next sign-in lives");
}

#[tokio::test]
async fn a_logout_at_the_org_ends_sessions_that_browsers_keep() {
    a_logout_at_the_org_ends_what_it_names(World::new().await).await;
}

#[tokio::test]
async fn a_logout_at_the_org_ends_sessions_of_a_store() {
    let Some(store) = Store::start() else { return };
    a_logout_at_the_org_ends_what_it_names(store::world(&store).await).await;
}

/// B-03: one table, each with one thing wrong.
#[tokio::test]
async fn a_logout_token_with_anything_wrong_ends_nothing() {
    let world = World::new().await;
    let mut visitor = signed_in(&world, JANE).await;
    let event = "http://schemas.openid.net/event/backchannel-logout";
    for change in [
        json!({"signature": "bad"}),
        json!({"signature": "none"}),
        json!({"signature": "hs256"}),
        json!({"header": {"typ": "at+jwt"}}),
        json!({"header": {"typ": "secevent+jwt"}}),
        json!({"header": {"typ": "global-token-revocation+jwt"}}),
        json!({"header": {"kid": "nobody"}}),
        json!({"header": {"crit": ["exp"]}}),
        json!({"iss": "https://evil.example"}),
        json!({"aud": "another"}),
        json!({"iat": 1_000_000_000}),
        json!({"iat": null}),
        json!({"exp": 1_000_000_000}),
        json!({"nbf": 4_000_000_000_u64}),
        json!({"events": {}}),
        json!({"events": {event: "yes"}}),
        json!({"nonce": "n"}),
        json!({"sub": null, "sid": null}),
        json!({"jti": null}),
        json!({"content_type": "application/json"}),
        json!({"content_type": null}),
        json!({"body": ""}),
        json!({"body": "logout_token="}),
        json!({"body": "logout_token=a.b.c&logout_token=a.b.c"}),
    ] {
        let said = told(&world, "backchannel-logout", json!({"login": JANE, "change": change})).await;
        assert_eq!(said["status"], 400, "{change}: {said}");
        let body: Value = serde_json::from_str(said["body"].as_str().expect("a body")).expect("JSON");
        assert_eq!(body["error"], "invalid_request");
    }
    assert!(is_still_in(&mut visitor).await);
    let once = json!({"login": "other@example.com", "change": {"jti": "once"}});
    world.tell("users", json!({"login": "other@example.com", "password": "Sandbox-1234"})).await;
    assert_eq!((log_out(&world, once.clone()).await, log_out(&world, once).await), (200, 400), "replayed");
    for fine in [json!({"header": {"typ": "JWT"}}), json!({"header": {"typ": null}}), json!({"exp": null})] {
        assert_eq!(log_out(&world, json!({"login": JANE, "change": fine})).await, 200, "{fine}");
    }
    assert!(!is_still_in(&mut visitor).await);
    let url = format!("http://localhost:{}/.gateway/backchannel-logout", world.port).parse().expect("an address");
    assert_eq!(visitor.send(Method::GET, url, None, "none").await.status(), 405);
}

#[tokio::test]
async fn everything_of_a_person_is_revoked_however_the_org_names_them() {
    let Some(store) = Store::start() else { return };
    for world in [World::new().await, store::world(&store).await] {
        world.tell("users", json!({"login": "other@example.com", "password": "Sandbox-1234"})).await;
        let mut other = signed_in(&world, "other@example.com").await;
        for format in ["email", "iss_sub", "opaque"] {
            let (mut here, mut there) = (signed_in(&world, JANE).await, signed_in(&world, JANE).await);
            assert_eq!(revoke(&world, json!({"login": JANE, "format": format})).await, 204, "{format}");
            assert!(!is_still_in(&mut here).await && !is_still_in(&mut there).await, "{format}");
            assert!(is_still_in(&mut other).await, "nobody else's: {format}");
        }
        assert!(is_still_in(&mut signed_in(&world, JANE).await).await, "the next sign-in lives");
    }
}

/// B-03: only a store knows who has sessions, so without one the setting is refused.
#[tokio::test]
async fn nobody_with_a_session_is_told_with_404_where_that_is_wanted() {
    let Some(store) = Store::start() else { return };
    let strict = [("GATEWAY__SESSION__STORE", "redis"), ("GATEWAY__SESSION__STRICT_404", "true")];
    let world = World::with(&store.section(), &strict).await;
    let mut visitor = signed_in(&world, JANE).await;
    let nobody = [
        json!({"format": "email", "email": "nobody@example.com"}),
        json!({"format": "iss_sub", "iss": world.org.issuer(), "sub": "nobody"}),
        json!({"format": "opaque", "id": "nobody"}),
    ];
    for name in &nobody {
        let order = json!({"login": JANE, "change": {"body": json!({"sub_id": name}).to_string()}});
        let said = told(&world, "global-token-revocation", order).await;
        assert_eq!(said["status"], 404, "{name}: {said}");
    }
    assert!(is_still_in(&mut visitor).await);
    for format in ["email", "iss_sub", "opaque"] {
        let mut visitor = signed_in(&world, JANE).await;
        let order = json!({"login": JANE, "format": format});
        assert_eq!(revoke(&world, order.clone()).await, 204, "{format}");
        assert!(!is_still_in(&mut visitor).await, "{format}");
        assert_eq!(revoke(&world, order).await, 404, "nobody has a session any more: {format}");
    }
    assert_eq!(
        log_out(&world, json!({"login": JANE, "session": "102nobody"})).await,
        200,
        "a logout token is another matter"
    );

    let lenient = store::world(&store).await;
    let order = json!({"login": JANE, "change": {"body": json!({"sub_id": nobody[0]}).to_string()}});
    assert_eq!(revoke(&lenient, order).await, 204, "unless it is wanted");
    let plain = World::new().await;
    let mut check = std::process::Command::new(env!("CARGO_BIN_EXE_idx-gateway"));
    check.args(["check", "--config"]).arg(plain.path("gateway.toml"));
    let output = check.env("GATEWAY__SESSION__STRICT_404", "true").output().expect("check runs");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success() && said.contains("session.strict_404"), "{said}");
}

/// B-04: an address that two people have ends the sessions of both, and the log says so; named by issuer and subject it is
/// one of them.
#[tokio::test]
async fn an_address_that_several_people_have_is_said_in_the_log() {
    let Some(store) = Store::start() else { return };
    let strict = [("GATEWAY__SESSION__STORE", "redis"), ("GATEWAY__SESSION__STRICT_404", "true")];
    for settings in [&strict[..1], &strict[..]] {
        let world = World::with(&store.section(), settings).await;
        let twin = json!({"login": "twin@example.com", "password": "Sandbox-1234", "email": JANE});
        world.tell("users", twin).await;
        let (mut jane, mut twin) = (signed_in(&world, JANE).await, signed_in(&world, "twin@example.com").await);
        assert_eq!(revoke(&world, json!({"login": JANE, "format": "iss_sub"})).await, 204);
        assert!(!is_still_in(&mut jane).await && is_still_in(&mut twin).await);
        let said = "an e-mail address that several people have";
        assert!(!world.log().contains(said));
        let mut jane = signed_in(&world, JANE).await;
        assert!(is_still_in(&mut jane).await);
        assert_eq!(revoke(&world, json!({"login": JANE, "format": "email"})).await, 204);
        assert!(!is_still_in(&mut jane).await && !is_still_in(&mut twin).await);
        assert!(world.log().contains(said), "{}", world.log());
    }
}

/// B-03.
#[tokio::test]
async fn an_order_to_revoke_with_anything_wrong_revokes_nothing() {
    let world = World::new().await;
    let mut visitor = signed_in(&world, JANE).await;
    for (change, status) in [
        (json!({"signature": "bad"}), 401),
        (json!({"signature": "none"}), 401),
        (json!({"header": {"typ": "JWT"}}), 401),
        (json!({"header": {"typ": "logout+jwt"}}), 401),
        (json!({"header": {"typ": null}}), 401),
        (json!({"iss": "https://evil.example"}), 401),
        (json!({"aud": "http://localhost/another"}), 401),
        (json!({"aud": null}), 401),
        (json!({"exp": 1_000_000_000}), 401),
        (json!({"exp": 4_000_000_000_u64}), 401),
        (json!({"nbf": 4_000_000_000_u64}), 401),
        (json!({"jti": null}), 401),
        (json!({"authorization": null}), 401),
        (json!({"authorization": "Bearer "}), 401),
        (json!({"authorization": "Basic YTpi"}), 401),
        (json!({"sub": "another"}), 403),
        (json!({"content_type": "text/plain"}), 400),
        (
            json!({"body": format!("{}{}", r#"{"sub_id":{"format":"email","email":"password@example.com"}}"#, " ".repeat(65_536))}),
            400,
        ),
        (json!({"body": "{"}), 400),
        (json!({"body": "[]"}), 400),
        (json!({"body": r#"{"subject":{"format":"email","email":"password@example.com"}}"#}), 400),
        (json!({"body": r#"{"sub_id":{"format":"phone","phone_number":"+1"}}"#}), 400),
        (json!({"body": r#"{"sub_id":{"format":"email"}}"#}), 400),
        (json!({"body": r#"{"sub_id":{"format":"iss_sub","iss":"https://evil.example","sub":"00u1"}}"#}), 400),
        (json!({"body": r#"{"sub_id":{"format":"email","email":"a"},"sub_id":{"format":"email","email":"b"}}"#}), 400),
    ] {
        assert_eq!(revoke(&world, json!({"login": JANE, "change": change})).await, status, "{change}");
    }
    assert!(is_still_in(&mut visitor).await);
    for (change, challenge) in [
        (json!({"authorization": null}), "Bearer"),
        (json!({"authorization": "Bearer x"}), "Bearer error=\"invalid_token\""),
    ] {
        let said = told(&world, "global-token-revocation", json!({"login": JANE, "change": change})).await;
        assert_eq!(said["headers"]["www-authenticate"], challenge, "{said}");
    }
    let once = json!({"login": JANE, "change": {"jti": "once"}, "format": "opaque"});
    assert_eq!((revoke(&world, once.clone()).await, revoke(&world, once).await), (204, 401), "replayed");
    assert!(!is_still_in(&mut visitor).await);
}

/// B-03: what cannot be kept is not said to be done, and the org may say it again.
#[tokio::test]
async fn while_the_store_is_away_the_org_is_asked_to_come_again() {
    let Some(store) = Store::start() else { return };
    let world = store::world(&store).await;
    let mut visitor = signed_in(&world, JANE).await;
    store.signal("STOP");
    let order = json!({"login": JANE, "change": {"jti": "again"}});
    let said = told(&world, "backchannel-logout", order.clone()).await;
    assert_eq!((&said["status"], &said["headers"]["retry-after"]), (&json!(503), &json!("5")), "{said}");
    store.signal("CONT");
    until_the_store_is_back(&world).await;
    assert_eq!(log_out(&world, order).await, 200);
    assert!(!is_still_in(&mut visitor).await);
}

/// What the first order may have ended is not unknown to the second.
#[tokio::test]
async fn an_order_that_was_interrupted_is_not_answered_with_404_when_it_comes_again() {
    let Some(store) = RedisServer::start() else { return };
    let section = format!("[session.redis]\nurl = \"{}\"\n", store.url());
    let strict = [("GATEWAY__SESSION__STORE", "redis"), ("GATEWAY__SESSION__STRICT_404", "true")];
    let world = World::with(&section, &strict).await;
    let body = json!({"sub_id": {"format": "opaque", "id": "nobody"}}).to_string();
    let order = |id: &str| json!({"login": JANE, "change": {"jti": id, "body": body}});
    let marks = || store.says(&["KEYS", "gw:j:*"]).matches("gw:j:").count();
    assert_eq!((revoke(&world, order("first")).await, marks()), (404, 1));
    let mut interrupted = None;
    for id in (0..20).map(|number| format!("interrupted-{number}")) {
        let before = marks();
        store.signal("STOP");
        assert_eq!(revoke(&world, order(&id)).await, 503);
        store.signal("CONT");
        until_the_store_is_back(&world).await;
        if marks() > before {
            interrupted = Some(id);
            break;
        }
        // The gateway knew already that the store is away: this one did not reach it, so it comes for the first time.
        assert_eq!(revoke(&world, order(&id)).await, 404);
    }
    let id = interrupted.expect("one that was interrupted");
    assert_eq!(revoke(&world, order(&id)).await, 204);
    assert_eq!(revoke(&world, order(&id)).await, 401, "once it is done");
    assert_eq!(revoke(&world, order("third")).await, 404);
}

async fn until_the_store_is_back(world: &World) {
    for _ in 0..200 {
        if world.metrics().await.contains("gateway_store_up 1") {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the store stays away: {}", world.log());
}
