//! What a sign-in asks of a provider besides the protocol's own parameters: what a visitor's address wants and may, and what
//! a route says; and where a provider is found by an address that somebody types.

use serde_json::json;
use url::Url;

use super::{Double, before, comes_back, is_in, leaves, nobody_is_in};
use crate::visitor::Visitor;
use crate::world::World;

/// The values of these parameters of an address, in that order.
fn values(address: &Url, names: &[&str]) -> Vec<Option<String>> {
    let all: Vec<_> = address.query_pairs().into_owned().collect();
    let value = |name: &&str| {
        let mut of = all.iter().filter(|(given, _)| given == name).map(|(_, value)| value.clone());
        let first = of.next();
        assert_eq!(of.next(), None, "{name} stands there once: {address}");
        first
    };
    names.iter().map(value).collect()
}

fn some(values: &[&str]) -> Vec<Option<String>> {
    values.iter().map(|value| Some((*value).to_owned()).filter(|value| !value.is_empty())).collect()
}

#[tokio::test]
async fn what_an_address_wants_stays_with_it_while_a_provider_is_chosen() {
    let (one, other) = (Double::start().await, Double::start().await);
    let pass = "pass_parameters = [\"login_hint\", \"max_age\", \"prompt=login\", \"prompt=consent\"]\n";
    let route = "[[route]]\nname = \"app\"\nupstream = \"APP\"\n\
                 [[route]]\nname = \"git\"\nhost = \"git.example.test\"\nupstream = \"APP\"\n";
    let sections = one.section("one", pass)
        + &other
            .section("other", "domains = [\"other.example\"]\npass_parameters = [\"acr_values\", \"ui_locales\"]\n");
    let world = World::without_org(&(sections + route)).await;
    let query = "login_hint=a%26b%40c&max_age=600&prompt=login&ui_locales=de&acr_values=x&state=mine&lang=en";
    for origin in [format!("http://localhost:{}", world.public), format!("http://git.example.test:{}", world.public)] {
        let address = format!("{origin}/.gateway/sign-in?return=/app&{query}");
        let names = ["login_hint", "max_age", "prompt", "ui_locales", "acr_values"];
        let mut visitor = Visitor::new(&world);
        let page = visitor.visit(&address).await;
        assert_eq!(page.page.headings, ["Sign in"], "{}", page.page.text);
        let there = visitor.choose(&page, "Continue with one").await;
        assert_eq!(values(&there.url, &names), some(&["a&b@c", "600", "login", "", ""]), "{origin}");
        assert_ne!(values(&there.url, &["state"]), some(&["mine"]));
        let there = visitor.choose(&page, "Continue with other").await;
        assert_eq!(values(&there.url, &names), some(&["", "", "", "de", "x"]), "{origin}");
        // By the domain of what is typed, which is also who is meant.
        let there = visitor.answer(&page, &[("identifier", "jane@other.example")]).await;
        assert_eq!(values(&there.url, &names), some(&["jane@other.example", "", "", "de", "x"]), "{origin}");
        // A value that is not listed is not asked.
        let page = visitor.visit(&address.replace("prompt=login", "prompt=none")).await;
        let there = visitor.choose(&page, "Continue with one").await;
        assert_eq!(values(&there.url, &names), some(&["a&b@c", "600", "", "", ""]), "{origin}");
        // Chosen by the address.
        let there = visitor.visit(&format!("{address}&provider=other")).await;
        assert_eq!(values(&there.url, &names), some(&["", "", "", "de", "x"]), "{origin}");
    }
}

#[tokio::test]
async fn it_stays_beside_the_org_s_own_form_and_where_a_provider_has_to_ask_after_all() {
    let double = Double::start().await;
    let pass = "pass_parameters = [\"login_hint\", \"prompt\"]\n";
    let world = World::with(&double.section("partners", pass), &[]).await;
    let mut visitor = Visitor::new(&world);
    let page = visitor.visit("/.gateway/sign-in?return=/app&login_hint=jane&prompt=none").await;
    assert!(page.page.main().is_some_and(|form| form.control("identifier").is_some()), "{}", page.page.text);
    let there = visitor.choose(&page, "Continue with partners").await;
    assert_eq!(values(&there.url, &["login_hint", "prompt"]), some(&["jane", "none"]));
    let (_, state) = double.agree(&there.url);
    let there = comes_back(&mut visitor, &[("error", "login_required"), ("state", &state)]).await;
    assert_eq!(values(&there.url, &["login_hint", "prompt"]), some(&["jane", ""]));
    let (code, state) = double.agree(&there.url);
    is_in(&comes_back(&mut visitor, &[("code", &code), ("state", &state)]).await);
}

