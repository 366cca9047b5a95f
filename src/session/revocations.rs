//! Sessions that ended before their time, as this process knows them.
//!
//! A session that the browser keeps cannot be taken from somebody who copied it; so it is remembered here that it has
//! ended: each by itself, and for a person all that began up to a moment. Nothing is forgotten because time has passed.
//! Each of the two lists holds [`MOST`] entries, together under 10 MB; beyond, the oldest entry goes and whatever began
//! no later ends with it, so that a full list ends too much and never too little.
//!
//! The question is asked of every request. A connection remembers as of which [`Revocations::epoch`] its session stood,
//! and asks again when that has changed.

use std::collections::{BTreeSet, HashMap};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{PoisonError, RwLock};
use std::time::Duration;

use tracing::warn;

use super::{Session, SessionId};
use crate::time::Instant;

/// The most sessions, and the most people, that are remembered one by one.
const MOST: usize = 100_000;

/// Which sessions have ended.
#[derive(Debug)]
pub struct Revocations {
    most: usize,
    epoch: AtomicU64,
    ended: RwLock<Ended>,
}

#[derive(Debug, Default)]
struct Ended {
    /// By when they began, so that the oldest is the first.
    sessions: BTreeSet<(Instant, SessionId)>,
    /// By SHA-256 of the subject: whatever began up to that moment.
    people: HashMap<[u8; 32], Instant>,
    /// Whatever began up to that moment, whoever it belongs to.
    everybody: Option<Instant>,
}

impl Default for Revocations {
    fn default() -> Self {
        Self::of_at_most(MOST)
    }
}

impl Revocations {
    fn of_at_most(most: usize) -> Self {
        Self { most, epoch: AtomicU64::new(0), ended: RwLock::default() }
    }

    /// How many sessions and people are remembered.
    pub(super) fn len(&self) -> usize {
        let ended = self.ended.read().unwrap_or_else(PoisonError::into_inner);
        ended.sessions.len() + ended.people.len()
    }

    /// Grows with everything that ends.
    pub(super) fn epoch(&self) -> u64 {
        self.epoch.load(Ordering::Acquire)
    }

    /// This session has ended.
    pub(super) fn end(&self, session: &Session) {
        self.change(|ended| {
            ended.sessions.insert((session.signed_in, session.id));
            (ended.sessions.len() > self.most).then(|| ended.sessions.pop_first().map(|(began, _)| began)).flatten()
        });
    }

    /// Every session of this person that began up to `now` has ended.
    pub(super) fn end_all(&self, subject: &str, now: Instant) {
        self.change(|ended| {
            ended.people.insert(digest(subject), now);
            if ended.people.len() <= self.most {
                return None;
            }
            // An eighth at once: looking through all of them is not done for each.
            let mut moments: Vec<Instant> = ended.people.values().copied().collect();
            moments.sort_unstable();
            let oldest = moments[moments.len() / 8];
            ended.people.retain(|_, moment| *moment > oldest);
            Some(oldest)
        });
    }

    /// Makes a change, after which whatever began up to the moment it gives has ended too.
    fn change(&self, change: impl FnOnce(&mut Ended) -> Option<Instant>) {
        // Nothing here can be left half-changed, so a panic elsewhere does not matter.
        let mut ended = self.ended.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(moment) = change(&mut ended) {
            if ended.everybody.is_none() {
                warn!("as many sessions have ended as can be remembered: the oldest sessions end with them");
            }
            ended.everybody = ended.everybody.max(Some(moment));
        }
        self.epoch.fetch_add(1, Ordering::Release);
    }

    /// Whether this session has ended.
    pub(super) fn has_ended(&self, session: &Session) -> bool {
        let ended = self.ended.read().unwrap_or_else(PoisonError::into_inner);
        let up_to = ended.everybody.max(ended.people.get(&digest(&session.identity.subject)).copied());
        up_to.is_some_and(|moment| session.signed_in <= moment)
            || ended.sessions.contains(&(session.signed_in, session.id))
    }

    /// When a session of this person that begins now begins: after whatever has ended.
    pub(super) fn beginning(&self, subject: &str, now: Instant) -> Instant {
        let ended = self.ended.read().unwrap_or_else(PoisonError::into_inner);
        let up_to = ended.everybody.max(ended.people.get(&digest(subject)).copied());
        up_to.map_or(now, |moment| now.max(moment.after(Duration::from_secs(1))))
    }
}

fn digest(subject: &str) -> [u8; 32] {
    let digest = ring::digest::digest(&ring::digest::SHA256, subject.as_bytes());
    digest.as_ref().try_into().expect("SHA-256 has 32 bytes")
}

#[cfg(test)]
mod tests {
    use super::super::tests::{START, jane, session_of};
    use super::super::{Identity, random};
    use super::*;

    fn began(seconds: u64) -> Session {
        Session { id: random(), signed_in: START.after(Duration::from_secs(seconds)), ..session_of(jane()) }
    }

    #[test]
    fn one_session_ends_and_the_others_do_not() {
        let revocations = Revocations::default();
        let (one, other) = (began(0), began(0));
        assert!(!revocations.has_ended(&one));
        let before = revocations.epoch();
        revocations.end(&one);
        assert!(revocations.epoch() > before);
        assert!(revocations.has_ended(&one) && !revocations.has_ended(&other));
    }

    #[test]
    fn all_sessions_of_a_person_end_and_nobody_else_s_and_the_next_one_lives() {
        let revocations = Revocations::default();
        let (early, late) = (began(0), began(60));
        let other = session_of(Identity { subject: "00u2".to_owned(), ..jane() });
        revocations.end_all("00u1", late.signed_in);
        assert!(revocations.has_ended(&early) && revocations.has_ended(&late) && !revocations.has_ended(&other));
        let next = Session { signed_in: revocations.beginning("00u1", late.signed_in), ..began(0) };
        assert_eq!(next.signed_in, late.signed_in.after(Duration::from_secs(1)));
        assert!(!revocations.has_ended(&next));
    }

    /// D-02: bounded, and never open because it is full.
    #[test]
    fn what_no_longer_fits_ends_whatever_is_as_old() {
        let revocations = Revocations::of_at_most(100);
        let sessions: Vec<Session> = (0..300).map(began).collect();
        sessions.iter().rev().for_each(|session| revocations.end(session));
        assert!(sessions.iter().all(|session| revocations.has_ended(session)));
        assert!(revocations.has_ended(&began(150)), "as old as one that had to be forgotten");
        assert!(!revocations.has_ended(&began(250)));
        assert!(revocations.ended.read().expect("whole").sessions.len() <= 100);

        let revocations = Revocations::of_at_most(100);
        let person = |number: u64| Identity { subject: number.to_string(), ..jane() };
        (0..300).for_each(|number| revocations.end_all(&number.to_string(), START.after(Duration::from_secs(number))));
        for number in 0..300 {
            assert!(revocations.has_ended(&Session { identity: person(number), ..began(number) }), "{number}");
        }
        assert!(!revocations.has_ended(&Session { identity: person(1000), ..began(299) }));
        assert!(revocations.ended.read().expect("whole").people.len() <= 100);
    }
}
