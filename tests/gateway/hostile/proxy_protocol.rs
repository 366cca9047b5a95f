//! T-04: whom a proxy in front speaks for is taken from trusted proxies, on listeners that expect it, and from nobody
//! else anywhere.

use std::time::{Duration, Instant};

use crate::certificates::{Authority, Client};
use crate::raw::{Raw, status};
use crate::world::{World, free_port};

const GET: &str = "GET /public HTTP/1.1\r\nHost: localhost\r\nAccept: application/json\r\nConnection: close\r\n\r\n";
const V1: &str = "PROXY TCP4 203.0.113.9 198.51.100.2 4711 443\r\n";
const V2: &[u8] = b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c\xcb\0\x71\x09\xc6\x33\x64\x02\x12\x67\x01\xbb";

/// A world with a listener that expects the protocol, one over TLS, and a plain one.
async fn world(trusted: &str, folder: &std::path::Path) -> (World, Authority, [u16; 3]) {
    let authority = Authority::new();
    let issued = authority.issue(folder, "server", &["localhost"], 2040);
    let [http, https, plain] = [free_port(), free_port(), free_port()];
    let listen =
        format!("[\"proxy+http://127.0.0.1:{http}\", \"proxy+https://127.0.0.1:{https}\", \"127.0.0.1:{plain}\"]");
    let more = format!(
        "trusted_proxies = [\"{trusted}\"]\nmax_connections_per_address = 3\n\n[tls]\ncertificates = [{}]\n",
        issued.setting()
    );
    let world = World::with(&more, &[("GATEWAY__SERVER__LISTEN", &listen)]).await;
    (world, authority, [http, https, plain])
}

#[tokio::test]
async fn a_trusted_proxy_says_whom_it_speaks_for() {
    let folder = tempfile::tempdir().expect("a folder");
    let (world, authority, [http, https, plain]) = world("127.0.0.1", folder.path()).await;
    let local = b"\r\n\r\n\0\r\nQUIT\n\x20\0\0\0";
    for (header, client) in [
        (V1.as_bytes(), "\"203.0.113.9\""),
        (V2, "\"203.0.113.9\""),
        (b"PROXY UNKNOWN\r\n", "\"127.0.0.1\""),
        (local, "\"127.0.0.1\""),
    ] {
        let mut raw = Raw::to(http).await;
        raw.send([header, GET.as_bytes()].concat()).await;
        let answer = raw.rest().await;
        assert_eq!(status(&answer), "200", "{answer}");
        assert!(answer.contains(client), "{answer}");
        // The same before a TLS handshake, and however slowly it comes.
        let mut raw = Raw::to(https).await;
        for piece in header.chunks(7) {
            raw.send(piece).await;
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let mut raw = Client::of(&authority).over(raw.0, "localhost").await.expect("a connection");
        raw.send(GET).await;
        let answer = raw.rest().await;
        assert!(answer.contains(client), "{answer}");
    }
    // What a client claims in a field is not the proxy's word.
    let mut raw = Raw::to(http).await;
    raw.send(format!("{V1}{}", GET.replace("Accept:", "X-Forwarded-For: 6.6.6.6\r\nAccept:"))).await;
    let answer = raw.rest().await;
    assert!(answer.contains("203.0.113.9") && !answer.contains("6.6.6.6"), "{answer}");
    // Where it is not expected, it is no request.
    let mut raw = Raw::to(plain).await;
    raw.send(format!("{V1}{GET}")).await;
    assert_eq!(status(&raw.rest().await), "400");
    assert!(world.log().contains("client=203.0.113.9"), "{}", world.log());
}

#[tokio::test]
async fn where_it_is_expected_nothing_else_is_taken() {
    let folder = tempfile::tempdir().expect("a folder");
    let (world, _, [http, https, _]) = world("127.0.0.1", folder.path()).await;
    for bytes in [
        GET.as_bytes(),
        b"PROXY TCP4 203.0.113.9 198.51.100.2 4711 443\n",
        b"PROXY TCP4 999.0.113.9 198.51.100.2 4711 443\r\n",
        b"PROXY TCP6 203.0.113.9 198.51.100.2 4711 443\r\n",
        b"PROXY PROXY PROXY PROXY PROXY PROXY PROXY PROXY PROXY PROXY PROXY PROXY PROXY PROXY PROXY PROXY PROXY PROXY PROXY PROXY\r\n",
        b"\r\n\r\n\0\r\nQUIT\n\x31\x11\0\x0c\xcb\0\x71\x09\xc6\x33\x64\x02\x12\x67\x01\xbb",
        b"\r\n\r\n\0\r\nQUIT\n\x21\x11\xff\xff",
        b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x04\xcb\0\x71\x09",
    ] {
        for port in [http, https] {
            let mut raw = Raw::to(port).await;
            raw.send([bytes, GET.as_bytes()].concat()).await;
            assert_eq!(raw.rest().await, "", "{bytes:?}");
        }
    }
    let began = Instant::now();
    let mut late = Raw::to(http).await;
    late.send("PROXY TCP4 203").await;
    assert_eq!(late.rest().await, "");
    assert!((2..14).contains(&began.elapsed().as_secs()), "{:?}", began.elapsed());
    // Each client has its own share of connections, and the proxy has none to run out of.
    let mut held = Vec::new();
    for last in 1..=5 {
        for _ in 0..3 {
            let mut raw = Raw::to(http).await;
            raw.send(format!(
                "PROXY TCP4 203.0.113.{last} 198.51.100.2 4711 443\r\n{}",
                GET.replace("close", "keep-alive")
            ))
            .await;
            assert_eq!(status(&raw.answer().await), "200");
            held.push(raw);
        }
    }
    let mut fourth = Raw::to(http).await;
    fourth.send(format!("PROXY TCP4 203.0.113.1 198.51.100.2 4711 443\r\n{GET}")).await;
    assert_eq!(fourth.rest().await, "");
    assert!(!world.log().contains("ERROR"), "{}", world.log());
}

#[tokio::test]
async fn a_stranger_says_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let (world, _, [http, https, _]) = world("10.0.0.1", folder.path()).await;
    for port in [http, https] {
        for header in [V1.as_bytes(), V2, b""] {
            let mut raw = Raw::to(port).await;
            raw.send([header, GET.as_bytes()].concat()).await;
            assert_eq!(raw.rest().await, "");
        }
    }
    assert!(world.app.requests().is_empty());
    assert!(world.metrics().await.contains("gateway_connections_refused_total{reason=\"proxy_protocol\"}"));
}

