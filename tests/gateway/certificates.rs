//! Certificates made for a test, and connections that trust them.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, date_time_ymd};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::raw::Raw;

/// Somebody who signs certificates.
pub(crate) struct Authority(CertifiedIssuer<'static, KeyPair>);

/// A certificate's files.
pub(crate) struct Issued {
    pub(crate) certificate: PathBuf,
    pub(crate) key: PathBuf,
}

impl Issued {
    /// As it stands in `[tls] certificates`.
    pub(crate) fn setting(&self) -> String {
        format!("{{ certificate = \"{}\", key = \"{}\" }}", self.certificate.display(), self.key.display())
    }
}

impl Authority {
    /// Anybody.
    pub(crate) fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).expect("parameters");
        // OpenSSL takes a certificate that is issued by its own subject's name for self-signed.
        params.distinguished_name.push(DnType::CommonName, "authority");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().expect("a key")).expect("a certificate"))
    }

    /// Its own certificate in PEM.
    pub(crate) fn pem(&self) -> String {
        self.0.pem()
    }

    /// Writes a certificate for these hosts, good until the end of that year, and its key.
    pub(crate) fn issue(&self, folder: &Path, name: &str, hosts: &[&str], year: i32) -> Issued {
        let hosts: Vec<String> = hosts.iter().map(|host| (*host).to_owned()).collect();
        let mut params = CertificateParams::new(hosts).expect("hosts");
        params.not_after = date_time_ymd(year, 12, 31);
        let key = KeyPair::generate().expect("a key");
        let signed = params.signed_by(&key, &self.0).expect("a certificate");
        let issued =
            Issued { certificate: folder.join(format!("{name}.pem")), key: folder.join(format!("{name}.key")) };
        std::fs::write(&issued.certificate, signed.pem()).expect("written");
        std::fs::write(&issued.key, key.serialize_pem()).expect("written");
        issued
    }
}

/// How a client shakes hands.
pub(crate) struct Client<'a> {
    pub(crate) authority: &'a Authority,
    pub(crate) protocols: &'a [&'a str],
    pub(crate) certificate: Option<&'a Issued>,
    pub(crate) versions: &'a [&'static rustls::SupportedProtocolVersion],
}

impl<'a> Client<'a> {
    /// One that speaks HTTP/1.1 and shows no certificate.
    pub(crate) fn of(authority: &'a Authority) -> Self {
        Self { authority, protocols: &["http/1.1"], certificate: None, versions: rustls::ALL_VERSIONS }
    }

    /// One that speaks HTTP/2.
    pub(crate) fn http2(authority: &'a Authority) -> Self {
        Self { protocols: &["h2"], ..Self::of(authority) }
    }

    /// A connection to the host of that name, on this machine.
    pub(crate) async fn connect(&self, name: &str, port: u16) -> std::io::Result<Raw<TlsStream<TcpStream>>> {
        self.over(TcpStream::connect(("127.0.0.1", port)).await?, name).await
    }

    /// The same over a connection that is there.
    pub(crate) async fn over(&self, io: TcpStream, name: &str) -> std::io::Result<Raw<TlsStream<TcpStream>>> {
        Self::handshake(&self.config(false), io, name).await.map(Raw)
    }

    /// Shakes hands with a configuration that other connections may have used before.
    pub(crate) async fn handshake(
        config: &Arc<ClientConfig>,
        io: TcpStream,
        name: &str,
    ) -> std::io::Result<TlsStream<TcpStream>> {
        let name = ServerName::try_from(name.to_owned()).expect("a name");
        TlsConnector::from(Arc::clone(config)).connect(name, io).await
    }

    /// What is said in handshakes; with early data, where the server takes it.
    pub(crate) fn config(&self, early_data: bool) -> Arc<ClientConfig> {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_slice(self.authority.pem().as_bytes()).expect("PEM")).expect("a root");
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ClientConfig::builder_with_provider(provider).with_protocol_versions(self.versions);
        let builder = builder.expect("versions").with_root_certificates(roots);
        let mut config = match self.certificate {
            None => builder.with_no_client_auth(),
            Some(issued) => {
                let chain = CertificateDer::pem_file_iter(&issued.certificate).expect("a file");
                let key = PrivateKeyDer::from_pem_file(&issued.key).expect("a key");
                builder.with_client_auth_cert(chain.collect::<Result<_, _>>().expect("PEM"), key).expect("a pair")
            }
        };
        config.alpn_protocols = self.protocols.iter().map(|name| name.as_bytes().to_vec()).collect();
        config.enable_early_data = early_data;
        Arc::new(config)
    }
}

/// Shakes hands as a program that takes any certificate: with this name, or with none.
pub(crate) async fn unverified(
    port: u16,
    name: Option<&str>,
    protocol: &str,
) -> std::io::Result<Raw<TlsStream<TcpStream>>> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider)).with_safe_default_protocol_versions();
    let builder = builder.expect("versions").dangerous().with_custom_certificate_verifier(Arc::new(Any(provider)));
    let mut config = builder.with_no_client_auth();
    config.alpn_protocols = vec![protocol.as_bytes().to_vec()];
    config.enable_sni = name.is_some();
    let io = TcpStream::connect(("127.0.0.1", port)).await?;
    Client::handshake(&Arc::new(config), io, name.unwrap_or("nobody.example")).await.map(Raw)
}

/// Any certificate is good, as long as its owner shakes hands.
#[derive(Debug)]
struct Any(Arc<CryptoProvider>);

impl ServerCertVerifier for Any {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        rustls::crypto::verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
