//! Which route takes a request, by host, path and method.
//!
//! The most exact host that has a route for the path wins; then the most exact [path](super::path). Routes of the same
//! host and path differ by method, and a method that none of them takes is refused. A request that no route takes is
//! not forwarded.
//!
//! Servers read paths differently: `%2e%2e`, `;x`, `\`, doubled slashes, suffixes and upper case mean one thing to one
//! and another to the next. So a path is looked up under every [reading](super::readings) that an upstream of the
//! route's kind could have. The path as it was sent says where the request goes; the routes of the other readings add
//! their policies, and the visitor must satisfy them all. A request with a reading that no route takes has no route. A
//! path that is rewritten is looked up again as it will be forwarded, and the routes that lead to the same server add
//! their policies too.
//!
//! The look-up is a few searches in sorted maps, for the host and for beginnings of the path: keys are so short that
//! comparing several costs less than hashing one. Expressions of the same host and beginning are tried one after
//! another.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use http::Method;

use super::condition::RequestFacts;
use super::policy::{Decision, Policy};
use super::readings::{self, UpstreamKind};
use super::{HostPattern, PathPattern, Route, Upstream};
use crate::session::Identity;
use crate::time::Instant;

/// All routes. An entry `E` is a route and whatever is kept with it.
#[derive(Debug)]
pub struct Routes<E = Route> {
    all: Vec<Arc<E>>,
    exactly: BTreeMap<String, Paths<E>>,
    below: BTreeMap<String, Paths<E>>,
    /// The length of the longest key of `below`; longer ends of a host are not looked up.
    longest_below: usize,
    any: Paths<E>,
    /// Routes that send rewritten paths to a server which is not told the host, and what other hosts lead to that server.
    beside: Vec<(Arc<E>, BTreeSet<HostPattern>)>,
}

/// The routes of one host, indexed by path, and by path in lower case.
#[derive(Debug)]
struct Paths<E> {
    as_sent: Index<E>,
    folded: Index<E>,
}

#[derive(Debug)]
struct Index<E> {
    fold: bool,
    exactly: BTreeMap<Vec<u8>, Vec<Group<E>>>,
    below: BTreeMap<Vec<u8>, Beginning<E>>,
    /// The length of the longest key of `below`, in bytes; longer beginnings of a path are not looked up.
    longest: usize,
    /// The length of the longest key of `without_suffix`, in bytes.
    longest_without_suffix: usize,
    /// The routes whose path ends in a suffix, by the path without it.
    without_suffix: BTreeMap<Vec<u8>, Vec<Group<E>>>,
    /// Whether a slash at the end of a path may lead to another route: not where each is of all paths below one.
    has_slashes: bool,
}

/// Routes whose paths have a beginning in common.
#[derive(Debug)]
struct Beginning<E> {
    matching: Vec<Group<E>>,
    all: Vec<Group<E>>,
}

/// Routes of the same host and path, which differ by method.
#[derive(Debug)]
struct Group<E>(Vec<Arc<E>>);

/// The routes that a host may have, looked up once for all readings of a path.
struct OfHost<'r, E> {
    exactly: Option<&'r Paths<E>>,
    /// Those of wildcard hosts, the longest first.
    below: Vec<&'r Paths<E>>,
    any: &'r Paths<E>,
}

/// The route of a request, and the routes whose policies it must satisfy besides.
#[derive(Debug)]
pub struct Matched<'r, E = Route> {
    /// The entry that takes the path as it was sent.
    pub entry: &'r Arc<E>,
    /// The path to forward, where it differs from the one that was sent.
    pub rewritten: Option<String>,
    also: Vec<&'r Arc<E>>,
}

/// Why a request has no route.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoRoute {
    /// No route takes the path, or one of its readings.
    NotFound,
    /// The path is refused: it has too many readings, or one that only an attack uses.
    Ambiguous,
    /// The path, or one of its readings, has routes, and none of them takes the method.
    Method {
        /// The methods that they take, as `Allow` lists them.
        allow: String,
    },
}

