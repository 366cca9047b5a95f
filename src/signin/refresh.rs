//! The refresh of a session: the provider is asked for new tokens, and what it says of the person now is what counts.
//!
//! ```text
//! due ─► one at a time ─► lock ─► still due? ─► token endpoint ─► verified ─► userinfo ─► Identity ─► kept ─► answered
//! ```
//!
//! It runs on a task of its own: a visitor who leaves does not stop it, since the provider may have invalidated the old
//! token already. The result is kept before any request gets it; while the store does not answer, keeping is tried again.
//!
//! | the provider | the session |
//! |---|---|
//! | brings new tokens | goes on with the groups and claims of now; when it began and how it was signed in with stay |
//! | says that the grant is over (`invalid_grant`, …) | ends |
//! | names somebody else, or somebody who may not come in | ends |
//! | does not answer, fails, or refuses the client | goes on as it is, until its absolute end; asked again after a pause |
//! | brings claims that do not hold | the same, with the new refresh token |

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tracing::{debug, info, warn};

use super::providers::{self, Provider, Providers};
use super::{Revoker, SignIn, claims};
use crate::metrics::{Metrics, RefreshOutcome};
use crate::oidc::{Failure, RefreshRequest, Refreshed, Tokens};
use crate::session::{
    Due, FailureOf, Identity, Kept, NoSession, RefreshState, RefreshTurn, Refreshing, Session, Sessions, Unavailable,
};
use crate::time::Instant;

/// How long a request waits for a refresh; then it goes on with the session as it is.
const WAIT: Duration = Duration::from_secs(5);

/// For how long what the provider says counts where it does not say.
pub(super) const DEFAULT_LIFE: Duration = Duration::from_secs(3600);

/// How long claims may take once the tokens are there, which have to be kept in time.
const CLAIMS_TIMEOUT: Duration = Duration::from_secs(12);

/// How often it is asked whether another replica is done.
const LOOK_AGAIN: Duration = Duration::from_millis(200);

/// How long no refresh is tried for a session that could not be locked, or that another replica is still refreshing.
const NOT_NOW: Duration = Duration::from_secs(2);

/// For how long, and how often, keeping the result of a refresh is tried.
const KEEP_TIMEOUT: Duration = Duration::from_secs(300);
const KEEP_AGAIN: Duration = Duration::from_millis(200);

/// How long a replica that was refused waits before it looks whether another one was faster.
const OVERTAKEN: Duration = Duration::from_secs(1);

/// Refreshes a session, on a task that outlives the request.
struct Refresher {
    sessions: Arc<Sessions>,
    providers: Providers,
    /// Claims that are kept besides the usual ones.
    claims: Vec<String>,
    /// How long claims count, where the configuration says so.
    life: Option<Duration>,
    metrics: Arc<Metrics>,
    revoker: Arc<Revoker>,
}

/// Why a session could not be refreshed.
enum NotRefreshed {
    /// It ends, and why.
    Over(String),
    /// It has ended already.
    Gone,
    /// The provider failed.
    Provider(Failure),
    /// The store does not answer, or another replica refreshes it.
    NotNow,
}

impl From<NoSession> for NotRefreshed {
    fn from(why: NoSession) -> Self {
        match why {
            NoSession::Unavailable(_) => Self::NotNow,
            NoSession::Missing | NoSession::Unreadable => Self::Gone,
        }
    }
}

impl From<Unavailable> for NotRefreshed {
    fn from(_: Unavailable) -> Self {
        Self::NotNow
    }
}

/// Whether this error says that the grant is over, or that the person must be asked again (RFC 6749 5.2): the same request
/// would get the same answer. Errors about the client (`invalid_client`, `invalid_scope`) are for the operator to mend, and
/// end no session.
fn is_over(error: &str) -> bool {
    matches!(error, "invalid_grant" | "access_denied") || providers::must_ask(error)
}

impl SignIn {
    /// Refreshes a session that is due, or waits until another request has; whether it may have changed.
    pub async fn refresh(&self, due: Due, now: Instant) -> bool {
        let end = match self.sessions.begin_refresh(&due) {
            RefreshTurn::Mine(refreshing) => {
                let end = refreshing.end();
                tokio::spawn(self.refresher().run(due, refreshing, now));
                end
            }
            // Until what the session says is past, nobody waits for another request's refresh.
            RefreshTurn::Others(end) if due.is_past => end,
            RefreshTurn::Others(_) | RefreshTurn::Full => return false,
        };
        let _ = tokio::time::timeout(WAIT, end.wait()).await;
        true
    }

