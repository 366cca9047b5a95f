//! The identity of a provider and the addresses of its endpoints (OpenID Connect Discovery 1.0, RFC 8414).
//!
//! An issuer is an identifier and is compared byte for byte, including a trailing slash (Auth0 and authentik have one,
//! Okta and Keycloak do not). Endpoints may have another origin than the issuer (Google's do), since its own document,
//! fetched over TLS, names them.

use std::fmt;

use serde_json::{Map, Value};
use tracing::warn;
use url::{Host, Url};

use super::algorithm::Algorithm;
use super::http::Http;
use super::{Failure, json};

/// A provider's issuer identifier, as it is configured and as its documents and tokens must have it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Issuer {
    text: String,
    url: Url,
    tenants: Vec<String>,
    aliases: Vec<String>,
}

/// The placeholder for the tenant in the document of a provider with many tenants (Microsoft Entra ID).
const TENANT: &str = "{tenantid}";

impl Issuer {
    /// Takes an `https` URL without query, fragment and credentials; `http` only for this machine.
    ///
    /// # Errors
    /// What is wrong with it, as the second half of a sentence that begins with the setting's name.
    pub fn parse(text: &str) -> Result<Self, String> {
        let url = Url::parse(text).map_err(|error| format!("is not a URL: {error}"))?;
        if !is_safe(&url, is_loopback(&url)) {
            return Err("must begin with https://".to_owned());
        }
        if url.query().is_some() || url.fragment().is_some() || !url.username().is_empty() || url.password().is_some() {
            return Err("must be a URL without a query, as https://example.okta.com/oauth2/default".to_owned());
        }
        Ok(Self { text: text.to_owned(), url, tenants: Vec::new(), aliases: Vec::new() })
    }

    /// The same issuer for a provider whose document has [`TENANT`] in the last but one segment of the issuer, where
    /// the configuration has a name such as `common`. Its tokens may be of these tenants only.
    #[must_use]
    pub fn with_tenants(self, tenants: Vec<String>) -> Self {
        Self { tenants, ..self }
    }

    /// The same issuer, with further values of `iss` that its tokens may have (Google's may lack the scheme).
    #[must_use]
    pub fn with_aliases(self, aliases: Vec<String>) -> Self {
        Self { aliases, ..self }
    }

    /// Whether the provider's discovery document may have this `issuer`.
    fn is_called(&self, named: &str) -> bool {
        match self.tenants.is_empty() {
            true => named == self.text,
            false => self.with_tenant(TENANT).is_some_and(|template| named == template),
        }
    }

    /// The `iss` that a token must have exactly, chosen by the `iss` and `tid` that it has: the issuer itself, an
    /// alias, or the issuer of one of the tenants. None when its tenant is not one of them.
    pub(super) fn of_token(&self, named: &str, tenant: Option<&str>) -> Option<String> {
        if !self.tenants.is_empty() {
            let tenant = self.tenants.iter().find(|known| Some(known.as_str()) == tenant)?;
            return self.with_tenant(tenant);
        }
        Some(self.aliases.iter().find(|alias| *alias == named).unwrap_or(&self.text).clone())
    }

    /// Whether an answer to an authorization request with this `iss` may come from this provider (RFC 9207 2.4).
    pub fn is_meant_by(&self, named: &str) -> bool {
        match self.tenants.is_empty() {
            true => named == self.text || self.aliases.iter().any(|alias| alias == named),
            false => self.tenants.iter().filter_map(|tenant| self.with_tenant(tenant)).any(|known| known == named),
        }
    }

    /// The issuer with `tenant` as the last but one segment of its path.
    fn with_tenant(&self, tenant: &str) -> Option<String> {
        let (before, last) = self.text.rsplit_once('/')?;
        let (before, _) = before.rsplit_once('/')?;
        Some(format!("{before}/{tenant}/{last}"))
    }

    /// The issuer as it was configured.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The issuer as a URL.
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// An address below the issuer; `path` begins with a slash.
    pub(crate) fn below(&self, path: &str) -> Result<Url, Failure> {
        let base = self.text.strip_suffix('/').unwrap_or(&self.text);
        Url::parse(&format!("{base}{path}")).map_err(|_| Failure::Documents("the issuer is not a base address"))
    }
}

impl fmt::Display for Issuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// The provider's metadata, as far as they are used.
#[derive(Clone, Debug)]
pub(super) struct Metadata {
    pub(super) authorization: Url,
    pub(super) token: Url,
    pub(super) keys: Url,
    pub(super) userinfo: Option<Url>,
    pub(super) revocation: Option<Url>,
    pub(super) end_session: Option<Url>,
    /// The endpoint for pushed authorization requests (RFC 9126), where the provider requires them.
    pub(super) pushed: Option<Url>,
    /// Whether answers to authorization requests always have `iss` (RFC 9207 3).
    pub(super) names_issuer: bool,
    /// Whether authorization requests may have the parameter `claims` (Core 5.5).
    pub(super) takes_claims: bool,
    /// The algorithms of its tokens (`id_token_signing_alg_values_supported`), where it lists any.
    algorithms: Option<Value>,
}

