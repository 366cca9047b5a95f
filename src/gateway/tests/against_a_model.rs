//! Random tables of routes and random requests: what becomes of a request is what a few lines say that ask every route,
//! and what `explain` says.

use std::cell::RefCell;
use std::io::{Read as _, Write as _};
use std::net::{IpAddr, TcpListener};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use proptest::prelude::*;
use proptest::test_runner::{TestCaseError, TestRunner};
use ring::signature::{Ed25519KeyPair, KeyPair as _};
use serde_json::{Value, json};

use super::*;
use crate::access::{Condition, ExactPath, Methods, Names, PathRegex, Replacement, Rewrite, UpstreamKind};
use crate::oidc::{ALGORITHMS, Documents, Issuer, ResourceServer, TokenRules};

/// A route as the file might say it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Row {
    host: &'static str,
    kind: &'static str,
    path: &'static str,
    method: Option<&'static str>,
    allow: &'static str,
    rewrite: &'static str,
    bearer: bool,
    /// Whether what is there may map suffixes.
    maps_suffixes: bool,
    max_body: Option<u64>,
}

/// A request, and who sends it from where.
#[derive(Clone, Copy, Debug)]
struct Asked {
    host: &'static str,
    path: &'static str,
    method: &'static str,
    who: &'static str,
    client: &'static str,
    /// How many bytes its body has.
    length: u64,
}

fn rows() -> impl Strategy<Value = Vec<Row>> {
    let place = (
        prop::sample::select(vec!["", "wiki.example", "*.apps.example"]),
        prop::sample::select(vec!["below", "exactly", "matching"]),
        prop::sample::select(vec!["/", "/x", "/x/y", "/z"]),
        prop::sample::select(vec![None, Some("GET"), Some("POST")]),
    );
    let allow = prop::sample::select(vec![
        "public",
        "optional",
        "signed-in",
        "staff",
        "office",
        "reads",
        "but",
        "either",
        "scoped",
        "lately",
    ]);
    let rewrite = prop::sample::select(vec!["", "", "strip", "replace"]);
    let upstream = (prop::bool::ANY, prop::sample::select(vec![None, Some(1000)]));
    let row = (place, allow, rewrite, prop::bool::ANY, upstream).prop_map(
        |((host, kind, path, method), allow, rewrite, bearer, (maps_suffixes, max_body))| Row {
            host,
            kind,
            path,
            method,
            allow,
            rewrite,
            bearer,
            maps_suffixes,
            max_body,
        },
    );
    prop::collection::vec(row, 1..8).prop_map(|mut rows| {
        let mut seen = std::collections::HashSet::new();
        rows.retain(|row| seen.insert((row.host, row.kind, row.path, row.method)));
        rows
    })
}

fn asked() -> impl Strategy<Value = Asked> {
    let choices = (
        prop::sample::select(vec!["localhost", "wiki.example", "a.apps.example", "elsewhere.test"]),
        prop::sample::select(vec![
            "/",
            "/x",
            "/x/",
            "/x/y",
            "/x/y/w",
            "/xy",
            "/z",
            "/z/x",
            "/w",
            "/x.js",
            "/x/y.tar.gz",
            "/z/.js",
        ]),
        prop::sample::select(vec!["GET", "HEAD", "POST"]),
        prop::sample::select(vec!["nobody", "staff", "other", "program", "reader"]),
        prop::sample::select(vec!["10.1.2.3", "192.0.2.1"]),
        prop::sample::select(vec![0, 1000, 1001]),
    );
    choices.prop_map(|(host, path, method, who, client, length)| {
        // The session is one of the site where people sign in.
        let who = if host == "localhost" || is_program(who) { who } else { "nobody" };
        Asked { host, path, method, who, client, length }
    })
}

fn is_program(who: &str) -> bool {
    matches!(who, "program" | "reader")
}

fn fits_host(row: &Row, host: &str) -> bool {
    row.host.is_empty() || row.host == host || row.host.strip_prefix('*').is_some_and(|end| host.ends_with(end))
}

fn fits(row: &Row, asked: Asked, path: &str) -> bool {
    let below = |of: &str| of == "/" || path == of || path.strip_prefix(of).is_some_and(|rest| rest.starts_with('/'));
    fits_host(row, asked.host)
        && match row.kind {
            "exactly" => path == row.path,
            "matching" => below(row.path) && path.len() > row.path.trim_end_matches('/').len() + 1,
            _ => below(row.path),
        }
}

