//! Sessions from outside: whose they are, how long they last, and how much room they take.

use std::io::Write as _;
use std::time::Duration;

use reqwest::Method;
use serde_json::json;
use tokio::io::AsyncReadExt as _;

use crate::raw::{Raw, WEBSOCKET, status};
use crate::sign_in::is_at;
use crate::upstream::Upstream;
use crate::visitor::{View, Visitor};
use crate::world::World;

/// K-04, K-17: staging and production with one key file.
#[tokio::test]
async fn of_two_gateways_with_one_key_file_neither_opens_the_other_s_cookies() {
    let (world, mut other) = (World::new().await, World::new().await);
    std::fs::copy(world.path("key"), other.path("key")).expect("the key is copied");
    other.restart().await;
    let mut visitor = Visitor::new(&world);
    visitor.visit("/another-tab").await;
    is_at(&visitor.sign_in("/reports", "password@example.com").await, "/reports");
    let cookies = visitor.jar().clone();
    assert!(cookies.keys().any(|name| name.starts_with("gw_tx_")) && cookies.contains_key("gw_session"), "{cookies:?}");

    let mut elsewhere = Visitor::new(&other);
    *elsewhere.jar() = cookies.clone();
    assert_eq!(elsewhere.visit("/reports").await.page.headings, ["Sign in"]);
    let flow = cookies.keys().find_map(|name| name.strip_prefix("gw_tx_")).expect("a sign-in").to_owned();
    *elsewhere.jar() = cookies;
    let view = elsewhere.visit(&format!("/.gateway/flow/{flow}")).await;
    assert_eq!(view.status, 400, "{}", view.page.text);
}

fn groups(count: usize, length: usize) -> Vec<String> {
    (0..count).map(|number| format!("{number:0>length$}")).collect()
}

/// What the app was told in that header by the last request.
fn told_by(world: &World, header: &str) -> Vec<String> {
    let requests = world.app.requests();
    requests.last().expect("a request").values(header).into_iter().map(str::to_owned).collect()
}

async fn with_groups(world: &World, login: &str, mut groups: Vec<String>) {
    groups.push("admins".to_owned());
    world.tell("users", json!({"login": login, "password": "Sandbox-1234", "groups": groups})).await;
}

/// K-18: groups that rules name are kept, and an app is told all of somebody's groups or none.
#[tokio::test]
async fn somebody_in_very_many_groups_may_what_they_may_and_no_app_is_told_a_part_of_them() {
    let world = World::new().await;
    let mut visitor = Visitor::new(&world);
    with_groups(&world, "password@example.com", groups(30, 30)).await;
    let view = visitor.sign_in("/admin", "password@example.com").await;
    is_at(&view, "/admin");
    let told = format!("{},admins", groups(30, 30).join(","));
    assert_eq!(told_by(&world, "x-forwarded-groups"), [told], "what fits is told whole");

    for (count, length) in [(300, 30), (1000, 120)] {
        with_groups(&world, "password@example.com", groups(count, length)).await;
        let mut visitor = Visitor::new(&world);
        let view = visitor.sign_in("/admin", "password@example.com").await;
        is_at(&view, "/admin");
        assert_eq!(told_by(&world, "x-forwarded-groups"), [""; 0]);
        assert_eq!(told_by(&world, "x-forwarded-email"), ["password@example.com"]);
        let account = visitor.visit("/.gateway/account").await;
        assert!(account.page.text.contains("Too long for the apps to be told groups"), "{}", account.page.text);
    }
    assert!(world.metrics().await.contains("gateway_claims_left_out_total 2"));
    assert_eq!(world.log().matches("claims are too large for a session").count(), 2);
}

/// Signs in, pressing on where the end takes more than one answer; and how many answers it took.
async fn sign_in_by_form(visitor: &mut Visitor, target: &str) -> (View, usize) {
    let mut view = visitor.sign_in(target, "password@example.com").await;
    let mut answers = 1;
    while view.url.path().contains("/.gateway/flow/") && answers < 6 {
        view = visitor.answer_or_press(&view).await;
        answers += 1;
    }
    (view, answers)
}

