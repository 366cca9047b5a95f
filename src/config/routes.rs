//! `[[route]]`: what it matches, who may, where it goes.

use std::time::Duration;

use serde_json::Value;
use url::{Host, Url};

use super::Server;
use super::reader::Section;
use crate::access::{
    AuthnRequirement, Groups, HostPattern, PathPrefix, Policy, Route, UnauthenticatedAction, Upstream, UpstreamKind,
};
use crate::headers::HeaderContract;

/// Every route that can be read.
pub(super) fn read(sections: &[Section<'_>], server: Option<&Server>, headers: &HeaderContract) -> Vec<Route> {
    let mut routes: Vec<Route> = Vec::new();
    for section in sections {
        let Some(route) = route(section, server) else { continue };
        if let Some(ours) = route.pass_headers.iter().find(|pattern| headers.requests.own(pattern)) {
            section.problem("pass_headers", format!("`{ours}` is a header that the gateway writes itself"));
        }
        if routes.iter().any(|earlier| earlier.name == route.name) {
            section.problem("name", format!("another route is called `{}`", route.name));
        }
        if routes.iter().any(|earlier| earlier.host == route.host && earlier.path == route.path) {
            section.problem("path", "another route has the same host and path");
        }
        routes.push(route);
    }
    routes
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

fn route(section: &Section<'_>, server: Option<&Server>) -> Option<Route> {
    let host_text = section.text("host");
    let host = match &host_text {
        Some(text) => section.parsed("host", text, |text| {
            HostPattern::parse(text)
                .ok_or_else(|| "must be a host without port, as \"wiki.example.com\" or \"*.example.com\"".to_owned())
        }),
        None => Some(HostPattern::Any),
    };
    let path_text = section.text("path").unwrap_or_else(|| "/".to_owned());
    let path = section.parsed("path", &path_text, |text| PathPrefix::parse(text).map_err(|bad| bad.to_string()));
    let upstream = section.required("upstream").and_then(|text| section.parsed("upstream", &text, upstream));
    let upstream_kind = section.one_of("upstream_kind", &KINDS, UpstreamKind::Generic);
    let policy = policy(section);
    let words = [
        ("auto", UnauthenticatedAction::Auto),
        ("sign-in", UnauthenticatedAction::SignIn),
        ("unauthorized", UnauthenticatedAction::Unauthorized),
    ];
    let signed_out = section.one_of("signed_out", &words, UnauthenticatedAction::Auto);
    let timeout = Duration::from_secs(section.number("timeout_seconds", 1..=86_400, 60));
    let preserve_host = section.flag("preserve_host", true);
    let websocket = section.flag("websocket", true);
    let maintenance = section.flag("maintenance", false);
    let pass_headers = super::names(section, "pass_headers");
    let name =
        section.text("name").unwrap_or_else(|| format!("{}{path_text}", host_text.as_deref().unwrap_or_default()));
    if matches!(name.as_str(), "" | "gateway" | "none") || name.len() > 100 || name.chars().any(char::is_control) {
        section.problem("name", "must be a name of at most 100 characters, other than \"gateway\" and \"none\"");
    }
    let (host, path, policy) = (host?, path?, policy?);
    if let Some(server) = server {
        if path.as_str() == server.prefix
            || path.as_str().starts_with(&format!("{}/", server.prefix))
            || path.as_str() == server.callback_path
        {
            section.problem("path", "is the gateway's own; see server.prefix and server.callback_path");
        }
        if policy != Policy::Public && !may_sign_in(&host, server) {
            section.problem("host", "nobody can sign in there: sessions belong to the host of server.public_url");
        }
    }
    let upstream = upstream?;
    if let Some(server) = server {
        super::unwise::upstream(section, &upstream, server);
    }
    Some(Route {
        name,
        host,
        path,
        policy,
        upstream,
        upstream_kind,
        timeout,
        preserve_host,
        websocket,
        maintenance,
        signed_out,
        pass_headers,
    })
}

/// Who may; nothing said means whoever is signed in.
fn policy(section: &Section<'_>) -> Option<Policy> {
    const SHAPE: &str = "must be \"public\", \"signed-in\" or a table of conditions: groups = [\"…\"] with at least one \
         group, acr_values = \"…\", max_age_minutes = 5 to 1440";
    let policy = match section.value("allow") {
        None => Some(Policy::SignedIn),
        Some(Value::String(word)) if word == "public" => Some(Policy::Public),
        Some(Value::String(word)) if word == "signed-in" => Some(Policy::SignedIn),
        Some(Value::Object(table)) => conditions(table),
        Some(_) => None,
    };
    if policy.is_none() {
        section.problem("allow", SHAPE);
    }
    policy
}

/// All conditions of a table; none where one of them cannot be read, or there is none.
fn conditions(table: &serde_json::Map<String, Value>) -> Option<Policy> {
    const NAMES: [&str; 3] = ["groups", "acr_values", "max_age_minutes"];
    if table.is_empty() || table.keys().any(|name| !NAMES.contains(&name.as_str())) {
        return None;
    }
    let who = match table.get("groups") {
        None => Policy::SignedIn,
        Some(names) => {
            let names: Option<Vec<String>> =
                names.as_array()?.iter().map(|name| name.as_str().map(str::to_owned)).collect();
            Policy::Groups(Groups::new(names?)?)
        }
    };
    let acr_values = match table.get("acr_values") {
        None => None,
        Some(values) => Some(values.as_str().filter(|values| !values.trim().is_empty())?.to_owned()),
    };
    let max_age = match table.get("max_age_minutes") {
        None => None,
        Some(minutes) => {
            Some(Duration::from_secs(60 * minutes.as_u64().filter(|minutes| (5..=1440).contains(minutes))?))
        }
    };
    Some(match AuthnRequirement::new(acr_values, max_age) {
        Some(asked) => Policy::Strong(Box::new(who), asked),
        None => who,
    })
}

fn may_sign_in(host: &HostPattern, server: &Server) -> bool {
    match host {
        HostPattern::Exactly(host) => server.public_url.host_str() == Some(host),
        HostPattern::Below(suffix) => {
            server.public_url.host_str().is_some_and(|public| public.ends_with(suffix.as_str()))
        }
        HostPattern::Any => true,
    }
}

fn upstream(text: &str) -> Result<Upstream, String> {
    const SHAPE: &str = "must be an origin, as \"http://10.0.0.5:8080\"";
    let url = Url::parse(text).map_err(|error| format!("{SHAPE}: {error}"))?;
    let has_more = url.path() != "/" || url.query().is_some() || url.fragment().is_some() || !url.username().is_empty();
    if !matches!(url.scheme(), "http" | "https") || has_more {
        return Err(SHAPE.to_owned());
    }
    let host = match url.host() {
        Some(Host::Domain(name)) => name.to_owned(),
        Some(Host::Ipv4(address)) => address.to_string(),
        Some(Host::Ipv6(address)) => address.to_string(),
        None => return Err(SHAPE.to_owned()),
    };
    Ok(Upstream { host, port: url.port_or_known_default().unwrap_or(80), tls: url.scheme() == "https" })
}
