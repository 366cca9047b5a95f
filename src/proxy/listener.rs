//! In front of the proxy: every connection, from its first byte to its last.
//!
//! ```text
//! accepted ─► for whom? ─────► a place? ─► TLS ─► Wire ─┬─► one request after the other ─► pingora's proxy
//!             (proxy_protocol) (limits)    (tls)  (wire) └─► HTTP/2, many at once (http2) ─► the same
//! ```
//!
//! pingora's own way would parse a head again with every byte that arrives, up to 1 MiB of it, and keep the memory
//! of a request while none is under way. Here a connection that waits costs little more than its socket.

use std::fs::Permissions;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::os::fd::AsRawFd as _;
use std::os::unix::fs::PermissionsExt as _;
use std::str::FromStr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use parking_lot::Mutex;
use pingora::apps::{HttpPersistentSettings, HttpServerApp, ReusedHttpStream, ServerApp};
use pingora::listeners::{ListenerConfig, TcpSocketOptions};
use pingora::protocols::http::ServerSession;
use pingora::protocols::l4::socket::SocketAddr as PeerAddress;
use pingora::protocols::l4::stream::{L4BufferSettings, Stream as L4Stream};
use pingora::protocols::{ALPN, GetSocketDigest as _, SocketDigest, Ssl as _, Stream, TcpKeepalive};
use pingora::proxy::HttpProxy;
use pingora::server::ShutdownWatch;
use tracing::warn;

use super::Proxy;
use super::address::{Address, SOCKET_MODE};
use super::backlog::Backlog;
use super::connection::{Connection, Failure};
use super::http2;
use super::limits::{LAST_REQUEST_TIME, PROXY_HEADER_TIME, UNREAD_TIME};
use super::proxy_protocol::{self, Source};
use super::refusal::Refusal;
use super::runtime::{Current, Runtime};
use super::shutdown::Draining;
use super::wire::{Next, Wire};
use crate::limits::{Connections, Full, Slot};
use crate::log::AccessLine;
use crate::metrics::{ConnectionRefusal, Metrics};
use crate::web::RequestId;

/// How often refused connections are logged, with their number.
const LOG_INTERVAL: Duration = Duration::from_secs(10);

/// Where it listens, and what is spoken there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listener {
    /// The address.
    pub address: Address,
    /// Whether it is TLS.
    pub is_tls: bool,
    /// Whether each connection begins with a header of the PROXY protocol.
    pub is_proxied: bool,
}

impl FromStr for Listener {
    /// A sentence about what is expected.
    type Err = String;

    /// Reads `127.0.0.1:8080`, `http://…`, `https://…`, `proxy+http://…`, `proxy+https://…`, `unix:/…` or
    /// `proxy+unix:/…`.
    fn from_str(text: &str) -> Result<Self, String> {
        let (is_proxied, rest) = text.strip_prefix("proxy+").map_or((false, text), |rest| (true, rest));
        let (is_tls, address) = match rest.split_once("://") {
            Some(("https", address)) => (true, address),
            Some(("http", address)) => (false, address),
            None if !is_proxied || rest.starts_with("unix:") => (false, rest),
            _ => {
                return Err(format!(
                    "`{text}` does not begin with http://, https://, proxy+http://, proxy+https:// or proxy+unix:"
                ));
            }
        };
        if rest != address && address.starts_with("unix:") {
            return Err(format!("`{text}` is neither unix: nor an address and a port"));
        }
        let address = address.parse()?;
        Ok(Self { address, is_tls, is_proxied })
    }
}

/// The app of the public listeners.
pub struct Edge {
    listeners: Vec<Listener>,
    proxy: Arc<HttpProxy<Proxy>>,
    connections: Connections,
    current: Arc<Current>,
    metrics: Arc<Metrics>,
    draining: Draining,
    refusal_log: Mutex<RefusalLog>,
}

/// When refused connections are logged next, and how many have been refused since the last time.
struct RefusalLog {
    next: Instant,
    count: u64,
}

