//! Codes that change with time: TOTP (RFC 6238) with SHA-1, six digits and steps of 30 seconds, and
//! the codes of the token kinds, which are made from the same counter.
//!
//! A code is good within two steps of the org's clock, and once (RFC 6238 §5.2). The window is wider
//! than the RFC recommends so that tests can sign the same person in five times at once.

use data_encoding::BASE32_NOPAD;
use ring::hmac;
use serde::{Deserialize, Serialize};

use crate::authenticator::Key;
use crate::clock::Moment;

/// Seconds that a code lasts.
const STEP: i64 = 30;
/// Steps before and after now that are accepted, nearest first.
const WINDOW: [i64; 5] = [0, 1, -1, 2, -2];

/// A shared secret, written in base32 (RFC 4648 §6) without padding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(crate) struct TotpSecret(Vec<u8>);

/// How a code fared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Checked {
    Good { counter: i64 },
    Used,
    Wrong,
}

impl TotpSecret {
    /// A fresh secret of 160 bits.
    pub(crate) fn fresh() -> Self {
        Self(crate::random::bytes::<20>().to_vec())
    }

    /// Looks for `code` in the window around `now`; `used` are the counters already spent.
    pub(crate) fn check(&self, key: Key, code: &str, now: Moment, used: &[i64]) -> Checked {
        let found = WINDOW.map(|offset| now.seconds() / STEP + offset);
        match found.into_iter().find(|counter| self.code(key, *counter) == code) {
            Some(counter) if used.contains(&counter) => Checked::Used,
            Some(counter) => Checked::Good { counter },
            None => Checked::Wrong,
        }
    }

    /// The code a person would read now: the nearest one that is not spent.
    pub(crate) fn current(&self, key: Key, now: Moment, used: &[i64]) -> String {
        let counters = WINDOW.map(|offset| now.seconds() / STEP + offset);
        let counter = counters.into_iter().find(|counter| !used.contains(counter)).unwrap_or(counters[0]);
        self.code(key, counter)
    }

    /// The code of a counter, as this kind of token writes it.
    fn code(&self, key: Key, counter: i64) -> String {
        let mac = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &self.0), &counter.to_be_bytes());
        let mac = mac.as_ref();
        match key {
            // A YubiKey types an id and 16 enciphered bytes in modhex.
            Key::Yubikey => {
                let modhex = b"cbdefghijklnrtuv";
                let letter = |nibble: u8| char::from(modhex[usize::from(nibble & 15)]);
                "cccccbcdefgh"
                    .chars()
                    .chain(mac[..16].iter().flat_map(|byte| [letter(byte >> 4), letter(*byte)]))
                    .collect()
            }
            // Temporary access codes may hold symbols.
            Key::TemporaryAccessCode => {
                let alphabet = b"abcdefghjkmnpqrstuvwxyz23456789!#%+";
                mac[..10].iter().map(|byte| char::from(alphabet[usize::from(*byte) % alphabet.len()])).collect()
            }
            Key::Rsa | Key::OnPrem => format!("{:08}", truncated(mac) % 100_000_000),
            _ => format!("{:06}", truncated(mac) % 1_000_000),
        }
    }
}

/// Dynamic truncation (RFC 4226 §5.3).
fn truncated(mac: &[u8]) -> u32 {
    let offset = usize::from(mac[19] & 15);
    u32::from_be_bytes([mac[offset], mac[offset + 1], mac[offset + 2], mac[offset + 3]]) & 0x7fff_ffff
}

impl From<TotpSecret> for String {
    fn from(secret: TotpSecret) -> Self {
        BASE32_NOPAD.encode(&secret.0)
    }
}

impl TryFrom<String> for TotpSecret {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let bytes = BASE32_NOPAD.decode(text.trim_end_matches('=').to_ascii_uppercase().as_bytes());
        bytes.map(Self).map_err(|_| format!("`{text}` is not base32"))
    }
}

#[cfg(test)]
mod tests {
    use super::{Checked, TotpSecret};
    use crate::authenticator::Key;
    use crate::clock::Moment;

    fn secret() -> TotpSecret {
        TotpSecret(b"12345678901234567890".to_vec())
    }

    #[test]
    fn rfc_6238_appendix_b() {
        for (seconds, code) in
            [(59, "287082"), (1_111_111_109, "081804"), (1_234_567_890, "005924"), (20_000_000_000, "353130")]
        {
            assert_eq!(secret().current(Key::GoogleOtp, Moment(seconds * 1000), &[]), code);
        }
    }

    #[test]
    fn rfc_4648_base32() {
        assert_eq!(String::from(TotpSecret(b"foobar".to_vec())), "MZXW6YTBOI");
        assert_eq!(TotpSecret::try_from("MZXW6YTBOI======".to_owned()), Ok(TotpSecret(b"foobar".to_vec())));
        assert!(TotpSecret::try_from("not base32".to_owned()).is_err());
    }

    #[test]
    fn a_code_is_good_once_and_near_its_time() {
        let at = Moment(59_000);
        assert_eq!(secret().check(Key::GoogleOtp, "287082", at, &[]), Checked::Good { counter: 1 });
        assert_eq!(secret().check(Key::GoogleOtp, "287082", at, &[1]), Checked::Used);
        assert_eq!(secret().check(Key::GoogleOtp, "287082", at.plus(120), &[]), Checked::Wrong);
    }
}
