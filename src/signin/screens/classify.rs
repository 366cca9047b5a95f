//! Which screen a form of the org's is shown on: the one place that tells kinds of remediations apart for it.

use super::screen::{Asked, Screen};
use super::{
    app_code, choose_method, consent, device, email, identify, okta_verify, other, passkey, password, phone, profile,
    provider, question, recovery, set_up_methods, token, unlock, user_code,
};
use crate::idx::{AuthenticatorKey as Key, Kind};

impl Screen {
    /// The screen of a form.
    pub(super) fn classify(asked: &Asked<'_>) -> Self {
        if let Some(heading) = super::not_offered(asked.form, asked.reply, asked.view.entry) {
            return recovery::not_offered(heading);
        }
        if super::is_by_device(asked.form, asked.reply) {
            return device::silent();
        }
        let screen: fn(&Asked<'_>) -> Self = match (&asked.form.kind, asked.key()) {
            (Kind::Identify, _) => identify::screen,
            (Kind::LaunchAuthenticator | Kind::LaunchPasskeys | Kind::LaunchWebauthn | Kind::PasskeyAutofill, None) => {
                identify::launch
            }
            (Kind::SelectIdentify, _) => identify::back_from_registration,
            (Kind::IdentifyRecovery, _) => recovery::screen,
            (Kind::UnlockAccount | Kind::SelectAuthenticatorUnlock, _) => unlock::screen,
            (Kind::SelectAuthenticatorAuthenticate, _) => choose_method::screen,
            (Kind::SelectAuthenticatorEnroll, _) => set_up_methods::screen,
            (Kind::AuthenticatorEnrollmentData, Some(Key::Phone)) => phone::add,
            (Kind::AuthenticatorVerificationData, Some(Key::Phone)) => phone::send,
            (Kind::AuthenticatorVerificationData | Kind::AuthenticatorEnrollmentData, Some(Key::Email)) => email::send,
            (Kind::AuthenticatorVerificationData, Some(Key::OktaVerify | Key::CustomApp)) => okta_verify::choose,
            (Kind::Resend, _) => okta_verify::push_again,
            (Kind::ChallengePoll, _) => okta_verify::approve,
            (Kind::ChallengeAuthenticator | Kind::EnrollAuthenticator | Kind::EnrollPromotion, Some(key)) => {
                method(key, asked)
            }
            (Kind::EnrollPoll | Kind::SelectEnrollmentChannel | Kind::EnrollmentChannelData, _) => okta_verify::set_up,
            (Kind::ResetAuthenticator, Some(Key::GoogleOtp)) => app_code::set_up,
            (Kind::ResetAuthenticator, _) => password::reset,
            (Kind::ReenrollAuthenticator, _) => password::expired,
            (Kind::ReenrollAuthenticatorWarning, _) => password::expires,
            (Kind::ReenrollCustomPassword | Kind::ReenrollCustomPasswordWarning, _) => password::elsewhere,
            (Kind::EnrollProfile | Kind::ProfileUpdate, _) => profile::screen,
            (Kind::RequestActivationEmail, _) => profile::link_expired,
            (Kind::Consent | Kind::AdminConsent | Kind::GranularConsent, _) => consent::screen,
            (Kind::EmailChallengeConsent, _) => consent::was_this_you,
            (Kind::KeepMeSignedIn, _) => consent::stay_signed_in,
            (Kind::UserCode, _) => user_code::screen,
            (Kind::RedirectIdp | Kind::PivIdp | Kind::RedirectIdVerify, _) => provider::screen,
            (Kind::DeviceAssuranceGracePeriod, _) => device::grace,
            (Kind::Poll, _) => other::busy,
            (Kind::Skip, _) => other::only_skip,
            _ => other::screen,
        };
        screen(asked)
    }
}

/// The screen on which a method is used or set up.
fn method(key: &Key, asked: &Asked<'_>) -> fn(&Asked<'_>) -> Screen {
    match key {
        Key::Password => password::screen,
        Key::Email => email::screen,
        Key::Phone => phone::screen,
        Key::GoogleOtp if asked.is_enrolling() => app_code::set_up,
        Key::GoogleOtp | Key::OktaVerify | Key::CustomOtp | Key::CustomApp => app_code::screen,
        Key::OnPrem | Key::Rsa | Key::Symantec | Key::Yubikey | Key::TemporaryCode => token::screen,
        Key::Question => question::screen,
        Key::Webauthn => passkey::screen,
        Key::Duo | Key::NfcPin | Key::SmartCard => other::not_usable,
        Key::ExternalIdp | Key::Other(_) => other::method,
    }
}
