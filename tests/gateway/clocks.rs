//! A gateway whose clock the test sets: sessions that are too old for a route, and clocks that jump.

use std::path::PathBuf;

use crate::neighbours::program;
use crate::raw::{Raw, WEBSOCKET, status};
use crate::sign_in::is_at;
use crate::store::Store;
use crate::upstream::ask;
use crate::visitor::{View, Visitor};
use crate::world::World;

/// The clock of a gateway, which libfaketime reads from a file; what a program measures spans with goes on as ever.
pub(crate) struct Clock {
    library: String,
    folder: tempfile::TempDir,
}

impl Clock {
    /// None, said aloud, where the library is not installed.
    pub(crate) fn new() -> Option<Self> {
        let name = "libfaketimeMT.so.1";
        let folders = std::fs::read_dir("/usr/lib").into_iter().flatten().flatten();
        let found = folders.map(|folder| folder.path().join("faketime").join(name)).find(|file| file.is_file());
        let library = found.map(|file| file.to_string_lossy().into_owned()).or_else(|| program("FAKETIME", name))?;
        let clock = Self { library, folder: tempfile::tempdir().expect("a folder") };
        clock.set(0);
        Some(clock)
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("now")
    }

    /// So many seconds from this machine's.
    pub(crate) fn set(&self, seconds: i64) {
        let next = self.folder.path().join("next");
        std::fs::write(&next, format!("{seconds:+}")).expect("written");
        std::fs::rename(next, self.file()).expect("in its place at once");
    }

    pub(crate) async fn world(&self, more: &str) -> World {
        self.world_with(more, &[]).await
    }

    async fn world_with(&self, more: &str, settings: &[(&str, &str)]) -> World {
        let file = self.file();
        let environment = [
            ("LD_PRELOAD", self.library.as_str()),
            ("FAKETIME_TIMESTAMP_FILE", file.to_str().expect("text")),
            ("FAKETIME_NO_CACHE", "1"),
            ("FAKETIME_DONT_FAKE_MONOTONIC", "1"),
            ("NO_FAKE_STAT", "1"),
        ];
        World::with(more, &[&environment, settings].concat()).await
    }
}

const LIMITED: &str = "trusted_proxies = [\"127.0.0.1\"]\n[[route]]\nname = \"app\"\nupstream = \"APP\"\n\
    [[route]]\nname = \"short\"\npath = \"/short\"\nupstream = \"APP\"\nmax_age_minutes = 1\n\
    [[route]]\nname = \"attended\"\npath = \"/attended\"\nupstream = \"APP\"\nmax_idle_minutes = 1\n";

/// What this visitor's browser gets for a request with these headers, without following anything.
fn asked(world: &World, visitor: &mut Visitor, target: &str, headers: &str) -> String {
    let (port, cookies) = (world.port, visitor.cookie_line());
    let closes = if headers.contains("Connection: ") { "" } else { "Connection: close\r\n" };
    ask(port, &format!("GET {target} HTTP/1.1\r\nHost: localhost:{port}\r\n{closes}Cookie: {cookies}\r\n{headers}\r\n"))
}

/// K-08.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_that_is_too_old_for_a_route_signs_in_again_there_and_is_good_elsewhere() {
    let Some(clock) = Clock::new() else { return };
    // A minute within what the org's clock and ours may differ.
    clock.set(-30);
    let world = clock.world(LIMITED).await;
    let mut visitor = Visitor::new(&world);
    is_at(&visitor.sign_in("/short", "password@example.com").await, "/short");
    is_at(&visitor.visit("/attended").await, "/attended");
    clock.set(31);
    is_at(&visitor.visit("/app").await, "/app");
    for route in ["/short", "/attended"] {
        assert_eq!(status(&asked(&world, &mut visitor, route, "Accept: application/json\r\n")), "401", "{route}");
        assert_eq!(status(&asked(&world, &mut visitor, route, WEBSOCKET)), "401", "{route}");
        let question = format!("X-Original-URL: http://localhost:{}{route}\r\nX-Original-Method: GET\r\n", world.port);
        let answer = asked(&world, &mut visitor, "/.gateway/auth", &format!("{question}Accept: text/html\r\n"));
        assert!(answer.starts_with("HTTP/1.1 401 ") && answer.contains("/.gateway/sign-in?to="), "{answer}");
        let page = asked(&world, &mut visitor, route, "Accept: text/html\r\nSec-Fetch-Mode: navigate\r\n");
        assert!(page.starts_with("HTTP/1.1 303 ") && page.contains("/.gateway/sign-in?to="), "{page}");
    }
    is_at(&visitor.visit("/app").await, "/app");
    let view = visitor.visit("/attended?x=1").await;
    assert_eq!(view.page.headings, ["Sign in"], "although it was used a moment ago: {}", view.page.text);
    let view = visitor.answer(&view, &[("identifier", "password@example.com"), ("password", "Sandbox-1234")]).await;
    is_at(&view, "/attended");
    is_at(&visitor.visit("/short").await, "/short");
    assert!(world.metrics().await.contains("decision=\"step_up\""));
}

