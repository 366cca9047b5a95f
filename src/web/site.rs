//! A site: one public host of the gateway, its paths and its cookies.
//!
//! Over https cookies are named `__Host-gw_…` and have `Secure; HttpOnly; SameSite=Lax; Path=/`: a browser accepts such
//! a cookie from this host only, never from a sibling or a parent domain (RFC 6265bis §4.1.3.2). Over plain http the
//! prefix and `Secure` are not possible.

use std::time::Duration;

use cookie::{Cookie, SameSite};
use http::Method;
use http::header::ORIGIN;
use url::Url;

use super::{Request, SetCookie};

/// One public host of the gateway.
#[derive(Clone, Debug)]
pub struct Site {
    public_url: Url,
    origin: String,
    prefix: String,
    callback_path: String,
    is_sign_in: bool,
}

impl Site {
    /// The site where people sign in. `public_url` is an origin with the path `/`, `prefix` begins with `/` and does not
    /// end with it, `callback_path` begins with `/`; the configuration makes sure of that.
    pub fn new(public_url: Url, prefix: impl Into<String>, callback_path: impl Into<String>) -> Self {
        let origin = public_url.origin().ascii_serialization();
        Self { public_url, origin, prefix: prefix.into(), callback_path: callback_path.into(), is_sign_in: true }
    }

    /// The site of another host, with the same scheme and port. None where a browser would write the host differently.
    pub fn at(&self, host: &str) -> Option<Self> {
        let mut public_url = self.public_url.clone();
        public_url.set_host(Some(host)).ok()?;
        let is_sign_in = self.is_sign_in && self.host() == host;
        (public_url.host_str() == Some(host)).then(|| {
            let origin = public_url.origin().ascii_serialization();
            Self { public_url, origin, is_sign_in, ..self.clone() }
        })
    }

    /// Whether this is the site where people sign in.
    pub fn is_sign_in(&self) -> bool {
        self.is_sign_in
    }

    /// The public address, ending in `/`.
    pub fn public_url(&self) -> &Url {
        &self.public_url
    }

    /// Scheme, host and port, as a browser writes them in `Origin`.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// The host of the public address, as [`Request::host`] gives it.
    pub fn host(&self) -> &str {
        self.public_url.host_str().unwrap_or_default()
    }

    /// Whether its scheme is https.
    pub fn secure(&self) -> bool {
        self.public_url.scheme() == "https"
    }

    /// The prefix of the gateway's own paths, as `/.gateway`.
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// The path of the redirect URI.
    pub fn callback_path(&self) -> &str {
        &self.callback_path
    }

    /// The redirect URI, as it is registered at the provider.
    pub fn callback_url(&self) -> String {
        self.url(&self.callback_path)
    }

