//! The header contract: what may pass, in which direction, and what only the gateway says.
//!
//! | | |
//! |---|---|
//! | [`RequestHeaderPolicy`] | which headers of a visitor reach an upstream |
//! | [`IdentityMap`] | which claims an upstream is told, in which headers |
//! | [`ResponseHeaderPolicy`] | which headers of an upstream reach a visitor |
//!
//! Whatever the gateway writes is written after everything else was decided, so it has one owner on every path.

mod certificates;
mod families;
mod identity;
mod presets;
mod request;
mod response;
mod response_rewrite;

pub use certificates::{CERTIFICATE_BYTES, CertificateHeaders, ClientCertificate};
pub use families::{NamePattern, Tells};
pub use identity::{BadMapping, Claim, IdentityHeaders, IdentityMap, Mapping, VALUE_BYTES};
pub use presets::{FORWARDED, PRESETS};
pub use request::{Dropped, FORWARDING, RequestHeaderPolicy, without_our_cookies};
pub use response::{ResponseHeaderPolicy, sets_our_cookie};
pub use response_rewrite::{Hops, ResponseRewrite};

/// What one configuration says about headers.
pub struct HeaderContract {
    /// What upstreams are told of people.
    pub identity: IdentityMap,
    /// What of a visitor's headers passes.
    pub requests: RequestHeaderPolicy,
    /// What of an upstream's headers passes.
    pub responses: ResponseHeaderPolicy,
}

impl HeaderContract {
    /// With these identity headers; where something is `listed`, nothing else of a visitor's headers passes.
    pub fn new(mappings: Vec<Mapping>, listed: Option<Vec<NamePattern>>) -> Self {
        let names = mappings.iter().map(|mapping| mapping.header.as_str());
        let requests = RequestHeaderPolicy::new(names, listed);
        let responses = ResponseHeaderPolicy::new(mappings.iter().map(|mapping| mapping.header.clone()).collect());
        Self { identity: IdentityMap::new(mappings), requests, responses }
    }

    /// The same where upstreams are also told of clients' certificates, which nobody else then tells them.
    pub fn with_certificates(mut self, headers: CertificateHeaders) -> Self {
        self.requests.write_too(headers.names());
        self
    }
}

#[cfg(test)]
mod tests;
