//! What the provider says of a person beside the ID token (OpenID Connect Core 5.3).

use serde_json::Value;

use super::client::Client;
use super::{Failure, Tokens, json};

impl Client {
    /// What the provider says of the person now, null where it has no such endpoint; refused when it is about
    /// somebody else (Core 5.3.2).
    ///
    /// # Errors
    /// The provider cannot be reached, refuses the access token, or speaks of somebody else.
    pub async fn userinfo(&self, tokens: &Tokens) -> Result<Value, Failure> {
        let Some(endpoint) = self.metadata().await?.userinfo.clone() else { return Ok(Value::Null) };
        let request = self.http.get(endpoint).bearer_auth(tokens.access_token.expose());
        let raw = self.http.send("userinfo", request).await?;
        let info = json::read(&raw.body).ok_or(Failure::Unreadable(raw.status))?;
        if raw.status != 200 {
            return Err(Failure::said(&info, raw.status, raw.wait));
        }
        match info.get("sub").and_then(Value::as_str) {
            Some(subject) if subject == tokens.claims.subject() => Ok(info),
            _ => Err(Failure::Token("userinfo is about somebody else")),
        }
    }
}
