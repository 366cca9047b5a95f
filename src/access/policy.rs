//! Who may reach a route: the rule, the decision, and the proof that it was made.
//!
//! A [`Policy`] decides about a visitor and gives a [`Decision`]; only there is a [`Permit`] made, and
//! forwarding takes one, so no request reaches an upstream undecided. What a rule may ask is a [`Condition`]; whatever it
//! is, somebody must be signed in for it.

use std::fmt;

use super::condition::{Condition, Names, Outcome, Refusal, RequestFacts};
use super::{AuthnRequirement, SessionLimits};
use crate::session::Identity;
use crate::time::Instant;

/// Who may reach a route.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Policy {
    /// Everybody, signed in or not.
    Public,
    /// Everybody; who is signed in matters to what is there, and it is told.
    Optional,
    /// Everybody who is signed in.
    SignedIn,
    /// Everybody who is signed in and meets this condition.
    Where(Box<Condition>),
}

/// What a policy says about a visitor.
#[derive(Debug, PartialEq, Eq)]
pub enum Decision {
    /// Go on.
    Pass(Permit),
    /// The visitor is not signed in, and must be.
    SignIn,
    /// Somebody is signed in, and must prove more, or again.
    StepUp(AuthnRequirement),
    /// Somebody is signed in, and may not.
    Refuse(Refusal),
}

/// Why somebody was let through; the later, the more was proven.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PermitReason {
    /// Everybody may.
    Public,
    /// Everybody may, and is known if they are signed in.
    Optional,
    /// They are signed in.
    SignedIn,
    /// They meet what the rule asks.
    Conditions,
    /// They are in a group that may.
    InGroup,
}

impl PermitReason {
    /// For `explain` and the log.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Public | Self::Optional => "everybody may",
            Self::SignedIn => "they are signed in",
            Self::Conditions => "they meet what is asked",
            Self::InGroup => "they are in a group that may",
        }
    }

    /// As assertions call it.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Optional => "optional",
            Self::SignedIn => "signed_in",
            Self::Conditions => "conditions",
            Self::InGroup => "in_group",
        }
    }
}

/// Proof that policies let a visitor through. Only [`Policy::decide`] makes one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Permit {
    is_personal: bool,
    reason: PermitReason,
}

impl Permit {
    /// Whether the visitor is known; on an open route they need not be.
    pub fn is_personal(self) -> bool {
        self.is_personal
    }

    /// Why they were.
    pub fn reason(self) -> PermitReason {
        self.reason
    }
}

impl Policy {
    /// Everybody in one of these groups; none where the list is empty.
    pub fn in_groups<'g>(groups: impl IntoIterator<Item = &'g str>) -> Option<Self> {
        let names = Names::new(groups.into_iter().map(str::to_owned).collect())?;
        Some(Self::Where(Box::new(Condition::Groups(names))))
    }

    /// The same, with limits to sessions beside; none for a policy that needs no session.
    pub fn with_session_limits(self, limits: SessionLimits) -> Option<Self> {
        let limits = Condition::Session(limits);
        let condition = match self {
            Self::Public | Self::Optional => return None,
            Self::SignedIn => limits,
            Self::Where(condition) => match *condition {
                Condition::All(mut all) => {
                    all.push(limits);
                    Condition::All(all)
                }
                condition => Condition::All(vec![condition, limits]),
            },
        };
        Some(Self::Where(Box::new(condition)))
    }

    /// The limits to sessions that it knows.
    pub fn session_limits(&self) -> Vec<&SessionLimits> {
        let mut found = Vec::new();
        self.walk(|condition| {
            if let Condition::Session(limits) = condition {
                found.push(limits);
            }
        });
        found
    }

    /// The condition on people who are signed in, where there is one.
    pub fn condition(&self) -> Option<&Condition> {
        match self {
            Self::Where(condition) => Some(condition),
            Self::Public | Self::Optional | Self::SignedIn => None,
        }
    }

    /// How strong and how recent a sign-in must be, whatever else holds.
    pub fn strength(&self) -> Option<&AuthnRequirement> {
        fn of(condition: &Condition) -> Option<&AuthnRequirement> {
            match condition {
                Condition::Strength(asked) => Some(asked),
                Condition::All(all) => all.iter().find_map(of),
                _ => None,
            }
        }
        self.condition().and_then(of)
    }

    /// Whether it needs no session.
    pub fn is_open(&self) -> bool {
        matches!(self, Self::Public | Self::Optional)
    }

    /// The groups that decide.
    pub fn groups(&self) -> Vec<&str> {
        let mut groups = Vec::new();
        self.walk(|condition| groups.extend(condition.groups()));
        groups
    }

    /// The groups that somebody is in none of and must be in one of; empty where no list of groups keeps them out.
    pub fn groups_lacked(&self, visitor: &Identity, request: RequestFacts<'_>, now: Instant) -> Vec<&str> {
        self.condition().map(|condition| condition.groups_lacked(visitor, request, now)).unwrap_or_default()
    }

    /// The scopes of access tokens that decide.
    pub fn scopes(&self) -> Vec<&str> {
        let mut scopes = Vec::new();
        self.walk(|condition| {
            if let Condition::Scopes(names) = condition {
                scopes.extend(names.iter().map(String::as_str));
            }
        });
        scopes
    }

    /// The claims that decide, beside those that every session keeps, by name or by the way to them.
    pub fn claims(&self) -> Vec<&str> {
        self.condition().map(Condition::claims).unwrap_or_default()
    }

    /// Looks at every condition.
    pub fn walk<'p>(&'p self, mut visit: impl FnMut(&'p Condition)) {
        if let Some(condition) = self.condition() {
            condition.walk(&mut visit);
        }
    }

    /// Whether `visitor` may pass.
    pub fn decide(&self, visitor: Option<&Identity>, request: RequestFacts<'_>, now: Instant) -> Decision {
        let pass = |reason| Decision::Pass(Permit { is_personal: visitor.is_some(), reason });
        match (self, visitor) {
            (Self::Public, _) => pass(PermitReason::Public),
            (Self::Optional, _) => pass(PermitReason::Optional),
            (Self::SignedIn, None) => Decision::SignIn,
            (Self::SignedIn, Some(_)) => pass(PermitReason::SignedIn),
            (Self::Where(condition), None) => match condition.outcome(None, request, now) {
                // Of anybody: signing in would not help.
                Outcome::Fails(why) => Decision::Refuse(why),
                Outcome::Holds | Outcome::Weak(_) | Outcome::Unknown(_) => Decision::SignIn,
            },
            (Self::Where(condition), Some(_)) => match condition.outcome(visitor, request, now) {
                Outcome::Holds => pass(reason(condition)),
                Outcome::Weak(asked) => Decision::StepUp(asked.clone()),
                Outcome::Unknown(why) | Outcome::Fails(why) => Decision::Refuse(why),
            },
        }
    }
}