/// K-02, K-12: a cookie of ours that comes twice is taken for none, and so is a session with a part that is not its own.
#[tokio::test]
async fn whichever_of_our_cookies_comes_twice_is_refused() {
    let world = World::new().await;
    let mut visitor = Visitor::new(&world);
    is_at(&visitor.sign_in("/reports", "password@example.com").await, "/reports");
    let whole = visitor.cookie_line();
    with_groups(&world, "password@example.com", groups(120, 30)).await;
    let mut large = Visitor::new(&world);
    is_at(&sign_in_by_form(&mut large, "/reports").await.0, "/reports");
    let in_two = large.cookie_line();
    assert!(!whole.contains("gw_session_1=") && in_two.contains("gw_session_1="));
    let reports = world_url(&world, "/reports");
    for (cookies, more, is_in) in [
        (&whole, "gw_sessions=x; other=1; other=1", true),
        (&whole, "gw_session=x", false),
        (&whole, "gw_session_1=x", false),
        (&whole, "gw_session_7=x", false),
        (&whole, whole.as_str(), false),
        (&in_two, "gw_sessions=x", true),
        (&in_two, "gw_session=x", false),
        (&in_two, "gw_session_1=x", false),
        (&in_two, "gw_session_2=x", false),
        (&in_two, in_two.as_str(), false),
    ] {
        for line in [format!("{cookies}; {more}"), format!("{more}; {cookies}")] {
            let mut twin = Visitor::new(&world);
            twin.headers.push(("cookie".to_owned(), line));
            let response = twin.send(Method::GET, reports.clone(), None, "none").await;
            assert_eq!(response.status().as_u16(), if is_in { 200 } else { 303 }, "beside {more}");
            let clears = |name: &str| twin.set_cookies.iter().any(|set| set.starts_with(&format!("{name}=;")));
            let names = more.split("; ").filter_map(|pair| pair.split('=').next());
            let mut parts = names.filter(|name| name.starts_with("gw_session"));
            assert!(is_in || parts.all(clears), "{more}: {:?}", twin.set_cookies);
        }
    }
    // A sign-in under way is nobody's either.
    let mut begun = Visitor::new(&world);
    let view = begun.visit("/reports").await;
    let flow = begun.jar().keys().find(|name| name.starts_with("gw_tx_")).expect("a sign-in").clone();
    let line = format!("{}; {flow}=x", begun.cookie_line());
    begun.jar().clear();
    begun.headers.push(("cookie".to_owned(), line));
    assert_eq!(begun.visit(view.url.as_str()).await.status, 400);
}

fn world_url(world: &World, target: &str) -> url::Url {
    url::Url::parse(&format!("http://localhost:{}{target}", world.port)).expect("an address")
}

/// Its cookies come in two answers, and in between nothing that is asked for takes any of them away.
#[tokio::test]
async fn a_session_of_two_parts_takes_the_place_of_another_one() {
    let routes = "[[route]]\nname = \"app\"\nupstream = \"APP\"\n\
                  [[route]]\nname = \"strong\"\npath = \"/strong\"\nupstream = \"APP\"\n\
                  allow = { acr_values = \"urn:okta:loa:2fa:any\" }\n";
    let world = World::with(routes, &[]).await;
    let user = json!({"login": "question@example.com", "needs": [["okta_password"]], "groups": groups(120, 30)});
    world.tell("users", user).await;
    let mut visitor = Visitor::new(&world);
    let mut view = visitor.sign_in("/app", "question@example.com").await;
    view = visitor.answer_or_press(&view).await;
    is_at(&view, "/app");
    let view = visitor.visit("/strong/room").await;
    let answers = [("identifier", "question@example.com"), ("password", "Sandbox-1234")];
    let mut view = visitor.answer(&view, &answers).await;
    if view.page.main().is_none_or(|form| form.control("answer").is_none()) {
        view = visitor.choose(&view, "Security question").await;
    }
    let on_the_way = visitor.answer(&view, &[("answer", "Sandbox-1234")]).await;
    assert!(
        visitor.jar().contains_key("gw_session_1") && !visitor.jar().contains_key("gw_session"),
        "one part is there"
    );
    for address in ["/app", "/.gateway/account"] {
        visitor.headers.push(("sec-fetch-mode".to_owned(), "cors".to_owned()));
        assert_eq!(visitor.visit(address).await.status, 401, "nobody is signed in yet");
        visitor.headers.clear();
    }
    is_at(&visitor.answer_or_press(&on_the_way).await, "/strong/room");
    is_at(&visitor.visit("/strong/room").await, "/strong/room");
}

