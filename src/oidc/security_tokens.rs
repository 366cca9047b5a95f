//! What a provider tells of its own accord, in tokens that are no ID tokens: that a session is over (OpenID Connect
//! Back-Channel Logout 1.0), and that everything of a person is to be revoked (draft-parecki-oauth-global-token-revocation).
//!
//! All are signed by the keys of ID tokens, so each kind has a check of its own, and none passes another's
//! (RFC 8725 3.11). Whether a token came before is the caller's to ask, by its id.

use std::time::Duration;

use serde_json::{Map, Value};

use super::client::Client;
use super::id_token::whole_seconds;
use super::jws::Unverified;
use super::{Failure, json};
use crate::time::{CLOCK_SKEW, Instant};

/// How old a logout token may be.
const LOGOUT_TOKEN_AGE: Duration = Duration::from_secs(300);

/// How long an order to revoke may count.
const ORDER_LIFE: Duration = Duration::from_secs(600);

/// How long the id of a token must be remembered, so that none comes twice.
pub(crate) const REMEMBERED: Duration = Duration::from_secs(900);

/// The event that a logout token is about.
const LOGGED_OUT: &str = "http://schemas.openid.net/event/backchannel-logout";

/// A logout token that holds: at least one of subject and session is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogoutToken {
    /// Whose session is over.
    pub subject: Option<String>,
    /// Which session of the provider's.
    pub sid: Option<String>,
    /// The token's own id (`jti`).
    pub id: String,
}

/// An order to revoke that holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RevocationOrder {
    /// The token's own id (`jti`).
    pub id: String,
}

impl Client {
    /// Checks a logout token (Back-Channel Logout 1.0, 2.6).
    ///
    /// # Errors
    /// It does not hold, or the provider's keys cannot be had.
    pub async fn logout_token(&self, token: &str, now: Instant) -> Result<LogoutToken, Failure> {
        let kinds = [None, Some("jwt"), Some("logout+jwt"), Some("application/logout+jwt")];
        let (claims, issuer) = self.signed_claims(token, &kinds).await?;
        check_logout(&claims, &issuer, &self.registration.client_id, now).map_err(Failure::Token)
    }

    /// Checks the token that comes with an order to revoke. `audience` is the address that it came to.
    ///
    /// # Errors
    /// It does not hold, or the provider's keys cannot be had; [`Failure::NotAllowed`] where it holds and is not about us.
    pub async fn revocation_order(
        &self,
        token: &str,
        audience: &str,
        now: Instant,
    ) -> Result<RevocationOrder, Failure> {
        let kinds = [Some("global-token-revocation+jwt"), Some("application/global-token-revocation+jwt")];
        let (claims, mut issuer) = self.signed_claims(token, &kinds).await?;
        // An authorization server's orders may come in the name of the whole provider.
        if let Some(named) = text(&claims, "iss").filter(|named| self.is_own_origin(named)) {
            issuer = named.to_owned();
        }
        let id = check_order(&claims, &issuer, audience, now).map_err(Failure::Token)?;
        match claims.get("sub").and_then(Value::as_str) {
            Some(subject) if subject == self.registration.client_id => Ok(RevocationOrder { id }),
            _ => Err(Failure::NotAllowed("the order is about another client")),
        }
    }

    /// What a token of one of these kinds says, once its signature holds; and who must have issued it.
    async fn signed_claims(
        &self,
        token: &str,
        kinds: &[Option<&str>],
    ) -> Result<(Map<String, Value>, String), Failure> {
        let token = Unverified::parse(token, &self.registration.algorithms).map_err(Failure::Token)?;
        if !kinds.contains(&token.header.kind.as_deref()) {
            return Err(Failure::Token("it is a token of another kind"));
        }
        let issuer = token.named_issuer(self.issuer()).ok_or(Failure::Token("another tenant issued it"))?;
        let at = std::time::Instant::now();
        let keys = self.documents.keys(&self.http, self.issuer(), &token.header, at).await?;
        let signed = token.verify(&keys).map_err(Failure::Token)?;
        let claims = json::read_unambiguous(&signed).ok_or(Failure::Token("its claims cannot be read"))?;
        Ok((claims, issuer))
    }

