//! Which of a route's upstreams a request goes to.
//!
//! One that is available and was not tried for this request, by turns, by load or by the client's address; where there is
//! none, one that was not tried; where all were, any. So requests are still sent when no upstream seems to be available.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use super::UpstreamPool;
use crate::access::Balance;

/// The upstreams of one route; at least one.
pub struct Balancer {
    members: Vec<(Arc<UpstreamPool>, u32)>,
    /// Members by their index, each as often as it weighs, spread evenly.
    turns: Vec<usize>,
    balance: Balance,
    turn: AtomicUsize,
}

/// What a choice goes by.
#[derive(Clone, Copy, Debug)]
pub struct Choice<'c> {
    /// The [member](UpstreamPool::member) that this browser had before.
    pub preferred: Option<u64>,
    /// What stands for the client.
    pub client: u64,
    /// The pools that this request was sent to before, by id.
    pub tried: &'c [u64],
    /// The time since 1970.
    pub now: Duration,
}

impl Balancer {
    /// None where there is no member.
    pub fn new(members: Vec<(Arc<UpstreamPool>, u32)>, balance: Balance) -> Option<Self> {
        let divisor = members.iter().fold(0, |divisor, (_, weight)| gcd(divisor, *weight)).max(1);
        let weights: Vec<u32> = members.iter().map(|(_, weight)| weight / divisor).collect();
        (!members.is_empty()).then(|| Self { turns: spread(&weights), members, balance, turn: AtomicUsize::new(0) })
    }

    /// How many members there are.
    pub fn members(&self) -> usize {
        self.members.len()
    }

    /// How many addresses they have together.
    pub fn addresses(&self) -> usize {
        self.members.iter().map(|(pool, _)| pool.addresses()).sum()
    }

    /// The first member.
    pub fn first(&self) -> &Arc<UpstreamPool> {
        &self.members[0].0
    }

    /// The one that a request goes to.
    pub fn choose(&self, choice: Choice<'_>) -> &Arc<UpstreamPool> {
        if let [(only, _)] = self.members.as_slice() {
            return only;
        }
        let is_new = |pool: &UpstreamPool| !choice.tried.contains(&pool.id());
        let is_good = |pool: &UpstreamPool| is_new(pool) && pool.is_available(choice.now);
        self.among(choice, is_good)
            .or_else(|| self.among(choice, |pool| is_new(pool) && pool.addresses() > 0))
            .or_else(|| self.among(choice, |_| true))
            .unwrap_or(self.first())
    }

    fn among(&self, choice: Choice<'_>, fits: impl Fn(&UpstreamPool) -> bool) -> Option<&Arc<UpstreamPool>> {
        let fitting = || self.members.iter().filter(|(pool, weight)| *weight > 0 && fits(pool));
        if let Some(preferred) = choice.preferred
            && let Some((pool, _)) = fitting().find(|(pool, _)| pool.member() == preferred)
        {
            return Some(pool);
        }
        let found = match self.balance {
            Balance::RoundRobin => {
                let turn = self.turn.fetch_add(1, Ordering::Relaxed);
                let turns = (0..self.turns.len()).map(|more| self.turns[turn.wrapping_add(more) % self.turns.len()]);
                turns.map(|index| &self.members[index]).find(|(pool, _)| fits(pool))
            }
            Balance::LeastConnections => {
                // Requests per weight, without dividing; of equals by turns.
                let turn = self.turn.fetch_add(1, Ordering::Relaxed);
                let load = |(pool, weight): &(Arc<UpstreamPool>, u32)| {
                    (pool.under_way() as u64 + 1) * 1_000_000 / u64::from(*weight)
                };
                let count = self.members.len();
                let rotated = (0..count).map(|more| &self.members[turn.wrapping_add(more) % count]);
                rotated.filter(|(pool, weight)| *weight > 0 && fits(pool)).min_by_key(|member| load(member))
            }
            // Rendezvous hashing: when a member goes, only its own clients get another one.
            Balance::Hash => {
                fitting().max_by(|one, other| score(choice.client, one).total_cmp(&score(choice.client, other)))
            }
        };
        found.map(|(pool, _)| pool)
    }
}

fn gcd(one: u32, other: u32) -> u32 {
    if other == 0 { one } else { gcd(other, one % other) }
}

