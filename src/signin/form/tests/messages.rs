//! What the org says, on the page of a step.

use super::*;
use crate::pages::Language;

/// The reply of one form with one message.
fn told(name: &str, fields: Value, message: Value) -> Reply {
    let form = json!([{"name": name, "value": fields}]);
    reply(form, json!({"messages": {"value": [message]}, "app": {"value": {"label": "Payroll"}}}))
}

fn error(key: &str) -> Value {
    json!({"message": "So it is", "class": "ERROR", "i18n": {"key": key}})
}

/// What a page says went wrong, in this language.
fn problems(page: Step, tag: &str) -> String {
    let pages = crate::pages::Pages::compile(&crate::pages::Look::default()).expect("the pages compile");
    let language: Language = pages.language(Some(tag), None);
    let frame = crate::pages::Frame { language, prefix: "/p".to_owned(), here: "/".to_owned(), host: String::new() };
    let html = pages.render(&crate::pages::Page::Step(Box::new(page)), &frame).expect("the page renders");
    let list = html.split("id=\"problems-h\"").nth(1).and_then(|rest| rest.split("</ul>").next()).unwrap_or_default();
    list.to_owned()
}

#[test]
fn a_sentence_that_has_a_heading_of_its_own_comes_after_it() {
    let password = json!([{"name": "credentials", "form": {"value": [{"name": "passcode", "secret": true}]}}]);
    for (tag, words) in [
        ("en", "You can’t reset the password here. Contact support."),
        ("ja", "ここではパスワードを再設定できません。"),
    ] {
        let refused = error("oie.selfservice.reset.password.not.allowed");
        let said = problems(shown(&told("challenge-authenticator", password.clone(), refused)), tag);
        assert!(said.contains(words), "{tag}: {said}");
    }
    let said = problems(shown(&told("challenge-authenticator", password, error("never.heard.of"))), "en");
    assert!(said.contains("So it is") && !said.contains("So it is."), "{said}");
}

#[test]
fn only_what_tells_accounts_apart_is_one_sentence_at_the_front_door() {
    let name = json!([{"name": "identifier"}]);
    let keyless = json!({"message": "The card could not be read", "class": "ERROR"});
    for (message, words) in [
        (error("errors.E0000004"), "Your username or password is not right."),
        (error("errors.E0000119"), "Your username or password is not right."),
        (error("idx.error.user.not.assigned.to.app"), "You don’t have access to Payroll. "),
        (error("idx.error.code.user_not_assigned"), "You don’t have access to Payroll. "),
        (keyless, "The card could not be read"),
    ] {
        let said = problems(shown(&told("identify", name.clone(), message)), "en");
        assert!(said.contains(words), "{words}: {said}");
    }
    for provider in ["redirect-idp", "piv-idp"] {
        let said = problems(shown(&told(provider, json!([]), error("errors.E0000004"))), "en");
        assert!(said.contains("We couldn’t sign you in with the other service. "), "{said}");
    }
}

#[test]
fn where_a_person_gets_back_in_a_refusal_says_nothing_of_the_account() {
    let name = json!([{"name": "identifier"}]);
    let keyless = json!({"message": "Not found: the authenticator is not enrolled", "class": "ERROR"});
    for kind in ["select-authenticator-unlock-account", "unlock-account", "identify-recovery"] {
        for message in [error("errors.E0000007"), error("errors.E0000032"), keyless.clone()] {
            let page = shown(&told(kind, name.clone(), message));
            assert_eq!(id(&page.problems[0].text), "recover-sent", "{kind}");
        }
        let page = shown(&told(kind, name.clone(), error("tooManyRequests")));
        assert_eq!(id(&page.problems[0].text), "okta-tooManyRequests", "{kind}");
    }
}

#[test]
fn nothing_that_an_account_has_is_shown_to_somebody_who_gets_back_in() {
    let option = json!({"label": "Phone", "relatesTo": "$.authenticators.value[0]", "value": {"form": {"value": [{"name": "id", "value": "a", "mutable": false}]}}});
    let list = |name: &str, intent: &str| {
        let form = json!([{"name": name, "value": [{"name": "authenticator", "options": [option]}]}]);
        let phone = json!({"key": "phone_number", "id": "a", "profile": {"phoneNumber": "+1 XXX-XXX-2241"}, "nickname": "Work"});
        let user = json!({"value": {"identifier": "mary@example.com"}});
        reply(form, json!({"authenticators": {"value": [phone]}, "intent": intent, "user": user}))
    };
    let code = |intent: &str| {
        let code = json!([{"name": "challenge-authenticator", "relatesTo": ["$.currentAuthenticator"],
            "value": [{"name": "credentials", "form": {"value": [{"name": "passcode"}]}}]}]);
        let email = json!({"key": "okta_email", "id": "1", "profile": {"email": "m***y@example.com"}, "methods": [{"type": "email"}]});
        reply(code, json!({"currentAuthenticator": {"value": email}, "intent": intent}))
    };
    let masked = |reply: &Reply| {
        let page = serde_json::to_string(&shown(reply)).expect("JSON");
        ["2241", "Work", "m***y", "mary@"].iter().any(|word| page.contains(word))
    };
    for intent in ["CREDENTIAL_RECOVERY", "UNLOCK_ACCOUNT", "unlock_account", "RECOVERY"] {
        assert!(!masked(&code(intent)) && !masked(&list("select-authenticator-authenticate", intent)), "{intent}");
    }
    assert!(!masked(&list("select-authenticator-unlock-account", "LOGIN")));
    assert!(masked(&code("LOGIN")) && masked(&list("select-authenticator-authenticate", "LOGIN")));
}
