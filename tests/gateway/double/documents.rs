//! What a provider says of itself: documents that lie, keys that change, requests that are to be pushed.

use serde_json::{Value, json};

use super::{Double, before, comes_back, is_in, leaves, nobody_is_in, signs_in};

#[tokio::test]
async fn a_document_that_lies_sends_nobody_anywhere() {
    for lie in [
        json!({"issuer": "https://evil.example"}),
        json!({"issuer": null}),
        json!({"token_endpoint": "http://evil.example/token"}),
        json!({"authorization_endpoint": "javascript:alert(1)"}),
        json!({"jwks_uri": "file:///etc/passwd"}),
        json!({"authorization_endpoint": null}),
        json!({"code_challenge_methods_supported": ["plain"]}),
        json!({"require_pushed_authorization_requests": true}),
    ] {
        let double = Double::start().await;
        double.plan().document = lie.clone();
        let (_world, mut visitor) = before(&double, "").await;
        let view = visitor.visit("/app").await;
        assert_eq!((view.status.as_u16(), view.url.path()), (503, "/.gateway/sign-in"), "{lie}: {}", view.page.text);
        assert!(!visitor.jar().keys().any(|name| name.contains("tx_")), "{lie}");
        assert_eq!(double.calls("/token"), 0, "{lie}");
    }
}

#[tokio::test]
async fn endpoints_may_be_of_another_origin_where_the_document_says_so() {
    let (double, elsewhere) = (Double::start().await, Double::start().await);
    double.plan().document = json!({"jwks_uri": format!("{}/keys", elsewhere.origin)});
    let (_world, mut visitor) = before(&double, "").await;
    is_in(&signs_in(&double, &mut visitor).await);
    assert_eq!((double.calls("/keys"), elsewhere.calls("/keys")), (0, 1));
}

#[tokio::test]
async fn keys_are_changed_and_those_that_are_gone_do_not_count() {
    let double = Double::start().await;
    let (_world, mut visitor) = before(&double, "").await;
    is_in(&signs_in(&double, &mut visitor).await);
    visitor.jar().clear();
    // A new key beside the old one; then without it.
    (double.plan().keys, double.plan().signer) = (vec![1, 2], 2);
    is_in(&signs_in(&double, &mut visitor).await);
    visitor.jar().clear();
    (double.plan().keys, double.plan().signer) = (vec![3], 3);
    is_in(&signs_in(&double, &mut visitor).await);
    visitor.jar().clear();
    double.plan().signer = 1;
    assert!(signs_in(&double, &mut visitor).await.status.is_server_error());
    nobody_is_in(&mut visitor);
}

#[tokio::test]
async fn a_request_is_pushed_where_the_provider_requires_it() {
    let double = Double::start().await;
    let pushed = format!("{}/pushed", double.origin);
    double.plan().document = json!({
        "pushed_authorization_request_endpoint": pushed, "require_pushed_authorization_requests": true,
    });
    let (_world, mut visitor) = before(&double, "parameters = { hd = \"example.com\" }").await;
    let address = leaves(&mut visitor, "/app").await;
    let names: Vec<String> = address.query_pairs().map(|(name, _)| name.into_owned()).collect();
    assert_eq!(names, ["client_id", "request_uri"], "nothing of it stands in the address");
    let body = double.plan().asked.iter().find(|(path, _)| path == "/pushed").expect("a request").1.clone();
    for part in ["response_type=code", "code_challenge_method=S256", "hd=example.com", "client_secret=secret", "state="]
    {
        assert!(body.contains(part), "{part}: {body}");
    }
    let (code, state) = double.agree(&address);
    is_in(&comes_back(&mut visitor, &[("code", &code), ("state", &state)]).await);
}

