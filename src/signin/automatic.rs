//! Steps that are taken without asking: what a server cannot do is declined, and what the visitor came
//! for is walked to.
//!
//! A device that answers the browser (FastPass by loopback, Apple's single sign-on extension) cannot answer
//! through a server: its challenge is given up with the reason the org wants, and the other ways come up.

use super::form;
use super::transaction::Entry;
use crate::idx::{Answer, Answers, AuthenticatorKey, Kind, Remediation, Reply, Shape};

/// A step to take without asking, if this is one.
pub(super) fn next(reply: &Reply, entry: Entry) -> Option<(Remediation, Answers)> {
    let first = reply.first()?;
    let plain = |form: &Remediation| Some((form.clone(), Answers::default()));
    let by_device = first
        .about
        .as_ref()
        .or(reply.authenticator.as_ref())
        .is_some_and(|about| about.context.device_challenge.is_some());
    match (&first.kind, entry) {
        // A device that answers the browser cannot answer a server: the other ways come up.
        (Kind::DeviceChallengePoll, _) => {
            decline(reply, "authenticatorChallenge-cancel").or_else(|| decline(reply, "-cancel"))
        }
        (Kind::ChallengePoll, _) if by_device => decline(reply, "currentAuthenticator-cancel")
            .filter(|_| reply.remediation(&Kind::SelectAuthenticatorAuthenticate).is_none()),
        (Kind::AppleSsoExtension | Kind::CancelTransaction, _) => {
            reply.remediation(&Kind::CancelTransaction).and_then(plain).or_else(|| decline(reply, "-cancel"))
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

/// An action that declines a device's answer, with the reason the org wants.
fn decline(reply: &Reply, name: &str) -> Option<(Remediation, Answers)> {
    let action = reply.actions.iter().find(|action| action.name.ends_with(name) && action.name != "cancel")?;
    let mut answers = Answers::default();
    if action.form.field("reason").is_some_and(|field| !matches!(field.shape, Shape::Fixed(_))) {
        answers.set(["reason"], Answer::Text("OV_UNREACHABLE_BY_LOOPBACK".to_owned()));
    }
    Some((action.form.clone(), answers))
}
