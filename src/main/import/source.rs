//! A table of a configuration that remembers which of its keys were read, so that the others can be reported.

use std::cell::RefCell;
use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::draft::{Allow, Draft};
use super::{CLIENT_CERTIFICATES, text, texts};

/// A table, and its place in the file (`routes[0].`, or nothing at the top).
pub(super) struct Source<'a> {
    pub(super) place: String,
    table: &'a Map<String, Value>,
    taken: RefCell<BTreeSet<&'a str>>,
}

impl<'a> Source<'a> {
    pub(super) fn new(place: impl Into<String>, table: &'a Map<String, Value>) -> Self {
        Self { place: place.into(), table, taken: RefCell::default() }
    }

    /// The value of a key, regardless of case (as in Go); none when it is missing or empty.
    pub(super) fn value(&self, name: &str) -> Option<&'a Value> {
        let (key, value) = self.table.iter().find(|(key, _)| key.eq_ignore_ascii_case(name))?;
        self.taken.borrow_mut().insert(key);
        Some(value).filter(|value| !is_empty(value))
    }

    pub(super) fn text(&self, name: &str) -> Option<String> {
        self.value(name).and_then(text)
    }

    /// The texts under any of these names.
    pub(super) fn texts(&self, names: &[&str]) -> Vec<String> {
        names.iter().flat_map(|name| texts(self.value(name))).collect()
    }

    /// A boolean; none when it is missing or something else.
    pub(super) fn truth(&self, name: &str) -> Option<bool> {
        self.text(name).and_then(|text| text.parse().ok())
    }

    pub(super) fn is_on(&self, name: &str) -> bool {
        self.truth(name) == Some(true)
    }

    /// The table under this name.
    pub(super) fn table(&self, name: &str) -> Option<Source<'a>> {
        let table = self.value(name)?.as_object()?;
        Some(Self::new(format!("{}{name}.", self.place), table))
    }

    /// The tables of the list under this name.
    pub(super) fn tables(&self, name: &str) -> Vec<Source<'a>> {
        let items = self.value(name).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let place = |at: usize| format!("{}{name}[{at}].", self.place);
        let table = |(at, item): (usize, &'a Value)| Some(Self::new(place(at), item.as_object()?));
        items.iter().enumerate().filter_map(table).collect()
    }

    /// Reports, for each of these settings that is present, what becomes of it.
    pub(super) fn explained(&self, draft: &mut Draft, settings: &[(&str, &str)]) {
        for (name, what) in settings {
            if self.value(name).is_some() {
                draft.note(format!("{}{name}: {what}", self.place));
            }
        }
    }

    /// Lets nobody in, and reports why, where one of these settings let in fewer than what was read of the others does.
    pub(super) fn closes(&self, draft: &mut Draft, settings: &[&str], why: &str) -> Option<Allow> {
        let given: Vec<&&str> = settings.iter().filter(|name| self.value(name).is_some()).collect();
        for name in &given {
            draft.note(format!("{}{name}: {why}; nobody may until you say who (REPLACE-ME)", self.place));
        }
        (!given.is_empty()).then_some(Allow::Closed)
    }

    /// Closes every route, where one of these settings kept out whoever showed no certificate.
    pub(super) fn closes_without_certificate(&self, draft: &mut Draft, settings: &[&str]) {
        if let Some(closed) = self.closes(draft, settings, CLIENT_CERTIFICATES) {
            draft.routes.iter_mut().for_each(|route| route.allow = closed.clone());
        }
    }

    /// Reports the keys that were not read.
    pub(super) fn left_out(&self, draft: &mut Draft) {
        let taken = self.taken.borrow();
        for (key, value) in self.table {
            if !taken.contains(key.as_str()) && !is_empty(value) {
                draft.note(format!("{}{key}: left out", self.place));
            }
        }
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(table) => table.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}
