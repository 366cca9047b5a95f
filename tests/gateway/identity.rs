//! What an application is told of who is asking: presets, maps, fixed headers, `Authorization`, and the signed assertion
//! as programs of others verify it.

use std::process::Command;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::machines::Issuer;
use crate::neighbours::program;
use crate::visitor::Visitor;
use crate::world::World;

/// What the app received under `path`, as names in lower case and values.
async fn told(visitor: &mut Visitor, path: &str) -> Vec<(String, String)> {
    visitor.headers = vec![("accept".to_owned(), "application/json".to_owned())];
    let view = visitor.visit(path).await;
    assert_eq!(view.status, 200, "{path}: {}", view.body);
    report(&view.body)
}

/// The headers in what the app answers.
fn report(body: &str) -> Vec<(String, String)> {
    let report: Value = serde_json::from_str(body).expect("the app's report");
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let headers = report["headers"].as_array().expect("a list").iter();
    headers.map(|pair| (text(&pair[0]), text(&pair[1]))).collect()
}

fn value(headers: &[(String, String)], name: &str) -> Option<String> {
    let mut found = headers.iter().filter(|(given, _)| given == name);
    let value = found.next().map(|(_, value)| value.clone());
    assert!(found.next().is_none(), "{name} is there once: {headers:?}");
    value
}

fn route(name: &str, more: &str) -> String {
    format!("[[route]]\nname = \"app-{name}\"\npath = \"/{name}\"\nupstream = \"APP\"\n{more}\n")
}

/// Headers, and what stands in them where that is known beforehand.
type Expected = &'static [(&'static str, Option<&'static str>)];

/// Names of each preset on its own route, for somebody in `staff` and `admins`.
const PRESETS: [(&str, Expected); 17] = [
    ("forwarded", &[("X-Forwarded-Email", Some("password@example.com")), ("X-Forwarded-Groups", Some("staff,admins"))]),
    ("auth-request", &[("X-Auth-Request-Email", Some("password@example.com")), ("X-Auth-Request-User", None)]),
    ("remote", &[("Remote-User", Some("password@example.com")), ("Remote-Groups", Some("staff,admins"))]),
    ("oauth2-proxy", &[("X-Forwarded-Preferred-Username", Some("password@example.com"))]),
    ("authelia", &[("Remote-Email", Some("password@example.com")), ("Remote-Name", None)]),
    ("pomerium", &[("X-Pomerium-Claim-Email", Some("password@example.com")), ("X-Pomerium-Jwt-Assertion", None)]),
    (
        "authentik",
        &[("X-authentik-username", Some("password@example.com")), ("X-authentik-groups", Some("staff|admins"))],
    ),
    (
        "mod_auth_openidc",
        &[("OIDC_CLAIM_email", Some("password@example.com")), ("OIDC_CLAIM_groups", Some("staff,admins"))],
    ),
    (
        "gatekeeper",
        &[("X-Auth-Username", Some("password@example.com")), ("X-Auth-Subject", None), ("X-Auth-Audience", None)],
    ),
    (
        "vouch",
        &[
            ("X-Vouch-User", Some("password@example.com")),
            ("X-Vouch-Success", Some("true")),
            ("X-Vouch-IdP-Claims-Groups", Some("\"staff\",\"admins\"")),
        ],
    ),
    (
        "cloudflare-access",
        &[("Cf-Access-Authenticated-User-Email", Some("password@example.com")), ("Cf-Access-Jwt-Assertion", None)],
    ),
    (
        "google-iap",
        &[
            ("X-Goog-Authenticated-User-Email", Some("accounts.google.com:password@example.com")),
            ("X-Goog-IAP-JWT-Assertion", None),
        ],
    ),
    ("aws-alb", &[("x-amzn-oidc-identity", None), ("x-amzn-oidc-data", None)]),
    ("siteminder", &[("SM_USER", Some("password@example.com")), ("SM_UNIVERSALID", None)]),
    ("oracle-oam", &[("OAM_REMOTE_USER", Some("password@example.com"))]),
    ("okta-access-gateway", &[("username", Some("password@example.com")), ("email", Some("password@example.com"))]),
    ("none", &[]),
];