/// L-28: nginx takes 4 KB of an answer's head, and 8 KB of a line of a request's.
#[tokio::test]
async fn no_answer_s_head_is_too_large_and_no_request_s_whatever_the_groups() {
    let world = World::new().await;
    let target = format!("/app?{}", "x".repeat(1500));
    for (count, length, answers, limit) in [
        (0, 30, 2, 4000),
        (10, 30, 2, 4000),
        (25, 30, 2, 4000),
        (40, 30, 3, 8000),
        (60, 30, 3, 8000),
        (120, 30, 3, 8000),
        (300, 30, 2, 4000),
        (1000, 30, 2, 4000),
        (1000, 120, 2, 4000),
    ] {
        with_groups(&world, "password@example.com", groups(count, length)).await;
        let mut visitor = Visitor::new(&world);
        for tab in 0..12 {
            visitor.visit(&format!("/tab{tab}?{}", "y".repeat(300))).await;
        }
        let (view, took) = sign_in_by_form(&mut visitor, &target).await;
        is_at(&view, "/app");
        assert_eq!(view.url.query().map(str::len), Some(1500));
        assert!(visitor.largest_head <= 4000, "{count} groups: a head of {} bytes", visitor.largest_head);
        assert!(visitor.largest_cookies <= limit, "{count} groups: cookies of {} bytes", visitor.largest_cookies);
        assert!(took <= answers, "{count} groups: {took} answers");
        let whole = count <= 120;
        assert_eq!(told_by(&world, "x-forwarded-groups").len(), usize::from(whole), "{count} groups");
        let account = visitor.visit("/.gateway/account").await;
        assert!(visitor.largest_cookies <= limit, "{count} groups: {} bytes", visitor.largest_cookies);
        assert_eq!(account.page.text.contains("Too long for the apps"), !whole);
    }
    assert!(world.metrics().await.contains("gateway_cookie_bytes_count 9"));
}

/// Whoever goes away between two answers has no part of a session, and can begin the last step again.
#[tokio::test]
async fn a_sign_in_that_is_left_at_its_last_page_is_none_yet_and_ends_when_it_is_asked_again() {
    let world = World::new().await;
    with_groups(&world, "password@example.com", groups(120, 30)).await;
    let mut visitor = Visitor::new(&world);
    let view = visitor.sign_in("/reports", "password@example.com").await;
    assert_eq!(view.page.headings, ["Signing you in"], "{}", view.page.text);
    assert!(!visitor.jar().contains_key("gw_session"));
    let form = view.page.forms.iter().find(|form| form.action.ends_with("/arrive")).expect("a form").clone();

    let mut elsewhere = Visitor::new(&world);
    assert_eq!(elsewhere.submit(&view, &form, &[]).await.status, 400, "another browser has no such sign-in");
    visitor.headers = vec![("sec-fetch-site".to_owned(), "cross-site".to_owned())];
    assert_eq!(visitor.submit(&view, &form, &[]).await.status, 403, "another site sends it");
    visitor.headers.clear();
    assert_eq!(visitor.submit(&view, &form, &[("csrf", "v2.x.y")]).await.status, 403);
    assert!(!visitor.jar().contains_key("gw_session"));

    let flow = view.url.path().trim_end_matches("/arrive").to_owned();
    let mut view = visitor.visit(&flow).await;
    while view.page.headings == ["Signing you in"] {
        view = visitor.answer_or_press(&view).await;
    }
    is_at(&view, "/reports");
    assert!(visitor.jar().contains_key("gw_session") && visitor.jar().contains_key("gw_session_1"));
}

