//! A sample of every page, named after what it shows.
//!
//! Tests render them all in every language; `check` renders them with an operator's templates; the
//! browser tests look at them. Names and addresses are made up (RFC 2606, RFC 5737; telephone numbers
//! from the ranges kept for fiction).

use super::page::*;

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

fn sign_in(all: &mut Samples) {
    all.push((
        "identify",
        page("sign-in", |step| {
            step.lead = vec![Text::ours("to-continue-to").with("app", "Payroll")];
            step.parts = vec![form("identify", "next", vec![identifier("", false), remember()]), Part::Or, providers()];
            step.links = vec![
                Link { text: Text::ours("forgot-password"), to: To::Post("recover".into()) },
                Link { text: Text::ours("unlock-account"), to: To::Post("unlock".into()) },
                Link { text: Text::ours("create-account"), to: To::Post("register".into()) },
            ];
        }),
    ));
    all.push((
        "identify-password",
        page("sign-in", |step| {
            step.parts = vec![
                form("identify", "sign-in", vec![identifier("", true), password(None), remember()]),
                Part::Or,
                passkey_autofill(),
                providers(),
            ];
            step.links = vec![Link { text: Text::ours("forgot-password"), to: To::Post("recover".into()) }];
        }),
    ));
    all.push((
        "identify-wrong",
        page("sign-in", |step| {
            step.problems = vec![Problem { text: Text::ours("bad-credentials"), field: Some("identifier".into()) }];
            step.focus = Focus::Problems;
            step.parts = vec![form(
                "identify",
                "sign-in",
                vec![identifier("ada@example.com", false), password(None), remember()],
            )];
            step.links = vec![Link { text: Text::ours("forgot-password"), to: To::Post("recover".into()) }];
        }),
    ));
    all.push((
        "identify-empty",
        page("sign-in", |step| {
            step.problems = vec![
                Problem { text: Text::ours("enter-username"), field: Some("identifier".into()) },
                Problem { text: Text::ours("enter-password"), field: Some("password".into()) },
            ];
            step.focus = Focus::Problems;
            let mut controls = vec![identifier("", false), password(None)];
            say_wrong(&mut controls, "identifier", "enter-username");
            say_wrong(&mut controls, "password", "enter-password");
            step.parts = vec![form("identify", "sign-in", controls)];
        }),
    ));
    all.push((
        "provider-only",
        page("sign-in", |step| {
            step.parts = vec![Part::Providers { providers: vec![provider("Example Corp", "saml2")] }];
        }),
    ));
    all.push((
        "password",
        page("enter-password", |step| {
            step.user = Some("ada@example.com".into());
            step.focus = Focus::First;
            step.parts = vec![form("password", "sign-in", vec![password(Some("ada@example.com"))])];
            step.links =
                vec![Link { text: Text::ours("forgot-password"), to: To::Post("recover".into()) }, another_way()];
        }),
    ));
    all.push((
        "password-wrong",
        page("enter-password", |step| {
            step.user = Some("ada@example.com".into());
            step.focus = Focus::First;
            step.problems = vec![Problem { text: Text::ours("wrong-password"), field: Some("password".into()) }];
            let mut controls = vec![password(Some("ada@example.com"))];
            say_wrong(&mut controls, "password", "wrong-password");
            step.parts = vec![form("password", "sign-in", controls)];
            step.links = vec![another_way()];
        }),
    ));
    all.push((
        "old-step",
        page("enter-password", |step| {
            step.user = Some("ada@example.com".into());
            step.notices = vec![Notice { kind: NoticeKind::Info, text: Text::ours("step-already-done") }];
            step.parts = vec![form("password", "sign-in", vec![password(Some("ada@example.com"))])];
        }),
    ));
}

