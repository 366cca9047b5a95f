//! One sign-in, many hosts: three hosts of two domains, one of which signs people in.

use std::collections::BTreeMap;

use reqwest::Method;
use serde_json::json;
use url::Url;

use crate::proxying::raw;
use crate::refresh::{OFFLINE, until_revoked};
use crate::store::{Replica, Store};
use crate::visitor::{View, Visitor, cookie_line};
use crate::world::World;

const ROUTES: &str = "[[route]]\nname = \"app\"\nupstream = \"APP\"\n\
    [[route]]\nname = \"open\"\npath = \"/public\"\nupstream = \"APP\"\nallow = \"public\"\n\
    [[route]]\nname = \"wiki\"\nhost = \"wiki.localhost\"\nupstream = \"APP\"\n\
    [[route]]\nname = \"strong\"\nhost = \"wiki.localhost\"\npath = \"/strong\"\nupstream = \"APP\"\n\
    allow = { acr_values = \"urn:okta:loa:2fa:any\" }\n\
    [[route]]\nname = \"git\"\nhost = \"*.example.test\"\nupstream = \"APP\"\n";

fn at(world: &World, host: &str, target: &str) -> String {
    format!("http://{host}:{}{target}", world.port)
}

/// The page is the app's, at that address, and says who is signed in.
fn is_in_at(view: &View, address: &str) {
    assert_eq!((view.status.as_u16(), view.url.as_str()), (200, address), "{}", view.body);
    assert!(view.body.contains("x-forwarded-user") || view.body.contains("X-Forwarded-User"), "{}", view.body);
}

async fn ask(visitor: &mut Visitor, address: &str) -> reqwest::Response {
    visitor.send(Method::GET, Url::parse(address).expect("an address"), None, "none").await
}

fn leads_to(response: &reqwest::Response) -> String {
    response.headers()["location"].to_str().expect("text").to_owned()
}

/// L-28: the address to come back to and the session, which are set at once there, fit into a head of nginx's 4 KB.
#[tokio::test]
async fn no_head_at_another_host_is_too_large_however_long_the_address() {
    let world = World::with(ROUTES, &[]).await;
    for count in [0, 40] {
        let groups: Vec<String> = (0..count).map(|number| format!("{number:0>29}")).collect();
        let user = json!({"login": "password@example.com", "password": "Sandbox-1234", "groups": groups});
        world.tell("users", user).await;
        let mut visitor = Visitor::new(&world);
        let mut view = visitor.sign_in("/y", "password@example.com").await;
        while view.url.path().contains("/.gateway/flow/") {
            view = visitor.answer_or_press(&view).await;
        }
        for length in [100, 1400, 1700, 2000, 2500, 2900, 3000, 3200, 3390] {
            visitor.cookies.retain(|host, _| !host.starts_with("wiki"));
            let target = format!("/p?{}", "panel=dashboard&".repeat(length / 16));
            let wiki = at(&world, "wiki.localhost", &target);
            let mut view = visitor.visit(&wiki).await;
            if view.url.path() == "/.gateway/arrive" {
                let link = view.page.links.first().expect("a link that leads on").0.clone();
                view = visitor.follow(&view, &link).await;
            }
            is_in_at(&view, &wiki);
            assert!(visitor.largest_head <= 4000, "{count} groups, {length}: a head of {}", visitor.largest_head);
        }
    }
}

#[tokio::test]
async fn one_sign_in_is_good_for_every_host_and_so_is_one_sign_out() {
    let world = World::with(ROUTES, &[]).await;
    let mut visitor = Visitor::new(&world);
    let wiki = at(&world, "wiki.localhost", "/a?b=%2Fc");
    let view = visitor.visit(&wiki).await;
    assert_eq!(view.url.host_str(), Some("localhost"), "people sign in at one host");
    is_in_at(
        &visitor.answer(&view, &[("identifier", "password@example.com"), ("password", "Sandbox-1234")]).await,
        &wiki,
    );
    let git = at(&world, "git.example.test", "/x");
    is_in_at(&visitor.visit(&git).await, &git);
    let own = at(&world, "localhost", "/y");
    is_in_at(&visitor.visit(&own).await, &own);
    assert_eq!(world.calls("/v1/token").await, 1, "nobody was asked twice");
    for jar in visitor.cookies.values() {
        assert!(jar.keys().all(|name| !name.contains("hop_")), "what was begun is cleared up: {jar:?}");
    }

    let view = visitor.visit(&at(&world, "git.example.test", "/.gateway/sign-out")).await;
    let view = visitor.answer_or_press(&view).await;
    assert_eq!(view.url.host_str(), Some("localhost"), "the org's own sign-out leads back there");
    assert_eq!(view.page.headings, ["You have signed out"]);
    for address in [&wiki, &git, &own] {
        assert_eq!(ask(&mut visitor, address).await.status(), 303, "{address}");
    }
    assert_eq!(world.calls("/v1/logout").await, 1, "the org is told, with what the sign-in host kept");
}

