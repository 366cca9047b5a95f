//! The gateway's own addresses, requested in ways that its pages do not use.

use reqwest::{Method, Response};
use serde_json::{Value, json};
use url::Url;

use crate::sign_in::is_at;
use crate::visitor::Visitor;
use crate::world::World;

/// One request as a browser sends it, nothing followed.
async fn send(visitor: &mut Visitor, world: &World, method: Method, target: &str, body: Option<&str>) -> Response {
    let url = Url::parse(&format!("http://localhost:{}{target}", world.port)).expect("an address");
    visitor.send(method, url, body.map(str::to_owned), "same-origin").await
}

fn leads_to(response: &Response) -> &str {
    response.headers().get("location").and_then(|location| location.to_str().ok()).unwrap_or_default()
}

#[tokio::test]
async fn a_language_is_kept_and_leads_back_to_the_page() {
    let world = World::new().await;
    let mut visitor = Visitor::new(&world);
    let site = format!("http://localhost:{}", world.port);
    for (target, back) in [
        ("/.gateway/signed-out?x=1", "/.gateway/signed-out?x=1"),
        ("https://evil.example/", "/"),
        ("//evil.example/", "/"),
        ("javascript:alert(1)", "/"),
    ] {
        let body = format!("lang=de&return={target}");
        let response = send(&mut visitor, &world, Method::POST, "/.gateway/language", Some(&body)).await;
        assert_eq!((response.status().as_u16(), leads_to(&response)), (303, format!("{site}{back}").as_str()));
    }
    for bytes in [3000, 5000, 20_000] {
        let body = format!("lang=de&return=/{}", "x".repeat(bytes));
        let response = send(&mut visitor, &world, Method::POST, "/.gateway/language", Some(&body)).await;
        let goes_back = leads_to(&response).len() > bytes;
        assert_eq!((response.status().as_u16(), goes_back), (303, bytes == 3000), "a proxy takes a head of 4 KB");
    }
    let view = visitor.visit("/.gateway/signed-out").await;
    assert_eq!(view.page.headings, ["Sie haben sich abgemeldet"]);
    let response =
        send(&mut visitor, &world, Method::POST, "/.gateway/language", Some("lang=tlh&return=/.gateway/")).await;
    assert_eq!(leads_to(&response), format!("{site}/.gateway/"));
    assert_eq!(visitor.visit("/.gateway/signed-out").await.page.headings, ["You have signed out"], "nobody speaks tlh");
    let too_long = format!("lang={}&return=/", "x".repeat(36));
    let response = send(&mut visitor, &world, Method::POST, "/.gateway/language", Some(&too_long)).await;
    assert_eq!((response.status().as_u16(), response.headers().get("set-cookie")), (303, None));
    visitor.headers = vec![("sec-fetch-site".to_owned(), "cross-site".to_owned())];
    let response = send(&mut visitor, &world, Method::POST, "/.gateway/language", Some("lang=de")).await;
    assert_eq!((response.status().as_u16(), response.headers().get("set-cookie")), (403, None));
}

#[tokio::test]
async fn an_address_that_is_none_and_a_method_that_is_wrong_are_told_apart() {
    let world = World::new().await;
    let mut visitor = Visitor::new(&world);
    let (read, both, post) = ("GET, HEAD", "GET, HEAD, POST", "POST");
    for (method, target, allow) in [
        (Method::POST, "/.gateway/sign-in", read),
        (Method::PUT, "/.gateway/sign-in", both),
        (Method::POST, "/.gateway/unlock", read),
        (Method::DELETE, "/.gateway/sign-out", both),
        (Method::DELETE, "/.gateway/sessions", both),
        (Method::POST, "/.gateway/account", read),
        (Method::GET, "/.gateway/language", post),
        (Method::GET, "/.gateway/kept", post),
        (Method::GET, "/.gateway/flow/AAAAAAAAAAAAAAAAAAAAAA/poll", post),
        (Method::PUT, "/.gateway/flow/AAAAAAAAAAAAAAAAAAAAAA", both),
        (Method::POST, "/.gateway/flow/AAAAAAAAAAAAAAAAAAAAAA/hosted", read),
        (Method::POST, "/.gateway/flow/AAAAAAAAAAAAAAAAAAAAAA/idp/0", read),
        (Method::GET, "/.gateway/backchannel-logout", post),
        (Method::POST, "/login/callback", read),
        (Method::POST, "/.gateway/ping", "GET, HEAD, OPTIONS"),
    ] {
        let body = (method == Method::POST).then_some("");
        let response = send(&mut visitor, &world, method.clone(), target, body).await;
        assert_eq!(response.status().as_u16(), 405, "{method} {target}");
        assert_eq!(response.headers()["allow"], allow, "{method} {target}");
    }
    for (method, target, status) in [
        (Method::GET, "/.gateway/nothing", 404),
        (Method::GET, "/.gateway/static/nothing.css", 404),
        (Method::GET, "/.gateway/static/a/b", 404),
        (Method::GET, "/.gateway/flow", 404),
        (Method::GET, "/.gateway/flow/AAAAAAAAAAAAAAAAAAAAAA/nothing", 404),
        (Method::HEAD, "/login/callback?state=a.b", 204),
        (Method::HEAD, "/.gateway/sign-in", 204),
        (Method::GET, "/.gateway/account", 303),
        (Method::GET, "/.gateway/", 303),
    ] {
        let body = (method == Method::POST).then_some("");
        let response = send(&mut visitor, &world, method.clone(), target, body).await;
        assert_eq!(response.status().as_u16(), status, "{method} {target}");
        let allow = response.headers().get("allow").map(|allow| allow.to_str().expect("text").to_owned());
        assert_eq!(allow.is_some(), status == 405, "{method} {target}: {allow:?}");
        assert!(!allow.is_some_and(|allow| allow.contains(method.as_str())), "{method} {target}");
    }
    visitor.headers = vec![("sec-purpose".to_owned(), "prefetch".to_owned())];
    let response = send(&mut visitor, &world, Method::GET, "/login/callback?state=a.b&otp=123456", None).await;
    assert_eq!(response.status(), 204);
}

