//! Where a route's requests go: its upstreams, how they share the load, TLS and HTTP/2 to them, and health checks.

use std::path::PathBuf;
use std::sync::Arc;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use url::{Host, Url};
use zeroize::Zeroizing;

use super::reader::Section;
use crate::access::{Balance, Ejection, HealthCheck, Http2, Upstream, UpstreamTls, Upstreams};

/// The largest weight; the balancer keeps a list with an entry for each unit of weight.
const MOST_WEIGHT: u32 = 1_000;

/// The settings that are an error on a route without upstream.
const SETTINGS: [&str; 11] = [
    "balance",
    "sticky",
    "health_check",
    "eject_after_failures",
    "eject_seconds",
    "http2",
    "ca_file",
    "client_certificate",
    "server_name",
    "insecure",
    "upstream_kind",
];

/// `upstream` of a route, and what goes with it; none where one of them cannot be read.
pub(super) fn upstreams(section: &Section<'_>) -> Option<Upstreams> {
    let words = [
        ("round-robin", Balance::RoundRobin),
        ("least-connections", Balance::LeastConnections),
        ("hash", Balance::Hash),
    ];
    let balance = section.one_of("balance", &words, Balance::RoundRobin);
    let sticky = section.flag("sticky", false);
    let health_check = health_check(section);
    let usual = Ejection::default();
    let ejection = Ejection {
        failures: section.number("eject_after_failures", 1..=1_000, usual.failures),
        span: section.seconds("eject_seconds", 1..=3_600, usual.span.as_secs()),
    };
    let offers_http2 = section.flag("http2", true);
    let given = given(section);
    let parsed: Option<Vec<(Upstream, u32)>> = given
        .iter()
        .map(|(text, weight)| section.parsed("upstream", text, upstream).map(|upstream| (upstream, *weight)))
        .collect();
    let speaks_tls = |members: &Vec<(Upstream, u32)>| members.iter().any(|(upstream, _)| upstream.tls);
    // Upstreams that cannot be read count as TLS, so that no second problem follows.
    let is_tls = parsed.as_ref().is_none_or(speaks_tls);
    let identity = identity(section, is_tls);
    let mut members = parsed?;
    for (upstream, _) in &mut members {
        upstream.health_check.clone_from(&health_check);
        upstream.ejection = ejection.clone();
        if upstream.tls {
            upstream.identity.clone_from(&identity);
            upstream.http2 = if offers_http2 { Http2::Offered } else { Http2::Never };
        }
    }
    if section.given("http2") && offers_http2 && !is_tls {
        section
            .problem("http2", "is agreed on over TLS: without it, write h2c:// where the upstream speaks nothing else");
    }
    let names: Vec<String> = members.iter().map(|(upstream, _)| upstream.to_string()).collect();
    if names.iter().enumerate().any(|(at, name)| names[..at].contains(name)) {
        section.problem("upstream", "names one of them twice: weight says how many requests it gets");
    }
    if members.is_empty() || members.iter().all(|(_, weight)| *weight == 0) {
        section.problem("upstream", "names none that gets any request");
        return None;
    }
    Some(Upstreams { members, balance, sticky })
}

/// Notes settings about upstreams on a route that has none.
pub(super) fn none(section: &Section<'_>) {
    for name in SETTINGS.into_iter().filter(|name| section.given(name)) {
        section.problem(name, "is about upstreams, and this route forwards nothing");
    }
}

/// Addresses and weights: a text, or a list of texts and tables.
fn given(section: &Section<'_>) -> Vec<(String, u32)> {
    let Some(list) = section.list("upstream") else {
        return section.text("upstream").map(|text| (text, 1)).into_iter().collect();
    };
    let mut found = Vec::with_capacity(list.len());
    for (at, item) in list.iter().enumerate() {
        if let Some(table) = section.item("upstream", at) {
            let (url, weight) = (table.required("url"), table.number("weight", 0..=MOST_WEIGHT, 1));
            found.extend(url.map(|url| (url, weight)));
        } else if let Some(text) = item.as_str() {
            found.push((text.to_owned(), 1));
        } else {
            let text = "must be an address, or a list of addresses and of tables as { url = \"http://10.0.0.5:8080\", weight = 2 }";
            section.problem("upstream", text);
        }
    }
    found
}

fn upstream(text: &str) -> Result<Upstream, String> {
    const SHAPE: &str =
        "must be an origin, as \"http://10.0.0.5:8080\", \"https://…\", \"h2c://…\" or \"unix:/run/app.sock\"";
    if let Some(path) = text.strip_prefix("unix:") {
        // sun_path has 108 bytes with its end (unix(7)).
        if !path.starts_with('/') || path.len() > 107 || path.contains('\0') {
            return Err(
                "must name a socket by its whole path, as \"unix:/run/app.sock\", in at most 107 bytes".to_owned()
            );
        }
        return Ok(Upstream { socket: Some(PathBuf::from(path)), ..Upstream::new("localhost", 0, false) });
    }
    let (plain, http2) = match text.strip_prefix("h2c://") {
        Some(rest) => (format!("http://{rest}"), Http2::Only),
        None => (text.to_owned(), Http2::Never),
    };
    let url = Url::parse(&plain).map_err(|error| format!("{SHAPE}: {error}"))?;
    let has_more = url.path() != "/" || url.query().is_some() || url.fragment().is_some() || !url.username().is_empty();
    if !matches!(url.scheme(), "http" | "https") || has_more {
        return Err(SHAPE.to_owned());
    }
    let host = match url.host() {
        Some(Host::Domain(name)) => name.to_owned(),
        Some(Host::Ipv4(address)) => address.to_string(),
        Some(Host::Ipv6(address)) => address.to_string(),
        None => return Err(SHAPE.to_owned()),
    };
    let port = url.port_or_known_default().unwrap_or(80);
    Ok(Upstream { http2, ..Upstream::new(&host, port, url.scheme() == "https") })
}

