//! The door of the provider's own page, against the sandbox's `/authorize`: one provider, several, and none of Okta's own.

use crate::visitor::{View, Visitor};
use crate::world::World;

/// A world whose only door is the org's own page.
async fn world() -> (World, Visitor) {
    let world = World::with("[sign_in]\ndoor = \"redirect\"\n", &[]).await;
    let visitor = Visitor::new(&world);
    (world, visitor)
}

/// A world with two providers and no org: the two authorization servers of the sandbox.
async fn two_providers(more: &str) -> (World, Visitor) {
    let world = World::without_org(&format!(
        "[[provider]]\nname = \"staff\"\ntitle = \"Staff directory\"\nissuer = \"ISSUER\"\n\
         client_id = \"{id}\"\nclient_secret = \"{secret}\"\ndomains = [\"example.com\"]\n\
         pass_parameters = [\"ui_locales\", \"prompt=login\"]\n\
         [[provider]]\nname = \"partners\"\ntitle = \"Partners\"\nissuer = \"ORIGIN\"\n\
         client_id = \"{id}\"\nclient_secret = \"{secret}\"\n{more}",
        id = okta_sandbox::CLIENT_ID,
        secret = okta_sandbox::CLIENT_SECRET,
    ))
    .await;
    let visitor = Visitor::new(&world);
    (world, visitor)
}

/// Signs in on the page of the provider that this view is.
async fn signs_in(visitor: &mut Visitor, there: &View, login: &str) -> View {
    assert_eq!(there.page.headings, ["Sandbox org"], "{}", there.page.text);
    let form = there.page.forms.first().expect("a form").clone();
    visitor.submit(there, &form, &[("username", login), ("password", okta_sandbox::PASSWORD)]).await
}

fn is_in(view: &View, login: &str) {
    assert_eq!(view.status, 200, "{}", view.page.text);
    assert!(view.body.contains(login), "{}", view.body);
}

#[tokio::test]
async fn a_visitor_signs_in_on_the_org_s_own_page_and_signs_out() {
    let (world, mut visitor) = world().await;
    let there = visitor.visit("/app?x=1&y=%2F").await;
    let asked: Vec<(String, String)> = there.url.query_pairs().into_owned().collect();
    let value = |name: &str| asked.iter().find(|(given, _)| given == name).map(|(_, value)| value.as_str());
    for (name, expected) in [
        ("response_type", "code"),
        ("client_id", okta_sandbox::CLIENT_ID),
        ("scope", "openid profile email"),
        ("code_challenge_method", "S256"),
    ] {
        assert_eq!(value(name), Some(expected), "{name}");
    }
    assert_eq!(value("redirect_uri"), Some(format!("http://localhost:{}/login/callback", world.port).as_str()));
    for name in ["state", "nonce", "code_challenge"] {
        assert!(value(name).is_some_and(|value| value.len() >= 22), "{name}");
    }
    let view = signs_in(&mut visitor, &there, "password@example.com").await;
    is_in(&view, "password@example.com");
    assert_eq!(view.url.path(), "/app");
    assert_eq!(view.url.query(), Some("x=1&y=%2F"));
    assert!(!visitor.jar().keys().any(|name| name.contains("nonce")));

    let metrics = world.metrics().await;
    for line in [
        "gateway_sign_ins_total{outcome=\"begun\",provider=\"okta\"} 1",
        "gateway_sign_ins_total{outcome=\"signed_in\",provider=\"okta\"} 1",
        "gateway_idp_calls_total{operation=\"token\",provider=\"okta\",status=\"2xx\"} 1",
    ] {
        assert!(metrics.contains(line), "{line}: {metrics}");
    }
    assert_eq!(world.calls("/interact").await, 0, "nobody begins a sign-in that no page of ours shows");

    let view = visitor.visit("/.gateway/sign-out").await;
    let view = visitor.choose(&view, "Sign out").await;
    assert_eq!(view.page.headings, ["You have signed out"], "{}", view.page.text);
    assert_eq!(world.calls("/v1/logout").await, 1);
    let (_, asked) = visitor.trail.iter().find(|(_, url)| url.contains("/v1/logout")).expect("the org's own").clone();
    let state =
        |url: &url::Url| url.query_pairs().find(|(name, _)| name == "state").map(|(_, value)| value.into_owned());
    let state_of_sign_out = state(&url::Url::parse(&asked).expect("an address")).expect("a state");
    assert_eq!(state(&view.url).as_deref(), Some(state_of_sign_out.as_str()), "{}", view.url);
    assert!(state_of_sign_out.len() < 200, "{state_of_sign_out}");
    assert!(!world.log().contains("a state that is not ours"), "{}", world.log());
    // Any other is only logged: the page does nothing but say so.
    let other = Visitor::new(&world).visit("/.gateway/signed-out?state=of-a-stranger%0aforged").await;
    assert_eq!((other.status.as_u16(), other.page.headings), (200, view.page.headings));
    assert_eq!(visitor.visit("/app").await.page.headings, ["Sandbox org"]);
    let log = world.log();
    assert_eq!(log.matches("a state that is not ours").count(), 1, "{log}");
    assert!(!log.contains("of-a-stranger") && !log.contains(&state_of_sign_out), "{log}");
    for line in ["goes on at the provider's own page", "somebody signed in", "somebody signed out"] {
        assert!(log.contains(&format!("{line} provider=okta")), "{line}: {log}");
    }
}

