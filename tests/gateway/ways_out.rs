//! Ways that the configuration opens: what the account page shows, straight to the only provider, the
//! org's own page, somebody to ask for access; and a browser that keeps no cookies.

use serde_json::json;

use crate::double::nobody_is_in;
use crate::flows::{PASSWORD, is_in, past_the_password};
use crate::page::Page;
use crate::visitor::{View, Visitor};
use crate::world::World;

#[tokio::test]
async fn the_account_page_shows_the_claims_that_are_named_and_the_way_to_the_settings() {
    let ui = "[ui]\naccount_claims = [\"zoneinfo\", \"idp\", \"nothing_of_this_name\"]\n\
              account_url = \"https://org.example/enduser/settings\"\n";
    let world = World::with(ui, &[]).await;
    let mut visitor = Visitor::new(&world);
    visitor.sign_in("/", "password@example.com").await;
    let view = visitor.visit("/.gateway/account").await;
    for words in ["Time zone \u{2068}", "America/Los_Angeles", "00osandboxorg", "Session ends at the latest"] {
        let words = words.trim_end_matches(" \u{2068}");
        assert!(view.page.text.contains(words), "{words}: {}", view.page.text);
    }
    assert!(!view.page.text.contains("nothing_of_this_name"), "{}", view.page.text);
    assert_eq!(view.page.link("Change your account settings"), Some("https://org.example/enduser/settings"));

    let world = World::new().await;
    let mut visitor = Visitor::new(&world);
    visitor.sign_in("/", "password@example.com").await;
    let view = visitor.visit("/.gateway/account").await;
    assert!(!view.page.text.contains("Los_Angeles"), "only what is named is shown: {}", view.page.text);
    assert_eq!(view.page.link("Change your account settings"), None);
}

#[tokio::test]
async fn the_only_provider_is_gone_to_at_once_where_that_is_configured() {
    let world = World::with("[ui]\nauto_redirect_single_idp = true\n", &[]).await;
    world.tell("policies", json!({"idps": ["sandbox"], "idp_only": true})).await;
    let mut visitor = Visitor::new(&world);
    let there = visitor.visit("/app?x=1").await;
    assert!(there.url.path().starts_with("/sso/idps/"), "{}", there.url);
    let back = press(&mut visitor, &there, &[], "Deny").await;
    assert_eq!(back.page.headings, ["Sign in"], "who comes back with an error sees the page");
    assert!(back.page.text.contains("We couldn’t sign you in with Sandbox IdP"), "{}", back.page.text);
    let there = visitor.choose(&back, "Continue with Sandbox IdP").await;
    is_in(&press(&mut visitor, &there, &[("login", "password@example.com")], "Approve").await);
}

#[tokio::test]
async fn a_choice_of_ways_is_left_to_the_visitor() {
    for (setting, policies) in [
        ("[ui]\nauto_redirect_single_idp = true\n", json!({"idps": ["sandbox"]})),
        ("[ui]\nauto_redirect_single_idp = true\n", json!({"idps": ["sandbox", "other"], "idp_only": true})),
        ("", json!({"idps": ["sandbox"], "idp_only": true})),
    ] {
        let world = World::with(setting, &[]).await;
        world.tell("policies", policies.clone()).await;
        let view = Visitor::new(&world).visit("/app?x=1").await;
        assert_eq!(view.page.headings, ["Sign in"], "{policies}");
    }
}

#[tokio::test]
async fn what_these_pages_cannot_do_the_org_s_own_page_does() {
    let world = World::with("[ui]\nhosted_fallback = true\n", &[]).await;
    world.tell("users", json!({"login": "unknown@example.com", "unheard": "ceremony"})).await;
    let mut visitor = Visitor::new(&world);
    let view = past_the_password(&mut visitor, "unknown").await;
    assert!(view.page.text.contains("Reference: "), "{}", view.page.text);
    let there = visitor.choose(&view, "Use the standard sign-in page").await;
    assert!(there.url.path().ends_with("/v1/authorize"), "{}", there.url);
    let asked: Vec<_> = there.url.query_pairs().map(|(name, _)| name.into_owned()).collect();
    for name in ["response_type", "client_id", "scope", "redirect_uri", "state", "nonce", "code_challenge"] {
        assert!(asked.iter().any(|given| given == name), "{name} is not asked: {}", there.url);
    }
    let view = press(&mut visitor, &there, &[("username", "unknown@example.com"), ("password", PASSWORD)], "Sign in");
    let view = view.await;
    is_in(&view);
    assert!(view.page.text.contains("unknown@example.com"), "{}", view.page.text);
    assert!(!world.log().contains("code_challenge="), "the address of the org's page is logged");
}

