//! The clients, and how they prove who they are.
//!
//! `client_secret_basic` and `client_secret_post` (RFC 6749 §2.3.1), `private_key_jwt` (RFC 7523 §3,
//! once a public key is registered as policy `client_public_key`), or nothing for a public client.
//! One way at a time: two at once are refused, also when both are right.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::broken::Broken;
use crate::http::{Call, Form, Payload, Reply};
use crate::oauth::jwt;
use crate::state::State;
use crate::webauthn::PublicKey;

/// A registered client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Client {
    /// The web application, with a secret.
    Confidential,
    /// The single-page application, without one.
    Public,
}

impl Client {
    pub(crate) fn id(self) -> &'static str {
        match self {
            Self::Confidential => crate::CLIENT_ID,
            Self::Public => crate::SPA_CLIENT_ID,
        }
    }

    pub(crate) fn label(self) -> &'static str {
        match self {
            Self::Confidential => "Sandbox App",
            Self::Public => "Sandbox Single-Page App",
        }
    }

    pub(crate) fn with_id(id: &str) -> Option<Self> {
        [Self::Confidential, Self::Public].into_iter().find(|client| client.id() == id)
    }
}

/// The credentials that a request carries.
enum Presented {
    Nothing { id: String },
    Secret { id: String, secret: String },
    Assertion(String),
}

/// Which client is beginning a sign-in, and whether it has proven it: Okta's widget begins sign-ins of a confidential
/// client too, from a browser that knows no secret. Whoever shows a secret must show the right one.
pub(crate) fn identify(state: &mut State, call: &Call, form: &Form) -> Result<(Client, Proven), Broken> {
    match presented(call, form)? {
        Presented::Nothing { id } => Ok((known(&id)?, Proven::No)),
        _ => Ok((authenticate(state, call, form)?, Proven::Yes)),
    }
}

/// Whether a client has proven who it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Proven {
    Yes,
    No,
}

/// Which client is calling, once it has proven it.
pub(crate) fn authenticate(state: &mut State, call: &Call, form: &Form) -> Result<Client, Broken> {
    match presented(call, form)? {
        Presented::Nothing { id } => match known(&id)? {
            Client::Public => Ok(Client::Public),
            Client::Confidential => Err(Broken::oauth(401, "invalid_client", "No client credentials found.")),
        },
        Presented::Secret { id, secret } => match known(&id)? {
            Client::Confidential if secret == crate::CLIENT_SECRET => Ok(Client::Confidential),
            Client::Public if secret.is_empty() => Ok(Client::Public),
            _ => Err(Broken::oauth(
                401,
                "invalid_client",
                "The client secret supplied for a confidential client is invalid.",
            )),
        },
        Presented::Assertion(assertion) => by_assertion(state, call, form, &assertion),
    }
}

fn presented(call: &Call, form: &Form) -> Result<Presented, Broken> {
    let basic = call.header("authorization").map(basic).transpose()?;
    let secret = form.field("client_secret");
    let assertion = form.field("client_assertion");
    let ways = [basic.is_some(), secret.is_some(), assertion.is_some()];
    if ways.into_iter().filter(|way| *way).count() > 1 {
        return Err(Broken::oauth(
            401,
            "invalid_request",
            "Cannot supply multiple client credentials. Use one of the following: credentials in the Authorization \
             header, credentials in the post body, or a client_assertion in the post body.",
        ));
    }
    let id = form.field("client_id");
    if let Some((named, secret)) = basic {
        return match id {
            Some(id) if id != named => {
                Err(Broken::oauth(401, "invalid_client", "The client_id of the body is not that of the header."))
            }
            _ => Ok(Presented::Secret { id: named, secret }),
        };
    }
    if let Some(assertion) = assertion {
        return Ok(Presented::Assertion(assertion.to_owned()));
    }
    let id = id.ok_or_else(|| Broken::oauth(401, "invalid_client", "No client credentials found."))?.to_owned();
    Ok(match secret {
        Some(secret) => Presented::Secret { id, secret: secret.to_owned() },
        None => Presented::Nothing { id },
    })
}

