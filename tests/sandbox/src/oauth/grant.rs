//! Grants: what a finished sign-in gave to a client, and the tokens that stand for it.
//!
//! An interaction code becomes a grant once; a grant has access tokens and at most one good refresh
//! token. A refresh token that was rotated away and comes back, later than policy `refresh_leeway_s` says, ends the whole
//! grant (RFC 9700 §4.14.2).

use std::collections::HashMap;

use serde_json::{Value, json};

use crate::authenticator::Key;
use crate::clock::Moment;
use crate::faults::TokenFault;
use crate::oauth::Server;
use crate::oauth::client::Client;
use crate::oauth::interact::Asked;
use crate::oauth::jwt;
use crate::oauth::keys::signing_key;
use crate::policies::Policies;
use crate::user::User;

/// A sign-in that has ended well and waits for its code to be redeemed.
#[derive(Clone, Debug)]
pub(crate) struct Earned {
    pub(crate) asked: Asked,
    pub(crate) login: String,
    pub(crate) authenticated: Moment,
    pub(crate) verified: Vec<Key>,
    pub(crate) expires: Moment,
    pub(crate) state_handle: String,
    /// The grant type that redeems its code.
    pub(crate) grant_type: &'static str,
}

/// What was granted to a client for a person.
#[derive(Clone, Debug)]
pub(crate) struct Grant {
    pub(crate) client: Client,
    pub(crate) server: Server,
    pub(crate) login: String,
    pub(crate) scopes: Vec<String>,
    pub(crate) authenticated: Moment,
    pub(crate) amr: Vec<&'static str>,
    pub(crate) acr: String,
    /// The org's session that it came of, which a logout names.
    pub(crate) sid: String,
    pub(crate) ended: bool,
}

/// A token that was handed out, by its text.
#[derive(Clone, Debug)]
pub(crate) struct Issued {
    pub(crate) grant: usize,
    pub(crate) expires: Moment,
    pub(crate) ended: bool,
    /// When another one took its place.
    pub(crate) rotated: Option<Moment>,
}

/// All grants and tokens of the org.
#[derive(Debug, Default)]
pub(crate) struct Grants {
    pub(crate) codes: HashMap<String, Earned>,
    /// Codes that were redeemed, so that a second time can be told from an unknown one.
    pub(crate) redeemed: Vec<String>,
    pub(crate) grants: Vec<Grant>,
    pub(crate) access: HashMap<String, Issued>,
    pub(crate) refresh: HashMap<String, Issued>,
}

impl Grant {
    /// The grant that a sign-in earned.
    pub(crate) fn of(earned: Earned) -> Self {
        Self {
            amr: amr(&earned.verified),
            acr: acr(&earned),
            client: earned.asked.client,
            server: earned.asked.server,
            login: earned.login,
            scopes: earned.asked.scopes,
            authenticated: earned.authenticated,
            sid: crate::random::id("102"),
            ended: false,
        }
    }

    pub(crate) fn has(&self, scope: &str) -> bool {
        self.scopes.iter().any(|granted| granted == scope)
    }

    /// The claims about a person that the scopes open (OpenID Connect Core §5.4).
    pub(crate) fn claims_about(&self, user: &User) -> Value {
        let mut claims = json!({ "sub": user.id, "groups": user.groups });
        if self.has("profile") {
            claims["name"] = format!("{} {}", user.first_name, user.last_name).into();
            claims["given_name"] = user.first_name.as_str().into();
            claims["family_name"] = user.last_name.as_str().into();
            claims["preferred_username"] = user.login.as_str().into();
            claims["locale"] = "en-US".into();
            claims["zoneinfo"] = "America/Los_Angeles".into();
        }
        if self.has("email") {
            claims["email"] = user.email.as_str().into();
            claims["email_verified"] = true.into();
        }
        claims
    }

