//! The edge: makes a [`crate::web::Request`] of what pingora has read, does what the [`crate::gateway::Verdict`] says, and
//! streams bodies both ways.
//!
//! | pingora calls | here |
//! |---|---|
//! | `new_ctx` | the head is there; from here on a request is under way |
//! | `request_filter` | head checked, request read, [`crate::gateway::Gateway::answer`]; ours is written (`walk.rs`) |
//! | `upstream_peer` | the connection |
//! | `request_body_filter` | a body that is too large ends the request |
//! | `upstream_request_filter` | forged headers out, ours in; after pingora's own clean-up |
//! | `upstream_response_filter` | the answer judged and its framing made ours |
//! | `response_filter` | our cookies protected and set |
//! | `error_while_proxy` | whether the request is sent once more |
//! | `fail_to_proxy` | 502, 504 and the like, as pages of ours |
//! | `logging` | counted and logged, once |
//! | `persist_connection_context` | what the connection's next request need not work out again |
//!
//! No access is decided here. Before pingora, [`Edge`] reads each connection, and refuses what cannot be framed safely.
//! What fails is answered with a page of the gateway and logged once, without what was sent.

mod address;
mod answer;
mod backlog;
mod certificate_watch;
mod chunks;
mod client;
mod clock;
mod connection;
mod forwarded;
mod frames;
mod head;
mod health;
mod http2;
mod http2_stream;
mod key_watch;
mod limits;
mod listener;
mod proxy_protocol;
mod refusal;
mod response;
mod runtime;
mod shutdown;
mod tls;
mod upgrade_connection;
mod upstream;
mod walk;
mod websocket;
mod wire;

use std::any::Any;
use std::net::IpAddr;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, OnceLock};
use std::time::Instant;

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::FutureExt as _;
use http::header::{HOST, HeaderName, SET_COOKIE, TRANSFER_ENCODING};
use http::request::Parts;
use http::{HeaderValue, StatusCode, Version};
use pingora::http::{RequestHeader, ResponseHeader};
use pingora::modules::http::HttpModules;
use pingora::prelude::{HttpPeer, Result};
use pingora::proxy::{FailToProxy, ProxyHttp, Session};
use pingora::{Error, ErrorType};
use tracing::{info, warn};

use crate::gateway::{Choice, Counted, Forward, Notice, Remembered, UnderWay};
use crate::limits::{Connections, Slot};
use crate::log::AccessLine;
use crate::metrics::{Metrics, RouteMetrics};
use crate::web::{BadHost, Cookies, Request, RequestId};

use client::client_number;
use connection::{Connection, Failure};
use runtime::Pinned;

pub use address::Address;
pub use backlog::{Backlog, HandOver};
pub use certificate_watch::WatchCertificates;
pub use head::{judge_head, refused_at_once};
pub use health::CheckHealth;
pub use key_watch::WatchKeys;
pub use listener::{Edge, Listener, PublicApp};
pub use proxy_protocol::{Source, parse as parse_proxy_header};
pub use runtime::{Current, Runtime, Shared};
pub use shutdown::{Draining, EndSignals, ExitWhenIdle, GRACE_AT_MOST, Signals};
pub use tls::{CertificateFiles, ClientCertificates, MinVersion, Tls, TlsProblem, TlsSettings};
pub use upstream::LookUp;

/// How often a request is sent, whatever becomes of it; pingora's `max_retries`.
pub const MOST_ATTEMPTS: usize = 8;

/// The proxy service's logic.
pub struct Proxy {
    current: Arc<Current>,
    metrics: Arc<Metrics>,
    draining: Draining,
    /// Requests under way to upstreams, each over a connection or a stream of its own.
    to_upstreams: Connections,
}

/// One request under way.
pub struct InFlight {
    id: RequestId,
    began: Instant,
    /// Set at its first use, as soon as the head is there, and not changed after that.
    runtime: OnceLock<Pinned>,
    client: Option<IpAddr>,
    /// Whether a proxy that is trusted sent it.
    is_from_proxy: bool,
    /// Whether `client` is the client's address, and no proxy's before which something stands that is no address.
    is_client_known: bool,
    /// Whether its visitor used TLS, as far as that is known.
    came_with_tls: bool,
    forward: Option<Forward>,
    counted: Counted,
    /// Why nothing was decided about it, or no more was read of it.
    refused: Option<&'static str>,
    attempts: usize,
    /// The pools that it was sent to, by id.
    tried: Vec<u64>,
    /// The request to the last of them.
    under_way: Option<UnderWay>,
    /// Counts it among the requests under way to upstreams, of which there is a limit.
    place: Option<Slot>,
    /// The upstream that its browser had before, where the route keeps browsers with one.
    member: Option<u64>,
    /// How much of its body came, where that is limited.
    body_bytes: u64,
    /// Whether it has been sent more than once.
    is_resent: bool,
    /// How many interim answers there were.
    interim: usize,
    remembered: Remembered,
}

