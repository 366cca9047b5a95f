//! An upstream as it is configured.

/// An application server that requests are forwarded to. Two routes that name the same one share its connections.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Upstream {
    /// Its host name or address, an IPv6 address without brackets.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// Whether it speaks TLS; its certificate is checked against `host`.
    pub tls: bool,
}

impl Upstream {
    /// Whether both are the same server to a request. Names of this machine are one.
    pub fn shares_a_server_with(&self, other: &Self) -> bool {
        let is_here = |host: &str| {
            host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
        };
        let is_same = self.host.eq_ignore_ascii_case(&other.host) || is_here(&self.host) && is_here(&other.host);
        is_same && self.port == other.port
    }

    /// What it is called in `Host`.
    pub fn authority(&self) -> String {
        let host = if self.host.contains(':') { format!("[{}]", self.host) } else { self.host.clone() };
        match (self.tls, self.port) {
            (false, 80) | (true, 443) => host,
            (_, port) => format!("{host}:{port}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_upstream_is_called_by_its_host_and_port() {
        for (host, port, tls, authority) in [
            ("10.0.0.5", 8080, false, "10.0.0.5:8080"),
            ("wiki.internal", 80, false, "wiki.internal"),
            ("wiki.internal", 443, true, "wiki.internal"),
            ("::1", 9001, false, "[::1]:9001"),
        ] {
            assert_eq!(Upstream { host: host.to_owned(), port, tls }.authority(), authority);
        }
    }
}
