//! Makes a gateway of a configuration, and a server of the gateway. Problems are lines for the operator, all of them at
//! once.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::net::{Ipv6Addr, SocketAddr, TcpListener};
use std::sync::{Arc, Mutex, Once};
use std::time::Duration;

use idx_gateway::access::{Action, Route, Routes, SessionLimits, Sites, Upstream};
use idx_gateway::admin::{Admin, ListenerProbe};
use idx_gateway::config::{
    BearerSettings, Config, NewKeys, Problem, ProviderSettings, Refused, SessionSettings, SignInSettings, WidgetSource,
};
use idx_gateway::gateway::{Balancer, BearerIssuer, Gateway, Notices, RouteEntry, UpstreamPool};
use idx_gateway::headers::assertion::Assertions;
use idx_gateway::headers::{Claim, HeaderContract};
use idx_gateway::idx;
use idx_gateway::log::{self, AccessLog};
use idx_gateway::metrics::{IdpStatus, Metrics};
use idx_gateway::oidc::{self, ALGORITHMS, Call, CallBudget, Failure, Registration, ResourceServer};
use idx_gateway::pages::Pages;
use idx_gateway::proxy::{
    Address, Backlog, CheckHealth, Current, Draining, Edge, EndSignals, ExitWhenIdle, GRACE_AT_MOST, HandOver,
    Listener, LookUp, MOST_ATTEMPTS, Proxy, PublicApp, Runtime, Shared, Signals, WatchCertificates, WatchKeys,
};
use idx_gateway::session::{CookieEstimate, Deployment, KeyRing, Redis, RedisSettings, SessionParts, Sessions};
use idx_gateway::signin::doors::{Doors, Widget, WidgetFiles};
use idx_gateway::signin::providers::{Provider, Providers};
use idx_gateway::signin::screens::Passkeys;
use idx_gateway::signin::{Offers, Revoker, Settings, SignIn};
use idx_gateway::time;
use idx_gateway::web::Site;
use pingora::apps::http_app::HttpServer;
use pingora::proxy::http_proxy;
use pingora::server::configuration::{Opt, ServerConf};
use pingora::server::{RunArgs, Server};
use pingora::services::background::background_service;
use pingora::services::listening::Service;
use socket2::Socket;
use tracing::{info, warn};

use crate::reload::Hangups;
use crate::{Problems, descriptors};

/// How long before the end of the session key that seals `check` begins to warn.
const KEY_ENDS_SOON: Duration = Duration::from_secs(30 * 86_400);

/// What `idx-gateway check` says of a configuration that could be read.
pub(crate) struct Checked {
    /// What is allowed and unwise: session keys that end, a store that evicts.
    pub(crate) warnings: Vec<String>,
    /// How large the cookies of a session will be; or every problem.
    pub(crate) cookie: Result<CookieEstimate, Problems>,
}

/// Checks whether a runtime can be made. Nothing is bound or written, and only a session store is called, about evictions.
pub(crate) fn check(config: Config) -> Checked {
    let claims = kept_claims(&config.ui, &config.headers, &config.routes);
    let groups = needed_groups(&config.routes);
    let (scope, store) = (refreshed_scope(&config), config.session.redis.clone());
    let eviction = store.and_then(|settings| eviction_warning(&settings));
    let (runtime, failed) = match judged(config, &Shared::default(), NewKeys::Discard) {
        Ok(judged) => judged,
        Err(problems) => return Checked { warnings: eviction.into_iter().collect(), cookie: Err(problems) },
    };
    let warnings = key_warnings(&runtime.gateway.keys, time::now()).into_iter().chain(eviction).collect();
    let cookie = match failed.is_empty() {
        true => Ok(runtime.gateway.sessions.estimate(&claims, &groups, scope.as_deref())),
        false => Err(failed),
    };
    Checked { warnings, cookie }
}

/// Every problem and every warning of a configuration that was refused, including those that show only when the rest of it
/// is put together.
pub(crate) fn told(refused: Refused) -> (Problems, Problems) {
    let lines = |found: &[Problem]| found.iter().map(ToString::to_string).collect::<Problems>();
    let (mut problems, mut warnings) = (lines(&refused.problems), lines(&refused.warnings));
    if let Some(checked) = refused.rest.map(|rest| check(*rest)) {
        problems.extend(checked.cookie.err().unwrap_or_default());
        warnings.extend(checked.warnings);
    }
    (problems, warnings)
}

