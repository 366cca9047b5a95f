//! Flags of oauth2-proxy in a compose file: `command` and `entrypoint` of its service. A flag has the name of the setting in
//! `.cfg`, with `-` for `_`; flags go before variables, and these before the file.

use serde_json::{Map, Value};

use super::{items, text};

/// Settings that are lists; in an environment variable the items are separated by commas.
const LISTS: [&str; 14] = [
    "upstreams",
    "email_domains",
    "allowed_groups",
    "allowed_roles",
    "skip_auth_routes",
    "skip_auth_regex",
    "api_routes",
    "trusted_ips",
    "trusted_proxy_ips",
    "cookie_domains",
    "whitelist_domains",
    "extra_jwt_issuers",
    "oidc_extra_audiences",
    "provider_ca_files",
];

/// A variable or a flag as `.cfg` has it, where the name of a list is a plural.
pub(super) fn name_and_value(name: &str, value: &str) -> (String, Value) {
    match LISTS.iter().find(|list| **list == name || list.strip_suffix('s') == Some(name)) {
        Some(list) => ((*list).to_owned(), value.split(',').map(|item| item.trim().to_owned()).collect()),
        None => (name.to_owned(), Value::from(value)),
    }
}

/// The settings that flags give. Where they cannot be told, `command` or `services` stands for those that were not read.
pub(super) fn flags(compose: &str) -> Map<String, Value> {
    let mut found = Map::new();
    let Some(document) = super::yaml(compose) else {
        let is_command = |line: &str| line.trim().starts_with("command:") || line.trim().starts_with("entrypoint:");
        if compose.lines().any(is_command) {
            found.insert("command".to_owned(), Value::from(true));
        }
        return found;
    };
    let services: Vec<(&String, &Value)> = document
        .get("services")
        .and_then(Value::as_object)
        .map(|services| services.iter().filter(|(_, service)| is_oauth2_proxy(service)).collect())
        .unwrap_or_default();
    if services.len() > 1 {
        found.insert("services".to_owned(), services.iter().map(|(name, _)| (*name).clone()).collect());
    }
    for (_, service) in services {
        if let Some(file) = service.get("env_file") {
            found.insert("env_file".to_owned(), file.clone());
        }
        read(words(service), &mut found);
    }
    found
}

fn is_oauth2_proxy(service: &Value) -> bool {
    let is_named = |text: &str| text.contains("oauth2-proxy") || text.contains("oauth2_proxy");
    let image = service.get("image").and_then(text).unwrap_or_default();
    let variables = service.get("environment").map(Value::to_string).unwrap_or_default();
    is_named(&image) || variables.contains("OAUTH2_PROXY_") || words(service).first().is_some_and(|word| is_named(word))
}

/// The command line of a service. An item of a list is one word, except where it is a line for a shell.
fn words(service: &Value) -> Vec<String> {
    let lines = ["entrypoint", "command"].into_iter().filter_map(|name| service.get(name));
    let of = |value: &Value| -> Vec<String> {
        let is_line =
            |item: &str| !value.is_array() || item.split_whitespace().skip(1).any(|word| word.starts_with("--"));
        let split = |item: String| if is_line(&item) { split(&item) } else { vec![item] };
        items(value).iter().filter_map(text).flat_map(split).collect()
    };
    lines.flat_map(of).collect()
}

/// The words of a line, as a shell reads them.
fn split(line: &str) -> Vec<String> {
    let (mut words, mut word, mut quote) = (Vec::new(), None::<String>, None);
    for letter in line.replace("\\\n", " ").chars() {
        match (quote, letter) {
            (Some(open), _) if letter == open => quote = None,
            (None, '"' | '\'') => {
                quote = Some(letter);
                word.get_or_insert_default();
            }
            (None, _) if letter.is_whitespace() => words.extend(word.take()),
            _ => word.get_or_insert_default().push(letter),
        }
    }
    words.extend(word);
    words
}

/// `--name=value`, `--name value`, and `--name` for a switch that is on. Of a list each flag adds to it.
fn read(words: Vec<String>, found: &mut Map<String, Value>) {
    let mut rest = words.into_iter().peekable();
    while let Some(word) = rest.next() {
        let Some(flag) = word.strip_prefix("--").filter(|flag| !flag.is_empty()) else { continue };
        let (name, value) = match flag.split_once('=') {
            Some((name, value)) => (name, value.to_owned()),
            None => (flag, rest.next_if(|next| !next.starts_with('-')).unwrap_or_else(|| "true".to_owned())),
        };
        let (name, value) = name_and_value(&name.replace('-', "_"), &value.replace("$$", "$"));
        match (found.get_mut(&name), value) {
            (Some(Value::Array(all)), Value::Array(more)) => all.extend(more),
            (_, value) => {
                found.insert(name, value);
            }
        }
    }
}
