//! Pomerium: the identity provider and `routes`.

use serde_json::{Map, Value};
use url::Url;

use super::draft::{Allow, Draft, DraftRoute, expression, quoted};
use super::{seconds, text, texts, with_host};

pub(super) fn read(document: &Map<String, Value>) -> Draft {
    let mut draft = Draft::default();
    let get = |name: &str| document.get(name).and_then(text);
    if let Some(address) = get("address") {
        draft.note(format!("address: `{address}` spoke TLS; it is http here until [tls] has a certificate"));
        draft.listen.push(with_host(&address));
    }
    if let Some(address) = get("authenticate_service_url") {
        draft.reached_at(&address);
        draft.callback_path = None;
    }
    draft.issuer = get("idp_provider_url");
    (draft.client_id, draft.client_secret) = (get("idp_client_id"), get("idp_client_secret"));
    draft.scopes =
        texts(document.get("idp_scopes")).iter().flat_map(|text| text.split(',')).map(str::to_owned).collect();
    draft.sessions_last(get("cookie_expire").and_then(|text| seconds(&text)));
    draft.headers.push("preset = \"pomerium\"".to_owned());
    draft.note("X-Pomerium-Jwt-Assertion is signed with the gateway's own keys (/.gateway/jwks.json), and names its own issuer");
    let routes =
        document.get("routes").or(document.get("policy")).and_then(Value::as_array).cloned().unwrap_or_default();
    for (at, route) in routes.iter().enumerate() {
        if let Some(route) = route.as_object() {
            read_route(&mut draft, &format!("routes[{at}]."), route);
        }
    }
    let known = [
        "address",
        "authenticate_service_url",
        "idp_provider",
        "idp_provider_url",
        "idp_client_id",
        "idp_client_secret",
        "idp_scopes",
        "cookie_expire",
        "routes",
        "policy",
    ];
    draft.left_out("", document, &known);
    draft
}

/// The keys of a route that are looked at.
const KNOWN_OF_ROUTE: [&str; 17] = [
    "from",
    "to",
    "path",
    "prefix",
    "regex",
    "preserve_host_header",
    "allow_websockets",
    "timeout",
    "set_request_headers",
    "allowed_groups",
    "allowed_users",
    "allowed_domains",
    "policy",
    "allow_public_unauthenticated_access",
    "allow_any_authenticated_user",
    "pass_identity_headers",
    "name",
];

fn read_route(draft: &mut Draft, place: &str, document: &Map<String, Value>) {
    let Some(from) = document
        .get("from")
        .and_then(text)
        .and_then(|from| Url::parse(&from).ok())
        .filter(|url| matches!(url.scheme(), "https" | "http"))
    else {
        draft.note(format!("{place}from: is no https address, and the route is left out"));
        return;
    };
    if draft.public_url.is_none() {
        draft.public_url = Some(from.origin().ascii_serialization());
    }
    let path = path(document);
    let Some(upstream) = upstream(draft, place, document) else { return };
    let more = further_settings(draft, place, document);
    let allow = allowed(draft, place, document);
    draft.left_out(place, document, &KNOWN_OF_ROUTE);
    let host = from.host_str().map(str::to_owned);
    draft.routes.push(DraftRoute { host, path, upstream: Some(upstream), allow, more });
}

fn path(document: &Map<String, Value>) -> Option<(&'static str, String)> {
    let get = |name: &str| document.get(name).and_then(text);
    match (get("path"), get("prefix"), get("regex")) {
        (Some(path), ..) => Some(("path_exact", path)),
        (_, Some(prefix), _) => {
            Some(("path", prefix.trim_end_matches('/').to_owned())).filter(|(_, path)| !path.is_empty())
        }
        (.., Some(regex)) => expression(&format!("^{}$", regex.trim_start_matches('^').trim_end_matches('$'))),
        _ => None,
    }
}

/// Where a route forwards to; none, and a note why, where it is left out.
fn upstream(draft: &mut Draft, place: &str, document: &Map<String, Value>) -> Option<String> {
    let to = texts(document.get("to"));
    let url = to.first().and_then(|to| Url::parse(to).ok()).filter(|url| matches!(url.scheme(), "http" | "https"));
    let Some(url) = url else {
        draft.note(if document.contains_key("redirect") {
            format!("{place}redirect: left out; see a route's redirect")
        } else {
            format!("{place}to: only http and https are forwarded to, and the route is left out")
        });
        return None;
    };
    if url.path() != "/" {
        draft.note(format!("{place}to: the path `{}` is left out; see a route's rewrite", url.path()));
    }
    if to.len() > 1 {
        draft.note(format!("{place}to: only the first of {} is taken", to.len()));
    }
    Some(url.origin().ascii_serialization())
}

/// The settings besides host, path, upstream and who may, as they are written.
fn further_settings(draft: &mut Draft, place: &str, document: &Map<String, Value>) -> Vec<String> {
    let is_on = |name: &str| document.get(name) == Some(&Value::Bool(true));
    let mut settings = Vec::new();
    if !is_on("preserve_host_header") {
        settings.push("preserve_host = false".to_owned());
    }
    if !is_on("allow_websockets") {
        settings.push("websocket = false".to_owned());
    }
    let timeout = document.get("timeout").and_then(text).and_then(|text| seconds(&text));
    if let Some(seconds) = timeout.filter(|seconds| (1..=86_400).contains(seconds)) {
        settings.push(format!("timeout_seconds = {seconds}"));
    }
    if let Some(set) = document.get("set_request_headers").and_then(Value::as_object) {
        let set: Vec<_> = set
            .iter()
            .filter_map(|(name, value)| Some(format!("{} = {}", quoted(name), quoted(&text(value)?))))
            .collect();
        draft.note(format!(
            "{place}set_request_headers: headers of the protocol, as Authorization, are refused by `check`"
        ));
        settings.push(format!("headers = {{ set = {{ {} }} }}", set.join(", ")));
    }
    settings
}

/// One word for everybody, or who may: any of groups, users and domains.
fn allowed(draft: &mut Draft, place: &str, document: &Map<String, Value>) -> Allow {
    let is_on = |name: &str| document.get(name) == Some(&Value::Bool(true));
    if is_on("allow_public_unauthenticated_access") {
        return Allow::Public;
    }
    let lists = [("groups", "allowed_groups"), ("emails", "allowed_users"), ("email_domains", "allowed_domains")];
    let lists = lists.map(|(ours, theirs)| (ours, texts(document.get(theirs))));
    if document.contains_key("policy") {
        draft.note(format!("{place}policy: left out, what only it allows nobody may"));
    }
    let who = Allow::any_of(&lists);
    // Nothing said was nobody there.
    if who == Allow::SignedIn && !is_on("allow_any_authenticated_user") { Allow::Closed } else { who }
}
