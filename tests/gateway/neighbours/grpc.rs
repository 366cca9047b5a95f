//! gRPC by its own library, as client and as server: every kind of call, deadlines, metadata at both ends, and what is told
//! where the gateway answers itself.

use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use super::{Neighbour, program, start};
use crate::certificates::Authority;
use crate::machines::Issuer;
use crate::world::{World, free_port};

const PROGRAM: &str = include_str!("grpc_calls.py");

fn serve(python: &str, folder: &Path, files: &[&str]) -> (Neighbour, u16) {
    let port = free_port();
    let port_text = port.to_string();
    let arguments = [&["grpc_calls.py", "serve", &port_text], files].concat();
    (start(python, &arguments, folder, port), port)
}

/// The routes of each service, where all of them are at this upstream.
pub(super) fn routes(issuer: &Issuer, upstream: &str, more: &str) -> String {
    let route = |service: &str, allow: &str, upstream: &str, more: &str| {
        format!(
            "\n[[route]]\nname = \"{service}\"\npath = \"/{service}.Service\"\nupstream = \"{upstream}\"\nallow = {allow}\n{more}\n"
        )
    };
    issuer.section()
        + &route("open", "\"public\"", upstream, more)
        + &route("closed", "\"signed-in\"", upstream, &format!("bearer = [\"ci\"]\n{more}"))
        + &route("elsewhere", "{ networks = [\"10.0.0.0/8\"] }", upstream, more)
        + &route("impatient", "\"public\"", upstream, &format!("timeout_seconds = 1\n{more}"))
        + &route("gone", "\"public\"", "h2c://127.0.0.1:9", "")
}

async fn every_call(python: &str, folder: &Path, upstream: &str, more: &str) {
    let issuer = Issuer::new();
    let world = World::with(&format!("h2c = true\n{}", routes(&issuer, upstream, more)), &[]).await;
    let target = format!("localhost:{}", world.port);
    let token = issuer.token("at+jwt", &json!({}));
    let called = Command::new(python)
        .args(["grpc_calls.py", "call", &target, &token])
        .current_dir(folder)
        .env_remove("http_proxy")
        .env("no_grpc_proxy", "localhost")
        .stdin(Stdio::null())
        .output()
        .expect("the client runs");
    let said: Value = serde_json::from_slice(&called.stdout)
        .unwrap_or_else(|_| panic!("{}\n{}", String::from_utf8_lossy(&called.stderr), world.log()));
    let signed_in = json!(["UNAUTHENTICATED", "sign in to use this service"]);
    let expected = [
        ("unary", json!(["hello", "kept", "kept", [0, 255]])),
        ("big", json!(true)),
        ("server streaming", json!(true)),
        ("client streaming", json!("42")),
        ("both", json!(["eno", "owt", "eerht"])),
        ("failed", json!(["FAILED_PRECONDITION", "not like that: 100 % ä"])),
        ("deadline is told", json!(true)),
        ("late", json!(["DEADLINE_EXCEEDED", true])),
        ("silent", json!(["DEADLINE_EXCEEDED", "the service did not answer in time"])),
        ("nobody", signed_in.clone()),
        ("token", json!("{\"x-forwarded-user\": \"robot\", \"x-custom\": \"passes\"}")),
        ("bad token", signed_in.clone()),
        ("elsewhere", json!(["PERMISSION_DENIED", "the account does not have permission"])),
        ("gone", json!(["UNAVAILABLE", "the service cannot be reached"])),
        ("no route", json!(["UNIMPLEMENTED", "there is no such service"])),
        ("not served", json!(["UNIMPLEMENTED", "Method not found!"])),
        ("a stream is refused", signed_in),
    ];
    for (name, outcome) in expected {
        assert_eq!(said[name], outcome, "{name}: {said}\n{}", world.log());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_kind_of_grpc_call_passes_without_tls() {
    let Some(python) = program("GRPC", "grpc-python") else { return };
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("grpc_calls.py"), PROGRAM).expect("written");
    let (_server, port) = serve(&python, folder.path(), &[]);
    every_call(&python, folder.path(), &format!("h2c://127.0.0.1:{port}"), "").await;
    // Whoever gave up, by a deadline or because the gateway did, is not worked for any more.
    for _ in 0..200 {
        let said = std::fs::read_to_string(folder.path().join("said")).expect("it says something");
        if said.matches("cancelled").count() >= 2 {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("calls go on that nobody waits for");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_kind_of_grpc_call_passes_to_a_server_with_tls() {
    let Some(python) = program("GRPC", "grpc-python") else { return };
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("grpc_calls.py"), PROGRAM).expect("written");
    let authority = Authority::new();
    std::fs::write(folder.path().join("ca.pem"), authority.pem()).expect("written");
    authority.issue(folder.path(), "app", &["localhost"], 2099);
    let (_server, port) = serve(&python, folder.path(), &["app.pem", "app.key"]);
    let trusted = format!("ca_file = \"{}\"", folder.path().join("ca.pem").display());
    every_call(&python, folder.path(), &format!("https://localhost:{port}"), &trusted).await;
}
