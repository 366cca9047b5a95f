//! What the head of a request must be before anything is decided about it.
//!
//! pingora repairs much of what is ambiguous (RFC 9112 §2.2, §6): bare LF, a blank in the target, two equal
//! lengths. Repairs are where servers come to disagree, so what would have to be repaired is refused. An HTTP/1
//! head is looked at as it arrives: [`Scan`] finds its end and looks at every byte once, however slowly they come;
//! [`Head::read`] judges the whole of it. pingora parses it after that, once. What can be seen in a parsed
//! head only, over HTTP/2 too, is [`check`]'s.

use http::header::CONTENT_LENGTH;
use http::request::Parts;
use http::{HeaderValue, StatusCode};

use super::limits::{FIELDS, HEAD_BYTES, METHOD_BYTES};
use super::refusal::Refusal;
use crate::gateway::Notice;

/// With what an HTTP/2 connection begins that nothing announced (RFC 9113 §3.4), up to its first empty line.
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\n";

/// How far the search for a head's end has come.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Scan {
    /// Bytes before this one have been looked at.
    at: usize,
    line_start: usize,
    lines: usize,
}

impl Scan {
    /// Goes on in `bytes`, which begin with the request line and have grown since the last call. Gives the length of
    /// the head once it is whole, its empty line included.
    pub(super) fn advance(&mut self, bytes: &[u8]) -> Result<Option<usize>, Refusal> {
        // What cannot be a method is no HTTP: a client that speaks TLS here would wait for an answer.
        if bytes.first().is_some_and(|first| !is_token(*first)) {
            return Err(Refusal::RequestLine);
        }
        let limit = bytes.len().min(HEAD_BYTES);
        while let Some(distance) = memchr::memchr(b'\n', &bytes[self.at..limit]) {
            let end = self.at + distance;
            let line = &bytes[self.line_start..end];
            if line.last() != Some(&b'\r') {
                return Err(Refusal::LineEnd);
            }
            (self.at, self.line_start) = (end + 1, end + 1);
            if line.len() == 1 {
                return Ok(Some(end + 1));
            }
            self.lines += 1;
            if self.lines > FIELDS + 1 {
                return Err(Refusal::HeadTooLarge);
            }
        }
        self.at = limit;
        if bytes.len() >= HEAD_BYTES { Err(Refusal::HeadTooLarge) } else { Ok(None) }
    }
}

/// Judges the bytes of an HTTP/1 connection as it does itself, for who tries it with any bytes (`tests/fuzz`): the
/// length of the head that they begin with, none while it is not whole, or the refusal's name.
pub fn judge_head(bytes: &[u8]) -> Result<Option<usize>, &'static str> {
    let length = Scan::default().advance(bytes).map_err(Refusal::label)?;
    length.map(|length| Head::read(&bytes[..length]).map(|_| length).map_err(Refusal::label)).transpose()
}

/// What a client is told whose head is refused before anything is decided about it: the status, and why. `bytes` are the
/// whole head as HTTP/1.1 sends it, `sent` is its target.
pub fn refused_at_once(bytes: &[u8], head: &Parts, sent: &[u8]) -> Option<(StatusCode, &'static str)> {
    let whole = Scan::default().advance(bytes).and_then(|_| Head::read(bytes)).map(drop);
    let known = whole.and_then(|()| check_as_sent(head)).and_then(|()| {
        check(head, sent).map_err(|notice| match notice {
            Notice::MethodNotAllowed => Refusal::Method,
            _ => Refusal::Target,
        })
    });
    known.err().map(|refusal| (refusal.status(), refusal.text()))
}

/// What a head says about the connection and the bytes after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Head {
    /// A request of HTTP/1.
    Request {
        /// How its body is framed.
        body: Framing,
        /// Whether it asks for another protocol on this connection.
        upgrades: bool,
    },
    /// The beginning of HTTP/2 without TLS.
    Preface,
}

/// How long a body is (RFC 9112 §6.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Framing {
    /// That many bytes; 0 where no field says anything.
    Length(u64),
    /// Until the last chunk.
    Chunked,
}

