//! ID tokens: their claims are readable only after verification (OpenID Connect Core 3.1.3.7, RFC 8725).
//!
//! Only this file makes [`VerifiedClaims`]. Times are whole seconds up to the end of the year 9999, and are compared
//! with a tolerance of [`CLOCK_SKEW`].

use serde_json::{Map, Value};
use subtle::ConstantTimeEq as _;

use super::algorithm::Algorithm;
use super::json;
use super::jwks::KeySet;
use super::jws::Unverified;
use super::limits;
use crate::time::{CLOCK_SKEW, Instant};

/// What the claims of a token must be.
pub struct Expected<'a> {
    /// Its `iss`.
    pub issuer: &'a str,
    /// The client id that its `aud` must have.
    pub client_id: &'a str,
    /// Its `nonce`; none for a token that a refresh brought.
    pub nonce: Option<&'a str>,
    /// The access token that its `at_hash` must fit, if it has one.
    pub access_token: Option<&'a str>,
}

/// The claims of an ID token whose signature, issuer, audience, nonce and times were verified.
#[derive(Clone, Debug)]
pub struct VerifiedClaims {
    subject: String,
    claims: Map<String, Value>,
}

impl VerifiedClaims {
    /// The claim `sub`: stable for a person, never empty.
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// The claim of this name.
    pub fn claim(&self, name: &str) -> Option<&Value> {
        self.claims.get(name)
    }

    /// A claim that is a number of seconds, without its fraction.
    pub fn seconds(&self, name: &str) -> Option<u64> {
        self.claims.get(name).and_then(whole_seconds)
    }
}

/// Verifies an ID token; the error says what is wrong with it, and holds none of its content.
///
/// # Errors
/// It is not a signed token, none of these keys signed it with one of these algorithms, or a claim is not as expected.
pub fn verify(
    token: &str,
    expected: &Expected<'_>,
    keys: &KeySet,
    algorithms: &[Algorithm],
    now: Instant,
) -> Result<VerifiedClaims, &'static str> {
    check(&Unverified::parse(token, algorithms)?, expected, keys, now)
}

pub(super) fn check(
    token: &Unverified<'_>,
    expected: &Expected<'_>,
    keys: &KeySet,
    now: Instant,
) -> Result<VerifiedClaims, &'static str> {
    // `at+jwt`, `logout+jwt`, `secevent+jwt`: signed by the same keys, and no ID token (RFC 8725 3.11).
    if token.header.kind.as_deref().is_some_and(|kind| kind.ends_with("+jwt")) {
        return Err("its `typ` is that of another kind of token");
    }
    let claims = json::read_unambiguous(&token.verify(keys)?)
        .ok_or("its claims are not a JSON object without repeated members")?;
    check_claims(&claims, token.header.algorithm, expected, now)?;
    let subject = claims.get("sub").and_then(Value::as_str).filter(|subject| is_identifier(subject));
    Ok(VerifiedClaims {
        subject: subject.ok_or("its `sub` is missing, or is none that names somebody")?.to_owned(),
        claims,
    })
}

fn check_claims(
    claims: &Map<String, Value>,
    algorithm: Algorithm,
    expected: &Expected<'_>,
    now: Instant,
) -> Result<(), &'static str> {
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    if text("iss") != Some(expected.issuer) {
        return Err("its `iss` is another issuer");
    }
    check_audience(claims, expected.client_id)?;
    check_times(claims, now)?;
    if let Some(nonce) = expected.nonce {
        let same = text("nonce").is_some_and(|said| said.as_bytes().ct_eq(nonce.as_bytes()).into());
        if !same {
            return Err("its `nonce` is not that of this sign-in");
        }
        let issued = claims.get("iat").and_then(whole_seconds).map(Instant::from_seconds);
        if issued.is_none_or(|issued| now > issued.after(limits::ID_TOKEN_AGE + CLOCK_SKEW)) {
            return Err("its `iat` is long ago, or the clock here is ahead");
        }
    }
    match (claims.get("at_hash"), expected.access_token) {
        (Some(hash), Some(token)) if hash.as_str() != Some(algorithm.half_hash(token).as_str()) => {
            Err("its `at_hash` is that of another access token")
        }
        _ => Ok(()),
    }
}

/// We are in the audience; with others beside us, `azp` must name us (Core 3.1.3.7, 3 to 5).
fn check_audience(claims: &Map<String, Value>, client_id: &str) -> Result<(), &'static str> {
    if !is_for(claims, client_id) {
        return Err("its `aud` does not name this client");
    }
    match claims.get("azp") {
        Some(party) if party != client_id => Err("its `azp` is another client"),
        None if claims["aud"].as_array().is_some_and(|audiences| audiences.len() > 1) => {
            Err("its `aud` names several clients, and it has no `azp`")
        }
        _ => Ok(()),
    }
}

