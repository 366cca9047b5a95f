//! Passkeys, with an authenticator in software: registering, signing in, and every check that can fail.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::digest::{SHA256, digest};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _, RSA_PKCS1_SHA256, RsaKeyPair};
use rsa::pkcs1::EncodeRsaPrivateKey as _;
use rsa::traits::PublicKeyParts as _;
use serde_json::{Value, json};

use crate::support::{Org, SignIn, claims};

pub(crate) enum Key {
    Es256(EcdsaKeyPair),
    /// The key, and its modulus.
    Rs256(RsaKeyPair, Vec<u8>),
}

/// What makes an authenticator's next assertion bad.
type Spoil = fn(&mut Authenticator);

/// A security key of a test's own.
pub(crate) struct Authenticator {
    key: Key,
    id: Vec<u8>,
    count: u32,
    origin: &'static str,
    rp_id: &'static str,
    flags: u8,
}

impl Authenticator {
    fn new(key: Key) -> Self {
        Self {
            key,
            id: b"credential-of-a-test".to_vec(),
            count: 0,
            origin: "http://localhost:8080",
            rp_id: "localhost",
            flags: 0x01,
        }
    }

    pub(crate) fn es256() -> Self {
        let random = SystemRandom::new();
        let key = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &random).expect("a key");
        let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, key.as_ref(), &random).expect("a key");
        Self::new(Key::Es256(key))
    }

    fn rs256() -> Self {
        let key = rsa::RsaPrivateKey::new(&mut rsa::rand_core::OsRng, 2048).expect("a key");
        let modulus = key.n().to_bytes_be();
        let key = RsaKeyPair::from_der(key.to_pkcs1_der().expect("DER").as_bytes()).expect("a key");
        Self::new(Key::Rs256(key, modulus))
    }

    fn client_data(&self, kind: &str, challenge: &str) -> Vec<u8> {
        json!({ "type": kind, "challenge": challenge, "origin": self.origin }).to_string().into_bytes()
    }

    fn data(&mut self, flags: u8) -> Vec<u8> {
        self.count += 1;
        let hash = digest(&SHA256, self.rp_id.as_bytes());
        [hash.as_ref(), &[flags], &self.count.to_be_bytes()].concat()
    }

    /// The COSE key, its CBOR written by hand.
    fn cose(&self) -> Vec<u8> {
        match &self.key {
            Key::Es256(key) => {
                let point = key.public_key().as_ref();
                [&b"\xa5\x01\x02\x03\x26\x20\x01\x21\x58\x20"[..], &point[1..33], &[0x22, 0x58, 0x20], &point[33..]]
                    .concat()
            }
            Key::Rs256(_, n) => {
                [&b"\xa4\x01\x03\x03\x39\x01\x00\x20\x59\x01\x00"[..], &n[..], &[0x21, 0x43, 0x01, 0x00, 0x01]].concat()
            }
        }
    }

    pub(crate) fn create(&mut self, challenge: &str) -> Value {
        let mut data = self.data(self.flags | 0x40);
        data.extend([0; 16]);
        data.extend(u16::try_from(self.id.len()).expect("a short id").to_be_bytes());
        data.extend(&self.id);
        data.extend(self.cose());
        let length = u16::try_from(data.len()).expect("short data").to_be_bytes();
        let mut object = b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x59".to_vec();
        object.extend(length);
        object.extend(data);
        json!({
            "clientData": STANDARD.encode(self.client_data("webauthn.create", challenge)),
            "attestation": STANDARD.encode(object),
            "transports": "[\"internal\"]",
        })
    }

    fn get(&mut self, challenge: &str) -> Value {
        let client_data = self.client_data("webauthn.get", challenge);
        let data = self.data(self.flags);
        let signed = [&data[..], digest(&SHA256, &client_data).as_ref()].concat();
        let random = SystemRandom::new();
        let signature = match &self.key {
            Key::Es256(key) => key.sign(&random, &signed).expect("a signature").as_ref().to_vec(),
            Key::Rs256(key, _) => {
                let mut signature = vec![0; key.public().modulus_len()];
                key.sign(&RSA_PKCS1_SHA256, &random, &signed, &mut signature).expect("a signature");
                signature
            }
        };
        json!({
            "clientData": STANDARD.encode(client_data),
            "authenticatorData": STANDARD.encode(data),
            "signatureData": STANDARD.encode(signature),
        })
    }
}

pub(crate) fn challenge(sign_in: &SignIn<'_>, member: &str) -> String {
    let context = &sign_in.page["currentAuthenticator"]["value"]["contextualData"];
    context[member]["challenge"].as_str().expect("a challenge").to_owned()
}

pub(crate) async fn answer(sign_in: &mut SignIn<'_>, credentials: Value) {
    let name = sign_in.step().to_owned();
    sign_in.proceed(&name, json!({ "credentials": credentials })).await;
}

/// Signs `passkey@` in for the first time, which registers a passkey.
async fn register(org: &Org, authenticator: &mut Authenticator) {
    let mut sign_in = org.begin_as("passkey@example.com").await;
    assert_eq!(sign_in.steps(), ["select-authenticator-enroll"]);
    sign_in.choose("select-authenticator-enroll", "Security Key or Biometric", json!({})).await;
    let credentials = authenticator.create(&challenge(&sign_in, "activationData"));
    answer(&mut sign_in, credentials).await;
    assert_eq!(claims(&sign_in.tokens().await["id_token"])["amr"], json!(["pwd", "hwk", "mfa"]));
}

