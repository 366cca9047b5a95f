//! `challenge/answer`: what the person typed, or what their authenticator signed.
//!
//! A right answer leads on; a wrong one keeps the step and says so, and after too many the code is
//! spent. New passwords are answers too.

use serde_json::Value;

use crate::authenticator::Key;
use crate::clock::Moment;
use crate::http::Call;
use crate::idx::transaction::{
    Challenge, Ending, Enrolling, Intent, NewPassword, Step, Transaction,
};
use crate::idx::{Message, Outcome, engine, passwords};
use crate::policies::Landing;
use crate::state::State;
use crate::totp::Checked;
use crate::user::{Proof, Standing};
use crate::webauthn::{Asserted, Ceremony};

pub(crate) fn answer(
    state: &mut State,
    transaction: &mut Transaction,
    body: &Value,
    call: &Call,
) -> Outcome {
    let credentials = &body["credentials"];
    let checked = match transaction.step.clone() {
        Step::Answer(challenge) => verify(state, transaction, challenge, credentials, call),
        Step::Enrol(begun) => enrol(state, transaction, begun, credentials, call),
        Step::NewPassword(why) => renew(state, transaction, why, credentials, call),
        _ => Ok(()),
    };
    match checked {
        Err(wrong) => wrong,
        Ok(()) if matches!(transaction.step, Step::Ended(_)) => Outcome::ok(),
        Ok(()) => {
            engine::advance(state, transaction, call);
            Outcome::ok()
        }
    }
}

/// A text member of what was answered.
fn text<'a>(credentials: &'a Value, name: &str) -> &'a str {
    credentials[name].as_str().unwrap_or_default().trim()
}

fn verify(
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
        Key::Email | Key::Phone => sent_code(
            state,
            challenge.code.as_deref(),
            challenge.sent,
            credentials,
            call.at,
        ),
        Key::SecurityQuestion => question(state, transaction, &challenge, credentials),
        Key::Webauthn => passkey(state, transaction, &mut challenge, credentials),
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
            let over =
                may_be_guessed(challenge.key) && challenge.wrong >= state.policies.wrong_codes;
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
    !matches!(key, Key::Password | Key::Webauthn)
}

fn too_many() -> Outcome {
    Outcome::bare(
        429,
        Message::error("oie.tooManyRequests", "Too many attempts. Try again later."),
    )
}

