//! WebAuthn (W3C Web Authentication, Level 2): verifies what a browser's authenticator made, for real.
//!
//! ES256 and RS256. Binary members come as standard base64 with padding, as Okta's clients send them;
//! base64url without padding is taken as well.

mod ceremony;
mod key;

pub(crate) use ceremony::{Asserted, Ceremony};
pub(crate) use key::PublicKey;

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

/// Decodes either alphabet, with or without padding.
pub(crate) fn decode(text: &str) -> Option<Vec<u8>> {
    let config = GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    let alphabet = if text.contains(['-', '_']) { &alphabet::URL_SAFE } else { &alphabet::STANDARD };
    GeneralPurpose::new(alphabet, config).decode(text).ok()
}