impl InFlight {
    /// What the gateway decides about, of the head that was read.
    fn request<'r>(&self, head: &'r Parts) -> std::result::Result<Request<'r>, BadHost> {
        let mut request = Request::read(head, self.client, self.id)?;
        request.is_from_proxy = self.is_from_proxy;
        request.is_client_known = self.is_client_known;
        Ok(request)
    }
}

/// It was counted as under way when its runtime was set ([`Proxy::runtime`]).
impl Drop for InFlight {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.get() {
            runtime.gateway.metrics.request_ended();
        }
    }
}

/// What one request of a connection leaves for the next.
struct ConnectionMemory {
    runtime: Pinned,
    remembered: Remembered,
}

impl Proxy {
    /// Requests are answered under the runtime that is `current` when their head is there.
    pub fn new(current: Arc<Current>, metrics: Arc<Metrics>, draining: Draining) -> Self {
        Self { current, metrics, draining, to_upstreams: Connections::default() }
    }

    /// The runtime that this request is answered under.
    fn runtime<'f>(&self, flight: &'f InFlight) -> &'f Pinned {
        flight.runtime.get_or_init(|| {
            self.metrics.request_began();
            self.current.pin()
        })
    }

    /// Where this request is counted.
    fn counters<'f>(&self, flight: &'f InFlight) -> &'f RouteMetrics {
        match &flight.forward {
            Some(forward) => &forward.route.metrics,
            None => self.runtime(flight).gateway.counters(&flight.counted),
        }
    }

    /// A stream that may go on for ever ends with the session or the token that it was opened with, and with the key that
    /// sealed that session: the one of now, which a reload may have taken away.
    fn close_with_its_session(&self, session: &Session, connection: &Connection, flight: &InFlight, code: u16) {
        let Some(forward) = &flight.forward else { return };
        let (Some(principal), end) = (forward.principal.clone(), forward.session_end) else { return };
        let (runtime, current, id) = (self.runtime(flight).clone(), Arc::clone(&self.current), flight.id);
        let cookies = Cookies::of(&session.req_header().headers);
        let key = principal.session().and_then(|_| runtime.gateway.sessions.key_of(cookies));
        connection.close_when(code, move || {
            let now = crate::time::now();
            let is_sealed = || key.as_ref().is_none_or(|key| current.get().gateway.keys.is_in_use(key, now));
            let has_ended = end.is_some_and(|end| now >= end) || runtime.gateway.has_ended(&principal, now);
            let is_over = has_ended || !is_sealed();
            if is_over {
                let what = match principal.session() {
                    Some(_) if has_ended => "session has ended",
                    Some(_) => "session's key is over",
                    None => "token has ended",
                };
                info!(%id, "a stream was closed: its {what}");
            }
            is_over
        });
    }

    /// Which upstream this attempt goes to.
    fn choose(&self, session: &Session, flight: &mut InFlight) -> Result<()> {
        let runtime = self.runtime(flight).clone();
        let Some(forward) = &mut flight.forward else { return Err(internal()) };
        if flight.place.is_none() {
            let full = |_| Error::explain(ErrorType::HTTPStatus(502), "no descriptor is left for a connection to it");
            flight.place = Some(self.to_upstreams.enter(runtime.connections.of_upstreams()).map_err(full)?);
        }
        flight.attempts += 1;
        if let Some(retried) = flight.attempts.checked_sub(2) {
            tracing::debug!(id = %flight.id, retried, "a request is sent once more");
            self.metrics.upstream_retried(&forward.route.route.name);
        }
        if forward.balancer.members() == 1 {
            return Ok(());
        }
        if flight.attempts == 1 {
            flight.member = runtime.gateway.member(&forward.route, Cookies::of(&session.req_header().headers));
        }
        let client = flight.client.map_or(0, client_number);
        let now = crate::time::since_1970();
        let choice = Choice { preferred: flight.member, client, tried: &flight.tried, now };
        let pool = Arc::clone(forward.balancer.choose(choice));
        flight.tried.push(pool.id());
        flight.under_way = Some(UnderWay::to(&pool));
        forward.pool = pool;
        Ok(())
    }

    /// An upstream could not be reached, or did not answer.
    fn upstream_failed(&self, flight: &InFlight) {
        let Some(forward) = &flight.forward else { return };
        // A single upstream is never ejected: there is no other to send requests to.
        if forward.balancer.members() > 1 && forward.pool.failed(crate::time::since_1970()) {
            let upstream = forward.pool.upstream().to_string();
            warn!(upstream, "requests to an upstream failed again and again; it is left alone for a while");
            self.metrics.upstream_ejected(&upstream);
        }
    }
}

