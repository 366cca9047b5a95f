//! The system that a test needs: the sandbox org, the sample app, and the built gateway between them, each on its own
//! port, in a temporary folder. Everything stops when the test ends.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::os::linux::net::SocketAddrExt as _;
use std::os::unix::net::{SocketAddr, UnixListener};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::Duration;

use okta_sandbox::Sandbox;
use sample_app::SampleApp;
use serde_json::Value;

/// The org, the app and the gateway of one test.
pub(crate) struct World {
    /// The org.
    pub(crate) org: Sandbox,
    /// The app behind the gateway.
    pub(crate) app: SampleApp,
    /// The port of the gateway.
    pub(crate) port: u16,
    /// The port of the gateway's public address, which differs from `port` where another server is in front.
    pub(crate) public: u16,
    /// The gateway's admin port.
    pub(crate) admin: u16,
    /// The file that gets the gateway's log, from its next start on.
    pub(crate) stderr: PathBuf,
    environment: Vec<(String, String)>,
    process: Option<Child>,
    folder: tempfile::TempDir,
    http: reqwest::Client,
}

/// A free port, below the range of outgoing connections. An abstract socket name reserves it on this machine for as
/// long as this process lives, so that no other test process takes it before it is listened on.
pub(crate) fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    static HELD: Mutex<Vec<UnixListener>> = Mutex::new(Vec::new());
    let first = 10_000 + (std::process::id() % 100) as u16 * 200;
    loop {
        let port = first + NEXT.fetch_add(1, Ordering::Relaxed) % 2000;
        let name = SocketAddr::from_abstract_name(format!("idx-gateway-tests-{port}")).expect("a name");
        if let Ok(held) = UnixListener::bind_addr(&name)
            && TcpListener::bind(("127.0.0.1", port)).is_ok()
        {
            HELD.lock().expect("the names").push(held);
            return port;
        }
    }
}

impl World {
    /// With the usual configuration.
    pub(crate) async fn new() -> Self {
        Self::with("", &[]).await
    }

    /// With additions to the configuration: settings of `[server]`, up to the first section, and sections.
    ///
    /// What follows `OKTA ` belongs to `[okta]`. `environment` overrides single settings, by their `GATEWAY__…` names.
    pub(crate) async fn with(more: &str, environment: &[(&str, &str)]) -> Self {
        Self::of(None, more, environment, true).await
    }

    /// With a gateway that has no `[okta]`; these sections say who signs people in. `ISSUER` in them is the sandbox's
    /// custom authorization server, `ORIGIN` its own.
    pub(crate) async fn without_org(sections: &str) -> Self {
        Self::of(None, sections, &[], false).await
    }

    /// With a public address at port `front`, where another server listens or will listen.
    pub(crate) async fn behind(front: u16, more: &str, environment: &[(&str, &str)]) -> Self {
        Self::of(Some(front), more, environment, true).await
    }

    async fn of(front: Option<u16>, more: &str, environment: &[(&str, &str)], has_org: bool) -> Self {
        let environment = environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        // Another test of this process may have installed it already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let port = free_port();
        let public = front.unwrap_or(port);
        let org = Sandbox::start(okta_sandbox::Settings {
            listen: ([127, 0, 0, 1], 0).into(),
            redirect_uris: vec![format!("http://localhost:{public}/login/callback")],
            post_logout_redirect_uris: vec![format!("http://localhost:{public}/.gateway/signed-out")],
        })
        .await
        .expect("the org starts");
        let app = SampleApp::start(([127, 0, 0, 1], 0).into()).await.expect("the app starts");
        let folder = tempfile::tempdir().expect("a folder");
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()
            .expect("a client");
        let stderr = folder.path().join("log");
        let mut world =
            Self { org, app, port, public, admin: free_port(), stderr, environment, process: None, folder, http };
        let (okta, more) = more.split_once("OKTA ").map_or(("", more), |(more, okta)| (okta, more));
        let (server, sections) = match more.find("\n[") {
            Some(at) => more.split_at(at),
            None if more.starts_with('[') => ("", more),
            None => (more, ""),
        };
        let config = format!(
            r#"[server]
listen = "127.0.0.1:{port}"
public_url = "http://localhost:{public}"
{server}
[admin]
listen = "127.0.0.1:{admin}"
{org}
[session]
keys = [{{ file = "key" }}]
{sections}
"#,
            admin = world.admin,
            org = if has_org { world.org_section(okta) } else { String::new() },
        );
        let config = if config.contains("[[route]]") { config } else { format!("{config}{}", world.routes()) };
        let config = config.replace("APP", &format!("http://{}", world.app.address()));
        let config = config.replace("ISSUER", &world.org.issuer()).replace("ORIGIN", &world.org.origin());
        std::fs::write(world.path("gateway.toml"), config).expect("the configuration is written");
        let key = Command::new(env!("CARGO_BIN_EXE_idx-gateway")).arg("keygen").output().expect("keygen runs");
        std::fs::write(world.path("key"), key.stdout).expect("the key is written");
        private(&world.path("key"));
        world.make_keys().await;
        world.start();
        world.ready().await;
        world
    }

