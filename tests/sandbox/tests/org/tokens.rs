//! Tokens: what they say, how long they live, and how they end.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use okta_sandbox::{CLIENT_ID, CLIENT_SECRET, SPA_CLIENT_ID};
use ring::signature::{RsaPublicKeyComponents, UnparsedPublicKey};
use serde_json::{Value, json};

use crate::support::{Org, REDIRECT, VERIFIER, claims, header, token_fields};

async fn tokens(org: &Org) -> Value {
    org.begin_as("password@example.com").await.tokens().await
}

async fn userinfo(org: &Org, tokens: &Value) -> crate::support::Reply {
    let bearer = format!("Bearer {}", tokens["access_token"].as_str().expect("an access token"));
    let headers = [("authorization", bearer.as_str()), ("accept", "application/json")];
    org.send("GET", "/oauth2/default/v1/userinfo", &headers, String::new()).await.expect("a reply")
}

async fn refresh(org: &Org, token: &Value) -> crate::support::Reply {
    org.form(
        "/v1/token",
        &[
            ("grant_type", "refresh_token"),
            ("refresh_token", token.as_str().expect("a refresh token")),
            ("scope", "openid profile"),
            ("client_id", CLIENT_ID),
            ("client_secret", CLIENT_SECRET),
        ],
    )
    .await
}

/// Whether a token is signed by the key that `/v1/keys` publishes under its `kid`.
async fn is_signed_by_the_org(org: &Org, token: &Value) -> bool {
    let keys = org.get("/oauth2/default/v1/keys").await.json;
    let kid = header(token)["kid"].clone();
    let key = keys["keys"].as_array().expect("keys").iter().find(|key| key["kid"] == kid).cloned();
    let Some(key) = key else { return false };
    let part = |name: &str| URL_SAFE_NO_PAD.decode(key[name].as_str().expect("a part")).expect("base64url");
    let (text, signature) = token.as_str().expect("a token").rsplit_once('.').expect("a signature");
    let signature = URL_SAFE_NO_PAD.decode(signature).expect("base64url");
    match key["kty"].as_str() {
        Some("EC") => {
            let point = [vec![4], part("x"), part("y")].concat();
            UnparsedPublicKey::new(&ring::signature::ECDSA_P256_SHA256_FIXED, point).verify(text.as_bytes(), &signature)
        }
        _ => RsaPublicKeyComponents { n: part("n"), e: part("e") }.verify(
            &ring::signature::RSA_PKCS1_2048_8192_SHA256,
            text.as_bytes(),
            &signature,
        ),
    }
    .is_ok()
}

#[tokio::test]
async fn both_tokens_are_signed_and_the_hash_of_one_is_in_the_other() {
    let org = Org::start().await;
    let tokens = tokens(&org).await;
    assert!(is_signed_by_the_org(&org, &tokens["id_token"]).await);
    assert!(is_signed_by_the_org(&org, &tokens["access_token"]).await);
    let access = tokens["access_token"].as_str().expect("an access token");
    let hash = ring::digest::digest(&ring::digest::SHA256, access.as_bytes());
    assert_eq!(claims(&tokens["id_token"])["at_hash"], URL_SAFE_NO_PAD.encode(&hash.as_ref()[..16]));
    assert_eq!(claims(&tokens["access_token"])["cid"], CLIENT_ID);
}

#[tokio::test]
async fn another_key_can_take_over() {
    let org = Org::start().await;
    for (number, kid, algorithm) in [(2, "sandbox-key-2", "RS256"), (3, "sandbox-key-3", "ES256")] {
        org.control("policies", json!({ "signing_key": number })).await;
        let tokens = tokens(&org).await;
        assert_eq!(header(&tokens["id_token"])["kid"], kid);
        assert_eq!(header(&tokens["id_token"])["alg"], algorithm);
        assert!(is_signed_by_the_org(&org, &tokens["id_token"]).await);
    }
}

