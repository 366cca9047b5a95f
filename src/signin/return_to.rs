//! Where a sign-in ends: a URL that stays on the sites of the configuration.

use std::io::{Read as _, Write as _};

use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;
use serde::{Deserialize, Serialize};
use url::Url;

use crate::access::Sites;
use crate::web::Site;

/// The longest target that is kept whole, in bytes.
pub(super) const TARGET_BYTES: usize = 8192;

/// The most bytes that it may have once it is packed: what 2,500 bytes of anything need. Sealed in a cookie they become
/// 2.9 KB, below what browsers keep and what servers in front take of an answer's head.
const PACKED_BYTES: usize = 2100;

/// A URL on a site, so that a redirect to it leads nowhere else.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Packed", into = "Packed")]
pub struct ReturnTo {
    url: String,
    /// The host that it is about: another than that of the URL where a hand-over goes on there.
    host: String,
    /// Whether it is the page of ours where a hand-over to another host goes on.
    is_hand_over: bool,
    /// Whether it is only a part of what was asked for, which was too long.
    is_cut: bool,
}

/// The same as it is sealed: the URL compressed by itself, beside nothing that an attacker would want to guess (CRIME).
#[derive(Serialize, Deserialize)]
struct Packed {
    url: Vec<u8>,
    host: String,
    is_hand_over: bool,
    is_cut: bool,
}

impl From<ReturnTo> for Packed {
    fn from(ReturnTo { url, host, is_hand_over, is_cut }: ReturnTo) -> Self {
        Self { url: pack(&url), host, is_hand_over, is_cut }
    }
}

impl From<Packed> for ReturnTo {
    fn from(Packed { url, host, is_hand_over, is_cut }: Packed) -> Self {
        // An origin and what a URL parser encodes come on top of what was asked for.
        Self { url: unpack(&url, 4 * TARGET_BYTES), host, is_hand_over, is_cut }
    }
}

/// DEFLATE (RFC 1951).
pub(super) fn pack(text: &str) -> Vec<u8> {
    let mut packed = DeflateEncoder::new(Vec::new(), Compression::best());
    // Writing to memory cannot fail.
    let _ = packed.write_all(text.as_bytes());
    packed.finish().unwrap_or_default()
}

/// Nothing where it is not what [`pack`] gave, or is longer than `bytes`.
pub(super) fn unpack(packed: &[u8], bytes: usize) -> String {
    let (limit, mut text) = (bytes as u64, String::new());
    match DeflateDecoder::new(packed).take(limit + 1).read_to_string(&mut text) {
        Ok(length) if length as u64 <= limit => text,
        _ => String::new(),
    }
}

/// As much of a target as is kept: all of it, the path, or nothing; and whether that is all of it.
pub(super) fn fitting(target: &str, bytes: usize) -> (&str, bool) {
    let fits = |target: &str| {
        target.len() <= bytes.min(TARGET_BYTES) && (target.len() <= 512 || pack(target).len() <= PACKED_BYTES)
    };
    let path = &target[..target.find(['?', '#']).unwrap_or(target.len())];
    match target {
        whole if fits(whole) => (whole, true),
        _ if fits(path) => (path, false),
        _ => ("", false),
    }
}

impl ReturnTo {
    /// Reads `target` the way a browser would (WHATWG URL, relative to `site`) and keeps it only when it
    /// stays on one of `sites`. What was checked is what [`Self::as_str`] gives: the whole URL, because a path alone could
    /// begin with `//` and be read as a host. A page of the gateway itself is replaced by the front page, since it could
    /// lead to the sign-in again.
    pub fn parse(target: &str, site: &Site, sites: &Sites) -> Self {
        Self::parse_within(target, TARGET_BYTES, site, sites)
    }

    /// The same with another limit. What is longer loses its query; where even the path is, it leads home.
    pub(super) fn parse_within(target: &str, bytes: usize, site: &Site, sites: &Sites) -> Self {
        let (kept, is_whole) = fitting(target, bytes);
        let is_ours = |url: &Url| {
            let site = url.host_str().and_then(|host| sites.find(host));
            site.is_some_and(|site| url.origin() == site.public_url().origin() && !site.owns(url.path()))
        };
        let parsed = site.public_url().join(kept).ok();
        let parsed = parsed.filter(|url| url.username().is_empty() && url.password().is_none()).filter(is_ours);
        let mut return_to = match parsed {
            Some(url) if fitting(url.as_str(), usize::MAX).1 => Self::page(&url),
            // What a browser would encode makes it too long.
            Some(mut url) => {
                url.set_query(None);
                url.set_fragment(None);
                let path = Some(url).filter(|url| fitting(url.as_str(), usize::MAX).1);
                Self { is_cut: true, ..path.map_or_else(|| Self::home(site), |url| Self::page(&url)) }
            }
            None => Self::home(site),
        };
        return_to.is_cut |= !is_whole;
        return_to
    }

