//! Upstreams that are spoken to over TLS: whom we trust, whom we name, what we show, which protocol is agreed on; and what
//! everybody hears where one of these is wrong.

use std::path::Path;
use std::sync::Arc;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use crate::certificates::{Authority, Issued};
use crate::proxying::raw;
use crate::raw::WEBSOCKET;
use crate::upstream::status;
use crate::world::World;

/// Starts a server that says how it was spoken to: the protocol, the name asked for, and whether a certificate was
/// shown. Its port.
async fn server(issued: &Issued, clients: Option<&Authority>, protocols: &[&str]) -> u16 {
    let chain: Result<Vec<_>, _> = CertificateDer::pem_file_iter(&issued.certificate).expect("a file").collect();
    let key = PrivateKeyDer::from_pem_file(&issued.key).expect("a key");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider));
    let builder = builder.with_safe_default_protocol_versions().expect("versions");
    let builder = match clients {
        None => builder.with_no_client_auth(),
        Some(authority) => {
            let mut roots = RootCertStore::empty();
            roots.add(CertificateDer::from_pem_slice(authority.pem().as_bytes()).expect("PEM")).expect("a root");
            let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build();
            builder.with_client_cert_verifier(verifier.expect("a verifier"))
        }
    };
    let mut config = builder.with_single_cert(chain.expect("PEM"), key).expect("a pair");
    config.alpn_protocols = protocols.iter().map(|name| name.as_bytes().to_vec()).collect();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let Ok(stream) = acceptor.accept(stream).await else { return };
                let (_, connection) = stream.get_ref();
                let protocol = String::from_utf8_lossy(connection.alpn_protocol().unwrap_or(b"none")).into_owned();
                let name = connection.server_name().unwrap_or("no name").to_owned();
                let shown = if connection.peer_certificates().is_some() { "certificate" } else { "nothing" };
                let said = format!("{protocol} {name} {shown}");
                if protocol == "h2" { over_http2(stream, said).await } else { over_http1(stream, said).await }
            });
        }
    });
    port
}

/// Starts a server that answers the first bytes of a handshake as one of HTTP does. Its port.
async fn without_tls() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let _ = stream.read(&mut [0; 4096]).await;
            let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n").await;
        }
    });
    port
}

async fn over_http1(mut stream: TlsStream<TcpStream>, said: String) {
    loop {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            match stream.read_u8().await {
                Ok(byte) => head.push(byte),
                Err(_) => return,
            }
        }
        let head = String::from_utf8_lossy(&head).to_ascii_lowercase();
        let is_websocket = head.contains("\r\nupgrade: websocket\r\n");
        let answer = if is_websocket {
            format!("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n{said}")
        } else {
            format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{said}", said.len())
        };
        let _ = stream.write_all(answer.as_bytes()).await;
        let _ = stream.flush().await;
        if is_websocket {
            return;
        }
    }
}

async fn over_http2(stream: TlsStream<TcpStream>, said: String) {
    let Ok(mut connection) = h2::server::handshake(stream).await else { return };
    while let Some(Ok((request, mut respond))) = connection.accept().await {
        let said = said.clone();
        tokio::spawn(async move {
            let mut body = request.into_body();
            let mut bytes = 0;
            while let Some(Ok(data)) = body.data().await {
                bytes += data.len();
                let _ = body.flow_control().release_capacity(data.len());
            }
            let head = http::Response::builder().body(()).expect("a head");
            let said = if bytes > 0 { format!("{said}, {bytes} bytes") } else { said };
            if let Ok(mut stream) = respond.send_response(head, false) {
                let _ = stream.send_data(said.into(), true);
            }
        });
    }
}

/// Authorities, servers, and what is shown to them, in a folder.
struct Fixture {
    ca_file: String,
    client: String,
    strange_client: String,
    good: u16,
    no_http2: u16,
    picky: u16,
    expired: u16,
    plain: u16,
}

impl Fixture {
    async fn new(folder: &Path) -> Self {
        let (ours, theirs) = (Authority::new(), Authority::new());
        let ca_file = folder.join("ca.pem");
        std::fs::write(&ca_file, ours.pem()).expect("written");
        let hosts = ["localhost", "127.0.0.1", "app.internal"];
        let certificate = ours.issue(folder, "app", &hosts, 2099);
        let both = ["h2", "http/1.1"];
        Self {
            ca_file: format!("ca_file = \"{}\"\n", ca_file.display()),
            client: client(&ours.issue(folder, "client", &["gateway"], 2099)),
            strange_client: client(&theirs.issue(folder, "strange", &["gateway"], 2099)),
            good: server(&certificate, None, &both).await,
            no_http2: server(&certificate, None, &["http/1.1"]).await,
            picky: server(&certificate, Some(&ours), &both).await,
            expired: server(&ours.issue(folder, "old", &hosts, 2020), None, &both).await,
            plain: without_tls().await,
        }
    }
}

fn client(issued: &Issued) -> String {
    format!("client_certificate = {}\n", issued.setting())
}

fn route(name: &str, host: &str, port: u16, more: &str) -> String {
    format!(
        "\n[[route]]\nname = \"{name}\"\npath = \"/{name}\"\nallow = \"public\"\nupstream = \"https://{host}:{port}\"\n{more}\n"
    )
}

