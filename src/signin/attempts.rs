//! What a posted form may use up: guesses at a secret, codes sent to somebody ([`crate::limits`]).

use crate::idx::{Kind, Remediation, Step};
use crate::limits::{Attempt, Uses};

/// What posting `form` may use up. With `resends` it is the wish for another code.
pub(super) fn uses(form: &Remediation, resends: bool) -> Uses {
    Uses { guess: is_guess(&form.kind), code: resends || may_send(&form.kind) }
}

/// Counts what the org's reply shows to have been used up.
pub(super) fn record(attempt: Option<Attempt<'_>>, step: &Step) {
    let was_wrong = matches!(step, Step::Pending(reply) | Step::Terminal(reply) if !reply.accepted);
    let was_sent = matches!(step, Step::Pending(reply) if reply.accepted && reply.resend().is_some());
    if let Some(attempt) = attempt {
        attempt.record(was_wrong, was_sent);
    }
}

/// Whether a form of this kind holds something that could be guessed.
fn is_guess(kind: &Kind) -> bool {
    matches!(kind, Kind::Identify | Kind::ChallengeAuthenticator | Kind::UserCode)
}

/// Whether posting a form of this kind can make the org send a code or a link.
fn may_send(kind: &Kind) -> bool {
    matches!(
        kind,
        Kind::Identify
            | Kind::IdentifyRecovery
            | Kind::SelectAuthenticatorAuthenticate
            | Kind::SelectAuthenticatorEnroll
            | Kind::SelectAuthenticatorUnlock
            | Kind::AuthenticatorVerificationData
            | Kind::AuthenticatorEnrollmentData
            | Kind::EnrollmentChannelData
            | Kind::RequestActivationEmail
            | Kind::EnrollProfile
            | Kind::Resend
    )
}
