//! The door of Okta's widget, as far as it can be seen without a browser; `tests/witness/door.test.js` drives the real one.

use std::process::Command;

use serde_json::Value;

use crate::visitor::Visitor;
use crate::world::World;

/// A folder with the least that the widget needs.
pub(crate) fn widget() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for (path, content) in [
        ("js/okta-sign-in.oie.min.js", "'{\"defaultLanguage\":\"en\",\"version\":\"7.49.0\"}'"),
        ("css/okta-sign-in.min.css", "a{}"),
        ("font/a.woff2", "font"),
        ("img/a.svg", "<svg/>"),
        ("labels/json/login_de.json", "{}"),
    ] {
        let place = folder.path().join(path);
        std::fs::create_dir_all(place.parent().expect("a folder")).expect("a folder");
        std::fs::write(place, content).expect("a file");
    }
    folder
}

async fn world() -> (World, Visitor, tempfile::TempDir) {
    let folder = widget();
    let settings = format!(
        "[sign_in]\ndoor = \"widget\"\n[sign_in.widget]\nfiles = \"{}\"\n[branding]\nname = \"A & B\"\n",
        folder.path().display()
    );
    let world = World::with(&settings, &[]).await;
    let visitor = Visitor::new(&world);
    (world, visitor, folder)
}

/// What the widget on this page is started with.
pub(crate) fn options(body: &str) -> Value {
    let (_, rest) = body.split_once("data-options=\"").expect("options");
    let escaped = rest.split('"').next().expect("an end");
    let text = escaped.replace("&quot;", "\"").replace("&#x2f;", "/").replace("&#x27;", "'").replace("&amp;", "&");
    serde_json::from_str(&text).expect("JSON")
}

#[tokio::test]
async fn the_widget_is_given_all_but_the_verifier_and_nobody_is_called() {
    let (world, mut visitor, _folder) = world().await;
    let view = visitor.visit("/app?x=1").await;
    assert_eq!((view.status.as_u16(), view.url.path()), (200, "/.gateway/sign-in"));
    let options = options(&view.body);
    assert_eq!(options["issuer"], world.org.issuer());
    assert_eq!(options["redirectUri"], format!("http://localhost:{}/login/callback", world.port));
    assert_eq!((&options["codeChallengeMethod"], &options["features"]["rememberMe"]), (&"S256".into(), &false.into()));
    assert_eq!((&options["useClassicEngine"], &options["language"]), (&false.into(), &"en".into()));
    assert!(!view.body.to_lowercase().contains("verifier"), "{}", view.body);
    assert_eq!(world.calls("").await, 1, "the org made its keys before, and was not called since");

    let policy = view.headers["content-security-policy"].to_str().expect("text");
    let nonce = options["cspNonce"].as_str().expect("a nonce");
    assert!(policy.contains(&format!("script-src 'nonce-{nonce}';")), "{policy}");
    assert!(!policy.contains("unsafe") && !policy.contains("blob:"), "{policy}");
    let again = visitor.visit("/app").await;
    assert!(!again.body.contains(nonce), "a nonce is used once");

    // In a language that it has, and in English where it has not.
    for (asked, spoken, marked) in [("de", "de", false), ("ar", "en", true)] {
        let view = visitor.visit(&format!("/.gateway/sign-in?lang={asked}")).await;
        assert!(view.body.contains(&format!("<html lang=\"{asked}\"")), "{}", view.body);
        assert_eq!(crate::widget::options(&view.body)["language"], spoken);
        assert_eq!(view.body.contains("id=\"widget\" lang=\"en\" dir=\"ltr\""), marked, "{asked}");
    }

    // Its files, and no other.
    let place = options["assets"]["baseUrl"].as_str().expect("an address").to_owned();
    let file = visitor.visit(&format!("{place}/labels/json/login_de.json")).await;
    assert_eq!((file.status.as_u16(), file.body.as_str()), (200, "{}"));
    assert_eq!(file.headers["cache-control"], "public, max-age=31536000, immutable");
    for other in ["js/okta-sign-in.js", "..%2f..%2fkey", "../../key", ""] {
        assert_eq!(visitor.visit(&format!("{place}/{other}")).await.status, 404, "{other}");
    }
}

