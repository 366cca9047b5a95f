//! Where a setting stands: which line of the file, or which environment variable.

use std::collections::BTreeMap;

use toml_edit::{Document, Item, TableLike};

/// Finds settings by key.
pub(super) struct Places<'t> {
    file: String,
    text: &'t str,
    document: Option<Document<&'t str>>,
    environment: &'t BTreeMap<String, String>,
}

impl<'t> Places<'t> {
    /// In `text`, which stands in `file`, and in `environment`.
    pub(super) fn new(file: &str, text: &'t str, environment: &'t BTreeMap<String, String>) -> Self {
        Self { file: file.to_owned(), text, document: Document::parse(text).ok(), environment }
    }

    /// The place of `key`, or of the nearest table around it that is there.
    pub(super) fn of(&self, key: &str) -> String {
        let variable = format!("GATEWAY__{}", key.replace('.', "__").to_uppercase());
        if self.environment.contains_key(&variable) {
            return variable;
        }
        let start = self.document.as_ref().and_then(|document| span(document.as_table(), key));
        match start {
            Some(start) => self.at(start),
            None => self.file.clone(),
        }
    }

    /// File and line of a position in the text.
    pub(super) fn at(&self, start: usize) -> String {
        let before = self.text.as_bytes().get(..start).unwrap_or_default();
        format!("{}:{}", self.file, before.iter().filter(|byte| **byte == b'\n').count() + 1)
    }
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
