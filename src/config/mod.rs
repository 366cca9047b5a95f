//! `gateway.toml` and the environment → [`Config`], with nothing left to check.
//!
//! ```text
//! gateway.toml ─┐ figment                 reader, section by section
//! GATEWAY__… ───┴─────────► one value ───────────────────────────► Config
//!                                     └─► every Problem: place, key, what is wrong
//! ```
//!
//! A variable `GATEWAY__SERVER__LISTEN` replaces the setting `server.listen`; a list is replaced as a
//! whole. Unknown settings are problems. Only `main` sees a [`Config`]; it hands out what it is made of.

mod admission;
mod bearer;
mod branding;
mod headers;
mod place;
mod policy;
mod providers;
mod reader;
mod redis;
mod routes;
mod secrets;
mod tls;
mod unwise;
mod upstreams;

use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use figment::Figment;
use figment::providers::{Format as _, Toml};
use ipnet::IpNet;
use serde_json::Value;
use url::Url;

use crate::access::Route;
use crate::gateway::{ALIASES, ForwardAuth, PolicyTest};
use crate::headers::{CertificateHeaders, HeaderContract, NamePattern};
use crate::limits::Allowance;
use crate::log::Format;
use crate::oidc::discovery::is_loopback;
use crate::pages::Look;
use crate::proxy::Listener;
use crate::session::{Deployment, KeyRing, Lifetimes, RedisSettings};
use crate::signin::Offers;
use crate::signin::doors::Doors;
use crate::web::{TrustedProxies, parse_network};

pub use admission::Admission;
pub use bearer::BearerSettings;
pub use place::Places;
pub use providers::{ProviderSettings, WidgetSource};
pub use reader::Problem;
pub use secrets::{KeySource, NewKeys};
pub use tls::TlsConfig;

use headers::HeaderSettings;
use reader::{Reader, Section};

/// What environment variables that replace settings begin with.
const PREFIX: &str = "GATEWAY__";

/// The whole configuration, checked.
pub struct Config {
    /// `[server]`
    pub server: Server,
    /// `[tls]`
    pub tls: TlsConfig,
    /// `[admin] listen`, if there is an admin listener.
    pub admin: Option<SocketAddr>,
    /// `[okta]`, where there is an org.
    pub okta: Option<ProviderSettings>,
    /// `[[provider]]`, in the order of the file.
    pub providers: Vec<ProviderSettings>,
    /// `[session]`
    pub session: SessionSettings,
    /// `[sign_in]`
    pub sign_in: SignInSettings,
    /// `[headers]`: what passes, and what upstreams are told of people.
    pub headers: HeaderContract,
    /// `[[bearer_issuer]]`
    pub bearer: Vec<BearerSettings>,
    /// `[forward_auth]`
    pub forward_auth: ForwardAuth,
    /// `[branding]` and `[ui]`, as far as they are how pages look.
    pub look: Look,
    /// `[ui]`, as far as it is what pages offer.
    pub ui: Offers,
    /// `[[route]]`, in the order of the file.
    pub routes: Vec<Route>,
    /// `[[policy_test]]`, in the order of the file.
    pub policy_tests: Vec<PolicyTest>,
    /// `[server] allow_widening`: the routes, and the keys of settings, that a reload may open to more people; `*` for all.
    pub allow_widening: Vec<String>,
    /// What decides who gets in and belongs to no route.
    pub admission: Admission,
    /// What is allowed and unwise.
    pub warnings: Vec<Problem>,
    /// Twelve hex digits that differ when the settings do: of their SHA-256. Secrets are left out of it, since one that
    /// a person made up could be found by trying.
    pub hash: String,
    /// Where each setting stands.
    pub places: Arc<Places>,
}

/// What a running process cannot change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fixed {
    listen: Vec<Listener>,
    admin: Option<SocketAddr>,
    threads: usize,
    log_format: Format,
}

/// `[server]`
#[derive(Debug)]
pub struct Server {
    /// Where it listens.
    pub listen: Vec<Listener>,
    /// Whether HTTP/2 is spoken without TLS.
    pub h2c: bool,
    /// Where the public reaches it: an origin.
    pub public_url: Url,
    /// What our own paths begin with.
    pub prefix: String,
    /// Where the org sends people back to.
    pub callback_path: String,
    /// Whose `X-Forwarded-For` and PROXY protocol are believed.
    pub trusted_proxies: TrustedProxies,
    /// How many connections may be open.
    pub max_connections: usize,
    /// How many of one address may be.
    pub max_connections_per_address: usize,
    /// Threads that answer requests.
    pub threads: usize,
    /// How long clients are asked to use other connections before the listeners close.
    pub drain: Duration,
    /// How long requests under way may take after that.
    pub grace: Duration,
    /// What is logged.
    pub log: Log,
}