/// B-03: a session at the org from before the end of all sessions here signs nobody in.
#[tokio::test]
async fn at_the_org_s_own_page_too_whoever_had_all_sessions_ended_proves_again_who_they_are() {
    let world = World::with("[ui]\nhosted_fallback = true\n", &[]).await;
    world.tell("users", json!({"login": "unknown@example.com", "unheard": "ceremony"})).await;
    let answers = [("username", "unknown@example.com"), ("password", PASSWORD)];
    let mut visitor = Visitor::new(&world);
    let view = past_the_password(&mut visitor, "unknown").await;
    let there = visitor.choose(&view, "Use the standard sign-in page").await;
    is_in(&press(&mut visitor, &there, &answers, "Sign in").await);
    let view = visitor.visit("/.gateway/sign-out").await;
    visitor.choose(&view, "Sign out on all devices").await;

    world.faults(json!([{"at": "token", "fault": "proven_before", "times": 1}])).await;
    let mut elsewhere = Visitor::new(&world);
    let view = past_the_password(&mut elsewhere, "unknown").await;
    let there = elsewhere.choose(&view, "Use the standard sign-in page").await;
    let again = press(&mut elsewhere, &there, &answers, "Sign in").await;
    let asked: Vec<_> = again.url.query_pairs().map(|(name, value)| format!("{name}={value}")).collect();
    assert!(again.url.path().ends_with("/v1/authorize") && asked.contains(&"prompt=login".to_owned()), "{}", again.url);
    assert!(asked.iter().any(|parameter| parameter.starts_with("max_age=")), "{}", again.url);
    nobody_is_in(&mut elsewhere);
    is_in(&press(&mut elsewhere, &again, &answers, "Sign in").await);
}

#[tokio::test]
async fn whoever_turns_back_at_the_org_s_own_page_is_told_and_can_go_on_here() {
    let world = World::with("[ui]\nhosted_fallback = true\n", &[]).await;
    world.tell("users", json!({"login": "unknown@example.com", "unheard": "ceremony"})).await;
    let mut visitor = Visitor::new(&world);
    let view = past_the_password(&mut visitor, "unknown").await;
    let there = visitor.choose(&view, "Use the standard sign-in page").await;
    let view = press(&mut visitor, &there, &[], "Cancel").await;
    assert!(view.page.text.contains("We couldn’t sign you in"), "{}", view.page.text);
    assert!(view.page.link("Use the standard sign-in page").is_some(), "{}", view.page.text);
}

#[tokio::test]
async fn without_the_setting_the_org_s_own_page_is_neither_offered_nor_believed() {
    let world = World::new().await;
    world.tell("users", json!({"login": "unknown@example.com", "unheard": "ceremony"})).await;
    let mut visitor = Visitor::new(&world);
    let view = past_the_password(&mut visitor, "unknown").await;
    assert_eq!(view.page.link("Use the standard sign-in page"), None);
    let hosted = format!("{}/hosted", view.url.path());
    let refused = visitor.visit(&hosted).await;
    assert_eq!(refused.status, 400, "{}", refused.page.text);
    assert_eq!(world.calls("/v1/authorize").await, 0);
    let flow = view.url.path().rsplit('/').next().unwrap_or_default().to_owned();
    let before = world.calls("/v1/token").await;
    visitor.visit(&format!("/login/callback?code=anything&state={flow}.guessed")).await;
    assert_eq!(world.calls("/v1/token").await, before);
}

#[tokio::test]
async fn where_the_org_neither_recovers_nor_unlocks_the_page_says_so_and_asks_for_nothing() {
    let world = World::new().await;
    world.tell("policies", json!({"recovery": false, "unlock": false})).await;
    for (path, heading) in
        [("recover", "You can’t reset the password here"), ("unlock", "We can’t unlock this account here")]
    {
        let mut visitor = Visitor::new(&world);
        let view = visitor.visit(&format!("/.gateway/{path}")).await;
        assert_eq!(view.page.headings, [heading]);
        assert!(!view.body.contains("id=\"identifier\""), "{}", view.page.text);
        let view = visitor.choose(&view, "Back to sign in").await;
        assert_eq!(view.page.headings, ["Sign in"]);
    }
}

#[tokio::test]
async fn a_browser_that_keeps_no_cookies_is_told_to() {
    let world = World::new().await;
    let mut visitor = Visitor::new(&world);
    let view = visitor.visit("/app?x=1").await;
    assert_eq!(view.page.headings, ["Sign in"]);
    let (path, query) = (view.url.path().to_owned(), view.url.query().unwrap_or_default().to_owned());
    let mut without = Visitor::new(&world);
    let view = without.visit(&format!("{path}?{query}")).await;
    assert_eq!((view.status.as_u16(), view.page.headings.as_slice()), (400, ["Turn on cookies".to_owned()].as_slice()));
    assert!(view.page.link("Try again").is_some());
    let view = without.visit(&path).await;
    assert_eq!(view.page.headings, ["Your sign-in took too long"], "somebody else's address says nothing more");
}

/// What the first page has in the box for the user name.
fn name_in(view: &View) -> String {
    let form = view.page.main().unwrap_or_else(|| panic!("no form: {}", view.page.text));
    form.value("identifier").unwrap_or_else(|| panic!("no name is asked: {}", view.page.text)).to_owned()
}

