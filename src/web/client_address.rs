//! The address of a client: that of its connection, or the one that trusted proxies report.
//!
//! Each proxy appends to `X-Forwarded-For`, so it is read from the right: past each address of a trusted proxy to the
//! one before it; the first that is not a trusted proxy is the client's. Balancers write addresses in several ways: a
//! port, brackets and quotes are removed, and empty elements are skipped. An element that is no address (`unknown`, an
//! obfuscated name, a zone) ends the reading, since nobody trusted vouches for what stands before it.

use std::net::IpAddr;

use http::{HeaderMap, HeaderName};
use ipnet::IpNet;

/// The networks of proxies whose `X-Forwarded-*` headers are believed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrustedProxies(Vec<IpNet>);

impl TrustedProxies {
    /// These networks; an empty list trusts no peer.
    pub fn new(networks: Vec<IpNet>) -> Self {
        Self(networks)
    }

    /// Whether no peer is trusted.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether they hold more, be it in parts, than the largest private networks, 10.0.0.0/8 (RFC 1918) and fc00::/7
    /// (RFC 4193), or of all other addresses of IPv6 more than the registries give to anybody (/16).
    pub fn are_everybody(&self) -> bool {
        IpNet::aggregate(&self.0).iter().any(|network| {
            network.prefix_len()
                < match network.addr() {
                    IpAddr::V4(_) => 8,
                    IpAddr::V6(address) if address.is_unique_local() || address.is_unicast_link_local() => 7,
                    IpAddr::V6(_) => 16,
                }
        })
    }

    /// Whether this address is in one of the networks.
    pub fn contain(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|network| network.contains(&address))
    }
}

/// An address, or a network whose bits beyond the prefix length are zero: `::1`, `10.0.0.0/8`. One of IPv4-mapped
/// addresses (`::ffff:10.0.0.0/104`) is the network of IPv4, as clients' addresses are.
pub fn parse_network(text: &str) -> Option<IpNet> {
    const MAPPED_BITS: u8 = 96;
    let network: IpNet = text.parse().or_else(|_| text.parse::<IpAddr>().map(IpNet::from)).ok()?;
    if network != network.trunc() {
        return None;
    }
    match (network.addr().to_canonical(), network.prefix_len().checked_sub(MAPPED_BITS)) {
        (address @ IpAddr::V4(_), Some(length)) if network.addr().is_ipv6() => IpNet::new(address, length).ok(),
        _ => Some(network),
    }
}

/// The address of a client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientAddress {
    /// The address; an IPv4-mapped IPv6 address is an IPv4 address.
    pub address: IpAddr,
    /// Something about `X-Forwarded-For` that an operator should know.
    pub oddity: Option<Oddity>,
}

/// Something unusual about `X-Forwarded-For`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Oddity {
    /// It came from a peer that is not a trusted proxy, and was ignored.
    Untrusted,
    /// This element is no address; it and what stands before it were ignored.
    Unreadable(String),
}

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The longest element that is kept for the log, in characters.
const ELEMENT_CHARS: usize = 64;

/// The address of the client of a request that arrived from `peer`.
pub fn client_address(peer: IpAddr, headers: &HeaderMap, trusted: &TrustedProxies) -> ClientAddress {
    let peer = peer.to_canonical();
    if !trusted.contain(peer) {
        let oddity = headers.contains_key(FORWARDED_FOR).then_some(Oddity::Untrusted);
        return ClientAddress { address: peer, oddity };
    }
    let mut address = peer;
    let lines = headers.get_all(FORWARDED_FOR);
    for element in lines.iter().rev().flat_map(|line| line.as_bytes().rsplit(|byte| *byte == b',')) {
        let element = element.trim_ascii();
        if element.is_empty() {
            continue;
        }
        let Some(hop) = std::str::from_utf8(element).ok().and_then(read_element) else {
            let element = String::from_utf8_lossy(element).chars().take(ELEMENT_CHARS).collect();
            return ClientAddress { address, oddity: Some(Oddity::Unreadable(element)) };
        };
        address = hop;
        if !trusted.contain(address) {
            break;
        }
    }
    ClientAddress { address, oddity: None }
}

