//! Sessions as one configuration keeps them in the store: records, the lists by which they are found, locks, and what may
//! count once.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use redis::{Cmd, Script};
use zeroize::Zeroizing;

use super::{Redis, name_of, text_of};
use crate::session::cookie::Held;
use crate::session::opened::Opened;
use crate::session::revocations::{Digest, Ending, id_digest};
use crate::session::store::{Created, Found, NoSession, Replaced, SessionStore, Stored, Unavailable, Usage};
use crate::session::{KeyRing, Lifetimes, Owner, Purpose, RefreshState, Session, SessionId, TokenUse, Whose, random};
use crate::time::Instant;

/// The record's own version, so that a later gateway knows what it opens.
const FORMAT: u8 = 4;

/// How long the lock on a session that is refreshed lasts: longer than a call to the provider takes.
const LOCK: Duration = Duration::from_secs(30);

/// After how long the use of a session is written down, where a tenth of its idle lifetime is longer.
pub(in crate::session) const TOUCH_INTERVAL: Duration = Duration::from_secs(60);

/// How many sessions of one person are listed, the ones that end last.
const MOST_LISTED: usize = 100;

/// What stands under a token that may come once: while what it asks for is done, and afterwards.
const BEGUN: &str = "begun";
const DONE: &str = "done";

/// KEYS: the session. ARGV: Unix seconds, the longest that it was left alone in seconds, seconds to live. A use that lies more
/// than five minutes ahead is of a clock that was put right since. `EXPIRE` comes first because a server whose memory is full
/// refuses a script's first write alone.
const TOUCH: &str = "\
local v = redis.call('GET', KEYS[1])
if not v then return 0 end
local version, seen, rest = string.match(v, '^(%d+)%.(%d+)[-%d]*%.(.*)$')
local ahead = tonumber(seen or 0) - tonumber(ARGV[1])
if version and (ahead <= 0 or ahead > 300) then
  redis.call('EXPIRE', KEYS[1], ARGV[3])
  redis.call('SET', KEYS[1], version .. '.' .. ARGV[1] .. '-' .. ARGV[2] .. '.' .. rest, 'KEEPTTL')
end
return 1";

/// KEYS: the session. ARGV: its new version, the sealed session, seconds to live. Only what is there and older is replaced.
/// `EXPIRE` comes first as in [`TOUCH`].
const REPLACE: &str = "\
local v = redis.call('GET', KEYS[1])
if not v then return 0 end
local version, used = string.match(v, '^(%d+)%.([-%d]+)%.')
if not version or tonumber(version) >= tonumber(ARGV[1]) then return 1 end
redis.call('EXPIRE', KEYS[1], ARGV[3])
redis.call('SET', KEYS[1], ARGV[1] .. '.' .. used .. '.' .. ARGV[2], 'KEEPTTL')
return 2";

/// KEYS: a lock. ARGV: who holds it.
const UNLOCK: &str = "\
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0";

/// Keeps sessions in a store, as one configuration says.
#[derive(Debug)]
pub(in crate::session) struct RedisStore {
    pub(super) redis: Arc<Redis>,
    keys: Arc<KeyRing>,
    lifetimes: Lifetimes,
    /// Whether sessions are listed by their owners' addresses too.
    lists_addresses: bool,
}

/// The right to refresh a session, until it is given back or has passed.
#[derive(Debug)]
pub(in crate::session) struct Lock {
    key: String,
    holder: String,
}

/// What a browser holds: which session, and whose ([`Whose::Person`]).
type Ticket = (SessionId, Digest);

impl RedisStore {
    pub(in crate::session) fn new(
        redis: Arc<Redis>,
        keys: Arc<KeyRing>,
        lifetimes: Lifetimes,
        lists_addresses: bool,
    ) -> Self {
        Self { redis, keys, lifetimes, lists_addresses }
    }

    /// Whether a session could be begun now.
    pub(in crate::session) fn can_begin(&self) -> bool {
        self.redis.link.has_room()
    }

    /// Whether what was opened need not be asked for again.
    pub(in crate::session) fn is_fresh(&self, opened: &Opened, now: Instant) -> bool {
        opened.was_read_within(self.redis.settings.cache, now)
    }

