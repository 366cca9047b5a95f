//! What `explain` says of every kind of visitor is what their request meets, over the product of what routes and requests
//! may be.

use std::net::IpAddr;

use super::against_a_model::{TokenIssuer, policy};
use super::*;
use crate::access::{Cors, FixedResponse, Redirect};

const HERE: &str = "http://localhost:8080";

/// What a route says: who may, what becomes of it, and three settings that are on or off.
struct Row {
    allow: &'static str,
    action: &'static str,
    keeps_posts: bool,
    takes_tokens: bool,
    lets_scripts_call: bool,
}

impl Row {
    fn all() -> Vec<Self> {
        let mut rows = Vec::new();
        for allow in ["public", "optional", "signed-in", "staff", "office", "staff in the office", "strong"] {
            for action in ["forward", "redirect", "respond", "ask"] {
                // Each setting alone, and all of them: more would take long, and tell nothing new.
                for settings in [0, 1, 2, 7] {
                    rows.push(Self {
                        allow,
                        action,
                        keeps_posts: settings & 1 != 0,
                        takes_tokens: settings & 2 != 0,
                        lets_scripts_call: settings & 4 != 0,
                    });
                }
            }
        }
        rows
    }

    fn entry(&self, at: usize, issuer: &Arc<BearerIssuer>, gateway: &Gateway) -> RouteEntry {
        let action = match self.action {
            "forward" => Action::Forward(upstream().into()),
            "redirect" => Action::Redirect(Redirect::new("/elsewhere", 307).expect("a redirect")),
            "respond" => Action::Respond(FixedResponse {
                status: StatusCode::IM_A_TEAPOT,
                content_type: "text/plain".to_owned(),
                body: "tea".to_owned(),
            }),
            _ => Action::ForwardAuth,
        };
        let path = PathPattern::Below(PathPrefix::parse(&format!("/r{at}")).expect("a path"));
        let mut route = Route::new(at.to_string(), path, policy(self.allow), action);
        route.keep_post = self.keeps_posts;
        let origins = vec!["https://spa.example".to_owned()];
        let cors = Cors::new(origins, false, Vec::new(), Vec::new(), 600).expect("an origin");
        route.cors = self.lets_scripts_call.then_some(cors);
        let balancer = (self.action == "forward").then(|| {
            let pool = Arc::new(UpstreamPool::new(upstream()));
            Arc::new(Balancer::new(vec![(pool, 1)], crate::access::Balance::default()).expect("a member"))
        });
        let mut entry = RouteEntry::new(route, balancer, &gateway.metrics);
        entry.bearer.extend(self.takes_tokens.then(|| Arc::clone(issuer)));
        entry
    }
}

