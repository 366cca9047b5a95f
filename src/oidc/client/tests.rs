//! A provider unlike the one of the whole-system tests: its issuer has a path and ends with a slash, its endpoints
//! are on another origin, it signs with Ed25519, and it has none of the endpoints that may be missing.

use std::sync::Mutex;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::signature::{Ed25519KeyPair, KeyPair as _};
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use super::*;
use crate::oidc::pkce::Verifier;
use crate::oidc::{ALGORITHMS, AuthorizationRequest, Code, RefreshRequest, Tokens};
use crate::secret::Secret;

const NOW: Instant = Instant::from_seconds(1_800_000_000);

#[derive(Clone)]
struct Provider {
    issuer: String,
    elsewhere: String,
    token_type: &'static str,
    /// What the token endpoint answers beside or in place of the usual.
    also: Value,
    /// What the ID token says beside or in place of the usual.
    said: Value,
    /// The path and the body of every call.
    asked: Arc<Mutex<Vec<(String, String)>>>,
}

impl Provider {
    async fn start(token_type: &'static str) -> Self {
        Self::saying(token_type, &json!({}), &json!({})).await
    }

    async fn saying(token_type: &'static str, also: &Value, said: &Value) -> Self {
        let bind = async || TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let (front, back) = (bind().await, bind().await);
        let address = |listener: &TcpListener| listener.local_addr().expect("an address");
        let provider = Self {
            issuer: format!("http://{}/o/app/", address(&front)),
            elsewhere: format!("http://{}", address(&back)),
            token_type,
            also: also.clone(),
            said: said.clone(),
            asked: Arc::default(),
        };
        tokio::spawn(provider.clone().serve(front));
        tokio::spawn(provider.clone().serve(back));
        provider
    }

    async fn serve(self, listener: TcpListener) {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut request = Vec::new();
            while !is_whole(&request) {
                stream.read_buf(&mut request).await.expect("a request");
            }
            let request = String::from_utf8(request).expect("text");
            let (head, body) = request.split_once("\r\n\r\n").expect("a head");
            let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
            let reply = self.answer(&path).to_string();
            self.asked.lock().expect("a list").push((path, body.to_owned()));
            let reply =
                format!("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{reply}", reply.len());
            stream.write_all(reply.as_bytes()).await.expect("a reply");
        }
    }

    fn answer(&self, path: &str) -> Value {
        let Self { issuer, elsewhere, .. } = self;
        let pair = Ed25519KeyPair::from_seed_unchecked(&[1; 32]).expect("a key");
        let encode = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        match path {
            "/o/app/.well-known/openid-configuration" => json!({
                "issuer": issuer,
                "authorization_endpoint": format!("{elsewhere}/authorize?tenant=a"),
                "token_endpoint": format!("{elsewhere}/token"),
                "jwks_uri": format!("{elsewhere}/keys"),
            }),
            "/keys" => json!({"keys": [
                {"kty": "OKP", "crv": "Ed25519", "kid": "a", "x": encode(pair.public_key().as_ref())},
            ]}),
            "/token" => {
                let mut claims = json!({
                    "iss": issuer, "aud": ["client"], "sub": "somebody", "nonce": "once",
                    "iat": NOW.seconds(), "exp": NOW.seconds() + 60,
                });
                merge(&mut claims, &self.said);
                let text =
                    format!("{}.{}", encode(br#"{"alg":"EdDSA","kid":"a"}"#), encode(claims.to_string().as_bytes()));
                let id_token = format!("{text}.{}", encode(pair.sign(text.as_bytes()).as_ref()));
                let mut reply = json!({"token_type": self.token_type, "access_token": "opaque", "id_token": id_token});
                merge(&mut reply, &self.also);
                reply
            }
            other => panic!("nobody should ask for {other}"),
        }
    }

    fn client(&self, algorithms: &[Algorithm]) -> Client {
        // Another test may have been faster; one provider is as good as the other.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let registration = Registration {
            issuer: Issuer::parse(&self.issuer).expect("an issuer"),
            client_id: "client".to_owned(),
            authentication: ClientAuthentication::Post(Secret::new("secret")),
            algorithms: algorithms.to_vec(),
            scopes: vec!["openid".to_owned(), "email".to_owned()],
            asks_userinfo: true,
            redirect_uri: "https://gateway.example/login/callback".to_owned(),
            logout: crate::oidc::Logout::Discovered { names_client: true },
            authority: None,
            budget: None,
        };
        Client::new(registration, &Documents::default(), Arc::new(|_| {})).expect("a client")
    }

    async fn exchange(&self, client: &Client) -> Result<Tokens, Failure> {
        let code = Code::authorization("c-1").expect("a code");
        client.exchange(code, &Verifier::from_bytes([7; 32]), "once", HeaderMap::new(), NOW).await
    }

    /// How often a path was asked for.
    fn count(&self, path: &str) -> usize {
        self.asked.lock().expect("a list").iter().filter(|(asked, _)| asked.ends_with(path)).count()
    }
}

/// Puts members into an object, and takes out those that are null.
fn merge(object: &mut Value, members: &Value) {
    for (name, value) in members.as_object().expect("an object") {
        object[name] = value.clone();
    }
    object.as_object_mut().expect("an object").retain(|_, value| !value.is_null());
}

fn is_whole(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request);
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let length = head.lines().find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok());
    body.len() >= length.unwrap_or(0)
}