fn health_check(section: &Section<'_>) -> Option<HealthCheck> {
    let table = section.optional("health_check")?;
    let path = table.text("path").unwrap_or_else(|| "/".to_owned());
    if !path.starts_with('/') || !path.bytes().all(|byte| byte.is_ascii_graphic()) {
        table.problem("path", "must be a path, as \"/healthz\"");
    }
    Some(HealthCheck {
        path,
        interval: table.seconds("interval_seconds", 1..=3_600, 5),
        timeout: table.seconds("timeout_seconds", 1..=3_600, 2),
        status: table.given("status").then(|| table.number("status", 200..=599, 200)),
        failures: table.number("failures", 1..=100, 2),
        successes: table.number("successes", 1..=100, 1),
    })
}

/// What TLS is spoken with, where anything is said of it.
fn identity(section: &Section<'_>, is_tls: bool) -> Option<Arc<UpstreamTls>> {
    let names = ["ca_file", "client_certificate", "server_name", "insecure"];
    let said: Vec<&str> = names.into_iter().filter(|name| section.given(name)).collect();
    if said.is_empty() {
        return None;
    }
    if !is_tls {
        section.problem(said[0], "is about TLS, and the upstream does not speak it: write https://");
    }
    let authorities = section.file("ca_file").map(|file| read("ca_file", section, certificates(&file)));
    let server_name = section.text("server_name");
    if server_name.as_deref().is_some_and(|name| rustls::pki_types::ServerName::try_from(name).is_err()) {
        section.problem("server_name", "must be a host name or an address");
    }
    let is_verified = !section.flag("insecure", false);
    if !is_verified {
        section.warn(
            "insecure",
            "does not look at the upstream's certificate: whoever is between can read and change everything",
        );
    }
    let client = section.optional("client_certificate").map(|table| {
        let chain = table.file("certificate").map(|file| read("certificate", &table, certificates(&file)));
        let key = table.file("key").map(|file| read("key", &table, private_key(&file)));
        if chain.is_none() || key.is_none() {
            section.problem("client_certificate", "must be { certificate = \"client.pem\", key = \"client-key.pem\" }");
        }
        let (chain, key) = (chain??, key??);
        if chain.first().is_some_and(|first| is_without_extensions(first)) {
            table.problem("certificate", FIRST_VERSION);
        } else if !belong_together(&chain, &key) {
            table.problem("key", "is not the key of the first certificate");
        }
        Some((chain, key))
    });
    Some(Arc::new(UpstreamTls::new(
        authorities.flatten().unwrap_or_default(),
        server_name,
        is_verified,
        client.flatten(),
    )))
}

fn read<T>(name: &str, section: &Section<'_>, read: Result<T, String>) -> Option<T> {
    read.map_err(|problem| section.problem(name, problem)).ok()
}

/// The certificates of a file: at least one, and all of them X.509.
fn certificates(file: &std::path::Path) -> Result<Vec<Vec<u8>>, String> {
    let pem = std::fs::read(file).map_err(|error| format!("{} cannot be read: {error}", file.display()))?;
    let found: Result<Vec<CertificateDer<'_>>, _> = CertificateDer::pem_slice_iter(&pem).collect();
    let found = found.map_err(|error| format!("{}: {error}", file.display()))?;
    let is_one =
        |der: &CertificateDer<'_>| x509_parser::parse_x509_certificate(der).is_ok_and(|(rest, _)| rest.is_empty());
    if found.is_empty() || !found.iter().all(is_one) {
        return Err(format!("{} holds no certificate, or something else", file.display()));
    }
    Ok(found.into_iter().map(|der| der.to_vec()).collect())
}

/// What is said of a certificate that rustls does not read.
const FIRST_VERSION: &str = "is a certificate of X.509 version 1, which cannot be shown: have it issued anew as version 3, \
    with an extension (openssl x509 -req … -extfile, with extendedKeyUsage=clientAuth)";

/// Whether a certificate is of a version before 3, as `openssl x509 -req` makes them where it is given no extensions.
fn is_without_extensions(der: &[u8]) -> bool {
    x509_parser::parse_x509_certificate(der)
        .is_ok_and(|(_, certificate)| certificate.version() != x509_parser::x509::X509Version::V3)
}

/// Whether a handshake could show this certificate with this key.
fn belong_together(chain: &[Vec<u8>], key: &[u8]) -> bool {
    let chain = chain.iter().map(|der| CertificateDer::from(der.as_slice()).into_owned()).collect();
    let provider = rustls::crypto::ring::default_provider();
    PrivateKeyDer::try_from(key)
        .is_ok_and(|key| rustls::sign::CertifiedKey::from_der(chain, key.clone_key(), &provider).is_ok())
}

fn private_key(file: &std::path::Path) -> Result<Zeroizing<Vec<u8>>, String> {
    let pem = std::fs::read(file).map(Zeroizing::new);
    let pem = pem.map_err(|error| format!("{} cannot be read: {error}", file.display()))?;
    let key = PrivateKeyDer::from_pem_slice(&pem).map_err(|_| format!("{} holds no private key", file.display()))?;
    rustls::crypto::ring::sign::any_supported_type(&key)
        .map_err(|_| format!("{} holds a key of no known kind", file.display()))?;
    Ok(Zeroizing::new(key.secret_der().to_vec()))
}
