//! The signed assertion: who was let through and by which rule, in a form that an application can verify.
//!
//! A JSON Web Token (RFC 7519) of type `gateway-assertion+jwt`, signed with ES256:
//!
//! | claim | |
//! |---|---|
//! | `iss`, `aud` | the public address, and the route's audience |
//! | `sub`, `email`, `name`, `preferred_username`, `groups`, `acr`, `amr`, `auth_time`, `client_id` | the person or program; `groups` is a list, and left out where the session could not keep all of them |
//! | `iat`, `exp`, `jti` | when it was made, [`VALID`] later, and 16 random bytes |
//! | `route`, `rule`, `policy` | the route's name, why the visitor may pass, and a hash of the policy |
//! | `session_age` | seconds since the sign-in, or since the access token was issued |
//!
//! What would not be told in a header is not told here: a text with control characters or with blanks at its ends, also in
//! a list.
//!
//! Signing keys are derived from the session keys, one for each [`PERIOD`], so that replicas and restarts agree without
//! storing anything. The key set has the next key [`AHEAD`] of its use and the last one as long after it, for the
//! newest session key and the older ones. The key id is the key's thumbprint (RFC 7638). Where no key can be derived
//! there is no assertion.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use p256::elliptic_curve::sec1::ToSec1Point as _;
use parking_lot::Mutex;
use ring::hkdf::{HKDF_SHA256, Salt};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use serde_json::{Value, json};
use zeroize::Zeroizing;

use super::style::{is_one_line, told};
use crate::secret::sha256;
use crate::session::{ClaimValue, Identity};
use crate::time::Instant;

/// How long an assertion is valid.
const VALID: Duration = Duration::from_secs(60);

/// How long an assertion is sent with further requests of the same connection; its `jti` is then seen more than once.
pub const REUSED: Duration = Duration::from_secs(30);

/// How long one key signs; the periods begin at whole weeks of Unix time.
const PERIOD: Duration = Duration::from_secs(7 * 24 * 3600);

/// How long a key is in the key set before and after its period.
const AHEAD: Duration = Duration::from_secs(24 * 3600);

/// The 32 bytes that keys are derived from.
pub type Root = Zeroizing<[u8; 32]>;

/// Signs assertions.
pub struct Assertions {
    issuer: String,
    /// The newest comes first, and signs.
    roots: Vec<Root>,
    /// The key that signed last, with the number of its period.
    current: Mutex<Option<(u64, Arc<SigningKey>)>>,
}

struct SigningKey {
    id: String,
    pair: EcdsaKeyPair,
    public: Value,
}

/// What one assertion says.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// The person or program that was let through.
    pub identity: &'a Identity,
    /// The application that it is meant for.
    pub audience: &'a str,
    /// The name of the route.
    pub route: &'a str,
    /// Why the visitor may pass.
    pub rule: &'a str,
    /// A hash of the policy.
    pub policy: &'a str,
    /// When the person signed in, or when the access token was issued.
    pub since: Instant,
}

impl Assertions {
    /// `issuer` is the public address; `roots` come with the newest first, which signs.
    pub fn new(issuer: String, roots: Vec<Root>) -> Self {
        Self { issuer, roots, current: Mutex::new(None) }
    }

    /// The assertion as a compact JWS; none where no key can be derived.
    pub fn sign(&self, subject: &Subject<'_>, now: Instant) -> Option<String> {
        let key = self.current(now)?;
        let Subject { identity, audience, route, rule, policy, since } = *subject;
        let mut claims = json!({
            "iss": self.issuer, "aud": audience, "sub": identity.subject,
            "iat": now.seconds(), "exp": now.after(VALID).seconds(),
            "jti": URL_SAFE_NO_PAD.encode(crate::secret::random::<16>()),
            "route": route, "rule": rule, "policy": policy, "session_age": now.since(since).as_secs(),
        });
        for (name, value) in [
            ("email", &identity.email),
            ("name", &identity.name),
            ("preferred_username", &identity.username),
            ("acr", &identity.acr),
        ] {
            if let Some(value) = value.as_ref().filter(|value| is_one_line(value)) {
                claims[name] = value.as_str().into();
            }
        }
        if identity.has_all_groups() {
            claims["groups"] = told(&identity.groups).cloned().collect();
        }
        if !identity.amr.is_empty() {
            claims["amr"] = told(&identity.amr).cloned().collect();
        }
        if let Some(at) = identity.auth_time {
            claims["auth_time"] = at.seconds().into();
        }
        if let Some(ClaimValue::Text(client)) = identity.claims.get("client_id") {
            claims["client_id"] = client.as_str().into();
        }
        key.sign(&claims)
    }

