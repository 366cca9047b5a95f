//! Answers that are not what was asked for: of another provider, of another sign-in, a second time, or an error.

use serde_json::{Value, json};
use url::Url;

use super::{Double, before, comes_back, is_in, leaves, nobody_is_in, signs_in};
use crate::visitor::Visitor;
use crate::world::World;

#[tokio::test]
async fn an_answer_names_its_provider_where_that_one_says_it_will() {
    let double = Double::start().await;
    double.plan().document = json!({"authorization_response_iss_parameter_supported": true});
    let (_world, mut visitor) = before(&double, "").await;
    let address = leaves(&mut visitor, "/app").await;
    let (code, state) = double.agree(&address);
    for iss in [None, Some("https://evil.example"), Some(""), Some(&format!("{}/", double.origin)[..])] {
        let mut answer = vec![("code", code.as_str()), ("state", &state)];
        answer.extend(iss.map(|iss| ("iss", iss)));
        assert_eq!(comes_back(&mut visitor, &answer).await.status, 400, "{iss:?}");
        let mut refusal = vec![("error", "access_denied"), ("state", &state)];
        refusal.extend(iss.map(|iss| ("iss", iss)));
        assert_eq!(comes_back(&mut visitor, &refusal).await.status, 400, "{iss:?}");
    }
    assert_eq!(double.calls("/token"), 0, "no code was sent to anybody");
    is_in(&comes_back(&mut visitor, &[("code", &code), ("state", &state), ("iss", &double.origin)]).await);
}

#[tokio::test]
async fn a_code_belongs_to_one_provider_and_one_sign_in() {
    let (one, other) = (Double::start().await, Double::start().await);
    let world = World::without_org(&(one.section("one", "") + &other.section("other", ""))).await;
    let (mut visitor, mut attacker) = (Visitor::new(&world), Visitor::new(&world));
    let with = |name: &str| format!("/.gateway/sign-in?return=/app&provider={name}");

    // The victim's code of one provider, beside the state of a sign-in with the other (mix-up).
    let (code, _) = one.agree(&leaves(&mut visitor, &with("one")).await);
    let (_, state) = other.agree(&leaves(&mut visitor, &with("other")).await);
    let view = comes_back(&mut visitor, &[("code", &code), ("state", &state)]).await;
    assert_eq!(view.status, 400, "{}", view.page.text);
    assert_eq!((one.calls("/token"), other.calls("/token")), (0, 1));

    // The attacker's code in the victim's sign-in: it is bound to another verifier (login CSRF, code injection).
    let (stolen, _) = one.agree(&leaves(&mut attacker, &with("one")).await);
    let (_, state) = one.agree(&leaves(&mut visitor, &with("one")).await);
    let view = comes_back(&mut visitor, &[("code", &stolen), ("state", &state)]).await;
    assert_eq!(view.status, 400, "{}", view.page.text);
    nobody_is_in(&mut visitor);

    // A code that was redeemed before.
    let (code, state) = one.agree(&leaves(&mut visitor, &with("one")).await);
    is_in(&comes_back(&mut visitor, &[("code", &code), ("state", &state)]).await);
    let (_, next) = one.agree(&leaves(&mut attacker, &with("one")).await);
    assert_eq!(comes_back(&mut attacker, &[("code", &code), ("state", &next)]).await.status, 400);
    nobody_is_in(&mut attacker);
}

