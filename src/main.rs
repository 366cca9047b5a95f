//! `idx-gateway`: arguments → configuration → assembly → pingora's server.
//!
//! Every problem before the first request (a setting, a file, a port) is a line on stderr, and the exit status is then
//! 1.

#[path = "main/assemble.rs"]
mod assemble;
#[path = "main/check.rs"]
mod check;
#[cfg(feature = "demo")]
#[path = "main/demo.rs"]
mod demo;
#[path = "main/descriptors.rs"]
mod descriptors;
#[path = "main/explain.rs"]
mod explain;
#[path = "main/import/mod.rs"]
mod import;
#[path = "main/reload.rs"]
mod reload;
#[path = "main/serve.rs"]
mod serve;

use std::collections::BTreeMap;
use std::fmt::Display;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Args, Parser, Subcommand};
use idx_gateway::config::{self, Config, Refused, WidgetSource};
use idx_gateway::log;
use idx_gateway::session::Key;
use idx_gateway::signin::doors::WidgetFiles;

use reload::Widening;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// A reverse proxy that signs people in with Okta Identity Engine, from its own pages.
#[derive(Parser)]
#[command(version, arg_required_else_help = true, after_help = EXITS)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

const EXITS: &str = "Exits with 0; with 1 where something is wrong, which is said on stderr, a line each; with 2 for arguments \
                     that it does not know.";

#[derive(Subcommand)]
enum Command {
    /// Run the gateway.
    Run(Run),
    /// Say everything that is wrong with a configuration, with file, line and key; exit with 0 or 1.
    Check(File),
    /// Say what would become of a request, and why: readings of its path, routes, who may, which headers pass.
    Explain(explain::Arguments),
    /// Make a gateway.toml of a configuration of oauth2-proxy, Authelia or Pomerium, and say what differs.
    Import(import::Arguments),
    /// Print a fresh session key.
    Keygen,
    /// Ask the running gateway's admin listener whether it is ready; exit with 0 or 1. For containers.
    Health(File),
    /// Run the gateway with a sandbox org and a sample app, all on this machine: nothing to configure.
    #[cfg(feature = "demo")]
    Demo(demo::Arguments),
}

#[derive(Args)]
struct Run {
    #[command(flatten)]
    file: File,
    /// Refuse to read a configuration again that opens something to somebody, unless server.allow_widening names the
    /// route; what it opens is told.
    #[arg(long, env = "GATEWAY_REQUIRE_NO_WIDENING")]
    require_no_widening: bool,
}

#[derive(Args)]
struct File {
    /// The configuration.
    #[arg(long, value_name = "FILE", env = "GATEWAY_CONFIG", default_value_os_t = config::default_file())]
    config: PathBuf,
}

fn main() -> ExitCode {
    // pingora would install it too, but clients that are built before would not have it.
    let installed = rustls::crypto::ring::default_provider().install_default();
    let done = match (installed, Arguments::parse().command) {
        (Err(_), _) => Err(vec!["TLS cannot be set up".to_owned()]),
        (Ok(()), Command::Run(arguments)) => run(&arguments),
        (Ok(()), Command::Check(file)) => check(&file),
        (Ok(()), Command::Explain(arguments)) => explain(&arguments),
        (Ok(()), Command::Keygen) => {
            println!("{}", Key::fresh().expose());
            Ok(())
        }
        (Ok(()), Command::Import(arguments)) => import::run(&arguments),
        (Ok(()), Command::Health(file)) => health(&file),
        #[cfg(feature = "demo")]
        (Ok(()), Command::Demo(arguments)) => demo::run(&arguments),
    };
    log::flush();
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(problems) => {
            for problem in problems {
                eprintln!("{problem}");
            }
            ExitCode::FAILURE
        }
    }
}

/// Problems, each of which is printed as one line.
type Problems = Vec<String>;

fn load(file: &File) -> Result<Config, Problems> {
    Config::load(&file.config, BTreeMap::new()).map_err(told)
}

/// All that is wrong with a configuration, and what is unwise besides.
fn told(refused: Refused) -> Problems {
    let (problems, warnings) = check::told(refused);
    problems.into_iter().chain(warnings.into_iter().map(warning)).collect()
}

fn warning(text: impl Display) -> String {
    format!("{text} (a warning)")
}

fn run(arguments: &Run) -> Result<(), Problems> {
    let widening = if arguments.require_no_widening { Widening::Refused } else { Widening::Allowed };
    // First of all: until then each signal does what the system says.
    let ends = serve::end_signals()?;
    let hangups = reload::Hangups::new(arguments.file.config.clone(), widening)?;
    let config = load(&arguments.file)?;
    serve::run(config, ends, Some(hangups), || ())
}

fn check(file: &File) -> Result<(), Problems> {
    let config = load(file)?;
    let warnings: Vec<String> = config.warnings.iter().map(warning).collect();
    let widget = config.sign_in.widget.clone();
    let checked = check::check(config);
    let warnings = warnings.into_iter().chain(checked.warnings.into_iter().map(warning));
    let cookie = match checked.cookie {
        Ok(cookie) => cookie,
        Err(problems) => return Err(problems.into_iter().chain(warnings).collect()),
    };
    describe_widget(widget);
    for warning in warnings {
        eprintln!("{warning}");
    }
    println!("{cookie}");
    println!("{}: ok", file.config.display());
    Ok(())
}

/// Prints which widget it is, with the hash of each file, to be compared with the package.
fn describe_widget(source: Option<WidgetSource>) {
    let Some(WidgetSource::Files(folder)) = source else { return };
    let Ok(files) = WidgetFiles::read(&folder) else { return };
    println!("sign_in.widget.files: @okta/okta-signin-widget {}", files.version);
    for (path, hash) in files.hashes() {
        println!("  sha256 {hash}  {path}");
    }
}

fn explain(arguments: &explain::Arguments) -> Result<(), Problems> {
    let config = Config::load(&arguments.config, BTreeMap::new()).map_err(told)?;
    let runtime = assemble::unused(config)?;
    print!("{}", explain::explain(arguments, &runtime)?);
    Ok(())
}

fn health(file: &File) -> Result<(), Problems> {
    let listen = load(file)?.admin.ok_or_else(|| vec!["admin.listen is not set: there is nobody to ask".to_owned()])?;
    let answer = ask(listen).map_err(|error| vec![format!("{listen}: {error}")])?;
    match answer.split(' ').nth(1) {
        Some("200") => Ok(()),
        _ => Err(vec![format!("{listen}: {}", answer.lines().next().unwrap_or("no answer"))]),
    }
}

fn ask(listen: SocketAddr) -> std::io::Result<String> {
    const TIMEOUT: Duration = Duration::from_secs(3);
    let mut address = listen;
    if address.ip().is_unspecified() {
        address.set_ip(if address.is_ipv4() { [127, 0, 0, 1].into() } else { std::net::Ipv6Addr::LOCALHOST.into() });
    }
    let mut connection = TcpStream::connect_timeout(&address, TIMEOUT)?;
    connection.set_read_timeout(Some(TIMEOUT))?;
    connection.write_all(b"GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
    let mut answer = Vec::new();
    connection.take(4096).read_to_end(&mut answer)?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}
