//! `idx-gateway import FILE`: another gateway's configuration → a `gateway.toml` on stdout, and on stderr what differs.
//!
//! | source | told by | |
//! |---|---|---|
//! | oauth2-proxy | `.cfg` (TOML), the alpha YAML, or lines `OAUTH2_PROXY_…=…` | [`oauth2_proxy`] |
//! | Authelia | YAML with `access_control` or `session` | [`authelia`] |
//! | Pomerium | YAML with `routes`, or a list of `from` and `to` | [`pomerium`] |
//!
//! Nothing is opened further than it was: a rule that has no counterpart becomes a group that nobody is in, and is said.
//! Every key of the source that was not looked at is said too. What comes out passes `idx-gateway check`.

mod authelia;
mod draft;
mod oauth2_proxy;
mod pomerium;

use std::path::PathBuf;

use serde_json::{Map, Value};

use crate::Problems;
use draft::Draft;

/// What `import` is told.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The configuration of oauth2-proxy, Authelia or Pomerium.
    file: PathBuf,
}

/// Prints what the file becomes, and what differs.
pub(crate) fn run(arguments: &Arguments) -> Result<(), Problems> {
    let place = arguments.file.display();
    let text = std::fs::read_to_string(&arguments.file).map_err(|error| vec![format!("{place}: {error}")])?;
    let draft = read(&text).map_err(|problem| vec![format!("{place}: {problem}")])?;
    print!("{}", draft.to_toml());
    for note in &draft.notes {
        eprintln!("{note}");
    }
    Ok(())
}

/// Whichever it is.
fn read(text: &str) -> Result<Draft, String> {
    let is_variable = |line: &str| line.trim_start_matches("export ").starts_with("OAUTH2_PROXY_");
    if text.lines().any(|line| is_variable(line.trim())) {
        return Ok(oauth2_proxy::environment(text));
    }
    if let Ok(Value::Object(document)) = serde_yaml::from_str::<Value>(text) {
        let has = |name: &str| document.contains_key(name);
        if has("upstreamConfig") || has("injectRequestHeaders") || has("providers") && has("server") {
            return Ok(oauth2_proxy::alpha(&document));
        }
        if has("access_control") || has("authentication_backend") {
            return Ok(authelia::read(&document));
        }
        if has("routes") || has("authenticate_service_url") || has("policy") {
            return Ok(pomerium::read(&document));
        }
    }
    if let Ok(routes @ Value::Array(_)) = serde_yaml::from_str::<Value>(text) {
        return Ok(pomerium::read(&Map::from_iter([("routes".to_owned(), routes)])));
    }
    use figment::providers::Format as _;
    let document = figment::Figment::from(figment::providers::Toml::string(text)).extract::<Map<String, Value>>();
    match document {
        Ok(document) if document.keys().any(|key| oauth2_proxy::KNOWN.contains(&key.as_str())) => {
            Ok(oauth2_proxy::config(&document))
        }
        _ => Err("is not a configuration of oauth2-proxy, Authelia or Pomerium".to_owned()),
    }
}

/// A text, a number or a truth value, as text.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        _ => None,
    }
}

/// One text or several.
fn texts(value: Option<&Value>) -> Vec<String> {
    match value {
        Some(Value::Array(items)) => items.iter().filter_map(text).collect(),
        Some(one) => text(one).into_iter().collect(),
        None => Vec::new(),
    }
}

/// An address without a host is one of all interfaces.
fn with_host(address: &str) -> String {
    if address.starts_with(':') { format!("0.0.0.0{address}") } else { address.to_owned() }
}

/// `1h30m`, `5 minutes`, `1d`, or seconds: in seconds.
fn seconds(text: &str) -> Option<u64> {
    let (mut total, mut rest) = (0, text.trim());
    while !rest.is_empty() {
        let digits = rest.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(rest.len());
        let number: u64 = rest[..digits].parse().ok()?;
        rest = rest[digits..].trim_start();
        let letters = rest.find(|letter: char| !letter.is_ascii_alphabetic()).unwrap_or(rest.len());
        total += number
            * match &rest[..letters] {
                "" | "s" | "second" | "seconds" => 1,
                "m" | "minute" | "minutes" => 60,
                "h" | "hour" | "hours" => 3_600,
                "d" | "day" | "days" => 86_400,
                "w" | "week" | "weeks" => 604_800,
                "M" | "month" | "months" => 2_592_000,
                "y" | "year" | "years" => 31_536_000,
                _ => return None,
            };
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
        ] {
            assert_eq!(seconds(text), expected, "{text}");
        }
    }
}
