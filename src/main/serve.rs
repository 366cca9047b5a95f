//! Binds the listeners, and runs the server with everything that runs beside it, until a signal ends it.

use std::collections::BTreeMap;
use std::net::{Ipv6Addr, SocketAddr, TcpListener};
use std::sync::Arc;

use idx_gateway::admin::{Admin, ListenerProbe};
use idx_gateway::config::{Config, NewKeys};
use idx_gateway::log;
use idx_gateway::metrics::Metrics;
use idx_gateway::proxy::{
    Address, Backlog, CheckHealth, Current, Draining, Edge, EndSignals, ExitWhenIdle, GRACE_AT_MOST, HandOver,
    Listener, LookUp, MOST_ATTEMPTS, Proxy, PublicApp, Shared, Signals, WatchCertificates, WatchKeys,
};
use idx_gateway::session::Redis;
use idx_gateway::time;
use parking_lot::Mutex;
use pingora::apps::http_app::HttpServer;
use pingora::proxy::http_proxy;
use pingora::server::configuration::{Opt, ServerConf};
use pingora::server::{RunArgs, Server};
use pingora::services::background::background_service;
use pingora::services::listening::Service;
use socket2::Socket;
use tracing::{info, warn};

use crate::reload::{Compared, Hangups};
use crate::{Problems, assemble};

/// Listens for signals that ask to end, before anything else is done.
pub(crate) fn end_signals() -> Result<EndSignals, Problems> {
    EndSignals::listen(leave).map_err(|error| vec![format!("signals cannot be listened to: {error}")])
}

/// Runs the gateway until a signal ends it. `starting` is called once the sockets are bound, so that whatever answers
/// there is the gateway. With `hangups`, each SIGHUP reloads the configuration.
pub(crate) fn run(
    config: Config,
    ends: EndSignals,
    hangups: Option<Hangups>,
    starting: impl FnOnce(),
) -> Result<(), Problems> {
    let (listeners, sockets) = free(&config.server.listen, config.admin)?;
    let backlog = Backlog::keep(sockets).map_err(|error| vec![format!("server.listen: {error}")])?;
    starting();
    log::start(config.server.log.level, config.server.log.format).map_err(|problem| vec![problem])?;
    for warning in &config.warnings {
        warn!("{warning}");
    }
    let (fixed, admin, threads, hash) = (config.fixed(), config.admin, config.server.threads, config.hash.clone());
    let compared = Compared::of(&config);
    let shared = Arc::new(Shared::default());
    let routes = config.routes.len();
    let first = assemble::tested(config, &shared, NewKeys::Write)?;
    first.store.iter().for_each(Redis::start);
    let current = Current::new(first);
    shared.metrics.config_taken(&hash, time::now());
    let addresses: Vec<String> = listeners.iter().map(|listener| listener.address.to_string()).collect();
    info!(routes, "listening on {}, for {}", addresses.join(", "), current.get().gateway.site().public_url());
    if let Some(hangups) = hangups {
        hangups.reload(fixed, compared, Arc::clone(&current), Arc::clone(&shared));
    }
    serve(listeners, backlog, ends, (admin, threads), current, &shared.metrics);
    Ok(())
}

/// Runs the server, until a signal ends it.
fn serve(
    listeners: Vec<Listener>,
    (backlog, hand_over): (Backlog, HandOver),
    ends: EndSignals,
    (admin, threads): (Option<SocketAddr>, usize),
    current: Arc<Current>,
    metrics: &Arc<Metrics>,
) {
    let draining = Draining::default();
    let conf = ServerConf {
        threads,
        upstream_keepalive_pool_size: 256,
        // The gateway ends the period earlier, as the configuration says.
        grace_period_seconds: Some(GRACE_AT_MOST),
        graceful_shutdown_timeout_seconds: Some(1),
        max_retries: MOST_ATTEMPTS,
        ..ServerConf::default()
    };
    let mut server = Server::new_with_opt_and_conf(Opt::default(), conf);
    server.bootstrap();
    let proxy = Proxy::new(Arc::clone(&current), Arc::clone(metrics), draining.clone());
    let proxy = http_proxy(&server.configuration, proxy);
    let edge = Edge::new(listeners.clone(), proxy, Arc::clone(&current), Arc::clone(metrics), draining.clone());
    let mut public = Service::new("public".to_owned(), PublicApp::new(edge, backlog));
    for listener in &listeners {
        public.add_listener(Edge::listener(&listener.address));
    }
    let hand_over = server.add_service(hand_over);
    server.add_service(public).add_dependency(hand_over);
    let keys = WatchKeys { current: Arc::clone(&current), metrics: Arc::clone(metrics) };
    server.add_service(background_service("watch session keys", keys));
    let watch = WatchCertificates { current: Arc::clone(&current), metrics: Arc::clone(metrics) };
    server.add_service(background_service("watch certificates", watch));
    if let Some(address) = admin {
        let admin = Admin {
            metrics: Arc::clone(metrics),
            current: Arc::clone(&current),
            draining: draining.clone(),
            listeners: ListenerProbe::new(listeners.iter().map(|listener| listener.address.clone()).collect()),
        };
        let mut service = Service::new("admin".to_owned(), HttpServer::new_app(admin));
        service.threads = Some(1);
        service.add_tcp(&address.to_string());
        server.add_service(service);
    }
    server.add_service(background_service("look up upstreams", LookUp(Arc::clone(&current))));
    let metrics = Arc::clone(metrics);
    let check_health = CheckHealth { current: Arc::clone(&current), metrics: Arc::clone(&metrics) };
    server.add_service(background_service("check upstreams", check_health));
    let ends = Mutex::new(Some(ends));
    let exit_when_idle = ExitWhenIdle { metrics, current: Arc::clone(&current), leave };
    server.add_service(background_service("exit when idle", exit_when_idle));
    server.run(RunArgs { shutdown_signal: Box::new(Signals { ends, draining, current, leave }) });
}

#[expect(
    clippy::disallowed_methods,
    reason = "nothing has begun, or everything has ended and the server would sleep on for its whole grace period"
)]
fn leave() {
    log::flush();
    std::process::exit(0);
}

/// Listeners, and their sockets by address.
type Bound = (Vec<Listener>, Vec<(Address, Socket)>);

/// Binds the public listeners, and checks the admin address. pingora would retry for half a minute, and then run
/// without.
fn free(listeners: &[Listener], admin: Option<SocketAddr>) -> Result<Bound, Problems> {
    // A port that is taken is usually taken at every address, which is one problem.
    let mut taken: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut public = Vec::new();
    for listener in listeners {
        match listener.address.bind() {
            Ok(socket) => public.push((listener.clone(), (listener.address.clone(), socket))),
            // A machine without IPv6 has no ::1; the other addresses suffice.
            Err(error)
                if error.kind() == std::io::ErrorKind::AddrNotAvailable
                    && listener.address.internet().map(|address| address.ip()) == Some(Ipv6Addr::LOCALHOST.into())
                    && listeners.len() > 1 =>
            {
                eprintln!("{}: this machine has no such address; going on without it", listener.address);
            }
            Err(error) => taken.entry(error.to_string()).or_default().push(listener.address.to_string()),
        }
    }
    if let Some((admin, Err(error))) = admin.map(|admin| (admin, TcpListener::bind(admin))) {
        taken.entry(error.to_string()).or_default().push(admin.to_string());
    }
    if taken.is_empty() {
        return Ok(public.into_iter().unzip());
    }
    let told =
        |(error, addresses): (String, Vec<String>)| format!("{}: cannot listen there: {error}", addresses.join(", "));
    Err(taken.into_iter().map(told).collect())
}
