//! The families H, P, T and W over every way in: what is dropped, refused or decided about over one of them is so over
//! all. Bytes are sent as they are, since libraries would put them right.

use http::{HeaderMap, HeaderName, HeaderValue};

use super::http2::{Both, both_with, first_request, literal};
use super::line::{Answer, Line, WAYS, Way};
use crate::certificates::Client;
use crate::header_contract::{FORGED, PLANTING};
use crate::raw::{Raw, status};
use crate::upstream::Upstream;

/// A public front with one guarded path: whatever is not recognised as that path is open.
const ROUTES: &str = "\n[[route]]\nname = \"open\"\nupstream = \"APP\"\nallow = \"public\"\n\
     [[route]]\nname = \"admin\"\npath = \"/admin\"\nupstream = \"APP\"\nallow = { groups = [\"admins\"] }\n";

/// A request without a body.
struct Asked<'a> {
    method: &'a str,
    path: &'a str,
    host: &'a str,
    fields: &'a [(&'a str, &'a str)],
}

const fn get(path: &str) -> Asked<'_> {
    Asked { method: "GET", path, host: "localhost", fields: &[] }
}

/// The status of the answer; none where the connection or the stream ends without one.
async fn ask(both: &Both, way: Way, asked: &Asked<'_>) -> Option<u16> {
    let bytes = match way {
        Way::Http1 | Way::Http1OverTls => {
            let fields: String = asked.fields.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
            let Asked { method, path, host, .. } = asked;
            format!("{method} {path} HTTP/1.1\r\nHost: {host}\r\n{fields}Connection: close\r\n\r\n").into_bytes()
        }
        Way::Http2 | Way::Http2OverTls => {
            let mut head = literal(":method", asked.method);
            head.extend(literal(":scheme", "http"));
            head.extend(literal(":path", asked.path));
            head.extend(literal(":authority", asked.host));
            for (name, value) in asked.fields {
                head.extend(literal(&name.to_ascii_lowercase(), value));
            }
            first_request(5, &head)
        }
    };
    let connect = async |client: Client<'_>| client.connect("localhost", both.tls).await.expect("a connection");
    match way {
        Way::Http1 => {
            let mut raw = Raw::to(both.plain).await;
            raw.send(bytes).await;
            status(&raw.rest().await).parse().ok()
        }
        Way::Http1OverTls => {
            let mut raw = connect(Client::of(&both.authority)).await;
            raw.send(bytes).await;
            status(&raw.rest().await).parse().ok()
        }
        Way::Http2 => {
            let mut raw = Raw::to(both.plain).await;
            raw.send(bytes).await;
            raw.ended_stream().await
        }
        Way::Http2OverTls => {
            let mut raw = connect(Client::http2(&both.authority)).await;
            raw.send(bytes).await;
            raw.ended_stream().await
        }
    }
}

/// H-01, H-02, H-05, H-11, H-14, H-16, H-17, T-01, T-02.
#[tokio::test]
async fn what_was_forged_passes_over_no_way_in() {
    let both = both_with(ROUTES).await;
    let fields: Vec<(&str, &str)> =
        FORGED.iter().flat_map(|name| [(*name, "forged-value"), (*name, "forged-value, forged-value")]).collect();
    for way in WAYS {
        for method in ["GET", "OPTIONS", "PROPFIND"] {
            let asked = Asked { method, fields: &fields, ..get("/x") };
            assert_eq!(ask(&both, way, &asked).await, Some(200), "{way:?} {method}");
        }
    }
    let received = both.world.app.requests();
    assert_eq!(received.len(), 3 * WAYS.len());
    for request in received {
        let head = String::from_utf8_lossy(&request.head);
        assert!(!head.contains("forged-value"), "{head}");
        assert_eq!(request.values("x-forwarded-for"), ["127.0.0.1"], "{head}");
        assert_eq!(request.values("x-forwarded-host"), ["localhost"], "{head}");
    }
}

/// What an application might read as `/admin`, or what names no path at all.
const GUARDED: &[&str] = &[
    "/admin",
    "/admin/",
    "/admin?x=/public",
    "/admin?",
    "/admin%23/public",
    "/admin#/public",
    "/admin%3f/public",
    "/public/..;/admin",
    "/public;x/../admin",
    "/public/..;x=1/admin",
    "/admin;x",
    "/admin;x=1/y",
    "/;x/admin",
    "/public/%2e%2e/admin",
    "/public/.%2e/admin",
    "/public/%2E./admin",
    "/public/%%32%65%%32%65/admin",
    "/public/%252e%252e/admin",
    "/public/..%2fadmin",
    "/public/..%252fadmin",
    "/public/..%5cadmin",
    "/public/..\\admin",
    "/public%2f..%2fadmin",
    "//admin",
    "///admin",
    "/./admin",
    "/.//admin",
    "/admin/.",
    "/admin/..;/admin",
    "/admin%20",
    "/admin%00",
    "/admin%09",
    "/admin%0a",
    "/admin.",
    "/admin./x",
    "/ADMIN",
    "/Admin/x",
    "/%61dmin",
    "/%2561dmin",
    "/adm%c4%b1n",
    "/%ef%bd%81dmin",
    "/..%c0%afadmin",
    "/%c0%afadmin",
    "/admin%c0%af",
    "/admin.json",
    "/admin.action",
    "/admin/x.js",
    "/admin;.js",
    "/admin%3b.js",
    "/admin%3f.js",
    "/index.php/admin",
    "/x/index.php/admin",
    "/(S(abc))/admin",
    "/admin/(S(abc))/x",
    "/admin:$i30:$INDEX_ALLOCATION",
    "/admin::$DATA",
    "/x/../admin",
    "/x/%2e%2e/%2e%2e/admin",
    "*",
    "admin",
    "",
    "http://localhost/admin",
    "http://localhost//admin",
    "http://other.example/admin",
    "/admin HTTP/1.1",
];

