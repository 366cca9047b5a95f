//! Configurations of other gateways become ones that the gateway would start with, which open nothing more.

use std::process::Command;

/// What `import` makes of a file, and what it says beside it. What it made passes `check`.
fn imported(text: &str) -> (String, String) {
    let folder = tempfile::tempdir().expect("a folder");
    let source = folder.path().join("source");
    std::fs::write(&source, text).expect("written");
    let gateway = env!("CARGO_BIN_EXE_idx-gateway");
    let made = Command::new(gateway).arg("import").arg(&source).output().expect("it runs");
    let said = String::from_utf8_lossy(&made.stderr).into_owned();
    assert!(made.status.success(), "{said}");
    let config = String::from_utf8_lossy(&made.stdout).into_owned();
    let file = folder.path().join("gateway.toml");
    std::fs::write(&file, &config).expect("written");
    let checked = Command::new(gateway).args(["check", "--config"]).arg(&file).output().expect("it runs");
    assert!(checked.status.success(), "{config}\n{}", String::from_utf8_lossy(&checked.stderr));
    (config, said)
}

#[track_caller]
fn has(text: &str, lines: &[&str]) {
    for line in lines {
        assert!(text.contains(line), "`{line}` is not in:\n{text}");
    }
}

#[test]
fn oauth2_proxy_s_configuration_is_taken_over() {
    let (config, said) = imported(
        r#"
http_address = ":4180"
redirect_url = "https://internal.example.com/oauth2/callback"
upstreams = ["http://127.0.0.1:8080/", "http://10.0.0.7:9000/api/", "file:///var/www/#/static/"]
email_domains = ["*"]
allowed_groups = ["staff", "ops"]
provider = "oidc"
oidc_issuer_url = "https://example.okta.com/oauth2/default"
client_id = "0oa1"
client_secret = "secret"
scope = "openid email profile groups"
cookie_secret = "0123456789abcdef0123456789abcdef"
cookie_expire = "168h0m0s"
skip_auth_routes = ["GET=^/health$", "^/public/.*$"]
pass_host_header = false
set_xauthrequest = true
reverse_proxy = true
banner = "-"
"#,
    );
    has(
        &config,
        &[
            "listen = [\"0.0.0.0:4180\"]",
            "public_url = \"https://internal.example.com\"",
            "callback_path = \"/oauth2/callback\"",
            "[okta]\nissuer = \"https://example.okta.com/oauth2/default\"",
            "absolute_hours = 168",
            "preset = \"auth-request\"",
            "path = \"/api\"\nupstream = \"http://10.0.0.7:9000\"\nallow = { groups = [\"staff\", \"ops\"] }\npreserve_host = false",
            "path_exact = \"/health\"\nupstream = \"http://127.0.0.1:8080\"\nallow = \"public\"",
            "methods = [\"GET\"]",
            "path = \"/public\"",
        ],
    );
    has(
        &said,
        &["banner: left out", "file:///var/www/#/static/", "reverse_proxy: everybody was trusted", "cookie_secret"],
    );
}

/// A restriction that has no counterpart closes, and never opens.
#[test]
fn what_cannot_be_said_here_lets_nobody_in() {
    let env = "OAUTH2_PROXY_UPSTREAMS=http://127.0.0.1:8080\nOAUTH2_PROXY_EMAIL_DOMAINS=example.com\n\
               export OAUTH2_PROXY_OIDC_ISSUER_URL=\"https://login.example.com\"\nOAUTH2_PROXY_CLIENT_ID=x\n";
    let (config, _) = imported(env);
    has(&config, &["email_domains = [\"example.com\"] }", "[[provider]]", "issuer = \"https://login.example.com\""]);
    let (config, said) = imported(&env.replace("=example.com", "=.example.com"));
    has(&config, &["allow = { groups = [\"REPLACE-ME\"] }"]);
    has(&said, &["email_domains: one with all below it has no counterpart"]);
    let (config, said) = imported(
        "routes:\n  - from: https://a.example.com\n    to: http://127.0.0.1:1\n    allowed_users: [jane@example.com]\n    allowed_groups: [ops]\n\
           \x20 - from: https://b.example.com\n    to: http://127.0.0.1:2\n    policy: [{ allow: { and: [{ claim/x: y }] } }]\n",
    );
    has(&config, &["any = [{ groups = [\"ops\"] }, { emails = [\"jane@example.com\"] }]"]);
    assert_eq!(config.matches("REPLACE-ME\"] }").count(), 1, "{config}");
    has(&said, &["routes[1].policy:"]);
}

