//! Who signs people in: the org of `[okta]` and every `[[provider]]`, each by the name that stands in addresses, logs and
//! metrics, with what is configured for it. Names are the configuration's; the org's is [`ORG`].

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::Value;

use super::parameters::RequestedParameters;
use crate::oidc::json::texts;
use crate::oidc::{Client, VerifiedClaims};
use crate::pages;

/// The name of the org of `[okta]`.
pub const ORG: &str = "okta";

/// The longest address whose domain is looked at, in bytes (RFC 5321 4.5.3.1).
pub(super) const ADDRESS_BYTES: usize = 320;

/// Whether this error says that the provider would have to ask the person something (OpenID Connect Core 3.1.2.6).
pub(super) fn must_ask(error: &str) -> bool {
    matches!(error, "login_required" | "interaction_required" | "account_selection_required" | "consent_required")
}

/// Somebody who signs people in.
pub struct Provider {
    /// Its name.
    pub name: String,
    /// What its button calls it.
    pub title: String,
    /// The picture on that button, by the name that the templates have for it; empty for the usual one.
    pub icon: &'static str,
    /// People whose addresses end so sign in there: domains in small letters.
    pub domains: Vec<String>,
    /// How it is called.
    pub client: Arc<Client>,
    /// How its claims are read.
    pub claims: ClaimRules,
    /// What every sign-in asks of it besides what the protocol asks.
    pub parameters: Vec<(String, String)>,
    /// What a visitor's address may ask of it.
    pub pass: Vec<PassedParameter>,
}

/// How a provider's claims are read.
#[derive(Clone, Debug)]
pub struct ClaimRules {
    /// The claim that identifies a person; `sub` unless the configuration names another one.
    pub subject: String,
    /// Where groups are listed, each a claim or a path of members into one, as `realm_access.roles`.
    pub groups: Vec<String>,
    /// The Google Workspace or Cloud domain that a person must be of (`hd`).
    pub hosted_domain: Option<String>,
    /// Whether a list of groups that the provider leaves out of its token is fetched from where Microsoft Graph has it.
    pub overage: Option<url::Url>,
}

/// A parameter that a visitor's address may set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PassedParameter {
    /// Its name.
    pub name: String,
    /// The values that it may have; none stands for any.
    pub values: Option<Vec<String>>,
}

impl Provider {
    /// Whether people with this address sign in here.
    fn has_domain_of(&self, address: &str) -> bool {
        let address = Some(address).filter(|address| address.len() <= ADDRESS_BYTES);
        let domain =
            address.and_then(|address| address.rsplit_once('@')).map(|(_, domain)| domain.to_ascii_lowercase());
        domain.is_some_and(|domain| self.domains.contains(&domain))
    }

    /// The button that leads there, from an address where a sign-in begins.
    pub(super) fn button(&self, entry: &str) -> pages::Provider {
        let href = format!("{entry}&provider={}", self.name);
        pages::Provider { href, name: self.title.clone(), kind: self.icon.to_owned() }
    }

    /// What is asked besides the protocol's own: because the route says so, else because a visitor's address wants it and
    /// may, else always.
    pub(super) fn parameters(&self, requested: &RequestedParameters) -> Vec<(String, String)> {
        let passed = self.pass.iter().filter_map(|passed| {
            let value = requested.of_visitor(&passed.name)?;
            let may = passed.values.as_ref().is_none_or(|values| values.iter().any(|known| known == value));
            may.then(|| (passed.name.clone(), value.to_owned()))
        });
        let mut parameters = requested.by_route.clone();
        for (name, value) in passed.chain(self.parameters.iter().cloned()) {
            if !parameters.iter().any(|(given, _)| *given == name) {
                parameters.push((name, value));
            }
        }
        parameters
    }
}

