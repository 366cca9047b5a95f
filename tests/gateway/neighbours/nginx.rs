//! nginx behind the gateway: it redirects to itself under the name and port that it takes for its own, and checks the
//! signed assertion for an application that cannot.

use std::path::Path;

use super::{NGINX_JS, program, start_nginx};
use crate::certificates::Authority;
use crate::proxying::raw;
use crate::upstream::ask;
use crate::visitor::Visitor;
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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_nginx_behind_tls_sees_the_name_the_certificate_and_http_2() {
    let Some(nginx) = program("NGINX", "nginx") else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let authority = Authority::new();
    let ca_file = folder.path().join("ca.pem");
    std::fs::write(&ca_file, authority.pem()).expect("written");
    authority.issue(folder.path(), "app", &["app.internal"], 2099);
    let client = authority.issue(folder.path(), "client", &["gateway"], 2099);
    let port = free_port();
    let server = format!(
        "server {{ listen 127.0.0.1:{port} ssl http2; ssl_certificate app.pem; ssl_certificate_key app.key; \
         ssl_client_certificate ca.pem; ssl_verify_client optional; root html; \
         location /said {{ return 200 \"$server_protocol $ssl_server_name $ssl_client_verify $http_x_forwarded_host\"; }} \
         location /guarded {{ if ($ssl_client_verify != SUCCESS) {{ return 403; }} return 204; }} }}"
    );
    std::fs::create_dir_all(folder.path().join("html")).expect("a folder");
    std::fs::write(folder.path().join("html/large"), vec![b'x'; 3_000_000]).expect("a file");
    let _nginx = start_nginx(&nginx, &server, folder.path(), port);
    let route = |name: &str, more: &str| {
        format!(
            "\n[[route]]\nname = \"{name}\"\npath = \"/{name}\"\nstrip_prefix = true\nallow = \"public\"\n\
             upstream = \"https://127.0.0.1:{port}\"\nserver_name = \"app.internal\"\nca_file = \"{}\"\n{more}\n",
            ca_file.display()
        )
    };
    let shown = format!("client_certificate = {}", client.setting());
    let world = World::with(&(route("shown", &shown) + &route("unshown", "http2 = false")), &[]).await;
    let host = format!("localhost:{}", world.port);
    let ask = |method: &str, path: &str| {
        let request = format!("{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        raw(&world, request.as_bytes())
    };
    for (path, said) in
        [("/shown/said", "HTTP/2.0 app.internal SUCCESS"), ("/unshown/said", "HTTP/1.1 app.internal NONE")]
    {
        let answer = ask("GET", path);
        assert!(answer.ends_with(&format!("{said} {host}")), "{answer}\n{}", world.log());
    }
    for (method, path, status, length) in [
        ("GET", "/shown/guarded", 204, 0),
        ("GET", "/unshown/guarded", 403, 0),
        ("HEAD", "/shown/large", 200, 0),
        ("GET", "/shown/large", 200, 3_000_000),
        ("GET", "/shown/nothing", 404, 0),
    ] {
        let answer = ask(method, path);
        assert_eq!(crate::upstream::status(&answer), status, "{method} {path}");
        let body = answer.split_once("\r\n\r\n").map_or(0, |(_, body)| body.len());
        assert!(length == 0 || body == length, "{method} {path}: {body}");
    }
}

/// With the configuration and the script of `deploy/verify-assertion`.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_nginx_lets_pass_what_was_signed_for_its_application_and_nothing_else() {
    let Some(nginx) = program("NGINX", "nginx") else { return };
    if !Path::new(NGINX_JS).is_file() {
        assert!(std::env::var_os("CI").is_none(), "libnginx-mod-http-js is not installed, and CI must try it");
        eprintln!("passed over: libnginx-mod-http-js is not installed");
        return;
    }
    let (folder, port) = (tempfile::tempdir().expect("a folder"), free_port());
    let route = |path: &str, more: &str| {
        format!("[[route]]\npath = \"{path}\"\nupstream = \"http://127.0.0.1:{port}\"\n{more}\n")
    };
    let signed = "headers = { assertion = true }";
    let routes = "\n".to_owned()
        + &route("/signed", signed)
        + &route("/other", &format!("audience = \"urn:other\"\n{signed}"))
        + &route("/plain", "");
    let world = World::with(&routes, &[]).await;
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy/verify-assertion");
    let mut site = std::fs::read_to_string(shipped.join("nginx.conf")).expect("it is shipped");
    let script = shipped.join("gateway_assertion.js").display().to_string();
    for (from, to) in [
        ("/etc/nginx/njs/gateway_assertion.js", script),
        ("listen 10.0.0.5:8080", format!("listen 127.0.0.1:{port}")),
        ("http://10.0.0.5:8080", format!("http://127.0.0.1:{port}")),
        ("http://10.0.0.2:8080", format!("http://127.0.0.1:{}", world.port)),
        ("https://wiki.example.com", format!("http://localhost:{}", world.port)),
        ("wiki.example.com", format!("localhost:{}", world.port)),
        ("http://127.0.0.1:9001", format!("http://{}", world.app.address())),
    ] {
        assert!(site.contains(from), "the configuration has no `{from}`");
        site = site.replace(from, &to);
    }
    let _nginx = start_nginx(&nginx, &site, folder.path(), port);
    let mut visitor = Visitor::new(&world);
    assert_eq!(visitor.sign_in("/signed/x", "password@example.com").await.status, 200);
    let received = world.app.requests().pop().expect("a request");
    let user = received.values("x-forwarded-user");
    assert!(!user.is_empty() && received.values("x-verified-user") == user, "{:?}", received.values("x-verified-user"));
    for path in ["/other", "/plain"] {
        assert_eq!(visitor.visit(path).await.status, 403, "{path}");
    }
    // Around the gateway: what it signed passes as long as it is good, and nothing that was changed.
    let token = received.values("x-gateway-assertion").concat();
    let (signed, signature) = token.rsplit_once('.').expect("a token");
    let changed = format!("{signed}.{}{}", if signature.starts_with('A') { 'B' } else { 'A' }, &signature[1..]);
    let unsigned = format!("eyJhbGciOiJub25lIn0.{}.", token.split('.').nth(1).expect("claims"));
    for (token, expected) in [(token.as_str(), 200), (&changed, 403), (&unsigned, 403), ("a.b.c", 403), ("", 403)] {
        let request =
            format!("GET /signed/x HTTP/1.1\r\nHost: a\r\nX-Gateway-Assertion: {token}\r\nConnection: close\r\n\r\n");
        let answer = ask(port, &request);
        assert!(answer.starts_with(&format!("HTTP/1.1 {expected}")), "{token}: {answer}");
    }
}
