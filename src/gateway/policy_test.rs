//! `[[policy_test]]`: what the configuration expects of its own policies, checked as a request would be.

use std::net::IpAddr;
use std::time::Duration;

use http::Method;

use super::Gateway;
use super::bearer::WEAK_TOKEN;
use crate::access::{Credential, Decision, Policy, RequestFacts};
use crate::session::{ClaimValue, Identity};
use crate::time::Instant;
use crate::web::split_absolute;

/// One test: somebody asks for something, and this becomes of it.
#[derive(Clone, Debug)]
pub struct PolicyTest {
    /// The setting that a failure is reported under.
    pub key: String,
    /// Who asks; none for somebody who is not signed in.
    pub visitor: Option<TestVisitor>,
    /// What their access token is good for, where they are a program.
    pub scopes: Vec<String>,
    /// Where the request comes from.
    pub from: Option<IpAddr>,
    /// Its method.
    pub method: Method,
    /// Its address, whole.
    pub url: String,
    /// What must become of it.
    pub expected: Expected,
}

/// Somebody who is signed in.
#[derive(Clone, Debug)]
pub struct TestVisitor {
    /// Who.
    pub identity: Identity,
    /// How long ago they signed in.
    pub ago: Duration,
    /// The longest that their session went unused since.
    pub longest_idle: Duration,
}

/// What becomes of a request, as far as policies decide that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    /// It passes.
    Pass,
    /// Somebody must sign in.
    SignIn,
    /// Whoever is signed in must prove more, or again.
    StepUp,
    /// It goes no further.
    Refuse,
}

impl Expected {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::SignIn => "sign-in",
            Self::StepUp => "step-up",
            Self::Refuse => "refuse",
        }
    }
}

impl Gateway {
    /// Asks what the test asks, at `now`; what is wrong begins with its key.
    pub fn check_policy(&self, test: &PolicyTest, now: Instant) -> Result<(), String> {
        let identity = test.visitor.as_ref().map(|TestVisitor { identity, ago, .. }| {
            let auth_time =
                identity.auth_time.map(|_| Instant::from_seconds(now.seconds().saturating_sub(ago.as_secs())));
            Identity { auth_time, ..identity.clone() }
        });
        let (found, why) = self.outcome_of(test, identity, now);
        // Whoever must prove more is sent to sign in, too.
        let is_expected = found == test.expected || (test.expected == Expected::SignIn && found == Expected::StepUp);
        let (method, url, expected, found) = (&test.method, &test.url, test.expected.as_str(), found.as_str());
        if is_expected {
            Ok(())
        } else {
            Err(format!("{}: {method} {url}: expected {expected}, found {found}: {why}", test.key))
        }
    }

    fn outcome_of(&self, test: &PolicyTest, identity: Option<Identity>, now: Instant) -> (Expected, String) {
        let Some((host, path)) = split(&test.url) else {
            return (Expected::Refuse, "that is no address".to_owned());
        };
        let Ok(host) = crate::web::read_host(host) else { return (Expected::Refuse, "that is no host".to_owned()) };
        let Some(site) = self.sites.find(&host) else {
            return (Expected::Refuse, format!("421: nothing names the host {host}"));
        };
        if site.owns(path) {
            return (Expected::Pass, "the address is the gateway's own".to_owned());
        }
        let matched = match self.routes.find(&host, &test.method, path) {
            Ok(matched) => matched,
            Err(why) => return (Expected::Refuse, super::explain::no_route(&why)),
        };
        let identity = identity.map(|mut identity| {
            for name in matched.policies().flat_map(Policy::claims) {
                identity.claims.entry(name.to_owned()).or_insert(ClaimValue::List(Vec::new()));
            }
            identity
        });
        let names: Vec<&str> = matched.entries().map(|entry| entry.route.name.as_str()).collect();
        let names = names.join(", ");
        let credential = test.visitor.as_ref().map_or(Credential::Nothing, |visitor| match test.scopes.is_empty() {
            true => Credential::Session { age: visitor.ago, longest_idle: visitor.longest_idle },
            false => Credential::Token,
        });
        let facts = RequestFacts { method: &test.method, client: test.from, credential, scopes: &test.scopes };
        match matched.decide(identity.as_ref(), facts, now) {
            Decision::Pass(permit) => (Expected::Pass, format!("route {names}: {}", permit.reason().as_str())),
            Decision::SignIn => (Expected::SignIn, format!("route {names}: nobody is signed in")),
            // A program cannot be sent to sign in.
            Decision::StepUp(_) if credential == Credential::Token => {
                (Expected::Refuse, format!("route {names}: {WEAK_TOKEN}"))
            }
            Decision::StepUp(_) => (Expected::StepUp, format!("route {names}: signed in too weakly or too long ago")),
            Decision::Refuse(why) => (Expected::Refuse, format!("route {names}: {}", why.as_str())),
        }
    }
}

/// Host with port, and path, of a whole address; taken as it stands, nothing decoded or resolved.
fn split(url: &str) -> Option<(&str, &str)> {
    let (scheme, host, target) = split_absolute(url)?;
    let path = target.split(['?', '#']).next().unwrap_or_default();
    let is_web = matches!(scheme, "http" | "https" | "ws" | "wss");
    is_web.then_some((host, if path.is_empty() { "/" } else { path }))
}
