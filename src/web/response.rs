//! The gateway's own responses, with the headers that each kind must have.
//!
//! Every response has a content security policy, `nosniff` and a referrer policy. It has `Vary` and must not be cached,
//! unless it is an asset, whose address changes with its content. `Strict-Transport-Security` depends on the site and
//! is added where responses are written.

use bytes::Bytes;
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, LOCATION, REFERRER_POLICY, VARY,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use http::{HeaderMap, HeaderValue, StatusCode};

use super::{CookieChanges, Csp, SetCookie};

/// Every request header on which one of these responses may depend.
const VARY_ON: HeaderValue =
    HeaderValue::from_static("Accept, Accept-Language, Cookie, Sec-Fetch-Dest, Sec-Fetch-Mode, X-Requested-With");

/// The largest head of one of these responses, in bytes: nginx in front accepts 4 KB by default.
const HEAD_BYTES: usize = 4000;

/// The part of it that the edge writes: status line, length, date, `Strict-Transport-Security`.
const EDGE_BYTES: usize = 200;

/// A response of the gateway itself, with its whole body.
#[derive(Clone, Debug)]
pub struct Response {
    /// The status.
    pub status: StatusCode,
    /// Every header but `Set-Cookie` and those for framing, which the edge writes.
    pub headers: HeaderMap,
    /// The changes to the browser's cookies.
    pub cookies: CookieChanges,
    /// The body; it is not sent to HEAD.
    pub body: Bytes,
}

impl Response {
    /// A response without a body, not to be cached.
    pub fn empty(status: StatusCode) -> Self {
        let mut headers = HeaderMap::with_capacity(12);
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        // With `no-referrer`, browsers would send `Origin: null` with our own forms.
        headers.insert(REFERRER_POLICY, HeaderValue::from_static("same-origin"));
        headers.insert(VARY, VARY_ON);
        headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        Self { status, headers, cookies: CookieChanges::default(), body: Bytes::new() }.with_policy(&Csp::nothing())
    }

    /// A page of our own.
    pub fn page(status: StatusCode, html: String) -> Self {
        let mut page = Self::empty(status)
            .with_header(CONTENT_TYPE, "text/html; charset=utf-8")
            .with_policy(&Csp::page())
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

    /// A page of our own that other sites may frame: it has nothing but a link that leads out of the frame.
    pub fn framed_page(status: StatusCode, html: String) -> Self {
        let mut page = Self::page(status, html).with_policy(&Csp::page().without("frame-ancestors"));
        page.headers.remove(X_FRAME_OPTIONS);
        page
    }

    /// The same response with another policy.
    #[must_use]
    pub fn with_policy(self, policy: &Csp) -> Self {
        self.with_header(CONTENT_SECURITY_POLICY, &policy.to_string())
    }

    /// A redirect to GET `location` (303, RFC 9110 §15.4.4); to `/` when that cannot be a header's value.
    pub fn see_other(location: &str) -> Self {
        let location = HeaderValue::from_str(location).unwrap_or(HeaderValue::from_static("/"));
        let mut response = Self::empty(StatusCode::SEE_OTHER);
        response.headers.insert(LOCATION, location);
        response
    }

    /// A JSON document.
    pub fn json(status: StatusCode, document: &serde_json::Value) -> Self {
        let mut response = Self::empty(status).with_header(CONTENT_TYPE, "application/json");
        response.body = document.to_string().into();
        response
    }

    /// A text of this media type.
    pub fn text(status: StatusCode, content_type: &str, text: String) -> Self {
        let mut response = Self::empty(status).with_header(CONTENT_TYPE, content_type);
        response.body = text.into();
        response
    }

    /// An error for programs (RFC 9457). `more` are members beyond the standard ones.
    pub fn problem(status: StatusCode, title: &str, detail: &str, more: &[(&str, &str)]) -> Self {
        let mut document = serde_json::json!({ "status": status.as_u16(), "title": title, "detail": detail });
        for (name, value) in more {
            document[*name] = serde_json::Value::from(*value);
        }
        Self::json(status, &document).with_header(CONTENT_TYPE, "application/problem+json")
    }

    /// A file whose address changes with its content; it may be cached for a year.
    pub fn asset(name: &str, content: impl Into<Bytes>) -> Self {
        let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
        let mut response = Self::empty(StatusCode::OK)
            .with_header(CONTENT_TYPE, content_type(extension))
            .with_header(CACHE_CONTROL, "public, max-age=31536000, immutable")
            .with_policy(&Csp::file());
        response.headers.remove(VARY);
        response.body = content.into();
        response
    }

    /// The same response with this header, instead of others of its name. A value that cannot be a header's value
    /// removes the header.
    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: &str) -> Self {
        match HeaderValue::from_str(value) {
            Ok(value) => self.headers.insert(name, value),
            Err(_) => self.headers.remove(name),
        };
        self
    }