#[tokio::test]
async fn whoever_cancels_is_told_so_and_may_start_again() {
    let (world, mut visitor) = world().await;
    let there = visitor.visit("/app").await;
    let form = there.page.forms.first().expect("a form").clone();
    let deny = form.buttons.iter().position(|(_, value, _)| value == "deny").expect("a button");
    let view = visitor.press(&there, &form, &[], deny).await;
    assert_eq!(view.status, 403);
    assert_eq!(view.page.headings, ["We couldn’t sign you in with Okta"], "{}", view.page.text);
    assert!(!visitor.jar().keys().any(|name| name.contains("tx_")), "the sign-in is over");
    let there = visitor.choose(&view, "Start again").await;
    is_in(&signs_in(&mut visitor, &there, "password@example.com").await, "password@example.com");
    assert!(world.metrics().await.contains("gateway_sign_ins_total{outcome=\"rejected\",provider=\"okta\"} 1"));
}

#[tokio::test]
async fn an_answer_counts_in_the_browser_that_asked_and_once() {
    let (world, mut visitor) = world().await;
    let there = visitor.visit("/app").await;
    let state = there.url.query_pairs().find(|(name, _)| name == "state").expect("a state").1.into_owned();
    let callback = |query: &str| format!("/login/callback?{query}");

    // Another browser, another state, another provider, a parameter twice, a code of another grant: nobody is asked.
    let mut other = Visitor::new(&world);
    assert_eq!(other.visit(&callback(&format!("code=c&state={state}"))).await.status, 400);
    for query in [
        "code=c&state=AAAAAAAAAAAAAAAAAAAAAA.AAAAAAAAAAAAAAAAAAAAAA".to_owned(),
        format!("code=c&state={state}&iss=https%3A%2F%2Fevil.example"),
        format!("code=c&code=d&state={state}"),
        format!("code=c&state={state}&state={state}"),
        "code=c".to_owned(),
    ] {
        assert_eq!(visitor.visit(&callback(&query)).await.status, 400, "{query}");
    }
    let view = visitor.visit(&callback(&format!("interaction_code=c&state={state}"))).await;
    assert_eq!(view.page.headings, ["Sandbox org"], "it begins again");
    assert_eq!(world.calls("/v1/token").await, 0);

    // The right one still counts, and a second time leads to the same place.
    is_in(&signs_in(&mut visitor, &there, "password@example.com").await, "password@example.com");
    let back = visitor.trail.iter().find(|(_, url)| url.contains("/login/callback")).expect("the callback").1.clone();
    is_in(&visitor.visit(&back).await, "password@example.com");
    assert_eq!(world.calls("/v1/token").await, 1);
    assert_eq!(other.visit(&back).await.status, 400);
    visitor.jar().retain(|name, _| name.contains("tx_"));
    let view = visitor.visit(&back).await;
    assert_ne!(view.status, 500, "{}", view.page.text);
    assert_eq!(world.calls("/v1/token").await, 1, "a code is redeemed once");
}

#[tokio::test]
async fn a_visitor_chooses_among_providers() {
    let (world, mut visitor) = two_providers("").await;
    let view = visitor.visit("/app").await;
    assert_eq!(view.page.headings, ["Sign in"], "{}", view.page.text);
    assert!(view.page.text.contains("Continue with Staff directory"), "{}", view.page.text);
    assert!(!visitor.jar().keys().any(|name| name.contains("tx_")), "nothing has begun");
    let there = visitor.choose(&view, "Continue with Partners").await;
    assert_eq!(there.url.path(), "/oauth2/v1/authorize");
    let view = signs_in(&mut visitor, &there, "password@example.com").await;
    is_in(&view, "password@example.com");
    assert_eq!(view.url.path(), "/app");
    let metrics = world.metrics().await;
    assert!(metrics.contains("gateway_sign_ins_total{outcome=\"signed_in\",provider=\"partners\"} 1"), "{metrics}");
    assert!(world.log().contains("provider=partners"), "{}", world.log());

    // The session is the provider's: so is its end.
    let view = visitor.visit("/.gateway/sign-out").await;
    visitor.choose(&view, "Sign out").await;
    assert!(visitor.trail.iter().any(|(_, url)| url.contains("/oauth2/v1/logout")), "{:?}", visitor.trail);
}

