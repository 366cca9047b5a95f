//! Feature file `federated-auth`.

use super::social_idp::signed_in_there;
use super::*;

/// Scenario: Mary logs in by redirect: another page than ours asks who she is, and brings her back.
#[tokio::test]
async fn mary_logs_in_via_redirect() {
    let (world, mut visitor) = world().await;
    world.tell("policies", json!({"idps": ["sandbox"], "idp_only": true})).await;
    mary(&world, json!({})).await;
    let mut view = visitor.visit("/app?x=1").await;
    if !view.url.path().starts_with("/sso/idps/") {
        assert!(view.page.main().is_none(), "nothing is typed into our page: {}", view.page.text);
        view = visitor.choose(&view, "Continue with Sandbox IdP").await;
    }
    let view = signed_in_there(&mut visitor, &view, MARY).await;
    is_in(&view);
    assert!(view.page.text.contains(MARY), "{}", view.page.text);
}