    /// The public keys that verify assertions now and within [`AHEAD`], as a JSON Web Key Set (RFC 7517).
    pub fn key_set(&self, now: Instant) -> Value {
        let before = Instant::from_seconds(now.seconds().saturating_sub(AHEAD.as_secs()));
        let mut periods = [period(before), period(now), period(now.after(AHEAD))].to_vec();
        periods.dedup();
        let keys =
            self.roots.iter().flat_map(|root| periods.iter().filter_map(|period| SigningKey::derive(root, *period)));
        json!({ "keys": keys.map(|key| key.public).collect::<Vec<_>>() })
    }

    fn current(&self, now: Instant) -> Option<Arc<SigningKey>> {
        let period = period(now);
        let mut current = self.current.lock();
        match &*current {
            Some((of, key)) if *of == period => Some(Arc::clone(key)),
            _ => {
                let key = Arc::new(SigningKey::derive(self.roots.first()?, period)?);
                *current = Some((period, Arc::clone(&key)));
                Some(key)
            }
        }
    }
}

impl fmt::Debug for Assertions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Assertions({})", self.issuer)
    }
}

fn period(at: Instant) -> u64 {
    at.seconds() / PERIOD.as_secs()
}

impl SigningKey {
    /// The first output of HKDF (RFC 5869) that is a valid private key; nearly every output is.
    fn derive(root: &Root, period: u64) -> Option<Self> {
        let key = Salt::new(HKDF_SHA256, b"idx-gateway assertion").extract(root.as_slice());
        let secret = (0..=u8::MAX).find_map(|attempt| {
            let mut bytes = Zeroizing::new([0; 32]);
            let info = [&period.to_be_bytes()[..], &[attempt]];
            key.expand(&info, HKDF_SHA256).ok()?.fill(bytes.as_mut_slice()).ok()?;
            p256::SecretKey::from_slice(bytes.as_slice()).ok()
        })?;
        let point = secret.public_key().to_sec1_point(false);
        let pair = EcdsaKeyPair::from_private_key_and_public_key(
            &ECDSA_P256_SHA256_FIXED_SIGNING,
            &secret.to_bytes(),
            point.as_bytes(),
            &SystemRandom::new(),
        )
        .ok()?;
        let coordinate = |bytes: Option<&_>| bytes.map(|bytes: &p256::FieldBytes| URL_SAFE_NO_PAD.encode(bytes));
        let (x, y) = (coordinate(point.x())?, coordinate(point.y())?);
        // In this order and without blanks (RFC 7638 §3).
        let thumbprint = format!(r#"{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}"#);
        let id = URL_SAFE_NO_PAD.encode(sha256(thumbprint));
        let public = json!({
            "kty": "EC", "crv": "P-256", "x": x, "y": y, "kid": id, "alg": "ES256", "use": "sig",
        });
        Some(Self { id, pair, public })
    }

    fn sign(&self, claims: &Value) -> Option<String> {
        let header = json!({ "alg": "ES256", "kid": self.id, "typ": "gateway-assertion+jwt" });
        let encode = |part: &Value| URL_SAFE_NO_PAD.encode(part.to_string());
        let signed = format!("{}.{}", encode(&header), encode(claims));
        let signature = self.pair.sign(&SystemRandom::new(), signed.as_bytes()).ok()?;
        Some(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }
}

#[cfg(test)]
mod tests {
    use ring::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};

    use super::*;
    use crate::access::policy::tests::member_of;

    const NOW: Instant = Instant::from_seconds(1_800_000_000);

    fn assertions(roots: &[u8]) -> Assertions {
        let roots = roots.iter().map(|byte| Zeroizing::new([*byte; 32])).collect();
        Assertions::new("https://wiki.example.com".to_owned(), roots)
    }

    fn subject(identity: &Identity) -> Subject<'_> {
        let since = Instant::from_seconds(NOW.seconds() - 90);
        Subject { identity, audience: "http://app:9001", route: "/", rule: "in_group", policy: "5a", since }
    }

