//! Admission: who may do how much of what, by address and by user name.
//!
//! | limit | of what | counted |
//! |---|---|---|
//! | [`Limits::start`] | sign-ins begun, by address | always |
//! | [`Limits::guess`] | passwords, codes and answers that the org found wrong | for address and user name together, for each alone |
//! | [`Limits::code`] | codes and links sent to somebody's mail or telephone | the same |
//!
//! Memory has a fixed size ([`sketch`]) and cannot be filled, and strangers, however many, refuse nobody who behaves:
//! what a user name has used up is held only against addresses that had a part in it, so that nobody is kept from
//! their own account by guesses made elsewhere. An address is an IPv4 address or the first 64 bits of an IPv6 one,
//! which is the least that a site is given (RFC 6177). Limits count in this process alone.

mod connections;
mod sketch;

use std::net::IpAddr;
use std::time::Duration;

use crate::time::Instant;
use sketch::{Rate, Sketch};

pub use connections::{ConnectionLimits, Connections, Full, Slot};

/// How many times as often as a person an address may do something: offices share one.
const PEOPLE_BEHIND_AN_ADDRESS: u32 = 20;
/// How many times as often as one address all of them together may do something for one user name.
const ADDRESSES_OF_A_NAME: u32 = 5;
/// What guesses and codes are counted in.
const WINDOW: Duration = Duration::from_secs(600);
/// What starts are counted in.
const MINUTE: Duration = Duration::from_secs(60);

/// Whether somebody may go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Admission {
    /// They may.
    Allowed,
    /// Not before this time has passed.
    Wait(Duration),
}

/// What is allowed.
#[derive(Clone, Copy, Debug)]
pub struct Allowance {
    /// Sign-ins that one address may begin a minute.
    pub starts_a_minute: u32,
    /// Wrong answers of one address for one user name in ten minutes.
    pub guesses: u32,
    /// Codes sent for one user name at the wish of one address in ten minutes.
    pub codes: u32,
}

/// Counts what visitors do, whatever the configuration allows at the moment.
#[derive(Default)]
pub struct Limits {
    starts: Sketch,
    guesses: Shares,
    codes: Shares,
}

/// Who wants something.
#[derive(Clone, Copy, Debug)]
pub struct Who<'a> {
    /// Their address, if they have one: a Unix socket's client has none and is held to nothing.
    pub address: Option<IpAddr>,
    /// The name of the account it is about, as typed or as the org says it.
    pub username: Option<&'a str>,
    /// The moment.
    pub now: Instant,
}

impl Limits {
    /// Counts a start from this address.
    pub fn start(&self, address: Option<IpAddr>, allowance: &Allowance, now: Instant) -> Admission {
        let Some(address) = address else { return Admission::Allowed };
        match self.starts.take(subscriber(address), Rate::new(allowance.starts_a_minute, MINUTE), now) {
            Ok(()) => Admission::Allowed,
            Err(wait) => Admission::Wait(wait),
        }
    }

    /// Counts an answer that may be wrong, until it turns out to be right ([`Attempt::forgive`]).
    ///
    /// # Errors
    /// How long to wait.
    pub fn guess(&self, who: Who<'_>, allowance: &Allowance) -> Result<Attempt<'_>, Duration> {
        self.guesses.attempt(who, allowance.guesses)
    }

    /// Counts a request that may send a code, until it turns out that none was sent.
    ///
    /// # Errors
    /// How long to wait.
    pub fn code(&self, who: Who<'_>, allowance: &Allowance) -> Result<Attempt<'_>, Duration> {
        self.codes.attempt(who, allowance.codes)
    }
}

/// One thing that is counted by address and user name: together, and each alone.
#[derive(Default)]
struct Shares {
    pair: Sketch,
    address: Sketch,
    username: Sketch,
}

/// What was counted for a request under way. Left alone it stays counted, also when the visitor leaves.
pub struct Attempt<'a> {
    shares: &'a Shares,
    rates: Rates,
    address: Option<IpAddr>,
    username: Option<String>,
}

/// How often each of [`Shares`] may do it.
#[derive(Clone, Copy)]
struct Rates {
    pair: Rate,
    address: Rate,
    username: Rate,
}

impl Rates {
    fn of(times: u32) -> Self {
        let rate = |factor: u32| Rate::new(times.saturating_mul(factor), WINDOW);
        Self { pair: rate(1), address: rate(PEOPLE_BEHIND_AN_ADDRESS), username: rate(ADDRESSES_OF_A_NAME) }
    }
}

impl Shares {
    fn attempt(&self, who: Who<'_>, times: u32) -> Result<Attempt<'_>, Duration> {
        let rates = Rates::of(times);
        let address = who.address.map(subscriber);
        let username = who.username.map(canonical);
        let attempt = Attempt { shares: self, rates, address, username };
        let (Some(address), username) = (attempt.address, attempt.username.as_deref()) else { return Ok(attempt) };
        if let Some(username) = username {
            // Whoever had no part in it is not held to what others did with this name.
            let had_a_part = self.pair.has_any((address, username), rates.pair, who.now);
            if had_a_part && let Some(wait) = self.username.wait(username, rates.username, who.now) {
                return Err(wait);
            }
        }
        if let Some(wait) = self.address.wait(address, rates.address, who.now) {
            return Err(wait);
        }
        if let Some(username) = username {
            self.pair.take((address, username), rates.pair, who.now)?;
            // Full for others, it still counts nothing against this one.
            let _ = self.username.take(username, rates.username, who.now);
        }
        self.address.take(address, rates.address, who.now)?;
        Ok(attempt)
    }
}

impl Attempt<'_> {
    /// It did no harm: it is not counted after all.
    pub fn forgive(self) {
        let Some(address) = self.address else { return };
        self.shares.address.give_back(address, self.rates.address);
        if let Some(username) = self.username.as_deref() {
            self.shares.pair.give_back((address, username), self.rates.pair);
            self.shares.username.give_back(username, self.rates.username);
        }
    }
}

/// What one subscriber has: an IPv4 address, or an IPv6 network of 64 bits.
fn subscriber(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => IpAddr::V6((v6.to_bits() >> 64 << 64).into()),
        v4 => v4,
    }
}

