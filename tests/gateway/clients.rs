//! The ways in which the gateway authenticates as a client of the org.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use serde_json::json;

use crate::sign_in::is_at;
use crate::visitor::Visitor;
use crate::world::World;

#[tokio::test]
async fn with_a_secret_in_the_header() {
    let world = World::with("", &[("GATEWAY__OKTA__CLIENT_AUTHENTICATION", "client_secret_basic")]).await;
    let mut visitor = Visitor::new(&world);
    let view = visitor.sign_in("/reports", "password@example.com").await;
    is_at(&view, "/reports");
}

#[tokio::test]
async fn with_a_signed_assertion_that_the_org_takes_once() {
    let random = SystemRandom::new();
    let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).expect("a key");
    let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, document.as_ref(), &random).expect("a key");
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("client.pem");
    let pem =
        format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", STANDARD.encode(document.as_ref()));
    std::fs::write(&file, pem).expect("the key is written");
    crate::world::private(&file);
    let okta = format!(
        "OKTA client_authentication = \"private_key_jwt\"\nprivate_key = {{ file = \"{}\" }}\n",
        file.display()
    );
    let world = World::with(&okta, &[]).await;
    let point = key.public_key().as_ref();
    let (x, y) = (URL_SAFE_NO_PAD.encode(&point[1..33]), URL_SAFE_NO_PAD.encode(&point[33..65]));
    let jwk = json!({"kty": "EC", "crv": "P-256", "alg": "ES256", "x": x, "y": y});
    world.tell("policies", json!({"client_public_key": jwk})).await;
    for target in ["/one", "/two"] {
        let mut visitor = Visitor::new(&world);
        let view = visitor.sign_in(target, "password@example.com").await;
        is_at(&view, target);
    }
}