impl Metadata {
    pub(super) async fn fetch(http: Http, issuer: Issuer) -> Result<Self, Failure> {
        let address = issuer.below("/.well-known/openid-configuration")?;
        Self::parse(&http.document("discovery", address).await?, &issuer)
    }

    /// Reads a discovery document. One that lists PKCE methods must list S256; many providers list none and support it.
    fn parse(document: &[u8], issuer: &Issuer) -> Result<Self, Failure> {
        let document = document_of(document, issuer)?;
        if document.get("code_challenge_methods_supported").is_some_and(|methods| !json::lists(methods, "S256")) {
            return Err(Failure::Documents("the provider does not know PKCE with S256"));
        }
        let endpoint = |name| endpoint(&document, name, issuer);
        let says = |name: &str| document.get(name).is_some_and(|said| *said == Value::Bool(true));
        let pushed = match says("require_pushed_authorization_requests") {
            true => Some(
                endpoint("pushed_authorization_request_endpoint")?
                    .ok_or(Failure::Documents("the provider requires pushed requests, and does not say where"))?,
            ),
            false => None,
        };
        let needed = |name| endpoint(name)?.ok_or(Failure::Documents("the discovery document lacks an endpoint"));
        Ok(Self {
            authorization: needed("authorization_endpoint")?,
            token: needed("token_endpoint")?,
            keys: needed("jwks_uri")?,
            userinfo: endpoint("userinfo_endpoint")?,
            revocation: endpoint("revocation_endpoint")?,
            end_session: endpoint("end_session_endpoint")?,
            pushed,
            names_issuer: says("authorization_response_iss_parameter_supported"),
            takes_claims: says("claims_parameter_supported"),
            algorithms: document.get("id_token_signing_alg_values_supported").cloned(),
        })
    }

    /// Whether the provider signs tokens in this way, as far as it says.
    pub(super) fn signs_with(&self, algorithm: Algorithm) -> bool {
        self.algorithms.as_ref().is_none_or(|all| !all.is_array() || json::lists(all, algorithm.name()))
    }
}

/// The members of a discovery document; it must be that of the issuer for which it was fetched (Discovery 4.3).
pub(super) fn document_of(document: &[u8], issuer: &Issuer) -> Result<Map<String, Value>, Failure> {
    let Some(Value::Object(document)) = json::read(document) else {
        return Err(Failure::Documents("the discovery document is not a JSON object"));
    };
    let named = document.get("issuer").and_then(Value::as_str).unwrap_or_default();
    if !issuer.is_called(named) {
        let named: String = named.chars().take(300).collect();
        warn!(configured = issuer.as_str(), named, "the discovery document names another issuer");
        return Err(Failure::Documents("the discovery document names another issuer"));
    }
    Ok(document)
}

/// An endpoint, none where the document has none. One that is not safe to use is an error.
pub(super) fn endpoint(document: &Map<String, Value>, name: &str, issuer: &Issuer) -> Result<Option<Url>, Failure> {
    let Some(address) = document.get(name).filter(|address| !address.is_null()) else { return Ok(None) };
    let url = address.as_str().and_then(|address| Url::parse(address).ok());
    let url = url.filter(|url| is_safe(url, is_loopback(issuer.url()) && issuer.url().scheme() == "http"));
    match url.filter(|url| url.fragment().is_none() && url.username().is_empty() && url.password().is_none()) {
        Some(url) => Ok(Some(url)),
        None => {
            warn!(
                issuer = issuer.as_str(),
                endpoint = name,
                "the discovery document names an address that is no endpoint"
            );
            Err(Failure::Documents("an endpoint is not an https address"))
        }
    }
}

/// Whether the connection to a URL cannot be read on the way. `plain` allows `http` to this machine.
fn is_safe(url: &Url, plain: bool) -> bool {
    match url.scheme() {
        "https" => url.has_host(),
        "http" => plain && is_loopback(url),
        _ => false,
    }
}

