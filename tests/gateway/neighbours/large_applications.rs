//! Applications of docs/in-front-of.md that are large to install, behind the gateway, each run with the commands, settings
//! and programs that its section shows: JupyterLab, Streamlit, Node-RED, PHP-FPM behind Apache, Tomcat. The stage
//! `applications` of tests/run installs them.

use std::path::Path;
use std::process::Command;

use reqwest::Url;
use serde_json::{Value, json};

use super::applications::{PERSON, Tried, start_apache, write};
use super::behind::{WebApplication, installed_tomcat, start_tomcat};
use super::web_socket::WebSocket;
use super::{Neighbour, is_stage, php_fpm, program, spawn, spawn_php_fpm, start};
use crate::documentation::Section;
use crate::machines::Issuer;
use crate::proxying::raw;
use crate::upstream::{ask, status};
use crate::visitor::Visitor;
use crate::world::World;

const OTHER: &str = "other@example.com";

/// Three megabytes, more than any buffer on the way.
const LARGE: usize = 3_000_000;

impl Tried {
    /// A request with a body of JSON; its answer's head and body.
    fn ask_json(&mut self, method: &str, path: &str, lines: &str, body: &Value) -> (u16, String) {
        let answer = self.ask(method, path, &format!("Content-Type: application/json\r\n{lines}"), &body.to_string());
        (status(&answer), answer.split_once("\r\n\r\n").map_or("", |(_, body)| body).to_owned())
    }

    /// The value of a cookie, with which an application wants requests of its own pages to be marked.
    fn cookie(&mut self, name: &str) -> String {
        self.visitor.jar().get(name).unwrap_or_else(|| panic!("no cookie {name}")).clone()
    }

    /// A WebSocket of whoever is signed in.
    async fn socket(&mut self, path: &str, lines: &str) -> WebSocket {
        let cookies = self.visitor.cookie_line();
        WebSocket::open(self.world.port, path, &format!("Cookie: {cookies}\r\n{lines}")).await
    }

    /// A page of another site opens none, whoever is signed in.
    fn opens_no_socket_for_others(&mut self, path: &str) {
        let (port, cookies) = (self.world.port, self.visitor.cookie_line());
        let head = format!("GET {path} HTTP/1.1\r\nHost: localhost:{port}\r\nOrigin: https://evil.example\r\n");
        let answer = ask(port, &format!("{head}Cookie: {cookies}\r\n{}\r\n", crate::raw::WEBSOCKET));
        assert_eq!(status(&answer), 401, "{answer}");
    }

    /// Somebody else of the org has an account, and is refused here.
    async fn refuses_others(&mut self, path: &str) {
        self.world.tell("users", json!({"login": OTHER, "password": "Sandbox-1234"})).await;
        let view = Visitor::new(&self.world).sign_in(path, OTHER).await;
        assert_eq!(view.status, 403, "{}", view.page.text);
    }

    /// Signs out, which ends these, and after which nothing is answered any more.
    async fn sign_out(&mut self, sockets: Vec<WebSocket>, path: &str) {
        let view = self.visitor.visit("/.gateway/sign-out").await;
        let view = self.visitor.choose(&view, "Sign out").await;
        assert_eq!(view.page.headings, ["You have signed out"], "{}", view.page.text);
        for socket in sockets {
            assert_eq!(socket.end().await, "session ended");
        }
        assert_eq!(status(&self.ask("GET", path, "Accept: text/html\r\nSec-Fetch-Mode: navigate\r\n", "")), 303);
    }
}

/// Runs a command that a section shows in `folder`, with the programs beside `program` at hand.
fn run_shown(section: &Section, shown_port: &str, program: &str, folder: &Path, port: u16) -> Neighbour {
    let line = section.block("sh", 0).replace("\\\n", " ").replace(shown_port, &port.to_string());
    let programs = Path::new(program).parent().expect("a folder").display().to_string();
    let path = std::env::var("PATH").unwrap_or_default();
    let mut shell = Command::new("sh");
    shell.args(["-c", &format!("exec {line}")]).env("PATH", format!("{programs}:{path}"));
    Neighbour::listening(spawn(&mut shell, folder), ([127, 0, 0, 1], port).into())
}

