//! What holds for every way to sign in: one suite, run with our own pages, the widget and the redirect.
//!
//! The widget is played here by what it sends: it begins the sign-in at the org itself and comes back with a code.
//! `tests/witness/door.test.js` runs the same door with the real one.

use std::process::Command;
use std::time::Duration;

use http::Method;
use serde_json::{Value, json};

use crate::clocks::Clock;
use crate::replicas;
use crate::visitor::{View, Visitor, filled_in};
use crate::widget::{options, widget};
use crate::world::World;

const ION: &str = "application/ion+json; okta-version=1.0.0";
const LOGIN: &str = "password@example.com";

#[derive(Clone, Copy, Debug, PartialEq)]
enum Door {
    Pages,
    Widget,
    Redirect,
}

const DOORS: [Door; 3] = [Door::Pages, Door::Widget, Door::Redirect];

/// The settings of a door, with the files of its widget there.
fn settings(door: Door, folder: &tempfile::TempDir) -> String {
    match door {
        Door::Pages => "[sign_in]\ndoor = \"pages\"\n".to_owned(),
        Door::Redirect => "[sign_in]\ndoor = \"redirect\"\n".to_owned(),
        Door::Widget => {
            format!("[sign_in]\ndoor = \"widget\"\n[sign_in.widget]\nfiles = \"{}\"\n", folder.path().display())
        }
    }
}

async fn world(door: Door) -> (World, Visitor, tempfile::TempDir) {
    world_with(door, "").await
}

/// The same with more settings of the org.
async fn world_with(door: Door, org: &str) -> (World, Visitor, tempfile::TempDir) {
    let folder = widget();
    let world = World::with(&format!("{org}{}", settings(door, &folder)), &[]).await;
    let visitor = Visitor::new(&world);
    (world, visitor, folder)
}

/// What the widget does with its options: the code that the org gives in the end.
async fn code_of_the_widget(world: &World, options: &Value) -> String {
    let http = reqwest::Client::builder().no_proxy().build().expect("a client");
    let text = |name: &str| options[name].as_str().expect("a text").to_owned();
    let scopes: Vec<&str> = options["scopes"].as_array().expect("a list").iter().filter_map(Value::as_str).collect();
    let form = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs([
            ("client_id", text("clientId")),
            ("scope", scopes.join(" ")),
            ("redirect_uri", text("redirectUri")),
            ("code_challenge", text("codeChallenge")),
            ("code_challenge_method", text("codeChallengeMethod")),
            ("state", text("state")),
            ("nonce", text("nonce")),
        ])
        .extend_pairs(asked_of_the_widget(options))
        .finish();
    let post = async |path: String, kind: &str, body: String| -> Value {
        let request = http
            .post(path)
            .header("content-type", kind)
            .header("accept", if kind.contains("form") { "application/json" } else { ION })
            .body(body);
        let reply = request.send().await.expect("an answer").text().await.expect("a body");
        serde_json::from_str(&reply).expect("JSON")
    };
    let begun = post(format!("{}/v1/interact", text("issuer")), "application/x-www-form-urlencoded", form);
    let begun = begun.await;
    let handle = begun["interaction_handle"].as_str().unwrap_or_else(|| panic!("no handle: {begun}"));
    let idx = |step: &str| format!("{}/idp/idx/{step}", world.org.origin());
    let first = post(idx("introspect"), ION, json!({"interactionHandle": handle}).to_string()).await;
    let answers = json!({
        "stateHandle": first["stateHandle"], "identifier": LOGIN, "credentials": {"passcode": okta_sandbox::PASSWORD},
    });
    let last = post(idx("identify"), "application/json", answers.to_string()).await;
    let values = last["successWithInteractionCode"]["value"].as_array().unwrap_or_else(|| panic!("no code: {last}"));
    let code = values.iter().find(|value| value["name"] == "interaction_code").expect("a code");
    code["value"].as_str().expect("a text").to_owned()
}

