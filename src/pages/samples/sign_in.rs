//! Who it is, and how they show it.

use super::*;

pub(super) fn sign_in(all: &mut Samples) {
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
        "identify-passkey",
        page("sign-in", |step| {
            step.parts =
                vec![form("identify", "sign-in", vec![identifier("", true), password(None)]), passkey_autofill()];
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

pub(super) fn methods(all: &mut Samples) {
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
                        Choice { title: Text::Theirs("Google Authenticator".into()), ..row(3, "", None, Icon::Code) },
                        row(4, "method-question", None, Icon::Question),
                        row(5, "method-password", None, Icon::Password),
                        Choice { title: Text::Theirs("Badge reader".into()), ..row(6, "", None, Icon::Other) },
                        Choice { title: Text::Theirs("Example Corp".into()), ..row(7, "", None, Icon::Provider) },
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
            at.optional = false;
            step.parts = vec![form("send", "send-push", vec![Control::Check { at, checked: false }])];
            step.links = vec![another_way()];
        }),
    ));
    all.push((
        "push-or-code",
        page("get-a-push", |step| {
            step.user = Some("ada.lovelace@engineering.example.com".into());
            let mut at = at("auto", "autoChallenge", "send-automatically");
            at.optional = false;
            let method = |text: &str, value: &str| Button {
                text: Text::ours(text),
                sends: Some(("methodType".into(), value.into())),
                primary: value == "totp",
            };
            step.parts = vec![Part::Form(Form {
                act: "send".into(),
                controls: vec![Control::Check { at, checked: false }],
                buttons: vec![method("enter-code", "totp"), method("send-push", "push")],
                busy: None,
                ceremony: None,
            })];
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
                Part::More { title: Text::ours("cant-use-passkey"), text: Text::ours("cant-use-passkey-text") },
            ];
            step.links = vec![another_way(), back()];
        }),
    ));
}
