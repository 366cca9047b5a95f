//! Configurations of other gateways become ones that the gateway would start with, which open nothing more.

use std::process::Command;

/// What `import` makes of files, and what it says beside it.
fn made_of(texts: &[&str]) -> (bool, String, String) {
    let folder = tempfile::tempdir().expect("a folder");
    let mut import = Command::new(env!("CARGO_BIN_EXE_idx-gateway"));
    import.arg("import");
    for (at, text) in texts.iter().enumerate() {
        let source = folder.path().join(at.to_string());
        std::fs::write(&source, text).expect("written");
        import.arg(source);
    }
    let made = import.output().expect("it runs");
    let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
    (made.status.success(), text(&made.stdout), text(&made.stderr))
}

/// The same, where it passes `check`.
fn imported(text: &str) -> (String, String) {
    tested(&[text], &[])
}

/// The same, where it passes `check` with these tests of its own: a request, who asks, and what is expected.
fn tested(texts: &[&str], tests: &[(&str, &str, &str)]) -> (String, String) {
    let (is_well, config, said) = made_of(texts);
    assert!(is_well, "{said}");
    checked(&config, tests);
    (config, said)
}

/// `check` takes this configuration with these tests.
#[track_caller]
fn checked(config: &str, tests: &[(&str, &str, &str)]) {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("gateway.toml");
    let test = |(request, who, expect): &(&str, &str, &str)| {
        format!("[[policy_test]]\nas = {who}\nrequest = \"{request}\"\nexpect = \"{expect}\"\n")
    };
    std::fs::write(&file, format!("{config}\n{}", tests.iter().map(test).collect::<String>())).expect("written");
    let checked = Command::new(env!("CARGO_BIN_EXE_idx-gateway"))
        .args(["check", "--config"])
        .arg(&file)
        .output()
        .expect("it runs");
    assert!(checked.status.success(), "{config}\n{}", String::from_utf8_lossy(&checked.stderr));
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
            "preset = \"oauth2-proxy\"",
            "path = \"/api\"\nupstream = \"http://10.0.0.7:9000\"\nallow = { groups = [\"staff\", \"ops\"] }\npreserve_host = false",
            "path_exact = \"/health\"\nmethods = [\"GET\"]\nupstream = \"http://127.0.0.1:8080\"\nallow = \"public\"",
            "path_regex = \"/public/.*\"",
        ],
    );
    has(
        &said,
        &[
            "banner: left out",
            "file:///var/www/#/static/",
            "reverse_proxy: everybody was trusted",
            "cookie_secret",
            "set_xauthrequest",
        ],
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
           \x20 - from: https://b.example.com\n    to: http://127.0.0.1:2\n    policy: [{ allow: { and: [{ claim/x: y }, { date: { after: z } }] } }]\n",
    );
    has(&config, &["any = [{ groups = [\"ops\"] }, { emails = [\"jane@example.com\"] }]"]);
    assert_eq!(config.matches("REPLACE-ME\"] }").count(), 1, "{config}");
    has(&said, &["routes[1].policy:"]);
}

const ALPHA: &str = r#"
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
    - id: v1
      path: ^/v1/(.*)$
      rewriteTarget: /$1
      uri: https://127.0.0.1:9443
      insecureSkipTLSVerify: true
      proxyWebSockets: false
    - { id: ping, path: /ping, static: true, staticCode: 204 }
  proxyRawPath: true
injectRequestHeaders:
  - name: X-Forwarded-Groups
    values: [{ claim: groups }]
  - name: X-Forwarded-User
    values: [{ claim: user }]
  - name: Authorization
    values: [{ claim: id_token, prefix: "Bearer " }]
  - name: X-Fixed
    values: [{ value: Zml4ZWQ= }]
providers:
  - id: okta
    provider: oidc
    clientID: "0oa1"
    clientSecret: secret
    oidcConfig: { issuerURL: "https://example.okta.com/oauth2/default", groupsClaim: teams, audienceClaims: [aud] }
    allowedGroups: [staff]
"#;

#[test]
fn oauth2_proxy_s_alpha_configuration_is_taken_over() {
    // What stands in the other file narrows who may.
    let (config, said) = imported(ALPHA);
    has(&config, &["allow = { groups = [\"staff\"], email_domains = [\"replace-me.invalid\"] }"]);
    has(&said, &["email_domains, redirect_url and cookies stand in oauth2-proxy's other file"]);
    let other = "email_domains = \"*\"\nredirect_url = \"https://a.example.com/oauth2/callback\"\nskip_auth_routes = \"^/api/open$\"";
    let (config, said) = tested(&[other, ALPHA], &[]);
    has(
        &config,
        &[
            "groups_claim = \"teams\"",
            "map = { \"X-Forwarded-Groups\" = \"groups\", \"X-Forwarded-User\" = \"sub\" }",
            "path = \"/api\"\nupstream = \"http://127.0.0.1:9000\"\nallow = { groups = [\"staff\"] }",
            "path_regex = \"/v1/(.*)\"\nupstream = \"https://127.0.0.1:9443\"",
            "websocket = false\ninsecure = true\nrewrite = { regex = \"/v1/(.*)\", replacement = \"/$1\" }",
            "path_exact = \"/ping\"\nallow = { groups = [\"staff\"] }\nrespond = { status = 204 }",
            "path_exact = \"/api/open\"\nupstream = \"http://127.0.0.1:9000\"\nallow = \"public\"",
            "public_url = \"https://a.example.com\"",
            "authorization = { bearer = \"id_token\" }",
            "set = { \"X-Fixed\" = \"fixed\" }",
        ],
    );
    has(&said, &["upstreamConfig.proxyRawPath: left out", "providers[0].oidcConfig.audienceClaims: left out"]);
    assert!(!config.contains("replace-me"), "{config}");
}

/// As oauth2-proxy writes it since 7.14.
#[test]
fn headers_of_the_alpha_configuration_may_name_their_sources() {
    let start = ALPHA.find("  - name: X-Forwarded-Groups").expect("headers");
    let end = ALPHA.find("providers:").expect("providers");
    let headers = r#"
  - { name: X-User, values: [{ claimSource: { claim: user } }] }
  - { name: X-Dept, values: [{ claimSource: { claim: department, prefix: "d-" } }] }
  - { name: X-Fixed, values: [{ secretSource: { value: Zml4ZWQ= } }] }
  - { name: X-Env, values: [{ secretSource: { fromEnv: A } }] }
  - { name: Authorization, values: [{ claimSource: { claim: email, basicAuthPassword: { value: cHc= } } }] }
"#;
    let (config, said) = imported(&ALPHA.replace(&ALPHA[start..end], headers));
    has(
        &config,
        &[
            "map = { \"X-User\" = \"sub\", \"X-Dept\" = \"d-{department}\" }",
            "set = { \"X-Fixed\" = \"fixed\" }",
            "authorization = { basic = \"email\", password = \"pw\" }",
        ],
    );
    has(&said, &["injectRequestHeaders[3].`X-Env`: left out"]);
}

