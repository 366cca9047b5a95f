//! A form that comes when its session has ended is not lost.

use reqwest::{Method, Response};
use serde_json::json;
use url::Url;

use crate::page::Page;
use crate::store::Store;
use crate::visitor::{View, Visitor};
use crate::world::World;

const ROUTES: &str = "[[route]]\nname = \"app\"\nupstream = \"APP\"\n\
    [[route]]\nname = \"kept\"\npath = \"/expenses\"\nupstream = \"APP\"\nkeep_post = true\n\
    [[route]]\nname = \"strong\"\npath = \"/strong\"\nupstream = \"APP\"\nkeep_post = true\n\
    allow = { acr_values = \"urn:okta:loa:2fa:any\" }\n";

async fn post(visitor: &mut Visitor, world: &World, target: &str, body: &str, site: &str) -> Response {
    let url = Url::parse(&format!("http://localhost:{}{target}", world.port)).expect("an address");
    visitor.send(Method::POST, url, Some(body.to_owned()), site).await
}

async fn view(response: Response) -> View {
    let (url, status, headers) = (response.url().clone(), response.status(), response.headers().clone());
    let body = response.text().await.expect("a body");
    let page = Page::read(&body);
    View { url, status, headers, body, page }
}

/// Presses "Send again", and then the button of the page that sends the form without script.
async fn send_again(visitor: &mut Visitor, kept: &View) -> View {
    let own = kept.page.forms.iter().find(|form| form.action == "/.gateway/kept").expect("the button").clone();
    let page = visitor.submit(kept, &own, &[]).await;
    if page.status != 200 {
        return page;
    }
    let form = page.page.forms.iter().find(|form| !form.action.ends_with("/language")).expect("the form").clone();
    visitor.submit(&page, &form, &[]).await
}

#[tokio::test]
async fn a_form_whose_session_has_ended_is_sent_after_signing_in_as_it_was() {
    let world = World::with(ROUTES, &[]).await;
    let mut visitor = Visitor::new(&world);
    let body = "note=two+words%26%3D%22%3C%C3%A9&amount=12.50&tag=a&tag=b&empty=";
    let kept = view(post(&mut visitor, &world, "/expenses/new?draft=1", body, "same-origin").await).await;
    assert_eq!((kept.status.as_u16(), kept.page.headings[0].as_str()), (401, "Your form was not sent"));
    assert!(!kept.body.contains("two words") && !kept.body.contains("two+words"), "it is sealed: {}", kept.body);
    assert!(!kept.body.contains("data-at-once"), "and is not sent by itself");
    // Pressed too early, nothing is lost.
    let early = send_again(&mut visitor, &kept).await;
    assert_eq!((early.status.as_u16(), early.page.headings[0].as_str()), (401, "Your form was not sent"));
    visitor.sign_in("/", "password@example.com").await;
    let sent = send_again(&mut visitor, &early).await;
    assert_eq!((sent.status.as_u16(), sent.url.path(), sent.url.query()), (200, "/expenses/new", Some("draft=1")));
    assert!(sent.body.contains("POST /expenses/new?draft=1"), "{}", sent.body);
    let length = format!("content-length</td><td>{}", body.len());
    let has_length = sent.body.to_ascii_lowercase().contains(&length) || sent.body.contains(&body.len().to_string());
    assert!(has_length, "byte for byte: {}", sent.body);
}

#[tokio::test]
async fn a_form_that_needs_a_stronger_sign_in_is_of_the_person_who_sent_it() {
    let world = World::with(ROUTES, &[]).await;
    world.tell("users", json!({"login": "question@example.com", "needs": [["okta_password"]]})).await;
    let mut visitor = Visitor::new(&world);
    visitor.sign_in("/", "question@example.com").await;
    let kept = view(post(&mut visitor, &world, "/strong/x", "a=1", "same-origin").await).await;
    assert_eq!(kept.status, 401, "{}", kept.body);
    assert!(kept.body.contains("/.gateway/sign-in?to="), "what is asked for is sealed: {}", kept.body);
    let mut other = Visitor::new(&world);
    other.sign_in("/", "password@example.com").await;
    assert_eq!(send_again(&mut other, &kept).await.status, 403, "nobody else sends it");
}

/// A copy of what is sealed is of no use elsewhere: not in another browser, whoever is signed in there, and not to the next
/// person at the same one.
async fn is_bound(world: &World) {
    world.tell("users", json!({"login": "other@example.com", "password": "Sandbox-1234"})).await;
    let mut visitor = Visitor::new(world);
    let kept = view(post(&mut visitor, world, "/expenses", "a=1", "same-origin").await).await;
    assert_eq!(kept.status, 401, "{}", kept.body);
    for account in ["password@example.com", "other@example.com"] {
        let mut elsewhere = Visitor::new(world);
        elsewhere.sign_in("/", account).await;
        let refused = send_again(&mut elsewhere, &kept).await;
        assert_eq!((refused.status.as_u16(), refused.page.headings[0].as_str()), (403, "Your form was not sent"));
        assert!(refused.page.text.contains("belongs to another browser"), "{}", refused.page.text);
    }
    visitor.sign_in("/", "password@example.com").await;
    assert_eq!(send_again(&mut visitor, &kept).await.url.path(), "/expenses");

    // A session that was ended elsewhere still says whose the form is.
    let order = json!({"login": "password@example.com", "format": "iss_sub"});
    world.tell("global-token-revocation", order).await;
    let kept = view(post(&mut visitor, world, "/expenses", "a=1", "same-origin").await).await;
    assert_eq!(kept.status, 401, "{}", kept.body);
    visitor.sign_in("/", "other@example.com").await;
    let refused = send_again(&mut visitor, &kept).await;
    assert!(refused.status == 403 && refused.page.text.contains("belongs to another account"), "{}", refused.page.text);
}

#[tokio::test]
async fn a_kept_form_is_sent_by_nobody_else_and_from_nowhere_else() {
    is_bound(&World::with(ROUTES, &[]).await).await;
}

#[tokio::test]
async fn with_a_store_too_a_kept_form_is_sent_by_nobody_else_and_from_nowhere_else() {
    let Some(store) = Store::start() else { return };
    let routes = store.section() + ROUTES;
    is_bound(&World::with(&routes, &[("GATEWAY__SESSION__STORE", "redis")]).await).await;
}

#[tokio::test]
async fn only_a_form_of_this_site_s_pages_is_kept_and_only_where_the_route_says_so() {
    let world = World::with(ROUTES, &[]).await;
    let mut visitor = Visitor::new(&world);
    let large = format!("a={}", "x".repeat(65_536));
    for (target, body, site, status) in [
        ("/expenses", "a=1", "cross-site", 303),
        ("/expenses", "a=1", "same-site", 303),
        ("/expenses", "a=1", "none", 303),
        ("/other", "a=1", "same-origin", 303),
        ("/expenses", large.as_str(), "same-origin", 303),
        ("/expenses", "a=%ff%00\u{7f}", "same-origin", 401),
    ] {
        let response = post(&mut visitor, &world, target, body, site).await;
        assert_eq!(response.status(), status, "{target} of {site}, {} bytes", body.len());
    }
    visitor.sign_in("/", "password@example.com").await;
    for (body, site, status) in [("csrf=x&do=send", "same-origin", 303), ("csrf=x&do=send", "cross-site", 403)] {
        assert_eq!(post(&mut visitor, &world, "/.gateway/kept", body, site).await.status(), status, "{site}");
    }
}
