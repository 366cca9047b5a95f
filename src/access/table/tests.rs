//! Where requests go, and which policies they meet on the way.

use super::*;
use proptest::prelude::*;

use crate::access::policy::tests::{FACTS, member_of};
use crate::access::{Action, BadPath, ExactPath, PathPrefix, PathRegex, Policy, Rewrite, Upstream};

fn route(name: &str, host: &str, path: &str, policy: Policy) -> Route {
    Route {
        host: if host.is_empty() { HostPattern::Any } else { HostPattern::parse(host).expect("a host") },
        ..Route::new(name, PathPattern::Below(PathPrefix::parse(path).expect("a path")), policy, action())
    }
}

fn action() -> Action {
    Action::Forward(Upstream::new("127.0.0.1", 9001, false).into())
}

fn admins() -> Policy {
    Policy::in_groups(["admins"]).expect("a group")
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
        assert_eq!(
            routes.find("localhost", &Method::GET, path).map(|found| found.route().name.as_str()),
            Ok(name),
            "{path}"
        );
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
        assert_eq!(
            routes.find(host, &Method::GET, path).map(|found| found.route().name.as_str()),
            name,
            "{host}{path}"
        );
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
        "//x/admin",
        "//public/admin",
        "/\\x/admin",
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
        "/(S(x))/admin",
        "/ad/(S(x))min",
        "/admin:$i30:$INDEX_ALLOCATION",
        "/admin.json",
        "/admin.action",
        "/admin.tar.gz",
        "/%e2%93%90dmin",
    ] {
        let matched = routes.find("localhost", &Method::GET, path);
        assert!(
            matched.as_ref().is_ok_and(|matched| matches!(
                matched.decide(Some(&staff), FACTS, Instant::from_seconds(0)),
                Decision::Refuse(_)
            )),
            "{path}: {matched:?}"
        );
        assert!(
            matched.is_ok_and(|matched| matched.decide(None, FACTS, Instant::from_seconds(0)) == Decision::SignIn),
            "{path}"
        );
    }
}