/// Go's readers take keys in any case, and older files have the list of upstreams outside.
#[test]
fn keys_of_the_alpha_configuration_are_read_in_any_case() {
    let text = "providers: [{provider: oidc, clientID: a, clientSecret: b, oidcConfig: {issuerURL: 'http://login.example.com'}}]\n\
                upstreams: [{ID: x, Path: /, URI: 'http://httpbin'}]\n\
                server: {BindAddress: '0.0.0.0:4180', SecureBindAddress: '', TLS: null}\n";
    let (config, said) = imported(text);
    has(
        &config,
        &["upstream = \"http://httpbin\"", "listen = [\"0.0.0.0:4180\"]", "issuer = \"https://login.example.com\""],
    );
    has(&said, &["issuer: must be https here"]);
    assert!(!said.contains("TLS"), "nothing was said there: {said}");
}

#[test]
fn a_method_that_is_skipped_is_read_in_any_case_and_no_other_word_is_one() {
    let text = "client_id = \"a\"\nemail_domains = [\"*\"]\nupstreams = [\"http://127.0.0.1:8080/\"]\n\
                skip_auth_routes = [\"get=^/open$\", \"POST|GET=^/both$\"]\n";
    let (config, said) = imported(text);
    has(&config, &["path_exact = \"/open\"\nmethods = [\"GET\"]"]);
    has(&said, &["`POST|GET=^/both$` names no one method, and is left out: it stays closed"]);
    assert!(!config.contains("/both"), "{config}");
}

#[test]
fn a_password_of_the_alpha_configuration_is_read_out_of_base64() {
    for (written, password) in
        [("c3VwZXItc2VjcmV0LXBhc3N3b3Jk", "super-secret-password"), ("not base64!", "not base64!")]
    {
        let value = format!("{{ claim: user, prefix: 'Basic ', basicAuthPassword: {{ value: '{written}' }} }}");
        let (config, _) = imported(&ALPHA.replacen("{ claim: id_token, prefix: \"Bearer \" }", &value, 1));
        has(&config, &[&format!("authorization = {{ basic = \"sub\", password = \"{password}\" }}")]);
    }
}

/// nginx and Traefik with oauth2-proxy beside them: it forwards nothing, and is asked at its own address.
#[test]
fn where_oauth2_proxy_forwarded_nothing_it_is_asked() {
    let (config, said) = imported(
        "upstreams = \"static://202\"\nemail_domains = \"*\"\nclient_id = \"a\"\nreverse_proxy = \"true\"\n\
         set_xauthrequest = true\nredirect_url = \"https://a.example.com/oauth2/callback\"\n",
    );
    has(
        &config,
        &[
            "aliases = [\"/oauth2/auth\"]",
            "preset = \"auth-request\"",
            "trusted_proxies = [\"127.0.0.1\"]",
            "[[route]]\nallow = \"signed-in\"",
        ],
    );
    has(&said, &["server.trusted_proxies: made up", "so a proxy in front asks at /oauth2/auth"]);
}

#[test]
fn variables_are_read_as_environment_files_and_compose_files_have_them() {
    let variables = [
        ("CLIENT_ID", "a,b"),
        ("EMAIL_DOMAINS", "a.example,b.example"),
        ("UPSTREAMS", "http://one:80/x,http://two/y/"),
        ("SKIP_AUTH_ROUTES", "^/y/z$"),
    ];
    for (before, between, dollar) in
        [("", "=", "$"), ("export ", "=", "$"), ("      - ", "=", "$$"), ("  ", ": ", "$$")]
    {
        let line = |(name, value): (&str, &str)| {
            format!("{before}OAUTH2_PROXY_{name}{between}{}\n", value.replace('$', dollar))
        };
        let (config, _) = imported(&variables.map(line).concat());
        has(
            &config,
            &[
                "client_id = \"a,b\"",
                "{ email_domains = [\"a.example\", \"b.example\"] }",
                // A path without a slash at its end was that one alone.
                "path_exact = \"/x\"\nupstream = \"http://one\"",
                "path = \"/y\"\nupstream = \"http://two\"",
                "path_exact = \"/y/z\"\nupstream = \"http://two\"\nallow = \"public\"",
            ],
        );
    }
}

#[test]
fn where_oauth2_proxy_called_people_by_their_addresses_so_does_the_gateway() {
    let text =
        "client_id = \"a\"\nemail_domains = [\"*\"]\nbasic_auth_password = \"pw\"\nprefer_email_to_user = true\n";
    let (config, _) = imported(&format!("{text}upstreams = [\"http://127.0.0.1:1/\"]\n"));
    has(
        &config,
        &[
            "preset = \"none\"\nmap = { \"X-Forwarded-User\" = \"email\", \"X-Forwarded-Groups\" = \"groups\", \
             \"X-Forwarded-Preferred-Username\" = \"preferred_username\" }",
            "authorization = { basic = \"email\", password = \"pw\" }",
        ],
    );
    // To a proxy that asks, the user is said beside the address, and Basic only where it is set.
    let asked = format!("{text}set_xauthrequest = true\n");
    let (config, _) = imported(&asked);
    has(&config, &["preset = \"auth-request\""]);
    assert!(!config.contains("map = ") && !config.contains("basic"), "{config}");
    let (config, _) = imported(&format!("{asked}set_basic_auth = true\n"));
    has(&config, &["authorization = { basic = \"email\", password = \"pw\" }"]);
}

/// Flags go before variables, and these before the file; what flags and other files say that were not read opens nothing.
#[test]
fn flags_of_a_compose_file_are_read() {
    let service = |service: &str| {
        format!(
            "services:\n  traefik:\n    image: traefik\n    command: --client-id=theirs\n  o:\n    {}\n    environment:\n      \
             OAUTH2_PROXY_CLIENT_ID: c\n      OAUTH2_PROXY_EMAIL_DOMAINS: \"*\"\n      OAUTH2_PROXY_UPSTREAMS: http://app\n",
            service
        )
    };
    let narrow = "allow = { groups = [\"admins\", \"ops\", \"x\"], email_domains = [\"example.com\"] }";
    let nobody = "allow = { groups = [\"REPLACE-ME\"] }";
    for (text, expected) in [
        ("image: x", "allow = \"signed-in\""),
        (
            "image: x\n    command: [--allowed-group=admins, --email-domain, example.com, --reverse-proxy, '--allowed-group=ops,x']",
            narrow,
        ),
        (
            "entrypoint: /bin/oauth2-proxy\n    command: --allowed-group admins,ops --email-domain='example.com' --allowed-group=\"x\"",
            narrow,
        ),
        (
            "command: [sh, -c, 'exec oauth2-proxy --email-domain=example.com --allowed-group=admins --allowed-group=ops,x']",
            narrow,
        ),
        ("command: --github-org=acme", nobody),
        ("command: [--config=/etc/oauth2-proxy.cfg]", nobody),
        ("command: [--alpha-config, /etc/alpha.yaml]", nobody),
        ("env_file: more.env", nobody),
        ("command: !reset [--allowed-group=admins", nobody),
        ("image: oauth2-proxy\n  p:\n    image: quay.io/oauth2-proxy/oauth2-proxy", nobody),
    ] {
        let (config, _) = imported(&service(text));
        has(&config, &["client_id = \"c\"", expected]);
        assert_eq!(config.matches("allow = ").count(), 1, "{config}");
    }
    // What is named and given is no reason to close, and the file is overridden.
    let cfg = "email_domains = [\"*\"]\nallowed_groups = [\"g\"]\nupstreams = [\"http://other\"]\n";
    let compose = service("command: [--config=/o.cfg, --email-domain=example.com]");
    for files in [[cfg, &compose], [&compose, cfg]] {
        let (config, _) = tested(&files, &[]);
        has(&config, &["upstream = \"http://app\"\nallow = { groups = [\"g\"], email_domains = [\"example.com\"] }"]);
    }
}

