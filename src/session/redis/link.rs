//! The connection to a store, whatever it is made of.
//!
//! One task, on a thread of its own, connects, asks what has ended and connects again; requests of every runtime share
//! its connection. When a command fails because of the connection, that is given up for all, so that only the first few
//! commands wait for a frozen server; from then on the answer is [`Unavailable`] at once. A command is repeated once where
//! another connection is made within [`RECONNECT_WAIT`]: every command is one that may run twice.

use std::future::Future;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use arc_swap::ArcSwapOption;
use parking_lot::Mutex;
use redis::aio::{ConnectionLike, MultiplexedConnection};
use redis::cluster::ClusterClientBuilder;
use redis::cluster_async::ClusterConnection;
use redis::sentinel::{SentinelClientBuilder, SentinelServerType};
use redis::{
    AsyncConnectionConfig, Client, Cmd, ConnectionAddr, Pipeline, RedisError, RedisFuture, RedisResult,
    ServerErrorKind, TlsCertificates, TlsMode, Value,
};
use tokio::sync::{Notify, Semaphore, watch};
use tracing::{info, warn};

use super::Redis;
use super::endings::POLL;
use super::settings::{Password, RedisSettings, Servers};
use crate::metrics::{Metrics, StoreFailure};
use crate::secret::Secret;
use crate::session::Unavailable;

/// How many commands may be under way.
const MOST_UNDER_WAY: usize = 1024;

/// How long a failed command waits for another connection before it gives up.
const RECONNECT_WAIT: Duration = Duration::from_millis(300);

/// How long to wait between two attempts to connect: twice as long each time, from the one to the other.
const RETRY: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(1));

/// How long a server that refused something because its memory is full is asked to keep nothing new.
const FULL: Duration = Duration::from_secs(10);

/// A connection of any of the three kinds.
#[derive(Clone)]
pub(super) enum Connection {
    One(MultiplexedConnection),
    Cluster(ClusterConnection),
}

impl ConnectionLike for Connection {
    fn req_packed_command<'a>(&'a mut self, command: &'a Cmd) -> RedisFuture<'a, Value> {
        match self {
            Self::One(connection) => connection.req_packed_command(command),
            Self::Cluster(connection) => connection.req_packed_command(command),
        }
    }

    fn req_packed_commands<'a>(
        &'a mut self,
        commands: &'a Pipeline,
        offset: usize,
        count: usize,
    ) -> RedisFuture<'a, Vec<Value>> {
        match self {
            Self::One(connection) => connection.req_packed_commands(commands, offset, count),
            Self::Cluster(connection) => connection.req_packed_commands(commands, offset, count),
        }
    }

    fn get_db(&self) -> i64 {
        match self {
            Self::One(connection) => connection.get_db(),
            Self::Cluster(connection) => connection.get_db(),
        }
    }
}

/// A connection, numbered in the order in which they were made.
struct Held {
    connection: Connection,
    number: u64,
}

/// The connection that there is now, if there is one.
pub(super) struct Link {
    settings: RedisSettings,
    metrics: Arc<Metrics>,
    held: ArcSwapOption<Held>,
    /// The number of the newest connection.
    number: watch::Sender<u64>,
    /// Told when a command found the connection broken.
    broken: Notify,
    under_way: Semaphore,
    is_started: AtomicBool,
    /// Until when its memory is taken to be full.
    full_until: Mutex<Option<Instant>>,
    /// Whether the log said last that the store does not answer, or nothing yet.
    is_said_to_be_away: AtomicBool,
}

impl Link {
    pub(super) fn new(settings: RedisSettings, metrics: Arc<Metrics>) -> Self {
        Self {
            settings,
            metrics,
            held: ArcSwapOption::empty(),
            number: watch::Sender::new(0),
            broken: Notify::new(),
            under_way: Semaphore::new(MOST_UNDER_WAY),
            is_started: AtomicBool::new(false),
            full_until: Mutex::default(),
            is_said_to_be_away: AtomicBool::new(true),
        }
    }

    pub(super) fn is_connected(&self) -> bool {
        self.held.load().is_some()
    }

