//! What each step looks like: its remediations, in order, and the objects they speak of.
//!
//! The first remediation is the page; the others are ways out of it. Shapes are IDX's: see the
//! remediation's name in each arm of [`page`].

use serde_json::{Map, Value, json};

use crate::authenticator::Key;
use crate::idx::choosing::{self, method_label};
use crate::idx::form::{View, boolean, choice, fixed, object, one, scripted, secret, text};
use crate::idx::transaction::{Challenge, Intent, NewPassword, Push, Step, Who};
use crate::idx::{device, endings, engine, enrolling, hosted, profile};
use crate::policies::FirstPage;
use crate::user::{ConsentKind, Enrolment, Proof, Unheard, User};

/// The identity provider that is a smart card.
const PIV: &str = "piv";

/// The remediations of a reply and the other members that go with them.
#[derive(Default)]
pub(crate) struct Page {
    pub(crate) remediations: Vec<Value>,
    pub(crate) members: Map<String, Value>,
}

impl Page {
    pub(crate) fn put(&mut self, name: &str, value: Value) {
        self.members.insert(name.to_owned(), value);
    }
}

/// Draws the step that a sign-in is at.
pub(crate) fn page(view: &View<'_>) -> Page {
    let mut page = Page::default();
    // An unknown person gets the page of somebody about whom nothing is recorded.
    let nobody = User { email: unknown_address(view), ..User::default() };
    let user = view.user.unwrap_or(&nobody);
    match &view.transaction.step {
        Step::Identify => identify(view, &mut page),
        Step::IdentifyRecovery => {
            let mut fields = vec![text("identifier", "Username", true)];
            hosted::with_captcha(view, &mut fields, &mut page);
            page.remediations.push(view.form("identify-recovery", "identify", fields));
            page.put("recoveryAuthenticator", one(json!({ "type": "password" })));
        }
        Step::ChooseUnlock => choosing::to_unlock(view, &mut page),
        Step::Choose => {
            recovering(view, &mut page);
            choosing::to_verify(view, user, &mut page);
        }
        Step::Method { enrolment } => method(view, user, enrolment, &mut page),
        Step::Answer(challenge) => answer(view, user, challenge, &mut page),
        Step::Push(pushed) => push(view, user, pushed, &mut page),
        Step::PushRejected { enrolment } => push_rejected(view, user, enrolment, &mut page),
        Step::ChooseEnrolment => choosing::to_enrol(view, user, &mut page),
        Step::EnrolmentData => enrolling::phone_data(view, user, &mut page),
        Step::Enrol(begun) => enrolling::begun(view, user, begun, &mut page),
        Step::EnrolApp(setup) => enrolling::app_setup(view, user, setup, &mut page),
        Step::EnrolChannel { channel } => enrolling::channel_data(view, user, channel, &mut page),
        Step::Register => profile::register(view, &mut page),
        Step::Profile => profile::complete(view, user, &mut page),
        Step::NewPassword(why) => new_password(view, *why, &mut page),
        Step::Consent(kind) => consent(view, *kind, &mut page),
        Step::StaySignedIn => {
            let mut field = boolean("keepMeSignedIn", "Stay signed in", true);
            field["value"] = false.into();
            page.remediations.push(view.form("keep-me-signed-in", "keep-me-signed-in", vec![field]));
        }
        Step::DeviceGrace => {
            page.remediations.push(view.form("device-assurance-grace-period", "skip", Vec::new()));
        }
        Step::Busy => page.remediations.push(view.poll("poll", "poll", view.policies.poll_interval_ms)),
        Step::PasswordElsewhere { days } => hosted::password_elsewhere(view, *days, &mut page),
        Step::Met(end) => endings::draw(*end, &mut page),
        Step::SetUpUnavailable => page.remediations.push(endings::only_skip(view)),
        Step::UserCode { .. } => hosted::user_code(view, &mut page),
        Step::ActivationExpired => hosted::activation_expired(view, &mut page),
        Step::EmailConsent => hosted::email_consent(view, &mut page),
        Step::ProveIdentity => hosted::prove_identity(view, &mut page),
        Step::Promotion(begun) => hosted::promotion(view, user, begun, &mut page),
        Step::Idp => page.remediations.push(redirect_idp(view, "sandbox")),
        Step::Device(kind) => device::page(view, *kind, &mut page),
        Step::Unheard { .. } => {
            let fields = vec![text("incantation", "Say the words", false)];
            page.remediations.push(view.form("perform-a-rite", "rite/perform", fields));
        }
        Step::AwaitActivation | Step::Ended(_) | Step::Done { .. } => {}
    }
    page
}