#[test]
fn what_only_an_attack_sends_has_no_route() {
    for path in ["*", "", "admin", "/%c0%af/admin", "/adm\u{131}n"] {
        assert_eq!(
            demo().find("localhost", &Method::GET, path).map(|found| found.route().name.clone()),
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
        assert_eq!(routes.find("localhost", &Method::GET, path).is_ok(), found, "{path}");
    }
}

#[test]
fn hosts_and_prefixes_of_rules_have_a_shape() {
    for bad in ["", "*", "*.", "a b", "example.com:8080", "http://example.com", "*.*.com"] {
        assert_eq!(HostPattern::parse(bad), None, "{bad}");
    }
    assert_eq!(HostPattern::parse("Wiki.Example.COM"), Some(HostPattern::Exactly("wiki.example.com".to_owned())));
    for bad in ["", "admin", "/a/../b", "//a", "/a%20b", "/a;b", "/a?b", "/a\u{e9}", "/a|x"] {
        assert_eq!(PathPrefix::parse(bad), Err(BadPath::NotPlain), "{bad}");
    }
    for (pattern, instead) in [
        ("/admin/*", "/admin"),
        ("/api*", "/api"),
        ("/v1/**", "/v1"),
        ("/old/:id", "/old"),
        ("/old/{id}/x", "/old"),
        ("/<name>", "/"),
        ("/*", "/"),
        ("/*.js", "/"),
        ("/a/^b$", "/a"),
        ("/a/(b|c)", "/a"),
        ("/a/[0-9]+", "/a"),
        ("/admin$", "/admin"),
    ] {
        assert_eq!(PathPrefix::parse(pattern), Err(BadPath::Pattern { instead: instead.to_owned() }), "{pattern}");
    }
    assert_eq!(PathPrefix::parse("/").as_ref().map(PathPrefix::as_str), Ok("/"));
    assert_eq!(PathPrefix::parse("/admin/").as_ref().map(PathPrefix::as_str), Ok("/admin"));
    assert_eq!(PathPrefix::parse("/a:b/c@d").as_ref().map(PathPrefix::as_str), Ok("/a:b/c@d"));
}

/// A framework that maps suffixes gives `/admin.json` what stands at `/admin`; a file of that name needs no route of its own.
#[test]
fn a_suffix_hides_no_route_and_needs_none() {
    let routes =
        Routes::new(vec![route("file", "", "/app.json", Policy::Public), route("admin", "", "/admin", admins())]);
    let decide = |path: &str| {
        routes
            .find("localhost", &Method::GET, path)
            .map(|found| found.decide(None, FACTS, Instant::from_seconds(0)) == Decision::SignIn)
    };
    assert_eq!(decide("/app.json"), Ok(false));
    assert_eq!(decide("/admin.json"), Err(NoRoute::NotFound));
    let mut file = route("file", "", "/", Policy::Public);
    for (kind, asks) in [(UpstreamKind::Generic, true), (UpstreamKind::Spring, true), (UpstreamKind::Nginx, false)] {
        file.upstream_kind = kind;
        let routes = Routes::new(vec![file.clone(), route("admin", "", "/admin", admins())]);
        let found = routes.find("localhost", &Method::GET, "/admin.json").expect("a route");
        assert_eq!(found.decide(None, FACTS, Instant::from_seconds(0)) == Decision::SignIn, asks, "{kind:?}");
    }
}

/// A file that a route names is that route's, although all paths are somebody else's; what an expression matches is not named.
#[test]
fn a_route_that_names_a_path_with_its_suffix_has_it() {
    let exactly = |path: &str| Route {
        path: PathPattern::Exactly(ExactPath::parse(path).expect("a path")),
        ..route(path, "", path, Policy::Public)
    };
    let styles = PathPattern::Matching(PathRegex::parse(r".*\.css").expect("an expression"));
    let routes = Routes::new(vec![
        exactly("/robots.txt"),
        exactly("/admin/Logo.png"),
        route("version", "", "/api.v2", Policy::Public),
        Route { path: styles, ..route("styles", "", "/", Policy::Public) },
        route("all", "", "/", Policy::SignedIn),
        route("admin", "", "/admin", admins()),
        route("api", "", "/secret", admins()),
        exactly("/secret.txt"),
    ]);
    for (path, is_open) in [
        ("/robots.txt", true),
        ("/admin/Logo.png", true),
        ("/api.v2", true),
        ("/api.v2/x.json", true),
        ("/robots.json", false),
        ("/admin/logo.png", false),
        ("/users.css", false),
        ("/secret.txt", false),
        ("/secret.json", false),
    ] {
        let found = routes.find("localhost", &Method::GET, path).expect("a route");
        let decision = found.decide(None, FACTS, Instant::from_seconds(0));
        assert_eq!(matches!(decision, Decision::Pass(_)), is_open, "{path}");
    }
}

use UpstreamKind::{Generic, Iis, Nginx, Node, Php, Spring, Tomcat};

const ALL: &[UpstreamKind] = &[Generic, Iis, Nginx, Node, Php, Spring, Tomcat];

/// A route of its own beside one that is open to everybody: a request is closed as that route is for these kinds of servers,
/// and open for every other.
#[track_caller]
fn are_closed(rows: &[(&str, &str, &str, &[UpstreamKind])]) {
    for (setting, path, request, kinds) in rows {
        let pattern = match *setting {
            "path" => PathPattern::Below(PathPrefix::parse(path).expect("a path")),
            "path_exact" => PathPattern::Exactly(ExactPath::parse(path).expect("a path")),
            _ => PathPattern::Matching(PathRegex::parse(path).expect("an expression")),
        };
        for kind in ALL {
            let own = Route { path: pattern.clone(), ..route("own", "", "/", admins()) };
            let mut routes = [own, route("open", "", "/", Policy::Public)];
            routes.iter_mut().for_each(|route| route.upstream_kind = *kind);
            let routes = Routes::new(routes);
            let found = routes.find("localhost", &Method::GET, request).expect("a route");
            let is_closed = found.decide(None, FACTS, Instant::from_seconds(0)) == Decision::SignIn;
            assert_eq!(is_closed, kinds.contains(kind), "{setting} = {path}: {request} of {kind:?}");
        }
    }
}

/// P-02 to P-07, P-17.
#[test]
fn what_a_server_finds_in_its_own_way_is_closed_as_it_is() {
    are_closed(&[
        // `..` takes away a segment with an encoded slash as a whole.
        ("path", "/admin", "/a%2Fb/%2e%2e/admin", ALL),
        ("path", "/admin", "/a%5cb/%2e%2e/admin/x", ALL),
        ("path", "/admin", "/a%252Fb/%252e%252e/admin", ALL),
        // Bytes that are no text, and control characters.
        ("path_regex", "/api/v[0-9]+/users/.*", "/%61pi/v1/users/x%ff", ALL),
        ("path_regex", "/api/v[0-9]+/users/[^/]+", "/%61pi/v1/users/x%ff", ALL),
        ("path_regex", "/api/v[0-9]+/users/.*", "/%61pi/v1/users/x%0ay", ALL),
        ("path_regex", "/inv/[0-9]+", "/%69nv/5%0a", ALL),
        // Digits of other scripts, which Python takes for digits.
        ("path_regex", "/inv/[0-9]+", "/inv/%D9%A5", &[Generic, Iis]),
        ("path_regex", "/inv/[0-9]+", "/inv/1%E0%A5%AD", &[Generic, Iis]),
        ("path_regex", "/café(/.*)?", "/c%61f%C3%A9", ALL),
        ("path_regex", "/café(/.*)?", "/%63af%c3%a9/%ff", ALL),
        // A segment with an encoded slash is one to servers that match segments before they decode them.
        ("path_regex", "/files/[^/]+/private", "/files/a%2Fb/privat%65", ALL),
        ("path_regex", "/files/[^/]+/private", "/%66iles/%2e%2e%2Fb/private", ALL),
        ("path_regex", "/files/[^/]+/private", "/files/%2F/privat%65", ALL),
        // A slash at the end.
        ("path_regex", "/inv/[0-9]+", "/inv/5/", ALL),
        ("path_regex", "/inv/[0-9]+", "/inv/5%2f", ALL),
        ("path_regex", "/inv/[0-9]+/", "/inv/5", ALL),
        ("path_exact", "/secret", "/secret/", ALL),
        // `;` before a query.
        ("path_exact", "/secret", "/secret;/x", &[Generic, Node]),
        ("path", "/admin", "/admin;x", &[Generic, Node, Spring, Tomcat]),
        ("path", "/admin", "/admin;/../x", &[Generic, Node, Spring, Tomcat]),
    ]);
}

/// P-04, P-17.
#[test]
fn what_a_server_finds_by_another_suffix_or_host_is_closed_as_it_is() {
    are_closed(&[
        // Suffixes that are mapped, and slashes behind them.
        ("path", "/admin", "/admin.data", &[Generic, Iis, Node, Php, Spring, Tomcat]),
        ("path", "/admin", "/admin.json/", &[Generic, Iis, Node, Php, Spring, Tomcat]),
        ("path", "/admin", "/admin.json//", &[Generic, Iis, Node, Php, Spring, Tomcat]),
        ("path_regex", "/invoices/[0-9]+", "/invoices/5.json/", &[Generic, Iis, Node, Php, Spring, Tomcat]),
        ("path_regex", "/invoices/[0-9]+/", "/invoices/5.json", &[Generic, Iis, Node, Php, Spring, Tomcat]),
        // Suffixes that are left out.
        ("path", "/report.html", "/report", &[Generic, Iis, Nginx, Node, Php]),
        ("path_exact", "/a/report.html", "/a/REPORT/", &[Generic, Iis, Nginx, Node, Php]),
        ("path", "/report.php", "/report/x", &[Generic, Iis, Nginx, Node, Php]),
        ("path", "/report.html", "/report/x", &[]),
        // Programs that are called without their ending, or with more behind it.
        ("path", "/admin", "/admin.php", &[Generic, Iis, Nginx, Node, Php, Spring, Tomcat]),
        ("path", "/admin", "/admin%2ephp", &[Generic, Iis, Nginx, Node, Php, Spring, Tomcat]),
        ("path", "/admin", "/admin.php/x", ALL),
        ("path", "/admin", "/admin.php%2fx", ALL),
        ("path", "/a/admin/x", "/a/admin.php/x", &[Generic, Iis, Nginx, Php]),
        ("path_exact", "/admin.php", "/admin.php/x", ALL),
        // How Zope is told of its host.
        ("path", "/admin", "/VirtualHostBase/http/x:80/admin", &[Generic]),
        ("path", "/admin", "/VirtualHostRoot/admin/x", &[Generic]),
        ("path", "/a/b", "/VirtualHostBase/http/x:80/a/VirtualHostRoot/b", &[Generic]),
        ("path", "/admin", "/VirtualHosts/admin", &[]),
        ("path", "/admin", "/VirtualHostRoot/_vh_x/_vh_y/admin", &[Generic]),
        ("path", "/admin", "/VirtualHostBase/http/admin.x:80/*/VirtualHostRoot/y", &[Generic]),
        // The data of a page.
        ("path", "/admin", "/_next/data/B-1/admin.json", &[Generic, Node]),
        ("path", "/docs/admin", "/docs/_next/data/B-1/admin/x.json", &[Generic, Node]),
        ("path", "/admin", "/_next/data/admin.json", &[]),
        ("path", "/admin", "/page-data/admin/page-data.json", &[Generic, Node]),
        ("path_exact", "/secret", "/secret/__data.json", &[Generic, Node]),
        ("path_regex", "/invoices/[0-9]+", "/invoices/5/_payload.json", &[Generic, Node]),
        ("path", "/admin", "/_next/static/B-1/admin.js", &[]),
    ]);
}

/// What a route names stays its own, whatever a server might find there besides.
#[test]
fn what_a_route_names_is_open_beside_what_only_some_servers_find() {
    let matching = |name: &str, text: &str, policy| Route {
        path: PathPattern::Matching(PathRegex::parse(text).expect("an expression")),
        ..route(name, "", "/", policy)
    };
    let routes = Routes::new(vec![
        route("page", "", "/report", Policy::Public),
        route("file", "", "/report.html", admins()),
        matching("styles", r"/static/.*\.css", Policy::Public),
        matching("static", "/static/.*", admins()),
        route("all", "", "/", Policy::SignedIn),
        route("assets", "", "/_next", Policy::Public),
    ]);
    for (path, is_open) in [
        ("/report", true),
        ("/report/x", true),
        ("/report.html", false),
        ("/static/a.css", false),
        ("/_next/static/a.js", true),
        ("/_next/data/B-1/admin.json", false),
    ] {
        let found = routes.find("localhost", &Method::GET, path).expect("a route");
        let decision = found.decide(None, FACTS, Instant::from_seconds(0));
        assert_eq!(matches!(decision, Decision::Pass(_)), is_open, "{path}: {found:?}");
    }
    // Where no suffix is mapped, the first of two expressions for a path counts for it, with a slash at its end or without.
    let mut styles =
        [matching("styles", r"/static/.*\.css", Policy::Public), matching("static", "/static/.*", admins())];
    styles.iter_mut().for_each(|route| route.upstream_kind = UpstreamKind::Nginx);
    let routes = Routes::new(styles);
    for (path, is_open) in [("/static/a.css", true), ("/static/a.css/", false), ("/static/a.js", false)] {
        let found = routes.find("localhost", &Method::GET, path).expect("a route");
        let decision = found.decide(None, FACTS, Instant::from_seconds(0));
        assert_eq!(matches!(decision, Decision::Pass(_)), is_open, "{path}");
    }
}

/// A server that is not told the host cannot tell its applications apart.
#[test]
fn a_path_that_is_rewritten_is_looked_up_on_every_host_that_the_server_does_not_see() {
    for (preserve_host, is_open) in [(false, false), (true, true)] {
        let strips = Route {
            rewrite: Some(Rewrite::Strip(PathPrefix::parse("/tool").expect("a path"))),
            preserve_host,
            ..route("apps", "apps.example.com", "/tool", Policy::Public)
        };
        let routes = Routes::new([
            strips,
            route("tool", "tool.example.com", "/", Policy::Public),
            route("admin", "tool.example.com", "/admin", admins()),
        ]);
        for (path, is_open) in [("/tool/x", true), ("/tool/admin", is_open), ("/tool/Admin/x", is_open)] {
            let found = routes.find("apps.example.com", &Method::GET, path).expect("a route");
            let decision = found.decide(None, FACTS, Instant::from_seconds(0));
            assert_eq!(matches!(decision, Decision::Pass(_)), is_open, "{path}, {preserve_host}");
        }
    }
}

proptest! {
    /// Whatever stands before it, a path that is within the admins' pages to some reading is not open to others.
    #[test]
    fn a_path_is_open_only_if_every_reading_is(path in "/(public|admin|x)?[a-z./;%25c0-9\\\\ :()]{0,20}") {
        let routes = demo();
        let Ok(found) = routes.find("localhost", &Method::GET, &path) else { return Ok(()) };
        if let Decision::Pass(_) = found.decide(None, FACTS, Instant::from_seconds(0)) {
            let all = readings::readings(path.as_bytes(), UpstreamKind::Generic).unwrap_or_default();
            for reading in all {
                let reading = String::from_utf8_lossy(&reading).to_lowercase();
                prop_assert!(reading == "/public" || reading.starts_with("/public/") || reading.starts_with("/public."), "{path} is also {reading}");
            }
        }
    }
}

/// A table of routes as the file might say it: host, path, methods, in whatever order.
fn tables() -> impl Strategy<Value = Vec<(&'static str, &'static str, &'static str, Option<&'static str>)>> {
    let host = prop::sample::select(vec!["", "a.example", "*.example", "b.a.example"]);
    let path = prop::sample::select(vec!["/", "/x", "/x/y", "/z"]);
    let kind = prop::sample::select(vec!["below", "exactly", "matching"]);
    let method = prop::sample::select(vec![None, Some("GET"), Some("POST")]);
    prop::collection::vec((host, path, kind, method), 1..12).prop_map(|mut table| {
        let mut seen = std::collections::HashSet::new();
        table.retain(|row| seen.insert(*row));
        table
    })
}

/// The route that wins, by asking every one of them: the ten lines that the index must agree with.
fn model(table: &[(&str, &str, &str, Option<&str>)], host: &str, method: &str, path: &str) -> Result<usize, bool> {
    let fits_host = |of: &str| {
        of.is_empty()
            || of == host
            || of.strip_prefix('*').is_some_and(|end| host.len() > end.len() && host.ends_with(end))
    };
    let below = |of: &str| of == "/" || path == of || path.strip_prefix(of).is_some_and(|rest| rest.starts_with('/'));
    let fits = |(_, row): &(usize, &(&str, &str, &str, Option<&str>))| {
        fits_host(row.0)
            && match row.2 {
                "exactly" => path == row.1,
                "matching" => path
                    .strip_prefix(row.1.trim_end_matches('/'))
                    .is_some_and(|rest| rest.len() > 1 && rest.starts_with('/')),
                _ => below(row.1),
            }
    };
    let rank = |row: &(&str, &str, &str, Option<&str>)| {
        (
            row.0.is_empty(),
            row.0.starts_with('*'),
            row.2 != "exactly",
            usize::MAX - row.1.trim_end_matches('/').len(),
            row.2 != "matching",
        )
    };
    let best = table.iter().enumerate().filter(fits).map(|(_, row)| rank(row)).min().ok_or(false)?;
    let of_best = || table.iter().enumerate().filter(fits).filter(|(_, row)| rank(row) == best);
    let takes = |(_, row): &(usize, &(&str, &str, &str, Option<&str>))| {
        row.3.is_none_or(|named| named == method || (named == "GET" && method == "HEAD"))
    };
    of_best().filter(takes).min_by_key(|(_, row)| row.3.is_none()).map(|(at, _)| at).ok_or(true)
}

proptest! {
    /// Whatever the table, a plain request takes the route that the model says, or none where it says none.
    #[test]
    fn the_index_finds_what_asking_every_route_would(
        table in tables(),
        host in prop::sample::select(vec!["a.example", "b.a.example", "c.example", "elsewhere.test"]),
        method in prop::sample::select(vec!["GET", "HEAD", "POST", "DELETE"]),
        path in prop::sample::select(vec!["/", "/x", "/x/y", "/x/y/w", "/xy", "/z", "/z/x", "/w"]),
    ) {
        let routes = Routes::new(table.iter().enumerate().map(|(at, (host, path, kind, method))| {
            let pattern = match *kind {
                "below" => PathPattern::Below(PathPrefix::parse(path).expect("a path")),
                "exactly" => PathPattern::Exactly(crate::access::ExactPath::parse(path).expect("a path")),
                _ => PathPattern::Matching(crate::access::PathRegex::parse(&format!("{}/.+", path.trim_end_matches('/'))).expect("an expression")),
            };
            let mut route = Route { path: pattern, ..route(&at.to_string(), host, "/", Policy::Public) };
            route.methods = method.map_or_else(Default::default, |method| crate::access::Methods::new(&[method.to_owned()]).expect("a method"));
            // Other readings are another matter: a server of this kind has none of a plain path.
            Route { upstream_kind: UpstreamKind::Nginx, ..route }
        }));
        let found = routes.candidates(host, path).first().map(|entry| entry.name.clone());
        let method: Method = method.parse().expect("a method");
        match (routes.find(host, &method, path), model(&table, host, method.as_str(), path)) {
            (Ok(matched), Ok(at)) => prop_assert_eq!(&matched.route().name, &at.to_string()),
            (Err(NoRoute::NotFound), Err(false)) => prop_assert_eq!(found, None),
            (Err(NoRoute::Method { .. }), Err(true)) => {}
            // An exact path with a slash more or less takes other methods: stricter than asked.
            (Err(NoRoute::Method { .. }), Ok(_)) => prop_assert!(table.iter().any(|row| row.2 == "exactly")),
            (found, expected) => prop_assert!(false, "{found:?}, and not {expected:?}"),
        }
    }
}
