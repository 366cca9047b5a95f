//! `[branding]` and `[ui]`: how the pages look, and what they offer.

use serde_json::Value;

use super::reader::{Reader, Section};
use crate::pages::Look;
use crate::signin::Offers;

/// The settings of `[ui]` that are not the look's.
pub(super) fn offers(section: &Section<'_>) -> Offers {
    let address = |name: &str, text: Option<String>| {
        text.and_then(|text| section.parsed(name, &text, |text| web_address(text).map(|()| text.to_owned())))
    };
    let account_claims = section.texts("account_claims").unwrap_or_default();
    if account_claims.iter().any(|claim| claim.trim().is_empty()) {
        section.problem("account_claims", "names a claim without a name");
    }
    Offers {
        account_claims,
        account_url: address("account_url", section.text("account_url")),
        request_access_url: address("request_access_url", section.text("request_access_url")),
        remember_username: section.flag("remember_username", false),
        auto_redirect_single_idp: section.flag("auto_redirect_single_idp", false),
        hosted_fallback: section.flag("hosted_fallback", false),
    }
}

/// An address that a link may lead to.
fn web_address(text: &str) -> Result<(), String> {
    match url::Url::parse(text) {
        Ok(url) if matches!(url.scheme(), "https" | "http") => Ok(()),
        _ => Err("must be an address that begins with https://".to_owned()),
    }
}

/// Both tables are one to the pages; files are taken from where the configuration stands.
pub(super) fn look(reader: &Reader) -> Option<Look> {
    const FILES: [&str; 7] = ["logo", "logo_dark", "favicon", "background_image", "css", "templates", "strings"];
    const OFFERS: [&str; 6] = [
        "account_claims",
        "account_url",
        "request_access_url",
        "remember_username",
        "auto_redirect_single_idp",
        "hosted_fallback",
    ];
    let mut both = serde_json::Map::new();
    for table in ["branding", "ui"] {
        match reader.opaque(table) {
            Some(Value::Object(map)) => both.extend(map.clone()),
            Some(_) if table == "branding" => reader.problem(table, "must be a table"),
            _ => {}
        }
    }
    both.retain(|name, _| !OFFERS.contains(&name.as_str()));
    let resolve = |map: &mut serde_json::Map<String, Value>| {
        for name in FILES {
            if let Some(Value::String(file)) = map.get_mut(name) {
                *file = reader.resolve(file).display().to_string();
            }
        }
    };
    resolve(&mut both);
    if let Some(Value::Array(hosts)) = both.get_mut("for_hosts") {
        hosts.iter_mut().filter_map(Value::as_object_mut).for_each(resolve);
    }
    serde_json::from_value(Value::Object(both)).map_err(|error| reader.problem("branding", error.to_string())).ok()
}
