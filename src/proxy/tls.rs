//! TLS of the public listeners: certificates by name, clients' certificates, and files that are read again.
//!
//! rustls with ring: TLS 1.2 with forward secrecy and AEAD only, and TLS 1.3; no early data, so that no request can
//! be replayed; tickets are sealed with keys that live in memory and change. What [`Tls::reload_changed`] reads is used by
//! the next handshake, whole or not at all: while a file is unreadable, or a key is not its certificate's, the
//! earlier ones go on. Sessions begun under them are not resumed, so a client's authority that was taken away is gone.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use arc_swap::ArcSwap;
use data_encoding::HEXLOWER;
use pingora::listeners::tls::Acceptor;
use pingora::protocols::Ssl as _;
use pingora::protocols::l4::stream::Stream as L4Stream;
use pingora::protocols::tls::TlsStream;
use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, SHA256};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, NoServerSessionStorage, ResolvesServerCert, WebPkiClientVerifier};
use rustls::sign::CertifiedKey;
use rustls::{RootCertStore, ServerConfig};
use x509_parser::objects::{oid_registry, oid2abbrev};
use x509_parser::x509::{AttributeTypeAndValue, X509Name};

use super::limits::HANDSHAKE_TIME;
use crate::headers::ClientCertificate;
use crate::time::Instant;

/// The oldest version that is spoken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MinVersion {
    /// TLS 1.2
    Tls12,
    /// TLS 1.3
    Tls13,
}

/// Whether clients show a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientCertificates {
    /// They are not asked.
    None,
    /// They may; one that is shown must be good.
    Optional,
    /// They must.
    Required,
}

/// A certificate's files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificateFiles {
    /// The chain in PEM, the server's own first.
    pub certificate: PathBuf,
    /// Its key in PEM.
    pub key: PathBuf,
}

/// `[tls]`, as far as it is about handshakes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsSettings {
    /// At least one; the first is for clients that name no host, or none that another is for.
    pub certificates: Vec<CertificateFiles>,
    /// The oldest version that is spoken.
    pub min_version: MinVersion,
    /// Whether clients show a certificate.
    pub client_certificates: ClientCertificates,
    /// Who signs clients' certificates, in PEM.
    pub client_ca: Option<PathBuf>,
    /// Whether HTTP/2 is offered.
    pub http2: bool,
}

/// One certificate as it was read.
pub struct Certificate {
    /// Where it stands, for the log and for metrics.
    pub file: String,
    /// The hosts it is for, in lower case; `*.` stands for one label.
    names: Vec<String>,
    /// Until when it is good.
    pub not_after: Instant,
    key: Arc<CertifiedKey>,
}

impl Certificate {
    /// The hosts it is for, for people to read.
    pub fn names(&self) -> String {
        if self.names.is_empty() { "for no host".to_owned() } else { format!("for {}", self.names.join(", ")) }
    }

    /// Whether it is for `host`, given in lower case (RFC 9525 §6.3). `*.example.com` is a host like any other here.
    pub fn covers(&self, host: &str) -> bool {
        let parent = host.split_once('.').map(|(_, parent)| parent);
        self.names.iter().any(|name| match name.strip_prefix("*.") {
            Some(domain) => parent == Some(domain),
            None => name == host,
        })
    }
}

// Without the key.
impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Certificate").field("file", &self.file).field("names", &self.names).finish_non_exhaustive()
    }
}

/// What a handshake brought about.
#[derive(Debug)]
pub(super) struct Handshake {
    /// The host that the client named, in lower case and without a last dot.
    server_name: Option<String>,
    certificate: Arc<Certificate>,
    /// The certificate that the client has shown.
    pub(super) client: Option<ClientCertificate>,
}

