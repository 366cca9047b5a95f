//! Templates: compiled at start, escaped always, strict about names, bounded in work.
//!
//! Whatever the file's name, values are escaped as HTML text and attribute values (OWASP XSS
//! Prevention, rules 1 and 2); attributes are quoted in every template. An undefined name is an error
//! and not an empty string. A render may take [`FUEL`] instructions.
//!
//! An operator's folder replaces files of the same name; another name is a problem, because nothing
//! would ever use it.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use minijinja::value::{Kwargs, Value, ValueKind};
use minijinja::{AutoEscape, Environment, Error, ErrorKind, Output, State, UndefinedBehavior};

use super::strings::{self, Catalogue, ENGLISH};
use super::text::Arg;

/// Instructions that one page may take; the longest of ours takes about a tenth.
const FUEL: u64 = 200_000;

/// The templates we ship, by name.
pub(super) const SHIPPED: &[(&str, &str)] = &[
    ("base.html", include_str!("../../templates/base.html")),
    ("step.html", include_str!("../../templates/step.html")),
    ("message.html", include_str!("../../templates/message.html")),
    ("account.html", include_str!("../../templates/account.html")),
    ("sign-out.html", include_str!("../../templates/sign-out.html")),
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
    files: BTreeMap<&'static str, String>,
) -> Result<Environment<'static>, Vec<String>> {
    let mut problems = unknown_strings(theirs, &catalogue);
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_formatter(escape);
    environment.set_fuel(Some(FUEL));
    environment.add_function("t", move |state: &State<'_, '_>, what: Value, given: Kwargs| {
        say(&catalogue, state, &what, &given)
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
            problems.push(told(&error, |name| theirs.get(name).map_or(name, |file| &file.place).to_owned()));
        }
    }
    problems.extend(astray(theirs));
    if problems.is_empty() { Ok(environment) } else { Err(problems) }
}

/// Strings that a template names and no catalogue has.
fn unknown_strings(theirs: &Overrides, catalogue: &Catalogue) -> Vec<String> {
    let mut problems = Vec::new();
    for (name, ours) in SHIPPED {
        let (place, source) = theirs.get(*name).map_or((*name, *ours), |file| (&file.place, &file.source));
        for (at, call) in source.match_indices("t(\"") {
            let (before, after) = (&source[..at], &source[at + call.len()..]);
            let id = after.split('"').next().unwrap_or_default();
            if !before.ends_with(|last: char| last.is_alphanumeric() || last == '_') && !catalogue.knows(ENGLISH, id) {
                problems.push(format!("{place}:{}: there is no string `{id}`", before.matches('\n').count() + 1));
            }
        }
    }
    problems
}

/// Files that replace nothing, and blocks that nothing would ever show.
fn astray(theirs: &Overrides) -> Vec<String> {
    let mut problems = Vec::new();
    for (name, file) in theirs.iter().filter(|(name, _)| !SHIPPED.iter().any(|(known, _)| known == name)) {
        problems.push(format!("{}: there is no template `{name}` to replace", file.place));
    }
    let source = |name: &str| match theirs.get(name) {
        Some(file) => Some(file.source.as_str()),
        None => SHIPPED.iter().find(|(known, _)| *known == name).map(|(_, ours)| *ours),
    };
    for (name, _) in SHIPPED {
        let Some(own) = source(name) else { continue };
        let Some((_, parent)) = statements(own, "extends").into_iter().next() else { continue };
        let parent = parent.trim_matches(['"', '\'']);
        let Some(above) = source(parent) else { continue };
        let known: Vec<&str> = statements(above, "block").into_iter().map(|(_, block)| block).collect();
        for (line, block) in statements(own, "block").into_iter().filter(|(_, block)| !known.contains(block)) {
            let problem = match (theirs.get(*name), theirs.get(parent)) {
                (Some(file), _) => {
                    format!("{}:{line}: `{parent}` has no block `{block}`, so this is never shown", file.place)
                }
                (None, Some(file)) => format!("{}: lacks `{{% block {block} %}}`, which `{name}` fills", file.place),
                (None, None) => continue,
            };
            if !problems.iter().any(|told: &String| problem.split(", which").next() == told.split(", which").next()) {
                problems.push(problem);
            }
        }
    }
    problems
}

/// The statements `{% word … %}` of a template: line, from 1, and what follows the word.
fn statements<'source>(source: &'source str, word: &str) -> Vec<(usize, &'source str)> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some((open, kind)) = next_opening(source, at) {
        let close = if kind == '#' { "#}" } else { "%}" };
        let end = source.get(open..).and_then(|rest| rest.find(close)).map_or(source.len(), |length| open + length);
        let inside = source.get(open + 2..end).unwrap_or_default().trim_matches(['-', '+']).trim();
        if kind == '%'
            && let Some((first, rest)) = inside.split_once(char::is_whitespace)
            && first == word
        {
            let line = source.get(..open).unwrap_or_default().matches('\n').count() + 1;
            found.push((line, rest.split_whitespace().next().unwrap_or_default()));
        }
        at = end;
    }
    found
}

