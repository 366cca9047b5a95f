//! How large the cookie of a session is going to be, for `idx-gateway check`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::time::Duration;

use super::cookie::{HANDLE_BYTES, ONE_PART_BYTES};
use super::{ClaimValue, Identity, RefreshState, RefreshTerms, Session, Sessions, Store};
use crate::secret::{Secret, random};
use crate::time::Instant;

/// What names, addresses and claims are taken to be long, in bytes.
const TEXT: usize = 24;

/// How long a refresh token is taken to be, in bytes: Okta's have 43; those of providers that put something into them have
/// more.
const REFRESH_TOKEN: usize = 43;

/// How long a nonce of ours is, in bytes: 16, as base64url.
const NONCE: usize = 22;

/// Sizes of values of cookies, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CookieEstimate {
    /// Of somebody in none of the groups.
    pub least: usize,
    /// The same in every group that a rule names.
    pub in_every_group: usize,
    /// How many groups that is.
    pub groups: usize,
    /// How many groups of that length fit into one cookie, and into two; beyond, groups that no rule names are left out.
    /// None where a store keeps sessions.
    pub fit: Option<(usize, usize)>,
    /// Of the cookie beside it that says what refreshes the session; none where nothing does, or a store keeps that.
    pub refresh: Option<usize>,
}

impl Sessions {
    /// The size of a session whose owner has the usual claims and these. `scope` is what is asked of a provider whose
    /// sessions are refreshed, where there is one.
    pub fn estimate(&self, claims: &[String], groups: &BTreeSet<String>, scope: Option<&str>) -> CookieEstimate {
        let with = |groups: Vec<String>| sample(&self.providers, claims, groups);
        let store = match &self.store {
            Store::Cookie(store) => store,
            Store::Redis(store) => {
                let ticket = store.ticket_of(&with(Vec::new())).len();
                let groups = groups.len();
                return CookieEstimate { least: ticket, in_every_group: ticket, groups, fit: None, refresh: None };
            }
        };
        let size = |groups: Vec<String>| store.handle(&with(groups)).len();
        let many = |count: usize| (0..count).map(|number| format!("{number:0>TEXT$}")).collect::<Vec<_>>();
        let fit = |room: usize| (0..HANDLE_BYTES).find(|count| size(many(count + 1)) > room).unwrap_or_default();
        CookieEstimate {
            least: size(Vec::new()),
            in_every_group: size(groups.iter().cloned().collect()),
            groups: groups.len(),
            fit: Some((fit(ONE_PART_BYTES), fit(HANDLE_BYTES))),
            refresh: scope.map(|scope| store.seal_refresh(&with(Vec::new()), &refresh_state(scope)).len()),
        }
    }
}

fn refresh_state(scope: &str) -> RefreshState {
    let nonce = Secret::new("x".repeat(NONCE));
    let terms = RefreshTerms { scope: scope.to_owned(), nonce, life: Duration::from_secs(3600) };
    RefreshState::new(Secret::new("x".repeat(REFRESH_TOKEN)), terms, Instant::from_seconds(u64::from(u32::MAX)))
}

fn sample(providers: &BTreeSet<String>, claims: &[String], groups: Vec<String>) -> Session {
    let text = || "x".repeat(TEXT);
    let claims: BTreeMap<_, _> = claims.iter().map(|name| (name.clone(), ClaimValue::Text(text()))).collect();
    let now = Instant::from_seconds(u64::from(u32::MAX));
    Session {
        id: random(),
        identity: Identity {
            provider: providers.first().cloned().unwrap_or_default(),
            subject: text(),
            username: Some(text()),
            name: Some(text()),
            email: Some(text()),
            groups,
            claims,
            auth_time: Some(now),
            amr: vec!["pwd".to_owned(), "mfa".to_owned()],
            acr: Some(text()),
            left_out: Vec::new(),
        },
        signed_in: now,
        sid: Some(text()),
        has_verified_email: true,
        device: None,
        stays: false,
        lease: None,
    }
}

impl fmt::Display for CookieEstimate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { least, in_every_group, groups, fit, refresh } = self;
        let Some((one, two)) = fit else {
            return write!(f, "a session's cookie has about {least} bytes, whatever the groups");
        };
        write!(f, "a session's cookie has about {least} bytes for somebody in no group")?;
        if *groups > 0 {
            write!(f, ", {in_every_group} in every group that a rule names ({groups})")?;
        }
        write!(f, "; {one} groups of {TEXT} letters fit into one cookie, {two} into two")?;
        match refresh {
            Some(bytes) => write!(
                f,
                ". What refreshes it has about {bytes} more in a cookie of its own, with a refresh token of {REFRESH_TOKEN}"
            ),
            None => Ok(()),
        }
    }
}
