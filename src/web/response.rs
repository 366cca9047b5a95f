//! What we answer ourselves, with the headers that each kind of answer must carry.
//!
//! A page loads nothing from elsewhere, runs no script but ours, cannot be framed and is kept by
//! nobody; an asset is named by its content and kept for ever. `Strict-Transport-Security` depends
//! on the site, not on the answer, and is added where answers are written.

use bytes::Bytes;
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, LOCATION, REFERRER_POLICY, VARY,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use http::{HeaderMap, HeaderValue, StatusCode};

use super::{CookieChanges, SetCookie};

/// Content Security Policy Level 3; the last two directives are Trusted Types.
const PAGE_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
     font-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; \
     require-trusted-types-for 'script'; trusted-types 'none'";

/// An answer of our own, whole.
#[derive(Clone, Debug)]
pub struct Response {
    /// The status.
    pub status: StatusCode,
    /// Every header but those of framing and of cookies, which the edge writes.
    pub headers: HeaderMap,
    /// What becomes of the browser's cookies.
    pub cookies: CookieChanges,
    /// The body, sent as it is; not sent to HEAD.
    pub body: Bytes,
}

impl Response {
    /// An answer without a body that nobody may keep.
    pub fn empty(status: StatusCode) -> Self {
        let headers = HeaderMap::with_capacity(8);
        Self { status, headers, cookies: CookieChanges::default(), body: Bytes::new() }
            .with_header(CACHE_CONTROL, "no-store")
    }

    /// A page of ours.
    pub fn page(status: StatusCode, html: String) -> Self {
        let mut page = Self::empty(status)
            .with_header(CONTENT_TYPE, "text/html; charset=utf-8")
            .with_header(CONTENT_SECURITY_POLICY, PAGE_POLICY)
            .with_header(REFERRER_POLICY, "same-origin")
            .with_header(VARY, "Accept-Language, Cookie")
            .with_header(X_CONTENT_TYPE_OPTIONS, "nosniff")
            .with_header(X_FRAME_OPTIONS, "DENY")
            .with_header(HeaderName::from_static("cross-origin-opener-policy"), "same-origin")
            .with_header(
                HeaderName::from_static("permissions-policy"),
                "publickey-credentials-get=(self), publickey-credentials-create=(self)",
            )
            .with_header(HeaderName::from_static("x-robots-tag"), "noindex, nofollow");
        page.body = html.into();
        page
    }

    /// The page may show images that stand in it as `data:` addresses (a QR code).
    #[must_use]
    pub fn with_data_images(self) -> Self {
        let policy = PAGE_POLICY.replace("img-src 'self'", "img-src 'self' data:");
        self.with_header(CONTENT_SECURITY_POLICY, &policy)
    }

    /// Go and GET `location` (303, RFC 9110 §15.4.4).
    pub fn see_other(location: &str) -> Self {
        let location = HeaderValue::from_str(location).unwrap_or(HeaderValue::from_static("/"));
        let mut response = Self::empty(StatusCode::SEE_OTHER).with_header(VARY, "Cookie");
        response.headers.insert(LOCATION, location);
        response
    }

    /// A JSON document.
    pub fn json(status: StatusCode, document: &serde_json::Value) -> Self {
        let mut response = Self::empty(status)
            .with_header(CONTENT_TYPE, "application/json")
            .with_header(X_CONTENT_TYPE_OPTIONS, "nosniff")
            .with_header(VARY, "Cookie");
        response.body = document.to_string().into();
        response
    }

    /// What went wrong, for programs (RFC 9457). `more` are members beyond the standard ones.
    pub fn problem(status: StatusCode, title: &str, detail: &str, more: &[(&str, &str)]) -> Self {
        let mut document = serde_json::json!({ "status": status.as_u16(), "title": title, "detail": detail });
        for (name, value) in more {
            document[*name] = serde_json::Value::from(*value);
        }
        Self::json(status, &document).with_header(CONTENT_TYPE, "application/problem+json")
    }

    /// A file of ours whose address changes with its content.
    pub fn asset(content_type: &str, content: impl Into<Bytes>) -> Self {
        let mut response = Self::empty(StatusCode::OK)
            .with_header(CONTENT_TYPE, content_type)
            .with_header(CACHE_CONTROL, "public, max-age=31536000, immutable")
            .with_header(X_CONTENT_TYPE_OPTIONS, "nosniff");
        response.body = content.into();
        response
    }

    /// The same answer with that header, instead of any other of its name. A value that cannot stand
    /// in a header leaves it out.
    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: &str) -> Self {
        match HeaderValue::from_str(value) {
            Ok(value) => self.headers.insert(name, value),
            Err(_) => self.headers.remove(name),
        };
        self
    }

    /// The same answer with those changes to cookies as well, after any that it has.
    #[must_use]
    pub fn with_cookies(mut self, cookies: impl IntoIterator<Item = SetCookie>) -> Self {
        self.cookies.extend(cookies);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_carries_every_header_of_a_page() {
        let page = Response::page(StatusCode::OK, "<p>".to_owned());
        for (name, value) in [
            ("content-type", "text/html; charset=utf-8"),
            ("cache-control", "no-store"),
            ("referrer-policy", "same-origin"),
            ("vary", "Accept-Language, Cookie"),
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
            ("cross-origin-opener-policy", "same-origin"),
            ("x-robots-tag", "noindex, nofollow"),
            (
                "content-security-policy",
                "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; font-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
            ),
        ] {
            assert_eq!(page.headers.get(name).and_then(|v| v.to_str().ok()), Some(value), "{name}");
        }
        let with_images = page.with_data_images();
        let policy = with_images.headers["content-security-policy"].to_str().expect("text");
        assert!(policy.contains("img-src 'self' data:;"));
    }

    #[test]
    fn a_problem_is_told_as_rfc_9457_says() {
        let problem = Response::problem(StatusCode::UNAUTHORIZED, "Sign in", "No session.", &[("sign_in", "/x")]);
        assert_eq!(problem.headers["content-type"], "application/problem+json");
        let document: serde_json::Value = serde_json::from_slice(&problem.body).expect("JSON");
        let expected = r#"{"status":401,"title":"Sign in","detail":"No session.","sign_in":"/x"}"#;
        assert_eq!(document, serde_json::from_str::<serde_json::Value>(expected).expect("JSON"));
    }

    #[test]
    fn a_value_that_would_split_the_header_is_left_out() {
        let response = Response::empty(StatusCode::OK).with_header(VARY, "a\r\nset-cookie: b");
        assert!(!response.headers.contains_key(VARY));
        assert_eq!(Response::see_other("/a\r\nb").headers[LOCATION], "/");
    }
}
