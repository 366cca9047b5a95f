//! Pomerium: the identity provider and `routes`.

use serde_json::{Map, Value};
use url::Url;

use super::draft::{Allow, Draft, DraftRoute, any_of, connection_settings, list, quoted, rewrite_setting};
use super::expressions::whole_expression;
use super::first_match;
use super::pomerium_policy;
use super::source::Source;
use super::{CLIENT_CERTIFICATES, NEW_KEY, seconds, text, texts, with_host};

/// The domain of Pomerium's hosted authenticate service, which cannot be the public address here.
const HOSTED: &str = "authenticate.pomerium.app";

pub(super) fn read(document: &Map<String, Value>) -> Draft {
    let (mut draft, source) = (Draft::default(), Source::new("", document));
    listeners(&mut draft, &source);
    if let Some(address) = source.text("authenticate_service_url").filter(|address| !address.contains(HOSTED)) {
        draft.reached_at(&address);
        draft.callback_path = None;
    }
    provider(&mut draft, &source);
    draft.sessions_last(source.text("cookie_expire").and_then(|text| seconds(&text)));
    draft.headers.push("preset = \"pomerium\"".to_owned());
    draft.note("X-Pomerium-Jwt-Assertion is signed with the gateway's own keys (/.gateway/jwks.json), and names its own issuer");
    claims_in_headers(&mut draft, source.value("jwt_claims_headers"));
    for list in ["routes", "policy"] {
        for route in source.tables(list) {
            read_route(&mut draft, &route);
        }
    }
    source.closes_without_certificate(&mut draft, &["downstream_mtls", "client_ca", "client_ca_file"]);
    first_match::narrow_by_expressions(&mut draft);
    let routes = std::mem::take(&mut draft.routes);
    let routes = routes.into_iter().flat_map(|route| within_segments(&route).into_iter().chain([route]));
    // Of expressions that are as exact the first counts, and Pomerium asked its own before prefixes.
    let (below, others): (Vec<_>, Vec<_>) = routes.partition(is_only_below);
    draft.routes = others.into_iter().chain(below.into_iter().map(only_below)).collect();
    if draft.routes.is_empty() {
        draft.note("routes: none can be forwarded; one stands here in which nobody may (REPLACE-ME)");
        draft.routes.push(DraftRoute { allow: Allow::Closed, ..DraftRoute::default() });
    }
    source.explained(
        &mut draft,
        &[
            ("cookie_secret", NEW_KEY),
            ("shared_secret", "left out: the gateway is one process"),
            ("signing_key", "left out: keys of the assertion follow from session.keys"),
        ],
    );
    source.left_out(&mut draft);
    draft
}

fn listeners(draft: &mut Draft, source: &Source<'_>) {
    let address = source.text("address").map(|address| with_host(&address));
    let mut has_tls = false;
    if let (Some(certificate), Some(key)) = (source.text("certificate_file"), source.text("certificate_key_file")) {
        has_tls |= draft.certificate(certificate, key);
    }
    for pair in source.tables("certificates") {
        if let (Some(certificate), Some(key)) = (pair.text("cert"), pair.text("key")) {
            has_tls |= draft.certificate(certificate, key);
        }
        pair.left_out(draft);
    }
    if let Some(address) = address {
        if !has_tls && !source.is_on("insecure_server") {
            draft.note(format!("address: `{address}` spoke TLS; it is http here until [tls] has a certificate"));
        }
        draft.listen.push(if has_tls { format!("https://{address}") } else { address });
    }
    draft.admin = source.text("metrics_address").map(|address| with_host(&address));
}

fn provider(draft: &mut Draft, source: &Source<'_>) {
    draft.issuer = source.text("idp_provider_url");
    if let Some(provider) = source.text("idp_provider").filter(|_| draft.issuer.is_none()) {
        match provider.as_str() {
            "google" => draft.issuer = Some("https://accounts.google.com".to_owned()),
            "onelogin" => draft.issuer = Some("https://openid-connect.onelogin.com/oidc".to_owned()),
            "gitlab" => draft.issuer = Some("https://gitlab.com".to_owned()),
            other => draft.note(format!(
                "idp_provider: `{other}` without idp_provider_url; people sign in at OpenID providers only"
            )),
        }
    }
    draft.client_id = source.text("idp_client_id");
    draft.secret(source.text("idp_client_secret"));
    draft.secret_file(source.text("idp_client_secret_file"));
    draft.scopes = source.texts(&["idp_scopes"]).iter().flat_map(|text| text.split(',')).map(str::to_owned).collect();
}

