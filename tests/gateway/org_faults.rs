//! An org that misbehaves: replies that cannot be read, tokens that do not hold, nobody there.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::sign_in::is_at;
use crate::visitor::Visitor;
use crate::world::World;

#[tokio::test]
async fn an_id_token_that_does_not_hold_signs_nobody_in() {
    let world = World::new().await;
    for fault in ["alg_none", "hs256", "wrong_aud", "wrong_iss", "wrong_nonce", "unknown_kid", "bad_signature", "stale"]
    {
        world.faults(json!([{"at": "token", "fault": fault}])).await;
        let mut visitor = Visitor::new(&world);
        let view = visitor.sign_in("/reports", "password@example.com").await;
        assert!(view.url.path().starts_with("/.gateway/"), "{fault}: {}", view.url);
        assert!(view.status.is_server_error() || view.status.is_client_error(), "{fault}: {}", view.status);
        assert!(view.page.link("Start again").is_some(), "{fault}: {}", view.page.text);
        assert!(!visitor.jar().keys().any(|name| name.contains("session")), "{fault} opened a session");
        world.faults(json!([])).await;
        let view = visitor.sign_in("/reports", "password@example.com").await;
        is_at(&view, "/reports");
    }
}

#[tokio::test]
async fn userinfo_about_somebody_else_signs_nobody_in() {
    let world = World::new().await;
    world.faults(json!([{"at": "userinfo", "fault": "wrong_sub"}])).await;
    let mut visitor = Visitor::new(&world);
    let view = visitor.sign_in("/reports", "password@example.com").await;
    assert!(view.url.path().starts_with("/.gateway/"), "{}", view.url);
    assert!(!visitor.jar().keys().any(|name| name.contains("session")));
}

/// The access token may be for another API, whose tokens userinfo refuses.
#[tokio::test]
async fn userinfo_is_asked_only_where_the_configuration_wants_it() {
    let refuses = json!([{"at": "userinfo", "fault": "status", "code": 403}]);
    for (setting, is_asked) in [("OKTA userinfo = false\n", false), ("", true)] {
        let world = World::with(setting, &[]).await;
        world.faults(refuses.clone()).await;
        let mut visitor = Visitor::new(&world);
        let view = visitor.sign_in("/reports", "password@example.com").await;
        assert_eq!(view.url.path() == "/reports", !is_asked, "{setting}: {}", view.url);
        if is_asked {
            continue;
        }
        assert!(view.page.text.contains("password@example.com"), "the ID token's claims: {}", view.page.text);
        let metrics = world.metrics().await;
        assert!(!metrics.contains("operation=\"userinfo\""), "{metrics}");
    }
}

#[tokio::test]
async fn a_reply_that_cannot_be_read_is_a_page_that_says_so() {
    let world = World::new().await;
    for at in ["interact", "introspect", "identify", "token", "userinfo"] {
        for fault in ["not_json", "huge", "cut", "down", "unknown_version"] {
            if fault == "unknown_version" && !matches!(at, "introspect" | "identify") {
                continue;
            }
            world.faults(json!([{"at": at, "fault": fault}])).await;
            let mut visitor = Visitor::new(&world);
            let view = visitor.visit("/reports").await;
            let view = match view.page.main().is_some_and(|form| form.control("identifier").is_some()) {
                true => {
                    visitor.answer(&view, &[("identifier", "password@example.com"), ("password", "Sandbox-1234")]).await
                }
                false => view,
            };
            assert!(matches!(view.status.as_u16(), 502 | 503), "{at} {fault}: {} {}", view.status, view.page.text);
            world.faults(json!([])).await;
            let again = view.page.link("Try again").or(view.page.link("Start again"));
            let again = again.unwrap_or_else(|| panic!("{at} {fault}: no way on: {}", view.page.text)).to_owned();
            let on = visitor.follow(&view, &again).await;
            if (at, fault) == ("identify", "cut") {
                // The org had taken the answers; only its reply was lost.
                assert_eq!(on.page.headings, ["Hello, password@example.com"]);
                continue;
            }
            assert_eq!(on.page.headings, ["Sign in"], "{at} {fault}: {again} leads nowhere");
            assert!(!visitor.jar().keys().any(|name| name.contains("session")), "{at} {fault}");
        }
    }
}

/// C-05, L-12: whatever goes wrong at the org, nobody's token, code, cookie, password or handle stands in the log.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_fault_of_the_org_brings_a_secret_into_the_log() {
    tokio::join!(fails_in_every_way("text"), fails_in_every_way("json"));
}

