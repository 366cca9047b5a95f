//! How long a client may take to begin a request and to send its head.
//!
//! pingora limits each read, not their sum: a byte a minute keeps a connection for ever. Here the wait
//! for a request and its head together end after [`HEAD`]; once the head is there, other limits count.
//! This is the only limit for a connection that waits for its next request: a timer each is enough.
//!
//! A client that reads nothing is the kernel's to notice ([`while_writing`]), at no cost for the others.

use std::cell::Cell;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use pingora::apps::{HttpServerApp, HttpServerOptions, ReusedHttpStream};
use pingora::listeners::TcpSocketOptions;
use pingora::protocols::TcpKeepalive;
use pingora::protocols::http::ServerSession;
use pingora::protocols::http::v2::server::H2Options;
use pingora::server::ShutdownWatch;

/// Longer than most clients keep a connection that they do not use.
const HEAD: Duration = Duration::from_secs(75);

/// How long a client may leave unread, or unacknowledged, what was written to it.
const UNREAD: Duration = Duration::from_secs(60);

/// How clients are watched that we write to: what they do not take for [`UNREAD`], be it that they are
/// gone or that they do not read, ends the connection (`TCP_USER_TIMEOUT`, RFC 5482, tcp(7)). A connection
/// on which nothing is said, such as a WebSocket's, is probed.
pub fn while_writing() -> TcpSocketOptions {
    let mut options = TcpSocketOptions::default();
    options.tcp_keepalive = Some(TcpKeepalive {
        idle: UNREAD,
        interval: Duration::from_secs(15),
        count: 4,
        #[cfg(target_os = "linux")]
        user_timeout: UNREAD,
    });
    options
}

tokio::task_local! {
    static HEAD_READ: Cell<bool>;
}

/// The head of the current request is there.
pub(super) fn head_read() {
    // Without an impatient app around it, as in tests, there is nobody to be told.
    let _ = HEAD_READ.try_with(|read| read.set(true));
}

/// An app whose clients must not be too slow.
pub struct Impatient<A>(Arc<A>);

impl<A> Impatient<A> {
    /// Around `app`.
    pub fn new(app: A) -> Self {
        Self(Arc::new(app))
    }
}

#[async_trait]
impl<A: HttpServerApp + Send + Sync + 'static> HttpServerApp for Impatient<A> {
    // Written out, as the macro would: the app's own future, which is large, is not moved into another.
    fn process_new_http<'life0, 'life1, 'future>(
        self: &'life0 Arc<Self>,
        session: ServerSession,
        shutdown: &'life1 ShutdownWatch,
    ) -> Pin<Box<dyn Future<Output = Option<ReusedHttpStream>> + Send + 'future>>
    where
        'life0: 'future,
        'life1: 'future,
        Self: 'future,
    {
        let mut served = self.0.process_new_http(session, shutdown);
        Box::pin(HEAD_READ.scope(Cell::new(false), async move {
            let late = tokio::time::sleep(HEAD);
            tokio::select! {
                biased;
                reusable = &mut served => return reusable,
                () = late => {}
            }
            if HEAD_READ.with(Cell::get) { served.await } else { None }
        }))
    }

    fn h2_options(&self) -> Option<H2Options> {
        self.0.h2_options()
    }

    fn server_options(&self) -> Option<&HttpServerOptions> {
        self.0.server_options()
    }

    async fn http_cleanup(&self) {
        self.0.http_cleanup().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Takes its time, after the head or before it.
    struct Slow {
        reads_the_head: bool,
    }

    #[async_trait]
    impl HttpServerApp for Slow {
        async fn process_new_http(self: &Arc<Self>, _: ServerSession, _: &ShutdownWatch) -> Option<ReusedHttpStream> {
            if self.reads_the_head {
                head_read();
            }
            tokio::time::sleep(Duration::from_secs(1000)).await;
            None
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_head_must_come_in_time_and_a_body_may_take_longer() {
        for (reads_the_head, seconds) in [(false, 75), (true, 1000)] {
            let (ours, _theirs) = tokio::io::duplex(64);
            let (_shutdown, watch) = tokio::sync::watch::channel(false);
            let began = tokio::time::Instant::now();
            let app = Arc::new(Impatient::new(Slow { reads_the_head }));
            assert!(app.process_new_http(ServerSession::new_http1(Box::new(ours)), &watch).await.is_none());
            assert_eq!(began.elapsed().as_secs(), seconds);
        }
    }
}
