//! What a configuration may say, and what is said about one that is wrong.

use std::os::unix::fs::PermissionsExt as _;
use std::time::Duration;

use super::*;
use crate::access::{Action, Policy, Upstream};
use crate::headers::{Claim, Source};
use crate::oidc::ClientAuthentication;
use crate::pages::{Colors, HostLook, Links, Theme};
use crate::session::Lifetimes;

const KEY: &str = "0101010101010101010101010101010101010101010101010101010101010101";

/// The smallest useful one.
fn smallest() -> String {
    format!(
        r#"
[server]
listen = "0.0.0.0:8080"
public_url = "https://wiki.example.com"

[okta]
issuer = "https://example.okta.com/oauth2/default"
client_id = "0oa1"
client_secret = "secret"

[session]
keys = ["{KEY}"]

[[route]]
upstream = "http://10.0.0.5:8080"
allow = {{ groups = ["staff"] }}
"#
    )
}

fn parse_with(text: &str, environment: &[(&str, &str)]) -> Result<Config, Vec<String>> {
    let environment = environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Config::parse(text, Path::new("gateway.toml"), environment, None)
        .map_err(|refused| refused.problems.iter().map(ToString::to_string).collect())
}

fn parse(text: &str) -> Result<Config, Vec<String>> {
    parse_with(text, &[])
}

fn problems(text: &str) -> Vec<String> {
    parse(text).err().unwrap_or_default()
}

fn good(text: &str) -> Config {
    parse(text).unwrap_or_else(|problems| panic!("{problems:#?}"))
}

#[test]
fn the_smallest_one_is_complete() {
    let config = good(&smallest());
    assert_eq!(config.server.listen, ["0.0.0.0:8080".parse().expect("an address")]);
    assert_eq!((config.server.prefix.as_str(), config.server.callback_path.as_str()), ("/.gateway", "/login/callback"));
    assert!(config.server.trusted_proxies.is_empty() && config.admin.is_none() && config.warnings.is_empty());
    let [okta] = &config.providers[..] else { panic!("an org alone") };
    assert_eq!((okta.key.as_str(), okta.scopes.join(" ").as_str()), ("okta", "openid profile email"));
    assert!(matches!(okta.authentication, ClientAuthentication::Post(_)));
    let [Route { name, policy, action, .. }] = &config.routes[..] else { panic!("{:?}", config.routes) };
    assert_eq!((Some(policy), &**name), (Policy::in_groups(["staff"]).as_ref(), "/"));
    let upstream = Upstream::new("10.0.0.5", 8080, false);
    assert_eq!(*action, Action::Forward(upstream.into()));
    let headers: Vec<&str> = config.headers.identity.iter().map(|mapping| mapping.header.as_str()).collect();
    assert_eq!(
        headers,
        ["x-forwarded-user", "x-forwarded-email", "x-forwarded-groups", "x-forwarded-preferred-username"]
    );
}

/// What stands beside a bad setting is read all the same, so nobody is told that it does not exist.
#[test]
fn a_bad_setting_makes_no_other_one_unknown() {
    let text = r#"
[server]
listen = ["nonsense"]
h2c = true
public_url = "https://wiki.example.com"
[tls]
certificates = "nonsense"
min_version = "1.3"
http2 = false
redirect_http = true
hsts_days = 2
[okta]
issuer = "nonsense"
client_id = "a"
client_secret = "b"
calls_a_second = 3
[session]
keys = ["nonsense"]
[[bearer_issuer]]
name = "a"
issuer = "nonsense"
audiences = ["b"]
scopes = ["c"]
groups_claim = "d"
[[route]]
host = "a b"
path = "/a"
timeout_seconds = 5
upstream = "nonsense"
server_name = "app.internal"
[[route]]
path = "/b"
redirect = { status = 301 }
[[route]]
path = "/c"
upstream = "http://a"
rewrite = { replacement = "/c" }
"#;
    let found = problems(text);
    for key in [
        "server.listen",
        "tls.certificates",
        "okta.issuer",
        "session.keys",
        "bearer_issuer[0].issuer",
        "route[0].host",
        "route[0].upstream",
        "route[1].redirect.to",
        "route[2].rewrite.regex",
    ] {
        assert!(found.iter().any(|problem| problem.contains(&format!(": {key}: "))), "{key}: {found:#?}");
    }
    assert!(!found.iter().any(|problem| problem.contains("unknown setting")), "{found:#?}");
}

/// What is no token is not sent as one.
#[test]
fn a_bearer_token_is_one_of_those_that_there_are() {
    let text = |authorization: &str| format!("[headers]\nauthorization = {{ {authorization} }}\n");
    let about = |authorization: &str| -> Vec<String> {
        problems(&text(authorization))
            .into_iter()
            .filter(|problem| problem.contains(": headers.authorization"))
            .collect()
    };
    for token in ["assertion", "id_token", "access_token"] {
        assert_eq!(about(&format!("bearer = \"{token}\"")), [""; 0], "{token}");
    }
    for claim in ["id-token", "access-token", "email", "ID_TOKEN", "{id_token}", "literal:secret", ""] {
        let [problem] = &about(&format!("bearer = \"{claim}\""))[..] else { panic!("{claim}") };
        assert!(problem.ends_with("must be \"assertion\", \"id_token\" or \"access_token\""), "{problem}");
    }
    assert_eq!(about("basic = \"{sub}@corp\", password = \"a\""), [""; 0]);
    for wrong in ["basic = \"sub\"", "password = \"a\"", "bearer = \"id_token\", password = \"a\""] {
        assert_eq!(about(wrong).len(), 1, "{wrong}");
    }
}

#[test]
fn the_one_that_is_shipped_is_good_and_documents_its_defaults() {
    let text = include_str!("../../gateway.toml");
    let shipped = good(text);
    assert_eq!(shipped.server.listen.len(), 2);
    assert_eq!(shipped.routes.len(), 3);
    // Every default that stands there commented out may be switched on as it is.
    let commented = [
        "# allow_plain_http",
        "# prefix",
        "# callback_path",
        "# trusted_proxies",
        "# log ",
        "# log_format",
        "# access_log",
        "# threads",
        "# drain_seconds",
        "# grace_seconds",
        "# client_authentication",
        "# scopes",
        "# groups_claim",
        "# idle_minutes",
        "# absolute_hours",
        "# lifetime_minutes",
        "# starts_a_minute",
        "# passkeys ",
        "# passkeys_of_related_origin",
        "# calling_code",
        "# preset",
        "# pass ",
        "# methods",
        "# upstream_kind",
        "# timeout_seconds",
        "# connect_timeout_seconds",
        "# max_body",
        "# preserve_host",
        "# websocket",
        "# maintenance",
        "# signed_out",
        "# pass_headers",
    ];
    let mut switched_on = text.to_owned();
    for setting in commented {
        assert!(switched_on.contains(&format!("\n{setting}")), "{setting} is not documented");
        switched_on = switched_on.replace(&format!("\n{setting}"), &format!("\n{}", &setting[2..]));
    }
    good(&switched_on);
}

#[test]
fn a_listener_needs_what_it_speaks_with() {
    let listening = |listen: &str, more: &str| {
        problems(&smallest().replace("0.0.0.0:8080", listen).replace("[okta]", &format!("{more}[okta]")))
    };
    let missing = "[{ certificate = \"/nowhere/chain.pem\", key = \"/nowhere/key.pem\" }]";
    for (listen, more, expected) in [
        ("https://0.0.0.0:8443", "", "gateway.toml: tls.certificates: is missing: server.listen has"),
        ("proxy+http://0.0.0.0:80", "", "server.trusted_proxies: is empty, and server.listen has an address"),
        ("0.0.0.0:80", "[tls]\ncertificates = \"x\"\n", "tls.certificates: must be a list as"),
        ("0.0.0.0:80", "[tls]\ncertificates = [{ certificate = \"x\" }]\n", "tls.certificates: must be a list as"),
        (
            "0.0.0.0:80",
            &format!("[tls]\ncertificates = {missing}\n"),
            "tls.certificates: /nowhere/chain.pem cannot be read",
        ),
        ("0.0.0.0:80", "[tls]\nclient_certificates = \"required\"\n", "exactly where client_ca is given"),
        ("0.0.0.0:80", "[tls]\nclient_ca = \"ca.pem\"\n", "exactly where client_ca is given"),
        ("0.0.0.0:80", "[tls]\nredirect_http = true\n", "tls.redirect_http: leads to https://, and no address in"),
        ("unix:/run/gw.sock", "[tls]\nredirect_http = true\n", "tls.redirect_http: leads to https://"),
        (
            "0.0.0.0:80",
            "[tls]\nclient_certificates = \"required\"\nclient_ca = \"ca.pem\"\n",
            "tls.client_certificates: is \"required\", and 0.0.0.0:80 in server.listen has no TLS",
        ),
    ] {
        let found = listening(listen, more);
        assert!(found.len() == 1 && found[0].contains(expected), "{listen} {more}: {found:#?}");
    }
}

