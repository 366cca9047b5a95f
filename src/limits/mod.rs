//! Admission: who may do how much of what, by address and by user name.
//!
//! | limit | of what |
//! |---|---|
//! | starts | sign-ins begun, by address |
//! | guesses | passwords, codes and answers that the org found wrong: for address and user name together, and for each alone |
//! | codes | codes and links sent to somebody's mail or telephone: the same |
//!
//! Guesses and codes are counted when the org has answered ([`Attempt`]), so that right answers cost nothing. Until
//! then only [`AT_ONCE`] attempts of one address for one name are under way, and the others wait their turn: many at
//! the same instant are held to the limit too, and nobody is refused for being quick.
//!
//! Memory has a fixed size ([`sketch`]) and cannot be filled, and strangers, however many, refuse nobody who behaves:
//! what a user name has used up is held only against addresses that had a part in it, so that nobody is kept from
//! their own account by guesses made elsewhere. An address is an IPv4 address or the first 64 bits of an IPv6 one,
//! which is the least that a site is given (RFC 6177). Limits count in this process alone.

mod connections;
mod sketch;

use std::hash::{BuildHasher as _, RandomState};
use std::net::IpAddr;
use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit};

use crate::time::Instant;
use sketch::{Rate, Sketch};

pub use connections::{ConnectionLimits, Connections, Full, Slot};

/// How many times as often as a person an address may do something: offices share one.
const PEOPLE_BEHIND_AN_ADDRESS: u32 = 20;
/// How many times as often as one address all of them together may do something for one user name.
const ADDRESSES_OF_A_NAME: u32 = 5;
/// How many attempts of one address for one user name are under way at once.
const AT_ONCE: usize = 2;
/// Pairs of address and name share this many turns, by a keyed hash.
const TURNS: usize = 1024;
/// What guesses and codes are counted in.
const WINDOW: Duration = Duration::from_secs(600);
/// What starts are counted in.
const MINUTE: Duration = Duration::from_secs(60);

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
pub struct Limits {
    starts: Sketch,
    guesses: Shares,
    codes: Shares,
    turns: Box<[Semaphore]>,
    hasher: RandomState,
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

/// What an attempt can use up.
#[derive(Clone, Copy, Debug)]
pub struct Uses {
    /// A guess, if the answer is wrong.
    pub guess: bool,
    /// A code that is sent.
    pub code: bool,
}

/// Which limit refuses something, and for how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exhausted {
    /// Its name, for the log.
    pub limit: &'static str,
    /// How long to wait.
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
    /// It has begun as many as it may.
    pub fn start(&self, address: Option<IpAddr>, allowance: &Allowance, now: Instant) -> Result<(), Exhausted> {
        let Some(address) = address else { return Ok(()) };
        let rate = Rate::new(allowance.starts_a_minute, MINUTE);
        self.starts.take(subscriber(address), rate, now).map_err(|wait| Exhausted { limit: "starts", wait })
    }

    /// Waits for a turn, and begins an attempt that may use this up.
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
        // The semaphore is never closed; without a permit only the order would be lost.
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

/// An attempt under way. What it may use up is counted when it is dropped, also because the visitor left; what
/// [`Attempt::record`] was told did not happen is not.
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
    /// The org has answered.
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

/// Who is counted. The name is empty where it is not known.
struct Key {
    address: IpAddr,
    username: String,
}

/// One thing that is counted by address and user name: together, and each alone.
#[derive(Default)]
struct Shares {
    pair: Sketch,
    address: Sketch,
    username: Sketch,
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
    /// How long until there is one more; none when there is one now.
    fn wait(&self, key: &Key, rates: Rates, now: Instant) -> Option<Duration> {
        let by_address = self.address.wait(key.address, rates.address, now);
        if key.username.is_empty() {
            return by_address;
        }
        let pair = (key.address, &key.username);
        // An address that had no part in it is not held to what others did with this name.
        let had_a_part = self.pair.has_any(pair, rates.pair, now);
        let by_name = had_a_part.then(|| self.username.wait(&key.username, rates.username, now)).flatten();
        by_address.or(by_name).or(self.pair.wait(pair, rates.pair, now))
    }

    /// One more. What is full already stays full.
    fn count(&self, key: &Key, rates: Rates, now: Instant) {
        let _ = self.address.take(key.address, rates.address, now);
        if !key.username.is_empty() {
            let _ = self.pair.take((key.address, &key.username), rates.pair, now);
            let _ = self.username.take(&key.username, rates.username, now);
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
