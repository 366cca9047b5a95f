//! Applications of docs/in-front-of.md behind the gateway, each run with the settings that its section shows: Flask, Django,
//! WsgiDAV (all served by gunicorn), Radicale, and a script of Apache's.

use std::path::Path;

use reqwest::Method;
use serde_json::{Value, json};

use super::{Neighbour, program, start};
use crate::documentation::Section;
use crate::upstream::{ask, status};
use crate::visitor::Visitor;
use crate::world::{World, free_port};

pub(super) const PERSON: &str = "password@example.com";

/// An application beside the gateway, and somebody who is signed in there.
pub(super) struct Tried {
    pub(super) world: World,
    pub(super) visitor: Visitor,
    _application: Neighbour,
    pub(super) folder: tempfile::TempDir,
}

impl Tried {
    /// Behind the routes that a section shows, whose upstream is the address `shown`; the visitor signs in at `first`. The
    /// application is started in a folder, for the gateway's address, at a port.
    pub(super) async fn new(
        routes: &str,
        shown: &str,
        first: &str,
        start: impl FnOnce(&Path, &str, u16) -> Neighbour,
    ) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let port = free_port();
        let routes = routes.replace(shown, &format!("127.0.0.1:{port}"));
        assert!(routes.contains(&port.to_string()), "{routes}");
        let world = World::with(&routes, &[]).await;
        let application = start(folder.path(), &format!("http://localhost:{}", world.port), port);
        let mut visitor = Visitor::new(&world);
        let view = visitor.sign_in(first, PERSON).await;
        assert!(view.url.path().starts_with(first), "{}: {}", view.url, view.page.text);
        Self { world, visitor, _application: application, folder }
    }

    /// The same, where `prepare` writes the application's files and says what Python is to run.
    async fn of_python(
        section: &Section,
        shown: &str,
        first: &str,
        prepare: impl FnOnce(&Path, &str, u16) -> Vec<String>,
    ) -> Option<Self> {
        let python = program("PYTHON_APPLICATIONS", "python-applications")?;
        let tried = Self::new(section.block("toml", 0), shown, first, |folder, site, port| {
            let arguments = prepare(folder, site, port);
            let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
            start(&python, &arguments, folder, port)
        });
        Some(tried.await)
    }

    /// One request of whoever is signed in, with these lines of its head.
    pub(super) fn ask(&mut self, method: &str, path: &str, lines: &str, body: &str) -> String {
        let (port, cookies, length) = (self.world.port, self.visitor.cookie_line(), body.len());
        let head =
            format!("{method} {path} HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: close\r\nCookie: {cookies}\r\n");
        ask(port, &format!("{head}{lines}Content-Length: {length}\r\n\r\n{body}"))
    }

    /// What a browser posts, without following where that leads.
    async fn post(&mut self, path: &str, body: &str) -> reqwest::Response {
        let url = self.visitor.site().join(path).expect("an address");
        self.visitor.send(Method::POST, url, Some(body.to_owned()), "same-origin").await
    }

    pub(super) async fn json(&mut self, path: &str) -> Value {
        let view = self.visitor.visit(path).await;
        serde_json::from_str(&view.body)
            .unwrap_or_else(|_| panic!("{path}: {} {}\n{}", view.status, view.body, self.said()))
    }

    pub(super) fn said(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("said")).unwrap_or_default()
    }
}

/// gunicorn, with the application `app` of `application.py`. A busy machine may take long to load it.
fn gunicorn(port: u16) -> Vec<String> {
    let bind = format!("127.0.0.1:{port}");
    ["-m", "gunicorn", "--bind", &bind, "--workers", "1", "--timeout", "120", "application:app"]
        .map(str::to_owned)
        .to_vec()
}

pub(super) fn write(folder: &Path, name: &str, text: &str) {
    let file = folder.join(name);
    std::fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
    std::fs::write(file, text).expect("written");
}

#[track_caller]
fn leads_to(response: &reqwest::Response, path: &str) {
    assert_eq!(response.status(), 302, "{response:?}");
    assert_eq!(response.headers()["location"], path, "{response:?}");
}