#[test]
fn what_listeners_without_tls_would_undo_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let of_hosts = rcgen::generate_simple_self_signed(vec!["wiki.example.com".to_owned()]).expect("a certificate");
    let file = |name: &str, text: &str| {
        std::fs::write(folder.path().join(name), text).expect("written");
        folder.path().join(name).display().to_string()
    };
    let certificate = file("chain.pem", &of_hosts.cert.pem());
    let key = file("key.pem", &of_hosts.signing_key.serialize_pem());
    let nothing = file("nothing.pem", "nothing");
    let tls = format!("[tls]\ncertificates = [{{ certificate = \"{certificate}\", key = \"{key}\" }}]\n");
    let required = |ca: &str| format!("client_certificates = \"required\"\nclient_ca = \"{ca}\"\n");
    const BOTH: &str = "\"https://0.0.0.0:8443\", \"0.0.0.0:8080\"";
    const TLS: &str = "\"https://0.0.0.0:8443\"";
    for (listen, public, more, expected) in [
        (TLS, "https", required(&certificate), None),
        (BOTH, "https", required(&certificate), Some("tls.client_certificates: is \"required\", and 0.0.0.0:8080")),
        (
            "\"https://0.0.0.0:8443\", \"unix:/run/gw.sock\"",
            "https",
            required(&certificate),
            Some("and unix:/run/gw.sock in server.listen has no TLS"),
        ),
        (BOTH, "https", required(&certificate) + "redirect_http = true\n", None),
        (BOTH, "https", required(&certificate).replace("required", "optional"), None),
        (BOTH, "https", "redirect_http = true\n".to_owned(), None),
        (TLS, "https", "redirect_http = true\n".to_owned(), None),
        (
            BOTH,
            "http",
            "redirect_http = true\n".to_owned(),
            Some("tls.redirect_http: leads to server.public_url, which is http://"),
        ),
        (TLS, "https", required("/nowhere/ca.pem"), Some("tls.client_ca: /nowhere/ca.pem cannot be read")),
        (TLS, "https", required(&nothing), Some("nothing.pem holds no certificate in PEM")),
    ] {
        let text = smallest()
            .replace("\"0.0.0.0:8080\"", &format!("[{listen}]"))
            .replace("https://wiki", &format!("{public}://wiki"))
            .replace("[okta]", &format!("allow_plain_http = true\n{tls}{more}[okta]"));
        let found = problems(&text);
        match expected {
            Some(expected) => {
                assert!(found.len() == 1 && found[0].contains(expected), "{listen} {more}: {found:#?}");
                assert!(!found[0].contains("ca.pem") || found[0].contains("tls.client_ca: "), "{found:#?}");
            }
            None => assert!(found.is_empty(), "{listen} {more}: {found:#?}"),
        }
    }
}

/// Linux gives the second of them no connection, or refuses to listen there.
#[test]
fn listeners_of_which_one_takes_the_other_s_connections_are_refused() {
    for (listen, admin, expected) in [
        ("\"0.0.0.0:8080\", \"127.0.0.1:8080\"", "127.0.0.1:1", Some("server.listen: names 0.0.0.0:8080 and")),
        ("\"127.0.0.1:8080\", \"http://0.0.0.0:8080\"", "127.0.0.1:1", Some("server.listen: names 127.0.0.1:8080 and")),
        ("\"127.0.0.1:8080\", \"127.0.0.1:8080\"", "127.0.0.1:1", Some("names 127.0.0.1:8080 twice")),
        ("\"127.0.0.1:8080\", \"http://127.0.0.1:8080\"", "127.0.0.1:1", Some("names 127.0.0.1:8080 twice")),
        ("\"proxy+http://[::]:8080\", \"0.0.0.0:8080\"", "127.0.0.1:1", Some("names [::]:8080 and 0.0.0.0:8080")),
        ("\"[::]:8080\", \"127.0.0.1:8080\"", "127.0.0.1:1", Some("names [::]:8080 and 127.0.0.1:8080")),
        ("\"[::ffff:127.0.0.1]:8080\", \"127.0.0.1:8080\"", "127.0.0.1:1", Some("server.listen: names [::ffff:")),
        ("\"[0:0::1]:8080\", \"[::1]:8080\"", "127.0.0.1:1", Some("names [::1]:8080 twice")),
        ("\"unix:/run/gw.sock\", \"proxy+unix:/run/./gw.sock\"", "127.0.0.1:1", Some("names unix:/run/gw.sock twice")),
        ("\"127.0.0.1:8080\", \"[::1]:8080\"", "127.0.0.1:1", None),
        ("\"0.0.0.0:8080\", \"[::1]:8080\"", "127.0.0.1:1", None),
        ("\"0.0.0.0:8080\", \"0.0.0.0:8081\", \"unix:/run/a\", \"unix:/run/b\"", "127.0.0.1:1", None),
        ("\"127.0.0.1:8080\"", "127.0.0.1:8080", Some("admin.listen: is a public listener too (127.0.0.1:8080 in")),
        ("\"0.0.0.0:8080\"", "127.0.0.1:8080", Some("admin.listen: is a public listener too (0.0.0.0:8080 in")),
        ("\"[::]:8080\"", "127.0.0.1:8080", Some("admin.listen: is a public listener too ([::]:8080 in")),
        ("\"127.0.0.1:8080\"", "[::1]:8080", None),
    ] {
        let text = smallest().replace("\"0.0.0.0:8080\"", &format!("[{listen}]"));
        let text =
            text.replace("[okta]", &format!("trusted_proxies = [\"10.0.0.1\"]\n[admin]\nlisten = \"{admin}\"\n[okta]"));
        let found = problems(&text);
        match expected {
            Some(expected) => assert!(found.len() == 1 && found[0].contains(expected), "{listen} {admin}: {found:#?}"),
            None => assert!(found.is_empty(), "{listen} {admin}: {found:#?}"),
        }
    }
}

#[test]
fn every_problem_is_found_at_once_with_its_place() {
    let text = "\
[server]
listen = \"8080\"
public_url = \"http://wiki.example.com\"
publc_url = \"x\"

[okta]
issuer = \"http://example.okta.com\"
client_authentication = \"magic\"

[session]
keys = [\"short\"]
idle_minutes = 0

[[route]]
path = \"/a/../b\"
upstream = \"10.0.0.5:8080\"
allow = { groups = [] }
timeot = 5
";
    let found = problems(text);
    for expected in [
        "gateway.toml:2: server.listen: `8080` is not an address and a port, as \"0.0.0.0:8080\" or \"https://[::]:8443\"",
        "gateway.toml:3: server.public_url: plain http would send cookies and passwords readable to everybody on the way; use https, or set allow_plain_http = true",
        "gateway.toml:4: server.publc_url: unknown setting; did you mean `public_url`?",
        "gateway.toml:7: okta.issuer: must begin with https://",
        "gateway.toml:6: okta.client_id: is missing",
        "gateway.toml:8: okta.client_authentication: must be one of \"client_secret_post\", \"client_secret_basic\", \"private_key_jwt\", \"none\"",
        "gateway.toml:6: okta.client_secret: is missing: client_authentication needs it",
        "gateway.toml:11: session.keys: a key is not 32 bytes in base64 or hex; `idx-gateway keygen` makes one",
        "gateway.toml:12: session.idle_minutes: must be a whole number from 1 to 525600",
        "gateway.toml:15: route[0].path: must be a plain path, as \"/admin\": nothing encoded, no `..`, no `;`",
        "gateway.toml:17: route[0].allow.groups: must name at least one, and none of them empty",
        "gateway.toml:18: route[0].timeot: unknown setting",
    ] {
        assert!(found.contains(&expected.to_owned()), "{expected}\nis not among\n{found:#?}");
    }
    assert!(
        found.iter().any(|problem| problem.starts_with("gateway.toml:16: route[0].upstream: must be an origin")),
        "{found:#?}"
    );
    assert_eq!(found.len(), 13, "{found:#?}");
}

#[test]
fn a_file_that_is_not_toml_is_told_by_line() {
    let found = problems("[server]\nlisten = \n");
    assert!(found.len() == 1 && found[0].starts_with("gateway.toml:2: "), "{found:?}");
}

#[test]
fn the_environment_replaces_settings() {
    let config = parse_with(
        &smallest(),
        &[
            ("GATEWAY__SERVER__LISTEN", "[\"127.0.0.1:1\", \"127.0.0.1:2\"]"),
            ("GATEWAY__OKTA__CLIENT_ID", "0123"),
            ("GATEWAY__SESSION__IDLE_MINUTES", "5"),
            ("GATEWAY_CONFIG", "elsewhere"),
        ],
    )
    .unwrap_or_else(|problems| panic!("{problems:?}"));
    assert_eq!(config.server.listen.len(), 2);
    assert_eq!(
        config.session.lifetimes,
        Lifetimes::new(Duration::from_secs(300), Duration::from_secs(43_200)).expect("lifetimes")
    );
    let found = parse_with(&smallest(), &[("GATEWAY__SERVER__LISTN", "x"), ("GATEWAY__SESSION__IDLE_MINUTES", "many")]);
    let found = found.err().unwrap_or_default();
    assert!(
        found.contains(&"GATEWAY__SERVER__LISTN: server.listn: unknown setting; did you mean `listen`?".to_owned()),
        "{found:?}"
    );
    assert!(
        found.iter().any(|problem| problem.starts_with("GATEWAY__SESSION__IDLE_MINUTES: session.idle_minutes: ")),
        "{found:?}"
    );
}

#[test]
fn a_text_from_the_environment_keeps_its_characters() {
    for (variable, text) in [
        ("00123456", "00123456"),
        ("1.50", "1.50"),
        ("0.1e1", "0.1e1"),
        ("+5", "+5"),
        ("true", "true"),
        (" pad ", " pad "),
        ("'x'", "'x'"),
        ("a=b,c", "a=b,c"),
        ("\"007\"", "007"),
    ] {
        let environment = [
            ("GATEWAY__OKTA__CLIENT_ID", variable),
            ("GATEWAY__OKTA__CLIENT_SECRET", variable),
            ("GATEWAY__OKTA__SCOPES", variable),
        ];
        let environment = environment.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let reader =
            super::reader(&smallest(), Path::new("gateway.toml"), BTreeMap::from(environment)).expect("readable");
        let okta = reader.section("okta");
        assert_eq!(okta.text("client_id").as_deref(), Some(text));
        assert_eq!(okta.texts("scopes"), Some(vec![text.to_owned()]));
        assert_eq!(okta.secret("client_secret").map(|secret| secret.expose().to_owned()).as_deref(), Some(text));
    }
}

#[test]
fn secrets_come_from_files_and_the_environment() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("secret");
    std::fs::write(&file, "from a file\n").expect("written");
    let secret_in = |given: &str| {
        let text = smallest().replace("client_secret = \"secret\"", &format!("client_secret = {given}"));
        let environment = BTreeMap::from([("OKTA_SECRET".to_owned(), "from the environment".to_owned())]);
        Config::parse(&text, &folder.path().join("gateway.toml"), environment, None)
    };
    for (given, expected) in [
        ("{ file = \"secret\" }", "from a file"),
        ("{ env = \"OKTA_SECRET\" }", "from the environment"),
        ("\"literal\"", "literal"),
    ] {
        match secret_in(given).map(|mut config| config.providers.remove(0).authentication) {
            Ok(ClientAuthentication::Post(secret)) => assert_eq!(secret.expose(), expected),
            other => panic!("{given}: {:?}", other.err()),
        }
    }
    for bad in [
        "{ file = \"nothing\" }",
        "{ env = \"NOTHING\" }",
        "{ file = \"secret\", env = \"OKTA_SECRET\" }",
        "{ file = \"secret\", mode = 1 }",
        "{ file = \"new\", create = true }",
        "{}",
        "\"\"",
        "true",
    ] {
        let found = secret_in(bad).err().map(|refused| refused.problems).unwrap_or_default();
        assert!(found.iter().any(|problem| problem.key == "okta.client_secret"), "{bad}: {found:?}");
        assert!(!format!("{found:?}").contains("from a file"), "C-05: what is secret is not told");
    }
}

