//! Files of keys and certificates, in any order, and what an assertion says of them.

use base64::engine::general_purpose::STANDARD;
use rcgen::{CertificateParams, CertifiedIssuer, PublicKeyData, SignatureAlgorithm};

use super::*;

/// RFC 7515 A.2.1, a line each: n, d, p, q, dp, dq, qi; e is 65,537.
fn rsa_numbers() -> [&'static str; 7] {
    let lines: Vec<&str> = include_str!("../../../tests/data/rfc7515-a2-rsa.txt").lines().collect();
    lines.try_into().expect("seven numbers")
}

fn pem(label: &str, der: &[u8]) -> String {
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", STANDARD.encode(der))
}

fn p256() -> Vec<u8> {
    let key = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new());
    key.expect("a key").as_ref().to_vec()
}

/// The RSA key above, as PKCS#1 (RFC 8017 A.1.2).
fn rsa() -> Vec<u8> {
    let element = |tag: u8, content: &[u8]| {
        let [high, low] = u16::try_from(content.len()).expect("short").to_be_bytes();
        let length = if high == 0 { vec![0x81, low] } else { vec![0x82, high, low] };
        [&[tag], &length[..], content].concat()
    };
    let integer = |text: &str| {
        let number = URL_SAFE_NO_PAD.decode(text).expect("base64url");
        let sign: &[u8] = if number[0] < 0x80 { &[] } else { &[0] };
        element(2, &[sign, &number].concat())
    };
    let [n, rest @ ..] = rsa_numbers().map(integer);
    element(0x30, &[vec![2, 1, 0], n, vec![2, 3, 1, 0, 1], rest.concat()].concat())
}

/// Whose certificate it is.
struct Owner<'a>(&'a KeyPair);

impl PublicKeyData for Owner<'_> {
    fn der_bytes(&self) -> &[u8] {
        match self.0 {
            KeyPair::Rsa(key) => key.public_key().as_ref(),
            KeyPair::P256(key) => key.public_key().as_ref(),
        }
    }

    fn algorithm(&self) -> &'static SignatureAlgorithm {
        match self.0 {
            KeyPair::Rsa(_) => &rcgen::PKCS_RSA_SHA256,
            KeyPair::P256(_) => &rcgen::PKCS_ECDSA_P256_SHA256,
        }
    }
}

/// The header of an assertion that the key in this file signs.
fn header(pem: &str) -> Result<serde_json::Value, BadSigningKey> {
    let endpoint = Url::parse("https://login.example/token").expect("an address");
    let key = SigningKey::from_pem(pem, Some("key-1".to_owned()))?;
    let assertion = key.assertion("client", &endpoint, Instant::from_seconds(1_000)).expect("an assertion");
    let header = URL_SAFE_NO_PAD.decode(assertion.split('.').next().expect("a header")).expect("base64url");
    Ok(serde_json::from_slice(&header).expect("JSON"))
}

#[test]
fn a_key_is_read_wherever_it_stands_in_its_file_and_only_as_what_it_is() {
    let key = p256();
    let good = pem("PRIVATE KEY", &key);
    for (text, reads) in [
        (good.clone(), true),
        (good.replace('\n', "\r\n"), true),
        (format!("A remark.\n{good}"), true),
        (pem("RSA PRIVATE KEY", &rsa()), true),
        // SEC 1, which ring does not read.
        (pem("EC PRIVATE KEY", &key), false),
        (pem("RSA PRIVATE KEY", &key), false),
        (pem("PUBLIC KEY", &key), false),
        (pem("PRIVATE KEY", &key[..40]), false),
        (good.replace("-----END", "----END"), false),
        (String::new(), false),
    ] {
        assert_eq!(SigningKey::from_pem(&text, None).is_ok(), reads, "{text}");
    }
}

#[test]
fn an_assertion_names_the_key_and_its_own_certificate_wherever_that_stands() {
    let authority = rcgen::KeyPair::generate().expect("a key");
    let authority = CertifiedIssuer::self_signed(CertificateParams::default(), authority).expect("an authority");
    let above = pem("CERTIFICATE", authority.as_ref().der());
    for (algorithm, key) in [("RS256", pem("RSA PRIVATE KEY", &rsa())), ("ES256", pem("PRIVATE KEY", &p256()))] {
        let pair = KeyPair::from_pem(&key).expect("a key");
        let own = CertificateParams::default().signed_by(&Owner(&pair), &authority).expect("a certificate");
        let thumbprint = ring::digest::digest(&ring::digest::SHA256, own.der());
        let own = pem("CERTIFICATE", own.der());
        let nobodys = pem("CERTIFICATE", b"of nobody");
        let alone = json!({"alg": algorithm, "typ": "JWT", "kid": "key-1"});
        let mut named = alone.clone();
        named["x5t#S256"] = json!(URL_SAFE_NO_PAD.encode(thumbprint));
        for (file, expected) in [
            (key.clone(), Ok(&alone)),
            (format!("{own}{key}"), Ok(&named)),
            (format!("{key}{own}{above}"), Ok(&named)),
            (format!("{above}{own}{key}"), Ok(&named)),
            (format!("{above}{key}{own}"), Ok(&named)),
            (format!("{key}{nobodys}{own}"), Ok(&named)),
            (format!("{key}{above}"), Err(BadSigningKey::Certificate)),
            (format!("{nobodys}{key}"), Err(BadSigningKey::Certificate)),
            (own.clone(), Err(BadSigningKey::Key)),
        ] {
            assert_eq!(header(&file).as_ref().map_err(|problem| *problem), expected, "{file}");
        }
    }
}
