//! `[[bearer_issuer]]`: whose access tokens some routes take.

use std::collections::{BTreeMap, HashSet};

use serde_json::Value;
use url::Url;

use super::reader::{Reader, Section};
use crate::oidc::{ALGORITHMS, Algorithm, Introspection, Issuer, TokenRules};

/// One of them.
pub struct BearerSettings {
    /// The name that routes use.
    pub name: String,
    /// The claim that lists groups, by name or by path.
    pub groups_claim: String,
    /// What tokens must be.
    pub rules: TokenRules,
}

/// Every one that can be read.
pub(super) fn read(reader: &Reader) -> Vec<BearerSettings> {
    let mut names = HashSet::new();
    let mut all = Vec::new();
    for section in &reader.sections("bearer_issuer") {
        let Some(settings) = issuer(section) else { continue };
        if !names.insert(settings.name.clone()) {
            section.problem("name", format!("another issuer is called `{}`", settings.name));
        }
        all.push(settings);
    }
    all
}

fn issuer(section: &Section<'_>) -> Option<BearerSettings> {
    let name = section.required("name");
    if name.as_deref() == Some("unknown") {
        section.problem("name", "must be another than \"unknown\", which metrics call tokens of no known issuer");
    }
    let issuer = section.required("issuer").and_then(|text| section.parsed("issuer", &text, Issuer::parse));
    let audiences = section.texts("audiences").unwrap_or_default();
    if audiences.is_empty() || audiences.iter().any(String::is_empty) {
        section.problem("audiences", "must name at least one: a token for anybody else opens nothing here");
    }
    let named =
        |text: &str| Algorithm::named(text).ok_or_else(|| format!("`{text}` is none of RS256, PS256, ES256, EdDSA"));
    let algorithms = match section.texts("algorithms") {
        None => ALGORITHMS.to_vec(),
        Some(_) => section.each("algorithms", named),
    };
    if algorithms.is_empty() {
        section.problem("algorithms", "must name at least one");
    }
    let authority = section.file_content("ca_file");
    let groups_claim = section.text("groups_claim").unwrap_or_else(|| "groups".to_owned());
    let rules = TokenRules {
        audiences,
        algorithms,
        scopes: section.texts("scopes").unwrap_or_default(),
        claims: claims(section),
        scope_claim: section.text("scope_claim"),
        client_claim: section.text("client_claim"),
        introspection: introspection(section),
        authority,
        issuer: issuer?,
    };
    Some(BearerSettings { name: name?, groups_claim, rules })
}

/// Claims and the values that each may have.
fn claims(section: &Section<'_>) -> BTreeMap<String, Vec<String>> {
    let mut all = BTreeMap::new();
    let table = section.value("claims");
    for (name, values) in table.and_then(Value::as_object).into_iter().flatten() {
        let values: Option<Vec<String>> = values
            .as_array()
            .map(|values| values.iter().filter_map(|value| value.as_str().map(str::to_owned)).collect());
        match values.filter(|values| !values.is_empty()) {
            Some(values) => drop(all.insert(name.clone(), values)),
            None => section.problem("claims", format!("`{name}` must be a list of at least one text")),
        }
    }
    if table.is_some_and(|table| !table.is_object()) {
        section.problem("claims", "must be a table of lists, as { department = [\"it\"] }");
    }
    all
}

fn introspection(section: &Section<'_>) -> Option<Introspection> {
    let table = section.optional("introspection")?;
    let address = table.read("address", |text| Url::parse(text).map_err(|error| format!("is not an address: {error}")));
    let (client_id, secret) = (table.required("client_id"), table.secret("client_secret"));
    if secret.is_none() {
        table.problem("client_secret", "is missing");
    }
    let calls_a_second = table.number("calls_a_second", 0..=10_000, 10);
    Some(Introspection { address, client_id: client_id?, client_secret: secret?, calls_a_second })
}
