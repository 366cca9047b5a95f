//! Sessions: who is signed in, and how a browser shows it.
//!
//! ```text
//! Cookies ─► handle, stamp ─► SessionStore ─► Session, last seen ─► alive? ─► SessionLookup and CookieChanges
//!                              cookie or redis
//! ```
//!
//! A [`Session`] ends when it was not used for the idle lifetime, and in any case after the absolute
//! one ([`Lifetimes`]). Using it moves the moment it was last seen; so that not every response sets a cookie, that
//! is written down only when a tenth of the idle lifetime has passed, or a minute where a store keeps it. Nothing moves
//! `signed_in`.
//!
//! [`Sessions`] takes the cookies of a request, and gives changes to cookies; it knows neither requests nor responses.
//! A cookie that does not open, is not whole, or was signed out counts as none and is cleared:
//! [`SessionLookup::Invalid`]. One that has expired counts as none and is not cleared, so that nobody is signed out by a
//! clock that was ahead for a while: [`SessionLookup::Over`]. While the store does not answer nothing is known:
//! [`SessionLookup::Unavailable`]. A connection keeps the session that it last opened, so that the same cookie is not opened
//! again: [`LastOpened`].
//!
//! A session that came with a refresh token says when it is [`Due`]. `signin` asks the provider; this module sees to it
//! that only one request does so at a time, among replicas too where there is a store ([`Sessions::begin_refresh`]), and
//! that the result is kept before any of them is answered ([`Sessions::replace`]).

mod changes;
mod cookie;
mod cookie_store;
mod due;
mod estimate;
mod identity;
mod lease;
mod opened;
mod redis;
mod refresh;
mod refreshes;
mod revocations;
mod seal;
mod store;
mod tokens;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tracing::warn;

use crate::secret::Secret;
use crate::time::{Instant, SEALED_AHEAD};
use crate::web::{CookieChanges, Cookies, SetCookie, Site};

use cookie::Held;
use cookie_store::CookieStore;
use lease::Lease;
use opened::Opened;
use redis::RedisStore;
use revocations::{Ending, id_digest, token_digest};
use seal::sealed_with;
use store::{Created, EndedTogether, Found, SessionStore as _, Stored, Usage};

pub use crate::secret::random;
pub use due::{Due, Kept, RefreshLock};
pub use estimate::CookieEstimate;
pub use identity::{ClaimValue, GROUPS, Identity};
pub use opened::LastOpened;
pub use redis::{Announcements, Password, Redis, RedisSettings, Servers};
pub use refresh::{RefreshState, RefreshTerms};
pub use refreshes::{FailureOf, RefreshEnd, RefreshTurn, Refreshes, Refreshing};
pub use revocations::{Revocations, Whose};
pub use seal::{Deployment, Key, KeyRing, Purpose};
pub use store::{NoSession, Unavailable};
pub use tokens::Tokens;

/// The id of a session: random, new with every sign-in.
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
    /// The org's own session that it came of (`sid`), by which the org may end it.
    pub sid: Option<String>,
    /// Whether the provider says that the e-mail address is theirs (`email_verified`).
    pub has_verified_email: bool,
    /// Where it was begun; only a store keeps that.
    pub device: Option<Device>,
    /// Whether its owner asked to stay signed in when the browser is closed.
    pub stays: bool,
    /// What it stands for, where it is of another host than the one where people sign in.
    pub lease: Option<Lease>,
}

impl Session {
    /// Its owner's e-mail address, as far as the provider says that it is theirs.
    fn verified_email(&self) -> Option<&str> {
        self.identity.email.as_deref().filter(|_| self.has_verified_email)
    }
}

/// From where a session was begun, for its owner to recognise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Device {
    /// What the browser calls itself (`User-Agent`), at most [`Device::BROWSER_BYTES`] of it.
    pub browser: String,
    /// The address it came from.
    pub address: Option<std::net::IpAddr>,
}

impl Device {
    /// How much of a browser's own words is kept.
    pub const BROWSER_BYTES: usize = 200;
}