/// Each preset writes its own names, letter by letter, on the route that asks for it, and no other's.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_preset_has_the_names_of_its_gateway() {
    let routes: String =
        PRESETS.iter().map(|(preset, _)| route(preset, &format!("headers = {{ preset = \"{preset}\" }}"))).collect();
    let world = World::with(&routes, &[]).await;
    let mut visitor = Visitor::new(&world);
    visitor.sign_in("/none", "password@example.com").await;
    for (preset, expected) in PRESETS {
        let headers = told(&mut visitor, &format!("/{preset}/x")).await;
        for (name, wanted) in expected {
            let found = value(&headers, name);
            assert!(found.as_deref().is_some_and(|found| !found.is_empty()), "{preset}: {name} in {headers:?}");
            assert!(wanted.is_none() || found.as_deref() == *wanted, "{preset}: {name}: {found:?}");
        }
        for (other, theirs) in PRESETS {
            for (name, _) in theirs.iter().filter(|(name, _)| !expected.iter().any(|(own, _)| own == name)) {
                let is_shared =
                    matches!((preset, other), ("forwarded", "oauth2-proxy") | ("oauth2-proxy", "forwarded"))
                        || matches!((preset, other), ("remote", "authelia") | ("authelia", "remote"));
                assert!(is_shared || value(&headers, name).is_none(), "{preset} writes {name} of {other}");
            }
        }
    }
}

/// A preset that there is not, and one that the application does not read: what `check` and `explain`, the visitor, the log
/// and the metrics say.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_preset_is_told_before_it_is_taken_and_shown_where_it_was() {
    let config = format!("{}{}", route("one", "headers = { preset = \"authentik\" }"), route("none", ""));
    let world = World::with(&config, &[]).await;
    let mut visitor = Visitor::new(&world);
    visitor.sign_in("/none", "password@example.com").await;
    let check = || {
        let mut check = Command::new(env!("CARGO_BIN_EXE_idx-gateway"));
        let output = check.args(["check", "--config"]).arg(world.path("gateway.toml")).output().expect("check runs");
        (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    // Misspelt: nothing changes for the visitor, and whoever wrote it reads where and what.
    world.edit("\"authentik\"", "\"authentic\"");
    let said = "route[0].headers.preset: must be one of \"forwarded\", ";
    let (is_good, told_by_check) = check();
    assert!(!is_good && told_by_check.contains(said), "{told_by_check}");
    assert!(told_by_check.contains("did you mean \"authentik\"?"), "{told_by_check}");
    assert!(!world.reload().await, "it was taken");
    let log = world.log();
    assert!(log.lines().any(|line| line.contains("ERROR") && line.contains(said)), "{log}");
    assert!(log.contains("the configuration was not taken; the one before stays"), "{log}");
    assert!(world.metrics().await.contains("gateway_config_last_reload_successful 0"));
    let headers = told(&mut visitor, "/one/x").await;
    assert_eq!(value(&headers, "X-authentik-username").as_deref(), Some("password@example.com"));
    // Another gateway's: the application gets names that it does not know, and none of those that it does.
    world.edit("\"authentic\"", "\"siteminder\"");
    assert_eq!(check(), (true, String::new()));
    assert!(world.reload().await);
    assert!(world.metrics().await.contains("gateway_config_last_reload_successful 1"));
    let headers = told(&mut visitor, "/one/x").await;
    assert_eq!(value(&headers, "SM_USER").as_deref(), Some("password@example.com"));
    assert_eq!(value(&headers, "SM_REALM").as_deref(), Some("app-one"));
    assert!(!headers.iter().any(|(name, _)| name.to_ascii_lowercase().starts_with("x-authentik")), "{headers:?}");
    let explained = crate::explain::explain(&world, &["GET", "/one/x"]);
    assert!(explained.contains("told      SM_USER, SM_USERDN, SM_UNIVERSALID, "), "{explained}");
    let explained = crate::explain::explain(&world, &["GET", "/none/x"]);
    assert!(explained.contains("told      X-Forwarded-User, X-Forwarded-Email, "), "{explained}");
}

/// H-01, H-11: what one route writes is thrown away on every route.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_route_says_what_its_application_is_told() {
    let base = "[headers]\nmap = { X-Site = \"literal:wiki\", X-Login = \"{preferred_username}@corp\" }\n\
                set = { X-Environment = \"test\" }\n";
    let own = "headers = { map = { X-Badge = \"sub\" }, set = { X-Environment = \"other\" }, separator = \"|\" }";
    let basic = "headers = { authorization = { basic = \"email\", password = \"shared\" } }";
    let bearer = "headers = { authorization = { bearer = \"id_token\" } }";
    let config = format!(
        "{base}{}{}{}{}{}",
        route("base", ""),
        route("own", own),
        route("basic", basic),
        route("bearer", bearer),
        route("open", "allow = \"public\"")
    );
    let world = World::with(&config, &[]).await;
    let mut visitor = Visitor::new(&world);
    visitor.sign_in("/base", "password@example.com").await;
    let base = told(&mut visitor, "/base").await;
    for (name, expected) in [
        ("X-Site", Some("wiki")),
        ("X-Login", Some("password@example.com@corp")),
        ("X-Environment", Some("test")),
        ("X-Forwarded-Groups", Some("staff,admins")),
        ("X-Badge", None),
        ("Authorization", None),
    ] {
        assert_eq!(value(&base, name).as_deref(), expected, "{name}");
    }
    let own = told(&mut visitor, "/own").await;
    assert_eq!(value(&own, "X-Environment").as_deref(), Some("other"));
    assert_eq!(value(&own, "X-Forwarded-Groups").as_deref(), Some("staff|admins"));
    assert_eq!(value(&own, "X-Badge"), value(&own, "X-Forwarded-User"));
    let basic = told(&mut visitor, "/basic").await;
    // base64("password@example.com:shared")
    assert_eq!(value(&basic, "Authorization").as_deref(), Some("Basic cGFzc3dvcmRAZXhhbXBsZS5jb206c2hhcmVk"));
    let bearer = value(&told(&mut visitor, "/bearer").await, "Authorization").expect("a token");
    assert!(bearer.starts_with("Bearer ey") && bearer.split('.').count() == 3, "{bearer}");
    assert!(!world.log().contains(&bearer["Bearer ".len()..]) && !world.log().contains("c2hhcmVk"));

    // Of a visitor without a session the app gets what the route says for that, and nothing that the visitor sent.
    let mut stranger = Visitor::new(&world);
    stranger.headers = vec![
        ("accept".to_owned(), "application/json".to_owned()),
        ("x-badge".to_owned(), "forged".to_owned()),
        ("x-environment".to_owned(), "forged".to_owned()),
    ];
    let view = stranger.visit("/open").await;
    assert!(
        view.status == 200 && !view.body.contains("forged") && view.body.contains("X-Environment"),
        "{}",
        view.body
    );
    visitor.headers = vec![("authorization".to_owned(), "Basic Zm9yZ2Vk".to_owned())];
    let view = visitor.visit("/basic").await;
    assert!(!view.body.contains("Zm9yZ2Vk"), "{}", view.body);
}

