//! Which connections a listener takes: addresses that cannot be listened at beside each other are refused, and upstreams
//! that lead back here are found.
//!
//! Nothing is looked up or connected to. So an upstream whose name only a resolver could tell to be this machine, or one at
//! an address of its network cards where the listener is at every address, is not found.

use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};

use super::Server;
use super::reader::Section;
use crate::access::{Upstream, without_detours};
use crate::proxy::Address;
use crate::web::addresses_of;

/// `[server] listen` and `[admin] listen`: addresses of which one takes what the other is for, however they are written.
pub(super) fn check(
    section: &Section<'_>,
    server: &Server,
    (admin_section, admin): (&Section<'_>, Option<SocketAddr>),
) {
    for (at, listener) in server.listen.iter().enumerate() {
        let earlier = server.listen[..at].iter().find(|earlier| meet(&earlier.address, &listener.address));
        if let Some(earlier) = earlier {
            let (one, other) = (&earlier.address, &listener.address);
            let text = match one == other {
                true => format!("names {one} twice, and what is spoken there can be one thing only"),
                false => format!("names {one} and {other}, of which one takes the connections of the other"),
            };
            section.problem("listen", text);
        }
    }
    let Some(admin) = admin.map(Address::Internet) else { return };
    if let Some(public) = server.listen.iter().find(|public| meet(&public.address, &admin)) {
        let text = format!("is a public listener too ({} in server.listen): give it a port of its own", public.address);
        admin_section.problem("listen", text);
    }
}

/// Whether both cannot be listened at, because one is within the other.
fn meet(one: &Address, other: &Address) -> bool {
    match (one, other) {
        (Address::Internet(one), Address::Internet(other)) => {
            one.port() == other.port() && (takes(one.ip(), other.ip()) || takes(other.ip(), one.ip()))
        }
        (Address::Unix(one), Address::Unix(other)) => followed(one) == followed(other),
        _ => false,
    }
}

/// Whether a listener at `listen` takes connections to `address`: `[::]` takes IPv4 too, as Linux has it unless
/// `net.ipv6.bindv6only` is set (ipv6(7)).
fn takes(listen: IpAddr, address: IpAddr) -> bool {
    let (listen, address) = (listen.to_canonical(), address.to_canonical());
    listen == address || listen.is_unspecified() && (listen.is_ipv6() || address.is_ipv4())
}

/// Whether a connection to the upstream would be one to what listens at `listen`.
pub(super) fn leads_to(upstream: &Upstream, listen: &Address) -> bool {
    match (listen, &upstream.socket) {
        (Address::Unix(listen), Some(socket)) => followed(listen) == followed(socket),
        (Address::Internet(listen), None) if listen.port() == upstream.port => {
            let listen = listen.ip();
            let is_here =
                |address: IpAddr| takes(listen, address) && (address.is_loopback() || !listen.is_unspecified());
            addresses_of(&upstream.host).any(is_here) || listen.is_unspecified() && is_own_name(&upstream.host)
        }
        _ => false,
    }
}

/// Whether a host is the name of this machine, as Linux keeps it.
fn is_own_name(host: &str) -> bool {
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    name.trim().eq_ignore_ascii_case(host.trim_end_matches('.'))
}

/// A socket's path with every link followed, as far as there is something there already.
fn followed(socket: &Path) -> PathBuf {
    let within = |folder: &Path| Some(folder.canonicalize().ok()?.join(socket.file_name()?));
    let path = socket.canonicalize().ok().or_else(|| socket.parent().and_then(within));
    path.unwrap_or_else(|| without_detours(socket))
}