fn password(
    state: &mut State,
    transaction: &Transaction,
    credentials: &Value,
) -> Result<(), Outcome> {
    let lockout_after = state.policies.lockout_after;
    let wrong = || {
        Outcome::told(
            401,
            Message::error("incorrectPassword", "Password is incorrect"),
        )
    };
    let user = transaction
        .login()
        .and_then(|login| state.user_mut(login))
        .ok_or_else(wrong)?;
    if !matches!(user.standing, Standing::Active | Standing::Denied) {
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

/// A code that was sent: the last one, in its time.
fn sent_code(
    state: &State,
    code: Option<&str>,
    sent: Moment,
    credentials: &Value,
    now: Moment,
) -> Result<(), Outcome> {
    let alive = now.since(sent) < state.policies.code_lifetime_s;
    match alive && code.is_some() && code == credentials["passcode"].as_str().map(str::trim) {
        true => Ok(()),
        false => Err(Outcome::at_field(401, "passcode", Message::invalid_code())),
    }
}

fn question(
    state: &State,
    transaction: &Transaction,
    challenge: &Challenge,
    credentials: &Value,
) -> Result<(), Outcome> {
    let user = transaction.login().and_then(|login| state.user(login));
    let enrolment = user.and_then(|user| {
        user.enrolled
            .iter()
            .find(|known| known.id == challenge.enrolment)
    });
    match enrolment.map(|enrolment| &enrolment.proof) {
        Some(Proof::Question { answer, .. })
            if answer.eq_ignore_ascii_case(text(credentials, "answer")) =>
        {
            Ok(())
        }
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
    let rp_id = state.policies.rp_id.clone();
    let ceremony = Ceremony {
        challenge: &answered,
        rp_id: &rp_id,
        origins: origins(state),
    };
    let made = Asserted {
        client_data: text(credentials, "clientData"),
        authenticator_data: text(credentials, "authenticatorData"),
        signature: text(credentials, "signatureData"),
    };
    let user = transaction.login().and_then(|login| state.user_mut(login));
    for enrolment in user.into_iter().flat_map(|user| &mut user.enrolled) {
        if let Proof::Webauthn {
            public_key,
            sign_count,
            ..
        } = &mut enrolment.proof
            && let Ok(count) = ceremony.assert(&made, public_key, *sign_count)
        {
            *sign_count = count;
            return Ok(());
        }
    }
    Err(Outcome::told(
        401,
        Message::error(
            "authfactor.webauthn.error.assertion_validation_failure",
            "None of the WebAuthn authenticators the user has enrolled for was able to validate the assertion",
        ),
    ))
}

/// Origins of the apps that may return here.
fn origins(state: &State) -> Vec<String> {
    let origin = |uri: &String| {
        url::Url::parse(uri)
            .ok()
            .map(|uri| uri.origin().ascii_serialization())
    };
    state.redirect_uris().filter_map(origin).collect()
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
    let field = if key == Key::OktaVerify {
        "totp"
    } else {
        "passcode"
    };
    let user = transaction.login().and_then(|login| state.user_mut(login));
    let enrolment = user.and_then(|user| {
        user.enrolled
            .iter_mut()
            .find(|known| known.id == challenge.enrolment)
    });
    let checked = enrolment.map_or(Checked::Wrong, |enrolment| {
        let secret = enrolment.proof.secret();
        let checked =
            secret.map(|secret| secret.check(key, text(credentials, field), now, &enrolment.used));
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

fn enrol(
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
        Key::Email => sent_code(
            state,
            begun.code.as_deref(),
            begun.sent,
            credentials,
            call.at,
        )
        .map(|()| Proof::Email),
        Key::Phone => sent_code(
            state,
            begun.code.as_deref(),
            begun.sent,
            credentials,
            call.at,
        )
        .map(|()| Proof::Phone {
            number: begun.number.clone().unwrap_or_default(),
            methods: vec!["sms".to_owned(), "voice".to_owned()],
        }),
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
    let (key, answer) = (
        text(credentials, "questionKey"),
        text(credentials, "answer"),
    );
    let known = crate::idx::enrolling::QUESTIONS
        .iter()
        .find(|(known, _)| *known == key);
    let question = known.map_or(text(credentials, "question"), |(_, question)| question);
    let mut wrong = Outcome {
        status: 400,
        ..Outcome::ok()
    };
    if question.contains(['<', '>']) {
        wrong.fields.push((
            "question".to_owned(),
            Message::error("tagsNotAllowed", "The field must not contain HTML tags"),
        ));
    }
    if answer.chars().count() < 4 {
        let told = "The security question answer must be at least 4 characters in length";
        wrong.fields.push((
            "answer".to_owned(),
            Message::error("securityQuestion.answer.tooShort.arg", told).about(4),
        ));
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
    let ceremony = Ceremony {
        challenge: &begun.challenge,
        rp_id: &state.policies.rp_id,
        origins: origins(state),
    };
    let registered = ceremony.register(
        text(credentials, "clientData"),
        text(credentials, "attestation"),
    );
    let registered = registered.map_err(|check| {
        let told = format!("Unable to enroll authenticator. Try again. ({check})");
        Outcome::told(
            400,
            Message::error("oie.authenticator.enroll.error.fail", told),
        )
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
    let good = |name| {
        matches!(
            begun
                .secret
                .check(begun.key, text(credentials, name), now, &[]),
            Checked::Good { .. }
        )
    };
    let two = begun.key != Key::Symantec
        || (good("nextPasscode")
            && text(credentials, "nextPasscode") != text(credentials, "passcode"));
    let wrong = match begun.key {
        Key::Rsa | Key::OnPrem => Outcome::told(401, Message::invalid_code()),
        _ => Outcome::at_field(401, "passcode", Message::invalid_code()),
    };
    match good("passcode") && two {
        true => Proof::token(begun.key, begun.secret.clone()).ok_or(wrong),
        false => Err(wrong),
    }
}

/// A password that may be set: strong enough, and not the one before.
fn good_enough(
    state: &State,
    login: &str,
    password: &str,
    before: Option<&str>,
) -> Result<(), Outcome> {
    if let Some(message) = passwords::too_weak(&state.policies.password, password, login) {
        return Err(Outcome::at_field(400, "passcode", message));
    }
    if before == Some(password) {
        let told = "Password requirements were not met. Your password cannot be any of your last 1 passwords.";
        let message = Message::error("password.passwordRequirementsNotMet", told)
            .about("Your password cannot be any of your last 1 passwords.");
        return Err(Outcome::at_field(400, "passcode", message));
    }
    Ok(())
}

fn renew(
    state: &mut State,
    transaction: &mut Transaction,
    why: NewPassword,
    credentials: &Value,
    call: &Call,
) -> Result<(), Outcome> {
    let login = transaction.login().unwrap_or_default().to_owned();
    let password = credentials["passcode"].as_str().unwrap_or_default();
    let before = state.user(&login).and_then(|user| user.password.clone());
    good_enough(state, &login, password, before.as_deref())?;
    if let Some(user) = state.user_mut(&login) {
        user.set_password(password);
    }
    if why != NewPassword::Forgotten {
        return Ok(());
    }
    if credentials["revokeSessions"] == true {
        let mine = state
            .grants
            .grants
            .iter_mut()
            .filter(|grant| grant.login == login);
        mine.for_each(|grant| grant.ended = true);
    }
    if let Some(user) = state.user_mut(&login)
        && user.standing == Standing::Locked
    {
        user.standing = Standing::Active;
    }
    transaction.intent = Intent::Login;
    transaction.verified.push(Key::Password);
    transaction.verified.append(&mut transaction.proven);
    transaction.last_seen = call.at;
    if state.policies.recovery_lands == Landing::Message {
        let told = "You can now sign in with your existing username and new password.";
        let message = Message::info("idx.recovery.completed", told);
        transaction.step = Step::Ended(Ending {
            status: 200,
            message,
        });
    }
    Ok(())
}
