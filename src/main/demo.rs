//! `idx-gateway demo`: the sandbox org, the sample app and the gateway between them, in one process.
//!
//! It runs the repository's own `gateway.toml`. The org and the app listen at the addresses that the file has for them;
//! a port that a flag changes is changed in both.

use std::collections::BTreeMap;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream};
use std::path::PathBuf;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use clap::Args;
use idx_gateway::access::Action;
use idx_gateway::config::{self, Config};
use idx_gateway::web::addresses_of;
use okta_sandbox::Sandbox;
use sample_app::SampleApp;

use crate::{Problems, serve, told};

/// The ports of the demo; each has a flag and an environment variable.
#[derive(Args)]
pub(crate) struct Arguments {
    /// The configuration.
    #[arg(long, value_name = "FILE", env = "GATEWAY_CONFIG", default_value_os_t = config::default_file())]
    config: PathBuf,
    /// The gateway's port, on 127.0.0.1 and [::1].
    #[arg(long, env = "GATEWAY_DEMO_PORT")]
    port: Option<u16>,
    /// The port of metrics and health.
    #[arg(long, env = "GATEWAY_DEMO_ADMIN_PORT")]
    admin_port: Option<u16>,
    /// The sandbox org's port.
    #[arg(long, env = "GATEWAY_DEMO_ORG_PORT")]
    org_port: Option<u16>,
    /// The sample app's port.
    #[arg(long, env = "GATEWAY_DEMO_APP_PORT")]
    app_port: Option<u16>,
    /// Sign in by redirect, at the sandbox org as any OpenID provider, instead of on the gateway's own pages.
    #[arg(long)]
    provider: bool,
}

/// The name of the sandbox org as a provider beside `[okta]`.
const PROVIDER: &str = "sandbox";

/// What the accounts besides the first do, on the gateway's own pages.
const ACCOUNTS: &str = "  \
  phone@ email@ totp@ push@ passkey@ question@example.com   ask for more
  enroll@ expired@ locked@ denied@example.com               have something to do, or may not";

/// The same at the sandbox org's own page, which asks for nothing but a password.
const REDIRECT_ACCOUNTS: &str = "  \
  phone@ email@ totp@ push@ passkey@ question@example.com   the same: the org's own page asks for no more
  locked@ denied@example.com                                may not sign in";

/// How long to wait for the gateway to listen.
const START: Duration = Duration::from_secs(10);

