//! `POST /v1/token`: redeems an interaction code, an authorization code or a refresh token.
//!
//! The code is bound to its client, its redirect URI and its PKCE challenge, lives 60 seconds and is
//! spent by the first call that names it, whether that call succeeds or not.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest;
use serde_json::json;

use crate::broken::Broken;
use crate::http::{Answered, Call, Form, Reply};
use crate::oauth::Server;
use crate::oauth::client::{self, Client};
use crate::oauth::grant::{About, Earned, Grant, Issued};
use crate::state::State;
use crate::user::Standing;

pub(crate) fn answer(state: &mut State, server: Server, call: &Call, form: &Form) -> Answered {
    let client = client::authenticate(state, call, form)?;
    match form.field("grant_type") {
        Some("interaction_code") => redeem(state, server, client, call, form, "interaction_code"),
        Some("authorization_code") => redeem(state, server, client, call, form, "authorization_code"),
        Some("refresh_token") => refresh(state, server, client, call, form),
        Some(other) => Err(Broken::oauth(
            400,
            "unsupported_grant_type",
            format!("The authorization grant type '{other}' is not supported by the authorization server."),
        )),
        None => Err(Broken::oauth(
            400,
            "invalid_request",
            "The token request must specify a 'grant_type'. Valid grant types are [authorization_code, interaction_code, refresh_token].",
        )),
    }
}

fn invalid_grant(description: &str) -> Broken {
    Broken::oauth(400, "invalid_grant", description)
}

fn redeem(
    state: &mut State,
    server: Server,
    client: Client,
    call: &Call,
    form: &Form,
    grant_type: &'static str,
) -> Answered {
    let parameter = if grant_type == "authorization_code" { "code" } else { "interaction_code" };
    let code = form.field(parameter).ok_or_else(|| {
        Broken::oauth(400, "invalid_request", format!("The token request must specify an '{parameter}'."))
    })?;
    let earned = take_code(state, code, call)?;
    if earned.grant_type != grant_type {
        return Err(invalid_grant("The code was issued for another grant type."));
    }
    check_issued_to(&earned, client, server)?;
    check_redirect_uri(&earned, form)?;
    check_verifier(&earned, form)?;
    state.end_transaction(&earned.state_handle);
    let nonce = earned.asked.nonce.clone();
    state.grants.grants.push(Grant::of(earned));
    let grant = state.grants.grants.len() - 1;
    Ok(tokens(state, grant, nonce.as_deref(), true, call))
}

fn take_code(state: &mut State, code: &str, call: &Call) -> Result<Earned, Broken> {
    let told = "The interaction code is invalid or has expired.";
    if state.grants.redeemed.iter().any(|redeemed| redeemed == code) {
        return Err(Broken { rule: "The interaction code was redeemed before.".to_owned(), ..invalid_grant(told) });
    }
    let earned = state.grants.codes.remove(code).ok_or_else(|| invalid_grant(told))?;
    state.grants.redeemed.push(code.to_owned());
    match call.at < earned.expires {
        true => Ok(earned),
        false => Err(invalid_grant(told)),
    }
}

fn check_issued_to(earned: &Earned, client: Client, server: Server) -> Result<(), Broken> {
    if earned.asked.client != client {
        return Err(invalid_grant("The grant was issued to another client."));
    }
    match earned.asked.server == server {
        true => Ok(()),
        false => Err(Broken::oauth(400, "invalid_request", "The grant was issued for another authorization server.")),
    }
}

/// A `redirect_uri` is optional here (IDX's own form does not list it), but must be the same.
fn check_redirect_uri(earned: &Earned, form: &Form) -> Result<(), Broken> {
    match form.field("redirect_uri") {
        Some(uri) if uri != earned.asked.redirect_uri => Err(invalid_grant(
            "The 'redirect_uri' does not match the redirection URI used in the authorization request.",
        )),
        _ => Ok(()),
    }
}