const FLASK: &str = r#"
from flask import jsonify, redirect, session, url_for

app.secret_key = "only for this test"


@app.post("/form")
def form():
    session["name"] = request.form["name"]
    return redirect(url_for("seen"))


@app.get("/seen")
def seen():
    home = url_for("home", _external=True)
    return jsonify(name=session.get("name"), home=home, address=request.remote_addr)


@app.post("/upload")
def upload():
    return str(len(request.get_data()))
"#;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn flask_knows_who_asks_and_where_it_lives() {
    let section = Section::of("in-front-of.md", "Flask");
    let prepare = |folder: &Path, _: &str, port| {
        write(folder, "application.py", &format!("{}{FLASK}", section.block("python", 0)));
        gunicorn(port)
    };
    let Some(mut flask) = Tried::of_python(&section, "127.0.0.1:8000", "/flask/", prepare).await else { return };
    assert_eq!(flask.visitor.visit("/flask/").await.body, format!("Hello {PERSON}"));
    leads_to(&flask.post("/flask/form", "name=caf%C3%A9").await, "/flask/seen");
    let expected =
        json!({"name": "café", "home": format!("{}/flask/", flask.visitor.origin()), "address": "127.0.0.1"});
    assert_eq!(flask.json("/flask/seen").await, expected);
    // Whatever a visitor says of it.
    let forged = "X-Forwarded-Email: evil\r\nX-Forwarded-Prefix: /evil\r\nX-Forwarded-Host: evil.example\r\nX-Forwarded-For: 192.0.2.9\r\n";
    for path in ["/flask/", "/flask/seen"] {
        let answer = flask.ask("GET", path, forged, "");
        assert!(status(&answer) == 200 && !answer.contains("evil") && !answer.contains("192.0.2.9"), "{answer}");
    }
    let answer =
        flask.ask("POST", "/flask/upload", "Content-Type: application/octet-stream\r\n", &"x".repeat(3_000_000));
    assert!(status(&answer) == 200 && answer.contains("3000000"), "{answer}");
}

const SETTINGS: &str = r#"
SECRET_KEY = "only for this test"
ROOT_URLCONF = "urls"
INSTALLED_APPS = ["django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions"]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "people.sqlite3"}}
"#;

const URLS: &str = r#"
from django.http import HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect
from django.urls import path, reverse


def home(request):
    address = request.build_absolute_uri(reverse("form"))
    return JsonResponse({"user": request.user.username, "form": address, "note": request.session.get("note")})


def form(request):
    if request.method == "POST":
        request.session["note"] = request.POST["note"]
        return redirect("home")
    token = f'<input type="hidden" name="csrfmiddlewaretoken" value="{get_token(request)}">'
    return HttpResponse(f'<form method="post" action="/django/form">{token}<input name="note"><button>Keep</button></form>')


urlpatterns = [path("", home, name="home"), path("form", form, name="form")]
"#;

/// The tables are made before anybody is served.
const DJANGO: &str = r#"
import os

os.environ["DJANGO_SETTINGS_MODULE"] = "settings"
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application

