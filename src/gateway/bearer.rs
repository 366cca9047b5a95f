//! Programs: a request that brings a bearer token, on a route that takes them.
//!
//! | | |
//! |---|---|
//! | `Authorization: Bearer` on a route with `bearer` | the token alone decides: a cookie beside it is not looked at, and nothing is a redirect |
//! | no such header | as for people; a 401 names both ways in |
//! | a route without `bearer` | the header is the application's own |
//!
//! Refusals are RFC 6750 §3's, and say where the protected-resource metadata stands (RFC 9728). A path that could be read
//! as several routes takes only tokens that all of them take. A valid token is not checked again for [`REMEMBERED`].

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use http::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use quick_cache::sync::Cache;
use serde_json::{Value, json};
use tracing::{info, warn};

use super::principal::Machine;
use super::{Gateway, RouteEntry, cross_origin};
use crate::access::{Matched, PathPattern};
use crate::metrics::BearerOutcome;
use crate::oidc::{AccessToken, Rejected, ResourceServer, TokenRules, claimed_issuer};
use crate::secret::sha256;
use crate::session::{ClaimValue, Identity};
use crate::time::Instant;
use crate::web::{Request, Response};

/// How long a valid token is not checked again; less where it ends before.
const REMEMBERED: Duration = Duration::from_secs(60);

/// The same for an opaque token, about which the issuer was asked.
const ASKED: Duration = Duration::from_secs(30);

/// How long an issuer is not asked again about a token that it refused: short, since the token may become valid.
const REFUSED: Duration = Duration::from_secs(10);

/// How many tokens are remembered, of each issuer.
const MOST: usize = 10_000;

/// Where the metadata stands.
const METADATA: &str = "/.well-known/oauth-protected-resource";

/// Who issues tokens that some routes take.
pub struct BearerIssuer {
    name: String,
    groups_claim: String,
    /// The claims besides those of the first level that are asked for.
    paths: Vec<String>,
    server: ResourceServer,
    remembered: Cache<[u8; 32], (Arc<Machine>, Instant)>,
    /// Tokens that the issuer refused, apart from the valid ones, so that made-up tokens evict none of those.
    refused: Cache<[u8; 32], (Rejected, Instant)>,
}

/// What a request brings.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Brought<'r> {
    Nothing,
    Token(&'r str),
    /// Two of them, or what is no token.
    Malformed,
}

impl BearerIssuer {
    /// By the name that routes use; groups stand in `groups_claim`. Of what lies in objects, `paths` are kept.
    pub fn new(name: String, groups_claim: String, paths: Vec<String>, server: ResourceServer) -> Self {
        Self { name, groups_claim, paths, server, remembered: Cache::new(MOST), refused: Cache::new(MOST) }
    }

    /// The name that routes use.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What tokens must be.
    pub(super) fn rules(&self) -> &TokenRules {
        self.server.rules()
    }

