//! nginx, Caddy, HAProxy, Envoy and Traefik in front of an application, each with the configuration of `deploy/forward-auth`:
//! they ask the gateway about every request and forward themselves.

use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use reqwest::{Method, StatusCode};

use super::{Neighbour, program, spawn, start, start_nginx};
use crate::upstream::{ask, status};
use crate::visitor::Visitor;
use crate::world::{World, free_port};

/// Nothing is forwarded here: another proxy does, and asks.
const ROUTES: &str = "trusted_proxies = [\"127.0.0.1\"]\n[[route]]\nname = \"app\"\n\
     [[route]]\nname = \"open\"\npath = \"/public\"\nallow = \"public\"\n\
     [[route]]\nname = \"admin\"\npath = \"/admin\"\nallow = { groups = [\"auditors\"] }\n\
     [[route]]\nname = \"other\"\nhost = \"open.localhost\"\nallow = \"public\"\n";

/// A configuration of `deploy/forward-auth` with these parts replaced, each of which must be there.
pub(super) fn shipped(name: &str, replace: &[(&str, &str)]) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy/forward-auth").join(name);
    let mut text = std::fs::read_to_string(path).expect("the configuration is shipped");
    for (from, to) in replace {
        assert!(text.contains(from), "{name} has no `{from}`");
        text = text.replace(from, to);
    }
    text
}

/// Where everything is: the proxy's port, the addresses of the others.
pub(super) struct Addresses {
    pub(super) front: u16,
    pub(super) gateway: String,
    pub(super) app: String,
    pub(super) folder: PathBuf,
}

fn nginx(program: &str, at: &Addresses) -> Neighbour {
    let site = shipped(
        "nginx.conf",
        &[
            ("listen 443 ssl;", &format!("listen 127.0.0.1:{};", at.front)),
            ("    ssl_certificate /etc/ssl/app.example.com.pem;\n", ""),
            ("    ssl_certificate_key /etc/ssl/private/app.example.com.key;\n", ""),
            ("app.example.com", "localhost"),
            ("$host", &format!("$host:{}", at.front)),
            (&format!("($host:{} != ", at.front), "($host != "),
            ("gateway:8080", &at.gateway),
            ("app:9001", &at.app),
        ],
    );
    start_nginx(program, &site, &at.folder, at.front)
}

fn caddy(program: &str, at: &Addresses) -> Neighbour {
    let site = shipped(
        "Caddyfile",
        &[
            ("app.example.com {", &format!("http://localhost:{} {{\n\tbind 127.0.0.1", at.front)),
            ("gateway:8080", &at.gateway),
            ("app:9001", &at.app),
        ],
    );
    let config = format!("{{\n\tadmin off\n\tlog {{\n\t\tlevel ERROR\n\t}}\n}}\n{site}");
    std::fs::write(at.folder.join("Caddyfile"), config).expect("written");
    start(program, &["run", "--adapter", "caddyfile", "--config", "Caddyfile"], &at.folder, at.front)
}

fn haproxy(program: &str, at: &Addresses) -> Neighbour {
    let script = at.folder.join("gateway-auth.lua");
    std::fs::write(&script, shipped("gateway-auth.lua", &[])).expect("written");
    let config = shipped(
        "haproxy.cfg",
        &[
            ("/etc/haproxy/gateway-auth.lua", &script.display().to_string()),
            ("bind :443 ssl crt /etc/ssl/app.example.com.pem", &format!("bind 127.0.0.1:{}", at.front)),
            ("app.example.com", "localhost"),
            ("gateway:8080", &at.gateway),
            ("app:9001", &at.app),
        ],
    );
    std::fs::write(at.folder.join("haproxy.cfg"), config).expect("written");
    start(program, &["-db", "-q", "-f", "haproxy.cfg"], &at.folder, at.front)
}

fn envoy(program: &str, at: &Addresses) -> Neighbour {
    let port = |address: &str| address.rsplit(':').next().unwrap_or_default().to_owned();
    let config = shipped(
        "envoy.yaml",
        &[
            ("app.example.com", "localhost"),
            ("address: 0.0.0.0, port_value: 8443", &format!("address: 127.0.0.1, port_value: {}", at.front)),
            ("address: gateway, port_value: 8080", &format!("address: 127.0.0.1, port_value: {}", port(&at.gateway))),
            ("address: app, port_value: 9001", &format!("address: 127.0.0.1, port_value: {}", port(&at.app))),
        ],
    );
    std::fs::write(at.folder.join("envoy.yaml"), config).expect("written");
    let arguments = ["--log-level", "error", "--concurrency", "1", "--use-dynamic-base-id", "-c", "envoy.yaml"];
    start(program, &arguments, &at.folder, at.front)
}

