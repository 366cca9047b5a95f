//! Admission: how much visitors may do, by address and by user name.
//!
//! | limit | of what |
//! |---|---|
//! | starts | sign-ins that begin, by address |
//! | guesses | passwords, codes and answers that the org refused: by pair of address and user name, by address, and by user name |
//! | codes | codes and links that were sent by mail or telephone: likewise |
//!
//! Guesses and codes are counted when the org has answered ([`Attempt`]), so right answers cost nothing. Until then at
//! most [`AT_ONCE`] attempts of one address for one name are under way, and further ones wait: so many attempts at one
//! instant cannot pass the limit, and nobody is refused for being quick.
//!
//! Memory has a fixed size ([`sketch`]). However many strangers there are, they cause nobody else to be refused: what a
//! user name has used up counts only against addresses that had a part in it, so guesses made elsewhere keep nobody
//! from their own account. An address is an IPv4 address or the first 64 bits of an IPv6 address, the least that a site
//! is given (RFC 6177). The counts are those of this process alone.

mod connections;
mod sketch;

use std::hash::{BuildHasher as _, RandomState};
use std::net::IpAddr;
use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit};

use crate::time::Instant;
use sketch::{Rate, Sketch};

pub use connections::{ConnectionLimits, Connections, Full, Slot};

/// An address may do something as often as this many people, since offices share one.
const PEOPLE_BEHIND_AN_ADDRESS: u32 = 20;
/// All addresses together may do something for one user name as often as this many addresses.
const ADDRESSES_OF_A_NAME: u32 = 5;
/// The most attempts of one address for one user name that are under way at once.
const AT_ONCE: usize = 2;
/// The number of semaphores that pairs of address and name share, by a keyed hash.
const TURNS: usize = 1024;
/// The time within which guesses and codes are counted.
const WINDOW: Duration = Duration::from_secs(600);
/// The time within which starts are counted.
const MINUTE: Duration = Duration::from_secs(60);

/// The limits of one configuration.
#[derive(Clone, Copy, Debug)]
pub struct Allowance {
    /// Sign-ins that one address may begin in a minute.
    pub starts_a_minute: u32,
    /// Wrong answers of one address for one user name in ten minutes.
    pub guesses: u32,
    /// Codes sent for one user name, requested by one address, in ten minutes.
    pub codes: u32,
}

/// The counts of a process, which outlive a configuration.
pub struct Limits {
    starts: Sketch,
    guesses: Shares,
    codes: Shares,
    turns: Box<[Semaphore]>,
    hasher: RandomState,
}

/// Whom an attempt is counted for.
#[derive(Clone, Copy, Debug)]
pub struct Who<'a> {
    /// The client's address. Clients of a Unix socket have none, and no limit.
    pub address: Option<IpAddr>,
    /// The name of the account, as typed or as the org has it.
    pub username: Option<&'a str>,
    /// The present moment.
    pub now: Instant,
}

/// What an attempt uses up, once the org has answered.
#[derive(Clone, Copy, Debug)]
pub struct Uses {
    /// A guess, if the answer is wrong.
    pub guess: bool,
    /// A code that is sent.
    pub code: bool,
}

/// The limit that refuses something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exhausted {
    /// Its name: `starts`, `guesses` or `codes`.
    pub limit: &'static str,
    /// How long to wait until it allows one more.
    pub wait: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            starts: Sketch::default(),
            guesses: Shares::default(),
            codes: Shares::default(),
            turns: std::iter::repeat_with(|| Semaphore::new(AT_ONCE)).take(TURNS).collect(),
            hasher: RandomState::new(),
        }
    }
}

impl Limits {
    /// Counts a start from this address.
    ///
    /// # Errors
    /// The address has begun as many sign-ins as it may.
    pub fn start(&self, address: Option<IpAddr>, allowance: &Allowance, now: Instant) -> Result<(), Exhausted> {
        let Some(address) = address else { return Ok(()) };
        let rate = Rate::new(allowance.starts_a_minute, MINUTE);
        self.starts.take(subscriber(address), rate, now).map_err(|wait| Exhausted { limit: "starts", wait })
    }

