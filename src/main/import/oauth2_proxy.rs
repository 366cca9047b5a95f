//! oauth2-proxy: its `.cfg`, its environment and its alpha configuration.

use serde_json::{Map, Value};
use url::Url;

use super::draft::{Allow, Draft, DraftRoute, expression, list, quoted};
use super::{seconds, text, texts, with_host};

/// The keys that are looked at; one of them says that a file is of oauth2-proxy.
pub(super) const KNOWN: [&str; 47] = [
    "http_address",
    "https_address",
    "tls_cert_file",
    "tls_key_file",
    "redirect_url",
    "upstreams",
    "upstream",
    "email_domains",
    "email_domain",
    "allowed_groups",
    "allowed_group",
    "skip_auth_routes",
    "skip_auth_regex",
    "cookie_expire",
    "cookie_secret",
    "cookie_name",
    "cookie_secure",
    "cookie_httponly",
    "cookie_samesite",
    "cookie_refresh",
    "cookie_domains",
    "client_id",
    "client_secret",
    "client_secret_file",
    "oidc_issuer_url",
    "provider",
    "scope",
    "oidc_groups_claim",
    "reverse_proxy",
    "trusted_ips",
    "trusted_proxy_ips",
    "pass_user_headers",
    "pass_basic_auth",
    "basic_auth_password",
    "pass_access_token",
    "pass_authorization_header",
    "set_xauthrequest",
    "set_authorization_header",
    "prefer_email_to_user",
    "pass_host_header",
    "skip_provider_button",
    "api_routes",
    "code_challenge_method",
    "provider_display_name",
    "upstream_timeout",
    "proxy_websockets",
    "ssl_upstream_insecure_skip_verify",
];

/// Lines `OAUTH2_PROXY_CLIENT_ID=…`, as in an environment file.
pub(super) fn environment(text: &str) -> Draft {
    let mut document = Map::new();
    for line in text.lines().map(str::trim) {
        let line = line.strip_prefix("export ").unwrap_or(line);
        let Some((name, value)) = line.split_once('=') else { continue };
        let Some(name) = name.trim().strip_prefix("OAUTH2_PROXY_") else { continue };
        let value = value.trim().trim_matches(['"', '\'']);
        let value = match value {
            "true" | "false" => Value::from(value == "true"),
            value if value.contains(',') => value.split(',').map(|item| item.trim().to_owned()).collect(),
            value => Value::from(value),
        };
        document.insert(name.to_ascii_lowercase(), value);
    }
    config(&document)
}

/// The `.cfg`.
pub(super) fn config(document: &Map<String, Value>) -> Draft {
    let mut draft = Draft::default();
    let get = |name: &str| given(document, name);
    let is_on = |name: &str| document.get(name).and_then(text).as_deref() == Some("true");
    let both = |one: &str, other: &str| [texts(document.get(one)), texts(document.get(other))].concat();
    listeners(&mut draft, document);
    if let Some(address) = get("redirect_url") {
        draft.reached_at(&address);
    }
    if is_on("reverse_proxy") {
        draft.trusted_proxies = texts(document.get("trusted_proxy_ips"));
        if draft.trusted_proxies.is_empty() {
            draft.note(
                "reverse_proxy: everybody was trusted to tell addresses; name the proxies in server.trusted_proxies",
            );
        }
    }
    if document.contains_key("trusted_ips") {
        draft.note("trusted_ips: left out, nobody is let in without signing in because of an address");
    }
    provider(&mut draft, document);
    draft.sessions_last(get("cookie_expire").and_then(|text| seconds(&text)));
    if document.contains_key("cookie_secret") {
        draft.note("cookie_secret: left out, the gateway makes a key of its own; everybody signs in once more");
    }
    headers(&mut draft, &is_on, get("basic_auth_password"));

    let allow = who(&mut draft, &both("allowed_groups", "allowed_group"), &both("email_domains", "email_domain"));
    for upstream in both("upstreams", "upstream") {
        route_to(&mut draft, &upstream, &allow, document.get("pass_host_header") == Some(&Value::Bool(false)));
    }
    open_routes(&mut draft, &both("skip_auth_routes", "skip_auth_regex"));
    if !texts(document.get("api_routes")).is_empty() {
        draft.note("api_routes: scripts are told from visits of pages anyway; a route's signed_out = \"unauthorized\" says it always");
    }
    draft.left_out("", document, &KNOWN);
    draft
}