/// The routes of the most exact host and path, which differ by method.
fn best(rows: &[Row], asked: Asked, path: &str) -> Vec<usize> {
    let rank = |row: &Row| {
        (
            row.host.is_empty(),
            row.host.starts_with('*'),
            row.kind != "exactly",
            usize::MAX - row.path.trim_end_matches('/').len(),
            row.kind != "matching",
        )
    };
    let best = rows.iter().filter(|row| fits(row, asked, path)).map(rank).min();
    let is_best = |(_, row): &(usize, &Row)| fits(row, asked, path) && Some(rank(row)) == best;
    rows.iter().enumerate().filter(is_best).map(|(at, _)| at).collect()
}

/// The one of them that takes the method; none where no other does either.
fn of_method(rows: &[Row], asked: Asked, group: &[usize]) -> Option<usize> {
    let takes =
        |row: &Row| row.method.is_none_or(|named| named == asked.method || (named == "GET" && asked.method == "HEAD"));
    group.iter().copied().filter(|at| takes(&rows[*at])).min_by_key(|at| rows[*at].method.is_none())
}

/// The routes of what some servers would look for instead: a path without its suffix, with another end.
fn guesses(rows: &[Row], asked: Asked, path: &str, maps_suffixes: bool) -> Vec<Vec<usize>> {
    let (own, name) = (best(rows, asked, path), path.rfind('/').map_or(0, |slash| slash + 1));
    let names_it = own.first().is_some_and(|at| rows[*at].kind != "matching");
    let dots = [path[name..].rfind('.'), path[name..].find('.')].into_iter().flatten();
    let shorter: Vec<&str> = dots.filter(|dot| maps_suffixes && *dot > 0).map(|dot| &path[..name + dot]).collect();
    // What a route names is its own, although a less exact one is of it too.
    let gives_way =
        |group: &Vec<usize>| *group != own && names_it && group.first().is_some_and(|at| fits(&rows[*at], asked, path));
    let mut found: Vec<Vec<usize>> =
        shorter.iter().map(|shorter| best(rows, asked, shorter)).filter(|group| !gives_way(group)).collect();
    for named in shorter.into_iter().chain([path]) {
        let other = named.strip_suffix('/').map_or_else(|| format!("{named}/"), str::to_owned);
        for host in ["", "wiki.example", "*.apps.example"] {
            let is_other = |row: &Row| row.host == host && row.kind == "exactly" && fits(row, asked, &other);
            found.push(rows.iter().enumerate().filter(|(_, row)| is_other(row)).map(|(at, _)| at).collect());
        }
        let mut expression = best(rows, asked, &other);
        // One that is of the path too was no choice for it.
        expression.retain(|at| rows[*at].kind == "matching" && !fits(&rows[*at], asked, path));
        found.push(expression);
    }
    found.retain(|group| !group.is_empty());
    found
}

/// Every route whose policy is asked, the one that the request takes first; else the status of the refusal.
fn entries(rows: &[Row], asked: Asked) -> Result<Vec<usize>, u16> {
    let own = best(rows, asked, asked.path);
    if own.is_empty() {
        return Err(404);
    }
    let row = rows[of_method(rows, asked, &own).ok_or(405_u16)?];
    let forwarded = match row.rewrite {
        "strip" => match asked.path.strip_prefix(row.path.trim_end_matches('/')) {
            Some("") | None => "/".to_owned(),
            Some(rest) => rest.to_owned(),
        },
        "replace" => asked.path.strip_prefix("/x/").map_or(asked.path.to_owned(), |rest| format!("/z/{rest}")),
        _ => asked.path.to_owned(),
    };
    let mut groups = vec![own];
    for path in [asked.path, &forwarded] {
        groups.push(best(rows, asked, path));
        groups.extend(guesses(rows, asked, path, row.maps_suffixes));
    }
    groups.retain(|group| !group.is_empty());
    groups.iter().map(|group| of_method(rows, asked, group).ok_or(405)).collect()
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
        "scoped" => of_people(asked.who == "reader"),
        // Their tokens do not say when anybody signed in: they are asked for others.
        "lately" => u8::from(asked.who == "nobody" || is_program(asked.who)),
        _ => of_people(staff || reads),
    }
}

/// The status of an answer; 0 where the request is forwarded.
fn model(rows: &[Row], asked: Asked) -> u16 {
    if asked.host == "elsewhere.test" {
        return 421;
    }
    let entries: Vec<Row> = match entries(rows, asked) {
        Ok(entries) => entries.into_iter().map(|at| rows[at]).collect(),
        Err(status) => return status,
    };
    // Where tokens are not taken, they are the application's own.
    let is_program = is_program(asked.who) && entries[0].bearer;
    if is_program && !entries.iter().all(|entry| entry.bearer) {
        return 401;
    }
    let who = if entries[0].bearer { asked.who } else { person(asked.who) };
    match entries.iter().map(|entry| rule(entry.allow, Asked { who, ..asked })).max() {
        Some(0) if entries[0].max_body.is_some_and(|most| asked.length > most) => 413,
        Some(0) => 0,
        Some(1) => 401,
        _ => 403,
    }
}

