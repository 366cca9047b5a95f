//! nginx, Apache, HAProxy and Caddy in front, each with its default limits and as its documentation has it: pages, signing in
//! and out, WebSockets, addresses.

use std::path::Path;

use serde_json::json;

use super::{Neighbour, program, start, start_nginx};
use crate::documentation::shown;
use crate::raw::{Raw, WEBSOCKET, status};
use crate::sign_in::is_at;
use crate::visitor::Visitor;
use crate::world::{World, free_port};

/// Writes what a program is told, and starts it: in front of a port, at another.
type Start = fn(&str, &Path, public: u16, gateway: u16) -> Neighbour;

/// What the documentation shows for that program, with our addresses.
fn documented(language: &str, public: u16, gateway: u16) -> String {
    let text = shown("behind-a-proxy.md", language);
    assert!(text.contains("10.0.0.2:8080"), "the gateway's address: {text}");
    text.replace("10.0.0.2:8080", &format!("127.0.0.1:{gateway}"))
        .replace("listen 443 ssl;", &format!("listen 127.0.0.1:{public};"))
        .replace("wiki.example.com {", &format!("http://localhost:{public} {{\n bind 127.0.0.1"))
}

fn nginx(program: &str, folder: &Path, public: u16, gateway: u16) -> Neighbour {
    start_nginx(program, &documented("nginx", public, gateway), folder, public)
}

/// Debian's, with the modules that it takes to forward.
fn apache(program: &str, folder: &Path, public: u16, gateway: u16) -> Neighbour {
    let modules = ["mpm_event", "authz_core", "proxy", "proxy_http"]
        .map(|name| format!("LoadModule {name}_module /usr/lib/apache2/modules/mod_{name}.so\n"))
        .concat();
    let config = format!(
        "ServerRoot {}\nServerName localhost\nPidFile pid\nErrorLog error.log\nListen 127.0.0.1:{public}\n\
         User www-data\nGroup www-data\n{modules}\
         {}",
        folder.display(),
        documented("apache", public, gateway)
    );
    std::fs::write(folder.join("apache.conf"), config).expect("written");
    let file = folder.join("apache.conf").display().to_string();
    start(program, &["-f", &file, "-DFOREGROUND"], folder, public)
}

fn haproxy_saying(program: &str, folder: &Path, public: u16, backend: &str) -> Neighbour {
    let config = format!(
        "defaults
    mode http
    timeout connect 5s
    timeout client 30s
    timeout server 30s
    timeout tunnel 1h
frontend public
    bind 127.0.0.1:{public}
    default_backend gateway
{backend}
"
    );
    std::fs::write(folder.join("haproxy.cfg"), config).expect("written");
    start(program, &["-db", "-f", "haproxy.cfg"], folder, public)
}

fn haproxy(program: &str, folder: &Path, public: u16, gateway: u16) -> Neighbour {
    haproxy_saying(program, folder, public, &documented("haproxy", public, gateway))
}

fn caddy(program: &str, folder: &Path, public: u16, gateway: u16) -> Neighbour {
    let config = format!("{{\n admin off\n}}\n{}", documented("caddyfile", public, gateway));
    std::fs::write(folder.join("Caddyfile"), config).expect("written");
    start(program, &["run", "--config", "Caddyfile", "--adapter", "caddyfile"], folder, public)
}

async fn works_behind(variable: &str, name: &str, start: Start) {
    let Some(program) = program(variable, name) else { return };
    let (folder, gateway) = (tempfile::tempdir().expect("a folder"), free_port());
    let listen = format!("127.0.0.1:{gateway}");
    let world = World::with("trusted_proxies = [\"127.0.0.1\"]\n", &[("GATEWAY__SERVER__LISTEN", &listen)]).await;
    let _front = start(&program, folder.path(), world.port, gateway);
    walks_through(&world).await;
}