/// What a step-up has the widget ask, as it sends it.
fn asked_of_the_widget(options: &Value) -> Vec<(&'static str, String)> {
    let asked = [("acr_values", &options["authParams"]["acrValues"]), ("max_age", &options["authParams"]["maxAge"])];
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    asked.into_iter().filter(|(_, value)| !value.is_null()).map(|(name, value)| (name, text(value))).collect()
}

/// The address of the callback to which the browser comes with a code, when somebody has proven who they are to the org.
async fn callback(door: Door, world: &World, visitor: &mut Visitor, view: &View) -> String {
    if door == Door::Widget {
        let options = options(&view.body);
        let code = code_of_the_widget(world, &options).await;
        return format!(
            "/login/callback?interaction_code={code}&state={}",
            options["state"].as_str().expect("a state")
        );
    }
    let form = view.page.forms.first().unwrap_or_else(|| panic!("no form: {}", view.page.text));
    let body = filled_in(form, &[("username", LOGIN), ("password", okta_sandbox::PASSWORD)], 0);
    let url = view.url.join(&form.action).expect("an address");
    let reply = visitor.send(Method::POST, url, Some(body), "same-origin").await;
    reply.headers()["location"].to_str().expect("an address").to_owned()
}

/// Ends the sign-in that this view shows: where the browser is then.
async fn ends(door: Door, world: &World, visitor: &mut Visitor, view: &View) -> View {
    match door {
        Door::Pages => visitor.answer(view, &[("identifier", LOGIN), ("password", okta_sandbox::PASSWORD)]).await,
        Door::Widget | Door::Redirect => {
            let back = callback(door, world, visitor, view).await;
            visitor.visit(&back).await
        }
    }
}

/// The `state` of the sign-in that this view shows, where the browser is told it.
fn state(door: Door, view: &View) -> Option<String> {
    match door {
        Door::Pages => None,
        Door::Widget => options(&view.body)["state"].as_str().map(str::to_owned),
        Door::Redirect => view.url.query_pairs().find(|(name, _)| name == "state").map(|(_, value)| value.into_owned()),
    }
}

fn is_at(door: Door, view: &View, target: &str) {
    assert_eq!(view.status, 200, "{door:?}: {}", view.page.text);
    let at = format!("{}{}", view.url.path(), view.url.query().map(|query| format!("?{query}")).unwrap_or_default());
    assert_eq!(at, target, "{door:?}");
    assert!(view.body.contains(LOGIN), "{door:?}: {}", view.body);
}

#[tokio::test]
async fn every_door_leads_to_a_session_and_to_where_one_wanted_to_go() {
    for door in DOORS {
        let (world, mut visitor, _folder) = world(door).await;
        world.tell("users", json!({"login": LOGIN, "password": okta_sandbox::PASSWORD, "groups": ["staff"]})).await;
        let view = visitor.visit("/app?x=1&y=%2F").await;
        let view = ends(door, &world, &mut visitor, &view).await;
        is_at(door, &view, "/app?x=1&y=%2F");
        is_at(door, &visitor.visit("/app").await, "/app");
        assert!(visitor.largest_head <= 4000, "{door:?}: {}", visitor.largest_head);
        assert_eq!(visitor.visit("/admin").await.status, 403, "{door:?}: of no group that may");
        for line in visitor.set_cookies.iter().filter(|line| line.starts_with("gw_")) {
            let may = line.contains("; HttpOnly") && line.contains("; SameSite=Lax") && !line.contains("; Domain=");
            assert!(may, "{door:?}: {line}");
        }
        let metrics = world.metrics().await;
        for outcome in ["begun", "signed_in"] {
            let line = format!("gateway_sign_ins_total{{outcome=\"{outcome}\",provider=\"okta\"}} 1");
            assert!(metrics.contains(&line), "{door:?}: {line}");
        }
        // The sign-in page has nothing to do now, and signing out ends it.
        is_at(door, &visitor.visit("/.gateway/sign-in?return=/app").await, "/app");
        let cookies = visitor.jar().clone();
        let view = visitor.visit("/.gateway/sign-out").await;
        visitor.choose(&view, "Sign out").await;
        *visitor.jar() = cookies;
        let view = visitor.visit("/app").await;
        assert!(!view.body.contains(LOGIN), "{door:?}: a copy of the cookies opens nothing");
    }
}