    /// Waits while [`AT_ONCE`] others are under way, and begins an attempt. None where nothing can be used up, or there
    /// is no address.
    ///
    /// # Errors
    /// One of the limits is reached.
    pub async fn attempt(
        &self,
        who: Who<'_>,
        uses: Uses,
        allowance: &Allowance,
    ) -> Result<Option<Attempt<'_>>, Exhausted> {
        let Some(address) = who.address.map(subscriber).filter(|_| uses.guess || uses.code) else { return Ok(None) };
        let key = Key { address, username: who.username.map(canonical).unwrap_or_default() };
        let turn = self.hasher.hash_one((key.address, &key.username)) as usize % TURNS;
        // The semaphore is never closed. Without a permit the attempt would not wait, and would still be counted.
        let turn = self.turns[turn].acquire().await.ok();
        let (guesses, codes) = (Rates::of(allowance.guesses), Rates::of(allowance.codes));
        for (asked, limit, shares, rates) in
            [(uses.guess, "guesses", &self.guesses, guesses), (uses.code, "codes", &self.codes, codes)]
        {
            if let Some(wait) = shares.wait(&key, rates, who.now).filter(|_| asked) {
                return Err(Exhausted { limit, wait });
            }
        }
        Ok(Some(Attempt { limits: self, key, uses, guesses, codes, now: who.now, _turn: turn }))
    }
}

/// An attempt under way. When it is dropped, what it may use up is counted, unless [`Attempt::record`] was told that it
/// did not happen: an attempt whose visitor left counts as wrong.
pub struct Attempt<'a> {
    limits: &'a Limits,
    key: Key,
    uses: Uses,
    guesses: Rates,
    codes: Rates,
    now: Instant,
    _turn: Option<SemaphorePermit<'a>>,
}

impl Attempt<'_> {
    /// Records the org's answer: whether it was a wrong guess, and whether a code was sent.
    pub fn record(mut self, was_wrong: bool, was_sent: bool) {
        self.uses.guess &= was_wrong;
        self.uses.code &= was_sent;
    }
}

impl Drop for Attempt<'_> {
    fn drop(&mut self) {
        if self.uses.guess {
            self.limits.guesses.count(&self.key, self.guesses, self.now);
        }
        if self.uses.code {
            self.limits.codes.count(&self.key, self.codes, self.now);
        }
    }
}

/// Whom something is counted for. The name is empty where it is not known.
struct Key {
    address: IpAddr,
    username: String,
}

/// What is counted for pairs of address and user name, for addresses and for user names.
#[derive(Default)]
struct Shares {
    pair: Sketch,
    address: Sketch,
    username: Sketch,
}

/// The rates of the parts of [`Shares`].
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
    /// How long until one more is allowed; none when it is allowed now.
    fn wait(&self, key: &Key, rates: Rates, now: Instant) -> Option<Duration> {
        let by_address = self.address.wait(key.address, rates.address, now);
        if key.username.is_empty() {
            return by_address;
        }
        let pair = (key.address, &key.username);
        // An address that had no part in the guesses for this name is not refused for them.
        let had_a_part = self.pair.has_any(pair, rates.pair, now);
        let by_name = had_a_part.then(|| self.username.wait(&key.username, rates.username, now)).flatten();
        by_address.or(by_name).or(self.pair.wait(pair, rates.pair, now))
    }

    /// Counts one more. A bucket that is full stays full.
    fn count(&self, key: &Key, rates: Rates, now: Instant) {
        let _ = self.address.take(key.address, rates.address, now);
        if !key.username.is_empty() {
            let _ = self.pair.take((key.address, &key.username), rates.pair, now);
            let _ = self.username.take(&key.username, rates.username, now);
        }
    }
}

/// The part of an address that one subscriber has: an IPv4 address, or 64 bits of an IPv6 address.
fn subscriber(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => IpAddr::V6((v6.to_bits() >> 64 << 64).into()),
        v4 => v4,
    }
}

