//! The PROXY protocol, versions 1 and 2: the client's address, as a proxy in front tells it.
//!
//! ```text
//! 1   PROXY TCP4 192.0.2.1 198.51.100.2 4711 443 CRLF                  at most 107 bytes
//! 2   signature (12) · version and command (1) · family (1) · length (2) · addresses · extensions
//! ```
//!
//! A header is required where a listener says so, and taken from nobody but a trusted proxy: anybody else could
//! choose their own address with it. Exactly its bytes are read. `LOCAL`, `UNKNOWN` and a family without addresses of
//! the internet leave the proxy's own address. Extensions are skipped. Source: haproxy, doc/proxy-protocol.txt.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use tokio::io::{AsyncRead, AsyncReadExt as _};

use super::limits::{PROXY_LINE_BYTES, PROXY_REST_BYTES};

/// With what version 2 begins.
const SIGNATURE: &[u8; 12] = b"\r\n\r\n\0\r\nQUIT\n";

/// Who is at the other end, as a header says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The proxy itself: a health check, or it does not know.
    Proxy,
    /// This client.
    Client(SocketAddr),
}

/// Not a header of this protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadHeader;

/// Reads a header, and not a byte of what follows it.
pub(super) async fn read(from: &mut (impl AsyncRead + Unpin)) -> io::Result<Source> {
    let bad = |BadHeader| io::Error::from(io::ErrorKind::InvalidData);
    let mut header = vec![0; SIGNATURE.len()];
    from.read_exact(&mut header).await?;
    if header == SIGNATURE {
        header.resize(16, 0);
        from.read_exact(&mut header[12..]).await?;
        let rest = usize::from(u16::from_be_bytes([header[14], header[15]]));
        if rest > PROXY_REST_BYTES {
            return Err(bad(BadHeader));
        }
        header.resize(16 + rest, 0);
        from.read_exact(&mut header[16..]).await?;
        return version_2(&header).map_err(bad);
    }
    // One byte at a time: what follows the line is not ours to read.
    while header.starts_with(b"PROXY ") && header.len() < PROXY_LINE_BYTES && !header.ends_with(b"\r\n") {
        header.push(from.read_u8().await?);
    }
    version_1(&header).map_err(bad)
}

/// Reads the one header that `bytes` are.
///
/// # Errors
///
/// Whatever is not a whole header, and nothing more.
pub fn parse(bytes: &[u8]) -> Result<Source, BadHeader> {
    if bytes.starts_with(SIGNATURE) { version_2(bytes) } else { version_1(bytes) }
}

fn version_1(line: &[u8]) -> Result<Source, BadHeader> {
    let text = line.strip_suffix(b"\r\n").filter(|_| line.len() <= PROXY_LINE_BYTES).ok_or(BadHeader)?;
    let text = std::str::from_utf8(text).map_err(|_| BadHeader)?;
    let mut words = text.split(' ');
    if words.next() != Some("PROXY") {
        return Err(BadHeader);
    }
    let is_ipv4 = match words.next() {
        // Whatever follows is to be ignored.
        Some("UNKNOWN") => return Ok(Source::Proxy),
        Some("TCP4") => true,
        Some("TCP6") => false,
        _ => return Err(BadHeader),
    };
    let mut address = || {
        let word = words.next().ok_or(BadHeader)?;
        let address: IpAddr = word.parse().map_err(|_| BadHeader)?;
        if address.is_ipv4() == is_ipv4 { Ok(address) } else { Err(BadHeader) }
    };
    let (source, _) = (address()?, address()?);
    let mut port = || {
        let word = words.next().ok_or(BadHeader)?;
        let port = word.parse::<u16>().map_err(|_| BadHeader)?;
        // Neither a sign nor a leading zero, which some read as octal.
        if port.to_string() == word { Ok(port) } else { Err(BadHeader) }
    };
    let (source_port, _) = (port()?, port()?);
    if words.next().is_some() { Err(BadHeader) } else { Ok(Source::Client(SocketAddr::new(source, source_port))) }
}

