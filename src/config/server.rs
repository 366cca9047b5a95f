//! `[server]`: where the gateway listens, where the public reaches it, and its limits.

use std::time::Duration;

use url::Url;

use super::network;
use super::reader::Section;
use crate::log::Format;
use crate::oidc::is_loopback;
use crate::proxy::Listener;
use crate::web::TrustedProxies;

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

pub(super) fn read(section: &Section<'_>) -> Option<Server> {
    let listen = section.texts("listen").unwrap_or_else(|| vec!["127.0.0.1:8080".to_owned()]);
    if listen.is_empty() {
        section.problem("listen", "is empty: where should it listen?");
    }
    let listen: Option<Vec<Listener>> = listen.iter().map(|text| section.parsed("listen", text, str::parse)).collect();
    let plain_allowed = section.flag("allow_plain_http", false);
    let origin = section.required("public_url");
    let origin = origin.and_then(|text| section.parsed("public_url", &text, |text| public_url(text, plain_allowed)));
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
    let trusts_nobody = section.texts("trusted_proxies").unwrap_or_default().is_empty();
    if listen.iter().flatten().any(|listener| listener.is_proxied) && trusts_nobody {
        section.problem(
            "trusted_proxies",
            "is empty, and server.listen has an address that begins with proxy+: nobody could connect there",
        );
    }
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    Some(Server {
        h2c: section.flag("h2c", false),
        trusted_proxies: TrustedProxies::new(section.each("trusted_proxies", network)),
        max_connections: section.number("max_connections", 1..=1_000_000, 20_000),
        max_connections_per_address: section.number("max_connections_per_address", 1..=1_000_000, 1_000),
        threads: section.number("threads", 1..=1024, cores),
        drain: section.seconds("drain_seconds", 0..=3600, 3),
        grace: section.seconds("grace_seconds", 0..=crate::proxy::GRACE_AT_MOST, 6),
        log: log(section),
        // `?` comes last, when every setting has been read.
        listen: listen?,
        public_url: origin?,
        prefix: prefix?,
        callback_path: callback_path?,
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