/// A socket in the file system is for this machine: it counts as 127.0.0.1, and a header there names somebody else.
#[tokio::test]
async fn a_socket_in_the_file_system_is_a_way_in() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().expect("a folder");
    let (plain, proxied) = (folder.path().join("plain.sock"), folder.path().join("proxied.sock"));
    let tcp = free_port();
    let listen = format!("[\"127.0.0.1:{tcp}\", \"unix:{}\", \"proxy+unix:{}\"]", plain.display(), proxied.display());
    let world = World::with("trusted_proxies = [\"127.0.0.1\"]\n", &[("GATEWAY__SERVER__LISTEN", &listen)]).await;
    let mode = plain.metadata().expect("a socket").permissions().mode();
    assert_eq!(mode & 0o777, 0o660);
    let forwarded = GET.replace("Accept:", "X-Forwarded-For: 203.0.113.9\r\nAccept:");
    for (path, bytes, client) in [
        (&plain, GET.as_bytes().to_vec(), "127.0.0.1"),
        (&plain, forwarded.into_bytes(), "203.0.113.9"),
        (&proxied, [V2, GET.as_bytes()].concat(), "203.0.113.9"),
        (&proxied, [V1.as_bytes(), GET.as_bytes()].concat(), "203.0.113.9"),
    ] {
        let mut raw = Raw(tokio::net::UnixStream::connect(path).await.expect("a connection"));
        raw.send(bytes).await;
        let answer = raw.rest().await;
        assert_eq!(status(&answer), "200", "{answer}");
        assert_eq!(world.app.requests().pop().expect("a request").values("x-forwarded-for"), [client]);
    }
    let mut raw = Raw(tokio::net::UnixStream::connect(&proxied).await.expect("a connection"));
    raw.send(GET).await;
    assert_eq!(raw.rest().await, "", "without a header it is closed");
}
