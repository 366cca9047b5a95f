//! Steps that Okta usually shows on pages of its own: a device's code, an activation link that has
//! expired, whether a mail was asked for, a password kept elsewhere, proof of identity, a passkey
//! offered after everything else, a CAPTCHA. An app's own pages meet them all the same.

use serde_json::{Value, json};

use crate::authenticator::Key;
use crate::http::Call;
use crate::idx::form::{View, fixed, object, one, scripted, secret, text};
use crate::idx::page::Page;
use crate::idx::transaction::{Ending, Enrolling, Step, Transaction};
use crate::idx::{Message, Outcome, engine, enrolling, setting_up};
use crate::inbox::{Channel, Letter};
use crate::policies::EmailConsent;
use crate::state::{State, TokenPurpose};
use crate::user::User;

/// The provider of identity verification.
pub(crate) const IDENTITY_PROVIDER: &str = "IDV_PERSONA";

/// Where people whose password is kept elsewhere change it, and what that place is called.
const ELSEWHERE: (&str, &str) = ("Atko Directory", "https://passwords.example/change");

/// hCaptcha's published key for tests, and the token that its script gives for it.
const CAPTCHA: (&str, &str) = ("20000000-ffff-ffff-ffff-000000000002", "20000000-aaaa-bbbb-cccc-000000000002");

/// `user-code`: the code that a device shows.
pub(super) fn user_code(view: &View<'_>, page: &mut Page) {
    let fields = vec![text("userCode", "Activation Code", true)];
    page.remediations.push(view.form("user-code", "device/activate", fields));
}

/// `device/activate`: written as people do, with or without the dash, in any case.
pub(super) fn activate(state: &mut State, transaction: &mut Transaction, body: &Value, call: &Call) -> Outcome {
    let Step::UserCode { wrong } = transaction.step else { return not_now() };
    let letters = |code: &str| code.replace(['-', ' '], "").to_uppercase();
    let shown = state.policies.device_code.as_ref().map(|device| letters(&device.code));
    if shown == body["userCode"].as_str().map(letters) {
        transaction.connecting = true;
        engine::advance(state, transaction, call);
        return Outcome::ok();
    }
    if wrong + 1 >= state.policies.wrong_codes {
        let message = Message::error("idx.invalid.device.code", "Invalid code. Try again.");
        transaction.step = Step::Ended(Ending { status: 400, messages: vec![message] });
        return Outcome::ok();
    }
    transaction.step = Step::UserCode { wrong: wrong + 1 };
    Outcome::told(401, Message::invalid_code())
}

/// How the sign-in of somebody who connects a device ends, instead of with a code.
pub(super) fn connected(fails: bool) -> Ending {
    let message = match fails {
        false => Message::info("idx.device.activated", "Follow the instructions on your device for next steps"),
        true => Message::info(
            "idx.device.not.activated.internal.error",
            "Your device cannot be activated because of an internal error",
        ),
    };
    Ending { status: 200, messages: vec![message] }
}

/// The same for somebody who did not consent.
pub(super) fn not_connected() -> Ending {
    let told = "Your device cannot be activated because you did not allow access";
    Ending { status: 200, messages: vec![Message::info("idx.device.not.activated.consent.denied", told)] }
}

/// `request-activation-email`: the link of a new account is too old, and another can be had.
pub(super) fn activation_expired(view: &View<'_>, page: &mut Page) {
    page.remediations.push(view.form("request-activation-email", "request-activation", Vec::new()));
}

/// `request-activation`: mails another link.
pub(super) fn request_activation(state: &mut State, transaction: &mut Transaction, call: &Call) -> Outcome {
    let Some(login) = transaction.expired_activation.take() else { return not_now() };
    if let Some(to) = state.user(&login).map(|user| user.email.clone()) {
        let token = crate::random::handle();
        state.send(Letter { to, channel: Channel::Email, code: Some(token.clone()), link: None, at: call.at });
        state.tokens.insert(token, (login, TokenPurpose::Activation));
    }
    let told = "New activation link requested. If your information matches our records, you will receive a new \
                activation link in your inbox soon.";
    let message = Message::info("idx.request.activation.email", told);
    transaction.step = Step::Ended(Ending { status: 200, messages: vec![message] });
    Outcome::ok()
}

