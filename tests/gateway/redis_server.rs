//! A real `redis-server` of a test's own, which keeps nothing on a disk. The library's tests of its store use this file too.
//!
//! Without the program on this machine there is none, which is said aloud; where `CI` is set that fails.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// How long a server may take to listen, or to say something.
const TIMEOUT: Duration = Duration::from_secs(30);

/// A server. It ends with this value.
pub(crate) struct RedisServer {
    program: String,
    arguments: Vec<String>,
    listens: Listens,
    folder: PathBuf,
    /// The same, where it is this server's own.
    _own: Option<tempfile::TempDir>,
    process: Option<Child>,
}

enum Listens {
    Socket(PathBuf),
    Port(u16),
}

/// The program: what `REDIS_SERVER` says, else what is in `PATH`.
fn program() -> Option<String> {
    let given = std::env::var_os("REDIS_SERVER").map(PathBuf::from).filter(|path| path.is_file());
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut files = std::env::split_paths(&path).map(|folder| folder.join("redis-server"));
    let found = given.or_else(|| files.find(|file| file.is_file()));
    if found.is_none() {
        assert!(std::env::var_os("CI").is_none(), "redis-server is not installed, and CI must try it");
        eprintln!("passed over: redis-server is not installed (REDIS_SERVER may say where it is)");
    }
    Some(found?.to_string_lossy().into_owned())
}

impl RedisServer {
    /// On a socket, in a folder of its own.
    pub(crate) fn start() -> Option<Self> {
        let own = tempfile::tempdir().expect("a folder");
        let (folder, socket) = (own.path().to_owned(), own.path().join("redis.sock"));
        let arguments = ["--port", "0", "--save", "", "--appendonly", "no", "--unixsocket", &socket.to_string_lossy()];
        let arguments = arguments.map(str::to_owned).to_vec();
        let (program, listens) = (program()?, Listens::Socket(socket));
        let mut server = Self { program, arguments, listens, folder, _own: Some(own), process: None };
        server.run();
        Some(server)
    }

    /// At a port, with more of its own settings; replicas begin at once. Where the first of them is a file, that says
    /// everything.
    pub(crate) fn at(port: u16, folder: &Path, more: &[&str]) -> Option<Self> {
        let text = port.to_string();
        let usual = ["--port", &text, "--save", "", "--appendonly", "no", "--repl-diskless-sync-delay", "0"];
        let is_in_a_file = more.first().is_some_and(|first| first.ends_with(".conf"));
        let usual: &[&str] = if is_in_a_file { &[] } else { &usual };
        let arguments = usual.iter().chain(more).map(|argument| (*argument).to_owned()).collect();
        let (program, listens, folder) = (program()?, Listens::Port(port), folder.to_owned());
        let mut server = Self { program, arguments, listens, folder, _own: None, process: None };
        server.run();
        Some(server)
    }

    /// Starts it, with nothing in it, and waits until it listens.
    pub(crate) fn run(&mut self) {
        let mut command = Command::new(&self.program);
        command.args(&self.arguments).current_dir(&self.folder).stdout(Stdio::null());
        self.process = Some(command.spawn().expect("the server starts"));
        let began = std::time::Instant::now();
        while self.connect().is_err() {
            assert!(began.elapsed() < TIMEOUT, "the server does not listen: {:?}", self.arguments);
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Ends it at once; what it had is lost.
    pub(crate) fn kill(&mut self) {
        if let Some(mut child) = self.process.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
        if let Listens::Socket(socket) = &self.listens {
            let _ = std::fs::remove_file(socket);
        }
    }

    /// Sends it a signal, by its name without `SIG`.
    pub(crate) fn signal(&self, name: &str) {
        let pid = self.process.as_ref().expect("it runs").id().to_string();
        let sent = Command::new("kill").args([&format!("-{name}"), &pid]).status();
        assert!(sent.is_ok_and(|status| status.success()), "kill -{name}");
    }

    /// What it says to a command, as it comes over the wire, over a connection of its own.
    pub(crate) fn says(&self, words: &[&str]) -> String {
        self.asked(words).unwrap_or_else(|error| panic!("{words:?}: {error}"))
    }

    fn asked(&self, words: &[&str]) -> io::Result<String> {
        let mut connection = self.connect()?;
        connection.write_all(format!("{}\r\n", words.join(" ")).as_bytes())?;
        let mut answer = vec![0; 65536];
        let length = connection.read(&mut answer)?;
        Ok(String::from_utf8_lossy(&answer[..length]).into_owned())
    }

    /// Asks until the answer has that in it.
    pub(crate) fn until(&self, words: &[&str], answer: &str) {
        let began = std::time::Instant::now();
        loop {
            let said = self.asked(words).unwrap_or_default();
            if said.contains(answer) {
                return;
            }
            assert!(began.elapsed() < TIMEOUT, "{words:?}: {said}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    fn connect(&self) -> io::Result<Box<dyn Stream>> {
        Ok(match &self.listens {
            Listens::Socket(socket) => {
                let stream = UnixStream::connect(socket)?;
                stream.set_read_timeout(Some(TIMEOUT))?;
                Box::new(stream)
            }
            Listens::Port(port) => {
                let stream = TcpStream::connect(("127.0.0.1", *port))?;
                stream.set_read_timeout(Some(TIMEOUT))?;
                Box::new(stream)
            }
        })
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// The address by which it is configured.
    pub(crate) fn url(&self) -> String {
        match &self.listens {
            Listens::Socket(socket) => format!("unix://{}", socket.display()),
            Listens::Port(port) => format!("redis://127.0.0.1:{port}"),
        }
    }
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        if self.process.is_some() {
            // One that is stopped does not end.
            self.signal("CONT");
        }
        self.kill();
    }
}

trait Stream: Read + Write {}

impl<T: Read + Write> Stream for T {}
