//! Refresh tokens of sessions that ended while their browsers were elsewhere, made worthless at the provider (RFC 7009).
//!
//! Whoever signs out here waits a moment for it (`sign_out`). Where somebody signs out on all devices, ends another session
//! of theirs, the provider says that sessions are over, or one ends while it is being refreshed, the tokens of those are
//! revoked in the background: the sessions have ended by then, whatever becomes of it. Each provider has a queue of its own, so
//! that one that hangs does not hold up the others; one call is made to it at a time, and each token is tried once.
//!
//! What waits when the process is asked to end is still sent while its grace period lasts: [`Metrics::revocations_waiting`]
//! says for how much it stays.
//!
//! OpenID Connect Back-Channel Logout 1.0 (2.7) leaves tokens with `offline_access` alone, since somebody may go on to use
//! them. Nobody does here: the record that held the token is gone.

use std::sync::Arc;

use tokio::sync::{Mutex, OwnedSemaphorePermit, Semaphore};
use tracing::{info, warn};

use super::providers::{ORG, Provider, Providers};
use crate::metrics::Metrics;
use crate::oidc::{Client, Failure};
use crate::secret::Secret;
use crate::time::Instant;

/// How many tokens may wait for one provider; further ones count until it ends them.
const MOST_WAITING: usize = 1000;

/// After how many failures the rest of what ended together is left as it is: a provider that is away is not waited for.
const MOST_FAILURES: usize = 3;

/// How often it is waited for a call that would be one too many for the provider's budget.
const MOST_WAITS: usize = 20;

/// Revokes in the background.
pub struct Revoker(Vec<Arc<Queue>>);

/// The tokens that wait for one provider.
struct Queue {
    provider: String,
    client: Arc<Client>,
    waiting: Arc<Semaphore>,
    turn: Mutex<()>,
    metrics: Arc<Metrics>,
}

/// A token's place among those that wait.
struct Place {
    metrics: Arc<Metrics>,
    _permit: OwnedSemaphorePermit,
}

impl Drop for Place {
    fn drop(&mut self) {
        self.metrics.revocations_wait(-1);
    }
}

impl Revoker {
    /// Revokes at these providers; nothing waits yet.
    pub fn new(providers: &Providers, metrics: &Arc<Metrics>) -> Self {
        let queue = |provider: &Provider| Queue {
            provider: provider.name.clone(),
            client: Arc::clone(&provider.client),
            waiting: Arc::new(Semaphore::new(MOST_WAITING)),
            turn: Mutex::default(),
            metrics: Arc::clone(metrics),
        };
        Self(providers.iter().map(queue).map(Arc::new).collect())
    }

    /// Makes this token worthless where that takes nothing else of its owner's along: at Okta. With one token other providers
    /// (Auth0, Google, Keycloak) take whatever the person has there, the sessions of other devices and a newer one too.
    pub(super) fn revoke_alone(&self, provider: &str, token: Option<Secret>, now: Instant) {
        if provider == ORG {
            self.revoke(provider, token, now);
        }
    }

    /// Makes these tokens of this provider worthless, some time soon.
    pub(super) fn revoke(&self, provider: &str, tokens: impl IntoIterator<Item = Secret>, now: Instant) {
        let Some(queue) = self.0.iter().find(|queue| queue.provider == provider) else { return };
        let (mut taken, mut left) = (Vec::new(), 0);
        for token in tokens {
            match queue.place() {
                Some(place) => taken.push((token, place)),
                None => left += 1,
            }
        }
        if left > 0 {
            warn!(provider, left, "refresh tokens of ended sessions are not revoked: too many wait for it");
        }
        if !taken.is_empty() {
            tokio::spawn(Arc::clone(queue).revoke_each(taken, now));
        }
    }
}

impl Queue {
    /// A place in it, where one is left.
    fn place(&self) -> Option<Place> {
        let permit = Arc::clone(&self.waiting).try_acquire_owned().ok()?;
        self.metrics.revocations_wait(1);
        Some(Place { metrics: Arc::clone(&self.metrics), _permit: permit })
    }

    async fn revoke_each(self: Arc<Self>, tokens: Vec<(Secret, Place)>, now: Instant) {
        let provider = self.provider.as_str();
        let (began, count) = (std::time::Instant::now(), tokens.len());
        let (mut revoked, mut failures) = (0, Vec::new());
        for (token, _place) in tokens {
            let _turn = self.turn.lock().await;
            match revoke_within_budget(&self.client, &token, now.after(began.elapsed())).await {
                Ok(()) => revoked += 1,
                Err(failure) => failures.push(failure),
            }
            if failures.len() >= MOST_FAILURES {
                break;
            }
        }
        match failures.last() {
            None => info!(provider, revoked, "refresh tokens of ended sessions were revoked"),
            Some(cause) => {
                let left = count - revoked;
                warn!(provider, revoked, left, cause = %cause, "refresh tokens of ended sessions could not be revoked");
            }
        }
    }
}

/// Revokes one, once the budget has room for it.
async fn revoke_within_budget(client: &Client, token: &Secret, now: Instant) -> Result<(), Failure> {
    for _ in 0..MOST_WAITS {
        match client.revoke(token, now).await {
            Err(Failure::OverBudget(wait)) => tokio::time::sleep(wait).await,
            done => return done,
        }
    }
    client.revoke(token, now).await
}
