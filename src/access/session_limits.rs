//! How old a session may be on a route, and how long it may have gone unused.
//!
//! A session beyond such a limit still counts on other routes; on this one its owner signs in again, which begins a new
//! session, and both limits count from there. How long ago the person authenticated is another limit
//! ([`AuthnRequirement`]). An access token has no session, and meets these limits always.

use std::fmt;
use std::time::Duration;

use super::AuthnRequirement;
use crate::time::Instant;

/// The limits of a route: a greatest age, a greatest time unused, or both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionLimits {
    max_age: Option<Duration>,
    max_idle: Option<Duration>,
    /// What is required of a person whose session is beyond the limits.
    again: AuthnRequirement,
}

/// What a request brings to show who is asking, and how old that is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Credential {
    /// Neither a session nor an access token.
    Nothing,
    /// A session.
    Session {
        /// The time since it began.
        age: Duration,
        /// The longest time that it went unused.
        longest_idle: Duration,
    },
    /// An access token.
    Token,
}

impl Credential {
    /// A session that has just begun.
    pub(super) const FRESH: Self = Self::Session { age: Duration::ZERO, longest_idle: Duration::ZERO };
    /// A session that is beyond every limit.
    pub(super) const STALE: Self = Self::Session { age: Duration::MAX, longest_idle: Duration::MAX };
}

impl SessionLimits {
    /// None where neither limit is given.
    pub fn new(max_age: Option<Duration>, max_idle: Option<Duration>) -> Option<Self> {
        let again = AuthnRequirement::new(None, Some(Duration::ZERO))?;
        (max_age.is_some() || max_idle.is_some()).then_some(Self { max_age, max_idle, again })
    }

    /// The greatest age of a session.
    pub fn max_age(&self) -> Option<Duration> {
        self.max_age
    }

    /// The longest time that a session may go unused.
    pub fn max_idle(&self) -> Option<Duration> {
        self.max_idle
    }

    /// When a session that began at `signed_in` becomes too old; none where its age does not matter.
    pub(super) fn end(&self, signed_in: Instant) -> Option<Instant> {
        self.max_age.map(|age| signed_in.after(age))
    }

    /// Whether a session is within both limits, and otherwise what is required instead. A session ends at its limit,
    /// not after it.
    pub(super) fn check(&self, age: Duration, longest_idle: Duration) -> Result<(), &AuthnRequirement> {
        let is_within = |most: Option<Duration>, span: Duration| most.is_none_or(|most| span < most);
        match is_within(self.max_age, age) && is_within(self.max_idle, longest_idle) {
            true => Ok(()),
            false => Err(&self.again),
        }
    }
}

/// In words, for `explain` and for the person who is refused.
impl fmt::Display for SessionLimits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let minutes = |span: Duration| span.as_secs() / 60;
        let age = self.max_age.map(|age| format!("with a session of less than {} minutes", minutes(age)));
        let idle = self.max_idle.map(|idle| format!("never left alone for {} minutes", minutes(idle)));
        let words: Vec<String> = age.into_iter().chain(idle).collect();
        f.write_str(&words.join(" and "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// K-08.
    #[test]
    fn a_session_is_too_old_at_its_limit_and_not_before() {
        let limits = |age: Option<u64>, idle: Option<u64>| {
            SessionLimits::new(age.map(Duration::from_secs), idle.map(Duration::from_secs))
        };
        assert_eq!(limits(None, None), None);
        for (most, age, idle, within) in [
            ((Some(900), None), 0, 0, true),
            ((Some(900), None), 899, 899, true),
            ((Some(900), None), 900, 0, false),
            ((None, Some(300)), 9_000, 299, true),
            ((None, Some(300)), 9_000, 300, false),
            ((Some(900), Some(300)), 899, 299, true),
            ((Some(900), Some(300)), 899, 300, false),
            ((Some(900), Some(300)), 900, 299, false),
        ] {
            let limits = limits(most.0, most.1).expect("a limit");
            let found = limits.check(Duration::from_secs(age), Duration::from_secs(idle)).is_ok();
            assert_eq!(found, within, "{limits}: {age} s old, {idle} s unused");
        }
    }
}