fn methods(all: &mut Samples) {
    all.push((
        "choose-method",
        page("verify-it-is-you", |step| {
            step.user = Some("ada@example.com".into());
            step.lead = vec![Text::ours("choose-how-to-verify")];
            step.parts = vec![Part::Choices(Choices {
                act: "choose".into(),
                controls: Vec::new(),
                groups: vec![ChoiceGroup {
                    heading: None,
                    rows: vec![
                        row(0, "method-passkey", None, Icon::Passkey),
                        row(1, "method-email", Some("a***a@example.com"), Icon::Email),
                        row(2, "method-phone", Some("+44 7XXX XXX 123"), Icon::Phone),
                        row(3, "method-app-code", None, Icon::Code),
                        row(4, "method-question", None, Icon::Question),
                        row(5, "method-password", None, Icon::Password),
                        row(6, "method-token", None, Icon::Other),
                        row(7, "method-provider", Some("Example Corp"), Icon::Provider),
                        row(8, "method-okta-verify-push", Some("Ada’s phone"), Icon::Push),
                    ],
                }],
            })];
            step.links = vec![back()];
        }),
    ));
    all.push((
        "phone-method",
        page("verify-with-phone", |step| {
            step.user = Some("ada@example.com".into());
            step.lead =
                vec![Text::ours("can-send-code-to").with("to", "+44 7XXX XXX 123"), Text::ours("carrier-charges")];
            step.parts = vec![Part::Form(Form {
                act: "send".into(),
                controls: Vec::new(),
                buttons: vec![
                    Button {
                        text: Text::ours("send-text"),
                        sends: Some(("method".into(), "sms".into())),
                        primary: true,
                    },
                    Button {
                        text: Text::ours("call-me"),
                        sends: Some(("method".into(), "voice".into())),
                        primary: false,
                    },
                ],
                busy: Some(Text::ours("sending")),
                ceremony: None,
            })];
            step.links = vec![another_way(), back()];
        }),
    ));
    all.push((
        "code-sms",
        page("check-your-phone", |step| {
            step.user = Some("ada@example.com".into());
            step.lead = vec![Text::ours("code-sent-sms").with("to", "+44 7XXX XXX 123")];
            step.focus = Focus::First;
            step.parts = vec![form("code", "verify", vec![code(TextKind::Digits)])];
            step.links = vec![post("send-new-code", "resend"), another_way(), back()];
        }),
    ));
    all.push((
        "code-wrong",
        page("check-your-phone", |step| {
            step.user = Some("ada@example.com".into());
            step.lead = vec![Text::ours("code-sent-sms").with("to", "+44 7XXX XXX 123")];
            step.focus = Focus::First;
            step.problems = vec![Problem { text: Text::ours("code-wrong"), field: Some("code".into()) }];
            let mut controls = vec![code(TextKind::Digits)];
            say_wrong(&mut controls, "code", "code-wrong");
            step.parts = vec![form("code", "verify", controls)];
            step.links = vec![post("send-new-code", "resend"), another_way()];
        }),
    ));
    all.push((
        "code-letters",
        page("check-your-phone", |step| {
            step.lead = vec![Text::ours("code-sent-voice-unknown")];
            step.focus = Focus::First;
            step.parts = vec![form("code", "verify", vec![code(TextKind::Letters)])];
        }),
    ));
    all.push((
        "passcode",
        page("enter-passcode", |step| {
            step.lead = vec![Text::ours("press-your-key")];
            step.focus = Focus::First;
            step.parts = vec![form("code", "verify", vec![code(TextKind::Passcode)])];
            step.links = vec![another_way()];
        }),
    ));
    all.push((
        "access-code",
        page("enter-access-code", |step| {
            step.lead = vec![Text::ours("access-code-from-support")];
            step.focus = Focus::First;
            let at = at("code", "code", "code");
            step.parts =
                vec![form("code", "verify", vec![Control::Secret { at, kind: SecretKind::Code, username: None }])];
        }),
    ));
    all.push((
        "email",
        page("check-your-email", |step| {
            step.user = Some("ada@example.com".into());
            step.lead = vec![Text::ours("email-sent-link-or-code").with("to", "a***a@example.com")];
            step.focus = Focus::First;
            step.parts =
                vec![poll("waiting-for-link", "opened-the-link"), form("code", "verify", vec![code(TextKind::Digits)])];
            step.links = vec![post("send-again", "resend"), another_way(), back()];
        }),
    ));
    all.push((
        "email-send",
        page("get-an-email", |step| {
            step.user = Some("ada@example.com".into());
            step.lead = vec![Text::ours("can-email").with("to", "a***a@example.com")];
            step.parts = vec![form("send", "send-email", Vec::new())];
            step.links = vec![another_way()];
        }),
    ));
    all.push((
        "push-send",
        page("get-a-push", |step| {
            step.user = Some("ada@example.com".into());
            let mut at = at("auto", "autoChallenge", "send-automatically");
            at.optional = true;
            step.parts = vec![form("send", "send-push", vec![Control::Check { at, checked: false }])];
            step.links = vec![another_way()];
        }),
    ));
    all.push((
        "push",
        page("check-your-phone", |step| {
            step.user = Some("ada@example.com".into());
            step.lead = vec![Text::ours("approve-on-phone").with("app", "Okta Verify")];
            step.parts = vec![poll("waiting-for-approval", "approved-it")];
            step.links = vec![post("send-another-push", "resend"), another_way(), back()];
        }),
    ));
    all.push((
        "push-number",
        page("check-your-phone", |step| {
            step.user = Some("ada@example.com".into());
            step.lead = vec![Text::ours("tap-number").with("app", "Okta Verify")];
            step.parts = vec![Part::Number { number: "42".into() }, poll("waiting-for-approval", "approved-it")];
            step.links = vec![another_way()];
        }),
    ));
    all.push((
        "push-rejected",
        page("check-your-phone", |step| {
            step.problems = vec![Problem { text: Text::ours("push-rejected-not-you"), field: None }];
            step.parts = vec![form("send", "send-another-push", Vec::new())];
            step.links = vec![another_way()];
        }),
    ));
    all.push((
        "question",
        page("answer-question", |step| {
            step.user = Some("ada@example.com".into());
            step.focus = Focus::First;
            let at = Labelled { label: Text::ours("question-favorite_art_piece"), ..at("answer", "answer", "answer") };
            step.parts =
                vec![form("answer", "verify", vec![Control::Secret { at, kind: SecretKind::Answer, username: None }])];
            step.links = vec![another_way()];
        }),
    ));
    all.push((
        "passkey",
        page("use-your-passkey", |step| {
            step.user = Some("ada@example.com".into());
            step.lead = vec![Text::ours("passkey-lead")];
            step.parts = vec![
                Part::NeedsScript { text: Text::ours("needs-javascript") },
                Part::Form(Form {
                    act: "passkey".into(),
                    controls: hidden(&["clientData", "authenticatorData", "signatureData", "userHandle"]),
                    buttons: Vec::new(),
                    busy: Some(Text::ours("checking")),
                    ceremony: Some(Ceremony {
                        options: get_options(),
                        conditional: false,
                        text: Text::ours("continue-with-passkey"),
                    }),
                }),
            ];
            step.links = vec![another_way(), back()];
        }),
    ));
}

