//! gunicorn, which takes SCRIPT_NAME and PATH_INFO from headers of those names: a public path in the address and a
//! secret one in the application.

use std::net::SocketAddr;
use std::process::{Command, Stdio};

use super::{Neighbour, program};
use crate::proxying::raw;
use crate::world::{World, free_port};

/// A WSGI application that answers with what it takes the path for, and shows its variables.
const APPLICATION: &str = r#"
def app(environ, start_response):
    path = environ.get("PATH_INFO", "")
    mine = sorted(f"{k}={v}" for k, v in environ.items() if k.startswith("HTTP_") or k in ("SCRIPT_NAME", "REMOTE_ADDR"))
    start_response("200 OK", [("Content-Type", "text/plain")])
    words = "the secret page" if path.startswith("/secret") else "an open page"
    return ["\n".join([words, f"PATH_INFO={path}", *mine]).encode()]
"#;

/// H-01, H-02, H-14, P-10.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn gunicorn_hears_of_no_other_path_and_of_no_other_person() {
    let Some(gunicorn) = program("GUNICORN", "gunicorn") else { return };
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("application.py"), APPLICATION).expect("written");
    let address = SocketAddr::from(([127, 0, 0, 1], free_port()));
    let child = Command::new(gunicorn)
        .args(["--bind", &address.to_string(), "--workers", "1", "application:app"])
        .current_dir(folder.path())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("gunicorn starts");
    let _gunicorn = Neighbour::listening(child, address);
    let route = |path: &str, allow: &str| {
        format!("[[route]]\npath = \"{path}\"\nupstream = \"http://{address}\"\nallow = {allow}\n")
    };
    let routes = format!("\n{}{}", route("/gu", "\"public\""), route("/secret", "{ groups = [\"admins\"] }"));
    let world = World::with(&routes, &[]).await;

    let ask = |path: &str, header: &str| {
        let request =
            format!("GET {path} HTTP/1.1\r\nHost: localhost:{}\r\nConnection: close\r\n{header}\r\n\r\n", world.port);
        raw(&world, request.as_bytes())
    };
    let plain = ask("/gu/x", "X-Nothing: 1");
    assert!(plain.contains("an open page") && plain.contains("PATH_INFO=/gu/x"), "{plain}");
    for header in [
        "SCRIPT_NAME: /gu",
        "Script-Name: /gu",
        "script_name: /gu",
        "SCRIPT.NAME: /gu",
        "PATH_INFO: /secret",
        "Path-Info: /secret",
        "X-Script-Name: /gu",
        "X-Forwarded-Prefix: /gu",
    ] {
        let answer = ask("/gu/secret", header);
        assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("PATH_INFO=/gu/secret"), "{header}: {answer}");
    }
    for header in ["Remote-User: forged", "REMOTE_USER: forged", "X_Forwarded_User: forged", "X.Forwarded.User: forged"]
    {
        let answer = ask("/gu/x", header);
        assert!(answer.contains("an open page") && !answer.contains("forged"), "{header}: {answer}");
    }
    assert!(ask("/gu/../secret", "X-Nothing: 1").starts_with("HTTP/1.1 401"));
}
