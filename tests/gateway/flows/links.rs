//! Links in e-mails, and other identity providers: ways that leave the page and come back.

use serde_json::json;

use super::{is_in, past_the_password, world};
use crate::visitor::{View, Visitor};
use crate::world::World;

async fn mail_sent(visitor: &mut Visitor) -> View {
    let view = past_the_password(visitor, "password-email").await;
    visitor.answer_or_press(&view).await
}

async fn link(world: &World) -> String {
    let message = world.newest_to("password-email@example.com").await;
    message["link"].as_str().unwrap_or_else(|| panic!("no link in {message}")).to_owned()
}

#[tokio::test]
async fn a_link_opened_in_the_same_browser_signs_in() {
    let (world, mut visitor) = world().await;
    mail_sent(&mut visitor).await;
    let link = link(&world).await;
    is_in(&visitor.visit(&link).await);
}

#[tokio::test]
async fn a_link_opened_in_another_browser_shows_the_code_and_calls_nobody() {
    let (world, mut visitor) = world().await;
    let view = mail_sent(&mut visitor).await;
    let link = link(&world).await;
    let code = world.code_for("password-email@example.com").await;
    let calls = world.sandbox("transcript").await.as_array().map(Vec::len);
    let mut other = Visitor::new(&world);
    let shown = other.visit(&link).await;
    assert_eq!(shown.page.headings, ["Your verification code"]);
    assert!(shown.page.text.contains(&code), "{}", shown.page.text);
    assert_eq!(shown.headers["cache-control"], "no-store");
    assert_eq!(world.sandbox("transcript").await.as_array().map(Vec::len), calls, "the org was called");
    assert!(other.jar().keys().all(|name| !name.contains("session")));
    is_in(&visitor.answer(&view, &[("code", &code)]).await);
}

#[tokio::test]
async fn the_tab_that_waits_notices_a_link_that_was_followed_in_another_tab() {
    let (world, mut visitor) = world().await;
    let waiting = mail_sent(&mut visitor).await;
    let link = link(&world).await;
    is_in(&visitor.visit(&link).await);
    is_in(&visitor.choose(&waiting, "I’ve opened the link").await);
    let (status, reply) = super::pushes::polled(&mut visitor, &waiting).await;
    assert_eq!(status, 200, "{reply}");
    is_in(&visitor.visit(reply["next"].as_str().expect("where to go")).await);
}

#[tokio::test]
async fn a_link_followed_twice_leads_to_the_same_place() {
    let (world, mut visitor) = world().await;
    mail_sent(&mut visitor).await;
    let link = link(&world).await;
    visitor.visit(&link).await;
    let again = visitor.visit(&link).await;
    assert_eq!(again.status, 200);
    assert!(!again.url.path().starts_with("/.gateway") && again.url.path() != "/login/callback", "{}", again.url);
}

#[tokio::test]
async fn a_code_in_a_link_that_is_not_a_code_is_not_shown() {
    let (world, _) = world().await;
    let mut visitor = Visitor::new(&world);
    for otp in ["<b>1</b>", "12", "12345678901234567", "call%20me%20now"] {
        let view = visitor
            .visit(&format!("/login/callback?otp={otp}&state=AAAAAAAAAAAAAAAAAAAAAA.AAAAAAAAAAAAAAAAAAAAAA"))
            .await;
        assert!(view.status.is_client_error(), "{otp}");
        assert!(!view.page.headings.contains(&"Your verification code".to_owned()), "{otp}");
    }
}

async fn at_the_provider(world: &World, visitor: &mut Visitor) -> View {
    world.tell("policies", json!({"idps": ["google"]})).await;
    let view = visitor.visit("/app?x=1").await;
    let provider = view.page.links.iter().find(|(address, _)| address.contains("/idp/")).cloned();
    let (address, words) = provider.unwrap_or_else(|| panic!("no provider: {:?}", view.page.links));
    assert!(words.starts_with("Continue with "), "{words}");
    let there = visitor.follow(&view, &address).await;
    assert!(there.url.path().starts_with("/sso/idps/"), "{}", there.url);
    there
}

#[tokio::test]
async fn another_provider_signs_somebody_in() {
    let (world, mut visitor) = world().await;
    let there = at_the_provider(&world, &mut visitor).await;
    let text = there.page.text.clone();
    let form = there.page.main().or(there.page.forms.first()).unwrap_or_else(|| panic!("{text}")).clone();
    let answers: Vec<_> = form
        .controls
        .iter()
        .filter(|control| !control.hidden && control.value.is_empty())
        .map(|control| (control.name.as_str(), "password@example.com"))
        .collect();
    is_in(&visitor.submit(&there, &form, &answers).await);
}

#[tokio::test]
async fn a_provider_that_says_no_leads_back_to_the_form() {
    let (world, mut visitor) = world().await;
    let there = at_the_provider(&world, &mut visitor).await;
    let state =
        there.page.forms.iter().flat_map(|form| &form.buttons).map(|(_, _, text)| text.clone()).collect::<Vec<_>>();
    let deny = state.iter().find(|text| text.to_lowercase().contains("deny") || text.to_lowercase().contains("cancel"));
    let view = visitor.choose(&there, deny.unwrap_or_else(|| panic!("{state:?}"))).await;
    assert!(view.page.text.contains("We couldn’t sign you in with"), "{}", view.page.text);
    let view = visitor.answer(&view, &[("identifier", "password@example.com"), ("password", super::PASSWORD)]).await;
    is_in(&view);
}
