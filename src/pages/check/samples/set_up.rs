//! What is set up: methods, passwords, accounts, consent.

use super::*;

pub(super) const SET_UP: &[Sample] = &[
    ("choose-set-up", choose_set_up),
    ("phone-add", phone_add),
    ("app-set-up", app_set_up),
    ("question-choose", question_choose),
    ("passkey-create", passkey_create),
    ("okta-verify-qr", okta_verify_qr),
    ("okta-verify-channel", okta_verify_channel),
];

pub(super) const PASSWORDS: &[Sample] = &[
    ("recover", recover),
    ("new-password", new_password_page),
    ("new-password-wrong", new_password_wrong),
    ("password-expiring", password_expiring),
    ("password-elsewhere", password_elsewhere),
    ("unlock", unlock),
    ("link-expired", link_expired),
];

pub(super) const REGISTRATION: &[Sample] = &[
    ("register", register),
    ("register-wrong", register_wrong),
    ("register-empty", register_empty),
    ("more-details", more_details),
    ("consent", consent),
    ("consent-in-parts", consent_in_parts),
    ("was-this-you", was_this_you),
    ("stay-signed-in", stay_signed_in),
    ("user-code", user_code),
    ("device-grace", device_grace),
    ("busy", busy),
];

fn choose_set_up() -> Page {
    page(strings::SET_UP_METHODS, |step| {
        step.user = Some("ada@example.com".into());
        step.lead = vec![Text::ours(strings::SET_UP_METHODS_LEAD)];
        let about = |index, title: Text, about, icon| Choice {
            detail: Some(Text::ours(about)),
            ..row(index, title, None, icon)
        };
        step.parts = vec![
            Part::Choices(Choices {
                act: "choose".into(),
                controls: Vec::new(),
                groups: vec![
                    ChoiceGroup {
                        heading: Some(Text::ours(strings::REQUIRED_NOW)),
                        rows: vec![
                            about(0, strings::METHOD_PASSWORD.into(), strings::ABOUT_PASSWORD, Icon::Password),
                            about(1, strings::METHOD_EMAIL.into(), strings::ABOUT_EMAIL, Icon::Email),
                        ],
                    },
                    ChoiceGroup {
                        heading: Some(Text::ours(strings::REQUIRED_SOON)),
                        rows: vec![Choice {
                            detail: Some(Text::ours(strings::REQUIRED_BY).with("date", "1 December 2030")),
                            ..row(2, strings::METHOD_PASSKEY, None, Icon::Passkey)
                        }],
                    },
                    ChoiceGroup {
                        heading: Some(Text::ours(strings::OPTIONAL_METHODS)),
                        rows: vec![
                            about(3, strings::METHOD_PHONE.into(), strings::ABOUT_PHONE, Icon::Phone),
                            about(4, Text::Theirs("Google Authenticator".into()), strings::ABOUT_APP_CODE, Icon::Code),
                        ],
                    },
                ],
            }),
            form("skip", strings::REMIND_ME_LATER, Vec::new()),
        ];
        step.links = vec![back()];
    })
}

fn phone_add() -> Page {
    page(strings::ADD_YOUR_PHONE, |step| {
        step.focus = Focus::First;
        let phone = Labelled {
            hint: Some(Text::ours(strings::PHONE_HINT)),
            ..Labelled::new("phone", "phone", strings::PHONE_NUMBER)
        };
        let extension = Labelled { optional: true, ..Labelled::new("ext", "ext", strings::EXTENSION) };
        step.parts = vec![form(
            "send",
            strings::SEND_CODE,
            vec![
                text(phone, TextKind::Phone, ""),
                Control::Radios {
                    at: Labelled::new("method", "method", strings::HOW_TO_GET_CODE),
                    options: vec![
                        ("sms".into(), Text::ours(strings::BY_TEXT)),
                        ("voice".into(), Text::ours(strings::BY_CALL)),
                    ],
                    value: "sms".into(),
                },
                text(extension, TextKind::Extension, ""),
            ],
        )];
        step.links = vec![another_way()];
    })
}