/// Who it is where no access token is looked at.
fn person(who: &'static str) -> &'static str {
    if is_program(who) { "nobody" } else { who }
}

pub(super) fn policy(allow: &str) -> Policy {
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
        "scoped" => Condition::Scopes(Names::new(vec!["read".to_owned()]).expect("a name")),
        "strong" => {
            Condition::Strength(AuthnRequirement::new(Some("two".to_owned()), None).expect("something is asked"))
        }
        "staff in the office" => Condition::All(vec![staff(), office()]),
        "lately" => Condition::Strength(
            AuthnRequirement::new(None, Some(Duration::from_secs(900))).expect("something is asked"),
        ),
        _ => Condition::Any(vec![staff(), reads()]),
    }))
}

/// Who issues access tokens, with its document and its keys at an address of its own, for as long as the process lives.
pub(super) struct TokenIssuer {
    address: String,
    key: Ed25519KeyPair,
}

impl TokenIssuer {
    pub(super) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = format!("http://{}", listener.local_addr().expect("an address"));
        let key = Ed25519KeyPair::from_seed_unchecked(&[9; 32]).expect("a key");
        let x = URL_SAFE_NO_PAD.encode(key.public_key());
        let document = json!({"issuer": address, "jwks_uri": format!("{address}/keys")});
        let keys = json!({"keys": [{"kty": "OKP", "crv": "Ed25519", "kid": "k", "x": x}]});
        std::thread::spawn(move || {
            for mut stream in listener.incoming().flatten() {
                let mut head = Vec::new();
                while !head.ends_with(b"\r\n\r\n") {
                    let mut byte = [0];
                    if stream.read(&mut byte).unwrap_or(0) == 0 {
                        break;
                    }
                    head.push(byte[0]);
                }
                let body = if head.starts_with(b"GET /keys ") { &keys } else { &document }.to_string();
                let length = body.len();
                let _ =
                    write!(stream, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}");
            }
        });
        Self { address, key }
    }

    pub(super) fn token(&self, scope: &str) -> String {
        let part = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let claims = json!({
            "iss": self.address, "aud": "api://wiki", "sub": "robot", "client_id": "ci", "jti": "1", "scope": scope,
            "iat": NOW.seconds(), "exp": NOW.seconds() + 60,
        });
        let signed = format!("{}.{}", part(json!({"alg": "EdDSA", "kid": "k", "typ": "at+jwt"})), part(claims));
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(self.key.sign(signed.as_bytes())))
    }

    /// How a gateway takes its tokens.
    pub(super) fn taken(&self) -> Arc<BearerIssuer> {
        let rules = TokenRules {
            issuer: Issuer::parse(&self.address).expect("an issuer"),
            audiences: vec!["api://wiki".to_owned()],
            algorithms: ALGORITHMS.to_vec(),
            scopes: Vec::new(),
            claims: std::collections::BTreeMap::new(),
            scope_claim: None,
            client_claim: None,
            introspection: None,
            authority: None,
        };
        let server = ResourceServer::new(rules, &Documents::default(), Arc::new(|_| {})).expect("a server");
        Arc::new(BearerIssuer::new("ci".to_owned(), "groups".to_owned(), Vec::new(), server))
    }
}

fn entry(at: usize, row: &Row, balancer: &Arc<Balancer>, issuer: &Arc<BearerIssuer>, metrics: &Metrics) -> RouteEntry {
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
    route.upstream_kind = if row.maps_suffixes { UpstreamKind::Spring } else { UpstreamKind::Nginx };
    route.max_body = row.max_body;
    let mut entry = RouteEntry::new(route, Some(Arc::clone(balancer)), metrics);
    entry.bearer.extend(row.bearer.then(|| Arc::clone(issuer)));
    entry
}

/// How `explain` begins the line that says what becomes of this request.
fn told(rows: &[Row], asked: Asked, status: u16, explained: &str) -> String {
    let entries = entries(rows, asked).unwrap_or_default();
    let takes_tokens = entries.first().is_some_and(|at| rows[*at].bearer);
    let are_taken = takes_tokens && entries.iter().all(|at| rows[*at].bearer);
    match asked.who {
        _ if matches!(status, 404 | 405 | 421) => "anybody   ".to_owned(),
        "program" | "reader" if takes_tokens && !are_taken => "anybody   ".to_owned(),
        "reader" if takes_tokens && explained.contains("a program with scope read: ") => {
            "visitor   a program with scope read: ".to_owned()
        }
        "program" | "reader" if takes_tokens => "visitor   a program: ".to_owned(),
        "nobody" | "program" | "reader" => "visitor   nobody: ".to_owned(),
        "staff" if explained.contains("visitor   in staff: ") => "visitor   in staff: ".to_owned(),
        _ => "visitor   signed in: ".to_owned(),
    }
}