/// The same for all spellings of a name that the org takes for one: case and blanks around it do not count.
fn canonical(username: &str) -> String {
    username.trim().to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALLOWANCE: Allowance = Allowance { starts_a_minute: 2, guesses: 10, codes: 5 };
    const NOW: Instant = Instant::from_seconds(1_000_000);

    fn v4(last: u32) -> Option<IpAddr> {
        Some(IpAddr::from((0x0a00_0000 + last).to_be_bytes()))
    }

    fn who(address: Option<IpAddr>, username: &str) -> Who<'_> {
        Who { address, username: Some(username), now: NOW }
    }

    fn wrong(limits: &Limits, address: Option<IpAddr>, username: &str, times: u32) -> u32 {
        (0..times).filter(|_| limits.guess(who(address, username), &ALLOWANCE).is_ok()).count() as u32
    }

    #[test]
    fn an_address_has_its_starts_back_as_time_passes() {
        let limits = Limits::default();
        let wait = Admission::Wait(Duration::from_secs(30));
        for (address, after, admitted) in [
            (v4(1), 0, Admission::Allowed),
            (v4(1), 0, Admission::Allowed),
            (v4(1), 0, wait),
            (v4(2), 0, Admission::Allowed),
            (None, 0, Admission::Allowed),
            (v4(1), 30, Admission::Allowed),
            (v4(1), 30, wait),
        ] {
            assert_eq!(
                limits.start(address, &ALLOWANCE, NOW.after(Duration::from_secs(after))),
                admitted,
                "{address:?} {after}"
            );
        }
    }

    #[test]
    fn a_whole_ipv6_site_is_one_address() {
        let limits = Limits::default();
        let address = |last: u16| Some(IpAddr::from([0x2001, 0xdb8, 1, 2, 0, 0, 0, last]));
        assert_eq!(limits.start(address(1), &ALLOWANCE, NOW), Admission::Allowed);
        assert_eq!(limits.start(address(2), &ALLOWANCE, NOW), Admission::Allowed);
        assert!(matches!(limits.start(address(3), &ALLOWANCE, NOW), Admission::Wait(_)));
        let mapped = IpAddr::from(std::net::Ipv4Addr::new(10, 0, 0, 7).to_ipv6_mapped());
        assert_eq!(subscriber(mapped), IpAddr::from([10, 0, 0, 7]));
    }

    #[test]
    fn wrong_guesses_are_counted_for_every_spelling_of_a_name() {
        let limits = Limits::default();
        let names = ["jane@example.com", "Jane@Example.com", " JANE@EXAMPLE.COM "];
        let allowed = (0..25).filter(|time| limits.guess(who(v4(1), names[time % 3]), &ALLOWANCE).is_ok()).count();
        assert_eq!(allowed, 10);
        assert_eq!(limits.guess(who(v4(1), names[0]), &ALLOWANCE).err(), Some(Duration::from_secs(60)));
    }

    #[test]
    fn right_answers_cost_nothing() {
        let limits = Limits::default();
        for _ in 0..1000 {
            assert!(limits.guess(who(v4(1), "jane"), &ALLOWANCE).map(Attempt::forgive).is_ok(), "allowed");
        }
        assert_eq!(wrong(&limits, v4(1), "jane", 25), 10);
    }

    #[test]
    fn guesses_from_elsewhere_keep_nobody_from_their_account() {
        let limits = Limits::default();
        let by_others: u32 = (0..1000).map(|address| wrong(&limits, v4(address), "jane", 3)).sum();
        assert!(by_others < 1100, "{by_others} guesses of one name");
        assert!(limits.guess(who(v4(5000), "jane"), &ALLOWANCE).map(Attempt::forgive).is_ok(), "their first answer");
        assert!(limits.guess(who(v4(5000), "jane"), &ALLOWANCE).map(Attempt::forgive).is_ok(), "and the next");
    }

    #[test]
    fn an_address_that_tries_many_names_is_stopped() {
        let limits = Limits::default();
        let names: Vec<String> = (0..1000).map(|number| format!("user{number}")).collect();
        let allowed: u32 = names.iter().map(|name| wrong(&limits, v4(1), name, 1)).sum();
        assert_eq!(allowed, 200);
    }

    #[test]
    fn codes_have_a_limit_of_their_own() {
        let limits = Limits::default();
        assert_eq!(wrong(&limits, v4(1), "jane", 25), 10);
        assert_eq!((0..20).filter(|_| limits.code(who(v4(1), "jane"), &ALLOWANCE).is_ok()).count(), 5);
    }
}
