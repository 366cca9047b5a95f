//! S-07, S-11, P-15 and what an operator expects of TLS: certificates by name, clients' certificates, files that
//! change, and connections that do not get as far as a request.

use std::time::Duration;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use tokio::io::{AsyncRead, AsyncWrite};

use crate::certificates::{Authority, Client, Issued, unverified};
use crate::raw::{Raw, status};
use crate::upstream::Upstream;
use crate::world::{World, free_port};

/// Within what time a change of a file is seen: every ten seconds they are looked at, and machines are busy.
const LOOKED_AT: Duration = Duration::from_secs(40);

/// A world with a TLS listener, by its port; `more` follows in `[tls]`.
async fn with_tls(certificates: &[&Issued], more: &str) -> (World, u16, u16) {
    let (tls, plain) = (free_port(), free_port());
    let certificates: Vec<String> = certificates.iter().map(|issued| issued.setting()).collect();
    let section = format!("[tls]\ncertificates = [{}]\n{more}\n", certificates.join(", "));
    let listen = format!("[\"127.0.0.1:{plain}\", \"https://127.0.0.1:{tls}\"]");
    let world = World::with(&section, &[("GATEWAY__SERVER__LISTEN", &listen)]).await;
    (world, tls, plain)
}

fn get(host: &str) -> String {
    format!("GET /public HTTP/1.1\r\nHost: {host}\r\nAccept: application/json\r\nConnection: close\r\n\r\n")
}

#[tokio::test]
async fn each_name_gets_its_certificate_and_nobody_s_request_comes_over_another_s() {
    let (authority, folder) = (Authority::new(), tempfile::tempdir().expect("a folder"));
    let first = authority.issue(folder.path(), "first", &["localhost", "one.example.com"], 2040);
    let second = authority.issue(folder.path(), "second", &["*.example.org"], 2041);
    let open = |host: &str| format!("[[route]]\nhost = \"{host}\"\nupstream = \"APP\"\nallow = \"public\"\n");
    let routes = ["localhost", "one.example.com", "*.example.org"].map(open).concat();
    let (world, port, _) = with_tls(&[&first, &second], &routes).await;
    let client = Client::of(&authority);
    for (name, host, issued, expect) in [
        ("localhost", "localhost", &first, "200"),
        ("localhost", "LOCALHOST:443", &first, "200"),
        ("a.example.org", "a.example.org", &second, "200"),
        ("a.example.org", "b.example.org", &second, "200"),
        ("localhost", "one.example.com", &first, "200"),
        ("localhost", "a.example.org", &first, "421"),
        ("a.example.org", "localhost", &second, "421"),
        ("a.example.org", "x.a.example.org", &second, "421"),
    ] {
        let mut raw = client.connect(name, port).await.unwrap_or_else(|error| panic!("{name}: {error}"));
        let shown = raw.0.get_ref().1.peer_certificates().expect("a certificate")[0].clone();
        let expected = CertificateDer::from_pem_file(&issued.certificate).expect("PEM");
        assert!(shown == expected, "{name}: another certificate");
        raw.send(get(host)).await;
        let answer = raw.rest().await;
        assert_eq!(status(&answer), expect, "{name}, {host}: {answer}");
    }
    // A name that no certificate is for gets the first one, which such a client does not take.
    assert!(client.connect("elsewhere.example", port).await.is_err());
    let metrics = world.metrics().await;
    assert!(metrics.contains("gateway_requests_refused_total{reason=\"misdirected\"} 3\n"), "{metrics}");
    let until = format!("timestamp_seconds{{certificate=\"{}\"}} 2240524800\n", first.certificate.display());
    assert!(metrics.contains(&until), "{until} is not in {metrics}");
}

