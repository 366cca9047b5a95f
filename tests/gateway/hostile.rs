//! Cookies, forms and addresses that the gateway did not make.

mod connections;
mod every_way;
mod framing;
mod http2;
mod line;
mod proxy_protocol;
mod tls;
mod transports;
mod volume;

use reqwest::Method;
use serde_json::json;
use url::Url;

use crate::raw::Raw;
use crate::sign_in::is_at;
use crate::visitor::Visitor;
use crate::world::World;

fn session_cookie(visitor: &mut Visitor) -> String {
    visitor.jar().keys().find(|name| name.ends_with("gw_session")).expect("a session cookie").clone()
}

#[tokio::test]
async fn a_session_cookie_that_was_touched_is_signed_out_and_cleared() {
    let world = World::new().await;
    let mut visitor = Visitor::new(&world);
    visitor.sign_in("/", "password@example.com").await;
    let name = session_cookie(&mut visitor);
    let good = visitor.jar()[&name].clone();
    let mut cases: Vec<String> = Vec::new();
    for at in (0..good.len()).step_by(37) {
        let mut bytes = good.clone().into_bytes();
        bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
        cases.push(String::from_utf8(bytes).expect("text"));
    }
    cases.push(good[..good.len() / 2].to_owned());
    cases.push(format!("{good}AAAA"));
    cases.push("v2..".to_owned());
    cases.push("AAAA".to_owned());
    cases.push("x".repeat(20_000));
    for case in cases {
        visitor.jar().insert(name.clone(), case.clone());
        let url: Url = format!("http://localhost:{}/reports", world.port).parse().expect("an address");
        let response = visitor.send(Method::GET, url, None, "none").await;
        assert_eq!(response.status(), 303, "{}", &case[..case.len().min(60)]);
        let cleared = response.headers().get_all("set-cookie").iter().any(|line| {
            line.to_str().is_ok_and(|line| line.starts_with(&format!("{name}=;")) && line.contains("Max-Age=0"))
        });
        assert!(cleared, "the cookie is not cleared");
    }
    visitor.jar().insert(name, good);
    let view = visitor.visit("/reports").await;
    is_at(&view, "/reports");
}

#[tokio::test]
async fn a_session_cookie_of_another_gateway_means_nothing() {
    let (world, other) = (World::new().await, World::new().await);
    let mut visitor = Visitor::new(&world);
    visitor.sign_in("/", "password@example.com").await;
    let name = session_cookie(&mut visitor);
    let foreign = visitor.jar()[&name].clone();
    let mut elsewhere = Visitor::new(&other);
    elsewhere.jar().insert(name, foreign);
    let view = elsewhere.visit("/").await;
    assert_eq!(view.page.headings, ["Sign in"]);
}

#[tokio::test]
async fn a_sign_in_cookie_is_no_session_cookie() {
    let world = World::new().await;
    let mut visitor = Visitor::new(&world);
    visitor.visit("/").await;
    let (_, sealed) = visitor.jar().iter().find(|(name, _)| name.contains("gw_tx_")).expect("a sign-in").to_owned();
    let sealed = sealed.clone();
    visitor.jar().insert("gw_session".to_owned(), sealed);
    let view = visitor.visit("/").await;
    assert_eq!(view.page.headings, ["Sign in"]);
}

#[tokio::test]
async fn cookies_that_mean_nothing_are_cleared_a_few_at_a_time() {
    let world = World::new().await;
    let mut visitor = Visitor::new(&world);
    for index in 0..150 {
        visitor.jar().insert(format!("gw_tx_{index:022}"), "junk".to_owned());
    }
    let url = Url::parse(&format!("http://localhost:{}/.gateway/sign-in?return=/app", world.port)).expect("an address");
    let response = visitor.send(Method::GET, url, None, "none").await;
    let cleared = response.headers().get_all("set-cookie").iter().count();
    assert!((17..=40).contains(&cleared), "{cleared}");
}

