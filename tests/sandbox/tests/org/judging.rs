//! The org judges its callers: each broken rule is a 4xx that names it, and a line of the transcript.

use okta_sandbox::CLIENT_SECRET;
use serde_json::{Value, json};

use crate::support::{ION, Org, interact_fields, token_fields};

/// `interact` with one field replaced, or without it.
async fn interact(org: &Org, name: &'static str, value: Option<&'static str>) -> (u16, String) {
    let mut fields = interact_fields();
    fields.retain(|(field, _)| *field != name);
    fields.extend(value.map(|value| (name, value)));
    let reply = org.form("/v1/interact", &fields).await;
    (reply.status, reply.json["error_description"].as_str().unwrap_or_default().to_owned())
}

#[tokio::test]
async fn interact_refuses_what_breaks_its_rules() {
    let org = Org::start().await;
    for (name, value, status, told) in [
        (
            "redirect_uri",
            Some("https://evil.example/"),
            400,
            "The 'redirect_uri' parameter must be a Login redirect URI in the client app settings.",
        ),
        (
            "redirect_uri",
            Some("http://localhost:8080/login/callback/"),
            400,
            "The 'redirect_uri' parameter must be a Login redirect URI in the client app settings.",
        ),
        ("scope", Some("profile email"), 400, "The 'openid' scope is required to use the interaction code flow."),
        ("scope", None, 400, "No scopes were requested."),
        (
            "scope",
            Some("openid fly"),
            400,
            "One or more scopes are not configured for the authorization server resource.",
        ),
        ("code_challenge", None, 400, "PKCE code challenge is required to use the interaction code flow."),
        (
            "code_challenge_method",
            Some("plain"),
            400,
            "PKCE code challenge method is not supported. Valid values: [S256]",
        ),
        ("state", None, 400, "The 'state' parameter is required."),
        ("client_secret", Some("wrong"), 401, "The client secret supplied for a confidential client is invalid."),
        ("recovery_token", Some("nonsense"), 400, "The recovery token is invalid"),
        ("activation_token", Some("nonsense"), 400, "The activation token is invalid"),
        ("acr_values", Some("urn:nobody"), 400, "The 'acr_values' parameter is not supported: urn:nobody"),
    ] {
        assert_eq!(interact(&org, name, value).await, (status, told.to_owned()));
        assert_eq!(org.verdict().await, told);
    }
}

#[tokio::test]
async fn forms_are_posted_as_forms() {
    let org = Org::start().await;
    let path = "/oauth2/default/v1/interact";
    let json = [("content-type", "application/json"), ("accept", "application/json")];
    assert_eq!(org.send("POST", path, &json, "{}".to_owned()).await.expect("a reply").status, 400);
    assert_eq!(org.get(path).await.status, 405);
    let form = [("content-type", "application/x-www-form-urlencoded"), ("accept", "text/html")];
    assert_eq!(org.send("POST", path, &form, String::new()).await.expect("a reply").status, 400);
    let mut twice = interact_fields();
    twice.push(("client_secret", CLIENT_SECRET));
    let reply = org.form("/v1/interact", &twice).await;
    assert_eq!(reply.json["error_description"], "The request contains the parameter 'client_secret' more than once.");
}

#[tokio::test]
async fn a_long_device_token_is_refused() {
    let org = Org::start().await;
    let fields = interact_fields();
    let long = "x".repeat(33);
    let reply = org.form_with("/v1/interact", &fields, &[("x-device-token", &long)]).await;
    assert_eq!(reply.json["error_description"], "The request has a deviceToken with length greater than 32.");
    let fits = org.form_with("/v1/interact", &fields, &[("x-device-token", &long[1..])]).await;
    assert_eq!(fits.status, 200);
}

