//! Which other sites' scripts may call a route (Cross-Origin Resource Sharing, Fetch §3.2).
//!
//! A script of a site that is not allowed gets no `Access-Control-*` header at all, so its browser refuses the answer.

use std::fmt;

use http::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, HeaderName,
};

/// The sites whose scripts may call a route, and what they may send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cors {
    /// Origins as browsers write them; none means every site, and then without cookies.
    origins: Option<Vec<String>>,
    credentials: bool,
    methods: Vec<String>,
    headers: Vec<String>,
    max_age: u64,
}

impl Cors {
    /// `origins` are as `https://app.example.com`, or `*` alone, which excludes `credentials`. `methods` may be empty
    /// for all; `headers` are those that scripts may send besides the CORS-safelisted ones. Browsers keep the answer to
    /// a preflight for `max_age` seconds. The error is the second half of a sentence that begins with the setting's
    /// name.
    pub fn new(
        origins: Vec<String>,
        credentials: bool,
        methods: Vec<String>,
        headers: Vec<String>,
        max_age: u64,
    ) -> Result<Self, &'static str> {
        let is_origin = |text: &String| {
            // The URL standard takes `*` for a letter of a host, and no browser sends it.
            !text.contains('*')
                && url::Url::parse(text).is_ok_and(|url| {
                    matches!(url.scheme(), "https" | "http") && url.origin().ascii_serialization() == *text
                })
        };
        let origins = match &origins[..] {
            [all] if all == "*" && credentials => {
                return Err("must name sites: with \"*\" any of them could act for whoever is signed in");
            }
            [all] if all == "*" => None,
            [] => return Err("must name at least one site, as \"https://app.example.com\""),
            _ if origins.iter().all(is_origin) => Some(origins),
            _ => return Err("must be sites as browsers write them, as \"https://app.example.com\", or \"*\" alone"),
        };
        Ok(Self { origins, credentials, methods, headers, max_age })
    }

    /// Whose scripts may do more under these rules than under `before`, and by which setting; in words, for the log.
    pub fn opens_more_than(&self, before: Option<&Self>) -> Option<String> {
        let every = || vec!["every site".to_owned()];
        let origins = self.origins.clone().unwrap_or_else(every);
        let Some(before) = before else { return Some(format!("{} (cors)", origins.join(", "))) };
        let could = |origin: &String| match &self.origins {
            None => before.origins.is_none(),
            Some(_) => !before.answer(origin).is_empty(),
        };
        if let Some(origin) = origins.iter().find(|origin| !could(origin)) {
            return Some(format!("{origin} (cors.origins)"));
        }
        // An empty list of methods is all of them.
        let methods = match (before.methods.is_empty(), self.methods.is_empty()) {
            (true, _) => false,
            (false, true) => true,
            (false, false) => self.methods.iter().any(|method| !before.methods.contains(method)),
        };
        let is_new = |name: &String| !before.headers.iter().any(|known| known.eq_ignore_ascii_case(name));
        let grown = [
            ("cors.credentials", self.credentials && !before.credentials),
            ("cors.methods", methods),
            ("cors.headers", self.headers.iter().any(is_new)),
        ];
        let (key, _) = grown.into_iter().find(|(_, has_grown)| *has_grown)?;
        origins.first().map(|origin| format!("{origin} ({key})"))
    }

    /// The headers of an answer to a script of `origin`; none where it may not call.
    pub fn answer(&self, origin: &str) -> Vec<(HeaderName, String)> {
        let allowed = match &self.origins {
            None => "*",
            Some(origins) if origins.iter().any(|known| known == origin) => origin,
            Some(_) => return Vec::new(),
        };
        let mut headers = vec![(ACCESS_CONTROL_ALLOW_ORIGIN, allowed.to_owned())];
        if self.credentials {
            headers.push((ACCESS_CONTROL_ALLOW_CREDENTIALS, "true".to_owned()));
        }
        headers
    }

    /// The header that lets scripts read `WWW-Authenticate` of an answer made by the gateway.
    pub fn exposed() -> (HeaderName, &'static str) {
        (ACCESS_CONTROL_EXPOSE_HEADERS, "WWW-Authenticate")
    }

    /// The headers that answer a preflight for `method`; none where a script of `origin` may not call with it.
    pub fn preflight(&self, origin: &str, method: &str) -> Vec<(HeaderName, String)> {
        let mut headers = self.answer(origin);
        if headers.is_empty() || !(self.methods.is_empty() || self.methods.iter().any(|known| known == method)) {
            return Vec::new();
        }
        let methods = if self.methods.is_empty() { method.to_owned() } else { self.methods.join(", ") };
        headers.push((ACCESS_CONTROL_ALLOW_METHODS, methods));
        headers.push((ACCESS_CONTROL_ALLOW_HEADERS, self.headers.join(", ")));
        headers.push((ACCESS_CONTROL_MAX_AGE, self.max_age.to_string()));
        headers
    }
}

