//! The walk with plain values: no socket, no upstream, an org that cannot be reached.

mod against_a_model;
mod explained;

use std::time::Duration;

use super::*;
use crate::access::Policy;
use crate::access::policy::tests::member_of;
use crate::access::{HostPattern, PathPattern, PathPrefix, Route, Upstream};
use crate::headers::Mapping;
use crate::pages::{Look, Pages};
use crate::secret::Secret;
use crate::session::Identity;
use crate::session::{Deployment, Device, Key, KeyRing, Lifetimes, NewSession, SessionParts};
use crate::signin::doors::{Door, DoorRule, Doors};
use crate::signin::providers::{ClaimRules, Provider, Providers};
use crate::signin::screens::Passkeys;
use crate::signin::{Offers, Revoker, Settings};
use crate::web::{Cookies, RequestId};

const NOW: Instant = Instant::from_seconds(1_800_000_000);

fn upstream() -> Upstream {
    Upstream::new("127.0.0.1", 9001, false)
}

fn route(path: &str, policy: Policy, signed_out: UnauthenticatedAction) -> Route {
    let pattern = PathPattern::Below(PathPrefix::parse(path).expect("a path"));
    Route { signed_out, ..Route::new(path, pattern, policy, Action::Forward(upstream().into())) }
}

fn sessions(site: &Arc<Site>, keys: &Arc<KeyRing>) -> Sessions {
    let lifetimes = Lifetimes::new(Duration::from_secs(3600), Duration::from_secs(36_000)).expect("lifetimes");
    Sessions::new(SessionParts {
        site: Arc::clone(site),
        keys: Arc::clone(keys),
        lifetimes,
        is_persistent: false,
        shortest_idle: None,
        needed: std::collections::BTreeSet::new(),
        providers: ["okta".to_owned()].into(),
        revocations: Arc::default(),
        refreshes: Arc::default(),
        redis: None,
        lists_addresses: false,
    })
}

/// A client of a provider that cannot be reached.
fn oidc_client(site: &Site) -> Arc<crate::oidc::Client> {
    let registration = crate::oidc::Registration {
        issuer: crate::oidc::Issuer::parse("http://127.0.0.1:9/oauth2/default").expect("an issuer"),
        client_id: "client".to_owned(),
        authentication: crate::oidc::ClientAuthentication::None,
        algorithms: crate::oidc::ALGORITHMS.to_vec(),
        scopes: vec!["openid".to_owned()],
        asks_userinfo: true,
        redirect_uri: site.callback_url(),
        logout: crate::oidc::Logout::Discovered { names_client: true },
        authority: None,
        budget: None,
    };
    let documents = crate::oidc::Documents::default();
    Arc::new(crate::oidc::Client::new(registration, &documents, Arc::new(|_| {})).expect("a client"))
}

fn provider(client: &Arc<crate::oidc::Client>) -> Provider {
    Provider {
        name: "okta".to_owned(),
        title: "Okta".to_owned(),
        icon: "",
        domains: Vec::new(),
        client: Arc::clone(client),
        claims: ClaimRules {
            subject: "sub".to_owned(),
            groups: vec!["groups".to_owned()],
            hosted_domain: None,
            overage: None,
        },
        parameters: Vec::new(),
        pass: Vec::new(),
    }
}

fn settings(site: &Site) -> Settings {
    Settings {
        refresh_life: None,
        strict_404: false,
        lifetime: Duration::from_secs(7200),
        allowance: crate::limits::Allowance { starts_a_minute: 300, guesses: 10, codes: 10 },
        claims: Vec::new(),
        post_logout_redirect_uri: site.url("/.gateway/signed-out"),
        passkeys: Passkeys::Related,
        calling_code: None,
        offers: Offers::default(),
    }
}

