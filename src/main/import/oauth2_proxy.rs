//! oauth2-proxy: its `.cfg`, its environment variables and flags.

use serde_json::{Map, Value};
use url::Url;

use super::draft::{Allow, Draft, DraftRoute, NO_DOMAIN, any_of, connection_settings, list, quoted};
use super::expressions::{alternatives, expression, unescaped};
use super::first_match::{may_meet, rank};
use super::oauth2_flags::{flags, name_and_value};
use super::source::Source;
use super::{NEW_KEY, NO_COUNTERPART, seconds, with_host};

/// Whether a TOML file is one of oauth2-proxy: every one that works has at least one of these keys.
pub(super) fn is_one(document: &Map<String, Value>) -> bool {
    ["client_id", "cookie_secret", "upstreams", "upstream", "email_domains", "http_address", "oidc_issuer_url"]
        .iter()
        .any(|key| document.contains_key(*key))
}

/// Lines `OAUTH2_PROXY_CLIENT_ID=…` of an environment file, or of a compose file (`- NAME=…`, `NAME: …`) with its flags; or
/// the container of a Kubernetes manifest.
pub(super) fn environment(text: &str) -> Option<Map<String, Value>> {
    let mut document = Map::new();
    for line in text.lines() {
        let line = line.trim().trim_start_matches("- ").trim_start_matches(['"', '\'']).trim_start_matches("export ");
        let Some((name, value)) = line.strip_prefix("OAUTH2_PROXY_").and_then(|line| line.split_once(['=', ':']))
        else {
            continue;
        };
        // A compose file writes `$$` for `$`.
        let value = value.trim().trim_matches(['"', '\'']).replace("$$", "$");
        document.extend([name_and_value(&name.trim().to_ascii_lowercase(), &value)]);
    }
    document.extend(flags(text));
    (!document.is_empty()).then_some(document)
}

/// Closes the routes and reports it, where settings stand in a place that was not read: they may restrict access.
pub(super) fn not_read(draft: &mut Draft, source: &Source<'_>) -> Option<Allow> {
    let another = "names another file, which must be given to `import` too";
    let elsewhere = "stands elsewhere, in a Secret, a ConfigMap or a variable: write what it says, and `import` again";
    let places = [
        ("config", another),
        ("alpha_config", another),
        ("env_file", another),
        ("extends", another),
        ("env_from", elsewhere),
        ("value_from", elsewhere),
        ("command", "cannot be read here"),
        ("services", "several are oauth2-proxy: give a file for each"),
    ];
    let given: Vec<_> = places.into_iter().filter(|(name, _)| source.value(name).is_some()).collect();
    for name in source.texts(&["defaults"]) {
        draft.note(format!("{name}: what stands behind `:-` is taken; write what the variable says, if there is one"));
    }
    for (name, what) in &given {
        let named = if *name == "value_from" { source.texts(&[name]).join(", ") } else { (*name).to_owned() };
        draft.note(format!("{named}: {what}; nobody may until then (REPLACE-ME)"));
    }
    (!given.is_empty()).then_some(Allow::Closed)
}

pub(super) fn read(document: &Map<String, Value>) -> Draft {
    let (mut draft, source) = (Draft::default(), Source::new("", document));
    listeners(&mut draft, &source);
    provider(&mut draft, &source);
    draft.scopes = scopes(&source);
    let (groups, roles) =
        (source.texts(&["allowed_groups", "allowed_group"]), source.texts(&["allowed_roles", "allowed_role"]));
    let allow = members(&mut draft, groups, &roles).both(addresses(&mut draft, &source));
    let allow = source.closes(&mut draft, &RESTRICTIONS, NO_COUNTERPART).unwrap_or(allow);
    let allow = not_read(&mut draft, &source).unwrap_or(allow);
    upstreams(&mut draft, &source, &allow);
    headers(&mut draft, &source);
    common(&mut draft, &source);
    source.left_out(&mut draft);
    draft
}

/// Settings that restrict access by what only their provider knows.
const RESTRICTIONS: [&str; 18] = [
    "entra_id_allowed_tenant",
    "entra_id_allowed_tenants",
    "google_group",
    "google_groups",
    "google_target_principal",
    "github_org",
    "github_team",
    "github_repo",
    "github_user",
    "github_users",
    "gitlab_group",
    "gitlab_groups",
    "gitlab_project",
    "gitlab_projects",
    "bitbucket_team",
    "bitbucket_repository",
    "keycloak_group",
    "keycloak_groups",
];

