//! oauth2-proxy's alpha configuration: `upstreamConfig`, `providers`, `injectRequestHeaders`, `server`, regardless of
//! case.

use serde_json::{Map, Value};
use url::Url;

use super::NO_COUNTERPART;
use super::draft::{Allow, Draft, DraftRoute, connection_settings, quoted, rewrite_setting};
use super::expressions::{branches, expression};
use super::oauth2_proxy::{
    addresses, common, issuer_of, lead_to, members, not_read, only_asked, open_routes, path_of, plain_address, scopes,
    unknown_addresses,
};
use super::source::Source;

/// `config` is the `.cfg` or the environment beside it.
pub(super) fn read(document: &Map<String, Value>, config: Option<&Map<String, Value>>) -> Draft {
    let (mut draft, source) = (Draft::default(), Source::new("", document));
    let others = config.map(|config| Source::new("", config));
    let addresses = match &others {
        Some(others) => addresses(&mut draft, others),
        None => unknown_addresses(&mut draft),
    };
    listeners(&mut draft, &source);
    let mut providers = source.tables("providers").into_iter();
    let members = providers.next().map_or(Allow::Closed, |provider| read_provider(&mut draft, &provider));
    for other in providers {
        let name = other.text("id").or(other.text("clientID")).unwrap_or_default();
        draft.note(format!("{}`{name}`: left out; see [[provider]] for further ones", other.place));
    }
    let unread = others.as_ref().and_then(|others| not_read(&mut draft, others));
    let allow = unread.unwrap_or_else(|| members.both(addresses));
    let old = source.tables("upstreams");
    let new = source.table("upstreamConfig");
    for upstream in new.iter().flat_map(|config| config.tables("upstreams")).chain(old) {
        read_upstream(&mut draft, &upstream, &allow);
        upstream.left_out(&mut draft);
    }
    if let Some(config) = &new {
        config.left_out(&mut draft);
    }
    if draft.routes.is_empty() {
        only_asked(&mut draft, &allow);
    }
    // One has the headers for applications, the other those for a proxy that asks.
    let (used, other) = match draft.aliases.is_empty() {
        true => ("injectRequestHeaders", "injectResponseHeaders"),
        false => ("injectResponseHeaders", "injectRequestHeaders"),
    };
    inject(&mut draft, &source.tables(used));
    source.explained(
        &mut draft,
        &[(other, "left out; the gateway tells the same headers to applications and to proxies that ask")],
    );
    if let Some(others) = &others {
        open_routes(&mut draft, &others.texts(&["skip_auth_routes", "skip_auth_regex"]));
        common(&mut draft, others);
        others.left_out(&mut draft);
    }
    source.left_out(&mut draft);
    draft
}

fn listeners(draft: &mut Draft, source: &Source<'_>) {
    if let Some(server) = source.table("server") {
        draft.listen.extend(server.text("bindAddress").map(|address| plain_address(&address)));
        server.explained(
            draft,
            &[("secureBindAddress", "left out; see tls.certificates, and server.listen with https://")],
        );
        server.left_out(draft);
    }
    if let Some(metrics) = source.table("metricsServer") {
        draft.admin = metrics.text("bindAddress").map(|address| plain_address(&address));
        metrics.left_out(draft);
    }
}

/// The provider, and who of its people may.
fn read_provider(draft: &mut Draft, provider: &Source<'_>) -> Allow {
    draft.client_id = provider.text("clientID");
    draft.secret(provider.text("clientSecret"));
    draft.secret_file(provider.text("clientSecretFile"));
    draft.title = provider.text("name");
    draft.scopes = scopes(provider);
    if let Some(oidc) = provider.table("oidcConfig") {
        draft.issuer = oidc.text("issuerURL");
        draft.groups_claim = oidc.text("groupsClaim");
        oidc.left_out(draft);
    }
    let tenant = ["azureConfig", "microsoftEntraIDConfig"]
        .iter()
        .find_map(|name| provider.table(name).and_then(|config| config.text("tenant")));
    issuer_of(draft, &provider.text("provider").unwrap_or_else(|| "google".to_owned()), tenant.as_deref());
    let keycloak = provider.table("keycloakConfig");
    let roles = keycloak.map(|config| config.texts(&["roles"])).unwrap_or_default();
    let allow = members(draft, provider.texts(&["allowedGroups"]), &roles);
    let mut closed = None;
    for (section, restrictions) in [
        ("keycloakConfig", &["groups"][..]),
        ("googleConfig", &["group", "groups", "targetPrincipal"][..]),
        ("githubConfig", &["org", "team", "repo", "users"][..]),
        ("gitlabConfig", &["group", "projects"][..]),
        ("bitbucketConfig", &["team", "repository"][..]),
        ("microsoftEntraIDConfig", &["allowedTenants"][..]),
    ] {
        if let Some(section) = provider.table(section) {
            section.texts(&["roles", "tenant"]);
            closed = section.closes(draft, restrictions, NO_COUNTERPART).or(closed);
            section.left_out(draft);
        }
    }
    provider.text("id");
    provider.explained(draft, &[("code_challenge_method", "PKCE with S256 always")]);
    provider.left_out(draft);
    closed.unwrap_or(allow)
}