/// What the masked address of an unknown person is made of: what they typed, if that could be an address.
fn unknown_address(view: &View<'_>) -> String {
    match &view.transaction.who {
        Who::Unknown { login, .. } if login.contains('@') => login.clone(),
        _ => String::new(),
    }
}

fn identify(view: &View<'_>, page: &mut Page) {
    let policies = view.policies;
    let idps = policies.idps.iter().map(|id| redirect_idp(view, id));
    if policies.idp_only && !policies.idps.is_empty() {
        page.remediations.extend(idps);
        return;
    }
    let mut fields = vec![text("identifier", "Username", true)];
    if policies.first_page == FirstPage::Password {
        fields.push(object("credentials", vec![secret("passcode", "Password")]));
        let mut password = Key::Password.value();
        if policies.recovery {
            password["recover"] = view.form("recover", "recover", Vec::new());
        }
        page.put("currentAuthenticator", one(password));
    }
    if policies.remember_me {
        fields.push(boolean("rememberMe", "Keep me signed in", false));
    }
    hosted::with_captcha(view, &mut fields, page);
    page.remediations.push(view.form("identify", "identify", fields));
    page.remediations.extend(idps);
    if policies.passkey_autofill {
        passkeys(view, page);
    }
    if policies.self_registration {
        page.remediations.push(view.form("select-enroll-profile", "enroll", Vec::new()));
    }
    if policies.unlock {
        page.remediations.push(view.form("unlock-account", "unlock-account", Vec::new()));
    }
}

/// `challenge-webauthn-autofillui-authenticator` and `launch-passkeys-authenticator`: who it is, said
/// by a passkey.
fn passkeys(view: &View<'_>, page: &mut Page) {
    let path = "challenge/answer/webauthn-autofillui";
    for name in ["challenge-webauthn-autofillui-authenticator", "launch-passkeys-authenticator"] {
        let fields = ["authenticatorData", "clientData", "signatureData"].map(|name| scripted(name, true));
        let fields = fields.into_iter().chain([scripted("userHandle", false)]).collect();
        let mut form = view.form(name, path, vec![object("credentials", fields)]);
        form["relatesTo"] = json!(["webauthnAutofillUIChallenge"]);
        page.remediations.push(form);
    }
    let data = json!({
        "challenge": view.transaction.first_challenge,
        "userVerification": "preferred",
        "rpId": view.policies.rp_id,
    });
    page.put("webauthnAutofillUIChallenge", one(json!({ "challengeData": data })));
}

/// A link to an identity provider, or to where a smart card is shown, which the browser follows.
fn redirect_idp(view: &View<'_>, id: &str) -> Value {
    let (name, kind) = if id == PIV { ("piv-idp", "X509") } else { ("redirect-idp", "OIDC") };
    json!({
        "name": name,
        "type": kind,
        "idp": { "id": id, "name": crate::idp::name(id) },
        "href": format!("{}/sso/idps/{id}?stateToken={}", view.origin, view.transaction.state_handle),
        "method": "GET",
    })
}

/// The enrolment that a step speaks of, among those with which the person could go on.
fn named(view: &View<'_>, user: &User, id: &str) -> Option<Enrolment> {
    let candidates = engine::candidates(view.policies, user, view.transaction);
    candidates.into_iter().chain(user.enrolled.iter().cloned()).find(|enrolment| enrolment.id == id)
}

/// Under which name the authenticator of a challenge stands: with what is the person's own, or without.
fn container(key: Key) -> &'static str {
    match key {
        Key::GoogleOtp | Key::OktaVerify | Key::Webauthn | Key::Symantec | Key::NfcPin => "currentAuthenticator",
        _ => "currentAuthenticatorEnrollment",
    }
}

/// `authenticator-verification-data`: how to use an enrolment, before anything is sent.
fn method(view: &View<'_>, user: &User, id: &str, page: &mut Page) {
    let Some(enrolment) = named(view, user, id) else {
        return;
    };
    let key = enrolment.proof.key();
    let mut fields = vec![fixed("id", key.facts().id)];
    // Always a choice, also where there is one: the widget reads its options.
    let methods = enrolment.proof.methods();
    let methods = methods.iter().map(|name| (*name, method_label(name)));
    fields.push(choice("methodType", true, methods));
    match key {
        Key::Phone => fields.push(fixed("enrollmentId", id)),
        Key::OktaVerify => fields.push(boolean("autoChallenge", "Send push automatically", false)),
        _ => {}
    }
    let mut field = object("authenticator", fields);
    field["label"] = key.facts().name.into();
    page.remediations.push(view.form_about(
        "authenticator-verification-data",
        "challenge",
        container(key),
        vec![field],
    ));
    page.put(container(key), one(choosing::enrolment(&enrolment, user)));
    recovering(view, page);
    choosing::to_verify(view, user, page);
}

