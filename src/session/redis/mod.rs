//! Sessions in Redis or Valkey: the browser holds a ticket, the store a sealed record.
//!
//! | key | value | lives |
//! |---|---|---|
//! | `gw:s:{id}` | `version.last seen-longest idle.sealed session`, with what refreshes it | the idle lifetime, or what is left of the absolute one |
//! | `gw:l:{id}` | random: who refreshes the session | 30 s |
//! | `gw:u:<person>` | sorted set of ids, by the end of their absolute lifetime | as its longest member |
//! | `gw:i:<session of the org>` | set of ids | the absolute lifetime |
//! | `gw:a:<e-mail address>` | sorted set of ids, as `gw:u:`; only where it is asked who has an address | as its longest member |
//! | `gw:n:<person>` | Unix seconds: what began up to then has ended | the absolute lifetime |
//! | `gw:e` | sorted set of endings, numbered, the last 100,000: what replicas read to learn of them | the absolute lifetime |
//! | `gw:j:<token>` | a token that may come once only | as long as it would be taken |
//! | `gw:h:<ticket>` | a ticket between hosts that was used | as long as it would count |
//!
//! `id`, `person` and `session of the org` are SHA-256 in base64url: who reads the store learns no id that opens
//! anything. The ticket is sealed too, so a forged cookie costs no command; and the record says which session it is,
//! so that records cannot be exchanged. Braces keep what belongs to one session in one slot of a cluster.
//!
//! A copy of what was read is kept for [`RedisSettings::cache`], so that most requests need no command. What ends is read from
//! `gw:e` every [`POLL`], and no copy opens a session that has ended. While the store is away, copies count for
//! [`RedisSettings::outage`]; sessions without one are [`Unavailable`]. Commands have a time-out, and once one has
//! failed all others fail at once until the connection is back (`link`).

mod link;
mod settings;

use std::collections::VecDeque;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use quick_cache::sync::Cache;
use redis::{Cmd, Script};
use zeroize::Zeroizing;

use super::cookie::Held;
use super::opened::Opened;
use super::revocations::{Digest, Ending, MOST, id_digest, root_digest, session_digest};
use super::store::{Created, Found, NoSession, Replaced, Unavailable, Usage};
use super::{
    KeyRing, Lifetimes, Purpose, RefreshState, Revocations, Session, SessionId, SessionStore, Stored, TokenUse, Whose,
    random,
};
use crate::metrics::Metrics;
use crate::time::Instant;

use link::Link;

pub use settings::{Password, RedisSettings, Servers};

/// The record's own version, so that a later gateway knows what it opens.
const FORMAT: u8 = 4;

/// How long the lock on a session that is refreshed lasts: longer than a call to the provider takes.
const LOCK: Duration = Duration::from_secs(30);

/// After how long the use of a session is written down, where a tenth of its idle lifetime is longer.
pub(super) const TOUCH_INTERVAL: Duration = Duration::from_secs(60);

/// How often it is asked what has ended.
const POLL: Duration = Duration::from_millis(400);

/// How many endings are read at once.
const POLL_BATCH: usize = 1000;

/// How many sessions have a copy; about 1 KB each.
const CACHED: usize = 20_000;

/// How many endings wait for a store that is away, and how many that were announced are remembered.
const MOST_WAITING: usize = 10_000;

/// For how long an ending that was announced is announced again to a server that takes the store's place: replication is
/// asynchronous, so that server may lack what the earlier one had confirmed.
const ANNOUNCED_AGAIN: Duration = Duration::from_secs(60);

/// How many sessions of one person are listed, the ones that end last.
const MOST_LISTED: usize = 100;

/// What stands under a token that may come once: while what it asks for is done, and afterwards.
const BEGUN: &str = "begun";
const DONE: &str = "done";

/// KEYS: the session. ARGV: Unix seconds, the longest that it was left alone in seconds, milliseconds to live. A use that
/// lies more than five minutes ahead is of a clock that was put right since.
const TOUCH: &str = "\
local v = redis.call('GET', KEYS[1])
if not v then return 0 end
local version, seen, rest = string.match(v, '^(%d+)%.(%d+)[-%d]*%.(.*)$')
local ahead = tonumber(seen or 0) - tonumber(ARGV[1])
if version and (ahead <= 0 or ahead > 300) then
  redis.call('SET', KEYS[1], version .. '.' .. ARGV[1] .. '-' .. ARGV[2] .. '.' .. rest, 'PX', ARGV[3])