#[tokio::test]
async fn userinfo_says_who_it_is() {
    let org = Org::start().await;
    let tokens = tokens(&org).await;
    let reply = userinfo(&org, &tokens).await;
    assert_eq!(reply.status, 200);
    assert_eq!(reply.json["sub"], claims(&tokens["id_token"])["sub"]);
    assert_eq!(reply.json["groups"], json!(["staff", "admins"]));
    assert_eq!(reply.json["email"], "password@example.com");
}

#[tokio::test]
async fn a_code_is_redeemed_once() {
    let org = Org::start().await;
    let sign_in = org.begin_as("password@example.com").await;
    let code = sign_in.code();
    sign_in.tokens().await;
    let again = org.form("/v1/token", &token_fields(&code)).await;
    assert_eq!((again.status, again.json["error"].clone()), (400, json!("invalid_grant")));
    assert_eq!(org.verdict().await, "The interaction code was redeemed before.");
    let over = org.idx("introspect", &json!({ "interactionHandle": sign_in.handle })).await;
    assert_eq!(over.status, 401);
}

#[tokio::test]
async fn a_code_is_bound_to_verifier_redirect_uri_and_client_and_spent_by_the_try() {
    let org = Org::start().await;
    for (name, value, told) in [
        ("code_verifier", "another-verifier-another-verifier-another-verifier", "PKCE verification failed."),
        (
            "redirect_uri",
            "http://localhost:8080/other",
            "The 'redirect_uri' does not match the redirection URI used in the authorization request.",
        ),
        ("client_id", SPA_CLIENT_ID, "The grant was issued to another client."),
    ] {
        let code = org.begin_as("password@example.com").await.code();
        let mut fields = token_fields(&code);
        fields.retain(|(field, _)| *field != name && (name != "client_id" || *field != "client_secret"));
        fields.push((name, value));
        let reply = org.form("/v1/token", &fields).await;
        assert_eq!(reply.json["error_description"], told);
        assert_eq!(org.form("/v1/token", &token_fields(&code)).await.status, 400);
    }
}

#[tokio::test]
async fn a_code_that_waited_too_long_is_refused() {
    let org = Org::start().await;
    let code = org.begin_as("password@example.com").await.code();
    org.control("policies", json!({ "clock_offset_s": 61 })).await;
    let reply = org.form("/v1/token", &token_fields(&code)).await;
    assert_eq!(reply.json["error_description"], "The interaction code is invalid or has expired.");
}

#[tokio::test]
async fn refreshing_rotates_and_an_old_token_that_comes_back_ends_everything() {
    let org = Org::start().await;
    let first = tokens(&org).await;
    let second = refresh(&org, &first["refresh_token"]).await.json;
    assert_ne!(first["refresh_token"], second["refresh_token"]);
    assert_eq!(claims(&first["id_token"])["sub"], claims(&second["id_token"])["sub"]);
    assert_eq!(claims(&first["id_token"])["auth_time"], claims(&second["id_token"])["auth_time"]);
    assert_eq!(claims(&second["id_token"])["nonce"], Value::Null);
    let replayed = refresh(&org, &first["refresh_token"]).await;
    assert_eq!(replayed.json["error_description"], "The refresh token is invalid or expired.");
    assert_eq!(refresh(&org, &second["refresh_token"]).await.status, 400);
    assert_eq!(userinfo(&org, &second).await.status, 401);
}

#[tokio::test]
async fn within_the_leeway_an_old_refresh_token_is_good_again_and_so_is_what_it_brought() {
    let org = Org::start().await;
    org.control("policies", json!({ "refresh_leeway_s": 30 })).await;
    let first = tokens(&org).await;
    let (second, third) = (refresh(&org, &first["refresh_token"]).await, refresh(&org, &first["refresh_token"]).await);
    assert_eq!((second.status, third.status), (200, 200));
    for reply in [&second, &third] {
        assert_eq!(refresh(&org, &reply.json["refresh_token"]).await.status, 200);
    }
    org.control("policies", json!({ "refresh_leeway_s": 0 })).await;
    assert_eq!(refresh(&org, &first["refresh_token"]).await.status, 400);
}