/// Whatever narrowed who may there narrows here, too, or nobody may.
#[test]
fn no_restriction_of_oauth2_proxy_is_lost() {
    let file = "upstreams = \"http://127.0.0.1:8080\"\nclient_id = \"a\"\n";
    let (nobody, anybody) = ("{ groups = [\"REPLACE-ME\"] }", "\"signed-in\"");
    let roles = "{ any = [{ claims = { \"realm_access.roles\" = [\"admin\"] } }, \
                 { claims = { \"resource_access.app.roles\" = [\"ops\"] } }] }";
    for (more, expected, word) in [
        ("", nobody, "email_domains: not given"),
        ("email_domains = \"*\"", anybody, "public_url"),
        (
            "email_domains = \"*\"\ngithub_org = \"acme\"\nprovider = \"github\"",
            nobody,
            "github_org: has no counterpart",
        ),
        ("email_domains = \"*\"\ngoogle_groups = [\"a\"]", nobody, "google_groups: has no counterpart"),
        ("authenticated_emails_file = \"/e\"", nobody, "authenticated_emails_file: write"),
        (
            "authenticated_emails_file = \"/e\"\nemail_domains = \"a.example\"",
            "{ email_domains = [\"a.example\"] }",
            "authenticated_emails_file: write",
        ),
        ("email_domains = \"*\"\nallowed_roles = [\"admin\", \"app:ops\"]", roles, "allowed_roles"),
        ("email_domains = \"*\"\nskip_auth_routes = [\"GET!=^/x\"]", anybody, "is negated"),
        ("email_domains = \"*\"\nskip_auth_routes = [\"^/x(?!y)\"]", anybody, "no expression"),
    ] {
        let (config, said) = imported(&format!("{file}{more}"));
        has(&config, &[&format!("allow = {expected}")]);
        has(&said, &[word]);
        assert!(!config.contains("\"public\""), "{config}");
    }
}

#[test]
fn further_settings_of_oauth2_proxy_have_counterparts() {
    let (config, said) = imported(
        r#"
upstreams = "https://127.0.0.1:8443"
client_id = "a"
client_secret_file = "/nowhere/secret"
email_domains = "*"
provider = "entra-id"
provider_display_name = "Staff"
azure_tenant = "t"
ssl_upstream_insecure_skip_verify = true
upstream_timeout = "90s"
proxy_websockets = false
pass_user_headers = false
pass_basic_auth = false
session_store_type = "redis"
redis_connection_url = "redis://r:6379/1"
metrics_address = "127.0.0.1:9100"
tls_cert_file = "/nowhere/c.pem"
tls_key_file = "/nowhere/k.pem"
"#,
    );
    has(
        &config,
        &[
            "timeout_seconds = 90\nwebsocket = false\ninsecure = true",
            "preset = \"none\"",
            "title = \"Staff\"",
            "store = \"redis\"\n\n[session.redis]\nurl = \"redis://r:6379/1\"",
            "[admin]\nlisten = \"127.0.0.1:9100\"",
            "issuer = \"https://login.microsoftonline.com/t/v2.0\"",
        ],
    );
    has(
        &said,
        &["client_secret = { file = \"/nowhere/secret\" }", "`/nowhere/c.pem`, `/nowhere/k.pem`: not found here"],
    );
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
            "host = \"wiki.example.com\"\npath = \"/admin\"\nallow = { any = [{ groups = [\"staff\", \"ops\"] }, { groups = [\"admins\"], acr_values",
            "host = \"vault.example.com\"\nallow = { networks = [\"10.0.0.0/8\"] }",
            "host = \"mail.example.com\"\nallow = { users = [\"jane\"] }",
        ],
    );
    has(&said, &["authentication_backend: left out", "the most exact host and path does"]);
    assert!(!config.contains("upstream ="), "the proxy that asks forwards: {config}");
    has(&config, &["aliases = [\"/api/authz/auth-request\", \"/api/authz/forward-auth\"]"]);
}

/// There the first rule that matched decided; here the most exact route does. Asked about the same requests, both say
/// the same, or this one less.
#[test]
fn the_order_of_authelia_s_rules_opens_nothing() {
    let rules = r#"
session: { cookies: [{ domain: example.com, authelia_url: "https://auth.example.com" }] }
definitions: { network: { internal: [10.0.0.0/8] } }
access_control:
  default_policy: one_factor
  rules:
    - { domain: "*.example.com", resources: ["^/admin([/?].*)?$"], policy: deny }
    - { domain: wiki.example.com, policy: bypass }
    - { domain: wiki.example.com, resources: ["^/late$"], policy: deny }
    - { domain: api.example.com, methods: [OPTIONS], policy: bypass }
    - { domain: api.example.com, resources: ["^/v1/.*$"], subject: "group:machines", policy: one_factor }
    - { domain: api.example.com, subject: "group:banned", policy: deny }
    - { domain: api.example.com, policy: one_factor }
    - { domain: hr.example.com, subject: [["group:hr", "group:staff"], "user:boss"], policy: one_factor }
    - { domain: hr.example.com, policy: deny }
    - { domain: in.example.com, networks: [internal], policy: one_factor }
    - { domain: in.example.com, policy: two_factor }
    - { domain: in.example.com, resources: ["^/x/"], policy: deny }
    - { domain: q.example.com, query: [[{ operator: present, key: x }]], policy: bypass }
    - { domain: "{user}.home.example.com", policy: one_factor }
    - { domain: x.home.example.com, policy: bypass }
    - { domain_regex: '^r[0-9]\.example\.com$', policy: deny }
    - { domain: r1.example.com, policy: bypass }
    - { domain: "*.Case.Example.com", policy: deny }
    - { domain: x.case.example.com, policy: bypass }
"#;
    let (anybody, nobody) = ("\"signed-in\"", "\"nobody\"");
    let (config, said) = tested(
        &[rules],
        &[
            ("GET https://wiki.example.com/", nobody, "pass"),
            ("GET https://wiki.example.com/late", nobody, "pass"),
            ("GET https://wiki.example.com/admin/x", anybody, "refuse"),
            ("GET https://other.example.com/", anybody, "refuse"),
            ("OPTIONS https://api.example.com/", nobody, "pass"),
            ("OPTIONS https://api.example.com/v1/x", nobody, "pass"),
            ("OPTIONS https://api.example.com/admin", anybody, "refuse"),
            ("GET https://api.example.com/", nobody, "sign-in"),
            ("GET https://api.example.com/", anybody, "pass"),
            ("GET https://api.example.com/", "{ groups = [\"banned\"] }", "refuse"),
            ("GET https://api.example.com/v1/x", "{ groups = [\"banned\"] }", "refuse"),
            ("GET https://api.example.com/v1/x", "{ groups = [\"banned\", \"machines\"] }", "pass"),
            ("GET https://hr.example.com/", "{ groups = [\"hr\"] }", "refuse"),
            ("GET https://hr.example.com/", "{ groups = [\"hr\", \"staff\"] }", "pass"),
            ("GET https://hr.example.com/", "{ user = \"boss\" }", "pass"),
            ("GET https://in.example.com/\"\nfrom = \"10.0.0.1", anybody, "pass"),
            ("GET https://in.example.com/\"\nfrom = \"192.0.2.1", anybody, "refuse"),
            ("GET https://q.example.com/?y", anybody, "refuse"),
            ("GET https://x.home.example.com/", anybody, "refuse"),
            ("GET https://r1.example.com/", anybody, "refuse"),
            ("GET https://x.case.example.com/", anybody, "refuse"),
        ],
    );
    assert!(config.contains("host = \"r1.example.com\""), "{config}");
    has(
        &said,
        &["rules[10]: left out, since from networks that access_control.rules[9] does not name nobody may here"],
    );
}

