//! Scripts of other sites: which of our answers they may ask for and read (CORS; Fetch §3.2).

use std::sync::Arc;

use http::header::{ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_REQUEST_METHOD, CACHE_CONTROL, ORIGIN, VARY};
use http::{HeaderValue, Method, StatusCode};
use serde_json::Value;

use super::{Counted, Gateway, RouteEntry};
use crate::access::Cors;
use crate::web::{Request, Response};

impl Gateway {
    /// What a browser asks before a script of another site calls: answered without a session, since browsers send none.
    pub(super) fn preflight(&self, request: &Request<'_>) -> Option<(Response, Counted)> {
        if *request.method() != Method::OPTIONS {
            return None;
        }
        let method = request.header(ACCESS_CONTROL_REQUEST_METHOD)?;
        let origin = request.header(ORIGIN)?;
        let called = Method::from_bytes(method.as_bytes()).ok()?;
        let matched = self.routes.find(request.host(), &called, request.path()).ok()?;
        let headers = matched.route().cors.as_ref()?.preflight(origin, method);
        if headers.is_empty() {
            return None;
        }
        let response = Response::empty(StatusCode::NO_CONTENT).with_header(VARY, "Origin");
        let response = headers.into_iter().fold(response, |response, (name, value)| response.with_header(name, &value));
        Some((response, Counted::Route(Arc::clone(matched.entry))))
    }

    /// An answer of ours that scripts of other sites can read, where the route lets them call.
    pub fn readable(&self, response: Response, entry: &RouteEntry, request: &Request<'_>) -> Response {
        let Some(cors) = &entry.route.cors else { return response };
        let mut response = response;
        response.headers.append(VARY, HeaderValue::from_static("Origin"));
        let headers = request.header(ORIGIN).map(|origin| cors.answer(origin)).unwrap_or_default();
        if headers.is_empty() || response.headers.contains_key(ACCESS_CONTROL_ALLOW_ORIGIN) {
            return response;
        }
        let (name, exposed) = Cors::exposed();
        let response = response.with_header(name, exposed);
        headers.into_iter().fold(response, |response, (name, value)| response.with_header(name, &value))
    }
}

/// A document for everybody, scripts of any site included.
pub(super) fn public_document(document: &Value) -> Response {
    Response::json(StatusCode::OK, document)
        .with_header(CACHE_CONTROL, "public, max-age=300")
        .with_header(ACCESS_CONTROL_ALLOW_ORIGIN, "*")
}