/// An empty text is none.
fn given(document: &Map<String, Value>, name: &str) -> Option<String> {
    document.get(name).and_then(text).filter(|text| !text.is_empty())
}

fn listeners(draft: &mut Draft, document: &Map<String, Value>) {
    let get = |name: &str| given(document, name);
    if let Some(address) = get("http_address") {
        draft.listen.push(address.trim_start_matches("http://").to_owned());
    }
    if let (Some(address), Some(certificate), Some(key)) =
        (get("https_address"), get("tls_cert_file"), get("tls_key_file"))
    {
        draft.listen.push(format!("https://{}", with_host(address.trim_start_matches("https://"))));
        draft.certificate = Some((certificate, key));
    }
    draft.listen = draft.listen.iter().map(|address| with_host(address)).collect();
}

fn provider(draft: &mut Draft, document: &Map<String, Value>) {
    let get = |name: &str| given(document, name);
    draft.issuer = get("oidc_issuer_url");
    if let Some(provider) = get("provider").filter(|provider| !matches!(provider.as_str(), "oidc" | "keycloak-oidc")) {
        draft.note(format!(
            "provider: `{provider}` is signed in at as an OpenID provider; see that the issuer is right"
        ));
    }
    (draft.client_id, draft.client_secret) = (get("client_id"), get("client_secret"));
    if get("client_secret_file").is_some() {
        draft.note("client_secret_file: write it as client_secret = { file = … }");
    }
    draft.scopes =
        get("scope").map(|scopes| scopes.split_whitespace().map(str::to_owned).collect()).unwrap_or_default();
    draft.groups_claim = get("oidc_groups_claim");
}

/// The alpha configuration: `upstreamConfig`, `providers`, `injectRequestHeaders`, `server`.
pub(super) fn alpha(document: &Map<String, Value>) -> Draft {
    let mut draft = Draft::default();
    let provider = document.get("providers").and_then(|providers| providers.get(0)).cloned().unwrap_or_default();
    let of = |name: &str| provider.get(name).and_then(text);
    (draft.client_id, draft.client_secret) = (of("clientID"), of("clientSecret"));
    draft.scopes = of("scope").map(|scopes| scopes.split_whitespace().map(str::to_owned).collect()).unwrap_or_default();
    let oidc = provider.get("oidcConfig").cloned().unwrap_or_default();
    draft.issuer = oidc.get("issuerURL").and_then(text);
    draft.groups_claim = oidc.get("groupsClaim").and_then(text);
    let server = document.get("server").cloned().unwrap_or_default();
    draft
        .listen
        .extend(server.get("bindAddress").or(server.get("BindAddress")).and_then(text).map(|text| with_host(&text)));
    let allow = who(&mut draft, &texts(provider.get("allowedGroups")), &["*".to_owned()]);
    draft.note("email_domains, redirect_url and cookies stand in oauth2-proxy's other file: say server.public_url, and who may");
    let upstreams = document.get("upstreamConfig").and_then(|config| config.get("upstreams")).and_then(Value::as_array);
    for upstream in upstreams.into_iter().flatten() {
        let (path, uri) = (upstream.get("path").and_then(text), upstream.get("uri").and_then(text));
        let keeps_host = upstream.get("passHostHeader") != Some(&Value::Bool(false));
        let Some(uri) = uri else {
            draft.note(format!("upstreams: `{}` has no uri and is left out", path.unwrap_or_default()));
            continue;
        };
        route_to(&mut draft, &uri, &allow, !keeps_host);
        if let (Some(path), Some(route)) = (path, draft.routes.last_mut()) {
            route.path = match path.starts_with('^') {
                true => expression(&path),
                false => Some(("path", path.trim_end_matches('/').to_owned())).filter(|(_, path)| !path.is_empty()),
            };
        }
        if upstream.get("rewriteTarget").is_some() {
            draft.note("upstreams: rewriteTarget is left out; see a route's rewrite and strip_prefix");
        }
    }
    let injected = document.get("injectRequestHeaders").and_then(Value::as_array);
    let mut map = Vec::new();
    for header in injected.into_iter().flatten() {
        let name = header.get("name").and_then(text).unwrap_or_default();
        match header.get("values").and_then(|values| values.get(0)).and_then(|value| value.get("claim")).and_then(text)
        {
            Some(claim) => map.push(format!("{} = {}", quoted(&name), quoted(claim_of(&claim)))),
            None => draft.note(format!("injectRequestHeaders: `{name}` is left out")),
        }
    }
    if !map.is_empty() {
        draft.headers = vec!["preset = \"none\"".to_owned(), format!("map = {{ {} }}", map.join(", "))];
    }
    draft.left_out("", document, &["providers", "server", "upstreamConfig", "injectRequestHeaders"]);
    draft
}

