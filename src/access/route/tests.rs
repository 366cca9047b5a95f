//! Where requests go, and which policies they meet on the way.

use super::*;
use crate::access::Groups;
use crate::access::policy::tests::member_of;

fn route(name: &str, host: &str, path: &str, policy: Policy) -> Route {
    Route {
        name: name.to_owned(),
        host: if host.is_empty() { HostPattern::Any } else { HostPattern::parse(host).expect("a host") },
        path: PathPrefix::parse(path).expect("a path"),
        policy,
        upstream: Upstream { host: "127.0.0.1".to_owned(), port: 9001, tls: false },
        timeout: Duration::from_secs(60),
        preserve_host: true,
        websocket: true,
        maintenance: false,
        signed_out: SignedOut::Fitting,
        pass_headers: Vec::new(),
    }
}

fn admins() -> Policy {
    Policy::Groups(Groups::new(vec!["admins".to_owned()]).expect("a group"))
}

fn demo() -> Routes {
    Routes::new(vec![
        route("home", "", "/", Policy::SignedIn),
        route("public", "", "/public", Policy::Public),
        route("admin", "", "/admin", admins()),
    ])
}

#[test]
fn the_longest_prefix_wins_and_ends_at_a_segment() {
    let routes = demo();
    for (path, name) in [
        ("/", "home"),
        ("/admin", "admin"),
        ("/admin/", "admin"),
        ("/admin/x", "admin"),
        ("/administrator", "home"),
        ("/admin-x", "home"),
        ("/public/x.js", "public"),
        ("/reports/admin", "home"),
    ] {
        assert_eq!(routes.find("localhost", path).map(|found| found.route().name.as_str()), Ok(name), "{path}");
    }
}

#[test]
fn the_most_exact_host_wins() {
    let routes = Routes::new(vec![
        route("any", "", "/admin", admins()),
        route("below", "*.example.com", "/", Policy::SignedIn),
        route("deeper", "*.b.example.com", "/", Policy::SignedIn),
        route("exact", "wiki.example.com", "/", Policy::SignedIn),
    ]);
    for (host, path, name) in [
        ("wiki.example.com", "/admin", Ok("exact")),
        ("other.example.com", "/", Ok("below")),
        ("a.b.example.com", "/", Ok("deeper")),
        ("example.com", "/", Err(NoRoute::NotFound)),
        ("evilexample.com", "/", Err(NoRoute::NotFound)),
        ("elsewhere.test", "/admin", Ok("any")),
        ("elsewhere.test", "/", Err(NoRoute::NotFound)),
    ] {
        assert_eq!(routes.find(host, path).map(|found| found.route().name.as_str()), name, "{host}{path}");
    }
}

/// P-01 to P-07: under a policy that lets everybody through, a disguised path to the admins' pages
/// still asks for an admin.
#[test]
fn no_disguise_opens_a_stricter_route() {
    let routes = demo();
    let staff = member_of(&["staff"]);
    for path in [
        "/public/%2e%2e/admin",
        "/public/.%2e/admin",
        "/public/%252e%252e/admin",
        "/public/..;/admin",
        "/public;x/../admin",
        "/public/..%2fadmin",
        "/public/..%5cadmin",
        "/public/..\\admin",
        "/public/../admin",
        "//admin",
        "/./admin",
        "/x/../admin/.",
        "/admin%23/public",
        "/admin%3f/public",
        "/admin%20",
        "/admin%00",
        "/admin%09",
        "/admin.",
        "/admin;.js",
        "/ADMIN",
        "/Admin/x",
        "/%61dmin",
        "/adm%c4%b1n",
        "/AdM%49n",
        "/public//..//admin",
    ] {
        let matched = routes.find("localhost", path);
        assert!(
            matched.as_ref().is_ok_and(|matched| matches!(
                matched.decide(Some(&staff), Instant::from_seconds(0)),
                Decision::Refuse(_)
            )),
            "{path}: {matched:?}"
        );
        assert!(
            matched.is_ok_and(|matched| matched.decide(None, Instant::from_seconds(0)) == Decision::SignIn),
            "{path}"
        );
    }
}

#[test]
fn what_only_an_attack_sends_has_no_route() {
    for path in ["*", "", "admin", "/%c0%af/admin", "/adm\u{131}n"] {
        assert_eq!(
            demo().find("localhost", path).map(|found| found.route().name.clone()),
            Err(NoRoute::Ambiguous),
            "{path}"
        );
    }
}

#[test]
fn a_reading_without_a_route_leaves_none() {
    let routes = Routes::new(vec![route("app", "", "/app", Policy::Public)]);
    for (path, found) in
        [("/app/x", true), ("/app/a%20b", true), ("/app/../x", false), ("/app/..%2fx", false), ("/x", false)]
    {
        assert_eq!(routes.find("localhost", path).is_ok(), found, "{path}");
    }
}

#[test]
fn hosts_and_prefixes_of_rules_have_a_shape() {
    for bad in ["", "*", "*.", "a b", "example.com:8080", "http://example.com", "*.*.com"] {
        assert_eq!(HostPattern::parse(bad), None, "{bad}");
    }
    assert_eq!(HostPattern::parse("Wiki.Example.COM"), Some(HostPattern::Exactly("wiki.example.com".to_owned())));
    for bad in ["", "admin", "/a/../b", "//a", "/a%20b", "/a;b", "/a?b", "/a*\u{e9}"] {
        assert_eq!(PathPrefix::parse(bad), None, "{bad}");
    }
    assert_eq!(PathPrefix::parse("/").as_ref().map(PathPrefix::as_str), Some("/"));
    assert_eq!(PathPrefix::parse("/admin/").as_ref().map(PathPrefix::as_str), Some("/admin"));
}