    /// A signed access token: a JWT, as a custom authorization server gives.
    pub(crate) fn access_token(&self, user: &User, policies: &Policies, origin: &str, now: Moment) -> String {
        let claims = json!({
            "ver": 1,
            "jti": crate::random::id("AT."),
            "iss": self.server.issuer(origin),
            "aud": match self.server { Server::Custom => "api://default".to_owned(), Server::Org => origin.to_owned() },
            "iat": now.seconds(),
            "exp": now.plus(policies.access_token_lifetime_s).seconds(),
            "cid": self.client.id(),
            "uid": user.id,
            "scp": self.scopes,
            "auth_time": self.authenticated.seconds(),
            "sub": user.login,
        });
        jwt::signed(signing_key(policies.signing_key), &claims, None)
    }

    /// A signed ID token, or one that is bad in the ways of `faults`.
    pub(crate) fn id_token(&self, about: &About<'_>, faults: &[TokenFault]) -> String {
        let (user, now) = (about.user, about.now);
        let mut claims = self.claims_about(user);
        claims["ver"] = 1.into();
        claims["jti"] = crate::random::id("ID.").into();
        claims["iss"] = self.server.issuer(about.origin).into();
        claims["aud"] = self.client.id().into();
        claims["iat"] = now.seconds().into();
        claims["exp"] = now.plus(about.policies.id_token_lifetime_s).seconds().into();
        claims["auth_time"] = self.authenticated.seconds().into();
        claims["amr"] = json!(self.amr);
        claims["acr"] = self.acr.as_str().into();
        claims["sid"] = self.sid.as_str().into();
        claims["idp"] = "00osandboxorg0000000".into();
        claims["at_hash"] = jwt::at_hash(about.access_token).into();
        if let Some(nonce) = about.nonce {
            claims["nonce"] = nonce.into();
        }
        for fault in faults {
            spoil(&mut claims, *fault);
        }
        let in_signing = [TokenFault::AlgNone, TokenFault::Hs256, TokenFault::UnknownKid, TokenFault::BadSignature];
        let fault = faults.iter().copied().find(|fault| in_signing.contains(fault));
        jwt::signed(signing_key(about.policies.signing_key), &claims, fault)
    }
}

/// What an ID token is made of besides its grant.
pub(crate) struct About<'a> {
    pub(crate) user: &'a User,
    pub(crate) policies: &'a Policies,
    pub(crate) origin: &'a str,
    pub(crate) access_token: &'a str,
    pub(crate) nonce: Option<&'a str>,
    pub(crate) now: Moment,
}

fn spoil(claims: &mut Value, fault: TokenFault) {
    match fault {
        TokenFault::WrongNonce => claims["nonce"] = "nonce-of-somebody-else".into(),
        TokenFault::WrongAud => claims["aud"] = "client-of-somebody-else".into(),
        TokenFault::WrongIss => claims["iss"] = "https://issuer-of-somebody-else.example".into(),
        TokenFault::WrongSub => claims["sub"] = "00usomebodyelse00000".into(),
        TokenFault::Stale => {
            for name in ["iat", "exp", "auth_time"] {
                earlier(claims, name, 30 * 86_400);
            }
        }
        TokenFault::ProvenBefore => earlier(claims, "auth_time", 3_600),
        TokenFault::AlgNone | TokenFault::Hs256 | TokenFault::UnknownKid | TokenFault::BadSignature => {}
    }
}

fn earlier(claims: &mut Value, name: &str, seconds: i64) {
    claims[name] = (claims[name].as_i64().unwrap_or_default() - seconds).into();
}

/// Authentication methods (RFC 8176): each once, and `mfa` when there were two kinds.
fn amr(verified: &[Key]) -> Vec<&'static str> {
    let mut methods: Vec<&'static str> = Vec::new();
    for key in verified {
        let method = key.facts().amr;
        if !methods.contains(&method) {
            methods.push(method);
        }
    }
    if methods.len() > 1 {
        methods.push("mfa");
    }
    methods
}

/// The level that was asked for when it was reached; else the level that was reached.
fn acr(earned: &Earned) -> String {
    match &earned.asked.acr_values {
        Some(asked) => asked.clone(),
        None if earned.verified.len() > 1 => "urn:okta:loa:2fa:any".to_owned(),
        None => "urn:okta:loa:1fa:any".to_owned(),
    }
}
