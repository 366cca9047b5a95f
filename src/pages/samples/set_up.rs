//! What is set up: methods, passwords, accounts, consent.

use super::*;

pub(super) fn set_up(all: &mut Samples) {
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
                                Choice {
                                    title: Text::Theirs("Google Authenticator".into()),
                                    ..about(4, "", "about-app-code", Icon::Code)
                                },
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
            let answer = at("answer", "answer", "answer");
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
            step.parts = vec![
                Part::Qr { image: picture(), secret: None, secret_first: false },
                poll("waiting-for-phone", "set-it-up"),
            ];
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

pub(super) fn passwords(all: &mut Samples) {
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

pub(super) fn registration(all: &mut Samples) {
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
        "register-empty",
        page("register", |step| {
            let plain =
                |autocomplete: &str| TextKind::Other { autocomplete: autocomplete.into(), input: "text".into() };
            let mut controls = vec![
                text(at("firstName", "userProfile.firstName", "field-firstName"), plain("given-name"), ""),
                text(at("lastName", "userProfile.lastName", "field-lastName"), plain("family-name"), ""),
                text(at("email", "userProfile.email", "field-email"), TextKind::Email, ""),
            ];
            for id in ["firstName", "lastName", "email"] {
                step.problems.push(Problem { text: Text::ours("enter-this"), field: Some(id.into()) });
                say_wrong(&mut controls, id, "enter-this");
            }
            step.focus = Focus::Problems;
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
        "consent-in-parts",
        page("", |step| {
            step.heading = Text::ours("app-wants-access").with("app", "Payroll");
            let scope = |id: &str, label: &str, hint: Option<&str>| Control::Check {
                at: Labelled {
                    label: Text::Theirs(label.into()),
                    hint: hint.map(|hint| Text::Theirs(hint.into())),
                    ..at(id, &format!("optedScopes.{id}"), "")
                },
                checked: true,
            };
            let Part::Form(decision) = yes_or_no("allow", "do-not-allow") else { return };
            step.parts = vec![Part::Form(Form {
                controls: vec![
                    scope("email", "See your email address", Some("Used to send you payslips.")),
                    scope("calendar", "Read your calendar", None),
                    Control::Fixed { label: Text::ours("always-shared"), value: "Your name".into() },
                ],
                ..decision
            })];
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
                        (Text::ours("fact-device"), "Linux".into()),
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
        "device-grace",
        page("device-attention", |step| {
            let text = Text::ours("device-grace").with("date", "2030-12-01T00:00:00.000Z");
            step.notices = vec![Notice { kind: NoticeKind::Warn, text }];
            step.parts = vec![
                Part::Steps { options: vec![vec![fix("Update to Android 15.")], vec![fix("Set a screen lock.")]] },
                form("device-assurance-grace-period", "continue-to-app", Vec::new()),
            ];
        }),
    ));
    all.push((
        "busy",
        page("busy-now", |step| {
            step.parts = vec![poll("busy", "try-again")];
        }),
    ));
}
