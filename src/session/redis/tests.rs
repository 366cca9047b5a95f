//! A store that is a real server: what it promises, also behind a proxy that breaks connections, and what becomes of it
//! when the server is killed, frozen and emptied.
//!
//! Without `redis-server` on this machine these are passed over aloud; where `CI` is set they fail.

#[path = "../../../tests/gateway/redis_server.rs"]
mod redis_server;
mod topologies;

use std::sync::atomic::{AtomicU8, Ordering};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream, UnixStream};

use redis_server::RedisServer;

use super::super::store::{self, Created, Found, NoSession, SessionStore as _, Usage};
use super::super::tests::{START, jane, keys, new_session, session_of};
use super::super::{Device, Identity, LastOpened, Lifetimes, SessionLookup, SessionParts, Sessions, Whose};
use super::endings::Announcement;
use super::*;
use crate::secret::Secret;
use crate::session::revocations::Ending;
use crate::time::Instant;
use crate::web::{Cookies, Site};

/// The settings that lead to this server.
fn settings_of(server: &RedisServer) -> RedisSettings {
    settings(&server.url())
}

fn settings(url: &str) -> RedisSettings {
    RedisSettings {
        servers: Servers::One(Secret::new(url)),
        username: None,
        password: None,
        authority: None,
        prefix: "gw:".to_owned(),
        connect: Duration::from_secs(1),
        command: Duration::from_millis(500),
        cache: Duration::from_secs(10),
        outage: Duration::from_secs(300),
    }
}

/// A process's side of a store that is connected.
async fn connected(settings: RedisSettings) -> Arc<Redis> {
    let redis = Arc::new(Redis::new(settings, Arc::default(), Arc::default(), Arc::default()));
    redis.start();
    until(|| redis.has_been_connected()).await;
    redis
}

async fn until(mut is_so: impl FnMut() -> bool) {
    for _ in 0..1000 {
        if is_so() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("it never comes");
}

fn lifetimes() -> Lifetimes {
    Lifetimes::new(Duration::from_secs(1800), Duration::from_secs(43_200)).expect("lifetimes")
}

fn store_of(redis: &Arc<Redis>) -> RedisStore {
    RedisStore::new(Arc::clone(redis), keys(1), lifetimes(), false)
}

fn sessions_of(redis: &Arc<Redis>) -> Sessions {
    let url = url::Url::parse("https://wiki.example.com").expect("a URL");
    Sessions::new(SessionParts {
        site: Arc::new(Site::new(url, "/.gateway", "/login/callback")),
        keys: keys(1),
        lifetimes: lifetimes(),
        is_persistent: false,
        shortest_idle: None,
        needed: std::collections::BTreeSet::new(),
        providers: ["okta".to_owned()].into(),
        revocations: Arc::clone(&redis.revocations),
        refreshes: Arc::default(),
        redis: Some(Arc::clone(redis)),
        lists_addresses: false,
    })
}

/// Somebody signs in: the session, and the cookie that the browser has of it.
async fn begin(sessions: &Sessions) -> (Session, http::HeaderMap) {
    begin_as(sessions, jane(), None).await
}

async fn begin_as(sessions: &Sessions, identity: Identity, sid: Option<&str>) -> (Session, http::HeaderMap) {
    let new = super::super::NewSession { sid: sid.map(str::to_owned), ..new_session(identity, "id token") };
    let begun = sessions.begin(new, Cookies::of(&http::HeaderMap::new()), START).await.expect("a session");
    (begun.session, cookie_of(&begun.changes))
}

/// The headers of a browser that has the session's cookie of these.
fn cookie_of(changes: &crate::web::CookieChanges) -> http::HeaderMap {
    let cookie = changes.iter().find(|change| change.name().ends_with("gw_session")).expect("its cookie");
    let pair = cookie.as_str().split(';').next().expect("a pair").to_owned();
    let mut headers = http::HeaderMap::new();
    headers.insert("cookie", pair.parse().expect("a value"));
    headers
}

/// What a request with that cookie finds, over a connection that remembers nothing.
async fn find(sessions: &Sessions, headers: &http::HeaderMap, now: Instant) -> SessionLookup {
    sessions.find(&sessions.site, Cookies::of(headers), now, &mut LastOpened::default()).await
}

fn is_active(lookup: &SessionLookup) -> bool {
    matches!(lookup, SessionLookup::Active { .. })
}

fn seconds(count: u64) -> Duration {
    Duration::from_secs(count)
}

#[tokio::test]
async fn a_server_keeps_its_promises() {
    let Some(server) = RedisServer::start() else { return };
    store::tests::keeps_its_promises(&store_of(&connected(settings_of(&server)).await)).await;
}

/// What a proxy between the gateway and its store does.
struct Proxy {
    port: u16,
    mode: Arc<AtomicU8>,
}

const PASS: u8 = 0;
/// Every connection is closed as soon as something comes over it.
const CUT: u8 = 1;
/// What comes is kept back.
const HOLD: u8 = 2;
/// What comes is passed on a byte at a time.
const DRIP: u8 = 3;

impl Proxy {
    async fn before(server: &RedisServer) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let (mode, socket) = (Arc::new(AtomicU8::new(PASS)), server.folder().join("redis.sock"));
        let proxy = Self { port, mode: Arc::clone(&mode) };
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(pass(client, socket.clone(), Arc::clone(&mode)));
            }
        });
        proxy
    }

    fn does(&self, mode: u8) {
        self.mode.store(mode, Ordering::SeqCst);
    }
}