/// Everything a visitor does, through whatever listens at the world's port.
async fn walks_through(world: &World) {
    let account = "password@example.com";
    // 8 KB of a request's head and 4 KB of an answer's are what some take at most: a session may fill neither.
    for count in [0, 30, 60, 1000] {
        let groups: Vec<String> = (0..count).map(|number| format!("a-group-with-a-long-name-{number:04}")).collect();
        let groups = json!({"login": account, "password": "Sandbox-1234", "groups": groups});
        world.tell("users", groups).await;
        let mut visitor = Visitor::new(world);
        let long = format!("/reports?q={}", "x".repeat(1800));
        let mut view = visitor.sign_in(&long, account).await;
        while view.page.headings == ["Signing you in"] {
            // A session that would not fit into one answer's head is brought in two.
            view = visitor.answer_or_press(&view).await;
        }
        is_at(&view, "/reports");
        assert_eq!(view.url.query().map(str::len), Some(1802), "{account}");
        is_at(&visitor.visit("/again").await, "/again");

        let mut socket = Raw::to(world.port).await;
        let request = format!(
            "GET /ws HTTP/1.1\r\nHost: localhost:{0}\r\nOrigin: http://localhost:{0}\r\nCookie: {1}\r\n{WEBSOCKET}\r\n",
            world.port,
            visitor.cookie_line()
        );
        socket.send(&request).await;
        let answer = socket.answer().await;
        assert_eq!(status(&answer), "101", "{account}: {answer}");
        socket.send(b"\x81\x85\0\0\0\0hello\x88\x80\0\0\0\0").await;
        assert!(socket.rest().await.contains("\x05hello"), "{account}");
        let mut elsewhere = Raw::to(world.port).await;
        elsewhere.send(request.replace("Origin: http://localhost", "Origin: http://evil.example")).await;
        assert_eq!(status(&elsewhere.answer().await), "401", "{account}: another site's page");

        let view = visitor.visit("/.gateway/sign-out").await;
        let view = visitor.choose(&view, "Sign out").await;
        assert_eq!(view.page.headings, ["You have signed out"], "{}", view.page.text);
        assert_eq!(visitor.visit("/again").await.page.headings, ["Sign in"]);
    }
    // What a visitor writes into the header is not taken for their address.
    for forged in ["", "X-Forwarded-For: 203.0.113.9\r\n", "X-Forwarded-For: 203.0.113.9, 127.0.0.9\r\n"] {
        let mut raw = Raw::from("127.0.0.5", world.port).await;
        raw.send(format!(
            "GET /public/address HTTP/1.1\r\nHost: localhost:{}\r\n{forged}Connection: close\r\n\r\n",
            world.port
        ))
        .await;
        assert_eq!(status(&raw.rest().await), "200", "{forged}");
        let received = world.app.requests().pop().expect("a request");
        assert_eq!(received.values("x-forwarded-for"), ["127.0.0.5"], "{forged}");
    }
    assert!(!world.log().contains("ERROR"), "{}", world.log());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn behind_nginx() {
    works_behind("NGINX", "nginx", nginx).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn behind_apache() {
    works_behind("APACHE", "apache2", apache).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn behind_haproxy() {
    works_behind("HAPROXY", "haproxy", haproxy).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn behind_caddy() {
    works_behind("CADDY", "caddy", caddy).await;
}

/// T-04, as HAProxy speaks it: versions 1 and 2, and its health checks.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn behind_haproxy_by_the_proxy_protocol() {
    let Some(program) = program("HAPROXY", "haproxy") else { return };
    for version in ["send-proxy", "send-proxy-v2"] {
        let (folder, gateway) = (tempfile::tempdir().expect("a folder"), free_port());
        let listen = format!("[\"proxy+http://127.0.0.1:{gateway}\"]");
        let world = World::with("trusted_proxies = [\"127.0.0.1\"]\n", &[("GATEWAY__SERVER__LISTEN", &listen)]).await;
        let server = format!("backend gateway\n    server one 127.0.0.1:{gateway} {version} check inter 100ms");
        let _front = haproxy_saying(&program, folder.path(), world.port, &server);
        let refused = async || {
            let metrics = world.metrics().await;
            let of = |line: &str| {
                line.strip_prefix("gateway_connections_refused_total{reason=\"proxy_protocol\"} ").map(str::to_owned)
            };
            metrics.lines().find_map(of)
        };
        // The gateway's own look whether it listens says nothing either.
        let before = refused().await;
        for client in ["127.0.0.5", "127.0.0.6"] {
            let mut raw = Raw::from(client, world.port).await;
            let request =
                format!("GET /public HTTP/1.1\r\nHost: localhost:{}\r\nConnection: close\r\n\r\n", world.port);
            raw.send(request).await;
            assert_eq!(status(&raw.rest().await), "200", "{version}");
            let received = world.app.requests().pop().expect("a request");
            assert_eq!(received.values("x-forwarded-for"), [client], "{version}");
        }
        tokio::time::sleep(std::time::Duration::from_millis(400)).await;
        assert_eq!(refused().await, before, "health checks are refused");
    }
}
