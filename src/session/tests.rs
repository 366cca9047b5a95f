//! Sessions through whole requests: what is written is what comes back, and nothing else is.

use http::HeaderMap;

use super::cookie::OUR_COOKIES_BYTES;
use super::*;

pub(super) const START: Instant = Instant::from_seconds(1_800_000_000);
const MINUTE: Duration = Duration::from_secs(60);

pub(super) fn keys(byte: u8) -> Arc<KeyRing> {
    let deployment =
        Deployment { origin: "https://wiki.example.com", issuer: "https://org.example", client_id: "wiki" };
    Arc::new(KeyRing::new(deployment, Key::parse(&format!("{byte:02x}").repeat(32)).expect("a key"), Vec::new()))
}

fn sessions_with(keys: Arc<KeyRing>) -> Sessions {
    let url = url::Url::parse("https://wiki.example.com").expect("a URL");
    let lifetimes = Lifetimes::new(30 * MINUTE, 12 * 60 * MINUTE).expect("lifetimes");
    Sessions::new(SessionParts {
        site: Arc::new(Site::new(url, "/.gateway", "/login/callback")),
        keys,
        lifetimes,
        is_persistent: false,
        shortest_idle: None,
        needed: BTreeSet::from(["admins".to_owned()]),
        providers: ["okta".to_owned()].into(),
        revocations: Arc::default(),
        refreshes: Arc::default(),
        redis: None,
        lists_addresses: false,
    })
}

fn sessions() -> Sessions {
    sessions_with(keys(1))
}

pub(super) fn jane() -> Identity {
    Identity {
        provider: "okta".to_owned(),
        subject: "00u1".to_owned(),
        username: Some("jane@example.com".to_owned()),
        name: Some("Jane Doe".to_owned()),
        email: Some("jane@example.com".to_owned()),
        groups: vec!["staff".to_owned()],
        claims: std::collections::BTreeMap::new(),
        auth_time: Some(START),
        amr: vec!["pwd".to_owned()],
        acr: None,
        left_out: Vec::new(),
    }
}

/// What a sign-in of that person brings.
pub(super) fn new_session(identity: Identity, id_token: &str) -> NewSession {
    NewSession {
        identity,
        sid: None,
        has_verified_email: false,
        stays: false,
        device: Device { browser: "Browser/1.0".to_owned(), address: None },
        id_token: Secret::new(id_token),
        refresh_token: Some(Secret::new("refresh")),
        refresh_terms: None,
    }
}

/// What a session that began at [`START`] is refreshed with.
pub(super) fn refresh_state() -> RefreshState {
    let (scope, nonce) = ("openid offline_access".to_owned(), Secret::new("once"));
    let terms = RefreshTerms { scope, nonce, life: Duration::from_secs(3600) };
    RefreshState::new(Secret::new("one"), terms, START)
}

/// A session that began at [`START`].
pub(super) fn session_of(identity: Identity) -> Session {
    Session {
        id: random(),
        identity,
        signed_in: START,
        sid: None,
        has_verified_email: false,
        device: None,
        stays: false,
        lease: None,
    }
}

/// What a browser would send back after these changes.
fn sent_back<'c>(changes: impl IntoIterator<Item = &'c SetCookie>) -> String {
    let pairs: Vec<&str> = changes
        .into_iter()
        .filter_map(|cookie| cookie.as_str().split(';').next())
        .filter(|pair| !pair.ends_with('='))
        .collect();
    pairs.join("; ")
}

/// The cookies that a browser has after these changes to those it had.
fn replaced(cookies: &str, changes: &CookieChanges) -> String {
    let gone = |pair: &&str| !changes.iter().any(|change| pair.split('=').next() == Some(change.name()));
    let kept: Vec<&str> = cookies.split("; ").filter(gone).collect();
    format!("{}; {}", kept.join("; "), sent_back(changes.iter()))
}

/// A request's headers with these cookies.
fn with(cookies: &str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert("cookie", cookies.parse().expect("a value"));
    headers
}

async fn find(sessions: &Sessions, cookies: &str, now: Instant) -> SessionLookup {
    find_again(sessions, cookies, now, &mut LastOpened::default()).await
}

async fn find_again(sessions: &Sessions, cookies: &str, now: Instant, last: &mut LastOpened) -> SessionLookup {
    sessions.find(&sessions.site, Cookies::of(&with(cookies)), now, last).await
}

async fn begin_with(sessions: &Sessions, identity: Identity, id_token: &str) -> (Session, CookieChanges) {
    begin_new(sessions, new_session(identity, id_token)).await
}

async fn begin_new(sessions: &Sessions, new: NewSession) -> (Session, CookieChanges) {
    let begun = sessions.begin(new, Cookies::of(&HeaderMap::new()), START).await.expect("a session");
    assert_eq!(begun.dropped, None);
    (begun.session, begun.changes)
}

/// A session of Jane's, and what the app is sent of it: the tokens' cookie has another path.
async fn begin(sessions: &Sessions) -> (Session, String) {
    let (session, changes) = begin_with(sessions, jane(), "id token").await;
    (session, sent_back(changes.iter().filter(|change| !change.name().ends_with("tokens"))))
}

