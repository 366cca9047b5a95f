//! A provider double: what a real provider cannot be made to do wrong. Written from the RFCs alone, with its own PKCE
//! check and its own signing; it judges no more than a test asks it to.

mod algorithms;
mod answers;
mod asked;
mod documents;
mod quirks;
mod signing;

use std::collections::{BTreeMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use url::Url;

use crate::visitor::{View, Visitor};
use crate::world::World;

/// A provider, for as long as the test's runtime lives.
#[derive(Clone)]
pub(crate) struct Double {
    /// Its origin.
    pub(crate) origin: String,
    plan: Arc<Mutex<Plan>>,
}

/// One text becomes another.
type Bend = fn(&str) -> String;

/// What it does.
pub(crate) struct Plan {
    /// Members of the discovery document besides the usual ones, or instead of them.
    pub(crate) document: Value,
    /// Claims of the ID token besides the usual ones, or instead of them; null leaves one out.
    pub(crate) claims: Value,
    /// Members of the token's header likewise.
    pub(crate) header: Value,
    /// Members of the token endpoint's reply likewise.
    pub(crate) reply: Value,
    /// What becomes of the text of those claims.
    pub(crate) bent_claims: Option<Bend>,
    /// What becomes of the body of answers at paths that end so.
    pub(crate) bent: Option<(&'static str, Bend)>,
    /// Where calls at paths that end so are sent instead of being answered.
    pub(crate) moved: Option<(&'static str, String)>,
    /// How ID tokens are signed.
    pub(crate) algorithm: &'static str,
    /// The seeds of the keys that are published, and which of them signs; only Ed25519 has several.
    pub(crate) keys: Vec<u8>,
    pub(crate) signer: u8,
    /// The pages of a list of groups that is kept elsewhere.
    pub(crate) groups: Vec<Vec<&'static str>>,
    /// The path and the body of every call.
    pub(crate) asked: Vec<(String, String)>,
    /// What was asked for by each code, and the codes that were redeemed.
    codes: BTreeMap<String, BTreeMap<String, String>>,
    redeemed: HashSet<String>,
    pushed: BTreeMap<String, BTreeMap<String, String>>,
}

fn pairs(text: &str) -> BTreeMap<String, String> {
    url::form_urlencoded::parse(text.as_bytes()).into_owned().collect()
}

fn merged(mut usual: Value, more: &Value) -> Value {
    for (name, value) in more.as_object().expect("an object") {
        match value {
            Value::Null => drop(usual.as_object_mut().expect("an object").remove(name)),
            value => usual[name] = value.clone(),
        }
    }
    usual
}

impl Double {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let origin = format!("http://{}", listener.local_addr().expect("an address"));
        let plan = Plan {
            document: json!({}),
            claims: json!({}),
            bent_claims: None,
            bent: None,
            moved: None,
            header: json!({}),
            reply: json!({}),
            algorithm: "EdDSA",
            keys: vec![1],
            signer: 1,
            groups: Vec::new(),
            asked: Vec::new(),
            codes: BTreeMap::new(),
            redeemed: HashSet::new(),
            pushed: BTreeMap::new(),
        };
        let double = Self { origin, plan: Arc::new(Mutex::new(plan)) };
        tokio::spawn(double.clone().serve(listener));
        double
    }

    pub(crate) fn plan(&self) -> MutexGuard<'_, Plan> {
        self.plan.lock().expect("a plan")
    }

    /// How often it was called at paths that contain this.
    pub(crate) fn calls(&self, path: &str) -> usize {
        self.plan().asked.iter().filter(|(called, _)| called.contains(path)).count()
    }

    /// A `[[provider]]` of this name that is this one.
    pub(crate) fn section(&self, name: &str, more: &str) -> String {
        let origin = &self.origin;
        format!(
            "[[provider]]\nname = \"{name}\"\nissuer = \"{origin}\"\nclient_id = \"client\"\nclient_secret = \"secret\"\n{more}\n"
        )
    }

    /// A token of its own, with this header and these claims.
    pub(crate) fn signed(&self, header: &Value, claims: &Value) -> String {
        let plan = self.plan();
        signed(&plan, header, &claims.to_string())
    }

    /// Somebody agrees to what is asked at this address: the code that the browser takes back, and its `state`.
    pub(crate) fn agree(&self, address: &Url) -> (String, String) {
        let mut asked = pairs(address.query().unwrap_or_default());
        let mut plan = self.plan();
        if let Some(pushed) = asked.get("request_uri").and_then(|name| plan.pushed.remove(name)) {
            asked = pushed;
        }
        let (code, state) = (format!("{}#{}", self.origin, plan.codes.len() + 1), asked["state"].clone());
        plan.codes.insert(code.clone(), asked);
        (code, state)
    }

    async fn serve(self, listener: TcpListener) {
        while let Ok((mut stream, _)) = listener.accept().await {
            let double = self.clone();
            tokio::spawn(async move {
                let mut request = Vec::new();
                while !is_whole(&request) {
                    if stream.read_buf(&mut request).await.unwrap_or_default() == 0 {
                        return;
                    }
                }
                let text = String::from_utf8(request).expect("text");
                let (head, body) = text.split_once("\r\n\r\n").expect("a head");
                let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
                let (mut status, reply) = double.answer(&path, body);
                let (mut reply, mut location) = (reply.to_string(), String::new());
                if let Some((_, bend)) = double.plan().bent.filter(|(end, _)| path.ends_with(end)) {
                    reply = bend(&reply);
                }
                if let Some((_, to)) = double.plan().moved.as_ref().filter(|(end, _)| path.ends_with(end)) {
                    (status, location) = (307, format!("location: {to}\r\n"));
                }
                let head =
                    format!("HTTP/1.1 {status} X\r\nconnection: close\r\n{location}content-type: application/json\r\n");
                let _ =
                    stream.write_all(format!("{head}content-length: {}\r\n\r\n{reply}", reply.len()).as_bytes()).await;
            });
        }
    }

    fn answer(&self, path: &str, body: &str) -> (u16, Value) {
        let origin = &self.origin;
        let mut plan = self.plan();
        plan.asked.push((path.to_owned(), body.to_owned()));
        match path.split('?').next().unwrap_or_default() {
            known if known.ends_with("/.well-known/openid-configuration") => {
                let usual = json!({
                    "issuer": origin,
                    "authorization_endpoint": format!("{origin}/authorize"),
                    "token_endpoint": format!("{origin}/token"),
                    "jwks_uri": format!("{origin}/keys"),
                    "code_challenge_methods_supported": ["S256"],
                });
                (200, merged(usual, &plan.document))
            }
            "/keys" => {
                let keys: Vec<_> = plan.keys.iter().map(|seed| signing::public(plan.algorithm, *seed)).collect();
                (200, json!({ "keys": keys }))
            }
            "/pushed" => {
                let name = format!("urn:request:{}", plan.pushed.len() + 1);
                plan.pushed.insert(name.clone(), pairs(body));
                (201, json!({"request_uri": name, "expires_in": 60}))
            }
            "/groups" => {
                let at: usize = path.split_once("page=").map_or(0, |(_, page)| page.parse().expect("a page"));
                let listed: Vec<_> = plan.groups[at].iter().map(|id| json!({"id": id})).collect();
                let mut page = json!({"value": listed});
                if at + 1 < plan.groups.len() {
                    page["@odata.nextLink"] = json!(format!("{origin}/groups?page={}", at + 1));
                }
                (200, page)
            }
            "/token" => token(&mut plan, origin, &pairs(body)),
            other => (404, json!({"error": "not_found", "path": other})),
        }
    }
}

/// Redeems a code once, for whoever has the verifier of its challenge (RFC 6749 4.1.3, RFC 7636 4.6).
fn token(plan: &mut Plan, origin: &str, form: &BTreeMap<String, String>) -> (u16, Value) {
    let refused = |why: &str| (400, json!({"error": "invalid_grant", "error_description": why}));
    let code = form.get("code").cloned().unwrap_or_default();
    let Some(asked) = plan.codes.get(&code).cloned() else { return refused("no such code") };
    if !plan.redeemed.insert(code) {
        return refused("redeemed before");
    }
    let verifier = form.get("code_verifier").map(String::as_str).unwrap_or_default();
    let digest = ring::digest::digest(&ring::digest::SHA256, verifier.as_bytes());
    if URL_SAFE_NO_PAD.encode(digest) != asked["code_challenge"]
        || form.get("redirect_uri") != asked.get("redirect_uri")
    {
        return refused("not whoever asked");
    }
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("after 1970").as_secs();
    let usual = json!({
        "iss": origin, "aud": "client", "sub": "jane", "preferred_username": "jane", "nonce": asked["nonce"],
        "iat": now, "exp": now + 300, "auth_time": now,
    });
    let claims = merged(usual, &plan.claims);
    let header = merged(json!({"alg": plan.algorithm, "kid": format!("key-{}", plan.signer)}), &plan.header);
    let claims = plan.bent_claims.map_or(claims.to_string(), |bend| bend(&claims.to_string()));
    let id_token = signed(plan, &header, &claims);
    let usual = json!({"token_type": "Bearer", "access_token": "opaque", "id_token": id_token});
    (200, merged(usual, &plan.reply))
}

/// The compact form of a token (RFC 7515 3.1).
fn signed(plan: &Plan, header: &Value, claims: &str) -> String {
    let signed = format!("{}.{}", URL_SAFE_NO_PAD.encode(header.to_string()), URL_SAFE_NO_PAD.encode(claims));
    let signature = match header["alg"].as_str() {
        Some("HS256") => signing::by_public_key(plan.algorithm, plan.signer, signed.as_bytes()),
        _ => signing::sign(plan.algorithm, plan.signer, signed.as_bytes()),
    };
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
}

fn is_whole(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request);
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let length =
        head.lines().find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length:")?.trim().parse().ok());
    body.len() >= length.unwrap_or(0)
}

