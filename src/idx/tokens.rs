//! ID tokens: read only after they hold (OpenID Connect Core 3.1.3.7, RFC 7515, RFC 8725).
//!
//! RS256 and nothing else: `alg` is compared before a key is looked for, keys come from the org's own
//! key set by `kid`, and `jwk`, `jku` and `x5u` in a token are never looked at. A [`VerifiedClaims`]
//! cannot be made in any other way.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};
use subtle::ConstantTimeEq as _;

use super::keys::KeySet;
use super::{limits, wire};
use crate::time::{CLOCK_SKEW, Instant};

/// What a token must say.
pub struct Expected<'a> {
    /// Who issued it, as discovery names them.
    pub issuer: &'a str,
    /// For whom.
    pub client_id: &'a str,
    /// In which sign-in; none for a token that a refresh brought.
    pub nonce: Option<&'a str>,
    /// Beside which access token.
    pub access_token: Option<&'a str>,
}

/// The claims of an ID token whose signature, issuer, audience, nonce and times hold.
#[derive(Clone, Debug)]
pub struct VerifiedClaims {
    subject: String,
    claims: Map<String, Value>,
}

impl VerifiedClaims {
    /// Who it is about: stable, never empty.
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// Any claim.
    pub fn claim(&self, name: &str) -> Option<&Value> {
        self.claims.get(name)
    }

    /// A claim that is a whole number of seconds.
    pub fn seconds(&self, name: &str) -> Option<u64> {
        self.claims.get(name).and_then(whole_seconds)
    }
}

/// The id of the key that a token says it is signed with, before anything is believed.
pub fn key_id(token: &str) -> Option<String> {
    let header = token.split('.').next()?;
    (token.len() <= limits::TOKEN_BYTES).then_some(())?;
    wire::words(&decoded(header)?, "kid")
}

/// Checks an ID token; the error says what does not hold, without any of its content.
pub fn verify(
    token: &str,
    expected: &Expected<'_>,
    keys: &KeySet,
    now: Instant,
) -> Result<VerifiedClaims, &'static str> {
    if token.len() > limits::TOKEN_BYTES {
        return Err("it is too long");
    }
    let [header, payload, signature] = token.split('.').collect::<Vec<_>>()[..] else {
        return Err("it does not have three parts");
    };
    let signed = &token[..header.len() + 1 + payload.len()];
    let header = decoded(header).ok_or("its header cannot be read")?;
    if header.get("alg") != Some(&Value::from("RS256")) {
        return Err("it is not signed with RS256");
    }
    if header.get("crit").is_some() {
        return Err("it asks for an extension that is not known");
    }
    let key = wire::words(&header, "kid").ok_or("it does not name its key")?;
    if !keys.has(&key) {
        return Err("it names a key that the org does not have");
    }
    let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| "its signature cannot be read")?;
    if !keys.verifies(&key, signed.as_bytes(), &signature) {
        return Err("its signature is wrong");
    }
    let Some(Value::Object(claims)) = decoded(payload) else { return Err("its claims cannot be read") };
    check_claims(&claims, expected, now)?;
    let subject = claims.get("sub").and_then(Value::as_str).filter(|subject| !subject.is_empty());
    Ok(VerifiedClaims { subject: subject.ok_or("it does not say who it is about")?.to_owned(), claims })
}