/// P-15: whom a client speaks to is what it said in the handshake, over one connection with several hosts too.
#[tokio::test]
async fn a_name_that_no_certificate_is_for_opens_no_other_host() {
    let (authority, folder) = (Authority::new(), tempfile::tempdir().expect("a folder"));
    let first = authority.issue(folder.path(), "first", &["localhost", "one.example.com"], 2040);
    let second = authority.issue(folder.path(), "second", &["*.example.org"], 2041);
    let open = |host: &str| format!("[[route]]\nhost = \"{host}\"\nupstream = \"APP\"\nallow = \"public\"\n");
    let routes = ["localhost", "one.example.com", "*.example.org", "elsewhere.example"].map(open).concat();
    let (world, port, _) = with_tls(&[&first, &second], &routes).await;
    let mut misdirected = 0;
    for (name, asked) in [
        (
            Some("elsewhere.example"),
            [("localhost", 421), ("one.example.com", 421), ("a.example.org", 421), ("elsewhere.example", 200)],
        ),
        (
            Some("a.example.org"),
            [("a.example.org", 200), ("localhost", 421), ("b.example.org", 200), ("elsewhere.example", 421)],
        ),
        (
            Some("LOCALHOST"),
            [("localhost", 200), ("one.example.com", 200), ("a.example.org", 421), ("elsewhere.example", 421)],
        ),
        // Without a name the first certificate serves, for every host.
        (None, [("localhost", 200), ("a.example.org", 200), ("elsewhere.example", 200), ("nobody.example", 421)]),
    ] {
        let mut raw = unverified(port, name, "http/1.1").await.expect("a handshake");
        let other = unverified(port, name, "h2").await.expect("a handshake");
        let (mut http2, connection) = h2::client::handshake(other.0).await.expect("HTTP/2");
        tokio::spawn(connection);
        for (host, expect) in asked {
            raw.send(get(host).replace("Connection: close\r\n", "")).await;
            let answer = raw.answer().await;
            assert_eq!(status(&answer), expect.to_string(), "{name:?} {host}: {answer}");
            let request = http::Request::get(format!("https://{host}/public")).body(()).expect("a request");
            http2 = http2.ready().await.expect("the connection goes on");
            let (answer, _) = http2.send_request(request, true).expect("sent");
            assert_eq!(answer.await.expect("an answer").status(), expect, "{name:?} {host} over HTTP/2");
            misdirected += if expect == 421 && host != "nobody.example" { 2 } else { 0 };
        }
    }
    let metrics = world.metrics().await;
    let counted = format!("gateway_requests_refused_total{{reason=\"misdirected\"}} {misdirected}\n");
    assert!(metrics.contains(&counted), "{counted} is not in {metrics}");
}

