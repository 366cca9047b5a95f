//! Programs: a request that brings a bearer token, on a route that takes them.
//!
//! | | |
//! |---|---|
//! | `Authorization: Bearer` on a route with `bearer` | the token alone decides: a cookie beside it is not looked at, and nothing is a redirect |
//! | no such header | as for people; a 401 names both ways in |
//! | `access_token` in the query there (RFC 6750 §2.3) | refused, whatever else the request brings: addresses are logged and kept, and two tokens may be read by two programs (RFC 9700 §4.3.2) |
//! | a route without `bearer` | the header and the query are the application's own |
//!
//! A body is never looked at: a token in a form (§2.2) is none. Refusals are RFC 6750 §3's, and say where the
//! protected-resource metadata stands (RFC 9728). A path that could be read as several routes takes only tokens that all
//! of them take. A valid token is not checked again for [`REMEMBERED`], but for the certificate that it is bound to.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use data_encoding::HEXLOWER;
use http::header::{AUTHORIZATION, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderValue, StatusCode};
use quick_cache::sync::Cache;
use serde_json::{Value, json};
use tracing::{info, warn};

use super::principal::{Machine, Principal};
use super::{Gateway, RouteEntry, cross_origin, refused_as};
use crate::access::{AuthnRequirement, Matched, PathPattern, Policy, Refusal};
use crate::metrics::{BearerOutcome, DecisionLabel};
use crate::oidc::json::texts;
use crate::oidc::{AccessToken, Failure, Rejected, ResourceServer, TokenRules, claimed_issuer};
use crate::secret::sha256;
use crate::session::{ClaimValue, Identity};
use crate::signin::as_claim;
use crate::time::Instant;
use crate::web::{Request, Response};

/// How long a valid token is not checked again; less where it ends before.
const REMEMBERED: Duration = Duration::from_secs(60);

/// The same for an opaque token, about which the issuer was asked.
const ASKED: Duration = Duration::from_secs(30);

/// How long an issuer is not asked again about a token that it refused: short, since the token may become valid.
const REFUSED: Duration = Duration::from_secs(10);

/// In how many seconds to ask again while an issuer does not answer.
const RETRY_SECONDS: u64 = 5;

/// How many tokens are remembered, of each issuer.
const MOST: usize = 10_000;

/// Why a token is refused whose sign-in was too weak, or is too long ago; for `explain` and the log.
pub(super) const WEAK_TOKEN: &str = "its token does not say that it signed in strongly or recently enough";

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
    /// Two of them, one in the query, or what is no token.
    Malformed,
}

