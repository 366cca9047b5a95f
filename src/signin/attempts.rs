//! What a posted form uses up: guesses at a secret, codes sent to somebody.
//!
//! Both are counted before the org is asked, so that many at once are held to the limit too, and given back where
//! the org's reply shows that the answer was right or that nothing was sent.

use std::net::IpAddr;
use std::time::Duration;

use crate::idx::{Kind, Remediation, Reply, Step};
use crate::limits::{Allowance, Attempt, Limits, Who};
use crate::time::Instant;

/// What was counted for one posted form.
pub(super) struct Attempts<'a> {
    guess: Option<Attempt<'a>>,
    code: Option<Attempt<'a>>,
}

/// Which limit refuses a form, and for how long.
#[derive(Clone, Copy, Debug)]
pub(super) struct Exhausted {
    /// Its name, for the log.
    pub(super) limit: &'static str,
    /// How long to wait.
    pub(super) wait: Duration,
}

impl<'a> Attempts<'a> {
    /// Counts what posting `form` may come to. `typed` is the user name that was posted with it; without one it is
    /// whoever the reply is about.
    pub(super) fn count(
        (limits, allowance): (&'a Limits, &Allowance),
        form: &Remediation,
        resends: bool,
        reply: &Reply,
        typed: Option<&str>,
        address: Option<IpAddr>,
        now: Instant,
    ) -> Result<Self, Exhausted> {
        let username = typed.or(reply.user.as_ref().and_then(|user| user.identifier.as_deref()));
        let who = Who { address, username, now };
        let code = match resends || may_send(&form.kind) {
            true => Some(limits.code(who, allowance).map_err(|wait| Exhausted { limit: "codes", wait })?),
            false => None,
        };
        match is_guess(&form.kind).then(|| limits.guess(who, allowance)).transpose() {
            Ok(guess) => Ok(Self { guess, code }),
            Err(wait) => {
                code.into_iter().for_each(Attempt::forgive);
                Err(Exhausted { limit: "guesses", wait })
            }
        }
    }

    /// Gives back what the org's reply shows to have done no harm.
    pub(super) fn settle(self, step: &Step) {
        let was_wrong = match step {
            Step::Pending(reply) | Step::Terminal(reply) => !reply.accepted,
            Step::Success(_) | Step::Failure(_) | Step::Canceled => false,
        };
        let was_sent = matches!(step, Step::Pending(reply) if reply.accepted && reply.action("-resend").is_some());
        self.guess.filter(|_| !was_wrong).into_iter().for_each(Attempt::forgive);
        self.code.filter(|_| !was_sent).into_iter().for_each(Attempt::forgive);
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