const POMERIUM_ROUTES: &str = r#"
- from: https://a.example.com
  to: http://a:1/below/
  policy:
    - allow: { or: [{ domain: { is: example.com } }, { email: { in: [x@y.example, z@y.example] } }, { date: { after: x } }] }
    - deny: { or: [{ groups: { has: banned } }] }
- from: https://b.example.com
  prefix: /admin
  to: [ "https://b:1,2", "https://b:2" ]
  prefix_rewrite: /
  tls_skip_verify: true
  pass_identity_headers: false
  set_request_headers: { X-Env: prod, Authorization: "Bearer x", X-Token: "${pomerium.id_token}" }
  policy: { allow: { and: [{ claim/dept: eng }, { http_method: { is: GET } }], not: [{ user: { is: bob } }] } }
- from: https://c.example.com
  to: http://c:1
  regex: ^/v([0-9])/(.*)$
  regex_rewrite_pattern: ^/v([0-9])/(.*)$
  regex_rewrite_substitution: /\2/\1
  policy: { allow: { or: [{ authenticated_user: true }] } }
- from: https://d.example.com
  redirect: { host_redirect: e.example.com, strip_query: true, response_code: 308 }
  policy: { allow: { or: [{ accept: true }] } }
- from: https://f.example.com
  response: { status: 410, body: gone }
  policy: { allow: { or: [{ device: { is: x } }] } }
- from: https://g.example.com
  to: http://g:1
  policy: [{ allow: { or: [{ accept: true }] } }, { deny: { or: [{ device: { is: x } }] } }]
- from: https://i.example.com
  to: http://i:1
  regex: ^/.*secret.*$
  allowed_groups: [few]
- from: https://i.example.com
  to: http://i:1
  prefix: /public
  allow_public_unauthenticated_access: true
- from: https://i.example.com
  to: http://i:1
  prefix: /admin
  allowed_groups: [few]
- from: https://i.example.com
  to: http://i:1
  allow_any_authenticated_user: true
- from: https://h.example.com
  to: http://h:1
  regex_rewrite_pattern: x
  regex_rewrite_substitution: y
  policy: { allow: { or: [{ accept: true }] } }
"#;

/// Who asks for what, and what becomes of it.
const POMERIUM_REQUESTS: [(&str, &str, &str); 20] = [
    ("GET https://a.example.com/", "{ email = \"jane@example.com\" }", "pass"),
    ("GET https://a.example.com/", "{ email = \"x@y.example\" }", "pass"),
    ("GET https://a.example.com/", "{ email = \"w@y.example\" }", "refuse"),
    ("GET https://a.example.com/", "{ email = \"x@y.example\", groups = [\"banned\"] }", "refuse"),
    ("GET https://b.example.com/admin", "{ claims = { dept = \"eng\" }, user = \"eve\" }", "pass"),
    // Of two operators one is enough.
    ("GET https://b.example.com/admin", "{ claims = { dept = \"eng\" }, user = \"bob\" }", "pass"),
    ("GET https://b.example.com/admin", "{ user = \"bob\" }", "refuse"),
    ("POST https://b.example.com/admin", "{ claims = { dept = \"eng\" }, user = \"bob\" }", "refuse"),
    ("POST https://b.example.com/admin", "{ user = \"eve\" }", "pass"),
    ("GET https://c.example.com/v1/x", "\"nobody\"", "sign-in"),
    ("GET https://c.example.com/v1/x", "\"signed-in\"", "pass"),
    ("GET https://d.example.com/", "\"nobody\"", "pass"),
    ("GET https://f.example.com/", "\"signed-in\"", "refuse"),
    ("GET https://g.example.com/", "\"signed-in\"", "refuse"),
    ("GET https://h.example.com/", "\"signed-in\"", "refuse"),
    // An expression was asked before prefixes, and a prefix ended anywhere.
    ("GET https://i.example.com/public/secret", "\"signed-in\"", "refuse"),
    ("GET https://i.example.com/x/secret", "\"signed-in\"", "refuse"),
    ("GET https://i.example.com/administrator", "\"signed-in\"", "refuse"),
    ("GET https://i.example.com/administrator", "{ groups = [\"few\"] }", "pass"),
    ("GET https://i.example.com/other", "\"signed-in\"", "pass"),
];