    /// The session behind a handle, or a copy of it.
    pub(in crate::session) async fn open(&self, handle: &str, now: Instant) -> Result<Arc<Opened>, NoSession> {
        let (session, person) = self.ticket(handle).ok_or(NoSession::Unreadable)?;
        let copy = self.redis.cache.get(&session);
        if let Some(copy) = copy.as_ref().filter(|copy| self.is_fresh(copy, now)) {
            return Ok(Arc::clone(copy));
        }
        match (self.read((session, person)).await, copy) {
            (Ok(found), Some(copy)) if found.session == *copy.session && found.refresh == copy.refresh => {
                copy.read_again(found.usage, now);
                Ok(copy)
            }
            (Ok(found), _) => {
                let opened = Arc::new(Opened::new(found, now));
                self.redis.cache.insert(session, Arc::clone(&opened));
                Ok(opened)
            }
            (Err(NoSession::Unavailable(_)), Some(copy)) if copy.was_read_within(self.redis.settings.outage, now) => {
                self.redis.metrics.session_copy_used();
                Ok(copy)
            }
            (Err(NoSession::Unavailable(away)), _) => Err(away.into()),
            (Err(why), _) => {
                self.redis.cache.remove(&session);
                Err(why)
            }
        }
    }

    async fn read(&self, (session, person): Ticket) -> Result<Stored, NoSession> {
        if !self.redis.has_been_connected() {
            return Err(Unavailable.into());
        }
        let record = Cmd::get(self.redis.session_key(session));
        let not_before = Cmd::get(self.redis.key("n:", &text_of(&person)));
        // Of two slots of a cluster, so two commands; over one connection they travel together.
        let (record, not_before) =
            tokio::join!(self.redis.ask::<Option<Vec<u8>>>(&record), self.redis.ask::<Option<u64>>(&not_before));
        let (record, not_before) = (record?.ok_or(NoSession::Missing)?, not_before?);
        let found = self.opened_record(&record).ok_or(NoSession::Unreadable)?;
        if found.session.id != session {
            return Err(NoSession::Unreadable);
        }
        match not_before {
            Some(seconds) if found.session.signed_in.seconds() <= seconds => Err(NoSession::Missing),
            _ => Ok(found),
        }
    }

    fn ticket(&self, handle: &str) -> Option<Ticket> {
        self.keys.open_value(Purpose::Ticket, handle)
    }

    /// Whose session that is.
    pub(in crate::session) fn owner(&self, handle: &str) -> Option<Owner> {
        self.ticket(handle).map(|(_, person)| Owner(person))
    }