impl Edge {
    /// In front of `proxy`, with nothing open yet.
    pub fn new(
        listeners: Vec<Listener>,
        proxy: HttpProxy<Proxy>,
        current: Arc<Current>,
        metrics: Arc<Metrics>,
        draining: Draining,
    ) -> Self {
        let refusal_log = Mutex::new(RefusalLog { next: Instant::now(), count: 0 });
        let proxy = Arc::new(proxy);
        Self { listeners, proxy, connections: Connections::default(), current, metrics, draining, refusal_log }
    }

    /// Counts the connection for its address; those of trusted proxies carry many clients and are not counted.
    fn has_place(&self, slot: &mut Slot, peer: Option<IpAddr>, runtime: &Runtime) -> bool {
        let Some(address) = peer.filter(|peer| !runtime.trusted_proxies.contain(*peer)) else { return true };
        slot.count_for(address, runtime.connections).inspect_err(|full| self.turned_away(*full, peer)).is_ok()
    }

    /// The listener that a connection came through, by the address it was made to.
    fn listener_of(&self, io: &L4Stream) -> Option<Listener> {
        let digest = io.get_socket_digest()?;
        let own = digest.local_addr()?;
        let is_it = |listener: &&Listener| match (&listener.address, own) {
            (Address::Internet(address), PeerAddress::Inet(own)) => {
                address.port() == own.port()
                    && (address.ip().to_canonical() == own.ip().to_canonical() || address.ip().is_unspecified())
            }
            (Address::Unix(path), PeerAddress::Unix(own)) => own.as_pathname() == Some(path),
            _ => false,
        };
        self.listeners.iter().find(is_it).cloned()
    }

    /// Whom the connection is for: what its header says, where it must have one. Whoever comes by a socket in the file
    /// system is on this machine, and counts as 127.0.0.1.
    async fn client(&self, io: &mut L4Stream, listener: &Listener) -> Result<Option<IpAddr>, ConnectionRefusal> {
        if listener.address.internet().is_none() {
            comes_from(io, (Ipv4Addr::LOCALHOST, 0).into());
        }
        let address = io.get_socket_digest().and_then(|digest| digest.peer_addr()?.as_inet().copied());
        let peer = address.map(|address| address.ip());
        if !listener.is_proxied {
            return Ok(peer);
        }
        if !peer.is_some_and(|peer| self.current.get().trusted_proxies.contain(peer)) {
            return Err(ConnectionRefusal::ProxyProtocol);
        }
        match tokio::time::timeout(PROXY_HEADER_TIME, proxy_protocol::read(io)).await {
            Ok(Ok(Source::Proxy)) => Ok(peer),
            Ok(Ok(Source::Client(client))) => {
                comes_from(io, client);
                Ok(Some(client.ip()))
            }
            Ok(Err(_)) | Err(_) => Err(ConnectionRefusal::ProxyProtocol),
        }
    }

    async fn process(&self, io: L4Stream, shutdown: &ShutdownWatch) {
        if let Err(refusal) = self.connected(io, shutdown).await {
            self.metrics.connection_refused(refusal);
        }
    }

