//! Pages for setting up an authenticator: `enroll-authenticator`, `authenticator-enrollment-data`,
//! `enroll-poll`, `select-enrollment-channel`, `enrollment-channel-data`.

use serde_json::{Value, json};

use crate::authenticator::Key;
use crate::idx::choosing;
use crate::idx::form::{View, choice, fixed, object, one, scripted, secret, text};
use crate::idx::page::Page;
use crate::idx::transaction::{AppSetup, Enrolling};
use crate::policies::Policies;
use crate::user::{Proof, User};

/// Questions that may be chosen, by key.
pub(crate) const QUESTIONS: [(&str, &str); 4] = [
    ("disliked_food", "What is the food you least liked as a child?"),
    ("name_of_first_plush_toy", "What is the name of your first stuffed animal?"),
    ("first_award", "What did you earn your first medal or award for?"),
    ("favorite_security_question", "What is your favorite security question?"),
];

/// `enroll-authenticator`: what is asked of an authenticator that is being set up.
pub(crate) fn begun(view: &View<'_>, user: &User, begun: &Enrolling, page: &mut Page) {
    let mut about = begun.key.value();
    if begun.key == Key::Phone {
        about["methods"] = json!([{ "type": begun.method }]);
        about["profile"] =
            json!({ "phoneNumber": crate::user::masked_phone(begun.number.as_deref().unwrap_or_default()) });
    }
    if let Some(context) = context(view, user, begun) {
        about["contextualData"] = context;
    }
    match begun.key {
        Key::Password => about["settings"] = password_settings(view.policies),
        Key::Email | Key::Phone => about["resend"] = view.form("resend", "challenge/resend", Vec::new()),
        _ => {}
    }
    if begun.key == Key::Email {
        about["poll"] = view.poll("poll", "challenge/poll", view.policies.poll_interval_ms);
    }
    let form =
        view.form_about("enroll-authenticator", "challenge/answer", "currentAuthenticator", vec![credentials(begun)]);
    page.remediations.push(form);
    page.put("enrollmentAuthenticator", one(begun.key.value()));
    page.put("currentAuthenticator", one(about));
    choosing::to_enrol(view, user, page);
    if begun.key == Key::Webauthn {
        let known = user.enrolments(Key::Webauthn).map(|known| choosing::enrolment(known, user)).collect();
        page.put("authenticatorEnrollments", crate::idx::form::several(known));
    }
}

/// The fields with which setting up is answered.
fn credentials(begun: &Enrolling) -> Value {
    let fields = match begun.key {
        Key::Password => vec![secret("passcode", "Enter password")],
        Key::SecurityQuestion => return question_fields(),
        Key::Webauthn => vec![
            scripted("clientData", true),
            scripted("attestation", true),
            scripted("transports", false),
            scripted("clientExtensions", false),
        ],
        Key::Rsa | Key::OnPrem => vec![
            fixed("id", begun.key.facts().id),
            fixed("methodType", "otp"),
            text("clientData", "Enter username", true),
            text("passcode", "Enter passcode", true),
        ],
        Key::Symantec => vec![
            text("credentialId", "Credential ID", true),
            text("passcode", "Security code 1", true),
            text("nextPasscode", "Security code 2", true),
        ],
        Key::Yubikey => vec![secret("passcode", "Insert then tap your YubiKey")],
        _ => vec![text("passcode", "Enter code", true)],
    };
    object("credentials", fields)
}

/// A question of the org's, or one's own.
fn question_fields() -> Value {
    let answer = || json!({ "name": "answer", "label": "Answer", "required": true, "secret": true });
    let keys = choice("questionKey", true, QUESTIONS.into_iter());
    let own = vec![fixed("questionKey", "custom"), text("question", "Create a security question", true), answer()];
    json!({
        "name": "credentials",
        "type": "object",
        "required": true,
        "options": [
            { "label": "Choose a security question", "value": { "form": { "value": [keys, answer()] } } },
            { "label": "Create my own security question", "value": { "form": { "value": own } } },
        ],
    })
}

