//! Proving: an authenticator that somebody has set up answers its challenge.

use serde_json::Value;

use crate::authenticator::Key;
use crate::clock::Moment;
use crate::http::Call;
use crate::idx::answer::{origins, sent_code, text, too_many};
use crate::idx::transaction::{Challenge, Step, Transaction, Who};
use crate::idx::{Message, Outcome, engine, hosted};
use crate::state::State;
use crate::totp::Checked;
use crate::user::{Proof, Standing, User};
use crate::webauthn::{Asserted, Ceremony, decode};

/// Judges an answer; a right one is proven, a wrong one is counted.
pub(super) fn answer(
    state: &mut State,
    transaction: &mut Transaction,
    mut challenge: Challenge,
    credentials: &Value,
    call: &Call,
) -> Result<(), Outcome> {
    if may_be_guessed(challenge.key) && challenge.wrong >= state.policies.wrong_codes {
        return Err(too_many());
    }
    let judged = match challenge.key {
        Key::Password => password(state, transaction, credentials),
        Key::Email | Key::Phone => sent_code(state, challenge.code.as_deref(), challenge.sent, credentials, call.at),
        Key::SecurityQuestion => question(state, transaction, &challenge, credentials),
        Key::Webauthn => passkey(state, transaction, &mut challenge, credentials),
        Key::Duo => hosted::judge_duo(&challenge.challenge, credentials),
        Key::NfcPin => hosted::judge_pin(pin(state, transaction).as_deref(), credentials),
        Key::SmartCard => hosted::judge_card(),
        _ => shown_code(state, transaction, &challenge, credentials, call.at),
    };
    match judged {
        Ok(()) => {
            transaction.spend(challenge.code.as_ref());
            transaction.prove(challenge.key);
            Ok(())
        }
        Err(wrong) => {
            challenge.wrong += 1;
            let over = may_be_guessed(challenge.key) && challenge.wrong >= state.policies.wrong_codes;
            if over {
                transaction.spend(challenge.code.as_ref());
                challenge.code = None;
            }
            transaction.step = Step::Answer(challenge);
            Err(if over { too_many() } else { wrong })
        }
    }
}

/// Whether tries are counted here: passwords have their own count, and signatures cannot be guessed.
fn may_be_guessed(key: Key) -> bool {
    !matches!(key, Key::Password | Key::Webauthn | Key::Duo | Key::SmartCard)
}

fn pin(state: &State, transaction: &Transaction) -> Option<String> {
    let user = transaction.login().and_then(|login| state.user(login))?;
    user.enrolled.iter().find_map(|enrolment| match &enrolment.proof {
        Proof::NfcPin { pin } => Some(pin.clone()),
        _ => None,
    })
}

fn password(state: &mut State, transaction: &Transaction, credentials: &Value) -> Result<(), Outcome> {
    let lockout_after = state.policies.lockout_after;
    let wrong = || Outcome::told(401, Message::error("incorrectPassword", "Password is incorrect"));
    let user = transaction.login().and_then(|login| state.user_mut(login)).ok_or_else(wrong)?;
    if !matches!(user.standing, Standing::Active | Standing::Denied | Standing::Unassigned) {
        return Err(wrong());
    }
    if user.password.as_deref() == credentials["passcode"].as_str() {
        user.wrong_passwords = 0;
        return Ok(());
    }
    user.wrong_passwords += 1;
    if user.wrong_passwords >= lockout_after {
        user.standing = Standing::Locked;
    }
    Err(wrong())
}

fn question(
    state: &State,
    transaction: &Transaction,
    challenge: &Challenge,
    credentials: &Value,
) -> Result<(), Outcome> {
    let user = transaction.login().and_then(|login| state.user(login));
    let enrolment = user.and_then(|user| user.enrolled.iter().find(|known| known.id == challenge.enrolment));
    match enrolment.map(|enrolment| &enrolment.proof) {
        Some(Proof::Question { answer, .. }) if answer.eq_ignore_ascii_case(text(credentials, "answer")) => Ok(()),
        _ => Err(Outcome::at_field(
            401,
            "answer",
            Message::error(
                "authfactor.challenge.question_factor.answer_invalid",
                "Your answer doesn't match our records. Please try again.",
            ),
        )),
    }
}