/// What a sign-in brought that makes a session.
pub struct NewSession {
    /// Who signed in.
    pub identity: Identity,
    /// The org's own session (`sid`), where it names one.
    pub sid: Option<String>,
    /// Whether the provider says that the e-mail address is theirs.
    pub has_verified_email: bool,
    /// Whether they asked to stay signed in when the browser is closed.
    pub stays: bool,
    /// From where.
    pub device: Device,
    /// The ID token as it came, for the logout.
    pub id_token: Secret,
    /// The refresh token, where there is one.
    pub refresh_token: Option<Secret>,
    /// How the session is refreshed with it, where it is.
    pub refresh_terms: Option<RefreshTerms>,
}

/// A session that has just begun.
pub struct Begun {
    /// The session, without claims for which there is no room.
    pub session: Session,
    /// What puts it into the browser, in place of whatever was there.
    pub changes: CookieChanges,
    /// The refresh token, where it was to refresh the session and nothing has room for it: nobody has it any more.
    pub dropped: Option<Secret>,
    /// The session that the browser had before, which has ended.
    pub earlier: Option<Earlier>,
}

/// A session that another one has taken the place of in its browser.
pub struct Earlier {
    /// The session.
    pub session: Session,
    /// Its refresh token, where this request shows it or the store has it.
    pub refresh_token: Option<Secret>,
}

/// A session of somebody who looks at their own.
#[derive(Clone, Debug)]
pub struct OwnSession {
    /// What a form calls it; nothing that opens it.
    pub name: String,
    /// The session.
    pub session: Session,
    /// When it was last used.
    pub last_seen: Instant,
    /// What it is refreshed with.
    pub refresh_token: Option<Secret>,
    /// Whether it is the one that they look from.
    pub is_current: bool,
}

/// What is known of a token that may come once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenUse {
    /// It comes for the first time.
    First,
    /// It came before, and what it asks for may have been done in part.
    Interrupted,
    /// What it asks for was done, or is being done.
    Done,
}

/// A person whom a provider knows, where nobody needs to be told who it is: a digest of both names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Owner([u8; 32]);

