//! Access tokens that programs send: JWTs (RFC 9068), whose claims are used only after verification, and opaque ones,
//! about which the issuer is asked (introspection, RFC 7662).
//!
//! A token must be signed by the issuer's keys, have exactly its `iss` and one of the audiences, and be within its
//! times. ID tokens are refused: every client of the issuer gets them. Okta, Keycloak and Entra ID do not set `typ`, so
//! a token without `at+jwt` is refused when it has claims that only ID tokens have (`nonce`, `at_hash`). One with it has
//! all that RFC 9068 §2.2 requires, `sub`, `client_id` and `jti` among it; others may lack `jti`, and one of the other two.
//! What says in a claim that it is another kind of token is refused. A token that is bound to a client certificate
//! (RFC 8705) counts over connections with that certificate ([`AccessToken::certificate`]); one that is bound in any other
//! way, to a key of DPoP (RFC 9449) for example, does not count at all, since nothing here checks a proof of that.

use std::collections::BTreeMap;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};
use url::Url;

use super::algorithm::Algorithm;
use super::budget::CallBudget;
use super::discovery::{document_of, endpoint};
use super::documents::{Documents, IssuerDocuments};
use super::http::{Http, Observer};
use super::id_token::{check_times, is_for, is_identifier, splits_lines, whole_seconds};
use super::jwks::KeySet;
use super::jws::Unverified;
use super::kept::Kept;
use super::{Failure, Issuer, json, limits};
use crate::secret::Secret;
use crate::time::{CLOCK_SKEW, Instant};

/// What tokens of one issuer must be.
pub struct TokenRules {
    /// Who issued it.
    pub issuer: Issuer,
    /// The audiences, one of which a token must have.
    pub audiences: Vec<String>,
    /// The algorithms that may sign them.
    pub algorithms: Vec<Algorithm>,
    /// The scopes, all of which a token must have.
    pub scopes: Vec<String>,
    /// Claims, by name or by path, that must have one of these values.
    pub claims: BTreeMap<String, Vec<String>>,
    /// The claim that lists scopes, where it is neither `scope` nor `scp`.
    pub scope_claim: Option<String>,
    /// The claim that names the client, where it is none of `client_id`, `cid`, `azp` and `appid`.
    pub client_claim: Option<String>,
    /// The introspection of opaque tokens; they are refused where there is none.
    pub introspection: Option<Introspection>,
    /// The content of a PEM file with certificate authorities that are trusted besides the system's.
    pub authority: Option<Vec<u8>>,
}

impl TokenRules {
    /// The setting by which these rules may accept a token that `other` refuses, or take it for another program's.
    pub fn admit_more_than(&self, other: &Self) -> Option<&'static str> {
        let is_within = |some: &[String], all: &[String]| some.iter().all(|one| all.contains(one));
        let keeps_claim = |(name, values): (&String, &Vec<String>)| {
            self.claims.get(name).is_some_and(|allowed| is_within(allowed, values))
        };
        let asked = |rules: &Self| {
            let asked = rules.introspection.as_ref();
            asked.map(|asked| (asked.address.clone(), asked.client_id.clone()))
        };
        let is_new_algorithm = |algorithm: &Algorithm| !other.algorithms.contains(algorithm);
        let widened = [
            ("issuer", self.issuer.as_str() != other.issuer.as_str()),
            ("audiences", !is_within(&self.audiences, &other.audiences)),
            ("algorithms", self.algorithms.iter().any(is_new_algorithm)),
            ("scopes", !is_within(&other.scopes, &self.scopes)),
            ("claims", !other.claims.iter().all(keeps_claim)),
            ("scope_claim", self.scope_claim != other.scope_claim),
            ("client_claim", self.client_claim != other.client_claim),
            ("ca_file", self.authority != other.authority),
            ("introspection", self.introspection.is_some() && asked(self) != asked(other)),
        ];
        widened.into_iter().find(|(_, is_widened)| *is_widened).map(|(key, _)| key)
    }
}

/// The introspection endpoint and our credentials there.
pub struct Introspection {
    /// The endpoint; that of the issuer's discovery document where none is given.
    pub address: Option<Url>,
    /// Our client id there.
    pub client_id: String,
    /// Our client secret there.
    pub client_secret: Secret,
    /// The most calls in any second; 0 for no limit.
    pub calls_a_second: u32,
}