/// K-06, K-07: in two tabs, as the same person or another; of the session from before nothing opens anything, here or at another
/// host, and its refresh token is revoked. What a script is told of its end takes no cookie of the new one.
#[tokio::test]
async fn another_sign_in_ends_the_session_that_its_browser_had() {
    for store in [None, Store::start()] {
        let section = store.as_ref().map(Store::section).unwrap_or_default();
        let kept = if store.is_some() { "redis" } else { "cookie" };
        let world = World::with(&format!("{OFFLINE}{section}{ROUTES}"), &[("GATEWAY__SESSION__STORE", kept)]).await;
        world.tell("users", json!({"login": "other@example.com", "password": "Sandbox-1234"})).await;
        let [own, git, second] = [("localhost", "/y"), ("git.example.test", "/x"), ("localhost", "/z")]
            .map(|(host, target)| at(&world, host, target));
        for (revoked, account) in [(1, "password@example.com"), (2, "other@example.com")] {
            let mut visitor = Visitor::new(&world);
            let tab = visitor.visit(&second).await;
            visitor.sign_in("/y", "password@example.com").await;
            is_in_at(&visitor.visit(&git).await, &git);
            let mut copy = Visitor::new(&world);
            copy.cookies = visitor.cookies.clone();
            let view = visitor.answer(&tab, &[("identifier", account), ("password", "Sandbox-1234")]).await;
            is_in_at(&view, &second);
            let cookies = cookie_line(&copy.cookies[&format!("localhost:{}", world.port)]);
            for (mode, is_cleared) in [("cors", false), ("navigate", true)] {
                let request = format!(
                    "GET /y HTTP/1.1\r\nHost: localhost\r\nCookie: {cookies}\r\nSec-Fetch-Mode: {mode}\r\nConnection: close\r\n\r\n"
                );
                let answer = raw(&world, request.as_bytes());
                assert_eq!(answer.to_ascii_lowercase().contains("set-cookie: gw_session=;"), is_cleared, "{answer}");
            }
            for address in [&own, &git] {
                assert_eq!(ask(&mut copy, address).await.status(), 303, "{kept} {account} {address}");
            }
            is_in_at(&visitor.visit(&git).await, &git);
            until_revoked(&world, revoked, account).await;
        }
    }
}

#[tokio::test]
async fn the_cookie_of_one_host_opens_no_other() {
    let world = World::with(ROUTES, &[]).await;
    let mut visitor = Visitor::new(&world);
    let (wiki, git) = (at(&world, "wiki.localhost", "/"), at(&world, "git.example.test", "/"));
    visitor.sign_in("/", "password@example.com").await;
    is_in_at(&visitor.visit(&wiki).await, &wiki);
    let key = |host: &str| format!("{host}:{}", world.port);
    let (own, lease) = (visitor.cookies[&key("localhost")].clone(), visitor.cookies[&key("wiki.localhost")].clone());
    for (jar, address) in [(&own, &wiki), (&own, &git), (&lease, &git), (&lease, &at(&world, "localhost", "/"))] {
        let mut thief = Visitor::new(&world);
        let host = Url::parse(address).expect("an address");
        thief.cookies.insert(key(host.host_str().expect("a host")), jar.clone());
        let response = ask(&mut thief, address).await;
        assert_eq!(response.status(), 303, "{address}");
    }
}

