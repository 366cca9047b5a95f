//! Public keys: as JWK (RFC 7517), as COSE (RFC 9052 §7) and as PEM; they verify signatures.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::signature::{self, RsaPublicKeyComponents, UnparsedPublicKey};
use rsa::pkcs8::DecodePublicKey as _;
use rsa::traits::PublicKeyParts as _;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::cbor::Item;

/// A public key that can verify.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Value", into = "Value")]
pub(crate) enum PublicKey {
    /// A point of P-256, uncompressed: `04 ‖ x ‖ y`.
    P256 {
        point: Vec<u8>,
    },
    Rsa {
        modulus: Vec<u8>,
        exponent: Vec<u8>,
    },
}

impl PublicKey {
    /// Reads a COSE key of algorithm -7 (ES256) or -257 (RS256).
    pub(crate) fn from_cose(key: &Item) -> Option<Self> {
        let at = |label| key.at(&Item::Integer(label));
        match (at(1)?, at(3)?) {
            (Item::Integer(2), Item::Integer(-7)) if at(-1) == Some(&Item::Integer(1)) => {
                Self::p256(at(-2)?.bytes()?, at(-3)?.bytes()?)
            }
            (Item::Integer(3), Item::Integer(-257)) => {
                Some(Self::Rsa { modulus: at(-1)?.bytes()?.to_vec(), exponent: at(-2)?.bytes()?.to_vec() })
            }
            _ => None,
        }
    }

    /// Reads an RSA key from PEM (`BEGIN PUBLIC KEY`).
    pub(crate) fn from_pem(pem: &str) -> Option<Self> {
        let key = rsa::RsaPublicKey::from_public_key_pem(pem).ok()?;
        Some(Self::Rsa { modulus: key.n().to_bytes_be(), exponent: key.e().to_bytes_be() })
    }

    fn p256(x: &[u8], y: &[u8]) -> Option<Self> {
        (x.len() == 32 && y.len() == 32).then(|| Self::P256 { point: [&[4], x, y].concat() })
    }

    /// Verifies a signature as WebAuthn makes them: ECDSA in ASN.1, or RSA PKCS #1 v1.5; SHA-256.
    pub(crate) fn verifies(&self, text: &[u8], signed: &[u8]) -> bool {
        match self {
            Self::P256 { point } => {
                UnparsedPublicKey::new(&signature::ECDSA_P256_SHA256_ASN1, point).verify(text, signed).is_ok()
            }
            Self::Rsa { modulus, exponent } => RsaPublicKeyComponents { n: modulus, e: exponent }
                .verify(&signature::RSA_PKCS1_2048_8192_SHA256, text, signed)
                .is_ok(),
        }
    }

    /// Verifies a signature as JWS makes them (RFC 7518 §3): ES256 is of fixed length there.
    pub(crate) fn verifies_jwt(&self, algorithm: &str, text: &[u8], signed: &[u8]) -> bool {
        match (self, algorithm) {
            (Self::P256 { point }, "ES256") => {
                UnparsedPublicKey::new(&signature::ECDSA_P256_SHA256_FIXED, point).verify(text, signed).is_ok()
            }
            (Self::Rsa { .. }, "RS256") => self.verifies(text, signed),
            _ => false,
        }
    }
}

impl From<PublicKey> for Value {
    fn from(key: PublicKey) -> Self {
        let encode = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        match key {
            PublicKey::P256 { point } => {
                json!({ "kty": "EC", "crv": "P-256", "x": encode(&point[1..33]), "y": encode(&point[33..]) })
            }
            PublicKey::Rsa { modulus, exponent } => {
                json!({ "kty": "RSA", "n": encode(&modulus), "e": encode(&exponent) })
            }
        }
    }
}

impl TryFrom<Value> for PublicKey {
    type Error = String;

    fn try_from(jwk: Value) -> Result<Self, String> {
        let text = |name: &str| jwk.get(name).and_then(Value::as_str).unwrap_or_default();
        let part = |name: &str| URL_SAFE_NO_PAD.decode(text(name)).ok().filter(|bytes| !bytes.is_empty());
        let key = match text("kty") {
            "EC" if text("crv") == "P-256" => part("x").zip(part("y")).and_then(|(x, y)| Self::p256(&x, &y)),
            "RSA" => part("n").zip(part("e")).map(|(modulus, exponent)| Self::Rsa { modulus, exponent }),
            _ => None,
        };
        key.ok_or_else(|| "not a JWK of EC P-256 or RSA".to_owned())
    }
}
