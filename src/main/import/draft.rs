//! What was read, before it is written down.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use serde_json::{Map, Value};
use url::Url;

/// A group that nobody is in, for a rule that has no counterpart.
const CLOSED: &str = "REPLACE-ME";

/// A `gateway.toml` in the making.
#[derive(Default)]
pub(super) struct Draft {
    pub(super) listen: Vec<String>,
    pub(super) public_url: Option<String>,
    pub(super) callback_path: Option<String>,
    pub(super) trusted_proxies: Vec<String>,
    pub(super) certificate: Option<(String, String)>,
    pub(super) issuer: Option<String>,
    pub(super) client_id: Option<String>,
    pub(super) client_secret: Option<String>,
    pub(super) scopes: Vec<String>,
    pub(super) groups_claim: Option<String>,
    pub(super) idle_minutes: Option<u64>,
    pub(super) absolute_hours: Option<u64>,
    /// Lines of `[headers]`.
    pub(super) headers: Vec<String>,
    pub(super) routes: Vec<DraftRoute>,
    /// What differs, for whoever imports.
    pub(super) notes: Vec<String>,
}

/// A route in the making.
#[derive(Clone, Default)]
pub(super) struct DraftRoute {
    pub(super) host: Option<String>,
    /// `path`, `path_exact` or `path_regex`, and what it says.
    pub(super) path: Option<(&'static str, String)>,
    pub(super) upstream: Option<String>,
    pub(super) allow: Allow,
    /// Further settings, as they are written.
    pub(super) more: Vec<String>,
}

/// Who may.
#[derive(Clone, Default, PartialEq)]
pub(super) enum Allow {
    Public,
    #[default]
    SignedIn,
    /// Whoever meets every one of these conditions, each as it is written.
    Conditions(Vec<String>),
    /// Nobody until somebody says who.
    Closed,
}

impl Allow {
    /// Whoever is named by one of these lists, if there is any; else whoever is signed in.
    pub(super) fn any_of(lists: &[(&str, Vec<String>)]) -> Self {
        let one = |(name, items): &(&str, Vec<String>)| format!("{name} = {}", list(items));
        let given: Vec<String> = lists.iter().filter(|(_, items)| !items.is_empty()).map(one).collect();
        match &given[..] {
            [] => Self::SignedIn,
            [only] => Self::Conditions(vec![only.clone()]),
            several => Self::Conditions(vec![format!("any = [{{ {} }}]", several.join(" }, { "))]),
        }
    }

    /// The same, and this condition.
    pub(super) fn and(self, condition: String) -> Self {
        match self {
            Self::SignedIn => Self::Conditions(vec![condition]),
            Self::Conditions(mut all) => {
                all.push(condition);
                Self::Conditions(all)
            }
            // A condition would open to nobody what everybody may, or what nobody may.
            Self::Public | Self::Closed => Self::Closed,
        }
    }
}

impl Draft {
    pub(super) fn note(&mut self, text: impl Into<String>) {
        self.notes.push(text.into());
    }

    /// Says which keys were not looked at.
    pub(super) fn left_out(&mut self, section: &str, document: &Map<String, Value>, known: &[&str]) {
        let unknown: BTreeSet<&str> = document.keys().map(String::as_str).filter(|key| !known.contains(key)).collect();
        self.notes.extend(unknown.into_iter().map(|key| format!("{section}{key}: left out")));
    }

    /// Keeps the origin of an address as the public one, and its path as where sign-ins come back to, if it has one.
    pub(super) fn reached_at(&mut self, address: &str) {
        match Url::parse(address) {
            Ok(url) if url.has_host() => {
                self.public_url = Some(url.origin().ascii_serialization());
                if url.path() != "/" {
                    self.callback_path = Some(url.path().to_owned());
                }
            }
            _ => self.note(format!("`{address}` is no address: server.public_url is made up")),
        }
    }

    /// Ends sessions after so many seconds, and no sooner because nobody used them.
    pub(super) fn sessions_last(&mut self, seconds: Option<u64>) {
        self.absolute_hours = seconds.map(|seconds| (seconds / 3_600).clamp(1, 8_760));
        self.idle_minutes = self.absolute_hours.map(|hours| hours * 60);
    }

    pub(super) fn to_toml(&self) -> String {
        let mut out = String::from("# Made by `idx-gateway import`. What differs was said beside it.\n\n[server]\n");
        let mut line = |name: &str, value: &str| {
            // Writing to a String cannot fail.
            let _ = writeln!(out, "{name} = {value}");
        };
        let listen = if self.listen.is_empty() { vec!["127.0.0.1:8080".to_owned()] } else { self.listen.clone() };
        line("listen", &list(&listen));
        let public = self.public_url.as_deref().unwrap_or("https://gateway.example.com");
        line("public_url", &quoted(public));
        if public.starts_with("http://") && !public.contains("//localhost") && !public.contains("//127.") {
            line("allow_plain_http", "true");
        }
        if let Some(path) = &self.callback_path {
            line("callback_path", &quoted(path));
        }
        if !self.trusted_proxies.is_empty() {
            line("trusted_proxies", &list(&self.trusted_proxies));
        }
        if let Some((certificate, key)) = &self.certificate {
            let pair = format!("[{{ certificate = {}, key = {} }}]", quoted(certificate), quoted(key));
            let _ = write!(out, "\n[tls]\ncertificates = {pair}\n");
        }
        out.push_str(&self.provider());
        out.push_str("\n[session]\nkeys = [{ file = \".gateway/session-key\", create = true }]\n");
        for (name, value) in [("idle_minutes", self.idle_minutes), ("absolute_hours", self.absolute_hours)] {
            if let Some(value) = value {
                let _ = writeln!(out, "{name} = {value}");
            }
        }
        if !self.headers.is_empty() {
            let _ = write!(out, "\n[headers]\n{}\n", self.headers.join("\n"));
        }
        self.routes.iter().for_each(|route| out.push_str(&route.to_toml()));
        out
    }

