//! The org's signing keys (JSON Web Key Set, RFC 7517).

use std::collections::HashMap;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents};

use super::wire;

/// RSA keys for RS256, by their id. Keys of other kinds or for other uses are passed over.
#[derive(Clone, Debug, Default)]
pub struct KeySet(HashMap<String, Key>);

#[derive(Clone, Debug)]
struct Key {
    modulus: Vec<u8>,
    exponent: Vec<u8>,
}

impl KeySet {
    /// Reads a key set; none where it is not JSON.
    pub fn parse(document: &[u8]) -> Option<Self> {
        let document = wire::read(document)?;
        let keys = wire::items(document.get("keys")).iter().filter_map(|key| {
            let is = |member: &str, expected: &str| wire::words(key, member).is_none_or(|word| word == expected);
            let number = |member: &str| URL_SAFE_NO_PAD.decode(wire::words(key, member)?).ok();
            if wire::words(key, "kty")? != "RSA" || !is("use", "sig") || !is("alg", "RS256") {
                return None;
            }
            Some((wire::words(key, "kid")?, Key { modulus: number("n")?, exponent: number("e")? }))
        });
        Some(Self(keys.collect()))
    }

    /// Whether there is a key of this id.
    pub fn has(&self, id: &str) -> bool {
        self.0.contains_key(id)
    }

    /// Whether this key made this signature (RSASSA-PKCS1-v1_5 with SHA-256, RFC 8017 8.2).
    pub fn verifies(&self, id: &str, message: &[u8], signature: &[u8]) -> bool {
        self.0.get(id).is_some_and(|key| {
            RsaPublicKeyComponents { n: &key.modulus, e: &key.exponent }
                .verify(&RSA_PKCS1_2048_8192_SHA256, message, signature)
                .is_ok()
        })
    }
}
