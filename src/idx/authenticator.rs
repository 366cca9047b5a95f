//! Authenticators: the ways a person can prove who they are, as replies describe them.

use std::collections::BTreeMap;

use serde_json::Value;

use super::names::names;
use super::wire;

names! {
    /// The kind of an authenticator.
    AuthenticatorKey,
    Password = "okta_password",
    Email = "okta_email",
    Phone = "phone_number",
    Question = "security_question",
    GoogleOtp = "google_otp",
    // The newer keys each name one of its methods.
    OktaVerify = "okta_verify" | "okta_verify_totp" | "okta_verify_push" | "okta_verify_fastpass",
    /// A branded push authenticator:
    CustomApp = "custom_app",
    Webauthn = "webauthn",
    Duo = "duo",
    OnPrem = "onprem_mfa",
    Rsa = "rsa_token",
    Symantec = "symantec_vip",
    Yubikey = "yubikey_token",
    CustomOtp = "custom_otp",
    ExternalIdp = "external_idp",
    SmartCard = "smart_card_idp",
    /// A temporary access code:
    TemporaryCode = "tac",
    NfcPin = "nfc_pin",
}

/// An authenticator of the org, or a person's enrolment of one.
#[derive(Clone, Debug, PartialEq)]
pub struct Authenticator {
    /// The id of an authenticator (`aut…`), or of an enrolment.
    pub id: String,
    /// Its kind.
    pub key: AuthenticatorKey,
    /// Its name in the page's language, or as an administrator wrote it.
    pub display_name: Option<String>,
    /// The name that the person gave it.
    pub nickname: Option<String>,
    /// Its methods in order: `sms`, `voice`, `push`, `totp`, `signed_nonce`, …
    pub methods: Vec<String>,
    /// Facts about the enrolment, masked by the org: `email`, `phoneNumber`, `deviceName`, `question`.
    pub profile: BTreeMap<String, String>,
    /// The rules for a new password.
    pub password: Option<PasswordRules>,
    /// Until when setting it up may be put off.
    pub grace: Option<Grace>,
    /// The passkey of this enrolment.
    pub credential: Option<Credential>,
    /// What this step shows or computes with.
    pub context: Context,
}

/// Until when an enrolment may be put off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grace {
    /// Until this date, in ISO 8601.
    pub expiry: Option<String>,
    /// For so many more sign-ins.
    pub remaining_skips: Option<u64>,
}

/// A passkey of the person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credential {
    /// Its id, in base64url.
    pub id: String,
    /// How it is reached: `usb`, `nfc`, `internal`, …
    pub transports: Vec<String>,
}

/// What a step shows or computes with (`contextualData`).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Context {
    /// The picture of a QR code: a `data:image/…` address.
    pub qr: Option<String>,
    /// The secret in that picture, to type: base32.
    pub shared_secret: Option<String>,
    /// Security questions to choose from: key, text.
    pub questions: Vec<(String, String)>,
    /// The security question to answer: key, text.
    pub question: Option<(String, String)>,
    /// WebAuthn creation options.
    pub activation: Option<Value>,
    /// WebAuthn request options.
    pub challenge: Option<Value>,
    /// The number that the person taps on the phone.
    pub correct_answer: Option<String>,
    /// How Okta Verify is being set up: `qrcode`, `email`, `sms`, `samedevice`, `devicebootstrap`.
    pub channel: Option<String>,
    /// The e-mail address or phone number that the set-up link was sent to.
    pub sent_to: Option<String>,
    /// Whether the e-mail has a link besides the code; so unless the reply denies it.
    pub magic_link: bool,
    /// The code of a link that was opened in another browser.
    pub otp: Option<String>,
    /// A link that opens Okta Verify on this device; `https`.
    pub same_device: Option<String>,
    /// Where this device can download Okta Verify; `https`.
    pub download: Option<String>,
    /// Devices with Okta Verify, from which it can be set up on this one.
    pub enrolled_devices: Vec<String>,
    /// The method by which a device answers without the person (FastPass).
    pub device_challenge: Option<String>,
}

/// The rules for a new password (`settings`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PasswordRules {
    /// The least number of characters.
    pub min_length: u64,
    /// The least number of lower-case letters.
    pub min_lower: u64,
    /// The least number of upper-case letters.
    pub min_upper: u64,
    /// The least number of digits.
    pub min_number: u64,
    /// The least number of symbols.
    pub min_symbol: u64,
    /// The most repetitions of a character in a row; 0 for no limit.
    pub max_repeated: u64,
    /// Whether three of the four classes of characters suffice.
    pub three_classes: bool,
    /// Whether it may hold no part of the user name.
    pub not_username: bool,
    /// Whether it may not hold the first name.
    pub not_first_name: bool,
    /// Whether it may not hold the last name.
    pub not_last_name: bool,
    /// Other attributes whose value it may not hold.
    pub not_attributes: Vec<String>,
    /// How many of the last passwords may not be used again.
    pub history: u64,
    /// How many minutes must pass before it can be changed again.
    pub min_age_minutes: u64,
    /// In a warning: the days until the password expires.
    pub days_to_expiry: Option<i64>,
}

