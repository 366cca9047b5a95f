//! `[tls]`, and what `[server] listen` must agree with it about.

use std::collections::HashSet;
use std::sync::Arc;

use http::HeaderValue;
use serde_json::Value;

use super::Server;
use super::reader::Section;
use crate::access::{HostPattern, Route};
use crate::headers::CertificateHeaders;
use crate::proxy::{CertificateFiles, ClientCertificates, MinVersion, Tls, TlsProblem, TlsSettings};

/// `[tls]`
pub struct TlsConfig {
    /// Certificates and keys as they were read; none where no listener needs them.
    pub tls: Option<Arc<Tls>>,
    /// Whether listeners without TLS only lead to https.
    pub redirects_http: bool,
    /// How upstreams are told of a client's certificate.
    pub certificate_headers: CertificateHeaders,
    /// For how many days browsers are told to come over https only.
    hsts_days: u64,
}

impl TlsConfig {
    /// `Strict-Transport-Security`, where it has a meaning: over https.
    pub fn hsts(&self, is_https: bool) -> Option<HeaderValue> {
        let seconds = (is_https && self.hsts_days > 0).then_some(self.hsts_days * 86_400)?;
        HeaderValue::try_from(format!("max-age={seconds}")).ok()
    }
}

/// The certificates are read now: what is wrong with one is a problem like any other.
pub(super) fn tls(section: &Section<'_>, server: Option<&Server>) -> Option<TlsConfig> {
    let certificates = certificates(section);
    let versions = [("1.2", MinVersion::Tls12), ("1.3", MinVersion::Tls13)];
    let min_version = section.one_of("min_version", &versions, MinVersion::Tls12);
    let http2 = section.flag("http2", true);
    let redirects_http = section.flag("redirect_http", false);
    let hsts_days = section.number("hsts_days", 0..=730, 1);
    let kinds = [
        ("none", ClientCertificates::None),
        ("optional", ClientCertificates::Optional),
        ("required", ClientCertificates::Required),
    ];
    let client_certificates = section.one_of("client_certificates", &kinds, ClientCertificates::None);
    let client_ca = section.text("client_ca").map(|file| section.path(&file));
    if client_ca.is_some() == (client_certificates == ClientCertificates::None) {
        section.problem("client_certificates", "is \"optional\" or \"required\" exactly where client_ca is given");
    }
    let certificate_headers =
        section.one_of("client_certificate_headers", &CertificateHeaders::PRESETS, CertificateHeaders::None);
    if certificate_headers != CertificateHeaders::None && client_certificates == ClientCertificates::None {
        section.problem("client_certificate_headers", "needs client_certificates: clients are not asked for one");
    }
    if let Some(server) = server {
        let is_required = client_certificates == ClientCertificates::Required && client_ca.is_some();
        plain_listeners(section, server, redirects_http, is_required);
    }
    let certificates = certificates?;
    let is_used = server.is_some_and(|server| server.listen.iter().any(|listener| listener.is_tls));
    if is_used && certificates.is_empty() {
        section.problem("certificates", "is missing: server.listen has an address that begins with https://");
        return None;
    }
    let settings = TlsSettings { certificates, min_version, client_certificates, client_ca, http2 };
    let tls = if settings.certificates.is_empty() { None } else { Some(loaded(section, settings)?) };
    if let Some(tls) = &tls {
        warn_of_expired(section, tls);
        if !is_used {
            section.warn("certificates", "nothing listens with TLS: write https:// in server.listen");
        }
    }
    Some(TlsConfig { tls: tls.map(Arc::new), redirects_http, certificate_headers, hsts_days })
}

/// What listeners without TLS must not do, be it that there is none with it. A client's certificate may be `is_required`.
fn plain_listeners(section: &Section<'_>, server: &Server, redirects_http: bool, is_required: bool) {
    let has_tls = server.listen.iter().any(|listener| listener.is_tls);
    if redirects_http && !has_tls {
        section.problem(
            "redirect_http",
            "leads to https://, and no address in server.listen begins with that: behind a proxy that ends TLS every request \
             would be led back to the same address. Leave it out, and let that proxy redirect; or listen at \
             \"https://0.0.0.0:8443\" too",
        );
    } else if redirects_http && server.public_url.scheme() == "http" {
        section.problem(
            "redirect_http",
            "leads to server.public_url, which is http://: every request would be led back to the same address. Write the \
             https:// address there",
        );
    }
    let plain = server.listen.iter().find(|listener| !listener.is_tls);
    if let Some(plain) = plain.filter(|_| is_required && !redirects_http) {
        section.problem(
            "client_certificates",
            format!(
                "is \"required\", and {} in server.listen has no TLS: whoever comes there needs none. Take it out, or set \
                 redirect_http = true; \"optional\" lets both in",
                plain.address
            ),
        );
    }
}

fn loaded(section: &Section<'_>, settings: TlsSettings) -> Option<Tls> {
    let note = |problem: TlsProblem| section.problem(problem.setting(), problem.to_string());
    Tls::load(settings).map_err(|problems| problems.into_iter().for_each(note)).ok()
}

fn warn_of_expired(section: &Section<'_>, tls: &Tls) {
    let now = crate::time::now();
    for certificate in tls.certificates().iter().filter(|certificate| certificate.not_after < now) {
        section.warn("certificates", format!("{} has expired", certificate.file));
    }
}

/// Hosts that are answered for and have no certificate: browsers would be shown another's, and go no further.
pub(super) fn warn_of_hosts(section: &Section<'_>, tls: &Tls, server: &Server, routes: &[Route]) {
    let certificates = tls.certificates();
    let all: Vec<String> =
        certificates.iter().map(|certificate| format!("{} ({})", certificate.file, certificate.names())).collect();
    let own = server.public_url.host_str().unwrap_or_default();
    let of_routes = routes.iter().filter_map(|route| {
        let host = match &route.host {
            HostPattern::Any => return None,
            HostPattern::Exactly(host) => host.clone(),
            HostPattern::Below(domain) => format!("*{domain}"),
        };
        Some((host, format!("the host of the route `{}`", route.name)))
    });
    let mut seen = HashSet::new();
    for (host, whose) in std::iter::once((own.to_owned(), "the host of server.public_url".to_owned())).chain(of_routes)
    {
        let is_covered = certificates.iter().any(|certificate| certificate.covers(host.trim_matches(['[', ']'])));
        if !is_covered && seen.insert(host.clone()) {
            let all = all.join(", ");
            section.warn("certificates", format!("none of them is for {host}, {whose}; there are: {all}"));
        }
    }
}

/// None where a problem was noted.
fn certificates(section: &Section<'_>) -> Option<Vec<CertificateFiles>> {
    const EXPECTED: &str = "must be a list as [{ certificate = \"chain.pem\", key = \"key.pem\" }]";
    let Some(value) = section.value("certificates") else { return Some(Vec::new()) };
    let read = |value: &Value| {
        let files = value.as_object().filter(|files| files.len() == 2)?;
        let path = |name: &str| Some(section.path(files.get(name)?.as_str()?));
        Some(CertificateFiles { certificate: path("certificate")?, key: path("key")? })
    };
    let read: Option<Vec<_>> = value.as_array().and_then(|list| list.iter().map(read).collect());
    if read.is_none() {
        section.problem("certificates", EXPECTED);
    }
    read
}