/// PKCE: the base64url of the verifier's SHA-256 is the challenge (RFC 7636 §4.6).
fn check_verifier(earned: &Earned, form: &Form) -> Result<(), Broken> {
    let verifier = form.field("code_verifier");
    let verifier = verifier
        .ok_or_else(|| Broken::oauth(400, "invalid_request", "PKCE code verifier is required by the application."))?;
    let hash = digest::digest(&digest::SHA256, verifier.as_bytes());
    let well_formed = (43..=128).contains(&verifier.len());
    match well_formed && URL_SAFE_NO_PAD.encode(hash) == earned.asked.code_challenge {
        true => Ok(()),
        false => Err(invalid_grant("PKCE verification failed.")),
    }
}

fn refresh(state: &mut State, server: Server, client: Client, call: &Call, form: &Form) -> Answered {
    let told = "The refresh token is invalid or expired.";
    let presented = form.field("refresh_token");
    let presented = presented
        .ok_or_else(|| Broken::oauth(400, "invalid_request", "The token request must specify a 'refresh_token'."))?;
    let issued = state.grants.refresh.get(presented).cloned().ok_or_else(|| invalid_grant(told))?;
    let leeway = state.policies.refresh_leeway_s;
    let is_late = issued.rotated.is_none_or(|rotated| call.at >= rotated.plus(leeway));
    if issued.ended && is_late {
        state.grants.grants[issued.grant].ended = true;
        let rule = "A refresh token that was rotated away came back.".to_owned();
        return Err(Broken { rule, ..invalid_grant(told) });
    }
    let grant = &state.grants.grants[issued.grant];
    if grant.ended || call.at >= issued.expires {
        return Err(invalid_grant(told));
    }
    if grant.client != client || grant.server != server {
        return Err(invalid_grant("The refresh token was issued to another client."));
    }
    let is_active = state.user(&grant.login).is_some_and(|user| user.standing == Standing::Active);
    if !is_active {
        return Err(Broken { rule: "The person may not sign in any more.".to_owned(), ..invalid_grant(told) });
    }
    let asked: Option<Vec<_>> = form.field("scope").map(|scope| scope.split_whitespace().collect());
    if asked.as_ref().is_some_and(|asked| asked.iter().any(|scope| !grant.has(scope))) {
        return Err(Broken::oauth(400, "invalid_scope", "The requested scope is beyond what was granted."));
    }
    let with_id_token = asked.is_none_or(|asked| asked.contains(&"openid"));
    let reply = tokens(state, issued.grant, None, with_id_token, call);
    if state.policies.refresh_rotation
        && let Some(old) = state.grants.refresh.get_mut(presented)
    {
        old.ended = true;
        old.rotated.get_or_insert(call.at);
    }
    Ok(reply)
}

/// Makes the tokens of a grant and keeps what they stand for.
fn tokens(state: &mut State, grant_number: usize, nonce: Option<&str>, with_id_token: bool, call: &Call) -> Reply {
    let faults = state.token_faults();
    let policies = state.policies.clone();
    let grant = state.grants.grants[grant_number].clone();
    let user = state.users.iter().find(|user| user.login == grant.login).cloned().unwrap_or_default();
    let access_token = grant.access_token(&user, &policies, &call.origin, call.at);
    let issued =
        |lifetime| Issued { grant: grant_number, expires: call.at.plus(lifetime), ended: false, rotated: None };
    state.grants.access.insert(access_token.clone(), issued(policies.access_token_lifetime_s));
    let mut body = json!({
        "token_type": "Bearer",
        "expires_in": policies.access_token_lifetime_s,
        "access_token": access_token,
        "scope": grant.scopes.join(" "),
    });
    if with_id_token {
        let about = About {
            user: &user,
            policies: &policies,
            origin: &call.origin,
            access_token: &access_token,
            nonce,
            now: call.at,
        };
        body["id_token"] = grant.id_token(&about, &faults).into();
    }
    if grant.has("offline_access") && (policies.refresh_rotation || !state.has_refresh(grant_number)) {
        let refresh_token = crate::random::handle();
        state.grants.refresh.insert(refresh_token.clone(), issued(policies.refresh_token_idle_s));
        body["refresh_token"] = refresh_token.into();
    }
    Reply::json(body)
}
