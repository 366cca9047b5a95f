//! Questions on the way: consent, staying signed in, further attributes.

use super::{is_in, past_the_password, world};
use serde_json::json;

#[tokio::test]
async fn consent_is_given_or_not() {
    let (world, mut visitor) = world().await;
    let view = past_the_password(&mut visitor, "consent").await;
    assert!(view.page.headings[0].ends_with("wants access"), "{:?}", view.page.headings);
    let refused = visitor.choose(&view, "Don’t allow").await;
    assert!(refused.url.path().starts_with("/.gateway/"), "{}", refused.url);
    assert!(refused.status.is_success() || refused.status.is_client_error(), "{}", refused.status);
    let mut other = crate::visitor::Visitor::new(&world);
    let view = past_the_password(&mut other, "consent").await;
    is_in(&other.choose(&view, "Allow").await);
}

#[tokio::test]
async fn consent_may_be_given_in_parts() {
    let (world, mut visitor) = world().await;
    world.tell("users", json!({"login": "consent@example.com", "consent": "granular"})).await;
    let view = past_the_password(&mut visitor, "consent").await;
    let form = view.page.button("Allow").expect("a form").clone();
    let boxes: Vec<_> =
        form.controls.iter().filter(|control| control.kind == "checkbox").map(|control| control.name.clone()).collect();
    assert!(!boxes.is_empty(), "{form:?}");
    let answers: Vec<_> = boxes.iter().map(|name| (name.as_str(), "true")).collect();
    is_in(&visitor.submit(&view, &form, &answers).await);
}

#[tokio::test]
async fn staying_signed_in_is_asked_and_either_answer_goes_on() {
    for words in ["Yes, stay signed in", "No"] {
        let (_world, mut visitor) = world().await;
        let view = past_the_password(&mut visitor, "stay").await;
        assert_eq!(view.page.headings, ["Stay signed in?"]);
        is_in(&visitor.choose(&view, words).await);
    }
}

#[tokio::test]
async fn attributes_that_are_missing_are_asked_for() {
    let (_world, mut visitor) = world().await;
    let view = past_the_password(&mut visitor, "profile").await;
    assert_eq!(view.page.headings, ["A few more details"]);
    let view = visitor.answer(&view, &[]).await;
    assert_eq!(view.page.problems.len(), 1, "{}", view.page.text);
    is_in(&visitor.answer(&view, &[("userProfile.department", "Sales")]).await);
}
