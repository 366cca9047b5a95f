//! Real programs in front of the gateway and behind it: what they make of what reaches them.
//!
//! A program that is not on this machine is passed over aloud; where `CI` is set the test fails instead, since
//! `tests/run` installs every one of them. What is large to install is passed over by an ordinary run, and installed and
//! tried by its stages `neighbours` (PHP, Tomcat) and `applications` (these two, JupyterLab, Streamlit, Node-RED).

mod applications;
mod behind;
mod forward_auth;
mod front;
mod grpc;
mod gunicorn;
mod kubernetes;
mod large_applications;
mod nginx;
mod tonic;
mod web_socket;

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

/// Whether what is large to install is tried: the stages `neighbours` and `applications` of tests/run say so.
fn is_stage(name: &str) -> bool {
    let is_stage = std::env::var_os("NEIGHBOURS").is_some();
    if !is_stage {
        eprintln!("passed over: {name} is tried by stages of tests/run");
    }
    is_stage
}

/// PHP's server, under the name and in the folder that Debian has for it, which `PATH` need not have.
fn php_fpm() -> Option<String> {
    let names = ["php-fpm", "php-fpm8.4", "php-fpm8.3", "php-fpm8.2"];
    let installed = names.map(|name| format!("/usr/sbin/{name}")).into_iter().find(|file| Path::new(file).is_file());
    // Of a whole path it does not matter which folders `PATH` has.
    program("PHP_FPM", installed.as_deref().unwrap_or("php-fpm"))
}

/// Runs PHP's server in `folder`, with two workers that listen at an address or at a socket in the file system.
fn spawn_php_fpm(program: &str, folder: &Path, listen: &str) -> Child {
    let pool = format!(
        "[global]\nerror_log = /dev/stderr\ndaemonize = no\n[www]\nlisten = {listen}\nlisten.mode = 0666\npm = static\n\
         pm.max_children = 2\nuser = nobody\ngroup = nogroup\n"
    );
    std::fs::write(folder.join("fpm.conf"), pool).expect("written");
    spawn(Command::new(program).args(["-F", "-R", "-n", "-y", "fpm.conf"]), folder)
}

/// Starts a program that listens at `port` of this machine; what it says goes to a file of `folder`.
fn start(program: &str, arguments: &[&str], folder: &Path, port: u16) -> Neighbour {
    let child = spawn(Command::new(program).args(arguments), folder);
    Neighbour::listening(child, SocketAddr::from(([127, 0, 0, 1], port)))
}

/// Runs a command in `folder`, with what it says in a file there.
fn spawn(command: &mut Command, folder: &Path) -> Child {
    let log = std::fs::File::create(folder.join("said")).expect("a file");
    let command = command.current_dir(folder).env("HOME", folder).stdin(Stdio::null());
    command.stdout(log.try_clone().expect("shared")).stderr(log).spawn().expect("it starts")
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
    fn listening(child: Child, address: SocketAddr) -> Self {
        Self::once(child, || TcpStream::connect(address).is_ok())
    }

    /// Waits until it is ready. JupyterLab takes half a minute on a busy machine.
    fn once(child: Child, is_ready: impl Fn() -> bool) -> Self {
        let mut started = Self(child);
        for _ in 0..1200 {
            if is_ready() {
                return started;
            }
            if let Ok(Some(status)) = started.0.try_wait() {
                panic!("it ended with {status}");
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        panic!("it is never ready");
    }
}

impl Drop for Neighbour {
    /// Asked to end first: what it has started itself ends only so.
    fn drop(&mut self) {
        // What has been waited for has no id any more.
        if matches!(self.0.try_wait(), Ok(Some(_))) {
            return;
        }
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
