//! The user name that a browser may remember for its next sign-in (`ui.remember_username`): sealed, so that it can be
//! read on the first page only. It is the name that the org gives, so a misspelled one is never kept; going back from a
//! page that says who is signing in forgets it.
//!
//! In a step-up the field holds the name of the person who is signed in, whatever the setting.

use super::SignIn;
use super::request::{LONG, SignInRequest};
use crate::session::Identity;
use crate::session::Purpose;
use crate::web::SetCookie;

/// The cookie's short name.
const COOKIE: &str = "username";
/// The longest name that is remembered, in bytes.
const MOST_BYTES: usize = 254;

impl SignIn {
    /// Remembers who has just signed in.
    pub(super) fn remember_username(&self, identity: &Identity) -> Option<SetCookie> {
        let name = identity.username.as_deref().filter(|name| name.len() <= MOST_BYTES);
        let name = name.filter(|_| self.settings.offers.remember_username)?;
        Some(self.site.set_cookie(COOKIE, &self.keys.seal(Purpose::Username, name.as_bytes()), Some(LONG)))
    }

    /// The user name to fill in.
    pub(super) fn known_username(&self, request: &SignInRequest<'_>) -> Option<String> {
        let signed_in = request.visitor.and_then(|session| session.identity.username.clone());
        signed_in.or_else(|| {
            let sealed = request
                .http
                .cookie(&self.site.cookie_name(COOKIE))
                .filter(|_| self.settings.offers.remember_username)?;
            String::from_utf8(self.keys.open(Purpose::Username, sealed).ok()?).ok()
        })
    }

    /// Forgets the name, where one is kept.
    pub(super) fn forget_username(&self, request: &SignInRequest<'_>) -> Option<SetCookie> {
        let name = self.site.cookie_name(COOKIE);
        request.http.cookie(&name).map(|_| self.site.clear_cookie(&name))
    }
}
