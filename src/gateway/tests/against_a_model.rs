//! Random tables of routes and random requests: what becomes of a request is what a few lines say that ask every route,
//! and what `explain` says.

use std::cell::RefCell;
use std::net::IpAddr;

use proptest::prelude::*;
use proptest::test_runner::TestRunner;

use super::*;
use crate::access::{Condition, ExactPath, Methods, Names, PathRegex, Replacement, Rewrite, UpstreamKind};

/// A route as the file might say it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Row {
    host: &'static str,
    kind: &'static str,
    path: &'static str,
    method: Option<&'static str>,
    allow: &'static str,
    rewrite: &'static str,
}

/// A request, and who sends it from where.
#[derive(Clone, Copy, Debug)]
struct Asked {
    host: &'static str,
    path: &'static str,
    method: &'static str,
    who: &'static str,
    client: &'static str,
}

fn rows() -> impl Strategy<Value = Vec<Row>> {
    let place = (
        prop::sample::select(vec!["", "wiki.example", "*.apps.example"]),
        prop::sample::select(vec!["below", "exactly", "matching"]),
        prop::sample::select(vec!["/", "/x", "/x/y", "/z"]),
        prop::sample::select(vec![None, Some("GET"), Some("POST")]),
    );
    let allow =
        prop::sample::select(vec!["public", "optional", "signed-in", "staff", "office", "reads", "but", "either"]);
    let rewrite = prop::sample::select(vec!["", "", "strip", "replace"]);
    let row = (place, allow, rewrite).prop_map(|((host, kind, path, method), allow, rewrite)| Row {
        host,
        kind,
        path,
        method,
        allow,
        rewrite,
    });
    prop::collection::vec(row, 1..8).prop_map(|mut rows| {
        let mut seen = std::collections::HashSet::new();
        rows.retain(|row| seen.insert((row.host, row.kind, row.path, row.method)));
        rows
    })
}

fn asked() -> impl Strategy<Value = Asked> {
    let choices = (
        prop::sample::select(vec!["localhost", "wiki.example", "a.apps.example", "elsewhere.test"]),
        prop::sample::select(vec!["/", "/x", "/x/y", "/x/y/w", "/xy", "/z", "/z/x", "/w"]),
        prop::sample::select(vec!["GET", "HEAD", "POST"]),
        prop::sample::select(vec!["nobody", "staff", "other"]),
        prop::sample::select(vec!["10.1.2.3", "192.0.2.1"]),
    );
    choices.prop_map(|(host, path, method, who, client)| {
        // The session is one of the site where people sign in.
        let who = if host == "localhost" { who } else { "nobody" };
        Asked { host, path, method, who, client }
    })
}

/// The index of the route that wins; or whether there was one, for another method.
fn winner(rows: &[Row], asked: Asked, path: &str) -> Result<usize, bool> {
    let below = |of: &str| of == "/" || path == of || path.strip_prefix(of).is_some_and(|rest| rest.starts_with('/'));
    let fits = |row: &Row| {
        let fits_host = row.host.is_empty()
            || row.host == asked.host
            || row.host.strip_prefix('*').is_some_and(|end| asked.host.ends_with(end));
        fits_host
            && match row.kind {
                "exactly" => path == row.path,
                "matching" => below(row.path) && path.len() > row.path.trim_end_matches('/').len() + 1,
                _ => below(row.path),
            }
    };
    let rank = |row: &Row| {
        (
            row.host.is_empty(),
            row.host.starts_with('*'),
            row.kind != "exactly",
            usize::MAX - row.path.trim_end_matches('/').len(),
            row.kind != "matching",
        )
    };
    let best = rows.iter().filter(|row| fits(row)).map(rank).min().ok_or(false)?;
    let takes =
        |row: &Row| row.method.is_none_or(|named| named == asked.method || (named == "GET" && asked.method == "HEAD"));
    let of_best = rows.iter().enumerate().filter(|(_, row)| fits(row) && rank(row) == best && takes(row));
    of_best.min_by_key(|(_, row)| row.method.is_none()).map(|(at, _)| at).ok_or(true)
}

/// What a rule says of whoever asks: 0 pass, 1 sign in, 2 refused.
fn rule(allow: &str, asked: Asked) -> u8 {
    let (signed_in, staff) = (asked.who != "nobody", asked.who == "staff");
    let (office, reads) = (asked.client.starts_with("10."), asked.method != "POST");
    let of_people = |holds: bool| {
        if !signed_in {
            1
        } else if holds {
            0
        } else {
            2
        }
    };
    match allow {
        "public" | "optional" => 0,
        "signed-in" => of_people(true),
        "staff" => of_people(staff),
        "office" => {
            if office {
                of_people(true)
            } else {
                2
            }
        }
        "reads" => {
            if reads {
                of_people(true)
            } else {
                2
            }
        }
        "but" => of_people(!staff),
        _ => of_people(staff || reads),
    }
}

/// The status of an answer; 0 where the request is forwarded.
fn model(rows: &[Row], asked: Asked) -> u16 {
    if asked.host == "elsewhere.test" {
        return 421;
    }
    let refused = |has_others: bool| if has_others { 405 } else { 404 };
    let row = match winner(rows, asked, asked.path) {
        Ok(at) => rows[at],
        Err(has_others) => return refused(has_others),
    };
    let forwarded = match row.rewrite {
        "strip" => match asked.path.strip_prefix(row.path.trim_end_matches('/')) {
            Some("") | None => "/".to_owned(),
            Some(rest) => rest.to_owned(),
        },
        "replace" => asked.path.strip_prefix("/x/").map_or(asked.path.to_owned(), |rest| format!("/z/{rest}")),
        _ => asked.path.to_owned(),
    };
    let again = match winner(rows, asked, &forwarded) {
        Err(true) => return 405,
        Err(false) => 0,
        Ok(at) => rule(rows[at].allow, asked),
    };
    [0, 401, 403][usize::from(rule(row.allow, asked).max(again))]
}

