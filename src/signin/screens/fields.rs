//! Fields of a remediation → controls on a page, each bound to where its answer goes.
//!
//! A control's `id` and posted name are an interface: password managers key on them, so the usual ones
//! have fixed names (`identifier`, `password`, `code`, …), whatever the org calls them. Only what is
//! listed here can be posted: the list is made again from the current step when a post arrives.

use serde_json::Value;

use crate::idx::{Alternative, Authenticator, AuthenticatorKey, Field, Kind, Remediation, Reply, Shape, as_posted};
use crate::pages::{Control, Family, Labelled, SecretKind, Text, TextKind, strings};

use super::password_rules;

/// A control, and how its posted value becomes an answer.
pub(super) struct BoundField {
    /// The path of the field it answers.
    pub(super) path: Vec<String>,
    /// Its posted name.
    pub(super) name: String,
    /// How it is read.
    pub(super) input: InputKind,
    /// Whether something must be there.
    pub(super) required: bool,
    /// How it looks.
    pub(super) control: Control,
}

/// How a posted value is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum InputKind {
    /// Words, trimmed.
    Words,
    /// Words, trimmed, and sent even when they are empty.
    WordsOrNothing,
    /// A code of digits: spaces and dashes dropped, full-width digits read.
    Digits,
    /// A code of letters and digits: the same, in capitals.
    Letters,
    /// Exactly as typed: passwords and answers.
    Exactly,
    /// A telephone number.
    Phone,
    /// Present is yes.
    Tick,
    /// One of the offered values.
    Option,
    /// Which of several sets of members, by its index.
    Set,
    /// Made by a script.
    Script,
}

/// Fixed members that mean nothing to a person.
const MACHINE_MADE: [&str; 7] =
    ["stateHandle", "id", "methodType", "enrollmentId", "channel", "questionKey", "captchaId"];

/// The controls of a remediation, in order.
pub(super) fn bound(form: &Remediation, reply: &Reply) -> Vec<BoundField> {
    let mut all = Vec::new();
    Binder { form, about: reply.about(form), reply }.fields(&form.fields, &[], &mut all);
    if let [only] = all.as_mut_slice() {
        // The org's `required` is often left out; of a form with one box it goes without saying.
        only.require();
    }
    all
}

/// The same as they stand on a page.
pub(super) fn controls(form: &Remediation, reply: &Reply) -> Vec<Control> {
    bound(form, reply).into_iter().map(|bound| bound.control).collect()
}

impl BoundField {
    fn require(&mut self) {
        if matches!(self.input, InputKind::Tick | InputKind::Script | InputKind::WordsOrNothing) {
            return;
        }
        self.required = true;
        if let Some(at) = self.control.labelled_mut() {
            at.optional = false;
        }
    }
}

/// Something that is shown and not asked.
fn shown(path: Vec<String>, label: Text, value: &str) -> BoundField {
    let control = Control::Fixed { label, value: value.to_owned() };
    BoundField { path, name: String::new(), input: InputKind::Script, required: false, control }
}

struct Binder<'a> {
    form: &'a Remediation,
    about: Option<&'a Authenticator>,
    reply: &'a Reply,
}

