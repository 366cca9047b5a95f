//! The families R, C and D, and what of W concerns signing out and errors, over every way in: where people are sent,
//! which configuration counts, what is too much, and what is said of upstreams and of the org.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::json;
use url::Url;

use super::http2::{Both, both_with};
use super::line::{Answer, Line, WAYS, Way};
use super::volume::series;
use crate::page::Page;
use crate::upstream::Upstream;
use crate::visitor::{cookie_line, filled_in};
use crate::world::free_port;

const PAGE: [(&str, &str); 4] = [
    ("accept", "text/html"),
    ("sec-fetch-mode", "navigate"),
    ("sec-fetch-dest", "document"),
    ("sec-fetch-site", "same-origin"),
];
const APP: &str = "\n[[route]]\nname = \"app\"\nupstream = \"APP\"\n";

/// Somebody with cookies who comes by one way.
struct Person {
    line: Line,
    cookies: BTreeMap<String, String>,
    site: Url,
}

impl Person {
    async fn new(both: &Both, way: Way) -> Self {
        let site = format!("http://localhost:{}/", both.world.port).parse().expect("an address");
        Self { line: Line::open(both, way).await, cookies: BTreeMap::new(), site }
    }

    /// Asks for a page, or posts a form of one.
    async fn ask(&mut self, path: &str, form: Option<String>) -> Answer {
        let (cookies, origin) = (cookie_line(&self.cookies), self.site.origin().ascii_serialization());
        let mut fields = PAGE.to_vec();
        if !cookies.is_empty() {
            fields.push(("cookie", &cookies));
        }
        if form.is_some() {
            fields.extend([("origin", &*origin), ("content-type", "application/x-www-form-urlencoded")]);
        }
        let method = if form.is_some() { "POST" } else { "GET" };
        let answer = self.line.send(method, path, &fields, &form.unwrap_or_default()).await;
        for line in answer.head.get_all("set-cookie") {
            let line = line.to_str().expect("text");
            let (name, value) = line.split(';').next().and_then(|pair| pair.split_once('=')).expect("a cookie");
            match line.contains("Max-Age=0") {
                true => self.cookies.remove(name),
                false => self.cookies.insert(name.to_owned(), value.to_owned()),
            };
        }
        answer
    }

    /// Where an answer leads.
    fn leads(&self, answer: &Answer) -> Url {
        assert_eq!(answer.status, 303, "{answer:?}");
        self.site.join(answer.value("location")).expect("an address")
    }

    /// Goes on within the gateway's own pages until something is to be filled in or somebody is sent elsewhere.
    async fn follow(&mut self, mut answer: Answer) -> Result<Page, Url> {
        for _ in 0..5 {
            if answer.status == 200 {
                return Ok(Page::read(&answer.body));
            }
            let url = self.leads(&answer);
            if url.origin() != self.site.origin() || !url.path().starts_with("/.gateway/") {
                return Err(url);
            }
            let path = url[url::Position::BeforePath..].to_owned();
            answer = self.ask(&path, None).await;
        }
        panic!("it leads on and on: {answer:?}");
    }

    /// Signs in with a password, to go to `target`: where that leads.
    async fn sign_in(&mut self, target: &str) -> Url {
        let answer = self.ask(&format!("/.gateway/sign-in?return={}", encoded(target)), None).await;
        let page = self.follow(answer).await.expect("a page");
        let form = page.main().unwrap_or_else(|| panic!("nothing to fill in: {}", page.text));
        let answers = [("identifier", "password@example.com"), ("password", "Sandbox-1234")];
        let action = self.site.join(&form.action).expect("an address");
        let answer = self.ask(&action[url::Position::BeforePath..], Some(filled_in(form, &answers, 0))).await;
        self.follow(answer).await.expect_err("it goes on")
    }
}

fn encoded(target: &str) -> String {
    url::form_urlencoded::byte_serialize(target.as_bytes()).collect()
}

