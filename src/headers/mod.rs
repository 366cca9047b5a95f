//! What the upstream is told of a request that others must not be able to say, and what is taken out
//! so that nobody else says it.
//!
//! A header counts as one of ours when their names fold to the same: without case, and with every
//! character that is not a letter or a digit read as one and the same. CGI, WSGI, Rack, PHP and others
//! hand such spellings to the application as one variable (RFC 3875 §4.1.18). Besides those we write,
//! the headers by which proxies tell addresses, paths, methods and people are taken out always.
//!
//! A value that holds a control character, begins or ends with a blank or is longer than
//! [`VALUE_BYTES`] is not written at all, and counted; text beyond ASCII goes out as UTF-8. In a list
//! the separator and `%` are percent-encoded, so no name of a group can add another.

use std::borrow::Cow;
use std::net::IpAddr;

use bytes::{Bytes, BytesMut};
use http::header::{CONNECTION, CONTENT_LENGTH, COOKIE, HOST, HeaderName, TE, TRAILER, TRANSFER_ENCODING, UPGRADE};
use http::{HeaderMap, HeaderValue};

use crate::metrics::Metrics;
use crate::session::{ClaimValue, Identity};
use crate::web::cookie_pairs;

/// The longest identity value, in bytes.
pub const VALUE_BYTES: usize = 8 * 1024;

/// Taken out of every request, whoever it comes from.
const NEVER_FROM_OUTSIDE: [&str; 33] = [
    "Forwarded",
    "X-Forwarded-For",
    "X-Forwarded-Proto",
    "X-Forwarded-Host",
    "X-Forwarded-Port",
    "X-Forwarded-Server",
    "X-Forwarded-Scheme",
    "X-Forwarded-Ssl",
    "X-Forwarded-Prefix",
    "X-Forwarded-Uri",
    "X-Forwarded-Method",
    "X-Forwarded-By",
    "X-Forwarded-User",
    "X-Forwarded-Email",
    "X-Forwarded-Groups",
    "X-Forwarded-Preferred-Username",
    "X-Forwarded-Access-Token",
    "X-Real-IP",
    "X-Client-IP",
    "X-Cluster-Client-IP",
    "True-Client-IP",
    "X-Request-Id",
    "X-Original-URL",
    "X-Original-URI",
    "X-Original-Host",
    "X-Original-Method",
    "X-Rewrite-URL",
    "X-HTTP-Method",
    "X-HTTP-Method-Override",
    "X-Method-Override",
    "Remote-User",
    "X-Remote-User",
    // CGI hands it to the application as HTTP_PROXY, where libraries look for their own proxy.
    "Proxy",
];

/// Something that is known of a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Claim {
    /// `sub`
    Subject,
    /// `preferred_username`
    Username,
    /// `name`
    Name,
    /// `email`
    Email,
    /// The configured claim of groups, as a list.
    Groups,
    /// `amr`, as a list.
    Amr,
    /// `acr`
    Acr,
    /// `auth_time`, in Unix seconds.
    AuthTime,
    /// Any other, by its name in the ID token or userinfo.
    Other(String),
}

impl Claim {
    /// The claim of that name.
    pub fn named(name: &str) -> Self {
        match name {
            "sub" => Self::Subject,
            "preferred_username" => Self::Username,
            "name" => Self::Name,
            "email" => Self::Email,
            "groups" => Self::Groups,
            "amr" => Self::Amr,
            "acr" => Self::Acr,
            "auth_time" => Self::AuthTime,
            other => Self::Other(other.to_owned()),
        }
    }

    /// What it says of somebody, if it is known.
    pub fn of<'i>(&self, identity: &'i Identity) -> Option<Cow<'i, str>> {
        match self {
            Self::Subject => Some(identity.subject.as_str().into()),
            Self::Username => identity.username.as_deref().map(Cow::from),
            Self::Name => identity.name.as_deref().map(Cow::from),
            Self::Email => identity.email.as_deref().map(Cow::from),
            Self::Groups if identity.has_all_groups() => list(&identity.groups),
            // A part of a list must not pass for the whole.
            Self::Groups => None,
            Self::Amr => list(&identity.amr),
            Self::Acr => identity.acr.as_deref().map(Cow::from),
            Self::AuthTime => identity.auth_time.map(|at| at.seconds().to_string().into()),
            Self::Other(name) => match identity.claims.get(name)? {
                ClaimValue::Text(text) => Some(text.as_str().into()),
                ClaimValue::List(items) => list(items),
            },
        }
    }
}

/// One header and what stands in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mapping {
    /// The header.
    pub header: HeaderName,
    /// Its name as the configuration spells it, which is how it is sent over HTTP/1.1.
    pub spelled: String,
    /// What is told in it.
    pub claim: Claim,
}

/// Why a claim cannot be told in that header.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadMapping {
    /// The name is not that of a header.
    #[error("not a header name")]
    NotAName,
    /// The header is part of how messages are framed or routed, or one that we write ourselves.
    #[error("a header that may not be mapped onto")]
    Reserved,
}

