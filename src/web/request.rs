//! A request, as the gateway reads it.
//!
//! A [`Request`] borrows the head that the edge parsed and adds what is computed once: the host, and the client's
//! address. All of it was written by a stranger. The methods read it leniently (a header that is not text counts as
//! absent), and the limits are named here.
//!
//! The host is read strictly (RFC 9110 §7.2, RFC 3986 §3.2.2): letters, digits, dots, hyphens and
//! underscores, or an IPv6 literal, and a numeric port. [`BadHost`] is everything else.

use std::borrow::Cow;
use std::cell::Cell;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use bytes::Bytes;
use data_encoding::HEXLOWER;
use http::header::{ACCEPT, CONTENT_LENGTH, CONTENT_TYPE, HOST, HeaderName, UPGRADE};
use http::request::Parts;
use http::{HeaderMap, Method};

use super::Cookies;

/// The largest form that is read, in bytes. The largest is a kept form of an application, sealed and in base64.
pub const FORM_BYTES: usize = 96 * 1024;

/// The most fields a form may have.
const FORM_FIELDS: usize = 200;

/// One request, borrowed from the edge.
#[derive(Clone, Debug)]
pub struct Request<'a> {
    /// The head as it was parsed: method, target, headers.
    pub head: &'a Parts,
    /// The body, read only for our own pages; empty otherwise.
    pub body: Bytes,
    /// The client's address: that of the connection, or the one that a trusted proxy reports.
    pub peer: Option<IpAddr>,
    /// Whether it came through a trusted proxy.
    pub is_from_proxy: bool,
    /// The SHA-256 of the certificate that the client showed for its connection, in hex of small letters.
    pub certificate: Option<&'a str>,
    /// Whether `peer` is the client, and no proxy before which something stands that is no address.
    pub is_client_known: bool,
    /// The id of the request, in the log and on pages that report a failure.
    pub id: RequestId,
    host: Cow<'a, str>,
}

impl<'a> Request<'a> {
    /// Reads `head`; `peer` is the client's address. Fails when the request does not name exactly one host.
    pub fn read(head: &'a Parts, peer: Option<IpAddr>, id: RequestId) -> Result<Self, BadHost> {
        let host = host_of(head)?;
        Ok(Self { host, ..Self::for_no_host(head, peer, id) })
    }

    /// A request without a valid host, for the response that says so.
    pub fn for_no_host(head: &'a Parts, peer: Option<IpAddr>, id: RequestId) -> Self {
        let host = Cow::Borrowed("");
        Self {
            head,
            body: Bytes::new(),
            peer,
            is_from_proxy: false,
            certificate: None,
            is_client_known: true,
            id,
            host,
        }
    }

    /// The same request with its body read.
    #[must_use]
    pub fn with_body(mut self, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self
    }

    /// The method.
    pub fn method(&self) -> &Method {
        &self.head.method
    }

    /// The path as it was sent: nothing decoded, no dots resolved.
    pub fn path(&self) -> &str {
        self.head.uri.path()
    }

    /// What follows the `?`, as it was sent.
    pub fn query(&self) -> Option<&str> {
        self.head.uri.query()
    }

    /// Path and query as they were sent.
    pub fn target(&self) -> &str {
        self.head.uri.path_and_query().map_or("/", |target| target.as_str())
    }

    /// The host, in lower case, without a port and without a final dot.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The first value of a header, if it is visible ASCII.
    pub fn header(&self, name: impl http::header::AsHeaderName) -> Option<&str> {
        self.head.headers.get(name)?.to_str().ok()
    }

