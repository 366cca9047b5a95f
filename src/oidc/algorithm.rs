//! Signature algorithms of tokens, all asymmetric. `none` and `HS*` have no variant, so no list of algorithms can allow
//! them.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest::{self, SHA256, SHA512};

/// A signature algorithm (RFC 7518 3.1, RFC 8037 3.1).
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

/// All algorithms; these are allowed unless the configuration lists fewer.
pub const ALGORITHMS: [Algorithm; 4] = [Algorithm::Rs256, Algorithm::Ps256, Algorithm::Es256, Algorithm::EdDsa];

impl Algorithm {
    /// The algorithm of that name; names are case-sensitive (RFC 7515 4.1.1).
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

    /// The left half of the hash of `text`, in base64url, as `at_hash` has it (OpenID Connect Core 3.1.3.6). The hash
    /// is that of the algorithm, for Ed25519 SHA-512, which it uses itself.
    pub(super) fn half_hash(self, text: &str) -> String {
        let hash = digest::digest(if self == Self::EdDsa { &SHA512 } else { &SHA256 }, text.as_bytes());
        URL_SAFE_NO_PAD.encode(&hash.as_ref()[..hash.as_ref().len() / 2])
    }
}