    /// The setting by which a token may open something that it does not open as `before` has it.
    pub(super) fn widened(&self, before: &Self) -> Option<&'static str> {
        let other_groups = self.groups_claim != before.groups_claim;
        self.rules().admit_more_than(before.rules()).or(other_groups.then_some("groups_claim"))
    }

    /// The program that a token is about.
    async fn check(&self, token: &str, is_jwt: bool, now: Instant) -> Result<Arc<Machine>, Rejected> {
        let digest = sha256(token);
        if let Some((found, until)) = self.remembered.get(&digest)
            && now < until
        {
            return Ok(found);
        }
        if is_jwt {
            let token = self.server.verify(token, now).await?;
            return Ok(self.remember(digest, &token, now.after(REMEMBERED)));
        }
        if let Some((why, until)) = self.refused.get(&digest)
            && now < until
        {
            return Err(why);
        }
        let answer = self.server.introspect(token, now).await;
        let checked = answer.unwrap_or(Err(Rejected::Invalid("nobody here issues tokens of that kind")));
        if let Err(why @ (Rejected::Invalid(_) | Rejected::Insufficient)) = &checked {
            self.refused.insert(digest, (why.clone(), now.after(REFUSED)));
        }
        checked.map(|token| self.remember(digest, &token, now.after(ASKED)))
    }

    fn remember(&self, digest: [u8; 32], token: &AccessToken, until: Instant) -> Arc<Machine> {
        let machine = Arc::new(self.machine(token));
        self.remembered.insert(digest, (Arc::clone(&machine), until.min(token.ends)));
        machine
    }

    /// What a token says of its program.
    fn machine(&self, token: &AccessToken) -> Machine {
        let text = |name: &str| token.claim(name).and_then(Value::as_str).map(str::to_owned);
        let list = |name: &str| match token.claim(name) {
            Some(Value::Array(items)) => texts(items),
            Some(Value::String(one)) => vec![one.clone()],
            _ => Vec::new(),
        };
        let names = token.claims().keys().chain(&self.paths);
        let kept = names.filter_map(|name| Some((name.clone(), as_claim(token.claim(name)?)?)));
        let mut claims: BTreeMap<String, ClaimValue> = kept.collect();
        if let Some(client) = &token.client {
            claims.insert("client_id".to_owned(), ClaimValue::Text(client.clone()));
        }
        let identity = Identity {
            provider: self.name.clone(),
            subject: token.subject.clone(),
            username: text("preferred_username"),
            name: text("name"),
            email: text("email"),
            groups: list(&self.groups_claim),
            claims,
            auth_time: token.claim("auth_time").and_then(Value::as_u64).map(Instant::from_seconds),
            amr: list("amr"),
            acr: text("acr"),
            left_out: Vec::new(),
        };
        Machine { identity, scopes: token.scopes.clone(), issued: token.issued, ends: token.ends }
    }
}

/// A claim as it is kept; none for an object.
fn as_claim(value: &Value) -> Option<ClaimValue> {
    match value {
        Value::String(text) => Some(ClaimValue::Text(text.clone())),
        Value::Number(number) => Some(ClaimValue::Text(number.to_string())),
        Value::Bool(truth) => Some(ClaimValue::Text(truth.to_string())),
        Value::Array(items) => Some(ClaimValue::List(texts(items))),
        Value::Object(_) | Value::Null => None,
    }
}

fn texts(items: &[Value]) -> Vec<String> {
    items.iter().filter_map(|item| item.as_str().map(str::to_owned)).collect()
}

/// The token that a request brings in its header; a query and a form are never looked at, since they are logged
/// (RFC 9700 §4.3.2).
pub(super) fn brought(headers: &HeaderMap) -> Brought<'_> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let Some(value) = values.next() else { return Brought::Nothing };
    let is_bearer = |value: &HeaderValue| {
        let scheme = value.as_bytes().split(|byte| *byte == b' ').next().unwrap_or_default();
        scheme.eq_ignore_ascii_case(b"bearer")
    };
    if values.next().is_some() {
        return if headers.get_all(AUTHORIZATION).iter().any(is_bearer) {
            Brought::Malformed
        } else {
            Brought::Nothing
        };
    }
    if !is_bearer(value) {
        return Brought::Nothing;
    }
    // RFC 6750 §2.1: b64token, after one blank or several.
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~' | b'+' | b'/');
    let token = value.to_str().ok().and_then(|value| value.split_once(' ')).map(|(_, rest)| rest.trim());
    let is_token = |token: &&str| !token.is_empty() && token.trim_end_matches('=').bytes().all(is_letter);
    token.filter(is_token).map_or(Brought::Malformed, Brought::Token)
}

impl Gateway {
    /// The program that the token of this request is about; none where it brings none, or the route takes none.
    pub(super) async fn machine(
        &self,
        request: &Request<'_>,
        matched: &Matched<'_, RouteEntry>,
        now: Instant,
    ) -> Option<Result<Arc<Machine>, Response>> {
        if matched.entry.bearer.is_empty() {
            return None;
        }
        let token = match brought(&request.head.headers) {
            Brought::Nothing => return None,
            Brought::Malformed => {
                let bad = self.bearer_refusal(request, matched.entry, StatusCode::BAD_REQUEST, "invalid_request");
                return Some(Err(bad));
            }
            Brought::Token(token) => token,
        };
        let issuer = claimed_issuer(token);
        let mut taken = Self::issuers_taken(matched).into_iter();
        let found = match &issuer {
            Some(named) => taken.find(|issuer| issuer.rules().issuer.as_str() == named),
            None => taken.find(|issuer| issuer.rules().introspection.is_some()),
        };
        let Some(found) = found else {
            self.metrics.bearer("unknown", BearerOutcome::Invalid);
            return Some(Err(self.bearer_refusal(request, matched.entry, StatusCode::UNAUTHORIZED, "invalid_token")));
        };
        let checked = found.check(token, issuer.is_some(), now).await;
        Some(checked.map_err(|rejected| self.rejected(request, matched.entry, found, &rejected)).inspect(|_| {
            self.metrics.bearer(&found.name, BearerOutcome::Accepted);
        }))
    }

