//! Ways that a page offers, and what it is called where the org offers none.

use super::*;

/// Where each link of a page leads, by its words.
fn links(page: StepPage) -> Vec<(String, To)> {
    page.links.into_iter().map(|link| (id(&link.text).to_owned(), link.to)).collect()
}

fn page_of(name: &str) -> To {
    To::Href(format!("/f?show={name}&s=s"))
}

/// A method of a list, with its place among the authenticators.
fn option(index: usize) -> Value {
    json!({"label": "x", "relatesTo": format!("$.authenticators.value[{index}]"), "value": {"form": {"value": []}}})
}

#[test]
fn unlocking_and_recovery_are_named_where_they_begin_and_refused_where_there_are_none() {
    let name = json!([{"name": "identifier"}]);
    let with_password = json!([{"name": "identifier"}, {"name": "credentials", "form": {"value": [{"name": "passcode", "secret": true}]}}]);
    let recover = json!({"value": {"key": "okta_password", "id": "1", "recover": {"rel": ["create-form"], "href": "https://org.example/idp/idx/recover"}}});
    for (entry, fields, root, unlock, heading) in [
        (Entry::Unlock, name.clone(), json!({}), true, "unlock-account"),
        (Entry::Unlock, name.clone(), json!({}), false, "cant-unlock"),
        (Entry::Recover, name.clone(), json!({}), false, "reset-password"),
        (Entry::Recover, with_password.clone(), json!({"currentAuthenticator": recover}), false, "reset-password"),
        (Entry::Recover, with_password.clone(), json!({}), true, "cant-reset-here"),
        (Entry::SignIn, with_password, json!({}), false, "sign-in"),
    ] {
        let mut forms = json!([{"name": "identify", "value": fields}]);
        if unlock {
            forms.as_array_mut().expect("a list").push(json!({"name": "unlock-account", "value": []}));
        }
        let reply = reply(forms, root);
        let step = page(reply.first().expect("a form"), &reply, View { entry, ..view(&[]) });
        assert_eq!(id(&step.heading), heading, "{entry:?}");
        let form = step.parts.iter().any(|part| matches!(part, Part::Form(_)));
        assert_eq!(form, !heading.starts_with("cant"), "{entry:?}");
    }
    let unlock = reply(json!([{"name": "unlock-account", "value": name}]), json!({}));
    assert_eq!(id(&shown(&unlock).heading), "unlock-account");
}

#[test]
fn a_form_that_is_not_the_first_has_a_page_of_its_own() {
    let name = json!([{"name": "identifier"}]);
    for first in ["redirect-idp", "never-heard-of"] {
        let reply = reply(json!([{"name": first, "value": []}, {"name": "identify", "value": name}]), json!({}));
        let known = links(shown(&reply));
        assert!(known.contains(&("sign-in-with-username".to_owned(), page_of("identify"))), "{known:?}");
        let identify = page(&reply.remediations[1], &reply, view(&[]));
        assert_eq!((id(&identify.heading), controls(&identify).len()), ("sign-in", 1));
    }
    for (asks, to) in [(true, page_of("select-identify")), (false, To::Post("select-identify".to_owned()))] {
        let fields = if asks { name.clone() } else { json!([]) };
        let profile = json!({"name": "enroll-profile", "value": [{"name": "userProfile", "form": {"value": [{"name": "email"}]}}]});
        let reply = reply(json!([profile, {"name": "select-identify", "value": fields}]), json!({}));
        assert_eq!(links(shown(&reply))[0], ("have-an-account".to_owned(), to));
        let identify = page(&reply.remediations[1], &reply, view(&[]));
        assert_eq!((id(&identify.heading), controls(&identify).len()), ("sign-in", usize::from(asks)));
    }
}

#[test]
fn another_way_is_offered_where_there_is_one() {
    let challenge = json!({"name": "challenge-authenticator", "relatesTo": ["$.currentAuthenticator"],
        "value": [{"name": "credentials", "form": {"value": [{"name": "passcode", "secret": true}]}}]});
    let known = json!({"value": [{"key": "okta_password", "id": "p"}, {"key": "okta_email", "id": "e"}]});
    let password = json!({"value": {"key": "okta_password", "id": "p"}});
    // Some lists spell their options without `value`.
    let bare = json!({"label": "x", "relatesTo": "$.authenticators.value[1]", "form": {"value": []}});
    for (options, offered) in
        [(vec![bare], true), (vec![option(0)], false), (vec![option(1)], true), (vec![option(0), option(1)], true)]
    {
        let list = json!({"name": "select-authenticator-authenticate", "value": [{"name": "authenticator", "options": options}]});
        let root = json!({"currentAuthenticator": password, "authenticators": known});
        let reply = reply(json!([challenge, list]), root);
        let way = ("try-another-way".to_owned(), page_of("select-authenticator-authenticate"));
        assert_eq!(links(shown(&reply)).contains(&way), offered);
        let back = links(page(&reply.remediations[1], &reply, view(&[])));
        assert_eq!(back[0], ("enter-password".to_owned(), To::Href("/f".to_owned())));
    }
}