/// Members of one of the groups, or holders of one of Keycloak's roles, if any are given. A client's role is
/// `client:role`.
pub(super) fn members(draft: &mut Draft, groups: Vec<String>, roles: &[String]) -> Allow {
    if roles.is_empty() {
        return Allow::any_of(&[("groups", groups)]);
    }
    draft.note("allowed_roles: looked for in the claims realm_access.roles and resource_access.…; the provider must put them into the ID token or userinfo");
    let mut any: Vec<Vec<String>> = roles
        .iter()
        .map(|role| match role.split_once(':') {
            Some((client, role)) => (format!("resource_access.{client}.roles"), role),
            None => ("realm_access.roles".to_owned(), role.as_str()),
        })
        .map(|(claim, role)| vec![format!("claims = {{ {} = [{}] }}", quoted(&claim), quoted(role))])
        .collect();
    if !groups.is_empty() {
        any.push(vec![format!("groups = {}", list(&groups))]);
    }
    Allow::Conditions(any_of(&any))
}

/// People whose address is of one of the domains, or in a file; the domain `*` lets everybody in.
pub(super) fn addresses(draft: &mut Draft, source: &Source<'_>) -> Allow {
    let domains = source.texts(&["email_domains", "email_domain"]);
    let file = source.text("authenticated_emails_file");
    if domains.iter().any(|domain| domain == "*") {
        return Allow::SignedIn;
    }
    if let Some(file) = &file {
        draft.note(format!("authenticated_emails_file: write the addresses of `{file}` as emails = [\"…\"]; until then they may not (REPLACE-ME)"));
    }
    let (above, exact): (Vec<String>, Vec<String>) =
        domains.into_iter().partition(|domain| domain.starts_with('.') || domain.contains('*'));
    if !above.is_empty() {
        draft.note(
            "email_domains: one with all below it has no counterpart; nobody of it may until you say who (REPLACE-ME)",
        );
    }
    if exact.is_empty() {
        if above.is_empty() && file.is_none() {
            draft.note("email_domains: not given; nobody may until you say who (REPLACE-ME)");
        }
        return Allow::Closed;
    }
    Allow::SignedIn.and(format!("email_domains = {}", list(&exact)))
}

/// For an alpha configuration without the other file, which has the domains.
pub(super) fn unknown_addresses(draft: &mut Draft) -> Allow {
    draft.note(format!("email_domains, redirect_url and cookies stand in oauth2-proxy's other file: give both to `import`, or replace {NO_DOMAIN} and say server.public_url"));
    Allow::SignedIn.and(format!("email_domains = [{}]", quoted(NO_DOMAIN)))
}

pub(super) fn scopes(provider: &Source<'_>) -> Vec<String> {
    provider.text("scope").unwrap_or_default().split_whitespace().map(str::to_owned).collect()
}

/// An address to listen on, with or without a scheme.
pub(super) fn plain_address(address: &str) -> String {
    with_host(address.trim_start_matches("http://"))
}

fn listeners(draft: &mut Draft, source: &Source<'_>) {
    let tls = (source.text("tls_cert_file"), source.text("tls_key_file"));
    let https = source.text("https_address");
    if let Some(address) = source.text("http_address") {
        draft.listen.push(plain_address(&address));
    }
    if let (Some(certificate), Some(key)) = tls
        && draft.certificate(certificate, key)
    {
        let address = https.unwrap_or_else(|| ":443".to_owned());
        draft.listen.push(format!("https://{}", with_host(address.trim_start_matches("https://"))));
    }
    draft.admin = source.text("metrics_address").map(|address| plain_address(&address));
}

/// The issuers of providers for which oauth2-proxy needs none.
pub(super) fn issuer_of(draft: &mut Draft, provider: &str, tenant: Option<&str>) {
    if draft.issuer.is_some() || provider.is_empty() {
        return;
    }
    draft.issuer = match provider {
        "google" => Some("https://accounts.google.com".to_owned()),
        "azure" | "entra-id" => {
            Some(format!("https://login.microsoftonline.com/{}/v2.0", tenant.unwrap_or("REPLACE-ME")))
        }
        "gitlab" => Some("https://gitlab.com".to_owned()),
        "login.gov" => Some("https://secure.login.gov".to_owned()),
        _ => None,
    };
    if draft.issuer.is_none() {
        draft.note(format!("provider: `{provider}` without an issuer; people sign in at OpenID providers only"));
    }
}