/// Signs out here and at the org.
async fn sign_out(visitor: &mut Visitor, button: &str) {
    let view = visitor.visit("/.gateway/sign-out").await;
    let view = visitor.choose(&view, button).await;
    assert_eq!(view.page.headings, ["You have signed out"], "{}", view.page.text);
}

/// K-07.
#[tokio::test]
async fn after_signing_out_a_copy_of_the_cookies_opens_nothing() {
    let world = World::new().await;
    let (mut visitor, mut thief) = (Visitor::new(&world), Visitor::new(&world));
    is_at(&visitor.sign_in("/reports", "password@example.com").await, "/reports");
    let copy = visitor.jar().clone();
    *thief.jar() = copy.clone();
    is_at(&thief.visit("/reports").await, "/reports");
    sign_out(&mut visitor, "Sign out").await;
    assert_eq!(thief.visit("/reports").await.page.headings, ["Sign in"], "on a connection that remembers it");
    let mut another = Visitor::new(&world);
    *another.jar() = copy;
    assert_eq!(another.visit("/reports").await.page.headings, ["Sign in"]);
    assert!(!another.jar().contains_key("gw_session"), "the browser is rid of it");
    assert!(world.metrics().await.contains("gateway_revocations 1"));
}

#[tokio::test]
async fn signing_out_on_all_devices_ends_every_session_of_that_person_and_nobody_else_s() {
    let world = World::new().await;
    let (mut here, mut there, mut other) = (Visitor::new(&world), Visitor::new(&world), Visitor::new(&world));
    is_at(&here.sign_in("/reports", "password@example.com").await, "/reports");
    is_at(&there.sign_in("/reports", "password@example.com").await, "/reports");
    world.tell("users", json!({"login": "other@example.com", "password": "Sandbox-1234"})).await;
    is_at(&other.sign_in("/reports", "other@example.com").await, "/reports");
    sign_out(&mut here, "Sign out on all devices").await;
    assert_eq!(there.visit("/reports").await.page.headings, ["Sign in"]);
    is_at(&other.visit("/reports").await, "/reports");
    is_at(&there.sign_in("/reports", "password@example.com").await, "/reports");
    is_at(&there.visit("/again").await, "/again");
}

/// K-16.
#[tokio::test]
async fn a_copy_of_a_finished_sign_in_makes_no_session_after_signing_out() {
    let world = World::new().await;
    let mut visitor = Visitor::new(&world);
    let view = visitor.visit("/reports").await;
    let copy = visitor.jar().clone();
    let view = visitor.answer(&view, &[("identifier", "password@example.com"), ("password", "Sandbox-1234")]).await;
    is_at(&view, "/reports");
    let flow = copy.keys().find_map(|name| name.strip_prefix("gw_tx_")).expect("a sign-in").to_owned();
    let mut another_tab = Visitor::new(&world);
    *another_tab.jar() = copy.clone();
    is_at(&another_tab.visit(&format!("/.gateway/flow/{flow}")).await, "/reports");
    sign_out(&mut visitor, "Sign out").await;
    let mut late = Visitor::new(&world);
    *late.jar() = copy;
    late.visit(&format!("/.gateway/flow/{flow}")).await;
    assert!(!late.jar().contains_key("gw_session"), "{:?}", late.jar());
}

