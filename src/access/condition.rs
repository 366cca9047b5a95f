//! What a policy asks of a signed-in person or a program, and of the request.
//!
//! A condition holds, fails, would hold after a stronger or more recent sign-in, or cannot be known: nobody is signed
//! in, the client's address is not known, nobody verified their e-mail address, or a claim or some of the groups had no
//! room in the session. The negation of what cannot be known cannot be known either ([`Outcome`]; Kleene's strong logic),
//! and only a condition that holds lets a request pass.

use std::fmt;
use std::net::IpAddr;

use http::Method;
use ipnet::IpNet;

use super::{AuthnRequirement, Credential, Methods, SessionLimits};
use crate::session::{ClaimValue, GROUPS, Identity};
use crate::time::Instant;

/// The claim by which an org says that it has verified the e-mail address.
pub(super) const EMAIL_VERIFIED: &str = "email_verified";

/// What a policy knows of a request, besides who is asking.
#[derive(Clone, Copy, Debug)]
pub struct RequestFacts<'r> {
    /// Its method.
    pub method: &'r Method,
    /// The client's address, where it is known.
    pub client: Option<IpAddr>,
    /// Whether it brings a session or an access token, and how old the session is.
    pub credential: Credential,
    /// The scopes of its access token; empty for a session.
    pub scopes: &'r [String],
}

/// Why a visitor is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// They are in none of the allowed groups.
    NotInGroup,
    /// They are none of the users, addresses, providers or claim values that the rule names.
    NotListed,
    /// Their e-mail address is not verified.
    EmailNotVerified,
    /// They meet a condition that the rule excludes.
    Excluded,
    /// The request comes from none of the allowed networks.
    Network,
    /// The request's method is none of the allowed ones.
    Method,
    /// The request brings no access token with the scopes that the rule names.
    Scope,
}

impl Refusal {
    /// For `explain` and the log.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotInGroup => "they are in none of the groups that may",
            Self::NotListed => "they are none of those who may",
            Self::EmailNotVerified => "nobody verified their e-mail address",
            Self::Excluded => "they are among those who are excepted",
            Self::Network => "the request comes from none of the networks that may",
            Self::Method => "its method is none of those that may",
            Self::Scope => "the request brings no access token with the scopes that are asked for",
        }
    }
}

/// A condition that keeps a visitor out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FailedCondition {
    /// Why it does.
    pub why: Refusal,
    /// The groups of which they are in none and would have to be in one; empty where it is about something else.
    pub groups: Vec<String>,
}

/// What must hold. No list is empty: an empty one could be read as "everybody".
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition {
    /// They are in one of these groups; names are compared exactly.
    Groups(Names),
    /// Their `sub` is one of these, or their `preferred_username` is, compared without regard to the case of ASCII
    /// letters.
    Users(Names),
    /// They were signed in by one of these providers, by their names in the configuration.
    Providers(Names),
    /// Their e-mail address is one of these (case-insensitive), and the org says that it is verified.
    Emails(Names),
    /// The domain of their e-mail address is one of these (case-insensitive), and the org says that the address is
    /// verified.
    EmailDomains(Names),
    /// A value of a claim is one of these. The claim is given by its name, or by the path to it, joined with dots.
    Claim(String, Names),
    /// The request comes from one of these networks.
    Networks(Vec<IpNet>),
    /// The request's method is one of these.
    Methods(Methods),
    /// The request brings an access token with every one of these scopes; a session never meets this.
    Scopes(Names),
    /// They signed in as strongly and as recently as this; otherwise they are asked to sign in again.
    Strength(AuthnRequirement),
    /// Their session is within these limits; otherwise they are asked to sign in again.
    Session(SessionLimits),
    /// One of these holds.
    Any(Vec<Self>),
    /// All of these hold.
    All(Vec<Self>),
    /// It does not hold.
    Not(Box<Self>),
}

/// A list of at least one name, none of them empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Names(Vec<String>);

impl Names {
    /// None when the list is empty, or one of its names is.
    pub fn new(names: Vec<String>) -> Option<Self> {
        (!names.is_empty() && names.iter().all(|name| !name.trim().is_empty())).then_some(Self(names))
    }

    /// Every name.
    pub fn iter(&self) -> std::slice::Iter<'_, String> {
        self.0.iter()
    }

    fn has(&self, name: &str) -> bool {
        self.0.iter().any(|known| known == name)
    }

    fn has_whatever_case(&self, name: &str) -> bool {
        self.0.iter().any(|known| known.eq_ignore_ascii_case(name))
    }
}