/// C-08.
#[test]
fn a_secret_that_everybody_can_read_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("secret");
    std::fs::write(&file, "s").expect("written");
    let text = smallest().replace("client_secret = \"secret\"", "client_secret = { file = \"secret\" }");
    for (mode, warnings) in [(0o600, 0), (0o640, 0), (0o644, 1)] {
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode)).expect("set");
        let config = Config::parse(&text, &folder.path().join("gateway.toml"), BTreeMap::new(), None);
        assert_eq!(config.map(|config| config.warnings.len()).ok(), Some(warnings), "{mode:o}");
    }
}

const OURS: crate::session::Deployment<'_> =
    crate::session::Deployment { origin: "http://localhost", issuer: "https://org.example", client_id: "id" };

#[test]
fn a_session_key_is_made_at_first_use_and_stays() {
    let folder = tempfile::tempdir().expect("a folder");
    let text = smallest().replace(&format!("[\"{KEY}\"]"), "[{ file = \"keys/session-key\", create = true }]");
    let parse = || {
        Config::parse(&text, &folder.path().join("gateway.toml"), BTreeMap::new(), None)
            .unwrap_or_else(|found| panic!("{found:?}"))
    };
    let file = folder.path().join("keys/session-key");
    let first = parse();
    first.session.key_ring(OURS, NewKeys::Discard).expect("keys");
    assert!(!file.exists(), "checking a configuration writes nothing");
    let sealed =
        first.session.key_ring(OURS, NewKeys::Write).expect("keys").seal(crate::session::Purpose::Session, b"x");
    let mode = std::fs::metadata(&file).expect("made").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    for config in [first, parse()] {
        let keys = config.session.key_ring(OURS, NewKeys::Write).expect("keys");
        assert!(keys.open(crate::session::Purpose::Session, &sealed).is_ok(), "a restart signs nobody out");
    }
}

#[test]
fn plain_http_is_for_this_machine_unless_said_otherwise() {
    for (url, allowed, good) in [
        ("http://localhost:8080", false, true),
        ("http://127.0.0.1", false, true),
        ("http://[::1]:8080", false, true),
        ("http://app.localhost", false, true),
        ("http://localhost.example.com", false, false),
        ("http://wiki.example.com", false, false),
        ("http://wiki.example.com", true, true),
        ("https://wiki.example.com/", false, true),
        ("https://wiki.example.com/path", false, false),
        ("https://user@wiki.example.com", false, false),
        ("https://wiki.example.com?x", false, false),
        ("ftp://wiki.example.com", true, false),
        ("wiki.example.com", true, false),
    ] {
        let text = smallest().replace(
            "public_url = \"https://wiki.example.com\"",
            &format!("public_url = \"{url}\"\nallow_plain_http = {allowed}"),
        );
        assert_eq!(parse(&text).is_ok(), good, "{url} {allowed}: {:?}", problems(&text));
    }
}

#[test]
fn headers_are_mapped_from_a_preset_and_by_name() {
    let text = smallest()
        + "\n[headers]\npreset = \"remote\"\n[headers.map]\nRemote-User = \"sub\"\nX-Department = \"department\"\n";
    let config = good(&text);
    let claim = |header: &str| {
        config.headers.identity.iter().find(|mapping| mapping.header == header).map(|mapping| mapping.source.clone())
    };
    assert_eq!(claim("remote-user"), Some(Source::Claim(Claim::Subject)), "what is said by name replaces the preset's");
    assert_eq!(claim("x-department"), Some(Source::Claim(Claim::Other("department".to_owned()))));
    assert_eq!(config.headers.identity.iter().count(), 5);
    for header in ["Host", "Content-Length", "Transfer-Encoding", "Connection", "Cookie", "Authorization"] {
        let found = problems(&format!("{}\n[headers.map]\n{header} = \"sub\"\n", smallest()));
        assert!(
            found.iter().any(|problem| problem.contains(&format!("headers.map.{header}"))),
            "H-10 {header}: {found:?}"
        );
    }
}

#[test]
fn what_passes_is_listed_or_let_through_by_a_route() {
    let listed = |lines: &str| format!("{}\n[headers]\n{lines}\n", smallest());
    good(&listed("pass = \"listed\"\nlisted = [\"Accept*\", \"Cookie\"]"));
    for (lines, word) in [
        ("pass = \"listed\"", "both or neither"),
        ("listed = [\"Accept\"]", "both or neither"),
        ("pass = \"listed\"\nlisted = [\"a_b\"]", "must be names"),
        ("pass = \"everything\"", "must be one of"),
    ] {
        let found = problems(&listed(lines));
        assert!(found.iter().any(|problem| problem.contains(word)), "{lines}: {found:?}");
    }
    let route = |names: &str| format!("{}pass_headers = [{names}]\n", smallest());
    let config = good(&route("\"X-Auth-Token\", \"X-Forwarded-*\""));
    assert!(config.routes.iter().all(|route| route.pass_headers.len() == 2));
    for (names, word) in
        [("\"X_Auth\"", "must be names"), ("\"x-forwarded-user\"", "writes itself"), ("\"X-Real-IP\"", "writes itself")]
    {
        let found = problems(&route(names));
        assert!(found.iter().any(|problem| problem.contains(word)), "{names}: {found:?}");
    }
}

#[test]
fn a_route_that_could_never_be_reached_is_told() {
    let second = |lines: &str| smallest() + "\n[[route]]\nupstream = \"http://10.0.0.6\"\n" + lines;
    for (lines, word) in [
        ("", "another route"),
        ("path = \"/.gateway/x\"\n", "the gateway's own"),
        ("path = \"/login/callback\"\n", "the gateway's own"),
        ("host = \"010.0.0.1\"\n", "no browser asks for"),
        ("host = \"xn--a.example\"\n", "no browser asks for"),
        ("path = \"/x\"\nname = \"none\"\n", "must be a name"),
        ("path = \"/x\"\nname = \"/\"\n", "another route is called"),
    ] {
        let found = problems(&second(lines));
        assert!(found.iter().any(|problem| problem.contains(word)), "{lines}: {found:?}");
    }
    for lines in ["host = \"git.example.com\"\nallow = \"public\"\n", "host = \"*.example.com\"\n", "path = \"/x\"\n"] {
        good(&second(lines));
    }
}

/// What a second route says → what is wrong with it; nothing where it is good.
#[test]
fn what_a_route_matches_and_does_is_checked() {
    let second = |lines: &str| smallest() + "\n[[route]]\nname = \"second\"\n" + lines;
    let to = "upstream = \"http://10.0.0.6\"\n";
    for (lines, word) in [
        (format!("{to}path_exact = \"/x/\"\n"), ""),
        (format!("{to}path_regex = '/x/[0-9]+'\n"), ""),
        (format!("{to}methods = [\"GET\"]\n"), ""),
        ("path = \"/x\"\nredirect = \"https://new.example.com{uri}\"\n".to_owned(), ""),
        ("path = \"/x\"\nredirect = { to = \"/y\", status = 308 }\n".to_owned(), ""),
        ("path = \"/x\"\nrespond = { status = 410, body = \"gone\", content_type = \"text/plain\" }\n".to_owned(), ""),
        (format!("{to}path = \"/x\"\nstrip_prefix = true\n"), ""),
        (format!("{to}path = \"/x/y\"\nstrip_prefix = \"/x\"\n"), ""),
        (format!("{to}path = \"/x\"\nrewrite = {{ regex = \"/x/(.*)\", replacement = \"/$1\" }}\n"), ""),
        (format!("{to}path = \"/x\"\nmax_body = \"10 MiB\"\nconnect_timeout_seconds = 1\n"), ""),
        (to.to_owned(), "path: another route has the same host and path"),
        (format!("{to}path = \"/x\"\npath_exact = \"/x\"\n"), "path: goes with neither"),
        (format!("{to}path_exact = \"/x/*\"\n"), "path_exact: "),
        (format!("{to}path_exact = \"/a/../x\"\n"), "path_exact: must be a plain path"),
        (format!("{to}path_exact = \"/.gateway/x\"\n"), "path_exact: is the gateway's own"),
        (format!("{to}path_regex = '/x/('\n"), "path_regex: is no expression: unclosed group"),
        (format!("{to}path_regex = 'x'\n"), "path_regex: can match no path"),
        (format!("{to}path_regex = '/\\.gateway/.*'\n"), "path_regex: is the gateway's own"),
        (format!("{to}methods = [\"get\"]\n"), "methods: must be methods"),
        (format!("{to}methods = []\n"), "methods: must be methods"),
        ("path = \"/x\"\n".to_owned(), "upstream: is missing"),
        (format!("{to}path = \"/x\"\nredirect = \"/y\"\n"), "redirect: goes alone"),
        ("path = \"/x\"\nredirect = \"{uri}\"\n".to_owned(), "redirect: must be an address"),
        ("path = \"/x\"\nredirect = { to = \"/y\", code = 308 }\n".to_owned(), "redirect.code: unknown setting"),
        ("path = \"/x\"\nredirect = { to = \"/y\", status = 304 }\n".to_owned(), "redirect: must have a status"),
        ("path = \"/x\"\nrespond = { status = 99 }\n".to_owned(), "respond.status: must be"),
        ("path = \"/x\"\nrespond = { status = 204 }\n".to_owned(), ""),
        (
            "path = \"/x\"\nrespond = { status = 204, body = \"x\" }\n".to_owned(),
            "respond.body: goes with no status of 204",
        ),
        (
            "path = \"/x\"\nrespond = { status = 200 }\nstrip_prefix = true\n".to_owned(),
            "strip_prefix: changes what is forwarded",
        ),
        (
            format!("{to}path = \"/x\"\nstrip_prefix = true\nrewrite = {{ regex = \"/\", replacement = \"/\" }}\n"),
            "goes without rewrite",
        ),
        (format!("{to}path_exact = \"/x\"\nstrip_prefix = true\n"), "strip_prefix: takes away the route's path"),
        (
            format!("{to}path = \"/x\"\nrewrite = {{ regex = \"/x\", replacement = \"y\" }}\n"),
            "rewrite: must become a path",
        ),
        (format!("{to}path = \"/x\"\nmax_body = \"ten\"\n"), "max_body: must be a number of bytes"),
    ] {
        let found = match parse(&second(&lines)) {
            Ok(_) => Vec::new(),
            Err(found) => found,
        };
        let fits = if word.is_empty() { found.is_empty() } else { found.iter().any(|problem| problem.contains(word)) };
        assert!(fits, "{lines}: {found:#?}");
    }
}