fn set_up(all: &mut Samples) {
    all.push((
        "choose-set-up",
        page("set-up-methods", |step| {
            step.user = Some("ada@example.com".into());
            step.lead = vec![Text::ours("set-up-methods-lead")];
            let about = |index, title: &str, about: &str, icon| Choice {
                detail: Some(Text::ours(about)),
                ..row(index, title, None, icon)
            };
            step.parts = vec![
                Part::Choices(Choices {
                    act: "choose".into(),
                    controls: Vec::new(),
                    groups: vec![
                        ChoiceGroup {
                            heading: Some(Text::ours("required-now")),
                            rows: vec![
                                about(0, "method-password", "about-password", Icon::Password),
                                about(1, "method-email", "about-email", Icon::Email),
                            ],
                        },
                        ChoiceGroup {
                            heading: Some(Text::ours("required-soon")),
                            rows: vec![Choice {
                                detail: Some(Text::ours("required-by").with("date", "1 December 2030")),
                                ..row(2, "method-passkey", None, Icon::Passkey)
                            }],
                        },
                        ChoiceGroup {
                            heading: Some(Text::ours("optional-methods")),
                            rows: vec![
                                about(3, "method-phone", "about-phone", Icon::Phone),
                                about(4, "method-app-code", "about-app-code", Icon::Code),
                            ],
                        },
                    ],
                }),
                form("skip", "remind-me-later", Vec::new()),
            ];
            step.links = vec![back()];
        }),
    ));
    all.push((
        "phone-add",
        page("add-your-phone", |step| {
            step.focus = Focus::First;
            let phone = Labelled { hint: Some(Text::ours("phone-hint")), ..at("phone", "phone", "phone-number") };
            let extension = Labelled { optional: true, ..at("ext", "ext", "extension") };
            step.parts = vec![form(
                "send",
                "send-code",
                vec![
                    text(phone, TextKind::Phone, ""),
                    Control::Radios {
                        at: at("method", "method", "how-to-get-code"),
                        options: vec![("sms".into(), Text::ours("by-text")), ("voice".into(), Text::ours("by-call"))],
                        value: "sms".into(),
                    },
                    text(extension, TextKind::Extension, ""),
                ],
            )];
            step.links = vec![another_way()];
        }),
    ));
    all.push((
        "app-set-up",
        page("set-up-app", |step| {
            step.focus = Focus::First;
            step.lead = vec![Text::ours("set-up-app-lead")];
            step.parts = vec![qr(), form("code", "verify", vec![code(TextKind::Digits)])];
            step.links = vec![another_way()];
        }),
    ));
    all.push((
        "question-choose",
        page("choose-question", |step| {
            let own = Labelled { optional: true, ..at("custom", "customQuestion", "your-question") };
            let answer =
                Labelled { hint: Some(Text::ours("answer-at-least").with("n", 4)), ..at("answer", "answer", "answer") };
            step.parts = vec![form(
                "answer",
                "save",
                vec![
                    Control::Select {
                        at: at("question", "questionKey", "question"),
                        options: vec![
                            ("favorite_art_piece".into(), Text::ours("question-favorite_art_piece")),
                            ("first_computer_game".into(), Text::ours("question-first_computer_game")),
                            ("custom".into(), Text::ours("own-question")),
                        ],
                        value: String::new(),
                    },
                    text(own, TextKind::Other { autocomplete: "off".into(), input: "text".into() }, ""),
                    Control::Secret { at: answer, kind: SecretKind::Answer, username: None },
                ],
            )];
        }),
    ));
    all.push((
        "passkey-create",
        page("create-a-passkey", |step| {
            step.lead = vec![Text::ours("create-passkey-lead")];
            step.parts = vec![
                Part::NeedsScript { text: Text::ours("needs-javascript") },
                Part::Form(Form {
                    act: "passkey".into(),
                    controls: hidden(&["clientData", "attestation", "transports", "clientExtensions"]),
                    buttons: Vec::new(),
                    busy: Some(Text::ours("saving")),
                    ceremony: Some(Ceremony {
                        options: create_options(),
                        conditional: false,
                        text: Text::ours("create-passkey"),
                    }),
                }),
            ];
            step.links = vec![post("not-now", "skip"), another_way()];
        }),
    ));
    all.push((
        "okta-verify-qr",
        page("set-up-okta-verify", |step| {
            step.lead = vec![Text::ours("scan-with-okta-verify")];
            step.parts = vec![Part::Qr { image: picture(), secret: None }, poll("waiting-for-phone", "set-it-up")];
            step.links = vec![another_way()];
        }),
    ));
    all.push((
        "okta-verify-channel",
        page("set-up-okta-verify", |step| {
            step.lead = vec![Text::ours("set-up-okta-verify-lead")];
            step.parts = vec![form(
                "channel",
                "next",
                vec![Control::Radios {
                    at: at("channel", "channel", "set-up-how"),
                    options: vec![
                        ("qrcode".into(), Text::ours("by-qr")),
                        ("email".into(), Text::ours("by-email-link")),
                        ("sms".into(), Text::ours("by-text-link")),
                    ],
                    value: "qrcode".into(),
                }],
            )];
        }),
    ));
}

