//! A configuration becomes a gateway, and the gateway a server.

use std::collections::BTreeMap;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;

use idx_gateway::admin::{Admin, Doors};
use idx_gateway::config::{Config, Server as ServerSettings};
use idx_gateway::gateway::{Gateway, Parts};
use idx_gateway::headers::{Claim, Managed};
use idx_gateway::idx;
use idx_gateway::limits::Connections;
use idx_gateway::metrics::{IdpStatus, Metrics};
use idx_gateway::oidc::{self, ALGORITHMS, Call, Documents, Failure, Registration};
use idx_gateway::pages::Pages;
use idx_gateway::proxy::{Draining, Edge, EdgeParts, LeaveWhenQuiet, LookUp, Proxy, Signals, Upstreams};
use idx_gateway::session::{Deployment, KeyRing, Sessions};
use idx_gateway::signin::screens::Passkeys;
use idx_gateway::signin::{Settings, SignIn, SignInParts};
use idx_gateway::web::Site;
use pingora::apps::http_app::HttpServer;
use pingora::proxy::http_proxy;
use pingora::server::configuration::{Opt, ServerConf};
use pingora::server::{RunArgs, Server};
use pingora::services::background::background_service;
use pingora::services::listening::Service;
use tracing::{info, warn};

use crate::{Problems, descriptors, log};

/// Whether a gateway can be made of it; nothing is bound, written or called.
pub(crate) fn check(config: Config) -> Result<(), Problems> {
    let problems = Pages::compile(&config.look).err().unwrap_or_default();
    let client = client(config.okta, String::new(), &Arc::new(Metrics::new())).err();
    let problems: Problems = problems.into_iter().chain(client).collect();
    if problems.is_empty() { Ok(()) } else { Err(problems) }
}

/// Runs until a signal ends it. `starting` is called once nothing but us can be what listens there.
pub(crate) fn run(config: Config, starting: impl FnOnce()) -> Result<(), Problems> {
    let Config { server: settings, admin, okta, session, sign_in, mappings, look, ui, routes, upstreams, warnings } =
        config;
    let listen = free(&settings.listen, admin)?;
    starting();
    log::start(settings.log.level, settings.log.json);
    for warning in &warnings {
        warn!("{warning}");
    }

    let metrics = Arc::new(Metrics::new());
    let site =
        Arc::new(Site::new(settings.public_url.clone(), settings.prefix.clone(), settings.callback_path.clone()));
    let origin = site.origin();
    let deployment = Deployment { origin: &origin, issuer: okta.issuer.as_str(), client_id: &okta.client_id };
    let keys = Arc::new(session.key_ring(deployment).map_err(|problem| vec![format!("session.keys: {problem}")])?);
    let pages = Arc::new(Pages::compile(&look)?);
    let sessions = Arc::new(Sessions::new(Arc::clone(&site), Arc::clone(&keys), session.lifetimes));
    let managed = Managed::new(mappings);
    let groups_claim = okta.groups_claim.clone();
    let shown = ui.account_claims.iter().filter(|name| matches!(Claim::named(name), Claim::Other(_))).cloned();
    let claims = managed.claims().into_iter().chain(shown).collect();
    let client = client(okta, site.callback_url(), &metrics).map_err(|problem| vec![problem])?;
    let sign_in = SignIn::new(SignInParts {
        site: Arc::clone(&site),
        keys: Arc::<KeyRing>::clone(&keys),
        sessions: Arc::clone(&sessions),
        pages: Arc::clone(&pages),
        client,
        metrics: Arc::clone(&metrics),
        settings: Settings {
            lifetime: sign_in.lifetime,
            starts_a_minute: sign_in.starts_a_minute,
            groups_claim,
            claims,
            post_logout_redirect_uri: site.url(&format!("{}/signed-out", site.prefix())),
            passkeys: match (sign_in.passkeys, sign_in.passkeys_of_related_origin) {
                (false, _) => Passkeys::Off,
                (true, false) => Passkeys::On(site.host().to_owned()),
                (true, true) => Passkeys::Related,
            },
            calling_code: sign_in.calling_code,
            offers: ui,
        },
    });
    let parts =
        Parts { site: Arc::clone(&site), routes, sessions, sign_in, managed, pages, metrics: Arc::clone(&metrics) };
    let gateway = Arc::new(Gateway::new(parts));
    let upstreams = Upstreams::new(upstreams);
    let draining = Draining::default();
    let proxy = Proxy::new(
        gateway,
        Arc::clone(&upstreams),
        settings.trusted_proxies.clone(),
        draining.clone(),
        settings.log.access,
    );
    info!(public_url = %site.public_url(), "idx-gateway {} for {}", env!("CARGO_PKG_VERSION"), site.public_url());
    serve(&settings, &listen, admin, proxy, upstreams, metrics, draining);
    Ok(())
}