    /// The cookies that were sent.
    pub fn cookies(&self) -> Cookies<'a> {
        Cookies::of(&self.head.headers)
    }

    /// The cookie of that name; none where there are several.
    pub fn cookie(&self, name: &str) -> Option<&str> {
        self.cookies().get(name)
    }

    /// The query's names and values, percent-decoded, in order.
    pub fn query_pairs(&self) -> Vec<(String, String)> {
        pairs(self.query().unwrap_or_default().as_bytes()).collect()
    }

    /// The length of the body by `Content-Length`, in bytes; 0 where there is none, as of a chunked one.
    pub fn content_length(&self) -> u64 {
        self.header(CONTENT_LENGTH).and_then(|length| length.parse().ok()).unwrap_or(0)
    }

    /// Whether `Content-Type` is this media type, with any parameters.
    pub fn is_of_type(&self, media_type: &str) -> bool {
        let content_type = self.header(CONTENT_TYPE).unwrap_or_default();
        content_type.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case(media_type)
    }

    /// The fields of a posted form, percent-decoded, in order.
    pub fn form(&self) -> Result<Vec<(String, String)>, BadForm> {
        if !self.is_of_type("application/x-www-form-urlencoded") {
            return Err(BadForm::NotAForm);
        }
        if self.body.len() > FORM_BYTES {
            return Err(BadForm::TooLarge);
        }
        if self.body.split(|byte| *byte == b'&').count() > FORM_FIELDS {
            return Err(BadForm::TooManyFields);
        }
        Ok(pairs(&self.body).collect())
    }

    /// Whether the request is a navigation, so that a redirect makes sense: by Fetch Metadata where the browser sends
    /// them, otherwise by method and headers.
    pub fn is_navigation(&self) -> bool {
        match (self.header("sec-fetch-mode"), self.header("sec-fetch-dest")) {
            (Some(mode), _) => mode == "navigate",
            (None, Some(destination)) => destination == "document",
            (None, None) => {
                matches!(*self.method(), Method::GET | Method::HEAD)
                    && !self.head.headers.contains_key("x-requested-with")
                    && !self.head.headers.contains_key(UPGRADE)
                    && self.accepts("text/html")
            }
        }
    }

    /// Whether a navigation asks for a whole page, and may be sent elsewhere and back: not a form, which would be lost,
    /// and not a frame, since pages of other hosts may not be shown in it.
    pub fn is_page_visit(&self) -> bool {
        matches!(*self.method(), Method::GET | Method::HEAD) && self.is_navigation() && !self.is_framed()
    }

    /// Whether the response will be shown inside another page.
    pub fn is_framed(&self) -> bool {
        self.header("sec-fetch-dest").is_some_and(|dest| matches!(dest, "iframe" | "frame" | "object" | "embed"))
    }

    /// Whether a browser fetches this ahead of a visit that may never come (`Sec-Purpose`, or the older `Purpose` and
    /// `X-Moz`).
    pub fn is_prefetch(&self) -> bool {
        ["sec-purpose", "purpose", "x-moz"]
            .into_iter()
            .filter_map(|name| self.header(name))
            .any(|purpose| purpose.contains("prefetch") || purpose.contains("prerender"))
    }

    /// Whether an error is better said with a page than with `application/problem+json`.
    pub fn wants_html(&self) -> bool {
        self.is_navigation() || self.accepts("text/html")
    }

    /// Whether this asks for the connection to become a WebSocket (RFC 6455 §4.1).
    pub fn is_websocket(&self) -> bool {
        self.header(UPGRADE).is_some_and(|upgrade| upgrade.trim().eq_ignore_ascii_case("websocket"))
    }

    /// Whether `Accept` names `media_type` itself; `*/*` does not count, since scripts send it too.
    fn accepts(&self, media_type: &str) -> bool {
        self.head
            .headers
            .get_all(ACCEPT)
            .iter()
            .filter_map(|accept| accept.to_str().ok())
            .flat_map(|accept| accept.split(','))
            .any(|range| range.split(';').next().is_some_and(|range| range.trim().eq_ignore_ascii_case(media_type)))
    }
}

/// Why a posted form is not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadForm {
    /// Its content type is not that of a form.
    #[error("not application/x-www-form-urlencoded")]
    NotAForm,
    /// It has more than [`FORM_FIELDS`] fields.
    #[error("more than {FORM_FIELDS} fields")]
    TooManyFields,
    /// It has more than [`FORM_BYTES`] bytes.
    #[error("more than {FORM_BYTES} bytes")]
    TooLarge,
}

/// The request does not name exactly one host that every server reads in the same way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the request does not name one host")]
pub struct BadHost;

/// The id of a request: 64 random bits of the thread that read it, and a number.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct RequestId(u64, u64);

impl RequestId {
    /// The next id of this thread.
    pub fn next() -> Self {
        // A counter that threads share would be contended at every request.
        thread_local! {
            static THREAD: (u64, Cell<u64>) = (u64::from_le_bytes(crate::secret::random()), Cell::new(0));
        }
        THREAD.with(|(thread, count)| Self(*thread, count.replace(count.get() + 1)))
    }

    /// 32 hexadecimal digits. Formatting them with `Display` would take ten times as long, and every request needs
    /// them.
    pub fn digits(self) -> [u8; 32] {
        let mut digits = [0; 32];
        let bytes = (u128::from(self.0) << 64 | u128::from(self.1)).to_be_bytes();
        HEXLOWER.encode_mut(&bytes, &mut digits);
        digits
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(std::str::from_utf8(&self.digits()).unwrap_or_default())
    }
}

