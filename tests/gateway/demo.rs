//! The demo where it cannot start.

use std::net::TcpListener;
use std::process::Command;

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