impl Handshake {
    /// Whether a request for `host`, in lower case, may come over this connection: the client could not know
    /// otherwise whom it speaks to (RFC 9110 §7.4).
    ///
    /// A client that named a host speaks to that, and to the others of the certificate that was chosen by the name
    /// (RFC 9113 §9.1.1); where none is for the name, it was shown the first, which says nothing about whom it wants. One
    /// that named no host (RFC 6066 §3), as for an address or by an old library, is answered for any.
    pub(super) fn is_for(&self, host: &str) -> bool {
        let Some(name) = self.server_name.as_deref() else { return true };
        name == host || self.certificate.covers(name) && self.certificate.covers(host)
    }
}

#[derive(Debug)]
struct ByName(Vec<Arc<Certificate>>);

impl ByName {
    fn choose(&self, name: Option<&str>) -> Option<&Arc<Certificate>> {
        let name = name.map(str::to_ascii_lowercase);
        let named = name.and_then(|name| self.0.iter().find(|certificate| certificate.covers(&name)));
        named.or(self.0.first())
    }
}

impl ResolvesServerCert for ByName {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        self.choose(hello.server_name()).map(|certificate| Arc::clone(&certificate.key))
    }
}

/// Files as they were read at one time.
struct Loaded {
    acceptor: Acceptor,
    config: Arc<ServerConfig>,
    certificates: Arc<ByName>,
    modified: Vec<Option<SystemTime>>,
}

/// What is wrong with a file, in a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TlsProblem {
    /// With a certificate or a key of the gateway.
    Certificate(String),
    /// With who signs clients' certificates.
    ClientAuthority(String),
}

impl TlsProblem {
    /// The setting of `[tls]` that names the file.
    pub fn setting(&self) -> &'static str {
        match self {
            Self::Certificate(_) => "certificates",
            Self::ClientAuthority(_) => "client_ca",
        }
    }
}

impl fmt::Display for TlsProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Self::Certificate(problem) | Self::ClientAuthority(problem)) = self;
        f.write_str(problem)
    }
}

/// Bytes that begin no handshake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadHello;

/// TLS of the public listeners.
pub struct Tls {
    settings: TlsSettings,
    loaded: ArcSwap<Loaded>,
}

impl Tls {
    /// Reads every file.
    ///
    /// # Errors
    ///
    /// What is wrong with which file, all of it.
    pub fn load(settings: TlsSettings) -> Result<Self, Vec<TlsProblem>> {
        let loaded = ArcSwap::from_pointee(load(&settings)?);
        Ok(Self { settings, loaded })
    }

    /// The certificates that are used now.
    pub fn certificates(&self) -> Vec<Arc<Certificate>> {
        self.loaded.load().certificates.0.clone()
    }

    /// Reads every file again if one of them has changed, and says whether. What is wrong with one leaves all as they
    /// were.
    pub(super) fn reload_changed(&self) -> Result<bool, Vec<TlsProblem>> {
        let has_changed = self.loaded.load().modified != modified(&self.settings);
        if has_changed {
            self.loaded.store(Arc::new(load(&self.settings)?));
        }
        Ok(has_changed)
    }

    /// What the first bytes of a client lead to: the host that it names, and the certificate that it would be shown.
    ///
    /// # Errors
    ///
    /// [`BadHello`] where they are no whole ClientHello, or one that the handshake would end with.
    pub fn choose(&self, bytes: &[u8]) -> Result<(Option<String>, Arc<Certificate>), BadHello> {
        let loaded = self.loaded.load();
        let (mut acceptor, mut left) = (rustls::server::Acceptor::default(), bytes);
        while !left.is_empty() && acceptor.read_tls(&mut left).map_err(|_| BadHello)? > 0 {
            let Some(accepted) = acceptor.accept().map_err(|_| BadHello)? else { continue };
            let name = accepted.client_hello().server_name().map(str::to_owned);
            let shaking = accepted.into_connection(Arc::clone(&loaded.config)).map_err(|_| BadHello)?;
            let certificate = loaded.certificates.choose(name.as_deref()).ok_or(BadHello)?;
            return match shaking.server_name() == name.as_deref() {
                true => Ok((name, Arc::clone(certificate))),
                false => Err(BadHello),
            };
        }
        Err(BadHello)
    }

