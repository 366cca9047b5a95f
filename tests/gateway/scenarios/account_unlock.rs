//! Feature file `account-unlock`.

use super::*;

/// Given: one wrong password locks an account, and Mary has given one.
async fn locked() -> (World, Visitor, View) {
    let (world, mut visitor) = world().await;
    world.tell("policies", json!({"lockout_after": 1, "unlock": true})).await;
    mary(&world, json!({"enrolled": [enrolled_email(), enrolled_phone()]})).await;
    let view = visitor.visit("/app?x=1").await;
    visitor.answer(&view, &[("identifier", MARY), ("password", "Wrong-1234")]).await;
    let mut other = Visitor::new(&world);
    let refused = past_the_password(&mut other, "mary").await;
    assert_eq!(refused.page.problems, [NEUTRAL], "the account is locked");
    let view = visitor.visit("/app?x=1").await;
    let view = visitor.choose(&view, "Unlock your account").await;
    assert_eq!(view.page.headings, ["Unlock your account"]);
    (world, visitor, view)
}

/// Gives the user name and presses the button of a method.
async fn unlock_by(visitor: &mut Visitor, view: &View, method: &str) -> View {
    let form = view.page.main().expect("a form").clone();
    let button = form.buttons.iter().position(|(_, _, text)| text.contains(method));
    let button = button.unwrap_or_else(|| panic!("no button says `{method}`: {:?}", form.buttons));
    visitor.press(view, &form, &[("identifier", MARY)], button).await
}

async fn unlocked(visitor: &mut Visitor, view: &View) {
    assert_eq!(view.page.headings, ["Your account is unlocked"], "{}", view.page.text);
    is_in(&past_the_password(visitor, "mary").await);
}

/// Scenario: Mary recovers from a locked account with an e-mail OTP.
#[tokio::test]
async fn mary_recovers_from_a_locked_account_with_email_otp() {
    let (world, mut visitor, view) = locked().await;
    let view = unlock_by(&mut visitor, &view, "Email").await;
    assert_eq!(view.page.headings, ["Check your email"]);
    let view = with_the_code(&world, &mut visitor, &view, MARY).await;
    unlocked(&mut visitor, &view).await;
}

/// Scenario: Mary recovers from a locked account with an e-mail magic link.
#[tokio::test]
async fn mary_recovers_from_a_locked_account_with_email_magic_link() {
    let (world, mut visitor, view) = locked().await;
    unlock_by(&mut visitor, &view, "Email").await;
    let link = link_in_mail(&world).await;
    let view = visitor.visit(&link).await;
    unlocked(&mut visitor, &view).await;
}

/// Scenario: Mary recovers from a locked account with a phone SMS OTP.
#[tokio::test]
async fn mary_recovers_from_a_locked_account_with_phone_sms_otp() {
    let (world, mut visitor, view) = locked().await;
    let view = unlock_by(&mut visitor, &view, "Text message").await;
    assert_eq!(view.page.headings, ["Check your phone"], "{}", view.page.text);
    let view = with_the_code(&world, &mut visitor, &view, PHONE).await;
    unlocked(&mut visitor, &view).await;
}
