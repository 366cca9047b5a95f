//! Host and path → one route, and every route that somebody could take the path for.
//!
//! A route has a host (exact, `*.example.com`, or none for every site) and a path prefix that ends at a
//! segment. The most exact host wins, then the longest prefix. No route: nothing is forwarded.
//!
//! Servers disagree about what a path means: `%2e%2e`, `;x`, `\`, doubled slashes, suffixes and case are read
//! differently by each. So a path is looked up under every [reading](super::readings) of it that an upstream of
//! the route's kind could have. The path as it
//! was sent says where it goes; every other reading adds the policies it falls under, and the visitor
//! must satisfy them all. A reading that falls under no route leaves the request without one.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use super::readings::{self, UpstreamKind};
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
    /// How what is there reads paths.
    pub upstream_kind: UpstreamKind,
    /// How long the upstream may be silent.
    pub timeout: Duration,
    /// Whether the upstream is told the host that was asked for, rather than its own.
    pub preserve_host: bool,
    /// Whether connections may become WebSockets.
    pub websocket: bool,
    /// Whether everybody is told that it is down for maintenance.
    pub maintenance: bool,
    /// How somebody without a session is told.
    pub signed_out: UnauthenticatedAction,
    /// Headers that a visitor may send although only a proxy should.
    pub pass_headers: Vec<NamePattern>,
}

/// What somebody without a session gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnauthenticatedAction {
    /// Whatever fits the request: a page visit is sent to the sign-in page, the rest get a 401.
    Auto,
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
    /// Every site.
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

    pub(super) fn matches(&self, host: &str) -> bool {
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
    /// Only what begins with `/` and has one reading only, and nothing that others write for several paths.
    pub fn parse(text: &str) -> Result<Self, BadPath> {
        let is_parameter = |segment: &str| segment.starts_with([':', '{', '<', '^', '(']) || segment.contains('*');
        if text.starts_with('/') && text.split('/').any(is_parameter) {
            let fixed: Vec<&str> = text.split('/').take_while(|segment| !is_parameter(segment)).collect();
            // Of `/api*`, the part before the star is meant; of `/v1/*`, what stands before it.
            let star = text.split('/').nth(fixed.len()).and_then(|segment| segment.split('*').next());
            let star = star.filter(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric()));
            let path: Vec<&str> = fixed.into_iter().chain(star).collect();
            let path = path.join("/");
            return Err(BadPath::Pattern { instead: if path.is_empty() { "/".to_owned() } else { path } });
        }
        let trimmed = text.strip_suffix('/').unwrap_or(text);
        let is_path = text.starts_with('/') && readings::is_plain(text.as_bytes());
        if is_path { Ok(Self(trimmed.to_owned())) } else { Err(BadPath::NotPlain) }
    }

    /// The prefix as it is written; `/` for all paths.
    pub fn as_str(&self) -> &str {
        if self.0.is_empty() { "/" } else { &self.0 }
    }

    fn matches(&self, path: &[u8], same: fn(&[u8], &[u8]) -> bool) -> bool {
        let prefix = self.0.as_bytes();
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

/// Why a text is no [`PathPrefix`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadPath {
    /// It could be read in several ways.
    #[error("must be a plain path, as \"/admin\": nothing encoded, no `..`, no `;`")]
    NotPlain,
    /// It is written as a pattern, which would match nothing but itself.
    #[error("is no pattern: a path covers everything below it, so write \"{instead}\"")]
    Pattern {
        /// The path to write instead.
        instead: String,
    },
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
        let path = path.as_bytes();
        let entry = self.exactly(host, path).ok_or(NoRoute::NotFound)?;
        let kind = E::as_ref(entry).upstream_kind;
        let mut also: Vec<&Arc<E>> = Vec::new();
        let mut add = |found| {
            if !also.iter().chain([&entry]).any(|known| Arc::ptr_eq(known, found)) {
                also.push(found);
            }
        };
        for reading in Self::readings(path, kind).ok_or(NoRoute::Ambiguous)? {
            let reading = reading.as_ref();
            for found in self.both(host, reading) {
                add(found.ok_or(NoRoute::NotFound)?);
            }
            let shorter = kind.maps_suffixes().then(|| readings::without_suffixes(reading)).into_iter().flatten();
            // Only a framework that maps suffixes would look there: a path without a route says nothing.
            shorter.flat_map(|shorter| self.both(host, shorter)).flatten().for_each(&mut add);
        }
        Ok(Matched { entry, also })
    }

    /// Every reading of a path that an upstream of this kind could have; none when it is refused.
    pub fn readings(path: &[u8], kind: UpstreamKind) -> Option<Vec<Cow<'_, [u8]>>> {
        if readings::is_plain(path) {
            return Some(vec![Cow::Borrowed(path)]);
        }
        Some(readings::readings(path, kind)?.into_iter().map(Cow::Owned).collect())
    }

    fn both(&self, host: &str, path: &[u8]) -> [Option<&Arc<E>>; 2] {
        [self.exactly(host, path), self.first(host, path, <[u8]>::eq_ignore_ascii_case)]
    }

    fn exactly(&self, host: &str, path: &[u8]) -> Option<&Arc<E>> {
        self.first(host, path, <[u8]>::eq)
    }

    fn first(&self, host: &str, path: &[u8], same: fn(&[u8], &[u8]) -> bool) -> Option<&Arc<E>> {
        self.0.iter().find(|entry| {
            let route: &Route = E::as_ref(entry);
            route.host.matches(host) && route.path.matches(path, same)
        })
    }
}

impl<'r, E: AsRef<Route>> Matched<'r, E> {
    /// Every entry whose policy must be satisfied, that of the path as it was sent first.
    pub fn entries(&self) -> impl Iterator<Item = &'r Arc<E>> {
        [self.entry].into_iter().chain(self.also.iter().copied())
    }

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