impl fmt::Debug for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

fn pairs(encoded: &[u8]) -> impl Iterator<Item = (String, String)> {
    url::form_urlencoded::parse(encoded).map(|(name, value)| (name.into_owned(), value.into_owned()))
}

fn host_of(head: &Parts) -> Result<Cow<'_, str>, BadHost> {
    let mut lines = head.headers.get_all(HOST).iter();
    let line = lines.next().map(|line| line.to_str().map_err(|_| BadHost)).transpose()?;
    if lines.next().is_some() {
        return Err(BadHost);
    }
    // HTTP/2 and the absolute form of HTTP/1.1 have the host in the target (RFC 9112 §3.2.2).
    let authority = head.uri.authority().map(http::uri::Authority::as_str);
    match (authority, line) {
        (Some(authority), Some(line)) if !authority.eq_ignore_ascii_case(line) => Err(BadHost),
        (Some(host), _) | (None, Some(host)) => read_host(host),
        (None, None) => Err(BadHost),
    }
}

/// The items of a header that is a list, of all its lines, without the blanks around them (RFC 9110 §5.6.1).
pub fn list_items<'h>(headers: &'h HeaderMap, name: &HeaderName) -> impl Iterator<Item = &'h [u8]> {
    let lines = headers.get_all(name).into_iter();
    lines.flat_map(|line| line.as_bytes().split(|byte| *byte == b',')).map(<[u8]>::trim_ascii)
}

/// Splits an absolute address into scheme, authority and the rest, without changing it: parsing it as a URL would
/// resolve dots and decode. None where it has no `://`.
pub fn split_absolute(address: &str) -> Option<(&str, &str, &str)> {
    let (scheme, rest) = address.split_once("://")?;
    let (authority, target) = rest.split_at(rest.find(['/', '?', '#', '\\']).unwrap_or(rest.len()));
    Some((scheme, authority, target))
}

/// The host of `host[:port]` in lower case, if both parts are well formed.
pub(crate) fn read_host(text: &str) -> Result<Cow<'_, str>, BadHost> {
    // Bytes throughout: every request comes through here, and the patterns of `str` cost twice as much.
    let (host, port) = match text.bytes().rposition(|byte| byte == b':') {
        Some(colon) if !text.ends_with(']') => (&text[..colon], Some(&text[colon + 1..])),
        _ => (text, None),
    };
    if port.is_some_and(|port| {
        port.is_empty() || !port.bytes().all(|b| b.is_ascii_digit()) || port.parse::<u16>().is_err()
    }) {
        return Err(BadHost);
    }
    if let Some(literal) = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        return match literal.parse::<std::net::Ipv6Addr>() {
            Ok(address) => Ok(Cow::Owned(format!("[{address}]"))),
            Err(_) => Err(BadHost),
        };
    }
    let host = host.strip_suffix('.').unwrap_or(host);
    let is_name = !host.is_empty()
        && host.len() <= 253
        && host.as_bytes().split(|byte| *byte == b'.').all(|label| {
            (1..=63).contains(&label.len())
                && label.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
        });
    match is_name {
        false => Err(BadHost),
        true if host.bytes().any(|b| b.is_ascii_uppercase()) => Ok(Cow::Owned(host.to_ascii_lowercase())),
        true => Ok(Cow::Borrowed(host)),
    }
}

/// The addresses for which a host without brackets stands by itself, IPv4 never mapped: one that is an address, and both
/// loopback addresses for a name of this machine (RFC 6761 §6.3; the names that Debian gives `::1`). A connection to an
/// unspecified address is one to this machine (ip(7)). None for any other name.
pub fn addresses_of(host: &str) -> impl Iterator<Item = IpAddr> {
    const LOOPBACK: [IpAddr; 2] = [IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)];
    let host = host.strip_suffix('.').unwrap_or(host);
    let ends = |end: &str| {
        let at = host.len().checked_sub(end.len());
        at.and_then(|at| host.get(at..)).is_some_and(|tail| tail.eq_ignore_ascii_case(end))
    };
    let is_name = |name: &str| host.eq_ignore_ascii_case(name);
    let names = ["localhost", "localhost.localdomain", "ip6-localhost", "ip6-loopback"];
    let is_named = names.into_iter().any(is_name) || ends(".localhost");
    let address = host.parse::<IpAddr>().ok().map(|address| match address.to_canonical() {
        IpAddr::V4(address) if address.is_unspecified() => LOOPBACK[0],
        IpAddr::V6(address) if address.is_unspecified() => LOOPBACK[1],
        address => address,
    });
    is_named.then_some(LOOPBACK).into_iter().flatten().chain(address)
}