/// `/` signed in, `/public` public, `/admin` admins, `/api` and `/app` signed in in their own ways.
fn routes(metrics: &Metrics) -> Routes<RouteEntry> {
    let admins = Policy::in_groups(["admins"]).expect("a group");
    let pool = Arc::new(UpstreamPool::new(upstream()));
    let balancer = Arc::new(Balancer::new(vec![(pool, 1)], crate::access::Balance::default()).expect("a member"));
    let entry = |path, policy, signed_out| {
        RouteEntry::new(route(path, policy, signed_out), Some(Arc::clone(&balancer)), metrics)
    };
    Routes::new([
        entry("/", Policy::SignedIn, UnauthenticatedAction::Auto),
        entry("/public", Policy::Public, UnauthenticatedAction::Auto),
        entry("/admin", admins, UnauthenticatedAction::Auto),
        entry("/api", Policy::SignedIn, UnauthenticatedAction::Unauthorized),
        entry("/app", Policy::SignedIn, UnauthenticatedAction::SignIn),
    ])
}

/// With [`routes`].
pub(crate) fn gateway() -> Gateway {
    // Another test may have been faster; one provider is as good as the other.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let site =
        Arc::new(Site::new(url::Url::parse("http://localhost:8080").expect("a URL"), "/.gateway", "/login/callback"));
    let deployment =
        Deployment { origin: "http://localhost:8080", issuer: "https://org.example", client_id: "gateway" };
    let keys = Arc::new(KeyRing::new(deployment, Key::parse(&"01".repeat(32)).expect("a key"), Vec::new()));
    let assertions = Assertions::new("http://localhost:8080".to_owned(), keys.derive("assertion"));
    let sessions = Arc::new(sessions(&site, &keys));
    let pages = Arc::new(Pages::compile(&Look::default()).expect("pages"));
    let metrics = Arc::new(Metrics::new());
    let oidc = oidc_client(&site);
    let provider = provider(&oidc);
    let rule = DoorRule { hosts: Vec::new(), door: Door::Pages, providers: Vec::new() };
    let sites = Arc::new(Sites::new(Site::clone(&site), &[HostPattern::Exactly("wiki.example".to_owned())]));
    let providers = Providers::new(vec![Arc::new(provider)]);
    let sign_in = SignIn {
        sites: Arc::clone(&sites),
        site: Arc::clone(&site),
        keys: Arc::clone(&keys),
        sessions: Arc::clone(&sessions),
        pages: Arc::clone(&pages),
        org: Some(crate::idx::Client::new(oidc).expect("a client")),
        revoker: Arc::new(Revoker::new(&providers, &metrics)),
        providers,
        doors: Doors::new(Vec::new(), rule),
        widget: None,
        metrics: Arc::clone(&metrics),
        flows: Arc::default(),
        limits: Arc::default(),
        tickets: Arc::default(),
        settings: settings(&site),
        passkeys_refused: std::sync::Once::new(),
    };
    let routes = routes(&metrics);
    let mappings = vec![
        Mapping::new("X-Forwarded-User", "sub").expect("a mapping"),
        Mapping::new("X-Forwarded-Groups", "groups").expect("a mapping"),
    ];
    let identity = crate::headers::IdentityMap::new(mappings, crate::headers::Style::default(), Vec::new(), None);
    let headers = HeaderContract::new(Arc::new(identity), &[], crate::headers::CertificateHeaders::None, None);
    let forward_auth = ForwardAuth { aliases: vec![ALIASES[0]], ..ForwardAuth::default() };
    Gateway {
        sites,
        routes,
        sessions,
        sign_in,
        headers,
        assertions,
        forward_auth,
        notices: Notices::new(site, pages, None),
        own: metrics.route("gateway"),
        none: metrics.route("none"),
        metrics,
        keys,
    }
}

/// The cookie of somebody who signed in at [`NOW`], as a browser sends it.
pub(crate) async fn cookie_of(gateway: &Gateway, identity: Identity, now: Instant) -> String {
    let none = http::HeaderMap::new();
    let new = NewSession {
        identity,
        sid: None,
        has_verified_email: false,
        stays: false,
        device: Device { browser: String::new(), address: None },
        id_token: Secret::new("id token"),
        refresh_token: None,
        refresh_terms: None,
    };
    let begun = gateway.sessions.begin(new, Cookies::of(&none), now).await.expect("a session");
    let pairs: Vec<&str> = begun.changes.iter().filter_map(|change| change.as_str().split(';').next()).collect();
    pairs.join("; ")
}