fn provider(draft: &mut Draft, source: &Source<'_>) {
    draft.issuer = source.text("oidc_issuer_url");
    issuer_of(
        draft,
        &source.text("provider").unwrap_or_else(|| "google".to_owned()),
        source.text("azure_tenant").as_deref(),
    );
    draft.client_id = source.text("client_id");
    draft.secret(source.text("client_secret"));
    draft.secret_file(source.text("client_secret_file"));
    draft.title = source.text("provider_display_name");
    draft.groups_claim = source.text("oidc_groups_claim");
}

fn upstreams(draft: &mut Draft, source: &Source<'_>, allow: &Allow) {
    let route = DraftRoute {
        allow: allow.clone(),
        more: connection_settings(source.text("upstream_timeout"), source.truth("proxy_websockets")),
        ..DraftRoute::default()
    };
    let passes_host = source.truth("pass_host_header");
    let is_insecure = source.is_on("ssl_upstream_insecure_skip_verify");
    for upstream in source.texts(&["upstreams", "upstream"]) {
        let (url, mut route) = (Url::parse(&upstream).ok(), route.clone());
        if let Some(url) = url.filter(|url| lead_to(&mut route, url, is_insecure, passes_host)) {
            route.path = if url.scheme() == "unix" { None } else { path_of(url.path()) };
            draft.routes.push(route);
        } else {
            draft.note(format!("upstreams: `{upstream}` is left out, only http, https and unix are forwarded to"));
        }
    }
    if draft.routes.is_empty() {
        only_asked(draft, allow);
    }
    open_routes(draft, &source.texts(&["skip_auth_routes", "skip_auth_regex"]));
}

/// Without an upstream nothing is forwarded: another proxy asks, at the address that it knows.
pub(super) fn only_asked(draft: &mut Draft, allow: &Allow) {
    draft.routes.push(DraftRoute { allow: allow.clone(), ..DraftRoute::default() });
    draft.aliases = vec!["/oauth2/auth".to_owned()];
    draft.note("upstreams: none, so a proxy in front asks at /oauth2/auth; it must send X-Original-URL and X-Original-Method too, stand in server.trusted_proxies, and lead people to /.gateway/sign-in (docs/forward-auth.md)");
}

/// Sets the upstream of a route; false where it has no counterpart.
pub(super) fn lead_to(route: &mut DraftRoute, url: &Url, is_insecure: bool, passes_host: Option<bool>) -> bool {
    route.upstream = match url.scheme() {
        "http" | "https" => Some(quoted(&url.origin().ascii_serialization())),
        "unix" if !url.path().contains(':') && !url.path().is_empty() => Some(quoted(&format!("unix:{}", url.path()))),
        _ => None,
    };
    if passes_host == Some(false) {
        route.more.push("preserve_host = false".to_owned());
    }
    if is_insecure && url.scheme() == "https" {
        route.more.push("insecure = true".to_owned());
    }
    route.upstream.is_some()
}

/// A path that ends with a slash covers everything below it; any other is one path.
pub(super) fn path_of(path: &str) -> Option<(&'static str, String)> {
    match (path, path.strip_suffix('/')) {
        ("" | "/", _) => None,
        (_, Some(above)) => Some(("path", above.to_owned())),
        (path, None) => Some(("path_exact", path.to_owned())),
    }
}

/// A public route for `GET=^/health$` or `^/public`, with the upstream that has the path.
pub(super) fn open_routes(draft: &mut Draft, skipped: &[String]) {
    let guarded = draft.routes.clone();
    for text in skipped {
        let (method, path) =
            text.split_once('=').filter(|(method, _)| !method.contains(['^', '/', '('])).unwrap_or(("", text));
        for path in alternatives(path) {
            let path = match expression(&path) {
                _ if method.ends_with('!') || path.starts_with('!') => Err("is negated".to_owned()),
                _ if !method.bytes().all(|byte| byte.is_ascii_alphabetic()) => Err("names no one method".to_owned()),
                path => path,
            };
            match path {
                Ok(path) => {
                    // The beginning of a path is that path with all below it, and more.
                    let beginning = path.as_ref().and_then(|(_, path)| unescaped(path.strip_suffix(".*")?));
                    if let Some(below) = beginning.filter(|path| !path.ends_with('/')) {
                        open_route(draft, &guarded, text, method, Some(("path", below)));
                    }
                    open_route(draft, &guarded, text, method, path);
                }
                Err(problem) => {
                    draft.note(format!("skip_auth_routes: `{text}` {problem}, and is left out: it stays closed"));
                }
            }
        }
    }
}

