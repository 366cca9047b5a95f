//! Rules of which the first that matched decided → routes of which the most exact decides, which open nothing more.

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use super::draft::{Allow, Draft, DraftRoute, any_of, table};

/// A rule, as it was asked.
#[derive(Clone, Debug)]
pub(super) struct Rule {
    pub(super) route: DraftRoute,
    /// Whom it was for; for everybody else the next rule decided. None where it was for everybody.
    pub(super) only_for: Option<Vec<String>>,
    /// Where it stands.
    pub(super) place: String,
}

/// Adds, for each host and path that a rule names, what the rules come to there, asked one after the other.
pub(super) fn add_routes(draft: &mut Draft, rules: &[Rule]) {
    let mut hosts: Vec<&Option<String>> = Vec::new();
    for rule in rules {
        if !hosts.contains(&&rule.route.host) {
            hosts.push(&rule.route.host);
        }
    }
    for host in hosts {
        let asked: Vec<&Rule> = rules.iter().filter(|rule| covers_host(&rule.route.host, host)).collect();
        let mut done: Vec<&Option<(&str, String)>> = Vec::new();
        for (at, rule) in asked.iter().enumerate() {
            let decides = |earlier: &&Rule| {
                earlier.only_for.is_none()
                    && takes_methods(&earlier.route, &rule.route)
                    && covers(&earlier.route, &rule.route)
            };
            if &rule.route.host == host && asked[..at].iter().any(decides) {
                draft.note(format!("{}: an earlier rule decides about all of it, and it is left out", rule.place));
            }
            if !done.contains(&&rule.route.path) {
                done.push(&rule.route.path);
                let route = DraftRoute { host: host.clone(), methods: Vec::new(), ..rule.route.clone() };
                add_path(draft, &asked, &route);
            }
        }
    }
}

/// Adds the routes of one path: those of methods that are decided about otherwise, and that of all others.
fn add_path(draft: &mut Draft, asked: &[&Rule], route: &DraftRoute) {
    let others = decided(draft, asked, route, None);
    let methods: BTreeSet<&String> = asked.iter().flat_map(|rule| &rule.route.methods).collect();
    let mut of_methods: Vec<(Allow, Vec<String>)> = Vec::new();
    for method in methods {
        let allow = decided(draft, asked, route, Some(method)).filter(|allow| Some(allow) != others.as_ref());
        let Some(allow) = allow else { continue };
        match of_methods.iter_mut().find(|(other, _)| *other == allow) {
            Some((_, methods)) => methods.push(method.clone()),
            None => of_methods.push((allow, vec![method.clone()])),
        }
    }
    of_methods.extend(others.map(|allow| (allow, Vec::new())));
    draft.routes.extend(of_methods.into_iter().map(|(allow, methods)| DraftRoute { allow, methods, ..route.clone() }));
}

/// Whom the rules let in at a path with a method, or with one that none of them names. None where no rule is for it.
fn decided(draft: &mut Draft, asked: &[&Rule], route: &DraftRoute, method: Option<&String>) -> Option<Allow> {
    let takes = |rule: &&&Rule| {
        rule.route.methods.is_empty() || method.is_some_and(|method| rule.route.methods.contains(method))
    };
    let mut allow = None;
    // From the last to the first, which has the last word.
    for rule in asked.iter().filter(takes).rev() {
        if covers(&rule.route, route) {
            allow = Some(after(rule, allow.unwrap_or(Allow::Closed)));
        } else if may_meet(&rule.route, route) && rank(&rule.route) <= rank(route) {
            draft.note(format!(
                "{}: decided about a part of {}, where both must let in here",
                rule.place,
                route.place()
            ));
            allow = allow.map(|allow| allow.both(rule.route.allow.clone()));
        }
    }
    allow
}

/// Lets both decide where an expression was asked before prefixes, whatever their length, and is less exact here.
pub(super) fn narrow_by_expressions(draft: &mut Draft) {
    let expressions: Vec<DraftRoute> =
        draft.routes.iter().filter(|route| is_of(route, "path_regex")).cloned().collect();
    let mut notes = Vec::new();
    for route in draft.routes.iter_mut().filter(|route| is_of(route, "path")) {
        for expression in &expressions {
            if expression.host == route.host && rank(expression) < rank(route) && may_meet(expression, route) {
                notes.push(format!("{}: an expression decided about some of it; both must let in here", route.place()));
                route.allow = route.allow.clone().both(expression.allow.clone());
            }
        }
    }
    notes.into_iter().for_each(|note| draft.note(note));
}

fn is_of(route: &DraftRoute, setting: &str) -> bool {
    route.path.as_ref().is_some_and(|(of, _)| *of == setting)
}

fn covers_host(rule: &Option<String>, host: &Option<String>) -> bool {
    match (rule, host) {
        (None, _) => true,
        (Some(rule), Some(host)) => rule == host || rule.strip_prefix('*').is_some_and(|end| host.ends_with(end)),
        (Some(_), None) => false,
    }
}

/// Whether one takes every method that the other takes.
fn takes_methods(one: &DraftRoute, other: &DraftRoute) -> bool {
    one.methods.is_empty() || !other.methods.is_empty() && is_within(&other.methods, &one.methods)
}

fn is_within(some: &[String], all: &[String]) -> bool {
    some.iter().all(|one| all.contains(one))
}

/// Whom a rule lets in, and after it what the later ones come to.
fn after(earlier: &Rule, later: Allow) -> Allow {
    let Some(only_for) = &earlier.only_for else { return earlier.route.allow.clone() };
    let mut rest = match later {
        Allow::Closed => return earlier.route.allow.clone(),
        // Somebody without a session may be one of them, and had to say who they are.
        Allow::Public | Allow::SignedIn => Vec::new(),
        Allow::Conditions(conditions) => conditions,
    };
    let not = format!("not = {}", table(only_for));
    match rest.iter().any(|condition| condition.starts_with("not = ")) {
        true => rest = vec![format!("all = [{}, {}]", table(&rest), table(&[not]))],
        false => rest.push(not),
    }
    match &earlier.route.allow {
        Allow::Conditions(first) => Allow::Conditions(any_of(&[first.clone(), rest])),
        _ => Allow::Conditions(rest),
    }
}

/// How exact a route is, as `docs/routing.md` has it.
pub(super) fn rank(route: &DraftRoute) -> (bool, usize, bool) {
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
            // The next byte may make the last one optional.
            let is_optional = expression[plain..].starts_with(['*', '?', '+', '{']);
            let plain = if is_optional { plain.saturating_sub(1) } else { plain };
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
pub(super) fn may_meet(one: &DraftRoute, other: &DraftRoute) -> bool {
    let is_above = |above: &DraftRoute, below: &DraftRoute| {
        !is_of(above, "path_exact") && is_below(beginning(below), beginning(above))
    };
    is_above(one, other) || is_above(other, one)
}
