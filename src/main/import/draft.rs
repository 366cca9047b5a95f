//! The configuration that `import` has read so far, and its text as a `gateway.toml`.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

use idx_gateway::access::{ExactPath, HostPattern, PathPrefix};
use idx_gateway::oidc::is_loopback;
use serde_json::Value;
use url::Url;

use super::seconds;

/// A group without members, for a rule that has no counterpart.
const CLOSED: &str = "REPLACE-ME";
/// The longest name of a route, less what tells it apart.
const NAME_BYTES: usize = 80;
/// A domain that no address has, for domains that are in another file.
pub(super) const NO_DOMAIN: &str = "replace-me.invalid";

/// A `gateway.toml` before it is written.
#[derive(Default)]
pub(super) struct Draft {
    pub(super) listen: Vec<String>,
    pub(super) public_url: Option<String>,
    pub(super) callback_path: Option<String>,
    pub(super) trusted_proxies: Vec<String>,
    /// Pairs of files: certificate, key.
    certificates: Vec<(String, String)>,
    /// The address of the metrics.
    pub(super) admin: Option<String>,
    pub(super) issuer: Option<String>,
    pub(super) client_id: Option<String>,
    /// As TOML.
    client_secret: Option<String>,
    /// The title of the provider, which its button shows.
    pub(super) title: Option<String>,
    pub(super) scopes: Vec<String>,
    pub(super) groups_claim: Option<String>,
    pub(super) idle_minutes: Option<u64>,
    pub(super) absolute_hours: Option<u64>,
    /// Lines of `[session.redis]`; without any, sessions are kept in cookies.
    pub(super) redis: Vec<String>,
    /// Lines of `[headers]`.
    pub(super) headers: Vec<String>,
    /// Addresses of the other gateway for forward auth, which are answered too.
    pub(super) aliases: Vec<String>,
    pub(super) routes: Vec<DraftRoute>,
    /// What differs, for the operator.
    pub(super) notes: Vec<String>,
}

/// A route before it is written.
#[derive(Clone, Debug, Default)]
pub(super) struct DraftRoute {
    pub(super) host: Option<String>,
    /// One of `path`, `path_exact` and `path_regex`, and its value.
    pub(super) path: Option<(&'static str, String)>,
    pub(super) methods: Vec<String>,
    /// As TOML; none where another proxy forwards.
    pub(super) upstream: Option<String>,
    pub(super) allow: Allow,
    /// Further settings, as TOML.
    pub(super) more: Vec<String>,
    /// A prefix that is compared without regard to segments.
    pub(super) prefix: Option<String>,
    /// Its name, where it would have that of another.
    pub(super) name: Option<String>,
}

/// Who may use a route.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) enum Allow {
    Public,
    #[default]
    SignedIn,
    /// Whoever meets all of these conditions, each as TOML.
    Conditions(Vec<String>),
    /// Nobody, until the operator changes the route.
    Closed,
}

impl Allow {
    /// Whoever is named by one of these lists; where all are empty, everybody who is signed in.
    pub(super) fn any_of(lists: &[(&str, Vec<String>)]) -> Self {
        let is_given = lists.iter().any(|(_, items)| !items.is_empty());
        if is_given { Self::Conditions(named_by(lists)) } else { Self::SignedIn }
    }

    /// The same people, as far as they meet this condition.
    pub(super) fn and(self, condition: String) -> Self {
        match self {
            Self::SignedIn => Self::Conditions(vec![condition]),
            Self::Conditions(mut all) => {
                all.push(condition);
                Self::Conditions(all)
            }
            // Only people who are signed in can meet a condition, so one cannot narrow `Public`; and `Closed` lets
            // nobody in.
            Self::Public | Self::Closed => Self::Closed,
        }
    }

    /// Those whom both let in.
    pub(super) fn both(self, other: Self) -> Self {
        match (self, other) {
            (Self::Closed, _) | (_, Self::Closed) => Self::Closed,
            (Self::Public, other) | (other, Self::Public) => other,
            (Self::SignedIn, other) | (other, Self::SignedIn) => other,
            (Self::Conditions(one), Self::Conditions(other)) if one == other => Self::Conditions(one),
            (Self::Conditions(one), Self::Conditions(other)) => Self::Conditions(all_of(&[one, other])),
        }
    }
}

/// Conditions that hold where all of `lists` do: in one table if each occurs once in it, otherwise in several.
pub(super) fn all_of(lists: &[Vec<String>]) -> Vec<String> {
    let all = lists.concat();
    let key = |condition: &String| condition.split(" = ").next().unwrap_or_default().to_owned();
    let keys: BTreeSet<String> = all.iter().map(key).collect();
    if keys.len() == all.len() {
        return all;
    }
    vec![format!("all = [{}]", tables(lists))]
}