/// What is verified by programs of others is what was decided; what was changed, or is meant for another, is not.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn programs_of_others_verify_the_assertion() {
    let robots = Issuer::new();
    let config = format!(
        "{}{}{}{}",
        robots.section(),
        route("signed", "audience = \"urn:app\"\nheaders = { assertion = true }"),
        route("plain", "headers = { assertion = true }\nallow = { groups = [\"admins\"] }"),
        route("robots", "audience = \"urn:app\"\nheaders = { assertion = true }\nbearer = [\"ci\"]")
    );
    let world = World::with(&config, &[]).await;
    let mut visitor = Visitor::new(&world);
    visitor.sign_in("/signed", "password@example.com").await;
    let headers = told(&mut visitor, "/signed/x").await;
    let token = value(&headers, "X-Gateway-Assertion").expect("an assertion");
    let claims = |token: &str| -> Value {
        let claims = token.split('.').nth(1).expect("claims");
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).expect("base64url")).expect("JSON")
    };
    let said = claims(&token);
    let issuer = format!("http://localhost:{}", world.port);
    assert_eq!((said["iss"].as_str(), said["aud"].as_str()), (Some(issuer.as_str()), Some("urn:app")), "{said}");
    assert_eq!((said["route"].as_str(), said["rule"].as_str()), (Some("app-signed"), Some("signed_in")), "{said}");
    let user = value(&headers, "X-Forwarded-User").expect("a subject");
    assert_eq!((said["sub"].as_str(), said["groups"][1].as_str()), (Some(user.as_str()), Some("admins")), "{said}");
    assert!(said["exp"].as_u64().expect("a time") - said["iat"].as_u64().expect("a time") <= 300, "{said}");
    let other = claims(&value(&told(&mut visitor, "/plain").await, "X-Gateway-Assertion").expect("an assertion"));
    assert_eq!(other["aud"], format!("http://{}", world.app.address()), "its upstream's origin");
    assert!(other["rule"] == "in_group" && other["policy"] != said["policy"], "{other}");

    let keys = format!("http://127.0.0.1:{}/.gateway/jwks.json", world.port);
    let answer = crate::upstream::ask(
        world.port,
        &format!("GET /.gateway/jwks.json HTTP/1.1\r\nHost: localhost:{}\r\nConnection: close\r\n\r\n", world.port),
    );
    let head = answer.to_ascii_lowercase();
    assert!(head.contains("cache-control: public, max-age=300") && head.contains("access-control-allow-origin: *"));
    assert!(answer.contains("\"crv\":\"P-256\"") && !answer.contains("\"d\""), "{answer}");

    let changed = format!(
        "{}A.{}",
        &token[..token.rfind('.').expect("a dot") - 1],
        &token[token.rfind('.').expect("a dot") + 1..]
    );
    let keys = keys.replace("127.0.0.1", "localhost");
    let says = |token: &str, audience: &str, expected: Option<&str>| {
        each_program_says([token, &keys, &issuer, audience], expected);
    };
    says(&token, "urn:app", Some(&user));
    says(&token, "urn:other", None);
    says(&changed, "urn:app", None);
    // As a Windows domain writes it, which looks like an escape.
    let named = r#"CORP\nancy "x"/y"#;
    let robot = robots.token("at+jwt", &json!({"sub": named}));
    visitor.headers = [("accept", "application/json"), ("authorization", &format!("Bearer {robot}"))]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .to_vec();
    let headers = report(&visitor.visit("/robots").await.body);
    says(&value(&headers, "X-Gateway-Assertion").expect("an assertion"), "urn:app", Some(named));
}