/// A token that was verified.
#[derive(Clone, Debug)]
pub struct AccessToken {
    /// `sub`, or the client where the token has no `sub`.
    pub subject: String,
    /// The client that got the token.
    pub client: Option<String>,
    /// When it was issued.
    pub issued: Instant,
    /// When it ends; the clock skew is added for a JWT.
    pub ends: Instant,
    /// Its scopes.
    pub scopes: Vec<String>,
    /// The SHA-256 of the client certificate without which it does not count, where it is bound to one.
    pub certificate: Option<[u8; 32]>,
    claims: Map<String, Value>,
}

impl AccessToken {
    /// The claim of this name, or what this path leads to; none when it is null.
    pub fn claim(&self, path: &str) -> Option<&Value> {
        json::at(path, |name| self.claims.get(name)).filter(|value| !value.is_null())
    }

    /// Every claim.
    pub fn claims(&self) -> &Map<String, Value> {
        &self.claims
    }
}

/// Why a token is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rejected {
    /// It is not valid, and why.
    Invalid(&'static str),
    /// It is valid, and lacks a scope that is required.
    LacksScope,
    /// It is valid, has the scopes, and lacks a claim that is required.
    LacksClaim,
    /// It cannot be verified now.
    Unavailable(Failure),
}

/// Verifies the tokens of one issuer.
pub struct ResourceServer {
    rules: TokenRules,
    http: Http,
    documents: Arc<IssuerDocuments>,
    endpoints: Arc<Kept<Endpoints>>,
}

/// The endpoints that are needed; issuers of workload tokens have no more than the keys.
struct Endpoints {
    keys: Url,
    introspection: Option<Url>,
}

impl ResourceServer {
    /// A resource server that has made no call yet.
    ///
    /// # Errors
    /// The authorities are not PEM, or the TLS library cannot start.
    pub fn new(rules: TokenRules, documents: &Documents, observer: Observer) -> Result<Self, reqwest::Error> {
        let budget = rules.introspection.as_ref().map_or(0, |introspection| introspection.calls_a_second);
        // Not for discovery and keys, without which no JWT can be verified: their number has a limit of its own.
        let budget = CallBudget::of_one("introspect", budget);
        let http = Http::new(rules.authority.as_deref(), budget, observer)?;
        let documents = documents.of(&rules.issuer);
        Ok(Self { rules, http, documents, endpoints: Arc::default() })
    }

    /// What tokens must be.
    pub fn rules(&self) -> &TokenRules {
        &self.rules
    }

    /// Verifies a JWT.
    ///
    /// # Errors
    /// It is not valid, lacks a scope or claim, or the issuer's keys cannot be had.
    pub async fn verify(&self, token: &str, now: Instant) -> Result<AccessToken, Rejected> {
        if token.len() > limits::ACCESS_TOKEN_BYTES {
            return Err(Rejected::Invalid("it is too long"));
        }
        let unverified = Unverified::parse(token, &self.rules.algorithms).map_err(Rejected::Invalid)?;
        if !matches!(unverified.header.kind.as_deref(), None | Some("jwt" | "at+jwt" | "application/at+jwt")) {
            return Err(Rejected::Invalid("its `typ` is that of another kind of token"));
        }
        let clock = std::time::Instant::now();
        let fetch = || {
            let (http, issuer, endpoints) = (self.http.clone(), self.rules.issuer.clone(), Arc::clone(&self.endpoints));
            async move {
                let endpoints = endpoints.get(clock, || Endpoints::fetch(http.clone(), issuer)).await?;
                KeySet::fetch(http, endpoints.keys.clone()).await
            }
        };
        let keys = self.documents.keys_by(&unverified.header, clock, fetch).await.map_err(Rejected::Unavailable)?;
        let claims = json::read_unambiguous(&unverified.verify(&keys).map_err(Rejected::Invalid)?);
        let claims = claims.ok_or(Rejected::Invalid("its claims are not a JSON object without repeated members"))?;
        match unverified.header.kind.as_deref().is_some_and(|kind| kind.ends_with("at+jwt")) {
            true => self.check_profile(&claims).map_err(Rejected::Invalid)?,
            false if claims.contains_key("nonce") || claims.contains_key("at_hash") => {
                return Err(Rejected::Invalid("it is an ID token"));
            }
            false => {}
        }
        if claims.get("iss").and_then(Value::as_str) != Some(self.rules.issuer.as_str()) {
            return Err(Rejected::Invalid("its `iss` is another issuer"));
        }
        check_times(&claims, now).map_err(Rejected::Invalid)?;
        // The issuer's clock may be off: a token that was accepted stays valid for as long as it would be accepted.
        self.judge(claims).map(|token| AccessToken { ends: token.ends.after(CLOCK_SKEW), ..token })
    }

