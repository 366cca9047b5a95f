//! Rules for every file, and for where files are.

use std::collections::BTreeSet;

use crate::source::words;
use crate::tree::{Tree, breaks, holds, passes};

/// The names at the top of the repository. Besides what the project needs, these are files that a tool expects there.
const TOP: [&str; 17] = [
    ".ci",
    ".gitignore",
    "CHANGELOG.md",
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE",
    "README.md",
    "build.rs",
    "clippy.toml",
    "deny.toml",
    "deploy",
    "docs",
    "gateway.toml",
    "rustfmt.toml",
    "src",
    "templates",
    "tests",
];

/// Files that the rules read. Without them the rules would hold, having found nothing.
const READ: [&str; 10] = [
    "CHANGELOG.md",
    "Cargo.toml",
    "README.md",
    "docs/limits.md",
    "gateway.toml",
    "src/config/reader.rs",
    "src/metrics.rs",
    "src/pages/branding/look.rs",
    "tests/attacks.md",
    "tests/bench/plain/Cargo.toml",
];

#[test]
fn what_the_rules_read_is_there() {
    let rule = |tree: &Tree| {
        let gone = READ.iter().filter(|path| tree.text(path).is_none());
        gone.map(|path| format!("{path}: is not there")).collect()
    };
    holds(rule);
    breaks(rule, "README.md", "");
}

#[test]
fn every_file_says_what_it_is() {
    let rule = |tree: &Tree| {
        tree.rust()
            .filter(|file| !file.text.starts_with("//!"))
            .map(|file| format!("{}: opens without //!", file.path))
            .collect()
    };
    holds(rule);
    breaks(rule, "src/web.rs", "use std::fmt;");
    passes(rule, "src/web.rs", "//! Requests and responses.");
}

#[test]
fn nothing_is_unsafe_unfinished_or_skipped() {
    let rule = |tree: &Tree| {
        let mut found = Vec::new();
        for file in tree.rust() {
            let words = words(file.syntax());
            let before = |at: usize| if at > 0 { words[at - 1].as_str() } else { "" };
            for (at, word) in words.iter().enumerate() {
                let next = words.get(at + 1).map_or("", String::as_str);
                let wrong = match word.as_str() {
                    "unsafe" => true,
                    "todo" | "unimplemented" => next == "!",
                    "ignore" => before(at) == "[" && matches!(next, "]" | "="),
                    _ => false,
                };
                if wrong {
                    found.push(format!("{}: {word}", file.path));
                }
            }
        }
        found
    };
    holds(rule);
    breaks(rule, "src/web.rs", "unsafe fn f() {}");
    breaks(rule, "src/web.rs", "fn f() { todo!() }");
    breaks(rule, "tests/gateway/main.rs", "#[test]\n#[ignore = \"slow\"]\nfn f() {}");
    passes(rule, "src/web.rs", "#![forbid(unsafe_code)]\n// unsafe\nconst A: &str = \"todo!() #[ignore]\";");
}

#[test]
fn the_top_level_holds_what_belongs_there() {
    let rule = |tree: &Tree| {
        let tops: BTreeSet<&str> = tree.files.iter().filter_map(|file| file.path.split('/').next()).collect();
        tops.into_iter()
            .filter(|top| !TOP.contains(top))
            .map(|top| format!("{top}: does not belong at the top"))
            .collect()
    };
    holds(rule);
    breaks(rule, "notes.md", "");
    passes(rule, "tests/notes.md", "");
}
