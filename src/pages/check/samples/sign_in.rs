//! Who it is, and how they show it.

use super::*;

pub(super) const SIGN_IN: &[Sample] = &[
    ("identify", identify),
    ("identify-password", identify_password),
    ("identify-passkey", identify_passkey),
    ("identify-wrong", identify_wrong),
    ("identify-empty", identify_empty),
    ("provider-only", provider_only),
    ("choose-provider", choose_provider),
    ("password", password_page),
    ("password-wrong", password_wrong),
    ("old-step", old_step),
];

pub(super) const METHODS: &[Sample] = &[
    ("choose-method", choose_method),
    ("phone-method", phone_method),
    ("code-sms", code_sms),
    ("code-wrong", code_wrong),
    ("code-letters", code_letters),
    ("passcode", passcode),
    ("access-code", access_code),
    ("email", email),
    ("email-send", email_send),
    ("push-send", push_send),
    ("push-or-code", push_or_code),
    ("push", push),
    ("push-number", push_number),
    ("push-rejected", push_rejected),
    ("question", question),
    ("passkey", passkey),
];

fn identify() -> Page {
    page(strings::SIGN_IN, |step| {
        step.lead = vec![Text::ours(strings::TO_CONTINUE_TO).with("app", "Payroll")];
        step.parts =
            vec![form("identify", strings::NEXT, vec![identifier("", false), remember()]), Part::Or, providers()];
        step.links = vec![
            Link::post(strings::FORGOT_PASSWORD, "recover"),
            Link::post(strings::UNLOCK_ACCOUNT, "unlock"),
            Link::post(strings::CREATE_ACCOUNT, "register"),
        ];
    })
}

fn identify_password() -> Page {
    page(strings::SIGN_IN, |step| {
        step.parts = vec![
            form("identify", strings::SIGN_IN, vec![identifier("", true), password(None), remember()]),
            Part::Or,
            passkey_autofill(),
            providers(),
        ];
        step.links = vec![Link::post(strings::FORGOT_PASSWORD, "recover")];
    })
}

fn identify_passkey() -> Page {
    page(strings::SIGN_IN, |step| {
        step.parts =
            vec![form("identify", strings::SIGN_IN, vec![identifier("", true), password(None)]), passkey_autofill()];
    })
}

fn identify_wrong() -> Page {
    page(strings::SIGN_IN, |step| {
        step.problems = vec![Problem::at("identifier", strings::BAD_CREDENTIALS)];
        step.focus = Focus::Problems;
        step.parts = vec![form(
            "identify",
            strings::SIGN_IN,
            vec![identifier("ada@example.com", false), password(None), remember()],
        )];
        step.links = vec![Link::post(strings::FORGOT_PASSWORD, "recover")];
    })
}

fn identify_empty() -> Page {
    page(strings::SIGN_IN, |step| {
        step.problems =
            vec![Problem::at("identifier", strings::ENTER_USERNAME), Problem::at("password", strings::ENTER_PASSWORD)];
        step.focus = Focus::Problems;
        let mut controls = vec![identifier("", false), password(None)];
        say_wrong(&mut controls, "identifier", strings::ENTER_USERNAME);
        say_wrong(&mut controls, "password", strings::ENTER_PASSWORD);
        step.parts = vec![form("identify", strings::SIGN_IN, controls)];
    })
}

fn provider_only() -> Page {
    page(strings::SIGN_IN, |step| {
        step.parts = vec![Part::Providers { providers: vec![provider("Example Corp", "saml2")] }];
    })
}

fn choose_provider() -> Page {
    page(strings::SIGN_IN, |step| {
        step.focus = Focus::First;
        let providers = vec![provider("Staff directory", ""), provider("Google", "google")];
        let address = form("address", strings::NEXT, vec![identifier("", false)]);
        step.parts = vec![address, Part::Or, Part::Providers { providers }];
    })
}

fn password_page() -> Page {
    page(strings::ENTER_PASSWORD, |step| {
        step.user = Some("ada@example.com".into());
        step.focus = Focus::First;
        step.parts = vec![form("password", strings::SIGN_IN, vec![password(Some("ada@example.com"))])];
        step.links = vec![Link::post(strings::FORGOT_PASSWORD, "recover"), another_way()];
    })
}

fn password_wrong() -> Page {
    page(strings::ENTER_PASSWORD, |step| {
        step.user = Some("ada@example.com".into());
        step.focus = Focus::First;
        step.problems = vec![Problem::at("password", strings::WRONG_PASSWORD)];
        let mut controls = vec![password(Some("ada@example.com"))];
        say_wrong(&mut controls, "password", strings::WRONG_PASSWORD);
        step.parts = vec![form("password", strings::SIGN_IN, controls)];
        step.links = vec![another_way()];
    })
}