#[tokio::test]
async fn a_form_must_come_from_our_page() {
    let world = World::new().await;
    let mut visitor = Visitor::new(&world);
    let view = visitor.visit("/").await;
    let form = view.page.main().expect("a form").clone();
    let before = world.calls("/idp/idx/identify").await;
    let good = [("identifier", "password@example.com"), ("password", "Sandbox-1234")];
    for (header, value) in
        [("sec-fetch-site", "cross-site"), ("sec-fetch-site", "same-site"), ("sec-fetch-site", "none")]
    {
        visitor.headers = vec![(header.to_owned(), value.to_owned())];
        assert_eq!(visitor.submit(&view, &form, &good).await.status, 403, "{header}: {value}");
    }
    for origin in ["https://evil.example", "null", "http://localhost"] {
        visitor.headers = vec![("sec-fetch-site".to_owned(), String::new()), ("origin".to_owned(), origin.to_owned())];
        assert_eq!(visitor.submit(&view, &form, &good).await.status, 403, "Origin: {origin}");
    }
    visitor.headers.clear();
    for token in ["-", "", "AAAA"] {
        let answers = [good[0], good[1], ("csrf", token)];
        assert_eq!(visitor.submit(&view, &form, &answers).await.status, 403, "csrf={token}");
    }
    assert_eq!(world.calls("/idp/idx/identify").await, before, "the org was told of none of it");
    let view = visitor.submit(&view, &form, &good).await;
    is_at(&view, "/");
}

#[tokio::test]
async fn a_form_of_ten_megabytes_is_refused() {
    let world = World::new().await;
    let mut visitor = Visitor::new(&world);
    let view = visitor.visit("/").await;
    let body = format!("identifier={}", "a".repeat(10 * 1024 * 1024));
    let response = visitor.send(Method::POST, view.url.clone(), Some(body), "same-origin").await;
    assert_eq!(response.status(), 413);
}

#[tokio::test]
async fn an_unknown_sign_in_leads_to_a_new_one_or_home() {
    let world = World::new().await;
    let mut visitor = Visitor::new(&world);
    for id in ["AAAAAAAAAAAAAAAAAAAAAA", "x", "..%2f..", "a.b"] {
        let view = visitor.visit(&format!("/.gateway/flow/{id}")).await;
        assert!(view.status.is_client_error(), "{id}: {}", view.status);
        assert!(view.page.link("Start again").is_some(), "{id}: {}", view.page.text);
    }
    visitor.sign_in("/", "password@example.com").await;
    let view = visitor.visit("/.gateway/flow/AAAAAAAAAAAAAAAAAAAAAA").await;
    is_at(&view, "/");
    let view = visitor.visit("/login/callback?interaction_code=x&state=y.z").await;
    is_at(&view, "/");
}

#[tokio::test]
async fn a_callback_acts_only_on_a_state_that_this_browser_holds() {
    let world = World::new().await;
    let mut victim = Visitor::new(&world);
    victim.visit("/").await;
    let before = world.calls("/v1/token").await;
    for query in [
        "interaction_code=abc&state=AAAAAAAAAAAAAAAAAAAAAA.AAAAAAAAAAAAAAAAAAAAAA",
        "interaction_code=abc",
        "state=&interaction_code=abc",
        "error=access_denied&state=foreign",
        "",
    ] {
        let view = victim.visit(&format!("/login/callback?{query}")).await;
        assert!(view.status.is_client_error(), "{query}: {}", view.status);
        assert!(view.page.link("Start again").is_some(), "{query}: {}", view.page.text);
    }
    for query in [
        "state=a&state=b&interaction_code=c",
        "interaction_code=a&interaction_code=b&state=c",
        "error=a&error=b",
        "iss=https://evil.example&state=x",
    ] {
        assert_eq!(victim.visit(&format!("/login/callback?{query}")).await.status, 400, "{query}");
    }
    assert_eq!(world.calls("/v1/token").await, before);
}

