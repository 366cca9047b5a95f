//! Creating an account, and activating one.

use serde_json::json;

use super::{is_in, world};
use crate::visitor::{View, Visitor};
use crate::world::World;

const NEW: &str = "Another-5678";

async fn details_given(visitor: &mut Visitor, view: &View) -> View {
    let answers = [
        ("userProfile.firstName", "Mary"),
        ("userProfile.lastName", "Acme"),
        ("userProfile.email", "mary@example.com"),
    ];
    visitor.answer(view, &answers).await
}

/// Does what is asked until nothing is required any more, then leaves the rest out.
async fn set_up(world: &World, visitor: &mut Visitor, mut view: View) -> View {
    for _ in 0..10 {
        if !view.url.path().starts_with("/.gateway/flow") {
            break;
        }
        let form = view.page.main().cloned();
        let has = |name: &str| form.as_ref().is_some_and(|form| form.control(name).is_some());
        view = if has("code") {
            let code = world.code_for("mary@example.com").await;
            visitor.answer(&view, &[("code", &code)]).await
        } else if has("password") {
            visitor.answer(&view, &[("password", NEW), ("confirm", NEW)]).await
        } else if view.page.text.contains("Optional") && view.page.form("skip").is_some() {
            let form = view.page.form("skip").expect("a form").clone();
            visitor.submit(&view, &form, &[]).await
        } else {
            visitor.answer_or_press(&view).await
        };
    }
    view
}

#[tokio::test]
async fn an_account_is_created_and_confirmed_with_a_code() {
    let (world, mut visitor) = world().await;
    let view = visitor.visit("/app?x=1").await;
    let view = visitor.choose(&view, "Create an account").await;
    assert_eq!(view.page.headings, ["Create an account"]);
    let view = details_given(&mut visitor, &view).await;
    is_in(&set_up(&world, &mut visitor, view).await);
    let mut again = Visitor::new(&world);
    let view = again.visit("/app?x=1").await;
    let view = again.answer(&view, &[("identifier", "mary@example.com"), ("password", NEW)]).await;
    // What is optional is offered again.
    is_in(&again.choose(&view, "Remind me later").await);
}

#[tokio::test]
async fn registering_has_an_entrance_of_its_own() {
    let (world, mut visitor) = world().await;
    let view = visitor.visit("/.gateway/register?return=/app?x=1").await;
    assert_eq!(view.page.headings, ["Create an account"]);
    let view = details_given(&mut visitor, &view).await;
    is_in(&set_up(&world, &mut visitor, view).await);
}

#[tokio::test]
async fn what_is_wrong_with_a_profile_stands_at_its_field() {
    let (_world, mut visitor) = world().await;
    let view = visitor.visit("/.gateway/register").await;
    let answers =
        [("userProfile.firstName", "Mary"), ("userProfile.lastName", "Acme"), ("userProfile.email", "nonsense")];
    let view = visitor.answer(&view, &answers).await;
    assert!(
        view.page.problems.contains(&"Enter an email address like name@example.com.".to_owned()),
        "{:?}",
        view.page.problems
    );
    let form = view.page.main().expect("the form again").clone();
    assert_eq!(form.value("userProfile.firstName"), Some("Mary"), "what was typed is kept");
    let view = visitor.answer(&view, &[("userProfile.email", "password@example.com")]).await;
    assert_eq!(view.page.problems.len(), 1, "{:?}", view.page.problems);
}

#[tokio::test]
async fn fields_of_every_kind_are_asked_for() {
    let (world, mut visitor) = world().await;
    world
        .tell(
            "policies",
            json!({"registration_fields": [
                {"name": "nickName", "label": "Nickname", "kind": "text"},
                {"name": "terms", "label": "I agree", "kind": "checkbox", "required": true},
                {"name": "plan", "label": "Plan", "kind": "select", "required": true, "options": ["basic", "pro"]},
                {"name": "size", "label": "Size", "kind": "radio", "required": true, "options": ["s", "m"]},
                {"name": "countryCode", "label": "Country", "kind": "country"},
                {"name": "odd", "label": "Something odd", "kind": "unheard"}
            ]}),
        )
        .await;
    let view = visitor.visit("/.gateway/register?return=/app?x=1").await;
    let form = view.page.main().expect("a form").clone();
    for name in ["nickName", "terms", "plan", "size", "countryCode", "odd"] {
        assert!(form.control(&format!("userProfile.{name}")).is_some(), "{name} is not asked for: {form:?}");
    }
    let answers = [
        ("userProfile.firstName", "Mary"),
        ("userProfile.lastName", "Acme"),
        ("userProfile.email", "mary@example.com"),
        ("userProfile.terms", "true"),
        ("userProfile.plan", "pro"),
        ("userProfile.size", "m"),
    ];
    let view = visitor.submit(&view, &form, &answers).await;
    assert!(view.page.problems.is_empty(), "{:?}", view.page.problems);
    is_in(&set_up(&world, &mut visitor, view).await);
}

#[tokio::test]
async fn an_activation_by_link_ends_in_a_message() {
    let (world, mut visitor) = world().await;
    world.tell("policies", json!({"activation": "link"})).await;
    let view = visitor.visit("/.gateway/register").await;
    let view = details_given(&mut visitor, &view).await;
    assert_eq!(view.page.headings, ["Check your email to finish"], "{}", view.page.text);
}

#[tokio::test]
async fn where_nobody_may_register_it_is_said() {
    let (world, mut visitor) = world().await;
    world.tell("policies", json!({"self_registration": false})).await;
    let view = visitor.visit("/.gateway/register").await;
    assert_eq!(view.page.headings, ["You can’t create an account here"]);
}

#[tokio::test]
async fn an_activation_token_waits_for_a_button() {
    let (world, mut visitor) = world().await;
    world.tell("users", json!({"login": "mary@example.com", "email": "mary@example.com", "first_name": "Mary", "last_name": "Acme", "activation_token": true})).await;
    let token = world.code_for("mary@example.com").await;
    let view = visitor.visit(&format!("/.gateway/register?activationToken={token}&return=/app?x=1")).await;
    assert!(!view.url.as_str().contains(&token));
    assert_eq!(world.calls("/v1/interact").await, 0);
    let view = visitor.answer_or_press(&view).await;
    is_in(&set_up(&world, &mut visitor, view).await);
    assert!(!world.log().contains(&token), "the log holds the token");
}
