//! A client's certificate in request headers, with the names and forms that applications know from other servers.
//!
//! | preset | from | what |
//! |---|---|---|
//! | `xfcc` | Envoy | `X-Forwarded-Client-Cert`: `Hash=…;Cert="…";Subject="…";URI=…;DNS=…` |
//! | `nginx` | common configurations of nginx | `X-SSL-Client-Verify`, `-Cert`, `-S-DN`, `-I-DN`, `-Serial`, `-Fingerprint` (SHA-1) |
//! | `ingress-nginx` | ingress-nginx | `ssl-client-verify`, `ssl-client-cert`, `ssl-client-subject-dn`, `ssl-client-issuer-dn` |
//! | `client-cert` | RFC 9440 | `Client-Cert`: `:base64 of the DER:` |
//!
//! Distinguished names are written as RFC 4514 says, the most specific part first; bytes that are not printable ASCII
//! become `\` and two hex digits, as OpenSSL writes them. PEM is percent-encoded. Of a certificate of more than
//! [`CERTIFICATE_BYTES`], the header or the part that would hold all of it is left out.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderName, HeaderValue};

/// The largest certificate that is passed on in full, in bytes of DER.
const CERTIFICATE_BYTES: usize = 4096;

/// The form in which upstreams get a client's certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CertificateHeaders {
    /// Not at all.
    None,
    /// Envoy's form.
    Xfcc,
    /// The form of common configurations of nginx.
    Nginx,
    /// The form of ingress-nginx.
    IngressNginx,
    /// The form of RFC 9440.
    ClientCert,
}

/// A certificate that a client presented, and that was verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientCertificate {
    /// The certificate, in DER.
    pub der: Vec<u8>,
    /// Its subject: relative distinguished names in the order of the certificate, each a list of type and value. The
    /// type is an abbreviation such as `CN`, or an object identifier.
    pub subject: Vec<Vec<(String, String)>>,
    /// Its issuer, in the same form.
    pub issuer: Vec<Vec<(String, String)>>,
    /// Its serial number, in hex.
    pub serial: String,
    /// SHA-1 of `der`, in hex.
    pub sha1: String,
    /// SHA-256 of `der`, in hex.
    pub sha256: String,
    /// Its alternative names that are URIs.
    pub uris: Vec<String>,
    /// Its alternative names that are DNS names.
    pub hosts: Vec<String>,
}

type Headers = Vec<(HeaderName, HeaderValue)>;

impl CertificateHeaders {
    /// Every form, by the name of its preset.
    pub const PRESETS: [(&str, Self); 5] = [
        ("none", Self::None),
        ("xfcc", Self::Xfcc),
        ("nginx", Self::Nginx),
        ("ingress-nginx", Self::IngressNginx),
        ("client-cert", Self::ClientCert),
    ];

    /// The header names of this form, in the order in which they are written. A client's own headers of these names are
    /// dropped; `Client-Cert-Chain` is never written.
    pub const fn names(self) -> &'static [&'static str] {
        match self {
            Self::None => &[],
            Self::Xfcc => &["X-Forwarded-Client-Cert"],
            Self::Nginx => &[
                "X-SSL-Client-Verify",
                "X-SSL-Client-Cert",
                "X-SSL-Client-S-DN",
                "X-SSL-Client-I-DN",
                "X-SSL-Client-Serial",
                "X-SSL-Client-Fingerprint",
            ],
            Self::IngressNginx => {
                &["ssl-client-verify", "ssl-client-cert", "ssl-client-subject-dn", "ssl-client-issuer-dn"]
            }
            Self::ClientCert => &["Client-Cert", "Client-Cert-Chain"],
        }
    }

    /// The headers for a certificate, or for a client that presented none.
    pub fn headers(self, shown: Option<&ClientCertificate>) -> Headers {
        let Some(shown) = shown else {
            let verify = match self {
                Self::Nginx | Self::IngressNginx => self.names().first().copied(),
                _ => None,
            };
            return verify.into_iter().filter_map(|name| header(name, "NONE")).collect();
        };
        let whole = (shown.der.len() <= CERTIFICATE_BYTES).then(|| pem(&shown.der));
        let whole = whole.as_deref().unwrap_or_default();
        let success = || "SUCCESS".to_owned();
        let values = match self {
            Self::None => Vec::new(),
            Self::Xfcc => vec![xfcc(shown, whole)],
            Self::Nginx => vec![
                success(),
                whole.to_owned(),
                distinguished_name(&shown.subject),
                distinguished_name(&shown.issuer),
                shown.serial.to_ascii_uppercase(),
                shown.sha1.clone(),
            ],
            Self::IngressNginx => {
                vec![success(), whole.to_owned(), distinguished_name(&shown.subject), distinguished_name(&shown.issuer)]
            }
            Self::ClientCert if whole.is_empty() => Vec::new(),
            Self::ClientCert => vec![format!(":{}:", STANDARD.encode(&shown.der))],
        };
        let written = self.names().iter().zip(&values).filter(|(_, value)| !value.is_empty());
        written.filter_map(|(name, value)| header(name, value)).collect()
    }
}