impl Binder<'_> {
    fn fields(&self, fields: &[Field], above: &[String], all: &mut Vec<BoundField>) {
        for field in fields {
            let mut path = above.to_vec();
            path.push(field.name.clone());
            match &field.shape {
                Shape::Fixed(value)
                    if field.visible && !field.secret && !MACHINE_MADE.contains(&field.name.as_str()) =>
                {
                    // Shown, not asked: an address that was already given, say.
                    if let (Some(label), Some(value)) = (&field.label, value.as_str()) {
                        all.push(shown(path, Text::Theirs(label.clone()), value));
                    }
                }
                Shape::Fixed(_) => {}
                Shape::Group(members) => self.fields(members, &path, all),
                Shape::Alternatives(_) if field.name == "authenticator" => {}
                Shape::Alternatives(_) if self.is_about(&AuthenticatorKey::Question) => self.question(&path, all),
                Shape::Alternatives(sets) => self.alternatives(field, sets, &path, all),
                _ if !field.visible || field.hint.is_some() => {
                    if field.mutable && !matches!(field.shape, Shape::Text(Some(_))) {
                        let name = field.name.clone();
                        let control = Control::Hidden { name: name.clone() };
                        all.push(BoundField { path, name, input: InputKind::Script, required: false, control });
                    }
                }
                // A method that leaves no choice goes back by itself; of a phone it is said which it is.
                Shape::Choice(options, _) if options.len() == 1 && field.name == "methodType" => {
                    if self.is_about(&AuthenticatorKey::Phone) {
                        all.push(shown(path, Text::ours(strings::HOW_TO_GET_CODE), &options[0].0));
                    }
                }
                _ => all.push(self.one(field, path)),
            }
        }
    }

    /// A choice between sets of fields: which one, and the fields of each.
    fn alternatives(&self, field: &Field, sets: &[Alternative], path: &[String], all: &mut Vec<BoundField>) {
        let label = |set: &Alternative| Text::Theirs(set.label.clone().unwrap_or_default());
        let options = sets.iter().enumerate().map(|(index, set)| (index.to_string(), label(set))).collect();
        let control = Control::Radios { at: self.labelled(field, path), options, value: String::new() };
        let (name, input) = (path.join("."), InputKind::Set);
        all.push(BoundField { path: path.to_vec(), name, input, required: true, control });
        for set in sets {
            let mut nested = Vec::new();
            self.fields(&set.fields, path, &mut nested);
            nested.retain(|one| !all.iter().any(|known| known.name == one.name));
            nested.iter_mut().for_each(|one| one.required = false);
            all.extend(nested);
        }
    }

    fn one(&self, field: &Field, path: Vec<String>) -> BoundField {
        let (input, mut control) = match &field.shape {
            Shape::Boolean(default) => {
                let at = self.labelled(field, &path);
                (InputKind::Tick, Control::Check { at, checked: default.unwrap_or(false) })
            }
            Shape::Choice(options, default) => (InputKind::Option, self.choice(field, &path, options, *default)),
            _ => self.text(field, &path),
        };
        let required = field.required || matches!(field.name.as_str(), "identifier" | "passcode" | "totp" | "answer");
        if let Some(at) = control.labelled_mut() {
            // Only among attributes, where others must be filled in, is it news that a box need not be ticked.
            at.optional = !required && (input != InputKind::Tick || is_attribute(&path));
        }
        let name = control.labelled().map_or_else(|| path.join("."), |at| at.name.clone());
        BoundField { path, name, input, required: required && input != InputKind::Tick, control }
    }

    fn choice(&self, field: &Field, path: &[String], offered: &[(String, Value)], default: Option<usize>) -> Control {
        let leaf = field.name.as_str();
        let option = |(label, value): &(String, Value)| {
            let value = as_posted(value);
            let text = option_text(leaf, &value, label);
            (value, text)
        };
        let options: Vec<_> = offered.iter().map(option).collect();
        let few = options.len() <= 5 && !is_attribute(path);
        // What may be left open is not chosen beforehand: a radio button cannot be taken back.
        let chosen = few && (field.required || matches!(leaf, "methodType" | "channel"));
        let chosen = default.or_else(|| chosen.then_some(0)).and_then(|index| options.get(index));
        let value = chosen.map(|(value, _)| value.clone()).unwrap_or_default();
        let at = self.labelled(field, path);
        if few { Control::Radios { at, options, value } } else { Control::Select { at, options, value } }
    }

    /// A line of text, by what it is for.
    fn text(&self, field: &Field, path: &[String]) -> (InputKind, Control) {
        let default = match &field.shape {
            Shape::Text(default) if !field.secret => default.clone(),
            _ => None,
        };
        let at = self.labelled(field, path);
        let secret = |at, kind, username| (InputKind::Exactly, Control::Secret { at, kind, username });
        let (input, kind) = match field.name.as_str() {
            "identifier" => (InputKind::Words, TextKind::Identifier { passkey: self.reply.passkey_autofill.is_some() }),
            "passcode" if self.is_new_password() => return (InputKind::Exactly, self.new_password(at)),
            "passcode" if self.is_present_password() => {
                // On the first page the user name has a control of its own.
                let username = self.reply.user.clone().filter(|_| self.form.kind != Kind::Identify);
                return secret(at, SecretKind::Password, username);
            }
            "passcode" | "totp" => return self.code(field, at),
            "answer" => return secret(at, SecretKind::Answer, None),
            "phoneNumber" => (InputKind::Phone, TextKind::Phone),
            "email" if !is_attribute(path) => (InputKind::Words, TextKind::Email),
            "userCode" => (InputKind::Words, TextKind::UserCode),
            "nextPasscode" => (InputKind::Digits, TextKind::TokenCode),
            name if field.secret && !matches!(name, "clientData" | "credentialId") => {
                return secret(at, SecretKind::Other, None);
            }
            name => {
                let (token, html_type) = if is_attribute(path) { autofill(field) } else { ("off", "text") };
                let clears = self.form.kind == Kind::ProfileUpdate && is_attribute(path) && name == "secondEmail";
                let input = if clears { InputKind::WordsOrNothing } else { InputKind::Words };
                (input, TextKind::Other { autocomplete: token.to_owned(), input: html_type.to_owned() })
            }
        };
        (input, Control::Text { at, kind, value: default.unwrap_or_default() })
    }

    fn new_password(&self, at: Labelled) -> Control {
        let username = self.reply.user.clone();
        let rules = self.reply.password_rules_of(self.form).cloned().unwrap_or_default();
        let rules = password_rules::rules(&rules, username.as_deref());
        Control::NewPassword { at, username, rules, confirm_error: None }
    }

    fn code(&self, field: &Field, at: Labelled) -> (InputKind, Control) {
        if self.is_about(&AuthenticatorKey::TemporaryCode) || (self.is_token() && field.secret) {
            return (InputKind::Words, Control::Secret { at, kind: SecretKind::Code, username: None });
        }
        let (input, kind) = match field.format.as_deref() {
            _ if self.is_about(&AuthenticatorKey::Yubikey) => (InputKind::Words, TextKind::Passcode),
            _ if self.is_token() => (InputKind::Words, TextKind::TokenCode),
            Some("alphanumeric") => (InputKind::Letters, TextKind::Letters),
            _ => (InputKind::Digits, TextKind::Digits),
        };
        (input, Control::Text { at, kind, value: String::new() })
    }

    /// Choosing a security question: one of the org's, or one's own.
    fn question(&self, path: &[String], all: &mut Vec<BoundField>) {
        let theirs = self.about.iter().flat_map(|about| &about.context.questions).filter(|(key, _)| key != "custom");
        let mut options: Vec<_> = theirs.map(|(key, words)| (key.clone(), known_question(key, words))).collect();
        options.push(("custom".to_owned(), Text::ours(strings::OWN_QUESTION)));
        let value = options.first().map(|(value, _)| value.clone()).unwrap_or_default();
        let member = |name: &str| path.iter().cloned().chain([name.to_owned()]).collect::<Vec<_>>();
        let mut push = |name: &str, posted: &str, input, required, control| {
            all.push(BoundField { path: member(name), name: posted.to_owned(), input, required, control });
        };
        let at = Labelled::new("question", "questionKey", strings::QUESTION);
        push("questionKey", "questionKey", InputKind::Option, true, Control::Select { at, options, value });
        let kind = TextKind::Other { autocomplete: "off".to_owned(), input: "text".to_owned() };
        let at = Labelled::new("customQuestion", "customQuestion", strings::YOUR_QUESTION);
        let custom = Control::Text { at: Labelled { optional: true, ..at }, kind, value: String::new() };
        push("question", "customQuestion", InputKind::Words, false, custom);
        let at = Labelled::new("answer", "answer", strings::ANSWER);
        let answer = Control::Secret { at, kind: SecretKind::Answer, username: None };
        push("answer", "answer", InputKind::Exactly, true, answer);
    }

    fn question_text(&self) -> Option<Text> {
        let about = self.about.filter(|about| about.key == AuthenticatorKey::Question)?;
        match &about.context.question {
            Some((key, words)) => Some(known_question(key, words)),
            None => about.profile.get("question").map(|words| Text::Theirs(words.clone())),
        }
    }

    fn labelled(&self, field: &Field, path: &[String]) -> Labelled {
        let leaf = field.name.as_str();
        let usual = match leaf {
            "passcode" if self.is_new_password() => Some(("new-password", "password")),
            "passcode" if self.is_present_password() => Some(("password", "password")),
            "passcode" | "totp" => Some(("code", "code")),
            "rememberMe" => Some(("remember", "rememberMe")),
            "phoneNumber" => Some(("phone", "phone")),
            "identifier" | "answer" | "userCode" | "revokeSessions" | "autoChallenge" | "methodType" | "channel"
            | "credentialId" | "nextPasscode" | "clientData" => Some((leaf, leaf)),
            "email" if path.len() == 1 => Some((leaf, leaf)),
            _ => None,
        };
        let (id, name) =
            usual.map_or_else(|| (identifier(path), path.join(".")), |(id, name)| (id.to_owned(), name.to_owned()));
        let hint = match leaf {
            "phoneNumber" => Some(Text::ours(strings::PHONE_HINT)),
            _ => field.description.clone().map(Text::Theirs),
        };
        Labelled { hint, optional: !field.required, ..Labelled::new(&id, &name, self.label(field, path)) }
    }

    /// What a field is called: in our words where it is a usual one, unless an administrator wrote others.
    fn label(&self, field: &Field, path: &[String]) -> Text {
        let theirs = field.label.as_deref().unwrap_or(&field.name);
        let ours = match field.name.as_str() {
            "clientData" => return Text::ours(strings::TOKEN_USERNAME),
            _ if field.custom_label => return Text::Theirs(theirs.to_owned()),
            "identifier" => strings::USERNAME,
            "passcode" if self.is_new_password() => strings::NEW_PASSWORD,
            "passcode" if self.is_present_password() => strings::PASSWORD,
            "passcode" | "totp" if self.is_about(&AuthenticatorKey::Yubikey) => strings::PASSCODE,
            "passcode" | "totp" if self.is_token() && !field.secret => strings::PASSCODE,
            "passcode" | "totp" => strings::CODE,
            "answer" => return self.question_text().unwrap_or_else(|| Text::ours(strings::ANSWER)),
            "phoneNumber" => strings::PHONE_NUMBER,
            "userCode" => strings::USER_CODE,
            "credentialId" => strings::CREDENTIAL_ID,
            "nextPasscode" => strings::NEXT_PASSCODE,
            name if is_attribute(path) => return Text::named(Family::Field, name, theirs),
            "email" => strings::EMAIL,
            "rememberMe" => strings::KEEP_ME_SIGNED_IN,
            "revokeSessions" => strings::SIGN_OUT_ELSEWHERE,
            "autoChallenge" => strings::SEND_AUTOMATICALLY,
            "methodType" => strings::HOW_TO_GET_CODE,
            "channel" => strings::SET_UP_HOW,
            _ => return Text::Theirs(theirs.to_owned()),
        };
        Text::ours(ours)
    }

    fn is_about(&self, key: &AuthenticatorKey) -> bool {
        self.about.is_some_and(|about| about.key == *key)
    }

    fn is_token(&self) -> bool {
        use AuthenticatorKey::{CustomOtp, OnPrem, Rsa, Symantec};
        [Rsa, OnPrem, Symantec, CustomOtp].iter().any(|key| self.is_about(key))
    }

    fn is_present_password(&self) -> bool {
        self.form.kind == Kind::Identify || self.is_about(&AuthenticatorKey::Password)
    }

    /// Whether a passcode here is a new password rather than the present one.
    fn is_new_password(&self) -> bool {
        match self.form.kind {
            Kind::EnrollProfile => true,
            Kind::EnrollAuthenticator | Kind::ResetAuthenticator => {
                self.about.is_none_or(|about| about.key == AuthenticatorKey::Password)
            }
            Kind::ReenrollAuthenticator | Kind::ReenrollAuthenticatorWarning => true,
            _ => false,
        }
    }
}