/// Why somebody passes who meets this.
fn reason(condition: &Condition) -> PermitReason {
    match condition {
        Condition::Groups(_) => PermitReason::InGroup,
        Condition::All(all) if all.iter().any(|one| matches!(one, Condition::Groups(_))) => PermitReason::InGroup,
        _ => PermitReason::Conditions,
    }
}

/// In words, for the log, for `explain` and for the person who is refused.
impl fmt::Display for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Public => f.write_str("everybody"),
            Self::Optional => f.write_str("everybody, known if signed in"),
            Self::SignedIn => f.write_str("whoever is signed in"),
            Self::Where(condition) => write!(f, "whoever is signed in: {condition}"),
        }
    }
}

impl Decision {
    /// Both decisions together: the stricter of the two. Of two passes, the one for which more was
    /// proven.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Refuse(why), _) | (_, Self::Refuse(why)) => Self::Refuse(why),
            (Self::SignIn, _) | (_, Self::SignIn) => Self::SignIn,
            (Self::StepUp(asked), _) | (_, Self::StepUp(asked)) => Self::StepUp(asked),
            (Self::Pass(one), Self::Pass(other)) => Self::Pass(if other.reason > one.reason { other } else { one }),
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::time::Duration;

    use http::Method;

    use super::super::Credential;

    use super::*;

    const NOW: Instant = Instant::from_seconds(10_000);
    pub(crate) const FACTS: RequestFacts<'static> =
        RequestFacts { method: &Method::GET, client: None, credential: Credential::FRESH, scopes: &[] };

    pub(crate) fn member_of(groups: &[&str]) -> Identity {
        Identity {
            provider: "okta".to_owned(),
            subject: "00u1".to_owned(),
            username: Some("jane@example.com".to_owned()),
            name: Some("Jane Doe".to_owned()),
            email: Some("jane@example.com".to_owned()),
            groups: groups.iter().map(|group| (*group).to_owned()).collect(),
            claims: std::collections::BTreeMap::new(),
            auth_time: None,
            amr: Vec::new(),
            acr: None,
            left_out: Vec::new(),
        }
    }

    fn groups(names: &[&str]) -> Policy {
        Policy::in_groups(names.iter().copied()).expect("at least one")
    }

    #[derive(Debug, PartialEq)]
    enum Says {
        Pass,
        SignIn,
        StepUp,
        Refuse,
    }

    fn says(decision: &Decision) -> Says {
        match decision {
            Decision::StepUp(_) => Says::StepUp,
            Decision::Pass(_) => Says::Pass,
            Decision::SignIn => Says::SignIn,
            Decision::Refuse(_) => Says::Refuse,
        }
    }

