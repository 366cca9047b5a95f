//! Signing in with a password, and going back.

use reqwest::Method;
use serde_json::{Value, json};

use crate::visitor::{View, Visitor};
use crate::world::World;

const NEUTRAL: &str = "Your username or password is not right.";

/// What the app says it received.
pub(crate) async fn app_sees(visitor: &mut Visitor, path: &str) -> Value {
    visitor.headers.push(("accept".to_owned(), "application/json".to_owned()));
    let view = visitor.visit(path).await;
    visitor.headers.pop();
    assert_eq!(view.status, 200, "{}", view.body);
    serde_json::from_str(&view.body).expect("the app answers with JSON")
}

/// Every value of a header that the app received.
pub(crate) fn header(report: &Value, name: &str) -> Vec<String> {
    let headers = report["headers"].as_array().expect("a list").iter();
    let named = headers.filter(|header| header[0].as_str().is_some_and(|sent| sent.eq_ignore_ascii_case(name)));
    named.map(|header| header[1].as_str().unwrap_or_default().to_owned()).collect()
}

pub(crate) fn is_at(view: &View, path: &str) {
    assert_eq!(view.url.path(), path, "{} {}", view.status, view.page.text);
}

#[tokio::test]
async fn somebody_signs_in_and_lands_where_they_wanted_to_go() {
    let world = World::new().await;
    let mut visitor = Visitor::new(&world);
    let view = visitor.visit("/reports?x=1&y=%20z").await;
    assert_eq!(view.page.headings, ["Sign in"]);
    assert!(view.url.path().starts_with("/.gateway/flow/"), "{}", view.url);
    let form = view.page.main().expect("a form").clone();
    assert_eq!(form.control("identifier").map(|control| control.autocomplete.as_str()), Some("username"));
    assert_eq!(form.control("password").map(|control| control.autocomplete.as_str()), Some("current-password"));
    let view =
        visitor.submit(&view, &form, &[("identifier", "password@example.com"), ("password", "Sandbox-1234")]).await;
    assert_eq!(view.status, 200);
    assert_eq!(view.url.as_str(), format!("http://localhost:{}/reports?x=1&y=%20z", world.port));
    assert!(view.page.text.contains("password@example.com"), "{}", view.page.text);

    let report = app_sees(&mut visitor, "/reports").await;
    assert_eq!(header(&report, "x-forwarded-email"), ["password@example.com"]);
    assert_eq!(header(&report, "x-forwarded-preferred-username"), ["password@example.com"]);
    let groups = header(&report, "x-forwarded-groups");
    assert_eq!(groups.len(), 1);
    for group in ["staff", "admins"] {
        assert!(groups[0].split(',').any(|name| name.trim() == group), "{groups:?}");
    }
    assert!(header(&report, "x-forwarded-user")[0].starts_with("00u"), "{report}");
    let cookies = header(&report, "cookie").join("; ");
    assert!(!cookies.contains("gw_"), "the app was sent {cookies}");
}

