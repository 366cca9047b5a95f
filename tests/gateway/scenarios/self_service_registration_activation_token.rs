//! Feature file `self-service-registration-activation-token`.

use super::*;

/// Scenario: Mary, who is staged, opens the link of her activation e-mail. A button comes first, because what opens
/// links in e-mails is not always a person.
#[tokio::test]
async fn mary_activates_her_account_with_an_activation_token() {
    let (world, mut visitor) = world().await;
    let person = json!({"login": MARY, "first_name": "Mary", "last_name": "Acme", "activation_token": true});
    world.tell("users", person).await;
    let token = world.code_for(MARY).await;
    let view = visitor.visit(&format!("/.gateway/register?activationToken={token}&return=/app?x=1")).await;
    let view = visitor.answer_or_press(&view).await;
    is_in(&new_password(&mut visitor, &view).await);
}
