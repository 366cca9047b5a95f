//! The end that was wanted: a code becomes tokens, tokens an identity, an identity a session.
//!
//! In this order, and nothing is believed before it holds: the ID token is verified (signature, issuer,
//! audience, nonce, times), userinfo is about the same person, and a step-up got what it asked for, counted
//! from when it was asked (Core §3.1.2.1).

use serde_json::Value;
use tracing::info;

use super::SignIn;
use super::flow_cache::{Finished, FlowState};
use super::request::SignInRequest;
use super::transaction::Transaction;
use crate::metrics::SignInOutcome;
use crate::oidc::{Code, Failure, VerifiedClaims};
use crate::session::Identity;
use crate::time::Instant;

impl SignIn {
    /// Redeems a code, and keeps who signed in. The transaction is over either way: a code counts once.
    pub(super) async fn finish(
        &self,
        request: &SignInRequest<'_>,
        transaction: &Transaction,
        flow: &mut FlowState,
        code: Code,
    ) -> Result<Finished, Failure> {
        let (oidc, visitor) = (self.client.oidc(), request.org_visitor().headers());
        let tokens =
            oidc.exchange(code, &transaction.verifier, transaction.nonce.expose(), visitor, request.now).await?;
        let userinfo = oidc.userinfo(&tokens).await?;
        if let Some(requirement) = &transaction.requirement {
            // Of the ID token alone: userinfo may say something else, and is not bound to this sign-in's nonce.
            let (acr, auth_time) = (tokens.claims.claim("acr").and_then(Value::as_str), auth_time(&tokens.claims));
            requirement.check(acr, auth_time, transaction.started).map_err(|unmet| Failure::Token(unmet.as_str()))?;
        }
        let identity = self.identity(&tokens.claims, &userinfo);
        info!(subject = identity.subject, amr = identity.amr.join(","), "somebody signed in");
        let remembered = self.remember_username(&identity);
        let (_, mut cookies) = self
            .sessions
            .begin(identity, tokens.id_token, tokens.refresh_token, request.http.cookies(), request.now)
            .await;
        cookies.push(self.transactions().finish(transaction, request.now));
        cookies.extend(remembered);
        let finished = Finished { return_to: transaction.return_to.clone(), cookies };
        flow.finish(finished.clone(), request.now);
        self.metrics.sign_in(SignInOutcome::SignedIn);
        Ok(finished)
    }

    fn identity(&self, token: &VerifiedClaims, userinfo: &Value) -> Identity {
        let claim = |name: &str| token.claim(name).or_else(|| userinfo.get(name)).filter(|value| !value.is_null());
        let text = |name: &str| claim(name).and_then(as_text).filter(|text| !text.is_empty());
        let list = |name: &str| match claim(name) {
            Some(Value::Array(items)) => items.iter().filter_map(|item| item.as_str().map(str::to_owned)).collect(),
            Some(Value::String(one)) => vec![one.clone()],
            _ => Vec::new(),
        };
        let wanted = self.settings.claims.iter();
        let claims = wanted.filter_map(|name| Some((name.clone(), text(name)?))).collect();
        Identity {
            subject: token.subject().to_owned(),
            username: text("preferred_username"),
            name: text("name"),
            email: text("email"),
            groups: list(&self.settings.groups_claim),
            claims,
            auth_time: auth_time(token),
            amr: list("amr"),
            acr: text("acr"),
        }
    }
}

fn auth_time(token: &VerifiedClaims) -> Option<Instant> {
    token.seconds("auth_time").map(Instant::from_seconds)
}

/// A claim as far as it can stand in a header: a list is joined with commas.
fn as_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        Value::Array(items) => Some(items.iter().filter_map(as_text).collect::<Vec<_>>().join(",")),
        _ => None,
    }
}
