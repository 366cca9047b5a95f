//! Programs that call routes with access tokens: signed ones and opaque ones, beside cookies, and from other sites' scripts.

use std::io::Write as _;
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::signature::{Ed25519KeyPair, KeyPair as _};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use serde_json::{Value, json};

use crate::certificates::{Authority, Client, Issued};
use crate::raw::{Raw, WEBSOCKET};
use crate::upstream::{Upstream, ask, status};
use crate::visitor::Visitor;
use crate::world::{World, free_port};

/// Who issues tokens: a key, and an endpoint that knows the opaque token `opaque-good`.
pub(crate) struct Issuer {
    pub(crate) address: String,
    key: Ed25519KeyPair,
    server: Upstream,
}

impl Issuer {
    pub(crate) fn new() -> Self {
        let key = Ed25519KeyPair::from_seed_unchecked(&[7; 32]).expect("a key");
        let x = URL_SAFE_NO_PAD.encode(key.public_key());
        let port = free_port();
        let address = format!("http://127.0.0.1:{port}");
        let issuer = address.clone();
        // A document of an issuer of workloads: no endpoint where people sign in.
        let discovery = json!({
            "issuer": issuer, "jwks_uri": format!("{issuer}/keys"), "introspection_endpoint": format!("{issuer}/introspect"),
        });
        let keys = json!({"keys": [{"kty": "OKP", "crv": "Ed25519", "kid": "k", "x": x}]});
        let server = Upstream::at(port, move |stream, head, _| {
            let body = match head.split(' ').nth(1).unwrap_or_default() {
                "/.well-known/openid-configuration" => discovery.clone(),
                "/keys" => keys.clone(),
                "/introspect" => {
                    let length = head
                        .to_ascii_lowercase()
                        .lines()
                        .find_map(|line| line.strip_prefix("content-length: ").map(str::to_owned));
                    let mut body = vec![0; length.and_then(|length| length.parse().ok()).unwrap_or(0)];
                    let _ = std::io::Read::read_exact(stream, &mut body);
                    let is_good = String::from_utf8_lossy(&body).contains("token=opaque-good&")
                        && head.contains("Basic Z3c6c2VjcmV0");
                    json!({"active": is_good, "aud": "api://wiki", "sub": "robot", "scope": "read"})
                }
                _ => json!({}),
            }
            .to_string();
            let _ = write!(
                stream,
                "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
                body.len()
            );
            false
        });
        Self { address, key, server }
    }

    /// How often it was asked about a token.
    fn asked(&self) -> usize {
        self.server.heads().iter().filter(|head| head.starts_with("POST /introspect ")).count()
    }

    /// A token that holds, but for these claims and this `typ`.
    pub(crate) fn token(&self, kind: &str, change: &Value) -> String {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("a clock").as_secs();
        let mut claims = json!({
            "iss": self.address, "aud": ["api://wiki"], "sub": "robot", "client_id": "ci", "scope": "read write",
            "groups": ["staff"], "email": "robot@example.com", "iat": now - 10, "exp": now + 600, "jti": "1",
        });
        for (name, value) in change.as_object().expect("an object") {
            claims[name] = match value.as_i64() {
                Some(after) => (now.cast_signed() + after).into(),
                None => value.clone(),
            };
        }
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let header = json!({"alg": "EdDSA", "kid": "k", "typ": kind});
        let signed = format!("{}.{}", part(&header), part(&claims));
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(self.key.sign(signed.as_bytes())))
    }

    /// How a gateway takes its tokens, under the name `ci`.
    pub(crate) fn section(&self) -> String {
        format!(
            "\n[[bearer_issuer]]\nname = \"ci\"\nissuer = \"{}\"\naudiences = [\"api://wiki\"]\nscopes = [\"read\"]\n\
             introspection = {{ client_id = \"gw\", client_secret = \"secret\" }}\n",
            self.address
        )
    }

    fn config(&self) -> String {
        self.section()
            + "[[route]]\nname = \"api\"\npath = \"/api\"\nupstream = \"APP\"\nbearer = [\"ci\"]\n\
             cors = { origins = [\"https://spa.example.com\"], credentials = true }\n\
             [[route]]\nname = \"staff\"\npath = \"/api/admin\"\nupstream = \"APP\"\nbearer = [\"ci\"]\nallow = { groups = [\"auditors\"] }\n\
             [[route]]\nname = \"pages\"\npath = \"/\"\nupstream = \"APP\"\n"
    }
}

fn call(world: &World, request: &str, headers: &str) -> String {
    ask(
        world.port,
        &format!("{request} HTTP/1.1\r\nHost: localhost:{}\r\nConnection: close\r\n{headers}\r\n", world.port),
    )
}

/// Each type and change of claims, and what becomes of such a token.
fn kinds_of_tokens() -> Vec<(&'static str, Value, u16, &'static str)> {
    vec![
        ("JWT", json!({}), 200, ""),
        ("at+jwt", json!({"aud": "api://other"}), 401, "invalid_token"),
        ("at+jwt", json!({"iss": "https://evil.example"}), 401, "invalid_token"),
        ("at+jwt", json!({"exp": -120}), 401, "invalid_token"),
        ("at+jwt", json!({"iat": 600}), 401, "invalid_token"),
        ("at+jwt", json!({"nbf": 600}), 401, "invalid_token"),
        ("logout+jwt", json!({}), 401, "invalid_token"),
        ("JWT", json!({"nonce": "n"}), 401, "invalid_token"),
        ("at+jwt", json!({"scope": "write"}), 403, "insufficient_scope"),
        // RFC 9068 §2.2; tokens of other types need neither.
        ("at+jwt", json!({"jti": null}), 401, "invalid_token"),
        ("at+jwt", json!({"client_id": null}), 401, "invalid_token"),
        ("at+jwt", json!({"sub": null}), 401, "invalid_token"),
        ("JWT", json!({"jti": null, "client_id": null}), 200, ""),
        // Who could not be named to an application.
        ("at+jwt", json!({"sub": ""}), 401, "invalid_token"),
        ("at+jwt", json!({"sub": "robot\nadmin"}), 401, "invalid_token"),
        ("at+jwt", json!({"email": "robot@example.com\r\nX-Admin: 1"}), 401, "invalid_token"),
        ("JWT", json!({"preferred_username": "robot\u{0}"}), 401, "invalid_token"),
        // RFC 8705, RFC 9449, RFC 7800: whoever has the key must show it.
        ("at+jwt", json!({"cnf": {"x5t#S256": "A4DtL2JmUMhAsvJj5tKyn64SqzmuXbMrJa0n761y5v0"}}), 401, "invalid_token"),
        ("at+jwt", json!({"cnf": {"jkt": "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"}}), 401, "invalid_token"),
        ("JWT", json!({"cnf": {"jwk": {"kty": "OKP"}}}), 401, "invalid_token"),
    ]
}

