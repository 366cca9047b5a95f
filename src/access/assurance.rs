//! How strong and how recent a sign-in must be: the one place that knows `acr` and `auth_time`.
//!
//! A route asks with `acr_values` and `max_age` (OpenID Connect Core 1.0 §3.1.2.1; step-up, RFC 9470). The
//! policy compares what the session keeps with what the route asks; a sign-in that was sent away for it
//! compares what the new ID token says, counted from when it was asked. Both ask [`AuthnRequirement::check`],
//! so a sign-in that was accepted is not sent away again by the policy.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::time::{CLOCK_SKEW, Instant};

/// What a route asks of a sign-in beyond that there is one; at least one of the two.
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
            Self::NoAuthTime => "it does not say when the person signed in",
            Self::TooOld => "the person signed in too long ago",
            Self::TooWeak => "the sign-in is not as strong as was asked",
        }
    }
}

impl AuthnRequirement {
    /// None when nothing is asked. `acr_values` are values of the claim `acr`, separated by spaces, any of
    /// which will do; `max_age` is how long ago the person may have proven who they are.
    pub fn new(acr_values: Option<String>, max_age: Option<Duration>) -> Option<Self> {
        let acr_values = acr_values.filter(|values| !values.trim().is_empty());
        (acr_values.is_some() || max_age.is_some()).then_some(Self { acr_values, max_age })
    }

    /// The values of `acr` that will do, separated by spaces.
    pub fn acr_values(&self) -> Option<&str> {
        self.acr_values.as_deref()
    }

    /// How long ago the person may have proven who they are.
    pub fn max_age(&self) -> Option<Duration> {
        self.max_age
    }

    /// Whether a sign-in with these claims was strong and recent enough at `moment`. A value that ends in
    /// `:ifpossible` asks for no more than the org could give.
    pub fn check(&self, acr: Option<&str>, auth_time: Option<Instant>, moment: Instant) -> Result<(), Unmet> {
        if let Some(max_age) = self.max_age {
            let auth_time = auth_time.ok_or(Unmet::NoAuthTime)?;
            if moment > auth_time.after(max_age.saturating_add(CLOCK_SKEW)) {
                return Err(Unmet::TooOld);
            }
        }
        let acr = acr.unwrap_or_default();
        let will_do = |value: &str| value == acr || value.ends_with(":ifpossible");
        match &self.acr_values {
            Some(values) if !values.split_whitespace().any(will_do) => Err(Unmet::TooWeak),
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