    /// Whether it would keep something new, as far as is known.
    pub(super) fn has_room(&self) -> bool {
        self.is_connected() && self.full_until.lock().is_none_or(|until| Instant::now() >= until)
    }

    /// The answer to a command.
    pub(super) async fn ask<T, C, F>(&self, call: C) -> Result<T, Unavailable>
    where
        C: Fn(Connection) -> F,
        F: Future<Output = RedisResult<T>>,
    {
        let _under_way = self.under_way.try_acquire().map_err(|_| self.failed(StoreFailure::Busy))?;
        let mut is_repeated = false;
        loop {
            let held = self.held.load_full().ok_or_else(|| self.failed(StoreFailure::Away))?;
            let error = match tokio::time::timeout(self.settings.command, call(held.connection.clone())).await {
                Ok(Ok(value)) => return Ok(value),
                Ok(Err(error)) => error,
                Err(_) => {
                    self.give_up(&held, "it takes too long to answer");
                    return Err(self.failed(StoreFailure::Timeout));
                }
            };
            if !is_of_the_connection(&error) {
                if error.code() == Some("OOM") {
                    *self.full_until.lock() = Some(Instant::now() + FULL);
                }
                warn!(cause = %said(&error), "the session store refuses a command");
                return Err(self.failed(StoreFailure::Refused));
            }
            self.give_up(&held, &said(&error));
            if is_repeated || !self.is_connected_again(held.number).await {
                return Err(self.failed(StoreFailure::Broken));
            }
            is_repeated = true;
        }
    }

    fn failed(&self, how: StoreFailure) -> Unavailable {
        self.metrics.store_failed(how);
        Unavailable
    }

    /// Whether there is another connection than that one in time.
    async fn is_connected_again(&self, number: u64) -> bool {
        let mut newest = self.number.subscribe();
        let newer = newest.wait_for(|newest| *newest > number);
        matches!(tokio::time::timeout(RECONNECT_WAIT, newer).await, Ok(Ok(_)))
    }

    /// From now on that connection is not used any more.
    fn give_up(&self, held: &Arc<Held>, why: &str) {
        let current = self.held.load();
        if current.as_ref().is_some_and(|current| current.number == held.number) {
            let before = self.held.compare_and_swap(&current, None);
            if before.as_ref().is_some_and(|before| before.number == held.number) {
                self.metrics.store_is_up(false);
                if !self.is_said_to_be_away.swap(true, Ordering::Relaxed) {
                    warn!(cause = why, "the session store does not answer");
                }
                self.broken.notify_one();
            }
        }
    }

    /// As [`RedisSettings::eviction`], by the connection that there is now.
    async fn eviction(&self) -> Option<String> {
        let held = self.held.load_full()?;
        tokio::time::timeout(self.settings.command, eviction(held.connection.clone())).await.ok().flatten()
    }

    async fn connect(&self) -> RedisResult<()> {
        let limit = self.settings.connect + self.settings.command;
        let slow = |_| RedisError::from((redis::ErrorKind::Io, "it takes too long to connect"));
        let mut connection = tokio::time::timeout(limit * 2, connection(&self.settings)).await.map_err(slow)??;
        tokio::time::timeout(limit, redis::cmd("PING").query_async::<()>(&mut connection)).await.map_err(slow)??;
        let number = *self.number.borrow() + 1;
        self.held.store(Some(Arc::new(Held { connection, number })));
        self.number.send_replace(number);
        self.metrics.store_is_up(true);
        Ok(())
    }
}

/// Starts the task, unless it was started before.
pub(super) fn start(redis: &Arc<Redis>) {
    if redis.link.is_started.swap(true, Ordering::Relaxed) {
        return;
    }
    let (weak, teller) = (Arc::downgrade(redis), redis.endings.announcements.next_teller());
    let run = move || match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime.block_on(stay_connected(weak, teller)),
        Err(error) => warn!(cause = %error, "the session store cannot be asked"),
    };
    if let Err(error) = std::thread::Builder::new().name("session store".to_owned()).spawn(run) {
        warn!(cause = %error, "the session store cannot be asked");
    }
}