#[tokio::test]
async fn a_passkey_is_registered_once_and_asked_for_afterwards() {
    for mut authenticator in [Authenticator::es256(), Authenticator::rs256()] {
        let org = Org::start().await;
        register(&org, &mut authenticator).await;
        let mut sign_in = org.begin_as("passkey@example.com").await;
        assert_eq!(sign_in.step(), "challenge-authenticator");
        assert_eq!(
            sign_in.page["authenticatorEnrollments"]["value"][0]["credentialId"],
            URL_SAFE_NO_PAD.encode(&authenticator.id)
        );
        let credentials = authenticator.get(&challenge(&sign_in, "challengeData"));
        answer(&mut sign_in, credentials).await;
        sign_in.tokens().await;
    }
}

#[tokio::test]
async fn an_assertion_that_breaks_a_rule_fails_and_the_next_challenge_is_new() {
    let org = Org::start().await;
    let mut authenticator = Authenticator::es256();
    register(&org, &mut authenticator).await;
    let mut sign_in = org.begin_as("passkey@example.com").await;
    let first = challenge(&sign_in, "challengeData");
    let spoilt: [(&str, Spoil); 4] = [
        ("origin", |made| made.origin = "https://evil.example"),
        ("rp id", |made| made.rp_id = "evil.example"),
        ("presence", |made| made.flags = 0),
        ("counter", |made| made.count = 0),
    ];
    for (what, spoil) in spoilt {
        let (count, current) = (authenticator.count, challenge(&sign_in, "challengeData"));
        spoil(&mut authenticator);
        let credentials = authenticator.get(&current);
        answer(&mut sign_in, credentials).await;
        assert_eq!(sign_in.status, 401, "{what}");
        assert_eq!(sign_in.messages(), ["authfactor.webauthn.error.assertion_validation_failure"]);
        authenticator = Authenticator {
            count: count + 1,
            origin: "http://localhost:8080",
            rp_id: "localhost",
            flags: 1,
            ..authenticator
        };
    }
    assert_ne!(challenge(&sign_in, "challengeData"), first);
    let stale = authenticator.get(&first);
    answer(&mut sign_in, stale).await;
    assert_eq!(sign_in.status, 401, "an old challenge");
    let mut signed_by_another = Authenticator { count: 100, ..Authenticator::es256() };
    let credentials = signed_by_another.get(&challenge(&sign_in, "challengeData"));
    answer(&mut sign_in, credentials).await;
    assert_eq!(sign_in.status, 401, "another key");
    authenticator.count += 100;
    let credentials = authenticator.get(&challenge(&sign_in, "challengeData"));
    answer(&mut sign_in, credentials).await;
    sign_in.tokens().await;
}

#[tokio::test]
async fn a_registration_for_another_challenge_is_refused() {
    let org = Org::start().await;
    let mut sign_in = org.begin_as("passkey@example.com").await;
    sign_in.choose("select-authenticator-enroll", "Security Key or Biometric", json!({})).await;
    let credentials = Authenticator::es256().create("another-challenge");
    answer(&mut sign_in, credentials).await;
    assert_eq!((sign_in.status, sign_in.messages()), (400, vec!["oie.authenticator.enroll.error.fail".to_owned()]));
}

#[tokio::test]
async fn a_passkey_can_be_given_by_the_control_api() {
    let org = Org::start().await;
    let mut authenticator = Authenticator::es256();
    let Key::Es256(key) = &authenticator.key else { panic!("an ES256 key") };
    let point = key.public_key().as_ref();
    let part = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    let passkey = json!({
        "key": "webauthn",
        "credential_id": part(&authenticator.id),
        "public_key": { "kty": "EC", "crv": "P-256", "x": part(&point[1..33]), "y": part(&point[33..]) },
    });
    let person = json!({ "login": "passkey@example.com", "enrolled": [{ "key": "okta_password" }, passkey] });
    org.control("users", person).await;
    let mut sign_in = org.begin_as("passkey@example.com").await;
    let credentials = authenticator.get(&challenge(&sign_in, "challengeData"));
    answer(&mut sign_in, credentials).await;
    sign_in.tokens().await;
}

#[tokio::test]
async fn a_passkey_on_the_first_page_says_who_it_is() {
    let org = Org::start().await;
    let mut authenticator = Authenticator::es256();
    register(&org, &mut authenticator).await;
    org.control("policies", json!({ "passkey_autofill": true })).await;
    let mut sign_in = org.begin().await;
    // The handle under which the browser keeps a passkey is the person's id, decoded.
    let handle = |id: &str| STANDARD.encode(URL_SAFE_NO_PAD.decode(id).expect("an id"));
    let somebody_elses = handle(
        claims(&org.begin_as("password@example.com").await.tokens().await["id_token"])["sub"].as_str().expect("an id"),
    );
    for (challenge, handle, status) in
        [(Some("another-challenge"), None, 401), (None, Some(somebody_elses), 401), (None, None, 200)]
    {
        let shown = &sign_in.page["webauthnAutofillUIChallenge"]["value"]["challengeData"]["challenge"];
        let challenge = challenge.unwrap_or(shown.as_str().expect("a challenge")).to_owned();
        let mut credentials = authenticator.get(&challenge);
        if let Some(handle) = handle {
            credentials["userHandle"] = handle.into();
        }
        let body = json!({ "credentials": credentials });
        sign_in.proceed("challenge-webauthn-autofillui-authenticator", body).await;
        assert_eq!(sign_in.status, status);
    }
    let id_token = claims(&sign_in.tokens().await["id_token"]);
    assert_eq!(id_token["preferred_username"], "passkey@example.com");
    assert_eq!(id_token["amr"], json!(["hwk"]));
}