#[tokio::test]
async fn a_user_name_is_remembered_where_that_is_wanted_until_somebody_is_somebody_else() {
    for (setting, expected) in [("", ""), ("[ui]\nremember_username = true\n", "question@example.com")] {
        let world = World::with(setting, &[]).await;
        let mut visitor = Visitor::new(&world);
        let view = visitor.sign_in("/app?x=1", "question@example.com").await;
        assert!(!visitor.jar().keys().any(|name| name.contains("username")), "before anybody is in");
        is_in(&visitor.answer(&view, &[("answer", PASSWORD)]).await);
        assert!(!visitor.jar().values().any(|value| value.contains("question")), "readable in the browser");
        visitor.jar().retain(|name, _| !name.contains("session"));
        let view = visitor.visit("/app?x=1").await;
        assert_eq!(name_in(&view), expected);

        let form = view.page.main().expect("a form").clone();
        let view = visitor.submit(&view, &form, &[("identifier", "nobody@example.com"), ("password", "wrong")]).await;
        assert_eq!(name_in(&view), "nobody@example.com", "what was typed stands");
        let view = visitor.answer(&view, &[("identifier", "question@example.com"), ("password", PASSWORD)]).await;
        let view = visitor.choose(&view, "Not you?").await;
        assert_eq!(name_in(&view), "");
    }
}

#[tokio::test]
async fn a_remembered_name_that_was_tampered_with_is_nobody_s() {
    let world = World::with("[ui]\nremember_username = true\n", &[]).await;
    let mut visitor = Visitor::new(&world);
    is_in(&visitor.sign_in("/app?x=1", "password@example.com").await);
    visitor.jar().retain(|name, _| !name.contains("session"));
    for value in visitor.jar().values_mut() {
        value.insert(value.len() / 2, 'A');
    }
    assert_eq!(name_in(&visitor.visit("/app?x=1").await), "");
}

#[tokio::test]
async fn where_passkeys_are_off_none_is_offered_and_where_they_are_on_they_come_first() {
    for (setting, first) in [("[sign_in]\npasskeys = false\n", None), ("", Some(0))] {
        let world = World::with(setting, &[]).await;
        let mut visitor = Visitor::new(&world);
        let view = past_the_password(&mut visitor, "passkey").await;
        let rows: Vec<_> = view.page.forms.iter().flat_map(|form| &form.buttons).map(|(_, _, words)| words).collect();
        let passkey =
            rows.iter().filter(|words| words.as_str() != "Not you?").position(|words| words.contains("Passkey"));
        assert_eq!(passkey, first, "{rows:?}");
    }
}

#[tokio::test]
async fn passkeys_of_another_domain_are_offered_only_where_it_is_said_to_list_ours() {
    for (setting, offered) in [("", false), ("[sign_in]\npasskeys_of_related_origin = true\n", true)] {
        let world = World::with(setting, &[]).await;
        world.tell("policies", json!({"rp_id": "example.org", "passkey_autofill": true})).await;
        let mut visitor = Visitor::new(&world);
        let first = visitor.visit("/app?x=1").await;
        assert_eq!(first.body.contains("data-webauthn"), offered);
        let view = past_the_password(&mut visitor, "passkey").await;
        let view = visitor.choose(&view, "Passkey").await;
        assert_eq!(view.page.headings, ["Create a passkey"]);
        assert_eq!(view.body.contains("data-webauthn"), offered);
        assert_eq!(view.page.text.contains("Passkeys are not set up for this web address."), !offered);
        assert!(view.page.text.contains("Back to sign in"), "{}", view.page.text);
    }
}

#[tokio::test]
async fn a_phone_that_cannot_scan_itself_sees_the_key_first() {
    for (agent, open) in [("Mozilla/5.0 (iPhone) Mobile/15E148", true), ("Mozilla/5.0 (X11; Linux)", false)] {
        let world = World::new().await;
        let mut visitor = Visitor::new(&world);
        visitor.headers.push(("user-agent".to_owned(), agent.to_owned()));
        let view = past_the_password(&mut visitor, "enroll").await;
        let view = visitor.choose(&view, "Google Authenticator").await;
        let (key, picture) = (view.body.find("class=\"secret\""), view.body.find("class=\"qr\""));
        assert!(key.is_some() && picture.is_some(), "{}", view.page.text);
        assert_eq!((view.body.contains("<details open>"), key < picture), (open, open), "{agent}");
    }
}

/// Presses the button of these words on a page of the org.
async fn press(visitor: &mut Visitor, there: &View, answers: &[(&str, &str)], words: &str) -> View {
    let Page { forms, .. } = &there.page;
    let form = forms.first().unwrap_or_else(|| panic!("no form: {}", there.page.text)).clone();
    let button = form.buttons.iter().position(|(_, _, text)| text == words).expect("a button");
    visitor.press(there, &form, answers, button).await
}
