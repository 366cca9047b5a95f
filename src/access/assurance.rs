//! How strong and how recent a sign-in must be: the one place that knows `acr` and `auth_time`.
//!
//! A route asks with `acr_values` and `max_age` (OpenID Connect Core 1.0 §3.1.2.1; step-up, RFC 9470). The policy
//! compares them with the claims that the session keeps; a sign-in that was started for a step-up compares them with
//! the claims of the new ID token. Both call [`AuthnRequirement::check`], so the policy never sends away a sign-in that
//! was just accepted.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::time::{CLOCK_SKEW, Instant};

/// What a route requires of a sign-in: a value of `acr`, a greatest age, or both.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthnRequirement {
    acr_values: Option<String>,
    max_age: Option<Duration>,
}

/// Why a sign-in does not meet an [`AuthnRequirement`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unmet {
    /// There is no `auth_time`, so its age is not known.
    NoAuthTime,
    /// `auth_time` is further back than `max_age`.
    TooOld,
    /// `acr` is none of the values asked for.
    TooWeak,
}

impl Unmet {
    /// For the log: what is wrong with the ID token.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NoAuthTime => "its `auth_time` is missing",
            Self::TooOld => "its `auth_time` is longer ago than `max_age` allows",
            Self::TooWeak => "its `acr` is none of the values asked for",
        }
    }
}

impl AuthnRequirement {
    /// None when nothing is asked. `acr_values` are values of the claim `acr`, separated by spaces; one of them
    /// suffices. `max_age` is the longest time since the person authenticated (`auth_time`).
    pub fn new(acr_values: Option<String>, max_age: Option<Duration>) -> Option<Self> {
        let acr_values = acr_values.filter(|values| !values.trim().is_empty());
        (acr_values.is_some() || max_age.is_some()).then_some(Self { acr_values, max_age })
    }

    /// The values of `acr` that suffice, separated by spaces.
    pub fn acr_values(&self) -> Option<&str> {
        self.acr_values.as_deref()
    }

    /// The longest time since the person authenticated.
    pub fn max_age(&self) -> Option<Duration> {
        self.max_age
    }

    /// Whether a sign-in with these claims is strong and recent enough at `moment`; [`CLOCK_SKEW`] is added to
    /// `max_age`. A value that ends in `:ifpossible` is met by any sign-in: the org was asked for it and gave what it
    /// could.
    pub fn check(&self, acr: Option<&str>, auth_time: Option<Instant>, moment: Instant) -> Result<(), Unmet> {
        if let Some(max_age) = self.max_age {
            let auth_time = auth_time.ok_or(Unmet::NoAuthTime)?;
            if moment > auth_time.after(max_age.saturating_add(CLOCK_SKEW)) {
                return Err(Unmet::TooOld);
            }
        }
        let acr = acr.unwrap_or_default();
        let suffices = |value: &str| value == acr || value.ends_with(":ifpossible");
        match &self.acr_values {
            Some(values) if !values.split_whitespace().any(suffices) => Err(Unmet::TooWeak),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sign_in_is_held_against_what_is_asked() {
        let two = "urn:okta:loa:2fa:any";
        let at = |seconds: u64| Some(Instant::from_seconds(seconds));
        for (acr_values, max_age, acr, auth_time, expected) in [
            (Some(two), None, Some(two), None, Ok(())),
            (Some(two), None, Some("urn:okta:loa:1fa:any"), None, Err(Unmet::TooWeak)),
            (Some(two), None, None, None, Err(Unmet::TooWeak)),
            (Some("a b"), None, Some("b"), None, Ok(())),
            (Some("urn:okta:loa:2fa:any:ifpossible"), None, None, None, Ok(())),
            (None, Some(300), None, at(9_700), Ok(())),
            (None, Some(300), None, at(9_640), Ok(())),
            (None, Some(300), None, at(9_639), Err(Unmet::TooOld)),
            (None, Some(300), None, at(10_500), Ok(())),
            (None, Some(300), None, None, Err(Unmet::NoAuthTime)),
            (Some(two), Some(300), Some(two), at(9_000), Err(Unmet::TooOld)),
            (None, Some(u64::MAX), None, at(0), Ok(())),
        ] {
            let asked = AuthnRequirement::new(acr_values.map(str::to_owned), max_age.map(Duration::from_secs));
            let asked = asked.expect("something is asked");
            assert_eq!(asked.check(acr, auth_time, Instant::from_seconds(10_000)), expected, "{asked:?} {auth_time:?}");
        }
    }

    #[test]
    fn nothing_asked_is_no_requirement() {
        assert_eq!(AuthnRequirement::new(None, None), None);
        assert_eq!(AuthnRequirement::new(Some(" ".to_owned()), None), None);
    }
}
