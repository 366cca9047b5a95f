//! The demo, where it cannot start.

use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::process::Command;

use crate::visitor::Visitor;
use crate::world::free_port;

#[test]
fn a_port_that_is_taken_is_named_in_one_line_and_nothing_is_called_ready() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = taken.local_addr().expect("an address").port();
    for flag in ["--port", "--admin-port", "--org-port", "--app-port"] {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::copy("gateway.toml", folder.path().join("gateway.toml")).expect("the configuration is copied");
        let mut demo = Command::new(env!("CARGO_BIN_EXE_idx-gateway"));
        demo.current_dir(folder.path()).arg("demo");
        for each in ["--port", "--admin-port", "--org-port", "--app-port"] {
            let port = if each == flag { port } else { free_port() };
            demo.args([each, &port.to_string()]);
        }
        let ended = demo.output().expect("the demo runs");
        let told = String::from_utf8_lossy(&ended.stderr);
        assert_eq!(ended.status.code(), Some(1), "{flag}: {told}");
        assert_eq!((told.lines().count(), told.contains(&format!(":{port}"))), (1, true), "{flag}: {told}");
        assert!(ended.stdout.is_empty(), "{flag}: {}", String::from_utf8_lossy(&ended.stdout));
    }
}

/// The demo on ports of its own, ended with the test.
struct Demo {
    child: std::process::Child,
    site: String,
    _folder: tempfile::TempDir,
}

impl Demo {
    async fn start(more: &[&str]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::copy("gateway.toml", folder.path().join("gateway.toml")).expect("the configuration is copied");
        let (port, admin) = (free_port(), free_port());
        let child = Command::new(env!("CARGO_BIN_EXE_idx-gateway"))
            .current_dir(folder.path())
            .arg("demo")
            .args(["--port", &port.to_string(), "--admin-port", &admin.to_string()])
            .args(["--org-port", &free_port().to_string(), "--app-port", &free_port().to_string()])
            .args(more)
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::null())
            .spawn()
            .expect("the demo starts");
        let mut demo = Self { child, site: format!("http://localhost:{port}"), _folder: folder };
        let http = reqwest::Client::builder().no_proxy().build().expect("a client");
        for _ in 0..400 {
            assert!(demo.child.try_wait().expect("its status").is_none(), "the demo ended");
            let ready = http.get(format!("http://127.0.0.1:{admin}/readyz")).send().await;
            if ready.is_ok_and(|ready| ready.status() == 200) {
                return demo;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        panic!("the demo is not ready");
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test]
async fn the_demo_signs_in_by_redirect_where_it_is_asked_to() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut demo = Demo::start(&["--provider"]).await;
    let output = BufReader::new(demo.child.stdout.take().expect("its output"));
    let told: Vec<String> = output.lines().map_while(Result::ok).take_while(|line| !line.contains("Ctrl-C")).collect();
    let told = told.join("\n");
    assert!(told.contains("phone@ email@") && told.contains("asks for no more") && !told.contains("enroll@"), "{told}");
    let mut visitor = Visitor::at(&demo.site);
    let there = visitor.visit("/reports?x=1").await;
    assert_eq!(there.page.headings, ["Sandbox org"], "{}", there.page.text);
    let form = there.page.forms.first().expect("a form").clone();
    let answers = [("username", "password@example.com"), ("password", okta_sandbox::PASSWORD)];
    let view = visitor.submit(&there, &form, &answers).await;
    assert_eq!((view.status.as_u16(), view.url.path(), view.url.query()), (200, "/reports", Some("x=1")));
    assert!(view.body.contains("password@example.com"), "{}", view.body);
}
