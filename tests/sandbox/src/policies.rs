//! What the org asks of everybody, and its limits. `POST /sandbox/policies` changes members by name.
//!
//! Every member of [`Policies`] is a key of that JSON object, with the same name. A key nobody knows
//! or a value of the wrong kind changes nothing and is told. Times are in seconds unless the name
//! says otherwise. Two keys add rather than replace: `redirect_uris` and `post_logout_redirect_uris`.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::authenticator::Key;

/// What the first page asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum FirstPage {
    /// Identifier and password together.
    Password,
    /// The identifier alone.
    Identifier,
}

/// How a new account is confirmed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Activation {
    /// The e-mail authenticator is set up with a code (or its magic link).
    Code,
    /// A mail with a link; the page has no form (`idx.email.verification.required`).
    Link,
    /// Not at all.
    None,
}

/// What becomes of a device that breaks a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum DeviceAssurance {
    Denied,
    /// It may be used until a day.
    Grace,
}

/// What becomes of somebody who says that a mail was meant for them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum EmailConsent {
    /// They go on where they are.
    GoOn,
    /// They are to return to where they began.
    Return,
}

/// A device that shows a code, to be connected by somebody who signs in elsewhere (RFC 8628).
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DeviceCode {
    pub(crate) code: String,
    /// Whether connecting it fails in the end.
    #[serde(default)]
    pub(crate) fails: bool,
}

/// What a person meets instead of the first page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum EndsWith {
    /// A mail's link is too old, was overtaken by another, or could not be used.
    LinkExpired,
    LinkStale,
    LinkFailed,
    /// The sign-in went on in another tab.
    OtherTab,
    /// A code, to be typed where the person began.
    Code,
    /// An activation link that means nothing.
    ActivationUnknown,
    /// The account to be activated is suspended.
    Suspended,
    /// The device is not registered.
    DeviceUnregistered,
}

/// Where recovery or unlocking ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Landing {
    /// The person goes on into the app.
    App,
    /// The person reads a message and signs in again.
    Message,
}

/// A device-bound challenge (Okta FastPass), which only a device can answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Device {
    /// `device-challenge-poll`, LOOPBACK: the browser would probe local ports.
    Loopback,
    /// `device-challenge-poll`, CUSTOM_URI: the browser would open the app.
    CustomUri,
    /// `challenge-poll` of Okta Verify with `signed_nonce` and a LOOPBACK challenge.
    SignedNonce,
    /// `device-apple-sso-extension` with `cancel-transaction` beside it.
    SsoExtension,
}

/// Which passwords are good enough.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Complexity {
    pub(crate) min_length: usize,
    pub(crate) min_lower_case: usize,
    pub(crate) min_upper_case: usize,
    pub(crate) min_number: usize,
    pub(crate) min_symbol: usize,
    pub(crate) exclude_username: bool,
}

impl Default for Complexity {
    fn default() -> Self {
        Self {
            min_length: 8,
            min_lower_case: 1,
            min_upper_case: 1,
            min_number: 1,
            min_symbol: 0,
            exclude_username: true,
        }
    }
}

/// The kind of a field that an administrator added to a profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum FieldKind {
    /// One line of text.
    Text,
    /// A JSON boolean, without a word on how to draw it.
    Boolean,
    /// A JSON boolean, drawn as a checkbox.
    Checkbox,
    /// One of `options`, drawn as a list.
    Select,
    /// One of `options`, drawn as radio buttons.
    Radio,
    /// A country code, drawn as a list of countries.
    Country,
    /// A kind that no client has heard of.
    Unheard,
}

/// A field that an administrator added to a profile.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ProfileField {
    pub(crate) name: String,
    pub(crate) label: String,
    pub(crate) kind: FieldKind,
    #[serde(default)]
    pub(crate) required: bool,
    /// For [`FieldKind::Select`] and [`FieldKind::Radio`]: what may be chosen.
    #[serde(default)]
    pub(crate) options: Vec<String>,
}

