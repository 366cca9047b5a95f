//! What upstreams are told of whoever is asking: claims, and the headers that they stand in.
//!
//! A value that holds a control character, begins or ends with a blank or is longer than [`VALUE_BYTES`] is not
//! written at all, and counted; text beyond ASCII goes out as UTF-8. In a list the separator and `%` are
//! percent-encoded, so no name of a group can add another.

use std::borrow::Cow;
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use http::HeaderValue;
use http::header::HeaderName;

use super::families::NamePattern;
use super::request::FORWARDING;
use crate::metrics::Metrics;
use crate::session::{ClaimValue, Identity};

/// The longest identity value, in bytes.
pub const VALUE_BYTES: usize = 8 * 1024;

/// Names that HTTP, CGI or browsers give a meaning of their own, besides those of [`FORWARDING`].
const RESERVED: [&str; 31] = [
    "Accept*",
    "Access-Control-*",
    "Age",
    "Allow",
    "Alt-*",
    "Authorization",
    "Cache-Control",
    "Connection",
    "Content-*",
    "Cookie*",
    "Date",
    "Early-Data",
    "Expect",
    "Forwarded",
    "Host",
    "If-*",
    "Keep-Alive",
    "Location",
    "Origin",
    "Pragma",
    "Proxy*",
    "Range",
    "Referer",
    "Sec-*",
    "Set-Cookie*",
    "TE",
    "Trailer",
    "Transfer-*",
    "Upgrade*",
    "User-Agent",
    "Via",
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

/// One header and the claim that stands in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mapping {
    /// The header.
    pub header: HeaderName,
    /// Its name as the configuration spells it, which is how it is sent over HTTP/1.1.
    pub spelled: String,
    /// The claim.
    pub claim: Claim,
}

/// Why a claim cannot stand in that header.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadMapping {
    /// The name is not that of a header.
    #[error("not a header name")]
    NotAName,
    /// HTTP gives the header a meaning, or we write it ourselves.
    #[error("a header that may not be mapped onto: HTTP or the gateway itself gives it a meaning")]
    Reserved,
}

impl Mapping {
    /// `claim` in `header`.
    pub fn new(header: &str, claim: &str) -> Result<Self, BadMapping> {
        let name = HeaderName::from_bytes(header.as_bytes()).map_err(|_| BadMapping::NotAName)?;
        // An application may read other characters as `-`, so they do not make another name.
        let plain = |byte: u8| if byte.is_ascii_alphanumeric() { byte } else { b'-' };
        let plain: Vec<u8> = name.as_str().bytes().map(plain).collect();
        let plain = HeaderName::from_bytes(&plain).map_err(|_| BadMapping::NotAName)?;
        let mut reserved = RESERVED.iter().chain(&FORWARDING).filter_map(|pattern| NamePattern::parse(pattern));
        if reserved.any(|pattern| pattern.matches(&plain)) {
            return Err(BadMapping::Reserved);
        }
        Ok(Self { header: name, spelled: header.to_owned(), claim: Claim::named(claim) })
    }
}

/// The headers that say who is asking, by their names as they are spelled.
pub type IdentityHeaders = Arc<[(Bytes, HeaderValue)]>;

/// Which claims stand in which headers.
pub struct IdentityMap(Vec<Mapping>);

impl IdentityMap {
    pub(super) fn new(mappings: Vec<Mapping>) -> Self {
        Self(mappings)
    }

    /// Each header and its claim.
    pub fn iter(&self) -> std::slice::Iter<'_, Mapping> {
        self.0.iter()
    }

    /// The headers for somebody. A claim that is not known, or cannot stand in a header, leaves its header out. Names
    /// are copied beside the values: a connection writes both into each of its requests, and counts its own copies only.
    pub fn headers(&self, identity: &Identity, metrics: &Metrics) -> IdentityHeaders {
        let mut text = BytesMut::with_capacity(256);
        let mut headers = Vec::with_capacity(self.0.len());
        for mapping in &self.0 {
            let Some(value) = mapping.claim.of(identity).filter(|value| !value.is_empty()) else { continue };
            match header_value(&value, &mut text) {
                Some(value) => {
                    text.extend_from_slice(mapping.spelled.as_bytes());
                    headers.push((text.split().freeze(), value));
                }
                None => metrics.dropped_value(),
            }
        }
        headers.into()
    }

    /// The name of each header.
    pub fn names(&self) -> impl Iterator<Item = &HeaderName> {
        self.0.iter().map(|mapping| &mapping.header)
    }

    /// Claims beyond the standard ones, which the session must keep.
    pub fn claims(&self) -> Vec<String> {
        let other = |mapping: &Mapping| match &mapping.claim {
            Claim::Other(name) => Some(name.clone()),
            _ => None,
        };
        self.0.iter().filter_map(other).collect()
    }
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