    /// The absolute address of a path of this site.
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.origin)
    }

    /// Whether the gateway itself answers `path`, as it was sent.
    pub fn owns(&self, path: &str) -> bool {
        (self.is_sign_in && path == self.callback_path)
            || path.strip_prefix(self.prefix.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }

    /// The value of `WWW-Authenticate`, which a 401 must have (RFC 9110 §11.6.1). No browser knows this scheme, so none
    /// opens its password dialog.
    pub fn challenge(&self) -> String {
        format!("Cookie realm=\"{}\", form-action=\"{}/sign-in\"", self.origin, self.prefix)
    }

    /// The prefix of the names of our cookies, but for those of [`Site::private_cookie_name`].
    pub fn cookie_prefix(&self) -> &'static str {
        if self.secure() { "__Host-gw_" } else { "gw_" }
    }

    /// Whether the cookie with this full name is one of ours.
    pub fn is_own_cookie(&self, name: &str) -> bool {
        name.starts_with(self.cookie_prefix()) || name.starts_with(self.private_cookie_prefix())
    }

    fn private_cookie_prefix(&self) -> &'static str {
        if self.secure() { "__Secure-gw_" } else { "gw_" }
    }

    /// The full name of one of our cookies.
    pub fn cookie_name(&self, short: &str) -> String {
        format!("{}{short}", self.cookie_prefix())
    }

    /// Sets one of our cookies. Without `max_age` it is a session cookie of the browser.
    pub fn set_cookie(&self, short: &str, value: &str, max_age: Option<Duration>) -> SetCookie {
        self.write_cookie(&self.cookie_name(short), value, max_age, "/")
    }

    /// Removes one of our cookies, named in full or in short.
    pub fn clear_cookie(&self, name: &str) -> SetCookie {
        let is_full = name.starts_with(self.cookie_prefix());
        let name = if is_full { name.to_owned() } else { self.cookie_name(name) };
        self.write_cookie(&name, "", Some(Duration::ZERO), "/")
    }

    /// The full name of a cookie that the browser sends only to our own paths.
    pub fn private_cookie_name(&self, short: &str) -> String {
        format!("{}{short}", self.private_cookie_prefix())
    }

    /// Sets a cookie that the browser sends only to our own paths: its path is the prefix.
    pub fn set_private_cookie(&self, short: &str, value: &str, max_age: Option<Duration>) -> SetCookie {
        self.write_cookie(&self.private_cookie_name(short), value, max_age, &self.prefix)
    }

    /// Removes such a cookie.
    pub fn clear_private_cookie(&self, short: &str) -> SetCookie {
        self.write_cookie(&self.private_cookie_name(short), "", Some(Duration::ZERO), &self.prefix)
    }

    /// Whether a page of this site posted this form: by `Sec-Fetch-Site` (Fetch Metadata), and for browsers too old to
    /// send it, by `Origin` (RFC 6454 §7).
    pub fn is_same_origin_post(&self, request: &Request<'_>) -> bool {
        if *request.method() != Method::POST {
            return false;
        }
        match request.head.headers.get("sec-fetch-site") {
            Some(site) => site.as_bytes() == b"same-origin",
            None => request.header("origin") == Some(self.origin.as_str()),
        }
    }

    /// Whether `Origin` is this site's, or missing; another scheme or port is another origin.
    pub fn is_same_origin(&self, request: &Request<'_>) -> bool {
        let Some(origin) = request.head.headers.get(ORIGIN) else { return true };
        origin.as_bytes().eq_ignore_ascii_case(self.origin.as_bytes())
    }

    fn write_cookie(&self, name: &str, value: &str, max_age: Option<Duration>, path: &str) -> SetCookie {
        let mut cookie = Cookie::build((name, value)).path(path).http_only(true).same_site(SameSite::Lax);
        if self.secure() {
            cookie = cookie.secure(true);
        }
        if let Some(max_age) = max_age {
            cookie = cookie.max_age(cookie::time::Duration::seconds(max_age.as_secs().cast_signed()));
        }
        SetCookie::new(cookie.build().to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::RequestId;

    fn site(url: &str) -> Site {
        Site::new(Url::parse(url).expect("a URL"), "/.gateway", "/login/callback")
    }

    #[test]
    fn over_https_cookies_are_bound_to_the_host() {
        let site = site("https://wiki.example.com");
        let cookie = site.set_cookie("session", "v", None);
        assert_eq!(cookie.as_str(), "__Host-gw_session=v; HttpOnly; SameSite=Lax; Secure; Path=/");
        let cleared = "__Host-gw_session=; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=0";
        assert_eq!(site.clear_cookie("session").as_str(), cleared);
        assert_eq!(site.clear_cookie("__Host-gw_session").as_str(), cleared);
    }

    #[test]
    fn over_plain_http_they_go_without_what_http_cannot_have() {
        let cookie = site("http://localhost:8080").set_cookie("lang", "ar", Some(Duration::from_secs(60)));
        assert_eq!(cookie.as_str(), "gw_lang=ar; HttpOnly; SameSite=Lax; Path=/; Max-Age=60");
        assert_eq!(format!("{cookie:?}"), "SetCookie(gw_lang=…)");
    }

    #[test]
    fn addresses_are_built_from_the_origin() {
        let site = site("http://localhost:8080");
        assert_eq!(site.origin(), "http://localhost:8080");
        assert_eq!(site.callback_url(), "http://localhost:8080/login/callback");
    }

    #[test]
    fn our_own_paths_are_known() {
        for (path, ours) in [
            ("/.gateway", true),
            ("/.gateway/sign-in", true),
            ("/login/callback", true),
            ("/.gatewayx", false),
            ("/login/callback/", false),
            ("/", false),
        ] {
            assert_eq!(site("http://localhost").owns(path), ours, "{path}");
        }
    }

    /// S-08.
    #[test]
    fn a_page_of_another_origin_is_known() {
        for (url, origin, same) in [
            ("https://wiki.example.com", "https://wiki.example.com", true),
            ("https://wiki.example.com", "https://WIKI.example.com", true),
            ("https://wiki.example.com", "http://wiki.example.com", false),
            ("https://wiki.example.com", "https://wiki.example.com:8443", false),
            ("https://wiki.example.com", "https://git.example.com", false),
            ("http://localhost:8080", "http://localhost:8080", true),
            ("http://localhost:8080", "http://localhost", false),
            ("http://localhost:8080", "null", false),
            ("http://localhost:8080", "", false),
        ] {
            // Another hop's port in `Host` is no matter.
            let head = http::Request::builder().uri("/").header("host", "wiki.example.com:99").header("origin", origin);
            let head = head.body(()).expect("a request").into_parts().0;
            let request = Request::read(&head, None, RequestId::next()).expect("a host");
            assert_eq!(site(url).is_same_origin(&request), same, "{origin} asks {url}");
        }
        let head = http::Request::builder().uri("/").header("host", "a.example").body(()).expect("a request");
        let head = head.into_parts().0;
        let request = Request::read(&head, None, RequestId::next()).expect("a host");
        assert!(site("https://a.example").is_same_origin(&request), "programs that are no browsers send none");
    }

    #[test]
    fn a_form_from_elsewhere_is_known() {
        let site = site("http://localhost:8080");
        for (method, headers, ours) in [
            ("POST", &[("sec-fetch-site", "same-origin")][..], true),
            ("POST", &[("origin", "http://localhost:8080")], true),
            ("GET", &[("sec-fetch-site", "same-origin")], false),
            ("POST", &[("sec-fetch-site", "same-site"), ("origin", "http://localhost:8080")], false),
            ("POST", &[("sec-fetch-site", "cross-site")], false),
            ("POST", &[("sec-fetch-site", "none")], false),
            ("POST", &[("origin", "http://localhost")], false),
            ("POST", &[("origin", "null")], false),
            ("POST", &[], false),
        ] {
            let mut request = http::Request::builder().method(method).uri("/").header("host", "localhost:8080");
            for (name, value) in headers {
                request = request.header(*name, *value);
            }
            let head = request.body(()).expect("a request").into_parts().0;
            let request = Request::read(&head, None, RequestId::next()).expect("a host");
            assert_eq!(site.is_same_origin_post(&request), ours, "{method} {headers:?}");
        }
    }
}