    fn refresher(&self) -> Refresher {
        Refresher {
            sessions: Arc::clone(&self.sessions),
            providers: self.providers.clone(),
            claims: self.settings.claims.clone(),
            life: self.settings.refresh_life,
            metrics: Arc::clone(&self.metrics),
            revoker: Arc::clone(&self.revoker),
        }
    }
}

impl Refresher {
    async fn run(self, due: Due, refreshing: Refreshing, now: Instant) {
        let outcome = match self.under_lock(&due, now).await {
            Ok(outcome) => Some(outcome),
            Err(why) => self.not_refreshed(&due, why, now).await,
        };
        if let Some(outcome) = outcome {
            self.metrics.session_refresh(&due.session().identity.provider, outcome);
        }
        drop(refreshing);
    }

    async fn under_lock(&self, due: &Due, now: Instant) -> Result<RefreshOutcome, NotRefreshed> {
        let Some(lock) = self.sessions.lock(due).await? else { return self.wait_for_others(due, now).await };
        let refreshed = match self.sessions.was_refreshed(due, now).await {
            Ok(true) => Ok(RefreshOutcome::Elsewhere),
            Ok(false) => self.ask(due, now).await,
            Err(why) => Err(why.into()),
        };
        self.sessions.unlock(lock).await;
        refreshed
    }

    async fn wait_for_others(&self, due: &Due, now: Instant) -> Result<RefreshOutcome, NotRefreshed> {
        for _ in 0..WAIT.as_millis() / LOOK_AGAIN.as_millis() {
            tokio::time::sleep(LOOK_AGAIN).await;
            if self.sessions.was_refreshed(due, now).await? {
                return Ok(RefreshOutcome::Elsewhere);
            }
        }
        Err(NotRefreshed::NotNow)
    }

    /// Asks the provider, and keeps what it brings.
    async fn ask(&self, due: &Due, now: Instant) -> Result<RefreshOutcome, NotRefreshed> {
        let (session, state) = (due.session(), due.state());
        let provider = self.providers.named(&session.identity.provider);
        let provider =
            provider.ok_or_else(|| NotRefreshed::Over("its provider is not configured any more".to_owned()))?;
        let request = RefreshRequest { refresh_token: due.refresh_token(), scope: &state.scope, nonce: &state.nonce };
        let refreshed = match provider.client.refresh(request, now).await {
            Ok(refreshed) => refreshed,
            Err(failure) if failure.error().is_some_and(is_over) => {
                return self.refused(due, &failure, now).await;
            }
            Err(failure) => return Err(NotRefreshed::Provider(failure)),
        };
        let Refreshed { refresh_token, life, tokens } = refreshed;
        let life = self.life.or(life).unwrap_or(DEFAULT_LIFE);
        let updated = tokio::time::timeout(CLAIMS_TIMEOUT, self.updated(provider, session, tokens)).await;
        match updated.unwrap_or(Err(NotRefreshed::Provider(Failure::TimedOut))) {
            Ok(next) => {
                self.keep(due, next, state.next(refresh_token, Some((now, life))), now).await?;
                Ok(RefreshOutcome::Refreshed)
            }
            Err(NotRefreshed::Provider(failure)) => {
                if refresh_token.is_some() {
                    self.keep(due, session.clone(), state.next(refresh_token, None), now).await?;
                }
                Err(NotRefreshed::Provider(failure))
            }
            Err(why) => {
                self.revoker.revoke(&provider.name, state.next(refresh_token, None).refresh_token, now);
                Err(why)
            }
        }
    }

