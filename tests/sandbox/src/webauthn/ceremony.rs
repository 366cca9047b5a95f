//! The two ceremonies: registering a credential (WebAuthn §7.1) and asserting with one (§7.2).
//!
//! Checked: the type, the challenge, the origin, the relying party id's hash, that a person was
//! present, the signature, and that the signature counter grows. Attestation is not asked for
//! (`none`), so its statement is not trusted and not read.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest::{SHA256, digest};
use serde_json::Value;

use super::{PublicKey, decode};

/// Flags of authenticator data (§6.1): user present, attested credential data included.
const PRESENT: u8 = 0x01;
const ATTESTED: u8 = 0x40;

/// What a ceremony must match.
pub(crate) struct Ceremony<'a> {
    pub(crate) challenge: &'a str,
    pub(crate) rp_id: &'a str,
    /// Origins that are accepted besides those of loopback.
    pub(crate) origins: Vec<String>,
}

/// A credential that was registered.
#[derive(Debug)]
pub(crate) struct Registered {
    /// base64url.
    pub(crate) credential_id: String,
    pub(crate) public_key: PublicKey,
    pub(crate) sign_count: u32,
}

/// A credential as it is known, to be asserted with.
pub(crate) struct Asserted<'a> {
    pub(crate) client_data: &'a str,
    pub(crate) authenticator_data: &'a str,
    pub(crate) signature: &'a str,
}

impl Ceremony<'_> {
    /// Reads a new credential. Fails with the check that did not hold.
    pub(crate) fn register(&self, client_data: &str, attestation: &str) -> Result<Registered, &'static str> {
        self.client_data(client_data, "webauthn.create")?;
        let object = decode(attestation).ok_or("attestation is not base64")?;
        let object: ciborium::Value =
            ciborium::from_reader(object.as_slice()).map_err(|_| "attestation is not CBOR")?;
        let members = object.as_map().map(Vec::as_slice).unwrap_or_default();
        let data = members.iter().find(|(name, _)| name.as_text() == Some("authData"));
        let data = data.and_then(|(_, data)| data.as_bytes()).ok_or("attestation has no authData")?;
        let (flags, sign_count, attested) = self.authenticator_data(data)?;
        if flags & ATTESTED == 0 {
            return Err("authData has no attested credential");
        }
        // 16 bytes of AAGUID, two of length, the id, then the key (§6.5.1).
        let length = attested.get(16..18).ok_or("authData is cut short")?;
        let length = usize::from(u16::from_be_bytes([length[0], length[1]]));
        let credential_id = attested.get(18..18 + length).ok_or("authData is cut short")?;
        // Extensions may follow the key, so it is read from the front.
        let key: ciborium::Value =
            ciborium::from_reader(&attested[18 + length..]).map_err(|_| "the credential's key is not CBOR")?;
        Ok(Registered {
            credential_id: URL_SAFE_NO_PAD.encode(credential_id),
            public_key: PublicKey::from_cose(key).ok_or("the credential's key is neither ES256 nor RS256")?,
            sign_count,
        })
    }

    /// Verifies an assertion against a known key and counter; gives the new counter.
    pub(crate) fn assert(&self, made: &Asserted<'_>, key: &PublicKey, known: u32) -> Result<u32, &'static str> {
        let client_data = self.client_data(made.client_data, "webauthn.get")?;
        let data = decode(made.authenticator_data).ok_or("authenticatorData is not base64")?;
        let (_, sign_count, _) = self.authenticator_data(&data)?;
        let signature = decode(made.signature).ok_or("signatureData is not base64")?;
        let signed = [&data[..], digest(&SHA256, &client_data).as_ref()].concat();
        if !key.verifies(&signed, &signature) {
            return Err("the signature does not verify");
        }
        if (sign_count != 0 || known != 0) && sign_count <= known {
            return Err("the signature counter did not grow");
        }
        Ok(sign_count)
    }

    /// Checks the collected client data (§5.8.1) and gives its bytes.
    fn client_data(&self, encoded: &str, kind: &str) -> Result<Vec<u8>, &'static str> {
        let bytes = decode(encoded).ok_or("clientData is not base64")?;
        let data: Value = serde_json::from_slice(&bytes).map_err(|_| "clientData is not JSON")?;
        let text = |name: &str| data.get(name).and_then(Value::as_str).unwrap_or_default();
        if text("type") != kind {
            return Err("clientData is of another type");
        }
        if text("challenge") != self.challenge {
            return Err("clientData answers another challenge");
        }
        let origin = text("origin");
        let loopback = url::Url::parse(origin).is_ok_and(|url| crate::server::is_loopback(&url));
        match loopback || self.origins.iter().any(|known| known == origin) {
            true => Ok(bytes),
            false => Err("clientData is of an origin that is not ours"),
        }
    }

    /// Reads authenticator data (§6.1): flags, counter, and what follows.
    fn authenticator_data<'d>(&self, data: &'d [u8]) -> Result<(u8, u32, &'d [u8]), &'static str> {
        let (hash, rest) = data.split_at_checked(32).ok_or("authenticator data is cut short")?;
        let (head, rest) = rest.split_at_checked(5).ok_or("authenticator data is cut short")?;
        if hash != digest(&SHA256, self.rp_id.as_bytes()).as_ref() {
            return Err("authenticator data is for another relying party");
        }
        if head[0] & PRESENT == 0 {
            return Err("nobody was present");
        }
        Ok((head[0], u32::from_be_bytes([head[1], head[2], head[3], head[4]]), rest))
    }
}