fn open_route(
    draft: &mut Draft,
    guarded: &[DraftRoute],
    text: &str,
    method: &str,
    path: Option<(&'static str, String)>,
) {
    let methods: Vec<String> = Some(method.to_ascii_uppercase()).into_iter().filter(|name| !name.is_empty()).collect();
    // Where the upstream of that very path is open, one route says so.
    if let Some(route) = draft.routes.iter_mut().find(|route| route.path == path && route.methods == methods) {
        route.allow = Allow::Public;
        return;
    }
    let leads_here = |route: &&DraftRoute| {
        let below = route.path.as_ref().map_or("", |(_, path)| path);
        path.as_ref().is_some_and(|(setting, path)| match path.strip_prefix(below) {
            Some(rest) => rest.is_empty() || rest.starts_with('/') || *setting == "path_regex",
            None => false,
        })
    };
    let length = |route: &&DraftRoute| route.path.as_ref().map_or(0, |(_, path)| path.len());
    // Of several for the same path the first counts.
    let Some(target) = guarded.iter().rev().filter(leads_here).max_by_key(length).or(guarded.first()) else { return };
    draft.note(format!(
        "skip_auth_routes: `{text}` goes to {}",
        target.upstream.as_deref().unwrap_or("whom the proxy in front forwards to")
    ));
    let route = DraftRoute { path, methods, ..target.clone() };
    for other in guarded.iter().filter(|other| may_meet(&route, other) && rank(&route) < rank(other)) {
        draft.note(format!("skip_auth_routes: `{text}` does not open {}, which is more exact", other.place()));
    }
    // Other methods of that path stay as they were; a path whose routes take other methods falls to none above it.
    let others = DraftRoute { methods: Vec::new(), ..route.clone() };
    let is_there = |known: &DraftRoute| known.path == others.path && known.methods.is_empty();
    if !route.methods.is_empty() && !draft.routes.iter().any(is_there) {
        draft.routes.push(others);
    }
    draft.routes.push(DraftRoute { allow: Allow::Public, ..route });
}

fn headers(draft: &mut Draft, source: &Source<'_>) {
    let is_asked = draft.routes.iter().all(|route| route.upstream.is_none());
    let names_answers = source.is_on("set_xauthrequest");
    let off = [source.truth("pass_user_headers"), source.truth("pass_basic_auth")];
    let tells = off != [Some(false), Some(false)];
    let preset = match (is_asked, names_answers, tells) {
        (true, true, _) => "auth-request",
        (true, false, _) | (false, _, false) => "none",
        (false, _, true) => "oauth2-proxy",
    };
    if names_answers && !is_asked {
        draft.note("set_xauthrequest: named the headers of answers; here answers to a proxy that asks have those that applications get (headers.preset)");
    }
    let prefers_email = source.is_on("prefer_email_to_user");
    let mut map = Vec::new();
    if prefers_email && preset == "oauth2-proxy" {
        // The user is the address, and there is no header for the address besides.
        draft.headers.push("preset = \"none\"".to_owned());
        map.extend(
            ["User\" = \"email", "Groups\" = \"groups", "Preferred-Username\" = \"preferred_username"]
                .map(|pair| format!("\"X-Forwarded-{pair}\"")),
        );
    } else {
        draft.headers.push(format!("preset = {}", quoted(preset)));
    }
    let token = if is_asked { "X-Auth-Request-Access-Token" } else { "X-Forwarded-Access-Token" };
    if source.is_on("pass_access_token") {
        map.push(format!("{token} = \"access_token\""));
    }
    if !map.is_empty() {
        draft.headers.push(format!("map = {{ {} }}", map.join(", ")));
    }
    let is_set = source.is_on("set_basic_auth");
    let sends_basic = if is_asked { is_set } else { source.truth("pass_basic_auth") != Some(false) };
    let password = source.text("basic_auth_password");
    let (named, passed) = (source.is_on("set_authorization_header"), source.is_on("pass_authorization_header"));
    let bearer = if is_asked { named } else { passed };
    for (name, what, is_left_out) in [
        ("set_authorization_header", "named the header of an answer, and no proxy asks here", named && !is_asked),
        ("set_basic_auth", "named the header of an answer, and no proxy asks here", is_set && !is_asked),
        ("pass_authorization_header", "nothing is forwarded", passed && is_asked),
        ("basic_auth_password", "Authorization carries the ID token", password.is_some() && bearer),
        ("basic_auth_password", "nothing sent it", password.is_some() && !bearer && !sends_basic),
    ] {
        if is_left_out {
            draft.note(format!("{name}: left out; {what}"));
        }
    }
    let password = password.filter(|_| sends_basic);
    if bearer {
        draft.headers.push("authorization = { bearer = \"id_token\" }".to_owned());
    } else if let Some(password) = password {
        let user = if prefers_email { "email" } else { "sub" };
        draft.headers.push(format!("authorization = {{ basic = \"{user}\", password = {} }}", quoted(&password)));
    }
}

/// What is said about settings of cookies.
const COOKIES: &str = "the gateway's cookies are its own: HttpOnly, SameSite=Lax and, over https, Secure, for one host";
const HOSTS: &str = "every host that a route names is a site, and people are led to it and back (docs/many-hosts.md)";

/// What `.cfg` and the alpha configuration have in common: cookies, sessions, addresses, trusted proxies.
pub(super) fn common(draft: &mut Draft, source: &Source<'_>) {
    if let Some(address) = source.text("redirect_url") {
        draft.reached_at(&address);
    }
    source.closes_without_certificate(draft, &["tls_client_ca_file"]);
    let proxies = source.texts(&["trusted_proxy_ips", "trusted_proxy_ip"]);
    if source.is_on("reverse_proxy") {
        if proxies.is_empty() {
            draft.note(
                "reverse_proxy: everybody was trusted to tell addresses; name the proxies in server.trusted_proxies",
            );
        }
        draft.trusted_proxies = proxies;
    }
    draft.sessions_last(source.text("cookie_expire").and_then(|text| seconds(&text)));
    if source.text("session_store_type").as_deref() == Some("redis") {
        match source.text("redis_connection_url") {
            Some(url) => draft.redis.push(format!("url = {}", quoted(&url))),
            None => draft.note("session_store_type: `redis` without one address; see session.redis in gateway.toml"),
        }
        let password = source.text("redis_password").filter(|_| !draft.redis.is_empty());
        draft.redis.extend(password.map(|password| format!("password = {}", quoted(&password))));
    }
    source.explained(
        draft,
        &[
            ("cookie_secret", NEW_KEY),
            ("cookie_name", COOKIES),
            ("cookie_secure", COOKIES),
            ("cookie_httponly", COOKIES),
            ("cookie_samesite", COOKIES),
            ("cookie_path", COOKIES),
            ("cookie_refresh", "left out; a session is written down again while it is used"),
            ("cookie_domains", HOSTS),
            ("cookie_domain", HOSTS),
            ("whitelist_domains", HOSTS),
            ("whitelist_domain", HOSTS),
            ("trusted_ips", "left out, nobody is let in without signing in because of an address"),
            ("htpasswd_file", "left out, the gateway keeps no passwords"),
            ("skip_provider_button", "with one provider people go straight there"),
            ("code_challenge_method", "PKCE with S256 always"),
            ("api_routes", "scripts are told from visits of pages anyway; a route's signed_out = \"unauthorized\" says it always"),
            ("skip_jwt_bearer_tokens", "left out; see a route's bearer (docs/machines.md)"),
            ("extra_jwt_issuers", "left out; see [[bearer_issuer]] (docs/machines.md)"),
            ("skip_auth_preflight", "left out; see a route's cors (docs/machines.md)"),
            ("proxy_prefix", "the gateway's own pages are below /.gateway (server.prefix); /oauth2/sign_in is /.gateway/sign-in, /oauth2/sign_out is /.gateway/sign-out"),
            ("force_https", "left out; see tls.redirect_http"),
            ("user_id_claim", "left out; a person is `sub`, and headers.map puts any claim into any header"),
            ("oidc_email_claim", "left out; the address is the claim `email`"),
        ],
    );
}
