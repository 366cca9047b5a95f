//! The door of Okta's embedded protocol: every call to the org that a turn makes, and the steps that are taken without
//! asking the visitor. Methods that cannot work through a server are declined; a recovery or a registration is entered at
//! once.
//!
//! A device that answers the browser (FastPass by loopback, Apple's single sign-on extension) cannot answer
//! through a server: its challenge is given up with the reason the org wants, and the other ways come up.
//!
//! A call that would break the org's limits is not made; it says how long to wait instead.

use std::time::Duration;

use serde_json::Value;
use tracing::info;

use crate::idx::{Answers, AuthenticatorKey, Failure, Field, Kind, Remediation, Reply, Step};
use crate::signin::flow_cache::INTROSPECT;
use crate::signin::screens;
use crate::signin::transaction::{Entry, TransactionState};
use crate::signin::turn::SignInTurn;

/// The most steps that are taken for a visitor without asking them.
const AUTOMATIC_STEPS: usize = 4;

impl SignInTurn<'_> {
    /// Asks which step the org holds now.
    pub(in crate::signin) async fn introspect(&mut self) -> Result<Step, Duration> {
        let (Some(org), TransactionState::Idx { handle }) = (&self.signin.org, &self.transaction.door) else {
            return Ok(Step::Canceled);
        };
        self.flow.may_call(INTROSPECT, self.request.now)?;
        let step = org.introspect(handle, &self.request.org_visitor()).await;
        self.flow.record_rate_limit(INTROSPECT, &step, self.request.now);
        Ok(step)
    }

    /// Submits a form, counted under this name.
    pub(in crate::signin) async fn call(
        &mut self,
        name: &str,
        form: &Remediation,
        answers: &Answers,
    ) -> Result<Step, Duration> {
        let Some(org) = &self.signin.org else { return Ok(Step::Canceled) };
        self.flow.may_call(name, self.request.now)?;
        let step = org.submit(form, answers, &self.request.org_visitor()).await;
        self.flow.record_rate_limit(name, &step, self.request.now);
        Ok(step)
    }

    /// Tells the org that the visitor goes back.
    pub(in crate::signin) async fn cancel_at_org(&mut self, reply: &Reply) {
        if let (Some(action), Some(org)) = (reply.cancel(), &self.signin.org)
            && self.flow.may_call(&action.name, self.request.now).is_ok()
        {
            org.cancel(&action.form, &self.request.org_visitor()).await;
        }
    }

    /// Takes the steps that need no person: methods that cannot work through a server are declined, and what the visitor
    /// came for (a recovery, a registration) is entered.
    pub(in crate::signin) async fn auto_advance(&mut self, mut step: Step) -> Step {
        for _ in 0..AUTOMATIC_STEPS {
            let next = match &step {
                Step::Pending(reply) => next(reply, self.transaction.entry),
                _ => None,
            };
            let Some((form, answers)) = next else { break };
            // An org that asks the device again after it was declined would be declined for ever.
            if is_decline(&form) && !self.flow.declines(&form) {
                break;
            }
            let Ok(after) = self.call(form.kind.name(), &form, &answers).await else { break };
            info!(remediation = form.kind.name(), "a step was taken without asking");
            step = match after {
                // The reply to a decline may hold no form; introspection then tells the current step.
                Step::Terminal(_) | Step::Failure(Failure::Unreadable(_)) => {
                    return self.introspect().await.unwrap_or(after);
                }
                after => after,
            };
        }
        step
    }
}

/// Whether a step declines something.
fn is_decline(form: &Remediation) -> bool {
    form.kind == Kind::CancelTransaction || form.field("statusCode").is_some()
}

/// A step to take without asking, if this is one.
pub(in crate::signin) fn next(reply: &Reply, entry: Entry) -> Option<(Remediation, Answers)> {
    let first = reply.first()?;
    let plain = |form: &Remediation| Some((form.clone(), Answers::default()));
    match (&first.kind, entry) {
        // A device that answers the browser cannot answer a server: the other ways come up.
        (Kind::DeviceChallengePoll | Kind::ChallengePoll, _) if screens::is_by_device(first, reply) => decline(reply),
        (Kind::AppleSsoExtension | Kind::CancelTransaction, _) => {
            reply.remediation(&Kind::CancelTransaction).and_then(plain).or_else(|| decline(reply))
        }
        (Kind::Identify, Entry::Register) => reply.remediation(&Kind::SelectEnrollProfile).and_then(plain),
        (Kind::Identify, Entry::Unlock) => {
            reply.remediation(&Kind::UnlockAccount).filter(|form| !form.asks()).and_then(plain)
        }
        (Kind::Identify | Kind::ChallengeAuthenticator, Entry::Recover)
            if !reply.recovering && reply.recover().is_some() =>
        {
            reply.recover().and_then(|action| plain(&action.form))
        }
        // Recovery begins at the password, wherever the org asks who it is first.
        (Kind::SelectAuthenticatorAuthenticate, Entry::Recover) if !reply.recovering => {
            screens::choose(first, &AuthenticatorKey::Password).map(|answers| (first.clone(), answers))
        }
        _ => None,
    }
}

/// An action that declines a device's answer. The reason is what a browser says whose device is silent; the form of
/// the action does not always ask for it.
fn decline(reply: &Reply) -> Option<(Remediation, Answers)> {
    let action = reply.decline()?;
    let mut form = action.form.clone();
    form.fields.retain(|field| !["reason", "statusCode"].contains(&field.name.as_str()));
    form.fields.push(Field::fixed("reason", "OV_UNREACHABLE_BY_LOOPBACK".into()));
    form.fields.push(Field::fixed("statusCode", Value::Null));
    Some((form, Answers::default()))
}
