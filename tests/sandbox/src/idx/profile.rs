//! Profiles: the registration form (`enroll-profile`), what is asked later (`enroll-profile` again,
//! or `profile-update` with `skip` when all of it is optional), and what is done with the answers.

use serde_json::{Map, Value, json};

use crate::authenticator::Key;
use crate::http::Call;
use crate::idx::form::{View, object, one, secret, text};
use crate::idx::page::Page;
use crate::idx::transaction::{Intent, Step, Transaction, Who};
use crate::idx::{Message, Outcome, engine, enrolling, hosted, passwords};
use crate::inbox::{Channel, Letter};
use crate::policies::{Activation, FieldKind, ProfileField};
use crate::state::{Link, State};
use crate::user::User;

/// The registration form.
pub(crate) fn register(view: &View<'_>, page: &mut Page) {
    let mut fields =
        vec![text("firstName", "First name", true), text("lastName", "Last name", true), text("email", "Email", true)];
    fields.extend(view.policies.registration_fields.iter().map(drawn));
    let mut form = vec![object("userProfile", fields)];
    if view.policies.registration_password {
        let mut credentials = object("credentials", vec![secret("passcode", "Password")]);
        credentials["relatesTo"] = "$.currentAuthenticator".into();
        form.push(credentials);
        let mut password = Key::Password.value();
        password["settings"] = enrolling::password_settings(view.policies);
        page.put("currentAuthenticator", one(password));
    }
    hosted::with_captcha(view, &mut form, page);
    page.remediations.push(view.form("enroll-profile", "enroll/new", form));
    page.remediations.push(view.form("select-identify", "identify/select", Vec::new()));
}

/// What is missing in the profile of somebody who signs in.
pub(crate) fn complete(view: &View<'_>, user: &User, page: &mut Page) {
    if engine::may_skip_profile(user) {
        // Okta sends one group an attribute here; clients merge them.
        let groups = user.missing_profile.iter().map(|field| object("userProfile", vec![drawn(field)]));
        page.remediations.push(view.form("profile-update", "enroll/new", groups.collect()));
        page.remediations.push(view.form("skip", "skip", Vec::new()));
        return;
    }
    let fields = user.missing_profile.iter().map(drawn).collect();
    page.remediations.push(view.form("enroll-profile", "enroll/update", vec![object("userProfile", fields)]));
    page.put("uiDisplay", json!({ "label": "Tell us more", "buttonLabel": "Continue" }));
}

/// A field of an administrator's, with the annotation that says how to draw it.
fn drawn(field: &ProfileField) -> Value {
    let mut value = json!({ "name": field.name, "label": field.label, "required": field.required });
    let options = || field.options.iter().map(|option| json!({ "label": option, "value": option })).collect::<Vec<_>>();
    let yes_or_no = || json!([{ "label": "Yes", "value": true }, { "label": "No", "value": false }]);
    let display = match field.kind {
        FieldKind::Text => return value,
        FieldKind::Boolean => {
            value["type"] = "boolean".into();
            return value;
        }
        FieldKind::Unheard => {
            value["type"] = "hologram".into();
            return value;
        }
        FieldKind::Checkbox => {
            value["type"] = "boolean".into();
            json!({ "inputType": "checkbox", "options": yes_or_no() })
        }
        FieldKind::Select => json!({ "inputType": "select", "options": options() }),
        FieldKind::Radio => json!({ "inputType": "radio", "options": options() }),
        FieldKind::Country => json!({ "inputType": "select", "format": "country-code" }),
    };
    value["options"] = json!([{ "label": "display", "value": { "type": "object", "value": display } }]);
    value
}

/// `enroll`: to the registration form.
pub(crate) fn begin(state: &State, transaction: &mut Transaction) -> Outcome {
    if !state.policies.self_registration {
        return Outcome::told(
            403,
            Message::error("oie.registration.is.not.enabled", "Sign up is not enabled for this organization."),
        );
    }
    transaction.step = Step::Register;
    Outcome::ok()
}

/// `enroll/new` and `enroll/update`: takes what was typed.
pub(crate) fn submit(state: &mut State, transaction: &mut Transaction, body: &Value, call: &Call) -> Outcome {
    let given = body["userProfile"].as_object().cloned().unwrap_or_default();
    match transaction.step {
        Step::Register => create(state, transaction, &given, body, call),
        _ => add(state, transaction, &given, call),
    }
}