    #[test]
    fn every_policy_says_what_it_should_of_every_visitor() {
        let (staff, nobody_special) = (member_of(&["staff"]), member_of(&[]));
        for (policy, visitor, expected) in [
            (Policy::Public, None, Says::Pass),
            (Policy::Public, Some(&nobody_special), Says::Pass),
            (Policy::Optional, None, Says::Pass),
            (Policy::Optional, Some(&nobody_special), Says::Pass),
            (Policy::SignedIn, None, Says::SignIn),
            (Policy::SignedIn, Some(&nobody_special), Says::Pass),
            (groups(&["staff"]), None, Says::SignIn),
            (groups(&["staff"]), Some(&nobody_special), Says::Refuse),
            (groups(&["staff"]), Some(&staff), Says::Pass),
            (groups(&["admins", "staff"]), Some(&staff), Says::Pass),
            (groups(&["admins"]), Some(&staff), Says::Refuse),
            (groups(&["Staff"]), Some(&staff), Says::Refuse),
            (groups(&["staf"]), Some(&staff), Says::Refuse),
        ] {
            assert_eq!(says(&policy.decide(visitor, FACTS, NOW)), expected, "{policy:?} of {visitor:?}");
        }
    }

    #[test]
    fn no_groups_is_no_rule() {
        assert_eq!(Policy::in_groups([]), None);
        assert_eq!(Policy::in_groups([""]), None);
    }

    #[test]
    fn two_decisions_are_as_strict_as_the_stricter() {
        let staff = member_of(&["staff"]);
        for (one, other, expected) in [
            (Policy::Public, Policy::Public, Says::Pass),
            (Policy::Public, groups(&["admins"]), Says::Refuse),
            (groups(&["admins"]), Policy::SignedIn, Says::Refuse),
        ] {
            assert_eq!(
                says(&one.decide(Some(&staff), FACTS, NOW).and(other.decide(Some(&staff), FACTS, NOW))),
                expected
            );
        }
        assert_eq!(
            says(&Policy::Public.decide(None, FACTS, NOW).and(Policy::SignedIn.decide(None, FACTS, NOW))),
            Says::SignIn
        );
        let both =
            Policy::Public.decide(Some(&staff), FACTS, NOW).and(groups(&["staff"]).decide(Some(&staff), FACTS, NOW));
        assert!(matches!(both, Decision::Pass(permit) if permit.reason() == PermitReason::InGroup));
    }

    #[test]
    fn a_session_beyond_a_route_s_limit_signs_in_again_there_and_a_token_has_its_own_end() {
        let minutes = |minutes: u64| Duration::from_secs(60 * minutes);
        let limits = || SessionLimits::new(Some(minutes(15)), Some(minutes(5))).expect("limits");
        let policy = groups(&["staff"]).with_session_limits(limits()).expect("a policy");
        assert_eq!(
            policy.to_string(),
            "whoever is signed in: in group staff, and with a session of less than 15 minutes and never left alone for 5 minutes"
        );
        let (staff, other) = (member_of(&["staff"]), member_of(&[]));
        let session = |age, idle| Credential::Session { age: minutes(age), longest_idle: minutes(idle) };
        for (visitor, credential, expected) in [
            (None, Credential::Nothing, Says::SignIn),
            (Some(&staff), session(14, 4), Says::Pass),
            (Some(&staff), session(15, 4), Says::StepUp),
            (Some(&staff), session(14, 5), Says::StepUp),
            (Some(&staff), Credential::Token, Says::Pass),
            (Some(&staff), Credential::Nothing, Says::Refuse),
            (Some(&other), session(15, 5), Says::Refuse),
        ] {
            let facts = RequestFacts { credential, ..FACTS };
            assert_eq!(says(&policy.decide(visitor, facts, NOW)), expected, "{credential:?}");
        }
        assert_eq!(Policy::Public.with_session_limits(limits()), None);
        assert_eq!(Policy::Optional.with_session_limits(limits()), None);
    }

    #[test]
    fn a_sign_in_must_be_as_strong_as_the_route_asks() {
        let two = "urn:okta:loa:2fa:any";
        let asked = AuthnRequirement::new(Some(two.to_owned()), None).expect("something is asked");
        let staff = groups(&["staff"]).condition().cloned().expect("a condition");
        let policy = Policy::Where(Box::new(Condition::All(vec![staff, Condition::Strength(asked)])));
        let strong = Identity { acr: Some(two.to_owned()), ..member_of(&["staff"]) };
        for (visitor, expected) in [
            (None, Says::SignIn),
            (Some(&strong), Says::Pass),
            (Some(&member_of(&["staff"])), Says::StepUp),
            (Some(&member_of(&["others"])), Says::Refuse),
        ] {
            assert_eq!(says(&policy.decide(visitor, FACTS, NOW)), expected, "{visitor:?}");
        }
    }
}