/// C-05: at the end of a sign-in, and for somebody who is signed in already.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_is_sent_to_another_site_over_any_way_in() {
    let both = both_with(APP).await;
    let mut secrets = vec!["Sandbox-1234".to_owned()];
    for (way, target, leads_to) in [
        (Way::Http1, "//evil.example/x", "/"),
        (Way::Http1OverTls, "/\\evil.example", "/"),
        (Way::Http2, "/reports?x=1#part", "/reports?x=1#part"),
        (Way::Http2OverTls, "javascript:alert(1)", "/"),
    ] {
        let mut person = Person::new(&both, way).await;
        assert_eq!(person.sign_in(target).await, person.site.join(leads_to).expect("an address"), "{way:?} {target}");
        secrets.extend(person.cookies.values().cloned());
        for (expected, target) in super::return_targets() {
            let path = format!("/.gateway/sign-in?return={}", encoded(&target));
            let answer = person.ask(&path, None).await;
            let leads = person.leads(&answer);
            assert_eq!(leads.origin(), person.site.origin(), "{way:?} {target:?}");
            let is_home = leads.path() == "/" && leads.query().is_none();
            assert!(expected == "stay" || is_home, "{way:?} {target:?}: {leads}");
        }
        // Neither what ends a session nor what is in the middle of a sign-in is a place to go back to.
        for own in ["/.gateway/sign-out", "/login/callback?state=x", "/.gateway/sign-in?return=%2Fx"] {
            let answer = person.ask(&format!("/.gateway/sign-in?return={}", encoded(own)), None).await;
            assert_eq!(person.leads(&answer).path(), "/", "{way:?} {own}");
        }
    }
    let (log, metrics) = (both.world.log(), both.world.metrics().await);
    for secret in secrets.iter().filter(|secret| secret.len() > 8) {
        let found = log.contains(secret.as_str()) || metrics.contains(secret.as_str());
        assert!(!found, "a password or a cookie stands in the log or in the metrics");
    }
}

/// W-11: nothing that is left opens anything; what applications keep in a browser is not ours to clear.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn signing_out_leaves_a_browser_nothing_that_opens_over_any_way_in() {
    let both = both_with(APP).await;
    for way in WAYS {
        let mut person = Person::new(&both, way).await;
        person.sign_in("/reports").await;
        assert!(person.cookies.keys().any(|name| name.contains("gw_session")), "{way:?}: {:?}", person.cookies);
        person.cookies.insert("theirs".to_owned(), "1".to_owned());
        let asked = person.ask("/.gateway/sign-out", None).await;
        let page = Page::read(&asked.body);
        let form = page.button("Sign out").unwrap_or_else(|| panic!("no button: {}", page.text));
        let action = person.site.join(&form.action).expect("an address");
        let done = person.ask(&action[url::Position::BeforePath..], Some(filled_in(form, &[], 0))).await;
        let shown = person.ask("/.gateway/signed-out", None).await;
        for answer in [&asked, &done, &shown] {
            assert_eq!(answer.value("cache-control"), "no-store", "{way:?}: {answer:?}");
            assert!(!answer.head.contains_key("clear-site-data"), "{way:?}: {answer:?}");
        }
        // A random id of the browser, and where the sign-in that is over led to (docs/cookies.md).
        let is_kept = |name: &&String| *name == "gw_device" || name.starts_with("gw_tx_");
        assert_eq!(person.cookies.keys().filter(|name| !is_kept(name)).collect::<Vec<_>>(), ["theirs"], "{way:?}");
        let answer = person.ask("/reports", None).await;
        assert_eq!(person.leads(&answer).path(), "/.gateway/sign-in", "{way:?}");
    }
}

/// W-12, W-08, D-01: no upstream and no provider hears of a request that an error page answers.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_error_page_asks_nobody_over_any_way_in() {
    let gone = free_port();
    let routes = format!(
        "\n[[route]]\nname = \"gone\"\npath = \"/gone\"\nupstream = \"http://127.0.0.1:{gone}\"\nallow = \"public\"\n\
         [[route]]\nname = \"down\"\npath = \"/down\"\nupstream = \"APP\"\nallow = \"public\"\nmaintenance = true\n{APP}"
    );
    let both = both_with(&routes).await;
    for way in WAYS {
        let fields = [&PAGE[..], &[("cookie", "theirs=canary-41"), ("authorization", "Bearer canary-42")]].concat();
        for (path, status) in [("/gone/x", 502), ("/down/x", 503), ("/.gateway/nothing", 404), ("/%c0%af", 400)] {
            let answer = Line::open(&both, way).await.get(path, &fields).await;
            assert_eq!(answer.status, status, "{way:?} {path}: {answer:?}");
            assert!(answer.body.contains("<html") && !answer.body.contains("canary"), "{way:?} {path}: {answer:?}");
            assert!(!answer.body.contains(&gone.to_string()), "{way:?} {path}: {answer:?}");
        }
    }
    assert!(both.world.app.requests().is_empty(), "{:?}", both.world.app.requests());
    assert_eq!(both.world.calls("/v1/interact").await + both.world.calls("/v1/authorize").await, 0);
    assert!(!both.world.log().contains("canary"), "{}", both.world.log());
}

