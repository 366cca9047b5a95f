//! Sessions: who is signed in, and how a browser shows it.
//!
//! ```text
//! Cookies ─► handle, stamp ─► SessionStore ─► Session, last seen ─► alive? ─► SessionLookup and CookieChanges
//! ```
//!
//! A [`Session`] ends when it was not used for the idle lifetime, and in any case after the absolute
//! one ([`Lifetimes`]). Using it moves the moment it was last seen; so that not every response sets a cookie, that
//! is written down only when a tenth of the idle lifetime has passed. Nothing moves `signed_in`.
//!
//! [`Sessions`] takes the cookies of a request, and gives changes to cookies; it knows neither requests nor responses.
//! A cookie that does not open, is not whole, or has reached its end is as good as none, and is cleared:
//! [`SessionLookup::Invalid`]. A connection keeps the session that it last opened, so that the same cookie is not
//! opened again: [`LastOpened`].

mod cookie;
mod cookie_store;
mod identity;
mod opened;
mod revocations;
mod seal;
mod store;
mod tokens;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::secret::Secret;
use crate::time::Instant;
use crate::web::{CookieChanges, Cookies, Site};

use cookie_store::CookieStore;

pub use crate::secret::random;
pub use cookie::OUR_COOKIES_BYTES;
pub use identity::{ClaimValue, GROUPS, Identity};
pub use opened::LastOpened;
pub use revocations::Revocations;
pub use seal::{BadKey, Deployment, Key, KeyRing, Purpose, Unsealed};
pub use store::{SessionStore, Stored};
pub use tokens::Tokens;

/// A session's own name, random, new with every sign-in.
pub type SessionId = [u8; 16];

/// Someone signed in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// Which session this is.
    pub id: SessionId,
    /// Who is signed in.
    pub identity: Identity,
    /// When they signed in.
    pub signed_in: Instant,
}

/// How long a session lasts unused, and at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lifetimes {
    idle: Duration,
    absolute: Duration,
}

impl Lifetimes {
    /// None when one of them is nothing, or `idle` is longer than `absolute`.
    pub fn new(idle: Duration, absolute: Duration) -> Option<Self> {
        (!idle.is_zero() && idle <= absolute).then_some(Self { idle, absolute })
    }
}

/// Begins, finds and ends sessions.
#[derive(Debug)]
pub struct Sessions {
    site: Arc<Site>,
    keys: Arc<KeyRing>,
    lifetimes: Lifetimes,
    store: CookieStore,
    names: cookie::Names,
    revocations: Arc<Revocations>,
}

/// What a request's cookies say about who sent it.
#[derive(Debug)]
pub enum SessionLookup {
    /// Somebody is signed in.
    Active {
        /// Their session.
        session: Arc<Session>,
        /// How their browser learns that the session was used, where that is to be written down.
        changes: CookieChanges,
    },
    /// There is no session cookie.
    None,
    /// There is one that means nothing: changed, cut, foreign, too large, or at its end.
    Invalid {
        /// How the browser gets rid of it.
        changes: CookieChanges,
    },
}

impl Sessions {
    /// Sessions of `site`, sealed with `keys`. Where somebody is in more groups than can be kept, those that `needed`
    /// names are: the ones that decide about something.
    pub fn new(
        site: Arc<Site>,
        keys: Arc<KeyRing>,
        lifetimes: Lifetimes,
        needed: BTreeSet<String>,
        revocations: Arc<Revocations>,
    ) -> Self {
        let (store, names) = (CookieStore::new(Arc::clone(&keys), needed), cookie::Names::of(&site));
        Self { site, keys, lifetimes, store, names, revocations }
    }

    /// Somebody has signed in: a new session, and the changes that put it in place of whatever `cookies` show.
    pub async fn begin(
        &self,
        identity: Identity,
        id_token: Secret,
        refresh_token: Option<Secret>,
        cookies: Cookies<'_>,
        now: Instant,
    ) -> (Session, CookieChanges) {
        let signed_in = self.revocations.beginning(&identity.subject, now);
        let session = Session { id: random(), identity, signed_in };
        let (session, handle) = self.store.create(session).await;
        let tokens = Tokens { id_token: Some(id_token), refresh_token };
        let mut changes = self.clear(cookies);
        changes.extend(cookie::keep(&self.site, &handle));
        let room = cookie::room_for_tokens(&handle);
        changes.push(tokens::keep(&self.site, &self.keys, session.id, tokens, room));
        (session, changes)
    }

    /// How many bytes cookies of sign-ins under way, whose full names begin with `prefix`, may have once `changes` are made.
    pub fn room_for_sign_ins(&self, cookies: Cookies<'_>, changes: &CookieChanges, prefix: &str) -> usize {
        self.names.room(&self.site, cookies, changes, prefix)
    }

    /// When this session ends, however much it is used.
    pub fn ends(&self, session: &Session) -> Instant {
        session.signed_in.after(self.lifetimes.absolute)
    }

    /// What the sign-in of this session brought, for signing out. Only requests for our own pages carry it.
    pub fn tokens(&self, cookies: Cookies<'_>, session: &Session) -> Tokens {
        tokens::read(&self.site, &self.keys, cookies, session.id)
    }

    /// Who is signed in, if anybody is. `last` is what the same connection opened before.
    pub async fn find(&self, cookies: Cookies<'_>, now: Instant, last: &mut LastOpened) -> SessionLookup {
        let found = match self.names.find(cookies) {
            cookie::Found::Nothing => return SessionLookup::None,
            cookie::Found::Handle(handle, stamp) => last.open(&self.store, &handle, stamp).await,
            cookie::Found::NotWhole => None,
        };
        match found {
            Some(found)
                if self.is_live(&found.session, found.last_seen, now) && !found.has_ended(&self.revocations) =>
            {
                let mut changes = CookieChanges::default();
                if now.since(found.last_seen) >= self.lifetimes.idle / 10 {
                    let stamp = self.store.touch(&found.session, now).await;
                    changes.extend(stamp.map(|stamp| cookie::keep_stamp(&self.site, &stamp)));
                }
                SessionLookup::Active { session: Arc::clone(&found.session), changes }
            }
            _ => SessionLookup::Invalid { changes: self.clear(cookies) },
        }
    }

    /// Whether the session still counts at `now`. A session ends at its limit, not after it.
    fn is_live(&self, session: &Session, last_seen: Instant, now: Instant) -> bool {
        last_seen.began_within(self.lifetimes.idle, now) && session.signed_in.began_within(self.lifetimes.absolute, now)
    }

    /// Ends this session: from now on it opens nothing here.
    pub fn end(&self, session: &Session) {
        self.revocations.end(session);
    }

    /// Ends every session of this person.
    pub fn end_all(&self, subject: &str, now: Instant) {
        self.revocations.end_all(subject, now);
    }

    /// How many sessions and people this process remembers to have ended.
    pub fn revocations(&self) -> usize {
        self.revocations.len()
    }

    /// Whether a session that was found before has ended since: it was signed out, or is past its absolute end.
    pub fn has_ended(&self, session: &Session, now: Instant) -> bool {
        now >= self.ends(session) || self.revocations.has_ended(session)
    }

    /// Takes every cookie of a session from the browser.
    pub fn clear(&self, cookies: Cookies<'_>) -> CookieChanges {
        let mut changes: CookieChanges = self.names.clear(&self.site, cookies).into_iter().collect();
        changes.push(self.site.clear_private_cookie(tokens::COOKIE));
        changes
    }
}

#[cfg(test)]
mod tests;