#[tokio::test]
async fn a_provider_of_another_make_signs_somebody_in() {
    let provider = Provider::start("bearer").await;
    let client = provider.client(&ALGORITHMS);
    let request = AuthorizationRequest {
        verifier: &Verifier::from_bytes([7; 32]),
        state: "s",
        nonce: "once",
        acr_values: None,
        max_age: Some(60),
    };
    // What is always asked does not get in the way of what this sign-in asks, nor of the protocol's own.
    let more = [("hd", "example.com"), ("max_age", "9"), ("state", "mine"), ("response_mode", "fragment")];
    let more = more.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let address = client.authorization_url(&request, &more, HeaderMap::new(), NOW).await;
    let address = address.expect("an address").to_string();
    assert!(
        address.starts_with(&format!("{}/authorize?tenant=a&response_type=code&", provider.elsewhere)),
        "{address}"
    );
    assert!(address.contains("scope=openid+email&") && address.ends_with("&max_age=60&hd=example.com"), "{address}");

    let tokens = provider.exchange(&client).await.expect("tokens");
    assert_eq!(tokens.claims.subject(), "somebody");
    assert!(tokens.refresh_token.is_none());
    let body =
        provider.asked.lock().expect("a list").iter().find(|(path, _)| path == "/token").map(|(_, body)| body.clone());
    let body = body.expect("a call");
    assert!(
        body.starts_with("grant_type=authorization_code&code=c-1&redirect_uri=https%3A%2F%2Fgateway.example"),
        "{body}"
    );
    assert!(body.ends_with("&client_id=client&client_secret=secret"), "{body}");

    // What it does not have is not asked for.
    assert_eq!(client.userinfo(&tokens).await, Ok(Value::Null));
    assert_eq!(client.revoke(&Secret::new("r"), NOW).await, Ok(()));
    assert_eq!(client.logout_url(Some(&tokens.id_token), "https://gateway.example/", "state").await, None);
    provider.exchange(&client).await.expect("tokens");
    assert_eq!((provider.count("/openid-configuration"), provider.count("/keys"), provider.count("/token")), (1, 1, 2));
}

#[tokio::test]
async fn a_token_that_is_signed_in_another_way_costs_no_look_at_the_keys() {
    let provider = Provider::start("Bearer").await;
    let client = provider.client(&[Algorithm::Rs256]);
    let failure = provider.exchange(&client).await.err();
    assert_eq!(failure, Some(Failure::Token("its `alg` is not an allowed algorithm")));
    assert_eq!(provider.count("/keys"), 0);
}

#[tokio::test]
async fn an_access_token_of_another_kind_is_not_taken_for_a_bearer_s() {
    let provider = Provider::start("DPoP").await;
    let failure = provider.exchange(&provider.client(&ALGORITHMS)).await.err();
    assert_eq!(failure, Some(Failure::Token("its `token_type` is not Bearer")));
}

/// Some providers repeat in an error what they were sent.
#[tokio::test]
async fn what_a_provider_repeats_of_a_call_is_not_told() {
    for said in ["", &"so ".repeat(97)] {
        let said = format!("{said}the secret refused refresh-canary");
        let provider =
            Provider::saying("Bearer", &json!({"error": "invalid_client", "error_description": said}), &json!({}))
                .await;
        let (token, nonce) = (Secret::new("refresh-canary"), Secret::new("once"));
        let request = RefreshRequest { refresh_token: &token, scope: "openid", nonce: &nonce };
        let failure = provider.client(&ALGORITHMS).refresh(request, NOW).await.err().expect("a failure").to_string();
        assert!(failure.contains("`invalid_client`: ") && failure.contains("the …"), "{failure}");
        assert!(!failure.contains("canary") && !failure.contains("secret"), "{failure}");
    }
}

/// F-04, F-06: whatever becomes of the ID token, the refresh token that came is handed on.
#[tokio::test]
async fn a_refresh_brings_a_new_token_and_claims_that_hold_or_none() {
    let old = Secret::new("r-1");
    let request = RefreshRequest { refresh_token: &old, scope: "openid offline_access", nonce: &Secret::new("once") };
    let also = json!({"refresh_token": "r-2", "expires_in": 300});
    let other = "its `nonce` is that of another sign-in";
    for (said, without_id_token, expected) in [
        (json!({"nonce": null}), false, Ok(true)),
        (json!({}), false, Ok(true)),
        (json!({"nonce": "twice"}), false, Err(Failure::Token(other))),
        (json!({"nonce": 1}), false, Err(Failure::Token(other))),
        (json!({"exp": NOW.seconds() - 3600}), false, Err(Failure::Token("it has expired"))),
        (json!({"aud": "another"}), false, Err(Failure::Token("its `aud` does not name this client"))),
        (json!({}), true, Ok(false)),
    ] {
        let mut also = also.clone();
        if without_id_token {
            also["id_token"] = Value::Null;
        }
        let provider = Provider::saying("bearer", &also, &said).await;
        let refreshed = provider.client(&ALGORITHMS).refresh(request, NOW).await.expect("an answer");
        assert_eq!(refreshed.refresh_token, Some(Secret::new("r-2")), "{said}");
        assert_eq!(refreshed.life, Some(std::time::Duration::from_secs(300)));
        let tokens = refreshed.tokens.map(|tokens| tokens.is_some());
        assert_eq!(tokens, expected, "{said}");
        let asked = provider.asked.lock().expect("a list").clone();
        let (_, body) = asked.iter().find(|(path, _)| path == "/token").expect("a call");
        let form = "grant_type=refresh_token&refresh_token=r-1&scope=openid+offline_access&";
        assert!(body.starts_with(form) && body.ends_with("client_id=client&client_secret=secret"), "{body}");
    }
    let refused = Provider::saying("bearer", &json!({"error": "invalid_grant"}), &json!({})).await;
    let failure = refused.client(&ALGORITHMS).refresh(request, NOW).await.err().expect("a refusal");
    assert_eq!(failure.error(), Some("invalid_grant"));
}
