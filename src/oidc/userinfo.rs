//! What the provider says of a person beside the ID token (OpenID Connect Core 5.3).

use serde_json::Value;
use url::Url;

use super::client::Client;
use super::{Failure, Tokens, json, limits};
use crate::secret::Secret;

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

    /// The groups of the person whose access token this is, from a list that is kept elsewhere because it is too long for
    /// a token (Microsoft Graph's `transitiveMemberOf`): every page of it, or a failure.
    ///
    /// # Errors
    /// The list cannot be had whole.
    pub async fn groups_at(&self, address: &Url, access_token: &Secret) -> Result<Vec<String>, Failure> {
        let (mut groups, mut next) = (Vec::new(), address.clone());
        for _ in 0..limits::GROUP_PAGES {
            let request = self.http.get(next.clone()).bearer_auth(access_token.expose());
            // Without it Graph refuses what counts or selects in this list.
            let raw = self.http.send("groups", request.header("consistencylevel", "eventual")).await?;
            let page = json::read(&raw.body).ok_or(Failure::Unreadable(raw.status))?;
            let listed = page.get("value").and_then(Value::as_array).filter(|_| raw.status == 200);
            let listed = listed.ok_or_else(|| Failure::said(&page, raw.status, raw.wait))?;
            let id = |group: &Value| group.get("id").and_then(Value::as_str).map(str::to_owned);
            groups.extend(listed.iter().filter_map(id));
            let Some(following) = page.get("@odata.nextLink").and_then(Value::as_str) else { return Ok(groups) };
            // The token goes nowhere else.
            let same = Url::parse(following).ok().filter(|following| following.origin() == address.origin());
            next = same.ok_or(Failure::Elsewhere)?;
        }
        Err(Failure::Token("it has too many groups to fetch them"))
    }
}
