//! Who may reach a route: the rule, the decision, and the proof that it was made.
//!
//! [`Policy::decide`] gives a [`Decision`], and only it makes a [`Permit`]. Forwarding takes a permit, so no request
//! reaches an upstream undecided. What a rule may require is a [`Condition`]; a rule with one never lets anybody pass
//! who is not signed in.

use std::fmt;

use super::condition::{Condition, FailedCondition, Names, Outcome, Refusal, RequestFacts};
use super::{AuthnRequirement, SessionLimits};
use crate::session::Identity;
use crate::time::Instant;

/// Who may reach a route.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Policy {
    /// Everybody, signed in or not.
    Public,
    /// Everybody, signed in or not; the application is told who is signed in.
    Optional,
    /// Everybody who is signed in.
    SignedIn,
    /// Everybody who is signed in and meets this condition.
    Where(Box<Condition>),
}

/// What a policy decides about a visitor.
#[derive(Debug, PartialEq, Eq)]
pub enum Decision {
    /// They may pass.
    Pass(Permit),
    /// They are not signed in, and must be.
    SignIn,
    /// They are signed in, and must sign in again, more strongly or more recently.
    StepUp(AuthnRequirement),
    /// They may not pass.
    Refuse(Refusal),
}

/// Why a visitor may pass, in order of how much they have proven.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PermitReason {
    /// The route is public.
    Public,
    /// The route is open, and tells the application who is signed in.
    Optional,
    /// They are signed in.
    SignedIn,
    /// They meet the conditions of the rule.
    Conditions,
    /// They are in an allowed group.
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

    /// As the claim `rule` of an assertion has it.
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

/// Proof that a policy let a visitor through. Only [`Policy::decide`] makes one.
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

    /// Why the visitor may pass.
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

    /// This policy with limits to the age of sessions added; none for a policy that needs no session.
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

    /// Every limit to sessions in it.
    pub fn session_limits(&self) -> Vec<&SessionLimits> {
        let mut found = Vec::new();
        self.walk(|condition| {
            if let Condition::Session(limits) = condition {
                found.push(limits);
            }
        });
        found
    }

    /// What people who are signed in must meet; none where nothing more is required.
    pub fn condition(&self) -> Option<&Condition> {
        match self {
            Self::Where(condition) => Some(condition),
            Self::Public | Self::Optional | Self::SignedIn => None,
        }
    }

    /// How strong and how recent a sign-in must be, if that is required of everybody; not what stands in an
    /// alternative.
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

    /// Whether visitors need no session.
    pub fn is_open(&self) -> bool {
        matches!(self, Self::Public | Self::Optional)
    }

    /// Every group that it names.
    pub fn groups(&self) -> Vec<&str> {
        let mut groups = Vec::new();
        self.walk(|condition| groups.extend(condition.groups()));
        groups
    }

    /// Every condition that keeps the visitor out.
    pub fn failed(&self, visitor: Option<&Identity>, request: RequestFacts<'_>, now: Instant) -> Vec<FailedCondition> {
        self.condition().map(|condition| condition.failed(visitor, request, now)).unwrap_or_default()
    }

    /// Every scope that an access token may need for it; one that it excludes is none of them.
    pub fn scopes(&self) -> Vec<&str> {
        self.condition().map(Condition::scopes).unwrap_or_default()
    }

    /// Every claim that a session must keep so that this can be decided, by name or by path; those that every session
    /// keeps may be among them.
    pub fn claims(&self) -> Vec<&str> {
        self.condition().map(Condition::claims).unwrap_or_default()
    }

    /// Calls `visit` with every condition in it.
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
                // It fails for everybody: signing in would not help.
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

/// The reason of a permit for somebody who meets `condition`.
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
    /// The stricter of two decisions: a refusal, then a sign-in, then a step-up. Of two refusals or step-ups the first;
    /// of two permits the one for which more was proven.
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
        let (staff, somebody) = (member_of(&["staff"]), member_of(&[]));
        for (policy, visitor, expected) in [
            (Policy::Public, None, Says::Pass),
            (Policy::Public, Some(&somebody), Says::Pass),
            (Policy::Optional, None, Says::Pass),
            (Policy::Optional, Some(&somebody), Says::Pass),
            (Policy::SignedIn, None, Says::SignIn),
            (Policy::SignedIn, Some(&somebody), Says::Pass),
            (groups(&["staff"]), None, Says::SignIn),
            (groups(&["staff"]), Some(&somebody), Says::Refuse),
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
