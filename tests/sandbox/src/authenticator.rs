//! The authenticators of the org: what people prove themselves with.
//!
//! One table says of each what it is called on the wire (IDX: `key`, `type`, `methods`), what people
//! read, and whether a person can set it up alone.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// An authenticator, by its key on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) enum Key {
    #[serde(rename = "okta_password")]
    Password,
    #[serde(rename = "okta_email")]
    Email,
    #[serde(rename = "phone_number")]
    Phone,
    #[serde(rename = "security_question")]
    SecurityQuestion,
    #[serde(rename = "google_otp")]
    GoogleOtp,
    #[serde(rename = "okta_verify")]
    OktaVerify,
    #[serde(rename = "webauthn")]
    Webauthn,
    #[serde(rename = "onprem_mfa")]
    OnPrem,
    #[serde(rename = "rsa_token")]
    Rsa,
    #[serde(rename = "symantec_vip")]
    Symantec,
    #[serde(rename = "yubikey_token")]
    Yubikey,
    #[serde(rename = "custom_otp")]
    CustomOtp,
    #[serde(rename = "tac")]
    TemporaryAccessCode,
    #[serde(rename = "external_idp")]
    ExternalIdp,
    #[serde(rename = "duo")]
    Duo,
    #[serde(rename = "nfc_pin")]
    NfcPin,
    #[serde(rename = "smart_card_idp")]
    SmartCard,
    /// An authenticator that no client has heard of.
    #[serde(rename = "wave_token")]
    Wave,
}

/// What the wire says of an authenticator.
pub(crate) struct Facts {
    pub(crate) key: &'static str,
    pub(crate) kind: &'static str,
    pub(crate) id: &'static str,
    pub(crate) name: &'static str,
    pub(crate) methods: &'static [&'static str],
    /// The values of `amr` that it adds to tokens (RFC 8176).
    pub(crate) amr: &'static str,
}

impl Key {
    /// All of them, in the order in which lists show them.
    pub(crate) const ALL: [Self; 18] = [
        Self::Email,
        Self::Password,
        Self::Phone,
        Self::OktaVerify,
        Self::GoogleOtp,
        Self::Webauthn,
        Self::SecurityQuestion,
        Self::Rsa,
        Self::OnPrem,
        Self::Symantec,
        Self::Yubikey,
        Self::CustomOtp,
        Self::TemporaryAccessCode,
        Self::ExternalIdp,
        Self::Duo,
        Self::NfcPin,
        Self::SmartCard,
        Self::Wave,
    ];

    /// The table.
    pub(crate) fn facts(self) -> Facts {
        let (key, kind, id, name, methods, amr): (_, _, _, _, &[&str], _) = match self {
            Self::Password => ("okta_password", "password", "autsandboxpassword00", "Password", &["password"], "pwd"),
            Self::Email => ("okta_email", "email", "autsandboxemail00000", "Email", &["email"], "email"),
            Self::Phone => ("phone_number", "phone", "autsandboxphone00000", "Phone", &["sms", "voice"], "sms"),
            Self::SecurityQuestion => (
                "security_question",
                "security_question",
                "autsandboxquestion00",
                "Security Question",
                &["security_question"],
                "kba",
            ),
            Self::GoogleOtp => ("google_otp", "app", "autsandboxgoogle0000", "Google Authenticator", &["otp"], "otp"),
            Self::OktaVerify => ("okta_verify", "app", "autsandboxverify0000", "Okta Verify", &["push", "totp"], "swk"),
            Self::Webauthn => {
                ("webauthn", "security_key", "autsandboxwebauthn00", "Security Key or Biometric", &["webauthn"], "hwk")
            }
            Self::OnPrem => ("onprem_mfa", "security_key", "autsandboxonprem0000", "Atko On-Prem", &["otp"], "otp"),
            Self::Rsa => ("rsa_token", "security_key", "autsandboxrsa0000000", "RSA SecurID", &["otp"], "otp"),
            Self::Symantec => ("symantec_vip", "app", "autsandboxsymantec00", "Symantec VIP", &["otp"], "otp"),
            Self::Yubikey => ("yubikey_token", "security_key", "autsandboxyubikey000", "YubiKey", &["otp"], "otp"),
            Self::CustomOtp => ("custom_otp", "security_key", "autsandboxcustomotp0", "Atko Token", &["otp"], "otp"),
            Self::TemporaryAccessCode => {
                ("tac", "tac", "autsandboxtac0000000", "Temporary Access Code", &["tac"], "otp")
            }
            Self::ExternalIdp => ("external_idp", "federated", "autsandboxidp0000000", "Sandbox IdP", &["idp"], "fed"),
            Self::Duo => ("duo", "app", "autsandboxduo0000000", "Duo Security", &["duo"], "swk"),
            Self::NfcPin => ("nfc_pin", "proximity", "autsandboxnfcpin0000", "NFC", &["nfc_pin"], "pin"),
            Self::SmartCard => {
                ("smart_card_idp", "federated", "autsandboxsmartcard0", "Smart Card IdP", &["cert"], "sc")
            }
            Self::Wave => ("wave_token", "wave", "autsandboxwave000000", "Wave Token", &["wave"], "otp"),
        };
        Facts { key, kind, id, name, methods, amr }
    }

    /// The authenticator with this id on the wire.
    pub(crate) fn with_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|key| key.facts().id == id)
    }

    /// Whether a person can set it up alone.
    pub(crate) fn is_enrollable(self) -> bool {
        !matches!(
            self,
            Self::CustomOtp
                | Self::TemporaryAccessCode
                | Self::ExternalIdp
                | Self::Duo
                | Self::NfcPin
                | Self::SmartCard
                | Self::Wave
        )
    }

    /// Whether its code is shown by a device or an app, and so is to be had at `/sandbox/totp`.
    pub(crate) fn shows_codes(self) -> bool {
        matches!(
            self,
            Self::GoogleOtp
                | Self::OktaVerify
                | Self::OnPrem
                | Self::Rsa
                | Self::Symantec
                | Self::Yubikey
                | Self::CustomOtp
                | Self::TemporaryAccessCode
                | Self::Wave
        )
    }

    /// The authenticator as an object of a reply, without what belongs to a person.
    pub(crate) fn value(self) -> Value {
        let facts = self.facts();
        json!({
            "type": facts.kind,
            "key": facts.key,
            "id": facts.id,
            "displayName": facts.name,
            "methods": methods(facts.methods.iter().copied()),
        })
    }
}

/// The `methods` member of an authenticator.
pub(crate) fn methods<'a>(names: impl Iterator<Item = &'a str>) -> Value {
    names.map(|name| json!({ "type": name })).collect()
}

#[cfg(test)]
mod tests {
    use super::Key;

    #[test]
    fn ids_are_told_apart() {
        for key in Key::ALL {
            assert_eq!(Key::with_id(key.facts().id), Some(key));
            assert_eq!(key.facts().id.len(), 20, "{key:?}");
        }
    }

    #[test]
    fn the_name_on_the_wire_is_the_key() {
        for key in Key::ALL {
            assert_eq!(serde_json::json!(key), key.facts().key);
        }
    }
}