end
return 1";

/// KEYS: the session. ARGV: its new version, the sealed session, milliseconds to live. Only what is there and older is
/// replaced.
const REPLACE: &str = "\
local v = redis.call('GET', KEYS[1])
if not v then return 0 end
local version, used = string.match(v, '^(%d+)%.([-%d]+)%.')
if not version or tonumber(version) >= tonumber(ARGV[1]) then return 1 end
redis.call('SET', KEYS[1], ARGV[1] .. '.' .. used .. '.' .. ARGV[2], 'PX', ARGV[3])
return 2";

/// KEYS: a lock. ARGV: who holds it.
const UNLOCK: &str = "\
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0";

/// KEYS: the endings. ARGV: one of them, how many are kept, seconds to live.
const ANNOUNCE: &str = "\
local last = redis.call('ZRANGE', KEYS[1], 0, 0, 'REV', 'WITHSCORES')
local number = (tonumber(last[2]) or 0) + 1
redis.call('ZADD', KEYS[1], number, ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', number - tonumber(ARGV[2]))
redis.call('EXPIRE', KEYS[1], ARGV[3])
return number";

/// KEYS: a moment up to which sessions have ended. ARGV: Unix seconds, seconds to live. A later one stays: what is announced
/// again may be older than what another replica has announced since.
const NOT_BEFORE: &str = "\
if (tonumber(redis.call('GET', KEYS[1])) or 0) <= tonumber(ARGV[1]) then
  redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[2])
end
return 0";

/// A store's connection, and what is kept of it in this process. Outlives a configuration.
pub struct Redis {
    settings: RedisSettings,
    link: Link,
    cache: Cache<SessionId, Arc<Opened>>,
    revocations: Arc<Revocations>,
    metrics: Arc<Metrics>,
    /// Endings that are still to be announced.
    waiting: Mutex<VecDeque<Announcement>>,
    /// Endings that were announced lately, in the order in which they last were.
    announced: Mutex<VecDeque<Announcement>>,
    /// Whether everything that had ended was read once.
    is_caught_up: AtomicBool,
    /// The last ending that was read, and its number.
    read_up_to: Mutex<(String, u64)>,
}

/// An ending that is told to the store, from which every replica reads it.
#[derive(Clone)]
struct Announcement {
    ending: Ending,
    /// For how long the store is to keep it.
    seconds: u64,
    /// When it was made for the first time; none before.
    first: Option<std::time::Instant>,
}

impl Announcement {
    /// Whether a server that takes the store's place may lack it.
    fn is_recent(&self) -> bool {
        self.first.is_some_and(|first| first.elapsed() < ANNOUNCED_AGAIN)
    }
}

impl fmt::Debug for Redis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Redis").field("settings", &self.settings).finish_non_exhaustive()
    }
}

impl Redis {
    /// Not connected before [`Redis::start`].
    pub fn new(settings: RedisSettings, revocations: Arc<Revocations>, metrics: Arc<Metrics>) -> Self {
        let link = Link::new(settings.clone(), Arc::clone(&metrics));
        Self {
            settings,
            link,
            cache: Cache::new(CACHED),
            revocations,
            metrics,
            waiting: Mutex::default(),
            announced: Mutex::default(),
            is_caught_up: AtomicBool::new(false),
            read_up_to: Mutex::default(),
        }
    }

    /// Connects, and stays connected until this is dropped. A second call does nothing.
    pub fn start(self: &Arc<Self>) {
        link::start(self);
    }

    /// What it was made of.
    pub fn settings(&self) -> &RedisSettings {
        &self.settings
    }

    /// Whether it ever was connected, and what had ended was read.
    pub fn has_been_connected(&self) -> bool {
        self.is_caught_up.load(Ordering::Acquire)
    }

    /// Whether it was connected when last asked.
    pub fn is_connected(&self) -> bool {
        self.link.is_connected()
    }

    fn key(&self, kind: &str, name: &str) -> String {
        format!("{}{kind}{name}", self.settings.prefix)
    }

    fn session_key(&self, digest: &Digest) -> String {
        self.listed_key(&text_of(digest))
    }

    /// The same by its name in a list.
    fn listed_key(&self, id: &str) -> String {
        self.slot_key("s:", id)
    }