    /// What a browser holds of this session.
    pub(in crate::session) fn ticket_of(&self, session: &Session) -> String {
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
    pub(in crate::session) async fn current(&self, session: &Session) -> Result<Stored, NoSession> {
        self.listed(&text_of(&id_digest(session.root()))).await?.ok_or(NoSession::Missing)
    }

    /// What was opened is the newest: other connections of this process get the same.
    pub(in crate::session) fn keep_copy(&self, opened: &Arc<Opened>) {
        self.redis.cache.insert(opened.session.id, Arc::clone(opened));
    }

    /// Keeps every other replica from refreshing a session, for [`LOCK`] at most; none where another one does.
    pub(in crate::session) async fn lock(&self, session: SessionId) -> Result<Option<Lock>, Unavailable> {
        let holder = URL_SAFE_NO_PAD.encode(random::<16>());
        let key = self.redis.slot_key("l:", &text_of(&id_digest(session)));
        // The command may have been carried out and not answered, and then repeated.
        let is_ours = self.redis.set_new(&key, &holder, LOCK).await?
            || self.redis.ask::<Option<String>>(&Cmd::get(&key)).await?.as_ref() == Some(&holder);
        Ok(is_ours.then_some(Lock { key, holder }))
    }

    /// Others may refresh the session again.
    pub(in crate::session) async fn unlock(&self, lock: Lock) -> Result<(), Unavailable> {
        self.redis.run(&Script::new(UNLOCK), &lock.key, &[lock.holder]).await.map(drop)
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
        let redis = &self.redis;
        self.list_by_end(&redis.key("u:", &text_of(&self.person(session))), session).await?;
        if let Some(of_address) = self.address_key(session) {
            self.list_by_end(&of_address, session).await?;
        }
        let Some(of_org_session) = self.org_session_key(session) else { return Ok(()) };
        redis.ask::<()>(&Cmd::sadd(&of_org_session, name_of(session))).await?;
        redis.ask(&expire(&of_org_session, self.lifetimes.absolute)).await
    }

    /// Puts a session into a list that is sorted by when sessions end, and takes those out that are over.
    async fn list_by_end(&self, list: &str, session: &Session) -> Result<(), Unavailable> {
        let (absolute, id) = (self.lifetimes.absolute, name_of(session));
        let began = session.signed_in;
        let commands = [
            Cmd::zrembyscore(list, "-inf", began.seconds()),
            Cmd::zadd(list, &id, began.after(absolute).seconds()),
            expire(list, absolute),
        ];
        for command in &commands {
            self.redis.ask::<()>(command).await?;
        }
        Ok(())
    }

    /// The session of that name in a list, where its record is there and opens.
    async fn listed(&self, id: &str) -> Result<Option<Stored>, Unavailable> {
        let record: Option<Vec<u8>> = self.redis.ask(&Cmd::get(self.redis.slot_key("s:", id))).await?;
        Ok(record.and_then(|record| self.opened_record(&record)))
    }

    /// The sessions of whoever this one belongs to, leases left out.
    pub(in crate::session) async fn of_person(&self, session: &Session) -> Result<Vec<Stored>, Unavailable> {
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
    pub(in crate::session) async fn end_all(
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
        // What they began is refused from here on, in every replica. Where that cannot be told, the records go at least.
        let ending = Ending::UpTo(whose.digest(provider), now);
        let told = self.redis.announce(&ending, self.lifetimes.absolute.as_secs()).await;
        let copies: Vec<SessionId> = copies.iter().map(|(id, _)| *id).collect();
        self.delete_all(provider, whose, now, &copies, found).await?;
        told
    }

    /// Deletes the records of those sessions, as far as there is a list of them or this process has had `copies`, and adds
    /// them to what was `found`.
    async fn delete_all(
        &self,
        provider: &str,
        whose: Whose<'_>,
        now: Instant,
        copies: &[SessionId],
        found: &mut Found,
    ) -> Result<(), Unavailable> {
        let (list, ids) = match self.list_of(provider, whose).await? {
            Some((list, ids)) => (Some(list), ids),
            // Others than these go when they are asked for, or at their end.
            None => (None, copies.iter().map(|id| text_of(&id_digest(*id))).collect()),
        };
        for id in &ids {
            match self.listed(id).await? {
                // Somebody else's session of the same number at the org stays.
                Some(stored) if !whose.includes(provider, &stored.session) => continue,
                Some(stored) => {
                    found.add(&stored.session, stored.refresh.as_ref());
                    if stored.session.signed_in > now || whose.may_have_changed() {
                        self.end_by_name(&stored.session).await?;
                    }
                }
                None => {}
            }
            self.redis.ask::<()>(&Cmd::del(self.redis.slot_key("s:", id))).await?;
            if let Some(list) = &list {
                self.unlist(list, id, matches!(whose, Whose::Person(_) | Whose::Address(_))).await?;
            }
        }
        Ok(())
    }

    /// Ends a session, and its leases, that the end of all those does not reach: it began after it, by a clock that is ahead of
    /// this one's, or its leases have another address.
    async fn end_by_name(&self, session: &Session) -> Result<(), Unavailable> {
        let ending = Ending::Session(id_digest(session.root()), session.signed_in);
        self.redis.revocations.note(&ending);
        self.redis.announce(&ending, self.lifetimes.absolute.as_secs()).await
    }

    /// The key of the list of the sessions that may be those, and their names in it; none where there is no list by address.
    pub(super) async fn list_of(
        &self,
        provider: &str,
        whose: Whose<'_>,
    ) -> Result<Option<(String, Vec<String>)>, Unavailable> {
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
    pub(in crate::session) async fn take(&self, token: &Digest, remembered: Duration) -> Result<TokenUse, Unavailable> {
        let key = self.redis.key("j:", &text_of(token));
        if self.redis.set_new(&key, BEGUN, remembered).await? {
            return Ok(TokenUse::First);
        }
        let mark: Option<String> = self.redis.ask(&Cmd::get(&key)).await?;
        Ok(if mark.as_deref() == Some(BEGUN) { TokenUse::Interrupted } else { TokenUse::Done })
    }

    /// Uses what may be used once, in whatever replica; false where it was used before. One whose use could not be told in
    /// time is used.
    pub(in crate::session) async fn use_once(&self, name: &Digest, remembered: Duration) -> Result<bool, Unavailable> {
        self.redis.set_new(&self.redis.key("h:", &text_of(name)), DONE, remembered).await
    }

    /// What that token asks for was done.
    pub(in crate::session) async fn done(&self, token: &Digest, remembered: Duration) -> Result<(), Unavailable> {
        let mut set = redis::cmd("SET");
        set.arg(self.redis.key("j:", &text_of(token))).arg(DONE).arg("EX").arg(remembered.as_secs());
        self.redis.ask::<()>(&set).await
    }

    async fn unlist(&self, key: &str, id: &str, is_sorted: bool) -> Result<(), Unavailable> {
        let remove = if is_sorted { Cmd::zrem(key, id) } else { Cmd::srem(key, id) };
        self.redis.ask::<()>(&remove).await
    }
}

impl SessionStore for RedisStore {
    async fn create(&self, mut session: Session, refresh: Option<RefreshState>) -> Result<Created, Unavailable> {
        let person = self.person(&session);
        let not_before = Cmd::get(self.redis.key("n:", &text_of(&person)));
        // A lease begins when what it is of began: it outlives nothing.
        let not_before = self.redis.ask::<Option<u64>>(&not_before).await?.filter(|_| session.lease.is_none());
        if let Some(seconds) = not_before {
            session.signed_in = session.signed_in.max(Instant::from_seconds(seconds + 1));
        }
        // Listed first: no session lives that cannot be found and ended.
        self.list(&session).await?;
        let Usage { last_seen, longest_idle } = Usage::begun(&session);
        let mut set = redis::cmd("SET");
        let used = format!("{}-{}", last_seen.seconds(), longest_idle.as_secs());
        let record = [format!("0.{used}.").into_bytes(), self.sealed(&session, refresh.as_ref())].concat();
        set.arg(self.redis.session_key(session.id)).arg(record);
        set.arg("EX").arg(self.lifetimes.idle.as_secs());
        self.redis.ask::<()>(&set).await?;
        let handle = self.ticket_of(&session);
        Ok(Created { session, handle, refresh })
    }

    async fn load(&self, held: &Held<'_>) -> Result<Stored, NoSession> {
        self.read(self.ticket(&held.handle).ok_or(NoSession::Unreadable)?).await
    }

    async fn replace(&self, _: &str, session: Session, refresh: RefreshState) -> Result<Replaced, Unavailable> {
        let [version, idle] =
            [u64::from(refresh.version), self.lifetimes.idle.as_secs()].map(|number| number.to_string());
        let arguments = [version.into_bytes(), self.sealed(&session, Some(&refresh)), idle.into_bytes()];
        let key = self.redis.session_key(session.id);
        if let Some(of_address) = self.address_key(&session) {
            // It may be another one than before.
            self.list_by_end(&of_address, &session).await?;
        }
        Ok(match self.redis.run(&Script::new(REPLACE), &key, &arguments).await? {
            0 => Replaced::Gone,
            1 => Replaced::Overtaken,
            _ => Replaced::Kept { session: Box::new(session), refresh, beside: None },
        })
    }

    async fn touch(&self, session: &Session, usage: Usage) -> Result<Option<String>, Unavailable> {
        let Usage { last_seen, longest_idle } = usage;
        let idle = self.lifetimes.idle;
        let arguments = [last_seen.seconds(), longest_idle.as_secs(), idle.as_secs()].map(|number| number.to_string());
        self.redis.run(&Script::new(TOUCH), &self.redis.session_key(session.id), &arguments).await?;
        if let Some(of_address) = self.address_key(session) {
            // It may have begun before there was such a list.
            self.list_by_end(&of_address, session).await?;
        }
        Ok(None)
    }

    async fn end(&self, session: &Session) -> Result<(), Unavailable> {
        self.redis.cache.remove(&session.id);
        let ending = Ending::Session(id_digest(session.id), session.signed_in);
        self.redis.announce(&ending, self.lifetimes.absolute.as_secs()).await?;
        let id = name_of(session);
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

fn expire(key: &str, span: Duration) -> Cmd {
    Cmd::expire(key, i64::try_from(span.as_secs()).unwrap_or(i64::MAX))
}