#[tokio::test]
async fn a_session_comes_back_as_it_was() {
    let sessions = sessions();
    let (begun, cookies) = begin(&sessions).await;
    match find(&sessions, &cookies, START).await {
        SessionLookup::Active { session, changes, due, .. } => {
            assert!(due.is_none(), "nothing refreshes it");
            assert_eq!(*session, begun);
            assert!(changes.is_empty());
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn every_session_has_a_name_of_its_own() {
    let sessions = sessions();
    assert_ne!(begin(&sessions).await.0.id, begin(&sessions).await.0.id);
}

#[tokio::test]
async fn without_a_cookie_there_is_nobody() {
    for cookies in
        ["", "other=1", "gw_session=v2.a.b", "__Host-gw_sessionx=1", "__host-gw_session=1", "__Host-gw_session_1=x"]
    {
        assert!(matches!(find(&sessions(), cookies, START).await, SessionLookup::None), "{cookies}");
    }
}

#[tokio::test]
async fn a_session_ends_at_its_limits_and_not_after_them() {
    let sessions = sessions();
    let (_, cookies) = begin(&sessions).await;
    let last = START.after(30 * MINUTE - Duration::from_secs(1));
    assert!(matches!(find(&sessions, &cookies, last).await, SessionLookup::Active { .. }));
    // K-08: whoever's clock is put right again finds it where it was.
    assert!(matches!(find(&sessions, &cookies, START.after(30 * MINUTE)).await, SessionLookup::Over));
    assert!(matches!(find(&sessions, &cookies, last).await, SessionLookup::Active { .. }));
}

#[tokio::test]
async fn use_keeps_a_session_alive_until_its_absolute_end() {
    let sessions = sessions();
    let (_, mut cookies) = begin(&sessions).await;
    let (mut now, mut alive) = (START, Duration::ZERO);
    loop {
        now = now.after(20 * MINUTE);
        match find(&sessions, &cookies, now).await {
            SessionLookup::Active { changes, session, .. } => {
                assert_eq!(session.signed_in, START);
                cookies = replaced(&cookies, &changes);
                alive = now.since(START);
            }
            _ => break,
        }
    }
    assert_eq!(alive, 35 * 20 * MINUTE, "twelve hours are 36 times 20 minutes, and the last one does not count");
}

#[tokio::test]
async fn use_is_written_down_after_a_tenth_of_the_idle_lifetime() {
    let sessions = sessions();
    let (_, cookies) = begin(&sessions).await;
    for (minutes, written) in [(0, false), (2, false), (3, true), (29, true)] {
        match find(&sessions, &cookies, START.after(minutes * MINUTE)).await {
            SessionLookup::Active { changes, .. } => assert_eq!(!changes.is_empty(), written, "{minutes}"),
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn a_clock_that_went_back_a_little_signs_nobody_out() {
    let sessions = sessions();
    let (_, cookies) = begin(&sessions).await;
    for (seconds, alive) in [(300, true), (301, false), (30 * 24 * 3600, false)] {
        // K-19: a session of a clock that was ahead does not live longer by as much.
        let before = Instant::from_seconds(START.seconds() - seconds);
        let lookup = find(&sessions, &cookies, before).await;
        assert_eq!(matches!(lookup, SessionLookup::Active { .. }), alive, "{seconds}");
    }
}

/// A clock that went ahead while somebody was there, and was put right.
#[tokio::test]
async fn a_use_that_lies_ahead_signs_nobody_out_and_moves_no_limit() {
    let sessions = sessions();
    let (_, cookies) = begin(&sessions).await;
    let SessionLookup::Active { changes, .. } = find(&sessions, &cookies, START.after(29 * MINUTE)).await else {
        panic!("alive")
    };
    let cookies = replaced(&cookies, &changes);
    for (minutes, alive) in [(0, true), (20, true), (58, true), (59, false)] {
        let lookup = find(&sessions, &cookies, START.after(minutes * MINUTE)).await;
        assert_eq!(matches!(lookup, SessionLookup::Active { .. }), alive, "after {minutes} minutes");
    }
}

/// A route that takes no session which was left alone for a while does not take it after a visit elsewhere either.
#[tokio::test]
async fn how_long_a_session_was_left_alone_is_not_forgotten() {
    let sessions = sessions();
    let (_, mut cookies) = begin(&sessions).await;
    let mut idle = Vec::new();
    for minutes in [1, 5, 15, 16, 40] {
        let SessionLookup::Active { usage, changes, .. } =
            find(&sessions, &cookies, START.after(minutes * MINUTE)).await
        else {
            panic!("alive")
        };
        cookies = replaced(&cookies, &changes);
        idle.push(usage.longest_idle.as_secs() / 60);
    }
    assert_eq!(idle, [1, 5, 10, 10, 25], "of the first minute nothing was written down");
}

/// At a host of its own, use there counts, although the sign-in host does not see it.
#[tokio::test]
async fn a_lease_that_is_renewed_was_left_alone_as_long_as_its_host_saw() {
    let sessions = sessions();
    let (session, own) = begin(&sessions).await;
    let wiki = sessions.site.at("wiki.example.org").expect("a site");
    let lend = async |own: &str, minutes: u32| {
        let (own, now) = (with(own), START.after(minutes * MINUTE));
        let lent = sessions.lend(&session, "wiki.example.org", Cookies::of(&own), now).await;
        lent.expect("a lease")
    };
    let arrive = async |handle: &str, cookies: &str, minutes: u32| {
        let now = START.after(minutes * MINUTE);
        let (_, changes) =
            sessions.arrive(&wiki, handle, Cookies::of(&with(cookies)), now).await.expect("it counts there");
        sent_back(changes.iter().filter(|change| !change.as_str().contains("=;")))
    };
    let idle = async |cookies: &str, minutes: u32| {
        let now = START.after(minutes * MINUTE);
        match sessions.find(&wiki, Cookies::of(&with(cookies)), now, &mut LastOpened::default()).await {
            SessionLookup::Active { usage, .. } => usage.longest_idle.as_secs() / 60,
            lookup => panic!("{lookup:?}"),
        }
    };
    let (handle, changes) = lend(&own, 2).await;
    let own = replaced(&own, &changes);
    let at_wiki = arrive(&handle, "", 2).await;
    assert_eq!(idle(&at_wiki, 5).await, 3);
    let (handle, changes) = lend(&own, 13).await;
    let own = replaced(&own, &changes);
    let at_wiki = arrive(&handle, &at_wiki, 13).await;
    assert_eq!(idle(&at_wiki, 13).await, 11, "that lease was last used when it was taken");
    let (handle, _) = lend(&own, 40).await;
    assert_eq!(idle(&arrive(&handle, &at_wiki, 40).await, 40).await, 27, "nothing was used anywhere");
}

/// A stream that was opened by it, as a WebSocket, ends then, whether or not anybody hears of a sign-out.
#[tokio::test]
async fn a_lease_that_is_over_has_ended() {
    let sessions = sessions();
    let (session, own) = begin(&sessions).await;
    let wiki = sessions.site.at("wiki.example.org").expect("a site");
    let own = with(&own);
    let (handle, _) = sessions.lend(&session, "wiki.example.org", Cookies::of(&own), START).await.expect("a lease");
    let none = with("");
    let (lease, _) = sessions.arrive(&wiki, &handle, Cookies::of(&none), START).await.expect("it counts there");
    let end = START.after(15 * MINUTE);
    assert!(!sessions.has_ended(&lease, START.after(15 * MINUTE - Duration::from_secs(1))));
    assert!(sessions.has_ended(&lease, end) && !sessions.has_ended(&session, end));
}

#[tokio::test]
async fn a_cookie_that_means_nothing_is_cleared() {
    let (sessions, foreign) = (sessions(), sessions_with(keys(2)));
    let (_, good) = begin(&sessions).await;
    let value = good.strip_prefix("__Host-gw_session=").expect("one cookie");
    for cookies in [
        "__Host-gw_session=".to_owned(),
        "__Host-gw_session=x".to_owned(),
        format!("__Host-gw_session={}", &value[..value.len() - 1]),
        format!("__Host-gw_session={value}A"),
        format!("__Host-gw_session=2~{value}"),
        format!("__Host-gw_session=0~{value}"),
        format!("__Host-gw_session=99~{value}"),
        begin(&foreign).await.1,
    ] {
        match find(&sessions, &cookies, START).await {
            SessionLookup::Invalid { changes, .. } => {
                let expected = "__Host-gw_session=; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=0";
                assert!(changes.iter().any(|change| change.as_str() == expected), "{cookies}");
            }
            other => panic!("{cookies}: {other:?}"),
        }
    }
}

async fn large(letter: &str) -> (Session, Vec<SetCookie>) {
    let identity = Identity { groups: vec![letter.repeat(4000)], ..jane() };
    let (session, changes) = begin_with(&sessions(), identity, "id token").await;
    let mut parts: Vec<_> =
        changes.into_iter().filter(|change| change.name().starts_with("__Host-gw_session")).collect();
    parts.sort_by_key(|part| part.name().to_owned());
    (session, parts)
}

#[tokio::test]
async fn tokens_have_a_cookie_of_their_own_that_serves_one_session() {
    let sessions = sessions();
    let mut kept = Vec::new();
    // The second is the example of RFC 7515 A.1, the third does not come back from its bytes as it was.
    let jws = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    for id_token in ["id token", jws, "AB.=", &"x".repeat(4000)] {
        let (session, changes) = begin_with(&sessions, jane(), id_token).await;
        let cookie = changes.iter().find(|change| change.name() == "__Secure-gw_tokens").expect("a cookie");
        assert!(cookie.as_str().contains("; Path=/.gateway") && cookie.as_str().contains("; Secure"), "{cookie:?}");
        kept.push((session, sent_back([cookie])));
    }
    let read = |session: &Session, cookies: &str| {
        super::tokens::read(&sessions.site, &sessions.keys, Cookies::of(&with(cookies)), session.id)
    };
    let [(one, first), (other, second), (odd, third), (large, fourth)] = &kept[..] else { panic!("four") };
    let refresh_token = Some(Secret::new("refresh"));
    let expected = Tokens { id_token: Some(Secret::new("id token")), refresh_token: refresh_token.clone() };
    assert_eq!(read(one, first), expected);
    for (session, cookie, id_token) in [(other, second, jws), (odd, third, "AB.=")] {
        assert_eq!(read(session, cookie).id_token, Some(Secret::new(id_token)));
    }
    assert!(second.len() < jws.len() + 170, "a third less than its text would take: {}", second.len());
    assert_eq!(read(large, fourth), Tokens { id_token: None, refresh_token }, "what does not fit is left out");
    for (session, cookies) in [(one, second.as_str()), (other, first), (one, ""), (one, "__Secure-gw_tokens=x")] {
        assert_eq!(read(session, cookies), Tokens::default(), "{cookies}");
    }
}

#[tokio::test]
async fn a_large_session_takes_two_cookies_that_a_browser_keeps() {
    let (begun, cookies) = large("a").await;
    assert_eq!(cookies.len(), 2);
    assert!(cookies.iter().all(|cookie| cookie.as_str().len() <= 4096));
    match find(&sessions(), &sent_back(cookies.iter()), START).await {
        SessionLookup::Active { session, .. } => assert_eq!(*session, begun),
        other => panic!("{other:?}"),
    }
}

/// K-03: at every length around the edges of a part, of one and of two.
#[tokio::test]
async fn a_session_of_any_size_comes_back_whole_or_says_what_it_left_out() {
    let sessions = sessions();
    let (mut of_one, mut of_two, mut cut) = (0, 0, 0);
    for length in (1000..1100).chain(3900..4400) {
        let identity = Identity { groups: vec!["x".repeat(length)], ..jane() };
        let (begun, changes) = begin_with(&sessions, identity, "id token").await;
        let parts: Vec<_> = changes.iter().filter(|change| change.name().starts_with("__Host-gw_session")).collect();
        assert!(parts.iter().all(|part| part.as_str().len() <= 3000), "{length}");
        match find(&sessions, &sent_back(parts.iter().copied()), START).await {
            SessionLookup::Active { session, .. } => assert_eq!(*session, begun, "{length}"),
            other => panic!("{length}: {other:?}"),
        }
        match (parts.len(), begun.identity.has_all_groups()) {
            (1, true) => of_one += 1,
            (2, true) => of_two += 1,
            (1, false) => cut += 1,
            other => panic!("{length}: {other:?}"),
        }
    }
    assert!(of_one > 0 && of_two > 0 && cut > 0, "both edges are met: {of_one} {of_two} {cut}");
}

#[tokio::test]
async fn parts_of_two_sessions_do_not_make_one() {
    let (a, b) = (large("a").await.1, large("b").await.1);
    let (a0, a1, b1) = (sent_back(&a[..1]), sent_back(&a[1..]), sent_back(&b[1..]));
    let counted = |count: &str| format!("{}; {a1}", a0.replacen("2~", count, 1));
    let third = a1.replacen("_1=", "_99=", 1);
    for cookies in [
        a0.clone(),
        format!("{a0}; {b1}"),
        format!("{b1}; {a0}; {a1}"),
        format!("{a0}; {a0}"),
        format!("{a0}; {third}"),
        a0.replacen("__Host-gw_session=", "__Host-gw_session_1=", 1) + "; " + &a1.replacen("_1=", "=", 1),
        counted(""),
        counted("~"),
        counted("0~"),
        counted("1~"),
        counted("3~"),
        counted("02~"),
        counted("99~"),
        counted("-2~"),
        counted("18446744073709551617~"),
    ] {
        match find(&sessions(), &cookies, START).await {
            SessionLookup::Invalid { changes, .. } => assert!(!changes.is_empty()),
            other => panic!("{cookies}: {other:?}"),
        }
    }
    assert!(
        matches!(find(&sessions(), &format!("{a1}; {a0}"), START).await, SessionLookup::Active { .. }),
        "order is free"
    );
}

/// K-02, K-12: whichever of them is good, and wherever it stands.
#[tokio::test]
async fn a_session_with_a_cookie_twice_or_a_part_too_many_is_none() {
    let sessions = sessions();
    let (_, good) = begin(&sessions).await;
    let parts = large("a").await.1;
    let (whole, first) = (sent_back(parts.iter()), sent_back(&parts[..1]));
    let (begun, stamped) = begin_stamped(&sessions).await;
    assert!(
        matches!(find(&sessions, &stamped, START).await, SessionLookup::Active { session, .. } if session.id == begun)
    );
    for cookies in [
        format!("{good}; __Host-gw_session=x"),
        format!("__Host-gw_session=x; {good}"),
        format!("{good}; {good}"),
        format!("{good}; __Host-gw_session_1=x"),
        format!("__Host-gw_session_1=; {good}"),
        format!("{good}; __Host-gw_session_2=x"),
        format!("{good}; __Host-gw_session_99=x"),
        format!("{good}; __Host-gw_session_=x"),
        format!("{whole}; {whole}"),
        format!("{whole}; {first}"),
        format!("{whole}; __Host-gw_session_1=x"),
        format!("__Host-gw_session_1=x; {whole}"),
        format!("{whole}; __Host-gw_session_2=x"),
        format!("{stamped}; __Host-gw_seen=x"),
        format!("{good}; __Host-gw_refresh=x; __Host-gw_refresh=x"),
    ] {
        match find(&sessions, &cookies, START).await {
            SessionLookup::Invalid { changes, .. } => {
                let gone = |pair: &str| changes.iter().any(|change| Some(change.name()) == pair.split('=').next());
                assert!(cookies.split("; ").all(gone), "all of them go: {cookies}: {changes:?}");
            }
            other => panic!("{cookies}: {other:?}"),
        }
    }
    // The host's own prefix cannot be set from elsewhere, and a name that only begins alike is another's.
    for other in ["gw_session=x", "__Host-gw_sessions=x", "__Host-gw_sessions_1=x", "__host-gw_session=x"] {
        let lookup = find(&sessions, &format!("{other}; {good}"), START).await;
        assert!(matches!(lookup, SessionLookup::Active { .. }), "{other}: {lookup:?}");
    }
}

/// A session of Jane's, with a stamp that says when it was used.
async fn begin_stamped(sessions: &Sessions) -> (SessionId, String) {
    let (session, cookies) = begin(sessions).await;
    let SessionLookup::Active { changes, .. } = find(sessions, &cookies, START.after(10 * MINUTE)).await else {
        panic!("alive")
    };
    (session.id, replaced(&cookies, &changes))
}

#[tokio::test]
async fn with_more_of_our_cookies_than_we_accept_everything_goes() {
    let sessions = sessions();
    let (_, good) = begin(&sessions).await;
    let cookies = format!("{good}; __Host-gw_tx_a={}; other=1", "x".repeat(OUR_COOKIES_BYTES));
    match find(&sessions, &cookies, START).await {
        SessionLookup::Invalid { changes, .. } => {
            let cleared: Vec<&str> = changes.iter().map(SetCookie::name).collect();
            assert_eq!(cleared, ["__Host-gw_session", "__Host-gw_tx_a", "__Secure-gw_tokens"]);
        }
        other => panic!("{other:?}"),
    }
}

/// K-18: first the groups that rules name, then whole claims, the largest first.
#[tokio::test]
async fn what_does_not_fit_is_left_out_whole_and_the_session_still_stands() {
    let many = |count: usize| (0..count).map(|number| format!("a-group-of-thirty-characters-{number:04}")).collect();
    let text = |bytes: usize| ClaimValue::Text("x".repeat(bytes));
    for (groups, claims, left_out) in [
        (many(60), vec![], &[][..]),
        (many(300), vec![], &["groups"]),
        (many(20), vec![("small", text(10)), ("large", text(8000))], &["large"]),
        (many(300), vec![("small", text(10)), ("large", text(20_000))], &["large", "groups"]),
    ] {
        let mut identity = jane();
        identity.groups = groups;
        identity.groups.push("admins".to_owned());
        let all = identity.groups.clone();
        identity.claims = claims.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        let (session, changes) = begin_with(&sessions(), identity, "id token").await;
        assert_eq!(session.identity.left_out, left_out);
        let whole = session.identity.has_all_groups();
        assert_eq!(session.identity.groups, if whole { all } else { vec!["admins".to_owned()] });
        let lookup = find(&sessions(), &sent_back(changes.iter()), START).await;
        assert!(matches!(lookup, SessionLookup::Active { session: kept, .. } if *kept == session));
    }
}

#[tokio::test]
async fn rules_that_name_more_groups_than_fit_leave_a_session_that_may_do_less() {
    let groups: Vec<String> = (0..1000).map(|number| format!("a-group-of-thirty-characters-{number:04}")).collect();
    let store = CookieStore::new(keys(1), groups.iter().cloned().collect());
    let created = store.create(session_of(Identity { groups: groups.clone(), ..jane() }), None).await;
    let session = created.expect("it is kept").session;
    assert!(!session.identity.has_all_groups());
    assert_eq!(session.identity.groups[..], groups[..session.identity.groups.len()]);
}

#[test]
fn lifetimes_that_make_no_sense_are_not_made() {
    for (idle, absolute) in [(0, 1), (0, 0), (2, 1)] {
        assert_eq!(Lifetimes::new(idle * MINUTE, absolute * MINUTE), None);
    }
    assert!(Lifetimes::new(MINUTE, MINUTE).is_some());
}

#[tokio::test]
async fn what_a_connection_remembers_counts_for_the_very_same_cookie_only() {
    let sessions = sessions();
    let ((jane, her_cookie), (other, other_cookie)) = (begin(&sessions).await, begin(&sessions).await);
    let mut last = LastOpened::default();
    let mut id = async |cookie: &str, now| match find_again(&sessions, cookie, now, &mut last).await {
        SessionLookup::Active { session, .. } => Some(session.id),
        SessionLookup::None | SessionLookup::Over | SessionLookup::Invalid { .. } | SessionLookup::Unavailable => None,
    };
    for _ in 0..2 {
        assert_eq!(id(&her_cookie, START).await, Some(jane.id));
    }
    let tampered =
        format!("{}{}", &her_cookie[..her_cookie.len() - 1], if her_cookie.ends_with('A') { 'Q' } else { 'A' });
    for worthless in ["", "a=b", &her_cookie[..her_cookie.len() - 1], &tampered] {
        assert_eq!(id(worthless, START).await, None, "{worthless}");
    }
    for (cookie, owner) in [(&other_cookie, other.id), (&her_cookie, jane.id)] {
        assert_eq!(id(cookie, START).await, Some(owner));
    }
    assert_eq!(id(&her_cookie, START.after(30 * MINUTE)).await, None, "remembered, and at its end all the same");
}

/// K-10, K-15: what is written down late is a stamp, and a stamp brings back nothing.
#[tokio::test]
async fn a_use_that_is_written_down_late_brings_nobody_back() {
    let sessions = sessions();
    let (_, cookies) = begin(&sessions).await;
    let SessionLookup::Active { changes, .. } = find(&sessions, &cookies, START.after(10 * MINUTE)).await else {
        panic!("alive")
    };
    assert_eq!(changes.iter().map(SetCookie::name).collect::<Vec<_>>(), ["__Host-gw_seen"]);
    let late = sent_back(changes.iter());
    // After signing out.
    assert!(matches!(find(&sessions, &late, START.after(11 * MINUTE)).await, SessionLookup::None));
    // After somebody else has signed in.
    let (other, others_cookies) = begin(&sessions).await;
    match find(&sessions, &format!("{others_cookies}; {late}"), START).await {
        SessionLookup::Active { session, .. } => assert_eq!(session.id, other.id),
        lookup => panic!("{lookup:?}"),
    }
    let idle = START.after(35 * MINUTE);
    let lookup = find(&sessions, &format!("{others_cookies}; {late}"), idle).await;
    assert!(matches!(lookup, SessionLookup::Over), "nor does it keep another session alive");
}

#[tokio::test]
async fn a_new_session_takes_the_place_of_every_part_of_an_older_one() {
    let sessions = sessions();
    let older = with("__Host-gw_session=2~x; __Host-gw_session_1=y; __Host-gw_seen=z; other=1");
    let begun = sessions.begin(new_session(jane(), "id"), Cookies::of(&older), START).await;
    let changes = begun.expect("a session").changes;
    let mut cleared: Vec<&str> =
        changes.iter().filter(|change| change.as_str().contains("=;")).map(SetCookie::name).collect();
    cleared.sort_unstable();
    assert_eq!(cleared, ["__Host-gw_seen", "__Host-gw_session_1"]);
    assert!(changes.iter().any(|change| change.as_str().starts_with("__Host-gw_session=v2.")));
}

/// K-06, K-07: also its lease at another host, and the refresh token is there for whoever revokes it.
#[tokio::test]
async fn a_new_session_ends_the_one_that_its_browser_had() {
    let sessions = sessions();
    let (session, cookies) = begin_refreshed(&sessions, jane()).await;
    let lent = sessions.lend(&session, "wiki.example.org", Cookies::of(&with(&cookies)), START).await;
    let (lease, _) = lent.expect("a lease");
    let ((_, others), new) = (begin(&sessions).await, new_session(jane(), "id"));
    let begun = sessions.begin(new, Cookies::of(&with(&cookies)), START).await.expect("a session");
    let earlier = begun.earlier.expect("the one from before");
    assert_eq!((&earlier.session, earlier.refresh_token), (&session, Some(Secret::new("refresh"))));
    let wiki = sessions.site.at("wiki.example.org").expect("a site");
    assert!(sessions.arrive(&wiki, &lease, Cookies::of(&HeaderMap::new()), START).await.is_none());
    assert!(matches!(find(&sessions, &cookies, START).await, SessionLookup::Invalid { .. }));
    for lives in [&others, &sent_back(begun.changes.iter())] {
        assert!(matches!(find(&sessions, lives, START).await, SessionLookup::Active { .. }), "{lives}");
    }
}

/// K-07: at once, also on a connection that remembers the session, and whatever copies there are of its cookies.
#[tokio::test]
async fn a_session_that_was_signed_out_opens_nothing() {
    let sessions = sessions();
    let ((session, cookies), (other, others_cookies)) = (begin(&sessions).await, begin(&sessions).await);
    let mut last = LastOpened::default();
    assert!(matches!(find_again(&sessions, &cookies, START, &mut last).await, SessionLookup::Active { .. }));
    sessions.end(&session).await.expect("nothing is asked");
    assert!(matches!(find_again(&sessions, &cookies, START, &mut last).await, SessionLookup::Invalid { .. }));
    assert!(matches!(find(&sessions, &cookies, START).await, SessionLookup::Invalid { .. }));
    assert!(sessions.has_ended(&session, START) && !sessions.has_ended(&other, START));
    assert!(matches!(find(&sessions, &others_cookies, START).await, SessionLookup::Active { .. }));

    sessions.end_all("okta", Whose::Person("00u1"), START).await.told.expect("nothing is asked");
    assert!(matches!(find(&sessions, &others_cookies, START).await, SessionLookup::Invalid { .. }));
    let (_, next) = begin(&sessions).await;
    assert!(matches!(find(&sessions, &next, START).await, SessionLookup::Active { .. }), "in the same second");
}

/// A session of Jane's that is refreshed, what a browser has of it, and what it was refreshed with.
async fn begin_refreshed(sessions: &Sessions, identity: Identity) -> (Session, String) {
    let terms = RefreshTerms { scope: "openid".to_owned(), nonce: Secret::new("once"), life: 60 * MINUTE };
    let new = NewSession { refresh_terms: Some(terms), ..new_session(identity, "id token") };
    let (session, changes) = begin_new(sessions, new).await;
    (session, sent_back(changes.iter().filter(|change| !change.name().ends_with("tokens"))))
}

async fn due(sessions: &Sessions, cookies: &str, now: Instant) -> Option<Box<Due>> {
    match find(sessions, cookies, now).await {
        SessionLookup::Active { due, .. } => due,
        other => panic!("{other:?}"),
    }
}

/// F-01, F-02: one refreshes, and until what the session says is really past nobody else waits.
#[tokio::test]
async fn of_those_who_find_a_session_due_one_refreshes_it_and_others_wait_once_it_is_past() {
    let sessions = sessions();
    let (_, cookies) = begin_refreshed(&sessions, jane()).await;
    let mut cookies = cookies;
    for minute in [10, 20, 30, 40, 50] {
        match find(&sessions, &cookies, START.after(minute * MINUTE)).await {
            SessionLookup::Active { changes, due, .. } => {
                assert!(due.is_none(), "{minute}");
                cookies = replaced(&cookies, &changes);
            }
            other => panic!("{other:?}"),
        }
    }
    let early = due(&sessions, &cookies, START.after(59 * MINUTE)).await.expect("it is due");
    let late = due(&sessions, &cookies, START.after(60 * MINUTE)).await.expect("it is due");
    let first = sessions.begin_refresh(&early);
    assert!(matches!(first, RefreshTurn::Mine(_)));
    for (due, is_past) in [(&early, false), (&late, true)] {
        assert!(matches!(sessions.begin_refresh(due), RefreshTurn::Others(_)));
        assert_eq!(due.is_past, is_past);
    }
    drop(first);
    sessions.refresh_failed(&late, FailureOf::Provider { asks: None }, START.after(60 * MINUTE));
    assert!(due(&sessions, &cookies, START.after(60 * MINUTE)).await.is_none(), "F-04: it is left alone");
    assert!(due(&sessions, &cookies, START.after(61 * MINUTE)).await.is_some());
}

/// What the provider says counts on, and whoever signs out has no token to revoke: whoever asked is told to.
#[tokio::test]
async fn a_refresh_token_that_became_too_large_for_a_cookie_leaves_a_session_that_is_not_refreshed() {
    for bytes in [2432, 6032] {
        let sessions = sessions();
        let (session, cookies) = begin_refreshed(&sessions, jane()).await;
        let now = START.after(29 * MINUTE);
        let headers = with(&cookies);
        let cookie::Found::Handle(held) = sessions.names.find(Cookies::of(&headers)) else { panic!("no session") };
        let state = sessions.refresh_state(Cookies::of(&with(&cookies)), &session).await.expect("a state");
        let stored = Stored { session: session.clone(), usage: Usage::begun(&session), refresh: Some(state.clone()) };
        let due = Due::of(&held.handle, Arc::new(Opened::new(stored, now)));
        let mut promoted = session.clone();
        promoted.identity.groups.push("owners".to_owned());
        let next = state.next(Some(Secret::new("x".repeat(bytes))), Some((now, MINUTE)));
        assert_eq!(sessions.replace(&due, promoted.clone(), next, now).await, Ok(Kept::WithoutToken), "{bytes}");
        let SessionLookup::Active { changes, .. } = find(&sessions, &cookies, now).await else { panic!("nobody") };
        let cookies = replaced(&cookies, &changes);
        for of_process in [&sessions, &sessions_with(keys(1))] {
            let SessionLookup::Active { session: found, changes, due, .. } = find(of_process, &cookies, now).await
            else {
                panic!("nobody")
            };
            assert!(due.is_none(), "{due:?}");
            assert_eq!(found.identity.groups, promoted.identity.groups);
            let cookies = replaced(&cookies, &changes);
            // Past the minute for which what the provider said counted.
            let lookup = find(of_process, &cookies, START.after(40 * MINUTE)).await;
            assert!(matches!(lookup, SessionLookup::Active { due: None, .. }), "{lookup:?}");
            assert_eq!(of_process.tokens(Cookies::of(&with(&cookies)), &found).await.refresh_token, None);
        }
    }
}

/// F-05, F-06: whoever shows an older state gets the newest, and a state of another session is none.
#[tokio::test]
async fn what_a_refresh_brought_is_what_everybody_gets_from_then_on() {
    let sessions = sessions();
    let (session, cookies) = begin_refreshed(&sessions, jane()).await;
    let now = START.after(29 * MINUTE);
    let held = due(&sessions, &cookies, now).await;
    assert!(held.is_none(), "not yet");
    let opened = |session: &Session, state: RefreshState| {
        let usage = Usage::begun(session);
        Stored { session: session.clone(), usage, refresh: Some(state) }
    };
    let SessionLookup::Active { .. } = find(&sessions, &cookies, now).await else { panic!("nobody") };
    let handle = match sessions.names.find(Cookies::of(&with(&cookies))) {
        cookie::Found::Handle(held) => held.handle.into_owned(),
        other => panic!("{other:?}"),
    };
    let state = sessions.refresh_state(Cookies::of(&with(&cookies)), &session).await.expect("a state");
    let due = Due::of(&handle, Arc::new(Opened::new(opened(&session, state.clone()), now)));
    let mut promoted = session.clone();
    promoted.identity.groups.push("owners".to_owned());
    let next = state.next(Some(Secret::new("two")), Some((now, 60 * MINUTE)));
    assert_eq!(sessions.replace(&due, promoted.clone(), next, now).await, Ok(Kept::Newest));
    let SessionLookup::Active { session: found, changes, .. } = find(&sessions, &cookies, now).await else {
        panic!("nobody")
    };
    assert_eq!((&found.identity.groups, found.signed_in), (&promoted.identity.groups, START));
    // K-09.
    assert!(!sessions.has_ended(&found, START.after(720 * MINUTE - Duration::from_secs(1))));
    assert!(sessions.has_ended(&found, START.after(720 * MINUTE)), "a refresh moves no absolute end");
    assert_eq!(changes.iter().map(SetCookie::name).collect::<Vec<_>>(), ["__Host-gw_refresh"], "one cookie an answer");
    let renewed = replaced(&cookies, &changes);

    // Another process knows what the browser shows, and nothing else.
    let elsewhere = self::sessions();
    let SessionLookup::Active { session: found, .. } = find(&elsewhere, &renewed, now).await else { panic!("nobody") };
    assert_eq!(found.identity.groups, promoted.identity.groups);
    let (_, other) = begin_refreshed(&sessions, jane()).await;
    let state_of = |cookies: &str| {
        cookies.split("; ").find(|pair| pair.starts_with("__Host-gw_refresh=")).expect("a state").to_owned()
    };
    for wrong in [renewed.replace(&state_of(&renewed), &state_of(&other)), renewed.replace(&state_of(&renewed), "x=y")]
    {
        assert!(matches!(find(&elsewhere, &wrong, now).await, SessionLookup::Invalid { .. }), "{wrong}");
    }

    sessions.end(&session).await.expect("it ends");
    let after = state.next(Some(Secret::new("three")), None);
    assert_eq!(sessions.replace(&due, promoted, after, now).await, Ok(Kept::Ended), "a late result brings nobody back");
    assert!(matches!(find(&sessions, &renewed, now).await, SessionLookup::Invalid { .. }));
}

/// B-04: by an address that a refresh brought, the lease ends too that has the one from before.
#[tokio::test]
async fn an_end_by_a_new_address_ends_what_has_the_old_one() {
    let sessions = sessions();
    let (session, cookies) = begin_refreshed(&sessions, jane()).await;
    let now = START.after(29 * MINUTE);
    let (lease, _) =
        sessions.lend(&session, "wiki.example.org", Cookies::of(&with(&cookies)), now).await.expect("a lease");
    let headers = with(&cookies);
    let handle = sessions.names.held(Cookies::of(&headers)).expect("a session").handle;
    let state = sessions.refresh_state(Cookies::of(&headers), &session).await.expect("a state");
    let stored = Stored { session: session.clone(), usage: Usage::begun(&session), refresh: Some(state.clone()) };
    let due = Due::of(&handle, Arc::new(Opened::new(stored, now)));
    let mut renamed = Session { has_verified_email: true, ..session.clone() };
    renamed.identity.email = Some("new@example.com".to_owned());
    assert_eq!(sessions.replace(&due, renamed, state.next(None, Some((now, MINUTE))), now).await, Ok(Kept::Newest));
    sessions.end_all("okta", Whose::Address("new@example.com"), now).await.told.expect("nothing is asked");
    assert!(!matches!(find(&sessions, &cookies, now).await, SessionLookup::Active { .. }));
    let wiki = sessions.site.at("wiki.example.org").expect("a site");
    assert!(sessions.arrive(&wiki, &lease, Cookies::of(&HeaderMap::new()), now).await.is_none());
}

#[tokio::test]
async fn a_refresh_token_that_no_cookie_holds_is_left_out_and_the_session_stands() {
    let sessions = sessions();
    let terms = RefreshTerms { scope: "openid".to_owned(), nonce: Secret::new("once"), life: MINUTE };
    let new = NewSession {
        refresh_terms: Some(terms),
        refresh_token: Some(Secret::new("x".repeat(4000))),
        ..new_session(jane(), "id token")
    };
    let begun = sessions.begin(new, Cookies::of(&HeaderMap::new()), START).await.expect("a session");
    assert_eq!(begun.dropped, Some(Secret::new("x".repeat(4000))), "it can be revoked");
    let cookies = sent_back(begun.changes.iter());
    assert!(!cookies.contains("gw_refresh"));
    assert!(due(&sessions, &cookies, START.after(20 * MINUTE)).await.is_none());
}