    /// Asks the issuer about an opaque token; none where introspection is not configured.
    ///
    /// # Errors
    /// The token is not active, lacks a scope or claim, or the issuer does not answer.
    pub async fn introspect(&self, token: &str, now: Instant) -> Option<Result<AccessToken, Rejected>> {
        let asked = self.rules.introspection.as_ref()?;
        Some(match self.ask(asked, token).await {
            Ok(reply) => self.judge_reply(reply, now),
            Err(failure) => Err(Rejected::Unavailable(failure)),
        })
    }

    async fn ask(&self, asked: &Introspection, token: &str) -> Result<Value, Failure> {
        let address = match &asked.address {
            Some(address) => address.clone(),
            None => {
                let fetch = || Endpoints::fetch(self.http.clone(), self.rules.issuer.clone());
                let endpoints = self.endpoints.get(std::time::Instant::now(), fetch).await?;
                let named = endpoints.introspection.clone();
                named.ok_or(Failure::Documents("the discovery document names no introspection endpoint"))?
            }
        };
        let request = self.http.post(address).header("accept", "application/json");
        let request = request.basic_auth(&asked.client_id, Some(asked.client_secret.expose()));
        let form = [("token", token), ("token_type_hint", "access_token")];
        self.http.send("introspect", request.form(&form)).await?.json(&[token, asked.client_secret.expose()])
    }

    fn judge_reply(&self, reply: Value, now: Instant) -> Result<AccessToken, Rejected> {
        let Value::Object(claims) = reply else {
            return Err(Rejected::Invalid("the introspection reply is not a JSON object"));
        };
        if claims.get("active") != Some(&Value::Bool(true)) {
            return Err(Rejected::Invalid("the introspection reply does not have `active` true"));
        }
        if claims.get("iss").is_some_and(|issuer| issuer.as_str() != Some(self.rules.issuer.as_str())) {
            return Err(Rejected::Invalid("its `iss` is another issuer"));
        }
        // RFC 7662 §2.2 has the types of RFC 6749 §7.1; some servers name the kind of token instead.
        let kinds = ["bearer", "access_token", "urn:ietf:params:oauth:token-type:access_token"];
        let is_bearer = |said: &str| kinds.iter().any(|kind| kind.eq_ignore_ascii_case(said));
        let kind = claims.get("token_type").filter(|kind| !kind.is_null());
        if kind.is_some_and(|said| !said.as_str().is_some_and(is_bearer)) {
            return Err(Rejected::Invalid("its `token_type` is not Bearer"));
        }
        let at = |name: &str| claims.get(name).filter(|time| !time.is_null()).map(whole_seconds);
        // Whether it counts at all the issuer has said; a time that cannot be read might have said otherwise.
        match (at("exp"), at("nbf")) {
            (Some(None), _) | (_, Some(None)) => Err(Rejected::Invalid("its `exp` or `nbf` is not a time")),
            (Some(Some(expires)), _) if Instant::from_seconds(expires) <= now => {
                Err(Rejected::Invalid("it has expired"))
            }
            (_, Some(Some(begins))) if Instant::from_seconds(begins) > now.after(CLOCK_SKEW) => {
                Err(Rejected::Invalid("its `nbf` is in the future"))
            }
            _ => self.judge(claims),
        }
    }

