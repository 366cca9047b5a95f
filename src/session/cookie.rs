//! What a browser holds of a session, as cookies: the handle in one, or in two where one would be larger than a
//! browser keeps, and the stamp in one of its own.
//!
//! A handle of up to [`ONE_PART_BYTES`] is the value of `…session`; a longer one is cut in halves, and the first says
//! so:
//!
//! ```text
//! …session=v2.…                      one part
//! …session=2~v2.…  …session_1=…
//! …seen=v2.…                         the stamp
//! …refresh=v2.…                      what refreshes it, where that is done
//! ```
//!
//! Parts are joined before they are opened, so parts of two sessions never make one. A request that brings one of these
//! cookies twice, or a part that is none of its session's, has no session: which of them the gateway set cannot be told.
//!
//! What sets the sizes is not the browser, which keeps 4,096 bytes a cookie (RFC 6265bis §6.1), but the servers in front:
//! nginx takes 4 KB of an answer's head and 8 KB of a line of a request's, Apache 8,190 bytes of a line. So what is ours
//! in one request stays within [`REQUEST_BYTES`], or within [`LARGE_REQUEST_BYTES`] where a session has two parts, and
//! each part fits into an answer of its own.

use std::borrow::Cow;
use std::time::Duration;

use crate::web::{CookieChanges, Cookies, SetCookie, Site};

/// What all our cookies together may hold, names and values. A request with more is as good as signed out.
pub(super) const OUR_COOKIES_BYTES: usize = 8 * 1024;

/// How many bytes our cookies may have in a request, names and values.
const REQUEST_BYTES: usize = 4000;

/// The same where a session has two parts.
const LARGE_REQUEST_BYTES: usize = 8000;

/// How many of these are set aside for cookies other than a session, its tokens, what refreshes it and the sign-ins under
/// way: the stamp, the browser's id, its language and a user name, with all names.
const SMALL_COOKIES_BYTES: usize = 700;

/// How many cookies one answer clears at most.
pub(super) const MOST_CLEARED: usize = 40;

/// The longest handle that is kept in one part: it leaves as much for the tokens, which only our own pages are sent.
pub(super) const ONE_PART_BYTES: usize = 1700;

/// The longest value of one cookie of a session.
pub(super) const PART_BYTES: usize = 2900;

/// The most parts.
const MOST_PARTS: usize = 2;

/// The longest handle.
pub(super) const HANDLE_BYTES: usize = PART_BYTES * MOST_PARTS - "2~".len();

/// The longest handle of a lease: it comes in an address, which is a header of an answer first.
pub(super) const LEASE_BYTES: usize = 2600;

/// The short names of the cookies with the stamp, and with what refreshes a session.
pub(super) const SEEN: &str = "seen";
pub(super) const REFRESH: &str = "refresh";

/// The full names of a site's session cookies.
#[derive(Debug)]
pub(super) struct Names {
    prefix: &'static str,
    session: String,
    seen: String,
    refresh: String,
}

/// What a browser holds of one session; all but the handle may be empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Held<'a> {
    /// Which session it is.
    pub handle: Cow<'a, str>,
    /// When it was last used.
    pub stamp: &'a str,
    /// What refreshes it.
    pub refresh: &'a str,
}

/// What a request brings.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found<'a> {
    /// No session cookie.
    Nothing,
    /// A handle, and what stands beside it.
    Handle(Held<'a>),
    /// Parts that do not make a whole, one that is too many, a cookie twice, or more than we accept.
    NotWhole,
}

impl Names {
    pub(super) fn of(site: &Site) -> Self {
        let name = |short| site.cookie_name(short);
        Self { prefix: site.cookie_prefix(), session: name("session"), seen: name(SEEN), refresh: name(REFRESH) }
    }

