//! What a step is called, and the sentence under it.

use crate::idx::{Authenticator, AuthenticatorKey as Key, Kind, Remediation, Reply, Shape};
use crate::pages::Text;

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
        return (ours(heading), vec![ours("contact-support-text")]);
    }
    let (heading, lead) = match (&shown.kind, key) {
        _ if is_by_device(shown, reply) => ("method-not-usable", vec![ours("method-not-usable-unnamed")]),
        (Kind::Identify, _) => match entry {
            Entry::Recover => ("reset-password", vec![ours("recover-lead")]),
            Entry::Unlock => ("unlock-account", Vec::new()),
            _ => ("sign-in", app.iter().map(|app| ours("to-continue-to").with("app", app.as_str())).collect()),
        },
        (
            Kind::LaunchAuthenticator
            | Kind::LaunchPasskeys
            | Kind::LaunchWebauthn
            | Kind::PasskeyAutofill
            | Kind::RedirectIdp,
            None,
        ) => ("sign-in", Vec::new()),
        (Kind::SelectIdentify, _) => ("sign-in", Vec::new()),
        (Kind::IdentifyRecovery, _) => ("reset-password", vec![ours("recover-lead")]),
        (Kind::UnlockAccount, _) => ("unlock-account", Vec::new()),
        (Kind::SelectAuthenticatorUnlock, _) if shown.field("identifier").is_some() => {
            ("unlock-account", vec![ours("unlock-lead")])
        }
        (Kind::SelectAuthenticatorUnlock, _) => ("unlock-account", vec![ours("choose-how-to-verify")]),
        (Kind::SelectAuthenticatorAuthenticate, _) if reply.recovering => {
            ("reset-password", vec![ours("choose-how-to-verify")])
        }
        (Kind::SelectAuthenticatorAuthenticate, _) => ("verify-it-is-you", vec![ours("choose-how-to-verify")]),
        (Kind::SelectAuthenticatorEnroll, _) => ("set-up-methods", vec![ours("set-up-methods-lead")]),
        (Kind::AuthenticatorEnrollmentData, Some(Key::Phone)) => ("add-your-phone", Vec::new()),
        (Kind::AuthenticatorVerificationData, Some(Key::Phone)) => {
            let lead = to("can-send-code-to", "can-send-code", masked(about, "phoneNumber", proven));
            ("verify-with-phone", vec![lead, ours("carrier-charges")])
        }
        (Kind::AuthenticatorVerificationData | Kind::AuthenticatorEnrollmentData, Some(Key::Email)) => {
            ("get-an-email", vec![to("can-email", "can-email-unknown", masked(about, "email", proven))])
        }
        (Kind::AuthenticatorVerificationData, Some(Key::OktaVerify | Key::CustomApp)) if leaves_method_open(shown) => {
            ("verify-it-is-you", vec![ours("choose-how-to-verify")])
        }
        (Kind::AuthenticatorVerificationData, Some(Key::OktaVerify | Key::CustomApp)) => ("get-a-push", Vec::new()),
        // Nothing is on its way to the phone yet, or any more.
        (Kind::Resend, _) => ("get-a-push", Vec::new()),
        (Kind::ChallengePoll, _) => return push(about),
        (Kind::ChallengeAuthenticator | Kind::EnrollAuthenticator | Kind::EnrollPromotion, Some(_)) => {
            return challenge(shown, about, proven);
        }
        (Kind::EnrollPoll | Kind::SelectEnrollmentChannel | Kind::EnrollmentChannelData, _) => {
            return okta_verify(shown, about);
        }
        (Kind::ResetAuthenticator, Some(Key::GoogleOtp)) => ("set-up-app", vec![ours("set-up-app-lead")]),
        (Kind::ResetAuthenticator, _) => ("choose-a-new-password", Vec::new()),
        (Kind::ReenrollAuthenticator, _) => ("password-expired", vec![ours("password-expired-text")]),
        (Kind::ReenrollAuthenticatorWarning | Kind::ReenrollCustomPasswordWarning, _) => {
            return (expiry(reply), Vec::new());
        }
        (Kind::ReenrollCustomPassword, _) => ("password-elsewhere", Vec::new()),
        (Kind::EnrollProfile, _) if shown.href.as_ref().is_none_or(|href| !href.path().ends_with("/enroll/update")) => {
            match &reply.display.0 {
                Some(title) => return (Text::Theirs(title.clone()), Vec::new()),
                None => ("register", vec![ours("all-required")]),
            }
        }
        (Kind::EnrollProfile | Kind::ProfileUpdate, _) => ("more-details", vec![ours("more-details-lead")]),
        (Kind::RequestActivationEmail, _) => ("link-expired", vec![ours("link-expired-text")]),
        (Kind::Consent | Kind::AdminConsent | Kind::GranularConsent, _) => {
            let app = app.unwrap_or_default();
            return (
                ours("app-wants-access").with("app", app.as_str()),
                vec![ours("app-will-be-able").with("app", app)],
            );
        }
        (Kind::EmailChallengeConsent, _) => ("was-this-you", vec![ours("was-this-you-lead")]),
        (Kind::KeepMeSignedIn, _) => ("stay-signed-in", vec![ours("stay-signed-in-lead")]),
        (Kind::UserCode, _) => ("connect-device", vec![ours("connect-device-lead")]),
        (Kind::RedirectIdVerify, _) => {
            let name = shown.provider.as_ref().map(|provider| provider.name.clone()).unwrap_or_default();
            ("prove-who-you-are", vec![ours("prove-who-you-are-text").with("name", name)])
        }
        (Kind::PivIdp, _) | (Kind::RedirectIdp, Some(Key::SmartCard)) => ("smart-card", vec![ours("smart-card-text")]),
        (Kind::RedirectIdp, Some(_)) => ("verify-it-is-you", Vec::new()),
        (Kind::DeviceAssuranceGracePeriod, _) => ("device-attention", Vec::new()),
        (Kind::Poll, _) => ("busy-now", Vec::new()),
        (Kind::Skip, _) => ("cant-set-up-now", Vec::new()),
        _ => match &shown.label {
            Some(label) if shown.asks() => return (Text::Theirs(label.clone()), Vec::new()),
            _ if shown.asks() && !shown.needs_script() => ("verify-it-is-you", Vec::new()),
            _ => ("cant-continue", vec![ours("cant-continue-text")]),
        },
    };
    (ours(heading), lead)
}

