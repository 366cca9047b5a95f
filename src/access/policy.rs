//! Who may reach a route: the rule, the decision, and the proof that it was made.
//!
//! A [`Policy`] decides about a visitor and gives a [`Decision`]; only there is a [`Permit`] made, and
//! forwarding takes one, so no request reaches an upstream undecided. A rule that names groups names
//! at least one ([`Groups`]): an empty list could be read as "everybody".

use std::time::Duration;

use crate::metrics::DecisionLabel;
use crate::session::Identity;
use crate::time::Instant;

/// How far the org's clock may be behind ours before a fresh sign-in counts as an old one.
const CLOCK_SKEW: Duration = Duration::from_secs(60);

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
    Strong(Box<Self>, Strength),
}

/// How strong a sign-in must be (step-up authentication, RFC 9470).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Strength {
    acr_values: Option<String>,
    max_age: Option<Duration>,
}

impl Strength {
    /// None when nothing is asked. `acr_values` are values of the claim `acr`, separated by spaces, any of
    /// which will do; `max_age` is how long ago the person may have proven who they are.
    pub fn new(acr_values: Option<String>, max_age: Option<Duration>) -> Option<Self> {
        let asks = acr_values.as_ref().is_some_and(|values| !values.trim().is_empty()) || max_age.is_some();
        asks.then_some(Self { acr_values, max_age })
    }

    /// The values of `acr` that will do.
    pub fn acr_values(&self) -> Option<&str> {
        self.acr_values.as_deref()
    }

    /// How long ago the person may have proven who they are.
    pub fn max_age(&self) -> Option<Duration> {
        self.max_age
    }

    /// Whether this person's sign-in is that strong at `now`. A value that ends in `:ifpossible` asks for no
    /// more than the org could give.
    fn is_met(&self, identity: &Identity, now: Instant) -> bool {
        let sure = self.acr_values.as_ref().is_none_or(|values| {
            let got = identity.assurance.as_deref().unwrap_or_default();
            values.split_whitespace().any(|value| value == got || value.ends_with(":ifpossible"))
        });
        let recent = self.max_age.is_none_or(|max_age| {
            identity.authenticated_at.is_some_and(|at| now.since(at) < max_age.saturating_add(CLOCK_SKEW))
        });
        sure && recent
    }
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
    StepUp(Strength),
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
    pub fn decide<'v>(&self, visitor: Option<&'v Identity>, now: Instant) -> Decision<'v> {
        match (self, visitor) {
            (Self::Public, visitor) => Decision::Pass(Permit { visitor, why: DecisionLabel::Public }),
            (_, None) => Decision::SignIn,
            (Self::SignedIn, visitor) => Decision::Pass(Permit { visitor, why: DecisionLabel::SignedIn }),
            (Self::Groups(groups), Some(identity)) if groups.meet(identity) => {
                Decision::Pass(Permit { visitor, why: DecisionLabel::InGroup })
            }
            (Self::Groups(_), Some(_)) => Decision::Refuse(Refusal::NotInGroup),
            (Self::Strong(rule, strength), Some(identity)) => match rule.decide(visitor, now) {
                Decision::Pass(_) if !strength.is_met(identity, now) => Decision::StepUp(strength.clone()),
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
            (Self::StepUp(strength), _) | (_, Self::StepUp(strength)) => Self::StepUp(strength),
            (Self::Pass(one), Self::Pass(other)) => {
                Self::Pass(if other.why as u8 > one.why as u8 { other } else { one })
            }
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    const NOW: Instant = Instant::from_seconds(10_000);

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
            assert_eq!(says(&policy.decide(visitor, NOW)), expected, "{policy:?} of {visitor:?}");
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
            assert_eq!(says(&one.decide(Some(&staff), NOW).and(other.decide(Some(&staff), NOW))), expected);
        }
        assert_eq!(says(&Policy::Public.decide(None, NOW).and(Policy::SignedIn.decide(None, NOW))), Says::SignIn);
        let both = Policy::Public.decide(Some(&staff), NOW).and(groups(&["staff"]).decide(Some(&staff), NOW));
        assert!(matches!(both, Decision::Pass(permit) if permit.label() == DecisionLabel::InGroup));
    }

    #[test]
    fn a_sign_in_must_be_as_strong_and_as_fresh_as_the_route_asks() {
        let two = "urn:okta:loa:2fa:any";
        let strong = |values: Option<&str>, minutes: Option<u64>| {
            let max_age = minutes.map(|minutes| Duration::from_secs(minutes * 60));
            let strength = Strength::new(values.map(str::to_owned), max_age).expect("something is asked");
            Policy::Strong(Box::new(groups(&["staff"])), strength)
        };
        let person = |acr: Option<&str>, seconds_ago: Option<u64>| Identity {
            assurance: acr.map(str::to_owned),
            authenticated_at: seconds_ago.map(|ago| Instant::from_seconds(NOW.seconds() - ago)),
            ..member_of(&["staff"])
        };
        for (policy, visitor, expected) in [
            (strong(Some(two), None), person(Some(two), None), Says::Pass),
            (strong(Some(two), None), person(Some("urn:okta:loa:1fa:any"), None), Says::StepUp),
            (strong(Some(two), None), person(None, None), Says::StepUp),
            (strong(Some("a b"), None), person(Some("b"), None), Says::Pass),
            (strong(Some("urn:okta:loa:2fa:any:ifpossible"), None), person(None, None), Says::Pass),
            (strong(None, Some(5)), person(None, Some(299)), Says::Pass),
            (strong(None, Some(5)), person(None, Some(361)), Says::StepUp),
            (strong(None, Some(5)), person(None, None), Says::StepUp),
            (strong(Some(two), Some(5)), person(Some(two), Some(361)), Says::StepUp),
            (strong(Some(two), None), member_of(&["others"]), Says::Refuse),
        ] {
            assert_eq!(says(&policy.decide(Some(&visitor), NOW)), expected, "{policy:?} {visitor:?}");
        }
        assert_eq!(says(&strong(Some(two), None).decide(None, NOW)), Says::SignIn);
        assert_eq!(Strength::new(None, None), None);
        assert_eq!(Strength::new(Some(" ".to_owned()), None), None);
    }
}