async fn pass(client: TcpStream, socket: std::path::PathBuf, mode: Arc<AtomicU8>) {
    let Ok(server) = UnixStream::connect(socket).await else { return };
    let ((from_client, to_client), (from_server, to_server)) = (client.into_split(), server.into_split());
    tokio::select! {
        () = pass_one_way(from_client, to_server, &mode) => {}
        () = pass_one_way(from_server, to_client, &mode) => {}
    }
}

async fn pass_one_way(
    mut from: impl tokio::io::AsyncRead + Unpin,
    mut to: impl tokio::io::AsyncWrite + Unpin,
    mode: &AtomicU8,
) {
    let mut bytes = [0; 4096];
    while let Ok(length @ 1..) = from.read(&mut bytes).await {
        while mode.load(Ordering::SeqCst) == HOLD {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        match mode.load(Ordering::SeqCst) {
            CUT => return,
            DRIP => {
                for byte in &bytes[..length] {
                    if to.write_all(std::slice::from_ref(byte)).await.is_err() || to.flush().await.is_err() {
                        return;
                    }
                    tokio::task::yield_now().await;
                }
            }
            _ if to.write_all(&bytes[..length]).await.is_err() => return,
            _ => {}
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_behind_a_bad_line_keeps_its_promises() {
    let Some(server) = RedisServer::start() else { return };
    let proxy = Proxy::before(&server).await;
    let redis = connected(settings(&format!("redis://127.0.0.1:{}", proxy.port))).await;
    proxy.does(DRIP);
    store::tests::keeps_its_promises(&store_of(&redis)).await;

    // Whoever asks while the line breaks hears that nobody knows, and nothing else.
    let store = store_of(&redis);
    proxy.does(PASS);
    let Created { session, handle, .. } = store.create(session_of(jane()), None).await.expect("it is kept");
    for mode in [CUT, HOLD] {
        proxy.does(mode);
        for _ in 0..3 {
            assert_eq!(
                store.load(&store::tests::held(&handle)).await,
                Err(NoSession::Unavailable(Unavailable)),
                "{mode}"
            );
        }
        assert_eq!(store.create(session_of(jane()), None).await.map(drop), Err(Unavailable));
        assert_eq!(store.touch(&session, Usage::begun(&session)).await, Err(Unavailable));
        proxy.does(PASS);
        until(|| redis.link.is_connected()).await;
        assert_eq!(store.load(&store::tests::held(&handle)).await.map(|found| found.session), Ok(session.clone()));
    }
    store::tests::keeps_its_promises(&store).await;
}

#[tokio::test]
async fn the_server_sees_no_id_no_name_and_no_group_and_its_keys_end() {
    let Some(server) = RedisServer::start() else { return };
    let store = store_of(&connected(settings_of(&server)).await);
    let session = Session { sid: Some("102abc".to_owned()), ..session_of(jane()) };
    let id = session.id;
    store.create(session, None).await.expect("it is kept");
    let mut all = String::new();
    let keys = server.says(&["KEYS", "*"]);
    let names: Vec<&str> = keys.lines().filter(|line| line.starts_with("gw:")).collect();
    assert_eq!(names.len(), 3, "{keys}");
    for name in &names {
        let lives: i64 = server.says(&["PTTL", name]).trim_start_matches(':').trim().parse().expect("a number");
        let most = if name.starts_with("gw:s:{") { 1_800_000 } else { 43_200_000 };
        assert!((1..=most).contains(&lives), "{name} lives {lives} ms");
        all += &server.says(&["DUMP", name]);
    }
    for secret in [
        &text_of(&{
            let mut padded = [0; 32];
            padded[..16].copy_from_slice(&id);
            padded
        })[..20],
        "jane",
        "Jane",
        "00u1",
        "staff",
        "102abc",
    ] {
        assert!(!all.contains(secret) && !keys.contains(secret), "{secret}");
    }
}

/// With everything that is kept of it: its record, and the lists by which it is found.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_costs_little_in_the_store() {
    const MANY: usize = 2000;
    let Some(server) = RedisServer::start() else { return };
    let store = store_of(&connected(settings_of(&server)).await);
    let used = async || {
        let said = server.says(&["INFO", "memory"]);
        let used = said.lines().find_map(|line| line.strip_prefix("used_memory:"));
        used.and_then(|bytes| bytes.trim().parse::<usize>().ok()).expect("a number")
    };
    let of = |number: usize| {
        let identity = Identity { subject: format!("00u{number:017}"), ..jane() };
        let browser =
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0.0.0 Safari/537.36";
        let device = Device { browser: browser.to_owned(), address: Some([192, 0, 2, 7].into()) };
        let sid = Some(format!("102{number:017}"));
        Session { sid, device: Some(device), ..session_of(identity) }
    };
    store.create(of(MANY), None).await.expect("it is kept");
    let before = used().await;
    for first in (0..MANY).step_by(50) {
        let created = futures_util::future::join_all((first..first + 50).map(|number| store.create(of(number), None)));
        assert!(created.await.iter().all(Result::is_ok));
    }
    let each = (used().await - before) / MANY;
    assert!(each <= 1200, "{each} bytes each");
}

/// Sessions of other hosts stand for the one that somebody signed in with: they are none of their own.
#[tokio::test]
async fn a_lease_is_not_listed_beside_the_session_that_it_is_of() {
    let Some(server) = RedisServer::start() else { return };
    let store = store_of(&connected(settings_of(&server)).await);
    let own = store.create(session_of(jane()), None).await.expect("it is kept").session;
    let lease = own.lease([7; 16], "wiki.example.org", Usage::begun(&own));
    store.create(lease, None).await.expect("it is kept");
    let listed = store.of_person(&own).await.expect("it answers");
    assert_eq!(listed.iter().map(|listed| listed.session.id).collect::<Vec<_>>(), [own.id]);
}

/// Sessions from before the list of addresses was kept come into it as soon as their use is written down.
#[tokio::test]
async fn a_session_is_found_by_its_address_once_it_is_used_where_that_is_asked() {
    let Some(server) = RedisServer::start() else { return };
    let redis = connected(settings_of(&server)).await;
    let session = Session { has_verified_email: true, ..session_of(jane()) };
    store_of(&redis).create(session.clone(), None).await.expect("it is kept");
    let strict = RedisStore::new(Arc::clone(&redis), keys(1), lifetimes(), true);
    let address = Whose::Address("jane@example.com");
    let listed = async || strict.list_of("okta", address).await.expect("an answer").expect("a list").1;
    assert_eq!(listed().await, [""; 0]);
    strict.touch(&session, Usage::begun(&session).at(START.after(seconds(60)))).await.expect("it is written down");
    assert_eq!(listed().await, [name_of(&session)]);
    let mut found = Found::default();
    strict.end_all("okta", address, START.after(seconds(61)), &mut found).await.expect("it is told");
    assert_eq!(found.ended(Ok(())).people.into_iter().collect::<Vec<_>>(), ["00u1"]);
    let mut lease = session.lease([7; 16], "wiki.example.org", Usage::begun(&session));
    lease.identity.email = Some("old@example.com".to_owned());
    assert!(redis.revocations.has_ended(&lease), "a lease that was taken before the address changed");
}

/// A record put under another's key opens nothing.
#[tokio::test]
async fn records_cannot_be_exchanged_in_the_store() {
    let Some(server) = RedisServer::start() else { return };
    let store = store_of(&connected(settings_of(&server)).await);
    let admin = store.create(session_of(jane()), None).await.expect("it is kept").session;
    let Created { session: own, handle, .. } = store.create(session_of(jane()), None).await.expect("it is kept");
    let (from, to) = (store.redis.session_key(admin.id), store.redis.session_key(own.id));
    server.says(&["COPY", &from, &to, "REPLACE"]);
    assert_eq!(store.load(&store::tests::held(&handle)).await, Err(NoSession::Unreadable));
    server.says(&["SET", &to, "0.1800000000.v2.00000000.AAAA"]);
    assert_eq!(store.load(&store::tests::held(&handle)).await, Err(NoSession::Unreadable));
    server.says(&["DEL", &to]);
    assert_eq!(store.load(&store::tests::held(&handle)).await, Err(NoSession::Missing));
}

/// B-05: what ends in one replica opens nothing in another within a second, whatever copies that one has.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_ends_in_one_replica_ends_in_every_other_and_in_those_that_start_later() {
    let Some(server) = RedisServer::start() else { return };
    let (here, there) = (connected(settings_of(&server)).await, connected(settings_of(&server)).await);
    let (one, other) = (sessions_of(&here), sessions_of(&there));
    let (session, cookie) = begin(&one).await;
    let (second, second_cookie) = begin_as(&one, jane(), Some("102a")).await;
    let (_, third_cookie) = begin_as(&one, jane(), Some("102b")).await;
    let others = Identity { subject: "00u2".to_owned(), ..jane() };
    let (_, others_cookie) = begin_as(&one, others, Some("102b")).await;
    for cookie in [&cookie, &second_cookie, &third_cookie, &others_cookie] {
        assert!(is_active(&find(&other, cookie, START).await), "and there is a copy of it from now on");
    }
    one.end(&session).await.expect("it is told");
    until(|| other.has_ended(&session, START)).await;
    assert!(!is_active(&find(&other, &cookie, START).await));
    assert!(is_active(&find(&other, &second_cookie, START).await));

    one.end_all("okta", Whose::OrgSessionOf { sid: "102a", subject: "00u1" }, START).await.told.expect("it is told");
    until(|| other.has_ended(&second, START)).await;
    assert!(!is_active(&find(&other, &second_cookie, START).await));
    one.end_all("okta", Whose::OrgSessionOf { sid: "102b", subject: "00u2" }, START).await.told.expect("it is told");
    for (cookie, lives) in [(&third_cookie, true), (&others_cookie, false)] {
        assert_eq!(is_active(&find(&one, cookie, START).await), lives);
    }

    one.end_all("okta", Whose::Person("00u1"), START).await.told.expect("it is told");
    let later = connected(settings_of(&server)).await;
    let restarted = sessions_of(&later);
    assert!(!is_active(&find(&restarted, &third_cookie, START).await));
    let (fresh, fresh_cookie) = begin(&restarted).await;
    assert!(fresh.signed_in > START && is_active(&find(&other, &fresh_cookie, START.after(seconds(2))).await));
}

/// A replica whose clock is behind ends sessions that another one began all the same, everywhere.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_clock_that_is_behind_ends_what_there_is() {
    let Some(server) = RedisServer::start() else { return };
    let (here, there) = (connected(settings_of(&server)).await, connected(settings_of(&server)).await);
    let (one, other) = (sessions_of(&here), sessions_of(&there));
    let ((first, first_cookie), (_, second_cookie)) = (begin(&one).await, begin(&one).await);
    let now = START.after(seconds(3));
    for cookie in [&first_cookie, &second_cookie] {
        assert!(is_active(&find(&one, cookie, now).await) && is_active(&find(&other, cookie, now).await));
    }
    let behind = Instant::from_seconds(START.seconds() - 50);
    other.end_all("okta", Whose::Person("00u1"), behind).await.told.expect("it is told");
    until(|| one.has_ended(&first, now)).await;
    for cookie in [&first_cookie, &second_cookie] {
        assert!(!is_active(&find(&one, cookie, now).await) && !is_active(&find(&other, cookie, now).await));
    }
}

/// A replica whose clock is an hour ahead ends everything of a person: whoever signs in elsewhere afterwards is in at once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_end_by_a_clock_that_is_ahead_keeps_nobody_out_elsewhere() {
    let Some(server) = RedisServer::start() else { return };
    let now = crate::time::now();
    let (here, there) = (connected(settings_of(&server)).await, connected(settings_of(&server)).await);
    let (one, other) = (sessions_of(&here), sessions_of(&there));
    let begin = async |sessions: &Sessions| {
        let new = new_session(jane(), "id token");
        let begun = sessions.begin(new, Cookies::of(&http::HeaderMap::new()), now).await.expect("a session");
        (begun.session, cookie_of(&begun.changes))
    };
    let (before, before_cookie) = begin(&one).await;
    other.end_all("okta", Whose::Person("00u1"), now.after(seconds(3600))).await.told.expect("it is told");
    until(|| one.has_ended(&before, now)).await;
    assert!(!is_active(&find(&one, &before_cookie, now).await));
    let (_, cookie) = begin(&one).await;
    let third = sessions_of(&connected(settings_of(&server)).await);
    assert!(is_active(&find(&one, &cookie, now).await));
    assert!(!is_active(&find(&third, &before_cookie, now).await));
}