/// Groups of now, whichever way somebody signed in; and `check` says what that weighs in the browser.
#[tokio::test]
async fn every_door_s_sessions_are_refreshed() {
    for door in DOORS {
        let offline = "OKTA scopes = [\"openid\", \"profile\", \"email\", \"offline_access\"]\n";
        let (world, mut visitor, _folder) = world_with(door, offline).await;
        world.tell("policies", json!({"access_token_lifetime_s": 2})).await;
        let view = visitor.visit("/app").await;
        is_at(door, &ends(door, &world, &mut visitor, &view).await, "/app");
        let kept = visitor.jar()["gw_refresh"].clone();
        let promoted = json!({"login": LOGIN, "password": okta_sandbox::PASSWORD, "groups": ["admins"]});
        world.tell("users", promoted).await;
        tokio::time::sleep(Duration::from_millis(2200)).await;
        // A token that has ended by the time it comes is good for no claims.
        world.tell("policies", json!({"access_token_lifetime_s": 60})).await;
        is_at(door, &visitor.visit("/admin").await, "/admin");
        assert_ne!(visitor.jar()["gw_refresh"], kept, "{door:?}");
        let mut check = Command::new(env!("CARGO_BIN_EXE_idx-gateway"));
        let said = check.args(["check", "--config"]).arg(world.path("gateway.toml")).output().expect("check runs");
        let said = String::from_utf8_lossy(&said.stdout).into_owned() + &String::from_utf8_lossy(&said.stderr);
        let estimate = said.split("What refreshes it has about ").nth(1).and_then(|rest| rest.split(' ').next());
        let estimate: usize = estimate.and_then(|bytes| bytes.parse().ok()).unwrap_or_else(|| panic!("{said}"));
        assert!(estimate.abs_diff(kept.len()) < 60, "{door:?}: {estimate} said, and {} bytes kept", kept.len());
    }
}

#[tokio::test]
async fn every_door_keeps_people_on_the_site() {
    for door in DOORS {
        let (world, mut visitor, _folder) = world(door).await;
        for target in [
            "//evil.example",
            "/\\evil.example",
            "/\tevil.example",
            "/%09/evil.example",
            "///evil.example",
            "/.//evil.example",
            "https://evil.example/",
            "http:evil.example",
            "http://localhost.evil.example/",
            "http://localhost@evil.example/",
            "/%5cevil.example",
            "/.gateway/sign-out",
            "/login/callback",
            "javascript:alert(1)",
            "data:text/html,x",
        ] {
            let target: String = url::form_urlencoded::byte_serialize(target.as_bytes()).collect();
            let view = visitor.visit(&format!("/.gateway/sign-in?return={target}")).await;
            let view = ends(door, &world, &mut visitor, &view).await;
            assert_eq!(view.url.origin(), visitor.site().origin(), "{door:?} {target}");
            assert!(view.body.contains(LOGIN), "{door:?} {target}: {}", view.page.text);
            visitor.jar().clear();
        }
    }
}

#[tokio::test]
async fn every_door_survives_a_restart_and_a_second_click() {
    for door in DOORS {
        let (mut world, mut visitor, _folder) = world(door).await;
        let view = visitor.visit("/app?x=1").await;
        world.restart().await;
        let view = ends(door, &world, &mut visitor, &view).await;
        is_at(door, &view, "/app?x=1");
        let back = visitor.trail.iter().find(|(_, url)| url.contains("/login/callback")).map(|(_, url)| url.clone());
        assert_eq!(back.is_some(), door != Door::Pages);
        for _ in 0..2 {
            if let Some(back) = &back {
                is_at(door, &visitor.visit(back).await, "/app?x=1");
            }
            world.restart().await;
        }
        assert_eq!(world.calls("/v1/token").await, 1, "{door:?}: a code is redeemed once");
    }
}

