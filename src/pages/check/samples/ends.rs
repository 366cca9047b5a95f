//! Ends of a flow, errors, the account.

use super::*;

const REFERENCE: &str = "01J9Z3K7Q2";

pub(super) const ENDS: &[Sample] = &[
    ("session-expired", || end(strings::SESSION_EXPIRED, strings::SESSION_EXPIRED_TEXT, vec![again()])),
    ("continued-elsewhere", || end(strings::CONTINUED_ELSEWHERE, strings::CONTINUED_ELSEWHERE_TEXT, Vec::new())),
    ("link-no-longer-works", || end(strings::LINK_NO_LONGER_WORKS, strings::LINK_NO_LONGER_WORKS_TEXT, Vec::new())),
    ("not-found", || end(strings::PAGE_NOT_FOUND, strings::PAGE_NOT_FOUND_TEXT, vec![home()])),
    ("unknown-host", unknown_host),
    ("unavailable", || end(strings::SIGN_IN_UNAVAILABLE, strings::SIGN_IN_UNAVAILABLE_TEXT, vec![retry()])),
    ("sessions-unavailable", || end(strings::SESSIONS_UNAVAILABLE, strings::SESSIONS_UNAVAILABLE_TEXT, vec![retry()])),
    ("maintenance", || end(strings::MAINTENANCE, strings::MAINTENANCE_TEXT, vec![retry()])),
    ("cookies-off", || end(strings::TURN_ON_COOKIES, strings::TURN_ON_COOKIES_TEXT, vec![retry()])),
    ("signed-out", || {
        end(strings::SIGNED_OUT, strings::SIGNED_OUT_TEXT, vec![Link::href(strings::SIGN_IN_AGAIN, "/")])
    }),
    ("unknown-step", || {
        quoted(message(strings::CANT_CONTINUE, vec![strings::CANT_CONTINUE_TEXT.into()], vec![again()]))
    }),
    ("server-error", server_error),
    ("okta-message", okta_message),
    ("your-code", your_code),
    ("no-access", no_access),
    ("proven-before", proven_before),
    ("too-many", too_many),
    ("service-silent", service_silent),
    ("device", device),
    ("strange-words", strange_words),
    ("account", account),
    ("sessions", sessions),
    ("sign-out", sign_out),
    ("send-again", send_again),
    ("form-not-sent", form_not_sent),
    ("framed", framed),
    ("hand-over", hand_over),
    ("hand-over-by-form", hand_over_by_form),
];

fn again() -> Link {
    Link::href(strings::START_AGAIN, "/.gateway/sign-in")
}

fn retry() -> Link {
    Link::href(strings::TRY_AGAIN, "/")
}

fn home() -> Link {
    Link::href(strings::HOME, "/")
}

fn end(heading: StringId, text: StringId, actions: Vec<Link>) -> Page {
    Page::from(message(heading, vec![Text::ours(text)], actions))
}

/// With a reference to quote to support.
fn quoted(message: MessagePage) -> Page {
    Page::from(MessagePage { reference: Some(REFERENCE.to_owned()), ..message })
}

fn server_error() -> Page {
    quoted(message(strings::SOMETHING_WENT_WRONG, vec![strings::SOMETHING_WENT_WRONG_TEXT.into()], vec![retry()]))
}

fn okta_message() -> Page {
    let named = |family| Text::named(family, "idx.recovery.completed", "");
    Page::from(message(named(Family::MessageHeading), vec![named(Family::Message)], vec![again()]))
}

fn your_code() -> Page {
    let paragraphs = vec![Text::ours(strings::YOUR_CODE_TEXT), Text::ours(strings::YOUR_CODE_WARNING)];
    Page::from(MessagePage {
        code: Some("483920".into()),
        facts: vec![
            (Text::ours(strings::FACT_BROWSER), "Firefox 140, Linux".into()),
            (Text::ours(strings::FACT_PLACE), "Lisbon, Portugal".into()),
        ],
        ..message(strings::YOUR_CODE, paragraphs, Vec::new())
    })
}

fn no_access() -> Page {
    let heading = Text::ours(strings::NO_ACCESS_TO).with("app", "Payroll");
    let who = Text::ours(strings::SIGNED_IN_AS).with("user", "ada@example.com");
    let actions = vec![
        Link::href(strings::REQUEST_ACCESS, "https://help.example.com/access"),
        Link::post(strings::SIGN_IN_AS_SOMEONE_ELSE, "other-account"),
    ];
    let message = message(heading, vec![who, Text::ours(strings::NO_ACCESS_TEXT)], actions);
    quoted(MessagePage { post: Some(carried()), ..message })
}

fn proven_before() -> Page {
    let heading = Text::ours(strings::PROVEN_BEFORE).with("name", "Example Bank");
    quoted(message(heading, vec![Text::ours(strings::PROVEN_BEFORE_TEXT)], vec![again()]))
}