    fn parts(token: &str) -> (Value, Value) {
        let part =
            |part: &str| serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).expect("base64url")).expect("JSON");
        let mut all = token.split('.');
        (part(all.next().expect("a header")), part(all.next().expect("claims")))
    }

    fn ids(keys: &Value) -> Vec<&str> {
        keys["keys"].as_array().expect("a list").iter().filter_map(|key| key["kid"].as_str()).collect()
    }

    /// The signature holds under the one key of the set that the token names, and says what was decided.
    #[test]
    fn an_assertion_is_verified_with_the_key_set() {
        let (assertions, jane) = (assertions(&[1]), member_of(&["staff", "a,admin"]));
        let token = assertions.sign(&subject(&jane), NOW).expect("a token");
        let (header, claims) = parts(&token);
        assert_eq!((&header["alg"], &header["typ"]), (&json!("ES256"), &json!("gateway-assertion+jwt")));
        let keys = assertions.key_set(NOW);
        let key =
            keys["keys"].as_array().expect("a list").iter().find(|key| key["kid"] == header["kid"]).expect("the key");
        let coordinate = |name: &str| URL_SAFE_NO_PAD.decode(key[name].as_str().expect("text")).expect("base64url");
        let point = [vec![4], coordinate("x"), coordinate("y")].concat();
        let (signed, signature) = token.rsplit_once('.').expect("three parts");
        let signature = URL_SAFE_NO_PAD.decode(signature).expect("base64url");
        let key = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point);
        assert!(key.verify(signed.as_bytes(), &signature).is_ok());
        for (name, expected) in [
            ("iss", json!("https://wiki.example.com")),
            ("aud", json!("http://app:9001")),
            ("sub", json!("00u1")),
            ("email", json!("jane@example.com")),
            ("groups", json!(["staff", "a,admin"])),
            ("iat", json!(1_800_000_000)),
            ("exp", json!(1_800_000_060)),
            ("route", json!("/")),
            ("rule", json!("in_group")),
            ("policy", json!("5a")),
            ("session_age", json!(90)),
        ] {
            assert_eq!(claims[name], expected, "{name}");
        }
        assert_eq!(claims["jti"].as_str().map(str::len), Some(22));
    }

    #[test]
    fn a_list_of_groups_that_is_not_whole_is_left_out() {
        let jane = Identity { left_out: vec!["groups".to_owned()], ..member_of(&["staff"]) };
        let (_, claims) = parts(&assertions(&[1]).sign(&subject(&jane), NOW).expect("a token"));
        assert!(claims.get("groups").is_none(), "{claims}");
    }

    #[test]
    fn what_no_header_tells_no_assertion_tells() {
        let jane = Identity {
            name: Some("Jane\nDoe".to_owned()),
            email: Some(" jane@example.com".to_owned()),
            amr: vec!["pwd".to_owned(), "otp\t".to_owned()],
            ..member_of(&["staff", " admins", "admins ", "", "a\nb", "a,b"])
        };
        let (_, claims) = parts(&assertions(&[1]).sign(&subject(&jane), NOW).expect("a token"));
        assert_eq!(claims["groups"], json!(["staff", "a,b"]));
        assert_eq!(claims["amr"], json!(["pwd"]));
        assert!(claims.get("name").is_none() && claims.get("email").is_none(), "{claims}");
        assert_eq!(claims["preferred_username"], json!("jane@example.com"));
    }

    /// A verifier that fetched the keys a day ago knows the one that signs now, and the other way around.
    #[test]
    fn keys_change_and_are_shown_before_and_after_they_sign() {
        let assertions = assertions(&[1]);
        let id = |at| assertions.current(at).expect("a key").id.clone();
        let (day, week) = (Duration::from_secs(24 * 3600), PERIOD);
        assert_ne!(id(NOW), id(NOW.after(week)));
        let mut at = NOW;
        for _ in 0..20 {
            let keys = assertions.key_set(at);
            let shown = ids(&keys);
            assert!(shown.contains(&id(at).as_str()) && shown.contains(&id(at.after(day)).as_str()));
            assert!(shown.len() <= 2, "{shown:?}");
            at = at.after(Duration::from_secs(12 * 3600));
        }
    }

    #[test]
    fn replicas_with_the_same_session_keys_have_the_same_keys_and_older_ones_are_shown() {
        let (one, other, next) = (assertions(&[1]), assertions(&[1]), assertions(&[2, 1]));
        assert_eq!(one.key_set(NOW), other.key_set(NOW));
        let (before, after) = (one.key_set(NOW), next.key_set(NOW));
        assert!(ids(&before).iter().all(|id| ids(&after).contains(id)));
        assert_ne!(one.current(NOW).expect("a key").id, next.current(NOW).expect("a key").id);
    }
}
