//! The rows of a list of methods: the org's options, split where one option holds several methods.
//!
//! Okta Verify's three methods and a phone's two become a row each; several passkeys become one. A row
//! is posted as its index in this list, so nothing about the option can be forged.

use super::Passkeys;
use super::screen::Asked;
use crate::idx::{Alternative, Answer, Answers, Authenticator, AuthenticatorKey, Kind, Remediation, Reply, Shape};
use crate::pages::{Choice, ChoiceGroup, Choices, Icon, Part, Text, strings};

/// One row.
pub(super) struct Row<'a> {
    option: usize,
    set: &'a Alternative,
    /// The method chosen with it, where the option leaves that open.
    method: Option<String>,
}

/// Every row of a form whose field `authenticator` offers options.
pub(super) fn all(form: &Remediation) -> Vec<Row<'_>> {
    let Some(Shape::Alternatives(sets)) = form.field("authenticator").map(|field| &field.shape) else {
        return Vec::new();
    };
    let enrolling = form.kind == Kind::SelectAuthenticatorEnroll;
    let is_passkey = |row: &Row<'_>| row.is_for(&AuthenticatorKey::Webauthn);
    let mut rows: Vec<Row<'_>> = Vec::new();
    for (option, set) in sets.iter().enumerate() {
        let row = |method| Row { option, set, method };
        match set.method() {
            _ if !enrolling && is_passkey(&row(None)) && rows.iter().any(is_passkey) => {}
            Some(Shape::Choice(methods, _)) if !enrolling && methods.iter().any(|(_, method)| method.is_string()) => {
                rows.extend(methods.iter().filter_map(|(_, method)| Some(row(Some(method.as_str()?.to_owned())))));
            }
            _ => rows.push(row(None)),
        }
    }
    // A passkey is the quickest and the safest; a push shows the place of our server, not of the person.
    rows.sort_by_key(|row| match row.chosen_method() {
        Some("push") => 2,
        _ if !enrolling && is_passkey(row) => 0,
        _ => 1,
    });
    rows
}

/// The list, and the controls above it.
pub(super) fn list(asked: &Asked<'_>) -> Option<Part> {
    let optional = asked.reply.remediation(&Kind::Skip).is_some();
    let proven = super::is_proven(asked.reply, asked.view.entry);
    let groups = groups(asked.form, optional, *asked.view.passkeys != Passkeys::Off, proven);
    let act = asked.form.kind.name().to_owned();
    (!groups.is_empty()).then(|| Part::Choices(Choices { act, controls: asked.controls(), groups }))
}

/// Whether a list holds another method than the one that is asked for now.
pub(super) fn others(form: &Remediation, reply: &Reply) -> bool {
    let rows: Vec<_> = all(form).into_iter().filter(Row::is_usable).collect();
    let is_current = |row: &Row<'_>| {
        reply.authenticator.as_ref().is_some_and(|about| {
            row.is_for(&about.key)
                && row.chosen_method().is_none_or(|method| about.methods.iter().any(|one| one == method))
        })
    };
    match rows.as_slice() {
        [] => false,
        [only] => !is_current(only),
        _ => true,
    }
}

/// The rows as they are shown: in one group, or by when they must be set up; passkeys only where they are offered,
/// and which address or number it is only to somebody who is `proven`.
fn groups(form: &Remediation, optional: bool, passkeys: bool, proven: bool) -> Vec<ChoiceGroup> {
    let offered = |row: &Row<'_>| passkeys || !row.is_for(&AuthenticatorKey::Webauthn);
    let rows: Vec<_> = all(form).into_iter().enumerate().filter(|(_, row)| offered(row)).collect();
    if form.kind != Kind::SelectAuthenticatorEnroll {
        let rows: Vec<_> = rows
            .iter()
            .filter(|(_, row)| row.is_usable())
            .map(|(index, row)| row.show(*index, false, proven))
            .collect();
        let group = ChoiceGroup { heading: None, rows };
        return Some(group).filter(|group| !group.rows.is_empty()).into_iter().collect();
    }
    let soon = |row: &Row<'_>| row.set.about.as_ref().is_some_and(|about| about.grace.is_some());
    [
        (strings::REQUIRED_NOW, !optional, false),
        (strings::REQUIRED_SOON, true, true),
        (strings::OPTIONAL_METHODS, optional, false),
    ]
    .into_iter()
    .filter(|(_, applies, _)| *applies)
    .map(|(heading, _, grace)| ChoiceGroup {
        heading: Some(Text::ours(heading)),
        rows: rows
            .iter()
            .filter(|(_, row)| soon(row) == grace)
            .map(|(index, row)| row.show(*index, true, proven))
            .collect(),
    })
    .filter(|group| !group.rows.is_empty())
    .collect()
}