fn old_step() -> Page {
    page(strings::ENTER_PASSWORD, |step| {
        step.user = Some("ada@example.com".into());
        step.notices = vec![Notice { kind: NoticeKind::Info, text: Text::ours(strings::STEP_ALREADY_DONE) }];
        step.parts = vec![form("password", strings::SIGN_IN, vec![password(Some("ada@example.com"))])];
    })
}

fn choose_method() -> Page {
    page(strings::VERIFY_IT_IS_YOU, |step| {
        step.user = Some("ada@example.com".into());
        step.lead = vec![Text::ours(strings::CHOOSE_HOW_TO_VERIFY)];
        step.parts = vec![Part::Choices(Choices {
            act: "choose".into(),
            controls: Vec::new(),
            groups: vec![ChoiceGroup {
                heading: None,
                rows: vec![
                    row(0, strings::METHOD_PASSKEY, None, Icon::Passkey),
                    row(1, strings::METHOD_EMAIL, Some("a***a@example.com"), Icon::Email),
                    row(2, strings::METHOD_PHONE, Some("+44 7XXX XXX 123"), Icon::Phone),
                    row(3, Text::Theirs("Google Authenticator".into()), None, Icon::Code),
                    row(4, strings::METHOD_QUESTION, None, Icon::Question),
                    row(5, strings::METHOD_PASSWORD, None, Icon::Password),
                    row(6, Text::Theirs("Badge reader".into()), None, Icon::Other),
                    row(7, Text::Theirs("Example Corp".into()), None, Icon::Provider),
                    row(8, strings::METHOD_OKTA_VERIFY_PUSH, Some("Ada’s phone"), Icon::Push),
                ],
            }],
        })];
        step.links = vec![back()];
    })
}

fn phone_method() -> Page {
    page(strings::VERIFY_WITH_PHONE, |step| {
        step.user = Some("ada@example.com".into());
        step.lead = vec![
            Text::ours(strings::CAN_SEND_CODE_TO).with("to", "+44 7XXX XXX 123"),
            Text::ours(strings::CARRIER_CHARGES),
        ];
        let send = Form::new("send", Vec::new()).choice(strings::SEND_TEXT, "method", "sms", true);
        step.parts = vec![Part::Form(send.choice(strings::CALL_ME, "method", "voice", false).busy(strings::SENDING))];
        step.links = vec![another_way(), back()];
    })
}

fn code_sms() -> Page {
    page(strings::CHECK_YOUR_PHONE, |step| {
        step.user = Some("ada@example.com".into());
        step.lead = vec![Text::ours(strings::CODE_SENT_SMS).with("to", "+44 7XXX XXX 123")];
        step.focus = Focus::First;
        step.parts = vec![form("code", strings::VERIFY, vec![code(TextKind::Digits)])];
        step.links = vec![Link::post(strings::SEND_NEW_CODE, "resend"), another_way(), back()];
    })
}

fn code_wrong() -> Page {
    page(strings::CHECK_YOUR_PHONE, |step| {
        step.user = Some("ada@example.com".into());
        step.lead = vec![Text::ours(strings::CODE_SENT_SMS).with("to", "+44 7XXX XXX 123")];
        step.focus = Focus::First;
        step.problems = vec![Problem::at("code", strings::CODE_WRONG)];
        let mut controls = vec![code(TextKind::Digits)];
        say_wrong(&mut controls, "code", strings::CODE_WRONG);
        step.parts = vec![form("code", strings::VERIFY, controls)];
        step.links = vec![Link::post(strings::SEND_NEW_CODE, "resend"), another_way()];
    })
}

fn code_letters() -> Page {
    page(strings::CHECK_YOUR_PHONE, |step| {
        step.lead = vec![Text::ours(strings::CODE_SENT_VOICE_UNKNOWN)];
        step.focus = Focus::First;
        step.parts = vec![form("code", strings::VERIFY, vec![code(TextKind::Letters)])];
    })
}

fn passcode() -> Page {
    page(strings::ENTER_PASSCODE, |step| {
        step.lead = vec![Text::ours(strings::PRESS_YOUR_KEY)];
        step.focus = Focus::First;
        step.parts = vec![form("code", strings::VERIFY, vec![code(TextKind::Passcode)])];
        step.links = vec![another_way()];
    })
}

fn access_code() -> Page {
    page(strings::ENTER_ACCESS_CODE, |step| {
        step.lead = vec![Text::ours(strings::ACCESS_CODE_FROM_SUPPORT)];
        step.focus = Focus::First;
        let at = Labelled::new("code", "code", strings::CODE);
        let code = Control::Secret { at, kind: SecretKind::Code, username: None };
        step.parts = vec![form("code", strings::VERIFY, vec![code])];
    })
}

