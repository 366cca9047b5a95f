//! Templates: compiled at start, escaped always, strict about names, bounded in work.
//!
//! Whatever the file's name, values are escaped as HTML text and attribute values (OWASP XSS
//! Prevention, rules 1 and 2); attributes are quoted in every template. An undefined name is an error
//! and not an empty string. A render may take [`FUEL`] instructions.
//!
//! An operator's template replaces ours of the same name.

use std::collections::BTreeMap;
use std::sync::Arc;

use minijinja::value::{Kwargs, Value, ValueKind};
use minijinja::{AutoEscape, Environment, Error, ErrorKind, Output, State, UndefinedBehavior};

use super::strings::{self, Catalogue};
use super::text::Arg;

/// Instructions that one page may take; the longest of ours takes about a tenth.
const FUEL: u64 = 200_000;

/// The templates we ship, by name.
pub(super) const SHIPPED: &[(&str, &str)] = &[
    ("base.html", include_str!("../../templates/base.html")),
    ("step.html", include_str!("../../templates/step.html")),
    ("message.html", include_str!("../../templates/message.html")),
    ("sessions.html", include_str!("../../templates/sessions.html")),
    ("account.html", include_str!("../../templates/account.html")),
    ("sign-out.html", include_str!("../../templates/sign-out.html")),
    ("send-again.html", include_str!("../../templates/send-again.html")),
    ("hand-over.html", include_str!("../../templates/hand-over.html")),
    ("parts/controls.html", include_str!("../../templates/parts/controls.html")),
];

/// An operator's template.
#[derive(Clone, Debug)]
pub(super) struct Override {
    pub(super) source: String,
    /// Its path, to name in messages.
    pub(super) place: String,
}

/// An operator's templates by name.
pub(super) type Overrides = BTreeMap<String, Override>;

/// Compiles the templates; `files` gives the address of each static file of ours by its plain name.
pub(super) fn compile(
    theirs: &Overrides,
    catalogue: Arc<Catalogue>,
    files: BTreeMap<String, String>,
) -> Result<Environment<'static>, Vec<String>> {
    let mut problems = Vec::new();
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_formatter(escape);
    environment.set_fuel(Some(FUEL));
    environment.add_function("t", move |state: &State<'_, '_>, what: Value, given: Kwargs| {
        text_function(&catalogue, state, &what, &given)
    });
    environment.add_function("asset", move |state: &State<'_, '_>, name: &str| -> Result<String, Error> {
        let prefix = text_of(state, "prefix");
        let file = files.get(name).ok_or_else(|| unusable(format!("there is no static file `{name}`")))?;
        Ok(format!("{prefix}/static/{file}"))
    });
    for (name, ours) in SHIPPED {
        let added = match theirs.get(*name) {
            Some(file) => environment.add_template_owned(*name, file.source.clone()),
            None => environment.add_template(name, ours),
        };
        if let Err(error) = added {
            problems.push(describe(&error, |name| theirs.get(name).map_or(name, |file| &file.place).to_owned()));
        }
    }
    if let Err(error) = environment.add_template("widget.html", include_str!("../../templates/widget.html")) {
        problems.push(describe(&error, str::to_owned));
    }
    if problems.is_empty() { Ok(environment) } else { Err(problems) }
}

/// A template's error as one line: file, line, what is wrong.
pub(super) fn describe(error: &Error, place: impl Fn(&str) -> String) -> String {
    let mut deepest: &Error = error;
    while let Some(inner) = std::error::Error::source(deepest).and_then(|source| source.downcast_ref::<Error>()) {
        deepest = inner;
    }
    let file = place(deepest.name().unwrap_or("template"));
    let line = deepest.line().map(|line| format!(":{line}")).unwrap_or_default();
    let detail = deepest.detail().map(|detail| format!(": {detail}")).unwrap_or_default();
    format!("{file}{line}: {}{detail}", deepest.kind())
}