#[tokio::test]
async fn a_script_is_told_where_to_sign_in_and_starts_nothing() {
    let world = World::new().await;
    let mut visitor = Visitor::new(&world);
    for headers in [
        &[("sec-fetch-mode", "cors"), ("accept", "*/*")][..],
        &[("sec-fetch-mode", ""), ("sec-fetch-dest", ""), ("accept", "application/json")],
        &[("sec-fetch-mode", ""), ("sec-fetch-dest", ""), ("x-requested-with", "XMLHttpRequest")],
    ] {
        visitor.headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let response = send(&mut visitor, &world, Method::GET, "/.gateway/sign-in?return=/a%3Fb", None).await;
        assert_eq!(response.status(), 401, "{headers:?}");
        let problem: Value = serde_json::from_str(&response.text().await.expect("a body")).expect("JSON");
        assert_eq!(problem["sign_in"], "/.gateway/sign-in?return=%2Fa%3Fb");
    }
    visitor.headers = vec![("sec-fetch-mode".to_owned(), "cors".to_owned())];
    let response = send(&mut visitor, &world, Method::GET, "/.gateway/account", None).await;
    assert_eq!(response.status(), 401);
    assert_eq!(world.calls("/v1/interact").await, 0);
}

#[tokio::test]
async fn an_address_begins_only_so_many_sign_ins_a_minute() {
    let world = World::with("", &[("GATEWAY__SIGN_IN__STARTS_A_MINUTE", "2")]).await;
    let mut visitor = Visitor::new(&world);
    for status in [303, 303, 429] {
        let response = send(&mut visitor, &world, Method::GET, "/.gateway/sign-in", None).await;
        assert_eq!(response.status().as_u16(), status);
        assert_eq!(response.headers().contains_key("retry-after"), status == 429);
    }
    assert_eq!(world.calls("/v1/interact").await, 2);
}

#[tokio::test]
async fn a_token_from_an_e_mail_is_used_by_its_own_page_alone() {
    let world = World::new().await;
    let mut visitor = Visitor::new(&world);
    for token in ["", &"x".repeat(513)] {
        let target = format!("/.gateway/recover?recoveryToken={token}");
        assert_eq!(send(&mut visitor, &world, Method::GET, &target, None).await.status(), 400, "{token}");
    }
    let view = visitor.visit("/.gateway/register?activationToken=abc").await;
    assert_eq!(view.page.headings, ["Create an account"]);
    let form = view.page.button("Continue").expect("a form").clone();
    let mut stranger = Visitor::new(&world);
    assert_eq!(stranger.submit(&view, &form, &[]).await.status, 400, "another browser");
    assert_eq!(visitor.submit(&view, &form, &[("csrf", "guessed")]).await.status, 403);
    visitor.headers = vec![("sec-fetch-site".to_owned(), "cross-site".to_owned())];
    assert_eq!(visitor.submit(&view, &form, &[]).await.status, 403);
    visitor.headers.clear();
    assert_eq!(world.calls("/v1/interact").await, 0);
    // The org does not know this token, and says so.
    let view = visitor.submit(&view, &form, &[]).await;
    assert_eq!((view.status.as_u16(), &view.page.headings[0][..]), (400, "This link no longer works"));
}