    /// One in the slot of the session of that name.
    fn slot_key(&self, kind: &str, id: &str) -> String {
        self.key(kind, &format!("{{{id}}}"))
    }

    async fn ask<T: redis::FromRedisValue>(&self, command: &Cmd) -> Result<T, Unavailable> {
        self.link.ask(|mut connection| async move { command.query_async(&mut connection).await }).await
    }

    async fn run(
        &self,
        script: &Script,
        key: &str,
        arguments: &[impl redis::ToRedisArgs + Sync],
    ) -> Result<u64, Unavailable> {
        self.link
            .ask(|mut connection| async move {
                let mut call = script.prepare_invoke();
                call.key(key);
                for argument in arguments {
                    call.arg(argument);
                }
                call.invoke_async(&mut connection).await
            })
            .await
    }

    /// Tells every replica that something has ended. What cannot be told now waits.
    async fn announce(&self, ending: &Ending, seconds: u64) -> Result<(), Unavailable> {
        let result = self.tell(ending, seconds).await;
        let announcement = Announcement { ending: ending.clone(), seconds, first: None };
        match result {
            Ok(()) => self.remember(announcement),
            Err(Unavailable) => self.queue(announcement),
        }
        result
    }

    /// Has the next poll announce it.
    fn queue(&self, announcement: Announcement) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.len() >= MOST_WAITING {
            waiting.pop_front();
        }
        waiting.push_back(announcement);
    }

    /// Remembers for [`Redis::announce_again`] what has just been announced.
    fn remember(&self, mut announcement: Announcement) {
        announcement.first.get_or_insert_with(std::time::Instant::now);
        let mut announced = self.announced.lock().unwrap_or_else(PoisonError::into_inner);
        announced.push_back(announcement);
        while announced.len() > MOST_WAITING || announced.front().is_some_and(|oldest| !oldest.is_recent()) {
            announced.pop_front();
        }
    }

    /// Another server may answer from now on: has the next poll announce again what was announced lately.
    fn announce_again(&self) {
        let announced = std::mem::take(&mut *self.announced.lock().unwrap_or_else(PoisonError::into_inner));
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        // What was never announced keeps its place.
        let room = MOST_WAITING.saturating_sub(waiting.len());
        waiting.extend(announced.into_iter().filter(Announcement::is_recent).take(room));
    }

    async fn tell(&self, ending: &Ending, seconds: u64) -> Result<(), Unavailable> {
        match ending {
            Ending::Session(digest, _) => {
                let mut delete = redis::cmd("DEL");
                delete.arg(self.session_key(digest));
                self.ask::<()>(&delete).await?;
            }
            Ending::UpTo(digest, moment) => {
                let arguments = [moment.seconds().to_string(), seconds.max(1).to_string()];
                self.run(&Script::new(NOT_BEFORE), &self.key("n:", &text_of(digest)), &arguments).await?;
            }
        }
        let arguments = [written(ending), MOST.to_string(), seconds.max(1).to_string()];
        self.run(&Script::new(ANNOUNCE), &self.key("e", ""), &arguments).await.map(drop)
    }

    /// Tells what waits, and learns what others told since the last time.
    async fn poll(&self) -> Result<(), Unavailable> {
        loop {
            let next = self.waiting.lock().unwrap_or_else(PoisonError::into_inner).front().cloned();
            let Some(next) = next else { break };
            self.tell(&next.ending, next.seconds).await?;
            let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
            if waiting.front().is_some_and(|first| first.ending == next.ending) {
                waiting.pop_front();
            }
            drop(waiting);
            self.remember(next);
        }
        loop {
            let last = self.read_up_to.lock().unwrap_or_else(PoisonError::into_inner).clone();
            let endings = self.endings(last.1).await?;
            let is_first = last.1 == 0;
            // The last one that was read is read again: where it is another, the store began anew.
            if !is_first && endings.first() != Some(&last) {
                *self.read_up_to.lock().unwrap_or_else(PoisonError::into_inner) = (String::new(), 0);
                continue;
            }
            let news = if is_first { endings.as_slice() } else { &endings[1..] };
            for (member, _) in news {
                if let Some(ending) = read(member) {
                    self.revocations.note(&ending);
                }
            }
            if let Some(newest) = news.last() {
                self.metrics.revocations(self.revocations.len());
                *self.read_up_to.lock().unwrap_or_else(PoisonError::into_inner) = newest.clone();
            }
            if endings.len() < POLL_BATCH {
                self.is_caught_up.store(true, Ordering::Release);
                return Ok(());
            }
        }
    }

    async fn endings(&self, from: u64) -> Result<Vec<(String, u64)>, Unavailable> {
        let mut range = redis::cmd("ZRANGE");
        range.arg(self.key("e", "")).arg(from).arg("+inf").arg("BYSCORE");
        range.arg("LIMIT").arg(0).arg(POLL_BATCH).arg("WITHSCORES");
        let endings: Vec<(String, f64)> = self.ask(&range).await?;
        Ok(endings.into_iter().map(|(member, number)| (member, number as u64)).collect())
    }
}