#[tokio::test]
async fn who_may_not_sign_in_any_more_gets_no_more_tokens_and_groups_are_those_of_now() {
    let org = Org::start().await;
    let first = tokens(&org).await;
    org.control("users", json!({ "login": "password@example.com", "groups": ["owners"] })).await;
    let second = refresh(&org, &first["refresh_token"]).await.json;
    assert_eq!(claims(&second["id_token"])["groups"], json!(["owners"]));
    org.control("users", json!({ "login": "password@example.com", "standing": "denied" })).await;
    let refused = refresh(&org, &second["refresh_token"]).await;
    assert_eq!((refused.status, refused.json["error"].as_str()), (400, Some("invalid_grant")));
}

#[tokio::test]
async fn without_rotation_a_refresh_token_stays() {
    let org = Org::start().await;
    org.control("policies", json!({ "refresh_rotation": false })).await;
    let first = tokens(&org).await;
    let second = refresh(&org, &first["refresh_token"]).await;
    assert_eq!((second.status, second.json["refresh_token"].clone()), (200, Value::Null));
    assert_eq!(refresh(&org, &first["refresh_token"]).await.status, 200);
}

#[tokio::test]
async fn revoking_the_refresh_token_ends_the_access_token_too() {
    let org = Org::start().await;
    let tokens = tokens(&org).await;
    let fields = [
        ("token", tokens["refresh_token"].as_str().expect("a token")),
        ("token_type_hint", "refresh_token"),
        ("client_id", CLIENT_ID),
        ("client_secret", CLIENT_SECRET),
    ];
    let introspect = [fields[2], fields[3], ("token", tokens["access_token"].as_str().expect("a token"))];
    assert_eq!(org.form("/v1/introspect", &introspect).await.json["active"], true);
    assert_eq!(org.form("/v1/revoke", &fields).await.status, 200);
    assert_eq!(org.form("/v1/introspect", &introspect).await.json, json!({ "active": false }));
    let reply = userinfo(&org, &tokens).await;
    assert_eq!(reply.status, 401);
    assert!(reply.headers["www-authenticate"].contains("The access token has been revoked."));
    assert!(reply.text.is_empty());
}

#[tokio::test]
async fn logging_out_returns_to_a_registered_address_only() {
    let org = Org::start().await;
    let tokens = tokens(&org).await;
    let hint = tokens["id_token"].as_str().expect("a token");
    let target = "http%3A%2F%2Flocalhost%3A8080%2F.gateway%2Fsigned-out";
    let there = org
        .get(&format!("/oauth2/default/v1/logout?id_token_hint={hint}&post_logout_redirect_uri={target}&state=s"))
        .await;
    assert_eq!(there.status, 302);
    assert_eq!(there.headers["location"], "http://localhost:8080/.gateway/signed-out?state=s");
    let elsewhere = org
        .get(&format!(
            "/oauth2/default/v1/logout?id_token_hint={hint}&post_logout_redirect_uri=https%3A%2F%2Fevil.example%2F"
        ))
        .await;
    assert_eq!(elsewhere.status, 400);
    let forged =
        org.get(&format!("/oauth2/default/v1/logout?id_token_hint={hint}x&post_logout_redirect_uri={target}")).await;
    assert_eq!(forged.status, 401);
}

#[tokio::test]
async fn clients_prove_themselves_one_way_at_a_time() {
    let org = Org::start().await;
    let basic = format!("Basic {}", STANDARD.encode(format!("{CLIENT_ID}:{CLIENT_SECRET}")));
    let code = org.begin_as("password@example.com").await.code();
    let fields = token_fields(&code);
    let both = org.form_with("/v1/token", &fields, &[("authorization", &basic)]).await;
    assert_eq!((both.status, both.json["error"].clone()), (401, json!("invalid_request")));
    let bare: Vec<_> = fields.into_iter().filter(|(name, _)| *name != "client_secret").collect();
    let none = org.form("/v1/token", &bare).await;
    assert_eq!(none.json["error_description"], "No client credentials found.");
    let header = org.form_with("/v1/token", &bare, &[("authorization", &basic)]).await;
    assert_eq!(header.status, 200, "{}", header.text);
}

