//! Forward auth: another proxy asks about each request and forwards it itself.
//!
//! ```text
//! the proxy's question ─► dialect (by path) ─► the request it asks about ─► Gateway::decide ─► words for that proxy
//! ```
//!
//! | path | proxies | the original request | method |
//! |---|---|---|---|
//! | `/.gateway/auth` | nginx, ingress-nginx | `X-Original-URL`; its host must be that of `?host=`, if there is one | `X-Original-Method` |
//! | `/.gateway/auth/redirect` | Traefik, Caddy, HAProxy | `X-Forwarded-Proto`, `-Host`, `-Uri` | `X-Forwarded-Method` |
//! | `/.gateway/auth/envoy/…` | Envoy, Istio, Envoy Gateway | `X-Forwarded-Proto`, `Host`, the rest of the path and the query | its own |
//!
//! The path alone says which headers are read. Only a peer among `server.trusted_proxies` is answered: anybody else
//! would choose the address that is judged. The answer is 200 exactly when the request may pass, since Envoy and
//! ingress-nginx take nothing else for a yes; it then carries every identity header, empty where there is nothing to
//! say, so that no proxy keeps the visitor's own. nginx joins or drops several `Set-Cookie`, and reads 4 KB of a head:
//! there is one at most, and a head that fits.
//!
//! A browser's preflight has no session, and no proxy passes a 204 of ours on. It is asked about as any other request is:
//! a route's `cors` lets nothing through to an application, a route for `OPTIONS` does.

use std::str::FromStr as _;
use std::sync::{Arc, Once};

use http::header::{
    AUTHORIZATION, CONTENT_LENGTH, HOST, HeaderName, LOCATION, TRANSFER_ENCODING, UPGRADE, WWW_AUTHENTICATE,
};
use http::request::Parts;
use http::uri::PathAndQuery;
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use tracing::warn;

use super::error_pages::Notice;
use super::{Allowed, Counted, Decided, Gateway, Remembered, Serves, Verdict};
use crate::access::Action;
use crate::time::Instant;
use crate::web::{Request, Response, Site, read_host, split_absolute};

/// The longest method that is read.
const METHOD_BYTES: usize = 32;

/// How a proxy asks, and what it does with the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// It cannot relay a redirect: a 401 carries the address of the sign-in page.
    Nginx,
    /// It relays whatever is no 2xx.
    Redirect,
    /// The same, and the request itself is the question.
    Envoy,
}

/// Where oauth2-proxy answers, and what its address may say of who passes. Here routes say that.
const OAUTH2_PROXY: &str = "/oauth2/auth";
const RESTRICTIONS: [&str; 3] = ["allowed_groups", "allowed_emails", "allowed_email_domains"];

/// The addresses of other gateways' endpoints that may be switched on, and how each is asked.
pub const ALIASES: [(&str, Dialect); 6] = [
    (OAUTH2_PROXY, Dialect::Nginx),
    ("/api/authz/auth-request", Dialect::Nginx),
    ("/api/authz/forward-auth", Dialect::Redirect),
    ("/outpost.goauthentik.io/auth/nginx", Dialect::Nginx),
    ("/outpost.goauthentik.io/auth/traefik", Dialect::Redirect),
    ("/outpost.goauthentik.io/auth/caddy", Dialect::Redirect),
];

/// `[forward_auth]`
#[derive(Clone, Debug)]
pub struct ForwardAuth {
    /// Which of [`ALIASES`] are answered too.
    pub aliases: Vec<(&'static str, Dialect)>,
    /// The largest head of a yes, in bytes.
    pub head_bytes: usize,
}

impl Default for ForwardAuth {
    fn default() -> Self {
        Self { aliases: Vec::new(), head_bytes: Self::HEAD_BYTES }
    }
}

impl ForwardAuth {
    /// What nginx takes unless it is told otherwise is 4,096, and the edge adds a status line, a length and a date.
    pub const HEAD_BYTES: usize = 3_900;

    /// How a question at `path` is asked; none where that is no address for questions.
    fn dialect(&self, site: &Site, path: &str) -> Option<Dialect> {
        if let Some((_, dialect)) = self.aliases.iter().find(|(alias, _)| *alias == path) {
            return Some(*dialect);
        }
        match path.strip_prefix(site.prefix())?.strip_prefix("/auth")? {
            "" => Some(Dialect::Nginx),
            "/redirect" => Some(Dialect::Redirect),
            rest if rest == "/envoy" || rest.starts_with("/envoy/") => Some(Dialect::Envoy),
            _ => None,
        }
    }
}

/// Why a question is not answered with a decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BadQuestion {
    /// It does not come from a trusted proxy.
    Untrusted,
    /// It says two things at once.
    Contradiction,
    /// It does not say what is asked about, or in a way that two servers could read differently.
    Incomplete,
    /// It is about an address of our own, which the proxy must send here without asking.
    Own,
    /// Its own address says who may pass, as oauth2-proxy's can. Unread, everybody else would pass too.
    Restricted,
}