#[tokio::test]
async fn a_route_says_what_is_asked_and_counts_more() {
    let double = Double::start().await;
    let routes = "parameters = { ui_locales = \"fr\", audience = \"all\" }\npass_parameters = [\"ui_locales\", \"prompt\", \"login_hint\"]\n\
                  [[route]]\nname = \"app\"\nupstream = \"APP\"\n\
                  [[route]]\nname = \"git\"\nhost = \"git.example.test\"\nupstream = \"APP\"\n\
                  sign_in_parameters = { prompt = \"login\", ui_locales = \"de\" }\n\
                  [[route]]\nname = \"here\"\npath = \"/here\"\nupstream = \"APP\"\n\
                  sign_in_parameters = { prompt = \"login\", ui_locales = \"de\" }\n";
    let (world, mut visitor) = before(&double, routes).await;
    let names = ["prompt", "ui_locales", "audience"];
    let there = leaves(&mut visitor, "/app").await;
    assert_eq!(values(&there, &names), some(&["", "fr", "all"]));
    let there = leaves(&mut visitor, "/.gateway/sign-in?return=/app&ui_locales=it").await;
    assert_eq!(values(&there, &names), some(&["", "it", "all"]));
    for address in ["/here?x=1".to_owned(), format!("http://git.example.test:{}/x", world.public)] {
        let view = visitor.visit(&address).await;
        assert_eq!(values(&view.url, &names), some(&["login", "de", "all"]), "{address}");
        // The page that asks says so in an address of its own, which nobody else can change.
        let trail = visitor.trail.iter().rev().find(|(_, url)| url.contains("/sign-in?")).expect("the page").1.clone();
        let view = visitor.visit(&format!("{trail}&ui_locales=it&prompt=none&login_hint=jane")).await;
        assert_eq!(values(&view.url, &names), some(&["login", "de", "all"]), "{trail}");
        assert_eq!(values(&view.url, &["login_hint"]), some(&["jane"]), "{trail}");
        let (code, state) = double.agree(&view.url);
        let view = comes_back(&mut visitor, &[("code", &code), ("state", &state)]).await;
        assert_eq!(view.status, 200, "{address}: {}", view.page.text);
        visitor.jar().clear();
    }
}

/// Anybody may write such an address, and what the route says counts more than what stands in it.
#[tokio::test]
async fn the_route_to_which_an_address_leads_says_what_is_asked() {
    let double = Double::start().await;
    let more = "pass_parameters = [\"prompt\", \"ui_locales\", \"acr_values\", \"max_age\", \"login_hint\"]\n\
                [[route]]\nname = \"app\"\nupstream = \"APP\"\n\
                [[route]]\nname = \"spoken\"\npath = \"/spoken\"\nupstream = \"APP\"\n\
                sign_in_parameters = { prompt = \"login\", ui_locales = \"de\" }\n\
                [[route]]\nname = \"vault\"\npath = \"/vault\"\nupstream = \"APP\"\n\
                allow = { acr_values = \"high\", max_age_minutes = 5 }\n\
                [[route]]\nname = \"git\"\nhost = \"git.example.test\"\nupstream = \"APP\"\nallow = { acr_values = \"high\" }\n";
    let (world, _) = before(&double, more).await;
    let git = format!("http://git.example.test:{}", world.public);
    let names = ["prompt", "ui_locales", "acr_values", "max_age", "login_hint"];
    for (address, asked) in [
        ("/.gateway/sign-in?return=/spoken".to_owned(), ["login", "de", "", "", ""]),
        ("/.gateway/sign-in?return=/spoken/x?y&prompt=none&login_hint=j".to_owned(), ["login", "de", "", "", "j"]),
        ("/.gateway/sign-in?return=/vault&acr_values=low&max_age=9999".to_owned(), ["", "", "high", "300", ""]),
        ("/.gateway/sign-in?return=/app&prompt=none&acr_values=low".to_owned(), ["none", "", "low", "", ""]),
        (format!("/.gateway/sign-in?return={git}/x&acr_values=low"), ["", "", "high", "", ""]),
        (format!("{git}/.gateway/sign-in?return=/x&acr_values=low"), ["", "", "high", "", ""]),
    ] {
        let there = Visitor::new(&world).visit(&address).await;
        assert_eq!(values(&there.url, &names), some(&asked), "{address}: {}", there.page.text);
    }
    // Of whoever is signed in the route itself asks.
    let mut visitor = Visitor::new(&world);
    double.plan().claims = json!({"acr": "low"});
    let (code, state) = double.agree(&leaves(&mut visitor, "/app").await);
    comes_back(&mut visitor, &[("code", &code), ("state", &state)]).await;
    let there = visitor.visit("/.gateway/sign-in?return=/vault&acr_values=low").await;
    assert!(visitor.trail.iter().any(|(_, url)| url.contains("/.gateway/sign-in?to=")), "{:?}", visitor.trail);
    assert_eq!(values(&there.url, &["acr_values"]), some(&["high"]), "{}", there.url);
}