#[tokio::test]
async fn idx_speaks_only_its_media_types() {
    let org = Org::start().await;
    let sign_in = org.begin().await;
    let body =
        json!({ "identifier": "x", "credentials": { "passcode": "y" }, "stateHandle": sign_in.page["stateHandle"] })
            .to_string();
    for (content_type, accept, status) in [
        ("application/json", "application/json; okta-version=1.0.0", 401),
        (ION, "application/ion+json;okta-version=1", 401),
        ("application/vnd.okta.v1+json", "application/json", 401),
        ("text/plain", "application/json", 400),
        ("application/json", "text/html", 400),
        ("application/json", "*/*", 400),
    ] {
        let headers = [("content-type", content_type), ("accept", accept)];
        let reply = org.send("POST", "/idp/idx/identify", &headers, body.clone()).await.expect("a reply");
        assert_eq!(reply.status, status, "{content_type} {accept} {}", reply.text);
    }
    let body = json!({ "interactionHandle": sign_in.handle }).to_string();
    let headers = [("content-type", "application/json"), ("accept", "application/json")];
    assert_eq!(org.send("POST", "/idp/idx/introspect", &headers, body).await.expect("a reply").status, 400);
}

#[tokio::test]
async fn a_body_must_follow_the_form_it_answers() {
    let org = Org::start().await;
    let sign_in = org.begin().await;
    let handle = sign_in.page["stateHandle"].clone();
    for (path, body, verdict) in [
        ("identify", json!({ "identifier": "x", "credentials": { "passcode": "y" } }), "'stateHandle' is required."),
        (
            "identify",
            json!({ "identifier": "x", "stateHandle": handle }),
            "/idp/idx/identify: 'credentials' is required.",
        ),
        (
            "identify",
            json!({ "identifier": "x", "credentials": { "passcode": "" }, "stateHandle": handle }),
            "/idp/idx/identify: 'credentials.passcode' is required.",
        ),
        (
            "identify",
            json!({ "identifier": "x", "credentials": { "passcode": "y" }, "rememberMe": "on", "stateHandle": handle }),
            "/idp/idx/identify: 'rememberMe' must be a JSON boolean.",
        ),
        (
            "challenge/answer",
            json!({ "credentials": { "passcode": "y" }, "stateHandle": handle }),
            "/idp/idx/challenge/answer: the current step has no form at this address",
        ),
        ("identify", json!([]), "The request body was not well-formed: it must be a JSON object."),
    ] {
        let reply = org.idx(path, &body).await;
        assert_eq!(reply.status, 400, "{}", reply.text);
        assert_eq!(org.verdict().await, verdict);
    }
}

#[tokio::test]
async fn after_a_broken_rule_the_step_is_shown_again() {
    let org = Org::start().await;
    let mut sign_in = org.begin().await;
    sign_in.proceed("identify", json!({ "identifier": "x" })).await;
    assert_eq!((sign_in.status, sign_in.step()), (400, "identify"));
    assert_eq!(sign_in.messages(), ["api.error.field_required"]);
}

#[tokio::test]
async fn handles_end_and_unknown_ones_never_began() {
    let org = Org::start().await;
    let unknown = org.idx("introspect", &json!({ "interactionHandle": "nonsense" })).await;
    assert_eq!(unknown.status, 401);
    assert_eq!(unknown.json["messages"]["value"][0]["i18n"]["key"], "idx.session.expired");
    assert_eq!(unknown.headers["content-type"], "application/json");
    assert_eq!(org.verdict().await, "the handle is none of this org's");
    let mut sign_in = org.begin().await;
    org.control("policies", json!({ "clock_offset_s": 7200 })).await;
    sign_in.look().await;
    assert_eq!(sign_in.status, 401);
    assert_eq!(org.verdict().await, "the sign-in took too long");
}

#[tokio::test]
async fn a_state_handle_that_was_rotated_away_is_refused() {
    let org = Org::start().await;
    org.control("policies", json!({ "rotate_state_handle": true })).await;
    let mut sign_in = org.begin().await;
    let before = sign_in.page.clone();
    sign_in.identify("totp@example.com", "Sandbox-1234").await;
    assert_ne!(sign_in.page["stateHandle"], before["stateHandle"]);
    sign_in.page["stateHandle"] = before["stateHandle"].clone();
    sign_in.passcode("123456").await;
    assert_eq!(sign_in.status, 401);
}