/// Why a program is refused (RFC 6750 §3.1, RFC 9470 §3).
enum BearerError<'s> {
    InvalidRequest,
    InvalidToken,
    /// With the scopes that it must have; none where scopes are not what it lacks.
    InsufficientScope(Vec<&'s str>),
    /// With what the sign-in must have been that its token comes from.
    InsufficientAuthentication(&'s AuthnRequirement),
}

impl BearerError<'_> {
    /// The status, the code, and a title and a sentence for the reader.
    fn words(&self) -> (StatusCode, &'static str, &'static str, &'static str) {
        match self {
            Self::InvalidRequest => (
                StatusCode::BAD_REQUEST,
                "invalid_request",
                "Bad request",
                "An access token comes once, in the Authorization header, and nowhere else.",
            ),
            Self::InvalidToken => (
                StatusCode::UNAUTHORIZED,
                "invalid_token",
                "Unauthorized",
                "The access token is expired, revoked, malformed, or not for this address.",
            ),
            Self::InsufficientScope(_) => {
                (StatusCode::FORBIDDEN, "insufficient_scope", "Forbidden", "The access token does not allow this.")
            }
            Self::InsufficientAuthentication(_) => (
                StatusCode::UNAUTHORIZED,
                "insufficient_user_authentication",
                "Unauthorized",
                "This address asks for the access token of a stronger or a more recent sign-in.",
            ),
        }
    }

    /// What is asked for, as a challenge says it.
    fn asked(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::InvalidRequest | Self::InvalidToken => Vec::new(),
            Self::InsufficientScope(scopes) if scopes.is_empty() => Vec::new(),
            Self::InsufficientScope(scopes) => vec![("scope", scopes.join(" "))],
            Self::InsufficientAuthentication(asked) => {
                let acr_values = asked.acr_values().map(|values| ("acr_values", values.to_owned()));
                let max_age = asked.max_age().map(|age| ("max_age", age.as_secs().to_string()));
                acr_values.into_iter().chain(max_age).collect()
            }
        }
    }
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

    /// The program that a token is about, over a connection with that client certificate.
    async fn check(
        &self,
        token: &str,
        is_jwt: bool,
        certificate: Option<&str>,
        now: Instant,
    ) -> Result<Arc<Machine>, Rejected> {
        let machine = self.find(token, is_jwt, now).await?;
        match machine.certificate.as_deref().is_none_or(|bound| certificate == Some(bound)) {
            true => Ok(machine),
            false => Err(Rejected::Invalid("it is bound to a client certificate, and not to this connection's")),
        }
    }

    async fn find(&self, token: &str, is_jwt: bool, now: Instant) -> Result<Arc<Machine>, Rejected> {
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
        if let Err(why @ (Rejected::Invalid(_) | Rejected::LacksScope | Rejected::LacksClaim)) = &checked {
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
        let list = |name: &str| token.claim(name).map(texts).unwrap_or_default();
        let names = token.claims().keys().chain(&self.paths);
        let kept = names.filter_map(|name| Some((name.clone(), as_claim(token.claim(name)?)?)));
        let mut claims: BTreeMap<String, ClaimValue> = kept.collect();
        if let Some(client) = &token.client {
            claims.insert("client_id".to_owned(), ClaimValue::Text(client.clone()));
        }
        let certificate = token.certificate.map(|digest| HEXLOWER.encode(&digest));
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
        Machine { identity, scopes: token.scopes.clone(), issued: token.issued, ends: token.ends, certificate }
    }

    /// The scopes that its tokens must have under these policies.
    fn scopes<'s>(&'s self, policies: impl Iterator<Item = &'s Policy>) -> Vec<&'s str> {
        let of_issuer = self.rules().scopes.iter().map(String::as_str);
        listed(of_issuer.chain(policies.flat_map(Policy::scopes)))
    }
}