fn header(name: &str, value: &str) -> Option<(HeaderName, HeaderValue)> {
    Some((name.parse().ok()?, HeaderValue::from_str(value).ok()?))
}

/// A value that holds a separator of the header is quoted (Envoy, "x-forwarded-client-cert").
fn xfcc(shown: &ClientCertificate, whole: &str) -> String {
    let quoted = |text: &str| format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""));
    let named = |text: &str| if text.contains([',', ';', '=', '"']) { quoted(text) } else { text.to_owned() };
    let mut value = format!("Hash={}", shown.sha256);
    if !whole.is_empty() {
        let _ = write!(value, ";Cert=\"{whole}\"");
    }
    let _ = write!(value, ";Subject={}", quoted(&distinguished_name(&shown.subject)));
    for (key, names) in [("URI", &shown.uris), ("DNS", &shown.hosts)] {
        for name in names {
            let _ = write!(value, ";{key}={}", named(name));
        }
    }
    value
}

/// The certificate in PEM, percent-encoded but for the unreserved characters of RFC 3986.
fn pem(der: &[u8]) -> String {
    let body = STANDARD.encode(der);
    let mut text = "-----BEGIN CERTIFICATE-----\n".to_owned();
    for line in body.as_bytes().chunks(64) {
        text.extend(line.iter().copied().map(char::from));
        text.push('\n');
    }
    text.push_str("-----END CERTIFICATE-----\n");
    let mut out = String::with_capacity(text.len() + 200);
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => out.push(char::from(byte)),
            _ => {
                let _ = write!(out, "%{byte:02X}");
            }
        }
    }
    out
}

/// A distinguished name in the string form of RFC 4514 §2.
fn distinguished_name(names: &[Vec<(String, String)>]) -> String {
    let relative = |attributes: &Vec<(String, String)>| {
        let attributes: Vec<String> =
            attributes.iter().map(|(kind, value)| format!("{kind}={}", escaped(value))).collect();
        attributes.join("+")
    };
    names.iter().rev().map(relative).collect::<Vec<_>>().join(",")
}

