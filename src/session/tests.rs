//! Sessions through whole requests: what is written is what comes back, and nothing else is.

use super::*;
use crate::web::RequestId;

const START: Instant = Instant::from_seconds(1_800_000_000);
const MINUTE: Duration = Duration::from_secs(60);

fn keys(byte: u8) -> Arc<KeyRing> {
    Arc::new(KeyRing::new(Key::parse(&format!("{byte:02x}").repeat(32)).expect("a key"), Vec::new()))
}

fn sessions_with(keys: Arc<KeyRing>) -> Sessions {
    let url = url::Url::parse("https://wiki.example.com").expect("a URL");
    let lifetimes = Lifetimes::new(30 * MINUTE, 12 * 60 * MINUTE).expect("lifetimes");
    Sessions::new(Arc::new(Site::new(url, "/.gateway", "/login/callback")), keys, lifetimes)
}

fn sessions() -> Sessions {
    sessions_with(keys(1))
}

fn jane() -> Identity {
    Identity {
        subject: "00u1".to_owned(),
        username: Some("jane@example.com".to_owned()),
        name: Some("Jane Doe".to_owned()),
        email: Some("jane@example.com".to_owned()),
        groups: vec!["staff".to_owned()],
        claims: std::collections::BTreeMap::new(),
        auth_time: Some(START),
        amr: vec!["pwd".to_owned()],
        acr: None,
    }
}

/// What a browser would send back after these `Set-Cookie`s.
fn sent_back(cookies: &[SetCookie]) -> String {
    let pairs: Vec<&str> = cookies.iter().filter_map(|cookie| cookie.as_str().split(';').next()).collect();
    pairs.join("; ")
}

fn visit(sessions: &Sessions, cookies: &str, now: Instant) -> Visit {
    visit_again(sessions, cookies, now, &mut LastOpened::default())
}

fn visit_again(sessions: &Sessions, cookies: &str, now: Instant, last: &mut LastOpened) -> Visit {
    let request = http::Request::builder().uri("/").header("host", "wiki.example.com").header("cookie", cookies);
    let head = request.body(()).expect("a request").into_parts().0;
    sessions.read(&Request::read(&head, None, RequestId::next()).expect("a host"), now, last)
}

fn begin(sessions: &Sessions) -> (Session, String) {
    let (session, cookies) = sessions.begin(jane(), Secret::new("id token"), Some(Secret::new("refresh")), START);
    // The tokens' cookie has another path.
    (session, sent_back(&cookies[..cookies.len() - 1]))
}