/// `email-challenge-consent`: who asked for the mail, and whether that was the person who read it.
pub(super) fn email_consent(view: &View<'_>, page: &mut Page) {
    let field = json!({
        "name": "consent", "type": "boolean", "required": true,
        "options": [{ "label": "Allow", "value": true }, { "label": "Deny", "value": false }],
    });
    let mut form = view.form("email-challenge-consent", "consent", vec![field]);
    form["requestInfo"] = json!([
        { "name": "appName", "type": "string", "label": "Application", "value": view.transaction.asked.client.label() },
        { "name": "browser", "type": "string", "label": "Browser", "value": "FIREFOX" },
    ]);
    page.remediations.push(form);
}

/// `consent` to that.
pub(super) fn answer_email_consent(
    state: &mut State,
    transaction: &mut Transaction,
    body: &Value,
    call: &Call,
) -> Outcome {
    let here = state.policies.email_consent != Some(EmailConsent::Return);
    let end = |status, message| Step::Ended(Ending { status, messages: vec![message] });
    transaction.step = match (body["consent"] == true, here) {
        (true, true) => {
            transaction.email_consented = true;
            engine::advance(state, transaction, call);
            return Outcome::ok();
        }
        (true, false) => end(200, Message::info("idx.return.to.original.tab", "Please return to the original tab.")),
        (false, true) => end(403, Message::error("idx.operation.cancelled.by.user", "Operation cancelled by user.")),
        (false, false) => end(
            403,
            Message::error(
                "idx.operation.cancelled.on.other.device",
                "Operation cancelled on other device. You can close this window.",
            ),
        ),
    };
    Outcome::ok()
}

/// `reenroll-custom-password-expiry`, and `-warning` while there are days left.
pub(super) fn password_elsewhere(view: &View<'_>, days: Option<i64>, page: &mut Page) {
    let name = match days {
        None => "reenroll-custom-password-expiry",
        Some(_) => "reenroll-custom-password-expiry-warning",
    };
    let mut form = view.form_about(name, "challenge/answer", "currentAuthenticator", Vec::new());
    form["customExpiredPasswordName"] = ELSEWHERE.0.into();
    form["customExpiredPasswordURL"] = ELSEWHERE.1.into();
    page.remediations.push(form);
    let mut about = Key::Password.value();
    about["settings"] = enrolling::password_settings(view.policies);
    if let Some(days) = days {
        about["settings"]["daysToExpiry"] = days.into();
        page.remediations.push(view.form("skip", "skip", Vec::new()));
    }
    page.put("currentAuthenticator", one(about));
}

/// `redirect-idverify`: a link to the provider that checks identities.
pub(super) fn prove_identity(view: &View<'_>, page: &mut Page) {
    page.remediations.push(json!({
        "name": "redirect-idverify",
        "type": "ID_PROOFING",
        "idp": { "id": IDENTITY_PROVIDER, "name": crate::idp::name(IDENTITY_PROVIDER) },
        "href": format!("{}/idp/identity-verification?stateTokenExternalId={}", view.origin, view.transaction.id),
        "method": "GET",
    }));
}

/// `enroll-authenticator-promotion`: a passkey, which may be had or not.
pub(super) fn promotion(view: &View<'_>, user: &User, begun: &Enrolling, page: &mut Page) {
    let fields = ["clientData", "attestation"].map(|name| scripted(name, true));
    let fields = fields.into_iter().chain(["transports", "clientExtensions"].map(|name| scripted(name, false)));
    let credentials = object("credentials", fields.collect());
    let about = "currentAuthenticator";
    page.remediations.push(view.form_about(
        "enroll-authenticator-promotion",
        "credential/enroll",
        about,
        vec![credentials],
    ));
    page.remediations.push(view.form("skip", "skip", Vec::new()));
    let mut passkey = begun.key.value();
    if let Some(context) = enrolling::context(view, user, begun) {
        passkey["contextualData"] = context;
    }
    page.put("enrollmentAuthenticator", one(begun.key.value()));
    page.put(about, one(passkey));
}