#[test]
fn limits_to_sessions_are_a_route_s_own() {
    for (settings, expected) in [
        ("max_age_minutes = 15", "whoever is signed in: in group staff, and with a session of less than 15 minutes"),
        ("max_idle_minutes = 1", "whoever is signed in: in group staff, and never left alone for 1 minutes"),
        ("max_age_minutes = 0", "!route[0].max_age_minutes: must be a whole number"),
        ("max_idle_minutes = \"5\"", "!route[0].max_idle_minutes: must be a whole number"),
    ] {
        let text = smallest().replace("allow = { groups", &format!("{settings}\nallow = {{ groups"));
        match (parse(&text), expected.strip_prefix('!')) {
            (Ok(config), None) => assert_eq!(config.routes[0].policy.to_string(), expected, "{settings}"),
            (Err(found), Some(word)) => assert!(found.iter().any(|problem| problem.contains(word)), "{found:#?}"),
            (Err(found), None) => panic!("{settings}: {found:#?}"),
            (Ok(_), Some(word)) => panic!("{settings} is taken, expected: {word}"),
        }
    }
    for open in ["\"public\"", "\"optional\""] {
        let text =
            smallest().replace("allow = { groups = [\"staff\"] }", &format!("max_idle_minutes = 5\nallow = {open}"));
        let Err(found) = parse(&text) else { panic!("nobody needs a session there") };
        assert!(found.iter().any(|problem| problem.contains("max_idle_minutes: is about sessions")), "{found:#?}");
    }
}

/// What `allow` says → who may, in words; or what is wrong with it, after `!`.
#[test]
fn who_may_is_read_and_its_mistakes_are_told_by_key() {
    for (allow, expected) in [
        ("\"public\"", "everybody"),
        ("\"optional\"", "everybody, known if signed in"),
        ("\"signed-in\"", "whoever is signed in"),
        ("{ groups = [\"a\", \"b\"] }", "whoever is signed in: in group a or b"),
        ("{ groups = \"a\" }", "whoever is signed in: in group a"),
        ("{ users = [\"jane\"], methods = [\"GET\"] }", "whoever is signed in: user jane, and method GET"),
        ("{ emails = [\"j@x.org\"] }", "whoever is signed in: verified email j@x.org"),
        ("{ email_domains = [\"x.org\"] }", "whoever is signed in: verified email at x.org"),
        ("{ claims = { \"a.b\" = [\"c\"], d = true } }", "whoever is signed in: claim a.b is c, and claim d is true"),
        ("{ networks = [\"10.0.0.0/8\", \"::1\"] }", "whoever is signed in: from 10.0.0.0/8 or ::1/128"),
        (
            "{ acr_values = \"a b\", max_age_minutes = 15 }",
            "whoever is signed in: signed in as strongly as a b and signed in within 15 minutes",
        ),
        (
            "{ any = [{ groups = [\"a\"] }, { groups = [\"b\"], networks = [\"10.0.0.0/8\"] }] }",
            "whoever is signed in: in group a, or (in group b, and from 10.0.0.0/8)",
        ),
        ("{ groups = [\"a\"], not = { users = [\"bob\"] } }", "whoever is signed in: in group a, and not (user bob)"),
        ("{ all = [{ groups = [\"a\"] }, { groups = [\"b\"] }] }", "whoever is signed in: in group a, and in group b"),
        ("\"everybody\"", "!allow: must be"),
        ("[\"a\"]", "!allow: must be"),
        ("{}", "!allow: is an empty table of conditions"),
        ("{ groups = [] }", "!allow.groups: must name at least one"),
        ("{ users = [\" \"] }", "!allow.users: must name at least one"),
        ("{ grops = [\"a\"] }", "!allow.grops: unknown setting; did you mean `groups`?"),
        ("{ email_domains = [\"@x.org\"] }", "!allow.email_domains: must be whole domains"),
        ("{ email_domains = [\"*.x.org\"], groups = [\"a\"] }", "!allow.email_domains: must be whole domains"),
        ("{ claims = {} }", "!allow.claims: must be a table of claims"),
        ("{ claims = { a = [] } }", "!allow.claims: must be a table of claims"),
        ("{ networks = [\"x\"] }", "!allow.networks: `x` is no address"),
        ("{ networks = [] }", "!allow.networks: must name at least one"),
        ("{ methods = [\"get\"] }", "!allow.methods: must be methods"),
        ("{ max_age_minutes = 1 }", "!allow.max_age_minutes: must be a whole number"),
        (
            "{ any = [{ networks = [\"10.0.0.0/8\"] }, { groups = [\"a\"] }] }",
            "!allow.any: has an alternative that asks for nothing but a network",
        ),
        (
            "{ any = [{ not = { networks = [\"10.0.0.0/8\"] } }, { groups = [\"a\"] }] }",
            "!allow.any: has an alternative",
        ),
        ("{ any = [] }", "!allow.any: must be a list of tables"),
        ("{ any = [{}] }", "!allow.any[0]: is an empty table"),
        ("{ not = { acr_values = \"a\" } }", "!allow.not: cannot be about"),
    ] {
        let text = smallest().replace("{ groups = [\"staff\"] }", allow);
        match (parse(&text), expected.strip_prefix('!')) {
            (Ok(config), None) => assert_eq!(config.routes[0].policy.to_string(), expected, "{allow}"),
            (Err(found), Some(word)) => {
                assert!(found.iter().any(|problem| problem.contains(word)), "{allow}: {found:#?}");
            }
            (Ok(_), Some(word)) => panic!("{allow} is taken, without {word}"),
            (Err(found), None) => panic!("{allow}: {found:#?}"),
        }
    }
}

/// What a route says of its upstreams → each with its weight; or what is wrong with it, after `!`.
#[test]
fn upstreams_are_read_and_their_mistakes_are_told_by_key() {
    for (lines, expected) in [
        ("upstream = \"http://a\"", "http://a:80 1"),
        ("upstream = [\"http://a\", \"https://b:8443\"]", "http://a:80 1, https://b:8443 1"),
        (
            "upstream = [{ url = \"h2c://a:50051\", weight = 3 }, { url = \"unix:/run/a.sock\" }]",
            "h2c://a:50051 3, unix:/run/a.sock 1",
        ),
        ("upstream = \"https://a\"\nserver_name = \"b\"\nhttp2 = true\ninsecure = true", "https://a:443 1"),
        ("upstream = \"http://a\"\nhealth_check = { path = \"/up\", interval_seconds = 1 }", "http://a:80 1"),
        (
            "upstream = [\"http://a\", \"http://b\"]\nbalance = \"hash\"\nsticky = true\neject_after_failures = 1",
            "http://a:80 1, http://b:80 1",
        ),
        ("upstream = []", "!upstream: names none"),
        ("upstream = [\"http://a\", \"http://a:80/\"]", "!upstream: names one of them twice"),
        ("upstream = [{ url = \"http://a\", weight = 0 }]", "!upstream: names none"),
        ("upstream = [{ url = \"http://a\", wieght = 1 }]", "!upstream[0].wieght: unknown setting"),
        ("upstream = [{ weight = 1 }]", "!upstream[0].url: is missing"),
        (
            "upstream = [\"http://a\", { url = \"https://b\", weight = 2 }, \"h2c://c:1\"]",
            "http://a:80 1, https://b:443 2, h2c://c:1 1",
        ),
        ("upstream = [\"http://a\", { url = \"http://b\", wieght = 2 }]", "!upstream[1].wieght: unknown setting"),
        ("upstream = [\"http://a\", 5]", "!upstream: must be an address, or a list of addresses and of tables"),
        ("upstream = \"unix:run/a.sock\"", "!upstream: must name a socket by its whole path"),
        ("upstream = \"ftp://a\"", "!upstream: must be an origin"),
        ("upstream = \"http://a/x\"", "!upstream: must be an origin"),
        ("upstream = \"http://a\"\nbalance = \"random\"", "!balance: must be one of"),
        ("upstream = \"http://a\"\nhttp2 = true", "!http2: is agreed on over TLS"),
        ("upstream = \"http://a\"\nserver_name = \"b\"", "!server_name: is about TLS"),
        ("upstream = \"https://a\"\nca_file = \"/nowhere.pem\"", "!ca_file: /nowhere.pem cannot be read"),
        ("upstream = \"https://a\"\nserver_name = \"a b\"", "!server_name: must be a host name"),
        ("upstream = \"https://a\"\nclient_certificate = { certificate = \"/nowhere.pem\" }", "!client_certificate"),
        ("upstream = \"http://a\"\nhealth_check = { path = \"up\" }", "!health_check.path: must be a path"),
        ("upstream = \"http://a\"\nhealth_check = { every = 1 }", "!health_check.every: unknown setting"),
        ("redirect = \"/y\"\nsticky = true", "!sticky: is about upstreams"),
    ] {
        let text = smallest() + "\n[[route]]\npath = \"/second\"\n" + lines + "\n";
        match (parse(&text), expected.strip_prefix('!')) {
            (Ok(config), None) => {
                let Action::Forward(upstreams) = &config.routes[1].action else { panic!("{lines}") };
                let names: Vec<String> =
                    upstreams.members.iter().map(|(upstream, weight)| format!("{upstream} {weight}")).collect();
                assert_eq!(names.join(", "), expected, "{lines}");
                assert_eq!(
                    config.warnings.iter().any(|warning| warning.key.ends_with("insecure")),
                    lines.contains("insecure")
                );
            }
            (Err(found), Some(word)) => {
                assert!(found.iter().any(|problem| problem.contains(word)), "{lines}: {found:#?}");
            }
            (Ok(_), Some(word)) => panic!("{lines} is taken, without {word}"),
            (Err(found), None) => panic!("{lines}: {found:#?}"),
        }
    }
}