/// Whom the programs name by these arguments; none where they are to refuse them.
fn each_program_says(arguments: [&str; 4], expected: Option<&str>) {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/deploy/verify-assertion/");
    for (variable, name, script) in [
        ("PYJWT", "python3-with-pyjwt", "verify.py"),
        ("NODE", "node", "verify.mjs"),
        ("PHP", "php", "verify.php"),
        ("JAVA", "java", "Verify.java"),
    ] {
        let Some(program) = program(variable, name) else { continue };
        let ran = Command::new(&program).arg(format!("{folder}{script}")).args(arguments).output().expect("it runs");
        assert_eq!(ran.status.success(), expected.is_some(), "{script}: {ran:?}");
        assert_eq!(String::from_utf8_lossy(&ran.stdout).trim(), expected.unwrap_or_default(), "{script}: {ran:?}");
    }
}

/// Somebody who may not is told who they are, what they asked for, who may, and what they can do; and can sign in as
/// somebody else, to come back.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_is_refused_is_told_who_may_and_what_to_do() {
    let config = format!(
        "[ui]\nrequest_access_url = \"https://help.example/access?app={{app}}\"\n{}",
        route("audit", "allow = { groups = [\"auditors\", \"owners\"] }")
    );
    let world = World::with(&config, &[]).await;
    let mut visitor = Visitor::new(&world);
    let view = visitor.sign_in("/audit/x?y=1", "password@example.com").await;
    assert_eq!(view.status, 403, "{}", view.body);
    for words in ["password@example.com", "app-audit", "auditors, owners"] {
        assert!(view.page.text.contains(words), "{words}: {}", view.page.text);
    }
    let link =
        |words: &str| view.page.links.iter().find(|(_, text)| text.contains(words)).map(|(address, _)| address.clone());
    assert_eq!(link("Request access").as_deref(), Some("https://help.example/access?app=app-audit"));
    assert!(link("Sign out").is_some_and(|address| address.ends_with("/.gateway/sign-out")));
    let switch = link("Use another account").expect("another account");
    let page = visitor.follow(&view, &switch).await;
    assert!(page.page.main().is_some_and(|form| form.control("password").is_some()), "{}", page.page.text);
    let script = [("accept", "application/json"), ("sec-fetch-mode", "cors"), ("sec-fetch-dest", "empty")];
    visitor.headers = script.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
    let refused = visitor.visit("/audit/x").await;
    let told: Value = serde_json::from_str(&refused.body).expect("JSON");
    let reference = told["reference"].as_str().expect("a reference");
    assert!(world.log().contains(reference), "the reference finds the line: {reference}");
}
