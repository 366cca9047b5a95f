//! `credential/enroll`: chooses an authenticator to set up. `challenge/send`: sends the link with which
//! a phone sets up Okta Verify.

use serde_json::Value;

use crate::authenticator::Key;
use crate::http::Call;
use crate::idx::transaction::{AppSetup, Enrolling, Step, Transaction};
use crate::idx::{Message, Outcome, sending};
use crate::inbox::{Channel, Letter};
use crate::state::{Link, State};
use crate::totp::TotpSecret;

pub(crate) fn answer(state: &mut State, transaction: &mut Transaction, body: &Value, call: &Call) -> Outcome {
    let chosen = &body["authenticator"];
    let said = |name: &str| chosen[name].as_str().map(str::trim).filter(|said| !said.is_empty());
    let Some(key) = said("id").and_then(Key::with_id) else {
        return Outcome::told(400, Message::required("authenticator.id"));
    };
    match key {
        Key::Phone => {
            return phone(state, transaction, said("methodType"), said("phoneNumber"), call);
        }
        Key::OktaVerify => transaction.step = app(state, transaction, said("channel").unwrap_or("qrcode"), call),
        Key::Email => {
            let user = transaction.login().and_then(|login| state.user(login)).cloned().unwrap_or_default();
            transaction.step = sending::enrol_email(state, transaction, &user, call);
        }
        key => transaction.step = Step::Enrol(sending::enrolling(key, key.facts().methods[0], call)),
    }
    Outcome::ok()
}

fn phone(
    state: &mut State,
    transaction: &mut Transaction,
    method: Option<&str>,
    number: Option<&str>,
    call: &Call,
) -> Outcome {
    transaction.step = Step::EnrolmentData;
    let (Some(method), Some(number)) = (method, number) else {
        return Outcome::ok();
    };
    if !is_number(number) {
        let message = Message::error("api.factors.error.sms.invalid_phone", "Invalid Phone Number.");
        return Outcome::told(400, message);
    }
    match sending::code(state, transaction, method, number, call) {
        Ok(sent) => {
            let begun = sending::enrolling(Key::Phone, method, call);
            transaction.step =
                Step::Enrol(Enrolling { code: sent.code, sent: sent.at, number: Some(number.to_owned()), ..begun });
            Outcome::ok()
        }
        Err(refused) => refused,
    }
}

/// E.164, perhaps with an extension: `+15551234567x123`.
fn is_number(number: &str) -> bool {
    let (number, extension) = number.split_once('x').unwrap_or((number, "0"));
    let digits = number.strip_prefix('+').unwrap_or_default();
    let all_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    all_digits(digits) && all_digits(extension) && (8..=15).contains(&digits.len()) && !digits.starts_with('0')
}

fn app(state: &mut State, transaction: &Transaction, channel: &str, call: &Call) -> Step {
    match channel {
        "qrcode" => Step::EnrolApp(setup(state, transaction, channel, None, call)),
        other => Step::EnrolChannel { channel: other.to_owned() },
    }
}

fn setup(state: &mut State, transaction: &Transaction, channel: &str, sent_to: Option<&str>, call: &Call) -> AppSetup {
    let token = crate::random::handle();
    let link = format!("{}/sandbox/okta-verify?token={token}", call.origin);
    state.links.insert(token, Link::OktaVerify { state_handle: transaction.state_handle.clone() });
    AppSetup {
        channel: channel.to_owned(),
        sent_to: sent_to.map(str::to_owned),
        sent: call.at,
        link,
        secret: TotpSecret::fresh(),
        done: false,
    }
}

/// `challenge/send`.
pub(crate) fn send_link(state: &mut State, transaction: &mut Transaction, body: &Value, call: &Call) -> Outcome {
    let Step::EnrolChannel { channel } = transaction.step.clone() else {
        return Outcome::ok();
    };
    let member = if channel == "email" { "email" } else { "phoneNumber" };
    let to = body[member].as_str().unwrap_or_default().trim().to_owned();
    if channel == "sms" && !is_number(&to) {
        let message = Message::error("api.factors.error.sms.invalid_phone", "Invalid Phone Number.");
        return Outcome::told(400, message);
    }
    let begun = setup(state, transaction, &channel, Some(&to), call);
    deliver(state, &begun, call);
    transaction.step = Step::EnrolApp(begun);
    Outcome::ok()
}

/// `challenge/resend` of that link.
pub(crate) fn resend_link(state: &mut State, begun: &AppSetup, transaction: &mut Transaction, call: &Call) -> Outcome {
    if call.at.since(begun.sent) < state.policies.resend_wait_s {
        return Outcome::told(429, Message::too_many_requests());
    }
    deliver(state, begun, call);
    transaction.step = Step::EnrolApp(AppSetup { sent: call.at, ..begun.clone() });
    Outcome::ok()
}

fn deliver(state: &mut State, begun: &AppSetup, call: &Call) {
    let channel = if begun.channel == "email" { Channel::Email } else { Channel::Sms };
    let to = begun.sent_to.clone().unwrap_or_default();
    state.send(Letter { to, channel, code: None, link: Some(begun.link.clone()), at: call.at });
}

#[cfg(test)]
mod tests {
    use super::is_number;

    #[test]
    fn numbers_are_e_164() {
        for (number, good) in [
            ("+15551234567", true),
            ("+15551234567x123", true),
            ("15551234567", false),
            ("+0123456789", false),
            ("+1555", false),
            ("+1555123456789012", false),
            ("555-1234", false),
            ("+15551234567x", false),
        ] {
            assert_eq!(is_number(number), good, "{number}");
        }
    }
}