/// One text for all spellings of a user name: without blanks around it, in lower case.
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

    const GUESS: Uses = Uses { guess: true, code: false };
    const CODE: Uses = Uses { guess: false, code: true };

    /// How many of so many attempts are let through, each of them wrong and each sending a code.
    async fn tried(limits: &Limits, address: Option<IpAddr>, username: &str, uses: Uses, times: u32) -> u32 {
        let mut allowed = 0;
        for _ in 0..times {
            if let Ok(Some(attempt)) = limits.attempt(who(address, username), uses, &ALLOWANCE).await {
                attempt.record(true, true);
                allowed += 1;
            }
        }
        allowed
    }

    #[test]
    fn an_address_has_its_starts_back_as_time_passes() {
        let limits = Limits::default();
        let wait = Err(Exhausted { limit: "starts", wait: Duration::from_secs(30) });
        for (address, after, admitted) in [
            (v4(1), 0, Ok(())),
            (v4(1), 0, Ok(())),
            (v4(1), 0, wait),
            (v4(2), 0, Ok(())),
            (None, 0, Ok(())),
            (v4(1), 30, Ok(())),
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
        assert_eq!(limits.start(address(1), &ALLOWANCE, NOW), Ok(()));
        assert_eq!(limits.start(address(2), &ALLOWANCE, NOW), Ok(()));
        assert!(limits.start(address(3), &ALLOWANCE, NOW).is_err());
        let mapped = IpAddr::from(std::net::Ipv4Addr::new(10, 0, 0, 7).to_ipv6_mapped());
        assert_eq!(subscriber(mapped), IpAddr::from([10, 0, 0, 7]));
    }

    #[tokio::test]
    async fn wrong_guesses_are_counted_for_every_spelling_of_a_name() {
        let limits = Limits::default();
        let mut allowed = 0;
        for time in 0..25 {
            let name = ["jane@example.com", "Jane@Example.com", " JANE@EXAMPLE.COM "][time % 3];
            allowed += tried(&limits, v4(1), name, GUESS, 1).await;
        }
        assert_eq!(allowed, 10);
        let refused = limits.attempt(who(v4(1), "jane@example.com"), GUESS, &ALLOWANCE).await.err();
        assert_eq!(refused, Some(Exhausted { limit: "guesses", wait: Duration::from_secs(60) }));
    }

    #[tokio::test]
    async fn right_answers_cost_nothing_and_are_never_refused() {
        let limits = Limits::default();
        let right = (0..1000).map(|_| async {
            let attempt = limits.attempt(who(v4(1), "jane"), GUESS, &ALLOWANCE).await.expect("allowed");
            tokio::task::yield_now().await;
            attempt.expect("an attempt").record(false, false);
        });
        futures_util::future::join_all(right).await;
        assert_eq!(tried(&limits, v4(1), "jane", GUESS, 25).await, 10);
    }

    #[tokio::test]
    async fn many_wrong_answers_at_once_are_held_to_the_limit() {
        let limits = Limits::default();
        let wrong = (0..100).map(|_| async {
            let Ok(Some(attempt)) = limits.attempt(who(v4(1), "jane"), GUESS, &ALLOWANCE).await else { return 0 };
            tokio::task::yield_now().await;
            attempt.record(true, false);
            1
        });
        let reached: usize = futures_util::future::join_all(wrong).await.into_iter().sum();
        assert!((10..10 + AT_ONCE).contains(&reached), "{reached}");
    }

    #[tokio::test]
    async fn whoever_leaves_is_counted() {
        let limits = Limits::default();
        for _ in 0..10 {
            drop(limits.attempt(who(v4(1), "jane"), GUESS, &ALLOWANCE).await.expect("allowed"));
        }
        assert!(limits.attempt(who(v4(1), "jane"), GUESS, &ALLOWANCE).await.is_err());
    }

    #[tokio::test]
    async fn guesses_from_elsewhere_keep_nobody_from_their_account() {
        let limits = Limits::default();
        let mut by_others = 0;
        for address in 0..1000 {
            by_others += tried(&limits, v4(address), "jane", GUESS, 3).await;
        }
        assert!(by_others < 1100, "{by_others} guesses of one name");
        assert!(limits.attempt(who(v4(5000), "jane"), GUESS, &ALLOWANCE).await.is_ok());
    }

    #[tokio::test]
    async fn an_address_that_tries_many_names_is_stopped() {
        let limits = Limits::default();
        let mut allowed = 0;
        for number in 0..1000 {
            allowed += tried(&limits, v4(1), &format!("user{number}"), GUESS, 1).await;
        }
        assert_eq!(allowed, 200);
    }

    #[tokio::test]
    async fn codes_have_a_limit_of_their_own() {
        let limits = Limits::default();
        assert_eq!(tried(&limits, v4(1), "jane", GUESS, 25).await, 10);
        assert_eq!(tried(&limits, v4(1), "jane", CODE, 20).await, 5);
    }
}