    /// The site's front page.
    pub fn home(site: &Site) -> Self {
        Self::page(site.public_url())
    }

    fn page(url: &Url) -> Self {
        let host = url.host_str().unwrap_or_default().to_owned();
        Self { url: url.as_str().to_owned(), host, is_hand_over: false, is_cut: false }
    }

    /// The page of the sign-in host where the hand-over of this sealed request, to that host, goes on once somebody is signed
    /// in.
    pub(super) fn hand_over(sealed: &str, host: &str, is_cut: bool, site: &Site) -> Self {
        let sealed: String = url::form_urlencoded::byte_serialize(sealed.as_bytes()).collect();
        Self {
            url: site.url(&format!("{}/sign-in?hop={sealed}", site.prefix())),
            host: host.to_owned(),
            is_hand_over: true,
            is_cut,
        }
    }

    /// The parameter, name and value, with which the address of a sign-in page leads there; none where it is no hand-over.
    pub(super) fn hand_over_parameter(&self) -> Option<&str> {
        self.url.split_once('?').filter(|_| self.is_hand_over).map(|(_, parameter)| parameter)
    }

    /// Whether it is where a hand-over to another host goes on.
    pub(super) fn is_hand_over(&self) -> bool {
        self.is_hand_over
    }

    /// Its path and query where it is on `site`, else the whole URL.
    pub(super) fn target(&self, site: &Site) -> String {
        if self.is_on(site) { self.path() } else { self.url.clone() }
    }

    /// The same, where what was asked for was more than this.
    pub(super) fn cut(self) -> Self {
        Self { is_cut: true, ..self }
    }

    /// Whether it is only a part of what was asked for, which was too long.
    pub(super) fn is_cut(&self) -> bool {
        self.is_cut
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
    pub fn host(&self) -> &str {
        &self.host
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
            let return_to = ReturnTo::parse_within(target, 9, &site(), &sites());
            assert_eq!((return_to.as_str(), return_to.is_cut()), (kept, kept.len() < target.len() + 24), "{target}");
        }
    }

    #[test]
    fn a_long_target_is_kept_where_it_can_be_packed() {
        // The worst there is: every character that may stand in a query, in an order without any order.
        let mut seed = 1_u64;
        let mut any = |bytes: usize| -> String {
            let letters = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~!$&()*+,;=:@/?";
            let next = || {
                seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                char::from(letters[usize::try_from(seed >> 40).expect("fits") % letters.len()])
            };
            "/r?".chars().chain(std::iter::repeat_with(next)).take(bytes).collect()
        };
        let dashboard: String =
            (0..220).map(|at| format!("filter{at}=%7B%22field%22%3A%22state%22%7D&")).collect::<String>();
        for (target, whole) in [
            (any(2500), true),
            (any(4000), false),
            (format!("/d?{}", &dashboard[..8000]), true),
            (format!("/d?{}", "a=b&".repeat(3000)), false),
        ] {
            let return_to = ReturnTo::parse(&target, &site(), &sites());
            let kept = if whole { target.as_str() } else { &target[..2] };
            assert_eq!(
                (return_to.as_str().strip_prefix("https://wiki.example.com"), return_to.is_cut()),
                (Some(kept), !whole)
            );
            let sealed = postcard::to_stdvec(&return_to).expect("it is serialised");
            assert!(sealed.len() <= PACKED_BYTES + 40, "{} bytes of {}", sealed.len(), target.len());
            assert_eq!(postcard::from_bytes::<ReturnTo>(&sealed).expect("it is read"), return_to);
        }
        let longer: String = "é".repeat(3000);
        let encoded = ReturnTo::parse(&format!("/?{longer}"), &site(), &sites());
        assert!(encoded.as_str().len() <= TARGET_BYTES + 30, "what a browser would encode counts");
    }

    #[test]
    fn what_unpacks_to_too_much_is_nothing() {
        assert_eq!(unpack(&pack(&"a".repeat(40_000)), 39_999), "");
        assert_eq!(unpack(b"no", 100), "");
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
            assert_eq!(ReturnTo::parse(target, &site(), &sites()).as_str(), "https://wiki.example.com/", "{target}");
        }
    }

    #[test]
    fn a_script_is_never_given_a_host_to_go_to() {
        assert_eq!(ReturnTo::parse("/a?b=c", &site(), &sites()).path(), "/a?b=c");
        assert_eq!(ReturnTo::parse("/..//evil.example", &site(), &sites()).path(), "/");
    }
}
