//! Authelia: `session` and `access_control`. It forwards nothing itself, so neither do the routes: the proxy in front asks.

use serde_json::{Map, Value};

use super::draft::{Allow, Draft, DraftRoute, expression, list, quoted};
use super::{seconds, text, texts};

pub(super) fn read(document: &Map<String, Value>) -> Draft {
    let mut draft = Draft::default();
    let session = document.get("session").cloned().unwrap_or_default();
    let cookie = session.get("cookies").and_then(|cookies| cookies.get(0)).cloned().unwrap_or_default();
    let setting = |name: &str| cookie.get(name).or(session.get(name)).and_then(text);
    if let Some(address) = setting("authelia_url") {
        draft.reached_at(address.trim_end_matches('/'));
    } else if let Some(domain) = setting("domain") {
        draft.reached_at(&format!("https://{domain}"));
    }
    draft.callback_path = None;
    let idle = setting("inactivity").and_then(|text| seconds(&text)).map(|seconds| (seconds / 60).max(1));
    draft.sessions_last(setting("expiration").and_then(|text| seconds(&text)));
    draft.idle_minutes = idle;
    if let (Some(idle), Some(hours)) = (draft.idle_minutes, draft.absolute_hours) {
        draft.idle_minutes = Some(idle.min(hours * 60));
    }
    draft.trusted_proxies = vec!["127.0.0.1".to_owned()];
    draft.headers.push("preset = \"authelia\"".to_owned());
    draft.note("server.trusted_proxies: name the proxy that asks; docs/forward-auth.md says how it is set up");
    draft.note("[okta]: Authelia kept the people itself; they are to be in the org that the issuer names");
    let control = document.get("access_control").cloned().unwrap_or_default();
    let rules = control.get("rules").and_then(Value::as_array).cloned().unwrap_or_default();
    if rules.len() > 1 {
        draft.note("access_control.rules: the first that matches decided; here the most exact host and path does");
    }
    for (at, rule) in rules.iter().enumerate() {
        routes(&mut draft, &format!("access_control.rules[{at}]"), rule);
    }
    let policy = control.get("default_policy").and_then(text).unwrap_or_else(|| "deny".to_owned());
    if policy != "deny" && !draft.routes.iter().any(|route| route.host.is_none() && route.path.is_none()) {
        draft.routes.push(DraftRoute { allow: allowed(&policy, Allow::SignedIn), ..DraftRoute::default() });
    }
    if draft.routes.is_empty() {
        draft.routes.push(DraftRoute { allow: Allow::Closed, ..DraftRoute::default() });
    }
    let known = ["session", "access_control"];
    draft.left_out("", document, &known);
    draft
}

fn allowed(policy: &str, who: Allow) -> Allow {
    match policy {
        "bypass" => Allow::Public,
        "two_factor" => who.and("acr_values = \"urn:okta:loa:2fa:any\"".to_owned()),
        "one_factor" => who,
        _ => Allow::Closed,
    }
}

fn routes(draft: &mut Draft, place: &str, rule: &Value) {
    let allow = who(draft, place, rule);
    let mut more = Vec::new();
    let methods = texts(rule.get("methods"));
    if !methods.is_empty() {
        more.push(format!("methods = {}", list(&methods)));
    }
    if rule.get("domain_regex").is_some() {
        draft.note(format!("{place}: domain_regex is left out"));
    }
    let resources = texts(rule.get("resources"));
    let paths: Vec<_> =
        if resources.is_empty() { vec![None] } else { resources.iter().map(|text| expression(text)).collect() };
    for host in texts(rule.get("domain")) {
        for path in &paths {
            if host.contains('{') {
                draft.note(format!("{place}: `{}` is left out", quoted(&host)));
                continue;
            }
            let route = DraftRoute {
                host: Some(host.clone()),
                path: path.clone(),
                upstream: None,
                allow: allow.clone(),
                more: more.clone(),
            };
            let is_same =
                |other: &DraftRoute| other.host == route.host && other.path == route.path && other.more == route.more;
            if draft.routes.iter().any(is_same) {
                draft.note(format!("{place}: an earlier rule has the same host and path, and goes first"));
                continue;
            }
            draft.routes.push(route);
        }
    }
}

/// Whom a rule lets in: what has no counterpart lets nobody in.
fn who(draft: &mut Draft, place: &str, rule: &Value) -> Allow {
    let policy = rule.get("policy").and_then(text).unwrap_or_default();
    let mut allow = match subjects(rule.get("subject")) {
        Ok(who) => allowed(&policy, who),
        Err(subject) => {
            draft.note(format!(
                "{place}: subject {subject} has no counterpart; nobody may until you say who (REPLACE-ME)"
            ));
            Allow::Closed
        }
    };
    let networks = texts(rule.get("networks"));
    if !networks.is_empty() {
        let are_addresses = networks.iter().all(|network| network.contains(['.', ':']));
        let narrowed = if are_addresses { allow.and(format!("networks = {}", list(&networks))) } else { Allow::Closed };
        if narrowed == Allow::Closed {
            draft.note(format!(
                "{place}: networks open nothing here, and are written as addresses; nobody may (REPLACE-ME)"
            ));
        }
        allow = narrowed;
    }
    if rule.get("query").is_some() {
        draft.note(format!("{place}: query is no condition here; nobody may until you say who (REPLACE-ME)"));
        allow = Allow::Closed;
    }
    if policy == "deny" {
        draft.note(format!("{place}: nobody may, as before (REPLACE-ME is a group that nobody is in)"));
    }
    allow
}

/// `group:x` and `user:y`, any of several; whatever else there is has no counterpart.
fn subjects(subject: Option<&Value>) -> Result<Allow, String> {
    let Some(subject) = subject else { return Ok(Allow::SignedIn) };
    let items: Vec<&Value> = match subject {
        Value::Array(items) => items.iter().collect(),
        single => vec![single],
    };
    let (mut groups, mut users) = (Vec::new(), Vec::new());
    for item in items {
        // A list within the list must hold as a whole.
        let item = item.as_array().filter(|all| all.len() == 1).map_or(item, |all| &all[0]);
        match item.as_str().and_then(|text| text.split_once(':')) {
            Some(("group", name)) => groups.push(name.to_owned()),
            Some(("user", name)) => users.push(name.to_owned()),
            _ => return Err(subject.to_string()),
        }
    }
    Ok(Allow::any_of(&[("groups", groups), ("users", users)]))
}