/// Conditions that hold where all of one list do.
pub(super) fn any_of(lists: &[Vec<String>]) -> Vec<String> {
    match lists {
        [only] => only.clone(),
        several => vec![format!("any = [{}]", tables(several))],
    }
}

/// Conditions that hold for whoever is named by one of these lists, of which at least one is not empty.
pub(super) fn named_by(lists: &[(&str, Vec<String>)]) -> Vec<String> {
    let one = |(name, items): &(&str, Vec<String>)| vec![format!("{name} = {}", list(items))];
    any_of(&lists.iter().filter(|(_, items)| !items.is_empty()).map(one).collect::<Vec<_>>())
}

fn tables(lists: &[Vec<String>]) -> String {
    lists.iter().map(|list| table(list)).collect::<Vec<_>>().join(", ")
}

/// A table of conditions, all of which must hold.
pub(super) fn table(conditions: &[String]) -> String {
    format!("{{ {} }}", conditions.join(", "))
}

impl Draft {
    pub(super) fn note(&mut self, text: impl Into<String>) {
        let text = text.into();
        if !self.notes.contains(&text) {
            self.notes.push(text);
        }
    }

    /// Takes the origin of a redirect URI for the public address, and its path, if it has one, for the callback.
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

    /// Takes a certificate and its key, if both files exist: with others the result would not pass `check`.
    pub(super) fn certificate(&mut self, certificate: String, key: String) -> bool {
        let are_here = Path::new(&certificate).is_file() && Path::new(&key).is_file();
        if are_here {
            self.certificates.push((certificate, key));
        } else {
            self.note(format!("`{certificate}`, `{key}`: not found here; name them in tls.certificates, and let server.listen begin with https://"));
        }
        are_here
    }

    pub(super) fn secret(&mut self, secret: Option<String>) {
        self.client_secret = secret.map(|secret| quoted(&secret)).or(self.client_secret.take());
    }

    pub(super) fn secret_file(&mut self, file: Option<String>) {
        let Some(file) = file else { return };
        let written = format!("{{ file = {} }}", quoted(&file));
        if Path::new(&file).is_file() {
            self.client_secret = Some(written);
        } else {
            self.note(format!("the client's secret: no file `{file}` is here; write client_secret = {written}"));
        }
    }

    /// Fills in what is missing with something to be replaced.
    pub(super) fn complete(&mut self) {
        if self.public_url.is_none() {
            self.note("server.public_url: made up; say where people reach the gateway");
        }
        for (name, is_missing) in [
            ("issuer", self.issuer.is_none()),
            ("client_id", self.client_id.is_none()),
            ("client_secret", self.client_secret.is_none()),
        ] {
            if is_missing {
                self.note(format!("{name}: not given (REPLACE-ME)"));
            }
        }
        if let Some(issuer) = self.issuer.as_mut().filter(|issuer| is_plain_elsewhere(issuer)) {
            *issuer = issuer.replacen("http://", "https://", 1);
            self.note(
                "issuer: must be https here unless it is this machine; it must be what the provider calls itself",
            );
        }
        let is_asked = |route: &DraftRoute| {
            let answers = |setting: &String| setting.starts_with("redirect = ") || setting.starts_with("respond = ");
            route.upstream.is_none() && !route.more.iter().any(answers)
        };
        if self.trusted_proxies.is_empty() && self.routes.iter().any(is_asked) {
            self.trusted_proxies = vec!["127.0.0.1".to_owned()];
            self.note("server.trusted_proxies: made up; name the proxy that asks");
        }
        // Of several routes for the same requests the first counts.
        let mut kept: Vec<DraftRoute> = Vec::new();
        for route in std::mem::take(&mut self.routes) {
            let is_same = |other: &DraftRoute| {
                (&other.host, &other.path) == (&route.host, &route.path) && other.methods == route.methods
            };
            if kept.iter().any(is_same) {
                self.note(format!("another route for the same requests is left out: {}", route.place()));
            } else {
                kept.push(route);
            }
        }
        self.routes = kept;
        self.routes.iter_mut().for_each(DraftRoute::write_odd_path);
        self.leave_out_hosts();
        self.tell_names_apart();
        self.warn_of_suffixes();
    }