/// `teller` is its number among those that tell of endings.
async fn stay_connected(redis: Weak<Redis>, teller: u64) {
    let (mut wait, mut is_told, mut is_asked) = (RETRY.0, false, false);
    let (mut refused_wait, mut tell_at) = (RETRY.0, Instant::now());
    while let Some(redis) = redis.upgrade() {
        if redis.link.is_connected() {
            // Polled first: a refused announcement must not stop the reading.
            let (heard, announcements) = (redis.poll().await, &redis.endings.announcements);
            let mut pause = POLL;
            if heard.is_ok() && Instant::now() >= tell_at && announcements.is_newest(teller) {
                let told = redis.tell_waiting().await;
                if told.is_ok() && announcements.are_waiting() {
                    pause = RETRY.0;
                }
                refused_wait = if told.is_ok() { RETRY.0 } else { (refused_wait * 2).min(RETRY.1) };
                tell_at = Instant::now() + refused_wait;
            }
            // A server that can be reached and refuses whatever it is told, as a replica does, is not tried again at once either.
            if heard.is_err() || !redis.link.is_connected() {
                drop(redis);
                tokio::time::sleep(wait).await;
                wait = (wait * 2).min(RETRY.1);
                continue;
            }
            wait = RETRY.0;
            if redis.link.is_said_to_be_away.swap(false, Ordering::Relaxed) {
                info!("the session store answers");
            }
            let broken = redis.link.broken.notified();
            let _ = tokio::time::timeout(pause, broken).await;
            continue;
        }
        match redis.link.connect().await {
            Ok(()) => {
                redis.endings.announcements.announce_again();
                tell_at = Instant::now();
                if !is_asked && let Some(policy) = redis.link.eviction().await {
                    warn!(policy, "the session store throws sessions away when its memory is full (maxmemory-policy)");
                }
                (is_asked, is_told) = (true, false);
            }
            Err(error) => {
                if !is_told {
                    warn!(cause = %said(&error), "the session store cannot be reached; trying again until it can");
                    is_told = true;
                }
                drop(redis);
                tokio::time::sleep(wait).await;
                wait = (wait * 2).min(RETRY.1);
            }
        }
    }
}

impl RedisSettings {
    /// The server's `maxmemory-policy`, where it throws sessions away when its memory is full; none where it does not, cannot
    /// be reached from here, or may not be asked (`INFO`). Takes no longer than a connection and a command may.
    pub async fn eviction(&self) -> Option<String> {
        let ask = async {
            let connection = connection(self).await.ok()?;
            eviction(connection).await
        };
        tokio::time::timeout(self.connect + self.command, ask).await.ok().flatten()
    }
}

/// The same by a connection to it.
async fn eviction(mut connection: Connection) -> Option<String> {
    evicting(&redis::cmd("INFO").arg("memory").query_async(&mut connection).await.ok()?)
}

/// The same in the answer to `INFO memory`, which is one of each node where there are several.
fn evicting(answer: &Value) -> Option<String> {
    let text = match answer {
        Value::BulkString(text) => String::from_utf8_lossy(text),
        Value::VerbatimString { text, .. } | Value::SimpleString(text) => text.into(),
        Value::Map(nodes) => return nodes.iter().find_map(|(_, answer)| evicting(answer)),
        Value::Array(nodes) => return nodes.iter().find_map(evicting),
        _ => return None,
    };
    let policy = text.lines().find_map(|line| line.strip_prefix("maxmemory_policy:"))?.trim();
    // `volatile-ttl` throws away first what ends next, and ends it early.
    (!["noeviction", "volatile-ttl"].contains(&policy)).then(|| policy.to_owned())
}

/// Whether another connection may do better: this one broke, or leads to a server that is not, or no longer, the one to
/// ask.
fn is_of_the_connection(error: &RedisError) -> bool {
    use ServerErrorKind::{BusyLoading, ClusterDown, MasterDown, Moved, ReadOnly};
    let of_server = match error.kind() {
        redis::ErrorKind::Server(kind) => matches!(kind, BusyLoading | ClusterDown | MasterDown | Moved | ReadOnly),
        redis::ErrorKind::AuthenticationFailed => true,
        _ => false,
    };
    of_server
        || error.is_io_error()
        || error.is_unrecoverable_error()
        || error.is_timeout()
        || error.code() == Some("NOAUTH")
}

