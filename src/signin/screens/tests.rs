//! Replies that the sandbox does not give, and the pages that they become.

use serde_json::{Value, json};
use url::Url;

use super::*;
use crate::idx::{Failure, Step as Parsed};
use crate::pages::{Frame, Look, Page, Pages, Text, TextKind, To};

mod boxes;
mod devices;
mod messages;
mod ways;

fn parsed(root: &Value) -> Parsed {
    let org = Url::parse("https://org.example/oauth2/default").expect("an address");
    Parsed::parse(200, None, root.to_string().as_bytes(), &org)
}

/// The reply whose remediations are these; `root` has what else it says.
fn reply(remediations: Value, mut root: Value) -> Reply {
    let mut forms = remediations;
    for form in forms.as_array_mut().expect("a list") {
        let name = form["name"].as_str().expect("a name").to_owned();
        form["href"] = json!(format!("https://org.example/idp/idx/{name}"));
        form["method"] = json!("POST");
    }
    root["version"] = json!("1.0.0");
    root["remediation"] = json!({ "value": forms });
    match parsed(&root) {
        Parsed::Pending(reply) => *reply,
        other => panic!("{other:?}"),
    }
}

/// The same with one remediation of this name and these fields, about an authenticator.
fn about(name: &str, fields: Value, authenticator: Value) -> Reply {
    let form = json!([{"name": name, "value": fields, "relatesTo": ["$.currentAuthenticator"]}]);
    reply(form, json!({"currentAuthenticator": {"value": authenticator}}))
}

fn view(typed: &Posted) -> View<'_> {
    View {
        entry: Entry::SignIn,
        post: Post { action: "/f".to_owned(), csrf: "c".to_owned(), step: "s".to_owned() },
        typed,
        problems: Vec::new(),
        notices: Vec::new(),
        on_phone: false,
        reference: String::new(),
        hosted: false,
        providers: Vec::new(),
        passkeys: &Passkeys::Related,
    }
}

/// What a page says and holds, as HTML in this language.
fn html(page: StepPage, tag: &str) -> String {
    let pages = Pages::compile(&Look::default()).expect("the pages compile");
    let language = pages.language(Some(tag), None);
    let frame = Frame { language, prefix: "/p".to_owned(), here: "/".to_owned(), host: String::new() };
    pages.render(&Page::Step(Box::new(page)), &frame).expect("the page renders")
}

fn shown(reply: &Reply) -> StepPage {
    page(reply.first().expect("a remediation"), reply, view(&[]))
}

/// Our string's id, or somebody else's words.
fn id(text: &Text) -> &str {
    match text {
        Text::Ours { id, .. } => id.name(),
        Text::Named { id, .. } => id,
        Text::Headed { sentence, .. } => id(sentence),
        Text::Theirs(words) => words,
    }
}

fn controls(page: &StepPage) -> Vec<&Control> {
    page.parts
        .iter()
        .filter_map(|part| if let Part::Form(form) = part { Some(form) } else { None })
        .flat_map(|form| &form.controls)
        .collect()
}

fn buttons(page: &StepPage) -> Vec<&str> {
    let forms = page.parts.iter().filter_map(|part| if let Part::Form(form) = part { Some(form) } else { None });
    forms.flat_map(|form| &form.buttons).map(|button| id(&button.text)).collect()
}

