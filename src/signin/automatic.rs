//! Steps that are taken without asking: what a server cannot do is declined, and what the visitor came
//! for is walked to.
//!
//! A device that answers the browser (FastPass by loopback, Apple's single sign-on extension) cannot answer
//! through a server: its challenge is given up with the reason the org wants, and the other ways come up.

use serde_json::Value;

use super::form;
use super::transaction::Entry;
use crate::idx::{Answers, AuthenticatorKey, Field, Kind, Remediation, Reply};

/// A step to take without asking, if this is one.
pub(super) fn next(reply: &Reply, entry: Entry) -> Option<(Remediation, Answers)> {
    let first = reply.first()?;
    let plain = |form: &Remediation| Some((form.clone(), Answers::default()));
    match (&first.kind, entry) {
        // A device that answers the browser cannot answer a server: the other ways come up.
        (Kind::DeviceChallengePoll | Kind::ChallengePoll, _) if form::is_by_device(first, reply) => decline(reply),
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
            form::choose(first, &AuthenticatorKey::Password).map(|answers| (first.clone(), answers))
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