fn check_claims(claims: &Map<String, Value>, expected: &Expected<'_>, now: Instant) -> Result<(), &'static str> {
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    if text("iss") != Some(expected.issuer) {
        return Err("another org issued it");
    }
    let several = match claims.get("aud") {
        Some(Value::String(audience)) if audience == expected.client_id => false,
        Some(Value::Array(audiences)) if audiences.contains(&Value::from(expected.client_id)) => audiences.len() > 1,
        _ => return Err("it is for another client"),
    };
    match text("azp") {
        Some(party) if party != expected.client_id => return Err("another client asked for it"),
        None if several => return Err("it is for several clients and does not say which asked"),
        _ => {}
    }
    let skew = CLOCK_SKEW.as_secs();
    let time = |name: &str| claims.get(name).and_then(whole_seconds);
    let expires = time("exp").ok_or("it does not say until when it counts")?;
    let issued = time("iat").ok_or("it does not say since when it counts")?;
    if now.seconds() > expires.saturating_add(skew) {
        return Err("it has expired");
    }
    if issued > now.seconds().saturating_add(skew) {
        return Err("it was issued in the future");
    }
    if issued > expires {
        return Err("it expired before it was issued");
    }
    if claims.contains_key("nbf") && time("nbf").is_none_or(|from| from > now.seconds().saturating_add(skew)) {
        return Err("it does not count yet");
    }
    if let Some(nonce) = expected.nonce {
        let same = text("nonce").is_some_and(|said| said.as_bytes().ct_eq(nonce.as_bytes()).into());
        if !same {
            return Err("it belongs to another sign-in");
        }
    }
    match (claims.get("at_hash"), expected.access_token) {
        (Some(hash), Some(token)) if hash.as_str() != Some(access_token_hash(token).as_str()) => {
            Err("it belongs to another access token")
        }
        _ => Ok(()),
    }
}

/// base64url of the left half of SHA-256 (Core 3.1.3.6).
fn access_token_hash(token: &str) -> String {
    let digest = ring::digest::digest(&ring::digest::SHA256, token.as_bytes());
    URL_SAFE_NO_PAD.encode(&digest.as_ref()[..16])
}

fn decoded(part: &str) -> Option<Value> {
    wire::read(&URL_SAFE_NO_PAD.decode(part).ok()?)
}

/// A NumericDate (RFC 7519 2), fraction dropped; none where it is negative or past the year 9999.
fn whole_seconds(value: &Value) -> Option<u64> {
    const END_OF_9999: f64 = 253_402_300_799.0;
    let number = value.as_f64()?;
    (0.0..=END_OF_9999).contains(&number).then_some(number as u64)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const NOW: Instant = Instant::from_seconds(1_800_000_000);
    const EXPECTED: Expected<'_> = Expected {
        issuer: "https://org.example",
        client_id: "client",
        nonce: Some("once"),
        access_token: Some("jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y"),
    };

    fn checked(change: Value) -> Result<(), &'static str> {
        let mut claims = json!({
            "iss": "https://org.example", "aud": "client", "nonce": "once", "iat": NOW.seconds(), "exp": NOW.seconds() + 60,
        });
        for (name, value) in change.as_object().expect("an object") {
            claims[name] = value.clone();
        }
        check_claims(claims.as_object().expect("an object"), &EXPECTED, NOW)
    }

    #[test]
    fn claims_hold_or_say_why_not() {
        let now = NOW.seconds();
        for (change, why_not) in [
            (json!({}), None),
            (json!({"aud": ["client"]}), None),
            (json!({"aud": ["client", "other"], "azp": "client"}), None),
            // The example of OpenID Connect Core A.3.
            (json!({"at_hash": "77QmUPtjPfzWtF2AnpK9RQ"}), None),
            (json!({"nbf": now + CLOCK_SKEW.as_secs()}), None),
            (json!({"exp": now - CLOCK_SKEW.as_secs(), "iat": now - 900}), None),
            (json!({"iss": "https://org.example/"}), Some("another org issued it")),
            (json!({"aud": "other"}), Some("it is for another client")),
            (json!({"aud": []}), Some("it is for another client")),
            (json!({"aud": null}), Some("it is for another client")),
            (json!({"aud": ["client", "other"]}), Some("it is for several clients and does not say which asked")),
            (json!({"azp": "other"}), Some("another client asked for it")),
            (json!({"exp": null}), Some("it does not say until when it counts")),
            (json!({"exp": -1}), Some("it does not say until when it counts")),
            (json!({"iat": "now"}), Some("it does not say since when it counts")),
            (json!({"exp": now - CLOCK_SKEW.as_secs() - 1, "iat": now - 900}), Some("it has expired")),
            (json!({"iat": now + CLOCK_SKEW.as_secs() + 1}), Some("it was issued in the future")),
            (json!({"exp": now, "iat": now + 1}), Some("it expired before it was issued")),
            (json!({"nbf": now + CLOCK_SKEW.as_secs() + 1}), Some("it does not count yet")),
            (json!({"nbf": "soon"}), Some("it does not count yet")),
            (json!({"nonce": "twice"}), Some("it belongs to another sign-in")),
            (json!({"nonce": null}), Some("it belongs to another sign-in")),
            (json!({"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"}), Some("it belongs to another access token")),
            (json!({"at_hash": 7}), Some("it belongs to another access token")),
        ] {
            assert_eq!(checked(change.clone()).err(), why_not, "{change}");
        }
    }

    #[test]
    fn a_token_is_refused_before_its_key_is_looked_for() {
        let keys = KeySet::parse(br#"{"keys": []}"#).expect("a key set");
        let token = |header: Value| format!("{}.e30.AA", URL_SAFE_NO_PAD.encode(header.to_string()));
        for (token, why) in [
            ("a".repeat(limits::TOKEN_BYTES + 1), "it is too long"),
            ("e30.e30".to_owned(), "it does not have three parts"),
            ("e30.e30.e30.e30".to_owned(), "it does not have three parts"),
            ("!.e30.AA".to_owned(), "its header cannot be read"),
            (token(json!({"alg": "none", "kid": "1"})), "it is not signed with RS256"),
            (token(json!({"alg": "RS256", "kid": "1", "crit": ["b64"]})), "it asks for an extension that is not known"),
            (token(json!({"alg": "RS256"})), "it does not name its key"),
            (token(json!({"alg": "RS256", "kid": "1"})), "it names a key that the org does not have"),
        ] {
            assert_eq!(verify(&token, &EXPECTED, &keys, NOW).err(), Some(why));
        }
    }
}