fn read_upstream(draft: &mut Draft, upstream: &Source<'_>, allow: &Allow) {
    let place = &upstream.place;
    let (path, name) = (upstream.text("path").unwrap_or_default(), upstream.text("id").unwrap_or_default());
    let mut route = DraftRoute {
        allow: allow.clone(),
        more: connection_settings(upstream.text("timeout"), upstream.truth("proxyWebSockets")),
        ..DraftRoute::default()
    };
    let target = upstream.text("rewriteTarget");
    route.path = match path.as_str() {
        // With a target to rewrite to, every path is an expression there.
        path if path.starts_with('^') || target.is_some() => match expression(path) {
            Ok(path) => path,
            Err(problem) => {
                draft.note(format!("{place}path: `{path}` {problem}, and the upstream is left out"));
                return;
            }
        },
        path => path_of(path),
    };
    let url = upstream.text("uri").and_then(|uri| Url::parse(&uri).ok());
    let (is_insecure, passes_host) = (upstream.is_on("insecureSkipTLSVerify"), upstream.truth("passHostHeader"));
    if upstream.is_on("static") {
        let status = upstream.text("staticCode").unwrap_or_else(|| "200".to_owned());
        route.more = vec![format!("respond = {{ status = {status} }}")];
    } else if url.is_some_and(|url| lead_to(&mut route, &url, is_insecure, passes_host)) {
        if let Some(target) = target {
            rewrite(draft, place, &path, &target, &mut route);
        }
    } else {
        draft.note(format!("{place}uri: `{name}` is left out, only http, https and unix are forwarded to"));
        return;
    }
    draft.routes.push(route);
}

/// The path to forward. Without a counterpart nobody may, since another path than intended would be forwarded.
fn rewrite(draft: &mut Draft, place: &str, path: &str, target: &str, route: &mut DraftRoute) {
    // What follows a match stays there.
    let inner = path.strip_prefix('^').unwrap_or_default();
    let (whole, to) = match inner.strip_suffix('$') {
        Some(inner) => (inner.to_owned(), target.to_owned()),
        None => (format!("{inner}(?P<rest>.*)"), format!("{target}${{rest}}")),
    };
    // Of several branches each has an end of its own.
    let is_one = !inner.is_empty() && branches(path).len() == 1 && regex::Regex::new(&whole).is_ok();
    if !is_one || target.contains('?') || !target.starts_with('/') {
        draft.note(format!("{place}rewriteTarget: `{target}` has no counterpart; nobody may until you say what is forwarded (REPLACE-ME)"));
        route.allow = Allow::Closed;
        return;
    }
    route.more.push(rewrite_setting(&whole, &to));
}

fn inject(draft: &mut Draft, headers: &[Source<'_>]) {
    let (mut map, mut set) = (Vec::new(), Vec::new());
    for header in headers {
        let name = header.text("name").unwrap_or_default();
        let values = header.tables("values");
        let value = values.first().filter(|_| values.len() == 1);
        // Since 7.14 what a value is made of stands in a table of its own.
        let nested = value.and_then(|value| value.table("claimSource").or_else(|| value.table("secretSource")));
        let value = nested.as_ref().or(value);
        let claim = value.and_then(|value| value.text("claim"));
        let prefix = value.and_then(|value| value.text("prefix"));
        let password =
            value.and_then(|value| value.table("basicAuthPassword")).and_then(|password| password.text("value"));
        // Fixed values are base64; some releases do not require it of passwords.
        let password = password.map(|password| decoded(&password).unwrap_or(password));
        let literal = value.and_then(|value| value.text("value")).map(|value| decoded(&value));
        let is_authorization = name.eq_ignore_ascii_case("authorization");
        if is_authorization && draft.headers.iter().any(|line| line.starts_with("authorization = ")) {
            draft.note(format!("{}`{name}`: left out, an earlier one is sent", header.place));
            continue;
        }
        match (claim.as_deref().map(claim_of), prefix.as_deref(), password, literal) {
            (Some(token @ ("id_token" | "access_token")), Some("Bearer "), None, None) if is_authorization => {
                draft.headers.push(format!("authorization = {{ bearer = {} }}", quoted(token)));
            }
            (Some(claim), _, Some(password), None) if is_authorization => {
                draft.headers.push(format!(
                    "authorization = {{ basic = {}, password = {} }}",
                    quoted(claim),
                    quoted(&password)
                ));
            }
            (Some(claim), None, None, None) if !is_authorization => {
                map.push(format!("{} = {}", quoted(&name), quoted(claim)))
            }
            (Some(claim), Some(prefix), None, None) if !is_authorization && !prefix.contains(['{', '}']) => {
                map.push(format!("{} = {}", quoted(&name), quoted(&format!("{prefix}{{{claim}}}"))));
            }
            (None, _, None, Some(Some(value))) if !is_authorization => {
                set.push(format!("{} = {}", quoted(&name), quoted(&value)));
            }
            _ => draft.note(format!("{}`{name}`: left out", header.place)),
        }
    }
    draft.headers.insert(0, "preset = \"none\"".to_owned());
    for (setting, entries) in [("map", map), ("set", set)] {
        if !entries.is_empty() {
            draft.headers.push(format!("{setting} = {{ {} }}", entries.join(", ")));
        }
    }
}

fn decoded(text: &str) -> Option<String> {
    use base64::Engine as _;
    let bytes = base64::engine::general_purpose::STANDARD.decode(text).ok()?;
    String::from_utf8(bytes).ok()
}

/// Claims by oauth2-proxy's own names.
fn claim_of(claim: &str) -> &str {
    match claim {
        "user" => "sub",
        other => other,
    }
}
