//! What a step is called, and the sentence under it.

use crate::idx::{Authenticator, AuthenticatorKey as Key, Kind, Remediation, Reply, Shape};
use crate::pages::{StringId, Text, strings};

use super::super::transaction::Entry;
use super::{is_by_device, is_proven, not_offered};

/// The heading and the sentences of a step.
pub(super) fn of(shown: &Remediation, reply: &Reply, entry: Entry) -> (Text, Vec<Text>) {
    let about = shown.about.as_ref().or(reply.authenticator.as_ref());
    let key = about.map(|about| &about.key);
    let ours = Text::ours;
    let app = reply.app.clone();
    let proven = is_proven(reply, entry);
    if let Some(heading) = not_offered(shown, reply, entry) {
        return (ours(heading), vec![ours(strings::CONTACT_SUPPORT_TEXT)]);
    }
    let (heading, lead) = match (&shown.kind, key) {
        _ if is_by_device(shown, reply) => (strings::METHOD_NOT_USABLE, vec![ours(strings::METHOD_NOT_USABLE_UNNAMED)]),
        (Kind::Identify, _) => match entry {
            Entry::Recover => (strings::RESET_PASSWORD, vec![ours(strings::RECOVER_LEAD)]),
            Entry::Unlock => (strings::UNLOCK_ACCOUNT, Vec::new()),
            _ => (
                strings::SIGN_IN,
                app.iter().map(|app| ours(strings::TO_CONTINUE_TO).with("app", app.as_str())).collect(),
            ),
        },
        (
            Kind::LaunchAuthenticator
            | Kind::LaunchPasskeys
            | Kind::LaunchWebauthn
            | Kind::PasskeyAutofill
            | Kind::RedirectIdp,
            None,
        ) => (strings::SIGN_IN, Vec::new()),
        (Kind::SelectIdentify, _) => (strings::SIGN_IN, Vec::new()),
        (Kind::IdentifyRecovery, _) => (strings::RESET_PASSWORD, vec![ours(strings::RECOVER_LEAD)]),
        (Kind::UnlockAccount, _) => (strings::UNLOCK_ACCOUNT, Vec::new()),
        (Kind::SelectAuthenticatorUnlock, _) if shown.field("identifier").is_some() => {
            (strings::UNLOCK_ACCOUNT, vec![ours(strings::UNLOCK_LEAD)])
        }
        (Kind::SelectAuthenticatorUnlock, _) => (strings::UNLOCK_ACCOUNT, vec![ours(strings::CHOOSE_HOW_TO_VERIFY)]),
        (Kind::SelectAuthenticatorAuthenticate, _) if reply.recovering => {
            (strings::RESET_PASSWORD, vec![ours(strings::CHOOSE_HOW_TO_VERIFY)])
        }
        (Kind::SelectAuthenticatorAuthenticate, _) => {
            (strings::VERIFY_IT_IS_YOU, vec![ours(strings::CHOOSE_HOW_TO_VERIFY)])
        }
        (Kind::SelectAuthenticatorEnroll, _) => (strings::SET_UP_METHODS, vec![ours(strings::SET_UP_METHODS_LEAD)]),
        (Kind::AuthenticatorEnrollmentData, Some(Key::Phone)) => (strings::ADD_YOUR_PHONE, Vec::new()),
        (Kind::AuthenticatorVerificationData, Some(Key::Phone)) => {
            let lead = to(strings::CAN_SEND_CODE_TO, strings::CAN_SEND_CODE, masked(about, "phoneNumber", proven));
            (strings::VERIFY_WITH_PHONE, vec![lead, ours(strings::CARRIER_CHARGES)])
        }
        (Kind::AuthenticatorVerificationData | Kind::AuthenticatorEnrollmentData, Some(Key::Email)) => (
            strings::GET_AN_EMAIL,
            vec![to(strings::CAN_EMAIL, strings::CAN_EMAIL_UNKNOWN, masked(about, "email", proven))],
        ),
        (Kind::AuthenticatorVerificationData, Some(Key::OktaVerify | Key::CustomApp)) if leaves_method_open(shown) => {
            (strings::VERIFY_IT_IS_YOU, vec![ours(strings::CHOOSE_HOW_TO_VERIFY)])
        }
        (Kind::AuthenticatorVerificationData, Some(Key::OktaVerify | Key::CustomApp)) => {
            (strings::GET_A_PUSH, Vec::new())
        }
        // Nothing is on its way to the phone yet, or any more.
        (Kind::Resend, _) => (strings::GET_A_PUSH, Vec::new()),
        (Kind::ChallengePoll, _) => return push(about),
        (Kind::ChallengeAuthenticator | Kind::EnrollAuthenticator | Kind::EnrollPromotion, Some(_)) => {
            return challenge(shown, about, proven);
        }
        (Kind::EnrollPoll | Kind::SelectEnrollmentChannel | Kind::EnrollmentChannelData, _) => {
            return okta_verify(shown, about);
        }
        (Kind::ResetAuthenticator, Some(Key::GoogleOtp)) => (strings::SET_UP_APP, vec![ours(strings::SET_UP_APP_LEAD)]),
        (Kind::ResetAuthenticator, _) => (strings::CHOOSE_A_NEW_PASSWORD, Vec::new()),
        (Kind::ReenrollAuthenticator, _) => (strings::PASSWORD_EXPIRED, vec![ours(strings::PASSWORD_EXPIRED_TEXT)]),
        (Kind::ReenrollAuthenticatorWarning | Kind::ReenrollCustomPasswordWarning, _) => {
            return (expiry(reply), Vec::new());
        }
        (Kind::ReenrollCustomPassword, _) => (strings::PASSWORD_ELSEWHERE, Vec::new()),
        (Kind::EnrollProfile, _) if shown.href.as_ref().is_none_or(|href| !href.path().ends_with("/enroll/update")) => {
            match &reply.display.0 {
                Some(title) => return (Text::Theirs(title.clone()), Vec::new()),
                None => (strings::REGISTER, vec![ours(strings::ALL_REQUIRED)]),
            }
        }
        (Kind::EnrollProfile | Kind::ProfileUpdate, _) => {
            (strings::MORE_DETAILS, vec![ours(strings::MORE_DETAILS_LEAD)])
        }
        (Kind::RequestActivationEmail, _) => (strings::LINK_EXPIRED, vec![ours(strings::LINK_EXPIRED_TEXT)]),
        (Kind::Consent | Kind::AdminConsent | Kind::GranularConsent, _) => {
            let app = app.unwrap_or_default();
            return (
                ours(strings::APP_WANTS_ACCESS).with("app", app.as_str()),
                vec![ours(strings::APP_WILL_BE_ABLE).with("app", app)],
            );
        }
        (Kind::EmailChallengeConsent, _) => (strings::WAS_THIS_YOU, vec![ours(strings::WAS_THIS_YOU_LEAD)]),
        (Kind::KeepMeSignedIn, _) => (strings::STAY_SIGNED_IN, vec![ours(strings::STAY_SIGNED_IN_LEAD)]),
        (Kind::UserCode, _) => (strings::CONNECT_DEVICE, vec![ours(strings::CONNECT_DEVICE_LEAD)]),
        (Kind::RedirectIdVerify, _) => {
            let name = shown.provider.as_ref().map(|provider| provider.name.clone()).unwrap_or_default();
            (strings::PROVE_WHO_YOU_ARE, vec![ours(strings::PROVE_WHO_YOU_ARE_TEXT).with("name", name)])
        }
        (Kind::PivIdp, _) | (Kind::RedirectIdp, Some(Key::SmartCard)) => {
            (strings::SMART_CARD, vec![ours(strings::SMART_CARD_TEXT)])
        }
        (Kind::RedirectIdp, Some(_)) => (strings::VERIFY_IT_IS_YOU, Vec::new()),
        (Kind::DeviceAssuranceGracePeriod, _) => (strings::DEVICE_ATTENTION, Vec::new()),
        (Kind::Poll, _) => (strings::BUSY_NOW, Vec::new()),
        (Kind::Skip, _) => (strings::CANT_SET_UP_NOW, Vec::new()),
        _ => match &shown.label {
            Some(label) if shown.asks() => return (Text::Theirs(label.clone()), Vec::new()),
            _ if shown.asks() && !shown.needs_script() => (strings::VERIFY_IT_IS_YOU, Vec::new()),
            _ => (strings::CANT_CONTINUE, vec![ours(strings::CANT_CONTINUE_TEXT)]),
        },
    };
    (ours(heading), lead)
}

