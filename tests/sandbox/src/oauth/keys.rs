//! `GET /v1/keys`: the org's public keys (RFC 7517), and the keys themselves.
//!
//! Two RSA keys of 2048 bits, each made at first use and shared by every sandbox of the process,
//! because making one takes a while. The second is published and signs once policy `signing_key` is 2.

use std::sync::OnceLock;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::signature::RsaKeyPair;
use rsa::pkcs1::EncodeRsaPrivateKey as _;
use rsa::pkcs8::{EncodePublicKey as _, LineEnding};
use rsa::traits::PublicKeyParts as _;
use serde_json::{Value, json};

use crate::http::Reply;
use crate::state::State;

/// A key that signs tokens.
pub(crate) struct SigningKey {
    pub(crate) kid: &'static str,
    pub(crate) pair: RsaKeyPair,
    modulus: Vec<u8>,
    exponent: Vec<u8>,
    /// The public half as PEM: what an attacker would use as an HMAC key.
    pub(crate) pem: String,
}

/// The org's first or second key.
pub(crate) fn signing_key(number: u8) -> &'static SigningKey {
    static FIRST: OnceLock<SigningKey> = OnceLock::new();
    static SECOND: OnceLock<SigningKey> = OnceLock::new();
    match number {
        2 => SECOND.get_or_init(|| SigningKey::make("sandbox-key-2")),
        _ => FIRST.get_or_init(|| SigningKey::make("sandbox-key-1")),
    }
}

impl SigningKey {
    fn make(kid: &'static str) -> Self {
        let private = rsa::RsaPrivateKey::new(&mut rsa::rand_core::OsRng, 2048).expect("an RSA key can be made");
        let der = private.to_pkcs1_der().expect("an RSA key can be written");
        let public = private.to_public_key();
        Self {
            kid,
            pair: RsaKeyPair::from_der(der.as_bytes()).expect("ring reads what rsa writes"),
            modulus: public.n().to_bytes_be(),
            exponent: public.e().to_bytes_be(),
            pem: public.to_public_key_pem(LineEnding::LF).expect("a public key can be written"),
        }
    }

    fn jwk(&self) -> Value {
        json!({
            "kty": "RSA",
            "alg": "RS256",
            "kid": self.kid,
            "use": "sig",
            "e": URL_SAFE_NO_PAD.encode(&self.exponent),
            "n": URL_SAFE_NO_PAD.encode(&self.modulus),
        })
    }

    /// The public half, to verify what it signed.
    pub(crate) fn public(&self) -> crate::webauthn::PublicKey {
        crate::webauthn::PublicKey::Rsa { modulus: self.modulus.clone(), exponent: self.exponent.clone() }
    }
}

/// The published keys.
pub(crate) fn answer(state: &State) -> Reply {
    let keys: Vec<_> = (1..=state.policies.signing_key.clamp(1, 2)).map(|number| signing_key(number).jwk()).collect();
    Reply::json(json!({ "keys": keys }))
}
