//! Where a setting stands: which line of the file, or which environment variable.

use std::collections::{BTreeMap, BTreeSet};

use toml_edit::{Document, Item, TableLike};

use super::PREFIX;

/// Finds settings by key.
pub struct Places {
    file: String,
    document: Document<String>,
    /// The variables that replace settings; not what they hold, which may be secret.
    variables: BTreeSet<String>,
}

impl Places {
    /// In `document`, which stands in `file`, and in the variables of `environment`.
    pub(super) fn new(file: &str, document: Document<String>, environment: &BTreeMap<String, String>) -> Self {
        let variables = environment.keys().filter(|name| name.starts_with(PREFIX)).cloned().collect();
        Self { file: file.to_owned(), document, variables }
    }

    /// The place of `key`, or of the nearest table around it that is there.
    pub(super) fn of(&self, key: &str) -> String {
        let variable = variable(key);
        if self.variables.contains(&variable) {
            return variable;
        }
        match span(self.document.as_table(), key) {
            Some(start) => format!("{}:{}", self.file, line(self.document.raw(), start)),
            None => self.file.clone(),
        }
    }

    /// A problem that begins with the key of a setting, with its place before that; any other as it is.
    pub fn before(&self, problem: String) -> String {
        let is_key = |key: &str| {
            key.contains('.') && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._[]".contains(&byte))
        };
        match problem.split_once(": ") {
            Some((key, _)) if is_key(key) => format!("{}: {problem}", self.of(key)),
            _ => problem,
        }
    }
}

/// The environment variable that replaces the setting `key`.
pub(super) fn variable(key: &str) -> String {
    format!("{PREFIX}{}", key.replace('.', "__").to_uppercase())
}

/// The line of a position in a text, from 1 on.
pub(super) fn line(text: &str, start: usize) -> usize {
    let before = text.as_bytes().get(..start).unwrap_or_default();
    before.iter().filter(|byte| **byte == b'\n').count() + 1
}

fn span(table: &dyn TableLike, key: &str) -> Option<usize> {
    let (step, rest) = key.split_once('.').map_or((key, None), |(step, rest)| (step, Some(rest)));
    let (name, index) = match step.strip_suffix(']').and_then(|step| step.split_once('[')) {
        Some((name, index)) => (name, index.parse::<usize>().ok()),
        None => (step, None),
    };
    let (found, item) = table.get_key_value(name)?;
    let own = found.span().or_else(|| item.span()).map(|span| span.start);
    let inner: Option<(Option<usize>, &dyn TableLike)> = match (item, index) {
        (Item::ArrayOfTables(tables), Some(index)) => {
            tables.get(index).map(|table| (table.span().map(|span| span.start), table as &dyn TableLike))
        }
        (item, Some(index)) => item.as_array().and_then(|array| array.get(index)).and_then(|value| {
            value.as_inline_table().map(|table| (value.span().map(|span| span.start), table as &dyn TableLike))
        }),
        (item, None) => item.as_table_like().map(|table| (own, table)),
    };
    match (inner, rest) {
        (Some((start, table)), Some(rest)) => span(table, rest).or(start).or(own),
        (Some((start, _)), None) => start.or(own),
        (None, _) => own,
    }
}
