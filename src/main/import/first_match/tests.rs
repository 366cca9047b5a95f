//! Random rules and requests: the routes let in whom the first rule that matches lets in, and nobody else.

use proptest::prelude::*;
use serde_json::Value;

use super::super::draft::{Allow, Draft, DraftRoute};
use super::{Rule, add_routes};

/// Somebody's groups; nobody without a session.
type Person = Option<&'static [&'static str]>;

const HOSTS: [&str; 3] = ["a.x", "b.x", "x.y"];
const PATHS: [&str; 6] = ["/", "/p", "/p/q", "/p/q/r", "/pq", "/z"];
const METHODS: [&str; 2] = ["GET", "POST"];
const PEOPLE: [Person; 5] = [None, Some(&[]), Some(&["g"]), Some(&["h"]), Some(&["g", "h"])];

fn rule() -> impl Strategy<Value = Rule> {
    let path = prop::sample::select(vec![
        None,
        Some(("path", "/p")),
        Some(("path", "/p/q")),
        Some(("path_exact", "/p")),
        Some(("path_exact", "/p/q")),
        Some(("path_regex", "/p.*")),
        Some(("path_regex", ".*q.*")),
        Some(("path_regex", "/p/q/.*")),
        Some(("path_regex", "/p/q.*")),
        Some(("path_regex", "/p/.*")),
        Some(("path_regex", "\\/p\\/q\\/.*")),
    ]);
    let host = prop::sample::select(vec![Some("a.x"), Some("b.x"), Some("*.x"), Some("x.y"), None]);
    let methods = prop::sample::select(vec![vec![], vec!["GET"], vec!["POST"]]);
    let subject = prop::sample::select(vec![None, None, Some("g"), Some("h")]);
    let policy = prop::sample::select(vec!["bypass", "one_factor", "deny"]);
    (host, path, methods, subject, policy).prop_map(|(host, path, methods, subject, policy)| {
        let only_for = subject.map(|group| vec![format!("groups = [\"{group}\"]")]);
        let allow = match (policy, &only_for) {
            ("deny", _) => Allow::Closed,
            ("bypass", None) => Allow::Public,
            (_, Some(conditions)) => Allow::Conditions(conditions.clone()),
            (_, None) => Allow::SignedIn,
        };
        let route = DraftRoute {
            host: host.map(str::to_owned),
            path: path.map(|(setting, path)| (setting, path.to_owned())),
            methods: methods.into_iter().map(str::to_owned).collect(),
            allow,
            ..DraftRoute::default()
        };
        Rule { route, only_for, has_networks: false, place: String::new() }
    })
}

fn takes_host(route: &DraftRoute, host: &str) -> bool {
    route.host.as_ref().is_none_or(|of| of == host || of.strip_prefix('*').is_some_and(|end| host.ends_with(end)))
}

fn takes_path(route: &DraftRoute, path: &str) -> bool {
    match route.path.as_ref().map(|(setting, of)| (*setting, of.as_str())) {
        None => true,
        Some(("path", of)) => path.strip_prefix(of).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')),
        Some(("path_exact", of)) => path == of,
        Some((_, "/p.*")) => path.starts_with("/p"),
        Some((_, "/p/q/.*" | "\\/p\\/q\\/.*")) => path.starts_with("/p/q/"),
        Some((_, "/p/q.*")) => path.starts_with("/p/q"),
        Some((_, "/p/.*")) => path.starts_with("/p/"),
        Some((_, ".*q.*")) => path.contains('q'),
        Some((_, other)) => panic!("{other}"),
    }
}

fn takes_method(route: &DraftRoute, method: &str) -> bool {
    route.methods.is_empty() || route.methods.iter().any(|of| of == method)
}

