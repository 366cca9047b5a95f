//! Which headers of a visitor reach an upstream.
//!
//! The first of these rules that applies decides:
//!
//! 1. A name with anything but letters, digits and `-` is dropped: CGI, WSGI, Rack, PHP and others give `X_User`,
//!    `X.User` and `X-User` to the application as one variable (RFC 3875 §4.1.18).
//! 2. A name that the gateway writes itself is dropped.
//! 3. A name that the route lists (`pass_headers`) passes.
//! 4. A name of one of the [families](super::families) is dropped, unless it begins with `Sec-`: scripts cannot set
//!    those.
//! 5. Any other name passes; where `headers.pass` is `"listed"`, only a listed name, or one that HTTP itself needs.

use std::fmt;

use bytes::{BufMut as _, BytesMut};
use http::header::{CONNECTION, CONTENT_LENGTH, COOKIE, EXPECT, HOST, HeaderName, TE, TRANSFER_ENCODING, UPGRADE};
use http::{HeaderMap, HeaderValue};

use super::families::{Families, NamePattern, Tells, is_plain};
use super::response::is_our_cookie;
use crate::web::cookie_pairs;

/// The headers that tell every upstream about the request, besides those that say who is asking.
pub(super) const FORWARDING: [&str; 6] =
    ["X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Port", "X-Forwarded-Proto", "X-Real-IP", "X-Request-Id"];

/// Headers that frame a message or open a WebSocket; they pass without being listed.
const FRAMING: [HeaderName; 7] = [CONNECTION, CONTENT_LENGTH, EXPECT, HOST, TE, TRANSFER_ENCODING, UPGRADE];
const WEBSOCKET: &str = "sec-websocket-";

/// The prefix of headers that only browsers write (Fetch, "forbidden request-header"), so that `Sec-Fetch-User` is not
/// dropped as an identity.
const OF_BROWSERS: &str = "sec-";

/// Decides by a header's name whether it passes.
pub struct RequestHeaderPolicy {
    /// Names that the gateway writes, in lower case, with `-` for every other character that is no letter or digit.
    ours: Vec<Box<str>>,
    families: Families,
    /// The names that pass, where only listed ones do.
    listed: Option<Vec<NamePattern>>,
}

/// Why a header of a visitor does not reach the upstream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Dropped {
    /// Its name has a character that some servers read as another.
    Characters,
    /// The gateway writes the header itself.
    Ours,
    /// Its name is of a family that only a proxy may send.
    Family(Tells, NamePattern),
    /// Only listed names pass, and it is not one.
    NotListed,
}

impl fmt::Display for Dropped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Characters => f.write_str("its name has a character other than letters, digits and `-`"),
            Self::Ours => f.write_str("the gateway writes it itself"),
            Self::Family(tells, pattern) => {
                write!(f, "a visitor may not tell {tells} (`{pattern}`); route.pass_headers could let it pass")
            }
            Self::NotListed => f.write_str("headers.pass is \"listed\", and headers.listed does not name it"),
        }
    }
}

impl RequestHeaderPolicy {
    /// `ours` are the names of headers that the gateway writes on some route, besides those that it writes on all. With
    /// `listed`, only listed names pass the last rule.
    pub(super) fn new<'n>(ours: impl Iterator<Item = &'n str>, listed: Option<Vec<NamePattern>>) -> Self {
        let ours = ours.chain(FORWARDING).map(folded).collect();
        Self { ours, families: Families::new(), listed }
    }

    /// Whether a visitor's header reaches the upstream of a route whose `pass_headers` are `pass`.
    pub fn check(&self, name: &HeaderName, pass: &[NamePattern]) -> Result<(), Dropped> {
        if !name.as_str().bytes().all(is_plain) {
            return Err(Dropped::Characters);
        }
        if self.ours.iter().any(|ours| **ours == *name.as_str()) {
            return Err(Dropped::Ours);
        }
        if pass.iter().any(|pattern| pattern.matches(name)) {
            return Ok(());
        }
        if !name.as_str().starts_with(OF_BROWSERS)
            && let Some((tells, pattern)) = self.families.of(name)
        {
            return Err(Dropped::Family(*tells, pattern.clone()));
        }
        match &self.listed {
            Some(listed) if !frames(name) && !listed.iter().any(|pattern| pattern.matches(name)) => {
                Err(Dropped::NotListed)
            }
            _ => Ok(()),
        }
    }

    /// Whether the pattern is exactly the name of a header that the gateway writes.
    pub fn writes(&self, pattern: &NamePattern) -> bool {
        self.ours.iter().any(|ours| pattern.is(ours))
    }
}

fn frames(name: &HeaderName) -> bool {
    FRAMING.contains(name) || name.as_str().starts_with(WEBSOCKET)
}

/// A name as an application may read it: in lower case, with `-` for everything that is no letter or digit.
pub(super) fn folded(name: &str) -> Box<str> {
    name.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' }).collect()
}

/// The `Cookie` header without the gateway's cookies, in one line. None when nothing has to change, `Some(None)` when
/// no cookie is left.
pub fn without_our_cookies(headers: &HeaderMap) -> Option<Option<HeaderValue>> {
    let mut lines = headers.get_all(COOKIE).iter();
    let first = lines.next()?;
    let is_one_line = lines.next().is_none();
    if is_one_line && !mentions_ours(first.as_bytes()) {
        return None;
    }
    let mut kept = BytesMut::with_capacity(first.len());
    for line in headers.get_all(COOKIE) {
        for pair in cookie_pairs(line.as_bytes()).map(<[u8]>::trim_ascii) {
            if pair.is_empty() || holds_ours(pair) {
                continue;
            }
            if !kept.is_empty() {
                kept.put_slice(b"; ");
            }
            kept.put_slice(pair);
        }
    }
    Some(if kept.is_empty() { None } else { HeaderValue::from_maybe_shared(kept.freeze()).ok() })
}

/// Whether a cookie is one of ours, or a server that also splits cookies at commas (RFC 2965 §3.3.4), blanks or quotes
/// would find one in it.
fn holds_ours(pair: &[u8]) -> bool {
    is_our_cookie(pair)
        || pair
            .split(|byte| matches!(byte, b',' | b' ' | b'\t' | b'"'))
            .any(|part| part.contains(&b'=') && is_our_cookie(part))
}

/// Whether a line may hold one of our cookies: it has the name's beginning, or is not UTF-8 and must be looked at byte
/// by byte.
fn mentions_ours(line: &[u8]) -> bool {
    memchr::memmem::find(line, b"gw_").is_some() || std::str::from_utf8(line).is_err()
}