fn version_2(bytes: &[u8]) -> Result<Source, BadHeader> {
    let (head, rest) = bytes.split_at_checked(16).ok_or(BadHeader)?;
    if !head.starts_with(SIGNATURE) || usize::from(u16::from_be_bytes([head[14], head[15]])) != rest.len() {
        return Err(BadHeader);
    }
    let client =
        |address: IpAddr, port: &[u8; 2]| Ok(Source::Client(SocketAddr::new(address, u16::from_be_bytes(*port))));
    match (head[12], head[13]) {
        (0x20, _) => Ok(Source::Proxy),
        (0x21, 0x11) => {
            let addresses = rest.first_chunk::<12>().ok_or(BadHeader)?;
            let [a, b, c, d, _, _, _, _, high, low, _, _] = *addresses;
            client(Ipv4Addr::new(a, b, c, d).into(), &[high, low])
        }
        (0x21, 0x21) => {
            let address = rest.first_chunk::<16>().ok_or(BadHeader)?;
            let port = rest.get(32..36).and_then(<[u8]>::first_chunk::<2>).ok_or(BadHeader)?;
            client(Ipv6Addr::from(*address).into(), port)
        }
        // Not by the internet: datagrams, Unix sockets, unknown.
        (0x21, 0x00 | 0x12 | 0x22 | 0x31 | 0x32) => Ok(Source::Proxy),
        _ => Err(BadHeader),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn v2(command: u8, family: u8, rest: &[u8]) -> Vec<u8> {
        let mut bytes = SIGNATURE.to_vec();
        bytes.extend([command, family]);
        bytes.extend(u16::try_from(rest.len()).expect("short").to_be_bytes());
        bytes.extend(rest);
        bytes
    }

    fn client(text: &str) -> Result<Source, BadHeader> {
        Ok(Source::Client(text.parse().expect("an address")))
    }

    #[test]
    fn version_1_is_a_line() {
        for (line, source) in [
            ("PROXY TCP4 192.0.2.1 198.51.100.2 4711 443\r\n", client("192.0.2.1:4711")),
            ("PROXY TCP6 2001:db8::1 2001:db8::2 4711 443\r\n", client("[2001:db8::1]:4711")),
            ("PROXY UNKNOWN\r\n", Ok(Source::Proxy)),
            ("PROXY UNKNOWN ffff:f...f:ffff 65535 65535\r\n", Ok(Source::Proxy)),
            ("PROXY TCP4 192.0.2.1 198.51.100.2 4711 443\n", Err(BadHeader)),
            ("PROXY TCP4 192.0.2.1 198.51.100.2 4711 443", Err(BadHeader)),
            ("PROXY TCP4 192.0.2.1 198.51.100.2 4711\r\n", Err(BadHeader)),
            ("PROXY TCP4 192.0.2.1 198.51.100.2 4711 443 x\r\n", Err(BadHeader)),
            ("PROXY TCP4 192.0.2.1  198.51.100.2 4711 443\r\n", Err(BadHeader)),
            ("PROXY TCP4 192.0.2.1 198.51.100.2 +471 443\r\n", Err(BadHeader)),
            ("PROXY TCP4 192.0.2.1 198.51.100.2 65536 443\r\n", Err(BadHeader)),
            ("PROXY TCP4 192.0.2.1 198.51.100.2 04711 443\r\n", Err(BadHeader)),
            ("PROXY TCP4 192.0.2.1 198.51.100.2 4711 0443\r\n", Err(BadHeader)),
            ("PROXY TCP4 192.0.2.999 198.51.100.2 4711 443\r\n", Err(BadHeader)),
            ("PROXY TCP4 2001:db8::1 2001:db8::2 4711 443\r\n", Err(BadHeader)),
            ("PROXY TCP5 192.0.2.1 198.51.100.2 4711 443\r\n", Err(BadHeader)),
            ("proxy TCP4 192.0.2.1 198.51.100.2 4711 443\r\n", Err(BadHeader)),
            ("GET / HTTP/1.1\r\n", Err(BadHeader)),
            ("\r\n", Err(BadHeader)),
            (&format!("PROXY UNKNOWN {}\r\n", "x".repeat(100)), Err(BadHeader)),
        ] {
            assert_eq!(parse(line.as_bytes()), source, "{line:?}");
        }
    }

    #[test]
    fn version_2_is_binary() {
        let v4 = [192, 0, 2, 1, 198, 51, 100, 2, 0x12, 0x67, 1, 187];
        let mut v6 = [0; 36];
        v6[..4].copy_from_slice(&[0x20, 0x01, 0x0d, 0xb8]);
        v6[15] = 1;
        v6[32..34].copy_from_slice(&4711_u16.to_be_bytes());
        let extended = [&v4[..], &[4, 0, 2, 0, 0, 0xEA, 0, 1, 1]].concat();
        for (bytes, source) in [
            (v2(0x21, 0x11, &v4), client("192.0.2.1:4711")),
            (v2(0x21, 0x21, &v6), client("[2001:db8::1]:4711")),
            (v2(0x21, 0x11, &extended), client("192.0.2.1:4711")),
            (v2(0x20, 0x11, &v4), Ok(Source::Proxy)),
            (v2(0x20, 0x00, &[]), Ok(Source::Proxy)),
            (v2(0x21, 0x31, &[0; 216]), Ok(Source::Proxy)),
            (v2(0x21, 0x11, &v4[..11]), Err(BadHeader)),
            (v2(0x21, 0x21, &v6[..35]), Err(BadHeader)),
            (v2(0x31, 0x11, &v4), Err(BadHeader)),
            (v2(0x22, 0x11, &v4), Err(BadHeader)),
            (v2(0x21, 0x13, &v4), Err(BadHeader)),
            ([v2(0x21, 0x11, &v4), vec![0]].concat(), Err(BadHeader)),
            (v2(0x21, 0x11, &v4)[..15].to_vec(), Err(BadHeader)),
        ] {
            assert_eq!(parse(&bytes), source, "{bytes:?}");
        }
    }

    #[tokio::test]
    async fn what_follows_is_left_where_it_is() {
        for header in [
            b"PROXY TCP4 192.0.2.1 198.51.100.2 4711 443\r\n".to_vec(),
            v2(0x21, 0x11, &[192, 0, 2, 1, 198, 51, 100, 2, 0x12, 0x67, 1, 187]),
        ] {
            let bytes = [&header[..], b"GET / HTTP/1.1\r\n"].concat();
            let mut from = &bytes[..];
            assert_eq!(read(&mut from).await.ok(), client("192.0.2.1:4711").ok());
            assert_eq!(from, b"GET / HTTP/1.1\r\n");
        }
        for bad in [&b"GET / HTTP/1.1\r\n\r\n"[..], b"PROXY TCP4 1.2", &[b'P'; 300]] {
            assert!(read(&mut &*bad).await.is_err(), "{bad:?}");
        }
        let long = v2(0x20, 0x00, &[0; PROXY_REST_BYTES + 1]);
        assert!(read(&mut &long[..]).await.is_err());
    }

    proptest! {
        #[test]
        fn every_address_comes_back(address: IpAddr, port: u16) {
            let family = if address.is_ipv4() { "TCP4" } else { "TCP6" };
            let line = format!("PROXY {family} {address} {address} {port} 1\r\n");
            prop_assert_eq!(parse(line.as_bytes()), Ok(Source::Client(SocketAddr::new(address, port))));
        }

        #[test]
        fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
            let mut header = SIGNATURE.to_vec();
            header.extend(&bytes);
            let _ = (parse(&bytes), parse(&header));
        }
    }
}