/// All policies of the org.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Policies {
    pub(crate) first_page: FirstPage,
    /// Unknown people are treated as known ones whose answers are wrong.
    pub(crate) enumeration_prevention: bool,
    pub(crate) self_registration: bool,
    pub(crate) recovery: bool,
    pub(crate) unlock: bool,
    /// Whether the first page has a "keep me signed in" box.
    pub(crate) remember_me: bool,
    /// Whether everybody is asked to stay signed in at the end.
    pub(crate) keep_me_signed_in: bool,
    /// What is wrong with everybody's device: told at the end, instead of a code or before it.
    pub(crate) device_assurance: Option<DeviceAssurance>,
    /// How often everybody has to ask whether the org has time for them again, before they are in.
    pub(crate) busy_polls: u32,
    /// The code of a device that is asked for before the first page; the sign-in then connects the device.
    pub(crate) device_code: Option<DeviceCode>,
    /// Whether signing in, signing up and recovery ask for a CAPTCHA, which a vendor's script shows.
    pub(crate) captcha: bool,
    /// Whether whoever has answered a mail is asked if it was them.
    pub(crate) email_consent: Option<EmailConsent>,
    /// Whether links that activate an account are too old.
    pub(crate) activation_expired: bool,
    /// Whether everybody without a passkey is offered one at the end.
    pub(crate) passkey_promotion: bool,
    /// What everybody meets instead of the first page.
    pub(crate) ends_with: Option<EndsWith>,
    /// Whether nothing can be set up just now.
    pub(crate) set_up_unavailable: bool,
    /// Whether mails carry a link besides their code.
    pub(crate) magic_link: bool,

    /// Fields of the registration form beyond first name, last name and e-mail.
    pub(crate) registration_fields: Vec<ProfileField>,
    /// Whether the registration form asks for a password too.
    pub(crate) registration_password: bool,
    pub(crate) activation: Activation,
    /// What new people must set up, and what they may.
    pub(crate) registration_required: Vec<Key>,
    pub(crate) registration_optional: Vec<Key>,
    /// What everybody must set up at sign-in, and what everybody is offered.
    pub(crate) required_enrolments: Vec<Key>,
    pub(crate) optional_enrolments: Vec<Key>,

    /// With what a forgotten password may be recovered and an account unlocked.
    pub(crate) recovery_methods: Vec<Key>,
    /// Whether recovery asks for the security question too, of those who have one.
    pub(crate) recovery_question: bool,
    pub(crate) recovery_lands: Landing,
    pub(crate) unlock_lands: Landing,
    pub(crate) password: Complexity,

    /// Identity providers on the first page, by id; any id will do, and `piv` is a smart card.
    pub(crate) idps: Vec<String>,
    /// Whether those are the only way in.
    pub(crate) idp_only: bool,
    /// A device-bound challenge before the first page.
    pub(crate) device: Option<Device>,
    /// The relying party id of passkeys.
    pub(crate) rp_id: String,
    /// Whether the first page takes passkeys, by autofill and by a button.
    pub(crate) passkey_autofill: bool,

    /// Wrong passwords until an account is locked.
    pub(crate) lockout_after: u32,
    /// Wrong codes until a new one must be asked for.
    pub(crate) wrong_codes: u32,
    /// Between two messages of one sign-in.
    pub(crate) resend_wait_s: i64,
    /// Text messages, or calls, of one sign-in.
    pub(crate) message_quota: u32,
    /// IDX calls of one sign-in in five seconds; 0 for no limit. (Okta: 10.)
    pub(crate) rate_limit: usize,
    /// How often a client is told to poll, in milliseconds.
    pub(crate) poll_interval_ms: u32,
    pub(crate) push_lifetime_s: i64,
    pub(crate) code_lifetime_s: i64,
    /// How long a sign-in may take.
    pub(crate) handle_lifetime_s: i64,
    /// How long a sign-in may rest between two calls.
    pub(crate) idle_lifetime_s: i64,
    pub(crate) interaction_code_lifetime_s: i64,
    pub(crate) access_token_lifetime_s: i64,
    pub(crate) id_token_lifetime_s: i64,
    pub(crate) refresh_token_idle_s: i64,
    /// Whether a refresh gives a new refresh token and ends the old one.
    pub(crate) refresh_rotation: bool,
    /// For how long that one is good for another refresh all the same. (Okta: 0 to 60, 30 unless said.)
    pub(crate) refresh_leeway_s: i64,
    /// Whether every step has a state handle of its own, and earlier ones end.
    pub(crate) rotate_state_handle: bool,
    /// 1, 2 or 3: with which of the org's keys tokens are signed; those after it are not published yet.
    pub(crate) signing_key: u8,
    /// How far the org's clock is off.
    pub(crate) clock_offset_s: i64,

    /// Accepted besides those the sandbox was started with.
    pub(crate) redirect_uris: Vec<String>,
    pub(crate) post_logout_redirect_uris: Vec<String>,
    /// The confidential client's public key for `private_key_jwt`: a JWK object or PEM text.
    pub(crate) client_public_key: Option<Value>,
}