impl Mapping {
    /// `claim` told in `header`.
    pub fn new(header: &str, claim: &str) -> Result<Self, BadMapping> {
        let name = HeaderName::from_bytes(header.as_bytes()).map_err(|_| BadMapping::NotAName)?;
        let framing = [HOST, CONTENT_LENGTH, TRANSFER_ENCODING, CONNECTION, COOKIE, TE, TRAILER, UPGRADE];
        let ours = [
            "x-forwarded-for",
            "x-forwarded-proto",
            "x-forwarded-host",
            "x-forwarded-port",
            "x-real-ip",
            "x-request-id",
        ];
        let others = ["expect", "keep-alive", "proxy-connection", "set-cookie", "forwarded", "proxy", "content-type"];
        let reserved = framing.iter().map(HeaderName::as_str).chain(ours).chain(others);
        if reserved.into_iter().any(|reserved| same(reserved.as_bytes(), name.as_str().as_bytes())) {
            return Err(BadMapping::Reserved);
        }
        Ok(Self { header: name, spelled: header.to_owned(), claim: Claim::named(claim) })
    }
}

/// The identity headers, and every name that nobody else may say.
pub struct Managed {
    mappings: Vec<Mapping>,
    /// Names that are taken out, by their length.
    names: Vec<Vec<Box<[u8]>>>,
}

impl Managed {
    /// Those that `mappings` write, and those that are never taken from outside.
    pub fn new(mappings: Vec<Mapping>) -> Self {
        let mut names: Vec<Vec<Box<[u8]>>> = Vec::new();
        let mapped = mappings.iter().map(|mapping| mapping.header.as_str());
        for name in NEVER_FROM_OUTSIDE.into_iter().chain(mapped) {
            if names.len() <= name.len() {
                names.resize_with(name.len() + 1, Vec::new);
            }
            names[name.len()].push(name.as_bytes().into());
        }
        Self { mappings, names }
    }

    /// Whether a header of that name is taken out of what a visitor sends.
    pub fn is_managed(&self, name: &str) -> bool {
        let name = name.as_bytes();
        self.names.get(name.len()).is_some_and(|names| names.iter().any(|ours| same(ours, name)))
    }

    /// The headers that tell who somebody is, by their names as they are spelled. Names are copied beside the
    /// values: a connection writes both into each of its requests, and counts its own copies only.
    pub fn identity(&self, identity: &Identity, metrics: &Metrics) -> Vec<(Bytes, HeaderValue)> {
        let mut text = BytesMut::with_capacity(256);
        let mut told = Vec::with_capacity(self.mappings.len());
        for mapping in &self.mappings {
            let Some(value) = mapping.claim.of(identity).filter(|value| !value.is_empty()) else { continue };
            match header_value(&value, &mut text) {
                Some(value) => {
                    text.extend_from_slice(mapping.spelled.as_bytes());
                    told.push((text.split().freeze(), value));
                }
                None => metrics.dropped_value(),
            }
        }
        told
    }

    /// Claims beyond the standard ones, which the session must keep.
    pub fn claims(&self) -> Vec<String> {
        let other = |mapping: &Mapping| match &mapping.claim {
            Claim::Other(name) => Some(name.clone()),
            _ => None,
        };
        self.mappings.iter().filter_map(other).collect()
    }
}

/// Whether two header names are one to an application.
fn same(one: &[u8], other: &[u8]) -> bool {
    let fold = |byte: u8| if byte.is_ascii_alphanumeric() { byte.to_ascii_lowercase() } else { b'-' };
    one.len() == other.len() && one.iter().zip(other).all(|(a, b)| fold(*a) == fold(*b))
}

/// `value` as it may stand in a header; it is kept in `text`, so that several need one allocation.
fn header_value(value: &str, text: &mut BytesMut) -> Option<HeaderValue> {
    if value.len() > VALUE_BYTES || !is_one_line(value) {
        return None;
    }
    text.extend_from_slice(value.as_bytes());
    HeaderValue::from_maybe_shared(text.split().freeze()).ok()
}

/// Whether a reader would neither trim `value` nor break it.
fn is_one_line(value: &str) -> bool {
    // Nearly all values are plain ASCII, and looking at bytes is much quicker.
    if value.bytes().all(|byte| matches!(byte, b'!'..=b'~' | b' ')) {
        return !value.starts_with(' ') && !value.ends_with(' ');
    }
    let splits = |letter: char| letter.is_control() || matches!(letter, '\u{2028}' | '\u{2029}');
    value.trim() == value && !value.chars().any(splits)
}

/// Names joined with commas, each without one. A name that a reader would trim or cut is left out.
fn list(names: &[String]) -> Option<Cow<'_, str>> {
    let mut joined = String::with_capacity(names.iter().map(|name| name.len() + 1).sum());
    for name in names {
        if name.is_empty() || !is_one_line(name) {
            continue;
        }
        if !joined.is_empty() {
            joined.push(',');
        }
        if memchr::memchr2(b',', b'%', name.as_bytes()).is_some() {
            joined.push_str(&name.replace('%', "%25").replace(',', "%2C"));
        } else {
            joined.push_str(name);
        }
    }
    (!joined.is_empty()).then_some(joined.into())
}

