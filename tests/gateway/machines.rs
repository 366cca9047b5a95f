//! Programs that call routes with access tokens: signed ones and opaque ones, beside cookies, and from other sites' scripts.

use std::io::Write as _;
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::signature::{Ed25519KeyPair, KeyPair as _};
use serde_json::{Value, json};

use crate::upstream::{Upstream, ask, status};
use crate::visitor::Visitor;
use crate::world::{World, free_port};

/// Who issues tokens: a key, and an endpoint that knows the opaque token `opaque-good`.
pub(crate) struct Issuer {
    address: String,
    key: Ed25519KeyPair,
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
        Upstream::at(port, move |stream, head, _| {
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
        Self { address, key }
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

/// B-01, B-02.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_program_calls_with_a_token_that_is_for_us() {
    let issuer = Issuer::new();
    let world = World::with(&issuer.config(), &[]).await;
    let good = issuer.token("at+jwt", &json!({}));
    let answer = call(&world, "GET /api/x", &format!("Authorization: Bearer {good}\r\nAccept: application/json\r\n"));
    assert_eq!(status(&answer), 200, "{answer}");
    assert!(answer.contains("[\"X-Forwarded-User\",\"robot\"]") && answer.contains("robot@example.com"), "{answer}");

    let cases = [
        ("JWT", json!({}), 200, ""),
        ("at+jwt", json!({"aud": "api://other"}), 401, "invalid_token"),
        ("at+jwt", json!({"iss": "https://evil.example"}), 401, "invalid_token"),
        ("at+jwt", json!({"exp": -120}), 401, "invalid_token"),
        ("at+jwt", json!({"iat": 600}), 401, "invalid_token"),
        ("at+jwt", json!({"nbf": 600}), 401, "invalid_token"),
        ("logout+jwt", json!({}), 401, "invalid_token"),
        ("JWT", json!({"nonce": "n"}), 401, "invalid_token"),
        ("at+jwt", json!({"scope": "write"}), 403, "insufficient_scope"),
    ];
    for (kind, change, expected, error) in cases {
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
        let answer = call(&world, "GET /api/x", &headers);
        assert_eq!(status(&answer), expected, "{headers}: {answer}");
    }
    assert_eq!(
        status(&call(&world, &format!("GET /api/x?access_token={good}"), "")),
        401,
        "a query is never looked at"
    );
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
    for (path, origin) in [
        ("/api/x", "https://evil.example"),
        ("/pages", "https://spa.example.com"),
        ("/api/admin", "https://spa.example.com"),
    ] {
        let answer = call(&world, &format!("OPTIONS {path}"), &asks(origin));
        assert!(
            status(&answer) == 401 && !answer.to_ascii_lowercase().contains("access-control-allow-origin"),
            "{path} {answer}"
        );
    }
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
