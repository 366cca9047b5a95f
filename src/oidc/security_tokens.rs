//! Tokens that a provider sends on its own: that a session has ended (OpenID Connect Back-Channel Logout 1.0), and that
//! all tokens of a person are revoked (draft-parecki-oauth-global-token-revocation).
//!
//! They are signed by the keys of ID tokens, so each kind has a check of its own, and none passes another's (RFC 8725
//! 3.11). The caller remembers the `jti` to refuse a token that comes twice.

use std::time::Duration;

use serde_json::{Map, Value};

use super::client::Client;
use super::id_token::{is_for, whole_seconds};
use super::jws::Unverified;
use super::{Failure, json};
use crate::time::{CLOCK_SKEW, Instant};

/// The greatest age of a logout token.
const LOGOUT_TOKEN_AGE: Duration = Duration::from_secs(300);

/// The longest that a revocation order may be valid.
const ORDER_LIFE: Duration = Duration::from_secs(600);

/// How long the `jti` of a token must be remembered, so that it cannot be used twice.
pub(crate) const REMEMBERED: Duration = Duration::from_secs(900);

/// The event that a logout token must have.
const LOGGED_OUT: &str = "http://schemas.openid.net/event/backchannel-logout";

/// A logout token that was verified; it has a subject, a session, or both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogoutToken {
    /// Whose session has ended (`sub`).
    pub subject: Option<String>,
    /// The provider's session that has ended.
    pub sid: Option<String>,
    /// `jti`.
    pub id: String,
}

impl Client {
    /// Verifies a logout token (Back-Channel Logout 1.0, 2.6).
    ///
    /// # Errors
    /// It is not valid, or the provider's keys cannot be had.
    pub async fn logout_token(&self, token: &str, now: Instant) -> Result<LogoutToken, Failure> {
        let kinds = [None, Some("jwt"), Some("logout+jwt"), Some("application/logout+jwt")];
        let (claims, issuer) = self.signed_claims(token, &kinds).await?;
        check_logout(&claims, &issuer, &self.registration.client_id, now).map_err(Failure::Token)
    }

    /// Verifies the token of a revocation order, and returns its `jti`. `audience` is the address that received it.
    ///
    /// # Errors
    /// It is not valid, or the provider's keys cannot be had; [`Failure::NotAllowed`] when it is valid and names
    /// another client.
    pub async fn revocation_order(&self, token: &str, audience: &str, now: Instant) -> Result<String, Failure> {
        let kinds = [Some("global-token-revocation+jwt"), Some("application/global-token-revocation+jwt")];
        let (claims, mut issuer) = self.signed_claims(token, &kinds).await?;
        // The orders of an Okta custom authorization server may have the org's origin as issuer.
        if let Some(named) = text(&claims, "iss").filter(|named| self.is_own_origin(named)) {
            issuer = named.to_owned();
        }
        let id = check_order(&claims, &issuer, audience, now).map_err(Failure::Token)?;
        match claims.get("sub").is_some_and(|subject| *subject == self.registration.client_id) {
            true => Ok(id),
            false => Err(Failure::NotAllowed("the order's `sub` is another client")),
        }
    }

    /// The claims of a token of one of these kinds, once its signature is verified, and the `iss` that it must have.
    async fn signed_claims(
        &self,
        token: &str,
        kinds: &[Option<&str>],
    ) -> Result<(Map<String, Value>, String), Failure> {
        let token = Unverified::parse(token, &self.registration.algorithms).map_err(Failure::Token)?;
        if !kinds.contains(&token.header.kind.as_deref()) {
            return Err(Failure::Token("its `typ` is that of another kind of token"));
        }
        let (issuer, keys) = self.issuer_and_keys(&token).await?;
        let signed = token.verify(&keys).map_err(Failure::Token)?;
        let claims = json::read_unambiguous(&signed)
            .ok_or(Failure::Token("its claims are not a JSON object without repeated members"))?;
        Ok((claims, issuer))
    }

