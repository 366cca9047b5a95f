//! Sockets: accepts connections, reads requests whole, writes replies, and breaks them when a
//! fault says so. Everything else in the crate deals in [`Call`]s and [`Reply`]s.
//!
//! HTTP/1.1 only. A body over 1 MiB is 413; nothing here ends the program.

use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Limited};
use hyper::body::{Body, Frame, Incoming, SizeHint};
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::faults::ConnectionFaults;
use crate::http::{Call, Payload, Reply};
use crate::org::Org;

/// The largest request body that is read.
const LARGEST_BODY: usize = 1024 * 1024;

/// Accepts connections for ever. Dropping the future closes the listener and every connection.
pub(crate) async fn serve(listener: TcpListener, address: SocketAddr, org: Arc<Org>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => if let Ok((stream, _)) = accepted {
                let org = Arc::clone(&org);
                connections.spawn(async move {
                    let service = hyper::service::service_fn(move |request| answer(request, address, Arc::clone(&org)));
                    let connection = hyper::server::conn::http1::Builder::new();
                    // A connection that ends early is the caller's affair, or a fault that was asked for.
                    let _ = connection.serve_connection(TokioIo::new(stream), service).await;
                });
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

/// A connection that is to be closed without an answer.
#[derive(Debug)]
struct Closed;

impl std::fmt::Display for Closed {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("closed by a fault")
    }
}

impl std::error::Error for Closed {}

async fn answer(request: Request<Incoming>, address: SocketAddr, org: Arc<Org>) -> Result<Response<Written>, Closed> {
    let browser = request.headers().get("origin").and_then(|origin| origin.to_str().ok()).map(str::to_owned);
    let browser = browser.filter(|origin| org.trusts(origin));
    let (reply, connection) = match read(request, address, &org).await {
        Ok(call) => org.answer(&call),
        Err(too_large) => (too_large, ConnectionFaults::default()),
    };
    let reply = match &reply.payload {
        Payload::Delivery(delivery) => delivery.send().await,
        _ => reply,
    };
    if let Some(pause) = connection.pause {
        tokio::time::sleep(Duration::from_millis(pause)).await;
    }
    if connection.close {
        return Err(Closed);
    }
    Ok(write(&reply, browser.as_deref(), connection.cut))
}

async fn read(request: Request<Incoming>, address: SocketAddr, org: &Org) -> Result<Call, Reply> {
    let (head, body) = request.into_parts();
    let body = Limited::new(body, LARGEST_BODY).collect().await.map_err(|_| {
        Reply::of(
            413,
            Payload::Json(crate::broken::api_body("E0000003", "The request body was not well-formed or is too large")),
        )
    })?;
    let query = head.uri.query().unwrap_or_default();
    let host = head.headers.get("host").and_then(|host| host.to_str().ok());
    Ok(Call {
        origin: origin(host, address),
        at: org.now(),
        method: head.method,
        path: head.uri.path().to_owned(),
        query: url::form_urlencoded::parse(query.as_bytes()).into_owned().collect(),
        headers: head.headers,
        body: body.to_bytes(),
    })
}

/// The origin a caller used, when it is a loopback name; else where we listen.
fn origin(host: Option<&str>, address: SocketAddr) -> String {
    let named = host.and_then(|host| url::Url::parse(&format!("http://{host}/")).ok());
    match named.filter(is_loopback) {
        Some(url) => url.origin().ascii_serialization(),
        None => format!("http://{address}"),
    }
}

/// Whether an address is on this machine.
pub(crate) fn is_loopback(url: &url::Url) -> bool {
    match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

fn write(reply: &Reply, browser: Option<&str>, cut: bool) -> Response<Written> {
    let (kind, bytes) = reply.payload.encode();
    let mut response = Response::builder()
        .status(reply.status)
        .header("x-okta-request-id", crate::random::id("req"))
        .header("cache-control", "no-store");
    if let Some(kind) = kind {
        response = response.header("content-type", kind);
    }
    if let Some(origin) = browser {
        for (name, value) in cross_origin(origin) {
            response = response.header(name, value);
        }
    }
    for (name, value) in &reply.headers {
        response = response.header(*name, value);
    }
    let body = Written { length: bytes.len() as u64, whole: !cut, rest: Some(bytes) };
    response.body(body).unwrap_or_else(|_| Response::new(Written { length: 0, whole: true, rest: None }))
}

/// What lets a script of a trusted origin call the org (Fetch standard, CORS protocol).
fn cross_origin(origin: &str) -> [(&'static str, &str); 6] {
    [
        ("access-control-allow-origin", origin),
        ("access-control-allow-credentials", "true"),
        ("access-control-allow-methods", "GET, POST, DELETE, OPTIONS"),
        (
            "access-control-allow-headers",
            "content-type, accept, authorization, x-okta-user-agent-extended, x-device-fingerprint, \
             x-device-token, x-requested-with, dpop, if-none-match",
        ),
        (
            "access-control-expose-headers",
            "x-okta-request-id, x-rate-limit-limit, x-rate-limit-remaining, x-rate-limit-reset, \
             www-authenticate, dpop-nonce, retry-after, date",
        ),
        ("vary", "origin"),
    ]
}

/// A body in one piece, or half a piece and then an error.
struct Written {
    length: u64,
    whole: bool,
    rest: Option<Bytes>,
}

impl Body for Written {
    type Data = Bytes;
    type Error = Closed;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Closed>>> {
        let whole = self.whole;
        Poll::Ready(match self.rest.take() {
            Some(bytes) if whole => (!bytes.is_empty()).then(|| Ok(Frame::data(bytes))),
            Some(bytes) => Some(Ok(Frame::data(bytes.slice(..bytes.len() / 2)))),
            None if whole => None,
            None => Some(Err(Closed)),
        })
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.length)
    }

    fn is_end_stream(&self) -> bool {
        self.whole && self.rest.as_ref().is_none_or(Bytes::is_empty)
    }
}

#[cfg(test)]
mod tests {
    use super::origin;

    #[test]
    fn replies_are_addressed_as_the_caller_addressed_the_org_when_that_is_loopback() {
        let address = "127.0.0.1:7001".parse().expect("an address");
        for (host, expected) in [
            (Some("localhost:7001"), "http://localhost:7001"),
            (Some("[::1]:7001"), "http://[::1]:7001"),
            (Some("evil.example:7001"), "http://127.0.0.1:7001"),
            (Some("127.0.0.1:7001@evil.example"), "http://127.0.0.1:7001"),
            (None, "http://127.0.0.1:7001"),
        ] {
            assert_eq!(origin(host, address), expected, "{host:?}");
        }
    }
}
