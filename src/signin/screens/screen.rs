//! One screen: what a person sees of one form of the org's. Each screen has a file of its own beside this one, with its
//! heading, its sentences, its fields and buttons, and its own words for the ways out.

use super::{View, fields, passkey_ceremony};
use crate::idx::{Authenticator, AuthenticatorKey as Key, Kind, Remediation, Reply, Shape};
use crate::pages::{Control, Form, Labelled, Link, Part, StringId, Text, TextKind, strings};
use crate::signin::flow_url::FlowUrl;

/// A form that is to be shown, and what its screen depends on.
pub(super) struct Asked<'a> {
    pub(super) form: &'a Remediation,
    pub(super) reply: &'a Reply,
    pub(super) view: &'a View<'a>,
    /// The authenticator that it is about.
    pub(super) about: Option<&'a Authenticator>,
}

/// What a screen shows. The page adds what every screen may have: pictures, facts, providers, problems, links.
pub(super) struct Screen {
    pub(super) heading: Text,
    pub(super) lead: Vec<Text>,
    /// Above the place where the page waits.
    pub(super) before: Vec<Part>,
    /// What is asked; none where nothing may stand on the page at all.
    pub(super) parts: Option<Vec<Part>>,
    pub(super) waits: Waits,
    pub(super) resend: Resend,
    /// What the link says that leaves the step out.
    pub(super) skip: StringId,
    /// Ways out of its own.
    pub(super) links: Vec<Link>,
}

/// What the page says while it waits, where the org lets it.
pub(super) enum Waits {
    /// For the link of an e-mail or a text message.
    ForLink,
    /// For something else: what is said, and the button that asks once.
    For(StringId, StringId),
    /// For the org, which is busy.
    ForOrg,
    /// For nothing, although the org lets it.
    Not,
}

/// What the link says that sends something again.
pub(super) enum Resend {
    /// As the method has it.
    Usual,
    /// In these words.
    Words(StringId),
    /// There is none.
    Not,
}

impl Screen {
    /// A screen of this name, with nothing on it yet.
    pub(super) fn new(heading: StringId) -> Self {
        Self::titled(Text::ours(heading))
    }

    /// The same with a name in other words.
    pub(super) fn titled(heading: Text) -> Self {
        Self {
            heading,
            lead: Vec::new(),
            before: Vec::new(),
            parts: Some(Vec::new()),
            waits: Waits::ForLink,
            resend: Resend::Usual,
            skip: strings::SKIP,
            links: Vec::new(),
        }
    }

    /// With a sentence under the heading; chain for more.
    pub(super) fn lead(mut self, text: impl Into<Text>) -> Self {
        self.lead.push(text.into());
        self
    }

    /// With something more that is asked.
    pub(super) fn with(mut self, parts: impl IntoIterator<Item = Part>) -> Self {
        self.parts.get_or_insert_default().extend(parts);
        self
    }

    /// With the form and its one button; `busy` is said while the reply is awaited.
    pub(super) fn form(self, asked: &Asked<'_>, button: StringId, busy: StringId) -> Self {
        self.form_with(asked, Text::ours(button), busy)
    }

    /// The same with a button in other words.
    pub(super) fn form_with(self, asked: &Asked<'_>, button: Text, busy: StringId) -> Self {
        self.with(asked.answerable(button, busy))
    }

    /// With the form in which a method is used or set up, and the button that it has then.
    pub(super) fn method_form(self, asked: &Asked<'_>) -> Self {
        match asked.form.kind {
            Kind::ChallengeAuthenticator | Kind::EnrollAuthenticator => {
                self.form(asked, strings::VERIFY, strings::CHECKING)
            }
            Kind::EnrollPromotion => {
                Self { skip: strings::NOT_NOW, ..self.form(asked, strings::CONTINUE, strings::BUSY) }
            }
            _ => self.form(asked, strings::CONTINUE, strings::BUSY),
        }
    }
}

impl<'a> Asked<'a> {
    pub(super) fn new(form: &'a Remediation, reply: &'a Reply, view: &'a View<'a>) -> Self {
        Self { form, reply, view, about: reply.about(form) }
    }

    /// The address of the sign-in.
    pub(super) fn url(&self) -> FlowUrl {
        FlowUrl::posted_to(&self.view.post.action)
    }

    pub(super) fn key(&self) -> Option<&'a Key> {
        self.about.map(|about| &about.key)
    }

    /// What the method is called.
    pub(super) fn method_name(&self) -> String {
        self.about.and_then(|about| about.display_name.clone()).unwrap_or_default()
    }

    /// Whether a method is set up, rather than used.
    pub(super) fn is_enrolling(&self) -> bool {
        self.form.kind != Kind::ChallengeAuthenticator
    }

    /// What the org masked; nothing in a recovery or an unlocking, where the person has proven nothing yet.
    pub(super) fn masked(&self, member: &str) -> Option<String> {
        let about = self.about.filter(|_| super::is_proven(self.reply, self.view.entry))?;
        about.profile.get(member).filter(|masked| !masked.is_empty()).cloned()
    }

    pub(super) fn controls(&self) -> Vec<Control> {
        fields::controls(self.form, self.reply)
    }

    /// A form with one button.
    pub(super) fn plain(&self, button: Text, busy: StringId) -> Form {
        let mut controls = self.controls();
        if self.calls() && controls.iter().any(|control| matches!(control, Control::Text { kind: TextKind::Phone, .. }))
        {
            let at = Labelled { optional: true, ..Labelled::new("ext", "ext", strings::EXTENSION) };
            controls.push(Control::Text { at, kind: TextKind::Extension, value: String::new() });
        }
        Form::new(self.form.kind.name(), controls).button(button).busy(busy)
    }

    /// Whether a number may be called.
    fn calls(&self) -> bool {
        matches!(self.form.method(), Some(Shape::Choice(options, _)) if options.iter().any(|(_, value)| value == "voice"))
    }

    /// The form, as far as a page of ours can answer it: with a passkey's ceremony where a script has to.
    fn answerable(&self, button: Text, busy: StringId) -> Vec<Part> {
        if self.is_beyond_us() {
            return Vec::new();
        }
        // A CAPTCHA needs a vendor's script on our page; whoever can do without it may still go on.
        if self.form.field("captchaVerify").is_some() {
            let text = Text::ours(strings::CAPTCHA_NOT_USABLE);
            return vec![Part::Paragraph { text }, Part::Form(self.plain(button, busy))];
        }
        match self.form.kind {
            _ if self.form.needs_script() => passkey_ceremony::ceremony(self.form, self.reply, self.view.passkeys),
            Kind::LaunchAuthenticator | Kind::LaunchNfc | Kind::CancelTransaction => Vec::new(),
            _ => vec![Part::Form(self.plain(button, busy))],
        }
    }

    /// Something that no form of ours can answer: a vendor's frame, a card to tap.
    fn is_beyond_us(&self) -> bool {
        let form = self.form;
        let vendor =
            form.about.as_ref().is_some_and(|about| matches!(about.key, Key::Duo | Key::NfcPin | Key::SmartCard));
        let nothing = matches!(form.kind, Kind::Other(_)) && (form.href.is_none() || form.navigates);
        let unanswerable = form.needs_script() || !form.asks();
        nothing || (vendor && unanswerable && form.kind != Kind::RedirectIdp)
    }
}

/// A sentence that names where something went, or its twin for when that is not to be said.
pub(super) fn to(named: StringId, unnamed: StringId, masked: Option<String>) -> Text {
    match masked {
        Some(masked) => Text::ours(named).with("to", masked),
        None => Text::ours(unnamed),
    }
}