/// S-04: a stream that is open does not outlive what its route takes.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_websocket_ends_when_its_session_is_too_old_for_its_route() {
    let Some(clock) = Clock::new() else { return };
    let world = clock.world(LIMITED).await;
    let mut visitor = Visitor::new(&world);
    is_at(&visitor.sign_in("/app", "password@example.com").await, "/app");
    let mut sockets = Vec::new();
    for path in ["/ws", "/short/ws"] {
        let mut socket = Raw::to(world.port).await;
        let (port, cookies) = (world.port, visitor.cookie_line());
        socket
            .send(format!("GET {path} HTTP/1.1\r\nHost: localhost:{port}\r\nCookie: {cookies}\r\n{WEBSOCKET}\r\n"))
            .await;
        assert_eq!(status(&socket.answer().await), "101", "{path}");
        sockets.push(socket);
    }
    clock.set(61);
    let mut short = sockets.pop().expect("the second");
    short.rest().await;
    let nothing_comes = tokio::time::timeout(std::time::Duration::from_secs(3), sockets[0].rest()).await.is_err();
    assert!(nothing_comes, "elsewhere the session is good");
    clock.set(43_201);
    // Its absolute end, whatever the route.
    sockets[0].rest().await;
}

/// K-07, B-05: without a store nobody but the process that was asked knows of an end. A restart stands for another replica;
/// the README says for how many seconds that matters.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_store_a_copy_of_an_ended_session_opens_for_as_long_as_the_readme_says() {
    let Some(clock) = Clock::new() else { return };
    let readme = include_str!("../../README.md");
    for (idle, words, seconds) in
        [("720", "for 43,200 seconds after the sign-in", 43_200), ("60", "not been used for 3,600 seconds", 3600)]
    {
        assert!(readme.contains(words), "{words}");
        clock.set(0);
        let mut world = clock.world_with("", &[("GATEWAY__SESSION__IDLE_MINUTES", idle)]).await;
        let mut visitor = Visitor::new(&world);
        is_at(&visitor.sign_in("/reports", "password@example.com").await, "/reports");
        let signed_in = std::time::Instant::now();
        let jar = visitor.jar().clone();
        let view = visitor.visit("/.gateway/sign-out").await;
        visitor.choose(&view, "Sign out").await;
        *visitor.jar() = jar;
        let script = "Accept: application/json\r\n";
        assert_eq!(status(&asked(&world, &mut visitor, "/reports", script)), "401", "where it was ended");
        world.restart().await;
        assert_eq!(status(&asked(&world, &mut visitor, "/reports", script)), "200", "elsewhere");
        // What the test itself has taken counts too.
        clock.set(seconds - 60 - i64::try_from(signed_in.elapsed().as_secs()).expect("little"));
        let answer = asked(&world, &mut visitor, "/reports", script);
        assert!(signed_in.elapsed().as_secs() > 50 || status(&answer) == "200", "{idle}: {answer}");
        clock.set(seconds);
        assert_eq!(status(&asked(&world, &mut visitor, "/reports", script)), "401", "{idle}");
    }
}

/// K-08, K-19: forwards beyond every limit and back, and backwards; whoever was signed in still is.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_clock_that_jumps_and_is_put_right_signs_nobody_out() {
    const HOUR: i64 = 3600;
    let Some(clock) = Clock::new() else { return };
    let world = clock.world("").await;
    let mut visitor = Visitor::new(&world);
    is_at(&visitor.sign_in("/reports", "password@example.com").await, "/reports");
    let jar = visitor.jar().clone();
    for (seconds, lives) in [
        (HOUR / 2, true),
        (0, true),
        (2 * HOUR, false),
        (0, true),
        (-200, true),
        (-30 * 24 * HOUR, false),
        (0, true),
        (100 * 365 * 24 * HOUR, false),
        (0, true),
    ] {
        clock.set(seconds);
        let answer = asked(&world, &mut visitor, "/reports", "Accept: application/json\r\n");
        assert_eq!(status(&answer), if lives { "200" } else { "401" }, "{seconds} s ahead: {answer}");
        is_cleared_by_nothing(&answer);
    }
    // Somebody was there while it was ahead.
    clock.set(HOUR / 2);
    is_at(&visitor.visit("/reports").await, "/reports");
    assert_ne!(*visitor.jar(), jar, "that it was used is written down");
    clock.set(0);
    is_at(&visitor.visit("/reports").await, "/reports");
    assert_eq!(world.calls("/v1/token").await, 1, "nobody signed in again");
    // Limits of sign-ins and the org's answers hold nobody up either.
    let mut another = Visitor::new(&world);
    is_at(&another.sign_in("/reports", "password@example.com").await, "/reports");
}

/// Where no other lease can be had, the one that there is counts for as long as scripts may use it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lease_that_is_due_goes_on_while_the_store_is_away() {
    let (Some(clock), Some(store)) = (Clock::new(), Store::start()) else { return };
    let more = format!(
        "{}[[route]]\nname = \"app\"\nupstream = \"APP\"\n\
         [[route]]\nname = \"wiki\"\nhost = \"wiki.localhost\"\nupstream = \"APP\"\n",
        store.section()
    );
    let world = clock.world_with(&more, &[("GATEWAY__SESSION__STORE", "redis")]).await;
    let mut visitor = Visitor::new(&world);
    is_at(&visitor.sign_in("/y", "password@example.com").await, "/y");
    let wiki = format!("http://wiki.localhost:{}/a", world.port);
    let is_there = |view: View| assert_eq!((view.status.as_u16(), view.url.as_str()), (200, &*wiki), "{}", view.body);
    is_there(visitor.visit(&wiki).await);
    clock.set(590);
    is_there(visitor.visit(&wiki).await);
    store.signal("STOP");
    clock.set(620);
    is_there(visitor.visit(&wiki).await);
    store.signal("CONT");
    let host = format!("wiki.localhost:{}", world.port);
    let lease = visitor.cookies[&host]["gw_session"].clone();
    for _ in 0..400 {
        is_there(visitor.visit(&wiki).await);
        if visitor.cookies[&host]["gw_session"] != lease {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("it is never renewed:\n{}", world.log());
}

fn is_cleared_by_nothing(answer: &str) {
    assert!(!answer.contains("gw_session="), "{answer}");
}