impl Authenticator {
    /// Reads an authenticator or an enrolment; none when it has neither a key nor an id.
    pub(super) fn parse(value: &Value) -> Option<Self> {
        let value = wire::object(value);
        let key = wire::words(value, "key");
        let id = wire::words(value, "id");
        if key.is_none() && id.is_none() {
            return None;
        }
        let profile = value.get("profile").and_then(Value::as_object).map(|members| {
            members.iter().filter_map(|(name, value)| Some((name.clone(), wire::as_words(value)?))).collect()
        });
        Some(Self {
            id: id.unwrap_or_default(),
            key: AuthenticatorKey::parse(key.as_deref().unwrap_or_default()),
            display_name: wire::filled(value, "displayName"),
            nickname: wire::filled(value, "nickname"),
            methods: wire::list(value.get("methods"), |method| wire::words(method, "type")),
            profile: profile.unwrap_or_default(),
            password: PasswordRules::parse(&value["settings"]),
            grace: value.get("gracePeriod").filter(|grace| grace.is_object()).map(|grace| Grace {
                expiry: wire::words(grace, "expiry"),
                remaining_skips: wire::number(grace, "remainingSkips").or_else(|| wire::number(grace, "skipCount")),
            }),
            credential: wire::words(value, "credentialId").map(|id| Credential {
                id,
                transports: strings(value.get("transports").or_else(|| value.get("profile")?.get("transports"))),
            }),
            context: Context::parse(&value["contextualData"]),
        })
    }

    /// Whether this step uses this method and no other.
    pub fn is_by(&self, method: &str) -> bool {
        self.methods.len() == 1 && self.methods[0] == method
    }

    /// Whether a device is to answer the browser without the person (FastPass), which it cannot do through a server.
    pub fn is_by_device(&self) -> bool {
        self.is_by("signed_nonce") || self.context.device_challenge.is_some()
    }
}

impl Context {
    fn parse(data: &Value) -> Self {
        let question = |value: &Value| Some((wire::words(value, "questionKey")?, wire::words(value, "question")?));
        let https = |member| wire::words(&data["samedevice"], member).filter(|link| link.starts_with("https://"));
        let devices = &data["devicebootstrap"]["enrolledDevices"];
        Self {
            qr: wire::words(&data["qrcode"], "href").filter(|href| href.starts_with("data:image/")),
            shared_secret: wire::words(data, "sharedSecret"),
            questions: wire::list(data.get("questions"), question),
            question: data.get("enrolledQuestion").and_then(question),
            activation: data.get("activationData").filter(|data| data.is_object()).cloned(),
            challenge: data.get("challengeData").filter(|data| data.is_object()).cloned(),
            correct_answer: wire::words(data, "correctAnswer"),
            channel: wire::words(data, "selectedChannel"),
            sent_to: wire::words(data, "email").or_else(|| wire::words(data, "phoneNumber")),
            magic_link: wire::truth(data, "useEmailMagicLink").unwrap_or(true),
            otp: wire::words(data, "otp"),
            same_device: https("setupOVUrl"),
            download: https("downloadHref"),
            enrolled_devices: wire::as_words(devices).map_or_else(|| strings(Some(devices)), |device| vec![device]),
            device_challenge: data
                .get("challenge")
                .map(|challenge| wire::words(wire::object(challenge), "challengeMethod").unwrap_or_default()),
        }
    }
}

impl PasswordRules {
    fn parse(settings: &Value) -> Option<Self> {
        let days_to_expiry = settings.get("daysToExpiry").and_then(Value::as_i64);
        let (complexity, age) = (&settings["complexity"], &settings["age"]);
        if !complexity.is_object() && days_to_expiry.is_none() && !age.is_object() {
            return None;
        }
        let at_least = |member| wire::number(complexity, member).unwrap_or(0);
        let whether = |member| wire::truth(complexity, member).unwrap_or(false);
        Some(Self {
            min_length: at_least("minLength"),
            min_lower: at_least("minLowerCase"),
            min_upper: at_least("minUpperCase"),
            min_number: at_least("minNumber"),
            min_symbol: at_least("minSymbol"),
            max_repeated: at_least("maxConsecutiveRepeatingCharacters"),
            three_classes: whether("useADComplexityRequirements"),
            not_username: whether("excludeUsername"),
            not_first_name: whether("excludeFirstName"),
            not_last_name: whether("excludeLastName"),
            not_attributes: strings(complexity.get("excludeAttributes")),
            history: wire::number(age, "historyCount").unwrap_or(0),
            min_age_minutes: wire::number(age, "minAgeMinutes").unwrap_or(0),
            days_to_expiry,
        })
    }
}

fn strings(list: Option<&Value>) -> Vec<String> {
    wire::list(list, wire::as_words)
}