#[tokio::test]
async fn a_public_client_needs_no_secret() {
    let org = Org::start().await;
    let mut sign_in = org.begin_with(&[("client_id", SPA_CLIENT_ID), ("client_secret", "")]).await;
    sign_in.identify("password@example.com", "Sandbox-1234").await;
    let code = sign_in.code();
    let reply = org
        .form(
            "/v1/token",
            &[
                ("grant_type", "interaction_code"),
                ("interaction_code", &code),
                ("client_id", SPA_CLIENT_ID),
                ("redirect_uri", REDIRECT),
                ("code_verifier", VERIFIER),
            ],
        )
        .await;
    assert_eq!(claims(&reply.json["id_token"])["aud"], SPA_CLIENT_ID);
}

#[tokio::test]
async fn the_orgs_own_server_has_an_issuer_and_codes_of_its_own() {
    let org = Org::start().await;
    let discovery = org.get("/.well-known/openid-configuration").await.json;
    assert_eq!(discovery["issuer"], org.0.origin());
    assert_eq!(discovery["token_endpoint"], format!("{}/oauth2/v1/token", org.0.origin()));
    let headers = [("content-type", "application/x-www-form-urlencoded"), ("accept", "application/json")];
    let form = |fields: &[(&str, &str)]| {
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        form.extend_pairs(fields).finish()
    };
    let begun = form(&crate::support::interact_fields());
    let mut ids = Vec::new();
    for token_path in ["/oauth2/default/v1/token", "/oauth2/v1/token"] {
        let reply = org.send("POST", "/oauth2/v1/interact", &headers, begun.clone()).await.expect("a reply");
        let handle = reply.json["interaction_handle"].as_str().expect("a handle").to_owned();
        let mut sign_in = crate::support::SignIn { org: &org, handle, status: 0, page: Value::Null };
        sign_in.look().await;
        sign_in.identify("password@example.com", "Sandbox-1234").await;
        let code = sign_in.code();
        ids.push(org.send("POST", token_path, &headers, form(&token_fields(&code))).await.expect("a reply"));
    }
    assert_eq!(ids[0].json["error_description"], "The grant was issued for another authorization server.");
    assert_eq!(claims(&ids[1].json["id_token"])["iss"], org.0.origin());
}