/// A list of claims becomes `x-pomerium-claim-…`, as in the preset; a table names the headers.
fn claims_in_headers(draft: &mut Draft, claims: Option<&Value>) {
    let map = match claims {
        Some(Value::Object(table)) => {
            table.iter().filter_map(|(header, claim)| Some((header.clone(), text(claim)?))).collect()
        }
        claims => {
            let header = |claim: String| (format!("X-Pomerium-Claim-{}", claim.replace('_', "-")), claim);
            texts(claims).into_iter().map(header).collect::<Vec<_>>()
        }
    };
    if !map.is_empty() {
        let entries: Vec<String> =
            map.iter().map(|(header, claim)| format!("{} = {}", quoted(header), quoted(claim))).collect();
        draft.headers.push(format!("map = {{ {} }}", entries.join(", ")));
    }
}

fn read_route(draft: &mut Draft, source: &Source<'_>) {
    let place = &source.place;
    let from = source.text("from").and_then(|from| Url::parse(&from).ok());
    let Some(from) = from.filter(|url| matches!(url.scheme(), "https" | "http")) else {
        draft.note(format!("{place}from: is no https address, and the route is left out"));
        return;
    };
    if draft.public_url.is_none() && !from.host_str().unwrap_or_default().contains('*') {
        draft.public_url = Some(from.origin().ascii_serialization());
    }
    if from.port().is_some() {
        draft.note(format!("{place}from: the port counts as that of server.public_url, for every host"));
    }
    let mut route = DraftRoute { host: from.host_str().map(str::to_owned), ..DraftRoute::default() };
    route.path = match path(source) {
        Ok(path) => path,
        Err(problem) => {
            draft.note(format!("{place}regex: {problem}, and the route is left out"));
            return;
        }
    };
    if !leads_somewhere(draft, source, &mut route) {
        return;
    }
    further_settings(draft, source, &mut route);
    route.allow = allowed(draft, source).both(match route.allow {
        Allow::Closed => Allow::Closed,
        _ => Allow::Public,
    });
    let certificates = ["tls_downstream_client_ca", "tls_downstream_client_ca_file"];
    route.allow = source.closes(draft, &certificates, CLIENT_CERTIFICATES).unwrap_or(route.allow);
    source.text("name");
    source.left_out(draft);
    route.prefix = source.text("prefix");
    draft.routes.push(route);
}

/// The prefix `/x/` did not match `/x`.
fn is_only_below(route: &DraftRoute) -> bool {
    let is_prefix = route.path.as_ref().is_some_and(|(setting, _)| *setting == "path");
    is_prefix && route.prefix.as_ref().is_some_and(|prefix| prefix.ends_with('/'))
}

fn only_below(mut route: DraftRoute) -> DraftRoute {
    let above = route.path.map(|(_, path)| path).unwrap_or_default();
    for setting in route.more.iter_mut().filter(|setting| *setting == "strip_prefix = true") {
        *setting = format!("strip_prefix = {}", quoted(&above));
    }
    route.path = Some(("path_regex", format!("{}/.*", regex::escape(&above))));
    route
}

/// Pomerium's prefixes may end within a segment: `/admin` also matched `/administrator`.
fn within_segments(route: &DraftRoute) -> Option<DraftRoute> {
    let ends_anywhere = route.prefix.as_ref().is_some_and(|prefix| !prefix.ends_with('/'));
    let (_, path) = route.path.as_ref().filter(|(setting, _)| ends_anywhere && *setting == "path")?;
    let path = Some(("path_regex", format!("{}[^/].*", regex::escape(path))));
    let changes_path = |setting: &String| setting.starts_with("strip_prefix = ") || setting.starts_with("rewrite = ");
    let mut within = DraftRoute { path, ..route.clone() };
    if within.more.iter().any(changes_path) {
        within.more.retain(|setting| !changes_path(setting));
        within.allow = Allow::Closed;
    }
    Some(within)
}

