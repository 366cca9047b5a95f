//! The acceptance scenarios of Okta's sample applications, told of the gateway's pages.
//!
//! A module per feature file of `okta-auth-js/samples/test/features`, a test per scenario. The scenario is kept:
//! what is given, what the person does, where it ends. The words are the gateway's own.
//! `SCENARIOS.md` lists all scenarios, and says of those without a test why.

mod account_unlock;
mod basic_auth;
mod federated_auth;
mod identifier_first_auth;
mod mfa_password_and_email;
mod mfa_password_and_email_magic_link;
mod mfa_password_and_question;
mod mfa_password_and_sms;
mod mfa_password_and_webauthn;
mod progressive_profiling_acr_values;
mod root_page;
mod security_questions_enrollment;
mod self_service_password_recovery;
mod self_service_registration;
mod self_service_registration_activation_token;
mod self_service_registration_custom_attribute;
mod self_service_registration_password_optional;
mod social_idp;
mod social_login_mfa;
mod table;
mod totp_okta_verify_signin;
mod totp_okta_verify_signup;
mod totp_signin;
mod totp_signup;
mod webauthn_signup;

use serde_json::{Value, json};

use crate::flows::{PASSWORD, is_in, past_the_password, shown_code, world};
use crate::visitor::{View, Visitor};
use crate::world::World;

/// Mary's address, which is her user name too.
const MARY: &str = "mary@example.com";
/// A telephone number of hers.
const PHONE: &str = "+15550109999";
/// A password that she chooses.
const NEW: &str = "Another-5678";
/// What the first page says of wrong user names and wrong passwords alike.
const NEUTRAL: &str = "Your username or password is not right.";
/// What a page says of a wrong code.
const WRONG_CODE: &str = "That code is not right. Check it and try again.";
/// What a page says of a wrong telephone number.
const WRONG_PHONE: &str = "Enter a phone number with its country code, like +44 7700 900123.";

/// Given: Mary has an account with a password and her e-mail address, and this besides.
async fn mary(world: &World, more: Value) {
    let mut person = json!({"login": MARY, "password": PASSWORD, "first_name": "Mary", "last_name": "Acme"});
    let (Some(members), Some(more)) = (person.as_object_mut(), more.as_object()) else {
        panic!("a person is an object");
    };
    members.extend(more.clone());
    world.tell("users", person).await;
}

/// A phone that takes text messages, as an enrolment.
fn enrolled_phone() -> Value {
    json!({"key": "phone_number", "number": PHONE, "methods": ["sms"]})
}

/// The e-mail address, as an enrolment.
fn enrolled_email() -> Value {
    json!({"key": "okta_email"})
}

/// Every factor that a sign-in asks for: the password, then one of these.
fn password_and(key: &str) -> Value {
    json!([["okta_password"], [key]])
}

/// The page asks to choose what to set up: chooses this.
async fn set_up(visitor: &mut Visitor, view: &View, method: &str) -> View {
    assert_eq!(view.page.headings, ["Set up security methods"], "{}", view.page.text);
    visitor.choose(view, method).await
}

/// The page asks how to confirm who it is: chooses this.
async fn confirm_by(visitor: &mut Visitor, view: &View, method: &str) -> View {
    assert_eq!(view.page.headings, ["Verify it’s you"], "{}", view.page.text);
    visitor.choose(view, method).await
}

/// The page can send an e-mail: has it sent.
async fn have_it_mailed(visitor: &mut Visitor, view: &View) -> View {
    assert_eq!(view.page.headings, ["Get an email"], "{}", view.page.text);
    let view = visitor.choose(view, "Send me an email").await;
    assert_eq!(view.page.headings, ["Check your email"], "{}", view.page.text);
    view
}

/// Types the code that was sent to this address or number.
async fn with_the_code(world: &World, visitor: &mut Visitor, view: &View, to: &str) -> View {
    let code = world.code_for(to).await;
    visitor.answer(view, &[("code", &code)]).await
}

/// The link of the newest e-mail to Mary.
async fn link_in_mail(world: &World) -> String {
    let message = world.newest_to(MARY).await;
    message["link"].as_str().unwrap_or_else(|| panic!("no link in {message}")).to_owned()
}

/// Goes to the registration form and gives Mary's names and this address.
async fn names_given(visitor: &mut Visitor, email: &str) -> View {
    let view = visitor.visit("/app?x=1").await;
    let view = visitor.choose(&view, "Create an account").await;
    assert_eq!(view.page.headings, ["Create an account"]);
    let answers = [("userProfile.firstName", "Mary"), ("userProfile.lastName", "Acme"), ("userProfile.email", email)];
    visitor.answer(&view, &answers).await
}

/// Chooses the password among what is to be set up, and gives a new one twice.
async fn new_password(visitor: &mut Visitor, view: &View) -> View {
    let view = set_up(visitor, view, "Password").await;
    assert_eq!(view.page.headings, ["Choose a password"], "{}", view.page.text);
    visitor.answer(&view, &[("password", NEW), ("confirm", NEW)]).await
}

/// Given: who registers sets up a password and these, and need not confirm the address.
async fn registration_asks(world: &World, keys: &[&str]) {
    let required: Vec<_> = ["okta_password"].iter().chain(keys).collect();
    let policies = json!({"activation": "none", "registration_required": required, "registration_optional": []});
    world.tell("policies", policies).await;
}

/// Mary has registered with a password and is asked for more.
async fn registered_with_password(visitor: &mut Visitor) -> View {
    let view = names_given(visitor, MARY).await;
    new_password(visitor, &view).await
}
