//! The hosts that this gateway answers for.
//!
//! People sign in on the host of `server.public_url`. Every host that a route names, exactly or as `*.example.com`, is
//! a further site with the same scheme and port. A request for any other `Host` gets a 421 (RFC 9110 §15.5.20) before
//! anything else is decided: an application that believed such a host would write it into links and mails (host header
//! injection).

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use super::HostPattern;
use crate::web::Site;

/// The sites of one configuration.
#[derive(Debug)]
pub struct Sites {
    sign_in: Site,
    named: BTreeMap<String, Site>,
    /// The ends of wildcard hosts, each with its leading dot.
    wildcards: BTreeSet<String>,
}

impl Sites {
    /// `sign_in` is the site where people sign in; each of `patterns` that names a host adds one.
    pub fn new<'p>(sign_in: Site, patterns: impl IntoIterator<Item = &'p HostPattern>) -> Self {
        let (mut named, mut wildcards) = (BTreeMap::new(), BTreeSet::new());
        for pattern in patterns {
            match pattern {
                HostPattern::Exactly(host) => named.extend(sign_in.at(host).map(|site| (host.clone(), site))),
                HostPattern::Below(end) => {
                    wildcards.insert(end.clone());
                }
                HostPattern::Any => {}
            }
        }
        Self { sign_in, named, wildcards }
    }

    /// The site of a host, as [`crate::web::Request::host`] gives it; none for a host that nothing names.
    pub fn find(&self, host: &str) -> Option<Cow<'_, Site>> {
        if host == self.sign_in.host() {
            return Some(Cow::Borrowed(&self.sign_in));
        }
        if let Some(site) = self.named.get(host) {
            return Some(Cow::Borrowed(site));
        }
        // The number of look-ups depends on the dots in the host, not on how many wildcards there are.
        let mut ends = memchr::memchr_iter(b'.', host.as_bytes()).filter(|dot| *dot > 0).map(|dot| &host[dot..]);
        let is_below = !self.wildcards.is_empty() && ends.any(|end| self.wildcards.contains(end));
        is_below.then(|| self.sign_in.at(host)).flatten().map(Cow::Owned)
    }

    /// The site where people sign in.
    pub fn sign_in(&self) -> &Site {
        &self.sign_in
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sites(hosts: &[&str]) -> Sites {
        let url = url::Url::parse("https://login.example.com:8443").expect("a URL");
        let patterns: Vec<HostPattern> =
            hosts.iter().map(|host| HostPattern::parse(host).expect("a host")).chain([HostPattern::Any]).collect();
        Sites::new(Site::new(url, "/.gateway", "/login/callback"), &patterns)
    }

    /// P-14.
    #[test]
    fn a_host_is_a_site_where_the_configuration_names_it_and_nowhere_else() {
        let sites = sites(&["wiki.example.org", "*.apps.example.com", "127.0.0.1", "[::1]"]);
        for (host, origin) in [
            ("login.example.com", Some("https://login.example.com:8443")),
            ("wiki.example.org", Some("https://wiki.example.org:8443")),
            ("a.apps.example.com", Some("https://a.apps.example.com:8443")),
            ("b.a.apps.example.com", Some("https://b.a.apps.example.com:8443")),
            ("127.0.0.1", Some("https://127.0.0.1:8443")),
            ("[::1]", Some("https://[::1]:8443")),
            ("apps.example.com", None),
            ("evilapps.example.com", None),
            ("wiki.example.org.evil.example", None),
            ("example.org", None),
            ("127.0.0.2", None),
            ("xn--a.apps.example.com", None),
            ("", None),
        ] {
            assert_eq!(sites.find(host).map(|site| site.origin().to_owned()).as_deref(), origin, "{host}");
        }
    }

    #[test]
    fn people_sign_in_at_one_of_them() {
        let sites = sites(&["wiki.example.org", "login.example.com"]);
        let signs_in = |host| sites.find(host).is_some_and(|site| site.is_sign_in());
        assert!(signs_in("login.example.com") && !signs_in("wiki.example.org"));
        assert_eq!(sites.sign_in().origin(), "https://login.example.com:8443");
    }
}
