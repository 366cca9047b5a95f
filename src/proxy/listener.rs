//! In front of the proxy: every connection, from its first byte to its last.
//!
//! ```text
//! accepted ──► a place for it? ──► Wire ──► one request after the other ──► pingora's proxy
//!              (limits)            (wire)   (head judged before pingora reads it)
//! ```
//!
//! pingora's own way would parse a head again with every byte that arrives, up to 1 MiB of it, and keep the memory
//! of a request while none is under way. Here a connection that waits costs little more than its socket.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use pingora::apps::{HttpPersistentSettings, HttpServerApp, ReusedHttpStream, ServerApp};
use pingora::listeners::{ListenerConfig, TcpSocketOptions};
use pingora::protocols::http::ServerSession;
use pingora::protocols::l4::stream::L4BufferSettings;
use pingora::protocols::{Stream, TcpKeepalive};
use pingora::proxy::HttpProxy;
use pingora::server::ShutdownWatch;
use tracing::warn;

use super::Proxy;
use super::refusal::Refusal;
use super::runtime::Current;
use super::wire::{Connection, Next, Wire};
use crate::limits::{Connections, Full, Slot};
use crate::log::AccessLine;
use crate::metrics::{ConnectionRefusal, Metrics};
use crate::web::RequestId;

/// How long a client may leave unread, or unacknowledged, what was written to it.
const UNREAD_TIME: Duration = Duration::from_secs(60);

/// How long a connection that was accepted may take to send its first request once the process ends.
const LAST_REQUEST_TIME: Duration = Duration::from_secs(1);

/// Refused connections are told of once in so many seconds, with their number.
const TELL_SECONDS: u64 = 10;

/// The app of the public listeners.
pub struct Edge {
    proxy: Arc<HttpProxy<Proxy>>,
    connections: Connections,
    current: Arc<Current>,
    metrics: Arc<Metrics>,
    told: Told,
}

/// When refused connections were told of last, and how many have been refused since.
struct Told {
    began: Instant,
    next: AtomicU64,
    since: AtomicU64,
}

impl Edge {
    /// In front of `proxy`, with nothing open yet.
    pub fn new(proxy: HttpProxy<Proxy>, current: Arc<Current>, metrics: Arc<Metrics>) -> Self {
        let told = Told { began: Instant::now(), next: AtomicU64::new(0), since: AtomicU64::new(0) };
        Self { proxy: Arc::new(proxy), connections: Connections::default(), current, metrics, told }
    }

    /// A place for one more connection. Those of trusted proxies are not counted by address: many people come through
    /// one of them.
    fn place(&self, peer: Option<IpAddr>) -> Option<Slot> {
        let runtime = self.current.get();
        let limits = runtime.connections;
        let entered = self.connections.enter(limits).and_then(|mut slot| match peer {
            Some(peer) if !runtime.trusted_proxies.contain(peer) => slot.count_for(peer, limits).map(|()| slot),
            _ => Ok(slot),
        });
        entered.inspect_err(|full| self.turned_away(*full, peer)).ok()
    }

    fn turned_away(&self, full: Full, peer: Option<IpAddr>) {
        self.metrics.connection_refused(match full {
            Full::InAll => ConnectionRefusal::InAll,
            Full::OfAddress => ConnectionRefusal::OfAddress,
        });
        let count = self.told.since.fetch_add(1, Ordering::Relaxed) + 1;
        let now = self.told.began.elapsed().as_secs();
        let next = self.told.next.load(Ordering::Relaxed);
        let is_time = now >= next
            && self.told.next.compare_exchange(next, now + TELL_SECONDS, Ordering::Relaxed, Ordering::Relaxed).is_ok();
        if is_time {
            self.told.since.fetch_sub(count, Ordering::Relaxed);
            let of = match full {
                Full::InAll => "server.max_connections are open".to_owned(),
                Full::OfAddress => format!("server.max_connections_per_address of {} are open", shown(peer)),
            };
            warn!(refused = count, client = shown(peer), "{count} connection(s) were refused: {of}");
        }
    }