/// `[server] log, log_format, access_log`
#[derive(Clone, Copy, Debug)]
pub struct Log {
    /// From which level on.
    pub level: tracing::Level,
    /// How lines look.
    pub format: Format,
    /// Whether each request has a line.
    pub access: bool,
}

/// `[session]`
#[derive(Debug)]
pub struct SessionSettings {
    /// The newest first; at least one.
    keys: Vec<KeySource>,
    /// How long sessions last.
    pub lifetimes: Lifetimes,
    /// How long a provider's claims count before a session is refreshed; none where the provider says it.
    pub refresh: Option<Duration>,
    /// Whether browsers keep the cookies of people who asked for it when they are closed.
    pub persistent: bool,
    /// Whether an order to revoke that is about nobody with a session is answered with 404.
    pub strict_404: bool,
    /// How the session store is reached; none where browsers keep their sessions.
    pub redis: Option<RedisSettings>,
}

impl SessionSettings {
    /// The keys; one that is to be made is made now.
    pub fn key_ring(&self, deployment: Deployment<'_>, new_keys: NewKeys) -> Result<KeyRing, String> {
        let mut keys = Vec::with_capacity(self.keys.len());
        for source in &self.keys {
            keys.push(source.key(new_keys)?);
        }
        let newest = if keys.is_empty() { return Err("no session key".to_owned()) } else { keys.remove(0) };
        Ok(KeyRing::new(deployment, newest, keys))
    }
}

/// `[sign_in]`
#[derive(Debug)]
pub struct SignInSettings {
    /// How long a sign-in may take.
    pub lifetime: Duration,
    /// How much visitors may do.
    pub allowance: Allowance,
    /// Whether passkeys are offered.
    pub passkeys: bool,
    /// Whether their RP ID may be of another domain.
    pub passkeys_of_related_origin: bool,
    /// What a telephone number without country gets.
    pub calling_code: Option<String>,
    /// How a code is come by, and where.
    pub doors: Doors,
    /// Where Okta's widget is, where there is one.
    pub widget: Option<WidgetSource>,
}

impl Config {
    /// Reads the file and the process's environment, and `more` as if it stood there too.
    ///
    /// # Errors
    /// Every problem that was found.
    pub fn load(file: &Path, more: BTreeMap<String, String>) -> Result<Self, Refused> {
        Self::read(file, more, None)
    }

    /// Reads the file and the process's environment again. What is `fixed` must not have changed.
    ///
    /// # Errors
    /// Every problem that was found.
    pub fn reload(file: &Path, fixed: &Fixed) -> Result<Self, Refused> {
        Self::read(file, BTreeMap::new(), Some(fixed))
    }

    /// What a running process cannot change of it.
    pub fn fixed(&self) -> Fixed {
        let Server { listen, threads, log, .. } = &self.server;
        Fixed { listen: listen.clone(), admin: self.admin, threads: *threads, log_format: log.format }
    }

    fn read(file: &Path, more: BTreeMap<String, String>, fixed: Option<&Fixed>) -> Result<Self, Refused> {
        let text = std::fs::read_to_string(file)
            .map_err(|error| Refused::unread(file.display().to_string(), format!("cannot be read: {error}")))?;
        let variables =
            std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
        Self::parse(&text, file, variables.chain(more).collect(), fixed)
    }

    /// Reads `text`, which stands in `file`, and what `environment` replaces of it. Every problem at once.
    fn parse(
        text: &str,
        file: &Path,
        environment: BTreeMap<String, String>,
        fixed: Option<&Fixed>,
    ) -> Result<Self, Refused> {
        let reader = reader(text, file, environment)?;
        let read = read(&reader);
        if let (Some(fixed), Some(config)) = (fixed, &read) {
            fixed.compare(&config.fixed(), &reader);
        }
        let warnings = reader.warnings();
        let problems = reader.finish();
        match read {
            Some(config) if problems.is_empty() => Ok(config),
            rest => Err(Refused { problems, warnings, rest: rest.map(Box::new) }.with_tests_that_count()),
        }
    }
}

