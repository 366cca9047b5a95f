//! Feature file `root-page`.

use super::*;

/// Scenario: Mary visits the root page without a session.
#[tokio::test]
async fn mary_visits_the_root_page_without_a_session() {
    let (_world, mut visitor) = world().await;
    let view = visitor.visit("/").await;
    assert_eq!(view.page.headings, ["Sign in"]);
    for words in ["Sign in", "Create an account"] {
        let shown = view.page.button(words).is_some() || view.page.link(words).is_some();
        assert!(shown, "nothing says `{words}`: {}", view.page.text);
    }
}

/// Scenario: Mary visits the root page with a session.
#[tokio::test]
async fn mary_visits_the_root_page_with_a_session() {
    let (world, mut visitor) = world().await;
    mary(&world, json!({})).await;
    past_the_password(&mut visitor, "mary").await;
    let view = visitor.visit("/").await;
    assert!(view.page.text.contains(MARY), "{}", view.page.text);
    let account = visitor.visit("/.gateway/account").await;
    assert!(account.page.text.contains(MARY), "{}", account.page.text);
    let leave = account.page.button("Sign out").is_some() || account.page.link("Sign out").is_some();
    assert!(leave, "nothing says `Sign out`: {}", account.page.text);
}

/// Scenario: Mary logs out.
#[tokio::test]
async fn mary_logs_out_of_the_app() {
    let (world, mut visitor) = world().await;
    mary(&world, json!({})).await;
    past_the_password(&mut visitor, "mary").await;
    let view = visitor.visit("/.gateway/account").await;
    let view = visitor.choose(&view, "Sign out").await;
    assert_eq!(view.page.headings, ["You have signed out"]);
    let view = visitor.visit("/").await;
    assert_eq!(view.page.headings, ["Sign in"]);
}