    /// Counts a request that was refused, and writes its line of the log.
    fn refused(&self, refusal: Refusal, peer: Option<IpAddr>, bytes: &[u8]) {
        self.metrics.request_refused(refusal.label());
        if let Some(access_log) = self.current.get().access_log {
            let method =
                bytes.split(|byte| *byte == b' ').next().filter(|word| word.iter().all(u8::is_ascii_uppercase));
            let method = method.and_then(|word| std::str::from_utf8(word.get(..32).unwrap_or(word)).ok());
            access_log.write(&AccessLine {
                id: RequestId::next(),
                client: peer,
                method: method.unwrap_or_default(),
                host: &[],
                path: "",
                route: "none",
                status: refusal.status().as_u16(),
                bytes: 0,
                took: Duration::ZERO,
                refused: Some(refusal.label()),
            });
        }
    }

    /// A listener at `address`. What is read goes straight to where it is needed; what is written is gathered.
    ///
    /// What clients do not take for [`UNREAD_TIME`], be it that they are gone or that they do not read, ends the
    /// connection (`TCP_USER_TIMEOUT`, RFC 5482, tcp(7)): the kernel sees to it, at no cost for the others. A
    /// connection on which nothing is said, such as a WebSocket's, is probed.
    pub fn listener(address: &str) -> ListenerConfig {
        let mut options = TcpSocketOptions::default();
        options.tcp_keepalive = Some(TcpKeepalive {
            idle: UNREAD_TIME,
            interval: Duration::from_secs(15),
            count: 4,
            #[cfg(target_os = "linux")]
            user_timeout: UNREAD_TIME,
        });
        ListenerConfig::tcp(address).l4_buffer(L4BufferSettings::new(0, 1460)).tcp_socket_options(options)
    }

    async fn serve(&self, mut wire: Wire, connection: &Connection, peer: Option<IpAddr>, shutdown: &ShutdownWatch) {
        let mut ends = shutdown.clone();
        let (mut is_first, mut settings) = (true, None::<HttpPersistentSettings>);
        loop {
            let head = match next(&mut wire, &mut ends, is_first).await {
                Next::Request(head) => head,
                Next::Closed => return,
                Next::Http2 => return self.refuse(wire, Refusal::Version, peer, &[]).await,
                Next::Refused(refusal, bytes) => return self.refuse(wire, refusal, peer, &bytes).await,
            };
            let mut session = ServerSession::new_http1(Box::new(wire));
            session.set_pipelined_prefix(head);
            if let Some(settings) = settings.take() {
                settings.apply_to_session(&mut session);
            }
            let served = self.proxy.process_new_http(session, shutdown).await;
            if !connection.take_parsed() {
                self.refused(Refusal::Unparsable, peer, &[]);
            }
            let Some((stream, kept)) = served.map(ReusedHttpStream::consume) else { return };
            // It is the one that was handed over.
            let Ok(same) = stream.into_any().downcast::<Wire>() else { return };
            (wire, settings, is_first) = (*same, kept, false);
        }
    }

    async fn refuse(&self, wire: Wire, refusal: Refusal, peer: Option<IpAddr>, bytes: &[u8]) {
        self.refused(refusal, peer, bytes);
        wire.refuse(refusal).await;
    }
}

/// The next request, or the end: a process that is about to end takes no more of them, but for the first of a
/// connection that was accepted before.
async fn next(wire: &mut Wire, shutdown: &mut ShutdownWatch, is_first: bool) -> Next {
    let ends = async {
        // A sender that is gone ends the process too.
        let _ = shutdown.wait_for(|ends| *ends).await;
        if is_first {
            tokio::time::sleep(LAST_REQUEST_TIME).await;
        }
    };
    tokio::select! {
        biased;
        next = wire.next() => next,
        () = ends => Next::Closed,
    }
}

fn shown(peer: Option<IpAddr>) -> String {
    peer.map(|peer| peer.to_string()).unwrap_or_default()
}

#[async_trait]
impl ServerApp for Edge {
    async fn process_new(self: &Arc<Self>, stream: Stream, shutdown: &ShutdownWatch) -> Option<Stream> {
        let digest = stream.get_socket_digest();
        let peer = digest.as_ref().and_then(|digest| digest.peer_addr()?.as_inet()).map(|address| address.ip());
        let _slot = self.place(peer)?;
        let _open = self.metrics.connection();
        let connection = Arc::new(Connection::default());
        let wire = Wire::new(stream, Arc::clone(&connection), Some(shutdown.clone())).ok()?;
        self.serve(wire, &connection, peer, shutdown).await;
        None
    }

    async fn cleanup(&self) {
        self.proxy.http_cleanup().await;
    }
}
