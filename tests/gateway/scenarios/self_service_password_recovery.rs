//! Feature file `self-service-password-recovery`.

use super::*;

async fn forgotten(visitor: &mut Visitor, who: &str) -> View {
    let view = visitor.visit("/app?x=1").await;
    let view = visitor.choose(&view, "Forgot your password?").await;
    assert_eq!(view.page.headings, ["Reset your password"]);
    visitor.answer(&view, &[("identifier", who)]).await
}

/// Scenario: Mary resets her password.
#[tokio::test]
async fn mary_resets_her_password() {
    let (world, mut visitor) = world().await;
    mary(&world, json!({})).await;
    let view = forgotten(&mut visitor, MARY).await;
    let view = have_it_mailed(&mut visitor, &view).await;
    let view = with_the_code(&world, &mut visitor, &view, MARY).await;
    assert_eq!(view.page.headings, ["Choose a new password"]);
    is_in(&visitor.answer(&view, &[("password", NEW), ("confirm", NEW)]).await);
}

/// Scenario: Mary tries to reset a password with the wrong e-mail address. Where the org says that there is no such
/// account the gateway does not: it says what it says to everybody.
#[tokio::test]
async fn mary_tries_to_reset_a_password_with_the_wrong_email() {
    let (world, mut visitor) = world().await;
    world.tell("policies", json!({"enumeration_prevention": false})).await;
    mary(&world, json!({})).await;
    let view = forgotten(&mut visitor, "test_with_really_invalid_email@invalidemail.com").await;
    assert!(!view.page.text.contains("There is no account"), "{}", view.page.text);
    assert!(
        view.page.text.contains("If we find an account, instructions are on their way."),
        "{:?} {}",
        view.page.headings,
        view.page.text
    );
    assert!(world.sandbox("inbox").await.as_array().expect("a list").is_empty());
}
