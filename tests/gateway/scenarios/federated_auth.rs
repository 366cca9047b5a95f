//! Feature file `federated-auth`.

use super::social_idp::signed_in_there;
use super::*;

/// Scenario: Mary logs in by redirect: another page than ours asks who she is, and brings her back.
#[tokio::test]
async fn mary_logs_in_via_redirect() {
    let (world, mut visitor) = world().await;
    world.tell("policies", json!({"idps": ["sandbox"], "idp_only": true})).await;
    mary(&world, json!({})).await;
    let view = visitor.visit("/app?x=1").await;
    assert!(view.page.main().is_none(), "nothing is typed into our page: {}", view.page.text);
    let there = visitor.choose(&view, "Continue with Sandbox IdP").await;
    let view = signed_in_there(&mut visitor, &there, MARY).await;
    is_in(&view);
    assert!(view.page.text.contains(MARY), "{}", view.page.text);
}