/// B-05: replication is asynchronous, so a server that takes another's place may never have heard of what that one had said
/// to have kept; here it has heard of nothing.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_latest_ends_are_told_again_to_a_server_that_takes_another_s_place() {
    let Some(mut server) = RedisServer::start() else { return };
    let here = connected(settings_of(&server)).await;
    let sessions = sessions_of(&here);
    let ((one, _), (everywhere, _)) = (begin(&sessions).await, begin(&sessions).await);
    sessions.end(&one).await.expect("it is told");
    server.kill();
    server.run();
    until(|| here.link.is_connected()).await;
    sessions.end_all("okta", Whose::Person("00u1"), START).await.told.expect("it is told");
    for _ in 0..2 {
        server.kill();
        server.run();
        let later = sessions_of(&connected(settings_of(&server)).await);
        until(|| later.has_ended(&one, START) && later.has_ended(&everywhere, START)).await;
        until(|| here.link.is_connected()).await;
    }
}

/// Killed, frozen, emptied: copies live on for the stated time, nothing else is known, and it comes back by itself.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_the_store_is_away_copies_count_and_nobody_else_is_signed_out() {
    let Some(mut server) = RedisServer::start() else { return };
    let redis = connected(settings_of(&server)).await;
    let (sessions, elsewhere) = (sessions_of(&redis), sessions_of(&connected(settings_of(&server)).await));
    let ((_, known), (ended, ended_cookie), (_, unknown)) =
        (begin(&sessions).await, begin(&sessions).await, begin(&elsewhere).await);
    for cookie in [&known, &ended_cookie] {
        assert!(is_active(&find(&sessions, cookie, START).await));
    }
    server.signal("STOP");
    let later = START.after(seconds(60));
    assert!(is_active(&find(&sessions, &known, later).await), "a copy counts");
    assert!(matches!(find(&sessions, &unknown, later).await, SessionLookup::Unavailable));
    assert_eq!(sessions.end(&ended).await, Err(Unavailable));
    assert!(!is_active(&find(&sessions, &ended_cookie, later).await), "what ended here has ended");
    assert!(matches!(find(&sessions, &known, START.after(seconds(301))).await, SessionLookup::Unavailable));
    let asked = std::time::Instant::now();
    for _ in 0..100 {
        assert!(matches!(find(&sessions, &unknown, later).await, SessionLookup::Unavailable));
    }
    assert!(asked.elapsed() < seconds(5), "nobody waits for a server that is known to be away: {:?}", asked.elapsed());
    server.signal("CONT");
    until(|| redis.link.is_connected()).await;
    assert!(is_active(&find(&sessions, &unknown, later).await), "back by itself");
    until(|| redis.endings.announcements.waiting.lock().is_empty()).await;
    until(|| elsewhere.has_ended(&ended, later)).await;

    server.kill();
    let later = START.after(seconds(120));
    assert!(is_active(&find(&sessions, &known, later).await));
    server.run();
    until(|| redis.link.is_connected()).await;
    let lookup = find(&sessions, &known, START.after(seconds(140))).await;
    assert!(matches!(lookup, SessionLookup::Invalid { is_missing: true, .. }), "an emptied store has nobody");
    let (_, next) = begin(&sessions).await;
    assert!(is_active(&find(&sessions, &next, START).await));
    let (after, _) = begin(&sessions).await;
    sessions.end(&after).await.expect("it is told");
    until(|| elsewhere.has_ended(&after, START)).await;
}

