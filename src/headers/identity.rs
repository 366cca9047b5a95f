//! Identity headers: which claims upstreams get, and in which headers.
//!
//! A value is not written, and counted, when it holds a control character, begins or ends with a blank, or is longer
//! than [`VALUE_BYTES`] (`Authorization` may be longer). The [`Style`] says how lists are joined and how text beyond
//! ASCII is written; by default text is UTF-8, and the separator and `%` are percent-encoded in the items of a list, so
//! that the name of a group cannot add another group.
//!
//! A source is written `"email"` for a claim, `"literal:text"` for a fixed text, `"{sub}@example.com"` for a template
//! of claims, `"assertion"` for the signed assertion ([`super::assertion`]), and `"gateway:route"`, `"gateway:provider"`
//! and `"gateway:jwks"` for what the gateway knows besides ([`About`]). A header whose template names a claim that is not
//! known is not written. The style holds for fixed texts as for claims, since whoever decodes one header
//! decodes all of them.

use std::borrow::Cow;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::{Bytes, BytesMut};
use http::HeaderValue;
use http::header::{AUTHORIZATION, HeaderName};

use super::families::NamePattern;
use super::request::{FORWARDING, folded};
use super::style::{Style, is_one_line};
use crate::metrics::Metrics;
use crate::secret::Secret;
use crate::session::{ClaimValue, Identity};

/// The longest value of an identity header, in bytes.
pub const VALUE_BYTES: usize = 8 * 1024;

/// Header names with a meaning of their own to HTTP, CGI or browsers, besides those of [`FORWARDING`].
const RESERVED: &str = "\
    Accept* Access-Control-* Age Allow Alt-* Authorization Cache-Control Connection Content-* Cookie* Date Early-Data \
    Expect Forwarded Host If-* Keep-Alive Location Origin Pragma Proxy* Range Referer Sec-* Set-Cookie* TE Trailer \
    Transfer-* Upgrade* User-Agent Via";

/// A claim about a person.
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
    /// The claim that the configuration names for groups, as a list.
    Groups,
    /// `amr`, as a list.
    Amr,
    /// `acr`
    Acr,
    /// `auth_time`, in Unix seconds.
    AuthTime,
    /// Any other claim of the ID token or userinfo, by its name or by the path to it.
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

    /// The claim's value for `identity` in this style, not yet as a whole; none when it is not known or empty.
    pub fn of<'i>(&self, identity: &'i Identity, style: &Style) -> Option<Cow<'i, str>> {
        let text = match self {
            Self::Subject => identity.subject.as_str(),
            Self::Username => identity.username.as_deref()?,
            Self::Name => identity.name.as_deref()?,
            Self::Email => identity.email.as_deref()?,
            Self::Groups if identity.has_all_groups() => return style.list(&identity.groups),
            // A part of the list would be taken for all of it.
            Self::Groups => return None,
            Self::Amr => return style.list(&identity.amr),
            Self::Acr => identity.acr.as_deref()?,
            Self::AuthTime => return identity.auth_time.map(|at| at.seconds().to_string().into()),
            Self::Other(name) => match identity.claims.get(name)? {
                ClaimValue::Text(text) => text.as_str(),
                ClaimValue::List(items) => return style.list(items),
            },
        };
        (!text.is_empty()).then(|| style.text(text))
    }
}

/// Where the value of a header comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// A claim.
    Claim(Claim),
    /// A fixed text.
    Literal(String),
    /// Fixed texts and claims, one after another.
    Template(Vec<Source>),
    /// The signed assertion.
    Assertion,
    /// What the gateway knows besides.
    Gateway(About),
}

/// What the gateway knows besides claims.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum About {
    /// The name of the route.
    Route,
    /// The name of the provider that the person signed in with, or of the issuer of the access token.
    Provider,
    /// The address of the keys with which assertions are verified.
    Keys,
}

/// What may stand in identity headers besides what an [`Identity`] says.
#[derive(Clone, Copy, Debug, Default)]
pub struct Besides<'b> {
    /// The signed assertion.
    pub assertion: Option<&'b str>,
    /// The name of the route.
    pub route: &'b str,
    /// The address of the keys.
    pub keys: &'b str,
}

