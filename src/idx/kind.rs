//! The names of remediations: what the org can ask for.
//!
//! A name that we have not heard of is kept as [`Kind::Other`], to be shown generically.

macro_rules! kinds {
    ($($(#[$doc:meta])* $variant:ident = $name:literal),+ $(,)?) => {
        /// What a remediation asks for.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub enum Kind {
            $($(#[$doc])* $variant,)+
            /// A name that this client does not know.
            Other(String),
        }

        impl Kind {
            /// Reads the `name` of a remediation.
            pub fn parse(name: &str) -> Self {
                match name {
                    $($name => Self::$variant,)+
                    other => Self::Other(other.to_owned()),
                }
            }

            /// The name as it stands in replies.
            pub fn name(&self) -> &str {
                match self {
                    $(Self::$variant => $name,)+
                    Self::Other(name) => name,
                }
            }
        }
    };
}

kinds! {
    /// Who is it? Perhaps with the password.
    Identify = "identify",
    /// Who is it, for a recovery?
    IdentifyRecovery = "identify-recovery",
    /// Back from registration to signing in.
    SelectIdentify = "select-identify",
    /// Sign in with another identity provider.
    RedirectIdp = "redirect-idp",
    /// Sign in with a smart card, by the browser's client certificate.
    PivIdp = "piv-idp",
    /// Prove an identity with a proofing vendor.
    RedirectIdVerify = "redirect-idverify",
    /// Offer FastPass on the first page.
    LaunchAuthenticator = "launch-authenticator",
    /// Offer a tapped card on the first page.
    LaunchNfc = "launch-nfc-authenticator",
    /// Offer a security key on the first page.
    LaunchWebauthn = "launch-webauthn-authenticator",
    /// Offer a passkey on the first page.
    LaunchPasskeys = "launch-passkeys-authenticator",
    /// Passkeys as autofill of the user name.
    PasskeyAutofill = "challenge-webauthn-autofillui-authenticator",
    /// Set up a passkey beside a launch.
    EnrollResidentKey = "enroll-webauthn-residentkey",
    /// A device's user code.
    UserCode = "user-code",
    /// Begin registration.
    SelectEnrollProfile = "select-enroll-profile",
    /// The registration form, or attributes that are missing.
    EnrollProfile = "enroll-profile",
    /// Further attributes at sign-in.
    ProfileUpdate = "profile-update",
    /// A new activation e-mail.
    RequestActivationEmail = "request-activation-email",
    /// Choose a method to prove who one is.
    SelectAuthenticatorAuthenticate = "select-authenticator-authenticate",
    /// Choose a method to set up.
    SelectAuthenticatorEnroll = "select-authenticator-enroll",
    /// Choose a method to unlock with.
    SelectAuthenticatorUnlock = "select-authenticator-unlock-account",
    /// How to be challenged: by text or call, send or not.
    AuthenticatorVerificationData = "authenticator-verification-data",
    /// What enrolment needs first, as a phone number.
    AuthenticatorEnrollmentData = "authenticator-enrollment-data",
    /// Another way to set up Okta Verify.
    SelectEnrollmentChannel = "select-enrollment-channel",
    /// Where to send Okta Verify's set-up link.
    EnrollmentChannelData = "enrollment-channel-data",
    /// Prove it.
    ChallengeAuthenticator = "challenge-authenticator",
    /// Wait for a push to be answered.
    ChallengePoll = "challenge-poll",
    /// Send the push again.
    Resend = "resend",
    /// Wait for a device to answer.
    DeviceChallengePoll = "device-challenge-poll",
    /// Ask Apple's single sign-on extension.
    AppleSsoExtension = "device-apple-sso-extension",
    /// Give up on that extension.
    CancelTransaction = "cancel-transaction",
    /// The org is busy: ask again.
    Poll = "poll",
    /// Set a method up.
    EnrollAuthenticator = "enroll-authenticator",
    /// Wait until it is set up on the phone.
    EnrollPoll = "enroll-poll",
    /// An offer to make a passkey.
    EnrollPromotion = "enroll-authenticator-promotion",
    /// Leave an optional step out.
    Skip = "skip",
    /// Choose a new password (or secret) after recovery.
    ResetAuthenticator = "reset-authenticator",
    /// The password has expired.
    ReenrollAuthenticator = "reenroll-authenticator",
    /// The password expires soon.
    ReenrollAuthenticatorWarning = "reenroll-authenticator-warning",
    /// The password has expired and is kept elsewhere.
    ReenrollCustomPassword = "reenroll-custom-password-expiry",
    /// The password expires soon and is kept elsewhere.
    ReenrollCustomPasswordWarning = "reenroll-custom-password-expiry-warning",
    /// Unlock an account.
    UnlockAccount = "unlock-account",
    /// Allow an application what it asks.
    Consent = "consent",
    /// The same, by an administrator.
    AdminConsent = "admin-consent",
    /// The same, scope by scope.
    GranularConsent = "granular-consent",
    /// Was it you who followed the link?
    EmailChallengeConsent = "email-challenge-consent",
    /// Stay signed in?
    KeepMeSignedIn = "keep-me-signed-in",
    /// The device needs attention, but not today.
    DeviceAssuranceGracePeriod = "device-assurance-grace-period",
    /// Leave for an address of the org's: done.
    SuccessRedirect = "success-redirect",
    /// Leave for an address of the org's: failed.
    FailureRedirect = "failure-redirect",
}
