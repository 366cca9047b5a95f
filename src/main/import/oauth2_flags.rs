//! Flags and variables of oauth2-proxy where something else starts it: the service of a compose file (`command`,
//! `entrypoint`, `environment`), or the container of a Kubernetes manifest (`command`, `args`, `env`). A flag has the name of
//! the setting in `.cfg`, with `-` for `_`; flags go before variables, and these before the file. What is said to stand
//! elsewhere (`env_file`, `valueFrom`, `${NAME}`) is kept as not read, since it may restrict access.

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

/// Settings that let nobody in and keep nobody out, so that one that stands elsewhere is only to be filled in.
const HARMLESS: [&str; 10] = [
    "client_id",
    "client_secret",
    "cookie_secret",
    "basic_auth_password",
    "redis_password",
    "redis_connection_url",
    "signature_key",
    "oidc_issuer_url",
    "redirect_url",
    "provider_display_name",
];

/// What starts a program: a service of a compose file, or a container of a Kubernetes manifest.
struct Start {
    name: String,
    image: String,
    words: Vec<String>,
    /// By name, and whether the value is assumed; none for one that stands elsewhere.
    variables: Vec<(String, Option<(String, bool)>)>,
    /// What was not read, and where it stands.
    unread: Vec<(&'static str, Value)>,
}

/// The settings that flags and variables give. Where they cannot be told, a setting that there is not stands for those
/// that were not read: see [`super::oauth2_proxy::not_read`].
pub(super) fn flags(text: &str) -> Map<String, Value> {
    let mut found = Map::new();
    let Some(documents) = super::documents(text) else {
        let is_command =
            |line: &str| ["command:", "entrypoint:", "args:"].iter().any(|key| line.trim().starts_with(key));
        if text.lines().any(is_command) {
            found.insert("command".to_owned(), Value::from(true));
        }
        return found;
    };
    let starts: Vec<Start> = documents.iter().flat_map(starts).filter(Start::is_oauth2_proxy).collect();
    if starts.len() > 1 {
        found.insert("services".to_owned(), starts.iter().map(|start| start.name.clone()).collect());
    }
    starts.into_iter().for_each(|start| start.read(&mut found));
    found
}

fn starts(document: &Value) -> Vec<Start> {
    let at = |path: &str| document.pointer(path);
    if let Some(services) = at("/services").and_then(Value::as_object) {
        return services.iter().map(|(name, service)| Start::of_service(name, service)).collect();
    }
    if at("/kind").and_then(Value::as_str) == Some("List") {
        return at("/items").map(items).unwrap_or_default().iter().flat_map(starts).collect();
    }
    let templates = ["/spec/jobTemplate/spec/template/spec", "/spec/template/spec", "/spec"];
    let pod = templates.into_iter().find_map(|path| at(path).filter(|spec| spec.get("containers").is_some()));
    let containers = pod.and_then(|pod| pod.get("containers")).and_then(Value::as_array);
    containers.into_iter().flatten().map(Start::of_container).collect()
}

impl Start {
    fn of_service(name: &str, service: &Value) -> Self {
        let variables = match service.get("environment") {
            Some(Value::Object(table)) => {
                table.iter().map(|(name, value)| (name.clone(), text(value).and_then(|value| known(&value)))).collect()
            }
            Some(lines) => {
                let pair = |line: String| match line.split_once('=') {
                    Some((name, value)) => (name.to_owned(), known(value)),
                    // The value of the shell that starts it.
                    None => (line, None),
                };
                items(lines).iter().filter_map(text).map(pair).collect()
            }
            None => Vec::new(),
        };
        let unread = ["env_file", "extends"].into_iter();
        Self {
            name: name.to_owned(),
            image: service.get("image").and_then(text).unwrap_or_default(),
            words: words(service, &["entrypoint", "command"]),
            variables,
            unread: unread.filter_map(|name| Some((name, service.get(name)?.clone()))).collect(),
        }
    }

    fn of_container(container: &Value) -> Self {
        let variable = |item: &Value| {
            let value = match item.get("valueFrom") {
                Some(_) => None,
                None => Some((item.get("value").and_then(text).unwrap_or_default(), false)),
            };
            Some((item.get("name").and_then(text)?, value))
        };
        let variables: Vec<_> =
            container.get("env").map(items).unwrap_or_default().iter().filter_map(variable).collect();
        // `$(NAME)` in a word is the variable of that name.
        let filled = |word: String| {
            variables.iter().fold(word, |word, (name, value)| match value {
                Some((value, _)) => word.replace(&format!("$({name})"), value),
                None => word,
            })
        };
        let text_of = |name: &str| container.get(name).and_then(text).unwrap_or_default();
        Self {
            name: text_of("name"),
            image: text_of("image"),
            words: words(container, &["command", "args"]).into_iter().map(filled).collect(),
            unread: container.get("envFrom").map(|from| ("env_from", from.clone())).into_iter().collect(),
            variables,
        }
    }

