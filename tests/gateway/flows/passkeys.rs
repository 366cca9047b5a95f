//! Passkeys: what a browser's script would post, made by an authenticator in software (WebAuthn Level 2).

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::digest::{SHA256, digest};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _};
use serde_json::{Value, json};

use super::{is_in, past_the_password, world};
use crate::visitor::{View, Visitor};

/// A security key with one credential.
pub(crate) struct Authenticator {
    key: EcdsaKeyPair,
    id: Vec<u8>,
    counter: u32,
    origin: String,
}

impl Authenticator {
    pub(crate) fn new(origin: String) -> Self {
        let random = SystemRandom::new();
        let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &random).expect("a key");
        let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, document.as_ref(), &random).expect("a key");
        Self { key, id: b"a-credential-of-16".to_vec(), counter: 1, origin }
    }

    fn client_data(&self, kind: &str, challenge: &str) -> String {
        json!({"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": false}).to_string()
    }

    fn data(&mut self, rp_id: &str, flags: u8) -> Vec<u8> {
        self.counter += 1;
        let mut data = digest(&SHA256, rp_id.as_bytes()).as_ref().to_vec();
        data.push(flags);
        data.extend(self.counter.to_be_bytes());
        data
    }

    /// Makes a credential: client data and attestation object, base64.
    pub(crate) fn create(&mut self, options: &Value) -> (String, String) {
        let public = &options["publicKey"];
        let rp_id = public["rp"]["id"].as_str().unwrap_or("localhost").to_owned();
        let client_data = self.client_data("webauthn.create", public["challenge"].as_str().expect("a challenge"));
        let mut data = self.data(&rp_id, 0x45);
        data.extend([0; 16]);
        data.extend((self.id.len() as u16).to_be_bytes());
        data.extend(&self.id);
        let point = self.key.public_key().as_ref();
        // COSE (RFC 9053): {1: 2, 3: -7, -1: 1, -2: x, -3: y}
        data.extend([0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20]);
        data.extend(&point[1..33]);
        data.extend([0x22, 0x58, 0x20]);
        data.extend(&point[33..65]);
        // CBOR: {"fmt": "none", "attStmt": {}, "authData": bytes}
        let mut object = b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x59".to_vec();
        object.extend((data.len() as u16).to_be_bytes());
        object.extend(data);
        (STANDARD.encode(client_data), STANDARD.encode(object))
    }

    /// Signs a challenge: client data, authenticator data, signature, base64.
    fn get(&mut self, options: &Value) -> (String, String, String) {
        let public = &options["publicKey"];
        let allowed = public["allowCredentials"].as_array().expect("credentials");
        let id = URL_SAFE_NO_PAD.encode(&self.id);
        assert!(allowed.iter().any(|credential| credential["id"] == id.as_str()), "{allowed:?} lacks {id}");
        let rp_id = public["rpId"].as_str().unwrap_or("localhost").to_owned();
        let client_data = self.client_data("webauthn.get", public["challenge"].as_str().expect("a challenge"));
        let data = self.data(&rp_id, 0x05);
        let mut signed = data.clone();
        signed.extend(digest(&SHA256, client_data.as_bytes()).as_ref());
        let signature = self.key.sign(&SystemRandom::new(), &signed).expect("a signature");
        (STANDARD.encode(client_data), STANDARD.encode(data), STANDARD.encode(signature.as_ref()))
    }
}

pub(crate) fn options(view: &View) -> Value {
    let found = view.page.data.iter().find(|(name, _)| name == "data-webauthn");
    let (_, options) = found.unwrap_or_else(|| panic!("the page has no ceremony: {}", view.page.text));
    serde_json::from_str(options).expect("options are JSON")
}

async fn set_up(visitor: &mut Visitor, authenticator: &mut Authenticator) -> View {
    let mut view = past_the_password(visitor, "passkey").await;
    if view.page.data.iter().all(|(name, _)| name != "data-webauthn") {
        view = visitor.choose(&view, "Passkey or security key").await;
    }
    assert!(view.page.text.contains("This step needs JavaScript"), "{}", view.page.text);
    let (client_data, attestation) = authenticator.create(&options(&view));
    let form = view.page.form("enroll-authenticator").expect("a form").clone();
    visitor
        .submit(
            &view,
            &form,
            &[("clientData", &client_data), ("attestation", &attestation), ("transports", "[\"internal\"]")],
        )
        .await
}

#[tokio::test]
async fn a_passkey_is_set_up_and_then_signs_in() {
    let (world, mut visitor) = world().await;
    let mut authenticator = Authenticator::new(format!("http://localhost:{}", world.port));
    is_in(&set_up(&mut visitor, &mut authenticator).await);

    let mut again = Visitor::new(&world);
    let view = past_the_password(&mut again, "passkey").await;
    assert_eq!(view.page.headings, ["Use your passkey"]);
    let form = view.page.form("challenge-authenticator").expect("a form").clone();
    let (client_data, data, signature) = authenticator.get(&options(&view));
    let answers = [
        ("clientData", client_data.as_str()),
        ("authenticatorData", data.as_str()),
        ("signatureData", signature.as_str()),
    ];
    is_in(&again.submit(&view, &form, &answers).await);
}

#[tokio::test]
async fn a_signature_for_another_origin_or_by_another_key_is_refused() {
    let (world, mut visitor) = world().await;
    let origin = format!("http://localhost:{}", world.port);
    let mut authenticator = Authenticator::new(origin.clone());
    is_in(&set_up(&mut visitor, &mut authenticator).await);
    let mut stranger = Authenticator::new(origin);
    let mut elsewhere = Visitor::new(&world);
    let view = past_the_password(&mut elsewhere, "passkey").await;
    let form = view.page.form("challenge-authenticator").expect("a form").clone();
    let (client_data, data, signature) = stranger.get(&options(&view));
    let answers = [
        ("clientData", client_data.as_str()),
        ("authenticatorData", data.as_str()),
        ("signatureData", signature.as_str()),
    ];
    let view = elsewhere.submit(&view, &form, &answers).await;
    assert_eq!(view.page.problems, ["That passkey didn’t work. Try again, or try another way."], "{}", view.page.text);
    authenticator.origin = "https://evil.example".to_owned();
    let form = view.page.form("challenge-authenticator").expect("the form again").clone();
    let (client_data, data, signature) = authenticator.get(&options(&view));
    let answers = [
        ("clientData", client_data.as_str()),
        ("authenticatorData", data.as_str()),
        ("signatureData", signature.as_str()),
    ];
    let view = elsewhere.submit(&view, &form, &answers).await;
    assert_eq!(view.page.problems.len(), 1, "{}", view.page.text);
}