    async fn connected(&self, mut io: L4Stream, shutdown: &ShutdownWatch) -> Result<(), ConnectionRefusal> {
        let Some(listener) = self.listener_of(&io) else { return Ok(()) };
        let limits = self.current.get().connections;
        let Ok(mut slot) = self.connections.enter(limits).inspect_err(|full| self.turned_away(*full, None)) else {
            return Ok(());
        };
        let _open = self.metrics.connection();
        let peer = self.client(&mut io, &listener).await?;
        let runtime = self.current.get();
        if !self.has_place(&mut slot, peer, &runtime) {
            return Ok(());
        }
        let mut connection = Connection::default();
        connection.is_from_proxy = listener.is_proxied || listener.address.internet().is_none();
        let (stream, is_http2): (Stream, bool) = match runtime.tls.clone() {
            Some(tls) if listener.is_tls => {
                // A handshake may be slow; the runtime may go meanwhile.
                drop(runtime);
                // Boxed: it is large, and over long before the connection is.
                let (stream, handshake) = Box::pin(tls.accept(io)).await.ok_or(ConnectionRefusal::Handshake)?;
                connection.handshake = Some(Arc::new(handshake));
                let is_http2 = matches!(stream.selected_alpn_proto(), Some(ALPN::H2));
                (Box::new(stream), is_http2)
            }
            _ if listener.is_tls => return Ok(()),
            _ => (Box::new(io), false),
        };
        let connection = Arc::new(connection);
        let Ok(wire) = Wire::new(stream, Arc::clone(&connection), Some(shutdown.clone())) else { return Ok(()) };
        if is_http2 {
            self.serve_http2(wire, &connection, peer, shutdown).await;
        } else {
            self.serve(wire, &connection, peer, shutdown).await;
        }
        Ok(())
    }

    async fn serve_http2(
        &self,
        mut wire: Wire,
        connection: &Connection,
        peer: Option<IpAddr>,
        shutdown: &ShutdownWatch,
    ) {
        if !wire.begin_http2().await {
            return;
        }
        let refused = |refusal| self.refused(refusal, peer, &[]);
        http2::serve(&self.proxy, wire, connection, &self.draining, shutdown, refused).await;
        if connection.failure() == Some(Failure::Flood) {
            refused(Refusal::Flood);
        }
    }

