//! The provider's signing keys (JSON Web Key Set, RFC 7517).
//!
//! A key is used only as it allows: its type must fit the algorithm, and so must `alg`, `use` and `key_ops` where it
//! has them. Keys of other types or uses, and those that cannot be read, are ignored, so that a provider can add some.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ED25519, RSA_PKCS1_2048_8192_SHA256, RSA_PSS_2048_8192_SHA256, RsaPublicKeyComponents,
    UnparsedPublicKey,
};
use serde_json::Value;
use url::Url;

use super::algorithm::Algorithm;
use super::http::Http;
use super::{Failure, json, limits};

/// Public keys that verify signatures.
#[derive(Clone, Debug, Default)]
pub struct KeySet(Vec<Key>);

/// A public key.
#[derive(Clone, Debug)]
pub(super) struct Key {
    id: Option<String>,
    /// The only algorithm that it may be used with, where it names one.
    algorithm: Option<Algorithm>,
    material: Material,
}

#[derive(Clone, Debug)]
enum Material {
    Rsa {
        modulus: Vec<u8>,
        exponent: Vec<u8>,
    },
    /// A point: 4, x, y (SEC 1 2.3.3), 65 bytes.
    P256(Vec<u8>),
    /// 32 bytes.
    Ed25519(Vec<u8>),
}

impl KeySet {
    pub(super) async fn fetch(http: Http, address: Url) -> Result<Self, Failure> {
        let document = http.document("keys", address).await?;
        Self::parse(&document).ok_or(Failure::Documents("the signing keys are not a JSON Web Key Set"))
    }

    /// Reads a key set; none when the document is not one.
    pub fn parse(document: &[u8]) -> Option<Self> {
        let document = json::read(document)?;
        Some(Self(document.get("keys")?.as_array()?.iter().filter_map(Key::parse).take(limits::KEYS).collect()))
    }

    /// The keys that may have made a signature whose header has this `kid`: all keys with that `kid`, of which there
    /// should be one (RFC 7517 4.5). Where no `kid` matches or the header has none, the only key of the algorithm, if
    /// there is but one.
    pub(super) fn fitting(&self, id: Option<&str>, algorithm: Algorithm) -> impl Iterator<Item = &Key> {
        let fits = move |key: &&Key| key.fits(algorithm);
        let named = move |key: &&Key| id.is_some() && key.id.as_deref() == id;
        let has_named = self.0.iter().filter(fits).any(|key| named(&key));
        let is_only = self.0.iter().filter(fits).count() == 1;
        self.0.iter().filter(fits).filter(move |key| match has_named {
            true => named(key),
            false => is_only && (id.is_none() || key.id.is_none()),
        })
    }
}

impl Key {
    fn parse(key: &Value) -> Option<Self> {
        let text = |member: &str| key.get(member).and_then(Value::as_str);
        let bytes = |member: &str| URL_SAFE_NO_PAD.decode(text(member)?).ok();
        let exactly = |member: &str, length: usize| bytes(member).filter(|bytes| bytes.len() == length);
        let material = match (text("kty")?, text("crv")) {
            ("RSA", _) => Material::Rsa { modulus: bytes("n")?, exponent: bytes("e")? },
            ("EC", Some("P-256")) => Material::P256([vec![4], exactly("x", 32)?, exactly("y", 32)?].concat()),
            ("OKP", Some("Ed25519")) => Material::Ed25519(exactly("x", 32)?),
            _ => return None,
        };
        if key.get("use").is_some_and(|purpose| purpose != "sig")
            || key.get("key_ops").is_some_and(|operations| !json::lists(operations, "verify"))
        {
            return None;
        }
        let algorithm = match key.get("alg") {
            None => None,
            Some(name) => Some(Algorithm::named(name.as_str()?)?),
        };
        let id = match key.get("kid") {
            None => None,
            Some(id) => Some(id.as_str().filter(|id| id.len() <= limits::KEY_ID_BYTES)?.to_owned()),
        };
        let key = Self { id, algorithm, material };
        algorithm.is_none_or(|algorithm| key.fits(algorithm)).then_some(key)
    }

    fn fits(&self, algorithm: Algorithm) -> bool {
        let kind = match self.material {
            Material::Rsa { .. } => matches!(algorithm, Algorithm::Rs256 | Algorithm::Ps256),
            Material::P256(_) => algorithm == Algorithm::Es256,
            Material::Ed25519(_) => algorithm == Algorithm::EdDsa,
        };
        kind && self.algorithm.is_none_or(|own| own == algorithm)
    }

    /// Whether this key made this signature. RSA keys must have 2048 bits or more; a signature of ES256 is r and s, 64
    /// bytes (RFC 7518 3.4), not ASN.1.
    pub(super) fn verifies(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool {
        let verified = match (&self.material, algorithm) {
            (Material::Rsa { modulus: n, exponent: e }, Algorithm::Rs256) => {
                RsaPublicKeyComponents { n, e }.verify(&RSA_PKCS1_2048_8192_SHA256, message, signature)
            }
            (Material::Rsa { modulus: n, exponent: e }, Algorithm::Ps256) => {
                RsaPublicKeyComponents { n, e }.verify(&RSA_PSS_2048_8192_SHA256, message, signature)
            }
            (Material::P256(point), Algorithm::Es256) => {
                UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).verify(message, signature)
            }
            (Material::Ed25519(key), Algorithm::EdDsa) => {
                UnparsedPublicKey::new(&ED25519, key).verify(message, signature)
            }
            _ => return false,
        };
        verified.is_ok()
    }
}
