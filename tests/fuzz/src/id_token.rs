//! ID tokens: the line is a header, what follows the claims. A key of our own signs them, so that what lies behind the
//! signature is reached; the same bytes unsigned, signed by another or changed afterwards are never believed.
#![no_main]

use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use idx_gateway::oidc::id_token::{Expected, verify};
use idx_gateway::oidc::jwks::KeySet;
use idx_gateway::oidc::{ALGORITHMS, VerifiedClaims};
use idx_gateway::time::Instant;
use idx_gateway_fuzz::{change, halves};
use libfuzzer_sys::{fuzz_mutator, fuzz_target};
use ring::signature::{Ed25519KeyPair, KeyPair as _};
use serde_json::{Value, json};

const NOW: u64 = 1_800_000_000;
/// How far clocks may differ, written out.
const SKEW: u64 = 60;
const EXPECTED: Expected<'_> = Expected {
    issuer: "https://org.example",
    client_id: "client",
    nonce: Some("once"),
    access_token: Some("jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y"),
};

static OURS: LazyLock<Ed25519KeyPair> = LazyLock::new(|| key(1));
static ANOTHERS: LazyLock<Ed25519KeyPair> = LazyLock::new(|| key(2));
static KEYS: LazyLock<KeySet> = LazyLock::new(|| {
    let key = json!({"kty": "OKP", "crv": "Ed25519", "kid": "fuzz", "x": encode(OURS.public_key().as_ref())});
    KeySet::parse(json!({ "keys": [key] }).to_string().as_bytes()).expect("a key set")
});

fn key(seed: u8) -> Ed25519KeyPair {
    Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).expect("a key")
}

fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn signed(text: &str, key: &Ed25519KeyPair) -> String {
    format!("{text}.{}", encode(key.sign(text.as_bytes()).as_ref()))
}

fn read(token: &str) -> Result<VerifiedClaims, &'static str> {
    verify(token, &EXPECTED, &KEYS, &ALGORITHMS, Instant::from_seconds(NOW))
}

fuzz_target!(|data: &[u8]| {
    if let Ok(text) = std::str::from_utf8(data) {
        assert!(read(text).is_err(), "nobody signed this");
    }
    let (header, claims) = halves(data);
    if let Some(keys) = KeySet::parse(claims) {
        // Keys of strangers are read, and say nothing of what ours signed.
        let _ = verify("e30.e30.AA", &EXPECTED, &keys, &ALGORITHMS, Instant::from_seconds(NOW));
    }
    let text = format!("{}.{}", encode(header), encode(claims));
    for unsigned in [format!("{text}."), text.clone(), signed(&text, &ANOTHERS)] {
        assert!(read(&unsigned).is_err(), "{unsigned}");
    }
    let none = format!("{}.{}.", encode(br#"{"alg":"none"}"#), encode(claims));
    assert!(read(&none).is_err(), "{none}");
    let token = signed(&text, &OURS);
    let Ok(verified) = read(&token) else { return };
    holds(&verified, header);
    // Another's claims under the same signature.
    let signature = token.rsplit('.').next().unwrap_or_default();
    let other = format!("{}.{}.{signature}", encode(header), encode(&[claims, b" "].concat()));
    assert!(read(&other).is_err(), "{other}");
});

/// What must be so of every token that is believed.
fn holds(verified: &VerifiedClaims, header: &[u8]) {
    let header: Value = serde_json::from_slice(header).expect("a header that was read");
    assert_eq!(header["alg"], "EdDSA");
    assert!(header.get("crit").is_none());
    assert!(header.get("kid").is_none_or(|kid| kid == "fuzz"));
    let claim = |name: &str| verified.claim(name).cloned().unwrap_or_default();
    assert_eq!(claim("iss"), "https://org.example");
    assert_eq!(claim("nonce"), "once");
    assert_eq!(claim("sub"), verified.subject());
    assert!(!verified.subject().is_empty());
    match claim("aud") {
        Value::Array(all) => assert!(all.contains(&json!("client"))),
        one => assert_eq!(one, "client"),
    }
    let time = |name: &str| claim(name).as_f64();
    assert!(time("exp").is_some_and(|exp| exp as u64 + SKEW >= NOW));
    assert!(time("iat").is_some_and(|iat| iat as u64 <= NOW + SKEW));
    assert!(time("nbf").is_none_or(|nbf| nbf as u64 <= NOW + SKEW));
}

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| { change(data, size, max_size, seed) });