#[tokio::test]
async fn every_door_serves_tabs_in_any_order() {
    for door in DOORS {
        let (world, mut visitor, _folder) = world(door).await;
        let mut tabs = Vec::new();
        for tab in 0..3 {
            tabs.push((tab, visitor.visit(&format!("/app?tab={tab}")).await));
        }
        tabs.rotate_left(1);
        for (tab, view) in tabs {
            is_at(door, &ends(door, &world, &mut visitor, &view).await, &format!("/app?tab={tab}"));
        }
    }
}

#[tokio::test]
async fn every_door_begins_nothing_for_what_is_no_page_visit() {
    for door in DOORS {
        let (world, mut visitor, _folder) = world(door).await;
        let address = visitor.site().join("/.gateway/sign-in?return=/app").expect("an address");
        let before = world.calls("").await;
        for (method, headers, status) in [
            (Method::HEAD, vec![], 204),
            (Method::GET, vec![("sec-purpose", "prefetch")], 204),
            (Method::GET, vec![("sec-fetch-mode", "cors"), ("sec-fetch-dest", "empty")], 401),
        ] {
            visitor.headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
            let reply = visitor.send(method.clone(), address.clone(), None, "none").await;
            assert_eq!(reply.status(), status, "{door:?} {method} {headers:?}");
            assert!(visitor.jar().is_empty(), "{door:?} {method} {headers:?}");
        }
        assert_eq!(world.calls("").await, before, "{door:?}: the org hears of nothing");
    }
}

#[tokio::test]
async fn every_door_keeps_its_secrets_out_of_the_log() {
    for door in DOORS {
        let (world, mut visitor, _folder) = world(door).await;
        let view = visitor.visit("/app?x=1").await;
        let mut secrets = vec![okta_sandbox::PASSWORD.to_owned(), okta_sandbox::CLIENT_SECRET.to_owned()];
        match door {
            Door::Widget => {
                let options = options(&view.body);
                let text = |name: &str| options[name].as_str().expect("a text").to_owned();
                secrets.extend([text("state"), text("nonce"), text("codeChallenge")]);
            }
            Door::Redirect => {
                let kept = |name: &str| {
                    view.url.query_pairs().find(|(given, _)| given == name).map(|(_, value)| value.into_owned())
                };
                secrets.extend(["state", "nonce", "code_challenge"].iter().filter_map(|name| kept(name)));
            }
            Door::Pages => {}
        }
        is_at(door, &ends(door, &world, &mut visitor, &view).await, "/app?x=1");
        let codes = visitor.trail.iter().filter_map(|(_, url)| url::Url::parse(url).ok());
        let codes = codes.flat_map(|url| url.query_pairs().into_owned().collect::<Vec<_>>());
        secrets.extend(codes.filter(|(name, _)| name.ends_with("code")).map(|(_, value)| value));
        secrets.extend(visitor.jar().values().filter(|value| value.len() > 20).cloned());
        let log = world.log();
        for secret in secrets {
            assert!(!log.contains(&secret), "{door:?}: {secret} stands in the log");
        }
    }
}

#[tokio::test]
async fn every_door_believes_only_tokens_that_hold() {
    for door in DOORS {
        let (world, mut visitor, _folder) = world(door).await;
        for fault in
            ["wrong_nonce", "wrong_aud", "wrong_iss", "alg_none", "hs256", "unknown_kid", "bad_signature", "stale"]
        {
            let view = visitor.visit("/app").await;
            world.faults(json!([{"at": "token", "fault": fault}])).await;
            let view = ends(door, &world, &mut visitor, &view).await;
            assert!(view.status.is_server_error(), "{door:?} {fault}: {} {}", view.status, view.page.text);
            assert!(!visitor.jar().keys().any(|name| name.contains("session")), "{door:?} {fault}");
            world.faults(json!([])).await;
        }
        let view = visitor.visit("/app").await;
        is_at(door, &ends(door, &world, &mut visitor, &view).await, "/app");
    }
}

