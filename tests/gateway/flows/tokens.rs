//! Codes that an app or a token makes, the security question, a temporary access code.

use super::{PASSWORD, is_in, past_the_password, shown_code, world};
use crate::visitor::Visitor;

#[tokio::test]
async fn every_kind_of_token_takes_its_code() {
    let (world, _) = world().await;
    for (account, heading) in [
        ("totp", "Enter the code from Google Authenticator"),
        ("rsa", "Enter your passcode"),
        ("onprem", "Enter your passcode"),
        ("symantec", "Enter your passcode"),
        ("yubikey", "Enter your passcode"),
        ("custom-otp", "Enter the code from"),
        ("tac", "Enter your temporary access code"),
    ] {
        let mut visitor = Visitor::new(&world);
        let view = past_the_password(&mut visitor, account).await;
        assert!(view.page.headings[0].starts_with(heading), "{account}: {:?}", view.page.headings);
        let wrong = visitor.answer(&view, &[("code", "999999")]).await;
        assert_eq!(wrong.page.problems.len(), 1, "{account}: {}", wrong.page.text);
        let code = shown_code(&world, account).await;
        is_in(&visitor.answer(&wrong, &[("code", &code)]).await);
    }
}

#[tokio::test]
async fn the_code_of_okta_verify() {
    let (world, mut visitor) = world().await;
    let view = past_the_password(&mut visitor, "push").await;
    let view = visitor.choose(&view, "Enter the code").await;
    let wrong = visitor.answer(&view, &[("code", "999999")]).await;
    assert_eq!(wrong.page.problems.len(), 1, "{}", wrong.page.text);
    let code = shown_code(&world, "push").await;
    is_in(&visitor.answer(&wrong, &[("code", &code)]).await);
}

#[tokio::test]
async fn the_security_question() {
    let (_world, mut visitor) = world().await;
    let view = past_the_password(&mut visitor, "question").await;
    assert_eq!(view.page.headings, ["Answer your security question"]);
    assert!(view.page.text.contains("What is the food you least liked as a child?"), "{}", view.page.text);
    let wrong = visitor.answer(&view, &[("answer", "nothing")]).await;
    assert_eq!(wrong.page.problems.len(), 1, "{}", wrong.page.text);
    is_in(&visitor.answer(&wrong, &[("answer", PASSWORD)]).await);
}
