//! Feature file `totp-okta-verify-signin`.

use super::*;

/// The page where Okta Verify is set up, with its picture.
pub(super) async fn picture(visitor: &mut Visitor, view: &View) -> View {
    let view = set_up(visitor, view, "Okta Verify").await;
    assert_eq!(view.page.headings, ["Set up Okta Verify"]);
    assert!(view.body.contains("src=\"data:image/png;base64,"), "{}", view.page.text);
    view
}

/// Has the link sent another way, to this address or number, and sets the app up from it.
pub(super) async fn by_link(world: &World, visitor: &mut Visitor, view: &View, channel: &str, to: &str) -> View {
    let view = picture(visitor, view).await;
    let list = visitor.choose(&view, "Set up Okta Verify another way").await;
    let asked = visitor.answer(&list, &[("channel", channel)]).await;
    let field = if channel == "email" { "email" } else { "phone" };
    let view = visitor.answer(&asked, &[(field, to)]).await;
    assert!(view.page.text.contains(&format!("We sent a link to {to}. Open it on your phone.")), "{}", view.page.text);
    world.newest_to(to).await;
    on_the_phone(world, visitor, &view).await
}

/// The phone has set the app up, and the page is told.
pub(super) async fn on_the_phone(world: &World, visitor: &mut Visitor, view: &View) -> View {
    world.tell("push", json!({"to": MARY, "answer": "approve"})).await;
    visitor.choose(view, "I’ve set it up").await
}

/// Given: everybody sets up Okta Verify. Mary has given her password.
async fn given() -> (World, Visitor, View) {
    let (world, mut visitor) = world().await;
    world.tell("policies", json!({"required_enrolments": ["okta_verify"]})).await;
    mary(&world, json!({})).await;
    let view = past_the_password(&mut visitor, "mary").await;
    (world, visitor, view)
}

/// Scenario: Mary enrols Okta Verify with a QR code.
#[tokio::test]
async fn mary_enrolls_okta_verify_at_sign_in_with_a_qr_code() {
    let (world, mut visitor, view) = given().await;
    let view = picture(&mut visitor, &view).await;
    is_in(&on_the_phone(&world, &mut visitor, &view).await);
}

/// Scenario: Mary enrols Okta Verify with an SMS link.
#[tokio::test]
async fn mary_enrolls_okta_verify_at_sign_in_with_an_sms_link() {
    let (world, mut visitor, view) = given().await;
    is_in(&by_link(&world, &mut visitor, &view, "sms", PHONE).await);
}

/// Scenario: Mary enrols Okta Verify with an e-mail link.
#[tokio::test]
async fn mary_enrolls_okta_verify_at_sign_in_with_an_email_link() {
    let (world, mut visitor, view) = given().await;
    is_in(&by_link(&world, &mut visitor, &view, "email", MARY).await);
}