/// H-10: an application would read one of two headers of a name, whichever its server takes.
#[test]
fn a_header_has_one_source_and_says_what_a_header_can_say() {
    for (lines, expected) in [
        ("map = { X-A = \"sub\", x-a = \"email\" }", "headers.map.x-a: is the header of map.X-A too"),
        ("map = { X-A = \"sub\", X_A = \"email\" }", "headers.map.X_A: is the header of map.X-A too"),
        ("map = { X-A = \"sub\" }\nset = { x-a = \"y\" }", "headers.set.x-a: is the header of map.X-A too"),
        (
            "assertion = true\nmap = { x-gateway-assertion = \"sub\" }",
            "headers.assertion: is the header of map.x-gateway-assertion too",
        ),
        ("map = { X-A = \"literal: lead \" }", "headers.map.X-A: no header can say that"),
        ("map = { X-A = \"literal:a\\nb\" }", "headers.map.X-A: no header can say that"),
        ("map = { X-A = \" {sub}\" }", "headers.map.X-A: no header can say that"),
        ("map = { X-A = \"{sub}\\t{email}\" }", "headers.map.X-A: no header can say that"),
        ("set = { X-A = \"a\\u0085b\" }", "headers.set.X-A: no header can say that"),
        ("set = { X-A = \"a \" }", "headers.set.X-A: no header can say that"),
        ("map = { X-A = \" sub\" }", "headers.map.X-A: must be a claim"),
        ("map = { X-A = \"{sub }\" }", "headers.map.X-A: must be a claim"),
        ("separator = \" \"", "headers.separator: must be one punctuation mark"),
        ("separator = \"%\"", "headers.separator: must be one punctuation mark"),
        ("separator = \"::\"", "headers.separator: must be one punctuation mark"),
    ] {
        let found = problems(&format!("{}\n[headers]\n{lines}\n", smallest()));
        assert!(matches!(&found[..], [only] if only.contains(expected)), "{lines}: {found:#?}");
    }
    let route = "\n[[route]]\npath = \"/own\"\nupstream = \"http://a\"\nheaders = { map = { X_ENV = \"sub\" } }\n";
    let text = smallest() + "\n[headers]\nmap = { X_Forwarded_User = \"email\" }\nset = { X-Env = \"ä\" }\n" + route;
    let config = good(&text);
    let names = |map: &crate::headers::IdentityMap| map.names().map(ToString::to_string).collect::<Vec<_>>();
    let usual = ["x-forwarded-email", "x-forwarded-groups", "x-forwarded-preferred-username", "x_forwarded_user"];
    assert_eq!(names(&config.headers.identity), [&usual[..], &["x-env"]].concat());
    let own = config.routes[1].identity.as_ref().expect("headers of its own");
    assert_eq!(names(own), [&usual[..], &["x_env"]].concat());
}

#[test]
fn a_client_certificate_goes_with_its_own_key() {
    let folder = tempfile::tempdir().expect("a folder");
    let pair = || {
        let rcgen::CertifiedKey { cert, signing_key } =
            rcgen::generate_simple_self_signed(["gateway".to_owned()]).expect("a certificate");
        (cert.pem(), signing_key.serialize_pem())
    };
    let ((certificate, key), (_, other)) = (pair(), pair());
    let write = |name: &str, text: &str| {
        std::fs::write(folder.path().join(name), text).expect("written");
        folder.path().join(name).display().to_string()
    };
    let certificate = write("client.pem", &certificate);
    for (key, is_taken) in [(write("client.key", &key), true), (write("other.key", &other), false)] {
        let text = smallest()
            + "\n[[route]]\npath = \"/second\"\nupstream = \"https://a\"\nclient_certificate = "
            + &format!("{{ certificate = \"{certificate}\", key = \"{key}\" }}\n");
        match parse(&text) {
            Ok(_) => assert!(is_taken, "{key}"),
            Err(found) => {
                assert!(!is_taken && found[0].contains("is not the key of the first certificate"), "{found:?}")
            }
        }
    }
}

/// A certificate as version 1 has it: without the version and the extensions of version 3. Its signature no longer holds,
/// which nobody checks who shows it.
fn of_the_first_version(der: &[u8]) -> Vec<u8> {
    /// What a DER value is made of: its tag, its content, and what follows it.
    fn value(der: &[u8]) -> (u8, &[u8], &[u8]) {
        let (length, start) = match der[1] {
            short if short < 0x80 => (usize::from(short), 2),
            0x81 => (usize::from(der[2]), 3),
            _ => (usize::from(u16::from_be_bytes([der[2], der[3]])), 4),
        };
        (der[0], &der[start..start + length], &der[start + length..])
    }
    let sequence = |content: &[u8]| {
        let length = u16::try_from(content.len()).expect("a short certificate").to_be_bytes();
        [&[0x30, 0x82][..], &length, content].concat()
    };
    let (_, certificate, _) = value(der);
    let (_, mut fields, signature) = value(certificate);
    let mut kept = Vec::new();
    while !fields.is_empty() {
        let (tag, _, rest) = value(fields);
        if !matches!(tag, 0xa0 | 0xa3) {
            kept.extend_from_slice(&fields[..fields.len() - rest.len()]);
        }
        fields = rest;
    }
    sequence(&[&sequence(&kept), signature].concat())
}

#[test]
fn a_client_certificate_of_the_first_version_is_told_for_what_it_is() {
    let folder = tempfile::tempdir().expect("a folder");
    let rcgen::CertifiedKey { cert, signing_key } =
        rcgen::generate_simple_self_signed(["gateway".to_owned()]).expect("a certificate");
    let old = data_encoding::BASE64.encode(&of_the_first_version(cert.der()));
    let pem = format!("-----BEGIN CERTIFICATE-----\n{old}\n-----END CERTIFICATE-----\n");
    let write = |name: &str, text: &str| {
        std::fs::write(folder.path().join(name), text).expect("written");
        folder.path().join(name).display().to_string()
    };
    let (certificate, key) = (write("client.pem", &pem), write("client.key", &signing_key.serialize_pem()));
    let found = problems(
        &(smallest()
            + "\n[[route]]\npath = \"/second\"\nupstream = \"https://a\"\nclient_certificate = "
            + &format!("{{ certificate = \"{certificate}\", key = \"{key}\" }}\n")),
    );
    let expected = "client_certificate.certificate: is a certificate of X.509 version 1";
    assert!(matches!(&found[..], [only] if only.contains(expected)), "{found:?}");
}

#[test]
fn branding_reaches_the_pages_and_its_mistakes_are_told() {
    let config = good(&(smallest() + "\n[branding]\nname = \"Acme\"\n[ui]\ndefault_language = \"en\"\n"));
    assert_eq!(config.look.name, "Acme");
    let branding = "\n[branding]\nnam = \"Acme\"\ntheme = \"pink\"\nlogo = true\nlinks = \"x\"\n[branding.colors]\nbrnad = \"#000000\"\n\
                    [[branding.for_hosts]]\nhosts = [\"*.example.org\"]\nradius = \"xl\"\ntemplates = \"x\"\n";
    let found = problems(&(smallest() + branding));
    for expected in [
        "gateway.toml:19: branding.nam: unknown setting; did you mean `name`?",
        "gateway.toml:20: branding.theme: must be one of \"auto\", \"light\", \"dark\"",
        "gateway.toml:21: branding.logo: must be a text",
        "gateway.toml:22: branding.links: must be a table",
        "gateway.toml:24: branding.colors.brnad: unknown setting; did you mean `brand`?",
        "gateway.toml:27: branding.for_hosts[0].radius: must be one of \"none\", \"sm\", \"md\", \"lg\"",
        "gateway.toml:28: branding.for_hosts[0].templates: unknown setting; did you mean `branding.templates`?",
    ] {
        assert!(found.contains(&expected.to_owned()), "{expected}\nis not among\n{found:#?}");
    }
    assert_eq!(found.len(), 7, "{found:#?}");
}

#[test]
fn a_look_is_read_whole_and_its_files_are_taken_from_where_the_configuration_stands() {
    let text = smallest()
        + "\n[branding]\nlogo = \"logo.svg\"\ntheme = \"dark\"\nstrings = \"/srv/strings\"\nlinks = { help = \"https://a.example\" }\n\
           [branding.colors]\nbrand = \"#0b57d0\"\n[[branding.for_hosts]]\nhosts = [\"b.example\"]\ncss = \"b.css\"\n\
           [ui]\nlanguages = [\"de\"]\ndefault_language = \"de\"\nidentifier_is_email = true\n";
    let look = Config::parse(&text, Path::new("/etc/gw/gateway.toml"), BTreeMap::new(), None).expect("good").look;
    assert_eq!(
        look,
        Look {
            logo: Some("/etc/gw/logo.svg".into()),
            theme: Theme::Dark,
            strings: Some("/srv/strings".into()),
            links: Links { help: Some("https://a.example".to_owned()), ..Links::default() },
            colors: Colors { brand: Some("#0b57d0".to_owned()), ..Colors::default() },
            languages: vec!["de".to_owned()],
            default_language: "de".to_owned(),
            identifier_is_email: true,
            for_hosts: vec![HostLook {
                hosts: vec!["b.example".to_owned()],
                css: Some("/etc/gw/b.css".into()),
                ..HostLook::default()
            }],
            ..Look::default()
        }
    );
}