fn passwords(all: &mut Samples) {
    all.push((
        "recover",
        page("reset-password", |step| {
            step.lead = vec![Text::ours("recover-lead")];
            step.focus = Focus::First;
            step.parts = vec![form("identify", "continue", vec![identifier("", false)])];
            step.links = vec![back()];
        }),
    ));
    all.push((
        "new-password",
        page("choose-a-new-password", |step| {
            step.focus = Focus::First;
            step.parts = vec![form("password", "save-password", vec![new_password(None), sign_out_elsewhere()])];
            step.links = vec![back()];
        }),
    ));
    all.push((
        "new-password-wrong",
        page("choose-a-new-password", |step| {
            step.focus = Focus::Problems;
            step.problems = vec![
                Problem { text: Text::ours("password-not-met"), field: Some("new-password".into()) },
                Problem { text: Text::ours("passwords-differ"), field: Some("confirm".into()) },
            ];
            step.parts = vec![form(
                "password",
                "save-password",
                vec![new_password(Some("password-not-met")), sign_out_elsewhere()],
            )];
        }),
    ));
    all.push((
        "password-expiring",
        page("", |step| {
            step.heading = Text::ours("password-expires-in").with("n", 3);
            step.notices = vec![Notice { kind: NoticeKind::Warn, text: Text::ours("password-expiring-text") }];
            step.parts = vec![form("password", "save-password", vec![new_password(None)])];
            step.links = vec![post("remind-me-later", "skip")];
        }),
    ));
    all.push((
        "password-elsewhere",
        page("password-elsewhere", |step| {
            step.lead = vec![Text::ours("password-elsewhere-text").with("name", "Example Corp")];
            step.parts = vec![Part::Leave {
                href: "https://password.example.com/".into(),
                text: Text::ours("go-to").with("name", "Example Corp"),
            }];
        }),
    ));
    all.push((
        "unlock",
        page("unlock-account", |step| {
            step.lead = vec![Text::ours("unlock-lead")];
            step.parts = vec![Part::Choices(Choices {
                act: "unlock".into(),
                controls: vec![identifier("", false)],
                groups: vec![ChoiceGroup {
                    heading: None,
                    rows: vec![row(0, "method-email", None, Icon::Email), row(1, "method-phone", None, Icon::Phone)],
                }],
            })];
            step.links = vec![back()];
        }),
    ));
    all.push((
        "link-expired",
        page("link-expired", |step| {
            step.lead = vec![Text::ours("link-expired-text")];
            step.parts = vec![form("send", "send-new-link", Vec::new())];
        }),
    ));
}