fn ask(world: &World, name: &str) -> String {
    let port = world.port;
    raw(world, format!("GET /{name} HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: close\r\n\r\n").as_bytes())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_upstream_is_spoken_to_over_tls_as_its_route_says() {
    let folder = tempfile::tempdir().expect("a folder");
    let tls = Fixture::new(folder.path()).await;
    let trusted = |more: &str| format!("{}{more}", tls.ca_file);
    let routes = route("trusted", "localhost", tls.good, &trusted(""))
        + &route("address", "127.0.0.1", tls.good, &trusted(""))
        + &route("named", "127.0.0.1", tls.good, &trusted("server_name = \"app.internal\""))
        + &route("http1", "localhost", tls.good, &trusted("http2 = false"))
        + &route("old", "localhost", tls.no_http2, &trusted(""))
        + &route("shown", "localhost", tls.picky, &trusted(&tls.client))
        + &route("unchecked", "localhost", tls.expired, "insecure = true");
    let world = World::with(&routes, &[]).await;
    for (name, said) in [
        ("trusted", "h2 localhost nothing"),
        // An address is no name that could be asked for (RFC 6066 §3).
        ("address", "h2 no name nothing"),
        ("named", "h2 app.internal nothing"),
        ("http1", "http/1.1 localhost nothing"),
        ("old", "http/1.1 localhost nothing"),
        ("shown", "h2 localhost certificate"),
        ("unchecked", "h2 localhost nothing"),
    ] {
        for _ in 0..2 {
            let answer = ask(&world, name);
            assert!(status(&answer) == 200 && answer.contains(said), "{name}: {answer}");
        }
    }
    let port = world.port;
    let posted = format!(
        "POST /trusted HTTP/1.1\r\nHost: localhost:{port}\r\nContent-Length: 70000\r\nConnection: close\r\n\r\n{}",
        "x".repeat(70_000)
    );
    assert!(raw(&world, posted.as_bytes()).contains("h2 localhost nothing, 70000 bytes"));
    let upgraded =
        raw(&world, format!("GET /trusted HTTP/1.1\r\nHost: localhost:{port}\r\n{WEBSOCKET}\r\n").as_bytes());
    assert!(status(&upgraded) == 101 && upgraded.contains("http/1.1 localhost nothing"), "{upgraded}");
    assert!(world.log().contains("does not look at the upstream's certificate"), "it is warned of");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_upstream_that_is_not_who_it_should_be_gets_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let tls = Fixture::new(folder.path()).await;
    let trusted = |more: &str| format!("{}{more}", tls.ca_file);
    let routes = route("unknown", "localhost", tls.good, "")
        + &route("misnamed", "localhost", tls.good, &trusted("server_name = \"other.internal\""))
        + &route("expired", "localhost", tls.expired, &trusted(""))
        + &route("plain", "localhost", tls.plain, &trusted(""))
        + &route("unshown", "localhost", tls.picky, &trusted(""))
        + &route("strange", "localhost", tls.picky, &trusted(&tls.strange_client));
    let world = World::with(&routes, &[]).await;
    for (name, why) in [
        ("unknown", "UnknownIssuer"),
        ("misnamed", "other.internal"),
        ("expired", "xpired"),
        ("plain", "InvalidContentType"),
        // The alert and the end of the connection come at once; either may be seen first.
        ("unshown", "Error"),
        ("strange", "Error"),
    ] {
        let answer = ask(&world, name);
        assert_eq!(status(&answer), 502, "{name}: {answer}");
        assert!(!answer.contains(why) && !answer.contains("localhost nothing"), "{name}: {answer}");
        let log = world.log();
        let told = |line: &&str| line.contains("a request failed") && line.contains(name) && line.contains(why);
        assert!(log.lines().any(|line| told(&line)), "{name}, {why}: {log}");
        let counted = format!("gateway_requests_total{{route=\"{name}\",status=\"5xx\"}} 1");
        let metrics = world.metrics().await;
        assert!(metrics.contains(&counted), "{counted}\n{metrics}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn health_is_asked_after_over_tls_too() {
    let folder = tempfile::tempdir().expect("a folder");
    let tls = Fixture::new(folder.path()).await;
    let check = "health_check = { path = \"/up\", interval_seconds = 1, failures = 1 }\n";
    let trusted = format!("{}{check}", tls.ca_file);
    let routes = route("shown", "localhost", tls.picky, &format!("{trusted}{}", tls.client))
        + &route("unshown", "127.0.0.1", tls.picky, &trusted);
    let world = World::with(&routes, &[]).await;
    let available = |host: &str, value: u8| {
        format!("gateway_upstream_available{{upstream=\"https://{host}:{}\"}} {value}", tls.picky)
    };
    let both = [available("localhost", 1), available("127.0.0.1", 0)];
    for _ in 0..400 {
        let metrics = world.metrics().await;
        if both.iter().all(|line| metrics.contains(line)) {
            let log = world.log();
            let line = log.lines().find(|line| line.contains("the upstream is not well")).unwrap_or_default();
            assert!(line.contains("https://127.0.0.1:") && line.contains("Error"), "{log}");
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("{both:?} never come: {}", world.metrics().await);
}

/// Takes connections and says nothing on them. Its port.
async fn silent() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    tokio::spawn(async move {
        let mut kept = Vec::new();
        while let Ok((stream, _)) = listener.accept().await {
            kept.push(stream);
        }
    });
    port
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_upstream_that_never_finishes_a_handshake_is_waited_for_as_long_as_the_route_says() {
    let port = silent().await;
    let waits = "connect_timeout_seconds = 1\ntimeout_seconds = 1\n";
    let routes = route("tls", "127.0.0.1", port, waits)
        + &route("http2", "127.0.0.1", port, waits).replace("https://", "h2c://")
        + &route("http1", "127.0.0.1", port, waits).replace("https://", "http://");
    let world = World::with(&routes, &[]).await;
    for name in ["tls", "http2", "http1"] {
        let answer = ask(&world, name);
        assert_eq!(status(&answer), 504, "{name}: {answer}");
        let log = world.log();
        assert!(log.lines().any(|line| line.contains("a request failed") && line.contains(name)), "{name}: {log}");
    }
}
