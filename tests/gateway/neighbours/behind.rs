//! PHP behind nginx, Tomcat and Node behind the gateway: what of a visitor's headers they take for what only the
//! gateway may say, and which paths lead them to what a rule guards.

use std::path::Path;
use std::process::Command;

use super::{Neighbour, is_stage, php_fpm, program, spawn_php_fpm, start, start_nginx};
use crate::header_contract::FORGED;
use crate::raw::{Raw, status};
use crate::upstream::ask;
use crate::visitor::Visitor;
use crate::world::{World, free_port};

/// Every spelling of `/secret` that one of them, or another server, is known to read as such.
const DISGUISES: [&str; 56] = [
    "/secret",
    "/secret/",
    "/secret?x",
    "/secret;x=1",
    "/;x/secret",
    "/open/..;/secret",
    "/open/..;x=1/secret",
    "/open;x/../secret",
    "/open/../secret",
    "/open/%2e%2e/secret",
    "/open/.%2e/secret",
    "/open/%2e./secret",
    "/open/..%2fsecret",
    "/open/..%5csecret",
    "/open/..\\secret",
    "/open/%252e%252e/secret",
    "/open/..%252fsecret",
    "/open%2f..%2fsecret",
    "/a%2Fb/%2e%2e/secret",
    "/open%5cx/%2e%2e/secret",
    "/a%252Fb/%252e%252e/secret",
    "/secret;/x",
    "/secret;/../x",
    "//secret",
    "///secret",
    "//x/secret",
    "//open/secret",
    "///x:80/secret",
    "/\\x/secret",
    "/%2fx/secret",
    "/./secret",
    "/.;/secret",
    "/%2e/secret",
    "/%73ecret",
    "/%2573ecret",
    "/secre%74",
    "/secret%20",
    "/secret%09",
    "/secret%00",
    "/secret%00.png",
    "/secret.",
    "/secret/.",
    "/secret/..;/secret",
    "/secret.json",
    "/secret;.png",
    "/secret%3b.png",
    "/secret%3f.png",
    "/secret%23",
    "/SECRET",
    "/index.php/secret",
    "/index.php/../secret",
    "/open/%c0%ae%c0%ae/secret",
    "/open/..%c0%afsecret",
    "/%ef%bd%93ecret",
    "/open/.%00./secret",
    "http://localhost/secret",
];

/// Writes an application, and starts what runs it at a port. It answers `the secret page` where any way in which its
/// server reads the path leads to `/secret`, and shows every header that it knows.
type Start = fn(&Path, u16) -> Option<Vec<Neighbour>>;

fn node(folder: &Path, port: u16) -> Option<Vec<Neighbour>> {
    let node = program("NODE", "node")?;
    let application = r#"
const http = require("http"), path = require("path");
http.createServer((request, response) => {
  const read = (f) => { try { return f(); } catch { return ""; } };
  const plain = request.url.split("?")[0];
  const readings = [
    plain,
    // find-my-way, the router of Fastify.
    plain.split(";")[0],
    read(() => new URL(request.url, "http://localhost").pathname),
    read(() => decodeURIComponent(plain)),
    read(() => decodeURIComponent(new URL(request.url, "http://localhost").pathname)),
    read(() => path.posix.normalize(decodeURIComponent(plain))),
    read(() => path.win32.normalize(decodeURIComponent(plain)).replaceAll("\\", "/")),
  ];
  const secret = readings.some((reading) => /^\/+secret(\/|$)/.test(reading));
  response.setHeader("Connection", "close");
  response.end((secret ? "the secret page" : "an open page") + "\n" + JSON.stringify([readings, request.headers]));
}).listen(Number(process.argv[2]), "127.0.0.1");
"#;
    std::fs::write(folder.join("application.js"), application).expect("written");
    Some(vec![start(&node, &["application.js", &port.to_string()], folder, port)])
}

fn php(folder: &Path, port: u16) -> Option<Vec<Neighbour>> {
    if !is_stage("PHP") {
        return None;
    }
    let (php, nginx) = (php_fpm()?, program("NGINX", "nginx")?);
    let fpm = free_port();
    let application = r#"<?php
$readings = [];
foreach (["REQUEST_URI", "DOCUMENT_URI", "PATH_INFO", "PHP_SELF"] as $name) {
    $value = explode("?", $_SERVER[$name] ?? "")[0];
    array_push($readings, $value, urldecode($value), (string) parse_url($value, PHP_URL_PATH), preg_replace("/^\\/index\\.php/", "", $value));
}
$secret = (bool) preg_grep("/^\\/+secret(\\/|$)/", $readings);
echo $secret ? "the secret page\n" : "an open page\n", json_encode([$readings, $_SERVER, getenv("HTTP_PROXY")], JSON_INVALID_UTF8_SUBSTITUTE);
"#;
    let site = folder.join("site");
    std::fs::create_dir(&site).expect("a folder");
    std::fs::write(site.join("index.php"), application).expect("written");
    let server = format!(
        "    server {{
        listen 127.0.0.1:{port};
        root {root};
        location / {{ try_files $uri /index.php$is_args$args; }}
        location ~ ^/index\\.php(/|$) {{
            include /etc/nginx/fastcgi_params;
            fastcgi_split_path_info ^(/index\\.php)(.*)$;
            fastcgi_param PATH_INFO $fastcgi_path_info;
            fastcgi_param SCRIPT_FILENAME $document_root/index.php;
            fastcgi_pass 127.0.0.1:{fpm};
        }}
    }}",
        root = site.display()
    );
    open_to_everybody(folder);
    let address = ([127, 0, 0, 1], fpm).into();
    let fpm = Neighbour::listening(spawn_php_fpm(&php, folder, &format!("127.0.0.1:{fpm}")), address);
    Some(vec![start_nginx(&nginx, &server, folder, port), fpm])
}

