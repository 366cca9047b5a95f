//! What the org says, on the page of a step.

use super::*;

/// The reply of one form with one message.
fn told(name: &str, fields: Value, message: Value) -> Reply {
    let form = json!([{"name": name, "value": fields}]);
    reply(form, json!({"messages": {"value": [message]}, "app": {"value": {"label": "Payroll"}}}))
}

fn error(key: &str) -> Value {
    json!({"message": "So it is", "class": "ERROR", "i18n": {"key": key}})
}

/// What a page says went wrong, in this language.
fn problems(page: StepPage, tag: &str) -> String {
    let html = html(page, tag);
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
    let refused =
        shown(&told("challenge-authenticator", password.clone(), error("oie.selfservice.reset.password.not.allowed")));
    assert_eq!(refused.problems[0].field, None, "it is not about the box");
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

#[test]
fn a_password_that_expires_soon_is_a_warning() {
    let password = json!([{"name": "credentials", "form": {"value": [{"name": "passcode", "secret": true}]}}]);
    let message = json!({"message": "Soon", "class": "INFO", "i18n": {"key": "idx.password.expiring.message"}});
    let page = shown(&told("reenroll-authenticator-warning", password, message));
    assert_eq!(page.notices[0].kind, crate::pages::NoticeKind::Warn);
}

#[test]
fn an_end_that_nobody_knows_says_its_words_once() {
    let long = "Word ".repeat(30);
    for (words, heading) in [("It is over", "It is over"), (long.trim(), "Something went wrong")] {
        let message = json!({"message": words, "class": "ERROR", "i18n": {"key": "never.heard.of"}});
        let Parsed::Terminal(reply) = parsed(&json!({"version": "1.0.0", "messages": {"value": [message]}})) else {
            panic!("{words}")
        };
        let pages = Pages::compile(&Look::default()).expect("the pages compile");
        let language = pages.language(Some("en"), None);
        let frame = Frame { language, prefix: "/p".to_owned(), here: "/".to_owned(), host: String::new() };
        let html = pages.render(&Page::Message(Box::new(terminal(&reply, "/again", None, ""))), &frame);
        let html = html.expect("the page renders");
        let body = html.split("<h1").nth(1).expect("a heading");
        assert!(body.contains(heading) && body.matches(words).count() == 1, "{body}");
    }
}

#[test]
fn whoever_has_a_new_password_signs_in_with_it() {
    let message = json!({"message": "Done", "class": "INFO", "i18n": {"key": "idx.recovery.completed"}});
    let Parsed::Terminal(reply) = parsed(&json!({"version": "1.0.0", "messages": {"value": [message]}})) else {
        panic!("not an end")
    };
    assert_eq!(id(&terminal(&reply, "/again", None, "").actions[0].text), "sign-in");
}

#[test]
fn a_device_is_told_what_to_change_in_the_language_of_the_page() {
    let of = |step: &str| format!("idx.error.code.access_denied.device_assurance.remediation.{step}");
    let theirs = format!("device.assurance.custom.remediation.{}", of("ios.use_lock_screen"));
    let message = |key: &str, params: Value| json!({"message": "In English", "class": "ERROR", "i18n": {"key": key, "params": params}});
    for (key, params, words) in [
        (of("android.upgrade_os_version"), json!(["100"]), "Auf Android 100 aktualisieren"),
        (of("android.upgrade_os_version"), json!([]), "In English"),
        (of("macos.device_disk_encrypted"), json!([]), "Gerät verschlüsseln"),
        (of("windows.never_heard_of"), json!([]), "In English"),
        (theirs, json!([]), "In English"),
    ] {
        let form = json!([{"name": "device-assurance-grace-period", "value": []}]);
        let page = shown(&reply(form, json!({"messages": {"value": [message(&key, params)]}})));
        assert!(html(page, "de").contains(words), "{key}");
    }
}

#[test]
fn a_wrong_answer_is_told_in_our_words() {
    let answer = json!([{"name": "credentials", "form": {"value": [{"name": "answer", "secret": true}]}}]);
    for (key, words) in [
        ("authfactor.challenge.question_factor.answer_invalid", "That answer is not right."),
        ("oie.authenticator.custom_app.method.push.verify.enable.biometrics", "Turn on biometrics"),
        ("oie.authenticator.app.non_fips_compliant_enrollment_app_update_required", "Update Okta Verify, and"),
    ] {
        let said = problems(shown(&told("challenge-authenticator", answer.clone(), error(key))), "en");
        assert!(said.contains(words), "{key}: {said}");
    }
}