/// Appends an address to `out`. `Display` would cost as much as opening a session, and requests need it in headers and in
/// the log.
pub fn write_address(out: &mut Vec<u8>, address: IpAddr) {
    let IpAddr::V4(address) = address else { return out.extend_from_slice(address.to_string().as_bytes()) };
    for (at, part) in address.octets().into_iter().enumerate() {
        if at > 0 {
            out.push(b'.');
        }
        out.extend_from_slice(itoa::Buffer::new().format(part).as_bytes());
    }
}

/// `203.0.113.9`, `203.0.113.9:51234`, `2001:db8::1`, `[2001:db8::1]`, `[2001:db8::1]:4711`; each in quotes too.
fn read_element(element: &str) -> Option<IpAddr> {
    let element = element.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(element);
    let address = match element.strip_prefix('[') {
        Some(rest) => {
            let (address, port) = rest.split_once(']')?;
            is_port(port).then(|| address.parse().ok().map(IpAddr::V6))?
        }
        None => match element.split_once(':') {
            Some((address, _)) if address.contains('.') => {
                is_port(&element[address.len()..]).then(|| address.parse().ok().map(IpAddr::V4))?
            }
            _ => element.parse().ok(),
        },
    };
    address.map(|address| address.to_canonical())
}

/// Nothing, or `:` and a port.
fn is_port(text: &str) -> bool {
    text.is_empty()
        || text.strip_prefix(':').is_some_and(|port| {
            port.bytes().all(|byte| byte.is_ascii_digit())
                && (1..=5).contains(&port.len())
                && port.parse::<u16>().is_ok()
        })
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_address_is_written_as_everybody_writes_it() {
        for text in ["0.0.0.0", "1.20.255.9", "127.0.0.1", "255.255.255.255", "::1", "2001:db8::ff"] {
            let mut written = Vec::new();
            write_address(&mut written, text.parse().expect("an address"));
            assert_eq!(written, text.as_bytes());
        }
    }

    fn headers(lines: &[&str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append("x-forwarded-for", HeaderValue::from_str(line).expect("a value"));
        }
        headers
    }

    fn trusted() -> TrustedProxies {
        TrustedProxies::new(["10.0.0.0/8", "::1"].iter().filter_map(|text| parse_network(text)).collect())
    }

    /// T-02, T-03.
    #[test]
    fn addresses_told_by_others_count_only_behind_a_trusted_proxy() {
        let (trusted, nobody) = (trusted(), TrustedProxies::default());
        let unreadable = |element: &str| Some(Oddity::Unreadable(element.to_owned()));
        for (peer, lines, trusted, address, oddity) in [
            ("192.0.2.1", &["198.51.100.7"][..], &trusted, "192.0.2.1", Some(Oddity::Untrusted)),
            ("10.0.0.1", &["198.51.100.7"], &nobody, "10.0.0.1", Some(Oddity::Untrusted)),
            ("192.0.2.1", &[], &trusted, "192.0.2.1", None),
            ("10.0.0.1", &["198.51.100.7"], &trusted, "198.51.100.7", None),
            ("::ffff:10.0.0.1", &["198.51.100.7"], &trusted, "198.51.100.7", None),
            ("10.0.0.1", &["::ffff:198.51.100.7"], &trusted, "198.51.100.7", None),
            ("10.0.0.1", &["1.1.1.1, ::ffff:10.2.2.2"], &trusted, "1.1.1.1", None),
            ("10.0.0.1", &["1.1.1.1, 198.51.100.7, 10.2.2.2"], &trusted, "198.51.100.7", None),
            ("10.0.0.1", &["1.1.1.1", "198.51.100.7"], &trusted, "198.51.100.7", None),
            ("10.0.0.1", &["1.1.1.1, unknown, 10.2.2.2"], &trusted, "10.2.2.2", unreadable("unknown")),
            ("10.0.0.1", &["203.0.113.9:51234"], &trusted, "203.0.113.9", None),
            ("10.0.0.1", &["[2001:db8::1]:4711"], &trusted, "2001:db8::1", None),
            ("10.0.0.1", &["[2001:db8::1]"], &trusted, "2001:db8::1", None),
            ("10.0.0.1", &["\"[2001:db8::1]:4711\""], &trusted, "2001:db8::1", None),
            ("10.0.0.1", &["\"203.0.113.9\""], &trusted, "203.0.113.9", None),
            ("10.0.0.1", &["198.51.100.7, ,, 10.2.2.2,"], &trusted, "198.51.100.7", None),
            ("10.0.0.1", &["", "198.51.100.7", " "], &trusted, "198.51.100.7", None),
            ("10.0.0.1", &["198.51.100.7, [10.2.2.2]"], &trusted, "10.0.0.1", unreadable("[10.2.2.2]")),
            ("10.0.0.1", &["203.0.113.9:"], &trusted, "10.0.0.1", unreadable("203.0.113.9:")),
            ("10.0.0.1", &["203.0.113.9:65536"], &trusted, "10.0.0.1", unreadable("203.0.113.9:65536")),
            ("10.0.0.1", &["203.0.113.9:+1"], &trusted, "10.0.0.1", unreadable("203.0.113.9:+1")),
            ("10.0.0.1", &["fe80::1%eth0"], &trusted, "10.0.0.1", unreadable("fe80::1%eth0")),
            ("10.0.0.1", &["_hidden"], &trusted, "10.0.0.1", unreadable("_hidden")),
            ("10.0.0.1", &["010.0.0.9"], &trusted, "10.0.0.1", unreadable("010.0.0.9")),
            ("::1", &["2001:db8::1"], &trusted, "2001:db8::1", None),
            ("10.0.0.1", &["10.0.0.2, 10.0.0.3"], &trusted, "10.0.0.2", None),
        ] {
            let found = client_address(peer.parse().expect("an address"), &headers(lines), trusted);
            assert_eq!(found.address, address.parse::<IpAddr>().expect("an address"), "{peer} {lines:?}");
            assert_eq!(found.oddity, oddity, "{peer} {lines:?}");
        }
    }

    #[test]
    fn networks_are_what_they_say() {
        for (network, address, inside) in [
            ("10.0.0.0/8", "10.255.255.255", true),
            ("10.0.0.0/8", "11.0.0.0", false),
            ("0.0.0.0/0", "192.0.2.1", true),
            ("0.0.0.0/0", "2001:db8::1", false),
            ("192.0.2.1", "192.0.2.1", true),
            ("192.0.2.1", "192.0.2.2", false),
            ("172.16.0.0/12", "172.31.255.255", true),
            ("172.16.0.0/12", "172.32.0.0", false),
            ("2001:db8::/32", "2001:db8:ffff::1", true),
            ("2001:db8::/32", "2001:db9::1", false),
            ("::ffff:10.0.0.0/104", "10.1.2.3", true),
            ("::ffff:10.0.0.0/104", "11.1.2.3", false),
            ("::ffff:192.0.2.1", "192.0.2.1", true),
            ("::ffff:0:0/96", "203.0.113.9", true),
        ] {
            let network = parse_network(network).expect(network);
            assert_eq!(
                network.contains(&address.parse::<IpAddr>().expect("an address")),
                inside,
                "{network} {address}"
            );
        }
        for bad in ["", "10.0.0.0/33", "10.0.0.1/8", "10.0.0.0/", "10.0.0.0/+8", "example.com", "10.0.0.0/8/8"] {
            assert_eq!(parse_network(bad), None, "{bad}");
        }
    }

    fn written(address: IpAddr) -> impl Strategy<Value = String> {
        let bracketed = match address {
            IpAddr::V4(address) => format!("{address}"),
            IpAddr::V6(address) => format!("[{address}]"),
        };
        prop_oneof![
            Just(address.to_string()),
            Just(bracketed.clone()),
            (1..=65_535_u16).prop_map({
                let bracketed = bracketed.clone();
                move |port| format!("{bracketed}:{port}")
            }),
            Just(format!(" \"{bracketed}:443\" ,")),
        ]
    }

    proptest! {
        /// However the last proxy writes the address that it saw, and whatever stands before it, that address counts.
        #[test]
        fn nothing_a_client_writes_changes_where_it_comes_from(
            (address, written) in any::<IpAddr>().prop_flat_map(|address| (Just(address), written(address))),
            before in "[ -~]{0,40}",
        ) {
            prop_assume!(!trusted().contain(address.to_canonical()));
            let found = client_address([10, 0, 0, 1].into(), &headers(&[&before, &written]), &trusted());
            prop_assert_eq!(found, ClientAddress { address: address.to_canonical(), oddity: None });
        }

        #[test]
        fn whatever_is_sent_gives_an_address(lines in proptest::collection::vec("[ -~]{0,60}", 0..4)) {
            let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
            client_address([10, 0, 0, 1].into(), &headers(&lines), &trusted());
        }
    }
}
