//! Endings, told through the store: every replica announces what ends at it, and reads what has ended at others.
//!
//! What cannot be announced now waits, also over a reload, and what was announced lately is announced again to a server that
//! takes the store's place. The scripts begin with a write that frees memory or takes none: after it a server whose memory is
//! full (`maxmemory`) refuses no other write of theirs. An ending is text: `s` (a session) or `u` (all of somebody's), Unix
//! seconds, `.`, and a digest in base64url.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use parking_lot::Mutex;
use redis::{Cmd, Script};
use tracing::warn;

use super::{Redis, text_of};
use crate::session::Unavailable;
use crate::session::revocations::{Ending, MOST};
use crate::time::{CLOCK_SKEW, Instant, SEALED_AHEAD};

/// How often it is asked what has ended.
pub(super) const POLL: Duration = Duration::from_millis(400);

/// How many endings are read at once.
const POLL_BATCH: usize = 1000;

/// How many endings wait for a store that is away, and how many that were announced are remembered.
const MOST_WAITING: usize = 10_000;

/// For how long an ending that was announced is announced again to a server that takes the store's place: replication is
/// asynchronous, so that server may lack what the earlier one had confirmed.
const ANNOUNCED_AGAIN: Duration = Duration::from_secs(60);

/// KEYS: the endings. ARGV: one of them, how many are kept, seconds to live.
const ANNOUNCE: &str = "\
local last = redis.call('ZRANGE', KEYS[1], 0, 0, 'REV', 'WITHSCORES')
local number = (tonumber(last[2]) or 0) + 1
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', number - tonumber(ARGV[2]))
redis.call('ZADD', KEYS[1], number, ARGV[1])
redis.call('EXPIRE', KEYS[1], ARGV[3])
return number";

/// KEYS: a moment up to which sessions have ended. ARGV: Unix seconds, seconds to live, how far ahead of the store's clock the
/// moment may lie. A later one stays: what is announced again may be older than what another replica has announced since. The
/// store's clock bounds it because a session of whoever signs in next begins after it; where the rights that the gateway was
/// given do not include `TIME`, nothing does.
const NOT_BEFORE: &str = "\
redis.call('EXPIRE', KEYS[1], ARGV[2])
local moment, time = tonumber(ARGV[1]), redis.pcall('TIME')
if not time.err then moment = math.min(moment, tonumber(time[1]) + tonumber(ARGV[3])) end
if (tonumber(redis.call('GET', KEYS[1])) or 0) <= moment then
  redis.call('SET', KEYS[1], string.format('%.0f', moment), 'EX', ARGV[2])
end
return 0";

/// How far ahead of the store's clock an end may lie: a session that begins after it counts at once where a replica's clock is
/// behind the store's, too.
const AHEAD_OF_STORE: Duration = SEALED_AHEAD.saturating_sub(CLOCK_SKEW);

/// How many of those that wait are told before it is asked again what has ended elsewhere.
const MOST_AT_ONCE: usize = 200;

/// How many of those that wait may be refused before the rest is left for the next time.
const MOST_REFUSED: usize = 10;

/// What this process has to tell of endings, whatever the configuration and whichever store it is told to.
#[derive(Default)]
pub struct Announcements {
    /// Endings that are still to be announced.
    pub(super) waiting: Mutex<VecDeque<Announcement>>,
    /// Endings that were announced lately, in the order in which they last were.
    announced: Mutex<VecDeque<Announcement>>,
    /// How many stores were started to tell them.
    tellers: AtomicU64,
}

/// What is told to one store of endings, and what was read there.
pub(super) struct Endings {
    pub(super) announcements: Arc<Announcements>,
    /// Whether everything that had ended was read once.
    is_caught_up: AtomicBool,
    /// The last ending that was read, and its number.
    read_up_to: Mutex<(String, u64)>,
}

impl Endings {
    pub(super) fn new(announcements: Arc<Announcements>) -> Self {
        Self { announcements, is_caught_up: AtomicBool::default(), read_up_to: Mutex::default() }
    }

    pub(super) fn are_caught_up(&self) -> bool {
        self.is_caught_up.load(Ordering::Acquire)
    }
}

impl Announcements {
    /// The number of a store that is started, from one on.
    pub(super) fn next_teller(&self) -> u64 {
        self.tellers.fetch_add(1, Ordering::AcqRel) + 1
    }

    /// Whether the store of that number was started last. Only that one tells what waits: an earlier one, which lasts as long as
    /// the connections of its configuration, may be another server.
    pub(super) fn is_newest(&self, teller: u64) -> bool {
        self.tellers.load(Ordering::Acquire) == teller
    }

    /// Whether anything waits.
    pub(super) fn are_waiting(&self) -> bool {
        !self.waiting.lock().is_empty()
    }

    /// Has the next poll announce it.
    pub(super) fn queue(&self, announcement: Announcement) {
        let mut waiting = self.waiting.lock();
        if waiting.len() >= MOST_WAITING {
            warn!(
                "more sessions have ended than wait for the session store: other replicas do not learn of the oldest end"
            );
            waiting.pop_front();
        }
        waiting.push_back(announcement);
    }