/// oauth2-proxy's own names of what a session holds.
fn claim_of(claim: &str) -> &str {
    match claim {
        "user" => "sub",
        other => other,
    }
}

fn headers(draft: &mut Draft, is_on: &impl Fn(&str) -> bool, password: Option<String>) {
    let preset = if is_on("set_xauthrequest") { "auth-request" } else { "oauth2-proxy" };
    draft.headers.push(format!("preset = {}", quoted(preset)));
    let mut map = Vec::new();
    if is_on("prefer_email_to_user") {
        map.push("X-Forwarded-User = \"email\"");
    }
    if is_on("pass_access_token") {
        map.push("X-Forwarded-Access-Token = \"access_token\"");
    }
    if !map.is_empty() {
        draft.headers.push(format!("map = {{ {} }}", map.join(", ")));
    }
    if is_on("pass_authorization_header") || is_on("set_authorization_header") {
        draft.headers.push("authorization = { bearer = \"id_token\" }".to_owned());
    } else if let Some(password) = password.filter(|_| is_on("pass_basic_auth")) {
        draft.headers.push(format!("authorization = {{ basic = \"sub\", password = {} }}", quoted(&password)));
    }
}

/// Groups and domains of addresses had to hold together there.
fn who(draft: &mut Draft, groups: &[String], domains: &[String]) -> Allow {
    let allow = Allow::any_of(&[("groups", groups.to_vec())]);
    if domains.is_empty() || domains.iter().any(|domain| domain == "*") {
        return allow;
    }
    if domains.iter().any(|domain| domain.starts_with('.')) {
        draft
            .note("email_domains: one with all below it has no counterpart; nobody may until you say who (REPLACE-ME)");
        return Allow::Closed;
    }
    allow.and(format!("email_domains = {}", list(domains)))
}

fn route_to(draft: &mut Draft, upstream: &str, allow: &Allow, hides_host: bool) {
    let url = match Url::parse(upstream) {
        Ok(url) if matches!(url.scheme(), "http" | "https") => url,
        _ => {
            draft.note(format!("upstreams: `{upstream}` is left out, only http and https are forwarded to"));
            return;
        }
    };
    let path = url.path().trim_end_matches('/');
    let mut route = DraftRoute {
        path: (!path.is_empty()).then(|| ("path", path.to_owned())),
        upstream: Some(url.origin().ascii_serialization()),
        allow: allow.clone(),
        ..DraftRoute::default()
    };
    if hides_host {
        route.more.push("preserve_host = false".to_owned());
    }
    draft.routes.push(route);
}

/// `GET=^/health$`, `^/public`: open, to the upstream that the path would go to.
fn open_routes(draft: &mut Draft, skipped: &[String]) {
    for text in skipped {
        let (method, path) =
            text.split_once('=').filter(|(method, _)| !method.contains(['^', '/'])).unwrap_or(("", text));
        if method.starts_with('!') || path.starts_with('!') {
            draft.note(format!("skip_auth_routes: `{text}` is left out"));
            continue;
        }
        let Some(first) = draft.routes.first().cloned() else { continue };
        let mut route = DraftRoute { path: expression(path), allow: Allow::Public, ..first };
        if !method.is_empty() {
            route.more.push(format!("methods = [{}]", quoted(method)));
        }
        draft.note(format!("skip_auth_routes: `{text}` goes to {}", route.upstream.as_deref().unwrap_or_default()));
        draft.routes.push(route);
    }
}