    /// Looks through the cookies once.
    pub(super) fn find<'a>(&self, cookies: Cookies<'a>) -> Found<'a> {
        let mut parts: [Option<&str>; MOST_PARTS] = [None; MOST_PARTS];
        let (mut stamp, mut refresh, mut ours, mut is_clear) = (None, None, 0, true);
        for (found, value) in cookies.iter() {
            if !found.starts_with(self.prefix) {
                continue;
            }
            ours += found.len() + value.len();
            let place = match found.strip_prefix(self.session.as_str()) {
                Some("") => Some(&mut parts[0]),
                Some("_1") => Some(&mut parts[1]),
                Some(rest) => {
                    is_clear &= !rest.starts_with('_');
                    None
                }
                None if found == self.seen => Some(&mut stamp),
                None if found == self.refresh => Some(&mut refresh),
                None => None,
            };
            is_clear &= place.is_none_or(|place| place.replace(value).is_none());
        }
        let Some(first) = parts[0] else { return Found::Nothing };
        if ours > OUR_COOKIES_BYTES || !is_clear {
            return Found::NotWhole;
        }
        let held = |handle| {
            Found::Handle(Held { handle, stamp: stamp.unwrap_or_default(), refresh: refresh.unwrap_or_default() })
        };
        // The count is one digit; looking through the whole of a cookie for a `~` would cost as much as a part of it.
        let count_and_beginning = match first.get(1..).and_then(|rest| rest.split_at_checked(1)) {
            Some(("~", beginning)) => Some((first[..1].parse::<usize>(), beginning)),
            _ => None,
        };
        match (count_and_beginning, parts[1]) {
            (None, None) => held(first.into()),
            (Some((Ok(MOST_PARTS), beginning)), Some(rest)) => held((beginning.to_owned() + rest).into()),
            _ => Found::NotWhole,
        }
    }

    /// The handle that the cookies hold, if there is one, and what stands beside it.
    pub(super) fn held<'a>(&self, cookies: Cookies<'a>) -> Option<Held<'a>> {
        match self.find(cookies) {
            Found::Handle(held) => Some(held),
            Found::Nothing | Found::NotWhole => None,
        }
    }

    /// Cookies that clear every part of a session that the request brought, and the whole of what is ours where that
    /// is more than we accept.
    pub(super) fn clear(&self, site: &Site, cookies: Cookies<'_>) -> Vec<SetCookie> {
        let ours = || cookies.iter().filter(|(name, _)| name.starts_with(self.prefix));
        let too_much = ours().map(|(name, value)| name.len() + value.len()).sum::<usize>() > OUR_COOKIES_BYTES;
        let mut names: Vec<&str> =
            ours().map(|(name, _)| name).filter(|name| too_much || self.is_of_a_session(name)).collect();
        names.push(&self.session);
        names.sort_unstable();
        names.dedup();
        names.into_iter().take(MOST_CLEARED).map(|name| site.clear_cookie(name)).collect()
    }

    /// How many bytes are left for sign-ins under way once `changes` are made to `cookies`; names that begin with `except`
    /// are theirs.
    pub(super) fn room(&self, site: &Site, cookies: Cookies<'_>, changes: &CookieChanges, except: &str) -> usize {
        let (mut weight, mut limit) = (0, REQUEST_BYTES);
        for (name, bytes) in changes.applied_to(cookies).filter(|(name, _)| site.is_own_cookie(name)) {
            if !name.starts_with(except) {
                weight += bytes;
            }
            if name.strip_prefix(self.session.as_str()) == Some("_1") {
                limit = LARGE_REQUEST_BYTES;
            }
        }
        limit.saturating_sub(weight)
    }

    /// Whether `name` is that of a session cookie or of any part of one, also of parts we never write, or of what stands
    /// beside it.
    fn is_of_a_session(&self, name: &str) -> bool {
        let is_part = |rest: &str| rest.is_empty() || rest.starts_with('_');
        name == self.seen || name == self.refresh || name.strip_prefix(self.session.as_str()).is_some_and(is_part)
    }

    /// What a request brings that may refresh a session.
    pub(super) fn refresh<'a>(&self, cookies: Cookies<'a>) -> &'a str {
        cookies.get(&self.refresh).unwrap_or_default()
    }
}

/// The cookies that keep a handle. The first part comes last: a session whose answers were broken off is none.
pub(super) fn keep(site: &Site, handle: &str, stays: Option<Duration>) -> Vec<SetCookie> {
    if handle.len() <= ONE_PART_BYTES {
        return vec![site.set_cookie("session", handle, stays)];
    }
    let whole = format!("{MOST_PARTS}~{handle}");
    let (first, second) = whole.split_at(whole.len().div_ceil(MOST_PARTS));
    vec![site.set_cookie("session_1", second, stays), site.set_cookie("session", first, stays)]
}

/// How long the values of what refreshes a session and of its tokens may be together, beside this handle.
pub(super) fn room_beside(handle: &str) -> usize {
    let limit = if handle.len() <= ONE_PART_BYTES { REQUEST_BYTES } else { LARGE_REQUEST_BYTES };
    (limit - SMALL_COOKIES_BYTES).saturating_sub(handle.len())
}