/// What this process has of them is revoked although nobody can be told: the newest that it knows, once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_refresh_tokens_of_sessions_that_end_while_the_store_is_away_are_not_lost() {
    let Some(server) = RedisServer::start() else { return };
    let redis = connected(settings_of(&server)).await;
    let sessions = sessions_of(&redis);
    let terms = || super::super::RefreshTerms {
        scope: "openid offline_access".to_owned(),
        nonce: Secret::new("once"),
        life: seconds(600),
    };
    for token in ["refreshed", "read"] {
        let mut new = new_session(jane(), "id token");
        (new.refresh_token, new.refresh_terms) = (Some(Secret::new(token)), Some(terms()));
        let begun = sessions.begin(new, Cookies::of(&http::HeaderMap::new()), START).await;
        let cookie = cookie_of(&begun.expect("a session").changes);
        let SessionLookup::Active { due, .. } = find(&sessions, &cookie, START.after(seconds(560))).await else {
            panic!("nobody")
        };
        if token == "refreshed" {
            let due = due.expect("it is to be refreshed");
            let state = due.state().next(Some(Secret::new("newest")), Some((START.after(seconds(560)), seconds(3600))));
            let kept = sessions.replace(&due, due.session().clone(), state, START.after(seconds(560))).await;
            assert_eq!(kept, Ok(super::super::Kept::Newest));
        }
    }
    server.signal("STOP");
    let ended = sessions.end_all("okta", Whose::Person("00u1"), START.after(seconds(561))).await;
    assert_eq!((ended.told, ended.people), (Err(Unavailable), ["00u1".to_owned()].into()));
    let mut found: Vec<&str> = ended.refresh_tokens.iter().map(Secret::expose).collect();
    found.sort_unstable();
    assert_eq!(found, ["newest", "read"]);
    server.signal("CONT");
}

