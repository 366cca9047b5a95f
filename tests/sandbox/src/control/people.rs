//! `POST /sandbox/users`: makes a person, or changes one.
//!
//! `login` says who; every other member is one of [`User`]'s. Besides them: `delete` (true removes the
//! person), `activation_token` and `recovery_token` (true gives a token in the reply and mails it).

use serde_json::{Value, json};

use crate::authenticator::Key;
use crate::broken::Broken;
use crate::http::{Answered, Call, Reply};
use crate::inbox::{Channel, Letter};
use crate::state::{State, TokenPurpose};
use crate::user::{Proof, Standing, User};

pub(super) fn change(state: &mut State, body: &Value, call: &Call) -> Answered {
    let mut members = body.as_object().cloned().ok_or_else(|| Broken::asked_wrongly("a person is a JSON object"))?;
    let login = members.get("login").and_then(Value::as_str).map(str::to_owned);
    let login = login.ok_or_else(|| Broken::asked_wrongly("`login` is missing"))?;
    let mut flag = |name: &str| match members.remove(name) {
        None => Ok(false),
        Some(value) => value.as_bool().ok_or_else(|| Broken::asked_wrongly(format!("`{name}` is true or false"))),
    };
    let (delete, activation, recovery) = (flag("delete")?, flag("activation_token")?, flag("recovery_token")?);
    if delete {
        state.users.retain(|user| !user.login.eq_ignore_ascii_case(&login));
        return Ok(super::done());
    }
    let known = state.users.iter().position(|user| user.login.eq_ignore_ascii_case(&login));
    let before = known.map_or_else(|| newcomer(&login), |place| state.users[place].clone());
    let mut user = before.changed(&members).map_err(Broken::asked_wrongly)?;
    match user.password.is_some() {
        true if !user.has(Key::Password) => user.enrolled.push(Proof::Password.into()),
        false => user.enrolled.retain(|enrolment| enrolment.proof.key() != Key::Password),
        true => {}
    }
    if activation {
        user.standing = Standing::Staged;
        if !user.has(Key::Password) && !user.required.contains(&Key::Password) {
            user.required.push(Key::Password);
        }
    }
    let mut reply = json!(user);
    reply["id"] = user.id.as_str().into();
    let to = user.email.clone();
    match known {
        Some(place) => state.users[place] = user,
        None => state.users.push(user),
    }
    for (name, asked, purpose) in [
        ("activation_token", activation, TokenPurpose::Activation),
        ("recovery_token", recovery, TokenPurpose::Recovery),
    ] {
        if asked {
            let token = crate::random::handle();
            reply[name] = token.as_str().into();
            state.send(Letter {
                to: to.clone(),
                channel: Channel::Email,
                code: Some(token.clone()),
                link: None,
                at: call.at,
            });
            state.tokens.insert(token, (login.clone(), purpose));
        }
    }
    Ok(Reply::json(reply))
}

/// Somebody new: with an e-mail address, without a password.
fn newcomer(login: &str) -> User {
    let mut user = User { login: login.to_owned(), email: login.to_owned(), ..User::default() };
    user.enrol(Proof::Email);
    user
}
