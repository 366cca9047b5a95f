//! Pushes of Okta Verify: approved, rejected, unanswered, sent again, with a number and without.

use serde_json::json;

use crate::support::{Org, SignIn};

const VERIFY: &str = "autsandboxverify0000";

async fn pushed<'o>(org: &'o Org, login: &str) -> SignIn<'o> {
    let mut sign_in = org.begin_as(login).await;
    let chosen = json!({ "authenticator": { "id": VERIFY, "methodType": "push" } });
    sign_in.proceed("authenticator-verification-data", chosen).await;
    assert_eq!(sign_in.steps(), ["challenge-poll", "select-authenticator-authenticate"]);
    sign_in
}

#[tokio::test]
async fn a_push_is_polled_until_it_is_approved() {
    let org = Org::start().await;
    let mut sign_in = pushed(&org, "push@example.com").await;
    assert_eq!(sign_in.page["currentAuthenticator"]["value"]["contextualData"], json!(null));
    sign_in.proceed("challenge-poll", json!({ "autoChallenge": true })).await;
    assert_eq!(sign_in.step(), "challenge-poll");
    org.control("push", json!({ "to": "push@example.com", "answer": "approve" })).await;
    sign_in.proceed("challenge-poll", json!({})).await;
    sign_in.tokens().await;
}

#[tokio::test]
async fn a_push_that_was_rejected_can_be_sent_again() {
    let org = Org::start().await;
    let mut sign_in = pushed(&org, "push@example.com").await;
    org.control("push", json!({ "to": "push@example.com", "answer": "reject" })).await;
    sign_in.proceed("challenge-poll", json!({})).await;
    assert_eq!(sign_in.steps(), ["resend", "select-authenticator-authenticate"]);
    assert_eq!(sign_in.messages(), ["api.authn.poll.error.push_rejected"]);
    sign_in.proceed("resend", json!({ "authenticator": { "id": VERIFY, "methodType": "push" } })).await;
    assert_eq!(sign_in.step(), "challenge-poll");
    org.control("push", json!({ "to": "push@example.com", "answer": "approve" })).await;
    sign_in.proceed("challenge-poll", json!({})).await;
    sign_in.tokens().await;
}

#[tokio::test]
async fn a_number_challenge_takes_only_the_number_that_is_shown() {
    let org = Org::start().await;
    for (added, step) in [(1, "resend"), (0, "")] {
        let mut sign_in = pushed(&org, "push-number@example.com").await;
        let shown = &sign_in.page["currentAuthenticator"]["value"]["contextualData"]["correctAnswer"];
        let number: u64 = shown.as_str().expect("a number").parse().expect("a number");
        assert!((10..100).contains(&number));
        let answer = json!({ "to": "push-number@example.com", "answer": "approve", "number": number + added });
        org.control("push", answer).await;
        sign_in.proceed("challenge-poll", json!({})).await;
        assert_eq!(sign_in.step(), step);
    }
}

#[tokio::test]
async fn a_push_that_nobody_answers_times_out_and_can_be_chosen_again() {
    let org = Org::start().await;
    let mut sign_in = pushed(&org, "push@example.com").await;
    org.control("policies", json!({ "clock_offset_s": 300 })).await;
    sign_in.proceed("challenge-poll", json!({})).await;
    assert_eq!(sign_in.status, 404);
    assert_eq!(sign_in.messages(), ["core.system.transaction_resource_not_found"]);
    sign_in.look().await;
    assert_eq!(sign_in.step(), "authenticator-verification-data");
}

#[tokio::test]
async fn nobody_can_answer_a_push_that_was_not_sent() {
    let org = Org::start().await;
    let headers = [("content-type", "application/json")];
    let body = json!({ "to": "push@example.com", "answer": "approve" }).to_string();
    let reply = org.send("POST", "/sandbox/push", &headers, body).await.expect("a reply");
    assert_eq!(reply.status, 404);
}
