//! Feature file `social-idp`.

use super::*;

/// At the provider's page: says yes as this person.
pub(super) async fn signed_in_there(visitor: &mut Visitor, there: &View, who: &str) -> View {
    assert!(there.url.path().starts_with("/sso/idps/"), "{}", there.url);
    let form = there.page.forms.first().unwrap_or_else(|| panic!("no form: {}", there.page.text)).clone();
    let approve = form.buttons.iter().position(|(_, _, text)| text == "Approve").expect("a button to approve");
    visitor.press(there, &form, &[("login", who)], approve).await
}

/// Scenario: Mary logs in with an OIDC identity provider.
#[tokio::test]
async fn mary_logs_in_with_an_oidc_identity_provider() {
    let (world, mut visitor) = world().await;
    world.tell("policies", json!({"idps": ["sandbox"]})).await;
    mary(&world, json!({})).await;
    let view = visitor.visit("/app?x=1").await;
    let there = visitor.choose(&view, "Continue with Sandbox IdP").await;
    let view = signed_in_there(&mut visitor, &there, MARY).await;
    is_in(&view);
    assert!(view.page.text.contains(MARY), "{}", view.page.text);
}