/// P-01 to P-09, P-11, P-12, P-17: the front is open, so whatever got past the rule would be a 200.
#[tokio::test]
async fn no_spelling_of_a_guarded_path_is_open_over_any_way_in() {
    let both = both_with(ROUTES).await;
    for way in WAYS {
        for path in GUARDED {
            let answer = ask(&both, way, &get(path)).await;
            assert!(!matches!(answer, Some(200..=299)), "{way:?} {path}: {answer:?}");
        }
        // P-09: a request that looks like a health check is decided about like any other.
        for agent in ["kube-probe/1.31", "GoogleHC/1.0", "ELB-HealthChecker/2.0", "Consul Health Check"] {
            let fields = [("user-agent", agent)];
            let answer = ask(&both, way, &Asked { fields: &fields, ..get("/admin") }).await;
            assert!(!matches!(answer, Some(200..=299)), "{way:?} {agent}: {answer:?}");
        }
        for method in ["HEAD", "POST", "OPTIONS", "PROPFIND", "get", "TRACE", "CONNECT", "X"] {
            let answer = ask(&both, way, &Asked { method, ..get("/admin") }).await;
            assert!(!matches!(answer, Some(200..=299)), "{way:?} {method}: {answer:?}");
        }
        // Some servers take them for methods that a rule names.
        for method in ["post", "Delete", "get"] {
            let answer = ask(&both, way, &Asked { method, ..get("/administration") }).await;
            assert!(!matches!(answer, Some(200..=299)), "{way:?} {method}: {answer:?}");
        }
        // The path beside it is open, so the refusals above are not for another reason.
        assert_eq!(ask(&both, way, &get("/administration")).await, Some(200), "{way:?}");
    }
    let received = both.world.app.requests();
    assert!(received.iter().all(|request| request.target == "/administration"), "{received:?}");
}

/// P-14: of two hosts none is chosen, and what is no host is none.
#[tokio::test]
async fn a_request_is_for_one_host_over_every_way_in() {
    let both = both_with(ROUTES).await;
    for way in WAYS {
        for host in ["LOCALHOST", "localhost:443", "localhost:80"] {
            assert_eq!(ask(&both, way, &Asked { host, ..get("/x") }).await, Some(200), "{way:?} {host}");
        }
        for host in ["localhost:x", "localhost:", "user@localhost", "a, b", "localhost/admin", "localhost#", "[::1", ""]
        {
            let answer = ask(&both, way, &Asked { host, ..get("/x") }).await;
            assert!(!matches!(answer, Some(200..=299)), "{way:?} {host}: {answer:?}");
        }
        let fields = [("host", "other.example")];
        let answer = ask(&both, way, &Asked { fields: &fields, ..get("/x") }).await;
        assert!(!matches!(answer, Some(200..=299)), "{way:?}, two of them: {answer:?}");
    }
}

/// W-07: neither another host nor the absolute form leads to the admin listener's pages.
#[tokio::test]
async fn the_admin_listener_s_pages_are_not_to_be_had_from_the_public_one() {
    let both = both_with("").await;
    let admin = format!("127.0.0.1:{}", both.world.admin);
    for path in ["/metrics", "/healthz", "/readyz", "/.gateway/metrics", "/debug/pprof"] {
        for way in WAYS {
            for host in ["localhost", &admin, "127.0.0.1"] {
                let answer = ask(&both, way, &Asked { host, ..get(path) }).await;
                assert!(!matches!(answer, Some(200..=299)), "{way:?} {host}{path}: {answer:?}");
            }
        }
        let answer = ask(&both, Way::Http1, &Asked { host: &admin, ..get(&format!("http://{admin}{path}")) }).await;
        assert!(!matches!(answer, Some(200..=299)), "{path}: {answer:?}");
    }
}

/// H-15, H-18, W-01: what an application says reaches nobody over any way in where it may not say it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_app_commands_nothing_over_any_way_in() {
    let upstream = Upstream::saying(PLANTING.as_bytes());
    let both = both_with(&upstream.route("/u", "")).await;
    for way in WAYS {
        let Answer { status, head, .. } = Line::open(&both, way).await.get("/u", &[]).await;
        assert_eq!(status, 200, "{way:?}: {head:?}");
        assert!(!format!("{head:?}").contains("planted"), "{way:?}: {head:?}");
        assert_eq!(head.get_all("set-cookie").iter().collect::<Vec<_>>(), ["theirs=1; Path=/"], "{way:?}");
        assert_eq!(head["x-theirs"], "1", "{way:?}");
    }
}

