//! Fields of a remediation → controls on a page, each bound to where its answer goes.
//!
//! A control's `id` and posted name are an interface: password managers key on them, so the usual ones
//! have fixed names (`identifier`, `password`, `code`, …), whatever the org calls them. Only what is
//! listed here can be posted: the list is made again from the current step when a post arrives.

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
    Binder { form, about: form.about.as_ref().or(reply.authenticator.as_ref()), reply }.fields(
        &form.fields,
        &[],
        &mut all,
    );
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
                Shape::Alternatives(sets) => {
                    if field.name == "authenticator" {
                        continue;
                    }
                    if self.is_about(&AuthenticatorKey::Question) {
                        self.question(field, &path, all);
                        continue;
                    }
                    self.alternatives(field, sets, &path, all);
                }
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
        let control = Control::Radios { at: self.labelled(field, path, None), options, value: String::new() };
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
        let leaf = field.name.as_str();
        let at = |label: Option<Text>| self.labelled(field, &path, label);
        let (input, control) = match &field.shape {
            Shape::Boolean(default) => {
                let label = match leaf {
                    "rememberMe" => Some(Text::ours(strings::KEEP_ME_SIGNED_IN)),
                    "revokeSessions" => Some(Text::ours(strings::SIGN_OUT_ELSEWHERE)),
                    "autoChallenge" => Some(Text::ours(strings::SEND_AUTOMATICALLY)),
                    _ => None,
                };
                let mut at = at(label);
                // Only among attributes, where others must be filled in, is it news that a box need not be ticked.
                at.optional &= path.first().is_some_and(|first| first == "userProfile");
                (InputKind::Tick, Control::Check { at, checked: default.unwrap_or(false) })
            }
            Shape::Choice(options, default) => {
                let value = default.and_then(|index| options.get(index)).map(|(_, value)| as_posted(value));
                let options: Vec<_> = options
                    .iter()
                    .map(|(label, value)| (as_posted(value), self.option_text(leaf, &as_posted(value), label)))
                    .collect();
                let label = match leaf {
                    "methodType" => Some(Text::ours(strings::HOW_TO_GET_CODE)),
                    "channel" => Some(Text::ours(strings::SET_UP_HOW)),
                    _ => None,
                };
                let (at, few) = (at(label), options.len() <= 5 && path[0] != "userProfile");
                // What may be left open is not chosen beforehand: a radio button cannot be taken back.
                let chosen = few && (field.required || matches!(leaf, "methodType" | "channel"));
                let value = value
                    .or_else(|| chosen.then(|| options.first().map(|(value, _)| value.clone()))?)
                    .unwrap_or_default();
                let control =
                    if few { Control::Radios { at, options, value } } else { Control::Select { at, options, value } };
                (InputKind::Option, control)
            }
            _ => self.text(field, &path),
        };
        let profile = path[0] == "userProfile";
        let required = field.required || matches!(leaf, "identifier" | "passcode" | "totp" | "answer");
        let name = control.labelled().map_or_else(|| path.join("."), |at| at.name.clone());
        let mut bound = BoundField { path, name, input, required: required && input != InputKind::Tick, control };
        if let Some(at) = bound.control.labelled_mut() {
            at.optional = !required && (input != InputKind::Tick || profile);
        }
        bound
    }

    /// A line of text, by what it is for.
    fn text(&self, field: &Field, path: &[String]) -> (InputKind, Control) {
        let Shape::Text(default) = &field.shape else {
            return self.plain(field, path, "off", "text", InputKind::Words);
        };
        let value = default.clone().filter(|_| !field.secret).unwrap_or_default();
        let at = |label: Text| self.labelled(field, path, Some(label));
        let username = || self.reply.user.as_ref().and_then(|user| user.identifier.clone());
        let profile = path.first().is_some_and(|top| top == "userProfile");
        match field.name.as_str() {
            "identifier" => {
                let kind = TextKind::Identifier { passkey: self.reply.passkey_autofill.is_some() };
                (InputKind::Words, Control::Text { at: at(Text::ours(strings::USERNAME)), kind, value })
            }
            "passcode" if self.is_new_password() => {
                let control = self.new_password(at(Text::ours(strings::NEW_PASSWORD)), username());
                (InputKind::Exactly, control)
            }
            "passcode" if self.form.kind == Kind::Identify || self.is_about(&AuthenticatorKey::Password) => {
                let username = if self.form.kind == Kind::Identify { None } else { username() };
                (
                    InputKind::Exactly,
                    Control::Secret { at: at(Text::ours(strings::PASSWORD)), kind: SecretKind::Password, username },
                )
            }
            "passcode" | "totp" => self.code(field, at),
            "answer" => {
                let label = self.question_text().unwrap_or_else(|| Text::ours(strings::ANSWER));
                (InputKind::Exactly, Control::Secret { at: at(label), kind: SecretKind::Answer, username: None })
            }
            "phoneNumber" => (
                InputKind::Phone,
                Control::Text { at: at(Text::ours(strings::PHONE_NUMBER)), kind: TextKind::Phone, value },
            ),
            "email" if !profile => {
                (InputKind::Words, Control::Text { at: at(Text::ours(strings::EMAIL)), kind: TextKind::Email, value })
            }
            "userCode" => (
                InputKind::Words,
                Control::Text { at: at(Text::ours(strings::USER_CODE)), kind: TextKind::UserCode, value },
            ),
            "credentialId" => {
                let kind = TextKind::Other { autocomplete: "off".to_owned(), input: "text".to_owned() };
                (InputKind::Words, Control::Text { at: at(Text::ours(strings::CREDENTIAL_ID)), kind, value })
            }
            "nextPasscode" => (
                InputKind::Digits,
                Control::Text { at: at(Text::ours(strings::NEXT_PASSCODE)), kind: TextKind::TokenCode, value },
            ),
            "clientData" => self.plain(field, path, "off", "text", InputKind::Words),
            _ if profile => self.profile(field, path),
            _ if field.secret => {
                let at = self.labelled(field, path, None);
                (InputKind::Exactly, Control::Secret { at, kind: SecretKind::Other, username: None })
            }
            _ => self.plain(field, path, "off", "text", InputKind::Words),
        }
    }

    fn new_password(&self, at: Labelled, username: Option<String>) -> Control {
        let rules = self.reply.password_rules.clone().or_else(|| self.about.and_then(|about| about.password.clone()));
        let rules = password_rules::rules(&rules.unwrap_or_default(), username.as_deref());
        Control::NewPassword { at, username, rules, confirm_error: None }
    }

    fn code(&self, field: &Field, at: impl Fn(Text) -> Labelled) -> (InputKind, Control) {
        let token = matches!(
            self.about.map(|about| &about.key),
            Some(
                AuthenticatorKey::Rsa
                    | AuthenticatorKey::OnPrem
                    | AuthenticatorKey::Symantec
                    | AuthenticatorKey::CustomOtp
            )
        );
        if self.is_about(&AuthenticatorKey::TemporaryCode) || (token && field.secret) {
            return (
                InputKind::Words,
                Control::Secret { at: at(Text::ours(strings::CODE)), kind: SecretKind::Code, username: None },
            );
        }
        let (input, label, kind) = if self.is_about(&AuthenticatorKey::Yubikey) {
            (InputKind::Words, strings::PASSCODE, TextKind::Passcode)
        } else if token {
            (InputKind::Words, strings::PASSCODE, TextKind::TokenCode)
        } else if field.format.as_deref() == Some("alphanumeric") {
            (InputKind::Letters, strings::CODE, TextKind::Letters)
        } else {
            (InputKind::Digits, strings::CODE, TextKind::Digits)
        };
        (input, Control::Text { at: at(Text::ours(label)), kind, value: String::new() })
    }

    /// A profile attribute (SCIM's core names, RFC 7643 4.1), with the autofill token that fits.
    fn profile(&self, field: &Field, path: &[String]) -> (InputKind, Control) {
        let (token, html_type) = match field.name.as_str() {
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
        };
        let update = self.form.kind == Kind::ProfileUpdate && field.name == "secondEmail";
        if field.secret {
            let at = self.labelled(field, path, None);
            return (InputKind::Exactly, Control::Secret { at, kind: SecretKind::Other, username: None });
        }
        self.plain(field, path, token, html_type, if update { InputKind::WordsOrNothing } else { InputKind::Words })
    }

    fn plain(
        &self,
        field: &Field,
        path: &[String],
        token: &str,
        html_type: &str,
        input: InputKind,
    ) -> (InputKind, Control) {
        let value = match &field.shape {
            Shape::Text(Some(default)) if !field.secret => default.clone(),
            _ => String::new(),
        };
        let kind = TextKind::Other { autocomplete: token.to_owned(), input: html_type.to_owned() };
        (input, Control::Text { at: self.labelled(field, path, None), kind, value })
    }

    /// Choosing a security question: one of the org's, or one's own.
    fn question(&self, field: &Field, path: &[String], all: &mut Vec<BoundField>) {
        let mut options: Vec<_> = self
            .about
            .map_or(&[][..], |about| &about.context.questions)
            .iter()
            .filter(|(key, _)| key != "custom")
            .map(|(key, words)| (key.clone(), known_question(key, words)))
            .collect();
        options.push(("custom".to_owned(), Text::ours(strings::OWN_QUESTION)));
        let value = options.first().map(|(value, _)| value.clone()).unwrap_or_default();
        let member = |name: &str| path.iter().cloned().chain([name.to_owned()]).collect::<Vec<_>>();
        let mut push = |name: &str, posted: &str, input, required, control| {
            all.push(BoundField { path: member(name), name: posted.to_owned(), input, required, control });
        };
        push(
            "questionKey",
            "questionKey",
            InputKind::Option,
            true,
            Control::Select { at: Labelled::new("question", "questionKey", strings::QUESTION), options, value },
        );
        let kind = TextKind::Other { autocomplete: "off".to_owned(), input: "text".to_owned() };
        let at = Labelled::new("customQuestion", "customQuestion", strings::YOUR_QUESTION);
        let custom = Control::Text { at: Labelled { optional: true, ..at }, kind, value: String::new() };
        push("question", "customQuestion", InputKind::Words, false, custom);
        let answer = Control::Secret {
            at: Labelled::new("answer", "answer", strings::ANSWER),
            kind: SecretKind::Answer,
            username: None,
        };
        push("answer", "answer", InputKind::Exactly, true, answer);
        debug_assert!(matches!(field.shape, Shape::Alternatives(_)));
    }

    fn question_text(&self) -> Option<Text> {
        let about = self.about.filter(|about| about.key == AuthenticatorKey::Question)?;
        match &about.context.question {
            Some((key, words)) => Some(known_question(key, words)),
            None => about.profile.get("question").map(|words| Text::Theirs(words.clone())),
        }
    }

    fn option_text(&self, leaf: &str, value: &str, label: &str) -> Text {
        match (leaf, value) {
            ("methodType", "sms") => Text::ours(strings::BY_TEXT),
            ("methodType", "voice") => Text::ours(strings::BY_CALL),
            ("channel", "qrcode") => Text::ours(strings::BY_QR),
            ("channel", "email") => Text::ours(strings::BY_EMAIL_LINK),
            ("channel", "sms") => Text::ours(strings::BY_TEXT_LINK),
            _ => Text::Theirs(label.to_owned()),
        }
    }

    fn labelled(&self, field: &Field, path: &[String], label: Option<Text>) -> Labelled {
        let leaf = field.name.as_str();
        let (id, name) = match leaf {
            "passcode" if self.is_new_password() => ("new-password", "password"),
            "passcode" if self.form.kind == Kind::Identify || self.is_about(&AuthenticatorKey::Password) => {
                ("password", "password")
            }
            "passcode" | "totp" => ("code", "code"),
            "rememberMe" => ("remember", "rememberMe"),
            "phoneNumber" => ("phone", "phone"),
            "identifier" | "answer" | "userCode" | "revokeSessions" | "autoChallenge" | "methodType" | "channel"
            | "credentialId" | "nextPasscode" | "clientData" => (leaf, leaf),
            "email" if path.len() == 1 => (leaf, leaf),
            _ => ("", ""),
        };
        let (id, name) = match name {
            "" => (identifier(path), path.join(".")),
            _ => (id.to_owned(), name.to_owned()),
        };
        let theirs = || Text::Theirs(field.label.clone().unwrap_or_else(|| leaf.to_owned()));
        let label = match label {
            Some(label) if !field.custom_label => label,
            _ if leaf == "clientData" => Text::ours(strings::TOKEN_USERNAME),
            _ if path.first().is_some_and(|top| top == "userProfile") && !field.custom_label => {
                Text::named(Family::Field, leaf, field.label.as_deref().unwrap_or(leaf))
            }
            _ => theirs(),
        };
        let hint = match leaf {
            "phoneNumber" => Some(Text::ours(strings::PHONE_HINT)),
            _ => field.description.clone().map(Text::Theirs),
        };
        Labelled { id, name, label, hint, error: None, optional: !field.required }
    }

    fn is_about(&self, key: &AuthenticatorKey) -> bool {
        self.about.is_some_and(|about| about.key == *key)
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
    let name = if path.first().is_some_and(|top| top == "userProfile") { last.to_owned() } else { path.join("-") };
    let id: String =
        name.chars().map(|character| if character.is_ascii_alphanumeric() { character } else { '-' }).collect();
    // Two attributes could fold to one id, and `status` is the page's own: the prefix keeps them apart.
    if matches!(id.as_str(), "main" | "status" | "sent" | "problems" | "reqs" | "confirm" | "email" | "login") {
        format!("profile-{id}")
    } else {
        id
    }
}