#[tokio::test]
async fn use_is_written_down_once_a_minute_and_keeps_a_session_alive_until_its_end() {
    let Some(server) = RedisServer::start() else { return };
    let sessions = sessions_of(&connected(settings_of(&server)).await);
    let (session, cookie) = begin(&sessions).await;
    let key = format!("gw:s:{{{}}}", name_of(&session));
    let seen = async || {
        let record = server.says(&["GET", &key]);
        let used = record.split('.').nth(1).and_then(|used| used.split_once('-')).expect("how it was used");
        let (seconds, idle): (u64, u64) = (used.0.parse().expect("a moment"), used.1.parse().expect("a number"));
        (seconds - START.seconds(), idle)
    };
    for (at, written) in
        [(59, (0, 0)), (60, (60, 60)), (100, (60, 60)), (121, (121, 61)), (1900, (1900, 1779)), (1960, (1960, 1779))]
    {
        assert!(is_active(&find(&sessions, &cookie, START.after(seconds(at))).await), "{at}");
        assert_eq!(seen().await, written, "{at}");
    }
    assert!(!is_active(&find(&sessions, &cookie, START.after(seconds(1960 + 1800))).await), "idle");
    let mut now = 0;
    while now < 43_100 {
        now += 1000;
        find(&sessions, &cookie, START.after(seconds(now))).await;
    }
    assert!(!is_active(&find(&sessions, &cookie, START.after(seconds(43_200))).await));
}

