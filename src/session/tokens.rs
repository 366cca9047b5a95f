//! The tokens that a sign-in brought, in a cookie of their own.
//!
//! They are needed once, at sign-out, and are most of what a session weighs. Their cookie has the path of our
//! own pages, so no request to an app carries them, and opening a session costs a third. `__Host-` wants the
//! path `/`; `__Secure-` is the prefix that is left (RFC 6265bis 4.1.3). What is sealed says which session it
//! belongs to, so the tokens of one do not serve another.
//!
//! A browser keeps 4,096 bytes a cookie: what does not fit is left out, the ID token first (the org then
//! asks before it signs out), then the refresh token.

use serde::{Deserialize, Serialize};
use tracing::warn;

use super::cookie::PART_BYTES;
use super::{KeyRing, Purpose, SessionId};
use crate::secret::Secret;
use crate::web::{Cookies, SetCookie, Site};

/// The cookie's short name.
pub(super) const COOKIE: &str = "tokens";

/// What a sign-in brought.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tokens {
    /// What the org wants to be shown at sign-out (`id_token_hint`).
    pub id_token: Option<Secret>,
    /// What is revoked at sign-out.
    pub refresh_token: Option<Secret>,
}

/// The cookie that keeps `tokens` beside the session of this name.
pub(super) fn keep(site: &Site, keys: &KeyRing, session: SessionId, mut tokens: Tokens) -> SetCookie {
    loop {
        let plain = zeroize::Zeroizing::new(postcard::to_stdvec(&(session, &tokens)).unwrap_or_default());
        let sealed = keys.seal(Purpose::Tokens, &plain);
        if sealed.len() <= PART_BYTES {
            return site.set_private_cookie(COOKIE, &sealed);
        }
        if tokens.id_token.take().is_some() {
            warn!("the ID token is too large for a cookie: sign-out will not name it to the org");
        } else if tokens.refresh_token.take().is_some() {
            warn!("the refresh token is too large for a cookie: sign-out will not revoke it");
        } else {
            return site.clear_private_cookie(COOKIE);
        }
    }
}

/// The tokens that belong to this session; none of what is missing, too old or another's.
pub(super) fn read(site: &Site, keys: &KeyRing, cookies: Cookies<'_>, session: SessionId) -> Tokens {
    let sealed = cookies.get(&site.private_cookie_name(COOKIE)).unwrap_or_default();
    let plain = keys.open(Purpose::Tokens, sealed).unwrap_or_default();
    match postcard::from_bytes::<(SessionId, Tokens)>(&plain) {
        Ok((owner, tokens)) if owner == session => tokens,
        _ => Tokens::default(),
    }
}
