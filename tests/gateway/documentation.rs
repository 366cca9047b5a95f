//! The documentation is true: every block of `README.md` and `docs/` is read by the program that it is for.
//!
//! | block | is |
//! |---|---|
//! | `toml` | checked by `idx-gateway check`, with what a fragment needs around it and the files that it names |
//! | `sh` | run, as far as it calls `idx-gateway`, in a folder with the last configuration of its page |
//! | `nginx`, `apache`, `haproxy`, `caddyfile` | checked by that program, with what a fragment needs around it |
//! | `python`, `javascript`, `php`, `ini`, `xml`, `yaml` | read by what reads it |
//! | `rust` | found in the sources as it stands |
//! | `text` | a drawing |
//!
//! A block of another language fails, and so does a command that nobody knows.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use regex::Regex;

use crate::neighbours::program;
use crate::world::free_port;

/// Commands of others that the documentation names, which are not run here.
const OTHERS: [&str; 5] =
    ["cargo run --release", "cargo install --path .", "tests/run", "jupyter lab", "streamlit run"];

/// The configuration that `import` is shown with.
const OAUTH2_PROXY: &str = "client_id = \"0oa1\"\nemail_domains = [\"*\"]\nupstreams = [\"http://127.0.0.1:8080/\"]\n";
const OAUTH2_ALPHA: &str = "upstreamConfig: { upstreams: [{ id: a, path: /, uri: 'http://127.0.0.1:8080' }] }\n";

/// A block of a page.
struct Block {
    /// `docs/routing.md:21`.
    place: String,
    language: String,
    text: String,
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn pages() -> Vec<PathBuf> {
    let folder = std::fs::read_dir(root().join("docs")).expect("docs");
    let mut pages: Vec<PathBuf> = folder.map(|entry| entry.expect("an entry").path()).collect();
    pages.retain(|path| path.extension().is_some_and(|extension| extension == "md"));
    pages.push(root().join("README.md"));
    pages.sort();
    assert!(pages.len() > 10, "the pages are there: {pages:?}");
    pages
}

/// The blocks of a page in their order.
fn blocks_of(page: &Path) -> Vec<Block> {
    let text = std::fs::read_to_string(page).expect("a page");
    blocks_in(&text, &page.strip_prefix(root()).unwrap_or(page).display().to_string())
}

/// The blocks of a text of that name.
fn blocks_in(text: &str, name: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut open: Option<Block> = None;
    for (at, line) in text.lines().enumerate() {
        match (&mut open, line.trim_start().strip_prefix("```")) {
            (None, Some(language)) => {
                let place = format!("{name}:{}", at + 1);
                open = Some(Block { place, language: language.to_owned(), text: String::new() });
            }
            (Some(_), Some(_)) => blocks.extend(open.take()),
            (Some(block), None) => {
                block.text.push_str(line);
                block.text.push('\n');
            }
            (None, None) => {}
        }
    }
    assert!(open.is_none(), "{name} has a block without an end");
    blocks
}

/// Every block of one of these languages, each of which some page shows.
fn blocks(languages: &[&str]) -> Vec<Block> {
    let all = pages().into_iter().flat_map(|page| blocks_of(&page));
    let found: Vec<Block> = all.filter(|block| languages.contains(&block.language.as_str())).collect();
    for language in languages {
        assert!(found.iter().any(|block| block.language == *language), "no page shows anything of {language}");
    }
    found
}

/// The configuration of another program that a page shows, the first of that language.
pub(crate) fn shown(page: &str, language: &str) -> String {
    let mut blocks = blocks_of(&root().join("docs").join(page)).into_iter();
    let block = blocks.find(|block| block.language == language);
    block.unwrap_or_else(|| panic!("{page} shows nothing of {language}")).text
}

/// What a page shows below one of its headings.
pub(crate) struct Section {
    title: String,
    blocks: Vec<Block>,
}

impl Section {
    /// Of a page of `docs/`.
    pub(crate) fn of(page: &str, title: &str) -> Self {
        let text = std::fs::read_to_string(root().join("docs").join(page)).expect("a page");
        let section = text.split("\n## ").find_map(|section| section.strip_prefix(&format!("{title}\n")));
        let section = section.unwrap_or_else(|| panic!("{page} says nothing of {title}"));
        Self { title: title.to_owned(), blocks: blocks_in(section, page) }
    }