#[tokio::test]
async fn a_ticket_is_good_once_in_the_browser_that_asked_at_the_host_that_asked() {
    let world = World::with(ROUTES, &[]).await;
    let mut visitor = Visitor::new(&world);
    visitor.sign_in("/", "password@example.com").await;
    let wiki = at(&world, "wiki.localhost", "/a");
    let entry = at(&world, "wiki.localhost", &leads_to(&ask(&mut visitor, &wiki).await));
    let departed = ask(&mut visitor, &entry).await;
    assert!(leads_to(&departed).starts_with(&at(&world, "localhost", "/.gateway/sign-in?hop=")));
    let arrival = ask(&mut visitor, &leads_to(&departed)).await;
    assert_eq!(arrival.headers()["referrer-policy"], "no-referrer");
    assert_eq!(arrival.headers()["cache-control"], "no-store");
    let ticket = leads_to(&arrival);
    assert!(ticket.starts_with(&at(&world, "wiki.localhost", "/.gateway/arrive?ticket=")) && ticket.len() < 4000);

    // Another browser, with and without a departure of its own.
    let mut victim = Visitor::new(&world);
    assert_eq!(ask(&mut victim, &ticket).await.status(), 400);
    ask(&mut victim, &entry).await;
    let response = ask(&mut victim, &ticket).await;
    assert_eq!(response.status(), 400);
    assert!(!victim.cookies.values().any(|jar| jar.contains_key("gw_session")), "{:?}", victim.cookies);
    // Another host, with the very cookies.
    let jar = visitor.cookies[&format!("wiki.localhost:{}", world.port)].clone();
    visitor.cookies.insert(format!("git.example.test:{}", world.port), jar.clone());
    let elsewhere = ticket.replace("wiki.localhost", "git.example.test");
    assert_eq!(ask(&mut visitor, &elsewhere).await.status(), 400);

    let arrived = ask(&mut visitor, &ticket).await;
    assert_eq!((arrived.status().as_u16(), leads_to(&arrived)), (303, wiki.clone()));
    // A copy of the browser's cookies from before, once more.
    let mut copy = Visitor::new(&world);
    copy.cookies.insert(format!("wiki.localhost:{}", world.port), jar);
    assert_eq!(ask(&mut copy, &ticket).await.status(), 400);
    // The same tab again: home, and nothing is said to be wrong.
    assert_eq!(ask(&mut visitor, &ticket).await.status(), 303);
    assert!(!world.log().contains("ticket="), "{}", world.log());
}

/// L-04: whichever replica has seen it.
#[tokio::test]
async fn with_a_store_a_ticket_is_good_once_in_all_replicas() {
    let Some(store) = Store::start() else { return };
    let world = World::with(&format!("{}{ROUTES}", store.section()), &[("GATEWAY__SESSION__STORE", "redis")]).await;
    let replica = Replica::of(&world, "redis").await;
    let mut visitor = Visitor::new(&world);
    visitor.sign_in("/", "password@example.com").await;
    let wiki = at(&world, "wiki.localhost", "/a");
    let entry = at(&world, "wiki.localhost", &leads_to(&ask(&mut visitor, &wiki).await));
    let departed = leads_to(&ask(&mut visitor, &entry).await);
    for (first, second) in [(world.port, replica.port), (replica.port, world.port)] {
        let ticket = leads_to(&ask(&mut visitor, &departed).await);
        let jar = visitor.cookies[&format!("wiki.localhost:{}", world.port)].clone();
        assert_eq!(arrives(first, &world, &ticket, &jar).await, 303);
        assert_eq!(arrives(second, &world, &ticket, &jar).await, 400);
    }
}

/// What the replica at this port answers to a ticket with these cookies.
async fn arrives(port: u16, world: &World, ticket: &str, cookies: &BTreeMap<String, String>) -> u16 {
    let target = ticket.strip_prefix(&at(world, "wiki.localhost", "")).expect("it is for that host");
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy();
    let request = client.build().expect("a client").get(format!("http://127.0.0.1:{port}{target}"));
    let request = request.header("host", format!("wiki.localhost:{}", world.port));
    let request = request.header("cookie", cookie_line(cookies)).header("sec-fetch-mode", "navigate");
    request.send().await.expect("an answer").status().as_u16()
}

#[tokio::test]
async fn nobody_is_handed_over_to_a_host_that_nothing_names() {
    let world = World::with(ROUTES, &[]).await;
    let mut visitor = Visitor::new(&world);
    visitor.sign_in("/", "password@example.com").await;
    for hop in ["", "x", "v2.00000000.AAAA"] {
        let response = ask(&mut visitor, &at(&world, "localhost", &format!("/.gateway/sign-in?hop={hop}"))).await;
        assert_eq!(response.status(), 400, "{hop}");
    }
    // A host of which the configuration has heard, until it is read again.
    let evil = at(&world, "evil.example.test", "/.gateway/sign-in?return=/");
    let hop = leads_to(&ask(&mut visitor, &evil).await);
    world.edit("*.example.test", "git.example.test");
    assert!(world.reload().await, "{}", world.log());
    assert_eq!(ask(&mut visitor, &hop).await.status(), 400);
    assert_eq!(ask(&mut visitor, &evil).await.status(), 421);
}

