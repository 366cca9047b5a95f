//! How a store is reached: `[session.redis]`.

use std::path::PathBuf;
use std::time::Duration;

use redis::io::tcp::TcpSettings;
use redis::{ConnectionAddr, ConnectionInfo, IntoConnectionInfo as _};

use crate::secret::Secret;

/// How a store is reached, and what is kept of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RedisSettings {
    /// Where it is.
    pub servers: Servers,
    /// The ACL user, where the address does not name it.
    pub username: Option<String>,
    /// Its password, where the address does not have it.
    pub password: Option<Password>,
    /// A PEM file's content: the authorities that the servers' certificates are of, instead of the system's.
    pub authority: Option<Vec<u8>>,
    /// What every key begins with.
    pub prefix: String,
    /// How long a connection may take.
    pub connect: Duration,
    /// How long a command may take.
    pub command: Duration,
    /// How long a copy of a session stands for it.
    pub cache: Duration,
    /// How long it does while the store is away.
    pub outage: Duration,
}

/// Where the store is: addresses as `redis://[user[:password]@]host[:6379][/db]`, `rediss://…`, `unix:///path[?db=1]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Servers {
    /// One server.
    One(Secret),
    /// Sentinels, and what they call the primary.
    Sentinel {
        /// Their addresses; user, password, number and TLS are the servers' too.
        sentinels: Vec<Secret>,
        /// The primary's name.
        primary: String,
        /// How they are asked, where that is not as the servers are.
        username: Option<String>,
        /// Their password.
        password: Option<Password>,
    },
    /// Some nodes of a cluster; the others are found.
    Cluster(Vec<Secret>),
}

/// A password that may change while the process runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Password {
    /// As it was given.
    Given(Secret),
    /// In a file, which is read for every connection.
    File(PathBuf),
}

impl Password {
    pub(super) fn read(&self) -> Option<Secret> {
        match self {
            Self::Given(secret) => Some(secret.clone()),
            Self::File(path) => std::fs::read_to_string(path).ok().map(|text| Secret::new(text.trim())),
        }
    }
}

impl RedisSettings {
    /// What is wrong with an address of a server, if anything is; never with any of its content.
    ///
    /// # Errors
    /// It is no address, or one that is not checked.
    pub fn check(address: &str) -> Result<(), String> {
        const SHAPE: &str =
            "must be an address, as \"redis://host:6379/0\", \"rediss://host\" or \"unix:///run/redis.sock\"";
        let info = address.into_connection_info().map_err(|_| SHAPE.to_owned())?;
        match info.addr() {
            ConnectionAddr::TcpTls { insecure: true, .. } => {
                Err("`#insecure` would let anybody be the store: give ca_file instead".to_owned())
            }
            _ => Ok(()),
        }
    }

    /// An address with what stands beside it.
    pub(super) fn info(&self, address: &Secret) -> redis::RedisResult<ConnectionInfo> {
        let info = address.expose().into_connection_info()?;
        // The client must need no command that an older server's list of rights does not know.
        let mut redis = info.redis_settings().clone().set_skip_set_lib_name();
        if let Some(username) = &self.username {
            redis = redis.set_username(username);
        }
        if let Some(password) = self.password.as_ref().and_then(Password::read) {
            redis = redis.set_password(password.expose());
        }
        // Without it, small commands wait for the answers of those before them.
        Ok(info.set_redis_settings(redis).set_tcp_settings(TcpSettings::default().set_nodelay(true)))
    }
}
