//! `[session] store` and `[session.redis]`.

use std::time::Duration;

use super::reader::Section;
use crate::secret::Secret;
use crate::session::{Password, RedisSettings, Servers};

/// How the store is reached; `Some(None)` without one, none where it cannot be read.
pub(super) fn read(session: &Section<'_>) -> Option<Option<RedisSettings>> {
    let is_redis = session.one_of("store", &[("cookie", false), ("redis", true)], false);
    let section = session.section("redis");
    let settings = settings(&section);
    match (is_redis, session.given("redis")) {
        (true, false) => {
            section.problem("url", "is missing, as \"redis://127.0.0.1:6379/0\"");
            None
        }
        (true, true) => settings.map(Some),
        (false, false) => Some(None),
        (false, true) => {
            session.problem("redis", "is there, and session.store is not \"redis\"");
            None
        }
    }
}

fn settings(section: &Section<'_>) -> Option<RedisSettings> {
    let is_list = section.secret_value("url").is_some_and(serde_json::Value::is_array);
    let urls = section.texts("url").unwrap_or_default();
    if urls.is_empty() && section.is_there() {
        section.problem("url", "is missing, as \"redis://127.0.0.1:6379/0\"");
    }
    let checked: Option<Vec<Secret>> = urls
        .iter()
        .map(|url| section.parsed("url", url, RedisSettings::check).map(|()| Secret::new(url.as_str())))
        .collect();
    let servers = servers(section, checked.unwrap_or_default(), is_list);
    let milliseconds = |name, range, otherwise| Duration::from_millis(section.number(name, range, otherwise));
    let authority = section.file_content("ca_file");
    let prefix = section.text("prefix").unwrap_or_else(|| "gw:".to_owned());
    if prefix.len() > 64 || prefix.contains(['{', '}', ' ']) || prefix.chars().any(char::is_control) {
        section.problem("prefix", "must be at most 64 characters without blanks and braces, as \"gw:\"");
    }
    Some(RedisSettings {
        username: section.text("username"),
        password: password(section, "password"),
        authority,
        prefix,
        connect: milliseconds("connect_timeout_ms", 10..=60_000, 1000),
        command: milliseconds("timeout_ms", 10..=60_000, 500),
        cache: section.seconds("cache_seconds", 0..=300, 10),
        outage: section.seconds("outage_seconds", 0..=86_400, 300),
        servers: servers?,
    })
}

/// A list is a cluster, unless the primary has a name that Sentinels know.
fn servers(section: &Section<'_>, mut urls: Vec<Secret>, is_list: bool) -> Option<Servers> {
    let primary = section.text("sentinel_primary");
    let (username, password) = (section.text("sentinel_username"), password(section, "sentinel_password"));
    if primary.is_none() && (username.is_some() || password.is_some()) {
        section.problem("sentinel_primary", "is missing: sentinel_username and sentinel_password go with it");
    }
    match (primary, is_list) {
        (Some(primary), _) => Some(Servers::Sentinel { sentinels: urls, primary, username, password }),
        (None, true) => Some(Servers::Cluster(urls)),
        (None, false) => urls.pop().map(Servers::One),
    }
}

/// A password; one that is in a file is read again for every connection.
fn password(section: &Section<'_>, name: &str) -> Option<Password> {
    let secret = section.secret(name)?;
    let file = section.secret_value(name).and_then(|value| value.get("file")?.as_str());
    Some(match file {
        Some(file) => Password::File(section.path(file)),
        None => Password::Given(secret),
    })
}
