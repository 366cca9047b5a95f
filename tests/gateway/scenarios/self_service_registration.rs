//! Feature file `self-service-registration`.

use super::*;

/// Given: e-mail and password are required, a phone is offered.
async fn given() -> (World, Visitor) {
    let (world, visitor) = world().await;
    let policies = json!({
        "activation": "code",
        "magic_link": true,
        "registration_required": ["okta_email", "okta_password"],
        "registration_optional": ["phone_number"]
    });
    world.tell("policies", policies).await;
    (world, visitor)
}

/// Mary has given her names, confirmed her address with a code, and chosen a password.
async fn signed_up(world: &World, visitor: &mut Visitor) -> View {
    let view = names_given(visitor, MARY).await;
    let view = set_up(visitor, &view, "Email").await;
    assert_eq!(view.page.headings, ["Check your email"]);
    let view = with_the_code(world, visitor, &view, MARY).await;
    new_password(visitor, &view).await
}

/// Scenario: Mary signs up with required e-mail and password, and skips SMS.
#[tokio::test]
async fn mary_signs_up_with_email_and_password_and_skips_sms() {
    let (world, mut visitor) = given().await;
    let view = signed_up(&world, &mut visitor).await;
    assert!(view.page.text.contains("Optional"), "{}", view.page.text);
    is_in(&visitor.choose(&view, "Remind me later").await);
}

/// Scenario: Mary signs up with required e-mail and password, and sets up SMS.
#[tokio::test]
async fn mary_signs_up_with_email_and_password_and_sets_up_sms() {
    let (world, mut visitor) = given().await;
    let view = signed_up(&world, &mut visitor).await;
    let view = set_up(&mut visitor, &view, "Phone").await;
    let view = visitor.answer(&view, &[("phone", PHONE), ("methodType", "sms")]).await;
    assert_eq!(view.page.headings, ["Check your phone"], "{}", view.page.text);
    is_in(&with_the_code(&world, &mut visitor, &view, PHONE).await);
}

/// Scenario: Mary signs up with an invalid e-mail address. The org says two things of it; one sentence says both.
#[tokio::test]
async fn mary_signs_up_with_an_invalid_email() {
    let (world, mut visitor) = given().await;
    let view = names_given(&mut visitor, "invalidemail").await;
    assert_eq!(view.page.problems, ["Enter an email address like name@example.com."]);
    assert_eq!(view.page.headings, ["Create an account"]);
    assert!(world.sandbox("inbox").await.as_array().expect("a list").is_empty());
}

/// Scenario: Mary signs up and sets up SMS with an invalid phone number.
#[tokio::test]
async fn mary_signs_up_with_an_invalid_phone_number() {
    let (world, mut visitor) = given().await;
    let view = signed_up(&world, &mut visitor).await;
    let view = set_up(&mut visitor, &view, "Phone").await;
    let view = visitor.answer(&view, &[("phone", "+15550100invalid"), ("methodType", "sms")]).await;
    let inbox = world.sandbox("inbox").await;
    let texted: Vec<_> = inbox.as_array().into_iter().flatten().filter(|message| message["channel"] == "sms").collect();
    assert!(texted.is_empty(), "a message went to a number that nobody typed: {texted:?}");
    assert_eq!(view.page.problems, [WRONG_PHONE]);
    assert_eq!(view.page.headings, ["Add your phone"]);
}

/// Scenario: Mary signs up with an e-mail magic link.
#[tokio::test]
async fn mary_signs_up_with_email_magic_link() {
    let (world, mut visitor) = given().await;
    let view = names_given(&mut visitor, MARY).await;
    set_up(&mut visitor, &view, "Email").await;
    let link = link_in_mail(&world).await;
    let view = visitor.visit(&link).await;
    let view = new_password(&mut visitor, &view).await;
    is_in(&visitor.choose(&view, "Remind me later").await);
}