/// An ending as `gw:e` has it: what and until when, then whose.
fn written(ending: &Ending) -> String {
    match ending {
        Ending::Session(digest, began) => format!("s{}.{}", began.seconds(), text_of(digest)),
        Ending::UpTo(digest, moment) => format!("u{}.{}", moment.seconds(), text_of(digest)),
    }
}

fn read(member: &str) -> Option<Ending> {
    let (kind, rest) = member.split_at_checked(1)?;
    let (seconds, digest) = rest.split_once('.')?;
    let moment = Instant::from_seconds(seconds.parse().ok()?);
    let digest = URL_SAFE_NO_PAD.decode(digest).ok()?.try_into().ok()?;
    match kind {
        "s" => Some(Ending::Session(digest, moment)),
        "u" => Some(Ending::UpTo(digest, moment)),
        _ => None,
    }
}

/// What a session is called where its id must not stand.
pub(super) fn name_of(session: &Session) -> String {
    text_of(&session_digest(session))
}

fn text_of(digest: &Digest) -> String {
    URL_SAFE_NO_PAD.encode(digest)
}

/// Keeps sessions in a store, as one configuration wants it.
#[derive(Debug)]
pub struct RedisStore {
    redis: Arc<Redis>,
    keys: Arc<KeyRing>,
    lifetimes: Lifetimes,
    /// Whether sessions are listed by their owners' addresses too.
    lists_addresses: bool,
}

/// The right to refresh a session, until it is given back or has passed.
#[derive(Debug)]
pub(super) struct Lock {
    key: String,
    holder: String,
}

/// What a browser holds: which session, and whose.
struct Ticket {
    session: SessionId,
    person: Digest,
}

impl RedisStore {
    pub(super) fn new(redis: Arc<Redis>, keys: Arc<KeyRing>, lifetimes: Lifetimes, lists_addresses: bool) -> Self {
        Self { redis, keys, lifetimes, lists_addresses }
    }

    pub(super) fn is_connected(&self) -> bool {
        self.redis.is_connected()
    }

    /// Whether what was opened need not be asked for again.
    pub(super) fn is_fresh(&self, opened: &Opened, now: Instant) -> bool {
        opened.was_read_within(self.redis.settings.cache, now)
    }

    /// The session behind a handle, or a copy of it.
    pub(super) async fn open(&self, handle: &str, now: Instant) -> Result<Arc<Opened>, NoSession> {
        let ticket = self.ticket(handle).ok_or(NoSession::Unreadable)?;
        let copy = self.redis.cache.get(&ticket.session);
        if let Some(copy) = copy.as_ref().filter(|copy| self.is_fresh(copy, now)) {
            return Ok(Arc::clone(copy));
        }
        match (self.read(&ticket).await, copy) {
            (Ok(found), Some(copy)) if found.session == *copy.session && found.refresh == copy.refresh => {
                copy.read_again(found.usage, now);
                Ok(copy)
            }
            (Ok(found), _) => {
                let opened = Arc::new(Opened::new(found, now));
                self.redis.cache.insert(ticket.session, Arc::clone(&opened));
                Ok(opened)
            }
            (Err(NoSession::Unavailable(_)), Some(copy)) if copy.was_read_within(self.redis.settings.outage, now) => {
                self.redis.metrics.session_copy_used();
                Ok(copy)
            }
            (Err(NoSession::Unavailable(away)), _) => Err(away.into()),
            (Err(why), _) => {
                self.redis.cache.remove(&ticket.session);
                Err(why)
            }
        }
    }