impl Row<'_> {
    /// Chooses this row.
    pub(super) fn answer(&self, answers: &mut Answers) {
        answers.set(["authenticator"], Answer::Choice(self.option));
        if let Some(method) = &self.method {
            answers.set(["authenticator", "methodType"], Answer::Text(method.clone()));
        }
    }

    /// Whether it is this authenticator's.
    pub(super) fn is_for(&self, key: &AuthenticatorKey) -> bool {
        self.set.about.as_ref().is_some_and(|about| about.key == *key)
    }

    fn chosen_method(&self) -> Option<&str> {
        self.method.as_deref().or_else(|| match self.set.method() {
            Some(Shape::Fixed(value)) => value.as_str(),
            _ => None,
        })
    }

    /// A device that answers by itself cannot do so through a server (FastPass signs the browser's own origin).
    fn is_usable(&self) -> bool {
        self.chosen_method() != Some("signed_nonce")
    }

    fn show(&self, index: usize, enrolling: bool, proven: bool) -> Choice {
        let about = self.set.about.as_ref();
        let (title, icon) = title(about, self.chosen_method(), self.set.label.as_deref());
        let detail = match (enrolling, about) {
            (_, None) => None,
            (true, Some(about)) => grace(about).or_else(|| blurb(&about.key)),
            (false, Some(about)) => which(about).filter(|_| proven),
        };
        Choice { index, title, detail, icon }
    }
}

fn title(about: Option<&Authenticator>, method: Option<&str>, label: Option<&str>) -> (Text, Icon) {
    let theirs = || label.map(str::to_owned).or_else(|| about?.display_name.clone()).unwrap_or_default();
    let Some(about) = about else { return (Text::Theirs(theirs()), Icon::Other) };
    let ours = Text::ours;
    match (&about.key, method) {
        (AuthenticatorKey::Password, _) => (ours(strings::METHOD_PASSWORD), Icon::Password),
        (AuthenticatorKey::Email, _) => (ours(strings::METHOD_EMAIL), Icon::Email),
        (AuthenticatorKey::Phone, Some("sms")) => (ours(strings::METHOD_SMS), Icon::Phone),
        (AuthenticatorKey::Phone, Some("voice")) => (ours(strings::METHOD_VOICE), Icon::Phone),
        (AuthenticatorKey::Phone, _) => (ours(strings::METHOD_PHONE), Icon::Phone),
        (AuthenticatorKey::OktaVerify, Some("totp")) => (ours(strings::METHOD_OKTA_VERIFY_CODE), Icon::Code),
        (AuthenticatorKey::OktaVerify, Some("push")) => (ours(strings::METHOD_OKTA_VERIFY_PUSH), Icon::Push),
        (AuthenticatorKey::OktaVerify, _) => (ours(strings::METHOD_OKTA_VERIFY), Icon::Push),
        (AuthenticatorKey::Question, _) => (ours(strings::METHOD_QUESTION), Icon::Question),
        (AuthenticatorKey::TemporaryCode, _) => (ours(strings::METHOD_ACCESS_CODE), Icon::Code),
        // The org's own name for it is technical; one that an administrator gave stands.
        (AuthenticatorKey::Webauthn, _) => match theirs().as_str() {
            "" | "Security Key or Biometric" | "Passkeys" => (ours(strings::METHOD_PASSKEY), Icon::Passkey),
            name => (Text::Theirs(name.to_owned()), Icon::Passkey),
        },
        (AuthenticatorKey::CustomApp, _) => (Text::Theirs(theirs()), Icon::Push),
        (AuthenticatorKey::ExternalIdp | AuthenticatorKey::SmartCard, _) => (Text::Theirs(theirs()), Icon::Provider),
        (AuthenticatorKey::Other(_) | AuthenticatorKey::Duo | AuthenticatorKey::NfcPin, _) => {
            (Text::Theirs(theirs()), Icon::Other)
        }
        _ => (Text::Theirs(theirs()), Icon::Code),
    }
}

/// Which one it is: a nickname, or what the org masked.
fn which(about: &Authenticator) -> Option<Text> {
    let masked = ["phoneNumber", "email", "deviceName"].iter().find_map(|member| about.profile.get(*member)).cloned();
    about.nickname.clone().or(masked).map(Text::Theirs)
}

fn grace(about: &Authenticator) -> Option<Text> {
    let grace = about.grace.as_ref()?;
    match (grace.remaining_skips, &grace.expiry) {
        (Some(skips), _) => Some(Text::ours(strings::SKIPS_LEFT).with("n", i64::try_from(skips).unwrap_or(0))),
        (None, Some(date)) => Some(Text::ours(strings::REQUIRED_BY).with("date", date.get(..10).unwrap_or(date))),
        (None, None) => None,
    }
}

fn blurb(key: &AuthenticatorKey) -> Option<Text> {
    let id = match key {
        AuthenticatorKey::Password => strings::ABOUT_PASSWORD,
        AuthenticatorKey::Email => strings::ABOUT_EMAIL,
        AuthenticatorKey::Phone => strings::ABOUT_PHONE,
        AuthenticatorKey::GoogleOtp => strings::ABOUT_APP_CODE,
        AuthenticatorKey::OktaVerify => strings::ABOUT_OKTA_VERIFY,
        AuthenticatorKey::Webauthn => strings::ABOUT_PASSKEY,
        AuthenticatorKey::Question => strings::ABOUT_QUESTION,
        AuthenticatorKey::Rsa
        | AuthenticatorKey::OnPrem
        | AuthenticatorKey::Symantec
        | AuthenticatorKey::Yubikey
        | AuthenticatorKey::CustomOtp => strings::ABOUT_TOKEN,
        _ => return None,
    };
    Some(Text::ours(id))
}