    fn org_section(&self, more: &str) -> String {
        let secret = match more.contains("private_key") {
            true => String::new(),
            false => format!("client_secret = \"{}\"", okta_sandbox::CLIENT_SECRET),
        };
        let (issuer, id) = (self.org.issuer(), okta_sandbox::CLIENT_ID);
        format!("[okta]\nissuer = \"{issuer}\"\nclient_id = \"{id}\"\n{secret}\n{more}")
    }

    fn routes(&self) -> String {
        "[[route]]\nname = \"app\"\nupstream = \"APP\"\n\
         [[route]]\nname = \"open\"\npath = \"/public\"\nupstream = \"APP\"\nallow = \"public\"\n\
         [[route]]\nname = \"admin\"\npath = \"/admin\"\nupstream = \"APP\"\nallow = { groups = [\"admins\"] }\n"
            .to_owned()
    }

    /// A path in the temporary folder.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The whole log so far. Lines may be up to a tenth of a second late, so it is read until it stops growing.
    pub(crate) fn log(&self) -> String {
        let read = || std::fs::read_to_string(self.path("log")).unwrap_or_default();
        let mut log = read();
        for _ in 0..20 {
            std::thread::sleep(Duration::from_millis(150));
            let later = read();
            if later.len() == log.len() {
                break;
            }
            log = later;
        }
        log
    }

    fn start(&mut self) {
        let log = std::fs::OpenOptions::new().create(true).append(true).open(&self.stderr).expect("the log opens");
        let child = Command::new(env!("CARGO_BIN_EXE_idx-gateway"))
            .args(["run", "--config"])
            .arg(self.path("gateway.toml"))
            .env("GATEWAY__SERVER__LOG", "trace")
            .envs(self.environment.iter().cloned())
            .stdin(Stdio::null())
            .stdout(log.try_clone().expect("the log is shared"))
            .stderr(log)
            .spawn()
            .expect("the gateway starts");
        self.process = Some(child);
    }

    async fn ready(&mut self) {
        let address = format!("http://127.0.0.1:{}/readyz", self.admin);
        for _ in 0..600 {
            if let Some(Ok(Some(status))) = self.process.as_mut().map(Child::try_wait) {
                panic!("the gateway ended with {status}:\n{}", self.log());
            }
            if self.http.get(&address).send().await.is_ok_and(|response| response.status() == 200) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("the gateway is not ready:\n{}", self.log());
    }

    /// How much memory the gateway has, in KiB.
    pub(crate) fn resident_kib(&self) -> usize {
        let pid = self.process.as_ref().expect("the gateway runs").id();
        let status = std::fs::read_to_string(format!("/proc/{pid}/status")).expect("this is Linux");
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).expect("its size");
        line.split_whitespace().nth(1).and_then(|kib| kib.parse().ok()).expect("a number")
    }

    /// Kills the gateway, and starts it again with the same files.
    pub(crate) async fn restart(&mut self) {
        self.kill();
        self.start();
        self.ready().await;
    }

