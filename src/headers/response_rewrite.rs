//! Changes the upstream's own addresses and cookies in a response into the site's (`rewrite_responses`).
//!
//! | header | what becomes of it |
//! |---|---|
//! | `Location`, `Content-Location` | the upstream's origin becomes the site's; a path gets back the prefix that was stripped |
//! | `Refresh` | its address is changed likewise |
//! | `Set-Cookie` | a `Domain` that does not cover the site is dropped; `Path` gets back the prefix |
//!
//! The pairs of the configuration come first, of these the longest that matches. Other hosts, relative addresses and
//! bodies stay as they are.

use std::borrow::Cow;
use std::ops::Range;

use url::Url;

use crate::web::is_this_machine;

/// The pairs that a route configures; all else follows from the site and the upstream.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ResponseRewrite {
    locations: Vec<(String, String)>,
    cookie_domains: Vec<(String, String)>,
    cookie_paths: Vec<(String, String)>,
}

/// The upstream that a response comes from, and the site that it goes to.
#[derive(Clone, Copy, Debug)]
pub struct Hops<'a> {
    /// The site's origin.
    pub site: &'a Url,
    /// The upstream's host, an IPv6 address without brackets.
    pub host: &'a str,
    /// The upstream's port.
    pub port: u16,
    /// The prefix that was stripped from the path of the request.
    pub prefix: Option<&'a str>,
}

impl ResponseRewrite {
    /// Beginnings of addresses, domains of cookies and beginnings of cookie paths, each with its replacement; an empty one
    /// drops the attribute of a domain.
    pub fn new(
        locations: Vec<(String, String)>,
        cookie_domains: Vec<(String, String)>,
        cookie_paths: Vec<(String, String)>,
    ) -> Self {
        let small = |(from, to): (String, String)| (with_lower_case_origin(&from).into_owned(), to);
        let bare = |(from, to): (String, String)| (from.trim_start_matches('.').to_owned(), to);
        Self {
            locations: locations.into_iter().map(small).collect(),
            cookie_domains: cookie_domains.into_iter().map(bare).collect(),
            cookie_paths,
        }
    }

    /// An address as the site has it; none where it stays as it is.
    pub fn location(&self, address: &str, hops: Hops<'_>) -> Option<String> {
        let written = with_lower_case_origin(address);
        if let Some(mapped) = mapped(&self.locations, &written, &['/', '?', '#']) {
            return Some(mapped);
        }
        if address.starts_with('/') && !address.starts_with("//") {
            return with_prefix(address, hops.prefix);
        }
        let is_absolute = ["http://", "https://", "//"]
            .iter()
            .any(|scheme| address.get(..scheme.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(scheme)));
        let url = hops.site.join(address).ok().filter(|_| is_absolute)?;
        if !hops.leads_to(&url) {
            return None;
        }
        // The rest is kept as it was sent: writing the parsed URL would normalise it.
        let rest = address.split_once("//").map_or("", |(_, rest)| rest);
        let rest = rest.find(['/', '?', '#']).map_or("", |at| &rest[at..]);
        let rest = if rest.starts_with('/') { Cow::Borrowed(rest) } else { Cow::Owned(format!("/{rest}")) };
        let path = with_prefix(&rest, hops.prefix).map_or(rest, Cow::Owned);
        Some(format!("{}{path}", hops.site.origin().ascii_serialization()))
    }

    /// `5; url=http://app.internal/` as the site has it; none where it stays as it is.
    pub fn refresh(&self, value: &str, hops: Hops<'_>) -> Option<String> {
        let address = refresh_address(value)?;
        let (before, after) = (&value[..address.start], &value[address.end..]);
        self.location(&value[address.clone()], hops).map(|address| format!("{before}{address}{after}"))
    }