#[tokio::test]
async fn files_that_change_are_read_again_and_bad_ones_change_nothing() {
    let (authority, folder) = (Authority::new(), tempfile::tempdir().expect("a folder"));
    let issued = authority.issue(folder.path(), "server", &["localhost"], 2040);
    let (world, port, _) = with_tls(&[&issued], "").await;
    let client = Client::of(&authority);
    assert!(client.connect("localhost", port).await.is_ok());
    std::fs::write(&issued.certificate, "nothing").expect("written");
    let complains = async {
        while !world.log().contains("the certificates stay as they were") {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(LOOKED_AT, complains).await.unwrap_or_else(|_| panic!("{}", world.log()));
    assert!(client.connect("localhost", port).await.is_ok(), "the earlier one goes on");
    authority.issue(folder.path(), "server", &["localhost"], 2042);
    let renewed = CertificateDer::from_pem_file(&issued.certificate).expect("PEM");
    let is_used = async {
        loop {
            let raw = client.connect("localhost", port).await.expect("a connection");
            let is_new = raw.0.get_ref().1.peer_certificates().expect("a certificate")[0] == renewed;
            if is_new && world.metrics().await.contains("} 2303596800\n") {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(LOOKED_AT, is_used).await.expect("the new one is used, and its end is shown");
}

#[tokio::test]
async fn a_client_s_certificate_is_asked_for_as_configured() {
    let (authority, stranger) = (Authority::new(), Authority::new());
    let folder = tempfile::tempdir().expect("a folder");
    let issued = authority.issue(folder.path(), "server", &["localhost"], 2040);
    let ours = authority.issue(folder.path(), "ours", &["somebody"], 2040);
    let theirs = stranger.issue(folder.path(), "theirs", &["somebody"], 2040);
    let ca = folder.path().join("ca.pem");
    std::fs::write(&ca, authority.pem()).expect("written");
    for (kind, none, theirs_is_good) in [("required", false, false), ("optional", true, false)] {
        let port = free_port();
        let more = format!(
            "[tls]\ncertificates = [{}]\nclient_ca = \"{}\"\nclient_certificates = \"{kind}\"\n",
            issued.setting(),
            ca.display()
        );
        let listen = format!("https://127.0.0.1:{port}");
        let _world = World::with(&more, &[("GATEWAY__SERVER__LISTEN", &listen)]).await;
        for (certificate, good) in [(None, none), (Some(&ours), true), (Some(&theirs), theirs_is_good)] {
            let client = Client { certificate, ..Client::of(&authority) };
            // With TLS 1.3 a client learns of it with the first answer only.
            let answer = match client.connect("localhost", port).await {
                Ok(mut raw) => {
                    raw.send(get("localhost")).await;
                    raw.rest().await
                }
                Err(_) => String::new(),
            };
            assert_eq!(answer.starts_with("HTTP/1.1 200"), good, "{kind}, {}: {answer}", certificate.is_some());
        }
    }
}

#[tokio::test]
async fn old_versions_and_half_handshakes_end() {
    let (authority, folder) = (Authority::new(), tempfile::tempdir().expect("a folder"));
    let issued = authority.issue(folder.path(), "server", &["localhost"], 2040);
    let (world, port, _) = with_tls(&[&issued], "min_version = \"1.3\"\n").await;
    let older = Client { versions: &[&rustls::version::TLS12], ..Client::of(&authority) };
    assert!(older.connect("localhost", port).await.is_err());
    assert!(Client::of(&authority).connect("localhost", port).await.is_ok());
    // An unfinished ClientHello, and HTTP where TLS is spoken.
    let mut half = Raw::to(port).await;
    half.send(b"\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03").await;
    let mut plain = Raw::to(port).await;
    plain.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n").await;
    assert!(!plain.rest().await.starts_with("HTTP"));
    half.rest().await;
    let log = world.log();
    assert!(!log.contains("ERROR") && !log.contains(" WARN"), "{log}");
}

#[tokio::test]
async fn plain_http_leads_to_https_and_only_https_is_remembered() {
    let (authority, folder) = (Authority::new(), tempfile::tempdir().expect("a folder"));
    let issued = authority.issue(folder.path(), "server", &["localhost"], 2040);
    let (tls, plain) = (free_port(), free_port());
    let listen = format!("[\"127.0.0.1:{plain}\", \"https://127.0.0.1:{tls}\"]");
    let url = format!("https://localhost:{tls}");
    let theirs = Upstream::saying(
        b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nStrict-Transport-Security: max-age=1\r\nConnection: close\r\n\r\n",
    );
    let more = format!(
        "[tls]\ncertificates = [{}]\nredirect_http = true\nhsts_days = 30\n{}\
         [[route]]\npath = \"/public\"\nupstream = \"APP\"\nallow = \"public\"\n",
        issued.setting(),
        theirs.route("/theirs", "")
    );
    let environment = [("GATEWAY__SERVER__LISTEN", listen.as_str()), ("GATEWAY__SERVER__PUBLIC_URL", &url)];
    let world = World::with(&more, &environment).await;
    let mut raw = Raw::to(plain).await;
    raw.send(format!("GET /public/x?y=1 HTTP/1.1\r\nHost: localhost:{plain}\r\nConnection: close\r\n\r\n")).await;
    let answer = raw.rest().await;
    assert_eq!(status(&answer), "308", "{answer}");
    assert!(answer.contains(&format!("\r\nlocation: {url}/public/x?y=1\r\n")), "{answer}");
    assert!(!answer.contains("strict-transport-security"), "RFC 6797 7.2: {answer}");
    assert!(world.app.requests().is_empty());
    // A load balancer's check follows no redirect, and has a Host of its own or none.
    for host in ["Host: 10.0.0.9\r\n", ""] {
        let mut raw = Raw::to(plain).await;
        let version = if host.is_empty() { "1.0" } else { "1.1" };
        raw.send(format!("GET /.gateway/ping HTTP/{version}\r\n{host}Connection: close\r\n\r\n")).await;
        let answer = raw.rest().await;
        assert_eq!(status(&answer), "200", "{host}: {answer}");
        assert!(!answer.contains("strict-transport-security"), "{answer}");
    }
    let mut raw = Client::of(&authority).connect("localhost", tls).await.expect("a connection");
    raw.send(format!("GET /.gateway/nothing HTTP/1.1\r\nHost: localhost:{tls}\r\nConnection: close\r\n\r\n")).await;
    let answer = raw.rest().await;
    assert!(answer.contains("\r\nstrict-transport-security: max-age=2592000\r\n"), "{answer}");
    // What is forwarded says so too, unless the application does.
    for (path, expect) in [("/public", "max-age=2592000"), ("/theirs", "max-age=1")] {
        let mut raw = Client::of(&authority).connect("localhost", tls).await.expect("a connection");
        raw.send(format!("GET {path} HTTP/1.1\r\nHost: localhost:{tls}\r\nConnection: close\r\n\r\n")).await;
        let answer = raw.rest().await.to_ascii_lowercase();
        let said: Vec<&str> =
            answer.lines().filter_map(|line| line.strip_prefix("strict-transport-security: ")).collect();
        assert_eq!(said, [expect], "{path}: {answer}");
    }
}

/// Where TLS ends in front of the gateway, what the proxy there says decides, and what its visitors say does not.
#[tokio::test]
async fn who_comes_without_tls_is_not_told_to_use_it() {
    let (authority, folder) = (Authority::new(), tempfile::tempdir().expect("a folder"));
    let issued = authority.issue(folder.path(), "server", &["localhost"], 2040);
    let [tls, plain, proxied] = [free_port(), free_port(), free_port()];
    let listen = format!(
        "[\"127.0.0.1:{plain}\", \"https://127.0.0.1:{tls}\", \"proxy+http://127.0.0.1:{proxied}\", \"unix:{}\"]",
        folder.path().join("gw.sock").display()
    );
    let url = format!("https://localhost:{tls}");
    let more = format!("trusted_proxies = [\"127.0.0.2\"]\n\n[tls]\ncertificates = [{}]\n", issued.setting());
    let environment = [("GATEWAY__SERVER__LISTEN", listen.as_str()), ("GATEWAY__SERVER__PUBLIC_URL", &url)];
    let _world = World::with(&more, &environment).await;
    let request = |path: &str, proto: &str| {
        let proto = if proto.is_empty() { String::new() } else { format!("X-Forwarded-Proto: {proto}\r\n") };
        format!("GET {path} HTTP/1.1\r\nHost: localhost:{tls}\r\n{proto}Connection: close\r\n\r\n")
    };
    for path in ["/public", "/.gateway/nothing", "/private"] {
        for (from, proto, is_told) in [
            ("127.0.0.1", "", false),
            ("127.0.0.1", "https", false),
            ("127.0.0.2", "", true),
            ("127.0.0.2", "https", true),
            ("127.0.0.2", "http", false),
            ("127.0.0.2", "https, http", false),
        ] {
            let mut raw = Raw::from(from, plain).await;
            raw.send(request(path, proto)).await;
            let answer = raw.rest().await.to_ascii_lowercase();
            assert_eq!(
                answer.contains("strict-transport-security: max-age=86400\r\n"),
                is_told,
                "{path} {from} {proto}: {answer}"
            );
        }
        let mut over_tls = Client::of(&authority).connect("localhost", tls).await.expect("a connection");
        over_tls.send(request(path, "http")).await;
        let mut by_proxy = Raw::from("127.0.0.2", proxied).await;
        by_proxy.send(format!("PROXY TCP4 203.0.113.9 198.51.100.2 4711 443\r\n{}", request(path, ""))).await;
        let io = tokio::net::UnixStream::connect(folder.path().join("gw.sock")).await.expect("a connection");
        let mut by_socket = Raw(io);
        by_socket.send(request(path, "")).await;
        for answer in [over_tls.rest().await, by_proxy.rest().await, by_socket.rest().await] {
            assert!(answer.to_ascii_lowercase().contains("strict-transport-security: "), "{path}: {answer}");
        }
    }
}

/// Whoever asks for such a host is shown another's certificate, and a browser goes no further.
#[tokio::test]
async fn a_host_without_a_certificate_is_told_by_check_and_at_the_start() {
    let (authority, folder) = (Authority::new(), tempfile::tempdir().expect("a folder"));
    let first = authority.issue(folder.path(), "first", &["localhost", "*.apps.example"], 2040);
    let second = authority.issue(folder.path(), "second", &["wiki.example"], 2040);
    let hosts = ["wiki.example", "*.apps.example", "one.apps.example", "files.example", "*.files.example"];
    let routes: String = hosts
        .iter()
        .map(|host| format!("[[route]]\nhost = \"{host}\"\nupstream = \"APP\"\nallow = \"public\"\n"))
        .collect();
    let (world, ..) = with_tls(&[&first, &second], &routes).await;
    let check = std::process::Command::new(env!("CARGO_BIN_EXE_idx-gateway"))
        .args(["check", "--config"])
        .arg(world.path("gateway.toml"))
        .env("GATEWAY__SERVER__LISTEN", "https://127.0.0.1:1")
        .output()
        .expect("check runs");
    let (said, log) = (String::from_utf8_lossy(&check.stderr).into_owned(), world.log());
    for text in [said, log] {
        let lines: Vec<&str> = text.lines().filter(|line| line.contains("none of them is for")).collect();
        assert_eq!(lines.len(), 2, "{text}");
        for (line, host) in lines.iter().zip(["files.example", "*.files.example"]) {
            assert!(line.contains(&format!("none of them is for {host}, the host of the route `{host}/`")), "{line}");
            assert!(line.contains("(for localhost, *.apps.example)") && line.contains("(for wiki.example)"), "{line}");
        }
    }
}

/// S-11: a session that is resumed may not begin with a request.
#[tokio::test]
async fn no_request_comes_before_the_handshake_is_over() {
    let (authority, folder) = (Authority::new(), tempfile::tempdir().expect("a folder"));
    let issued = authority.issue(folder.path(), "server", &["localhost"], 2040);
    let (_world, port, _) = with_tls(&[&issued], "").await;
    let config = Client::of(&authority).config(true);
    for resumed in [false, true] {
        let io = tokio::net::TcpStream::connect(("127.0.0.1", port)).await.expect("a connection");
        let mut raw = Raw(Client::handshake(&config, io, "localhost").await.expect("a handshake"));
        raw.send(get("localhost")).await;
        assert_eq!(status(&raw.rest().await), "200");
        let tls = raw.0.get_ref().1;
        assert_eq!(tls.handshake_kind() == Some(rustls::HandshakeKind::Resumed), resumed);
        assert!(!tls.is_early_data_accepted());
    }
}

/// What the app was told last, of the names that tell of certificates.
fn told(world: &World) -> Vec<(String, String)> {
    let received = world.app.requests().pop().expect("a request");
    let tells = |name: &str| name.to_ascii_lowercase().contains("client");
    received
        .headers
        .into_iter()
        .filter(|(name, _)| tells(name))
        .map(|(name, value)| (name.to_ascii_lowercase(), value))
        .collect()
}

/// Names under which proxies tell applications of a client's certificate.
const FORGED: [&str; 10] = [
    "X-Forwarded-Client-Cert",
    "X-SSL-Client-Verify",
    "X-SSL-Client-Cert",
    "X-SSL-Client-S-DN",
    "ssl-client-verify",
    "SSL_CLIENT_VERIFY",
    "ssl-client-subject-dn",
    "Client-Cert",
    "Client-Cert-Chain",
    "X-Client-Cert",
];

/// Each preset with the headers that it adds for a certificate, and without one.
const PRESETS: [(&str, &[&str], &[&str]); 5] = [
    ("xfcc", &["x-forwarded-client-cert"], &[]),
    (
        "nginx",
        &[
            "x-ssl-client-verify",
            "x-ssl-client-cert",
            "x-ssl-client-s-dn",
            "x-ssl-client-i-dn",
            "x-ssl-client-serial",
            "x-ssl-client-fingerprint",
        ],
        &["x-ssl-client-verify"],
    ),
    (
        "ingress-nginx",
        &["ssl-client-verify", "ssl-client-cert", "ssl-client-subject-dn", "ssl-client-issuer-dn"],
        &["ssl-client-verify"],
    ),
    ("client-cert", &["client-cert"], &[]),
    ("none", &[], &[]),
];

/// H-17: a client's certificate is told by the gateway alone, over every way in.
#[tokio::test]
async fn a_client_s_certificate_is_told_by_nobody_else() {
    let (authority, folder) = (Authority::new(), tempfile::tempdir().expect("a folder"));
    let issued = authority.issue(folder.path(), "server", &["localhost"], 2040);
    let ours = authority.issue(folder.path(), "ours", &["somebody.example"], 2040);
    let ca = folder.path().join("ca.pem");
    std::fs::write(&ca, authority.pem()).expect("written");
    let forged = FORGED.map(|name| format!("{name}: forged\r\n")).concat();
    let request = get("localhost").replace("Connection:", &format!("{forged}Connection:"));
    let der = CertificateDer::from_pem_file(&ours.certificate).expect("PEM");
    for (preset, names, none) in PRESETS {
        let more = format!(
            "client_ca = \"{}\"\nclient_certificates = \"optional\"\nclient_certificate_headers = \"{preset}\"\n",
            ca.display()
        );
        let (world, tls, plain) = with_tls(&[&issued], &more).await;
        let shows = Client { certificate: Some(&ours), ..Client::of(&authority) };
        for (client, expected) in [(Some(shows), names), (Some(Client::of(&authority)), none), (None, none)] {
            let answer = match client {
                Some(client) => {
                    answer_to(client.connect("localhost", tls).await.expect("a connection"), &request).await
                }
                None => answer_to(Raw::to(plain).await, &request).await,
            };
            assert_eq!(status(&answer), "200", "{preset}: {answer}");
            let told = told(&world);
            let mut found: Vec<&str> = told.iter().map(|(name, _)| name.as_str()).collect();
            let mut expected = expected.to_vec();
            found.sort_unstable();
            expected.sort_unstable();
            assert_eq!(found, expected, "{preset}");
            assert!(told.iter().all(|(_, value)| value != "forged"), "{preset}: {told:?}");
            if let [(_, value)] = &told[..] {
                stands_for(preset, value, &der);
            }
        }
    }
}

async fn answer_to<S: AsyncRead + AsyncWrite + Unpin>(mut raw: Raw<S>, request: &str) -> String {
    raw.send(request).await;
    raw.rest().await
}

/// The only header of a preset: the certificate, in full and as the preset writes it, or that there is none.
fn stands_for(preset: &str, value: &str, certificate: &CertificateDer<'_>) {
    use base64::Engine as _;
    match preset {
        "xfcc" => {
            let hash = ring::digest::digest(&ring::digest::SHA256, certificate);
            let hash: String = hash.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
            assert!(value.starts_with(&format!("Hash={hash};Cert=\"-----BEGIN%20CERTIFICATE-----%0A")), "{value}");
            assert!(value.ends_with(";DNS=somebody.example"), "{value}");
        }
        "client-cert" => {
            let encoded = base64::engine::general_purpose::STANDARD.encode(certificate);
            assert_eq!(value, format!(":{encoded}:"));
        }
        _ => assert_eq!(value, "NONE", "{preset}"),
    }
}

/// The strongest that both speak, in whatever order a client lists them.
#[tokio::test]
async fn which_cipher_is_used_is_the_gateway_s_to_say() {
    let (authority, folder) = (Authority::new(), tempfile::tempdir().expect("a folder"));
    let issued = authority.issue(folder.path(), "server", &["localhost"], 2040);
    let (_world, port, _) = with_tls(&[&issued], "").await;
    for version in [&rustls::version::TLS12, &rustls::version::TLS13] {
        let mut chosen = Vec::new();
        for is_reversed in [false, true] {
            let mut provider = rustls::crypto::ring::default_provider();
            if is_reversed {
                provider.cipher_suites.reverse();
            }
            let mut roots = rustls::RootCertStore::empty();
            roots.add(CertificateDer::from_pem_slice(authority.pem().as_bytes()).expect("PEM")).expect("a root");
            let builder = rustls::ClientConfig::builder_with_provider(std::sync::Arc::new(provider));
            let builder = builder.with_protocol_versions(&[version]).expect("a version");
            let config = std::sync::Arc::new(builder.with_root_certificates(roots).with_no_client_auth());
            let io = tokio::net::TcpStream::connect(("127.0.0.1", port)).await.expect("a connection");
            let stream = Client::handshake(&config, io, "localhost").await.expect("a handshake");
            chosen.push(stream.get_ref().1.negotiated_cipher_suite().expect("a cipher").suite());
        }
        assert_eq!(chosen[0], chosen[1], "{version:?}");
    }
}
