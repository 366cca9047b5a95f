//! Proof Key for Code Exchange (RFC 7636), S256 only.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use crate::secret::{Secret, sha256};

/// The code verifier: 43 characters of base64url for 256 random bits; RFC 7636 4.1 allows 43 to 128.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Verifier(Secret);

impl Verifier {
    /// The verifier that encodes these random bytes.
    pub fn from_bytes(random: [u8; 32]) -> Self {
        Self(Secret::new(URL_SAFE_NO_PAD.encode(random)))
    }

    /// The code challenge: base64url(SHA-256(verifier)), RFC 7636 4.2.
    pub fn challenge(&self) -> String {
        URL_SAFE_NO_PAD.encode(sha256(self.0.expose()))
    }

    /// The verifier as text, for the token endpoint.
    pub fn expose(&self) -> &str {
        self.0.expose()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rfc_7636_appendix_b() {
        let octets = [
            116, 24, 223, 180, 151, 153, 224, 37, 79, 250, 96, 125, 216, 173, 187, 186, 22, 212, 37, 77, 105, 214, 191,
            240, 91, 88, 5, 88, 83, 132, 141, 121,
        ];
        let verifier = Verifier::from_bytes(octets);
        assert_eq!(verifier.expose(), "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
        assert_eq!(verifier.challenge(), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    }
}