impl<E: AsRef<Route>> Routes<E> {
    /// Of expressions with the same host and beginning, the first given wins.
    pub fn new(entries: impl IntoIterator<Item = E>) -> Self {
        let mut routes = Self {
            all: Vec::new(),
            exactly: BTreeMap::new(),
            below: BTreeMap::new(),
            longest_below: 0,
            any: Paths::default(),
            beside: Vec::new(),
        };
        for entry in entries.into_iter().map(Arc::new) {
            let host = E::as_ref(&entry).host.clone();
            let paths = match host {
                HostPattern::Exactly(host) => routes.exactly.entry(host).or_default(),
                HostPattern::Below(suffix) => {
                    routes.longest_below = routes.longest_below.max(suffix.len());
                    routes.below.entry(suffix).or_default()
                }
                HostPattern::Any => &mut routes.any,
            };
            paths.as_sent.add(&entry);
            paths.folded.add(&entry);
            routes.all.push(entry);
        }
        routes.beside =
            routes.all.iter().filter_map(|entry| Some((Arc::clone(entry), routes.hosts_beside(entry)?))).collect();
        routes
    }

    /// The other hosts with routes to the server of a route, where that one rewrites paths and does not tell the host.
    fn hosts_beside(&self, entry: &Arc<E>) -> Option<BTreeSet<HostPattern>> {
        let route = E::as_ref(entry);
        if route.rewrite.is_none() || route.preserve_host {
            return None;
        }
        let others = self.all.iter().map(|other| E::as_ref(other));
        let others = others.filter(|other| other.host != route.host && other.shares_a_server_with(route));
        Some(others.map(|other| other.host.clone()).collect())
    }