fn path(source: &Source<'_>) -> Result<Option<(&'static str, String)>, String> {
    Ok(match (source.text("path"), source.text("prefix"), source.text("regex")) {
        (Some(path), ..) => Some(("path_exact", path)),
        (_, Some(prefix), _) => {
            Some(("path", prefix.trim_end_matches('/').to_owned())).filter(|(_, path)| !path.is_empty())
        }
        (.., Some(regex)) => whole_expression(&regex)?,
        _ => None,
    })
}

/// Sets the upstream, redirect or fixed answer of a route; false, with a note, where it has no counterpart.
fn leads_somewhere(draft: &mut Draft, source: &Source<'_>, route: &mut DraftRoute) -> bool {
    let place = &source.place;
    if let Some(redirect) = source.table("redirect") {
        return redirects(draft, &redirect, route);
    }
    if let Some(response) = source.table("response") {
        let status = response.text("status").unwrap_or_else(|| "200".to_owned());
        let body = quoted(&response.text("body").unwrap_or_default());
        route.more.push(format!("respond = {{ status = {status}, body = {body} }}"));
        return true;
    }
    let mut upstreams = Vec::new();
    let mut below = None;
    for to in source.texts(&["to"]) {
        // `http://10.0.0.1,3` has the weight 3.
        let (address, weight) = to.rsplit_once(',').unwrap_or((&to, ""));
        let url = Url::parse(address).ok().filter(|url| matches!(url.scheme(), "http" | "https" | "h2c"));
        let Some(url) = url.filter(Url::has_host) else {
            draft.note(format!("{place}to: `{to}` is left out, only http and https are forwarded to"));
            continue;
        };
        let origin = format!("{}://{}", url.scheme(), url.authority());
        below = Some(url.path().trim_end_matches('/').to_owned()).filter(|path| !path.is_empty()).or(below);
        upstreams.push((quoted(&origin), weight.parse::<u32>().ok().filter(|weight| *weight > 0)));
    }
    let weighted =
        |(url, weight): &(String, Option<u32>)| format!("{{ url = {url}, weight = {} }}", weight.unwrap_or(1));
    route.upstream = match &upstreams[..] {
        [] => return false,
        [(url, None)] => Some(url.clone()),
        several => Some(format!("[{}]", several.iter().map(weighted).collect::<Vec<_>>().join(", "))),
    };
    if let Some(below) = below {
        // The path of an upstream is put before the request's.
        route.more.push(rewrite_setting("(.*)", &format!("{below}$1")));
    }
    true
}

fn redirects(draft: &mut Draft, redirect: &Source<'_>, route: &mut DraftRoute) -> bool {
    let host = redirect.text("host_redirect").or(route.host.clone()).unwrap_or_default();
    let scheme = redirect.text("scheme_redirect").unwrap_or_else(|| "https".to_owned());
    let port = redirect.text("port_redirect").map(|port| format!(":{port}")).unwrap_or_default();
    let path = match redirect.text("path_redirect") {
        Some(path) => path,
        None if redirect.is_on("strip_query") => "{path}".to_owned(),
        None => "{uri}".to_owned(),
    };
    let status = redirect.text("response_code").unwrap_or_else(|| "301".to_owned());
    redirect.truth("https_redirect");
    if redirect.text("prefix_rewrite").is_some() || host.contains('*') {
        draft.note(format!("{}prefix_rewrite: no counterpart, and the route is left out", redirect.place));
        return false;
    }
    route.more.push(format!(
        "redirect = {{ to = {}, status = {status} }}",
        quoted(&format!("{scheme}://{host}{port}{path}"))
    ));
    redirect.left_out(draft);
    true
}

