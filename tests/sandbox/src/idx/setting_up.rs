//! Setting up: the answer that ends the set-up of an authenticator, and enrols it.

use serde_json::Value;

use crate::authenticator::Key;
use crate::clock::Moment;
use crate::http::Call;
use crate::idx::answer::{origins, sent_code, text, too_many};
use crate::idx::renewing::good_enough;
use crate::idx::transaction::{Enrolling, Step, Transaction};
use crate::idx::{Message, Outcome};
use crate::state::State;
use crate::totp::Checked;
use crate::user::Proof;
use crate::webauthn::Ceremony;

/// Judges an answer; a right one enrols the authenticator, and proves it too.
pub(super) fn answer(
    state: &mut State,
    transaction: &mut Transaction,
    mut begun: Enrolling,
    credentials: &Value,
    call: &Call,
) -> Result<(), Outcome> {
    if begun.wrong >= state.policies.wrong_codes {
        return Err(too_many());
    }
    let login = transaction.login().unwrap_or_default().to_owned();
    let proven = match begun.key {
        Key::Password => {
            let password = credentials["passcode"].as_str().unwrap_or_default();
            good_enough(state, &login, password, None)?;
            if let Some(user) = state.user_mut(&login) {
                user.set_password(password);
            }
            Ok(Proof::Password)
        }
        Key::Email => sent_code(state, begun.code.as_deref(), begun.sent, credentials, call.at).map(|()| Proof::Email),
        Key::Phone => {
            sent_code(state, begun.code.as_deref(), begun.sent, credentials, call.at).map(|()| Proof::Phone {
                number: begun.number.clone().unwrap_or_default(),
                methods: vec!["sms".to_owned(), "voice".to_owned()],
            })
        }
        Key::SecurityQuestion => new_question(credentials),
        Key::Webauthn => new_passkey(state, &begun, credentials),
        _ => new_token(&begun, credentials, call.at),
    };
    match proven {
        Ok(proof) => {
            transaction.spend(begun.code.as_ref());
            if let Some(user) = state.user_mut(&login)
                && begun.key != Key::Password
            {
                user.enrol(proof);
            }
            transaction.verified.push(begun.key);
            Ok(())
        }
        Err(wrong) => {
            begun.wrong += 1;
            let over = begun.wrong >= state.policies.wrong_codes;
            transaction.step = Step::Enrol(begun);
            Err(if over { too_many() } else { wrong })
        }
    }
}

fn new_question(credentials: &Value) -> Result<Proof, Outcome> {
    let (key, answer) = (text(credentials, "questionKey"), text(credentials, "answer"));
    let known = crate::idx::enrolling::QUESTIONS.iter().find(|(known, _)| *known == key);
    let question = known.map_or(text(credentials, "question"), |(_, question)| question);
    let mut wrong = Outcome { status: 400, ..Outcome::ok() };
    if question.contains(['<', '>']) {
        wrong
            .fields
            .push(("question".to_owned(), Message::error("tagsNotAllowed", "The field must not contain HTML tags")));
    }
    if answer.chars().count() < 4 {
        let told = "The security question answer must be at least 4 characters in length";
        wrong.fields.push(("answer".to_owned(), Message::error("securityQuestion.answer.tooShort.arg", told).about(4)));
    }
    match wrong.fields.is_empty() {
        true => Ok(Proof::Question {
            question_key: key.to_owned(),
            question: question.to_owned(),
            answer: answer.to_owned(),
        }),
        false => Err(wrong),
    }
}

fn new_passkey(state: &State, begun: &Enrolling, credentials: &Value) -> Result<Proof, Outcome> {
    let ceremony = Ceremony { challenge: &begun.challenge, rp_id: &state.policies.rp_id, origins: origins(state) };
    let registered = ceremony.register(text(credentials, "clientData"), text(credentials, "attestation"));
    let registered = registered.map_err(|check| {
        let told = format!("Unable to enroll authenticator. Try again. ({check})");
        Outcome::told(400, Message::error("oie.authenticator.enroll.error.fail", told))
    })?;
    Ok(Proof::Webauthn {
        credential_id: registered.credential_id,
        public_key: registered.public_key,
        sign_count: registered.sign_count,
        transports: serde_json::from_str(text(credentials, "transports")).unwrap_or_default(),
    })
}

/// An app or a token, proven by a code it shows; Symantec VIP by two of them.
fn new_token(begun: &Enrolling, credentials: &Value, now: Moment) -> Result<Proof, Outcome> {
    let good = |name| matches!(begun.secret.check(begun.key, text(credentials, name), now, &[]), Checked::Good { .. });
    let two = begun.key != Key::Symantec
        || (good("nextPasscode") && text(credentials, "nextPasscode") != text(credentials, "passcode"));
    let wrong = match begun.key {
        Key::Rsa | Key::OnPrem => Outcome::told(401, Message::invalid_code()),
        _ => Outcome::at_field(401, "passcode", Message::invalid_code()),
    };
    match good("passcode") && two {
        true => Proof::token(begun.key, begun.secret.clone()).ok_or(wrong),
        false => Err(wrong),
    }
}