    /// The route of a request. `host` is in lower case; `method` and `path` are as they were sent.
    pub fn find(&self, host: &str, method: &Method, path: &str) -> Result<Matched<'_, E>, NoRoute> {
        if !path.starts_with('/') || !path.is_ascii() {
            return Err(NoRoute::Ambiguous);
        }
        let host = self.of_host(host);
        let as_sent = host.first(path.as_bytes(), false);
        let entry = as_sent.first().ok_or(NoRoute::NotFound)?.of(method)?;
        let mut matched = Matched { entry, rewritten: None, also: Vec::new() };
        let kind = matched.route().upstream_kind;
        let readings = Self::readings(path.as_bytes(), kind).ok_or(NoRoute::Ambiguous)?;
        for reading in &readings {
            // Most paths have no reading but themselves.
            let exact = if **reading == *path.as_bytes() { as_sent } else { host.first(reading, false) };
            let found = [exact, host.first(reading, true)];
            if found.iter().any(|groups| groups.is_empty()) {
                return Err(NoRoute::NotFound);
            }
            let guessed = host.guessed(reading, found, kind);
            matched.add(found.into_iter().flatten().chain(guessed), method)?;
        }
        if let Some(rewrite) = &matched.route().rewrite {
            let rewritten = rewrite.apply(path).ok_or(NoRoute::Ambiguous)?;
            if rewritten != path {
                self.decide_again(&mut matched, &host, method, &rewritten)?;
                matched.rewritten = Some(rewritten.into_owned());
            }
        }
        Ok(matched)
    }

    /// Adds the policies of the path that will be forwarded, as far as they protect a server that it will be forwarded
    /// to; those of every host, where the server is not told which was asked for.
    fn decide_again<'r>(
        &'r self,
        matched: &mut Matched<'r, E>,
        host: &OfHost<'r, E>,
        method: &Method,
        path: &str,
    ) -> Result<(), NoRoute> {
        let Route { action, upstream_kind: kind, .. } = matched.route();
        let is_own = |other: &Upstream| action.upstreams().any(|upstream| other.shares_a_server_with(upstream));
        let leads_there =
            |group: &&Group<E>| group.0.iter().any(|entry| E::as_ref(entry).action.upstreams().any(is_own));
        let others = self.beside.iter().find(|(entry, _)| Arc::ptr_eq(entry, matched.entry));
        let others = others.into_iter().flat_map(|(_, hosts)| hosts).filter_map(|host| match host {
            HostPattern::Exactly(host) => self.exactly.get(host),
            HostPattern::Below(suffix) => self.below.get(suffix),
            HostPattern::Any => None,
        });
        let others: Vec<OfHost<'r, E>> =
            others.map(|paths| OfHost { exactly: Some(paths), below: Vec::new(), any: &self.any }).collect();
        for reading in Self::readings(path.as_bytes(), *kind).ok_or(NoRoute::Ambiguous)? {
            let found = [false, true].map(|fold| host.first(&reading, fold));
            let guessed = host.guessed(&reading, found, *kind);
            matched.add(found.into_iter().flatten().chain(guessed).filter(leads_there), method)?;
            for host in &others {
                let found = [false, true].map(|fold| host.first(&reading, fold));
                let guessed = host.guessed(&reading, found, *kind);
                // One that does not take the method has nothing there for it.
                let found = found.into_iter().flatten().chain(guessed);
                let taken = found.filter(|group| leads_there(group) && group.of(method).is_ok());
                matched.add(taken, method)?;
            }
        }
        Ok(())
    }

    /// Every entry, in the order in which they were given.
    pub fn iter(&self) -> std::slice::Iter<'_, Arc<E>> {
        self.all.iter()
    }

    /// Every entry that matches a path as it was sent, the most exact first.
    pub fn candidates(&self, host: &str, path: &str) -> Vec<&Arc<E>> {
        let host = self.of_host(host);
        host.paths().flat_map(|paths| paths.as_sent.all(path.as_bytes())).flat_map(|group| &group.0).collect()
    }

    /// Every reading of a path by an upstream of this kind; none when the path is refused.
    pub fn readings(path: &[u8], kind: UpstreamKind) -> Option<Vec<Cow<'_, [u8]>>> {
        if readings::has_one_reading(path) {
            return Some(vec![Cow::Borrowed(path)]);
        }
        Some(readings::readings(path, kind)?.into_iter().map(Cow::Owned).collect())
    }

    /// What only some servers would look for in place of a path on `host`, and which those are, in words; the policies of
    /// what stands there are asked too, unless [a route that names the path](OfHost::gives_way) is of both.
    pub fn guesses<'p>(&self, host: &str, path: &'p [u8], kind: UpstreamKind) -> Vec<(Cow<'p, [u8]>, &'static str)> {
        let host = self.of_host(host);
        let mut found: Vec<(Cow<'p, [u8]>, &str)> = Vec::new();
        found.extend(kind.shorter(path).map(|shorter| (Cow::Borrowed(shorter), "where suffixes are mapped")));
        for named in kind.shorter(path).chain([path]) {
            let other = host.other_slash(named).filter(|other| !host.with_other_slash(other, path).is_empty());
            found.extend(other.map(|other| (other, "where a slash at the end is overlooked")));
        }
        for group in host.with_suffix(path, host.first(path, true), kind) {
            let named = group.0.iter().map(|entry| E::as_ref(entry).path.as_str().as_bytes().to_vec());
            found.extend(named.take(1).map(|named| (Cow::Owned(named), "where suffixes may be left out")));
        }
        found
    }

    fn of_host(&self, host: &str) -> OfHost<'_, E> {
        let ends = if self.below.is_empty() { "" } else { host };
        let ends = memchr::memchr_iter(b'.', ends.as_bytes()).filter(|dot| *dot > 0).map(|dot| &host[dot..]);
        let ends = ends.filter(|end| end.len() <= self.longest_below);
        let below = ends.filter_map(|end| self.below.get(end)).collect();
        OfHost { exactly: self.exactly.get(host), below, any: &self.any }
    }
}