    /// Remembers for [`Announcements::announce_again`] what has just been announced.
    fn remember(&self, mut announcement: Announcement) {
        announcement.first.get_or_insert_with(std::time::Instant::now);
        let mut announced = self.announced.lock();
        announced.push_back(announcement);
        while announced.len() > MOST_WAITING || announced.front().is_some_and(|oldest| !oldest.is_recent()) {
            announced.pop_front();
        }
    }

    /// Another server may answer from now on: has the next poll announce again what was announced lately.
    pub(super) fn announce_again(&self) {
        let announced = std::mem::take(&mut *self.announced.lock());
        let mut waiting = self.waiting.lock();
        // What was never announced keeps its place.
        let room = MOST_WAITING.saturating_sub(waiting.len());
        waiting.extend(announced.into_iter().filter(Announcement::is_recent).take(room));
    }
}

/// An ending that is told to the store, from which every replica reads it.
#[derive(Clone)]
pub(super) struct Announcement {
    pub(super) ending: Ending,
    /// For how long the store is to keep it.
    pub(super) seconds: u64,
    /// When it was made for the first time; none before.
    pub(super) first: Option<std::time::Instant>,
}

impl Announcement {
    /// Whether a server that takes the store's place may lack it.
    fn is_recent(&self) -> bool {
        self.first.is_some_and(|first| first.elapsed() < ANNOUNCED_AGAIN)
    }
}

impl Redis {
    /// Tells every replica that something has ended. What cannot be told now waits.
    pub(super) async fn announce(&self, ending: &Ending, seconds: u64) -> Result<(), Unavailable> {
        let result = self.tell(ending, seconds).await;
        let announcement = Announcement { ending: ending.clone(), seconds, first: None };
        match result {
            Ok(()) => self.endings.announcements.remember(announcement),
            Err(Unavailable) => self.endings.announcements.queue(announcement),
        }
        result
    }

    async fn tell(&self, ending: &Ending, seconds: u64) -> Result<(), Unavailable> {
        match ending {
            Ending::Session(digest, _) => self.ask::<()>(&Cmd::del(self.slot_key("s:", &text_of(digest)))).await?,
            Ending::UpTo(digest, moment) => {
                let arguments =
                    [moment.seconds(), seconds.max(1), AHEAD_OF_STORE.as_secs()].map(|number| number.to_string());
                self.run(&Script::new(NOT_BEFORE), &self.key("n:", &text_of(digest)), &arguments).await?;
            }
        }
        let arguments = [written(ending), MOST.to_string(), seconds.max(1).to_string()];
        self.run(&Script::new(ANNOUNCE), &self.key("e", ""), &arguments).await.map(drop)
    }

    /// Tells what waits, each once and [`MOST_AT_ONCE`] at most; what is refused waits behind the rest.
    pub(super) async fn tell_waiting(&self) -> Result<(), Unavailable> {
        let announcements = &self.endings.announcements;
        let (count, mut refused) = (announcements.waiting.lock().len().min(MOST_AT_ONCE), 0);
        for _ in 0..count {
            let Some(next) = announcements.waiting.lock().front().cloned() else { break };
            let told = self.tell(&next.ending, next.seconds).await;
            let mut waiting = announcements.waiting.lock();
            if waiting.front().is_some_and(|first| first.ending == next.ending) {
                waiting.rotate_left(1);
                if told.is_ok() {
                    waiting.pop_back();
                }
            }
            drop(waiting);
            match told {
                Ok(()) => announcements.remember(next),
                Err(Unavailable) => refused += 1,
            }
            if refused >= MOST_REFUSED || !self.link.is_connected() {
                break;
            }
        }
        if refused == 0 { Ok(()) } else { Err(Unavailable) }
    }

    /// Learns what others told since the last time.
    pub(super) async fn poll(&self) -> Result<(), Unavailable> {
        loop {
            let last = self.endings.read_up_to.lock().clone();
            let endings = self.endings_from(last.1).await?;
            let is_first = last.1 == 0;
            // The last one that was read is read again: where it is another, the store began anew.
            if !is_first && endings.first() != Some(&last) {
                *self.endings.read_up_to.lock() = (String::new(), 0);
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
                *self.endings.read_up_to.lock() = newest.clone();
            }
            if endings.len() < POLL_BATCH {
                self.endings.is_caught_up.store(true, Ordering::Release);
                return Ok(());
            }
        }
    }

    async fn endings_from(&self, from: u64) -> Result<Vec<(String, u64)>, Unavailable> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endings_are_read_as_they_are_written() {
        for ending in [
            Ending::Session([7; 32], Instant::from_seconds(1_800_000_000)),
            Ending::UpTo([8; 32], Instant::from_seconds(0)),
        ] {
            assert_eq!(read(&written(&ending)), Some(ending));
        }
        for nothing in ["", "s", "s1", "s1.AAAA", "x1.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "é1.x", "s-1.AAAA"]
        {
            assert_eq!(read(nothing), None, "{nothing}");
        }
    }
}