#[test]
fn a_session_comes_back_as_it_was() {
    let sessions = sessions();
    let (begun, cookies) = begin(&sessions);
    match visit(&sessions, &cookies, START) {
        Visit::SignedIn { session, renewed } => {
            assert_eq!(*session, begun);
            assert!(renewed.is_empty());
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn every_session_has_a_name_of_its_own() {
    let sessions = sessions();
    assert_ne!(begin(&sessions).0.id, begin(&sessions).0.id);
}

#[test]
fn without_a_cookie_there_is_nobody() {
    for cookies in
        ["", "other=1", "gw_session=v1.a.b", "__Host-gw_sessionx=1", "__host-gw_session=1", "__Host-gw_session_1=x"]
    {
        assert!(matches!(visit(&sessions(), cookies, START), Visit::Nobody), "{cookies}");
    }
}

#[test]
fn a_session_ends_at_its_limits_and_not_after_them() {
    let sessions = sessions();
    let (_, cookies) = begin(&sessions);
    let last = START.after(30 * MINUTE - Duration::from_secs(1));
    assert!(matches!(visit(&sessions, &cookies, last), Visit::SignedIn { .. }));
    assert!(matches!(visit(&sessions, &cookies, START.after(30 * MINUTE)), Visit::Unreadable { .. }));
}

#[test]
fn use_keeps_a_session_alive_until_its_absolute_end() {
    let sessions = sessions();
    let (_, mut cookies) = begin(&sessions);
    let (mut now, mut alive) = (START, Duration::ZERO);
    loop {
        now = now.after(20 * MINUTE);
        match visit(&sessions, &cookies, now) {
            Visit::SignedIn { renewed, session } => {
                assert_eq!(session.signed_in, START);
                cookies = sent_back(&renewed);
                alive = now.since(START);
            }
            _ => break,
        }
    }
    assert_eq!(alive, 35 * 20 * MINUTE, "twelve hours are 36 times 20 minutes, and the last one does not count");
}

#[test]
fn use_is_written_down_after_a_tenth_of_the_idle_lifetime() {
    let sessions = sessions();
    let (_, cookies) = begin(&sessions);
    for (minutes, written) in [(0, false), (2, false), (3, true), (29, true)] {
        match visit(&sessions, &cookies, START.after(minutes * MINUTE)) {
            Visit::SignedIn { renewed, .. } => assert_eq!(!renewed.is_empty(), written, "{minutes}"),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn a_clock_that_went_back_signs_nobody_out() {
    let sessions = sessions();
    let (_, cookies) = begin(&sessions);
    let before = Instant::from_seconds(START.seconds() - 3600);
    assert!(matches!(visit(&sessions, &cookies, before), Visit::SignedIn { .. }));
}

#[test]
fn a_cookie_that_means_nothing_is_cleared() {
    let (sessions, foreign) = (sessions(), sessions_with(keys(2)));
    let (_, good) = begin(&sessions);
    let value = good.strip_prefix("__Host-gw_session=").expect("one cookie");
    for cookies in [
        "__Host-gw_session=".to_owned(),
        "__Host-gw_session=x".to_owned(),
        format!("__Host-gw_session={}", &value[..value.len() - 1]),
        format!("__Host-gw_session={value}A"),
        format!("__Host-gw_session=2~{value}"),
        format!("__Host-gw_session=0~{value}"),
        format!("__Host-gw_session=99~{value}"),
        begin(&foreign).1,
    ] {
        match visit(&sessions, &cookies, START) {
            Visit::Unreadable { clear } => {
                let expected = "__Host-gw_session=; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=0";
                assert_eq!(clear.first().map(SetCookie::as_str), Some(expected), "{cookies}");
            }
            other => panic!("{cookies}: {other:?}"),
        }
    }
}

fn large(letter: &str) -> (Session, Vec<SetCookie>) {
    let identity = Identity { groups: vec![letter.repeat(4000)], ..jane() };
    let (session, mut cookies) = sessions().begin(identity, Secret::new("id token"), None, START);
    cookies.pop();
    (session, cookies)
}

#[test]
fn tokens_have_a_cookie_of_their_own_that_serves_one_session() {
    let sessions = sessions();
    let sealed = |id_token: &str, refresh_token: Option<&str>| {
        let refresh_token = refresh_token.map(Secret::new);
        let (session, cookies) = sessions.begin(jane(), Secret::new(id_token), refresh_token, START);
        let cookie = cookies.last().expect("a cookie").as_str().to_owned();
        assert!(cookie.starts_with("__Secure-gw_tokens=v1."), "{cookie}");
        assert!(cookie.contains("; Path=/.gateway") && cookie.contains("; Secure"), "{cookie}");
        (session, cookie.split(';').next().expect("a pair").to_owned())
    };
    let read = |session: &Session, cookies: &str| {
        let request = http::Request::builder().uri("/").header("host", "wiki.example.com").header("cookie", cookies);
        let head = request.body(()).expect("a request").into_parts().0;
        sessions.tokens(&Request::read(&head, None, RequestId::next()).expect("a host"), session)
    };
    let (one, first) = sealed("id token", Some("refresh"));
    let (other, second) = sealed("other", None);
    assert_eq!(read(&one, &first).id_token, Some(Secret::new("id token")));
    assert_eq!(read(&one, &first).refresh_token, Some(Secret::new("refresh")));
    assert_eq!(read(&other, &second).refresh_token, None);
    for (session, cookies) in [(&one, second.as_str()), (&other, &first), (&one, ""), (&one, "__Secure-gw_tokens=x")] {
        assert_eq!(read(session, cookies), Tokens::default(), "{cookies}");
    }
    let (large, cookie) = sealed(&"x".repeat(4000), Some("refresh"));
    assert_eq!(read(&large, &cookie), Tokens { id_token: None, refresh_token: Some(Secret::new("refresh")) });
}

#[test]
fn a_large_session_takes_two_cookies_that_a_browser_keeps() {
    let (begun, cookies) = large("a");
    assert_eq!(cookies.len(), 2);
    assert!(cookies.iter().all(|cookie| cookie.as_str().len() <= 4096));
    match visit(&sessions(), &sent_back(&cookies), START) {
        Visit::SignedIn { session, .. } => assert_eq!(*session, begun),
        other => panic!("{other:?}"),
    }
}

#[test]
fn parts_of_two_sessions_do_not_make_one() {
    let (a, b) = (large("a").1, large("b").1);
    let (a0, a1, b1) = (sent_back(&a[..1]), sent_back(&a[1..]), sent_back(&b[1..]));
    for cookies in [a0.clone(), format!("{a0}; {b1}"), format!("{b1}; {a0}; {a1}")] {
        match visit(&sessions(), &cookies, START) {
            Visit::Unreadable { clear } => assert!(!clear.is_empty()),
            other => panic!("{cookies}: {other:?}"),
        }
    }
    assert!(matches!(visit(&sessions(), &format!("{a1}; {a0}"), START), Visit::SignedIn { .. }), "order is free");
}

#[test]
fn of_two_cookies_of_one_name_the_first_counts() {
    let sessions = sessions();
    let (begun, cookies) = begin(&sessions);
    match visit(&sessions, &format!("{cookies}; __Host-gw_session=x"), START) {
        Visit::SignedIn { session, .. } => assert_eq!(session.id, begun.id),
        other => panic!("{other:?}"),
    }
    let tossed = format!("__Host-gw_session=x; {cookies}");
    assert!(matches!(visit(&sessions, &tossed, START), Visit::Unreadable { .. }));
}

#[test]
fn with_more_of_our_cookies_than_we_accept_everything_goes() {
    let sessions = sessions();
    let (_, good) = begin(&sessions);
    let cookies = format!("{good}; __Host-gw_tx_a={}; other=1", "x".repeat(OUR_COOKIES_BYTES));
    match visit(&sessions, &cookies, START) {
        Visit::Unreadable { clear } => {
            assert_eq!(sent_back(&clear), "__Host-gw_session=; __Host-gw_tx_a=; __Secure-gw_tokens=")
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_does_not_fit_is_left_out_and_the_session_still_stands() {
    let mut identity = jane();
    identity.groups = (0..2000).map(|number| format!("group-{number}")).collect();
    let (session, cookies) = sessions().begin(identity, Secret::new("x".repeat(9000)), None, START);
    assert!(session.identity.groups.len() == 500, "{}", session.identity.groups.len());
    assert!(matches!(visit(&sessions(), &sent_back(&cookies), START), Visit::SignedIn { .. }));
}

#[test]
fn lifetimes_that_make_no_sense_are_not_made() {
    for (idle, absolute) in [(0, 1), (0, 0), (2, 1)] {
        assert_eq!(Lifetimes::new(idle * MINUTE, absolute * MINUTE), None);
    }
    assert!(Lifetimes::new(MINUTE, MINUTE).is_some());
}

#[test]
fn what_a_connection_remembers_counts_for_the_very_same_cookie_only() {
    let sessions = sessions();
    let ((jane, her_cookie), (other, other_cookie)) = (begin(&sessions), begin(&sessions));
    let mut last = LastOpened::default();
    let mut id = |cookie: &str, now| match visit_again(&sessions, cookie, now, &mut last) {
        Visit::SignedIn { session, .. } => Some(session.id),
        Visit::Nobody | Visit::Unreadable { .. } => None,
    };
    for _ in 0..2 {
        assert_eq!(id(&her_cookie, START), Some(jane.id));
    }
    let tampered =
        format!("{}{}", &her_cookie[..her_cookie.len() - 1], if her_cookie.ends_with('A') { 'Q' } else { 'A' });
    for worthless in ["", "a=b", &her_cookie[..her_cookie.len() - 1], &tampered] {
        assert_eq!(id(worthless, START), None, "{worthless}");
    }
    for (cookie, owner) in [(&other_cookie, other.id), (&her_cookie, jane.id)] {
        assert_eq!(id(cookie, START), Some(owner));
    }
    assert_eq!(id(&her_cookie, START.after(30 * MINUTE)), None, "remembered, and at its end all the same");
}