/// K-15: the answer was decided before the sign-out, and is written after it.
#[tokio::test]
async fn an_answer_that_was_under_way_while_somebody_signed_out_sets_no_cookie() {
    let world = World::with("", &[("GATEWAY__SESSION__IDLE_MINUTES", "1")]).await;
    world.tell("users", json!({"login": "other@example.com", "password": "Sandbox-1234"})).await;
    let mut visitor = Visitor::new(&world);
    is_at(&visitor.sign_in("/reports", "password@example.com").await, "/reports");
    tokio::time::sleep(Duration::from_secs(7)).await;
    let mut slow = Visitor::new(&world);
    *slow.jar() = visitor.jar().clone();
    let url = |path: &str| format!("http://localhost:{}{path}", world.port).parse::<url::Url>().expect("an address");
    let renewed = slow.send(Method::GET, url("/reports"), None, "none").await;
    assert!(set_cookies(&renewed).iter().any(|line| line.starts_with("gw_seen=")), "its use is due to be written down");
    *slow.jar() = visitor.jar().clone();
    let asked = world.app.requests().len();
    let (answer, ()) = tokio::join!(slow.send(Method::GET, url("/slow?ms=6000"), None, "none"), async {
        world.until_asked(asked + 1).await;
        sign_out(&mut visitor, "Sign out").await;
        // Somebody else, in the same browser.
        is_at(&visitor.sign_in("/reports", "other@example.com").await, "/reports");
    });
    assert_eq!(answer.status(), 200);
    assert_eq!(set_cookies(&answer), [""; 0]);
    let account = visitor.visit("/.gateway/account").await;
    assert!(account.page.text.contains("other@example.com"), "{}", account.page.text);
}

fn set_cookies(response: &reqwest::Response) -> Vec<String> {
    let lines = response.headers().get_all("set-cookie").iter();
    lines.map(|line| line.to_str().expect("text").to_owned()).collect()
}

/// The attribute `Max-Age` of the newest cookie of this name.
fn max_age(visitor: &Visitor, name: &str) -> Option<u64> {
    let set = visitor.set_cookies.iter().rev().find(|line| line.starts_with(&format!("{name}=")));
    let line = set.unwrap_or_else(|| panic!("no {name} in {:?}", visitor.set_cookies));
    line.split("; ").find_map(|part| part.strip_prefix("Max-Age=")).map(|seconds| seconds.parse().expect("a number"))
}

#[tokio::test]
async fn who_asks_to_stay_signed_in_is_so_when_the_browser_was_closed_and_nobody_else() {
    let persistent = [("GATEWAY__SESSION__PERSISTENT", "true"), ("GATEWAY__SESSION__IDLE_MINUTES", "1")];
    let world = World::with("", &persistent).await;
    for (account, ticked, stays) in [
        ("password@example.com", &[("rememberMe", "true")][..], true),
        ("password@example.com", &[], false),
        // What was said is still known after a step more.
        ("question@example.com", &[("rememberMe", "true")], true),
        ("question@example.com", &[], false),
    ] {
        let mut visitor = Visitor::new(&world);
        let view = visitor.visit("/reports").await;
        let answers = [&[("identifier", account), ("password", "Sandbox-1234")], ticked].concat();
        let mut view = visitor.answer(&view, &answers).await;
        if account.starts_with("question") {
            view = visitor.answer(&view, &[("answer", "Sandbox-1234")]).await;
        }
        is_at(&view, "/reports");
        for name in ["gw_session", "gw_tokens"] {
            assert_eq!(max_age(&visitor, name).is_some(), stays, "{account} {ticked:?}: {:?}", visitor.set_cookies);
        }
        if stays {
            let left = max_age(&visitor, "gw_session").expect("it stays");
            assert!((43_000..=43_200).contains(&left), "to the absolute end, which is {left} s away");
        }
    }
}