#[tokio::test]
async fn a_private_key_jwt_is_taken_once_and_for_the_endpoint_it_names() {
    use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
    let org = Org::start().await;
    let random = ring::rand::SystemRandom::new();
    let key = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).expect("a key");
    let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, key.as_ref(), &random).expect("a key");
    let point = key.public_key().as_ref();
    let part = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    let jwk = json!({ "kty": "EC", "crv": "P-256", "x": part(&point[1..33]), "y": part(&point[33..]) });
    org.control("policies", json!({ "client_public_key": jwk })).await;
    let assertion = |path: &str, id: &str| {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("a clock").as_secs();
        let claims = json!({
            "iss": CLIENT_ID, "sub": CLIENT_ID, "jti": id, "exp": now + 60,
            "aud": format!("{}{path}", org.0.issuer()),
        });
        let text = format!("{}.{}", part(br#"{"alg":"ES256"}"#), part(claims.to_string().as_bytes()));
        let signature = key.sign(&random, text.as_bytes()).expect("a signature");
        format!("{text}.{}", part(signature.as_ref()))
    };
    let interact = async |assertion: &str| {
        let mut fields = crate::support::interact_fields();
        fields.retain(|(name, _)| *name != "client_secret");
        fields.push(("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"));
        let mut fields: Vec<(&str, &str)> = fields;
        fields.push(("client_assertion", assertion));
        org.form("/v1/interact", &fields).await
    };
    let good = assertion("/v1/interact", "one");
    assert_eq!(interact(&good).await.status, 200);
    assert_eq!(interact(&good).await.json["error_description"], "The client_assertion token has already been used.");
    let elsewhere = interact(&assertion("/v1/token", "two")).await;
    assert_eq!(
        elsewhere.json["error_description"],
        "The audience claim for client_assertion must be the endpoint invoked for the request."
    );
}

#[tokio::test]
async fn a_public_key_may_be_registered_as_pem() {
    use ring::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
    use rsa::pkcs1::EncodeRsaPrivateKey as _;
    use rsa::pkcs8::{EncodePublicKey as _, LineEnding};
    let org = Org::start().await;
    let key = rsa::RsaPrivateKey::new(&mut rsa::rand_core::OsRng, 2048).expect("a key");
    let pem = key.to_public_key().to_public_key_pem(LineEnding::LF).expect("PEM");
    let key = RsaKeyPair::from_der(key.to_pkcs1_der().expect("DER").as_bytes()).expect("a key");
    org.control("policies", json!({ "client_public_key": pem })).await;
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("a clock").as_secs();
    for (ends, spoil, told) in [
        (now + 60, false, None),
        (now + 60, true, Some("The client_assertion signature is invalid.")),
        (now - 60, false, Some("The client_assertion token is expired.")),
        (now + 7200, false, Some("The client_assertion token has an expiration too far into the future.")),
    ] {
        let audience = format!("{}/v1/interact", org.0.issuer());
        let claims = json!({ "iss": CLIENT_ID, "sub": CLIENT_ID, "aud": audience, "exp": ends }).to_string();
        let text = format!("{}.{}", URL_SAFE_NO_PAD.encode(br#"{"alg":"RS256"}"#), URL_SAFE_NO_PAD.encode(claims));
        let mut signature = vec![0; key.public().modulus_len()];
        let random = ring::rand::SystemRandom::new();
        key.sign(&RSA_PKCS1_SHA256, &random, text.as_bytes(), &mut signature).expect("a signature");
        signature[0] ^= u8::from(spoil);
        let assertion = format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature));
        let mut fields: Vec<(&str, &str)> = crate::support::interact_fields();
        fields.retain(|(name, _)| !name.starts_with("client_"));
        fields.push(("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"));
        fields.push(("client_assertion", &assertion));
        let reply = org.form("/v1/interact", &fields).await;
        assert_eq!(reply.json["error_description"].as_str(), told);
    }
}

#[tokio::test]
async fn the_org_s_own_page_ends_in_an_authorization_code_that_only_its_own_grant_redeems() {
    let org = Org::start().await;
    let challenge = URL_SAFE_NO_PAD.encode(ring::digest::digest(&ring::digest::SHA256, VERIFIER.as_bytes()));
    let asked = [
        ("response_type", "code"),
        ("client_id", CLIENT_ID),
        ("scope", "openid profile"),
        ("redirect_uri", REDIRECT),
        ("state", "a state"),
        ("code_challenge", challenge.as_str()),
        ("code_challenge_method", "S256"),
        ("username", "password@example.com"),
    ];
    let page = org.form("/v1/authorize", &asked).await;
    assert_eq!(page.status, 200, "without the right password it is a page");
    for (grant_type, parameter, status) in
        [("interaction_code", "interaction_code", 400), ("authorization_code", "code", 200)]
    {
        let sent = org.form("/v1/authorize", &[&asked[..], &[("password", "Sandbox-1234")]].concat()).await;
        assert_eq!(sent.status, 302);
        let back = url::Url::parse(&sent.headers["location"]).expect("an address");
        let code = back.query_pairs().find(|(name, _)| name == "code").expect("a code").1.into_owned();
        let fields = [
            ("grant_type", grant_type),
            (parameter, code.as_str()),
            ("redirect_uri", REDIRECT),
            ("code_verifier", VERIFIER),
            ("client_id", CLIENT_ID),
            ("client_secret", CLIENT_SECRET),
        ];
        assert_eq!(org.form("/v1/token", &fields).await.status, status, "{grant_type}");
    }
}
