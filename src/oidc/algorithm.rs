//! How tokens may be signed: asymmetric algorithms only. `none` and `HS*` have no name here, so no list of
//! algorithms can allow them.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest::{self, SHA256, SHA512};

/// How a text may be signed (RFC 7518 3.1, RFC 8037 3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    Rs256,
    /// RSASSA-PSS with SHA-256.
    Ps256,
    /// ECDSA on P-256 with SHA-256.
    Es256,
    /// Ed25519.
    EdDsa,
}

/// All of them: what is allowed unless the configuration says less.
pub const ALGORITHMS: [Algorithm; 4] = [Algorithm::Rs256, Algorithm::Ps256, Algorithm::Es256, Algorithm::EdDsa];

impl Algorithm {
    /// The algorithm that is called so, letter by letter: names have a case (RFC 7515 4.1.1).
    pub fn named(name: &str) -> Option<Self> {
        ALGORITHMS.into_iter().find(|algorithm| algorithm.name() == name)
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Ps256 => "PS256",
            Self::Es256 => "ES256",
            Self::EdDsa => "EdDSA",
        }
    }

    /// base64url of the left half of a hash of the algorithm's own (OpenID Connect Core 3.1.3.6; for Ed25519 the
    /// hash it is made of).
    pub(super) fn half_hash(self, text: &str) -> String {
        let hash = digest::digest(if self == Self::EdDsa { &SHA512 } else { &SHA256 }, text.as_bytes());
        URL_SAFE_NO_PAD.encode(&hash.as_ref()[..hash.as_ref().len() / 2])
    }
}
