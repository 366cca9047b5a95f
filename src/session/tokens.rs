//! The tokens that a sign-in brought, in a cookie of their own.
//!
//! They are needed once, at sign-out, and are most of a session's bytes. A refresh token stands here only where nothing
//! is refreshed with it. Their cookie has the path of our own pages, so no request to an app carries them, and opening a
//! session costs a third. `__Host-` wants the path `/`; `__Secure-` is the prefix that is left (RFC 6265bis 4.1.3). What is
//! sealed says which session it belongs to, so the tokens of one session do not work with another.
//!
//! The ID token is kept as the bytes that its base64url stands for, so that sealing makes it no longer than it was. What
//! does not fit beside the session is left out, the ID token first (the provider then asks before it signs out, or is not
//! gone to), then the refresh token.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use tracing::warn;

use super::{KeyRing, Purpose, SessionId};
use crate::secret::Secret;
use crate::web::{Cookies, Site};

/// The cookie's short name.
pub(super) const COOKIE: &str = "tokens";

/// What a sign-in brought.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tokens {
    /// What the org wants to be shown at sign-out (`id_token_hint`).
    pub id_token: Option<Secret>,
    /// What is revoked at sign-out.
    pub refresh_token: Option<Secret>,
}

/// An ID token as it is kept.
#[derive(Serialize, Deserialize)]
enum Packed {
    /// The bytes of each of its parts (RFC 7515 §7.1).
    Parts(Vec<Vec<u8>>),
    /// A token that would not come back the same.
    Text(Secret),
}

impl Packed {
    fn new(token: &Secret) -> Self {
        let parts: Result<_, _> = token.expose().split('.').map(|part| URL_SAFE_NO_PAD.decode(part)).collect();
        let packed = parts.map(Self::Parts);
        packed.ok().filter(|packed| packed.token() == *token).unwrap_or_else(|| Self::Text(token.clone()))
    }

    fn token(&self) -> Secret {
        match self {
            Self::Parts(parts) => {
                let parts: Vec<String> = parts.iter().map(|part| URL_SAFE_NO_PAD.encode(part)).collect();
                Secret::new(parts.join("."))
            }
            Self::Text(token) => token.clone(),
        }
    }
}

/// `tokens` for the session of this name, sealed, in at most `room` bytes. What there is no room for is taken out of them; none
/// where nothing is left.
pub(super) fn seal(keys: &KeyRing, session: SessionId, tokens: &mut Tokens, room: usize) -> Option<String> {
    loop {
        let packed = tokens.id_token.as_ref().map(Packed::new);
        let sealed = keys.seal_value(Purpose::Tokens, &(session, packed, &tokens.refresh_token));
        if sealed.len() <= room {
            return Some(sealed);
        }
        if tokens.id_token.take().is_some() {
            warn!("the ID token is too large for a cookie: sign-out will not name it to the org");
        } else if tokens.refresh_token.take().is_some() {
            warn!("the refresh token is too large for a cookie: sign-out will not revoke it");
        } else {
            return None;
        }
    }
}

/// The tokens that belong to this session; none of what is missing, too old or another's.
pub(super) fn read(site: &Site, keys: &KeyRing, cookies: Cookies<'_>, session: SessionId) -> Tokens {
    let sealed = cookies.get(&site.private_cookie_name(COOKIE)).unwrap_or_default();
    match keys.open_value::<(SessionId, Option<Packed>, Option<Secret>)>(Purpose::Tokens, sealed) {
        Some((owner, packed, refresh_token)) if owner == session => {
            Tokens { id_token: packed.map(|packed| packed.token()), refresh_token }
        }
        _ => Tokens::default(),
    }
}
