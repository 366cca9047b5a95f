//! What a page shows, as plain values: headings, controls, choices, links.
//!
//! `signin` fills these in, the templates lay them out, and neither knows the other. Nothing here
//! knows of IDX: a control says what a person types and under which name it is posted, not which
//! member of which reply it came from.
//!
//! Every text is a [`Text`], in no language yet.

use serde::Serialize;

use super::control::Control;
use super::text::Text;

/// A step of a sign-in: whatever the org asks next. Template `step.html`.
#[derive(Clone, Debug, Serialize)]
pub struct StepPage {
    /// `<h1>` and title.
    pub heading: Text,
    /// A sentence or two under the heading. The first has the id `sent` and describes a code box.
    pub lead: Vec<Text>,
    /// Who is signing in, once that is known and may be shown.
    pub user: Option<String>,
    /// What went wrong with the last post, in the order of the page.
    pub problems: Vec<Problem>,
    /// Other things to know.
    pub notices: Vec<Notice>,
    /// Where forms are posted and what each must carry.
    pub post: Post,
    /// The page's content, in order.
    pub parts: Vec<Part>,
    /// Ways out, after the content.
    pub links: Vec<Link>,
    /// What has the focus when the page opens.
    pub focus: Focus,
}

/// What every form of a flow carries, hidden: `csrf`, `step`, and `do` from the form itself.
#[derive(Clone, Debug, Serialize)]
pub struct Post {
    /// The flow's own address; every form of the page posts here.
    pub action: String,
    /// The token that only a page of ours can know.
    pub csrf: String,
    /// Which step this page shows; an old one is not acted on.
    pub step: String,
}

/// What has the focus when the page opens (HTML `autofocus`, so it works without script).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Focus {
    /// Nothing: the reading position stays at the top.
    Nothing,
    /// The page's first typed control.
    First,
    /// The box that lists the problems.
    Problems,
}

/// Something that went wrong, for the box at the top; `field` is the id of the control it is about,
/// which shows the same words.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Problem {
    /// What is wrong and what to do.
    pub text: Text,
    /// The control's id.
    pub field: Option<String>,
}

impl Problem {
    /// What is wrong with the page as a whole.
    pub fn new(text: impl Into<Text>) -> Self {
        Self { text: text.into(), field: None }
    }

    /// What is wrong with the control of this id.
    pub fn at(field: &str, text: impl Into<Text>) -> Self {
        Self { text: text.into(), field: Some(field.to_owned()) }
    }
}

/// A message that is not about a mistake.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Notice {
    /// How it looks and sounds.
    pub kind: NoticeKind,
    /// What it says.
    pub text: Text,
}

/// How a notice looks and sounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum NoticeKind {
    /// Something worked.
    Ok,
    /// Something needs care.
    Warn,
    /// Something to know.
    Info,
}

/// One piece of a step's content.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "part", rename_all = "kebab-case")]
pub enum Part {
    /// A form with its buttons.
    Form(Form),
    /// A list of methods to choose from; each row is a submit button named `choice`.
    Choices(Choices),
    /// Links that leave for another identity provider.
    Providers {
        /// In the org's order.
        providers: Vec<Provider>,
    },
    /// The word "or" between two ways.
    Or,
    /// A paragraph.
    Paragraph {
        /// Its words.
        text: Text,
    },
    /// A paragraph that opens when its title is pressed.
    More {
        /// As "Can't use it?".
        title: Text,
        /// Its words.
        text: Text,
    },
    /// A picture to scan, and the same secret as text.
    Qr {
        /// A `data:image/png;base64,` address.
        image: String,
        /// The secret to type instead, in groups of four.
        secret: Option<String>,
        /// Whether the secret is shown at once: a phone cannot scan itself.
        secret_first: bool,
    },
    /// A number to tap on the phone.
    Number {
        /// Two digits, seldom one.
        number: String,
    },
    /// Waiting for something outside the page. With script it asks by itself.
    Poll(Poll),
    /// Names and values, as who asked and from where.
    Facts {
        /// In order.
        facts: Vec<(Text, String)>,
    },
    /// What an application asks to be allowed, read-only.
    Scopes {
        /// Name and, where there is one, description.
        scopes: Vec<(String, Option<String>)>,
    },
    /// A link that looks like the main button and leaves the site.
    Leave {
        /// Where to; checked before it got here.
        href: String,
        /// The button's words.
        text: Text,
    },
    /// What is to be done, as one option each.
    Steps {
        /// One of these is enough.
        options: Vec<Vec<Fix>>,
    },
    /// Something that needs script; shown where script did not run.
    NeedsScript {
        /// What to do without.
        text: Text,
    },
}

/// Something to do elsewhere, as to a device.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Fix {
    /// What.
    pub text: Text,
    /// A page that says how; `https`.
    pub href: Option<String>,
}

/// A form: controls, then buttons.
#[derive(Clone, Debug, Serialize)]
pub struct Form {
    /// The hidden field `do`: which of the step's forms this is.
    #[serde(rename = "do")]
    pub act: String,
    /// In order.
    pub controls: Vec<Control>,
    /// The first is what Enter presses. Without script every page works by these.
    pub buttons: Vec<Button>,
    /// What is announced while the reply is awaited.
    pub busy: Option<Text>,
    /// A passkey ceremony whose result the script posts with this form's hidden controls.
    pub ceremony: Option<Ceremony>,
}

