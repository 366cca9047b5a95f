//! `GET /v1/userinfo` (OpenID Connect Core §5.3): who an access token stands for. Refusals are in
//! `WWW-Authenticate` (RFC 6750 §3), with an empty body.

use crate::broken::Broken;
use crate::faults::{Kind, TokenFault};
use crate::http::{Answered, Call, Payload, Reply};
use crate::state::State;

pub(crate) fn answer(state: &State, call: &Call) -> Answered {
    if call.method != hyper::Method::GET && call.method != hyper::Method::POST {
        return Err(Broken::method("GET"));
    }
    let token = call.header("authorization").and_then(|header| header.strip_prefix("Bearer "));
    let token = token.ok_or_else(|| refused(401, "invalid_token", "The access token is missing."))?;
    let issued = state.grants.access.get(token);
    let issued = issued.ok_or_else(|| refused(401, "invalid_token", "The access token is invalid."))?;
    let grant = &state.grants.grants[issued.grant];
    if issued.ended || grant.ended {
        return Err(refused(401, "invalid_token", "The access token has been revoked."));
    }
    if call.at >= issued.expires {
        return Err(refused(401, "invalid_token", "The token has expired."));
    }
    if !grant.has("openid") {
        let told = "The access token provided does not contain the required scopes.";
        return Err(refused(403, "insufficient_scope", told));
    }
    let user = state.users.iter().find(|user| user.login == grant.login);
    let user = user.ok_or_else(|| refused(401, "invalid_token", "The access token is invalid."))?;
    let mut claims = grant.claims_about(user);
    claims["updated_at"] = grant.authenticated.seconds().into();
    if state.struck_by(Kind::Token(TokenFault::WrongSub)) {
        claims["sub"] = "00usomebodyelse00000".into();
    }
    Ok(Reply::json(claims))
}

pub(crate) fn refused(status: u16, error: &str, description: &str) -> Broken {
    let challenge = format!("Bearer error=\"{error}\", error_description=\"{description}\"");
    let reply = Reply::of(status, Payload::Empty).with("www-authenticate", challenge);
    Broken { rule: description.to_owned(), reply: Box::new(reply) }
}
