//! The WebAuthn ceremonies that the page's script runs: which passkeys are offered, and the options for the browser.
//!
//! A passkey belongs to the relying party that the org names by its RP ID, a domain. A browser uses it on that domain
//! and below it, and elsewhere only where the domain lists this origin (Web Authentication Level 3, §5.1.3 and §5.11).
//! So passkeys of an org whose RP ID is another domain are not offered, since every ceremony would fail. Without an RP
//! ID the browser uses this host.

use serde_json::{Value, json};

use super::fields::controls;
use crate::idx::{AuthenticatorKey as Key, Kind, Remediation, Reply};
use crate::pages::{Form, Part, Text, strings};

/// Where passkeys are offered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Passkeys {
    /// Nowhere.
    Off,
    /// Where their RP ID is this host, or a domain above it.
    On(String),
    /// Everywhere: their domain lists this origin as related.
    Related,
}

impl Passkeys {
    /// Whether a browser would use them here.
    fn allows(&self, rp_id: Option<&str>) -> bool {
        match (self, rp_id) {
            (Self::Off, _) => false,
            (Self::On(host), Some(rp_id)) => host
                .strip_suffix(rp_id)
                .is_some_and(|rest| !rp_id.is_empty() && (rest.is_empty() || rest.ends_with('.'))),
            (Self::On(_), None) | (Self::Related, _) => true,
        }
    }

    /// Whether a browser would fill in the user name from this reply's passkeys.
    pub(super) fn autofill(&self, reply: &Reply) -> bool {
        reply.passkey_autofill.as_ref().is_some_and(|challenge| self.allows(rp_id(challenge)))
    }

    /// The RP ID of a reply whose passkeys no browser would use here.
    pub fn refused<'a>(&self, reply: &'a Reply) -> Option<&'a str> {
        let asked = reply.first().and_then(|shown| Challenge::of(shown, reply)).map(Challenge::options);
        asked
            .or(reply.passkey_autofill.as_ref())
            .and_then(rp_id)
            .filter(|id| *self != Self::Off && !self.allows(Some(id)))
    }
}

/// What a step asks a passkey for: the org's options.
#[derive(Clone, Copy)]
enum Challenge<'a> {
    Create(&'a Value),
    Get(&'a Value),
}

impl<'a> Challenge<'a> {
    fn of(shown: &'a Remediation, reply: &'a Reply) -> Option<Self> {
        let context = &reply.about(shown)?.context;
        context.activation.as_ref().map(Self::Create).or(context.challenge.as_ref().map(Self::Get))
    }

    fn options(self) -> &'a Value {
        let (Self::Create(options) | Self::Get(options)) = self;
        options
    }
}

fn rp_id(options: &Value) -> Option<&str> {
    options["rpId"].as_str().or_else(|| options["rp"]["id"].as_str())
}

/// A passkey ceremony: the script fills in the form's hidden controls.
pub(super) fn ceremony(form: &Remediation, reply: &Reply, passkeys: &Passkeys) -> Vec<Part> {
    let Some(challenge) = Challenge::of(form, reply) else { return Vec::new() };
    if !passkeys.allows(rp_id(challenge.options())) {
        return vec![Part::Paragraph { text: Text::ours(strings::PASSKEY_DOMAIN) }];
    }
    let (options, text, help) = match challenge {
        Challenge::Create(activation) => {
            // Whether the person is verified, and not only present, is for the org to ask.
            let verified = activation["authenticatorSelection"]["userVerification"] == "required";
            let help = verified.then(|| Part::Paragraph { text: Text::ours(strings::PASSKEY_VERIFIED_BY_YOU) });
            (create_options(activation, reply), strings::CREATE_PASSKEY, help)
        }
        Challenge::Get(challenge) => {
            let (title, text) = (Text::ours(strings::CANT_USE_PASSKEY), Text::ours(strings::CANT_USE_PASSKEY_TEXT));
            (get_options(challenge, reply), strings::CONTINUE_WITH_PASSKEY, Some(Part::More { title, text }))
        }
    };
    let mut parts = vec![
        Part::NeedsScript { text: Text::ours(strings::NEEDS_JAVASCRIPT) },
        Part::Form(Form::new(form.kind.name(), controls(form, reply)).busy(strings::CHECKING).ceremony(
            options.to_string(),
            false,
            text,
        )),
    ];
    parts.extend(help);
    parts
}

/// Whether this says that no browser would use these passkeys here.
pub(super) fn is_elsewhere(part: &Part) -> bool {
    matches!(part, Part::Paragraph { text } if *text == Text::ours(strings::PASSKEY_DOMAIN))
}

fn get_options(challenge: &Value, reply: &Reply) -> Value {
    let allowed: Vec<_> = reply
        .enrollments
        .iter()
        .filter(|enrollment| enrollment.key == Key::Webauthn)
        .filter_map(|enrollment| enrollment.credential.as_ref())
        .map(|credential| match credential.transports.is_empty() {
            true => json!({"type": "public-key", "id": credential.id}),
            false => json!({"type": "public-key", "id": credential.id, "transports": credential.transports}),
        })
        .collect();
    let mut public_key = challenge.clone();
    if public_key.get("allowCredentials").is_none() {
        public_key["allowCredentials"] = Value::from(allowed);
    }
    drop_extensions(&mut public_key);
    json!({"kind": "get", "publicKey": public_key})
}

fn create_options(activation: &Value, reply: &Reply) -> Value {
    let mut public_key = activation.clone();
    if public_key.get("excludeCredentials").and_then(Value::as_array).is_none_or(Vec::is_empty) {
        // A key that is already set up may be set up again as a passkey, which it then keeps itself.
        let keeps = activation["authenticatorSelection"]["requireResidentKey"] == true;
        let known = reply.enrollments.iter().filter_map(|enrollment| enrollment.credential.as_ref()).filter(|_| !keeps);
        public_key["excludeCredentials"] =
            known.map(|credential| json!({"type": "public-key", "id": credential.id})).collect();
    }
    drop_extensions(&mut public_key);
    json!({"kind": "create", "publicKey": public_key})
}

/// U2F's application id is refused by browsers for any origin but its own, and with it the whole ceremony.
fn drop_extensions(public_key: &mut Value) {
    if let Some(members) = public_key.as_object_mut() {
        members.remove("u2fParams");
        if let Some(extensions) = members.get_mut("extensions").and_then(Value::as_object_mut) {
            extensions.remove("appid");
        }
    }
}

/// Passkeys beside the user name: as autofill, and by a button.
pub(super) fn beside_the_name(shown: &Remediation, reply: &Reply, passkeys: &Passkeys) -> Option<Part> {
    let form = reply.remediation(&Kind::PasskeyAutofill).or_else(|| reply.remediation(&Kind::LaunchPasskeys))?;
    let challenge = reply.passkey_autofill.as_ref()?;
    if shown.kind != Kind::Identify || !passkeys.autofill(reply) {
        return None;
    }
    let mut options = get_options(challenge, reply);
    options["publicKey"]["allowCredentials"] = json!([]);
    let ceremony = Form::new(form.kind.name(), controls(form, reply)).busy(strings::SIGNING_IN);
    Some(Part::Form(ceremony.ceremony(options.to_string(), true, strings::SIGN_IN_WITH_PASSKEY)))
}