/// Requests by method and headers.
const REQUESTS: [(&str, &[(&str, &str)]); 8] = [
    ("GET", &[("accept", "text/html"), ("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "document")]),
    ("GET", &[("accept", "application/json")]),
    ("HEAD", &[("accept", "text/html")]),
    (
        "POST",
        &[("content-type", "application/x-www-form-urlencoded"), ("origin", HERE), ("sec-fetch-mode", "navigate")],
    ),
    (
        "POST",
        &[
            ("content-type", "application/x-www-form-urlencoded"),
            ("origin", "https://evil.example"),
            ("sec-fetch-site", "cross-site"),
            ("sec-fetch-mode", "navigate"),
        ],
    ),
    ("DELETE", &[("accept", "application/json"), ("origin", HERE)]),
    ("OPTIONS", &[("origin", "https://spa.example"), ("access-control-request-method", "GET")]),
    ("GET", &[("upgrade", "websocket"), ("connection", "upgrade"), ("origin", "https://evil.example")]),
];

/// The status of an answer; 0 where the request is forwarded.
fn status(gateway: &Gateway, request: &Request<'_>, verdict: Verdict) -> u16 {
    match verdict {
        Verdict::Forward(_) => 0,
        Verdict::Respond(response, _) | Verdict::Refuse(response, _) => response.status.as_u16(),
        Verdict::KeepForm(form, _) => {
            let page = gateway.keep_form(&request.clone().with_body("a=1"), *form, NOW);
            assert!(page.status == StatusCode::UNAUTHORIZED && !page.body.is_empty());
            // Told apart from a 401 that keeps nothing.
            1401
        }
    }
}

/// The same as `explain` has it for whoever asks.
fn told(explained: &str, who: &[&str]) -> u16 {
    let of = |kind: &str| explained.lines().find_map(|line| line.strip_prefix(kind)).map(outcome);
    who.iter()
        .find_map(|who| of(&format!("visitor   {who}: ")))
        .or_else(|| of("anybody   "))
        .unwrap_or_else(|| panic!("nothing of {who:?} in\n{explained}"))
}

fn outcome(text: &str) -> u16 {
    match text.split(':').next().unwrap_or_default() {
        "forwarded" => 0,
        "401" if text.contains("keeps the form") => 1401,
        status => status.parse().expect("a status"),
    }
}

/// Who asks, with which cookie and which token, and as whom `explain` knows them: the first of these that it names.
struct Who {
    cookie: String,
    token: Option<String>,
    known_as: &'static [&'static str],
}

fn request_head(method: &str, path: &str, headers: &[(&str, &str)], who: &Who) -> http::request::Parts {
    let mut head = head(path, headers);
    head.method = method.parse().expect("a method");
    head.headers.insert("cookie", who.cookie.parse().expect("a value"));
    if let Some(token) = &who.token {
        head.headers.insert("authorization", token.parse().expect("a value"));
    }
    head
}

#[test]
fn every_visitor_meets_what_is_explained() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let mut gateway = gateway();
    let tokens = TokenIssuer::start();
    let issuer = tokens.taken();
    let rows = Row::all();
    gateway.routes = Routes::new(rows.iter().enumerate().map(|(at, row)| row.entry(at, &issuer, &gateway)));
    let person = |group: &str, acr: Option<&str>| Identity { acr: acr.map(str::to_owned), ..member_of(&[group]) };
    let cookie = |group, acr| runtime.block_on(cookie_of(&gateway, person(group, acr), NOW));
    let nobody = || "a=b".to_owned();
    let people = [
        Who { cookie: nobody(), token: None, known_as: &["nobody"] },
        Who { cookie: cookie("staff", Some("two")), token: None, known_as: &["in staff", "signed in"] },
        Who { cookie: cookie("other", Some("two")), token: None, known_as: &["signed in"] },
        Who {
            cookie: cookie("other", None),
            token: None,
            known_as: &["in all, signed in weakly or long ago", "signed in"],
        },
        Who { cookie: nobody(), token: Some(format!("Bearer {}", tokens.token(""))), known_as: &["a program"] },
        Who { cookie: nobody(), token: Some("Bearer a b".to_owned()), known_as: &[] },
    ];
    for (at, row) in rows.iter().enumerate() {
        for who in people.iter().filter(|who| who.token.is_none() || row.takes_tokens) {
            for (method, headers) in REQUESTS {
                for client in ["10.1.2.3", "192.0.2.1"] {
                    let head = request_head(method, &format!("/r{at}/x"), headers, who);
                    let client: IpAddr = client.parse().expect("an address");
                    let request = Request::read(&head, Some(client), RequestId::next()).expect("a host");
                    let verdict = runtime.block_on(gateway.answer(&request, NOW, &mut Remembered::default()));
                    let explained = gateway.explain(&request, NOW);
                    let expected = status(&gateway, &request, verdict);
                    let known_as = if row.action == "ask" { &[][..] } else { who.known_as };
                    let context = format!(
                        "{method} from {client} by {:?} of {}, {}: {headers:?}\n{explained}",
                        who.known_as, row.allow, row.action
                    );
                    assert_eq!(told(&explained, known_as), expected, "{context}");
                    if row.action == "ask" {
                        let asked = asked_about(&gateway, &runtime, &request);
                        // The first line about anybody is about requests that come here themselves.
                        let rest = explained.split_once("anybody   404: ").map(|(_, rest)| rest);
                        let told = told(rest.unwrap_or(&explained), who.known_as);
                        // What is answered before the routes are asked is answered to no proxy.
                        let is_preflight = method == "OPTIONS" && row.lets_scripts_call;
                        assert!(is_preflight || told == asked, "{asked}: {context}");
                    }
                }
            }
        }
    }
}

/// The status of the answer to a proxy that asks about this request.
fn asked_about(gateway: &Gateway, runtime: &tokio::runtime::Runtime, request: &Request<'_>) -> u16 {
    let mut head = request.head.clone();
    head.uri = "/.gateway/auth/redirect".parse().expect("a path");
    for (name, value) in [
        ("x-forwarded-proto", "http"),
        ("x-forwarded-host", "localhost:8080"),
        ("x-forwarded-uri", request.target()),
        ("x-forwarded-method", request.method().as_str()),
    ] {
        head.headers.insert(HeaderName::from_static(name), value.parse().expect("a value"));
    }
    let mut question = Request::read(&head, request.peer, RequestId::next()).expect("a host");
    question.is_from_proxy = true;
    match runtime.block_on(gateway.answer(&question, NOW, &mut Remembered::default())) {
        Verdict::Respond(response, _) => response.status.as_u16(),
        verdict => panic!("{verdict:?}"),
    }
}