fn leaves_method_open(shown: &Remediation) -> bool {
    let Some(Shape::Group(members)) = shown.field("authenticator").map(|field| &field.shape) else { return false };
    members.iter().any(|member| matches!(&member.shape, Shape::Choice(options, _) if options.len() > 1))
}

fn challenge(shown: &Remediation, about: Option<&Authenticator>, proven: bool) -> (Text, Vec<Text>) {
    let Some(about) = about else { return (Text::ours(strings::VERIFY_IT_IS_YOU), Vec::new()) };
    let enrolling = shown.kind != Kind::ChallengeAuthenticator;
    let name = about.display_name.clone().unwrap_or_default();
    let ours = Text::ours;
    let phone = masked(Some(about), "phoneNumber", proven);
    let (heading, lead) = match &about.key {
        Key::Password if enrolling => (strings::CHOOSE_A_PASSWORD, Vec::new()),
        Key::Password => (strings::ENTER_PASSWORD, Vec::new()),
        Key::Email => {
            let email = masked(Some(about), "email", proven);
            let lead = match (about.context.magic_link, masked(Some(about), "secondaryEmail", proven)) {
                (true, Some(other)) if email.is_some() => {
                    ours(strings::EMAIL_SENT_TO_BOTH).with("to", email.unwrap_or_default()).with("other", other)
                }
                (true, _) => to(strings::EMAIL_SENT_LINK_OR_CODE, strings::EMAIL_SENT_LINK_OR_CODE_UNKNOWN, email),
                (false, _) => to(strings::EMAIL_SENT_CODE, strings::EMAIL_SENT_CODE_UNKNOWN, email),
            };
            (strings::CHECK_YOUR_EMAIL, vec![lead])
        }
        Key::Phone if about.is_by("voice") => {
            (strings::ANSWER_THE_CALL, vec![to(strings::CODE_SENT_VOICE, strings::CODE_SENT_VOICE_UNKNOWN, phone)])
        }
        Key::Phone => {
            (strings::CHECK_YOUR_PHONE, vec![to(strings::CODE_SENT_SMS, strings::CODE_SENT_SMS_UNKNOWN, phone)])
        }
        Key::GoogleOtp if enrolling => (strings::SET_UP_APP, vec![ours(strings::SET_UP_APP_LEAD)]),
        Key::GoogleOtp | Key::OktaVerify | Key::CustomOtp | Key::CustomApp => {
            return (
                ours(strings::ENTER_CODE_FROM).with("app", name.as_str()),
                vec![ours(strings::OPEN_APP_FOR_CODE).with("app", name.as_str())],
            );
        }
        Key::OnPrem | Key::Rsa | Key::Symantec if enrolling => {
            (strings::SET_UP_TOKEN, vec![ours(strings::PASSCODE_FROM_TOKEN)])
        }
        Key::OnPrem | Key::Rsa | Key::Symantec => (strings::ENTER_PASSCODE, vec![ours(strings::PASSCODE_FROM_TOKEN)]),
        Key::Yubikey => (
            if enrolling { strings::SET_UP_TOKEN } else { strings::ENTER_PASSCODE },
            vec![ours(strings::PRESS_YOUR_KEY)],
        ),
        Key::TemporaryCode => (strings::ENTER_ACCESS_CODE, vec![ours(strings::ACCESS_CODE_FROM_SUPPORT)]),
        Key::Question if enrolling => (strings::CHOOSE_QUESTION, Vec::new()),
        Key::Question => (strings::ANSWER_QUESTION, Vec::new()),
        Key::Webauthn if enrolling => (strings::CREATE_A_PASSKEY, vec![ours(strings::CREATE_PASSKEY_LEAD)]),
        // The org's own names for it are technical; one that an administrator gave stands.
        Key::Webauthn => match name.as_str() {
            "" | "Security Key or Biometric" | "Passkeys" => {
                (strings::USE_YOUR_PASSKEY, vec![ours(strings::PASSKEY_LEAD)])
            }
            _ => return (Text::Theirs(name), vec![ours(strings::PASSKEY_LEAD)]),
        },
        Key::Duo | Key::NfcPin | Key::SmartCard => {
            (strings::METHOD_NOT_USABLE, vec![ours(strings::METHOD_NOT_USABLE_TEXT).with("name", name)])
        }
        Key::ExternalIdp | Key::Other(_) if shown.needs_script() || !shown.asks() => {
            (strings::METHOD_NOT_USABLE, vec![ours(strings::METHOD_NOT_USABLE_TEXT).with("name", name)])
        }
        Key::ExternalIdp | Key::Other(_) => match shown.label.clone().or(about.display_name.clone()) {
            Some(name) => return (Text::Theirs(name), Vec::new()),
            None => (strings::VERIFY_IT_IS_YOU, Vec::new()),
        },
    };
    (ours(heading), lead)
}

