//! Sessions that ended before their time, as this process knows them.
//!
//! A session that the browser keeps cannot be taken from somebody who copied it; so it is remembered here that it has
//! ended: each by itself, and for a person, or for a session of the org, all that began up to a moment. With a store
//! every replica learns of it ([`Ending`]), and copies of sessions count no longer either. Nothing is forgotten
//! because time has passed. Each of the two lists holds [`MOST`] entries, together under 32 MB; beyond, the oldest entry
//! goes and every session that began no later ends with it, so that a full list ends too many sessions and never too few.
//!
//! The question is asked of every request. A connection remembers as of which [`Revocations::epoch`] its session stood,
//! and asks again when that has changed.

use std::collections::{BTreeSet, HashMap};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use parking_lot::{Mutex, RwLock};
use tracing::warn;

use super::{Identity, Session, SessionId, TokenUse, Unavailable};
use crate::secret::{sha256, sha256_of_list};
use crate::time::{Instant, SEALED_AHEAD};

/// The most sessions, and the most people, that are remembered one by one.
pub(super) const MOST: usize = 100_000;

/// The most tokens that are remembered to have come.
const MOST_TAKEN: usize = 10_000;

/// SHA-256 of what is meant; no id, name or token can be read from it.
pub(super) type Digest = [u8; 32];

/// What has ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    /// One session and its leases, by the [`id_digest`] of its root, and when it began.
    Session(Digest, Instant),
    /// All sessions of a person, of a session of the org, or of both ([`Whose`]) that began up to that moment.
    UpTo(Digest, Instant),
}

