//! Host and path → one route, and every route that somebody could take the path for.
//!
//! A route has a host (exact, `*.example.com`, or none for all) and a path prefix that ends at a
//! segment. The most exact host wins, then the longest prefix. No route: nothing is forwarded.
//!
//! Servers disagree about what a path means: `%2e%2e`, `;x`, `\`, doubled slashes and case are read
//! differently by each. So a path is looked up under every [reading](super::readings) of it. The path as it
//! was sent says where it goes; every other reading adds the policies it falls under, and the visitor
//! must satisfy them all. A reading that falls under no route leaves the request without one.

use std::sync::Arc;
use std::time::Duration;

use super::readings;
use crate::access::{Decision, Policy, Upstream};
use crate::headers::NamePattern;
use crate::session::Identity;
use crate::time::Instant;

/// One rule of the configuration: what it matches, who may, and where it goes.
#[derive(Clone, Debug)]
pub struct Route {
    /// Its name, for logs and metrics.
    pub name: String,
    /// Which hosts.
    pub host: HostPattern,
    /// Which paths.
    pub path: PathPrefix,
    /// Who may.
    pub policy: Policy,
    /// Where it goes.
    pub upstream: Upstream,
    /// How long the upstream may be silent.
    pub timeout: Duration,
    /// Whether the upstream is told the host that was asked for, rather than its own.
    pub preserve_host: bool,
    /// Whether connections may become WebSockets.
    pub websocket: bool,
    /// Whether everybody is told that it is down for maintenance.
    pub maintenance: bool,
    /// How somebody without a session is told.
    pub signed_out: SignedOut,
    /// Headers that a visitor may send although only a proxy should.
    pub pass_headers: Vec<NamePattern>,
}

/// What somebody without a session gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignedOut {
    /// Whatever fits the request: a page visit is sent to the sign-in page, the rest get a 401.
    Fitting,
    /// The sign-in page, always.
    SignIn,
    /// A 401, always.
    Unauthorized,
}

/// Which hosts a route is for; in lower case. Ordered from the most exact to the least.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HostPattern {
    /// This one.
    Exactly(String),
    /// Any below this one, which is kept with its leading dot.
    Below(String),
    /// Any.
    Any,
}

impl HostPattern {
    /// `example.com`, `*.example.com`, `[::1]`; none when it is not a host.
    pub fn parse(text: &str) -> Option<Self> {
        let (is_wildcard, host) = text.strip_prefix("*.").map_or((false, text), |host| (true, host));
        // A port would never match, since hosts are compared without; better to say so.
        if host.contains(':') && !host.ends_with(']') {
            return None;
        }
        let host = crate::web::read_host(host).ok()?;
        Some(if is_wildcard { Self::Below(format!(".{host}")) } else { Self::Exactly(host.into_owned()) })
    }

    fn matches(&self, host: &str) -> bool {
        match self {
            Self::Exactly(exact) => host == exact,
            Self::Below(suffix) => host.len() > suffix.len() && host.ends_with(suffix.as_str()),
            Self::Any => true,
        }
    }

    /// Smaller is more exact.
    fn breadth(&self) -> (u8, std::cmp::Reverse<usize>) {
        match self {
            Self::Exactly(_) => (0, std::cmp::Reverse(0)),
            Self::Below(suffix) => (1, std::cmp::Reverse(suffix.len())),
            Self::Any => (2, std::cmp::Reverse(0)),
        }
    }
}

/// The beginning of a path, up to the end of a segment: `/admin` is that of `/admin` and `/admin/x`,
/// not of `/administrator`. The one of all paths is `/`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathPrefix(String);

impl PathPrefix {
    /// None unless it begins with `/` and has one reading only.
    pub fn parse(text: &str) -> Option<Self> {
        let trimmed = text.strip_suffix('/').unwrap_or(text);
        (text.starts_with('/') && readings::is_plain(text)).then(|| Self(trimmed.to_owned()))
    }