    /// Shakes hands.
    pub(super) async fn accept(&self, io: L4Stream) -> Option<(TlsStream<L4Stream>, Handshake)> {
        let loaded = self.loaded.load_full();
        let stream = tokio::time::timeout(HANDSHAKE_TIME, loaded.acceptor.tls_handshake(io)).await.ok()?.ok()?;
        let sent = stream.get_ssl().and_then(|tls| tls.server_name());
        let certificate = Arc::clone(loaded.certificates.choose(sent)?);
        let server_name = sent.map(|name| name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase());
        let shown = stream.get_ssl().and_then(|tls| tls.peer_certificate_der());
        // One that was verified and cannot be read would go on as none: it ends here.
        let client = match shown {
            Some(der) => Some(client_certificate(der)?),
            None => None,
        };
        Some((stream, Handshake { server_name, certificate, client }))
    }
}

/// When each file was changed last; a link counts as what it leads to, as Kubernetes swaps it.
fn modified(settings: &TlsSettings) -> Vec<Option<SystemTime>> {
    let files = settings.certificates.iter().flat_map(|files| [&files.certificate, &files.key]);
    let files = files.chain(&settings.client_ca);
    files.map(|file| std::fs::metadata(file).and_then(|file| file.modified()).ok()).collect()
}

fn load(settings: &TlsSettings) -> Result<Loaded, Vec<TlsProblem>> {
    // Before the files are read: one that changes meanwhile is read again.
    let modified = modified(settings);
    let mut problems = Vec::new();
    let mut certificates = Vec::with_capacity(settings.certificates.len());
    for files in &settings.certificates {
        match certificate(files) {
            Ok(certificate) => certificates.push(Arc::new(certificate)),
            Err(problem) => problems.push(TlsProblem::Certificate(problem)),
        }
    }
    let config = config(settings);
    match config {
        Ok(builder) if problems.is_empty() => {
            let certificates = Arc::new(ByName(certificates));
            let mut config = builder.with_cert_resolver(Arc::clone(&certificates) as Arc<dyn ResolvesServerCert>);
            config.alpn_protocols = if settings.http2 { vec![b"h2".to_vec()] } else { Vec::new() };
            config.alpn_protocols.push(b"http/1.1".to_vec());
            // The server's order of cipher suites decides.
            config.ignore_client_order = true;
            config.session_storage = Arc::new(NoServerSessionStorage {});
            config.ticketer = rustls::crypto::ring::Ticketer::new()
                .map_err(|error| vec![TlsProblem::Certificate(error.to_string())])?;
            config.send_tls13_tickets = 1;
            let config = Arc::new(config);
            let acceptor = Acceptor::from_server_config(Arc::clone(&config));
            Ok(Loaded { acceptor, config, certificates, modified })
        }
        config => Err(problems.into_iter().chain(config.err()).collect()),
    }
}

type Builder = rustls::ConfigBuilder<ServerConfig, rustls::server::WantsServerCert>;

fn config(settings: &TlsSettings) -> Result<Builder, TlsProblem> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let versions: &[_] = match settings.min_version {
        MinVersion::Tls12 => &[&rustls::version::TLS13, &rustls::version::TLS12],
        MinVersion::Tls13 => &[&rustls::version::TLS13],
    };
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider));
    let builder =
        builder.with_protocol_versions(versions).map_err(|error| TlsProblem::Certificate(error.to_string()))?;
    let (Some(file), ClientCertificates::Optional | ClientCertificates::Required) =
        (&settings.client_ca, settings.client_certificates)
    else {
        return Ok(builder.with_no_client_auth());
    };
    let of_file = |error: &dyn fmt::Display| TlsProblem::ClientAuthority(format!("{}: {error}", file.display()));
    let mut roots = RootCertStore::empty();
    for authority in chain(file).map_err(TlsProblem::ClientAuthority)? {
        roots.add(authority).map_err(|error| of_file(&error))?;
    }
    let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
    let verifier = match settings.client_certificates {
        ClientCertificates::Required => verifier,
        _ => verifier.allow_unauthenticated(),
    };
    Ok(builder.with_client_cert_verifier(verifier.build().map_err(|error| of_file(&error))?))
}

