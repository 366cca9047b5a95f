//! Authelia: `session` and `access_control`. It does not forward, so the routes do not either: the proxy in front asks.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::draft::{Allow, Draft, DraftRoute, all_of, any_of, list, named_by, quoted};
use super::expressions::{alternatives, expression, unescaped};
use super::first_match::{Rule, add_routes};
use super::source::Source;
use super::{NEW_KEY, items, seconds, text, texts};

/// The networks of each name that rules use.
type Networks = BTreeMap<String, Vec<String>>;

pub(super) fn read(document: &Map<String, Value>) -> Draft {
    let (mut draft, source) = (Draft::default(), Source::new("", document));
    session(&mut draft, &source);
    draft.trusted_proxies = vec!["127.0.0.1".to_owned()];
    draft.headers.push("preset = \"authelia\"".to_owned());
    draft.aliases = vec!["/api/authz/auth-request".to_owned(), "/api/authz/forward-auth".to_owned()];
    draft.note("server.trusted_proxies: name the proxy that asks, which must lead /.gateway/ and /login/callback here (docs/forward-auth.md)");
    draft.note("[okta]: Authelia kept the people itself; they are to be in the org that the issuer names");
    let mut networks = Networks::new();
    if let Some(definitions) = source.table("definitions") {
        if let Some(Value::Object(named)) = definitions.value("network") {
            networks.extend(named.iter().map(|(name, addresses)| (name.clone(), texts(Some(addresses)))));
        }
        definitions.left_out(&mut draft);
    }
    let mut rules = Vec::new();
    if let Some(control) = source.table("access_control") {
        for named in control.tables("networks") {
            networks.insert(named.text("name").unwrap_or_default(), named.texts(&["networks"]));
        }
        let sources = control.tables("rules");
        let hosts: Vec<String> =
            sources.iter().flat_map(|rule| rule.texts(&["domain"])).map(|host| plain(&host)).collect();
        for rule in &sources {
            read_rule(&mut draft, rule, &hosts, &networks, &mut rules);
            rule.left_out(&mut draft);
        }
        let policy = control.text("default_policy").unwrap_or_else(|| "deny".to_owned());
        if policy != "deny" {
            let route = DraftRoute { allow: allowed(&policy, Allow::SignedIn), ..DraftRoute::default() };
            rules.push(Rule {
                route,
                only_for: None,
                has_networks: false,
                place: "access_control.default_policy".to_owned(),
            });
        }
        control.left_out(&mut draft);
    }
    if rules.len() > 1 {
        draft.note("access_control.rules: the first that matched decided; here the most exact host and path does, so some rules stand in more than one route");
    }
    add_routes(&mut draft, &rules);
    if draft.routes.is_empty() {
        draft.routes.push(DraftRoute { allow: Allow::Closed, ..DraftRoute::default() });
    }
    source.left_out(&mut draft);
    draft
}

fn session(draft: &mut Draft, source: &Source<'_>) {
    let Some(session) = source.table("session") else { return };
    let cookies = session.tables("cookies");
    let of_cookie = |name: &str| cookies.first().and_then(|cookie| cookie.text(name));
    let setting = |name: &str| {
        let outside = session.text(name);
        of_cookie(name).or(outside)
    };
    let domain = setting("domain");
    if let Some(address) = of_cookie("authelia_url") {
        draft.reached_at(address.trim_end_matches('/'));
    } else if let Some(domain) = domain {
        draft.reached_at(&format!("https://{domain}"));
    }
    draft.callback_path = None;
    draft.sessions_last(setting("expiration").and_then(|text| seconds(&text)));
    draft.idle_minutes = setting("inactivity").and_then(|text| seconds(&text)).map(|seconds| (seconds / 60).max(1));
    if let (Some(idle), Some(hours)) = (draft.idle_minutes, draft.absolute_hours) {
        draft.idle_minutes = Some(idle.min(hours * 60));
    }
    session.explained(
        draft,
        &[("secret", NEW_KEY), ("redis", "left out; see session.store and session.redis in gateway.toml")],
    );
    for (at, cookie) in cookies.iter().enumerate() {
        if at > 0 {
            let domain = cookie.text("domain").unwrap_or_default();
            draft.note(format!(
                "{}domain: `{domain}` has no sign-in of its own; people of its hosts are led to public_url and back",
                cookie.place
            ));
        } else {
            cookie.left_out(draft);
        }
    }
    session.left_out(draft);
}