/// Where a route, opened to everybody, redirects at a site with https.
async fn redirected_at_https(routes: &str, path: &str) -> String {
    let world = World::with(
        &format!("\n{}", routes.replace("[[route]]\n", "[[route]]\nallow = \"public\"\n")),
        &[("GATEWAY__SERVER__PUBLIC_URL", "https://wiki.example.com")],
    )
    .await;
    let answer =
        raw(&world, format!("GET {path} HTTP/1.1\r\nHost: wiki.example.com\r\nConnection: close\r\n\r\n").as_bytes());
    let location =
        answer.lines().find_map(|line| line.split_once(": ").filter(|(name, _)| name.eq_ignore_ascii_case("location")));
    let url = Url::parse("https://wiki.example.com").expect("an address");
    url.join(location.unwrap_or_else(|| panic!("no redirect: {answer}")).1).expect("an address").into()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn jupyterlab_s_kernels_terminals_and_files_work() {
    if !is_stage("JupyterLab") {
        return;
    }
    let Some(jupyter) = program("JUPYTER", "jupyter") else { return };
    let section = Section::of("in-front-of.md", "JupyterLab");
    let routes = section.block("toml", 0).replace("jane@example.com", PERSON);
    let start = |folder: &Path, _: &str, port| {
        // The tests may run as root, whom it refuses.
        write(folder, ".jupyter/jupyter_server_config.json", r#"{"ServerApp": {"allow_root": true}}"#);
        run_shown(&section, "8888", &jupyter, folder, port)
    };
    let mut lab = Tried::new(&routes, "127.0.0.1:8888", "/jupyter/lab", start).await;
    let page = lab.visitor.visit("/jupyter/lab").await.body;
    let script = page.split("src=\"").find_map(|part| part.strip_prefix("/jupyter/static/lab/main."));
    let script = script.and_then(|rest| rest.split('"').next()).unwrap_or_else(|| panic!("{page}"));
    let script = lab.visitor.visit(&format!("/jupyter/static/lab/main.{script}")).await;
    assert!(script.status == 200 && script.body.len() > 10_000, "{}", script.status);

    let mark = format!("X-XSRFToken: {}\r\n", lab.cookie("_xsrf"));
    let (code, kernel) = lab.ask_json("POST", "/jupyter/api/kernels", &mark, &json!({}));
    assert_eq!(code, 201, "{kernel}\n{}", lab.said());
    let kernel: Value = serde_json::from_str(&kernel).expect("JSON");
    let kernel = format!("/jupyter/api/kernels/{}/channels", kernel["id"].as_str().expect("an id"));
    let mut channel = lab.socket(&kernel, "").await;
    let header =
        json!({"msg_id": "1", "session": "s", "username": "", "msg_type": "execute_request", "version": "5.3"});
    let content = json!({"code": "6 * 7", "silent": false, "store_history": false, "user_expressions": {}});
    let request =
        json!({"header": header, "parent_header": {}, "metadata": {}, "content": content, "channel": "shell"});
    channel.say(&request.to_string()).await;
    channel.until(&["execute_result", "\"text/plain\": \"42\""]).await;

    let (code, terminal) = lab.ask_json("POST", "/jupyter/api/terminals", &mark, &json!({}));
    assert_eq!(code, 200, "{terminal}");
    let terminal: Value = serde_json::from_str(&terminal).expect("JSON");
    let path = format!("/jupyter/terminals/websocket/{}", terminal["name"].as_str().expect("a name"));
    let mut terminal = lab.socket(&path, "").await;
    terminal.say(&json!(["stdin", "echo it-is-$((6*7))\r"]).to_string()).await;
    terminal.until(&["it-is-42"]).await;

    let file = json!({"type": "file", "format": "text", "content": "x".repeat(LARGE)});
    let (code, said) = lab.ask_json("PUT", "/jupyter/api/contents/large.txt", &mark, &file);
    assert_eq!(code, 201, "{said}");
    assert_eq!(std::fs::metadata(lab.folder.path().join("large.txt")).expect("it is kept").len(), LARGE as u64);
    let file = format!("/jupyter/files/large.txt?_xsrf={}", lab.cookie("_xsrf").replace('|', "%7C"));
    assert_eq!(lab.visitor.visit(&file).await.body.len(), LARGE);

    lab.opens_no_socket_for_others(&kernel);
    lab.refuses_others("/jupyter/lab").await;
    lab.sign_out(vec![channel, terminal], "/jupyter/lab").await;
}

/// `BackMsg { rerun_script: ClientState {} }`, with which a page begins (streamlit/proto/BackMsg.proto).
const RERUN: [u8; 2] = [11 << 3 | 2, 0];

/// What every page of Streamlit does: it opens the stream, has the script run, and shows what comes.
async fn streamlit_says_hello(streamlit: &mut Tried, person: &str) -> (WebSocket, String) {
    let mut stream = streamlit
        .socket("/streamlit/_stcore/stream", "Sec-WebSocket-Protocol: streamlit, PLACEHOLDER_AUTH_TOKEN\r\n")
        .await;
    stream.say_bytes(&RERUN).await;
    let heard = stream.until(&[&format!("Hello {person}")]).await;
    (stream, heard)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn streamlit_knows_who_looks_at_it() {
    if !is_stage("Streamlit") {
        return;
    }
    let Some(program) = program("STREAMLIT", "streamlit") else { return };
    let section = Section::of("in-front-of.md", "Streamlit");
    let mut address = String::new();
    let start = |folder: &Path, _: &str, port| {
        address = format!("127.0.0.1:{port}");
        write(folder, "app.py", section.block("python", 0));
        run_shown(&section, "8501", &program, folder, port)
    };
    let routes = section.block("toml", 0);
    let mut streamlit = Tried::new(routes, "127.0.0.1:8501", "/streamlit", start).await;
    let view = streamlit.visitor.visit("/streamlit").await;
    assert_eq!(view.url.path(), "/streamlit/", "{}", view.body);
    let script = view.body.split("src=\"").find_map(|part| part.strip_prefix("./static/js/index."));
    let script = script.and_then(|rest| rest.split('"').next()).unwrap_or_else(|| panic!("{}", view.body));
    let script = streamlit.visitor.visit(&format!("/streamlit/static/js/index.{script}")).await;
    assert!(script.status == 200 && script.body.len() > 10_000, "{}", script.status);
    let at_https = redirected_at_https(&routes.replace("127.0.0.1:8501", &address), "/streamlit").await;
    assert_eq!(at_https, "https://wiki.example.com/streamlit/");

    let (stream, heard) = streamlit_says_hello(&mut streamlit, PERSON).await;
    streamlit.visitor.visit("/streamlit/_stcore/health").await;
    let mark = format!("X-Xsrftoken: {}\r\n", streamlit.cookie("_streamlit_xsrf"));
    let id = regex::Regex::new("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}").expect("an expression");
    let uploads: Vec<u16> = id
        .find_iter(&heard)
        .map(|session| {
            let body = format!(
                "--b\r\nContent-Disposition: form-data; name=\"f\"; filename=\"f\"\r\n\r\n{}\r\n--b--\r\n",
                "x".repeat(LARGE)
            );
            let path = format!("/streamlit/_stcore/upload_file/{}/1", session.as_str());
            status(&streamlit.ask(
                "PUT",
                &path,
                &format!("{mark}Content-Type: multipart/form-data; boundary=b\r\n"),
                &body,
            ))
        })
        .collect();
    assert!(uploads.contains(&204), "{uploads:?}");

    streamlit.opens_no_socket_for_others("/streamlit/_stcore/stream");
    streamlit.sign_out(vec![stream], "/streamlit/").await;
    streamlit.world.tell("users", json!({"login": OTHER, "password": "Sandbox-1234"})).await;
    streamlit.visitor.sign_in("/streamlit/", OTHER).await;
    streamlit_says_hello(&mut streamlit, OTHER).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn node_red_s_editor_works_and_programs_call_its_flows() {
    if !is_stage("Node-RED") {
        return;
    }
    let (Some(node), Some(program)) = (program("NODE", "node"), program("NODE_RED", "red.js")) else { return };
    let (section, issuer) = (Section::of("in-front-of.md", "Node-RED"), Issuer::new());
    let routes = section.block("toml", 0).replace("\"automation\"", "\"admins\"");
    let routes = routes.replace("https://example.okta.com/oauth2/default", &issuer.address);
    let start = |folder: &Path, _: &str, port: u16| {
        write(folder, "settings.js", &section.block("javascript", 0).replace("1880", &port.to_string()));
        start(&node, &[&program, "--userDir", ".", "--settings", "settings.js"], folder, port)
    };
    let mut red = Tried::new(&routes, "127.0.0.1:1880", "/red/", start).await;
    let page = red.visitor.visit("/red/").await.body;
    assert!(page.contains("<title>Node-RED</title>"), "{page}");
    assert_eq!(red.json("/red/settings").await["httpNodeRoot"], "/red/");

    let mut comms = red.socket("/red/comms", "").await;
    comms.say(r#"{"subscribe":"notification/#"}"#).await;
    let flows = json!([
        {"id": "tab", "type": "tab", "label": "Hooks", "info": "x".repeat(LARGE)},
        {"id": "in", "type": "http in", "z": "tab", "url": "/hooks/hello", "method": "get", "wires": [["say"]]},
        {"id": "say", "type": "template", "z": "tab", "field": "payload", "syntax": "mustache", "output": "str",
         "template": "called by {{req.headers.x-forwarded-user}}", "wires": [["out"]]},
        {"id": "out", "type": "http response", "z": "tab", "wires": []},
    ]);
    let (code, said) = red.ask_json("POST", "/red/flows", "", &flows);
    assert_eq!(code, 204, "{said}\n{}", red.said());
    comms.until(&["notification/runtime-deploy"]).await;

    let call = |port, token: &str| {
        let head = format!("GET /red/hooks/hello HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: close\r\n");
        ask(port, &format!("{head}Authorization: Bearer {token}\r\n\r\n"))
    };
    let good = issuer.token("at+jwt", &json!({"aud": ["api://default"]}));
    // A flow begins some time after it was deployed.
    let mut answer = call(red.world.port, &good);
    for _ in 0..300 {
        if status(&answer) != 404 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        answer = call(red.world.port, &good);
    }
    assert!(status(&answer) == 200 && answer.ends_with("called by robot"), "{answer}");
    let answer = call(red.world.port, &issuer.token("at+jwt", &json!({"aud": ["api://other"]})));
    assert_eq!(status(&answer), 401, "{answer}");
    let head = format!("GET /red/flows HTTP/1.1\r\nHost: localhost:{}\r\nConnection: close\r\n", red.world.port);
    let answer = ask(red.world.port, &format!("{head}Authorization: Bearer {good}\r\n\r\n"));
    assert_eq!(status(&answer), 401, "a program does not reach the editor: {answer}");

    red.opens_no_socket_for_others("/red/comms");
    red.refuses_others("/red/").await;
    red.sign_out(vec![comms], "/red/").await;
}

/// What the section shows, and as a person who uploads something and follows a link to a folder sees it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn php_behind_apache_knows_who_asks() {
    if !is_stage("PHP") {
        return;
    }
    let (Some(php), Some(apache)) = (php_fpm(), program("APACHE", "apache2")) else { return };
    let section = Section::of("in-front-of.md", "PHP-FPM and Apache");
    let (mut fpm, mut address) = (None, String::new());
    let start = |folder: &Path, _: &str, port: u16| {
        address = format!("127.0.0.1:{port}");
        let socket = folder.join("php-fpm.sock");
        write(folder, "site/php/index.php", section.block("php", 0));
        write(
            folder,
            "site/php/upload.php",
            "<?php echo strlen(file_get_contents('php://input')), ' ', $_SERVER['REMOTE_ADDR'];",
        );
        // In a folder of its own, since Apache keeps what it says in this one.
        let own = folder.join("fpm");
        std::fs::create_dir(&own).expect("a folder");
        let child = spawn_php_fpm(&php, &own, &socket.display().to_string());
        fpm = Some(Neighbour::once(child, || socket.exists()));
        let shown = section.block("apache", 0).replace("/run/php/php-fpm.sock", &socket.display().to_string());
        let site = folder.join("site");
        let shown = format!("{shown}DocumentRoot {}\nDirectoryIndex index.php\n", site.display());
        start_apache(&apache, folder, &shown, port)
    };
    let mut site = Tried::new(section.block("toml", 0), "127.0.0.1:8080", "/php/", start).await;
    for lines in ["", "X-Forwarded-Email: evil\r\nX-Forwarded-Preferred-Username: evil\r\nRemote-User: evil\r\n"] {
        let answer = site.ask("GET", "/php/", lines, "");
        assert!(answer.contains(&format!("Hello {PERSON}, that is {PERSON}")), "{answer}\n{}", site.said());
    }
    let answer = site.ask("POST", "/php/upload.php", "Content-Type: text/plain\r\n", &"x".repeat(LARGE));
    assert!(answer.contains(&format!("{LARGE} 127.0.0.1")), "{answer}");
    assert_eq!(site.visitor.visit("/php").await.body, format!("Hello {PERSON}, that is {PERSON}"));
    let routes = section.block("toml", 0).replace("127.0.0.1:8080", &address);
    assert_eq!(redirected_at_https(&routes, "/php").await, "https://wiki.example.com/php/");
    site.sign_out(Vec::new(), "/php/").await;
    drop(fpm);
}

const SERVLET: &str = r#"<%@ page contentType="text/plain" %><%
if (request.getParameter("redirect") != null) {
    response.sendRedirect(request.getRequestURL().toString());
} else {
    out.print(request.getRequestURL() + " " + request.getScheme() + " " + request.getRemoteAddr() + " " + request.getRemoteUser()
        + " " + request.getHeader("X-Forwarded-Preferred-Username") + " " + request.getInputStream().readAllBytes().length);
}
%>"#;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tomcat_knows_its_address_and_shows_nothing_of_other_applications() {
    if installed_tomcat().is_none() {
        return;
    }
    let section = Section::of("in-front-of.md", "Tomcat");
    let applications = [
        WebApplication { context: "app", filter: "", page: SERVLET },
        WebApplication { context: "manager", filter: "", page: "the secret page" },
    ];
    let (mut others, mut address) = (Vec::new(), String::new());
    let start = |folder: &Path, _: &str, port: u16| {
        address = format!("127.0.0.1:{port}");
        others = start_tomcat(folder, port, section.block("xml", 0), &applications).expect("it is installed");
        others.remove(0)
    };
    let mut tomcat = Tried::new(section.block("toml", 0), "127.0.0.1:8080", "/app/x", start).await;
    let site = tomcat.visitor.origin();
    let forged =
        "X-Forwarded-Preferred-Username: evil\r\nX-Forwarded-For: 192.0.2.9\r\nX-Forwarded-Host: evil.example\r\n";
    for lines in ["", forged] {
        let answer = tomcat.ask("POST", "/app/x", lines, &"x".repeat(LARGE));
        let expected = format!("{site}/app/x http 127.0.0.1 null {PERSON} {LARGE}");
        assert!(answer.contains(&expected), "{answer}\n{}", tomcat.said());
    }
    let routes = section.block("toml", 0).replace("127.0.0.1:8080", &address);
    assert_eq!(redirected_at_https(&routes, "/app/x?redirect").await, "https://wiki.example.com/app/x");

    let direct =
        ask(address[10..].parse().expect("a port"), "GET /manager/x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    assert!(direct.contains("the secret page"), "{direct}");
    for path in
        ["/manager/x", "/app/..;/manager/x", "/app/..;a=b/manager/x", "/app;x/../manager/x", "/app/%2e%2e;/manager/x"]
    {
        let answer = tomcat.ask("GET", path, "", "");
        assert!(!answer.contains("the secret page"), "{path}: {answer}");
    }
    tomcat.sign_out(Vec::new(), "/app/x").await;
}