/// The other settings of a route, as TOML.
fn further_settings(draft: &mut Draft, source: &Source<'_>, route: &mut DraftRoute) {
    let place = &source.place;
    if route.upstream.is_some() {
        if !source.is_on("preserve_host_header") {
            route.more.push("preserve_host = false".to_owned());
        }
        route.more.extend(connection_settings(source.text("timeout"), Some(source.is_on("allow_websockets"))));
        rewrite(draft, source, route);
        balancing(draft, source, route);
        tls(draft, source, route);
    }
    let set = source.value("set_request_headers").and_then(Value::as_object);
    let mut headers = Vec::new();
    for (name, value) in set.into_iter().flatten() {
        let is_ours = ["authorization", "cookie", "host", "connection", "content-length", "transfer-encoding"];
        match text(value)
            .filter(|value| !value.contains(['$', '%']) && !is_ours.contains(&name.to_ascii_lowercase().as_str()))
        {
            Some(value) => headers.push(format!("{} = {}", quoted(name), quoted(&value))),
            None => draft.note(format!(
                "{place}set_request_headers.{name}: left out; see headers.authorization and headers.map"
            )),
        }
    }
    let passes_identity = source.truth("pass_identity_headers");
    if passes_identity.is_none() {
        draft.note("pass_identity_headers: routes that do not say so tell their applications who asks, too; headers = { preset = \"none\" } tells them nothing");
    }
    let preset = if passes_identity == Some(false) { "preset = \"none\"" } else { "" };
    let set = if headers.is_empty() { String::new() } else { format!("set = {{ {} }}", headers.join(", ")) };
    let inside: Vec<&str> = [preset, &set].into_iter().filter(|text| !text.is_empty()).collect();
    if !inside.is_empty() {
        route.more.push(format!("headers = {{ {} }}", inside.join(", ")));
    }
    source
        .explained(draft, &[("cors_allow_preflight", "left out; see a route's cors, which names the sites that may")]);
}

fn rewrite(draft: &mut Draft, source: &Source<'_>, route: &mut DraftRoute) {
    let place = &source.place;
    let is_rewritten = route.more.iter().any(|setting| setting.starts_with("rewrite = "));
    let prefix = source.text("prefix_rewrite");
    let expression = source.text("regex_rewrite_pattern").zip(source.text("regex_rewrite_substitution"));
    let written = match (prefix, expression, &route.path) {
        (None, None, _) => return,
        _ if is_rewritten => None,
        (Some(to), None, Some(("path", _))) if to == "/" => Some("strip_prefix = true".to_owned()),
        (Some(to), None, path) => {
            let (beginning, to) = (path.as_ref().map_or("", |(_, path)| path), to.trim_end_matches('/'));
            let regex = format!("{}(.*)", regex::escape(beginning));
            Some(rewrite_setting(&regex, &format!("{to}$1")))
        }
        // Envoy writes groups as \1, and replaces every match.
        (_, Some((pattern, to)), _) => {
            let is_whole = to.starts_with('/')
                && pattern.starts_with('^')
                && pattern.ends_with('$')
                && regex::Regex::new(&pattern).is_ok();
            let pattern = pattern.trim_start_matches('^').trim_end_matches('$');
            let group = regex::Regex::new(r"\\([0-9])").expect("an expression of ours");
            let to = group.replace_all(&to.replace('$', "$$"), "$${$1}").into_owned();
            is_whole.then(|| rewrite_setting(pattern, &to))
        }
    };
    match written {
        Some(setting) => route.more.push(setting),
        None => {
            draft.note(format!(
                "{place}rewrite: has no counterpart; nobody may until you say what is forwarded (REPLACE-ME)"
            ));
            route.allow = Allow::Closed;
        }
    }
}