#[tokio::test]
async fn a_link_goes_on_in_the_browser_that_asked_and_shows_its_code_in_another() {
    let (world, mut visitor, _folder) = world().await;
    let first = options(&visitor.visit("/app").await.body);
    let state = first["state"].as_str().expect("a state");
    let link = format!("/login/callback?otp=123456&state={state}");
    let view = visitor.visit(&link).await;
    let again = options(&view.body);
    assert_eq!((&again["otp"], &again["state"]), (&"123456".into(), &first["state"]));
    assert_eq!((&again["codeChallenge"], &again["nonce"]), (&first["codeChallenge"], &first["nonce"]));
    let view = Visitor::new(&world).visit(&link).await;
    assert!(view.page.text.contains("123456") && !view.body.contains("data-options"), "{}", view.page.text);
    // What is no code is not given on.
    let view = visitor.visit(&format!("/login/callback?otp=%3Cscript%3E&state={state}")).await;
    assert_eq!(options(&view.body)["otp"], Value::Null);
}

#[tokio::test]
async fn a_token_from_an_e_mail_reaches_the_widget_after_its_button() {
    let (world, mut visitor, _folder) = world().await;
    world.tell("users", serde_json::json!({"login": "password@example.com", "recovery_token": true})).await;
    let token = world.code_for("password@example.com").await;
    let view = visitor.visit(&format!("/.gateway/recover?recoveryToken={token}&return=/app")).await;
    assert!(!view.url.as_str().contains(&token) && !view.body.contains("data-options"), "{}", view.url);
    let view = visitor.answer_or_press(&view).await;
    let options = options(&view.body);
    assert_eq!((&options["recoveryToken"], &options["flow"]), (&token.as_str().into(), &"resetPassword".into()));
    let view = visitor.visit("/.gateway/register").await;
    assert!(view.body.contains("&quot;flow&quot;:&quot;signup&quot;"), "{}", view.body);
}

#[tokio::test]
async fn our_own_pages_are_a_link_away_and_the_widget_asks_what_a_route_asks() {
    let (world, mut visitor, _folder) = world().await;
    let view = visitor.visit("/.gateway/sign-in?return=/app&door=pages").await;
    let view = visitor.answer(&view, &[("identifier", "password@example.com"), ("password", "Sandbox-1234")]).await;
    assert_eq!((view.status.as_u16(), view.url.path()), (200, "/app"));
    let stronger = "allow = { groups = [\"admins\"], acr_values = \"urn:okta:loa:2fa:any\", max_age_minutes = 5 }";
    world.edit("allow = { groups = [\"admins\"] }", stronger);
    assert!(world.reload().await);
    // Of whoever is signed in, and at once of whoever is not.
    for visitor in [&mut visitor, &mut Visitor::new(&world)] {
        let view = visitor.visit("/admin").await;
        let asked = serde_json::json!({"acrValues": "urn:okta:loa:2fa:any", "maxAge": 300});
        assert_eq!(options(&view.body)["authParams"], asked, "{}", view.url);
    }
}

#[tokio::test]
async fn check_names_the_version_and_every_file_and_refuses_another_folder() {
    let (world, _visitor, folder) = world().await;
    let check = || {
        let mut check = Command::new(env!("CARGO_BIN_EXE_idx-gateway"));
        let output = check.args(["check", "--config"]).arg(world.path("gateway.toml")).output().expect("it runs");
        (
            output.status.success(),
            String::from_utf8(output.stdout).expect("text") + &String::from_utf8_lossy(&output.stderr),
        )
    };
    let (good, said) = check();
    assert!(good, "{said}");
    assert!(said.contains("@okta/okta-signin-widget 7.49.0"), "{said}");
    assert_eq!(said.matches("  sha256 ").count(), 5, "{said}");
    // SHA-256 of `{}`.
    let texts = "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a  labels/json/login_de.json";
    assert!(said.contains(texts), "{said}");
    std::fs::remove_file(folder.path().join("css/okta-sign-in.min.css")).expect("removed");
    let (good, said) = check();
    assert!(!good && said.contains("sign_in.widget.files: ") && said.contains("is not the folder `dist`"), "{said}");
}
