//! Feature file `security-questions-enrollment`.

use super::*;

/// The question that the list begins with.
const FIRST: &str = "What is the food you least liked as a child?";

async fn question_form(visitor: &mut Visitor, view: &View) -> View {
    let view = set_up(visitor, view, "Security question").await;
    assert_eq!(view.page.headings, ["Choose a security question"]);
    assert!(view.page.text.contains(FIRST), "{}", view.page.text);
    view
}

/// Answers the question that is chosen already, the first one.
pub(super) async fn predefined(visitor: &mut Visitor, view: &View) -> View {
    let view = question_form(visitor, view).await;
    assert_eq!(view.page.main().and_then(|form| form.value("questionKey")), Some("disliked_food"));
    visitor.answer(&view, &[("answer", "Okra-and-liver")]).await
}

async fn custom(visitor: &mut Visitor, view: &View) -> View {
    let view = question_form(visitor, view).await;
    let answers =
        [("questionKey", "custom"), ("customQuestion", "What is my cat called?"), ("answer", "Okra-and-liver")];
    visitor.answer(&view, &answers).await
}

/// Given: a password and a security question are required, the address need not be confirmed.
async fn signing_up() -> (World, Visitor, View) {
    let (world, mut visitor) = world().await;
    registration_asks(&world, &["security_question"]).await;
    let view = registered_with_password(&mut visitor).await;
    (world, visitor, view)
}

/// Given: Mary has a password, and everybody sets up a security question.
async fn logging_in() -> (World, Visitor, View) {
    let (world, mut visitor) = world().await;
    world.tell("policies", json!({"required_enrolments": ["security_question"]})).await;
    mary(&world, json!({})).await;
    let view = past_the_password(&mut visitor, "mary").await;
    (world, visitor, view)
}

/// The next sign-in is asked this question, and the answer opens.
async fn asked_next_time(world: &World, password: &str, question: &str) {
    world.tell("users", json!({"login": MARY, "needs": password_and("security_question")})).await;
    let mut visitor = Visitor::new(world);
    let view = visitor.visit("/app?x=1").await;
    let view = visitor.answer(&view, &[("identifier", MARY), ("password", password)]).await;
    assert_eq!(view.page.headings, ["Answer your security question"]);
    assert!(view.page.text.contains(question), "{}", view.page.text);
    is_in(&visitor.answer(&view, &[("answer", "Okra-and-liver")]).await);
}

/// Scenario: Mary signs up and chooses a predefined question.
#[tokio::test]
async fn mary_signs_up_with_a_predefined_security_question() {
    let (world, mut visitor, view) = signing_up().await;
    is_in(&predefined(&mut visitor, &view).await);
    asked_next_time(&world, NEW, FIRST).await;
}

/// Scenario: Mary signs up and writes a question of her own.
#[tokio::test]
async fn mary_signs_up_with_a_custom_security_question() {
    let (world, mut visitor, view) = signing_up().await;
    is_in(&custom(&mut visitor, &view).await);
    asked_next_time(&world, NEW, "What is my cat called?").await;
}

/// Scenario: Mary logs in and chooses a predefined question.
#[tokio::test]
async fn mary_logs_in_with_a_predefined_security_question() {
    let (world, mut visitor, view) = logging_in().await;
    is_in(&predefined(&mut visitor, &view).await);
    asked_next_time(&world, PASSWORD, FIRST).await;
}

/// Scenario: Mary logs in and writes a question of her own.
#[tokio::test]
async fn mary_logs_in_with_a_custom_security_question() {
    let (world, mut visitor, view) = logging_in().await;
    is_in(&custom(&mut visitor, &view).await);
    asked_next_time(&world, PASSWORD, "What is my cat called?").await;
}