/// Whether the host of a URL is this machine: a loopback address, `localhost`, or a name below it (RFC 6761 6.3).
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn issuer(text: &str) -> Issuer {
        Issuer::parse(text).expect("an issuer")
    }

    #[test]
    fn an_issuer_is_an_address_that_nobody_on_the_way_can_change() {
        for (text, good) in [
            ("https://org.example", true),
            ("https://org.example/oauth2/default", true),
            ("https://org.example/", true),
            ("http://localhost:7001/realms/a", true),
            ("http://[::1]:7001", true),
            ("http://org.example", false),
            ("http://127.0.0.1.example", false),
            ("ftp://localhost", false),
            ("https://org.example?a=b", false),
            ("https://org.example#a", false),
            ("https://somebody:secret@org.example", false),
            ("https://:secret@org.example", false),
            ("org.example", false),
        ] {
            assert_eq!(Issuer::parse(text).is_ok(), good, "{text}");
        }
    }

    #[test]
    fn what_stands_below_an_issuer_has_its_path() {
        for (text, expected) in [
            ("https://org.example", "https://org.example/.well-known/openid-configuration"),
            ("https://org.example/", "https://org.example/.well-known/openid-configuration"),
            ("https://org.example/o/app/", "https://org.example/o/app/.well-known/openid-configuration"),
            ("https://org.example/realms/a", "https://org.example/realms/a/.well-known/openid-configuration"),
        ] {
            let below = issuer(text).below("/.well-known/openid-configuration").expect("an address");
            assert_eq!(below.as_str(), expected);
            assert_eq!(issuer(text).as_str(), text);
        }
    }

    fn read(issuer_text: &str, change: Value) -> Result<Metadata, Failure> {
        let mut document = json!({
            "issuer": issuer_text,
            "authorization_endpoint": "https://org.example/authorize",
            "token_endpoint": "https://tokens.example/token",
            "jwks_uri": "https://keys.example/keys",
            "code_challenge_methods_supported": ["plain", "S256"],
        });
        for (name, value) in change.as_object().expect("an object") {
            document[name] = value.clone();
        }
        Metadata::parse(document.to_string().as_bytes(), &issuer(issuer_text))
    }

    #[test]
    fn endpoints_may_be_elsewhere_where_the_issuer_s_own_document_says_so() {
        let read = read("https://org.example", json!({"end_session_endpoint": "https://org.example/end?a=b"}));
        let metadata = read.expect("a good document");
        assert_eq!(metadata.token.as_str(), "https://tokens.example/token");
        assert_eq!(metadata.keys.as_str(), "https://keys.example/keys");
        assert_eq!(metadata.end_session.as_ref().map(Url::as_str), Some("https://org.example/end?a=b"));
        assert!(metadata.userinfo.is_none() && metadata.revocation.is_none());
    }

    #[test]
    fn a_document_that_sends_us_astray_is_refused() {
        const OTHER: &str = "the discovery document names another issuer";
        const ADDRESS: &str = "an endpoint is not an https address";
        const PKCE: &str = "the provider does not know PKCE with S256";
        for (change, why_not) in [
            (json!({}), None),
            (json!({"code_challenge_methods_supported": ["S256"]}), None),
            (json!({"userinfo_endpoint": null}), None),
            (json!({"issuer": "https://evil.example"}), Some(OTHER)),
            (json!({"issuer": "https://org.example/"}), Some(OTHER)),
            (json!({"issuer": "https://ORG.example"}), Some(OTHER)),
            (json!({"issuer": null}), Some(OTHER)),
            (json!({"code_challenge_methods_supported": ["plain"]}), Some(PKCE)),
            (json!({"code_challenge_methods_supported": "S256"}), Some(PKCE)),
            (json!({"token_endpoint": "http://org.example/t"}), Some(ADDRESS)),
            (json!({"token_endpoint": "http://localhost/t"}), Some(ADDRESS)),
            (json!({"jwks_uri": "file:///etc/passwd"}), Some(ADDRESS)),
            (json!({"userinfo_endpoint": "https://a:b@org.example/u"}), Some(ADDRESS)),
            (json!({"end_session_endpoint": "https://org.example/e#here"}), Some(ADDRESS)),
            (json!({"revocation_endpoint": 7}), Some(ADDRESS)),
            (json!({"jwks_uri": null}), Some("the discovery document lacks an endpoint")),
        ] {
            let found = read("https://org.example", change.clone()).err();
            assert_eq!(found, why_not.map(Failure::Documents), "{change}");
        }
        let list = Metadata::parse(b"[]", &issuer("https://org.example"));
        assert_eq!(list.err(), Some(Failure::Documents("the discovery document is not a JSON object")));
    }

    #[test]
    fn plain_http_stays_on_this_machine() {
        let plain = |issuer, token: &str| read(issuer, json!({"token_endpoint": token})).is_ok();
        assert!(plain("http://localhost:7001", "http://127.0.0.1:7001/t"));
        assert!(!plain("http://localhost:7001", "http://org.example/t"));
        assert!(!plain("https://localhost", "http://localhost/t"));
    }
}