impl BadQuestion {
    /// What an operator reads, and when it was written: once in the life of the process, since every request of a proxy
    /// that is set up wrongly brings one.
    fn warn_once(self) {
        static ONCE: [Once; 5] = [const { Once::new() }; 5];
        let (once, text) = match self {
            Self::Untrusted => (&ONCE[0], "it came from a peer that is not among server.trusted_proxies"),
            Self::Contradiction => (&ONCE[1], "its headers contradict each other, or one is there twice"),
            Self::Incomplete => (&ONCE[2], "it does not say which request it is about: see docs/forward-auth.md"),
            Self::Own => (&ONCE[3], "it is about one of the gateway's own addresses, which need no question"),
            Self::Restricted => {
                (&ONCE[4], "its address says who may pass: say it in the route's allow, and nothing there")
            }
        };
        once.call_once(|| warn!("a question of forward auth was refused: {text}; further ones are not reported"));
    }
}

impl Gateway {
    /// How `request` asks about another one, if it does.
    pub fn asked_by(&self, request: &Request<'_>) -> Option<Dialect> {
        self.forward_auth.dialect(self.site(), request.path())
    }

    /// Answers the question of another proxy.
    pub(super) async fn answer_proxy(
        &self,
        question: &Request<'_>,
        dialect: Dialect,
        now: Instant,
        remembered: &mut Remembered,
    ) -> Verdict {
        let head = match original(question, dialect, self.site().prefix()) {
            Ok(head) => head,
            Err(bad) => return Verdict::Respond(refusal(bad), Counted::Own),
        };
        let Ok(mut request) = Request::read(&head, question.peer, question.id) else {
            return Verdict::Respond(refusal(BadQuestion::Incomplete), Counted::Own);
        };
        request.is_client_known = question.is_client_known;
        let Some(site) = self.sites.find(request.host()) else {
            return Verdict::Respond(self.notices.tell(&request, &Notice::Denied), Counted::None);
        };
        if site.owns(request.path()) {
            return Verdict::Respond(refusal(BadQuestion::Own), Counted::Own);
        }
        match self.decide(&request, &site, Serves::Questions, now, remembered).await {
            Decided::Allow(allowed) => {
                let matched = &allowed.matched;
                // What the gateway would have answered itself is no leave to forward.
                let response = match &matched.route().action {
                    Action::Forward(_) | Action::ForwardAuth => {
                        let response = self.yes(&allowed);
                        self.readable(response, matched.entry, &request)
                    }
                    Action::Redirect(_) | Action::Respond(_) => self.notices.tell(&request, &Notice::Denied),
                };
                Verdict::Respond(response, Counted::Route(Arc::clone(matched.entry)))
            }
            Decided::KeepForm(form, counted) => {
                Verdict::Respond(self.no(form.otherwise, dialect, &request, &site), counted)
            }
            Decided::Respond(response, counted) => {
                let response = self.no(response, dialect, &request, &site);
                let response = match &counted {
                    Counted::Route(entry) => self.readable(response, entry, &request),
                    Counted::Own | Counted::None => response,
                };
                Verdict::Respond(response, counted)
            }
        }
    }

    /// It may pass: who is asking, in every header of the contract. Where the gateway forwards itself no proxy needs what may
    /// speak for the person elsewhere; one that passes everything on lets scripts of the site ask, too.
    fn yes(&self, allowed: &Allowed<'_>) -> Response {
        let mut response = Response::empty(StatusCode::OK);
        let map = self.identity_map(allowed.matched.route());
        let told = map.writes_authorization().then_some(AUTHORIZATION);
        let names: Vec<HeaderName> = map.names().cloned().chain(told).collect();
        for name in &names {
            response.headers.insert(name.clone(), HeaderValue::from_static(""));
        }
        let forwards = matches!(allowed.matched.route().action, Action::Forward(_));
        for (name, value) in allowed.identity.iter() {
            if let Ok(name) = HeaderName::from_bytes(name)
                && !(forwards && map.is_credential(&name))
            {
                response.headers.insert(name, value.clone());
            }
        }
        self.shorten(&mut response, &names);
        if let [_] = allowed.cookies.iter().as_slice() {
            response.take_cookies(allowed.cookies.clone());
        }
        response
    }