#[async_trait]
impl ProxyHttp for Proxy {
    /// In a box: pingora moves it along from step to step, and keeps room for it in each.
    type CTX = Box<InFlight>;

    fn new_ctx(&self) -> Self::CTX {
        Box::new(InFlight {
            id: RequestId::next(),
            began: Instant::now(),
            runtime: OnceLock::new(),
            client: None,
            is_from_proxy: false,
            is_client_known: true,
            came_with_tls: false,
            forward: None,
            counted: Counted::None,
            refused: None,
            attempts: 0,
            tried: Vec::new(),
            under_way: None,
            place: None,
            member: None,
            body_bytes: 0,
            is_resent: false,
            interim: 0,
            remembered: Remembered::default(),
        })
    }

    /// Adds none: pingora's default is a compression module that every request would pass through, switched off.
    fn init_downstream_modules(&self, _: &mut HttpModules) {}

    async fn request_filter(&self, session: &mut Session, flight: &mut Self::CTX) -> Result<bool> {
        if let Some(connection) = Connection::of(session) {
            connection.parsed();
        }
        if self.draining.is_on() || answer::asks_to_close(session.req_header()) {
            session.set_keepalive(None);
        }
        match AssertUnwindSafe(self.walk(session, flight)).catch_unwind().await {
            Ok(done) => done,
            // Only this request fails.
            Err(_) => {
                warn!(id = %flight.id, "a request failed: the gateway panicked");
                session.set_keepalive(None);
                match answer::status(session) {
                    Some(_) => Ok(true),
                    None => self.refuse(session, flight, &Notice::Failed).await,
                }
            }
        }
    }

    async fn upstream_peer(&self, session: &mut Session, flight: &mut Self::CTX) -> Result<Box<HttpPeer>> {
        self.choose(session, flight)?;
        let Some(forward) = &flight.forward else { return Err(internal()) };
        if session.req_header().version < Version::HTTP_11 {
            // HTTP/1.0 knows no interim answers (RFC 9110 §15.2).
            session.set_ignore_info_resp(true);
        }
        let route = &forward.route.route;
        // A head alone fits into any socket's buffer: only a body can be kept waiting.
        let has_body = !session.is_body_empty();
        // The connection's timer can be stopped once the answer turns out to be a stream of events, which pingora's
        // cannot; only tests have no connection.
        let clock = Connection::of(session).map(|connection| connection.wait_for_upstream(route.timeout));
        let waits = upstream::Waits {
            connect: route.connect_timeout,
            silence: clock.is_none().then_some(route.timeout),
            blocked: has_body.then_some(route.timeout),
        };
        let is_websocket = route.websocket && response::asks_for_websocket(session.req_header());
        // pingora's HTTP/2 drops interim answers, for one of which such a client waits before it sends its body.
        let is_http1 = is_websocket || answer::expects_continue(session);
        let mut peer = upstream::peer(&forward.pool, waits, is_http1);
        if let Some(peer) = &mut peer {
            if is_websocket {
                upstream::connect_to_upgrade(peer, route.connect_timeout);
            } else if flight.is_resent {
                upstream::connect_afresh(peer);
            }
        }
        peer.map(Box::new).ok_or_else(|| Error::explain(ErrorType::HTTPStatus(502), "the upstream has no address"))
    }

    async fn upstream_request_filter(
        &self,
        session: &mut Session,
        forwarded: &mut RequestHeader,
        flight: &mut Self::CTX,
    ) -> Result<()> {
        let Some(forward) = &flight.forward else { return Err(internal()) };
        let shown = Connection::of(session).and_then(Connection::client_certificate);
        let certificate = self.runtime(flight).certificate_headers.headers(shown);
        let sent = session.req_header();
        if sent.version == Version::HTTP_2 {
            http2_stream::complete(sent, forwarded)?;
        }
        self.rewrite(sent, forwarded, flight, forward, certificate)
    }