    /// What a token of the type `at+jwt` must have besides what every token must (RFC 9068 §2.2).
    fn check_profile(&self, claims: &Map<String, Value>) -> Result<(), &'static str> {
        let has = |name: &str| claims.get(name).and_then(Value::as_str).is_some_and(|text| !text.is_empty());
        match self.rules.client_claim.as_deref().unwrap_or("client_id") {
            _ if !has("jti") => Err("it is of the type `at+jwt` and lacks `jti`"),
            _ if !has("sub") => Err("it is of the type `at+jwt` and lacks `sub`"),
            client if !has(client) => Err("it is of the type `at+jwt` and lacks `client_id`"),
            _ => Ok(()),
        }
    }

    /// Checks the kind, audience, subject, scopes and required claims.
    fn judge(&self, claims: Map<String, Value>) -> Result<AccessToken, Rejected> {
        check_kind(&claims).map_err(Rejected::Invalid)?;
        let certificate = certificate(&claims).map_err(Rejected::Invalid)?;
        if !self.rules.audiences.iter().any(|own| is_for(&claims, own)) {
            return Err(Rejected::Invalid("its `aud` is another audience"));
        }
        let (subject, client) = self.named(&claims).map_err(Rejected::Invalid)?;
        let scopes = match &self.rules.scope_claim {
            Some(name) => words(claims.get(name)),
            None => [words(claims.get("scope")), words(claims.get("scp"))].concat(),
        };
        if !self.rules.scopes.iter().all(|needed| scopes.contains(needed)) {
            return Err(Rejected::LacksScope);
        }
        let listed = |path: &str| json::at(path, |name| claims.get(name)).map(json::texts).unwrap_or_default();
        let mut needed = self.rules.claims.iter();
        if !needed.all(|(path, values)| listed(path).iter().any(|one| values.contains(one))) {
            return Err(Rejected::LacksClaim);
        }
        let seconds = |name: &str| claims.get(name).and_then(whole_seconds).map(Instant::from_seconds);
        let issued = seconds("iat").unwrap_or(Instant::from_seconds(0));
        let ends = seconds("exp").unwrap_or(Instant::from_seconds(u64::MAX / 2));
        Ok(AccessToken { subject, client, issued, ends, scopes, certificate, claims })
    }

    /// Who a token is about, and the client that has it; without `sub` it is about that client.
    fn named(&self, claims: &Map<String, Value>) -> Result<(String, Option<String>), &'static str> {
        let text = |name: &str| claims.get(name).and_then(Value::as_str).map(str::to_owned);
        let client = match &self.rules.client_claim {
            Some(name) => text(name),
            None => ["client_id", "cid", "azp", "appid"].into_iter().find_map(text),
        };
        if !matches!(claims.get("sub"), None | Some(Value::Null | Value::String(_))) {
            return Err("its `sub` is not a text");
        }
        let subject = text("sub").or_else(|| client.clone()).filter(|subject| is_identifier(subject));
        let subject = subject.ok_or("its `sub` is missing, or is none that names somebody")?;
        // Such a claim would be missing in the headers of a request that goes on.
        let told = ["preferred_username", "name", "email"].into_iter().filter_map(text).chain(client.clone());
        match told.into_iter().any(|text| splits_lines(&text)) {
            true => Err("a claim about who has it holds a control character"),
            false => Ok((subject, client)),
        }
    }
}

impl Endpoints {
    async fn fetch(http: Http, issuer: Issuer) -> Result<Self, Failure> {
        let address = issuer.below("/.well-known/openid-configuration")?;
        let document = document_of(&http.document("discovery", address).await?, &issuer)?;
        let keys = endpoint(&document, "jwks_uri", &issuer)?;
        let keys = keys.ok_or(Failure::Documents("the discovery document lacks an endpoint"))?;
        // JWTs need the keys only, and must not be refused because of an endpoint that is not used for them.
        let introspection = endpoint(&document, "introspection_endpoint", &issuer).ok().flatten();
        Ok(Self { keys, introspection })
    }
}

/// Whether anything says that it is no bearer access token: the claim `typ` of Keycloak, `token_use` of Cognito, or
/// `token_type` (RFC 7662 2.2).
fn check_kind(claims: &Map<String, Value>) -> Result<(), &'static str> {
    let says = |name: &str, kinds: &[&str]| {
        let said = claims.get(name).and_then(Value::as_str);
        said.is_some_and(|said| kinds.iter().any(|kind| kind.eq_ignore_ascii_case(said)))
    };
    let is_other = says("typ", &["ID", "Refresh", "Offline", "Logout"])
        || says("token_type", &["refresh_token", "id_token"])
        || says("token_use", &["id", "id_token", "refresh", "refresh_token"]);
    if is_other {
        return Err("it is another kind of token by its `typ`, `token_type` or `token_use`");
    }
    match says("typ", &["DPoP"]) || says("token_type", &["DPoP"]) {
        true => Err("it is bound to a key (DPoP), so it is no bearer token"),
        false => Ok(()),
    }
}

