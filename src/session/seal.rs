//! Sealing: authenticated encryption of what browsers and the store keep, so that neither can read or change it.
//!
//! A sealed value is ASCII and safe in a cookie:
//!
//! ```text
//! v2.<key id>.<base64url, no padding: nonce (12 bytes) ‖ ciphertext ‖ tag (16 bytes)>
//! ```
//!
//! AES-256-GCM (NIST SP 800-38D), a fresh random nonce each time; with 96 random bits one key stays
//! within the bound of that document's 8.3 for 2^32 seals. The version, the key id, the
//! purpose and the [`Deployment`] are authenticated too: a sign-in cookie cannot be replayed as a session cookie, and
//! two gateways that were given one key file cannot open each other's cookies. The key id is eight hex digits of the
//! key's SHA-256; it says which key to try, never more.
//!
//! Opening fails the same way for every cause, [`Unsealed`]: a browser that tampers learns nothing.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};

use aes_gcm::aead::AeadInOut as _;
use aes_gcm::{Aes256Gcm, KeyInit as _, Nonce, Tag};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use data_encoding::{HEXLOWER, HEXLOWER_PERMISSIVE};
use ring::hkdf::HKDF_SHA256;
use serde::Serialize;
use serde::de::DeserializeOwned;
use zeroize::{Zeroize as _, Zeroizing};

use crate::secret::{Secret, random, sha256, sha256_of_list};
use crate::time::Instant;

const VERSION: &str = "v2";
const NONCE: usize = 12;
const TAG: usize = 16;

/// What a sealed value is for. One sealed for one purpose does not open for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// A session, whole, in a cookie.
    Session,
    /// Which session of the store a browser holds.
    Ticket,
    /// A session as the store keeps it.
    Record,
    /// A sign-in that has begun.
    SignIn,
    /// When a session was last used.
    Seen,
    /// The tokens that a sign-in brought.
    Tokens,
    /// What refreshes a session, and what that has changed.
    Refresh,
    /// The token in a form, which says that a page of ours was asked for it.
    Form,
    /// Where a sign-in that is over led to.
    Return,
    /// What the address of a sign-in page asks for.
    Entry,
    /// What a sign-in has still to set in the browser.
    Arrival,
    /// The user name that a browser remembers.
    Username,
    /// How often a host has asked for a session to reach one page.
    HopCount,
    /// What a host keeps while somebody signs in at the sign-in host.
    Departure,
    /// What a host asks of the sign-in host.
    Hop,
    /// The same once the sign-in has begun.
    HopBegun,
    /// What the sign-in host answers with.
    HandOver,
    /// A sign-out that goes on at the sign-in host.
    SignOut,
    /// What the page at the end of a sign-out is told, by way of a provider or not.
    SignedOut,
    /// A form that a visitor's browser keeps until they are signed in.
    KeptForm,
    /// Which of a route's upstreams a browser stays with.
    Member,
}

impl Purpose {
    const fn label(self) -> &'static str {
        match self {
            Self::Session => "session",
            Self::Ticket => "ticket",
            Self::Record => "record",
            Self::SignIn => "sign-in",
            Self::Seen => "seen",
            Self::Tokens => "tokens",
            Self::Refresh => "refresh",
            Self::Form => "form",
            Self::Return => "return",
            Self::Entry => "entry",
            Self::Arrival => "arrival",
            Self::Username => "username",
            Self::HopCount => "hop-count",
            Self::Departure => "departure",
            Self::Hop => "hop",
            Self::HopBegun => "hop-begun",
            Self::HandOver => "hand-over",
            Self::SignOut => "sign-out",
            Self::SignedOut => "signed-out",
            Self::KeptForm => "kept-form",
            Self::Member => "member",
        }
    }
}

/// A key of 32 bytes, ready for use.
pub struct Key {
    id: String,
    cipher: Aes256Gcm,
    /// What keys for other purposes are derived from.
    root: ring::hkdf::Prk,
    /// When it was made, as far as that is known.
    pub made: Option<Instant>,
    /// When it is over: from then on it opens and seals nothing ([`KeyRing::retire`]).
    pub not_after: Option<Instant>,
    /// Whether that moment has come.
    is_over: AtomicBool,
}