fn head(path: &str, headers: &[(&str, &str)]) -> http::request::Parts {
    let mut request = http::Request::builder().uri(path).header("host", "localhost:8080");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(()).expect("a request").into_parts().0
}

async fn answer(gateway: &Gateway, path: &str, headers: &[(&str, &str)], now: Instant) -> Verdict {
    let head = head(path, headers);
    let request = Request::read(&head, None, RequestId::next()).expect("a host");
    gateway.answer(&request, now, &mut Remembered::default()).await
}

fn response(verdict: Verdict) -> Response {
    match verdict {
        Verdict::Respond(response, _) | Verdict::Refuse(response, _) => response,
        verdict => panic!("not answered: {verdict:?}"),
    }
}

fn forward(verdict: Verdict) -> Forward {
    match verdict {
        Verdict::Forward(forward) => forward,
        verdict => panic!("not forwarded: {verdict:?}"),
    }
}

const PAGE: (&str, &str) = ("accept", "text/html,*/*;q=0.8");

#[tokio::test]
async fn a_page_visit_is_sent_to_sign_in_and_told_where_to_come_back() {
    let gateway = gateway();
    let response = response(answer(&gateway, "/reports?x=1&y=%2F", &[PAGE], NOW).await);
    assert_eq!(response.status, StatusCode::SEE_OTHER);
    assert_eq!(response.headers["location"], "/.gateway/sign-in?return=%2Freports%3Fx%3D1%26y%3D%252F");
    assert_eq!(response.headers["cache-control"], "no-store");
    assert!(response.cookies.is_empty(), "a crawler costs nothing");
}

#[tokio::test]
async fn a_host_that_nothing_names_is_nobody_s_whatever_it_asks() {
    let gateway = gateway();
    for (path, accept, media_type) in [
        ("/public", "text/html", "text/html; charset=utf-8"),
        ("/public", "*/*", "application/problem+json"),
        ("/.gateway/sign-in", "text/html", "text/html; charset=utf-8"),
        ("/login/callback", "*/*", "application/problem+json"),
    ] {
        for host in ["127.0.0.1:8080", "evil.example", "localhost.evil.example"] {
            let head = http::Request::builder().uri(path).header("host", host).header("accept", accept).body(());
            let head = head.expect("a request").into_parts().0;
            let request = Request::read(&head, None, RequestId::next()).expect("a host");
            assert!(!gateway.owns(&request), "no body is read");
            let verdict = gateway.answer(&request, NOW, &mut Remembered::default()).await;
            assert!(matches!(&verdict, Verdict::Refuse(_, "unknown_host")), "{verdict:?}");
            let response = response(verdict);
            assert_eq!(response.status, StatusCode::MISDIRECTED_REQUEST, "{host}{path}");
            assert_eq!(response.headers["content-type"], media_type);
        }
    }
}

#[test]
fn a_ping_is_answered_with_nothing() {
    let gateway = gateway();
    let ping = |method, path| gateway.ping(&method, path).map(|response| (response.status.as_u16(), response.body));
    assert_eq!(ping(Method::GET, "/.gateway/ping"), Some((200, bytes::Bytes::new())));
    assert_eq!(ping(Method::OPTIONS, "/.gateway/ping"), Some((200, bytes::Bytes::new())));
    assert_eq!(ping(Method::POST, "/.gateway/ping"), Some((405, bytes::Bytes::new())));
    for path in ["/ping", "/.gateway/ping/", "/.gateway/pings", "/.gatewayping"] {
        assert_eq!(ping(Method::GET, path), None, "{path}");
    }
}

