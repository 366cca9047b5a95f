//! The settings that decide who gets in and belong to no route: whose word is taken for addresses and for people, for how
//! long a session counts, which certificates a client needs, and which of its headers applications see.
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

/// What counts of tables of which most settings do not.
const OF_TABLES: [(&str, &[&str]); 4] = [
    ("server", &["trusted_proxies", "public_url"]),
    ("tls", &["client_certificates", "client_ca", "client_certificate_headers"]),
    ("headers", &["pass", "listed"]),
    ("session", &["absolute_hours", "idle_minutes", "persistent"]),
];

/// What a setting may be, from what lets in most to what lets in least, and which of them it is where it is not there.
const ORDERED: [(&str, &[&str], usize); 3] = [
    ("client_certificates", &["none", "optional", "required"], 0),
    ("pass", &["unreserved", "listed"], 0),
    ("persistent", &["true", "false"], 1),
];

/// Numbers of which fewer let in less, and what they are where they are not there.
const NUMBERS: [(&str, u64); 2] = [("absolute_hours", 12), ("idle_minutes", 60)];

/// The settings that count, of each table by its key: `server`, `okta`, `provider.partners`. No secret is among them.
#[derive(Clone, Default)]
pub struct Admission(BTreeMap<String, Map<String, Value>>);

impl Admission {
    /// Of all settings as they were merged.
    pub(super) fn read(reader: &Reader) -> Self {
        let values = reader.values();
        let table = |value: &Value, counts: &dyn Fn(&str) -> bool| {
            let settings = value.as_object().into_iter().flatten().filter(|(key, _)| counts(key));
            settings.map(|(key, value)| (key.clone(), compared(reader, key, value))).collect::<Map<_, _>>()
        };
        let counts = |key: &str| !HARMLESS.contains(&key);
        let name = |provider: &Value| Some(format!("provider.{}", provider.get("name")?.as_str()?));
        let providers = values.get("provider").and_then(Value::as_array).into_iter().flatten();
        let mut all: BTreeMap<_, _> =
            providers.filter_map(|provider| Some((name(provider)?, table(provider, &counts)))).collect();
        all.extend(values.get("okta").map(|okta| ("okta".to_owned(), table(okta, &counts))));
        for (name, keys) in OF_TABLES {
            let settings = values.get(name).unwrap_or(&Value::Null);
            all.insert(name.to_owned(), table(settings, &|key| keys.contains(&key)));
        }
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
        ("ca_file" | "client_ca", Value::String(file)) => {
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
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let number = |value: Option<&Value>, usual| value.map_or(Some(usual), |value| text(value).parse::<u64>().ok());
    if let Some((_, usual)) = NUMBERS.iter().find(|(name, _)| *name == key) {
        return number(new, *usual).is_some_and(|is| number(old, *usual).is_some_and(|was| is <= was));
    }
    if let Some((_, values, usual)) = ORDERED.iter().find(|(name, ..)| *name == key) {
        let rank = |value: Option<&Value>| {
            value.map_or(Some(*usual), |value| values.iter().position(|one| *one == text(value)))
        };
        return rank(new).is_some_and(|is| rank(old).is_some_and(|was| is >= was));
    }
    old == new
        // What else passed, or was asked for, is compared by another key.
        || key == "listed" && (old.is_none() || has_shrunk)
        || key == "client_ca" && (old.is_none() || new.is_none())
        || key == "client_certificate_headers" && new.is_none_or(|is| *is == "none")
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
