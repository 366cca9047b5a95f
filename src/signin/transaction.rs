//! One sign-in, as the browser carries it: a sealed cookie of its own, so that every tab and every
//! replica can go on with it, and nothing is kept here.
//!
//! It holds only what cannot be had again: the provider, the interaction handle where there is one, the PKCE verifier,
//! `state`, `nonce`, where to go in the end, and times. The current step comes from the org.
//!
//! ```text
//! <prefix>tx_<flow id> = sealed(postcard(Transaction))         flow id: 128 random bits, base64url
//! state                = <flow id>.<128 random bits>           so that a callback finds its cookie
//! ```
//!
//! A sign-in that is over leaves in that cookie where it led to, for ten minutes: another tab that waits for it, and the
//! browser's back button, get there too.
//!
//! The flow's id stands in addresses and is no credential: every request also needs the cookie. Eight
//! cookies and 3.5 KB of them together are kept, the oldest dropped, so that neither abandoned tabs nor another
//! website can fill a browser's header. What cannot be opened, or is too old, counts as absent.

use std::fmt;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq as _;

use super::parameters::{EntryParameters, RequestedParameters};
use super::return_to::ReturnTo;
use crate::access::AuthnRequirement;
use crate::oidc::AuthorizationRequest;
use crate::oidc::pkce::Verifier;
use crate::secret::{Secret, hmac};
use crate::session::{KeyRing, Purpose, Sessions, random};
use crate::time::Instant;
use crate::web::{CookieChanges, Request, SetCookie, Site};

/// The most sign-ins that a browser may have open.
pub(super) const MAX_OPEN: usize = 8;
/// The most bytes that their cookies may have together, names included; the newest stays in any case. Less where a session
/// leaves less room.
pub(super) const MAX_BYTES: usize = 3584;
/// The longest address, in bytes, that is kept of where a sign-in led to; home stands for a longer one.
const MAX_RETURN: usize = 500;
/// How long it is known where a sign-in led to.
const KNOWN_AFTERWARDS: Duration = Duration::from_secs(600);
/// The most cookies that one response clears.
const MAX_CLEARED: usize = 24;
/// What the cookies' names begin with, after the site's prefix.
pub(super) const COOKIE: &str = "tx_";

/// The name of a sign-in in addresses.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct FlowId(String);

impl FlowId {
    /// A fresh one.
    fn random() -> Self {
        Self(URL_SAFE_NO_PAD.encode(random::<16>()))
    }

    /// Reads one from an address: 22 characters of base64url.
    pub fn parse(text: &str) -> Option<Self> {
        let fits =
            text.len() == 22 && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
        fits.then(|| Self(text.to_owned()))
    }

    /// The flow that a `state` belongs to.
    pub(super) fn of_state(state: &str) -> Option<Self> {
        Self::parse(state.split_once('.')?.0)
    }

    fn cookie(&self) -> String {
        format!("{COOKIE}{}", self.0)
    }
}

impl fmt::Display for FlowId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a visitor came for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Entry {
    /// To sign in.
    SignIn,
    /// To create or activate an account.
    Register,
    /// To get a forgotten password replaced.
    Recover,
    /// To unlock an account.
    Unlock,
}

impl Entry {
    /// The name of its page, under the prefix.
    pub(super) const fn page(self) -> &'static str {
        match self {
            Self::SignIn => "sign-in",
            Self::Register => "register",
            Self::Recover => "recover",
            Self::Unlock => "unlock",
        }
    }
}

/// Through which door a sign-in goes, and what only that door needs.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum TransactionState {
    /// Our own pages.
    Idx {
        /// The org's handle: shown again, it gives the current step.
        handle: Secret,
    },
    /// Okta's widget: the browser has what the org gave it.
    Widget,
    /// The provider's own page.
    Redirect,
    /// The same without a question: only a session there signs in (`prompt=none`).
    Silent,
    /// The same with a question in any case (`prompt=login`): an earlier session there was not enough.
    ProvingAgain,
}

impl TransactionState {
    /// Whether the browser was sent to the provider's own page.
    pub(super) const fn is_redirect(&self) -> bool {
        matches!(self, Self::Redirect | Self::Silent | Self::ProvingAgain)
    }
}

