//! Which of a route's upstreams a browser stays with: a sealed cookie that names it, until the browser is closed.

use data_encoding::HEXLOWER;

use super::{Gateway, RouteEntry};
use crate::access::{Action, Route};
use crate::secret::sha256;
use crate::session::Purpose;
use crate::web::{Cookies, SetCookie};

/// The short name of the cookie for a route, where its browsers stay with an upstream and there are several.
pub(super) fn member_cookie(route: &Route) -> Option<String> {
    let Action::Forward(upstreams) = &route.action else { return None };
    let is_sticky = upstreams.sticky && upstreams.members.len() > 1;
    is_sticky.then(|| format!("member_{}", HEXLOWER.encode(&sha256(&route.name)[..4])))
}

impl Gateway {
    /// Which upstream of a route a browser had before, as its cookie says.
    pub fn member(&self, entry: &RouteEntry, cookies: Cookies<'_>) -> Option<u64> {
        let sealed = cookies.get(&self.site().cookie_name(entry.member_cookie.as_deref()?))?;
        let plain = self.keys.open(Purpose::Member, sealed).ok()?;
        let (member, name) = plain.split_first_chunk()?;
        (name == entry.route.name.as_bytes()).then(|| u64::from_le_bytes(*member))
    }

    /// The cookie by which a browser that had the upstream `before` stays with this one; none where it does already, or
    /// none stays.
    pub fn keep_member(&self, entry: &RouteEntry, before: Option<u64>, member: u64) -> Option<SetCookie> {
        let name = entry.member_cookie.as_deref().filter(|_| before != Some(member))?;
        let plain = [&member.to_le_bytes()[..], entry.route.name.as_bytes()].concat();
        Some(self.site().set_cookie(name, &self.keys.seal(Purpose::Member, &plain), None))
    }
}