impl ClaimRules {
    /// The claims that list groups, as one list; none where the provider says nothing of groups. `claim` finds one by its
    /// name or path, as [`crate::oidc::json::at`] does.
    pub(super) fn groups<'v>(&self, claim: impl Fn(&str) -> Option<&'v Value>) -> Option<Vec<String>> {
        let mut found = None;
        for path in &self.groups {
            let Some(value) = claim(path) else { continue };
            let groups: &mut Vec<String> = found.get_or_insert_default();
            for group in texts(value) {
                if !groups.contains(&group) {
                    groups.push(group);
                }
            }
        }
        found
    }

    /// Whether the provider says that a list of groups is elsewhere because it is too long (OpenID Connect Core 5.6.2,
    /// as Microsoft Entra ID uses it, which says `hasgroups` of `groups` where it has no room for that). What other claims
    /// list is not the whole then.
    pub(super) fn groups_are_elsewhere<'v>(
        &self,
        token: &VerifiedClaims,
        claim: impl Fn(&str) -> Option<&'v Value>,
    ) -> bool {
        let elsewhere = token.claim("_claim_names").and_then(Value::as_object);
        let has_groups = token.claim("hasgroups").is_some_and(|said| *said == Value::Bool(true) || said == "true");
        let is_elsewhere =
            |path: &str| elsewhere.is_some_and(|names| names.contains_key(path)) || has_groups && path == "groups";
        self.groups.iter().any(|path| is_elsewhere(path) && claim(path).is_none())
    }
}

/// All of them, in the order of the configuration; the org first.
#[derive(Clone)]
pub struct Providers(Vec<Arc<Provider>>);

impl Providers {
    /// Those.
    pub fn new(providers: Vec<Arc<Provider>>) -> Self {
        Self(providers)
    }

    /// The names of all of them.
    pub fn names(&self) -> BTreeSet<String> {
        self.0.iter().map(|provider| provider.name.clone()).collect()
    }

    /// The one of this name.
    pub(super) fn named(&self, name: &str) -> Option<&Arc<Provider>> {
        self.0.iter().find(|provider| provider.name == name)
    }

    /// All of them.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Provider> {
        self.0.iter().map(Arc::as_ref)
    }

    /// The names of what a visitor's address may ask of one of them.
    pub(super) fn passed_names(&self) -> impl Iterator<Item = &str> {
        self.iter().flat_map(|provider| &provider.pass).map(|passed| passed.name.as_str())
    }

    /// Whether an answer with this `iss` comes from one of them.
    pub(super) fn knows(&self, iss: &str) -> bool {
        self.0.iter().any(|provider| provider.client.issuer().is_meant_by(iss))
    }

    /// Those of these names; all where none is named.
    pub(super) fn among<'p>(&'p self, names: &'p [String]) -> impl Iterator<Item = &'p Arc<Provider>> {
        self.0.iter().filter(|provider| names.is_empty() || names.contains(&provider.name))
    }
}

/// The one of these whose people have addresses like this one.
pub(super) fn of_address<'p>(
    mut providers: impl Iterator<Item = &'p Arc<Provider>>,
    address: &str,
) -> Option<&'p Arc<Provider>> {
    providers.find(|provider| provider.has_domain_of(address.trim()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::oidc::json::at;

    fn rules(groups: &[&str]) -> ClaimRules {
        let groups = groups.iter().map(|path| (*path).to_owned()).collect();
        ClaimRules { subject: "sub".to_owned(), groups, hosted_domain: None, overage: None }
    }

    #[test]
    fn groups_are_found_by_name_and_by_path_and_listed_once() {
        let claims = json!({
            "groups": ["staff", 7, "admins"],
            "realm_access": {"roles": ["admins", "auditors"]},
            "https://example.com/roles": "owners",
            "empty": [],
        });
        let of = |paths: &[&str]| rules(paths).groups(|path| at(path, |name| claims.get(name)));
        let list = |names: &[&str]| Some(names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>());
        assert_eq!(of(&["groups"]), list(&["staff", "7", "admins"]));
        assert_eq!(of(&["groups", "realm_access.roles"]), list(&["staff", "7", "admins", "auditors"]));
        assert_eq!(of(&["https://example.com/roles"]), list(&["owners"]));
        assert_eq!(of(&["empty"]), list(&[]));
        for nowhere in ["roles", "realm_access.nothing", "groups.0", "realm_access"] {
            assert!(of(&[nowhere]).is_none_or(|groups| groups.is_empty()), "{nowhere}");
        }
        assert_eq!(of(&["nothing"]), None, "nothing said is not an empty list");
    }
}
