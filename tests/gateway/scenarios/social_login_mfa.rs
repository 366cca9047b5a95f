//! Feature file `social-login-mfa`.

use super::social_idp::signed_in_there;
use super::*;

/// Scenario: Mary logs in with an identity provider, and the org wants more: the sign-in goes on here.
#[tokio::test]
async fn mary_logs_in_with_a_social_idp_and_then_a_second_factor() {
    let (world, mut visitor) = world().await;
    world.tell("policies", json!({"idps": ["sandbox"]})).await;
    mary(&world, json!({"needs": password_and("okta_email")})).await;
    let view = visitor.visit("/app?x=1").await;
    let there = visitor.choose(&view, "Continue with Sandbox IdP").await;
    let view = signed_in_there(&mut visitor, &there, MARY).await;
    let error = visitor.trail.iter().any(|(_, address)| address.contains("error=interaction_required"));
    assert!(error, "the provider's answer is not what the scenario is about: {:?}", visitor.trail);
    let view = have_it_mailed(&mut visitor, &view).await;
    is_in(&with_the_code(&world, &mut visitor, &view, MARY).await);
}
