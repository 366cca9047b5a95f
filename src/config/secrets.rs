//! Secrets: literal, from a file, from the environment.
//!
//! ```toml
//! client_secret = "…"
//! client_secret = { file = "/run/secrets/okta" }   # relative to this file
//! client_secret = { env = "OKTA_CLIENT_SECRET" }
//! keys = [{ file = ".gateway/session-key", create = true }]   # keys only: made at first use
//! keys = [{ file = "new" }, { file = "old", not_after = "2027-01-31" }]   # keys only: of no use from then on (UTC)
//! ```

use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use serde_json::Value;
use time::Date;

use super::reader::Section;
use crate::secret::{Secret, random};
use crate::session::Key;
use crate::time::Instant;

/// A session key: where it comes from, and how long it is good.
#[derive(Debug)]
pub(super) struct KeySource {
    source: Source,
    /// When its file was written.
    made: Option<Instant>,
    not_after: Option<Instant>,
}

/// A secret, or the file where one will be.
#[derive(Debug)]
enum Source {
    /// The text; of a key, one that is a key.
    Known(Secret),
    /// There is no file yet; it is made at first use.
    Made(PathBuf),
}

/// What becomes of a key that is made because there is no file yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NewKeys {
    /// It is written to the file.
    Write,
    /// Nothing is written: the configuration is only checked.
    Discard,
}

impl KeySource {
    /// The key, made where there is none yet.
    pub(super) fn key(&self, new_keys: NewKeys) -> Result<Key, String> {
        let text = match &self.source {
            Source::Known(text) => text.clone(),
            Source::Made(_) if new_keys == NewKeys::Discard => Key::fresh(),
            Source::Made(path) => made(path).map_err(|error| format!("{}: {error}", path.display()))?,
        };
        let mut key = Key::parse(text.expose()).map_err(|problem| problem.to_string())?;
        (key.made, key.not_after) = (self.made, self.not_after);
        Ok(key)
    }
}

/// Writes a new key that only its owner can read. Where another process has written one meanwhile, that one counts.
fn made(path: &Path) -> std::io::Result<Secret> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    }
    let key = Key::fresh();
    // Written beside and linked, so that no process ever reads half a key.
    let beside = path.with_extension(format!("new-{:x}", u64::from_le_bytes(random())));
    write_new(&beside, &key)?;
    let linked = std::fs::hard_link(&beside, path);
    std::fs::remove_file(&beside)?;
    match linked {
        Ok(()) => Ok(key),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
            Ok(Secret::new(std::fs::read_to_string(path)?.trim().to_owned()))
        }
        Err(error) => Err(error),
    }
}

/// Writes a file that was not there before; a link that somebody put there is not followed.
fn write_new(path: &Path, key: &Secret) -> std::io::Result<()> {
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(key.expose().as_bytes())?;
    file.write_all(b"\n")?;
    file.sync_all()
}

