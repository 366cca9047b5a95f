//! Remediations: the forms that the org offers, with their fields and messages.
//!
//! A nested object has one of four forms (`form`, `value.form`, `options[].value.form`, `options[].form`); a list is an
//! array or Ion's container. A field is visible and mutable unless it says otherwise.

use std::time::Duration;

use serde_json::Value;
use url::Url;

use super::authenticator::Authenticator;
use super::kind::Kind;
use super::{limits, wire};

/// One thing that can be done next: a form to post, or an address to go to.
#[derive(Clone, Debug, PartialEq)]
pub struct Remediation {
    /// Its kind. A reply may have several of one kind.
    pub kind: Kind,
    /// The address that it is posted to, or that the browser goes to. None where it has no address on the org's origin;
    /// such a form is never submitted.
    pub href: Option<Url>,
    /// Whether the browser goes to the address, rather than us posting to it.
    pub navigates: bool,
    /// The media type of the reply, which is sent as `Accept` unchanged.
    pub accepts: Option<String>,
    /// Its fields, in order.
    pub fields: Vec<Field>,
    /// The time between two polls, where this step polls.
    pub refresh: Option<Duration>,
    /// The authenticator it is about.
    pub about: Option<Authenticator>,
    /// The org's label for it.
    pub label: Option<String>,
    /// The other identity provider that it leads to.
    pub provider: Option<Provider>,
    /// The scopes that an application requests.
    pub scopes: Vec<Scope>,
    /// Facts about the request that is to be confirmed, such as its browser: label, value.
    pub facts: Vec<(String, String)>,
    /// Where a password is changed that is managed elsewhere: name, `https` address.
    pub elsewhere: Option<(String, Url)>,
}

/// Another identity provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Provider {
    /// Its name.
    pub name: String,
    /// Its type: `GOOGLE`, `SAML2`, `OIDC`, `X509`, …
    pub kind: String,
}

/// A scope that an application requests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope {
    /// Its name, as tokens have it.
    pub name: String,
    /// A short description.
    pub label: Option<String>,
    /// A long description.
    pub description: Option<String>,
}

/// A field of a form.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// The name of the JSON member; a dot in it does not nest.
    pub name: String,
    /// The org's label for it.
    pub label: Option<String>,
    /// Whether an administrator wrote the label, so that it must not be replaced.
    pub custom_label: bool,
    /// What values it takes.
    pub shape: Shape,
    /// Whether the org requires it. Not reliable: often left out.
    pub required: bool,
    /// Whether it is shown.
    pub visible: bool,
    /// Whether its value may be set.
    pub mutable: bool,
    /// Whether its value must be hidden on the screen.
    pub secret: bool,
    /// `captcha` or `webauthn`: its value is made by a script.
    pub hint: Option<String>,
    /// `alphanumeric` for a code that is not only digits.
    pub format: Option<String>,
    /// A text that explains it.
    pub description: Option<String>,
    /// What is wrong with the last answer to it.
    pub messages: Vec<Message>,
}

/// The values that a field takes.
#[derive(Clone, Debug, PartialEq)]
pub enum Shape {
    /// A text, with its default.
    Text(Option<String>),
    /// True or false, with its default.
    Boolean(Option<bool>),
    /// One of these values, each with its label; and the index of the default.
    Choice(Vec<(String, Value)>, Option<usize>),
    /// An object of these members.
    Group(Vec<Field>),
    /// An object of one of these lists of members.
    Alternatives(Vec<Alternative>),
    /// A value that is sent back as it came.
    Fixed(Value),
}

/// One list of members that an object may have.
#[derive(Clone, Debug, PartialEq)]
pub struct Alternative {
    /// The org's label for it.
    pub label: Option<String>,
    /// Its members.
    pub fields: Vec<Field>,
    /// The authenticator it is about.
    pub about: Option<Authenticator>,
}

/// A message of the org.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Its text in the requested language, without markup and at most [`limits::MESSAGE_CHARS`] long.
    pub text: String,
    /// The key of the text, as `errors.E0000004`.
    pub key: Option<String>,
    /// The parameters of the text.
    pub params: Vec<String>,
    /// Its severity.
    pub class: MessageClass,
    /// Links that an administrator added: label, `https` address.
    pub links: Vec<(String, Url)>,
}

/// The severity of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MessageClass {
    /// An error; also where the org names no severity.
    Error,
    /// Information.
    Info,
    /// Something succeeded.
    Success,
    /// A warning.
    Warning,
}

