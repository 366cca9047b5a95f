//! `POST /v1/interact`: begins a sign-in (IDX, the interaction code flow) and answers with its
//! `interaction_handle`.
//!
//! A confidential client may begin without its secret, as from a script of a page of its own; what comes of it is then
//! redeemed with the secret all the same. The form holds `client_id`, `scope`, `redirect_uri`, `code_challenge` (RFC 7636, S256 only), `state`
//! and, if wanted, `nonce`, `max_age`, `acr_values`, `activation_token` or `recovery_token`.

use serde_json::json;

use crate::broken::Broken;
use crate::http::{Answered, Call, Form, Reply};
use crate::idx::Transaction;
use crate::oauth::Server;
use crate::oauth::client::{self, Client, Proven};
use crate::state::{State, TokenPurpose};

/// Every scope of the org. Besides them any that begins with `okta.` is granted.
pub(crate) const SCOPES: [&str; 9] =
    ["openid", "profile", "email", "address", "phone", "groups", "offline_access", "custom1", "custom1.custom2"];

/// Every level of assurance that may be asked for.
pub(crate) const ASSURANCES: [&str; 4] =
    ["urn:okta:loa:1fa:any", "urn:okta:loa:1fa:pwd", "urn:okta:loa:2fa:any", "urn:okta:loa:2fa:any:ifpossible"];

/// The longest device token that is taken.
const LONGEST_DEVICE_TOKEN: usize = 32;

/// What a client asked for, checked.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) client: Client,
    pub(crate) server: Server,
    pub(crate) redirect_uri: String,
    pub(crate) scopes: Vec<String>,
    pub(crate) code_challenge: String,
    pub(crate) state: String,
    pub(crate) nonce: Option<String>,
    pub(crate) acr_values: Option<String>,
}

pub(crate) fn answer(state: &mut State, server: Server, call: &Call, form: &Form) -> Answered {
    let (client, proven) = client::identify(state, call, form)?;
    check_device_token(call)?;
    let asked = asked(state, server, client, form)?;
    let mut transaction = Transaction::new(asked, call.at);
    if let Some(token) = form.field("activation_token") {
        if proven == Proven::No {
            return Err(invalid("Only confidential clients can use the activation token flow"));
        }
        let login = state.redeem(token, TokenPurpose::Activation);
        let login = login.ok_or_else(|| invalid("The activation token is invalid"))?;
        match state.policies.activation_expired {
            true => transaction.expired_activation = Some(login),
            false => transaction.activate(login),
        }
    } else if let Some(token) = form.field("recovery_token") {
        let login = state.redeem(token, TokenPurpose::Recovery);
        transaction.recover_with_token(login.ok_or_else(|| invalid("The recovery token is invalid"))?);
    }
    let handle = transaction.interaction_handle.clone();
    crate::idx::begin(state, transaction, call);
    Ok(Reply::json(json!({ "interaction_handle": handle })))
}

/// What a client asks for, here or at `/v1/authorize`.
pub(crate) fn asked(state: &State, server: Server, client: Client, form: &Form) -> Result<Asked, Broken> {
    check_max_age(form)?;
    Ok(Asked {
        client,
        server,
        redirect_uri: redirect_uri(state, form)?,
        scopes: scopes(form)?,
        code_challenge: code_challenge(form)?,
        state: form.field("state").ok_or_else(|| missing("state"))?.to_owned(),
        nonce: form.field("nonce").map(str::to_owned),
        acr_values: acr_values(form)?,
    })
}

fn invalid(description: &str) -> Broken {
    Broken::oauth(400, "invalid_request", description)
}

fn missing(name: &str) -> Broken {
    invalid(&format!("The '{name}' parameter is required."))
}

fn check_device_token(call: &Call) -> Result<(), Broken> {
    match call.header("x-device-token") {
        Some(token) if token.len() > LONGEST_DEVICE_TOKEN => {
            Err(invalid("The request has a deviceToken with length greater than 32."))
        }
        _ => Ok(()),
    }
}

fn redirect_uri(state: &State, form: &Form) -> Result<String, Broken> {
    let uri = form.field("redirect_uri").ok_or_else(|| missing("redirect_uri"))?;
    match state.redirect_uris().any(|registered| registered == uri) {
        true => Ok(uri.to_owned()),
        false => Err(invalid("The 'redirect_uri' parameter must be a Login redirect URI in the client app settings.")),
    }
}

fn scopes(form: &Form) -> Result<Vec<String>, Broken> {
    let refused = |told: &str| Err(Broken::oauth(400, "invalid_scope", told));
    let scopes: Vec<_> = form.field("scope").unwrap_or_default().split_whitespace().map(str::to_owned).collect();
    if scopes.is_empty() {
        return refused("No scopes were requested.");
    }
    if scopes.iter().any(|scope| !SCOPES.contains(&scope.as_str()) && !scope.starts_with("okta.")) {
        return refused("One or more scopes are not configured for the authorization server resource.");
    }
    if !scopes.iter().any(|scope| scope == "openid") {
        return refused("The 'openid' scope is required to use the interaction code flow.");
    }
    Ok(scopes)
}

/// A challenge is the base64url of a SHA-256, without padding: 43 characters (RFC 7636 §4.2).
fn code_challenge(form: &Form) -> Result<String, Broken> {
    let challenge = form.field("code_challenge");
    let challenge =
        challenge.ok_or_else(|| invalid("PKCE code challenge is required to use the interaction code flow."))?;
    if form.field("code_challenge_method") != Some("S256") {
        return Err(invalid("PKCE code challenge method is not supported. Valid values: [S256]"));
    }
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    match challenge.len() == 43 && challenge.bytes().all(plain) {
        true => Ok(challenge.to_owned()),
        false => Err(invalid("The PKCE code challenge must be 43 characters of base64url without padding.")),
    }
}

fn acr_values(form: &Form) -> Result<Option<String>, Broken> {
    match form.field("acr_values") {
        None => Ok(None),
        Some(value) if ASSURANCES.contains(&value) => Ok(Some(value.to_owned())),
        Some(value) => Err(invalid(&format!("The 'acr_values' parameter is not supported: {value}"))),
    }
}

/// Everybody proves themselves anew in every sign-in here, so any age is young enough.
fn check_max_age(form: &Form) -> Result<(), Broken> {
    let well_formed = |text: &str| text.parse::<u32>().is_ok();
    match form.field("max_age").is_none_or(well_formed) {
        true => Ok(()),
        false => Err(invalid("The 'max_age' parameter must be a number of seconds.")),
    }
}