/// `credential/enroll` of that passkey.
pub(super) fn promoted(
    state: &mut State,
    transaction: &mut Transaction,
    begun: Enrolling,
    body: &Value,
    call: &Call,
) -> Outcome {
    match setting_up::answer(state, transaction, begun, &body["credentials"], call) {
        Ok(()) => {
            engine::advance(state, transaction, call);
            Outcome::ok()
        }
        Err(wrong) => {
            if let Step::Enrol(begun) = transaction.step.clone() {
                transaction.step = Step::Promotion(begun);
            }
            wrong
        }
    }
}

/// Asks for a CAPTCHA as well, where the org's policy says so.
pub(super) fn with_captcha(view: &View<'_>, fields: &mut Vec<Value>, page: &mut Page) {
    if !view.policies.captcha {
        return;
    }
    let token = json!({ "name": "captchaToken", "required": true, "visible": false, "hint": "captcha" });
    let members = vec![fixed("captchaId", "capsandbox0000000000"), token];
    let mut field = json!({ "name": "captchaVerify", "form": { "value": members } });
    field["relatesTo"] = "$.captcha".into();
    fields.push(field);
    let captcha = json!({
        "id": "capsandbox0000000000", "name": "hCaptcha", "siteKey": CAPTCHA.0, "type": "HCAPTCHA",
    });
    page.put("captcha", one(captcha));
}

/// Whether the CAPTCHA was solved: the token that the vendor's test key always gives.
pub(super) fn captcha_is_solved(body: &Value) -> Result<(), Outcome> {
    match body["captchaVerify"]["captchaToken"] == CAPTCHA.1 {
        true => Ok(()),
        false => Err(Outcome::told(400, Message::required("captchaToken").saying("The captcha was not solved."))),
    }
}

/// What an authenticator asks that needs a vendor's script, a card or a reader.
pub(super) fn beyond_forms(key: Key) -> Option<Vec<Value>> {
    let hidden =
        |label: &str| vec![json!({ "name": "signatureData", "label": label, "required": true, "visible": false })];
    match key {
        Key::Duo => Some(hidden("Assertion From Duo")),
        Key::SmartCard => Some(hidden("Assertion of the card")),
        Key::NfcPin => Some(vec![secret("passcode", "NFC")]),
        _ => None,
    }
}

/// `contextualData` of Duo's frame.
pub(super) fn duo(view: &View<'_>, challenge: &str) -> Value {
    json!({
        "integrationType": "IFRAME",
        "host": "api-sandbox.duosecurity.example",
        "signedToken": format!("TX|sandbox:APP|{challenge}"),
        "script": format!("{}/js/sections/duo/Duo-Web-v2.6.js", view.origin),
    })
}

/// Whether Duo's frame answered this challenge.
pub(super) fn judge_duo(challenge: &str, credentials: &Value) -> Result<(), Outcome> {
    match credentials["signatureData"] == format!("AUTH|sandbox:APP|{challenge}") {
        true => Ok(()),
        false => Err(Outcome::told(
            400,
            Message::error(
                "oie.authenticator.duo.method.duo.verification_failed",
                "We were unable to verify with Duo. Try again.",
            ),
        )),
    }
}

/// Whether it is the PIN.
pub(super) fn judge_pin(pin: Option<&str>, credentials: &Value) -> Result<(), Outcome> {
    match pin.is_some() && credentials["passcode"].as_str() == pin {
        true => Ok(()),
        false => {
            let told = "Incorrect PIN. Please try again.";
            Err(Outcome::at_field(401, "passcode", Message::error("api.authenticator.error.nfc.pin_incorrect", told)))
        }
    }
}

/// No card was ever read here.
pub(super) fn judge_card() -> Result<(), Outcome> {
    Err(Outcome::told(401, Message::error("oie.authenticator.verify.error.fail", "Unable to verify. Try again.")))
}

/// A call that the step has a form for, though nothing can be done by it.
pub(super) fn not_now() -> Outcome {
    Outcome::told(
        403,
        Message::error("errors.E0000079", "This operation is not allowed in the current authentication state."),
    )
}
