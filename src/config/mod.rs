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
mod listeners;
mod place;
mod policy;
mod providers;
mod reader;
mod redis;
mod routes;
mod secrets;
mod server;
mod session;
mod session_bindings;
mod sign_in;
mod tls;
mod unwise;
mod upstreams;

use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use figment::Figment;
use figment::providers::{Format as _, Toml};
use ipnet::IpNet;
use serde_json::Value;

use crate::access::Route;
use crate::gateway::{ALIASES, ForwardAuth, PolicyTest};
use crate::headers::{CertificateHeaders, HeaderContract, NamePattern};
use crate::log::Format;
use crate::pages::Look;
use crate::proxy::Listener;
use crate::signin::Offers;
use crate::web::parse_network;

use headers::HeaderSettings;
use place::Places;
use reader::{Reader, Section};
use tls::TlsConfig;

pub use admission::Admission;
pub use bearer::BearerSettings;
pub use providers::{ProviderSettings, WidgetSource};
pub use reader::Problem;
pub use secrets::NewKeys;
pub use server::Server;
pub use session::SessionSettings;
pub use session_bindings::SessionBindings;
pub use sign_in::SignInSettings;

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
    /// `[okta]`, where there is an org, and each `[[provider]]` in the order of the file. Sessions are sealed for the first.
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

    /// What sessions are bound to; before its providers are taken out of it.
    pub fn session_bindings(&self) -> SessionBindings {
        SessionBindings::of(&self.server.public_url, &self.providers, self.session.redis.as_ref())
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
    let server = server::read(&server_section);
    let tls_section = reader.section("tls");
    let tls = tls::tls(&tls_section, server.as_ref());
    let admin_section = reader.section("admin");
    let admin = admin_section.read("listen", address);
    if let Some(admin) = admin {
        unwise::admin(&admin_section, admin);
    }
    if let Some(server) = &server {
        unwise::trusted_proxies(&server_section, server);
        listeners::check(&server_section, server, (&admin_section, admin));
    }
    let (providers, known_providers) = providers::read(reader);
    let session = session::read(&reader.section("session"));
    let sign_in = sign_in::read(&reader.section("sign_in"), &known_providers);
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
    let (routes, headers) = routes::read(&sections, server.as_ref(), admin, &headers, known_providers.count());
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

/// `[forward_auth]`
fn forward_auth(section: &Section<'_>) -> ForwardAuth {
    let known = |text: &str| {
        let all: Vec<&str> = ALIASES.iter().map(|(path, _)| *path).collect();
        let alias = ALIASES.into_iter().find(|(path, _)| *path == text);
        alias.ok_or_else(|| format!("`{text}` is none of {}", all.join(", ")))
    };
    ForwardAuth {
        aliases: section.each("aliases", known),
        head_bytes: section.number("head_bytes", 1_000..=65_536, ForwardAuth::HEAD_BYTES),
    }
}

/// A list of header names, or of how they begin or end.
fn names(section: &Section<'_>, key: &str) -> Vec<NamePattern> {
    const SHAPE: &str = "must be names of letters, digits and `-`, as \"X-Client-Cert\" or \"X-Client-*\"";
    section.each(key, |text| NamePattern::parse(text).ok_or_else(|| SHAPE.to_owned()))
}

fn network(text: &str) -> Result<IpNet, String> {
    parse_network(text).ok_or_else(|| format!("`{text}` is no address or network, as 10.0.0.0/8"))
}

fn address(text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_| format!("`{text}` is not an address and a port, as \"0.0.0.0:8080\" or \"[::]:8080\""))
}

/// What an unset `--config` means.
pub fn default_file() -> PathBuf {
    PathBuf::from("gateway.toml")
}

#[cfg(test)]
mod tests;