    async fn read(&self, ticket: &Ticket) -> Result<Stored, NoSession> {
        if !self.redis.has_been_connected() {
            return Err(Unavailable.into());
        }
        let digest = id_digest(ticket.session);
        let (mut session, mut not_before) = (redis::cmd("GET"), redis::cmd("GET"));
        session.arg(self.redis.session_key(&digest));
        not_before.arg(self.redis.key("n:", &text_of(&ticket.person)));
        // Of two slots of a cluster, so two commands; over one connection they travel together.
        let (record, not_before) =
            tokio::join!(self.redis.ask::<Option<Vec<u8>>>(&session), self.redis.ask::<Option<u64>>(&not_before));
        let (record, not_before) = (record?.ok_or(NoSession::Missing)?, not_before?);
        let found = self.opened_record(&record).ok_or(NoSession::Unreadable)?;
        if found.session.id != ticket.session {
            return Err(NoSession::Unreadable);
        }
        match not_before {
            Some(seconds) if found.session.signed_in.seconds() <= seconds => Err(NoSession::Missing),
            _ => Ok(found),
        }
    }

    fn ticket(&self, handle: &str) -> Option<Ticket> {
        let (session, person) = self.keys.open_value(Purpose::Ticket, handle)?;
        Some(Ticket { session, person })
    }

    /// Whose session that is.
    pub(super) fn owner(&self, handle: &str) -> Option<Digest> {
        self.ticket(handle).map(|ticket| ticket.person)
    }

    /// What a browser holds of this session.
    pub(super) fn ticket_of(&self, session: &Session) -> String {
        self.keys.seal_value(Purpose::Ticket, &(session.id, self.person(session)))
    }

    fn sealed(&self, session: &Session, refresh: Option<&RefreshState>) -> Vec<u8> {
        let plain = postcard::to_extend(&(session, refresh), vec![FORMAT]).expect("a session has a length");
        self.keys.seal_bytes(Purpose::Record, &Zeroizing::new(plain))
    }

    fn opened_record(&self, record: &[u8]) -> Option<Stored> {
        let mut parts = record.splitn(3, |byte| *byte == b'.');
        let (_version, used, sealed) = (parts.next()?, parts.next()?, parts.next()?);
        let (last_seen, idle) = std::str::from_utf8(used).ok()?.split_once('-')?;
        let plain = self.keys.open_bytes(Purpose::Record, sealed).ok()?;
        let (format, plain) = plain.split_first()?;
        let (session, refresh) = postcard::from_bytes(plain).ok().filter(|_| *format == FORMAT)?;
        let last_seen = Instant::from_seconds(last_seen.parse().ok()?);
        let usage = Usage { last_seen, longest_idle: Duration::from_secs(idle.parse().ok()?) };
        Some(Stored { session, usage, refresh })
    }

    /// The session that this one is or is a lease of, as the store has it now.
    pub(super) async fn current(&self, session: &Session) -> Result<Stored, NoSession> {
        self.listed(&text_of(&root_digest(session))).await?.ok_or(NoSession::Missing)
    }

    /// What was opened is the newest: other connections of this process get the same.
    pub(super) fn keep_copy(&self, opened: &Arc<Opened>) {
        self.redis.cache.insert(opened.session.id, Arc::clone(opened));
    }

    /// Keeps every other replica from refreshing a session, for [`LOCK`] at most; none where another one does.
    pub(super) async fn lock(&self, session: SessionId) -> Result<Option<Lock>, Unavailable> {
        let holder = URL_SAFE_NO_PAD.encode(random::<16>());
        let mut set = redis::cmd("SET");
        let key = self.lock_key(session);
        set.arg(&key).arg(&holder).arg("NX").arg("PX").arg(milliseconds(LOCK));
        match self.redis.ask::<Option<String>>(&set).await? {
            Some(_) => Ok(Some(Lock { key, holder })),
            None => {
                // The command may have been carried out and not answered, and then repeated.
                let mut get = redis::cmd("GET");
                get.arg(&key);
                let is_ours = self.redis.ask::<Option<String>>(&get).await?.as_ref() == Some(&holder);
                Ok(is_ours.then_some(Lock { key, holder }))
            }
        }
    }

    /// Others may refresh the session again.
    pub(super) async fn unlock(&self, lock: Lock) -> Result<(), Unavailable> {
        self.redis.run(&Script::new(UNLOCK), &lock.key, &[lock.holder]).await.map(drop)
    }

