//! People: who they are, what they have enrolled, and what signing in asks of them.
//!
//! Every member of [`User`] is a key of the JSON that `POST /sandbox/users` takes. What somebody needs
//! is data: `needs` is a list of sets, and a sign-in must satisfy one authenticator of each set, in
//! that order.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::authenticator::Key;
use crate::policies::{Device, ProfileField};
use crate::totp::TotpSecret;
use crate::webauthn::PublicKey;

/// Whether somebody may sign in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Standing {
    Active,
    /// Too many wrong passwords; answers as if the password were wrong.
    Locked,
    /// Known, but not let in.
    Denied,
    /// Known, but the app is not theirs.
    Unassigned,
    /// Not activated yet.
    Staged,
}

/// How much of a consent is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ConsentKind {
    Whole,
    Granular,
}

/// What about somebody's wave token no client has heard of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Unheard {
    /// The remediation's name and its fields' names.
    Remediation,
    /// The authenticator alone, in a `challenge-authenticator`.
    Authenticator,
    /// The type of one of the fields.
    Field,
    /// A ceremony that only a script could perform.
    Ceremony,
    /// The same in a remediation of an unheard name that is about nothing.
    Rite,
}

/// An authenticator that somebody has set up, with what proves it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "key", deny_unknown_fields)]
pub(crate) enum Proof {
    /// The password itself is [`User::password`].
    #[serde(rename = "okta_password")]
    Password,
    /// The address is [`User::email`].
    #[serde(rename = "okta_email")]
    Email,
    #[serde(rename = "phone_number")]
    Phone {
        number: String,
        /// `sms`, `voice` or both.
        methods: Vec<String>,
    },
    #[serde(rename = "security_question")]
    Question { question_key: String, question: String, answer: String },
    #[serde(rename = "webauthn")]
    Webauthn {
        /// base64url.
        credential_id: String,
        /// A JWK: EC P-256 or RSA.
        public_key: PublicKey,
        #[serde(default)]
        sign_count: u32,
        #[serde(default)]
        transports: Vec<String>,
    },
    #[serde(rename = "okta_verify")]
    OktaVerify {
        #[serde(default = "TotpSecret::fresh")]
        secret: TotpSecret,
        /// `push`, `totp` or both.
        methods: Vec<String>,
        /// Whether a push shows a number.
        #[serde(default)]
        number_challenge: bool,
    },
    #[serde(rename = "google_otp")]
    GoogleOtp {
        #[serde(default = "TotpSecret::fresh")]
        secret: TotpSecret,
    },
    #[serde(rename = "rsa_token")]
    Rsa {
        #[serde(default = "TotpSecret::fresh")]
        secret: TotpSecret,
    },
    #[serde(rename = "onprem_mfa")]
    OnPrem {
        #[serde(default = "TotpSecret::fresh")]
        secret: TotpSecret,
    },
    #[serde(rename = "symantec_vip")]
    Symantec {
        #[serde(default = "TotpSecret::fresh")]
        secret: TotpSecret,
    },
    #[serde(rename = "yubikey_token")]
    Yubikey {
        #[serde(default = "TotpSecret::fresh")]
        secret: TotpSecret,
    },
    #[serde(rename = "custom_otp")]
    CustomOtp {
        #[serde(default = "TotpSecret::fresh")]
        secret: TotpSecret,
    },
    #[serde(rename = "tac")]
    TemporaryAccessCode {
        #[serde(default = "TotpSecret::fresh")]
        secret: TotpSecret,
    },
    #[serde(rename = "duo")]
    Duo,
    #[serde(rename = "nfc_pin")]
    NfcPin { pin: String },
    #[serde(rename = "smart_card_idp")]
    SmartCard {
        /// Whether a script of the page would read the card; else the browser shows it at an address of the org's.
        #[serde(default)]
        by_script: bool,
    },
    #[serde(rename = "wave_token")]
    Wave {
        #[serde(default = "TotpSecret::fresh")]
        secret: TotpSecret,
    },
}

impl Proof {
    /// A token of this kind with a fresh secret; `None` for what is not such a token.
    pub(crate) fn token(key: Key, secret: TotpSecret) -> Option<Self> {
        Some(match key {
            Key::GoogleOtp => Self::GoogleOtp { secret },
            Key::Rsa => Self::Rsa { secret },
            Key::OnPrem => Self::OnPrem { secret },
            Key::Symantec => Self::Symantec { secret },
            Key::Yubikey => Self::Yubikey { secret },
            Key::CustomOtp => Self::CustomOtp { secret },
            Key::TemporaryAccessCode => Self::TemporaryAccessCode { secret },
            Key::Wave => Self::Wave { secret },
            _ => return None,
        })
    }

