//! Rules for the whole repository that no compiler checks: which modules may name which, where the clock and files are
//! read, and that lists written by hand agree with the code.
//!
//! Each test states one rule, looks for breaches in the repository, and then in a small made-up one that breaks it, so
//! that a rule that cannot fail is found by its own test.

use std::collections::BTreeSet;

#[path = "tidy/attacks.rs"]
mod attacks;
#[path = "tidy/circles.rs"]
mod circles;
#[path = "tidy/files.rs"]
mod files;
#[path = "tidy/limits.rs"]
mod limits;
#[path = "tidy/lists.rs"]
mod lists;
#[path = "tidy/source.rs"]
mod source;
#[path = "tidy/tree.rs"]
mod tree;

use source::{File, lies_in, words};
use tree::{Tree, breaks, holds, passes};

/// Modules by level: each may name those of its own level and of the levels before it.
const LEVELS: [&[&str]; 7] = [
    &["log", "web", "secret", "time", "metrics"],
    &["access", "headers", "limits", "pages", "session"],
    &["oidc"],
    &["idx"],
    &["signin"],
    &["gateway"],
    &["proxy", "admin"],
];

/// Modules that decide: they do no I/O and read no clock.
const DOMAIN: [&str; 4] = ["access", "headers", "limits", "session"];

// ── who may name whom ────────────────────────────────────────────────────────────────────────────

#[test]
fn only_the_edge_names_pingora() {
    let rule = |tree: &Tree| {
        tree.in_src(|module| !is_edge(module), |path| path.starts_with("pingora").then(|| "names pingora".to_owned()))
    };
    holds(rule);
    breaks(rule, "src/access/route.rs", "use pingora::http::RequestHeader;");
    breaks(rule, "src/gateway/mod.rs", "fn f() { let x = pingora_core::Error::new(); }");
    passes(rule, "src/proxy/mod.rs", "use pingora::prelude::*;");
    passes(rule, "src/access/route.rs", "// pingora::http\nconst A: &str = \"pingora::http\";");
}

#[test]
fn only_main_sees_the_configuration() {
    let rule = |tree: &Tree| {
        let others = |module: &str| !is_main(module) && !matches!(module, "config" | "lib");
        tree.in_src(others, |path| lies_in(path, "crate::config").then(|| "names the configuration".to_owned()))
    };
    holds(rule);
    breaks(rule, "src/gateway/mod.rs", "use crate::{config::Config, web::Request};");
    breaks(rule, "src/proxy/mod.rs", "fn f(c: &super::config::Config) {}");
    passes(rule, "src/config/raw.rs", "use super::Config;");
    passes(rule, "src/idx/http.rs", "use rustls::client::config::Config;");
}

#[test]
fn the_clients_of_the_provider_know_nothing_of_the_gateway() {
    let rule = |tree: &Tree| {
        let stranger = |path: &str, known: &[&str]| {
            // `crate` alone is that of `pub(crate)`.
            let ours = path != "crate" && lies_in(path, "crate") && !known.iter().any(|known| lies_in(path, known));
            (ours || lies_in(path, "idx_gateway")).then(|| format!("names {path}"))
        };
        let oidc = ["crate::oidc", "crate::secret", "crate::time"];
        let idx = ["crate::idx", "crate::oidc", "crate::secret", "crate::time"];
        let mut found = tree.in_src(|module| module == "oidc", |path| stranger(path, &oidc));
        found.extend(tree.in_src(|module| module == "idx", |path| stranger(path, &idx)));
        found
    };
    holds(rule);
    breaks(rule, "src/idx/client.rs", "use crate::web::Request;");
    breaks(rule, "src/idx/client.rs", "use super::super::pages;");
    breaks(rule, "src/oidc/client.rs", "use crate::session::Session;");
    breaks(rule, "src/oidc/client.rs", "use crate::idx::Step;");
    passes(rule, "src/idx/client.rs", "use super::wire::Reply; use crate::{oidc::Client, secret::Secret};");
}

#[test]
fn oidc_is_of_no_provider_in_particular() {
    let rule = |tree: &Tree| {
        let named = |word: &str| {
            let word = word.to_ascii_lowercase();
            ["idx", "okta", "interact"].iter().any(|own| word.contains(own))
        };
        let mut found = Vec::new();
        for file in tree.src().filter(|file| file.module() == Some("oidc")) {
            // Strings too, which hold the paths; comments may compare providers.
            for (number, line) in file.text.lines().enumerate() {
                let code = line.split("//").next().unwrap_or_default();
                let is_address = line.contains("https://") || line.contains("http://");
                if named(if is_address { "" } else { code }) {
                    found.push(format!("{}:{}: {}", file.path, number + 1, line.trim()));
                }
            }
        }
        found
    };
    holds(rule);
    breaks(rule, "src/oidc/client.rs", "const A: &str = \"/v1/interact\";");
    breaks(rule, "src/oidc/http.rs", "fn f() { header(\"x-okta-user-agent\") }");
    passes(rule, "src/oidc/discovery.rs", "// Okta ends its issuer without a slash.");
}

