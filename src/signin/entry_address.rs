//! Addresses of the pages where a sign-in begins: how we write them, and what one that is opened asks for.
//!
//! ```text
//! <prefix>/sign-in?return=<path and query>     anybody may write this: a short target; the route there says what is asked
//! <prefix>/sign-in?to=<sealed>                 only we do: a longer target, a step-up, or what the route there asks
//! ```
//!
//! Sealed, because any website can send a visitor to such an address: with parameters in the open it could begin one
//! sign-in after another in the name of somebody who is signed in, and fill their browser's cookies with long targets.
//! A step-up counts for the session that it was asked of and for ten minutes; how strong a first sign-in must be counts
//! while nobody is signed in. What does not hold is not an error: the target is left of it, or the front page, and the
//! route there asks again.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use tracing::info;

use super::SignIn;
use super::return_to::{ReturnTo, TARGET_BYTES, fitting, pack, unpack};
use super::transaction::Entry;
use crate::access::{AuthnRequirement, Route};
use crate::session::{Purpose, Session, SessionId};
use crate::time::Instant;
use crate::web::Site;

/// The longest target that may stand in an address unsealed, in bytes.
pub(super) const UNSEALED_TARGET_BYTES: usize = 512;
/// How long a step-up may be begun after it was asked for.
const STEP_UP_WAITS: Duration = Duration::from_secs(600);

/// What a route asks of a sign-in.
#[derive(Default, PartialEq, Serialize, Deserialize)]
pub struct AskedByRoute {
    /// How strong and how recent it must be.
    pub(super) requirement: Option<AuthnRequirement>,
    /// What is asked of the provider besides.
    pub(super) parameters: Vec<(String, String)>,
}

impl AskedByRoute {
    /// Of a first sign-in, by this route.
    pub fn new(route: &Route) -> Self {
        Self { requirement: route.policy.strength().cloned(), parameters: route.sign_in_parameters.clone() }
    }
}

#[derive(Serialize, Deserialize)]
struct Sealed {
    /// Packed; only the path where all of it was too long.
    target: Vec<u8>,
    is_cut: bool,
    asked: Asked,
}

#[derive(Default, PartialEq, Serialize, Deserialize)]
struct Asked {
    /// Of somebody who is signed in.
    step_up: Option<StepUp>,
    /// Its requirement is for somebody who is not.
    by_route: AskedByRoute,
}

#[derive(PartialEq, Serialize, Deserialize)]
struct StepUp {
    session: SessionId,
    since: Instant,
    requirement: AuthnRequirement,
}

impl SignIn {
    /// Where a visitor without a session is sent, to come back to `target`: a path and query on this site.
    pub fn sign_in_url(&self, target: &str) -> String {
        self.entry_url(Entry::SignIn, target)
    }

    /// The same, with what this route asks of a sign-in there.
    pub fn sign_in_url_of(&self, route: &Route, target: &str) -> String {
        self.url(Entry::SignIn, target, Asked { step_up: None, by_route: AskedByRoute::new(route) })
    }

    /// Where the visitor of this session proves more, or again, because this route asks, to come back to `target`.
    pub fn step_up_url(
        &self,
        target: &str,
        session: &Session,
        asked: &AuthnRequirement,
        route: Option<&Route>,
        now: Instant,
    ) -> String {
        let step_up = Some(StepUp { session: session.id, since: now, requirement: asked.clone() });
        let parameters = route.map(|route| route.sign_in_parameters.clone()).unwrap_or_default();
        self.url(Entry::SignIn, target, Asked { step_up, by_route: AskedByRoute { requirement: None, parameters } })
    }

    /// Where such a sign-in begins again, to end at `target`.
    pub(super) fn sign_in_url_with(&self, parameters: &[(String, String)], target: &str) -> String {
        let by_route = AskedByRoute { requirement: None, parameters: parameters.to_vec() };
        self.url(Entry::SignIn, target, Asked { step_up: None, by_route })
    }

    /// Where such a sign-in begins, to end at `target`.
    pub(super) fn entry_url(&self, entry: Entry, target: &str) -> String {
        self.url(entry, target, Asked::default())
    }

    fn url(&self, entry: Entry, target: &str, asked: Asked) -> String {
        if target.len() <= UNSEALED_TARGET_BYTES && asked == Asked::default() {
            let target: String = url::form_urlencoded::byte_serialize(target.as_bytes()).collect();
            return format!("{}/{}?return={target}", self.site.prefix(), entry.page());
        }
        let (kept, is_whole) = fitting(target, TARGET_BYTES);
        if !is_whole {
            info!(bytes = target.len(), "the address of a page is too long to come back to: its query is left out");
        }
        let sealed = Sealed { target: pack(kept), is_cut: !is_whole, asked };
        let sealed = self.keys.seal_value(Purpose::Entry, &sealed);
        format!("{}/{}?to={sealed}", self.site.prefix(), entry.page())
    }

    /// Opens the parameter `to` of such an address at `site`, for the visitor of this session: where it leads, and what it
    /// asks, as far as that holds.
    pub(super) fn sealed_parameters(
        &self,
        sealed: &str,
        site: &Site,
        session: Option<&Session>,
        now: Instant,
    ) -> Option<(ReturnTo, AskedByRoute)> {
        let opened: Sealed = self.keys.open_value(Purpose::Entry, sealed)?;
        let holds = |step_up: &StepUp| {
            step_up.since.began_within(STEP_UP_WAITS, now)
                && session.is_some_and(|session| session.id == step_up.session)
        };
        let Asked { step_up, mut by_route } = opened.asked;
        if session.is_some() {
            by_route.requirement = step_up.filter(holds).map(|step_up| step_up.requirement);
        }
        let return_to = ReturnTo::parse(&unpack(&opened.target, TARGET_BYTES), site, &self.sites);
        Some((if opened.is_cut { return_to.cut() } else { return_to }, by_route))
    }
}