/// PHP's workers run as the system's user `nobody`, and must be able to read the application.
fn open_to_everybody(folder: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o755)).expect("permissions");
}

fn tomcat(folder: &Path, port: u16) -> Option<Vec<Neighbour>> {
    let application = r#"<%@ page contentType="text/plain" import="java.util.*" %><%
String read = String.valueOf(request.getPathInfo()), parsed = "";
try { parsed = new java.net.URI(request.getRequestURI()).getPath(); } catch (java.net.URISyntaxException error) { }
boolean secret = read.matches("/+secret(/.*)?") || parsed.matches("/+secret(/.*)?");
out.println(secret ? "the secret page" : "an open page");
out.println(read + " " + parsed + " " + request.getRequestURI() + " " + request.getRemoteAddr() + " " + request.getRemoteUser());
for (String name : Collections.list(request.getHeaderNames())) out.println(name + ": " + Collections.list(request.getHeaders(name)));
%>"#;
    start_tomcat(folder, port, "", &[WebApplication { context: "ROOT", filter: "", page: application }])
}

/// An application of Tomcat's: one JSP for every path.
pub(super) struct WebApplication<'a> {
    /// The name of its folder, which is its path but for `ROOT`.
    pub(super) context: &'a str,
    /// Further elements of its `web.xml`.
    pub(super) filter: &'a str,
    pub(super) page: &'a str,
}

/// Java, and where Debian has Tomcat.
pub(super) fn installed_tomcat() -> Option<(String, &'static Path)> {
    if !is_stage("Tomcat") {
        return None;
    }
    let (java, home) = (program("JAVA", "java")?, Path::new("/usr/share/tomcat10"));
    if !home.is_dir() {
        assert!(std::env::var_os("CI").is_none(), "tomcat10 is not installed, and CI must try it");
        eprintln!("passed over: tomcat10 is not installed");
        return None;
    }
    Some((java, home))
}

