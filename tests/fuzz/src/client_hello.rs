//! What a client begins TLS with: any bytes are a ClientHello or refused, however they are cut; the certificate that is
//! chosen is for the host that the client names, or the first one where none is.
#![no_main]

use std::sync::LazyLock;

use idx_gateway::proxy::{CertificateFiles, ClientCertificates, MinVersion, Tls, TlsSettings};
use libfuzzer_sys::fuzz_target;
use rcgen::generate_simple_self_signed;

/// The hosts of each certificate.
const HOSTS: [&[&str]; 3] =
    [&["localhost"], &["wiki.example.com", "*.apps.example.org"], &["b.apps.example.org", "192.0.2.1"]];

static TLS: LazyLock<Tls> = LazyLock::new(|| {
    let folder = tempfile::tempdir().expect("a folder");
    let certificate = |(number, hosts): (usize, &&[&str])| {
        let hosts: Vec<String> = hosts.iter().map(|host| (*host).to_owned()).collect();
        let made = generate_simple_self_signed(hosts).expect("a certificate");
        let (certificate, key) =
            (folder.path().join(format!("{number}.pem")), folder.path().join(format!("{number}.key")));
        std::fs::write(&certificate, made.cert.pem()).expect("written");
        std::fs::write(&key, made.signing_key.serialize_pem()).expect("written");
        CertificateFiles { certificate, key }
    };
    let settings = TlsSettings {
        certificates: HOSTS.iter().enumerate().map(certificate).collect(),
        min_version: MinVersion::Tls12,
        client_certificates: ClientCertificates::None,
        client_ca: None,
        http2: true,
    };
    Tls::load(settings).expect("good files")
});

fuzz_target!(|data: &[u8]| {
    let whole = TLS.choose(data);
    // What follows a ClientHello is not looked at.
    if whole.is_ok() {
        assert_eq!(TLS.choose(&[data, b"x"].concat()).map(|(name, _)| name), whole.clone().map(|(name, _)| name));
    }
    let Ok((name, certificate)) = whole else { return };
    let name = name.unwrap_or_default().to_ascii_lowercase();
    assert!(name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte)), "{name:?} is no host");
    // A wildcard stands for one label, and the first certificate is for whom no other is.
    let expected = match name.split_once('.') {
        Some(("wiki", "example.com")) => 1,
        Some((label, "apps.example.org")) if !label.is_empty() => 1,
        _ => 0,
    };
    assert!(certificate.file.ends_with(&format!("{expected}.pem")), "{name:?} was shown {}", certificate.file);
});
