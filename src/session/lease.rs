//! Sessions of hosts other than the one where people sign in.
//!
//! A browser sends a cookie to one host only, and that is wanted: an application of one host must not be able to use a
//! session at another's. So each host has a session of its own, a lease of the one at the sign-in host. It ends with that
//! one, and must be renewed every [`TERM`], so that it does not outlive a sign-out for long that its process does not hear
//! of. Only page visits renew it; scripts may use it for [`GRACE`] longer.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Session, SessionId, Usage};
use crate::time::Instant;
use crate::web::Site;

/// How long a lease counts before the next page visit takes a new one.
pub(super) const TERM: Duration = Duration::from_secs(600);

/// How much longer it counts for what cannot renew it: scripts, forms, frames.
pub(super) const GRACE: Duration = Duration::from_secs(300);

/// What makes a session one of another host.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lease {
    /// The only host where it counts.
    pub host: String,
    /// The session at the sign-in host that it stands for.
    pub of: SessionId,
    /// When it was taken.
    pub taken: Instant,
    /// The longest that the session had gone unused until then.
    pub longest_idle: Duration,
}

impl Session {
    /// The session that somebody signed in with: this one, or the one that this is a lease of.
    pub fn root(&self) -> SessionId {
        self.lease.as_ref().map_or(self.id, |lease| lease.of)
    }

    /// That one, as far as it can be told from this one.
    pub(super) fn as_root(&self) -> Self {
        Self { id: self.root(), lease: None, ..self.clone() }
    }

    /// What of it is needed to end it.
    pub fn to_end(&self) -> Self {
        let mut root = Self { device: None, ..self.as_root() };
        root.identity.groups.clear();
        root.identity.claims.clear();
        root
    }

    /// A lease of it for that host, taken when it was last used.
    pub(super) fn lease(&self, id: SessionId, host: &str, usage: Usage) -> Self {
        let Usage { last_seen: taken, longest_idle } = usage;
        let lease = Some(Lease { host: host.to_owned(), of: self.root(), taken, longest_idle });
        Self { id, lease, ..self.clone() }
    }

    /// Whether it is a session of that site, and not at its end there.
    pub(super) fn counts_at(&self, site: &Site, now: Instant) -> bool {
        match &self.lease {
            None => site.is_sign_in(),
            Some(lease) => lease.host == site.host() && !self.is_lease_over(now),
        }
    }

    /// Whether it is a lease that counts no longer.
    pub(super) fn is_lease_over(&self, now: Instant) -> bool {
        self.lease.as_ref().is_some_and(|lease| !lease.taken.began_within(TERM + GRACE, now))
    }

    /// Whether the next page visit is to take a new lease.
    pub fn is_due(&self, now: Instant) -> bool {
        self.lease.as_ref().is_some_and(|lease| !lease.taken.began_within(TERM, now))
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{START, jane, session_of};
    use super::*;

    /// K-04.
    #[test]
    fn a_session_counts_at_its_own_host_and_at_no_other() {
        let url = url::Url::parse("https://login.example.com").expect("a URL");
        let login = Site::new(url, "/.gateway", "/login/callback");
        let at = |host| login.at(host).expect("a site");
        let own = session_of(jane());
        let lease = own.lease([7; 16], "wiki.example.org", Usage::begun(&own));
        for (session, site, counts) in [
            (&own, &login, true),
            (&own, &at("wiki.example.org"), false),
            (&lease, &login, false),
            (&lease, &at("wiki.example.org"), true),
            (&lease, &at("git.example.org"), false),
            (&lease, &at("a.wiki.example.org"), false),
        ] {
            assert_eq!(session.counts_at(site, START), counts, "{:?} at {}", session.lease, site.host());
        }
        assert_eq!((lease.root(), lease.signed_in), (own.id, own.signed_in));
    }

    #[test]
    fn a_lease_is_renewed_by_pages_and_outlived_by_scripts() {
        let url = url::Url::parse("https://login.example.com").expect("a URL");
        let wiki = Site::new(url, "/.gateway", "/login/callback").at("wiki.example.org").expect("a site");
        let own = session_of(jane());
        let lease = own.lease([7; 16], "wiki.example.org", Usage::begun(&own));
        for (seconds, due, counts) in
            [(0, false, true), (599, false, true), (600, true, true), (899, true, true), (900, true, false)]
        {
            let now = START.after(Duration::from_secs(seconds));
            assert_eq!((lease.is_due(now), lease.counts_at(&wiki, now)), (due, counts), "after {seconds} s");
        }
        let early = Instant::from_seconds(START.seconds() - 301);
        assert!(!lease.counts_at(&wiki, early), "a clock that was that far ahead gave nothing that counts");
        assert!(
            !session_of(jane()).is_due(START.after(Duration::from_secs(9000))),
            "a session of its own is not renewed"
        );
    }
}