fn registration(all: &mut Samples) {
    all.push((
        "register",
        page("register", |step| {
            let other =
                |autocomplete: &str| TextKind::Other { autocomplete: autocomplete.into(), input: "text".into() };
            let middle = Labelled { optional: true, ..at("middleName", "userProfile.middleName", "field-middleName") };
            let admin = Labelled {
                label: Text::Theirs("Favourite <b>colour</b>".into()),
                ..at("colour", "userProfile.colour", "question")
            };
            step.lead = vec![Text::ours("all-required")];
            step.parts = vec![form(
                "profile",
                "register-button",
                vec![
                    text(at("firstName", "userProfile.firstName", "field-firstName"), other("given-name"), ""),
                    text(middle, other("additional-name"), ""),
                    text(at("lastName", "userProfile.lastName", "field-lastName"), other("family-name"), ""),
                    text(at("email", "userProfile.email", "field-email"), TextKind::Email, ""),
                    Control::Select {
                        at: at("countryCode", "userProfile.countryCode", "field-countryCode"),
                        options: vec![
                            ("FR".into(), Text::Theirs("France".into())),
                            ("GB".into(), Text::Theirs("United Kingdom".into())),
                        ],
                        value: String::new(),
                    },
                    text(admin, other("off"), ""),
                    new_password(None),
                ],
            )];
            step.links = vec![post("have-an-account", "sign-in")];
        }),
    ));
    all.push((
        "register-wrong",
        page("register", |step| {
            step.focus = Focus::Problems;
            step.problems = vec![Problem { text: Text::ours("not-unique-email"), field: Some("email".into()) }];
            let mut controls = vec![
                text(at("email", "userProfile.email", "field-email"), TextKind::Email, "ada@example.com"),
                new_password(None),
            ];
            say_wrong(&mut controls, "email", "not-unique-email");
            step.parts = vec![form("profile", "register-button", controls)];
        }),
    ));
    all.push((
        "more-details",
        page("more-details", |step| {
            step.lead = vec![Text::ours("more-details-lead")];
            let second =
                Labelled { optional: true, ..at("secondEmail", "userProfile.secondEmail", "field-secondEmail") };
            step.parts = vec![form(
                "profile",
                "save",
                vec![
                    Control::Fixed { label: Text::ours("field-login"), value: "ada@example.com".into() },
                    text(second, TextKind::Email, ""),
                ],
            )];
            step.links = vec![post("skip", "skip")];
        }),
    ));
    all.push((
        "consent",
        page("", |step| {
            step.heading = Text::ours("app-wants-access").with("app", "Payroll");
            step.lead = vec![Text::ours("app-will-be-able").with("app", "Payroll")];
            step.parts = vec![
                Part::Scopes {
                    scopes: vec![
                        ("See your name and email".into(), Some("Used to address you.".into())),
                        ("Read your calendar".into(), None),
                    ],
                },
                Part::Form(Form {
                    act: "consent".into(),
                    controls: Vec::new(),
                    buttons: vec![
                        Button {
                            text: Text::ours("allow"),
                            sends: Some(("consent".into(), "true".into())),
                            primary: true,
                        },
                        Button {
                            text: Text::ours("do-not-allow"),
                            sends: Some(("consent".into(), "false".into())),
                            primary: false,
                        },
                    ],
                    busy: None,
                    ceremony: None,
                }),
            ];
        }),
    ));
    all.push((
        "was-this-you",
        page("was-this-you", |step| {
            step.lead = vec![Text::ours("was-this-you-lead")];
            step.parts = vec![
                Part::Facts {
                    facts: vec![
                        (Text::ours("fact-browser"), "Firefox 140, Linux".into()),
                        (Text::ours("fact-app"), "Payroll".into()),
                        (Text::ours("fact-place"), "Lisbon, Portugal".into()),
                    ],
                },
                yes_or_no("yes-it-is-me", "no-it-is-not-me"),
            ];
        }),
    ));
    all.push((
        "stay-signed-in",
        page("stay-signed-in", |step| {
            step.lead = vec![Text::ours("stay-signed-in-lead")];
            step.parts = vec![yes_or_no("yes-stay-signed-in", "no-stay")];
        }),
    ));
    all.push((
        "user-code",
        page("connect-device", |step| {
            step.lead = vec![Text::ours("connect-device-lead")];
            step.focus = Focus::First;
            step.parts =
                vec![form("code", "next", vec![text(at("userCode", "userCode", "user-code"), TextKind::UserCode, "")])];
        }),
    ));
    all.push((
        "busy",
        page("busy-now", |step| {
            step.lead = vec![Text::ours("busy-now-text").with("n", 10)];
            step.parts = vec![poll("busy", "try-again")];
        }),
    ));
}

