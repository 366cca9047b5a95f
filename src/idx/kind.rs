//! The names of remediations, which say what the org asks for.
//!
//! An unknown name is kept as [`Kind::Other`], and its form is shown generically.

use super::names::names;

names! {
    /// What a remediation asks for.
    Kind,
    /// Asks for the user name, and perhaps the password.
    Identify = "identify",
    /// Asks for the user name at the beginning of a recovery.
    IdentifyRecovery = "identify-recovery",
    /// Leads from the registration back to the sign-in.
    SelectIdentify = "select-identify",
    /// Signs in with another identity provider.
    RedirectIdp = "redirect-idp",
    /// Signs in with a smart card, by the browser's client certificate.
    PivIdp = "piv-idp",
    /// Proves an identity at an identity verification vendor.
    RedirectIdVerify = "redirect-idverify",
    /// Offers FastPass on the first page.
    LaunchAuthenticator = "launch-authenticator",
    /// Offers an NFC card on the first page.
    LaunchNfc = "launch-nfc-authenticator",
    /// Offers a security key on the first page.
    LaunchWebauthn = "launch-webauthn-authenticator",
    /// Offers a passkey on the first page.
    LaunchPasskeys = "launch-passkeys-authenticator",
    /// Offers passkeys in the autofill of the user name.
    PasskeyAutofill = "challenge-webauthn-autofillui-authenticator",
    /// Sets up a passkey, beside a launch of another method.
    EnrollResidentKey = "enroll-webauthn-residentkey",
    /// Asks for the user code of a device (RFC 8628).
    UserCode = "user-code",
    /// Begins the registration.
    SelectEnrollProfile = "select-enroll-profile",
    /// The registration form, or a form for missing attributes.
    EnrollProfile = "enroll-profile",
    /// Asks for further attributes at the sign-in.
    ProfileUpdate = "profile-update",
    /// Sends the activation e-mail again.
    RequestActivationEmail = "request-activation-email",
    /// Asks which method to authenticate with.
    SelectAuthenticatorAuthenticate = "select-authenticator-authenticate",
    /// Asks which method to set up.
    SelectAuthenticatorEnroll = "select-authenticator-enroll",
    /// Asks which method to unlock the account with.
    SelectAuthenticatorUnlock = "select-authenticator-unlock-account",
    /// Asks how to be challenged: by text message or call.
    AuthenticatorVerificationData = "authenticator-verification-data",
    /// Asks what the set-up needs first, as a phone number.
    AuthenticatorEnrollmentData = "authenticator-enrollment-data",
    /// Asks for another way to set up Okta Verify.
    SelectEnrollmentChannel = "select-enrollment-channel",
    /// Asks where to send the link that sets up Okta Verify.
    EnrollmentChannelData = "enrollment-channel-data",
    /// Asks for the proof: a password, a code, an answer or an assertion.
    ChallengeAuthenticator = "challenge-authenticator",
    /// Waits until a push is answered.
    ChallengePoll = "challenge-poll",
    /// Sends the push again.
    Resend = "resend",
    /// Waits until a device answers.
    DeviceChallengePoll = "device-challenge-poll",
    /// Asks Apple's single sign-on extension.
    AppleSsoExtension = "device-apple-sso-extension",
    /// Gives up waiting for that extension.
    CancelTransaction = "cancel-transaction",
    /// Asks again later: the org is busy.
    Poll = "poll",
    /// Asks for what sets a method up.
    EnrollAuthenticator = "enroll-authenticator",
    /// Waits until a method is set up on the phone.
    EnrollPoll = "enroll-poll",
    /// Offers to create a passkey.
    EnrollPromotion = "enroll-authenticator-promotion",
    /// Skips an optional step.
    Skip = "skip",
    /// Asks for a new password or secret after a recovery.
    ResetAuthenticator = "reset-authenticator",
    /// Asks for a new password: the old one has expired.
    ReenrollAuthenticator = "reenroll-authenticator",
    /// Offers a new password: the old one expires soon.
    ReenrollAuthenticatorWarning = "reenroll-authenticator-warning",
    /// A password that is managed elsewhere has expired.
    ReenrollCustomPassword = "reenroll-custom-password-expiry",
    /// A password that is managed elsewhere expires soon.
    ReenrollCustomPasswordWarning = "reenroll-custom-password-expiry-warning",
    /// Begins the unlocking of an account.
    UnlockAccount = "unlock-account",
    /// Asks to allow an application what it requests.
    Consent = "consent",
    /// The same, asked of an administrator.
    AdminConsent = "admin-consent",
    /// The same, for each scope.
    GranularConsent = "granular-consent",
    /// Asks whether the person who followed a link began the sign-in.
    EmailChallengeConsent = "email-challenge-consent",
    /// Asks whether to stay signed in.
    KeepMeSignedIn = "keep-me-signed-in",
    /// Says that the device must be brought into order by a date, and goes on.
    DeviceAssuranceGracePeriod = "device-assurance-grace-period",
    /// Sends the browser to an address of the org, which has finished.
    SuccessRedirect = "success-redirect",
    /// Sends the browser to an address of the org, which has failed.
    FailureRedirect = "failure-redirect",
}
