//! Rules of which the first that matched decided → routes of which the most exact decides, which open nothing more.

use super::draft::{Allow, Draft, DraftRoute, table};

/// A rule, as it was asked.
#[derive(Clone)]
pub(super) struct Rule {
    pub(super) route: DraftRoute,
    /// Whom it was for; for everybody else the next rule decided. None where it was for everybody.
    pub(super) only_for: Option<Vec<String>>,
    /// Where it stands.
    pub(super) place: String,
}

/// Adds a route for each rule, and for each rule of a wildcard at every more exact host.
pub(super) fn add_routes(draft: &mut Draft, rules: &[Rule]) {
    let mut hosts: Vec<&Option<String>> = Vec::new();
    for rule in rules {
        if !hosts.contains(&&rule.route.host) {
            hosts.push(&rule.route.host);
        }
    }
    for host in hosts {
        let mut kept: Vec<Rule> = Vec::new();
        for rule in rules.iter().filter(|rule| covers_host(&rule.route.host, host)) {
            let is_own = &rule.route.host == host;
            let mut rule = rule.clone();
            rule.route.host.clone_from(host);
            if !add(draft, &mut kept, rule.clone()) && is_own {
                draft.note(format!("{}: an earlier rule decides about all of it, and it is left out", rule.place));
            }
        }
        draft.routes.extend(kept.into_iter().map(|rule| rule.route));
    }
}

fn covers_host(rule: &Option<String>, host: &Option<String>) -> bool {
    match (rule, host) {
        (None, _) => true,
        (Some(rule), Some(host)) => rule == host || rule.strip_prefix('*').is_some_and(|end| host.ends_with(end)),
        (Some(_), None) => false,
    }
}

/// Adds one rule of a host behind those that were asked before it; false where they leave it nothing.
fn add(draft: &mut Draft, kept: &mut Vec<Rule>, mut rule: Rule) -> bool {
    let mut more: Vec<Rule> = Vec::new();
    for earlier in kept.iter_mut() {
        let (before, route) = (&earlier.route, &rule.route);
        let is_same = before.path == route.path;
        let takes_all =
            before.methods.is_empty() || !route.methods.is_empty() && is_within(&route.methods, &before.methods);
        let shares_methods =
            takes_all || route.methods.is_empty() || route.methods.iter().any(|method| before.methods.contains(method));
        if !shares_methods {
            continue;
        }
        match (covers(before, route), takes_all) {
            (true, true) if earlier.only_for.is_none() => return false,
            // Whoever the earlier rule is not for comes to this one.
            (true, true) if is_same => {
                earlier.route.allow = after(earlier, &rule);
                let both = earlier.only_for.take().zip(rule.only_for);
                earlier.only_for = both.map(|(one, other)| vec![format!("any = [{}, {}]", table(&one), table(&other))]);
                return true;
            }
            (true, true) => rule.route.allow = after(earlier, &rule),
            (true, false) if is_same => {}
            (true, false) => {
                let route = DraftRoute { path: route.path.clone(), allow: after(earlier, &rule), ..before.clone() };
                more.push(Rule { route, ..earlier.clone() });
            }
            // The earlier one is more exact here, too; of other methods this one decided.
            (false, _) if rank(before) >= rank(route) => {
                if !takes_all && covers(route, before) {
                    let route = DraftRoute { path: before.path.clone(), ..route.clone() };
                    more.push(Rule { route, ..rule.clone() });
                }
            }
            (false, _) if may_meet(before, route) => {
                draft.note(format!(
                    "{}: an earlier rule may decide about some of it; both must let in here",
                    rule.place
                ));
                rule.route.allow = rule.route.allow.both(earlier.route.allow.clone());
            }
            (false, _) => {}
        }
    }
    kept.push(rule);
    for rule in more {
        let is_there = |other: &Rule| other.route.path == rule.route.path && other.route.methods == rule.route.methods;
        if !kept.iter().any(is_there) {
            kept.push(rule);
        }
    }
    true
}

fn is_within(some: &[String], all: &[String]) -> bool {
    some.iter().all(|one| all.contains(one))
}

/// Whom the two let in, one asked after the other.
fn after(earlier: &Rule, later: &Rule) -> Allow {
    let Some(only_for) = &earlier.only_for else { return earlier.route.allow.clone() };
    let mut rest = match &later.route.allow {
        Allow::Closed => return earlier.route.allow.clone(),
        // Somebody without a session may be one of them, and had to say who they are.
        Allow::Public | Allow::SignedIn => Vec::new(),
        Allow::Conditions(conditions) => conditions.clone(),
    };
    let not = format!("not = {}", table(only_for));
    match rest.iter().any(|condition| condition.starts_with("not = ")) {
        true => rest = vec![format!("all = [{}, {}]", table(&rest), table(&[not]))],
        false => rest.push(not),
    }
    match &earlier.route.allow {
        Allow::Conditions(first) => Allow::Conditions(vec![format!("any = [{}, {}]", table(first), table(&rest))]),
        _ => Allow::Conditions(rest),
    }
}

/// How exact a route is, as `docs/routing.md` has it.
fn rank(route: &DraftRoute) -> (bool, usize, bool) {
    let setting = route.path.as_ref().map(|(setting, _)| *setting);
    (setting == Some("path_exact"), beginning(route).len(), setting == Some("path_regex"))
}

/// The whole segments that all of a route's paths begin with.
fn beginning(route: &DraftRoute) -> &str {
    match &route.path {
        None => "",
        Some(("path_regex", expression)) => {
            let plain =
                expression.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || b"/-_~".contains(byte)).count();
            // The last byte may be one that the next one makes optional.
            let plain = if plain == expression.len() { plain } else { plain.saturating_sub(1) };
            let end = expression[..plain].rfind('/').unwrap_or(0);
            if expression.contains('|') { "" } else { &expression[..end] }
        }
        Some((_, path)) => path,
    }
}

fn is_below(path: &str, above: &str) -> bool {
    path.strip_prefix(above).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Whether every path of `route` is one of `all`, as far as that can be told.
fn covers(all: &DraftRoute, route: &DraftRoute) -> bool {
    match (&all.path, &route.path) {
        (None, _) => true,
        (all, path) if all == path => true,
        (Some(("path", above)), Some(_)) => is_below(beginning(route), above),
        (Some(("path_regex", expression)), Some(("path_exact", path))) => {
            regex::Regex::new(&format!("^(?:{expression})$")).is_ok_and(|expression| expression.is_match(path))
        }
        _ => false,
    }
}

/// Whether a path may be one of both.
fn may_meet(one: &DraftRoute, other: &DraftRoute) -> bool {
    is_below(beginning(one), beginning(other)) || is_below(beginning(other), beginning(one))
}