fn serve(
    settings: &ServerSettings,
    listen: &[SocketAddr],
    admin: Option<SocketAddr>,
    proxy: Proxy,
    upstreams: Arc<Upstreams>,
    metrics: Arc<Metrics>,
    draining: Draining,
) {
    let conf = ServerConf {
        threads: settings.threads,
        upstream_keepalive_pool_size: 256,
        grace_period_seconds: Some(settings.grace.as_secs()),
        graceful_shutdown_timeout_seconds: Some(1),
        max_retries: 8,
        ..ServerConf::default()
    };
    let mut server = Server::new_with_opt_and_conf(Opt::default(), conf);
    server.bootstrap();
    let edge = Edge::new(EdgeParts {
        proxy: http_proxy(&server.configuration, proxy),
        connections: Connections::new(
            descriptors::connections(settings.max_connections),
            settings.max_connections_per_address,
        ),
        trusted: settings.trusted_proxies.clone(),
        metrics: Arc::clone(&metrics),
        access_log: settings.log.access,
    });
    let mut public = Service::new("public".to_owned(), edge);
    for address in listen {
        public.add_listener(Edge::listener(&address.to_string()));
    }
    server.add_service(public);
    if let Some(address) = admin {
        let admin = Admin {
            metrics: Arc::clone(&metrics),
            upstreams: Arc::clone(&upstreams),
            draining: draining.clone(),
            doors: Doors::new(listen.to_vec()),
        };
        let mut service = Service::new("admin".to_owned(), HttpServer::new_app(admin));
        service.threads = Some(1);
        service.add_tcp(&address.to_string());
        server.add_service(service);
    }
    server.add_service(background_service("look up upstreams", LookUp(upstreams)));
    server.add_service(background_service("leave when quiet", LeaveWhenQuiet { metrics, leave }));
    let lame_duck = settings.drain;
    server.run(RunArgs { shutdown_signal: Box::new(Signals { draining, lame_duck }) });
}

#[expect(
    clippy::disallowed_methods,
    reason = "everything has ended; the server would sleep on for its whole grace period"
)]
fn leave() {
    log::flush();
    std::process::exit(0);
}

fn client(
    okta: idx_gateway::config::Okta,
    redirect_uri: String,
    metrics: &Arc<Metrics>,
) -> Result<idx::Client, String> {
    let registration = Registration {
        issuer: okta.issuer,
        client_id: okta.client_id,
        authentication: okta.authentication,
        algorithms: ALGORITHMS.to_vec(),
        scopes: okta.scopes,
        redirect_uri,
        authority: okta.authority,
    };
    let metrics = Arc::clone(metrics);
    let observer = Arc::new(move |call: &Call| metrics.idp_call(call.operation, status(call), call.elapsed));
    let oidc = oidc::Client::new(registration, &Documents::default(), observer);
    let oidc = oidc.map_err(|error| format!("okta.ca_file: {error}"))?;
    idx::Client::new(oidc).map_err(|failure| format!("okta.issuer: {failure}"))
}

fn status(call: &Call) -> IdpStatus {
    match &call.outcome {
        Ok(status) => IdpStatus::Http(*status),
        Err(Failure::Unreachable(_)) => IdpStatus::Unreachable,
        Err(Failure::TimedOut) => IdpStatus::Timeout,
        Err(_) => IdpStatus::Unreadable,
    }
}

/// The addresses that can be listened on. pingora would try for half a minute and then run on without.
fn free(listen: &[SocketAddr], admin: Option<SocketAddr>) -> Result<Vec<SocketAddr>, Problems> {
    // A port that is taken is usually so on every address: told once.
    let mut taken: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut bound = Vec::new();
    let mut free = Vec::new();
    for address in listen.iter().copied().chain(admin) {
        match TcpListener::bind(address) {
            Ok(listener) => {
                bound.push(listener);
                free.push(address);
            }
            // A machine without IPv6 has no ::1; the other addresses do.
            Err(error)
                if error.kind() == std::io::ErrorKind::AddrNotAvailable
                    && address.ip() == std::net::Ipv6Addr::LOCALHOST
                    && listen.len() > 1 =>
            {
                eprintln!("{address}: this machine has no such address; going on without it");
            }
            Err(error) => taken.entry(error.to_string()).or_default().push(address.to_string()),
        }
    }
    free.retain(|address| Some(*address) != admin);
    if taken.is_empty() {
        return Ok(free);
    }
    let told =
        |(error, addresses): (String, Vec<String>)| format!("{}: cannot listen there: {error}", addresses.join(", "));
    Err(taken.into_iter().map(told).collect())
}

/// How long the demo waits for the gateway to listen.
#[cfg(feature = "demo")]
pub(crate) const START: std::time::Duration = std::time::Duration::from_secs(10);