async fn fails_in_every_way(format: &str) {
    let world = World::with("", &[("GATEWAY__SERVER__LOG_FORMAT", format)]).await;
    let mut secrets = vec!["Sandbox-1234".to_owned(), okta_sandbox::CLIENT_SECRET.to_owned()];
    let anywhere = [json!({"fault": "status", "code": 500}), json!({"fault": "not_json"}), json!({"fault": "cut"})];
    let of_idx =
        [json!({"fault": "expired"}), json!({"fault": "unknown_version"}), json!({"fault": "unknown_remediation"})];
    let of_token =
        ["wrong_nonce", "wrong_aud", "wrong_iss", "wrong_sub", "alg_none", "hs256", "bad_signature", "stale"];
    let of_token = of_token.map(|fault| json!({"fault": fault}));
    // What is asked for once comes first; being asked to slow down ends all calls for a while.
    for (at, more) in [
        ("discovery", &[][..]),
        ("keys", &[][..]),
        ("interact", &[][..]),
        ("introspect", &of_idx[..]),
        ("identify", &of_idx[..]),
        ("userinfo", &[json!({"fault": "expired"}), json!({"fault": "wrong_sub"})][..]),
        ("token", &of_token[..]),
        ("token", &[json!({"fault": "expired"}), json!({"fault": "rate_limited", "reset_s": 60})][..]),
    ] {
        for fault in anywhere.iter().chain(more) {
            let mut fault = fault.clone();
            fault["at"] = json!(at);
            fault["times"] = json!(1);
            world.faults(json!([fault])).await;
            let mut visitor = Visitor::new(&world);
            let view = visitor.visit("/reports").await;
            secrets.extend(visitor.jar().values().cloned());
            secrets.extend(view.page.main().and_then(|form| form.value("csrf")).map(str::to_owned));
            if view.page.main().is_some_and(|form| form.control("identifier").is_some()) {
                visitor.answer(&view, &[("identifier", "password@example.com"), ("password", "Sandbox-1234")]).await;
                secrets.extend(visitor.jar().values().cloned());
            }
        }
    }
    let log = world.log();
    let failed = log.matches("WARN").count();
    assert!(failed > 20, "{failed} warnings:\n{log}");
    for line in log.lines() {
        let secret = secrets.iter().find(|secret| secret.len() > 8 && line.contains(secret.as_str()));
        assert!(secret.is_none(), "{secret:?} stands in {line}");
        for word in ["eyJ", "interaction_handle", "stateHandle", "02.id", "code_verifier", "interaction_code="] {
            assert!(!line.contains(word), "{word} stands in {line}");
        }
        assert!(random_looking(line).is_none(), "{:?} stands in {line}", random_looking(line));
    }
}

/// A part of a line that looks like a token, a code or a handle. The name of a sign-in stands in its page's path.
fn random_looking(line: &str) -> Option<&str> {
    let parts = line.split(|character: char| !character.is_ascii_alphanumeric() && !"-_.~".contains(character));
    let after_flow = |part: &&str| !line.contains(&format!("/.gateway/flow/{part}"));
    parts.filter(|part| part.len() >= 20).filter(after_flow).find(|part| {
        let count = |is: fn(&u8) -> bool| part.bytes().filter(is).count();
        count(u8::is_ascii_digit) > 2 && count(u8::is_ascii_uppercase) > 2 && count(u8::is_ascii_lowercase) > 2
    })
}

#[tokio::test]
async fn an_org_that_is_down_is_said_with_503_and_a_time() {
    let world = World::new().await;
    world.faults(json!([{"at": "any", "fault": "down"}])).await;
    let mut visitor = Visitor::new(&world);
    let view = visitor.visit("/reports").await;
    assert_eq!(view.status, 503);
    assert!(view.headers["retry-after"].to_str().is_ok_and(|wait| wait.parse::<u64>().is_ok()));
    assert_eq!(view.page.headings, ["Sign-in is not available"]);
    world.faults(json!([])).await;
    let view = visitor.sign_in("/reports", "password@example.com").await;
    is_at(&view, "/reports");
}

#[tokio::test]
async fn an_org_that_fails_is_as_good_as_down() {
    let world = World::new().await;
    for at in ["discovery", "interact", "introspect", "identify", "token", "userinfo", "keys"] {
        for code in [500, 502, 503, 504] {
            world.faults(json!([{"at": at, "fault": "status", "code": code}])).await;
            let mut visitor = Visitor::new(&world);
            let view = visitor.visit("/reports").await;
            let view = match view.page.main() {
                Some(_) => {
                    visitor.answer(&view, &[("identifier", "password@example.com"), ("password", "Sandbox-1234")]).await
                }
                None => view,
            };
            // What was fetched a moment ago is still good.
            if matches!(at, "discovery" | "keys") && view.url.path() == "/reports" {
                continue;
            }
            assert_eq!(view.status, 503, "{at} {code}: {}", view.page.text);
            assert_eq!(view.headers["retry-after"], "30");
            assert_eq!(view.page.headings, ["Sign-in is not available"]);
        }
    }
}

