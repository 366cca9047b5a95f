//! A small legacy app: it knows nothing of sign-in, believes the headers it is sent, and shows
//! them. The demo puts it behind the gateway; tests ask it what really arrived.
//!
//! | address | answer |
//! |---|---|
//! | any | a page: whom it takes you for, and what it received |
//! | any, `Accept: application/json` | `{"method","target","headers":[["name","value"],…],"body_bytes"}` |
//! | `/bytes?n=…` | n bytes, in pieces; chunked, or with `&framing=length` under a `Content-Length` |
//! | `…/slow?ms=…` | waits, then answers as any other address |
//! | any, `Upgrade: websocket` | an echo |
//!
//! Names, values and their order are shown exactly as they came over the wire, which is why this
//! is written on sockets: an HTTP library would tidy them up. Bodies are counted, never kept.
//!
//! What it cannot frame for certain it refuses (400), and closes; a head over 128 KiB gets a 431.

use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::task::{AbortHandle, JoinSet};

mod answer;
mod connection;
mod incoming;
mod websocket;

/// How many requests are remembered; older ones are forgotten first.
const REMEMBERED: usize = 1_000;

/// A running sample app. Dropping it stops it, open connections included.
#[derive(Debug)]
pub struct SampleApp {
    address: SocketAddr,
    requests: Arc<Requests>,
    accepting: AbortHandle,
}

/// One request, as it arrived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
    /// The method, `GET` for instance.
    pub method: String,
    /// The request target: path and query, unchanged.
    pub target: String,
    /// Names and values, in the order and the spelling in which they came. A value that is not
    /// UTF-8 is read as Latin-1, so that no byte is lost.
    pub headers: Vec<(String, String)>,
    /// How long the body was; `None` when it has not, or not yet, arrived whole.
    pub body_bytes: Option<u64>,
    /// The whole head, byte for byte, with the empty line that ends it. All that came, when it
    /// could not be read as a head; the method and the target are then empty.
    pub head: Vec<u8>,
}

impl SampleApp {
    /// Listens at `listen` (port 0: any free one) and serves until dropped.
    pub async fn start(listen: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind(listen).await?;
        let address = listener.local_addr()?;
        let requests = Arc::new(Requests::default());
        let accepting = tokio::spawn(accept(listener, Arc::clone(&requests))).abort_handle();
        Ok(Self { address, requests, accepting })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What it received, oldest first; the last thousand.
    pub fn requests(&self) -> Vec<Received> {
        self.requests.all()
    }
}

impl Drop for SampleApp {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

impl Received {
    fn unreadable(bytes: &[u8]) -> Self {
        Self {
            method: String::new(),
            target: String::new(),
            headers: Vec::new(),
            body_bytes: None,
            head: bytes.to_vec(),
        }
    }

    /// Every value that came under `name`, in any case, in order.
    pub fn values(&self, name: &str) -> Vec<&str> {
        self.headers.iter().filter(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v.as_str()).collect()
    }
}

/// Takes connections for ever. The connections live in a set of this task's own, so aborting the
/// task closes them too.
async fn accept(listener: TcpListener, requests: Arc<Requests>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(connection::serve(stream, Arc::clone(&requests)));
                }
                // Out of file descriptors, most likely: let some close.
                Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

/// What was received, shared by every connection.
#[derive(Debug, Default)]
struct Requests(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    forgotten: usize,
    latest: VecDeque<Received>,
}

impl Requests {
    /// Keeps a request whose head has arrived; its place is for [`Requests::body_arrived`].
    fn head_arrived(&self, received: Received) -> usize {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.latest.push_back(received);
        if kept.latest.len() > REMEMBERED {
            kept.latest.pop_front();
            kept.forgotten += 1;
        }
        kept.forgotten + kept.latest.len() - 1
    }

    /// Notes the length of a body that has arrived whole.
    fn body_arrived(&self, place: usize, bytes: u64) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let still_kept = place.checked_sub(kept.forgotten);
        if let Some(received) = still_kept.and_then(|place| kept.latest.get_mut(place)) {
            received.body_bytes = Some(bytes);
        }
    }

    fn all(&self) -> Vec<Received> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).latest.iter().cloned().collect()
    }
}
