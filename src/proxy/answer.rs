//! Reading forms and writing our own answers.
//!
//! A form for our own pages has [`crate::web::FORM_BYTES`] and ten seconds. An answer that leaves a body unread closes the
//! connection, after a moment in which what still comes is thrown away: closing under a client that
//! is sending would take the answer from it (RFC 9112 §9.6).

use std::error::Error as StdError;

use bytes::{Bytes, BytesMut};
use http::header::{
    CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, EXPECT, HeaderName, LOCATION, SET_COOKIE, STRICT_TRANSPORT_SECURITY,
    WWW_AUTHENTICATE,
};
use http::{HeaderValue, StatusCode};
use pingora::http::{RequestHeader, ResponseHeader};
use pingora::prelude::Result;
use pingora::protocols::http::HttpTask;
use pingora::proxy::Session;
use pingora::{BError, Error, ErrorType, ImmutStr};

use super::limits::{FORM_LINGER_BYTES, FORM_LINGER_TIME, FORM_TIME};
use crate::gateway::Notice;
use crate::web::{Response, list_items};

/// Where gRPC tells how a call ended.
const GRPC_STATUS: HeaderName = HeaderName::from_static("grpc-status");

/// The cause that is logged where an upstream sends nothing for as long as its route says.
pub(super) const SILENT: &str = "Upstream ReadTimedout: it sent nothing for as long as timeout_seconds says";

