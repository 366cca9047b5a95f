//! `X-Forwarded-For`: the line is its value. What a trusted proxy appended is what counts, whatever stands before it.
#![no_main]

use std::net::{IpAddr, Ipv4Addr};
use std::sync::LazyLock;

use http::{HeaderMap, HeaderValue};
use idx_gateway::web::{TrustedProxies, client_address, parse_network};
use idx_gateway_fuzz::halves;
use libfuzzer_sys::fuzz_target;

const PROXY: IpAddr = IpAddr::V4(Ipv4Addr::new(10, 0, 0, 1));
const CLIENT: IpAddr = IpAddr::V4(Ipv4Addr::new(203, 0, 113, 9));

static TRUSTED: LazyLock<TrustedProxies> = LazyLock::new(|| {
    TrustedProxies::new(["10.0.0.0/8", "::1"].iter().filter_map(|text| parse_network(text)).collect())
});

fuzz_target!(|data: &[u8]| {
    let (line, _) = halves(data);
    let of = |lines: &[&[u8]]| {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append("x-forwarded-for", HeaderValue::from_bytes(line).ok()?);
        }
        Some(headers)
    };
    let (Some(alone), Some(appended)) = (of(&[line]), of(&[line, b"203.0.113.9:51234"])) else { return };
    client_address(PROXY, &alone, &TRUSTED);
    assert_eq!(client_address(PROXY, &appended, &TRUSTED).address, CLIENT);
    assert_eq!(client_address(CLIENT, &alone, &TRUSTED).address, CLIENT, "nobody trusts it");
});