/// Where the next statement or comment begins.
fn next_opening(source: &str, from: usize) -> Option<(usize, char)> {
    let rest = source.get(from..)?;
    let openings = [('%', rest.find("{%")), ('#', rest.find("{#"))];
    openings.into_iter().filter_map(|(kind, at)| Some((from + at?, kind))).min()
}

/// A template's error as one line: file, line, what is wrong.
pub(super) fn told(error: &Error, place: impl Fn(&str) -> String) -> String {
    let mut deepest: &Error = error;
    while let Some(inner) = std::error::Error::source(deepest).and_then(|source| source.downcast_ref::<Error>()) {
        deepest = inner;
    }
    let file = place(deepest.name().unwrap_or("template"));
    let line = deepest.line().map(|line| format!(":{line}")).unwrap_or_default();
    let detail = deepest.detail().map(|detail| format!(": {detail}")).unwrap_or_default();
    format!("{file}{line}: {}{detail}", deepest.kind())
}

/// The operator's files below `folder`, by template name.
pub(super) fn overrides(folder: &Path, problems: &mut Vec<String>) -> Overrides {
    let mut found = Overrides::new();
    read(folder, folder, &mut found, problems);
    found
}

fn read(root: &Path, folder: &Path, found: &mut Overrides, problems: &mut Vec<String>) {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) => return problems.push(format!("{}: {error}", folder.display())),
    };
    for path in entries.flatten().map(|entry| entry.path()) {
        if path.is_dir() {
            read(root, &path, found, problems);
        } else if path.extension().is_some_and(|extension| extension == "html") {
            let name = path.strip_prefix(root).unwrap_or(&path).to_string_lossy().replace('\\', "/");
            let place = path.display().to_string();
            match fs::read_to_string(&path) {
                Ok(source) => _ = found.insert(name, Override { source, place }),
                Err(error) => problems.push(format!("{place}: {error}")),
            }
        }
    }
}

/// `t(text)`: a string of ours by its id with parameters by name, or a text of the page model.
fn say(catalogue: &Catalogue, state: &State<'_, '_>, what: &Value, given: &Kwargs) -> Result<String, Error> {
    let language = text_of(state, "lang");
    let brand = state.lookup("brand").and_then(|brand| member(&brand, "name")).map(|name| name.to_string());
    let mut args = vec![("brand".to_owned(), Arg::Words(brand.unwrap_or_default()))];
    for name in given.args() {
        args.push((name.to_owned(), arg(&given.get::<Value>(name)?)));
    }
    if let Some(id) = what.as_str() {
        return catalogue.say(&language, id, &args, None).ok_or_else(|| unusable(format!("there is no string `{id}`")));
    }
    said(catalogue, &language, what, args)
}

/// A text of the page model in this language; `args` is what every string may use.
fn said(catalogue: &Catalogue, language: &str, what: &Value, mut args: Vec<(String, Arg)>) -> Result<String, Error> {
    if let Some(theirs) = member(what, "theirs") {
        return Ok(catalogue.apart(language, &theirs.to_string()));
    }
    if let (Some(heading), Some(sentence)) = (member(what, "heading"), member(what, "sentence")) {
        let sentence = said(catalogue, language, &sentence, args.clone())?;
        let known = member(&heading, "id").is_some_and(|id| catalogue.knows(language, &id.to_string()));
        if !known {
            return Ok(sentence);
        }
        let heading = said(catalogue, language, &heading, args)?;
        let both = [("heading".to_owned(), Arg::Words(heading)), ("sentence".to_owned(), Arg::Words(sentence))];
        let id = strings::HEADING_AND_SENTENCE.name();
        return catalogue.say(language, id, &both, None).ok_or_else(|| unusable(format!("there is no string `{id}`")));
    }
    let id = member(what, "id").ok_or_else(|| unusable("t() takes a string's id or a text of the page".to_owned()))?;
    let every = args.clone();
    for pair in member(what, "args").iter().filter_map(|pairs| pairs.try_iter().ok()).flatten() {
        let (name, value) = (pair.get_item_by_index(0)?, pair.get_item_by_index(1)?);
        let value = match value.kind() {
            ValueKind::Map => Arg::Words(said(catalogue, language, &value, every.clone())?),
            _ => arg(&value),
        };
        args.push((name.to_string(), value));
    }
    let or = member(what, "or").map(|or| or.to_string());
    let id = id.to_string();
    catalogue
        .say(language, &id, &args, or.as_deref())
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
