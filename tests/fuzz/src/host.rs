//! `Host`: whatever is taken is a site that the configuration names, written as a browser writes it.
#![no_main]

use std::sync::LazyLock;

use http::header::HOST;
use idx_gateway::access::{HostPattern, Sites};
use idx_gateway::web::{Request, RequestId, Site};
use libfuzzer_sys::fuzz_target;
use url::Url;

static SITES: LazyLock<Sites> = LazyLock::new(|| {
    let url = Url::parse("https://wiki.example.com:8443").expect("a URL");
    let patterns: Vec<HostPattern> =
        ["reports.example.net", "*.apps.example.org"].iter().filter_map(|host| HostPattern::parse(host)).collect();
    Sites::new(Site::new(url, "/.gateway", "/login/callback"), &patterns)
});

fuzz_target!(|data: &[u8]| {
    let Ok(head) = http::Request::builder().uri("/").header(HOST, data).body(()) else { return };
    let (head, ()) = head.into_parts();
    let Ok(request) = Request::read(&head, None, RequestId::next()) else { return };
    let Some(site) = SITES.find(request.host()) else { return };
    let host = request.host();
    assert!(
        matches!(host, "wiki.example.com" | "reports.example.net") || host.ends_with(".apps.example.org"),
        "{host:?} is no site"
    );
    let origin = Url::parse(site.origin()).expect("an origin is a URL");
    assert_eq!(origin.host_str(), Some(host), "a browser would go elsewhere");
    assert_eq!((origin.scheme(), origin.port()), ("https", Some(8443)));
});