impl Form {
    /// With nothing to press yet.
    pub fn new(act: &str, controls: Vec<Control>) -> Self {
        Self { act: act.to_owned(), controls, buttons: Vec::new(), busy: None, ceremony: None }
    }

    /// The same with one button.
    #[must_use]
    pub fn button(mut self, text: impl Into<Text>) -> Self {
        self.buttons.push(Button { text: text.into(), sends: None, primary: true });
        self
    }

    /// The same with a button that posts this name and value; the main one, or one beside it.
    #[must_use]
    pub fn choice(mut self, text: impl Into<Text>, name: &str, value: &str, primary: bool) -> Self {
        self.buttons.push(Button { text: text.into(), sends: Some((name.to_owned(), value.to_owned())), primary });
        self
    }

    /// The same, and what is announced while the reply is awaited.
    #[must_use]
    pub fn busy(mut self, text: impl Into<Text>) -> Self {
        self.busy = Some(text.into());
        self
    }

    /// The same with a passkey ceremony.
    #[must_use]
    pub fn ceremony(mut self, options: String, conditional: bool, text: impl Into<Text>) -> Self {
        self.ceremony = Some(Ceremony { options, conditional, text: text.into() });
        self
    }
}

/// A submit button.
#[derive(Clone, Debug, Serialize)]
pub struct Button {
    /// Its words.
    pub text: Text,
    /// Name and value posted when this one is pressed; none for the only button.
    pub sends: Option<(String, String)>,
    /// Filled, rather than outlined. At most one a page.
    pub primary: bool,
}

/// A passkey ceremony (WebAuthn Level 2, 5.1).
#[derive(Clone, Debug, Serialize)]
pub struct Ceremony {
    /// `{"kind":"get"|"create","publicKey":{…}}` as JSON; binary members base64url.
    pub options: String,
    /// Begun by the page itself for the username's autofill; quiet when it fails.
    pub conditional: bool,
    /// The button's words.
    pub text: Text,
}

/// A list of methods.
#[derive(Clone, Debug, Serialize)]
pub struct Choices {
    /// The hidden field `do`.
    #[serde(rename = "do")]
    pub act: String,
    /// Controls above the list, as the user name where both are asked at once.
    pub controls: Vec<Control>,
    /// Groups with a heading each, or one without.
    pub groups: Vec<ChoiceGroup>,
}

/// Methods under one heading.
#[derive(Clone, Debug, Serialize)]
pub struct ChoiceGroup {
    /// As "Required now".
    pub heading: Option<Text>,
    /// In order.
    pub rows: Vec<Choice>,
}

/// One method.
#[derive(Clone, Debug, Serialize)]
pub struct Choice {
    /// Posted as `choice`: our index into what the org offered, so that nothing can be forged.
    pub index: usize,
    /// What it is.
    pub title: Text,
    /// Which one: a masked number or address, a device.
    pub detail: Option<Text>,
    /// Which picture.
    pub icon: Icon,
}

/// The picture beside a method; decoration only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Icon {
    /// A password.
    Password,
    /// An e-mail.
    Email,
    /// A telephone.
    Phone,
    /// A code made by an app or a token.
    Code,
    /// A push notification.
    Push,
    /// A passkey or security key.
    Passkey,
    /// A question.
    Question,
    /// Another identity provider.
    Provider,
    /// Anything else.
    Other,
}

/// Another identity provider.
#[derive(Clone, Debug, Serialize)]
pub struct Provider {
    /// Our own address, which answers with a redirect.
    pub href: String,
    /// Its name.
    pub name: String,
    /// Its kind in lower case, as `google`, for a picture of ours.
    pub kind: String,
}

/// Waiting for something outside the page.
#[derive(Clone, Debug, Serialize)]
pub struct Poll {
    /// Where the script asks: a POST with the token in `X-CSRF-Token`.
    pub url: String,
    /// How long it waits between two questions, in milliseconds.
    pub refresh: u64,
    /// "Waiting for you to open the link…"
    pub waiting: Text,
    /// The button that asks once, without script: "I've opened the link".
    pub button: Text,
    /// Said when the script has given up.
    pub stopped: Text,
    /// Whether the seconds to the next question are counted down: nothing outside has to happen.
    pub countdown: bool,
    /// The hidden field `do` of that button's form.
    #[serde(rename = "do")]
    pub act: String,
}

/// A way out.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Link {
    /// Its words.
    pub text: Text,
    /// What it does.
    pub to: To,
}

impl Link {
    /// Goes to an address.
    pub fn href(text: impl Into<Text>, href: impl Into<String>) -> Self {
        Self { text: text.into(), to: To::Href(href.into()) }
    }

    /// Posts the step's form of this name.
    pub fn post(text: impl Into<Text>, act: &str) -> Self {
        Self { text: text.into(), to: To::Post(act.to_owned()) }
    }
}

