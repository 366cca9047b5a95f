//! The end of a successful sign-in, whatever the door: a code becomes tokens, tokens an identity, an identity a session.
//!
//! In this order, and nothing is used before it is checked: the ID token is verified (signature, issuer,
//! audience, nonce, times), userinfo is about the same person, and a step-up got what it asked for, counted
//! from when it was asked (Core §3.1.2.1).

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tracing::{info, warn};

use super::SignIn;
use super::flow_cache::{Finished, NotFinished};
use super::refresh::DEFAULT_LIFE;
use super::transaction::TransactionState;
use super::turn::SignInTurn;
use crate::metrics::SignInOutcome;
use crate::oidc::{Code, Failure, Tokens};
use crate::secret::Secret;
use crate::session::{Begun, Earlier, Identity, NewSession, Owner, RefreshTerms, Session};
use crate::time::{CLOCK_SKEW, Instant};

impl SignInTurn<'_> {
    /// Redeems a code at the provider that this sign-in was begun with, and keeps who signed in. The transaction is over
    /// either way: a code counts once.
    pub(super) async fn finish(&mut self, code: Code) -> Result<Finished, NotFinished> {
        let end = self.redeem(code).await;
        if let Err(NotFinished::Org(failure)) = &end {
            self.count_outcome(match failure {
                Failure::NotAllowed(_) => SignInOutcome::Rejected,
                _ => SignInOutcome::Provider,
            });
        }
        end
    }

    async fn redeem(&mut self, code: Code) -> Result<Finished, NotFinished> {
        if !self.signin.sessions.can_begin() {
            return Err(NotFinished::Store);
        }
        let (signin, transaction, now) = (self.signin, &self.transaction, self.request.now);
        // IDX and the widget bring interaction codes.
        let is_of_providers_page = code.is_authorization();
        let provider = signin.providers.named(&transaction.provider);
        let provider = provider.ok_or(Failure::Documents("the provider is not configured any more"))?;
        let (oidc, visitor) = (&provider.client, self.request.org_visitor().headers());
        let tokens = oidc.exchange(code, &transaction.verifier, transaction.nonce.expose(), visitor, now).await?;
        let userinfo = oidc.userinfo(&tokens).await?;
        if let Some(requirement) = &transaction.requirement {
            // By the ID token alone: userinfo may say something else, and is not bound to this sign-in's nonce.
            let acr = tokens.claims.claim("acr").and_then(Value::as_str);
            let auth_time = super::claims::auth_time(&tokens.claims);
            requirement
                .check(acr, auth_time, transaction.started)
                .map_err(|unmet| Failure::NotAllowed(unmet.as_str()))?;
        }
        let identity = super::claims::identity(provider, &tokens, &userinfo, &signin.settings.claims).await?;
        let has_verified_email = super::claims::has_verified_email(&tokens.claims, &userinfo);
        if is_of_providers_page && let Some(ago) = self.ended_since_proof(&identity, has_verified_email) {
            return Err(NotFinished::EndedSince(ago));
        }
        let amr = identity.amr.join(",");
        info!(provider = identity.provider, subject = identity.subject, amr, "somebody signed in");
        let remembered = signin.remember_username(&identity);
        let refresh_terms = signin.refresh_terms(&oidc.registration().scopes, &tokens, &transaction.nonce);
        let new = NewSession {
            identity,
            sid: tokens.claims.claim("sid").and_then(Value::as_str).map(str::to_owned),
            has_verified_email,
            stays: transaction.stays == Some(true),
            device: self.request.device_of_session(),
            id_token: tokens.id_token,
            refresh_token: tokens.refresh_token,
            refresh_terms,
        };
        let brought = self.request.http.cookies();
        let refresh_token = new.refresh_token.clone().filter(|_| new.refresh_terms.is_some());
        let begun = signin.sessions.begin(new, brought, now).await;
        let Begun { session, changes: mut cookies, dropped, earlier } = begun.inspect_err(|_| {
            signin.revoker.revoke_alone(&transaction.provider, refresh_token, now);
        })?;
        signin.revoker.revoke_alone(&transaction.provider, dropped, now);
        if let Some(earlier) = earlier {
            signin.revoke_earlier(earlier, &session, now);
        }
        signin.report_left_out_claims(&session.identity);
        cookies.extend(remembered);
        signin.transactions().finish(transaction, self.request.http, &mut cookies, &signin.sessions, now);
        signin.metrics.cookie_bytes(cookies.applied_to(brought).map(|(_, bytes)| bytes).sum());
        let (flow, return_to) = (transaction.flow.clone(), transaction.return_to.clone());
        let finished = Finished { flow, return_to, session: Arc::new(session), cookies };
        self.flow.finish(finished.clone(), now);
        signin.metrics.sign_in(&transaction.provider, SignInOutcome::SignedIn);
        Ok(finished)
    }

    /// How long ago all sessions of this person ended, where the provider's page signed them in by a session of its own from
    /// before that, and says so.
    fn ended_since_proof(&self, identity: &Identity, has_verified_email: bool) -> Option<Duration> {
        let proof = match (identity.auth_time, &self.transaction.door) {
            (Some(proof), _) => proof,
            // It said so before, and has to where a `max_age` is asked (Core 3.1.2.1).
            (None, TransactionState::ProvingAgain) => Instant::from_seconds(0),
            (None, _) => return None,
        };
        let (started, now) = (self.transaction.started, self.request.now);
        ended_since(proof, self.signin.sessions.all_ended_up_to(identity, has_verified_email)?, started, now)
    }
}