    fn lock_key(&self, session: SessionId) -> String {
        self.redis.slot_key("l:", &text_of(&id_digest(session)))
    }

    fn person(&self, session: &Session) -> Digest {
        Whose::Person(&session.identity.subject).digest(&session.identity.provider)
    }

    /// The key of the list that this session stands in beside its person's, where it came of a session of the org.
    fn org_session_key(&self, session: &Session) -> Option<String> {
        let sid = session.sid.as_deref()?;
        Some(self.redis.key("i:", &text_of(&Whose::OrgSession(sid).digest(&session.identity.provider))))
    }

    /// The key of the list of sessions whose owners have this one's address, where there is such a list.
    fn address_key(&self, session: &Session) -> Option<String> {
        let address = session.verified_email().filter(|_| self.lists_addresses)?;
        Some(self.redis.key("a:", &text_of(&Whose::Address(address).digest(&session.identity.provider))))
    }

    /// Puts a session into the lists by which it is found without its ticket.
    async fn list(&self, session: &Session) -> Result<(), Unavailable> {
        let (redis, id) = (&self.redis, text_of(&session_digest(session)));
        self.list_by_end(&redis.key("u:", &text_of(&self.person(session))), session).await?;
        if let Some(of_address) = self.address_key(session) {
            self.list_by_end(&of_address, session).await?;
        }
        let Some(of_org_session) = self.org_session_key(session) else { return Ok(()) };
        let (mut add, mut expire) = (redis::cmd("SADD"), redis::cmd("EXPIRE"));
        add.arg(&of_org_session).arg(&id);
        expire.arg(&of_org_session).arg(self.lifetimes.absolute.as_secs());
        redis.ask::<()>(&add).await?;
        redis.ask(&expire).await
    }

    /// Puts a session into a list that is sorted by when sessions end, and takes those out that are over.
    async fn list_by_end(&self, list: &str, session: &Session) -> Result<(), Unavailable> {
        let (absolute, id) = (self.lifetimes.absolute, text_of(&session_digest(session)));
        let ends = session.signed_in.after(absolute);
        let mut commands = [redis::cmd("ZREMRANGEBYSCORE"), redis::cmd("ZADD"), redis::cmd("EXPIRE")];
        commands[0].arg(list).arg("-inf").arg(session.signed_in.seconds());
        commands[1].arg(list).arg(ends.seconds()).arg(&id);
        commands[2].arg(list).arg(absolute.as_secs());
        for command in &commands {
            self.redis.ask::<()>(command).await?;
        }
        Ok(())
    }

    /// The session of that name in a list, where its record is there and opens.
    async fn listed(&self, id: &str) -> Result<Option<Stored>, Unavailable> {
        let mut get = redis::cmd("GET");
        get.arg(self.redis.listed_key(id));
        let record: Option<Vec<u8>> = self.redis.ask(&get).await?;
        Ok(record.and_then(|record| self.opened_record(&record)))
    }

    /// The sessions of whoever this one belongs to, leases left out.
    pub(super) async fn of_person(&self, session: &Session) -> Result<Vec<Stored>, Unavailable> {
        let (provider, whose) = (&session.identity.provider, Whose::Person(&session.identity.subject));
        let mut range = redis::cmd("ZRANGE");
        range.arg(self.redis.key("u:", &text_of(&whose.digest(provider)))).arg(0).arg(MOST_LISTED - 1).arg("REV");
        let mut found = Vec::new();
        for id in self.redis.ask::<Vec<String>>(&range).await? {
            let stored = self.listed(&id).await?;
            // Anybody who can write to the store could have put an id into the list; the record is sealed.
            let is_own = |Stored { session, .. }: &Stored| whose.includes(provider, session) && session.lease.is_none();
            found.extend(stored.filter(is_own));
        }
        Ok(found)
    }