#[tokio::test]
async fn every_return_target_stays_on_the_site() {
    let top = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let world = World::new().await;
    let mut visitor = Visitor::new(&world);
    visitor.sign_in("/", "password@example.com").await;
    let site: Url = format!("http://localhost:{}/", world.port).parse().expect("an address");
    for (expected, target) in return_targets() {
        let leads = leads_to(&mut visitor, &site, &target).await;
        let is_home = leads.iter().all(|url| url.path() == "/" && url.query().is_none());
        match &*expected {
            "stay" => assert_eq!(leads.first(), Some(&site.join(&target).expect("an address")), "{target:?}"),
            "home" => assert!(is_home, "{target:?}: {leads:?}"),
            _ => panic!("neither stay nor home: {expected}"),
        }
    }
    let theirs = std::fs::read_to_string(top.join("../shared/data/open-redirects.txt"));
    crate::world::borrowed(theirs.is_ok(), "the redirect targets that others wrote");
    for target in theirs.unwrap_or_default().lines() {
        leads_to(&mut visitor, &site, target).await;
    }
}

/// Our own return targets, each after `stay` or `home`.
fn return_targets() -> Vec<(String, String)> {
    let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/return-targets.txt");
    let text = std::fs::read_to_string(file).expect("our own targets are there");
    let split = |line: &str| {
        let (expected, target) = line.split_once(' ').expect("a verdict and a target");
        (expected.to_owned(), unescaped(target))
    };
    text.lines().filter(|line| !line.starts_with('#')).map(split).collect()
}

/// Where the sign-in page sends somebody who is signed in: with the target encoded, and as far as it can be, as it
/// is. No such address leaves the site.
async fn leads_to(visitor: &mut Visitor, site: &Url, target: &str) -> Vec<Url> {
    let encoded: String = url::form_urlencoded::byte_serialize(target.as_bytes()).collect();
    let raw = target.replace(' ', "%20").replace('#', "%23").replace('&', "%26");
    let mut found = Vec::new();
    for written in [encoded, raw] {
        let Ok(url) = site.join(&format!("/.gateway/sign-in?return={written}")) else { continue };
        let response = visitor.send(Method::GET, url, None, "none").await;
        assert_eq!(response.status(), 303, "{target}");
        let location = response.headers()["location"].to_str().expect("an address");
        let leads = site.join(location).expect("an address");
        assert_eq!(leads.origin(), site.origin(), "{target} leads to {location}");
        assert!(leads.username().is_empty(), "{target} leads to {location}");
        found.push(leads);
    }
    found
}

/// `\t`, `\r`, `\n`, `\0` and `\u{…}` as the characters that they stand for.
fn unescaped(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('\\') {
        out.push_str(before);
        let code = after.strip_prefix("u{").and_then(|after| after.split_once('}'));
        match (code, after.chars().next()) {
            (Some((digits, after)), _) => {
                out.extend(u32::from_str_radix(digits, 16).ok().and_then(char::from_u32));
                rest = after;
            }
            (None, Some(known @ ('t' | 'r' | 'n' | '0'))) => {
                out.push(match known {
                    't' => '\t',
                    'r' => '\r',
                    'n' => '\n',
                    _ => '\0',
                });
                rest = &after[1..];
            }
            (None, _) => {
                out.push('\\');
                rest = after;
            }
        }
    }
    out + rest
}

#[tokio::test]
async fn nothing_secret_stands_in_the_log() {
    let world = World::with("", &[("GATEWAY__OKTA__SCOPES", "[openid, profile, email, offline_access]")]).await;
    let mut visitor = Visitor::new(&world);
    let view = visitor.visit("/reports?token=in-the-query").await;
    let wrong = visitor.answer(&view, &[("identifier", "password@example.com"), ("password", "Wrong-Secret-77")]).await;
    let csrf = wrong.page.main().and_then(|form| form.value("csrf")).expect("a token").to_owned();
    let mut secrets =
        vec!["Wrong-Secret-77".to_owned(), "Sandbox-1234".to_owned(), okta_sandbox::CLIENT_SECRET.to_owned(), csrf];
    secrets.extend(visitor.jar().values().cloned());
    visitor.answer(&wrong, &[("password", "Sandbox-1234")]).await;
    visitor.visit("/reports").await;
    secrets.extend(visitor.jar().values().cloned());
    let asked = visitor.visit("/.gateway/sign-out").await;
    visitor.answer_or_press(&asked).await;
    let hint = visitor
        .trail
        .iter()
        .find_map(|(_, url)| Some(url.split_once("id_token_hint=")?.1.to_owned()))
        .expect("an ID token");
    secrets.push(hint.split('&').next().expect("a token").to_owned());
    secrets.push("in-the-query".to_owned());
    let log = world.log();
    assert!(log.len() > 1000, "the log is nearly empty: {log}");
    for secret in secrets.iter().filter(|secret| secret.len() > 8) {
        assert!(!log.contains(secret.as_str()), "the log holds {secret}");
        let half = &secret[..secret.len().min(40)];
        assert!(!log.contains(half) || half.len() < 16, "the log holds the beginning of {secret}");
    }
    for word in ["eyJ", "interaction_handle", "stateHandle", "02.id", "code_verifier", "refresh_token="] {
        assert!(!log.contains(word), "the log holds {word}");
    }
}

