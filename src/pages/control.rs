//! What a person fills in: one kind of control for each thing that is typed, ticked or chosen.
//!
//! The attributes that each must carry (autocomplete tokens, input modes) follow the HTML standard's
//! autofill section; the templates derive them from the kind.

use serde::Serialize;

use super::text::Text;

/// Something a person fills in.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "control", rename_all = "kebab-case")]
pub enum Control {
    /// One line of text.
    Text {
        /// Where it stands and what it says.
        #[serde(flatten)]
        at: Labelled,
        /// What is typed; decides type, autocomplete, input mode and the rest.
        kind: TextKind,
        /// What it holds already.
        value: String,
    },
    /// One line that is not shown as it is typed.
    Secret {
        /// Where it stands and what it says.
        #[serde(flatten)]
        at: Labelled,
        /// What is typed.
        kind: SecretKind,
        /// The user name, for password managers, where the page has no such control.
        username: Option<String>,
    },
    /// A new password: its rules, the box, and (without script) a second box named `confirm`.
    NewPassword {
        /// Where it stands and what it says.
        #[serde(flatten)]
        at: Labelled,
        /// The user name, for password managers.
        username: Option<String>,
        /// What it needs.
        rules: Vec<Rule>,
        /// What is wrong with the second box.
        confirm_error: Option<Text>,
    },
    /// A box to tick; posts `true`.
    Check {
        /// Where it stands and what it says.
        #[serde(flatten)]
        at: Labelled,
        /// Ticked already.
        checked: bool,
    },
    /// One of a few.
    Radios {
        /// Where it stands and what it says; the label is the legend.
        #[serde(flatten)]
        at: Labelled,
        /// Posted value, words.
        options: Vec<(String, Text)>,
        /// Chosen already.
        value: String,
    },
    /// One of many.
    Select {
        /// Where it stands and what it says.
        #[serde(flatten)]
        at: Labelled,
        /// Posted value, words.
        options: Vec<(String, Text)>,
        /// Chosen already.
        value: String,
    },
    /// Filled in by script.
    Hidden {
        /// Posted name.
        name: String,
    },
    /// Shown, not typed.
    Fixed {
        /// What it is.
        label: Text,
        /// What it holds.
        value: String,
    },
}

impl Control {
    /// What it is called and says, where it is visible.
    pub fn labelled(&self) -> Option<&Labelled> {
        match self {
            Self::Text { at, .. }
            | Self::Secret { at, .. }
            | Self::NewPassword { at, .. }
            | Self::Check { at, .. }
            | Self::Radios { at, .. }
            | Self::Select { at, .. } => Some(at),
            Self::Hidden { .. } | Self::Fixed { .. } => None,
        }
    }

    /// The same, to change.
    pub fn labelled_mut(&mut self) -> Option<&mut Labelled> {
        match self {
            Self::Text { at, .. }
            | Self::Secret { at, .. }
            | Self::NewPassword { at, .. }
            | Self::Check { at, .. }
            | Self::Radios { at, .. }
            | Self::Select { at, .. } => Some(at),
            Self::Hidden { .. } | Self::Fixed { .. } => None,
        }
    }
}

/// What every visible control has.
#[derive(Clone, Debug, Serialize)]
pub struct Labelled {
    /// Unique on the page, stable between releases: password managers key on it.
    pub id: String,
    /// Posted name, as stable.
    pub name: String,
    /// Its label.
    pub label: Text,
    /// A line of help.
    pub hint: Option<Text>,
    /// What is wrong with it.
    pub error: Option<Text>,
    /// May be left empty.
    pub optional: bool,
}

impl Labelled {
    /// A control that must be filled in, with nothing to say of it but its label.
    pub fn new(id: &str, name: &str, label: impl Into<Text>) -> Self {
        Self { id: id.to_owned(), name: name.to_owned(), label: label.into(), hint: None, error: None, optional: false }
    }
}

/// What a line of text is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "is", rename_all = "kebab-case")]
pub enum TextKind {
    /// A user name.
    Identifier {
        /// Offer passkeys as autofill.
        passkey: bool,
    },
    /// A one-time code of digits.
    Digits,
    /// A one-time code of letters and digits.
    Letters,
    /// What a key that is pressed types by itself, used once, shown as typed.
    Passcode,
    /// A token's passcode, shown as typed.
    TokenCode,
    /// An e-mail address.
    Email,
    /// A telephone number.
    Phone,
    /// A telephone extension.
    Extension,
    /// A device's user code.
    UserCode,
    /// Anything else; `autocomplete` and `input` are HTML's tokens and types.
    Other {
        /// `autocomplete` token, `off` where there is none.
        autocomplete: String,
        /// `type` attribute: `text`, `url`, `tel`, `email`.
        input: String,
    },
}

/// What a hidden line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum SecretKind {
    /// The password one signs in with.
    Password,
    /// A code that is used once, kept from onlookers.
    Code,
    /// The answer to a security question.
    Answer,
    /// Any other secret.
    Other,
}

/// Something a new password needs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Rule {
    /// What it asks, in words.
    pub text: Text,
    /// The script's name for it (`minLength`, `minLowerCase`, …); none where only the org can tell.
    pub check: Option<(String, String)>,
}
