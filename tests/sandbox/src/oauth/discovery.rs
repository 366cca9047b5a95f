//! `GET /.well-known/openid-configuration` and `…/oauth-authorization-server` (OpenID Connect
//! Discovery, RFC 8414).

use serde_json::json;

use crate::faults::{Kind, TokenFault};
use crate::http::{Answered, Call, Reply};
use crate::oauth::{Server, get};
use crate::state::State;

pub(crate) fn answer(state: &State, server: Server, call: &Call) -> Answered {
    get(call)?;
    let base = server.base(&call.origin);
    let issuer = match state.struck_by(Kind::Token(TokenFault::WrongIss)) {
        true => "https://issuer-of-somebody-else.example".to_owned(),
        false => server.issuer(&call.origin),
    };
    Ok(Reply::json(json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{base}/v1/authorize"),
        "token_endpoint": format!("{base}/v1/token"),
        "userinfo_endpoint": format!("{base}/v1/userinfo"),
        "jwks_uri": format!("{base}/v1/keys"),
        "introspection_endpoint": format!("{base}/v1/introspect"),
        "revocation_endpoint": format!("{base}/v1/revoke"),
        "end_session_endpoint": format!("{base}/v1/logout"),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "interaction_code", "refresh_token"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256", "ES256"],
        "scopes_supported": crate::oauth::interact::SCOPES,
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "private_key_jwt", "none"],
        "claims_supported": [
            "iss", "ver", "sub", "aud", "iat", "exp", "jti", "auth_time", "amr", "acr", "idp", "nonce", "name",
            "preferred_username", "email", "groups", "at_hash",
        ],
        "acr_values_supported": crate::oauth::interact::ASSURANCES,
        "code_challenge_methods_supported": ["S256"],
        "request_parameter_supported": false,
    })))
}
