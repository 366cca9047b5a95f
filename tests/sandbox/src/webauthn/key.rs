//! Public keys: as JWK (RFC 7517), as COSE (RFC 9052 §7) and as PEM; they verify signatures.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ciborium::Value;
use coset::iana::{Algorithm, Ec2KeyParameter, EllipticCurve, EnumI64 as _, KeyType, RsaKeyParameter};
use coset::{AsCborValue as _, CoseKey, Label, RegisteredLabel, RegisteredLabelWithPrivate};
use ring::signature::{self, RsaPublicKeyComponents, UnparsedPublicKey};
use rsa::pkcs8::DecodePublicKey as _;
use rsa::traits::PublicKeyParts as _;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

/// A public key that can verify.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Json", into = "Json")]
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
    /// Reads a COSE key of ES256 or RS256.
    pub(crate) fn from_cose(key: Value) -> Option<Self> {
        let key = CoseKey::from_cbor_value(key).ok()?;
        let at = |label: i64| key.params.iter().find(|(known, _)| *known == Label::Int(label)).map(|(_, value)| value);
        let bytes = |label: i64| at(label).and_then(Value::as_bytes);
        match (&key.kty, key.alg.as_ref()?) {
            (RegisteredLabel::Assigned(KeyType::EC2), RegisteredLabelWithPrivate::Assigned(Algorithm::ES256)) => {
                let curve = at(Ec2KeyParameter::Crv.to_i64()).and_then(Value::as_integer);
                curve.filter(|curve| *curve == EllipticCurve::P_256.to_i64().into())?;
                Self::p256(bytes(Ec2KeyParameter::X.to_i64())?, bytes(Ec2KeyParameter::Y.to_i64())?)
            }
            (RegisteredLabel::Assigned(KeyType::RSA), RegisteredLabelWithPrivate::Assigned(Algorithm::RS256)) => {
                let (modulus, exponent) = (bytes(RsaKeyParameter::N.to_i64())?, bytes(RsaKeyParameter::E.to_i64())?);
                Some(Self::Rsa { modulus: modulus.clone(), exponent: exponent.clone() })
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

impl From<PublicKey> for Json {
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

impl TryFrom<Json> for PublicKey {
    type Error = String;

    fn try_from(jwk: Json) -> Result<Self, String> {
        let text = |name: &str| jwk.get(name).and_then(Json::as_str).unwrap_or_default();
        let part = |name: &str| URL_SAFE_NO_PAD.decode(text(name)).ok().filter(|bytes| !bytes.is_empty());
        let key = match text("kty") {
            "EC" if text("crv") == "P-256" => part("x").zip(part("y")).and_then(|(x, y)| Self::p256(&x, &y)),
            "RSA" => part("n").zip(part("e")).map(|(modulus, exponent)| Self::Rsa { modulus, exponent }),
            _ => None,
        };
        key.ok_or_else(|| "not a JWK of EC P-256 or RSA".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::PublicKey;

    /// `{1: kty, 3: alg, -1: …, -2: …, -3: …}`, the CBOR written by hand (RFC 8949, RFC 9053 §2.1, RFC 8230 §4).
    #[test]
    fn keys_of_es256_and_rs256_are_read_and_no_others() {
        let elliptic = |algorithm: u8, curve: u8| {
            let head = [0xa5, 0x01, 0x02, 0x03, algorithm, 0x20, curve];
            [&head[..], &[0x21, 0x58, 32], &[7; 32], &[0x22, 0x58, 32], &[9; 32]].concat()
        };
        let rsa = [&[0xa4, 0x01, 0x03, 0x03, 0x39, 0x01, 0x00][..], b"\x20\x42no\x21\x43\x01\x00\x01"].concat();
        let read = |bytes: &[u8]| PublicKey::from_cose(ciborium::from_reader(bytes).expect("CBOR"));
        let point = [&[4][..], &[7; 32], &[9; 32]].concat();
        assert_eq!(read(&elliptic(0x26, 0x01)), Some(PublicKey::P256 { point }));
        assert_eq!(read(&rsa), Some(PublicKey::Rsa { modulus: b"no".to_vec(), exponent: vec![1, 0, 1] }));
        assert_eq!(read(&elliptic(0x26, 0x02)), None, "P-384");
        assert_eq!(read(&elliptic(0x27, 0x01)), None, "EdDSA");
        assert_eq!(read(&[0x80]), None, "an array");
    }
}