/// What is known of a condition, in order of how far it is from holding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome<'c> {
    /// It holds.
    Holds,
    /// It would hold after a stronger or a more recent sign-in.
    Weak(&'c AuthnRequirement),
    /// It cannot be known.
    Unknown(Refusal),
    /// It does not hold.
    Fails(Refusal),
}

impl Outcome<'_> {
    const fn distance(self) -> u8 {
        match self {
            Self::Holds => 0,
            Self::Weak(_) => 1,
            Self::Unknown(_) => 2,
            Self::Fails(_) => 3,
        }
    }
}

impl Condition {
    /// Evaluates the condition. Of `Any` the outcome nearest to holding counts, of `All` the furthest; of equals the
    /// first.
    pub(super) fn outcome(&self, visitor: Option<&Identity>, request: RequestFacts<'_>, now: Instant) -> Outcome<'_> {
        match self {
            Self::Networks(networks) => match request.client {
                Some(client) if networks.iter().any(|network| network.contains(&client.to_canonical())) => {
                    Outcome::Holds
                }
                Some(_) => Outcome::Fails(Refusal::Network),
                None => Outcome::Unknown(Refusal::Network),
            },
            Self::Methods(methods) if methods.has(request.method) => Outcome::Holds,
            Self::Methods(_) => Outcome::Fails(Refusal::Method),
            Self::Session(limits) if visitor.is_some() => match request.credential {
                Credential::Session { age, longest_idle } => {
                    limits.check(age, longest_idle).map_or_else(Outcome::Weak, |()| Outcome::Holds)
                }
                Credential::Token => Outcome::Holds,
                Credential::Nothing => Outcome::Unknown(Refusal::NotListed),
            },
            Self::Scopes(_) if visitor.is_none() => Outcome::Unknown(Refusal::Scope),
            Self::Scopes(names) if names.iter().all(|name| request.scopes.contains(name)) => Outcome::Holds,
            Self::Scopes(_) => Outcome::Fails(Refusal::Scope),
            Self::Any(conditions) => {
                let outcomes = conditions.iter().map(|condition| condition.outcome(visitor, request, now));
                outcomes.min_by_key(|outcome| outcome.distance()).unwrap_or(Outcome::Fails(Refusal::NotListed))
            }
            Self::All(conditions) => {
                let outcomes = conditions.iter().map(|condition| condition.outcome(visitor, request, now));
                // `max_by_key` gives the last of equals, hence the reversal.
                outcomes.rev().max_by_key(|outcome| outcome.distance()).unwrap_or(Outcome::Fails(Refusal::NotListed))
            }
            Self::Not(condition) => match condition.outcome(visitor, request, now) {
                Outcome::Fails(_) => Outcome::Holds,
                Outcome::Holds => Outcome::Fails(Refusal::Excluded),
                Outcome::Weak(_) | Outcome::Unknown(_) => Outcome::Unknown(Refusal::Excluded),
            },
            of_person => match visitor {
                Some(identity) => of_person.of(identity, now),
                None => Outcome::Unknown(Refusal::NotListed),
            },
        }
    }

    /// Evaluates a condition on the person; `Unknown` for one on the request.
    fn of(&self, identity: &Identity, now: Instant) -> Outcome<'_> {
        let holds = |holds: bool, refusal| if holds { Outcome::Holds } else { Outcome::Fails(refusal) };
        match self {
            Self::Groups(names) if identity.groups.iter().any(|group| names.has(group)) => Outcome::Holds,
            Self::Groups(_) if identity.has_all_groups() => Outcome::Fails(Refusal::NotInGroup),
            Self::Groups(_) => Outcome::Unknown(Refusal::NotInGroup),
            Self::Users(names) => {
                let username = identity.username.as_deref();
                let is_named = username.is_some_and(|username| names.has_whatever_case(username));
                holds(names.has(&identity.subject) || is_named, Refusal::NotListed)
            }
            Self::Providers(names) => holds(names.has(&identity.provider), Refusal::NotListed),
            Self::Emails(names) => verified(identity, |email| names.has_whatever_case(email)),
            Self::EmailDomains(names) => {
                verified(identity, |email| domain(email).is_some_and(|domain| names.has_whatever_case(domain)))
            }
            Self::Claim(name, values) => claim(identity, name, values),
            Self::Strength(asked) => match asked.check(identity.acr.as_deref(), identity.auth_time, now) {
                Ok(()) => Outcome::Holds,
                Err(_) => Outcome::Weak(asked),
            },
            _ => Outcome::Unknown(Refusal::NotListed),
        }
    }

