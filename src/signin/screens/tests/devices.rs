//! Devices that are to answer the browser by themselves, which they cannot do through a server.

use super::*;
use crate::signin::doors::idx;

const METHODS: [&str; 5] = ["LOOPBACK", "CUSTOM_URI", "UNIVERSAL_LINK", "APP_LINK", "CHROME_DTC"];

/// Okta Verify is asked by this means; `fields` are the form that gives it up, if there is one.
fn asked(by: &str, fields: Option<Value>) -> Reply {
    let mut verify = json!({"key": "okta_verify", "id": "1", "displayName": "Okta Verify",
        "methods": [{"type": "signed_nonce"}], "contextualData": {"challenge": {"value": {"challengeMethod": by}}}});
    if let Some(fields) = fields {
        verify["cancel"] = json!({"rel": ["create-form"], "name": "cancel", "method": "POST", "value": fields,
            "href": "https://org.example/idp/idx/authenticators/poll/cancel"});
    }
    let poll = json!({"name": "challenge-poll", "value": [], "refresh": 2000, "relatesTo": ["$.currentAuthenticator"]});
    let email = json!({"label": "Email", "relatesTo": "$.authenticators.value[0]", "value": {"form": {"value": []}}});
    let fields = json!([{"name": "authenticator", "options": [email]}]);
    let others = json!({"name": "select-authenticator-authenticate", "value": fields});
    let known = json!({"value": [{"key": "okta_email", "id": "e"}]});
    reply(json!([poll, others]), json!({"currentAuthenticator": {"value": verify}, "authenticators": known}))
}

#[test]
fn a_device_s_challenge_is_given_up_with_the_reason_of_a_device_that_is_silent() {
    for (by, fields) in METHODS.into_iter().flat_map(|by| {
        let reason = json!({"name": "reason", "required": true, "value": "USER_CANCELED"});
        [(by, json!([])), (by, json!([reason, {"name": "statusCode"}]))]
    }) {
        let reply = asked(by, Some(fields));
        let (form, answers) = idx::next(&reply, Entry::SignIn).expect("a step");
        let sent = answers.body(&form.fields);
        assert_eq!(sent, json!({"reason": "OV_UNREACHABLE_BY_LOOPBACK", "statusCode": null}), "{by}");
    }
}

#[test]
fn a_device_that_cannot_be_given_up_is_not_said_to_have_been_asked() {
    for by in METHODS {
        let reply = asked(by, None);
        assert!(idx::next(&reply, Entry::SignIn).is_none(), "{by}");
        let page = shown(&reply);
        assert_eq!((id(&page.heading), id(&page.lead[0])), ("method-not-usable", "method-not-usable-unnamed"), "{by}");
        assert!(page.parts.iter().all(|part| matches!(part, Part::Paragraph { .. })), "{by}: {:?}", page.parts);
        assert_eq!(id(&page.links[0].text), "try-another-way");
    }
    let apple = reply(
        json!([{"name": "device-apple-sso-extension", "value": [{"name": "stateHandle", "value": "h", "mutable": false}]}]),
        json!({}),
    );
    let page = shown(&apple);
    assert_eq!((id(&page.heading), buttons(&page).len()), ("method-not-usable", 0));
}

#[test]
fn a_push_is_waited_for() {
    let push = json!({"key": "okta_verify", "id": "1", "methods": [{"type": "push"}]});
    let poll = json!([{"name": "challenge-poll", "value": [], "relatesTo": ["$.currentAuthenticator"]}]);
    let page = shown(&reply(poll, json!({"currentAuthenticator": {"value": push}})));
    assert_eq!(id(&page.heading), "check-your-phone");
    assert!(page.parts.iter().any(|part| matches!(part, Part::Poll(_))));
}

#[test]
fn a_device_is_not_offered_to_be_asked() {
    let fixed = json!({"name": "methodType", "value": "signed_nonce", "mutable": false});
    let open = |methods: &[&str]| {
        let options: Vec<_> = methods.iter().map(|method| json!({"label": method, "value": method})).collect();
        json!({"name": "methodType", "options": options})
    };
    for (method, heading) in [
        (fixed, "method-not-usable"),
        (open(&["signed_nonce"]), "method-not-usable"),
        (open(&["push", "signed_nonce"]), "verify-it-is-you"),
    ] {
        let fields = json!([{"name": "authenticator", "form": {"value": [method]}}]);
        let page = shown(&about("authenticator-verification-data", fields, json!({"key": "okta_verify", "id": "1"})));
        assert_eq!(id(&page.heading), heading);
        assert_eq!(buttons(&page).is_empty(), heading == "method-not-usable");
    }
}