fn traefik(program: &str, at: &Addresses) -> Neighbour {
    let dynamic = shipped(
        "traefik.yaml",
        &[
            ("Host(`app.example.com`)", "Host(`localhost`)"),
            ("      tls: {}\n", ""),
            // The test's site is served without TLS.
            ("__Host-gw_", "gw_"),
            ("gateway:8080", &at.gateway),
            ("app:9001", &at.app),
        ],
    );
    std::fs::write(at.folder.join("dynamic.yaml"), dynamic).expect("written");
    let entry_point = format!("--entryPoints.public.address=127.0.0.1:{}", at.front);
    let arguments = [
        &entry_point,
        "--providers.file.filename=dynamic.yaml",
        "--global.checkNewVersion=false",
        "--global.sendAnonymousUsage=false",
        "--log.level=ERROR",
    ];
    // It listens before it has read where requests go.
    let ping = format!("GET /.gateway/ping HTTP/1.1\r\nHost: localhost:{}\r\nConnection: close\r\n\r\n", at.front);
    Neighbour::once(spawn(Command::new(program).args(arguments), &at.folder), || {
        TcpStream::connect(("127.0.0.1", at.front)).is_ok() && status(&ask(at.front, &ping)) == 200
    })
}

/// A world behind that proxy.
async fn behind(start: impl Fn(&Addresses) -> Neighbour, environment: &[(&str, &str)]) -> (World, Neighbour) {
    let front = free_port();
    let world = World::behind(front, ROUTES, environment).await;
    let folder = world.path("front");
    std::fs::create_dir(&folder).expect("a folder");
    let at =
        Addresses { front, gateway: format!("127.0.0.1:{}", world.port), app: world.app.address().to_string(), folder };
    (world, start(&at))
}

/// What every proxy must do with every answer. `asked` is what a visitor gets who asks as the proxy does.
pub(super) async fn protects(start: impl Fn(&Addresses) -> Neighbour, asked: StatusCode) {
    let (world, _front) = behind(start, &[("GATEWAY__SESSION__IDLE_MINUTES", "1")]).await;
    let mut visitor = Visitor::new(&world);

    // A script is told; a page leads to the sign-in and back, with the whole address.
    let script = [("accept", "application/json"), ("sec-fetch-mode", "cors"), ("sec-fetch-dest", "empty")];
    let script = script.map(|(name, value)| (name.to_owned(), value.to_owned()));
    visitor.headers = script.to_vec();
    let view = visitor.visit("/data").await;
    assert_eq!(view.status, StatusCode::UNAUTHORIZED, "{}", view.body);
    assert!(view.headers.get("location").is_none());
    visitor.headers.clear();
    let view = visitor.sign_in("/a/b?x=1&y=%26z&return=/q", "password@example.com").await;
    assert_eq!(view.status, StatusCode::OK, "{}", view.body);
    assert!(view.url.as_str().ends_with("/a/b?x=1&y=%26z&return=/q"), "{}", view.url);

    is_told_who_asks(&mut visitor, &script).await;

    // A signed-in visitor whom the route's rule does not let in.
    let view = visitor.visit("/admin/x").await;
    assert_eq!(view.status, StatusCode::FORBIDDEN, "{}", view.body);
    // What is asked about is what is forwarded, whatever a visitor says it is.
    let public = format!("http://localhost:{}/public/x", world.public);
    for (name, value) in [
        ("x-forwarded-uri", "/public/x"),
        ("x-forwarded-method", "OPTIONS"),
        ("x-forwarded-host", "localhost"),
        ("x-original-url", public.as_str()),
        ("x-original-uri", "/public/x"),
        ("x-original-method", "OPTIONS"),
        ("x-rewrite-url", "/public/x"),
        ("x-envoy-original-path", "/public/x"),
    ] {
        visitor.headers = vec![(name.to_owned(), value.to_owned())];
        let view = visitor.visit("/admin/x").await;
        assert_eq!(view.status, StatusCode::FORBIDDEN, "{name}: {}", view.body);
    }
    visitor.headers.clear();
    let mut stranger = Visitor::new(&world);
    assert_eq!(stranger.visit("/public/x").await.status, StatusCode::OK);
    assert!(stranger.visit("/admin/../public/..;/admin").await.page.main().is_some());
    for host in ["localhost", "localhost:1", "LOCALHOST:443", "localhost.", "localhost:1@localhost", ""] {
        ask(world.public, &format!("GET /unasked HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"));
    }
    // A host that the gateway opens is not this application's, wherever it stands.
    let (own, other) = (format!("localhost:{}", world.public), format!("open.localhost:{}", world.public));
    for (target, host) in [("", &other), (&*format!("http://{own}"), &other), (&format!("http://{other}"), &own)] {
        ask(world.public, &format!("GET {target}/unasked HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"));
    }
    let forwarded = format!("{:?}", world.app.requests());
    assert!(!forwarded.contains("/unasked"), "whatever form of the host: {forwarded}");
    for path in ["/.gateway/auth", "/.gateway/auth/redirect", "/.gateway/auth/envoy/x"] {
        visitor.headers = vec![("x-original-url".to_owned(), format!("http://localhost:{}/x", world.public))];
        let view = visitor.visit(path).await;
        assert_eq!(view.status, asked, "{path}: {}", view.body);
        assert!(!view.headers.keys().any(|name| name.as_str().starts_with("x-forwarded-")), "{:?}", view.headers);
    }
    visitor.headers.clear();
    is_renewed(&mut visitor).await;
}