fn policy(allow: &str) -> Policy {
    let staff = || Condition::Groups(Names::new(vec!["staff".to_owned()]).expect("a name"));
    let office = || Condition::Networks(vec!["10.0.0.0/8".parse().expect("a network")]);
    let reads = || Condition::Methods(Methods::new(&["GET".to_owned()]).expect("methods"));
    Policy::Where(Box::new(match allow {
        "public" => return Policy::Public,
        "optional" => return Policy::Optional,
        "signed-in" => return Policy::SignedIn,
        "staff" => staff(),
        "office" => office(),
        "reads" => reads(),
        "but" => Condition::Not(Box::new(staff())),
        _ => Condition::Any(vec![staff(), reads()]),
    }))
}

fn entry(at: usize, row: &Row, balancer: &Arc<Balancer>, metrics: &Metrics) -> RouteEntry {
    let prefix = || PathPrefix::parse(row.path).expect("a path");
    let path = match row.kind {
        "exactly" => PathPattern::Exactly(ExactPath::parse(row.path).expect("a path")),
        "matching" => PathPattern::Matching(
            PathRegex::parse(&format!("{}/.+", row.path.trim_end_matches('/'))).expect("an expression"),
        ),
        _ => PathPattern::Below(prefix()),
    };
    let mut route = Route::new(at.to_string(), path, policy(row.allow), Action::Forward(upstream().into()));
    route.host = if row.host.is_empty() { HostPattern::Any } else { HostPattern::parse(row.host).expect("a host") };
    route.methods =
        row.method.map_or_else(Methods::default, |name| Methods::new(&[name.to_owned()]).expect("a method"));
    route.rewrite = match row.rewrite {
        "strip" if row.path != "/" => Some(Rewrite::Strip(prefix())),
        "replace" => Some(Rewrite::Replace(Replacement::new("/x/(.*)", "/z/$1").expect("a rule"))),
        _ => None,
    };
    // Other readings are another matter: a server of this kind has none of a plain path.
    route.upstream_kind = UpstreamKind::Nginx;
    RouteEntry::new(route, Some(Arc::clone(balancer)), metrics)
}

#[test]
fn no_table_opens_more_than_its_rules_say_and_explain_says_the_same() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let mut gateway = gateway();
    let hosts = ["wiki.example", "*.apps.example"].map(|host| HostPattern::parse(host).expect("a host"));
    gateway.sites = Arc::new(Sites::new(gateway.site().clone(), &hosts));
    let cookies = ["staff", "others"].map(|group| runtime.block_on(cookie_of(&gateway, member_of(&[group]), NOW)));
    let pool = Arc::new(UpstreamPool::new(upstream()));
    let balancer = Arc::new(Balancer::new(vec![(pool, 1)], crate::access::Balance::default()).expect("a member"));
    let gateway = RefCell::new(gateway);
    let tried = TestRunner::default().run(&(rows(), asked()), |(rows, asked)| {
        let mut gateway = gateway.borrow_mut();
        let entries: Vec<RouteEntry> =
            rows.iter().enumerate().map(|(at, row)| entry(at, row, &balancer, &gateway.metrics)).collect();
        gateway.routes = Routes::new(entries);
        let cookie = match asked.who {
            "nobody" => "a=b",
            "staff" => cookies[0].as_str(),
            _ => cookies[1].as_str(),
        };
        let head = http::Request::builder()
            .method(asked.method)
            .uri(asked.path)
            .header("host", asked.host)
            .header("accept", "application/json")
            .header("cookie", cookie)
            .body(())
            .expect("a request")
            .into_parts()
            .0;
        let client: IpAddr = asked.client.parse().expect("an address");
        let request = Request::read(&head, Some(client), RequestId::next()).expect("a host");
        let expected = model(&rows, asked);
        let (status, name) = match runtime.block_on(gateway.answer(&request, NOW, &mut Remembered::default())) {
            Verdict::Forward(forward) => (0, forward.route.route.name.clone()),
            Verdict::Respond(response, _) => (response.status.as_u16(), String::new()),
            Verdict::KeepForm(..) => (0, "a form is kept".to_owned()),
        };
        prop_assert_eq!(status, expected);
        let taken = winner(&rows, asked, asked.path).map_or_else(|_| String::new(), |at| at.to_string());
        prop_assert!(status != 0 || name == taken, "it takes {}, and not {}", name, taken);
        let explained = gateway.explain(&request, NOW);
        let tells_staff = asked.who == "staff" && explained.contains("visitor   in staff: ");
        let who = match (asked.who, status) {
            (_, 404 | 405 | 421) => "anybody   ".to_owned(),
            ("nobody", _) => "visitor   nobody: ".to_owned(),
            _ => format!("visitor   {}: ", if tells_staff { "in staff" } else { "signed in" }),
        };
        let outcome = if status == 0 { "forwarded: ".to_owned() } else { format!("{status}: ") };
        prop_assert!(explained.contains(&format!("{who}{outcome}")), "{who}{outcome} is not in\n{explained}");
        Ok(())
    });
    if let Err(failed) = tried {
        panic!("{failed}");
    }
}