    /// The text of one of its blocks of a language, counted from 0.
    pub(crate) fn block(&self, language: &str, at: usize) -> &str {
        let block = self.blocks.iter().filter(|block| block.language == language).nth(at);
        block.map_or_else(|| panic!("{} shows no block {at} of {language}", self.title), |block| &block.text)
    }
}

fn gateway(arguments: &[&str], folder: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_idx-gateway")).args(arguments).current_dir(folder).output().expect("it runs")
}

#[track_caller]
fn is_well(place: &str, output: &Output, text: &str) {
    let said = [&output.stdout[..], &output.stderr[..]].concat();
    assert!(output.status.success(), "{place}: {}\n{text}", String::from_utf8_lossy(&said));
}

/// A fragment with the tables that every configuration has, and what it names in the folder.
fn whole(fragment: &str, folder: &Path) -> String {
    let has = |table: &str| fragment.lines().any(|line| line.starts_with(table));
    let mut text = String::new();
    for (tables, missing) in [
        (
            &["[server]"][..],
            "[server]\nlisten = \"127.0.0.1:8080\"\npublic_url = \"https://wiki.example.com\"\ntrusted_proxies = [\"127.0.0.1\"]\n",
        ),
        (
            &["[okta]", "[[provider]]"],
            "[okta]\nissuer = \"https://example.okta.com/oauth2/default\"\nclient_id = \"0oa1\"\nclient_secret = \"secret\"\n",
        ),
        (&["[session]"], "[session]\nkeys = [{ file = \"session-key\" }]\n"),
        (&["[[route]]"], "[[route]]\nupstream = \"http://127.0.0.1:9001\"\n"),
    ] {
        if !tables.iter().any(|table| has(table)) {
            text.push_str(missing);
        }
    }
    with_files(&(text + fragment), folder)
}

/// What a table of the fragment says nothing of, though every configuration must.
fn given(fragment: &str) -> Vec<(&'static str, String)> {
    let has = |line: &str| fragment.lines().any(|other| other.starts_with(line));
    let mut given = Vec::new();
    if has("[okta]") && !has("issuer = ") {
        given.extend([
            ("GATEWAY__OKTA__ISSUER", "https://example.okta.com/oauth2/default".to_owned()),
            ("GATEWAY__OKTA__CLIENT_ID", "0oa1".to_owned()),
            ("GATEWAY__OKTA__CLIENT_SECRET", "secret".to_owned()),
        ]);
    }
    if has("[session]") && !has("keys = ") {
        let key = String::from_utf8(session_key()).expect("text");
        given.push(("GATEWAY__SESSION__KEYS", format!("[\"{}\"]", key.trim())));
    }
    given
}

/// The text with each file that it names, which then is in the folder.
fn with_files(text: &str, folder: &Path) -> String {
    let names = Regex::new(r#"\b(file|ca_file|client_ca|certificate|key|files) = "([^"]+)""#).expect("an expression");
    let write = |found: &regex::Captures<'_>| {
        let name = found[2].trim_start_matches('/').replace('/', "-");
        let path = folder.join(&name);
        match &found[1] {
            "files" => widget(&path),
            "file" => std::fs::write(path, session_key()).expect("written"),
            kind => std::fs::write(path, pem(kind == "key")).expect("written"),
        }
        format!("{} = \"{name}\"", &found[1])
    };
    names.replace_all(text, write).into_owned()
}

fn session_key() -> Vec<u8> {
    gateway(&["keygen"], root()).stdout
}

fn pem(is_key: bool) -> String {
    let pair = rcgen::generate_simple_self_signed(["app.internal".to_owned()]).expect("a certificate");
    if is_key { pair.signing_key.serialize_pem() } else { pair.cert.pem() }
}

/// As much of Okta's widget as tells it from another folder.
fn widget(folder: &Path) {
    for (name, text) in [
        ("js/okta-sign-in.min.js", "'{\"defaultLanguage\":\"en\",\"version\":\"7.49.0\"}'"),
        ("css/okta-sign-in.min.css", ""),
        ("font/a", ""),
        ("img/a", ""),
        ("labels/json/a.json", "{}"),
    ] {
        let path = folder.join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("folders");
        std::fs::write(path, text).expect("written");
    }
}

#[test]
fn every_block_is_of_a_language_that_is_tried() {
    let tried = [
        "toml",
        "sh",
        "nginx",
        "apache",
        "haproxy",
        "caddyfile",
        "python",
        "javascript",
        "php",
        "ini",
        "xml",
        "yaml",
        "rust",
        "text",
    ];
    for block in pages().into_iter().flat_map(|page| blocks_of(&page)) {
        assert!(tried.contains(&block.language.as_str()), "{}: nothing tries `{}`", block.place, block.language);
        let is_config = block.text.lines().any(|line| line.starts_with("[[") || line.starts_with("[server]"));
        assert!(block.language != "text" || !is_config, "{}: a configuration is `toml`", block.place);
    }
}

#[test]
fn configurations_pass_check() {
    for block in blocks(&["toml"]) {
        let folder = tempfile::tempdir().expect("a folder");
        let text = whole(&block.text, folder.path());
        std::fs::write(folder.path().join("gateway.toml"), &text).expect("written");
        let mut check = Command::new(env!("CARGO_BIN_EXE_idx-gateway"));
        check.arg("check").envs(given(&block.text)).current_dir(folder.path());
        is_well(&block.place, &check.output().expect("it runs"), &text);
    }
}

#[test]
fn commands_run() {
    for page in pages() {
        let folder = tempfile::tempdir().expect("a folder");
        for (name, text) in [("oauth2-proxy.cfg", OAUTH2_PROXY), ("alpha.yaml", OAUTH2_ALPHA)] {
            std::fs::write(folder.path().join(name), text).expect("written");
        }
        let blocks = blocks_of(&page);
        let mut environment = Vec::new();
        if let Some(configuration) = blocks.iter().rfind(|block| block.language == "toml") {
            let text = whole(&configuration.text, folder.path());
            std::fs::write(folder.path().join("gateway.toml"), text).expect("written");
            environment = given(&configuration.text);
        }
        for block in blocks.iter().filter(|block| block.language == "sh") {
            for line in block.text.replace("\\\n", " ").lines() {
                let line = line.split("  #").next().unwrap_or_default().trim();
                if line.is_empty() || OTHERS.iter().any(|other| line.starts_with(other)) {
                    continue;
                }
                let program = line.strip_prefix("(umask 077; ").unwrap_or(line);
                assert!(program.starts_with("idx-gateway "), "{}: nobody knows `{line}`", block.place);
                // What would serve is only checked; a file of a machine is one of the folder.
                let line =
                    line.replace("idx-gateway run", "idx-gateway check").replace("/run/secrets/", "run-secrets-");
                // What it makes, where the umask is the usual one.
                let made = line.split_once(" > ").map(|(_, file)| folder.path().join(file.trim_end_matches(')')));
                made.iter().for_each(|file| drop(std::fs::remove_file(file)));
                let line = format!("umask 022; {line}");
                let programs = Path::new(env!("CARGO_BIN_EXE_idx-gateway")).parent().expect("a folder");
                let path = format!("{}:/usr/bin:/bin", programs.display());
                let mut shell = Command::new("sh");
                shell.args(["-c", &line]).envs(environment.clone()).env("PATH", path).current_dir(folder.path());
                is_well(&block.place, &shell.output().expect("it runs"), &line);
                for file in made.iter().filter(|_| line.contains("run-secrets-")) {
                    let mode = file.metadata().expect("a file").permissions().mode() & 0o777;
                    assert_eq!(mode, 0o600, "{}: `{line}` makes a secret that others can read", block.place);
                }
            }
        }
    }
}

#[test]
fn configurations_of_nginx_are_ones() {
    let Some(nginx) = program("NGINX", "nginx") else { return };
    for block in blocks(&["nginx"]) {
        let folder = tempfile::tempdir().expect("a folder");
        let listen = format!("listen 127.0.0.1:{};", free_port());
        let text = block.text.replace("listen 443 ssl;", &listen);
        let http =
            if text.trim_start().starts_with("location") { format!("server {{\n{listen}\n{text}}}") } else { text };
        let text = format!("pid nginx.pid; error_log stderr;\nevents {{}}\nhttp {{\naccess_log off;\n{http}}}\n");
        std::fs::write(folder.path().join("nginx.conf"), &text).expect("written");
        let output = Command::new(&nginx)
            .args(["-t", "-p", ".", "-c", "nginx.conf", "-e", "stderr"])
            .current_dir(folder.path())
            .output();
        is_well(&block.place, &output.expect("it runs"), &text);
    }
}

#[test]
fn configurations_of_apache_are_ones() {
    let Some(apache) = program("APACHE", "apache2") else { return };
    let modules = [
        "mpm_event",
        "authz_core",
        "alias",
        "cgid",
        "mime",
        "proxy",
        "proxy_http",
        "proxy_fcgi",
        "remoteip",
        "setenvif",
    ]
    .map(|name| format!("LoadModule {name}_module /usr/lib/apache2/modules/mod_{name}.so\n"))
    .concat();
    for block in blocks(&["apache"]) {
        let folder = tempfile::tempdir().expect("a folder");
        let listen = if block.text.contains("Listen ") { "" } else { "Listen 127.0.0.1:8080\n" };
        let text = format!(
            "ServerRoot {}\nServerName localhost\nPidFile pid\nErrorLog error.log\nTypesConfig /etc/mime.types\n{listen}{modules}{}",
            folder.path().display(),
            block.text
        );
        let file = folder.path().join("apache.conf");
        std::fs::write(&file, &text).expect("written");
        is_well(&block.place, &Command::new(&apache).arg("-t").arg("-f").arg(&file).output().expect("it runs"), &text);
    }
}

#[test]
fn configurations_of_haproxy_are_ones() {
    let Some(haproxy) = program("HAPROXY", "haproxy") else { return };
    for block in blocks(&["haproxy"]) {
        let folder = tempfile::tempdir().expect("a folder");
        let text = format!(
            "defaults\n    mode http\n    timeout connect 5s\n    timeout client 30s\n    timeout server 30s\n\
             frontend public\n    bind 127.0.0.1:{}\n    default_backend gateway\n{}",
            free_port(),
            block.text
        );
        let file = folder.path().join("haproxy.cfg");
        std::fs::write(&file, &text).expect("written");
        is_well(&block.place, &Command::new(&haproxy).arg("-c").arg("-f").arg(&file).output().expect("it runs"), &text);
    }
}

#[test]
fn configurations_of_caddy_are_ones() {
    let Some(caddy) = program("CADDY", "caddy") else { return };
    for block in blocks(&["caddyfile"]) {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("Caddyfile"), &block.text).expect("written");
        let output = Command::new(&caddy)
            .args(["validate", "--adapter", "caddyfile", "--config", "Caddyfile"])
            .current_dir(folder.path())
            .env("HOME", folder.path())
            .output();
        is_well(&block.place, &output.expect("it runs"), &block.text);
    }
}

