//! Ends of a flow, errors, the account.

use super::*;

pub(super) fn ends(all: &mut Samples) {
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
        vec![
            Fix {
                text: Text::Theirs("Update to Android 15.".into()),
                href: Some("https://help.example.com/15".into()),
            },
            fix("Restart the phone."),
        ],
        vec![fix("Use another device.")],
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
                (Text::ours("account-methods"), "pwd, sms, mfa, own.way".into()),
                (Text::ours("field-department"), "Payroll".into()),
            ],
            settings: Some("https://example.okta.com/enduser/settings".into()),
            sign_out: Post { action: "/.gateway/sign-out".into(), ..carried() },
        }),
    ));
    all.push(("sign-out", Page::SignOut(SignOut { post: Post { action: "/.gateway/sign-out".into(), ..carried() } })));
    all.push((
        "hand-over",
        Page::HandOver(HandOver {
            heading: Text::ours("signing-you-in"),
            href: "https://payroll.example.com/reports?year=2030&month=11".into(),
            text: Text::ours("continue"),
        }),
    ));
}