#[tokio::test]
async fn each_error_has_its_page() {
    let double = Double::start().await;
    let (world, mut visitor) = before(&double, "title = \"Double & Co\"").await;
    for (error, status) in [
        ("access_denied", 403),
        ("login_required", 403),
        ("consent_required", 403),
        ("account_selection_required", 403),
        // Of Okta's own pages it means that a sign-in goes on; here it is over.
        ("interaction_required", 403),
        ("unmet_authentication_requirements", 403),
        ("temporarily_unavailable", 503),
        ("server_error", 503),
        ("invalid_scope", 502),
        ("unauthorized_client", 502),
        ("invalid_request", 502),
        ("anything_else", 503),
    ] {
        let (_, state) = double.agree(&leaves(&mut visitor, "/app").await);
        let answer = [("error", error), ("error_description", "<b>no</b>\nnew line"), ("state", &state)];
        let view = comes_back(&mut visitor, &answer).await;
        assert_eq!(view.status, status, "{error}: {}", view.page.text);
        assert!(!view.body.contains("<b>no</b>"), "{error}");
        assert!(view.page.links.iter().any(|(address, _)| address.contains("/sign-in")), "{error}: a way on");
        // It is over: the same answer a second time finds nothing.
        assert_eq!(comes_back(&mut visitor, &answer).await.status, 400, "{error}");
    }
    nobody_is_in(&mut visitor);
    assert_eq!(double.calls("/token"), 0);
    assert!(!world.log().lines().any(|line| line.starts_with("new line")), "{}", world.log());
    is_in(&signs_in(&double, &mut visitor).await);
}

#[tokio::test]
async fn an_id_token_that_does_not_hold_signs_nobody_in() {
    let double = Double::start().await;
    let (_world, mut visitor) = before(&double, "").await;
    let claims = |claims: Value| (claims, json!({}));
    let header = |header: Value| (json!({}), header);
    for (claims, header) in [
        claims(json!({"iss": "https://evil.example"})),
        claims(json!({"iss": format!("{}/", double.origin)})),
        claims(json!({"iss": null})),
        claims(json!({"aud": "another"})),
        claims(json!({"aud": ["client", "another"]})),
        claims(json!({"aud": ["client"], "azp": "another"})),
        claims(json!({"aud": null})),
        claims(json!({"exp": 1_000_000})),
        claims(json!({"exp": null})),
        claims(json!({"exp": 1e300})),
        claims(json!({"iat": null})),
        claims(json!({"iat": 9_999_999_999_u64, "exp": 9_999_999_999_u64})),
        claims(json!({"nbf": 9_999_999_999_u64})),
        claims(json!({"nonce": null})),
        claims(json!({"nonce": "another"})),
        claims(json!({"sub": null})),
        claims(json!({"sub": ""})),
        claims(json!({"sub": "x".repeat(300)})),
        claims(json!({"at_hash": "another"})),
        header(json!({"alg": "none"})),
        header(json!({"alg": "None"})),
        header(json!({"alg": "HS256"})),
        header(json!({"alg": "RS256"})),
        header(json!({"typ": "at+jwt"})),
        header(json!({"typ": "logout+jwt"})),
        header(json!({"crit": ["exp"]})),
        header(json!({"kid": "nobody's"})),
        header(
            json!({"kid": "nobody's", "jwk": super::signing::public("EdDSA", 9), "jku": format!("{}/keys", double.origin)}),
        ),
    ] {
        let named = format!("{claims} {header}");
        (double.plan().claims, double.plan().header) = (claims, header);
        let view = signs_in(&double, &mut visitor).await;
        assert!(view.status.is_server_error(), "{named}: {} {}", view.status, view.page.text);
        nobody_is_in(&mut visitor);
    }
    for reply in [json!({"id_token": null}), json!({"access_token": null}), json!({"token_type": "mac"})] {
        (double.plan().claims, double.plan().header) = (json!({}), json!({}));
        double.plan().reply = reply.clone();
        assert!(signs_in(&double, &mut visitor).await.status.is_server_error(), "{reply}");
        nobody_is_in(&mut visitor);
    }
    double.plan().reply = json!({});
    is_in(&signs_in(&double, &mut visitor).await);
}

#[tokio::test]
async fn a_provider_that_has_to_ask_is_let_ask_once() {
    let double = Double::start().await;
    let (_world, mut visitor) = before(&double, "parameters = { prompt = \"none\" }").await;
    let prompt =
        |address: &url::Url| address.query_pairs().any(|(name, value)| (&*name, &*value) == ("prompt", "none"));
    for error in ["login_required", "interaction_required", "account_selection_required", "consent_required"] {
        let address = leaves(&mut visitor, "/app").await;
        assert!(prompt(&address), "{address}");
        let (_, state) = double.agree(&address);
        let view = comes_back(&mut visitor, &[("error", error), ("state", &state)]).await;
        assert!(view.url.path().ends_with("/authorize") && !prompt(&view.url), "{error}: {}", view.url);
        let (code, state) = double.agree(&view.url);
        let again = comes_back(&mut visitor, &[("error", error), ("state", &state)]).await;
        assert_eq!(again.status, 403, "{error}, never twice: {}", again.page.text);
        let view = comes_back(&mut visitor, &[("code", &code), ("state", &state)]).await;
        assert_eq!(view.status, 400, "{error}, it is over: {}", view.page.text);
    }
}