/// Of programs and settings of applications the form alone, wherever they stand: `neighbours` runs the applications.
#[test]
fn programs_and_settings_of_applications_can_be_read() {
    let python = |place: &str, text: &str, reads: &str| {
        let Some(python) = program("PYTHON", "python3") else { return };
        let output = Command::new(python).args(["-c", reads, text]).output().expect("it runs");
        is_well(place, &output, text);
    };
    for block in blocks(&["python", "ini", "xml"]) {
        let reads = match block.language.as_str() {
            "python" => "import ast, sys; ast.parse(sys.argv[1])",
            "ini" => "import configparser, sys; configparser.ConfigParser().read_string(sys.argv[1])",
            _ => "import sys, xml.dom.minidom; xml.dom.minidom.parseString(sys.argv[1])",
        };
        python(&block.place, &block.text, reads);
    }
    for (language, variable, name, argument, ending) in
        [("javascript", "NODE", "node", "--check", "js"), ("php", "PHP", "php", "-l", "php")]
    {
        let Some(program) = program(variable, name) else { continue };
        for block in blocks(&[language]) {
            let folder = tempfile::tempdir().expect("a folder");
            let file = folder.path().join(format!("block.{ending}"));
            std::fs::write(&file, &block.text).expect("written");
            let output = Command::new(&program).arg(argument).arg(&file).output().expect("it runs");
            is_well(&block.place, &output, &block.text);
        }
    }
    let mut files = blocks(&["yaml"]);
    for name in ["ingress-nginx.yaml", "istio.yaml", "traefik.yaml"] {
        let text = std::fs::read_to_string(root().join("deploy/forward-auth").join(name)).expect("it is shipped");
        files.push(Block { place: name.to_owned(), language: "yaml".to_owned(), text });
    }
    for block in files {
        let read = yaml_rust2::YamlLoader::load_from_str(&block.text);
        assert!(read.as_ref().is_ok_and(|documents| !documents.is_empty()), "{}: {read:?}", block.place);
    }
}

