//! Steps that are taken without asking: what a server cannot do is declined, and what the visitor came
//! for is walked to.
//!
//! A device that answers the browser (FastPass by loopback, Apple's single sign-on extension) cannot answer
//! through a server: its challenge is given up with the reason the org wants, and the other ways come up.

use serde_json::Value;
use tracing::info;

use super::super::SignIn;
use super::super::flow_cache::FlowState;
use super::super::request::SignInRequest;
use super::super::screens;
use super::super::transaction::{Entry, Transaction};
use crate::idx::{Answers, AuthenticatorKey, Failure, Field, Kind, Remediation, Reply, Step};

/// The most steps that are taken for a visitor without asking them.
const AUTOMATIC_STEPS: usize = 4;

impl SignIn {
    /// Takes the steps that need no person: what cannot be done through a server is declined, and what the
    /// visitor came for (a recovery, a registration) is walked to.
    pub(in crate::signin) async fn auto_advance(
        &self,
        request: &SignInRequest<'_>,
        transaction: &Transaction,
        flow: &mut FlowState,
        mut step: Step,
    ) -> Step {
        for _ in 0..AUTOMATIC_STEPS {
            let next = match &step {
                Step::Pending(reply) => next(reply, transaction.entry),
                _ => None,
            };
            let Some((form, answers)) = next else { break };
            // An org that asks the device again after it was declined would be declined for ever.
            if is_decline(&form) && !flow.declines(&form) {
                break;
            }
            if flow.may_call(form.kind.name(), request.now).is_err() {
                break;
            }
            info!(remediation = form.kind.name(), "a step was taken without asking");
            match self.client.submit(&form, &answers, &request.org_visitor()).await {
                // Declined without a reply that says how to go on: the org still knows.
                Step::Terminal(_) | Step::Failure(Failure::Unreadable(_))
                    if flow.may_call("introspect", request.now).is_ok() =>
                {
                    step = self.client.introspect(&transaction.handle, &request.org_visitor()).await;
                    break;
                }
                next => step = next,
            }
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
            if !reply.recovering && reply.action("-recover").is_some() =>
        {
            reply.action("-recover").and_then(|action| plain(&action.form))
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
    let action = reply.actions.iter().find(|action| action.name.ends_with("-cancel"))?;
    let mut form = action.form.clone();
    form.fields.retain(|field| !["reason", "statusCode"].contains(&field.name.as_str()));
    form.fields.push(Field::fixed("reason", "OV_UNREACHABLE_BY_LOOPBACK".into()));
    form.fields.push(Field::fixed("statusCode", Value::Null));
    Some((form, Answers::default()))
}