#[test]
fn oauth2_proxy_s_alpha_configuration_is_taken_over() {
    let (config, said) = imported(
        r#"
server:
  bindAddress: 0.0.0.0:4180
upstreamConfig:
  upstreams:
    - id: api
      path: /api/
      uri: http://127.0.0.1:9000
      passHostHeader: false
    - id: all
      path: ^/.*$
      uri: http://127.0.0.1:8080
injectRequestHeaders:
  - name: X-Forwarded-Groups
    values: [{ claim: groups }]
  - name: X-Forwarded-User
    values: [{ claim: user }]
providers:
  - id: okta
    provider: oidc
    clientID: "0oa1"
    clientSecret: secret
    oidcConfig: { issuerURL: "https://example.okta.com/oauth2/default", groupsClaim: teams }
    allowedGroups: [staff]
"#,
    );
    has(
        &config,
        &[
            "groups_claim = \"teams\"",
            "map = { \"X-Forwarded-Groups\" = \"groups\", \"X-Forwarded-User\" = \"sub\" }",
            "path = \"/api\"\nupstream = \"http://127.0.0.1:9000\"\nallow = { groups = [\"staff\"] }",
        ],
    );
    has(&said, &["server.public_url"]);
}

#[test]
fn authelia_s_rules_are_taken_over() {
    let (config, said) = imported(
        r#"
session:
  cookies:
    - domain: example.com
      authelia_url: https://auth.example.com
      inactivity: 5 minutes
      expiration: 1h
access_control:
  default_policy: deny
  rules:
    - domain: public.example.com
      policy: bypass
    - domain: [wiki.example.com, "*.apps.example.com"]
      subject: ["group:staff", "group:ops"]
      policy: one_factor
    - domain: wiki.example.com
      resources: ["^/admin([/?].*)?$"]
      subject: "group:admins"
      policy: two_factor
    - domain: vault.example.com
      networks: [10.0.0.0/8]
      policy: one_factor
    - domain: mail.example.com
      subject: "user:jane"
      policy: one_factor
authentication_backend: { file: { path: /config/users.yml } }
"#,
    );
    has(
        &config,
        &[
            "public_url = \"https://auth.example.com\"",
            "idle_minutes = 5\nabsolute_hours = 1",
            "preset = \"authelia\"",
            "host = \"public.example.com\"\nallow = \"public\"",
            "host = \"*.apps.example.com\"\nallow = { groups = [\"staff\", \"ops\"] }",
            "host = \"wiki.example.com\"\npath = \"/admin\"\nallow = { groups = [\"admins\"], acr_values",
            "host = \"vault.example.com\"\nallow = { networks = [\"10.0.0.0/8\"] }",
            "host = \"mail.example.com\"\nallow = { users = [\"jane\"] }",
        ],
    );
    has(&said, &["authentication_backend: left out", "the most exact host and path does"]);
    assert!(!config.contains("upstream ="), "the proxy that asks forwards: {config}");
}

#[test]
fn pomerium_s_routes_are_taken_over() {
    let (config, said) = imported(
        r#"
authenticate_service_url: https://authenticate.example.com
idp_provider: okta
idp_provider_url: https://example.okta.com/oauth2/default
idp_client_id: 0oa1
idp_client_secret: secret
cookie_expire: 14h
routes:
  - from: https://verify.example.com
    to: http://verify:8000
    allow_any_authenticated_user: true
    pass_identity_headers: true
    allow_websockets: true
  - from: https://open.example.com
    to: [http://open:80, http://open2:80]
    prefix: /docs/
    allow_public_unauthenticated_access: true
    timeout: 30s
  - from: https://grafana.example.com
    to: http://grafana:3000
    allowed_groups: [ops]
    preserve_host_header: true
    set_request_headers: { X-Env: prod }
    kubernetes_service_account_token: abc
  - from: tcp+https://ssh.example.com:22
    to: tcp://ssh:22
"#,
    );
    has(
        &config,
        &[
            "public_url = \"https://authenticate.example.com\"",
            "absolute_hours = 14",
            "preset = \"pomerium\"",
            "host = \"verify.example.com\"\nupstream = \"http://verify:8000\"\nallow = \"signed-in\"\npreserve_host = false",
            "host = \"open.example.com\"\npath = \"/docs\"\nupstream = \"http://open\"\nallow = \"public\"",
            "timeout_seconds = 30",
            "allow = { groups = [\"ops\"] }",
            "headers = { set = { \"X-Env\" = \"prod\" } }",
        ],
    );
    has(&said, &["only the first of 2", "routes[2].kubernetes_service_account_token: left out", "routes[3].from"]);
    assert!(!config.contains("ssh.example.com"), "{config}");
}

#[test]
fn anything_else_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let source = folder.path().join("source");
    std::fs::write(&source, "hello: world\n").expect("written");
    let made = Command::new(env!("CARGO_BIN_EXE_idx-gateway")).arg("import").arg(&source).output().expect("it runs");
    assert!(!made.status.success() && made.stdout.is_empty());
    assert!(
        String::from_utf8_lossy(&made.stderr).contains("is not a configuration of oauth2-proxy, Authelia or Pomerium")
    );
}
