//! The public listening sockets, until every connection in their queues has been served.
//!
//! pingora closes its listeners when the process is about to end, and the kernel then resets connections that were
//! made and not yet accepted. So it is given copies of ours, and what waits when it has closed them is still served.

use std::io;
use std::net::TcpStream;
use std::os::fd::{AsRawFd as _, IntoRawFd as _};
use std::os::unix::net::UnixStream;

use async_trait::async_trait;
use parking_lot::Mutex;
use pingora::protocols::l4::stream::Stream as L4Stream;
use pingora::protocols::{GetSocketDigest as _, SocketDigest};
use pingora::server::{ListenFds, ShutdownWatch};
use pingora::services::{ServiceReadyNotifier, ServiceWithDependents};
use socket2::{SockAddr, Socket};

use super::address::Address;

/// How many connections may wait, if the kernel allows it: as many as pingora would ask for.
const WAITING: i32 = 65_535;

/// Our own of the public listening sockets.
#[derive(Debug, Default)]
pub struct Backlog(Mutex<Vec<Socket>>);

impl Backlog {
    /// Keeps `listeners`, and gives the copies that pingora listens with.
    pub fn keep(listeners: Vec<(Address, Socket)>) -> io::Result<(Self, HandOver)> {
        let (mut copies, mut kept) = (Vec::new(), Vec::new());
        for (address, listener) in listeners {
            listener.set_nonblocking(true)?;
            listener.listen(WAITING)?;
            let name = match address {
                Address::Internet(address) => address.to_string(),
                Address::Unix(path) => path.display().to_string(),
            };
            copies.push((name, listener.try_clone()?));
            kept.push(listener);
        }
        Ok((Self(Mutex::new(kept)), HandOver(copies)))
    }

    /// The connections that wait, as pingora has them. After these there are no more: nobody listens.
    pub(super) fn take(&self) -> Vec<L4Stream> {
        let listeners = std::mem::take(&mut *self.0.lock());
        let waiting = listeners.iter().flat_map(|listener| std::iter::from_fn(|| listener.accept().ok()));
        waiting.filter_map(|(socket, peer)| as_pingora_has_it(socket, &peer).ok()).collect()
    }
}

fn as_pingora_has_it(socket: Socket, peer: &SockAddr) -> io::Result<L4Stream> {
    socket.set_nonblocking(true)?;
    let Some(peer) = peer.as_socket() else {
        let mut stream = L4Stream::from(tokio::net::UnixStream::from_std(UnixStream::from(socket))?);
        stream.set_socket_digest(SocketDigest::from_raw_fd(stream.as_raw_fd()));
        return Ok(stream);
    };
    let socket = TcpStream::from(socket);
    socket.set_nodelay(true)?;
    let mut stream = L4Stream::from(tokio::net::TcpStream::from_std(socket)?);
    let digest = SocketDigest::from_raw_fd(stream.as_raw_fd());
    // It is new, and nobody has set it.
    let _ = digest.peer_addr.set(Some(peer.into()));
    stream.set_socket_digest(digest);
    Ok(stream)
}

/// Puts the copies where pingora looks for a listener before it makes one. The public service depends on it.
pub struct HandOver(Vec<(String, Socket)>);

#[async_trait]
impl ServiceWithDependents for HandOver {
    async fn start_service(&mut self, fds: Option<ListenFds>, _: ShutdownWatch, _: usize, ready: ServiceReadyNotifier) {
        if let Some(fds) = fds {
            let mut fds = fds.lock();
            for (address, copy) in self.0.drain(..) {
                fds.add(address, copy.into_raw_fd());
            }
        }
        ready.notify_ready();
    }

    fn name(&self) -> &str {
        "listeners"
    }

    fn threads(&self) -> Option<usize> {
        Some(1)
    }
}