/// Whose sessions end together.
#[derive(Clone, Copy, Debug)]
pub enum Whose<'a> {
    /// A person's, by the org's name for them (`sub`).
    Person(&'a str),
    /// Those that one session at the org led to (`sid`).
    OrgSession(&'a str),
    /// The same, as far as they are this person's.
    OrgSessionOf {
        /// `sid`
        sid: &'a str,
        /// `sub`
        subject: &'a str,
    },
    /// Those of everybody with this e-mail address, as far as the provider has verified it; in any case of letters.
    Address(&'a str),
}

impl Whose<'_> {
    /// `provider` is who gave the names, as the configuration calls it.
    pub(super) fn digest(self, provider: &str) -> Digest {
        match self {
            Self::Person(subject) => sha256_of_list(["sub", provider, subject]),
            Self::OrgSession(sid) => sha256_of_list(["sid", provider, sid]),
            Self::OrgSessionOf { sid, subject } => sha256_of_list(["sid of sub", provider, sid, subject]),
            Self::Address(address) => sha256_of_list(["email", provider, &address.to_lowercase()]),
        }
    }

    /// A refresh may change the address; leases keep the old one, so they end by their root's id.
    pub(super) fn may_have_changed(self) -> bool {
        matches!(self, Self::Address(_))
    }

    /// Whether this session is one of those; `provider` as above.
    pub(super) fn includes(self, provider: &str, session: &Session) -> bool {
        let identity = &session.identity;
        let is_of_org_session = |sid: &str| session.sid.as_deref() == Some(sid);
        identity.provider == provider
            && match self {
                Self::Person(subject) => identity.subject == subject,
                Self::OrgSession(sid) => is_of_org_session(sid),
                Self::OrgSessionOf { sid, subject } => is_of_org_session(sid) && identity.subject == subject,
                Self::Address(address) => {
                    session.verified_email().is_some_and(|own| own.to_lowercase() == address.to_lowercase())
                }
            }
    }
}

/// What stands for a session where its id must not. A lease ends with its root.
pub(super) fn id_digest(id: SessionId) -> Digest {
    sha256(id)
}

/// What a token that may come once is called.
pub(super) fn token_digest(provider: &str, id: &str) -> Digest {
    sha256_of_list(["jti", provider, id])
}

/// Which sessions have ended.
#[derive(Debug)]
pub struct Revocations {
    most: usize,
    epoch: AtomicU64,
    /// Unix seconds: the latest beginning that was put off.
    put_off: AtomicU64,
    ended: RwLock<Ended>,
    taken: Mutex<HashMap<Digest, Instant>>,
}

#[derive(Debug, Default)]
struct Ended {
    /// By when they began, so that the oldest is the first.
    sessions: BTreeSet<(Instant, Digest)>,
    /// Whatever began up to that moment, by whose it is.
    groups: HashMap<Digest, Instant>,
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
        Self {
            most,
            epoch: AtomicU64::new(0),
            put_off: AtomicU64::new(0),
            ended: RwLock::default(),
            taken: Mutex::default(),
        }
    }

    /// Takes a token that may come once; not where as many are remembered as can be.
    pub(super) fn take(&self, token: Digest, until: Instant, now: Instant) -> Result<TokenUse, Unavailable> {
        let mut taken = self.taken.lock();
        if taken.len() >= MOST_TAKEN {
            taken.retain(|_, until| now < *until);
        }
        if taken.get(&token).is_some_and(|until| now < *until) {
            return Ok(TokenUse::Done);
        }
        if taken.len() >= MOST_TAKEN {
            return Err(Unavailable);
        }
        taken.insert(token, until);
        Ok(TokenUse::First)
    }

    /// How many sessions, people and sessions of the org are remembered.
    pub(super) fn len(&self) -> usize {
        let ended = self.ended.read();
        ended.sessions.len() + ended.groups.len()
    }

    /// Grows with everything that ends.
    pub(super) fn epoch(&self) -> u64 {
        self.epoch.load(Ordering::Acquire)
    }

    /// Remembers what has ended.
    pub(super) fn note(&self, ending: &Ending) {
        match *ending {
            Ending::Session(digest, began) => self.change(|ended| {
                ended.sessions.insert((began, digest));
                (ended.sessions.len() > self.most).then(|| ended.sessions.pop_first().map(|(began, _)| began)).flatten()
            }),
            Ending::UpTo(digest, moment) => self.change(|ended| {
                let known = ended.groups.entry(digest).or_insert(moment);
                *known = moment.max(*known);
                if ended.groups.len() <= self.most {
                    return None;
                }
                // An eighth at once: looking through all of them is not done for each.
                let mut moments: Vec<Instant> = ended.groups.values().copied().collect();
                moments.sort_unstable();
                let oldest = moments[moments.len() / 8];
                ended.groups.retain(|_, moment| *moment > oldest);
                Some(oldest)
            }),
        }
    }

    /// Makes a change, after which whatever began up to the moment it gives has ended too.
    fn change(&self, change: impl FnOnce(&mut Ended) -> Option<Instant>) {
        // Nothing here can be left half-changed, so a panic elsewhere does not matter.
        let mut ended = self.ended.write();
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
        let ended = self.ended.read();
        ended.up_to(session).is_some_and(|moment| session.signed_in <= moment)
            || !ended.sessions.is_empty() && ended.sessions.contains(&(session.signed_in, id_digest(session.root())))
    }

    /// Up to when all sessions of this person have ended.
    pub(super) fn of_person(&self, identity: &Identity, has_verified_email: bool) -> Option<Instant> {
        let ended = self.ended.read();
        let moment = |whose: Whose<'_>| ended.groups.get(&whose.digest(&identity.provider)).copied();
        let address = identity.email.as_deref().filter(|_| has_verified_email);
        moment(Whose::Person(&identity.subject)).max(address.and_then(|address| moment(Whose::Address(address))))
    }

    /// When a session that begins now begins: after whatever has ended. An end that lies further ahead than a session may
    /// begin was told by a clock that was ahead and is put right: it was before now, and is remembered so.
    pub(super) fn beginning(&self, session: &Session, now: Instant) -> Instant {
        let second = Duration::from_secs(1);
        let after_all_ends = || {
            let ended = self.ended.read();
            ended.up_to(session).map_or(now, |moment| now.max(moment.after(second)))
        };
        let mut begins = after_all_ends();
        if begins > now.after(SEALED_AHEAD) {
            let last = now.after(SEALED_AHEAD.saturating_sub(second));
            self.change(|ended| {
                ended.bring_forward(session, last);
                None
            });
            begins = after_all_ends();
        }
        if begins > now {
            self.put_off.fetch_max(begins.seconds(), Ordering::AcqRel);
        }
        begins
    }

    /// Up to when sessions have ended that end now: those too whose beginning was put off.
    pub(super) fn ending(&self, now: Instant) -> Instant {
        now.max(Instant::from_seconds(self.put_off.load(Ordering::Acquire)))
    }
}