/// Which of several upstreams gets a request, and how it is found out that one is not well.
fn balancing(draft: &mut Draft, source: &Source<'_>, route: &mut DraftRoute) {
    if let Some(config) = source.table("lb_config") {
        let balance = match config.text("lb_policy").unwrap_or_default().to_ascii_uppercase().as_str() {
            "LEAST_REQUEST" => Some("least-connections"),
            "RING_HASH" | "MAGLEV" => Some("hash"),
            _ => None,
        };
        route.more.extend(balance.map(|balance| format!("balance = \"{balance}\"")));
        config.left_out(draft);
    }
    for (at, check) in source.tables("health_checks").iter().enumerate() {
        let http = check.table("http_health_check").filter(|_| at == 0);
        let Some(path) = http.as_ref().and_then(|http| http.text("path")) else {
            draft.note(format!("{}: left out; one path of http can be asked", check.place.trim_end_matches('.')));
            continue;
        };
        let mut settings = vec![format!("path = {}", quoted(&path))];
        for (theirs, ours) in [("interval", "interval_seconds"), ("timeout", "timeout_seconds")] {
            let time = check.text(theirs).and_then(|text| seconds(&text));
            settings.extend(time.map(|seconds| format!("{ours} = {}", seconds.clamp(1, 3_600))));
        }
        for (theirs, ours) in [("unhealthy_threshold", "failures"), ("healthy_threshold", "successes")] {
            let count = check.text(theirs).and_then(|text| text.parse::<u64>().ok());
            settings.extend(count.map(|count| format!("{ours} = {}", count.clamp(1, 100))));
        }
        route.more.push(format!("health_check = {{ {} }}", settings.join(", ")));
        http.iter().for_each(|http| http.left_out(draft));
        check.left_out(draft);
    }
}

/// Files that are not here are said: a configuration that names them does not pass `check`.
fn tls(draft: &mut Draft, source: &Source<'_>, route: &mut DraftRoute) {
    let is_tls = route.upstream.as_ref().is_some_and(|upstream| upstream.contains("https://"));
    if is_tls && source.is_on("tls_skip_verify") {
        route.more.push("insecure = true".to_owned());
    }
    if let Some(name) = source.text("tls_upstream_server_name").or(source.text("tls_server_name")).filter(|_| is_tls) {
        route.more.push(format!("server_name = {}", quoted(&name)));
    }
    let shown = source.text("tls_client_cert_file").zip(source.text("tls_client_key_file"));
    let authority = source.text("tls_custom_ca_file");
    let shown = shown.map(|(certificate, key)| {
        let pair = format!("{{ certificate = {}, key = {} }}", quoted(&certificate), quoted(&key));
        (vec![certificate, key], format!("client_certificate = {pair}"))
    });
    let authority = authority.map(|file| (vec![file.clone()], format!("ca_file = {}", quoted(&file))));
    for (files, setting) in [shown, authority].into_iter().flatten().filter(|_| is_tls) {
        if files.iter().all(|file| std::path::Path::new(file).is_file()) {
            route.more.push(setting);
        } else {
            draft.note(format!("{}tls: not all of {} are here; write {setting}", source.place, files.join(", ")));
        }
    }
}

/// Who may: whom the route's own settings or its policy let in, and its policy does not refuse.
fn allowed(draft: &mut Draft, source: &Source<'_>) -> Allow {
    let lists = [("groups", "allowed_groups"), ("emails", "allowed_users"), ("email_domains", "allowed_domains")];
    let lists = lists.map(|(ours, theirs)| (ours, source.texts(&[theirs])));
    let lists = lists.iter().filter(|(_, items)| !items.is_empty());
    let mut named: Vec<Vec<String>> = lists.map(|(name, items)| vec![format!("{name} = {}", list(items))]).collect();
    if let Some(Value::Object(claims)) = source.value("allowed_idp_claims") {
        named.extend(
            claims.iter().map(|(claim, values)| {
                vec![format!("claims = {{ {} = {} }}", quoted(claim), list(&texts(Some(values))))]
            }),
        );
    }
    let is_anybody = source.is_on("allow_any_authenticated_user");
    let settings = match (source.is_on("allow_public_unauthenticated_access"), is_anybody) {
        (true, _) => Allow::Public,
        (_, true) => Allow::SignedIn,
        _ if named.is_empty() => Allow::Closed,
        _ => Allow::Conditions(any_of(&named)),
    };
    let policy = source.value("policy").or(source.value("ppl"));
    pomerium_policy::allowed(draft, &source.place, settings, policy)
}
