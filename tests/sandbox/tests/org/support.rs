//! A small client: HTTP with nothing in between, and a sign-in that finds its forms in the replies.

use std::collections::HashMap;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http_body_util::{BodyExt as _, Full};
use hyper::Request;
use hyper::body::Bytes;
use hyper_util::rt::TokioIo;
use okta_sandbox::{CLIENT_ID, CLIENT_SECRET, Sandbox, Settings};
use serde_json::{Value, json};
use tokio::net::TcpStream;

pub(crate) const REDIRECT: &str = "http://localhost:8080/login/callback";
pub(crate) const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
pub(crate) const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
pub(crate) const ION: &str = "application/ion+json; okta-version=1.0.0";

/// A reply, read to its end.
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: HashMap<String, String>,
    pub(crate) text: String,
    pub(crate) json: Value,
}

/// An org of a test's own.
pub(crate) struct Org(pub(crate) Sandbox);

impl Org {
    pub(crate) async fn start() -> Self {
        let settings = Settings { listen: ([127, 0, 0, 1], 0).into(), ..Settings::default() };
        Self(Sandbox::start(settings).await.expect("a free port"))
    }

    /// Sends a request; fails as the connection does.
    pub(crate) async fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: String,
    ) -> Result<Reply, String> {
        let stream = TcpStream::connect(self.0.address()).await.map_err(|error| error.to_string())?;
        let (mut sender, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.map_err(|error| error.to_string())?;
        tokio::spawn(connection);
        let mut request = Request::builder().method(method).uri(path).header("host", self.0.address().to_string());
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Full::new(Bytes::from(body))).expect("a request");
        let response = sender.send_request(request).await.map_err(|error| error.to_string())?;
        let status = response.status().as_u16();
        let headers = response
            .headers()
            .iter()
            .map(|(name, value)| (name.to_string(), value.to_str().unwrap_or_default().to_owned()));
        let headers = headers.collect();
        let bytes = response.into_body().collect().await.map_err(|error| error.to_string())?.to_bytes();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let json = serde_json::from_str(&text).unwrap_or_default();
        Ok(Reply { status, headers, text, json })
    }

    pub(crate) async fn get(&self, path: &str) -> Reply {
        self.send("GET", path, &[("accept", "application/json")], String::new()).await.expect("a reply")
    }

    /// Posts a form to the custom authorization server.
    pub(crate) async fn form(&self, path: &str, fields: &[(&str, &str)]) -> Reply {
        self.form_with(path, fields, &[]).await
    }

    pub(crate) async fn form_with(&self, path: &str, fields: &[(&str, &str)], more: &[(&str, &str)]) -> Reply {
        let body: Vec<_> = fields.iter().map(|(name, value)| format!("{name}={}", percent(value))).collect();
        let mut headers = vec![("content-type", "application/x-www-form-urlencoded"), ("accept", "application/json")];
        headers.extend(more);
        let path = format!("/oauth2/default{path}");
        self.send("POST", &path, &headers, body.join("&")).await.expect("a reply")
    }

    pub(crate) async fn idx(&self, path: &str, body: &Value) -> Reply {
        let headers = [("content-type", ION), ("accept", ION)];
        self.send("POST", &format!("/idp/idx/{path}"), &headers, body.to_string()).await.expect("a reply")
    }

    /// Posts to the control API; the answer must be 200.
    pub(crate) async fn control(&self, name: &str, body: Value) -> Value {
        let headers = [("content-type", "application/json")];
        let reply = self.send("POST", &format!("/sandbox/{name}"), &headers, body.to_string()).await.expect("a reply");
        assert_eq!(reply.status, 200, "{}", reply.text);
        reply.json
    }

    pub(crate) async fn inbox(&self) -> Vec<Value> {
        self.get("/sandbox/inbox").await.json.as_array().cloned().expect("letters")
    }

    /// The newest code that went out.
    pub(crate) async fn code(&self) -> String {
        let letters = self.inbox().await;
        letters[0]["code"].as_str().expect("a letter with a code").to_owned()
    }

    /// What an app or token of somebody's shows.
    pub(crate) async fn shown(&self, login: &str) -> String {
        let reply = self.get(&format!("/sandbox/totp?user={login}")).await;
        reply.json["code"].as_str().unwrap_or_else(|| panic!("{}", reply.text)).to_owned()
    }

    /// The last verdict of the transcript.
    pub(crate) async fn verdict(&self) -> String {
        let entries = self.get("/sandbox/transcript").await.json;
        let last = entries.as_array().and_then(|entries| entries.last()).expect("an entry");
        last["verdict"].as_str().unwrap_or_default().to_owned()
    }

    /// Begins a sign-in with fields besides the usual ones.
    pub(crate) async fn begin_with(&self, more: &[(&str, &str)]) -> SignIn<'_> {
        let mut fields = interact_fields();
        fields.retain(|(name, _)| !more.iter().any(|(other, _)| other == name));
        fields.extend(more);
        let reply = self.form("/v1/interact", &fields).await;
        let handle = reply.json["interaction_handle"].as_str().unwrap_or_else(|| panic!("{}", reply.text)).to_owned();
        let mut sign_in = SignIn { org: self, handle, status: 0, page: Value::Null };
        sign_in.look().await;
        sign_in
    }

    pub(crate) async fn begin(&self) -> SignIn<'_> {
        self.begin_with(&[]).await
    }

    /// Begins, and gives a name and the password on the first page.
    pub(crate) async fn begin_as(&self, login: &str) -> SignIn<'_> {
        let mut sign_in = self.begin().await;
        sign_in.identify(login, "Sandbox-1234").await;
        sign_in
    }
}