/// A warning when the store evicts sessions; none where it does not, or does not say.
fn eviction_warning(settings: &RedisSettings) -> Option<String> {
    let waits = tokio::runtime::Builder::new_current_thread().enable_all().build().ok()?;
    let policy = waits.block_on(settings.eviction())?;
    Some(format!(
        "session.redis: maxmemory-policy is {policy}: sessions, and marks of what may count only once, are thrown away \
         when the server's memory is full; noeviction keeps them"
    ))
}

/// The longest scope that is requested from a provider whose sessions are refreshed.
fn refreshed_scope(config: &Config) -> Option<String> {
    let providers = config.okta.iter().chain(&config.providers);
    let refreshed = providers.filter(|provider| provider.scopes.iter().any(|scope| scope == "offline_access"));
    refreshed.map(|provider| provider.scopes.join(" ")).max_by_key(String::len)
}

/// Warnings about session keys at `now`.
fn key_warnings(keys: &KeyRing, now: time::Instant) -> Vec<String> {
    let sealing = keys.retire(now).id();
    let ends = keys.all().filter_map(|key| Some((key.id(), key.not_after()?)));
    ends.filter_map(|(id, end)| match end.since(now) {
        left if left.is_zero() => Some(format!("session.keys: key {id} is past its not_after: it can go")),
        left if id == sealing && left < KEY_ENDS_SOON => {
            let days = left.as_secs() / 86_400;
            Some(format!(
                "session.keys: key {id}, which seals, is past its not_after in {days} days: put a new one first"
            ))
        }
        _ => None,
    })
    .collect()
}

/// A runtime whose policies say what the configuration's own tests expect of them; or every problem.
pub(crate) fn tested(config: Config, shared: &Shared, new_keys: NewKeys) -> Result<Runtime, Problems> {
    let (runtime, failed) = judged(config, shared, new_keys)?;
    if failed.is_empty() { Ok(runtime) } else { Err(failed) }
}

/// A runtime, and what is wrong with it: keys that are over, and policies that do not say what the configuration's own tests
/// expect of them.
fn judged(mut config: Config, shared: &Shared, new_keys: NewKeys) -> Result<(Runtime, Problems), Problems> {
    let (tests, places) = (std::mem::take(&mut config.policy_tests), Arc::clone(&config.places));
    let runtime = runtime(config, shared, new_keys)?;
    let now = time::now();
    let is_over = runtime.gateway.keys.retire(now).is_over();
    let over = is_over.then(|| "session.keys: every key is past its not_after: nothing would open".to_owned());
    let failed = tests.iter().filter_map(|test| runtime.gateway.check_policy(test, now).err());
    let failed = over.into_iter().chain(failed).map(|problem| places.before(problem)).collect();
    Ok((runtime, failed))
}

/// A runtime that is not put to use; nothing is bound, written or called.
pub(crate) fn unused(config: Config) -> Result<Runtime, Problems> {
    runtime(config, &Shared::default(), NewKeys::Discard)
}

/// The runtime of a configuration; or every problem.
fn runtime(mut config: Config, shared: &Shared, new_keys: NewKeys) -> Result<Runtime, Problems> {
    let server = &config.server;
    let site = Site::new(server.public_url.clone(), server.prefix.clone(), server.callback_path.clone());
    let site = Arc::new(site);
    let prepared = prepare(&mut config, &site, shared, new_keys)
        .map_err(|found| found.into_iter().map(|problem| config.places.before(problem)).collect::<Problems>())?;
    let Config { server, tls, session, sign_in: settings, headers, forward_auth, ui, routes, .. } = config;
    let sites = Arc::new(Sites::new(Site::clone(&site), routes.iter().map(|route| &route.host)));
    let store = session.redis.clone().map(|settings| shared.stores.of(settings, &shared.revocations, &shared.metrics));
    let sessions = sessions(&session, store.clone(), &prepared, &site, &routes, shared);
    let (pages, keys, bearer) = (Arc::clone(&prepared.pages), Arc::clone(&prepared.keys), prepared.bearer.clone());
    let assertions = Assertions::new(site.origin().into(), keys.derive("assertion"));
    let notices = Notices::new(Arc::clone(&site), pages, ui.request_access_url.clone());
    let doors = settings.doors.clone();
    let settings = sign_in_settings(settings, &session, ui, &headers, &routes, &site);
    let sign_in = sign_in(prepared, (&sites, &site), &sessions, doors, settings, shared);
    let (routes, pools) = with_pools(routes, &bearer, shared);
    let gateway = Gateway {
        sites,
        routes,
        sessions,
        sign_in,
        headers,
        assertions,
        forward_auth,
        notices,
        own: shared.metrics.route("gateway"),
        none: shared.metrics.route("none"),
        metrics: Arc::clone(&shared.metrics),
        keys,
    };
    let hsts = tls.hsts(gateway.site().secure());
    Ok(Runtime {
        gateway,
        pools,
        connections: descriptors::connections(server.max_connections, server.max_connections_per_address),
        trusted_proxies: server.trusted_proxies,
        access_log: server.log.access.then_some(AccessLog::new(server.log.format)),
        hsts,
        store,
        tls: tls.tls,
        certificate_headers: tls.certificate_headers,
        redirects_http: tls.redirects_http,
        h2c: server.h2c,
        drain: server.drain,
        grace: server.grace,
    })
}

