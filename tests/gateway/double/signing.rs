//! Keys and signatures of the double, in the four ways in which ID tokens may be signed (RFC 7518 3.1, RFC 8037 3.1). The keys
//! are those that RFC 7515 prints, and Ed25519 keys of a seed.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::SystemRandom;
use ring::rsa::KeyPairComponents;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256, RSA_PSS_SHA256,
    RsaKeyPair,
};
use serde_json::{Value, json};

/// RFC 7515 A.2.1, a line each: n, d, p, q, dp, dq, qi; e is 65,537.
fn rsa_numbers() -> [&'static str; 7] {
    let lines: Vec<&str> = include_str!("../../data/rfc7515-a2-rsa.txt").lines().collect();
    lines.try_into().expect("seven numbers")
}

/// RFC 7515 A.3.1: d, x, y.
const P256: [&str; 3] = [
    "jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI",
    "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
    "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
];

fn decode(text: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(text).expect("base64url")
}

fn ed25519(seed: u8) -> Ed25519KeyPair {
    Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).expect("a key")
}

/// The public key for this algorithm, as a JWK (RFC 7517).
pub(crate) fn public(algorithm: &str, seed: u8) -> Value {
    let kid = format!("key-{seed}");
    match algorithm {
        "EdDSA" => {
            let x = URL_SAFE_NO_PAD.encode(ed25519(seed).public_key().as_ref());
            json!({"kty": "OKP", "crv": "Ed25519", "kid": kid, "use": "sig", "x": x})
        }
        "ES256" => json!({"kty": "EC", "crv": "P-256", "kid": kid, "use": "sig", "x": P256[1], "y": P256[2]}),
        _ => json!({"kty": "RSA", "kid": kid, "use": "sig", "n": rsa_numbers()[0], "e": "AQAB"}),
    }
}

/// Signs by this algorithm.
pub(crate) fn sign(algorithm: &str, seed: u8, text: &[u8]) -> Vec<u8> {
    let random = SystemRandom::new();
    if algorithm == "EdDSA" {
        return ed25519(seed).sign(text).as_ref().to_vec();
    }
    if algorithm == "ES256" {
        let public = [vec![4], decode(P256[1]), decode(P256[2])].concat();
        let how = &ECDSA_P256_SHA256_FIXED_SIGNING;
        let pair = EcdsaKeyPair::from_private_key_and_public_key(how, &decode(P256[0]), &public, &random);
        return pair.expect("a key").sign(&random, text).expect("a signature").as_ref().to_vec();
    }
    let [n, d, p, q, dp, dq, qi] = rsa_numbers().map(decode);
    let public_key = ring::rsa::PublicKeyComponents { n, e: vec![1, 0, 1] };
    let components = KeyPairComponents { public_key, d, p, q, dP: dp, dQ: dq, qInv: qi };
    let pair = RsaKeyPair::from_components(&components).expect("a key");
    let mut signature = vec![0; pair.public().modulus_len()];
    let how: &dyn ring::signature::RsaEncoding = if algorithm == "PS256" { &RSA_PSS_SHA256 } else { &RSA_PKCS1_SHA256 };
    pair.sign(how, &random, text, &mut signature).expect("a signature");
    signature
}

/// What an attacker can make who has the public key alone: HMAC-SHA-256 with its text for a secret.
pub(crate) fn by_public_key(algorithm: &str, seed: u8, text: &[u8]) -> Vec<u8> {
    let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, public(algorithm, seed).to_string().as_bytes());
    ring::hmac::sign(&key, text).as_ref().to_vec()
}