/// A gateway before one double, and somebody on the way to it: where their browser was sent.
pub(crate) async fn before(double: &Double, more: &str) -> (World, Visitor) {
    let world = World::without_org(&double.section("double", more)).await;
    let visitor = Visitor::new(&world);
    (world, visitor)
}

/// Where the browser is sent that wants to go to `target`.
pub(crate) async fn leaves(visitor: &mut Visitor, target: &str) -> Url {
    let view = visitor.visit(target).await;
    assert!(view.url.path().ends_with("/authorize"), "{} {}", view.url, view.page.text);
    view.url
}

/// The browser comes back with these parameters.
pub(crate) async fn comes_back(visitor: &mut Visitor, parameters: &[(&str, &str)]) -> View {
    let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(parameters).finish();
    visitor.visit(&format!("/login/callback?{query}")).await
}

/// Signs in, as far as the double lets it.
pub(crate) async fn signs_in(double: &Double, visitor: &mut Visitor) -> View {
    let address = leaves(visitor, "/app").await;
    let (code, state) = double.agree(&address);
    comes_back(visitor, &[("code", &code), ("state", &state)]).await
}

pub(crate) fn is_in(view: &View) {
    assert_eq!((view.status.as_u16(), view.url.path()), (200, "/app"), "{}", view.page.text);
}

pub(crate) fn nobody_is_in(visitor: &mut Visitor) {
    assert!(!visitor.jar().keys().any(|name| name.contains("session")), "{:?}", visitor.jar());
}