#[test]
fn what_is_shown_of_the_sources_stands_there() {
    // rustfmt breaks lines where the page does not.
    let plain = |text: &str| text.split_whitespace().collect::<String>().replace(",)", ")");
    let folder = root().join("src/signin/screens");
    let sources: Vec<String> = std::fs::read_dir(folder)
        .expect("the screens")
        .filter_map(|entry| std::fs::read_to_string(entry.expect("an entry").path()).ok())
        .collect();
    for block in blocks(&["rust"]) {
        assert!(
            sources.iter().any(|source| plain(source).contains(&plain(&block.text))),
            "{}: {}",
            block.place,
            block.text
        );
    }
}

/// The anchor that a heading has on a page.
fn anchor(heading: &str) -> String {
    let kept = |letter: &char| letter.is_alphanumeric() || matches!(letter, ' ' | '-' | '_');
    heading.to_lowercase().chars().filter(kept).map(|letter| if letter == ' ' { '-' } else { letter }).collect()
}

#[test]
fn links_of_pages_lead_somewhere() {
    let link = Regex::new(r"\]\(([^)\s]+)\)").expect("an expression");
    for page in pages() {
        let text = std::fs::read_to_string(&page).expect("a page");
        for found in link.captures_iter(&text) {
            let target = &found[1];
            if target.starts_with("https://") {
                continue;
            }
            let (path, fragment) = target.split_once('#').unwrap_or((target, ""));
            let file = if path.is_empty() { page.clone() } else { page.parent().expect("a folder").join(path) };
            assert!(file.exists(), "{}: {target} is not there", page.display());
            if !fragment.is_empty() {
                let there = std::fs::read_to_string(&file).expect("a page");
                let mut headings =
                    there.lines().filter_map(|line| Some(line.strip_prefix('#')?.trim_start_matches('#').trim()));
                assert!(
                    headings.any(|heading| anchor(heading) == fragment),
                    "{}: {target} is not there",
                    page.display()
                );
            }
        }
    }
}