/// `challenge-authenticator`, or something nobody has heard of in its place.
fn answer(view: &View<'_>, user: &User, challenge: &Challenge, page: &mut Page) {
    let Some(enrolment) = named(view, user, &challenge.enrolment) else {
        return;
    };
    let mut about = choosing::enrolment(&enrolment, user);
    about["methods"] = json!([{ "type": challenge.method }]);
    match challenge.key {
        Key::Password if view.policies.recovery => about["recover"] = view.form("recover", "recover", Vec::new()),
        Key::Email | Key::Phone => about["resend"] = view.form("resend", "challenge/resend", Vec::new()),
        Key::Webauthn => {
            about["contextualData"] = json!({ "challengeData": {
                "challenge": challenge.challenge,
                "userVerification": "preferred",
                "rpId": view.policies.rp_id,
                "hints": [],
            } });
        }
        _ => {}
    }
    if challenge.key == Key::Email {
        about["poll"] = view.poll("poll", "challenge/poll", view.policies.poll_interval_ms);
        about["contextualData"] = json!({ "useEmailMagicLink": view.policies.magic_link });
    }
    if challenge.key == Key::Duo {
        about["contextualData"] = hosted::duo(view, &challenge.challenge);
    }
    if let Proof::Question { question_key, question, .. } = &enrolment.proof {
        about["contextualData"] = json!({ "enrolledQuestion": { "questionKey": question_key, "question": question } });
    }
    let unheard = user.unheard.filter(|_| challenge.key == Key::Wave);
    let credentials = object("credentials", credentials(challenge, &enrolment.proof, unheard));
    let (name, path) = match unheard {
        Some(Unheard::Remediation | Unheard::Rite) => ("wave-hand", "wave"),
        _ => ("challenge-authenticator", "challenge/answer"),
    };
    page.remediations.push(match &enrolment.proof {
        Proof::SmartCard { by_script: false } => {
            let mut shown = redirect_idp(view, PIV);
            shown["relatesTo"] = json!([format!("$.{}", container(challenge.key))]);
            shown
        }
        _ if unheard == Some(Unheard::Rite) => view.form(name, path, vec![credentials]),
        _ => view.form_about(name, path, container(challenge.key), vec![credentials]),
    });
    page.put(container(challenge.key), one(about));
    recovering(view, page);
    choosing::to_verify(view, user, page);
}

/// The fields with which a challenge is answered.
fn credentials(challenge: &Challenge, proof: &Proof, unheard: Option<Unheard>) -> Vec<Value> {
    match (challenge.key, proof) {
        (Key::Password, _) => vec![secret("passcode", "Password")],
        (Key::SecurityQuestion, Proof::Question { question_key, question, .. }) => {
            vec![fixed("questionKey", question_key.as_str()), secret("answer", question)]
        }
        (Key::OktaVerify, _) => vec![text("totp", "Enter code from Okta Verify app", true)],
        (Key::Webauthn, _) => vec![
            scripted("clientData", true),
            scripted("authenticatorData", true),
            scripted("signatureData", true),
            scripted("userHandle", false),
        ],
        (Key::Yubikey | Key::TemporaryAccessCode, _) => vec![secret("passcode", "Enter code")],
        (Key::Wave, _) => match unheard {
            Some(Unheard::Field) => vec![
                text("passcode", "Enter code", true),
                json!({ "name": "hologram", "type": "hologram", "label": "Your hologram", "required": false }),
            ],
            Some(Unheard::Ceremony | Unheard::Rite) => {
                vec![
                    json!({ "name": "gesture", "label": "Gesture", "required": true, "visible": false, "hint": "wave" }),
                ]
            }
            _ => vec![
                text("passcode", "The code your wave token shows", true),
                boolean("bothHands", "I waved with both hands", false),
            ],
        },
        (key, _) => hosted::beyond_forms(key).unwrap_or_else(|| vec![text("passcode", "Enter code", true)]),
    }
}

/// In recovery, what is going to be reset.
fn recovering(view: &View<'_>, page: &mut Page) {
    if view.transaction.intent == Intent::Recovery {
        page.put("recoveryAuthenticator", one(json!({ "type": "password" })));
    }
}

