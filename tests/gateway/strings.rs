//! Every string that the sign-in names is in the catalogue.

use std::path::Path;

use idx_gateway::pages::{Look, Pages};

/// What looks like the name of a string in `src/signin` and is something else.
const NOT_STRINGS: [&str; 0] = [];

fn sources(folder: &Path, found: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|kind| kind == "rs") {
            found.push(std::fs::read_to_string(&path).expect("a file"));
        }
    }
}

#[test]
fn every_string_that_is_named_exists() {
    let pages = Pages::compile(&Look::default()).expect("the pages compile");
    let english = pages.language(Some("en"), None);
    let mut files = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/signin"), &mut files);
    let mut named = 0;
    let mut missing = Vec::new();
    for file in &files {
        let code = file.split("#[cfg(test)]").next().unwrap_or_default();
        for call in ["ours(\"", "Text::ours(\"", ".error(StatusCode::", ".message(StatusCode::"] {
            for after in code.split(call).skip(1) {
                let end =
                    if call.starts_with('.') { after.find(')').unwrap_or(0) } else { after.find('"').unwrap_or(0) };
                let ids: Vec<&str> = match call.starts_with('.') {
                    true => after[..end].split('"').skip(1).step_by(2).collect(),
                    false => vec![&after[..end]],
                };
                for id in ids.into_iter().filter(|id| !NOT_STRINGS.contains(id) && !id.contains('{')) {
                    named += 1;
                    if !pages.knows(&english, id) {
                        missing.push(id.to_owned());
                    }
                }
            }
        }
    }
    assert!(named > 60, "only {named} strings were found: the search is broken");
    missing.sort();
    missing.dedup();
    assert!(missing.is_empty(), "not in the catalogue: {missing:?}");
}