#[tokio::test]
async fn strength_is_asked_for_as_a_claim_where_the_provider_takes_claims() {
    let double = Double::start().await;
    double.plan().document = json!({"claims_parameter_supported": true});
    let vault = "[[route]]\nname = \"app\"\nupstream = \"APP\"\n[[route]]\nname = \"vault\"\npath = \"/vault\"\n\
                 upstream = \"APP\"\nallow = { acr_values = \"high\" }";
    let (_world, mut visitor) = before(&double, vault).await;
    is_in(&signs_in(&double, &mut visitor).await);
    let address = leaves(&mut visitor, "/vault").await;
    let claims = address.query_pairs().find(|(name, _)| name == "claims").expect("claims").1.into_owned();
    assert!(!address.query_pairs().any(|(name, _)| name == "acr_values"), "{address}");
    let expected = json!({"id_token": {"acr": {"essential": true, "values": ["high"]}}});
    assert_eq!(serde_json::from_str::<Value>(&claims).expect("JSON"), expected);
    // What was asked for and not got is said, and the session stays what it was.
    let (code, state) = double.agree(&address);
    let view = comes_back(&mut visitor, &[("code", &code), ("state", &state)]).await;
    assert_eq!(view.status, 403, "{}", view.page.text);
    is_in(&visitor.visit("/app").await);
    double.plan().claims = json!({"acr": "high"});
    let (code, state) = double.agree(&leaves(&mut visitor, "/vault").await);
    let view = comes_back(&mut visitor, &[("code", &code), ("state", &state)]).await;
    assert_eq!((view.status.as_u16(), view.url.path()), (200, "/vault"), "{}", view.page.text);
}

/// With a member more, of ten megabytes.
fn huge(text: &str) -> String {
    text.replacen('{', &format!("{{\"more\":\"{}\",", "x".repeat(10_000_000)), 1)
}

/// With a member more, of lists in lists.
fn deep(text: &str) -> String {
    text.replacen('{', &format!("{{\"more\":{}{},", "[".repeat(1_000), "]".repeat(1_000)), 1)
}

fn listed(text: &str) -> String {
    format!("[{text}]")
}

/// I-07.
#[tokio::test]
async fn what_is_huge_deep_no_object_or_elsewhere_signs_nobody_in() {
    let elsewhere = Double::start().await;
    for at in ["/openid-configuration", "/keys", "/token"] {
        for bend in [huge, deep, listed] {
            let double = Double::start().await;
            double.plan().bent = Some((at, bend));
            signs_nobody_in(&double, at).await;
        }
        let double = Double::start().await;
        // The other one answers everything that this one would.
        elsewhere.plan().document = json!({"issuer": double.origin});
        double.plan().moved = Some((at, format!("{}{at}", elsewhere.origin)));
        signs_nobody_in(&double, at).await;
        double.plan().moved = None;
        let (_world, mut visitor) = before(&double, "").await;
        is_in(&signs_in(&double, &mut visitor).await);
    }
    assert_eq!(elsewhere.calls(""), 0, "no redirect is followed");
}

async fn signs_nobody_in(double: &Double, at: &str) {
    let (_world, mut visitor) = before(double, "").await;
    let view = match at {
        "/openid-configuration" => visitor.visit("/app").await,
        _ => signs_in(double, &mut visitor).await,
    };
    assert!(view.status.is_server_error(), "{at}: {} {}", view.status, view.page.text);
    nobody_is_in(&mut visitor);
}

/// I-07.
#[tokio::test]
async fn claims_that_can_be_read_in_two_ways_or_are_no_object_sign_nobody_in() {
    let double = Double::start().await;
    let (_world, mut visitor) = before(&double, "").await;
    let twice: fn(&str) -> String = |text| text.replacen('{', "{\"sub\":\"admin\",", 1);
    let last: fn(&str) -> String = |text| format!("{},\"sub\":\"admin\"}}", text.trim_end_matches('}'));
    for bend in [twice, last, listed, deep, |text| format!("{text}{text}"), |_| String::new(), |_| "null".to_owned()] {
        double.plan().bent_claims = Some(bend);
        let view = signs_in(&double, &mut visitor).await;
        assert!(view.status.is_server_error(), "{} {}", view.status, view.page.text);
        nobody_is_in(&mut visitor);
    }
    double.plan().bent_claims = None;
    is_in(&signs_in(&double, &mut visitor).await);
}
