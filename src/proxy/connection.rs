//! What a connection, or a stream of HTTP/2, and the requests on it know of each other.
//!
//! pingora carries nothing of ours from the stream to the request, except what it keeps for a proxy in front
//! ([`Connection::of`]). Reading notes here why it failed, and the proxy how long the upstream may be silent and when
//! the connection is to be closed.

use std::fmt;
use std::io;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU16, AtomicU32, AtomicU64, Ordering};
use std::task::Poll;
use std::time::Duration;

use parking_lot::Mutex;
use pingora::protocols::http::ServerSession;

use super::refusal::Refusal;
use super::tls::Handshake;
use crate::headers::ClientCertificate;

/// Why a request could not be read to its end, or its answer not be waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Failure {
    /// Its body was malformed.
    Body = 1,
    /// Its body stopped coming.
    SlowBody = 2,
    /// The upstream did not answer in time.
    SilentUpstream = 3,
    /// A flood of frames of HTTP/2, see [`super::frames`]: the connection's failure, and no stream's.
    Flood = 4,
}

/// Why HTTP/2 refuses a request before the proxy has it.
const UNSEEN: [Refusal; 3] = [Refusal::HeadTooLarge, Refusal::Host, Refusal::Http2];

/// What every request of a connection knows of it.
#[derive(Default)]
pub(super) struct Connection {
    /// Why reading failed: a [`Failure`], or 0. pingora's error says only that it did.
    failure: AtomicU8,
    /// How long the upstream may be silent, in milliseconds; 0 is for ever.
    silence: AtomicU64,
    /// What its TLS handshake brought about, where there was one.
    pub(super) handshake: Option<Arc<Handshake>>,
    /// Its listener is for proxies alone, because of the PROXY protocol or as a socket in the file system.
    pub(super) is_from_proxy: bool,
    /// The upstream agreed to another protocol.
    is_upgraded: AtomicBool,
    /// How many requests HTTP/2 has refused by itself for each of [`UNSEEN`] that are not counted in the metrics yet.
    unseen_refusals: [AtomicU32; UNSEEN.len()],
    /// The current request was parsed by pingora too, and is the proxy's to answer.
    is_parsed: AtomicBool,
    /// With what status its WebSocket is closed, once the session has ended that it was opened with; 0 until then.
    session_end: AtomicU16,
    /// Whether there is something in `session_watch`, which can be known without its lock.
    is_watched: AtomicBool,
    /// What closes the connection while the current request is served.
    session_watch: Mutex<Option<SessionWatch>>,
}

/// Whether the session has ended that a stream was opened with, which is asked again and again.
struct SessionWatch {
    has_ended: Box<dyn Fn() -> bool + Send>,
    /// The status that a WebSocket is closed with then.
    code: u16,
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection").field("failure", &self.failure()).finish_non_exhaustive()
    }
}

/// How often [`Connection::close_when`]'s question is asked.
const WATCH_INTERVAL: Duration = Duration::from_secs(2);

/// How long a WebSocket may take to say so and be answered. Together with that less than the five seconds that are
/// promised.
const GOODBYE_TIME: Duration = Duration::from_secs(2);

impl Connection {
    /// What a stream of HTTP/2 knows: who is at the other end is the connection's, all else its own.
    pub(super) fn of_stream(&self) -> Self {
        Self { handshake: self.handshake.clone(), is_from_proxy: self.is_from_proxy, ..Self::default() }
    }

    /// The certificate that the client has shown.
    pub(super) fn client_certificate(&self) -> Option<&ClientCertificate> {
        self.handshake.as_deref().and_then(|handshake| handshake.client.as_ref())
    }