#[tokio::test]
async fn whoever_cannot_be_signed_out_at_the_org_is_told() {
    let world = World::with("", &[("GATEWAY__OKTA__SCOPES", "[openid, profile, email, offline_access]")]).await;
    let mut visitor = Visitor::new(&world);
    let view = visitor.sign_in("/a", "password@example.com").await;
    is_at(&view, "/a");
    world.faults(json!([{"at": "revoke", "fault": "down"}])).await;
    let asked = visitor.visit("/.gateway/sign-out").await;
    let view = visitor.answer_or_press(&asked).await;
    assert_eq!(view.page.headings, ["You have signed out"]);
    assert!(world.log().contains("a refresh token could not be revoked"), "the operator is told");
    // Nobody is signed in any more: there is no token to take to the org.
    let view = visitor.answer_or_press(&asked).await;
    assert_eq!(view.url.path(), "/.gateway/signed-out");
    assert!(!view.page.text.contains("maybe not from"), "{}", view.page.text);
}

#[tokio::test]
async fn a_form_that_no_page_of_ours_has_changes_nothing() {
    let world = World::new().await;
    let mut visitor = Visitor::new(&world);
    let view = visitor.visit("/app").await;
    let form = view.page.main().expect("a form").clone();
    let calls = world.calls("/idp/idx/").await;
    let again = visitor.submit(&view, &form, &[("do", "select-authenticator-unlock-account")]).await;
    assert_eq!((again.status.as_u16(), again.url.path()), (200, view.url.path()));
    let calls = calls + 1;
    let target = view.url.path();
    let response = send(&mut visitor, &world, Method::POST, target, Some(&"&".repeat(5000))).await;
    assert_eq!(response.status(), 400);
    assert_eq!(world.calls("/idp/idx/").await, calls);
}

#[tokio::test]
async fn what_comes_back_without_an_answer_leads_to_the_step() {
    let world = World::new().await;
    let mut visitor = Visitor::new(&world);
    let view = visitor.sign_in("/app", "password-email@example.com").await;
    let view = visitor.answer_or_press(&view).await;
    let message = world.newest_to("password-email@example.com").await;
    let link = message["link"].as_str().expect("a link").to_owned();
    let state = link.split("state=").nth(1).and_then(|rest| rest.split('&').next()).expect("a state");
    for query in ["", "&interaction_code=", "&otp=no", "&error=interaction_required"] {
        let back = visitor.visit(&format!("/login/callback?state={state}{query}")).await;
        assert_eq!((back.status.as_u16(), back.url.path()), (200, view.url.path()), "{query}: {}", back.page.text);
    }
    assert_eq!(visitor.visit(&format!("{}/idp/99", view.url.path())).await.url.path(), view.url.path());
    // Not more than ten calls in five seconds.
    tokio::time::sleep(std::time::Duration::from_secs(6)).await;
    world.faults(json!([{"at": "introspect", "fault": "down"}])).await;
    for query in ["&error=access_denied", "&otp=123456"] {
        let back = visitor.visit(&format!("/login/callback?state={state}{query}")).await;
        assert_eq!(back.status, 503, "{query}: {}", back.page.text);
    }
    assert_eq!(visitor.visit(&format!("{}/idp/0", view.url.path())).await.status, 503);
    assert_eq!(visitor.answer(&view, &[("code", "123456")]).await.status, 503);
    world.faults(json!([])).await;
    is_at(&visitor.visit(&link).await, "/app");
}

#[tokio::test]
async fn a_sign_in_that_ended_elsewhere_ends_everywhere_with_one_session() {
    let world = World::new().await;
    let mut visitor = Visitor::new(&world);
    let view = visitor.sign_in("/app?x=1", "password-email@example.com").await;
    let view = visitor.answer_or_press(&view).await;
    let link = world.newest_to("password-email@example.com").await["link"].as_str().expect("a link").to_owned();
    let before = visitor.cookies.clone();
    is_at(&visitor.visit(&link).await, "/app");
    for address in [link.as_str(), view.url.as_str()] {
        visitor.cookies = before.clone();
        let view = visitor.visit(address).await;
        assert_eq!((view.url.path(), view.url.query()), ("/app", Some("x=1")), "{address}");
    }
    visitor.cookies = before.clone();
    let (_, reply) = crate::flows::pushes::polled(&mut visitor, &view).await;
    assert_eq!(reply["next"], "/app?x=1");
    is_at(&visitor.visit("/app").await, "/app");
    assert_eq!(world.calls("/v1/token").await, 1);
}