fn app_set_up() -> Page {
    page(strings::SET_UP_APP, |step| {
        step.focus = Focus::First;
        step.lead = vec![Text::ours(strings::SET_UP_APP_LEAD)];
        step.parts = vec![qr(), form("code", strings::VERIFY, vec![code(TextKind::Digits)])];
        step.links = vec![another_way()];
    })
}

fn question_choose() -> Page {
    page(strings::CHOOSE_QUESTION, |step| {
        let own = Labelled { optional: true, ..Labelled::new("custom", "customQuestion", strings::YOUR_QUESTION) };
        let answer = Labelled::new("answer", "answer", strings::ANSWER);
        step.parts = vec![form(
            "answer",
            strings::SAVE,
            vec![
                Control::Select {
                    at: Labelled::new("question", "questionKey", strings::QUESTION),
                    options: vec![
                        ("favorite_art_piece".into(), Text::named(Family::Question, "favorite_art_piece", "")),
                        ("first_computer_game".into(), Text::named(Family::Question, "first_computer_game", "")),
                        ("custom".into(), Text::ours(strings::OWN_QUESTION)),
                    ],
                    value: String::new(),
                },
                text(own, TextKind::Other { autocomplete: "off".into(), input: "text".into() }, ""),
                Control::Secret { at: answer, kind: SecretKind::Answer, username: None },
            ],
        )];
    })
}

fn passkey_create() -> Page {
    page(strings::CREATE_A_PASSKEY, |step| {
        step.lead = vec![Text::ours(strings::CREATE_PASSKEY_LEAD)];
        step.parts = vec![
            Part::NeedsScript { text: Text::ours(strings::NEEDS_JAVASCRIPT) },
            Part::Form(
                Form::new("passkey", hidden(&["clientData", "attestation", "transports", "clientExtensions"]))
                    .busy(strings::SAVING)
                    .ceremony(create_options(), false, strings::CREATE_PASSKEY),
            ),
        ];
        step.links = vec![Link::post(strings::NOT_NOW, "skip"), another_way()];
    })
}

fn okta_verify_qr() -> Page {
    page(strings::SET_UP_OKTA_VERIFY, |step| {
        step.lead = vec![Text::ours(strings::SCAN_WITH_OKTA_VERIFY)];
        step.parts = vec![
            Part::Qr { image: picture(), secret: None, secret_first: false },
            poll(strings::WAITING_FOR_PHONE, strings::SET_IT_UP),
        ];
        step.links = vec![another_way()];
    })
}

fn okta_verify_channel() -> Page {
    page(strings::SET_UP_OKTA_VERIFY, |step| {
        step.lead = vec![Text::ours(strings::SET_UP_OKTA_VERIFY_LEAD)];
        step.parts = vec![form(
            "channel",
            strings::NEXT,
            vec![Control::Radios {
                at: Labelled::new("channel", "channel", strings::SET_UP_HOW),
                options: vec![
                    ("qrcode".into(), Text::ours(strings::BY_QR)),
                    ("email".into(), Text::ours(strings::BY_EMAIL_LINK)),
                    ("sms".into(), Text::ours(strings::BY_TEXT_LINK)),
                ],
                value: "qrcode".into(),
            }],
        )];
    })
}

fn recover() -> Page {
    page(strings::RESET_PASSWORD, |step| {
        step.lead = vec![Text::ours(strings::RECOVER_LEAD)];
        step.focus = Focus::First;
        step.parts = vec![form("identify", strings::CONTINUE, vec![identifier("", false)])];
        step.links = vec![back()];
    })
}

fn new_password_page() -> Page {
    page(strings::CHOOSE_A_NEW_PASSWORD, |step| {
        step.focus = Focus::First;
        step.parts = vec![form("password", strings::SAVE_PASSWORD, vec![new_password(None), sign_out_elsewhere()])];
        step.links = vec![back()];
    })
}

fn new_password_wrong() -> Page {
    page(strings::CHOOSE_A_NEW_PASSWORD, |step| {
        step.focus = Focus::Problems;
        step.problems = vec![
            Problem::at("new-password", strings::PASSWORD_NOT_MET),
            Problem::at("confirm", strings::PASSWORDS_DIFFER),
        ];
        step.parts = vec![form(
            "password",
            strings::SAVE_PASSWORD,
            vec![new_password(Some(strings::PASSWORD_NOT_MET)), sign_out_elsewhere()],
        )];
    })
}

