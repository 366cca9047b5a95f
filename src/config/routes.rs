//! `[[route]]`: which requests it is for, who may, where they go.

use std::collections::{HashMap, HashSet};
use std::net::SocketAddr;

use http::StatusCode;
use serde_json::Value;

use super::Server;
use super::bearer::BearerSettings;
use super::headers::HeaderSettings;
use super::reader::Section;
use crate::access::{
    Action, BadPath, CONNECT_TIMEOUT, Condition, Cors, ExactPath, FixedResponse, HostPattern, Methods, PathPattern,
    PathPrefix, PathRegex, Redirect, Replacement, Rewrite, Route, TIMEOUT, UnauthenticatedAction, UpstreamKind,
};
use crate::headers::{HeaderContract, IdentityMap, ResponseRewrite, Source};

/// The most bytes that `respond` may say.
const BODY_BYTES: usize = 64 * 1024;

/// Every route that can be read, and what all of them together make of headers.
pub(super) fn read(
    sections: &[Section<'_>],
    server: Option<&Server>,
    admin: Option<SocketAddr>,
    headers: &HeaderSettings,
    providers: usize,
) -> (Vec<Route>, HeaderContract) {
    let mut read: Vec<(&Section<'_>, Route)> = Vec::new();
    let mut names: HashSet<String> = HashSet::new();
    let mut places: HashMap<(String, &'static str, String), Vec<Methods>> = HashMap::new();
    for section in sections {
        let Some(route) = route(section, server, headers) else { continue };
        super::unwise::names_of_any_provider(section, &route.policy, providers);
        if !names.insert(route.name.clone()) {
            section.problem("name", format!("another route is called `{}`", route.name));
        }
        let mut names_scopes = false;
        route.policy.walk(|condition| names_scopes |= matches!(condition, Condition::Scopes(_)));
        if names_scopes && route.bearer.is_empty() {
            section.problem("allow", "asks for scopes of access tokens, and bearer does not say whose are taken here");
        }
        let place = (route.host.to_text(), route.path.setting(), route.path.as_str().to_owned());
        let earlier = places.entry(place).or_default();
        if earlier.iter().any(|methods| methods.meet(&route.methods)) {
            section
                .problem(route.path.setting(), "another route has the same host and path, and takes the same method");
        }
        earlier.push(route.methods.clone());
        read.push((section, route));
    }
    let others: Vec<_> = read.iter().filter_map(|(_, route)| route.identity.clone()).collect();
    let contract = headers.contract(&others);
    if let Some(server) = server {
        warn_of_ways(&read, server, admin);
    }
    read_paths_alike(&mut read);
    for (section, route) in &read {
        let identity = route.identity.as_ref().unwrap_or(&contract.identity);
        let is_shared = |(_, other): &&(&Section<'_>, Route)| {
            let theirs = other.identity.as_ref().unwrap_or(&contract.identity);
            other.name != route.name && has_no_audience(other, theirs)
        };
        if has_no_audience(route, identity)
            && let Some((_, other)) = read.iter().find(is_shared)
        {
            let text = format!(
                "is missing: without an upstream, and without this, it is the same as that of `{}`, and either application could show its assertions to the other",
                other.name
            );
            section.problem("audience", text);
        }
        if route.rewrite.as_ref().and_then(Rewrite::stripped).is_some() && identity.writes("X-Forwarded-Prefix") {
            section.problem("headers", "writes X-Forwarded-Prefix, and strip_prefix does so too");
        }
        if let Some(ours) = route.pass_headers.iter().find(|pattern| contract.requests.writes(pattern)) {
            section.problem("pass_headers", format!("`{ours}` is a header that the gateway writes itself"));
        }
    }
    (read.into_iter().map(|(_, route)| route).collect(), contract)
}

/// Upstreams that lead back here, and ways around a route.
fn warn_of_ways(read: &[(&Section<'_>, Route)], server: &Server, admin: Option<SocketAddr>) {
    super::unwise::ways_around(read, server);
    let named = read.iter().filter_map(|(_, route)| match &route.host {
        HostPattern::Exactly(host) => Some(host.as_str()),
        // What is below a domain may have an address of its own.
        HostPattern::Below(_) | HostPattern::Any => None,
    });
    let hosts: Vec<&str> = server.public_url.host_str().into_iter().chain(named).collect();
    for (section, route) in read {
        for upstream in route.action.upstreams() {
            super::unwise::upstream(section, upstream, server, &hosts, admin);
        }
    }
}

/// What reads a path is the server, whichever route leads there: where routes to one server name several kinds, every reading
/// counts for all of them. With the readings of one kind alone, a path that another kind reads as that of a stricter route would
/// get around its policy.
fn read_paths_alike(read: &mut [(&Section<'_>, Route)]) {
    let differs = |route: &Route| {
        let others = read.iter().map(|(_, other)| other);
        let other = others
            .filter(|other| other.upstream_kind != route.upstream_kind)
            .find(|other| route.shares_a_server_with(other));
        other.map(|other| other.name.clone())
    };
    let differing: Vec<Option<String>> = read.iter().map(|(_, route)| differs(route)).collect();
    for ((section, route), other) in read.iter_mut().zip(differing) {
        let Some(other) = other.filter(|_| route.upstream_kind != UpstreamKind::Generic) else { continue };
        route.upstream_kind = UpstreamKind::Generic;
        let text = format!(
            "counts as \"generic\": `{other}` leads to the same server and has another kind. Say the same in every route \
             that leads there"
        );
        section.warn("upstream_kind", text);
    }
}

/// Whether a route's assertions are for the gateway itself, since nothing says which application asks for them.
fn has_no_audience(route: &Route, identity: &IdentityMap) -> bool {
    route.action == Action::ForwardAuth && route.audience.is_none() && identity.wants(&Source::Assertion)
}

/// Routes name issuers that there are.
pub(super) fn name_known_issuers(sections: &[Section<'_>], issuers: &[BearerSettings]) {
    for section in sections {
        for name in section.texts("bearer").unwrap_or_default() {
            if !issuers.iter().any(|issuer| issuer.name == name) {
                section.problem("bearer", format!("no [[bearer_issuer]] is called `{name}`"));
            }
        }
    }
}

/// `{ origins = ["https://app.example.com"] }`
fn cors(section: &Section<'_>) -> Option<Cors> {
    let table = section.optional("cors")?;
    let origins = table.texts("origins").unwrap_or_default();
    let credentials = table.flag("credentials", false);
    let methods = table.texts("methods").unwrap_or_default();
    if !methods.is_empty() && Methods::new(&methods).is_none() {
        table.problem("methods", "must be methods in capital letters, as [\"GET\", \"PUT\"]");
    }
    let usual = || ["Authorization", "Content-Type", "X-Requested-With"].map(str::to_owned).to_vec();
    let headers = table.texts("headers").unwrap_or_else(usual);
    let max_age = table.number("max_age_seconds", 0..=86_400, 600);
    let cors = Cors::new(origins, credentials, methods, headers, max_age);
    cors.map_err(|problem| table.problem("origins", problem)).ok()
}

/// What `upstream_kind` may say.
const KINDS: [(&str, UpstreamKind); 7] = [
    ("generic", UpstreamKind::Generic),
    ("tomcat", UpstreamKind::Tomcat),
    ("iis", UpstreamKind::Iis),
    ("php", UpstreamKind::Php),
    ("node", UpstreamKind::Node),
    ("nginx", UpstreamKind::Nginx),
    ("spring", UpstreamKind::Spring),
];

fn route(section: &Section<'_>, server: Option<&Server>, headers: &HeaderSettings) -> Option<Route> {
    let host = match section.given("host") {
        true => section.read("host", |text| {
            HostPattern::parse(text)
                .ok_or_else(|| "must be a host without port, as \"wiki.example.com\" or \"*.example.com\"".to_owned())
        }),
        false => Some(HostPattern::Any),
    };
    let path = path(section);
    let methods = methods(section);
    let action = action(section);
    let rewrite = path.as_ref().and_then(|path| rewrite(section, path));
    if rewrite.is_some() && !matches!(action, Some(Action::Forward(_))) {
        let name = if section.given("rewrite") { "rewrite" } else { "strip_prefix" };
        section.problem(name, "changes what is forwarded, and this route forwards nothing");
    }
    let policy = super::policy::policy(section);
    let words = [
        ("auto", UnauthenticatedAction::Auto),
        ("sign-in", UnauthenticatedAction::SignIn),
        ("unauthorized", UnauthenticatedAction::Unauthorized),
    ];
    let route = Route {
        methods,
        rewrite,
        rewrite_responses: rewrite_responses(section),
        deny_message: deny_message(section),
        upstream_kind: section.one_of("upstream_kind", &KINDS, UpstreamKind::Generic),
        timeout: section.seconds("timeout_seconds", 1..=86_400, TIMEOUT.as_secs()),
        connect_timeout: section.seconds("connect_timeout_seconds", 1..=86_400, CONNECT_TIMEOUT.as_secs()),
        max_body: section.bytes("max_body"),
        preserve_host: section.flag("preserve_host", true),
        websocket: section.flag("websocket", true),
        websocket_end_code: websocket_end_code(section),
        maintenance: section.flag("maintenance", false),
        keep_post: section.flag("keep_post", false),
        signed_out: section.one_of("signed_out", &words, UnauthenticatedAction::Auto),
        sign_in_parameters: sign_in_parameters(section),
        pass_headers: super::names(section, "pass_headers"),
        identity: headers.of_route(&section.section("headers")),
        audience: section.text("audience"),
        bearer: section.texts("bearer").unwrap_or_default(),
        cors: cors(section),
        // `?` comes last, when every setting has been read.
        host: host?,
        ..Route::new(name(section, path.as_ref()), path?, policy?, action?)
    };
    if let Some(server) = server {
        fits(section, &route, server);
    }
    Some(route)
}

/// With what status WebSockets are closed whose session has ended.
fn websocket_end_code(section: &Section<'_>) -> Option<u16> {
    section.given("websocket_end_code").then_some(())?;
    // "Policy violation"; beyond 3000 they are registered, beyond 4000 the application's (RFC 6455 7.4.2).
    match section.number("websocket_end_code", 1000..=4999, 1008) {
        code @ (1008 | 3000..) => Some(code),
        _ => {
            section.problem("websocket_end_code", "must be 1008, or from 3000 to 4999, as 4401");
            None
        }
    }
}

/// What is wrong with a route beside the server's own settings.
fn fits(section: &Section<'_>, route: &Route, server: &Server) {
    let path = match &route.path {
        PathPattern::Matching(_) => route.path.beginning(),
        path => path.as_str(),
    };
    let signs_in_there = server.public_url.host_str().is_some_and(|host| route.host.matches(host));
    let is_callback = path == server.callback_path && signs_in_there;
    if path == server.prefix || path.starts_with(&format!("{}/", server.prefix)) || is_callback {
        let name = route.path.setting();
        section.problem(name, "is the gateway's own; see server.prefix and server.callback_path");
    }
    super::unwise::host(section, &route.host, &route.policy, server);
    if let HostPattern::Exactly(name) = &route.host
        && !is_as_browsers_write_it(name, server)
    {
        section.problem("host", format!("no browser asks for `{name}`: it writes that host in another way"));
    }
    if route.action == Action::ForwardAuth && server.trusted_proxies.is_empty() {
        section.problem(
            "upstream",
            "is missing: nothing is forwarded, and no proxy may ask either, since server.trusted_proxies is empty",
        );
    }
}

/// Its name in logs and metrics; without `name` its methods, host and path.
fn name(section: &Section<'_>, path: Option<&PathPattern>) -> String {
    let (host, path) = (section.text("host").unwrap_or_default(), path.map_or("/", PathPattern::as_str));
    let methods = section.texts("methods").map(|methods| format!("{} ", methods.join(","))).unwrap_or_default();
    let name = section.text("name").unwrap_or_else(|| format!("{methods}{host}{path}"));
    if matches!(name.as_str(), "" | "gateway" | "none") || name.len() > 100 || name.chars().any(char::is_control) {
        section.problem("name", "must be a name of at most 100 characters, other than \"gateway\" and \"none\"");
    }
    name
}

/// `true`, or a table of pairs besides.
fn rewrite_responses(section: &Section<'_>) -> Option<ResponseRewrite> {
    if !section.is_table("rewrite_responses") {
        return section.flag("rewrite_responses", false).then(ResponseRewrite::default);
    }
    let table = section.section("rewrite_responses");
    let pairs = |name: &str, fits: fn(&str) -> bool, shape: &str| {
        let pairs = table.pairs(name);
        let is_text = |text: &str| text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b';');
        if pairs.iter().any(|(from, to)| from.is_empty() || !fits(from) || !is_text(from) || !is_text(to)) {
            table.problem(name, shape);
        }
        pairs
    };
    let is_address = |text: &str| text.starts_with('/') || text.contains("://");
    Some(ResponseRewrite::new(
        pairs("locations", is_address, "must be addresses, as { \"http://old.internal/docs\" = \"/docs\" }"),
        pairs("cookie_domains", |_| true, "must be domains, as { \"app.internal\" = \"\" }"),
        pairs("cookie_paths", |text| text.starts_with('/'), "must be paths, as { \"/old\" = \"/new\" }"),
    ))
}

/// What a sign-in that begins at this route passes to the provider.
fn sign_in_parameters(section: &Section<'_>) -> Vec<(String, String)> {
    let parameters = section.pairs("sign_in_parameters");
    super::providers::check_parameters(section, "sign_in_parameters", &parameters);
    parameters
}

/// What a person is told whom the route refuses.
fn deny_message(section: &Section<'_>) -> Option<String> {
    let text = section.text("deny_message")?;
    if text.trim().is_empty() || text.len() > 500 || text.chars().any(char::is_control) {
        section.problem("deny_message", "must be a sentence or two: at most 500 bytes, in one line");
    }
    Some(text)
}

/// `path`, `path_exact` or `path_regex`: one of them.
fn path(section: &Section<'_>) -> Option<PathPattern> {
    let given = ["path", "path_exact", "path_regex"].map(|name| section.text(name));
    if given.iter().flatten().count() > 1 {
        section.problem("path", "goes with neither path_exact nor path_regex: one of the three says which paths");
        return None;
    }
    let plain = |bad: BadPath| bad.to_string();
    let below = |text: &str| PathPrefix::parse(text).map(PathPattern::Below).map_err(plain);
    match given {
        [_, Some(text), _] => {
            section.parsed("path_exact", &text, |text| ExactPath::parse(text).map(PathPattern::Exactly).map_err(plain))
        }
        [.., Some(text)] => {
            section.parsed("path_regex", &text, |text| PathRegex::parse(text).map(PathPattern::Matching))
        }
        [text, ..] => section.parsed("path", text.as_deref().unwrap_or("/"), below),
    }
}

fn methods(section: &Section<'_>) -> Methods {
    let Some(names) = section.texts("methods") else { return Methods::default() };
    Methods::new(&names).unwrap_or_else(|| {
        section.problem("methods", "must be methods in capital letters, as [\"GET\", \"POST\"], at least one");
        Methods::default()
    })
}

/// `upstream`, `redirect` or `respond`: one of them.
fn action(section: &Section<'_>) -> Option<Action> {
    let given: Vec<&str> = ["redirect", "respond"].into_iter().filter(|name| section.given(name)).collect();
    match given[..] {
        [] if section.given("upstream") => super::upstreams::upstreams(section).map(Action::Forward),
        [] => Some(Action::ForwardAuth),
        [name] if !section.given("upstream") => {
            super::upstreams::none(section);
            if name == "redirect" { redirect(section) } else { respond(section) }
        }
        _ => {
            section
                .problem(given[0], "goes alone: one of upstream, redirect and respond says what becomes of a request");
            None
        }
    }
}

/// An address, or a table of one and a status.
fn redirect(section: &Section<'_>) -> Option<Action> {
    let (to, status) = if section.is_table("redirect") {
        let table = section.section("redirect");
        let status = table.number("status", 300..=399, 302);
        (table.required("to")?, status)
    } else {
        (section.text("redirect")?, 302)
    };
    section.parsed("redirect", &to, |to| Redirect::new(to, status).map(Action::Redirect))
}

fn respond(section: &Section<'_>) -> Option<Action> {
    let table = section.section("respond");
    let status = table.number("status", 200..=599, 200);
    let body = table.text("body").unwrap_or_default();
    if !body.is_empty() && matches!(status, 204 | 205 | 304) {
        table.problem("body", format!("goes with no status of {status}, which has none (RFC 9110 §6.4.1)"));
    }
    if body.len() > BODY_BYTES {
        table.problem("body", format!("must have at most {BODY_BYTES} bytes"));
    }
    let content_type = table.text("content_type").unwrap_or_else(|| "text/plain; charset=utf-8".to_owned());
    if http::HeaderValue::from_str(&content_type).is_err() {
        table.problem("content_type", "cannot stand in a header");
    }
    let status = StatusCode::from_u16(status).ok()?;
    Some(Action::Respond(FixedResponse { status, content_type, body }))
}

/// `strip_prefix` or `rewrite`.
fn rewrite(section: &Section<'_>, path: &PathPattern) -> Option<Rewrite> {
    match (section.value("strip_prefix"), section.given("rewrite")) {
        (Some(_), true) => {
            section.problem("strip_prefix", "goes without rewrite: one of them says what is forwarded");
            None
        }
        (Some(Value::Bool(false)), false) | (None, false) => None,
        (Some(Value::Bool(true)), false) => match path {
            PathPattern::Below(prefix) if prefix.as_str() != "/" => Some(Rewrite::Strip(prefix.clone())),
            _ => {
                section.problem(
                    "strip_prefix",
                    "takes away the route's path, and there is none; or say which, as \"/app\"",
                );
                None
            }
        },
        (Some(_), false) => {
            let prefix = section.read("strip_prefix", |text| match text {
                "/" => Err("takes nothing away".to_owned()),
                text => PathPrefix::parse(text).map_err(|bad| bad.to_string()),
            });
            prefix.map(Rewrite::Strip)
        }
        (None, true) => {
            let table = section.section("rewrite");
            let (regex, replacement) = (table.required("regex"), table.required("replacement"));
            let (regex, replacement) = (regex?, replacement?);
            section.parsed("rewrite", &regex, |regex| Replacement::new(regex, &replacement).map(Rewrite::Replace))
        }
    }
}

fn is_as_browsers_write_it(host: &str, server: &Server) -> bool {
    let mut url = server.public_url.clone();
    url.set_host(Some(host)).is_ok() && url.host_str() == Some(host)
}