#[tokio::test]
async fn the_user_name_may_be_asked_first() {
    let world = World::new().await;
    world.tell("policies", json!({"first_page": "identifier"})).await;
    let mut visitor = Visitor::new(&world);
    let view = visitor.visit("/reports?x=1").await;
    let form = view.page.main().expect("a form").clone();
    assert!(form.control("password").is_none(), "{form:?}");
    let mut view = visitor.answer(&view, &[("identifier", "password@example.com")]).await;
    if view.page.main().is_none_or(|form| form.control("password").is_none()) {
        view = visitor.choose(&view, "Password").await;
    }
    let view = visitor.answer(&view, &[("password", "Sandbox-1234")]).await;
    assert_eq!(view.url.as_str(), format!("http://localhost:{}/reports?x=1", world.port));
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_user_are_told_the_same() {
    let world = World::new().await;
    for enumeration_prevention in [true, false] {
        world.tell("policies", json!({"enumeration_prevention": enumeration_prevention})).await;
        let mut pages = Vec::new();
        for account in ["password@example.com", "nobody@example.com", "locked@example.com"] {
            let mut visitor = Visitor::new(&world);
            let view = visitor.visit("/").await;
            let view = visitor.answer(&view, &[("identifier", account), ("password", "Wrong-1234")]).await;
            assert_eq!(view.page.problems, [NEUTRAL], "{account}: {}", view.page.text);
            let form = view.page.main().expect("the form again").clone();
            assert_eq!(form.value("identifier"), Some(account), "the user name is kept");
            assert_eq!(form.value("password"), Some(""), "the password is not");
            let links: Vec<_> = view.page.forms.iter().filter_map(|form| form.value("do")).map(str::to_owned).collect();
            pages.push((view.status, view.page.title.clone(), links));
        }
        pages.dedup();
        assert_eq!(pages.len(), 1, "{pages:?}");
    }
}

#[tokio::test]
async fn after_a_wrong_password_the_right_one_works() {
    let world = World::new().await;
    let mut visitor = Visitor::new(&world);
    let view = visitor.visit("/a").await;
    let view = visitor.answer(&view, &[("identifier", "password@example.com"), ("password", "Wrong-1234")]).await;
    assert!(view.page.title.starts_with("Error: "), "{}", view.page.title);
    let view = visitor.answer(&view, &[("password", "Sandbox-1234")]).await;
    is_at(&view, "/a");
}

#[tokio::test]
async fn an_empty_form_is_told_without_asking_the_org() {
    let world = World::new().await;
    let mut visitor = Visitor::new(&world);
    let view = visitor.visit("/").await;
    let before = world.calls("/idp/idx/identify").await;
    let view = visitor.answer(&view, &[]).await;
    assert_eq!(view.page.problems, ["Enter your username", "Enter your password"]);
    assert_eq!(world.calls("/idp/idx/identify").await, before);
}

#[tokio::test]
async fn whoever_is_denied_is_told_and_not_let_in() {
    let world = World::new().await;
    let mut visitor = Visitor::new(&world);
    let view = visitor.sign_in("/", "denied@example.com").await;
    assert_ne!(view.url.path(), "/", "{}", view.page.text);
    assert!(view.status.is_success(), "{}", view.status);
    assert!(!visitor.jar().keys().any(|name| name.contains("session")));
}

#[tokio::test]
async fn going_back_cancels_and_begins_anew() {
    let world = World::new().await;
    world.tell("policies", json!({"first_page": "identifier"})).await;
    let mut visitor = Visitor::new(&world);
    let view = visitor.visit("/reports?x=1").await;
    let view = visitor.answer(&view, &[("identifier", "password@example.com")]).await;
    let again = visitor.choose(&view, "Back to sign in").await;
    assert_eq!(again.page.headings, ["Sign in"]);
    assert_ne!(again.url, view.url);
    assert_eq!(world.calls("/idp/idx/cancel").await, 1);
    assert_eq!(visitor.jar().keys().filter(|name| name.contains("gw_tx_")).count(), 1);
    world.tell("policies", json!({"first_page": "password"})).await;
    let view = visitor.sign_in("/reports?x=1", "password@example.com").await;
    assert_eq!(view.url.query(), Some("x=1"));
}

#[tokio::test]
async fn a_visit_with_a_session_needs_no_sign_in_page() {
    let world = World::new().await;
    let mut visitor = Visitor::new(&world);
    visitor.sign_in("/", "password@example.com").await;
    let view = visitor.visit("/.gateway/sign-in?return=/reports%3Fx%3D1").await;
    assert_eq!(view.url.as_str(), format!("http://localhost:{}/reports?x=1", world.port));
}

#[tokio::test]
async fn what_is_no_page_visit_gets_401_and_starts_nothing() {
    let world = World::new().await;
    let mut visitor = Visitor::new(&world);
    for headers in [
        &[("accept", "application/json"), ("sec-fetch-mode", "cors"), ("sec-fetch-dest", "empty")][..],
        &[("accept", "*/*"), ("sec-fetch-mode", ""), ("sec-fetch-dest", ""), ("sec-fetch-site", "")],
        &[
            ("accept", "text/html"),
            ("x-requested-with", "XMLHttpRequest"),
            ("sec-fetch-mode", ""),
            ("sec-fetch-dest", ""),
        ],
    ] {
        visitor.headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let view = visitor.visit("/api").await;
        assert_eq!(view.status, 401, "{headers:?}");
        assert_eq!(view.headers["content-type"], "application/problem+json");
        assert!(view.headers.get("set-cookie").is_none());
        let problem: Value = serde_json::from_str(&view.body).expect("JSON");
        assert!(problem.to_string().contains("/.gateway/sign-in?return="), "{problem}");
    }
    for (method, headers) in [(Method::HEAD, &[][..]), (Method::GET, &[("sec-purpose", "prefetch")])] {
        visitor.headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let url = format!("http://localhost:{}/.gateway/sign-in", world.port).parse().expect("an address");
        let response = visitor.send(method, url, None, "none").await;
        assert!(response.headers().get("set-cookie").is_none());
    }
    assert_eq!(world.calls("/v1/interact").await, 0);
}

/// L-08: a browser keeps eight sign-ins; whoever comes with another one has a session by then, or begins again.
#[tokio::test]
async fn of_twelve_tabs_each_ends_at_its_own_page() {
    let world = World::new().await;
    let mut visitor = Visitor::new(&world);
    let mut tabs = Vec::new();
    for tab in 0..12 {
        tabs.push((tab, visitor.visit(&format!("/tab/{tab}")).await));
    }
    assert_eq!(visitor.jar().keys().filter(|name| name.contains("gw_tx_")).count(), 8);
    let answers = [("identifier", "password@example.com"), ("password", "Sandbox-1234")];
    // The oldest go; of those that began in the same second, any.
    let is_kept = |view: &View, visitor: &mut Visitor| {
        let flow = view.url.path().rsplit('/').next().expect("a name").to_owned();
        visitor.jar().contains_key(&format!("gw_tx_{flow}"))
    };
    let gone = tabs.iter().position(|(_, view)| !is_kept(view, &mut visitor)).expect("a sign-in that went");
    let (tab, oldest) = tabs.remove(gone);
    let lost = visitor.answer(&oldest, &answers).await;
    assert_eq!(lost.status, 400, "{}", lost.page.text);
    let again = lost.page.links.iter().find(|(address, _)| address.contains("/sign-in")).expect("a way on").0.clone();
    let view = visitor.follow(&lost, &again).await;
    is_at(&visitor.answer(&view, &answers).await, &format!("/tab/{tab}"));
    tabs.rotate_left(7);
    for (tab, view) in &tabs {
        is_at(&visitor.answer(view, &answers).await, &format!("/tab/{tab}"));
    }
}

#[tokio::test]
async fn eight_tabs_sign_in_in_any_order() {
    let world = World::new().await;
    let mut visitor = Visitor::new(&world);
    let mut tabs = Vec::new();
    for tab in 0..8 {
        tabs.push((tab, visitor.visit(&format!("/tab/{tab}")).await));
    }
    tabs.rotate_left(5);
    for (tab, view) in &tabs {
        let view = visitor.answer(view, &[("identifier", "password@example.com"), ("password", "Sandbox-1234")]).await;
        is_at(&view, &format!("/tab/{tab}"));
    }
    for (tab, view) in &tabs {
        let view = visitor.follow(view, view.url.as_str()).await;
        assert_eq!(view.status, 200, "a finished tab goes where it led: {}", view.page.text);
        // A browser keeps eight of them; the others go home.
        assert!([format!("/tab/{tab}"), "/".to_owned()].contains(&view.url.path().to_owned()), "{}", view.url);
    }
}

#[tokio::test]
async fn a_double_click_signs_in_once() {
    let world = World::new().await;
    let mut visitor = Visitor::new(&world);
    let view = visitor.visit("/once").await;
    let mut second = Visitor::new(&world);
    second.cookies = visitor.cookies.clone();
    let answers = [("identifier", "password@example.com"), ("password", "Sandbox-1234")];
    let (one, two) = tokio::join!(visitor.answer(&view, &answers), second.answer(&view, &answers));
    is_at(&one, "/once");
    is_at(&two, "/once");
    assert_eq!(world.calls("/v1/token").await, 1);
}

#[tokio::test]
async fn a_restart_in_the_middle_of_a_sign_in_does_not_matter() {
    let mut world = World::new().await;
    let mut visitor = Visitor::new(&world);
    let view = visitor.visit("/after").await;
    world.restart().await;
    let view = visitor.answer(&view, &[("identifier", "password@example.com"), ("password", "Sandbox-1234")]).await;
    is_at(&view, "/after");
    world.restart().await;
    let view = visitor.visit("/still").await;
    is_at(&view, "/still");
}

#[tokio::test]
async fn the_account_page_shows_who_is_signed_in_and_no_token() {
    let world = World::new().await;
    let mut visitor = Visitor::new(&world);
    visitor.sign_in("/", "password@example.com").await;
    let view = visitor.visit("/.gateway/account").await;
    assert_eq!(view.status, 200);
    for words in ["password@example.com", "staff", "admins"] {
        assert!(view.page.text.contains(words), "{}", view.page.text);
    }
    assert!(!view.body.contains("eyJ"), "a token stands on the page");
}

#[tokio::test]
async fn signing_out_ends_the_session_here_and_at_the_org() {
    let world = World::new().await;
    let mut visitor = Visitor::new(&world);
    visitor.sign_in("/", "password@example.com").await;
    let asked = visitor.visit("/.gateway/sign-out").await;
    assert_eq!(asked.page.headings, ["Sign out?"]);
    let view = visitor.answer_or_press(&asked).await;
    assert_eq!(view.page.headings, ["You have signed out"], "{:?}", visitor.trail);
    assert_eq!(world.calls("/v1/logout").await, 1);
    let logout = visitor.trail.iter().find(|(_, url)| url.contains("/v1/logout")).expect("the org's logout");
    assert!(logout.1.contains("id_token_hint=eyJ"), "{}", logout.1);
    let view = visitor.visit("/reports").await;
    assert_eq!(view.page.headings, ["Sign in"]);
}

#[tokio::test]
async fn signing_out_takes_a_form_of_this_site() {
    let world = World::new().await;
    let mut visitor = Visitor::new(&world);
    visitor.sign_in("/", "password@example.com").await;
    let url: url::Url = format!("http://localhost:{}/.gateway/sign-out", world.port).parse().expect("an address");
    visitor.headers = vec![("origin".to_owned(), "https://evil.example".to_owned())];
    let response = visitor.send(Method::POST, url, Some(String::new()), "cross-site").await;
    assert_eq!(response.status(), 403);
    visitor.headers.clear();
    let view = visitor.visit("/still-here").await;
    is_at(&view, "/still-here");
}

#[tokio::test]
async fn a_group_rule_refuses_whoever_is_not_in_the_group() {
    let world = World::new().await;
    let mut visitor = Visitor::new(&world);
    let view = visitor.sign_in("/admin/users", "password@example.com").await;
    is_at(&view, "/admin/users");
    let mut other = Visitor::new(&world);
    other.visit("/").await;
    world.tell("users", json!({"login": "staff@example.com", "password": "Sandbox-1234", "groups": ["staff"]})).await;
    let view = other.sign_in("/admin/users", "staff@example.com").await;
    assert_eq!(view.status, 403, "{}", view.page.text);
    assert!(view.page.text.contains("staff@example.com"), "the page says who one is: {}", view.page.text);
}