    /// The same response with further changes to cookies, after those that it has.
    #[must_use]
    pub fn with_cookies(mut self, cookies: impl IntoIterator<Item = SetCookie>) -> Self {
        self.cookies.extend(cookies);
        self
    }

    /// Puts changes to cookies before its own; where both change one cookie, its own count.
    pub fn precede_cookies(&mut self, mut changes: CookieChanges) {
        changes.extend(std::mem::take(&mut self.cookies));
        self.cookies = changes;
    }

    /// Whether the head is small enough for servers in front.
    pub fn fits(&self) -> bool {
        self.head_bytes() <= HEAD_BYTES
    }

    fn head_bytes(&self) -> usize {
        let headers: usize = self.headers.iter().map(|(name, value)| name.as_str().len() + value.len() + 4).sum();
        EDGE_BYTES + headers + self.cookies.iter().map(line_bytes).sum::<usize>()
    }

    /// Adds changes to cookies in their order while the head has room, and returns those that have none.
    pub fn take_cookies(&mut self, changes: CookieChanges) -> CookieChanges {
        let mut bytes = self.head_bytes();
        let mut changes = changes.into_iter().peekable();
        while let Some(change) = changes.next_if(|change| bytes + line_bytes(change) <= HEAD_BYTES) {
            bytes += line_bytes(&change);
            self.cookies.push(change);
        }
        changes.collect()
    }
}

fn line_bytes(change: &SetCookie) -> usize {
    "set-cookie: \r\n".len() + change.as_str().len()
}

/// What a file is, by how its name ends.
fn content_type(extension: &str) -> &'static str {
    match extension {
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "json" => "application/json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "gif" => "image/gif",
        "jpg" | "jpeg" => "image/jpeg",
        "webp" => "image/webp",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "woff" => "font/woff",
        "ttf" => "font/ttf",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_answer_carries_what_protects_it() {
        let nothing = "default-src 'none'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'";
        let forever = "public, max-age=31536000, immutable";
        let file = "sandbox; default-src 'none'; style-src 'unsafe-inline'";
        let page = Csp::page().to_string();
        for (name, answer, policy, cache) in [
            ("empty", Response::empty(StatusCode::NO_CONTENT), nothing, "no-store"),
            ("page", Response::page(StatusCode::OK, String::new()), page.as_str(), "no-store"),
            ("redirect", Response::see_other("/"), nothing, "no-store"),
            ("json", Response::json(StatusCode::OK, &serde_json::Value::Null), nothing, "no-store"),
            ("problem", Response::problem(StatusCode::NOT_FOUND, "", "", &[]), nothing, "no-store"),
            ("asset", Response::asset("logo.svg", "<svg/>"), file, forever),
        ] {
            let header = |header: &str| answer.headers.get(header).and_then(|value| value.to_str().ok());
            assert_eq!(header("content-security-policy"), Some(policy), "{name}");
            assert_eq!(header("cache-control"), Some(cache), "{name}");
            assert_eq!(header("referrer-policy"), Some("same-origin"), "{name}");
            assert_eq!(header("x-content-type-options"), Some("nosniff"), "{name}");
            let varies = header("vary").is_some_and(|vary| vary.contains("Cookie") && vary.contains("Accept-Language"));
            assert_eq!(varies, name != "asset", "{name}");
        }
    }

    #[test]
    fn a_page_is_in_no_frame_and_no_index() {
        let page = Response::page(StatusCode::OK, "<p>".to_owned());
        for (name, value) in [
            ("content-type", "text/html; charset=utf-8"),
            ("x-frame-options", "DENY"),
            ("cross-origin-opener-policy", "same-origin"),
            ("x-robots-tag", "noindex, nofollow"),
        ] {
            assert_eq!(page.headers.get(name).and_then(|v| v.to_str().ok()), Some(value), "{name}");
        }
        let policy = Csp::page().with_images("data:");
        assert_eq!(page.with_policy(&policy).headers["content-security-policy"], policy.to_string().as_str());
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

    #[test]
    fn a_file_is_what_its_name_says() {
        for (name, told) in [
            ("auth.0123456789ab.css", "text/css; charset=utf-8"),
            ("js/okta-sign-in.min.js", "text/javascript; charset=utf-8"),
            ("logo.0123456789ab.svg", "image/svg+xml"),
            ("css", "application/octet-stream"),
            ("font/okticon", "application/octet-stream"),
        ] {
            assert_eq!(Response::asset(name, "").headers["content-type"], told, "{name}");
        }
    }
}