/// What a link does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum To {
    /// Goes to an address.
    Href(String),
    /// Goes to an address in a tab of its own.
    Tab(String),
    /// Goes to an address in place of whatever page this one stands in.
    Top(String),
    /// Posts the step's form of this name (`do`); looks like a link, is a button.
    Post(String),
}

/// A heading, a few sentences, what to do next: the end of a flow, an error. Template `message.html`.
#[derive(Clone, Debug, Serialize)]
pub struct MessagePage {
    /// `<h1>` and title.
    pub heading: Text,
    /// Sentences.
    pub paragraphs: Vec<Text>,
    /// Something to read off, as the code of a link opened in another browser.
    pub code: Option<String>,
    /// Names and values.
    pub facts: Vec<(Text, String)>,
    /// Lists of steps, as one option of a device check each.
    pub steps: Vec<Vec<Fix>>,
    /// What to do next; the first is the main one.
    pub actions: Vec<Link>,
    /// What to quote to support; the same as in the log.
    pub reference: Option<String>,
    /// Where actions that post go, with what they carry.
    pub post: Option<Post>,
}

impl MessagePage {
    /// A heading and sentences; the rest is empty, to be filled in by name.
    pub fn new(heading: impl Into<Text>, paragraphs: Vec<Text>) -> Self {
        Self {
            heading: heading.into(),
            paragraphs,
            code: None,
            facts: Vec::new(),
            steps: Vec::new(),
            actions: Vec::new(),
            reference: None,
            post: None,
        }
    }
}

/// Who is signed in. Template `account.html`. No token, ever.
#[derive(Clone, Debug, Serialize)]
pub struct Account {
    /// How to address them.
    pub name: String,
    /// Names and values: user name, e-mail, groups, since when, until when.
    pub facts: Vec<(Text, String)>,
    /// Where their sessions are listed, if they are.
    pub sessions: Option<String>,
    /// Where the org lets people change their settings.
    pub settings: Option<String>,
    /// Where the sign-out form goes, with its token.
    pub sign_out: Post,
}

/// A form of an application's that was kept until somebody is signed in. Template `send-again.html`.
#[derive(Clone, Debug, Serialize)]
pub struct SendAgain {
    /// `<h1>` and title.
    pub heading: Text,
    /// Where it goes.
    pub action: String,
    /// Its fields, names and values, in order.
    pub fields: Vec<(String, String)>,
}

/// Where somebody is signed in. Template `sessions.html`.
#[derive(Clone, Debug, Serialize)]
pub struct SessionsPage {
    /// This one first, then the one that was used last.
    pub sessions: Vec<ListedSession>,
    /// Where the form goes that ends all but this one; none where there is no other.
    pub end_others: Option<Post>,
}

/// One session.
#[derive(Clone, Debug, Serialize)]
pub struct ListedSession {
    /// The browser that it is in.
    pub browser: String,
    /// Names and values: browser, place, since when, last used.
    pub facts: Vec<(Text, String)>,
    /// Where the form goes that ends it, which session being its step; none for the one that asks.
    pub end: Option<Post>,
}

/// "Sign out?", since a link must not end a session. Template `sign-out.html`.
#[derive(Clone, Debug, Serialize)]
pub struct SignOut {
    /// Where the form goes, with its token.
    pub post: Post,
}

/// Leaves the site after a form post, which a redirect may not (`form-action` covers redirects, CSP 3), or goes on by
/// a form that sends itself.
/// Template `hand-over.html`.
#[derive(Clone, Debug, Serialize)]
pub struct HandOver {
    /// `<h1>` and title.
    pub heading: Text,
    /// Where to, where there is no form.
    pub href: String,
    /// The form, and what it carries.
    pub post: Option<Post>,
    /// The link's or the button's words.
    pub text: Text,
}

/// The page of Okta's Sign-In Widget. Template `widget.html`.
#[derive(Clone, Debug, Serialize)]
pub struct WidgetPage {
    /// What the widget is started with, as JSON.
    pub options: String,
    /// The language that the widget speaks: the page's, or English.
    pub language: String,
    /// The address of its script.
    pub script: String,
    /// The address of its stylesheet.
    pub stylesheet: String,
    /// What the content security policy knows this page's scripts by.
    pub nonce: String,
    /// The same without the widget.
    pub without: String,
}

/// Any page.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
pub enum Page {
    /// A step of a sign-in.
    Step(Box<StepPage>),
    /// A message.
    Message(Box<MessagePage>),
    /// Who is signed in.
    Account(Account),
    /// Where somebody is signed in.
    Sessions(SessionsPage),
    /// "Sign out?"
    SignOut(SignOut),
    /// A form of an application's, to be sent once more.
    SendAgain(SendAgain),
    /// Leaves the site.
    HandOver(HandOver),
    /// Okta's widget.
    Widget(Box<WidgetPage>),
}

impl From<MessagePage> for Page {
    fn from(page: MessagePage) -> Self {
        Self::Message(Box::new(page))
    }
}

impl From<StepPage> for Page {
    fn from(page: StepPage) -> Self {
        Self::Step(Box::new(page))
    }
}