fn password_expiring() -> Page {
    page(Text::ours(strings::PASSWORD_EXPIRES_IN).with("n", 3), |step| {
        step.notices = vec![Notice { kind: NoticeKind::Warn, text: Text::ours(strings::PASSWORD_EXPIRING_TEXT) }];
        step.parts = vec![form("password", strings::SAVE_PASSWORD, vec![new_password(None)])];
        step.links = vec![Link::post(strings::REMIND_ME_LATER, "skip")];
    })
}

fn password_elsewhere() -> Page {
    page(strings::PASSWORD_ELSEWHERE, |step| {
        step.lead = vec![Text::ours(strings::PASSWORD_ELSEWHERE_TEXT).with("name", "Example Corp")];
        step.parts = vec![Part::Leave {
            href: "https://password.example.com/".into(),
            text: Text::ours(strings::GO_TO).with("name", "Example Corp"),
        }];
    })
}

fn unlock() -> Page {
    page(strings::UNLOCK_ACCOUNT, |step| {
        step.lead = vec![Text::ours(strings::UNLOCK_LEAD)];
        step.parts = vec![Part::Choices(Choices {
            act: "unlock".into(),
            controls: vec![identifier("", false)],
            groups: vec![ChoiceGroup {
                heading: None,
                rows: vec![
                    row(0, strings::METHOD_EMAIL, None, Icon::Email),
                    row(1, strings::METHOD_PHONE, None, Icon::Phone),
                ],
            }],
        })];
        step.links = vec![back()];
    })
}

fn link_expired() -> Page {
    page(strings::LINK_EXPIRED, |step| {
        step.lead = vec![Text::ours(strings::LINK_EXPIRED_TEXT)];
        step.parts = vec![form("send", strings::SEND_NEW_LINK, Vec::new())];
    })
}