    fn rejected(
        &self,
        request: &Request<'_>,
        entry: &RouteEntry,
        issuer: &BearerIssuer,
        rejected: &Rejected,
    ) -> Response {
        let (outcome, status, error) = match rejected {
            Rejected::Invalid(_) => (BearerOutcome::Invalid, StatusCode::UNAUTHORIZED, "invalid_token"),
            Rejected::Insufficient => (BearerOutcome::Insufficient, StatusCode::FORBIDDEN, "insufficient_scope"),
            Rejected::Unavailable(_) => (BearerOutcome::Unavailable, StatusCode::SERVICE_UNAVAILABLE, ""),
        };
        self.metrics.bearer(&issuer.name, outcome);
        match rejected {
            Rejected::Invalid(why) => info!(id = %request.id, issuer = issuer.name, why, "a bearer token was refused"),
            Rejected::Insufficient => {
                info!(id = %request.id, issuer = issuer.name, "a bearer token is not good for this")
            }
            Rejected::Unavailable(failure) => {
                warn!(id = %request.id, issuer = issuer.name, cause = %failure, "a bearer token cannot be checked");
                let detail = "Tokens cannot be checked at the moment.";
                return Response::problem(status, "Service unavailable", detail, &[]);
            }
        }
        self.bearer_refusal(request, entry, status, error)
    }

    /// What a program is told that may not (RFC 6750 §3.1).
    pub(super) fn bearer_refusal(
        &self,
        request: &Request<'_>,
        entry: &RouteEntry,
        status: StatusCode,
        error: &str,
    ) -> Response {
        let (title, detail) = match error {
            "invalid_request" => ("Bad request", "The Authorization header holds no token, or there is more than one."),
            "invalid_token" => {
                ("Unauthorized", "The access token is expired, revoked, malformed, or not for this address.")
            }
            _ => ("Forbidden", "The access token does not allow this."),
        };
        let scopes = scopes(entry);
        let scope = match error {
            "insufficient_scope" if !scopes.is_empty() => format!(", scope=\"{}\"", scopes.join(" ")),
            _ => String::new(),
        };
        let challenge = format!(
            "{}, error=\"{error}\", error_description=\"{detail}\"{scope}",
            self.bearer_challenge(request, entry)
        );
        Response::problem(status, title, detail, &[("error", error), ("reference", &request.id.to_string())])
            .with_header(WWW_AUTHENTICATE, &challenge)
    }

    /// How a program proves who it is here, and where it reads more of that.
    pub(super) fn bearer_challenge(&self, request: &Request<'_>, entry: &RouteEntry) -> String {
        let site = self.site_of(request);
        let origin = site.as_deref().unwrap_or(self.site()).origin();
        let path = resource_path(entry);
        format!("Bearer realm=\"{origin}\", resource_metadata=\"{origin}{METADATA}{path}\"")
    }