/// Tomcat with these applications, and further elements of the `Host` in its `server.xml`.
pub(super) fn start_tomcat(
    folder: &Path,
    port: u16,
    host: &str,
    applications: &[WebApplication<'_>],
) -> Option<Vec<Neighbour>> {
    let (java, home) = installed_tomcat()?;
    for name in ["conf", "logs", "temp", "work"] {
        std::fs::create_dir_all(folder.join(name)).expect("a folder");
    }
    for name in ["web.xml", "catalina.properties"] {
        std::fs::copy(Path::new("/etc/tomcat10").join(name), folder.join("conf").join(name)).expect("Debian's own");
    }
    let server = format!(
        "<Server port='-1'><Service name='Catalina'><Connector port='{port}' address='127.0.0.1' protocol='HTTP/1.1'/>\
         <Engine name='Catalina' defaultHost='localhost'><Host name='localhost' appBase='webapps' autoDeploy='false'>{host}</Host>\
         </Engine></Service></Server>"
    );
    std::fs::write(folder.join("conf/server.xml"), server).expect("written");
    let servlet = "<servlet><servlet-name>app</servlet-name><jsp-file>/WEB-INF/app.jsp</jsp-file></servlet>\
         <servlet-mapping><servlet-name>app</servlet-name><url-pattern>/*</url-pattern></servlet-mapping>";
    for WebApplication { context, filter, page } in applications {
        let own = folder.join("webapps").join(context).join("WEB-INF");
        std::fs::create_dir_all(&own).expect("a folder");
        let web =
            format!("<web-app xmlns='https://jakarta.ee/xml/ns/jakartaee' version='5.0'>{filter}{servlet}</web-app>");
        std::fs::write(own.join("web.xml"), web).expect("written");
        std::fs::write(own.join("app.jsp"), page).expect("written");
    }
    let classes = format!("{0}/bin/bootstrap.jar:{0}/bin/tomcat-juli.jar", home.display());
    let (home, base) = (format!("-Dcatalina.home={}", home.display()), format!("-Dcatalina.base={}", folder.display()));
    let arguments = ["-Xmx128m", "-cp", &classes, &home, &base, "org.apache.catalina.startup.Bootstrap", "start"];
    Some(vec![start(&java, &arguments, folder, port)])
}

/// H-01, H-02, H-16, H-17, P-03 to P-07, P-12, P-17.
async fn hears_nothing_forged_and_keeps_its_secret(start: Start, kind: &str) {
    let (folder, port) = (tempfile::tempdir().expect("a folder"), free_port());
    let Some(_neighbours) = start(folder.path(), port) else { return };
    for kind in ["generic", kind] {
        hears_nothing_forged_and_keeps_its_secret_as(kind, port).await;
    }
}

async fn hears_nothing_forged_and_keeps_its_secret_as(kind: &str, port: u16) {
    let upstream = format!("upstream = \"http://127.0.0.1:{port}\"\nupstream_kind = \"{kind}\"");
    let routes = format!(
        "\n[[route]]\n{upstream}\nallow = \"public\"\n[[route]]\npath = \"/secret\"\n{upstream}\nallow = {{ groups = [\"admins\"] }}\n"
    );
    let world = World::with(&routes, &[]).await;
    let ask = async |path: &str, fields: &str| {
        let mut raw = Raw::to(world.port).await;
        raw.send(format!("GET {path} HTTP/1.1\r\nHost: localhost:{}\r\n{fields}Connection: close\r\n\r\n", world.port))
            .await;
        raw.rest().await
    };
    let open = ask("/open/x", "X-Nothing: 1\r\n").await;
    assert!(status(&open) == "200" && open.contains("an open page"), "{open}");
    // Without the gateway, the application shows its secret page to anybody.
    let mut raw = Raw::to(port).await;
    raw.send("GET /secret HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").await;
    let secret = raw.rest().await;
    assert!(secret.contains("the secret page"), "{secret}");
    for path in DISGUISES {
        let answer = ask(path, "").await;
        assert!(!answer.contains("the secret page"), "{kind} {path}: {answer}");
    }
    let forged: String = FORGED.iter().map(|name| format!("{name}: forged-value\r\n")).collect();
    let answer = ask("/open/x", &forged).await;
    assert!(status(&answer) == "200" && answer.contains("an open page"), "{answer}");
    assert!(!answer.contains("forged-value"), "{answer}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_front_of_node() {
    hears_nothing_forged_and_keeps_its_secret(node, "node").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_front_of_php() {
    hears_nothing_forged_and_keeps_its_secret(php, "php").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_front_of_tomcat() {
    hears_nothing_forged_and_keeps_its_secret(tomcat, "tomcat").await;
}

/// With the filter of `deploy/verify-assertion`: applications that ask the container are told who it is.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_front_of_tomcat_that_verifies_the_assertion() {
    if !is_stage("Tomcat") {
        return;
    }
    let Some(javac) = program("JAVAC", "javac") else { return };
    let (folder, port) = (tempfile::tempdir().expect("a folder"), free_port());
    let routes = format!("\n[[route]]\nupstream = \"http://127.0.0.1:{port}\"\nheaders = {{ assertion = true }}\n");
    let world = World::with(&routes, &[]).await;
    let site = format!("http://localhost:{}", world.port);
    let classes = folder.path().join("webapps/ROOT/WEB-INF/classes");
    std::fs::create_dir_all(&classes).expect("folders");
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy/verify-assertion");
    let compiled = Command::new(javac)
        .args(["-cp", "/usr/share/tomcat10/lib/servlet-api.jar", "-d"])
        .arg(&classes)
        .args(["Verify.java", "AssertionFilter.java"].map(|name| sources.join(name)))
        .output()
        .expect("it runs");
    assert!(compiled.status.success(), "{}", String::from_utf8_lossy(&compiled.stderr));
    let settings = [
        ("keys", format!("{site}/.gateway/jwks.json")),
        ("issuer", site),
        ("audience", format!("http://127.0.0.1:{port}")),
    ];
    let settings = settings.map(|(name, value)| {
        format!("<init-param><param-name>{name}</param-name><param-value>{value}</param-value></init-param>")
    });
    let filter = format!(
        "<filter><filter-name>assertion</filter-name><filter-class>AssertionFilter</filter-class>{}</filter>\
         <filter-mapping><filter-name>assertion</filter-name><url-pattern>/*</url-pattern></filter-mapping>",
        settings.concat()
    );
    let page = "<%= request.getRemoteUser() %> and <%= request.getUserPrincipal().getName() %>";
    let application = WebApplication { context: "ROOT", filter: &filter, page };
    let Some(_tomcat) = start_tomcat(folder.path(), port, "", &[application]) else { return };
    let mut visitor = Visitor::new(&world);
    let view = visitor.sign_in("/x", "password@example.com").await;
    assert_eq!(view.body.trim(), "password@example.com and password@example.com");
    for forged in ["", "a.b.c", "eyJhbGciOiJub25lIn0.e30."] {
        let request =
            format!("GET /x HTTP/1.1\r\nHost: a\r\nX-Gateway-Assertion: {forged}\r\nConnection: close\r\n\r\n");
        let answer = ask(port, &request);
        assert!(answer.starts_with("HTTP/1.1 403"), "{forged}: {answer}");
    }
}