#[test]
fn a_setting_under_the_wrong_table_is_refused_and_the_right_one_named() {
    for (lines, expected) in [
        ("[branding]\nlanguages = [\"en\"]", "branding.languages: unknown setting; did you mean `ui.languages`?"),
        ("[ui]\nname = \"Acme\"", "ui.name: unknown setting; did you mean `branding.name`?"),
        ("[sign_in]\nidle_minutes = 5", "sign_in.idle_minutes: unknown setting; did you mean `session.idle_minutes`?"),
        ("[brandng]\nname = \"Acme\"", "brandng: unknown setting; did you mean `branding`?"),
        ("[ui]\nfrobnicate = 1", "ui.frobnicate: unknown setting"),
    ] {
        let found = problems(&format!("{}\n{lines}\n", smallest()));
        assert!(matches!(&found[..], [only] if only.ends_with(expected)), "{expected}: {found:?}");
    }
}

#[test]
fn the_hash_differs_with_the_settings_and_says_nothing_of_secrets() {
    let hash = |text: &str| good(text).hash;
    let text = smallest();
    let first = hash(&text);
    assert!(first.len() == 12 && first.bytes().all(|byte| byte.is_ascii_hexdigit()), "{first}");
    assert_eq!(hash(&format!("{text}# a comment\n")), first);
    assert_eq!(hash(&text.replace("client_secret = \"secret\"", "client_secret = \"another\"")), first);
    assert_eq!(hash(&text.replace(KEY, &"02".repeat(32))), first);
    assert_ne!(hash(&text.replace("staff", "admins")), first);
    let config = parse_with(&text, &[("GATEWAY__SESSION__IDLE_MINUTES", "5")]);
    assert_ne!(config.unwrap_or_else(|problems| panic!("{problems:?}")).hash, first);
}

#[test]
fn what_a_running_process_cannot_change_is_told_by_key() {
    let fixed = good(&smallest()).fixed();
    let again = |text: &str| {
        let read = Config::parse(text, Path::new("gateway.toml"), BTreeMap::new(), Some(&fixed));
        read.err()
            .map(|refused| refused.problems)
            .unwrap_or_default()
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
    };
    assert!(again(&smallest()).is_empty());
    assert!(again(&smallest().replace("staff", "admins")).is_empty());
    let changed = smallest()
        .replace("listen = \"0.0.0.0:8080\"", "listen = \"0.0.0.0:8081\"\nthreads = 1000\nlog_format = \"json\"");
    let changed = changed + "[admin]\nlisten = \"127.0.0.1:9090\"\n";
    let needs = "has changed, which needs a restart";
    assert_eq!(
        again(&changed),
        [
            format!("gateway.toml:3: server.listen: {needs}"),
            format!("gateway.toml:20: admin.listen: {needs}"),
            format!("gateway.toml:4: server.threads: {needs}"),
            format!("gateway.toml:5: server.log_format: {needs}"),
        ]
    );
}

#[test]
fn a_host_of_plain_http_is_unwise_unless_it_is_this_machine() {
    for (host, warns) in [
        ("evil-localhost", true),
        ("wiki.example.com", true),
        ("*.example.com", true),
        ("localhost", false),
        ("app.localhost", false),
        ("*.localhost", false),
        ("127.0.0.1", false),
        ("[::1]", false),
    ] {
        let text = smallest().replace("https://wiki.example.com", "http://localhost:8080");
        let config = good(&text.replace("[[route]]", &format!("[[route]]\nhost = \"{host}\"")));
        assert_eq!(config.warnings.iter().any(|warning| warning.key == "route[0].host"), warns, "{host}");
    }
}

/// What the admin listener says would be read by whoever may use the route.
#[test]
fn an_upstream_that_is_the_admin_listener_is_told() {
    for (admin, upstream, is_told) in [
        ("127.0.0.1:9090", "http://127.0.0.1:9090", true),
        ("0.0.0.0:9090", "http://127.0.0.1:9090", true),
        ("[::1]:9090", "http://localhost:9090", true),
        ("127.0.0.1:9090", "http://10.0.0.5:9090", false),
        ("127.0.0.1:9090", "http://127.0.0.1:9091", false),
    ] {
        let text = smallest().replace("http://10.0.0.5:8080", upstream);
        let warnings = good(&format!("{text}[admin]\nlisten = \"{admin}\"\n")).warnings;
        let told: Vec<&str> = warnings
            .iter()
            .filter(|warning| warning.key == "route[0].upstream")
            .map(|warning| warning.text.as_str())
            .collect();
        assert_eq!(told.len(), usize::from(is_told), "{upstream}: {told:?}");
        assert!(told.iter().all(|told| told.starts_with("is the gateway's own admin listener")), "{told:?}");
    }
}

/// What replacing a text of the smallest configuration makes it warn of, by how each begins; it is good all the same.
#[track_caller]
fn warns_of(rows: &[(&str, &str, Option<&str>)]) {
    for (from, to, warning) in rows {
        assert!(smallest().contains(from), "{from}");
        let warnings = good(&smallest().replace(from, to)).warnings;
        let found: Vec<String> = warnings.iter().map(|warning| format!("{} {}", warning.key, warning.text)).collect();
        match warning {
            Some(warning) => assert!(found.len() == 1 && found[0].starts_with(warning), "{to}: {found:?}"),
            None => assert!(found.is_empty(), "{to}: {found:?}"),
        }
    }
}

#[test]
fn addresses_that_are_open_to_everybody_are_told_and_allowed() {
    let (listen, okta) = ("listen = \"0.0.0.0:8080\"", "[okta]");
    warns_of(&[
        (okta, "[admin]\nlisten = \"0.0.0.0:9090\"\n[okta]", Some("admin.listen is open to every network")),
        (okta, "[admin]\nlisten = \"[::]:9090\"\n[okta]", Some("admin.listen is open to every network")),
        (okta, "[admin]\nlisten = \"127.0.0.1:9090\"\n[okta]", None),
        (listen, "trusted_proxies = [\"0.0.0.0/0\"]", Some("server.trusted_proxies trusts everybody")),
        (listen, "trusted_proxies = [\"::/0\", \"10.0.0.0/8\"]", Some("server.trusted_proxies trusts everybody")),
        (listen, "trusted_proxies = [\"0.0.0.0/1\", \"128.0.0.0/1\"]", Some("server.trusted_proxies trusts everybody")),
        (listen, "trusted_proxies = [\"2000::/3\"]", Some("server.trusted_proxies trusts everybody")),
        (listen, "trusted_proxies = [\"2000::/9\", \"2080::/9\"]", Some("server.trusted_proxies trusts everybody")),
        (listen, "trusted_proxies = [\"::ffff:0:0/96\"]", Some("server.trusted_proxies trusts everybody")),
        (listen, "trusted_proxies = [\"::ffff:0.0.0.0/97\"]", Some("server.trusted_proxies trusts everybody")),
        (listen, "trusted_proxies = [\"8.0.0.0/8\", \"9.0.0.0/8\"]", Some("server.trusted_proxies trusts everybody")),
        (
            listen,
            "trusted_proxies = [\"10.0.0.0/8\", \"192.168.0.0/16\", \"fc00::/7\", \"fe80::/10\", \"2001:db8::/32\", \"::1\"]",
            None,
        ),
    ]);
}

#[test]
fn an_upstream_that_leads_back_is_told_and_allowed() {
    let upstream = "http://10.0.0.5:8080";
    warns_of(&[
        (upstream, "http://127.0.0.1:8080", Some("route[0].upstream is the gateway itself")),
        (upstream, "http://localhost:8080", Some("route[0].upstream is the gateway itself")),
        (upstream, "https://wiki.example.com", Some("route[0].upstream is the gateway itself")),
        (upstream, "http://0.0.0.0:8080", Some("route[0].upstream is the gateway itself")),
        (upstream, "http://LOCALHOST.:8080", Some("route[0].upstream is the gateway itself")),
        (upstream, "h2c://app.localhost:8080", Some("route[0].upstream is the gateway itself")),
        (upstream, "http://[::ffff:127.0.0.1]:8080", Some("route[0].upstream is the gateway itself")),
        (upstream, "http://127.0.0.1:8081", None),
        (upstream, "http://[::1]:8080", None),
        (upstream, "unix:/run/gw.sock", None),
    ]);
}

#[test]
fn an_address_that_is_not_the_issuer_s_is_told_and_allowed() {
    let issuer = "https://example.okta.com/oauth2/default";
    warns_of(&[
        (
            issuer,
            "https://example.okta.com/oauth2/default/.well-known/openid-configuration",
            Some(
                "okta.issuer is the address of its metadata: the issuer is \"https://example.okta.com/oauth2/default\"",
            ),
        ),
        (
            issuer,
            "https://example.okta.com/oauth2/default/v1/authorize",
            Some("okta.issuer is an endpoint of the issuer, which is \"https://example.okta.com/oauth2/default\""),
        ),
        (issuer, "https://example-admin.okta.com/oauth2/default", Some("okta.issuer is the host of the admin console")),
        (issuer, "https://admin.example.com/oauth2/default", None),
        (
            issuer,
            "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_A1b2C3",
            Some("okta.logout is missing: Cognito's sign-out is none of OpenID Connect's"),
        ),
        (issuer, "https://accounts.google.com", None),
    ]);
}

/// Wherever the gateway listens, and however that is written.
#[test]
fn an_upstream_that_is_the_gateway_is_told() {
    for (listen, upstream, is_told) in [
        ("127.0.0.1:8080", "http://0.0.0.0:8080", true),
        ("127.0.0.1:8080", "http://0:8080", true),
        ("127.0.0.1:8080", "http://[::]:8080", false),
        ("[::1]:8080", "http://[::]:8080", true),
        ("[::]:8080", "http://[::]:8080", true),
        ("[::]:8080", "http://0.0.0.0:8080", true),
        ("[::]:8080", "http://127.0.0.2:8080", true),
        ("[::1]:8080", "http://localhost:8080", true),
        ("10.0.0.5:8080", "http://localhost:8080", false),
        ("10.0.0.5:8080", "http://10.0.0.5:8080", true),
        ("unix:/run/gw.sock", "unix:/run/gw.sock", true),
        ("unix:/run/gw.sock", "unix:/run//gw.sock", true),
        ("unix:/run/gw.sock", "unix:/run/x/../gw.sock", true),
        ("unix:/run/gw.sock", "unix:/run/app.sock", false),
        ("unix:/run/gw.sock", "http://localhost:8080", false),
    ] {
        let text = smallest().replace("0.0.0.0:8080", listen).replace("http://10.0.0.5:8080", upstream);
        let warnings = good(&text).warnings;
        let told = warnings.iter().any(|warning| warning.text.starts_with("is the gateway itself"));
        assert_eq!(told, is_told, "{listen} {upstream}: {warnings:?}");
    }
}