    /// Ends every session that began up to `now` and is one of those, and adds them to what was `found`: where the store does
    /// not answer, those that this process has a copy of.
    pub(super) async fn end_all(
        &self,
        provider: &str,
        whose: Whose<'_>,
        now: Instant,
        found: &mut Found,
    ) -> Result<(), Unavailable> {
        let is_meant = |session: &Session| whose.includes(provider, session);
        let copies: Vec<_> = self.redis.cache.iter().filter(|(_, copy)| is_meant(&copy.session)).collect();
        for (id, copy) in &copies {
            found.add(&copy.session, copy.refresh.as_ref());
            self.redis.cache.remove(id);
        }
        let ending = Ending::UpTo(whose.digest(provider), now);
        // What they began is refused from here on, in every replica; deleting the records only saves room.
        self.redis.announce(&ending, self.lifetimes.absolute.as_secs()).await?;
        let (list, ids) = match self.list_of(provider, whose).await? {
            Some((list, ids)) => (Some(list), ids),
            // Others than these go when they are asked for, or at their end.
            None => (None, copies.iter().map(|(id, _)| text_of(&id_digest(*id))).collect()),
        };
        for id in &ids {
            match self.listed(id).await? {
                // Somebody else's session of the same number at the org stays.
                Some(stored) if !is_meant(&stored.session) => continue,
                Some(stored) => {
                    found.add(&stored.session, stored.refresh.as_ref());
                    if stored.session.signed_in > now {
                        self.end_by_name(&stored.session).await?;
                    }
                }
                None => {}
            }
            let mut delete = redis::cmd("DEL");
            delete.arg(self.redis.listed_key(id));
            self.redis.ask::<()>(&delete).await?;
            if let Some(list) = &list {
                self.unlist(list, id, matches!(whose, Whose::Person(_) | Whose::Address(_))).await?;
            }
        }
        Ok(())
    }

    /// Ends a session that began after the others ended, by a clock that is ahead of this one's: it was there already.
    async fn end_by_name(&self, session: &Session) -> Result<(), Unavailable> {
        let ending = Ending::Session(root_digest(session), session.signed_in);
        self.redis.revocations.note(&ending);
        self.redis.announce(&ending, self.lifetimes.absolute.as_secs()).await
    }

    /// The key of the list of the sessions that may be those, and their names in it; none where there is no list by address.
    async fn list_of(&self, provider: &str, whose: Whose<'_>) -> Result<Option<(String, Vec<String>)>, Unavailable> {
        let key = |kind: &str, whose: Whose<'_>| self.redis.key(kind, &text_of(&whose.digest(provider)));
        let (list, is_sorted) = match whose {
            Whose::Person(_) => (key("u:", whose), true),
            Whose::OrgSession(sid) | Whose::OrgSessionOf { sid, .. } => (key("i:", Whose::OrgSession(sid)), false),
            Whose::Address(_) if self.lists_addresses => (key("a:", whose), true),
            Whose::Address(_) => return Ok(None),
        };
        let ask = if is_sorted { Cmd::zrange(&list, 0, -1) } else { Cmd::smembers(&list) };
        let ids = self.redis.ask(&ask).await?;
        Ok(Some((list, ids)))
    }

    /// Takes a token that may come once. A mark without [`RedisStore::done`] is of somebody who was interrupted, perhaps this
    /// caller: a command that was not answered in time may have been carried out.
    pub(super) async fn take(&self, token: &Digest, remembered: Duration) -> Result<TokenUse, Unavailable> {
        let key = self.redis.key("j:", &text_of(token));
        let (mut set, mut get) = (redis::cmd("SET"), redis::cmd("GET"));
        set.arg(&key).arg(BEGUN).arg("NX").arg("EX").arg(remembered.as_secs());
        get.arg(&key);
        if self.redis.ask::<Option<String>>(&set).await?.is_some() {
            return Ok(TokenUse::First);
        }
        let mark: Option<String> = self.redis.ask(&get).await?;
        Ok(if mark.as_deref() == Some(BEGUN) { TokenUse::Interrupted } else { TokenUse::Done })
    }

    /// Uses what may be used once, in whatever replica; false where it was used before. One whose use could not be told in
    /// time is used.
    pub(super) async fn use_once(&self, name: &Digest, remembered: Duration) -> Result<bool, Unavailable> {
        let mut set = redis::cmd("SET");
        set.arg(self.redis.key("h:", &text_of(name))).arg(DONE).arg("NX").arg("EX").arg(remembered.as_secs());
        Ok(self.redis.ask::<Option<String>>(&set).await?.is_some())
    }