#[tokio::test]
async fn a_first_sign_in_asks_at_once_what_its_route_asks() {
    let double = Double::start().await;
    let routes = "[[route]]\nname = \"app\"\nupstream = \"APP\"\n[[route]]\nname = \"vault\"\npath = \"/vault\"\n\
                  upstream = \"APP\"\nallow = { acr_values = \"high\", max_age_minutes = 5 }\n\
                  [[route]]\nname = \"git\"\nhost = \"git.example.test\"\nupstream = \"APP\"\nallow = { acr_values = \"high\" }\n";
    let (world, mut visitor) = before(&double, routes).await;
    let names = ["acr_values", "max_age"];
    assert_eq!(values(&leaves(&mut visitor, "/app").await, &names), some(&["", ""]));
    let address = leaves(&mut visitor, "/vault?x=1").await;
    assert_eq!(values(&address, &names), some(&["high", "300"]));
    // Not what was asked: nobody is signed in.
    let (code, state) = double.agree(&address);
    let view = comes_back(&mut visitor, &[("code", &code), ("state", &state)]).await;
    assert_eq!(view.status, 403, "{}", view.page.text);
    nobody_is_in(&mut visitor);
    double.plan().claims = json!({"acr": "high"});
    let (code, state) = double.agree(&leaves(&mut visitor, "/vault?x=1").await);
    let view = comes_back(&mut visitor, &[("code", &code), ("state", &state)]).await;
    assert_eq!((view.status.as_u16(), view.url.path(), view.url.query()), (200, "/vault", Some("x=1")));
    // And once, at another host as well.
    let mut visitor = Visitor::new(&world);
    let view = visitor.visit(&format!("http://git.example.test:{}/x", world.public)).await;
    assert_eq!(values(&view.url, &names), some(&["high", ""]));
    let (code, state) = double.agree(&view.url);
    let view = comes_back(&mut visitor, &[("code", &code), ("state", &state)]).await;
    assert_eq!((view.status.as_u16(), view.url.path()), (200, "/x"), "{}", view.page.text);
}

#[tokio::test]
async fn an_age_that_was_asked_for_is_looked_at() {
    let double = Double::start().await;
    let (_world, mut visitor) =
        before(&double, "parameters = { max_age = \"60\" }\npass_parameters = [\"max_age\"]").await;
    let long_ago = json!({"auth_time": 1_000_000_000});
    for (address, asked, claims, is_let_in) in [
        ("/app", "60", long_ago.clone(), false),
        ("/app", "60", json!({"auth_time": null}), false),
        ("/.gateway/sign-in?return=/app&max_age=120", "120", long_ago.clone(), false),
        ("/.gateway/sign-in?return=/app&max_age=abc", "", long_ago.clone(), true),
        ("/app", "60", json!({}), true),
    ] {
        double.plan().claims = claims.clone();
        let there = leaves(&mut visitor, address).await;
        assert_eq!(values(&there, &["max_age"]), some(&[asked]), "{address}");
        let (code, state) = double.agree(&there);
        let view = comes_back(&mut visitor, &[("code", &code), ("state", &state)]).await;
        match is_let_in {
            true => is_in(&view),
            false => assert_eq!(view.status, 403, "{address} {claims}: {}", view.page.text),
        }
        assert_eq!(visitor.jar().keys().any(|name| name.contains("session")), is_let_in, "{address} {claims}");
        visitor.jar().clear();
    }
}

#[tokio::test]
async fn a_user_name_typed_at_the_org_s_form_leads_to_whose_domain_it_has() {
    let double = Double::start().await;
    let settings = double.section("partners", "domains = [\"partner.example\", \"@second.example\"]\n");
    let world = World::with(&settings, &[]).await;
    for first_page in ["password", "identifier"] {
        world.tell("policies", json!({"first_page": first_page})).await;
        for (login, leads_away) in [
            (" jane@PARTNER.example", true),
            ("jane@second.example", true),
            ("jane@sub.partner.example", false),
            ("jane@partner.example.evil.example", false),
            ("partner.example", false),
        ] {
            let mut visitor = Visitor::new(&world);
            let page = visitor.visit("/app?x=1").await;
            let before = world.calls("/identify").await;
            let answers = [("identifier", login), ("password", "what is typed here stays here")];
            let view = visitor.answer(&page, &answers[..if first_page == "password" { 2 } else { 1 }]).await;
            assert_eq!(view.url.as_str().starts_with(&double.origin), leads_away, "{first_page} {login}: {}", view.url);
            assert_eq!(world.calls("/identify").await - before, usize::from(!leads_away), "{first_page} {login}");
            if leads_away {
                assert_eq!(values(&view.url, &["login_hint"]), some(&[login.trim()]));
                assert!(!double.plan().asked.iter().any(|(path, body)| format!("{path}{body}").contains("typed")));
                let (code, state) = double.agree(&view.url);
                let view = comes_back(&mut visitor, &[("code", &code), ("state", &state)]).await;
                is_in(&view);
                assert_eq!(view.url.query(), Some("x=1"));
            }
        }
    }
    // The org's own people stay on the form, and whoever goes back can go on there.
    let mut visitor = Visitor::new(&world);
    world.tell("policies", json!({"first_page": "password"})).await;
    let page = visitor.visit("/app").await;
    visitor.answer(&page, &[("identifier", "jane@partner.example"), ("password", "x")]).await;
    let view =
        visitor.answer(&page, &[("identifier", "password@example.com"), ("password", okta_sandbox::PASSWORD)]).await;
    is_in(&view);
}
