//! ID tokens and logout tokens signed in each of the four ways, and faults of each.

use serde_json::{Value, json};

use super::answers::{header_of, logout_of, posts_a_logout};
use super::{Double, before, is_in, nobody_is_in, signs_in};

const ALL: [&str; 4] = ["RS256", "PS256", "ES256", "EdDSA"];

#[tokio::test]
async fn each_algorithm_is_held_to_its_own() {
    for algorithm in ALL {
        let double = Double::start().await;
        double.plan().algorithm = algorithm;
        let (_world, mut visitor) = before(&double, "").await;
        is_in(&signs_in(&double, &mut visitor).await);
        visitor.jar().clear();
        let others = ALL.into_iter().chain(["HS256", "none", "RS512"]).filter(|other| *other != algorithm);
        let mut faults: Vec<(Value, Value)> = others.map(|other| (json!({}), json!({"alg": other}))).collect();
        for header in [json!({"kid": "nobody's"}), json!({"crit": ["b64"], "b64": false}), json!({"typ": "at+jwt"})] {
            faults.push((json!({}), header));
        }
        for claims in [
            json!({"aud": "another"}),
            json!({"iss": "https://evil.example"}),
            json!({"nonce": "another"}),
            json!({"exp": 1_000_000}),
            json!({"iat": 1_000_000}),
            json!({"at_hash": "another"}),
        ] {
            faults.push((claims, json!({})));
        }
        for (claims, header) in faults {
            (double.plan().claims, double.plan().header) = (claims.clone(), header.clone());
            let view = signs_in(&double, &mut visitor).await;
            assert!(view.status.is_server_error(), "{algorithm} {claims} {header}: {}", view.page.text);
            nobody_is_in(&mut visitor);
        }
        (double.plan().claims, double.plan().header) = (json!({}), json!({}));
        is_in(&signs_in(&double, &mut visitor).await);
    }
}

/// B-03: the algorithms of logout tokens are those of ID tokens (Back-Channel Logout 1.0, 2.6).
#[tokio::test]
async fn a_logout_token_is_signed_as_an_id_token_is() {
    for algorithm in ALL {
        let double = Double::start().await;
        double.plan().algorithm = algorithm;
        double.plan().document = json!({"id_token_signing_alg_values_supported": ["HS256", algorithm]});
        let (world, mut visitor) = before(&double, "").await;
        is_in(&signs_in(&double, &mut visitor).await);
        let order = async |said: &str| {
            let mut header = header_of(&double);
            header["alg"] = json!(said);
            let token = double.signed(&header, &logout_of(&double, &json!({"sub": "jane"})));
            posts_a_logout(&world, &format!("logout_token={token}")).await
        };
        for other in ALL.into_iter().chain(["HS256", "none", "RS512"]).filter(|other| *other != algorithm) {
            assert_eq!(order(other).await, 400, "{algorithm} as {other}");
        }
        is_in(&visitor.visit("/app").await);
        assert_eq!(order(algorithm).await, 200, "{algorithm}");
        assert!(visitor.visit("/app").await.url.path().ends_with("/authorize"), "{algorithm}");
    }
}

/// What the provider says it signs with; a token that is signed in another way by one of its keys is refused.
#[tokio::test]
async fn a_token_is_signed_as_the_provider_announces() {
    for (listed, counts) in
        [(json!(["ES256"]), true), (json!(["RS256", "ES256"]), true), (json!(["RS256", "PS256", "HS256"]), false)]
    {
        let double = Double::start().await;
        double.plan().algorithm = "ES256";
        double.plan().document = json!({"id_token_signing_alg_values_supported": listed});
        let (world, mut visitor) = before(&double, "").await;
        let view = signs_in(&double, &mut visitor).await;
        assert_eq!(view.status == 200, counts, "{listed}: {}", view.page.text);
        let token = double.signed(&header_of(&double), &logout_of(&double, &json!({"sub": "jane"})));
        let status = posts_a_logout(&world, &format!("logout_token={token}")).await;
        assert_eq!(status == 200, counts, "{listed}: {status}");
    }
}
