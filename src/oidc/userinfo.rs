//! Claims about a person from the userinfo endpoint (OpenID Connect Core 5.3), and lists of groups from Microsoft
//! Graph.

use serde_json::Value;
use url::Url;

use super::client::Client;
use super::{Failure, Tokens, json, limits};
use crate::secret::Secret;

impl Client {
    /// The reply of the userinfo endpoint; null where the provider has none, or none is to be asked. Its `sub` must be that
    /// of the ID token (Core 5.3.2).
    ///
    /// # Errors
    /// The provider cannot be reached, refuses the access token, or answers about somebody else.
    pub async fn userinfo(&self, tokens: &Tokens) -> Result<Value, Failure> {
        if !self.registration.asks_userinfo {
            return Ok(Value::Null);
        }
        let Some(endpoint) = self.metadata().await?.userinfo.clone() else { return Ok(Value::Null) };
        let request = self.http.get(endpoint).bearer_auth(tokens.access_token.expose());
        let raw = self.http.send("userinfo", request).await?;
        let info = json::read(&raw.body).ok_or(Failure::Unreadable(raw.status))?;
        if raw.status != 200 {
            return Err(Failure::said(&info, raw.status, raw.wait, &[tokens.access_token.expose()]));
        }
        match info.get("sub").and_then(Value::as_str) {
            Some(subject) if subject == tokens.claims.subject() => Ok(info),
            _ => Err(Failure::Token("the `sub` of userinfo is another person")),
        }
    }

    /// The ids of all groups of the person whose access token this is, from a list outside the token (Microsoft Graph's
    /// `transitiveMemberOf`): every page of it, or a failure.
    ///
    /// # Errors
    /// A page cannot be had, leads to another origin, or there are more than [`limits::GROUP_PAGES`].
    pub async fn groups_at(&self, address: &Url, access_token: &Secret) -> Result<Vec<String>, Failure> {
        let (mut groups, mut next) = (Vec::new(), address.clone());
        for _ in 0..limits::GROUP_PAGES {
            let request = self.http.get(next.clone()).bearer_auth(access_token.expose());
            // Graph refuses queries with `$count` or `$select` on this list without it.
            let raw = self.http.send("groups", request.header("consistencylevel", "eventual")).await?;
            let page = json::read(&raw.body).ok_or(Failure::Unreadable(raw.status))?;
            let listed = page.get("value").and_then(Value::as_array).filter(|_| raw.status == 200);
            let listed = listed.ok_or_else(|| Failure::said(&page, raw.status, raw.wait, &[access_token.expose()]))?;
            let id = |group: &Value| group.get("id").and_then(Value::as_str).map(str::to_owned);
            groups.extend(listed.iter().filter_map(id));
            let Some(following) = page.get("@odata.nextLink").and_then(Value::as_str) else { return Ok(groups) };
            // The access token is sent to this origin only.
            let same = Url::parse(following).ok().filter(|following| following.origin() == address.origin());
            next = same.ok_or(Failure::Elsewhere)?;
        }
        Err(Failure::Token("its list of groups has too many pages"))
    }
}