/// A server whose memory is full takes no new session. Those that there are live on while they are used, and ends are told.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_that_is_full_keeps_the_sessions_that_are_used_and_ends_those_that_end() {
    let Some(server) = RedisServer::start() else { return };
    let (here, there) = (connected(settings_of(&server)).await, connected(settings_of(&server)).await);
    let (one, other) = (sessions_of(&here), sessions_of(&there));
    let ((session, cookie), (_, second_cookie)) = (begin(&one).await, begin(&one).await);
    let others = Identity { subject: "00u2".to_owned(), ..jane() };
    let (stays, stays_cookie) = begin_as(&one, others, None).await;
    let key = format!("gw:s:{{{}}}", name_of(&stays));
    server.says(&["PEXPIRE", &key, "60000"]);
    server.says(&["CONFIG", "SET", "maxmemory-policy", "noeviction"]);
    server.says(&["CONFIG", "SET", "maxmemory", "1"]);
    let now = START.after(seconds(600));
    let new = one.begin(new_session(jane(), "id token"), Cookies::of(&http::HeaderMap::new()), now).await;
    assert_eq!(new.err(), Some(Unavailable), "it is full");
    assert!(!one.can_begin() && other.can_begin(), "which is known where it was tried");

    let SessionLookup::Active { usage, .. } = find(&one, &stays_cookie, now).await else { panic!("nobody") };
    assert!(server.says(&["GET", &key]).contains(&format!("0.{}-600.", usage.last_seen.seconds())), "its use is kept");
    let lives: u64 = server.says(&["PTTL", &key]).trim_start_matches(':').trim().parse().expect("a number");
    assert!(lives > 600_000, "and prolongs it: {lives}");

    assert!(is_active(&find(&other, &second_cookie, now).await), "there is a copy");
    one.end_all("okta", Whose::Person("00u1"), now).await.told.expect("it is told");
    until(|| other.has_ended(&session, now)).await;
    for cookie in [&cookie, &second_cookie] {
        assert!(!is_active(&find(&other, cookie, now).await));
    }
    assert!(is_active(&find(&other, &stays_cookie, now).await));
}

