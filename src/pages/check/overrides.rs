//! An operator's templates: read from a folder, and what can be wrong with them before a page is rendered.
//!
//! A file replaces ours of the same name; another name is a problem, because nothing would ever use it.

use std::fs;
use std::path::Path;

use crate::pages::strings::{Catalogue, ENGLISH};
use crate::pages::templates::{Override, Overrides, SHIPPED};

/// The operator's files below `folder`, by template name.
pub(in crate::pages) fn read(folder: &Path, problems: &mut Vec<String>) -> Overrides {
    let mut found = Overrides::new();
    read_folder(folder, folder, &mut found, problems);
    found
}

fn read_folder(root: &Path, folder: &Path, found: &mut Overrides, problems: &mut Vec<String>) {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) => return problems.push(format!("{}: {error}", folder.display())),
    };
    for path in entries.flatten().map(|entry| entry.path()) {
        if path.is_dir() {
            read_folder(root, &path, found, problems);
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

/// Every problem of the templates as they stand, ours with the operator's in their place.
pub(in crate::pages) fn problems(theirs: &Overrides, catalogue: &Catalogue) -> Vec<String> {
    let mut problems = unknown_strings(theirs, catalogue);
    problems.extend(unused(theirs));
    problems
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
fn unused(theirs: &Overrides) -> Vec<String> {
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
            if !problems.iter().any(|other: &String| problem.split(", which").next() == other.split(", which").next()) {
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