    /// Calls `visit` with itself and every condition in it.
    pub fn walk<'c>(&'c self, visit: &mut impl FnMut(&'c Self)) {
        visit(self);
        match self {
            Self::Any(conditions) | Self::All(conditions) => {
                conditions.iter().for_each(|condition| condition.walk(visit));
            }
            Self::Not(condition) => condition.walk(visit),
            _ => {}
        }
    }

    /// Every condition in it that keeps the visitor out; none where it holds, or would after another sign-in.
    ///
    /// Of alternatives the one is given in which the fewest conditions fail. Where one fails in several of them, they are
    /// given as one: as groups, if any is about groups, with all the names.
    pub(super) fn failed(
        &self,
        visitor: Option<&Identity>,
        request: RequestFacts<'_>,
        now: Instant,
    ) -> Vec<FailedCondition> {
        let why = match self.outcome(visitor, request, now) {
            Outcome::Fails(why) => why,
            // Of somebody who is not signed in nothing is said that a sign-in may change.
            Outcome::Unknown(why) if visitor.is_some() => why,
            Outcome::Unknown(_) | Outcome::Weak(_) | Outcome::Holds => return Vec::new(),
        };
        match self {
            Self::All(all) => all.iter().flat_map(|one| one.failed(visitor, request, now)).collect(),
            Self::Any(any) => {
                let failed: Vec<Vec<FailedCondition>> =
                    any.iter().map(|one| one.failed(visitor, request, now)).collect();
                let fewest = failed.iter().map(Vec::len).min().unwrap_or_default();
                let mut nearest = failed.into_iter().filter(|failed| failed.len() == fewest);
                if fewest > 1 {
                    return nearest.next().unwrap_or_default();
                }
                let nearest: Vec<FailedCondition> = nearest.flatten().collect();
                let groups: Vec<String> = nearest.iter().flat_map(|failed| failed.groups.iter().cloned()).collect();
                let why = if groups.is_empty() {
                    nearest.first().map_or(why, |first| first.why)
                } else {
                    Refusal::NotInGroup
                };
                vec![FailedCondition { why, groups }]
            }
            leaf => vec![FailedCondition { why, groups: leaf.groups().map(str::to_owned).collect() }],
        }
    }

    /// The scopes that it asks for, in any alternative.
    pub(super) fn scopes(&self) -> Vec<&str> {
        match self {
            Self::Scopes(names) => names.iter().map(String::as_str).collect(),
            Self::Any(conditions) | Self::All(conditions) => conditions.iter().flat_map(Self::scopes).collect(),
            _ => Vec::new(),
        }
    }

    /// The groups that it names itself, without those of conditions within it.
    pub(super) fn groups(&self) -> impl Iterator<Item = &str> {
        let names = match self {
            Self::Groups(names) => Some(names),
            Self::Claim(name, names) if name == GROUPS => Some(names),
            _ => None,
        };
        names.into_iter().flat_map(Names::iter).map(String::as_str)
    }

    /// Whether people of any provider may meet it, by a name that theirs gives them.
    pub(crate) fn is_of_any_provider(&self) -> bool {
        match self {
            Self::Groups(_) | Self::Users(_) | Self::Emails(_) | Self::EmailDomains(_) | Self::Claim(..) => true,
            Self::Any(any) => any.iter().any(Self::is_of_any_provider),
            Self::All(all) => {
                !all.iter().any(|one| matches!(one, Self::Providers(_))) && all.iter().any(Self::is_of_any_provider)
            }
            _ => false,
        }
    }

    /// Whether the address of a client can be enough to meet it, whoever is asking. Such a rule must not open a route.
    pub fn is_only_about_networks(&self) -> bool {
        match self {
            Self::Networks(_) => true,
            Self::Any(conditions) => conditions.iter().any(Self::is_only_about_networks),
            Self::All(conditions) => conditions.iter().all(Self::is_only_about_networks),
            Self::Not(condition) => condition.is_only_about_networks(),
            _ => false,
        }
    }

    /// The claims that a session must keep so that this can be decided, by name or by path.
    pub(super) fn claims(&self) -> Vec<&str> {
        let mut claims = Vec::new();
        self.walk(&mut |condition| match condition {
            Self::Claim(name, _) => claims.push(name.as_str()),
            Self::Emails(_) | Self::EmailDomains(_) => claims.push(EMAIL_VERIFIED),
            _ => {}
        });
        claims
    }
}