    fn is_oauth2_proxy(&self) -> bool {
        let is_named = |text: &str| text.contains("oauth2-proxy") || text.contains("oauth2_proxy");
        is_named(&self.image)
            || self.variables.iter().any(|(name, _)| name.starts_with("OAUTH2_PROXY_"))
            || self.words.first().is_some_and(|word| is_named(word))
    }

    fn read(self, found: &mut Map<String, Value>) {
        let (mut elsewhere, mut defaults): (Vec<String>, Vec<String>) = Default::default();
        for (name, value) in self.variables {
            let Some(name) = name.strip_prefix("OAUTH2_PROXY_").map(str::to_ascii_lowercase) else { continue };
            match value {
                Some((value, is_assumed)) => {
                    let (name, value) = name_and_value(&name, &value.replace("$$", "$"));
                    defaults.extend(is_assumed.then(|| name.clone()));
                    found.insert(name, value);
                }
                None => elsewhere.push(name_and_value(&name, "").0),
            }
        }
        flags_of(self.words, found, (&mut elsewhere, &mut defaults));
        if !defaults.is_empty() {
            found.insert("defaults".to_owned(), defaults.into());
        }
        // The lines of the file may have given what stands in place of the value.
        for name in &elsewhere {
            found.insert(name.clone(), Value::Null);
        }
        elsewhere.retain(|name| !HARMLESS.contains(&name.as_str()));
        if !elsewhere.is_empty() {
            found.insert("value_from".to_owned(), elsewhere.into());
        }
        found.extend(self.unread.into_iter().map(|(name, value)| (name.to_owned(), value)));
    }
}

/// A value of a compose file, and whether a part of it is what counts where a variable says nothing (`${NAME:-value}`). None
/// for a variable that is not here.
fn known(value: &str) -> Option<(String, bool)> {
    let (mut known, mut rest, mut is_assumed) = (String::new(), value, false);
    while let Some((before, after)) = rest.split_once("${") {
        // `$${` is the text `${`.
        if before.ends_with('$') {
            known.extend([before, "{"]);
            rest = after;
            continue;
        }
        let (inside, after) = after.split_once('}')?;
        let (_, otherwise) = inside.split_once(":-").or_else(|| inside.split_once('-'))?;
        known.extend([before, otherwise]);
        (rest, is_assumed) = (after, true);
    }
    known.push_str(rest);
    Some((known, is_assumed))
}

/// The words that these settings hold together. An item of a list is one word, except where it is a line for a shell.
fn words(table: &Value, names: &[&str]) -> Vec<String> {
    let lines = names.iter().filter_map(|name| table.get(name));
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

/// `--name=value`, `--name value`, and `--name` for a switch that is on. Of a list each flag adds to it. What stands
/// elsewhere goes to `elsewhere`, and what is assumed to `defaults`.
fn flags_of(
    words: Vec<String>,
    found: &mut Map<String, Value>,
    (elsewhere, defaults): (&mut Vec<String>, &mut Vec<String>),
) {
    let mut of_flags: Map<String, Value> = Map::new();
    let mut rest = words.into_iter().peekable();
    while let Some(word) = rest.next() {
        let Some(flag) = word.strip_prefix("--").filter(|flag| !flag.is_empty()) else { continue };
        let (name, value) = match flag.split_once('=') {
            Some((name, value)) => (name, value.to_owned()),
            None => (flag, rest.next_if(|next| !next.starts_with('-')).unwrap_or_else(|| "true".to_owned())),
        };
        let value = known(&value).filter(|(value, _)| !value.contains("$("));
        let name = name.replace('-', "_");
        let Some((value, is_assumed)) = value else {
            elsewhere.push(name_and_value(&name, "").0);
            continue;
        };
        let (name, value) = name_and_value(&name, &value.replace("$$", "$"));
        elsewhere.retain(|other| *other != name);
        defaults.extend(is_assumed.then(|| name.clone()));
        match (of_flags.get_mut(&name), value) {
            (Some(Value::Array(all)), Value::Array(more)) => all.extend(more),
            (_, value) => {
                of_flags.insert(name, value);
            }
        }
    }
    found.extend(of_flags);
}