#[tokio::test]
async fn every_door_goes_on_whichever_replica_is_asked() {
    for door in DOORS {
        let folder = widget();
        let (world, _replica, _connections) = replicas::world(&settings(door, &folder)).await;
        // One request more or less, so that each request reaches the one replica and the other.
        for requests_before in 0..2 {
            let mut visitor = replicas::visitor(&world);
            for _ in 0..requests_before {
                visitor.visit("/public").await;
            }
            let view = visitor.visit("/app?x=1").await;
            is_at(door, &ends(door, &world, &mut visitor, &view).await, "/app?x=1");
            // Its callback a second time finds out where the sign-in led, at the other replica too.
            if let Some((_, back)) = visitor.trail.iter().find(|(_, url)| url.contains("/login/callback")).cloned() {
                for _ in 0..2 {
                    is_at(door, &visitor.visit(&back).await, "/app?x=1");
                }
            }
            assert_eq!(world.calls("/v1/token").await, requests_before + 1, "{door:?}: a code is redeemed once");
        }
    }
}

#[tokio::test]
async fn every_door_takes_a_second_click_while_the_first_is_under_way() {
    for door in DOORS {
        let (world, mut visitor, _folder) = world(door).await;
        let view = visitor.visit("/app?x=1").await;
        world.faults(json!([{"at": "token", "fault": "slow", "ms": 300}])).await;
        // Both leave before either is answered, with the same cookies.
        let mut twin = Visitor::new(&world);
        twin.cookies.clone_from(&visitor.cookies);
        let views = match door {
            Door::Pages => {
                tokio::join!(ends(door, &world, &mut visitor, &view), ends(door, &world, &mut twin, &view))
            }
            Door::Widget | Door::Redirect => {
                let back = callback(door, &world, &mut visitor, &view).await;
                tokio::join!(visitor.visit(&back), twin.visit(&back))
            }
        };
        is_at(door, &views.0, "/app?x=1");
        is_at(door, &views.1, "/app?x=1");
        assert_eq!(world.calls("/v1/token").await, 1, "{door:?}: a code is redeemed once");
    }
}

#[tokio::test]
async fn every_door_leads_on_from_both_halves_of_a_double_click_at_two_replicas() {
    for door in DOORS {
        let folder = widget();
        let (world, _replica, _connections) = replicas::world(&settings(door, &folder)).await;
        for at_once in [true, false] {
            double_click_at_two_replicas(door, &world, at_once).await;
        }
    }
}

/// Both halves leave before either is answered, with the same cookies; each reaches another replica, and one of them comes too
/// late: at any time while the first is under way, or after it.
async fn double_click_at_two_replicas(door: Door, world: &World, at_once: bool) {
    let mut visitor = replicas::visitor(world);
    let view = visitor.visit("/app?x=1").await;
    let (method, url, body) = match door {
        Door::Pages => {
            let form = view.page.main().expect("a form");
            let body = filled_in(form, &[("identifier", LOGIN), ("password", okta_sandbox::PASSWORD)], 0);
            (Method::POST, view.url.join(&form.action).expect("an address"), Some(body))
        }
        Door::Widget | Door::Redirect => {
            let back = callback(door, world, &mut visitor, &view).await;
            (Method::GET, visitor.site().join(&back).expect("an address"), None)
        }
    };
    let mut twin = replicas::visitor(world);
    twin.cookies.clone_from(&visitor.cookies);
    let one = visitor.send(method.clone(), url.clone(), body.clone(), "same-origin");
    let other = twin.send(method, url, body, "same-origin");
    let (one, other) = match at_once {
        true => tokio::join!(one, other),
        false => (one.await, other.await),
    };
    let address = |reply: &reqwest::Response| {
        let address = reply.headers().get("location").and_then(|address| address.to_str().ok());
        address.unwrap_or_else(|| panic!("{door:?} {at_once}: {reply:?}")).to_owned()
    };
    let (one, other) = (address(&one), address(&other));
    let (winner, mut late, look) = match (one.ends_with("?overtaken"), other.ends_with("?overtaken")) {
        (false, true) => (visitor, twin, other),
        (true, false) => (twin, visitor, one),
        _ => panic!("{door:?} {at_once}: one of both comes too late: {one} {other}"),
    };
    // The browser has the first answer's cookies by now, and goes where it led.
    late.cookies.clone_from(&winner.cookies);
    is_at(door, &late.visit(&look).await, "/app?x=1");
}

