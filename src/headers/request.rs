//! Which request headers of a visitor reach an upstream.
//!
//! In this order:
//!
//! 1. A name with anything but letters, digits and `-` never passes: CGI, WSGI, Rack, PHP and others hand `X_User`,
//!    `X.User` and `X-User` to the application as one variable (RFC 3875 §4.1.18), so another spelling of a name
//!    could stand for it.
//! 2. A name that the gateway writes itself never passes: it has one owner.
//! 3. A name that the route lists passes.
//! 4. A name of one of the [families](super::families) does not, unless it begins with `Sec-`, which no script may send.
//! 5. Everything else passes, or only what the configuration lists, and what frames a message.

use std::fmt;

use bytes::{BufMut as _, BytesMut};
use http::header::{CONNECTION, CONTENT_LENGTH, COOKIE, EXPECT, HOST, HeaderName, TE, TRANSFER_ENCODING, UPGRADE};
use http::{HeaderMap, HeaderValue};

use super::families::{Families, NamePattern, Tells, is_plain};
use super::response::is_our_cookie;
use crate::web::cookie_pairs;

/// What the gateway tells every upstream of a request, besides who is asking.
pub const FORWARDING: [&str; 6] =
    ["X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Port", "X-Forwarded-Proto", "X-Real-IP", "X-Request-Id"];

/// What frames a message or opens a WebSocket, and therefore needs no listing.
const FRAMING: [HeaderName; 7] = [CONNECTION, CONTENT_LENGTH, EXPECT, HOST, TE, TRANSFER_ENCODING, UPGRADE];
const WEBSOCKET: &str = "sec-websocket-";

/// What only browsers themselves write (Fetch, "forbidden request-header"): `Sec-Fetch-User` tells no identity.
const OF_BROWSERS: &str = "sec-";

/// Decides by name.
pub struct RequestHeaderPolicy {
    /// Names that the gateway writes, in lower case and with `-` for whatever folds.
    ours: Vec<Box<str>>,
    families: Families,
    /// All that pass, where only some do.
    listed: Option<Vec<NamePattern>>,
}

/// Why a header of a visitor does not reach the upstream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Dropped {
    /// Its name has a character that some servers read as another.
    Characters,
    /// The gateway writes it.
    Ours,
    /// It is of a family that only a proxy may send.
    Family(Tells, NamePattern),
    /// Only listed ones pass, and it is none.
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
    /// `identity` are the names of identity headers; of everything else all passes that the rules
    /// let through, or only what is `listed`.
    pub(super) fn new<'n>(identity: impl Iterator<Item = &'n str>, listed: Option<Vec<NamePattern>>) -> Self {
        let ours = identity.chain(FORWARDING).map(folded).collect();
        Self { ours, families: Families::new(), listed }
    }

    /// These names are written by the gateway too.
    pub(super) fn write_too(&mut self, names: &[&str]) {
        self.ours.extend(names.iter().map(|name| folded(name)));
    }

    /// Whether a visitor's header of that name reaches the upstream of a route that lets `pass` through.
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

    /// Whether this pattern is the name of a header that the gateway writes.
    pub fn own(&self, pattern: &NamePattern) -> bool {
        self.ours.iter().any(|ours| pattern.is(ours))
    }
}

fn frames(name: &HeaderName) -> bool {
    FRAMING.contains(name) || name.as_str().starts_with(WEBSOCKET)
}

/// A name as an application may see it: without case, and with everything that is no letter and no digit alike.
fn folded(name: &str) -> Box<str> {
    name.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' }).collect()
}

/// The `Cookie` header without our own cookies and in one line; none when nothing has to change.
/// `Some(None)`: nothing is left of it.
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

/// Ours by name, or with ours inside it: some servers also split cookies at commas (RFC 2109 §4.4).
fn holds_ours(pair: &[u8]) -> bool {
    is_our_cookie(pair)
        || pair
            .split(|byte| matches!(byte, b',' | b' ' | b'\t' | b'"'))
            .any(|part| part.contains(&b'=') && is_our_cookie(part))
}

/// Bytes that are not UTF-8 might hide one; such a line is taken apart.
fn mentions_ours(line: &[u8]) -> bool {
    memchr::memmem::find(line, b"gw_").is_some() || std::str::from_utf8(line).is_err()
}