fn allowed(policy: &str, who: Allow) -> Allow {
    match policy {
        "bypass" => Allow::Public,
        "two_factor" => who.and("acr_values = \"urn:okta:loa:2fa:any\"".to_owned()),
        "one_factor" => who,
        _ => Allow::Closed,
    }
}

/// A host pattern in lower case, as Authelia compares it; a placeholder in braces stands for any name.
fn plain(host: &str) -> String {
    let host = host.to_ascii_lowercase();
    match host.split_once('}') {
        Some((_, rest)) if host.starts_with('{') => format!("*{rest}"),
        _ => host,
    }
}

/// One rule for each of its hosts and paths. A condition without a counterpart closes them.
fn read_rule(draft: &mut Draft, rule: &Source<'_>, hosts: &[String], networks: &Networks, rules: &mut Vec<Rule>) {
    let place = rule.place.trim_end_matches('.').to_owned();
    let (mut allow, only_for) = who(draft, rule, networks);
    let mut close = |what: &str| {
        draft.note(format!("{place}: {what}; nobody may until you say who (REPLACE-ME)"));
        allow = Allow::Closed;
    };
    if rule.value("query").is_some() {
        close("query is no condition here");
    }
    let domains = rule.texts(&["domain"]);
    if domains.iter().any(|host| host.contains('{')) {
        close("a host with a person's name or group in it has no counterpart");
    }
    let mut covered: Vec<String> = domains.iter().map(|host| plain(host)).collect();
    for text in rule.texts(&["domain_regex"]) {
        let expression = regex::RegexBuilder::new(&text).case_insensitive(true).build();
        let may_be =
            |host: &&String| host.starts_with('*') || expression.as_ref().map_or(true, |known| known.is_match(host));
        covered.extend(hosts.iter().filter(may_be).cloned());
        close(&format!("domain_regex `{text}` is taken for the other rules' hosts that it may mean"));
    }
    let (mut paths, mut queries) = (Vec::new(), Vec::new());
    let policy = rule.text("policy").unwrap_or_default();
    for text in rule.texts(&["resources"]).iter().flat_map(|text| alternatives(text)) {
        if text.contains("(?P<User>") || text.contains("(?P<Group>") {
            close("a path with a person's name or group in it has no counterpart");
        }
        match expression(&text) {
            Ok(path) => {
                queries.extend(path.as_ref().and_then(|_| without_query(&text, &policy)));
                paths.push(path);
            }
            Err(problem) => {
                close(&format!("resources: `{text}` {problem}, and is taken for every path"));
                paths.push(None);
            }
        }
    }
    if paths.is_empty() {
        paths.push(None);
    }
    queries.iter().for_each(|what| draft.note(format!("{place}: resources: {what}")));
    let methods = rule.texts(&["methods"]);
    if policy == "deny" {
        draft.note(format!("{place}: nobody may, as before (REPLACE-ME is a group that nobody is in)"));
    }
    covered.sort();
    covered.dedup();
    let has_networks = rule.value("networks").is_some();
    for host in covered {
        for path in &paths {
            let (host, path, methods) = (Some(host.clone()), path.clone(), methods.clone());
            let route = DraftRoute { host, path, methods, allow: allow.clone(), ..DraftRoute::default() };
            let (only_for, place) = (only_for.clone(), place.clone());
            rules.push(Rule { route, only_for, has_networks, place });
        }
    }
}