    fn turned_away(&self, full: Full, peer: Option<IpAddr>) {
        self.metrics.connection_refused(match full {
            Full::InAll => ConnectionRefusal::InAll,
            Full::OfAddress => ConnectionRefusal::OfAddress,
        });
        let count = {
            let mut log = self.refusal_log.lock();
            log.count += 1;
            if Instant::now() < log.next {
                return;
            }
            log.next = Instant::now() + LOG_INTERVAL;
            std::mem::take(&mut log.count)
        };
        let of = match full {
            Full::InAll => "server.max_connections are open".to_owned(),
            Full::OfAddress => format!("server.max_connections_per_address of {} are open", shown(peer)),
        };
        warn!(refused = count, client = shown(peer), "{count} connection(s) were refused: {of}");
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
                status: refusal.logged_status(),
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
    pub fn listener(address: &Address) -> ListenerConfig {
        let buffers = L4BufferSettings::new(0, 1460);
        if let Address::Unix(path) = address {
            let permissions = Permissions::from_mode(SOCKET_MODE);
            return ListenerConfig::uds(path.display().to_string()).permissions(permissions).l4_buffer(buffers);
        }
        let mut options = TcpSocketOptions::default();
        options.tcp_keepalive = Some(TcpKeepalive {
            idle: UNREAD_TIME,
            interval: Duration::from_secs(15),
            count: 4,
            #[cfg(target_os = "linux")]
            user_timeout: UNREAD_TIME,
        });
        ListenerConfig::tcp(address.to_string()).l4_buffer(buffers).tcp_socket_options(options)
    }

    async fn serve(&self, mut wire: Wire, connection: &Connection, peer: Option<IpAddr>, shutdown: &ShutdownWatch) {
        let mut ends = shutdown.clone();
        let (mut is_first, mut settings) = (true, None::<HttpPersistentSettings>);
        loop {
            let head = match next(&mut wire, &mut ends, is_first).await {
                Next::Request(head) => head,
                Next::Closed => return,
                Next::Http2 if self.current.get().h2c => {
                    return self.serve_http2(wire, connection, peer, shutdown).await;
                }
                Next::Http2 => return self.refuse(wire, Refusal::Version, peer, &[]).await,
                Next::Refused(refusal, bytes) => return self.refuse(wire, refusal, peer, &bytes).await,
            };
            let mut session = ServerSession::new_http1(Box::new(wire));
            session.set_pipelined_prefix(head);
            if let Some(settings) = settings.take() {
                settings.apply_to_session(&mut session);
            }
            let served = self.proxy.process_new_http(session, shutdown);
            let Some(served) = connection.unless_over(served).await else { return };
            if !connection.take_parsed() {
                self.refused(Refusal::Unparsable, peer, &[]);
            }
            let Some((stream, kept)) = served.map(ReusedHttpStream::consume) else { return };
            // pingora gives back the stream that it was given.
            let Ok(same) = stream.into_any().downcast::<Wire>() else { return };
            (wire, settings, is_first) = (*same, kept, false);
        }
    }

    async fn refuse(&self, wire: Wire, refusal: Refusal, peer: Option<IpAddr>, bytes: &[u8]) {
        self.refused(refusal, peer, bytes);
        wire.refuse(refusal).await;
    }
}

/// From now on `io` is a connection from there.
fn comes_from(io: &mut L4Stream, address: SocketAddr) {
    let digest = SocketDigest::from_raw_fd(io.as_raw_fd());
    // It is new, so nobody else has set it.
    let _ = digest.peer_addr.set(Some(PeerAddress::Inet(address)));
    io.set_socket_digest(digest);
}

/// The next request, or the end: a process that is about to end takes no more of them, but for the first of a
/// connection that was accepted before.
async fn next(wire: &mut Wire, shutdown: &mut ShutdownWatch, is_first: bool) -> Next {
    let ends = async {
        // An error means that the sender is gone, and with it the server.
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

/// [`Edge`] as pingora runs it: with connections as they are accepted, and at the end with those that still wait in
/// the listeners' queues.
pub struct PublicApp {
    edge: Arc<Edge>,
    backlog: Backlog,
}

impl PublicApp {
    /// Nothing is accepted yet.
    pub fn new(edge: Edge, backlog: Backlog) -> Self {
        Self { edge: Arc::new(edge), backlog }
    }
}

#[async_trait]
impl ServerApp for PublicApp {
    async fn process_new(self: &Arc<Self>, stream: Stream, shutdown: &ShutdownWatch) -> Option<Stream> {
        let io = stream.into_any().downcast::<L4Stream>().ok()?;
        self.edge.process(*io, shutdown).await;
        None
    }

    /// The listeners are closed.
    async fn cleanup(&self) {
        let (_, ends) = tokio::sync::watch::channel(true);
        for io in self.backlog.take() {
            let (edge, ends) = (Arc::clone(&self.edge), ends.clone());
            tokio::spawn(async move { edge.process(io, &ends).await });
        }
        self.edge.proxy.http_cleanup().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listener_says_what_is_spoken() {
        for (text, address, is_tls, is_proxied) in [
            ("127.0.0.1:8080", "127.0.0.1:8080", false, false),
            ("http://[::]:8080", "[::]:8080", false, false),
            ("https://0.0.0.0:8443", "0.0.0.0:8443", true, false),
            ("proxy+http://10.0.0.1:80", "10.0.0.1:80", false, true),
            ("proxy+https://0.0.0.0:9443", "0.0.0.0:9443", true, true),
        ] {
            let address = Address::Internet(address.parse().expect("an address"));
            assert_eq!(text.parse(), Ok(Listener { address, is_tls, is_proxied }), "{text}");
        }
        for (text, is_proxied) in [("unix:/run/gateway.sock", false), ("proxy+unix:/run/gateway.sock", true)] {
            let address = Address::Unix("/run/gateway.sock".into());
            assert_eq!(text.parse(), Ok(Listener { address, is_tls: false, is_proxied }), "{text}");
        }
        for text in [
            "unix:gateway.sock",
            "unix:",
            "https://unix:/run/gateway.sock",
            "8080",
            "localhost:80",
            "proxy+127.0.0.1:80",
            "ftp://127.0.0.1:80",
            "https://127.0.0.1",
            "https://127.0.0.1:1/",
        ] {
            assert!(text.parse::<Listener>().is_err(), "{text}");
        }
    }
}