/// What may still turn out to be wrong while it is made.
struct Prepared {
    pages: Arc<Pages>,
    keys: Arc<KeyRing>,
    widget: Option<Widget>,
    bearer: Vec<Arc<BearerIssuer>>,
    org: Option<idx::Client>,
    providers: Providers,
}

/// Makes what may fail. The providers, issuers and widget are taken out of the configuration.
fn prepare(config: &mut Config, site: &Site, shared: &Shared, new_keys: NewKeys) -> Result<Prepared, Problems> {
    let (okta, providers) = (config.okta.take(), std::mem::take(&mut config.providers));
    let (widget, bearer) = (config.sign_in.widget.take(), std::mem::take(&mut config.bearer));
    let mut problems = Problems::new();
    let pages = Pages::compile(&config.look).map_err(|found| problems.extend(found)).ok();
    let first = okta.iter().chain(&providers).next();
    let deployment = Deployment {
        origin: site.origin(),
        issuer: first.map_or("", |provider| provider.issuer.as_str()),
        client_id: first.map_or("", |provider| &provider.client_id),
    };
    let keys = config.session.key_ring(deployment, new_keys);
    let keys = keys.map_err(|problem| problems.push(format!("session.keys: {problem}"))).ok();
    let widget = widget.map(read_widget).transpose().map_err(|problem| problems.push(problem)).ok();
    let claims = kept_claims(&config.ui, &config.headers, &config.routes);
    let bearer = bearer_issuers(bearer, &claims, shared).map_err(|problem| problems.push(problem)).ok();
    let signers = signers(okta, providers, site, shared).map_err(|found| problems.extend(found)).ok();
    let (Some(pages), Some((org, providers)), Some(keys), Some(widget), Some(bearer)) =
        (pages, signers, keys, widget, bearer)
    else {
        return Err(problems);
    };
    Ok(Prepared { pages: Arc::new(pages), keys: Arc::new(keys), widget, bearer, org, providers })
}

fn sessions(
    settings: &SessionSettings,
    redis: Option<Arc<Redis>>,
    prepared: &Prepared,
    site: &Arc<Site>,
    routes: &[Route],
    shared: &Shared,
) -> Arc<Sessions> {
    let limits = routes.iter().flat_map(|route| route.policy.session_limits());
    Arc::new(Sessions::new(SessionParts {
        site: Arc::clone(site),
        keys: Arc::clone(&prepared.keys),
        lifetimes: settings.lifetimes,
        is_persistent: settings.persistent,
        shortest_idle: limits.filter_map(SessionLimits::max_idle).min(),
        needed: needed_groups(routes),
        providers: prepared.providers.names(),
        revocations: Arc::clone(&shared.revocations),
        refreshes: Arc::clone(&shared.refreshes),
        redis,
        lists_addresses: settings.strict_404,
    }))
}

fn sign_in(
    prepared: Prepared,
    (sites, site): (&Arc<Sites>, &Arc<Site>),
    sessions: &Arc<Sessions>,
    doors: Doors,
    settings: Settings,
    shared: &Shared,
) -> SignIn {
    let revoker = Arc::new(Revoker::new(&prepared.providers, &shared.metrics));
    SignIn {
        sites: Arc::clone(sites),
        site: Arc::clone(site),
        keys: prepared.keys,
        sessions: Arc::clone(sessions),
        pages: prepared.pages,
        org: prepared.org,
        providers: prepared.providers,
        doors,
        widget: prepared.widget,
        metrics: Arc::clone(&shared.metrics),
        flows: Arc::clone(&shared.flows),
        limits: Arc::clone(&shared.limits),
        tickets: Arc::clone(&shared.tickets),
        settings,
        passkeys_refused: Once::new(),
        revoker,
    }
}

