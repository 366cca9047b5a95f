//! `idx-gateway import FILE…`: reads the configuration of another gateway, and prints a `gateway.toml` on stdout and
//! what differs on stderr.
//!
//! | source | recognised by | read in |
//! | --- | --- | --- |
//! | oauth2-proxy | `.cfg` (TOML), or lines `OAUTH2_PROXY_…=…` | [`oauth2_proxy`] |
//! | | a compose file with a service of it, or a Kubernetes manifest with a container, for its flags | [`oauth2_flags`] |
//! | | its alpha configuration (YAML), alone or with one of the others | [`oauth2_alpha`] |
//! | Authelia | YAML with `access_control` or `authentication_backend` | [`authelia`] |
//! | Pomerium | YAML with `routes` or `policy`, or a list of `from` and `to` | [`pomerium`] |
//!
//! Files within a ConfigMap of a Kubernetes manifest are read as files of their own. YAML's anchors and merge keys (`<<`)
//! are resolved.
//!
//! The result opens nothing further than the source did: a rule without a counterpart becomes a group without members,
//! and is reported. So is every key of the source that was not read. The result passes `idx-gateway check`. A file that
//! cannot be read or recognised is a problem.

mod authelia;
mod draft;
mod expressions;
mod first_match;
mod oauth2_alpha;
mod oauth2_flags;
mod oauth2_proxy;
mod pomerium;
mod pomerium_policy;
mod source;

use std::path::PathBuf;

use serde_json::{Map, Value};
use yaml_rust2::{Yaml, YamlLoader};

use crate::Problems;
use draft::Draft;

/// What is said about the secret with which another gateway sealed sessions.
const NEW_KEY: &str = "left out, the gateway makes a key of its own; everybody signs in once more";

/// What is said about a setting that let in fewer and has no counterpart.
const NO_COUNTERPART: &str = "has no counterpart";

/// What is said where clients had to show a certificate.
const CLIENT_CERTIFICATES: &str =
    "whoever came showed a certificate, for which there are tls.client_certificates and tls.client_ca";

/// A parsed configuration.
type Document = Map<String, Value>;

/// The arguments of `import`.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The configuration of oauth2-proxy, Authelia or Pomerium; several files where it is kept in several.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
}

/// Prints the `gateway.toml`, and what differs.
pub(crate) fn run(arguments: &Arguments) -> Result<(), Problems> {
    let mut sources = Sources::default();
    for file in &arguments.files {
        let place = file.display();
        let text = std::fs::read_to_string(file).map_err(|error| vec![format!("{place}: {error}")])?;
        sources.add(&text).map_err(|problem| vec![format!("{place}: {problem}")])?;
    }
    let mut draft = sources.draft().map_err(|problem| vec![problem])?;
    draft.complete();
    print!("{}", draft.to_toml());
    for note in &draft.notes {
        eprintln!("{note}");
    }
    Ok(())
}

/// The configurations that were found, by the gateway they are of; several files of one kind are merged.
#[derive(Default)]
struct Sources {
    /// `.cfg`.
    oauth2_proxy: Option<Document>,
    /// Variables and flags, which go before the file.
    oauth2_variables: Option<Document>,
    oauth2_alpha: Option<Document>,
    authelia: Option<Document>,
    pomerium: Option<Document>,
}

impl Sources {
    fn add(&mut self, text: &str) -> Result<(), String> {
        let within: Vec<String> = documents(text).iter().flatten().flat_map(files_within).collect();
        let mut found = false;
        for text in within.iter().map(String::as_str).chain([text]) {
            found |= self.add_one(text);
        }
        match found {
            true => Ok(()),
            false => Err("is not a configuration of oauth2-proxy, Authelia or Pomerium".to_owned()),
        }
    }

    fn add_one(&mut self, text: &str) -> bool {
        let Some((kind, document)) = self.recognised(text) else { return false };
        let is_further = kind.is_some();
        let merged = kind.get_or_insert_default();
        merged.extend(document);
        if is_further {
            merged.remove("env_file");
            merged.remove("env_from");
        }
        true
    }

    fn recognised(&mut self, text: &str) -> Option<(&mut Option<Document>, Document)> {
        if let Some(document) = oauth2_proxy::environment(text) {
            return Some((&mut self.oauth2_variables, document));
        }
        match yaml(text) {
            Some(Value::Object(document)) => {
                let has = |name: &str| document.keys().any(|key| key.eq_ignore_ascii_case(name));
                let is_alpha = has("upstreamConfig") || has("injectRequestHeaders") || has("injectResponseHeaders");
                if is_alpha || has("providers") && (has("server") || has("upstreams")) {
                    return Some((&mut self.oauth2_alpha, document));
                }
                if has("access_control") || has("authentication_backend") {
                    return Some((&mut self.authelia, document));
                }
                if has("routes") || has("authenticate_service_url") || has("policy") {
                    return Some((&mut self.pomerium, document));
                }
            }
            Some(routes @ Value::Array(_)) if routes.get(0).is_some_and(|route| route.get("from").is_some()) => {
                return Some((&mut self.pomerium, Map::from_iter([("routes".to_owned(), routes)])));
            }
            _ => {}
        }
        use figment::providers::Format as _;
        let document = figment::Figment::from(figment::providers::Toml::string(text)).extract::<Document>();
        let document = document.ok().filter(oauth2_proxy::is_one)?;
        Some((&mut self.oauth2_proxy, document))
    }

