//! Sample visitors, made of what policies tell people apart by: `explain` lists what each gets, and a reload compares
//! what they could reach before and after it.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use ipnet::IpNet;

use super::condition::EMAIL_VERIFIED;
use super::{Condition, Credential, Policy};
use crate::session::{ClaimValue, Identity};
use crate::time::Instant;

/// Up to so many traits are combined in every way; of more, each stands alone, all stand together, and all but one.
const COMBINED: usize = 6;

/// An address of no network that a configuration names: it is reserved for documentation (RFC 5737).
const ELSEWHERE: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));

/// An e-mail address that no configuration names: its domain belongs to nobody (RFC 2606).
const OTHER_EMAIL: &str = "somebody@elsewhere.invalid";

/// A sample visitor.
#[derive(Clone, Debug)]
pub struct Probe {
    /// A description, for `explain` and the log.
    pub name: String,
    /// Who they are; none for somebody who is not signed in.
    pub identity: Option<Identity>,
    /// Their address, where it is known.
    pub client: Option<IpAddr>,
    /// What their request brings.
    pub credential: Credential,
    /// The scopes of their access token; empty for a person.
    pub scopes: Vec<String>,
}

impl Probe {
    fn nobody(name: impl Into<String>, client: Option<IpAddr>) -> Self {
        Self { name: name.into(), identity: None, client, credential: Credential::Nothing, scopes: Vec::new() }
    }

    /// The same visitor with a session that is beyond every limit.
    fn stale(self) -> Self {
        let is_person = self.credential != Credential::Token;
        Self { credential: if is_person { Credential::STALE } else { Credential::Token }, ..self }
    }

    /// The same person, signed in one second less than `limit` ago.
    fn aged(&self, limit: Duration, now: Instant) -> Self {
        let age = limit.saturating_sub(Duration::from_secs(1));
        let auth_time = Some(Instant::from_seconds(now.seconds().saturating_sub(age.as_secs())));
        let identity = self.identity.clone().map(|identity| Identity { auth_time, ..identity });
        let name = format!("{}, signed in {} minutes ago", self.name, age.as_secs() / 60);
        self.with_session(name, identity, Credential::Session { age, longest_idle: Duration::ZERO })
    }

    /// The same person, with a session that once went unused for one second less than `limit`.
    fn left_alone(&self, limit: Duration) -> Self {
        let longest_idle = limit.saturating_sub(Duration::from_secs(1));
        let name = format!("{}, left alone for {} minutes", self.name, longest_idle.as_secs() / 60);
        self.with_session(name, self.identity.clone(), Credential::Session { age: Duration::ZERO, longest_idle })
    }

    /// The same visitor with this session; an access token stays one, since a program has no session.
    fn with_session(&self, name: String, identity: Option<Identity>, session: Credential) -> Self {
        let credential = if self.credential == Credential::Token { Credential::Token } else { session };
        Self { name, identity, credential, ..self.clone() }
    }
}