/// The app hears who is asking, and of nobody whom the visitor made up.
async fn is_told_who_asks(visitor: &mut Visitor, script: &[(String, String)]) {
    let forged = ["X-Forwarded-User", "X_Forwarded_User", "x.forwarded.groups", "X-Forwarded-Groups"];
    let mixed = ["X-Forwarded_User", "X_Forwarded-User", "X.Forwarded_Email", "X-Forwarded-Preferred~Username"];
    for name in forged.into_iter().chain(mixed) {
        visitor.headers = script.to_vec();
        visitor.headers.push((name.to_owned(), "forged".to_owned()));
        let view = visitor.visit("/whoami?a=1&b=2").await;
        // Envoy refuses names with an underscore.
        assert!(view.status == StatusCode::OK || view.status == StatusCode::BAD_REQUEST, "{name}: {}", view.body);
        assert!(!view.body.contains("forged"), "{name}: {}", view.body);
    }
    visitor.headers = script.to_vec();
    let view = visitor.visit("/whoami?a=1&b=2").await;
    let report: serde_json::Value = serde_json::from_str(&view.body).expect("the app's report");
    let header = |wanted: &str| {
        let headers = report["headers"].as_array().expect("a list").iter();
        let mut values = headers.filter(|pair| pair[0].as_str().is_some_and(|name| name.eq_ignore_ascii_case(wanted)));
        let value = values.next().and_then(|pair| pair[1].as_str()).unwrap_or_default().to_owned();
        assert!(values.next().is_none(), "{wanted} is there once: {report}");
        value
    };
    assert_eq!(report["target"], "/whoami?a=1&b=2");
    assert_eq!(header("x-forwarded-email"), "password@example.com");
    assert!(!header("x-forwarded-user").is_empty());
    visitor.headers.clear();
}

/// A session that is used is written down in the browser, once a tenth of its idle lifetime is over.
async fn is_renewed(visitor: &mut Visitor) {
    for _ in 0..100 {
        let url = format!("{}/x", visitor.origin()).parse().expect("an address");
        let response = visitor.send(Method::GET, url, None, "none").await;
        assert_eq!(response.status(), StatusCode::OK);
        let cookies: Vec<_> = response.headers().get_all("set-cookie").iter().collect();
        match cookies[..] {
            [] => tokio::time::sleep(Duration::from_millis(200)).await,
            [cookie] => {
                let cookie = cookie.to_str().expect("text");
                assert!(cookie.starts_with("gw_seen=") && cookie.contains("Path=/"), "{cookie}");
                return;
            }
            _ => panic!("one cookie at most: {cookies:?}"),
        }
    }
    panic!("the session was not renewed");
}

/// T-05, H-01, H-03.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nginx_asks_and_forwards() {
    let Some(program) = program("NGINX", "nginx") else { return };
    protects(|at| nginx(&program, at), StatusCode::NOT_FOUND).await;
}

/// T-05, H-01, H-03.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn caddy_asks_and_forwards() {
    let Some(program) = program("CADDY", "caddy") else { return };
    protects(|at| caddy(&program, at), StatusCode::NOT_FOUND).await;
}

/// T-05, H-01, H-03.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn haproxy_asks_and_forwards() {
    let Some(program) = program("HAPROXY", "haproxy") else { return };
    protects(|at| haproxy(&program, at), StatusCode::NOT_FOUND).await;
}

/// T-05, H-01, H-03.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn envoy_asks_and_forwards() {
    let Some(program) = program("ENVOY", "envoy") else { return };
    protects(|at| envoy(&program, at), StatusCode::NOT_FOUND).await;
}

/// T-05, H-01, H-03.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn traefik_asks_and_forwards() {
    let Some(program) = program("TRAEFIK", "traefik") else { return };
    protects(|at| traefik(&program, at), StatusCode::FORBIDDEN).await;
}
