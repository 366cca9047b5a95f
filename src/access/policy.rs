//! Who may reach a route: the rule, the decision, and the proof that it was made.
//!
//! A [`Policy`] decides about a visitor and gives a [`Decision`]; only there is a [`Permit`] made, and
//! forwarding takes one, so no request reaches an upstream undecided. A rule that names groups names
//! at least one ([`Groups`]): an empty list could be read as "everybody".

use std::net::IpAddr;

use http::Method;

use super::AuthnRequirement;
use crate::session::Identity;
use crate::time::Instant;

/// Who may reach a route.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Policy {
    /// Everybody, signed in or not.
    Public,
    /// Whoever is signed in.
    SignedIn,
    /// Whoever is signed in and in one of these groups.
    Groups(Groups),
    /// Whoever may by that rule, once their sign-in is as strong as this.
    Strong(Box<Self>, AuthnRequirement),
}

/// What a policy is told of a request, besides who is asking.
#[derive(Clone, Copy, Debug)]
pub struct RequestFacts<'r> {
    /// Its method.
    pub method: &'r Method,
    /// Where it comes from, as far as that is known.
    pub client: Option<IpAddr>,
}

/// One group or more, by name; compared exactly.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Groups(Vec<String>);

impl Groups {
    /// None when there is no name, or an empty one.
    pub fn new(names: Vec<String>) -> Option<Self> {
        (!names.is_empty() && names.iter().all(|name| !name.is_empty())).then_some(Self(names))
    }

    /// Whether `identity` is in any of them.
    pub fn meet(&self, identity: &Identity) -> bool {
        self.0.iter().any(|name| identity.groups.contains(name))
    }
}

/// What a policy says about a visitor.
#[derive(Debug, PartialEq, Eq)]
pub enum Decision<'v> {
    /// Go on.
    Pass(Permit<'v>),
    /// Nobody is signed in, and somebody must be.
    SignIn,
    /// Somebody is signed in, and must prove more, or again.
    StepUp(AuthnRequirement),
    /// Somebody is signed in, and may not.
    Refuse(Refusal),
}

/// Why somebody who is signed in may not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// They are in none of the groups that may.
    NotInGroup,
}

/// Why somebody was let through; the later, the more was proven.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PermitReason {
    /// Everybody may.
    Public,
    /// They are signed in.
    SignedIn,
    /// They are in a group that may.
    InGroup,
}

/// Proof that policies let this visitor through. Only [`Policy::decide`] makes one.
#[derive(Debug, PartialEq, Eq)]
pub struct Permit<'v> {
    visitor: Option<&'v Identity>,
    reason: PermitReason,
}

impl<'v> Permit<'v> {
    /// Who was let through; nobody on a public route without a session.
    pub fn visitor(&self) -> Option<&'v Identity> {
        self.visitor
    }

    /// Why they were.
    pub fn reason(&self) -> PermitReason {
        self.reason
    }
}

impl Policy {
    /// The groups that decide.
    pub fn groups(&self) -> &[String] {
        match self {
            Self::Public | Self::SignedIn => &[],
            Self::Groups(groups) => &groups.0,
            Self::Strong(rule, _) => rule.groups(),
        }
    }

    /// How strong and how recent a sign-in must be, where that is asked.
    pub fn requirement(&self) -> Option<&AuthnRequirement> {
        match self {
            Self::Strong(_, asked) => Some(asked),
            _ => None,
        }
    }

    /// Whether `visitor` may pass.
    #[expect(clippy::only_used_in_recursion, reason = "no condition asks for methods or addresses yet")]
    pub fn decide<'v>(&self, visitor: Option<&'v Identity>, request: RequestFacts<'_>, now: Instant) -> Decision<'v> {
        match (self, visitor) {
            (Self::Public, visitor) => Decision::Pass(Permit { visitor, reason: PermitReason::Public }),
            (_, None) => Decision::SignIn,
            (Self::SignedIn, visitor) => Decision::Pass(Permit { visitor, reason: PermitReason::SignedIn }),
            (Self::Groups(groups), Some(identity)) if groups.meet(identity) => {
                Decision::Pass(Permit { visitor, reason: PermitReason::InGroup })
            }
            (Self::Groups(_), Some(_)) => Decision::Refuse(Refusal::NotInGroup),
            (Self::Strong(rule, asked), Some(identity)) => match rule.decide(visitor, request, now) {
                Decision::Pass(_) if asked.check(identity.acr.as_deref(), identity.auth_time, now).is_err() => {
                    Decision::StepUp(asked.clone())
                }
                decision => decision,
            },
        }
    }
}

impl<'v> Decision<'v> {
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
    use super::*;

    const NOW: Instant = Instant::from_seconds(10_000);
    pub(crate) const FACTS: RequestFacts<'static> = RequestFacts { method: &Method::GET, client: None };

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
        let names = names.iter().map(|name| (*name).to_owned()).collect();
        Policy::Groups(Groups::new(names).expect("at least one"))
    }

    #[derive(Debug, PartialEq)]
    enum Says {
        Pass,
        SignIn,
        StepUp,
        Refuse,
    }

    fn says(decision: &Decision<'_>) -> Says {
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
        assert_eq!(Groups::new(Vec::new()), None);
        assert_eq!(Groups::new(vec![String::new()]), None);
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
    fn a_sign_in_must_be_as_strong_as_the_route_asks() {
        let two = "urn:okta:loa:2fa:any";
        let asked = AuthnRequirement::new(Some(two.to_owned()), None).expect("something is asked");
        let policy = Policy::Strong(Box::new(groups(&["staff"])), asked);
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