/// RFC 6750 §2: one token, in its header.
fn comes_once_and_in_its_header(world: &World, good: &str) {
    // Within the signature: of its last letter only two bits count.
    let (before, after) = good.split_at(good.len() - 20);
    let changed = format!("{before}{}{}", if after.starts_with('A') { "B" } else { "A" }, &after[1..]);
    let twice = format!("Authorization: Bearer {good}\r\nAuthorization: Bearer {good}\r\n");
    for (headers, expected) in [
        (format!("Authorization: Bearer {changed}\r\n"), 401),
        ("Authorization: Bearer opaque-good\r\n".to_owned(), 200),
        ("Authorization: Bearer opaque-bad\r\n".to_owned(), 401),
        ("Authorization: Bearer \r\n".to_owned(), 400),
        ("Authorization: Bearer a b\r\n".to_owned(), 400),
        (twice, 400),
        (String::new(), 401),
    ] {
        let answer = call(world, "GET /api/x", &headers);
        assert_eq!(status(&answer), expected, "{headers}: {answer}");
    }
    // Not in the address, also where it is a page that is visited.
    for (query, headers) in [
        (format!("access_token={good}"), String::new()),
        (format!("a=1&access%5Ftoken={good}"), "Accept: text/html\r\nSec-Fetch-Mode: navigate\r\n".to_owned()),
        ("access_token=x".to_owned(), format!("Authorization: Bearer {good}\r\n")),
    ] {
        let answer = call(world, &format!("GET /api/x?{query}"), &headers);
        assert!(status(&answer) == 400 && answer.contains("error=\"invalid_request\""), "{query}: {answer}");
        assert!(!answer.contains(good) && !answer.to_ascii_lowercase().contains("\r\nlocation:"), "{answer}");
    }
}

/// B-01, B-02.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_program_calls_with_a_token_that_is_for_us() {
    let issuer = Issuer::new();
    let world = World::with(&issuer.config(), &[]).await;
    let good = issuer.token("at+jwt", &json!({}));
    let answer = call(&world, "GET /api/x", &format!("Authorization: Bearer {good}\r\nAccept: application/json\r\n"));
    assert_eq!(status(&answer), 200, "{answer}");
    assert!(answer.contains("[\"X-Forwarded-User\",\"robot\"]") && answer.contains("robot@example.com"), "{answer}");
    assert!(answer.contains(&format!("Bearer {good}")), "the token goes on: {answer}");

    for (kind, change, expected, error) in kinds_of_tokens() {
        let token = issuer.token(kind, &change);
        let answer = call(&world, "GET /api/x", &format!("Authorization: bearer {token}\r\nAccept: text/html\r\n"));
        assert_eq!(status(&answer), expected, "{kind} {change}: {answer}");
        let challenge = format!("Bearer realm=\"http://localhost:{}\", resource_metadata=", world.port);
        assert!(
            error.is_empty() || answer.contains(&challenge) && answer.contains(&format!("error=\"{error}\"")),
            "{answer}"
        );
        assert!(
            expected == 200 || !answer.to_ascii_lowercase().contains("\r\nlocation:") && !answer.contains(&token),
            "{answer}"
        );
    }
    comes_once_and_in_its_header(&world, &good);
    let metrics = world.metrics().await;
    assert!(metrics.contains("gateway_bearer_tokens_total{issuer=\"ci\",outcome=\"accepted\"}"), "{metrics}");
    assert!(metrics.contains("gateway_bearer_tokens_total{issuer=\"unknown\",outcome=\"invalid\"}"), "{metrics}");
    assert!(!world.log().contains(&good), "no token stands in the log");
}