#[tokio::test]
async fn every_door_lets_only_the_browser_in_that_began() {
    for door in DOORS {
        let (world, mut visitor, _folder) = world(door).await;
        let view = visitor.visit("/app?x=1").await;
        let mut other = Visitor::new(&world);
        // The other browser has a sign-in of its own under way, which is not this one.
        other.visit("/app").await;
        let before = other.jar().clone();
        let attempt = match door {
            Door::Pages => other.visit(view.url.path()).await,
            Door::Widget | Door::Redirect => {
                let back = callback(door, &world, &mut visitor, &view).await;
                let attempt = other.visit(&back).await;
                assert_eq!(other.visit(&back.replace("state=", "state=x")).await.status, 400, "{door:?}");
                assert_eq!(other.visit(&format!("{back}&state=x")).await.status, 400, "{door:?}: a parameter twice");
                // Whose sign-in it is can still end it.
                is_at(door, &visitor.visit(&back).await, "/app?x=1");
                attempt
            }
        };
        assert_eq!(attempt.status, 400, "{door:?}: {}", attempt.page.text);
        assert_eq!(*other.jar(), before, "{door:?}");
        assert_eq!(world.calls("/v1/token").await, usize::from(door != Door::Pages), "{door:?}");
    }
}

#[tokio::test]
async fn every_door_counts_what_became_of_a_sign_in_and_whose_it_was() {
    for door in DOORS {
        let (world, mut visitor, _folder) = world(door).await;
        // Refused.
        let view = visitor.visit("/app").await;
        match state(door, &view) {
            None => drop(visitor.answer(&view, &[("identifier", LOGIN), ("password", "Wrong-1234")]).await),
            Some(state) => {
                let view = visitor.visit(&format!("/login/callback?error=access_denied&state={state}")).await;
                assert_eq!(view.status, 403, "{door:?}: {}", view.page.text);
            }
        }
        // A callback that belongs to no sign-in, and a sign-in whose code the org does not redeem.
        let nobodys = "AAAAAAAAAAAAAAAAAAAAAA.AAAAAAAAAAAAAAAAAAAAAA";
        visitor.visit(&format!("/login/callback?interaction_code=c&state={nobodys}")).await;
        let view = visitor.visit("/app").await;
        world.faults(json!([{"at": "token", "fault": "status", "code": 500, "times": 1}])).await;
        let view = ends(door, &world, &mut visitor, &view).await;
        assert!(view.status.is_server_error(), "{door:?}: {}", view.page.text);
        let metrics = world.metrics().await;
        for (outcome, provider, times) in
            [("begun", "okta", 2), ("rejected", "okta", 1), ("lost", "none", 1), ("provider", "okta", 1)]
        {
            let line = format!("gateway_sign_ins_total{{outcome=\"{outcome}\",provider=\"{provider}\"}} {times}");
            assert!(metrics.lines().any(|given| given == line), "{door:?}: {line} in {metrics}");
        }
    }
}