/// How long ago sessions `ended`, where whoever began this sign-in when it `started` last proved before that who they are.
fn ended_since(proof: Instant, ended: Instant, started: Instant, now: Instant) -> Option<Duration> {
    // Sessions may have ended up to a moment that lies ahead: nobody can prove anything after it.
    let is_before = proof.after(CLOCK_SKEW) < ended.min(started);
    is_before.then(|| now.since(ended))
}

impl SignIn {
    /// Revokes the refresh token of a session whose place this one has taken; of the same person only alone.
    fn revoke_earlier(&self, earlier: Earlier, session: &Session, now: Instant) {
        self.metrics.revocations(self.sessions.revocations());
        let (provider, token) = (&earlier.session.identity.provider, earlier.refresh_token);
        if Owner::of(&earlier.session) == Owner::of(session) {
            self.revoker.revoke_alone(provider, token, now);
        } else {
            self.revoker.revoke(provider, token, now);
        }
    }

    /// How a session is refreshed, where these scopes ask for that: some providers give a refresh token to everybody, which
    /// then counts no longer than their own session.
    fn refresh_terms(&self, asked: &[String], tokens: &Tokens, nonce: &Secret) -> Option<RefreshTerms> {
        asked.iter().any(|scope| scope == "offline_access").then(|| RefreshTerms {
            scope: tokens.scope.clone().unwrap_or_else(|| asked.join(" ")),
            nonce: nonce.clone(),
            life: self.settings.refresh_life.or(tokens.life).unwrap_or(DEFAULT_LIFE),
        })
    }

    fn report_left_out_claims(&self, identity: &Identity) {
        if !identity.left_out.is_empty() {
            let claims = identity.left_out.join(", ");
            let Identity { provider, subject, .. } = identity;
            warn!(provider, subject, claims, "claims are too large for a session, and no app is told of them");
            self.metrics.claims_left_out(identity.left_out.len());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proof_from_before_the_end_of_all_sessions_is_not_enough() {
        let at = Instant::from_seconds;
        for (proof, ended, started, expected) in [
            (1_000, 2_000, 5_000, Some(3_010)),
            (1_939, 2_000, 5_000, Some(3_010)),
            (1_940, 2_000, 5_000, None),
            (4_000, 2_000, 5_000, None),
            // An end that lies ahead.
            (5_000, 6_000, 5_000, None),
            (4_000, 6_000, 5_000, Some(0)),
        ] {
            let ago = ended_since(at(proof), at(ended), at(started), at(5_010));
            assert_eq!(ago, expected.map(Duration::from_secs), "{proof} {ended} {started}");
        }
    }
}