/// Whether `aud` is this audience or has it in its list.
pub(super) fn is_for(claims: &Map<String, Value>, audience: &str) -> bool {
    claims.get("aud").is_some_and(|named| named == audience || json::lists(named, audience))
}

pub(super) fn check_times(claims: &Map<String, Value>, now: Instant) -> Result<(), &'static str> {
    let time = |name: &str| claims.get(name).and_then(whole_seconds);
    let is_ahead = |seconds: u64| Instant::from_seconds(seconds) > now.after(CLOCK_SKEW);
    let expires = time("exp").ok_or("its `exp` is missing or not a time")?;
    let issued = time("iat").ok_or("its `iat` is missing or not a time")?;
    if now > Instant::from_seconds(expires).after(CLOCK_SKEW) {
        return Err("it has expired");
    }
    if is_ahead(issued) {
        return Err("its `iat` is in the future");
    }
    if issued > expires {
        return Err("its `exp` is before its `iat`");
    }
    if claims.contains_key("nbf") && time("nbf").is_none_or(is_ahead) {
        return Err("its `nbf` is in the future or not a time");
    }
    if claims.get("auth_time").is_some_and(|said| !said.is_null()) && time("auth_time").is_none_or(is_ahead) {
        return Err("its `auth_time` is in the future or not a time");
    }
    Ok(())
}

/// Whether a text can be somebody's id: 1 to 255 bytes (Core 2), and the same for whoever reads it, since an application
/// gets it in a header. So there are no control characters, no line separators, and no blanks at its ends.
pub fn is_identifier(text: &str) -> bool {
    (1..=255).contains(&text.len()) && text.trim() == text && !splits_lines(text)
}

/// Whether a text holds control characters or line separators, with which it stands in no header.
pub(super) fn splits_lines(text: &str) -> bool {
    text.chars().any(|letter| letter.is_control() || matches!(letter, '\u{2028}' | '\u{2029}'))
}