#[tokio::test]
async fn a_session_ends_with_its_provider() {
    let (one, other) = (Double::start().await, Double::start().await);
    let world = World::without_org(&(one.section("one", "") + &other.section("other", ""))).await;
    let mut visitor = Visitor::new(&world);
    let (code, state) = one.agree(&leaves(&mut visitor, "/.gateway/sign-in?return=/app&provider=other").await);
    // The second provider is asked for what the first one agreed to; it never heard of it.
    let view = comes_back(&mut visitor, &[("code", &code), ("state", &state)]).await;
    // It might have been redeemed at another replica: the browser was sent to look, and the sign-in is over.
    assert_eq!((view.status.as_u16(), view.url.query()), (400, Some("overtaken")), "{}", view.page.text);
    assert!(!visitor.jar().keys().any(|name| name.contains("tx_")), "{:?}", visitor.jar());
    assert_eq!(visitor.visit(view.url.as_str()).await.status, 400);
    let (code, state) = other.agree(&leaves(&mut visitor, "/.gateway/sign-in?return=/app&provider=other").await);
    is_in(&comes_back(&mut visitor, &[("code", &code), ("state", &state)]).await);
    world.edit("name = \"other\"", "name = \"another\"");
    assert!(world.reload().await);
    let view = visitor.visit("/app").await;
    assert_eq!(view.page.headings, ["Sign in"], "{}", view.page.text);
    nobody_is_in(&mut visitor);
}

/// Unix seconds.
fn now() -> u64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("after 1970").as_secs()
}

/// The double tells the gateway by a logout token whose sessions have ended (Back-Channel Logout 1.0, 2.4).
async fn orders_a_logout(double: &Double, world: &World, whose: Value) {
    let token = double.signed(&header_of(double), &logout_of(double, &whose));
    assert_eq!(posts_a_logout(world, &format!("logout_token={token}")).await, 200, "{whose}");
}

/// The header of a logout token.
pub(super) fn header_of(double: &Double) -> Value {
    let plan = double.plan();
    json!({"alg": plan.algorithm, "kid": format!("key-{}", plan.signer), "typ": "logout+jwt"})
}

/// The claims of a logout token about whoever these claims name.
pub(super) fn logout_of(double: &Double, whose: &Value) -> Value {
    let mut claims = json!({
        "iss": double.origin, "aud": "client", "iat": now(), "exp": now() + 120, "jti": whose.to_string(),
        "events": {"http://schemas.openid.net/event/backchannel-logout": {}},
    });
    claims.as_object_mut().expect("an object").extend(whose.as_object().expect("an object").clone());
    claims
}

/// What is answered to an order to log somebody out with this body.
pub(super) async fn posts_a_logout(world: &World, body: &str) -> u16 {
    let client = reqwest::Client::builder().no_proxy().build().expect("a client");
    let address = format!("http://localhost:{}/.gateway/backchannel-logout", world.port);
    let request = client.post(address).header("content-type", "application/x-www-form-urlencoded");
    request.body(body.to_owned()).send().await.expect("an answer").status().as_u16()
}

/// B-03: an order that would count is not read where the body is too long.
#[tokio::test]
async fn a_logout_token_counts_in_a_body_of_64_kib_and_in_no_longer_one() {
    let double = Double::start().await;
    let (world, mut visitor) = before(&double, "").await;
    is_in(&signs_in(&double, &mut visitor).await);
    let token = double.signed(&header_of(&double), &logout_of(&double, &json!({"sub": "jane"})));
    let start = format!("logout_token={token}&padding=");
    let body = |bytes: usize| format!("{start}{}", "a".repeat(bytes - start.len()));
    assert_eq!(posts_a_logout(&world, &body(64 * 1024 + 1)).await, 400);
    is_in(&visitor.visit("/app").await);
    assert_eq!(posts_a_logout(&world, &body(64 * 1024)).await, 200);
    let view = visitor.visit("/app").await;
    assert!(view.url.path().ends_with("/authorize"), "{}", view.url);
}

