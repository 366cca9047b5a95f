//! A sample of every page, named after what it shows.
//!
//! Tests render them all in every language; `check` renders them with an operator's templates; the
//! browser tests look at them. Names and addresses are made up (RFC 2606, RFC 5737; telephone numbers
//! from the ranges kept for fiction).

mod ends;
mod set_up;
mod sign_in;

use crate::pages::*;
use ends::ENDS;
use set_up::{PASSWORDS, REGISTRATION, SET_UP};
use sign_in::{METHODS, SIGN_IN};

/// Every page, with a name that is unique and safe in an address.
pub fn samples() -> Vec<(&'static str, Page)> {
    let all = [SIGN_IN, METHODS, SET_UP, PASSWORDS, REGISTRATION, ENDS].concat();
    all.into_iter().map(|(name, page)| (name, page())).collect()
}

type Sample = (&'static str, fn() -> Page);

const CHALLENGE: &str = "dGhlIGNoYWxsZW5nZSBpcyBub3QgYSBzZWNyZXQ";

fn page(heading: impl Into<Text>, fill: impl FnOnce(&mut StepPage)) -> Page {
    let mut step = StepPage {
        heading: heading.into(),
        lead: Vec::new(),
        user: None,
        problems: Vec::new(),
        notices: Vec::new(),
        post: carried(),
        parts: Vec::new(),
        links: Vec::new(),
        focus: Focus::Nothing,
    };
    fill(&mut step);
    Page::Step(Box::new(step))
}

fn message(heading: impl Into<Text>, paragraphs: Vec<Text>, actions: Vec<Link>) -> MessagePage {
    MessagePage { actions, ..MessagePage::new(heading.into(), paragraphs) }
}

fn carried() -> Post {
    Post {
        action: "/.gateway/flow/c2FtcGxlLWZsb3ctaWRlbnQ".into(),
        csrf: "c2FtcGxlLXRva2VuLW9mLXRoaXJ0eS10d28tYnl0ZXM".into(),
        step: "c2FtcGxlLXN0ZXA".into(),
    }
}

fn form(act: &str, button: StringId, controls: Vec<Control>) -> Part {
    let mut form = Form::new(act, controls).button(button).busy(strings::CHECKING);
    form.buttons[0].primary = act != "skip";
    Part::Form(form)
}

fn yes_or_no(yes: StringId, no: StringId) -> Part {
    let form = Form::new("answer", Vec::new());
    Part::Form(form.choice(yes, "choice", "yes", true).choice(no, "choice", "no", false))
}

/// An attribute of a profile.
fn attribute(name: &str) -> Labelled {
    Labelled::new(name, &format!("userProfile.{name}"), Text::named(Family::Field, name, ""))
}

fn text(at: Labelled, kind: TextKind, value: &str) -> Control {
    Control::Text { at, kind, value: value.into() }
}

fn identifier(value: &str, passkey: bool) -> Control {
    text(Labelled::new("identifier", "identifier", strings::USERNAME), TextKind::Identifier { passkey }, value)
}

fn password(username: Option<&str>) -> Control {
    Control::Secret {
        at: Labelled::new("password", "password", strings::PASSWORD),
        kind: SecretKind::Password,
        username: username.map(str::to_owned),
    }
}

fn code(kind: TextKind) -> Control {
    text(Labelled::new("code", "code", strings::CODE), kind, "")
}

fn remember() -> Control {
    Control::Check { at: Labelled::new("remember", "rememberMe", strings::KEEP_ME_SIGNED_IN), checked: false }
}

fn sign_out_elsewhere() -> Control {
    Control::Check { at: Labelled::new("revoke", "revokeSessions", strings::SIGN_OUT_ELSEWHERE), checked: false }
}

fn new_password(error: Option<StringId>) -> Control {
    let rule = |text: Text, check: Option<(&str, &str)>| Rule {
        text,
        check: check.map(|(name, arg)| (name.into(), arg.into())),
    };
    Control::NewPassword {
        at: Labelled {
            error: error.map(Text::ours),
            ..Labelled::new("new-password", "password", strings::NEW_PASSWORD)
        },
        username: Some("ada@example.com".into()),
        rules: vec![
            rule(Text::ours(strings::RULE_LENGTH).with("n", 8), Some(("minLength", "8"))),
            rule(Text::ours(strings::RULE_LOWER).with("n", 1), Some(("minLowerCase", "1"))),
            rule(Text::ours(strings::RULE_UPPER).with("n", 1), Some(("minUpperCase", "1"))),
            rule(Text::ours(strings::RULE_NUMBER).with("n", 1), Some(("minNumber", "1"))),
            rule(Text::ours(strings::RULE_NO_USERNAME), Some(("exclude", r#"["example"]"#))),
            rule(Text::ours(strings::RULE_HISTORY).with("n", 4), None),
        ],
        confirm_error: error.map(|_| Text::ours(strings::PASSWORDS_DIFFER)),
    }
}

fn say_wrong(controls: &mut [Control], id: &str, text: StringId) {
    for control in controls {
        if let Control::Text { at, .. } | Control::Secret { at, .. } = control
            && at.id == id
        {
            at.error = Some(Text::ours(text));
        }
    }
}

fn hidden(names: &[&str]) -> Vec<Control> {
    names.iter().map(|name| Control::Hidden { name: (*name).into() }).collect()
}

fn passkey_autofill() -> Part {
    Part::Form(passkey_form().ceremony(get_options(), true, strings::SIGN_IN_WITH_PASSKEY))
}

fn passkey_form() -> Form {
    Form::new("passkey", hidden(&["clientData", "authenticatorData", "signatureData", "userHandle"]))
}

fn get_options() -> String {
    format!(r#"{{"kind":"get","publicKey":{{"challenge":"{CHALLENGE}","userVerification":"preferred"}}}}"#)
}

fn create_options() -> String {
    format!(
        r#"{{"kind":"create","publicKey":{{"challenge":"{CHALLENGE}","rp":{{"name":"Example"}},"user":{{"id":"MDB1MTIz","name":"ada@example.com","displayName":"Ada Lovelace"}},"pubKeyCredParams":[{{"type":"public-key","alg":-7}}],"attestation":"none"}}}}"#
    )
}

fn poll(waiting: StringId, button: StringId) -> Part {
    Part::Poll(Poll {
        url: "/.gateway/flow/c2FtcGxlLWZsb3ctaWRlbnQ/poll".into(),
        refresh: 4000,
        waiting: Text::ours(waiting),
        button: Text::ours(button),
        stopped: Text::ours(strings::STOPPED_CHECKING),
        act: "check".into(),
        countdown: waiting == strings::BUSY,
    })
}

fn providers() -> Part {
    Part::Providers { providers: vec![provider("Google", "google"), provider("Example Corp", "oidc")] }
}

fn provider(name: &str, kind: &str) -> Provider {
    Provider { href: "/.gateway/flow/c2FtcGxlLWZsb3ctaWRlbnQ/idp/0".into(), name: name.into(), kind: kind.into() }
}

fn row(index: usize, title: impl Into<Text>, detail: Option<&str>, icon: Icon) -> Choice {
    Choice { index, title: title.into(), detail: detail.map(|detail| Text::Theirs(detail.into())), icon }
}

fn another_way() -> Link {
    Link::post(strings::TRY_ANOTHER_WAY, "another-way")
}

fn back() -> Link {
    Link::post(strings::BACK_TO_SIGN_IN, "cancel")
}

fn fix(words: &str) -> Fix {
    Fix { text: Text::Theirs(words.into()), href: None }
}

fn qr() -> Part {
    Part::Qr { image: picture(), secret: Some("JBSW Y3DP EHPK 3PXP".into()), secret_first: false }
}

/// One white pixel.
fn picture() -> String {
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGP4DwABAQEAG7buVgAAAABJRU5ErkJggg=="
        .into()
}