/// Something by which policies tell people apart.
#[derive(Clone, Debug, PartialEq)]
enum Trait<'p> {
    Group(&'p str),
    User(&'p str),
    Provider(&'p str),
    Email(&'p str),
    Domain(&'p str),
    /// Without a verified e-mail address; everybody else has one where a policy excepts some.
    NoEmail,
    Claim(&'p str, &'p str),
    Scope(&'p str),
}

impl Trait<'_> {
    fn name(&self) -> String {
        match self {
            Self::Group(group) => format!("in {group}"),
            Self::User(user) => format!("user {user}"),
            Self::Provider(provider) => format!("signed in by {provider}"),
            Self::Email(email) => format!("with email {email}"),
            Self::Domain(domain) => format!("with an email at {domain}"),
            Self::NoEmail => "without a verified email".to_owned(),
            Self::Claim(name, value) => format!("with {name} {value}"),
            Self::Scope(scope) => format!("a program with scope {scope}"),
        }
    }

    fn give(&self, identity: &mut Identity) {
        match *self {
            Self::Group(group) => identity.groups.push(group.to_owned()),
            Self::User(user) => user.clone_into(&mut identity.subject),
            Self::Provider(provider) => provider.clone_into(&mut identity.provider),
            Self::Email(email) => give_email(identity, email),
            Self::Domain(domain) => give_email(identity, &format!("somebody@{domain}")),
            Self::NoEmail => {
                identity.email = None;
                identity.claims.remove(EMAIL_VERIFIED);
            }
            // A scope is its token's, and not the program's.
            Self::Scope(_) => {}
            Self::Claim("sub", value) => value.clone_into(&mut identity.subject),
            Self::Claim("preferred_username", value) => identity.username = Some(value.to_owned()),
            Self::Claim("name", value) => identity.name = Some(value.to_owned()),
            Self::Claim("email", value) => identity.email = Some(value.to_owned()),
            Self::Claim("acr", value) => identity.acr = Some(value.to_owned()),
            Self::Claim("amr", value) => identity.amr.push(value.to_owned()),
            Self::Claim("groups", value) => identity.groups.push(value.to_owned()),
            Self::Claim(name, value) => match identity.claims.get_mut(name) {
                Some(ClaimValue::List(list)) => list.push(value.to_owned()),
                _ => drop(identity.claims.insert(name.to_owned(), ClaimValue::List(vec![value.to_owned()]))),
            },
        }
    }
}

fn give_email(identity: &mut Identity, email: &str) {
    identity.email = Some(email.to_owned());
    identity.claims.insert(EMAIL_VERIFIED.to_owned(), ClaimValue::Text("true".to_owned()));
}

/// Everything by which some policies tell people apart.
#[derive(Default)]
struct Traits<'p> {
    traits: Vec<Trait<'p>>,
    claims: Vec<&'p str>,
    acr: Option<&'p str>,
    asks_for_strength: bool,
    /// Every limit to how old a sign-in or a session may be.
    ages: Vec<Duration>,
    /// Every limit to how long a session may go unused.
    idles: Vec<Duration>,
    /// The first address of every network.
    networks: Vec<IpAddr>,
    /// The last address of every network, and the addresses just before and after it.
    edges: Vec<IpAddr>,
}

impl<'p> Traits<'p> {
    fn of(policies: &[&'p Policy]) -> Self {
        let mut all = Self::default();
        for policy in policies {
            all.claims.extend(policy.claims());
            policy.walk(|condition| all.add(condition));
        }
        all
    }

    fn add(&mut self, condition: &'p Condition) {
        let mut found: Vec<Trait<'p>> = Vec::new();
        match condition {
            Condition::Groups(names) => found.extend(names.iter().map(|name| Trait::Group(name))),
            Condition::Users(names) => found.extend(names.iter().map(|name| Trait::User(name))),
            Condition::Providers(names) => found.extend(names.iter().map(|name| Trait::Provider(name))),
            Condition::Emails(names) => found.extend(names.iter().map(|name| Trait::Email(name))),
            Condition::EmailDomains(names) => found.extend(names.iter().map(|name| Trait::Domain(name))),
            Condition::Claim(name, values) => found.extend(values.iter().map(|value| Trait::Claim(name, value))),
            Condition::Scopes(names) => found.extend(names.iter().map(|name| Trait::Scope(name))),
            Condition::Networks(networks) => {
                self.networks.extend(networks.iter().map(ipnet::IpNet::addr));
                self.edges.extend(networks.iter().flat_map(edges));
            }
            Condition::Strength(asked) => {
                self.asks_for_strength = true;
                let first = asked.acr_values().and_then(|values| values.split_whitespace().next());
                self.acr = self.acr.or(first);
                self.ages.extend(asked.max_age());
            }
            Condition::Session(limits) => {
                self.asks_for_strength = true;
                self.ages.extend(limits.max_age());
                self.idles.extend(limits.max_idle());
            }
            Condition::Not(inner) => inner.walk(&mut |one| {
                let is_of_email = matches!(one, Condition::Emails(_) | Condition::EmailDomains(_));
                if is_of_email && !self.traits.contains(&Trait::NoEmail) {
                    // First, so that it takes away none of the addresses that come with it.
                    self.traits.insert(0, Trait::NoEmail);
                }
            }),
            Condition::Methods(_) | Condition::Any(_) | Condition::All(_) => {}
        }
        found.retain(|found| !self.traits.contains(found));
        self.traits.extend(found);
    }

    /// A visitor with these traits; a program, where a scope is among them.
    fn probe(&self, name: &str, traits: &[&Trait<'p>], is_strong: bool, client: Option<IpAddr>, now: Instant) -> Probe {
        let scope = |one: &&Trait<'_>| if let Trait::Scope(name) = one { Some((*name).to_owned()) } else { None };
        let scopes: Vec<String> = traits.iter().filter_map(scope).collect();
        let credential = if scopes.is_empty() { Credential::FRESH } else { Credential::Token };
        let identity = Some(self.person(traits, is_strong, now));
        Probe { name: name.to_owned(), identity, client, credential, scopes }
    }

    /// A person with these traits; if `is_strong`, signed in just now and as strongly as any policy asks, otherwise of
    /// unknown age and strength.
    fn person(&self, traits: &[&Trait<'p>], is_strong: bool, now: Instant) -> Identity {
        let mut person = somebody();
        person.auth_time = is_strong.then_some(now);
        person.acr = self.acr.filter(|_| is_strong).map(str::to_owned);
        for name in &self.claims {
            person.claims.insert((*name).to_owned(), ClaimValue::List(Vec::new()));
        }
        if self.traits.contains(&Trait::NoEmail) {
            give_email(&mut person, OTHER_EMAIL);
        }
        traits.iter().for_each(|one| one.give(&mut person));
        person
    }
}

/// The last address of a network, and the addresses just before and after it.
fn edges(network: &IpNet) -> Vec<IpAddr> {
    let (first, last) = (network.network(), network.broadcast());
    let beside = |address: IpAddr, step: i8| match address {
        IpAddr::V4(address) => {
            u32::from(address).checked_add_signed(step.into()).map(|bits| IpAddr::from(bits.to_be_bytes()))
        }
        IpAddr::V6(address) => {
            u128::from(address).checked_add_signed(step.into()).map(|bits| IpAddr::from(bits.to_be_bytes()))
        }
    };
    [Some(last), beside(first, -1), beside(last, 1)].into_iter().flatten().collect()
}

/// Somebody who is signed in and has no trait that a policy could name.
pub fn somebody() -> Identity {
    Identity {
        provider: "okta".to_owned(),
        subject: "somebody".to_owned(),
        username: None,
        name: None,
        email: None,
        groups: Vec::new(),
        left_out: Vec::new(),
        claims: BTreeMap::new(),
        auth_time: None,
        amr: Vec::new(),
        acr: None,
    }
}

/// The visitors that `explain` shows: nobody, somebody, somebody with each trait and with all of them, the same signed
/// in weakly; and programs, where access tokens are taken. All are at the address `client`; where that is not known and a
/// policy names networks, they are in the first of them, and nobody and somebody with all traits are elsewhere, too.
pub fn visitors_to_explain(
    policies: &[&Policy],
    takes_tokens: bool,
    client: Option<IpAddr>,
    now: Instant,
) -> Vec<Probe> {
    let all = Traits::of(policies);
    let network = all.networks.first().copied().filter(|_| client.is_none());
    let place = network.map(|network| format!(" from {network}")).unwrap_or_default();
    let client = client.or(network);
    let probe = |name: &str, traits: &[&Trait<'_>], is_strong| {
        all.probe(&format!("{name}{place}"), traits, is_strong, client, now)
    };
    let everything: Vec<&Trait<'_>> = all.traits.iter().collect();
    let mut probes = vec![Probe::nobody(format!("nobody{place}"), client), probe("signed in", &[], true)];
    probes.extend(all.traits.iter().map(|one| probe(&one.name(), &[one], true)));
    if all.traits.len() > 1 {
        let groups: Vec<&str> =
            all.traits.iter().filter_map(|one| if let Trait::Group(name) = one { Some(*name) } else { None }).collect();
        let only_groups = groups.len() == all.traits.len();
        let name = if only_groups { format!("in {}", groups.join(", ")) } else { "with all of that".to_owned() };
        probes.push(probe(&name, &everything, true));
    }
    if all.asks_for_strength {
        probes.push(probe("in all, signed in weakly or long ago", &everything, false).stale());
    }
    if network.is_some() {
        let elsewhere = |probe: Probe, name: &str| Probe { name: name.to_owned(), client: Some(ELSEWHERE), ..probe };
        probes.push(elsewhere(probe("", &everything, true), "with all of that, from another network"));
        probes.push(elsewhere(probes[0].clone(), "nobody from another network"));
    }
    if takes_tokens {
        let program = |name: &str, traits: &[&Trait<'_>], is_strong| Probe {
            credential: Credential::Token,
            ..probe(name, traits, is_strong)
        };
        probes.push(program("a program", &[], false));
        if all.traits.len() > 1 || all.asks_for_strength {
            probes.push(program("a program with all of that", &everything, true));
        }
    } else {
        probes.retain(|probe| probe.credential != Credential::Token);
    }
    probes
}

/// Every visitor that these policies can tell apart; with more than [`COMBINED`] traits a part of them.
pub fn visitors_told_apart(policies: &[&Policy], now: Instant) -> Vec<Probe> {
    let all = Traits::of(policies);
    let count = all.traits.len();
    let chosen: Vec<Vec<&Trait<'_>>> = if count <= COMBINED {
        let is_in = |subset: usize, at: usize| subset >> at & 1 == 1;
        let subset =
            |subset| all.traits.iter().enumerate().filter(move |(at, _)| is_in(subset, *at)).map(|(_, one)| one);
        (0..1 << count).map(|number| subset(number).collect()).collect()
    } else {
        let but =
            |left_out: usize| all.traits.iter().enumerate().filter(move |(at, _)| *at != left_out).map(|(_, one)| one);
        let alone = all.traits.iter().map(|one| vec![one]);
        alone.chain((0..=count).map(|left_out| but(left_out).collect())).chain([Vec::new()]).collect()
    };
    let mut clients: Vec<IpAddr> = Vec::new();
    for client in all.networks.iter().copied().chain([ELSEWHERE]).chain(all.edges.iter().copied()) {
        if !clients.contains(&client) {
            clients.push(client);
        }
    }
    let mut probes = Vec::new();
    for client in clients {
        let place = if all.networks.is_empty() { String::new() } else { format!(" from {client}") };
        let named = |name: &str| format!("{name}{place}");
        let probe = |name: &str, traits: &[&Trait<'_>], is_strong| {
            all.probe(&named(name), traits, is_strong, Some(client), now)
        };
        probes.push(Probe::nobody(named("nobody"), Some(client)));
        for traits in &chosen {
            let names: Vec<String> = traits.iter().map(|one| one.name()).collect();
            let name = if names.is_empty() { "signed in".to_owned() } else { names.join(" and ") };
            probes.push(probe(&name, traits, true));
            if all.asks_for_strength {
                probes.push(probe(&format!("{name}, signed in weakly or long ago"), traits, false).stale());
            }
            let person = probe(&name, traits, true);
            probes.extend(all.ages.iter().map(|limit| person.aged(*limit, now)));
            probes.extend(all.idles.iter().map(|limit| person.left_alone(*limit)));
        }
    }
    probes
}
