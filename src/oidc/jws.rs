//! Signed texts (JSON Web Signature, RFC 7515, compact form), read only after their signature holds.
//!
//! The algorithm is settled before a key is looked for; `jwk`, `jku`, `x5u` and `x5c` of a header are never
//! looked at. Signatures are checked by `ring`, which the TLS stack links anyway. `jsonwebtoken` 11 was weighed:
//! on `ring` it needs a provider of our own, as long as what stands here, and it passes over `crit`, takes
//! algorithms of one family only, and reads of two members the last.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

use super::algorithm::Algorithm;
use super::jwks::KeySet;
use super::{Issuer, json, limits};

/// What a header says of a text, before anything is believed.
#[derive(Debug)]
pub(super) struct Header {
    pub(super) algorithm: Algorithm,
    pub(super) key_id: Option<String>,
    /// `typ`, in small letters.
    pub(super) kind: Option<String>,
}

/// A signed text whose signature has not been checked.
#[derive(Debug)]
pub(super) struct Unverified<'a> {
    pub(super) header: Header,
    payload: &'a str,
    signed: &'a str,
    signature: Vec<u8>,
}

impl<'a> Unverified<'a> {
    /// Takes a text apart; `algorithms` are those that may have signed it.
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

    /// Which of the names of `issuer` it must name, by what it says before anything is believed: none where it is of a
    /// tenant that is not among those.
    pub(super) fn named_issuer(&self, issuer: &Issuer) -> Option<String> {
        let said = URL_SAFE_NO_PAD.decode(self.payload).ok().and_then(|payload| json::read_unambiguous(&payload));
        let text = |name: &str| said.as_ref().and_then(|said| said.get(name)).and_then(Value::as_str);
        issuer.of_token(text("iss").unwrap_or_default(), text("tid"))
    }

    /// What was signed, if one of these keys signed it.
    pub(super) fn verify(&self, keys: &KeySet) -> Result<Vec<u8>, &'static str> {
        let mut fitting = keys.fitting(self.header.key_id.as_deref(), self.header.algorithm).peekable();
        if fitting.peek().is_none() {
            return Err("it names a key that the provider does not have");
        }
        if !fitting.any(|key| key.verifies(self.header.algorithm, self.signed.as_bytes(), &self.signature)) {
            return Err("its signature is wrong");
        }
        URL_SAFE_NO_PAD.decode(self.payload).map_err(|_| "what it says cannot be read")
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
        let algorithm = algorithm.ok_or("it is not signed in a way that is allowed")?;
        if header.contains_key("crit") {
            return Err("it asks for an extension that is not known");
        }
        let key_id = text("kid")?;
        if key_id.is_some_and(|id| id.len() > limits::KEY_ID_BYTES) {
            return Err("the name of its key is too long");
        }
        let kind = text("typ")?.map(str::to_ascii_lowercase);
        Ok(Self { algorithm, key_id: key_id.map(str::to_owned), kind })
    }
}

#[cfg(test)]
mod tests;
