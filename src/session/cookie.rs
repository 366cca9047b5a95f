//! What a browser holds of a session, as cookies: the handle in one, or in two where one would be larger than a
//! browser keeps, and the stamp in one of its own.
//!
//! Browsers keep 4,096 bytes a cookie, name and attributes included (RFC 6265bis §6.1). A handle of up to
//! [`PART_BYTES`] is the value of `…session`; a longer one is cut, and the first part says how many parts there are:
//!
//! ```text
//! …session=v2.…                      one part
//! …session=2~v2.…  …session_1=…
//! …seen=v2.…                         the stamp
//! ```
//!
//! Parts are joined before they are opened, so parts of two sessions never make one.

use std::borrow::Cow;

use crate::web::{Cookies, SetCookie, Site};

/// What all our cookies together may hold. A request with more is as good as signed out.
pub const OUR_COOKIES_BYTES: usize = 16 * 1024;

/// How many cookies one answer clears at most.
pub(super) const MOST_CLEARED: usize = 40;

/// The longest value of one cookie.
pub(super) const PART_BYTES: usize = 3800;

/// The most parts. With the sign-ins under way they stay within [`OUR_COOKIES_BYTES`].
const MOST_PARTS: usize = 2;

/// The longest handle.
pub(super) const HANDLE_BYTES: usize = PART_BYTES * MOST_PARTS - "2~".len();

/// The short name of the stamp's cookie.
const SEEN: &str = "seen";

/// The full names of a site's session cookies.
#[derive(Debug)]
pub(super) struct Names {
    prefix: &'static str,
    session: String,
    seen: String,
}

/// What a request brings.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found<'a> {
    /// No session cookie.
    Nothing,
    /// A handle, and a stamp, which may be empty.
    Handle(Cow<'a, str>, &'a str),
    /// Parts that do not make a whole, or more than we accept.
    NotWhole,
}

impl Names {
    pub(super) fn of(site: &Site) -> Self {
        Self { prefix: site.cookie_prefix(), session: site.cookie_name("session"), seen: site.cookie_name(SEEN) }
    }

    /// Looks through the cookies once.
    pub(super) fn find<'a>(&self, cookies: Cookies<'a>) -> Found<'a> {
        let mut parts: [Option<&str>; MOST_PARTS] = [None; MOST_PARTS];
        let (mut stamp, mut ours) = (None, 0);
        for (found, value) in cookies.iter() {
            if !found.starts_with(self.prefix) {
                continue;
            }
            ours += found.len() + value.len();
            if let Some(part) = found.strip_prefix(self.session.as_str()).and_then(part_number) {
                if let Some(slot) = parts.get_mut(part) {
                    slot.get_or_insert(value);
                }
            } else if found == self.seen {
                stamp.get_or_insert(value);
            }
        }
        let Some(first) = parts[0] else { return Found::Nothing };
        if ours > OUR_COOKIES_BYTES {
            return Found::NotWhole;
        }
        let stamp = stamp.unwrap_or_default();
        // The count is one digit; looking through the whole of a cookie for a `~` would cost as much as a part of it.
        let Some(("~", beginning)) = first.get(1..).and_then(|rest| rest.split_at_checked(1)) else {
            return Found::Handle(first.into(), stamp);
        };
        match (first[..1].parse::<usize>(), parts[1]) {
            (Ok(MOST_PARTS), Some(rest)) => Found::Handle((beginning.to_owned() + rest).into(), stamp),
            _ => Found::NotWhole,
        }
    }

    /// Cookies that clear every part of a session that the request brought, and the whole of what is ours where that
    /// is more than we accept.
    pub(super) fn clear(&self, site: &Site, cookies: Cookies<'_>) -> Vec<SetCookie> {
        let ours = || cookies.iter().filter(|(name, _)| name.starts_with(self.prefix));
        let too_much = ours().map(|(name, value)| name.len() + value.len()).sum::<usize>() > OUR_COOKIES_BYTES;
        let mut names: Vec<&str> =
            ours().map(|(name, _)| name).filter(|name| too_much || self.is_part(name) || *name == self.seen).collect();
        names.push(&self.session);
        names.sort_unstable();
        names.dedup();
        names.into_iter().take(MOST_CLEARED).map(|name| site.clear_cookie(name)).collect()
    }

    /// Whether `name` is that of a session cookie or of any part of one, also of parts we never write.
    fn is_part(&self, name: &str) -> bool {
        name.strip_prefix(self.session.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('_'))
    }
}

/// The cookies that keep a handle.
pub(super) fn keep(site: &Site, handle: &str) -> Vec<SetCookie> {
    if handle.len() <= PART_BYTES {
        return vec![site.set_cookie("session", handle, None)];
    }
    let whole = format!("{MOST_PARTS}~{handle}");
    let (first, second) = whole.split_at(PART_BYTES);
    vec![site.set_cookie("session", first, None), site.set_cookie("session_1", second, None)]
}

/// The cookie that keeps a stamp.
pub(super) fn keep_stamp(site: &Site, stamp: &str) -> SetCookie {
    site.set_cookie(SEEN, stamp, None)
}

/// `""` → 0, `_1` → 1, and nothing else that means the same.
fn part_number(rest: &str) -> Option<usize> {
    match rest.as_bytes() {
        [] => Some(0),
        [b'_', digit @ b'1'..=b'9'] => Some(usize::from(digit - b'0')),
        _ => None,
    }
}