/// What may be logged of an error: its kind and the server's code, never what was sent.
fn said(error: &RedisError) -> String {
    match error.code() {
        Some(code) => format!("{}: {code}", error.category()),
        None => error.to_string(),
    }
}

async fn connection(settings: &RedisSettings) -> RedisResult<Connection> {
    let config = AsyncConnectionConfig::new()
        .set_connection_timeout(Some(settings.connect))
        .set_response_timeout(Some(settings.command));
    match &settings.servers {
        Servers::One(address) => {
            let info = settings.info(address)?;
            let client = match (&settings.authority, info.addr()) {
                (Some(_), ConnectionAddr::TcpTls { .. }) => Client::build_with_tls(info, certificates(settings))?,
                _ => Client::open(info)?,
            };
            client.get_multiplexed_async_connection_with_config(&config).await.map(Connection::One)
        }
        Servers::Sentinel { sentinels, primary, username, password } => {
            let mut client = sentinel(settings, sentinels, primary, username.as_deref(), password.as_ref())?;
            client.get_async_connection_with_config(&config).await.map(Connection::One)
        }
        Servers::Cluster(nodes) => cluster(settings, nodes).await.map(Connection::Cluster),
    }
}

fn certificates(settings: &RedisSettings) -> TlsCertificates {
    TlsCertificates { client_tls: None, root_cert: settings.authority.clone() }
}

/// What each address says, or the first error of one.
fn infos(settings: &RedisSettings, addresses: &[Secret]) -> RedisResult<Vec<redis::ConnectionInfo>> {
    addresses.iter().map(|address| settings.info(address)).collect()
}

fn sentinel(
    settings: &RedisSettings,
    sentinels: &[Secret],
    primary: &str,
    username: Option<&str>,
    password: Option<&Password>,
) -> RedisResult<redis::sentinel::SentinelClient> {
    let infos = infos(settings, sentinels)?;
    let addresses: Vec<ConnectionAddr> = infos.iter().map(|info| info.addr().clone()).collect();
    let is_tls = addresses.iter().any(|address| matches!(address, ConnectionAddr::TcpTls { .. }));
    let server = infos.last().map(|info| info.redis_settings().clone()).unwrap_or_default();
    let tcp = redis::io::tcp::TcpSettings::default().set_nodelay(true);
    let mut builder = SentinelClientBuilder::new(addresses, primary, SentinelServerType::Master)?
        .set_client_to_redis_db(server.db())
        .set_client_to_redis_tcp_settings(tcp.clone())
        .set_client_to_sentinel_tcp_settings(tcp);
    if let Some(username) = server.username() {
        builder = builder.set_client_to_redis_username(username);
    }
    if let Some(password) = server.password() {
        builder = builder.set_client_to_redis_password(password);
    }
    if let Some(username) = username {
        builder = builder.set_client_to_sentinel_username(username);
    }
    if let Some(password) = password.and_then(Password::read) {
        builder = builder.set_client_to_sentinel_password(password.expose());
    }
    if is_tls {
        builder = builder.set_client_to_redis_tls_mode(TlsMode::Secure);
        if settings.authority.is_some() {
            builder = builder
                .set_client_to_redis_certificates(certificates(settings))
                .set_client_to_sentinel_certificates(certificates(settings));
        }
    }
    builder.build()
}

async fn cluster(settings: &RedisSettings, nodes: &[Secret]) -> RedisResult<ClusterConnection> {
    let mut builder = ClusterClientBuilder::new(infos(settings, nodes)?)
        .retries(2)
        .max_retry_wait(100)
        .connection_timeout(settings.connect)
        .response_timeout(settings.command)
        .overall_response_timeout(Some(settings.command))
        .tcp_settings(redis::io::tcp::TcpSettings::default().set_nodelay(true));
    if settings.authority.is_some() {
        builder = builder.certs(certificates(settings));
    }
    builder.build()?.get_async_connection().await
}
