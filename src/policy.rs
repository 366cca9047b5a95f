//! Who may reach a route: the rule, the decision, and the proof that it was made.
//!
//! A [`Policy`] decides about a visitor and gives a [`Decision`]; only there is a [`Permit`] made, and
//! forwarding takes one, so no request reaches an upstream undecided. A rule that names groups names
//! at least one ([`Groups`]): an empty list could be read as "everybody".

use crate::identity::Identity;
use crate::metrics::DecisionLabel;

/// Who may reach a route.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Policy {
    /// Everybody, signed in or not.
    Public,
    /// Whoever is signed in.
    SignedIn,
    /// Whoever is signed in and in one of these groups.
    Groups(Groups),
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
    /// Somebody is signed in, and may not.
    Refuse(Refusal),
}

/// Why somebody who is signed in may not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// They are in none of the groups that may.
    NotInGroup,
}

/// Proof that policies let this visitor through. Only [`Policy::decide`] makes one.
#[derive(Debug, PartialEq, Eq)]
pub struct Permit<'v> {
    visitor: Option<&'v Identity>,
    why: DecisionLabel,
}

impl<'v> Permit<'v> {
    /// Who was let through; nobody on a public route without a session.
    pub fn visitor(&self) -> Option<&'v Identity> {
        self.visitor
    }

    /// Under which rule, for counting.
    pub fn label(&self) -> DecisionLabel {
        self.why
    }
}

impl Policy {
    /// Whether `visitor` may pass.
    pub fn decide<'v>(&self, visitor: Option<&'v Identity>) -> Decision<'v> {
        match (self, visitor) {
            (Self::Public, visitor) => Decision::Pass(Permit { visitor, why: DecisionLabel::Public }),
            (_, None) => Decision::SignIn,
            (Self::SignedIn, visitor) => Decision::Pass(Permit { visitor, why: DecisionLabel::SignedIn }),
            (Self::Groups(groups), Some(identity)) if groups.meet(identity) => {
                Decision::Pass(Permit { visitor, why: DecisionLabel::InGroup })
            }
            (Self::Groups(_), Some(_)) => Decision::Refuse(Refusal::NotInGroup),
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
            (Self::Pass(one), Self::Pass(other)) => {
                Self::Pass(if other.why as u8 > one.why as u8 { other } else { one })
            }
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn member_of(groups: &[&str]) -> Identity {
        Identity {
            subject: "00u1".to_owned(),
            username: Some("jane@example.com".to_owned()),
            name: Some("Jane Doe".to_owned()),
            email: Some("jane@example.com".to_owned()),
            groups: groups.iter().map(|group| (*group).to_owned()).collect(),
            claims: std::collections::BTreeMap::new(),
            authenticated_at: None,
            methods: Vec::new(),
            assurance: None,
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
        Refuse,
    }

    fn says(decision: &Decision<'_>) -> Says {
        match decision {
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
            assert_eq!(says(&policy.decide(visitor)), expected, "{policy:?} of {visitor:?}");
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
            assert_eq!(says(&one.decide(Some(&staff)).and(other.decide(Some(&staff)))), expected);
        }
        assert_eq!(says(&Policy::Public.decide(None).and(Policy::SignedIn.decide(None))), Says::SignIn);
        let both = Policy::Public.decide(Some(&staff)).and(groups(&["staff"]).decide(Some(&staff)));
        assert!(matches!(both, Decision::Pass(permit) if permit.label() == DecisionLabel::InGroup));
    }
}
