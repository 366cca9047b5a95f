//! Signed tokens (JSON Web Signature, RFC 7515, compact form), whose payload is used only after the signature was
//! verified.
//!
//! The algorithm is checked before a key is looked for; `jwk`, `jku`, `x5u` and `x5c` of a header are ignored.
//! Signatures are verified by `ring`, which the TLS stack contains anyway. `jsonwebtoken` 11 was considered: with
//! `ring` it needs a crypto provider of our own, as long as this file; and it ignores `crit`, accepts algorithms of one
//! family only, and of a repeated member takes the last.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

use super::algorithm::Algorithm;
use super::jwks::KeySet;
use super::{Issuer, json, limits};

/// The header of a token, which nothing vouches for yet.
#[derive(Debug)]
pub(super) struct Header {
    pub(super) algorithm: Algorithm,
    pub(super) key_id: Option<String>,
    /// `typ`, in lower case.
    pub(super) kind: Option<String>,
}

/// A token whose signature has not been verified.
#[derive(Debug)]
pub(super) struct Unverified<'a> {
    pub(super) header: Header,
    payload: &'a str,
    signed: &'a str,
    signature: Vec<u8>,
}

impl<'a> Unverified<'a> {
    /// Splits a token into its parts; `algorithms` are those that may have signed it.
    pub(super) fn parse(text: &'a str, algorithms: &[Algorithm]) -> Result<Self, &'static str> {
        if text.len() > limits::TOKEN_BYTES {
            return Err("it is too long");
        }
        let mut parts = text.split('.');
        let (Some(header), Some(payload), Some(signature), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err("it does not have three parts");
        };
        let decode = |part| URL_SAFE_NO_PAD.decode(part).ok();
        Ok(Self {
            header: Header::parse(&decode(header).ok_or("its header cannot be read")?, algorithms)?,
            payload,
            signed: &text[..header.len() + 1 + payload.len()],
            signature: decode(signature).ok_or("its signature cannot be read")?,
        })
    }

    /// The `iss` that the token must have, chosen by the claims that it has ([`Issuer::of_token`]); nothing vouches for
    /// these yet.
    pub(super) fn named_issuer(&self, issuer: &Issuer) -> Option<String> {
        let said = URL_SAFE_NO_PAD.decode(self.payload).ok().and_then(|payload| json::read_unambiguous(&payload));
        let text = |name: &str| said.as_ref().and_then(|said| said.get(name)).and_then(Value::as_str);
        issuer.of_token(text("iss").unwrap_or_default(), text("tid"))
    }

    /// The payload, if one of these keys signed it.
    pub(super) fn verify(&self, keys: &KeySet) -> Result<Vec<u8>, &'static str> {
        let mut fitting = keys.fitting(self.header.key_id.as_deref(), self.header.algorithm).peekable();
        if fitting.peek().is_none() {
            return Err("the provider has no key for its `kid` and `alg`");
        }
        if !fitting.any(|key| key.verifies(self.header.algorithm, self.signed.as_bytes(), &self.signature)) {
            return Err("its signature is wrong");
        }
        URL_SAFE_NO_PAD.decode(self.payload).map_err(|_| "its payload is not base64url")
    }
}

impl Header {
    fn parse(header: &[u8], algorithms: &[Algorithm]) -> Result<Self, &'static str> {
        let header = json::read_unambiguous(header).ok_or("its header cannot be read")?;
        let text = |name: &str| match header.get(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.as_str())),
            Some(_) => Err("its header cannot be read"),
        };
        let algorithm = text("alg")?.and_then(Algorithm::named).filter(|algorithm| algorithms.contains(algorithm));
        let algorithm = algorithm.ok_or("its `alg` is not an allowed algorithm")?;
        if header.contains_key("crit") {
            return Err("its header has `crit`, and no extension is supported");
        }
        let key_id = text("kid")?;
        if key_id.is_some_and(|id| id.len() > limits::KEY_ID_BYTES) {
            return Err("its `kid` is too long");
        }
        let kind = text("typ")?.map(str::to_ascii_lowercase);
        Ok(Self { algorithm, key_id: key_id.map(str::to_owned), kind })
    }
}

#[cfg(test)]
mod tests;
