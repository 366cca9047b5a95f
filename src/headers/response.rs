//! Which response headers of an upstream reach a visitor.
//!
//! An upstream cannot set a cookie that the gateway would take for its own, tell a proxy in front of the gateway who
//! somebody is, give commands to that proxy, register a service worker for the gateway's own pages, or tell browsers
//! where else the site is reached, where its addresses are reported to, and whether somebody is signed in there.
//! `Clear-Site-Data`, `Strict-Transport-Security` and `Accept-CH` count for the whole site too, and pass.

use std::cmp::Ordering;

use http::HeaderValue;
use http::header::HeaderName;

use super::families::NamePattern;
use super::presets::PRESETS;

/// Commands to a server in front (nginx, Apache, Lighttpd, perlbal); the header that lets a service worker control paths
/// above its own script (Service Workers §6.1); and what browsers remember for the origin: where they report every
/// later address of it to, codes of a sign-in among them (Network Error Logging), by which server else it is reached
/// (RFC 7838), and whether somebody is signed in there (FedCM).
const DROPPED: [&str; 10] = [
    "X-Accel-*",
    "X-Sendfile*",
    "X-Lighttpd-*",
    "X-LiteSpeed-*",
    "X-Reproxy-*",
    "Service-Worker-Allowed",
    "NEL",
    "Report-To",
    "Alt-Svc",
    "Set-Login",
];

/// Turns off nginx's buffering of one response, and nothing else; applications that send event streams rely on it.
const HARMLESS: &str = "x-accel-buffering";

/// Prefixes of cookie names with a meaning for browsers (RFC 6265bis §4.1.3).
const COOKIE_PREFIXES: [&[u8]; 4] = [b"__host-http-", b"__host-", b"__secure-", b"__http-"];

/// What the names of our cookies begin with, after such a prefix.
const OUR_COOKIES: &[u8] = b"gw_";

/// Decides by a header's name whether it passes.
pub struct ResponseHeaderPolicy {
    /// Names that say who somebody is or where a request comes from, in any preset; by length and then by text, so that
    /// few are compared.
    identity: Vec<Box<str>>,
    dropped: Vec<NamePattern>,
}

impl ResponseHeaderPolicy {
    pub(super) fn new(identity: &[HeaderName], forwarding: &[&str]) -> Self {
        let dropped = DROPPED.iter().filter_map(|pattern| NamePattern::parse(pattern)).collect();
        let of_presets = PRESETS.iter().flat_map(|(_, preset)| preset.headers).map(|(name, _)| *name);
        // Names of one word, such as `email`, may mean anything; and applications send back the number of a request.
        let told = of_presets
            .chain(forwarding.iter().copied())
            .filter(|name| name.contains(['-', '_']) && *name != "X-Request-Id");
        let told = told.map(|name| name.to_ascii_lowercase().into_boxed_str());
        let mut identity: Vec<Box<str>> = told.chain(identity.iter().map(|name| name.as_str().into())).collect();
        identity.sort_unstable_by(|one, other| by_length(one, other));
        identity.dedup();
        Self { identity, dropped }
    }

    /// Whether a header or trailer of this name is dropped.
    pub fn drops(&self, name: &HeaderName) -> bool {
        let text = name.as_str();
        // All patterns of `DROPPED` begin with one of these letters.
        text.starts_with(['x', 's', 'n', 'r', 'a'])
            && text != HARMLESS
            && self.dropped.iter().any(|pattern| pattern.matches(name))
            || self.identity.binary_search_by(|known| by_length(known, text)).is_ok()
    }
}

fn by_length(one: &str, other: &str) -> Ordering {
    one.len().cmp(&other.len()).then_with(|| one.cmp(other))
}

/// Whether a `Set-Cookie` of an upstream sets one of our cookies.
pub fn sets_our_cookie(set_cookie: &HeaderValue) -> bool {
    is_our_cookie(set_cookie.as_bytes().split(|byte| *byte == b';').next().unwrap_or_default())
}

/// Whether a cookie is one of ours, with any prefix or none. Browsers send a cookie without a name back as its bare
/// value, so `=gw_session=x` and `gw_session` count too (RFC 6265bis §5.7).
pub(super) fn is_our_cookie(pair: &[u8]) -> bool {
    let pair = pair.trim_ascii();
    let pair = pair.strip_prefix(b"=").unwrap_or(pair).trim_ascii();
    let begins =
        |prefix: &[u8], text: &[u8]| text.len() >= prefix.len() && text[..prefix.len()].eq_ignore_ascii_case(prefix);
    let prefix = COOKIE_PREFIXES.iter().find(|prefix| begins(prefix, pair)).map_or(0, |prefix| prefix.len());
    begins(OUR_COOKIES, &pair[prefix..])
}