    fn draft(self) -> Result<Draft, String> {
        let is_alpha = self.oauth2_alpha.is_some();
        let has_file = self.oauth2_proxy.is_some();
        let config = self.oauth2_variables.map(|mut variables| {
            // What they name is given.
            variables.retain(|name, _| !(name == "config" && has_file || name == "alpha_config" && is_alpha));
            let mut config = self.oauth2_proxy.clone().unwrap_or_default();
            config.extend(variables);
            config
        });
        match (config.or(self.oauth2_proxy), self.oauth2_alpha, self.authelia, self.pomerium) {
            (Some(config), None, None, None) => Ok(oauth2_proxy::read(&config)),
            (config, Some(alpha), None, None) => Ok(oauth2_alpha::read(&alpha, config.as_ref())),
            (None, None, Some(document), None) => Ok(authelia::read(&document)),
            (None, None, None, Some(document)) => Ok(pomerium::read(&document)),
            _ => Err("the files are of different gateways: import one after the other".to_owned()),
        }
    }
}

/// The first document of a YAML file; none when it is not YAML, or a key is not a text.
fn yaml(text: &str) -> Option<Value> {
    documents(text)?.into_iter().next()
}

/// Every document of a YAML file, anchors and merge keys resolved; none when it is not YAML, or a key is not a text.
fn documents(text: &str) -> Option<Vec<Value>> {
    YamlLoader::load_from_str(text).ok()?.into_iter().map(value).collect()
}

fn value(yaml: Yaml) -> Option<Value> {
    Some(match yaml {
        Yaml::String(text) => Value::from(text),
        Yaml::Integer(number) => Value::from(number),
        // A number may be a version or a port, so its text is kept.
        Yaml::Real(number) => Value::from(number),
        Yaml::Boolean(truth) => Value::from(truth),
        Yaml::Null => Value::Null,
        Yaml::Array(items) => Value::Array(items.into_iter().map(value).collect::<Option<_>>()?),
        Yaml::Hash(table) => {
            let entry = |(key, inner): (Yaml, Yaml)| Some((text(&value(key)?)?, value(inner)?));
            let mut own = table.into_iter().map(entry).collect::<Option<Document>>()?;
            // Of several tables that are merged the first counts, and what stands here before them.
            let merged = own.remove("<<").unwrap_or(Value::Null);
            for (key, value) in items(&merged).iter().filter_map(Value::as_object).flatten() {
                own.entry(key.clone()).or_insert_with(|| value.clone());
            }
            Value::Object(own)
        }
        Yaml::Alias(_) | Yaml::BadValue => return None,
    })
}

/// The files that a ConfigMap of a Kubernetes manifest holds.
fn files_within(document: &Value) -> Vec<String> {
    let kind = document.get("kind").and_then(Value::as_str).unwrap_or_default();
    match kind {
        "List" => document.get("items").map(items).unwrap_or_default().iter().flat_map(files_within).collect(),
        "ConfigMap" => {
            let data = document.get("data").and_then(Value::as_object);
            // A value of one line is a setting, and no file.
            data.into_iter()
                .flatten()
                .filter_map(|(_, text)| text.as_str())
                .filter(|text| text.trim().contains('\n'))
                .map(str::to_owned)
                .collect()
        }
        _ => Vec::new(),
    }
}

/// A string, number or boolean, as text.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        _ => None,
    }
}

/// The items of a list; any other value is a list of one.
fn items(value: &Value) -> &[Value] {
    match value {
        Value::Array(items) => items,
        one => std::slice::from_ref(one),
    }
}

/// The texts of a string or of a list.
fn texts(value: Option<&Value>) -> Vec<String> {
    value.map(items).unwrap_or_default().iter().filter_map(text).collect()
}

/// An address without a host means all interfaces.
fn with_host(address: &str) -> String {
    if address.starts_with(':') { format!("0.0.0.0{address}") } else { address.to_owned() }
}

/// Seconds of `1h30m`, `5 minutes`, `1d`, or of a bare number of seconds.
fn seconds(text: &str) -> Option<u64> {
    let (mut total, mut rest) = (0_u64, text.trim());
    while !rest.is_empty() {
        let digits = rest.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(rest.len());
        let number: u64 = rest[..digits].parse().ok()?;
        rest = rest[digits..].trim_start();
        let letters = rest.find(|letter: char| !letter.is_ascii_alphabetic()).unwrap_or(rest.len());
        let unit = match &rest[..letters] {
            "" | "s" | "second" | "seconds" => 1,
            "m" | "minute" | "minutes" => 60,
            "h" | "hour" | "hours" => 3_600,
            "d" | "day" | "days" => 86_400,
            "w" | "week" | "weeks" => 604_800,
            "M" | "month" | "months" => 2_592_000,
            "y" | "year" | "years" => 31_536_000,
            _ => return None,
        };
        total = total.checked_add(number.checked_mul(unit)?)?;
        rest = rest[letters..].trim_start();
    }
    Some(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_as_the_others_write_them() {
        for (text, expected) in [
            ("168h", Some(604_800)),
            ("1h30m0s", Some(5_400)),
            ("5 minutes", Some(300)),
            ("1M", Some(2_592_000)),
            ("3600", Some(3_600)),
            ("1d 2h", Some(93_600)),
            ("soon", None),
            ("18446744073709551615", Some(u64::MAX)),
            ("18446744073709551615s 1s", None),
            ("999999999999999999y", None),
            ("99999999999999999999", None),
        ] {
            assert_eq!(seconds(text), expected, "{text}");
        }
    }
}
