//! Replies that the sandbox org does not give, and the pages that follow from them.

use idx_gateway::idx::{Reply, Step};
use idx_gateway::pages::{Frame, Link, Look, MessagePage, Page as Shown, Pages, Post, To};
use idx_gateway::signin::screens::{self, Passkeys, View};
use idx_gateway::signin::transaction::Entry;
use serde_json::{Value, json};
use url::Url;

use crate::page::Page;

const DEVICE: &str = "idx.error.code.access_denied.device_assurance.remediation.";

fn org() -> Url {
    Url::parse("https://org.example/oauth2/default").expect("an address")
}

fn end(reply: Value) -> Reply {
    match Step::parse(403, None, reply.to_string().as_bytes(), &org()) {
        Step::Terminal(reply) => *reply,
        other => panic!("not an end: {other:?}"),
    }
}

fn shown(page: &Shown, language: &str) -> Page {
    let pages = Pages::compile(&Look::default()).expect("the pages compile");
    let language = pages.language(Some(language), None);
    let frame = Frame { language, prefix: "/.gateway".to_owned(), here: "/".to_owned(), host: String::new() };
    Page::read(&pages.render(page, &frame).expect("the page renders"))
}

fn step(reply: &Value, language: &str) -> Page {
    let Step::Pending(reply) = Step::parse(200, None, reply.to_string().as_bytes(), &org()) else {
        panic!("not a step")
    };
    let view = View {
        entry: Entry::SignIn,
        post: Post { action: "/.gateway/flow/1".to_owned(), csrf: "c".to_owned(), step: "s".to_owned() },
        typed: &[],
        problems: Vec::new(),
        notices: Vec::new(),
        passkeys: &Passkeys::Related,
        on_phone: false,
        reference: "01J9".to_owned(),
        hosted: false,
        providers: Vec::new(),
    };
    let page = screens::page(reply.first().expect("a remediation"), &reply, view);
    shown(&Shown::Step(Box::new(page)), language)
}

fn told(key: &str, message: &str, link: Option<&str>) -> Value {
    let links: Vec<_> = link.into_iter().map(|url| json!({"url": url})).collect();
    json!({"message": message, "i18n": {"key": key}, "class": "ERROR", "links": links})
}

/// What a device must change: two ways, one of them an administrator's own words with a page that helps.
fn device_messages() -> Vec<Value> {
    let custom = format!("device.assurance.custom.remediation.{DEVICE}android.upgrade_os_version");
    vec![
        told(&format!("{DEVICE}option_index"), "Option 1:", None),
        told(&custom, "It's our policy that you <b>upgrade</b>", Some("https://acme.example/upgrade")),
        told(&format!("{DEVICE}android.use_lock_screen"), "Enable lock screen", Some("javascript:alert(1)")),
        told(&format!("{DEVICE}option_index"), "Option 2:", None),
        told(&format!("{DEVICE}ios.use_biometrics"), "Enable biometrics", None),
        told(&format!("{DEVICE}additional_help_default"), "For more information…", Some("https://org.example/help")),
    ]
}

#[test]
fn what_a_device_must_change_is_a_list_an_option() {
    let mut messages = vec![told(&format!("{DEVICE}title"), "Your device doesn't meet the requirements", None)];
    messages.extend(device_messages());
    let reply = end(json!({"version": "1.0.0", "messages": {"type": "array", "value": messages}}));
    let page: MessagePage = screens::terminal(&reply, "/.gateway/sign-in", None, "");
    let lengths: Vec<_> = page.steps.iter().map(Vec::len).collect();
    assert_eq!(lengths, [2, 1]);
    let page = shown(&Shown::Message(Box::new(page)), "en");
    assert_eq!(page.headings, ["Your device needs attention"]);
    assert_eq!(page.link("It's our policy that you upgrade"), Some("https://acme.example/upgrade"));
    assert_eq!(page.link("How to fix it"), Some("https://org.example/help"));
    assert_eq!(page.link("Try again"), Some("/.gateway/sign-in"));
    for words in ["Option 1 It's our policy", "Enable lock screen Option 2 Enable biometrics"] {
        assert!(page.text.contains(words), "{words}: {}", page.text);
    }
    assert!(page.links.iter().all(|(address, _)| !address.starts_with("javascript")));
}