impl Head {
    /// Judges a whole head, as [`Scan`] found it.
    pub(super) fn read(bytes: &[u8]) -> Result<Self, Refusal> {
        if bytes == PREFACE {
            return Ok(Self::Preface);
        }
        let mut rest = bytes;
        let mut lines = std::iter::from_fn(|| {
            let end = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
            let line = &rest[..end];
            rest = rest.get(end + 1..).unwrap_or_default();
            Some(line.strip_suffix(b"\r").unwrap_or(line))
        });
        let (target, is_http_11) = request_line(lines.next().unwrap_or_default())?;
        let mut host = authority(target)?;
        let (mut length, mut chunked, mut upgrades, mut hosts) = (None, false, false, 0);
        for line in lines.take_while(|line| !line.is_empty()) {
            let (name, value) = field(line)?;
            if name.eq_ignore_ascii_case(b"content-length") {
                // Even twice the same is once too often: one of two servers takes the other line.
                if length.replace(number(value)?).is_some() {
                    return Err(Refusal::ContentLength);
                }
            } else if name.eq_ignore_ascii_case(b"transfer-encoding") {
                if chunked || !is_http_11 || !value.eq_ignore_ascii_case(b"chunked") {
                    return Err(Refusal::TransferEncoding);
                }
                chunked = true;
            } else if name.eq_ignore_ascii_case(b"upgrade") {
                upgrades = true;
            } else if name.eq_ignore_ascii_case(b"host") {
                hosts += 1;
                if hosts > 1 || value.contains(&b'@') || *host.get_or_insert(value) != value {
                    return Err(Refusal::Host);
                }
            }
        }
        let body = match (length, chunked) {
            (Some(_), true) => return Err(Refusal::TransferEncoding),
            (None, true) => Framing::Chunked,
            (length, false) => Framing::Length(length.unwrap_or(0)),
        };
        Ok(Self::Request { body, upgrades })
    }
}

/// The target, and whether the version is HTTP/1.1; otherwise it is HTTP/1.0.
fn request_line(line: &[u8]) -> Result<(&[u8], bool), Refusal> {
    let mut parts = line.split(|byte| *byte == b' ');
    let (method, target) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    // More than one blank is one within the target, or a blank too many.
    let (Some(version), None) = (parts.next(), parts.next()) else { return Err(Refusal::RequestLine) };
    if !(1..=METHOD_BYTES).contains(&method.len()) || !method.iter().all(|byte| is_token(*byte)) {
        return Err(Refusal::RequestLine);
    }
    if method == b"CONNECT" {
        return Err(Refusal::Method);
    }
    // Neither of them is part of a URI, nor sent by a browser; `#` would be cut off, quietly (RFC 3986 §2).
    let is_allowed = |byte: &u8| matches!(byte, b'!'..=b'~' | 0x80..) && !matches!(byte, b'"' | b'#' | b'<' | b'>');
    if target.is_empty() || !target.iter().all(is_allowed) {
        return Err(Refusal::Target);
    }
    match version {
        b"HTTP/1.1" => Ok((target, true)),
        b"HTTP/1.0" => Ok((target, false)),
        _ if version.starts_with(b"HTTP/") => Err(Refusal::Version),
        _ => Err(Refusal::RequestLine),
    }
}

/// The host of a target in the absolute form, with its port; none in any other form.
fn authority(target: &[u8]) -> Result<Option<&[u8]>, Refusal> {
    let is_http = |scheme: &[u8]| scheme.eq_ignore_ascii_case(b"http:") || scheme.eq_ignore_ascii_case(b"https:");
    let Some(at) = memchr::memmem::find(target, b"//") else { return Ok(None) };
    if !is_http(&target[..at]) {
        return Ok(None);
    }
    let rest = &target[at + 2..];
    let end = rest.iter().position(|byte| matches!(byte, b'/' | b'?')).unwrap_or(rest.len());
    // A browser takes a backslash for a slash (WHATWG URL), and what stands before `@` for a user.
    if rest[..end].iter().any(|byte| matches!(byte, b'@' | b'\\')) {
        Err(Refusal::Host)
    } else {
        Ok(Some(&rest[..end]))
    }
}

/// A field's name and its value without the blanks around it (RFC 9112 §5).
fn field(line: &[u8]) -> Result<(&[u8], &[u8]), Refusal> {
    let colon = memchr::memchr(b':', line).ok_or(Refusal::Field)?;
    let (name, value) = (&line[..colon], line[colon + 1..].trim_ascii());
    // To the end in any case: so many bytes are looked at together, and cookies are long.
    let is_text = line[colon..].iter().fold(true, |all, byte| all & matches!(byte, b'\t' | b' '..=b'~' | 0x80..));
    if name.is_empty() || !name.iter().all(|byte| is_token(*byte)) || !is_text {
        return Err(Refusal::Field);
    }
    Ok((name, value))
}

