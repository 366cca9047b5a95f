//! The org's own description (OpenID Connect Discovery 1.0, RFC 8414) and the addresses that follow from it.

use serde_json::Value;
use url::Url;

use super::step::Failure;
use super::wire;

/// Where the org's endpoints are. All are on the issuer's origin.
#[derive(Clone, Debug)]
pub(super) struct Metadata {
    pub(super) authorization: Option<Url>,
    pub(super) token: Url,
    pub(super) userinfo: Url,
    pub(super) keys: Url,
    pub(super) revocation: Option<Url>,
    pub(super) end_session: Option<Url>,
}

impl Metadata {
    /// Reads a discovery document. It must be about the issuer it was fetched for (Discovery 4.3), must
    /// know S256, and must keep to the issuer's origin, so that no reply can send credentials elsewhere.
    pub(super) fn parse(document: &[u8], issuer: &Url) -> Result<Self, Failure> {
        let document = wire::read(document).ok_or(Failure::Documents("the discovery document is not JSON"))?;
        let named = wire::words(&document, "issuer").unwrap_or_default();
        if named != issuer_text(issuer) {
            return Err(Failure::Documents("the discovery document names another issuer"));
        }
        if !wire::items(document.get("code_challenge_methods_supported")).contains(&Value::from("S256")) {
            return Err(Failure::Documents("the org does not know PKCE with S256"));
        }
        let endpoint = |member: &str| {
            let address = wire::words(&document, member).and_then(|address| Url::parse(&address).ok());
            address.filter(|address| address.origin() == issuer.origin())
        };
        let missing = Failure::Documents("the discovery document lacks an endpoint on the issuer's origin");
        Ok(Self {
            authorization: endpoint("authorization_endpoint"),
            token: endpoint("token_endpoint").ok_or(missing.clone())?,
            userinfo: endpoint("userinfo_endpoint").ok_or(missing.clone())?,
            keys: endpoint("jwks_uri").ok_or(missing)?,
            revocation: endpoint("revocation_endpoint"),
            end_session: endpoint("end_session_endpoint"),
        })
    }
}

/// The issuer as it stands in documents and tokens: without a trailing slash.
pub(super) fn issuer_text(issuer: &Url) -> &str {
    issuer.as_str().trim_end_matches('/')
}

/// Where discovery is found.
pub(super) fn discovery(issuer: &Url) -> Result<Url, Failure> {
    parse(&format!("{}/.well-known/openid-configuration", issuer_text(issuer)))
}

/// Where a sign-in begins: under the OAuth base, which is the issuer itself or the issuer's `/oauth2`.
pub(super) fn interact(issuer: &Url) -> Result<Url, Failure> {
    let issuer = issuer_text(issuer);
    let base = if issuer.contains("/oauth2") { "" } else { "/oauth2" };
    parse(&format!("{issuer}{base}/v1/interact"))
}

/// Where a handle is shown for the current step: at the org's root.
pub(super) fn introspect(issuer: &Url) -> Result<Url, Failure> {
    issuer.join("/idp/idx/introspect").map_err(|_| Failure::Documents("the issuer is not a base address"))
}

fn parse(address: &str) -> Result<Url, Failure> {
    Url::parse(address).map_err(|_| Failure::Documents("the issuer is not a base address"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_two_kinds_of_issuer_lead_to_their_endpoints() {
        for (issuer, expected) in [
            ("https://org.example", "https://org.example/oauth2/v1/interact"),
            ("https://org.example/oauth2/default", "https://org.example/oauth2/default/v1/interact"),
        ] {
            let issuer = Url::parse(issuer).unwrap();
            assert_eq!(interact(&issuer).unwrap().as_str(), expected);
            assert_eq!(introspect(&issuer).unwrap().as_str(), "https://org.example/idp/idx/introspect");
        }
    }

    #[test]
    fn a_document_that_sends_us_elsewhere_is_refused() {
        let document = |issuer: &str, token: &str, method: &str| {
            format!(
                r#"{{"issuer":"{issuer}","token_endpoint":"{token}","userinfo_endpoint":"https://org.example/u",
                "jwks_uri":"https://org.example/k","code_challenge_methods_supported":["{method}"]}}"#
            )
        };
        let issuer = Url::parse("https://org.example").unwrap();
        let good = ("https://org.example", "https://org.example/t", "S256");
        for (name, token, method, accepted) in [
            (good.0, good.1, good.2, true),
            ("https://evil.example", good.1, good.2, false),
            ("https://org.example/", good.1, good.2, false),
            (good.0, "https://evil.example/t", good.2, false),
            (good.0, "http://org.example/t", good.2, false),
            (good.0, good.1, "plain", false),
        ] {
            let read = Metadata::parse(document(name, token, method).as_bytes(), &issuer);
            assert_eq!(read.is_ok(), accepted, "{name} {token} {method}");
        }
    }
}