impl Remediation {
    /// Reads a remediation or an action. `root` is the whole reply, which it may refer to; `org` is the org's origin.
    pub(super) fn parse(form: &Value, name: &str, root: &Value, org: &Url) -> Self {
        let address = wire::words(form, "href").and_then(|href| Url::parse(&href).ok());
        let method = wire::words(form, "method").unwrap_or_default();
        let fact = |fact: &Value| Some((words_of(fact, ["label", "name"])?, wire::words(fact, "value")?));
        Self {
            kind: Kind::parse(name),
            href: address.filter(|href| href.origin() == org.origin()),
            navigates: method.eq_ignore_ascii_case("GET"),
            accepts: wire::words(form, "accepts"),
            fields: wire::list(form.get("value"), |field| Field::parse(field, root)),
            refresh: wire::number(form, "refresh").map(Duration::from_millis),
            about: wire::related(root, form).and_then(Authenticator::parse),
            label: wire::filled(form, "label"),
            provider: wire::words(wire::object(&form["idp"]), "name")
                .map(|name| Provider { name, kind: wire::words(form, "type").unwrap_or_default() }),
            scopes: wire::list(form.get("scopes"), Scope::parse),
            facts: wire::list(form.get("requestInfo"), fact),
            elsewhere: wire::words(form, "customExpiredPasswordURL")
                .and_then(|url| https(&url))
                .map(|url| (wire::words(form, "customExpiredPasswordName").unwrap_or_default(), url)),
        }
    }

    /// The field with this name, not within a group.
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// Which method of its authenticator it is for, or leaves to choose.
    pub fn method(&self) -> Option<&Shape> {
        let Shape::Group(members) = &self.field("authenticator")?.shape else { return None };
        method_among(members)
    }

    /// Whether it has a hidden field with this name that may be set, alone or within groups.
    pub fn answers_with(&self, name: &str) -> bool {
        ungrouped(&self.fields).iter().any(|field| field.name == name && !field.visible && field.mutable)
    }

    /// The messages of its fields, in order and without repetitions, each with the path of its field.
    pub fn field_messages(&self) -> Vec<(Vec<String>, Message)> {
        let mut found = Vec::new();
        collect_messages(&self.fields, &[], &mut found);
        found
    }

    /// Whether a person has to fill in or choose anything.
    pub fn asks(&self) -> bool {
        fn any(fields: &[Field]) -> bool {
            fields.iter().any(|field| match &field.shape {
                Shape::Fixed(_) => false,
                Shape::Group(members) => field.visible && any(members),
                _ => field.visible,
            })
        }
        any(&self.fields)
    }

    /// Whether one of its fields can only be filled in by a script in the browser.
    pub fn needs_script(&self) -> bool {
        ungrouped(&self.fields).iter().any(|field| match &field.shape {
            Shape::Fixed(_) => false,
            // A hidden field with a value is sent back as it is; one without can only be filled in by a script.
            Shape::Text(None) if !field.visible && field.mutable && field.required => true,
            _ => field.hint.is_some(),
        })
    }
}

/// These fields, with the members of groups in place of the groups.
fn ungrouped<'f>(fields: &'f [Field]) -> Vec<&'f Field> {
    let members = |field: &'f Field| match &field.shape {
        Shape::Group(members) => ungrouped(members),
        _ => vec![field],
    };
    fields.iter().flat_map(members).collect()
}

fn method_among(members: &[Field]) -> Option<&Shape> {
    members.iter().find(|member| member.name == "methodType").map(|method| &method.shape)
}

fn collect_messages(fields: &[Field], above: &[String], found: &mut Vec<(Vec<String>, Message)>) {
    for field in fields {
        let mut path = above.to_vec();
        path.push(field.name.clone());
        for message in &field.messages {
            if !found.iter().any(|(_, known)| known == message) {
                found.push((path.clone(), message.clone()));
            }
        }
        match &field.shape {
            Shape::Group(members) => collect_messages(members, &path, found),
            Shape::Alternatives(sets) => sets.iter().for_each(|set| collect_messages(&set.fields, &path, found)),
            _ => {}
        }
    }
}

impl Field {
    /// A hidden field that is sent back as it is.
    pub fn fixed(name: &str, value: Value) -> Self {
        Self {
            name: name.to_owned(),
            label: None,
            custom_label: false,
            shape: Shape::Fixed(value),
            required: false,
            visible: false,
            mutable: false,
            secret: false,
            hint: None,
            format: None,
            description: None,
            messages: Vec::new(),
        }
    }

    fn parse(field: &Value, root: &Value) -> Option<Self> {
        let name = wire::words(field, "name")?;
        // The handle of the transaction is never shown and never changed, whatever the reply says about it.
        let open = name != "stateHandle";
        let mutable = open && wire::truth(field, "mutable").unwrap_or(true);
        Some(Self {
            name,
            label: wire::filled(field, "label"),
            custom_label: wire::truth(field, "customLabel").unwrap_or(false),
            shape: Shape::parse(field, mutable, root),
            required: wire::truth(field, "required").unwrap_or(false),
            visible: open && wire::truth(field, "visible").unwrap_or(true),
            mutable,
            secret: wire::truth(field, "secret").unwrap_or(false),
            hint: wire::words(field, "hint"),
            format: wire::words(field, "format")
                .or_else(|| wire::words(display_hint(wire::items(field.get("options")).first()?)?, "format")),
            description: wire::words(field, "desc"),
            messages: messages(field.get("messages")),
        })
    }
}