#[test]
fn pages_know_nothing_of_idx() {
    let rule = |tree: &Tree| {
        tree.in_src(|module| module == "pages", |path| lies_in(path, "crate::idx").then(|| format!("names {path}")))
    };
    holds(rule);
    breaks(rule, "src/pages/page.rs", "use crate::idx::Step;");
    passes(rule, "src/signin/screens/mod.rs", "use crate::idx::Step;");
}

#[test]
fn arrows_point_down() {
    let rule = |tree: &Tree| {
        let level = |module: &str| LEVELS.iter().position(|level| level.contains(&module));
        let mut found = Vec::new();
        for file in tree.src() {
            let Some(own) = file.module().and_then(level) else {
                continue;
            };
            for path in file.paths() {
                let other = path.strip_prefix("crate::").and_then(|rest| rest.split("::").next()).and_then(level);
                if other.is_some_and(|other| other > own) {
                    found.push(format!("{}: names {path}, which is above it", file.path));
                }
            }
        }
        found
    };
    holds(rule);
    breaks(rule, "src/access/policy.rs", "use crate::signin::Flow;");
    breaks(rule, "src/web/mod.rs", "fn f() { crate::session::random() }");
    passes(rule, "src/gateway/mod.rs", "use crate::{access::Policy, signin};");
}

#[test]
fn what_decides_counts_nothing() {
    let rule = |tree: &Tree| {
        let names =
            |path: &str| lies_in(path, "crate::metrics").then(|| "names the metrics: the gateway counts".to_owned());
        tree.in_src(|module| module == "access", names)
    };
    holds(rule);
    breaks(rule, "src/access/policy.rs", "use crate::metrics::DecisionLabel;");
    passes(rule, "src/gateway/mod.rs", "use crate::metrics::DecisionLabel;");
}

#[test]
fn sessions_know_cookies_and_no_requests() {
    let rule = |tree: &Tree| {
        let http = ["crate::web::Request", "crate::web::Response"];
        let names = |path: &str| http.iter().any(|http| lies_in(path, http)).then(|| format!("names {path}"));
        tree.in_src(|module| module == "session", names)
    };
    holds(rule);
    breaks(rule, "src/session/redis/mod.rs", "use crate::web::{Request, SetCookie};");
    breaks(rule, "src/session/cookie.rs", "fn f() -> crate::web::Response { A }");
    passes(rule, "src/session/cookie.rs", "use crate::web::{CookieChanges, Cookies};");
}

#[test]
fn the_whole_system_s_tests_share_no_encoder_with_it() {
    let rule = |tree: &Tree| {
        // What turns replies into pages may be tried without a socket; what seals, signs or encodes may not be shared.
        let encoders = ["session", "oidc", "web", "headers", "secret", "access", "gateway", "proxy", "log"];
        let mut found = Vec::new();
        for file in tree.under("tests/gateway/").filter(|file| file.is_rust()) {
            let paths = file.paths().into_iter();
            let shared = paths.filter(|path| encoders.iter().any(|one| lies_in(path, &format!("idx_gateway::{one}"))));
            found.extend(shared.map(|path| format!("{}: names {path}", file.path)));
        }
        found
    };
    holds(rule);
    breaks(rule, "tests/gateway/world.rs", "use idx_gateway::{session::KeyRing, idx::Step};");
    breaks(rule, "tests/gateway/world.rs", "fn f() { idx_gateway::oidc::pkce::Verifier::from_bytes(A) }");
    passes(rule, "tests/gateway/replies.rs", "use idx_gateway::idx::Step;");
}

#[test]
fn every_module_has_its_place() {
    let rule = |tree: &Tree| {
        let known: Vec<&str> = LEVELS.concat().into_iter().chain(["config", "main", "lib"]).collect();
        let there: BTreeSet<&str> = tree.src().filter_map(File::module).collect();
        let new = there.iter().filter(|module| !known.contains(module));
        let new = new.map(|module| format!("src/{module}: which modules may it name? See LEVELS"));
        let gone = known.iter().filter(|module| !there.contains(*module));
        new.chain(gone.map(|module| format!("src/{module}: the rules speak of it, and it is gone"))).collect()
    };
    holds(rule);
    breaks(rule, "src/helpers.rs", "");
}