    pub(crate) fn key(&self) -> Key {
        match self {
            Self::Password => Key::Password,
            Self::Email => Key::Email,
            Self::Phone { .. } => Key::Phone,
            Self::Question { .. } => Key::SecurityQuestion,
            Self::Webauthn { .. } => Key::Webauthn,
            Self::OktaVerify { .. } => Key::OktaVerify,
            Self::GoogleOtp { .. } => Key::GoogleOtp,
            Self::Rsa { .. } => Key::Rsa,
            Self::OnPrem { .. } => Key::OnPrem,
            Self::Symantec { .. } => Key::Symantec,
            Self::Yubikey { .. } => Key::Yubikey,
            Self::CustomOtp { .. } => Key::CustomOtp,
            Self::TemporaryAccessCode { .. } => Key::TemporaryAccessCode,
            Self::Duo => Key::Duo,
            Self::NfcPin { .. } => Key::NfcPin,
            Self::SmartCard { .. } => Key::SmartCard,
            Self::Wave { .. } => Key::Wave,
        }
    }

    /// The secret from which codes are made, of those that show codes.
    pub(crate) fn secret(&self) -> Option<&TotpSecret> {
        match self {
            Self::OktaVerify { secret, .. }
            | Self::GoogleOtp { secret }
            | Self::Rsa { secret }
            | Self::OnPrem { secret }
            | Self::Symantec { secret }
            | Self::Yubikey { secret }
            | Self::CustomOtp { secret }
            | Self::TemporaryAccessCode { secret }
            | Self::Wave { secret } => Some(secret),
            _ => None,
        }
    }

    /// The methods by which it can be verified.
    pub(crate) fn methods(&self) -> Vec<&str> {
        match self {
            Self::Phone { methods, .. } | Self::OktaVerify { methods, .. } => {
                methods.iter().map(String::as_str).collect()
            }
            other => other.key().facts().methods.to_vec(),
        }
    }
}

/// One enrolment of a person.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Enrolment {
    #[serde(skip, default = "fresh_enrolment_id")]
    pub(crate) id: String,
    /// The counters of codes already spent.
    #[serde(skip)]
    pub(crate) used: Vec<i64>,
    #[serde(flatten)]
    pub(crate) proof: Proof,
}

fn fresh_enrolment_id() -> String {
    crate::random::id("eae")
}

impl From<Proof> for Enrolment {
    fn from(proof: Proof) -> Self {
        Self { id: fresh_enrolment_id(), used: Vec::new(), proof }
    }
}

/// A person.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct User {
    #[serde(skip)]
    pub(crate) id: String,
    pub(crate) login: String,
    pub(crate) email: String,
    pub(crate) password: Option<String>,
    pub(crate) first_name: String,
    pub(crate) last_name: String,
    pub(crate) groups: Vec<String>,
    pub(crate) standing: Standing,
    /// Sets of authenticators; a sign-in satisfies one of each, in order.
    pub(crate) needs: Vec<Vec<Key>>,
    /// Whose own step is shown although a list could be.
    pub(crate) preferred: Option<Key>,
    pub(crate) enrolled: Vec<Enrolment>,
    /// What must be set up, and what may be.
    pub(crate) required: Vec<Key>,
    pub(crate) optional: Vec<Key>,
    /// How often setting up what is required may still be put off.
    pub(crate) grace_skips: u32,
    /// Until when it may be put off, ISO 8601.
    pub(crate) grace_until: Option<String>,
    pub(crate) password_expired: bool,
    pub(crate) password_expires_in_days: Option<i64>,
    /// Whether a password that has expired, or soon will, is kept elsewhere and cannot be changed here.
    pub(crate) password_elsewhere: bool,
    pub(crate) wrong_passwords: u32,
    pub(crate) consent: Option<ConsentKind>,
    /// Whether they are asked to stay signed in.
    pub(crate) stay: bool,
    /// Whether they must have their identity checked before they are in.
    pub(crate) prove_identity: bool,
    /// Whether they sign in at an identity provider.
    pub(crate) idp: bool,
    pub(crate) device: Option<Device>,
    pub(crate) unheard: Option<Unheard>,
    /// What the org wants to know of them still.
    pub(crate) missing_profile: Vec<ProfileField>,
    pub(crate) profile: BTreeMap<String, Value>,
}

/// What each member is, for the page: its name and what it says.
pub(crate) const MEANINGS: [(&str, &str); 26] = [
    ("login", "who is meant"),
    ("email", "where their mails go"),
    ("password", "null for somebody who has none"),
    ("first_name", "in their profile"),
    ("last_name", "in their profile"),
    ("groups", "in their tokens"),
    (
        "standing",
        "\"active\", \"locked\", \"denied\" (not let in), \"unassigned\" (the app is not theirs) or \"staged\" (not activated yet)",
    ),
    ("needs", "sets of authenticators; a sign-in satisfies one of each, in order"),
    ("preferred", "the authenticator whose own step is shown although a list could be"),
    (
        "enrolled",
        "authenticators with what proves them, by key: {\"key\": \"nfc_pin\", \"pin\"}, {\"key\": \"smart_card_idp\", \"by_script\"}, {\"key\": \"duo\"}, …",
    ),
    ("required", "authenticators that they must set up"),
    ("optional", "authenticators that they are offered"),
    ("grace_skips", "how often setting up what is required may still be put off"),
    ("grace_until", "until when it may be put off, ISO 8601"),
    ("password_expired", "a new password is asked for"),
    ("password_expires_in_days", "a new password is asked for, and may be skipped"),
    ("password_elsewhere", "they are sent elsewhere for it"),
    ("wrong_passwords", "so far"),
    ("consent", "null, \"whole\" or \"granular\""),
    ("stay", "asked to stay signed in at the end"),
    ("prove_identity", "sent to have their identity checked"),
    ("idp", "sent to an identity provider"),
    ("device", "a device challenge after the first page; values as of the policy"),
    (
        "unheard",
        "what about their wave token no client has heard of: \"remediation\", \"authenticator\", \"field\", \"ceremony\" or \"rite\"",
    ),
    ("missing_profile", "what they are asked about themselves; written as the policy registration_fields"),
    ("profile", "what is known of them besides"),
];