    /// The prefix as it is written; `/` for all paths.
    pub fn as_str(&self) -> &str {
        if self.0.is_empty() { "/" } else { &self.0 }
    }

    fn matches(&self, path: &str, same: fn(&[u8], &[u8]) -> bool) -> bool {
        let (path, prefix) = (path.as_bytes(), self.0.as_bytes());
        path.len() >= prefix.len()
            && same(&path[..prefix.len()], prefix)
            && path.get(prefix.len()).is_none_or(|next| *next == b'/')
    }
}

impl AsRef<Self> for Route {
    fn as_ref(&self) -> &Self {
        self
    }
}

/// Every route, the most exact first. An entry is a route and whatever else is kept beside it.
#[derive(Debug)]
pub struct Routes<E = Route>(Vec<Arc<E>>);

/// Where a request goes, and whose policies it must satisfy.
#[derive(Debug)]
pub struct Matched<'r, E = Route> {
    /// The entry of the path as it was sent.
    pub entry: &'r Arc<E>,
    also: Vec<&'r Arc<E>>,
}

/// Why a request has no route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoRoute {
    /// No route matches, or one reading of the path falls under none.
    NotFound,
    /// The path can be read in too many ways, or in one that only an attack uses.
    Ambiguous,
}

impl<E: AsRef<Route>> Routes<E> {
    /// Sorts them; among equals the first one given wins.
    pub fn new(entries: impl IntoIterator<Item = E>) -> Self {
        let mut entries: Vec<Arc<E>> = entries.into_iter().map(Arc::new).collect();
        entries.sort_by_key(|entry| {
            let route: &Route = E::as_ref(entry);
            (route.host.breadth(), std::cmp::Reverse(route.path.0.len()))
        });
        Self(entries)
    }

    /// The route of `path` on `host`, both as they were sent (the host in lower case).
    pub fn find(&self, host: &str, path: &str) -> Result<Matched<'_, E>, NoRoute> {
        if !path.starts_with('/') || !path.is_ascii() {
            return Err(NoRoute::Ambiguous);
        }
        let entry = self.exactly(host, path).ok_or(NoRoute::NotFound)?;
        let mut also: Vec<&Arc<E>> = Vec::new();
        let mut add = |reading: &str| -> Result<(), NoRoute> {
            for found in [self.exactly(host, reading), self.without_case(host, reading)] {
                let found = found.ok_or(NoRoute::NotFound)?;
                if !also.iter().chain([&entry]).any(|known| Arc::ptr_eq(known, found)) {
                    also.push(found);
                }
            }
            Ok(())
        };
        add(path)?;
        if !readings::is_plain(path) {
            for reading in readings::readings(path).ok_or(NoRoute::Ambiguous)? {
                add(&reading)?;
            }
        }
        Ok(Matched { entry, also })
    }

    fn exactly(&self, host: &str, path: &str) -> Option<&Arc<E>> {
        self.first(host, path, <[u8]>::eq)
    }

    fn without_case(&self, host: &str, path: &str) -> Option<&Arc<E>> {
        self.first(host, path, <[u8]>::eq_ignore_ascii_case)
    }

    fn first(&self, host: &str, path: &str, same: fn(&[u8], &[u8]) -> bool) -> Option<&Arc<E>> {
        self.0.iter().find(|entry| {
            let route: &Route = E::as_ref(entry);
            route.host.matches(host) && route.path.matches(path, same)
        })
    }
}

impl<'r, E: AsRef<Route>> Matched<'r, E> {
    /// The route of the path as it was sent.
    pub fn route(&self) -> &'r Route {
        E::as_ref(self.entry)
    }

    /// What the policies of every reading say of `visitor`: the strictest of them.
    pub fn decide<'v>(&self, visitor: Option<&'v Identity>, now: Instant) -> Decision<'v> {
        let own = self.route().policy.decide(visitor, now);
        self.also.iter().fold(own, |decision, entry| decision.and(E::as_ref(entry).policy.decide(visitor, now)))
    }
}

#[cfg(test)]
mod tests;
