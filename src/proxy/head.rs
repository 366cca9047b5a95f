//! What a request's head must be before anything is decided about it.
//!
//! pingora repairs much of what is ambiguous (RFC 9112 §6) before we see it, and repairs are where
//! servers come to disagree; so what had to be repaired is refused. `Content-Length` beside
//! `Transfer-Encoding` is dropped by the parser: the bytes as they arrived still show both.

use http::header::{CONTENT_LENGTH, TRANSFER_ENCODING};
use http::request::Parts;
use http::{Method, Version};

use crate::gateway::Notice;

/// The largest head, in bytes: target, names and values.
const HEAD_BYTES: usize = 64 * 1024;

/// Whether the head is one that everybody reads in the same way. `sent` is the target as it stood in the request
/// line, which pingora makes `/` of where it is none; `raw` gives the bytes the head was parsed from, where there are any.
pub(super) fn check(head: &Parts, sent: &[u8], raw: impl FnOnce() -> Option<bytes::Bytes>) -> Result<(), Notice> {
    let target = head.uri.path_and_query().map_or(0, |target| target.as_str().len());
    let fields: usize = head.headers.iter().map(|(name, value)| name.as_str().len() + value.len() + 4).sum();
    if target + fields > HEAD_BYTES {
        return Err(Notice::HeadTooLarge);
    }
    if matches!(head.method, Method::TRACE | Method::CONNECT) || head.method.as_str().eq_ignore_ascii_case("track") {
        return Err(Notice::MethodNotAllowed);
    }
    // The origin form, or the absolute form, which every server takes (RFC 9112 §3.2).
    let is_target = ["/", "http://", "https://"]
        .iter()
        .any(|form| sent.get(..form.len()).is_some_and(|start| start.eq_ignore_ascii_case(form.as_bytes())));
    if !is_target || !head.uri.path().starts_with('/') || !head.uri.path().is_ascii() {
        return Err(Notice::BadRequest);
    }
    length(head)?;
    encoding(head, raw)
}

/// One length, in digits.
fn length(head: &Parts) -> Result<(), Notice> {
    let mut lengths = head.headers.get_all(CONTENT_LENGTH).iter();
    let Some(length) = lengths.next() else { return Ok(()) };
    let is_number = !length.is_empty() && length.len() <= 19 && length.as_bytes().iter().all(u8::is_ascii_digit);
    if is_number && lengths.next().is_none() { Ok(()) } else { Err(Notice::BadRequest) }
}

/// `chunked` and nothing else, once, over HTTP/1.1, and without a length beside it.
fn encoding(head: &Parts, raw: impl FnOnce() -> Option<bytes::Bytes>) -> Result<(), Notice> {
    let mut encodings = head.headers.get_all(TRANSFER_ENCODING).iter();
    let Some(encoding) = encodings.next() else { return Ok(()) };
    let is_chunked = encoding.as_bytes().eq_ignore_ascii_case(b"chunked");
    let had_length = head.headers.contains_key(CONTENT_LENGTH) || raw().is_some_and(|raw| has_length(&raw));
    if is_chunked && encodings.next().is_none() && head.version == Version::HTTP_11 && !had_length {
        Ok(())
    } else {
        Err(Notice::BadRequest)
    }
}

/// Whether a line of the raw head begins with `content-length`, whatever follows.
fn has_length(raw: &[u8]) -> bool {
    let name = b"content-length";
    raw.split(|byte| matches!(byte, b'\n' | b'\r'))
        .any(|line| line.len() >= name.len() && line[..name.len()].eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(
        method: &str,
        target: &str,
        version: Version,
        headers: &[(&str, &str)],
        raw: &'static str,
    ) -> Result<(), Notice> {
        let mut request = http::Request::builder().method(method).uri(target).version(version);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let head = request.body(()).expect("a request").into_parts().0;
        check(&head, target.as_bytes(), || Some(bytes::Bytes::from_static(raw.as_bytes())))
    }

    /// S-01, P-08, P-11.
    #[test]
    fn what_can_be_read_in_two_ways_is_refused() {
        let chunked = ("transfer-encoding", "chunked");
        for (headers, raw, good) in [
            (&[][..], "", true),
            (&[("content-length", "5")], "", true),
            (&[("content-length", "0")], "", true),
            (&[chunked], "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", true),
            (&[("transfer-encoding", "Chunked")], "", true),
            (&[chunked], "POST / HTTP/1.1\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n", false),
            (&[chunked], "POST / HTTP/1.1\nTransfer-Encoding: chunked\ncontent-LENGTH : 4\n\n", false),
            (&[chunked, ("content-length", "5")], "", false),
            (&[chunked, chunked], "", false),
            (&[("transfer-encoding", "gzip, chunked")], "", false),
            (&[("transfer-encoding", "identity")], "", false),
            (&[("transfer-encoding", "xchunked")], "", false),
            (&[("content-length", "5"), ("content-length", "5")], "", false),
            (&[("content-length", "5, 5")], "", false),
            (&[("content-length", "+5")], "", false),
            (&[("content-length", "0x5")], "", false),
            (&[("content-length", "")], "", false),
            (&[("content-length", "99999999999999999999")], "", false),
        ] {
            assert_eq!(said("POST", "/", Version::HTTP_11, headers, raw).is_ok(), good, "{headers:?} {raw:?}");
        }
        assert_eq!(said("POST", "/", Version::HTTP_10, &[chunked], ""), Err(Notice::BadRequest));
    }

    #[test]
    fn some_methods_and_targets_are_for_nobody() {
        for (method, target, notice) in [
            ("TRACE", "/", Notice::MethodNotAllowed),
            ("TRACK", "/", Notice::MethodNotAllowed),
            ("track", "/", Notice::MethodNotAllowed),
            ("CONNECT", "example.com:443", Notice::MethodNotAllowed),
            ("OPTIONS", "*", Notice::BadRequest),
            ("GET", "admin", Notice::BadRequest),
            ("GET", "localhost:8180", Notice::BadRequest),
            ("GET", "ftp://localhost/public", Notice::BadRequest),
        ] {
            assert_eq!(said(method, target, Version::HTTP_11, &[], ""), Err(notice), "{method} {target}");
        }
        for method in ["GET", "HEAD", "OPTIONS", "PROPFIND", "QUERY"] {
            assert_eq!(said(method, "/", Version::HTTP_11, &[], ""), Ok(()), "{method}");
        }
    }

    /// H-12.
    #[test]
    fn a_head_has_a_size() {
        let large = "x".repeat(HEAD_BYTES);
        assert_eq!(said("GET", "/", Version::HTTP_11, &[("cookie", &large)], ""), Err(Notice::HeadTooLarge));
        let both = [("cookie", &large[..40_000])];
        assert_eq!(
            said("GET", &format!("/?{}", &large[..40_000]), Version::HTTP_11, &both, ""),
            Err(Notice::HeadTooLarge)
        );
        assert_eq!(said("GET", "/", Version::HTTP_11, &[("cookie", &large[..60_000])], ""), Ok(()));
    }
}
