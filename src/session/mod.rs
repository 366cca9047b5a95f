//! Sessions: who is signed in, kept by the browser in a sealed cookie and nowhere else.
//!
//! A [`Session`] ends when it was not used for the idle lifetime, and in any case after the absolute
//! one ([`Lifetimes`]). Using it moves `last_seen`; so that not every response sets a cookie, that
//! is written down only when a tenth of the idle lifetime has passed. Nothing moves `signed_in`.
//!
//! [`Sessions`] turns sessions into cookies and back. A cookie that does not open, is not whole, or
//! has reached its end is as good as none, and is cleared: [`Visit::Unreadable`]. A connection keeps the
//! session that it last opened, so that the same cookie is not opened again: [`LastOpened`].

mod cookie;
mod identity;
mod opened;
mod seal;
mod tokens;

use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::secret::Secret;
use crate::time::Instant;
use crate::web::{Request, SetCookie, Site};

pub use crate::secret::random;
pub use cookie::OUR_COOKIES_BYTES;
pub use identity::Identity;
pub use opened::LastOpened;
pub use seal::{BadKey, Key, KeyRing, Purpose, Unsealed};
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
    /// When they were last seen, to the precision with which it is kept.
    pub last_seen: Instant,
}

impl Session {
    /// Whether the session still counts at `now`. A session ends at its limit, not after it.
    pub fn is_live(&self, now: Instant, lifetimes: &Lifetimes) -> bool {
        now < self.last_seen.after(lifetimes.idle) && now < self.signed_in.after(lifetimes.absolute)
    }

    /// Whether enough time has passed that its use should be written down.
    pub fn is_due(&self, now: Instant, lifetimes: &Lifetimes) -> bool {
        now.since(self.last_seen) >= lifetimes.idle / 10
    }
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

/// Begins, reads, renews and ends sessions.
#[derive(Debug)]
pub struct Sessions {
    site: Arc<Site>,
    keys: Arc<KeyRing>,
    lifetimes: Lifetimes,
    cookie_name: String,
}

/// What a request's cookies say about who sent it.
#[derive(Debug)]
pub enum Visit {
    /// Somebody is signed in.
    SignedIn {
        /// Their session.
        session: Arc<Session>,
        /// Cookies to set, when the session's use is to be written down.
        renewed: Vec<SetCookie>,
    },
    /// There is no session cookie.
    Nobody,
    /// There is one that means nothing: changed, cut, foreign, too large, or at its end.
    Unreadable {
        /// Cookies to set, so that it goes.
        clear: Vec<SetCookie>,
    },
}

impl Sessions {
    /// Sessions of `site`, sealed with `keys`.
    pub fn new(site: Arc<Site>, keys: Arc<KeyRing>, lifetimes: Lifetimes) -> Self {
        let cookie_name = site.cookie_name("session");
        Self { site, keys, lifetimes, cookie_name }
    }

    /// Somebody has signed in: a new session, and the cookies that replace any older one.
    pub fn begin(
        &self,
        identity: Identity,
        id_token: Secret,
        refresh_token: Option<Secret>,
        now: Instant,
    ) -> (Session, Vec<SetCookie>) {
        let session = Session { id: random(), identity, signed_in: now, last_seen: now };
        let (session, sealed) = cookie::fit(session, &self.keys);
        let mut cookies = cookie::write(&self.site, &sealed);
        cookies.push(tokens::keep(
            &self.site,
            &self.keys,
            session.id,
            Tokens { id_token: Some(id_token), refresh_token },
        ));
        (session, cookies)
    }

    /// When this session ends, however much it is used.
    pub fn ends(&self, session: &Session) -> Instant {
        session.signed_in.after(self.lifetimes.absolute)
    }

    /// What the sign-in of this session brought, for signing out. Only requests for our own pages carry it.
    pub fn tokens(&self, request: &Request<'_>, session: &Session) -> Tokens {
        tokens::read(&self.site, &self.keys, request, session.id)
    }

    /// Who is signed in, if anybody is. `last` is what the same connection opened before.
    pub fn read(&self, request: &Request<'_>, now: Instant, last: &mut LastOpened) -> Visit {
        let session = match cookie::read(&self.cookie_name, self.site.cookie_prefix(), request) {
            cookie::Found::Nothing => return Visit::Nobody,
            cookie::Found::Sealed(sealed) => last.open(&self.keys, &sealed),
            cookie::Found::NotWhole => None,
        };
        match session {
            Some(mut session) if session.is_live(now, &self.lifetimes) => {
                let mut renewed = Vec::new();
                if session.is_due(now, &self.lifetimes) {
                    Arc::make_mut(&mut session).last_seen = now;
                    renewed = cookie::write(&self.site, &cookie::seal(&session, &self.keys));
                }
                Visit::SignedIn { session, renewed }
            }
            _ => Visit::Unreadable { clear: self.end(request) },
        }
    }

    /// The session is over: cookies that clear every part of it that the request brought, and the
    /// whole of what is ours where that is more than we accept.
    pub fn end(&self, request: &Request<'_>) -> Vec<SetCookie> {
        let prefix = self.site.cookie_prefix();
        let too_much = cookie::bytes_of_ours(prefix, request) > OUR_COOKIES_BYTES;
        let mut names: Vec<&str> = request
            .cookies()
            .map(|(name, _)| name)
            .filter(|name| cookie::is_part(&self.cookie_name, name) || (too_much && name.starts_with(prefix)))
            .collect();
        names.push(&self.cookie_name);
        names.sort_unstable();
        names.dedup();
        let cleared = names.into_iter().take(cookie::MOST_CLEARED).map(|name| self.site.clear_cookie(name));
        cleared.chain([self.site.clear_private_cookie(tokens::COOKIE)]).collect()
    }
}

#[cfg(test)]
mod tests;