#[tokio::test]
async fn every_answer_of_ours_carries_what_protects_it() {
    let world = World::new().await;
    let mut visitor = Visitor::new(&world);
    let at = |port: u16| Url::parse(&format!("http://localhost:{port}/")).expect("an address");
    let (site, admin) = (at(world.port), at(world.admin));
    for (name, base, path, accept, status) in [
        ("a redirect to the sign-in", &site, "/reports", "text/html", 303),
        ("a problem for a program", &site, "/reports", "application/json", 401),
        ("a sign-in page", &site, "/.gateway/signed-out", "text/html", 200),
        ("a page that is not there", &site, "/.gateway/nothing", "text/html", 404),
        ("health", &admin, "/healthz", "*/*", 200),
        ("metrics", &admin, "/metrics", "*/*", 200),
    ] {
        let mode = if accept == "text/html" { "navigate" } else { "cors" };
        visitor.headers = [("accept", accept), ("sec-fetch-mode", mode), ("sec-fetch-dest", "")]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into();
        let answer = visitor.send(Method::GET, base.join(path).expect("an address"), None, "none").await;
        assert_eq!(answer.status().as_u16(), status, "{name}");
        let header = |name: &str| answer.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        assert_eq!(header("cache-control"), "no-store", "{name}");
        assert!(header("content-security-policy").starts_with("default-src 'none'; "), "{name}");
        assert!(header("content-security-policy").contains("frame-ancestors 'none'"), "{name}");
        assert_eq!(header("x-content-type-options"), "nosniff", "{name}");
        assert_eq!(header("referrer-policy"), "same-origin", "{name}");
        assert!(header("vary").contains("Cookie"), "{name}");
    }
}

#[tokio::test]
async fn the_admin_listener_says_which_methods_it_takes() {
    let world = World::new().await;
    for (method, path) in [("POST", "/metrics"), ("DELETE", "/healthz"), ("OPTIONS", "/nothing")] {
        let mut raw = Raw::to(world.admin).await;
        raw.send(format!("{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")).await;
        let answer = raw.rest().await.to_ascii_lowercase();
        assert!(answer.starts_with("http/1.1 405 ") && answer.contains("\r\nallow: get, head\r\n"), "{answer}");
    }
}

#[tokio::test]
async fn a_picture_opened_as_a_page_may_do_nothing() {
    let world = World::new().await;
    let mut visitor = Visitor::new(&world);
    let view = visitor.visit("/").await;
    let icon = view.body.split('"').find(|part| part.ends_with(".svg")).expect("an icon").to_owned();
    let view = visitor.visit(&icon).await;
    assert_eq!(view.headers["content-type"], "image/svg+xml");
    let policy = view.headers["content-security-policy"].to_str().expect("text");
    assert!(policy.starts_with("sandbox; default-src 'none'"), "{policy}");
}

#[tokio::test]
async fn an_expired_sign_in_with_a_live_session_goes_where_its_page_was_to_lead() {
    let world = World::new().await;
    let mut visitor = Visitor::new(&world);
    let stale = visitor.visit("/first").await;
    visitor.sign_in("/second", "password@example.com").await;
    visitor.jar().retain(|name, _| !name.contains("gw_tx_"));
    let form = stale.page.main().expect("a form").clone();
    let view =
        visitor.submit(&stale, &form, &[("identifier", "password@example.com"), ("password", "Sandbox-1234")]).await;
    is_at(&view, "/first");
    world.faults(json!([])).await;
}