    /// Okta's servers sign people in on our own pages, any other by redirect.
    fn provider(&self) -> String {
        let issuer = self.issuer.as_deref().unwrap_or("https://REPLACE-ME.okta.com/oauth2/default");
        let is_okta = Url::parse(issuer).ok().and_then(|url| url.host_str().map(str::to_owned)).is_some_and(|host| {
            [".okta.com", ".oktapreview.com", ".okta-emea.com"].iter().any(|suffix| host.ends_with(suffix))
        });
        let mut out =
            if is_okta { "\n[okta]\n".to_owned() } else { "\n[[provider]]\nname = \"provider\"\n".to_owned() };
        let _ = writeln!(out, "issuer = {}", quoted(issuer));
        let _ = writeln!(out, "client_id = {}", quoted(self.client_id.as_deref().unwrap_or("REPLACE-ME")));
        let _ = writeln!(out, "client_secret = {}", quoted(self.client_secret.as_deref().unwrap_or("REPLACE-ME")));
        if !self.scopes.is_empty() {
            let _ = writeln!(out, "scopes = {}", list(&self.scopes));
        }
        if let Some(claim) = &self.groups_claim {
            let _ = writeln!(out, "groups_claim = {}", quoted(claim));
        }
        out
    }
}

impl DraftRoute {
    fn to_toml(&self) -> String {
        let mut out = String::from("\n[[route]]\n");
        if let Some(host) = &self.host {
            let _ = writeln!(out, "host = {}", quoted(host));
        }
        if let Some((setting, path)) = &self.path {
            let _ = writeln!(out, "{setting} = {}", quoted(path));
        }
        if let Some(upstream) = &self.upstream {
            let _ = writeln!(out, "upstream = {}", quoted(upstream));
        }
        let allow = match &self.allow {
            Allow::Public => "\"public\"".to_owned(),
            Allow::SignedIn => "\"signed-in\"".to_owned(),
            Allow::Conditions(conditions) => format!("{{ {} }}", conditions.join(", ")),
            Allow::Closed => format!("{{ groups = [\"{CLOSED}\"] }}"),
        };
        let _ = writeln!(out, "allow = {allow}");
        for line in &self.more {
            let _ = writeln!(out, "{line}");
        }
        out
    }
}

/// A TOML string. JSON's escapes are TOML's too.
pub(super) fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

pub(super) fn list(items: &[String]) -> String {
    let items: Vec<String> = items.iter().map(|item| quoted(item)).collect();
    format!("[{}]", items.join(", "))
}

/// A path that others write as a prefix, an expression or a wildcard. None where it is all paths.
pub(super) fn expression(text: &str) -> Option<(&'static str, String)> {
    let inner = text.strip_prefix('^').unwrap_or(text);
    let (inner, is_whole) = inner.strip_suffix('$').map_or((inner, false), |inner| (inner, true));
    let is_plain = |path: &str| {
        path.starts_with('/') && path.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/-_~".contains(&byte))
    };
    let below = inner.strip_suffix("(/.*)?").or(inner.strip_suffix("/.*")).or(inner.strip_suffix("([/?].*)?"));
    match below {
        Some("") => None,
        Some(path) if is_plain(path) => Some(("path", path.to_owned())),
        _ if is_whole && is_plain(inner) => Some(("path_exact", inner.to_owned())),
        // Where the beginning or the end was open, anything may stand there.
        _ => {
            let before = if text.starts_with('^') { "" } else { ".*" };
            let after = if is_whole { "" } else { ".*" };
            Some(("path_regex", format!("{before}{inner}{after}")))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_of_others_become_paths_where_they_are_paths() {
        for (text, expected) in [
            ("^/health$", Some(("path_exact", "/health"))),
            ("^/api(/.*)?$", Some(("path", "/api"))),
            ("^/api/.*$", Some(("path", "/api"))),
            ("^/.*$", None),
            ("^/api", Some(("path_regex", "/api.*"))),
            ("^/v[0-9]+/x$", Some(("path_regex", "/v[0-9]+/x"))),
            ("metrics", Some(("path_regex", ".*metrics.*"))),
        ] {
            let found = expression(text);
            assert_eq!(found.as_ref().map(|(setting, path)| (*setting, path.as_str())), expected, "{text}");
        }
    }
}