#[tokio::test]
async fn no_door_says_whether_there_is_an_account() {
    for door in DOORS {
        let (world, _visitor, folder) = world(door).await;
        let mut seen = Vec::new();
        for name in [LOGIN, "nobody@example.com"] {
            let mut visitor = Visitor::new(&world);
            let address = format!("/.gateway/sign-in?return=/app&login_hint={name}");
            let mut view = visitor.visit(&address).await;
            if door == Door::Pages {
                view = visitor.answer(&view, &[("identifier", name), ("password", "Wrong-1234")]).await;
            }
            if let Some(state) = state(door, &view) {
                view = visitor.visit(&format!("/login/callback?error=access_denied&state={state}")).await;
            }
            let sizes: Vec<_> = view.headers.keys().map(ToString::to_string).collect();
            seen.push((view.status, sizes, view.page.headings, view.page.problems));
        }
        assert_eq!(seen[0], seen[1], "{door:?}");
        drop(folder);
    }
}

/// L-11.
#[tokio::test]
async fn every_door_survives_an_exchange_of_keys() {
    for door in DOORS {
        let (world, mut visitor, _folder) = world(door).await;
        let view = visitor.visit("/app?x=1").await;
        let fresh = Command::new(env!("CARGO_BIN_EXE_idx-gateway")).arg("keygen").output();
        std::fs::write(world.path("next"), fresh.expect("a key").stdout).expect("written");
        crate::world::private(&world.path("next"));
        world.edit("[{ file = \"key\" }]", "[{ file = \"next\" }, { file = \"key\" }]");
        assert!(world.reload().await, "{}", world.log());
        is_at(door, &ends(door, &world, &mut visitor, &view).await, "/app?x=1");
    }
}

/// L-25.
#[tokio::test]
async fn no_door_lets_another_website_push_out_a_sign_in() {
    for door in DOORS {
        let (world, mut visitor, _folder) = world(door).await;
        let own = visitor.visit("/mine?a=1").await;
        visitor.headers = vec![("sec-fetch-site".to_owned(), "cross-site".to_owned())];
        let mut asked = 0;
        for number in 0..10 {
            let view = visitor.visit(&format!("/.gateway/sign-in?return=/x{number}")).await;
            asked += usize::from(view.page.headings == ["Sign in needed"]);
        }
        assert!(asked > 0, "{door:?}: a press is asked for at last");
        assert!(visitor.largest_cookies <= 4000, "{door:?}: {}", visitor.largest_cookies);
        visitor.headers.clear();
        is_at(door, &ends(door, &world, &mut visitor, &own).await, "/mine?a=1");
    }
}

/// Routes that ask more of a sign-in than that there was one. A password alone is `1fa:any` at the sandbox, unless it is asked
/// for something else.
const ASKING: &str = "\n[[route]]\nname = \"app\"\nupstream = \"APP\"\n\
    [[route]]\nname = \"strong\"\npath = \"/strong\"\nupstream = \"APP\"\n\
    allow = { acr_values = \"urn:okta:loa:1fa:pwd\" }\n\
    [[route]]\nname = \"recent\"\npath = \"/recent\"\nupstream = \"APP\"\nallow = { max_age_minutes = 5 }\n\
    [[route]]\nname = \"fresh\"\npath = \"/fresh\"\nupstream = \"APP\"\nmax_age_minutes = 1\n";

/// What this view's step-up asks of the provider, where the browser carries it.
fn asked(door: Door, view: &View) -> Option<Vec<(String, String)>> {
    let owned = |(name, value): (&str, String)| (name.to_owned(), value);
    match door {
        Door::Pages => None,
        Door::Widget => Some(asked_of_the_widget(&options(&view.body)).into_iter().map(owned).collect()),
        Door::Redirect => {
            let pairs = view.url.query_pairs().into_owned();
            Some(pairs.filter(|(name, _)| ["acr_values", "max_age"].contains(&name.as_str())).collect())
        }
    }
}

/// The same sign-in in a browser that keeps what is asked from the provider, where it can.
async fn weakened(door: Door, visitor: &mut Visitor, mut view: View) -> Option<View> {
    match door {
        Door::Pages => None,
        Door::Widget => {
            view.body = view.body.replace("authParams", "unknown");
            Some(view)
        }
        Door::Redirect => {
            let pairs = view.url.query_pairs().into_owned().filter(|(name, _)| name != "acr_values");
            let mut url = view.url.clone();
            url.query_pairs_mut().clear().extend_pairs(pairs);
            Some(visitor.visit(url.as_str()).await)
        }
    }
}

