//! With what a session is refreshed, and when.
//!
//! ```text
//! had ──────────────────────── due ─────────────── past ───────────────────── absolute end
//!      the claims count         one request         all requests wait for      it ends, refreshed or not
//!                               refreshes it        that for a while
//! ```
//!
//! What the provider said at the sign-in or the last refresh counts for the life of the access token, or as long as the
//! configuration says. A minute and up to a tenth earlier it is due, at a moment of its own for each session, so that
//! those who signed in together are not refreshed together. A refresh moves neither the beginning of a session nor the
//! moment it was last used.

use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::SessionId;
use crate::secret::Secret;
use crate::time::Instant;

/// How much earlier than needed a session is refreshed; half of what it counts for where that is shorter.
const LEAD: Duration = Duration::from_secs(60);

/// How much the moment differs between sessions: up to this part of what it counts for.
const JITTER: u64 = 10;

/// What is kept of a sign-in to refresh its session, beside the refresh token.
#[derive(Clone, Debug)]
pub struct RefreshTerms {
    /// What was granted, separated by blanks.
    pub scope: String,
    /// What the ID token had as `nonce`.
    pub nonce: Secret,
    /// For how long what the provider said counts.
    pub life: Duration,
}

/// What a session is refreshed with. It holds the refresh token, and is only ever kept sealed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefreshState {
    /// The newest refresh token; none where its browser has no room for it: the session goes on, and is refreshed no more.
    #[serde(serialize_with = "token_or_empty", deserialize_with = "token_unless_empty")]
    pub refresh_token: Option<Secret>,
    /// What was granted, separated by blanks.
    pub scope: String,
    /// What the sign-in's ID token had as `nonce`.
    pub nonce: Secret,
    /// How often it was refreshed: of two states of a session the one with more counts.
    pub(super) version: u32,
    /// When the provider said what the session says.
    pub(super) had: Instant,
    /// For how many seconds that counts.
    pub(super) life: u32,
    /// How many bytes a browser may keep of it; nothing where a store keeps it.
    pub(super) room: u16,
}

impl RefreshState {
    pub(super) fn new(refresh_token: Secret, terms: RefreshTerms, had: Instant) -> Self {
        let RefreshTerms { scope, nonce, life } = terms;
        Self { refresh_token: Some(refresh_token), scope, nonce, version: 0, had, life: seconds(life), room: 0 }
    }

    /// The next one: another refresh token where one came, and where claims came, when and for how long they count.
    #[must_use]
    pub fn next(&self, refresh_token: Option<Secret>, claims: Option<(Instant, Duration)>) -> Self {
        let (had, life) = claims.map_or((self.had, self.life), |(now, life)| (now, seconds(life)));
        let refresh_token = refresh_token.or_else(|| self.refresh_token.clone());
        Self { refresh_token, version: self.version.saturating_add(1), had, life, ..self.clone() }
    }

    /// From when on the session is to be refreshed; never without a refresh token.
    pub(super) fn due(&self, session: &SessionId) -> Option<Instant> {
        self.refresh_token.as_ref()?;
        let life = u64::from(self.life);
        let lead = LEAD.as_secs().min(life / 2);
        // Ids are random, so a byte of one spreads sessions as well as a random number would.
        let jitter = life * u64::from(session[0]) / (255 * JITTER);
        Some(self.had.after(Duration::from_secs((life - lead).saturating_sub(jitter))))
    }

    /// From when on what the session says counts no longer.
    pub(super) fn past(&self) -> Instant {
        self.had.after(Duration::from_secs(self.life.into()))
    }
}

/// No token is sealed as an empty text.
fn token_or_empty<S: Serializer>(token: &Option<Secret>, serializer: S) -> Result<S::Ok, S::Error> {
    token.as_ref().map_or("", Secret::expose).serialize(serializer)
}

fn token_unless_empty<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Secret>, D::Error> {
    Ok(Some(Secret::deserialize(deserializer)?).filter(|token| !token.expose().is_empty()))
}

/// At least one, so that a token that never counts does not refresh a session with every request of a second.
fn seconds(span: Duration) -> u32 {
    u32::try_from(span.as_secs()).unwrap_or(u32::MAX).max(1)
}

#[cfg(test)]
mod tests {
    use super::super::tests::START;
    use super::*;

    fn state(life: u64) -> RefreshState {
        let (scope, nonce) = ("openid offline_access".to_owned(), Secret::new("once"));
        let terms = RefreshTerms { scope, nonce, life: Duration::from_secs(life) };
        RefreshState::new(Secret::new("one"), terms, START)
    }

    #[test]
    fn it_is_due_a_minute_and_up_to_a_tenth_before_it_is_past() {
        for (life, first_byte, due, past) in [
            (3600, 0, 3540, 3600),
            (3600, 255, 3180, 3600),
            (3600, 128, 3360, 3600),
            (60, 0, 30, 60),
            (4, 0, 2, 4),
            (4, 255, 2, 4),
            (1, 0, 1, 1),
            (0, 255, 1, 1),
        ] {
            let (state, id) = (state(life), [first_byte; 16]);
            let at = |moment: Instant| moment.since(START).as_secs();
            let due_at = state.due(&id).expect("it has a token");
            assert_eq!((at(due_at), at(state.past())), (due, past), "{life} s, {first_byte}");
        }
        assert!(state(u64::MAX).due(&[0; 16]) > Some(START.after(Duration::from_secs(4_000_000_000))));
    }

    #[test]
    fn without_new_claims_the_age_of_the_old_ones_goes_on_and_the_new_token_is_kept() {
        let first = state(3600);
        let later = START.after(Duration::from_secs(3550));
        let next = first.next(Some(Secret::new("two")), None);
        assert_eq!(
            (next.version, next.past(), next.refresh_token.clone()),
            (1, first.past(), Some(Secret::new("two")))
        );
        let next = next.next(None, Some((later, Duration::from_secs(600))));
        assert_eq!(next.past(), later.after(Duration::from_secs(600)));
        assert_eq!((next.version, next.refresh_token), (2, Some(Secret::new("two"))));
        assert_eq!((next.scope, next.nonce), (first.scope, first.nonce));
    }

    /// Earlier gateways sealed a state without a token with an empty text, and one that counts for ever.
    #[test]
    fn a_state_without_a_token_is_never_due_and_seals_as_it_always_has() {
        let without = RefreshState { refresh_token: None, ..state(3600) };
        assert_eq!((without.due(&[0; 16]), state(3600).due(&[0; 16]).is_some()), (None, true));
        let earlier = ("", "openid offline_access", "once", 0_u32, START.seconds(), 3600_u32, 0_u16);
        let sealed = postcard::to_stdvec(&without).expect("bytes");
        assert_eq!(sealed, postcard::to_stdvec(&earlier).expect("bytes"));
        assert_eq!(postcard::from_bytes(&sealed), Ok(without));
    }
}