impl Owner {
    /// Whose session this is.
    pub fn of(session: &Session) -> Self {
        let Identity { provider, subject, .. } = &session.identity;
        Self(Whose::Person(subject).digest(provider))
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

/// Begins, finds and ends sessions.
#[derive(Debug)]
pub struct Sessions {
    site: Arc<Site>,
    keys: Arc<KeyRing>,
    lifetimes: Lifetimes,
    is_persistent: bool,
    providers: BTreeSet<String>,
    store: Store,
    /// After how long at most the use of a session is written down.
    touch_after: Duration,
    names: cookie::Names,
    revocations: Arc<Revocations>,
    refreshes: Arc<Refreshes>,
}

/// What [`Sessions`] is made of.
pub struct SessionParts {
    /// The public side.
    pub site: Arc<Site>,
    /// What seals.
    pub keys: Arc<KeyRing>,
    /// How long sessions last.
    pub lifetimes: Lifetimes,
    /// Whether browsers keep the cookies of people who asked for it when they are closed.
    pub is_persistent: bool,
    /// The shortest that any route lets a session go unused, where one says so.
    pub shortest_idle: Option<Duration>,
    /// Where somebody is in more groups than a cookie holds, those that are kept: they decide about something.
    pub needed: BTreeSet<String>,
    /// The configured providers: a session of any other, from an earlier configuration, does not count.
    pub providers: BTreeSet<String>,
    /// Which sessions have ended before their time.
    pub revocations: Arc<Revocations>,
    /// Which sessions are being refreshed.
    pub refreshes: Arc<Refreshes>,
    /// The store; none where browsers keep their sessions.
    pub redis: Option<Arc<Redis>>,
    /// Whether a store also lists sessions by their owners' e-mail addresses.
    pub lists_addresses: bool,
}

/// Where sessions are kept.
#[derive(Debug)]
enum Store {
    Cookie(CookieStore),
    Redis(RedisStore),
}

impl Store {
    async fn create(&self, session: Session, refresh: Option<RefreshState>) -> Result<Created, Unavailable> {
        match self {
            Self::Cookie(store) => store.create(session, refresh).await,
            Self::Redis(store) => store.create(session, refresh).await,
        }
    }

    async fn load(&self, held: &Held<'_>) -> Result<Stored, NoSession> {
        match self {
            Self::Cookie(store) => store.load(held).await,
            Self::Redis(store) => store.load(held).await,
        }
    }

    async fn touch(&self, session: &Session, usage: Usage) -> Result<Option<String>, Unavailable> {
        match self {
            Self::Cookie(store) => store.touch(session, usage).await,
            Self::Redis(store) => store.touch(session, usage).await,
        }
    }
}

/// What a request's cookies say about who sent it.
#[derive(Debug)]
pub enum SessionLookup {
    /// Somebody is signed in.
    Active {
        /// Their session.
        session: Arc<Session>,
        /// How it was used, this time counted.
        usage: Usage,
        /// How their browser learns that the session was used or refreshed, where that is to be written down.
        changes: CookieChanges,
        /// Where it is to be refreshed: how.
        due: Option<Box<Due>>,
    },
    /// There is no session cookie.
    None,
    /// There is one that has expired by our clock, or that begins after now. The browser keeps it.
    Over,
    /// There is one that does not count: changed, cut, of another deployment, too large, or signed out.
    Invalid {
        /// How the browser gets rid of it.
        changes: CookieChanges,
        /// Whether it is one of ours that the store does not have.
        is_missing: bool,
    },
    /// There is one, and the store does not answer. The browser keeps it.
    Unavailable,
}

impl Sessions {
    /// With everything it needs.
    pub fn new(parts: SessionParts) -> Self {
        let (keys, lifetimes) = (parts.keys, parts.lifetimes);
        let tenth = parts.shortest_idle.map_or(lifetimes.idle, |idle| idle.min(lifetimes.idle)) / 10;
        let (store, touch_after) = match parts.redis {
            Some(redis) => {
                let store = RedisStore::new(redis, Arc::clone(&keys), lifetimes, parts.lists_addresses);
                (Store::Redis(store), tenth.min(redis::TOUCH_INTERVAL))
            }
            None => (Store::Cookie(CookieStore::new(Arc::clone(&keys), parts.needed)), tenth),
        };
        Self {
            names: cookie::Names::of(&parts.site),
            site: parts.site,
            keys,
            lifetimes,
            is_persistent: parts.is_persistent,
            providers: parts.providers,
            store,
            touch_after,
            revocations: parts.revocations,
            refreshes: parts.refreshes,
        }
    }

    /// Somebody has signed in. The session that `cookies` show ends, with its leases, once the new one is kept.
    ///
    /// # Errors
    /// The store does not answer.
    pub async fn begin(&self, new: NewSession, cookies: Cookies<'_>, now: Instant) -> Result<Begun, Unavailable> {
        let mut session = Session {
            id: random(),
            identity: new.identity,
            signed_in: now,
            sid: new.sid,
            has_verified_email: new.has_verified_email,
            device: Some(new.device),
            stays: new.stays,
            lease: None,
        };
        session.signed_in = self.revocations.beginning(&session, now);
        let refresh = new.refresh_token.clone().zip(new.refresh_terms);
        let refresh = refresh.map(|(token, terms)| RefreshState::new(token, terms, now));
        let is_refreshed = refresh.is_some();
        let earlier = self.earlier(cookies, now).await;
        let created = self.store.create(session, refresh).await?;
        if let Some(Earlier { session, .. }) = &earlier
            && self.end(session).await.is_err()
        {
            warn!("other replicas learn of the end of a replaced session only once the store answers");
        }
        let refresh_token = new.refresh_token.filter(|_| created.refresh.is_none());
        let mut tokens = Tokens { id_token: Some(new.id_token), refresh_token };
        let dropped = tokens.refresh_token.clone().filter(|_| is_refreshed);
        let mut changes = self.clear(cookies);
        changes.extend(self.keep(&created, &mut tokens, now));
        let dropped = dropped.filter(|_| tokens.refresh_token.is_none());
        Ok(Begun { session: created.session, changes, dropped, earlier })
    }

    /// The session that these cookies show, unless it has ended.
    async fn earlier(&self, cookies: Cookies<'_>, now: Instant) -> Option<Earlier> {
        let session = self.shown(cookies).await?.session;
        if self.has_ended(&session, now) {
            return None;
        }
        let refresh_token = self.tokens(cookies, &session).await.refresh_token;
        Some(Earlier { session, refresh_token })
    }

    /// The cookies of a session that has just begun; what there is no room for is taken out of `tokens`.
    fn keep(&self, created: &Created, tokens: &mut Tokens, now: Instant) -> CookieChanges {
        let Created { session, handle, refresh } = created;
        let mut changes = CookieChanges::default();
        let stays = self.stays(session, now);
        let beside = match &self.store {
            Store::Cookie(store) => refresh.as_ref().map(|state| (store, state)),
            Store::Redis(_) => None,
        };
        let taken = beside.map_or(0, |(store, state)| store.seal_refresh(session, state).len() + cookie_store::GROWTH);
        let room = cookie::room_beside(handle);
        let room_for_tokens = room.saturating_sub(taken).min(cookie::PART_BYTES);
        let tokens = tokens::seal(&self.keys, session.id, tokens, room_for_tokens);
        if let Some((store, state)) = beside {
            let room = (room - tokens.as_ref().map_or(0, String::len)).min(cookie::PART_BYTES);
            let state = RefreshState { room: u16::try_from(room).unwrap_or(u16::MAX), ..state.clone() };
            // Before the session, which does not open without it: where answers are broken off there is none.
            changes.push(self.site.set_cookie(cookie::REFRESH, &store.seal_refresh(session, &state), stays));
        }
        changes.extend(cookie::keep(&self.site, handle, stays));
        changes.push(match tokens {
            Some(sealed) => self.site.set_private_cookie(tokens::COOKIE, &sealed, stays),
            None => self.site.clear_private_cookie(tokens::COOKIE),
        });
        changes
    }

    /// A lease for another host of `session`, which `cookies` show: its handle, to be shown there with
    /// [`Sessions::arrive`]; and how the browser learns that the session itself was used.
    ///
    /// # Errors
    /// The store does not answer.
    pub async fn lend(
        &self,
        session: &Session,
        host: &str,
        cookies: Cookies<'_>,
        now: Instant,
    ) -> Result<(String, CookieChanges), Unavailable> {
        let before = self.shown(cookies).await.filter(|shown| shown.session.id == session.id);
        let usage = before.map_or_else(|| Usage::begun(session), |shown| shown.usage).at(now);
        let lease = self.store.create(session.lease(random(), host, usage), None).await?;
        let stamp = self.stamp(session, usage, now).await?;
        Ok((lease.handle, stamp.into_iter().collect()))
    }

    /// The lease behind a handle that came to `site`, and the changes that put it in place of whatever `cookies` show.
    /// None where it does not count there, what it stands for has ended meanwhile, or the store does not answer.
    pub async fn arrive(
        &self,
        site: &Site,
        handle: &str,
        cookies: Cookies<'_>,
        now: Instant,
    ) -> Option<(Session, CookieChanges)> {
        let held = Held { handle: handle.into(), ..Held::default() };
        let session = self.store.load(&held).await.ok()?.session;
        if !session.counts_at(site, now) || self.has_ended(&session, now) {
            return None;
        }
        // A lease that is renewed goes on with its own use at this host, of which the sign-in host does not know.
        let is_renewed =
            |before: &Stored| before.session.root() == session.root() && before.session.counts_at(site, now);
        let before = self.shown(cookies).await.filter(is_renewed);
        let usage = before.map_or_else(|| Usage::begun(&session), |before| before.usage).at(now);
        let stamp = self.stamp(&session, usage, now).await.ok()?;
        // Only the sign-in host has the tokens of a session.
        let mut changes: CookieChanges = self.names.clear(&self.site, cookies).into_iter().collect();
        changes.extend([self.site.set_cookie("session", handle, None)]);
        changes.extend(stamp);
        Some((session, changes))
    }

    /// What is kept of the session that these cookies show.
    async fn shown(&self, cookies: Cookies<'_>) -> Option<Stored> {
        self.store.load(&self.names.held(cookies)?).await.ok()
    }

    /// How many bytes cookies of sign-ins under way, whose full names begin with `prefix`, may have once `changes` are made.
    pub fn room_for_sign_ins(&self, cookies: Cookies<'_>, changes: &CookieChanges, prefix: &str) -> usize {
        self.names.room(&self.site, cookies, changes, prefix)
    }

    /// When this session ends, however much it is used.
    pub fn ends(&self, session: &Session) -> Instant {
        session.signed_in.after(self.lifetimes.absolute)
    }

    /// Whether people are offered to stay signed in when their browser is closed.
    pub fn is_persistent(&self) -> bool {
        self.is_persistent
    }

    /// For how long the browser keeps the cookies of this session; until it is closed, where nothing is said. Those of
    /// another host can be had again.
    fn stays(&self, session: &Session, now: Instant) -> Option<Duration> {
        let stays = self.is_persistent && session.stays && session.lease.is_none();
        stays.then(|| self.ends(session).since(now))
    }

    /// What the sign-in of this session brought, for signing out, and the newest refresh token. Only requests for our own
    /// pages carry it all.
    pub async fn tokens(&self, cookies: Cookies<'_>, session: &Session) -> Tokens {
        let mut tokens = tokens::read(&self.site, &self.keys, cookies, session.root());
        if let Some(state) = self.refresh_state(cookies, session).await {
            tokens.refresh_token = state.refresh_token;
        }
        tokens
    }

    /// Who is signed in at `site`, if anybody is. `last` is what the same connection opened before.
    pub async fn find(&self, site: &Site, cookies: Cookies<'_>, now: Instant, last: &mut LastOpened) -> SessionLookup {
        let held = match self.names.find(cookies) {
            cookie::Found::Nothing => return SessionLookup::None,
            cookie::Found::Handle(held) => held,
            cookie::Found::NotWhole => return self.invalid(cookies, false),
        };
        let (opened, refreshed) = match self.open(&held, now, last).await {
            Ok(opened) => self.newest(opened, &held, last, now).await,
            Err(NoSession::Unavailable(_)) => return SessionLookup::Unavailable,
            Err(why) => return self.invalid(cookies, why == NoSession::Missing),
        };
        let before = opened.usage();
        let counts = opened.session.counts_at(site, now) && self.providers.contains(&opened.session.identity.provider);
        if !counts || opened.has_ended(&self.revocations) {
            return self.invalid(cookies, false);
        }
        if !self.is_within_lifetimes(&opened.session, before.last_seen, now) {
            return SessionLookup::Over;
        }
        let usage = before.at(now);
        let changes = match refreshed {
            // One cookie in an answer: some proxies pass on no second one, and its use can be written down the next time.
            Some(cookie) => [cookie].into_iter().collect(),
            None => self.write_down(&opened, usage, now).await,
        };
        let due = self.due(&held, &opened, now).map(Box::new);
        SessionLookup::Active { session: Arc::clone(&opened.session), usage, changes, due }
    }

    fn invalid(&self, cookies: Cookies<'_>, is_missing: bool) -> SessionLookup {
        SessionLookup::Invalid { changes: self.clear(cookies), is_missing }
    }

    /// The session behind a handle, which the connection may still have; not once the key is over that sealed it.
    async fn open(&self, held: &Held<'_>, now: Instant, last: &mut LastOpened) -> Result<Arc<Opened>, NoSession> {
        let is_sealed = || sealed_with(&held.handle).is_some_and(|key| self.keys.is_in_use(key, now));
        let known = last.of(held).filter(|_| is_sealed());
        let opened = match (&self.store, known) {
            (Store::Cookie(_), Some(known)) => return Ok(Arc::clone(known)),
            (Store::Cookie(store), None) => Arc::new(Opened::new(store.load(held).await?, now)),
            (Store::Redis(store), Some(known)) if store.is_fresh(known, now) => return Ok(Arc::clone(known)),
            (Store::Redis(store), _) => store.open(&held.handle, now).await?,
        };
        last.keep(held, &opened);
        Ok(opened)
    }

    /// Writes down how a session was used, where a tenth of the shortest idle lifetime has passed since that was last
    /// done; with a store after a minute at the latest.
    async fn write_down(&self, opened: &Opened, usage: Usage, now: Instant) -> CookieChanges {
        let is_due = match &self.store {
            Store::Cookie(_) => now.since(opened.usage().last_seen) >= self.touch_after,
            Store::Redis(_) => opened.is_seen_first(now, self.touch_after),
        };
        if !is_due {
            return CookieChanges::default();
        }
        // What could not be written down now will be the next time.
        self.stamp(&opened.session, usage, now).await.ok().flatten().into_iter().collect()
    }

    /// Writes down how a session was used: the cookie that the browser must keep from now on, where that says it.
    async fn stamp(&self, session: &Session, usage: Usage, now: Instant) -> Result<Option<SetCookie>, Unavailable> {
        let stamp = self.store.touch(session, usage).await?;
        Ok(stamp.map(|stamp| self.site.set_cookie(cookie::SEEN, &stamp, self.stays(session, now))))
    }

    /// Whether the session is not at its limit, where it ends and not after it. A use that lies ahead, of a clock that was
    /// put right, is one of now: when the session began still bounds it.
    fn is_within_lifetimes(&self, session: &Session, last_seen: Instant, now: Instant) -> bool {
        last_seen.min(now).began_within(self.lifetimes.idle, now)
            && session.signed_in.began_within(self.lifetimes.absolute, now)
    }

    /// Ends this session and every lease of it, or the one that it is a lease of: from now on it opens nothing here, and in
    /// no other replica once the store knows of it.
    ///
    /// # Errors
    /// The store does not answer; it is told as soon as it does.
    pub async fn end(&self, session: &Session) -> Result<(), Unavailable> {
        let root = session.as_root();
        self.refreshes.forget(root.id);
        self.revocations.note(&Ending::Session(id_digest(root.id), session.signed_in));
        match &self.store {
            Store::Cookie(store) => store.end(&root).await,
            Store::Redis(store) => store.end(&root).await,
        }
    }

    /// Ends every session that began up to `now` and is one of those, by the names that this provider gave.
    pub async fn end_all(&self, provider: &str, whose: Whose<'_>, now: Instant) -> EndedTogether {
        let (up_to, mut found) = (self.revocations.ending(now), Found::default());
        self.revocations.note(&Ending::UpTo(whose.digest(provider), up_to));
        for opened in self.refreshes.forget_all(provider, whose, up_to) {
            found.add(&opened.session, opened.refresh.as_ref());
            if whose.may_have_changed() {
                self.revocations.note(&Ending::Session(id_digest(opened.session.id), opened.session.signed_in));
            }
        }
        let told = match &self.store {
            Store::Cookie(_) => Ok(()),
            Store::Redis(store) => store.end_all(provider, whose, up_to, &mut found).await,
        };
        found.ended(told)
    }

    /// Takes a token of this provider that may come once within `remembered`.
    ///
    /// # Errors
    /// Whether it came before cannot be told now.
    pub async fn take(
        &self,
        provider: &str,
        id: &str,
        remembered: Duration,
        now: Instant,
    ) -> Result<TokenUse, Unavailable> {
        let token = token_digest(provider, id);
        match &self.store {
            Store::Cookie(_) => self.revocations.take(token, now.after(remembered), now),
            Store::Redis(store) => store.take(&token, remembered).await,
        }
    }

    /// What that token asks for was done: it does not come again.
    ///
    /// # Errors
    /// That cannot be kept now.
    pub async fn done(&self, provider: &str, id: &str, remembered: Duration) -> Result<(), Unavailable> {
        match &self.store {
            Store::Cookie(_) => Ok(()),
            Store::Redis(store) => store.done(&token_digest(provider, id), remembered).await,
        }
    }

    /// Whether a store keeps sessions: then other processes may change them, and a person's can be listed.
    pub fn has_store(&self) -> bool {
        matches!(self.store, Store::Redis(_))
    }

    /// Uses a ticket of this id that counts for `time`: false where another replica has seen it used, which only a store
    /// tells.
    ///
    /// # Errors
    /// That cannot be told now.
    pub async fn use_ticket(&self, id: [u8; 16], time: Duration) -> Result<bool, Unavailable> {
        match &self.store {
            Store::Cookie(_) => Ok(true),
            Store::Redis(store) => store.use_once(&id_digest(id), time.saturating_add(SEALED_AHEAD)).await,
        }
    }

    /// The live sessions of this one's owner, the one that was used last first; none without a store.
    ///
    /// # Errors
    /// The store does not answer.
    pub async fn own(&self, session: &Session, now: Instant) -> Result<Vec<OwnSession>, Unavailable> {
        let Store::Redis(store) = &self.store else { return Ok(Vec::new()) };
        let provider = &session.identity.provider;
        let mut own = Vec::new();
        for Stored { session: other, usage, refresh } in store.of_person(session).await? {
            let last_seen = usage.last_seen;
            let is_live = self.providers.contains(provider) && self.is_within_lifetimes(&other, last_seen, now);
            if is_live && !self.revocations.has_ended(&other) {
                let is_current = other.root() == session.root();
                let (name, refresh_token) = (redis::name_of(&other), refresh.and_then(|state| state.refresh_token));
                own.push(OwnSession { name, session: other, last_seen, refresh_token, is_current });
            }
        }
        own.sort_by_key(|own| std::cmp::Reverse(own.last_seen));
        Ok(own)
    }

    /// Up to when all sessions of this person have ended, as far as this process knows; those of one session at the provider
    /// are not all.
    pub fn all_ended_up_to(&self, identity: &Identity, has_verified_email: bool) -> Option<Instant> {
        self.revocations.of_person(identity, has_verified_email)
    }

    /// How many sessions and people this process remembers to have ended.
    pub fn revocations(&self) -> usize {
        self.revocations.len()
    }

    /// Whether a session that was found before has ended since: it was signed out, or is past its absolute end, or past that
    /// of its lease. A lease that the browser has taken since is another one.
    pub fn has_ended(&self, session: &Session, now: Instant) -> bool {
        now >= self.ends(session) || session.is_lease_over(now) || self.revocations.has_ended(session)
    }

    /// The id of the key that sealed the session which these cookies show. It sealed all that a browser holds of it but what
    /// a refresh has brought since, and no session outlives it.
    pub fn key_of(&self, cookies: Cookies<'_>) -> Option<String> {
        sealed_with(&self.names.held(cookies)?.handle).map(str::to_owned)
    }

    /// Who these cookies' session belongs to, whether or not it still counts.
    pub fn owner(&self, cookies: Cookies<'_>) -> Option<Owner> {
        let handle = self.names.held(cookies)?.handle;
        match &self.store {
            Store::Cookie(store) => store.owner(&handle),
            Store::Redis(store) => store.owner(&handle),
        }
    }

    /// Whether a session could be begun now, or a lease be taken.
    pub fn can_begin(&self) -> bool {
        match &self.store {
            Store::Cookie(_) => true,
            Store::Redis(store) => store.can_begin(),
        }
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
