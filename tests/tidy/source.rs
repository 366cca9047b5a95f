//! Reading Rust just far enough to say which paths a file names.
//!
//! No parser: comments and the insides of strings are blanked, what is left is cut into words and
//! signs, and `use` trees are spread out. What a macro builds is not seen.

/// One file of this repository.
#[derive(Clone, Debug)]
pub(crate) struct File {
    /// From the top of the repository, with `/`.
    pub(crate) path: String,
    /// As it stands on disk; empty where it is not text.
    pub(crate) text: String,
}

impl File {
    /// Whether this is Rust.
    pub(crate) fn is_rust(&self) -> bool {
        self.path.ends_with(".rs")
    }

    /// The module under `src/` that this file belongs to: `signin` for `src/signin/form/mod.rs`.
    pub(crate) fn module(&self) -> Option<&str> {
        let inside = self.path.strip_prefix("src/")?;
        let first = inside.split('/').next()?;
        Some(first.strip_suffix(".rs").unwrap_or(first))
    }

    /// The code, comments and strings blanked, up to the tests that end the file.
    pub(crate) fn code(&self) -> String {
        if self.path.ends_with("/tests.rs") || self.path.ends_with("_tests.rs") || self.path.contains("/tests/") {
            return String::new();
        }
        let blank = blanked(&self.text);
        let end = blank.match_indices("#[cfg(test)]").map(|(at, _)| at).find(|at| {
            let after = blank[at + "#[cfg(test)]".len()..].trim_start();
            after.starts_with("mod ") && after.lines().next().is_some_and(|line| line.ends_with('{'))
        });
        blank[..end.unwrap_or(blank.len())].to_owned()
    }

    /// Every path that the code names, from its root: `crate::…` for our own, and the first word
    /// replaced by what a `use` says it is.
    pub(crate) fn paths(&self) -> Vec<String> {
        let words = words(&self.code());
        let mut used = Vec::new();
        let mut inline = Vec::new();
        let mut at = 0;
        while at < words.len() {
            if words[at] == "use" {
                let end = (at..words.len()).find(|end| words[*end] == ";").unwrap_or(words.len());
                spread(&words[at + 1..end], "", &mut used);
                at = end;
            } else if is_name(&words[at]) {
                let mut path = words[at].clone();
                while at + 2 < words.len() && words[at + 1] == "::" && is_name(&words[at + 2]) {
                    path = format!("{path}::{}", words[at + 2]);
                    at += 2;
                }
                inline.push(path);
            }
            at += 1;
        }
        let used: Vec<(String, String)> = used.into_iter().map(|(path, name)| (self.rooted(&path), name)).collect();
        let inline = inline.into_iter().map(|path| {
            let (first, rest) = path.split_once("::").map_or((path.as_str(), ""), |(first, rest)| (first, rest));
            match used.iter().find(|(_, name)| name == first) {
                Some((whole, _)) if rest.is_empty() => whole.clone(),
                Some((whole, _)) => format!("{whole}::{rest}"),
                None => self.rooted(&path),
            }
        });
        let mut all: Vec<String> = inline.collect();
        all.extend(used.iter().map(|(path, _)| path.clone()));
        all.sort();
        all.dedup();
        all
    }

    /// `self::` and `super::` replaced by what they mean in this file.
    fn rooted(&self, path: &str) -> String {
        let mut here: Vec<&str> = self.path.strip_prefix("src/").unwrap_or(&self.path).split('/').collect();
        let file = here.pop().unwrap_or_default().trim_end_matches(".rs");
        if !matches!(file, "mod" | "lib" | "main") {
            here.push(file);
        }
        let mut rest = path;
        let mut relative = false;
        while let Some((first @ ("self" | "super"), after)) = rest.split_once("::") {
            if first == "super" {
                here.pop();
            }
            (rest, relative) = (after, true);
        }
        if !relative {
            return path.to_owned();
        }
        let mut whole = vec!["crate"];
        whole.extend(here);
        whole.push(rest);
        whole.join("::")
    }
}

/// Whether `path` is `prefix`, or lies within it.
pub(crate) fn lies_in(path: &str, prefix: &str) -> bool {
    path.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}

fn is_name(word: &str) -> bool {
    word.starts_with(|c: char| c == '_' || c.is_alphabetic())
}