#[tokio::test]
async fn the_stamp_of_who_stays_signed_in_stays_too() {
    let persistent = [("GATEWAY__SESSION__PERSISTENT", "true"), ("GATEWAY__SESSION__IDLE_MINUTES", "1")];
    let world = World::with("", &persistent).await;
    world.tell("policies", json!({"keep_me_signed_in": true})).await;
    let mut visitor = Visitor::new(&world);
    let view = visitor.sign_in("/reports", "password@example.com").await;
    assert_eq!(view.page.headings, ["Stay signed in?"], "{}", view.page.text);
    let view = visitor.choose(&view, "Yes, stay signed in").await;
    is_at(&view, "/reports");
    assert!(max_age(&visitor, "gw_session").is_some());
    tokio::time::sleep(Duration::from_secs(7)).await;
    is_at(&visitor.visit("/reports").await, "/reports");
    assert!(max_age(&visitor, "gw_seen").is_some_and(|left| left < 43_195), "{:?}", visitor.set_cookies);
}

/// S-04: whichever way it ended; `a_stream_ends_with_the_session_it_was_opened_with_and_the_others_go_on` has HTTP/2.
#[tokio::test]
async fn a_stream_of_events_is_closed_within_five_seconds_of_its_session_s_end() {
    let events = Upstream::of_events();
    let lines = Upstream::new(|stream, _, _| {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Type: application/x-ndjson\r\n\r\n");
        while stream.write_all(b"{\"n\": \"data: x\"}\n").is_ok() {
            std::thread::sleep(Duration::from_millis(200));
        }
        false
    });
    let routes = events.route("/events", "") + &lines.route("/lines", "");
    let routes = routes.replace("\"public\"", "\"signed-in\"");
    let world = World::with(&format!("{routes}[[route]]\nupstream = \"APP\"\n"), &[]).await;
    world.tell("users", json!({"login": "other@example.com", "password": "Sandbox-1234"})).await;
    let mut streams = Vec::new();
    let mut visitors = Vec::new();
    for (account, path) in [("password@example.com", "/lines"), ("other@example.com", "/events")] {
        let mut visitor = Visitor::new(&world);
        is_at(&visitor.sign_in("/reports", account).await, "/reports");
        let mut stream = Raw::to(world.port).await;
        let (host, cookies) = (format!("localhost:{}", world.port), visitor.cookie_line());
        stream.send(format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nCookie: {cookies}\r\n\r\n")).await;
        until_event(&mut stream).await;
        streams.push(stream);
        visitors.push(visitor);
    }
    sign_out(&mut visitors[0], "Sign out").await;
    let mut others = streams.pop().expect("the other's");
    // It is looked for every two seconds; a busy machine may take longer.
    streams[0].rest().await;
    until_event(&mut others).await;
    let other = json!({"login": "other@example.com", "format": "iss_sub"});
    world.tell("global-token-revocation", other).await;
    others.rest().await;
    assert_eq!(world.log().matches("a stream was closed: its session has ended").count(), 2);
}

/// Waits for what comes next.
async fn until_event(stream: &mut Raw) {
    let mut bytes = [0; 4096];
    let all = async {
        loop {
            let count = stream.0.read(&mut bytes).await.expect("the stream goes on");
            assert!(count > 0, "the stream has ended");
            if bytes[..count].windows(7).any(|part| part == b"data: x") {
                return;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(20), all).await.expect("an event");
}

/// S-04.
#[tokio::test]
async fn a_websocket_is_closed_within_five_seconds_of_its_session_s_end() {
    let world = World::new().await;
    let mut visitor = Visitor::new(&world);
    is_at(&visitor.sign_in("/reports", "password@example.com").await, "/reports");
    let cookies = visitor.cookie_line();
    let mut socket = Raw::to(world.port).await;
    socket
        .send(format!("GET /ws HTTP/1.1\r\nHost: localhost:{}\r\nCookie: {}\r\n{WEBSOCKET}\r\n", world.port, cookies))
        .await;
    assert_eq!(status(&socket.answer().await), "101");
    let nothing_comes = tokio::time::timeout(Duration::from_secs(3), socket.0.read_u8()).await.is_err();
    assert!(nothing_comes, "it stays open while the session lives");
    sign_out(&mut visitor, "Sign out").await;
    // It is looked for every two seconds; a busy machine may take longer. Of the frame's bytes only its reason is text.
    let last = socket.rest().await;
    assert!(last.ends_with("\u{3}\u{fffd}session ended"), "a closing frame says why, and is the last: {last:?}");
    assert!(world.log().contains("a stream was closed: its session has ended"));
}

/// Applications that send nothing for minutes are no less alive: the kernel finds out whether the client is.
#[tokio::test]
async fn a_websocket_on_which_nothing_is_said_stays_open() {
    let world = World::new().await;
    let mut visitor = Visitor::new(&world);
    is_at(&visitor.sign_in("/reports", "password@example.com").await, "/reports");
    let mut socket = Raw::to(world.port).await;
    let cookies = visitor.cookie_line();
    socket
        .send(format!("GET /ws HTTP/1.1\r\nHost: localhost:{}\r\nCookie: {}\r\n{WEBSOCKET}\r\n", world.port, cookies))
        .await;
    assert_eq!(status(&socket.answer().await), "101");
    let nothing_comes = tokio::time::timeout(Duration::from_secs(70), socket.0.read_u8()).await.is_err();
    assert!(nothing_comes, "it was ended");
    socket.send(b"\x81\x82\0\0\0\0hi").await;
    let mut frame = [0; 4];
    tokio::time::timeout(Duration::from_secs(20), socket.0.read_exact(&mut frame))
        .await
        .expect("in time")
        .expect("a frame");
    assert_eq!(&frame, b"\x81\x02hi");
}

/// S-04: a script that knows what 4401 means is told so, and can lead to the sign-in instead of trying again.
#[tokio::test]
async fn a_websocket_is_closed_with_the_status_that_its_script_knows() {
    // Each opens a WebSocket of that protocol, and reads until the other side is gone.
    let of = |protocol: &'static str| {
        Upstream::new(move |stream, _, _| {
            let head = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n";
            let _ = write!(stream, "{head}{protocol}\r\n");
            let _ = std::io::copy(stream, &mut std::io::sink());
            false
        })
    };
    let (plain, graphql) = (of(""), of("Sec-WebSocket-Protocol: graphql-transport-ws\r\n"));
    let routes = plain.route("/plain", "")
        + &plain.route("/own", "websocket_end_code = 4401")
        + &graphql.route("/graphql", "")
        + &graphql.route("/graphql-otherwise", "websocket_end_code = 1008");
    let routes = routes.replace("\"public\"", "\"signed-in\"");
    let world = World::with(&format!("{routes}[[route]]\nupstream = \"APP\"\n"), &[]).await;
    let mut visitor = Visitor::new(&world);
    is_at(&visitor.sign_in("/reports", "password@example.com").await, "/reports");
    let (host, cookies) = (format!("localhost:{}", world.port), visitor.cookie_line());
    let mut sockets = Vec::new();
    for (path, code) in [("/plain", 1008_u16), ("/own", 4401), ("/graphql", 4401), ("/graphql-otherwise", 1008)] {
        let mut socket = Raw::to(world.port).await;
        socket.send(format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nCookie: {cookies}\r\n{WEBSOCKET}\r\n")).await;
        assert_eq!(status(&socket.answer().await), "101", "{path}");
        sockets.push((path, code, socket));
    }
    sign_out(&mut visitor, "Sign out").await;
    for (path, code, mut socket) in sockets {
        let mut frame = Vec::new();
        let read = tokio::time::timeout(Duration::from_secs(20), socket.0.read_to_end(&mut frame)).await;
        assert!(read.is_ok_and(|read| read.is_ok()), "{path} is closed");
        assert_eq!(frame, [&[0x88, 15][..], &code.to_be_bytes(), b"session ended"].concat(), "{path}");
    }
}