    /// Kills the gateway, starts it again, and calls `happens` before it is ready.
    pub(crate) async fn restart_when(&mut self, happens: impl FnOnce(&Child)) {
        self.kill();
        self.start();
        happens(self.process.as_ref().expect("the gateway starts"));
        self.ready().await;
    }

    /// Kills the gateway, starts it again, and waits until this holds of its process.
    pub(crate) async fn restart_until(&mut self, holds: impl Fn(&Child) -> bool) {
        self.kill();
        self.start();
        while !holds(self.process.as_ref().expect("the gateway starts")) {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    /// Kills the gateway, and starts it again without its store; waits until it listens and says that it is not ready.
    pub(crate) async fn restart_when_away(&mut self) {
        self.kill();
        self.start();
        for _ in 0..400 {
            let listens = |port| TcpStream::connect(("127.0.0.1", port)).is_ok();
            if listens(self.port) && listens(self.admin) {
                assert_eq!(self.ready_status().await, 503, "it says so");
                return;
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        panic!("the gateway does not listen:\n{}", self.log());
    }

    /// Waits until the gateway is ready.
    pub(crate) async fn until_ready(&mut self) {
        self.ready().await;
    }

    /// Replaces a part of the configuration, for the next reload or start.
    pub(crate) fn edit(&self, from: &str, to: &str) {
        let file = self.path("gateway.toml");
        let text = std::fs::read_to_string(&file).expect("the configuration is there");
        assert!(text.contains(from), "`{from}` is not in {text}");
        std::fs::write(file, text.replacen(from, to, 1)).expect("the configuration is written");
    }

    /// Makes the gateway reload its configuration; whether it accepted it.
    pub(crate) async fn reload(&self) -> bool {
        let count = || {
            let log = self.log();
            (log.matches("was read again and taken").count(), log.matches("was not taken").count())
        };
        let (taken, refused) = count();
        let process = self.process.as_ref().expect("the gateway runs");
        let sent = Command::new("kill").args(["-HUP", &process.id().to_string()]).status().expect("kill runs");
        assert!(sent.success());
        for _ in 0..400 {
            match count() {
                (now, _) if now > taken => return true,
                (_, now) if now > refused => return false,
                _ => tokio::time::sleep(Duration::from_millis(25)).await,
            }
        }
        panic!("nothing was read again:\n{}", self.log());
    }

    /// The gateway's process.
    pub(crate) fn pid(&self) -> u32 {
        self.process.as_ref().expect("the gateway runs").id()
    }

    /// Sends the gateway a signal, by its name without `SIG`.
    pub(crate) fn signal(&self, name: &str) {
        let sent = Command::new("kill").args([&format!("-{name}"), &self.pid().to_string()]).status();
        assert!(sent.is_ok_and(|status| status.success()), "kill -{name}");
    }

    /// The exit status of the gateway; none when it still runs after `limit`.
    pub(crate) async fn end(&mut self, limit: Duration) -> Option<ExitStatus> {
        let child = self.process.as_mut().expect("the gateway was started");
        for _ in 0..limit.as_millis() / 10 {
            if let Some(status) = child.try_wait().expect("its status") {
                self.process = None;
                return Some(status);
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        None
    }

    /// Sends a request `times` times over one connection, and expects 200 and a body of the announced length each time.
    pub(crate) fn repeat(&self, request: &str, times: usize) {
        let stream = TcpStream::connect(("127.0.0.1", self.port)).expect("a connection");
        let mut stream = BufReader::new(stream);
        for _ in 0..times {
            stream.get_mut().write_all(request.as_bytes()).expect("the request is sent");
            let (mut head, mut length) = (String::new(), 0);
            while !head.ends_with("\r\n\r\n") {
                let at = head.len();
                assert!(stream.read_line(&mut head).expect("an answer") > 0, "{head}");
                if let Some(told) = head[at..].to_ascii_lowercase().strip_prefix("content-length:") {
                    length = told.trim().parse().expect("a length");
                }
            }
            assert!(head.starts_with("HTTP/1.1 200 "), "{head}");
            stream.read_exact(&mut vec![0; length]).expect("the body");
        }
    }

    fn kill(&mut self) {
        if let Some(mut child) = self.process.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }

    /// Waits until the app has received `times` requests.
    pub(crate) async fn until_asked(&self, times: usize) {
        let asked = async {
            while self.app.requests().len() < times {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        assert!(tokio::time::timeout(Duration::from_secs(20), asked).await.is_ok(), "{:?}", self.app.requests());
    }

    /// What `/readyz` answers.
    pub(crate) async fn ready_status(&self) -> u16 {
        let address = format!("http://127.0.0.1:{}/readyz", self.admin);
        self.http.get(address).send().await.expect("the admin listener answers").status().as_u16()
    }

    /// The gateway's metrics.
    pub(crate) async fn metrics(&self) -> String {
        let address = format!("http://127.0.0.1:{}/metrics", self.admin);
        self.http.get(address).send().await.expect("metrics answer").text().await.expect("metrics are text")
    }

    /// Asks the sandbox for one of its own pages, as JSON.
    pub(crate) async fn sandbox(&self, path: &str) -> Value {
        let address = format!("{}/sandbox/{path}", self.org.origin());
        let response =
            self.http.get(address).header("accept", "application/json").send().await.expect("the sandbox answers");
        serde_json::from_str(&response.text().await.expect("a body")).expect("JSON")
    }

    /// Posts JSON to one of the sandbox's own addresses.
    pub(crate) async fn tell(&self, path: &str, what: Value) {
        let address = format!("{}/sandbox/{path}", self.org.origin());
        let response = self
            .http
            .post(address)
            .header("content-type", "application/json")
            .body(what.to_string())
            .send()
            .await
            .expect("the sandbox answers");
        let status = response.status();
        assert!(
            status.is_success(),
            "the sandbox does not take {path}: {status} {}",
            response.text().await.unwrap_or_default()
        );
    }

    /// Sets the sandbox's faults.
    pub(crate) async fn faults(&self, faults: Value) {
        self.tell("faults", faults).await;
    }

    /// The code of the newest message to this address.
    pub(crate) async fn code_for(&self, to: &str) -> String {
        self.newest_to(to).await["code"].as_str().expect("a code").to_owned()
    }

    /// The newest message to this address.
    pub(crate) async fn newest_to(&self, to: &str) -> Value {
        let inbox = self.sandbox("inbox").await;
        let messages = inbox.as_array().expect("a list");
        messages
            .iter()
            .find(|message| message["to"] == to)
            .unwrap_or_else(|| panic!("nothing for {to} in {inbox}"))
            .clone()
    }

    /// Makes the org create its signing keys, which it does at first use and which may take longer than the gateway
    /// waits.
    pub(crate) async fn make_keys(&self) {
        self.http.get(format!("{}/v1/keys", self.org.issuer())).send().await.expect("the org has keys");
    }

    /// The number of calls to the org at paths that contain `path`.
    pub(crate) async fn calls(&self, path: &str) -> usize {
        let transcript = self.sandbox("transcript").await;
        let calls = transcript.as_array().expect("a list").iter();
        calls.filter(|call| call["path"].as_str().is_some_and(|called| called.contains(path))).count()
    }
}

impl Drop for World {
    /// Stops the gateway as Ctrl-C would, so that it can still write its log and a coverage profile.
    fn drop(&mut self) {
        if let Some(child) = &mut self.process {
            let asked = Command::new("kill").args(["-INT", &child.id().to_string()]).status();
            for _ in 0..100 {
                if asked.is_err() || matches!(child.try_wait(), Ok(Some(_))) {
                    break;
                }
                std::thread::sleep(Duration::from_millis(20));
            }
        }
        self.kill();
    }
}

/// Makes a file readable by its owner only.
pub(crate) fn private(path: &std::path::Path) {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).expect("permissions");
}

/// Checks that test cases written by others are there: in CI they must be, elsewhere their absence is printed.
pub(crate) fn borrowed(there: bool, what: &str) {
    if !there {
        assert!(std::env::var_os("CI").is_none(), "{what}: not here, and CI must run them");
        eprintln!("skipped: {what} are not here; our own cases ran");
    }
}