/// `t(text)`: a string of ours by its id with parameters by name, or a text of the page model.
fn text_function(catalogue: &Catalogue, state: &State<'_, '_>, what: &Value, given: &Kwargs) -> Result<String, Error> {
    let language = text_of(state, "lang");
    let brand = state.lookup("brand").and_then(|brand| member(&brand, "name")).map(|name| name.to_string());
    let mut args = vec![("brand".to_owned(), Arg::Words(brand.unwrap_or_default()))];
    for name in given.args() {
        args.push((name.to_owned(), arg(&given.get::<Value>(name)?)));
    }
    if let Some(id) = what.as_str() {
        return catalogue
            .format(&language, id, &args, None)
            .ok_or_else(|| unusable(format!("there is no string `{id}`")));
    }
    text_in(catalogue, &language, what, args)
}

/// A text of the page model in this language; `args` is what every string may use.
fn text_in(catalogue: &Catalogue, language: &str, what: &Value, mut args: Vec<(String, Arg)>) -> Result<String, Error> {
    if let Some(theirs) = member(what, "theirs") {
        return Ok(catalogue.isolate(language, &theirs.to_string()));
    }
    if let (Some(heading), Some(sentence)) = (member(what, "heading"), member(what, "sentence")) {
        let sentence = text_in(catalogue, language, &sentence, args.clone())?;
        let known = member(&heading, "id").is_some_and(|id| catalogue.knows(language, &id.to_string()));
        if !known {
            return Ok(sentence);
        }
        let heading = text_in(catalogue, language, &heading, args)?;
        let both = [("heading".to_owned(), Arg::Words(heading)), ("sentence".to_owned(), Arg::Words(sentence))];
        let id = strings::HEADING_AND_SENTENCE.name();
        return catalogue
            .format(language, id, &both, None)
            .ok_or_else(|| unusable(format!("there is no string `{id}`")));
    }
    let id = member(what, "id").ok_or_else(|| unusable("t() takes a string's id or a text of the page".to_owned()))?;
    let every = args.clone();
    for pair in member(what, "args").iter().filter_map(|pairs| pairs.try_iter().ok()).flatten() {
        let (name, value) = (pair.get_item_by_index(0)?, pair.get_item_by_index(1)?);
        let value = match value.kind() {
            ValueKind::Map => Arg::Words(text_in(catalogue, language, &value, every.clone())?),
            _ => arg(&value),
        };
        args.push((name.to_string(), value));
    }
    let or = member(what, "or").map(|or| or.to_string());
    let id = id.to_string();
    catalogue
        .format(language, &id, &args, or.as_deref())
        .ok_or_else(|| unusable(format!("there is no string `{id}`, or it lacks a parameter")))
}

fn member(value: &Value, name: &str) -> Option<Value> {
    value.get_attr(name).ok().filter(|member| !member.is_undefined() && !member.is_none())
}

fn arg(value: &Value) -> Arg {
    match (value.kind(), i64::try_from(value.clone())) {
        (ValueKind::Number, Ok(number)) => Arg::Number(number),
        _ => Arg::Words(value.to_string()),
    }
}

fn text_of(state: &State<'_, '_>, name: &str) -> String {
    state.lookup(name).map(|value| value.to_string()).unwrap_or_default()
}

fn unusable(detail: String) -> Error {
    Error::new(ErrorKind::InvalidOperation, detail)
}

/// Escapes the five characters that end text or an attribute's value.
fn escape(out: &mut Output<'_>, state: &mut State<'_, '_>, value: &Value) -> Result<(), Error> {
    if value.is_undefined() {
        return Err(Error::from(ErrorKind::UndefinedError));
    }
    let _ = state;
    let owned;
    let text = match value.as_str() {
        Some(text) => text,
        None => {
            owned = value.to_string();
            &owned
        }
    };
    if value.is_safe() {
        return out.write_str(text).map_err(Error::from);
    }
    let mut from = 0;
    for (at, character) in text.match_indices(['&', '<', '>', '"', '\'']) {
        let escaped = match character {
            "&" => "&amp;",
            "<" => "&lt;",
            ">" => "&gt;",
            "\"" => "&quot;",
            _ => "&#39;",
        };
        out.write_str(text.get(from..at).unwrap_or_default()).map_err(Error::from)?;
        out.write_str(escaped).map_err(Error::from)?;
        from = at + 1;
    }
    out.write_str(text.get(from..).unwrap_or_default()).map_err(Error::from)
}