fn leaves_method_open(shown: &Remediation) -> bool {
    let Some(Shape::Group(members)) = shown.field("authenticator").map(|field| &field.shape) else { return false };
    members.iter().any(|member| matches!(&member.shape, Shape::Choice(options, _) if options.len() > 1))
}

fn challenge(shown: &Remediation, about: Option<&Authenticator>, proven: bool) -> (Text, Vec<Text>) {
    let Some(about) = about else { return (Text::ours("verify-it-is-you"), Vec::new()) };
    let enrolling = shown.kind != Kind::ChallengeAuthenticator;
    let name = about.display_name.clone().unwrap_or_default();
    let ours = Text::ours;
    let phone = masked(Some(about), "phoneNumber", proven);
    let (heading, lead) = match &about.key {
        Key::Password if enrolling => ("choose-a-password", Vec::new()),
        Key::Password => ("enter-password", Vec::new()),
        Key::Email => {
            let email = masked(Some(about), "email", proven);
            let lead = match (about.context.magic_link, masked(Some(about), "secondaryEmail", proven)) {
                (true, Some(other)) if email.is_some() => {
                    ours("email-sent-to-both").with("to", email.unwrap_or_default()).with("other", other)
                }
                (true, _) => to("email-sent-link-or-code", "email-sent-link-or-code-unknown", email),
                (false, _) => to("email-sent-code", "email-sent-code-unknown", email),
            };
            ("check-your-email", vec![lead])
        }
        Key::Phone if about.is_by("voice") => {
            ("answer-the-call", vec![to("code-sent-voice", "code-sent-voice-unknown", phone)])
        }
        Key::Phone => ("check-your-phone", vec![to("code-sent-sms", "code-sent-sms-unknown", phone)]),
        Key::GoogleOtp if enrolling => ("set-up-app", vec![ours("set-up-app-lead")]),
        Key::GoogleOtp | Key::OktaVerify | Key::CustomOtp | Key::CustomApp => {
            return (
                ours("enter-code-from").with("app", name.as_str()),
                vec![ours("open-app-for-code").with("app", name.as_str())],
            );
        }
        Key::OnPrem | Key::Rsa | Key::Symantec if enrolling => ("set-up-token", vec![ours("passcode-from-token")]),
        Key::OnPrem | Key::Rsa | Key::Symantec => ("enter-passcode", vec![ours("passcode-from-token")]),
        Key::Yubikey => (if enrolling { "set-up-token" } else { "enter-passcode" }, vec![ours("press-your-key")]),
        Key::TemporaryCode => ("enter-access-code", vec![ours("access-code-from-support")]),
        Key::Question if enrolling => ("choose-question", Vec::new()),
        Key::Question => ("answer-question", Vec::new()),
        Key::Webauthn if enrolling => ("create-a-passkey", vec![ours("create-passkey-lead")]),
        // The org's own names for it are technical; one that an administrator gave stands.
        Key::Webauthn => match name.as_str() {
            "" | "Security Key or Biometric" | "Passkeys" => ("use-your-passkey", vec![ours("passkey-lead")]),
            _ => return (Text::Theirs(name), vec![ours("passkey-lead")]),
        },
        Key::Duo | Key::NfcPin | Key::SmartCard => {
            ("method-not-usable", vec![ours("method-not-usable-text").with("name", name)])
        }
        Key::ExternalIdp | Key::Other(_) if shown.needs_script() || !shown.asks() => {
            ("method-not-usable", vec![ours("method-not-usable-text").with("name", name)])
        }
        Key::ExternalIdp | Key::Other(_) => match shown.label.clone().or(about.display_name.clone()) {
            Some(name) => return (Text::Theirs(name), Vec::new()),
            None => ("verify-it-is-you", Vec::new()),
        },
    };
    (ours(heading), lead)
}

