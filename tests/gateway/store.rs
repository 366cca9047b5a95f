//! Sessions in a real Redis: two replicas, requests spread over both, ends that reach the other one, a store that is
//! away and comes back.

use std::process::{Child, Command, Stdio};
use std::time::Duration;

use std::collections::BTreeMap;

use futures_util::future::join_all;
use serde_json::json;

use crate::redis_server::RedisServer;
use crate::visitor::{Visitor, cookie_line};
use crate::world::{World, free_port};

/// A store of this test's own.
pub(crate) struct Store(RedisServer);

impl Store {
    /// None, said aloud, where Redis is not installed.
    pub(crate) fn start() -> Option<Self> {
        RedisServer::start().map(Self)
    }

    /// Starts it, empty.
    pub(crate) fn run(&mut self) {
        self.0.run();
    }

    /// Ends it at once; what it had is lost.
    pub(crate) fn kill(&mut self) {
        self.0.kill();
    }

    /// What the server says to a command.
    pub(crate) fn says(&self, words: &[&str]) -> String {
        self.0.says(words)
    }

    /// Sends it a signal, by its name without `SIG`.
    pub(crate) fn signal(&self, name: &str) {
        self.0.signal(name);
    }

    /// The configuration's part that leads to it.
    pub(crate) fn section(&self) -> String {
        format!("[session.redis]\nurl = \"{}\"\ncache_seconds = 1\n", self.0.url())
    }
}

/// A world whose sessions are in this store.
pub(crate) async fn world(store: &Store) -> World {
    World::with(&store.section(), &[("GATEWAY__SESSION__STORE", "redis")]).await
}

/// Another gateway with the same configuration, on a port of its own; gone with the test.
pub(crate) struct Replica {
    process: Child,
    pub(crate) port: u16,
}

