//! Self-service registration.

use serde_json::{Value, json};

use crate::support::{Org, SignIn, claims};

async fn form(org: &Org) -> SignIn<'_> {
    let mut sign_in = org.begin().await;
    sign_in.proceed("select-enroll-profile", json!({})).await;
    assert_eq!(sign_in.steps(), ["enroll-profile", "select-identify"]);
    sign_in
}

fn mary() -> Value {
    json!({ "firstName": "Mary", "lastName": "Acme", "email": "mary@acme.test" })
}

#[tokio::test]
async fn somebody_new_sets_up_email_and_password_and_skips_the_rest() {
    let org = Org::start().await;
    let mut sign_in = form(&org).await;
    sign_in.proceed("enroll-profile", json!({ "userProfile": mary() })).await;
    assert_eq!(sign_in.steps(), ["select-authenticator-enroll"]);
    sign_in.choose("select-authenticator-enroll", "Email", json!({})).await;
    sign_in.passcode(&org.code().await).await;
    sign_in.choose("select-authenticator-enroll", "Password", json!({})).await;
    sign_in.passcode("Sandbox-1234").await;
    assert_eq!(sign_in.steps(), ["select-authenticator-enroll", "skip"]);
    sign_in.proceed("skip", json!({})).await;
    let id_token = claims(&sign_in.tokens().await["id_token"]);
    assert_eq!((id_token["name"].clone(), id_token["groups"].clone()), (json!("Mary Acme"), json!(["staff"])));
    let mut again = org.begin_as("mary@acme.test").await;
    again.proceed("skip", json!({})).await;
    again.tokens().await;
}

#[tokio::test]
async fn where_only_email_is_required_its_code_comes_at_once() {
    let org = Org::start().await;
    org.control("policies", json!({ "registration_required": ["okta_email"], "registration_optional": [] })).await;
    let mut sign_in = form(&org).await;
    sign_in.proceed("enroll-profile", json!({ "userProfile": mary() })).await;
    assert_eq!(sign_in.step(), "enroll-authenticator");
    let letter = org.inbox().await[0].clone();
    assert!(letter["link"].as_str().expect("a link").starts_with("http://localhost:8080/login/callback?otp="));
    sign_in.passcode(&org.code().await).await;
    sign_in.tokens().await;
}

#[tokio::test]
async fn a_link_can_stand_in_for_the_code() {
    let org = Org::start().await;
    let optional = json!({ "activation": "link", "registration_password": true, "registration_required": [], "registration_optional": [] });
    org.control("policies", optional).await;
    let mut sign_in = form(&org).await;
    let body = json!({ "userProfile": mary(), "credentials": { "passcode": "Sandbox-1234" } });
    sign_in.proceed("enroll-profile", body).await;
    assert_eq!(sign_in.messages(), ["idx.email.verification.required"]);
    assert!(sign_in.steps().is_empty());
    let link = org.inbox().await[0]["link"].as_str().expect("a link").to_owned();
    let path = link.strip_prefix(&org.0.origin()).expect("a link of the org").to_owned();
    let reply = org.get(&path).await;
    assert!(reply.headers["location"].ends_with("&state=state-of-a-test"), "{:?}", reply.headers);
    assert_eq!(org.get(&path).await.status, 404);
    sign_in.look().await;
    sign_in.tokens().await;
}

#[tokio::test]
async fn what_is_wrong_is_told_at_its_field() {
    let org = Org::start().await;
    org.control("policies", json!({ "registration_password": true })).await;
    for (email, password, told) in [
        (
            "mary",
            "Sandbox-1234",
            vec!["registration.error.invalidLoginEmail", "registration.error.doesNotMatchPattern"],
        ),
        ("password@example.com", "Sandbox-1234", vec!["registration.error.notUniqueWithinOrg"]),
        ("mary@acme.test", "weak", vec!["password.passwordRequirementsNotMet"]),
    ] {
        let mut sign_in = form(&org).await;
        let mut profile = mary();
        profile["email"] = email.into();
        sign_in
            .proceed("enroll-profile", json!({ "userProfile": profile, "credentials": { "passcode": password } }))
            .await;
        assert_eq!((sign_in.status, sign_in.step()), (400, "enroll-profile"));
        assert_eq!(sign_in.messages(), told);
        assert!(sign_in.page.get("messages").is_none());
    }
}

#[tokio::test]
async fn fields_of_every_kind_are_drawn_and_checked() {
    let org = Org::start().await;
    let fields = json!([
        { "name": "nickname", "label": "Nickname", "kind": "text" },
        { "name": "news", "label": "News", "kind": "boolean" },
        { "name": "terms", "label": "Terms", "kind": "checkbox", "required": true },
        { "name": "size", "label": "Size", "kind": "select", "options": ["S", "M"] },
        { "name": "colour", "label": "Colour", "kind": "radio", "options": ["red", "blue"], "required": true },
        { "name": "country", "label": "Country", "kind": "country" },
    ]);
    org.control("policies", json!({ "registration_fields": fields })).await;
    let mut sign_in = form(&org).await;
    let drawn = sign_in.remediation("enroll-profile")["value"][0]["form"]["value"].clone();
    let kinds: Vec<_> = drawn.as_array().expect("fields")[3..]
        .iter()
        .map(|field| (field["type"].clone(), field["options"][0]["value"]["value"]["inputType"].clone()))
        .collect();
    let kind = |kind: Value, input: Value| (kind, input);
    assert_eq!(
        kinds,
        [
            kind(json!(null), json!(null)),
            kind(json!("boolean"), json!(null)),
            kind(json!("boolean"), json!("checkbox")),
            kind(json!(null), json!("select")),
            kind(json!(null), json!("radio")),
            kind(json!(null), json!("select")),
        ]
    );
    let mut profile = mary();
    for (name, value, status) in [
        ("terms", json!("true"), 400),
        ("terms", json!(true), 400),
        ("colour", json!("green"), 400),
        ("colour", json!("blue"), 200),
    ] {
        profile[name] = value;
        sign_in.proceed("enroll-profile", json!({ "userProfile": profile })).await;
        assert_eq!(sign_in.status, status, "{profile}");
    }
    let people = org.get("/sandbox/users").await.json;
    let mary = people.as_array().expect("people").iter().find(|person| person["login"] == "mary@acme.test");
    assert_eq!(mary.expect("mary")["profile"], json!({ "terms": true, "colour": "blue" }));
}

#[tokio::test]
async fn who_has_an_account_goes_back() {
    let org = Org::start().await;
    let mut sign_in = form(&org).await;
    sign_in.proceed("select-identify", json!({})).await;
    assert_eq!(sign_in.step(), "identify");
}
