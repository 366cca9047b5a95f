//! Feature file `self-service-registration-custom-attribute`.

use super::*;

/// Scenario: Mary signs up with a custom attribute that the form requires.
#[tokio::test]
async fn mary_signs_up_with_a_custom_attribute() {
    let (world, mut visitor) = world().await;
    let field = json!({"name": "customAttribute", "label": "Custom attribute", "kind": "text", "required": true});
    world.tell("policies", json!({"registration_fields": [field]})).await;
    let view = names_given(&mut visitor, MARY).await;
    assert_eq!(view.page.headings, ["Create an account"], "the attribute is still missing");
    assert_eq!(view.page.problems.len(), 1, "{:?}", view.page.problems);
    assert!(view.page.text.contains("Custom attribute"), "{}", view.page.text);
    let view = visitor.answer(&view, &[("userProfile.customAttribute", "something")]).await;
    assert_eq!(view.page.headings, ["Set up security methods"], "{}", view.page.text);
    let people = world.sandbox("users").await;
    let known = people.as_array().into_iter().flatten().find(|person| person["login"] == MARY);
    assert_eq!(known.map(|person| &person["profile"]["customAttribute"]), Some(&json!("something")), "{people}");
}