/// The issuers of access tokens, of which these claims are asked for; no call is made yet.
fn bearer_issuers(
    settings: Vec<BearerSettings>,
    claims: &[String],
    shared: &Shared,
) -> Result<Vec<Arc<BearerIssuer>>, String> {
    let paths: Vec<String> = claims.iter().filter(|name| name.contains('.')).cloned().collect();
    let issuer = |settings: BearerSettings| {
        let (metrics, label) = (Arc::clone(&shared.metrics), settings.name.clone());
        let observer =
            Arc::new(move |call: &Call| metrics.idp_call(&label, call.operation, status(call), call.elapsed));
        let server = ResourceServer::new(settings.rules, &shared.documents, observer);
        let server = server.map_err(|error| format!("bearer_issuer.ca_file: {error}"))?;
        Ok(Arc::new(BearerIssuer::new(settings.name, settings.groups_claim, paths.clone(), server)))
    };
    settings.into_iter().map(issuer).collect()
}

/// The routes with the pools and counters of each; and every pool once.
fn with_pools(
    routes: Vec<Route>,
    issuers: &[Arc<BearerIssuer>],
    shared: &Shared,
) -> (Routes<RouteEntry>, Vec<Arc<UpstreamPool>>) {
    let (mut pools, mut known) = (Vec::new(), HashSet::new());
    let mut pool = |upstream: &Upstream| {
        let pool = shared.pools.of(upstream);
        if known.insert(pool.id()) {
            pools.push(Arc::clone(&pool));
        }
        pool
    };
    let entries: Vec<RouteEntry> = routes
        .into_iter()
        .map(|route| {
            let balancer = match &route.action {
                Action::Forward(upstreams) => {
                    let members = upstreams.members.iter().map(|(upstream, weight)| (pool(upstream), *weight));
                    Balancer::new(members.collect(), upstreams.balance).map(Arc::new)
                }
                Action::Redirect(_) | Action::Respond(_) | Action::ForwardAuth => None,
            };
            let mut entry = RouteEntry::new(route, balancer, shared.metrics.as_ref());
            let is_named = |issuer: &&Arc<BearerIssuer>| entry.route.bearer.iter().any(|name| name == issuer.name());
            entry.bearer = issuers.iter().filter(is_named).cloned().collect();
            entry
        })
        .collect();
    (Routes::new(entries), pools)
}

/// The groups that policies name.
fn needed_groups(routes: &[Route]) -> BTreeSet<String> {
    routes.iter().flat_map(|route| route.policy.groups()).map(str::to_owned).collect()
}

/// The claims that sessions keep besides the usual ones: those in identity headers, on the account page, and in
/// policies.
fn kept_claims(offers: &Offers, headers: &HeaderContract, routes: &[Route]) -> Vec<String> {
    let maps = [&headers.identity].into_iter().chain(routes.iter().filter_map(|route| route.identity.as_ref()));
    let mut told: Vec<String> = maps.flat_map(|map| map.claims()).collect();
    told.sort();
    told.dedup();
    let decides = routes.iter().flat_map(|route| route.policy.claims()).map(str::to_owned);
    let decides = decides.filter(|name| matches!(Claim::named(name), Claim::Other(_)));
    let shown = offers.account_claims.iter().filter(|name| matches!(Claim::named(name), Claim::Other(_))).cloned();
    told.into_iter().chain(shown).chain(decides).collect()
}