impl Ended {
    /// Up to which moment sessions have ended that this one could be of.
    fn up_to(&self, session: &Session) -> Option<Instant> {
        if self.groups.is_empty() {
            return self.everybody;
        }
        groups_of(session).filter_map(|group| self.groups.get(&group).copied()).max().max(self.everybody)
    }

    /// What has ended and this session could be of has ended up to then at most.
    fn bring_forward(&mut self, session: &Session, last: Instant) {
        for group in groups_of(session) {
            if let Some(moment) = self.groups.get_mut(&group) {
                *moment = last.min(*moment);
            }
        }
    }
}

/// Among whose sessions this one is, in every way in which those can end together.
fn groups_of(session: &Session) -> impl Iterator<Item = Digest> {
    let Identity { provider, subject, .. } = &session.identity;
    let of_org = session.sid.as_deref().map(|sid| [Whose::OrgSession(sid), Whose::OrgSessionOf { sid, subject }]);
    let of_address = session.verified_email().map(Whose::Address);
    let whose = std::iter::once(Whose::Person(subject)).chain(of_org.into_iter().flatten()).chain(of_address);
    whose.map(move |whose| whose.digest(provider))
}

#[cfg(test)]
mod tests {
    use super::super::random;
    use super::super::tests::{START, jane, session_of};
    use super::*;

    fn began(seconds: u64) -> Session {
        Session { id: random(), signed_in: START.after(Duration::from_secs(seconds)), ..session_of(jane()) }
    }

    fn end(revocations: &Revocations, session: &Session) {
        revocations.note(&Ending::Session(id_digest(session.root()), session.signed_in));
    }

    fn end_all(revocations: &Revocations, whose: Whose<'_>, up_to: Instant) {
        revocations.note(&Ending::UpTo(whose.digest("okta"), up_to));
    }

    #[test]
    fn one_session_ends_and_the_others_do_not() {
        let revocations = Revocations::default();
        let (one, other) = (began(0), began(0));
        assert!(!revocations.has_ended(&one));
        let before = revocations.epoch();
        end(&revocations, &one);
        assert!(revocations.epoch() > before);
        assert!(revocations.has_ended(&one) && !revocations.has_ended(&other));
    }

    #[test]
    fn all_sessions_of_a_person_end_and_nobody_else_s_and_the_next_one_lives() {
        let revocations = Revocations::default();
        let (early, late) = (began(0), began(60));
        let other = session_of(Identity { subject: "00u2".to_owned(), ..jane() });
        end_all(&revocations, Whose::Person("00u1"), late.signed_in);
        for (session, ended) in [(&early, true), (&late, true), (&other, false)] {
            assert_eq!(revocations.has_ended(session), ended, "{session:?}");
        }
        let elsewhere = session_of(Identity { provider: "entra".to_owned(), ..jane() });
        assert!(!revocations.has_ended(&elsewhere), "another provider's person of that name");
        let next = Session { signed_in: revocations.beginning(&began(0), late.signed_in), ..began(0) };
        assert_eq!(next.signed_in, late.signed_in.after(Duration::from_secs(1)));
        assert!(!revocations.has_ended(&next));
        // Again in the same second.
        end_all(&revocations, Whose::Person("00u1"), revocations.ending(late.signed_in));
        assert!(revocations.has_ended(&next));
    }

    #[test]
    fn a_session_of_the_org_takes_those_that_it_led_to_with_it() {
        let of = |sid: &str| Session { sid: Some(sid.to_owned()), ..began(0) };
        let (one, other, none) = (of("102a"), of("102b"), began(0));
        let not_hers = Whose::OrgSessionOf { sid: "102a", subject: "00u2" };
        for (whose, ended) in [
            (not_hers, false),
            (Whose::OrgSessionOf { sid: "102a", subject: "00u1" }, true),
            (Whose::OrgSession("102a"), true),
        ] {
            let revocations = Revocations::default();
            end_all(&revocations, whose, START);
            assert_eq!(revocations.has_ended(&one), ended, "{whose:?}");
            assert!(!revocations.has_ended(&other) && !revocations.has_ended(&none));
        }
    }