    /// A body may have as many bytes as the route says, however it is framed.
    async fn request_body_filter(
        &self,
        _: &mut Session,
        body: &mut Option<Bytes>,
        is_last: bool,
        flight: &mut Self::CTX,
    ) -> Result<()> {
        // pingora writes an empty piece to an HTTP/1.1 upstream as the last chunk, and the last chunk after it. An empty
        // piece that is not the last it leaves out; none would be the end.
        if is_last && body.as_ref().is_some_and(Bytes::is_empty) {
            *body = None;
        }
        let Some(forward) = &flight.forward else { return Ok(()) };
        flight.body_bytes += body.as_ref().map_or(0, |body| body.len() as u64);
        if !forward.route.route.takes_body(flight.body_bytes) {
            // With another source pingora waits for what an HTTP/2 upstream says to a body that never ends.
            return Err(Error::explain(ErrorType::HTTPStatus(413), "a body larger than the route takes").into_down());
        }
        Ok(())
    }

    async fn upstream_response_filter(
        &self,
        session: &mut Session,
        response: &mut ResponseHeader,
        flight: &mut Self::CTX,
    ) -> Result<()> {
        let Some(forward) = &flight.forward else { return Err(internal()) };
        let may_upgrade = forward.route.route.websocket && response::asks_for_websocket(session.req_header());
        response::check(response, may_upgrade, &mut flight.interim)?;
        forward.pool.succeeded();
        if response::is_event_stream(response)
            && let Some(connection) = Connection::of(session)
        {
            connection.wait_for_ever();
        }
        Ok(())
    }

    async fn response_filter(
        &self,
        session: &mut Session,
        response: &mut ResponseHeader,
        flight: &mut Self::CTX,
    ) -> Result<()> {
        if session.req_header().version == Version::HTTP_10 && response.headers.contains_key(TRANSFER_ENCODING) {
            // HTTP/1.0 knows no chunks: the body ends with the connection (RFC 9112 §6.1).
            response.remove_header(&TRANSFER_ENCODING);
            session.set_keepalive(None);
        }
        if let Some(connection) = Connection::of(session) {
            let is_upgrade = response.status == StatusCode::SWITCHING_PROTOCOLS;
            if is_upgrade {
                connection.upgrade();
            }
            if is_upgrade || response::is_stream(response) {
                let code = || websocket::session_end_code(response);
                let code =
                    flight.forward.as_ref().and_then(|it| it.route.route.websocket_end_code).unwrap_or_else(code);
                self.close_with_its_session(session, connection, flight, code);
            }
            if is_upgrade {
                // pingora takes what comes for a body, and ends the connection where none comes for a minute.
                session.set_read_timeout(None);
            }
        }
        match &flight.forward {
            Some(forward) => self.rewrite_response(session.req_header(), response, flight, forward),
            None => Err(internal()),
        }
    }

    async fn response_trailer_filter(
        &self,
        _: &mut Session,
        trailers: &mut http::HeaderMap,
        flight: &mut Self::CTX,
    ) -> Result<Option<Bytes>> {
        let gateway = &self.runtime(flight).gateway;
        let dropped = |name: &&HeaderName| **name == SET_COOKIE || gateway.headers.responses.drops(name);
        let dropped: Vec<HeaderName> = trailers.keys().filter(dropped).cloned().collect();
        for name in &dropped {
            trailers.remove(name);
        }
        Ok(None)
    }

    /// Only what failed on a connection kept from before is sent again, and once: the upstream may have closed it
    /// just then. Never after a byte of an answer.
    fn error_while_proxy(
        &self,
        _: &HttpPeer,
        session: &mut Session,
        mut error: Box<Error>,
        flight: &mut Self::CTX,
        is_reused: bool,
    ) -> Box<Error> {
        error.retry.decide_reuse(is_reused);
        let is_silent = matches!(error.etype(), ErrorType::ReadTimedout | ErrorType::WriteTimedout);
        let is_upstreams = *error.esource() == pingora::ErrorSource::Upstream && session.response_written().is_none();
        if is_upstreams && !error.retry() {
            self.upstream_failed(flight);
        }
        let is_safe = (session.req_header().method.is_idempotent() || answer::was_not_begun(&error))
            && !session.as_ref().retry_buffer_truncated()
            && session.response_written().is_none()
            && !answer::has_begun(&error)
            && flight.interim == 0;
        let members = flight.forward.as_ref().map_or(0, |forward| forward.balancer.members());
        // Another upstream may answer; but after a time-out the first one may still be working on the request.
        let may_elsewhere =
            members > 1 && is_upstreams && !is_silent && flight.tried.len() < members.min(MOST_ATTEMPTS);
        let again = is_safe && (error.retry() && !flight.is_resent || may_elsewhere);
        error.set_retry(again);
        flight.is_resent |= again;
        error
    }