fn chain(file: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    let pem = std::fs::read(file).map_err(|error| format!("{} cannot be read: {error}", file.display()))?;
    let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&pem).collect();
    match chain {
        Ok(chain) if !chain.is_empty() => Ok(chain),
        _ => Err(format!("{} holds no certificate in PEM", file.display())),
    }
}

fn certificate(files: &CertificateFiles) -> Result<Certificate, String> {
    let file = files.certificate.display().to_string();
    let chain = chain(&files.certificate)?;
    let key = zeroize::Zeroizing::new(
        std::fs::read(&files.key).map_err(|error| format!("{} cannot be read: {error}", files.key.display()))?,
    );
    let key = PrivateKeyDer::from_pem_slice(&key)
        .map_err(|_| format!("{} holds no private key in PEM", files.key.display()))?;
    let (names, not_after) = read(&chain[0]).ok_or_else(|| format!("{file}: its first certificate cannot be read"))?;
    let key = CertifiedKey::from_der(chain, key, &rustls::crypto::ring::default_provider());
    let key = key.map_err(|error| format!("{} is not the key of {file}: {error}", files.key.display()))?;
    Ok(Certificate { file, names, not_after, key: Arc::new(key) })
}

/// What upstreams may be told of a client's certificate.
fn client_certificate(der: &[u8]) -> Option<ClientCertificate> {
    use x509_parser::extensions::GeneralName;
    let (_, certificate) = x509_parser::parse_x509_certificate(der).ok()?;
    let names = certificate.subject_alternative_name().ok()?;
    let names = names.map(|names| names.value.general_names.as_slice()).unwrap_or_default();
    let (mut uris, mut hosts) = (Vec::new(), Vec::new());
    for name in names {
        match name {
            GeneralName::URI(uri) => uris.push((*uri).to_owned()),
            GeneralName::DNSName(host) => hosts.push((*host).to_owned()),
            _ => {}
        }
    }
    let digest = |algorithm| HEXLOWER.encode(ring::digest::digest(algorithm, der).as_ref());
    Some(ClientCertificate {
        subject: relative_names(certificate.subject()),
        issuer: relative_names(certificate.issuer()),
        serial: HEXLOWER.encode(certificate.raw_serial()),
        sha1: digest(&SHA1_FOR_LEGACY_USE_ONLY),
        sha256: digest(&SHA256),
        uris,
        hosts,
        der: der.to_vec(),
    })
}

fn relative_names(name: &X509Name<'_>) -> Vec<Vec<(String, String)>> {
    let attribute = |attribute: &AttributeTypeAndValue<'_>| {
        let kind = attribute.attr_type();
        let word = oid2abbrev(kind, oid_registry()).map(str::to_owned).unwrap_or_else(|_| kind.to_id_string());
        (word, String::from_utf8_lossy(attribute.as_slice()).into_owned())
    };
    name.iter_rdn().map(|relative| relative.iter().map(attribute).collect()).collect()
}

/// For which hosts and until when a certificate is.
fn read(certificate: &CertificateDer<'_>) -> Option<(Vec<String>, Instant)> {
    use x509_parser::extensions::GeneralName;
    let (_, certificate) = x509_parser::parse_x509_certificate(certificate).ok()?;
    let names = certificate.subject_alternative_name().ok()?;
    let names = names.map(|names| names.value.general_names.as_slice()).unwrap_or_default().iter();
    let names = names.filter_map(|name| match name {
        GeneralName::DNSName(name) => Some(name.to_ascii_lowercase()),
        GeneralName::IPAddress(bytes) => {
            let v4 = <[u8; 4]>::try_from(*bytes).map(std::net::IpAddr::from);
            v4.or_else(|_| <[u8; 16]>::try_from(*bytes).map(std::net::IpAddr::from)).ok().map(|ip| ip.to_string())
        }
        _ => None,
    });
    let not_after = u64::try_from(certificate.validity().not_after.timestamp()).ok()?;
    Some((names.collect(), Instant::from_seconds(not_after)))
}