    /// Whether the provider goes by that name in what it says of people.
    pub fn issues_as(&self, named: &str) -> bool {
        self.issuer().is_meant_by(named) || self.is_own_origin(named)
    }

    /// What this provider is called in orders to revoke besides its issuer: the origin that it is on.
    fn is_own_origin(&self, named: &str) -> bool {
        self.issuer().url().origin().ascii_serialization() == named.trim_end_matches('/')
    }
}

fn text<'c>(claims: &'c Map<String, Value>, name: &str) -> Option<&'c str> {
    claims.get(name).and_then(Value::as_str).filter(|text| (1..=255).contains(&text.len()))
}

/// A text that may be left out, and must be one where it is not.
fn optional(claims: &Map<String, Value>, name: &str) -> Result<Option<String>, &'static str> {
    match claims.get(name) {
        None => Ok(None),
        Some(_) => {
            text(claims, name).map(|text| Some(text.to_owned())).ok_or("it names somebody in no way that is known")
        }
    }
}

/// Whether a token is for that audience, alone or among others.
pub(super) fn is_for(claims: &Map<String, Value>, audience: &str) -> bool {
    match claims.get("aud") {
        Some(Value::String(named)) => named == audience,
        Some(Value::Array(named)) => named.iter().any(|named| named == audience),
        _ => false,
    }
}

/// A moment that may be left out, and must be one where it is not.
fn moment(claims: &Map<String, Value>, name: &str) -> Result<Option<Instant>, &'static str> {
    match claims.get(name) {
        None => Ok(None),
        Some(value) => {
            whole_seconds(value).map(|seconds| Some(Instant::from_seconds(seconds))).ok_or("its times cannot be read")
        }
    }
}

fn check_logout(
    claims: &Map<String, Value>,
    issuer: &str,
    client_id: &str,
    now: Instant,
) -> Result<LogoutToken, &'static str> {
    if text(claims, "iss") != Some(issuer) {
        return Err("another provider issued it");
    }
    if !is_for(claims, client_id) {
        return Err("it is for another client");
    }
    let issued = moment(claims, "iat")?.ok_or("it does not say since when it counts")?;
    if issued > now.after(CLOCK_SKEW) || now > issued.after(LOGOUT_TOKEN_AGE) {
        return Err("it is too old, or of the future");
    }
    // Some providers leave it out; then its age counts.
    if moment(claims, "exp")?.is_some_and(|expires| now >= expires) {
        return Err("it has expired");
    }
    let event = claims.get("events").and_then(Value::as_object).and_then(|events| events.get(LOGGED_OUT));
    if !event.is_some_and(Value::is_object) {
        return Err("it is about another event");
    }
    if claims.contains_key("nonce") {
        return Err("it has a nonce, as only ID tokens have");
    }
    let (subject, sid) = (optional(claims, "sub")?, optional(claims, "sid")?);
    if subject.is_none() && sid.is_none() {
        return Err("it does not say whose session is over");
    }
    let id = text(claims, "jti").ok_or("it has no id")?.to_owned();
    Ok(LogoutToken { subject, sid, id })
}

