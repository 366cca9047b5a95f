//! How the gateway authenticates as a client (RFC 6749 2.3, RFC 7523 2.2).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use reqwest::RequestBuilder;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, RSA_PKCS1_SHA256, RsaKeyPair};
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
    /// Reads a key in PEM, as PKCS#8 (`BEGIN PRIVATE KEY`) or PKCS#1 (`BEGIN RSA PRIVATE KEY`), and the first
    /// certificate of the same text if there is one. `id` is the `kid` under which the provider knows the key. None
    /// when no such key is found.
    pub fn from_pem(pem: &str, id: Option<String>) -> Option<Self> {
        let key = match PrivateKeyDer::from_pem_slice(pem.as_bytes()).ok()? {
            PrivateKeyDer::Pkcs1(der) => KeyPair::Rsa(Box::new(RsaKeyPair::from_der(der.secret_pkcs1_der()).ok()?)),
            PrivateKeyDer::Pkcs8(der) => match RsaKeyPair::from_pkcs8(der.secret_pkcs8_der()) {
                Ok(rsa) => KeyPair::Rsa(Box::new(rsa)),
                Err(_) => KeyPair::P256(Box::new(
                    EcdsaKeyPair::from_pkcs8(
                        &ECDSA_P256_SHA256_FIXED_SIGNING,
                        der.secret_pkcs8_der(),
                        &SystemRandom::new(),
                    )
                    .ok()?,
                )),
            },
            _ => return None,
        };
        let certificate = CertificateDer::from_pem_slice(pem.as_bytes()).ok();
        let thumbprint = certificate.map(|certificate| URL_SAFE_NO_PAD.encode(sha256(certificate)));
        Some(Self { key, id, thumbprint })
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

impl ClientAuthentication {
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
mod tests {
    use base64::engine::general_purpose::STANDARD;

    use super::*;

    fn pem(label: &str, der: &[u8]) -> String {
        format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", STANDARD.encode(der))
    }

    #[test]
    fn a_key_is_read_wherever_it_stands_in_its_file_and_only_as_what_it_is() {
        let key = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new());
        let key = key.expect("a key");
        let good = pem("PRIVATE KEY", key.as_ref());
        for (text, reads) in [
            (good.clone(), true),
            (good.replace('\n', "\r\n"), true),
            (format!("A remark.\n{}{good}", pem("CERTIFICATE", b"not looked at")), true),
            // SEC 1, which ring does not read.
            (pem("EC PRIVATE KEY", key.as_ref()), false),
            (pem("RSA PRIVATE KEY", key.as_ref()), false),
            (pem("PUBLIC KEY", key.as_ref()), false),
            (pem("PRIVATE KEY", &key.as_ref()[..40]), false),
            (good.replace("-----END", "----END"), false),
            (String::new(), false),
        ] {
            assert_eq!(SigningKey::from_pem(&text, None).is_some(), reads, "{text}");
        }
    }

    #[test]
    fn an_assertion_names_the_key_and_the_certificate_that_stands_beside_it() {
        let key = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new());
        let key = pem("PRIVATE KEY", key.expect("a key").as_ref());
        let endpoint = Url::parse("https://login.example/token").expect("an address");
        let header = |pem: &str| {
            let key = SigningKey::from_pem(pem, Some("key-1".to_owned())).expect("a key");
            let assertion = key.assertion("client", &endpoint, Instant::from_seconds(1_000)).expect("an assertion");
            let header = URL_SAFE_NO_PAD.decode(assertion.split('.').next().expect("a header")).expect("base64url");
            serde_json::from_slice::<serde_json::Value>(&header).expect("JSON")
        };
        assert_eq!(header(&key), json!({"alg": "ES256", "typ": "JWT", "kid": "key-1"}));
        // SHA-256 of "abc" (FIPS 180-4, its first example), as base64url.
        let abc = "ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0";
        let with = json!({"alg": "ES256", "typ": "JWT", "kid": "key-1", "x5t#S256": abc});
        let certificate = pem("CERTIFICATE", b"abc");
        assert_eq!(header(&format!("{certificate}{key}")), with);
        assert_eq!(header(&format!("{key}{certificate}{}", pem("CERTIFICATE", b"of whoever signed it"))), with);
    }
}
