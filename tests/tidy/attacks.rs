//! `tests/attacks.md`: each numbered case and the tests that try it.

use std::collections::{BTreeMap, BTreeSet};

use crate::tree::{Tree, breaks_with, holds, passes_with};

const TABLE: &str = "tests/attacks.md";

/// The families, and how many cases each has at least.
const FAMILIES: [(&str, usize); 13] = [
    ("K", 19),
    ("L", 28),
    ("I", 9),
    ("H", 19),
    ("P", 19),
    ("T", 5),
    ("R", 11),
    ("S", 15),
    ("W", 12),
    ("C", 10),
    ("D", 13),
    ("F", 6),
    ("B", 5),
];

#[test]
fn every_attack_has_its_test() {
    let rule = |tree: &Tree| {
        let Some(table) = tree.text(TABLE) else { return Vec::new() };
        let sources = tree.files.iter().filter(|file| file.path.ends_with(".rs"));
        let functions: BTreeSet<&str> = sources.flat_map(|file| functions(&file.text)).collect();
        let mut found = Vec::new();
        let mut numbers: BTreeMap<&str, usize> = BTreeMap::new();
        for line in table.lines() {
            let cells: Vec<&str> = line.split('|').map(str::trim).collect();
            let [_, case, _, tests, _] = cells[..] else { continue };
            let Some((family, number)) = case.split_once('-').filter(|(_, number)| number.parse::<usize>().is_ok())
            else {
                continue;
            };
            let before = numbers.entry(family).or_default();
            *before += 1;
            if number != format!("{before:02}") {
                found.push(format!("{TABLE}: {family}-{before:02} is missing before {case}"));
            }
            let names: Vec<&str> = tests.split('`').skip(1).step_by(2).collect();
            if names.is_empty() && !tests.starts_with("none: ") {
                found.push(format!("{TABLE}: {case} has no test, and does not say why"));
            }
            let gone = names.iter().filter(|name| !functions.contains(*name));
            found.extend(gone.map(|name| format!("{TABLE}: {case} names `{name}`, and there is no such function")));
        }
        found
    };
    holds(rule);
    holds(|tree: &Tree| no_family_ends_early(tree, &FAMILIES));
    let one = &[("H", 1)];
    breaks_with(|tree: &Tree| no_family_ends_early(tree, one), &[(TABLE, "| T-01 | x | `a_test` |")]);
    passes_with(|tree: &Tree| no_family_ends_early(tree, one), &[(TABLE, "| H-01 | x | `a_test` |")]);
    let tests = ("src/a.rs", "#[test]\nfn a_test() {}\nasync fn another() {}");
    passes_with(rule, &[tests, (TABLE, "| H-01 | x | `a_test`, `another` |\n| H-02 | y | none: not yet |")]);
    breaks_with(rule, &[tests, (TABLE, "| H-01 | x | `gone` |")]);
    breaks_with(rule, &[tests, (TABLE, "| H-01 | x | |")]);
    breaks_with(rule, &[tests, (TABLE, "| H-01 | x | `a_test` |\n| H-03 | y | `a_test` |")]);
}

/// C-06: operators read in the change log what was a hole, and each fix has a test that keeps it closed.
#[test]
fn every_fix_of_a_hole_is_told_and_has_its_test() {
    let rule = |tree: &Tree| {
        let Some(log) = tree.text("CHANGELOG.md") else { return Vec::new() };
        let sources = tree.files.iter().filter(|file| file.path.ends_with(".rs"));
        let known: BTreeSet<&str> = sources.flat_map(|file| functions(&file.text)).collect();
        let mut items: Vec<String> = Vec::new();
        let mut is_security = false;
        for line in log.lines() {
            match line {
                _ if line.starts_with('#') => is_security = line == "### Security",
                _ if !is_security => {}
                _ if line.starts_with("- ") => items.push(line.to_owned()),
                _ => items.iter_mut().next_back().into_iter().for_each(|item| item.push_str(line)),
            }
        }
        let is_tested = |item: &&String| item.split('`').skip(1).step_by(2).any(|name| known.contains(name));
        items.iter().filter(|item| !is_tested(item)).map(|item| format!("CHANGELOG.md: no test for: {item}")).collect()
    };
    holds(rule);
    let tests = ("src/a.rs", "#[test]\nfn a_test() {}");
    passes_with(rule, &[tests, ("CHANGELOG.md", "### Security\n\n- A hole.\n  (`a_test`)\n\n### Added\n\n- A door.")]);
    breaks_with(rule, &[tests, ("CHANGELOG.md", "### Security\n\n- A hole. (`gone`)")]);
}

fn no_family_ends_early(tree: &Tree, families: &[(&str, usize)]) -> Vec<String> {
    let Some(table) = tree.text(TABLE) else { return Vec::new() };
    let is_missing = |(family, cases): &&(&str, usize)| {
        let beginning = format!("| {family}-{cases:02} |");
        !table.lines().any(|line| line.starts_with(&beginning))
    };
    families
        .iter()
        .filter(is_missing)
        .map(|(family, cases)| format!("{TABLE}: {family}-{cases:02} is missing"))
        .collect()
}

/// The names of the functions in a source.
fn functions(text: &str) -> impl Iterator<Item = &str> {
    text.split("fn ").skip(1).filter_map(|rest| rest.split(['(', '<']).next())
}
