//! `GET /v1/keys`: the org's public keys (RFC 7517), and the keys themselves.
//!
//! Two RSA keys of 2048 bits and one of P-256, each made at first use and shared by every sandbox of the process,
//! because making one takes a while. Policy `signing_key` says which signs; those after it are not published yet.

use std::sync::OnceLock;

use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _, RSA_PKCS1_SHA256, RsaKeyPair};
use rsa::pkcs1::EncodeRsaPrivateKey as _;
use rsa::pkcs8::{EncodePublicKey as _, LineEnding};
use rsa::traits::PublicKeyParts as _;
use serde_json::{Value, json};

use crate::http::Reply;
use crate::state::State;
use crate::webauthn::PublicKey;

/// How many keys the org has.
const KEYS: u8 = 3;

/// A key that signs tokens.
pub(crate) struct SigningKey {
    pub(crate) kid: &'static str,
    pair: Pair,
    /// The public half, to verify what it signed.
    pub(crate) public: PublicKey,
    /// The public half as an attacker would use it as an HMAC key: PEM, or the point.
    pub(crate) known: Vec<u8>,
}

enum Pair {
    Rsa(Box<RsaKeyPair>),
    P256(Box<EcdsaKeyPair>),
}

/// The org's first, second or third key.
pub(crate) fn signing_key(number: u8) -> &'static SigningKey {
    static FIRST: OnceLock<SigningKey> = OnceLock::new();
    static SECOND: OnceLock<SigningKey> = OnceLock::new();
    static THIRD: OnceLock<SigningKey> = OnceLock::new();
    match number {
        3 => THIRD.get_or_init(|| SigningKey::p256("sandbox-key-3")),
        2 => SECOND.get_or_init(|| SigningKey::rsa("sandbox-key-2")),
        _ => FIRST.get_or_init(|| SigningKey::rsa("sandbox-key-1")),
    }
}

/// The keys that are published while this one signs.
pub(crate) fn published(signs: u8) -> impl Iterator<Item = &'static SigningKey> {
    (1..=signs.clamp(1, KEYS)).map(signing_key)
}

impl SigningKey {
    fn rsa(kid: &'static str) -> Self {
        let private = rsa::RsaPrivateKey::new(&mut rsa::rand_core::OsRng, 2048).expect("an RSA key can be made");
        let der = private.to_pkcs1_der().expect("an RSA key can be written");
        let public = private.to_public_key();
        Self {
            kid,
            pair: Pair::Rsa(Box::new(RsaKeyPair::from_der(der.as_bytes()).expect("ring reads what rsa writes"))),
            public: PublicKey::Rsa { modulus: public.n().to_bytes_be(), exponent: public.e().to_bytes_be() },
            known: public.to_public_key_pem(LineEnding::LF).expect("a public key can be written").into_bytes(),
        }
    }

    fn p256(kid: &'static str) -> Self {
        let random = SystemRandom::new();
        let algorithm = &ECDSA_P256_SHA256_FIXED_SIGNING;
        let document = EcdsaKeyPair::generate_pkcs8(algorithm, &random).expect("a key can be made");
        let pair = EcdsaKeyPair::from_pkcs8(algorithm, document.as_ref(), &random).expect("ring reads its own keys");
        let point = pair.public_key().as_ref().to_vec();
        Self { kid, pair: Pair::P256(Box::new(pair)), public: PublicKey::P256 { point: point.clone() }, known: point }
    }

    /// What it signs with, as JWS calls it.
    pub(crate) fn algorithm(&self) -> &'static str {
        match self.pair {
            Pair::Rsa(_) => "RS256",
            Pair::P256(_) => "ES256",
        }
    }

    /// Its signature of a text (RFC 7518 §3.3, §3.4).
    pub(crate) fn sign(&self, text: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        match &self.pair {
            Pair::Rsa(pair) => {
                let mut signature = vec![0; pair.public().modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &random, text, &mut signature).expect("the key signs");
                signature
            }
            Pair::P256(pair) => pair.sign(&random, text).expect("the key signs").as_ref().to_vec(),
        }
    }

    fn jwk(&self) -> Value {
        let mut jwk = Value::from(self.public.clone());
        jwk["alg"] = self.algorithm().into();
        jwk["kid"] = self.kid.into();
        jwk["use"] = "sig".into();
        jwk
    }
}

/// The published keys.
pub(crate) fn answer(state: &State) -> Reply {
    let keys: Vec<_> = published(state.policies.signing_key).map(SigningKey::jwk).collect();
    Reply::json(json!({ "keys": keys }))
}