/// Under the names that it has for itself and for others, too.
#[test]
fn an_upstream_that_is_the_gateway_by_another_name_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    std::fs::create_dir(at("run")).expect("a folder");
    std::os::unix::fs::symlink(at("run"), at("linked")).expect("a link");
    std::os::unix::fs::symlink(at("run/gw.sock"), at("gw.sock")).expect("a link");
    let socket = |name: &str| format!("unix:{}", at(name).display());
    let _listener = std::os::unix::net::UnixListener::bind(at("run/gw.sock")).expect("a socket");
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname").expect("a name").trim().to_owned();
    let (wiki, own) = ("https://wiki.example.com", format!("http://{name}:8080"));
    let sites =
        "host = \"git.example.com\"\n[[route]]\nhost = \"*.apps.example.com\"\nupstream = \"http://10.0.0.6\"\n";
    for (listen, upstream, is_told) in [
        ("0.0.0.0:8080", own.as_str(), true),
        ("[::]:8080", &own.to_ascii_uppercase().replace("HTTP", "http"), true),
        ("127.0.0.1:8080", &own, false),
        ("0.0.0.0:8081", &own, false),
        ("127.0.0.1:8080", wiki, true),
        ("127.0.0.1:8080", "https://git.example.com", true),
        ("127.0.0.1:8080", "https://GIT.example.com.", true),
        ("127.0.0.1:8080", "http://git.example.com", false),
        ("127.0.0.1:8080", "https://a.apps.example.com", false),
        (&socket("run/gw.sock"), &socket("linked/gw.sock"), true),
        (&socket("run/gw.sock"), &socket("gw.sock"), true),
        (&socket("linked/new.sock"), &socket("run/new.sock"), true),
        (&socket("run/gw.sock"), &socket("linked/app.sock"), false),
    ] {
        let text = smallest().replace("0.0.0.0:8080", listen).replace("http://10.0.0.5:8080", upstream) + sites;
        let warnings = good(&text).warnings;
        let told = warnings.iter().any(|warning| warning.text.starts_with("is the gateway itself"));
        assert_eq!(told, is_told, "{listen} {upstream}: {warnings:?}");
    }
    let twice = format!("[\"{}\", \"{}\"]", socket("run/gw.sock"), socket("gw.sock"));
    let found = problems(&smallest().replace("\"0.0.0.0:8080\"", &twice));
    assert!(found.len() == 1 && found[0].contains("of which one takes the connections of the other"), "{found:?}");
}

/// What one provider calls somebody, another may call somebody else.
#[test]
fn a_rule_on_names_is_unwise_where_several_providers_give_them() {
    let second = "\n[[provider]]\nname = \"partners\"\nissuer = \"https://b.example\"\nclient_id = \"a\"\nclient_secret = \"b\"\n";
    for (allow, more, warns) in [
        ("{ groups = [\"staff\"] }", "", false),
        ("{ groups = [\"staff\"] }", second, true),
        ("{ users = [\"jane\"] }", second, true),
        ("{ any = [{ emails = [\"j@x.org\"] }, { groups = [\"a\"], providers = [\"okta\"] }] }", second, true),
        ("{ claims = { a = [\"b\"] }, methods = [\"GET\"] }", second, true),
        ("{ groups = [\"staff\"], providers = [\"okta\"] }", second, false),
        ("{ providers = [\"okta\"], not = { users = [\"bob\"] } }", second, false),
        ("{ not = { users = [\"bob\"] } }", second, false),
        ("\"signed-in\"", second, false),
    ] {
        let warnings = good(&(smallest().replace("{ groups = [\"staff\"] }", allow) + more)).warnings;
        assert_eq!(warnings.iter().any(|warning| warning.key == "route[0].allow"), warns, "{allow}: {warnings:?}");
    }
}

/// A closed path is not asked about where another route goes before its own.
#[test]
fn a_route_that_another_goes_before_is_told() {
    let (here, elsewhere) = ("http://10.0.0.5:8080", "http://10.0.0.6:8080");
    let wiki = "host = \"wiki.example.com\"\nallow = \"public\"";
    for (first, second, upstream, key) in [
        ("path = \"/admin\"", wiki, here, "route[0].path"),
        ("path = \"/admin\"", wiki, elsewhere, ""),
        ("path = \"/admin\"", "path = \"/x\"\nallow = \"public\"", here, ""),
        ("path_regex = \"/ab.*\"", "path_regex = \"/a.*\"\nallow = \"public\"", here, ""),
        ("path = \"/\"", "path_regex = \"/.*\"\nallow = \"public\"", here, "route[0].path"),
        ("path = \"/\"", "path_regex = \"/.*\"\nallow = { groups = [\"a\"] }", here, ""),
        (
            "host = \"tool.example.com\"",
            "host = \"apps.example.com\"\npath = \"/tool\"\nstrip_prefix = true\nallow = \"public\"",
            here,
            "route[1].upstream",
        ),
        (
            "host = \"tool.example.com\"",
            "host = \"apps.example.com\"\npath = \"/tool\"\nstrip_prefix = true\npreserve_host = false\nallow = \"public\"",
            here,
            "",
        ),
    ] {
        let text = smallest().replace("[[route]]", &format!("[[route]]\n{first}"));
        let warnings = good(&format!("{text}\n[[route]]\nupstream = \"{upstream}\"\n{second}\n")).warnings;
        let keys: Vec<&str> = warnings.iter().map(|warning| warning.key.as_str()).collect();
        assert_eq!(keys.join(" "), key, "{first}; {second}: {warnings:?}");
    }
}

/// A path is read by the server, whichever route leads there.
#[test]
fn routes_to_one_server_read_paths_in_the_same_way() {
    use crate::access::UpstreamKind::{Generic, Nginx, Php};
    let second = |kind: &str, upstream: &str| {
        let first = smallest().replace("allow =", "upstream_kind = \"php\"\nallow =");
        let config = good(&format!("{first}\n[[route]]\npath = \"/x\"\nupstream = \"{upstream}\"\n{kind}\n"));
        let warned: Vec<String> = config.warnings.iter().map(|warning| warning.key.clone()).collect();
        (config.routes.iter().map(|route| route.upstream_kind).collect::<Vec<_>>(), warned.join(" "))
    };
    let (here, elsewhere) = ("http://10.0.0.5:8080", "http://10.0.0.6:8080");
    for (kind, upstream, kinds, warned) in [
        ("", here, [Generic, Generic], "route[0].upstream_kind"),
        ("upstream_kind = \"nginx\"", here, [Generic, Generic], "route[0].upstream_kind route[1].upstream_kind"),
        ("upstream_kind = \"php\"", here, [Php, Php], ""),
        ("upstream_kind = \"nginx\"", elsewhere, [Php, Nginx], ""),
        ("", elsewhere, [Php, Generic], ""),
    ] {
        assert_eq!(second(kind, upstream), (kinds.to_vec(), warned.to_owned()), "{kind} {upstream}");
    }
}

/// A problem in one place hides nothing of another, nor what is unwise.
#[test]
fn what_is_unwise_is_told_beside_what_is_wrong() {
    let text =
        smallest().replace("listen = \"0.0.0.0:8080\"", "listen = \"0.0.0.0:8080\"\ntrusted_proxies = [\"0.0.0.0/0\"]");
    let test = "\n[[policy_test]]\nas = \"nobody\"\nrequest = \"GET /\"\nexpect = \"pass\"\n";
    for (more, key, can_be_tested) in
        [("\n[ui]\nnonsense = 1\n", "ui.nonsense", true), ("nonsense = 1\n", "route[0].nonsense", false)]
    {
        let text = format!("{text}{more}{test}");
        let refused = Config::parse(&text, Path::new("gateway.toml"), BTreeMap::new(), None).err().expect("refused");
        assert_eq!(refused.problems.iter().map(|problem| problem.key.as_str()).collect::<Vec<_>>(), [key]);
        let warned: Vec<&str> = refused.warnings.iter().map(|warning| warning.key.as_str()).collect();
        assert_eq!(warned, ["server.trusted_proxies"]);
        assert_eq!(refused.rest.is_some_and(|rest| !rest.policy_tests.is_empty()), can_be_tested, "{key}");
    }
}

#[test]
fn a_path_written_as_a_pattern_is_refused_with_what_to_write_instead() {
    for (path, instead) in
        [("/admin/*", "/admin"), ("/api*", "/api"), ("/v1/**", "/v1"), ("/old/:id", "/old"), ("/admin$", "/admin")]
    {
        let found = problems(&format!("{}path = \"{path}\"\n", smallest()));
        let expected =
            format!("route[0].path: is no pattern: a path covers everything below it, so write \"{instead}\"");
        assert!(found.len() == 1 && found[0].ends_with(&expected), "{path}: {found:?}");
        let found = problems(&format!("{}path_exact = \"{path}\"\n", smallest()));
        let expected = format!("route[0].path_exact: is no pattern but one path alone: path = \"{instead}\" covers");
        assert!(found.len() == 1 && found[0].contains(&expected), "{path}: {found:?}");
    }
}

#[test]
fn no_route_is_a_problem() {
    let text = smallest();
    let text = text.split("[[route]]").next().unwrap_or_default();
    assert_eq!(problems(text), ["gateway.toml: route: there is no [[route]]: nothing would be forwarded"]);
}

