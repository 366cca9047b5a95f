//! Feature file `mfa-password-and-question`.

use super::security_questions_enrollment::predefined;
use super::*;

/// Scenario: Mary enrols a security question when she logs in.
#[tokio::test]
async fn enroll_in_security_question_when_prompted_for_authenticator() {
    let (world, mut visitor) = world().await;
    world.tell("policies", json!({"required_enrolments": ["security_question"]})).await;
    mary(&world, json!({})).await;
    let view = past_the_password(&mut visitor, "mary").await;
    is_in(&predefined(&mut visitor, &view).await);
}
