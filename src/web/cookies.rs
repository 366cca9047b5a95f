//! Cookies both ways: those that a request brings, and the changes that an answer makes to them.
//!
//! [`Cookies`] borrows what was sent; [`CookieChanges`] holds at most one change a name, and becomes `Set-Cookie`
//! headers only where a response is written. What a stranger sends is read leniently: a pair without `=` is no cookie.

use std::fmt;

use http::header::{COOKIE, HeaderMap};
use serde::{Deserialize, Serialize};

/// The cookies of a request.
#[derive(Clone, Copy, Debug)]
pub struct Cookies<'a>(&'a HeaderMap);

impl<'a> Cookies<'a> {
    /// Those in every `Cookie` line of `headers` (HTTP/2 splits them, RFC 9113 §8.2.3).
    pub fn of(headers: &'a HeaderMap) -> Self {
        Self(headers)
    }

    /// Every cookie, by name and value, in the order they were sent. One whose name is not text is left out, and does
    /// not hide the others.
    pub fn iter(self) -> impl Iterator<Item = (&'a str, &'a str)> {
        fn text(bytes: &[u8]) -> Option<&str> {
            std::str::from_utf8(bytes.trim_ascii()).ok()
        }
        self.0.get_all(COOKIE).iter().flat_map(|line| cookie_pairs(line.as_bytes())).filter_map(|pair| {
            let equals = memchr::memchr(b'=', pair)?;
            // The gateway sets no value that is no text; such a cookie still counts as there, and is cleared.
            Some((text(&pair[..equals])?, text(&pair[equals + 1..]).unwrap_or("\u{fffd}")))
        })
    }

    /// The first cookie of that name.
    pub fn get(self, name: &str) -> Option<&'a str> {
        self.iter().find_map(|(found, value)| (found == name).then_some(value))
    }
}

/// The pairs of one `Cookie` line, still with the blanks around them. Every request comes through here.
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
    /// `text` is a whole value: name, `=`, value, attributes. [`super::Site`] makes them.
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

    /// What the cookie adds to a request, name and value; nothing where it is cleared.
    fn bytes(&self) -> usize {
        let pair = self.0.split(';').next().unwrap_or_default();
        if pair.ends_with('=') { 0 } else { pair.len() - 1 }
    }
}

/// Shows the name only: the value may open a session.
impl fmt::Debug for SetCookie {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SetCookie({}=…)", self.name())
    }
}

/// What an answer changes about a browser's cookies: at most one change a name, of which the last counts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CookieChanges(Vec<SetCookie>);

impl CookieChanges {
    /// Adds a change, in place of an earlier one of the same name.
    pub fn push(&mut self, change: SetCookie) {
        self.0.retain(|earlier| earlier.name() != change.name());
        self.0.push(change);
    }

    /// Whether nothing changes.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The names of the cookies that a browser with `cookies` has once these changes are made, and how many bytes each
    /// has, name and value.
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

    #[test]
    fn of_two_changes_to_one_cookie_the_last_counts() {
        let change = |text: &str| SetCookie::new(text.to_owned());
        let mut changes: CookieChanges = [change("a=; Max-Age=0"), change("ab=1")].into_iter().collect();
        changes.push(change("a=2; Path=/"));
        let written: Vec<_> = changes.iter().map(SetCookie::as_str).collect();
        assert_eq!(written, ["ab=1", "a=2; Path=/"]);
    }
}
