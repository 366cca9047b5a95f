//! An upstream that sends the bytes that a test gives it, and keeps the bytes that it receives.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// The upstream. It listens until the test's process ends.
pub(crate) struct Upstream {
    address: SocketAddr,
    heads: Arc<Mutex<Vec<String>>>,
}

impl Upstream {
    /// Answers each request with `answer`, which is given the connection, the head of the request and how many came
    /// before it over this connection; the connection is kept when it says so.
    pub(crate) fn new(answer: impl Fn(&mut TcpStream, &str, usize) -> bool + Send + Sync + 'static) -> Self {
        Self::at(0, answer)
    }

    /// The same at this port.
    pub(crate) fn at(port: u16, answer: impl Fn(&mut TcpStream, &str, usize) -> bool + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", port)).expect("a port");
        let address = listener.local_addr().expect("an address");
        let heads: Arc<Mutex<Vec<String>>> = Arc::default();
        let (answer, kept) = (Arc::new(answer), Arc::clone(&heads));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (mut stream, answer, heads) =
                    (stream.expect("a connection"), Arc::clone(&answer), Arc::clone(&kept));
                std::thread::spawn(move || {
                    for before in 0.. {
                        let Some(head) = head_of(&mut stream) else { return };
                        heads.lock().expect("the heads").push(head.clone());
                        if !answer(&mut stream, &head, before) {
                            return;
                        }
                    }
                });
            }
        });
        Self { address, heads }
    }

    /// Answers every request with these bytes, and closes.
    pub(crate) fn saying(bytes: &[u8]) -> Self {
        let bytes = bytes.to_vec();
        Self::new(move |stream, _, _| {
            let _ = stream.write_all(&bytes);
            false
        })
    }

    /// Answers every request with a stream of events, `data: x` five times a second, for as long as it is connected.
    pub(crate) fn of_events() -> Self {
        Self::new(|stream, _, _| {
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n");
            while stream.write_all(b"data: x\n\n").is_ok() {
                std::thread::sleep(Duration::from_millis(200));
            }
            false
        })
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// A public route to it.
    pub(crate) fn route(&self, path: &str, more: &str) -> String {
        let address = self.address;
        format!(
            "\n[[route]]\nname = \"u{path}\"\npath = \"{path}\"\nupstream = \"http://{address}\"\nallow = \"public\"\n{more}\n"
        )
    }

    /// Waits until it has had so many requests.
    pub(crate) async fn until_asked(&self, times: usize) {
        let asked = async {
            while self.heads().len() < times {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        assert!(tokio::time::timeout(Duration::from_secs(20), asked).await.is_ok(), "{:?}", self.heads());
    }

    /// The heads of all requests so far.
    pub(crate) fn heads(&self) -> Vec<String> {
        self.heads.lock().expect("the heads").clone()
    }
}

/// The head of the next message; none when the other side is gone.
pub(crate) fn head_of(stream: &mut TcpStream) -> Option<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).ok()?;
        head.push(byte[0]);
    }
    Some(String::from_utf8_lossy(&head).into_owned())
}

/// A connection to the gateway on which nothing is waited for longer than 20 s.
pub(crate) fn connect(port: u16) -> TcpStream {
    let stream = TcpStream::connect(("127.0.0.1", port)).expect("a connection");
    stream.set_read_timeout(Some(Duration::from_secs(20))).expect("a timeout");
    stream
}

/// Sends `request`, which says that the connection is closed after it, and gives all that comes back.
pub(crate) fn ask(port: u16, request: &str) -> String {
    let mut stream = connect(port);
    stream.write_all(request.as_bytes()).expect("the request is sent");
    rest_of(&mut stream)
}

/// The status of an answer.
pub(crate) fn status(answer: &str) -> u16 {
    answer.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or_else(|| panic!("no answer: {answer}"))
}

/// All that still comes.
pub(crate) fn rest_of(stream: &mut TcpStream) -> String {
    let mut rest = Vec::new();
    let mut buffer = [0; 65536];
    while let Ok(count @ 1..) = stream.read(&mut buffer) {
        rest.extend_from_slice(&buffer[..count]);
    }
    String::from_utf8_lossy(&rest).into_owned()
}