impl Arguments {
    /// The changed ports, as overriding settings.
    fn settings(&self) -> BTreeMap<String, String> {
        let mut settings = BTreeMap::new();
        let mut set = |name: &str, value: String| settings.insert(name.to_owned(), value);
        if let Some(port) = self.port {
            set("GATEWAY__SERVER__LISTEN", format!("[\"127.0.0.1:{port}\", \"[::1]:{port}\"]"));
            set("GATEWAY__SERVER__PUBLIC_URL", format!("http://localhost:{port}"));
        }
        if let Some(port) = self.admin_port {
            set("GATEWAY__ADMIN__LISTEN", format!("127.0.0.1:{port}"));
        }
        let issuer = |port| format!("http://127.0.0.1:{port}/oauth2/default");
        if let Some(port) = self.org_port {
            set("GATEWAY__OKTA__ISSUER", issuer(port));
        }
        if self.provider {
            let (id, secret) = (okta_sandbox::CLIENT_ID, okta_sandbox::CLIENT_SECRET);
            let issuer = issuer(self.org_port.unwrap_or(okta_sandbox::Settings::default().listen.port()));
            let of = format!("issuer=\"{issuer}\",client_id=\"{id}\",client_secret=\"{secret}\"");
            set("GATEWAY__PROVIDER", format!("[{{name=\"{PROVIDER}\",title=\"Sandbox org\",{of}}}]"));
            set("GATEWAY__SIGN_IN__PROVIDERS", format!("[\"{PROVIDER}\"]"));
            set("GATEWAY__SIGN_IN__DOOR", "redirect".to_owned());
        }
        settings
    }
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Problems> {
    let ends = serve::end_signals()?;
    let mut config = Config::load(&arguments.config, arguments.settings()).map_err(told)?;
    if let Some(port) = arguments.app_port {
        for route in &mut config.routes {
            if let Action::Forward(upstreams) = &mut route.action {
                upstreams.members.iter_mut().for_each(|(upstream, _)| upstream.port = port);
            }
        }
    }
    let issuer = config.providers.first().map(|provider| provider.issuer.url());
    let issuer =
        issuer.ok_or_else(|| vec!["nobody signs people in: there is neither [okta] nor [[provider]]".to_owned()])?;
    let org = local(issuer.host_str(), issuer.port_or_known_default())
        .ok_or_else(|| vec!["okta.issuer is not on this machine: the demo cannot be that org".to_owned()])?;
    let upstream = config.routes.first().and_then(|route| route.action.upstreams().next());
    let app = upstream.and_then(|upstream| local(Some(&upstream.host), Some(upstream.port)));
    let app = app.ok_or_else(|| {
        vec!["the first route's upstream is not on this machine: the demo cannot be that app".to_owned()]
    })?;
    start(&config, org, app)?;
    let accounts = if arguments.provider { REDIRECT_ACCOUNTS } else { ACCOUNTS };
    let announce = announce(&config, org, app, accounts);
    serve::run(config, ends, None, announce)
}

/// A loopback address; none for any other.
fn local(host: Option<&str>, port: Option<u16>) -> Option<SocketAddr> {
    let address = addresses_of(host?.trim_matches(['[', ']'])).find(IpAddr::is_loopback)?;
    Some(SocketAddr::new(address, port?))
}

/// Starts the org and the app on a thread that lives as long as the process.
fn start(config: &Config, org: SocketAddr, app: SocketAddr) -> Result<(), Problems> {
    let site = config.server.public_url.as_str().trim_end_matches('/').to_owned();
    let settings = okta_sandbox::Settings {
        listen: org,
        redirect_uris: vec![format!("{site}{}", config.server.callback_path)],
        post_logout_redirect_uris: vec![format!("{site}{}/signed-out", config.server.prefix)],
    };
    let (tell, told) = mpsc::channel::<Result<(), Problems>>();
    let servers = move || {
        let runtime = match tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build() {
            Ok(runtime) => runtime,
            Err(error) => return drop(tell.send(Err(vec![error.to_string()]))),
        };
        runtime.block_on(async {
            let (sandbox, sample) = (Sandbox::start(settings).await, SampleApp::start(app).await);
            let problem = |address: SocketAddr, error: &io::Error| format!("{address}: cannot listen there: {error}");
            let org_problem = sandbox.as_ref().err().map(|error| problem(org, error));
            let app_problem = sample.as_ref().err().map(|error| problem(app, error));
            let problems: Problems = org_problem.into_iter().chain(app_problem).collect();
            let started = problems.is_empty();
            let _ = tell.send(if started { Ok(()) } else { Err(problems) });
            if started {
                std::future::pending::<()>().await;
            }
            drop((sandbox, sample));
        });
    };
    std::thread::Builder::new().name("demo".to_owned()).spawn(servers).map_err(|error| vec![error.to_string()])?;
    told.recv().unwrap_or_else(|_| Err(vec!["the demo's servers did not start".to_owned()]))
}

/// Prints what to open as soon as the gateway answers.
fn announce(config: &Config, org: SocketAddr, app: SocketAddr, accounts: &'static str) -> impl FnOnce() + use<> {
    let (site, admin) = (config.server.public_url.to_string(), config.admin);
    let mut gateway = config.server.listen.iter().find_map(|listener| listener.address.internet()).unwrap_or(org);
    if gateway.ip().is_unspecified() {
        gateway.set_ip(if gateway.is_ipv4() { Ipv4Addr::LOCALHOST.into() } else { Ipv6Addr::LOCALHOST.into() });
    }
    let text = move || {
        let until = Instant::now() + START;
        while TcpStream::connect_timeout(&gateway, Duration::from_secs(1)).is_err() {
            if Instant::now() > until {
                return;
            }
            std::thread::park_timeout(Duration::from_millis(50));
        }
        println!("{}", welcome(&site, admin, org, app, accounts));
    };
    // Without the thread nothing is printed, and the demo runs all the same.
    || drop(std::thread::Builder::new().name("announce".to_owned()).spawn(text))
}

fn welcome(site: &str, admin: Option<SocketAddr>, org: SocketAddr, app: SocketAddr, accounts: &str) -> String {
    let metrics = admin.map(|admin| format!("\n  metrics     http://{admin}/metrics")).unwrap_or_default();
    format!(
        "\
The gateway is ready. Open

  {site}reports?x=1     asks you to sign in, then shows what the app is told of you
  {site}public          needs nobody
  {site}admin           is for the group admins

and sign in as one of these, with the password Sandbox-1234:

  password@example.com  a password is enough; in staff and admins
{accounts}

Behind it
  org         http://{org}/sandbox/   accounts, policies and faults
  its mail    http://{org}/sandbox/inbox
  the app     http://{app}/{metrics}

Ctrl-C stops everything."
    )
}