/// `challenge-poll`, with or without a number to choose.
fn push(view: &View<'_>, user: &User, pushed: &Push, page: &mut Page) {
    let Some(enrolment) = named(view, user, &pushed.enrolment) else {
        return;
    };
    let mut about = choosing::enrolment(&enrolment, user);
    about["methods"] = json!([{ "type": "push" }]);
    let again = json!({ "methodType": "push", "id": Key::OktaVerify.facts().id });
    about["resend"] = view.form("resend", "challenge", vec![fixed("authenticator", again)]);
    if let Some(number) = pushed.number {
        about["contextualData"] = json!({ "correctAnswer": number.to_string() });
    }
    let mut poll = view.poll("challenge-poll", "authenticators/poll", view.policies.poll_interval_ms);
    poll["relatesTo"] = json!(["$.currentAuthenticator"]);
    page.remediations.push(poll);
    page.put("currentAuthenticator", one(about));
    choosing::to_verify(view, user, page);
}

/// `resend`, after a push was rejected.
fn push_rejected(view: &View<'_>, user: &User, id: &str, page: &mut Page) {
    let Some(enrolment) = named(view, user, id) else {
        return;
    };
    let fields = vec![fixed("id", Key::OktaVerify.facts().id), fixed("methodType", "push")];
    page.remediations.push(view.form_about(
        "resend",
        "challenge",
        "currentAuthenticator",
        vec![json!({ "name": "authenticator", "type": "object", "value": { "form": { "value": fields } } })],
    ));
    page.put("currentAuthenticator", one(choosing::enrolment(&enrolment, user)));
    choosing::to_verify(view, user, page);
}

/// `reset-authenticator`, `reenroll-authenticator`, `reenroll-authenticator-warning`.
fn new_password(view: &View<'_>, why: NewPassword, page: &mut Page) {
    let mut about = Key::Password.value();
    about["settings"] = enrolling::password_settings(view.policies);
    let mut fields = vec![secret("passcode", "New password")];
    let name = match why {
        NewPassword::Forgotten => {
            fields.push(boolean("revokeSessions", "Sign me out of all other devices", false));
            page.put("recoveryAuthenticator", one(about.clone()));
            "reset-authenticator"
        }
        NewPassword::Expired => "reenroll-authenticator",
        NewPassword::Expiring { days } => {
            about["settings"]["daysToExpiry"] = days.into();
            "reenroll-authenticator-warning"
        }
    };
    let credentials = object("credentials", fields);
    page.remediations.push(view.form_about(name, "challenge/answer", "currentAuthenticator", vec![credentials]));
    page.put("currentAuthenticator", one(about));
    if let NewPassword::Expiring { .. } = why {
        page.remediations.push(view.form("skip", "skip", Vec::new()));
    }
}

/// `consent` and `granular-consent`.
fn consent(view: &View<'_>, kind: ConsentKind, page: &mut Page) {
    let scopes = &view.transaction.asked.scopes;
    page.remediations.push(match kind {
        ConsentKind::Whole => {
            let field = json!({
                "name": "consent", "type": "boolean", "required": true,
                "options": [{ "label": "Allow Access", "value": true }, { "label": "Don't Allow", "value": false }],
            });
            let mut form = view.form("consent", "consent", vec![field]);
            form["scopes"] = scopes
                .iter()
                .map(|scope| {
                    json!({
                        "name": scope, "label": scope_label(scope), "value": scope, "desc": scope_description(scope),
                    })
                })
                .collect();
            form
        }
        ConsentKind::Granular => {
            let opted = scopes.iter().map(|scope| {
                json!({
                    "name": scope, "label": scope_label(scope), "desc": scope_description(scope), "type": "boolean",
                    "required": true, "value": true, "visible": true, "mutable": scope != "openid",
                })
            });
            let consent = json!({ "name": "consent", "type": "boolean", "visible": false, "required": true });
            let opted =
                json!({ "name": "optedScopes", "type": "object", "form": { "value": opted.collect::<Vec<_>>() } });
            view.form("granular-consent", "consent", vec![consent, opted])
        }
    });
}

fn scope_label(scope: &str) -> String {
    match scope {
        "openid" => "Signs you in".to_owned(),
        "profile" => "View your profile information.".to_owned(),
        "email" => "View your email address.".to_owned(),
        "offline_access" => "Keeps you signed in to the app.".to_owned(),
        other => other.to_owned(),
    }
}

fn scope_description(scope: &str) -> String {
    format!("This allows the app to use `{scope}`.")
}