#[test]
fn pomerium_s_policies_and_further_settings_have_counterparts() {
    let (config, said) = tested(&[POMERIUM_ROUTES], &POMERIUM_REQUESTS);
    has(
        &config,
        &[
            "rewrite = { regex = \"(.*)\", replacement = \"/below$1\" }",
            "upstream = [{ url = \"https://b:1\", weight = 2 }, { url = \"https://b:2\", weight = 1 }]",
            "strip_prefix = true\ninsecure = true\nheaders = { preset = \"none\", set = { \"X-Env\" = \"prod\" } }",
            "rewrite = { regex = \"/v([0-9])/(.*)\", replacement = \"/${2}/${1}\" }",
            "redirect = { to = \"https://e.example.com{path}\", status = 308 }",
            "respond = { status = 410, body = \"gone\" }",
        ],
    );
    has(&said, &["set_request_headers.Authorization: left out", "set_request_headers.X-Token: left out"]);
    has(&said, &["routes[4].policy: its `allow` has no counterpart", "routes[5].policy: its `deny`"]);
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
            "host = \"open.example.com\"\npath_regex = \"/docs/.*\"\nupstream = [{ url = \"http://open\", weight = 1 }, { url = \"http://open2\", weight = 1 }]\nallow = \"public\"",
            "timeout_seconds = 30",
            "allow = { groups = [\"ops\"] }",
            "headers = { set = { \"X-Env\" = \"prod\" } }",
        ],
    );
    has(&said, &["routes[2].kubernetes_service_account_token: left out", "routes[3].from"]);
    has(&said, &["pass_identity_headers: routes that do not say so tell their applications who asks, too"]);
    assert!(!config.contains("ssh.example.com"), "{config}");
}

/// Somebody whom Pomerium refused by a criterion that has no counterpart is not let in because another one has.
#[test]
fn what_pomerium_refused_is_refused_though_only_a_part_has_a_counterpart() {
    let routes = |criteria: &str| {
        format!(
            "routes:\n  - from: https://a.example.com\n    to: http://a:1\n    policy: [{{ allow: {{ or: [{{ authenticated_user: true }}] }} }}, \
             {{ deny: {{ or: [{criteria}] }} }}]\n"
        )
    };
    let request = "GET https://a.example.com/";
    let (bad, good) = ("{ email = \"bad@example.com\" }", "{ email = \"good@example.com\" }");
    let of = "{ email: { is: bad@example.com } }, { domain: x.com }";
    let (config, _) = tested(&[&routes(of)], &[(request, bad, "refuse"), (request, good, "pass")]);
    has(&config, &["not = { any = [{ emails = [\"bad@example.com\"] }, { email_domains = [\"x.com\"] }] }"]);
    let (_, said) = tested(&[&routes(&format!("{of}, {{ device: {{ is: x }} }}"))], &[(request, good, "refuse")]);
    has(&said, &["routes[0].policy: its `deny` has no counterpart"]);
}