/// Whether a host without brackets is this machine, as far as it says so by itself.
pub(crate) fn is_this_machine(host: &str) -> bool {
    addresses_of(host).any(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(headers: &[(&str, &str)]) -> Parts {
        let mut request = http::Request::builder().method("GET").uri("/a/b?x=1&y=%20+z").header("host", "localhost");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.body(()).expect("a request").into_parts().0
    }

    fn request(head: &Parts) -> Request<'_> {
        Request::read(head, None, RequestId::next()).expect("a host")
    }

    #[test]
    fn a_request_is_named_by_its_process_and_its_number() {
        let id = RequestId(0x0123_4567_89ab_cdef, 10);
        assert_eq!(id.to_string(), "0123456789abcdef000000000000000a");
    }

    #[test]
    fn hosts_are_read_strictly() {
        for (sent, host) in [
            ("example.com", Some("example.com")),
            ("EXAMPLE.com:443", Some("example.com")),
            ("example.com.", Some("example.com")),
            ("127.0.0.1:8080", Some("127.0.0.1")),
            ("[::1]", Some("[::1]")),
            ("[0:0::1]:8080", Some("[::1]")),
            ("under_score.example", Some("under_score.example")),
            ("", None),
            (".", None),
            ("a..b", None),
            ("example.com:", None),
            ("example.com:x", None),
            ("example.com:+80", None),
            ("example.com:65536", None),
            ("x, y", None),
            ("x/../y", None),
            ("user@example.com", None),
            ("::1", None),
            ("[::1", None),
            ("[::1]x", None),
            ("exa%6dple.com", None),
            ("admın.example", None),
        ] {
            assert_eq!(read_host(sent).ok().as_deref(), host, "{sent}");
        }
    }

    #[test]
    fn a_request_for_no_host_or_two_is_refused() {
        let none = http::Request::builder().uri("/").body(()).expect("a request").into_parts().0;
        assert_eq!(host_of(&none), Err(BadHost));
        assert_eq!(host_of(&head(&[("host", "other.example")])), Err(BadHost));
        let two = http::Request::builder().uri("http://a.example/").header("host", "b.example").body(());
        assert_eq!(host_of(&two.expect("a request").into_parts().0), Err(BadHost));
    }

    #[test]
    fn the_query_is_decoded_in_order() {
        assert_eq!(
            request(&head(&[])).query_pairs(),
            [("x".to_owned(), "1".to_owned()), ("y".to_owned(), "  z".to_owned())]
        );
    }

    #[test]
    fn a_form_must_be_a_form_and_has_limits() {
        let form = [("content-type", "application/x-www-form-urlencoded; charset=utf-8")];
        let (form, json) = (head(&form), head(&[("content-type", "application/json")]));
        let fields = request(&form).with_body("a=1&b=%26").form();
        assert_eq!(fields, Ok(vec![("a".to_owned(), "1".to_owned()), ("b".to_owned(), "&".to_owned())]));
        assert_eq!(request(&json).with_body("a=1").form(), Err(BadForm::NotAForm));
        assert_eq!(request(&form).with_body("&".repeat(FORM_FIELDS)).form(), Err(BadForm::TooManyFields));
        assert_eq!(request(&form).with_body("a".repeat(FORM_BYTES + 1)).form(), Err(BadForm::TooLarge));
    }

    #[test]
    fn a_page_visit_is_told_from_a_script() {
        for (headers, navigation) in [
            (&[("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "document")][..], true),
            (&[("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "iframe")], true),
            (&[("sec-fetch-mode", "cors"), ("sec-fetch-dest", "empty"), ("accept", "text/html")], false),
            (&[("sec-fetch-mode", "no-cors"), ("sec-fetch-dest", "image")], false),
            (&[("accept", "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8")], true),
            (&[("accept", "TEXT/HTML")], true),
            (&[("accept", "text/html"), ("x-requested-with", "XMLHttpRequest")], false),
            (&[("accept", "text/html"), ("upgrade", "websocket")], false),
            (&[("accept", "*/*")], false),
            (&[("accept", "application/json")], false),
            (&[], false),
        ] {
            assert_eq!(request(&head(headers)).is_navigation(), navigation, "{headers:?}");
        }
    }

    #[test]
    fn what_is_fetched_ahead_of_time_is_known() {
        assert!(request(&head(&[("sec-purpose", "prefetch;prerender")])).is_prefetch());
        assert!(!request(&head(&[])).is_prefetch());
    }
}
