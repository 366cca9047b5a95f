//! Where somebody goes once they are signed in: a URL that stays on the site they came from.

use serde::{Deserialize, Serialize};
use url::Url;

use crate::web::Site;

/// The longest target that is kept whole, in bytes. Sealed in a cookie it becomes 2.7 KB, below what browsers keep.
const TARGET_BYTES: usize = 2048;

/// A URL on this site, so that a redirect to it cannot leave the site.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReturnTo(String);

impl ReturnTo {
    /// Reads `target` the way a browser would (WHATWG URL, relative to the site) and keeps it only when it
    /// stays. What was checked is what [`Self::as_str`] gives: the whole URL, because a path alone could
    /// begin with `//` and be read as a host. Pages of our own lead home: they would turn in a circle.
    pub fn parse(target: &str, site: &Site) -> Self {
        Self::parse_within(target, TARGET_BYTES, site)
    }

    /// The same with another limit. What is longer loses its query; where even the path is, it leads home.
    pub fn parse_within(target: &str, bytes: usize, site: &Site) -> Self {
        let end = if target.len() > bytes { target.find(['?', '#']).unwrap_or(target.len()) } else { target.len() };
        let kept = Some(&target[..end])
            .filter(|target| target.len() <= bytes)
            .and_then(|target| site.public_url().join(target).ok())
            .filter(|url| url.origin() == site.public_url().origin())
            .filter(|url| url.username().is_empty() && url.password().is_none())
            .filter(|url| !site.owns(url.path()));
        kept.map_or_else(|| Self::home(site), |url| Self(url.into()))
    }

    /// The site's front page.
    pub fn home(site: &Site) -> Self {
        Self(site.public_url().as_str().to_owned())
    }

    /// The whole URL.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Its host, in small letters, without port.
    pub fn host(&self) -> String {
        Url::parse(&self.0).ok().and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default()
    }

    /// Its path and query, for a script on this site; a path that could be read as a host leads home.
    pub fn path(&self) -> String {
        let path = Url::parse(&self.0).map(|url| url[url::Position::BeforePath..].to_owned()).unwrap_or_default();
        if path.starts_with('/') && !path.starts_with("//") { path } else { "/".to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn site() -> Site {
        Site::new(Url::parse("https://wiki.example.com").unwrap(), "/.gateway", "/login/callback")
    }

    #[test]
    fn a_target_on_the_site_is_kept_whole() {
        for (target, kept) in [
            ("/reports?x=1", "https://wiki.example.com/reports?x=1"),
            ("https://wiki.example.com/a#b", "https://wiki.example.com/a#b"),
            ("/..//evil.example", "https://wiki.example.com//evil.example"),
            ("", "https://wiki.example.com/"),
        ] {
            assert_eq!(ReturnTo::parse(target, &site()).as_str(), kept, "{target}");
        }
    }

    #[test]
    fn a_target_that_is_too_long_loses_its_query() {
        for (target, kept) in [
            ("/reports?page=1", "https://wiki.example.com/reports"),
            ("/reports#page-1", "https://wiki.example.com/reports"),
            ("/r?page=1", "https://wiki.example.com/r?page=1"),
            ("/long-reports", "https://wiki.example.com/"),
        ] {
            assert_eq!(ReturnTo::parse_within(target, 9, &site()).as_str(), kept, "{target}");
        }
    }

    proptest::proptest! {
        /// Whatever is asked for, a browser that follows what was kept stays on the site, as nobody in particular.
        #[test]
        fn no_target_leaves_the_site(target in "[/\\\\:@?#%.a-z\t\n ]{0,12}(https?:|javascript:|//)?[/\\\\@.:]{0,3}(evil\\.example|wiki\\.example\\.com)?[ -~]{0,12}") {
            let site = site();
            let kept = ReturnTo::parse(&target, &site);
            let again = site.public_url().join(kept.as_str()).expect("what was kept is an address");
            proptest::prop_assert_eq!(again.origin(), site.public_url().origin(), "{}", target);
            proptest::prop_assert!(again.username().is_empty() && again.password().is_none(), "{}", target);
        }
    }

    #[test]
    fn any_other_target_leads_home() {
        let long = format!("/{}", "a".repeat(TARGET_BYTES));
        for target in [
            "//evil.example",
            "/\\evil.example",
            "\\/evil.example",
            "/\t/evil.example",
            "///evil.example",
            "https://evil.example",
            "https://wiki.example.com@evil.example",
            "https://wiki.example.com.evil.example",
            "http://wiki.example.com",
            "https://wiki.example.com:444",
            "javascript:alert(1)",
            "data:text/html,x",
            "https://u:p@wiki.example.com/",
            "/.gateway/sign-in?return=/",
            "/.gateway/sign-out",
            "/login/callback?x",
            &long,
        ] {
            assert_eq!(ReturnTo::parse(target, &site()), ReturnTo::home(&site()), "{target}");
        }
    }

    #[test]
    fn a_script_is_never_given_a_host_to_go_to() {
        assert_eq!(ReturnTo::parse("/a?b=c", &site()).path(), "/a?b=c");
        assert_eq!(ReturnTo::parse("/..//evil.example", &site()).path(), "/");
    }
}
