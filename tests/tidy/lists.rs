//! Lists that people wrote and that the code must bear out.

use std::collections::BTreeSet;

use crate::source::{File, blanked, words};
use crate::tree::{Tree, breaks, breaks_with, holds, passes, passes_with};

#[test]
fn the_readme_lists_every_metric_and_no_other() {
    let rule = |tree: &Tree| {
        let (Some(readme), Some(source)) = (tree.text("README.md"), tree.text("src/metrics.rs")) else {
            return Vec::new();
        };
        let (listed, counted) = (metrics_in(readme), metrics_in(&strings(source)));
        let missing = counted.difference(&listed).map(|name| format!("README.md: does not list {name}"));
        let invented = listed.difference(&counted).map(|name| format!("README.md: lists {name}, which nobody counts"));
        missing.chain(invented).collect()
    };
    holds(rule);
    let counted = ("src/metrics.rs", "fn f() { counter(\"gateway_a_total\") }");
    breaks_with(rule, &[("README.md", "`gateway_b_total`"), counted]);
    breaks_with(rule, &[("README.md", "none"), counted]);
    breaks_with(rule, &[("README.md", "`gateway_a_total` and `gateway_b_total`"), counted]);
    passes_with(rule, &[("README.md", "| `gateway_a_total` |, `gateway_process_*`"), counted]);
}

#[test]
fn the_configuration_file_shows_every_setting() {
    let rule = |tree: &Tree| {
        let Some(shown) = tree.text("gateway.toml") else {
            return Vec::new();
        };
        let shown = keys_shown_in(shown);
        let mut found = Vec::new();
        let readers = tree.under("src/config").chain(tree.under("src/pages/look.rs"));
        for file in readers.filter(|file| file.is_rust() && !file.path.ends_with("/tests.rs")) {
            for key in keys_read_in(file).into_iter().filter(|key| !shown.contains(key)) {
                found.push(format!("{}: reads `{key}`, which gateway.toml does not show", file.path));
            }
        }
        found
    };
    holds(rule);
    let shown = ("gateway.toml", "[server]\n# listen = \"0.0.0.0:80\"");
    breaks_with(
        rule,
        &[shown, ("src/config/raw.rs", "#[derive(Deserialize)]\nstruct Server { listen: String, trusted: bool }")],
    );
    breaks_with(
        rule,
        &[
            shown,
            (
                "src/config/raw.rs",
                "#[derive(Deserialize)]\nstruct Server {\n#[serde(rename = \"ears\")]\nlisten: String }",
            ),
        ],
    );
    passes_with(
        rule,
        &[
            shown,
            (
                "src/config/raw.rs",
                "#[derive(Debug, serde::Deserialize)]\nstruct S { #[serde(default)] pub(super) listen: Option<Vec<A>> }",
            ),
        ],
    );
    breaks_with(rule, &[shown, ("src/config/mod.rs", "fn f() { section.number(\n\"threads\", 1..=9, 2) }")]);
    breaks_with(rule, &[shown, ("src/config/mod.rs", "fn f() { reader.sections(\"route\") }")]);
    passes_with(rule, &[shown, ("src/config/mod.rs", "fn f() { reader.section(\"server\").text(\"listen\") }")]);
    passes_with(rule, &[shown, ("src/config/mod.rs", "struct Config { trusted: bool }")]);
}

#[test]
fn links_of_the_readme_lead_somewhere() {
    let rule = |tree: &Tree| {
        let Some(readme) = tree.text("README.md") else {
            return Vec::new();
        };
        let targets = readme.match_indices("](").filter_map(|(at, _)| readme[at + 2..].split(')').next());
        let ours = targets.filter(|target| !target.starts_with('#') && !target.contains("://"));
        ours.map(|target| target.split('#').next().unwrap_or(target).trim_end_matches('/'))
            .filter(|target| {
                !tree.files.iter().any(|file| file.path == *target || file.path.starts_with(&format!("{target}/")))
            })
            .map(|target| format!("README.md: {target} is not there"))
            .collect()
    };
    holds(rule);
    breaks(rule, "README.md", "see [this](docs/nothing.md)");
    passes(rule, "README.md", "see [this](README.md#here), [that](https://example.com)");
}