#[tokio::test]
async fn a_code_that_is_none_or_came_too_late_leads_to_a_new_sign_in() {
    let world = World::new().await;
    let mut visitor = Visitor::new(&world);
    let view = visitor.sign_in("/app", "password-email@example.com").await;
    visitor.answer_or_press(&view).await;
    let message = world.newest_to("password-email@example.com").await;
    let link = message["link"].as_str().expect("a link").to_owned();
    let state = link.split("state=").nth(1).and_then(|rest| rest.split('&').next()).expect("a state");
    let view = visitor.visit(&format!("/login/callback?state={state}&interaction_code=bogus")).await;
    assert_eq!(view.status, 400, "{}", view.page.text);
    assert_eq!(view.page.headings, ["Your sign-in took too long"]);
    let view = visitor.choose(&view, "Start again").await;
    assert_eq!(view.page.headings, ["Sign in"]);
}

#[tokio::test]
async fn an_org_that_asks_to_be_left_alone_is_left_alone() {
    let world = World::new().await;
    let mut visitor = Visitor::new(&world);
    let view = visitor.visit("/reports").await;
    world.faults(json!([{"at": "identify", "fault": "rate_limited", "reset_s": 20, "times": 1}])).await;
    let answers = [("identifier", "password@example.com"), ("password", "Sandbox-1234")];
    assert_eq!(visitor.answer(&view, &answers).await.status, 429);
    let calls = world.calls("/idp/idx/").await;
    let again = visitor.answer(&view, &answers).await;
    assert_eq!(again.status, 429, "{}", again.page.text);
    assert!(again.headers["retry-after"].to_str().is_ok_and(|wait| wait.parse::<u64>().is_ok_and(|wait| wait > 10)));
    assert_eq!(world.calls("/idp/idx/").await, calls);
}

#[tokio::test]
async fn an_org_that_takes_half_a_minute_is_not_waited_for() {
    let world = World::new().await;
    world.faults(json!([{"at": "introspect", "fault": "slow", "ms": 30_000}])).await;
    let mut visitor = Visitor::new(&world);
    let began = Instant::now();
    let view = visitor.visit("/reports").await;
    assert_eq!(view.status, 503);
    assert!(began.elapsed() < Duration::from_secs(25), "{:?}", began.elapsed());
}

#[tokio::test]
async fn a_session_needs_no_org() {
    let world = World::new().await;
    let mut visitor = Visitor::new(&world);
    visitor.sign_in("/", "password@example.com").await;
    let before = world.sandbox("transcript").await.as_array().map(Vec::len);
    for _ in 0..5 {
        let view = visitor.visit("/reports").await;
        is_at(&view, "/reports");
    }
    assert_eq!(world.sandbox("transcript").await.as_array().map(Vec::len), before, "the org was asked");
    world.faults(json!([{"at": "any", "fault": "down"}])).await;
    let view = visitor.visit("/reports").await;
    is_at(&view, "/reports");
}

#[tokio::test]
async fn being_asked_to_slow_down_is_told_with_the_time_to_wait() {
    let world = World::new().await;
    world.faults(json!([{"at": "identify", "fault": "rate_limited", "reset_s": 20, "times": 1}])).await;
    let mut visitor = Visitor::new(&world);
    let view = visitor.sign_in("/reports", "password@example.com").await;
    assert_eq!(view.status, 429, "{}", view.page.text);
    let wait: u64 = view.headers["retry-after"].to_str().expect("text").parse().expect("seconds");
    assert!((1..=21).contains(&wait), "{wait}");
    assert!(view.page.text.contains(&format!("Wait {wait} seconds")), "{}", view.page.text);
}

#[tokio::test]
async fn a_remediation_that_nobody_has_heard_of_is_a_page_with_a_way_out() {
    let world = World::new().await;
    world.faults(json!([{"at": "introspect", "fault": "unknown_remediation"}])).await;
    let mut visitor = Visitor::new(&world);
    let view = visitor.visit("/reports").await;
    assert_eq!(view.status, 200, "{}", view.page.text);
    assert!(view.page.form("cancel").is_some() || view.page.link("Start again").is_some(), "{}", view.page.text);
    assert!(world.metrics().await.contains("gateway_unknown_remediations_total"));
}

#[tokio::test]
async fn a_handle_that_has_expired_leads_to_a_new_sign_in() {
    let world = World::new().await;
    let mut visitor = Visitor::new(&world);
    let view = visitor.visit("/reports").await;
    world.faults(json!([{"at": "identify", "fault": "expired", "times": 1}])).await;
    let view = visitor.answer(&view, &[("identifier", "password@example.com"), ("password", "Sandbox-1234")]).await;
    assert_eq!(view.page.headings, ["Your sign-in took too long"], "{}", view.page.text);
    let view = visitor.choose(&view, "Start again").await;
    let view = visitor.answer(&view, &[("identifier", "password@example.com"), ("password", "Sandbox-1234")]).await;
    is_at(&view, "/reports");
}