fn posted(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

#[test]
fn each_step_has_its_heading_and_its_button() {
    let code = json!([{"name": "credentials", "form": {"value": [{"name": "passcode"}]}}]);
    let password = json!([{"name": "credentials", "form": {"value": [{"name": "passcode", "secret": true}]}}]);
    let method = |value: &str| json!([{"name": "authenticator", "form": {"value": [{"name": "methodType", "value": value, "mutable": false}]}}]);
    let verify = json!({"key": "okta_verify", "id": "1", "displayName": "Okta Verify"});
    let phone = json!({"key": "phone_number", "id": "1"});
    let rsa = json!({"key": "rsa_token", "id": "1"});
    let strange = json!({"key": "wave", "id": "1"});
    let expires = |days: i64| json!({"key": "okta_password", "id": "1", "settings": {"daysToExpiry": days}});
    for (name, fields, authenticator, heading, button) in [
        ("authenticator-verification-data", method("push"), verify.clone(), "get-a-push", "send-push"),
        ("authenticator-verification-data", method("sms"), phone.clone(), "verify-with-phone", "send-text"),
        ("authenticator-verification-data", method("fax"), phone, "verify-with-phone", "continue"),
        ("challenge-authenticator", code.clone(), rsa, "enter-passcode", "verify"),
        ("challenge-authenticator", code.clone(), strange, "verify-it-is-you", "verify"),
        ("reenroll-authenticator-warning", password.clone(), expires(0), "password-expires-today", "save-password"),
        ("reenroll-authenticator-warning", password.clone(), expires(3), "password-expires-in", "save-password"),
        ("reenroll-authenticator-warning", password, expires(-1), "password-expires-soon", "save-password"),
        (
            "profile-update",
            json!([{"name": "userProfile", "form": {"value": [{"name": "city"}]}}]),
            json!({}),
            "more-details",
            "save",
        ),
        (
            "request-activation-email",
            json!([{"name": "stateHandle", "value": "h", "mutable": false}]),
            json!({}),
            "link-expired",
            "send-new-link",
        ),
        ("never-heard-of", code, json!({}), "verify-it-is-you", "continue"),
    ] {
        let page = shown(&about(name, fields, authenticator));
        assert_eq!((id(&page.heading), buttons(&page)), (heading, vec![button]), "{name}");
    }
}

#[test]
fn a_step_without_a_box_says_what_it_is() {
    let known = |key: &str| json!({"key": key, "id": "1", "displayName": "Vendor"});
    for (name, authenticator, heading) in [
        ("launch-authenticator", json!({}), "sign-in"),
        ("select-authenticator-authenticate", json!({}), "verify-it-is-you"),
        ("select-enrollment-channel", known("okta_verify"), "set-up-okta-verify"),
        ("enroll-poll", known("custom_app"), "Vendor"),
        ("enroll-authenticator", known("onprem_mfa"), "set-up-token"),
        ("enroll-authenticator", known("yubikey_token"), "set-up-token"),
        ("enroll-authenticator", known("webauthn"), "create-a-passkey"),
        ("challenge-authenticator", known("duo"), "method-not-usable"),
        ("challenge-authenticator", known("external_idp"), "method-not-usable"),
        ("reenroll-authenticator", known("okta_password"), "password-expired"),
        ("consent", json!({}), "app-wants-access"),
        ("email-challenge-consent", json!({}), "was-this-you"),
        ("keep-me-signed-in", json!({}), "stay-signed-in"),
        ("user-code", json!({}), "connect-device"),
        ("redirect-idverify", json!({}), "prove-who-you-are"),
        ("redirect-idp", known("smart_card_idp"), "smart-card"),
        ("redirect-idp", known("external_idp"), "verify-it-is-you"),
        ("device-assurance-grace-period", json!({}), "device-attention"),
        ("poll", json!({}), "busy-now"),
        ("skip", json!({}), "cant-set-up-now"),
        ("never-heard-of", json!({}), "cant-continue"),
    ] {
        assert_eq!(id(&shown(&about(name, json!([]), authenticator)).heading), heading, "{name}");
    }
}

#[test]
fn alternatives_that_nobody_knows_are_laid_out_and_read_back() {
    let set = |label: &str, name: &str| json!({"label": label, "value": {"form": {"value": [{"name": name}]}}});
    let fields = json!([{"name": "gesture", "options": [set("Wave", "hand"), set("Nod", "times")]}]);
    let reply = about("never-heard-of", fields, json!({}));
    let page = shown(&reply);
    assert!(matches!(controls(&page)[..], [Control::Radios { .. }, Control::Text { .. }, Control::Text { .. }]));
    let form = reply.first().expect("a form");
    let sent = |pairs| read(form, &reply, &posted(pairs), None).map(|answers| answers.body(&form.fields)).ok();
    assert_eq!(sent(&[("gesture", "1"), ("gesture.times", "2")]), Some(json!({"gesture": {"times": "2"}})));
    assert_eq!(
        sent(&[("gesture", "0"), ("gesture.hand", "left"), ("gesture.times", "2")]),
        Some(json!({"gesture": {"hand": "left"}}))
    );
    assert_eq!(sent(&[("gesture", "9")]), Some(json!({})));
    assert_eq!((sent(&[("gesture", "")]), sent(&[("gesture", "wave")])), (None, None));
}

#[test]
fn a_passkey_is_made_and_used_with_the_org_s_options() {
    let hidden = |name: &str| json!({"name": name, "visible": false, "required": true});
    let fields = json!([{"name": "credentials", "form": {"value": [hidden("clientData"), hidden("attestation")]}}]);
    let options = |page: &StepPage| {
        page.parts.iter().find_map(|part| match part {
            Part::Form(form) => serde_json::from_str::<Value>(&form.ceremony.as_ref()?.options).ok(),
            _ => None,
        })
    };
    let make = json!({"key": "webauthn", "id": "1", "contextualData": {"activationData": {"challenge": "AA", "u2fParams": {}, "extensions": {"appid": "x"}}}});
    let form = json!([{"name": "enroll-authenticator", "value": fields, "relatesTo": ["$.currentAuthenticator"]}]);
    let known = json!({"value": [{"key": "webauthn", "id": "p", "credentialId": "BB", "transports": ["usb"]}, {"key": "webauthn", "id": "q", "credentialId": "CC"}]});
    let made = reply(form, json!({"currentAuthenticator": {"value": make}, "authenticatorEnrollments": known}));
    let excluded = json!([{"type": "public-key", "id": "BB"}, {"type": "public-key", "id": "CC"}]);
    let key = json!({"challenge": "AA", "extensions": {}, "excludeCredentials": excluded});
    assert_eq!(options(&shown(&made)), Some(json!({"kind": "create", "publicKey": key})));
    let resident = json!({"requireResidentKey": true});
    let make = json!({"key": "webauthn", "id": "1", "contextualData": {"activationData": {"challenge": "AA", "authenticatorSelection": resident}}});
    let form = json!([{"name": "enroll-authenticator", "value": fields, "relatesTo": ["$.currentAuthenticator"]}]);
    let kept = reply(form, json!({"currentAuthenticator": {"value": make}, "authenticatorEnrollments": known}));
    assert_eq!(options(&shown(&kept)).expect("options")["publicKey"]["excludeCredentials"], json!([]));
    assert_eq!(
        options(&page(made.first().expect("a form"), &made, View { passkeys: &Passkeys::Off, ..view(&[]) })),
        None
    );

    let forms = json!([
        {"name": "identify", "value": [{"name": "identifier"}]},
        {"name": "challenge-webauthn-autofillui-authenticator", "value": fields},
    ]);
    let challenge = json!({"value": {"challengeData": {"challenge": "AA", "userVerification": "required"}}});
    let autofill = reply(forms, json!({"webauthnAutofillUIChallenge": challenge, "authenticatorEnrollments": known}));
    let key = json!({"challenge": "AA", "userVerification": "required", "allowCredentials": []});
    assert_eq!(options(&shown(&autofill)), Some(json!({"kind": "get", "publicKey": key})));
}

#[test]
fn a_passkey_of_another_domain_is_not_offered() {
    let hidden = json!([{"name": "credentials", "form": {"value": [{"name": "clientData", "visible": false, "required": true}]}}]);
    let asked = |rp_id: Value| {
        let context = json!({"challengeData": {"challenge": "AA", "rpId": rp_id}});
        let form =
            json!([{"name": "challenge-authenticator", "value": hidden, "relatesTo": ["$.currentAuthenticator"]}]);
        reply(
            form,
            json!({"currentAuthenticator": {"value": {"key": "webauthn", "id": "1", "contextualData": context}}}),
        )
    };
    let offered = |passkeys: &Passkeys, rp_id: Value| {
        let reply = asked(rp_id);
        let step = page(reply.first().expect("a form"), &reply, View { passkeys, ..view(&[]) });
        let runs = step.parts.iter().any(|part| matches!(part, Part::Form(form) if form.ceremony.is_some()));
        assert_eq!(passkeys.refused(&reply).is_some(), !runs && *passkeys != Passkeys::Off);
        runs
    };
    let here = Passkeys::On("auth.example.com".to_owned());
    for (rp_id, expected) in [
        (json!("auth.example.com"), true),
        (json!("example.com"), true),
        (json!(null), true),
        (json!("other.com"), false),
        (json!("ample.com"), false),
        (json!("my.auth.example.com"), false),
        (json!(""), false),
    ] {
        assert_eq!(offered(&here, rp_id.clone()), expected, "{rp_id}");
    }
    assert!(offered(&Passkeys::Related, json!("other.com")));
    assert!(!offered(&Passkeys::Off, json!("auth.example.com")));
}

#[test]
fn an_end_names_who_asked_and_leads_on() {
    let otp = json!({"value": {"key": "okta_email", "id": "1", "contextualData": {"otp": "123456"}}});
    let message = |key: &str| json!({"value": [{"message": "So", "class": "INFO", "i18n": {"key": key}, "links": [{"label": "Help", "url": "https://help.example/"}]}]});
    let client = json!({"value": {"browser": "Firefox", "os": "Linux", "location": {"city": "Ulm"}}});
    for (root, code, actions) in [
        (
            json!({"messages": message("idx.enter.otp.in.original.tab"), "currentAuthenticator": otp, "client": client}),
            Some("123456"),
            1,
        ),
        (json!({"messages": message("idx.email.verification.required")}), None, 2),
        (json!({"deviceEnrollment": {"value": {"name": "mdm"}}}), None, 1),
        (json!({}), None, 1),
    ] {
        let mut root = root;
        root["version"] = json!("1.0.0");
        let Parsed::Terminal(reply) = parsed(&root) else { panic!("{root}") };
        let page = terminal(&reply, "/again", None, "");
        assert_eq!((page.code.as_deref(), page.actions.len()), (code, actions), "{root}");
        assert_eq!(page.facts.len(), reply.asked_from.len());
    }
}

#[test]
fn an_administrator_s_label_is_the_heading_of_a_step_that_nobody_knows() {
    let form = json!([{"name": "never-heard-of", "label": "Wave at the camera", "value": [{"name": "hand"}]}]);
    assert_eq!(id(&shown(&reply(form, json!({}))).heading), "Wave at the camera");
}

#[test]
fn a_smart_card_and_a_vendor_are_left_for() {
    let card = reply(json!([{"name": "piv-idp", "value": []}]), json!({}));
    assert_eq!(id(&shown(&card).heading), "smart-card");
}

#[test]
fn a_mail_to_two_addresses_says_both_once_something_is_proven() {
    let email = json!({"key": "okta_email", "id": "1", "profile": {"email": "a***@x", "secondaryEmail": "b***@y"}});
    let reply = about(
        "challenge-authenticator",
        json!([{"name": "credentials", "form": {"value": [{"name": "passcode"}]}}]),
        email,
    );
    assert_eq!(id(&shown(&reply).lead[0]), "email-sent-to-both");
    let recovering = page(reply.first().expect("a form"), &reply, View { entry: Entry::Recover, ..view(&[]) });
    assert_eq!(id(&recovering.lead[0]), "email-sent-link-or-code-unknown");
}

#[test]
fn a_password_that_is_kept_elsewhere_is_changed_elsewhere() {
    let form = |address: &str| json!([{"name": "reenroll-custom-password-expiry", "value": [], "customExpiredPasswordURL": address, "customExpiredPasswordName": "Intranet"}]);
    let page = shown(&reply(form("https://intranet.example/password"), json!({})));
    assert_eq!(id(&page.heading), "password-elsewhere");
    assert!(
        matches!(&page.parts[..], [Part::Paragraph { .. }, Part::Leave { href, .. }] if href == "https://intranet.example/password")
    );
    let unsafe_link = shown(&reply(form("javascript:alert(1)"), json!({}))).parts;
    assert!(!unsafe_link.iter().any(|part| matches!(part, Part::Leave { .. })), "{unsafe_link:?}");
}

#[test]
fn every_way_out_is_offered() {
    let reply = reply(
        json!([
            {"name": "device-assurance-grace-period", "value": []},
            {"name": "skip", "value": []},
            {"name": "unlock-account", "value": [{"name": "identifier"}]},
            {"name": "never-heard-of", "label": "Ask a colleague", "value": []},
            {"name": "nor-of-this", "value": [{"name": "word"}]},
        ]),
        json!({}),
    );
    let links: Vec<_> = shown(&reply).links.into_iter().map(|link| (id(&link.text).to_owned(), link.to)).collect();
    let href = |name: &str| To::Href(format!("/f?show={name}&s=s"));
    let post = |name: &str| To::Post(name.to_owned());
    let expected = [
        ("continue-to-app", post("skip")),
        ("unlock-account", href("unlock-account")),
        ("Ask a colleague", post("never-heard-of")),
        ("try-another-way", href("nor-of-this")),
        ("back-to-sign-in", post("cancel")),
    ];
    assert_eq!(links, expected.map(|(text, to)| (text.to_owned(), to)));
}

#[test]
fn a_secret_of_any_name_is_not_shown_as_it_is_typed() {
    let fields = json!([
        {"name": "pin", "secret": true, "value": "1234"},
        {"name": "userProfile", "form": {"value": [{"name": "ssn", "secret": true}, {"name": "plan", "label": "Plan", "value": "gold", "mutable": false}]}},
    ]);
    let page = shown(&about("never-heard-of", fields, json!({})));
    let secrets = controls(&page).into_iter().filter(|control| matches!(control, Control::Secret { .. })).count();
    assert_eq!(secrets, 2);
    assert!(matches!(controls(&page)[2], Control::Fixed { value, .. } if value == "gold"));
    assert!(!serde_json::to_string(&page).expect("JSON").contains("1234"));
}

#[test]
fn a_handle_or_a_secret_is_not_shown_whatever_its_flags_say() {
    for field in [
        json!({"name": "stateHandle", "value": "1234"}),
        json!({"name": "stateHandle", "label": "Handle", "value": "1234", "visible": true, "mutable": false}),
        json!({"name": "identifier", "value": "1234", "secret": true}),
        json!({"name": "clientData", "value": "1234", "secret": true}),
        json!({"name": "pin", "label": "PIN", "value": "1234", "secret": true, "mutable": false}),
    ] {
        let reply = reply(json!([{"name": "identify", "value": [{"name": "city"}, field]}]), json!({}));
        let form = reply.first().expect("a form");
        let typed = posted(&[("city", "Ulm"), ("identifier", "mary"), ("stateHandle", "forged")]);
        for page in [shown(&reply), page(form, &reply, view(&typed))] {
            assert!(!serde_json::to_string(&page).expect("JSON").contains("1234"), "{field}");
        }
        let body = read(form, &reply, &typed, None).expect("answers").body(&form.fields);
        assert!(field["name"] != "stateHandle" || body["stateHandle"] == "1234", "{body}");
    }
}

#[test]
fn a_security_question_that_only_the_profile_holds_is_asked() {
    let question = json!({"key": "security_question", "id": "1", "profile": {"question": "Who is your hero?"}});
    let fields = json!([{"name": "credentials", "form": {"value": [{"name": "answer"}]}}]);
    let page = shown(&about("challenge-authenticator", fields, question));
    assert_eq!(controls(&page)[0].labelled().map(|at| id(&at.label)), Some("Who is your hero?"));
}

#[test]
fn what_went_well_is_no_problem_and_a_bad_field_is_named() {
    let messages = json!({"value": [{"message": "Saved", "class": "SUCCESS"}]});
    let field = json!({"name": "nick", "messages": {"value": [{"message": "Not so", "i18n": {"key": "registration.error.doesNotMatchPattern", "params": ["Nickname"]}}]}});
    let form = json!([{"name": "enroll-profile", "value": [{"name": "userProfile", "form": {"value": [field]}}]}]);
    let page = shown(&reply(form, json!({ "messages": messages })));
    assert_eq!((page.notices[0].kind, id(&page.notices[0].text)), (crate::pages::NoticeKind::Ok, "Saved"));
    assert_eq!(id(&page.problems[0].text), "okta-registration-error-doesNotMatchPattern-custom");
    assert_eq!(page.problems[0].field.as_deref(), Some("nick"));
}

#[test]
fn a_tick_stays_and_a_password_does_not() {
    let fields = json!([
        {"name": "identifier"},
        {"name": "credentials", "form": {"value": [{"name": "passcode", "secret": true}]}},
        {"name": "rememberMe", "type": "boolean"},
    ]);
    let reply = reply(json!([{"name": "identify", "value": fields}]), json!({}));
    let typed = posted(&[("identifier", "mary"), ("password", "hunter2"), ("rememberMe", "true")]);
    let page = page(reply.first().expect("a form"), &reply, view(&typed));
    assert!(controls(&page).iter().any(|control| matches!(control, Control::Check { checked: true, .. })));
    let json = serde_json::to_string(&page).expect("JSON");
    assert!(json.contains("mary") && !json.contains("hunter2"), "{json}");
}

#[test]
fn an_empty_new_password_is_told_and_an_emptied_second_address_is_sent() {
    let rules = json!({"complexity": {"minLength": 8}});
    let fields = json!([
        {"name": "credentials", "form": {"value": [{"name": "passcode", "secret": true}]}},
        {"name": "revokeSessions", "type": "boolean"},
    ]);
    let reset = about("reset-authenticator", fields, json!({"key": "okta_password", "id": "1", "settings": rules}));
    let problems =
        read(reset.first().expect("a form"), &reset, &posted(&[("password", "")]), None).err().expect("problems");
    assert_eq!(id(&problems[0].text), "enter-password");

    let fields = json!([{"name": "userProfile", "form": {"value": [{"name": "city"}, {"name": "secondEmail"}]}}]);
    let update = about("profile-update", fields, json!({}));
    let form = update.first().expect("a form");
    let sent = |pairs| read(form, &update, &posted(pairs), None).expect("answers").body(&form.fields);
    assert_eq!(
        sent(&[("userProfile.city", "Ulm"), ("userProfile.secondEmail", "")]),
        json!({"userProfile": {"city": "Ulm", "secondEmail": ""}})
    );
    assert_eq!(sent(&[("userProfile.city", "Ulm")]), json!({"userProfile": {"city": "Ulm"}}));
}

#[test]
fn a_method_is_chosen_by_what_it_is() {
    let option = |index: usize, id: &str| json!({"label": "x", "relatesTo": format!("$.authenticators.value[{index}]"), "value": {"form": {"value": [{"name": "id", "value": id, "mutable": false}]}}});
    let form = json!([{"name": "select-authenticator-authenticate", "value": [{"name": "authenticator", "options": [option(0, "a"), option(1, "b")]}]}]);
    let known = json!({"value": [{"key": "okta_email", "id": "a"}, {"key": "okta_password", "id": "b"}]});
    let list = reply(form, json!({"authenticators": known, "intent": "LOGIN"}));
    let first = list.first().expect("a form");
    let chosen = choose(first, &AuthenticatorKey::Password).expect("the password");
    assert_eq!(chosen.body(&first.fields), json!({"authenticator": {"id": "b"}}));
    assert!(choose(first, &AuthenticatorKey::Question).is_none());
    // Recovery begins at the password, wherever the org asks who it is first.
    let (_, answers) = super::super::doors::idx::next(&list, Entry::Recover).expect("a step");
    assert_eq!(answers.body(&first.fields), json!({"authenticator": {"id": "b"}}));
    assert!(super::super::doors::idx::next(&list, Entry::SignIn).is_none());
}

#[test]
fn each_failure_is_told_with_a_status_of_its_own() {
    let oauth =
        |description: &str| Failure::OAuth { error: "invalid_request".to_owned(), description: description.to_owned() };
    for (failure, status, heading, reference) in [
        (Failure::RateLimited(None), 429, "too-many-attempts", false),
        (Failure::TimedOut, 503, "sign-in-unavailable", true),
        (oauth("The recovery token is invalid"), 400, "link-no-longer-works", false),
        (oauth("no"), 502, "not-set-up", true),
        (Failure::Api { code: "E0000003".to_owned(), summary: "no".to_owned() }, 502, "not-set-up", true),
        (Failure::Elsewhere, 502, "something-went-wrong", true),
    ] {
        let (got, page, _) = failed(&failure, "/again", "r".to_owned());
        assert_eq!(
            (got.as_u16(), id(&page.heading), page.reference.is_some()),
            (status, heading, reference),
            "{failure}"
        );
    }
}