/// Digits, and no more than a signed number of 64 bits holds: that is what most servers keep it in.
fn number(value: &[u8]) -> Result<u64, Refusal> {
    let digits = std::str::from_utf8(value).ok().filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
    let number = digits.and_then(|digits| digits.parse().ok()).filter(|number| *number <= i64::MAX as u64);
    number.ok_or(Refusal::ContentLength)
}

/// Whether a name may hold it (RFC 9110 §5.6.2).
pub(super) const fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(byte, b'!' | b'#'..=b'\'' | b'*' | b'+' | b'-' | b'.' | b'^'..=b'`' | b'|' | b'~')
}

/// Whether method and target are ones that a gateway or an upstream may be asked. `sent` is the target as it stood in the
/// request line, of which pingora makes `/` where it is none.
pub(super) fn check(head: &Parts, sent: &[u8]) -> Result<(), Notice> {
    // Some servers take `post` for POST (RFC 9110 §9.1: methods are case-sensitive), and routes differ by method.
    let method = head.method.as_str();
    if matches!(method, "TRACE" | "TRACK" | "CONNECT") || method.bytes().any(|byte| byte.is_ascii_lowercase()) {
        return Err(Notice::MethodNotAllowed);
    }
    // The origin form, or the absolute form, which every server takes (RFC 9112 §3.2).
    let is_target = ["/", "http://", "https://"]
        .iter()
        .any(|form| sent.get(..form.len()).is_some_and(|start| start.eq_ignore_ascii_case(form.as_bytes())));
    let path = head.uri.path();
    let has_method = method.len() <= METHOD_BYTES;
    // Over HTTP/2 it stands apart from the target.
    let has_scheme = head.uri.scheme_str().is_none_or(|scheme| matches!(scheme, "http" | "https"));
    if is_target && has_method && has_scheme && path.starts_with('/') && path.is_ascii() {
        Ok(())
    } else {
        Err(Notice::BadRequest)
    }
}

/// What [`Scan`] and [`Head::read`] refuse over HTTP/1 and HTTP/2 lets through: bytes that no target holds, two lengths, as
/// long as they are equal, and values that an upstream of HTTP/1 would read without the blanks around them (RFC 9113
/// §8.2.1), among others.
pub(super) fn check_as_sent(head: &Parts) -> Result<(), Refusal> {
    let headers = &head.headers;
    // A fragment is cut off before it can be seen.
    let target = head.uri.path_and_query().map_or("/", |target| target.as_str());
    if target.contains(['"', '<', '>']) {
        Err(Refusal::Target)
    } else if headers.len() > FIELDS {
        Err(Refusal::HeadTooLarge)
    } else if headers.get_all(CONTENT_LENGTH).iter().nth(1).is_some() {
        Err(Refusal::ContentLength)
    } else if headers.values().any(has_blank_around) {
        Err(Refusal::Field)
    } else {
        Ok(())
    }
}

