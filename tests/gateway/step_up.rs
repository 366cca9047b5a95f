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
    assert!(asked.1.contains("acr_values=urn%3Aokta%3Aloa%3A2fa%3Aany"), "{}", asked.1);
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
    assert!(view.body.contains("acr_values"), "{}", view.body);
}

#[tokio::test]
async fn a_sign_in_that_is_weaker_than_asked_opens_nothing() {
    let world = world().await;
    world.faults(serde_json::json!([{"at": "token", "fault": "stale"}])).await;
    let mut visitor = Visitor::new(&world);
    let view = visitor.visit(&format!("/.gateway/sign-in?return=/strong&acr_values={TWO}&max_age=60")).await;
    let view = visitor.answer(&view, &[("identifier", "question@example.com"), ("password", "Sandbox-1234")]).await;
    let view = visitor.answer(&view, &[("answer", "Sandbox-1234")]).await;
    assert!(view.url.path().starts_with("/.gateway/"), "{}", view.url);
    assert!(!visitor.jar().keys().any(|name| name.contains("session")));
}