    /// A host that no route can have takes its route with it. What was less exact there must then let in those of the
    /// route alone, since it takes its requests.
    fn leave_out_hosts(&mut self) {
        let has_host = |route: &DraftRoute| route.host.as_deref().is_none_or(|host| HostPattern::parse(host).is_some());
        let (kept, gone): (Vec<DraftRoute>, Vec<DraftRoute>) = self.routes.drain(..).partition(has_host);
        self.routes = kept;
        for route in &gone {
            self.note(format!("{}: no route can have that host, and it is left out", route.place()));
            let host = route.host.as_deref().unwrap_or_default();
            // `x-*.example.com`: any name may stand for the star, and for what is in braces.
            let end = host.rsplit_once(['*', '}', ')']).map_or(host, |(_, end)| end);
            let pattern = format!("^{}$", regex::escape(host).replace("\\*", ".*"));
            let pattern = regex::Regex::new(&pattern).ok().filter(|_| !host.contains(['{', '(', '[']));
            let may_take = |other: &DraftRoute| match other.host.as_deref() {
                None => true,
                Some(other) => match other.strip_prefix('*') {
                    Some(other_end) => other_end.ends_with(end) || end.ends_with(other_end),
                    None => pattern.as_ref().is_none_or(|pattern| pattern.is_match(other)),
                },
            };
            for other in self.routes.iter_mut().filter(|other| may_take(other)) {
                other.allow = other.allow.clone().both(route.allow.clone());
            }
        }
        if self.routes.is_empty() {
            self.routes.push(DraftRoute { allow: Allow::Closed, ..DraftRoute::default() });
        }
    }

    /// Names for the routes that would have the same one, or none that a route can have.
    fn tell_names_apart(&mut self) {
        let mut names = BTreeSet::new();
        for (at, route) in self.routes.iter_mut().enumerate() {
            let methods =
                if route.methods.is_empty() { String::new() } else { format!("{} ", route.methods.join(",")) };
            let (setting, path) =
                route.path.as_ref().map_or(("path", "/"), |(setting, path)| (*setting, path.as_str()));
            let usual = format!("{methods}{}{path}", route.host.as_deref().unwrap_or_default());
            let named = (usual.len() > NAME_BYTES).then(|| format!("route {}", at + 1));
            let named = named.or_else(|| names.contains(&usual).then(|| format!("{usual} ({setting})")));
            route.name.clone_from(&named);
            names.insert(named.unwrap_or(usual));
        }
    }

    /// What a public expression opens by its suffix stays as closed as it is without it: the operator is told.
    fn warn_of_suffixes(&mut self) {
        let is_by_suffix = |route: &&DraftRoute| {
            let regex = route.path.as_ref().filter(|(setting, _)| *setting == "path_regex");
            route.allow == Allow::Public && regex.is_some_and(|(_, text)| text.contains("\\.") || text.contains("[.]"))
        };
        let places: Vec<String> = self.routes.iter().filter(is_by_suffix).map(DraftRoute::place).collect();
        if self.routes.iter().all(|route| route.allow == Allow::Public) {
            return;
        }
        for place in places {
            self.note(format!("{place}: open only where the path without its suffix is: /users.css may be /users to a framework. Open a folder instead (path = \"/static\"), name the files (path_exact), or say upstream_kind = \"nginx\" in every route that leads to that server, if it maps no suffixes: docs/routing.md"));
        }
    }

    /// Limits sessions to so many seconds, in all and unused, since the other gateway has one limit.
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
        if is_plain_elsewhere(public) {
            line("allow_plain_http", "true");
        }
        if let Some(path) = &self.callback_path {
            line("callback_path", &quoted(path));
        }
        if !self.trusted_proxies.is_empty() {
            line("trusted_proxies", &list(&self.trusted_proxies));
        }
        if !self.certificates.is_empty() {
            let pair = |(certificate, key): &(String, String)| {
                format!("{{ certificate = {}, key = {} }}", quoted(certificate), quoted(key))
            };
            let pairs: Vec<String> = self.certificates.iter().map(pair).collect();
            let _ = write!(out, "\n[tls]\ncertificates = [{}]\n", pairs.join(", "));
        }
        if let Some(address) = &self.admin {
            let _ = write!(out, "\n[admin]\nlisten = {}\n", quoted(address));
        }
        out.push_str(&self.provider());
        out.push_str("\n[session]\nkeys = [{ file = \".gateway/session-key\", create = true }]\n");
        for (name, value) in [("idle_minutes", self.idle_minutes), ("absolute_hours", self.absolute_hours)] {
            if let Some(value) = value {
                let _ = writeln!(out, "{name} = {value}");
            }
        }
        if !self.redis.is_empty() {
            let _ = write!(out, "store = \"redis\"\n\n[session.redis]\n{}\n", self.redis.join("\n"));
        }
        if !self.headers.is_empty() {
            let _ = write!(out, "\n[headers]\n{}\n", self.headers.join("\n"));
        }
        if !self.aliases.is_empty() {
            let _ = write!(out, "\n[forward_auth]\naliases = {}\n", list(&self.aliases));
        }
        self.routes.iter().for_each(|route| out.push_str(&route.to_toml()));
        out
    }

    /// Okta's orgs sign people in on our own pages, other providers by redirect.
    fn provider(&self) -> String {
        let issuer = self.issuer.as_deref().unwrap_or("https://REPLACE-ME.okta.com/oauth2/default");
        let is_okta = Url::parse(issuer).ok().and_then(|url| url.host_str().map(str::to_owned)).is_some_and(|host| {
            [".okta.com", ".oktapreview.com", ".okta-emea.com"].iter().any(|suffix| host.ends_with(suffix))
        });
        let mut out =
            if is_okta { "\n[okta]\n".to_owned() } else { "\n[[provider]]\nname = \"provider\"\n".to_owned() };
        if let Some(title) = self.title.as_ref().filter(|_| !is_okta) {
            let _ = writeln!(out, "title = {}", quoted(title));
        }
        if issuer == "https://accounts.google.com" {
            out.push_str("issuer_aliases = [\"accounts.google.com\"]\n");
        }
        let _ = writeln!(out, "issuer = {}", quoted(issuer));
        let _ = writeln!(out, "client_id = {}", quoted(self.client_id.as_deref().unwrap_or("REPLACE-ME")));
        let _ = writeln!(out, "client_secret = {}", self.client_secret.as_deref().unwrap_or("\"REPLACE-ME\""));
        if !self.scopes.is_empty() {
            let _ = writeln!(out, "scopes = {}", list(&self.scopes));
        }
        if let Some(claim) = &self.groups_claim {
            let _ = writeln!(out, "groups_claim = {}", quoted(claim));
        }
        out
    }
}

