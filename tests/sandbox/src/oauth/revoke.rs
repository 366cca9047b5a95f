//! `POST /v1/revoke` (RFC 7009): ends a token. 200 also for one that is unknown. A refresh token takes
//! the access tokens of its grant with it; an access token takes nothing.

use crate::broken::Broken;
use crate::http::{Answered, Call, Form};
use crate::oauth::client;
use crate::state::State;

pub(crate) fn answer(state: &mut State, call: &Call, form: &Form) -> Answered {
    let client = client::authenticate(state, call, form)?;
    let token = form.field("token");
    let token = token.ok_or_else(|| Broken::oauth(400, "invalid_request", "The 'token' parameter is required."))?;
    if !matches!(form.field("token_type_hint"), None | Some("access_token" | "refresh_token")) {
        let told = "'token_type_hint' must be access_token or refresh_token.";
        return Err(Broken::oauth(400, "unsupported_token_type", told));
    }
    let grants = &mut state.grants;
    if let Some(issued) = grants.refresh.get_mut(token) {
        let grant = &mut grants.grants[issued.grant];
        if grant.client == client {
            issued.ended = true;
            grant.ended = true;
        }
    } else if let Some(issued) = grants.access.get_mut(token)
        && grants.grants[issued.grant].client == client
    {
        issued.ended = true;
    }
    Ok(crate::oauth::nothing())
}
