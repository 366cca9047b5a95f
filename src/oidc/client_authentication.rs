//! How the gateway authenticates as a client (RFC 6749 2.3, RFC 7523 2.2).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use reqwest::RequestBuilder;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _, RSA_PKCS1_SHA256, RsaKeyPair};
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use serde_json::json;
use url::Url;

use crate::secret::{Secret, sha256};
use crate::time::Instant;

/// How the client authenticates, at every OAuth endpoint.
pub enum ClientAuthentication {
    /// Not at all: a public client.
    None,
    /// `client_secret` in the body.
    Post(Secret),
    /// `Authorization: Basic`.
    Basic(Secret),
    /// `client_assertion`: a JWT that we sign.
    PrivateKeyJwt(SigningKey),
}

/// Why a file is of no use to sign with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadSigningKey {
    /// It holds no such key.
    #[error("is not an RSA or P-256 key in PEM (PKCS#8 or PKCS#1)")]
    Key,
    /// The provider would look for a certificate that does not verify what the key signs.
    #[error("holds certificates, and none of them is the key's")]
    Certificate,
}

/// A private key: RSA (RS256) or P-256 (ES256).
pub struct SigningKey {
    key: KeyPair,
    id: Option<String>,
    /// SHA-256 of its certificate, by which some providers find it (`x5t#S256`, RFC 7515 4.1.8).
    thumbprint: Option<String>,
}

enum KeyPair {
    Rsa(Box<RsaKeyPair>),
    P256(Box<EcdsaKeyPair>),
}

/// How long a client assertion is valid, in seconds. Providers accept five minutes at least, some an hour.
const ASSERTION_SECONDS: u64 = 300;

impl SigningKey {
    /// Reads a key in PEM, as PKCS#8 (`BEGIN PRIVATE KEY`) or PKCS#1 (`BEGIN RSA PRIVATE KEY`), and its certificate if there
    /// are certificates in the same text, in any order. `id` is the `kid` under which the provider knows the key.
    ///
    /// # Errors
    /// There is no such key, or none of the certificates is the key's.
    pub fn from_pem(pem: &str, id: Option<String>) -> Result<Self, BadSigningKey> {
        let key = KeyPair::from_pem(pem).ok_or(BadSigningKey::Key)?;
        let certificates: Vec<_> = CertificateDer::pem_slice_iter(pem.as_bytes()).collect();
        let own = certificates.iter().flatten().find(|certificate| key.is_of(certificate));
        if own.is_none() && !certificates.is_empty() {
            return Err(BadSigningKey::Certificate);
        }
        let thumbprint = own.map(|certificate| URL_SAFE_NO_PAD.encode(sha256(certificate)));
        Ok(Self { key, id, thumbprint })
    }

    /// A client assertion for one call of `endpoint` (RFC 7523 3), which is its `aud`; its `jti` is fresh.
    fn assertion(&self, client_id: &str, endpoint: &Url, now: Instant) -> Option<String> {
        let random = SystemRandom::new();
        let mut id = [0; 16];
        ring::rand::SecureRandom::fill(&random, &mut id).ok()?;
        let algorithm = match self.key {
            KeyPair::Rsa(_) => "RS256",
            KeyPair::P256(_) => "ES256",
        };
        let mut header = json!({"alg": algorithm, "typ": "JWT"});
        if let Some(id) = &self.id {
            header["kid"] = json!(id);
        }
        if let Some(thumbprint) = &self.thumbprint {
            header["x5t#S256"] = json!(thumbprint);
        }
        let claims = json!({
            "iss": client_id, "sub": client_id, "aud": endpoint.as_str(),
            "iat": now.seconds(), "exp": now.seconds() + ASSERTION_SECONDS, "jti": URL_SAFE_NO_PAD.encode(id),
        });
        let signed =
            format!("{}.{}", URL_SAFE_NO_PAD.encode(header.to_string()), URL_SAFE_NO_PAD.encode(claims.to_string()));
        let signature = match &self.key {
            KeyPair::Rsa(key) => {
                let mut signature = vec![0; key.public().modulus_len()];
                key.sign(&RSA_PKCS1_SHA256, &random, signed.as_bytes(), &mut signature).ok()?;
                signature
            }
            KeyPair::P256(key) => key.sign(&random, signed.as_bytes()).ok()?.as_ref().to_vec(),
        };
        Some(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }
}

impl KeyPair {
    fn from_pem(pem: &str) -> Option<Self> {
        let der = match PrivateKeyDer::from_pem_slice(pem.as_bytes()).ok()? {
            PrivateKeyDer::Pkcs1(der) => {
                return Some(Self::Rsa(Box::new(RsaKeyPair::from_der(der.secret_pkcs1_der()).ok()?)));
            }
            PrivateKeyDer::Pkcs8(der) => der,
            _ => return None,
        };
        if let Ok(rsa) = RsaKeyPair::from_pkcs8(der.secret_pkcs8_der()) {
            return Some(Self::Rsa(Box::new(rsa)));
        }
        let random = SystemRandom::new();
        let p256 = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, der.secret_pkcs8_der(), &random).ok()?;
        Some(Self::P256(Box::new(p256)))
    }

    /// Whether the certificate is about this key. Its public key stands there as ring writes it: an RSAPublicKey (RFC 3279
    /// 2.3.1) or an uncompressed point (RFC 5480 2.2).
    fn is_of(&self, certificate: &CertificateDer<'_>) -> bool {
        let public_key = match self {
            Self::Rsa(key) => key.public_key().as_ref(),
            Self::P256(key) => key.public_key().as_ref(),
        };
        x509_parser::parse_x509_certificate(certificate)
            .is_ok_and(|(_, certificate)| *certificate.public_key().subject_public_key.data == *public_key)
    }
}

impl ClientAuthentication {
    /// The secret that it shows.
    pub(super) fn secret(&self) -> Option<&str> {
        match self {
            Self::Post(secret) | Self::Basic(secret) => Some(secret.expose()),
            Self::None | Self::PrivateKeyJwt(_) => None,
        }
    }

    /// Adds the credentials to a call: to `form`, or to the request's headers.
    pub(super) fn add(
        &self,
        request: RequestBuilder,
        form: &mut Vec<(&str, String)>,
        client_id: &str,
        endpoint: &Url,
        now: Instant,
    ) -> RequestBuilder {
        match self {
            Self::None => form.push(("client_id", client_id.to_owned())),
            Self::Post(secret) => {
                form.push(("client_id", client_id.to_owned()));
                form.push(("client_secret", secret.expose().to_owned()));
            }
            // Both halves are form-encoded first (RFC 6749 2.3.1).
            Self::Basic(secret) => {
                let encode = |part: &str| url::form_urlencoded::byte_serialize(part.as_bytes()).collect::<String>();
                return request.basic_auth(encode(client_id), Some(encode(secret.expose())));
            }
            Self::PrivateKeyJwt(key) => {
                form.push(("client_id", client_id.to_owned()));
                form.push((
                    "client_assertion_type",
                    "urn:ietf:params:oauth:client-assertion-type:jwt-bearer".to_owned(),
                ));
                // An assertion that cannot be signed is left out, and the provider refuses the call.
                form.extend(key.assertion(client_id, endpoint, now).map(|assertion| ("client_assertion", assertion)));
            }
        }
        request
    }
}

#[cfg(test)]
mod tests;
