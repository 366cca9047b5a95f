//! An operator's templates, tried out at start: every sample in every language, held against what our own templates
//! make of it.
//!
//! One mistake is reported once, with the first page that shows it and how many others do.

use std::collections::{BTreeMap, BTreeSet};

use minijinja::Environment;
use serde_json::Value as Json;

use super::html::squeezed;
use super::inspect::{self, Kind};
use super::samples;
use crate::pages::strings::ENGLISH;
use crate::pages::templates::{self, Overrides};
use crate::pages::text::Arg;
use crate::pages::{Frame, Page, Pages, template};

/// Every problem of the operator's templates; `compile` makes an environment of others.
pub(in crate::pages) fn problems(
    pages: &Pages,
    theirs: &Overrides,
    compile: impl Fn(&Overrides) -> Option<Environment<'static>>,
) -> Vec<String> {
    let Some(ours) = compile(&Overrides::new()) else { return Vec::new() };
    let mut locales: Vec<_> = pages.catalogue.locales().iter().collect();
    locales.sort_by_key(|locale| locale.tag != ENGLISH);
    for locale in locales {
        let frame = Frame {
            language: pages.language(Some(&locale.tag), None),
            prefix: "/.gateway".to_owned(),
            here: "/".to_owned(),
            host: String::new(),
        };
        let found = in_language(pages, theirs, &ours, &frame, &compile);
        // What is wrong in one language is wrong in the others, too.
        if !found.is_empty() {
            return found;
        }
    }
    Vec::new()
}

/// Where a problem stands and its kind → the first page, its message, and how many pages have it.
type Problems = BTreeMap<(String, String), (String, usize)>;

fn note(problems: &mut Problems, place: String, kind: String, text: impl FnOnce() -> String) {
    problems.entry((place, kind)).or_insert_with(|| (text(), 0)).1 += 1;
}

/// Template and kind → the pages that lack something of it: name, page, what it is.
type Lacking = BTreeMap<(&'static str, Kind), Vec<(&'static str, Page, String)>>;

fn in_language(
    pages: &Pages,
    theirs: &Overrides,
    ours: &Environment<'static>,
    frame: &Frame,
    compile: impl Fn(&Overrides) -> Option<Environment<'static>>,
) -> Vec<String> {
    let place = |name: &str| theirs.get(name).map_or_else(|| name.to_owned(), |file| file.place.clone());
    let mut problems = Problems::new();
    let mut lacking = Lacking::new();
    for (name, page) in samples::samples() {
        let html = match pages.rendered(&pages.templates, &page, frame) {
            Ok(html) => html,
            Err(error) => {
                note(&mut problems, templates::describe(&error, place), String::new(), String::new);
                continue;
            }
        };
        let mut faults = inspect::faults(&html);
        if faults.is_empty()
            && let Ok(right) = pages.rendered(ours, &page, frame)
        {
            match inspect::missing(&right, &html, &words(pages, &page, frame)) {
                Some((kind, what)) => {
                    lacking.entry((template(&page), kind)).or_default().push((name, page.clone(), what));
                }
                None => faults = inspect::broken_references(&html),
            }
        }
        for fault in &faults {
            let own = template(&page);
            let files = theirs.get(own).into_iter().chain(theirs.values());
            let line = files.filter_map(|file| Some((&file.place, fault.mark.line(&file.source)?))).next();
            let place = line.map_or_else(|| place(own), |(place, line)| format!("{place}:{line}"));
            note(&mut problems, place, fault.message.clone(), || format!("the page `{name}` {}", fault.message));
        }
    }
    for ((own, kind), found) in lacking {
        let Some((name, page, what)) = found.first() else { continue };
        // The file that causes it: without it the page is whole.
        let whole_without = |file: &&String| {
            let others =
                theirs.iter().filter(|(other, _)| other != file).map(|(name, file)| (name.clone(), file.clone()));
            let html = compile(&others.collect()).and_then(|others| pages.rendered(&others, page, frame).ok());
            let right = pages.rendered(ours, page, frame).unwrap_or_default();
            html.is_some_and(|html| inspect::missing(&right, &html, &words(pages, page, frame)).is_none())
        };
        let culprit = theirs.keys().find(whole_without).map_or(own, String::as_str);
        for _ in &found {
            note(&mut problems, place(culprit), format!("{kind:?}"), || format!("the page `{name}` lacks {what}"));
        }
    }
    lines(problems)
}

/// One line for each problem.
fn lines(problems: Problems) -> Vec<String> {
    problems
        .into_iter()
        .map(|((place, _), (text, count))| match (text.is_empty(), count) {
            (true, _) => place,
            (false, 1) => format!("{place}: {text}"),
            (false, 2) => format!("{place}: {text} (and 1 page more)"),
            (false, count) => format!("{place}: {text} (and {} pages more)", count - 1),
        })
        .collect()
}

/// Every text of a page's content, as it is shown: whatever the page is given rather than its template.
fn words(pages: &Pages, page: &Page, frame: &Frame) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    gather(pages, frame, &serde_json::to_value(page).unwrap_or_default(), &mut found);
    found
}

fn gather(pages: &Pages, frame: &Frame, content: &Json, found: &mut BTreeSet<String>) {
    let mut add = |text: String| _ = found.insert(squeezed(&text));
    match content {
        Json::String(text) => add(text.clone()),
        Json::Array(list) => list.iter().for_each(|item| gather(pages, frame, item, found)),
        Json::Object(map) => {
            let tag = frame.language.tag();
            let text = |name: &str| map.get(name).and_then(Json::as_str);
            match (text("id"), map.get("args").and_then(Json::as_array), text("theirs")) {
                (Some(id), Some(args), _) => {
                    let brand = pages.brands.iter().find(|brand| brand.is_for(&frame.host));
                    let brand = brand.map(|brand| Arg::from(brand.name.as_str()));
                    let given = args.iter().filter_map(|pair| {
                        let (name, value) = (pair.get(0)?.as_str()?, pair.get(1)?);
                        let words = || Arg::from(value.as_str().unwrap_or_default());
                        Some((name.to_owned(), value.as_i64().map_or_else(words, Arg::Number)))
                    });
                    let given: Vec<_> =
                        brand.map(|brand| ("brand".to_owned(), brand)).into_iter().chain(given).collect();
                    pages.catalogue.format(tag, id, &given, text("or")).into_iter().for_each(add);
                }
                (_, _, Some(theirs)) => add(pages.catalogue.isolate(tag, theirs)),
                _ => map.values().for_each(|value| gather(pages, frame, value, found)),
            }
        }
        _ => {}
    }
}
