//! The end that was wanted: a code becomes tokens, tokens an identity, an identity a session.
//!
//! In this order, and nothing is believed before it holds: the ID token is verified (signature, issuer,
//! audience, nonce, times), userinfo is about the same person, and a step-up got what it asked for, counted
//! from when it was asked (Core §3.1.2.1).

use std::sync::Arc;

use serde_json::Value;
use tracing::{info, warn};

use super::SignIn;
use super::flow_cache::Finished;
use super::turn::SignInTurn;
use crate::metrics::SignInOutcome;
use crate::oidc::{Code, Failure, VerifiedClaims};
use crate::session::{ClaimValue, Identity};
use crate::time::Instant;

impl SignInTurn<'_> {
    /// Redeems a code, and keeps who signed in. The transaction is over either way: a code counts once.
    pub(super) async fn finish(&mut self, code: Code) -> Result<Finished, Failure> {
        let (signin, transaction, now) = (self.signin, &self.transaction, self.request.now);
        let (oidc, visitor) = (signin.client.oidc(), self.request.org_visitor().headers());
        let tokens = oidc.exchange(code, &transaction.verifier, transaction.nonce.expose(), visitor, now).await?;
        let userinfo = oidc.userinfo(&tokens).await?;
        if let Some(requirement) = &transaction.requirement {
            // Of the ID token alone: userinfo may say something else, and is not bound to this sign-in's nonce.
            let (acr, auth_time) = (tokens.claims.claim("acr").and_then(Value::as_str), auth_time(&tokens.claims));
            requirement.check(acr, auth_time, transaction.started).map_err(|unmet| Failure::Token(unmet.as_str()))?;
        }
        let identity = signin.identity(&tokens.claims, &userinfo);
        info!(subject = identity.subject, amr = identity.amr.join(","), "somebody signed in");
        let remembered = signin.remember_username(&identity);
        let (id_token, refresh_token) = (tokens.id_token, tokens.refresh_token);
        let brought = self.request.http.cookies();
        let (session, mut cookies) = signin.sessions.begin(identity, id_token, refresh_token, brought, now).await;
        signin.report_left_out_claims(&session.identity);
        cookies.extend(remembered);
        signin.transactions().finish(transaction, self.request.http, &mut cookies, &signin.sessions, now);
        signin.metrics.cookie_bytes(cookies.applied_to(brought).map(|(_, bytes)| bytes).sum());
        let (flow, return_to) = (transaction.flow.clone(), transaction.return_to.clone());
        let finished = Finished { flow, return_to, session: Arc::new(session), cookies };
        self.flow.finish(finished.clone(), now);
        signin.metrics.sign_in(SignInOutcome::SignedIn);
        Ok(finished)
    }
}

impl SignIn {
    fn report_left_out_claims(&self, identity: &Identity) {
        if !identity.left_out.is_empty() {
            let claims = identity.left_out.join(", ");
            warn!(subject = identity.subject, claims, "claims are too large for a session, and no app is told of them");
            self.metrics.claims_left_out(identity.left_out.len());
        }
    }

    fn identity(&self, token: &VerifiedClaims, userinfo: &Value) -> Identity {
        let claim = |name: &str| token.claim(name).or_else(|| userinfo.get(name)).filter(|value| !value.is_null());
        let text = |name: &str| claim(name).and_then(as_text).filter(|text| !text.is_empty());
        let list = |name: &str| match claim(name) {
            Some(Value::Array(items)) => items.iter().filter_map(|item| item.as_str().map(str::to_owned)).collect(),
            Some(Value::String(one)) => vec![one.clone()],
            _ => Vec::new(),
        };
        let kept = |name: &String| Some((name.clone(), claim(name).and_then(as_claim)?));
        let claims = self.settings.claims.iter().filter_map(kept).collect();
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
            left_out: Vec::new(),
        }
    }
}

fn auth_time(token: &VerifiedClaims) -> Option<Instant> {
    token.seconds("auth_time").map(Instant::from_seconds)
}

/// A claim as it is kept; none where there is nothing to say. What is neither text, number nor truth value is left out
/// of a list.
fn as_claim(value: &Value) -> Option<ClaimValue> {
    match value {
        Value::Array(items) => {
            let items: Vec<String> = items.iter().filter_map(as_text).collect();
            (!items.is_empty()).then_some(ClaimValue::List(items))
        }
        value => as_text(value).filter(|text| !text.is_empty()).map(ClaimValue::Text),
    }
}

fn as_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_list_stays_a_list_and_what_is_no_text_is_left_out_of_it() {
        let list = |items: &[&str]| Some(ClaimValue::List(items.iter().map(|item| (*item).to_owned()).collect()));
        for (claim, expected) in [
            (json!(["a,admin", 7, true, null, {"b": 1}, ["c"]]), list(&["a,admin", "7", "true"])),
            (json!(["one"]), list(&["one"])),
            (json!([]), None),
            (json!("Doe, Jane"), Some(ClaimValue::Text("Doe, Jane".to_owned()))),
            (json!(""), None),
            (json!({"a": 1}), None),
        ] {
            assert_eq!(as_claim(&claim), expected, "{claim}");
        }
    }
}
