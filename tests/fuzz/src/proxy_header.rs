//! Headers of the PROXY protocol: any bytes are read or refused, what is read stands in them, and nothing may follow.
#![no_main]

use std::net::IpAddr;

use idx_gateway::proxy::{Source, parse_proxy_header};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Ok(source) = parse_proxy_header(data) else { return };
    let longer = [data, b"x"].concat();
    assert!(parse_proxy_header(&longer).is_err(), "what follows was read too");
    let Source::Client(client) = source else { return };
    if data.starts_with(b"PROXY ") {
        let line = std::str::from_utf8(data).expect("a line is text");
        let told: Option<IpAddr> = line.split(' ').nth(2).and_then(|word| word.parse().ok());
        assert_eq!(told, Some(client.ip()), "another address");
    } else {
        let octets = match client.ip() {
            IpAddr::V4(address) => address.octets().to_vec(),
            IpAddr::V6(address) => address.octets().to_vec(),
        };
        assert!(data[16..].starts_with(&octets), "another address");
    }
});