fn too_many() -> Page {
    let wait = Text::ours(strings::TOO_MANY_ATTEMPTS_WAIT).with("n", 30);
    Page::from(message(strings::TOO_MANY_ATTEMPTS, vec![wait], vec![retry()]))
}

fn service_silent() -> Page {
    let silent = Text::ours(strings::SERVICE_SILENT_TEXT).with("host", "payroll.example.com");
    let paragraphs = vec![silent, Text::ours(strings::YOU_ARE_SIGNED_IN_THOUGH)];
    quoted(message(strings::SERVICE_SILENT, paragraphs, vec![retry()]))
}

fn unknown_host() -> Page {
    let text = Text::ours(strings::UNKNOWN_HOST_TEXT).with("host", "payroll.example.net");
    quoted(message(strings::UNKNOWN_HOST, vec![text], vec![Link::href(strings::HOME, "https://wiki.example.com/")]))
}

fn device() -> Page {
    let update =
        Fix { text: Text::Theirs("Update to Android 15.".into()), href: Some("https://help.example.com/15".into()) };
    let steps = vec![vec![update, fix("Restart the phone.")], vec![fix("Use another device.")]];
    let paragraphs = vec![Text::ours(strings::DEVICE_ATTENTION_TEXT)];
    Page::from(MessagePage { steps, ..message(strings::DEVICE_ATTENTION, paragraphs, vec![again()]) })
}

fn strange_words() -> Page {
    let theirs = "Ask <script>alert(1)</script> & \"others\"";
    let unknown = Text::named(Family::Message, "a.key.nobody.knows", theirs);
    Page::from(message(Text::Theirs(theirs.into()), vec![unknown], vec![home()]))
}

fn account() -> Page {
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
        sessions: Some("/.gateway/sessions".into()),
        settings: Some("https://example.okta.com/enduser/settings".into()),
        sign_out: Post { action: "/.gateway/sign-out".into(), ..carried() },
    })
}

fn send_again() -> Page {
    let fields = vec![("note".into(), "a \"quoted\" line\r\nand another".into()), ("amount".into(), "12.50".into())];
    Page::SendAgain(SendAgain {
        heading: Text::ours(strings::SEND_FORM_AGAIN),
        action: "/expenses?draft=1".into(),
        fields,
    })
}

fn form_not_sent() -> Page {
    let sign_in =
        Link { text: Text::ours(strings::SIGN_IN_NEW_TAB), to: To::Tab("/.gateway/sign-in?return=%2F".into()) };
    let send = Link::post(strings::SEND_FORM_AGAIN, "send");
    let page = message(strings::FORM_NOT_SENT, vec![strings::FORM_NOT_SENT_TEXT.into()], vec![sign_in, send]);
    Page::from(MessagePage { post: Some(Post { action: "/.gateway/kept".into(), ..carried() }), ..page })
}

fn framed() -> Page {
    let out = Link { text: Text::ours(strings::SIGN_IN), to: To::Top("/.gateway/sign-in?return=%2F".into()) };
    Page::from(message(strings::SESSION_NEEDED, vec![strings::SIGN_IN_FRAMED.into()], vec![out]))
}

fn sessions() -> Page {
    let facts = |browser: &str, place: &str| {
        vec![
            (Text::ours(strings::FACT_BROWSER), browser.into()),
            (Text::ours(strings::FACT_PLACE), place.into()),
            (Text::ours(strings::ACCOUNT_SINCE), "21 November 2030, 05:42 UTC".into()),
            (Text::ours(strings::SESSION_LAST_USED), "21 November 2030, 09:12 UTC".into()),
        ]
    };
    let post = |step: &str| Some(Post { action: "/.gateway/sessions".into(), step: step.into(), ..carried() });
    let listed =
        |browser: &str, place, end| ListedSession { browser: browser.into(), facts: facts(browser, place), end };
    Page::Sessions(SessionsPage {
        sessions: vec![
            listed("Firefox, Linux", "192.0.2.7", None),
            listed("Safari, iPhone", "2001:db8::7", post("one")),
            listed("Someone's <b>own</b>/1.0", "", post("two")),
        ],
        end_others: post(""),
    })
}

fn sign_out() -> Page {
    Page::SignOut(SignOut { post: Post { action: "/.gateway/sign-out".into(), ..carried() } })
}

fn hand_over() -> Page {
    Page::HandOver(HandOver {
        heading: Text::ours(strings::SIGNING_YOU_IN),
        href: "https://payroll.example.com/reports?year=2030&month=11".into(),
        post: None,
        text: Text::ours(strings::CONTINUE),
    })
}

fn hand_over_by_form() -> Page {
    Page::HandOver(HandOver {
        heading: Text::ours(strings::SIGNING_YOU_IN),
        href: String::new(),
        post: Some(Post { action: "/.gateway/flow/AAAAAAAAAAAAAAAAAAAAAA/arrive".into(), ..carried() }),
        text: Text::ours(strings::CONTINUE),
    })
}