fn ends(all: &mut Samples) {
    let again = || Link { text: Text::ours("start-again"), to: To::Href("/.gateway/sign-in".into()) };
    let retry = || Link { text: Text::ours("try-again"), to: To::Href("/".into()) };
    let home = || Link { text: Text::ours("home"), to: To::Href("/".into()) };
    let reference = Some("01J9Z3K7Q2".to_owned());
    for (name, heading, text, action) in [
        ("session-expired", "session-expired", "session-expired-text", Some(again())),
        ("continued-elsewhere", "continued-elsewhere", "continued-elsewhere-text", None),
        ("link-no-longer-works", "link-no-longer-works", "link-no-longer-works-text", None),
        ("okta-message", "okta-idx-recovery-completed.heading", "okta-idx-recovery-completed", Some(again())),
        ("unknown-step", "cant-continue", "cant-continue-text", Some(again())),
        ("not-found", "page-not-found", "page-not-found-text", Some(home())),
        ("server-error", "something-went-wrong", "something-went-wrong-text", Some(retry())),
        ("unavailable", "sign-in-unavailable", "sign-in-unavailable-text", Some(retry())),
        ("maintenance", "maintenance", "maintenance-text", Some(retry())),
        ("cookies-off", "turn-on-cookies", "turn-on-cookies-text", Some(retry())),
        (
            "signed-out",
            "signed-out",
            "signed-out-text",
            Some(Link { text: Text::ours("sign-in-again"), to: To::Href("/".into()) }),
        ),
    ] {
        let mut message = message(heading, vec![Text::ours(text)], action.into_iter().collect());
        if matches!(name, "unknown-step" | "server-error") {
            message.reference.clone_from(&reference);
        }
        all.push((name, Page::Message(Box::new(message))));
    }
    let mut code =
        message("your-code", vec![Text::ours("your-code-text"), Text::ours("your-code-warning")], Vec::new());
    code.code = Some("483920".into());
    code.facts = vec![
        (Text::ours("fact-browser"), "Firefox 140, Linux".into()),
        (Text::ours("fact-place"), "Lisbon, Portugal".into()),
    ];
    all.push(("your-code", Page::Message(Box::new(code))));

    let mut no_access = message(
        "",
        vec![Text::ours("signed-in-as").with("user", "ada@example.com"), Text::ours("no-access-text")],
        vec![
            Link { text: Text::ours("request-access"), to: To::Href("https://help.example.com/access".into()) },
            Link { text: Text::ours("sign-in-as-someone-else"), to: To::Post("other-account".into()) },
        ],
    );
    no_access.heading = Text::ours("no-access-to").with("app", "Payroll");
    no_access.post = Some(carried());
    no_access.reference.clone_from(&reference);
    all.push(("no-access", Page::Message(Box::new(no_access))));

    let wait = Text::ours("too-many-attempts-wait").with("n", 30);
    all.push(("too-many", Page::Message(Box::new(message("too-many-attempts", vec![wait], vec![retry()])))));
    let silent = Text::ours("service-silent-text").with("host", "payroll.example.com");
    let mut silent = message("service-silent", vec![silent, Text::ours("you-are-signed-in-though")], vec![retry()]);
    silent.reference.clone_from(&reference);
    all.push(("service-silent", Page::Message(Box::new(silent))));

    let mut device = message("device-attention", vec![Text::ours("device-attention-text")], vec![again()]);
    device.steps = vec![
        vec![Text::Theirs("Update to Android 15.".into()), Text::Theirs("Restart the phone.".into())],
        vec![Text::Theirs("Use another device.".into())],
    ];
    all.push(("device", Page::Message(Box::new(device))));

    let theirs = "Ask <script>alert(1)</script> & \"others\"";
    let strange = Message {
        heading: Text::Theirs(theirs.into()),
        ..message("", vec![Text::ours("okta-a-key-nobody-knows").or(theirs)], vec![home()])
    };
    all.push(("strange-words", Page::Message(Box::new(strange))));

    all.push((
        "account",
        Page::Account(Account {
            name: "Ada Lovelace".into(),
            facts: vec![
                (Text::ours("account-username"), "ada@example.com".into()),
                (Text::ours("account-groups"), "staff, payroll".into()),
                (Text::ours("account-since"), "21 November 2030, 05:42 UTC".into()),
                (Text::ours("account-until"), "21 November 2030, 13:42 UTC".into()),
            ],
            sign_out: Post { action: "/.gateway/sign-out".into(), ..carried() },
        }),
    ));
    all.push(("sign-out", Page::SignOut(SignOut { post: Post { action: "/.gateway/sign-out".into(), ..carried() } })));
    all.push((
        "hand-over",
        Page::HandOver(HandOver {
            heading: Text::ours("signing-you-in"),
            href: "https://payroll.example.com/reports?year=2030&month=11".into(),
            text: Text::ours("continue-to").with("app", "Payroll"),
        }),
    ));
}

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

fn qr() -> Part {
    Part::Qr { image: picture(), secret: Some("JBSW Y3DP EHPK 3PXP".into()) }
}

/// One white pixel.
fn picture() -> String {
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGP4DwABAQEAG7buVgAAAABJRU5ErkJggg=="
        .into()
}
