//! A session as cookies: one, or a few where one would be larger than a browser keeps.
//!
//! Browsers keep 4,096 bytes a cookie, name and attributes included (RFC 6265bis §6.1). A sealed
//! session of up to [`PART_BYTES`] is the value of `…session`; a longer one is cut, and the first
//! part says how many parts there are:
//!
//! ```text
//! …session=v1.…                      one part
//! …session=3~v1.…  …session_1=…  …session_2=…
//! ```
//!
//! Parts are joined before they are opened, so parts of two sessions never make one. What is sealed
//! is a version byte and the session in postcard.

use tracing::warn;

use super::{KeyRing, Purpose, Session, seal::Unsealed};
use crate::web::{Request, SetCookie, Site};

/// What all our cookies together may hold. A request with more is as good as signed out.
pub const OUR_COOKIES_BYTES: usize = 16 * 1024;

/// How many cookies one answer clears at most.
pub(super) const MOST_CLEARED: usize = 40;

/// The longest value of one cookie.
pub(super) const PART_BYTES: usize = 3800;

/// The most parts. With the sign-ins under way they stay within [`OUR_COOKIES_BYTES`].
const MOST_PARTS: usize = 2;

/// The payload's own version, so that a later gateway knows what it opens.
const FORMAT: u8 = 1;

/// What a request brings.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found<'a> {
    /// No session cookie.
    Nothing,
    /// A sealed session.
    Sealed(std::borrow::Cow<'a, str>),
    /// Parts that do not make a whole, or more than we accept.
    NotWhole,
}

/// Looks through the cookies once.
pub(super) fn read<'a>(name: &str, prefix: &str, request: &'a Request<'_>) -> Found<'a> {
    let mut parts: [Option<&str>; MOST_PARTS] = [None; MOST_PARTS];
    let mut ours = 0;
    for (found, value) in request.cookies() {
        if !found.starts_with(prefix) {
            continue;
        }
        ours += found.len() + value.len();
        if let Some(part) = found.strip_prefix(name).and_then(part_number)
            && let Some(slot) = parts.get_mut(part)
            && slot.is_none()
        {
            *slot = Some(value);
        }
    }
    let Some(first) = parts[0] else { return Found::Nothing };
    if ours > OUR_COOKIES_BYTES {
        return Found::NotWhole;
    }
    // The count is one digit; looking through the whole of a cookie for a `~` would cost as much as a part of it.
    let Some(("~", beginning)) = first.get(1..).and_then(|rest| rest.split_at_checked(1)) else {
        return Found::Sealed(first.into());
    };
    let count = &first[..1];
    match count.parse::<usize>() {
        Ok(count) if (2..=MOST_PARTS).contains(&count) => {
            let rest: Option<Vec<&str>> = parts[1..count].iter().copied().collect();
            rest.map_or(Found::NotWhole, |rest| Found::Sealed((beginning.to_owned() + &rest.concat()).into()))
        }
        _ => Found::NotWhole,
    }
}

/// The session in `sealed`, if it is one.
pub(super) fn open(keys: &KeyRing, sealed: &str) -> Option<Session> {
    let plain = keys.open(Purpose::Session, sealed).map_err(|Unsealed| ()).ok()?;
    match plain.split_first() {
        Some((&FORMAT, session)) => postcard::from_bytes(session).ok(),
        _ => None,
    }
}

/// The session, sealed.
pub(super) fn seal(session: &Session, keys: &KeyRing) -> String {
    let plain = postcard::to_extend(session, vec![FORMAT]).expect("a session has a length");
    keys.seal(Purpose::Session, &zeroize::Zeroizing::new(plain))
}

/// The session made small enough to be kept, and sealed. What can be done without goes first:
/// claims, then groups from the last on.
/// Less is never more than the person may do.
pub(super) fn fit(mut session: Session, keys: &KeyRing) -> (Session, String) {
    loop {
        let sealed = seal(&session, keys);
        if sealed.len() <= PART_BYTES * MOST_PARTS - "2~".len() {
            return (session, sealed);
        }
        let identity = &mut session.identity;
        if !identity.claims.is_empty() {
            warn!(
                claims = identity.claims.len(),
                "the session is too large for its cookie: kept without mapped claims"
            );
            identity.claims.clear();
        } else if !identity.groups.is_empty() {
            let kept = identity.groups.len() / 2;
            warn!(
                groups = identity.groups.len(),
                kept, "the session is too large for its cookie: kept with fewer groups"
            );
            identity.groups.truncate(kept);
        } else {
            warn!("the session is too large for its cookie: kept with the subject only");
            (identity.name, identity.email, identity.username) = (None, None, None);
            identity.amr.clear();
            identity.acr = None;
            identity.subject.truncate(identity.subject.floor_char_boundary(PART_BYTES / 2));
        }
    }
}

/// The cookies that keep `sealed`.
pub(super) fn write(site: &Site, sealed: &str) -> Vec<SetCookie> {
    if sealed.len() <= PART_BYTES {
        return vec![site.set_cookie("session", sealed, None)];
    }
    let count = (sealed.len() + "2~".len()).div_ceil(PART_BYTES);
    let whole = format!("{count}~{sealed}");
    let parts = whole.as_bytes().chunks(PART_BYTES).map(|part| std::str::from_utf8(part).unwrap_or_default());
    let named = parts.enumerate().map(|(number, part)| match number {
        0 => site.set_cookie("session", part, None),
        _ => site.set_cookie(&format!("session_{number}"), part, None),
    });
    named.collect()
}

/// Whether `name` is that of a session cookie or of any part of one, also of parts we never write.
pub(super) fn is_part(session: &str, name: &str) -> bool {
    name.strip_prefix(session).is_some_and(|rest| rest.is_empty() || rest.starts_with('_'))
}

/// How much of the request's cookies is ours: names and values.
pub(super) fn bytes_of_ours(prefix: &str, request: &Request<'_>) -> usize {
    request.cookies().filter(|(name, _)| name.starts_with(prefix)).map(|(name, value)| name.len() + value.len()).sum()
}

/// `""` → 0, `_1` → 1, and nothing else that means the same.
fn part_number(rest: &str) -> Option<usize> {
    match rest.as_bytes() {
        [] => Some(0),
        [b'_', digit @ b'1'..=b'9'] => Some(usize::from(digit - b'0')),
        _ => None,
    }
}
