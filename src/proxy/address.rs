//! What a public listener binds to: an address and a port, or a socket in the file system (unix(7)).
//!
//! A socket in the file system is open to its owner and group (mode 0660), as far as they may enter its folder. A socket
//! without a listener is replaced; anything else of that name is an error, and stays.

use std::fmt;
use std::fs::Permissions;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::os::unix::fs::{FileTypeExt as _, PermissionsExt as _};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use socket2::Socket;

/// The mode of a socket in the file system.
pub(super) const SOCKET_MODE: u32 = 0o660;

/// What fits into `sockaddr_un`, with the NUL at its end.
const PATH_BYTES: usize = 107;

/// What a listener binds to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Address {
    /// An address and a port.
    Internet(SocketAddr),
    /// A socket in the file system, by its absolute path.
    Unix(PathBuf),
}

impl Address {
    /// The address and the port, where it has them.
    pub fn internet(&self) -> Option<SocketAddr> {
        match self {
            Self::Internet(address) => Some(*address),
            Self::Unix(_) => None,
        }
    }

    /// Listens there.
    pub fn bind(&self) -> io::Result<Socket> {
        match self {
            Self::Internet(address) => TcpListener::bind(address).map(Socket::from),
            Self::Unix(path) => {
                remove_abandoned(path)?;
                let listener = UnixListener::bind(path)?;
                std::fs::set_permissions(path, Permissions::from_mode(SOCKET_MODE))?;
                Ok(listener.into())
            }
        }
    }

    /// Whether a connection can be made.
    pub async fn is_open(&self) -> bool {
        match self {
            Self::Internet(address) => tokio::net::TcpStream::connect(address).await.is_ok(),
            Self::Unix(path) => tokio::net::UnixStream::connect(path).await.is_ok(),
        }
    }
}

fn remove_abandoned(path: &Path) -> io::Result<()> {
    let Ok(there) = path.symlink_metadata() else { return Ok(()) };
    if !there.file_type().is_socket() {
        return Err(io::ErrorKind::AlreadyExists.into());
    }
    match UnixStream::connect(path) {
        Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => std::fs::remove_file(path),
        Ok(_) | Err(_) => Err(io::ErrorKind::AddrInUse.into()),
    }
}

impl FromStr for Address {
    /// A sentence about what is expected.
    type Err = String;

    /// Reads `127.0.0.1:8080` or `unix:/run/gateway.sock`.
    fn from_str(text: &str) -> Result<Self, String> {
        if let Some(path) = text.strip_prefix("unix:") {
            let is_good = path.starts_with('/') && path.len() <= PATH_BYTES && !path.contains('\0');
            return match is_good {
                true => Ok(Self::Unix(path.into())),
                false => Err(format!("`{text}` is not `unix:` and an absolute path of {PATH_BYTES} bytes at most")),
            };
        }
        let address = text.parse().map_err(|_| {
            format!("`{text}` is not an address and a port, as \"0.0.0.0:8080\" or \"https://[::]:8443\"")
        })?;
        Ok(Self::Internet(address))
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Internet(address) => write!(f, "{address}"),
            Self::Unix(path) => write!(f, "unix:{}", path.display()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_socket_that_nobody_listens_at_is_replaced() {
        let folder = tempfile::tempdir().expect("a folder");
        let at = |name: &str| Address::Unix(folder.path().join(name));
        let listening = at("socket").bind().expect("a socket");
        assert_eq!(at("socket").bind().err().map(|error| error.kind()), Some(io::ErrorKind::AddrInUse));
        drop(listening);
        assert!(at("socket").bind().is_ok(), "what an earlier process left is replaced");
        std::fs::write(folder.path().join("file"), "text").expect("written");
        std::os::unix::fs::symlink(folder.path().join("socket"), folder.path().join("link")).expect("a link");
        for name in ["file", "link"] {
            assert_eq!(at(name).bind().err().map(|error| error.kind()), Some(io::ErrorKind::AlreadyExists), "{name}");
            assert!(folder.path().join(name).symlink_metadata().is_ok(), "{name} is gone");
        }
    }
}