#[test]
fn the_gateway_and_the_sandbox_share_no_line() {
    let rule = |tree: &Tree| {
        let demo = |file: &File| file.path.contains("demo");
        let mut found = Vec::new();
        for file in tree.src().filter(|file| !demo(file)) {
            for path in file.paths() {
                if lies_in(&path, "okta_sandbox") || lies_in(&path, "sample_app") {
                    found.push(format!("{}: names {path} outside the demo", file.path));
                }
            }
        }
        for file in tree.under("tests/sandbox/") {
            if file.is_rust() && words(file.syntax()).iter().any(|word| word == "idx_gateway") {
                found.push(format!("{}: names the gateway", file.path));
            }
            if file.path.ends_with("Cargo.toml") {
                for ours in ["idx-gateway", "sample-app", "plain-proxy"] {
                    if file.text.lines().any(|line| line.starts_with(ours)) {
                        found.push(format!("{}: depends on {ours}", file.path));
                    }
                }
            }
        }
        found
    };
    holds(rule);
    breaks(rule, "src/signin/mod.rs", "use okta_sandbox::Org;");
    breaks(rule, "tests/sandbox/src/org.rs", "use idx_gateway::idx;");
    breaks(rule, "tests/sandbox/Cargo.toml", "[dependencies]\nidx-gateway = { path = \"../..\" }");
    passes(rule, "src/main/demo.rs", "use okta_sandbox::Org;");
}

// ── what is done where ───────────────────────────────────────────────────────────────────────────

#[test]
fn what_decides_asks_nobody() {
    let rule = |tree: &Tree| {
        let asks = [
            "crate::time::now",
            "hyper",
            "reqwest",
            "std::env",
            "std::fs",
            "std::net::TcpListener",
            "std::net::TcpStream",
            "std::net::ToSocketAddrs",
            "std::net::UdpSocket",
            "std::process",
            "std::time::Instant",
            "std::time::SystemTime",
            "tokio::fs",
            "tokio::net",
            "tokio::time",
        ];
        let found = tree.in_src(
            |module| DOMAIN.contains(&module),
            |path| asks.iter().any(|asks| lies_in(path, asks)).then(|| format!("names {path}")),
        );
        // The one store that is elsewhere.
        found.into_iter().filter(|breach| !breach.starts_with("src/session/redis")).collect()
    };
    holds(rule);
    breaks(rule, "src/access/policy.rs", "fn f() { std::time::SystemTime::now(); }");
    breaks(rule, "src/session/cookie.rs", "use std::time::{self, SystemTime}; fn f() { SystemTime::now(); }");
    breaks(rule, "src/headers/mod.rs", "use crate::time; fn f() { time::now() }");
    breaks(rule, "src/access/route.rs", "use tokio::net::TcpStream;");
    passes(rule, "src/session/mod.rs", "use std::time::Duration; use crate::time::Instant; use std::net::IpAddr;");
    passes(rule, "src/access/policy.rs", "fn f() {}\n#[cfg(test)]\nmod tests {\n    use std::fs;\n}");
}

#[test]
fn there_is_one_clock() {
    let rule = |tree: &Tree| {
        tree.in_src(
            |module| module != "time",
            |path| {
                lies_in(path, "std::time::SystemTime::now")
                    .then(|| "reads the clock: time::now is the one place".to_owned())
            },
        )
    };
    holds(rule);
    breaks(rule, "src/idx/tokens.rs", "use std::time::SystemTime; fn f() { SystemTime::now(); }");
    passes(rule, "src/time.rs", "use std::time::SystemTime; fn f() { SystemTime::now(); }");
}

#[test]
fn nobody_stops_a_worker() {
    // Not a lint, because tests may: they wait for other programs.
    let rule = |tree: &Tree| {
        tree.in_src(
            |module| !is_main(module),
            |path| lies_in(path, "std::thread::sleep").then(|| "stops a worker and every request on it".to_owned()),
        )
    };
    holds(rule);
    breaks(rule, "src/gateway/mod.rs", "use std::thread; fn f() { thread::sleep(A) }");
    passes(rule, "src/gateway/mod.rs", "fn f() {}\n#[cfg(test)]\nmod tests {\n    use std::thread::sleep;\n}");
}

#[test]
fn only_main_writes_to_the_terminal() {
    let rule = |tree: &Tree| {
        let mut found = Vec::new();
        for file in tree.src().filter(|file| !file.module().is_some_and(is_main)) {
            for pair in words(file.code()).windows(2) {
                if pair[1] == "!" && ["print", "println", "eprint", "eprintln", "dbg"].contains(&pair[0].as_str()) {
                    found.push(format!("{}: {}!, where the log belongs", file.path, pair[0]));
                }
            }
        }
        found
    };
    holds(rule);
    breaks(rule, "src/gateway/mod.rs", "fn f() { println!(\"here\"); }");
    passes(rule, "src/main.rs", "fn f() { println!(\"here\"); }");
}

fn is_main(module: &str) -> bool {
    module == "main"
}

fn is_edge(module: &str) -> bool {
    is_main(module) || matches!(module, "proxy" | "admin")
}
