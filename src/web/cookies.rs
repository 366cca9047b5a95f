//! The cookies of a request, and the changes that a response makes to them.
//!
//! [`Cookies`] borrows what was sent and reads it leniently: a pair without `=` is no cookie. [`CookieChanges`] holds
//! at most one change for each name, and becomes `Set-Cookie` headers only where a response is written.

use std::fmt;

use http::header::{COOKIE, HeaderMap};
use serde::{Deserialize, Serialize};

/// The cookies of a request.
#[derive(Clone, Copy, Debug)]
pub struct Cookies<'a>(&'a HeaderMap);

impl<'a> Cookies<'a> {
    /// The cookies of every `Cookie` line (HTTP/2 splits them, RFC 9113 §8.2.3).
    pub fn of(headers: &'a HeaderMap) -> Self {
        Self(headers)
    }

    /// Every cookie as name and value, in the order they were sent. A cookie whose name is not UTF-8 is skipped.
    pub fn iter(self) -> impl Iterator<Item = (&'a str, &'a str)> {
        fn text(bytes: &[u8]) -> Option<&str> {
            std::str::from_utf8(bytes.trim_ascii()).ok()
        }
        self.0.get_all(COOKIE).iter().flat_map(|line| cookie_pairs(line.as_bytes())).filter_map(|pair| {
            let equals = memchr::memchr(b'=', pair)?;
            // The gateway sets no value that is not UTF-8. Such a cookie still counts as present, so that it is
            // cleared.
            Some((text(&pair[..equals])?, text(&pair[equals + 1..]).unwrap_or("\u{fffd}")))
        })
    }

    /// The cookie of that name; none where there are several, since nobody can tell which of them was set here: a sibling
    /// host may set one for its parent domain.
    pub fn get(self, name: &str) -> Option<&'a str> {
        let mut of_name = self.iter().filter_map(|(found, value)| (found == name).then_some(value));
        of_name.next().filter(|_| of_name.next().is_none())
    }
}

/// The pairs of one `Cookie` line, with the blanks around them. Every request passes here, so it must be quick.
pub(crate) fn cookie_pairs(line: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut start = 0;
    memchr::memchr_iter(b';', line).chain([line.len()]).map(move |end| {
        let pair = &line[start..end];
        start = end + 1;
        pair
    })
}

/// The value of one `Set-Cookie` header.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetCookie(String);

impl SetCookie {
    /// `text` is the whole value: name, `=`, value, attributes. [`super::Site`] makes them.
    pub(super) fn new(text: String) -> Self {
        Self(text)
    }

    /// The header's value.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The cookie's full name.
    pub fn name(&self) -> &str {
        self.0.split('=').next().unwrap_or_default()
    }

    /// The bytes that the cookie adds to a request, name and value; 0 where it is cleared.
    fn bytes(&self) -> usize {
        let pair = self.0.split(';').next().unwrap_or_default();
        if pair.ends_with('=') { 0 } else { pair.len() - 1 }
    }
}

/// Shows the name only, since the value may open a session.
impl fmt::Debug for SetCookie {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SetCookie({}=…)", self.name())
    }
}

/// The changes of a response to a browser's cookies: at most one for each name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CookieChanges(Vec<SetCookie>);

impl CookieChanges {
    /// Adds a change, instead of an earlier one with the same name.
    pub fn push(&mut self, change: SetCookie) {
        self.0.retain(|earlier| earlier.name() != change.name());
        self.0.push(change);
    }

    /// Whether there are no changes.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The cookies that a browser with `cookies` has after these changes: names, and bytes of name and value.
    pub fn applied_to<'a>(&'a self, cookies: Cookies<'a>) -> impl Iterator<Item = (&'a str, usize)> {
        let kept = cookies.iter().filter(|(name, _)| !self.iter().any(|change| change.name() == *name));
        let kept = kept.map(|(name, value)| (name, name.len() + value.len()));
        kept.chain(self.iter().map(|change| (change.name(), change.bytes())).filter(|(_, bytes)| *bytes > 0))
    }

    /// The changes, in the order they were made.
    pub fn iter(&self) -> std::slice::Iter<'_, SetCookie> {
        self.0.iter()
    }
}

impl Extend<SetCookie> for CookieChanges {
    fn extend<T: IntoIterator<Item = SetCookie>>(&mut self, changes: T) {
        changes.into_iter().for_each(|change| self.push(change));
    }
}

impl FromIterator<SetCookie> for CookieChanges {
    fn from_iter<T: IntoIterator<Item = SetCookie>>(changes: T) -> Self {
        let mut all = Self::default();
        all.extend(changes);
        all
    }
}

impl IntoIterator for CookieChanges {
    type Item = SetCookie;
    type IntoIter = std::vec::IntoIter<SetCookie>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cookies_are_found_in_every_line_and_spacing() {
        let mut headers = HeaderMap::new();
        for line in ["a=1;b=2 ;  c=3=4; d", "e=5; f=é"] {
            headers.append(COOKIE, http::HeaderValue::from_bytes(line.as_bytes()).expect("a value"));
        }
        let found: Vec<_> = Cookies::of(&headers).iter().collect();
        assert_eq!(found, [("a", "1"), ("b", "2"), ("c", "3=4"), ("e", "5"), ("f", "é")]);
        assert_eq!(Cookies::of(&headers).get("c"), Some("3=4"));
    }

    /// K-12.
    #[test]
    fn a_cookie_that_comes_twice_counts_as_none() {
        let mut headers = HeaderMap::new();
        headers.append(COOKIE, http::HeaderValue::from_static("a=1; b=2; a=3; c=4"));
        headers.append(COOKIE, http::HeaderValue::from_static("c=4"));
        let cookies = Cookies::of(&headers);
        assert_eq!(["a", "b", "c", "d"].map(|name| cookies.get(name)), [None, Some("2"), None, None]);
    }

    #[test]
    fn of_two_changes_to_one_cookie_the_last_counts() {
        let change = |text: &str| SetCookie::new(text.to_owned());
        let mut changes: CookieChanges = [change("a=; Max-Age=0"), change("ab=1")].into_iter().collect();
        changes.push(change("a=2; Path=/"));
        let written: Vec<_> = changes.iter().map(SetCookie::as_str).collect();
        assert_eq!(written, ["ab=1", "a=2; Path=/"]);
    }
}