impl Section<'_> {
    /// A secret, wherever it is kept.
    pub(super) fn secret(&self, name: &str) -> Option<Secret> {
        let value = self.secret_value(name)?;
        let source = match self.environment_text(name) {
            Some(text) => self.known(name, &text),
            None => self.source(name, value, &["file", "env"]),
        };
        match source? {
            Source::Known(secret) => Some(secret),
            Source::Made(_) => None,
        }
    }

    /// Session keys, the newest first.
    pub(super) fn keys(&self, name: &str) -> Vec<KeySource> {
        let values = match self.secret_value(name) {
            Some(Value::Array(values)) => values.as_slice(),
            Some(_) => {
                self.problem(name, "must be a list of keys, the newest first");
                return Vec::new();
            }
            None => {
                self.problem(name, "is missing: at least one key of 32 bytes, as `idx-gateway keygen` makes them");
                return Vec::new();
            }
        };
        if values.is_empty() {
            self.problem(name, "is empty: at least one key of 32 bytes, as `idx-gateway keygen` makes them");
        }
        let mut keys = Vec::new();
        for value in values {
            let Some(source) = self.source(name, value, &["file", "env", "create", "not_after"]) else { continue };
            if let Source::Known(text) = &source
                && let Err(problem) = Key::parse(text.expose())
            {
                self.problem(name, format!("a key is {problem}; `idx-gateway keygen` makes one"));
                continue;
            }
            keys.push(KeySource { source, made: self.written(value), not_after: self.not_after(name, value) });
        }
        keys
    }

    /// When the file of a secret was written.
    fn written(&self, value: &Value) -> Option<Instant> {
        let file = value.get("file").and_then(Value::as_str)?;
        let written = std::fs::metadata(self.path(file)).and_then(|data| data.modified()).ok()?;
        let since = written.duration_since(std::time::UNIX_EPOCH).ok()?;
        Some(Instant::from_seconds(since.as_secs()))
    }

    /// `not_after` of a key.
    fn not_after(&self, name: &str, value: &Value) -> Option<Instant> {
        let text = value.get("not_after")?;
        // TOML has moments of its own, which come as a table of one text.
        let own = || text.as_object().and_then(|table| table.values().next()).and_then(Value::as_str);
        let moment = text.as_str().or_else(own).and_then(moment);
        if moment.is_none() {
            self.problem(
                name,
                "`not_after` must be a day or a moment (UTC), as \"2027-01-31\" or \"2027-01-31T12:00:00Z\"",
            );
        }
        moment
    }

    /// Where a secret comes from: a text, or a table with no other keys than `known`.
    fn source(&self, name: &str, value: &Value, known: &[&str]) -> Option<Source> {
        const SHAPE: &str = "must be a text, { file = \"…\" } or { env = \"…\" }";
        let table = match value {
            Value::String(text) => return self.known(name, text),
            Value::Number(number) => return self.known(name, &number.to_string()),
            Value::Object(table) => table,
            _ => {
                self.problem(name, SHAPE);
                return None;
            }
        };
        let text = |key: &str| table.get(key).and_then(Value::as_str);
        let create = table.get("create").is_some_and(|create| *create == Value::Bool(true));
        let known = table.keys().all(|key| known.contains(&key.as_str()));
        match (text("file"), text("env")) {
            (Some(file), None) if known => self.read_file(name, file, create),
            (None, Some(variable)) if known && !create => match self.environment(variable) {
                Some(text) => self.known(name, text),
                None => {
                    self.problem(name, format!("the environment has no variable `{variable}`"));
                    None
                }
            },
            _ => {
                self.problem(name, SHAPE);
                None
            }
        }
    }

    fn read_file(&self, name: &str, file: &str, create: bool) -> Option<Source> {
        let path = self.path(file);
        match std::fs::read_to_string(&path) {
            Ok(text) => {
                let mode = std::fs::metadata(&path).map_or(0, |data| data.permissions().mode());
                if mode & 0o007 != 0 {
                    self.warn(name, format!("{} can be read by every user of this machine", path.display()));
                }
                self.known(name, text.trim())
            }
            Err(error) if create && error.kind() == std::io::ErrorKind::NotFound => Some(Source::Made(path)),
            Err(error) => {
                self.problem(name, format!("{} cannot be read: {error}", path.display()));
                None
            }
        }
    }

    fn known(&self, name: &str, text: &str) -> Option<Source> {
        if text.is_empty() {
            self.problem(name, "is empty");
            return None;
        }
        Some(Source::Known(Secret::new(text)))
    }
}

/// `2027-01-31`, its end, or `2027-01-31T12:00:00Z`.
fn moment(text: &str) -> Option<Instant> {
    let (date, clock) = text.split_once('T').map_or((text, None), |(date, clock)| (date, Some(clock)));
    let mut numbers = date.splitn(3, '-').map(|part| part.parse::<u16>().ok());
    let (year, month, day) = (numbers.next()??, numbers.next()??, numbers.next()??);
    let (month, day) = (u8::try_from(month).ok()?.try_into().ok()?, u8::try_from(day).ok()?);
    let date = Date::from_calendar_date(year.into(), month, day).ok()?;
    let moment = match clock {
        None => date.next_day()?.midnight(),
        Some(clock) => {
            let mut numbers = clock.strip_suffix('Z')?.splitn(3, ':').map(|part| part.parse::<u8>().ok());
            let (hour, minute, second) = (numbers.next()??, numbers.next()??, numbers.next()??);
            date.with_hms(hour, minute, second).ok()?
        }
    };
    u64::try_from(moment.assume_utc().unix_timestamp()).ok().map(Instant::from_seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_ends_at_its_end_and_a_moment_is_one() {
        for (text, expected) in [
            ("2027-01-31", Some(1_801_440_000)),
            ("2027-01-31T12:00:00Z", Some(1_801_396_800)),
            ("2028-02-29", Some(1_835_481_600)),
            ("2027-02-29", None),
            ("2027-13-01", None),
            ("2027-01-31T12:00:00", None),
            ("2027-01-31T25:00:00Z", None),
            ("31.1.2027", None),
            ("1960-01-01", None),
            ("", None),
        ] {
            assert_eq!(moment(text).map(Instant::seconds), expected, "{text}");
        }
    }

    /// C-10.
    #[test]
    fn a_new_key_is_written_where_nothing_was_and_only_its_owner_reads_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("key");
        let key = made(&path).expect("a key");
        assert_eq!(std::fs::metadata(&path).expect("a file").permissions().mode() & 0o777, 0o600);
        assert_eq!(std::fs::read_dir(folder.path()).expect("a folder").count(), 1, "something is left beside it");
        assert_eq!(made(&path).expect("the key").expose(), key.expose(), "the one that is there counts");
        let (victim, link) = (folder.path().join("victim"), folder.path().join("link"));
        std::fs::write(&victim, "before").expect("written");
        std::os::unix::fs::symlink(&victim, &link).expect("a link");
        assert!(write_new(&link, &Key::fresh()).is_err() && write_new(&victim, &Key::fresh()).is_err());
        assert_eq!(std::fs::read_to_string(&victim).expect("text"), "before");
    }
}