    /// Empties the longest identity headers until the head fits: half a list would pass for a whole one.
    fn shorten(&self, response: &mut Response, names: &[HeaderName]) {
        static TOLD: Once = Once::new();
        while weight(&response.headers) > self.forward_auth.head_bytes {
            let longest = names.iter().max_by_key(|name| response.headers.get(*name).map_or(0, HeaderValue::len));
            let Some(longest) =
                longest.filter(|name| response.headers.get(*name).is_some_and(|value| !value.is_empty()))
            else {
                return;
            };
            self.metrics.dropped_value();
            TOLD.call_once(|| {
                warn!(header = %longest, "an identity header is left empty, since the head of the answer would be larger than forward_auth.head_bytes; further ones are not reported");
            });
            response.headers.insert(longest.clone(), HeaderValue::from_static(""));
        }
    }

    /// It may not, or not yet: what a browser would have been told, as this proxy can pass it on.
    fn no(&self, mut response: Response, dialect: Dialect, request: &Request<'_>, site: &Site) -> Response {
        if let Some(location) = response.headers.get(LOCATION).and_then(|location| location.to_str().ok())
            && location.starts_with('/')
        {
            // Relative to what the proxy asked, it would lead into the proxy's own network.
            let location = site.url(location);
            response = response.with_header(LOCATION, &location);
        }
        match response.status {
            StatusCode::SEE_OTHER if dialect == Dialect::Nginx => {
                let location = response.headers.remove(LOCATION);
                let mut told = self.unauthorized(request, site).with_cookies(response.cookies);
                told.headers.extend(location.map(|location| (LOCATION, location)));
                told
            }
            StatusCode::SEE_OTHER | StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => response,
            // About the access token; nginx would make a 500 of it.
            StatusCode::BAD_REQUEST if dialect != Dialect::Nginx && response.headers.contains_key(WWW_AUTHENTICATE) => {
                response
            }
            StatusCode::SERVICE_UNAVAILABLE => response,
            _ => self.notices.tell(request, &Notice::Denied),
        }
    }
}

/// The answer to what is no question; it repeats nothing of it.
fn refusal(bad: BadQuestion) -> Response {
    bad.warn_once();
    let (status, title, detail) = match bad {
        BadQuestion::Incomplete => {
            (StatusCode::BAD_REQUEST, "Bad request", "The question does not say which request it is about.")
        }
        BadQuestion::Restricted => {
            (StatusCode::BAD_REQUEST, "Bad request", "Who may pass is said by routes here, and not by this address.")
        }
        _ => (StatusCode::FORBIDDEN, "Forbidden", "This address answers questions of proxies that are set up for it."),
    };
    Response::problem(status, title, detail, &[])
}

fn weight(headers: &HeaderMap) -> usize {
    headers.iter().map(|(name, value)| name.as_str().len() + value.len() + ": \r\n".len()).sum()
}

/// The request that a question is about, with the headers that came along.
fn original(question: &Request<'_>, dialect: Dialect, prefix: &str) -> Result<Parts, BadQuestion> {
    if !question.is_from_proxy {
        return Err(BadQuestion::Untrusted);
    }
    let parameters = question.query_pairs();
    if question.path() == OAUTH2_PROXY && parameters.iter().any(|(name, _)| RESTRICTIONS.contains(&name.as_str())) {
        return Err(BadQuestion::Restricted);
    }
    let headers = &question.head.headers;
    let said = |name: &str| said(headers, name);
    let (host, target, method) = match dialect {
        Dialect::Nginx => {
            let (used, host, target) = absolute(required(said("x-original-url")?)?)?;
            let method = required(said("x-original-method")?)?;
            if let Some(other) = said("x-forwarded-proto")? {
                let other = scheme(other).map_err(|_| BadQuestion::Contradiction)?;
                agree(Some(other), used)?;
            }
            forwarded_agree(headers, host, target, method)?;
            // An nginx that asks about `Host` may have chosen its server by another, in an absolute target.
            let is_other = |(name, value): &(String, String)| name == "host" && read_host(value) != read_host(host);
            if parameters.iter().any(is_other) {
                return Err(BadQuestion::Contradiction);
            }
            (host, target, method)
        }
        Dialect::Redirect => {
            let used = scheme(required(said("x-forwarded-proto")?)?)?;
            let host = required(said("x-forwarded-host")?)?;
            let target = required(said("x-forwarded-uri")?)?;
            let method = required(said("x-forwarded-method")?)?;
            original_agrees(headers, (used, host, target), method)?;
            (host, target, method)
        }
        Dialect::Envoy => {
            let used = scheme(required(said("x-forwarded-proto")?)?)?;
            let host = headers.get(HOST).and_then(|host| host.to_str().ok());
            let host = host.or(question.head.uri.authority().map(http::uri::Authority::as_str));
            let rest = question.target().strip_prefix(prefix).and_then(|rest| rest.strip_prefix("/auth/envoy"));
            let (host, target, method) = (required(host)?, required(rest)?, question.method().as_str());
            if climbs(target) {
                return Err(BadQuestion::Contradiction);
            }
            original_agrees(headers, (used, host, target), method)?;
            forwarded_agree(headers, host, target, method)?;
            (host, target, method)
        }
    };
    describe(headers, host, target, method).ok_or(BadQuestion::Incomplete)
}