/// What Pomerium's operators mean, alone, together and beside the route's own lists.
#[test]
fn pomerium_s_operators_mean_what_they_mean_there() {
    let (a, b) = ("{ groups: { has: a } }", "{ groups: { has: b } }");
    let (nobody, none, only_a, only_b, both) = (
        "\"nobody\"",
        "{ groups = [\"x\"] }",
        "{ groups = [\"a\"] }",
        "{ groups = [\"b\"] }",
        "{ groups = [\"a\", \"b\"] }",
    );
    let all = |of: [&'static str; 4]| [none, only_a, only_b, both].into_iter().zip(of);
    for (settings, expected) in [
        (format!("policy: [{{ allow: {{ and: [{a}, {b}] }} }}]"), ["refuse", "refuse", "refuse", "pass"]),
        (format!("policy: [{{ allow: {{ or: [{a}, {b}] }} }}]"), ["refuse", "pass", "pass", "pass"]),
        (format!("policy: [{{ allow: {{ not: [{a}, {b}] }} }}]"), ["pass", "refuse", "refuse", "refuse"]),
        (format!("policy: [{{ allow: {{ nor: [{a}, {b}] }} }}]"), ["pass", "pass", "pass", "refuse"]),
        // An operator without criteria is none, and of several one is enough.
        ("policy: [{ allow: { and: [] } }]".to_owned(), ["refuse"; 4]),
        ("policy: [{ allow: {} }]".to_owned(), ["refuse"; 4]),
        ("policy: [{ allow: { or: [] } }]".to_owned(), ["refuse"; 4]),
        (format!("policy: [{{ allow: {{ and: [{a}], or: [{b}] }} }}]"), ["refuse", "pass", "pass", "pass"]),
        (format!("policy: [{{ allow: {{ and: [{a}] }} }}, {{ allow: {{ and: [{b}] }} }}]"), ["refuse", "pass", "pass", "pass"]),
        // Whoever a `deny` names is refused, whatever else lets them in.
        (
            format!("allow_any_authenticated_user: true\n    policy: [{{ deny: {{ or: [{a}], and: [{b}] }} }}]"),
            ["pass", "refuse", "refuse", "refuse"],
        ),
        (
            format!("allow_any_authenticated_user: true\n    policy: [{{ deny: {{ nor: [{a}, {b}] }} }}]"),
            ["refuse", "refuse", "refuse", "pass"],
        ),
        (
            format!("allow_any_authenticated_user: true\n    policy: [{{ deny: {{ not: [{a}], or: [{b}] }} }}]"),
            ["refuse", "pass", "refuse", "refuse"],
        ),
        (format!("allowed_groups: [a]\n    policy: [{{ deny: {{ or: [{b}] }} }}]"), ["refuse", "pass", "refuse", "refuse"]),
        (format!("allowed_groups: [a]\n    policy: [{{ allow: {{ or: [{b}] }} }}]"), ["refuse", "pass", "pass", "pass"]),
        // A public route cannot be narrowed here.
        (
            "allow_public_unauthenticated_access: true\n    policy: [{ deny: { or: [{ http_method: { is: DELETE } }] } }]"
                .to_owned(),
            ["refuse"; 4],
        ),
    ] {
        let routes = format!("routes:\n  - from: https://a.example.com\n    to: http://a:1\n    {settings}\n");
        let tests: Vec<_> = all(expected).map(|(who, expect)| ("GET https://a.example.com/", who, expect)).collect();
        let (config, _) = tested(&[&routes], &[&tests[..], &[("GET https://a.example.com/", nobody, "sign-in")]].concat());
        assert!(!config.contains("\"public\""), "{settings}: {config}");
    }
}

/// Envoy compares the whole path, whatever stands between the bars.
#[test]
fn an_expression_of_pomerium_matches_a_whole_path() {
    let route = |regex: &str| {
        format!(
            "routes:\n  - from: https://a.example.com\n    to: http://a:1\n    regex: '{regex}'\n    allow_public_unauthenticated_access: true\n"
        )
    };
    for regex in ["/health|/status", "^/health$|^/status$", "^/(health|status)$", "\\/health|\\/status"] {
        let (config, _) = tested(
            &[&route(regex)],
            &[
                ("GET https://a.example.com/health", "\"nobody\"", "pass"),
                ("GET https://a.example.com/status", "\"nobody\"", "pass"),
                ("GET https://a.example.com/healthsecret", "\"nobody\"", "refuse"),
                ("GET https://a.example.com/payroll/status", "\"nobody\"", "refuse"),
            ],
        );
        assert!(!config.contains(".*"), "{regex}: {config}");
    }
}

/// Two routes with the same address apart from `path` and `path_exact`, and one with a host that no route can have.
#[test]
fn what_is_printed_passes_check_whatever_its_routes_would_be_called() {
    let cfg = "client_id = \"a\"\nemail_domains = [\"*\"]\nupstreams = [\"http://10.0.0.1:80/\"]\nskip_auth_routes = [\"^/$\"]\n";
    tested(
        &[cfg],
        &[
            ("GET https://gateway.example.com/", "\"nobody\"", "pass"),
            ("GET https://gateway.example.com/x", "\"nobody\"", "sign-in"),
        ],
    );
    let authelia = "access_control:\n  rules:\n    - { domain: a.example.com, resources: ['^/$'], policy: one_factor }\n    \
                    - { domain: a.example.com, policy: deny }\n";
    let address = "GET https://a.example.com/";
    tested(
        &[authelia],
        &[(address, "\"signed-in\"", "pass"), ("GET https://a.example.com/x", "\"signed-in\"", "refuse")],
    );
    let long = "x".repeat(120);
    let pomerium = format!(
        "routes:\n  - {{ from: 'https://a.example.com', path: /, to: 'http://a:1', allow_public_unauthenticated_access: true }}\n  \
         - {{ from: 'https://a.example.com', to: 'http://a:1', allow_any_authenticated_user: true }}\n  \
         - {{ from: 'https://a.example.com', path: /x, to: 'http://a:1', allowed_groups: [g] }}\n  \
         - {{ from: 'https://a.example.com', prefix: /x, to: 'http://a:1', allow_any_authenticated_user: true }}\n  \
         - {{ from: 'https://a.example.com', prefix: /{long}, to: 'http://a:1', allow_any_authenticated_user: true }}\n  \
         - {{ from: 'https://x-*.example.com', to: 'http://a:1', allowed_groups: [few] }}\n  \
         - {{ from: 'https://*.example.com', to: 'http://a:1', allow_any_authenticated_user: true }}\n"
    );
    let (_, said) = tested(
        &[&pomerium],
        &[
            (address, "\"nobody\"", "pass"),
            ("GET https://a.example.com/x", "\"signed-in\"", "refuse"),
            ("GET https://a.example.com/x/y", "\"signed-in\"", "pass"),
            // Its requests fall to the wider host, which let in more.
            ("GET https://x-1.example.com/", "\"signed-in\"", "refuse"),
            ("GET https://x-1.example.com/", "{ groups = [\"few\"] }", "pass"),
        ],
    );
    has(&said, &["x-*.example.com/: no route can have that host, and it is left out"]);
}

/// Of several things that oauth2-proxy could send as Authorization one is sent here, and the others are named.
#[test]
fn what_is_left_out_of_authorization_is_named() {
    let cfg = "client_id = \"a\"\nemail_domains = [\"*\"]\nupstreams = [\"http://127.0.0.1:1/\"]\nbasic_auth_password = \"pw\"\n\
               pass_basic_auth = true\npass_authorization_header = true\nset_authorization_header = true\nskip_auth_routes = [\"^//x\"]\n";
    let (config, said) = imported(cfg);
    has(&config, &["authorization = { bearer = \"id_token\" }", "path_regex = \"//x(/.*)?\""]);
    has(&said, &["basic_auth_password: left out", "set_authorization_header: left out"]);
    let two = "  - name: Authorization\n    values: [{ claim: access_token, prefix: \"Bearer \" }]\n";
    let alpha = ALPHA.replace("  - name: X-Fixed\n", &format!("{two}  - name: X-Fixed\n"));
    // A path with a target to rewrite to is an expression there.
    let upstream = "    - { id: x, path: '^/x/', rewriteTarget: /y/, uri: 'http://127.0.0.1:2' }\n    \
                    - { id: w, path: '^/w/(.*)|^/v/(.*)', rewriteTarget: '/w/$1', uri: 'http://127.0.0.1:2' }\n    \
                    - { id: z, path: '/z(/.*)?', rewriteTarget: '/$1', uri: 'http://127.0.0.1:2' }\n";
    let alpha = alpha.replace("    - id: v1\n", &format!("{upstream}    - id: v1\n"));
    let (config, said) = imported(&alpha);
    has(
        &config,
        &["rewrite = { regex = \"/x/(?P<rest>.*)\", replacement = \"/y/${rest}\" }", "path_regex = \".*/z(/.*)?.*\""],
    );
    has(&said, &["`Authorization`: left out, an earlier one is sent"]);
    has(&said, &["rewriteTarget: `/$1` has no counterpart", "rewriteTarget: `/w/$1` has no counterpart"]);
    assert_eq!(config.matches("authorization = ").count(), 1, "{config}");
}

const NARROW: &str = "allow = { groups = [\"admins\"], email_domains = [\"example.com\"] }";
const NOBODY: &str = "allow = { groups = [\"REPLACE-ME\"] }";

const COMPOSE: &str = r#"
x-env: &env
  OAUTH2_PROXY_CLIENT_ID: c
  OAUTH2_PROXY_UPSTREAMS: http://app
  OAUTH2_PROXY_EMAIL_DOMAINS: "*"
x-common: &common
  image: quay.io/oauth2-proxy/oauth2-proxy
  command: [--allowed-group=admins]
services:
  db: { image: postgres }
  proxy:
    <<: [*common, { command: [] }]
    environment:
      <<: *env
      OAUTH2_PROXY_EMAIL_DOMAINS: example.com
"#;

/// What stands elsewhere opens nothing.
#[test]
fn flags_and_variables_are_read_in_a_compose_file_with_anchors_and_merge_keys() {
    let (config, _) = imported(COMPOSE);
    has(&config, &["client_id = \"c\"", "upstream = \"http://app\"", NARROW]);
    for (line, expected) in [
        ("OAUTH2_PROXY_EMAIL_DOMAINS: ${DOMAINS}", NOBODY),
        ("OAUTH2_PROXY_EMAIL_DOMAINS: ${DOMAINS:-example.com}", NARROW),
        ("OAUTH2_PROXY_EMAIL_DOMAINS: example.com\n      OAUTH2_PROXY_CLIENT_SECRET: ${SECRET}", NARROW),
    ] {
        let (config, said) = imported(&COMPOSE.replace("OAUTH2_PROXY_EMAIL_DOMAINS: example.com", line));
        has(&config, &[expected]);
        assert_eq!(said.contains("email_domains: stands elsewhere"), expected == NOBODY, "{said}");
        assert_eq!(said.contains("email_domains: what stands behind `:-` is taken"), line.contains(":-"), "{said}");
    }
}

const DEPLOYMENT: &str = r#"
apiVersion: v1
kind: Service
metadata: { name: proxy }
spec: { ports: [{ port: 4180 }] }
---
apiVersion: apps/v1
kind: Deployment
spec:
  template:
    spec:
      containers:
        - { name: other, image: nginx, args: [--allowed-group=theirs] }
        - name: proxy
          image: quay.io/oauth2-proxy/oauth2-proxy:v7
          args:
            - --upstream=http://$(APP)
            - --allowed-group=admins
            - --email-domain
            - example.com
          env:
            - { name: APP, value: app }
            - { name: OAUTH2_PROXY_CLIENT_ID, value: c }
            - { name: OAUTH2_PROXY_CLIENT_SECRET, valueFrom: { secretKeyRef: { name: s, key: k } } }
"#;

/// What stands elsewhere opens nothing.
#[test]
fn flags_and_variables_are_read_in_manifests_of_kubernetes() {
    let (config, said) = imported(DEPLOYMENT);
    has(&config, &["client_id = \"c\"", "upstream = \"http://app\"", NARROW, "client_secret = \"REPLACE-ME\""]);
    assert!(!said.contains("theirs"), "{said}");
    for (from, to, word) in [
        ("- --allowed-group=admins", "- --allowed-group=$(GROUP)", "allowed_groups: stands elsewhere"),
        ("env:\n", "envFrom: [{ configMapRef: { name: c } }]\n          env:\n", "env_from: stands elsewhere"),
        (
            "- { name: APP, value: app }",
            "- { name: APP, value: app }\n            - { name: OAUTH2_PROXY_ALLOWED_ROLES, valueFrom: { configMapKeyRef: { name: a, key: b } } }",
            "allowed_roles: stands elsewhere",
        ),
        ("- --allowed-group=admins", "- --config=/etc/o.cfg", "config: names another file"),
    ] {
        let (config, said) = imported(&DEPLOYMENT.replace(from, to));
        has(&config, &[NOBODY]);
        has(&said, &[word]);
    }
    // The file that such a flag names, in a ConfigMap beside it.
    let map = "---\nkind: ConfigMap\napiVersion: v1\ndata:\n  o.cfg: |\n    email_domains = [\"example.com\"]\n    allowed_groups = [\"admins\"]\n";
    let deployment = DEPLOYMENT
        .replace("            - --allowed-group=admins\n", "            - --config=/etc/o.cfg\n")
        .replace("            - --email-domain\n            - example.com\n", "");
    let (config, _) = imported(&format!("{deployment}{map}"));
    has(&config, &[NARROW]);
}

/// Whoever had no certificate of the authority got nowhere, whatever a route says besides.
#[test]
fn where_clients_showed_a_certificate_nobody_is_let_in() {
    let pomerium = |top: &str, of_route: &str| {
        format!(
            "{top}authenticate_service_url: https://a.example.com\nroutes:\n  - from: https://a.example.com\n    to: http://127.0.0.1:1\n    \
             allow_public_unauthenticated_access: true\n{of_route}  - from: https://b.example.com\n    to: http://127.0.0.1:1\n    \
             allow_public_unauthenticated_access: true\n"
        )
    };
    let cfg = "client_id = \"a\"\nemail_domains = [\"*\"]\nupstreams = [\"http://127.0.0.1:1/\"]\n";
    let skip = "skip_auth_routes = [\"^/open\"]\n";
    for (text, closed) in [
        (pomerium("", ""), 0),
        (pomerium("downstream_mtls: { ca_file: ca.pem, enforcement: reject_connection }\n", ""), 2),
        (pomerium("client_ca_file: ca.pem\n", ""), 2),
        (pomerium("", "    tls_downstream_client_ca_file: ca.pem\n"), 1),
        (format!("{cfg}{skip}tls_client_ca_file = \"ca.pem\"\n"), 3),
    ] {
        let (config, said) = imported(&text);
        assert_eq!(config.matches(NOBODY).count(), closed, "{text}\n{config}");
        assert_eq!(said.contains("tls.client_certificates"), closed > 0, "{said}");
    }
}

/// What lies below a path stays open beside a part of it that is closed.
#[test]
fn a_part_that_an_earlier_rule_of_authelia_closes_does_not_close_the_rest() {
    let rules = "access_control:\n  rules:\n\
        \x20   - { domain: a.example.com, resources: ['^/p/secret'], policy: deny }\n\
        \x20   - { domain: a.example.com, resources: ['^/p/.*$'], policy: bypass }\n";
    let at = |path: &str| format!("GET https://a.example.com{path}");
    let (open, secret) = (at("/p/open"), at("/p/secrets/x"));

    tested(&[rules], &[(&open, "\"nobody\"", "pass"), (&secret, "\"signed-in\"", "refuse")]);
}

/// Authelia's expressions saw the query; where that may open more, it is said.
#[test]
fn rules_that_looked_at_the_query_are_named() {
    let rules = "access_control:\n  rules:\n\
        \x20   - { domain: a.example.com, resources: ['^/api$'], policy: bypass }\n\
        \x20   - { domain: a.example.com, resources: ['/admin', '^/x/[^/]+$'], policy: deny }\n\
        \x20   - { domain: a.example.com, resources: ['^/own$', '/path', '^/ok([/?].*)?$'], policy: one_factor }\n\
        \x20   - { domain: a.example.com, resources: ['^/p/.*$', '^/q', '^/r([/?].*)?$', '/s', '^/.*$'], policy: bypass }\n\
        \x20   - { domain: b.example.com, resources: ['^/p/.*$', '^/q', '^/r$', '^/s([/?].*)?$', '/'], policy: deny }\n";
    let (_, said) = imported(rules);
    let of = |at: usize, text: &str, what: &str| format!("access_control.rules[{at}]: resources: `{text}` {what}");
    let (any, none) = ("did not match a path with a query", "could match a query");
    let expected = [
        of(0, "^/api$", any),
        of(1, "/admin", none),
        of(1, "^/x/[^/]+$", none),
        of(2, "^/own$", any),
        of(2, "/path", none),
    ];
    has(&said, &expected.each_ref().map(String::as_str));
    assert_eq!(said.matches("resources: `").count(), expected.len(), "{said}");
}

/// An expression or a prefix with a slash at its end did not match the path without the slash.
#[test]
fn what_opened_only_what_lies_below_opens_no_more() {
    let open = |host: &str, path: &str, expect| {
        let request = format!("GET https://{host}.example.com{path}");
        (request, "\"nobody\"", expect)
    };
    let oauth2_proxy = "client_id = \"a\"\nemail_domains = [\"*\"]\nredirect_url = \"https://a.example.com/oauth2/callback\"\n\
                        upstreams = [\"http://127.0.0.1:8080/\", \"http://127.0.0.1:9000/q/\"]\n\
                        skip_auth_routes = ['^/p/.*$', '^/q/.*']\n";
    let authelia = "session: { cookies: [{ domain: example.com, authelia_url: 'https://auth.example.com' }] }\n\
                    access_control:\n  default_policy: one_factor\n  rules:\n\
                    \x20   - { domain: a.example.com, resources: ['^/p/.*$', '^/q/.*'], policy: bypass }\n\
                    \x20   - { domain: a.example.com, resources: ['^/p/x(/.*)?$'], policy: deny }\n";
    let pomerium = "routes:\n\
        \x20 - { from: 'https://a.example.com', to: 'http://a:1', prefix: /p/, prefix_rewrite: /, allow_public_unauthenticated_access: true }\n\
        \x20 - { from: 'https://a.example.com', to: 'http://a:1', prefix: /q/, allow_public_unauthenticated_access: true }\n\
        \x20 - { from: 'https://a.example.com', to: 'http://b:1', regex: '^/q/[0-9]+$', allow_any_authenticated_user: true }\n\
        \x20 - { from: 'https://a.example.com', to: 'http://c:1', allow_any_authenticated_user: true }\n";
    for text in [oauth2_proxy, authelia, pomerium] {
        let mut tests = Vec::new();
        for folder in ["/p", "/q"] {
            tests.push(open("a", folder, "sign-in"));
            tests.push(open("a", &format!("{folder}/"), "pass"));
            tests.push(open("a", &format!("{folder}/x/y.css"), "pass"));
        }
        if text == pomerium {
            tests.push(open("a", "/q/1", "sign-in"));
        }
        let tests: Vec<_> = tests.iter().map(|(request, who, expect)| (request.as_str(), *who, *expect)).collect();
        tested(&[text], &tests);
    }
}

#[test]
fn anything_else_is_refused() {
    for text in ["hello: world\n", "", "- from\n", "a = 1\n", "{"] {
        let (is_well, config, said) = made_of(&[text]);
        assert!(!is_well && config.is_empty(), "{text}: {config}");
        has(&said, &["is not a configuration of oauth2-proxy, Authelia or Pomerium"]);
    }
    let (is_well, config, said) = made_of(&["client_id = \"a\"\n", "access_control: {default_policy: deny}\n"]);
    assert!(!is_well && config.is_empty(), "{config}");
    has(&said, &["the files are of different gateways"]);
}

/// Files that are named are open; what is open for its suffix alone is as closed as it is without, and that is said.
#[test]
fn files_are_named_and_suffixes_that_open_nothing_are_told() {
    let text = "client_id = \"a\"\nemail_domains = [\"*\"]\nupstreams = [\"http://127.0.0.1:8080/\"]\n\
                redirect_url = \"https://a.example.com/oauth2/callback\"\n\
                skip_auth_routes = ['GET=^/(favicon\\.ico|robots\\.txt)$', '^/static/', '\\.(css|js)$']\n";
    let (config, said) = tested(
        &[text],
        &[
            ("GET https://a.example.com/favicon.ico", "\"nobody\"", "pass"),
            ("GET https://a.example.com/robots.txt", "\"nobody\"", "pass"),
            ("POST https://a.example.com/robots.txt", "\"nobody\"", "sign-in"),
            ("GET https://a.example.com/static/app.css", "\"nobody\"", "pass"),
            ("GET https://a.example.com/users.css", "\"nobody\"", "sign-in"),
        ],
    );
    has(&config, &["path_exact = \"/favicon.ico\"\nmethods = [\"GET\"]", "path_exact = \"/robots.txt\""]);
    has(&said, &[".*\\.(css|js): open only where the path without its suffix is", "upstream_kind = \"nginx\""]);
    assert_eq!(said.matches("open only where").count(), 1, "{said}");
    // What to write instead does what it says.
    let kind = config.replace("\nupstream = ", "\nupstream_kind = \"nginx\"\nupstream = ");
    checked(&kind, &[("GET https://a.example.com/users.css", "\"nobody\"", "pass")]);
}

/// oauth2-proxy asks its expressions before it looks for an upstream; here the most exact route counts.
#[test]
fn the_beginning_of_a_path_is_open_where_an_upstream_has_it_and_other_methods_are_not() {
    let text = "client_id = \"a\"\nemail_domains = [\"*\"]\n\
                upstreams = [\"http://127.0.0.1:8080/\", \"http://127.0.0.1:9000/api/\", \"http://127.0.0.1:9001/x/deep/\"]\n\
                redirect_url = \"https://a.example.com/oauth2/callback\"\n\
                skip_auth_routes = ['^(/api/config|/api/v1)', 'GET=^/x', '\\.well-known', '^/y/.*\\.(css|js)$']\n";
    let (_, said) = tested(
        &[text],
        &[
            ("GET https://a.example.com/api/config/z", "\"nobody\"", "pass"),
            ("GET https://a.example.com/api/v1", "\"nobody\"", "pass"),
            ("GET https://a.example.com/api/v12", "\"nobody\"", "pass"),
            ("GET https://a.example.com/api/other", "\"nobody\"", "sign-in"),
            ("GET https://a.example.com/x/y", "\"nobody\"", "pass"),
            ("POST https://a.example.com/x/y", "\"nobody\"", "sign-in"),
            ("POST https://a.example.com/x/y", "\"signed-in\"", "pass"),
            ("GET https://a.example.com/x/deep/y", "\"nobody\"", "sign-in"),
        ],
    );
    has(&said, &["`GET=^/x` does not open */x/deep, which is more exact"]);
    assert!(!said.contains("(css|js)$` does not open"), "none of its paths is another upstream's: {said}");
}

#[test]
fn pomerium_s_pools_checks_and_claims_are_taken_over() {
    let text = "routes:\n\
        \x20 - from: https://a.example.com\n\
        \x20   to: ['http://127.0.0.1:1,2', 'http://127.0.0.1:2']\n\
        \x20   lb_config: { lb_policy: LEAST_REQUEST }\n\
        \x20   timeout: 0s\n\
        \x20   health_checks: [{ timeout: 1s, interval: 5s, unhealthy_threshold: 3, healthy_threshold: 1, http_health_check: { path: /ping } }, { tcp_health_check: {} }]\n\
        \x20   allowed_idp_claims: { department: [eng, ops], family_name: [Doe] }\n\
        \x20 - from: https://b.example.com\n\
        \x20   to: https://127.0.0.1:3\n\
        \x20   tls_custom_ca_file: /nowhere/ca.pem\n\
        \x20   tls_client_cert_file: /nowhere/c.pem\n\
        \x20   tls_client_key_file: /nowhere/k.pem\n";
    let (config, said) = tested(
        &[text],
        &[
            ("GET https://a.example.com/", "{ claims = { department = \"ops\" } }", "pass"),
            ("GET https://a.example.com/", "{ claims = { department = \"hr\" } }", "refuse"),
            ("GET https://b.example.com/", "{ groups = [\"ops\"] }", "refuse"),
        ],
    );
    has(
        &config,
        &[
            "weight = 2",
            "balance = \"least-connections\"",
            "timeout_seconds = 86400",
            "health_check = { path = \"/ping\", interval_seconds = 5, timeout_seconds = 1, failures = 3, successes = 1 }",
        ],
    );
    has(
        &said,
        &[
            "routes[0].health_checks[1]: left out",
            "routes[1].policy: there is none, and nobody may, as before",
            "write ca_file = \"/nowhere/ca.pem\"",
            "write client_certificate = { certificate = \"/nowhere/c.pem\", key = \"/nowhere/k.pem\" }",
        ],
    );
    assert!(!said.contains("tls_custom_ca_file: left out"), "{said}");
}