/// The token that a request brings, on a route that takes them.
pub(super) fn brought<'r>(headers: &'r HeaderMap, query: Option<&str>) -> Brought<'r> {
    let mut parameters = url::form_urlencoded::parse(query.unwrap_or_default().as_bytes());
    if parameters.any(|(name, _)| name == "access_token") {
        return Brought::Malformed;
    }
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
        let token = match brought(&request.head.headers, request.query()) {
            Brought::Nothing => return None,
            Brought::Malformed => {
                info!(id = %request.id, "a bearer token was refused: it is none, or comes twice or in the query");
                return Some(Err(self.bearer_refusal(request, matched.entry, &BearerError::InvalidRequest)));
            }
            Brought::Token(token) => token,
        };
        let claimed = claimed_issuer(token);
        // Several may be of one issuer, with rules of their own; and an opaque token does not say whose it is.
        let is_asked = |issuer: &&Arc<BearerIssuer>| match &claimed {
            Some(named) => issuer.rules().issuer.as_str() == named,
            None => issuer.rules().introspection.is_some(),
        };
        let mut nearest: Option<(&BearerIssuer, Rejected)> = None;
        for issuer in Self::issuers_taken(matched).into_iter().filter(is_asked) {
            let rejected = match issuer.check(token, claimed.is_some(), request.certificate, now).await {
                Ok(machine) => {
                    self.metrics.bearer(&issuer.name, BearerOutcome::Accepted);
                    return Some(Ok(machine));
                }
                Err(rejected) => rejected,
            };
            if nearest.as_ref().is_none_or(|(_, before)| distance(&rejected) < distance(before)) {
                nearest = Some((issuer, rejected));
            }
        }
        Some(Err(match nearest {
            Some((issuer, rejected)) => self.rejected(request, matched, issuer, &rejected),
            None => {
                self.metrics.bearer("unknown", BearerOutcome::Invalid);
                info!(id = %request.id, "a bearer token was refused: it is of none of the route's issuers");
                self.bearer_refusal(request, matched.entry, &BearerError::InvalidToken)
            }
        }))
    }

    fn rejected(
        &self,
        request: &Request<'_>,
        matched: &Matched<'_, RouteEntry>,
        issuer: &BearerIssuer,
        rejected: &Rejected,
    ) -> Response {
        let (outcome, error) = match rejected {
            Rejected::Invalid(why) => {
                info!(id = %request.id, issuer = issuer.name, why, "a bearer token was refused");
                (BearerOutcome::Invalid, BearerError::InvalidToken)
            }
            Rejected::LacksScope => {
                info!(id = %request.id, issuer = issuer.name, "a bearer token lacks a scope of its issuer's `scopes`");
                (BearerOutcome::Insufficient, BearerError::InsufficientScope(issuer.scopes(matched.policies())))
            }
            Rejected::LacksClaim => {
                info!(id = %request.id, issuer = issuer.name, "a bearer token lacks a claim of its issuer's `claims`");
                (BearerOutcome::Insufficient, BearerError::InsufficientScope(Vec::new()))
            }
            Rejected::Unavailable(failure) => {
                self.metrics.bearer(&issuer.name, BearerOutcome::Unavailable);
                return unavailable(request, issuer, failure);
            }
        };
        self.metrics.bearer(&issuer.name, outcome);
        self.bearer_refusal(request, matched.entry, &error)
    }

    /// What a program is told whom the policies of a route refuse.
    pub(super) fn refuse_program(
        &self,
        request: &Request<'_>,
        matched: &Matched<'_, RouteEntry>,
        program: Option<&Principal>,
        why: Refusal,
    ) -> Response {
        matched.entry.metrics.decided(refused_as(why));
        let named = name_of_issuer(program);
        let issuer = matched.entry.bearer.iter().find(|issuer| issuer.name == named && why == Refusal::Scope);
        let scopes = issuer.map(|issuer| issuer.scopes(matched.policies())).unwrap_or_default();
        log_refusal(request, matched, named, why.as_str());
        self.bearer_refusal(request, matched.entry, &BearerError::InsufficientScope(scopes))
    }

    /// What a program is told whose token is of a sign-in that was too weak, or is too long ago.
    pub(super) fn step_up_program(
        &self,
        request: &Request<'_>,
        matched: &Matched<'_, RouteEntry>,
        program: Option<&Principal>,
        asked: &AuthnRequirement,
    ) -> Response {
        matched.entry.metrics.decided(DecisionLabel::StepUp);
        log_refusal(request, matched, name_of_issuer(program), WEAK_TOKEN);
        self.bearer_refusal(request, matched.entry, &BearerError::InsufficientAuthentication(asked))
    }

    /// What a program is told that may not.
    fn bearer_refusal(&self, request: &Request<'_>, entry: &RouteEntry, error: &BearerError<'_>) -> Response {
        let (status, code, title, detail) = error.words();
        let mut challenge = self.bearer_challenge(request, entry);
        let described = [("error", code.to_owned()), ("error_description", detail.to_owned())];
        for (name, value) in described.into_iter().chain(error.asked()) {
            let value = value.replace('\\', "\\\\").replace('"', "\\\"");
            challenge.push_str(&format!(", {name}=\"{value}\""));
        }
        Response::problem(status, title, detail, &[("error", code), ("reference", &request.id.to_string())])
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
        let entry = self.resource(request.host(), rest)?;
        let path = if rest.is_empty() { "/" } else { rest };
        let site = self.site_of(request)?;
        let origin = site.origin();
        let rules = || entry.bearer.iter().map(|issuer| issuer.rules());
        let issuers: Vec<&str> = rules().map(|rules| rules.issuer.as_str()).collect();
        let scopes = entry.bearer.iter().flat_map(|issuer| issuer.scopes([&entry.route.policy].into_iter()));
        let scopes = listed(scopes);
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
        Some(cross_origin::public_document(request.method(), &document))
    }

    /// The route that a challenge calls by this path, whatever methods it has; see [`resource_path`].
    fn resource(&self, host: &str, path: &str) -> Option<&Arc<RouteEntry>> {
        let is_it = |entry: &&Arc<RouteEntry>| !entry.bearer.is_empty() && resource_path(entry) == path;
        // A less exact one never answers here.
        let mut exact = self.most_exact(host, if path.is_empty() { "/" } else { path });
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

/// What a program is told while its issuer does not answer, or may not be asked.
fn unavailable(request: &Request<'_>, issuer: &BearerIssuer, failure: &Failure) -> Response {
    let wait = match failure {
        Failure::OverBudget(wait) => {
            // Strangers' made-up tokens are enough for that, so it is no warning.
            info!(id = %request.id, issuer = issuer.name, cause = %failure, "a bearer token cannot be checked");
            wait.as_secs() + 1
        }
        _ => {
            warn!(id = %request.id, issuer = issuer.name, cause = %failure, "a bearer token cannot be checked");
            let asked = if let Failure::RateLimited(wait) = failure { *wait } else { None };
            asked.map_or(RETRY_SECONDS, |wait| wait.as_secs().max(1))
        }
    };
    let detail = "Tokens cannot be checked at the moment.";
    Response::problem(StatusCode::SERVICE_UNAVAILABLE, "Service unavailable", detail, &[])
        .with_header(RETRY_AFTER, &wait.to_string())
}

/// The name of the issuer of a program's token.
fn name_of_issuer(program: Option<&Principal>) -> &str {
    program.map(|program| program.identity().provider.as_str()).unwrap_or_default()
}

fn log_refusal(request: &Request<'_>, matched: &Matched<'_, RouteEntry>, issuer: &str, why: &str) {
    info!(
        id = %request.id, route = matched.route().name, rule = %matched.route().policy, issuer, why,
        "a bearer token was refused by the policy of its route"
    );
}

/// How far a token is from being accepted: of several issuers the nearest says why it is not.
fn distance(rejected: &Rejected) -> u8 {
    match rejected {
        Rejected::Unavailable(_) => 0,
        Rejected::LacksScope | Rejected::LacksClaim => 1,
        Rejected::Invalid(_) => 2,
    }
}

/// Each of these scopes once.
fn listed<'s>(scopes: impl Iterator<Item = &'s str>) -> Vec<&'s str> {
    let mut scopes: Vec<&str> = scopes.collect();
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
            assert_eq!(brought(&headers, None), expected, "{values:?}");
        }
    }

    /// RFC 6750 §2.
    #[test]
    fn no_token_is_read_from_a_query_nor_beside_one() {
        let (none, token) =
            (HeaderMap::new(), HeaderMap::from_iter([(AUTHORIZATION, HeaderValue::from_static("Bearer a"))]));
        for (query, is_refused) in [
            ("", false),
            ("access_tokens=a&token=b&x=access_token", false),
            ("ACCESS_TOKEN=a", false),
            ("access_token=a", true),
            ("access_token", true),
            ("x=1&access_token=", true),
            ("access%5Ftoken=a", true),
        ] {
            for (headers, otherwise) in [(&none, Brought::Nothing), (&token, Brought::Token("a"))] {
                let expected = if is_refused { Brought::Malformed } else { otherwise };
                assert_eq!(brought(headers, Some(query)), expected, "{query}");
            }
        }
    }
}
