//! What visitors may do how often: wrong answers, codes, starts; by address and by user name.

use std::net::Ipv4Addr;

use reqwest::StatusCode;
use serde_json::json;

use crate::visitor::{View, Visitor};
use crate::world::World;

const LOCAL: &str = "trusted_proxies = [\"127.0.0.1\"]";

/// A fresh browser at this address, by the word of the proxy in front.
fn browser(world: &World, address: u32) -> Visitor {
    let mut visitor = Visitor::new(world);
    visitor.headers.push(("x-forwarded-for".to_owned(), Ipv4Addr::from(0x0a00_0000 + address).to_string()));
    visitor
}

async fn guess(world: &World, address: u32, name: &str, password: &str) -> View {
    let mut visitor = browser(world, address);
    let view = visitor.visit("/reports").await;
    visitor.answer(&view, &[("identifier", name), ("password", password)]).await
}

#[tokio::test]
async fn wrong_passwords_for_one_name_from_one_address_are_held_back_at_once() {
    let world = World::with(LOCAL, &[]).await;
    let before = world.calls("/idp/idx/identify").await;
    let names = ["password@example.com", "Password@Example.com", " password@example.com"];
    let tries = (0..25).map(|time| guess(&world, 1, names[time % 3], "Wrong-1234"));
    let views = futures_util::future::join_all(tries).await;
    let refused: Vec<&View> = views.iter().filter(|view| view.status == StatusCode::TOO_MANY_REQUESTS).collect();
    let reached = world.calls("/idp/idx/identify").await - before;
    // Some at the same instant may all take the last one.
    assert!((10..=16).contains(&reached), "{reached} of 25 reached the org");
    assert_eq!(refused.len(), 25 - reached);
    for view in &refused {
        assert!(view.headers["retry-after"].to_str().unwrap().parse::<u32>().unwrap() <= 60, "{:?}", view.headers);
        assert_eq!(view.page.headings, ["Too many attempts"]);
    }
    let log = world.log();
    assert_eq!(log.matches("a visitor was asked to wait").count(), refused.len(), "{log}");
    assert!(world.metrics().await.contains("gateway_sign_ins_total{outcome=\"limited\",provider=\""));
    // Guesses of others keep nobody from their own account, nor this address from another.
    let elsewhere = guess(&world, 2, "password@example.com", "Sandbox-1234").await;
    assert_eq!(elsewhere.status, StatusCode::OK, "the org locks the account, the gateway does not: {}", elsewhere.body);
    assert_eq!(guess(&world, 1, "password-email@example.com", "Sandbox-1234").await.status, StatusCode::OK);
}

#[tokio::test]
async fn right_passwords_are_not_counted() {
    let world = World::with(LOCAL, &[]).await;
    for _ in 0..15 {
        assert_eq!(guess(&world, 1, "password@example.com", "Sandbox-1234").await.url.path(), "/reports");
    }
}

#[tokio::test]
async fn codes_to_one_person_are_held_back_at_once() {
    let world = World::with(LOCAL, &[]).await;
    world.tell("policies", json!({"first_page": "identifier"})).await;
    let mut asking = Vec::new();
    for _ in 0..20 {
        let mut visitor = browser(&world, 1);
        let view = visitor.visit("/reports").await;
        let view = visitor.answer(&view, &[("identifier", "email@example.com")]).await;
        asking.push((visitor, view));
    }
    let tries =
        asking.into_iter().map(|(mut visitor, view)| async move { visitor.choose(&view, "Send me an email").await });
    let views = futures_util::future::join_all(tries).await;
    let refused = views.iter().filter(|view| view.status == StatusCode::TOO_MANY_REQUESTS).count();
    let inbox = world.sandbox("inbox").await;
    let sent = inbox.as_array().expect("a list").iter().filter(|message| message["to"] == "email@example.com").count();
    assert!((1..=15).contains(&sent), "{sent} codes were sent");
    assert_eq!(refused, 20 - sent);
}

/// 10,100 addresses begin a sign-in each; then somebody new does, and somebody known.
#[tokio::test]
async fn a_crowd_keeps_nobody_from_signing_in() {
    let world = World::with(LOCAL, &[("GATEWAY__SIGN_IN__STARTS_A_MINUTE", "5")]).await;
    let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().expect("a client");
    let start = async |address: u32| {
        let address = Ipv4Addr::from(0x0a00_0000 + address).to_string();
        let request =
            http.get(format!("http://127.0.0.1:{}/.gateway/sign-in", world.port)).header("x-forwarded-for", address);
        request.header("host", format!("localhost:{}", world.port)).send().await.expect("an answer").status()
    };
    for crowd in 0..101_u32 {
        let statuses = futures_util::future::join_all((0..100).map(|number| start(1000 + crowd * 100 + number))).await;
        assert!(statuses.iter().all(|status| *status == StatusCode::SEE_OTHER), "{statuses:?}");
    }
    assert_eq!(guess(&world, 1, "password@example.com", "Sandbox-1234").await.url.path(), "/reports");
    assert_eq!(guess(&world, 1000, "password@example.com", "Sandbox-1234").await.url.path(), "/reports");
    let mut own = Vec::new();
    for _ in 0..9 {
        own.push(start(20_000).await.as_u16());
    }
    assert_eq!(own[..5], [303; 5], "an address has its own starts");
    assert!(own.contains(&429), "and no more than those: {own:?}");
}

/// D-06: of what the org is asked in all, those who have begun to sign in are left a half.
#[tokio::test]
async fn a_crowd_that_uses_up_the_calls_to_the_org_keeps_nobody_from_finishing() {
    let world = World::with(LOCAL, &[("GATEWAY__OKTA__CALLS_A_SECOND", "3")]).await;
    let mut somebody = browser(&world, 1);
    let begun = somebody.visit("/reports").await;
    assert_eq!(begun.page.headings, ["Sign in"]);
    // Three of these a second are answered: the faster the machine, the fewer visits it takes.
    let mut refused = 0;
    for address in 0..200 {
        if refused > 10 {
            break;
        }
        let view = browser(&world, 1000 + address).visit("/reports").await;
        if view.status == StatusCode::SERVICE_UNAVAILABLE {
            assert_eq!(view.page.headings, ["Sign-in is not available"], "{}", view.page.text);
            let wait: u64 = view.headers["retry-after"].to_str().expect("text").parse().expect("seconds");
            assert!((1..10).contains(&wait), "{wait}");
            refused += 1;
        }
    }
    assert_eq!(refused, 11);
    let view = somebody.answer(&begun, &[("identifier", "password@example.com"), ("password", "Sandbox-1234")]).await;
    assert_eq!(view.url.path(), "/reports", "{}", view.page.text);
    let metrics = world.metrics().await;
    let line = "operation=\"interact\",provider=\"okta\",status=\"over_budget\"";
    assert!(metrics.contains(line), "{metrics}");
}