    /// Whether `named` is the provider's issuer or its origin.
    pub fn issues_as(&self, named: &str) -> bool {
        self.issuer().is_meant_by(named) || self.is_own_origin(named)
    }

    /// Whether `named` is the origin of the issuer, as revocation orders may have it.
    fn is_own_origin(&self, named: &str) -> bool {
        self.issuer().url().origin().ascii_serialization() == named.trim_end_matches('/')
    }
}

fn text<'c>(claims: &'c Map<String, Value>, name: &str) -> Option<&'c str> {
    claims.get(name).and_then(Value::as_str).filter(|text| (1..=255).contains(&text.len()))
}

/// A claim that may be missing; one that is there must be a text of 1 to 255 bytes.
fn optional(claims: &Map<String, Value>, name: &str) -> Result<Option<String>, &'static str> {
    match text(claims, name) {
        None if claims.contains_key(name) => Err("its `sub` or `sid` is not a text of 1 to 255 bytes"),
        text => Ok(text.map(str::to_owned)),
    }
}

/// When a token was issued and when it ends, where it says so.
struct Times {
    issued: Instant,
    ends: Option<Instant>,
}

/// What every such token says: who issued it for whom, and when, which is not in the future, and that it has not ended.
fn check_common(
    claims: &Map<String, Value>,
    issuer: &str,
    audience: &str,
    now: Instant,
) -> Result<Times, &'static str> {
    let moment = |name: &str| match claims.get(name) {
        None => Ok(None),
        Some(value) => whole_seconds(value)
            .map(|seconds| Some(Instant::from_seconds(seconds)))
            .ok_or("one of its times is not a number of seconds"),
    };
    if text(claims, "iss") != Some(issuer) {
        return Err("its `iss` is another issuer");
    }
    if !is_for(claims, audience) {
        return Err("its `aud` is another one");
    }
    let (issued, ends) = (moment("iat")?.ok_or("its `iat` is missing")?, moment("exp")?);
    if issued.max(moment("nbf")?.unwrap_or(issued)) > now.after(CLOCK_SKEW) {
        return Err("its `iat` or `nbf` is in the future");
    }
    if ends.is_some_and(|ends| now >= ends) {
        return Err("it has expired");
    }
    Ok(Times { issued, ends })
}

fn check_logout(
    claims: &Map<String, Value>,
    issuer: &str,
    client_id: &str,
    now: Instant,
) -> Result<LogoutToken, &'static str> {
    // Some providers leave `exp` out; then only the age is checked.
    if now > check_common(claims, issuer, client_id, now)?.issued.after(LOGOUT_TOKEN_AGE) {
        return Err("its `iat` is too long ago");
    }
    let event = claims.get("events").and_then(Value::as_object).and_then(|events| events.get(LOGGED_OUT));
    if !event.is_some_and(Value::is_object) {
        return Err("its `events` do not have back-channel logout");
    }
    if claims.contains_key("nonce") {
        return Err("it has a `nonce`, which only ID tokens have");
    }
    let (subject, sid) = (optional(claims, "sub")?, optional(claims, "sid")?);
    if subject.is_none() && sid.is_none() {
        return Err("it has neither `sub` nor `sid`");
    }
    let id = text(claims, "jti").ok_or("it has no `jti`")?.to_owned();
    Ok(LogoutToken { subject, sid, id })
}

fn check_order(
    claims: &Map<String, Value>,
    issuer: &str,
    audience: &str,
    now: Instant,
) -> Result<String, &'static str> {
    let Times { issued, ends } = check_common(claims, issuer, audience, now)?;
    if ends.ok_or("its `exp` is missing")?.since(issued) > ORDER_LIFE {
        return Err("it is valid for more than ten minutes");
    }
    Ok(text(claims, "jti").ok_or("it has no `jti`")?.to_owned())
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
            json!({"nbf": NOW.seconds() + 60}),
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
            json!({"nbf": NOW.seconds() + 61}),
            json!({"nbf": "later"}),
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