#[test]
fn a_device_with_a_grace_period_may_go_on_and_hears_until_when() {
    let mut messages = vec![json!({
        "message": "Fix the issue by 09/05/2031, 12:00 AM UTC", "class": "WARNING",
        "i18n": {"key": "idx.device_assurance.grace_period.warning.title.due_by_date", "params": ["2031-09-05T00:00:00.000Z"]},
    })];
    messages.extend(device_messages());
    let reply = json!({
        "version": "1.0.0", "stateHandle": "h", "messages": {"type": "array", "value": messages},
        "remediation": {"type": "array", "value": [{
            "name": "device-assurance-grace-period", "rel": ["create-form"], "method": "POST",
            "href": "https://org.example/idp/idx/skip",
            "value": [{"name": "stateHandle", "value": "h", "visible": false, "mutable": false}],
        }]},
    });
    let page = step(&reply, "en");
    assert_eq!(page.headings, ["Your device needs attention"]);
    assert_eq!(page.problems, [""; 0], "steps to take are no mistakes");
    assert!(page.text.contains("Fix it by 5 September 2031, 00:00 UTC, or"), "{}", page.text);
    assert!(page.text.contains("Option 2 Enable biometrics"), "{}", page.text);
    assert!(page.button("Continue to the app").is_some(), "{}", page.text);
    assert!(step(&reply, "de").text.contains("5. September 2031"), "the day is said in the page's language");
}

#[test]
fn an_org_that_is_busy_is_asked_again_by_the_page_or_by_a_press() {
    let page = step(
        &json!({
            "version": "1.0.0", "stateHandle": "h",
            "remediation": {"type": "array", "value": [{
                "name": "poll", "rel": ["create-form"], "method": "POST", "refresh": 10000,
                "href": "https://org.example/idp/idx/poll",
                "value": [{"name": "stateHandle", "value": "h", "visible": false, "mutable": false}],
            }]},
        }),
        "en",
    );
    assert_eq!(page.headings, ["We can’t finish this right now"]);
    let data = |wanted: &str| page.data.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.as_str());
    assert_eq!((data("data-refresh"), data("data-countdown")), (Some("10000"), Some("We will try again in {time}.")));
    assert!(page.text.contains("Wait 10 seconds, then try again."), "{}", page.text);
    assert!(page.button("Try again").is_some(), "{}", page.text);
}

#[test]
fn whoever_has_no_access_learns_where_to_ask_for_it() {
    let reply = json!({
        "version": "1.0.0",
        "messages": {"type": "array", "value": [{
            "message": "User is not assigned to the client application.", "class": "ERROR",
            "i18n": {"key": "idx.error.user.not.assigned.to.app"},
        }]},
        "app": {"type": "object", "value": {"label": "Pay & Leave"}},
        "user": {"type": "object", "value": {"identifier": "ada@example.com"}},
    });
    let page =
        screens::terminal(&end(reply), "/.gateway/sign-in", Some("https://help.example/access?app={app}"), "01J9");
    let said = shown(&Shown::Message(Box::new(page.clone())), "en");
    assert_eq!(said.headings, ["You don’t have access to Pay & Leave"]);
    assert!(said.text.contains("You are signed in as ada@example.com."), "{}", said.text);
    let to = |link: &Link| match &link.to {
        To::Href(href) | To::Tab(href) | To::Top(href) => href.clone(),
        To::Post(act) => act.clone(),
    };
    let ways: Vec<_> = page.actions.iter().map(to).collect();
    assert_eq!(ways, ["https://help.example/access?app=Pay+%26+Leave", "/.gateway/sign-in"]);
    assert_eq!(page.reference.as_deref(), Some("01J9"));
}