/// What each policy is, for the page: its name and what it says.
pub(crate) const MEANINGS: [(&str, &str); 56] = [
    ("first_page", "\"password\" (with the identifier) or \"identifier\" (alone)"),
    ("enumeration_prevention", "unknown people are treated as known ones whose answers are wrong"),
    ("self_registration", "people may sign up"),
    ("recovery", "people may recover their password"),
    ("unlock", "people may unlock their account"),
    ("remember_me", "the first page has a \"keep me signed in\" box"),
    ("keep_me_signed_in", "everybody is asked to stay signed in at the end"),
    (
        "device_assurance",
        "everybody's device breaks the rules: null, \"denied\" (told what to do, and not let in) or \"grace\" (told, and let in until a day)",
    ),
    ("busy_polls", "how often everybody is told that the org is busy, and to ask again, before they are in"),
    (
        "device_code",
        "the code of a device, asked for before the first page, to which the sign-in then goes: null or {code, fails}, fails for a device that cannot be connected in the end",
    ),
    ("captcha", "signing in, signing up and recovery ask for a CAPTCHA as well, hCaptcha's with its key for tests"),
    (
        "email_consent",
        "whoever has answered a mail is asked if it was them: null, \"go_on\" (and then goes on) or \"return\" (and is then sent back to the tab where they began)",
    ),
    ("activation_expired", "activation tokens count as too old, and a new one can be asked for"),
    ("passkey_promotion", "everybody without a passkey is offered one at the end, and may skip it"),
    (
        "ends_with",
        "a message instead of the first page: null, \"link_expired\", \"link_stale\", \"link_failed\", \"other_tab\", \"code\", \"activation_unknown\", \"suspended\" or \"device_unregistered\"",
    ),
    ("set_up_unavailable", "nothing can be set up: what may be put off is skipped, what may not ends the sign-in"),
    ("magic_link", "mails carry a link besides their code"),
    (
        "registration_fields",
        "fields beyond names and e-mail: [{name, label, kind, required, options}]; kind is text, boolean, checkbox, select, radio, country or unheard",
    ),
    ("registration_password", "the registration form asks for a password too"),
    ("activation", "how a new account is confirmed: \"code\", \"link\" or \"none\""),
    ("registration_required", "authenticators that new people must set up"),
    ("registration_optional", "authenticators that new people may set up"),
    ("required_enrolments", "authenticators that everybody must set up"),
    ("optional_enrolments", "authenticators that everybody is offered"),
    ("recovery_methods", "with what passwords are recovered and accounts unlocked"),
    ("recovery_question", "recovery asks those who have one for their security question too"),
    ("recovery_lands", "where recovery ends: \"app\" or \"message\""),
    ("unlock_lands", "where unlocking ends: \"app\" or \"message\""),
    ("password", "which passwords are good enough: {min_length, min_lower_case, …}"),
    ("idps", "identity providers on the first page, by id; \"piv\" is a smart card (piv-idp)"),
    ("idp_only", "those are the only way in"),
    (
        "device",
        "a device challenge before the first page: null, \"loopback\", \"custom_uri\", \"signed_nonce\" or \"sso_extension\"",
    ),
    ("rp_id", "the relying party id of passkeys"),
    ("passkey_autofill", "the first page takes passkeys, by autofill and by a button"),
    ("lockout_after", "wrong passwords until an account is locked"),
    ("wrong_codes", "wrong codes until a new one must be asked for"),
    ("resend_wait_s", "seconds between two messages of one sign-in"),
    ("message_quota", "text messages, or calls, of one sign-in"),
    ("rate_limit", "IDX calls of one sign-in in five seconds; 0 for no limit (Okta: 10)"),
    ("poll_interval_ms", "how often clients are told to poll"),
    ("push_lifetime_s", "how long a push waits for its answer"),
    ("code_lifetime_s", "how long a code that was sent is good"),
    ("handle_lifetime_s", "how long a sign-in may take"),
    ("idle_lifetime_s", "how long a sign-in may rest between two calls"),
    ("interaction_code_lifetime_s", "how long an interaction code is good"),
    ("access_token_lifetime_s", "how long an access token is good"),
    ("id_token_lifetime_s", "how long an ID token is good"),
    ("refresh_token_idle_s", "how long a refresh token may lie unused"),
    ("refresh_rotation", "a refresh gives a new refresh token and ends the old one"),
    ("refresh_leeway_s", "for how long that one is good for another refresh all the same"),
    ("rotate_state_handle", "every step has a state handle of its own, and earlier ones end"),
    ("signing_key", "1, 2 or 3: which of the org's keys signs, 3 with ES256; those after it are not published yet"),
    ("clock_offset_s", "how far the org's clock is off"),
    ("redirect_uris", "accepted besides those the sandbox was started with; added to"),
    ("post_logout_redirect_uris", "accepted besides those the sandbox was started with; added to"),
    ("client_public_key", "the confidential client's key for private_key_jwt: a JWK object or PEM text"),
];