fn option_text(leaf: &str, value: &str, label: &str) -> Text {
    match (leaf, value) {
        ("methodType", "sms") => Text::ours(strings::BY_TEXT),
        ("methodType", "voice") => Text::ours(strings::BY_CALL),
        ("channel", "qrcode") => Text::ours(strings::BY_QR),
        ("channel", "email") => Text::ours(strings::BY_EMAIL_LINK),
        ("channel", "sms") => Text::ours(strings::BY_TEXT_LINK),
        _ => Text::Theirs(label.to_owned()),
    }
}

/// The autofill token and the type of input of a profile attribute (SCIM's core names, RFC 7643 4.1).
fn autofill(field: &Field) -> (&'static str, &'static str) {
    match field.name.as_str() {
        "firstName" => ("given-name", "text"),
        "middleName" => ("additional-name", "text"),
        "lastName" => ("family-name", "text"),
        "honorificPrefix" => ("honorific-prefix", "text"),
        "honorificSuffix" => ("honorific-suffix", "text"),
        "displayName" => ("name", "text"),
        "nickName" => ("nickname", "text"),
        "email" | "secondEmail" => ("email", "email"),
        "login" => ("username", "text"),
        "mobilePhone" | "primaryPhone" => ("tel", "tel"),
        "birthDate" => ("bday", "text"),
        "streetAddress" => ("address-line1", "text"),
        "city" => ("address-level2", "text"),
        "state" => ("address-level1", "text"),
        "zipCode" | "postalCode" => ("postal-code", "text"),
        "postalAddress" => ("street-address", "text"),
        _ if field.format.as_deref() == Some("country-code") => ("country", "text"),
        "countryCode" => ("country", "text"),
        "country" => ("country-name", "text"),
        "organization" => ("organization", "text"),
        "title" => ("organization-title", "text"),
        "preferredLanguage" | "locale" => ("language", "text"),
        "profileUrl" => ("url", "url"),
        _ => ("off", "text"),
    }
}

/// Whether a path leads to an attribute of a profile.
fn is_attribute(path: &[String]) -> bool {
    path.first().is_some_and(|top| top == "userProfile")
}

/// A question of Okta's list in the page's language; any other in its own words.
fn known_question(key: &str, words: &str) -> Text {
    match key {
        "custom" => Text::Theirs(words.to_owned()),
        _ => Text::named(Family::Question, key, words),
    }
}

/// A path as an HTML id: letters, digits and dashes, the innermost name first.
fn identifier(path: &[String]) -> String {
    let last = path.last().map(String::as_str).unwrap_or_default();
    let name = if is_attribute(path) { last.to_owned() } else { path.join("-") };
    let id = name.replace(|character: char| !character.is_ascii_alphanumeric(), "-");
    // Two attributes could fold to one id, and `status` is the page's own: the prefix keeps them apart.
    if matches!(id.as_str(), "main" | "status" | "sent" | "problems" | "reqs" | "confirm" | "email" | "login") {
        format!("profile-{id}")
    } else {
        id
    }
}
