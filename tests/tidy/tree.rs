//! The files that the rules look at.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use crate::source::File;

/// A set of files.
pub(crate) struct Tree {
    /// In the order of their paths.
    pub(crate) files: Vec<File>,
}

impl Tree {
    /// The files of this repository, committed or not, without those that git ignores.
    fn here() -> Self {
        let top = Path::new(env!("CARGO_MANIFEST_DIR"));
        let listing = Command::new("git").args(["ls-files", "-co", "--exclude-standard"]).current_dir(top).output();
        let listing = listing.expect("git lists the files");
        let mut paths: Vec<String> = String::from_utf8_lossy(&listing.stdout).lines().map(str::to_owned).collect();
        paths.retain(|path| top.join(path).is_file());
        paths.sort();
        paths.dedup();
        assert!(paths.len() > 20, "git lists {} files: is this a clone?", paths.len());
        let text = |path: &String| fs::read_to_string(top.join(path)).unwrap_or_default();
        Self { files: paths.into_iter().map(|path| File { text: text(&path), path }).collect() }
    }

    fn made_up(files: &[(&str, &str)]) -> Self {
        let file = |(path, text): &(&str, &str)| File { path: (*path).to_owned(), text: (*text).to_owned() };
        Self { files: files.iter().map(file).collect() }
    }

    pub(crate) fn rust(&self) -> impl Iterator<Item = &File> {
        self.files.iter().filter(|file| file.is_rust())
    }

    pub(crate) fn under(&self, folder: &str) -> impl Iterator<Item = &File> {
        self.files.iter().filter(move |file| file.path.starts_with(folder))
    }

    pub(crate) fn src(&self) -> impl Iterator<Item = &File> {
        self.rust().filter(|file| file.module().is_some())
    }

    pub(crate) fn text(&self, path: &str) -> Option<&str> {
        self.files.iter().find(|file| file.path == path).map(|file| file.text.as_str())
    }

    /// The results of `breach` for the paths that the chosen modules name.
    pub(crate) fn in_src(&self, chosen: impl Fn(&str) -> bool, breach: impl Fn(&str) -> Option<String>) -> Vec<String> {
        let files = self.src().filter(|file| file.module().is_some_and(&chosen));
        let said = files.flat_map(|file| {
            file.paths()
                .into_iter()
                .filter_map(|path| Some(format!("{}: {}", file.path, breach(&path)?)))
                .collect::<Vec<_>>()
        });
        said.collect::<BTreeSet<_>>().into_iter().collect()
    }
}

pub(crate) fn holds(rule: impl Fn(&Tree) -> Vec<String>) {
    let breaches = rule(&Tree::here());
    assert!(breaches.is_empty(), "\n{}\n", breaches.join("\n"));
}

pub(crate) fn breaks(rule: impl Fn(&Tree) -> Vec<String>, path: &str, text: &str) {
    breaks_with(rule, &[(path, text)]);
}

pub(crate) fn breaks_with(rule: impl Fn(&Tree) -> Vec<String>, files: &[(&str, &str)]) {
    assert!(!rule(&Tree::made_up(files)).is_empty(), "not found out: {files:?}");
}

pub(crate) fn passes(rule: impl Fn(&Tree) -> Vec<String>, path: &str, text: &str) {
    passes_with(rule, &[(path, text)]);
}

pub(crate) fn passes_with(rule: impl Fn(&Tree) -> Vec<String>, files: &[(&str, &str)]) {
    let breaches = rule(&Tree::made_up(files));
    assert!(breaches.is_empty(), "{breaches:?} in {files:?}");
}
