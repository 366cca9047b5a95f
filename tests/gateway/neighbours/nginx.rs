//! nginx behind the gateway, which redirects to itself under the name and port that it takes for its own.

use super::{program, start_nginx};
use crate::proxying::raw;
use crate::world::{World, free_port};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_nginx_that_redirects_to_its_own_port_leads_back_to_the_site() {
    let Some(nginx) = program("NGINX", "nginx") else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let port = free_port();
    std::fs::create_dir_all(folder.path().join("html/dir")).expect("a folder");
    std::fs::write(folder.path().join("html/dir/index.html"), "the folder's page").expect("a page");
    let server = format!(
        "server {{ listen 127.0.0.1:{port}; root html; \
         location /cookie {{ add_header Set-Cookie \"a=b; Domain=app.internal; Path=/\"; return 204; }} }}"
    );
    let _nginx = start_nginx(&nginx, &server, folder.path(), port);
    let route = |path: &str, more: &str| {
        format!(
            "\n[[route]]\nname = \"{path}\"\npath = \"{path}\"\nupstream = \"http://localhost:{port}\"\nallow = \"public\"\n{more}\n"
        )
    };
    let routes = route("/", "rewrite_responses = true")
        + &route("/files", "strip_prefix = true\nrewrite_responses = true\npreserve_host = false")
        + &route("/cookie/asis", "");
    let world = World::with(&routes, &[]).await;
    let ask = |path: &str| {
        let host = format!("localhost:{}", world.port);
        raw(&world, format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n").as_bytes())
    };
    let header = |answer: &str, name: &str| {
        let line = |line: &&str| line.to_ascii_lowercase().starts_with(&format!("{name}: "));
        answer.lines().find(line).map(|line| line[name.len() + 2..].to_owned())
    };
    let site = format!("http://localhost:{}", world.port);
    assert_eq!(header(&ask("/dir"), "location"), Some(format!("{site}/dir/")));
    assert_eq!(header(&ask("/files/dir"), "location"), Some(format!("{site}/files/dir/")));
    assert!(ask("/files/dir/").ends_with("the folder's page"));
    assert_eq!(header(&ask("/cookie"), "set-cookie").as_deref(), Some("a=b; Path=/"));
    assert_eq!(header(&ask("/files/cookie"), "set-cookie").as_deref(), Some("a=b; Path=/files"));
    assert_eq!(header(&ask("/cookie/asis"), "set-cookie").as_deref(), Some("a=b; Domain=app.internal; Path=/"));
}