app = get_wsgi_application()
call_command("migrate", verbosity=0)
"#;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn django_makes_a_user_of_whoever_asks_and_takes_their_forms() {
    let section = Section::of("in-front-of.md", "Django");
    let prepare = |folder: &Path, site: &str, port| {
        let settings = section.block("python", 0).replace("https://wiki.example.com", site);
        let settings = settings.replace("\"wiki.example.com\"", "\"localhost\"");
        write(folder, "settings.py", &format!("{settings}{SETTINGS}"));
        write(folder, "wiki/middleware.py", section.block("python", 1));
        write(folder, "wiki/__init__.py", "");
        write(folder, "urls.py", URLS);
        write(folder, "application.py", DJANGO);
        gunicorn(port)
    };
    let Some(mut django) = Tried::of_python(&section, "127.0.0.1:8000", "/django/", prepare).await else { return };
    let form = format!("{}/django/form", django.visitor.origin());
    assert_eq!(django.json("/django/").await, json!({"user": PERSON, "form": form, "note": null}));
    let answer = django.ask("GET", "/django/", "X-Forwarded-Preferred-Username: admin\r\n", "");
    assert!(status(&answer) == 200 && answer.contains(PERSON) && !answer.contains("admin"), "{answer}");
    let view = django.visitor.visit("/django/form").await;
    let view = django.visitor.submit(&view, &view.page.forms[0], &[("note", "kept")]).await;
    assert_eq!(view.url.path(), "/django/", "{}", view.body);
    assert_eq!(django.json("/django/").await["note"], "kept");
    assert_eq!(django.post("/django/form", "note=forged").await.status(), 403, "its own protection works as well");
    assert_eq!(django.json("/django/").await["note"], "kept");
}

/// It is served by gunicorn, which knows the site's scheme: `COPY` wants an absolute address.
const WSGIDAV: &str = r#"
import yaml
from wsgidav.wsgidav_app import WsgiDAVApp

with open("wsgidav.yaml") as file:
    app = WsgiDAVApp(yaml.safe_load(file))
"#;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn wsgidav_s_methods_pass() {
    let section = Section::of("in-front-of.md", "WsgiDAV");
    let prepare = |folder: &Path, _: &str, port| {
        std::fs::create_dir(folder.join("files")).expect("a folder");
        let files = folder.join("files").display().to_string();
        write(folder, "wsgidav.yaml", &section.block("yaml", 0).replace("/srv/dav", &files));
        write(folder, "application.py", WSGIDAV);
        gunicorn(port)
    };
    let Some(mut dav) = Tried::of_python(&section, "127.0.0.1:8080", "/dav/", prepare).await else { return };
    let destination = |path: &str| format!("Destination: http://localhost:{}{path}\r\n", dav.world.port);
    let lock = r#"<lockinfo xmlns="DAV:"><lockscope><exclusive/></lockscope><locktype><write/></locktype></lockinfo>"#;
    for (method, path, lines, body, expected) in [
        ("PROPFIND", "/dav/", "Depth: 1\r\n".to_owned(), "", 207),
        ("MKCOL", "/dav/a/", String::new(), "", 201),
        ("PUT", "/dav/a/x.txt", String::new(), "kept", 201),
        ("COPY", "/dav/a/", destination("/dav/b/"), "", 201),
        ("MOVE", "/dav/b/x.txt", destination("/dav/b/y.txt"), "", 201),
        ("LOCK", "/dav/b/y.txt", "Content-Type: text/xml\r\n".to_owned(), lock, 200),
        ("PUT", "/dav/b/y.txt", String::new(), "changed", 423),
        ("DELETE", "/dav/a/", String::new(), "", 204),
    ] {
        let answer = dav.ask(method, path, &lines, body);
        assert_eq!(status(&answer), expected, "{method} {path}: {answer}\n{}", dav.said());
    }
    let answer = dav.ask("GET", "/dav/b/y.txt", "", "");
    assert!(answer.ends_with("\r\n\r\nkept"), "{answer}");
}