    /// The metadata of a route that takes tokens (RFC 9728 §3), where that is what is asked for.
    pub(super) fn resource_metadata(&self, request: &Request<'_>) -> Option<Response> {
        let rest = request.path().strip_prefix(METADATA).filter(|rest| rest.is_empty() || rest.starts_with('/'))?;
        if !matches!(*request.method(), Method::GET | Method::HEAD) {
            return None;
        }
        let entry = self.resource(request.host(), rest)?;
        let path = if rest.is_empty() { "/" } else { rest };
        let site = self.site_of(request)?;
        let origin = site.origin();
        let rules = || entry.bearer.iter().map(|issuer| issuer.rules());
        let issuers: Vec<&str> = rules().map(|rules| rules.issuer.as_str()).collect();
        let scopes = scopes(entry);
        let mut document = json!({
            "resource": format!("{origin}{path}"), "authorization_servers": issuers,
            "bearer_methods_supported": ["header"], "resource_name": entry.route.name,
        });
        if rest.is_empty() {
            document["resource"] = origin.into();
        }
        if !scopes.is_empty() {
            document["scopes_supported"] = json!(scopes);
        }
        Some(cross_origin::public_document(&document))
    }

    /// The route that a challenge calls by this path, whatever methods it has; see [`resource_path`].
    fn resource(&self, host: &str, path: &str) -> Option<&Arc<RouteEntry>> {
        let is_it = |entry: &&Arc<RouteEntry>| !entry.bearer.is_empty() && resource_path(entry) == path;
        let candidates = self.routes.candidates(host, if path.is_empty() { "/" } else { path });
        // A less exact one never answers here.
        let place = |entry: &Arc<RouteEntry>| (entry.route.host.to_text(), entry.route.path.as_str().to_owned());
        let first = candidates.first().map(|first| place(first));
        let mut exact = candidates.into_iter().take_while(|entry| Some(place(entry)) == first);
        // An expression need not match what all its paths begin with.
        let of_host = |entry: &&Arc<RouteEntry>| match &entry.route.path {
            PathPattern::Matching(regex) => regex
                .example()
                .is_some_and(|path| self.routes.candidates(host, path).iter().any(|other| Arc::ptr_eq(other, entry))),
            PathPattern::Exactly(_) | PathPattern::Below(_) => false,
        };
        exact.find(is_it).or_else(|| self.routes.iter().filter(is_it).find(of_host))
    }

    /// Who takes part in what becomes of a request with an access token: its issuers that every reading of its path takes.
    pub(super) fn issuers_taken<'g>(matched: &Matched<'g, RouteEntry>) -> Vec<&'g Arc<BearerIssuer>> {
        let is_taken = |issuer: &&Arc<BearerIssuer>| {
            matched.entries().all(|entry| entry.bearer.iter().any(|other| Arc::ptr_eq(other, issuer)))
        };
        matched.entry.bearer.iter().filter(is_taken).collect()
    }
}

/// The scopes that tokens must have on a route, by its issuers and by its policy.
fn scopes(entry: &RouteEntry) -> Vec<&str> {
    let of_issuers = entry.bearer.iter().flat_map(|issuer| &issuer.rules().scopes).map(String::as_str);
    let mut scopes: Vec<&str> = of_issuers.chain(entry.route.policy.scopes()).collect();
    scopes.sort_unstable();
    scopes.dedup();
    scopes
}

/// The part of an address that names a route as a resource; empty for the whole of a site.
fn resource_path(entry: &RouteEntry) -> &str {
    match entry.route.path.beginning() {
        "/" => "",
        path => path,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// B-01, and RFC 6750 §2.1.
    #[test]
    fn a_token_is_read_from_one_header_only() {
        for (values, expected) in [
            (&[][..], Brought::Nothing),
            (&["Basic dTpw"], Brought::Nothing),
            (&["Bearerx abc"], Brought::Nothing),
            (&["Bearer abc.d-e_f~+/=="], Brought::Token("abc.d-e_f~+/==")),
            (&["bEARER   abc"], Brought::Token("abc")),
            (&["Bearer"], Brought::Malformed),
            (&["Bearer "], Brought::Malformed),
            (&["Bearer a b"], Brought::Malformed),
            (&["Bearer a,b"], Brought::Malformed),
            (&["Bearer a=b"], Brought::Malformed),
            (&["Bearer a", "Bearer b"], Brought::Malformed),
            (&["Basic dTpw", "Bearer b"], Brought::Malformed),
            (&["Basic dTpw", "Basic dTpw"], Brought::Nothing),
        ] {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(AUTHORIZATION, value.parse().expect("a value"));
            }
            assert_eq!(brought(&headers), expected, "{values:?}");
        }
    }
}
