//! Feature file `progressive-profiling-acr-values`: the step-up. Changing the profile is the app's own affair.

use super::*;
use crate::sign_in::is_at;

/// Scenario: Mary, who signed in with one factor, is asked for a second one where two are wanted.
#[tokio::test]
async fn mary_is_asked_for_a_second_factor_when_she_steps_up() {
    let route = |name: &str, path: &str, allow: &str| {
        format!("[[route]]\nname = \"{name}\"\npath = \"{path}\"\nupstream = \"APP\"\nallow = {allow}\n")
    };
    let strong = route("strong", "/x", "{ acr_values = \"urn:okta:loa:2fa:any\" }");
    let world = World::with(&format!("\n{}{strong}", route("app", "/", "\"signed-in\"")), &[]).await;
    let mut visitor = Visitor::new(&world);
    mary(&world, json!({"enrolled": [enrolled_email(), enrolled_phone(), {"key": "google_otp"}]})).await;
    is_in(&past_the_password(&mut visitor, "mary").await);
    let view = visitor.visit("/x").await;
    assert_eq!(view.page.headings, ["Sign in"], "the session of one factor is not enough");
    let view = visitor.answer(&view, &[("identifier", MARY), ("password", PASSWORD)]).await;
    let view = confirm_by(&mut visitor, &view, "Google Authenticator").await;
    let code = shown_code(&world, "mary").await;
    let view = visitor.answer(&view, &[("code", &code)]).await;
    is_at(&view, "/x");
    assert!(view.page.text.contains(MARY), "{}", view.page.text);
}