/// The `max_age` that is asked at this address.
fn max_age(address: &Url) -> Option<u64> {
    let value = address.query_pairs().find(|(name, _)| name == "max_age")?.1.into_owned();
    Some(value.parse().expect("a number of seconds"))
}

/// B-03: a session at the provider that is older than the end of all sessions here signs nobody in without a question, and a
/// provider that does not ask signs nobody in at all.
#[tokio::test]
async fn whoever_had_all_sessions_ended_proves_again_who_they_are() {
    let double = Double::start().await;
    let (world, mut visitor) = before(&double, "").await;
    is_in(&signs_in(&double, &mut visitor).await);
    let view = visitor.visit("/.gateway/sign-out").await;
    visitor.choose(&view, "Sign out on all devices").await;

    let earlier = json!({"auth_time": now() - 3_600});
    double.plan().claims = earlier.clone();
    let mut elsewhere = Visitor::new(&world);
    let asked = signs_in(&double, &mut elsewhere).await.url;
    assert!(asked.path().ends_with("/authorize"), "{asked}");
    assert!(max_age(&asked).expect("a longest time") < 3_000, "{asked}");
    // Some providers mind one of the two only.
    assert!(asked.query_pairs().any(|(name, value)| (&*name, &*value) == ("prompt", "login")), "{asked}");
    nobody_is_in(&mut elsewhere);
    let (code, state) = double.agree(&asked);
    let view = comes_back(&mut elsewhere, &[("code", &code), ("state", &state)]).await;
    assert_eq!(view.status, 403, "asked once: {}", view.page.text);
    assert!(view.page.headings[0].ends_with(" did not ask you to sign in again"), "{}", view.page.text);
    nobody_is_in(&mut elsewhere);
    // Having said it once, it has to say it again.
    let asked = signs_in(&double, &mut elsewhere).await.url;
    double.plan().claims = json!({"auth_time": null});
    let (code, state) = double.agree(&asked);
    assert_eq!(comes_back(&mut elsewhere, &[("code", &code), ("state", &state)]).await.status, 403);
    nobody_is_in(&mut elsewhere);
    double.plan().claims = earlier.clone();

    let asked = signs_in(&double, &mut elsewhere).await.url;
    double.plan().claims = json!({});
    let (code, state) = double.agree(&asked);
    is_in(&comes_back(&mut elsewhere, &[("code", &code), ("state", &state)]).await);

    // A provider that says nothing of when, and somebody else.
    for others in [json!({"auth_time": null}), json!({"sub": "joe", "auth_time": earlier["auth_time"]})] {
        double.plan().claims = others;
        is_in(&signs_in(&double, &mut Visitor::new(&world)).await);
    }
}

#[tokio::test]
async fn the_end_of_one_session_at_the_provider_asks_nothing_of_another_there() {
    let double = Double::start().await;
    let (world, _) = before(&double, "").await;
    let earlier = now() - 3_600;
    let of = |sid: &str| json!({"sid": sid, "auth_time": earlier});
    for whose in [json!({"sid": "one"}), json!({"sid": "one", "sub": "jane"})] {
        let mut visitor = Visitor::new(&world);
        double.plan().claims = of("one");
        is_in(&signs_in(&double, &mut visitor).await);
        orders_a_logout(&double, &world, whose.clone()).await;
        leaves(&mut visitor, "/app").await;
        for sid in ["one", "two"] {
            double.plan().claims = of(sid);
            is_in(&signs_in(&double, &mut Visitor::new(&world)).await);
        }
    }
    orders_a_logout(&double, &world, json!({"sub": "jane"})).await;
    let asked = signs_in(&double, &mut Visitor::new(&world)).await.url;
    assert!(max_age(&asked).is_some_and(|seconds| seconds < 3_000), "{asked}");
}