fn email() -> Page {
    page(strings::CHECK_YOUR_EMAIL, |step| {
        step.user = Some("ada@example.com".into());
        step.lead = vec![Text::ours(strings::EMAIL_SENT_LINK_OR_CODE).with("to", "a***a@example.com")];
        step.focus = Focus::First;
        step.parts = vec![
            poll(strings::WAITING_FOR_LINK, strings::OPENED_THE_LINK),
            form("code", strings::VERIFY, vec![code(TextKind::Digits)]),
        ];
        step.links = vec![Link::post(strings::SEND_AGAIN, "resend"), another_way(), back()];
    })
}

fn email_send() -> Page {
    page(strings::GET_AN_EMAIL, |step| {
        step.user = Some("ada@example.com".into());
        step.lead = vec![Text::ours(strings::CAN_EMAIL).with("to", "a***a@example.com")];
        step.parts = vec![form("send", strings::SEND_EMAIL, Vec::new())];
        step.links = vec![another_way()];
    })
}

fn push_send() -> Page {
    page(strings::GET_A_PUSH, |step| {
        step.user = Some("ada@example.com".into());
        let at = Labelled::new("auto", "autoChallenge", strings::SEND_AUTOMATICALLY);
        step.parts = vec![form("send", strings::SEND_PUSH, vec![Control::Check { at, checked: false }])];
        step.links = vec![another_way()];
    })
}

fn push_or_code() -> Page {
    page(strings::GET_A_PUSH, |step| {
        step.user = Some("ada.lovelace@engineering.example.com".into());
        let at = Labelled::new("auto", "autoChallenge", strings::SEND_AUTOMATICALLY);
        let send = Form::new("send", vec![Control::Check { at, checked: false }]);
        let send = send.choice(strings::ENTER_CODE, "methodType", "totp", true);
        step.parts = vec![Part::Form(send.choice(strings::SEND_PUSH, "methodType", "push", false))];
    })
}

fn push() -> Page {
    page(strings::CHECK_YOUR_PHONE, |step| {
        step.user = Some("ada@example.com".into());
        step.lead = vec![Text::ours(strings::APPROVE_ON_PHONE).with("app", "Okta Verify")];
        step.parts = vec![poll(strings::WAITING_FOR_APPROVAL, strings::APPROVED_IT)];
        step.links = vec![Link::post(strings::SEND_ANOTHER_PUSH, "resend"), another_way(), back()];
    })
}

fn push_number() -> Page {
    page(strings::CHECK_YOUR_PHONE, |step| {
        step.user = Some("ada@example.com".into());
        step.lead = vec![Text::ours(strings::TAP_NUMBER).with("app", "Okta Verify")];
        step.parts =
            vec![Part::Number { number: "42".into() }, poll(strings::WAITING_FOR_APPROVAL, strings::APPROVED_IT)];
        step.links = vec![another_way()];
    })
}

fn push_rejected() -> Page {
    page(strings::CHECK_YOUR_PHONE, |step| {
        step.problems = vec![Problem::new(strings::PUSH_REJECTED_NOT_YOU)];
        step.parts = vec![form("send", strings::SEND_ANOTHER_PUSH, Vec::new())];
        step.links = vec![another_way()];
    })
}

fn question() -> Page {
    page(strings::ANSWER_QUESTION, |step| {
        step.user = Some("ada@example.com".into());
        step.focus = Focus::First;
        let at = Labelled {
            label: Text::named(Family::Question, "favorite_art_piece", ""),
            ..Labelled::new("answer", "answer", strings::ANSWER)
        };
        step.parts = vec![form(
            "answer",
            strings::VERIFY,
            vec![Control::Secret { at, kind: SecretKind::Answer, username: None }],
        )];
        step.links = vec![another_way()];
    })
}

fn passkey() -> Page {
    page(strings::USE_YOUR_PASSKEY, |step| {
        step.user = Some("ada@example.com".into());
        step.lead = vec![Text::ours(strings::PASSKEY_LEAD)];
        step.parts = vec![
            Part::NeedsScript { text: Text::ours(strings::NEEDS_JAVASCRIPT) },
            Part::Form(passkey_form().busy(strings::CHECKING).ceremony(
                get_options(),
                false,
                strings::CONTINUE_WITH_PASSKEY,
            )),
            Part::More {
                title: Text::ours(strings::CANT_USE_PASSKEY),
                text: Text::ours(strings::CANT_USE_PASSKEY_TEXT),
            },
        ];
        step.links = vec![another_way(), back()];
    })
}