    /// A `Set-Cookie` as the site has it; none where it stays as it is.
    pub fn cookie(&self, cookie: &str, hops: Hops<'_>) -> Option<String> {
        let mut parts = cookie.split(';');
        let pair = parts.next()?;
        // Browsers refuse such a cookie unless its path is `/` and it has no domain (RFC 6265bis §4.1.3.2).
        let is_of_host = pair.trim_start().to_ascii_lowercase().starts_with("__host-");
        let mut changed = false;
        let mut out = pair.to_owned();
        for part in parts {
            let (name, value) =
                part.split_once('=').map_or((part.trim(), ""), |(name, value)| (name.trim(), value.trim()));
            let now = match name.to_ascii_lowercase().as_str() {
                "domain" => self.domain(value, hops),
                "path" if !is_of_host => self.path(value, hops),
                _ => None,
            };
            match now {
                None => out.extend([";", part]),
                Some(now) => {
                    changed = true;
                    if !now.is_empty() {
                        out.extend(["; ", name, "=", &now]);
                    }
                }
            }
        }
        changed.then_some(out)
    }

    /// The new domain of a cookie, empty to drop the attribute; none where it stays as it is.
    fn domain(&self, domain: &str, hops: Hops<'_>) -> Option<String> {
        let bare = domain.trim_start_matches('.');
        if let Some((_, to)) = self.cookie_domains.iter().find(|(from, _)| from.eq_ignore_ascii_case(bare)) {
            return Some(to.clone());
        }
        let host = hops.site.host_str().unwrap_or_default().to_ascii_lowercase();
        let bare = bare.to_ascii_lowercase();
        let is_within = host == bare || host.strip_suffix(&bare).is_some_and(|below| below.ends_with('.'));
        (!is_within).then(String::new)
    }

    fn path(&self, path: &str, hops: Hops<'_>) -> Option<String> {
        mapped(&self.cookie_paths, path, &['/']).or_else(|| match path {
            "/" => hops.prefix.map(str::to_owned),
            path => path.starts_with('/').then(|| with_prefix(path, hops.prefix)).flatten(),
        })
    }
}

impl Hops<'_> {
    /// Whether an application that takes itself for the public server could mean itself by this address: it is the
    /// upstream's, or has the site's host with the upstream's port, the site's, 80 or 443.
    fn leads_to(&self, url: &Url) -> bool {
        let (host, port) = (url.host_str().unwrap_or_default(), url.port_or_known_default().unwrap_or_default());
        let host = host.trim_matches(['[', ']']);
        let is_upstream = host.eq_ignore_ascii_case(self.host) || is_this_machine(host) && is_this_machine(self.host);
        let site_host = self.site.host_str().unwrap_or_default().trim_matches(['[', ']']);
        let site_port = self.site.port_or_known_default().unwrap_or_default();
        let is_site = host == site_host && (port == self.port || port == site_port || matches!(port, 80 | 443));
        is_upstream && port == self.port || is_site
    }
}

/// Where the address stands that browsers take a `Refresh` for (HTML, "shared declarative refresh steps"): after the
/// seconds and a `;`, a `,` or a blank, with `url=` before it or without, up to the closing quote if it has one.
fn refresh_address(value: &str) -> Option<Range<usize>> {
    let is_blank = |letter: char| letter.is_ascii_whitespace();
    let value_start = value.trim_start_matches(is_blank);
    let rest = value_start.trim_start_matches(|letter: char| letter.is_ascii_digit());
    if rest.len() == value_start.len() && !rest.starts_with('.') {
        return None;
    }
    let rest = rest.trim_start_matches(|letter: char| letter.is_ascii_digit() || letter == '.');
    if !rest.starts_with(|letter| matches!(letter, ';' | ',') || is_blank(letter)) {
        return None;
    }
    let rest = rest.trim_start_matches(is_blank);
    let rest = rest.strip_prefix([';', ',']).unwrap_or(rest).trim_start_matches(is_blank);
    let name = rest.get(..3).filter(|name| name.eq_ignore_ascii_case("url"));
    let named = name.and_then(|name| rest[name.len()..].trim_start_matches(is_blank).strip_prefix('='));
    let address = named.map_or(rest, |named| named.trim_start_matches(is_blank));
    let quote = address.chars().next().filter(|letter| matches!(letter, '"' | '\''));
    let address = quote.map_or(address, |_| &address[1..]);
    let start = value.len() - address.len();
    let end = quote.and_then(|quote| address.find(quote)).unwrap_or(address.len());
    Some(start..start + address[..end].trim_end().len())
}