/// A header's one value; none where it is absent or empty, which is how a proxy takes one away.
fn said<'h>(headers: &'h HeaderMap, name: &str) -> Result<Option<&'h str>, BadQuestion> {
    let mut values = headers.get_all(name).iter();
    let value = values.next();
    if values.next().is_some() {
        return Err(BadQuestion::Contradiction);
    }
    let value = value.map(|value| value.to_str().map_err(|_| BadQuestion::Incomplete)).transpose()?;
    Ok(value.filter(|value| !value.is_empty()))
}

/// Whether a path leads out of the one that it stands behind: to a proxy that resolves encoded dots and slashes before it
/// keeps visitors from this address, such a target is none of it, and is forwarded here as it was sent.
fn climbs(target: &str) -> bool {
    let path = target.split('?').next().unwrap_or_default().to_ascii_lowercase();
    let mut depth = 0;
    path.replace("%2e", ".").replace("%2f", "/").split('/').any(|segment| {
        match segment {
            "" | "." => {}
            ".." => depth -= 1,
            _ => depth += 1,
        }
        depth < 0
    })
}

fn required(said: Option<&str>) -> Result<&str, BadQuestion> {
    said.ok_or(BadQuestion::Incomplete)
}

/// What another dialect says, where it says anything, must be the same.
fn agree(said: Option<&str>, with: &str) -> Result<(), BadQuestion> {
    if said.is_none_or(|said| said == with) { Ok(()) } else { Err(BadQuestion::Contradiction) }
}

/// The same of what the address for Traefik reads besides the scheme.
fn forwarded_agree(headers: &HeaderMap, host: &str, target: &str, method: &str) -> Result<(), BadQuestion> {
    agree(said(headers, "x-forwarded-host")?, host)?;
    agree(said(headers, "x-forwarded-uri")?, target)?;
    agree(said(headers, "x-forwarded-method")?, method)
}

/// The same of what the address for nginx reads.
fn original_agrees(headers: &HeaderMap, with: (&str, &str, &str), method: &str) -> Result<(), BadQuestion> {
    if let Some(url) = said(headers, "x-original-url")? {
        let other = absolute(url).map_err(|_| BadQuestion::Contradiction)?;
        if other != with {
            return Err(BadQuestion::Contradiction);
        }
    }
    agree(said(headers, "x-original-method")?, method)
}

/// `https` or `http`; `ws` and `wss` are how a WebSocket is asked for over them.
fn scheme(text: &str) -> Result<&'static str, BadQuestion> {
    let known = [("https", "https"), ("http", "http"), ("wss", "https"), ("ws", "http")];
    let found = known.into_iter().find(|(name, _)| text.eq_ignore_ascii_case(name));
    found.map(|(_, scheme)| scheme).ok_or(BadQuestion::Incomplete)
}

/// Scheme, host and target of an absolute URL, taken apart as it was sent: a URL parser would resolve dots and more, and what is
/// judged must be what the proxy forwards.
fn absolute(url: &str) -> Result<(&'static str, &str, &str), BadQuestion> {
    let (before, host, target) = split_absolute(url).ok_or(BadQuestion::Incomplete)?;
    Ok((scheme(before)?, host, if target.is_empty() { "/" } else { target }))
}

/// The head of the original request; none where target or method could be read in two ways.
fn describe(headers: &HeaderMap, host: &str, target: &str, method: &str) -> Option<Parts> {
    let is_method = (1..=METHOD_BYTES).contains(&method.len())
        && method.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'-');
    // `#` would be cut off in silence, and none of these is sent by a browser (RFC 3986 §2).
    let is_target = target.starts_with('/')
        && target.bytes().all(|byte| matches!(byte, b'!'..=b'~') && !matches!(byte, b'"' | b'#' | b'<' | b'>'));
    if !is_method || !is_target {
        return None;
    }
    let mut head = http::Request::new(()).into_parts().0;
    head.method = Method::from_bytes(method.as_bytes()).ok()?;
    head.uri = PathAndQuery::from_str(target).ok().filter(|read| read.as_str() == target)?.into();
    head.headers = headers.clone();
    head.headers.remove(CONTENT_LENGTH);
    head.headers.remove(TRANSFER_ENCODING);
    head.headers.insert(HOST, HeaderValue::from_str(host).ok()?);
    // Most proxies keep `Upgrade` to themselves, and a WebSocket has its own way of being refused.
    if head.headers.contains_key("sec-websocket-key") {
        head.headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
    }
    Some(head)
}