#[tokio::test]
async fn a_step_up_at_another_host_is_made_where_people_sign_in_and_keeps_the_session_meanwhile() {
    let world = World::with(ROUTES, &[]).await;
    let mut visitor = Visitor::new(&world);
    world.tell("users", json!({"login": "question@example.com", "needs": [["okta_password"]]})).await;
    let (wiki, strong) = (at(&world, "wiki.localhost", "/a"), at(&world, "wiki.localhost", "/strong/x?y=1"));
    is_in_at(&visitor.sign_in(&wiki, "question@example.com").await, &wiki);
    let view = visitor.visit(&strong).await;
    assert_eq!(view.url.host_str(), Some("localhost"), "{}", view.body);
    is_in_at(&visitor.visit(&wiki).await, &wiki);
    let mut view = visitor.answer(&view, &[("identifier", "question@example.com"), ("password", "Sandbox-1234")]).await;
    if view.page.main().is_none_or(|form| form.control("answer").is_none()) {
        view = visitor.choose(&view, "Security question").await;
    }
    is_in_at(&visitor.answer(&view, &[("answer", "Sandbox-1234")]).await, &strong);
}

#[tokio::test]
async fn a_script_of_another_host_is_told_where_to_sign_in_and_costs_nothing() {
    let world = World::with(ROUTES, &[]).await;
    let mut visitor = Visitor::new(&world);
    visitor.headers = vec![("sec-fetch-mode".into(), "cors".into()), ("sec-fetch-dest".into(), "empty".into())];
    let response = ask(&mut visitor, &at(&world, "wiki.localhost", "/data")).await;
    assert_eq!((response.status().as_u16(), response.headers().contains_key("set-cookie")), (401, false));
    let problem: serde_json::Value = serde_json::from_str(&response.text().await.expect("a body")).expect("JSON");
    assert_eq!(problem["sign_in"], json!(at(&world, "wiki.localhost", "/.gateway/sign-in?return=%2F")));
    let response = ask(&mut visitor, &at(&world, "wiki.localhost", "/.gateway/sign-in?return=/x")).await;
    assert_eq!((response.status().as_u16(), response.headers().contains_key("set-cookie")), (401, false));
}

#[tokio::test]
async fn a_host_that_keeps_no_cookie_is_asked_for_one_and_goes_round_in_no_circle() {
    let world = World::with(ROUTES, &[]).await;
    let mut visitor = Visitor::new(&world);
    visitor.sign_in("/", "password@example.com").await;
    let wiki = at(&world, "wiki.localhost", "/a");
    for status in [303, 303, 303, 400] {
        let entry = at(&world, "wiki.localhost", "/.gateway/sign-in?return=/a");
        let response = ask(&mut visitor, &entry).await;
        assert_eq!(response.status(), status);
    }
    is_in_at(&visitor.visit(&wiki).await, &wiki);
}

/// A browser keeps eight that are under way, of those begun in one second any: the others arrive at the front page.
#[tokio::test]
async fn pages_of_another_host_that_are_opened_at_once_all_arrive() {
    let world = World::with(ROUTES, &[]).await;
    let mut visitor = Visitor::new(&world);
    visitor.sign_in("/", "password@example.com").await;
    let mut on_the_way = Vec::new();
    for number in 0..12 {
        let entry = at(&world, "wiki.localhost", &format!("/.gateway/sign-in?return=/page-{number}"));
        on_the_way.push((number, leads_to(&ask(&mut visitor, &entry).await)));
    }
    let mut whole = 0;
    for (number, hop) in on_the_way.into_iter().rev() {
        let ticket = leads_to(&ask(&mut visitor, &hop).await);
        let response = ask(&mut visitor, &ticket).await;
        assert_eq!(response.status(), 303, "never an error");
        let pages = ["/".to_owned(), format!("/page-{number}")].map(|target| at(&world, "wiki.localhost", &target));
        let page = pages.iter().position(|page| *page == leads_to(&response)).expect("its own page, or the front page");
        whole += page;
    }
    assert_eq!(whole, 8);
}