fn push(about: Option<&Authenticator>) -> (Text, Vec<Text>) {
    let app = about.and_then(|about| about.display_name.clone()).unwrap_or_else(|| "Okta Verify".to_owned());
    let numbered = about.is_some_and(|about| about.context.correct_answer.is_some());
    let lead = Text::ours(if numbered { strings::TAP_NUMBER } else { strings::APPROVE_ON_PHONE }).with("app", app);
    (Text::ours(strings::CHECK_YOUR_PHONE), vec![lead])
}

fn okta_verify(shown: &Remediation, about: Option<&Authenticator>) -> (Text, Vec<Text>) {
    let name = about.filter(|about| about.key != Key::OktaVerify).and_then(|about| about.display_name.clone());
    let heading = name.map_or_else(|| Text::ours(strings::SET_UP_OKTA_VERIFY), Text::Theirs);
    let context = about.map(|about| &about.context);
    let sent_to = context.and_then(|context| context.sent_to.clone());
    let lead = match (&shown.kind, context.and_then(|context| context.channel.as_deref())) {
        (Kind::EnrollPoll, Some("email" | "sms")) => vec![to(strings::LINK_SENT_TO, strings::LINK_SENT, sent_to)],
        (Kind::EnrollPoll, _) if context.is_some_and(|context| context.qr.is_some()) => {
            vec![Text::ours(strings::SET_UP_OKTA_VERIFY_LEAD), Text::ours(strings::SCAN_WITH_OKTA_VERIFY)]
        }
        (Kind::EnrollPoll, _) if context.is_some_and(|context| !context.enrolled_devices.is_empty()) => {
            vec![Text::ours(strings::SET_UP_FROM_OTHER_DEVICE)]
        }
        _ => vec![Text::ours(strings::SET_UP_OKTA_VERIFY_LEAD)],
    };
    (heading, lead)
}

fn expiry(reply: &Reply) -> Text {
    let rules =
        reply.password_rules.as_ref().or(reply.authenticator.as_ref().and_then(|about| about.password.as_ref()));
    match rules.and_then(|rules| rules.days_to_expiry) {
        Some(0) => Text::ours(strings::PASSWORD_EXPIRES_TODAY),
        Some(days) if days > 0 => Text::ours(strings::PASSWORD_EXPIRES_IN).with("n", days),
        _ => Text::ours(strings::PASSWORD_EXPIRES_SOON),
    }
}

/// A sentence that names where something went, or its twin for when that is not to be said.
fn to(named: StringId, unnamed: StringId, masked: Option<String>) -> Text {
    match masked {
        Some(masked) => Text::ours(named).with("to", masked),
        None => Text::ours(unnamed),
    }
}

/// What the org masked; nothing in a recovery or an unlocking, where the person has proven nothing yet.
fn masked(about: Option<&Authenticator>, member: &str, proven: bool) -> Option<String> {
    about.filter(|_| proven)?.profile.get(member).filter(|masked| !masked.is_empty()).cloned()
}