impl Shape {
    fn parse(field: &Value, mutable: bool, root: &Value) -> Self {
        if let Some(members) = members(field).or_else(|| members(field.get("value")?)) {
            return Self::Group(wire::list(Some(members), |member| Field::parse(member, root)));
        }
        let boolean = wire::words(field, "type").is_some_and(|kind| kind == "boolean");
        let value = field.get("value").filter(|value| !value.is_null());
        let options = wire::items(field.get("options"));
        if let Some(display) = options.first().and_then(display_hint) {
            return match choices(display.get("options"), value) {
                _ if boolean => Self::Boolean(wire::truth(field, "value")),
                (choices, _) if choices.is_empty() => Self::Text(value.and_then(wire::as_words)),
                (choices, default) => Self::Choice(choices, default),
            };
        }
        if options.iter().any(|option| members_of_option(option).is_some()) {
            return Self::Alternatives(options.iter().map(|option| Alternative::parse(option, root)).collect());
        }
        match value {
            Some(value) if !mutable => Self::Fixed(value.clone()),
            _ if !options.is_empty() => {
                let (choices, default) = choices(field.get("options"), value);
                Self::Choice(choices, default)
            }
            _ if boolean => Self::Boolean(wire::truth(field, "value")),
            value => Self::Text(value.and_then(wire::as_words)),
        }
    }
}

/// The list of fields under `form`.
fn members(value: &Value) -> Option<&Value> {
    value.get("form").filter(|form| form.is_object())
}

fn members_of_option(option: &Value) -> Option<&Value> {
    option.get("value").and_then(members).or_else(|| members(option))
}

/// How a profile attribute is to be shown: `{"label":"display","value":{"value":{"inputType":…}}}`.
fn display_hint(option: &Value) -> Option<&Value> {
    let hint = wire::object(option.get("value")?);
    hint.get("inputType").is_some().then_some(hint)
}

fn choices(options: Option<&Value>, default: Option<&Value>) -> (Vec<(String, Value)>, Option<usize>) {
    let choices = wire::list(options, |option| {
        // Some options have `type` instead of `value`.
        let value = option.get("value").or_else(|| option.get("type"));
        let value = value.filter(|value| !value.is_object() && !value.is_array())?;
        Some((wire::words(option, "label").or_else(|| wire::as_words(value))?, value.clone()))
    });
    let default = default.and_then(|default| choices.iter().position(|(_, value)| value == default));
    (choices, default)
}

impl Alternative {
    /// Which method of its authenticator it is for, or leaves to choose.
    pub fn method(&self) -> Option<&Shape> {
        method_among(&self.fields)
    }

    fn parse(option: &Value, root: &Value) -> Self {
        Self {
            label: wire::filled(option, "label"),
            fields: wire::list(members_of_option(option), |field| Field::parse(field, root)),
            about: wire::related(root, option).and_then(Authenticator::parse),
        }
    }
}

impl Scope {
    fn parse(scope: &Value) -> Option<Self> {
        Some(Self {
            name: words_of(scope, ["value", "name"])?,
            label: wire::filled(scope, "label"),
            description: wire::filled(scope, "desc"),
        })
    }
}

/// Reads a list of messages, without repetitions.
pub(super) fn messages(list: Option<&Value>) -> Vec<Message> {
    let mut read: Vec<Message> = Vec::new();
    for message in wire::items(list).iter().filter_map(Message::parse) {
        if !read.contains(&message) {
            read.push(message);
        }
    }
    read
}

impl Message {
    fn parse(message: &Value) -> Option<Self> {
        let text = without_markup(&wire::words(message, "message").unwrap_or_default());
        let i18n = &message["i18n"];
        let key = wire::filled(i18n, "key");
        if text.is_empty() && key.is_none() {
            return None;
        }
        let link = |link: &Value| {
            let label = wire::words(link, "label").unwrap_or_default();
            Some((label, https(&wire::words(link, "url")?)?))
        };
        Some(Self {
            text,
            key,
            params: wire::list(i18n.get("params"), |param| wire::as_words(param).filter(|param| !param.is_empty())),
            class: match wire::words(message, "class").as_deref() {
                Some("INFO") => MessageClass::Info,
                Some("SUCCESS") => MessageClass::Success,
                Some("WARNING") => MessageClass::Warning,
                _ => MessageClass::Error,
            },
            links: wire::list(message.get("links"), link),
        })
    }
}

/// The first of these members that is there.
fn words_of(value: &Value, members: [&str; 2]) -> Option<String> {
    members.iter().find_map(|member| wire::words(value, member))
}

fn https(address: &str) -> Option<Url> {
    Url::parse(address).ok().filter(|url| url.scheme() == "https")
}

/// A text without its tags: some messages have markup, and none of it is rendered.
fn without_markup(text: &str) -> String {
    let mut inside = false;
    let words = text.chars().filter(|character| {
        match character {
            '<' => inside = true,
            '>' if inside => {
                inside = false;
                return false;
            }
            _ => {}
        }
        !inside
    });
    words.take(limits::MESSAGE_CHARS).collect::<String>().trim().to_owned()
}