fn sign_in_settings(
    sign_in: SignInSettings,
    session: &SessionSettings,
    offers: Offers,
    headers: &HeaderContract,
    routes: &[Route],
    site: &Site,
) -> Settings {
    Settings {
        lifetime: sign_in.lifetime,
        refresh_life: session.refresh,
        strict_404: session.strict_404,
        allowance: sign_in.allowance,
        claims: kept_claims(&offers, headers, routes),
        post_logout_redirect_uri: site.url(&format!("{}/signed-out", site.prefix())),
        passkeys: match (sign_in.passkeys, sign_in.passkeys_of_related_origin) {
            (false, _) => Passkeys::Off,
            (true, false) => Passkeys::On(site.host().to_owned()),
            (true, true) => Passkeys::Related,
        },
        calling_code: sign_in.calling_code,
        offers,
    }
}

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
    let admission = config.admission.clone();
    let shared = Arc::new(Shared::default());
    let routes = config.routes.len();
    let first = tested(config, &shared, NewKeys::Write)?;
    first.store.iter().for_each(Redis::start);
    let current = Current::new(first);
    shared.metrics.config_taken(&hash, time::now());
    let addresses: Vec<String> = listeners.iter().map(|listener| listener.address.to_string()).collect();
    info!(routes, "listening on {}, for {}", addresses.join(", "), current.get().gateway.site().public_url());
    if let Some(hangups) = hangups {
        hangups.reload(fixed, admission, Arc::clone(&current), Arc::clone(&shared));
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

fn read_widget(source: WidgetSource) -> Result<Widget, String> {
    Ok(match source {
        WidgetSource::Files(folder) => {
            Widget::Files(WidgetFiles::read(&folder).map_err(|problem| format!("sign_in.widget.files: {problem}"))?)
        }
        WidgetSource::At(address) => Widget::At(address),
    })
}

/// The providers, the org first, and the client of the org's own protocol.
fn signers(
    okta: Option<ProviderSettings>,
    providers: Vec<ProviderSettings>,
    site: &Site,
    shared: &Shared,
) -> Result<(Option<idx::Client>, Providers), Problems> {
    let mut problems = Problems::new();
    let mut all = Vec::new();
    let org = okta.and_then(|okta| {
        let provider =
            provider(okta, "okta".to_owned(), site, shared).map_err(|problem| problems.push(problem)).ok()?;
        let org = idx::Client::new(Arc::clone(&provider.client));
        all.push(Arc::new(provider));
        org.map_err(|failure| problems.push(format!("okta.issuer: {failure}"))).ok()
    });
    for (at, settings) in providers.into_iter().enumerate() {
        match provider(settings, format!("provider[{at}]"), site, shared) {
            Ok(provider) => all.push(Arc::new(provider)),
            Err(problem) => problems.push(problem),
        }
    }
    if problems.is_empty() { Ok((org, Providers::new(all))) } else { Err(problems) }
}

/// One provider; `key` names its settings in messages.
fn provider(settings: ProviderSettings, key: String, site: &Site, shared: &Shared) -> Result<Provider, String> {
    let ProviderSettings { name, title, icon, domains, claims, parameters, pass, logout, .. } = settings;
    let registration = Registration {
        issuer: settings.issuer,
        client_id: settings.client_id,
        authentication: settings.authentication,
        algorithms: ALGORITHMS.to_vec(),
        scopes: settings.scopes,
        asks_userinfo: settings.asks_userinfo,
        redirect_uri: site.callback_url(),
        logout,
        authority: settings.authority,
        // May use half of the budget: what begins a sign-in of the embedded flow (one by redirect calls the provider
        // only when somebody comes back), and what can wait. A session that is not refreshed now goes on, and a token
        // is revoked after its session has ended.
        budget: CallBudget::new(settings.calls_a_second, &["interact", "refresh", "revoke"]),
    };
    let (metrics, label) = (Arc::clone(&shared.metrics), name.clone());
    let observer = Arc::new(move |call: &Call| metrics.idp_call(&label, call.operation, status(call), call.elapsed));
    let client = oidc::Client::new(registration, &shared.documents, observer);
    let client = Arc::new(client.map_err(|error| format!("{key}.ca_file: {error}"))?);
    Ok(Provider { name, title, icon, domains, client, claims, parameters, pass })
}

fn status(call: &Call) -> IdpStatus {
    match &call.outcome {
        Ok(status) => IdpStatus::Http(*status),
        Err(Failure::Unreachable(_)) => IdpStatus::Unreachable,
        Err(Failure::TimedOut) => IdpStatus::Timeout,
        Err(Failure::OverBudget(_)) => IdpStatus::OverBudget,
        Err(_) => IdpStatus::Unreadable,
    }
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

/// How long the demo waits for the gateway to listen.
#[cfg(feature = "demo")]
pub(crate) const START: std::time::Duration = std::time::Duration::from_secs(10);
