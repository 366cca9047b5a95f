//! The header contract: which headers pass in which direction, and which only the gateway writes.
//!
//! | | |
//! | --- | --- |
//! | [`RequestHeaderPolicy`] | which headers of a visitor reach an upstream |
//! | [`IdentityMap`] | which claims upstreams get, in which headers |
//! | [`ResponseHeaderPolicy`] | which headers of an upstream reach a visitor |
//!
//! The gateway writes its own headers last, after those of the visitor were filtered, so nothing can replace them.

pub mod assertion;
mod certificates;
mod families;
mod identity;
mod presets;
mod request;
mod response;
mod response_rewrite;
mod style;

use std::sync::Arc;

use http::HeaderName;

use request::{FORWARDING, RequestHeaderPolicy};
use response::ResponseHeaderPolicy;

pub use certificates::{CertificateHeaders, ClientCertificate};
pub use families::NamePattern;
pub use identity::{About, Authorization, Besides, Claim, IdentityHeaders, IdentityMap, Mapping, Source, VALUE_BYTES};
pub use presets::{PRESETS, Preset};
pub use request::without_our_cookies;
pub use response::sets_our_cookie;
pub use response_rewrite::{Hops, ResponseRewrite};
pub use style::{Escape, NonAscii, Style};

/// The header contract of one configuration.
pub struct HeaderContract {
    /// The identity headers of routes that have none of their own.
    pub identity: Arc<IdentityMap>,
    /// Which headers of a visitor reach an upstream.
    pub requests: RequestHeaderPolicy,
    /// Which headers of an upstream reach a visitor.
    pub responses: ResponseHeaderPolicy,
}

impl HeaderContract {
    /// `identity` are the identity headers of most routes, `others` those of single routes; a visitor can send none of
    /// them on any route, nor those about `certificates`. With `listed`, only those of a visitor's other headers pass that
    /// it names.
    pub fn new(
        identity: Arc<IdentityMap>,
        others: &[Arc<IdentityMap>],
        certificates: CertificateHeaders,
        listed: Option<Vec<NamePattern>>,
    ) -> Self {
        let mut names: Vec<HeaderName> = Vec::new();
        for name in [&identity].into_iter().chain(others).flat_map(|map| map.names()) {
            if !names.contains(name) {
                names.push(name.clone());
            }
        }
        let ours = names.iter().map(HeaderName::as_str).chain(certificates.names().iter().copied());
        let requests = RequestHeaderPolicy::new(ours, listed);
        let responses = ResponseHeaderPolicy::new(&names, &FORWARDING);
        Self { identity, requests, responses }
    }
}

#[cfg(test)]
mod tests;