/// A sign-in; under way at a provider where it has a [`TransactionState`], and with `()` not begun there yet.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Transaction<State = TransactionState> {
    /// Its name.
    pub flow: FlowId,
    /// Who signs the person in, by name.
    pub provider: String,
    /// Through which door.
    pub door: State,
    /// The secret half of the proof key.
    pub verifier: Verifier,
    /// Comes back in callbacks.
    pub state: Secret,
    /// Comes back in the ID token.
    pub nonce: Secret,
    /// Where to go in the end.
    pub return_to: ReturnTo,
    /// What for.
    pub entry: Entry,
    /// How strong and how recent it must be, where a route asks.
    pub requirement: Option<AuthnRequirement>,
    /// What is asked of the provider besides.
    pub requested: RequestedParameters,
    /// Whether the person wants to stay signed in when the browser is closed, once they were asked.
    pub stays: Option<bool>,
    /// Since when.
    pub started: Instant,
}

impl Transaction<()> {
    /// Draws fresh secrets for a sign-in with the provider of this name.
    pub(super) fn new(provider: &str, entry: Entry, asked: EntryParameters, now: Instant) -> Self {
        let EntryParameters { return_to, requirement, requested } = asked;
        let flow = FlowId::random();
        let state = Secret::new(format!("{flow}.{}", URL_SAFE_NO_PAD.encode(random::<16>())));
        let nonce = Secret::new(URL_SAFE_NO_PAD.encode(random::<16>()));
        let (provider, verifier) = (provider.to_owned(), Verifier::from_bytes(random()));
        let (door, stays, started) = ((), None, now);
        Self { flow, provider, door, verifier, state, nonce, return_to, entry, requirement, requested, stays, started }
    }

    /// The sign-in once it is under way.
    pub(super) fn begun(self, door: TransactionState) -> Transaction {
        let Self { flow, provider, verifier, state, nonce, return_to, entry, requirement, requested, .. } = self;
        let (stays, started) = (self.stays, self.started);
        Transaction {
            flow,
            provider,
            door,
            verifier,
            state,
            nonce,
            return_to,
            entry,
            requirement,
            requested,
            stays,
            started,
        }
    }
}

impl<State> Transaction<State> {
    /// What is asked of the provider.
    pub(super) fn request(&self) -> AuthorizationRequest<'_> {
        let requirement = self.requirement.as_ref();
        AuthorizationRequest {
            verifier: &self.verifier,
            state: self.state.expose(),
            nonce: self.nonce.expose(),
            acr_values: requirement.and_then(AuthnRequirement::acr_values),
            max_age: requirement.and_then(AuthnRequirement::max_age).map(|age| age.as_secs()),
        }
    }
}

impl Transaction {
    /// The token in the forms of this sign-in's pages: an HMAC of the flow's id under the verifier, so that only the browser
    /// with the cookie has it and no key rotation changes it.
    pub(super) fn form_token(&self) -> String {
        hmac(self.verifier.expose(), &format!("form {}", self.flow))
    }

    /// What stands behind that token in a form or a poll: the digest of the reply that the page was made of. None without
    /// the token.
    pub(super) fn made_of<'t>(&self, token: &'t str) -> Option<&'t str> {
        let ours = self.form_token();
        let (token, made_of) = token.split_at_checked(ours.len())?;
        bool::from(ours.as_bytes().ct_eq(token.as_bytes())).then_some(made_of)
    }
}

/// Keeps sign-ins in the browser.
pub struct TransactionCookies<'a> {
    /// Whose cookies.
    pub site: &'a Site,
    /// What seals them.
    pub keys: &'a KeyRing,
    /// How long a sign-in may take.
    pub lifetime: Duration,
}