#[test]
fn the_benchmark_measures_the_pingora_that_is_shipped() {
    let rule = |tree: &Tree| {
        let version = |path: &str| {
            let line = tree.text(path)?.lines().find(|line| line.starts_with("pingora "))?;
            Some(line.split('#').next()?.trim().to_owned())
        };
        match (version("Cargo.toml"), version("tests/bench/plain/Cargo.toml")) {
            (Some(ours), Some(plain)) if ours != plain => {
                vec![format!("tests/bench/plain/Cargo.toml: {plain}, ours is {ours}")]
            }
            _ => Vec::new(),
        }
    };
    holds(rule);
    let ours = ("Cargo.toml", "[dependencies]\npingora = { version = \"=0.9.1\" } # exact");
    breaks_with(rule, &[ours, ("tests/bench/plain/Cargo.toml", "pingora = { version = \"=0.9.0\" }")]);
    passes_with(rule, &[ours, ("tests/bench/plain/Cargo.toml", "pingora = { version = \"=0.9.1\" }")]);
}

/// Names of metrics in a text, without what follows them. Those of the process are left out: the
/// prometheus crate names them.
fn metrics_in(text: &str) -> BTreeSet<String> {
    let words = text.split(|c: char| c != '_' && !c.is_ascii_alphanumeric());
    words
        .filter(|word| word.starts_with("gateway_") && word.len() > "gateway_".len())
        .filter(|word| !word.starts_with("gateway_process_"))
        .map(str::to_owned)
        .collect()
}

/// The insides of strings, a line each; comments do not count, nor do tests.
fn strings(source: &str) -> String {
    let source = source.split("#[cfg(test)]\nmod ").next().unwrap_or(source);
    let lines: Vec<&str> = source.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
    lines.join("\n").split('"').skip(1).step_by(2).collect::<Vec<_>>().join("\n")
}

/// The keys that a configuration shows, set or commented out.
fn keys_shown_in(configuration: &str) -> BTreeSet<String> {
    let mut keys = BTreeSet::new();
    for line in configuration.lines().map(|line| line.trim_start_matches(['#', ' '])) {
        let words = words(line);
        if line.starts_with('[') {
            keys.extend(words);
        } else {
            keys.extend(words.windows(2).filter(|pair| pair[1] == "=").map(|pair| pair[0].clone()));
        }
    }
    keys
}

/// How `src/config` asks for a setting.
const GETTERS: [&str; 13] = [
    "section", "sections", "opaque", "text", "texts", "parsed", "required", "flag", "number", "one_of", "secret",
    "keys", "pairs",
];

/// The keys that a file asks for, and those that serde reads into its structs.
fn keys_read_in(file: &File) -> BTreeSet<String> {
    let mut keys = BTreeSet::new();
    let code = file.text.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
    for getter in GETTERS {
        for (at, call) in code.match_indices(&format!(".{getter}(")) {
            let asked = code[at + call.len()..].trim_start().strip_prefix('"');
            keys.extend(asked.and_then(|key| key.split('"').next()).map(str::to_owned));
        }
    }
    for (at, _) in file.text.match_indices("struct ") {
        let attributes = file.text[..at].rsplit("\n\n").next().unwrap_or_default();
        let after = &file.text[at..];
        let Some(open) = after.find(['{', ';', '(']).filter(|open| after[*open..].starts_with('{')) else {
            continue;
        };
        if !attributes.contains("Deserialize") {
            continue;
        }
        let body = &after[open + 1..after.find("\n}").or_else(|| after.rfind('}')).unwrap_or(after.len())];
        let mut renamed = None;
        for line in body.split([',', '\n']) {
            if let Some(name) = line.split("rename = \"").nth(1) {
                renamed = name.split('"').next().map(str::to_owned);
            }
            let line = blanked(line.rsplit(']').next().unwrap_or(line));
            let words = words(line.split("//").next().unwrap_or_default());
            if let Some(colon) = words.iter().position(|word| word == ":").filter(|colon| *colon > 0) {
                keys.insert(renamed.take().unwrap_or_else(|| words[colon - 1].clone()));
            }
        }
    }
    keys
}
