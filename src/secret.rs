//! Values that must not be printed by accident: client secrets, tokens, handles, verifiers.
//!
//! A [`Secret`] shows itself as `Secret(…)` in `Debug`, has no `Display`, is compared in constant time
//! and is wiped when dropped. Code that needs the text calls [`Secret::expose`], which makes
//! every such place easy to find. It is serialised only to be sealed. Beside it stand random bytes and digests.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::{SecureRandom as _, SystemRandom};
use ring::{digest, hmac};
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq as _;
use zeroize::{Zeroize, ZeroizeOnDrop};

/// A text that is not for logs, pages or addresses.
#[derive(Clone, Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// Keeps `text` from being printed from here on.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself, for the one place that needs it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// Takes the same time wherever two secrets differ; only their lengths show.
impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        self.0.as_bytes().ct_eq(other.0.as_bytes()).into()
    }
}

impl Eq for Secret {}

/// Random bytes from the system. Without them nothing can be kept secret, so there is no going on.
pub fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    SystemRandom::new().fill(&mut bytes).expect("the system gives random bytes");
    bytes
}

/// SHA-256 (FIPS 180-4).
pub fn sha256(bytes: impl AsRef<[u8]>) -> [u8; 32] {
    digest::digest(&digest::SHA256, bytes.as_ref()).as_ref().try_into().expect("SHA-256 has 32 bytes")
}

/// SHA-256 over several values, each after its length (eight bytes, big-endian), so that no two lists give one digest.
pub fn sha256_of_list<T: AsRef<[u8]>>(list: impl IntoIterator<Item = T>) -> [u8; 32] {
    let mut context = digest::Context::new(&digest::SHA256);
    for value in list {
        context.update(&(value.as_ref().len() as u64).to_be_bytes());
        context.update(value.as_ref());
    }
    context.finish().as_ref().try_into().expect("SHA-256 has 32 bytes")
}

/// HMAC-SHA-256 (RFC 2104) of `text` under `key`, in base64url.
pub fn hmac(key: &str, text: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, key.as_bytes());
    URL_SAFE_NO_PAD.encode(hmac::sign(&key, text.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_not_printed() {
        assert_eq!(format!("{:?}", Secret::new("hunter2")), "Secret(…)");
        assert_eq!(format!("{:?}", Some(Secret::new("hunter2"))), "Some(Secret(…))");
    }

    #[test]
    fn secrets_are_equal_when_their_texts_are() {
        assert_eq!(Secret::new("a"), Secret::new("a"));
        for other in ["b", "", "aa", "A"] {
            assert_ne!(Secret::new("a"), Secret::new(other));
        }
    }
}
