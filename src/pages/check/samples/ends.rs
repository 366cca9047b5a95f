//! Ends of a flow, errors, the account.

use super::*;

pub(super) fn ends(all: &mut Samples) {
    let again = || Link { text: Text::ours(strings::START_AGAIN), to: To::Href("/.gateway/sign-in".into()) };
    let retry = || Link { text: Text::ours(strings::TRY_AGAIN), to: To::Href("/".into()) };
    let home = || Link { text: Text::ours(strings::HOME), to: To::Href("/".into()) };
    let sign_in_again = || Link { text: Text::ours(strings::SIGN_IN_AGAIN), to: To::Href("/".into()) };
    let reference = Some("01J9Z3K7Q2".to_owned());
    for (name, heading, text, action) in [
        ("session-expired", strings::SESSION_EXPIRED, strings::SESSION_EXPIRED_TEXT, Some(again())),
        ("continued-elsewhere", strings::CONTINUED_ELSEWHERE, strings::CONTINUED_ELSEWHERE_TEXT, None),
        ("link-no-longer-works", strings::LINK_NO_LONGER_WORKS, strings::LINK_NO_LONGER_WORKS_TEXT, None),
        ("unknown-step", strings::CANT_CONTINUE, strings::CANT_CONTINUE_TEXT, Some(again())),
        ("not-found", strings::PAGE_NOT_FOUND, strings::PAGE_NOT_FOUND_TEXT, Some(home())),
        ("server-error", strings::SOMETHING_WENT_WRONG, strings::SOMETHING_WENT_WRONG_TEXT, Some(retry())),
        ("unavailable", strings::SIGN_IN_UNAVAILABLE, strings::SIGN_IN_UNAVAILABLE_TEXT, Some(retry())),
        ("maintenance", strings::MAINTENANCE, strings::MAINTENANCE_TEXT, Some(retry())),
        ("cookies-off", strings::TURN_ON_COOKIES, strings::TURN_ON_COOKIES_TEXT, Some(retry())),
        ("signed-out", strings::SIGNED_OUT, strings::SIGNED_OUT_TEXT, Some(sign_in_again())),
    ] {
        let mut message = message(heading, vec![Text::ours(text)], action.into_iter().collect());
        if matches!(name, "unknown-step" | "server-error") {
            message.reference.clone_from(&reference);
        }
        all.push((name, Page::Message(Box::new(message))));
    }
    let key = "idx.recovery.completed";
    let okta = message(
        Text::named(Family::MessageHeading, key, ""),
        vec![Text::named(Family::Message, key, "")],
        vec![again()],
    );
    all.push(("okta-message", Page::Message(Box::new(okta))));
    let mut code = message(
        strings::YOUR_CODE,
        vec![Text::ours(strings::YOUR_CODE_TEXT), Text::ours(strings::YOUR_CODE_WARNING)],
        Vec::new(),
    );
    code.code = Some("483920".into());
    code.facts = vec![
        (Text::ours(strings::FACT_BROWSER), "Firefox 140, Linux".into()),
        (Text::ours(strings::FACT_PLACE), "Lisbon, Portugal".into()),
    ];
    all.push(("your-code", Page::Message(Box::new(code))));

    let mut no_access = message(
        Text::ours(strings::NO_ACCESS_TO).with("app", "Payroll"),
        vec![Text::ours(strings::SIGNED_IN_AS).with("user", "ada@example.com"), Text::ours(strings::NO_ACCESS_TEXT)],
        vec![
            Link { text: Text::ours(strings::REQUEST_ACCESS), to: To::Href("https://help.example.com/access".into()) },
            Link { text: Text::ours(strings::SIGN_IN_AS_SOMEONE_ELSE), to: To::Post("other-account".into()) },
        ],
    );
    no_access.post = Some(carried());
    no_access.reference.clone_from(&reference);
    all.push(("no-access", Page::Message(Box::new(no_access))));

    let wait = Text::ours(strings::TOO_MANY_ATTEMPTS_WAIT).with("n", 30);
    all.push(("too-many", Page::Message(Box::new(message(strings::TOO_MANY_ATTEMPTS, vec![wait], vec![retry()])))));
    let silent = Text::ours(strings::SERVICE_SILENT_TEXT).with("host", "payroll.example.com");
    let mut silent =
        message(strings::SERVICE_SILENT, vec![silent, Text::ours(strings::YOU_ARE_SIGNED_IN_THOUGH)], vec![retry()]);
    silent.reference.clone_from(&reference);
    all.push(("service-silent", Page::Message(Box::new(silent))));

    let mut device =
        message(strings::DEVICE_ATTENTION, vec![Text::ours(strings::DEVICE_ATTENTION_TEXT)], vec![again()]);
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
    let unknown = Text::named(Family::Message, "a.key.nobody.knows", theirs);
    let strange = message(Text::Theirs(theirs.into()), vec![unknown], vec![home()]);
    all.push(("strange-words", Page::Message(Box::new(strange))));

    all.push((
        "account",
        Page::Account(Account {
            name: "Ada Lovelace".into(),
            facts: vec![
                (Text::ours(strings::ACCOUNT_USERNAME), "ada@example.com".into()),
                (Text::ours(strings::ACCOUNT_GROUPS), "staff, payroll".into()),
                (Text::ours(strings::ACCOUNT_LEFT_OUT), "groups".into()),
                (Text::ours(strings::ACCOUNT_SINCE), "21 November 2030, 05:42 UTC".into()),
                (Text::ours(strings::ACCOUNT_UNTIL), "21 November 2030, 13:42 UTC".into()),
                (Text::ours(strings::ACCOUNT_METHODS), "pwd, sms, mfa, own.way".into()),
                (Text::named(Family::Field, "department", ""), "Payroll".into()),
            ],
            settings: Some("https://example.okta.com/enduser/settings".into()),
            sign_out: Post { action: "/.gateway/sign-out".into(), ..carried() },
        }),
    ));
    all.push(("sign-out", Page::SignOut(SignOut { post: Post { action: "/.gateway/sign-out".into(), ..carried() } })));
    all.push((
        "hand-over",
        Page::HandOver(HandOver {
            heading: Text::ours(strings::SIGNING_YOU_IN),
            href: "https://payroll.example.com/reports?year=2030&month=11".into(),
            text: Text::ours(strings::CONTINUE),
        }),
    ));
}