/// The SHA-256 of the certificate that a token is bound to (`cnf`, RFC 8705 §3.1 and RFC 7800); none where it is bound to
/// nothing. Bound in any other way, or in several, it cannot be checked.
fn certificate(claims: &Map<String, Value>) -> Result<Option<[u8; 32]>, &'static str> {
    let Some(bound) = claims.get("cnf").filter(|bound| !bound.is_null()) else { return Ok(None) };
    let only = bound.as_object().filter(|ways| ways.len() == 1).and_then(|ways| ways.get("x5t#S256")?.as_str());
    let digest = only.and_then(|digest| URL_SAFE_NO_PAD.decode(digest).ok()?.try_into().ok());
    digest.map(Some).ok_or("it is bound to a key in a way that is not checked here (`cnf`)")
}

/// The words of a text, or a list of them.
fn words(claim: Option<&Value>) -> Vec<String> {
    match claim {
        Some(Value::String(text)) => text.split_whitespace().map(str::to_owned).collect(),
        other => other.map(json::texts).unwrap_or_default(),
    }
}

/// The `iss` of a JWT, which nothing vouches for yet; none when the text is no JWT.
pub fn claimed_issuer(token: &str) -> Option<String> {
    let mut parts = token.split('.');
    let (Some(_), Some(payload), Some(_), None) = (parts.next(), parts.next(), parts.next(), parts.next()) else {
        return None;
    };
    let payload = URL_SAFE_NO_PAD.decode(payload).ok()?;
    json::read(&payload)?.get("iss")?.as_str().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn rules() -> TokenRules {
        TokenRules {
            issuer: Issuer::parse("https://org.example").expect("an issuer"),
            audiences: vec!["api://default".to_owned(), "https://wiki.example.com".to_owned()],
            algorithms: crate::oidc::ALGORITHMS.to_vec(),
            scopes: vec!["read".to_owned()],
            claims: [("department".to_owned(), vec!["it".to_owned(), "hr".to_owned()])].into(),
            scope_claim: None,
            client_claim: None,
            introspection: None,
            authority: None,
        }
    }

    #[test]
    fn widening_is_told_by_its_setting_and_narrowing_is_none() {
        let introspection = |client_id: &str| {
            let client_secret = Secret::new("secret".to_owned());
            Some(Introspection { address: None, client_id: client_id.to_owned(), client_secret, calls_a_second: 1 })
        };
        let mut was = rules();
        was.algorithms.truncate(2);
        was.introspection = introspection("gateway");
        let changed = |change: fn(&mut TokenRules)| {
            let mut is =
                TokenRules { algorithms: was.algorithms.clone(), introspection: introspection("gateway"), ..rules() };
            change(&mut is);
            is.admit_more_than(&was)
        };
        assert_eq!(changed(|_| ()), None);
        assert_eq!(changed(|is| is.algorithms.truncate(1)), None);
        assert_eq!(changed(|is| is.audiences.truncate(1)), None);
        assert_eq!(changed(|is| is.scopes.push("write".to_owned())), None);
        assert_eq!(changed(|is| is.introspection = None), None);
        assert_eq!(changed(|is| is.algorithms = crate::oidc::ALGORITHMS.to_vec()), Some("algorithms"));
        assert_eq!(changed(|is| is.claims.clear()), Some("claims"));
        assert_eq!(changed(|is| is.scopes.clear()), Some("scopes"));
        assert_eq!(changed(|is| is.client_claim = Some("app".to_owned())), Some("client_claim"));
        assert_eq!(changed(|is| is.scope_claim = Some("may".to_owned())), Some("scope_claim"));
        assert_eq!(changed(|is| is.audiences.push("x".to_owned())), Some("audiences"));
        let other = TokenRules { algorithms: was.algorithms.clone(), introspection: introspection("other"), ..rules() };
        assert_eq!(other.admit_more_than(&was), Some("introspection"));
    }

    fn server() -> ResourceServer {
        let _ = rustls::crypto::ring::default_provider().install_default();
        ResourceServer::new(rules(), &Documents::default(), Arc::new(|_| {})).expect("a server")
    }

    /// B-02.
    #[test]
    fn a_token_is_for_us_and_good_for_what_is_asked() {
        let good = json!({
            "aud": "api://default", "sub": "00u1", "cid": "0oa1", "scp": ["read", "write"], "department": "it",
            "iat": 1, "exp": 2,
        });
        let other_audience = Some(Rejected::Invalid("its `aud` is another audience"));
        let nobody = Some(Rejected::Invalid("its `sub` is missing, or is none that names somebody"));
        let control = Some(Rejected::Invalid("a claim about who has it holds a control character"));
        for (change, expected) in [
            (json!({}), None),
            (json!({"aud": ["x", "https://wiki.example.com"]}), None),
            (json!({"scp": null, "scope": "write read"}), None),
            (json!({"department": ["sales", "hr"]}), None),
            (json!({"sub": null}), None),
            (json!({"aud": "api://other"}), other_audience.clone()),
            (json!({"aud": "api://default "}), other_audience.clone()),
            (json!({"aud": null}), other_audience.clone()),
            (json!({"aud": {"api://default": 1}}), other_audience),
            (json!({"sub": null, "cid": null}), nobody.clone()),
            (json!({"sub": ""}), nobody.clone()),
            (json!({"sub": "00u1\nx"}), nobody.clone()),
            (json!({"sub": "00u1 "}), nobody.clone()),
            (json!({"sub": "00u1\u{2028}"}), nobody.clone()),
            (json!({"sub": "a".repeat(256)}), nobody),
            (json!({"email": "a@corp.example\r"}), control.clone()),
            (json!({"name": "Jane\u{0}Doe"}), control.clone()),
            (json!({"preferred_username": "\tjane"}), control.clone()),
            (json!({"cid": "0oa1\n"}), control),
            (json!({"name": "Jane ", "email": ""}), None),
            (json!({"sub": 7}), Some(Rejected::Invalid("its `sub` is not a text"))),
            (json!({"sub": ["00u1"]}), Some(Rejected::Invalid("its `sub` is not a text"))),
            (json!({"scp": ["readers"]}), Some(Rejected::LacksScope)),
            (json!({"scp": null}), Some(Rejected::LacksScope)),
            (json!({"scp": null, "department": null}), Some(Rejected::LacksScope)),
            (json!({"department": "it hr"}), Some(Rejected::LacksClaim)),
            (json!({"department": null}), Some(Rejected::LacksClaim)),
        ] {
            let mut claims = good.clone();
            for (name, value) in change.as_object().expect("an object") {
                claims[name] = value.clone();
            }
            let judged = server().judge(claims.as_object().expect("an object").clone());
            assert_eq!(judged.as_ref().err().cloned(), expected, "{change}");
            assert!(judged.is_err() || judged.is_ok_and(|token| token.client.as_deref().is_none_or(|id| id == "0oa1")));
        }
    }

    const CERTIFICATE: &str = "A4DtL2JmUMhAsvJj5tKyn64SqzmuXbMrJa0n761y5v0";

    /// RFC 8705 §3.1.
    #[test]
    fn a_token_says_which_certificate_it_is_bound_to() {
        let claims = json!({"aud": "api://default", "sub": "00u1", "scope": "read", "department": "it",
            "cnf": {"x5t#S256": CERTIFICATE}});
        let token = server().judge(claims.as_object().expect("an object").clone()).expect("a token");
        let digest = token.certificate.expect("a certificate");
        assert_eq!((digest[0], digest[1], digest[31]), (0x03, 0x80, 0xfd));
    }

    /// RFC 9068 §2.2.
    #[test]
    fn a_token_of_the_profile_has_what_it_requires() {
        let good = json!({"sub": "00u1", "client_id": "0oa1", "jti": "AT.1"});
        let lacks = |name: &str, of: &ResourceServer| {
            let mut claims = good.as_object().expect("an object").clone();
            claims.remove(name);
            of.check_profile(&claims)
        };
        let server = server();
        assert_eq!(lacks("none of them", &server), Ok(()));
        assert_eq!(lacks("jti", &server), Err("it is of the type `at+jwt` and lacks `jti`"));
        assert_eq!(lacks("sub", &server), Err("it is of the type `at+jwt` and lacks `sub`"));
        assert_eq!(lacks("client_id", &server), Err("it is of the type `at+jwt` and lacks `client_id`"));
    }

    /// RFC 7662 §2.2.
    #[test]
    fn a_reply_is_about_a_bearer_token() {
        let good = json!({"active": true, "aud": "api://default", "sub": "00u1", "scope": "read", "department": "it"});
        for (kind, counts) in [
            (json!("bearer"), true),
            (json!("urn:ietf:params:oauth:token-type:access_token"), true),
            (json!("mac"), false),
            (json!("pop"), false),
            (json!("N_A"), false),
            (json!(["Bearer"]), false),
        ] {
            let mut reply = good.clone();
            reply["token_type"] = kind.clone();
            assert_eq!(server().judge_reply(reply, Instant::from_seconds(1_000)).is_ok(), counts, "{kind}");
        }
    }

    /// B-02.
    #[test]
    fn what_says_that_it_is_no_bearer_token_is_none() {
        let good = json!({"active": true, "aud": "api://default", "sub": "00u1", "scope": "read", "department": "it"});
        for (change, counts) in [
            (json!({"typ": "Bearer", "token_type": "Bearer"}), true),
            (json!({"typ": "JWT", "token_type": "access_token"}), true),
            (json!({"cnf": null, "token_type": null, "token_use": "access"}), true),
            (json!({"cnf": {"x5t#S256": CERTIFICATE}}), true),
            (json!({"cnf": {"x5t#S256": CERTIFICATE, "jkt": CERTIFICATE}}), false),
            (json!({"cnf": {"x5t#S256": &CERTIFICATE[1..]}}), false),
            (json!({"cnf": {"x5t#S256": format!("{CERTIFICATE}=")}}), false),
            (json!({"cnf": {"kid": "a"}}), false),
            (json!({"cnf": {"jwk": {"kty": "OKP"}}}), false),
            (json!({"cnf": {}}), false),
            (json!({"cnf": CERTIFICATE}), false),
            (json!({"token_use": "id"}), false),
            (json!({"token_use": "refresh_token"}), false),
            (json!({"typ": "ID"}), false),
            (json!({"typ": "Refresh"}), false),
            (json!({"typ": "Offline"}), false),
            (json!({"typ": "DPoP"}), false),
            (json!({"token_type": "refresh_token"}), false),
            (json!({"token_type": "dpop"}), false),
            (json!({"cnf": {"jkt": "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"}}), false),
        ] {
            let mut claims = good.as_object().expect("an object").clone();
            claims.extend(change.as_object().expect("an object").clone());
            assert_eq!(server().judge(claims.clone()).is_ok(), counts, "{change}");
            let asked = server().judge_reply(claims.into(), Instant::from_seconds(1_000));
            assert_eq!(asked.is_ok(), counts, "{change}");
        }
    }

    #[test]
    fn a_reply_about_an_opaque_token_says_that_it_counts() {
        let now = Instant::from_seconds(1_000);
        let good = json!({
            "active": true, "aud": "api://default", "sub": "00u1", "scope": "read", "department": "hr", "exp": 2_000,
        });
        for (change, counts) in [
            (json!({}), true),
            (json!({"iss": "https://org.example"}), true),
            (json!({"active": false}), false),
            (json!({"active": "true"}), false),
            (json!({"active": null}), false),
            (json!({"iss": "https://other.example"}), false),
            (json!({"exp": 1_000}), false),
            (json!({"exp": null, "nbf": null}), true),
            (json!({"exp": "2000"}), false),
            (json!({"exp": -1}), false),
            (json!({"nbf": 1_060}), true),
            (json!({"nbf": 1_061}), false),
            (json!({"nbf": "now"}), false),
        ] {
            let mut reply = good.clone();
            for (name, value) in change.as_object().expect("an object") {
                reply[name] = value.clone();
            }
            assert_eq!(server().judge_reply(reply, now).is_ok(), counts, "{change}");
        }
    }

    #[test]
    fn the_issuer_is_read_from_a_jwt_only() {
        // {"iss":"https://org.example"}
        let payload = "eyJpc3MiOiJodHRwczovL29yZy5leGFtcGxlIn0";
        for (token, issuer) in [
            (format!("e30.{payload}.x"), Some("https://org.example")),
            (format!("e30.{payload}"), None),
            (format!("e30.{payload}.x.y"), None),
            ("opaque".to_owned(), None),
            ("a.b.c".to_owned(), None),
        ] {
            assert_eq!(claimed_issuer(&token).as_deref(), issuer, "{token}");
        }
    }
}