impl Source {
    /// Reads a source as the configuration writes it; none when it is empty, or a template's braces do not match or are
    /// empty.
    pub fn parse(text: &str) -> Option<Self> {
        if let Some(literal) = text.strip_prefix("literal:") {
            return Some(Self::Literal(literal.to_owned()));
        }
        if text == "assertion" {
            return Some(Self::Assertion);
        }
        if let Some(about) = text.strip_prefix("gateway:") {
            let known = [("route", About::Route), ("provider", About::Provider), ("jwks", About::Keys)];
            return known.into_iter().find(|(name, _)| *name == about).map(|(_, about)| Self::Gateway(about));
        }
        if !text.contains(['{', '}']) {
            return is_claim(text).then(|| Self::Claim(Claim::named(text)));
        }
        let (mut parts, mut rest) = (Vec::new(), text);
        while let Some((before, from)) = rest.split_once('{') {
            let (name, after) = from.split_once('}')?;
            if !is_claim(name) || name.contains('{') || before.contains('}') {
                return None;
            }
            if !before.is_empty() {
                parts.push(Self::Literal(before.to_owned()));
            }
            parts.push(Self::Claim(Claim::named(name)));
            rest = after;
        }
        if rest.contains('}') {
            return None;
        }
        if !rest.is_empty() {
            parts.push(Self::Literal(rest.to_owned()));
        }
        Some(Self::Template(parts))
    }

    fn of<'i>(&'i self, identity: &'i Identity, style: &Style, besides: Besides<'i>) -> Option<Cow<'i, str>> {
        let part = |part: &'i Self| match part {
            Self::Claim(claim) => claim.of(identity, style),
            Self::Literal(text) => Some(style.text(text)),
            Self::Gateway(about) => Some(style.text(match about {
                About::Route => besides.route,
                About::Provider => &identity.provider,
                About::Keys => besides.keys,
            })),
            Self::Template(_) | Self::Assertion => None,
        };
        match self {
            Self::Template(parts) => {
                let values: Option<Vec<_>> = parts.iter().map(part).collect();
                Some(style.whole(values?.concat().into()))
            }
            Self::Assertion => besides.assertion.map(Cow::from),
            one => part(one).map(|value| style.whole(value)),
        }
    }

    /// Whether a header can say its fixed texts, whatever the claims between them are.
    fn is_writable(&self) -> bool {
        let fits = |text: &str| text.len() <= VALUE_BYTES && is_one_line(text);
        match self {
            Self::Literal(text) => fits(text),
            Self::Template(parts) => {
                let sample = |part: &Self| if let Self::Literal(text) = part { text.clone() } else { "x".to_owned() };
                fits(&parts.iter().map(sample).collect::<String>())
            }
            Self::Claim(_) | Self::Assertion | Self::Gateway(_) => true,
        }
    }

    fn claims(&self) -> Vec<&Claim> {
        match self {
            Self::Claim(claim) => vec![claim],
            Self::Template(parts) => parts.iter().flat_map(Self::claims).collect(),
            Self::Literal(_) | Self::Assertion | Self::Gateway(_) => Vec::new(),
        }
    }

    fn is_credential(&self) -> bool {
        match self {
            Self::Assertion => true,
            Self::Claim(Claim::Other(name)) => matches!(name.as_str(), "id_token" | "access_token"),
            Self::Template(parts) => parts.iter().any(Self::is_credential),
            _ => false,
        }
    }
}

/// Whether a text can be the name of a claim: no provider's has a blank at its ends, or a control character.
fn is_claim(name: &str) -> bool {
    !name.is_empty() && is_one_line(name)
}

/// An identity header and the source of its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mapping {
    /// The header.
    pub header: HeaderName,
    /// Its name in the spelling of the configuration, which HTTP/1.1 sends.
    pub spelled: String,
    /// Where its value comes from.
    pub source: Source,
}

/// Why a mapping is refused. `Display` is for the report of configuration problems.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadMapping {
    /// The name is not a header name.
    #[error("not a header name")]
    NotAName,
    /// HTTP or the gateway gives the header another meaning.
    #[error("a header that may not be mapped onto: HTTP or the gateway itself gives it a meaning")]
    Reserved,
    /// The source is not a claim, a literal, a template, `assertion`, or what the gateway knows.
    #[error(
        "must be a claim, \"literal:…\", a template as \"{{sub}}@example.com\", \"assertion\", or \"gateway:\" with route, provider or jwks"
    )]
    NoSource,
    /// What it says in every request can stand in no header.
    #[error(
        "no header can say that: it holds a control character, begins or ends with a blank, or has over {VALUE_BYTES} bytes"
    )]
    Unwritable,
}