/// The body of a request that is a form, where it has at most `limit` bytes.
pub(super) async fn read_form(session: &mut Session, limit: usize) -> Result<Result<Bytes, Notice>> {
    let length = session.get_header(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    if length.is_some_and(|length| length > limit) {
        return Ok(Err(Notice::TooLarge));
    }
    if session.is_body_empty() {
        return Ok(Ok(Bytes::new()));
    }
    if expects_continue(session) {
        session.write_continue_response().await?;
    }
    let all = async {
        let mut body = BytesMut::with_capacity(length.unwrap_or(0));
        while let Some(more) = session.read_request_body().await? {
            if body.len() + more.len() > limit {
                return Ok(Err(Notice::TooLarge));
            }
            body.extend_from_slice(&more);
        }
        Ok::<_, BError>(Ok(body.freeze()))
    };
    match tokio::time::timeout(FORM_TIME, all).await {
        Ok(Err(error)) if *error.etype() == ErrorType::ReadTimedout => Ok(Err(Notice::TooSlow)),
        Ok(read) => read,
        Err(_) => Ok(Err(Notice::TooSlow)),
    }
}

/// Writes an answer of ours, whole.
pub(super) async fn write(session: &mut Session, response: Response, hsts: Option<HeaderValue>) -> Result<()> {
    let mut head = ResponseHeader::build(response.status, Some(response.headers.len() + 3))?;
    for (name, value) in &response.headers {
        head.append_header(name.clone(), value.clone())?;
    }
    for cookie in response.cookies.iter() {
        head.append_header(SET_COOKIE, cookie.as_str())?;
    }
    if let Some(hsts) = hsts {
        head.insert_header(STRICT_TRANSPORT_SECURITY, hsts)?;
    }
    if head.headers.contains_key(GRPC_STATUS) && is_http2(session) {
        // A status in the head counts only where the stream ends with it, which pingora does for tasks alone.
        session.write_response_tasks(vec![HttpTask::Header(Box::new(head), true)]).await?;
        return Ok(());
    }
    // RFC 9110 §8.6: 204 has none, and that of 304 would be the length of what it stands for.
    if !matches!(response.status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED) {
        head.insert_header(CONTENT_LENGTH, response.body.len())?;
    }
    let has_unread = !session.is_body_done();
    if has_unread {
        session.set_keepalive(None);
    }
    session.write_response_header(Box::new(head), false).await?;
    session.write_response_body(Some(response.body), true).await?;
    if has_unread && !is_http2(session) && !expects_continue(session) {
        linger(session).await;
    }
    Ok(())
}

/// Whether any line of `Connection` says that the client sends no other request (RFC 9112 §9.6); pingora reads the first.
pub(super) fn asks_to_close(head: &RequestHeader) -> bool {
    list_items(&head.headers, &CONNECTION).any(|option| option.eq_ignore_ascii_case(b"close"))
}

/// Whether a request is a stream of HTTP/2.
pub(super) fn is_http2(session: &Session) -> bool {
    session.as_custom().is_some()
}

/// Whether a request is one of gRPC; `application/grpc-web` is not.
pub(super) fn is_grpc(head: &RequestHeader) -> bool {
    let content_type = head.headers.get(CONTENT_TYPE).map(HeaderValue::as_bytes).unwrap_or_default();
    let rest = content_type.strip_prefix(b"application/grpc");
    rest.is_some_and(|rest| matches!(rest.first(), None | Some(b'+' | b';')))
}

/// The same answer as a gRPC client reads it: its status stands in the head, and the stream ends with it ("Trailers-Only" of
/// gRPC over HTTP/2).
pub(super) fn for_grpc(mut response: Response) -> Response {
    // Codes and their HTTP counterparts: gRPC's doc/statuscodes.md and doc/http-grpc-status-mapping.md.
    let asks_for_token = response.headers.contains_key(WWW_AUTHENTICATE);
    let (code, message) = match response.status.as_u16() {
        303 | 401 => ("16", "sign in to use this service"),
        400 if asks_for_token => ("16", "the authorization metadata holds no access token, or several"),
        403 => ("7", "the account does not have permission"),
        404 | 405 | 421 => ("12", "there is no such service"),
        408 | 504 => ("4", "the service did not answer in time"),
        413 | 429 | 431 => ("8", "that is more than is taken"),
        502 | 503 => ("14", "the service cannot be reached"),
        400 | 500 => ("13", "the request failed"),
        _ => ("2", "the request was not forwarded"),
    };
    response.status = StatusCode::OK;
    response.body = Bytes::new();
    response.headers.remove(LOCATION);
    response
        .with_header(CONTENT_TYPE, "application/grpc")
        .with_header(GRPC_STATUS, code)
        .with_header(HeaderName::from_static("grpc-message"), message)
}

/// The status of the final answer, as soon as its head is written.
pub(super) fn status(session: &Session) -> Option<u16> {
    let written = session.response_written()?.status;
    let is_final = !written.is_informational() || written == StatusCode::SWITCHING_PROTOCOLS;
    is_final.then_some(written.as_u16())
}

/// Whether the client waits for an interim answer before it sends its body.
pub(super) fn expects_continue(session: &Session) -> bool {
    session.get_header(EXPECT).is_some_and(|expect| expect.as_bytes().eq_ignore_ascii_case(b"100-continue"))
}

async fn linger(session: &mut Session) {
    let rest = async {
        let mut thrown_away = 0;
        while let Ok(Some(more)) = session.read_request_body().await {
            thrown_away += more.len();
            if thrown_away > FORM_LINGER_BYTES {
                return;
            }
        }
    };
    // Whichever comes first: the answer is written already.
    let _ = tokio::time::timeout(FORM_LINGER_TIME, rest).await;
}

/// What may be logged of an error: its kind, and what the system said, or a sentence of ours. Of connections that could
/// not be made everything; of others pingora also tells the bytes that it could not read, an upstream's cookies included.
pub(super) fn cause(error: &Error) -> String {
    use pingora::ErrorType::{
        ConnectError, ConnectNoRoute, ConnectRefused, ConnectTimedout, HandshakeError, InvalidCert, SocketError,
        TLSHandshakeFailure, TLSHandshakeTimedout,
    };
    let is_about_connecting = matches!(
        error.etype(),
        ConnectError
            | ConnectNoRoute
            | ConnectRefused
            | ConnectTimedout
            | HandshakeError
            | InvalidCert
            | SocketError
            | TLSHandshakeFailure
            | TLSHandshakeTimedout
    );
    if is_about_connecting {
        return error.to_string();
    }
    if let (ErrorType::HTTPStatus(_), Some(ImmutStr::Static(ours))) = (error.etype(), &error.context) {
        return (*ours).to_owned();
    }
    let kind = format!("{} {}", error.esource().as_str(), error.etype().as_str());
    match causes(error).find_map(of_transport) {
        Some(said) => format!("{}: {said}", kind.trim_start()),
        None => kind.trim_start().to_owned(),
    }
}

/// What an error came from, and what that came from in turn. pingora's errors have no source, but a cause.
fn causes(error: &Error) -> impl Iterator<Item = &(dyn StdError + 'static)> {
    fn cause(error: &Error) -> Option<&(dyn StdError + 'static)> {
        Some(error.cause.as_deref()?)
    }
    std::iter::successors(cause(error), |&next| match next.downcast_ref::<BError>() {
        Some(error) => cause(error),
        None => next.source(),
    })
}

/// What the system, TLS or HTTP/2 says: an error, an alert or a code of its own, and nothing of what was sent.
fn of_transport(cause: &(dyn StdError + 'static)) -> Option<String> {
    if let Some(system) = cause.downcast_ref::<std::io::Error>() {
        let tls = system.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
        return Some(tls.map_or_else(|| system.kind().to_string(), ToString::to_string));
    }
    let http2 = cause.downcast_ref::<h2::Error>()?;
    // Each stream of a failed connection has an error that h2 made of the connection's text.
    let system = http2.get_io().map(ToString::to_string);
    system.or_else(|| http2.reason().map(|reason| reason.description().to_owned()))
}

/// Whether the upstream says that it did nothing about a request: it refused the stream, or said before that it takes no more
/// (RFC 9113 §8.7). Such a request may be sent again, whatever its method.
pub(super) fn was_not_begun(error: &Error) -> bool {
    causes(error).find_map(|cause| cause.downcast_ref::<h2::Error>()).is_some_and(|http2| {
        let is_refused = http2.is_reset() && http2.reason() == Some(h2::Reason::REFUSED_STREAM);
        let is_too_late = http2.is_go_away() && http2.reason() == Some(h2::Reason::NO_ERROR);
        http2.is_remote() && (is_refused || is_too_late)
    })
}

/// Whether bytes of an answer had come before the connection ended. Only the words of pingora's error tell
/// (`pingora-core/src/protocols/http/v1/client.rs`, `read_response`).
pub(super) fn has_begun(error: &Error) -> bool {
    const TOLD: &str = "bytes already read: ";
    let text = error.to_string();
    text.split_once(TOLD).is_some_and(|(_, count)| !count.starts_with('0'))
}

/// What to say about an error of the proxy; none when nobody is there to be told.
pub(super) fn notice(error: &Error) -> Option<Notice> {
    use pingora::ErrorSource::{Downstream, Internal, Unset, Upstream};
    use pingora::ErrorType::{
        ConnectTimedout, ConnectionClosed, HTTPStatus, InvalidHTTPHeader, ReadError, ReadTimedout,
        TLSHandshakeTimedout, WriteError, WriteTimedout,
    };
    match (error.esource(), error.etype()) {
        (_, HTTPStatus(502)) => Some(Notice::Unreachable),
        (_, HTTPStatus(504)) => Some(Notice::Silent),
        (_, HTTPStatus(413)) => Some(Notice::TooLarge),
        (_, HTTPStatus(400..=499)) => Some(Notice::BadRequest),
        (Upstream, ConnectTimedout | ReadTimedout | WriteTimedout | TLSHandshakeTimedout) => Some(Notice::Silent),
        (Upstream, _) => Some(Notice::Unreachable),
        (Downstream, WriteError | ReadError | ConnectionClosed) => None,
        (Downstream | Unset | Internal, ReadTimedout) => Some(Notice::TooSlow),
        (Downstream, WriteTimedout) => None,
        (Downstream, _) | (_, InvalidHTTPHeader) => Some(Notice::BadRequest),
        (Internal | Unset, _) => Some(Notice::Failed),
    }
}