/// Whether `explain` says what became of a request, which routes were asked and by what readings, and what its body may be.
fn explains(rows: &[Row], asked: Asked, status: u16, entries: &[usize], explained: &str) -> Result<(), TestCaseError> {
    let said = |what: &str| -> Vec<&str> {
        explained.lines().filter_map(|line| line.strip_prefix(what)).map(str::trim).collect()
    };
    let (allows, bodies) = (said("allow "), said("body "));
    let readings: Vec<&str> =
        said("reading ").iter().map(|reading| reading.split(',').next().unwrap_or_default()).collect();
    for at in entries {
        let is_asked = allows.iter().any(|allow| allow.starts_with(&format!("{at}: ")));
        let is_read = readings.iter().any(|reading| fits(&rows[*at], asked, reading));
        prop_assert!(is_asked && is_read, "route {at} is asked, and that is not said in\n{explained}");
    }
    let most = entries.first().and_then(|at| rows[*at].max_body);
    let body = most.map(|most| format!("at most {most} bytes"));
    prop_assert_eq!(bodies.len(), usize::from(body.is_some()), "{}", explained);
    prop_assert!(body.iter().all(|body| bodies[0].starts_with(body)), "{explained}");
    let who = told(rows, asked, status, explained);
    let outcome = if status == 0 { "forwarded: ".to_owned() } else { format!("{status}: ") };
    prop_assert!(explained.contains(&format!("{who}{outcome}")), "{who}{outcome} is not in\n{explained}");
    Ok(())
}

#[test]
fn no_table_opens_more_than_its_rules_say_and_explain_says_the_same() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let mut gateway = gateway();
    let hosts = ["wiki.example", "*.apps.example"].map(|host| HostPattern::parse(host).expect("a host"));
    gateway.sites = Arc::new(Sites::new(gateway.site().clone(), &hosts));
    let person = |group| Identity { auth_time: Some(NOW), ..member_of(&[group]) };
    let cookies = ["staff", "others"].map(|group| runtime.block_on(cookie_of(&gateway, person(group), NOW)));
    let issuer = TokenIssuer::start();
    let tokens = ["", "read"].map(|scope| format!("Bearer {}", issuer.token(scope)));
    let issuer = issuer.taken();
    let pool = Arc::new(UpstreamPool::new(upstream()));
    let balancer = Arc::new(Balancer::new(vec![(pool, 1)], crate::access::Balance::default()).expect("a member"));
    let gateway = RefCell::new(gateway);
    let tried = TestRunner::default().run(&(rows(), asked()), |(rows, asked)| {
        let mut gateway = gateway.borrow_mut();
        let table: Vec<RouteEntry> =
            rows.iter().enumerate().map(|(at, row)| entry(at, row, &balancer, &issuer, &gateway.metrics)).collect();
        gateway.routes = Routes::new(table);
        let (cookie, authorization) = match asked.who {
            "nobody" => ("a=b", "Basic dTpw"),
            "staff" => (cookies[0].as_str(), "Basic dTpw"),
            "other" => (cookies[1].as_str(), "Basic dTpw"),
            "program" => ("a=b", tokens[0].as_str()),
            _ => ("a=b", tokens[1].as_str()),
        };
        let head = http::Request::builder()
            .method(asked.method)
            .uri(asked.path)
            .header("host", asked.host)
            .header("accept", "application/json")
            .header("cookie", cookie)
            .header("authorization", authorization)
            .header("content-length", asked.length)
            .body(())
            .expect("a request")
            .into_parts()
            .0;
        let client: IpAddr = asked.client.parse().expect("an address");
        let request = Request::read(&head, Some(client), RequestId::next()).expect("a host");
        let expected = model(&rows, asked);
        let (status, name) = match runtime.block_on(gateway.answer(&request, NOW, &mut Remembered::default())) {
            Verdict::Forward(forward) => {
                let route = &forward.route.route;
                (if route.takes_body(request.content_length()) { 0 } else { 413 }, route.name.clone())
            }
            Verdict::Respond(response, _) | Verdict::Refuse(response, _) => (response.status.as_u16(), String::new()),
            Verdict::KeepForm(..) => (0, "a form is kept".to_owned()),
        };
        prop_assert_eq!(status, expected);
        let entries = if status == 421 { Vec::new() } else { entries(&rows, asked).unwrap_or_default() };
        let taken = entries.first().map_or_else(String::new, usize::to_string);
        prop_assert!(status != 0 || name == taken, "it takes {}, and not {}", name, taken);
        let explained = gateway.explain(&request, NOW);
        explains(&rows, asked, status, &entries, &explained)?;
        Ok(())
    });
    if let Err(failed) = tried {
        panic!("{failed}");
    }
}