/// The `Cookie` header without our own cookies and in one line; none when nothing has to change.
/// `Some(None)`: nothing is left of it.
pub fn without_our_cookies(headers: &HeaderMap, cookie_prefix: &str) -> Option<Option<HeaderValue>> {
    let mut lines = headers.get_all(COOKIE).iter();
    let first = lines.next()?;
    let is_one_line = lines.next().is_none();
    if is_one_line && !mentions(first.as_bytes(), cookie_prefix) {
        return None;
    }
    let mut kept: Vec<u8> = Vec::with_capacity(first.len());
    for line in headers.get_all(COOKIE) {
        for pair in cookie_pairs(line.as_bytes()).map(<[u8]>::trim_ascii) {
            if pair.is_empty() || is_ours(pair, cookie_prefix.as_bytes()) {
                continue;
            }
            if !kept.is_empty() {
                kept.extend_from_slice(b"; ");
            }
            kept.extend_from_slice(pair);
        }
    }
    Some(if kept.is_empty() { None } else { HeaderValue::from_bytes(&kept).ok() })
}

/// Whether a `Set-Cookie` of an upstream is for one of our cookies. Browsers take the name as it is
/// written, and some look at prefixes without case.
pub fn sets_our_cookie(set_cookie: &HeaderValue, cookie_prefix: &str) -> bool {
    let name = set_cookie.as_bytes().split(|byte| matches!(byte, b'=' | b';')).next().unwrap_or_default().trim_ascii();
    name.len() >= cookie_prefix.len() && name[..cookie_prefix.len()].eq_ignore_ascii_case(cookie_prefix.as_bytes())
}

/// Ours by name, or with ours inside it: some servers also split cookies at commas (RFC 2109 §4.4).
fn is_ours(pair: &[u8], prefix: &[u8]) -> bool {
    // The cookies of our own pages have a prefix of their own where there is one at all.
    pair.starts_with(prefix)
        || pair.starts_with(b"__Secure-gw_")
        || memchr::memmem::find(pair, prefix).is_some()
            && pair.split(|byte| matches!(byte, b',' | b' ' | b'\t' | b'"')).any(|part| {
                part.strip_prefix(prefix).is_some_and(|rest| rest.starts_with(b"session") || rest.starts_with(b"tx_"))
            })
}

/// Bytes that are not UTF-8 might hide it; such a line is taken apart.
fn mentions(text: &[u8], word: &str) -> bool {
    memchr::memmem::find(text, word.as_bytes()).is_some()
        || memchr::memmem::find(text, b"__Secure-gw_").is_some()
        || std::str::from_utf8(text).is_err()
}

/// The address a request came from: `peer`, or, where that is a proxy we trust, the last address
/// before it in `X-Forwarded-For` that is none. Anything there that is not an address ends the walk.
pub fn client(peer: IpAddr, headers: &HeaderMap, trusted: &[Network]) -> IpAddr {
    let is_trusted = |address: IpAddr| trusted.iter().any(|network| network.contains(address));
    let mut client = peer.to_canonical();
    if !is_trusted(client) {
        return client;
    }
    let lines = headers.get_all("x-forwarded-for");
    for hop in lines.iter().rev().flat_map(|line| line.as_bytes().rsplit(|byte| *byte == b',')) {
        let Some(address) = std::str::from_utf8(hop).ok().and_then(|hop| hop.trim().parse::<IpAddr>().ok()) else {
            break;
        };
        client = address.to_canonical();
        if !is_trusted(client) {
            break;
        }
    }
    client
}

/// A block of addresses: `10.0.0.0/8`, `::1`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    bits: u8,
}

impl Network {
    /// An address, with or without a prefix length; bits beyond that must be zero.
    pub fn parse(text: &str) -> Option<Self> {
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) if bits.bytes().all(|byte| byte.is_ascii_digit()) => {
                (address, Some(bits.parse().ok()?))
            }
            Some(_) => return None,
            None => (text, None),
        };
        let address: IpAddr = address.parse().ok()?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let bits = bits.unwrap_or(most);
        let network = Self { address, bits };
        (bits <= most && network.masked(address) == network.masked_bits(address)).then_some(network)
    }

    /// Whether `address` is in it.
    pub fn contains(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        address.is_ipv4() == self.address.is_ipv4() && self.masked(address) == self.masked(self.address)
    }

    fn masked_bits(&self, address: IpAddr) -> u128 {
        match address {
            IpAddr::V4(v4) => u128::from(v4.to_bits()) << 96,
            IpAddr::V6(v6) => v6.to_bits(),
        }
    }

    fn masked(&self, address: IpAddr) -> u128 {
        let mask = u128::MAX.checked_shl(128 - u32::from(self.bits)).unwrap_or(0);
        self.masked_bits(address) & mask
    }
}

#[cfg(test)]
mod tests;