/// An assertion by any of the person's passkeys. After a failure the challenge is a new one.
fn passkey(
    state: &mut State,
    transaction: &Transaction,
    challenge: &mut Challenge,
    credentials: &Value,
) -> Result<(), Outcome> {
    let answered = std::mem::replace(&mut challenge.challenge, crate::random::handle());
    let login = transaction.login().unwrap_or_default();
    match asserted(state, login, &answered, credentials) {
        true => Ok(()),
        false => Err(not_validated()),
    }
}

/// `challenge/answer/webauthn-autofillui`: a passkey says on the first page who it is. It stands for the
/// password, as a passkey is something one has and something one is.
pub(super) fn first_by_passkey(state: &mut State, transaction: &mut Transaction, body: &Value, call: &Call) -> Outcome {
    let credentials = &body["credentials"];
    let answered = std::mem::replace(&mut transaction.first_challenge, crate::random::handle());
    let handle = decode(text(credentials, "userHandle")).filter(|handle| !handle.is_empty());
    let named = |user: &&User| handle.is_none() || decode(&user.id) == handle;
    let logins: Vec<_> = state.users.iter().filter(named).map(|user| user.login.clone()).collect();
    match logins.into_iter().find(|login| asserted(state, login, &answered, credentials)) {
        Some(login) => {
            transaction.who = Who::Known { login };
            transaction.verified.push(Key::Webauthn);
            engine::advance(state, transaction, call);
            Outcome::ok()
        }
        None => not_validated(),
    }
}

/// Whether one of somebody's passkeys made this assertion; its counter is kept.
fn asserted(state: &mut State, login: &str, challenge: &str, credentials: &Value) -> bool {
    let rp_id = state.policies.rp_id.clone();
    let ceremony = Ceremony { challenge, rp_id: &rp_id, origins: origins(state) };
    let made = Asserted {
        client_data: text(credentials, "clientData"),
        authenticator_data: text(credentials, "authenticatorData"),
        signature: text(credentials, "signatureData"),
    };
    let user = state.user_mut(login).filter(|user| user.standing != Standing::Locked);
    user.into_iter().flat_map(|user| &mut user.enrolled).any(|enrolment| match &mut enrolment.proof {
        Proof::Webauthn { public_key, sign_count, .. } => {
            let count = ceremony.assert(&made, public_key, *sign_count);
            *sign_count = count.unwrap_or(*sign_count);
            count.is_ok()
        }
        _ => false,
    })
}

fn not_validated() -> Outcome {
    Outcome::told(
        401,
        Message::error(
            "authfactor.webauthn.error.assertion_validation_failure",
            "None of the WebAuthn authenticators the user has enrolled for was able to validate the assertion",
        ),
    )
}

/// A code that an app or a token shows.
fn shown_code(
    state: &mut State,
    transaction: &Transaction,
    challenge: &Challenge,
    credentials: &Value,
    now: Moment,
) -> Result<(), Outcome> {
    let key = challenge.key;
    let field = if key == Key::OktaVerify { "totp" } else { "passcode" };
    let user = transaction.login().and_then(|login| state.user_mut(login));
    let enrolment = user.and_then(|user| user.enrolled.iter_mut().find(|known| known.id == challenge.enrolment));
    let checked = enrolment.map_or(Checked::Wrong, |enrolment| {
        let secret = enrolment.proof.secret();
        let checked = secret.map(|secret| secret.check(key, text(credentials, field), now, &enrolment.used));
        if let Some(Checked::Good { counter }) = checked {
            enrolment.used.push(counter);
        }
        checked.unwrap_or(Checked::Wrong)
    });
    match checked {
        Checked::Good { .. } => Ok(()),
        Checked::Used => Err(Outcome::at_field(
            401,
            field,
            Message::error(
                "authfactor.challenge.soft_token.used_passcode",
                "API error: Each code can only be used once. Please wait for a new code and try again.",
            ),
        )),
        Checked::Wrong => Err(match key {
            Key::GoogleOtp | Key::Symantec => Outcome::at_field(
                401,
                field,
                Message::error(
                    "authfactor.challenge.soft_token.invalid_passcode",
                    "API error: Your code doesn't match our records. Please try again.",
                ),
            ),
            Key::Rsa | Key::OnPrem | Key::CustomOtp => Outcome::told(401, Message::invalid_code()),
            _ => Outcome::at_field(401, field, Message::invalid_code()),
        }),
    }
}
