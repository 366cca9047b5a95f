//! Reading settings one by one, keeping every problem.
//!
//! A [`Section`] is one table. Each getter says what kind of value it takes, notes a [`Problem`] with
//! the setting's key where it finds another, and marks the key as known; what is left over at the end
//! is unknown, and a problem too. So one pass finds everything that is wrong, as long as the code that reads a table
//! calls the getters of all its settings before it gives up because of one.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use data_encoding::HEXLOWER;
use serde_json::{Map, Value};

use super::place::{self, Places};
use crate::secret::sha256;

/// Something wrong with a setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where it stands: `gateway.toml:12`, or the environment variable.
    pub place: String,
    /// The setting, as `session.idle_minutes` or `route[0].path`.
    pub key: String,
    /// What is wrong and what is expected.
    pub text: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.key.as_str() {
            "" => write!(f, "{}: {}", self.place, self.text),
            key => write!(f, "{}: {key}: {}", self.place, self.text),
        }
    }
}

/// All settings as they were merged, and what was found out about them.
pub(super) struct Reader {
    values: Value,
    places: Arc<Places>,
    /// Where the file stands; relative paths begin there.
    folder: PathBuf,
    environment: BTreeMap<String, String>,
    asked: RefCell<BTreeSet<String>>,
    opaque: RefCell<BTreeSet<String>>,
    secrets: RefCell<BTreeSet<String>>,
    problems: RefCell<Vec<Problem>>,
    warnings: RefCell<Vec<Problem>>,
}

impl Reader {
    pub(super) fn new(values: Value, places: Places, folder: &Path, environment: BTreeMap<String, String>) -> Self {
        Self {
            values,
            places: Arc::new(places),
            folder: folder.to_owned(),
            environment,
            asked: RefCell::default(),
            opaque: RefCell::default(),
            secrets: RefCell::default(),
            problems: RefCell::default(),
            warnings: RefCell::default(),
        }
    }

    /// The table of that name at the top; an empty one where there is none.
    pub(super) fn section(&self, name: &str) -> Section<'_> {
        self.top().section(name)
    }

    /// The tables of that name at the top, as `[[route]]`.
    pub(super) fn sections(&self, name: &str) -> Vec<Section<'_>> {
        self.top().sections(name)
    }

    pub(super) fn top(&self) -> Section<'_> {
        Section { reader: self, path: String::new(), map: self.values.as_object() }
    }

    pub(super) fn problem(&self, key: &str, text: impl Into<String>) {
        self.problems.borrow_mut().push(self.placed(key, text.into()));
    }

    fn placed(&self, key: &str, text: String) -> Problem {
        Problem { place: self.places.of(key), key: key.to_owned(), text }
    }

    /// All settings as they were merged, secrets included.
    pub(super) fn values(&self) -> &Value {
        &self.values
    }

    /// Where each setting stands.
    pub(super) fn places(&self) -> Arc<Places> {
        Arc::clone(&self.places)
    }

    /// What is allowed and unwise, as far as it was found.
    pub(super) fn warnings(&self) -> Vec<Problem> {
        self.warnings.borrow().clone()
    }

    /// Twelve hex digits of the SHA-256 of all settings, those that were read as secrets left out.
    pub(super) fn hash(&self) -> String {
        let mut values = self.values.clone();
        for key in self.secrets.borrow().iter() {
            if let Some(secret) = values.pointer_mut(&format!("/{}", key.replace(['.', '['], "/").replace(']', ""))) {
                *secret = Value::Null;
            }
        }
        HEXLOWER.encode(&sha256(values.to_string())[..6])
    }

    /// Every problem that was found; keys that no getter asked for are problems too.
    pub(super) fn finish(self) -> Vec<Problem> {
        let mut unknown = Vec::new();
        self.unknown("", &self.values, &mut unknown);
        for key in unknown {
            let hint = self.nearest(&key).map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
            self.problem(&key, format!("unknown setting{hint}"));
        }
        self.problems.into_inner()
    }

    fn unknown(&self, path: &str, value: &Value, found: &mut Vec<String>) {
        if self.opaque.borrow().contains(path) {
            return;
        }
        if !path.is_empty() && !self.asked.borrow().contains(path) && !path.ends_with(']') {
            found.push(path.to_owned());
            return;
        }
        match value {
            Value::Object(map) => {
                for (key, value) in map {
                    let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                    self.unknown(&path, value, found);
                }
            }
            Value::Array(values) => {
                for (at, value) in values.iter().enumerate() {
                    let path = format!("{path}[{at}]");
                    // Only lists that were read as tables have settings inside.
                    if self.asked.borrow().contains(&path) {
                        self.unknown(&path, value, found);
                    }
                }
            }
            _ => {}
        }
    }

    /// A known setting of the same table that differs by a letter or two, or one of that name in another table.
    fn nearest(&self, key: &str) -> Option<String> {
        let (table, name) = split(key);
        let (asked, opaque) = (self.asked.borrow(), self.opaque.borrow());
        let known = || asked.iter().chain(opaque.iter()).map(|known| split(known));
        let siblings = known().filter(|(of, _)| *of == table);
        let near = siblings.map(|(_, sibling)| (strsim::osa_distance(name, sibling), sibling));
        let near = near.filter(|(far, _)| *far <= 2).min().map(|(_, sibling)| sibling.to_owned());
        near.or_else(|| known().find(|(_, known)| *known == name).map(|(of, _)| format!("{of}.{name}")))
    }
}