/// The text with comments and the insides of strings and characters turned into spaces.
pub(crate) fn blanked(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    // Copies up to `end`, as spaces; line ends stay.
    let blank = |out: &mut String, at: &mut usize, end: usize| {
        let end = end.min(chars.len());
        out.extend(chars[*at..end].iter().map(|c| if *c == '\n' { '\n' } else { ' ' }));
        *at = end;
    };
    while at < chars.len() {
        let next = chars.get(at + 1).copied();
        match chars[at] {
            '/' if next == Some('/') => {
                let end = (at..chars.len()).find(|i| chars[*i] == '\n').unwrap_or(chars.len());
                blank(&mut out, &mut at, end);
            }
            '/' if next == Some('*') => {
                let (mut end, mut depth) = (at + 2, 1);
                while end < chars.len() && depth > 0 {
                    match (chars[end], chars.get(end + 1)) {
                        ('*', Some('/')) => (end, depth) = (end + 2, depth - 1),
                        ('/', Some('*')) => (end, depth) = (end + 2, depth + 1),
                        _ => end += 1,
                    }
                }
                blank(&mut out, &mut at, end);
            }
            'r' if matches!(next, Some('"' | '#')) && !out.ends_with(|c: char| c.is_alphanumeric() || c == '_') => {
                let hashes = chars[at + 1..].iter().take_while(|c| **c == '#').count();
                if chars.get(at + 1 + hashes) == Some(&'"') {
                    let close: Vec<char> = std::iter::once('"').chain(std::iter::repeat_n('#', hashes)).collect();
                    let start = at + 2 + hashes;
                    let end = (start..chars.len()).find(|i| chars[*i..].starts_with(&close));
                    blank(&mut out, &mut at, end.map_or(chars.len(), |end| end + close.len()));
                } else {
                    out.push('r');
                    at += 1;
                }
            }
            '"' => {
                let mut end = at + 1;
                while end < chars.len() && chars[end] != '"' {
                    end += if chars[end] == '\\' { 2 } else { 1 };
                }
                blank(&mut out, &mut at, end + 1);
            }
            // A character; a lifetime has no second quote where one would stand.
            '\'' if next == Some('\\') => {
                let end = (at + 3..chars.len()).find(|i| chars[*i] == '\'').unwrap_or(chars.len());
                blank(&mut out, &mut at, end + 1);
            }
            '\'' if chars.get(at + 2) == Some(&'\'') => {
                let end = at + 3;
                blank(&mut out, &mut at, end);
            }
            other => {
                out.push(other);
                at += 1;
            }
        }
    }
    out
}

/// Names, `::`, and every other sign by itself.
pub(crate) fn words(code: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut rest = code.trim_start();
    while let Some(first) = rest.chars().next() {
        let length = if first == '_' || first.is_alphanumeric() {
            rest.find(|c: char| c != '_' && !c.is_alphanumeric()).unwrap_or(rest.len())
        } else if rest.starts_with("::") {
            2
        } else {
            first.len_utf8()
        };
        words.push(rest[..length].to_owned());
        rest = rest[length..].trim_start();
    }
    words
}

/// A `use` tree as paths, each with the name it is known by from there on.
fn spread(tree: &[String], before: &str, into: &mut Vec<(String, String)>) {
    let mut path = before.to_owned();
    let mut at = 0;
    while at < tree.len() {
        match tree[at].as_str() {
            "{" => {
                let (mut depth, mut start) = (0, at + 1);
                for end in at..tree.len() {
                    match tree[end].as_str() {
                        "{" => depth += 1,
                        "}" => depth -= 1,
                        _ => {}
                    }
                    if (depth == 1 && tree[end] == ",") || depth == 0 {
                        if start < end {
                            spread(&tree[start..end], &path, into);
                        }
                        start = end + 1;
                    }
                    if depth == 0 {
                        break;
                    }
                }
                return;
            }
            "::" => {}
            "as" => {
                into.push((path, tree.get(at + 1).cloned().unwrap_or_default()));
                return;
            }
            "self" if !path.is_empty() => {}
            word if path.is_empty() => path = word.to_owned(),
            word => path = format!("{path}::{word}"),
        }
        at += 1;
    }
    let name = path.rsplit("::").next().unwrap_or_default().to_owned();
    into.push((path, name));
}