#[test]
fn what_the_pages_offer_is_read_and_its_mistakes_are_told_by_key() {
    let ui = "\n[ui]\naccount_claims = [\"department\"]\naccount_url = \"https://org.example/settings\"\n\
              request_access_url = \"https://help.example/access?app={app}\"\nauto_redirect_single_idp = true\nremember_username = true\n\
              hosted_fallback = true\ndefault_language = \"en\"\n";
    let config = good(&(smallest() + ui));
    assert_eq!(config.ui.account_claims, ["department"]);
    assert_eq!(config.ui.account_url.as_deref(), Some("https://org.example/settings"));
    assert!(config.ui.remember_username && config.ui.auto_redirect_single_idp && config.ui.hosted_fallback);
    assert_eq!(good(&smallest()).ui, crate::signin::Offers::default());
    for (line, key, words) in [
        ("account_claims = [\"\"]", "ui.account_claims", "without a name"),
        ("account_claims = [true]", "ui.account_claims", "must be a text or a list of texts"),
        ("account_url = \"javascript:alert(1)\"", "ui.account_url", "must be an address"),
        ("request_access_url = \"/access\"", "ui.request_access_url", "must be an address"),
        ("auto_redirect_single_idp = \"yes\"", "ui.auto_redirect_single_idp", "true or false"),
        ("hosted_fallback = 1", "ui.hosted_fallback", "true or false"),
    ] {
        let found = problems(&format!("{}\n[ui]\n{line}\n", smallest()));
        assert!(found.iter().any(|problem| problem.contains(key) && problem.contains(words)), "{line}: {found:?}");
    }
}

#[test]
fn a_store_is_one_server_sentinels_or_a_cluster() {
    use crate::session::Servers;
    let store = |more: &str| {
        let text = smallest().replace("[session]\n", &format!("[session]\nstore = \"redis\"\nredis = {{ {more} }}\n"));
        parse(&text).map(|config| config.session.redis.expect("a store").servers)
    };
    assert!(matches!(store("url = \"redis://h\""), Ok(Servers::One(_))));
    assert!(matches!(store("url = [\"redis://h\"]"), Ok(Servers::Cluster(nodes)) if nodes.len() == 1));
    let sentinels = store("url = [\"redis://h\", \"redis://i\"], sentinel_primary = \"mymaster\", prefix = \"a:\"");
    assert!(matches!(sentinels, Ok(Servers::Sentinel { sentinels, .. }) if sentinels.len() == 2));
    for (more, problem) in [
        ("prefix = \"a:\"", "session.redis.url: is missing"),
        ("url = []", "session.redis.url: is missing"),
        ("url = \"rediss://h#insecure\"", "ca_file"),
        ("url = \"redis://h\", prefix = \"{a}\"", "session.redis.prefix: must be"),
        ("url = \"redis://h\", sentinel_username = \"a\"", "sentinel_primary: is missing"),
        ("url = \"redis://h\", timeout_ms = 0", "session.redis.timeout_ms: must be"),
        ("url = \"redis://h\", user = \"a\"", "session.redis.user: unknown setting"),
    ] {
        let problems = store(more).expect_err(more);
        assert!(problems.iter().any(|said| said.contains(problem)), "{more}: {problems:?}");
    }
    let without = problems(&smallest().replace("[session]\n", "[session]\nredis = { url = \"redis://h\" }\n"));
    assert!(without.iter().any(|said| said.contains("session.store is not")), "{without:?}");
    let missing = problems(&smallest().replace("[session]\n", "[session]\nstore = \"redis\"\n"));
    assert!(missing.iter().any(|said| said.contains("session.redis.url: is missing")), "{missing:?}");
}

#[test]
fn the_address_of_a_store_is_a_secret_and_its_password_s_file_is_read_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("password");
    std::fs::write(&file, "first\n").expect("written");
    let store = |password: &str| {
        let redis =
            format!("redis = {{ url = \"redis://u:{password}@h\", password = {{ file = \"{}\" }} }}", file.display());
        good(&smallest().replace("[session]\n", &format!("[session]\nstore = \"redis\"\n{redis}\n")))
    };
    let (one, other) = (store("hunter1"), store("hunter2"));
    assert_eq!(one.hash, other.hash, "its hash tells nothing of it");
    let redis = one.session.redis.expect("a store");
    assert!(!format!("{redis:?}").contains("hunter"));
    assert!(matches!(redis.password, Some(crate::session::Password::File(_))));
}

/// The keys of what the new configuration opens, of settings that belong to no route.
fn widened(old: &str, new: &str) -> String {
    let found = good(new).admission.openings(&good(old).admission);
    found.into_iter().map(|opening| opening.name).collect::<Vec<_>>().join(", ")
}

/// Settings that belong to no route: what may let more people in is told by its key, and what is narrower is not.
#[test]
fn widening_of_who_gets_in_is_told_by_its_key() {
    let provider = "\n[[provider]]\nname = \"x\"\nissuer = \"https://x.example\"\nclient_id = \"a\"\n\
                    client_secret = \"b\"\ntenants = [\"one\", \"two\"]\ngroups_claim = \"groups\"\n";
    let base = smallest().replace("[server]\n", "[server]\ntrusted_proxies = [\"192.0.2.1\", \"192.0.2.2\"]\n");
    let was = base.clone() + provider;
    let told = widened;
    for (from, to, keys) in [
        ("\"192.0.2.2\"]", "\"192.0.2.2\", \"198.51.100.0/24\"]", "server.trusted_proxies"),
        ("\"192.0.2.2\"]", "\"192.0.2.0/24\"]", "server.trusted_proxies"),
        ("https://x.example", "https://y.example", "provider.x.issuer"),
        ("groups_claim = \"groups\"", "groups_claim = \"title\"", "provider.x.groups_claim"),
        ("groups_claim = \"groups\"", "subject_claim = \"email\"", "provider.x.groups_claim, provider.x.subject_claim"),
        ("tenants = [\"one\", \"two\"]", "tenants = [\"three\"]", "provider.x.tenants"),
        ("tenants = [\"one\", \"two\"]\n", "", "provider.x.tenants"),
        (
            "client_secret = \"b\"",
            "client_secret = \"b\"\nissuer_aliases = [\"https://z.example\"]",
            "provider.x.issuer_aliases",
        ),
        ("client_secret = \"b\"", "client_secret = \"b\"\ngroups_overage = \"graph\"", "provider.x.groups_overage"),
        ("example.okta.com", "other.okta.com", "okta.issuer"),
        // Narrower, or nothing that lets anybody in.
        ("\"192.0.2.1\", \"192.0.2.2\"", "\"192.0.2.1\"", ""),
        ("tenants = [\"one\", \"two\"]", "tenants = [\"two\"]", ""),
        ("client_secret = \"b\"", "client_secret = \"c\"\ntitle = \"X\"\nhosted_domain = \"x.example\"", ""),
    ] {
        assert!(was.contains(from), "{from}");
        assert_eq!(told(&was, &was.replace(from, to)), keys, "{to}");
    }
    let headers = |more: &str| was.clone() + "\n[headers]\n" + more + "\n";
    let listed = |names: &str| headers(&format!("pass = \"listed\"\nlisted = [{names}]"));
    let session = |more: &str| was.replace("[session]\n", &format!("[session]\n{more}\n"));
    for (old, new, keys) in [
        (listed("\"x-a\""), listed("\"x-a\", \"x-b\""), "headers.listed"),
        (listed("\"x-a\""), headers("pass = \"unreserved\""), "headers.pass"),
        (listed("\"x-a\""), was.clone(), "headers.pass"),
        (was.clone(), listed("\"x-a\""), ""),
        (listed("\"x-a\", \"x-b\""), listed("\"x-b\""), ""),
        (was.clone(), session("absolute_hours = 13"), "session.absolute_hours"),
        (session("absolute_hours = 8"), was.clone(), "session.absolute_hours"),
        (was.clone(), session("idle_minutes = 600"), "session.idle_minutes"),
        (was.clone(), session("persistent = true"), "session.persistent"),
        (was.clone(), session("absolute_hours = 8\nidle_minutes = 59\npersistent = false"), ""),
        (session("persistent = true"), was.clone(), ""),
    ] {
        assert_eq!(told(&old, &new), keys, "{new}");
    }
    assert_eq!(told(&base, &was), "provider.x");
    assert_eq!(told(&was, &base), "");
    let limited = was.replace("client_secret = \"b\"", "client_secret = \"b\"\nhosted_domain = \"x.example\"");
    assert_eq!(told(&limited, &was), "provider.x.hosted_domain");
}

/// Whoever needs no certificate any more, or one of another authority, comes in.
#[test]
fn widening_of_which_certificates_clients_need_is_told_by_its_key() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = |name: &str, text: &str| {
        std::fs::write(folder.path().join(name), text).expect("written");
        folder.path().join(name).display().to_string()
    };
    let made = || rcgen::generate_simple_self_signed(vec!["wiki.example.com".to_owned()]).expect("a certificate");
    let (one, other) = (made(), made());
    let (chain, key) = (file("one.pem", &one.cert.pem()), file("key.pem", &one.signing_key.serialize_pem()));
    let other = file("other.pem", &other.cert.pem());
    let config = |more: &str| {
        let tls = format!("[tls]\ncertificates = [{{ certificate = \"{chain}\", key = \"{key}\" }}]\n{more}\n");
        smallest().replace("\"0.0.0.0:8080\"", "\"https://0.0.0.0:8443\"").replace("[okta]", &format!("{tls}[okta]"))
    };
    let asks = |kind: &str, ca: &str, headers: &str| {
        config(&format!(
            "client_certificates = \"{kind}\"\nclient_ca = \"{ca}\"\nclient_certificate_headers = \"{headers}\""
        ))
    };
    for (old, new, keys) in [
        (asks("required", &chain, "none"), config(""), "tls.client_certificates"),
        (asks("required", &chain, "none"), asks("optional", &chain, "none"), "tls.client_certificates"),
        (asks("required", &chain, "none"), asks("required", &other, "none"), "tls.client_ca"),
        (asks("required", &chain, "none"), asks("required", &chain, "xfcc"), "tls.client_certificate_headers"),
        (asks("optional", &chain, "xfcc"), asks("required", &chain, "none"), ""),
        (config(""), asks("required", &chain, "none"), ""),
    ] {
        assert_eq!(widened(&old, &new), keys, "{old}\n{new}");
    }
}

/// What is wrong with the widget's address is said, and not that there is none.
#[test]
fn a_wrong_address_of_the_widget_is_one_problem() {
    for address in ["\"http://cdn.example\"", "\"nowhere\"", "7"] {
        let text = format!("{}\n[sign_in]\ndoor = \"widget\"\n[sign_in.widget]\nbase_url = {address}\n", smallest());
        let found = problems(&text);
        assert!(found.len() == 1 && found[0].contains("sign_in.widget.base_url: "), "{address}: {found:#?}");
    }
}