    /// What that token asks for was done.
    pub(super) async fn done(&self, token: &Digest, remembered: Duration) -> Result<(), Unavailable> {
        let mut set = redis::cmd("SET");
        set.arg(self.redis.key("j:", &text_of(token))).arg(DONE).arg("EX").arg(remembered.as_secs());
        self.redis.ask::<()>(&set).await
    }

    async fn unlist(&self, key: &str, id: &str, is_sorted: bool) -> Result<(), Unavailable> {
        let mut remove = redis::cmd(if is_sorted { "ZREM" } else { "SREM" });
        remove.arg(key).arg(id);
        self.redis.ask::<()>(&remove).await
    }
}

impl SessionStore for RedisStore {
    async fn create(&self, mut session: Session, refresh: Option<RefreshState>) -> Result<Created, Unavailable> {
        let person = self.person(&session);
        let mut not_before = redis::cmd("GET");
        not_before.arg(self.redis.key("n:", &text_of(&person)));
        // A lease begins when what it is of began: it outlives nothing.
        let not_before = self.redis.ask::<Option<u64>>(&not_before).await?.filter(|_| session.lease.is_none());
        if let Some(seconds) = not_before {
            session.signed_in = session.signed_in.max(Instant::from_seconds(seconds + 1));
        }
        // Listed first: no session lives that cannot be found and ended.
        self.list(&session).await?;
        let Usage { last_seen, longest_idle } = Usage::begun(&session);
        let left = self.lifetimes.left(session.signed_in, last_seen);
        let mut set = redis::cmd("SET");
        let used = format!("{}-{}", last_seen.seconds(), longest_idle.as_secs());
        let record = [format!("0.{used}.").into_bytes(), self.sealed(&session, refresh.as_ref())].concat();
        set.arg(self.redis.session_key(&session_digest(&session))).arg(record);
        set.arg("PX").arg(milliseconds(left));
        self.redis.ask::<()>(&set).await?;
        let handle = self.ticket_of(&session);
        Ok(Created { session, handle, refresh })
    }

    async fn load(&self, held: &Held<'_>) -> Result<Stored, NoSession> {
        self.read(&self.ticket(&held.handle).ok_or(NoSession::Unreadable)?).await
    }

    async fn replace(&self, _: &str, session: Session, refresh: &RefreshState) -> Result<Replaced, Unavailable> {
        let left = milliseconds(self.lifetimes.left(session.signed_in, refresh.had)).to_string();
        let version = refresh.version.to_string().into_bytes();
        let arguments = [version, self.sealed(&session, Some(refresh)), left.into_bytes()];
        let key = self.redis.session_key(&session_digest(&session));
        if let Some(of_address) = self.address_key(&session) {
            // It may be another one than before.
            self.list_by_end(&of_address, &session).await?;
        }
        Ok(match self.redis.run(&Script::new(REPLACE), &key, &arguments).await? {
            0 => Replaced::Gone,
            1 => Replaced::Overtaken,
            _ => Replaced::Kept(Box::new(session), None),
        })
    }

    async fn touch(&self, session: &Session, usage: Usage) -> Result<Option<String>, Unavailable> {
        let Usage { last_seen, longest_idle } = usage;
        let left = self.lifetimes.left(session.signed_in, last_seen);
        let arguments =
            [last_seen.seconds(), longest_idle.as_secs(), milliseconds(left)].map(|number| number.to_string());
        self.redis.run(&Script::new(TOUCH), &self.redis.session_key(&session_digest(session)), &arguments).await?;
        if let Some(of_address) = self.address_key(session) {
            // It may have begun before there was such a list.
            self.list_by_end(&of_address, session).await?;
        }
        Ok(None)
    }

    async fn end(&self, session: &Session) -> Result<(), Unavailable> {
        self.redis.cache.remove(&session.id);
        let digest = session_digest(session);
        let ending = Ending::Session(digest, session.signed_in);
        self.redis.announce(&ending, self.lifetimes.absolute.as_secs()).await?;
        let id = text_of(&digest);
        self.unlist(&self.redis.key("u:", &text_of(&self.person(session))), &id, true).await?;
        if let Some(of_address) = self.address_key(session) {
            self.unlist(&of_address, &id, true).await?;
        }
        match self.org_session_key(session) {
            Some(key) => self.unlist(&key, &id, false).await,
            None => Ok(()),
        }
    }
}

/// At least one: nothing is kept for ever.
fn milliseconds(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX).max(1)
}

#[cfg(test)]
mod tests;