#[tokio::test]
async fn an_address_tells_the_provider() {
    let (_world, mut visitor) = two_providers("").await;
    let view = visitor.visit("/app").await;
    let view = visitor.answer(&view, &[("identifier", "jane@nobody.example")]).await;
    assert!(view.page.text.contains("We don’t know where"), "{}", view.page.text);
    let there = visitor.answer(&view, &[("identifier", " password@EXAMPLE.com ")]).await;
    assert_eq!(there.url.path(), "/oauth2/default/v1/authorize");
    let hint = there.url.query_pairs().find(|(name, _)| name == "login_hint").map(|(_, value)| value.into_owned());
    assert_eq!(hint.as_deref(), Some("password@EXAMPLE.com"));
    is_in(&signs_in(&mut visitor, &there, "password@example.com").await, "password@example.com");
}

#[tokio::test]
async fn a_code_of_one_provider_is_not_taken_to_another() {
    let (world, mut visitor) = two_providers("").await;
    let view = visitor.visit("/app").await;
    let there = visitor.choose(&view, "Continue with Staff directory").await;
    let state = there.url.query_pairs().find(|(name, _)| name == "state").expect("a state").1.into_owned();
    // The other provider's answer to this sign-in: it names itself, and both are known here.
    let iss: String = url::form_urlencoded::byte_serialize(world.org.origin().as_bytes()).collect();
    let view = visitor.visit(&format!("/login/callback?code=c&state={state}&iss={iss}")).await;
    assert_eq!(view.status, 400, "{}", view.page.text);
    assert_eq!(world.calls("/v1/token").await, 0);
    assert!(world.metrics().await.contains("gateway_sign_ins_total{outcome=\"forged\",provider=\"staff\"} 1"));
}

#[tokio::test]
async fn a_visitor_s_address_passes_what_it_may() {
    let (_world, mut visitor) = two_providers("").await;
    let address = "/.gateway/sign-in?return=/app&provider=staff&ui_locales=de&prompt=login&login_hint=a&nonce=mine";
    let there = visitor.visit(address).await;
    let asked: Vec<(String, String)> = there.url.query_pairs().into_owned().collect();
    let all = |name: &str| asked.iter().filter(|(given, _)| given == name).map(|(_, value)| value.as_str()).collect();
    let value = |name: &str| -> Vec<&str> { all(name) };
    assert_eq!((value("ui_locales"), value("prompt")), (vec!["de"], vec!["login"]));
    assert!(value("login_hint").is_empty() && value("nonce").len() == 1 && value("nonce") != ["mine"], "{asked:?}");
    let there = visitor.visit("/.gateway/sign-in?return=/app&provider=staff&prompt=none").await;
    assert!(!there.url.query_pairs().any(|(name, _)| name == "prompt"), "{}", there.url);
}

#[tokio::test]
async fn providers_stand_beside_the_org_s_own_form() {
    let world = World::with(
        &format!(
            "[[provider]]\nname = \"partners\"\ntitle = \"Partners\"\nissuer = \"ORIGIN\"\nclient_id = \"{}\"\n\
             client_secret = \"{}\"\n",
            okta_sandbox::CLIENT_ID,
            okta_sandbox::CLIENT_SECRET
        ),
        &[],
    )
    .await;
    let mut visitor = Visitor::new(&world);
    let view = visitor.visit("/app").await;
    assert!(view.page.main().is_some_and(|form| form.control("identifier").is_some()), "{}", view.page.text);
    let there = visitor.choose(&view, "Continue with Partners").await;
    is_in(&signs_in(&mut visitor, &there, "password@example.com").await, "password@example.com");
    // A step-up is asked of whoever signed the person in; here the org's form is still there for everybody else.
    let mut other = Visitor::new(&world);
    is_in(&other.sign_in("/app", "password@example.com").await, "password@example.com");
}