fn create(
    state: &mut State,
    transaction: &mut Transaction,
    given: &Map<String, Value>,
    body: &Value,
    call: &Call,
) -> Outcome {
    let said = |name: &str| given.get(name).and_then(Value::as_str).unwrap_or_default().trim().to_owned();
    let email = said("email");
    let password = body["credentials"]["passcode"].as_str();
    let mut wrong = check_email(state, &email);
    wrong.extend(check_fields(&state.policies.registration_fields, given));
    if let Some(message) = password.and_then(|password| passwords::too_weak(&state.policies.password, password, &email))
    {
        wrong.push(("passcode".to_owned(), message));
    }
    if !wrong.is_empty() {
        return Outcome { fields: wrong, status: 400, ..Outcome::ok() };
    }
    let policies = &state.policies;
    let mut user = User {
        login: email.clone(),
        first_name: said("firstName"),
        last_name: said("lastName"),
        required: policies.registration_required.clone(),
        optional: policies.registration_optional.clone(),
        profile: state
            .policies
            .registration_fields
            .iter()
            .filter_map(|field| Some((field.name.clone(), given.get(&field.name)?.clone())))
            .collect(),
        email,
        ..User::default()
    };
    match password {
        Some(password) => user.set_password(password),
        None if !user.required.contains(&Key::Password) => user.needs = vec![vec![Key::Email, Key::Password]],
        None => {}
    }
    match policies.activation {
        Activation::Code => {}
        Activation::Link => return await_link(state, transaction, user, call),
        Activation::None => {
            user.required.retain(|key| *key != Key::Email);
            user.enrol(crate::user::Proof::Email);
        }
    }
    transaction.who = Who::Known { login: user.login.clone() };
    transaction.intent = Intent::Enrolment;
    state.users.push(user);
    engine::advance(state, transaction, call);
    Outcome::ok()
}

/// Sends a mail with a link, and leaves a page without a form.
fn await_link(state: &mut State, transaction: &mut Transaction, user: User, call: &Call) -> Outcome {
    let token = crate::random::handle();
    let link = format!("{}/email/verify/{}?token={token}", call.origin, transaction.asked.client.id());
    state.links.insert(token, Link::Activate { state_handle: transaction.state_handle.clone() });
    state.send(Letter { to: user.email.clone(), channel: Channel::Email, code: None, link: Some(link), at: call.at });
    transaction.who = Who::Known { login: user.login.clone() };
    transaction.intent = Intent::Enrolment;
    transaction.step = Step::AwaitActivation;
    state.users.push(user);
    Outcome::ok()
}

fn check_email(state: &State, email: &str) -> Vec<(String, Message)> {
    let at_email = |message| ("email".to_owned(), message);
    let (name, domain) = email.split_once('@').unwrap_or_default();
    let well_formed =
        !name.is_empty() && domain.contains('.') && !domain.ends_with('.') && !email.contains(char::is_whitespace);
    if !well_formed {
        return vec![
            at_email(
                Message::error(
                    "registration.error.invalidLoginEmail",
                    "'Email' must be in the form of an email address",
                )
                .about("Email"),
            ),
            at_email(
                Message::error(
                    "registration.error.doesNotMatchPattern",
                    "Provided value for property 'Email' does not match required pattern",
                )
                .about("Email"),
            ),
        ];
    }
    match state.user(email) {
        Some(_) => {
            vec![at_email(
                Message::error("registration.error.notUniqueWithinOrg", "A user with this Email already exists")
                    .about("Email"),
            )]
        }
        None => Vec::new(),
    }
}

/// Whether values are of their fields' kinds.
fn check_fields(fields: &[ProfileField], given: &Map<String, Value>) -> Vec<(String, Message)> {
    let bad = |field: &&ProfileField| {
        given.get(&field.name).is_some_and(|value| match field.kind {
            FieldKind::Boolean | FieldKind::Checkbox => !value.is_boolean(),
            FieldKind::Select | FieldKind::Radio => {
                let empty = value.as_str() == Some("") && !field.required;
                !empty && !field.options.iter().any(|option| value.as_str() == Some(option))
            }
            FieldKind::Country => value.as_str().is_none_or(|code| !code.is_empty() && code.len() != 2),
            FieldKind::Text | FieldKind::Unheard => !value.is_string(),
        })
    };
    let told = |field: &ProfileField| {
        let text = format!("Provided value for property '{}' does not match required pattern", field.label);
        (field.name.clone(), Message::error("registration.error.doesNotMatchPattern", text).about(field.label.as_str()))
    };
    fields.iter().filter(bad).map(told).collect()
}

fn add(state: &mut State, transaction: &mut Transaction, given: &Map<String, Value>, call: &Call) -> Outcome {
    let Some(user) = transaction.login().map(str::to_owned).and_then(|login| state.user_mut(&login)) else {
        return Outcome::bare(403, Message::access_denied());
    };
    let wrong = check_fields(&user.missing_profile, given);
    if !wrong.is_empty() {
        return Outcome { fields: wrong, status: 400, ..Outcome::ok() };
    }
    user.profile.extend(given.clone());
    user.missing_profile.clear();
    engine::advance(state, transaction, call);
    Outcome::ok()
}