#[tokio::test]
async fn anything_else_is_told_that_somebody_must_sign_in() {
    let gateway = gateway();
    let referer = ("referer", "http://localhost:8080/board?b=2");
    for (path, headers) in [
        ("/data", &[("accept", "application/json"), referer][..]),
        ("/socket", &[("upgrade", "websocket"), ("connection", "upgrade"), PAGE, referer]),
        ("/api/x", &[PAGE, referer]),
    ] {
        let response = response(answer(&gateway, path, headers, NOW).await);
        assert_eq!(response.status, StatusCode::UNAUTHORIZED, "{path}");
        assert_eq!(response.headers["content-type"], "application/problem+json");
        assert!(response.headers.contains_key("www-authenticate"));
        let told: serde_json::Value = serde_json::from_slice(&response.body).expect("JSON");
        assert_eq!(told["sign_in"], "http://localhost:8080/.gateway/sign-in?return=%2Fboard%3Fb%3D2");
    }
    let elsewhere = [("accept", "application/json"), ("referer", "http://localhost:8080.evil.example/x")];
    let response = response(answer(&gateway, "/data", &elsewhere, NOW).await);
    assert!(String::from_utf8_lossy(&response.body).contains("return=%2F\""), "the page of another site is not ours");
}

#[tokio::test]
async fn a_route_can_say_how_it_wants_people_to_be_told() {
    let gateway = gateway();
    let json = ("accept", "application/json");
    assert_eq!(response(answer(&gateway, "/app", &[json], NOW).await).status, StatusCode::SEE_OTHER);
    let socket = [("upgrade", "websocket"), ("connection", "upgrade")];
    assert_eq!(response(answer(&gateway, "/app", &socket, NOW).await).status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn whoever_is_signed_in_goes_on_with_their_name() {
    let gateway = gateway();
    let cookie = cookie_of(&gateway, member_of(&["staff"]), NOW).await;
    let forward = forward(answer(&gateway, "/reports", &[("cookie", &cookie)], NOW).await);
    assert_eq!((forward.route.route.name.as_str(), forward.route.metrics.name()), ("/", "/"));
    let said: Vec<(&[u8], &[u8])> =
        forward.identity.iter().map(|(name, value)| (&name[..], value.as_bytes())).collect();
    assert_eq!(said, [(&b"X-Forwarded-User"[..], &b"00u1"[..]), (b"X-Forwarded-Groups", b"staff")]);
    assert!(forward.cookies.is_empty() && forward.is_personal());
}

#[tokio::test]
async fn a_connection_that_several_people_share_tells_each_request_s_own() {
    let gateway = gateway();
    let named = |subject: &str| Identity { subject: subject.to_owned(), ..member_of(&["staff"]) };
    let (ada, bob) = (
        cookie_of(&gateway, named("00ada"), NOW).await,
        cookie_of(&gateway, named("00bob"), NOW.after(Duration::from_secs(1))).await,
    );
    let mut remembered = Remembered::default();
    for (cookie, told) in
        [(&*ada, Some("00ada")), (&ada, Some("00ada")), (&bob, Some("00bob")), ("", None), (&ada, Some("00ada"))]
    {
        let head = head("/public/x", &[("cookie", cookie)]);
        let request = Request::read(&head, None, RequestId::next()).expect("a host");
        let forward = forward(gateway.answer(&request, NOW, &mut remembered).await);
        let user = forward.identity.first().map(|(_, value)| value.as_bytes());
        assert_eq!(user, told.map(str::as_bytes));
    }
    let head = head("/reports", &[("cookie", &ada), PAGE]);
    let request = Request::read(&head, None, RequestId::next()).expect("a host");
    let late = gateway.answer(&request, NOW.after(Duration::from_secs(13 * 3600)), &mut remembered).await;
    assert_eq!(response(late).status, StatusCode::SEE_OTHER, "what is remembered ends when it ends");
}

/// T-03: the address of a proxy is nobody's who came through it.
#[tokio::test]
async fn whoever_comes_from_an_address_that_cannot_be_read_is_in_no_network_and_in_none_that_is_excepted() {
    let mut gateway = gateway();
    let office = || crate::access::Condition::Networks(vec!["10.0.0.0/8".parse().expect("a network")]);
    let except = crate::access::Condition::Not(Box::new(office()));
    let metrics = Arc::clone(&gateway.metrics);
    let routes = [("/in", office()), ("/out", except)].map(|(path, condition)| {
        let policy = Policy::Where(Box::new(condition));
        let answers = crate::access::FixedResponse {
            status: StatusCode::OK,
            content_type: "text/plain".to_owned(),
            body: String::new(),
        };
        let route = Route { action: Action::Respond(answers), ..route(path, policy, UnauthenticatedAction::Auto) };
        RouteEntry::new(route, None, &metrics)
    });
    gateway.routes = Routes::new(routes);
    let cookie = cookie_of(&gateway, member_of(&[]), NOW).await;
    for (peer, is_known, [inside, outside]) in [
        ("10.0.0.1", true, [200, 403]),
        ("192.0.2.1", true, [403, 200]),
        ("10.0.0.1", false, [403, 403]),
        ("192.0.2.1", false, [403, 403]),
    ] {
        for (path, expected) in [("/in", inside), ("/out", outside)] {
            let head = head(path, &[("cookie", &cookie)]);
            let peer = Some(peer.parse().expect("an address"));
            let mut request = Request::read(&head, peer, RequestId::next()).expect("a host");
            request.is_client_known = is_known;
            let answer = response(gateway.answer(&request, NOW, &mut Remembered::default()).await);
            assert_eq!(answer.status.as_u16(), expected, "{path} {peer:?} {is_known}");
        }
    }
}

#[tokio::test]
async fn a_public_page_needs_nobody_and_still_knows_somebody() {
    let gateway = gateway();
    let nobody = forward(answer(&gateway, "/public/x", &[], NOW).await);
    assert!(nobody.identity.is_empty() && !nobody.is_personal());
    let cookie = cookie_of(&gateway, member_of(&["staff"]), NOW).await;
    let somebody = forward(answer(&gateway, "/public/x", &[("cookie", &cookie)], NOW).await);
    assert_eq!(somebody.identity.len(), 2);
}

#[tokio::test]
async fn whoever_may_not_is_told_who_they_are_and_what_to_do() {
    let gateway = gateway();
    let cookie = cookie_of(&gateway, member_of(&["staff"]), NOW).await;
    let page = response(answer(&gateway, "/admin", &[PAGE, ("cookie", &cookie)], NOW).await);
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    let html = String::from_utf8_lossy(&page.body).into_owned();
    assert!(html.contains("jane@example.com") && html.contains("/.gateway/sign-out"), "{html}");
    let problem = response(answer(&gateway, "/public/..%2fadmin", &[("cookie", &cookie)], NOW).await);
    assert_eq!(
        (problem.status, &problem.headers["content-type"]),
        (StatusCode::FORBIDDEN, &"application/problem+json".parse().expect("a value"))
    );
}

/// K-01: never 200 without an identity, never 500.
#[tokio::test]
async fn a_session_cookie_that_means_nothing_is_cleared_on_the_way() {
    let gateway = gateway();
    let bad = ("cookie", "gw_session=v2.00000000.AAAA");
    let cleared = "gw_session=; HttpOnly; SameSite=Lax; Path=/; Max-Age=0";
    let redirect = response(answer(&gateway, "/", &[PAGE, bad], NOW).await);
    let clears = |changes: &CookieChanges| changes.iter().any(|change| change.as_str() == cleared);
    assert!(redirect.status == StatusCode::SEE_OTHER && clears(&redirect.cookies));
    assert!(clears(&forward(answer(&gateway, "/public", &[bad], NOW).await).cookies));
    assert!(clears(&response(answer(&gateway, "/.gateway/signed-out", &[PAGE, bad], NOW).await).cookies));
    assert!(gateway.metrics.text().contains("gateway_sessions_unreadable_total 3"));
}

#[tokio::test]
async fn a_session_in_use_is_written_down_when_it_is_due() {
    let gateway = gateway();
    let cookie = cookie_of(&gateway, member_of(&[]), NOW).await;
    for (minutes, cookies) in [(5, 0), (6, 1)] {
        let now = NOW.after(Duration::from_secs(60 * minutes));
        assert_eq!(forward(answer(&gateway, "/", &[("cookie", &cookie)], now).await).cookies.iter().count(), cookies);
    }
}

#[tokio::test]
async fn without_a_route_nothing_is_forwarded() {
    let gateway = gateway();
    for (path, status) in [("/%c0%af", StatusCode::BAD_REQUEST), ("/a/%2e%2e%c1%9c", StatusCode::BAD_REQUEST)] {
        let verdict = answer(&gateway, path, &[PAGE], NOW).await;
        assert!(matches!(&verdict, Verdict::Respond(_, counted) if gateway.counters(counted).name() == "none"));
        assert_eq!(response(verdict).status, status, "{path}");
    }
}

#[tokio::test]
async fn decisions_are_counted_by_route_and_reason() {
    let gateway = gateway();
    let cookie = cookie_of(&gateway, member_of(&["staff"]), NOW).await;
    answer(&gateway, "/", &[PAGE], NOW).await;
    answer(&gateway, "/", &[], NOW).await;
    answer(&gateway, "/", &[("cookie", &cookie)], NOW).await;
    answer(&gateway, "/admin", &[("cookie", &cookie)], NOW).await;
    answer(&gateway, "/public", &[], NOW).await;
    let text = gateway.metrics.text();
    for (decision, route) in [
        ("sign_in", "/"),
        ("unauthorized", "/"),
        ("pass_signed_in", "/"),
        ("refuse_not_in_group", "/admin"),
        ("pass_public", "/public"),
    ] {
        let line = format!(r#"gateway_decisions_total{{decision="{decision}",route="{route}"}} 1"#);
        assert!(text.contains(&line), "{line}");
    }
}

#[test]
fn a_service_that_is_silent_is_named_and_a_visit_can_be_made_again() {
    let gateway = gateway();
    for (method, target, cookie, way, signed_in) in [
        ("GET", "/reports?x=1", "session=v1.1.x", r#"href="/reports?x=1""#, true),
        ("GET", "//evil.example/", "other=1", r#"class="btn primary" href="/""#, false),
        ("POST", "/reports", "other=1", r#"class="btn primary" href="/""#, false),
    ] {
        let mut head = head(target, &[("accept", "text/html"), ("cookie", cookie)]);
        head.method = method.parse().expect("a method");
        let name = gateway.site().cookie_name("session");
        head.headers.insert("cookie", cookie.replace("session", &name).parse().expect("a value"));
        let request = Request::for_no_host(&head, None, RequestId::next());
        let told = gateway.notices.tell(&request, &Notice::Silent);
        let text = String::from_utf8_lossy(&told.body).into_owned();
        assert!(text.contains(way) && !text.contains("href=\"//evil"), "{target}: {text}");
        assert_eq!(text.contains("You are signed in; only the service is missing."), signed_in, "{target}");
    }
}

#[test]
fn every_notice_has_a_page_and_a_problem() {
    let gateway = gateway();
    let notices = [
        Notice::BadRequest,
        Notice::TooSlow,
        Notice::TooLarge,
        Notice::MethodNotAllowed,
        Notice::NotFound,
        Notice::NoPermission {
            user: Some("<b>jane".to_owned()),
            message: Some("Ask Jane.".to_owned()),
            ways: Box::default(),
        },
        Notice::NoPermission { user: None, message: None, ways: Box::default() },
        Notice::Unreachable,
        Notice::Silent,
        Notice::Failed,
    ];
    for notice in notices {
        for (accept, content_type) in [("text/html", "text/html; charset=utf-8"), ("*/*", "application/problem+json")] {
            let head = head("/x?secret=1", &[("accept", accept)]);
            let request = Request::for_no_host(&head, None, RequestId::next());
            let told = gateway.notices.tell(&request, &notice);
            assert_eq!(
                (told.status, &told.headers["content-type"]),
                (notice.status(), &content_type.parse().expect("a value"))
            );
            let text = String::from_utf8_lossy(&told.body).into_owned();
            assert!(text.contains(&request.id.to_string()), "what stands in the log stands here too: {text}");
            assert!(!text.contains("<b>jane"), "{text}");
        }
    }
}