impl<'r, E: AsRef<Route>> OfHost<'r, E> {
    /// The routes of each matching host, the most exact host first.
    fn paths(&self) -> impl Iterator<Item = &'r Paths<E>> {
        self.exactly.into_iter().chain(self.below.iter().copied()).chain([self.any])
    }

    /// The routes of the most exact path; several groups where their paths differ in case alone.
    fn first(&self, path: &[u8], fold: bool) -> &'r [Group<E>] {
        let of = |paths| Paths::index(paths, fold).first(path);
        self.paths().map(of).find(|groups| !groups.is_empty()).unwrap_or_default()
    }

    /// Whether `group`, found for a guess at `path`, gives way to the path's own routes. It does when it also matches
    /// `path` itself and the own routes name that path: with `/robots.txt` public and `/` not, the guess that a
    /// framework takes `/robots.txt` for `/robots` must not ask for what `/` asks. An expression names no path: one for
    /// every `.css` file does not open `/users` as `/users.css`.
    fn gives_way(&self, group: &Group<E>, own: &[Group<E>], path: &[u8], fold: bool) -> bool {
        let is = |one: &Group<E>| std::ptr::eq(one, group);
        !own.iter().any(is)
            && own.iter().all(|own| !matches!(own.path(), Some(PathPattern::Matching(_))))
            && self.paths().flat_map(|paths| Paths::index(paths, fold).all(path)).any(is)
    }

    /// The routes of paths that only some servers would look at: the path without its suffix or with another one, and with a
    /// slash at its end more or less. A guess that no route takes is ignored. `own` are the routes of `path` itself, as sent
    /// and in lower case.
    fn guessed(&self, path: &[u8], own: [&'r [Group<E>]; 2], kind: UpstreamKind) -> impl Iterator<Item = &'r Group<E>> {
        let mut found: Vec<&Group<E>> = Vec::new();
        for shorter in kind.shorter(path) {
            for (own, fold) in own.into_iter().zip([false, true]) {
                let groups = self.first(shorter, fold).iter();
                found.extend(groups.filter(|group| !self.gives_way(group, own, path, fold)));
            }
        }
        for other in kind.shorter(path).chain([path]).filter_map(|named| self.other_slash(named)) {
            found.extend(self.with_other_slash(&other, path));
        }
        found.extend(self.with_suffix(path, own[1], kind));
        found.into_iter()
    }

    /// The path with a slash at its end that has none, or without the one it has; none where every route is of all paths
    /// below one.
    fn other_slash<'p>(&self, path: &'p [u8]) -> Option<Cow<'p, [u8]>> {
        match path.strip_suffix(b"/") {
            _ if !self.paths().any(|paths| paths.folded.has_slashes) => None,
            Some(b"") => None,
            Some(without) => Some(Cow::Borrowed(without)),
            None => Some(Cow::Owned([path, b"/"].concat())),
        }
    }

    /// The routes of `other` alone, and of an expression that matches it and not `path`, for which it was no choice.
    fn with_other_slash(&self, other: &[u8], path: &[u8]) -> Vec<&'r Group<E>> {
        let mut found: Vec<&Group<E>> = self.exactly(other).collect();
        for fold in [false, true] {
            found.extend(self.first(other, fold).iter().filter(|group| match group.path() {
                Some(PathPattern::Matching(regex)) => !regex.matches(path, fold),
                _ => false,
            }));
        }
        found
    }

    /// The routes of files that `path` names but for their suffix, and of programs that it names at the beginning so; but
    /// none that is named less exactly than the path's `own` routes are.
    fn with_suffix(&self, path: &[u8], own: &[Group<E>], kind: UpstreamKind) -> Vec<&'r Group<E>> {
        let mut found = Vec::new();
        if !kind.adds_suffixes() || self.paths().all(|paths| paths.folded.without_suffix.is_empty()) {
            return found;
        }
        let own = own.iter().filter_map(Group::path).filter(|path| !matches!(path, PathPattern::Matching(_)));
        let named = own.map(|path| path.beginning().len()).max().unwrap_or_default();
        let path = path.strip_suffix(b"/").unwrap_or(path);
        let is_program =
            |group: &&Group<E>| group.path().is_some_and(|path| readings::is_program(path.as_str().as_bytes()));
        for index in self.paths().map(|paths| &paths.folded) {
            let (known, ends) = index.ends(path, index.longest_without_suffix);
            for end in ends.take_while(|end| *end > named) {
                let groups = index.without_suffix.get(&known[..end]).into_iter().flatten();
                found.extend(groups.filter(|group| end == path.len() || is_program(group)));
            }
        }
        found
    }

    /// The routes of this path alone, whatever the case of its letters.
    fn exactly(&self, path: &[u8]) -> impl Iterator<Item = &'r Group<E>> {
        self.paths().filter_map(|paths| paths.folded.exactly(path)).flatten()
    }
}

