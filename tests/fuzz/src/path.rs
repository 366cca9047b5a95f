//! Paths: the line is a path as somebody might send it. What is open to nobody in particular must be so under whatever
//! plain models of servers make of it; they are written here, and share nothing with the gateway's readings.
#![no_main]

use std::sync::LazyLock;

use http::Method;
use idx_gateway::access::{
    Action, Credential, Decision, PathPattern, PathPrefix, Policy, RequestFacts, Route, Routes, Upstream,
};
use idx_gateway::time::Instant;
use idx_gateway_fuzz::halves;
use libfuzzer_sys::fuzz_target;

static ROUTES: LazyLock<Routes> = LazyLock::new(|| {
    let admins = Policy::in_groups(["admins"]).expect("a group");
    Routes::new([route("/", Policy::Public), route("/admin", admins)])
});

fn route(path: &str, policy: Policy) -> Route {
    let upstream = Upstream::new("127.0.0.1", 9001, false);
    let pattern = PathPattern::Below(PathPrefix::parse(path).expect("a path"));
    Route::new(path, pattern, policy, Action::Forward(upstream.into()))
}

fuzz_target!(|data: &[u8]| {
    let Ok(path) = std::str::from_utf8(halves(data).0) else { return };
    let Ok(found) = ROUTES.find("localhost", &Method::GET, path) else { return };
    let facts = RequestFacts { method: &Method::GET, client: None, credential: Credential::Nothing, scopes: &[] };
    let Decision::Pass(_) = found.decide(None, facts, Instant::from_seconds(0)) else {
        return;
    };
    for model in [cgi(path), servlet(path), windows(path)] {
        let segment = model.split('/').nth(1).unwrap_or_default();
        assert!(!segment.eq_ignore_ascii_case("admin"), "{path:?} is open, and {model:?} to somebody");
    }
});

/// Decodes once, merges slashes, resolves dots.
fn cgi(path: &str) -> String {
    resolve(&decode(path))
}

/// Drops parameters, then as above.
fn servlet(path: &str) -> String {
    let kept: Vec<&str> = path.split('/').map(|segment| segment.split(';').next().unwrap_or_default()).collect();
    resolve(&decode(&kept.join("/")))
}

/// Decodes twice, takes backslashes for slashes, and drops dots and blanks at the end of a segment.
fn windows(path: &str) -> String {
    let path = resolve(&decode(&decode(path)).replace('\\', "/"));
    path.split('/').map(|segment| segment.trim_end_matches(['.', ' '])).collect::<Vec<_>>().join("/")
}

fn decode(path: &str) -> String {
    let (mut bytes, mut rest) = (Vec::new(), path);
    while let Some(first) = rest.chars().next() {
        let byte = rest.get(1..3).filter(|_| first == '%').and_then(|digits| {
            digits.bytes().all(|digit| digit.is_ascii_hexdigit()).then(|| u8::from_str_radix(digits, 16).ok())?
        });
        let length = if byte.is_some() { 3 } else { first.len_utf8() };
        match byte {
            Some(byte) => bytes.push(byte),
            None => bytes.extend_from_slice(&rest.as_bytes()[..length]),
        }
        rest = &rest[length..];
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn resolve(path: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." => drop(kept.pop()),
            segment => kept.push(segment),
        }
    }
    format!("/{}", kept.join("/"))
}
