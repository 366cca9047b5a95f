//! What is typed, ticked or chosen: how it looks, what it starts with, what it posts.

use super::*;

fn profile(attributes: Value) -> Reply {
    about("enroll-profile", json!([{"name": "userProfile", "form": {"value": attributes}}]), json!({}))
}

fn answered(reply: &Reply, pairs: &[(&str, &str)]) -> Result<Value, Vec<Problem>> {
    let form = reply.first().expect("a form");
    read(form, reply, &posted(pairs), None).map(|answers| answers.body(&form.fields))
}

/// The tag of the control with this id.
fn tag(html: &str, id: &str) -> String {
    let tags = html.split('<').filter(|tag| tag.starts_with("input") || tag.starts_with("select"));
    tags.into_iter()
        .find(|tag| tag.contains(&format!("id=\"{id}\"")))
        .unwrap_or_else(|| panic!("no {id}: {html}"))
        .to_owned()
}

#[test]
fn a_token_s_secret_code_is_not_shown_and_a_plain_one_is() {
    for (key, secret, kind) in [
        ("rsa_token", true, None),
        ("onprem_mfa", true, None),
        ("rsa_token", false, Some(TextKind::TokenCode)),
        ("custom_otp", false, Some(TextKind::TokenCode)),
        ("yubikey_token", true, Some(TextKind::Passcode)),
    ] {
        let fields = json!([{"name": "credentials", "form": {"value": [{"name": "passcode", "secret": secret}]}}]);
        let page = shown(&about("challenge-authenticator", fields, json!({"key": key, "id": "1"})));
        let plain = match &controls(&page)[..] {
            [Control::Text { kind, .. }] => Some(kind.clone()),
            _ => None,
        };
        assert_eq!(plain, kind, "{key}");
        let once = if key == "yubikey_token" { "off" } else { "one-time-code" };
        assert!(tag(&html(page, "en"), "code").contains(&format!("autocomplete=\"{once}\"")), "{key}");
    }
}

#[test]
fn each_box_tells_the_browser_what_is_typed_into_it() {
    let attributes = ["email", "mobilePhone", "profileUrl", "nickName"].map(|name| json!({"name": name}));
    let page = html(shown(&profile(json!(attributes))), "en");
    for (id, wanted) in [
        ("profile-email", &["inputmode=\"email\"", "autocapitalize=\"none\"", "spellcheck=\"false\""][..]),
        ("mobilePhone", &["type=\"tel\"", "inputmode=\"tel\""]),
        ("profileUrl", &["type=\"url\"", "inputmode=\"url\""]),
    ] {
        wanted.iter().for_each(|wanted| assert!(tag(&page, id).contains(wanted), "{id}: {}", tag(&page, id)));
    }
    assert!(!tag(&page, "nickName").contains("inputmode"));
    let country = json!([{"name": "country", "options": [{"label": "display", "value": {"type": "object", "value": {"inputType": "text", "format": "country-code"}}}]}]);
    let page = html(shown(&profile(country)), "en");
    assert!(tag(&page, "country").contains("autocomplete=\"country\""), "{}", tag(&page, "country"));
    let symantec =
        json!([{"name": "credentials", "form": {"value": [{"name": "credentialId"}, {"name": "passcode"}]}}]);
    let page = html(shown(&about("enroll-authenticator", symantec, json!({"key": "symantec_vip", "id": "1"}))), "en");
    let credential = tag(&page, "credentialId");
    assert!(!credential.contains("enterkeyhint=\"go\"") && !credential.contains("sent"), "{credential}");
}

#[test]
fn what_may_be_left_open_is_not_chosen_beforehand() {
    let options = json!([{"label": "Red", "value": "red"}, {"label": "Blue", "value": "blue"}]);
    for (required, chosen, sent) in [(false, "", json!({})), (true, "red", json!({"colour": "red"}))] {
        let field = json!({"name": "colour", "required": required, "options": options});
        let reply = about("never-heard-of", json!([field, {"name": "note"}]), json!({}));
        let page = shown(&reply);
        assert!(matches!(controls(&page)[0], Control::Radios { value, .. } if value == chosen), "{required}");
        assert_eq!(answered(&reply, &[("colour", chosen)]).expect("answers"), sent);
    }
    let nothing = json!([{"label": "None", "value": null}, {"label": "Red", "value": "red"}]);
    let reply = about("never-heard-of", json!([{"name": "colour", "options": nothing}, {"name": "note"}]), json!({}));
    assert_eq!(answered(&reply, &[("colour", "")]).expect("answers"), json!({}));
    assert_eq!(answered(&reply, &[("colour", "red")]).expect("answers"), json!({"colour": "red"}));
    let only = json!([{"name": "colour", "options": [{"label": "Red", "value": "red"}]}, {"name": "note"}]);
    assert_eq!(answered(&about("never-heard-of", only, json!({})), &[]).expect("answers"), json!({}));
}

#[test]
fn a_box_that_need_not_be_ticked_says_so() {
    let tick = |required: bool| json!({"name": "news", "type": "boolean", "required": required});
    for required in [true, false] {
        let page = shown(&profile(json!([{"name": "email"}, tick(required)])));
        assert_eq!(controls(&page)[1].labelled().map(|at| at.optional), Some(!required));
        assert_eq!(html(page, "en").matches("(optional)").count(), 1 + usize::from(!required));
    }
}