/// Whether an address is plain http of another machine.
fn is_plain_elsewhere(address: &str) -> bool {
    Url::parse(address).is_ok_and(|url| url.scheme() == "http" && !is_loopback(&url))
}

impl DraftRoute {
    /// A path that a route can only have as an expression (`//x`) becomes one.
    fn write_odd_path(&mut self) {
        let Some((setting, path)) = &mut self.path else { return };
        let whole = match *setting {
            "path" if PathPrefix::parse(path).is_err() => format!("{}(/.*)?", regex::escape(path)),
            "path_exact" if ExactPath::parse(path).is_err() => regex::escape(path),
            _ => return,
        };
        (*setting, *path) = ("path_regex", whole);
    }

    /// The requests of the route, in short, for messages.
    pub(super) fn place(&self) -> String {
        let path = self.path.as_ref().map_or("/", |(_, path)| path);
        format!("{} {}{path}", self.methods.join(","), self.host.as_deref().unwrap_or("*")).trim_start().to_owned()
    }

    fn to_toml(&self) -> String {
        let mut out = String::from("\n[[route]]\n");
        if let Some(name) = &self.name {
            let _ = writeln!(out, "name = {}", quoted(name));
        }
        if let Some(host) = &self.host {
            let _ = writeln!(out, "host = {}", quoted(host));
        }
        if let Some((setting, path)) = &self.path {
            let _ = writeln!(out, "{setting} = {}", quoted(path));
        }
        if !self.methods.is_empty() {
            let _ = writeln!(out, "methods = {}", list(&self.methods));
        }
        if let Some(upstream) = &self.upstream {
            let _ = writeln!(out, "upstream = {upstream}");
        }
        let allow = match &self.allow {
            Allow::Public => "\"public\"".to_owned(),
            Allow::SignedIn => "\"signed-in\"".to_owned(),
            Allow::Conditions(conditions) => table(conditions),
            Allow::Closed => format!("{{ groups = [\"{CLOSED}\"] }}"),
        };
        let _ = writeln!(out, "allow = {allow}");
        for line in &self.more {
            let _ = writeln!(out, "{line}");
        }
        out
    }
}

/// Settings of a route: the time that its upstream may be silent, and whether there are WebSockets.
pub(super) fn connection_settings(timeout: Option<String>, websockets: Option<bool>) -> Vec<String> {
    // None at all is said as 0 there; here a day is the most.
    let most = |seconds| if seconds == 0 { 86_400 } else { seconds };
    let seconds = timeout.and_then(|text| seconds(&text)).map(most).filter(|seconds| *seconds <= 86_400);
    let mut settings: Vec<String> = seconds.map(|seconds| format!("timeout_seconds = {seconds}")).into_iter().collect();
    if websockets == Some(false) {
        settings.push("websocket = false".to_owned());
    }
    settings
}

/// The setting with which a route forwards `replacement` for a path that `regex` matches.
pub(super) fn rewrite_setting(regex: &str, replacement: &str) -> String {
    format!("rewrite = {{ regex = {}, replacement = {} }}", quoted(regex), quoted(replacement))
}

/// A TOML string; the escapes of JSON are valid in it.
pub(super) fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

pub(super) fn list(items: &[String]) -> String {
    let items: Vec<String> = items.iter().map(|item| quoted(item)).collect();
    format!("[{}]", items.join(", "))
}