#[test]
fn okta_verify_is_set_up_on_this_device_by_its_own_links_or_from_another_device() {
    let app = "https://apps.example/okta-verify";
    for (data, leaves, links_to_app) in [
        (
            json!({"samedevice": {"setupOVUrl": "https://org.example/setup", "downloadHref": app}}),
            Some("set-up-okta-verify"),
            true,
        ),
        (json!({"samedevice": {"setupOVUrl": "intent://setup", "downloadHref": app}}), Some("get-okta-verify"), false),
        (json!({"samedevice": {"setupOVUrl": "intent://setup", "downloadHref": "javascript:alert(1)"}}), None, false),
        (json!({"devicebootstrap": {"enrolledDevices": ["Laptop", "Tablet"]}}), None, false),
        (json!({"devicebootstrap": {"enrolledDevices": "Laptop"}}), None, false),
    ] {
        let bootstrap = data["devicebootstrap"].is_object();
        let page =
            shown(&about("enroll-poll", json!([]), json!({"key": "okta_verify", "id": "1", "contextualData": data})));
        let leave =
            page.parts.iter().find_map(|part| if let Part::Leave { text, .. } = part { Some(id(text)) } else { None });
        assert_eq!(leave, leaves);
        assert_eq!(page.links.iter().any(|link| link.to == To::Href(app.to_owned())), links_to_app);
        let named = page.parts.iter().any(|part| matches!(part, Part::Facts { facts } if facts[0].1 == "Laptop"));
        assert_eq!(named, bootstrap);
    }
}

#[test]
fn each_way_to_set_okta_verify_up_has_words_of_its_own() {
    let verify = json!({"value": {"key": "okta_verify", "id": "1", "contextualData": {"selectedChannel": "email", "email": "m***y@example.com"},
        "resend": {"rel": ["create-form"], "name": "resend", "href": "https://org.example/idp/idx/challenge/resend"}}});
    let lists = json!([
        {"name": "enroll-poll", "value": [], "relatesTo": ["$.currentAuthenticator"]},
        {"name": "select-enrollment-channel", "value": [{"name": "authenticator", "form": {"value": [{"name": "channel", "options": [{"label": "QR", "value": "qrcode"}, {"label": "Text", "value": "sms"}]}]}}]},
        {"name": "select-authenticator-enroll", "value": [{"name": "authenticator", "options": [option(0)]}]},
    ]);
    let known = json!({"value": [{"key": "okta_email", "id": "e"}]});
    let reply = reply(lists, json!({"currentAuthenticator": verify, "authenticators": known}));
    let words: Vec<_> = links(shown(&reply)).into_iter().map(|(words, _)| words).collect();
    assert_eq!(words, ["send-new-link", "set-up-another-way", "try-another-way", "back-to-sign-in"]);
}

#[test]
fn a_number_is_asked_for_only_where_one_is_shown() {
    let verify = json!({"key": "okta_verify", "id": "1", "methods": [{"type": "push"}], "contextualData": {"correctAnswer": "46"},
        "resend": {"rel": ["create-form"], "name": "resend", "href": "https://org.example/idp/idx/challenge/resend"}});
    for (name, number, lead) in [("resend", false, None), ("challenge-poll", true, Some("tap-number"))] {
        let page = shown(&about(name, json!([]), verify.clone()));
        assert_eq!(page.parts.iter().any(|part| matches!(part, Part::Number { .. })), number, "{name}");
        assert_eq!(page.lead.first().map(id), lead, "{name}");
        let again = page.links.iter().any(|link| matches!(&link.to, To::Post(act) if act.ends_with("-resend")));
        assert_eq!(again, number, "{name}");
    }
}

#[test]
fn a_picture_promises_a_key_only_where_there_is_one() {
    for (secret, promised) in [(json!("ABCD"), true), (json!(null), false)] {
        let data = json!({"qrcode": {"href": "data:image/png;base64,AA"}, "sharedSecret": secret});
        let code = json!([{"name": "credentials", "form": {"value": [{"name": "passcode"}]}}]);
        let page = about("enroll-authenticator", code, json!({"key": "google_otp", "id": "1", "contextualData": data}));
        assert_eq!(html(shown(&page), "en").contains("use the key given below"), promised);
    }
}