/// B-01.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_and_a_cookie_are_not_confused() {
    let issuer = Issuer::new();
    let world = World::with(&issuer.config(), &[]).await;
    let mut visitor = Visitor::new(&world);
    visitor.sign_in("/", "password@example.com").await;
    let cookie = format!("Cookie: {}\r\nAccept: application/json\r\n", visitor.cookie_line());
    let (good, bad) = (issuer.token("at+jwt", &json!({})), issuer.token("at+jwt", &json!({"exp": -120})));
    let who = |path: &str, headers: String| {
        let answer = call(&world, &format!("GET {path}"), &format!("{cookie}{headers}"));
        (status(&answer), answer.contains("robot@example.com"), answer.contains("\"password@example.com\""))
    };
    assert_eq!(who("/api/x", String::new()), (200, false, true));
    assert_eq!(who("/api/x", format!("Authorization: Bearer {good}\r\n")), (200, true, false));
    assert_eq!(
        who("/api/x", format!("Authorization: Bearer {bad}\r\n")),
        (401, false, false),
        "not the cookie instead"
    );
    // Another route takes no tokens: the header is its application's own.
    assert_eq!(who("/pages", format!("Authorization: Bearer {bad}\r\n")), (200, false, true));
    assert_eq!(who("/pages?access_token=own", String::new()), (200, false, true), "the application's own parameter");
    assert_eq!(who("/api/admin", format!("Authorization: Bearer {good}\r\n")).0, 403);
    assert_eq!(who("/api/..;/pages", format!("Authorization: Bearer {good}\r\n")).0, 401, "no other route takes it");
    // A page visit without a token is still sent to sign in.
    let page = call(&world, "GET /api/x", "Accept: text/html\r\n");
    assert_eq!(status(&page), 303, "{page}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_program_reads_how_to_get_a_token() {
    let issuer = Issuer::new();
    let world = World::with(&issuer.config(), &[]).await;
    let origin = format!("http://localhost:{}", world.port);
    let refused = call(&world, "GET /api/x", "Accept: application/json\r\n");
    let address = format!("{origin}/.well-known/oauth-protected-resource/api");
    assert!(refused.contains(&format!("resource_metadata=\"{address}\"")) && !refused.contains("error="), "{refused}");
    let metadata = call(&world, "GET /.well-known/oauth-protected-resource/api", "");
    assert_eq!(status(&metadata), 200, "{metadata}");
    let body: Value = serde_json::from_str(metadata.split("\r\n\r\n").nth(1).expect("a body")).expect("JSON");
    assert_eq!(body["resource"], format!("{origin}/api"));
    assert_eq!(body["authorization_servers"], json!([issuer.address]));
    assert_eq!((&body["scopes_supported"], &body["bearer_methods_supported"]), (&json!(["read"]), &json!(["header"])));
    // Its reader may be a script of any site, with a header of its own.
    let asks = "Origin: https://any.example\r\nAccess-Control-Request-Method: GET\r\n\
        Access-Control-Request-Headers: mcp-protocol-version\r\n";
    for path in ["/.well-known/oauth-protected-resource/api", "/.gateway/jwks.json"] {
        let answer = call(&world, &format!("OPTIONS {path}"), asks);
        let head = answer.to_ascii_lowercase();
        assert_eq!(status(&answer), 204, "{path}: {answer}");
        for line in ["origin: *", "methods: get, head, options", "headers: *"] {
            assert!(head.contains(&format!("\r\naccess-control-allow-{line}\r\n")), "{path}: {line}: {answer}");
        }
        for (method, expected) in [("GET", 200), ("HEAD", 200), ("POST", 405), ("DELETE", 405)] {
            let answer = call(&world, &format!("{method} {path}"), "Origin: https://any.example\r\n");
            assert_eq!(status(&answer), expected, "{method} {path}: {answer}");
            assert!(answer.to_ascii_lowercase().contains("\r\naccess-control-allow-origin: *\r\n"), "{answer}");
        }
    }
    // A route without tokens has none: the address is its application's.
    let none = call(&world, "GET /.well-known/oauth-protected-resource", "Accept: application/json\r\n");
    assert_eq!(status(&none), 401, "{none}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn scripts_of_named_sites_may_ask_and_read_a_401() {
    let issuer = Issuer::new();
    let world = World::with(&issuer.config(), &[]).await;
    let asks = |origin: &str| {
        format!(
            "Origin: {origin}\r\nAccess-Control-Request-Method: PUT\r\nAccess-Control-Request-Headers: authorization\r\n"
        )
    };
    let answer = call(&world, "OPTIONS /api/x", &asks("https://spa.example.com"));
    let head = answer.to_ascii_lowercase();
    assert_eq!(status(&answer), 204, "{answer}");
    for line in [
        "access-control-allow-origin: https://spa.example.com",
        "access-control-allow-credentials: true",
        "access-control-allow-methods: put",
        "access-control-allow-headers: authorization, content-type, x-requested-with",
        "access-control-max-age: 600",
    ] {
        assert!(head.contains(line), "{line}: {answer}");
    }
    for (path, origin, expected) in [
        ("/api/x", "https://evil.example", 403),
        ("/pages", "https://spa.example.com", 401),
        ("/api/admin", "https://spa.example.com", 401),
    ] {
        let answer = call(&world, &format!("OPTIONS {path}"), &asks(origin));
        assert!(
            status(&answer) == expected && !answer.to_ascii_lowercase().contains("access-control-allow-origin"),
            "{path} {answer}"
        );
    }
    let address = format!("http://localhost:{}/api/x", world.port);
    let headers = ["-H", "Origin: https://spa.example.com", "-H", "Access-Control-Request-Method: PUT"];
    let explained = crate::explain::explain(&world, &[&["OPTIONS", address.as_str()][..], &headers].concat());
    assert!(explained.contains("anybody   204: "), "{explained}");
    let explained = crate::explain::explain(&world, &["GET", &address]);
    assert!(explained.contains("cors      scripts of https://spa.example.com may call"), "{explained}");
    let refused = call(&world, "GET /api/x", "Origin: https://spa.example.com\r\nAccept: application/json\r\n");
    let head = refused.to_ascii_lowercase();
    assert!(
        status(&refused) == 401 && head.contains("access-control-allow-origin: https://spa.example.com"),
        "{refused}"
    );
    assert!(
        head.contains("access-control-expose-headers: www-authenticate") && head.contains("vary: origin"),
        "{refused}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_route_may_ask_for_scopes_of_a_token() {
    let issuer = Issuer::new();
    let route = |path: &str, allow: &str| {
        format!("[[route]]\npath = \"{path}\"\nupstream = \"APP\"\nbearer = [\"ci\"]\nallow = {allow}\n")
    };
    let routes = issuer.section()
        + &route("/write", "{ scopes = [\"write\", \"read\"] }")
        + &route("/either", "{ any = [{ scopes = [\"admin\"] }, { users = [\"password@example.com\"] }] }")
        + &route("/", "\"signed-in\"");
    let world = World::with(&routes, &[]).await;
    let asks = |path: &str, scopes: &str| {
        let token = issuer.token("at+jwt", &json!({"scope": scopes}));
        call(&world, &format!("GET {path}"), &format!("Authorization: Bearer {token}\r\n"))
    };
    for (path, scopes, expected) in [
        ("/write", "read write", 200),
        ("/write", "read", 403),
        ("/write", "read writer", 403),
        ("/either", "read admin", 200),
        ("/either", "read write", 403),
        ("/", "read", 200),
    ] {
        let answer = asks(path, scopes);
        assert_eq!(status(&answer), expected, "{path} {scopes}: {answer}");
    }
    let refused = asks("/write", "read");
    assert!(refused.contains("error=\"insufficient_scope\"") && refused.contains("scope=\"read write\""), "{refused}");
    let mut visitor = Visitor::new(&world);
    visitor.sign_in("/", "password@example.com").await;
    for (path, expected) in [("/either", 200), ("/write", 403)] {
        assert_eq!(visitor.visit(path).await.status, expected, "a session has no scopes: {path}");
    }
    let explained = crate::explain::explain(&world, &["GET", "/write", "-H", "Accept: application/json"]);
    for line in [
        "bearer    access tokens of ci, where one is brought",
        "visitor   signed in: 403: the request brings no access token",
        "visitor   a program with scope write: 403: ",
        "visitor   with all of that: forwarded: ",
    ] {
        assert!(explained.contains(line), "{line}\n{explained}");
    }
}

/// RFC 6750 §3.1: of the token's own issuer, and only where a scope is what it lacks.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_challenge_names_the_scopes_that_this_token_lacks() {
    let (issuer, other) = (Issuer::new(), Issuer::new());
    let of_other = other.section().replace("name = \"ci\"", "name = \"other\"");
    let of_other = of_other.replace("scopes = [\"read\"]", "scopes = [\"api.read\"]\nclaims = { team = [\"red\"] }");
    let route = |path: &str, allow: &str| {
        format!("[[route]]\npath = \"{path}\"\nupstream = \"APP\"\nbearer = [\"ci\", \"other\"]\nallow = {allow}\n")
    };
    let routes = issuer.section()
        + &of_other
        + &route("/any", "\"signed-in\"")
        + &route("/write", "{ scopes = [\"write\"], not = { scopes = [\"guest\"] } }")
        + &route("/staff", "{ groups = [\"auditors\"] }");
    let world = World::with(&routes, &[]).await;
    for (from, path, change, scope) in [
        (&issuer, "/any", json!({"scope": ""}), Some("read")),
        (&issuer, "/write", json!({"scope": "read"}), Some("read write")),
        (&issuer, "/write", json!({"scope": "write"}), Some("read write")),
        (&issuer, "/staff", json!({}), None),
        (&other, "/any", json!({"scope": "read"}), Some("api.read")),
        (&other, "/write", json!({"scope": "api.read", "team": "red"}), Some("api.read write")),
        (&other, "/any", json!({"scope": "api.read"}), None),
        (&other, "/any", json!({"scope": "api.read", "team": "blue"}), None),
    ] {
        let token = from.token("at+jwt", &change);
        let answer = call(&world, &format!("GET {path}"), &format!("Authorization: Bearer {token}\r\n"));
        assert!(status(&answer) == 403 && answer.contains("error=\"insufficient_scope\""), "{path} {change}: {answer}");
        let named = answer.split(", scope=\"").nth(1).and_then(|rest| rest.split('"').next());
        assert_eq!(named, scope, "{path} {change}: {answer}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_that_one_of_a_route_s_issuers_takes_is_taken() {
    let (issuer, other) = (Issuer::new(), Issuer::new());
    let named = |section: String, name: &str| section.replace("name = \"ci\"", &format!("name = \"{name}\""));
    let config = issuer.section().replace("client_id = \"gw\"", "client_id = \"stranger\"")
        + &named(issuer.section(), "jobs").replace("api://wiki", "api://jobs").replace("[\"read\"]", "[\"run\"]")
        + &named(other.section(), "other")
        + "[[route]]\nupstream = \"APP\"\nbearer = [\"ci\", \"jobs\", \"other\"]\n";
    let world = World::with(&config, &[]).await;
    for (token, expected) in [
        (issuer.token("at+jwt", &json!({})), 200),
        (issuer.token("at+jwt", &json!({"aud": "api://jobs", "scope": "run"})), 200),
        (issuer.token("at+jwt", &json!({"aud": "api://jobs", "scope": "read"})), 403),
        (issuer.token("at+jwt", &json!({"aud": "api://other"})), 401),
        (other.token("at+jwt", &json!({})), 200),
        // The first two are asked as somebody who is not told, or for another audience.
        ("opaque-good".to_owned(), 200),
        ("opaque-bad".to_owned(), 401),
    ] {
        let answer = call(&world, "GET /", &format!("Authorization: Bearer {token}\r\n"));
        assert_eq!(status(&answer), expected, "{token}: {answer}");
    }
    assert!(issuer.asked() > 0 && other.asked() > 0);
}

/// RFC 8705 §3: whoever has stolen such a token has not its certificate.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_that_is_bound_to_a_certificate_counts_over_its_connections_only() {
    let (authority, issuer) = (Authority::new(), Issuer::new());
    let folder = tempfile::tempdir().expect("a folder");
    let [server, own, stolen] =
        ["localhost", "own", "thief"].map(|name| authority.issue(folder.path(), name, &[name], 2040));
    let ca = folder.path().join("ca.pem");
    std::fs::write(&ca, authority.pem()).expect("written");
    let port = free_port();
    let tls = format!(
        "[tls]\ncertificates = [{}]\nclient_ca = \"{}\"\nclient_certificates = \"optional\"\n",
        server.setting(),
        ca.display()
    );
    let listen = format!("[\"127.0.0.1:{}\", \"https://127.0.0.1:{port}\"]", free_port());
    let world = World::with(&(tls + &issuer.config()), &[("GATEWAY__SERVER__LISTEN", &listen)]).await;
    let der = CertificateDer::from_pem_file(&own.certificate).expect("PEM");
    let digest = URL_SAFE_NO_PAD.encode(ring::digest::digest(&ring::digest::SHA256, &der));
    let bound = issuer.token("at+jwt", &json!({"cnf": {"x5t#S256": digest}}));
    let free = issuer.token("at+jwt", &json!({}));
    let asks = async |certificate: Option<&Issued>, token: &str| {
        let client = Client { certificate, ..Client::of(&authority) };
        let mut raw = client.connect("localhost", port).await.expect("a connection");
        raw.send(format!(
            "GET /api/x HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: Bearer {token}\r\n\r\n"
        ))
        .await;
        status(&raw.rest().await)
    };
    // The one that counts comes first: it is remembered, and so would be what it may.
    for (certificate, token, expected) in [
        (Some(&own), &bound, 200),
        (Some(&stolen), &bound, 401),
        (None, &bound, 401),
        (Some(&own), &bound, 200),
        (None, &free, 200),
    ] {
        assert_eq!(asks(certificate, token).await, expected);
    }
    assert!(
        world.log().contains("it is bound to a client certificate, and not to this connection's"),
        "{}",
        world.log()
    );
}

/// As of a person's claims: the name itself first, and then what the path leads to.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn dots_lead_into_the_objects_of_a_token() {
    let issuer = Issuer::new();
    let route = |path: &str, rest: &str| {
        format!("[[route]]\npath = \"{path}\"\nupstream = \"APP\"\nbearer = [\"ci\"]\n{rest}\n")
    };
    let routes = issuer.section()
        + "claims = { \"realm.kind\" = [\"robot\"] }\ngroups_claim = \"realm_access.roles\"\n"
        + &route("/claim", "allow = { claims = { \"realm_access.roles\" = [\"r1\"] } }")
        + &route("/not", "allow = { not = { claims = { \"realm_access.roles\" = [\"r1\"] } } }")
        + &route("/group", "allow = { groups = [\"r1\"] }")
        + &route("/told", "headers = { map = { X-Team = \"realm.team\" } }");
    let world = World::with(&routes, &[]).await;
    let kind = json!({"kind": "robot", "team": "red"});
    let own = json!({"realm": kind, "realm_access": {"roles": ["r1", "r2"]}});
    let named = json!({"realm": kind, "realm_access": {"roles": ["r1"]}, "realm_access.roles": ["r2"]});
    let none = json!({"realm": kind, "realm_access": {"roles": {"r1": 1}}, "roles": ["r1"]});
    let other = json!({"realm": {"kind": "person"}, "kind": "robot", "realm_access": {"roles": ["r1"]}});
    for (claims, path, expected) in [
        (&own, "/claim", 200),
        (&own, "/not", 403),
        (&own, "/group", 200),
        (&named, "/claim", 403),
        (&named, "/not", 200),
        (&named, "/group", 403),
        (&none, "/claim", 403),
        (&none, "/not", 403),
        (&none, "/group", 403),
        (&other, "/claim", 403),
        (&other, "/told", 403),
        (&own, "/told", 200),
    ] {
        let token = issuer.token("at+jwt", claims);
        let headers = format!("Authorization: Bearer {token}\r\nAccept: application/json\r\n");
        let answer = call(&world, &format!("GET {path}"), &headers);
        assert_eq!(status(&answer), expected, "{path} {claims}: {answer}");
        assert!(expected != 200 || path != "/told" || answer.contains("[\"X-Team\",\"red\"]"), "{answer}");
    }
}

/// An issuer is not made to answer for strangers who make tokens up.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_issuer_is_asked_seldom_and_no_more_than_it_bears() {
    let issuer = Issuer::new();
    let world = World::with(
        &issuer.config().replace("client_secret = \"secret\"", "client_secret = \"secret\", calls_a_second = 4"),
        &[],
    )
    .await;
    let says = |token: &str| status(&call(&world, "GET /api/x", &format!("Authorization: Bearer {token}\r\n")));
    for _ in 0..5 {
        assert_eq!((says("opaque-good"), says("opaque-bad")), (200, 401));
    }
    assert_eq!(issuer.asked(), 2);
    // All at once: a slow machine would else need more time for them than the issuer asks for.
    let made_up: Vec<String> = std::thread::scope(|scope| {
        let ask = |number| {
            let headers = format!("Authorization: Bearer made-up-{number}\r\n");
            call(&world, "GET /api/x", &headers)
        };
        let calls: Vec<_> = (0..60).map(|number| scope.spawn(move || ask(number))).collect();
        calls.into_iter().map(|call| call.join().expect("an answer")).collect()
    });
    assert!(made_up.iter().all(|answer| [401, 503].contains(&status(answer))), "{made_up:?}");
    let told = made_up.iter().find(|answer| status(answer) == 503).expect("too many");
    assert!(told.to_ascii_lowercase().contains("\r\nretry-after: "), "{told}");
    assert!(issuer.asked() < 50, "{}", issuer.asked());
    assert_eq!(says("opaque-good"), 200, "what is known is known");
    assert!(world.log().contains("a bearer token cannot be checked"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_websocket_that_a_token_opened_ends_with_it() {
    let issuer = Issuer::new();
    let world = World::with(&issuer.config(), &[]).await;
    // Taken for a minute longer than it says, since clocks differ: five seconds are left of that.
    let token = issuer.token("at+jwt", &json!({"iat": -300, "exp": -55}));
    let mut socket = Raw::to(world.port).await;
    socket
        .send(format!(
            "GET /api/ws HTTP/1.1\r\nHost: localhost:{}\r\nAuthorization: Bearer {token}\r\n{WEBSOCKET}\r\n",
            world.port
        ))
        .await;
    let opened = socket.answer().await;
    assert_eq!(status(&opened), 101, "{opened}");
    socket.rest().await;
    assert!(world.log().contains("a stream was closed: its token has ended"), "{}", world.log());
}

/// A script must be able to read why it is refused, whatever refuses it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn scripts_of_named_sites_read_every_refusal() {
    let issuer = Issuer::new();
    let silent = Upstream::new(|_, _, _| {
        std::thread::sleep(std::time::Duration::from_secs(60));
        false
    });
    let cors = "cors = { origins = [\"https://spa.example.com\"] }\nbearer = [\"ci\"]";
    let route =
        |path: &str, more: &str| format!("\n[[route]]\npath = \"{path}\"\nupstream = \"APP\"\n{cors}\n{more}\n");
    let routes = issuer.section()
        + &route("/api", "methods = [\"GET\", \"POST\"]\nmax_body = 10")
        + &route("/closed", "maintenance = true")
        + &route("/auditors", "allow = { groups = [\"auditors\"] }")
        + &format!("\n[[route]]\npath = \"/gone\"\nupstream = \"http://127.0.0.1:9\"\n{cors}\n")
        + &format!(
            "\n[[route]]\npath = \"/silent\"\nupstream = \"http://{}\"\ntimeout_seconds = 1\n{cors}\n",
            silent.address()
        );
    let world = World::with(&routes, &[]).await;
    let token = format!("Authorization: Bearer {}\r\n", issuer.token("at+jwt", &json!({})));
    for (request, more, expected) in [
        ("GET /api/x", "", 401),
        ("GET /api/x", "Authorization: Bearer a b\r\n", 400),
        ("GET /auditors", token.as_str(), 403),
        ("DELETE /api/x", token.as_str(), 405),
        ("PUT /api/x", "", 405),
        ("POST /api/x", &format!("{token}Content-Length: 11\r\n"), 413),
        ("GET /gone", token.as_str(), 502),
        ("GET /closed", token.as_str(), 503),
        ("GET /silent", token.as_str(), 504),
    ] {
        let answer = call(&world, request, &format!("Origin: https://spa.example.com\r\n{more}"));
        assert_eq!(status(&answer), expected, "{request}: {answer}");
        let head = answer.to_ascii_lowercase();
        assert!(head.contains("\r\naccess-control-allow-origin: https://spa.example.com\r\n"), "{request}: {answer}");
        let other = call(&world, request, &format!("Origin: https://evil.example\r\n{more}")).to_ascii_lowercase();
        assert!(!other.contains("access-control-allow-origin"), "{request}: {other}");
    }
}

/// Never two values, and none where the site may not call.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn scripts_of_named_sites_read_what_an_application_answers() {
    let silent = Upstream::saying(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    let speaking = Upstream::saying(
        b"HTTP/1.1 200 OK\r\nAccess-Control-Allow-Origin: https://own.example\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
    );
    let cors = "cors = { origins = [\"https://spa.example.com\"], credentials = true }";
    let routes = silent.route("/silent", cors)
        + &speaking.route("/speaking", cors)
        + &silent.route("/open", "cors = { origins = [\"*\"] }")
        + &silent.route("/none", "")
        + &format!("\n[[route]]\npath = \"/gone\"\nupstream = \"http://127.0.0.1:9\"\nallow = \"public\"\n{cors}\n")
        + &format!("\n[[route]]\npath = \"/fixed\"\nrespond = {{ status = 200 }}\nallow = \"public\"\n{cors}\n");
    let world = World::with(&routes, &[]).await;
    let lines = |path: &str, origin: &str| -> Vec<String> {
        let origin = if origin.is_empty() { String::new() } else { format!("Origin: {origin}\r\n") };
        let answer = call(&world, &format!("GET {path}"), &origin).to_ascii_lowercase();
        let named = |line: &&str| line.starts_with("access-control-allow-");
        answer.lines().filter(named).map(|line| line["access-control-allow-".len()..].to_owned()).collect()
    };
    let both = ["origin: https://spa.example.com", "credentials: true"];
    for path in ["/silent", "/gone", "/fixed"] {
        assert_eq!(lines(path, "https://spa.example.com"), both, "{path}");
        assert_eq!(lines(path, "https://evil.example"), [""; 0], "{path}");
        let answer = call(&world, &format!("GET {path}"), "").to_ascii_lowercase();
        assert!(answer.contains("origin\r\n") && answer.contains("\r\nvary: "), "caches are told: {answer}");
    }
    assert_eq!(lines("/speaking", "https://spa.example.com"), ["origin: https://own.example"]);
    // What the application would say to a preflight does not count, also where everybody may come.
    let asked = speaking.heads().len();
    for (path, origin, expected) in [
        ("/speaking", "https://spa.example.com", 204),
        ("/speaking", "https://own.example", 403),
        ("/speaking", "https://evil.example", 403),
    ] {
        let asks = format!("Origin: {origin}\r\nAccess-Control-Request-Method: GET\r\n");
        let answer = call(&world, &format!("OPTIONS {path}"), &asks);
        assert_eq!(status(&answer), expected, "{origin}: {answer}");
        assert_eq!(answer.to_ascii_lowercase().contains("access-control-allow-origin"), expected == 204, "{answer}");
    }
    assert_eq!(speaking.heads().len(), asked, "the application was not asked");
    assert_eq!(lines("/open", "https://anybody.example"), ["origin: *"]);
    assert_eq!(lines("/none", "https://spa.example.com"), [""; 0]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reload_that_opens_something_to_programs_or_scripts_is_refused() {
    let issuer = Issuer::new();
    let world = World::with(&issuer.config(), &[("GATEWAY_REQUIRE_NO_WIDENING", "true")]).await;
    let pages = "name = \"pages\"\npath = \"/\"\n";
    for (from, to, told) in [
        (pages, "name = \"pages\"\npath = \"/\"\nbearer = [\"ci\"]\n", "is open to programs with access tokens of ci"),
        ("scopes = [\"read\"]", "scopes = []", "is open to programs with access tokens of ci"),
        ("audiences = [\"api://wiki\"]", "audiences = [\"api://wiki\", \"api://all\"]", "is open to programs with"),
        (pages, "name = \"pages\"\npath = \"/\"\ncors = { origins = [\"*\"] }\n", "is open to scripts of every site"),
        (
            "[\"https://spa.example.com\"]",
            "[\"https://spa.example.com\", \"https://a.example\"]",
            "scripts of https://a.example",
        ),
    ] {
        world.edit(from, to);
        assert!(!world.reload().await, "{to} was taken");
        assert!(world.log().contains(told), "{told}\n{}", world.log());
        world.edit(to, from);
    }
    for (from, to) in
        [("scopes = [\"read\"]", "scopes = [\"read\", \"write\"]"), ("credentials = true", "credentials = false")]
    {
        world.edit(from, to);
        assert!(world.reload().await, "{to} closes something");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_proxy_that_asks_is_told_of_programs_as_well() {
    let issuer = Issuer::new();
    let world = World::with(&format!("trusted_proxies = [\"127.0.0.1\"]\n{}", issuer.config()), &[]).await;
    let asks = |path: &str, authorization: &str| {
        let url = format!("http://localhost:{}{path}", world.port);
        let headers = format!("X-Original-URL: {url}\r\nX-Original-Method: GET\r\n{authorization}");
        call(&world, "GET /.gateway/auth", &headers)
    };
    let good = format!("Authorization: Bearer {}\r\n", issuer.token("at+jwt", &json!({})));
    let late = format!("Authorization: Bearer {}\r\n", issuer.token("at+jwt", &json!({"exp": -120})));
    let yes = asks("/api/x", &good);
    assert!(status(&yes) == 200 && yes.to_ascii_lowercase().contains("x-forwarded-user: robot"), "{yes}");
    let no = asks("/api/x", &late);
    assert!(status(&no) == 401 && no.contains("error=\"invalid_token\""), "{no}");
    assert_eq!(status(&asks("/api/admin", &good)), 403);
    assert_eq!(status(&asks("/api/x", "Authorization: Bearer a b\r\n")), 403, "nginx takes nothing else for a no");
    assert_eq!(status(&asks("/api/x?access_token=a", &good)), 403);
    let host = format!("localhost:{}", world.port);
    let forwarded = format!(
        "X-Forwarded-Proto: http\r\nX-Forwarded-Host: {host}\r\nX-Forwarded-Uri: /api/x\r\nX-Forwarded-Method: GET\r\n"
    );
    for (address, headers) in
        [("/.gateway/auth/redirect", forwarded.as_str()), ("/.gateway/auth/envoy/api/x", "X-Forwarded-Proto: http\r\n")]
    {
        let bad = call(&world, &format!("GET {address}"), &format!("{headers}Authorization: Bearer a b\r\n"));
        assert!(status(&bad) == 400 && bad.contains("error=\"invalid_request\""), "{address}: {bad}");
        assert_eq!(status(&call(&world, &format!("GET {address}"), &format!("{headers}{good}"))), 200, "{address}");
    }
}

/// What `explain` says of programs is what their requests meet.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_program_meets_what_is_explained() {
    let issuer = Issuer::new();
    let route = |path: &str, allow: &str, more: &str| {
        format!("[[route]]\npath = \"{path}\"\nupstream = \"APP\"\nallow = {allow}\nbearer = [\"ci\"]\n{more}\n")
    };
    let routes = [
        route("/any", "\"signed-in\"", ""),
        route("/lately", "{ max_age_minutes = 15 }", ""),
        route("/strong", "{ acr_values = \"urn:okta:loa:2fa:any\", groups = [\"auditors\"] }", ""),
        route("/auditors", "{ groups = [\"auditors\"] }", ""),
        route("/write", "{ scopes = [\"write\"] }", ""),
        route("/socket", "\"signed-in\"", ""),
        // A configuration whose own tests fail does not start.
        "[[policy_test]]\nas = { scopes = [\"read\"], signed_in_minutes_ago = 20 }\nrequest = \"GET http://localhost/lately\"\nexpect = \"refuse\"\n"
            .to_owned(),
    ];
    let world = World::with(&format!("{}{}", issuer.section(), routes.concat()), &[]).await;
    let token = issuer.token("at+jwt", &json!({"groups": []}));
    let line = |text: &str, who: &str| {
        let lines = text.lines().filter_map(|line| line.strip_prefix("visitor   "));
        let found = lines.filter_map(|line| line.strip_prefix(who)).find_map(|line| line.strip_prefix(": "));
        found.map(str::to_owned)
    };
    for (path, who, expected) in [
        ("/any", "a program", 200),
        ("/lately", "a program", 401),
        ("/strong", "a program", 403),
        ("/auditors", "a program", 403),
        ("/write", "a program with scope write", 200),
    ] {
        let answer = call(&world, &format!("GET {path}"), &format!("Authorization: Bearer {token}\r\n"));
        assert_eq!(status(&answer), expected, "{path}: {answer}");
        let text = crate::explain::explain(&world, &["GET", path, "-H", "Accept: text/html"]);
        let told = line(&text, who).unwrap_or_else(|| panic!("{path}: nothing of {who}: {text}"));
        let outcome = if expected == 200 { "forwarded: ".to_owned() } else { format!("{expected}: ") };
        assert!(told.starts_with(&outcome), "{path}: {told}");
        assert!(line(&text, "nobody").is_some_and(|told| told.starts_with("303: ")), "{path}: {text}");
        // With a token nobody else is told of: a cookie is not looked at beside it.
        let text = crate::explain::explain(&world, &["GET", path, "-H", "Authorization: Bearer a.b.c"]);
        assert!(line(&text, "nobody").is_none() && text.contains("anybody   401: "), "{path}: {text}");
        let text = crate::explain::explain(&world, &["GET", path, "-H", "Authorization: Bearer"]);
        assert!(text.contains("anybody   400: ") && !text.contains("visitor "), "{path}: {text}");
    }
    // A WebSocket that a page of another site opens counts as signed out, whatever cookies it has.
    let socket =
        ["-H", "Upgrade: websocket", "-H", "Connection: Upgrade", "-H", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="];
    for (origin, outcome) in
        [("https://evil.example", "401: "), (&format!("http://localhost:{}", world.port), "forwarded: ")]
    {
        let origin = format!("Origin: {origin}");
        let text = crate::explain::explain(&world, &[&["GET", "/socket", "-H", &origin][..], &socket].concat());
        assert!(line(&text, "signed in").is_some_and(|told| told.starts_with(outcome)), "{origin}: {text}");
    }
}

/// RFC 9470 §3.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_program_whose_token_is_of_a_weak_or_an_old_sign_in_is_told_what_is_asked() {
    let issuer = Issuer::new();
    let route = |path: &str, allow: &str| {
        format!("[[route]]\npath = \"{path}\"\nupstream = \"APP\"\nbearer = [\"ci\"]\nallow = {allow}\n")
    };
    let routes = issuer.section()
        + &route("/lately", "{ max_age_minutes = 15 }")
        + &route("/strong", "{ acr_values = [\"phr\", \"phrh\"], max_age_minutes = 5 }")
        + &route("/both", "{ acr_values = \"phr\", scopes = [\"admin\"] }");
    let world = World::with(&routes, &[]).await;
    let weak = "error=\"insufficient_user_authentication\"";
    for (path, change, expected, told) in [
        ("/lately", json!({}), 401, &[weak, "max_age=\"900\""][..]),
        ("/lately", json!({"auth_time": -1200}), 401, &[weak, "max_age=\"900\""]),
        ("/lately", json!({"auth_time": -60}), 200, &[]),
        ("/strong", json!({"auth_time": -60}), 401, &[weak, "acr_values=\"phr phrh\"", "max_age=\"300\""]),
        ("/strong", json!({"auth_time": -60, "acr": "phrh"}), 200, &[]),
        // A new sign-in alone would not help.
        ("/both", json!({}), 403, &["error=\"insufficient_scope\"", "scope=\"admin read\""]),
        ("/both", json!({"scope": "read admin"}), 401, &[weak, "acr_values=\"phr\""]),
    ] {
        let token = issuer.token("at+jwt", &change);
        for accept in ["application/json", "text/html"] {
            let headers = format!("Authorization: Bearer {token}\r\nAccept: {accept}\r\n");
            let answer = call(&world, &format!("GET {path}"), &headers);
            assert_eq!(status(&answer), expected, "{path} {change}: {answer}");
            let challenge =
                answer.lines().find(|line| line.to_ascii_lowercase().starts_with("www-authenticate: bearer "));
            for part in told {
                assert!(
                    challenge.is_some_and(|challenge| challenge.contains(part)),
                    "{path} {change} {part}: {answer}"
                );
            }
        }
    }
    let metrics = world.metrics().await;
    let line = "gateway_decisions_total{decision=\"step_up\",route=\"/lately\"} 4";
    assert!(metrics.contains(line), "{metrics}");
}

/// RFC 9728 §5.1: where a challenge says that the metadata stands, there it stands.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn metadata_stands_where_every_challenge_says() {
    let issuer = Issuer::new();
    let routes = "[[route]]\npath = \"/mcp\"\nmethods = [\"POST\"]\nupstream = \"APP\"\nbearer = [\"ci\"]\n\
        [[route]]\npath_regex = \"/users/[0-9]+\"\nupstream = \"APP\"\nbearer = [\"ci\"]\n\
        [[route]]\npath_exact = \"/one\"\nupstream = \"APP\"\nbearer = [\"ci\"]\n\
        [[route]]\nname = \"pages\"\nupstream = \"APP\"\n\
        [[route]]\nhost = \"*.example.test\"\nupstream = \"APP\"\nbearer = [\"ci\"]\n";
    let world = World::with(&format!("{}{routes}", issuer.section()), &[]).await;
    for (request, host) in [
        ("POST /mcp/x", "localhost"),
        ("GET /users/12", "localhost"),
        ("DELETE /one", "localhost"),
        ("GET /anything", "git.example.test"),
    ] {
        let host = format!("{host}:{}", world.port);
        let send = |request: &str| {
            ask(
                world.port,
                &format!("{request} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"),
            )
        };
        let answer = send(request);
        assert_eq!(status(&answer), 401, "{request}: {answer}");
        let address = answer.split("resource_metadata=\"").nth(1).and_then(|rest| rest.split('"').next());
        let path = address.and_then(|address| address.strip_prefix(&format!("http://{host}"))).expect("an address");
        let answer = send(&format!("GET {path}"));
        assert_eq!(status(&answer), 200, "{request}: {path}: {answer}");
        let body = answer.split_once("\r\n\r\n").expect("a body").1;
        let document: Value = serde_json::from_str(body).expect("JSON");
        let named = path.strip_prefix("/.well-known/oauth-protected-resource").expect("its place");
        assert_eq!(document["resource"], format!("http://{host}{named}"), "{document}");
    }
    let answer = call(&world, "GET /.well-known/oauth-protected-resource", "Accept: application/json\r\n");
    assert_eq!(status(&answer), 401, "of a route that takes no tokens there is none: {answer}");
}