/// A configuration that cannot be taken, and all that was found out about it.
pub struct Refused {
    /// What is wrong; at least one.
    pub problems: Vec<Problem>,
    /// What is allowed and unwise besides, as far as it could be read.
    pub warnings: Vec<Problem>,
    /// What it says apart from what is wrong, where there is a value for everything: to find out more about it, never to be
    /// used.
    pub rest: Option<Box<Config>>,
}

// What it says may hold secrets.
impl fmt::Debug for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(&self.problems).entries(&self.warnings).finish()
    }
}

impl Refused {
    /// A file that cannot be read at all.
    fn unread(place: String, text: String) -> Self {
        let problems = vec![Problem { place, key: String::new(), text }];
        Self { problems, warnings: Vec::new(), rest: None }
    }

    /// Where routes could not be read as they stand, what policies say would not be what they are meant to.
    fn with_tests_that_count(mut self) -> Self {
        if let Some(rest) = &mut self.rest
            && self.problems.iter().any(|problem| problem.key.starts_with("route"))
        {
            rest.policy_tests.clear();
        }
        self
    }
}

impl Fixed {
    /// Notes what differs in `new`.
    fn compare(&self, new: &Self, reader: &Reader) {
        let Self { listen, admin, threads, log_format } = self;
        for (key, differs) in [
            ("server.listen", *listen != new.listen),
            ("admin.listen", *admin != new.admin),
            ("server.threads", *threads != new.threads),
            ("server.log_format", *log_format != new.log_format),
        ] {
            if differs {
                reader.problem(key, "has changed, which needs a restart");
            }
        }
    }
}

/// What `text`, which stands in `file`, says with what `environment` replaces of it.
fn reader(text: &str, file: &Path, environment: BTreeMap<String, String>) -> Result<Reader, Refused> {
    let name = file.display().to_string();
    let document = toml_edit::Document::parse(text.to_owned()).map_err(|error| {
        let line = error.span().map(|span| format!(":{}", place::line(text, span.start)));
        Refused::unread(format!("{name}{}", line.unwrap_or_default()), error.message().to_owned())
    })?;
    let mut figment = Figment::from(Toml::string(text));
    for (variable, value) in environment.iter().filter(|(variable, _)| variable.starts_with(PREFIX)) {
        let key = variable[PREFIX.len()..].to_lowercase().replace("__", ".");
        let Ok(value) = value.parse::<figment::value::Value>();
        figment = figment.merge((key, value));
    }
    let values: Value = figment.extract().map_err(|error| Refused::unread(name.clone(), error.to_string()))?;
    let folder = file.parent().unwrap_or(Path::new(""));
    Ok(Reader::new(values, Places::new(&name, document, &environment), folder, environment))
}

/// Every section is read before anything is given up, so that every problem is found.
fn read(reader: &Reader) -> Option<Config> {
    let server_section = reader.section("server");
    let server = server(&server_section);
    let tls_section = reader.section("tls");
    let tls = tls::tls(&tls_section, server.as_ref());
    let admin_section = reader.section("admin");
    let admin = admin_section.text("listen").and_then(|text| admin_section.parsed("listen", &text, address));
    if let (Some(server), Some(admin)) = (&server, admin) {
        unwise::admin(&admin_section, admin, server);
    }
    if let Some(server) = &server {
        unwise::trusted_proxies(&server_section, server);
        unwise::listeners(&server_section, server);
    }
    let (okta, providers) = providers::read(reader);
    let session = session(&reader.section("session"));
    let known_providers = providers::Known::of(okta.as_ref(), &providers);
    let sign_in = sign_in(&reader.section("sign_in"), &known_providers);
    let certificates = tls.as_ref().map_or(CertificateHeaders::None, |tls| tls.certificate_headers);
    let headers = HeaderSettings::read(&reader.section("headers"), certificates);
    let bearer = bearer::read(reader);
    let forward_auth = forward_auth(&reader.section("forward_auth"));
    let ui_section = reader.section("ui");
    let ui = branding::offers(&ui_section);
    let look = branding::look(&reader.section("branding"), &ui_section);
    let sections = reader.sections("route");
    if sections.is_empty() {
        reader.problem("route", "there is no [[route]]: nothing would be forwarded");
    }
    let (routes, headers) = routes::read(&sections, server.as_ref(), admin, &headers);
    routes::name_known_issuers(&sections, &bearer);
    if let (Some(server), Some(tls)) = (&server, tls.as_ref().and_then(|tls| tls.tls.as_deref())) {
        tls::warn_of_hosts(&tls_section, tls, server, &routes);
    }
    let policy_tests = policy::tests(&reader.sections("policy_test"), known_providers.first());
    Some(Config {
        policy_tests,
        allow_widening: server_section.texts("allow_widening").unwrap_or_default(),
        admission: Admission::read(reader),
        server: server?,
        tls: tls?,
        admin,
        okta: okta?,
        providers: providers?,
        session: session?,
        sign_in,
        headers,
        bearer,
        forward_auth,
        look,
        ui,
        routes,
        warnings: reader.warnings(),
        hash: reader.hash(),
        places: reader.places(),
    })
}