/// `contextualData`: what a person or a script needs to set it up.
pub(super) fn context(view: &View<'_>, user: &User, begun: &Enrolling) -> Option<Value> {
    Some(match begun.key {
        Key::Email => json!({ "useEmailMagicLink": view.policies.magic_link }),
        Key::GoogleOtp => {
            let secret = String::from(begun.secret.clone());
            let uri = format!("otpauth://totp/sandbox.example:{}?secret={secret}&issuer=sandbox.example", user.login);
            json!({ "qrcode": crate::qr::image(&uri), "sharedSecret": secret })
        }
        Key::SecurityQuestion => {
            let keys = QUESTIONS.iter().map(|(key, _)| *key).chain(["custom"]);
            let questions = QUESTIONS.iter().map(|(key, question)| json!({ "questionKey": key, "question": question }));
            json!({ "questions": questions.collect::<Vec<_>>(), "questionKeys": keys.collect::<Vec<_>>() })
        }
        Key::Webauthn => {
            let known = user.enrolments(Key::Webauthn).filter_map(|known| match &known.proof {
                Proof::Webauthn { credential_id, .. } => Some(json!({ "type": "public-key", "id": credential_id })),
                _ => None,
            });
            json!({ "activationData": {
                "rp": { "name": "Sandbox Org", "id": view.policies.rp_id },
                "user": { "id": user.id, "name": user.login, "displayName": format!("{} {}", user.first_name, user.last_name) },
                "pubKeyCredParams": [{ "type": "public-key", "alg": -7 }, { "type": "public-key", "alg": -257 }],
                "challenge": begun.challenge,
                "attestation": "none",
                "authenticatorSelection": { "userVerification": "preferred", "residentKey": "preferred" },
                "excludeCredentials": known.collect::<Vec<_>>(),
                "hints": [],
                "u2fParams": { "appid": view.origin },
            } })
        }
        _ => return None,
    })
}

/// `authenticator-enrollment-data`: the number of a phone, and how to reach it.
pub(crate) fn phone_data(view: &View<'_>, user: &User, page: &mut Page) {
    let fields = vec![
        fixed("id", Key::Phone.facts().id),
        choice("methodType", true, [("sms", "SMS"), ("voice", "Voice call")].into_iter()),
        text("phoneNumber", "Phone number", true),
    ];
    let field = object("authenticator", fields);
    let form =
        view.form_about("authenticator-enrollment-data", "credential/enroll", "currentAuthenticator", vec![field]);
    page.remediations.push(form);
    page.put("currentAuthenticator", one(Key::Phone.value()));
    choosing::to_enrol(view, user, page);
}

/// `enroll-poll`: Okta Verify is being set up on a phone.
pub(crate) fn app_setup(view: &View<'_>, user: &User, setup: &AppSetup, page: &mut Page) {
    let mut about = Key::OktaVerify.value();
    let mut context = json!({ "selectedChannel": setup.channel });
    let (member, sent_to) = match setup.channel.as_str() {
        "email" => ("email", setup.sent_to.as_deref()),
        "sms" => ("phoneNumber", setup.sent_to.as_deref()),
        _ => ("", None),
    };
    match sent_to {
        Some(sent_to) => {
            context[member] = sent_to.into();
            let echoed = if member == "email" { "email" } else { "phone" };
            about["resend"] = view.form("resend", "challenge/resend", vec![fixed(echoed, sent_to)]);
        }
        None => context["qrcode"] = crate::qr::image(&setup.link),
    }
    about["contextualData"] = context;
    let mut poll = view.poll("enroll-poll", "authenticators/poll", view.policies.poll_interval_ms);
    poll["relatesTo"] = json!(["$.currentAuthenticator"]);
    page.remediations.push(poll);
    page.remediations.push(other_channel(view));
    page.put("currentAuthenticator", one(about));
    choosing::to_enrol(view, user, page);
}

/// `enrollment-channel-data`: where to send the link to Okta Verify.
pub(crate) fn channel_data(view: &View<'_>, user: &User, channel: &str, page: &mut Page) {
    let field = match channel {
        "email" => text("email", "Email", true),
        _ => text("phoneNumber", "Phone number", true),
    };
    let mut about = Key::OktaVerify.value();
    about["contextualData"] = json!({ "selectedChannel": channel });
    let form = view.form_about("enrollment-channel-data", "challenge/send", "currentAuthenticator", vec![field]);
    page.remediations.push(form);
    page.remediations.push(other_channel(view));
    page.put("currentAuthenticator", one(about));
    choosing::to_enrol(view, user, page);
}

fn other_channel(view: &View<'_>) -> Value {
    let fields = vec![fixed("id", Key::OktaVerify.facts().id), choosing::channel(true)];
    view.form_about(
        "select-enrollment-channel",
        "credential/enroll",
        "currentAuthenticator",
        vec![json!({
            "name": "authenticator", "type": "object", "label": "Okta Verify", "value": { "form": { "value": fields } },
        })],
    )
}

/// `settings` of the password: which are good enough.
pub(crate) fn password_settings(policies: &Policies) -> Value {
    let complexity = &policies.password;
    json!({
        "complexity": {
            "minLength": complexity.min_length,
            "minLowerCase": complexity.min_lower_case,
            "minUpperCase": complexity.min_upper_case,
            "minNumber": complexity.min_number,
            "minSymbol": complexity.min_symbol,
            "excludeUsername": complexity.exclude_username,
            "excludeFirstName": false,
            "excludeLastName": false,
            "excludeAttributes": [],
        },
        "age": { "minAgeMinutes": 0, "historyCount": 1 },
    })
}
