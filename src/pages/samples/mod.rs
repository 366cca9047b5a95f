//! A sample of every page, named after what it shows.
//!
//! Tests render them all in every language; `check` renders them with an operator's templates; the
//! browser tests look at them. Names and addresses are made up (RFC 2606, RFC 5737; telephone numbers
//! from the ranges kept for fiction).

mod ends;
mod set_up;
mod sign_in;

use super::page::*;
use ends::ends;
use set_up::{passwords, registration, set_up};
use sign_in::{methods, sign_in};

/// Every page, with a name that is unique and safe in an address.
pub fn samples() -> Vec<(&'static str, Page)> {
    let mut all = Vec::new();
    sign_in(&mut all);
    methods(&mut all);
    set_up(&mut all);
    passwords(&mut all);
    registration(&mut all);
    ends(&mut all);
    all
}

type Samples = Vec<(&'static str, Page)>;

const CHALLENGE: &str = "dGhlIGNoYWxsZW5nZSBpcyBub3QgYSBzZWNyZXQ";

fn page(heading: &str, fill: impl FnOnce(&mut Step)) -> Page {
    let mut step = Step {
        heading: Text::ours(heading),
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

fn message(heading: &str, paragraphs: Vec<Text>, actions: Vec<Link>) -> Message {
    Message {
        heading: Text::ours(heading),
        paragraphs,
        code: None,
        facts: Vec::new(),
        steps: Vec::new(),
        actions,
        reference: None,
        post: None,
    }
}

fn carried() -> Post {
    Post {
        action: "/.gateway/flow/c2FtcGxlLWZsb3ctaWRlbnQ".into(),
        csrf: "c2FtcGxlLXRva2VuLW9mLXRoaXJ0eS10d28tYnl0ZXM".into(),
        step: "c2FtcGxlLXN0ZXA".into(),
    }
}

fn form(act: &str, button: &str, controls: Vec<Control>) -> Part {
    Part::Form(Form {
        act: act.into(),
        controls,
        buttons: vec![Button { text: Text::ours(button), sends: None, primary: act != "skip" }],
        busy: Some(Text::ours("checking")),
        ceremony: None,
    })
}

fn yes_or_no(yes: &str, no: &str) -> Part {
    Part::Form(Form {
        act: "answer".into(),
        controls: Vec::new(),
        buttons: vec![
            Button { text: Text::ours(yes), sends: Some(("choice".into(), "yes".into())), primary: true },
            Button { text: Text::ours(no), sends: Some(("choice".into(), "no".into())), primary: false },
        ],
        busy: None,
        ceremony: None,
    })
}

fn at(id: &str, name: &str, label: &str) -> Labelled {
    Labelled { id: id.into(), name: name.into(), label: Text::ours(label), hint: None, error: None, optional: false }
}

fn text(at: Labelled, kind: TextKind, value: &str) -> Control {
    Control::Text { at, kind, value: value.into() }
}

fn identifier(value: &str, passkey: bool) -> Control {
    text(at("identifier", "identifier", "username"), TextKind::Identifier { passkey }, value)
}

fn password(username: Option<&str>) -> Control {
    Control::Secret {
        at: at("password", "password", "password"),
        kind: SecretKind::Password,
        username: username.map(str::to_owned),
    }
}

fn code(kind: TextKind) -> Control {
    text(at("code", "code", "code"), kind, "")
}

fn remember() -> Control {
    Control::Check { at: Labelled { ..at("remember", "rememberMe", "keep-me-signed-in") }, checked: false }
}

fn sign_out_elsewhere() -> Control {
    Control::Check { at: at("revoke", "revokeSessions", "sign-out-elsewhere"), checked: false }
}

fn new_password(error: Option<&str>) -> Control {
    let rule = |text: Text, check: Option<(&str, &str)>| Rule {
        text,
        check: check.map(|(name, arg)| (name.into(), arg.into())),
    };
    Control::NewPassword {
        at: Labelled { error: error.map(Text::ours), ..at("new-password", "password", "new-password") },
        username: Some("ada@example.com".into()),
        rules: vec![
            rule(Text::ours("rule-length").with("n", 8), Some(("minLength", "8"))),
            rule(Text::ours("rule-lower").with("n", 1), Some(("minLowerCase", "1"))),
            rule(Text::ours("rule-upper").with("n", 1), Some(("minUpperCase", "1"))),
            rule(Text::ours("rule-number").with("n", 1), Some(("minNumber", "1"))),
            rule(Text::ours("rule-no-username"), Some(("exclude", r#"["example"]"#))),
            rule(Text::ours("rule-history").with("n", 4), None),
        ],
        confirm_error: error.map(|_| Text::ours("passwords-differ")),
    }
}

fn say_wrong(controls: &mut [Control], id: &str, text: &str) {
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
    Part::Form(Form {
        act: "passkey".into(),
        controls: hidden(&["clientData", "authenticatorData", "signatureData", "userHandle"]),
        buttons: Vec::new(),
        busy: None,
        ceremony: Some(Ceremony {
            options: get_options(),
            conditional: true,
            text: Text::ours("sign-in-with-passkey"),
        }),
    })
}

fn get_options() -> String {
    format!(r#"{{"kind":"get","publicKey":{{"challenge":"{CHALLENGE}","userVerification":"preferred"}}}}"#)
}

fn create_options() -> String {
    format!(
        r#"{{"kind":"create","publicKey":{{"challenge":"{CHALLENGE}","rp":{{"name":"Example"}},"user":{{"id":"MDB1MTIz","name":"ada@example.com","displayName":"Ada Lovelace"}},"pubKeyCredParams":[{{"type":"public-key","alg":-7}}],"attestation":"none"}}}}"#
    )
}

fn poll(waiting: &str, button: &str) -> Part {
    Part::Poll(Poll {
        url: "/.gateway/flow/c2FtcGxlLWZsb3ctaWRlbnQ/poll".into(),
        refresh: 4000,
        waiting: Text::ours(waiting),
        button: Text::ours(button),
        stopped: Text::ours("stopped-checking"),
        act: "check".into(),
        countdown: waiting == "busy",
    })
}

fn providers() -> Part {
    Part::Providers { providers: vec![provider("Google", "google"), provider("Example Corp", "oidc")] }
}

fn provider(name: &str, kind: &str) -> Provider {
    Provider { href: "/.gateway/flow/c2FtcGxlLWZsb3ctaWRlbnQ/idp/0".into(), name: name.into(), kind: kind.into() }
}

fn row(index: usize, title: &str, detail: Option<&str>, icon: Icon) -> Choice {
    Choice { index, title: Text::ours(title), detail: detail.map(|detail| Text::Theirs(detail.into())), icon }
}

fn post(text: &str, act: &str) -> Link {
    Link { text: Text::ours(text), to: To::Post(act.into()) }
}

fn another_way() -> Link {
    post("try-another-way", "another-way")
}

fn back() -> Link {
    post("back-to-sign-in", "cancel")
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