fn server(section: &Section<'_>) -> Option<Server> {
    let listen = section.texts("listen").unwrap_or_else(|| vec!["127.0.0.1:8080".to_owned()]);
    if listen.is_empty() {
        section.problem("listen", "is empty: where should it listen?");
    }
    let listen: Option<Vec<Listener>> = listen.iter().map(|text| section.parsed("listen", text, str::parse)).collect();
    let plain_allowed = section.flag("allow_plain_http", false);
    let public_url = section
        .required("public_url")
        .and_then(|text| section.parsed("public_url", &text, |text| public_url(text, plain_allowed)));
    let own_path = |name: &str, otherwise: &str| {
        let text = section.text(name).unwrap_or_else(|| otherwise.to_owned());
        section.parsed(name, &text, own_path)
    };
    let (prefix, callback_path) = (own_path("prefix", "/.gateway"), own_path("callback_path", "/login/callback"));
    if let (Some(prefix), Some(callback)) = (&prefix, &callback_path)
        && (callback == prefix || callback.starts_with(&format!("{prefix}/")))
    {
        section.problem("callback_path", "must not lie under server.prefix");
    }
    let trusted = section.texts("trusted_proxies").unwrap_or_default();
    let trusted: Option<Vec<_>> = trusted.iter().map(|text| section.parsed("trusted_proxies", text, network)).collect();
    if listen.iter().flatten().any(|listener| listener.is_proxied) && trusted.as_ref().is_some_and(Vec::is_empty) {
        section.problem(
            "trusted_proxies",
            "is empty, and server.listen has an address that begins with proxy+: nobody could connect there",
        );
    }
    let log = log(section);
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let threads = usize::try_from(section.number("threads", 1..=1024, cores as u64)).unwrap_or(cores);
    let connections =
        |name: &str, otherwise| usize::try_from(section.number(name, 1..=1_000_000, otherwise)).unwrap_or(usize::MAX);
    let max_connections = connections("max_connections", 20_000);
    let max_connections_per_address = connections("max_connections_per_address", 1_000);
    let drain = Duration::from_secs(section.number("drain_seconds", 0..=3600, 3));
    let grace = Duration::from_secs(section.number("grace_seconds", 0..=crate::proxy::GRACE_AT_MOST, 6));
    Some(Server {
        h2c: section.flag("h2c", false),
        listen: listen?,
        public_url: public_url?,
        prefix: prefix?,
        callback_path: callback_path?,
        trusted_proxies: TrustedProxies::new(trusted?),
        max_connections,
        max_connections_per_address,
        threads,
        drain,
        grace,
        log,
    })
}

fn log(section: &Section<'_>) -> Log {
    let levels = [
        ("error", tracing::Level::ERROR),
        ("warn", tracing::Level::WARN),
        ("info", tracing::Level::INFO),
        ("debug", tracing::Level::DEBUG),
        ("trace", tracing::Level::TRACE),
    ];
    Log {
        level: section.one_of("log", &levels, tracing::Level::INFO),
        format: section.one_of("log_format", &[("text", Format::Text), ("json", Format::Json)], Format::Text),
        access: section.flag("access_log", true),
    }
}

fn session(section: &Section<'_>) -> Option<SessionSettings> {
    let keys = section.keys("keys");
    let idle = Duration::from_secs(60 * section.number("idle_minutes", 1..=525_600, 60));
    let absolute = Duration::from_secs(3600 * section.number("absolute_hours", 1..=8_760, 12));
    let lifetimes = Lifetimes::new(idle, absolute);
    if lifetimes.is_none() {
        section.problem("idle_minutes", "must not be longer than session.absolute_hours");
    }
    let refresh = section.given("refresh_minutes").then(|| section.number("refresh_minutes", 1..=525_600, 60));
    let refresh = refresh.map(|minutes| Duration::from_secs(60 * minutes));
    let redis = redis::read(section);
    let persistent = section.flag("persistent", false);
    let strict_404 = section.flag("strict_404", false);
    if strict_404 && redis.as_ref().is_some_and(Option::is_none) {
        section
            .problem("strict_404", "needs session.store = \"redis\": without a store nobody knows who has a session");
    }
    Some(SessionSettings { keys, lifetimes: lifetimes?, refresh, persistent, strict_404, redis: redis? })
}