/// Authelia compared path and query with an expression; here the path alone is. What that may open, in words.
fn without_query(text: &str, policy: &str) -> Option<String> {
    let whole = text.strip_suffix('$').filter(|whole| !whole.ends_with('\\'));
    let beginning = whole.unwrap_or(text);
    // These take any query.
    let rest = [".*", "([/?].*)?"].into_iter().find(|end| beginning.ends_with(end) && !beginning.ends_with(r"\.*"));
    let beginning = rest.and_then(|end| beginning.strip_suffix(end)).unwrap_or(beginning);
    if whole.is_some() && rest.is_none() && policy != "deny" {
        return Some(format!("`{text}` did not match a path with a query behind it; here it does, whatever the query"));
    }
    let is_plain = beginning.strip_prefix('^').is_some_and(|path| unescaped(path).is_some());
    (!is_plain && policy != "bypass").then(|| {
        format!(
            "`{text}` could match a query (`/?next=…`); here it does not, and other rules decide about such a request"
        )
    })
}

/// Whom a rule lets in, and whom it is about. A subject without a counterpart lets nobody in.
fn who(draft: &mut Draft, rule: &Source<'_>, networks: &Networks) -> (Allow, Option<Vec<String>>) {
    let place = rule.place.trim_end_matches('.');
    let policy = rule.text("policy").unwrap_or_default();
    let subject = rule.value("subject");
    let conditions = subject.map(subjects).transpose();
    let (mut allow, only_for) = match &conditions {
        Ok(None) => (allowed(&policy, Allow::SignedIn), None),
        Ok(Some(conditions)) => (allowed(&policy, Allow::Conditions(conditions.clone())), Some(conditions.clone())),
        Err(subject) => {
            draft.note(format!(
                "{place}: subject {subject} has no counterpart; nobody may until you say who (REPLACE-ME)"
            ));
            (Allow::Closed, None)
        }
    };
    let names = rule.texts(&["networks"]);
    if !names.is_empty() {
        let known = |name: &String| match networks.get(name) {
            Some(addresses) => Some(addresses.clone()),
            None => name.contains(['.', ':']).then(|| vec![name.clone()]),
        };
        let addresses: Option<Vec<Vec<String>>> = names.iter().map(known).collect();
        allow = match addresses {
            Some(addresses) => allow.and(format!("networks = {}", list(&addresses.concat()))),
            None => Allow::Closed,
        };
        draft.note(match allow {
            Allow::Closed => format!("{place}: networks open nothing here; nobody may (REPLACE-ME)"),
            _ => format!("{place}: from elsewhere nobody may; no other rule is asked then"),
        });
    }
    (allow, only_for)
}

/// `group:x` and `user:y`, one of which must hold; those of an inner list must hold together. Any other subject has no
/// counterpart.
fn subjects(subject: &Value) -> Result<Vec<String>, String> {
    let one = |item: &Value| match text(item)?.split_once(':')? {
        ("group", name) => Some(("groups", name.to_owned())),
        ("user", name) => Some(("users", name.to_owned())),
        _ => None,
    };
    let together = |item: &Value| -> Option<Vec<(&str, String)>> {
        items(item).iter().map(one).collect::<Option<Vec<_>>>().filter(|all| !all.is_empty())
    };
    let any: Option<Vec<_>> = items(subject).iter().map(together).collect();
    let any = any.filter(|any| !any.is_empty()).ok_or_else(|| subject.to_string())?;
    if any.iter().all(|all| all.len() == 1) {
        let named = |kind: &str| -> Vec<String> {
            any.iter().flatten().filter(|(of, _)| *of == kind).map(|(_, name)| name.clone()).collect()
        };
        let lists = [("groups", named("groups")), ("users", named("users"))];
        return Ok(named_by(&lists));
    }
    let condition = |(kind, name): &(&str, String)| vec![format!("{kind} = [{}]", quoted(name))];
    let all = |all: &Vec<(&str, String)>| all_of(&all.iter().map(condition).collect::<Vec<_>>());
    Ok(any_of(&any.iter().map(all).collect::<Vec<_>>()))
}
