//! Randomness: handles, ids, codes, challenges. All from the system's generator, but for the ids of
//! what is always there.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest::{SHA256, digest};
use ring::rand::{SecureRandom as _, SystemRandom};

/// `N` random bytes.
pub(crate) fn bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    SystemRandom::new().fill(&mut bytes).expect("the system has randomness");
    bytes
}

/// An opaque handle: 256 bits, safe in URLs.
pub(crate) fn handle() -> String {
    URL_SAFE_NO_PAD.encode(bytes::<32>())
}

/// An id as Okta writes them: a prefix that says what it is, 20 characters in all.
pub(crate) fn id(prefix: &str) -> String {
    spelt(prefix, &bytes::<17>())
}

/// The id of what is always there: it follows from its name, so that it is the same after a reset.
pub(crate) fn id_of(prefix: &str, name: &str) -> String {
    spelt(prefix, digest(&SHA256, name.as_bytes()).as_ref())
}

fn spelt(prefix: &str, bytes: &[u8]) -> String {
    let alphabet = b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    let tail = bytes.iter().map(|byte| char::from(alphabet[usize::from(*byte) % alphabet.len()]));
    prefix.chars().chain(tail).take(20).collect()
}

/// A code of six digits, as mailed and texted.
pub(crate) fn digits() -> String {
    format!("{:06}", u32::from_be_bytes(bytes::<4>()) % 1_000_000)
}

/// A number between 10 and 99, as shown in a number challenge.
pub(crate) fn two_digits() -> u8 {
    10 + bytes::<1>()[0] % 90
}