/// In words, for `explain`: which sites' scripts may call, and whether with the visitor's cookies.
impl fmt::Display for Cors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.origins {
            None => f.write_str("every site may call")?,
            Some(origins) => write!(f, "{} may call", origins.join(", "))?,
        }
        if self.credentials { f.write_str(", as whoever is signed in") } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cors(origins: &[&str], credentials: bool) -> Result<Cors, &'static str> {
        let origins = origins.iter().map(|origin| (*origin).to_owned()).collect();
        Cors::new(origins, credentials, Vec::new(), vec!["Authorization".to_owned()], 600)
    }

    #[test]
    fn only_named_sites_may_call() {
        let app = cors(&["https://app.example.com"], true).expect("a rule");
        assert_eq!(app.answer("https://app.example.com").len(), 2);
        for other in
            ["https://app.example.com.evil.example", "http://app.example.com", "https://APP.example.com", "null", ""]
        {
            assert!(app.answer(other).is_empty() && app.preflight(other, "GET").is_empty(), "{other}");
        }
        for bad in [
            &["https://app.example.com/"][..],
            &["app.example.com"],
            &["*", "https://a.example"],
            &["null"],
            &["https://*.example.com"],
            &[],
        ] {
            assert!(cors(bad, false).is_err(), "{bad:?}");
        }
        assert!(cors(&["*"], true).is_err());
        assert_eq!(cors(&["*"], false).expect("a rule").answer("https://any.example")[0].1, "*");
    }

    #[test]
    fn widening_is_told_by_its_setting_and_narrowing_is_none() {
        let text = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        let rule = |credentials, methods: &[&str], headers: &[&str]| {
            Cors::new(text(&["https://a.example"]), credentials, text(methods), text(headers), 600).expect("a rule")
        };
        let was = rule(false, &["GET", "POST"], &["Authorization", "X-A"]);
        for (is, key) in [
            (rule(false, &["GET", "POST"], &["authorization", "X-A"]), None),
            (rule(false, &["GET"], &["Authorization"]), None),
            (rule(true, &["GET", "POST"], &["Authorization", "X-A"]), Some("cors.credentials")),
            (rule(false, &["GET", "DELETE"], &["X-A"]), Some("cors.methods")),
            (rule(false, &[], &["X-A"]), Some("cors.methods")),
            (rule(false, &["GET"], &["X-A", "X-B"]), Some("cors.headers")),
            (cors(&["https://b.example"], false).expect("a rule"), Some("cors.origins")),
        ] {
            let told = is.opens_more_than(Some(&was));
            assert_eq!(told.is_some(), key.is_some(), "{told:?}");
            assert!(told.unwrap_or_default().contains(key.unwrap_or_default()), "{key:?}");
        }
        assert!(was.opens_more_than(Some(&rule(true, &[], &["Authorization", "X-A"]))).is_none());
        assert!(was.opens_more_than(None).is_some());
    }
}