impl Key {
    /// Reads 32 bytes written as base64 (either alphabet, padded or not) or as 64 hex digits.
    pub fn parse(text: &str) -> Result<Self, BadKey> {
        let text = text.trim();
        let hex = HEXLOWER_PERMISSIVE.decode(text.as_bytes()).ok().filter(|bytes| bytes.len() == 32);
        let bytes = Zeroizing::new(hex.or_else(|| base64(text)).ok_or(BadKey)?);
        let cipher = Aes256Gcm::new_from_slice(&bytes).map_err(|_| BadKey)?;
        let id = HEXLOWER.encode(&sha256(&bytes)[..4]);
        let root = ring::hkdf::Salt::new(HKDF_SHA256, b"idx-gateway").extract(&bytes);
        Ok(Self { id, cipher, root, made: None, not_after: None, is_over: AtomicBool::new(false) })
    }

    /// Its id: the first eight hex digits of its SHA-256.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Whether it opens and seals nothing any more.
    pub fn is_over(&self) -> bool {
        self.is_over.load(Ordering::Relaxed)
    }

    /// The text of a new random key, as [`Key::parse`] reads it.
    pub fn fresh() -> Secret {
        let bytes: Zeroizing<[u8; 32]> = Zeroizing::new(random());
        Secret::new(STANDARD.encode(bytes.as_slice()))
    }

    /// The label of everything sealed with this key, and the text that stands before it.
    fn label(&self) -> String {
        format!("{VERSION}.{}.", self.id)
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({})", self.id)
    }
}

/// The text is not a key of 32 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not 32 bytes in base64 or hex")]
pub struct BadKey;

/// A sealed value does not open. Nothing says why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("does not open")]
pub struct Unsealed;

/// What seals are bound to. What was sealed in one deployment opens in no other.
#[derive(Clone, Copy, Debug)]
pub struct Deployment<'a> {
    /// Scheme, host and port of the site, as a browser writes them.
    pub origin: &'a str,
    /// The provider's issuer.
    pub issuer: &'a str,
    /// The gateway's client id there.
    pub client_id: &'a str,
}

impl Deployment<'_> {
    fn digest(&self) -> [u8; 32] {
        sha256_of_list([self.origin, self.issuer, self.client_id])
    }
}

/// The id of the key that sealed this text, where it is one that [`KeyRing::seal`] gave.
pub(super) fn sealed_with(sealed: &str) -> Option<&str> {
    let (id, _) = sealed.strip_prefix(VERSION)?.strip_prefix('.')?.split_once('.')?;
    Some(id)
}

/// At least one key: the newest seals, all of them open.
#[derive(Debug)]
pub struct KeyRing {
    deployment: [u8; 32],
    newest: Key,
    older: Vec<Key>,
}

impl KeyRing {
    /// `newest` seals; `older` only open what they once sealed.
    pub fn new(deployment: Deployment<'_>, newest: Key, older: Vec<Key>) -> Self {
        Self { deployment: deployment.digest(), newest, older }
    }

    /// Takes keys out of use whose moment has come, and says which key seals from then on: the newest that is not over. Where
    /// all are, nothing opens, whatever is sealed.
    pub fn retire(&self, now: Instant) -> &Key {
        for key in self.all() {
            key.is_over.store(key.not_after.is_some_and(|moment| now >= moment), Ordering::Relaxed);
        }
        self.sealing()
    }

    /// Every key, the newest first.
    pub fn all(&self) -> impl Iterator<Item = &Key> {
        std::iter::once(&self.newest).chain(&self.older)
    }

    /// Whether what the key of this id sealed still opens at `now`.
    pub fn is_in_use(&self, id: &str, now: Instant) -> bool {
        self.all().any(|key| key.id == id && key.not_after.is_none_or(|moment| now < moment))
    }

    fn sealing(&self) -> &Key {
        self.all().find(|key| !key.is_over()).unwrap_or(&self.newest)
    }

    /// Seals `plain` for `purpose`.
    pub fn seal(&self, purpose: Purpose, plain: &[u8]) -> String {
        let (mut text, sealed) = self.sealed(purpose, plain);
        URL_SAFE_NO_PAD.encode_string(&sealed, &mut text);
        text
    }

    /// The same without base64, for where bytes will do: a quarter shorter.
    pub(super) fn seal_bytes(&self, purpose: Purpose, plain: &[u8]) -> Vec<u8> {
        let (label, sealed) = self.sealed(purpose, plain);
        [label.as_bytes(), &sealed].concat()
    }

