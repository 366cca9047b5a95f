//! The table and the tests agree.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

fn here(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/gateway").join(name)
}

/// The rows of the table: feature file, scenario, test or reason.
fn rows() -> Vec<[String; 3]> {
    let table = std::fs::read_to_string(here("SCENARIOS.md")).expect("the table is there");
    let rows = table.lines().filter(|line| line.starts_with("| ")).skip(1);
    let cells = rows.map(|line| line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect());
    cells.map(|cells: Vec<_>| cells.try_into().unwrap_or_else(|cells| panic!("not three cells: {cells:?}"))).collect()
}

/// The test that a cell names, in backticks and with nothing beside it.
fn test_named(cell: &str) -> Option<&str> {
    cell.strip_prefix('`')?.strip_suffix('`')
}

/// Every test of this folder: module, name.
fn tests() -> BTreeSet<(String, String)> {
    let mut tests = BTreeSet::new();
    for file in std::fs::read_dir(here("scenarios")).expect("the folder is there") {
        let path = file.expect("a file").path();
        let module = path.file_stem().and_then(|stem| stem.to_str()).expect("a name").to_owned();
        let source = std::fs::read_to_string(&path).expect("a source file");
        let mut lines = source.lines();
        while lines.any(|line| line.trim() == "#[tokio::test]") {
            let signature = lines.next().unwrap_or_default();
            let name = signature.strip_prefix("async fn ").and_then(|rest| rest.split('(').next());
            let name = name.unwrap_or_else(|| panic!("{module}: what follows #[tokio::test] is {signature}"));
            tests.insert((module.clone(), name.to_owned()));
        }
    }
    tests
}

#[test]
fn the_table_names_every_test_and_no_other() {
    let rows = rows();
    let named: Vec<_> = rows
        .iter()
        .filter_map(|[feature, _, cell]| Some((feature.replace('-', "_"), test_named(cell)?.to_owned())))
        .collect();
    let once: BTreeSet<_> = named.iter().cloned().collect();
    assert_eq!(named.len(), once.len(), "a test stands in the table twice");
    let tests = tests();
    let missing: Vec<_> = once.difference(&tests).collect();
    let unlisted: Vec<_> = tests.difference(&once).collect();
    assert!(missing.is_empty() && unlisted.is_empty(), "without a test: {missing:?}; not in the table: {unlisted:?}");
}

#[test]
fn the_table_has_every_feature_file_and_a_reason_where_there_is_no_test() {
    let mut features: BTreeMap<String, usize> = BTreeMap::new();
    for [feature, scenario, cell] in rows() {
        assert!(!scenario.is_empty(), "{feature} has a row without a scenario");
        assert!(test_named(&cell).is_some() || cell.len() > 20, "{feature}, {scenario}: `{cell}` is no reason");
        *features.entry(feature).or_default() += 1;
    }
    assert_eq!(features.len(), 30, "{features:?}");
}