/// Whether a table of conditions, as it is written, holds.
fn holds(conditions: &Value, groups: &[&str]) -> bool {
    let all = |list: &Value| list.as_array().expect("a list").iter().all(|one| holds(one, groups));
    let any = |list: &Value| list.as_array().expect("a list").iter().any(|one| holds(one, groups));
    conditions.as_object().expect("a table").iter().all(|(name, value)| match name.as_str() {
        "groups" => {
            value.as_array().expect("a list").iter().any(|group| groups.contains(&group.as_str().expect("text")))
        }
        "any" => any(value),
        "all" => all(value),
        "not" => !holds(value, groups),
        other => panic!("{other}"),
    })
}

/// Who may, with the conditions as a table.
fn read(allow: &Allow) -> (Allow, Value) {
    use figment::providers::Format as _;
    let Allow::Conditions(conditions) = allow else { return (allow.clone(), Value::Null) };
    let table = figment::Figment::from(figment::providers::Toml::string(&conditions.join("\n"))).extract::<Value>();
    (allow.clone(), table.expect("TOML"))
}

fn lets_in((allow, conditions): &(Allow, Value), person: Person) -> bool {
    match (allow, person) {
        (Allow::Public, _) => true,
        (Allow::Closed, _) | (_, None) => false,
        (Allow::SignedIn, Some(_)) => true,
        (Allow::Conditions(_), Some(groups)) => holds(conditions, groups),
    }
}

/// There: the first rule for the request and the person. Somebody without a session may be anybody.
fn first(rules: &[Rule], host: &str, path: &str, method: &str, person: Person) -> bool {
    let is_for = |rule: &&Rule| {
        let names = |only: &Vec<String>| person.is_none() || lets_in(&read(&Allow::Conditions(only.clone())), person);
        let route = &rule.route;
        takes_host(route, host)
            && takes_path(route, path)
            && takes_method(route, method)
            && rule.only_for.as_ref().is_none_or(names)
    };
    rules.iter().find(is_for).is_some_and(|rule| lets_in(&read(&rule.route.allow), person))
}

/// Here: the most exact host that has a route for the path, then the most exact path, then a route that names the method.
fn most_exact(routes: &[(DraftRoute, (Allow, Value))], host: &str, path: &str, method: &str, person: Person) -> bool {
    let matching: Vec<_> =
        routes.iter().filter(|(route, _)| takes_host(route, host) && takes_path(route, path)).collect();
    let exactness = |route: &DraftRoute| {
        let of = route.host.as_ref().map(|of| (!of.starts_with('*'), of.len()));
        (of, super::rank(route))
    };
    let Some(best) = matching.iter().map(|(route, _)| exactness(route)).max() else { return false };
    // Of expressions that are as exact the first counts.
    let Some((first, _)) = matching.iter().find(|(route, _)| exactness(route) == best) else { return false };
    let same = matching
        .iter()
        .filter(|(route, _)| exactness(route) == best && route.path == first.path && takes_method(route, method));
    same.max_by_key(|(route, _)| !route.methods.is_empty()).is_some_and(|(_, allow)| lets_in(allow, person))
}

fn requests() -> impl Iterator<Item = (&'static str, &'static str, &'static str, Person)> {
    HOSTS.into_iter().flat_map(|host| {
        PATHS.into_iter().flat_map(move |path| {
            METHODS
                .into_iter()
                .flat_map(move |method| PEOPLE.into_iter().map(move |person| (host, path, method, person)))
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn routes_let_in_whom_the_rules_did(rules in prop::collection::vec(rule(), 1..9)) {
        let mut draft = Draft::default();
        add_routes(&mut draft, &rules);
        let routes: Vec<_> = draft.routes.iter().map(|route| (route.clone(), read(&route.allow))).collect();
        let has_expression =
            rules.iter().any(|rule| rule.route.path.as_ref().is_some_and(|(setting, _)| *setting == "path_regex"));
        for (host, path, method, person) in requests() {
            let (here, there) =
                (most_exact(&routes, host, path, method, person), first(&rules, host, path, method, person));
            // Of expressions it cannot be told which paths they have in common: both must let in.
            prop_assert!(
                if has_expression { !here || there } else { here == there },
                "{method} {host}{path} as {person:?}: {here}, not {there}: {}", draft.to_toml()
            );
        }
    }
}
