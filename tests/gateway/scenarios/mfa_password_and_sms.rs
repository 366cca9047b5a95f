//! Feature file `mfa-password-and-sms`.

use super::*;

/// Given: everybody sets up a phone. Mary has none, and is asked for its number.
async fn asked_for_a_number() -> (World, Visitor, View) {
    let (world, mut visitor) = world().await;
    world.tell("policies", json!({"required_enrolments": ["phone_number"]})).await;
    mary(&world, json!({})).await;
    let view = past_the_password(&mut visitor, "mary").await;
    let view = set_up(&mut visitor, &view, "Phone").await;
    assert_eq!(view.page.headings, ["Add your phone"]);
    (world, visitor, view)
}

/// Given: Mary has a phone. She has a code sent to it.
async fn texted() -> (World, Visitor, View) {
    let (world, mut visitor) = world().await;
    mary(&world, json!({"needs": password_and("phone_number"), "enrolled": [enrolled_email(), enrolled_phone()]}))
        .await;
    let view = past_the_password(&mut visitor, "mary").await;
    assert_eq!(view.page.headings, ["Verify with your phone"]);
    let view = visitor.choose(&view, "Send a text message").await;
    assert_eq!(view.page.headings, ["Check your phone"]);
    (world, visitor, view)
}

/// Scenario: Mary enrols SMS when she logs in.
#[tokio::test]
async fn enroll_in_sms_factor_when_prompted_for_authenticator() {
    let (world, mut visitor, view) = asked_for_a_number().await;
    let view = visitor.answer(&view, &[("phone", PHONE), ("methodType", "sms")]).await;
    assert_eq!(view.page.headings, ["Check your phone"], "{}", view.page.text);
    is_in(&with_the_code(&world, &mut visitor, &view, PHONE).await);
}

/// Scenario: a wrong code from the SMS; another may be entered.
#[tokio::test]
async fn two_factor_login_with_sms_and_a_wrong_code() {
    let (world, mut visitor, view) = texted().await;
    let view = visitor.answer(&view, &[("code", "000000")]).await;
    assert_eq!(view.page.problems, [WRONG_CODE]);
    is_in(&with_the_code(&world, &mut visitor, &view, PHONE).await);
}

/// Scenario: an invalid phone number.
#[tokio::test]
async fn enroll_in_sms_with_an_invalid_phone_number() {
    let (_world, mut visitor, view) = asked_for_a_number().await;
    let view = visitor.answer(&view, &[("phone", "abcd"), ("methodType", "sms")]).await;
    assert_eq!(view.page.problems, [WRONG_PHONE]);
    assert_eq!(view.page.headings, ["Add your phone"]);
}

/// Scenario: 2FA login with SMS.
#[tokio::test]
async fn two_factor_login_with_sms() {
    let (world, mut visitor, view) = texted().await;
    is_in(&with_the_code(&world, &mut visitor, &view, PHONE).await);
}
