//! The families H, P, T and W over every way in: what is dropped, refused or decided about over one of them is so over
//! all. Bytes are sent as they are, since libraries would put them right.

use super::http2::{Both, HEADERS, PREFACE, SETTINGS, both_with, frame, literal};
use crate::certificates::Client;
use crate::header_contract::FORGED;
use crate::raw::{Raw, status};

/// A public front with one guarded path: whatever is not recognised as that path is open.
const ROUTES: &str = "\n[[route]]\nname = \"open\"\nupstream = \"APP\"\nallow = \"public\"\n\
     [[route]]\nname = \"admin\"\npath = \"/admin\"\nupstream = \"APP\"\nallow = { groups = [\"admins\"] }\n";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Http1,
    Http1OverTls,
    Http2,
    Http2OverTls,
}

const WAYS: [Way; 4] = [Way::Http1, Way::Http1OverTls, Way::Http2, Way::Http2OverTls];

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
            [PREFACE, &frame(SETTINGS, 0, 0, &[]), &frame(HEADERS, 5, 1, &head)].concat()
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

/// P-01 to P-08, P-11, P-12, P-17: the front is open, so whatever got past the rule would be a 200.
#[tokio::test]
async fn no_spelling_of_a_guarded_path_is_open_over_any_way_in() {
    let both = both_with(ROUTES).await;
    let ordinary = [
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
    for way in WAYS {
        for path in ordinary {
            let answer = ask(&both, way, &get(path)).await;
            assert!(!matches!(answer, Some(200..=299)), "{way:?} {path}: {answer:?}");
        }
        for method in ["HEAD", "POST", "OPTIONS", "PROPFIND", "get", "TRACE", "CONNECT", "X"] {
            let answer = ask(&both, way, &Asked { method, ..get("/admin") }).await;
            assert!(!matches!(answer, Some(200..=299)), "{way:?} {method}: {answer:?}");
        }
        // It is not that nothing is open.
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