    fn fail_to_connect(
        &self,
        _: &mut Session,
        _: &HttpPeer,
        flight: &mut Self::CTX,
        mut error: Box<Error>,
    ) -> Box<Error> {
        // Nothing was sent yet, so another address may be tried.
        self.upstream_failed(flight);
        let addresses = flight.forward.as_ref().map_or(0, |forward| forward.balancer.addresses());
        error.set_retry(flight.attempts < addresses.min(MOST_ATTEMPTS));
        error
    }

    async fn fail_to_proxy(&self, session: &mut Session, error: &Error, flight: &mut Self::CTX) -> FailToProxy {
        let (notice, cause) = match Connection::of(session).and_then(Connection::failure) {
            Some(Failure::Body | Failure::Flood) => (Some(Notice::BadRequest), answer::cause(error)),
            Some(Failure::SlowBody) => (Some(Notice::TooSlow), answer::cause(error)),
            // Its clock runs where the client is read, which pingora takes for the client's failure.
            Some(Failure::SilentUpstream) => (Some(Notice::Silent), answer::SILENT.to_owned()),
            None => (answer::notice(error), answer::cause(error)),
        };
        let error_code = notice.as_ref().map_or(0, |notice| notice.status().as_u16());
        let route = self.counters(flight).name();
        match notice {
            Some(Notice::BadRequest | Notice::TooSlow) | None => {
                info!(route, id = %flight.id, cause, "a request ended early")
            }
            Some(_) => {
                let upstream = flight.forward.as_ref().map(|forward| forward.pool.upstream().to_string());
                warn!(route, upstream, id = %flight.id, cause, "a request failed")
            }
        }
        if let Some(notice) = notice
            && answer::status(session).is_none()
        {
            session.set_keepalive(None);
            // The client may have closed the connection by now.
            let _ = self.refuse(session, flight, &notice).await;
        }
        FailToProxy { error_code, can_reuse_downstream: false }
    }

    async fn logging(&self, session: &mut Session, _: Option<&Error>, flight: &mut Self::CTX) {
        let status = answer::status(session);
        let took = flight.began.elapsed();
        let route = self.counters(flight);
        route.answered(status, took);
        let Some(access_log) = self.runtime(flight).access_log else { return };
        let head = session.req_header();
        access_log.write(&AccessLine {
            id: flight.id,
            client: flight.client,
            method: head.method.as_str(),
            host: sent_host(head),
            path: head.uri.path(),
            route: route.name(),
            status: status.unwrap_or_default(),
            bytes: session.body_bytes_sent() as u64,
            took,
            refused: flight.refused,
        });
    }

    fn persist_connection_context(&self, _: &Session, flight: &Self::CTX) -> Option<Box<dyn Any + Send + Sync>> {
        let (runtime, remembered) = (self.runtime(flight).clone(), flight.remembered.clone());
        Some(Box::new(ConnectionMemory { runtime, remembered }))
    }

    fn on_connection_reuse(&self, _: &mut Session, flight: &mut Self::CTX, before: Box<dyn Any + Send + Sync>) {
        // What was worked out under another configuration is not taken over.
        if let Ok(before) = before.downcast::<ConnectionMemory>()
            && self.current.is(&before.runtime)
        {
            self.metrics.request_began();
            (flight.runtime, flight.remembered) = (OnceLock::from(before.runtime), before.remembered);
        }
    }

    /// Errors are logged by `fail_to_proxy`, without the query that pingora would add.
    fn suppress_error_log(&self, _: &Session, _: &Self::CTX, _: &Error) -> bool {
        true
    }

    fn request_summary(&self, session: &Session, flight: &Self::CTX) -> String {
        format!("{} {}", session.req_header().method, flight.id)
    }
}

/// The host as it was sent: over HTTP/2 it stands in the target.
fn sent_host(head: &Parts) -> &[u8] {
    match head.uri.authority() {
        Some(authority) => authority.as_str().as_bytes(),
        None => head.headers.get(HOST).map(HeaderValue::as_bytes).unwrap_or_default(),
    }
}

fn internal() -> Box<Error> {
    Error::explain(ErrorType::InternalError, "a request without a permit, or a value that is no header")
}

#[cfg(test)]
pub(crate) mod tests;
