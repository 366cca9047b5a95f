//! Sessions from outside: whose they are, how long they last, and how much room they take.

use crate::sign_in::is_at;
use crate::visitor::Visitor;
use crate::world::World;

/// K-04, K-17: staging and production with one key file.
#[tokio::test]
async fn of_two_gateways_with_one_key_file_neither_opens_the_other_s_cookies() {
    let (world, mut other) = (World::new().await, World::new().await);
    std::fs::copy(world.path("key"), other.path("key")).expect("the key is copied");
    other.restart().await;
    let mut visitor = Visitor::new(&world);
    visitor.visit("/another-tab").await;
    is_at(&visitor.sign_in("/reports", "password@example.com").await, "/reports");
    let cookies = visitor.jar().clone();
    assert!(cookies.keys().any(|name| name.starts_with("gw_tx_")) && cookies.contains_key("gw_session"), "{cookies:?}");

    let mut elsewhere = Visitor::new(&other);
    *elsewhere.jar() = cookies.clone();
    assert_eq!(elsewhere.visit("/reports").await.page.headings, ["Sign in"]);
    let flow = cookies.keys().find_map(|name| name.strip_prefix("gw_tx_")).expect("a sign-in").to_owned();
    *elsewhere.jar() = cookies;
    let view = elsewhere.visit(&format!("/.gateway/flow/{flow}")).await;
    assert_eq!(view.status, 400, "{}", view.page.text);
}