fn push(about: Option<&Authenticator>) -> (Text, Vec<Text>) {
    let app = about.and_then(|about| about.display_name.clone()).unwrap_or_else(|| "Okta Verify".to_owned());
    let numbered = about.is_some_and(|about| about.context.correct_answer.is_some());
    let lead = Text::ours(if numbered { "tap-number" } else { "approve-on-phone" }).with("app", app);
    (Text::ours("check-your-phone"), vec![lead])
}

fn okta_verify(shown: &Remediation, about: Option<&Authenticator>) -> (Text, Vec<Text>) {
    let name = about.filter(|about| about.key != Key::OktaVerify).and_then(|about| about.display_name.clone());
    let heading = name.map_or_else(|| Text::ours("set-up-okta-verify"), Text::Theirs);
    let context = about.map(|about| &about.context);
    let sent_to = context.and_then(|context| context.sent_to.clone());
    let lead = match (&shown.kind, context.and_then(|context| context.channel.as_deref())) {
        (Kind::EnrollPoll, Some("email" | "sms")) => vec![to("link-sent-to", "link-sent", sent_to)],
        (Kind::EnrollPoll, _) if context.is_some_and(|context| context.qr.is_some()) => {
            vec![Text::ours("set-up-okta-verify-lead"), Text::ours("scan-with-okta-verify")]
        }
        (Kind::EnrollPoll, _) if context.is_some_and(|context| !context.enrolled_devices.is_empty()) => {
            vec![Text::ours("set-up-from-other-device")]
        }
        _ => vec![Text::ours("set-up-okta-verify-lead")],
    };
    (heading, lead)
}

fn expiry(reply: &Reply) -> Text {
    let rules =
        reply.password_rules.as_ref().or(reply.authenticator.as_ref().and_then(|about| about.password.as_ref()));
    match rules.and_then(|rules| rules.days_to_expiry) {
        Some(0) => Text::ours("password-expires-today"),
        Some(days) if days > 0 => Text::ours("password-expires-in").with("n", days),
        _ => Text::ours("password-expires-soon"),
    }
}

/// A sentence that names where something went, or its twin for when that is not to be said.
fn to(named: &str, unnamed: &str, masked: Option<String>) -> Text {
    match masked {
        Some(masked) => Text::ours(named).with("to", masked),
        None => Text::ours(unnamed),
    }
}

/// What the org masked; nothing in a recovery or an unlocking, where the person has proven nothing yet.
fn masked(about: Option<&Authenticator>, member: &str, proven: bool) -> Option<String> {
    about.filter(|_| proven)?.profile.get(member).filter(|masked| !masked.is_empty()).cloned()
}