    /// The label, and nonce, ciphertext and tag.
    fn sealed(&self, purpose: Purpose, plain: &[u8]) -> (String, Vec<u8>) {
        let mut sealed = Vec::with_capacity(NONCE + plain.len() + TAG);
        sealed.extend_from_slice(&random::<NONCE>());
        sealed.extend_from_slice(plain);
        let key = self.sealing();
        let label = key.label();
        let associated = self.associated(&label, purpose);
        let (nonce, body) = sealed.split_at_mut(NONCE);
        let tag = Nonce::try_from(&*nonce)
            .ok()
            .and_then(|nonce| key.cipher.encrypt_inout_detached(&nonce, &associated, body.into()).ok());
        match tag {
            Some(tag) => sealed.extend_from_slice(&tag),
            // GCM seals anything below 64 GiB. Were it ever not to, nothing readable may leave.
            None => sealed.zeroize(),
        }
        (label, sealed)
    }

    /// Opens what [`KeyRing::seal`] gave for the same purpose.
    pub fn open(&self, purpose: Purpose, sealed: &str) -> Result<Vec<u8>, Unsealed> {
        let (label, body) = sealed.split_at(memchr::memrchr(b'.', sealed.as_bytes()).ok_or(Unsealed)? + 1);
        let key = self.labelled(label)?;
        let bytes = URL_SAFE_NO_PAD.decode(body).map_err(|_| Unsealed)?;
        self.opened(key, purpose, label, bytes)
    }

    /// Opens what [`KeyRing::seal_bytes`] gave for the same purpose.
    pub(super) fn open_bytes(&self, purpose: Purpose, sealed: &[u8]) -> Result<Vec<u8>, Unsealed> {
        let (end, _) = sealed.iter().enumerate().filter(|(_, byte)| **byte == b'.').nth(1).ok_or(Unsealed)?;
        let (label, bytes) = sealed.split_at(end + 1);
        let label = std::str::from_utf8(label).map_err(|_| Unsealed)?;
        self.opened(self.labelled(label)?, purpose, label, bytes.to_vec())
    }

    /// The key of a label, which ends in a dot.
    fn labelled(&self, label: &str) -> Result<&Key, Unsealed> {
        let id = label.strip_prefix(VERSION).and_then(|rest| rest.strip_prefix('.')?.strip_suffix('.'));
        let id = id.ok_or(Unsealed)?;
        self.all().find(|key| key.id == id && !key.is_over()).ok_or(Unsealed)
    }

    /// What stands in nonce, ciphertext and tag.
    fn opened(&self, key: &Key, purpose: Purpose, label: &str, mut bytes: Vec<u8>) -> Result<Vec<u8>, Unsealed> {
        let end = bytes.len().checked_sub(TAG).filter(|end| *end >= NONCE).ok_or(Unsealed)?;
        let tag = Tag::try_from(&bytes[end..]).map_err(|_| Unsealed)?;
        bytes.truncate(end);
        let nonce = Nonce::try_from(&bytes[..NONCE]).map_err(|_| Unsealed)?;
        key.cipher
            .decrypt_inout_detached(&nonce, &self.associated(label, purpose), (&mut bytes[NONCE..]).into(), &tag)
            .map_err(|_| Unsealed)?;
        bytes.drain(..NONCE);
        Ok(bytes)
    }

    /// Seals a value for `purpose`, in postcard's form.
    pub fn seal_value(&self, purpose: Purpose, value: &impl Serialize) -> String {
        let plain = postcard::to_stdvec(value).expect("what is sealed is of known length");
        self.seal(purpose, &Zeroizing::new(plain))
    }

    /// Opens what [`KeyRing::seal_value`] gave for the same purpose; none of anything else.
    pub fn open_value<T: DeserializeOwned>(&self, purpose: Purpose, sealed: &str) -> Option<T> {
        postcard::from_bytes(&Zeroizing::new(self.open(purpose, sealed).ok()?)).ok()
    }

    /// 32 bytes for another end, of each key, the newest first (HKDF, RFC 5869): of this deployment, and of no use for
    /// finding the keys.
    pub fn derive(&self, end: &str) -> Vec<Zeroizing<[u8; 32]>> {
        self.all()
            .filter_map(|key| {
                let mut bytes = Zeroizing::new([0; 32]);
                let info = [end.as_bytes(), &self.deployment];
                key.root.expand(&info, HKDF_SHA256).ok()?.fill(bytes.as_mut_slice()).ok()?;
                Some(bytes)
            })
            .collect()
    }