impl Mapping {
    /// A header named `header` with the value of `source`. The name must be free under every reading of its characters.
    pub fn new(header: &str, source: &str) -> Result<Self, BadMapping> {
        let name = HeaderName::from_bytes(header.as_bytes()).map_err(|_| BadMapping::NotAName)?;
        // Applications read other characters as `-`, so `Content_Type` is refused as `Content-Type` is.
        let plain = |byte: u8| if byte.is_ascii_alphanumeric() { byte } else { b'-' };
        let plain: Vec<u8> = name.as_str().bytes().map(plain).collect();
        let plain = HeaderName::from_bytes(&plain).map_err(|_| BadMapping::NotAName)?;
        let mut reserved = RESERVED.split(' ').chain(FORWARDING).filter_map(NamePattern::parse);
        if reserved.any(|pattern| pattern.matches(&plain)) {
            return Err(BadMapping::Reserved);
        }
        let source = Source::parse(source).ok_or(BadMapping::NoSource)?;
        if !source.is_writable() {
            return Err(BadMapping::Unwritable);
        }
        Ok(Self { header: name, spelled: header.to_owned(), source })
    }

    /// Whether applications take it for a header of this name: many read `X_User` and `X-User` as one.
    pub fn is_called(&self, name: &str) -> bool {
        folded(&self.spelled) == folded(name)
    }
}

/// Names and values of the headers that say who is asking, the names as they are spelled.
pub type IdentityHeaders = Arc<[(Bytes, HeaderValue)]>;

/// The `Authorization` header that an upstream gets, in place of the visitor's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Authorization {
    /// A user name and a password that all users share (RFC 7617).
    Basic(Source, Secret),
    /// A bearer token (RFC 6750).
    Bearer(Source),
}

impl Authorization {
    fn source(&self) -> &Source {
        match self {
            Self::Basic(source, _) | Self::Bearer(source) => source,
        }
    }

    fn of(&self, identity: &Identity, style: &Style, besides: Besides<'_>) -> Option<String> {
        let value = self.source().of(identity, style, besides)?;
        match self {
            // RFC 7617 ends the user name at the first colon, so it cannot hold one.
            Self::Basic(..) if value.contains(':') => None,
            Self::Basic(_, password) => {
                Some(format!("Basic {}", STANDARD.encode(format!("{value}:{}", password.expose()))))
            }
            Self::Bearer(_) => Some(format!("Bearer {value}")),
        }
    }
}

/// Which identity headers an upstream gets, and in which style.
#[derive(Clone, Debug, Default)]
pub struct IdentityMap {
    mappings: Vec<Mapping>,
    style: Style,
    /// Headers with the same value in every request.
    fixed: Vec<(HeaderName, Bytes, HeaderValue)>,
    authorization: Option<Authorization>,
    anonymous: IdentityHeaders,
}

impl IdentityMap {
    /// `fixed` are headers with the same value in every request, with or without a session: literals.
    pub fn new(
        mappings: Vec<Mapping>,
        style: Style,
        fixed: Vec<Mapping>,
        authorization: Option<Authorization>,
    ) -> Self {
        let written = |Mapping { header, spelled, source }: Mapping| {
            let Source::Literal(text) = source else { return None };
            let value = HeaderValue::from_bytes(style.whole(style.text(&text)).as_bytes()).ok()?;
            Some((header, Bytes::from(spelled), value))
        };
        let fixed = fixed.into_iter().filter_map(written).collect();
        let mut map = Self { mappings, style, fixed, authorization, anonymous: IdentityHeaders::default() };
        let mut anonymous = Vec::new();
        map.fill(&mut anonymous);
        map.anonymous = anonymous.into();
        map
    }

