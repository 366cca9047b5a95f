//! `challenge/poll`, `authenticators/poll` and `poll`: what has become of a push, of an app being set up, of
//! a mail's link, or of an org that was busy. Where nothing has changed the reply is the same page.

use crate::authenticator::Key;
use crate::http::Call;
use crate::idx::transaction::{PushAnswer, Step, Transaction};
use crate::idx::{Message, Outcome, engine};
use crate::state::State;
use crate::user::Proof;

pub(crate) fn poll(state: &mut State, transaction: &mut Transaction, call: &Call) -> Outcome {
    match transaction.step.clone() {
        Step::Push(push) => match push.answer {
            Some(PushAnswer::Approved) => {
                transaction.prove(Key::OktaVerify);
                engine::advance(state, transaction, call);
                Outcome::ok()
            }
            Some(PushAnswer::Rejected) => {
                transaction.step = Step::PushRejected { enrolment: push.enrolment };
                Outcome::ok()
            }
            None if call.at.since(push.sent) >= state.policies.push_lifetime_s => {
                engine::advance(state, transaction, call);
                Outcome::bare(
                    404,
                    Message::error(
                        "core.system.transaction_resource_not_found",
                        "Verification timed out. Please try again",
                    ),
                )
            }
            None => Outcome::ok(),
        },
        Step::EnrolApp(setup) if setup.done => {
            let methods = vec!["push".to_owned(), "totp".to_owned()];
            let proof = Proof::OktaVerify { secret: setup.secret, methods, number_challenge: false };
            if let Some(user) = transaction.login().map(str::to_owned).and_then(|login| state.user_mut(&login)) {
                user.enrol(proof);
            }
            transaction.verified.push(Key::OktaVerify);
            engine::advance(state, transaction, call);
            Outcome::ok()
        }
        Step::Busy => {
            transaction.polled_while_busy += 1;
            engine::advance(state, transaction, call);
            Outcome::ok()
        }
        _ => Outcome::ok(),
    }
}