    /// A clock that was ahead when all sessions of a person ended, and is put right, keeps nobody out.
    #[test]
    fn an_end_that_lies_ahead_is_before_the_next_sign_in() {
        for ahead in [100, 299, 300, 301, 400, 3_000_000] {
            let revocations = Revocations::default();
            end_all(&revocations, Whose::Person("00u1"), began(ahead).signed_in);
            let (before, next) = (began(0), began(10));
            let next = Session { signed_in: revocations.beginning(&next, next.signed_in), ..next };
            assert!(next.signed_in <= began(10).signed_in.after(SEALED_AHEAD), "it counts at once: {ahead}");
            assert!(!revocations.has_ended(&next) && revocations.has_ended(&before), "{ahead}");
            // And it can be ended again.
            end_all(&revocations, Whose::Person("00u1"), revocations.ending(began(20).signed_in));
            assert!(revocations.has_ended(&next), "{ahead}");
        }
    }

    /// B-04: an address may be several people's, and only a verified one counts.
    #[test]
    fn everybody_with_a_verified_address_is_meant_by_it() {
        let revocations = Revocations::default();
        end_all(&revocations, Whose::Address("Jane@Example.com"), START);
        let verified = Session { has_verified_email: true, ..began(0) };
        let other = Identity { subject: "00u2".to_owned(), email: Some("JANE@example.com".to_owned()), ..jane() };
        let namesake = Session { identity: other, ..verified.clone() };
        for (session, ended) in [(&verified, true), (&namesake, true), (&began(0), false)] {
            assert_eq!(revocations.has_ended(session), ended, "{session:?}");
        }
        let revocations = Revocations::default();
        end_all(&revocations, Whose::Person("00u1"), START);
        assert!(revocations.has_ended(&verified) && !revocations.has_ended(&namesake));
    }

    #[test]
    fn a_token_comes_once_and_not_at_all_where_that_cannot_be_told() {
        let revocations = Revocations::default();
        let (token, later) = (token_digest("okta", "1"), START.after(Duration::from_secs(600)));
        assert_eq!(revocations.take(token, later, START), Ok(TokenUse::First));
        assert_eq!(revocations.take(token, later, START), Ok(TokenUse::Done));
        assert_eq!(
            revocations.take(token_digest("entra", "1"), later, START),
            Ok(TokenUse::First),
            "another provider's"
        );
        for id in 0..MOST_TAKEN {
            let _ = revocations.take(token_digest("okta", &format!("x{id}")), later, START);
        }
        assert_eq!(revocations.take(token_digest("okta", "2"), later, START), Err(Unavailable));
        assert_eq!(
            revocations.take(token_digest("okta", "2"), later.after(Duration::from_secs(600)), later),
            Ok(TokenUse::First)
        );
    }

    #[test]
    fn an_earlier_moment_takes_nothing_back() {
        let revocations = Revocations::default();
        end_all(&revocations, Whose::Person("00u1"), began(60).signed_in);
        end_all(&revocations, Whose::Person("00u1"), began(0).signed_in);
        assert!(revocations.has_ended(&began(30)));
    }

    /// D-02: bounded, and never open because it is full.
    #[test]
    fn what_no_longer_fits_ends_whatever_is_as_old() {
        let revocations = Revocations::of_at_most(100);
        let sessions: Vec<Session> = (0..300).map(began).collect();
        sessions.iter().rev().for_each(|session| end(&revocations, session));
        assert!(sessions.iter().all(|session| revocations.has_ended(session)));
        assert!(revocations.has_ended(&began(150)), "as old as one that had to be forgotten");
        assert!(!revocations.has_ended(&began(250)));
        assert!(revocations.ended.read().sessions.len() <= 100);

        let revocations = Revocations::of_at_most(100);
        let person = |number: u64| Identity { subject: number.to_string(), ..jane() };
        for number in 0..300 {
            end_all(&revocations, Whose::Person(&number.to_string()), began(number).signed_in);
        }
        for number in 0..300 {
            let session = Session { identity: person(number), ..began(number) };
            assert!(revocations.has_ended(&session), "{number}");
        }
        assert!(!revocations.has_ended(&Session { identity: person(1000), ..began(299) }));
        assert!(revocations.ended.read().groups.len() <= 100);
    }
}