/// C-01 to C-04, C-07: what is wrong changes nothing, and what is taken counts from one request to the next.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_configuration_at_a_time_counts_over_every_way_in() {
    let said = "respond = { status = 200, body = \"one\" }";
    let routes = format!(
        "\n[[route]]\nname = \"said\"\npath = \"/said\"\nallow = \"public\"\n{said}\n\
         [[route]]\nname = \"kept\"\npath = \"/kept\"\nupstream = \"APP\"\nallow = {{ groups = [\"admins\"] }}\n{APP}"
    );
    let both = Arc::new(both_with(&routes).await);
    let done = Arc::new(AtomicBool::new(false));
    let clients: Vec<_> = WAYS
        .into_iter()
        .map(|way| {
            let (both, done) = (Arc::clone(&both), Arc::clone(&done));
            tokio::spawn(async move {
                let (mut line, mut seen) = (Line::open(&both, way).await, Vec::new());
                loop {
                    let is_last = done.load(Ordering::Relaxed);
                    let said = line.get("/said", &[]).await;
                    seen.push((said.status, said.body));
                    let kept = line.get("/kept", &[]).await;
                    assert_eq!(kept.status, 401, "{way:?}: {kept:?}");
                    if is_last {
                        return (way, seen);
                    }
                }
            })
        })
        .collect();
    let world = &both.world;
    for wrong in ["nonsense = 1", "allow = []", "allow = { groups = [] }"] {
        world.edit("allow = { groups = [\"admins\"] }", wrong);
        assert!(!world.reload().await, "{wrong} was taken");
        world.edit(wrong, "allow = { groups = [\"admins\"] }");
    }
    world.edit(said, "respond = { status = 203, body = \"two\" }");
    assert!(world.reload().await, "{}", world.log());
    done.store(true, Ordering::Relaxed);
    for client in clients {
        let (way, mut seen) = client.await.expect("a client");
        seen.dedup();
        assert_eq!(seen, [(200, "one".to_owned()), (203, "two".to_owned())], "{way:?}");
    }
    assert!(world.app.requests().is_empty(), "{:?}", world.app.requests());
}

/// D-01, D-06: who is signed in needs no org; who begins is told when to come again, and so is who begins too often.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_org_that_is_down_and_a_crowd_are_told_over_every_way_in() {
    let both = both_with(&format!("\n[sign_in]\nstarts_a_minute = 20\n{APP}")).await;
    let mut people = Vec::new();
    for way in WAYS {
        let mut person = Person::new(&both, way).await;
        person.sign_in("/reports").await;
        people.push((way, person));
    }
    both.world.faults(json!([{"at": "any", "fault": "down"}])).await;
    for (way, person) in &mut people {
        assert_eq!(person.ask("/reports", None).await.status, 200, "{way:?}");
        let mut stranger = Person::new(&both, *way).await;
        let answer = stranger.ask("/.gateway/sign-in?return=%2Freports", None).await;
        assert_eq!((answer.status, answer.value("retry-after").parse::<u64>().is_ok()), (503, true), "{way:?}");
    }
    both.world.faults(json!([])).await;
    // All of them come from one address, whichever way they come.
    let mut stranger = Person::new(&both, Way::Http1).await;
    let mut answer = stranger.ask("/.gateway/sign-in?return=%2F", None).await;
    for _ in 0..20 {
        if answer.status == 429 {
            break;
        }
        stranger.cookies.clear();
        answer = stranger.ask("/.gateway/sign-in?return=%2F", None).await;
    }
    for (way, person) in &mut people {
        let mut stranger = Person::new(&both, *way).await;
        let answer = stranger.ask("/.gateway/sign-in?return=%2F", None).await;
        assert_eq!((answer.status, answer.value("retry-after").parse::<u64>().is_ok()), (429, true), "{way:?}");
        assert_eq!(person.ask("/reports", None).await.status, 200, "{way:?}: who is signed in is not held back");
    }
}