/// A key's table and its name in there.
fn split(key: &str) -> (&str, &str) {
    key.rsplit_once('.').unwrap_or(("", key))
}

/// One table of settings.
pub(super) struct Section<'r> {
    reader: &'r Reader,
    path: String,
    map: Option<&'r Map<String, Value>>,
}

impl<'r> Section<'r> {
    /// The whole key of a setting in it; its own where there is no name.
    pub(super) fn key(&self, name: &str) -> String {
        if name.is_empty() {
            return self.path.clone();
        }
        if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) }
    }

    /// The table of that name in it; an empty one where there is none.
    pub(super) fn section(&self, name: &str) -> Section<'r> {
        let (path, value) = (self.key(name), self.map.and_then(|map| map.get(name)));
        if value.is_some_and(|value| !value.is_object()) {
            self.problem(name, "must be a table");
        }
        self.reader.asked.borrow_mut().insert(path.clone());
        Section { reader: self.reader, path, map: value.and_then(Value::as_object) }
    }

    /// The table of that name in it, if it is there.
    pub(super) fn optional(&self, name: &str) -> Option<Section<'r>> {
        let section = self.section(name);
        self.given(name).then_some(section)
    }

    /// The tables of that name in it.
    pub(super) fn sections(&self, name: &str) -> Vec<Section<'r>> {
        let key = self.key(name);
        self.reader.asked.borrow_mut().insert(key.clone());
        let Some(value) = self.map.and_then(|map| map.get(name)) else { return Vec::new() };
        let tables = value.as_array().map(Vec::as_slice).unwrap_or_default();
        if !value.is_array() || tables.iter().any(|table| !table.is_object()) {
            self.problem(name, "must be a list of tables");
        }
        let mut found = Vec::with_capacity(tables.len());
        for (at, table) in tables.iter().enumerate() {
            let path = format!("{key}[{at}]");
            self.reader.asked.borrow_mut().insert(path.clone());
            found.extend(table.as_object().map(|map| Section { reader: self.reader, path, map: Some(map) }));
        }
        found
    }

    /// The table at a place of the list of that name; none where something else stands there.
    pub(super) fn item(&self, name: &str, at: usize) -> Option<Section<'r>> {
        let map = self.list(name)?.get(at)?.as_object()?;
        let path = format!("{}[{at}]", self.key(name));
        self.reader.asked.borrow_mut().extend([self.key(name), path.clone()]);
        Some(Section { reader: self.reader, path, map: Some(map) })
    }

    /// Whether there is a setting or a table of that name.
    pub(super) fn given(&self, name: &str) -> bool {
        self.reader.asked.borrow_mut().insert(self.key(name));
        self.map.is_some_and(|map| map.contains_key(name))
    }

    /// Whether the setting of that name is a table.
    pub(super) fn is_table(&self, name: &str) -> bool {
        self.map.and_then(|map| map.get(name)).is_some_and(Value::is_object)
    }

    /// Whether the table is in the file or the environment.
    pub(super) fn is_there(&self) -> bool {
        self.map.is_some()
    }

    /// The values of a list, for a caller that must know their kind before it reads them.
    pub(super) fn list(&self, name: &str) -> Option<&'r [Value]> {
        self.map.and_then(|map| map.get(name)).and_then(Value::as_array).map(Vec::as_slice)
    }

    /// Notes a problem with a setting in it.
    pub(super) fn problem(&self, name: &str, text: impl Into<String>) {
        self.reader.problem(&self.key(name), text);
    }

    /// Notes something that is allowed and unwise.
    pub(super) fn warn(&self, name: &str, text: impl Into<String>) {
        self.reader.warnings.borrow_mut().push(self.reader.placed(&self.key(name), text.into()));
    }

    /// The value of a setting, of whatever kind; what is inside is not checked for unknown keys.
    pub(super) fn value(&self, name: &str) -> Option<&'r Value> {
        self.reader.opaque.borrow_mut().insert(self.key(name));
        self.map?.get(name)
    }

    /// The value of a setting that is secret: left out of the hash.
    pub(super) fn secret_value(&self, name: &str) -> Option<&'r Value> {
        self.reader.secrets.borrow_mut().insert(self.key(name));
        self.value(name)
    }

    /// A text.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        let value = self.value(name)?;
        let text = self.environment_text(name).or_else(|| as_text(value));
        if text.is_none() {
            self.problem(name, "must be a text");
        }
        text
    }

    /// A text that must be there.
    pub(super) fn required(&self, name: &str) -> Option<String> {
        if self.value(name).is_none() {
            self.problem(name, "is missing");
        }
        self.text(name).filter(|text| {
            if text.is_empty() {
                self.problem(name, "is empty");
            }
            !text.is_empty()
        })
    }

    /// Yes or no.
    pub(super) fn flag(&self, name: &str, otherwise: bool) -> bool {
        match self.value(name) {
            None => otherwise,
            Some(Value::Bool(flag)) => *flag,
            Some(_) => {
                self.problem(name, "must be true or false");
                otherwise
            }
        }
    }

    /// A whole number within `range`.
    pub(super) fn number<N>(&self, name: &str, range: RangeInclusive<N>, otherwise: N) -> N
    where
        N: Copy + PartialOrd + fmt::Display + TryFrom<u64>,
    {
        let Some(value) = self.value(name) else { return otherwise };
        let number = value.as_u64().and_then(|number| N::try_from(number).ok()).filter(|number| range.contains(number));
        number.unwrap_or_else(|| {
            self.problem(name, format!("must be a whole number from {} to {}", range.start(), range.end()));
            otherwise
        })
    }

    /// A number of seconds.
    pub(super) fn seconds(&self, name: &str, range: RangeInclusive<u64>, otherwise: u64) -> Duration {
        Duration::from_secs(self.number(name, range, otherwise))
    }

    /// A number of minutes.
    pub(super) fn minutes(&self, name: &str, range: RangeInclusive<u64>, otherwise: u64) -> Duration {
        60 * self.seconds(name, range, otherwise)
    }

    /// A number of bytes: a whole number, or a text as "10 MiB" or "512kB".
    pub(super) fn bytes(&self, name: &str) -> Option<u64> {
        let text = as_text(self.value(name)?).unwrap_or_default().to_ascii_lowercase();
        let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        let unit = match text[digits..].trim() {
            "" | "b" => Some(1),
            "k" | "kib" => Some(1 << 10),
            "kb" => Some(1_000),
            "m" | "mib" => Some(1 << 20),
            "mb" => Some(1_000_000),
            "g" | "gib" => Some(1 << 30),
            "gb" => Some(1_000_000_000),
            _ => None,
        };
        let bytes = unit.and_then(|unit: u64| text[..digits].parse::<u64>().ok()?.checked_mul(unit));
        if bytes.is_none() {
            self.problem(name, "must be a number of bytes, as 1048576 or \"10 MiB\"");
        }
        bytes
    }

    /// A list of texts; a single one counts as a list of one.
    pub(super) fn texts(&self, name: &str) -> Option<Vec<String>> {
        let value = self.value(name)?;
        let texts = match value {
            Value::Array(values) => values.iter().map(as_text).collect(),
            single => self.environment_text(name).or_else(|| as_text(single)).map(|text| vec![text]),
        };
        if texts.is_none() {
            self.problem(name, "must be a text or a list of texts");
        }
        texts
    }

    /// One of a few words.
    pub(super) fn choice<T: Copy>(&self, name: &str, words: &[(&str, T)]) -> Option<T> {
        let text = self.text(name)?;
        let found = words.iter().find(|(word, _)| *word == text);
        if found.is_none() {
            let known: Vec<String> = words.iter().map(|(word, _)| format!("\"{word}\"")).collect();
            let near = words.iter().map(|(word, _)| (strsim::osa_distance(&text, word), word));
            // Of a short word two letters are most of it.
            let near = near
                .filter(|(far, _)| *far <= 2 && *far < text.len() / 2)
                .min()
                .map(|(_, word)| format!("; did you mean \"{word}\"?"));
            self.problem(name, format!("must be one of {}{}", known.join(", "), near.unwrap_or_default()));
        }
        found.map(|(_, value)| *value)
    }

    /// The same, with what counts where nothing is said.
    pub(super) fn one_of<T: Copy>(&self, name: &str, words: &[(&str, T)], otherwise: T) -> T {
        self.choice(name, words).unwrap_or(otherwise)
    }

    /// A text that is read by `parse`, which says what is wrong.
    pub(super) fn parsed<T>(&self, name: &str, text: &str, parse: impl FnOnce(&str) -> Result<T, String>) -> Option<T> {
        parse(text).map_err(|problem| self.problem(name, problem)).ok()
    }

    /// A text that is read by `parse`, which says what is wrong; none where there is no such setting, either.
    pub(super) fn read<T>(&self, name: &str, parse: impl FnOnce(&str) -> Result<T, String>) -> Option<T> {
        self.text(name).and_then(|text| self.parsed(name, &text, parse))
    }

    /// A list of texts that are read by `parse`: those that could be.
    pub(super) fn each<T>(&self, name: &str, parse: impl Fn(&str) -> Result<T, String>) -> Vec<T> {
        let texts = self.texts(name).unwrap_or_default();
        texts.iter().filter_map(|text| self.parsed(name, text, &parse)).collect()
    }

    /// A path, taken from where the configuration stands.
    pub(super) fn path(&self, text: &str) -> PathBuf {
        self.reader.folder.join(text)
    }

    /// The path of a file or folder.
    pub(super) fn file(&self, name: &str) -> Option<PathBuf> {
        self.text(name).map(|text| self.path(&text))
    }

    /// What a file that is named holds.
    pub(super) fn file_content(&self, name: &str) -> Option<Vec<u8>> {
        let path = self.file(name)?;
        let read = std::fs::read(&path).map_err(|error| format!("{} cannot be read: {error}", path.display()));
        read.map_err(|problem| self.problem(name, problem)).ok()
    }

    /// A text that an environment variable gives this setting, as it stands there: what looks like a number or has blanks around
    /// it keeps its characters. One in double quotes is read by TOML's rules, as lists and tables are: none here.
    pub(super) fn environment_text(&self, name: &str) -> Option<String> {
        let text = self.environment(&place::variable(&self.key(name)))?;
        let is_read = self.map?.get(name)?.is_array() || self.map?.get(name)?.is_object() || text.starts_with('"');
        (!is_read).then(|| text.clone())
    }

    /// The value of an environment variable.
    pub(super) fn environment(&self, name: &str) -> Option<&'r String> {
        self.reader.environment.get(name)
    }

    /// Tables in it, by name and value: as `[headers.map]`.
    pub(super) fn pairs(&self, name: &str) -> Vec<(String, String)> {
        self.reader.opaque.borrow_mut().insert(self.key(name));
        let Some(value) = self.map.and_then(|map| map.get(name)) else { return Vec::new() };
        let pairs = value.as_object().and_then(|map| {
            map.iter().map(|(key, value)| as_text(value).map(|value| (key.clone(), value))).collect::<Option<Vec<_>>>()
        });
        pairs.unwrap_or_else(|| {
            self.problem(name, "must be a table of texts");
            Vec::new()
        })
    }
}

/// A number is also a text: some client ids are digits.
fn as_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}
