//! What an application is told of who is asking: the identity headers of a permit, made once for a connection, and the
//! signed proof of the decision among them.

use std::sync::Arc;

use http::Method;
use http::header::VARY;

use super::{Gateway, Principal, RouteEntry, cross_origin};
use crate::access::{PermitReason, Route};
use crate::headers::assertion;
use crate::headers::{About, Besides, IdentityHeaders, IdentityMap, Source};
use crate::session::LastOpened;
use crate::time::Instant;
use crate::web::Response;

/// What a connection remembers of its last request, so that the next one need not work it out again. It holds under
/// the configuration that it came from, and under no other.
#[derive(Clone, Default)]
pub struct Remembered {
    pub(super) opened: LastOpened,
    identity: Option<RememberedIdentity>,
}

/// The headers of the last request, and of what they were made.
#[derive(Clone)]
struct RememberedIdentity {
    principal: Principal,
    map: Arc<IdentityMap>,
    /// The route that one of them names, and until when a signed assertion among them is used.
    of_route: Option<(Arc<RouteEntry>, PermitReason, Instant)>,
    headers: IdentityHeaders,
}

impl Gateway {
    /// Which headers say it on a route.
    pub(super) fn identity_map<'g>(&'g self, route: &'g Route) -> &'g Arc<IdentityMap> {
        route.identity.as_ref().unwrap_or(&self.headers.identity)
    }

    /// What the upstream is told of whoever is asking.
    pub(super) fn identity_headers(
        &self,
        entry: &Arc<RouteEntry>,
        principal: Option<&Principal>,
        reason: PermitReason,
        now: Instant,
        remembered: &mut Remembered,
    ) -> IdentityHeaders {
        let map = self.identity_map(&entry.route);
        let Some(principal) = principal else { return map.anonymous() };
        let still = |before: &(Arc<RouteEntry>, PermitReason, Instant)| {
            Arc::ptr_eq(&before.0, entry) && before.1 == reason && now < before.2
        };
        match &remembered.identity {
            Some(before)
                if before.principal.is_same(principal)
                    && Arc::ptr_eq(&before.map, map)
                    && before.of_route.as_ref().is_none_or(still) =>
            {
                Arc::clone(&before.headers)
            }
            _ => {
                let asserts = map.wants(&Source::Assertion);
                let is_of_route = asserts || map.wants(&Source::Gateway(About::Route));
                let of_route = is_of_route.then(|| (Arc::clone(entry), reason, now.after(assertion::REUSED)));
                let assertion = asserts.then(|| self.assertion(entry, principal, reason, now)).flatten();
                let names_keys = map.wants(&Source::Gateway(About::Keys));
                let keys = if names_keys {
                    self.site().url(&format!("{}/jwks.json", self.site().prefix()))
                } else {
                    String::new()
                };
                let besides = Besides { assertion: assertion.as_deref(), route: &entry.route.name, keys: &keys };
                let headers = map.headers(principal.identity(), besides, &self.metrics);
                let (principal, map) = (principal.clone(), Arc::clone(map));
                let before = RememberedIdentity { principal, map, of_route, headers: Arc::clone(&headers) };
                remembered.identity = Some(before);
                headers
            }
        }
    }

    /// The signed proof of a decision.
    fn assertion(
        &self,
        entry: &RouteEntry,
        principal: &Principal,
        reason: PermitReason,
        now: Instant,
    ) -> Option<String> {
        let origin = self.site().origin();
        let subject = assertion::Subject {
            identity: principal.identity(),
            audience: entry.audience.as_deref().unwrap_or(origin),
            route: &entry.route.name,
            rule: reason.code(),
            policy: &entry.policy,
            since: principal.since(),
        };
        self.assertions.sign(&subject, now)
    }

    /// The keys with which assertions are verified: for everybody, scripts of any site included.
    pub(super) fn key_set(&self, method: &Method, now: Instant) -> Response {
        let mut response = cross_origin::public_document(method, &self.assertions.key_set(now));
        response.headers.remove(VARY);
        response
    }
}