/// Whatever of an end can be done is done, and what is refused keeps nobody from hearing of others.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_end_that_is_refused_holds_up_no_other_one() {
    let Some(server) = RedisServer::start() else { return };
    let (here, there) = (connected(settings_of(&server)).await, connected(settings_of(&server)).await);
    let (one, other) = (sessions_of(&here), sessions_of(&there));
    let (_, refused_cookie) = begin(&one).await;
    let person = |subject: &str| Identity { subject: subject.to_owned(), ..jane() };
    let (second, _) = begin_as(&one, person("00u2"), None).await;
    let (third, _) = begin_as(&one, person("00u3"), None).await;
    let not_before = here.key("n:", &text_of(&Whose::Person("00u1").digest("okta")));
    server.says(&["LPUSH", &not_before, "x"]);
    let refused = one.end_all("okta", Whose::Person("00u1"), START).await.told;
    assert_eq!(refused, Err(Unavailable));
    assert_eq!(server.says(&["DEL", &not_before]).trim(), ":1");
    server.says(&["LPUSH", &not_before, "x"]);
    assert!(!is_active(&find(&other, &refused_cookie, START).await), "its record is gone");

    other.end_all("okta", Whose::Person("00u2"), START).await.told.expect("it is told");
    until(|| one.has_ended(&second, START)).await;
    here.endings.announcements.queue(Announcement {
        ending: Ending::UpTo(Whose::Person("00u3").digest("okta"), START),
        seconds: 600,
        first: None,
    });
    until(|| other.has_ended(&third, START)).await;
    server.says(&["DEL", &not_before]);
    until(|| here.endings.announcements.waiting.lock().is_empty()).await;
}