    /// Each mapping.
    #[cfg(test)]
    pub(crate) fn iter(&self) -> std::slice::Iter<'_, Mapping> {
        self.mappings.iter()
    }

    /// The name of every header that may be written, besides `Authorization`.
    pub fn names(&self) -> impl Iterator<Item = &HeaderName> {
        self.mappings.iter().map(|mapping| &mapping.header).chain(self.fixed.iter().map(|(name, ..)| name))
    }

    /// The name of every header that may be written, as it is spelled.
    pub fn spelled(&self) -> Vec<&str> {
        let mapped = self.mappings.iter().map(|mapping| mapping.spelled.as_str());
        let fixed = self.fixed.iter().filter_map(|(_, spelled, _)| std::str::from_utf8(spelled).ok());
        mapped.chain(fixed).chain(self.authorization.iter().map(|_| "Authorization")).collect()
    }

    /// Whether it writes something that `before` did not write, or wrote of something else or in another way.
    pub fn says_more_than(&self, before: &Self) -> bool {
        self.mappings.iter().any(|mapping| !before.mappings.contains(mapping))
            || self.fixed.iter().any(|fixed| !before.fixed.contains(fixed))
            || self.authorization.is_some() && self.authorization != before.authorization
            || self.style != before.style && !self.mappings.is_empty()
    }

    /// Whether it writes a header that applications take for one of this name.
    pub fn writes(&self, name: &str) -> bool {
        self.names().any(|written| folded(written.as_str()) == folded(name))
    }

    /// Whether the gateway writes `Authorization`, so that the visitor's own is dropped.
    pub fn writes_authorization(&self) -> bool {
        self.authorization.is_some()
    }

    /// Whether a header may speak for the person elsewhere: it holds a token, a password, a signed assertion, or
    /// a fixed text, which may be a secret that the application knows the gateway by.
    pub fn is_credential(&self, name: &HeaderName) -> bool {
        let is_one = |mapping: &Mapping| mapping.header == *name && mapping.source.is_credential();
        let is_fixed = self.fixed.iter().any(|(fixed, ..)| fixed == name);
        *name == AUTHORIZATION || is_fixed || self.mappings.iter().any(is_one)
    }

    /// Whether any header has this source as a whole.
    pub fn wants(&self, source: &Source) -> bool {
        let sources = self.mappings.iter().map(|mapping| &mapping.source);
        let mut sources = sources.chain(self.authorization.iter().map(Authorization::source));
        sources.any(|other| other == source)
    }

    /// The headers of a request without a session or an access token.
    pub fn anonymous(&self) -> IdentityHeaders {
        Arc::clone(&self.anonymous)
    }

    /// The headers for `identity`. A header whose claim is not known, or whose value cannot be written, is left out, or
    /// empty where the style says so. Names are copied into the buffer of the values: requests clone both, and the
    /// reference count of a name that all connections share would be contended.
    pub fn headers(&self, identity: &Identity, besides: Besides<'_>, metrics: &Metrics) -> IdentityHeaders {
        let mut text = BytesMut::with_capacity(256);
        let mut headers = Vec::with_capacity(self.mappings.len() + self.fixed.len());
        for mapping in &self.mappings {
            let value = mapping.source.of(identity, &self.style, besides).filter(|value| !value.is_empty());
            let Some(value) = value else { continue };
            match header_value(&value, &mut text) {
                Some(value) => {
                    text.extend_from_slice(mapping.spelled.as_bytes());
                    headers.push((text.split().freeze(), value));
                }
                None => metrics.dropped_value(),
            }
        }
        if let Some(value) = self.authorization.as_ref().and_then(|told| told.of(identity, &self.style, besides)) {
            match HeaderValue::from_str(&value) {
                Ok(mut value) => {
                    value.set_sensitive(true);
                    headers.push((Bytes::from_static(b"Authorization"), value));
                }
                Err(_) => metrics.dropped_value(),
            }
        }
        self.fill(&mut headers);
        headers.into()
    }

    /// Adds the fixed headers, and empty ones for mappings without a value where the style says so.
    fn fill(&self, headers: &mut Vec<(Bytes, HeaderValue)>) {
        if self.style.sends_empty {
            for mapping in &self.mappings {
                if !headers.iter().any(|(name, _)| *name == mapping.spelled) {
                    let name = Bytes::copy_from_slice(mapping.spelled.as_bytes());
                    headers.push((name, HeaderValue::from_static("")));
                }
            }
        }
        headers.extend(self.fixed.iter().map(|(_, spelled, value)| (spelled.clone(), value.clone())));
    }

    /// The claims that a session must keep for these headers, beyond those that every session keeps.
    pub fn claims(&self) -> Vec<String> {
        let sources = self.mappings.iter().map(|mapping| &mapping.source);
        let sources = sources.chain(self.authorization.iter().map(Authorization::source));
        let other = |claim: &Claim| match claim {
            Claim::Other(name) => Some(name.clone()),
            _ => None,
        };
        sources.flat_map(Source::claims).filter_map(other).collect()
    }
}

/// `value` as a header's value, or none where it must not be written. It is appended to `text`, the shared buffer.
fn header_value(value: &str, text: &mut BytesMut) -> Option<HeaderValue> {
    if value.len() > VALUE_BYTES || !is_one_line(value) {
        return None;
    }
    text.extend_from_slice(value.as_bytes());
    HeaderValue::from_maybe_shared(text.split().freeze()).ok()
}