    /// HTTP/2 has refused one more request by itself.
    pub(super) fn refused_unseen(&self, refusal: Refusal) {
        for (count, _) in self.unseen_refusals.iter().zip(UNSEEN).filter(|(_, reason)| *reason == refusal) {
            count.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Tells `refused` each request that HTTP/2 has refused since the last call.
    pub(super) fn tell_unseen_refusals(&self, refused: impl Fn(Refusal)) {
        for (count, refusal) in self.unseen_refusals.iter().zip(UNSEEN) {
            (0..count.swap(0, Ordering::Relaxed)).for_each(|_| refused(refusal));
        }
    }

    /// While the current request is served, the connection is closed once this is so; a WebSocket with that status.
    pub(super) fn close_when(&self, code: u16, has_ended: impl Fn() -> bool + Send + 'static) {
        *self.session_watch.lock() = Some(SessionWatch { has_ended: Box::new(has_ended), code });
        self.is_watched.store(true, Ordering::Relaxed);
    }

    /// What `served` gives; none once the connection is to be closed. A WebSocket ends by itself, as soon as it has told
    /// both sides.
    pub(super) async fn unless_over<T>(&self, mut served: Pin<Box<dyn Future<Output = T> + Send + '_>>) -> Option<T> {
        let end_code =
            || self.session_watch.lock().as_ref().filter(|watch| (watch.has_ended)()).map(|watch| watch.code);
        let mut over = pin!(async {
            let code = loop {
                match end_code() {
                    Some(code) => break code,
                    None => tokio::time::sleep(WATCH_INTERVAL).await,
                }
            };
            if self.is_upgraded() {
                self.session_end.store(code, Ordering::Relaxed);
                tokio::time::sleep(GOODBYE_TIME).await;
            }
        });
        let served = std::future::poll_fn(|context| match served.as_mut().poll(context) {
            Poll::Ready(done) => Poll::Ready(Some(done)),
            // Most requests are not watched, and none of them pays for a timer.
            Poll::Pending if self.is_watched.load(Ordering::Relaxed) => {
                let before = self.session_end();
                match over.as_mut().poll(context) {
                    Poll::Ready(()) => Poll::Ready(None),
                    // What serves the WebSocket was polled before it could see that.
                    Poll::Pending if self.session_end() != before => served.as_mut().poll(context).map(Some),
                    Poll::Pending => Poll::Pending,
                }
            }
            Poll::Pending => Poll::Pending,
        })
        .await;
        if self.is_watched.swap(false, Ordering::Relaxed) {
            *self.session_watch.lock() = None;
        }
        served
    }

    /// The connection that `session` came over; none in tests that go without.
    pub(super) fn of(session: &ServerSession) -> Option<&Self> {
        let data = session.digest()?.proxy_digest.as_ref()?.user_data.as_ref()?;
        data.downcast_ref::<Arc<Self>>().map(Arc::as_ref)
    }

    /// Why its current request could not be read on.
    pub(super) fn failure(&self) -> Option<Failure> {
        let failure = self.failure.load(Ordering::Relaxed);
        let all = [Failure::Body, Failure::SlowBody, Failure::SilentUpstream, Failure::Flood];
        all.into_iter().find(|one| *one as u8 == failure)
    }

    pub(super) fn fail(&self, failure: Failure, kind: io::ErrorKind) -> io::Error {
        self.failure.store(failure as u8, Ordering::Relaxed);
        kind.into()
    }

    /// From here on the upstream may be silent for so long, once the request's body is there.
    pub(super) fn wait_for_upstream(&self, silence: Duration) {
        let silence = u64::try_from(silence.as_millis()).unwrap_or(u64::MAX);
        self.silence.store(silence, Ordering::Relaxed);
    }

    /// The upstream may be silent for as long as it likes.
    pub(super) fn wait_for_ever(&self) {
        self.silence.store(0, Ordering::Relaxed);
    }

    /// The proxy has the current request.
    pub(super) fn parsed(&self) {
        self.is_parsed.store(true, Ordering::Relaxed);
    }

    /// Whether the proxy had the request that ended just now; forgets it.
    pub(super) fn take_parsed(&self) -> bool {
        self.is_parsed.swap(false, Ordering::Relaxed)
    }

    /// The next request begins: nothing has failed, and the upstream is not waited for yet.
    pub(super) fn begin_request(&self) {
        self.failure.store(0, Ordering::Relaxed);
        self.wait_for_ever();
    }

    /// How long the upstream may be silent now; none where it may be for ever.
    pub(super) fn silence(&self) -> Option<Duration> {
        let silence = self.silence.load(Ordering::Relaxed);
        (silence > 0).then(|| Duration::from_millis(silence))
    }

    /// Whether the upstream agreed to another protocol.
    pub(super) fn is_upgraded(&self) -> bool {
        self.is_upgraded.load(Ordering::Relaxed)
    }

    /// With what status its WebSocket is to be closed, where the session that it was opened with has ended.
    pub(super) fn session_end(&self) -> Option<u16> {
        Some(self.session_end.load(Ordering::Relaxed)).filter(|code| *code > 0)
    }

    /// From here on bytes pass as they are: a 101 is about to be written.
    pub(super) fn upgrade(&self) {
        self.is_upgraded.store(true, Ordering::Relaxed);
    }
}
