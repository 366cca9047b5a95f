//! Device-bound challenges: Okta FastPass by loopback, by custom URI or by choice, and Apple's SSO
//! extension. No device answers here, so a client cancels them and the other ways come up. And what is told of
//! a device that breaks a rule.

use serde_json::{Value, json};

use crate::authenticator::Key;
use crate::idx::form::{View, fixed, one};
use crate::idx::page::Page;
use crate::idx::{Message, choosing};
use crate::policies::Device;

/// The device's answer that a loopback client would be asked to sign.
const REQUEST: &str = "eyJhbGciOiJub25lIn0.eyJub25jZSI6InNhbmRib3gifQ.";

pub(crate) fn page(view: &View<'_>, kind: Device, page: &mut Page) {
    match kind {
        Device::Loopback | Device::CustomUri => {
            let mut poll = view.poll("device-challenge-poll", "authenticators/poll", 2000);
            poll["relatesTo"] = "authenticatorChallenge".into();
            page.remediations.push(poll);
            let mut challenge = if kind == Device::Loopback { loopback() } else { custom_uri() };
            challenge["cancel"] = cancel(view);
            page.put("authenticatorChallenge", one(challenge));
        }
        Device::SignedNonce => {
            let mut poll = view.poll("challenge-poll", "authenticators/poll", 2000);
            poll["relatesTo"] = json!(["$.currentAuthenticator"]);
            page.remediations.push(poll);
            let mut about = Key::OktaVerify.value();
            about["methods"] = json!([{ "type": "signed_nonce" }]);
            about["contextualData"] = json!({ "challenge": { "value": loopback() } });
            about["cancel"] = cancel(view);
            page.put("currentAuthenticator", one(about));
            if let Some(user) = view.user {
                choosing::to_verify(view, user, page);
            }
        }
        Device::SsoExtension => {
            let path = "authenticators/sso_extension/transactions/ftsandbox/verify";
            let request = fixed("challengeRequest", REQUEST);
            page.remediations.push(view.form("device-apple-sso-extension", path, vec![request]));
            page.remediations.push(view.form("cancel-transaction", &format!("{path}/cancel"), Vec::new()));
        }
    }
}

fn loopback() -> Value {
    json!({
        "challengeMethod": "LOOPBACK",
        "challengeRequest": REQUEST,
        "domain": "http://127.0.0.1",
        "ports": ["2000", "6511", "6512", "6513"],
        "probeTimeoutMillis": 100,
    })
}

fn custom_uri() -> Value {
    json!({
        "challengeMethod": "CUSTOM_URI",
        "href": "com-okta-authenticator:/deviceChallenge?challengeRequest=sandbox",
        "downloadHref": "https://downloads.example/okta-verify",
    })
}

fn cancel(view: &View<'_>) -> Value {
    let reason = json!({ "name": "reason", "required": true, "value": "USER_CANCELED" });
    let status = json!({ "name": "statusCode", "required": false });
    view.form("cancel", "authenticators/poll/cancel", vec![reason, status])
}

/// What a device must change before it may be used: a flat list, as the org sends it.
pub(crate) fn to_do() -> Vec<Message> {
    let said = |name: &str, text: &str| {
        Message::error(&format!("idx.error.code.access_denied.device_assurance.remediation.{name}"), text)
    };
    vec![
        said("title", "Your device doesn't meet the security requirements"),
        said(
            "explanation_multiple_rules",
            "To sign in, pick an option and make the updates. Then, access the app again.",
        ),
        said("option_index", "Option 1:").about("1"),
        said("android.upgrade_os_version", "Update to Android 100")
            .about("100")
            .linking("https://okta.example/upgrade"),
        said("option_index", "Option 2:").about("2"),
        said("android.use_lock_screen", "Enable lock screen"),
        Message::error(
            "device.assurance.custom.remediation.ANDROID.Okta:DeviceAssurance.Jailbreak",
            "It's our company policy that your Android device cannot be rooted",
        ),
        said("additional_help_default", "For more information, follow the instructions on the help page.")
            .linking("https://okta.example/help"),
    ]
}

/// Until when it may be used all the same.
pub(crate) fn until() -> Message {
    Message::error(
        "idx.device_assurance.grace_period.warning.title.due_by_date",
        "Your device doesn't meet the security requirements. Fix the issue by 09/05/2030, 12:00 AM UTC to prevent lockout.",
    )
    .about("2030-09-05T00:00:00.000Z")
}
