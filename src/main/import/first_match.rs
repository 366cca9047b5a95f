//! Converts rules of which the first match decides into routes of which the most exact decides, without opening more.

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use regex_syntax::hir::literal::Extractor;

use super::draft::{Allow, Draft, DraftRoute, any_of, table};
use super::expressions::unescaped;

/// A rule of the other gateway.
#[derive(Clone, Debug)]
pub(super) struct Rule {
    pub(super) route: DraftRoute,
    /// The people whom the rule was about; for others the next rule decided. None where it was about everybody.
    pub(super) only_for: Option<Vec<String>>,
    /// Whether it was for some networks alone; for others the next rule decided, and nobody may here.
    pub(super) has_networks: bool,
    /// Its place in the file, for messages.
    pub(super) place: String,
}

/// Adds routes for each host and path that a rule names, with what all rules together decide there.
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
            if let Some(earlier) = asked[..at].iter().find(|earlier| &rule.route.host == host && decides(earlier)) {
                draft.note(match earlier.has_networks {
                    true => format!(
                        "{}: left out, since from networks that {} does not name nobody may here",
                        rule.place, earlier.place
                    ),
                    false => format!("{}: an earlier rule decides about all of it, and it is left out", rule.place),
                });
            }
            if !done.contains(&&rule.route.path) {
                done.push(&rule.route.path);
                let route = DraftRoute { host: host.clone(), methods: Vec::new(), ..rule.route.clone() };
                add_path(draft, &asked, &route);
            }
        }
    }
}

/// Adds the routes of one path: for methods with a decision of their own, and for all others.
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

/// What the rules decide at a path, for a method, or for one that no rule names. None where no rule applies.
fn decided(draft: &mut Draft, asked: &[&Rule], route: &DraftRoute, method: Option<&String>) -> Option<Allow> {
    let takes = |rule: &&&Rule| {
        rule.route.methods.is_empty() || method.is_some_and(|method| rule.route.methods.contains(method))
    };
    let place = |of: &DraftRoute| asked.iter().position(|rule| rule.route.path == of.path);
    // Of expressions that are as exact the first counts here too.
    let goes_before = |rule: &Rule| {
        let are_beginnings = is_beginning(&rule.route) && is_beginning(route);
        are_beginnings && rank(&rule.route) == rank(route) && place(&rule.route) < place(route)
    };
    let mut allow = None;
    // From the last rule to the first, since an earlier rule overrides later ones.
    for rule in asked.iter().filter(takes).rev() {
        if covers(&rule.route, route) {
            allow = Some(after(rule, allow.unwrap_or(Allow::Closed)));
        } else if may_meet(&rule.route, route) && rank(&rule.route) <= rank(route) && !goes_before(rule) {
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

/// An expression that came before prefixes is less exact here than they are: both must let a request in.
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

/// Whether `one` takes every method that `other` takes.
fn takes_methods(one: &DraftRoute, other: &DraftRoute) -> bool {
    one.methods.is_empty() || !other.methods.is_empty() && is_within(&other.methods, &one.methods)
}

fn is_within(some: &[String], all: &[String]) -> bool {
    some.iter().all(|one| all.contains(one))
}

/// What a rule and those after it decide together.
fn after(earlier: &Rule, later: Allow) -> Allow {
    let Some(only_for) = &earlier.only_for else { return earlier.route.allow.clone() };
    let mut rest = match later {
        Allow::Closed => return earlier.route.allow.clone(),
        // Somebody without a session might be one of the people of this rule, and had to sign in.
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

/// How exact a route is, as in `docs/routing.md`.
pub(super) fn rank(route: &DraftRoute) -> (bool, usize, bool) {
    let setting = route.path.as_ref().map(|(setting, _)| *setting);
    (setting == Some("path_exact"), beginning(route).len(), setting == Some("path_regex"))
}

/// Whether the paths of an expression are all that begin with a text, so that the gateway ranks it as `rank` does.
fn is_beginning(route: &DraftRoute) -> bool {
    let text =
        route.path.as_ref().filter(|(setting, _)| *setting == "path_regex").map(|(_, path)| path.strip_suffix(".*"));
    text.flatten().is_some_and(|text| unescaped(text).is_some())
}

/// The whole segments with which all paths of a route begin, as the gateway finds them.
fn beginning(route: &DraftRoute) -> String {
    match &route.path {
        None => String::new(),
        Some(("path_regex", expression)) => {
            let literals = regex_syntax::parse(expression).map(|parsed| Extractor::new().extract(&parsed));
            let common = literals.ok().and_then(|literals| {
                let common = literals.longest_common_prefix()?;
                std::str::from_utf8(common).map(str::to_owned).ok()
            });
            let common = common.unwrap_or_default();
            common[..common.rfind('/').unwrap_or(0)].to_owned()
        }
        Some((_, path)) => path.clone(),
    }
}

fn is_below(path: &str, above: &str) -> bool {
    path.strip_prefix(above).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Whether every path of `route` is one of `all`; false where that cannot be told.
fn covers(all: &DraftRoute, route: &DraftRoute) -> bool {
    match (&all.path, &route.path) {
        (None, _) => true,
        (all, path) if all == path => true,
        (Some(("path", above)), Some(_)) => is_below(&beginning(route), above),
        (Some(("path_regex", expression)), Some(("path_exact", path))) => {
            regex::Regex::new(&format!("^(?:{expression})$")).is_ok_and(|expression| expression.is_match(path))
        }
        // `/a/.*`: all that lies below `/a`.
        (Some(("path_regex", expression)), Some((setting, _))) => {
            let (below, above) = (beginning(route), beginning(all));
            let is_all = expression.strip_suffix("/.*").and_then(unescaped).is_some_and(|path| path == above);
            is_all && is_below(&below, &above) && (below.len() > above.len() || *setting == "path_regex")
        }
        _ => false,
    }
}

/// Whether some path may be one of both.
pub(super) fn may_meet(one: &DraftRoute, other: &DraftRoute) -> bool {
    let is_above = |above: &DraftRoute, below: &DraftRoute| {
        !is_of(above, "path_exact") && is_below(&beginning(below), &beginning(above))
    };
    is_above(one, other) || is_above(other, one)
}