fn register() -> Page {
    page(strings::REGISTER, |step| {
        let other = |autocomplete: &str| TextKind::Other { autocomplete: autocomplete.into(), input: "text".into() };
        let middle = Labelled { optional: true, ..attribute("middleName") };
        let admin = Labelled {
            label: Text::Theirs("Favourite <b>colour</b>".into()),
            ..Labelled::new("colour", "userProfile.colour", strings::QUESTION)
        };
        step.lead = vec![Text::ours(strings::ALL_REQUIRED)];
        step.parts = vec![form(
            "profile",
            strings::REGISTER_BUTTON,
            vec![
                text(attribute("firstName"), other("given-name"), ""),
                text(middle, other("additional-name"), ""),
                text(attribute("lastName"), other("family-name"), ""),
                text(attribute("email"), TextKind::Email, ""),
                Control::Select {
                    at: attribute("countryCode"),
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
        step.links = vec![Link::post(strings::HAVE_AN_ACCOUNT, "sign-in")];
    })
}

fn register_wrong() -> Page {
    page(strings::REGISTER, |step| {
        step.focus = Focus::Problems;
        step.problems = vec![Problem::at("email", strings::NOT_UNIQUE_EMAIL)];
        let mut controls = vec![text(attribute("email"), TextKind::Email, "ada@example.com"), new_password(None)];
        say_wrong(&mut controls, "email", strings::NOT_UNIQUE_EMAIL);
        step.parts = vec![form("profile", strings::REGISTER_BUTTON, controls)];
    })
}

fn register_empty() -> Page {
    page(strings::REGISTER, |step| {
        let plain = |autocomplete: &str| TextKind::Other { autocomplete: autocomplete.into(), input: "text".into() };
        let mut controls = vec![
            text(attribute("firstName"), plain("given-name"), ""),
            text(attribute("lastName"), plain("family-name"), ""),
            text(attribute("email"), TextKind::Email, ""),
        ];
        for id in ["firstName", "lastName", "email"] {
            step.problems.push(Problem { text: Text::ours(strings::ENTER_THIS), field: Some(id.into()) });
            say_wrong(&mut controls, id, strings::ENTER_THIS);
        }
        step.focus = Focus::Problems;
        step.parts = vec![form("profile", strings::REGISTER_BUTTON, controls)];
    })
}

fn more_details() -> Page {
    page(strings::MORE_DETAILS, |step| {
        step.lead = vec![Text::ours(strings::MORE_DETAILS_LEAD)];
        let second = Labelled { optional: true, ..attribute("secondEmail") };
        step.parts = vec![form(
            "profile",
            strings::SAVE,
            vec![
                Control::Fixed { label: Text::named(Family::Field, "login", ""), value: "ada@example.com".into() },
                text(second, TextKind::Email, ""),
            ],
        )];
        step.links = vec![Link::post(strings::SKIP, "skip")];
    })
}

fn consent() -> Page {
    page(Text::ours(strings::APP_WANTS_ACCESS).with("app", "Payroll"), |step| {
        step.lead = vec![Text::ours(strings::APP_WILL_BE_ABLE).with("app", "Payroll")];
        step.parts = vec![
            Part::Scopes {
                scopes: vec![
                    ("See your name and email".into(), Some("Used to address you.".into())),
                    ("Read your calendar".into(), None),
                ],
            },
            yes_or_no(strings::ALLOW, strings::DO_NOT_ALLOW),
        ];
    })
}

fn consent_in_parts() -> Page {
    page(Text::ours(strings::APP_WANTS_ACCESS).with("app", "Payroll"), |step| {
        let scope = |id: &str, label: &str, hint: Option<&str>| Control::Check {
            at: Labelled {
                hint: hint.map(|hint| Text::Theirs(hint.into())),
                ..Labelled::new(id, &format!("optedScopes.{id}"), Text::Theirs(label.into()))
            },
            checked: true,
        };
        let Part::Form(decision) = yes_or_no(strings::ALLOW, strings::DO_NOT_ALLOW) else { return };
        step.parts = vec![Part::Form(Form {
            controls: vec![
                scope("email", "See your email address", Some("Used to send you payslips.")),
                scope("calendar", "Read your calendar", None),
                Control::Fixed { label: Text::ours(strings::ALWAYS_SHARED), value: "Your name".into() },
            ],
            ..decision
        })];
    })
}

fn was_this_you() -> Page {
    page(strings::WAS_THIS_YOU, |step| {
        step.lead = vec![Text::ours(strings::WAS_THIS_YOU_LEAD)];
        step.parts = vec![
            Part::Facts {
                facts: vec![
                    (Text::ours(strings::FACT_BROWSER), "Firefox 140, Linux".into()),
                    (Text::ours(strings::FACT_DEVICE), "Linux".into()),
                    (Text::ours(strings::FACT_PLACE), "Lisbon, Portugal".into()),
                ],
            },
            yes_or_no(strings::YES_IT_IS_ME, strings::NO_IT_IS_NOT_ME),
        ];
    })
}

fn stay_signed_in() -> Page {
    page(strings::STAY_SIGNED_IN, |step| {
        step.lead = vec![Text::ours(strings::STAY_SIGNED_IN_LEAD)];
        step.parts = vec![yes_or_no(strings::YES_STAY_SIGNED_IN, strings::NO_STAY)];
    })
}

fn user_code() -> Page {
    page(strings::CONNECT_DEVICE, |step| {
        step.lead = vec![Text::ours(strings::CONNECT_DEVICE_LEAD)];
        step.focus = Focus::First;
        step.parts = vec![form(
            "code",
            strings::NEXT,
            vec![text(Labelled::new("userCode", "userCode", strings::USER_CODE), TextKind::UserCode, "")],
        )];
    })
}

fn device_grace() -> Page {
    page(strings::DEVICE_ATTENTION, |step| {
        let text = Text::ours(strings::DEVICE_GRACE).with("date", "2030-12-01T00:00:00.000Z");
        step.notices = vec![Notice { kind: NoticeKind::Warn, text }];
        step.parts = vec![
            Part::Steps { options: vec![vec![fix("Update to Android 15.")], vec![fix("Set a screen lock.")]] },
            form("device-assurance-grace-period", strings::CONTINUE_TO_APP, Vec::new()),
        ];
    })
}

fn busy() -> Page {
    page(strings::BUSY_NOW, |step| {
        step.parts = vec![poll(strings::BUSY, strings::TRY_AGAIN)];
    })
}
