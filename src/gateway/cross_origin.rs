//! Scripts of other sites: which of our answers they may ask for and read (CORS; Fetch §3.2).

use std::sync::Arc;

use http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_MAX_AGE,
    ACCESS_CONTROL_REQUEST_METHOD, ALLOW, CACHE_CONTROL, ORIGIN, VARY,
};
use http::{HeaderValue, Method, StatusCode};
use serde_json::Value;

use super::{Counted, Gateway, RouteEntry};
use crate::access::Cors;
use crate::web::{Request, Response};

impl Gateway {
    /// What a browser asks before a script of another site calls: answered without a session, since browsers send none, and
    /// where the route says who may call never by an application, which may say something else.
    pub(super) fn preflight(&self, request: &Request<'_>) -> Option<(Response, Counted)> {
        if *request.method() != Method::OPTIONS {
            return None;
        }
        let method = request.header(ACCESS_CONTROL_REQUEST_METHOD)?;
        let origin = request.header(ORIGIN)?;
        let called = Method::from_bytes(method.as_bytes()).ok()?;
        let matched = self.routes.find(request.host(), &called, request.path()).ok()?;
        let headers = matched.route().cors.as_ref()?.preflight(origin, method);
        let response = match headers.is_empty() {
            true => {
                let detail = "Scripts of that origin may not call this address, or not with that method.";
                Response::problem(StatusCode::FORBIDDEN, "Forbidden", detail, &[])
            }
            false => Response::empty(StatusCode::NO_CONTENT),
        };
        let response = response.with_header(VARY, "Origin");
        let response = headers.into_iter().fold(response, |response, (name, value)| response.with_header(name, &value));
        Some((response, Counted::Route(Arc::clone(matched.entry))))
    }

    /// An answer of ours to what no route takes, by its method or as it can be read. Scripts can read it where one of the
    /// routes at that address lets them call.
    pub(super) fn readable_without_route(&self, response: Response, request: &Request<'_>) -> Response {
        let routes: Vec<&Arc<RouteEntry>> =
            self.most_exact(request.host(), request.path()).filter(|entry| entry.route.cors.is_some()).collect();
        let origin = request.header(ORIGIN).unwrap_or_default();
        let lets =
            |entry: &&&Arc<RouteEntry>| entry.route.cors.as_ref().is_some_and(|cors| !cors.answer(origin).is_empty());
        match routes.iter().find(lets).or(routes.first()) {
            Some(entry) => self.readable(response, entry, request),
            None => response,
        }
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

/// A document for everybody, scripts of any site included. Those send headers of their own along (MCP's do), about which
/// their browsers ask first.
pub(super) fn public_document(method: &Method, document: &Value) -> Response {
    const METHODS: &str = "GET, HEAD, OPTIONS";
    let response = match *method {
        Method::GET | Method::HEAD => {
            Response::json(StatusCode::OK, document).with_header(CACHE_CONTROL, "public, max-age=300")
        }
        Method::OPTIONS => Response::empty(StatusCode::NO_CONTENT)
            .with_header(ALLOW, METHODS)
            .with_header(ACCESS_CONTROL_ALLOW_METHODS, METHODS)
            .with_header(ACCESS_CONTROL_ALLOW_HEADERS, "*")
            .with_header(ACCESS_CONTROL_MAX_AGE, "600"),
        _ => {
            let detail = "This document can be read, and nothing else.";
            Response::problem(StatusCode::METHOD_NOT_ALLOWED, "Method not allowed", detail, &[])
                .with_header(ALLOW, METHODS)
        }
    };
    response.with_header(ACCESS_CONTROL_ALLOW_ORIGIN, "*")
}