/// D-02, D-03: names that nobody has leave neither a series of the metrics nor a line of the log.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_strangers_make_up_stays_in_its_line_over_every_way_in() {
    let both = both_with(APP).await;
    let mut counts = Vec::new();
    for round in 0..3 {
        for way in WAYS {
            let mut line = Line::open(&both, way).await;
            for number in 0..20 {
                let sign = format!("{round}-{number}-{way:?}").to_ascii_lowercase();
                let forged = format!("/x%0a2026-11-26T00:00:00.000000Z%20%20INFO%20forged:{sign}?status=200");
                let cookie = format!("gw_session=v1.{sign}; gw_tx_{number:022}=junk");
                let fields = [("cookie", &*cookie), ("authorization", &*sign), ("user-agent", "a\tb=\"c\" status=200")];
                let answer = line.send("X-MADE-UP", &forged, &fields, "").await;
                assert!(matches!(answer.status, 400 | 401), "{way:?}: {answer:?}");
            }
        }
        counts.push(series(&both.world.metrics().await).len());
    }
    assert_eq!(counts[1], counts[2], "series that grow with what strangers send");
    let log = both.world.log();
    let lines: Vec<&str> = log.lines().filter(|line| line.contains("forged:")).collect();
    assert_eq!(lines.len(), 3 * 20 * WAYS.len(), "{log}");
    for line in lines {
        assert!(
            line.contains(" access: ") && line.contains(" host=localhost ") && line.contains(" status=40"),
            "{line}"
        );
    }
}

/// D-10, D-11, D-12: what an upstream does wrong is a 502 that repeats nothing of it, after two attempts at most.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn upstreams_that_fail_are_told_over_every_way_in() {
    let broken = Upstream::saying(b"HTTP/1.1 200 OK\r\nSet-Cookie: appsession=canary-7421\r\nX: a\0b\r\n\r\n");
    let hint = Upstream::saying(b"HTTP/1.1 103 Early Hints\r\nLink: </canary-7421>\r\n\r\n");
    let endless = Upstream::new(|stream, _, _| {
        while stream.write_all(&b"HTTP/1.1 102 Processing\r\n\r\n".repeat(100)).is_ok() {}
        false
    });
    let fragile = Upstream::new(|stream, head, _| {
        !head.contains("/dead") && stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok").is_ok()
    });
    let routes = broken.route("/broken", "") + &hint.route("/hint", "") + &endless.route("/endless", "");
    let both = both_with(&(routes + &fragile.route("/fragile", ""))).await;
    for way in WAYS {
        for path in ["/broken", "/hint", "/endless"] {
            let answer = final_answer(&both, way, path).await;
            assert_eq!(answer, 502, "{way:?} {path}");
        }
        for (method, most) in [("GET", 2), ("POST", 1)] {
            let mut line = Line::open(&both, way).await;
            assert_eq!(line.get("/fragile/alive", &[]).await.status, 200, "{way:?}");
            // Over the connection that was kept, where it is there again already, and once more over a fresh one.
            let path = format!("/fragile/dead/{way:?}/{method}");
            let answer = line.send(method, &path, &[], "").await;
            let sent = fragile.heads().iter().filter(|head| head.contains(&format!(" {path} "))).count();
            assert!(answer.status == 502 && (1..=most).contains(&sent), "{way:?} {method}, {sent} times: {answer:?}");
        }
    }
    assert!(!both.world.log().contains("canary-7421"), "{}", both.world.log());
}

/// The status of the answer after whatever came before it.
async fn final_answer(both: &Both, way: Way, path: &str) -> u16 {
    let mut line = Line::open(both, way).await;
    let mut answer = line.get(path, &[]).await;
    for _ in 0..20 {
        if answer.status >= 200 {
            break;
        }
        answer = line.next_answer().await;
    }
    answer.status
}
