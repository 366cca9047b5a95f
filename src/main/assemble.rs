//! Makes a gateway of a configuration. Problems are lines for the operator, all of them at once.

use std::collections::{BTreeSet, HashSet};
use std::sync::{Arc, Once};

use idx_gateway::access::{Action, Route, Routes, SessionLimits, Sites, Upstream};
use idx_gateway::config::{
    BearerSettings, Config, NewKeys, ProviderSettings, SessionSettings, SignInSettings, WidgetSource,
};
use idx_gateway::gateway::{Balancer, BearerIssuer, Gateway, Notices, RouteEntry, UpstreamPool};
use idx_gateway::headers::assertion::Assertions;
use idx_gateway::headers::{Claim, HeaderContract};
use idx_gateway::idx;
use idx_gateway::log::AccessLog;
use idx_gateway::metrics::IdpStatus;
use idx_gateway::oidc::{self, ALGORITHMS, Call, CallBudget, Failure, Registration, ResourceServer};
use idx_gateway::pages::Pages;
use idx_gateway::proxy::{Runtime, Shared};
use idx_gateway::session::{KeyRing, Redis, SessionParts, Sessions};
use idx_gateway::signin::doors::{Doors, Widget, WidgetFiles};
use idx_gateway::signin::providers::{ORG, Provider, Providers};
use idx_gateway::signin::screens::Passkeys;
use idx_gateway::signin::{Offers, Revoker, Settings, SignIn};
use idx_gateway::time;
use idx_gateway::web::Site;

use crate::{Problems, descriptors};

/// A runtime whose policies say what the configuration's own tests expect of them; or every problem.
pub(crate) fn tested(config: Config, shared: &Shared, new_keys: NewKeys) -> Result<Runtime, Problems> {
    let (runtime, failed) = judged(config, shared, new_keys)?;
    if failed.is_empty() { Ok(runtime) } else { Err(failed) }
}

/// A runtime, and what is wrong with it: keys that are over, and policies that do not say what the configuration's own tests
/// expect of them.
pub(crate) fn judged(mut config: Config, shared: &Shared, new_keys: NewKeys) -> Result<(Runtime, Problems), Problems> {
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
    let mut problems = Problems::new();
    let pages = Pages::compile(&config.look).map_err(|found| problems.extend(found)).ok();
    let keys = config.session.key_ring(config.session_bindings().deployment(), new_keys);
    let (providers, bearer) = (std::mem::take(&mut config.providers), std::mem::take(&mut config.bearer));
    let widget = config.sign_in.widget.take();
    let keys = keys.map_err(|problem| problems.push(format!("session.keys: {problem}"))).ok();
    let widget = widget.map(read_widget).transpose().map_err(|problem| problems.push(problem)).ok();
    let claims = kept_claims(&config.ui, &config.headers, &config.routes);
    let bearer = bearer_issuers(bearer, &claims, shared).map_err(|problem| problems.push(problem)).ok();
    let signers = signers(providers, site, shared).map_err(|found| problems.extend(found)).ok();
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
pub(crate) fn needed_groups(routes: &[Route]) -> BTreeSet<String> {
    routes.iter().flat_map(|route| route.policy.groups()).map(str::to_owned).collect()
}

/// The claims that sessions keep besides the usual ones: those in identity headers, on the account page, and in
/// policies.
pub(crate) fn kept_claims(offers: &Offers, headers: &HeaderContract, routes: &[Route]) -> Vec<String> {
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
    settings: Vec<ProviderSettings>,
    site: &Site,
    shared: &Shared,
) -> Result<(Option<idx::Client>, Providers), Problems> {
    let (mut problems, mut all, mut org) = (Problems::new(), Vec::new(), None);
    for settings in settings {
        match provider(settings, site, shared) {
            Ok(provider) => all.push(Arc::new(provider)),
            Err(problem) => problems.push(problem),
        }
    }
    if let Some(provider) = all.iter().find(|provider| provider.name == ORG) {
        match idx::Client::new(Arc::clone(&provider.client)) {
            Ok(client) => org = Some(client),
            Err(failure) => problems.push(format!("okta.issuer: {failure}")),
        }
    }
    if problems.is_empty() { Ok((org, Providers::new(all))) } else { Err(problems) }
}

fn provider(settings: ProviderSettings, site: &Site, shared: &Shared) -> Result<Provider, String> {
    let ProviderSettings { key, name, title, icon, domains, claims, parameters, pass, logout, .. } = settings;
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