fn has_blank_around(value: &HeaderValue) -> bool {
    let is_blank = |byte: Option<&u8>| matches!(byte, Some(b' ' | b'\t'));
    is_blank(value.as_bytes().first()) || is_blank(value.as_bytes().last())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A head that arrives `step` bytes at a time: its length and what it says.
    fn arriving(bytes: &[u8], step: usize) -> Result<Option<(usize, Head)>, Refusal> {
        let mut scan = Scan::default();
        let mut there = 0;
        loop {
            there = (there + step).min(bytes.len());
            if let Some(length) = scan.advance(&bytes[..there])? {
                return Head::read(&bytes[..length]).map(|head| Some((length, head)));
            }
            if there == bytes.len() {
                return Ok(None);
            }
        }
    }

    fn said(text: &str) -> Result<Head, Refusal> {
        let whole = arriving(text.as_bytes(), usize::MAX / 2);
        assert_eq!(arriving(text.as_bytes(), 1), whole, "{text:?}");
        whole.map(|head| head.expect("a whole head").1)
    }

    fn post(fields: &str) -> Result<Head, Refusal> {
        said(&format!("POST /x HTTP/1.1\r\nHost: localhost\r\n{fields}\r\n"))
    }

    const fn request(body: Framing) -> Result<Head, Refusal> {
        Ok(Head::Request { body, upgrades: false })
    }

    #[test]
    fn a_body_is_framed_in_one_way() {
        assert_eq!(post(""), request(Framing::Length(0)));
        assert_eq!(post("Content-Length: 5\r\n"), request(Framing::Length(5)));
        assert_eq!(post("content-length:\t007 \r\n"), request(Framing::Length(7)));
        assert_eq!(post("Content-Length: 9223372036854775807\r\n"), request(Framing::Length(i64::MAX as u64)));
        assert_eq!(post("Transfer-Encoding: Chunked\r\n"), request(Framing::Chunked));
        assert_eq!(post("Upgrade: websocket\r\n"), Ok(Head::Request { body: Framing::Length(0), upgrades: true }));
        assert_eq!(said("PRI * HTTP/2.0\r\n\r\n"), Ok(Head::Preface));
    }

    /// S-01.
    #[test]
    fn what_can_be_framed_in_two_ways_is_refused() {
        for (fields, refusal) in [
            ("Content-Length: 4\r\nTransfer-Encoding: chunked\r\n", Refusal::TransferEncoding),
            ("Transfer-Encoding: chunked\r\nContent-Length: 4\r\n", Refusal::TransferEncoding),
            ("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", Refusal::TransferEncoding),
            ("Transfer-Encoding: gzip, chunked\r\n", Refusal::TransferEncoding),
            ("Transfer-Encoding: chunked, identity\r\n", Refusal::TransferEncoding),
            ("Transfer-Encoding: identity\r\n", Refusal::TransferEncoding),
            ("Transfer-Encoding: xchunked\r\n", Refusal::TransferEncoding),
            ("Transfer-Encoding: \"chunked\"\r\n", Refusal::TransferEncoding),
            ("Transfer-Encoding: chunked;a=b\r\n", Refusal::TransferEncoding),
            ("Transfer-Encoding:\r\n", Refusal::TransferEncoding),
            ("Transfer-Encoding: chunked\x0b\r\n", Refusal::Field),
            ("Transfer-Encoding : chunked\r\n", Refusal::Field),
            ("Transfer-Encoding\r\n", Refusal::Field),
            ("Content-Length: 5\r\nContent-Length: 5\r\n", Refusal::ContentLength),
            ("Content-Length: 5\r\nContent-Length: 6\r\n", Refusal::ContentLength),
            ("Content-Length: 5, 5\r\n", Refusal::ContentLength),
            ("Content-Length: +5\r\n", Refusal::ContentLength),
            ("Content-Length: -5\r\n", Refusal::ContentLength),
            ("Content-Length: 0x5\r\n", Refusal::ContentLength),
            ("Content-Length: 5 5\r\n", Refusal::ContentLength),
            ("Content-Length:\r\n", Refusal::ContentLength),
            ("Content-Length: 9223372036854775808\r\n", Refusal::ContentLength),
            ("Content-Length: 99999999999999999999\r\n", Refusal::ContentLength),
            ("X: a\r\n folded: b\r\n", Refusal::Field),
            ("X: a\r\n\tfolded\r\n", Refusal::Field),
            (": nameless\r\n", Refusal::Field),
            ("X\0: a\r\n", Refusal::Field),
            ("X: a\0b\r\n", Refusal::Field),
            ("X: a\rb\r\n", Refusal::Field),
            ("X: a\x7f\r\n", Refusal::Field),
            ("X: a\nY: b\r\n", Refusal::LineEnd),
            ("Host: localhost\r\n", Refusal::Host),
            ("host: other\r\n", Refusal::Host),
        ] {
            assert_eq!(post(fields), Err(refusal), "{fields:?}");
        }
        let chunked = "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n";
        assert_eq!(said(chunked), Err(Refusal::TransferEncoding));
    }

    /// S-08, P-11.
    #[test]
    fn a_request_line_is_three_words() {
        let long = "M".repeat(METHOD_BYTES + 1);
        for (line, refusal) in [
            ("GET /", Refusal::RequestLine),
            ("GET", Refusal::RequestLine),
            ("GET / x HTTP/1.1", Refusal::RequestLine),
            ("GET  / HTTP/1.1", Refusal::RequestLine),
            ("GET / HTTP/1.1 ", Refusal::RequestLine),
            ("G(T / HTTP/1.1", Refusal::RequestLine),
            ("GET\t/ HTTP/1.1", Refusal::RequestLine),
            ("\u{16}\u{3}\u{1}", Refusal::RequestLine),
            (&format!("{long} / HTTP/1.1"), Refusal::RequestLine),
            ("GET /a\0b HTTP/1.1", Refusal::Target),
            ("GET /a#b HTTP/1.1", Refusal::Target),
            ("GET /a\rb HTTP/1.1", Refusal::Target),
            ("GET /a\x7fb HTTP/1.1", Refusal::Target),
            ("GET /<script> HTTP/1.1", Refusal::Target),
            ("GET / HTTP/1.2", Refusal::Version),
            ("GET / HTTP/2.0", Refusal::Version),
            ("GET / HTTP/0.9", Refusal::Version),
            ("GET / http/1.1", Refusal::RequestLine),
            ("GET / JUNK", Refusal::RequestLine),
            ("CONNECT localhost:443 HTTP/1.1", Refusal::Method),
            ("GET http://other/ HTTP/1.1", Refusal::Host),
            ("GET http://other@localhost/ HTTP/1.1", Refusal::Host),
            ("GET HTTPS://localhost\\@other/ HTTP/1.1", Refusal::Host),
            ("GET http://localhost:80/ HTTP/1.1", Refusal::Host),
        ] {
            assert_eq!(said(&format!("{line}\r\nHost: localhost\r\n\r\n")), Err(refusal), "{line:?}");
        }
        for line in ["PROPFIND /a%20b?c=|^`{}\\ HTTP/1.1", "M-SEARCH * HTTP/1.0", "GET http://localhost/ HTTP/1.1"] {
            assert_eq!(said(&format!("{line}\r\n\r\n")), request(Framing::Length(0)), "{line:?}");
        }
    }

    /// S-13.
    #[test]
    fn every_line_ends_with_both() {
        for head in
            ["GET / HTTP/1.1\nHost: a\n\n", "GET / HTTP/1.1\r\nHost: a\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\n\n"]
        {
            assert_eq!(said(head), Err(Refusal::LineEnd), "{head:?}");
        }
    }

    /// H-12, D-07.
    #[test]
    fn a_head_has_a_size() {
        let of = |length: usize| format!("GET / HTTP/1.1\r\nX: {}\r\n\r\n", "x".repeat(length - 23));
        assert_eq!(
            arriving(of(HEAD_BYTES).as_bytes(), 1000),
            Ok(Some((HEAD_BYTES, Head::Request { body: Framing::Length(0), upgrades: false })))
        );
        assert_eq!(arriving(of(HEAD_BYTES + 1).as_bytes(), 1000), Err(Refusal::HeadTooLarge));
        assert_eq!(arriving("x".repeat(HEAD_BYTES).as_bytes(), 1000), Err(Refusal::HeadTooLarge));
        let fields = |count: usize| format!("GET / HTTP/1.1\r\n{}\r\n", "a: b\r\n".repeat(count));
        assert_eq!(said(&fields(FIELDS)), request(Framing::Length(0)));
        assert_eq!(said(&fields(FIELDS + 1)), Err(Refusal::HeadTooLarge));
    }

    proptest! {
        #[test]
        fn however_a_head_arrives_it_is_read_alike(
            tail in proptest::collection::vec(proptest::sample::select(b"Ha: 1\r\n\r\n\0,;Content-Length".to_vec()), 0..80),
            step in 1_usize..9,
        ) {
            let mut bytes = b"GET / HTTP/1.1\r\n".to_vec();
            bytes.extend(tail);
            prop_assert_eq!(arriving(&bytes, step), arriving(&bytes, 1000));
        }
    }

    #[test]
    fn some_methods_and_targets_are_for_nobody() {
        let said = |method: &str, target: &str| {
            let request = http::Request::builder().method(method).uri(target);
            check(&request.body(()).expect("a request").into_parts().0, target.as_bytes())
        };
        for (method, target, notice) in [
            ("TRACE", "/", Notice::MethodNotAllowed),
            ("TRACK", "/", Notice::MethodNotAllowed),
            ("track", "/", Notice::MethodNotAllowed),
            ("post", "/", Notice::MethodNotAllowed),
            ("dELETE", "/", Notice::MethodNotAllowed),
            ("CONNECT", "example.com:443", Notice::MethodNotAllowed),
            ("OPTIONS", "*", Notice::BadRequest),
            ("GET", "admin", Notice::BadRequest),
            ("GET", "localhost:8180", Notice::BadRequest),
            ("GET", "ftp://localhost/public", Notice::BadRequest),
            (&"M".repeat(33), "/", Notice::BadRequest),
        ] {
            assert_eq!(said(method, target), Err(notice), "{method} {target}");
        }
        for method in ["GET", "HEAD", "OPTIONS", "PROPFIND", "QUERY"] {
            assert_eq!(said(method, "/"), Ok(()), "{method}");
        }
    }
}
