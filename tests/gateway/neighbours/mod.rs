//! Real programs in front of the gateway and behind it: what they make of what reaches them.
//!
//! A program that is not on this machine is passed over aloud; where `CI` is set the test fails instead, since
//! `tests/run` installs every one of them. What is large to install (PHP, Tomcat) is passed over by an ordinary
//! run, and installed and tried by its stage `neighbours`.

mod applications;
mod behind;
mod forward_auth;
mod front;
mod grpc;
mod gunicorn;
mod nginx;
mod tonic;

use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// The program of that name: what the environment variable says, else what is in `PATH`. None is said aloud.
pub(crate) fn program(variable: &str, name: &str) -> Option<String> {
    let given = std::env::var(variable).ok().filter(|path| std::path::Path::new(path).is_file());
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = given.or_else(|| {
        let file = std::env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file())?;
        Some(file.to_string_lossy().into_owned())
    });
    if found.is_none() {
        assert!(std::env::var_os("CI").is_none(), "{name} is not installed, and CI must try it");
        eprintln!("passed over: {name} is not installed ({variable} may say where it is)");
    }
    found
}

/// Starts a program that listens at `port` of this machine; what it says goes to a file of `folder`.
fn start(program: &str, arguments: &[&str], folder: &Path, port: u16) -> Neighbour {
    let log = std::fs::File::create(folder.join("said")).expect("a file");
    let child = Command::new(program)
        .args(arguments)
        .current_dir(folder)
        .env("HOME", folder)
        .stdin(Stdio::null())
        .stdout(log.try_clone().expect("shared"))
        .stderr(log)
        .spawn()
        .expect("it starts");
    Neighbour::listening(child, SocketAddr::from(([127, 0, 0, 1], port)))
}

/// nginx's module for scripts, as Debian has it.
const NGINX_JS: &str = "/usr/lib/nginx/modules/ngx_http_js_module.so";

/// Starts nginx at `port`, with this in its block `http`. It is one process and keeps its files in `folder`, so that nothing
/// outlives the test.
fn start_nginx(program: &str, http: &str, folder: &Path, port: u16) -> Neighbour {
    let modules = if http.contains("js_import") { format!("load_module {NGINX_JS};\n") } else { String::new() };
    let config = format!(
        "{modules}daemon off; master_process off; pid nginx.pid; error_log stderr;
events {{}}
http {{
    access_log off;
    client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi; uwsgi_temp_path uwsgi; scgi_temp_path scgi;
{http}
}}"
    );
    std::fs::write(folder.join("nginx.conf"), config).expect("written");
    start(program, &["-p", ".", "-c", "nginx.conf", "-e", "stderr"], folder, port)
}

/// A program that was started for a test, and ends with it.
struct Neighbour(Child);

impl Neighbour {
    /// Waits until it listens.
    fn listening(mut child: Child, address: SocketAddr) -> Self {
        for _ in 0..200 {
            if TcpStream::connect(address).is_ok() {
                return Self(child);
            }
            if let Ok(Some(status)) = child.try_wait() {
                panic!("it ended with {status}");
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        panic!("nothing listens at {address}");
    }
}

impl Drop for Neighbour {
    /// Asked to end first: what it has started itself ends only so.
    fn drop(&mut self) {
        let _ = Command::new("kill").args(["-TERM", &self.0.id().to_string()]).status();
        for _ in 0..100 {
            if matches!(self.0.try_wait(), Ok(Some(_))) {
                return;
            }
            std::thread::sleep(Duration::from_millis(30));
        }
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