fn sign_in(section: &Section<'_>, known: &providers::Known) -> SignInSettings {
    let code = section.text("calling_code").and_then(|text| {
        section.parsed("calling_code", &text, |text| {
            let digits = text.strip_prefix('+').unwrap_or_default();
            let is_code = (1..=4).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
            is_code.then(|| text.to_owned()).ok_or_else(|| "must be a country's code, as \"+44\"".to_owned())
        })
    });
    let allowed = |key, usual| u32::try_from(section.number(key, 1..=1_000_000, usual)).unwrap_or(u32::MAX);
    SignInSettings {
        lifetime: Duration::from_secs(60 * section.number("lifetime_minutes", 10..=120, 120)),
        allowance: Allowance {
            starts_a_minute: allowed("starts_a_minute", 300),
            guesses: allowed("wrong_answers_in_ten_minutes", 10),
            codes: allowed("codes_in_ten_minutes", 10),
        },
        passkeys: section.flag("passkeys", true),
        passkeys_of_related_origin: section.flag("passkeys_of_related_origin", false),
        calling_code: code,
        widget: providers::widget(section),
        doors: providers::doors(section, known),
    }
}

/// `[forward_auth]`
fn forward_auth(section: &Section<'_>) -> ForwardAuth {
    let known = |text: &str| {
        let all: Vec<&str> = ALIASES.iter().map(|(path, _)| *path).collect();
        let alias = ALIASES.into_iter().find(|(path, _)| *path == text);
        alias.ok_or_else(|| format!("`{text}` is none of {}", all.join(", ")))
    };
    let aliases = section.texts("aliases").unwrap_or_default();
    let aliases = aliases.iter().filter_map(|text| section.parsed("aliases", text, known)).collect();
    let head_bytes = section.number("head_bytes", 1_000..=65_536, ForwardAuth::HEAD_BYTES as u64);
    ForwardAuth { aliases, head_bytes: usize::try_from(head_bytes).unwrap_or(ForwardAuth::HEAD_BYTES) }
}

/// A list of header names, or of how they begin or end.
fn names(section: &Section<'_>, key: &str) -> Vec<NamePattern> {
    const SHAPE: &str = "must be names of letters, digits and `-`, as \"X-Client-Cert\" or \"X-Client-*\"";
    let texts = section.texts(key).unwrap_or_default();
    let parse = |text: &str| NamePattern::parse(text).ok_or_else(|| SHAPE.to_owned());
    texts.iter().filter_map(|text| section.parsed(key, text, parse)).collect()
}

fn network(text: &str) -> Result<IpNet, String> {
    parse_network(text).ok_or_else(|| format!("`{text}` is no address or network, as 10.0.0.0/8"))
}

fn address(text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_| format!("`{text}` is not an address and a port, as \"0.0.0.0:8080\" or \"[::]:8080\""))
}

/// An origin: plain http only where nobody else listens, or where the operator says so in so many words.
fn public_url(text: &str, plain_allowed: bool) -> Result<Url, String> {
    let url = Url::parse(text).map_err(|error| format!("is not a URL: {error}"))?;
    if !matches!(url.scheme(), "https" | "http") {
        return Err("must begin with https://".to_owned());
    }
    if url.path() != "/"
        || url.query().is_some()
        || url.fragment().is_some()
        || !url.username().is_empty()
        || url.password().is_some()
    {
        return Err("must be an origin: scheme, host and perhaps a port, without a path".to_owned());
    }
    if url.scheme() == "http" && !is_loopback(&url) && !plain_allowed {
        return Err("plain http would send cookies and passwords readable to everybody on the way; use https, \
                    or set allow_plain_http = true"
            .to_owned());
    }
    Ok(url)
}

/// A path of ours: plain, so that nobody reads it in another way, and not everything.
fn own_path(text: &str) -> Result<String, String> {
    match crate::access::PathPrefix::parse(text) {
        Ok(prefix) if prefix.as_str() != "/" => Ok(prefix.as_str().to_owned()),
        _ => Err("must be a path of letters, digits, dots, hyphens and slashes, as \"/.gateway\"".to_owned()),
    }
}

/// What an unset `--config` means.
pub fn default_file() -> PathBuf {
    PathBuf::from("gateway.toml")
}

#[cfg(test)]
mod tests;