#[test]
fn an_empty_box_is_named_where_it_is_missed() {
    let reply = profile(
        json!([{"name": "lastName", "required": true}, {"name": "shoeSize", "label": "Shoe size", "required": true}]),
    );
    let problems = answered(&reply, &[]).expect_err("problems");
    let step = page(reply.first().expect("a form"), &reply, View { problems, ..view(&[]) });
    let page = html(step, "en");
    assert!(page.contains("Fill in: Last name") && page.contains("Fill in: Shoe size"), "{page}");
}

#[test]
fn the_words_of_a_scope_are_taken_from_wherever_they_stand() {
    let scope = |name: &str, label: &str, mutable: bool| json!({"name": name, "label": label, "desc": "At length", "type": "boolean", "value": true, "mutable": mutable});
    let scopes = [scope("custom1.custom2", "See your plan", true), scope("profile", "See your name", false)];
    let fields = json!([{"name": "consent", "type": "boolean", "visible": false}, {"name": "optedScopes", "form": {"value": scopes}}]);
    let page = shown(&about("granular-consent", fields, json!({})));
    let at = controls(&page)[0].labelled().expect("a label");
    assert_eq!((id(&at.label), at.hint.as_ref().map(id)), ("See your plan", Some("At length")));
    assert!(matches!(controls(&page)[1], Control::Fixed { value, .. } if value == "See your name"));
}

#[test]
fn a_new_password_that_was_refused_is_told_in_the_summary() {
    let fields = json!([{"name": "credentials", "form": {"value": [{"name": "passcode", "secret": true}]}}]);
    let reset = about("reset-authenticator", fields, json!({"key": "okta_password", "id": "1"}));
    assert_eq!(shown(&reset).focus, Focus::First);
    for field in ["new-password", "confirm"] {
        let problems =
            vec![Problem { text: Text::ours(crate::pages::strings::PASSWORDS_DIFFER), field: Some(field.to_owned()) }];
        let step = page(reset.first().expect("a form"), &reset, View { problems, ..view(&[]) });
        assert_eq!(step.focus, Focus::Problems, "{field}");
    }
}

#[test]
fn the_parts_of_a_user_name_and_the_names_of_attributes_stand_in_the_rules() {
    let rules =
        json!({"complexity": {"excludeUsername": true, "excludeAttributes": ["firstName", "city", "shoeSize"]}});
    let fields = json!([{"name": "credentials", "form": {"value": [{"name": "passcode", "secret": true}]}}]);
    let form = json!([{"name": "enroll-authenticator", "value": fields, "relatesTo": ["$.currentAuthenticator"]}]);
    let password = json!({"value": {"key": "okta_password", "id": "1", "settings": rules}});
    let reply = reply(
        form,
        json!({"currentAuthenticator": password, "user": {"value": {"identifier": "Mary.Ann-Smith@acme.com"}}}),
    );
    let page = shown(&reply);
    let Control::NewPassword { rules, .. } = controls(&page)[0] else { panic!("no new password") };
    let exclude = ("exclude".to_owned(), r#"["mary","smith","acme"]"#.to_owned());
    assert_eq!(rules[0].check, Some(exclude));
    let html = html(page, "en");
    assert!(
        html.contains("data-rule=\"exclude\" data-arg=\"[&quot;mary&quot;,&quot;smith&quot;,&quot;acme&quot;]\""),
        "{html}"
    );
    for words in ["not your first name", "not your City", "not your shoeSize"] {
        assert!(html.contains(words), "{words}: {html}");
    }
    let form = reply.first().expect("a form");
    for (password, met) in [("xxSMITHxx", false), ("xx-acme-xx", false), ("xx-ann-com", true)] {
        assert_eq!(read(form, &reply, &posted(&[("password", password)]), None).is_ok(), met, "{password}");
    }
}

#[test]
fn a_ceremony_of_which_nothing_came_is_not_sent_to_the_org() {
    let hidden = |name: &str| json!({"name": name, "visible": false, "required": true});
    let fields = json!([{"name": "credentials", "form": {"value": [hidden("clientData"), hidden("signatureData")]}}]);
    let reply = about(
        "challenge-authenticator",
        fields,
        json!({"key": "webauthn", "id": "1", "contextualData": {"challengeData": {"challenge": "AA"}}}),
    );
    assert_eq!(id(&answered(&reply, &[]).expect_err("problems")[0].text), "passkey-failed");
    assert!(answered(&reply, &[("clientData", "AA=="), ("signatureData", "AA==")]).is_ok());
}

#[test]
fn passkeys_of_another_domain_are_not_promised() {
    let here = Passkeys::On("auth.example.com".to_owned());
    let hidden = json!([{"name": "credentials", "form": {"value": [{"name": "clientData", "visible": false, "required": true}]}}]);
    for (rp_id, offered) in [("example.com", true), ("other.com", false)] {
        let challenge = json!({"challengeData": {"challenge": "AA", "rpId": rp_id}});
        let ask = about(
            "challenge-authenticator",
            hidden.clone(),
            json!({"key": "webauthn", "id": "1", "contextualData": challenge}),
        );
        let step = page(ask.first().expect("a form"), &ask, View { passkeys: &here, ..view(&[]) });
        assert_eq!(step.lead.is_empty(), !offered, "{rp_id}");
        let identify = json!([{"name": "identify", "value": [{"name": "identifier"}]}]);
        let identify = reply(identify, json!({"webauthnAutofillUIChallenge": {"value": challenge}}));
        let step = page(identify.first().expect("a form"), &identify, View { passkeys: &here, ..view(&[]) });
        assert!(
            matches!(controls(&step)[0], Control::Text { kind: TextKind::Identifier { passkey }, .. } if *passkey == offered)
        );
    }
}
