//! An operator's strings: a folder a language, whose messages replace ours one by one, and what can be
//! wrong with them before anybody reads a page.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::ids::{Family, LANGUAGE_NAME};
use super::parameters::{Parameters, parameters};

/// Language → files of name and text, ours first: what comes later replaces what came before.
pub(super) type Sources = BTreeMap<String, Vec<(String, String)>>;

/// Reads the folder into `sources`, held against our own strings and what they are given.
pub(super) fn strings(folder: &Path, ours: &Parameters, sources: &mut Sources, problems: &mut Vec<String>) {
    let shipped: Vec<String> = sources.keys().cloned().collect();
    for language in entries(folder, problems) {
        if !language.is_dir() {
            if is_fluent(&language) {
                problems.push(format!("{}: stands in no language's folder", language.display()));
            }
            continue;
        }
        let tag = language.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let mut named = shipped.contains(&tag);
        for file in entries(&language, problems).into_iter().filter(|path| is_fluent(path)) {
            let name = file.display().to_string();
            match fs::read_to_string(&file) {
                Ok(text) => {
                    named |= parameters(&text).contains_key(LANGUAGE_NAME.name());
                    compare(&name, &text, ours, problems);
                    sources.entry(tag.clone()).or_default().push((name, text));
                }
                Err(error) => problems.push(format!("{name}: {error}")),
            }
        }
        if !named {
            let known = shipped.join(", ");
            let place = language.display();
            problems.push(format!("{place}: is none of {known}, and has no `language-name` to be offered by"));
        }
    }
}

/// A message of ours in other words can only use what ours is given; one that is not ours is never said,
/// unless another one holds it.
fn compare(name: &str, text: &str, ours: &Parameters, problems: &mut Vec<String>) {
    let mut found: Vec<(usize, String)> = Vec::new();
    for (id, asks) in parameters(text) {
        let at = line(text, &id);
        match ours.get(&id) {
            Some(given) => {
                for parameter in asks.iter().filter(|parameter| *parameter != "brand" && !given.contains(*parameter)) {
                    found.push((at, format!("`{id}` is never given `${parameter}`")));
                }
            }
            None if Family::PREFIXES.iter().any(|family| id.starts_with(family)) || is_held(text, &id) => {}
            None => found.push((at, format!("there is no string `{id}` to replace"))),
        }
    }
    found.sort();
    problems.extend(found.into_iter().map(|(at, problem)| format!("{name}:{at}: {problem}")));
}

/// The line of a message or of its attribute, from 1.
fn line(text: &str, id: &str) -> usize {
    let (message, attribute) = id.split_once('.').map_or((id, None), |(message, attribute)| (message, Some(attribute)));
    let begins = |line: &str, id: &str| line.strip_prefix(id).is_some_and(|rest| rest.trim_start().starts_with('='));
    let lines = text.lines().enumerate().skip_while(|(_, line)| !begins(line, message));
    let mut within = lines.filter(|(_, line)| match attribute {
        Some(attribute) => begins(line.trim_start(), &format!(".{attribute}")),
        None => true,
    });
    within.next().map_or(1, |(at, _)| at + 1)
}

/// Whether another message of the file refers to this one.
fn is_held(text: &str, id: &str) -> bool {
    text.split('{').skip(1).any(|inside| {
        let after = inside.trim_start().strip_prefix(id);
        after.is_some_and(|after| after.starts_with(|next: char| next.is_whitespace() || next == '}' || next == '.'))
    })
}

fn is_fluent(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "ftl")
}

fn entries(folder: &Path, problems: &mut Vec<String>) -> Vec<PathBuf> {
    match fs::read_dir(folder) {
        Ok(entries) => {
            let mut paths: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
            paths.sort();
            paths
        }
        Err(error) => {
            problems.push(format!("{}: {error}", folder.display()));
            Vec::new()
        }
    }
}
