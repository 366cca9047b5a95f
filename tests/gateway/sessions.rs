//! Sessions from outside: whose they are, how long they last, and how much room they take.

use serde_json::json;

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

fn groups(count: usize, length: usize) -> Vec<String> {
    (0..count).map(|number| format!("{number:0>length$}")).collect()
}

/// What the app was told in that header by the last request.
fn told_by(world: &World, header: &str) -> Vec<String> {
    let requests = world.app.requests();
    requests.last().expect("a request").values(header).into_iter().map(str::to_owned).collect()
}

async fn with_groups(world: &World, login: &str, mut groups: Vec<String>) {
    groups.push("admins".to_owned());
    world.tell("users", json!({"login": login, "password": "Sandbox-1234", "groups": groups})).await;
}

/// K-18: what rules name is kept, and a list that is not whole is told nobody.
#[tokio::test]
async fn somebody_in_very_many_groups_may_what_they_may_and_no_app_is_told_a_part_of_them() {
    let world = World::new().await;
    let mut visitor = Visitor::new(&world);
    with_groups(&world, "password@example.com", groups(30, 30)).await;
    let view = visitor.sign_in("/admin", "password@example.com").await;
    is_at(&view, "/admin");
    let told = format!("{},admins", groups(30, 30).join(","));
    assert_eq!(told_by(&world, "x-forwarded-groups"), [told], "what fits is told whole");

    for (count, length) in [(300, 30), (1000, 120)] {
        with_groups(&world, "password@example.com", groups(count, length)).await;
        let mut visitor = Visitor::new(&world);
        let view = visitor.sign_in("/admin", "password@example.com").await;
        is_at(&view, "/admin");
        assert_eq!(told_by(&world, "x-forwarded-groups"), [""; 0]);
        assert_eq!(told_by(&world, "x-forwarded-email"), ["password@example.com"]);
        let account = visitor.visit("/.gateway/account").await;
        assert!(account.page.text.contains("Too long for the apps to be told groups"), "{}", account.page.text);
    }
    assert!(world.metrics().await.contains("gateway_claims_left_out_total 2"));
    assert_eq!(world.log().matches("claims are too large for a session").count(), 2);
}