    /// What is authenticated beside the text: version and key id as they are written, the purpose, and the deployment
    /// in its 32 bytes, so that each part has its place.
    fn associated(&self, label: &str, purpose: Purpose) -> Vec<u8> {
        [label.as_bytes(), purpose.label().as_bytes(), &self.deployment].concat()
    }
}

fn base64(text: &str) -> Option<Vec<u8>> {
    [STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD]
        .iter()
        .find_map(|alphabet| alphabet.decode(text).ok())
        .filter(|bytes| bytes.len() == 32)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const OURS: Deployment<'_> =
        Deployment { origin: "https://wiki.example.com", issuer: "https://org.example", client_id: "wiki" };

    fn ring(bytes: &[u8]) -> KeyRing {
        let mut keys = bytes.iter().map(|byte| Key::parse(&format!("{byte:02x}").repeat(32)).expect("a key"));
        KeyRing::new(OURS, keys.next().expect("one key"), keys.collect())
    }

    /// Test case 16 of the GCM specification that NIST SP 800-38D takes up: the cipher under the seal
    /// is the one it says it is.
    #[test]
    fn gcm_specification_test_case_16() {
        let bytes = |text: &str| -> Vec<u8> {
            (0..text.len() / 2).map(|at| u8::from_str_radix(&text[2 * at..2 * at + 2], 16).expect("hex")).collect()
        };
        let key = Key::parse("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308").expect("a key");
        let mut body = bytes(
            "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
        );
        let nonce = Nonce::try_from(&bytes("cafebabefacedbaddecaf888")[..]).expect("12 bytes");
        let associated = bytes("feedfacedeadbeeffeedfacedeadbeefabaddad2");
        let tag = key.cipher.encrypt_inout_detached(&nonce, &associated, body.as_mut_slice().into()).expect("sealed");
        let cipher = "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662";
        assert_eq!(body, bytes(cipher));
        assert_eq!(tag.to_vec(), bytes("76fc6ece0f4e1768cddf8853bb2d551b"));
    }

    #[test]
    fn what_was_sealed_opens_again_and_never_looks_the_same() {
        let ring = ring(&[1]);
        let (one, other) = (ring.seal(Purpose::Session, b"hello"), ring.seal(Purpose::Session, b"hello"));
        assert_ne!(one, other);
        // The key id is the beginning of SHA-256 over 32 bytes of 0x01, by sha256sum.
        assert!(one.starts_with("v2.72cd6e84."), "{one}");
        assert_eq!(ring.open(Purpose::Session, &one).as_deref(), Ok(&b"hello"[..]));
    }

    #[test]
    fn one_purpose_does_not_open_what_was_sealed_for_another() {
        let ring = ring(&[1]);
        let sealed = ring.seal(Purpose::SignIn, b"hello");
        assert_eq!(ring.open(Purpose::Session, &sealed), Err(Unsealed));
    }

    /// K-17.
    #[test]
    fn what_one_deployment_sealed_opens_in_no_other_whatever_keys_they_share() {
        let key = || Key::parse(&"01".repeat(32)).expect("a key");
        let sealed = ring(&[1]).seal(Purpose::Session, b"hello");
        for other in [
            Deployment { origin: "https://wiki.example.org", ..OURS },
            Deployment { origin: "http://wiki.example.com", ..OURS },
            Deployment { issuer: "https://org.example/oauth2/default", ..OURS },
            Deployment { client_id: "staging", ..OURS },
            Deployment { issuer: "https://org.examplew", client_id: "iki", ..OURS },
        ] {
            assert_eq!(
                KeyRing::new(other, key(), Vec::new()).open(Purpose::Session, &sealed),
                Err(Unsealed),
                "{other:?}"
            );
        }
        assert!(KeyRing::new(OURS, key(), Vec::new()).open(Purpose::Session, &sealed).is_ok());
    }

    #[test]
    fn an_older_key_opens_and_a_foreign_one_does_not() {
        let sealed = ring(&[1]).seal(Purpose::Session, b"hello");
        assert_eq!(ring(&[2, 1]).open(Purpose::Session, &sealed).as_deref(), Ok(&b"hello"[..]));
        assert_eq!(ring(&[2]).open(Purpose::Session, &sealed), Err(Unsealed));
        assert!(ring(&[2, 1]).seal(Purpose::Session, b"").starts_with("v2."));
    }

    #[test]
    fn a_key_whose_moment_has_come_opens_and_seals_nothing_any_more() {
        let at = |seconds| Instant::from_seconds(seconds);
        let key = |byte: &str, not_after| Key { not_after, ..Key::parse(&byte.repeat(32)).expect("a key") };
        let ring = KeyRing::new(OURS, key("02", Some(at(2000))), vec![key("01", Some(at(1000))), key("03", None)]);
        let of_older = super::tests::ring(&[1]).seal(Purpose::Session, b"hello");
        let of_newest = ring.seal(Purpose::Session, b"hello");
        for (now, seals, opens) in
            [(999, "02", (true, true)), (1000, "02", (false, true)), (2000, "03", (false, false))]
        {
            assert_eq!(ring.retire(at(now)).id(), key(seals, None).id(), "at {now}");
            let found =
                (ring.open(Purpose::Session, &of_older).is_ok(), ring.open(Purpose::Session, &of_newest).is_ok());
            assert_eq!(found, opens, "at {now}");
            let sealed = ring.seal(Purpose::Session, b"hello");
            assert!(ring.open(Purpose::Session, &sealed).is_ok());
            for (sealed, opens) in [(&of_older, opens.0), (&of_newest, opens.1)] {
                assert_eq!(ring.is_in_use(sealed_with(sealed).expect("its key"), at(now)), opens, "at {now}");
            }
        }
        assert!(!ring.is_in_use("72cd6e85", at(0)) && sealed_with("v1.72cd6e84.x").is_none());
        // A clock that is put right.
        ring.retire(at(999));
        assert!(ring.open(Purpose::Session, &of_older).is_ok());
    }

    #[test]
    fn sealed_bytes_are_shorter_than_the_text_and_open_to_the_same() {
        let (ring, plain) = (ring(&[1]), [b'.'; 300]);
        let (text, bytes) = (ring.seal(Purpose::Record, &plain), ring.seal_bytes(Purpose::Record, &plain));
        assert!(bytes.len() * 100 < text.len() * 77, "{} of {}", bytes.len(), text.len());
        assert_eq!(ring.open_bytes(Purpose::Record, &bytes).as_deref(), Ok(&plain[..]));
        assert_eq!(ring.open_bytes(Purpose::Session, &bytes), Err(Unsealed));
        for nothing in [&b""[..], b"v2", b"v2.72cd6e84", b"v2.72cd6e84.", b"\xff.72cd6e84.x"] {
            assert_eq!(ring.open_bytes(Purpose::Record, nothing), Err(Unsealed), "{nothing:?}");
        }
    }

    #[test]
    fn what_was_never_sealed_does_not_open() {
        for sealed in
            ["", ".", "..", "v2", "v2.72cd6e84", "v2.72cd6e84.", "v2.72cd6e84.AAAA", "v1.72cd6e84.AAAA", "é.é.é"]
        {
            assert_eq!(ring(&[1]).open(Purpose::Session, sealed), Err(Unsealed), "{sealed}");
        }
    }

    #[test]
    fn a_key_is_32_bytes_in_base64_or_hex() {
        let standard = STANDARD.encode([0xfb; 32]);
        for good in [&standard, &URL_SAFE_NO_PAD.encode([0xfb; 32]), &"fb".repeat(32), &format!(" {standard}\n")] {
            assert_eq!(Key::parse(good).expect("a key").id, Key::parse(&standard).expect("a key").id);
        }
        for bad in ["", "hunter2", "zz", &"f".repeat(63), &STANDARD.encode([0; 31]), &STANDARD.encode([0; 33])] {
            assert!(Key::parse(bad).is_err(), "{bad}");
        }
        assert!(Key::parse(Key::fresh().expose()).is_ok());
    }

    proptest! {
        #[test]
        fn any_change_is_noticed(plain in prop::collection::vec(any::<u8>(), 0..64), at in any::<prop::sample::Index>(), to in "[A-Za-z0-9_.-]") {
            let ring = ring(&[1]);
            let sealed = ring.seal(Purpose::Session, &plain);
            let at = at.index(sealed.len());
            let changed = format!("{}{to}{}", &sealed[..at], &sealed[at + 1..]);
            prop_assume!(changed != sealed);
            prop_assert_eq!(ring.open(Purpose::Session, &changed), Err(Unsealed));
            prop_assert_eq!(ring.open(Purpose::Session, &sealed[..at]), Err(Unsealed));
        }
    }
}
