//! The settings that decide who gets in and belong to no route: whose word is taken for addresses and for people.
//!
//! No made-up visitor tells two of these apart, so that a reload compares the settings themselves, as they are written: a
//! list that only shrank lets nobody in, and whatever else differs may.

use std::collections::BTreeMap;

use data_encoding::HEXLOWER;
use serde_json::{Map, Value};

use super::reader::Reader;
use crate::gateway::Opening;
use crate::secret::sha256;

/// Settings of a provider that let nobody in: how it looks, where people leave, how we prove who we are, how often it is
/// asked. Every other setting counts.
const HARMLESS: [&str; 10] = [
    "name",
    "title",
    "icon",
    "domains",
    "logout",
    "logout_url",
    "client_secret",
    "private_key",
    "private_key_id",
    "calls_a_second",
];

/// Lists of which each word lets more in: absent, they let in nothing.
const LISTS: [&str; 3] = ["trusted_proxies", "issuer_aliases", "pass_parameters"];

/// Of which fewer are plainly narrower, as long as there is one: without any there is a default, or no limit.
const LIMITS: [&str; 1] = ["tenants"];

/// The settings that count, of each table by its key: `server`, `okta`, `provider.partners`. No secret is among them.
#[derive(Clone, Default)]
pub struct Admission(BTreeMap<String, Map<String, Value>>);

impl Admission {
    /// Of all settings as they were merged.
    pub(super) fn read(reader: &Reader) -> Self {
        let values = reader.values();
        let table = |value: &Value, counts: fn(&str) -> bool| {
            let settings = value.as_object().into_iter().flatten().filter(|(key, _)| counts(key));
            settings.map(|(key, value)| (key.clone(), compared(reader, key, value))).collect::<Map<_, _>>()
        };
        let counts: fn(&str) -> bool = |key| !HARMLESS.contains(&key);
        let name = |provider: &Value| Some(format!("provider.{}", provider.get("name")?.as_str()?));
        let providers = values.get("provider").and_then(Value::as_array).into_iter().flatten();
        let mut all: BTreeMap<_, _> =
            providers.filter_map(|provider| Some((name(provider)?, table(provider, counts)))).collect();
        all.extend(values.get("okta").map(|okta| ("okta".to_owned(), table(okta, counts))));
        let server = values.get("server").unwrap_or(&Value::Null);
        all.insert("server".to_owned(), table(server, |key| matches!(key, "trusted_proxies" | "public_url")));
        Self(all)
    }

    /// What may let somebody in whom `before` does not let in, by the keys of the settings.
    pub fn openings(&self, before: &Self) -> Vec<Opening> {
        let mut found = Vec::new();
        for (table, settings) in &self.0 {
            let Some(old) = before.0.get(table) else {
                let what = format!("{table} is new: whoever signs in there comes in");
                found.push(Opening { name: table.clone(), what });
                continue;
            };
            let mut keys: Vec<&String> = settings.keys().chain(old.keys()).collect();
            keys.sort();
            keys.dedup();
            for key in keys.into_iter().filter(|key| !is_narrower(key, old.get(*key), settings.get(*key))) {
                let name = format!("{table}.{key}");
                found.push(Opening { what: format!("{name} has changed, which may let more people in"), name });
            }
        }
        found
    }
}

/// What of a setting is compared: of a file of authorities its content, too.
fn compared(reader: &Reader, key: &str, value: &Value) -> Value {
    match (key, value) {
        ("ca_file", Value::String(file)) => {
            let content = std::fs::read(reader.top().path(file)).unwrap_or_default();
            Value::from(vec![file.clone(), HEXLOWER.encode(&sha256(content))])
        }
        _ => value.clone(),
    }
}

/// Whether a setting is what it was, or plainly lets in fewer.
fn is_narrower(key: &str, old: Option<&Value>, new: Option<&Value>) -> bool {
    let words = |value: Option<&Value>| match value {
        Some(Value::Array(words)) => words.clone(),
        Some(word) => vec![word.clone()],
        None => Vec::new(),
    };
    let (was, is) = (words(old), words(new));
    let has_shrunk = is.iter().all(|word| was.contains(word));
    old == new
        || LISTS.contains(&key) && has_shrunk
        || LIMITS.contains(&key) && has_shrunk && !is.is_empty()
        || key == "hosted_domain" && old.is_none()
        // Another host is a site that routes are compared for; without TLS, cookies can be read on the way.
        || key == "public_url" && (is_plain(old) || !is_plain(new))
}

fn is_plain(address: Option<&Value>) -> bool {
    address
        .and_then(Value::as_str)
        .is_some_and(|address| address.trim_start().to_ascii_lowercase().starts_with("http:"))
}