pub(crate) fn interact_fields() -> Vec<(&'static str, &'static str)> {
    vec![
        ("client_id", CLIENT_ID),
        ("client_secret", CLIENT_SECRET),
        ("scope", "openid profile email offline_access"),
        ("redirect_uri", REDIRECT),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
        ("state", "state-of-a-test"),
        ("nonce", "nonce-of-a-test"),
    ]
}

/// A sign-in under way, and the page it is at.
pub(crate) struct SignIn<'o> {
    pub(crate) org: &'o Org,
    pub(crate) handle: String,
    pub(crate) status: u16,
    pub(crate) page: Value,
}

impl SignIn<'_> {
    /// Looks at the current page.
    pub(crate) async fn look(&mut self) {
        let reply = self.org.idx("introspect", &json!({ "interactionHandle": self.handle })).await;
        self.status = reply.status;
        self.page = reply.json;
    }

    /// The names of the remediations, in order.
    pub(crate) fn steps(&self) -> Vec<&str> {
        let remediations = self.page["remediation"]["value"].as_array();
        remediations.into_iter().flatten().filter_map(|form| form["name"].as_str()).collect()
    }

    /// The first remediation's name.
    pub(crate) fn step(&self) -> &str {
        self.steps().first().copied().unwrap_or_default()
    }

    pub(crate) fn remediation(&self, name: &str) -> &Value {
        let remediations = self.page["remediation"]["value"].as_array().expect("remediations");
        remediations.iter().find(|form| form["name"] == name).unwrap_or_else(|| panic!("{name} in {:?}", self.steps()))
    }

    /// Posts to a remediation's address, the state handle added.
    pub(crate) async fn proceed(&mut self, name: &str, body: Value) {
        let href = self.remediation(name)["href"].as_str().expect("an href").to_owned();
        self.post(&href, body).await;
    }

    /// Does an action of an object: `currentAuthenticator`, `resend`.
    pub(crate) async fn act(&mut self, object: &str, action: &str) {
        let href = self.page[object]["value"][action]["href"].as_str();
        let href = href.unwrap_or_else(|| panic!("{action} of {object} in {}", self.page)).to_owned();
        self.post(&href, json!({})).await;
    }

    pub(crate) async fn post(&mut self, href: &str, mut body: Value) {
        body["stateHandle"] = self.page["stateHandle"].clone();
        let path = href.split("/idp/idx/").nth(1).expect("an address of IDX").to_owned();
        let reply = self.org.idx(&path, &body).await;
        self.status = reply.status;
        self.page = reply.json;
    }

    pub(crate) async fn identify(&mut self, login: &str, password: &str) {
        self.proceed("identify", json!({ "identifier": login, "credentials": { "passcode": password } })).await;
    }

    /// Answers a challenge or a set-up with a code.
    pub(crate) async fn passcode(&mut self, code: &str) {
        let name = self.step().to_owned();
        self.proceed(&name, json!({ "credentials": { "passcode": code } })).await;
    }

    /// Chooses from a list: the option of this label, with a method.
    pub(crate) async fn choose(&mut self, list: &str, label: &str, more: Value) {
        let options = self.remediation(list)["value"]
            .as_array()
            .expect("fields")
            .iter()
            .find_map(|field| field["options"].as_array());
        let option = options.expect("options").iter().find(|option| option["label"] == label);
        let fields = option.unwrap_or_else(|| panic!("{label} in {}", self.page))["value"]["form"]["value"].as_array();
        let mut chosen = more;
        for field in fields.expect("fields").iter().filter(|field| field.get("value").is_some()) {
            chosen[field["name"].as_str().expect("a name")] = field["value"].clone();
        }
        self.proceed(list, json!({ "authenticator": chosen })).await;
    }

    /// The keys of all messages, of the page and of its fields.
    pub(crate) fn messages(&self) -> Vec<String> {
        let mut found = Vec::new();
        messages(&self.page, &mut found);
        found
    }

    /// The interaction code, which there must be.
    pub(crate) fn code(&self) -> String {
        let fields = self.page["successWithInteractionCode"]["value"].as_array();
        let fields = fields.unwrap_or_else(|| panic!("no code in {}", self.page));
        let field = fields.iter().find(|field| field["name"] == "interaction_code").expect("a code");
        field["value"].as_str().expect("a code").to_owned()
    }

    /// Redeems the code; gives the tokens.
    pub(crate) async fn tokens(&self) -> Value {
        let code = self.code();
        let reply = self.org.form("/v1/token", &token_fields(&code)).await;
        assert_eq!(reply.status, 200, "{}", reply.text);
        reply.json
    }
}