impl Default for Policies {
    fn default() -> Self {
        Self {
            first_page: FirstPage::Password,
            enumeration_prevention: true,
            self_registration: true,
            recovery: true,
            unlock: true,
            remember_me: true,
            keep_me_signed_in: false,
            device_assurance: None,
            busy_polls: 0,
            device_code: None,
            captcha: false,
            email_consent: None,
            activation_expired: false,
            passkey_promotion: false,
            ends_with: None,
            set_up_unavailable: false,
            magic_link: true,
            registration_fields: Vec::new(),
            registration_password: false,
            activation: Activation::Code,
            registration_required: vec![Key::Email, Key::Password],
            registration_optional: vec![Key::Phone, Key::SecurityQuestion],
            required_enrolments: Vec::new(),
            optional_enrolments: Vec::new(),
            recovery_methods: vec![Key::Email, Key::Phone],
            recovery_question: false,
            recovery_lands: Landing::App,
            unlock_lands: Landing::Message,
            password: Complexity::default(),
            idps: Vec::new(),
            idp_only: false,
            device: None,
            rp_id: "localhost".to_owned(),
            passkey_autofill: false,
            lockout_after: 10,
            wrong_codes: 5,
            resend_wait_s: 30,
            message_quota: 5,
            rate_limit: 0,
            poll_interval_ms: 4000,
            push_lifetime_s: 300,
            code_lifetime_s: 300,
            handle_lifetime_s: 7200,
            idle_lifetime_s: 7200,
            interaction_code_lifetime_s: 60,
            access_token_lifetime_s: 3600,
            id_token_lifetime_s: 3600,
            refresh_token_idle_s: 7 * 86_400,
            refresh_rotation: true,
            refresh_leeway_s: 0,
            rotate_state_handle: false,
            signing_key: 1,
            clock_offset_s: 0,
            redirect_uris: Vec::new(),
            post_logout_redirect_uris: Vec::new(),
            client_public_key: None,
        }
    }
}

impl Policies {
    /// These policies with the members of `change` put in place. Fails with what is wrong in it.
    pub(crate) fn changed(&self, change: &Value) -> Result<Self, String> {
        let mut whole = json!(self);
        let change = change.as_object().ok_or("the policies are a JSON object")?;
        for (name, value) in change {
            let member = whole.get_mut(name).ok_or_else(|| format!("no policy is called `{name}`"))?;
            let adds = matches!(name.as_str(), "redirect_uris" | "post_logout_redirect_uris");
            match (adds, member.as_array_mut(), value.as_array()) {
                (true, Some(known), Some(more)) => {
                    known.extend(more.iter().filter(|uri| !known.contains(uri)).cloned().collect::<Vec<_>>());
                }
                _ => *member = value.clone(),
            }
            serde_json::from_value::<Self>(whole.clone()).map_err(|error| format!("policy `{name}`: {error}"))?;
        }
        serde_json::from_value(whole).map_err(|error| error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{FirstPage, Policies};

    #[test]
    fn a_change_touches_only_what_it_names() {
        let changed = Policies::default().changed(&json!({ "first_page": "identifier" })).expect("a good change");
        assert_eq!(changed.first_page, FirstPage::Identifier);
        assert_eq!(changed.lockout_after, 10);
    }

    #[test]
    fn the_page_says_of_every_policy_what_it_is() {
        let policies = json!(Policies::default());
        let mut named: Vec<_> = super::MEANINGS.iter().map(|(name, _)| *name).collect();
        let mut known: Vec<_> = policies.as_object().expect("an object").keys().map(String::as_str).collect();
        named.sort_unstable();
        known.sort_unstable();
        assert_eq!(named, known);
    }

    #[test]
    fn redirect_uris_are_added() {
        let once = Policies::default().changed(&json!({ "redirect_uris": ["http://a.test/"] })).expect("a good change");
        let twice = once.changed(&json!({ "redirect_uris": ["http://b.test/"] })).expect("a good change");
        assert_eq!(twice.redirect_uris, ["http://a.test/", "http://b.test/"]);
    }

    #[test]
    fn a_bad_change_names_its_key() {
        for (change, named) in [
            (json!({ "first_pgae": "password" }), "`first_pgae`"),
            (json!({ "first_page": "both" }), "`first_page`"),
            (json!({ "lockout_after": -1 }), "`lockout_after`"),
        ] {
            let told = Policies::default().changed(&change).expect_err("a bad change");
            assert!(told.contains(named), "{told}");
        }
    }
}