impl TransactionCookies<'_> {
    /// The sign-in of this name, if this browser has it and it is not too old.
    pub fn find(&self, request: &Request<'_>, flow: &FlowId, now: Instant) -> Option<Transaction> {
        let sealed = request.cookie(&self.site.cookie_name(&flow.cookie()))?;
        self.open(sealed, now).filter(|transaction| transaction.flow == *flow)
    }

    /// The sign-in that this `state` belongs to, if it is this browser's.
    pub(super) fn find_by_state(&self, request: &Request<'_>, state: &str, now: Instant) -> Option<Transaction> {
        let transaction = self.find(request, &FlowId::of_state(state)?, now)?;
        (transaction.state == Secret::new(state)).then_some(transaction)
    }

    /// Keeps a sign-in, and drops the oldest ones where there are too many.
    pub fn keep(
        &self,
        request: &Request<'_>,
        transaction: &Transaction,
        sessions: &Sessions,
        now: Instant,
    ) -> CookieChanges {
        let sealed = self.keys.seal_value(Purpose::SignIn, transaction);
        let mut changes = CookieChanges::default();
        changes.push(self.site.set_cookie(&transaction.flow.cookie(), &sealed, Some(self.lifetime)));
        let dropped = self.make_room(request, &transaction.flow, &changes, sessions, now);
        changes.extend(dropped);
        changes
    }

    /// Keeps only where a sign-in led to, where that is short: the first of `changes`, after the sign-ins that go.
    pub fn finish(
        &self,
        transaction: &Transaction,
        request: &Request<'_>,
        changes: &mut CookieChanges,
        sessions: &Sessions,
        now: Instant,
    ) {
        let return_to = Some(&transaction.return_to).filter(|return_to| return_to.as_str().len() <= MAX_RETURN);
        let sealed = self.keys.seal_value(Purpose::Return, &(&transaction.flow, now, return_to));
        let mut all: CookieChanges =
            [self.site.set_cookie(&transaction.flow.cookie(), &sealed, Some(KNOWN_AFTERWARDS))].into_iter().collect();
        all.extend(std::mem::take(changes));
        let dropped = self.make_room(request, &transaction.flow, &all, sessions, now);
        *changes = dropped.into_iter().chain(all).collect();
    }

    /// Which other sign-ins go, the oldest first, so that what is left fits beside the rest of our cookies.
    fn make_room(
        &self,
        request: &Request<'_>,
        flow: &FlowId,
        changes: &CookieChanges,
        sessions: &Sessions,
        now: Instant,
    ) -> Vec<SetCookie> {
        let started = |value: &str| self.open(value, now).map(|transaction| transaction.started);
        OpenCookies { site: self.site, sessions, prefix: COOKIE }.make_room(request, &flow.cookie(), changes, started)
    }

    /// Where the sign-in of this name led to, if this browser finished it a moment ago.
    pub(super) fn led_to(&self, request: &Request<'_>, flow: &FlowId, now: Instant) -> Option<ReturnTo> {
        let sealed = request.cookie(&self.site.cookie_name(&flow.cookie()))?;
        let (finished, at, return_to): (FlowId, Instant, Option<ReturnTo>) =
            self.keys.open_value(Purpose::Return, sealed)?;
        let is_it = finished == *flow && at.began_within(KNOWN_AFTERWARDS, now);
        is_it.then(|| return_to.unwrap_or_else(|| ReturnTo::home(self.site)))
    }

    /// Forgets a sign-in.
    pub fn forget(&self, flow: &FlowId) -> SetCookie {
        self.site.clear_cookie(&self.site.cookie_name(&flow.cookie()))
    }

    fn open(&self, sealed: &str, now: Instant) -> Option<Transaction> {
        let transaction: Transaction = self.keys.open_value(Purpose::SignIn, sealed)?;
        transaction.started.began_within(self.lifetime, now).then_some(transaction)
    }
}

/// Cookies of which a browser may have several, one for each thing under way, and which share their room.
pub(super) struct OpenCookies<'a> {
    /// Whose cookies.
    pub(super) site: &'a Site,
    /// What else has to fit.
    pub(super) sessions: &'a Sessions,
    /// What their short names begin with.
    pub(super) prefix: &'a str,
}

impl OpenCookies<'_> {
    /// Which others go, the oldest first, so that what is left fits beside the rest of our cookies. `started` says since
    /// when the one of that value has been under way; what cannot be opened goes first.
    pub(super) fn make_room(
        &self,
        request: &Request<'_>,
        own: &str,
        changes: &CookieChanges,
        started: impl Fn(&str) -> Option<Instant>,
    ) -> Vec<SetCookie> {
        let (prefix, own) = (self.site.cookie_name(self.prefix), self.site.cookie_name(own));
        let room = self.sessions.room_for_sign_ins(request.cookies(), changes, &prefix).min(MAX_BYTES);
        let kept = changes.applied_to(request.cookies()).find(|(name, _)| *name == own);
        let (mut count, mut bytes) = kept.map_or((0, 0), |(_, bytes)| (1, bytes));
        let others = request.cookies().iter().filter(|(name, _)| name.starts_with(&prefix) && *name != own);
        let mut others: Vec<_> = others.map(|(name, value)| (started(value), name, name.len() + value.len())).collect();
        others.sort_by_key(|(started, ..)| std::cmp::Reverse(*started));
        let mut dropped = Vec::new();
        for (_, name, size) in others {
            count += 1;
            bytes += size;
            if (count > MAX_OPEN || bytes > room) && dropped.len() < MAX_CLEARED {
                dropped.push(self.site.clear_cookie(name));
            }
        }
        dropped
    }
}
