//! A client's connection of HTTP/2: each stream is a request of its own.
//!
//! pingora's own loop over the streams of a connection can neither end one of them, nor say what it refused, nor be
//! asked to let a connection go before the listeners close. A stream here is one task, which ends with the session it
//! was opened with where it may go on for ever; what HTTP/2 refuses is counted; and once the process is about to end,
//! clients are told to go elsewhere (GOAWAY, RFC 9113 §6.8) while their streams go on.

use std::sync::Arc;

use http::Method;
use pingora::apps::HttpServerApp as _;
use pingora::http::ResponseHeader;
use pingora::protocols::http::ServerSession;
use pingora::protocols::http::v2::server::{H2Accept, H2Options, HttpSession, default_h2_options, handshake};
use pingora::protocols::raw_connect::ProxyDigest;
use pingora::protocols::{Digest, GetSocketDigest as _, Ssl as _};
use pingora::proxy::HttpProxy;
use pingora::server::ShutdownWatch;
use tokio::task::{JoinError, JoinSet};
use tokio::time::sleep;

use super::Proxy;
use super::connection::Connection;
use super::http2_stream::Http2Stream;
use super::limits::{
    HTTP2_CONNECTION_WINDOW, HTTP2_END_TIME, HTTP2_FAULTS, HTTP2_IDLE_TIME, HTTP2_MALFORMED, HTTP2_SEND_BUFFER,
    HTTP2_STREAM_WINDOW, HTTP2_STREAMS,
};
use super::refusal::Refusal;
use super::shutdown::Draining;
use super::wire::Wire;

fn options() -> H2Options {
    let mut options = default_h2_options();
    options
        .max_concurrent_streams(HTTP2_STREAMS)
        .max_local_error_reset_streams(Some(HTTP2_FAULTS))
        .initial_connection_window_size(HTTP2_CONNECTION_WINDOW)
        .initial_window_size(HTTP2_STREAM_WINDOW)
        .max_send_buffer_size(HTTP2_SEND_BUFFER);
    options
}

/// What one stream knows, and where pingora carries it to the request.
struct Stream {
    connection: Arc<Connection>,
    digest: Arc<Digest>,
}

impl Stream {
    /// The next stream of `connection`, over what `beneath` says.
    fn next(connection: &Connection, beneath: &Digest) -> Option<Self> {
        let connection = Arc::new(connection.of_stream());
        let nothing = Box::new(ResponseHeader::build(200, Some(0)).ok()?);
        let carried = ProxyDigest::new(nothing, Some(Box::new(Arc::clone(&connection))));
        let digest = Arc::new(Digest { proxy_digest: Some(Arc::new(carried)), ..beneath.clone() });
        Some(Self { connection, digest })
    }
}

/// Serves one stream. Where pingora refused its request before the proxy had it: why.
async fn serve_stream(
    proxy: Arc<HttpProxy<Proxy>>,
    stream: Arc<Connection>,
    session: HttpSession,
    shutdown: ShutdownWatch,
) -> Option<Refusal> {
    let is_connect = session.req_header().method == Method::CONNECT;
    let session = ServerSession::new_custom(Box::new(Http2Stream::new(session, Arc::clone(&stream))));
    stream.unless_over(proxy.process_new_http(session, &shutdown)).await;
    match stream.take_parsed() {
        true => None,
        false if is_connect => Some(Refusal::Method),
        false => Some(Refusal::Unparsable),
    }
}

/// Serves the streams of a connection whose client has begun as it must, until it ends. `refused` is told each request
/// that got no further than HTTP/2.
pub(super) async fn serve(
    proxy: &Arc<HttpProxy<Proxy>>,
    wire: Wire,
    connection: &Connection,
    draining: &Draining,
    shutdown: &ShutdownWatch,
    refused: impl Fn(Refusal),
) {
    let (ssl_digest, socket_digest) = (wire.get_ssl_digest(), wire.get_socket_digest());
    let beneath = Digest { ssl_digest, socket_digest, ..Digest::default() };
    let Ok(mut http2) = handshake(Box::new(wire), Some(options())).await else { return };
    let (mut streams, mut malformed, mut is_ending) = (JoinSet::new(), 0, false);
    let Some(mut stream) = Stream::next(connection, &beneath) else { return };
    let stream_ended = |ended: Result<Option<Refusal>, JoinError>| ended.ok().flatten().into_iter().for_each(&refused);
    loop {
        let wait = if is_ending { HTTP2_END_TIME } else { HTTP2_IDLE_TIME };
        let accepted = tokio::select! {
            biased;
            () = draining.begun(), if !is_ending => None,
            accepted = HttpSession::from_h2_conn(&mut http2, Arc::clone(&stream.digest)) => Some(accepted),
            Some(ended) = streams.join_next() => {
                stream_ended(ended);
                continue;
            }
            () = sleep(wait), if streams.is_empty() => match is_ending {
                true => break,
                false => None,
            },
        };
        let Some(accepted) = accepted else {
            http2.graceful_shutdown();
            is_ending = true;
            continue;
        };
        connection.tell_unseen_refusals(&refused);
        match accepted {
            Ok(Some(H2Accept::Session(session))) => {
                let Some(next) = Stream::next(connection, &beneath) else { break };
                let stream = std::mem::replace(&mut stream, next).connection;
                streams.spawn(serve_stream(Arc::clone(proxy), stream, session, shutdown.clone()));
            }
            Ok(Some(H2Accept::Rejected)) if malformed < HTTP2_MALFORMED => malformed += 1,
            Ok(Some(H2Accept::Rejected) | None) | Err(_) => break,
        }
    }
    connection.tell_unseen_refusals(&refused);
    while let Some(ended) = streams.try_join_next() {
        stream_ended(ended);
    }
    // The streams end by themselves, since their client is gone, and write their lines of the log.
    streams.detach_all();
}