const EVENT: &str = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:test\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTAMP:20300101T000000Z\r\n\
    DTSTART:20300101T100000Z\r\nSUMMARY:Kept\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn radicale_keeps_the_calendar_of_whoever_asks() {
    let section = Section::of("in-front-of.md", "Radicale");
    let prepare = |folder: &Path, _: &str, port: u16| {
        let settings = section.block("ini", 0).replace("5232", &port.to_string());
        let collections = folder.join("collections");
        write(
            folder,
            "radicale.ini",
            &format!("{settings}\n[storage]\nfilesystem_folder = {}\n", collections.display()),
        );
        ["-m", "radicale", "--config", "radicale.ini"].map(str::to_owned).to_vec()
    };
    let Some(mut radicale) = Tried::of_python(&section, "127.0.0.1:5232", "/radicale/", prepare).await else { return };
    let mine = format!("/radicale/{PERSON}/work/");
    let calendar = "Content-Type: text/calendar\r\n";
    for (method, path, lines, body, expected) in [
        ("MKCALENDAR", mine.clone(), "", "", 201),
        ("PUT", format!("{mine}1.ics"), calendar, EVENT, 201),
        ("PROPFIND", format!("/radicale/{PERSON}/"), "Depth: 1\r\n", "", 207),
        ("GET", format!("{mine}1.ics"), "", "", 200),
        (
            "PROPFIND",
            "/radicale/other@example.com/".to_owned(),
            "X-Remote-User: other@example.com\r\nDepth: 1\r\n",
            "",
            403,
        ),
    ] {
        let answer = radicale.ask(method, &path, lines, body);
        assert_eq!(status(&answer), expected, "{method} {path}: {answer}\n{}", radicale.said());
        // It knows below what it lives.
        assert!(
            method != "PROPFIND" || expected != 207 || answer.contains("<href>/radicale/password%40example.com/work/"),
            "{answer}"
        );
        assert!(method != "GET" || answer.contains("SUMMARY:Kept"), "{answer}");
    }
}

const SCRIPT: &str = "#!/bin/sh\nprintf 'Content-Type: text/plain\\r\\n\\r\\n'\n\
    printf '%s, %s, %s' \"$REMOTE_USER\" \"$REMOTE_ADDR\" \"$HTTP_X_FORWARDED_EMAIL\"\n";

/// Starts Apache at a port with what a section shows, which says 127.0.0.1:8080 instead. Other users may read the folder
/// from then on, since Apache's workers are some.
pub(super) fn start_apache(program: &str, folder: &Path, shown: &str, port: u16) -> Neighbour {
    use std::os::unix::fs::PermissionsExt as _;

    std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o755)).expect("permissions");
    let modules =
        ["mpm_event", "authz_core", "alias", "cgid", "dir", "mime", "proxy", "proxy_fcgi", "remoteip", "setenvif"]
            .map(|name| format!("LoadModule {name}_module /usr/lib/apache2/modules/mod_{name}.so\n"))
            .concat();
    let (root, shown) = (folder.display(), shown.replace("127.0.0.1:8080", &format!("127.0.0.1:{port}")));
    let config = format!(
        "ServerRoot {root}\nServerName localhost\nPidFile pid\nErrorLog error.log\nScriptSock {root}/scripts\n\
         TypesConfig /etc/mime.types\nUser www-data\nGroup www-data\n{modules}{shown}"
    );
    write(folder, "apache.conf", &config);
    start(program, &["-f", &folder.join("apache.conf").display().to_string(), "-DFOREGROUND"], folder, port)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_script_of_apache_s_knows_who_asks_and_from_where() {
    use std::os::unix::fs::PermissionsExt as _;

    let Some(apache) = program("APACHE", "apache2") else { return };
    let section = Section::of("in-front-of.md", "PHP-FPM and Apache");
    let start = |folder: &Path, _: &str, port: u16| {
        let scripts = folder.join("cgi-bin");
        write(folder, "cgi-bin/who", SCRIPT);
        for path in [&scripts, &scripts.join("who")] {
            std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).expect("permissions");
        }
        let shown = section.block("apache", 0).replace("/usr/lib/cgi-bin", &scripts.display().to_string());
        start_apache(&apache, folder, &shown, port)
    };
    let mut scripts = Tried::new(section.block("toml", 0), "127.0.0.1:8080", "/cgi-bin/who", start).await;
    let forged = "X-Forwarded-Preferred-Username: evil\r\nRemote-User: evil\r\nX-Forwarded-For: 192.0.2.9\r\n";
    for lines in ["", forged] {
        let answer = scripts.ask("GET", "/cgi-bin/who", lines, "");
        assert!(answer.contains(&format!("{PERSON}, 127.0.0.1, {PERSON}")), "{answer}\n{}", scripts.said());
    }
}