/// Reads `Authorization: Basic …`; both halves are form-encoded inside (RFC 6749 §2.3.1).
fn basic(header: &str) -> Result<(String, String), Broken> {
    let bad = || Broken::oauth(401, "invalid_client", "The Authorization header is not a well-formed Basic one.");
    let encoded = header.strip_prefix("Basic ").ok_or_else(bad)?;
    let decoded = STANDARD.decode(encoded).ok().and_then(|bytes| String::from_utf8(bytes).ok()).ok_or_else(bad)?;
    let (id, secret) = decoded.split_once(':').unwrap_or((&decoded, ""));
    let unescape = |text: &str| {
        let pairs = url::form_urlencoded::parse(text.as_bytes()).next();
        pairs.map(|(name, _)| name.into_owned()).unwrap_or_default()
    };
    Ok((unescape(id), unescape(secret)))
}

/// A client that is registered; of an unknown one Okta speaks in its API's shape.
fn known(id: &str) -> Result<Client, Broken> {
    Client::with_id(id).ok_or_else(|| {
        let rule = "Invalid value for 'client_id' parameter.";
        let body = json!({
            "errorCode": "invalid_client",
            "errorSummary": rule,
            "errorLink": "invalid_client",
            "errorId": crate::random::id("oae"),
            "errorCauses": [],
        });
        Broken { rule: rule.to_owned(), reply: Box::new(Reply::of(401, Payload::Json(body))) }
    })
}

/// Checks a `private_key_jwt`: issuer and subject are the client, the audience is the endpoint
/// called, it ends within an hour, and its `jti` was not seen before.
fn by_assertion(state: &mut State, call: &Call, form: &Form, assertion: &str) -> Result<Client, Broken> {
    let refused = |told: &str| Err(Broken::oauth(401, "invalid_client", told));
    if form.field("client_assertion_type") != Some("urn:ietf:params:oauth:client-assertion-type:jwt-bearer") {
        return refused("The client_assertion_type is invalid.");
    }
    let Some(key) = state.policies.client_public_key.as_ref().and_then(public_key) else {
        return refused("The client has no public key registered.");
    };
    let Some(claims) = jwt::verified(assertion, &key) else {
        return refused("The client_assertion signature is invalid.");
    };
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    if text("iss") != Some(crate::CLIENT_ID) || text("sub") != Some(crate::CLIENT_ID) {
        return refused("The issuer and subject claims for client_assertion must be the client_id.");
    }
    if form.field("client_id").is_some_and(|id| id != crate::CLIENT_ID) {
        return refused("The client_id is not that of the client_assertion.");
    }
    let endpoint = format!("{}{}", call.origin, call.path);
    if text("aud") != Some(&endpoint) {
        return refused("The audience claim for client_assertion must be the endpoint invoked for the request.");
    }
    match claims.get("exp").and_then(Value::as_i64) {
        Some(end) if end <= call.at.seconds() => {
            return refused("The client_assertion token is expired.");
        }
        Some(end) if end > call.at.seconds() + 3600 => {
            return refused("The client_assertion token has an expiration too far into the future.");
        }
        Some(_) => {}
        None => return refused("The client_assertion token has no expiration."),
    }
    match text("jti") {
        Some(id) if !state.used_assertions.insert(id.to_owned()) => {
            refused("The client_assertion token has already been used.")
        }
        _ => Ok(Client::Confidential),
    }
}

/// A registered public key: a JWK, or PEM text.
fn public_key(registered: &Value) -> Option<PublicKey> {
    match registered.as_str() {
        Some(pem) => PublicKey::from_pem(pem),
        None => serde_json::from_value(registered.clone()).ok(),
    }
}