fn check_order(
    claims: &Map<String, Value>,
    issuer: &str,
    audience: &str,
    now: Instant,
) -> Result<String, &'static str> {
    if text(claims, "iss") != Some(issuer) {
        return Err("another provider issued it");
    }
    if !is_for(claims, audience) {
        return Err("it is for another address");
    }
    let issued = moment(claims, "iat")?.ok_or("it does not say since when it counts")?;
    let expires = moment(claims, "exp")?.ok_or("it does not say until when it counts")?;
    if issued > now.after(CLOCK_SKEW) || moment(claims, "nbf")?.is_some_and(|begins| begins > now.after(CLOCK_SKEW)) {
        return Err("it does not count yet");
    }
    if now >= expires {
        return Err("it has expired");
    }
    if expires.since(issued) > ORDER_LIFE {
        return Err("it counts for too long");
    }
    Ok(text(claims, "jti").ok_or("it has no id")?.to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const NOW: Instant = Instant::from_seconds(1_800_000_000);

    /// The claims with these changes; null takes one out.
    fn changed(mut claims: Value, change: &Value) -> Map<String, Value> {
        let claims = claims.as_object_mut().expect("claims");
        for (name, value) in change.as_object().expect("changes") {
            match value {
                Value::Null => drop(claims.remove(name)),
                value => drop(claims.insert(name.clone(), value.clone())),
            }
        }
        claims.clone()
    }

    #[test]
    fn a_logout_token_says_all_that_it_must_and_nothing_that_it_must_not() {
        let good = json!({
            "iss": "https://org.example", "aud": "client", "iat": NOW.seconds(), "exp": NOW.seconds() + 120, "jti": "1",
            "sub": "00u1", "sid": "102", "events": { LOGGED_OUT: {} }
        });
        let checked =
            |change: &Value| check_logout(&changed(good.clone(), change), "https://org.example", "client", NOW);
        assert_eq!(
            checked(&json!({})),
            Ok(LogoutToken { subject: Some("00u1".to_owned()), sid: Some("102".to_owned()), id: "1".to_owned() })
        );
        for fine in [
            json!({"sub": null}),
            json!({"sid": null}),
            json!({"exp": null}),
            json!({"aud": ["other", "client"]}),
            json!({"iat": NOW.seconds() - 300}),
            json!({"iat": NOW.seconds() + 60}),
            json!({"events": {LOGGED_OUT: {"more": 1}, "https://other": {}}}),
        ] {
            assert!(checked(&fine).is_ok(), "{fine}");
        }
        for bad in [
            json!({"iss": "https://evil.example"}),
            json!({"iss": null}),
            json!({"aud": "other"}),
            json!({"aud": ["other"]}),
            json!({"aud": null}),
            json!({"iat": null}),
            json!({"iat": "now"}),
            json!({"iat": NOW.seconds() - 301}),
            json!({"iat": NOW.seconds() + 61}),
            json!({"exp": NOW.seconds()}),
            json!({"exp": "later"}),
            json!({"events": null}),
            json!({"events": [LOGGED_OUT]}),
            json!({"events": {LOGGED_OUT: null}}),
            json!({"events": {LOGGED_OUT: true}}),
            json!({"events": {"https://other": {}}}),
            json!({"nonce": "n"}),
            json!({"nonce": ""}),
            json!({"sub": null, "sid": null}),
            json!({"sub": 7}),
            json!({"sid": ["102"]}),
            json!({"sub": ""}),
            json!({"jti": null}),
            json!({"jti": 1}),
        ] {
            assert!(checked(&bad).is_err(), "{bad}");
        }
    }

    /// B-03.
    #[test]
    fn an_order_to_revoke_is_for_this_address_now_and_not_for_long() {
        let good = json!({
            "iss": "https://org.example", "sub": "client", "aud": "https://gw.example/r", "jti": "1",
            "iat": NOW.seconds(), "nbf": NOW.seconds() - 300, "exp": NOW.seconds() + 300
        });
        let checked = |change: &Value| {
            check_order(&changed(good.clone(), change), "https://org.example", "https://gw.example/r", NOW)
        };
        for fine in [json!({}), json!({"nbf": null}), json!({"exp": NOW.seconds() + 600})] {
            assert_eq!(checked(&fine), Ok("1".to_owned()), "{fine}");
        }
        for bad in [
            json!({"iss": "https://evil.example"}),
            json!({"aud": "https://gw.example/"}),
            json!({"aud": null}),
            json!({"iat": null}),
            json!({"exp": null}),
            json!({"exp": NOW.seconds()}),
            json!({"exp": NOW.seconds() + 601}),
            json!({"nbf": NOW.seconds() + 61}),
            json!({"iat": NOW.seconds() + 61}),
            json!({"jti": null}),
        ] {
            assert!(checked(&bad).is_err(), "{bad}");
        }
    }
}