/// W-01, W-02, W-04, R-01 to R-06, C-05: our own answers are the same over every way in, and lead nowhere else.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn our_own_answers_are_protected_over_every_way_in() {
    let both = both_with("\n[[route]]\nupstream = \"APP\"\n").await;
    let page = [("accept", "text/html"), ("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "document")];
    for way in WAYS {
        for (path, fields, expect) in [
            ("/.gateway/nothing", &page[..], 404),
            ("/reports", &page[..], 303),
            ("//evil.example/x", &page[..], 303),
            ("/\\evil.example", &page[..], 303),
            ("/reports", &[("accept", "application/json")][..], 401),
            ("/.gateway/signed-out", &page[..], 200),
        ] {
            // A library for HTTP/2 would not send a backslash.
            if path.contains('\\') && matches!(way, Way::Http2 | Way::Http2OverTls) {
                continue;
            }
            let Answer { status, head, .. } = Line::open(&both, way).await.get(path, fields).await;
            let value = |name: &str| head.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
            // What could be read as another host may be refused as it stands.
            let is_odd = path.contains("evil");
            assert!(status == expect || is_odd && status == 400, "{way:?} {path}: {status} {head:?}");
            assert_eq!(value("cache-control"), "no-store", "{way:?} {path}");
            assert_eq!(value("x-content-type-options"), "nosniff", "{way:?} {path}");
            assert!(value("content-security-policy").starts_with("default-src 'none'; "), "{way:?} {path}: {head:?}");
            assert_eq!(value("referrer-policy"), "same-origin", "{way:?} {path}");
            let site = format!("http://localhost:{}/.gateway/sign-in?", both.world.port);
            let location = value("location");
            let is_ours = location.starts_with(&site) || location.starts_with("/.gateway/sign-in?");
            assert!(status != 303 || is_ours, "{way:?} {path}: {location}");
        }
    }
}

/// H-12: a head that is too large is refused over every way in, and nobody is asked.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_head_has_a_size_over_every_way_in() {
    let both = both_with(ROUTES).await;
    let (cookie, value) = ("x".repeat(100_000), "y".repeat(200));
    let many: Vec<String> = (0..300).map(|number| format!("x-field-{number}")).collect();
    let many: Vec<(&str, &str)> = many.iter().map(|name| (&**name, "1")).collect();
    let block: Vec<(&str, &str)> =
        many.iter().take(240).map(|(name, _)| (*name, &*value)).chain([("cookie", "a=1")]).collect();
    for way in WAYS {
        // One frame of HTTP/2 has 16 KiB.
        let fits = if matches!(way, Way::Http2 | Way::Http2OverTls) { &block[..60] } else { &block };
        assert_eq!(ask(&both, way, &Asked { fields: fits, ..get("/x") }).await, Some(200), "{way:?}");
        both.world.until_asked(1).await;
        let before = both.world.app.requests().len();
        for (name, fields) in [("a cookie of 100 KB", &[("cookie", &*cookie)][..]), ("300 fields", &many)] {
            // In HTTP/2 a field of 100 KB does not fit into a frame, and would be continued in others.
            if name != "300 fields" && matches!(way, Way::Http2 | Way::Http2OverTls) {
                continue;
            }
            let answer = ask(&both, way, &Asked { fields, ..get("/x") }).await;
            assert!(!matches!(answer, Some(200..=299)), "{way:?}, {name}: {answer:?}");
        }
        assert_eq!(both.world.app.requests().len(), before, "{way:?}");
    }
    let metrics = both.world.metrics().await;
    assert!(metrics.contains("gateway_requests_refused_total{reason=\"head_too_large\"} 6\n"), "{metrics}");
}

/// H-13: a trailer over HTTP/2 is not a header, and names nobody.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_trailer_names_nobody_over_http_2() {
    let both = both_with(ROUTES).await;
    let raw = Client::http2(&both.authority).connect("localhost", both.tls).await.expect("a connection");
    let (client, connection) = h2::client::handshake(raw.0).await.expect("HTTP/2");
    tokio::spawn(connection);
    let mut sender = client.ready().await.expect("ready");
    let request = http::Request::builder().method("POST").uri("https://localhost/x").body(()).expect("a request");
    let (answer, mut body) = sender.send_request(request, false).expect("sent");
    body.send_data(bytes::Bytes::from_static(b"a"), false).expect("sent");
    let name = HeaderName::from_static("x-forwarded-user");
    body.send_trailers(HeaderMap::from_iter([(name, HeaderValue::from_static("forged-value"))])).expect("sent");
    assert_eq!(answer.await.expect("an answer").status(), 200);
    let requests = both.world.app.requests();
    assert_eq!(requests.len(), 1, "{requests:?}");
    for received in requests {
        assert!(!String::from_utf8_lossy(&received.head).contains("forged-value"), "{received:?}");
        assert!(received.values("x-forwarded-user").is_empty());
    }
}
