//! Why a request is refused before anything is decided about it, and what its sender is told.
//!
//! The answer is a line of plain text: no browser sends such bytes, and a page in the visitor's language would have to be
//! chosen by the head that was just refused. The connection ends with it.

use http::StatusCode;
use http::header::ALLOW;

use crate::gateway::FORWARDED_METHODS;
use crate::web::Response;

/// Why a request was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// The head is longer than [`super::limits::HEAD_BYTES`] or has more than [`super::limits::FIELDS`] fields.
    HeadTooLarge,
    /// The head did not arrive in time.
    HeadTimeout,
    /// A line ends without CR, or holds one.
    LineEnd,
    /// The request line is not a method, a target and a version.
    RequestLine,
    /// Neither HTTP/1.1 nor HTTP/1.0.
    Version,
    /// The target holds a byte that no target may.
    Target,
    /// A field without a name, with a blank before the colon, folded, or with a control character.
    Field,
    /// `Content-Length` is not one number, or no body can be so long.
    ContentLength,
    /// `Transfer-Encoding` is not just `chunked`, stands beside a length, or in an HTTP/1.0 request.
    TransferEncoding,
    /// The body's chunks are not what RFC 9112 §7.1 says.
    Chunk,
    /// The method is one that is never forwarded.
    Method,
    /// More than one host, or one that is not the target's.
    Host,
    /// pingora cannot parse it.
    Unparsable,
    /// The host is none that this connection's certificate is for.
    Misdirected,
    /// A flood of HTTP/2 frames, see [`super::frames`].
    Flood,
    /// What HTTP/2 forbids, on a stream or on the whole connection: answered by HTTP/2 itself.
    Http2,
}

impl Refusal {
    /// Its name in metrics and in the log, and what is wrong, for the sender.
    const fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::HeadTooLarge => ("head_too_large", "The head of the request is too large."),
            Self::HeadTimeout => ("head_timeout", "The head of the request did not arrive in time."),
            Self::LineEnd => ("line_end", "Lines of a request end with CR and LF."),
            Self::RequestLine => ("request_line", "The request line is not a method, a target and a version."),
            Self::Version => ("version", "This server speaks HTTP/1.1."),
            Self::Target => ("target", "The target of the request holds a byte that must be percent-encoded."),
            Self::Field => ("field", "A header field is malformed."),
            Self::ContentLength => ("content_length", "Content-Length is not one number."),
            Self::TransferEncoding => {
                ("transfer_encoding", "Transfer-Encoding may be `chunked`, alone and without Content-Length.")
            }
            Self::Chunk => ("chunk", "The body's chunks are malformed."),
            Self::Method => ("method", "The method is not allowed."),
            Self::Host => ("host", "The request is for more than one host."),
            Self::Unparsable => ("unparsable", "The request cannot be read."),
            Self::Misdirected => ("misdirected", "The host is none that this connection's certificate is for."),
            Self::Flood => ("flood", "Too many frames that carry nothing."),
            Self::Http2 => ("http2", "HTTP/2 forbids such a request."),
        }
    }

    /// Its name in metrics and in the log.
    pub(super) const fn label(self) -> &'static str {
        self.words().0
    }

    /// What is wrong, for the sender.
    pub(super) const fn text(self) -> &'static str {
        self.words().1
    }

    /// The status it is answered with.
    pub(super) const fn status(self) -> StatusCode {
        match self {
            Self::HeadTooLarge => StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            Self::HeadTimeout => StatusCode::REQUEST_TIMEOUT,
            Self::Method => StatusCode::METHOD_NOT_ALLOWED,
            Self::Misdirected => StatusCode::MISDIRECTED_REQUEST,
            Self::Version => StatusCode::HTTP_VERSION_NOT_SUPPORTED,
            _ => StatusCode::BAD_REQUEST,
        }
    }

    /// The status that stands in the log: 0 where HTTP/2 ends a stream or the connection without one.
    pub(super) const fn logged_status(self) -> u16 {
        match self {
            Self::Flood | Self::Http2 => 0,
            _ => self.status().as_u16(),
        }
    }

    /// The answer, with what protects all of the gateway's own.
    pub(super) fn response(self) -> Response {
        let response = Response::text(self.status(), "text/plain; charset=utf-8", format!("{}\n", self.text()));
        if self == Self::Method { response.with_header(ALLOW, FORWARDED_METHODS) } else { response }
    }

    /// The whole answer over HTTP/1.1.
    pub(super) fn answer(self) -> Vec<u8> {
        let Response { status, headers, body, .. } = self.response();
        let reason = status.canonical_reason().unwrap_or_default();
        let mut answer = format!("HTTP/1.1 {} {reason}\r\n", status.as_u16()).into_bytes();
        for (name, value) in &headers {
            answer.extend([name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"].concat());
        }
        answer.extend(format!("Content-Length: {}\r\nConnection: close\r\n\r\n", body.len()).into_bytes());
        answer.extend(&body);
        answer
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Refusal; 16] = [
        Refusal::HeadTooLarge,
        Refusal::HeadTimeout,
        Refusal::LineEnd,
        Refusal::RequestLine,
        Refusal::Version,
        Refusal::Target,
        Refusal::Field,
        Refusal::ContentLength,
        Refusal::TransferEncoding,
        Refusal::Chunk,
        Refusal::Method,
        Refusal::Host,
        Refusal::Unparsable,
        Refusal::Misdirected,
        Refusal::Flood,
        Refusal::Http2,
    ];

    /// Reasons that are no [`Refusal`]: the request was parsed, and is answered with a page.
    const OTHERS: [&str; 5] = ["bad_request", "body_timeout", "body_too_large", "form_too_large", "unknown_host"];

    #[test]
    fn every_reason_is_explained_to_operators() {
        let limits = include_str!("../../docs/limits.md");
        let rows: Vec<&str> = limits.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next()).collect();
        for reason in ALL.into_iter().map(Refusal::label).chain(OTHERS) {
            assert!(rows.contains(&reason), "{reason} has no row in docs/limits.md");
        }
    }

    #[test]
    fn every_reason_has_a_name_of_its_own_and_an_answer_of_the_length_it_says() {
        let mut labels: Vec<&str> = ALL.iter().map(|refusal| refusal.label()).collect();
        labels.sort_unstable();
        labels.dedup();
        assert_eq!(labels.len(), ALL.len());
        for refusal in ALL {
            let answer = String::from_utf8(refusal.answer()).expect("text");
            let (head, body) = answer.split_once("\r\n\r\n").expect("a head");
            assert!(head.contains(&format!("\r\nContent-Length: {}\r\n", body.len())), "{answer}");
            for always in [
                "cache-control: no-store",
                "x-content-type-options: nosniff",
                "content-security-policy: ",
                "referrer-policy: ",
            ] {
                assert!(head.contains(&format!("\r\n{always}")), "{always}: {answer}");
            }
            assert_eq!(head.contains("\r\nallow: "), refusal == Refusal::Method, "{answer}");
        }
    }
}