#[tokio::test]
async fn every_door_steps_up_to_what_a_route_asks_and_to_no_less() {
    let strong = |view: &View, door| match asked(door, view) {
        Some(asked) => assert_eq!(asked, [("acr_values".to_owned(), "urn:okta:loa:1fa:pwd".to_owned())], "{door:?}"),
        None => assert_eq!(door, Door::Pages),
    };
    for door in DOORS {
        let (world, mut visitor, _folder) = world_with(door, ASKING).await;
        let view = visitor.visit("/app").await;
        is_at(door, &ends(door, &world, &mut visitor, &view).await, "/app");
        let session = visitor.jar()["gw_session"].clone();
        let script = [("accept", "application/json"), ("sec-fetch-mode", "cors"), ("sec-fetch-dest", "empty")];
        visitor.headers = script.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
        let view = visitor.visit("/strong").await;
        assert_eq!(view.status, 401, "{door:?}");
        assert!(view.body.contains("insufficient_user_authentication"), "{door:?}: {}", view.body);
        visitor.headers.clear();
        let view = visitor.visit("/strong/room?x=1").await;
        assert!(visitor.trail.iter().any(|(_, url)| url.contains("/.gateway/sign-in?to=v")), "{:?}", visitor.trail);
        strong(&view, door);
        if let Some(view) = weakened(door, &mut visitor, view).await {
            let view = ends(door, &world, &mut visitor, &view).await;
            assert_eq!(view.status, 403, "{door:?}: {}", view.page.text);
        }
        assert_eq!(visitor.jar()["gw_session"], session, "{door:?}: it stays what it was");
        is_at(door, &visitor.visit("/app").await, "/app");
        let view = visitor.visit("/strong/room?x=1").await;
        is_at(door, &ends(door, &world, &mut visitor, &view).await, "/strong/room?x=1");
        is_at(door, &visitor.visit("/app").await, "/app");
        let decided = "gateway_decisions_total{decision=\"step_up\",route=\"strong\"} 3";
        let metrics = world.metrics().await;
        assert!(metrics.contains(decided), "{door:?}: {metrics}");
        // Whoever is not signed in at all is asked at once, and once.
        let calls = world.calls("/v1/token").await;
        let mut newcomer = Visitor::new(&world);
        let view = newcomer.visit("/strong").await;
        strong(&view, door);
        is_at(door, &ends(door, &world, &mut newcomer, &view).await, "/strong");
        assert_eq!(world.calls("/v1/token").await, calls + 1, "{door:?}");
    }
}

/// The clocks of the gateway and of the org go on together.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_door_asks_anew_where_a_proof_or_a_session_is_too_old_for_a_route() {
    let Some(clock) = Clock::new() else { return };
    for door in DOORS {
        clock.set(0);
        let folder = widget();
        let world = clock.world(&format!("{ASKING}{}", settings(door, &folder))).await;
        let mut visitor = Visitor::new(&world);
        let view = visitor.visit("/recent").await;
        is_at(door, &ends(door, &world, &mut visitor, &view).await, "/recent");
        is_at(door, &visitor.visit("/fresh").await, "/fresh");
        // Five minutes, and one by which two clocks may differ; then a minute.
        for (seconds, target, asks) in [(365, "/recent?x=1", "300"), (430, "/fresh?x=1", "0")] {
            clock.set(seconds);
            world.tell("policies", json!({"clock_offset_s": seconds})).await;
            is_at(door, &visitor.visit("/app").await, "/app");
            let view = visitor.visit(target).await;
            let max_age = [("max_age".to_owned(), asks.to_owned())];
            assert!(asked(door, &view).is_none_or(|asked| asked == max_age), "{door:?} {target}: {}", view.url);
            is_at(door, &ends(door, &world, &mut visitor, &view).await, target);
            is_at(door, &visitor.visit("/app").await, "/app");
        }
    }
}
