//! Connections to upstreams for requests that may become a WebSocket.
//!
//! Where an upstream answers at once, pingora (0.9.1, `proxy_handle_upstream`) has two events ready together: the 101, and
//! the end of the request, which has no body. It takes one of them by chance. After the 101 the end of the request is
//! taken for the end of the WebSocket, which closes as soon as it is open. So on these connections the first read
//! after a write reports that nothing is there yet, and the end of the request is taken first.

use std::fmt;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use async_trait::async_trait;
use pingora::connectors::L4Connect;
use pingora::prelude::Result;
use pingora::protocols::l4::socket::SocketAddr;
use pingora::protocols::l4::stream::Stream;
use pingora::protocols::l4::virt::{VirtualSockOpt, VirtualSocket, VirtualSocketStream};
use pingora::{Error, ErrorType};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpStream, UnixStream};

/// Connects within this time.
#[derive(Debug)]
pub(super) struct Connect(pub(super) Duration);

#[async_trait]
impl L4Connect for Connect {
    async fn connect(&self, address: &SocketAddr) -> Result<Stream> {
        let connected = async {
            match address {
                SocketAddr::Inet(address) => {
                    let io = TcpStream::connect(address).await?;
                    io.set_nodelay(true)?;
                    Ok::<_, io::Error>(stream(io))
                }
                SocketAddr::Unix(address) => match address.as_pathname() {
                    Some(path) => Ok(stream(UnixStream::connect(path).await?)),
                    None => Err(io::ErrorKind::AddrNotAvailable.into()),
                },
            }
        };
        match tokio::time::timeout(self.0, connected).await {
            Ok(Ok(stream)) => Ok(stream),
            Ok(Err(error)) if error.kind() == io::ErrorKind::ConnectionRefused => {
                Error::e_because(ErrorType::ConnectRefused, format!("to {address}"), error)
            }
            Ok(Err(error)) => Error::e_because(ErrorType::ConnectError, format!("to {address}"), error),
            Err(late) => Error::e_because(ErrorType::ConnectTimedout, format!("to {address}"), late),
        }
    }
}

fn stream<T: AsyncRead + AsyncWrite + Unpin + Send + Sync + fmt::Debug + 'static>(io: T) -> Stream {
    VirtualSocketStream::new(Box::new(Socket { io, was_written: false })).into()
}

#[derive(Debug)]
struct Socket<T> {
    io: T,
    /// Something was written since the last attempt to read.
    was_written: bool,
}

impl<T: AsyncRead + Unpin> AsyncRead for Socket<T> {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, out: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if std::mem::take(&mut self.was_written) {
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        Pin::new(&mut self.io).poll_read(context, out)
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for Socket<T> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.was_written = true;
        Pin::new(&mut self.io).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(context)
    }
}

impl<T: AsyncRead + AsyncWrite + Unpin + Send + Sync + fmt::Debug> VirtualSocket for Socket<T> {
    /// Delays are off already. Clients' connections are probed, and one that ends takes this one with it.
    fn set_socket_option(&self, _: VirtualSockOpt) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;

    use super::*;

    #[tokio::test]
    async fn nothing_is_read_in_the_moment_of_writing() {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let mut io = Connect(Duration::from_secs(5)).connect(&address.into()).await.expect("a connection");
        let (mut other, _) = listener.accept().await.expect("accepted");
        for _ in 0..20 {
            io.write_all(b"asked").await.expect("written");
            io.flush().await.expect("flushed");
            other.read_exact(&mut [0; 5]).await.expect("read");
            other.write_all(b"answered").await.expect("written");
            tokio::time::sleep(Duration::from_millis(2)).await;
            let mut bytes = [0; 8];
            let is_ready = poll_fn(|context| {
                let mut out = ReadBuf::new(&mut bytes);
                Poll::Ready(Pin::new(&mut io).poll_read(context, &mut out).is_ready())
            });
            assert!(!is_ready.await, "the answer comes before anything else that waits");
            io.read_exact(&mut bytes).await.expect("read");
            assert_eq!(&bytes, b"answered");
        }
    }
}