impl Replica {
    pub(crate) async fn of(world: &World, store: &str) -> Self {
        let (port, admin) = (free_port(), free_port());
        let process = Command::new(env!("CARGO_BIN_EXE_idx-gateway"))
            .args(["run", "--config"])
            .arg(world.path("gateway.toml"))
            .env("GATEWAY__SESSION__STORE", store)
            .env("GATEWAY__SERVER__LISTEN", format!("127.0.0.1:{port}"))
            .env("GATEWAY__ADMIN__LISTEN", format!("127.0.0.1:{admin}"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the other replica starts");
        let replica = Self { process, port };
        let ready = format!("http://127.0.0.1:{admin}/readyz");
        for _ in 0..400 {
            if client().get(&ready).send().await.is_ok_and(|answer| answer.status() == 200) {
                return replica;
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        panic!("the other replica is not ready");
    }
}

impl Drop for Replica {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn client() -> reqwest::Client {
    reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy().build().expect("a client")
}

/// What a script gets from the gateway at this port, with these cookies.
pub(crate) async fn asked(port: u16, cookies: &BTreeMap<String, String>) -> reqwest::Response {
    let request = client().get(format!("http://127.0.0.1:{port}/reports")).header("host", format!("localhost:{port}"));
    request.header("cookie", cookie_line(cookies)).send().await.expect("an answer")
}

/// Waits until a session counts no more.
async fn until_ended(port: u16, cookies: &BTreeMap<String, String>) {
    let ended = async {
        while status(port, cookies).await != 401 {
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), ended).await.expect("the session ends");
}

pub(crate) async fn status(port: u16, cookies: &BTreeMap<String, String>) -> u16 {
    asked(port, cookies).await.status().as_u16()
}

async fn signed_in(world: &World, account: &str) -> Visitor {
    let mut visitor = Visitor::new(world);
    let view = visitor.sign_in("/reports", account).await;
    assert_eq!((view.url.path(), view.status.as_u16()), ("/reports", 200), "{}", view.page.text);
    visitor
}

async fn sign_out(visitor: &mut Visitor, button: &str) {
    let view = visitor.visit("/.gateway/sign-out").await;
    let view = visitor.choose(&view, button).await;
    assert_eq!(view.page.headings, ["You have signed out"], "{}", view.page.text);
}

/// B-05: and a cookie of the one opens the other.
#[tokio::test]
async fn a_session_opens_every_replica_and_its_end_reaches_all_within_a_second() {
    let Some(store) = Store::start() else { return };
    let world = world(&store).await;
    let replica = Replica::of(&world, "redis").await;
    let mut visitors: Vec<Visitor> = Vec::new();
    for _ in 0..3 {
        visitors.push(signed_in(&world, "password@example.com").await);
    }
    world.tell("users", json!({"login": "other@example.com", "password": "Sandbox-1234"})).await;
    let mut other = signed_in(&world, "other@example.com").await;
    let copies: Vec<_> = visitors.iter_mut().map(|visitor| visitor.jar().clone()).collect();
    assert!(copies[0]["gw_session"].len() < 200, "a ticket: {}", copies[0]["gw_session"]);
    for copy in &copies {
        assert_eq!(status(replica.port, copy).await, 200);
    }
    sign_out(&mut visitors[0], "Sign out").await;
    until_ended(replica.port, &copies[0]).await;
    assert_eq!(status(replica.port, &copies[1]).await, 200);
    sign_out(&mut visitors[1], "Sign out on all devices").await;
    for copy in &copies {
        until_ended(replica.port, copy).await;
    }
    assert_eq!(status(replica.port, other.jar()).await, 200, "nobody else's");
    let mut again = signed_in(&world, "password@example.com").await;
    assert_eq!(status(replica.port, again.jar()).await, 200);
}

/// An outage of the store signs nobody out, sends nobody to sign in, and needs no restart.
#[tokio::test]
async fn while_the_store_is_away_cookies_stay_and_the_org_is_not_called() {
    let Some(mut store) = Store::start() else { return };
    let mut world = world(&store).await;
    let mut visitor = signed_in(&world, "password@example.com").await;
    let jar = visitor.jar().clone();
    store.signal("STOP");
    assert_eq!(status(world.port, &jar).await, 200, "this process has a copy");
    world.restart_when_away().await;
    let calls = world.calls("/").await;
    let answer = asked(world.port, &jar).await;
    assert_eq!(answer.status(), 503);
    assert_eq!(answer.headers()["retry-after"], "5");
    assert!(!answer.headers().contains_key("set-cookie") && !answer.headers().contains_key("location"));
    let view = visitor.visit("/reports").await;
    assert_eq!(view.status, 503);
    assert_eq!(view.page.headings, ["We can’t check who is signed in right now"]);
    assert_eq!(view.headers["refresh"], "5");
    assert!(visitor.jar().contains_key("gw_session"));
    assert_eq!(visitor.visit("/public").await.status, 200, "who needs nobody goes on");
    let sheet = view.body.split('"').find(|part| part.ends_with(".css")).expect("a stylesheet").to_owned();
    assert_eq!(visitor.visit(&sheet).await.status, 200, "{sheet}");
    let mut newcomer = Visitor::new(&world);
    let view = newcomer.sign_in("/reports", "password@example.com").await;
    assert_eq!(view.status, 503, "{}", view.page.text);
    assert_eq!(world.calls("/v1/token").await, 1, "the org's code is not used up");
    assert!(world.calls("/").await < calls + 10);
    assert!(world.metrics().await.contains("gateway_store_up 0"));
    store.signal("CONT");
    world.until_ready().await;
    assert_eq!(status(world.port, &jar).await, 200, "back without a restart, and nobody was signed out");

    store.kill();
    store.run();
    for _ in 0..200 {
        if status(world.port, &jar).await == 401 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(visitor.visit("/reports").await.page.headings, ["Sign in"], "an emptied store has nobody");
    assert!(!visitor.jar().contains_key("gw_session"));
    assert!(world.metrics().await.contains("gateway_sessions_missing_total "));
}

/// As in a failover: what cannot be told is told later, sessions can be read meanwhile, and the log does not fill.
#[tokio::test]
async fn a_store_that_may_only_be_read_loses_no_end_and_fills_no_log() {
    let Some(store) = Store::start() else { return };
    let world = world(&store).await;
    let replica = Replica::of(&world, "redis").await;
    let mut leaves = signed_in(&world, "password@example.com").await;
    let mut stays = signed_in(&world, "password@example.com").await;
    let ended = leaves.jar().clone();
    assert_eq!(status(replica.port, &ended).await, 200);
    store.0.says(&["REPLICAOF", "127.0.0.1", "1"]);
    sign_out(&mut leaves, "Sign out").await;
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert_eq!(status(replica.port, stays.jar()).await, 200);
    assert_eq!(status(replica.port, &ended).await, 200, "it cannot know yet");
    // Twice: the command was repeated over another connection. It was three times a second.
    let log = world.log();
    assert!(log.matches("the session store does not answer").count() <= 3, "{log}");
    store.0.says(&["REPLICAOF", "NO", "ONE"]);
    until_ended(replica.port, &ended).await;
    assert_eq!(status(replica.port, stays.jar()).await, 200);
    let said = async {
        let last = |words: &str| world.log().rfind(words);
        while last("the session store answers") < last("the session store does not answer") {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), said).await.expect("it is said that it answers again");
}

/// Sign-ins, and what they open asked of two replicas in turns.
#[tokio::test]
async fn many_people_sign_in_and_go_on_at_whichever_replica() {
    let Some(store) = Store::start() else { return };
    let world = world(&store).await;
    let replica = Replica::of(&world, "redis").await;
    let visitors = join_all((0..20).map(|_| signed_in(&world, "password@example.com"))).await;
    let ports = [world.port, replica.port];
    let opened = join_all(visitors.into_iter().enumerate().map(|(at, mut visitor)| async move {
        let mut opened = 0;
        for request in 0..10 {
            opened += usize::from(status(ports[(at + request) % 2], visitor.jar()).await == 200);
        }
        opened
    }))
    .await;
    assert_eq!(opened, [10; 20]);
    assert_eq!(world.calls("/v1/token").await, 20, "nobody signed in twice");
}

#[tokio::test]
async fn people_see_their_sessions_and_end_them_and_nobody_else_s() {
    let Some(store) = Store::start() else { return };
    let world = world(&store).await;
    let mut here = signed_in(&world, "password@example.com").await;
    let mut there = Visitor::new(&world);
    there.headers.push(("user-agent".to_owned(), "Mozilla/5.0 (iPhone) AppleWebKit/605 Safari/604.1".to_owned()));
    there.sign_in("/reports", "password@example.com").await;
    let mut third = signed_in(&world, "password@example.com").await;
    world.tell("users", json!({"login": "other@example.com", "password": "Sandbox-1234"})).await;
    let mut other = signed_in(&world, "other@example.com").await;

    let script = client().get(format!("http://127.0.0.1:{}/.gateway/sessions", world.port));
    let script = script.header("host", format!("localhost:{}", world.port)).header("accept", "application/json");
    let answer = script.send().await.expect("an answer");
    assert_eq!(
        (answer.status().as_u16(), &answer.headers()["content-type"]),
        (401, &"application/problem+json".parse().expect("a value"))
    );

    let account = here.visit("/.gateway/account").await;
    let list = here.follow(&account, "/.gateway/sessions").await;
    assert_eq!(list.page.headings[0], "Where you are signed in", "{}", list.page.text);
    for words in ["This browser", "Safari, iPhone", "127.0.0.1", "Last used"] {
        assert!(list.page.text.contains(words), "{words}: {}", list.page.text);
    }
    let ends =
        |view: &crate::visitor::View| view.page.forms.iter().filter(|form| form.value("do") == Some("end")).count();
    assert_eq!(ends(&list), 2, "neither this one nor anybody else's");
    assert!(!list.body.contains(&here.jar()["gw_session"]));

    let mut theirs = other.visit("/.gateway/sessions").await;
    assert_eq!(ends(&theirs), 0);
    let own_form = |view: &crate::visitor::View, words: &str| {
        let end = view.page.forms.iter().filter(|form| form.value("do") == Some("end"));
        let mut end = end.filter(|form| form.buttons.iter().any(|(_, _, text)| text.contains(words)));
        end.next().cloned()
    };
    let form = own_form(&list, "").expect("a form");
    theirs.url = list.url.clone();
    other.submit(&theirs, &form, &[]).await;
    assert_eq!(ends(&here.visit("/.gateway/sessions").await), 2, "another person's form ends nothing");
    here.headers = vec![("sec-fetch-site".to_owned(), "cross-site".to_owned())];
    assert_eq!(here.submit(&list, &form, &[]).await.status, 403);
    here.headers.clear();

    let list = here.submit(&list, &form, &[]).await;
    assert_eq!((list.url.path(), ends(&list)), ("/.gateway/sessions", 1));
    let list = here.choose(&list, "End all other sessions").await;
    assert_eq!(ends(&list), 0);
    for (visitor, is_in) in [(&mut here, true), (&mut there, false), (&mut third, false), (&mut other, true)] {
        assert_eq!(visitor.visit("/reports").await.url.path() == "/reports", is_in);
    }
}

/// An evicted session is a person who signs in again: it is said beforehand, and nobody is kept from starting by it.
#[tokio::test]
async fn a_server_that_evicts_sessions_is_warned_of() {
    let Some(store) = Store::start() else { return };
    let world = world(&store).await;
    let checked = || {
        let mut check = Command::new(env!("CARGO_BIN_EXE_idx-gateway"));
        check.args(["check", "--config"]).arg(world.path("gateway.toml")).env("GATEWAY__SESSION__STORE", "redis");
        let output = check.output().expect("check runs");
        assert!(output.status.success());
        String::from_utf8(output.stderr).expect("text")
    };
    for (policy, warns) in
        [("noeviction", false), ("allkeys-lru", true), ("volatile-ttl", false), ("volatile-lru", true)]
    {
        store.0.says(&["CONFIG", "SET", "maxmemory-policy", policy]);
        let words = format!("maxmemory-policy is {policy}");
        // A server that is slow to answer is not waited for.
        let is_said = || checked().contains(&words);
        assert_eq!(if warns { (0..10).any(|_| is_said()) } else { is_said() }, warns, "{policy}");
    }
    drop(store);
    assert!(!checked().contains("maxmemory"), "a server that is not reached is not spoken of");
}

/// What is told of a refused configuration includes what its store evicts; the next configuration is still read.
#[tokio::test]
async fn a_reload_that_is_refused_is_not_the_last() {
    let Some(store) = Store::start() else { return };
    let world = world(&store).await;
    world.edit("[server]\n", "[server]\nnonsense = 1\n");
    for _ in 0..2 {
        assert!(!world.reload().await, "{}", world.log());
    }
    world.edit("nonsense = 1\n", "");
    assert!(world.reload().await, "{}", world.log());
}

/// D-02: as many ended sessions as are remembered at all, in the memory that docs/sessions.md promises.
#[tokio::test]
async fn a_hundred_thousand_ended_sessions_take_little_memory() {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    const ENDED: usize = 100_000;
    let Some(store) = Store::start() else { return };
    let world = world(&store).await;
    let mut visitor = signed_in(&world, "password@example.com").await;
    let before = world.resident_kib();
    let mut connection =
        tokio::net::UnixStream::connect(store.0.folder().join("redis.sock")).await.expect("a connection");
    for number in 1..=ENDED {
        // A moment long ago, and 32 bytes in base64url.
        let command = format!("ZADD gw:e {number} s{}.{number:0>42}A\r\n", 1_000_000_000 + number);
        connection.write_all(command.as_bytes()).await.expect("sent");
        if number % 1000 == 0 {
            connection.read_exact(&mut [0; 4 * 1000]).await.expect("an answer each");
        }
    }
    let known = async {
        while !world.metrics().await.contains(&format!("gateway_revocations {ENDED}\n")) {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), known).await.expect("all of them are known");
    let grown = world.resident_kib().saturating_sub(before);
    eprintln!("{grown} KiB");
    assert!(grown < 32 * 1024, "{grown} KiB more");
    assert_eq!(status(world.port, visitor.jar()).await, 200);
}

#[tokio::test]
async fn without_a_store_there_is_no_list_and_nothing_leads_to_one() {
    let world = World::new().await;
    let mut visitor = signed_in(&world, "password@example.com").await;
    assert!(!visitor.visit("/.gateway/account").await.body.contains("/.gateway/sessions"));
    assert_eq!(visitor.visit("/.gateway/sessions").await.status, 404);
}