impl<'r, E: AsRef<Route>> Matched<'r, E> {
    /// Every entry whose policy must be satisfied; that of the path as it was sent comes first.
    pub fn entries(&self) -> impl Iterator<Item = &'r Arc<E>> {
        [self.entry].into_iter().chain(self.also.iter().copied())
    }

    /// The route that takes the path as it was sent.
    pub fn route(&self) -> &'r Route {
        E::as_ref(self.entry)
    }

    /// Every policy that must be satisfied; that of the path as it was sent comes first.
    pub fn policies(&self) -> impl Iterator<Item = &'r Policy> {
        self.entries().map(|entry| &E::as_ref(entry).policy)
    }

    /// The strictest decision of all these policies.
    pub fn decide(&self, visitor: Option<&Identity>, request: RequestFacts<'_>, now: Instant) -> Decision {
        let own = self.route().policy.decide(visitor, request, now);
        let decide = |entry: &Arc<E>| E::as_ref(entry).policy.decide(visitor, request, now);
        self.also.iter().fold(own, |decision, entry| decision.and(decide(entry)))
    }

    /// When a session that began at `signed_in` becomes too old for one of these policies; none where its age does not
    /// matter.
    pub fn session_end(&self, signed_in: Instant) -> Option<Instant> {
        let limits = self.policies().flat_map(Policy::session_limits);
        limits.filter_map(|limits| limits.end(signed_in)).min()
    }

    /// Adds the policies that a second path of the same request must satisfy.
    pub fn add_policies_of(&mut self, other: &Self) {
        for entry in other.entries() {
            if !self.entries().any(|known| Arc::ptr_eq(known, entry)) {
                self.also.push(entry);
            }
        }
    }

    fn add(&mut self, groups: impl Iterator<Item = &'r Group<E>>, method: &Method) -> Result<(), NoRoute> {
        for group in groups {
            let entry = group.of(method)?;
            if !self.entries().any(|known| Arc::ptr_eq(known, entry)) {
                self.also.push(entry);
            }
        }
        Ok(())
    }
}

/// Adds an entry to the group of its path.
fn add_to<E: AsRef<Route>>(groups: &mut Vec<Group<E>>, entry: &Arc<E>) {
    match groups.iter_mut().find(|group| group.path() == Some(&E::as_ref(entry).path)) {
        Some(group) => group.0.push(Arc::clone(entry)),
        None => groups.push(Group(vec![Arc::clone(entry)])),
    }
}

impl<E: AsRef<Route>> Group<E> {
    /// The path of its routes.
    fn path(&self) -> Option<&PathPattern> {
        self.0.first().map(|entry| &E::as_ref(entry).path)
    }

    /// The entry that takes a method: one that names it, otherwise one that takes all.
    fn of(&self, method: &Method) -> Result<&Arc<E>, NoRoute> {
        let takes = |entry: &&Arc<E>| E::as_ref(entry).methods.has(method);
        let named = self.0.iter().find(|entry| !E::as_ref(entry).methods.are_all() && takes(entry));
        named.or_else(|| self.0.iter().find(takes)).ok_or_else(|| {
            let mut allow: Vec<&str> = Vec::new();
            for method in self.0.iter().flat_map(|entry| E::as_ref(entry).methods.allowed()) {
                if !allow.contains(&method) {
                    allow.push(method);
                }
            }
            NoRoute::Method { allow: allow.join(", ") }
        })
    }
}

impl<E> Default for Paths<E> {
    fn default() -> Self {
        let index = |fold| Index {
            fold,
            exactly: BTreeMap::new(),
            below: BTreeMap::new(),
            longest: 0,
            longest_without_suffix: 0,
            without_suffix: BTreeMap::new(),
            has_slashes: false,
        };
        Self { as_sent: index(false), folded: index(true) }
    }
}

