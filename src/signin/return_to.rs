//! Where somebody goes once they are signed in: a URL that stays on the sites of the configuration.

use serde::{Deserialize, Serialize};
use url::Url;

use crate::access::Sites;
use crate::web::Site;

/// The longest target that is kept whole, in bytes. Sealed in a cookie it becomes 2.7 KB, below what browsers keep.
pub(super) const TARGET_BYTES: usize = 2048;

/// A URL on a site, so that a redirect to it leads nowhere else.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReturnTo {
    url: String,
    /// The host that it is about: another than that of the URL where a hand-over goes on there.
    host: String,
    /// Whether it is the page of ours where a hand-over to another host goes on.
    is_hand_over: bool,
}

impl ReturnTo {
    /// Reads `target` the way a browser would (WHATWG URL, relative to `site`) and keeps it only when it
    /// stays on one of `sites`. What was checked is what [`Self::as_str`] gives: the whole URL, because a path alone could
    /// begin with `//` and be read as a host. Pages of our own lead home: they would turn in a circle.
    pub fn parse(target: &str, site: &Site, sites: &Sites) -> Self {
        Self::parse_within(target, TARGET_BYTES, site, sites)
    }

    /// The same with another limit. What is longer loses its query; where even the path is, it leads home.
    pub fn parse_within(target: &str, bytes: usize, site: &Site, sites: &Sites) -> Self {
        let end = if target.len() > bytes { target.find(['?', '#']).unwrap_or(target.len()) } else { target.len() };
        let kept = Some(&target[..end])
            .filter(|target| target.len() <= bytes)
            .and_then(|target| site.public_url().join(target).ok())
            .filter(|url| url.username().is_empty() && url.password().is_none())
            .filter(|url| {
                let site = url.host_str().and_then(|host| sites.find(host));
                site.is_some_and(|site| url.origin() == site.public_url().origin() && !site.owns(url.path()))
            });
        kept.map_or_else(|| Self::home(site), |url| Self::page(&url))
    }

    /// The site's front page.
    pub fn home(site: &Site) -> Self {
        Self::page(site.public_url())
    }

    fn page(url: &Url) -> Self {
        let host = url.host_str().unwrap_or_default().to_owned();
        Self { url: url.as_str().to_owned(), host, is_hand_over: false }
    }

    /// The page of the sign-in host where the hand-over of this sealed request, to that host, goes on once somebody is signed
    /// in.
    pub(super) fn hand_over(sealed: &str, host: &str, site: &Site) -> Self {
        let sealed: String = url::form_urlencoded::byte_serialize(sealed.as_bytes()).collect();
        Self {
            url: site.url(&format!("{}/sign-in?hop={sealed}", site.prefix())),
            host: host.to_owned(),
            is_hand_over: true,
        }
    }

    /// The parameter, name and value, with which the address of a sign-in page at `site` leads there.
    pub(super) fn parameter(&self, site: &Site) -> String {
        match self.url.split_once("?hop=").filter(|_| self.is_hand_over) {
            Some((_, sealed)) => format!("hop={sealed}"),
            None => {
                let target: String = url::form_urlencoded::byte_serialize(self.target(site).as_bytes()).collect();
                format!("return={target}")
            }
        }
    }

    /// Whether it is where a hand-over to another host goes on.
    pub(super) fn is_hand_over(&self) -> bool {
        self.is_hand_over
    }

    /// Its path and query where it is on `site`, else the whole URL.
    pub(super) fn target(&self, site: &Site) -> String {
        if self.is_on(site) { self.path() } else { self.url.clone() }
    }

    /// Whether it is on that site.
    pub(super) fn is_on(&self, site: &Site) -> bool {
        self.url.strip_prefix(site.origin()).is_some_and(|rest| rest.starts_with('/'))
    }

    /// The whole URL.
    pub fn as_str(&self) -> &str {
        &self.url
    }

    /// The host that it is about, in small letters, without port.
    pub fn host(&self) -> String {
        self.host.clone()
    }

    /// Its path and query, for a script on its site; a path that could be read as a host leads home.
    pub fn path(&self) -> String {
        let path = Url::parse(&self.url).map(|url| url[url::Position::BeforePath..].to_owned()).unwrap_or_default();
        if path.starts_with('/') && !path.starts_with("//") { path } else { "/".to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sites() -> Sites {
        let site = Site::new(Url::parse("https://wiki.example.com").unwrap(), "/.gateway", "/login/callback");
        let other = crate::access::HostPattern::parse("*.example.org").unwrap();
        Sites::new(site, &[other])
    }

    fn site() -> Site {
        sites().sign_in().clone()
    }

    #[test]
    fn a_target_on_the_site_is_kept_whole() {
        for (target, kept) in [
            ("/reports?x=1", "https://wiki.example.com/reports?x=1"),
            ("https://wiki.example.com/a#b", "https://wiki.example.com/a#b"),
            ("/..//evil.example", "https://wiki.example.com//evil.example"),
            ("", "https://wiki.example.com/"),
            ("https://git.example.org/a?b=c", "https://git.example.org/a?b=c"),
        ] {
            assert_eq!(ReturnTo::parse(target, &site(), &sites()).as_str(), kept, "{target}");
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
            assert_eq!(ReturnTo::parse_within(target, 9, &site(), &sites()).as_str(), kept, "{target}");
        }
    }

    proptest::proptest! {
        /// Whatever is asked for, a browser that follows what was kept stays on the site, as nobody in particular.
        #[test]
        fn no_target_leaves_the_site(target in "[/\\\\:@?#%.a-z\t\n ]{0,12}(https?:|javascript:|//)?[/\\\\@.:]{0,3}(evil\\.example|wiki\\.example\\.com)?[ -~]{0,12}") {
            let site = site();
            let kept = ReturnTo::parse(&target, &site, &sites());
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
            "http://git.example.org",
            "https://git.example.org:444",
            "https://example.org",
            "https://git.example.org/.gateway/sign-out",
            "https://wiki.example.com:444",
            "javascript:alert(1)",
            "data:text/html,x",
            "https://u:p@wiki.example.com/",
            "/.gateway/sign-in?return=/",
            "/.gateway/sign-out",
            "/login/callback?x",
            &long,
        ] {
            assert_eq!(ReturnTo::parse(target, &site(), &sites()), ReturnTo::home(&site()), "{target}");
        }
    }

    #[test]
    fn a_script_is_never_given_a_host_to_go_to() {
        assert_eq!(ReturnTo::parse("/a?b=c", &site(), &sites()).path(), "/a?b=c");
        assert_eq!(ReturnTo::parse("/..//evil.example", &site(), &sites()).path(), "/");
    }
}