/// An absolute address with scheme and host in lower case, which is the same address (RFC 3986 §6.2.2.1).
fn with_lower_case_origin(address: &str) -> Cow<'_, str> {
    let host = address.find("//").map(|at| at + 2).filter(|at| *at == 2 || address[..*at].ends_with("://"));
    let end = host.map_or(0, |host| address[host..].find(['/', '?', '#']).map_or(address.len(), |end| host + end));
    match address[..end].bytes().any(|byte| byte.is_ascii_uppercase()) {
        true => Cow::Owned(format!("{}{}", address[..end].to_ascii_lowercase(), &address[end..])),
        false => Cow::Borrowed(address),
    }
}

/// `text` with the longest pair applied that it begins with, up to its end or one of `ends`.
fn mapped(pairs: &[(String, String)], text: &str, ends: &[char]) -> Option<String> {
    let fits = |from: &str| {
        text.strip_prefix(from).is_some_and(|rest| rest.is_empty() || from.ends_with('/') || rest.starts_with(ends))
    };
    let (from, to) = pairs.iter().filter(|(from, _)| fits(from)).max_by_key(|(from, _)| from.len())?;
    Some(format!("{to}{}", &text[from.len()..]))
}

/// A path after the prefix; none where there is no prefix, or the path has it already.
fn with_prefix(path: &str, prefix: Option<&str>) -> Option<String> {
    let prefix = prefix?;
    let is_there = path.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?', '#']));
    (!is_there).then(|| format!("{prefix}{path}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn site() -> Url {
        Url::parse("https://wiki.example.com").expect("a URL")
    }

    fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(from, to)| ((*from).to_owned(), (*to).to_owned())).collect()
    }

    #[test]
    fn addresses_of_the_upstream_become_the_site_s_and_no_others() {
        let site = site();
        let hops = |prefix| Hops { site: &site, host: "localhost", port: 17130, prefix };
        let locations = pairs(&[("http://old.internal/docs", "/docs"), ("HTTP://New.Internal/Docs", "/new")]);
        let rewrite = ResponseRewrite::new(locations, Vec::new(), Vec::new());
        for (prefix, address, expected) in [
            (None, "http://localhost:17130/dir/", Some("https://wiki.example.com/dir/")),
            (None, "HTTP://127.0.0.1:17130/dir/?a=%2f", Some("https://wiki.example.com/dir/?a=%2f")),
            (None, "http://localhost:17130", Some("https://wiki.example.com/")),
            (None, "http://localhost:17130?x", Some("https://wiki.example.com/?x")),
            (None, "//localhost:17130/x", Some("https://wiki.example.com/x")),
            (None, "http://wiki.example.com:17130/dir/", Some("https://wiki.example.com/dir/")),
            (None, "http://wiki.example.com/dir/", Some("https://wiki.example.com/dir/")),
            (None, "http://localhost:9999/", None),
            (None, "http://localhost.evil.example:17130/", None),
            (None, "http://localhost:17130@evil.example/", None),
            (None, "https://evil.example/", None),
            (None, "//evil.example/", None),
            (None, "/dir/", None),
            (None, "dir/", None),
            (None, "http://old.internal/docs/x", Some("/docs/x")),
            (None, "http://old.internal/docsx", None),
            (None, "HTTP://Old.Internal/docs/X", Some("/docs/X")),
            (None, "http://old.internal/Docs/x", None),
            (None, "http://new.INTERNAL/Docs/x", Some("/new/x")),
            (Some("/app"), "/dir/", Some("/app/dir/")),
            (Some("/app"), "/app/dir/", None),
            (Some("/app"), "/apple", Some("/app/apple")),
            (Some("/app"), "http://localhost:17130/dir/", Some("https://wiki.example.com/app/dir/")),
            (Some("/app"), "dir/", None),
        ] {
            assert_eq!(rewrite.location(address, hops(prefix)).as_deref(), expected, "{prefix:?} {address}");
        }
    }

    /// HTML, "shared declarative refresh steps".
    #[test]
    fn the_address_of_a_refresh_is_found_where_browsers_find_it() {
        let site = site();
        let hops = Hops { site: &site, host: "a", port: 1, prefix: None };
        for (refresh, expected) in [
            ("5; URL='http://a:1/x'", Some("5; URL='https://wiki.example.com/x'")),
            ("0;http://a:1/x", Some("0;https://wiki.example.com/x")),
            ("0, http://a:1/x", Some("0, https://wiki.example.com/x")),
            ("0 url=http://a:1/x", Some("0 url=https://wiki.example.com/x")),
            ("0 http://a:1/x", Some("0 https://wiki.example.com/x")),
            ("0\turl\t=\thttp://a:1/x", Some("0\turl\t=\thttps://wiki.example.com/x")),
            (" 1.5 ; Url = \"http://a:1/x\"; more", Some(" 1.5 ; Url = \"https://wiki.example.com/x\"; more")),
            (".5;'http://a:1/x", Some(".5;'https://wiki.example.com/x")),
            ("0;url=http://a:1/x ", Some("0;url=https://wiki.example.com/x ")),
            ("0 url http://a:1/x", None),
            ("0;; url=http://a:1/x", None),
            ("soon; url=http://a:1/x", None),
            ("; url=http://a:1/x", None),
            ("5s url=http://a:1/x", None),
            ("5", None),
            ("5;", None),
            ("5; url=", None),
            ("5; url='", None),
            ("5; https://evil.example/?url=http://a:1/", None),
        ] {
            assert_eq!(ResponseRewrite::default().refresh(refresh, hops).as_deref(), expected, "{refresh}");
        }
    }

    #[test]
    fn cookies_of_the_upstream_become_the_site_s() {
        let site = site();
        let hops = |prefix| Hops { site: &site, host: "app.internal", port: 80, prefix };
        let (domains, paths) = (pairs(&[(".Corp.example", "example.com")]), pairs(&[("/old", "/new")]));
        let rewrite = ResponseRewrite::new(Vec::new(), domains, paths);
        for (prefix, cookie, expected) in [
            (None, "a=b; Domain=app.internal; Path=/; HttpOnly", Some("a=b; Path=/; HttpOnly")),
            (None, "a=b; domain=.internal", Some("a=b")),
            (None, "a=b; Domain=example.com; Path=/", None),
            (None, "a=b; Domain=wiki.example.com", None),
            (None, "a=b; Domain=xample.com", Some("a=b")),
            (None, "a=b; Domain=corp.example; Secure", Some("a=b; Domain=example.com; Secure")),
            (None, "a=b; Path=/old/x", Some("a=b; Path=/new/x")),
            (None, "a=b", None),
            (Some("/app"), "a=b; Path=/", Some("a=b; Path=/app")),
            (Some("/app"), "a=b; Path=/x; Secure", Some("a=b; Path=/app/x; Secure")),
            (Some("/app"), "a=b; Path=/app/x", None),
            (Some("/app"), "__Host-a=b; Path=/; Secure", None),
        ] {
            assert_eq!(rewrite.cookie(cookie, hops(prefix)).as_deref(), expected, "{prefix:?} {cookie}");
        }
    }
}