impl Default for User {
    fn default() -> Self {
        Self {
            id: crate::random::id("00u"),
            login: String::new(),
            email: String::new(),
            password: None,
            first_name: "Sandy".to_owned(),
            last_name: "Box".to_owned(),
            groups: vec!["staff".to_owned()],
            standing: Standing::Active,
            needs: vec![vec![Key::Password]],
            preferred: None,
            enrolled: Vec::new(),
            required: Vec::new(),
            optional: Vec::new(),
            grace_skips: 0,
            grace_until: None,
            password_expired: false,
            password_expires_in_days: None,
            password_elsewhere: false,
            wrong_passwords: 0,
            consent: None,
            stay: false,
            prove_identity: false,
            idp: false,
            device: None,
            unheard: None,
            missing_profile: Vec::new(),
            profile: BTreeMap::new(),
        }
    }
}

impl User {
    /// This person with the members of `change` put in place. Fails with what is wrong in it.
    pub(crate) fn changed(&self, change: &serde_json::Map<String, Value>) -> Result<Self, String> {
        let mut whole = json!(self);
        for (name, value) in change {
            let member = whole.get_mut(name).ok_or_else(|| format!("nothing about a person is called `{name}`"))?;
            *member = value.clone();
            serde_json::from_value::<Self>(whole.clone()).map_err(|error| format!("`{name}`: {error}"))?;
        }
        let mut changed: Self = serde_json::from_value(whole).map_err(|error| error.to_string())?;
        changed.id.clone_from(&self.id);
        if !change.contains_key("enrolled") {
            changed.enrolled.clone_from(&self.enrolled);
        }
        Ok(changed)
    }

    /// The enrolments of an authenticator that can be used; a password counts when there is one.
    pub(crate) fn enrolments(&self, key: Key) -> impl Iterator<Item = &Enrolment> {
        self.enrolled.iter().filter(move |enrolment| enrolment.proof.key() == key)
    }

    /// Whether an authenticator is set up.
    pub(crate) fn has(&self, key: Key) -> bool {
        self.enrolments(key).next().is_some()
    }

    /// Keeps a proof; a new one replaces an old one of its kind, except passkeys, which add up.
    pub(crate) fn enrol(&mut self, proof: Proof) {
        if proof.key() != Key::Webauthn {
            self.enrolled.retain(|enrolment| enrolment.proof.key() != proof.key());
        }
        self.enrolled.push(proof.into());
    }

    /// Sets the password, which ends its expiry and the count of wrong ones.
    pub(crate) fn set_password(&mut self, password: &str) {
        self.password = Some(password.to_owned());
        self.password_expired = false;
        self.password_expires_in_days = None;
        self.wrong_passwords = 0;
        self.enrol(Proof::Password);
    }
}

/// An address with all but its ends hidden: `m**y@e***e.com`.
pub(crate) fn masked_email(email: &str) -> String {
    let (name, domain) = email.split_once('@').unwrap_or((email, ""));
    let (host, rest) = domain.split_once('.').unwrap_or((domain, ""));
    let mask = |part: &str| match (part.chars().next(), part.chars().next_back()) {
        (Some(first), Some(last)) => {
            format!("{first}{}{last}", "*".repeat(part.chars().count().saturating_sub(2).max(1)))
        }
        _ => String::new(),
    };
    format!("{}@{}.{rest}", mask(name), mask(host))
}

/// A number with all but its country and last digits hidden: `+1 XXX-XXX-1234`.
pub(crate) fn masked_phone(number: &str) -> String {
    let last: String = number.chars().skip(number.chars().count().saturating_sub(4)).collect();
    format!("{} XXX-XXX-{last}", number.chars().take(2).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::{MEANINGS, User, masked_email, masked_phone};

    #[test]
    fn the_page_says_of_every_member_what_it_is() {
        let person = serde_json::json!(User::default());
        let mut named: Vec<_> = MEANINGS.iter().map(|(name, _)| *name).collect();
        let mut known: Vec<_> = person.as_object().expect("an object").keys().map(String::as_str).collect();
        named.sort_unstable();
        known.sort_unstable();
        assert_eq!(named, known);
    }

    #[test]
    fn addresses_are_masked_but_for_their_ends() {
        assert_eq!(masked_email("mary@example.com"), "m**y@e*****e.com");
        assert_eq!(masked_phone("+15551231234"), "+1 XXX-XXX-1234");
    }
}
