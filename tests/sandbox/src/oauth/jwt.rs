//! JSON Web Tokens (RFC 7519): signs the org's own, well or badly, and verifies those of others.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::{digest, hmac};
use serde_json::{Value, json};

use crate::faults::TokenFault;
use crate::oauth::keys::{self, SigningKey};
use crate::random;
use crate::webauthn::PublicKey;

/// A token of these claims, signed by `key`, unless a fault says how else.
pub(crate) fn signed(key: &SigningKey, claims: &Value, fault: Option<TokenFault>) -> String {
    signed_with(key, &json!({}), claims, fault)
}

/// The same, with more in its header, or something else.
pub(crate) fn signed_with(key: &SigningKey, more: &Value, claims: &Value, fault: Option<TokenFault>) -> String {
    let algorithm = match fault {
        Some(TokenFault::AlgNone) => "none",
        Some(TokenFault::Hs256) => "HS256",
        _ => key.algorithm(),
    };
    let kid = match fault {
        Some(TokenFault::UnknownKid) => random::id("key-of-nobody-"),
        _ => key.kid.to_owned(),
    };
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let mut header = json!({ "alg": algorithm, "kid": kid });
    for (name, value) in more.as_object().into_iter().flatten() {
        header[name] = value.clone();
    }
    let text = format!("{}.{}", part(&header), part(claims));
    let mut signature = match fault {
        Some(TokenFault::AlgNone) => Vec::new(),
        Some(TokenFault::Hs256) => {
            hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &key.known), text.as_bytes()).as_ref().to_vec()
        }
        _ => key.sign(text.as_bytes()),
    };
    if fault == Some(TokenFault::BadSignature) {
        signature[0] ^= 1;
    }
    format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature))
}

/// The claims of a token that `key` signed; `None` for any other, and for one that is not a token.
pub(crate) fn verified(token: &str, key: &PublicKey) -> Option<Value> {
    let (text, signature) = token.rsplit_once('.')?;
    let (header, claims) = text.split_once('.')?;
    let read = |part: &str| serde_json::from_slice::<Value>(&URL_SAFE_NO_PAD.decode(part).ok()?).ok();
    let algorithm = read(header)?.get("alg")?.as_str()?.to_owned();
    let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
    key.verifies_jwt(&algorithm, text.as_bytes(), &signature).then(|| read(claims)).flatten()
}

/// The claims of a token that this org signed, with whichever key.
pub(crate) fn ours(token: &str, signs: u8) -> Option<Value> {
    keys::published(signs).find_map(|key| verified(token, &key.public))
}

/// `at_hash`: the left half of the SHA-256 of an access token (OpenID Connect Core §3.1.3.6).
pub(crate) fn at_hash(access_token: &str) -> String {
    URL_SAFE_NO_PAD.encode(&digest::digest(&digest::SHA256, access_token.as_bytes()).as_ref()[..16])
}