#[tokio::test]
async fn a_host_s_rule_chooses_door_and_providers() {
    let rule = "[sign_in]\nproviders = [\"staff\", \"partners\"]\n\
                [[sign_in.for_hosts]]\nhosts = [\"localhost\"]\nproviders = [\"partners\"]\n";
    let (_world, mut visitor) = two_providers(rule).await;
    let there = visitor.visit("/app").await;
    assert_eq!(there.url.path(), "/oauth2/v1/authorize", "the only one is gone to at once");
    let there = visitor.visit("/.gateway/sign-in?return=/app&provider=staff").await;
    assert_eq!(there.url.path(), "/oauth2/v1/authorize", "what the host does not have cannot be chosen");
}

/// L-01: an answer at a host where nobody signs in is that host's application's, or nobody's.
#[tokio::test]
async fn an_answer_for_another_host_is_not_taken() {
    let settings = "[[route]]\nname = \"app\"\nupstream = \"APP\"\nallow = \"public\"\n\
                    [[route]]\nname = \"wiki\"\nhost = \"wiki.localhost\"\nupstream = \"APP\"\n";
    let (world, mut visitor) = two_providers(settings).await;
    let wiki = format!("http://wiki.localhost:{}", world.public);
    let page = visitor.visit(&format!("{wiki}/x")).await;
    let there = visitor.choose(&page, "Continue with Partners").await;
    let state = there.url.query_pairs().find(|(name, _)| name == "state").expect("a state").1.into_owned();
    let view = visitor.visit(&format!("{wiki}/login/callback?code=c&state={state}")).await;
    assert_eq!(view.page.headings, ["Sign in"], "an address like any other: {}", view.page.text);
    assert_eq!(
        visitor
            .visit(&format!("http://git.example.test:{}/login/callback?code=c&state={state}", world.public))
            .await
            .status,
        421
    );
    assert_eq!(world.calls("/v1/token").await, 0);
    is_in(&signs_in(&mut visitor, &there, "password@example.com").await, "password@example.com");
}

#[tokio::test]
async fn a_step_up_is_asked_of_whoever_signed_the_person_in() {
    let world = World::with(
        "[sign_in]\ndoor = \"redirect\"\n[[route]]\nname = \"app\"\nupstream = \"APP\"\n\
         [[route]]\nname = \"vault\"\npath = \"/vault\"\nupstream = \"APP\"\n\
         allow = { acr_values = \"urn:okta:loa:2fa:any\" }\n",
        &[],
    )
    .await;
    let mut visitor = Visitor::new(&world);
    let there = visitor.visit("/app").await;
    is_in(&signs_in(&mut visitor, &there, "password@example.com").await, "password@example.com");
    let there = visitor.visit("/vault").await;
    let asked = there.url.query_pairs().find(|(name, _)| name == "acr_values").map(|(_, value)| value.into_owned());
    assert_eq!(asked.as_deref(), Some("urn:okta:loa:2fa:any"), "{}", there.url);
    let view = signs_in(&mut visitor, &there, "password@example.com").await;
    is_in(&view, "password@example.com");
    assert_eq!(view.url.path(), "/vault");
}

#[tokio::test]
async fn each_host_has_its_own_door_and_people_come_back_to_it() {
    let settings = "[sign_in]\nproviders = [\"staff\", \"partners\"]\n\
         [[sign_in.for_hosts]]\nhosts = [\"wiki.localhost\"]\nproviders = [\"partners\"]\n\
         [[route]]\nname = \"app\"\nupstream = \"APP\"\n\
         [[route]]\nname = \"wiki\"\nhost = \"wiki.localhost\"\nupstream = \"APP\"\n\
         [[route]]\nname = \"git\"\nhost = \"git.example.test\"\nupstream = \"APP\"\n";
    let (world, mut visitor) = two_providers(settings).await;
    let wiki = format!("http://wiki.localhost:{}/a?b=c", world.public);
    let there = visitor.visit(&wiki).await;
    assert_eq!(there.url.path(), "/oauth2/v1/authorize", "the wiki's only provider: {}", there.page.text);
    let view = signs_in(&mut visitor, &there, "password@example.com").await;
    is_in(&view, "password@example.com");
    assert_eq!(view.url.as_str(), wiki);
    // Where there are several, the choice leads back to the host as well, by a button and by an address.
    for address in [false, true] {
        let mut visitor = Visitor::new(&world);
        let git = format!("http://git.example.test:{}/x", world.public);
        let view = visitor.visit(&git).await;
        let there = match address {
            false => visitor.choose(&view, "Continue with Partners").await,
            true => visitor.answer(&view, &[("identifier", "password@example.com")]).await,
        };
        let view = signs_in(&mut visitor, &there, "password@example.com").await;
        is_in(&view, "password@example.com");
        assert_eq!(view.url.as_str(), git, "{address}");
    }
}