fn escaped(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    let last = value.len().saturating_sub(1);
    for (at, byte) in value.bytes().enumerate() {
        match byte {
            b',' | b'+' | b'"' | b'\\' | b'<' | b'>' | b';' => {
                out.push('\\');
                out.push(char::from(byte));
            }
            b' ' if at == 0 || at == last => out.push_str("\\ "),
            b'#' if at == 0 => out.push_str("\\#"),
            b' '..=b'~' => out.push(char::from(byte)),
            _ => {
                let _ = write!(out, "\\{byte:02X}");
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown() -> ClientCertificate {
        let attribute = |kind: &str, value: &str| (kind.to_owned(), value.to_owned());
        ClientCertificate {
            der: vec![0xfb, 0xff, 0],
            subject: vec![
                vec![attribute("O", "Smith, \"Sons\" + Co")],
                vec![attribute("CN", " Zoë #1"), attribute("UID", "#7 ")],
            ],
            issuer: vec![vec![attribute("CN", "a\r\nX-Admin: 1")]],
            serial: "0a1b".to_owned(),
            sha1: "aa".to_owned(),
            sha256: "bb".to_owned(),
            uris: vec!["spiffe://example/a;b=c".to_owned()],
            hosts: vec!["a.example".to_owned(), "b.example".to_owned()],
        }
    }

    fn written(preset: CertificateHeaders, shown: Option<&ClientCertificate>) -> Vec<String> {
        let headers = preset.headers(shown);
        headers.iter().map(|(name, value)| format!("{name}: {}", value.to_str().expect("ASCII"))).collect()
    }

    const PEM: &str = "-----BEGIN%20CERTIFICATE-----%0A%2B%2F8A%0A-----END%20CERTIFICATE-----%0A";
    const SUBJECT: &str = r#"CN=\ Zo\C3\AB #1+UID=\#7\ ,O=Smith\, \"Sons\" \+ Co"#;
    const ISSUER: &str = r"CN=a\0D\0AX-Admin: 1";

    #[test]
    fn each_preset_tells_of_a_certificate_in_its_own_form() {
        let quoted = SUBJECT.replace('\\', "\\\\").replace('"', "\\\"");
        let xfcc = format!(
            "x-forwarded-client-cert: Hash=bb;Cert=\"{PEM}\";Subject=\"{quoted}\";URI=\"spiffe://example/a;b=c\";DNS=a.example;DNS=b.example"
        );
        let nginx = [
            "x-ssl-client-verify: SUCCESS".to_owned(),
            format!("x-ssl-client-cert: {PEM}"),
            format!("x-ssl-client-s-dn: {SUBJECT}"),
            format!("x-ssl-client-i-dn: {ISSUER}"),
            "x-ssl-client-serial: 0A1B".to_owned(),
            "x-ssl-client-fingerprint: aa".to_owned(),
        ];
        let ingress = [
            "ssl-client-verify: SUCCESS".to_owned(),
            format!("ssl-client-cert: {PEM}"),
            format!("ssl-client-subject-dn: {SUBJECT}"),
            format!("ssl-client-issuer-dn: {ISSUER}"),
        ];
        for (preset, expected) in [
            (CertificateHeaders::None, &[][..]),
            (CertificateHeaders::Xfcc, &[xfcc]),
            (CertificateHeaders::Nginx, &nginx),
            (CertificateHeaders::IngressNginx, &ingress),
            (CertificateHeaders::ClientCert, &["client-cert: :+/8A:".to_owned()]),
        ] {
            assert_eq!(written(preset, Some(&shown())), expected, "{preset:?}");
            for line in written(preset, Some(&shown())) {
                let name = line.split(':').next().unwrap_or_default();
                assert!(preset.names().iter().any(|own| own.eq_ignore_ascii_case(name)), "{name} is nobody's");
            }
        }
    }

    #[test]
    fn without_a_certificate_it_is_said_where_applications_look_for_it() {
        for (preset, expected) in [
            (CertificateHeaders::None, &[][..]),
            (CertificateHeaders::Xfcc, &[]),
            (CertificateHeaders::Nginx, &["x-ssl-client-verify: NONE"]),
            (CertificateHeaders::IngressNginx, &["ssl-client-verify: NONE"]),
            (CertificateHeaders::ClientCert, &[]),
        ] {
            assert_eq!(written(preset, None), expected, "{preset:?}");
        }
    }

    #[test]
    fn a_certificate_that_is_too_large_is_left_out_whole() {
        let large = ClientCertificate { der: vec![0; CERTIFICATE_BYTES + 1], ..shown() };
        assert!(written(CertificateHeaders::ClientCert, Some(&large)).is_empty());
        for preset in [CertificateHeaders::Xfcc, CertificateHeaders::Nginx, CertificateHeaders::IngressNginx] {
            let lines = written(preset, Some(&large));
            assert!(!lines.is_empty() && lines.iter().all(|line| line.len() < 500), "{lines:?}");
        }
    }
}