/// A reload with other settings makes another connection, which tells what the one before could not.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_store_was_not_told_is_told_by_the_connection_after_it() {
    let Some(server) = RedisServer::start() else { return };
    let (here, there) = (connected(settings_of(&server)).await, connected(settings_of(&server)).await);
    let (sessions, other) = (sessions_of(&here), sessions_of(&there));
    let ((one, _), (everywhere, _)) = (begin(&sessions).await, begin(&sessions).await);
    server.signal("STOP");
    assert_eq!(sessions.end(&one).await, Err(Unavailable));
    assert_eq!(sessions.end_all("okta", Whose::Person("00u1"), START).await.told, Err(Unavailable));
    let settings = RedisSettings { command: Duration::from_millis(400), ..settings_of(&server) };
    let announcements = Arc::clone(&here.endings.announcements);
    let next = Arc::new(Redis::new(settings, Arc::clone(&here.revocations), Arc::default(), announcements));
    drop((sessions, here));
    next.start();
    server.signal("CONT");
    until(|| other.has_ended(&one, START) && other.has_ended(&everywhere, START)).await;
}

/// Connections of the configuration before may last for hours, and keep their store's connection: it may be to another server.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_waits_is_told_to_the_newest_store_alone() {
    let (Some(server), Some(next_server)) = (RedisServer::start(), RedisServer::start()) else { return };
    let (here, there) = (connected(settings_of(&server)).await, connected(settings_of(&next_server)).await);
    let announcements = Arc::clone(&here.endings.announcements);
    let next = Redis::new(settings_of(&next_server), Arc::default(), Arc::default(), Arc::clone(&announcements));
    let next = Arc::new(next);
    next.start();
    until(|| next.has_been_connected()).await;
    next_server.signal("STOP");
    let (moment, seconds) = (START, 600);
    let ends = |subject: &str| Whose::Person(subject).digest("okta");
    // More than are told at once.
    for number in 0..500 {
        let ending = Ending::UpTo(ends(&format!("00u{number}")), moment);
        announcements.queue(Announcement { ending, seconds, first: None });
    }
    // The earlier one goes on to hear of others, and tells nothing of that.
    let from_elsewhere = connected(settings_of(&server)).await;
    for (heard, subject) in [(1, "first"), (2, "second")] {
        from_elsewhere.announce(&Ending::UpTo(ends(subject), moment), seconds).await.expect("it is told");
        until(|| here.revocations.len() == heard).await;
    }
    assert_eq!(server.says(&["ZCARD", "gw:e"]).trim(), ":2");
    next_server.signal("CONT");
    until(|| there.revocations.len() == 500).await;
}

/// K-08: a clock that is ahead for a moment takes nothing from how long a session is kept.
#[tokio::test]
async fn a_use_by_a_clock_that_is_ahead_shortens_no_session() {
    let Some(server) = RedisServer::start() else { return };
    let store = store_of(&connected(settings_of(&server)).await);
    let session = store.create(session_of(jane()), None).await.expect("it is kept").session;
    let ahead = Usage { last_seen: START.after(seconds(43_195)), longest_idle: seconds(0) };
    store.touch(&session, ahead).await.expect("it answers");
    let key = format!("gw:s:{{{}}}", name_of(&session));
    let lives: u64 = server.says(&["PTTL", &key]).trim_start_matches(':').trim().parse().expect("a number");
    assert!(lives > 1_000_000, "{lives}");
}

#[test]
fn an_address_that_is_not_checked_is_refused() {
    for good in
        ["redis://h", "redis://u:p%40@h:1/2", "rediss://h", "unix:///s?db=1", "redis+unix:///s", "redis://[::1]:1"]
    {
        assert_eq!(RedisSettings::check(good), Ok(()), "{good}");
    }
    for bad in ["", "h:6379", "http://h", "redis://", "rediss://h#insecure", "redis://h/x", "unix://h/s"] {
        assert!(RedisSettings::check(bad).is_err(), "{bad}");
    }
}