/// Whether somebody's e-mail address `fits`. It cannot be known of an address that is not verified, since it may be
/// somebody else's, nor of somebody without one.
fn verified<'c>(identity: &Identity, fits: impl Fn(&str) -> bool) -> Outcome<'c> {
    let fits = identity.email.as_deref().is_some_and(fits);
    match identity.claims.get(EMAIL_VERIFIED) {
        Some(ClaimValue::Text(text)) if text == "true" && identity.email.is_some() => {
            if fits {
                Outcome::Holds
            } else {
                Outcome::Fails(Refusal::NotListed)
            }
        }
        _ if !fits || identity.left_out.iter().any(|name| name == EMAIL_VERIFIED) => {
            Outcome::Unknown(Refusal::NotListed)
        }
        _ => Outcome::Unknown(Refusal::EmailNotVerified),
    }
}

/// The domain of an e-mail address; none unless there is exactly one `@` and the domain is plain ASCII:
/// `a@evil@corp.com` has none.
fn domain(email: &str) -> Option<&str> {
    let (local, domain) = email.split_once('@')?;
    let is_plain = domain.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.'));
    (!local.is_empty() && is_plain).then_some(domain)
}

fn claim<'c>(identity: &Identity, name: &str, values: &Names) -> Outcome<'c> {
    let one = |value: Option<&str>| value.is_some_and(|value| values.has(value));
    let any = |list: &[String]| list.iter().any(|value| values.has(value));
    let (holds, is_known) = match name {
        "sub" => (one(Some(&identity.subject)), true),
        "preferred_username" => (one(identity.username.as_deref()), true),
        "name" => (one(identity.name.as_deref()), true),
        "email" => (one(identity.email.as_deref()), true),
        "acr" => (one(identity.acr.as_deref()), true),
        "amr" => (any(&identity.amr), true),
        GROUPS => (any(&identity.groups), identity.has_all_groups()),
        name => match identity.claims.get(name) {
            Some(ClaimValue::Text(text)) => (one(Some(text)), true),
            Some(ClaimValue::List(list)) => (any(list), true),
            // The session began before a rule asked for the claim, or had no room for it.
            None => (false, false),
        },
    };
    match (holds, is_known) {
        (true, _) => Outcome::Holds,
        (false, true) => Outcome::Fails(Refusal::NotListed),
        (false, false) => Outcome::Unknown(Refusal::NotListed),
    }
}

/// In words, for the log, for `explain` and for the person who is refused.
impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let joined = |names: &Names| names.0.join(" or ");
        let several = |f: &mut fmt::Formatter<'_>, conditions: &[Self], word: &str| {
            for (at, condition) in conditions.iter().enumerate() {
                let is_nested =
                    conditions.len() > 1 && matches!(condition, Self::Any(inner) | Self::All(inner) if inner.len() > 1);
                write!(f, "{}", if at > 0 { word } else { "" })?;
                if is_nested { write!(f, "({condition})")? } else { write!(f, "{condition}")? }
            }
            Ok(())
        };
        match self {
            Self::Groups(names) => write!(f, "in group {}", joined(names)),
            Self::Users(names) => write!(f, "user {}", joined(names)),
            Self::Providers(names) => write!(f, "signed in by {}", joined(names)),
            Self::Emails(names) => write!(f, "verified email {}", joined(names)),
            Self::EmailDomains(names) => write!(f, "verified email at {}", joined(names)),
            Self::Claim(name, values) => write!(f, "claim {name} is {}", joined(values)),
            Self::Networks(networks) => {
                let networks: Vec<String> = networks.iter().map(ToString::to_string).collect();
                write!(f, "from {}", networks.join(" or "))
            }
            Self::Methods(methods) => {
                let methods: Vec<&str> = methods.iter().map(Method::as_str).collect();
                write!(f, "method {}", methods.join(" or "))
            }
            Self::Scopes(names) => write!(f, "an access token with scope {}", names.0.join(" and ")),
            Self::Strength(asked) => {
                let acr = asked.acr_values().map(|values| format!("signed in as strongly as {values}"));
                let age = asked.max_age().map(|age| format!("signed in within {} minutes", age.as_secs() / 60));
                let words: Vec<String> = acr.into_iter().chain(age).collect();
                f.write_str(&words.join(" and "))
            }
            Self::Session(limits) => limits.fmt(f),
            Self::Any(conditions) => several(f, conditions, ", or "),
            Self::All(conditions) => several(f, conditions, ", and "),
            Self::Not(condition) => write!(f, "not ({condition})"),
        }
    }
}

#[cfg(test)]
mod tests;