#[tokio::test]
async fn too_many_calls_of_one_sign_in_are_refused_when_there_is_a_limit() {
    let org = Org::start().await;
    org.control("policies", json!({ "rate_limit": 3 })).await;
    let mut sign_in = org.begin().await;
    sign_in.look().await;
    sign_in.look().await;
    assert_eq!(sign_in.status, 200);
    let fourth = org.idx("introspect", &json!({ "interactionHandle": sign_in.handle })).await;
    assert_eq!(fourth.status, 429);
    assert_eq!(fourth.headers["retry-after"], "5");
}

#[tokio::test]
async fn the_transcript_tells_what_came_but_no_values() {
    let org = Org::start().await;
    org.begin_as("password@example.com").await;
    let reply = org.get("/sandbox/transcript").await;
    let entries: Vec<(Value, Value, Value)> = reply
        .json
        .as_array()
        .expect("entries")
        .iter()
        .map(|entry| (entry["path"].clone(), entry["status"].clone(), entry["verdict"].clone()))
        .collect();
    let ok = |path: &str| (json!(path), json!(200), json!("ok"));
    assert_eq!(entries, [ok("/oauth2/default/v1/interact"), ok("/idp/idx/introspect"), ok("/idp/idx/identify")]);
    assert_eq!(reply.json[2]["fields"], json!(["credentials.passcode", "identifier", "stateHandle"]));
    assert!(reply.json[0]["sign_in"].is_string());
    assert_eq!(reply.json[0]["sign_in"], reply.json[1]["sign_in"]);
    assert_eq!(reply.json[0]["sign_in"], reply.json[2]["sign_in"]);
    assert!(!reply.text.contains("Sandbox-1234") && !reply.text.contains(CLIENT_SECRET));
}

#[tokio::test]
async fn scripts_of_trusted_origins_may_call() {
    let org = Org::start().await;
    for (origin, trusted) in [
        ("http://localhost:8080", true),
        ("http://localhost:3000", false),
        ("https://localhost:8080", false),
        ("http://localhost:8080.evil.example", false),
        ("null", false),
    ] {
        let headers = [("origin", origin), ("access-control-request-method", "POST")];
        let reply = org.send("OPTIONS", "/idp/idx/introspect", &headers, String::new()).await.expect("a reply");
        assert_eq!(reply.status, 204);
        let allowed = reply.headers.get("access-control-allow-origin").map(String::as_str);
        assert_eq!(allowed, trusted.then_some(origin), "{origin}");
        assert_eq!(reply.headers.contains_key("access-control-allow-credentials"), trusted, "{origin}");
        assert!(reply.headers.contains_key("x-okta-request-id"));
    }
}

#[tokio::test]
async fn a_script_begins_a_sign_in_of_a_confidential_client_and_cannot_end_it() {
    let org = Org::start().await;
    let nameless = || interact_fields().into_iter().filter(|(name, _)| *name != "client_secret").collect::<Vec<_>>();
    let origin = [("origin", "http://localhost:8080")];
    let reply = org.form_with("/v1/interact", &nameless(), &origin).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    assert!(reply.json["interaction_handle"].is_string());
    assert_eq!(reply.headers["access-control-allow-origin"], "http://localhost:8080");

    let mut activating = nameless();
    activating.push(("activation_token", "nonsense"));
    let reply = org.form("/v1/interact", &activating).await;
    assert_eq!(reply.json["error_description"], "Only confidential clients can use the activation token flow");

    let token: Vec<_> = token_fields("code").into_iter().filter(|(name, _)| *name != "client_secret").collect();
    let reply = org.form("/v1/token", &token).await;
    assert_eq!((reply.status, reply.json["error"].as_str()), (401, Some("invalid_client")));
}