impl<E> Paths<E> {
    fn index(&self, fold: bool) -> &Index<E> {
        if fold { &self.folded } else { &self.as_sent }
    }
}

impl<E: AsRef<Route>> Index<E> {
    fn add(&mut self, entry: &Arc<E>) {
        let route = E::as_ref(entry);
        let at = match &route.path {
            PathPattern::Exactly(path) => path.as_str(),
            path => path.beginning(),
        };
        let key = self.key(at.as_bytes()).into_owned();
        self.has_slashes |= !matches!(route.path, PathPattern::Below(_));
        if !matches!(route.path, PathPattern::Matching(_)) {
            for without in readings::without_suffixes(&key) {
                self.longest_without_suffix = self.longest_without_suffix.max(without.len());
                add_to(self.without_suffix.entry(without.to_vec()).or_default(), entry);
            }
        }
        let groups = match &route.path {
            PathPattern::Exactly(_) => self.exactly.entry(key).or_default(),
            PathPattern::Below(_) => &mut self.beginning(key).all,
            PathPattern::Matching(_) => &mut self.beginning(key).matching,
        };
        add_to(groups, entry);
    }

    fn beginning(&mut self, key: Vec<u8>) -> &mut Beginning<E> {
        self.longest = self.longest.max(key.len());
        self.below.entry(key).or_insert_with(|| Beginning { matching: Vec::new(), all: Vec::new() })
    }

    fn key<'p>(&self, path: &'p [u8]) -> Cow<'p, [u8]> {
        if self.fold && path.iter().any(u8::is_ascii_uppercase) {
            Cow::Owned(path.to_ascii_lowercase())
        } else {
            Cow::Borrowed(path)
        }
    }

    fn exactly(&self, path: &[u8]) -> Option<&[Group<E>]> {
        self.exactly.get(&*self.key(path)).map(Vec::as_slice)
    }

    /// The routes of the most exact path, none where none matches.
    fn first(&self, path: &[u8]) -> &[Group<E>] {
        if let Some(groups) = self.exactly(path) {
            return groups;
        }
        let found = self.beginnings(path, |beginning| {
            let matching = beginning.matching.iter().find(|group| self.is_match(group, path));
            let all = (!beginning.all.is_empty()).then_some(beginning.all.as_slice());
            matching.map(std::slice::from_ref).or(all)
        });
        found.unwrap_or_default()
    }

    /// Every group that matches, the most exact first.
    fn all(&self, path: &[u8]) -> Vec<&Group<E>> {
        let mut found: Vec<&Group<E>> = self.exactly(path).into_iter().flatten().collect();
        self.beginnings(path, |beginning| {
            found.extend(beginning.matching.iter().filter(|group| self.is_match(group, path)));
            found.extend(&beginning.all);
            None::<()>
        });
        found
    }

    fn is_match(&self, group: &Group<E>, path: &[u8]) -> bool {
        match group.path() {
            Some(PathPattern::Matching(regex)) => regex.matches(path, self.fold),
            _ => false,
        }
    }

    /// Calls `found` with what is kept for `path` and for each path above it, the longest first, until it gives
    /// something.
    fn beginnings<'i, T>(&'i self, path: &[u8], mut found: impl FnMut(&'i Beginning<E>) -> Option<T>) -> Option<T> {
        let (known, mut ends) = self.ends(path, self.longest);
        ends.find_map(|end| found(self.below.get(&known[..end])?))
    }

    /// The part of a path that keys of at most `longest` bytes may be beginnings of, as they are written, and where its
    /// segments end in it, the last first.
    fn ends<'p>(&self, path: &'p [u8], longest: usize) -> (Cow<'p, [u8]>, impl Iterator<Item = usize>) {
        // A key ends where a segment does, so only the part up to the longest key's end matters.
        let part = &path[..path.len().min(longest + 1)];
        let whole = (path.len() <= longest).then_some(path.len());
        (self.key(part), whole.into_iter().chain(memchr::memrchr_iter(b'/', part)))
    }
}

#[cfg(test)]
mod tests;
