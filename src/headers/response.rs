//! Which response headers of an upstream reach a visitor.
//!
//! An upstream cannot set a cookie that the gateway would take for its own, say who somebody is to a proxy in front,
//! command that proxy, or let its scripts take over the gateway's pages.

use http::HeaderValue;
use http::header::HeaderName;

use super::families::NamePattern;
use super::presets::PRESETS;

/// Commands to a server in front (nginx, Apache, Lighttpd, perlbal), and what lets a script of one path stand
/// between the browser and all others (Service Workers §6.1).
const DROPPED: [&str; 6] =
    ["X-Accel-*", "X-Sendfile*", "X-Lighttpd-*", "X-LiteSpeed-*", "X-Reproxy-*", "Service-Worker-Allowed"];

/// Only asks nginx not to hold a stream back; applications with event streams rely on it.
const HARMLESS: &str = "x-accel-buffering";

/// What browsers may demand of a cookie by the beginning of its name (RFC 6265bis §4.1.3).
const COOKIE_PREFIXES: [&[u8]; 4] = [b"__host-http-", b"__host-", b"__secure-", b"__http-"];

/// What the names of our own cookies begin with, after such a prefix.
const OUR_COOKIES: &[u8] = b"gw_";

/// Decides by name.
pub struct ResponseHeaderPolicy {
    /// Names that say who somebody is, or from where they come, in any preset; in order.
    identity: Vec<Box<str>>,
    dropped: Vec<NamePattern>,
}

impl ResponseHeaderPolicy {
    pub(super) fn new(identity: &[HeaderName], forwarding: &[&str]) -> Self {
        let dropped = DROPPED.iter().filter_map(|pattern| NamePattern::parse(pattern)).collect();
        let of_presets = PRESETS.iter().flat_map(|(_, preset)| preset.headers).map(|(name, _)| *name);
        // A word such as `email` may be anything; and applications tell whoever asked the number of their request.
        let told = of_presets
            .chain(forwarding.iter().copied())
            .filter(|name| name.contains(['-', '_']) && *name != "X-Request-Id");
        let told = told.map(|name| name.to_ascii_lowercase().into_boxed_str());
        let mut identity: Vec<Box<str>> = told.chain(identity.iter().map(|name| name.as_str().into())).collect();
        identity.sort_unstable();
        identity.dedup();
        Self { identity, dropped }
    }

    /// Whether a header or trailer of that name is kept from the visitor.
    pub fn drops(&self, name: &HeaderName) -> bool {
        // Nearly all names that are dropped begin with these letters, and none that is common does.
        matches!(name.as_str().as_bytes().first(), Some(b'x' | b's'))
            && name.as_str() != HARMLESS
            && self.dropped.iter().any(|pattern| pattern.matches(name))
            || self.identity.binary_search_by(|known| (**known).cmp(name.as_str())).is_ok()
    }
}

/// Whether a `Set-Cookie` of an upstream is for one of our cookies.
pub fn sets_our_cookie(set_cookie: &HeaderValue) -> bool {
    is_our_cookie(set_cookie.as_bytes().split(|byte| *byte == b';').next().unwrap_or_default())
}

/// Whether a cookie is one of ours, whatever prefix its name has. A cookie without a name is sent back as its
/// value, so `=gw_session=x` and a lone `gw_session` are as good as one with that name (RFC 6265bis §5.7).
pub(super) fn is_our_cookie(pair: &[u8]) -> bool {
    let pair = pair.trim_ascii();
    let pair = pair.strip_prefix(b"=").unwrap_or(pair).trim_ascii();
    let begins =
        |prefix: &[u8], text: &[u8]| text.len() >= prefix.len() && text[..prefix.len()].eq_ignore_ascii_case(prefix);
    let prefix = COOKIE_PREFIXES.iter().find(|prefix| begins(prefix, pair)).map_or(0, |prefix| prefix.len());
    begins(OUR_COOKIES, &pair[prefix..])
}