pub(crate) fn token_fields(code: &str) -> Vec<(&'static str, &str)> {
    vec![
        ("grant_type", "interaction_code"),
        ("interaction_code", code),
        ("client_id", CLIENT_ID),
        ("client_secret", CLIENT_SECRET),
        ("redirect_uri", REDIRECT),
        ("code_verifier", VERIFIER),
    ]
}

fn messages(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            for message in value["messages"]["value"].as_array().into_iter().flatten() {
                let key = message["i18n"]["key"].as_str().unwrap_or_default().to_owned();
                if !found.contains(&key) {
                    found.push(key);
                }
            }
            members.values().for_each(|member| messages(member, found));
        }
        Value::Array(values) => values.iter().for_each(|value| messages(value, found)),
        _ => {}
    }
}

/// The claims of a token, unverified.
pub(crate) fn claims(token: &Value) -> Value {
    part(token, 1)
}

/// The header of a token.
pub(crate) fn header(token: &Value) -> Value {
    part(token, 0)
}

fn part(token: &Value, place: usize) -> Value {
    let part = token.as_str().expect("a token").split('.').nth(place).expect("a part").to_owned();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).expect("base64url")).expect("JSON")
}

fn percent(value: &str) -> String {
    value
        .bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
            _ => format!("%{byte:02X}"),
        })
        .collect()
}