/// Indices as often as they weigh, spread evenly: of 2 and 1, 0 1 0.
fn spread(weights: &[u32]) -> Vec<usize> {
    let all: i64 = weights.iter().map(|weight| i64::from(*weight)).sum();
    let mut credit = vec![0_i64; weights.len()];
    let next = |_| {
        credit.iter_mut().zip(weights).for_each(|(credit, weight)| *credit += i64::from(*weight));
        let richest = (0..credit.len()).rev().max_by_key(|index| credit[*index])?;
        credit[richest] -= all;
        Some(richest)
    };
    (0..all).filter_map(next).collect()
}

/// A member's score for a client; the highest gets it (weighted rendezvous hashing).
fn score(client: u64, (pool, weight): &(Arc<UpstreamPool>, u32)) -> f64 {
    // SplitMix64: every bit of both counts.
    let mut mixed = client ^ pool.member();
    for factor in [0xbf58_476d_1ce4_e5b9, 0x94d0_49bb_1331_11eb] {
        mixed = (mixed ^ mixed >> 30).wrapping_mul(factor);
    }
    mixed ^= mixed >> 31;
    let uniform = (mixed >> 11) as f64 / (1_u64 << 53) as f64;
    f64::from(*weight) / -(uniform.max(f64::MIN_POSITIVE).ln())
}

impl fmt::Debug for Balancer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Balancer({:?}, {:?})", self.balance, self.members)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::Upstream;

    fn balancer(weights: &[u32], balance: Balance) -> Balancer {
        let pool = |port| Arc::new(UpstreamPool::new(Upstream::new("127.0.0.1", port, false)));
        let members = weights.iter().zip(1..).map(|(weight, port)| (pool(port), *weight)).collect();
        Balancer::new(members, balance).expect("members")
    }

    const ANY: Choice<'static> = Choice { preferred: None, client: 0, tried: &[], now: Duration::ZERO };

    fn port(pool: &UpstreamPool) -> u16 {
        pool.upstream().port
    }

    #[test]
    fn turns_are_as_many_as_weights_and_pass_over_whoever_is_gone() {
        let several = balancer(&[2, 4, 0], Balance::RoundRobin);
        let ports: Vec<u16> = (0..6).map(|_| port(several.choose(ANY))).collect();
        assert_eq!(ports, [2, 1, 2, 2, 1, 2]);
        let gone = Arc::clone(&several.members[1].0);
        (0..3).for_each(|_| _ = gone.failed(Duration::ZERO));
        assert!((0..6).all(|_| port(several.choose(ANY)) == 1), "one that is left alone gets nothing");
        let tried = [several.members[0].0.id()];
        assert_eq!(port(several.choose(Choice { tried: &tried, ..ANY })), 2, "rather than the same again");
    }

    #[test]
    fn the_least_busy_is_next() {
        let several = balancer(&[1, 1], Balance::LeastConnections);
        let first = several.choose(ANY);
        let _busy = super::super::pool::UnderWay::to(first);
        assert!((0..4).all(|_| several.choose(ANY).id() != first.id()));
    }

    #[test]
    fn a_client_keeps_its_upstream_while_that_is_there() {
        let several = balancer(&[1, 1, 1], Balance::Hash);
        let of = |client: u64| several.choose(Choice { client, ..ANY }).id();
        let before: Vec<u64> = (0..300).map(of).collect();
        let of_each = several.members.iter().map(|(pool, _)| before.iter().filter(|id| **id == pool.id()).count());
        assert!(of_each.clone().all(|count| count > 60), "{:?}", of_each.collect::<Vec<_>>());
        let gone = Arc::clone(&several.members[1].0);
        (0..3).for_each(|_| _ = gone.failed(Duration::ZERO));
        let moved = (0..300).filter(|client| of(*client) != before[*client as usize]);
        assert!(moved.clone().count() > 0 && moved.into_iter().all(|client| before[client as usize] == gone.id()));
    }

    #[test]
    fn a_browser_stays_with_the_one_it_had() {
        let several = balancer(&[1, 1], Balance::RoundRobin);
        let preferred = Some(several.members[1].0.member());
        assert!((0..4).all(|_| port(several.choose(Choice { preferred, ..ANY })) == 2));
    }
}