/// A NumericDate (RFC 7519 2) without its fraction; none when it is negative or after the year 9999.
pub(super) fn whole_seconds(value: &Value) -> Option<u64> {
    const END_OF_9999: f64 = 253_402_300_799.0;
    let number = value.as_f64()?;
    (0.0..=END_OF_9999).contains(&number).then_some(number as u64)
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use ring::signature::{Ed25519KeyPair, KeyPair as _};
    use serde_json::json;

    use super::*;
    use crate::oidc::ALGORITHMS;

    const SKEW: u64 = CLOCK_SKEW.as_secs();
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
        check_claims(claims.as_object().expect("an object"), Algorithm::Rs256, &EXPECTED, NOW)
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
            (json!({"nbf": now + SKEW}), None),
            (json!({"exp": now - SKEW, "iat": now - 600}), None),
            (json!({"iat": now - 600 - SKEW}), None),
            (json!({"iat": now - 600 - SKEW - 1}), Some("its `iat` is long ago, or the clock here is ahead")),
            (json!({"exp": now as f64 + 59.5}), None),
            // 2^32 seconds is February 2106; the last second that is read ends the year 9999.
            (json!({"exp": 4_294_967_296_u64}), None),
            (json!({"exp": 253_402_300_799_u64}), None),
            (json!({"exp": 253_402_300_800_u64}), Some("its `exp` is missing or not a time")),
            (json!({"auth_time": now - 86_400}), None),
            (json!({"auth_time": now + SKEW}), None),
            (json!({"auth_time": now + SKEW + 1}), Some("its `auth_time` is in the future or not a time")),
            (json!({"auth_time": "today"}), Some("its `auth_time` is in the future or not a time")),
            (json!({"iss": "https://org.example/"}), Some("its `iss` is another issuer")),
            (json!({"aud": "other"}), Some("its `aud` does not name this client")),
            (json!({"aud": []}), Some("its `aud` does not name this client")),
            (json!({"aud": null}), Some("its `aud` does not name this client")),
            (json!({"aud": ["Client"]}), Some("its `aud` does not name this client")),
            (json!({"aud": {"client": true}}), Some("its `aud` does not name this client")),
            (json!({"aud": [["client"]]}), Some("its `aud` does not name this client")),
            (json!({"aud": ["client", "other"], "azp": "other"}), Some("its `azp` is another client")),
            (json!({"azp": ["client"]}), Some("its `azp` is another client")),
            (json!({"aud": ["client", "other"]}), Some("its `aud` names several clients, and it has no `azp`")),
            (json!({"azp": "other"}), Some("its `azp` is another client")),
            (json!({"exp": null}), Some("its `exp` is missing or not a time")),
            (json!({"exp": -1}), Some("its `exp` is missing or not a time")),
            (json!({"exp": 1e300}), Some("its `exp` is missing or not a time")),
            (json!({"exp": (now + 60).to_string()}), Some("its `exp` is missing or not a time")),
            (json!({"exp": [now + 60]}), Some("its `exp` is missing or not a time")),
            (json!({"iat": "now"}), Some("its `iat` is missing or not a time")),
            (json!({"exp": now - SKEW - 1, "iat": now - 900}), Some("it has expired")),
            (json!({"iat": now + SKEW + 1}), Some("its `iat` is in the future")),
            (json!({"exp": now, "iat": now + 1}), Some("its `exp` is before its `iat`")),
            (json!({"nbf": now + SKEW + 1}), Some("its `nbf` is in the future or not a time")),
            (json!({"nbf": "soon"}), Some("its `nbf` is in the future or not a time")),
            (json!({"nonce": "twice"}), Some("its `nonce` is not that of this sign-in")),
            (json!({"nonce": "onc"}), Some("its `nonce` is not that of this sign-in")),
            (json!({"nonce": ["once"]}), Some("its `nonce` is not that of this sign-in")),
            (json!({"nonce": null}), Some("its `nonce` is not that of this sign-in")),
            (json!({"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"}), Some("its `at_hash` is that of another access token")),
            (json!({"at_hash": 7}), Some("its `at_hash` is that of another access token")),
        ] {
            assert_eq!(checked(change.clone()).err(), why_not, "{change}");
        }
    }

    /// A token that Ed25519 with a seed of ones signed, and its key.
    fn signed(header: &str, claims: &str) -> (String, KeySet) {
        let pair = Ed25519KeyPair::from_seed_unchecked(&[1; 32]).expect("a key");
        let text = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
        let signature = URL_SAFE_NO_PAD.encode(pair.sign(text.as_bytes()));
        let key = json!({"kty": "OKP", "crv": "Ed25519", "x": URL_SAFE_NO_PAD.encode(pair.public_key())});
        let keys = KeySet::parse(json!({"keys": [key]}).to_string().as_bytes()).expect("a key set");
        (format!("{text}.{signature}"), keys)
    }

    #[test]
    fn a_token_says_who_it_is_about_once_and_only_as_an_id_token() {
        let claims = |more: &str| {
            let now = NOW.seconds();
            format!(r#"{{"iss":"https://org.example","aud":"client","nonce":"once","iat":{now},"exp":{now}{more}}}"#)
        };
        const PLAIN: &str = r#"{"alg":"EdDSA"}"#;
        const NOBODY: &str = "its `sub` is missing, or is none that names somebody";
        for (header, claims, why_not) in [
            (PLAIN, claims(r#","sub":"00u1""#), None),
            (r#"{"alg":"EdDSA","typ":"JWT"}"#, claims(r#","sub":"00u1""#), None),
            (
                r#"{"alg":"EdDSA","typ":"at+jwt"}"#,
                claims(r#","sub":"00u1""#),
                Some("its `typ` is that of another kind of token"),
            ),
            (
                r#"{"alg":"EdDSA","typ":"application/Logout+JWT"}"#,
                claims(""),
                Some("its `typ` is that of another kind of token"),
            ),
            (PLAIN, claims(""), Some(NOBODY)),
            (PLAIN, claims(r#","sub":"""#), Some(NOBODY)),
            (PLAIN, claims(r#","sub":7"#), Some(NOBODY)),
            (PLAIN, claims(r#","sub":" 00u1""#), Some(NOBODY)),
            (PLAIN, claims(r#","sub":"00u1\n""#), Some(NOBODY)),
            (PLAIN, claims(r#","sub":"00u1\u2028x""#), Some(NOBODY)),
            (
                PLAIN,
                claims(r#","sub":"00u1","sub":"00u2""#),
                Some("its claims are not a JSON object without repeated members"),
            ),
            (
                PLAIN,
                claims(r#","sub":"00u1","aud":"client""#),
                Some("its claims are not a JSON object without repeated members"),
            ),
            (
                PLAIN,
                format!("[{}]", claims(r#","sub":"00u1""#)),
                Some("its claims are not a JSON object without repeated members"),
            ),
        ] {
            let (token, keys) = signed(header, &claims);
            let verified = verify(&token, &EXPECTED, &keys, &ALGORITHMS, NOW);
            assert_eq!(verified.as_ref().err().copied(), why_not, "{header} {claims}");
            assert!(verified.is_err() || verified.is_ok_and(|claims| claims.subject() == "00u1"));
            let unsigned = format!("{}.", &token[..=token.rfind('.').expect("a dot")].trim_end_matches('.'));
            assert!(verify(&unsigned, &EXPECTED, &keys, &ALGORITHMS, NOW).is_err(), "{unsigned}");
        }
    }
}
