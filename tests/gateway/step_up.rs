//! Routes that ask for a stronger or a more recent sign-in.

use crate::sign_in::is_at;
use crate::visitor::Visitor;
use crate::world::World;

const TWO: &str = "urn:okta:loa:2fa:any";

async fn world() -> World {
    World::with(
        "\n[[route]]\nname = \"app\"\nupstream = \"APP\"\n\
         [[route]]\nname = \"strong\"\npath = \"/strong\"\nupstream = \"APP\"\nallow = { acr_values = \"urn:okta:loa:2fa:any\" }\n",
        &[],
    )
    .await
}

#[tokio::test]
async fn a_route_that_asks_for_two_factors_gets_them() {
    let world = world().await;
    let mut visitor = Visitor::new(&world);
    let view = visitor.sign_in("/app", "password@example.com").await;
    is_at(&view, "/app");
    world.tell("users", serde_json::json!({"login": "question@example.com", "needs": [["okta_password"]]})).await;
    let mut visitor = Visitor::new(&world);
    visitor.sign_in("/app", "question@example.com").await;
    let view = visitor.visit("/strong/room?x=1").await;
    assert_eq!(view.page.headings, ["Sign in"], "{}", view.page.text);
    let name = view.page.main().and_then(|form| form.value("identifier"));
    assert_eq!(name, Some("question@example.com"), "whoever is signed in need not say who they are");
    let asked = visitor.trail.iter().find(|(_, url)| url.contains("/.gateway/sign-in")).expect("the sign-in page");
    assert!(asked.1.contains("/.gateway/sign-in?to=v"), "what is asked is sealed: {}", asked.1);
    let mut view = visitor.answer(&view, &[("identifier", "question@example.com"), ("password", "Sandbox-1234")]).await;
    if view.page.main().is_none_or(|form| form.control("answer").is_none()) {
        view = visitor.choose(&view, "Security question").await;
    }
    let view = visitor.answer(&view, &[("answer", "Sandbox-1234")]).await;
    assert_eq!(view.url.as_str(), format!("http://localhost:{}/strong/room?x=1", world.port), "{}", view.page.text);
    assert!(world.metrics().await.contains("decision=\"step_up\""));
}

#[tokio::test]
async fn a_script_is_told_what_is_asked() {
    let world = world().await;
    let mut visitor = Visitor::new(&world);
    visitor.sign_in("/app", "password@example.com").await;
    visitor.headers =
        vec![("accept".to_owned(), "application/json".to_owned()), ("sec-fetch-mode".to_owned(), "cors".to_owned())];
    let view = visitor.visit("/strong").await;
    assert_eq!(view.status, 401);
    assert!(view.body.contains("insufficient_user_authentication"), "{}", view.body);
    assert!(view.body.contains("/.gateway/sign-in?to=v"), "{}", view.body);
}

#[tokio::test]
async fn a_sign_in_that_is_weaker_than_asked_opens_nothing() {
    let world = world().await;
    world.tell("users", serde_json::json!({"login": "question@example.com", "needs": [["okta_password"]]})).await;
    let mut visitor = Visitor::new(&world);
    visitor.sign_in("/app", "question@example.com").await;
    let before = visitor.jar().clone();
    world.faults(serde_json::json!([{"at": "token", "fault": "stale"}])).await;
    let view = visitor.visit("/strong").await;
    let mut view = visitor.answer(&view, &[("identifier", "question@example.com"), ("password", "Sandbox-1234")]).await;
    if view.page.main().is_none_or(|form| form.control("answer").is_none()) {
        view = visitor.choose(&view, "Security question").await;
    }
    let view = visitor.answer(&view, &[("answer", "Sandbox-1234")]).await;
    assert!(view.url.path().starts_with("/.gateway/"), "{}", view.url);
    let session = |jar: &std::collections::BTreeMap<String, String>| jar.get("gw_session").cloned();
    assert_eq!(session(visitor.jar()), session(&before), "the session stays what it was");
}

/// What another website can do: send somebody who is signed in to an address that it wrote.
#[tokio::test]
async fn another_website_cannot_begin_sign_ins_of_somebody_who_is_signed_in() {
    let world = world().await;
    let mut visitor = Visitor::new(&world);
    visitor.sign_in("/app", "password@example.com").await;
    world.tell("users", serde_json::json!({"login": "question@example.com", "needs": [["okta_password"]]})).await;
    let mut stranger = Visitor::new(&world);
    stranger.sign_in("/app", "question@example.com").await;
    stranger.visit("/strong").await;
    let of_another = stranger.trail.iter().find(|(_, url)| url.contains("?to=")).expect("a step-up").1.clone();
    let cookies = visitor.jar().clone();
    let begun = world.calls("/v1/interact").await;
    visitor.headers = vec![("sec-fetch-site".to_owned(), "cross-site".to_owned())];
    let long = "a".repeat(1900);
    for (address, target) in [
        (format!("/.gateway/sign-in?max_age=1&return=/{}", &long[..500]), format!("/{}", &long[..500])),
        (format!("/.gateway/sign-in?max_age=1&return=/{long}"), "/".to_owned()),
        (format!("/.gateway/sign-in?acr_values={TWO}&return=/app"), "/app".to_owned()),
        ("/.gateway/register?return=/app".to_owned(), "/app".to_owned()),
        ("/.gateway/recover?return=/app".to_owned(), "/app".to_owned()),
        ("/.gateway/sign-in?to=v2.00000000.AAAA&return=/app".to_owned(), "/app".to_owned()),
    ] {
        is_at(&visitor.visit(&address).await, &target);
        assert_eq!(*visitor.jar(), cookies, "{address}");
    }
    visitor.visit(&of_another).await;
    let entered = visitor.trail.iter().filter(|(_, url)| url.contains("?to=")).count();
    assert_eq!(entered, 2, "the route asks for itself, once: {:?}", visitor.trail);
    assert_eq!(world.calls("/v1/interact").await, begun + 1, "only the route's own step-up began");
}

/// 8 KB of cookies are more than an nginx with its default limits lets pass.
#[tokio::test]
async fn open_sign_ins_keep_to_their_share_of_a_request() {
    let world = world().await;
    for (length, most) in [(1, 8), (400, 8), (512, 8)] {
        let mut visitor = Visitor::new(&world);
        let mut newest = String::new();
        for tab in 0..10 {
            let target = format!("/{}", format!("{tab}").repeat(length));
            newest = visitor.visit(&format!("/.gateway/sign-in?return={target}")).await.url.path().to_owned();
            let open = visitor.jar().iter().filter(|(name, _)| name.contains("gw_tx_"));
            let sizes: Vec<_> = open.map(|(name, value)| name.len() + value.len()).collect();
            assert!(sizes.len() <= most && sizes.iter().sum::<usize>() <= 3584, "{length}: {sizes:?}");
        }
        assert_eq!(visitor.visit(&newest).await.page.headings, ["Sign in"], "the newest can be finished");
    }
}

#[tokio::test]
async fn a_long_target_is_kept_in_addresses_of_our_making() {
    let world = world().await;
    let mut visitor = Visitor::new(&world);
    let target = format!("/app?q={}", "x".repeat(1900));
    let view = visitor.visit(&target).await;
    assert!(visitor.trail.iter().any(|(_, url)| url.contains("/.gateway/sign-in?to=v")), "{:?}", visitor.trail);
    let view = visitor.answer(&view, &[("identifier", "password@example.com"), ("password", "Sandbox-1234")]).await;
    assert_eq!(view.url.as_str(), format!("http://localhost:{}{target}", world.port));
}