    /// The session with what the provider says of the person now.
    async fn updated(
        &self,
        provider: &Provider,
        session: &Session,
        tokens: Result<Option<Tokens>, Failure>,
    ) -> Result<Session, NotRefreshed> {
        // Without an ID token there are no new claims, and the earlier ones count on.
        let Some(tokens) = tokens.map_err(NotRefreshed::Provider)? else { return Ok(session.clone()) };
        let subject = claims::subject(&provider.claims.subject, &tokens.claims).map_err(NotRefreshed::Provider)?;
        if subject != session.identity.subject {
            return Err(NotRefreshed::Over("the provider's answer is about somebody else".to_owned()));
        }
        let found: Result<(Identity, Value), Failure> = async {
            let userinfo = provider.client.userinfo(&tokens).await?;
            Ok((claims::identity(provider, &tokens, &userinfo, &self.claims).await?, userinfo))
        }
        .await;
        let (identity, userinfo) = match found {
            Ok(found) => found,
            Err(Failure::NotAllowed(why)) => return Err(NotRefreshed::Over(why.to_owned())),
            Err(failure) => return Err(NotRefreshed::Provider(failure)),
        };
        // A refresh is no sign-in: when and how they proved who they are stays as it was (Core 12.2).
        let Identity { auth_time, ref amr, ref acr, .. } = session.identity;
        let identity = Identity { auth_time, amr: amr.clone(), acr: acr.clone(), ..identity };
        let has_verified_email = claims::has_verified_email(&tokens.claims, &userinfo);
        Ok(Session { identity, has_verified_email, ..session.clone() })
    }

    /// Keeps what came; where the store is away, as soon as it is back. A refresh token that is not kept is revoked alone: the
    /// session may have ended because its owner has a newer one.
    async fn keep(&self, due: &Due, session: Session, state: RefreshState, now: Instant) -> Result<(), NotRefreshed> {
        for _ in 0..KEEP_TIMEOUT.as_millis() / KEEP_AGAIN.as_millis() {
            let without_token = match self.sessions.replace(due, session.clone(), state.clone(), now).await {
                Ok(Kept::Newest) => return Ok(()),
                Ok(Kept::WithoutToken) => Ok(()),
                Ok(Kept::Ended) => Err(NotRefreshed::Gone),
                Ok(Kept::TooLarge) => Err(NotRefreshed::Over("its browser has no room for the claims".to_owned())),
                Err(Unavailable) => {
                    tokio::time::sleep(KEEP_AGAIN).await;
                    continue;
                }
            };
            self.revoker.revoke_alone(&session.identity.provider, state.refresh_token, now);
            return without_token;
        }
        warn!(
            subject = session.identity.subject,
            "what a refresh brought could not be kept: the session store is away"
        );
        Err(NotRefreshed::NotNow)
    }

    /// The grant is over, unless another replica has exchanged the token meanwhile.
    async fn refused(&self, due: &Due, failure: &Failure, now: Instant) -> Result<RefreshOutcome, NotRefreshed> {
        if self.sessions.has_store() {
            tokio::time::sleep(OVERTAKEN).await;
            if self.sessions.was_refreshed(due, now).await? {
                return Ok(RefreshOutcome::Elsewhere);
            }
        }
        Err(NotRefreshed::Over(failure.to_string()))
    }

    async fn not_refreshed(&self, due: &Due, why: NotRefreshed, now: Instant) -> Option<RefreshOutcome> {
        let Identity { provider, subject, .. } = &due.session().identity;
        match why {
            NotRefreshed::Over(cause) => {
                info!(provider, subject, cause, "a session has ended, since it could not be refreshed");
                if self.sessions.end(due.session()).await.is_err() {
                    warn!(subject, "other replicas learn of a session's end only once the store answers");
                }
                self.metrics.revocations(self.sessions.revocations());
                Some(RefreshOutcome::Refused)
            }
            NotRefreshed::Gone => {
                debug!(provider, subject, "a session ended while it was being refreshed");
                None
            }
            NotRefreshed::Provider(Failure::OverBudget(wait)) => {
                self.sessions.put_refresh_off(due, wait.max(Duration::from_secs(1)), now);
                None
            }
            NotRefreshed::Provider(failure) => {
                let of = match failure {
                    // Claims of one person's that do not hold say nothing about other people's.
                    Failure::Token(_) | Failure::NotAllowed(_) => FailureOf::Session,
                    Failure::RateLimited(asks) => FailureOf::Provider { asks },
                    _ => FailureOf::Provider { asks: None },
                };
                self.sessions.refresh_failed(due, of, now);
                warn!(provider, subject, cause = %failure, "a session could not be refreshed, and goes on as it is");
                Some(RefreshOutcome::Failed)
            }
            NotRefreshed::NotNow => {
                self.sessions.put_refresh_off(due, NOT_NOW, now);
                None
            }
        }
    }
}
