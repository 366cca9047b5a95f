//! The header contract: what may pass, in which direction, and what only the gateway says.
//!
//! | | |
//! |---|---|
//! | [`RequestHeaderPolicy`] | which headers of a visitor reach an upstream |
//! | [`IdentityMap`] | which claims an upstream is told, in which headers |
//! | [`ResponseHeaderPolicy`] | which headers of an upstream reach a visitor |
//!
//! Whatever the gateway writes is written after everything else was decided, so it has one owner on every path.

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

pub use certificates::{CERTIFICATE_BYTES, CertificateHeaders, ClientCertificate};
pub use families::{NamePattern, Tells};
pub use identity::{Authorization, BadMapping, Claim, IdentityHeaders, IdentityMap, Mapping, Source, VALUE_BYTES};
pub use presets::{FORWARDED, PRESETS, Preset};
pub use request::{Dropped, FORWARDING, RequestHeaderPolicy, without_our_cookies};
pub use response::{ResponseHeaderPolicy, sets_our_cookie};
pub use response_rewrite::{Hops, ResponseRewrite};
pub use style::{Escape, NonAscii, Style};

/// What one configuration says about headers.
pub struct HeaderContract {
    /// What upstreams are told of people, where their route says nothing else.
    pub identity: Arc<IdentityMap>,
    /// What of a visitor's headers passes.
    pub requests: RequestHeaderPolicy,
    /// What of an upstream's headers passes.
    pub responses: ResponseHeaderPolicy,
}

impl HeaderContract {
    /// With these identity headers, and those of `others`, which single routes write; none of them passes anywhere. Where
    /// something is `listed`, nothing else of a visitor's headers passes.
    pub fn new(identity: Arc<IdentityMap>, others: &[Arc<IdentityMap>], listed: Option<Vec<NamePattern>>) -> Self {
        let mut names: Vec<HeaderName> = Vec::new();
        for name in [&identity].into_iter().chain(others).flat_map(|map| map.names()) {
            if !names.contains(name) {
                names.push(name.clone());
            }
        }
        let requests = RequestHeaderPolicy::new(names.iter().map(HeaderName::as_str), listed);
        let responses = ResponseHeaderPolicy::new(&names, &FORWARDING);
        Self { identity, requests, responses }
    }

    /// The same where upstreams are also told of clients' certificates, in headers that clients then cannot send.
    pub fn with_certificates(mut self, headers: CertificateHeaders) -> Self {
        self.requests.write_too(headers.names());
        self
    }
}

#[cfg(test)]
mod tests;
